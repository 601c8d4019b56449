"""What the Shandong district's measures for three-tier real-name supervision order, as far as the portal executes it."""

from datetime import date

from portal.scheme import national
from portal.scheme.words import (
    Act,
    AllOf,
    AnyOf,
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
    Power,
    Read,
    Region,
    Route,
    Section,
    Shown,
    Term,
    Tier,
    Topic,
    Unit,
    Who,
)
from portal_shandong import clauses as sd

BOARD_BY_ANALOGY = Assumption(
    "文件没有规定公示牌；内容参照吴中区办法第十三条，人员按实名制列出，签发取应急安全保障服务中心，监督取区应急管理局。"
)
ON_BOARDS = "文件没有要求把这些人写在公示牌上；公示牌按实名制列出。"
AS_TOPIC = "文件没有列投诉事项；取它写明要追究的情形。"
BRIBES = AS_TOPIC + "“索要钱物”是本网站举的例子。"
COMPLAINTS_UNNAMED = Assumption("文件没有写投诉由谁受理；投诉要到本条线之外，故取区纪委监委。" + national.DISCIPLINE_MAY_REFUSE)
EVERY_LINE = "也没有写每家单位三类都要定部门；为责任到人，按三类都要定。"
BY_LINE = sd.THREE_LINES.taken("文件没有写行业监管、业务主管是哪些部门，由各地逐家定。" + EVERY_LINE)
OVERALL_BY_CENTRE = sd.THREE_LINES.taken("文件没有写综合监管由哪个部门负责；取第五条设的应急安全保障服务中心。" + EVERY_LINE)
SAME_RANGE = "对哪些单位，只有第（一）项写了；第（二）至（四）项按同一范围。"
ENFORCERS_OF_TOWN = (
    "委托的是镇、街道（第十三条），没有写执法人员设在哪个机构、由谁领导；取设在镇街党委政府，由分管领域的负责人领导。"
    "没有写经开区；经开区有没有受委托，以公布的委托书为准。"
)
ONE_TIER = sd.THREE_TIERS.taken("文件写的是各级重点监管哪些，没有写别的就不管；为使每家只归一个网格，按这三类分开归。")
LEADERS = sd.LEADERS.taken("文件没有写一家企业几名责任领导、由谁领导；取一名，上级取辖区第一责任人。")
PERSONS = sd.PERSONS.taken("文件没有写一家企业几名责任人；取一名。")
MANAGERS_PATROL = sd.VILLAGE_PATROLS.taken("文件写由村、社区巡查，没有写具体是谁；由安全生产管理员承担。")
REPORTS = sd.CASES.taken(
    "文件只写镇街参与查处、上报，没有写由谁受理。由区应急管理局受理，属于其他行业的由它移送主管部门，镇街协助核查。"
    "理由：《山东省安全生产举报办法》（省政府令第359号）和《山东省安全生产举报奖励办法》（鲁应急发〔2025〕12号）"
    "转载文本的开头写明举报由县级以上主管部门受理、核查；未见全文，以主管部门解释为准。"
)
REPORT_ACCEPT = Term(
    within=national.REPORT_ACCEPT.within,
    basis=Assumption(
        "《山东省安全生产举报办法》（省政府令第359号）规定了几日内决定是否受理，未见全文，以主管部门解释为准；先取三个工作日。"
    ),
)
HIGH_RISK_FIRST = sd.THREE_TIERS.taken(
    "文件没有写小场所同时是别的一类时归谁；同时是规上、高危企业的，安全起见归一级网格，同时是规下企业的归三级网格。"
)
NINE_SMALL = sd.THREE_TIERS.taken("文件没有列出“九小场所”是哪九类；以区里定的为准。")
TRAININGS = sd.TRAININGS.taken("这一条只写镇、街道，没有写经开区；经开区同样办。")
CONTACTS = Assumption(
    "文件没有写留言由谁回复；先找实名制责任人，再找社区（村）安全生产管理员、工作区书记（主任），由应急安全保障服务中心督办；"
    "都没有的打12345。"
)
CHAIN = "文件没有逐个写谁是上级；按镇街、工作区、村居，一级管一级。"
AREA_AND_VILLAGE = sd.TWO_DUTIES.taken(CHAIN)
DEPUTIES = sd.TWO_DUTIES.taken("文件没有写副职对谁负责；取辖区第一责任人。")
SECOND = sd.TWO_DUTIES.taken(CHAIN + "书记和主任是一个人的，只列一位；不是一个人的，另一位列在这里。")
LEADER_IN_CHARGE = sd.CENTRE.taken("文件没有写分管的班子成员对谁负责；取辖区第一责任人。")
STAFF = sd.STAFFING.taken(CHAIN)
STATION_STAFF = sd.THREE_LINES.taken(
    "文件没有写各站所几人、谁是上级、应急中心算不算站所；取每处负责人和工作人员各至少一名，应急中心也算，上级取分管的副职。"
)
TWO_LEVELS = sd.CENTRE.taken("文件只写区、镇两级管理；区里取区应急管理局，镇里取分管的班子成员。")
DIRECTOR = sd.CENTRE.taken("文件没有写中心主任的职责；区、镇两级管理的是中心，由主任负责。")

