"""What Changzhou EDZ's plan for grids of industrial enterprises orders, as far as the portal executes it."""

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
    Filing,
    Force,
    Ground,
    InForce,
    Is,
    Kind,
    N,
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
from portal_changzhou import clauses as cz

BOARD_BY_ANALOGY = Assumption(
    "文件没有规定公示牌；内容参照吴中区办法第十三条，人员按本方案的岗位列出，签发取镇（街道）应急管理部门，监督取经开区政法和应急管理局。"
)
COMPLAINTS_UNNAMED = Assumption("文件没有写投诉由谁受理；投诉要到本条线之外，故取纪检监察机关。" + national.DISCIPLINE_MAY_REFUSE)
GENERAL_TOPICS = Assumption("文件没有列出投诉事项；按负面考核的两种情形（五（二））和一般纪律归纳。")
NO_ROUTE = Assumption(
    "文件只写网格员上报怎样处置，没有写公众的留言、举报由谁办。先由镇（街道）应急管理部门办理（留言先找本单位、本网格的责任人，"
    "由它督办），没有的由经开区政法和应急管理局办理；都没有的，留言打12345，举报打12350。"
)
PARTS = cz.DIVISION.taken("文件没有给一个村里分出来的网格起名；称“村内片区网格”，由镇（街道）划定范围。")
PARKS = cz.WHO_SERVES.taken("文件没有写园区、功能区的网格怎样划；由镇（街道）划定范围。")
REFILED = cz.FILED.taken("文件没有写由镇（街道）哪个部门报、网格变动后要不要再报；由应急管理部门报，变动后再报一次。")
VILLAGE_PEOPLE = cz.WHO_SERVES.taken("登记里分不出谁是安管员：村（居）委会的人员都按安管员对待，另派别处的人要写明理由。")
DIRECT_DECIDED = cz.DIRECT.taken("文件没有写由谁认定哪些单位直接监管；由镇（街道）决定。")
KEY_TRADES = cz.OUTLINE.taken("文件没有写哪些是重点行业领域，检查纲要不在公布的文本里；按市里公布的填。")
WHICH_GRID = cz.DIVISION.taken("文件没有写一家单位同时在园区、片区和村里时归哪个网格；先归园区，再归村内片区，最后归村（社区）。")
ONE_EACH = cz.ONE_EACH.taken("文件没有写网格员的上级是谁；由镇（街道）管理、考核，故取镇（街道）部门负责人。")
PARK_INSPECTORS = cz.WHO_SERVES.taken(
    "文件都称“网格员”；园区、功能区的由别处的人担任，故另称“园区网格员”，同样一格一员，上级同样取镇（街道）部门负责人。"
)
DEPARTMENT_HEAD = cz.HANDLED.taken("文件没有给镇（街道）部门负责人单设岗位；上报和处置要有人负责，每个部门取一名。")
UNSCHEDULED = "宣传法规政策、重点时段、专项整治等情况另做不定期巡查；结果都及时上报、备案"
DIRECT_HEADS = cz.DIRECT.taken(
    "文件没有写直接监管的单位由谁具名负责；公示牌不能没有人，故由镇（街道）应急管理部门逐家指定一名，"
    "上级取部门负责人。他有没有执法资格文件也没有写，按没有列出。"
)
DIRECT_HELP = Assumption("文件没有写直接监管的单位能得到什么服务；公示牌要列服务内容，取受理咨询。")

DOCUMENT = Document(
    code="changzhou",
    title="常州经开区关于加强工业企业基层安全生产网格化监管工作实施方案",
    issuer="江苏常州经济开发区安全生产委员会办公室",
    number="常经安办〔2022〕8号",
    issued_on=date(2022, 3, 2),
    lost=("附件《关于加强乡镇（街道）安全生产网格化监管工作的指导意见》", "五（一）提到的市检查纲要"),
)

UNITS = (
    Unit(code="bureau", name="经开区政法和应急管理局", at=Ground.ZONE, basis=cz.FILED),
    Unit(code="town-department", name="镇（街道）应急管理部门", at=Ground.TOWN, basis=cz.DIRECT),
    Unit(code="town", name="镇（街道）其他部门", at=Ground.TOWN, basis=cz.WHO_SERVES),
    Unit(code="zone", name="经开区（园区）其他部门", at=Ground.ZONE, basis=cz.WHO_SERVES),
    Unit(code="village-committee", name="村（居）委会", at=Ground.VILLAGE, basis=VILLAGE_PEOPLE),
    Unit(code="discipline", name="经开区纪检监察机关", at=Ground.ZONE, outside=True, basis=COMPLAINTS_UNNAMED),
    Unit(code="justice", name="司法行政部门（行政执法监督）", at=Ground.ZONE, outside=True, basis=national.ARBITRARY_CHECKS),
)

