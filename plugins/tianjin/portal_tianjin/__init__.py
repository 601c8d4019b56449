"""Tianjin: two tiers of grids in sixteen districts, every object with its department and its inspector."""

from collections.abc import Sequence

from portal.hookspecs import Plugin
from portal.scheme.words import Region
from portal_tianjin.scheme import TIANJIN


class Tianjin(Plugin):
    """States one region; needs no other hook."""

    def portal_regions(self) -> Sequence[Region]:
        """Tianjin."""
        return (TIANJIN,)


plugin = Tianjin()
