"""What the documents of Wuzhong, Changzhou and Shandong order is said as they order it, and what we added is said as ours.

A mark says that the row is proven. Rows that another part of the portal will execute bear none here: what is tested of them is only
that they are told whole.
"""

import csv
import re
from dataclasses import fields, is_dataclass

import pytest

from portal.areas.rules import UnitAt
from portal.boards.actions import issue
from portal.boards.queries import page as board_page
from portal.feedback.rules import route
from portal.scheme.book import Scheme
from portal.scheme.telling import basis_place
from portal.scheme.words import Assumption, Clause, Force, Kind, Later, Read
from portal.viewer import PUBLIC
from tests.browse import visiting
from tests.plugins.conftest import filled
from tests.plugins.test_regions import scheme_of


@pytest.fixture
def wuzhong(regions) -> Scheme:
    return scheme_of(regions.book, "wuzhong")


@pytest.fixture
def changzhou(regions) -> Scheme:
    return scheme_of(regions.book, "changzhou")


@pytest.fixture
def shandong(regions) -> Scheme:
    return scheme_of(regions.book, "shandong")


def gist(scheme: Scheme, id_: str) -> str:
    """What the register says that the clause orders."""
    return next(clause.gist for clause in scheme.region.clauses if clause.id == id_)


def later(scheme: Scheme, id_: str) -> set[Later]:
    """The parts of the portal that are still to execute the clause."""
    return {part for part, clauses in scheme.region.later if any(clause.id == id_ for clause in clauses)}


def said(scheme: Scheme, who: str, id_: str) -> list[str]:
    """What a board tells of the duties of a post that rest on the clause."""
    return [duty.says for duty in scheme.duties if duty.who == who and isinstance(duty.basis, Clause) and duty.basis.id == id_]


# Wuzhong


def test_what_was_confirmed_is_verified_on_site_within_the_time_for_rectification(wuzhong) -> None:
    (told,) = said(wuzhong, "inspector", "WZ-5.6")
    assert "整改期内" in gist(wuzhong, "WZ-5.6")
    assert "整改期内" in told
    assert "到期" not in gist(wuzhong, "WZ-5.6") + told
    assert not any("核查" in says for says in said(wuzhong, "inspector", "WZ-8.1"))


def test_nothing_urgent_waits_for_evidence(wuzhong) -> None:
    (duty,) = [duty for duty in wuzhong.duties if duty.basis.id == "WZ-8.3"]
    assert "上报、确认、停止作业、撤人都不等取证" in duty.basis.read_as


def test_inspectors_assist_and_it_is_not_said_that_officers_make_each_measure(wuzhong) -> None:
    assert "协助行政执法人员" in gist(wuzhong, "WZ-3")
    assert "任何措施" not in gist(wuzhong, "WZ-3")
    officer = wuzhong.posts["officer"]
    assert (officer.basis.id, officer.count.least) == ("WZ-8.1", 1)
    assert "没有写" in officer.basis.read_as
    (told,) = said(wuzhong, "inspector", "WZ-5")
    assert all(word in told + gist(wuzhong, "WZ-5") for word in ("属地部门的安排", "协助行政执法人员"))
    assert [says for says in said(wuzhong, "inspector", "WZ-8.2") if "确认" in says]


def test_one_inspector_a_grid_is_ours_and_no_article_is_read_into_it(wuzhong) -> None:
    basis = wuzhong.posts["inspector"].basis
    assert (basis.id, basis.read_as.partition("，也没有写")[0]) == ("WZ-3", "文件没有写一个网格配几名专职监管员")


def test_whom_somebody_answers_to_is_never_told_as_an_order(wuzhong, changzhou) -> None:
    """Neither document names a superior, or a head of the local department."""
    for scheme in (wuzhong, changzhou):
        for post in scheme.posts.values():
            if post.answers_to:
                assert "上级" in post.basis.read_as, post.code
        assert "负责人" in scheme.posts["department-head"].basis.read_as


