"""What Wuzhong's interim measures for full-time safety inspectors order, as far as the portal executes it."""

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
    Force,
    Ground,
    InForce,
    Kind,
    N,
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
from portal_wuzhong import clauses as wz

GRIDS_UNDRAWN = Assumption("文件多处提到“网格”，没有规定怎样划分；由属地部门在自己的辖区内划片。")
BOARD_FOR_GRIDS = Assumption("第十三条要求在网格内的企业里公示；网格的公示牌照同样的内容做，签发和监督的部门也相同。")
BOARD = wz.BOARD.taken(
    "第十三条没有写监督电话用哪个部门的；第三条规定由区应急管理局统一指挥，故取区应急管理局。"
    "工作证号、执法资格、投诉和热线电话是本网站加的。"
)
SERVICES_OR_DUTIES = wz.BOARD.taken(
    "第十三条没有写哪些是服务内容、哪些是管理职责；宣讲、指导、教用系统和督促自查列为服务，其余列为职责。"
)
ONE_EACH = wz.ROLE.taken(
    "文件没有写一个网格配几名专职监管员，也没有写上级是谁；取一名，上级取他协助、报告的执法人员和管理他的属地部门负责人。"
)
OFFICERS = wz.GENERAL_HAZARD.taken(
    "文件没有写属地部门要有几名执法人员，也没有写上级是谁；隐患要经他们确认，故取至少一名，上级取属地部门负责人。"
)
DEPARTMENT_HEAD = wz.ISSUERS.taken("文件没有给属地部门负责人设岗位；人员由属地部门管理、由它发证，要有人负责，故每个部门取一名。")
COMPLAINTS_UNNAMED = Assumption("文件没有写投诉由谁受理；投诉不能回到本条线，故取纪检监察机关。" + national.DISCIPLINE_MAY_REFUSE)
STILL = wz.EXPLAINED.taken("名称里有“暂行”“试行”，又没有写试行到什么时候；是否仍然有效还没有核对，请主管部门确认。")
CONTACTS = wz.BOARD.taken("第十三条要求公布电话、方便办事，没有写留言由谁办；先找监管员，再找属地部门和区应急管理局。")
TOPICS = wz.CONDUCT.taken("文件没有写用这八条作投诉事项；公众投诉时照这八条选，方便对照。")
EVIDENCE = wz.EVIDENCE.taken("文件没有把取证写成上报、确认或撤人的前提；上报、确认、停止作业、撤人都不等取证。")
SIDE_BY_SIDE = "文件没有写开发区安环局、镇（街道）应急管理局、化管办各管哪些单位；由网格指定，没有指定的归所在镇（街道）的部门。"
NO_ROUTE = Assumption(
    "文件要求公布电话、接受监督，没有写举报由谁受理；先由属地应急管理部门办理，没有的由区应急管理局办理，都没有的打12350。"
)

DOCUMENT = Document(
    code="wuzhong",
    title="吴中区安全生产专职监管员管理暂行办法（试行）",
    issuer="苏州市吴中区应急管理局",
    lost=("文号", "印发日期", "印发机关（按第二十一条负责解释的机关列出）"),
)

UNITS = (
    Unit(code="district-bureau", name="区应急管理局", at=Ground.DISTRICT, basis=wz.ISSUERS),
    Unit(code="local-department", name="属地应急管理部门", at=(Ground.TOWN, Ground.ZONE), basis=wz.REFINED.taken(SIDE_BY_SIDE)),
    Unit(
        code="discipline",
        name="区纪检监察机关",
        at=Ground.DISTRICT,
        outside=True,
        basis=COMPLAINTS_UNNAMED,
    ),
    Unit(code="justice", name="区司法局（行政执法监督）", at=Ground.DISTRICT, outside=True, basis=national.ARBITRARY_CHECKS),
)

GRIDS = (
    Tier(code="grid", name="监管网格", of=Ground.DRAWN, basis=GRIDS_UNDRAWN),
    Class(code="enterprise", name="生产经营单位", when=AllOf(), basis=wz.COVERAGE),
    Placement(klass="enterprise", tiers=("grid",), basis=wz.COVERAGE.taken("文件没有写单位怎样归入网格；按地址归入。")),
)

