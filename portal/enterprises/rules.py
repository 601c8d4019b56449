"""Placement: the class follows from the facts, the tier from the class, the grid from the address. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.scheme.book import Era, Scheme
from portal.scheme.decision import Because, Decision
from portal.scheme.predicates import holds, predicate_told
from portal.scheme.words import Class, Ground, Tier
from portal.terms import say


@dataclass(frozen=True)
class Dated:
    """Something that holds from ``since`` until the day before ``until``."""

    since: date
    until: date | None

    def on(self, day: date) -> bool:
        """Whether it holds on ``day``."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class FactOn(Dated):
    """A fact's value over a period."""

    fact: str
    value: str


@dataclass(frozen=True)
class GroundOn(Dated):
    """A division (by the path of its jurisdiction) that lies in a grid over a period, or the ``enterprise`` that is the grid."""

    grid: int
    grid_name: str
    tier: str
    path: str
    enterprise: int | None = None


@dataclass(frozen=True)
class Address:
    """Where an enterprise is: the path of its division, and the drawn grid that an office named, if any.

    ``enterprise`` is its own id, for grids that are enterprises.
    """

    path: str
    drawn_grid: int | None = None
    enterprise: int | None = None


@dataclass(frozen=True)
class Placed:
    """The outcome: in a grid, or the reason why in none."""

    outcome: str
    klass: str | None = None
    grid: int | None = None
    grid_name: str = ""


@dataclass(frozen=True)
class Spell:
    """A placement with the days on which it holds."""

    since: date
    until: date | None
    decision: Decision[Placed]

    @property
    def edition(self) -> str:
        """The edition under which it was decided."""
        return self.decision.because[0].edition


def place(scheme: Scheme, facts: Mapping[str, str], address: Address, grounds: Iterable[GroundOn]) -> Decision[Placed]:
    """Where an enterprise with these facts at this address belongs, and why."""
    if not holds(scheme.edition.covers, facts):
        reason = scheme.because(
            scheme.edition.in_force.basis, say("本方案只适用于：{who}", who=predicate_told(scheme.edition.covers, scheme.facts))
        )
        return Decision(Placed("not_covered"), (reason,))
    fitting = [klass for klass in scheme.classes if holds(klass.when, facts)]
    if len(fitting) > 1:
        names = "、".join(f"{klass.name}（{predicate_told(klass.when, scheme.facts)}）" for klass in fitting)
        note = say("登记的情况同时符合多个类别：{names}", names=names)
        return Decision(Placed("several_classes"), (scheme.because(scheme.edition.in_force.basis, note),))
    if not fitting:
        return Decision(Placed("no_class"), (scheme.because(scheme.edition.in_force.basis, say("登记的情况不符合任何一类")),))
    (klass,) = fitting
    why_class = scheme.because(
        klass.basis, say("类别：{name}（{when}）", name=klass.name, when=predicate_told(klass.when, scheme.facts))
    )
    return _by_address(scheme, klass, why_class, address, list(grounds))


def _not_yet(scheme: Scheme) -> Decision[Placed]:
    why = scheme.because(scheme.edition.in_force.basis, say("先在试点地区施行，当地还没有开始"))
    return Decision(Placed("not_yet"), (why,))


def _by_address(
    scheme: Scheme, klass: Class, why_class: Because, address: Address, grounds: Sequence[GroundOn]
) -> Decision[Placed]:
    placement = scheme.placements[klass.code]
    if placement.direct is not None:
        note = say("由{unit}直接监管，不纳入网格", unit=scheme.units[placement.direct].name)
        return Decision(Placed("direct", klass.code), (why_class, scheme.because(placement.basis, note)))
    tiers = [scheme.tiers[code] for code in placement.tiers]
    for tier in tiers:
        fitting = _fitting(tier, address, grounds)
        grids = {ground.grid: ground.grid_name for ground in fitting}
        if len(grids) > 1:
            note = say("地址同时在{names}内", names="、".join(sorted(grids.values())))
            return Decision(Placed("several_grids", klass.code), (why_class, scheme.because(placement.basis, note)))
        if grids:
            ((grid, name),) = grids.items()
            note = say("纳入{tier}：{name}", tier=tier.name, name=name)
            return Decision(Placed("placed", klass.code, grid, name), (why_class, scheme.because(placement.basis, note)))
    note = say("地址不在任何{tiers}内", tiers="、".join(tier.name for tier in tiers))
    return Decision(Placed("no_grid", klass.code), (why_class, scheme.because(placement.basis, note)))