def test_every_article_of_wuzhong_s_measures_has_a_row(wuzhong) -> None:
    rows = {re.split("[第条至]", clause.at)[1] for clause in wuzhong.region.clauses}
    tens = [f"{ten}{one}" for ten in ("", "十") for one in ("一", "二", "三", "四", "五", "六", "七", "八", "九")]
    # The first says what the measures are for, and the row of the eighteenth has the two after it
    assert {*tens, "十", "二十一", "二十二"} - rows == {"一", "十九"}
    assert [clause.id for clause in wuzhong.region.clauses if clause.at == "第十八至二十条"] == ["WZ-18-20"]


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("WZ-2", ("太湖新城", "化管办", "可以")),
        ("WZ-3b", ("统一听从区应急管理局",)),
        ("WZ-5.1", ("标准", "协助执法人员")),
        ("WZ-5.2", ("全员", "各项工作")),
        ("WZ-5.3", ("动态", "新进", "协助采集")),
        ("WZ-5.4", ("熟练", "指导、协助")),
        ("WZ-5.5", ("协助执法人员定期巡检", "督促、指导", "常态化", "闭环")),
        ("WZ-5.6", ("及时报属地部门执法人员", "立即告知", "引导")),
        ("WZ-5.8", ("每两个月至少", "前七项")),
        ("WZ-5.9", ("有关部门和单位",)),
        ("WZ-7a", ("应当主动",)),
        ("WZ-7b", ("应当",)),
        ("WZ-8", ("应当详细",)),
        ("WZ-8.1", ("属地部门执法人员", "违法违规", "及时告知", "引导")),
        ("WZ-8.2", ("属地部门执法人员", "及时告知", "有关作业", "指导、协助应急处置")),
        ("WZ-8.3", ("必须", "违法违规")),
        ("WZ-12", ("配置方案", "统一编号", "移动终端")),
        ("WZ-13", ("属地部门", "显眼")),
        ("WZ-14", ("鼓励参加职业资格考试",)),
        ("WZ-15", ("举止",)),
        ("WZ-18-20", ("奖惩", "建议推荐", "属地部门建立")),
    ],
)
def test_what_wuzhong_s_measures_order_keeps_its_halves_and_its_force(wuzhong, id_: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if word not in gist(wuzhong, id_)] == []
    assert not any(ours in gist(wuzhong, id_) for ours in ("并列显示", "业务听从", "新办"))


def test_a_complaint_of_wuzhong_is_not_told_to_go_from_near_to_far(wuzhong) -> None:
    assert "先由属地应急管理部门办理" in wuzhong.routes[Kind.REPORT].basis.why
    assert wuzhong.routes[Kind.COMPLAINT].basis == wuzhong.units["discipline"].basis


def test_whom_to_ask_whether_wuzhong_s_measures_hold_is_who_explains_them(wuzhong) -> None:
    still = wuzhong.edition.in_force.still
    assert still.id == "WZ-21"
    assert "区应急管理局" in still.gist
    assert "请主管部门确认" in still.read_as


@pytest.mark.clause("WZ-13")
def test_whose_phone_supervises_a_board_of_wuzhong_is_said_as_ours(wuzhong) -> None:
    board = wuzhong.boards["enterprise"]
    assert (board.basis.id, board.supervision) == ("WZ-13", "district-bureau")
    assert "第三条" in board.basis.read_as
    assert "签发和监督" in wuzhong.boards["grid"].basis.why
    assert "没有写" in wuzhong.routes[Kind.CONTACT].basis.read_as


def test_local_departments_make_rules_of_assessment_before_they_assess(wuzhong) -> None:
    assert "制定考核办法" in gist(wuzhong, "WZ-17")
    assert later(wuzhong, "WZ-17") == {Later.OFFICES}


async def test_a_board_of_wuzhong_publishes_all_that_an_inspector_has_to_do(three, clock) -> None:
    call, _ = await filled(three, "wuzhong", clock)
    enterprise = await call.db.value("select public_id from enterprise order by id limit 1")
    facts = (await board_page(call.as_(PUBLIC), await issue(call, "enterprise", enterprise))).live
    (duties,) = [section["lines"] for section in facts["sections"] if section["title"] == "管理职责"]
    assert {line["basis"]["clause"] for line in duties} >= {
        "WZ-5",
        "WZ-5.1",
        "WZ-5.3",
        "WZ-5.3b",
        "WZ-5.5",
        "WZ-5.6",
        "WZ-5.7",
        "WZ-5.8",
        "WZ-5.9",
        "WZ-5.10",
        "WZ-6",
        "WZ-7a",
        "WZ-7b",
        "WZ-8",
        "WZ-8.1",
        "WZ-8.2",
        "WZ-8.3",
    }
    (record,) = [line["says"] for line in duties if line["basis"]["clause"] == "WZ-8"]
    assert "写意见、签名" in record