DOCUMENT = Document(
    code="shandong",
    title="网格化实名制监管办法（文本未给出区名和标题）",
    lost=("区名", "标题", "文号", "印发机关", "施行和截止的月日"),
)
# Of these two texts only the beginning was seen: nothing rests on them but what says so
PROVINCIAL = (
    Document(
        code="shandong-359",
        title="山东省安全生产举报办法",
        issuer="山东省人民政府",
        number="山东省人民政府令第359号",
        issued_on=date(2024, 6, 24),
        read=Read.PART,
        seen="转载文本的开头",
    ),
    Document(
        code="shandong-2025-12",
        title="山东省安全生产举报奖励办法",
        issuer="山东省应急管理厅等十七个部门",
        number="鲁应急发〔2025〕12号",
        issued_on=date(2025, 12, 25),
        read=Read.PART,
        seen="转载文本的开头",
    ),
)

UNITS = (
    Unit(code="bureau", name="区应急管理局", at=Ground.DISTRICT, basis=sd.POSTS_FIXED),
    Unit(code="party-government", name="镇（街道、经开区）党委政府", at=(Ground.TOWN, Ground.ZONE), basis=sd.MONTHLY_MEETING),
    Unit(code="centre", name="应急安全保障服务中心", at=(Ground.TOWN, Ground.ZONE), basis=sd.CENTRE),
    Unit(code="station", name="镇（街道、经开区）站所", at=(Ground.TOWN, Ground.ZONE), basis=sd.THREE_LINES),
    Unit(code="village-office", name="村（社区）应急安全办公室", at=Ground.VILLAGE, basis=sd.VILLAGE_OFFICE),
    Unit(code="discipline", name="区纪委监委", at=Ground.DISTRICT, outside=True, basis=COMPLAINTS_UNNAMED),
    Unit(code="justice", name="区司法局（行政执法监督）", at=Ground.DISTRICT, outside=True, basis=national.ARBITRARY_CHECKS),
)

