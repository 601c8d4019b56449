"""What makes the regions differ, each on its own scheme or example register: the rows of their documents, one by one."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.areas.refining import RefinementForm, refine
from portal.boards.actions import issue
from portal.boards.queries import page as board_page
from portal.enterprises.queries import uncharged
from portal.enterprises.rules import Address, FactOn, GroundOn, place, timeline
from portal.errors import Refused
from portal.obligations import queries
from portal.obligations.rules import demands
from portal.people.actions import AppointmentForm, appoint
from portal.people.actions import seated as seated_at
from portal.people.queries import departures_in_areas, unbound_in_areas
from portal.people.rules import Candidate, Seat, gaps, may_hold, posts_at
from portal.scheme.book import Book, Scheme
from portal.scheme.canonical import digest
from portal.scheme.powers import Letter, fields_of, may
from portal.scheme.predicates import holds
from portal.scheme.refining import figures, is_stricter
from portal.scheme.words import Act, Assumption, Capacity, Clause, Every, Force, Within
from portal.viewer import PUBLIC
from tests.browse import visiting
from tests.plugins.conftest import filled
from tests.plugins.test_regions import scheme_of

LONG_AGO = date(2020, 1, 1)


def ground(grid: int, tier: str, path: str) -> GroundOn:
    """A division in a grid, for long."""
    return GroundOn(LONG_AGO, None, grid, tier, tier, path)


def duties(scheme: Scheme, post: str | None) -> dict[str, tuple[Act | None, tuple[str, ...]]]:
    """The counted duties of a post with what they demand, in words."""
    return {duty.code: (duty.act, tuple(d.says for d in demands(duty))) for duty in scheme.counted.values() if duty.who == post}


# Wuzhong


@pytest.mark.clause("WZ-3b")
def test_who_issues_commands_and_signs_in_wuzhong(regions) -> None:
    scheme = scheme_of(regions.book, "wuzhong")
    assert {board.issuer for board in scheme.boards.values()} == {"local-department"}
    assert {board.supervision for board in scheme.boards.values()} == {"district-bureau"}
    assert scheme.posts["inspector"].staffed_by == ("local-department",)
    assert scheme.units["district-bureau"].basis.id == scheme.posts["department-head"].basis.id == "WZ-3b"


@pytest.mark.clause("WZ-5.8")
def test_wuzhong_s_seven_tasks_reach_every_enterprise_once_in_two_months(regions) -> None:
    scheme = scheme_of(regions.book, "wuzhong")
    (duty,) = scheme.counted.values()
    assert (duty.who, duty.act, duty.every, duty.on[0].klass) == ("inspector", Act.PATROL, Every(months=2), "*")
    assert len(duty.points) == 7


@pytest.mark.clause("WZ-2")
async def test_a_town_of_wuzhong_may_be_stricter_and_not_laxer(three, clock) -> None:
    call, example = await filled(three, "wuzhong", clock)
    town = next(code for code, kind in example.kinds.items() if kind == "town")
    own = RefinementForm(
        figure="duty:coverage:every", value=Every(months=1), document="某镇细则（示例）", clause="第二条", gist="每月一遍"
    )
    await refine(call, example.divisions[town], own)
    places = {one.refined: one.now.demand.every for one in await queries.summary(call, "wuzhong", call.today)}
    assert set(places.values()) == {Every(months=1), Every(months=2)}
    with pytest.raises(Refused, match=r"第三条定的是“每季度一次”，不严于现行的“每两个月一次”（第五条第（八）项）"):
        await refine(call, example.divisions[town], replace(own, value=Every(months=3), clause="第三条"))


# Lishui


@pytest.mark.clause("LS-4.1", "LS-4.2.3a", "LS-4.2.3b", "LS-4.2.7", "LS-4.3.1")
def test_who_owes_what_in_lishui(regions) -> None:
    scheme = scheme_of(regions.book, "lishui")
    leaders = [post for post in scheme.posts if post.startswith("leader")]
    for post in leaders:
        assert duties(scheme, post) == {f"{post}-check": (Act.SUPERVISION, ("每两个月一次", "每年至少6次"))}
    assert {per.tier for post in leaders for per in scheme.counted[f"{post}-check"].on} == set(scheme.tiers)
    # Once for both assistants, whichever of them does it, and no check: they are no officers
    assert duties(scheme, "assistant-safety") == {
        "assistant-monthly": (Act.PATROL, ("每月一次", "每年至少12次")),
        "assistant-meeting": (Act.MEETING, ("每季度一次",)),
        "assistant-report": (Act.REPORT, ("每季度一次",)),
    }
    assert duties(scheme, "assistant-environment") == {}
    for code in duties(scheme, "assistant-safety"):
        assert scheme.counted[code].posts == ("assistant-safety", "assistant-environment")
    assert scheme.counted["assistant-meeting"].attends == ("inspector", "general")
    assert scheme.counted["assistant-report"].to == ("committee-office",)
    weekly = scheme.counted["weekly"]
    assert (weekly.who, weekly.every, weekly.on[0].klass, len(weekly.points)) == ("inspector", Every(weeks=1), "plot", 13)
    supervision = scheme.counted["supervision"]
    assert (supervision.who, supervision.on[0].unit, supervision.every) == (None, "committee-office", Every(months=6))


@pytest.mark.clause("LS-4.4")
def test_the_general_inspector_of_lishui_assists_patrols_and_reports(regions) -> None:
    scheme = scheme_of(regions.book, "lishui")
    (duty,) = [duty for duty in scheme.duties if duty.who == "general" and duty.basis.id == "LS-4.4"]
    assert duty.basis.id == "LS-4.4"
    assert scheme.posts["general"].capacity is Capacity.ASSIST


@pytest.mark.clause("LS-6.5", "LS-0")
def test_lishui_s_office_may_adjust_posts_by_another_edition_and_the_first_stays_as_it_was(regions) -> None:
    scheme = scheme_of(regions.book, "lishui")
    old, turn = scheme.edition, date(2027, 1, 1)
    assert old.in_force.since == date(2019, 6, 4)
    posts = tuple(
        replace(rule, count=replace(rule.count, least=3, most=3)) if getattr(rule, "code", "") == "manager-safety" else rule
        for rule in old.rules
    )
    new = replace(old, code="lishui-2027", in_force=replace(old.in_force, since=turn), rules=posts)
    book = Book.of([("lishui", replace(scheme.region, editions=(old, new)))])
    before, after = book.in_force("lishui", turn - timedelta(days=1)), book.in_force("lishui", turn)
    assert (before.edition_id, after.edition_id) == ("lishui-2019", "lishui-2027")
    assert (before.posts["manager-safety"].count.least, after.posts["manager-safety"].count.least) == (2, 3)
    assert digest(before.edition) == digest(old) != digest(after.edition)


# Shandong


@pytest.mark.clause("SD-4a")
def test_one_post_two_duties_at_town_area_and_village(regions) -> None:
    scheme = scheme_of(regions.book, "shandong")
    at = {
        "party-government": {"town-first", "town-deputy", "centre-leader", "enforcer"},
        "station": {"line-head", "line-staff"},
    }
    for unit, posts in at.items():
        assert posts <= {post.code for post in posts_at(scheme, Seat("unit", 1, unit, "x"))}
    assert {post.code for post in posts_at(scheme, Seat("grid", 1, "work-area", "x"))} == {"area-head", "area-staff"}
    village = {post.code for post in posts_at(scheme, Seat("grid", 1, "village", "x", ground="village"))}
    assert {"village-head", "village-second", "village-member"} < village
    said = {duty.who: duty.says for duty in scheme.duties if duty.basis.id == "SD-4a"}
    assert {post for post, says in said.items() if "直接责任" in says} == {"area-head", "village-head", "village-second"}
    assert {post for post, says in said.items() if "具体责任" in says} == {"line-head", "area-staff", "village-member"}


@pytest.mark.clause("SD-4b", "SD-9", "SD-18")
def test_what_a_shandong_town_and_its_leaders_hold(regions) -> None:
    scheme = scheme_of(regions.book, "shandong")
    assert duties(scheme, None) == {
        "government-meeting": (Act.MEETING, ("每月一次",)),
        "trainings": (Act.TRAINING, ("每年至少2次",)),
    }
    assert scheme.counted["government-meeting"].attends == ("centre-director",)
    assert {per.unit for duty in ("government-meeting", "trainings") for per in scheme.counted[duty].on} == {"party-government"}
    assert duties(scheme, "responsible-leader") == {"leader-meeting": (Act.MEETING, ("每月一次",))}
    assert scheme.counted["leader-meeting"].on == ()


def test_a_shandong_town_s_centre_has_its_leader_and_its_director(regions) -> None:
    scheme = scheme_of(regions.book, "shandong")
    at = {unit: {gap.value.post.code for gap in gaps(scheme, [Seat("unit", 1, unit, "x")], Counter())} for unit in scheme.units}
    assert {unit for unit, posts in at.items() if "centre-director" in posts} == {"centre"}
    assert {unit for unit, posts in at.items() if "centre-leader" in posts} == {"party-government"}  # one of the town's leaders
    assert "town-first" in scheme.posts["centre-leader"].answers_to
    assert set(scheme.posts["centre-director"].answers_to) == {"centre-leader", "bureau-head"}


@pytest.mark.clause("SD-13.1", "SD-13.4")
@pytest.mark.parametrize(
    ("sector", "yuan", "allowed", "goes"),
    [
        ("trade", 50_000, True, None),
        ("chemical", 1, True, None),
        ("fireworks", None, True, None),
        ("trade", 50_001, False, "bureau"),
        ("other", 100, False, None),
    ],
)
def test_a_shandong_town_fines_what_it_was_lent_up_to_its_limit(regions, sector: str, yuan, allowed, goes) -> None:
    scheme = scheme_of(regions.book, "shandong")
    on, powers = date(2026, 11, 30), tuple(power.code for power in scheme.powers)
    letter = Letter(
        number="1号",
        lender="区应急管理局",
        entrusted="甲镇",
        powers=powers,
        fields=fields_of(scheme, scheme.powers),
        published_on=on,
        since=on,
        until=date(2027, 11, 30),
    )
    lent = {"on": on, "letters": [letter]}
    decided = may(scheme, "penalty", "enforcer", {"sector": sector}, yuan=yuan, **lent)
    assert (decided.value.allowed, decided.value.above) == (allowed, goes)
    assert {because.basis.id for because in decided.because} == {"SD-13.4"} | ({"NAT-CF-20"} if allowed else set())
    assert not may(scheme, "penalty", "responsible-person", {"sector": "trade"}, yuan=1, **lent).value.allowed
    assert may(scheme, "enforcement", "enforcer", {"sector": sector}, **lent).value.allowed is (sector != "other")
    assert not may(scheme, "enforcement", "enforcer", {"sector": sector}, on=on).value.allowed, "what is lent needs a letter"


async def test_an_object_without_an_office_on_its_lines_is_counted(three, clock) -> None:
    call, _ = await filled(three, "shandong", clock)
    before = await uncharged(call)
    lost = await call.db.rows("delete from charge where line = 'industry' returning enterprise")
    assert await uncharged(call) > before
    assert len(lost) > 0
    await call.db.rows("delete from charge where line = 'overall'")
    assert await uncharged(call) == await call.db.value("select count(*) from enterprise")


async def test_several_offices_of_a_line_s_kind_in_one_place_count_as_none(three, clock) -> None:
    call, _ = await filled(three, "shandong", clock)
    await call.db.rows("delete from charge where line = 'overall'")
    before = await uncharged(call)
    await call.db.rows("update unit set kind = 'centre', only_chosen = true where kind = 'station'")
    assert await uncharged(call) == before
    await call.db.rows("update unit set only_chosen = false")
    assert await uncharged(call) > before


async def test_whoever_comes_with_another_post_is_appointed_to_that_one(three, clock) -> None:
    """Nobody is appointed to head a village's safety office: the way out of that gap is a head for the village."""
    call, example = await filled(three, "shandong", clock)
    await call.db.rows("update appointment set until = since where post = 'village-head'")
    office = next(one for one in example.accounts if one.login == "shandong-office")
    async with visiting(three, clock) as site:
        visitor = site("10.1.1.1")
        await visitor.sign_in(office.login, office.password)
        page = await visitor.get("/office/gaps")
        assert "应急安全办公室主任" in page.text
        links = [link for link in page.links() if link.startswith("/office/appointments/new")]
        assert any(link.endswith("post=village-head") for link in links)
        assert not any(link.endswith("post=village-office-head") for link in links)


