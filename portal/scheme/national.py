"""What state documents order everywhere, and the register rows that are common to all regions.

National figures stand here only with their source; where a source was replaced and the new text is not confirmed, the
clause says so, and so does every page that shows it.
"""

from dataclasses import dataclass
from datetime import date

from portal.scheme.words import Assumption, Clause, Document, Later, Term, Within


@dataclass(frozen=True)
class Hotline:
    """A public number that always exists, whatever a region's register lacks."""

    code: str
    number: str
    name: str


HOTLINES = {
    line.code: line
    for line in (
        Hotline("12350", "12350", "安全生产举报投诉热线"),
        Hotline("12345", "12345", "政务服务便民热线"),
        Hotline("119", "119", "火警"),
        Hotline("110", "110", "报警"),
        Hotline("120", "120", "医疗急救"),
    )
}

REWARD_2012 = Document(
    code="reward-2012",
    title="安全生产举报奖励办法",
    issuer="国家安全监管总局、财政部",
    number="安监总财〔2012〕63号",
    issued_on=date(2012, 5, 2),
)

CLEARED_IN_60_DAYS = Clause(
    "NAT-2012-63-11.6",
    "安监总财〔2012〕63号 第十一条第（六）项",
    "举报受理后六十日内核查办结；确实复杂的报上一级同意后可以再延三十日，并把原因告诉举报人。"
    "该办法2018年由安监总财〔2018〕19号替代，新文本的期限尚未逐字核对，先沿用六十日。",
)

LAW: tuple[Clause, ...] = (CLEARED_IN_60_DAYS,)

REPORT_ACCEPT = Term(
    within=Within(working_days=3),
    basis=Assumption("国家文件没有统一规定几日内答复是否受理；先取三个工作日，各地可以收紧。"),
)
REPORT_ANSWER = Term(within=Within(days=60), basis=CLEARED_IN_60_DAYS)
CONTACT_ANSWER = Term(
    within=Within(working_days=3),
    basis=Assumption("政策文件要求公布电话、方便企业群众，没有规定回复时限；先取三个工作日。"),
)

COMPLAINT_ACCEPT = Term(
    within=Within(working_days=15),
    basis=Assumption(
        "政策文件没有规定投诉几日内告知是否受理；暂按十五个工作日，与《纪检监察机关处理检举控告工作规则》规定的向实名检举控告人告知受理情况的期限相同。"
    ),
)
COMPLAINT_ANSWER = Term(
    within=Within(days=60),
    basis=Assumption("政策文件没有规定投诉的办结期限；暂按六十日，与《信访工作条例》规定的信访事项办理期限相同。"),
)

REGISTER: tuple[Clause, ...] = (
    Clause("PB-1", "各地通用", "每个网格、网格内每家单位都能按现有登记数据出一块公示牌（PDF），牌上写明版本和日期。", "B"),
    Clause("PB-2", "各地通用", "扫牌上二维码打开的网页实时显示同样的内容，不用登录，不用脚本，手机可看。", "P"),
    Clause("PB-3", "各地通用", "从该网页可以联系网格人员、举报隐患、投诉网格人员；投诉不会到被投诉人及其下属手里。", "P"),
    Clause("PB-4", "各地通用", "提交后得到查询码，凭码查看进展、补充、答复和评价，不要账号，可以匿名。", "P"),
    Clause("PB-5", "各地通用", "人员、电话、网格或方案一变，就知道哪些牌子已不真实、挂在哪里、要重印哪些。", "R"),
    Clause("PB-6", "各地通用", "伪造或复制的二维码能从打开的网页和牌上的核对标记分辨出来。", "R"),
    Clause("PB-7", "各地通用", "每个辖区有公开页面：谁负责什么、巡查覆盖、隐患发现与闭环、来件按期答复；同样的开放数据。", "P"),
    Clause("PB-8", "各地通用", "姓名里每个字都能印出来，生僻字也一样；印不出的字会被指出并拒绝签发。", "B"),
    Clause(
        "LAW-1",
        "国办发〔2024〕54号",
        "按法定资格区分巡查、协助检查和行政检查；没有执法证件的人在任何页面、表单、文书上都不能产生检查笔录、责令或处罚。",
        "R",
    ),
    Clause("LAW-2", "中央网信委 2023年12月18日", "不设打卡、积分、排名和在线时长；统计数字来自做过的工作，不重复填报。", "R"),
    Clause("WHY-1", "各地通用", "每个期限、缺口、归属、拒绝、路径都能说明依据：规则、条款、版本、方案。", "R"),
    Clause("REG-1", "各地通用", "没有预先考虑到的地区，按插件作者文档写一个插件就能加入，不改核心代码。", "R"),
)


def _rows(*ids: str) -> tuple[Clause, ...]:
    return tuple(clause for clause in REGISTER if clause.id in ids)


LATER: tuple[tuple[Later, tuple[Clause, ...]], ...] = (
    (Later.FIELD_WORK, _rows("LAW-1")),
    (Later.PUBLIC_SIDE, _rows("PB-6", "PB-7")),
    (Later.OFFICES, _rows("LAW-2")),
)
