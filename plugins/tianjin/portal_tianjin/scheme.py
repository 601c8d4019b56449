"""What Tianjin's opinion on grids for grass-roots work safety orders, as far as the portal executes it."""

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
    Fact,
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
    Tier,
    Topic,
    Unit,
    Who,
)
from portal_tianjin import clauses as tj

BOARD_BY_ANALOGY = Assumption(
    "文件没有规定公示牌；内容参照吴中区办法第十三条，人员按本意见的岗位列出，并写明责任部门；"
    "由街镇（园区）安监机构签发、区应急管理局受理监督电话，也是本网站暂定的。"
)
COMPLAINTS_UNNAMED = Assumption("文件没有写投诉由谁受理；投诉要到本条线之外，故取区纪委监委。" + national.DISCIPLINE_MAY_REFUSE)
GENERAL_TOPICS = Assumption("文件没有列出投诉事项；按责任到人、职责明确的要求和一般纪律归纳。")
DIRECT_HEADS = Assumption("文件没有写直接监管的单位由谁具名负责；公示牌不能没有人，故由区级部门逐家指定，由他答复本单位的咨询。")
ON_BOARDS = tj.BOTH.taken("文件要求明确部门和网格员，没有要求写在公示牌上；公示牌按此列出。")
HEALTH = "文件把职业健康一并列入；职业病防治现由卫生、劳动保障行政部门监督管理（职业病防治法第九条），发现的问题转给它们。"
NO_OWN_INSPECTOR = "村居没有自己的网格员的，由定在该网格的街镇网格员巡查，谁去了都算。"
HOW_OFTEN = "多久巡查一次，文件没有写；由各区、街镇规定，规定以前不计逾期。"
POINTS = "巡查看什么，文件没有逐项列；要点由本网站按文件归纳。" + HEALTH + HOW_OFTEN
CENTRAL_CHECKERS = tj.CHECKERS.taken("公布的文本作“510人”，中间缺了连接号，按5至10人补正。")
OUTER_CHECKERS = tj.CHECKERS.taken("公布的文本作“1020人”，中间缺了连接号，按10至20人补正。")

DOCUMENT = Document(
    code="tianjin",
    title="市安委会办公室关于加强基层安全生产网格化监管工作意见的通知",
    issuer="天津市安全生产委员会办公室",
    number="津安办〔2018〕18号",
    issued_on=date(2018, 5, 9),
    lost=("两级网格的级别数字", "安全检查员人数的连接号", "落款日期的分隔"),
)

# What the clauses leave open
ASSESSING_OFFICE = Assumption("文件写由各区考核街镇，没有写区里哪个部门承办；取区应急管理局。")
PLACED_FIRST = tj.TIERS.taken(
    "文件没有写一家单位同在几个网格里时归哪一个；先归聚集区、园区，再归村居（片区在先），最后归街镇（片区在先）。"
)
AREAS = tj.TIERS.taken("文件没有写工业、商贸聚集区网格属于哪一级；放在街镇网格之内，由街镇（园区）配网格员。")
HEAVY_VILLAGES = tj.INSPECTORS.taken(
    "哪些村居任务较重、各配几名，由各区确定；区、街镇在“本地更严规定”里登记这些村居的人数以后，缺人才列为空缺。"
    "村居网格员归谁管也没有写；他们发现问题要报街镇，故列在街镇网格员之下。"
)
EVERY_DEPARTMENT = tj.OTHER_DEPARTMENTS.taken(
    "文件没有写各部门配几名、每个网格配几名；取每个部门至少一名，定在哪个网格由各区、街镇安排；上级取区级责任部门的责任人。"
)
DEPARTMENT_TASKS = tj.STREET_TASKS.taken("部门网格员也由街镇（园区）配，按街镇网格员的任务办，限于本部门监管的事。")
OFFICE_HEADS = tj.INSPECTORS.taken("文件没有写由谁带领街镇网格员、安全检查员和执法人员；取街镇（园区）安监机构的负责人。")
CONTACTS = tj.BOTH.taken("文件要求写明责任部门，没有写部门里由谁具体负责；部门定了人的才登记，不作人数要求。")
ENFORCERS = tj.ENFORCEMENT.taken(
    "文件没有写执法人员几名、归哪个部门；持证人员登记在街镇（园区）安监机构，不作人数要求。文件写网格员有执法权的可以处罚：有执法证的列在这里，"
    "街镇网格员按没有执法权列出。"
)
REPORTS_TO = tj.CHANNELS.taken(
    "文件要求举报渠道畅通，没有写由谁受理；先由街镇（园区）安监机构办理，没有这个机构的由区应急管理局办理。"
)

