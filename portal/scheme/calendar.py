"""Periods as calendar words: two calendar months, five working days. The holiday calendar is passed in."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Protocol

from portal.scheme.words import Every, Within


class WorkingDays(Protocol):
    """What the language needs of a holiday calendar."""

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


def told(period: Within | Every) -> str:
    """The period in Chinese words."""
    match period:
        case Every(months=1):
            return "每月一次"
        case Every(months=3):
            return "每季度一次"
        case Every(months=6):
            return "每半年一次"
        case Every(months=12):
            return "每年一次"
        case Every(months=2):
            return "每两个月一次"
        case Every(months=n) if n:
            return f"每{n}个月一次"
        case Every(weeks=1):
            return "每周一次"
        case Every(weeks=n):
            return f"每{n}周一次"
        case Within(months=months, days=days, working_days=working):
            parts = [f"{months}个月"] * bool(months) + [f"{days}日"] * bool(days) + [f"{working}个工作日"] * bool(working)
            return "".join(parts) + "内"
