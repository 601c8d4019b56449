"""The register of the Shandong district's document: every order of it, in our own words."""

from portal.scheme.words import Clause, Later

TWO_DUTIES = Clause("SD-4a", "第四条", "一岗双责：镇街、工作区、村居各有第一责任人、分管领域的直接责任人和具体责任人。", "D")
MONTHLY_MEETING = Clause("SD-4b", "第四条", "镇街党委政府每月至少开一次安全生产会，应急中心主任列席。")
SIX_HAVES = Clause("SD-5", "第五条", "镇街“六有”：班子、机制、预案、队伍、物资、培训演练。")
CENTRE = Clause("SD-5b", "第五条", "设应急安全保障服务中心，一名班子成员分管，区镇双重管理，配执法取证和防护装备。")
THREE_HAVES = Clause("SD-6a", "第六条", "村、社区“三有”：场地设施、装备物资、工作制度。")
STAFFING = Clause("SD-6b", "第六条", "社区配二至三名专兼职安全管理员，村配一名专职；有条件的村再配兼职协管员。")
VILLAGE_OFFICE = Clause("SD-6d", "第六条", "村、社区设应急安全办公室，主任由主要负责人兼任。")
VILLAGE_PATROLS = Clause("SD-6c", "第六条", "村、社区日常巡查、排查隐患、上报违法；能处理的处理，处理不了的第一时间报镇街。", "W")
POSTS_FIXED = Clause("SD-8", "第八条", "定岗定员定责；人员变动须区编办和区应急管理局同意，并及时补齐。", "W")
CERTIFIED = Clause("SD-8b", "第八条", "执法人员持证上岗。")
TRAININGS = Clause("SD-9", "第九条", "镇街每年至少组织两次集中培训。")
STANDARDS = Clause("SD-11", "第十一条、第十九条第（三）项", "督促企业标准化创建和双重预防机制，突出重大隐患。", "D")
CASES = Clause("SD-12", "第十二条", "参与举报案件查处与上报，参加许可现场核查，做好事故善后。", "W")
DELEGATED = Clause("SD-13.1", "第十三条第（一）项", "受区局委托，在辖区对危化品、烟花爆竹和工贸企业执法。", "D")
ON_SITE = Clause(
    "SD-13.2", "第十三条第（二）项", "现场处置：当场纠正、限期改正、立即排除、撤出人员；对哪些企业，按第（一）项的范围理解。", "W"
)
INVESTIGATION = Clause(
    "SD-13.3", "第十三条第（三）项", "对违法行为和隐患调查取证、固定证据；对哪些企业，按第（一）项的范围理解。", "W"
)
FINES = Clause("SD-13.4", "第十三条第（四）项", "可以警告，或罚款五万元以内；超过的上交；对哪些企业，按第（一）项的范围理解。")
THREE_SYSTEMS = Clause("SD-14", "第十四条", "执法公示、全过程记录、重大决定法制审核。", "W")
INSPECTION_PLAN = Clause("SD-15", "第十五条", "订年度检查计划；每次检查前按企业实际订方案。", "W")
TRANSFER = Clause("SD-16", "第十六条", "发现问题及时移交有关部门；知情不报的追责。", "W")
THREE_TIERS = Clause(
    "SD-17a", "第十七条", "横向三级网格：镇街管规上和高危企业，工作区管规下企业，村居管九小场所；每个对象归一个网格、有具名的人。"
)
THREE_LINES = Clause(
    "SD-17b", "第十七条", "纵向三条线：行业监管、业务主管、综合监管；镇街明确主要、分管、站所负责人和工作人员的职责。"
)
LEADERS = Clause("SD-18", "第十八条", "责任领导：解决重大问题，检查指导责任人，每月至少开一次会。")
PERSONS = Clause("SD-19", "第十九条", "责任人：查企业主体责任，盯隐患到整改完，上报重大隐患，建动态档案，出事故赶到现场。", "W")
EVALUATION = Clause("SD-20", "第二十条", "以日常考核、专项督查、第三方电话访问和问卷、综合评估来考核。")
COMMENDATION = Clause("SD-21-23", "第二十一至二十三条", "表扬先进；连续两年受区以上表扬的，中心主任评优；敷衍失职的调离。", "D")
VETO = Clause("SD-24", "第二十四条", "发生责任事故一票否决。")
NEGATIVE_LIST = Clause("SD-24b", "第二十四条", "重大安全事项实行负面清单。", "D")
LADDER = Clause("SD-25", "第二十五条", "后督查抽查；工作不力的一次通报、二次约谈、三次启动问责。", "W")
IN_FORCE = Clause("SD-26", "第二十六条", "2024年起施行，到2029年止；月日在文本中空着。")

CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
LATER = (
    (Later.FIELD_WORK, (VILLAGE_PATROLS, ON_SITE, INVESTIGATION, TRANSFER, PERSONS)),
    (Later.PUBLIC_SIDE, (CASES, THREE_SYSTEMS)),
    (
        Later.OFFICES,
        (
            SIX_HAVES, CENTRE, THREE_HAVES, POSTS_FIXED, STANDARDS, INSPECTION_PLAN, EVALUATION, COMMENDATION, VETO,
            NEGATIVE_LIST, LADDER,
        ),
    ),
)  # fmt: skip
