"""The register of the Shandong district's document: every order of it, in our own words."""

from portal.scheme.words import Clause, Later

TWO_DUTIES = Clause(
    "SD-4a",
    "第四条",
    "一岗双责：镇、街道、经开区（下称镇街）的书记、镇长（主任）是第一责任人，其他副职对分管领域直接负责，站所负责人对监管领域具体负责；"
    "工作区、村居的书记和主任对本区域直接负责，工作区工作人员和村居两委成员具体负责。",
    "D",
)
MONTHLY_MEETING = Clause("SD-4b", "第四条", "镇街党委政府每月至少开一次安全生产会，应急中心主任列席。")
ENFORCEMENT_MONEY = Clause("SD-4c", "第四条", "执法经费列入同级财政预算，安全投入有保证。", "D")
SIX_HAVES = Clause("SD-5", "第五条", "镇街“六有”：班子、机制、预案、队伍、物资、培训演练。")
CENTRE = Clause(
    "SD-5b", "第五条", "设应急安全保障服务中心，一名班子成员分管安全，区镇双重管理，配办公用品和取证、检查、防护装备。"
)
THREE_HAVES = Clause("SD-6a", "第六条", "村、社区“三有”：场地设施、装备物资、工作制度。")
STAFFING = Clause("SD-6b", "第六条", "社区配二至三名专兼职安全管理员，村配一名专职；有条件的村再配兼职协管员。")
VILLAGE_OFFICE = Clause("SD-6d", "第六条", "村、社区设应急安全办公室，主任由主要负责人兼任。")
VILLAGE_PATROLS = Clause(
    "SD-6c", "第六条", "村、社区日常巡查、排查隐患、上报违法行为；及时处置，处置不了的第一时间报属地党委政府。", "W"
)
EXPERTS = Clause("SD-7", "第七条", "鼓励镇街、村社区购买服务、请专家排查隐患；鼓励请注册安全工程师到高危、规上企业作指导。", "D")
POSTS_FIXED = Clause("SD-8", "第八条", "定岗定员定责；人员变动须区编办和区应急管理局同意，并及时补齐。", "W")
CERTIFIED = Clause("SD-8b", "第八条", "执法人员持证上岗。")
TRAININGS = Clause("SD-9", "第九条", "镇、街道每年至少组织两次集中培训。")
TRAINING_PLAN = Clause("SD-9b", "第九条", "制定专门的培训计划，用多种形式培训一线监管人员。", "D")
LEVELS = Clause("SD-10", "第十条", "监管分类分级，落实属地责任，强化综合监管。", "D")
STANDARDS = Clause(
    "SD-11",
    "第十一条、第十九条第（三）项",
    "督促企业标准化创建；督促、指导企业建双重预防机制，突出重大事故隐患的查、改、报。",
    "D",
)
CASES = Clause("SD-12", "第十二条", "参与举报案件的查处、上报，参加许可现场核查，做好事故善后，参与事故调查。", "W")
DELEGATED = Clause(
    "SD-13.1", "第十三条第（一）项", "各镇、街道受区局委托，按分类分级和管辖权限，在辖区对危化品、烟花爆竹和工贸企业执法。", "D"
)
ON_SITE = Clause(
    "SD-13.2",
    "第十三条第（二）项",
    "监督检查中发现非法、违法或隐患的，可以当场纠正、限期改正、限期达到要求、立即排除、撤出人员。",
    "W",
)
INVESTIGATION = Clause("SD-13.3", "第十三条第（三）项", "对单位的违法行为调查，收集、固定证据。", "W")
FINES = Clause("SD-13.4", "第十三条第（四）项", "可以警告，或对个人、单位罚款五万元以内，含五万元。")
THREE_SYSTEMS = Clause("SD-14", "第十四条", "执法公示、全过程记录、重大决定法制审核。", "W")
UNSCHEDULED = Clause("SD-14b", "第十四条", "安全监管人员不定期检查、督查，督促整改事故隐患。", "W")
INSPECTION_PLAN = Clause(
    "SD-15", "第十五条", "镇、街道应订年度执法检查计划，减少执法次数、提高水平；每次检查前应按企业实际订方案。", "W"
)
TRANSFER = Clause("SD-16", "第十六条", "发现非法、违法行为及时移交或报告有关部门；知情不报的追责，发生事故的依法问责。", "W")
JOINT = Clause("SD-16b", "第十六条", "部门之间资源共享、信息互通，部门和镇街联合执法、联合惩戒，加强警示。", "W")
THREE_TIERS = Clause(
    "SD-17a",
    "第十七条",
    "横向三级网格，划分干净、责任到人：镇街重点监管规上和高危企业，工作区重点监管规下企业，村居重点监管几个行业的“九小场所”。",
)
THREE_LINES = Clause(
    "SD-17b", "第十七条", "纵向三条线：行业监管、业务主管、综合监管；镇街明确主要、分管、站所负责人和工作人员的职责。"
)
LEADERS = Clause("SD-18", "第十八条", "责任领导：协调解决重大问题，检查、培训、指导责任人，每月至少开一次会。")
PERSONS = Clause(
    "SD-19",
    "第十九条",
    "责任人：查企业主体责任，盯隐患到整改完，及时上报重大隐患和非法违法行为，建动态监控档案；"
    "出事故赶到现场，参加救援和善后，协助调查；还有其他该履行的职责。",
    "W",
)
EVALUATION = Clause("SD-20", "第二十条", "以日常考核、专项督查、第三方电话访问和问卷、综合评估来考核。")
COMMENDATION = Clause(
    "SD-21-23",
    "第二十一至二十三条",
    "表扬先进；镇街连续两年受区以上表扬的，中心主任评优；创新做法被市级以上推广的，表扬或奖励；"
    "成绩突出的优先提拔；敷衍、不敢担当的调离，情节严重或酿成责任事故的追责。",
    "D",
)
VETO = Clause("SD-24", "第二十四条", "发生责任事故一票否决。")
NEGATIVE_LIST = Clause("SD-24b", "第二十四条", "重大安全事项实行负面清单。", "D")
GRASS_ROOTS = Clause("SD-24c", "第二十四条", "区安委会督导考核，安全生产列入基层高质量发展考核。", "D")
LADDER = Clause(
    "SD-25",
    "第二十五条",
    "后督查，抽查企业、实名制、部门各方责任的落实；工作不力的一次通报、二次约谈、三次启动问责，违规违纪的追究责任人。",
    "W",
)
IN_FORCE = Clause("SD-26", "第二十六条", "2024年起施行，到2029年止；月日在文本中空着。")

CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
LATER = (
    (Later.FIELD_WORK, (VILLAGE_PATROLS, ON_SITE, INVESTIGATION, UNSCHEDULED, TRANSFER, JOINT, PERSONS)),
    (Later.PUBLIC_SIDE, (CASES, THREE_SYSTEMS)),
    (
        Later.OFFICES,
        (
            ENFORCEMENT_MONEY,
            SIX_HAVES,
            CENTRE,
            THREE_HAVES,
            EXPERTS,
            POSTS_FIXED,
            TRAINING_PLAN,
            LEVELS,
            STANDARDS,
            INSPECTION_PLAN,
            EVALUATION,
            COMMENDATION,
            VETO,
            NEGATIVE_LIST,
            GRASS_ROOTS,
            LADDER,
        ),
    ),
)
