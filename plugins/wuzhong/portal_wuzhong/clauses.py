"""The register of Wuzhong's document: every order of it, in our own words."""

from portal.scheme.words import Clause, Later

REFINED = Clause(
    "WZ-2", "第二条", "属地部门是各开发区（含太湖新城）安环局，镇、街道应急管理局和化管办；可以在本办法之下细化本地做法。"
)
ROLE = Clause(
    "WZ-3", "第三条", "专职监管员由属地部门统一调配、培训、管理、考核，合格后领工作证；听从区局指挥，协助行政执法人员巡检。"
)
ISSUERS = Clause("WZ-3b", "第三条", "工作证由属地应急管理部门发，人员由其调配、培训、管理、考核，统一听从区应急管理局指挥。", "D")
WHO_USES = Clause("WZ-4", "第四条", "谁用人，谁管理，谁负责；用人从严，管理规范，待遇有保障，服务基层。", "D")
ASSISTING = Clause("WZ-5", "第五条", "下列十项工作，监管员按属地部门的安排、协助行政执法人员来做。", "W")
PUBLICITY = Clause("WZ-5.1", "第五条第（一）项", "向单位宣讲安全生产法规、标准和政策，并协助执法人员了解单位执行得怎样。", "W")
GUIDANCE = Clause("WZ-5.2", "第五条第（二）项", "指导单位建全员责任制、立规章、管好现场、记好台账，把安全生产各项工作落实。", "W")
CENSUS = Clause(
    "WZ-5.3",
    "第五条第（三）项",
    "经常、动态地摸清辖区单位，及时掌握搬迁、关闭和新进，协助采集基础数据，完善一家一份的档案。",
    "D",
)
UPWARD = Clause("WZ-5.3b", "第五条第（三）项", "按上级要求，把数据及时、准确地报上去。", "W")
SYSTEMS = Clause("WZ-5.4", "第五条第（四）项", "熟练使用省、区两套风险系统，指导、协助单位用对，在其中填全信息、落实任务。", "D")
SELF_CHECKS = Clause(
    "WZ-5.5",
    "第五条第（五）项",
    "协助执法人员定期巡检单位；督促、指导单位定期自查各风险点的措施并记入两套系统，常态化排查治理隐患，录入区系统直到闭环。",
    "W",
)
PATROLS = Clause(
    "WZ-5.6",
    "第五条第（六）项",
    "线上线下巡检单位的自查；发现遗漏、缺措施、没落实或拖延的，及时报属地部门执法人员，确认后立即告知并督促、引导整改，"
    "整改期内到现场核实，记入系统直到闭环。",
    "W",
)
CAMPAIGNS = Clause("WZ-5.7", "第五条第（七）项", "协助属地部门做各项专项整治和隐患排查治理。", "W")
COVERAGE = Clause("WZ-5.8", "第五条第（八）项", "每两个月至少把网格内的单位全部巡检一遍，并完成前七项任务。")
ACCIDENTS = Clause("WZ-5.9", "第五条第（九）项", "出事故时协助有关部门和单位救援、护好现场、抢救和善后，并配合调查。", "W")
OTHER_TASKS = Clause("WZ-5.10", "第五条第（十）项", "完成区局和属地部门另外交办的安全、应急任务。", "W")
MANNER = Clause("WZ-6", "第六条", "巡检应当依法、规范、文明、严谨、细致。", "P")
AT_THE_DOOR = Clause("WZ-7a", "第七条", "进门应当主动亮工作证，说清来意、查什么、查到哪里、要对方做什么。")
RECUSAL = Clause("WZ-7b", "第七条", "与当事人有直接利害关系的监管员应当回避。")
RECORD = Clause("WZ-8", "第八条", "巡检应当详细记下时间、地点、部位、内容、情况和处理，由单位现场负责人写意见并签名。", "D")
GENERAL_HAZARD = Clause(
    "WZ-8.1",
    "第八条第（一）项",
    "一般事故隐患或违法违规：马上报属地部门执法人员，确认后及时告知单位，督促、引导整改，做好记录。",
    "W",
)
MAJOR_HAZARD = Clause(
    "WZ-8.2",
    "第八条第（二）项",
    "重大事故隐患：马上报属地部门执法人员，确认后及时告知单位，督促、引导其立即停下有关作业、撤出人员，指导、协助应急处置。",
    "W",
)
EVIDENCE = Clause("WZ-8.3", "第八条第（三）项", "每处事故隐患和违法违规行为，都必须收集、保存现场证据。", "D")
STAFF_FILES = Clause("WZ-9", "第九条", "属地部门管好考勤、请假、例会、培训和工作档案，招聘与上岗考核材料妥善保存。", "D")
INTEGRITY = Clause("WZ-10", "第十条", "属地部门建立廉政学习制度，开展廉政教育，学习典型案例。", "D")
WORK_PLANS = Clause("WZ-11", "第十一条", "属地部门应制定本地细则、年度计划和日常工作清单。", "D")
EQUIPMENT = Clause("WZ-12", "第十二条", "属地部门按区里的着装配置方案统一着装、统一编号，并把安全帽、移动终端等装备配到位。", "D")
BOARD = Clause(
    "WZ-13",
    "第十三条",
    "属地部门在网格内企业显眼处设公示牌：责任区、照片、姓名、联系电话、服务内容、管理职责，方便办事，也接受监督。",
    "B",
)
TRAINING = Clause("WZ-14", "第十四条", "属地部门规范培训：初任的岗前至少一个月，以后每年至少半个月；鼓励参加职业资格考试。")
CONDUCT = Clause(
    "WZ-15",
    "第十五条第（一）至（八）项",
    "监管员必须遵守的八条工作纪律：钱物、宴请、中介、举止和刁难、怠工、饮酒、泄密，以及其他纪律和法律法规。",
    "P",
)
CONDUCT_CHECKS = Clause("WZ-16", "第十六条", "属地部门定期查监管员的日常行为和纪律。", "W")
ASSESSMENT = Clause("WZ-17", "第十七条", "属地部门自己制定考核办法，每半年考核评议一次。")
REWARDS = Clause(
    "WZ-18-20",
    "第十八至二十条",
    "考核结果与奖惩挂钩，是评优的重要依据；评为优秀的，建议推荐为全区先进并表彰；属地部门建立晋升、薪酬激励，健全进入、成长和退出。",
    "D",
)
EXPLAINED = Clause("WZ-21", "第二十一条", "由区应急管理局解释，并按法律法规和上级的规定修改、补充。", "D")
IN_FORCE = Clause("WZ-22", "第二十二条", "从印发那天起施行；公布的文本没有给出是哪一天。", "D")

CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
LATER = (
    (
        Later.FIELD_WORK,
        (
            PUBLICITY,
            GUIDANCE,
            CENSUS,
            SYSTEMS,
            SELF_CHECKS,
            PATROLS,
            CAMPAIGNS,
            ACCIDENTS,
            OTHER_TASKS,
            AT_THE_DOOR,
            RECORD,
            GENERAL_HAZARD,
            MAJOR_HAZARD,
            EVIDENCE,
            ASSISTING,
        ),
    ),
    (
        Later.OFFICES,
        (
            ROLE,
            WHO_USES,
            PUBLICITY,
            CENSUS,
            UPWARD,
            STAFF_FILES,
            INTEGRITY,
            WORK_PLANS,
            EQUIPMENT,
            TRAINING,
            CONDUCT_CHECKS,
            ASSESSMENT,
            REWARDS,
        ),
    ),
)
