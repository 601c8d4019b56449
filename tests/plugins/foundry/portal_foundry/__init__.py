"""A foundry district (示例): four tiers, every factory a grid of its own, people of two lines on every board."""

from collections.abc import Mapping, Sequence

from portal.hookspecs import Plugin
from portal.scheme.words import Region
from portal_foundry import ledger
from portal_foundry.scheme import REGION

LEVELS = {"district": 1, "town": 2, "village": 3, "firm": 4}


class Foundry(Plugin):
    """States one region, numbers its grids, and reads its ledger of factories."""

    def portal_regions(self) -> Sequence[Region]:
        """The region with its edition."""
        return (REGION,)

    def portal_grid_code(self, region: str, tier: str, division: str, number: int) -> str | None:
        """ZZ and the tier's level, the town's three digits, the village's three, a factory's five: ZZ4-001-002-00017."""
        if region != "foundry":
            return None
        parts = [f"ZZ{LEVELS[tier]}", division[6:9], division[9:12]]
        if tier == "firm":
            parts.append(f"{number:05d}")
        return "-".join(part for part in parts if part)

    def portal_import_rows(self, region: str, rows: Sequence[Sequence[str]]) -> Mapping[str, Sequence[Mapping[str, str]]] | None:
        """The ledger of factories, as people and appointments."""
        return ledger.read(rows) if region == "foundry" else None


plugin = Foundry()
