"""Periods as calendar words: two calendar months, five working days. The holiday calendar is passed in."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from portal.scheme.words import Every, Within
from portal.terms import Text, say


class WorkingDays(Protocol):
    """What the language needs of a holiday calendar."""

    @property
    def announced(self) -> int:
        """The last year whose days off and make-up days are announced."""
        ...

    def after(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day``."""
        ...


def months_after(day: date, n: int) -> date:
    """The same day ``n`` months later; the last day of the month where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due(since: date, within: Within, calendar: WorkingDays) -> date:
    """The last day of a period that began with the event on ``since``; the day of the event is not counted."""
    day = months_after(since, within.months) + timedelta(days=within.days)
    return calendar.after(day, within.working_days)


# From this day of December on, days off and make-up days may follow from the arrangement of the next year
NEXT_YEARS = (12, 28)
PROVISIONAL = say("{year}年的放假安排国务院办公厅尚未公布，期限暂定，公布后重新计算")


@dataclass(frozen=True)
class Deadline:
    """A last day. ``awaits`` is the year whose arrangement of holidays would have to be known to be sure of it."""

    day: date
    awaits: int | None = None


def deadline(since: date, within: Within, calendar: WorkingDays) -> Deadline:
    """The last day of a period, as far as it can be told today."""
    day = due(since, within, calendar)
    sure = not within.working_days or day < unsure_from(calendar)
    return Deadline(day, None if sure else calendar.announced + 1)


def unsure_from(calendar: WorkingDays) -> date:
    """The first day of which nobody knows yet whether offices work on it."""
    return date(calendar.announced, *NEXT_YEARS)


def period_told(period: Within | Every) -> Text:
    """The period in Chinese words."""
    match period:
        case Every(months=1):
            return say("每月一次")
        case Every(months=2):
            return say("每两个月一次")
        case Every(months=3):
            return say("每季度一次")
        case Every(months=6):
            return say("每半年一次")
        case Every(months=12):
            return say("每年一次")
        case Every(months=n) if n:
            return say("每{n}个月一次", n=n)
        case Every(weeks=1):
            return say("每周一次")
        case Every(weeks=n):
            return say("每{n}周一次", n=n)
        case Within(months=months, days=days, working_days=working):
            parts = [say("{n}个月", n=months)] * bool(months) + [say("{n}日", n=days)] * bool(days)
            return say("{period}内", period="".join(parts + [say("{n}个工作日", n=working)] * bool(working)))
