"""What Lishui EDZ's plan for one grid of safety and environment orders, as far as the portal executes it."""

from datetime import date

from portal.scheme import national
from portal.scheme.words import (
    Act,
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
from portal_lishui import clauses as ls

BOARD_BY_ANALOGY = Assumption(
    "文件没有规定公示牌；内容参照吴中区办法第十三条，人员按本方案的岗位列出；由安委办签发、督察室受理监督电话，也是本网站暂定的。"
)
COMPLAINTS_UNNAMED = Assumption(
    "文件没有写投诉由谁受理；网格管理员监管网格员（四（五）4），但投诉要到本条线之外，故取纪检机关。"
    + national.DISCIPLINE_MAY_REFUSE
)
CONTACTS = Assumption(
    "文件没有写留言由谁回复；先找专职网格员、全科网格员，再找两名助理，由安监局督办；都没有的由安监局、环保局回复，再没有的打12345。"
)
GENERAL_TOPICS = Assumption("文件没有列出投诉事项；按通报批评的几种情形（六（二））和一般纪律归纳。")
TWO_KINDS = (
    "文件没有写举报由哪个部门受理。安全生产的归安监局和它派的助理，环境污染的归环保局和它派的助理；不确定的先到安监局，由它转办。"
    f"环保局没有人受理的，打12345。{national.ENVIRONMENT_BY_12345.why}"
)
ENVIRONMENT_CLOCK = Assumption("文件没有写环境问题的举报几日办结，生态环境部门的规定没有核对；先取与安全生产举报相同的天数。")
STILL = Assumption(
    "方案是2019年6月印发的，没有写有效期，此后机构名称也有变动（环保、安监部门）；是否仍然有效还没有核对，请主管部门确认。"
)
ONCE_A_GRID = "文件只写“助理”，没有写两名助理各做一次还是合做一次；一个网格（一家企业）取一次，谁做了都算。"
NO_CHECKS = (
    "文件写的是检查，没有写助理要有执法资格；没有资格的不能做行政检查，故按巡查、督促办（国办发〔2024〕54号，未见全文，以主管部门解释为准）。"
    + ONCE_A_GRID
)

DOCUMENT = Document(
    code="lishui",
    title="丽水经济技术开发区安全生产和环境保护网格化管理实施方案",
    issuer="丽水经济技术开发区管委会",
    issued_on=date(2019, 6, 4),
    lost=("文号",),
)

# What the clauses leave open
BY_SIZE = "文件没有写各级网格长谁是谁的上级；按三级网格的大小列。"
RURAL_LEADER = ls.POSTS.taken(
    "文件写“分管街道领导”，可以有两种读法；取开发区分管这个街道的领导，不取街道办事处的领导：他下面的三级网格长是管委会班子成员。"
    + BY_SIZE
)
GUIDED = ls.POSTS.taken(
    "文件没有写谁是网格员、管理员的上级；助理监督、指导他们（四（二）2），管理员监管专职网格员（四（五）4），故列为上级。"
)
TWENTY_PEOPLE = ls.SERVICE.taken(
    "文件没有写安环专职网格员由谁派：服务方出二十人，三级网格有二十六个，人数对不上，故不限定。服务方的人只能巡查、协助，"
    "不能检查（国办发〔2024〕54号，未见全文，以主管部门解释为准）。"
)
NAMES_STAY_INSIDE = ls.SUPERVISION.taken("文件没有写通报到什么范围；本网站不公布被批评的人的姓名。")
KEY_PATROLS = ls.WEEKLY.taken("文件写“重点检查”，没有写专职网格员要有执法资格；没有资格的不能做行政检查，故按重点巡查办理。")

UNITS = (
    Unit(code="committee", name="开发区管委会", at=Ground.ZONE, basis=ls.POSTS),
    Unit(code="street", name="街道办事处", at=Ground.TOWN, basis=ls.FROM_ISSUE),
    Unit(code="safety-bureau", name="开发区安监局", at=Ground.ZONE, basis=ls.POSTS),
    Unit(code="environment-bureau", name="开发区环保局", at=Ground.ZONE, basis=ls.POSTS),
    Unit(code="committee-office", name="开发区安委办", at=Ground.ZONE, basis=ls.QUARTER_REPORT),
    Unit(code="supervision-office", name="开发区督察室", at=Ground.ZONE, basis=ls.SUPERVISION),
    Unit(code="contractor", name="巡查服务方", at=Ground.ZONE, basis=TWENTY_PEOPLE),
    Unit(code="discipline", name="纪检机关", at=Ground.ZONE, outside=True, basis=COMPLAINTS_UNNAMED),
    Unit(code="justice", name="司法行政部门（行政执法监督）", at=Ground.ZONE, outside=True, basis=national.ARBITRARY_CHECKS),
)

LEAVES = ("park-grid", "rural-grid")
PER_LEAF = tuple(Per(tier=tier) for tier in LEAVES)

GRIDS = (
    Tier(code="zone", name="一级网格", of=Ground.ZONE, expect=1, basis=ls.TIERS),
    Tier(code="park", name="二级网格（园区）", of=Ground.DRAWN, within="zone", expect=1, basis=ls.TIERS),
    Tier(code="rural", name="二级网格（农村）", of=Ground.DRAWN, within="zone", expect=1, basis=ls.TIERS),
    Tier(code="park-grid", name="三级网格（园区）", of=Ground.DRAWN, within="park", expect=16, basis=ls.TIERS),
    Tier(code="rural-grid", name="三级网格（农村社区）", of=Ground.DRAWN, within="rural", expect=10, basis=ls.TIERS),
    Line(code="safety", name="安全生产", unit="safety-bureau", basis=ls.POSTS),
    Line(code="environment", name="环境保护", unit="environment-bureau", basis=ls.POSTS),
    Fact(
        code="plot",
        name="宗地企业",
        hint="助理所编责任图上的企业，每周巡查一遍。",
        basis=ls.WEEKLY.taken("文件没有写怎样算宗地企业；取助理所编责任图上的企业。"),
    ),
    Class(code="plot", name="宗地企业", when=Is("plot"), basis=ls.WEEKLY),
    Class(code="other", name="其他生产经营单位", when=Not(Is("plot")), basis=ls.LEDGER),
    Placement(klass="plot", tiers=LEAVES, basis=ls.TIERS),
    Placement(klass="other", tiers=LEAVES, basis=ls.TIERS),
)

LEADERS = {"leader-zone": ("zone",), "leader-park": ("park",), "leader-rural": ("rural",), "leader": LEAVES}
ASSISTANTS = ("assistant-safety", "assistant-environment")
POSTS = (
    *(
        Post(
            code=code,
            name=name,
            per=tuple(Per(tier=tier) for tier in LEADERS[code]),
            staffed_by=(unit,),
            answers_to=above,
            capacity=Capacity.LEAD,
            basis=basis,
        )
        for code, name, unit, above, basis in (
            ("leader-zone", "一级网格长（主要领导）", "committee", (), ls.POSTS),
            ("leader-park", "园区网格长（分管领导）", "committee", ("leader-zone",), ls.POSTS.taken(BY_SIZE)),
            ("leader-rural", "农村网格长（分管街道的领导）", "committee", ("leader-zone",), RURAL_LEADER),
            ("leader", "网格长（班子成员）", "committee", ("leader-park", "leader-rural"), ls.POSTS.taken(BY_SIZE)),
        )
    ),
    Post(
        code="assistant-safety",
        name="网格长助理（安监）",
        per=PER_LEAF,
        staffed_by=("safety-bureau",),
        staffing=Force.MUST,
        line="safety",
        answers_to=("leader",),
        basis=ls.POSTS,
    ),
    Post(
        code="assistant-environment",
        name="网格长助理（环保）",
        per=PER_LEAF,
        staffed_by=("environment-bureau",),
        staffing=Force.MUST,
        line="environment",
        answers_to=("leader",),
        basis=ls.POSTS,
    ),
    Post(
        code="inspector",
        name="安环专职网格员",
        per=PER_LEAF,
        answers_to=("assistant-safety", "assistant-environment", "manager-assessment"),
        basis=GUIDED,
    ),
    Post(
        code="general",
        name="全科网格员",
        per=PER_LEAF,
        answers_to=("assistant-safety", "assistant-environment"),
        basis=GUIDED,
    ),
    *(
        Post(
            code=f"manager-{code}",
            name=f"网格管理员（{name}）",
            per=(Per(tier="zone"),),
            count=N.exactly(2),
            line=line,
            answers_to=ASSISTANTS,
            basis=GUIDED,
        )
        for code, name, line in (
            ("assessment", "监管考核", None),
            ("safety", "安全生产", "safety"),
            ("environment", "环境保护", "environment"),
        )
    ),
)

WEEKLY_POINTS = (
    "重点部位",
    "重点场所",
    "设施",
    "人员",
    "违法施工和违规操作",
    "“三合一”",
    "非法产销危险品",
    "非法用储危险品",
    "环境隐患",
    "污染源",
    "信访投诉",
    "污染纠纷",
    "建设项目",
)
MANAGERS = ("manager-assessment", "manager-safety", "manager-environment")
SECRETS = "不外泄网格的重要数据和企业的商业、技术秘密"
DUTIES = (
    *(
        Duty(
            code=f"{post}-check",
            who=post,
            says="督查本网格的工作，指导本网格人员，协调、督促解决重大安全和环境问题，督促主管部门处理",
            formerly=(
                "检查本网格，协调解决重大安全和环境问题",
                "督查本网格的工作，指导本网格人员，协调、督促解决重大安全和环境问题",
            ),
            act=Act.SUPERVISION,
            on=tuple(Per(tier=tier) for tier in tiers),
            every=Every(months=2),
            times_a_year=6,
            basis=ls.LEADER_CHECK.taken("文件写的是检查网格；网格长督促网格工作，不代替执法部门检查企业，按内部督查记。"),
        )
        for post, tiers in LEADERS.items()
    ),
    Duty(
        code="assistant-monthly",
        who="assistant-safety",
        or_who=("assistant-environment",),
        says="到网格企业巡查、督促",
        act=Act.PATROL,
        on=(Per(klass="*"),),
        every=Every(months=1),
        times_a_year=12,
        basis=ls.MONTHLY_CHECK.taken(NO_CHECKS),
    ),
    Duty(
        code="assistant-meeting",
        who="assistant-safety",
        or_who=("assistant-environment",),
        says="召集网格员工作会议",
        act=Act.MEETING,
        on=PER_LEAF,
        every=Every(months=3),
        attends=("inspector", "general"),
        basis=ls.QUARTER_MEETING.taken(ONCE_A_GRID),
    ),
    Duty(
        code="assistant-report",
        who="assistant-safety",
        or_who=("assistant-environment",),
        says="总结本网格安全环保工作，填报表报安委办",
        act=Act.REPORT,
        on=PER_LEAF,
        every=Every(months=3),
        to=("committee-office",),
        basis=ls.QUARTER_REPORT.taken(ONCE_A_GRID),
    ),
    Duty(
        code="weekly",
        who="inspector",
        says="走遍网格内宗地企业，记入巡查手册",
        act=Act.PATROL,
        on=(Per(klass="plot"),),
        every=Every(weeks=1),
        points=WEEKLY_POINTS,
        basis=ls.WEEKLY,
    ),
    Duty(
        code="supervision",
        says="会同督察室督查并通报",
        act=Act.SUPERVISION,
        on=(Per(unit="committee-office"),),
        every=Every(months=6),
        basis=NAMES_STAY_INSIDE,
    ),
    Duty(code="stop", who="inspector", says="劝导制止隐患和环境违法行为，必要时疏散、警示", basis=ls.STOPPING),
    Duty(code="report", who="inspector", says="发现问题报管理员和助理，情况紧急时可同时直接报有关部门", basis=ls.REPORTING),
    Duty(code="track", who="inspector", says="跟踪整改，拖延的催办，超期的报管理员和助理，直到隐患消除", basis=ls.TRACKING),
    Duty(code="ledger", who="inspector", says="定期掌握企业变化，及时更新企业台账", basis=ls.LEDGER),
    Duty(code="publicity", who="inspector", says="宣传安全环保知识，传达预警和通知", serves=True, basis=ls.PUBLICITY),
    Duty(code="assist", who="general", says="配合巡查和信息报告", basis=ls.GENERAL),
    Duty(code="secrets", who="inspector", says=SECRETS, basis=ls.CONFIDENTIAL),
    Duty(code="secrets-general", who="general", says=SECRETS, basis=ls.CONFIDENTIAL),
    Duty(code="key", who="inspector", says="按工作计划作重点巡查", basis=KEY_PATROLS),
    *(
        Duty(code=f"guide-{post}", who=post, says="监督、指导专职网格员、管理员和全科网格员履职", basis=ls.GUIDE)
        for post in ASSISTANTS
    ),
    *(
        Duty(code=f"{code}-{post}", who=post, says=says, basis=basis)
        for post in ASSISTANTS
        for code, says, basis in (
            ("assess", "考核网格员，监督他们落实日常管理责任", ls.ASSESS),
            ("hazards", "建立隐患举报、处理、销号制度，发现隐患立即组织整治，需部门配合的牵头联合执法", ls.HAZARDS),
            ("accident", "安全、环保事故依法上报、处理和善后", ls.ACCIDENT),
            ("listed", "按规定对上报的重大安全、环境隐患挂牌督办", ls.LISTED),
        )
    ),
    *(Duty(code=f"plan-{post}", who=post, says="定工作方案，编宗地企业安全环保责任图", basis=ls.PLAN) for post in ASSISTANTS),
    *(
        Duty(
            code=f"routine-{post}",
            who=post,
            says="管网格日常事务、值班、培训和考核，管档案和信息，传达上级要求",
            basis=ls.MANAGERS_WORK,
        )
        for post in MANAGERS
    ),
    *(
        Duty(
            code=f"help-{post}",
            who=post,
            says="协助网格长和助理，办会议，监管专职网格员，催办督办，协助督查考核，管平台，协助起草制度",
            basis=ls.MANAGERS,
        )
        for post in MANAGERS
    ),
    *(
        Duty(code=f"tasks-{post}", who=post, says="完成网格长和安监、环保部门交办的其他工作", basis=ls.TASKS)
        for post in (*ASSISTANTS, "inspector", *MANAGERS)
    ),
)

PEOPLE = ("leader", "assistant-safety", "assistant-environment", "inspector", "general")
LEADS = ("inspector", "general", *reversed(LEADERS))
BOARDS = tuple(
    Board(
        code=f"{of}-board",
        of=of,
        title="安全生产和环境保护网格公示牌",
        leads=LEADS,
        issuer="committee-office",
        supervision="supervision-office",
        sections=(
            Section(code="people", title="网格人员", shows=Shown.PEOPLE, posts=PEOPLE, basis=BOARD_BY_ANALOGY),
            Section(code="duties", title="职责", shows=Shown.DUTIES, posts=LEADS, basis=BOARD_BY_ANALOGY),
            Section(code="services", title="服务内容", shows=Shown.SERVICES, posts=LEADS, basis=BOARD_BY_ANALOGY),
        ),
        basis=BOARD_BY_ANALOGY,
    )
    for of in ("grid", "enterprise")
)

# A word that is left says not which of the two it is about: safety comes first
BOTH_BUREAUS = (*(Who(post=post) for post in ASSISTANTS), Who(unit="safety-bureau"), Who(unit="environment-bureau"))
ROUTES: tuple[Topic | Route, ...] = (
    *(
        Topic(code=code, kind=Kind.COMPLAINT, name=name, basis=GENERAL_TOPICS)
        for code, name in (
            ("idle", "工作不到位、不作为"),
            ("rough", "态度恶劣、刁难企业"),
            ("bribes", "索要、收受钱物或宴请"),
            ("secrets", "泄露企业秘密"),
            ("other", "其他"),
        )
    ),
    Topic(code="checks", kind=Kind.COMPLAINT, name=national.ARBITRARY, outside="justice", basis=national.ARBITRARY_CHECKS),
    *(
        Topic(code=code, kind=Kind.REPORT, name=name, basis=ls.HAZARDS.taken(TWO_KINDS))
        for code, name in (
            ("safety", "安全生产：事故隐患、违章作业、违法生产经营"),
            ("environment", "环境污染：废水、废气、固体废物、噪声"),
        )
    ),
    Route(
        kind=Kind.CONTACT,
        to=(Who(post="inspector"), Who(post="general"), *BOTH_BUREAUS),
        answered_by="safety-bureau",
        else_outside="12345",
        answer=national.CONTACT_ANSWER,
        basis=CONTACTS,
    ),
    Route(
        kind=Kind.REPORT,
        to=(Who(post="assistant-safety"), Who(unit="safety-bureau")),
        answered_by="safety-bureau",
        else_outside="12350",
        accept=national.REPORT_ACCEPT,
        answer=national.REPORT_ANSWER,
        basis=ls.HAZARDS.taken(TWO_KINDS),
    ),
    Route(
        kind=Kind.REPORT,
        topics=("environment",),
        to=(Who(post="assistant-environment"), Who(unit="environment-bureau")),
        answered_by="environment-bureau",
        else_outside="12345",
        accept=Term(within=Within(working_days=3), basis=ENVIRONMENT_CLOCK),
        answer=Term(within=Within(days=60), basis=ENVIRONMENT_CLOCK),
        basis=ls.HAZARDS.taken(TWO_KINDS),
    ),
    Route(kind=Kind.COMPLAINT, to=(), else_outside="discipline", basis=COMPLAINTS_UNNAMED),
)

LISHUI = Region(
    code="lishui",
    name="丽水经济技术开发区",
    clauses=ls.CLAUSES,
    later=ls.LATER,
    otherwise=ls.OTHERWISE,
    editions=(
        Edition(
            code="lishui-2019",
            documents=(DOCUMENT, national.REWARD_2018),
            in_force=InForce(
                since=date(2019, 6, 4),
                assumed=Assumption("文件没有写从哪天起施行；按印发日起施行。"),
                still=STILL,
                basis=ls.FROM_ISSUE,
            ),
            rules=(*UNITS, *GRIDS, *POSTS, *DUTIES, *BOARDS, *ROUTES),
        ),
    ),
)
