"""叶区's document issued anew: big firms are grids in towns, of a tier of their own; the others' own grids lie in towns as well."""

from dataclasses import replace
from datetime import date

from portal.scheme.words import Edition, Ground, InForce, Per, Placement, Post, Region, Rule, Tier
from tests.firm_region import Leafy
from tests.firm_region.scheme import LEAFY, RULES
from tests.sample_region.scheme import GRIDS

BEGINS = date(2026, 3, 9)


def _changed(rule: Rule) -> tuple[Rule, ...]:
    """What became of a rule."""
    match rule:
        case Tier(code="firm"):
            works = Tier(code="works", name="大厂网格", of=Ground.ENTERPRISE, within="town-grid", basis=GRIDS)
            return replace(rule, within="town-grid"), works
        case Placement(klass="leaf"):
            return (replace(rule, tiers=("works",)),)
        case Post(code="firm-leader"):
            return (replace(rule, per=(Per(tier="firm"), Per(tier="works"))),)
        case _:
            return (rule,)


LATER = Edition(
    code="leafy-2026",
    documents=LEAFY.editions[0].documents,
    in_force=InForce(since=BEGINS, still=GRIDS, basis=GRIDS),
    rules=tuple(new for rule in RULES for new in _changed(rule)),
)
BOTH = replace(LEAFY, editions=(*LEAFY.editions, LATER))
ENDING = replace(
    LEAFY,
    editions=(
        replace(LEAFY.editions[0], in_force=InForce(since=date(2020, 1, 1), until=date(2026, 3, 8), still=GRIDS, basis=GRIDS)),
    ),
)


class Stated(Leafy):
    """States the region that it is given."""

    def __init__(self, region: Region) -> None:
        self._region = region

    def portal_regions(self) -> tuple[Region, ...]:
        """The region as it was given."""
        return (self._region,)
