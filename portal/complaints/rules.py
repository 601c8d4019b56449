"""Who must stand back from a complaint, who keeps it, which step may follow which, what still identifies. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.areas.rules import UnitAt, nearest, stands
from portal.errors import Refused
from portal.scheme import calendar as calendars
from portal.scheme import national
from portal.scheme.book import Scheme
from portal.scheme.calendar import PROVISIONAL, Deadline, WorkingDays, period_told
from portal.scheme.decision import Decision
from portal.scheme.words import Kind, Topic
from portal.terms import COMPLAINT_STEP, Text, say

# Who stands back


@dataclass(frozen=True)
class Accused:
    """Somebody whom a complaint is about: who they are in the register, and how they were called on the board.

    ``marks`` (kind and number, as the database compares them) are those that they bore when it came in, ``rows`` all rows of
    the register that were the same human: sealed with it, so that it says whom it is about whatever becomes of the register.
    """

    id: int
    name: str
    post: str
    marks: tuple[tuple[str, str], ...] = ()
    rows: tuple[int, ...] = ()

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Accused":
        """From JSON; one that was sealed before marks were kept has none."""
        marks = tuple((kind, mark) for kind, mark in said.get("marks", ()))
        return cls(said["id"], said["name"], said["post"], marks, tuple(said.get("rows", ())))

    @property
    def called(self) -> tuple[int, str, str]:
        """Who they are on the board."""
        return self.id, self.name, self.post


@dataclass(frozen=True)
class Someone:
    """A row of the register: what tells that two rows are the same human, as ``human_mark`` of the database writes it however it
    was typed, and where they work.

    ``until`` is the day from which the row counts no more, having been taken back. ``sealed`` and ``also`` are what a complaint
    about them keeps: the marks that they bore when it came in, and the other rows that were the same human.
    """

    id: int
    name: str = ""
    phone: str = ""
    badge: str = ""
    certificate: str = ""
    unit: int | None = None
    until: date | None = None
    sealed: frozenset[tuple[str, str]] = frozenset()
    also: frozenset[int] = frozenset()

    @property
    def marks(self) -> frozenset[tuple[str, str]]:
        """What nobody shares with another: a badge, a certificate, and, as far as we are concerned, a telephone."""
        given = (("phone", self.phone), ("badge", self.badge), ("certificate", self.certificate))
        return self.sealed | {(kind, text) for kind, text in given if text}


@dataclass(frozen=True)
class PostHolding:
    """A post that somebody holds, or held until a day: in which region's scheme, and at which unit if at one."""

    person: int
    region: str
    post: str
    unit: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class Bond:
    """A direct interest of a person, until a day: in another person, or in an enterprise."""

    person: int
    other: int | None = None
    enterprise: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class Desk:
    """An office in whose name an account of somebody's acts, or acted until a day; ``keeps`` where it keeps complaints for it."""

    person: int
    unit: int
    until: date | None = None
    keeps: bool = False


def _since(day: date, until: date | None) -> bool:
    """Whether something that holds until a day (if any) held on ``day`` or later."""
    return until is None or until > day


