"""Pure rules of obligations: what a duty demands in which window, and how one stands on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from portal.scheme.book import Book, Scheme
from portal.scheme.calendar import period_told
from portal.scheme.decision import Because
from portal.scheme.windows import FROM, YEAR, Window, before, window
from portal.scheme.words import Assumption, Duty, Every, Force
from portal.terms import Text, say

PARTLY = Assumption("文件没有规定周期中途开始或中途结束的如何计算：到期没有完成的，不计入逾期未完成。")
NOT_MISSED: Mapping[Force, Assumption] = MappingProxyType(
    {
        Force.ENCOURAGED: Assumption("文件是鼓励，不是要求：没有做的，不计入逾期未完成。"),
        Force.WHERE_POSSIBLE: Assumption("文件只要求有条件的做，有没有条件由当地定：没有做的，不计入逾期未完成。"),
    }
)


class State(StrEnum):
    """How an obligation stands: done, due while its window is open, missed when it has closed, excused."""

    DONE = "done"
    DUE = "due"
    MISSED = "missed"
    EXCUSED = "excused"


@dataclass(frozen=True)
class Demand:
    """What a duty demands: the act so many ``times`` in each window of ``every``."""

    every: Every
    times: int

    @property
    def says(self) -> Text:
        """In Chinese words."""
        return period_told(self.every) if self.times == 1 else say("每年至少{n}次", n=self.times)


@dataclass(frozen=True)
class Span:
    """The days on which something holds: ``until`` is the first on which it no longer does."""

    since: date | None
    until: date | None

    def spans(self, window_: Window) -> bool:
        """Whether it holds on all days of the window."""
        return (self.since is None or self.since <= window_.first) and (self.until is None or self.until > window_.last)


def demands(duty: Duty) -> tuple[Demand, ...]:
    """What a counted duty demands; two things where the clause orders both a rhythm and a number a year."""
    found = [Demand(duty.every, 1)] if duty.every is not None else []
    return (*found, *([Demand(YEAR, duty.times_a_year)] if duty.times_a_year is not None else []))


def stands(demand: Demand, window_: Window, on: date, *, done: int, whole: bool, excused: bool) -> State:
    """How an obligation stands on ``on``, when ``done`` acts fell into the window until then.

    ``whole`` says whether it was owed through all of the window.
    """
    if done >= demand.times:
        return State.DONE
    if excused:
        return State.EXCUSED
    if on <= window_.last:
        return State.DUE
    return State.MISSED if whole else State.EXCUSED


def windows_at(demand: Demand, on: date) -> tuple[Window, Window]:
    """The window that is open on ``on``, and the last one that has closed."""
    now = window(demand.every, on)
    return now, before(demand.every, now)


def life(book: Book, scheme: Scheme, duty: Duty) -> Span:
    """Since when and until when a duty has been owed as it is now: editions that follow one another and demand the same go on."""
    editions = sorted(
        (one for one in book.schemes if one.region.code == scheme.region.code),
        key=lambda one: one.since or date.min,
    )
    at = next(n for n, one in enumerate(editions) if one.edition_id == scheme.edition_id)
    since, until = scheme.since, _end(editions, at)
    for n in range(at - 1, -1, -1):
        if _end(editions, n) != since or not _alike(editions[n], duty):
            break
        since = editions[n].since
    for n in range(at + 1, len(editions)):
        if editions[n].since != until or not _alike(editions[n], duty):
            break
        until = _end(editions, n)
    return Span(since, until)


def _end(editions: Sequence[Scheme], n: int) -> date | None:
    """The first day on which an edition holds no more: its own end, or where the next one begins."""
    last = editions[n].until
    ends = [date.fromordinal(last.toordinal() + 1)] if last is not None else []
    ends += [begins] if n + 1 < len(editions) and (begins := editions[n + 1].since) is not None else []
    return min(ends, default=None)


def _alike(scheme: Scheme, duty: Duty) -> bool:
    other = scheme.counted.get(duty.code)
    return other is not None and (other.posts, other.act, other.on, other.every, other.times_a_year) == (
        duty.posts,
        duty.act,
        duty.on,
        duty.every,
        duty.times_a_year,
    )


def why(scheme: Scheme, duty: Duty, demand: Demand, window_: Window, state: State, *, whole: bool) -> tuple[Because, ...]:
    """The reasons: the clause of the duty with its window, where windows begin, and ours where it was not owed through all of
    it, or is no more than encouraged, or for those who can.
    """
    note = say("{says}：自 {first}至 {last}", says=demand.says, first=window_.first, last=window_.last)
    because = (scheme.because(duty.basis, note), scheme.because(FROM))
    if state is not State.EXCUSED or (whole and duty.force.binds):
        return because
    return (*because, scheme.because(NOT_MISSED.get(duty.force, PARTLY)))
