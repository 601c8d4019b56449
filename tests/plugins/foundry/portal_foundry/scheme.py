"""The rules of the foundry district (示例). Every rule ends in its basis: a clause of the register, or an assumption with its reason."""

from datetime import date

from portal.scheme import national
from portal.scheme.words import (
    Act,
    AllOf,
    Assumption,
    Board,
    Capacity,
    Class,
    Document,
    Duty,
    Edition,
    Every,
    Fact,
    Force,
    Ground,
    InForce,
    Is,
    Kind,
    Later,
    Line,
    Not,
    Per,
    Placement,
    Post,
    Region,
    Route,
    Section,
    Shown,
    Tier,
    Topic,
    Unit,
    Who,
)
from portal_foundry import clauses as fd

# What the document leaves open. Readers see the reason beside the rule.
COMPLAINTS = Assumption("文件没有写投诉由谁受理；投诉不能回到本条线，故取区纪检监察机关。")
HOW_OFTEN = Assumption("文件只写“定期”报告，没有写多久一次；比照第七条走访的周期，取每月一次。")

UNITS = (
    Unit(code="bureau", name="区应急管理局", at=Ground.DISTRICT, basis=fd.LINES),
    Unit(code="fire-brigade", name="区消防救援大队", at=Ground.DISTRICT, basis=fd.LINES),
    Unit(code="industry", name="区工业和信息化局", at=Ground.DISTRICT, basis=fd.DIRECT),
    Unit(code="government", name="镇人民政府", at=Ground.TOWN, basis=fd.BOUND),
    Unit(code="station", name="镇应急办", at=Ground.TOWN, basis=fd.REPORT),
    Unit(code="discipline", name="区纪检监察机关", at=Ground.DISTRICT, outside=True, basis=COMPLAINTS),
)

GRIDS = (
    Tier(code="district", name="区级网格", of=Ground.DISTRICT, expect=1, basis=fd.GRIDS),
    Tier(code="town", name="镇级网格", of=Ground.TOWN, within="district", basis=fd.GRIDS),
    Tier(code="village", name="村级网格", of=Ground.VILLAGE, within="town", basis=fd.GRIDS),
    Tier(code="firm", name="企业网格", of=Ground.ENTERPRISE, within="village", basis=fd.FIRMS),
)

SMELTER = AllOf((Is("smelting"), Not(Is("military"))))
ENTERPRISES = (
    Fact(code="military", name="军工配套企业", basis=fd.DIRECT),
    Fact(code="smelting", name="有金属熔炼", hint="有熔炼炉、保温炉或者中频炉。", basis=fd.BOUND),
    Class(code="military", name="军工配套企业", when=Is("military"), basis=fd.DIRECT),
    Class(code="smelter", name="熔炼企业", when=SMELTER, basis=fd.BOUND),
    Class(code="workshop", name="一般工厂", when=AllOf((Not(Is("military")), Not(Is("smelting")))), basis=fd.GRIDS),
    Placement(klass="military", direct="industry", basis=fd.DIRECT),
    Placement(klass="smelter", tiers=("firm",), basis=fd.FIRMS),
    Placement(klass="workshop", tiers=("firm",), basis=fd.FIRMS),
)

LINES = (
    Line(code="metal", name="冶金安全", unit="bureau", posts=("metal-officer",), required=True, basis=fd.LINES),
    Line(code="fire", name="消防安全", unit="fire-brigade", posts=("fire-officer",), required=True, basis=fd.LINES),
)

HEADS = ("firm-head", "village-head", "town-head", "district-head")
POSTS = (
    *(
        Post(
            code=f"{tier}-head",
            name=name,
            per=(Per(tier=tier),),
            answers_to=above,
            capacity=Capacity.LEAD,
            basis=fd.GRIDS,
        )
        for tier, name, above in (
            ("district", "一级网格长", ()),
            ("town", "二级网格长", ("district-head",)),
            ("village", "三级网格长", ("town-head",)),
            ("firm", "企业网格长", ("village-head",)),
        )
    ),
    Post(
        code="warden",
        name="网格员",
        per=(Per(tier="village"),),
        staffed_by=("station",),
        answers_to=("village-head",),
        basis=fd.WARDENS,
    ),
    Post(
        code="bound-leader",
        name="包联领导",
        per=(Per(klass="smelter"),),
        staffed_by=("government",),
        capacity=Capacity.LEAD,
        basis=fd.BOUND,
    ),
    Post(code="direct-officer", name="直管专人", per=(Per(klass="military"),), staffed_by=("industry",), basis=fd.DIRECT),
    Post(code="metal-officer", name="冶金专人", per=(Per(unit="bureau"),), line="metal", basis=fd.LINES),
    Post(code="fire-officer", name="消防专人", per=(Per(unit="fire-brigade"),), line="fire", basis=fd.LINES),
)

