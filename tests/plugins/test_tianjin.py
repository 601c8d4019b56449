"""Tianjin beside its document once more: what it orders of whom, what it leaves open, and what is only ours.

A mark says that the row is proven. Rows that another part of the portal will execute bear none here.
"""

from collections import Counter

import pytest

from portal.areas.refining import RefinementForm, refine
from portal.boards.actions import issue
from portal.boards.queries import page as board_page
from portal.enterprises.charges import assign
from portal.enterprises.queries import uncharged
from portal.people.queries import gaps_in_areas, offices_without_in_areas
from portal.people.rules import Candidate, Seat, gaps, may_hold
from portal.scheme.book import Scheme
from portal.scheme.words import Assumption, Capacity, Kind
from tests.plugins.conftest import filled
from tests.plugins.test_regions import scheme_of

CENTRAL = "/12/120101/1/"
INSPECTORS = ("inspector", "street-inspector", "department-inspector")


@pytest.fixture(scope="module")
def tianjin(regions) -> Scheme:
    """Its scheme."""
    return scheme_of(regions.book, "tianjin")


def lacking(scheme: Scheme, tier: str, *held: str) -> set[str]:
    """The posts that a grid of the tier lacks where these are held."""
    seat = Seat("grid", 1, tier, "x", path=CENTRAL)
    return {gap.value.post.code for gap in gaps(scheme, [seat], Counter(("grid", 1, post) for post in held))}


@pytest.mark.clause("TJ-2.2")
@pytest.mark.parametrize("post", INSPECTORS)
def test_any_inspector_fills_a_village_s_grid(tianjin: Scheme, post: str) -> None:
    for tier in ("village", "village-part"):
        assert lacking(tianjin, tier) == {"street-inspector"}
        assert lacking(tianjin, tier, post) == set()


@pytest.mark.clause("TJ-2.2", "TJ-2.2c")
async def test_a_village_with_heavier_tasks_lacks_one_of_its_own_once_an_office_has_said_so(three, clock) -> None:
    call, _ = await filled(three, "tianjin", clock)
    row = await call.db.row(
        "select g.public_id as grid, j.public_id as place, j.path from grid g join jurisdiction j on j.id = g.jurisdiction "
        "where g.tier = 'village' and exists (select from appointment a where a.grid = g.id and a.post = 'street-inspector') "
        "and not exists (select from appointment a where a.grid = g.id and a.post = 'inspector') limit 1"
    )

    async def lacks() -> dict[str, str]:
        there = [gap for id_, gap in await gaps_in_areas(call) if id_ == row["grid"]]
        return {gap.value.post.code: gap.because[0].basis.gist for gap in there}

    assert await lacks() == {}
    own = RefinementForm(
        figure="post:inspector:least", value=1, document="某区通知（示例）", clause="第一条", gist="任务较重，配一名"
    )
    await refine(call, row["place"], own)
    assert set(await lacks()) == {"inspector"}
    assert "任务较重，配一名" in (await lacks())["inspector"]


@pytest.mark.clause("TJ-2.2b")
async def test_each_other_department_of_a_street_places_an_inspector(three, clock) -> None:
    call, example = await filled(three, "tianjin", clock)
    post = example.scheme.posts["department-inspector"]
    assert post.staffed_by == ("street-department",)
    assert example.scheme.units["street-department"].at.value == "town"
    assert post.basis.id == "TJ-2.2b"
    assert await offices_without_in_areas(call) == ()
    await call.db.rows("update appointment set until = since where post = 'department-inspector'")
    without = await offices_without_in_areas(call)
    assert {one.because.basis.id for one in without} == {"TJ-2.2b"}
    assert len(without) == await call.db.value("select count(*) from unit where kind = 'street-department'") > 1


@pytest.mark.clause("TJ-2.1a")
def test_a_trade_area_s_level_is_assumed_and_its_inspector_comes_from_the_street(tianjin: Scheme) -> None:
    area = tianjin.tiers["area"]
    assert (area.basis.id, bool(area.basis.read_as)) == ("TJ-2.1a", True)
    seat = Seat("grid", 1, "area", "x", path=CENTRAL)
    may_hold(tianjin, seat, "street-inspector", Candidate(unit="street-office"), held=0)
    assert {per.tier for per in tianjin.posts["inspector"].per} == {"village", "village-part"}
    assert "area" not in {per.tier for per in tianjin.counted["patrol"].on}
    for word in ("原则上", "可以"):
        assert word in area.basis.gist
    assert "可以" in next(clause for clause in tianjin.region.clauses if clause.id == "TJ-2.1c").gist


