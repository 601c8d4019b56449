"""The register of Tianjin's document: every order of it, in our own words."""

from portal.scheme.words import Clause, Later

BOTH = Clause("TJ-1", "一", "每个监管对象由哪个部门监管、对应哪个网格员，都要明确；含职业健康。")
GOAL = Clause("TJ-1b", "一", "力争2018年底初步建成，街镇、村居和监管对象都覆盖到。", "D")
TIERS = Clause(
    "TJ-2.1a",
    "二（一）",
    "街道、乡镇、园区一级，村、社区一级；原则上以街镇、村居为单位，大的可以分几个网格，工业、商贸聚集区也可以单独成格。",
    "D",
)
DIRECT = Clause("TJ-2.1b", "二（一）", "规模大、规格高、风险高或基层管不了的单位，可以由区级部门直接监管，不进网格。")
OTHER_GRIDS = Clause("TJ-2.1c", "二（一）", "可以尽量利用综治等既有网格，推动在队伍、机制、绩效和平台上与安全网格对接。", "D")
INSPECTORS = Clause(
    "TJ-2.2",
    "二（二）",
    "每个网格都有网格员，可以用现有人员或购买服务；街镇现有监管、执法人员逐个定到网格；任务较重的村居应当配自己的。",
)
OTHER_DEPARTMENTS = Clause("TJ-2.2b", "二（二）", "街镇（园区）其他负有监管职责的部门也要在网格里配网格员，责任到人。", "D")
VILLAGES_HELP = Clause("TJ-2.2d", "二（二）", "发挥村委会、居委会的作用，发现隐患和违法行为，加强信息沟通，形成合力。", "W")
DISTRICTS_DECIDE = Clause(
    "TJ-2.2c",
    "二（二）、二（三）",
    "村居网格员的人数由各区定；街镇、村居网格员的其他任务，各区可以按需要定；网格员的分布可以按任务轻重适度调整。",
)
STREET_TASKS = Clause(
    "TJ-2.3a",
    "二（三）",
    "街镇网格员：重点查基层企业、三小场所、家庭户的非法经营，及时制止，有权的处罚、没权的应当按程序上报处理；"
    "协助检查执法，督促单位定责任制和规程、管好现场、完善安全条件；送文件，搞宣传。",
    "W",
)
VILLAGE_TASKS = Clause(
    "TJ-2.3b", "二（三）", "村居网格员：现场巡查生产经营单位，发现问题第一时间报村居和街镇，上报安全信息。", "W"
)
ROLES = Clause(
    "TJ-2.3c",
    "二（三）",
    "网格员都是监管员、信息员、宣传员：对网格内企业分级分类监管，采集基础信息，宣讲法规、上级部署和监管指令。",
)
LEADERSHIP = Clause(
    "TJ-3.1", "三（一）", "区主要领导亲自部署，责任、人员、资金、装备都要到位；分管领导集中精力抓；制度逐步健全。", "D"
)
CHECKERS = Clause(
    "TJ-3.2",
    "三（二）",
    "加强街镇监管力量，用购买服务等方式为每个街镇、园区配安全检查员；市内六区和其他区各有人数要求（文本缺字）。",
)
ENFORCEMENT = Clause("TJ-3.2b", "三（二）", "探索派驻、委托和购买服务等办法，加强和规范街镇（园区）的监管执法。", "D")
MEANS = Clause("TJ-3.3", "三（三）", "各区加大投入；为监管部门、执法队伍和网格员备好办公场所、装备、交通工具和防护用品。", "D")
TRAINED_FIRST = Clause("TJ-3.4", "三（四）", "执法人员和网格员先培训后上岗，列入年度计划，定期培训。")
ASSESSED = Clause("TJ-3.5", "三（五）", "各区把街镇（园区）网格化工作纳入年度责任制考核，督促检查组建工作。")
INFORMATION = Clause(
    "TJ-3.6a",
    "三（六）",
    "搭建或融入已有平台；信息采集更新、派送交办、现场处置、反馈、复查都在平台上：问题早发现、早报告、早治理，复查早提醒。",
    "W",
)
GRADED_ACCESS = Clause("TJ-3.6b", "三（六）", "建立信息安全保障体系，信息分级使用、授权才能进。")
AGENCIES = Clause("TJ-3.7a", "三（七）", "发挥第三方机构的作用：参与网格建设、风险评估，协助指导单位整改。", "D")
CHANNELS = Clause("TJ-3.7b", "三（七）", "隐患、违法和事故的举报渠道畅通，举报有功及时兑现奖励。", "P")
FROM_ISSUE = Clause("TJ-0", "文末", "落款日期在文本里连成一串，没有分隔。", "D")

OTHERWISE = (
    (OTHER_GRIDS, "由“其他系统的网格”页面执行：登记综治等既有网格，写明各在本站的哪个网格里。队伍、绩效怎样对接是部门的事。"),
    (GRADED_ACCESS, "由账号执行：谁看得到什么，由授权的角色和辖区决定。"),
)
CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
LATER = (
    (Later.FIELD_WORK, (VILLAGES_HELP, STREET_TASKS, VILLAGE_TASKS, INFORMATION)),
    (Later.PUBLIC_SIDE, (CHANNELS,)),
    (Later.OFFICES, (GOAL, STREET_TASKS, LEADERSHIP, ENFORCEMENT, MEANS, TRAINED_FIRST, ASSESSED, AGENCIES)),
)
