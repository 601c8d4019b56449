"""The register of Changzhou EDZ's document: every order of it, in our own words."""

from portal.scheme.words import Clause, Later

SCOPE = Clause("CZ-0", "标题、六（四）", "只管工业企业。")
COVERAGE = Clause("CZ-1", "一", "力争到2022年底初步建成网格体系，把镇街、村社区和监管对象都覆盖到。")
TOWNS_REFINE = Clause("CZ-2.1", "二（一）、四（二）", "由经开区安委办牵头建设和运行；各镇街应按自身实际再细化实施细则。")
DILIGENCE = Clause("CZ-2.2", "二（二）", "镇街既要明确职责，又要定合理的绩效奖励，健全激励约束机制；还要有尽职免责机制。", "D")
PILOT_FIRST = Clause("CZ-2.3", "二（三）", "横林、横山桥、遥观三镇先试点，有了经验再全面铺开。")
DIVISION = Clause(
    "CZ-3.1a", "三（一）", "以镇街为单位划网格，原则上以村、社区为基础；经济规模大或单位多的村（社区），可分几个网格。", "D"
)
FILED = Clause("CZ-3.1b", "三（一）", "网格怎样划，镇街要到经开区政法和应急管理局办备案。", "W")
DIRECT = Clause("CZ-3.1c", "三（一）", "规模大、规格高、风险高或基层管不了的单位，可由镇街应急管理部门直接监管，不进网格。")
ONE_EACH = Clause("CZ-3.2a", "三（二）", "每个网格都要有网格员；原则上一格一员，村、社区的原则上以安管员为主。")
WHO_SERVES = Clause(
    "CZ-3.2b", "三（二）", "村社区网格原则上以村社区安管员为主；园区、功能区网格应由镇街或同级以上开发区的在岗人员担任。"
)
WORKLOAD = Clause("CZ-3.2c", "三（二）", "按企业性质、危险程度、规模和重要性，可适度调整网格员分布，人与任务相称。")
AGENCIES = Clause(
    "CZ-3.3",
    "三（三）",
    "专业能力不足的地区，镇街应购买第三方技术支撑，按成长值从市名单里选；服务期内第三方不得单独给同一辖区的企业做技术辅导。",
)
ROLES = Clause("CZ-4.1", "四（一）", "网格员当信息员、宣传员、监督员，协助监管部门做到动态监管、源头治理、前端处理。", "D")
HANDLED = Clause(
    "CZ-4.2",
    "四（二）",
    "网格员报来的非法、违法行为由镇街依法处置，或及时报给经开区政法和应急管理局；跟踪到及时整改，配合打击非法违法行为。",
    "W",
)
TOWNS_MANAGE = Clause(
    "CZ-4.2b",
    "四（二）、五（二）",
    "镇街按企业风险报告情况划网格、定人员，解决人员和经费，建立工作机制，制定实施细则、考核制度和细则，管理、督促网格员。",
    "D",
)
BASE_DATA = Clause("CZ-5.1a", "五（一）", "及时督促企业更新市应急管理指挥系统里的有关基本信息。", "W")
OUTLINE = Clause("CZ-5.1b", "五（一）", "按市里的检查纲要定期巡查，分三类：重点行业领域、非重点规上、非重点规下。")
STOPPING = Clause(
    "CZ-5.1c", "五（一）", "见到非法违法行为或事故隐患，即时劝导、制止，及时准确上报，全程跟踪、反馈整改情况。", "W"
)
LEAFLETS = Clause("CZ-5.1d", "五（一）", "把法规、政策和宣传资料发到有关企业，宣传法规政策和省、市有关应急管理的重大部署。", "W")
CENSUS = Clause("CZ-5.1e", "五（一）", "配合镇街全面摸清网格内工业企业分布。", "D")
FREQUENCY_COUNTS = Clause(
    "CZ-5.2a",
    "五（二）",
    "考核原则上以巡查频次为基础；法规政策宣传、重点时段、专项整治等情况要另做不定期巡查；结果都要及时上报、备案。",
)
PLUS_MINUS = Clause(
    "CZ-5.2b", "五（二）", "没按要求巡查、报的问题经核实不符等，负面考核；发现问题及时处置、报重大隐患和违法行为有功，正面考核。"
)
GRADES = Clause("CZ-5.2c", "五（二）", "按考核结果分等次通报成绩，发放奖励。")
LEADERSHIP = Clause("CZ-6.1", "六（一）", "镇街加强组织领导，因地制宜定制度、定措施，加快推进并落实。", "D")
REWARDS = Clause("CZ-6.2", "六（二）", "网格经费列入镇街预算，合理定待遇，保障平台、运行和培训；要制定绩效奖励制度。", "D")
CERTIFIED = Clause("CZ-6.3", "六（三）", "先培训考核、后持证上岗，会检查、会记录、会报告。")
TRAINING_PLAN = Clause("CZ-6.3b", "六（三）", "网格员培训列入年度培训计划，定期办。")
PLATFORM = Clause("CZ-6.4b", "六（四）", "用好网格管理平台：企业信息更新、处置、反馈、复查，全流程都在平台上办。", "W")
FIVE_ALLS = Clause("CZ-6.4", "六（四）", "五全：区域全覆盖、企业全纳入、重点内容全包含、日常巡查全完成、巡查信息全记录。")
COMMENDED = Clause(
    "CZ-6.5", "六（五）", "网格管理计入年度考核和评优；制定日常巡查、信息报告的制度，建立考核机制；鼓励考核结果与待遇挂钩。"
)
FROM_ISSUE = Clause("CZ-II", "印发通知", "2022年3月2日印发，请各镇街组织实施。", "D")

OTHERWISE = (
    (COVERAGE, "由“覆盖和履职情况”页面执行：区域、单位各覆盖了多少，漏了哪些。"),
    (TOWNS_REFINE, "由“本地更严规定”页面执行：镇街登记自己的实施细则。由安委办牵头是部门内部的事。"),
    (FIVE_ALLS, "由“覆盖和履职情况”页面执行：五全各有一个数，可以看到缺哪些。"),
)
CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
LATER = (
    (Later.FIELD_WORK, (HANDLED, BASE_DATA, OUTLINE, STOPPING, LEAFLETS, CENSUS, FREQUENCY_COUNTS, PLATFORM)),
    (
        Later.OFFICES,
        (
            DILIGENCE,
            WORKLOAD,
            AGENCIES,
            TOWNS_MANAGE,
            FREQUENCY_COUNTS,
            PLUS_MINUS,
            GRADES,
            LEADERSHIP,
            REWARDS,
            CERTIFIED,
            TRAINING_PLAN,
            COMMENDED,
        ),
    ),
)