@pytest.mark.clause("TJ-2.3c")
def test_every_inspector_of_tianjin_is_supervisor_informer_and_publicist(tianjin: Scheme) -> None:
    for who in INSPECTORS:
        roles = {duty.says.partition("：")[0] for duty in tianjin.duties if duty.who == who and duty.basis.id == "TJ-2.3c"}
        assert roles == {"监管员", "信息员", "宣传员"}
    assert "宣" not in tianjin.counted["patrol"].basis.gist


def test_urging_enterprises_is_a_task_of_a_street_s_inspectors_and_no_service(tianjin: Scheme) -> None:
    for code, who in (("guide", "street-inspector"), ("department-guide", "department-inspector")):
        duty = next(duty for duty in tianjin.duties if duty.code == code)
        assert (duty.who, duty.serves, duty.basis.id) == (who, False, "TJ-2.3a")
    assert "督促单位" in duty.basis.gist


def test_no_clause_of_tianjin_is_quoted_for_an_office_that_it_does_not_name(tianjin: Scheme) -> None:
    report = tianjin.routes[Kind.REPORT].basis
    assert (report.id, "没有写由谁受理" in report.read_as) == ("TJ-3.7b", True)
    assert isinstance(tianjin.units["bureau"].basis, Assumption)
    for board in tianjin.boards.values():
        for office in (board.issuer, board.supervision):
            assert tianjin.units[office].name in board.basis.why


def test_posted_and_lent_enforcement_is_explored_and_no_number_of_it_ordered(tianjin: Scheme) -> None:
    enforcer = tianjin.posts["enforcer"]
    assert (enforcer.basis.id, enforcer.count.least) == ("TJ-3.2b", 0)
    assert "探索" in enforcer.basis.gist
    later = {clause.id for _, clauses in tianjin.region.later for clause in clauses}
    assert {"TJ-1b", "TJ-3.1", "TJ-3.2b"} <= later


@pytest.mark.clause("TJ-1")
def test_that_a_board_shows_inspectors_and_departments_is_ours(tianjin: Scheme) -> None:
    assert "看得到" not in tianjin.lines["department"].basis.gist
    for board in tianjin.boards.values():
        for section in board.sections:
            if section.basis == tianjin.lines["department"].basis:
                raise AssertionError(section.title)
            if section.code in ("people", "department"):
                assert "没有要求写在公示牌上" in section.basis.read_as


@pytest.mark.clause("TJ-2.2c")
def test_districts_give_both_levels_further_tasks_and_number_only_the_villages(tianjin: Scheme) -> None:
    (basis,) = {duty.basis for duty in tianjin.duties if duty.code.startswith("further-")}
    assert "街镇、村居网格员的其他任务，各区可以" in basis.gist


def test_what_a_patrol_of_tianjin_looks_at_is_ours_and_its_focus_is_kept(tianjin: Scheme) -> None:
    for code in ("patrol", "street-patrol"):
        assert "要点由本网站" in tianjin.counted[code].basis.read_as
    assert tianjin.counted["street-patrol"].says.startswith("重点")
    assert "应当按程序" in tianjin.counted["street-patrol"].basis.gist


async def test_under_direct_supervision_no_department_is_named_until_one_is_in_charge(three, clock) -> None:
    call, _ = await filled(three, "tianjin", clock)
    firm = await call.db.row(
        "select e.id, e.public_id, j.path from enterprise e join jurisdiction j on j.id = e.division "
        "join placement p on p.enterprise = e.id and p.outcome = 'direct' join appointment a on a.enterprise = e.id limit 1"
    )
    unit = await call.db.row(
        "select u.public_id, u.name from unit u join jurisdiction j on j.id = u.jurisdiction where u.kind = 'department' "
        "and starts_with($1, j.path) order by u.id desc limit 1",
        firm["path"],
    )
    await call.db.rows("delete from charge where enterprise = $1", firm["id"])
    before, code = await uncharged(call), await issue(call, "enterprise", firm["public_id"])
    facts = (await board_page(call, code)).live
    assert facts["grid"]["name"] == "由区级负有安全监管职责的部门直接监管（还没有定是哪个部门）"
    assert [section["vacant"] for section in facts["sections"] if section["title"] == "责任部门"] == [
        ["责任部门（还没有定部门）"]
    ]
    await assign(call, firm["public_id"], "department", unit["public_id"], call.today)
    assert (await board_page(call, code)).live["grid"]["name"] == f"由{unit['name']}直接监管"
    assert await uncharged(call) == before - 1


def test_who_supervises_an_enterprise_directly_is_not_printed_as_one_who_may_only_assist(tianjin: Scheme) -> None:
    """The document says nothing of their certificates; the office supervises by its own powers."""
    assert tianjin.posts["direct-head"].capacity is Capacity.LEAD
    consulting = next(duty for duty in tianjin.duties if duty.code == "direct-help")
    assert "咨询" in consulting.basis.why
