"""The register of the foundry district's document: every order of it, in our own words. District and document are invented (示例)."""

from portal.scheme.words import Clause

IN_FORCE = Clause("FD-1", "第一条", "办法自2026年3月1日起施行。", "D")
GRIDS = Clause("FD-2", "第二条", "区、镇、村、企业四级网格，每个网格设一名网格长。", "D")
FIRMS = Clause(
    "FD-2.2",
    "第二条第二款",
    "每家工厂自成四级网格，由企业自己的负责人任网格长；编号以ZZ和级别开头，后接镇、村的三位序号和企业的五位顺序号。",
    "D",
)
DIRECT = Clause("FD-2.3", "第二条第三款", "军工配套企业不入网格，由区工业和信息化局直接监管，局里定一名专人。", "D")
WARDENS = Clause("FD-3", "第三条", "每个村级网格配一名专职网格员，由镇应急办派出。")
BOUND = Clause("FD-4", "第四条", "每家熔炼企业由一名镇领导包联，名单到企业。")
LINES = Clause("FD-5", "第五条", "冶金安全由区应急管理局负责，消防安全由区消防救援大队负责；两条线各定一名专人，联系到企业。")
WEEKLY = Clause("FD-6", "第六条", "企业网格长每周把本企业查一遍，看熔炼炉、行车和煤气。")
MONTHLY = Clause("FD-7", "第七条", "网格员每月走遍村内的工厂。")
HALF_YEARLY = Clause("FD-8", "第八条", "包联领导每半年到包联企业检查一次。")
MEETING = Clause("FD-9", "第九条", "镇应急办每季度开一次例会，镇、村两级网格长和网格员必须到会。")
REPORT = Clause("FD-10", "第十条", "网格员定期向镇应急办书面报告。")
TRAINING = Clause("FD-11", "第十一条", "区应急管理局原则上每年培训企业网格长一次。")
ADVICE = Clause("FD-12", "第十二条", "网格员上门讲解安全知识。")
BOARD = Clause("FD-13", "第十三条", "企业和网格挂牌，写明网格人员、两条线的专人、职责和应急热线。", "B")
REPORTED = Clause("FD-14", "第十四条", "群众的留言由网格员答复，举报由镇应急办受理。", "P")
CONDUCT = Clause("FD-15", "第十五条", "不得接受企业宴请和财物。", "P")
ASSESSED = Clause("FD-16", "第十六条", "年底考核网格员。", "W")

CLAUSES = tuple(value for value in list(globals().values()) if isinstance(value, Clause))