LEAVES = ("village", "part", "park")
ORDINARY = Not(Is("direct"))
GRIDS: tuple[Tier | Filing | Fact | Class | Placement, ...] = (
    Tier(code="village", name="村（社区）网格", of=Ground.VILLAGE, basis=cz.DIVISION),
    Tier(code="part", name="村内片区网格", of=Ground.DRAWN, basis=PARTS),
    Tier(code="park", name="园区、功能区网格", of=Ground.DRAWN, basis=PARKS),
    Filing(code="division", tiers=LEAVES, by="town-department", at="bureau", basis=REFILED),
    Fact(code="industrial", name="工业企业", basis=cz.SCOPE),
    Fact(code="key", name="重点行业领域", hint="按市里公布的重点行业领域。", basis=KEY_TRADES),
    Fact(code="scale", name="规模", values=(("above", "规上"), ("below", "规下")), basis=cz.OUTLINE),
    Fact(code="direct", name="由镇街直接监管", hint="规模大、规格高、风险高或网格管不了的，由镇街决定。", basis=DIRECT_DECIDED),
    Class(code="direct", name="直接监管企业", when=Is("direct"), basis=cz.DIRECT),
    Class(code="key", name="重点行业领域企业", when=AllOf((ORDINARY, Is("key"))), basis=cz.OUTLINE),
    Class(code="above", name="非重点规上企业", when=AllOf((ORDINARY, Not(Is("key")), Is("scale", "above"))), basis=cz.OUTLINE),
    Class(
        code="below", name="非重点规下企业", when=AllOf((ORDINARY, Not(Is("key")), Not(Is("scale", "above")))), basis=cz.OUTLINE
    ),
    Placement(klass="direct", direct="town-department", basis=cz.DIRECT),
    *(Placement(klass=klass, tiers=("park", "part", "village"), basis=WHICH_GRID) for klass in ("key", "above", "below")),
)

POSTS = (
    Post(
        code="inspector",
        name="网格员",
        per=(Per(tier="village"), Per(tier="part")),
        count=N(1),
        usual=1,
        staffed_by=("village-committee",),
        staffing=Force.IN_PRINCIPLE,
        answers_to=("department-head",),
        basis=ONE_EACH,
    ),
    Post(
        code="park-inspector",
        name="园区网格员",
        per=(Per(tier="park"),),
        count=N(1),
        usual=1,
        staffed_by=("town-department", "town", "bureau", "zone"),
        staffing=Force.MUST,
        answers_to=("department-head",),
        basis=PARK_INSPECTORS,
    ),
    Post(
        code="direct-head",
        name="直接监管责任人",
        per=(Per(klass="direct"),),
        staffed_by=("town-department",),
        answers_to=("department-head",),
        basis=DIRECT_HEADS,
    ),
    Post(
        code="department-head",
        name="镇（街道）部门负责人",
        per=(Per(unit="town-department"),),
        staffed_by=("town-department",),
        capacity=Capacity.LEAD,
        basis=DEPARTMENT_HEAD,
    ),
)

INSPECTORS = ("inspector", "park-inspector")
OUTLINE_POINTS = ("企业基本信息", "检查纲要各项", "发放法规政策资料")
POINTS = "要点里的基本信息、发放资料取自五（一）的另外两句。"
FREQUENCIES = (
    ("key", 1, cz.OUTLINE.taken("检查纲要不在公布的文本里，频次没有给出；重点行业领域先取每月一次。" + POINTS)),
    ("above", 2, cz.OUTLINE.taken("检查纲要不在公布的文本里，频次没有给出；非重点规上企业先取每两个月一次。" + POINTS)),
    ("below", 3, cz.OUTLINE.taken("检查纲要不在公布的文本里，频次没有给出；非重点规下企业先取每季度一次。" + POINTS)),
)
DUTIES = (
    *(
        Duty(
            code=f"patrol-{klass}" if who == "inspector" else f"patrol-{klass}-park",
            who=who,
            says=f"按检查纲要定期巡查{name}，频次暂定",
            formerly=(f"按检查纲要巡查{name}",),
            act=Act.PATROL,
            on=tuple(Per(klass=klass, tier=tier) for tier in tiers),
            every=Every(months=months),
            points=OUTLINE_POINTS,
            basis=taken,
        )
        for who, tiers in (("inspector", ("village", "part")), ("park-inspector", ("park",)))
        for (klass, months, taken), name in zip(
            FREQUENCIES, ("重点行业领域企业", "非重点规上企业", "非重点规下企业"), strict=True
        )
    ),
    *(
        Duty(code=f"{code}-{who}", who=who, says=says, serves=serves, basis=basis)
        for who in INSPECTORS
        for code, says, serves, basis in (
            ("roles", "当好信息员、宣传员、监督员，协助监管部门", False, cz.ROLES),
            ("census", "配合镇（街道）摸清全部工业企业的分布", False, cz.CENSUS),
            ("base-data", "及时督促企业更新基本信息", False, cz.BASE_DATA),
            ("stopping", "对违法行为和隐患即时劝导、制止，及时准确上报，全程跟踪、反馈整改", False, cz.STOPPING),
            ("unscheduled", UNSCHEDULED, False, cz.FREQUENCY_COUNTS),
            ("publicist", "发放法规、政策和宣传资料，宣传法规政策", True, cz.LEAFLETS),
        )
    ),
    Duty(code="direct", who="direct-head", says="直接监管本单位的安全生产", basis=DIRECT_HEADS),
    Duty(code="direct-help", who="direct-head", says="受理本单位的安全生产咨询", serves=True, basis=DIRECT_HELP),
)

