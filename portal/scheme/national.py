"""What state documents order everywhere, how far each was read and where, and the register rows that are common to all regions.

Only an article that was read is a clause. What was seen in part, or is only told of, is an assumption that names its text and
says so to whoever reads it. ``docs/law.md`` lists all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from portal.scheme.words import Assumption, Basis, Clause, Document, Kind, Later, Read, Term, Within
from portal.terms import say

NOT_WHOLE = say("未见全文，以主管部门解释为准。")

# The texts of the state


SAFETY_LAW = Document(
    code="safety-law",
    title="中华人民共和国安全生产法（2021年修正）",
    issuer="全国人民代表大会常务委员会",
    issued_on=date(2021, 6, 10),
)
PENALTY_LAW = Document(
    code="penalty-law",
    title="中华人民共和国行政处罚法（2021年修订）",
    issuer="全国人民代表大会常务委员会",
    issued_on=date(2021, 1, 22),
)
OCCUPATIONAL_LAW = Document(
    code="occupational-law",
    title="中华人民共和国职业病防治法（2018年修正）",
    issuer="全国人民代表大会常务委员会",
    issued_on=date(2018, 12, 29),
)
PETITIONS = Document(code="petitions", title="信访工作条例", issuer="中共中央、国务院", issued_on=date(2022, 2, 25))
REWARD_2018 = Document(
    code="reward-2018",
    title="安全生产领域举报奖励办法",
    issuer="国家安全监管总局、财政部",
    number="安监总财〔2018〕19号",
    issued_on=date(2018, 1, 4),
    read=Read.PART,
    seen="第一条至第四条",
)
REPORTING_2023 = Document(
    code="reporting-2023",
    title="应急管理部关于进一步加强安全生产举报工作的指导意见",
    issuer="应急管理部",
    number="应急〔2023〕106号",
    issued_on=date(2023, 10, 18),
    read=Read.PART,
    seen="标题、发文依据和第一部分的开头",
)
DISCIPLINE_2020 = Document(
    code="discipline-2020",
    title="纪检监察机关处理检举控告工作规则",
    issuer="中共中央办公厅",
    issued_on=date(2020, 1, 21),
    read=Read.PART,
    seen="第一条至第四条、第十四条至第十七条，另有报道转述的告知和反馈期限",
)
CHECKS_2024 = Document(
    code="checks-2024",
    title="国务院办公厅关于严格规范涉企行政检查的意见",
    issuer="国务院办公厅",
    number="国办发〔2024〕54号",
    read=Read.PART,
    seen="各部分的标题，另有新闻发布会和报道的转述",
)
APPS_2026 = Document(
    code="apps-2026",
    title="政务移动互联网应用程序规范化管理办法",
    issuer="国务院办公厅",
    number="国办函〔2026〕12号",
    issued_on=date(2026, 1, 25),
    read=Read.PART,
    seen="第一条至第四条，不得出现的四种情形",
)
FINGERTIPS_2023 = Document(
    code="fingertips-2023",
    title="关于防治“指尖上的形式主义”的若干意见",
    issuer="中央网络安全和信息化委员会",
    issued_on=date(2023, 12, 18),
    read=Read.PART,
    seen="报道的转述和负责人答记者问",
)
PENALTIES_2025 = Document(
    code="penalties-2025",
    title="安全生产违法行为行政处罚办法",
    issuer="应急管理部",
    number="应急管理部令第18号",
    issued_on=date(2025, 11, 27),
    read=Read.PART,
    seen="公布令：2026年2月1日起施行",
)
SUPERVISION_2025 = Document(
    code="supervision-2025",
    title="行政执法监督条例",
    issuer="国务院",
    number="国务院令第825号",
    issued_on=date(2025, 12, 17),
    read=Read.PART,
    seen="第一条至第五条、第六条第一款",
)
HAZARDS_DRAFT = Document(
    code="hazards-draft",
    title="生产安全事故隐患排查治理条例（草案征求意见稿）",
    issuer="应急管理部",
    read=Read.PART,
    seen="征求意见的通知（意见截止2026年2月17日）和核心内容的转述；是否已经公布没有查到",
)
MAJOR_HAZARDS = Document(
    code="major-hazards",
    title="各行业重大事故隐患判定标准",
    read=Read.HEARD,
    seen="只看到名称：工贸（应急管理部令第10号）、煤矿（应急管理部令第21号）、房屋市政工程（建质规〔2024〕5号）",
)
LINE_12350 = Document(
    code="line-12350",
    title="国家安全监管总局办公厅关于开通安全生产举报投诉特服电话“12350”的通知",
    issuer="国家安全监管总局办公厅",
    number="安监总厅〔2009〕155号",
    read=Read.PART,
    seen="第一项至第四项",
)
LINE_12345 = Document(
    code="line-12345",
    title="国务院办公厅关于进一步优化地方政务服务便民热线的指导意见",
    issuer="国务院办公厅",
    number="国办发〔2020〕53号",
    read=Read.PART,
    seen="新华社2021年1月6日的报道",
)
LINE_12388 = Document(
    code="line-12388",
    title="全国纪检监察机关12388统一举报电话开通",
    issuer="中央纪委、监察部",
    issued_on=date(2008, 6, 25),
    read=Read.PART,
    seen="新华社2008年6月25日的报道",
)
LINE_12369 = Document(
    code="line-12369",
    title="生态环境部2024年6月例行新闻发布会",
    issuer="生态环境部",
    issued_on=date(2024, 6, 24),
    read=Read.PART,
    seen="报道：12369在2024年4月底全部停用，归并到12345",
)

# What they order, in our own words; what is read into what we did not see

REPORTS_TAKEN = Clause(
    "NAT-AQF-73.1",
    "安全生产法第七十三条第一款",
    "监管部门要有举报电话和网上渠道；查实的留下书面材料，要整改的督促落实；不归自己管的，交给管的部门。",
    "P",
)
DEATHS = Clause("NAT-AQF-73.2", "安全生产法第七十三条第二款", "举报说到有人死亡的，由县级以上政府组织核查处理。")
ANYBODY_REPORTS = Clause("NAT-AQF-74", "安全生产法第七十四条", "谁发现隐患或者违法行为，都可以向监管部门报告、举报。", "P")
VILLAGES_REPORT = Clause(
    "NAT-AQF-75", "安全生产法第七十五条", "村（居）委会发现辖区里的单位有隐患、违法，要向当地政府或部门报告。", "W"
)
REWARDED = Clause("NAT-AQF-76", "安全生产法第七十六条", "报告重大隐患、举报违法行为有功的，由县级以上政府和部门奖励。", "D")
MAJOR_REPORTED = Clause(
    "NAT-AQF-41",
    "安全生产法第四十一条",
    "单位要把重大隐患的排查治理及时报给监管部门和职工大会；监管部门录入系统，督办到消除。",
    "W",
)
CERTIFICATE_SHOWN = Clause("NAT-AQF-67", "安全生产法第六十七条", "监督检查要出示有效的执法证件。")
LENT_IN_WRITING = Clause(
    "NAT-CF-20",
    "行政处罚法第二十条",
    "委托处罚要有书面委托书，写明事项、权限和期限并公布；受委托的以委托机关的名义做，不得转托。",
)
WHO_MAY_BE_LENT = Clause(
    "NAT-CF-21", "行政处罚法第二十一条", "受委托的要依法成立、管公共事务，有懂业务、取得执法资格的人和需要的检测条件。"
)
TWO_OFFICERS = Clause("NAT-CF-42", "行政处罚法第四十二条", "处罚由有执法资格的人员做，至少两人，法律另有规定的除外。")
OCCUPATIONAL_HEALTH = Clause(
    "NAT-ZYB-9", "职业病防治法第九条", "职业病防治由卫生、劳动保障行政部门按各自职责监督管理，其他部门管自己职责内的。"
)
ACCUSED_LEARN_NOTHING = Clause(
    "NAT-XF-30", "信访工作条例第三十条", "检举、揭发的材料和情况，不得透露或者转给被检举的人和单位。", "P"
)
PETITION_DAYS = Clause(
    "NAT-XF-34", "信访工作条例第三十四条", "申诉求决类事项受理后六十日内办结；复杂的经批准再延最多三十日，并说明理由。"
)
REPORTED_AT_COUNTY = Clause(
    "NAT-2018-19-3", "安监总财〔2018〕19号第三条", "重大隐患和违法行为，可以向县级以上的监管部门举报。", "P"
)
TO_DISCIPLINE = Clause(
    "NAT-JJ-4",
    "纪检监察机关处理检举控告工作规则第四条",
    "违反党纪、职务违法犯罪和依规定由纪检监察机关处理的，可以向它检举控告。",
    "P",
)
BELOW_COUNTY = Clause(
    "NAT-2026-12-2",
    "国办函〔2026〕12号第二条",
    "县以下的单位原则上不自建政务应用程序（APP、小程序等）；给企业和群众用的参照管理。",
    "D",
)
NO_CHECK_IN = Clause(
    "NAT-2026-12-four",
    "国办函〔2026〕12号“不得出现”的四种情形（条号未核对）",
    "不随意重复要基层填报；除安保、应急外不设打卡、积分排名、在线时长；不强推、不考核使用率；不拿程序当考核督查的主要手段，"
    "没有必要不要求传工作照片、视频、轨迹。",
)
SUPERVISED_BY_JUSTICE = Clause(
    "NAT-825-6", "行政执法监督条例第六条第一款", "县级以上司法行政部门代表本级政府监督行政执法，定期向政府报告。", "P"
)
CALL_12350 = Clause(
    "NAT-2009-155-1", "安监总厅〔2009〕155号第一项、第二项", "12350受理事故、重大隐患、非法违法生产的举报投诉，由当地受理。", "P"
)

REPORT_DAYS = Assumption(
    "受理后六十日内答复：参照国家对重大事故隐患和违法行为举报的核查期限（安监总财〔2018〕19号；它替代的2012年办法写的是六十日）。"
    f"一般隐患、由乡镇（街道）办理的，也按这个期限。{NOT_WHOLE}"
)
REPORT_ACCEPT_DAYS = Assumption(
    f"三个工作日内告知是否受理：这是本网站定的。应急〔2023〕106号和各省可能另有期限，省里有规定的按省里的。{NOT_WHOLE}"
)
COMPLAINT_ACCEPT_DAYS = Assumption(
    "十五个工作日内告知是否受理：参照《纪检监察机关处理检举控告工作规则》对实名检举控告人的规定。匿名的同样告知，是本网站的承诺。"
    "由司法行政部门受理的也按这个期限，《行政执法监督条例》可能另有规定。"
    f"{NOT_WHOLE}"
)
COMPLAINT_DAYS = Assumption(
    "受理后六十日内答复：参照《信访工作条例》第三十四条对申诉求决类事项的规定。《纪检监察机关处理检举控告工作规则》要求办结后"
    f"十五个工作日内把结果告诉实名检举控告人，本网站的“答复”就是告知结果，匿名的同样告知。{NOT_WHOLE}"
)
ONLY_PATROL = Assumption(
    "没有执法资格的人只巡查、提醒、督促、上报，不做行政检查：国办发〔2024〕54号不许网格员、协管员、第三方、中介实施行政检查。"
    f"{NOT_WHOLE}"
)
A_PAGE_IS_AN_APP = Assumption(
    f"网页算不算政务应用程序，国办函〔2026〕12号没有写明；本网站按算来做，要不要备案由主办单位问省级网信部门。{NOT_WHOLE}"
)
APPS_BEFORE_2026 = Assumption(
    f"不打卡、不排名、不考核在线时长，最早见于2023年《关于防治“指尖上的形式主义”的若干意见》。{NOT_WHOLE}"
)
PENALTIES_SINCE_2026 = Assumption(
    f"处罚程序和委托自2026年2月1日起按应急管理部令第18号；方案引用旧办法条号的，以新办法为准。{NOT_WHOLE}"
)
BY_LETTER = LENT_IN_WRITING.taken(
    str(say("法条写的是行政处罚；同一份委托书委托的现场处置、调查取证，按同样要求处理。")) + PENALTIES_SINCE_2026.why
)
MAJOR_BY_STANDARD = Assumption(
    f"什么是重大事故隐患，按各行业的判定标准；隐患排查治理条例2026年征求过意见，是否施行没有查到。{NOT_WHOLE}"
)
ENVIRONMENT_BY_12345 = Assumption(
    f"环境污染的举报打12345：12369在2024年4月底全部停用，归并到12345（生态环境部2024年6月例行新闻发布会）。{NOT_WHOLE}"
)
GENERAL_BY_12345 = Assumption(
    f"12345是各地归并后的政务服务热线，收到的事项转给主管部门；110、119、120是紧急电话，不归并（国办发〔2020〕53号）。{NOT_WHOLE}"
)
DISCIPLINE_BY_12388 = Assumption(f"12388是全国纪检监察机关统一举报电话，2008年6月26日开通，本地直接拨打。{NOT_WHOLE}")


@dataclass(frozen=True)
class Resting:
    """What rests on a text: one of its articles, or what we assumed of it under the id ``id``; and ``what`` follows from it."""

    id: str
    basis: Basis
    what: str


@dataclass(frozen=True)
class LawText:
    """A text of the state, where we saw it, and all that rests on it."""

    document: Document
    where: str
    rests: tuple[Resting, ...]


def _of(clause: Clause, what: str) -> Resting:
    return Resting(clause.id, clause, what)


LAWREFBOOK = say("公开法律文本库 LawRefBook/Laws（2025-04-19 的版本）")
STORED = say("公开网页的存档")
TEXTS: tuple[LawText, ...] = (
    LawText(
        SAFETY_LAW,
        LAWREFBOOK,
        (
            _of(MAJOR_REPORTED, "还没有：现场工作一部分的重大隐患"),
            _of(CERTIFICATE_SHOWN, "LAW-1；公示牌上的执法资格"),
            _of(REPORTS_TAKEN, "扫码举报、办理、答复；牌上的举报电话"),
            _of(DEATHS, "LAW-4；举报里的“有人死亡或重伤”，区（县）一级看得到"),
            _of(ANYBODY_REPORTS, "举报不用登录，可以匿名"),
            _of(VILLAGES_REPORT, "还没有：现场工作一部分"),
            _of(REWARDED, "不做：奖励由部门办理，本网站不发奖"),
        ),
    ),
    LawText(
        PENALTY_LAW,
        LAWREFBOOK,
        (
            _of(LENT_IN_WRITING, "委托的职权要有委托书"),
            _of(WHO_MAY_BE_LENT, "登记委托书时写明的条件；执法岗位要有执法证"),
            _of(TWO_OFFICERS, "LAW-1；没有执法资格的人没有职权"),
        ),
    ),
    LawText(
        OCCUPATIONAL_LAW, LAWREFBOOK, (_of(OCCUPATIONAL_HEALTH, "方案把职业健康列进巡查的：发现的问题转给卫生、劳动保障部门"),)
    ),
    LawText(
        PETITIONS,
        LAWREFBOOK,
        (_of(ACCUSED_LEARN_NOTHING, "PB-3；投诉由条线之外的部门受理"), _of(PETITION_DAYS, "投诉答复期限的参照")),
    ),
    LawText(
        REWARD_2018,
        f"{STORED}（isofans.com）",
        (
            _of(REPORTED_AT_COUNTY, "举报答复期限为什么只是参照"),
            Resting("NAT-2018-19-days", REPORT_DAYS, "举报答复期限：六十日"),
        ),
    ),
    LawText(
        REPORTING_2023,
        f"{STORED}（两处转载）",
        (Resting("NAT-2023-106-days", REPORT_ACCEPT_DAYS, "举报受理期限：三个工作日"),),
    ),
    LawText(
        DISCIPLINE_2020,
        f"{STORED}（四处转载）",
        (
            _of(TO_DISCIPLINE, "投诉转到条线之外：纪检监察机关受理什么"),
            Resting("NAT-JJ-accept", COMPLAINT_ACCEPT_DAYS, "投诉受理期限：十五个工作日"),
            Resting("NAT-JJ-answer", COMPLAINT_DAYS, "投诉答复期限：六十日"),
        ),
    ),
    LawText(CHECKS_2024, f"{STORED}（新闻报道）", (Resting("NAT-2024-54-who", ONLY_PATROL, "LAW-1；巡查和检查的分别"),)),
    LawText(
        APPS_2026,
        f"{STORED}（两处转载）",
        (
            _of(BELOW_COUNTY, "部署说明：谁可以当主办单位"),
            _of(NO_CHECK_IN, "LAW-2；照片从不强制，不记轨迹"),
            Resting("NAT-2026-12-page", A_PAGE_IS_AN_APP, "部署说明：备案"),
        ),
    ),
    LawText(FINGERTIPS_2023, f"{STORED}（新闻报道）", (Resting("NAT-2023-fingertips", APPS_BEFORE_2026, "LAW-2"),)),
    LawText(PENALTIES_2025, f"{STORED}（新闻报道）", (Resting("NAT-18-since", PENALTIES_SINCE_2026, "委托的职权要有委托书"),)),
    LawText(SUPERVISION_2025, f"{STORED}（两处转载）", (_of(SUPERVISED_BY_JUSTICE, "乱检查由司法行政部门监督"),)),
    LawText(
        HAZARDS_DRAFT,
        f"{STORED}（通知的转载）",
        (Resting("NAT-hazards-major", MAJOR_BY_STANDARD, "还没有：现场工作一部分的重大隐患"),),
    ),
    LawText(MAJOR_HAZARDS, "各部门网站的标题", ()),
    LawText(LINE_12350, f"{STORED}（2009-10-17 的转载）", (_of(CALL_12350, "热线12350；举报的最后去处"),)),
    LawText(
        LINE_12345,
        f"{STORED}（新闻报道）",
        (Resting("NAT-2020-53", GENERAL_BY_12345, "热线12345、110、119、120；LAW-4：举报、投诉不以12345为最后去处"),),
    ),
    LawText(LINE_12388, f"{STORED}（新闻报道）", (Resting("NAT-12388", DISCIPLINE_BY_12388, "热线12388；投诉的最后去处"),)),
    LawText(LINE_12369, f"{STORED}（新闻报道）", (Resting("NAT-12369", ENVIRONMENT_BY_12345, "环境举报可以12345为最后去处"),)),
)

LAW: tuple[Clause, ...] = tuple(one.basis for text in TEXTS for one in text.rests if isinstance(one.basis, Clause))
ASSUMED: Mapping[str, Assumption] = MappingProxyType(
    {one.id: one.basis for text in TEXTS for one in text.rests if isinstance(one.basis, Assumption)}
)

# The numbers


@dataclass(frozen=True)
class Hotline:
    """A public number that always exists, whatever a region's register lacks.

    ``takes`` are the kinds of case that may end there, ``source`` the document that gives it. One that takes no report hands
    it back to the office in charge.
    """

    code: str
    name: str
    short: str
    source: Document
    takes: tuple[Kind, ...] = ()

    @property
    def number(self) -> str:
        """What one dials."""
        return self.code


HOTLINES = {
    line.code: line
    for line in (
        Hotline("12350", "安全生产举报投诉热线", "举报热线", LINE_12350, (Kind.CONTACT, Kind.REPORT)),
        Hotline("12345", "政务服务便民热线", "政务热线", LINE_12345, (Kind.CONTACT,)),
        Hotline("119", "火警", "火警", LINE_12345),
        Hotline("110", "报警", "报警", LINE_12345),
        Hotline("120", "医疗急救", "急救", LINE_12345),
        Hotline("12388", "纪检监察举报电话", "纪检举报", LINE_12388, (Kind.COMPLAINT,)),
    )
}
# How many of them a board has room for
MOST_ON_A_BOARD = 3
# Numbers that are no more, and why
GONE: Mapping[str, Assumption] = MappingProxyType({"12369": ENVIRONMENT_BY_12345})


def offered(kind: Kind) -> tuple[Hotline, ...]:
    """The numbers that somebody is given who can't send a case of this kind: for a complaint such as take it, else the others."""
    complaint = kind is Kind.COMPLAINT
    return tuple(line for line in HOTLINES.values() if (Kind.COMPLAINT in line.takes) is complaint)