# Changzhou


@pytest.mark.clause("CZ-0", "CZ-3.1a", "CZ-3.1c")
@pytest.mark.parametrize(
    ("facts", "outcome", "klass", "grid"),
    [
        ({"industrial": "no"}, "not_covered", None, None),
        ({"industrial": "yes", "key": "yes", "scale": "above"}, "placed", "key", 1),
        ({"industrial": "yes", "key": "no", "scale": "above"}, "placed", "above", 1),
        ({"industrial": "yes", "key": "no", "scale": "below"}, "placed", "below", 1),
        ({"industrial": "yes", "key": "yes", "scale": "above", "direct": "yes"}, "direct", "direct", None),
    ],
)
def test_where_a_changzhou_enterprise_belongs(regions, facts, outcome, klass, grid) -> None:
    scheme = scheme_of(regions.book, "changzhou")
    grounds = [ground(1, "village", "/t/v/"), ground(2, "part", ""), ground(3, "park", "")]
    decided = place(scheme, facts, Address("/t/v/"), grounds)
    assert (decided.value.outcome, decided.value.klass, decided.value.grid) == (outcome, klass, grid)
    if outcome == "placed":
        for named in (2, 3):
            assert place(scheme, facts, Address("/t/v/", drawn_grid=named), grounds).value.grid == named
    if outcome == "direct":
        assert decided.because[-1].basis.id == "CZ-3.1c"


