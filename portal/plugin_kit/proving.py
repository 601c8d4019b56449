"""For a plugin's own tests: what its rules decide on its own example tables, without a database."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.resources.abc import Traversable

from portal.enterprises.rules import Address, GroundOn, Placed, place
from portal.scheme.book import Scheme
from portal.scheme.decision import Decision
from portal.scheme.words import Ground, Region


@dataclass(frozen=True)
class Example:
    """A region on its example tables; the edition named, else the last one that began."""

    region: Region
    folder: Traversable
    edition: str | None = None

    @cached_property
    def scheme(self) -> Scheme:
        """The rules that decide."""
        known = {edition.code: edition for edition in self.region.editions}
        latest = max(self.region.editions, key=lambda edition: edition.in_force.since or date.min)
        return Scheme(self.region, known[self.edition] if self.edition else latest, self.region.code)

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """Each division's code with the codes of those around it, as the portal keeps them."""
        found: dict[str, str] = {}
        for row in self._rows("divisions"):
            found[row["code"]] = f"{found.get(row['parent'], '/')}{row['code']}/"
        return found

    @cached_property
    def grounds(self) -> tuple[GroundOn, ...]:
        """What the grids are made of; a drawn one without divisions has no ground, enterprises are named into it."""
        found = []
        for number, row in enumerate(self._rows("grids"), 1):
            drawn = self.scheme.tiers[row["tier"]].of is Ground.DRAWN
            divisions = row["divisions"].split() or ([] if drawn else [row["division"]])
            paths = [self.paths[division] for division in divisions] or [""]
            found += [GroundOn(date.min, None, number, row["name"], row["tier"], path) for path in paths]
        return tuple(found)

    def placed(self, division: str, facts: Mapping[str, str] | None = None, *, grid: str = "") -> Decision[Placed]:
        """Where an enterprise with these facts in the division belongs, and why; ``grid`` names a drawn grid for it."""
        named = next((ground.grid for ground in self.grounds if grid and ground.grid_name == grid), None)
        return place(self.scheme, facts or {}, Address(self.paths[division], named), self.grounds)

    def _rows(self, table: str) -> list[dict[str, str]]:
        text = (self.folder / f"{table}.csv").read_text(encoding="utf-8")
        return list(csv.DictReader(text.splitlines()))
