"""Pure rules of areas: which divisions a grid may be made of, where a kind of office stands, which unit is nearest, whether a
grid is on file as it is, and what a correction of days changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

from portal.errors import Refused
from portal.scheme.words import Ground, Tier, Unit
from portal.terms import GROUND, JURISDICTION_KIND, say


@dataclass(frozen=True)
class UnitAt:
    """A real unit with the path and the kind of the jurisdiction that it sits in. One that is ``only_chosen`` serves nobody who
    does not name it.
    """

    id: int
    kind: str
    name: str
    phone: str
    path: str
    place_kind: str
    only_chosen: bool = False
    chosen: bool = False


def serving(units: Iterable[UnitAt], chosen: Sequence[int]) -> list[UnitAt]:
    """Of several offices of a kind those that serve something: of each kind the first that was ``chosen`` for it, wherever it
    sits, else all that serve whoever chose none.
    """
    there = list(units)
    kinds = {unit.id: unit.kind for unit in there}
    first: dict[str, int] = {}
    for id_ in chosen:
        if id_ in kinds:
            first.setdefault(kinds[id_], id_)
    return [
        replace(unit, chosen=unit.kind in first)
        for unit in there
        if first.get(unit.kind, unit.id) == unit.id and (unit.kind in first or not unit.only_chosen)
    ]


@dataclass(frozen=True)
class Period:
    """The days on which something of the register holds: ``until`` is the first on which it no longer does."""

    since: date
    until: date | None = None

    def without(self, other: Self) -> "tuple[Period, ...]":
        """The days of this one that are none of the other."""
        found = []
        if self.since < other.since:
            found.append(Period(self.since, other.since if self.until is None else min(self.until, other.since)))
        if other.until is not None and (self.until is None or self.until > other.until):
            found.append(Period(max(self.since, other.until), self.until))
        return tuple(found)

    def reaches(self, day: date) -> bool:
        """Whether it holds on that day or later."""
        return self.until is None or self.until > day


@dataclass(frozen=True)
class Correction:
    """Days of something that were typed wrongly (更正日期): as they stood, as they are meant, and why."""

    before: Period
    after: Period
    reason: str

    @property
    def gained(self) -> tuple[Period, ...]:
        """The days on which it holds by now and did not."""
        return self.after.without(self.before)

    @property
    def lost(self) -> tuple[Period, ...]:
        """The days on which it held and does not any more."""
        return self.before.without(self.after)

    @property
    def lost_first(self) -> tuple[Period, ...]:
        """Those of the lost days on which it had begun too early."""
        return tuple(one for one in self.lost if one.since < self.after.since)

    @property
    def shortened(self) -> date | None:
        """The day on which it ends by now, where that is earlier than it was."""
        ends, ended = self.after.until, self.before.until
        return ends if ends is not None and (ended is None or ends < ended) else None

    @property
    def first(self) -> date:
        """The first day on which anything is otherwise."""
        return min(one.since for one in (*self.gained, *self.lost))

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which something turns out otherwise: the first one, and those on which it newly begins or ends."""
        turns = {self.after.since, self.after.until} - {self.before.since, self.before.until, None}
        return tuple(sorted({self.first, *(day for day in turns if day is not None and day > self.first)}))

    def told(self) -> dict[str, object]:
        """What the ledger tells: each day that was corrected, from what to what, and why."""
        pairs = {"since": (self.before.since, self.after.since), "until": (self.before.until, self.after.until)}
        days: dict[str, object] = {
            name: [day.isoformat() if day is not None else None for day in pair]
            for name, pair in pairs.items()
            if pair[0] != pair[1]
        }
        return {**days, "because": self.reason}


def corrected(before: Period, after: Period, reason: str) -> Correction:
    """The correction of one period to another; :class:`Refused` where nothing would change, or no day would be left."""
    if after == before:
        raise Refused(say("填写的日期与登记的一样，没有需要更正的，什么也没有改动。"), field="since")
    if after.until is not None and after.until <= after.since:
        if after.until == before.until:
            raise Refused(say("起始日期要早于截止日期 {day}。", day=after.until), field="since")
        raise Refused(say("截止日期要晚于起始日期。"), field="until")
    return Correction(before, after, reason)


def nearest(kind: str, path: str, units: Iterable[UnitAt]) -> UnitAt | None:
    """The unit of that kind that was chosen, else the one whose jurisdiction is the smallest one around ``path``."""
    return min(all_nearest(kind, path, units), key=lambda unit: unit.id, default=None)


def all_nearest(kind: str, path: str, units: Iterable[UnitAt]) -> list[UnitAt]:
    """Those of that kind of which none is nearer: several where a place has several and none was chosen."""
    around = [unit for unit in units if unit.kind == kind and (unit.chosen or path.startswith(unit.path))]
    closest = max((len(unit.path) for unit in around), default=0)
    return [unit for unit in around if len(unit.path) == closest]