@pytest.mark.clause("CZ-2.3", "CZ-II")
def test_changzhou_began_in_three_towns_and_then_everywhere(regions) -> None:
    scheme = scheme_of(regions.book, "changzhou")
    industrial = [FactOn(date(2022, 1, 1), None, fact, value) for fact, value in (("industrial", "yes"), ("scale", "below"))]
    assert scheme.edition.in_force.since == date(2022, 3, 2)
    for town, spells in {
        "320412105": [(date(2022, 3, 2), "placed")],
        "320412001": [(date(2022, 3, 2), "not_yet"), (date(2023, 1, 1), "placed")],
    }.items():
        path = f"/32/3204/320412-JKQ/{town}/v/"
        found = timeline(scheme, industrial, Address(path), [ground(1, "village", path)], date(2022, 3, 2), None)
        assert [(spell.since, spell.decision.value.outcome) for spell in found] == spells
    assert found[0].decision.because[0].basis.id == "CZ-2.3"


@pytest.mark.clause("CZ-3.2a", "CZ-3.2b")
async def test_one_grid_one_inspector_in_principle_and_a_reason_for_more(three, clock) -> None:
    call, example = await filled(three, "changzhou", clock)
    scheme = example.scheme
    village, park = Seat("grid", 1, "village", "x"), Seat("grid", 1, "park", "x")
    lacking = {gap.value.post.code for gap in gaps(scheme, [village, park], Counter())}
    assert lacking == {"inspector", "park-inspector"}
    for unit in ("town-department", "town", "bureau", "zone"):
        may_hold(scheme, park, "park-inspector", Candidate(unit=unit), held=0)
    with pytest.raises(Refused, match=r"园区网格员应由.*的人员担任"):
        may_hold(scheme, park, "park-inspector", Candidate(unit="village-committee", reason="缺人"), held=0)
    with pytest.raises(Refused, match=r"网格员原则上由.*请写明理由"):
        may_hold(scheme, village, "inspector", Candidate(unit=None), held=0)
    row = await call.db.row(
        "select g.public_id as grid, p.public_id as person from appointment a join grid g on g.id = a.grid, person p "
        "join unit u on u.id = p.unit where a.post = 'inspector' and u.kind = 'village-committee' and p.id <> a.person limit 1"
    )
    at = await seated_at(call, "grid", row["grid"])
    form = AppointmentForm(person=row["person"], post="inspector", since=call.today)
    with pytest.raises(Refused, match="网格员原则上 1 人，现已有 1 人。确需增加的，请写明理由") as refused:
        await appoint(call, form, at)
    assert refused.value.field == "reason"
    await appoint(call, replace(form, reason="企业多，增派一名（示例）"), at)
    (departure,) = await departures_in_areas(call)
    assert (departure.post, departure.reason) == ("网格员", "企业多，增派一名（示例）")