DUTIES = (
    Duty(
        code="weekly",
        who="firm-head",
        says="每周把本企业查一遍",
        act=Act.PATROL,
        on=(Per(tier="firm"),),
        every=Every(weeks=1),
        points=("熔炼炉", "行车", "煤气"),
        basis=fd.WEEKLY,
    ),
    Duty(
        code="monthly",
        who="warden",
        says="每月走遍村内的工厂",
        act=Act.PATROL,
        on=(Per(klass="smelter"), Per(klass="workshop")),
        every=Every(months=1),
        basis=fd.MONTHLY,
    ),
    Duty(
        code="half-yearly",
        who="bound-leader",
        says="每半年到包联企业走访督促一次",
        act=Act.PATROL,
        on=(Per(klass="smelter"),),
        every=Every(months=6),
        basis=fd.HALF_YEARLY,
    ),
    Duty(
        code="meeting",
        says="每季度开一次例会",
        act=Act.MEETING,
        on=(Per(unit="station"),),
        every=Every(months=3),
        attends=("town-head", "village-head", "warden"),
        basis=fd.MEETING,
    ),
    Duty(
        code="report",
        who="warden",
        says="定期向镇应急办书面报告",
        act=Act.REPORT,
        on=(Per(tier="village"),),
        every=Every(months=1),
        to=("station",),
        basis=HOW_OFTEN,
    ),
    Duty(
        code="training",
        says="每年培训企业网格长",
        act=Act.TRAINING,
        on=(Per(unit="bureau"),),
        times_a_year=1,
        attends=("firm-head",),
        force=Force.IN_PRINCIPLE,
        basis=fd.TRAINING,
    ),
    Duty(code="advice", who="warden", says="上门讲解安全知识", serves=True, basis=fd.ADVICE),
)

SECTIONS = (
    Section(
        code="people",
        title="网格责任人",
        shows=Shown.PEOPLE,
        posts=("bound-leader", "firm-head", "direct-officer", "warden", "village-head", "town-head", "district-head"),
        basis=fd.BOARD,
    ),
    Section(code="lines", title="条线专人", shows=Shown.LINES, lines=("metal", "fire"), basis=fd.BOARD),
    Section(code="duties", title="职责", shows=Shown.DUTIES, posts=("firm-head", "warden", "bound-leader"), basis=fd.BOARD),
    Section(code="services", title="服务", shows=Shown.SERVICES, posts=("warden",), basis=fd.BOARD),
    Section(
        code="words",
        title="应急热线",
        shows=Shown.WORDS,
        says=("铁水遇险先撤人，24小时应急热线：0512-01000119（示例）。",),
        basis=fd.BOARD,
    ),
)
BOARDS = tuple(
    Board(
        code=f"{of}-board",
        of=of,
        title="铸造区安全生产网格公示牌",
        leads=("firm-head", "direct-officer", "warden", "village-head", "town-head", "district-head"),
        issuer="bureau",
        supervision="bureau",
        sections=SECTIONS,
        basis=fd.BOARD,
    )
    for of in ("grid", "enterprise")
)

ROUTES = (
    Topic(code="money", kind=Kind.COMPLAINT, name="接受宴请、财物", basis=fd.CONDUCT),
    Route(
        kind=Kind.CONTACT,
        to=(Who(post="warden"), Who(unit="station")),
        answered_by="station",
        else_outside="12345",
        answer=national.CONTACT_ANSWER,
        basis=fd.REPORTED,
    ),
    Route(
        kind=Kind.REPORT,
        to=(Who(unit="station"), Who(unit="bureau")),
        else_outside="12350",
        accept=national.REPORT_ACCEPT,
        answer=national.REPORT_ANSWER,
        basis=fd.REPORTED,
    ),
    Route(kind=Kind.COMPLAINT, to=(), else_outside="discipline", basis=COMPLAINTS),
)

DOCUMENT = Document(code="foundry", title="示例铸造区安全生产网格化监管办法（示例）", issued_on=date(2026, 2, 1), lost=("文号",))
REGION = Region(
    code="foundry",
    name="示例铸造区",
    clauses=fd.CLAUSES,
    later=((Later.OFFICES, (fd.ASSESSED,)),),
    editions=(
        Edition(
            code="foundry-2026",
            documents=(DOCUMENT, national.REWARD_2018),
            in_force=InForce(since=date(2026, 3, 1), still=fd.IN_FORCE, basis=fd.IN_FORCE),
            rules=(*UNITS, *GRIDS, *ENTERPRISES, *LINES, *POSTS, *DUTIES, *BOARDS, *ROUTES),
        ),
    ),
)