@dataclass(frozen=True)
class Circle:
    """All that tells who is how close to whom: rows of the register, posts, interests, offices in whose name their accounts
    act, and each region's lines of command.

    ``lines`` gives for each region what each post answers to, an ex-officio post also to the post that it comes with. What
    ended before the day in question binds nobody any more.
    """

    people: Mapping[int, Someone]
    held: Sequence[PostHolding] = ()
    bonds: Sequence[Bond] = ()
    lines: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    desks: Sequence[Desk] = ()

    def may_read(self, reader: int, *, accused: Iterable[int], enterprise: int | None, aside: Iterable[int], since: date) -> bool:
        """Whether ``reader`` may read a complaint of ``since`` about the ``accused`` that came from an enterprise.

        They stand apart from everybody whom it is about and have no interest in the enterprise; nor are they among those who
        stood back from it (``aside``).
        """
        mine = self.selves(reader, since)
        bound = any(
            bond.person in mine and bond.enterprise == enterprise and _since(since, bond.until)
            for bond in self.bonds
            if bond.enterprise is not None
        )
        return not bound and not mine & frozenset(aside) and all(self.apart(reader, one, since) for one in accused)

    def selves(self, person: int, since: date = date.max) -> frozenset[int]:
        """The person under every row of the register that bears one of their marks, and the marks of those, and so on; rows that
        were taken back by ``since`` are nobody's, but for those that a complaint keeps.
        """
        found, marks, also = {person}, set[tuple[str, str]](), set[int]()
        more = [self.people[person]] if person in self.people else []
        while more:
            for one in more:
                found.add(one.id)
                marks |= one.marks
                also |= one.also
            more = [
                one
                for one in self.people.values()
                if one.id not in found and (one.id in also or (one.marks & marks and _since(since, one.until)))
            ]
        return frozenset(found | also)

    def apart(self, reader: int, subject: int, since: date) -> bool:
        """Whether ``reader`` stands outside the chain of ``subject``: is neither them, nor above, below or beside them in a
        line of command, nor of the same office, nor bound to them by an interest. Whoever is unknown is not apart.

        Whoever keeps complaints for an office is of it towards those who work there. Two who both keep for it are not: else
        to make somebody its custodian would take every complaint about them from the others.
        """
        if reader not in self.people or subject not in self.people:
            return False
        mine, theirs = self.selves(reader, since), self.selves(subject, since)
        if mine & theirs or any(
            _since(since, bond.until)
            and ((bond.person in mine and bond.other in theirs) or (bond.person in theirs and bond.other in mine))
            for bond in self.bonds
        ):
            return False
        held = [one for one in self.held if _since(since, one.until)]
        desks = [one for one in self.desks if _since(since, one.until)]
        keeping = {one.unit for one in desks if one.person in mine and one.keeps}
        if (self._units(mine, held, desks) | keeping) & self._units(theirs, held, desks):
            return False
        return not any(
            self._in_line(one.region, one.post, other.post)
            for one in held
            if one.person in mine
            for other in held
            if other.person in theirs and other.region == one.region
        )

    def units(self, person: int, since: date) -> set[int]:
        """The offices of which somebody is, under all their rows, and was on that day or later by posts and accounts."""
        held = [one for one in self.held if _since(since, one.until)]
        return self._units(self.selves(person, since), held, [one for one in self.desks if _since(since, one.until)])

    def _units(self, rows: frozenset[int], held: Sequence[PostHolding], desks: Sequence[Desk]) -> set[int]:
        own = {self.people[row].unit for row in rows if row in self.people}
        posts = (one.unit for one in held if one.person in rows)
        acting = (one.unit for one in desks if one.person in rows and not one.keeps)
        return {unit for unit in (*own, *posts, *acting) if unit is not None}

    def _in_line(self, region: str, a: str, b: str) -> bool:
        """Whether one post answers to the other. Where a region's lines are not known, because its plugin is off, they may."""
        return region not in self.lines or a == b or b in self._above(region, a) or a in self._above(region, b)

    def _above(self, region: str, post: str) -> set[str]:
        """Every post that this one answers to, at any distance."""
        answers, found, left = self.lines[region], set[str](), [post]
        while left:
            for up in answers.get(left.pop(), ()):
                if up not in found:
                    found.add(up)
                    left.append(up)
        return found


def lines_of(scheme: Scheme) -> dict[str, tuple[str, ...]]:
    """What each post of a scheme answers to; a post that comes with another one belongs to that one's line."""
    return {post.code: (*post.answers_to, *((post.ex_officio,) if post.ex_officio else ())) for post in scheme.posts.values()}


# Who keeps it


@dataclass(frozen=True)
class Custody:
    """The office outside the chain: ``unit`` None where nobody there may read it, so that the door stays closed."""

    unit: int | None
    name: str
    phone: str


def outside(scheme: Scheme, units: Iterable[UnitAt]) -> list[UnitAt]:
    """The offices that stand outside the chain. One that sits elsewhere than its scheme puts its kind counts for nothing:
    whoever set it up there may be meant.
    """
    return [
        unit
        for unit in units
        if (kind := scheme.units.get(unit.kind)) is not None and kind.outside and stands(kind, unit.place_kind)
    ]


def custody(
    scheme: Scheme, path: str, units: Sequence[UnitAt], opens: Callable[[int], bool], topic: Topic | None = None
) -> Decision[Custody]:
    """Which office keeps a complaint from a place: the topic's own outside the chain, then the first of the route, where a
    custodian may read it.

    ``opens`` tells that of a unit. Where none does, the nearest office outside is named with its number, else a hotline.
    """
    rule = scheme.routes[Kind.COMPLAINT]
    own = topic.outside if topic is not None else None
    wanted = [own, *(who.unit for who in rule.to), rule.else_outside]
    kinds = list(
        dict.fromkeys(kind for kind in wanted if kind is not None and kind in scheme.units and scheme.units[kind].outside)
    )
    fit = outside(scheme, units)
    around = sorted(
        (unit for unit in fit if unit.kind in kinds and path.startswith(unit.path)),
        key=lambda unit: (kinds.index(unit.kind), -len(unit.path), unit.id),
    )
    for unit in around:
        if opens(unit.id):
            note = say("投诉由{name}专人受理、保密办理，被投诉人和他的上级、下级、同部门的人都看不到", name=unit.name)
            basis = topic.basis if topic is not None and unit.kind == own else rule.basis
            return Decision(Custody(unit.id, unit.name, unit.phone), (scheme.because(basis, note),))
    closest = next((found for kind in kinds if (found := nearest(kind, path, fit)) is not None), None)
    line = national.for_complaints(rule.else_outside)
    name, phone = (closest.name, closest.phone) if closest is not None else (line.name, line.number)
    note = say("本地暂未开通与被投诉人无隶属关系的部门网上受理投诉，请直接联系{name}", name=name)
    return Decision(Custody(None, name, phone), (scheme.because(rule.basis, note),))