@pytest.mark.clause("CZ-4.1")
def test_the_three_roles_of_a_changzhou_inspector(regions) -> None:
    scheme = scheme_of(regions.book, "changzhou")
    for post in ("inspector", "park-inspector"):
        (duty,) = [duty for duty in scheme.duties if duty.who == post and duty.basis.id == "CZ-4.1"]
        assert all(role in duty.says for role in ("信息员", "监督员", "宣传员", "协助"))


def test_changzhou_s_patrols_are_ordered_and_only_their_frequencies_are_ours(regions) -> None:
    scheme = scheme_of(regions.book, "changzhou")
    patrols = [duty for duty in scheme.counted.values() if duty.act is Act.PATROL]
    assert {duty.every for duty in patrols} == {Every(months=1), Every(months=2), Every(months=3)}
    assert {duty.basis.id for duty in patrols} == {"CZ-5.1b"}
    assert all("频次没有给出" in duty.basis.read_as for duty in patrols)
    assert figures(scheme)["duty:patrol-below:every"].value == Every(months=3)


async def test_a_board_of_a_directly_supervised_enterprise_names_who_supervises_it(three, clock) -> None:
    call, _ = await filled(three, "changzhou", clock)
    row = await call.db.row("select enterprise from placement where outcome = 'direct' limit 1")
    firm = await call.db.value("select public_id from enterprise where id = $1", row["enterprise"])
    code = await issue(call, "enterprise", firm)
    facts = (await board_page(call.as_(PUBLIC), code)).live
    async with visiting(three, clock) as site:
        page = await site().get(f"/b/{code}")
    assert not re.search(r"·\s+·", page.text), "no grid, so no tier and no code to set dots between"
    assert facts["lead"]["post"] == "direct-head"
    assert "直接监管" in facts["grid"]["name"]
    assert (await queries.summary(call, "changzhou", call.today))[0].figures.owed >= 0