TOP = AnyOf((Is("scale", "above"), Is("high-risk")))
SMALL = AllOf((Is("place", "nine-small"), Not(TOP)))
LINE_POSTS = ("line-head", "line-staff")
GRIDS: tuple[Tier | Line | Fact | Class | Placement, ...] = (
    Tier(code="town", name="一级网格（镇街、经开区）", of=(Ground.TOWN, Ground.ZONE), basis=sd.THREE_TIERS),
    Tier(code="work-area", name="二级网格（工作区）", of=Ground.DRAWN, within="town", basis=sd.THREE_TIERS),
    Tier(code="village", name="三级网格（村居）", of=Ground.VILLAGE, within="work-area", basis=sd.THREE_TIERS),
    *(
        Line(code=code, name=name, unit=unit, posts=LINE_POSTS, required=True, basis=basis)
        for code, name, unit, basis in (
            ("industry", "行业监管", None, BY_LINE),
            ("business", "业务主管", None, BY_LINE),
            ("overall", "综合监管", "centre", OVERALL_BY_CENTRE),
        )
    ),
    Fact(code="scale", name="规模", values=(("above", "规上"), ("below", "规下")), basis=sd.THREE_TIERS),
    Fact(code="high-risk", name="高危企业", basis=sd.THREE_TIERS),
    Fact(
        code="place",
        name="场所类型",
        values=(("ordinary", "一般企业"), ("nine-small", "九小场所")),
        hint="消防、建筑施工、商贸物流、农业农村等领域的“九小场所”。",
        basis=NINE_SMALL,
    ),
    Fact(
        code="sector",
        name="执法领域",
        values=(("trade", "工贸"), ("chemical", "危化品"), ("fireworks", "烟花爆竹"), ("other", "其他")),
        hint="区局委托镇街执法的只有前三类。",
        basis=sd.DELEGATED,
    ),
    Class(code="above-or-risky", name="规上、高危企业", when=TOP, basis=sd.THREE_TIERS),
    Class(code="nine-small", name="九小场所", when=SMALL, basis=HIGH_RISK_FIRST),
    Class(code="below", name="规下企业", when=Not(AnyOf((TOP, SMALL))), basis=sd.THREE_TIERS),
    Placement(klass="above-or-risky", tiers=("town",), basis=ONE_TIER),
    Placement(klass="below", tiers=("work-area",), basis=ONE_TIER),
    Placement(klass="nine-small", tiers=("village",), basis=ONE_TIER),
)

LENT = AnyOf((Is("sector", "trade"), Is("sector", "chemical"), Is("sector", "fireworks")))
POWERS = (
    Power(code="enforcement", name="受委托执法", posts=("enforcer",), toward=LENT, lent_by="bureau", basis=sd.DELEGATED),
    Power(
        code="on-site", name="现场处置", posts=("enforcer",), toward=LENT, lent_by="bureau", basis=sd.ON_SITE.taken(SAME_RANGE)
    ),
    Power(
        code="evidence",
        name="调查取证",
        posts=("enforcer",),
        toward=LENT,
        lent_by="bureau",
        basis=sd.INVESTIGATION.taken(SAME_RANGE),
    ),
    Power(
        code="penalty",
        name="警告、罚款",
        posts=("enforcer",),
        toward=LENT,
        limit_yuan=50_000,
        above="bureau",
        lent_by="bureau",
        basis=sd.FINES.taken(f"{SAME_RANGE}超过五万元的，文件没有写交给谁；取委托的区应急管理局。"),
    ),
)

