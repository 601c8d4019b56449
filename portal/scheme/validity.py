"""How long the edition in force still holds, and what follows it: told on desks and pages before it ends. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.scheme.book import Book, Scheme
from portal.scheme.telling import simple_text
from portal.scheme.words import Assumption, Term, Within
from portal.terms import Text, say

ANNOUNCED = Term(
    within=Within(days=180),
    basis=Assumption("政策文件没有写到期前多久提醒；取到期前180天，让主管部门来得及印发新的文件。"),
)


@dataclass(frozen=True)
class Validity:
    """What holds in a region on a day: ``now`` the edition in force, ``last`` the one that ended where none is, ``next`` the
    one that is known to come.
    """

    on: date
    now: Scheme | None
    last: Scheme | None
    next: Scheme | None

    @property
    def shown(self) -> Scheme | None:
        """The edition to look at: the one in force, else the last, else the next."""
        return self.now or self.last or self.next

    @property
    def ends(self) -> date | None:
        """The last day on which the edition in force may hold, where no other one takes over without a break."""
        until = self.now.until if self.now is not None else None
        follows = self.next is not None and until is not None and begins(self.next) <= until + timedelta(days=1)
        return None if follows else until

    @property
    def days_left(self) -> int | None:
        """In how many days it ends, or may end, where that has to be announced."""
        if self.now is None or self.ends is None:
            return None
        left = max(((self.now.edition.in_force.ends_from or self.ends) - self.on).days, 0)
        return left if left <= ANNOUNCED.within.days else None

    @property
    def notice(self) -> Text | None:
        """What whoever works by the scheme has to know, or None."""
        if self.now is None and self.last is not None:
            return say(
                "“{title}”{at_most}已于{day}到期，现在没有施行中的版本。已有的登记、任职和公示牌照旧可以查看，来件照旧办理；"
                "新的任职、网格归属、签发和登记要等新版本施行。",
                title=title(self.last),
                at_most=say("最迟") if self.last.edition.in_force.ends_from is not None else "",
                day=simple_text(self.last.until),
            )
        if self.now is None and self.next is not None:
            return say("方案要到{day}才施行。", day=simple_text(begins(self.next)))
        if self.now is not None and self.ends is not None and self.days_left is not None:
            if (first := self.now.edition.in_force.ends_from) is not None:
                return self._may_end(self.now, first, self.ends)
            return say(
                "“{title}”到{day}止，还有 {n} 天，还没有接续的版本。请主管部门及早印发新的文件，并更新插件。",
                title=title(self.now),
                day=simple_text(self.ends),
                n=self.days_left,
            )
        if self.next is not None and (begins(self.next) - self.on).days <= ANNOUNCED.within.days:
            return say("{day}起施行新版本“{title}”。", day=simple_text(begins(self.next)), title=title(self.next))
        return None

    def _may_end(self, now: Scheme, first: date, last: date) -> Text:
        """Where only the year of the end is given: nothing is refused before its last day, and from its first day it is said."""
        if self.on < first:
            return say(
                "“{title}”{year}年内到期，文件没有写是哪一天：{day}起每天都可能已到期，还有 {n} 天，还没有接续的版本。"
                "请主管部门确认到期的日子，及早印发新的文件，并更新插件。",
                title=title(now),
                year=last.year,
                day=simple_text(first),
                n=(first - self.on).days,
            )
        return say(
            "“{title}”{year}年内到期，文件没有写是哪一天，今天可能已经到期，还没有接续的版本。请主管部门确认；"
            "确认以前照旧办理，最迟到{day}。",
            title=title(now),
            year=last.year,
            day=simple_text(last),
        )


def validity(book: Book, region: str, on: date) -> Validity:
    """What holds in a region on a day."""
    editions, now = book.schemes_of(region), book.in_force(region, on)
    past = [scheme for scheme in editions if begins(scheme) <= on]
    coming = [scheme for scheme in editions if begins(scheme) > on]
    return Validity(on, now, past[-1] if past and now is None else None, coming[0] if coming else None)


def begins(scheme: Scheme) -> date:
    """The day on which an edition comes into force."""
    return scheme.since or date.min


def title(scheme: Scheme | None) -> str:
    """What an edition is called: by its first document."""
    return scheme.edition.documents[0].title if scheme is not None and scheme.edition.documents else ""
