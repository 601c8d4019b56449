"""Placement: class by facts, tier by class, grid by address; and its timeline against a day-by-day reference."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.areas.rules import fits_ground, stands
from portal.enterprises.rules import Address, FactOn, GroundOn, grid_around, in_force, place, stated, timeline
from portal.errors import Refused
from portal.scheme.book import Scheme
from portal.scheme.words import Ground, Tier, Unit
from tests.sample_region.scheme import SAMPLE, SILENT

SCHEME = Scheme(SAMPLE, SAMPLE.editions[0], "sample")
START = date(2026, 1, 1)
LONG_AGO = date(2020, 1, 1)


def ground(grid: int, tier: str, path: str, since: date = LONG_AGO, until: date | None = None) -> GroundOn:
    """A division in a grid."""
    return GroundOn(since, until, grid, f"格{grid}", tier, path)


GROUNDS = [ground(1, "town-grid", "/t/"), ground(2, "village-grid", "/t/v/"), ground(3, "patch", "")]
BIG, SMALL = {"size": "big", "risky": "no"}, {"size": "small", "risky": "no"}


@pytest.mark.parametrize(
    ("facts", "address", "outcome", "klass", "grid"),
    [
        (BIG, Address("/t/v/"), "placed", "big", 1),
        ({"size": "small", "risky": "yes"}, Address("/t/v/"), "placed", "big", 1),
        (SMALL, Address("/t/v/"), "placed", "small", 2),
        (SMALL, Address("/t/v/", drawn_grid=3), "placed", "small", 3),
        (BIG, Address("/t/v/", drawn_grid=3), "placed", "big", 1),
        (SMALL, Address("/t/w/"), "no_grid", "small", None),
        ({}, Address("/t/v/"), "placed", "small", 2),
    ],
)
def test_place(facts, address, outcome, klass, grid) -> None:
    value = place(SCHEME, facts, address, GROUNDS).value
    assert (value.outcome, value.klass, value.grid) == (outcome, klass, grid)


def test_the_smallest_division_around_the_address_counts() -> None:
    grounds = [ground(1, "village-grid", "/t/"), ground(2, "village-grid", "/t/v/")]
    assert place(SCHEME, SMALL, Address("/t/v/"), grounds).value.grid == 2


def test_two_grids_that_both_hold_the_address_are_named() -> None:
    decision = place(SCHEME, SMALL, Address("/t/v/"), [*GROUNDS, ground(9, "village-grid", "/t/v/")])
    assert decision.value.outcome == "several_grids"
    assert decision.because[-1].note == "地址同时在格2、格9内"


def test_a_placement_says_class_and_grid_with_their_clauses() -> None:
    decision = place(SCHEME, BIG, Address("/t/v/"), GROUNDS)
    assert [reason.note for reason in decision.because] == ["类别：大或高危（规模为“大”或高危）", "纳入镇格：格1"]
    assert {reason.basis.id for reason in decision.because} == {"SA-1"}


FIRM = Tier(code="firm", name="企业网格", of=Ground.ENTERPRISE, within="village-grid", basis=SILENT)


def test_an_own_grid_lies_in_the_one_grid_around_its_address() -> None:
    day = START
    later = ground(4, "village-grid", "/t/w/", START + timedelta(days=9))
    assert grid_around(SCHEME, FIRM, Address("/t/v/"), GROUNDS, day) == 2
    assert grid_around(SCHEME, FIRM, Address("/t/w/"), [*GROUNDS, later], day) is None
    assert grid_around(SCHEME, FIRM, Address("/t/w/"), [*GROUNDS, later], day + timedelta(days=9)) == 4
    assert grid_around(SCHEME, FIRM, Address("/t/v/"), [*GROUNDS, ground(9, "village-grid", "/t/v/")], day) is None
    assert grid_around(SCHEME, replace(FIRM, within=None), Address("/t/v/"), GROUNDS, day) is None
    patch = replace(FIRM, within="patch")
    assert grid_around(SCHEME, patch, Address("/t/v/", drawn_grid=3), GROUNDS, day) == 3


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], (5, 5)),
        ([(0, None)], (0, None)),
        ([(0, 20)], (0, 20)),
        ([(0, 3)], (0, 3)),
        ([(15, None)], (15, None)),
        ([(0, 3), (8, None)], (0, None)),
        ([(0, 3), (15, None)], (0, 3)),
        ([(0, 12), (15, None)], (0, 12)),
        ([(12, 13), (15, None)], (12, 13)),
    ],
)
def test_an_own_grid_is_in_force_as_the_run_that_began_last(runs, expected) -> None:
    def on(n: int | None) -> date | None:
        return None if n is None else START + timedelta(days=n)

    said = in_force([(on(since), on(until)) for since, until in runs], on(5), today=on(10))
    assert said == tuple(map(on, expected))


def test_no_division_makes_a_grid_of_an_enterprise() -> None:
    with pytest.raises(Refused, match="由单位自动形成"):
        fits_ground(FIRM, "village")
    assert not stands(Unit(code="u", name="u", at=Ground.ENTERPRISE, basis=SILENT), "village")


DAYS = st.integers(0, 60).map(lambda n: START + timedelta(days=n))


@st.composite
def histories(draw):
    """Random facts and grids over two months, without overlaps in a timeline."""

    def spells(make):
        cuts = sorted(draw(st.lists(DAYS, min_size=0, max_size=4, unique=True)))
        pairs = list(zip(cuts, [*cuts[1:], None], strict=False))
        return [make(since, until) for since, until in pairs if draw(st.booleans())]

    facts = spells(lambda s, u: FactOn(s, u, "size", draw(st.sampled_from(["big", "small"]))))
    facts += spells(lambda s, u: FactOn(s, u, "risky", draw(st.sampled_from(["yes", "no"]))))
    grounds = [
        one
        for grid, tier, path in ((1, "town-grid", "/t/"), (2, "village-grid", "/t/v/"), (3, "patch", ""))
        for one in spells(lambda s, u, g=grid, t=tier, p=path: ground(g, t, p, s, u))
    ]
    return facts, grounds


@given(histories(), st.sampled_from([Address("/t/v/"), Address("/t/v/", 3), Address("/x/")]), st.one_of(st.none(), DAYS))
def test_timeline_equals_deciding_every_day(history, address, end) -> None:
    facts, grounds = history
    spells = timeline(SCHEME, facts, address, grounds, START, end)
    for n in range(70):
        day = START + timedelta(days=n)
        at = [spell for spell in spells if spell.since <= day and (spell.until is None or day < spell.until)]
        if end is not None and day >= end:
            assert at == []
            continue
        now = {fact.fact: fact.value for fact in facts if fact.on(day)}
        wanted = place(SCHEME, now, address, [one for one in grounds if one.on(day)])
        assert [spell.decision for spell in at] == [wanted]


@given(st.lists(st.tuples(DAYS, st.sampled_from(["big", "small"])), min_size=1, max_size=6))
def test_stated_keeps_one_value_a_day_and_the_last_word_counts(statements) -> None:
    facts: list[FactOn] = []
    said: dict[date, str] = {}
    for since, value in statements:
        facts = stated(facts, "size", value, since)
        said[since] = value
    for n in range(70):
        day = START + timedelta(days=n)
        now = [fact.value for fact in facts if fact.on(day)]
        latest = max((since for since in said if since <= day), default=None)
        assert now == ([said[latest]] if latest else [])