def topic_named(scheme: Scheme, name: str) -> Topic | None:
    """The topic of complaints that is called so: a complaint keeps its name."""
    return next((topic for topic in scheme.topics(Kind.COMPLAINT) if topic.name == name), None)


# Steps

STEPS: dict[tuple[str, str], str] = {
    ("received", "accept"): "accepted",
    ("received", "refuse"): "refused",
    ("received", "ask"): "received",
    ("accepted", "ask"): "accepted",
    ("accepted", "answer"): "answered",
    ("answered", "ask"): "answered",
    ("answered", "answer"): "answered",
    ("answered", "close"): "closed",
    ("refused", "close"): "closed",
}


def after(state: str, step: str) -> str:
    """The state after a step; :class:`Refused` where that step may not follow."""
    if (state, step) not in STEPS:
        raise Refused(say("这件投诉现在不能“{step}”，请刷新页面看最新状态。", step=COMPLAINT_STEP[step]))
    return STEPS[state, step]


def possible(state: str) -> tuple[str, ...]:
    """The steps that a custodian may take now."""
    return tuple(step for (of, step) in STEPS if of == state)


def deadline(scheme: Scheme, state: str, since: date, calendar: WorkingDays) -> Decision[Deadline] | None:
    """By when the custodian is to accept, then to answer: as the region orders, else as we assume everywhere."""
    rule = scheme.routes[Kind.COMPLAINT]
    terms = {"received": rule.accept or national.COMPLAINT_ACCEPT, "accepted": rule.answer or national.COMPLAINT_ANSWER}
    term = terms.get(state)
    if term is None:
        return None
    what = COMPLAINT_STEP["accept" if state == "received" else "answer"]
    note = say("自 {day}起 {within}{what}", day=since, within=period_told(term.within), what=what)
    found = calendars.deadline(since, term.within, calendar)
    if found.awaits is not None:
        note = say("{note}；{provisional}", note=note, provisional=say(PROVISIONAL.msgid, year=found.awaits))
    return Decision(found, (scheme.because(term.basis, note),))


# What still identifies


@dataclass(frozen=True)
class Trace:
    """Something in a text from which the one who complained could be found out: what kind of thing, and where it stands."""

    kind: Text
    excerpt: str


COPIED = 8
PATTERNS: tuple[tuple[Text, re.Pattern[str]], ...] = (
    (say("电话或证件号码"), re.compile(r"\d[\d -]{5,}\d[Xx]?")),
    (say("车牌"), re.compile(r"[\u4e00-\u9fff][A-Z][·\s]?[A-Z0-9]{5,6}")),
    (
        say("准确的时间"),
        re.compile(r"\d{1,2}\s*[:：点时]\s*\d{0,2}|\d{1,2}\s*[日号]|(?:[上下]个?)?(?:周|星期)[一二三四五六日天]|[昨前今]天"),
    ),
    (say("第一人称"), re.compile(r"我们?|本人|俺|咱们?")),
    (say("微信、邮箱等账号"), re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|(?:微信|[Vv][Xx]|QQ)[号:：\s]*[\w-]{5,}")),
)


def identifying(text: str, *, said: Iterable[str], names: Iterable[tuple[Text, str]]) -> tuple[Trace, ...]:
    """What in a re-edited sheet still leads to the reporter: numbers, plates, exact times, first person, names and places
    of the matter (``names`` with what they are), and runs of words copied from what the reporter ``said``.
    """
    found = [Trace(kind, match.group().strip()) for kind, pattern in PATTERNS for match in pattern.finditer(text)]
    found += [Trace(kind, name) for kind, name in names if len(name) > 1 and name in text]
    squeezed = re.sub(r"\s+", "", text)
    for words in said:
        own = re.sub(r"\s+", "", words)
        found += [Trace(say("照抄投诉人的原话"), run) for run in _copied(squeezed, own)]
    return tuple(dict.fromkeys(found))


def _copied(text: str, words: str) -> list[str]:
    """The longest runs of ``words`` of at least eight characters that stand in ``text``, each once."""
    runs, at = [], 0
    while at + COPIED <= len(words):
        if words[at : at + COPIED] not in text:
            at += 1
            continue
        end = at + COPIED
        while end < len(words) and words[at : end + 1] in text:
            end += 1
        runs.append(words[at:end])
        at = end
    return runs
