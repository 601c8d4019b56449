"""Time as the documents count it: Asia/Shanghai days, and working days by the State Council's notices."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from holidays import HolidayBase

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC. Passed in wherever time matters, so that tests move it."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai on which ``moment`` falls."""
    return moment.astimezone(SHANGHAI).date()


def plausible(day: date) -> bool:
    """Whether anybody means that day: what is typed, stands in a sheet or in an address may be any day of the calendar."""
    return date(1949, 10, 1) <= day <= date(2100, 1, 1)


# How far ahead a day may lie on which something begins, and one on which it ends
AHEAD, FAR = timedelta(days=366), timedelta(days=3_660)


@cache
def _china() -> "HolidayBase":
    # Here, since the holidays of all countries come with them, and few commands count working days
    import holidays

    return holidays.country_holidays("CN")


class ChineseWorkingDays:
    """Working days of mainland China, make-up days (调休) included.

    The data end with the last year whose arrangement the State Council has announced (:attr:`announced`); later years count
    weekends and the statutory days only.
    """

    @property
    def announced(self) -> int:
        """The last year whose days off and make-up days are known."""
        from holidays.countries.china import ChinaStaticHolidays

        return max(ChinaStaticHolidays.special_public_holidays)

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``."""
        return bool(_china().is_working_day(day))

    def after(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day``; ``day`` itself is not counted."""
        while n > 0:
            day += timedelta(days=1)
            n -= self.is_working(day)
        return day
