"""Where a case goes, by when, and which step may follow which."""

from datetime import date

import pytest

from portal.areas.rules import UnitAt, nearest
from portal.clock import ChineseWorkingDays
from portal.errors import Refused
from portal.feedback.rules import OPEN, STEPS, after, deadline, possible, route
from portal.scheme.book import Scheme
from portal.scheme.calendar import Deadline
from portal.scheme.words import Kind
from tests.sample_region.scheme import SAMPLE

SCHEME = Scheme(SAMPLE, SAMPLE.editions[0], "sample")
BUREAU = UnitAt(1, "bureau", "区局", "1", "/d/", "district")
STATION = UnitAt(2, "station", "东所", "2", "/d/t/", "town")
OTHER = UnitAt(3, "station", "西所", "3", "/d/u/", "town")
WATCH = UnitAt(4, "watch", "纪检", "4", "/d/", "district")
WORKING = ChineseWorkingDays()


def nobody(_: str) -> None:
    """No post is held."""


def keeper(post: str) -> tuple[int, str] | None:
    """The keeper is held."""
    return (7, "张看护") if post == "keeper" else None


@pytest.mark.parametrize(
    ("kind", "units", "unread", "holder", "unit", "person", "name"),
    [
        (Kind.REPORT, [BUREAU, STATION, OTHER], (), nobody, 2, None, "东所"),
        (Kind.REPORT, [BUREAU, OTHER], (), nobody, 1, None, "区局"),
        (Kind.REPORT, [BUREAU, STATION], (STATION,), nobody, 1, None, "区局"),
        (Kind.REPORT, [BUREAU, STATION], (STATION, BUREAU), nobody, None, None, "安全生产举报投诉热线"),
        (Kind.REPORT, [], (), nobody, None, None, "安全生产举报投诉热线"),
        (Kind.CONTACT, [BUREAU, STATION], (), keeper, 2, 7, "张看护"),
        (Kind.CONTACT, [BUREAU, STATION], (STATION,), keeper, None, None, "政务服务便民热线"),
        (Kind.CONTACT, [BUREAU, STATION], (), nobody, 2, None, "东所"),
        (Kind.CONTACT, [], (), keeper, None, None, "政务服务便民热线"),
        (Kind.CONTACT, [], (), nobody, None, None, "政务服务便民热线"),
        (Kind.COMPLAINT, [BUREAU, STATION, WATCH], (), keeper, 4, None, "纪检"),
        (Kind.COMPLAINT, [BUREAU, STATION, WATCH], (WATCH,), keeper, None, None, "纪检"),
    ],
)
def test_route(kind, units, unread, holder, unit, person, name) -> None:
    read = {one.id for one in units if one not in unread}
    to = route(SCHEME, kind, path="/d/t/v/", units=units, holder=holder, read=read)
    assert (to.value.unit, to.value.person, to.value.name) == (unit, person, name)
    assert to.because


def test_a_route_says_why_with_its_clause() -> None:
    to = route(SCHEME, Kind.REPORT, path="/d/t/v/", units=[STATION], holder=nobody, read={2})
    assert to.because[0].basis.id == "SA-6"
    assert to.because[0].note == "举报由东所办理"


def test_the_nearest_unit_is_the_smallest_around() -> None:
    units = [UnitAt(5, "bureau", "市局", "5", "/", "city"), BUREAU]
    found = nearest("bureau", "/d/t/", units)
    assert found is not None
    assert found.name == "区局"
    assert nearest("bureau", "/other/", [BUREAU]) is None


def test_deadlines_count_from_receipt_and_from_acceptance() -> None:
    friday = date(2026, 3, 6)
    received = deadline(SCHEME, Kind.REPORT, "received", friday, WORKING)
    accepted = deadline(SCHEME, Kind.REPORT, "accepted", friday, WORKING)
    assert received is not None
    assert accepted is not None
    assert received.value == Deadline(date(2026, 3, 11))
    assert accepted.value == Deadline(date(2026, 3, 13))
    assert accepted.because[0].note == "自 2026年3月6日起 5个工作日内答复"
    assert deadline(SCHEME, Kind.REPORT, "answered", friday, WORKING) is None


def test_steps_that_may_not_follow_are_refused() -> None:
    assert after("report", "received", "accept") == "accepted"
    for kind, state, step in (
        ("report", "received", "answer"),
        ("report", "closed", "answer"),
        ("contact", "received", "accept"),
    ):
        with pytest.raises(Refused):
            after(kind, state, step)


def test_every_open_state_has_a_way_on_and_closed_has_none() -> None:
    for kind in ("report", "contact"):
        states = {state for of, state, _ in STEPS if of == kind} | {to for (of, _, _), to in STEPS.items() if of == kind}
        assert all(possible(kind, state) for state in states & OPEN)
        assert possible(kind, "closed") == ()