@pytest.mark.clause("WZ-15")
def test_conduct_is_ordered_and_that_it_sorts_complaints_is_ours(wuzhong) -> None:
    assert "定期" not in gist(wuzhong, "WZ-10")
    assert "投诉" not in gist(wuzhong, "WZ-15")
    topics = wuzhong.topics(Kind.COMPLAINT)
    assert all("没有写" in (one.why if isinstance(one, Assumption) else one.read_as) for one in (topic.basis for topic in topics))
    assert [topic.name for topic in topics if "法律法规" in topic.name]


# Changzhou


def test_unscheduled_patrols_are_owed_on_their_occasions_and_have_no_rhythm(changzhou) -> None:
    for post in ("inspector", "park-inspector"):
        (duty,) = [duty for duty in changzhou.duties if duty.who == post and duty.basis.id == "CZ-5.2a"]
        assert all(occasion in duty.says for occasion in ("法规政策", "重点时段", "专项整治", "上报"))
        assert (duty.act, duty.every, duty.times_a_year) == (None, None, None)
    assert "也算" not in gist(changzhou, "CZ-5.2a")
    assert later(changzhou, "CZ-5.2a") == {Later.FIELD_WORK, Later.OFFICES}


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("CZ-1", ("力争",)),
        ("CZ-2.1", ("安委办牵头", "应按自身实际")),
        ("CZ-2.2", ("绩效奖励", "激励约束", "尽职免责")),
        ("CZ-3.1a", ("原则上", "经济规模大或单位多", "可分")),
        ("CZ-3.2a", ("都要有", "原则上", "安管员为主")),
        ("CZ-3.2b", ("原则上", "为主", "应由")),
        ("CZ-3.3", ("专业能力不足", "应购买")),
        ("CZ-4.1", ("协助监管部门",)),
        ("CZ-4.2", ("经开区政法和应急管理局", "配合打击")),
        ("CZ-4.2b", ("人员和经费", "考核制度")),
        ("CZ-5.1a", ("及时督促",)),
        ("CZ-5.1c", ("即时劝导、制止", "及时准确", "反馈")),
        ("CZ-5.1d", ("发到有关企业", "宣传", "重大部署")),
        ("CZ-5.1e", ("配合镇街全面",)),
        ("CZ-5.2a", ("原则上",)),
        ("CZ-5.2b", ("经核实", "负面考核", "正面考核")),
        ("CZ-6.1", ("组织领导", "因地制宜")),
        ("CZ-6.2", ("预算", "绩效奖励")),
        ("CZ-6.4b", ("处置", "反馈", "复查")),
        ("CZ-6.5", ("年度考核", "鼓励")),
    ],
)
def test_what_changzhou_s_plan_orders_keeps_its_conditions_and_its_force(changzhou, id_: str, words: tuple[str, ...]) -> None:
    assert all(word in gist(changzhou, id_) for word in words)
    if id_ not in ("CZ-1", "CZ-2.1", "CZ-3.1a", "CZ-3.2a", "CZ-3.2b", "CZ-4.1"):
        assert later(changzhou, id_)
    assert not any(ours in gist(changzhou, id_) for ours in ("记录", "算得出来", "区局"))


@pytest.mark.clause("CZ-3.1b", "CZ-3.2b")
def test_who_files_again_and_who_counts_as_a_safety_officer_is_ours(changzhou) -> None:
    (filing,) = changzhou.filings
    assert filing.basis.id == "CZ-3.1b"
    assert "变动后再报" in filing.basis.read_as
    committee = changzhou.units["village-committee"]
    assert committee.basis.id == "CZ-3.2b"
    assert "安管员" in committee.basis.read_as
    assert changzhou.posts["inspector"].staffing is Force.IN_PRINCIPLE
    assert changzhou.posts["park-inspector"].staffing is Force.MUST


