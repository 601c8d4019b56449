"""The register of Lishui EDZ's document: every order of it, in our own words."""

from portal.scheme.words import Clause, Later

WORK_LIST = Clause(
    "LS-2",
    "二",
    "建立网格安全环保日常工作清单，加强网格员队伍和业务培训，落实保障；力争2019年底前初步建成覆盖全域的网格监管体系。",
    "D",
)
TIERS = Clause(
    "LS-3a", "三", "三级网格：一级是开发区；二级是园区、农村两大网格；三级是园区16个、农村社区10个，与全科网格一致。", "D"
)
POSTS = Clause(
    "LS-3b",
    "三",
    "各级都有网格长：一级是主要领导，园区是分管安全和环保的领导，农村是“分管街道领导”，三级是管委会班子成员，统一领导；"
    "三级网格另有安监、环保助理各一名，安环专职网格员和全科网格员各一名；全区六名网格管理员，两人一组。",
)
LEADER_CHECK = Clause(
    "LS-4.1",
    "四（一）",
    "网格长每两个月查一次本网格，一年不少于六次；指导本网格人员，协调解决重大问题，督促安监、环保和其他主管部门处理。",
)
PLAN = Clause(
    "LS-4.2.1", "四（二）1", "助理定工作方案，写明企业安全、环保负责人和专职网格员的职责，编网格内宗地企业安全环保责任图。", "D"
)
GUIDE = Clause("LS-4.2.2", "四（二）2", "助理监督、指导专职网格员、管理员和全科网格员履职。")
QUARTER_MEETING = Clause("LS-4.2.3a", "四（二）3", "助理每季度至少召集一次网格员会议。")
MONTHLY_CHECK = Clause("LS-4.2.3b", "四（二）3", "助理每月把网格企业查一遍，一年不少于十二次。")
ASSESS = Clause("LS-4.2.3c", "四（二）3", "助理考核网格员，监督日常管理责任的落实；三种网格人员的年终评比以此为重要依据。")
HAZARDS = Clause(
    "LS-4.2.4",
    "四（二）4",
    "助理建立隐患举报、处理、销号制度，抓好隐患排查治理；发现隐患立即组织整治，要部门配合的牵头联合执法。",
    "W",
)
ACCIDENT = Clause("LS-4.2.5", "四（二）5", "助理对安全、环保事故依法上报、处理和善后。", "W")
LISTED = Clause("LS-4.2.6", "四（二）6", "助理按规定对上报的重大安全、环境隐患挂牌督办。", "W")
QUARTER_REPORT = Clause("LS-4.2.7", "四（二）7", "助理每季度总结本辖区的安全环保工作，向安委办报表。")
WEEKLY = Clause(
    "LS-4.3.1",
    "四（三）1",
    "专职网格员按计划作重点检查和日常巡查，每周走遍网格内宗地企业并记入巡查手册；盯企业的人员、设施、重点部位和场所、"
    "违法施工和违规操作、“三合一”、非法生产使用储存销售危险品，以及环境隐患、污染源、投诉、纠纷和建设项目。",
)
LEDGER = Clause("LS-4.3.2", "四（三）2", "定期排摸企业变化，及时更新台账。", "D")
PUBLICITY = Clause("LS-4.3.3", "四（三）3", "宣传安全环保知识，传达预警和通知。", "W")
STOPPING = Clause("LS-4.3.4", "四（三）4", "对隐患和环境违法行为应及时劝导、制止，必要时及时疏散人员、设临时警示。", "W")
REPORTING = Clause(
    "LS-4.3.5", "四（三）5", "发现问题报管理员和助理；现场处理不了的由助理处置或交办并报网格长；紧急时可同时直接报有关部门。", "W"
)
TRACKING = Clause("LS-4.3.6", "四（三）6", "跟踪整改：拖延就催办，超期报管理员和助理，紧急时可同时直接报主管部门，直到消除。")
GENERAL = Clause("LS-4.4", "四（四）", "全科网格员配合巡查和信息报告。")
MANAGERS = Clause(
    "LS-4.5",
    "四（五）",
    "网格管理员协助处理日常事务，办会议，汇总信息、管档案，监管专职网格员，上传下达，催办督办，协助督查考核，管平台，协助起草制度。",
    "W",
)
MANAGERS_WORK = Clause(
    "LS-3c", "三", "网格管理员管日常事务、值班、培训和考核，管档案和信息，传达上级要求；监管考核、安全、环保各两名。", "D"
)
TASKS = Clause("LS-4.tasks", "四", "网格长、助理以及安监、环保两个部门另外交办的事，也要办。", "W")
SERVICE = Clause(
    "LS-5", "五", "政府购买巡查服务：服务方出二十人和办公设备，每年约一百八十一万五千元，由安监局会同环保局实施。", "D"
)
SUPERVISION = Clause(
    "LS-6.2",
    "六（二）",
    "安委办统一调度，定期通报；每半年会同督察室督查并通报：好办法宣传推广，新问题一起探讨，"
    "工作不力、造成不良影响的，对网格管理人员通报批评，后果严重的依法依规处理。",
)
TRAINED_FIRST = Clause(
    "LS-6.3a", "六（三）", "先培训后上岗；安监、环保部门统筹，定期请专家或专业机构来讲；学会检查、记录、报告和处置。"
)
CONFIDENTIAL = Clause("LS-6.3b", "六（三）", "加强网格员保密教育，不外泄网格的重要数据和企业的商业、技术秘密。", "D")
PAY = Clause("LS-6.4", "六（四）", "网格员的待遇要合理并落实，必需的防护用品要配齐，都与任务和危险相称，稳定队伍。", "D")
ADJUST = Clause("LS-6.5", "六（五）", "安委办按实际运行情况完善、调整人员和职责。")
FROM_ISSUE = Clause("LS-0", "印发通知", "2019年6月4日印发给街道办事处、区属部门、集团公司和生产经营单位，遵照执行。", "D")

OTHERWISE = ((ADJUST, "调整以后写成新的版本，从施行那天起按新的办；以前的照旧。"),)
CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
LATER = (
    (
        Later.FIELD_WORK,
        (HAZARDS, ACCIDENT, LISTED, LEDGER, PUBLICITY, STOPPING, REPORTING, TRACKING, TASKS),
    ),
    (
        Later.OFFICES,
        (
            *(WORK_LIST, PLAN, ASSESS, PUBLICITY, MANAGERS, MANAGERS_WORK),
            *(SERVICE, SUPERVISION, TRAINED_FIRST, CONFIDENTIAL, PAY),
        ),
    ),
)