OFFICES = (Per(unit="station"), Per(unit="centre"))
POSTS: tuple[Post, ...] = (
    *(
        Post(code=code, name=name, per=OFFICES, count=N(1, None), answers_to=above, capacity=capacity, basis=STATION_STAFF)
        for code, name, above, capacity in (
            ("line-head", "站所（科室）负责人", ("town-deputy",), Capacity.LEAD),
            ("line-staff", "站所（科室）工作人员", ("line-head",), Capacity.ASSIST),
        )
    ),
    Post(
        code="enforcer",
        name="镇街执法人员",
        per=(Per(unit="party-government"),),
        count=N(0),
        answers_to=("town-deputy",),
        capacity=Capacity.ENFORCE,
        basis=sd.CERTIFIED.taken(ENFORCERS_OF_TOWN),
    ),
    *(
        Post(code=code, name=name, per=(Per(unit=unit),), count=count, answers_to=above, capacity=Capacity.LEAD, basis=basis)
        for code, name, unit, count, above, basis in (
            ("town-first", "辖区第一责任人", "party-government", N(1, 2), (), sd.TWO_DUTIES),
            ("town-deputy", "分管领域直接责任人", "party-government", N(1, None), ("town-first",), DEPUTIES),
            ("centre-leader", "分管安全的班子成员", "party-government", N(1, 1), ("town-first",), LEADER_IN_CHARGE),
            ("centre-director", "应急安全保障服务中心主任", "centre", N(1, 1), ("centre-leader", "bureau-head"), TWO_LEVELS),
            ("bureau-head", "区应急管理局负责人", "bureau", N(0), (), TWO_LEVELS),
        )
    ),
    Post(
        code="responsible-leader",
        name="实名制责任领导",
        per=(Per(klass="*"),),
        answers_to=("town-first",),
        capacity=Capacity.LEAD,
        basis=LEADERS,
    ),
    Post(
        code="responsible-person",
        name="实名制责任人",
        per=(Per(klass="*"),),
        answers_to=("responsible-leader",),
        basis=PERSONS,
    ),
    Post(
        code="village-office-head",
        name="应急安全办公室主任",
        per=(Per(tier="village"),),
        ex_officio="village-head",
        capacity=Capacity.LEAD,
        basis=sd.VILLAGE_OFFICE,
    ),
    Post(
        code="area-head",
        name="工作区书记（主任）",
        per=(Per(tier="work-area"),),
        count=N(1, 2),
        answers_to=("town-first",),
        capacity=Capacity.LEAD,
        basis=AREA_AND_VILLAGE,
    ),
    Post(
        code="area-staff",
        name="工作区工作人员",
        per=(Per(tier="work-area"),),
        count=N(0),
        answers_to=("area-head",),
        basis=AREA_AND_VILLAGE,
    ),
    Post(
        code="village-member",
        name="村（居）两委成员",
        per=(Per(tier="village"),),
        count=N(0),
        answers_to=("village-head",),
        basis=AREA_AND_VILLAGE,
    ),
    Post(
        code="village-head",
        name="村（居）主要负责人",
        per=(Per(tier="village"),),
        answers_to=("area-head",),
        capacity=Capacity.LEAD,
        basis=AREA_AND_VILLAGE,
    ),
    Post(
        code="village-second",
        name="村（居）书记或主任（另一位）",
        per=(Per(tier="village"),),
        count=N(0, 1),
        answers_to=("village-head",),
        capacity=Capacity.LEAD,
        basis=SECOND,
    ),
    Post(
        code="manager-community",
        name="专兼职安全生产管理员（社区）",
        per=(Per(tier="village", where="community"),),
        count=N(2, 3),
        answers_to=("village-head",),
        basis=STAFF,
    ),
    Post(
        code="manager-village",
        name="专职安全生产管理员（村）",
        per=(Per(tier="village", where="village"),),
        answers_to=("village-head",),
        basis=STAFF,
    ),
    Post(
        code="helper",
        name="兼职安全生产协管员",
        per=(Per(tier="village", where="village"),),
        count=N(0),
        answers_to=("manager-village",),
        force=Force.WHERE_POSSIBLE,
        basis=STAFF,
    ),
)

