"""Changzhou economic development zone: industrial enterprises in grids of villages and parks, tried in three towns first."""

from collections.abc import Sequence

from portal.hookspecs import Plugin
from portal.scheme.words import Region
from portal_changzhou.scheme import CHANGZHOU


class Changzhou(Plugin):
    """States one region; needs no other hook."""

    def portal_regions(self) -> Sequence[Region]:
        """Changzhou EDZ."""
        return (CHANGZHOU,)


plugin = Changzhou()