def test_every_part_of_changzhou_s_plan_has_a_row(changzhou) -> None:
    rows = "、".join(clause.at for clause in changzhou.region.clauses)
    parts = {"二": "一二三", "三": "一二三", "四": "一二", "五": "一二", "六": "一二三四五"}
    assert [f"{part}（{n}）" for part, ns in parts.items() for n in ns if f"{part}（{n}）" not in rows] == []


def test_each_duty_of_a_changzhou_inspector_rests_on_the_sentence_that_orders_it(changzhou) -> None:
    for post in ("inspector", "park-inspector"):
        told = {duty.basis.id: duty.says for duty in changzhou.duties if duty.who == post and duty.act is None}
        assert set(told) == {"CZ-4.1", "CZ-5.1a", "CZ-5.1c", "CZ-5.1d", "CZ-5.1e", "CZ-5.2a"}
        assert "配合" in told["CZ-5.1e"]
        assert "及时督促" in told["CZ-5.1a"]
        assert "即时劝导、制止" in told["CZ-5.1c"]


def test_what_changzhou_s_plan_leaves_open_is_told_as_ours(changzhou) -> None:
    """Who decides on direct supervision, which trades are key, which grid comes first, what a named supervisor does."""
    for fact in ("direct", "key"):
        assert "没有写" in changzhou.facts[fact].basis.read_as
    for klass in ("key", "above", "below"):
        assert "没有写" in changzhou.placements[klass].basis.read_as
    assert "没有写" in next(duty for duty in changzhou.duties if duty.code == "direct").basis.read_as
    assert isinstance(next(duty for duty in changzhou.duties if duty.code == "direct-help").basis, Assumption)
    assert all("另外两句" in changzhou.counted[f"patrol-{klass}"].basis.read_as for klass in ("key", "above", "below"))
    assert "没有写施行日期" in changzhou.edition.in_force.assumed.why


def test_no_route_of_changzhou_says_that_the_plan_orders_boards_or_phones(changzhou) -> None:
    contact = changzhou.routes[Kind.CONTACT]
    assert contact.basis == changzhou.routes[Kind.REPORT].basis
    assert "公布电话" not in contact.basis.why + contact.answer.basis.why


async def test_what_changzhou_s_text_lost_is_told_to_the_public(three, clock) -> None:
    async with visiting(three, clock) as site:
        page = await site("10.7.0.1").get("/schemes/changzhou")
    assert (
        "公布的文本没有给出：附件《关于加强乡镇（街道）安全生产网格化监管工作的指导意见》、五（一）提到的市检查纲要" in page.text
    )


def test_a_line_of_a_list_says_that_a_part_of_an_order_is_ours(changzhou) -> None:
    patrol = changzhou.counted["patrol-key"].basis
    assert (patrol.brief, basis_place(patrol)) == ("五（一）（部分暂定）", f"五（一），暂定：{patrol.read_as}")
    whole = next(one for one in changzhou.classes if one.code == "key").basis
    assert whole.brief == basis_place(whole) == "五（一）"
    assert (Assumption("……").brief, basis_place(Assumption("……"))) == ("暂定", "暂定：……")


# Shandong


def unit(id_: int, kind: str, path: str) -> UnitAt:
    return UnitAt(id=id_, kind=kind, name=kind, phone="0531-00000000", path=path, place_kind="")


def test_a_report_in_shandong_goes_to_the_district_and_never_to_a_town(shandong) -> None:
    """A town takes part in the handling; it does not decide whether a report is taken up."""
    units = [unit(1, "bureau", "/37/3799/"), unit(2, "centre", "/37/3799/9/"), unit(3, "station", "/37/3799/9/")]

    def reached(*read: int) -> int | None:
        return route(shandong, Kind.REPORT, path="/37/3799/9/1/", units=units, holder=lambda _: None, read=set(read)).value.unit

    assert reached(1, 2, 3) == 1
    assert reached(2, 3) is None
    rule = shandong.routes[Kind.REPORT]
    assert rule.basis.id == "SD-12"
    for named in ("第359号", "鲁应急发〔2025〕12号", "未见全文，以主管部门解释为准"):
        assert named in rule.basis.read_as
    assert "第359号" in rule.accept.basis.why
    listed = {document.number: document.read for document in shandong.edition.documents}
    assert all(listed[number] is Read.PART for number in ("山东省人民政府令第359号", "鲁应急发〔2025〕12号"))
    assert not any("359" in clause.at + clause.gist for clause in shandong.region.clauses)