# Tianjin


@pytest.mark.clause("TJ-1")
async def test_a_tianjin_object_shows_its_department_and_its_inspector(three, clock) -> None:
    call, _ = await filled(three, "tianjin", clock)
    row = await call.db.row(
        "select e.public_id, u.name from enterprise e join charge c on c.enterprise = e.id join unit u on u.id = c.unit "
        "join placement p on p.enterprise = e.id and p.outcome = 'placed' limit 1"
    )
    facts = (await board_page(call.as_(PUBLIC), await issue(call, "enterprise", row["public_id"]))).live
    department = next(section for section in facts["sections"] if section["title"] == "责任部门")
    assert department["people"][0]["name"] == row["name"]
    assert facts["lead"]["post_name"] in ("村居网格员", "街镇网格员")


@pytest.mark.clause("TJ-2.1a", "TJ-2.1b")
@pytest.mark.parametrize(
    ("facts", "drawn", "outcome", "grid"),
    [
        ({"place": "enterprise"}, None, "placed", 2),
        ({"place": "three-small"}, None, "placed", 2),
        ({"place": "enterprise"}, 3, "placed", 3),
        ({"place": "household"}, 4, "placed", 4),
        ({"place": "enterprise", "direct": "yes"}, None, "direct", None),
    ],
)
def test_where_a_tianjin_object_belongs(regions, facts, drawn, outcome, grid) -> None:
    scheme = scheme_of(regions.book, "tianjin")
    grounds = [ground(1, "street", "/t/"), ground(2, "village", "/t/v/"), ground(3, "area", ""), ground(4, "village-part", "")]
    decided = place(scheme, facts, Address("/t/v/", drawn_grid=drawn), grounds)
    assert (decided.value.outcome, decided.value.grid) == (outcome, grid)
    assert place(scheme, {"place": "enterprise"}, Address("/t/"), grounds).value.grid == 1
    assert scheme.tiers["village"].within == "street"