SHOWN = ("inspector", "park-inspector", "direct-head", "department-head")
BOARDS = tuple(
    Board(
        code=f"{of}-board",
        of=of,
        title="工业企业安全生产网格化监管公示牌",
        leads=(*(("direct-head",) if of == "enterprise" else ()), *INSPECTORS),
        issuer="town-department",
        supervision="bureau",
        sections=(
            Section(code="people", title="网格人员", shows=Shown.PEOPLE, posts=SHOWN, basis=BOARD_BY_ANALOGY),
            Section(code="duties", title="职责", shows=Shown.DUTIES, posts=SHOWN[:3], basis=BOARD_BY_ANALOGY),
            Section(code="services", title="服务内容", shows=Shown.SERVICES, posts=SHOWN[:3], basis=BOARD_BY_ANALOGY),
        ),
        basis=BOARD_BY_ANALOGY,
    )
    for of in ("grid", "enterprise")
)

ROUTES: tuple[Topic | Route, ...] = (
    *(
        Topic(code=code, kind=Kind.COMPLAINT, name=name, basis=GENERAL_TOPICS)
        for code, name in (
            ("missed", "不来巡查、走过场"),
            ("untrue", "查报情况与事实不符"),
            ("bribes", "索要、收受钱物或宴请"),
            ("rough", "态度恶劣、刁难企业"),
            ("other", "其他"),
        )
    ),
    Topic(code="checks", kind=Kind.COMPLAINT, name=national.ARBITRARY, outside="justice", basis=national.ARBITRARY_CHECKS),
    Route(
        kind=Kind.CONTACT,
        to=(
            Who(post="direct-head"),
            Who(post="inspector"),
            Who(post="park-inspector"),
            Who(unit="town-department"),
            Who(unit="bureau"),
        ),
        answered_by="town-department",
        else_outside="12345",
        answer=national.CONTACT_ANSWER,
        basis=NO_ROUTE,
    ),
    Route(
        kind=Kind.REPORT,
        to=(Who(unit="town-department"), Who(unit="bureau")),
        else_outside="12350",
        accept=national.REPORT_ACCEPT,
        answer=national.REPORT_ANSWER,
        basis=NO_ROUTE,
    ),
    Route(kind=Kind.COMPLAINT, to=(), else_outside="discipline", basis=COMPLAINTS_UNNAMED),
)

PILOT_TOWNS = ("320412104", "320412105", "320412106")  # Yaoguan, Henglin, Hengshanqiao
CHANGZHOU = Region(
    code="changzhou",
    name="常州经济开发区",
    clauses=cz.CLAUSES,
    later=cz.LATER,
    otherwise=cz.OTHERWISE,
    editions=(
        Edition(
            code="changzhou-2022",
            documents=(DOCUMENT, national.REWARD_2018),
            covers=Is("industrial"),
            in_force=InForce(
                since=date(2022, 3, 2),
                pilot=PILOT_TOWNS,
                everywhere=date(2023, 1, 1),
                assumed=Assumption(
                    "文件没有写施行日期，取印发那天；说试点有经验后再全面铺开、力争2022年底建成，没有写哪天铺开，按2023年1月1日起各镇街都施行。"
                ),
                still=cz.FROM_ISSUE.taken("文件没有写有效期；是否仍然有效还没有核对，请主管部门确认。"),
                basis=cz.PILOT_FIRST,
            ),
            rules=(*UNITS, *GRIDS, *POSTS, *DUTIES, *BOARDS, *ROUTES),
        ),
    ),
)