CONTACTS_FIRST = Assumption(
    "文件没有写留言由谁回复；先找直接监管责任人、村居网格员、街镇网格员、部门网格员，由街镇（园区）安监机构督办；都没有的打12345。"
)

UNITS = (
    Unit(code="bureau", name="区应急管理局", at=Ground.DISTRICT, basis=ASSESSING_OFFICE),
    Unit(code="department", name="区级负有安全监管职责的部门", at=Ground.DISTRICT, basis=tj.BOTH),
    Unit(code="street-office", name="街镇（园区）安监机构", at=Ground.TOWN, basis=tj.INSPECTORS),
    Unit(code="street-department", name="街镇（园区）其他安全监管部门", at=Ground.TOWN, basis=tj.OTHER_DEPARTMENTS),
    Unit(code="village-committee", name="村（居）委会", at=Ground.VILLAGE, basis=tj.INSPECTORS),
    Unit(code="discipline", name="区纪委监委", at=Ground.DISTRICT, outside=True, basis=COMPLAINTS_UNNAMED),
    Unit(code="justice", name="区司法局（行政执法监督）", at=Ground.DISTRICT, outside=True, basis=national.ARBITRARY_CHECKS),
)

UPPER, LOWER = ("street", "street-part", "park", "area"), ("village", "village-part")
PLACED = ("area", "park", "village-part", "village", "street-part", "street")
HOUSEHOLD = AllOf((Is("place", "household"), Not(Is("direct"))))
GRIDS: tuple[Tier | Line | Fact | Class | Placement, ...] = (
    Tier(code="street", name="街镇网格", of=Ground.TOWN, basis=tj.TIERS),
    Tier(code="street-part", name="街镇片区网格", of=Ground.DRAWN, basis=tj.TIERS),
    Tier(code="park", name="园区网格", of=Ground.DRAWN, basis=tj.TIERS),
    Tier(code="village", name="村居网格", of=Ground.VILLAGE, within="street", basis=tj.TIERS),
    Tier(code="village-part", name="村居片区网格", of=Ground.DRAWN, within="street", basis=tj.TIERS),
    Tier(code="area", name="工业商贸聚集区网格", of=Ground.DRAWN, within="street", basis=AREAS),
    Line(code="department", name="责任部门", posts=("department-contact",), required=True, basis=tj.BOTH),
    Fact(
        code="place",
        name="对象类型",
        values=(("enterprise", "基层企业"), ("three-small", "三小场所"), ("household", "家庭户")),
        hint="三小场所：小商铺、小作坊、小娱乐场所。",
        basis=tj.STREET_TASKS,
    ),
    Fact(
        code="direct",
        name="由区级部门直接监管",
        hint="规模大、规格高、风险高或基层管不了的，可以由区级部门直接监管。",
        basis=tj.DIRECT,
    ),
    Class(code="direct", name="直接监管单位", when=Is("direct"), basis=tj.DIRECT),
    Class(code="household", name="家庭户", when=HOUSEHOLD, basis=tj.STREET_TASKS),
    Class(code="ordinary", name="网格内生产经营单位", when=Not(AnyOf((Is("direct"), HOUSEHOLD))), basis=tj.STREET_TASKS),
    Placement(klass="direct", direct="department", basis=tj.DIRECT),
    *(Placement(klass=klass, tiers=PLACED, basis=PLACED_FIRST) for klass in ("ordinary", "household")),
)

