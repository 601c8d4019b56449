"""What a correction of days changes, without a database."""

from datetime import date, timedelta
from itertools import product

import pytest

from portal.areas.rules import Correction, Period, corrected
from portal.errors import Refused

DAY = [date(2026, 3, n) for n in range(1, 7)]
PERIODS = [Period(since, until) for since, until in product(DAY, [*DAY, None]) if until is None or until > since]


def days(periods: tuple[Period, ...]) -> set[date]:
    """Those of the first ten days on which any of these holds."""
    all_ = [DAY[0] + timedelta(days=n) for n in range(10)]
    return {day for day in all_ for one in periods if one.since <= day and (one.until is None or day < one.until)}


def test_gained_and_lost_are_the_days_that_differ() -> None:
    tried = 0
    for before, after in product(PERIODS, PERIODS):
        if before != after:
            made = Correction(before, after, "示例")
            old, new = days((before,)), days((after,))
            assert (days(made.gained), days(made.lost)) == (new - old, old - new), made
            assert made.first == min(old ^ new), made
            tried += 1
    assert tried > 400


def test_it_turns_on_the_first_day_that_differs_and_where_it_newly_begins_or_ends() -> None:
    assert Correction(Period(DAY[1]), Period(DAY[4]), "").days == (DAY[1], DAY[4])
    assert Correction(Period(DAY[4]), Period(DAY[1]), "").days == (DAY[1],)
    assert Correction(Period(DAY[0], DAY[2]), Period(DAY[0], DAY[5]), "").days == (DAY[2], DAY[5])
    assert Correction(Period(DAY[0], DAY[4]), Period(DAY[0]), "").days == (DAY[4],)


def test_the_ledger_tells_each_day_that_was_corrected_from_what_to_what() -> None:
    made = corrected(Period(DAY[0], None), Period(DAY[0], DAY[3]), "抄错")
    assert made.told() == {"until": [None, "2026-03-04"], "because": "抄错"}
    assert corrected(Period(DAY[1]), Period(DAY[0]), "抄错").told() == {"since": ["2026-03-02", "2026-03-01"], "because": "抄错"}


@pytest.mark.parametrize(
    ("after", "field", "said"),
    [
        (Period(DAY[1], DAY[4]), "since", "与登记的一样"),
        (Period(DAY[4], DAY[4]), "since", "要早于截止日期 2026年3月5日"),
        (Period(DAY[3], DAY[3]), "until", "要晚于起始日期"),
        (Period(DAY[3], DAY[2]), "until", "要晚于起始日期"),
    ],
)
def test_what_changes_nothing_or_leaves_no_day_is_refused(after: Period, field: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        corrected(Period(DAY[1], DAY[4]), after, "示例")
    assert refused.value.field == field
