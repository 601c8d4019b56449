"""Placements across editions, against asking day by day."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.enterprises.rules import Address, FactOn, GroundOn, across, place
from portal.scheme.book import Book
from portal.scheme.words import InForce
from tests.sample_region.later import LATER
from tests.sample_region.scheme import GRIDS, SAMPLE

FIRST = date(2027, 12, 20)
SPAN = 90
DAYS = st.integers(0, SPAN).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def periods(draw, longest: int = SPAN):
    """From a day on, to another or without end."""
    since = draw(DAYS)
    until = draw(st.none() | st.integers(1, longest).map(lambda n: since + timedelta(days=n)))
    return since, until


@st.composite
def books(draw) -> Book:
    """One to three editions of the region, each with days of its own; there may be days without any."""
    rules = draw(st.lists(st.sampled_from([SAMPLE.editions[0], LATER]), min_size=1, max_size=3))
    made = []
    for n, edition in enumerate(rules):
        since, until = draw(periods())
        last = until - timedelta(days=1) if until is not None else None
        made.append(replace(edition, code=f"e{n}", in_force=InForce(since=since, until=last, basis=GRIDS)))
    return Book.of([("sample", replace(SAMPLE, editions=tuple(made)))])


@st.composite
def timelines(draw) -> list[FactOn]:
    """Sizes over time, without overlaps."""
    days = sorted(draw(st.sets(DAYS, max_size=4)))
    ends = [*days[1:], None]
    return [FactOn(day, end, "size", draw(st.sampled_from(["big", "small"]))) for day, end in zip(days, ends, strict=False)]


GROUNDS = st.lists(
    st.builds(
        lambda period, kind: GroundOn(
            *period, 1 if kind == "town-grid" else 2, kind, kind, "/9/1/" if kind == "town-grid" else "/9/1/2/"
        ),
        periods(),
        st.sampled_from(["town-grid", "village-grid"]),
    ),
    max_size=3,
)


@given(books(), timelines(), GROUNDS, periods(), DAYS)
def test_each_day_is_decided_by_its_own_edition_and_no_day_by_one_that_has_not_begun(book, facts, grounds, lived, known) -> None:
    start, end = lived
    eras = book.eras("sample", start, known)
    spells = across(eras, facts, Address("/9/1/2/"), grounds, start, end)
    assert all(one.until == two.since or one.until < two.since for one, two in pairwise(spells))
    begun = Book(tuple(scheme for scheme in book.schemes if (scheme.edition.in_force.since or date.min) <= known))
    before = None
    for day in (start + timedelta(days=n) for n in range(SPAN * 2)):
        if end is not None and day >= end:
            break
        scheme = begun.in_force("sample", day)
        (found,) = [spell for spell in spells if spell.since <= day and (spell.until is None or day < spell.until)] or [None]
        if scheme is None:
            assert found == before or (found is not None and before is not None and found.decision == before.decision)
        else:
            assert found is not None
            now = {fact.fact: fact.value for fact in facts if fact.on(day)}
            assert found.decision == place(scheme, now, Address("/9/1/2/"), [ground for ground in grounds if ground.on(day)])
            assert found.edition == scheme.edition_id
        before = found
