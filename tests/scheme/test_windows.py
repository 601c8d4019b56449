"""Calendar windows against days counted one by one."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.scheme.windows import Window, before, window
from portal.scheme.words import Every

DAYS = st.dates(date(2019, 1, 1), date(2033, 12, 31))
KEYS: dict[Every, Callable[[date], object]] = {
    Every(weeks=1): lambda day: day.isocalendar()[:2],
    Every(months=1): lambda day: (day.year, day.month),
    Every(months=2): lambda day: (day.year, (day.month - 1) // 2),
    Every(months=3): lambda day: (day.year, (day.month - 1) // 3),
    Every(months=6): lambda day: (day.year, day.month > 6),
    Every(months=12): lambda day: day.year,
}


def walked(every: Every, day: date) -> Window:
    """The days around ``day`` that have the same key, found step by step."""
    key, first, last = KEYS[every], day, day
    while key(first - timedelta(days=1)) == key(day):
        first -= timedelta(days=1)
    while key(last + timedelta(days=1)) == key(day):
        last += timedelta(days=1)
    return Window(first, last)


@pytest.mark.parametrize("every", KEYS, ids=repr)
@given(day=DAYS)
def test_a_window_is_the_days_that_share_its_month_quarter_week_or_year(every: Every, day: date) -> None:
    assert window(every, day) == walked(every, day)


@given(day=DAYS, weeks=st.integers(1, 9), months=st.integers(1, 30))
def test_windows_part_the_calendar(day: date, weeks: int, months: int) -> None:
    for every in (Every(weeks=weeks), Every(months=months)):
        now = window(every, day)
        assert now.first <= day <= now.last
        assert window(every, now.first) == window(every, now.last) == now
        assert before(every, now).last == now.first - timedelta(days=1)
        assert before(every, window(every, now.last + timedelta(days=1))) == now


def test_weeks_begin_on_monday() -> None:
    assert window(Every(weeks=1), date(2026, 11, 22)) == Window(date(2026, 11, 16), date(2026, 11, 22))


def test_the_leap_day_lies_in_its_month_and_its_two_months() -> None:
    assert window(Every(months=1), date(2028, 2, 29)) == Window(date(2028, 2, 1), date(2028, 2, 29))
    assert window(Every(months=2), date(2028, 2, 29)) == Window(date(2028, 1, 1), date(2028, 2, 29))