@pytest.mark.clause("TJ-2.2", "TJ-2.2b")
async def test_every_tianjin_grid_has_its_inspector_and_every_member_of_staff_a_grid(three, clock) -> None:
    call, example = await filled(three, "tianjin", clock)
    scheme = example.scheme
    for tier in scheme.tiers:
        lacking = {gap.value.post.code for gap in gaps(scheme, [Seat("grid", 1, tier, "x", path="/12/120101/1/")], Counter())}
        assert lacking == {"street-inspector"}
        assert "department-inspector" in {found.code for found in posts_at(scheme, Seat("grid", 1, tier, "x"))}
    before = {one.name for one in await unbound_in_areas(call)}
    bound = await call.db.row(
        "select p.id, p.name from person p join unit u on u.id = p.unit where u.kind = 'street-office' and exists (select from "
        "appointment a where a.person = p.id and a.grid is not null) limit 1"
    )
    await call.db.rows("update appointment set until = since where person = $1 and grid is not null", bound["id"])
    after = await unbound_in_areas(call)
    assert {one.name for one in after} - before == {bound["name"]}
    assert after[0].because.basis.id == "TJ-2.2"


def test_both_tiers_of_tianjin_s_inspectors_reach_whom_their_task_names(regions) -> None:
    scheme = scheme_of(regions.book, "tianjin")
    reach = {duty.who: {(per.klass, per.tier) for per in duty.on} for duty in scheme.counted.values()}
    lower = {"village", "village-part"}
    assert reach["inspector"] == {("ordinary", tier) for tier in lower}
    assert {tier for _, tier in reach["street-inspector"]} > lower
    assert {klass for klass, _ in reach["street-inspector"]} == {"ordinary", "household"}
    assert {duty.basis.id for duty in scheme.counted.values()} == {"TJ-2.3a", "TJ-2.3b"}
    assert [duty.who for duty in scheme.duties if "送达" in duty.says] == ["street-inspector", "department-inspector"]


@pytest.mark.clause("TJ-2.2c")
def test_tianjin_s_districts_set_rhythm_and_numbers_themselves(regions) -> None:
    scheme = scheme_of(regions.book, "tianjin")
    assert all(demands(duty) == () for duty in scheme.counted.values())
    known = figures(scheme)
    assert is_stricter(known["duty:patrol:every"].value, Every(months=1), "duty:patrol:every")
    assert is_stricter(known["post:inspector:least"].value, 2, "post:inspector:least")


@pytest.mark.clause("TJ-0")
def test_what_tianjin_s_text_lost_is_named_as_lost_and_inferred(regions) -> None:
    scheme = scheme_of(regions.book, "tianjin")
    assert scheme.edition.documents[0].lost
    assert "201859" in scheme.edition.in_force.assumed.why
    for code, least, most in (("checker-central", 5, 10), ("checker-outer", 10, 20)):
        post = scheme.posts[code]
        assert (post.basis.id, "补正" in post.basis.read_as) == ("TJ-3.2", True)
        assert (post.count.least, post.count.most) == (least, most)


# All


@pytest.mark.clause("WHY-1")
async def test_every_gap_placement_duty_and_deadline_says_by_whose_order(three, clock) -> None:
    for region in ("changzhou", "lishui", "shandong", "wuzhong"):
        scheme = scheme_of(three.plugins.book, region)
        for duty in scheme.counted.values():
            assert isinstance(duty.basis, Clause | Assumption)
    call, example = await filled(three, "lishui", clock)
    for now, last, _ in await queries.asked_on(call, "lishui", call.today):
        for asked in (now, last):
            for thing in (await queries.things(call, asked, size=5)).things:
                assert thing.because
                assert thing.because[0].basis == asked.duty.basis
                assert thing.because[0].edition == example.scheme.edition_id
    seats = [Seat("grid", 1, "park-grid", "x")]
    assert all(gap.because for gap in gaps(example.scheme, seats, Counter()))
    rows = await call.db.rows("select because from placement limit 50")
    assert all('"clause"' in row["because"] or '"assumption"' in row["because"] for row in rows)
    for route in example.scheme.routes.values():
        assert all(term is None or term.basis for term in (route.accept, route.answer))


@pytest.mark.parametrize("region", ["changzhou", "lishui", "shandong", "tianjin", "wuzhong"])
def test_forces_and_terms_of_a_region_are_words_of_the_language(regions, region: str) -> None:
    scheme = scheme_of(regions.book, region)
    assert {post.force for post in scheme.posts.values()} <= set(Force)
    assert all(
        isinstance(term.within, Within) for route in scheme.routes.values() for term in (route.accept, route.answer) if term
    )
    assert all(holds(klass.when, {}) in (True, False) for klass in scheme.classes)