def for_complaints(code: str) -> Hotline:
    """The number at which a complaint ends: that one if it takes complaints, else the one of discipline inspection."""
    line = HOTLINES.get(code)
    return line if line is not None and Kind.COMPLAINT in line.takes else HOTLINES["12388"]


# Periods that hold where a region orders none

REPORT_ACCEPT = Term(within=Within(working_days=3), basis=REPORT_ACCEPT_DAYS)
REPORT_ANSWER = Term(within=Within(days=60), basis=REPORT_DAYS)
CONTACT_ANSWER = Term(
    within=Within(working_days=3),
    basis=Assumption("文件没有规定留言几天内回复；先取三个工作日。"),
)
COMPLAINT_ACCEPT = Term(within=Within(working_days=15), basis=COMPLAINT_ACCEPT_DAYS)
COMPLAINT_ANSWER = Term(within=Within(days=60), basis=COMPLAINT_DAYS)

# The register

# What whoever complains about people of a grid has to know of the offices outside their chain; a region says it with its own
DISCIPLINE_MAY_REFUSE = str(
    say(
        "纪检机关只管违纪违法和职务违法犯罪；不归它管的（例如一般的态度问题、巡查不到位），以及没有具体情况、无从查起的，它可能不受理。"
        "本网站要求受理人转给监管条线以外能受理的部门，或写明不予受理的理由和可以向谁反映（例如当地信访部门），不会退回被投诉的条线。"
    )
)
ARBITRARY_CHECKS = Assumption(
    "没有依据、次数过多的检查向谁投诉，文件没有写；《行政执法监督条例》（国务院令第825号，2026年2月1日起施行）由县级以上司法行政部门"
    "监督行政执法，故取司法行政部门，开发区没有的由所在地的司法局受理。条例未见全文，以主管部门解释为准。"
)
ARBITRARY = str(say("乱检查、乱处罚（没有依据、次数过多、没有执法证件）"))

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
        "安全生产法第六十七条、行政处罚法第四十二条；国办发〔2024〕54号（未见全文）",
        "按法定资格区分巡查、协助检查和行政检查；没有执法证件的人在任何页面、表单、文书上都不能产生检查笔录、责令或处罚。",
        "R",
    ),
    Clause(
        "LAW-2",
        "国办函〔2026〕12号；《关于防治“指尖上的形式主义”的若干意见》2023年12月18日（未见全文）",
        "不设打卡、积分、排名和在线时长；照片只在条款要求取证的地方要；不记位置和轨迹；统计数字来自做过的工作，不重复填报。",
        "R",
    ),
    Clause(
        "LAW-4",
        "安全生产法第七十三条；信访工作条例第三十条",
        "投诉不以会转回被投诉一方的热线为最后去处；说到有人死亡的举报，区（县）一级看得到。",
        "R",
    ),
    Clause("WHY-1", "各地通用", "每个期限、缺口、归属、拒绝、路径都能说明依据：规则、条款、版本、方案。", "R"),
    Clause("REG-1", "各地通用", "没有预先考虑到的地区，按插件作者文档写一个插件就能加入，不改核心代码。", "R"),
)


def _rows(*ids: str) -> tuple[Clause, ...]:
    return tuple(clause for clause in (*REGISTER, *LAW) if clause.id in ids)


LATER: tuple[tuple[Later, tuple[Clause, ...]], ...] = (
    (Later.FIELD_WORK, _rows("LAW-1", "NAT-AQF-41", "NAT-AQF-67", "NAT-AQF-75", "NAT-CF-42", "NAT-ZYB-9")),
    (Later.PUBLIC_SIDE, _rows("PB-6", "PB-7")),
)
# What no rule states: compared with, followed by whoever deploys the portal, or none of its business, as the list of texts says
OTHERWISE = _rows("NAT-AQF-76", "NAT-XF-34", "NAT-2018-19-3", "NAT-2026-12-2")