SIX = ("120101", "120102", "120103", "120104", "120105", "120106")  # the six central districts
POSTS = (
    Post(
        code="street-inspector",
        name="街镇网格员",
        per=tuple(Per(tier=tier) for tier in (*UPPER, *LOWER)),
        count=N(1),
        staffed_by=("street-office",),
        everyone=True,
        filled_by=("inspector", "department-inspector"),
        answers_to=("office-head",),
        basis=tj.INSPECTORS,
    ),
    Post(
        code="inspector",
        name="村居网格员",
        per=tuple(Per(tier=tier) for tier in LOWER),
        count=N(0),
        staffed_by=("village-committee",),
        answers_to=("street-inspector",),
        basis=HEAVY_VILLAGES,
    ),
    Post(
        code="department-inspector",
        name="部门网格员",
        per=tuple(Per(tier=tier) for tier in (*UPPER, *LOWER)),
        count=N(0),
        staffed_by=("street-department",),
        every_office=True,
        answers_to=("department-contact",),
        basis=EVERY_DEPARTMENT,
    ),
    Post(
        code="department-contact",
        name="部门责任人",
        per=(Per(unit="department"),),
        count=N(0),
        staffed_by=("department",),
        capacity=Capacity.LEAD,
        basis=CONTACTS,
    ),
    Post(
        code="checker-central",
        name="安全检查员",
        per=(Per(unit="street-office", inside=SIX),),
        count=N(5, 10),
        staffed_by=("street-office",),
        answers_to=("office-head",),
        basis=CENTRAL_CHECKERS,
    ),
    Post(
        code="checker-outer",
        name="安全检查员",
        per=(Per(unit="street-office", beyond=SIX),),
        count=N(10, 20),
        staffed_by=("street-office",),
        answers_to=("office-head",),
        basis=OUTER_CHECKERS,
    ),
    Post(
        code="enforcer",
        name="街镇执法人员",
        per=(Per(unit="street-office"),),
        count=N(0),
        staffed_by=("street-office",),
        answers_to=("office-head",),
        capacity=Capacity.ENFORCE,
        basis=ENFORCERS,
    ),
    Post(
        code="office-head",
        name="街镇安监机构负责人",
        per=(Per(unit="street-office"),),
        staffed_by=("street-office",),
        capacity=Capacity.LEAD,
        basis=OFFICE_HEADS,
    ),
    Post(
        code="direct-head",
        name="直接监管责任人",
        per=(Per(klass="direct"),),
        staffed_by=("department", "bureau"),
        answers_to=("department-contact",),
        capacity=Capacity.LEAD,
        basis=DIRECT_HEADS,
    ),
)

INSPECTORS = ("inspector", "street-inspector", "department-inspector")
STREET_TASKS = {
    "stop": "查看非法生产经营，及时制止；没有执法权的按程序上报处理",
    "assist": "协助部门检查和执法",
    "guide": "督促单位定责任制、规章和操作规程，加强现场管理，完善安全条件",
    "deliver": "送达最新文件资料，向单位和公众宣传安全知识",
}
DUTIES = (
    Duty(
        code="patrol",
        who="inspector",
        or_who=("street-inspector",),
        says="现场巡查网格内的生产经营单位",
        act=Act.PATROL,
        on=tuple(Per(klass="ordinary", tier=tier) for tier in LOWER),
        points=("非法生产经营", "事故隐患", "职业健康"),
        basis=tj.VILLAGE_TASKS.taken(POINTS + NO_OWN_INSPECTOR),
    ),
    Duty(
        code="street-patrol",
        who="street-inspector",
        says="重点查看网格内基层企业、三小场所、家庭户的非法生产经营情况",
        formerly=("查看网格内基层企业、三小场所、家庭户的非法生产经营情况",),
        act=Act.PATROL,
        on=tuple(Per(klass=klass, tier=tier) for klass in ("ordinary", "household") for tier in (*UPPER, *LOWER)),
        points=("非法生产经营", "事故隐患", "职业健康", "送达文件资料", "宣传安全知识"),
        basis=tj.STREET_TASKS.taken(POINTS),
    ),
    *(
        Duty(code=code, who="street-inspector", says=says, serves=code == "deliver", basis=tj.STREET_TASKS)
        for code, says in STREET_TASKS.items()
    ),
    *(
        Duty(code=f"department-{code}", who="department-inspector", says=says, serves=code == "deliver", basis=DEPARTMENT_TASKS)
        for code, says in STREET_TASKS.items()
    ),
    Duty(code="report", who="inspector", says="发现问题第一时间报村居和街镇", basis=tj.VILLAGE_TASKS),
    Duty(code="information", who="inspector", says="上报本辖区安全生产信息", basis=tj.VILLAGE_TASKS),
    *(
        Duty(code=f"{code}-{who}", who=who, says=says, serves=code == "explain", basis=tj.ROLES)
        for who in INSPECTORS
        for code, says in (
            ("supervise", "监管员：对网格内企业分级分类监管"),
            ("collect", "信息员：采集监管基础信息"),
            ("explain", "宣传员：宣讲法规、上级部署和监管指令"),
        )
    ),
    *(Duty(code=f"further-{who}", who=who, says="完成本区另外确定的任务", basis=tj.DISTRICTS_DECIDE) for who in INSPECTORS),
    Duty(code="direct", who="direct-head", says="直接监管本单位的安全生产和职业健康", basis=tj.DIRECT.taken(HEALTH)),
    Duty(code="direct-help", who="direct-head", says="受理本单位的安全生产咨询", serves=True, basis=DIRECT_HEADS),
)