POSTS = (
    Post(
        code="inspector",
        name="专职监管员",
        per=(Per(tier="grid"),),
        staffed_by=("local-department",),
        answers_to=("officer", "department-head"),
        basis=ONE_EACH,
    ),
    Post(
        code="officer",
        name="行政执法人员",
        per=(Per(unit="local-department"),),
        count=N(1),
        staffed_by=("local-department",),
        answers_to=("department-head",),
        capacity=Capacity.ENFORCE,
        basis=OFFICERS,
    ),
    Post(
        code="department-head",
        name="属地部门负责人",
        per=(Per(unit="local-department"),),
        staffed_by=("local-department",),
        capacity=Capacity.LEAD,
        basis=DEPARTMENT_HEAD,
    ),
)

DUTIES = (
    Duty(code="assisting", who="inspector", says="按属地部门的安排，协助行政执法人员做各项工作", basis=wz.ASSISTING),
    Duty(
        code="coverage",
        who="inspector",
        says="巡检网格内每家单位，宣讲、指导、摸底、督促自查等七项任务至少完成一遍",
        formerly=("对责任区内每家单位巡检", "对网格内每家单位巡检，第五条前七项任务至少完成一遍"),
        act=Act.PATROL,
        on=(Per(klass="*"),),
        every=Every(months=2),
        points=("宣讲法规政策", "指导安全管理", "核对基础数据", "风险系统填报", "督促自查", "巡检自查情况", "专项整治"),
        basis=wz.COVERAGE,
    ),
    Duty(code="regular-patrols", who="inspector", says="协助执法人员，定期巡检单位的安全生产情况", basis=wz.SELF_CHECKS),
    Duty(code="compliance", who="inspector", says="协助执法人员了解单位执行法规、标准的情况", basis=wz.PUBLICITY),
    Duty(code="manner", who="inspector", says="巡检依法、规范、文明、严谨、细致", basis=wz.MANNER),
    Duty(code="at-the-door", who="inspector", says="进门主动出示工作证，说明目的、内容、范围和要求", basis=wz.AT_THE_DOOR),
    Duty(code="record", who="inspector", says="详细记录巡检，请现场负责人写意见、签名", basis=wz.RECORD),
    Duty(
        code="report-hazards",
        who="inspector",
        says="发现一般事故隐患、违法违规，立即报执法人员，经确认后告知单位、督促整改，做好记录",
        basis=wz.GENERAL_HAZARD,
    ),
    Duty(
        code="major-hazards",
        who="inspector",
        says="重大事故隐患：立即报执法人员，经确认后告知单位，督促立即停止相关作业、撤出人员，协助应急处置",
        basis=wz.MAJOR_HAZARD,
    ),
    Duty(code="evidence", who="inspector", says="收集、保存隐患和违法违规行为的现场证据", basis=EVIDENCE),
    Duty(
        code="self-check-patrols",
        who="inspector",
        says="线上、线下巡检单位的自查，问题经执法人员确认后告知单位、督促整改，整改期内到现场核实",
        basis=wz.PATROLS,
    ),
    Duty(code="campaigns", who="inspector", says="协助属地部门的专项整治和隐患排查治理", basis=wz.CAMPAIGNS),
    Duty(
        code="census",
        who="inspector",
        says="摸清单位底数和搬迁、关闭、新进，协助采集基础数据，完善一企一档",
        basis=wz.CENSUS,
    ),
    Duty(code="upward", who="inspector", says="按上级要求及时、准确上报单位数据", basis=wz.UPWARD),
    Duty(code="accidents", who="inspector", says="协助事故救援、保护现场、抢救人员财产和善后，配合调查", basis=wz.ACCIDENTS),
    Duty(code="other-tasks", who="inspector", says="完成区局和属地部门交办的其他安全、应急工作", basis=wz.OTHER_TASKS),
    Duty(code="recusal", who="inspector", says="与当事人有直接利害关系时回避", basis=wz.RECUSAL),
    Duty(
        code="certificates",
        who="inspector",
        says="参加安全生产、应急管理类职业资格考试",
        force=Force.ENCOURAGED,
        basis=wz.TRAINING,
    ),
    Duty(code="publicity", who="inspector", says="宣讲安全生产法规、标准和政策", serves=True, basis=wz.PUBLICITY),
    Duty(
        code="guidance",
        who="inspector",
        says="指导建立全员责任制和规章制度、管好现场、完善台账、落实各项工作",
        serves=True,
        basis=wz.GUIDANCE,
    ),
    Duty(code="systems", who="inspector", says="指导、协助用好省、区两套风险报告系统", serves=True, basis=wz.SYSTEMS),
    Duty(code="self-checks", who="inspector", says="督促、指导单位自查风险、排查治理隐患", serves=True, basis=wz.SELF_CHECKS),
)

