"""Pure rules of areas: which divisions a grid may be made of, where a kind of office stands, which unit is nearest, and
whether a grid is on file as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from portal.errors import Refused
from portal.scheme.words import Ground, Tier, Unit
from portal.terms import GROUND, JURISDICTION_KIND, say


@dataclass(frozen=True)
class UnitAt:
    """A real unit with the path and the kind of the jurisdiction that it sits in."""

    id: int
    kind: str
    name: str
    phone: str
    path: str
    place_kind: str


def nearest(kind: str, path: str, units: Iterable[UnitAt]) -> UnitAt | None:
    """The unit of that kind whose jurisdiction is the smallest one around ``path``."""
    around = [unit for unit in units if unit.kind == kind and path.startswith(unit.path)]
    return max(around, key=lambda unit: (len(unit.path), -unit.id), default=None)


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
    return unit.at is Ground.DRAWN or place_kind in KINDS_OF_GROUND[unit.at]


def fits_place(unit: Unit, place_kind: str) -> None:
    """Refuse an office at a division of another kind than where its scheme puts it."""
    if not stands(unit, place_kind):
        raise Refused(
            say(
                "“{unit}”设在{wanted}，所选辖区是{given}。请选{wanted}。",
                unit=unit.name,
                wanted=GROUND[unit.at.value],
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
    if tier.of is not Ground.DRAWN and jurisdiction_kind not in KINDS_OF_GROUND[tier.of]:
        raise Refused(
            say(
                "“{tier}”由{wanted}构成，所选辖区是{given}。",
                tier=tier.name,
                wanted=GROUND[tier.of.value],
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
class Drawn:
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
    def read(cls, kept: Mapping[str, Any]) -> "Drawn":
        """As it was stored."""
        lists = {name: tuple(kept[name]) for name in ("ground", "ground_names")}
        return cls(**{**kept, **lists})

    def same(self, other: "Drawn | None") -> bool:
        """Whether there is nothing to file between the two: once a grid is dissolved, nothing else about it matters."""
        return other is not None and (self == other or (self.ended and other.ended))


def stands_filed(now: Drawn, accepted: Drawn | None, waiting: Drawn | None) -> Filed | None:
    """How a grid stands that was last put on file as ``accepted``, and of which ``waiting`` lies with the office; None where
    there is nothing to file, because it was dissolved before it ever was on file.
    """
    if now.same(waiting):
        return Filed.WAITING
    if accepted is None:
        return None if now.ended else Filed.DRAFT
    return Filed.IN_FORCE if now.same(accepted) else Filed.CHANGED


def what_became(before: Drawn | None, now: Drawn) -> str:
    """What filing it again says of a grid: it is ``new``, ``ended``, ``reopened`` or ``changed``."""
    if before is None:
        return "new"
    if before.ended != now.ended:
        return "ended" if now.ended else "reopened"
    return "changed"


def differences(before: Drawn, now: Drawn) -> list[tuple[str, str, str]]:
    """What of a grid differs, from what to what: field, old, new."""
    found = [
        (name, getattr(before, name), getattr(now, name))
        for name in ("code", "name", "tier", "area_note")
        if getattr(before, name) != getattr(now, name)
    ]
    if before.ground != now.ground:
        found.append(("ground", "、".join(before.ground_names), "、".join(now.ground_names)))
    return found