VILLAGE_PATROL = "日常巡查、排查隐患，上报违法行为；发现问题及时处置，处置不了的第一时间报镇街党委政府"
MANAGERS = ("manager-community", "manager-village")
DUTIES = (
    Duty(
        code="government-meeting",
        says="开一次安全生产会，请应急中心主任列席",
        formerly=("召开安全生产会议，应急安全保障服务中心主任列席",),
        act=Act.MEETING,
        on=(Per(unit="party-government"),),
        every=Every(months=1),
        attends=("centre-director",),
        basis=sd.MONTHLY_MEETING,
    ),
    Duty(
        code="trainings",
        says="组织集中安全培训",
        act=Act.TRAINING,
        on=(Per(unit="party-government"),),
        times_a_year=2,
        basis=TRAININGS,
    ),
    Duty(
        code="leader-meeting",
        who="responsible-leader",
        says="召开会议，部署岗位责任范围内的安全工作",
        act=Act.MEETING,
        every=Every(months=1),
        basis=sd.LEADERS,
    ),
    Duty(code="leader-problems", who="responsible-leader", says="协调解决重大问题，督查、培训、指导责任人", basis=sd.LEADERS),
    Duty(
        code="person-check",
        who="responsible-person",
        says="到企业一线岗位巡查，督促落实安全生产主体责任",
        formerly=("检查企业安全生产主体责任落实情况",),
        act=Act.PATROL,
        on=(Per(klass="*"),),
        points=(
            "规章制度落实",
            "安全生产警示提醒",
            "风险管控与隐患治理公示和防控",
            "员工教育和遵章守纪",
            "操作规程",
            "劳动防护",
            "现场处置与紧急避险",
            "特种作业持证",
        ),
        basis=sd.PERSONS.taken(
            "文件写的是监督检查，没有写责任人要有执法资格；没有资格的不能做行政检查，故按巡查、督促办（国办发〔2024〕54号，未见全文，以主管部门解释为准）。"
            "多久一次，文件没有写；由区、镇街规定，规定以前不计逾期。"
        ),
    ),
    Duty(
        code="person-hazards",
        who="responsible-person",
        says="对发现的隐患督促整改到位，及时上报重大隐患和非法违法行为",
        basis=sd.PERSONS,
    ),
    Duty(code="person-file", who="responsible-person", says="建立重大危险源和隐患档案，动态监控", basis=sd.PERSONS),
    Duty(
        code="person-accident",
        who="responsible-person",
        says="企业出事故时及时赶到现场，参加救援和善后，协助调查",
        basis=sd.PERSONS,
    ),
    Duty(code="person-other", who="responsible-person", says="履行其他应当履行的安全生产监管职责", basis=sd.PERSONS),
    Duty(code="person-dual-urged", who="responsible-person", says="督促建设双重预防机制", basis=sd.STANDARDS),
    Duty(code="person-dual", who="responsible-person", says="指导双重预防机制建设", serves=True, basis=sd.STANDARDS),
    *(Duty(code=f"patrol-{post}", who=post, says=VILLAGE_PATROL, basis=MANAGERS_PATROL) for post in MANAGERS),
    *(
        Duty(code=f"direct-{post}", who=post, says="对本区域的安全生产负直接责任", basis=sd.TWO_DUTIES)
        for post in ("area-head", "village-head", "village-second")
    ),
    *(
        Duty(code=f"concrete-{post}", who=post, says=f"对{of}的安全生产负具体责任", basis=sd.TWO_DUTIES)
        for post, of in (("line-head", "监管领域"), ("area-staff", "本区域"), ("village-member", "本区域"))
    ),
    Duty(code="director-meeting", who="centre-director", says="列席镇街每月的安全生产会议", basis=sd.MONTHLY_MEETING),
    Duty(code="director-centre", who="centre-director", says="在区、镇两级管理下负责本中心的工作", basis=DIRECTOR),
)

