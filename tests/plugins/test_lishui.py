"""Lishui beside its document once more: what it orders of whom, what it leaves open, and what is only ours.

A mark says that the row is proven. Rows that another part of the portal will execute bear none here.
"""

import pytest

from portal.boards.actions import issue
from portal.boards.queries import page as board_page
from portal.people.rules import Candidate, Seat, may_hold
from portal.scheme.book import Scheme
from portal.scheme.words import Act, Ground, Kind
from portal.viewer import PUBLIC
from tests.browse import visiting
from tests.plugins.conftest import filled
from tests.plugins.test_regions import scheme_of

MANAGERS = ("manager-assessment", "manager-safety", "manager-environment")


@pytest.fixture(scope="module")
def lishui(regions) -> Scheme:
    """Its scheme."""
    return scheme_of(regions.book, "lishui")


def gist(scheme: Scheme, id_: str) -> str:
    """What a clause orders."""
    return next(clause for clause in scheme.region.clauses if clause.id == id_).gist


@pytest.mark.clause("LS-3b")
def test_the_rural_grid_s_leader_is_of_the_zone_and_no_street_stands_above_the_committee(lishui: Scheme) -> None:
    rural = lishui.posts["leader-rural"]
    assert lishui.units[rural.staffed_by[0]].at is Ground.ZONE
    assert (rural.basis.id, "两种读法" in rural.basis.read_as) == ("LS-3b", True)
    assert "两种读法" not in lishui.posts["leader-park"].basis.read_as
    # Nor does the plan say whose superior anybody is
    for post in lishui.posts.values():
        assert not post.answers_to or post.code in ("assistant-safety", "assistant-environment") or "上级" in post.basis.read_as
    above = {up for post in lishui.posts.values() for up in post.answers_to}
    assert not [code for code in above if "street" in lishui.posts[code].staffed_by]


@pytest.mark.clause("LS-3b")
def test_nobody_is_told_to_take_twenty_six_inspectors_from_twenty_people(lishui: Scheme) -> None:
    inspector = lishui.posts["inspector"]
    grids = sum(lishui.tiers[per.tier].expect for per in inspector.per)
    assert (grids, inspector.staffed_by) == (26, ())
    contractor = lishui.units["contractor"].basis
    assert contractor.id == "LS-5"
    assert all(said in contractor.read_as for said in ("二十人", "二十六个", "只能巡查、协助"))
    may_hold(lishui, Seat("grid", 1, "park-grid", "x"), "inspector", Candidate(unit="contractor"), held=0)
    may_hold(lishui, Seat("grid", 1, "park-grid", "x"), "inspector", Candidate(unit="safety-bureau"), held=0)


async def test_criticism_in_a_circular_names_nobody_in_public(three, clock, lishui: Scheme) -> None:
    said = lishui.counted["supervision"].basis
    assert "通报批评" in said.gist
    assert "点名" not in said.gist
    async with visiting(three, clock) as visitor:
        page = (await visitor().get("/schemes/lishui")).text
    assert "本网站不公布被批评的人的姓名" in page
    assert "点名" not in page


@pytest.mark.clause("LS-4.2.2")
def test_both_assistants_guide_the_grid_s_people_and_make_its_plan(lishui: Scheme) -> None:
    for id_ in ("LS-4.2.1", "LS-4.2.2"):
        assert {duty.who for duty in lishui.duties if duty.basis.id == id_} == {"assistant-safety", "assistant-environment"}
    assert "管理员" not in gist(lishui, "LS-4.2.3c")
    for part in ("企业安全、环保负责人", "专职网格员"):
        assert part in gist(lishui, "LS-4.2.1")


def test_the_six_managers_have_their_daily_work_and_their_roster(lishui: Scheme) -> None:
    for id_ in ("LS-3c", "LS-4.5"):
        assert {duty.who for duty in lishui.duties if duty.basis.id == id_} == set(MANAGERS)
    assert "值班" in gist(lishui, "LS-3c")
    assert "LS-4.5.5" not in {clause.id for clause in lishui.region.clauses}


