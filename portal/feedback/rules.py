"""Where a case goes, by when, and which step may follow which. Pure."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import date

from portal.areas.rules import KINDS_OF_GROUND, UnitAt, nearest
from portal.errors import Refused
from portal.scheme import calendar as calendars
from portal.scheme import national
from portal.scheme.book import Scheme
from portal.scheme.calendar import PROVISIONAL, Deadline, WorkingDays, period_told
from portal.scheme.decision import Because, Decision
from portal.scheme.words import Ground, Kind, Term
from portal.terms import CASE_STEP, KIND, say

STEPS: dict[tuple[str, str, str], str] = {
    ("report", "received", "accept"): "accepted",
    ("report", "received", "refuse"): "refused",
    ("report", "accepted", "answer"): "answered",
    ("report", "answered", "answer"): "answered",
    ("report", "answered", "close"): "closed",
    ("report", "refused", "close"): "closed",
    ("contact", "received", "answer"): "answered",
    ("contact", "answered", "answer"): "answered",
    ("contact", "answered", "close"): "closed",
}
# What ends it for the reporter
SETTLING = frozenset({"refuse", "close"})
OPEN = frozenset({"received", "accepted", "answered", "refused"})


@dataclass(frozen=True)
class Destination:
    """Whom a case reaches: a unit, a person of whom the unit takes care, or a number outside the portal."""

    unit: int | None = None
    person: int | None = None
    name: str = ""


def route(
    scheme: Scheme,
    kind: Kind,
    *,
    path: str,
    units: Sequence[UnitAt],
    holder: Callable[[str], tuple[int, str] | None],
    read: Container[int],
    topic: str = "",
) -> Decision[Destination]:
    """Where a case of this kind and topic goes from a place: the first destination that exists and reads, else outside.

    ``holder`` gives the person (id and name) who holds a post nearest to the board; ``read`` holds the units in whose name
    somebody can sign in. A person alone is no destination: their office has to see to it.
    """
    rule = scheme.route(kind, topic)
    reading = [unit for unit in units if unit.id in read]
    for who in rule.to:
        if who.unit is not None and (unit := nearest(who.unit, path, reading)) is not None:
            note = say("{kind}由{name}办理", kind=KIND[kind.value], name=unit.name)
            return Decision(Destination(unit=unit.id, name=unit.name), (scheme.because(rule.basis, note),))
        if who.post is not None and (found := holder(who.post)) is not None:
            person, name = found
            behind = nearest(rule.answered_by, path, reading) if rule.answered_by else None
            if behind is None:
                continue
            note = say(
                "{kind}由{post}{name}办理，{unit}督办",
                kind=KIND[kind.value],
                post=scheme.posts[who.post].name,
                name=name,
                unit=behind.name,
            )
            return Decision(Destination(unit=behind.id, person=person, name=name), (scheme.because(rule.basis, note),))
    outside = rule.else_outside
    unit = nearest(outside, path, units)
    name = national.HOTLINES[outside].name if outside in national.HOTLINES else scheme.units[outside].name
    if unit is not None:
        name = unit.name
    note = say("本网站没有可以受理的部门，请直接联系{name}", name=name)
    taken = unit.id if unit is not None and unit.id in read else None
    return Decision(Destination(unit=taken, name=name), (scheme.because(rule.basis, note),))


def above(scheme: Scheme, *, path: str, units: Sequence[UnitAt], read: Container[int], topic: str = "") -> UnitAt | None:
    """The office on the way of reports that stands at the district around a place, or else at a zone, where somebody reads: it is
    shown a report that tells of a death, whoever handles it. That of the usual way comes first, whatever the report is about.
    """
    ways = (scheme.route(Kind.REPORT), scheme.route(Kind.REPORT, topic))
    kinds = [who.unit for way in ways for who in way.to if who.unit is not None and not scheme.units[who.unit].outside]
    for at in KINDS_OF_GROUND[Ground.DISTRICT] + KINDS_OF_GROUND[Ground.ZONE]:
        there = [unit for unit in units if unit.id in read and unit.place_kind == at]
        if (found := next(filter(None, (nearest(kind, path, there) for kind in kinds)), None)) is not None:
            return found
    return None


def shown_above(scheme: Scheme, unit: int | None, found: UnitAt | None) -> Because:
    """Why, and to which office, a report that tells of a death and is handled by ``unit`` is shown as well."""
    if found is None:
        note = say("反映人说有人死亡或重伤。区（县）一级没有部门在网上受理，承办部门要立即向县级以上政府报告")
    elif found.id == unit:
        note = say("反映人说有人死亡或重伤，由{name}办理", name=found.name)
    else:
        note = say("反映人说有人死亡或重伤，同时送{name}，由它办结", name=found.name)
    taken = say("反映人勾选就送，不判断真假，重伤的也送；送的是办理路径上区（县）一级的部门，由它报告政府")
    return scheme.because(national.DEATHS.taken(taken), note)


def deadline(
    scheme: Scheme, kind: Kind, state: str, since: date, calendar: WorkingDays, *, topic: str = ""
) -> Decision[Deadline] | None:
    """By when the next step is due after the case came into ``state`` on ``since``; None where nothing is due."""
    rule = scheme.route(kind, topic)
    term: Term | None = None
    if state == "received":
        term = rule.accept or rule.answer
    elif state == "accepted":
        term = rule.answer
    if term is None:
        return None
    what = CASE_STEP["accept"] if state == "received" and rule.accept else CASE_STEP["answer"]
    note = say("自 {day}起 {within}{what}", day=since, within=period_told(term.within), what=what)
    found = calendars.deadline(since, term.within, calendar)
    if found.awaits is not None:
        note = say("{note}；{provisional}", note=note, provisional=say(PROVISIONAL.msgid, year=found.awaits))
    return Decision(found, (scheme.because(term.basis, note),))


def after(kind: str, state: str, step: str) -> str:
    """The state after a step; :class:`Refused` where that step may not follow."""
    try:
        return STEPS[kind, state, step]
    except KeyError as error:
        raise Refused(say("这件事现在不能“{step}”，请刷新页面看最新状态。", step=CASE_STEP[step])) from error


def possible(kind: str, state: str, *, settles: bool = True) -> tuple[str, ...]:
    """The steps that the office may take now; whether it ``settles`` the case, or another one does."""
    found = tuple(step for (of, frm, step) in STEPS if (of, frm) == (kind, state))
    return found if settles else tuple(step for step in found if step not in SETTLING)


# Photos of strangers: what an hour may bring


DISK_SHARE = 24


@dataclass(frozen=True)
class Pots:
    """What the photos of an hour may take, in bytes: at all doors together, at one board, and added to one case."""

    portal: float = 512 * 1024**2
    board: float = 128 * 1024**2
    case: float = 24 * 1024**2


@dataclass(frozen=True)
class PotSpent:
    """What was taken of a pot in this hour, in bytes: by all, and by the network that wants more of it; with what it wants."""

    pot: float
    by_all: float
    by_network: float


def of_the_disk(pot: float, spare: float) -> float:
    """What of a pot there really is: never so much in an hour that a day of it would fill what is left of the disk."""
    return min(pot, spare / DISK_SHARE)


def has_room(spent: PotSpent) -> bool:
    """Whether a network may take this of a pot: as long as it has not more of it than is left for the others.

    One alone gets half of the pot, two a third each, fifty a 51st each: whatever others do, something is left for whoever comes.
    """
    return spent.by_network <= spent.pot - spent.by_all