@pytest.mark.parametrize(
    ("id_", "words", "part"),
    [
        ("SD-4c", ("预算",), Later.OFFICES),
        ("SD-7", ("鼓励镇街", "鼓励请注册安全工程师"), Later.OFFICES),
        ("SD-9b", ("培训计划",), Later.OFFICES),
        ("SD-10", ("分类分级",), Later.OFFICES),
        ("SD-11", ("督促、指导", "重大事故隐患"), Later.OFFICES),
        ("SD-12", ("参与事故调查",), Later.PUBLIC_SIDE),
        ("SD-14b", ("不定期",), Later.FIELD_WORK),
        ("SD-15", ("镇、街道应", "减少执法次数"), Later.OFFICES),
        ("SD-16", ("知情不报", "发生事故"), Later.FIELD_WORK),
        ("SD-16b", ("联合执法", "联合惩戒"), Later.FIELD_WORK),
        ("SD-19", ("非法违法行为", "救援", "善后", "调查"), Later.FIELD_WORK),
        ("SD-20", ("日常考核",), Later.OFFICES),
        ("SD-21-23", ("创新", "镇街连续两年", "不敢担当", "追责"), Later.OFFICES),
        ("SD-24c", ("高质量发展",), Later.OFFICES),
        ("SD-25", ("违规违纪的追究", "各方责任"), Later.OFFICES),
    ],
)
def test_no_order_of_the_shandong_measures_is_lost(shandong, id_: str, words: tuple[str, ...], part: Later) -> None:
    assert all(word in gist(shandong, id_) for word in words)
    assert part in later(shandong, id_)


@pytest.mark.clause("SD-4a")
def test_first_responsible_are_the_town_s_two_heads_only(shandong) -> None:
    town, below = gist(shandong, "SD-4a").split("；")
    assert "第一责任人" in town
    assert "第一责任人" not in below
    assert "站所负责人" in town
    assert "站所工作人员" not in town
    assert "村居" not in town
    assert [post for post in shandong.posts.values() if "第一责任人" in post.name] == [shandong.posts["town-first"]]


@pytest.mark.clause("SD-17a")
def test_each_tier_focuses_on_its_classes_and_that_it_takes_no_others_is_ours(shandong) -> None:
    assert gist(shandong, "SD-17a").count("重点监管") == 3
    assert all("重点" in placement.basis.read_as for placement in shandong.placements.values())


@pytest.mark.clause("SD-18")
def test_what_leaders_and_persons_in_charge_have_to_do_is_whole(shandong) -> None:
    assert any("培训" in says for says in said(shandong, "responsible-leader", "SD-18"))
    told = "；".join(said(shandong, "responsible-person", "SD-19"))
    assert all(wanted in told for wanted in ("重大隐患和非法违法行为", "救援和善后", "协助调查"))


def test_villages_patrol_and_that_their_managers_do_it_is_ours(shandong) -> None:
    for post in ("manager-community", "manager-village"):
        (duty,) = [duty for duty in shandong.duties if duty.who == post]
        assert duty.basis.id == "SD-6c"
        assert "没有写具体是谁" in duty.basis.read_as
        assert "及时处置" in duty.says


@pytest.mark.clause("SD-13.4")
def test_for_which_firms_powers_hold_is_said_once_and_read_into_the_rest(shandong) -> None:
    for id_ in ("SD-13.2", "SD-13.3", "SD-13.4"):
        assert "第（一）项" not in gist(shandong, id_)
        (power,) = [power for power in shandong.powers if power.basis.id == id_]
        assert "只有第（一）项写了" in power.basis.read_as
    assert "达到要求" in gist(shandong, "SD-13.2")
    assert "上交" not in gist(shandong, "SD-13.4")


async def test_the_leader_of_a_centre_sits_in_the_town_s_government_and_stands_on_the_boards(three, clock) -> None:
    call, _ = await filled(three, "shandong", clock)
    seated = await call.db.rows(
        "select distinct u.kind from appointment a join unit u on u.id = a.unit where a.post = 'centre-leader'"
    )
    assert [row["kind"] for row in seated] == ["party-government"]
    grid = await call.db.value("select public_id from grid where tier = 'town' order by id limit 1")
    facts = (await board_page(call.as_(PUBLIC), await issue(call, "grid", grid))).live
    (town,) = [section for section in facts["sections"] if section["code"] == "centre"]
    assert {person["post"] for person in town["people"]} >= {"centre-leader"}


