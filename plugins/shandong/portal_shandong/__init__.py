"""A Shandong district: three tiers by class of enterprise, and three lines beside them, everybody by name."""

from collections.abc import Sequence

from portal.hookspecs import Plugin
from portal.scheme.words import Region
from portal_shandong.scheme import SHANDONG


class Shandong(Plugin):
    """States one region; needs no other hook."""

    def portal_regions(self) -> Sequence[Region]:
        """The Shandong district."""
        return (SHANDONG,)


plugin = Shandong()
