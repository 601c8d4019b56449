"""Lishui economic development zone: safety and environment in one grid."""

from collections.abc import Sequence

from portal.hookspecs import Plugin
from portal.scheme.words import Region
from portal_lishui.scheme import LISHUI

LETTERS = {"zone": "KFQ", "park": "YQ", "rural": "NC", "park-grid": "YQ", "rural-grid": "NC"}


class Lishui(Plugin):
    """States one region and numbers its grids itself: its park grids hang on no statistical division."""

    def portal_regions(self) -> Sequence[Region]:
        """Lishui EDZ."""
        return (LISHUI,)

    def portal_grid_code(self, region: str, tier: str, division: str, number: int) -> str | None:
        """The 16 park grids are YQ01 to YQ16, the 10 rural ones NC01 to NC10; the larger grids bear letters only."""
        if region != "lishui":
            return None
        letters = LETTERS[tier]
        return f"{letters}{number:02d}" if tier.endswith("-grid") else letters


plugin = Lishui()