KINDS_OF_GROUND = {
    Ground.ZONE: ("zone",),
    Ground.DISTRICT: ("district",),
    Ground.TOWN: ("town",),
    Ground.VILLAGE: ("village", "community"),
    Ground.ENTERPRISE: (),
}


LEVEL = {"province": 0, "city": 1, "district": 2, "zone": 3, "town": 4, "village": 5, "community": 5}


def fits_within(kind: str, around: str) -> None:
    """Refuse a division inside one of its own level or below (a zone may hold zones): a town holds no district, and so no
    office of a district either.
    """
    if LEVEL[kind] <= LEVEL[around] and not kind == around == "zone":
        what = say("{inner}不能设在{outer}里面。", inner=JURISDICTION_KIND[kind], outer=JURISDICTION_KIND[around])
        raise Refused(what, field="kind")


def stands(unit: Unit, place_kind: str) -> bool:
    """Whether an office of that kind belongs to a division of this kind."""
    return any(at is Ground.DRAWN or place_kind in KINDS_OF_GROUND.get(at, ()) for at in unit.grounds)


def grounds_told(of: Unit | Tier) -> str:
    """The kinds of division where offices of that kind are, or of which grids of a tier are made, in words."""
    return say("或").join(GROUND.get(str(ground), str(ground)) for ground in of.grounds)


def made_of(tier: Tier, place_kind: str) -> bool:
    """Whether a grid of the tier may be made of a division of this kind, or be drawn in one."""
    return any(ground is Ground.DRAWN or place_kind in KINDS_OF_GROUND.get(ground, ()) for ground in tier.grounds)


def fits_place(unit: Unit, place_kind: str) -> None:
    """Refuse an office at a division of another kind than where its scheme puts it."""
    if not stands(unit, place_kind):
        raise Refused(
            say(
                "“{unit}”设在{wanted}，所选辖区是{given}。请选{wanted}。",
                unit=unit.name,
                wanted=grounds_told(unit),
                given=JURISDICTION_KIND.get(place_kind, place_kind),
            ),
            field="jurisdiction",
        )


def fits_ground(tier: Tier, jurisdiction_kind: str) -> None:
    """Refuse a grid made of a division of another kind than its tier's, and one that nobody draws."""
    if tier.of is Ground.ENTERPRISE:
        what = say(
            "“{tier}”由单位自动形成：单位纳入这一层，就形成自己的网格，随单位更名、搬迁、停用。请到“单位”登记，不在这里新增。",
            tier=tier.name,
        )
        raise Refused(what, field="tier")
    if not made_of(tier, jurisdiction_kind):
        raise Refused(
            say(
                "“{tier}”由{wanted}构成，所选辖区是{given}。",
                tier=tier.name,
                wanted=grounds_told(tier),
                given=JURISDICTION_KIND.get(jurisdiction_kind, jurisdiction_kind),
            ),
            field="jurisdiction",
        )


class Filed(StrEnum):
    """How a grid stands with the office where it is filed (备案)."""

    DRAFT = "draft"
    CHANGED = "changed"
    WAITING = "waiting"
    IN_FORCE = "in_force"


@dataclass(frozen=True, kw_only=True)
class GridOnFile:
    """What of a grid is filed. The divisions on its ground count by their codes, not by what they are called."""

    code: str
    name: str
    tier: str
    area_note: str = ""
    ground: tuple[str, ...] = ()
    ground_names: tuple[str, ...] = field(default=(), compare=False)
    ended: bool = False

    def kept(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "GridOnFile":
        """As it was stored."""
        lists = {name: tuple(kept[name]) for name in ("ground", "ground_names")}
        return cls(**{**kept, **lists})

    def same(self, other: "GridOnFile | None") -> bool:
        """Whether there is nothing to file between the two: once a grid is dissolved, nothing else about it matters."""
        return other is not None and (self == other or (self.ended and other.ended))


def stands_filed(now: GridOnFile, accepted: GridOnFile | None, waiting: GridOnFile | None) -> Filed | None:
    """How a grid stands that was last put on file as ``accepted``, and of which ``waiting`` lies with the office; None where
    there is nothing to file, because it was dissolved before it ever was on file.
    """
    if now.same(waiting):
        return Filed.WAITING
    if accepted is None:
        return None if now.ended else Filed.DRAFT
    return Filed.IN_FORCE if now.same(accepted) else Filed.CHANGED


def what_became(before: GridOnFile | None, now: GridOnFile) -> str:
    """What filing it again says of a grid: it is ``new``, ``ended``, ``reopened`` or ``changed``."""
    if before is None:
        return "new"
    if before.ended != now.ended:
        return "ended" if now.ended else "reopened"
    return "changed"


def differences(before: GridOnFile, now: GridOnFile) -> list[tuple[str, str, str]]:
    """What of a grid differs, from what to what: field, old, new."""
    found = [
        (name, getattr(before, name), getattr(now, name))
        for name in ("code", "name", "tier", "area_note")
        if getattr(before, name) != getattr(now, name)
    ]
    if before.ground != now.ground:
        found.append(("ground", "、".join(before.ground_names), "、".join(now.ground_names)))
    return found
