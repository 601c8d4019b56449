"""The register of Tianjin's document: every order of it, in our own words."""

from portal.scheme.words import Clause, Later

BOTH = Clause("TJ-1", "一", "每个监管对象既有负有监管职责的部门，又有对应的网格员，两样都看得到；含职业健康。")
TIERS = Clause("TJ-2.1a", "二（一）", "街道、乡镇、园区一级，村、社区一级；大的可分几个网格，工业、商贸聚集区可单独成格。", "D")
DIRECT = Clause("TJ-2.1b", "二（一）", "规模大、规格高、风险高或基层管不了的单位，可由区级部门直接监管，不进网格。")
OTHER_GRIDS = Clause("TJ-2.1c", "二（一）", "尽量利用综治等既有网格，与安全网格对接。", "D")
INSPECTORS = Clause("TJ-2.2", "二（二）", "每个网格都有网格员；街镇现有监管、执法人员逐个定到网格；任务重的村居应当配。")
OTHER_DEPARTMENTS = Clause("TJ-2.2b", "二（二）", "其他负有监管职责的部门也在网格里配自己的网格员，责任到人。", "D")
DISTRICTS_DECIDE = Clause("TJ-2.2c", "二（二）、二（三）", "人数和其他任务由各区自己定。")
STREET_TASKS = Clause(
    "TJ-2.3a",
    "二（三）",
    "街镇网格员：查基层企业、三小场所、家庭户的非法经营，制止，有权的处罚、没权的上报；协助执法，送文件，搞宣传。",
    "W",
)
VILLAGE_TASKS = Clause(
    "TJ-2.3b",
    "二（三）",
    "村居网格员：现场巡查生产经营单位，发现问题第一时间报村居和街镇，上报安全信息；也是宣传员，宣讲法规和上级部署。",
    "W",
)
CHECKERS = Clause("TJ-3.2", "三（二）", "每个街镇、园区配安全检查员，市内六区和其他区各有人数要求（文本缺字）。")
MEANS = Clause("TJ-3.3", "三（三）", "有办公场所、检查装备、交通工具和防护用品。", "D")
TRAINED_FIRST = Clause("TJ-3.4", "三（四）", "先培训后上岗，列入年度计划。")
ASSESSED = Clause("TJ-3.5", "三（五）", "街镇网格化工作纳入年度责任制考核。")
INFORMATION = Clause(
    "TJ-3.6a", "三（六）", "信息采集更新、派送交办、现场处置、反馈、复查都在平台上：早发现、早报告、早治理、早提醒。", "W"
)
GRADED_ACCESS = Clause("TJ-3.6b", "三（六）", "信息分级使用、授权才能进。")
AGENCIES = Clause("TJ-3.7a", "三（七）", "第三方机构参与风险评估和整改指导。", "D")
CHANNELS = Clause("TJ-3.7b", "三（七）", "隐患、违法和事故的举报渠道畅通，举报有功及时兑现奖励。", "P")
FROM_ISSUE = Clause("TJ-0", "文末", "落款日期在文本里连成一串，没有分隔。", "D")

CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
LATER = (
    (Later.FIELD_WORK, (STREET_TASKS, VILLAGE_TASKS, INFORMATION)),
    (Later.PUBLIC_SIDE, (CHANNELS,)),
    (Later.OFFICES, (STREET_TASKS, MEANS, TRAINED_FIRST, ASSESSED, AGENCIES)),
)
