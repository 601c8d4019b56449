"""The register of Wuzhong's document: every order of it, in our own words."""

from portal.scheme.words import Clause, Later

REFINED = Clause(
    "WZ-2", "第二条", "属地部门是各开发区（含太湖新城）安环局，镇、街道应急管理局和化管办；可以在本办法之下细化本地做法。"
)
ROLE = Clause("WZ-3", "第三条", "专职监管员统一培训、统一考核，合格后领工作证；听从区局指挥，协助行政执法人员巡检。")
ISSUERS = Clause("WZ-3b", "第三条", "工作证由属地应急管理部门发，人员由其调配管理，业务听从区应急管理局指挥。", "D")
PUBLICITY = Clause("WZ-5.1", "第五条第（一）项", "向单位宣讲安全生产法规和政策，并帮执法人员了解单位执行得怎样。", "W")
GUIDANCE = Clause("WZ-5.2", "第五条第（二）项", "指导单位建责任制、立规章、管好现场、记好台账。", "W")
CENSUS = Clause("WZ-5.3", "第五条第（三）项", "随时摸清辖区单位的搬迁、关闭和新办，采集基础数据，一家一份档案。", "D")
UPWARD = Clause("WZ-5.3b", "第五条第（三）项", "上级要数据时及时、准确地报。", "W")
SYSTEMS = Clause("WZ-5.4", "第五条第（四）项", "会用省、区两套风险系统，并帮单位在其中把信息填全、任务做完。", "D")
SELF_CHECKS = Clause("WZ-5.5", "第五条第（五）项", "督促单位定期自查风险点管控措施、自己排查隐患，记入系统直到整改完。", "W")
PATROLS = Clause(
    "WZ-5.6",
    "第五条第（六）项",
    "线上线下巡检单位的自查；发现遗漏、缺措施、没落实或拖延的，报执法人员确认后告知并督促整改，整改期内到现场核实，记入系统直到闭环。",
    "W",
)
CAMPAIGNS = Clause("WZ-5.7", "第五条第（七）项", "协助属地部门做各项专项整治和隐患排查治理。", "W")
COVERAGE = Clause("WZ-5.8", "第五条第（八）项", "网格内每家单位、前七项任务，两个月内至少轮到一遍。")
ACCIDENTS = Clause("WZ-5.9", "第五条第（九）项", "出事故时协助救援、护好现场、抢救和善后，并配合调查。", "W")
OTHER_TASKS = Clause("WZ-5.10", "第五条第（十）项", "完成区局和属地部门另外交办的安全、应急任务。", "W")
AT_THE_DOOR = Clause("WZ-7a", "第七条", "进门先亮工作证，说清来意、查什么、查到哪里、要对方做什么。")
RECUSAL = Clause("WZ-7b", "第七条", "与当事人有直接利害关系的监管员要回避。")
RECORD = Clause("WZ-8", "第八条", "巡检记下时间、地点、部位、内容、情况和处理，由单位现场负责人写意见并签名。", "D")
GENERAL_HAZARD = Clause("WZ-8.1", "第八条第（一）项", "一般隐患或违法行为：马上报执法人员，确认后告知单位、督促整改并记录。", "W")
MAJOR_HAZARD = Clause("WZ-8.2", "第八条第（二）项", "重大隐患：马上报执法人员，确认后督促停作业、撤人员、做应急处置。", "W")
EVIDENCE = Clause("WZ-8.3", "第八条第（三）项", "每处隐患和违法行为都要留存现场证据。", "D")
STAFF_FILES = Clause("WZ-9", "第九条", "管好考勤、请假、例会、培训和个人档案，招聘与上岗考核材料妥善保存。", "D")
INTEGRITY = Clause("WZ-10", "第十条", "属地部门建立廉政学习制度，开展廉政教育，学习典型案例。", "D")
WORK_PLANS = Clause("WZ-11", "第十一条", "属地部门要有本地细则、年度计划和日常工作清单。", "D")
EQUIPMENT = Clause("WZ-12", "第十二条", "统一着装、统一编号，配安全帽和移动终端。", "D")
BOARD = Clause(
    "WZ-13",
    "第十三条",
    "在网格内企业显眼处挂公示牌：责任区、照片、姓名、联系电话、服务内容、管理职责，方便办事，也接受监督。",
    "B",
)
TRAINING = Clause("WZ-14", "第十四条", "新任先受训至少一个月，以后每年至少半个月；鼓励考取专业证书。")
CONDUCT = Clause(
    "WZ-15",
    "第十五条第（一）至（八）项",
    "监管员必须遵守的八条工作纪律：钱物、宴请、中介、刁难、怠工、饮酒、泄密，以及其他纪律和法律法规。",
    "P",
)
CONDUCT_CHECKS = Clause("WZ-16", "第十六条", "属地部门定期查监管员的日常行为和纪律。", "W")
ASSESSMENT = Clause("WZ-17", "第十七条", "属地部门自己制定考核办法，每半年考核评议一次。")
REWARDS = Clause("WZ-18-20", "第十八至二十条", "考核结果用于评优、表彰、晋升、薪酬和进出。", "D")
IN_FORCE = Clause("WZ-22", "第二十二条", "从印发那天起施行；公布的文本没有给出是哪一天。", "D")

CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
LATER = (
    (
        Later.FIELD_WORK,
        (
            PUBLICITY, GUIDANCE, CENSUS, SYSTEMS, SELF_CHECKS, PATROLS, CAMPAIGNS, ACCIDENTS, OTHER_TASKS, AT_THE_DOOR, RECORD,
            GENERAL_HAZARD, MAJOR_HAZARD, EVIDENCE,
        ),
    ),
    (
        Later.OFFICES,
        (
            ROLE, PUBLICITY, CENSUS, UPWARD, STAFF_FILES, INTEGRITY, WORK_PLANS, EQUIPMENT, TRAINING, CONDUCT_CHECKS, ASSESSMENT,
            REWARDS,
        ),
    ),
)  # fmt: skip