def _fitting(tier: Tier, address: Address, grounds: Sequence[GroundOn]) -> list[GroundOn]:
    """The grounds of the tier that hold the address: the grid that an office named, else the smallest division around."""
    of_tier = [ground for ground in grounds if ground.tier == tier.code]
    if tier.of is Ground.ENTERPRISE:
        return [ground for ground in of_tier if ground.enterprise is not None and ground.enterprise == address.enterprise]
    named = [ground for ground in of_tier if ground.grid == address.drawn_grid]
    if named:
        return named[:1]
    around = [ground for ground in of_tier if ground.path and address.path.startswith(ground.path)]
    closest = max((len(ground.path) for ground in around), default=0)
    return [ground for ground in around if len(ground.path) == closest]


def own_tiers(scheme: Scheme) -> tuple[Tier, ...]:
    """The tiers whose grids are single enterprises."""
    return tuple(tier for tier in scheme.tiers.values() if tier.of is Ground.ENTERPRISE)


def own_grounds(tiers: Sequence[str], address: Address, name: str, made: Mapping[str, int]) -> list[GroundOn]:
    """The enterprise as the ground of its own grids, on whatever day it leads there; ``made`` are those that it has, by tier.

    Those that are still to be made stand below zero (see :func:`to_make`).
    """
    return [GroundOn(date.min, None, made.get(tier, -n), name, tier, "", address.enterprise) for n, tier in enumerate(tiers, 1)]


def to_make(tiers: Sequence[str], spell: Spell) -> str | None:
    """The tier in which the enterprise's own grid has to be made before this placement can be written."""
    grid = spell.decision.value.grid
    return tiers[-grid - 1] if grid is not None and grid < 0 else None


def grid_around(scheme: Scheme, tier: Tier, address: Address, grounds: Iterable[GroundOn], day: date) -> int | None:
    """The grid in which an enterprise's own grid of this tier lies: the one that holds the address on that day, if it is one."""
    if tier.within is None:
        return None
    grids = {ground.grid for ground in _fitting(scheme.tiers[tier.within], address, [one for one in grounds if one.on(day)])}
    return grids.pop() if len(grids) == 1 else None


Run = tuple[date, date | None]


def in_force(runs: Sequence[Run], since: date, today: date) -> Run:
    """From when until when an own grid is in force, whose enterprise is placed in it in these runs: the latest that began.

    While a later one has not come, the grid has ended or will; it goes on again on that day. ``since`` is from when it was
    taken to be; without any run it never was.
    """
    if not runs:
        return since, since
    begun = [run for run in runs if run[0] <= today] or runs[:1]
    return runs[0][0], begun[-1][1]


def timeline(
    scheme: Scheme, facts: Sequence[FactOn], address: Address, grounds: Sequence[GroundOn], start: date, end: date | None
) -> list[Spell]:
    """The placements from ``start`` on: one spell per stretch in which neither facts nor grids change the outcome."""
    everywhere = scheme.edition.in_force.everywhere
    turns = {start, *([everywhere] if everywhere is not None and everywhere > start else [])}
    for dated in (*facts, *grounds):
        turns.update(day for day in (dated.since, dated.until) if day is not None and day > start)
    days = sorted(day for day in turns if end is None or day < end)
    spells: list[Spell] = []
    for day in days:
        now = {fact.fact: fact.value for fact in facts if fact.on(day)}
        there = [ground for ground in grounds if ground.on(day)]
        decision = place(scheme, now, address, there) if scheme.begun_at(address.path, day) else _not_yet(scheme)
        if spells and spells[-1].decision == decision:
            continue
        if spells:
            spells[-1] = Spell(spells[-1].since, day, spells[-1].decision)
        spells.append(Spell(day, end, decision))
    return spells


def across(
    eras: Sequence[Era], facts: Sequence[FactOn], address: Address, grounds: Sequence[GroundOn], start: date, end: date | None
) -> list[Spell]:
    """The placements from ``start`` on under the editions that rule one after another, each spell under its own. Over days on
    which none rules nothing is decided: what was placed before stays there.
    """
    spells: list[Spell] = []
    for era in eras:
        begin, stop = max(start, era.since), min((day for day in (end, era.until) if day is not None), default=None)
        if stop is not None and begin >= stop:
            continue
        if era.scheme is not None:
            spells += timeline(era.scheme, facts, address, grounds, begin, stop)
        elif spells:
            spells[-1] = replace(spells[-1], until=stop)
    return spells


def stated(timeline: Sequence[FactOn], fact: str, value: str, since: date) -> list[FactOn]:
    """The timeline of one fact after it was stated that it has ``value`` from ``since`` on.

    What was stated for later days stays; the day before ``since`` stays as it was.
    """
    before = [FactOn(old.since, min(old.until or since, since), old.fact, old.value) for old in timeline if old.since < since]
    after = [old for old in timeline if old.since > since]
    until = min((old.since for old in after), default=None)
    return [*before, FactOn(since, until, fact, value), *after]