SHOWN = ("direct-head", *INSPECTORS)
BOARDS = tuple(
    Board(
        code=f"{of}-board",
        of=of,
        title="安全生产网格化监管公示牌",
        leads=(*(("direct-head",) if of == "enterprise" else ()), *INSPECTORS),
        issuer="street-office",
        supervision="bureau",
        sections=(
            Section(code="people", title="网格人员", shows=Shown.PEOPLE, posts=SHOWN, basis=ON_BOARDS),
            *(
                (Section(code="department", title="责任部门", shows=Shown.LINES, lines=("department",), basis=ON_BOARDS),)
                if of == "enterprise"
                else ()
            ),
            Section(code="duties", title="职责", shows=Shown.DUTIES, posts=SHOWN, basis=BOARD_BY_ANALOGY),
            Section(code="services", title="服务内容", shows=Shown.SERVICES, posts=SHOWN, basis=BOARD_BY_ANALOGY),
        ),
        basis=BOARD_BY_ANALOGY,
    )
    for of in ("grid", "enterprise")
)

ROUTES: tuple[Topic | Route, ...] = (
    *(
        Topic(code=code, kind=Kind.COMPLAINT, name=name, basis=GENERAL_TOPICS)
        for code, name in (
            ("absent", "不巡查、不作为"),
            ("hidden", "发现问题不报"),
            ("bribes", "索要、收受钱物或宴请"),
            ("leaks", "泄露举报人或企业信息"),
            ("other", "其他"),
        )
    ),
    Topic(code="checks", kind=Kind.COMPLAINT, name=national.ARBITRARY, outside="justice", basis=national.ARBITRARY_CHECKS),
    Route(
        kind=Kind.CONTACT,
        to=(*(Who(post=post) for post in SHOWN), Who(unit="street-office")),
        answered_by="street-office",
        else_outside="12345",
        answer=national.CONTACT_ANSWER,
        basis=CONTACTS_FIRST,
    ),
    Route(
        kind=Kind.REPORT,
        to=(Who(unit="street-office"), Who(unit="bureau")),
        else_outside="12350",
        accept=national.REPORT_ACCEPT,
        answer=national.REPORT_ANSWER,
        basis=REPORTS_TO,
    ),
    Route(kind=Kind.COMPLAINT, to=(), else_outside="discipline", basis=COMPLAINTS_UNNAMED),
)

TIANJIN = Region(
    code="tianjin",
    name="天津市",
    clauses=tj.CLAUSES,
    later=tj.LATER,
    otherwise=tj.OTHERWISE,
    editions=(
        Edition(
            code="tianjin-2018",
            documents=(DOCUMENT, national.REWARD_2018),
            in_force=InForce(
                since=date(2018, 5, 9),
                assumed=Assumption("落款作“201859”，按2018年5月9日读；文件没有另写施行日期，按印发日起施行。"),
                still=Assumption(
                    "意见是2018年5月印发的，没有写有效期，此后机构改革又设了应急管理部门；是否仍然有效还没有核对，请主管部门确认。"
                ),
                basis=tj.FROM_ISSUE,
            ),
            rules=(*UNITS, *GRIDS, *POSTS, *DUTIES, *BOARDS, *ROUTES),
        ),
    ),
)