@pytest.mark.clause("SD-4a")
async def test_a_grid_s_board_names_the_town_s_first_responsible_and_no_director_among_its_heads(three, clock) -> None:
    call, _ = await filled(three, "shandong", clock)
    grid = await call.db.value("select public_id from grid where tier = 'town' order by id limit 1")
    facts = (await board_page(call.as_(PUBLIC), await issue(call, "grid", grid))).live
    (first,) = [section for section in facts["sections"] if "第一责任人" in section["title"]]
    assert {person["post"] for person in first["people"]} == {"town-first"}
    assert not [section["title"] for section in facts["sections"] if "负责人" in section["title"]]


def test_who_stands_above_whom_in_shandong_is_ours_where_no_article_says_it(shandong) -> None:
    """Only article 18 sets a leader above the person in charge."""
    for post in shandong.posts.values():
        if post.answers_to and post.code not in ("responsible-person", "centre-leader", "town-deputy", "enforcer"):
            assert any(word in post.basis.read_as for word in ("上级", "两级管理")), post.code


def test_that_each_object_has_an_office_on_each_line_and_which_places_are_small_is_ours(shandong) -> None:
    for line in shandong.lines.values():
        assert line.required
        assert "没有写每家单位三类都要定部门" in line.basis.read_as
    place = next(rule for rule in shandong.edition.rules if getattr(rule, "code", None) == "place")
    assert "等领域" in place.hint
    assert "没有列出“九小场所”是哪九类" in place.basis.read_as
    assert "规下企业" in next(rule for rule in shandong.classes if rule.code == "nine-small").basis.read_as


def test_a_complaint_s_topic_quotes_what_the_article_pursues_and_marks_our_example(shandong) -> None:
    topics = {topic.code: topic.basis for topic in shandong.topics(Kind.COMPLAINT)}
    assert ("违规违纪" in topics["illegal"].gist, "“索要钱物”是本网站举的例子" in topics["illegal"].read_as) == (True, True)
    assert "不敢担当" in topics["careless"].gist


def test_a_person_in_charge_urges_and_guides_and_is_not_said_to_lack_a_certificate(shandong) -> None:
    (check,) = [duty for duty in shandong.duties if duty.code == "person-check"]
    assert "一线" in check.says
    assert "没有写责任人要有执法资格" in check.basis.read_as
    assert {duty.serves for duty in shandong.duties if duty.basis.id == "SD-11"} == {False, True}
    assert all(word in gist(shandong, "SD-13.1") for word in ("分类分级", "管辖权限"))


def test_no_real_district_is_shown_as_ruled_by_the_shandong_measures(regions, shandong) -> None:
    """The document names none; the example is of nowhere."""
    assert shandong.region.name == "山东某区（示例）"
    package = next(name for name in regions.packages if "shandong" in name)
    tables = [(regions.resources(package) / "example" / f"{table}.csv").read_text() for table in ("divisions", "units", "grids")]
    names = {row["code"]: row["name"] for row in csv.DictReader(tables[0].splitlines())}
    assert (names.pop("37"), names.pop("3799"), names.pop("379901")) == ("山东省", "示例市", "示例区")
    assert all(code.startswith("379901") for code in names)
    assert not any(real in table for table in tables for real in ("临沂", "罗庄", "3713", "0539"))


# All three


def bases(rule: object) -> list[Clause | Assumption]:
    """Every basis in a rule."""
    if isinstance(rule, Clause | Assumption):
        return [rule]
    if isinstance(rule, tuple):
        return [one for part in rule for one in bases(part)]
    return [one for f in fields(rule) for one in bases(getattr(rule, f.name))] if is_dataclass(rule) else []


@pytest.mark.parametrize("region", ["changzhou", "shandong", "wuzhong"])
def test_who_signs_and_supervises_boards_is_never_told_as_an_order(regions, region: str) -> None:
    """No document of the three names an office for it."""
    for board in scheme_of(regions.book, region).boards.values():
        assert "监督" in (board.basis.why if isinstance(board.basis, Assumption) else board.basis.read_as)
