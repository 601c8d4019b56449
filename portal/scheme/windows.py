"""Calendar windows in Asia/Shanghai: the months, quarters, weeks and years in which a duty falls due. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.scheme.words import Assumption, Every

YEAR = Every(months=12)
DAY = timedelta(days=1)
FROM = Assumption(
    "文件没有写周期从哪天算起：按公历算，月从1月排起（每两个月就是1至2月、3至4月，依次类推），周从星期一起。"
    "每个周期做到一次就算完成，前后两次可能隔得更久。"
)
MOST_MONTHS, MOST_WEEKS, MOST_A_YEAR = 12, 53, 366


@dataclass(frozen=True)
class Window:
    """A stretch of days, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def countable(every: Every) -> bool:
    """Whether windows can be counted by it: in months or in weeks, and none longer than about a year."""
    return 0 < every.months <= MOST_MONTHS if not every.weeks else not every.months and 0 < every.weeks <= MOST_WEEKS


def window(every: Every, day: date) -> Window:
    """The window around ``day``. Months are counted from January, so that two, three and six of them part the year; weeks
    begin on Monday, and so many of them are counted from the first Monday of the calendar.
    """
    if every.weeks:
        length = 7 * every.weeks
        first = date.fromordinal((day.toordinal() - 1) // length * length + 1)
        return Window(first, first + timedelta(days=length - 1))
    number = (day.year * 12 + day.month - 1) // every.months
    return Window(_month(number * every.months), _month((number + 1) * every.months) - DAY)


def before(every: Every, window_: Window) -> Window:
    """The window that ended when this one began."""
    return window(every, window_.first - DAY)


def _month(number: int) -> date:
    year, month = divmod(number, 12)
    return date(year, month + 1, 1)