TIER_PEOPLE = ("responsible-leader", "responsible-person", "area-head", "village-head", *MANAGERS)
LEADS = (*MANAGERS, "village-head", "area-head")
DUTIES_OF = ("responsible-person", *LEADS, "centre-director")
PEOPLE = Section(
    code="tier-people", title="本网格责任人", shows=Shown.PEOPLE, posts=TIER_PEOPLE, basis=sd.THREE_TIERS.taken(ON_BOARDS)
)
TOWN = Section(
    code="centre",
    title="应急安全保障服务中心和分管领导",
    shows=Shown.PEOPLE,
    posts=("centre-director", "centre-leader"),
    basis=sd.CENTRE.taken(ON_BOARDS),
)
FIRST = Section(
    code="first",
    title="镇（街道、经开区）第一责任人",
    shows=Shown.PEOPLE,
    posts=("town-first",),
    basis=sd.TWO_DUTIES.taken(ON_BOARDS),
)
LINES = Section(
    code="lines",
    title="三条线责任部门和人员",
    shows=Shown.LINES,
    lines=("industry", "business", "overall"),
    posts=("line-head",),
    basis=sd.THREE_LINES.taken(ON_BOARDS),
)
DUTY_LIST = Section(code="duties", title="责任人职责", shows=Shown.DUTIES, posts=DUTIES_OF, basis=BOARD_BY_ANALOGY)
SERVICES = Section(code="services", title="服务内容", shows=Shown.SERVICES, posts=("responsible-person",), basis=BOARD_BY_ANALOGY)
BOARDS = tuple(
    Board(
        code=f"{of}-board",
        of=of,
        title="安全生产网格化实名制监管公示牌",
        leads=leads,
        issuer="centre",
        supervision="bureau",
        sections=sections,
        basis=BOARD_BY_ANALOGY,
    )
    for of, leads, sections in (
        ("grid", (*LEADS, "centre-director"), (PEOPLE, FIRST, TOWN, DUTY_LIST)),
        ("enterprise", ("responsible-person", *LEADS), (PEOPLE, LINES, DUTY_LIST, SERVICES)),
    )
)

ROUTES: tuple[Topic | Route, ...] = (
    *(
        Topic(code=code, kind=Kind.COMPLAINT, name=name, basis=basis)
        for code, name, basis in (
            ("careless", "敷衍塞责、不敢担当", sd.COMMENDATION.taken(AS_TOPIC)),
            ("silent", "知情不报", sd.TRANSFER.taken(AS_TOPIC)),
            ("illegal", "违规违纪、索要钱物", sd.LADDER.taken(BRIBES)),
            ("other", "其他", COMPLAINTS_UNNAMED),
        )
    ),
    Topic(code="checks", kind=Kind.COMPLAINT, name=national.ARBITRARY, outside="justice", basis=national.ARBITRARY_CHECKS),
    Route(
        kind=Kind.CONTACT,
        to=(
            Who(post="responsible-person"),
            Who(post="manager-community"),
            Who(post="manager-village"),
            Who(post="area-head"),
            Who(unit="centre"),
        ),
        answered_by="centre",
        else_outside="12345",
        answer=national.CONTACT_ANSWER,
        basis=CONTACTS,
    ),
    Route(
        kind=Kind.REPORT,
        to=(Who(unit="bureau"),),
        else_outside="12350",
        accept=REPORT_ACCEPT,
        answer=national.REPORT_ANSWER,
        basis=REPORTS,
    ),
    Route(kind=Kind.COMPLAINT, to=(), else_outside="discipline", basis=COMPLAINTS_UNNAMED),
)

SHANDONG = Region(
    code="shandong",
    name="山东某区（示例）",
    clauses=sd.CLAUSES,
    later=sd.LATER,
    editions=(
        Edition(
            code="shandong-2024",
            documents=(DOCUMENT, national.REWARD_2018, *PROVINCIAL),
            in_force=InForce(
                since=date(2024, 1, 1),
                until=date(2029, 12, 31),
                ends_from=date(2029, 1, 1),
                assumed=Assumption(
                    "文本只写2024年施行、到2029年止，月日空缺；起按年初，止于哪天不知道：从2029年1月1日起每天都可能已到期，最迟到年底。"
                ),
                still=sd.IN_FORCE.taken("有效期以文件写的为准；文件是否被提前修改、废止还没有核对，请主管部门确认。"),
                basis=sd.IN_FORCE,
            ),
            rules=(*UNITS, *GRIDS, *POWERS, *POSTS, *DUTIES, *BOARDS, *ROUTES),
        ),
    ),
)
