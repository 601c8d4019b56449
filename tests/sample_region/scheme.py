"""The sample region (示例区): towns over villages over nothing, and patches that no division tells."""

from datetime import date

from portal.scheme import national
from portal.scheme.words import (
    Act,
    AnyOf,
    Assumption,
    Board,
    Capacity,
    Class,
    Clause,
    Document,
    Duty,
    Edition,
    Every,
    Fact,
    Filing,
    Ground,
    InForce,
    Is,
    Kind,
    Line,
    N,
    Not,
    Per,
    Placement,
    Post,
    Region,
    Route,
    Section,
    Shown,
    Term,
    Tier,
    Topic,
    Unit,
    Who,
    Within,
)

GRIDS = Clause("SA-1", "第一条", "镇和村各为网格，园区另划片。")
POSTS = Clause("SA-2", "第二条", "每个村格一名看护员，镇所一名执法员。")
PATROL = Clause("SA-3", "第三条", "看护员每月走一遍。")
BOARD = Clause("SA-4", "第四条", "挂公示牌。", "B")
CONDUCT = Clause("SA-5", "第五条", "不收钱物。", "P")
ANSWER = Clause("SA-6", "第六条", "举报五个工作日内答复。")
SILENT = Assumption("文件没有写，示例区自己定。")
CLAUSES = (GRIDS, POSTS, PATROL, BOARD, CONDUCT, ANSWER)

BIG = AnyOf((Is("size", "big"), Is("risky")))
SECTIONS = (
    Section(code="people", title="本格人员", shows=Shown.PEOPLE, posts=("guard", "keeper", "head"), basis=BOARD),
    Section(code="duties", title="职责", shows=Shown.DUTIES, posts=("keeper", "head"), basis=BOARD),
    Section(code="services", title="服务", shows=Shown.SERVICES, posts=("keeper",), basis=BOARD),
)

RULES = (
    Unit(code="bureau", name="区局", at=Ground.DISTRICT, basis=GRIDS),
    Unit(code="station", name="镇所", at=Ground.TOWN, basis=POSTS),
    Unit(code="watch", name="纪检", at=Ground.DISTRICT, outside=True, basis=SILENT),
    Tier(code="town-grid", name="镇格", of=Ground.TOWN, basis=GRIDS),
    Tier(code="village-grid", name="村格", of=Ground.VILLAGE, within="town-grid", basis=GRIDS),
    Tier(code="patch", name="片", of=Ground.DRAWN, within="town-grid", basis=GRIDS),
    Line(code="fire", name="消防", unit="bureau", basis=SILENT),
    Fact(code="size", name="规模", values=(("big", "大"), ("small", "小")), basis=GRIDS),
    Fact(code="risky", name="高危", basis=GRIDS),
    Class(code="big", name="大或高危", when=BIG, basis=GRIDS),
    Class(code="small", name="小", when=Not(BIG), basis=GRIDS),
    Placement(klass="big", tiers=("town-grid",), basis=GRIDS),
    Placement(klass="small", tiers=("patch", "village-grid"), basis=GRIDS),
    Post(code="head", name="格长", per=(Per(tier="town-grid"),), capacity=Capacity.LEAD, basis=POSTS),
    Post(code="keeper", name="看护员", per=(Per(tier="village-grid"), Per(tier="patch")), answers_to=("head",), basis=POSTS),
    Post(code="pair", name="社区双员", per=(Per(tier="village-grid", where="community"),), count=N(0, 2), basis=POSTS),
    Post(code="guard", name="厂看护", per=(Per(klass="big"),), line="fire", count=N(0, 1), basis=SILENT),
    Post(
        code="officer",
        name="执法员",
        per=(Per(unit="station"),),
        staffed_by=("station",),
        answers_to=("head",),
        capacity=Capacity.ENFORCE,
        basis=POSTS,
    ),
    Duty(
        code="walk",
        who="keeper",
        says="走遍本格",
        act=Act.PATROL,
        on=(Per(klass="small"),),
        every=Every(months=1),
        points=("门口", "仓库"),
        formerly=("巡遍本格",),
        basis=PATROL,
    ),
    Duty(
        code="look",
        who="head",
        says="查大企业",
        act=Act.PATROL,
        on=(Per(klass="big"),),
        every=Every(months=2),
        times_a_year=6,
        basis=PATROL,
    ),
    Duty(
        code="round",
        who="head",
        says="每季到村格",
        act=Act.SUPERVISION,
        on=(Per(tier="village-grid"),),
        every=Every(months=3),
        basis=PATROL,
    ),
    Duty(
        code="meet",
        says="镇所每月开会",
        act=Act.MEETING,
        on=(Per(unit="station"),),
        every=Every(months=1),
        attends=("head",),
        to=("bureau",),
        basis=PATROL,
    ),
    Duty(code="study", who="keeper", says="每年学两次", act=Act.TRAINING, times_a_year=2, basis=POSTS),
    Duty(code="lead", who="head", says="统筹本镇", basis=POSTS),
    Duty(code="teach", who="keeper", says="宣讲", serves=True, basis=SILENT),
    Filing(code="grids", tiers=("patch",), by="station", at="bureau", basis=GRIDS),
    *(
        Board(
            code=f"{of}-board",
            of=of,
            title="示例区公示牌",
            leads=("keeper", "guard", "head"),
            issuer="station",
            supervision="bureau",
            sections=SECTIONS,
            basis=BOARD,
        )
        for of in ("grid", "enterprise")
    ),
    Topic(code="money", kind=Kind.COMPLAINT, name="收受钱物", basis=CONDUCT),
    Route(
        kind=Kind.CONTACT,
        to=(Who(post="keeper"), Who(unit="station")),
        answered_by="station",
        else_outside="12345",
        answer=national.CONTACT_ANSWER,
        basis=BOARD,
    ),
    Route(
        kind=Kind.REPORT,
        to=(Who(unit="station"), Who(unit="bureau")),
        else_outside="12350",
        accept=national.REPORT_ACCEPT,
        answer=Term(within=Within(working_days=5), basis=ANSWER),
        basis=ANSWER,
    ),
    Route(kind=Kind.COMPLAINT, to=(), else_outside="watch", basis=SILENT),
)

DOCUMENT = Document(code="sample", title="示例区办法", issuer="示例区", issued_on=date(2020, 1, 1))
SAMPLE = Region(
    code="sample",
    name="示例区",
    clauses=CLAUSES,
    editions=(
        Edition(
            code="sample-2020",
            documents=(DOCUMENT,),
            in_force=InForce(since=date(2020, 1, 1), still=GRIDS, basis=GRIDS),
            rules=RULES,
        ),
    ),
)