@pytest.mark.clause("LS-4.3.1")
def test_a_weekly_patrol_looks_at_places_equipment_and_people_too(lishui: Scheme) -> None:
    assert {"重点部位", "重点场所", "设施", "人员"} <= set(lishui.counted["weekly"].points)
    key = next(duty for duty in lishui.duties if duty.code == "key")
    assert (key.act, key.basis.id, "检查" in key.says) == (None, "LS-4.3.1", False)
    assert lishui.counted["weekly"].act is Act.PATROL


def test_keeping_secrets_is_owed_and_no_service(lishui: Scheme) -> None:
    owed = [duty for duty in lishui.duties if duty.basis.id == "LS-6.3b"]
    assert {(duty.who, duty.serves) for duty in owed} == {("inspector", False), ("general", False)}
    assert "承诺" not in gist(lishui, "LS-6.3b")


def test_the_work_list_and_the_inspectors_pay_are_in_the_register_and_promised(lishui: Scheme) -> None:
    later = {clause.id for _, clauses in lishui.region.later for clause in clauses}
    assert {"LS-2", "LS-6.4"} <= later
    assert "力争" in gist(lishui, "LS-2")


def test_who_signs_a_lishui_board_and_whose_phone_supervises_is_told_as_ours(lishui: Scheme) -> None:
    for board in lishui.boards.values():
        for office in (board.issuer, board.supervision):
            assert lishui.units[office].name.removeprefix("开发区") in board.basis.why


def test_from_when_the_plan_holds_is_ours_since_it_names_no_day(lishui: Scheme) -> None:
    assert "没有写从哪天起施行" in lishui.edition.in_force.assumed.why


def test_the_document_is_not_said_to_deny_anybody_a_certificate(lishui: Scheme) -> None:
    duties = [duty.basis.read_as for duty in lishui.duties if "54号" in getattr(duty.basis, "read_as", "")]
    assert duties
    for said in (*duties, next(duty for duty in lishui.duties if duty.code == "key").basis.read_as):
        assert "没有写" in said
        assert "没有资格的不能做行政检查" in said
    assert "国办发〔2024〕54号" in lishui.units["contractor"].basis.read_as


@pytest.mark.parametrize("id_", ["LS-4.2.3c", "LS-4.2.4", "LS-4.2.5", "LS-4.2.6"])
def test_what_assistants_are_ordered_stands_among_their_duties(lishui: Scheme, id_: str) -> None:
    assert {duty.who for duty in lishui.duties if duty.basis.id == id_} == {"assistant-safety", "assistant-environment"}
    assert "助理" in gist(lishui, id_)


@pytest.mark.parametrize(
    ("id_", "words"),
    [("LS-4.3.2", "定期"), ("LS-4.3.4", "应及时"), ("LS-4.3.6", "可同时直接报主管部门"), ("LS-4.2.7", "助理每季度")],
)
def test_words_of_force_and_rhythm_of_lishui_s_plan_are_kept(lishui: Scheme, id_: str, words: str) -> None:
    assert words in gist(lishui, id_)


@pytest.mark.clause("LS-4.1")
async def test_a_board_above_offers_no_service_of_an_inspector_who_is_not_there(three, clock, lishui: Scheme) -> None:
    assert all("指导本网格人员" in duty.says for duty in lishui.duties if duty.basis.id == "LS-4.1")
    call, _ = await filled(three, "lishui", clock)
    for tier, offered in (("zone", False), ("park-grid", True)):
        grid = await call.db.value(
            "select g.public_id from grid g join appointment a on a.grid = g.id where g.tier = $1 order by g.id limit 1", tier
        )
        facts = (await board_page(call.as_(PUBLIC), await issue(call, "grid", grid))).live
        (services,) = [section["lines"] for section in facts["sections"] if section["code"] == "services"]
        assert bool(services) is offered, tier


def test_assistants_inspectors_and_managers_do_what_else_they_are_given(lishui: Scheme) -> None:
    given = {duty.who for duty in lishui.duties if duty.basis.id == "LS-4.tasks"}
    assert given == {"assistant-safety", "assistant-environment", "inspector", *MANAGERS}


def test_a_word_left_for_somebody_of_lishui_takes_a_way_that_no_clause_orders(lishui: Scheme) -> None:
    assert "留言" in lishui.routes[Kind.CONTACT].basis.why
