"""Pure rules of areas: which divisions a grid may be made of, and which unit is nearest."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.errors import Refused
from portal.scheme.words import Ground, Tier
from portal.terms import GROUND, JURISDICTION_KIND, say


@dataclass(frozen=True)
class UnitAt:
    """A real unit with the path of the jurisdiction that it sits in."""

    id: int
    kind: str
    name: str
    phone: str
    path: str


def nearest(kind: str, path: str, units: Iterable[UnitAt]) -> UnitAt | None:
    """The unit of that kind whose jurisdiction is the smallest one around ``path``."""
    around = [unit for unit in units if unit.kind == kind and path.startswith(unit.path)]
    return max(around, key=lambda unit: (len(unit.path), -unit.id), default=None)


KINDS_OF_GROUND = {
    Ground.ZONE: ("zone",),
    Ground.DISTRICT: ("district",),
    Ground.TOWN: ("town",),
    Ground.VILLAGE: ("village", "community"),
}


def fits_ground(tier: Tier, jurisdiction_kind: str) -> None:
    """Refuse a grid made of a division of another kind than its tier's."""
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
