"""The register of Lishui EDZ's document: every order of it, in our own words."""

from portal.scheme.words import Clause, Later

TIERS = Clause(
    "LS-3a", "三", "三级网格：一级是开发区；二级是园区、农村两大网格；三级是园区16个、农村社区10个，与全科网格一致。", "D"
)
POSTS = Clause(
    "LS-3b",
    "三",
    "各级都有网格长；三级网格另有安监、环保助理各一名，安环专职网格员和全科网格员各一名；全区六名网格管理员，两人一组。",
)
LEADER_CHECK = Clause("LS-4.1", "四（一）", "网格长两个月查一次本网格，一年不少于六次，协调解决重大问题。")
PLAN = Clause("LS-4.2.1", "四（二）1", "助理定工作方案，编网格内宗地企业安全环保责任图。", "D")
QUARTER_MEETING = Clause("LS-4.2.3a", "四（二）3", "助理每季度至少召集一次网格员会议。")
MONTHLY_CHECK = Clause("LS-4.2.3b", "四（二）3", "助理每月把网格企业查一遍，一年不少于十二次。")
ASSESS = Clause("LS-4.2.3c", "四（二）3", "助理考核网格员、监督管理员，年终评比以此为重要依据。")
HAZARDS = Clause("LS-4.2.4", "四（二）4", "建立隐患举报、处理、销号制度；发现隐患立即组织整治，需要时牵头联合执法。", "W")
ACCIDENT = Clause("LS-4.2.5", "四（二）5", "安全、环保事故依法上报、处理和善后。", "W")
LISTED = Clause("LS-4.2.6", "四（二）6", "重大安全、环境隐患挂牌督办。", "W")
QUARTER_REPORT = Clause("LS-4.2.7", "四（二）7", "每季度总结并向安委办报表。")
WEEKLY = Clause(
    "LS-4.3.1",
    "四（三）1",
    "专职网格员每周把网格内宗地企业走遍并记入巡查手册；盯重点部位、违法施工和违规操作、“三合一”、非法生产使用储存销售危险品，以及环境隐患、污染源、投诉和建设项目。",
)
LEDGER = Clause("LS-4.3.2", "四（三）2", "排摸企业变化，及时更新台账。", "D")
PUBLICITY = Clause("LS-4.3.3", "四（三）3", "宣传安全环保知识，传达预警和通知。", "W")
STOPPING = Clause("LS-4.3.4", "四（三）4", "对隐患和环境违法行为劝导、制止，必要时疏散人员、设临时警示。", "W")
REPORTING = Clause(
    "LS-4.3.5", "四（三）5", "发现问题报管理员和助理；现场处理不了的由助理处置或交办并报网格长；紧急时可同时直接报有关部门。", "W"
)
TRACKING = Clause("LS-4.3.6", "四（三）6", "跟踪整改：拖延就催办，超期报管理员和助理，紧急时同时报部门，直到消除。")
GENERAL = Clause("LS-4.4", "四（四）", "全科网格员配合巡查和信息报告。")
MANAGERS = Clause("LS-4.5", "四（五）", "网格管理员管日常事务、会议、档案、催办督办、监管网格员和平台。", "W")
ROSTER = Clause("LS-4.5.5", "三", "网格管理员负责值班安排。", "D")
TASKS = Clause("LS-4.tasks", "四", "完成网格长、助理和安监、生态环境部门交办的其他工作。", "W")
SERVICE = Clause("LS-5", "五", "政府购买巡查服务：二十名服务人员，每年约一百八十一万五千元，由安监局会同环保局实施。", "D")
SUPERVISION = Clause("LS-6.2", "六（二）", "安委办会同督察室每半年督查一次并通报，好的宣传，差的点名批评。")
TRAINED_FIRST = Clause("LS-6.3a", "六（三）", "先培训后上岗，会检查、会记录、会报告、会处置。")
CONFIDENTIAL = Clause("LS-6.3b", "六（三）", "对网格员做保密教育，不外泄网格数据和企业秘密。", "D")
ADJUST = Clause("LS-6.5", "六（五）", "安委办可按运行情况调整人员和职责。")
FROM_ISSUE = Clause("LS-0", "印发通知", "2019年6月4日印发，遵照执行。", "D")

CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
LATER = (
    (
        Later.FIELD_WORK,
        (HAZARDS, ACCIDENT, LISTED, LEDGER, PUBLICITY, STOPPING, REPORTING, TRACKING, TASKS),
    ),
    (Later.OFFICES, (PLAN, ASSESS, PUBLICITY, MANAGERS, ROSTER, SERVICE, SUPERVISION, TRAINED_FIRST, CONFIDENTIAL)),
)
