"""Periods are calendar words."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import ChineseWorkingDays
from portal.scheme.calendar import Deadline, deadline, due, months_after, period_told
from portal.scheme.words import Every, Within

WORKING = ChineseWorkingDays()


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 2, date(2027, 2, 15)),
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
    ],
)
def test_months_after(day: date, n: int, expected: date) -> None:
    assert months_after(day, n) == expected


def test_working_days_skip_the_national_holiday_and_count_make_up_days() -> None:
    """1 to 8 October 2025 were holidays; Saturday 11 October was worked (State Council notice)."""
    assert due(date(2025, 9, 30), Within(working_days=1), WORKING) == date(2025, 10, 9)
    assert due(date(2025, 10, 10), Within(working_days=1), WORKING) == date(2025, 10, 11)


@given(st.dates(date(2020, 1, 1), date(2026, 12, 1)), st.integers(1, 20))
def test_working_days_against_counting(day: date, n: int) -> None:
    end = due(day, Within(working_days=n), WORKING)
    between = [day + timedelta(days=i) for i in range(1, (end - day).days + 1)]
    assert sum(WORKING.is_working(one) for one in between) == n
    assert WORKING.is_working(end)


def test_holidays_are_known_until_the_last_year_that_was_announced() -> None:
    """14 February 2026, a Saturday, is worked (State Council notice of November 2025)."""
    assert WORKING.announced >= 2026
    assert WORKING.is_working(date(2026, 2, 14))


@pytest.mark.parametrize(
    ("since", "within", "sure"),
    [
        (date(2026, 12, 21), Within(working_days=3), True),
        (date(2026, 12, 22), Within(working_days=4), False),
        (date(2026, 12, 28), Within(working_days=3), False),
        (date(2026, 12, 30), Within(working_days=5), False),
        (date(2026, 12, 30), Within(days=60), True),
        (date(2026, 12, 30), Within(months=3), True),
        (date(2026, 3, 2), Within(days=200, working_days=3), True),
    ],
)
def test_a_deadline_is_provisional_where_it_depends_on_holidays_that_nobody_knows(since: date, within, sure: bool) -> None:
    """The arrangement of a new year's holiday moves working days of the last week before it, too."""

    class Until2026(ChineseWorkingDays):
        announced = 2026

    found = deadline(since, within, Until2026())
    assert found == Deadline(due(since, within, WORKING), None if sure else 2027)


def test_due_adds_months_then_days() -> None:
    assert due(date(2026, 1, 30), Within(months=1, days=2), WORKING) == date(2026, 3, 2)
    assert due(date(2026, 3, 2), Within(days=60), WORKING) == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Every(months=1), "每月一次"),
        (Every(months=2), "每两个月一次"),
        (Every(months=3), "每季度一次"),
        (Every(months=4), "每4个月一次"),
        (Every(weeks=1), "每周一次"),
        (Within(working_days=3), "3个工作日内"),
        (Within(days=60), "60日内"),
    ],
)
def test_told(period, expected: str) -> None:
    assert period_told(period) == expected