SECTIONS = (
    Section(code="duties", title="管理职责", shows=Shown.DUTIES, posts=("inspector",), basis=SERVICES_OR_DUTIES),
    Section(code="services", title="服务内容", shows=Shown.SERVICES, posts=("inspector",), basis=SERVICES_OR_DUTIES),
)

BOARDS = tuple(
    Board(
        code=f"{of}-board",
        of=of,
        title="安全生产网格监管信息公示牌",
        leads=("inspector",),
        issuer="local-department",
        supervision="district-bureau",
        sections=SECTIONS,
        basis=basis,
    )
    for of, basis in (("grid", BOARD_FOR_GRIDS), ("enterprise", BOARD))
)

CONDUCT = (
    ("bribes", "索要、收受钱物，或有偿咨询谋利"),
    ("meals", "接受可能影响巡检的宴请"),
    ("agencies", "从事评价等中介活动，收企业或中介的钱物"),
    ("harassment", "举止不文明、寻衅滋事、挟嫌报复、刁难企业"),
    ("idleness", "不服从指挥、消极怠工"),
    ("drinking", "工作时间饮酒，或酒后上岗"),
    ("secrets", "泄露企业技术秘密、商业秘密"),
    ("other", "违反其他工作纪律或法律法规"),
)

ROUTES: tuple[Topic | Route, ...] = (
    *(Topic(code=code, kind=Kind.COMPLAINT, name=name, basis=TOPICS) for code, name in CONDUCT),
    Topic(code="checks", kind=Kind.COMPLAINT, name=national.ARBITRARY, outside="justice", basis=national.ARBITRARY_CHECKS),
    Route(
        kind=Kind.CONTACT,
        to=(Who(post="inspector"), Who(unit="local-department"), Who(unit="district-bureau")),
        answered_by="local-department",
        else_outside="12345",
        answer=national.CONTACT_ANSWER,
        basis=CONTACTS,
    ),
    Route(
        kind=Kind.REPORT,
        to=(Who(unit="local-department"), Who(unit="district-bureau")),
        else_outside="12350",
        accept=national.REPORT_ACCEPT,
        answer=national.REPORT_ANSWER,
        basis=NO_ROUTE,
    ),
    Route(kind=Kind.COMPLAINT, to=(), else_outside="discipline", basis=COMPLAINTS_UNNAMED),
)

WUZHONG = Region(
    code="wuzhong",
    name="吴中区",
    clauses=wz.CLAUSES,
    later=wz.LATER,
    editions=(
        Edition(
            code="wuzhong-trial",
            documents=(DOCUMENT, national.REWARD_2018),
            in_force=InForce(
                since=None,
                assumed=Assumption(
                    "文件自印发之日起施行，公布的文本没有印发日期；不知道从哪天起，登记里较早的日期也按本办法看，以主管部门确认的日子为准。"
                ),
                still=STILL,
                basis=wz.IN_FORCE,
            ),
            rules=(*UNITS, *GRIDS, *POSTS, *DUTIES, *BOARDS, *ROUTES),
        ),
    ),
)
