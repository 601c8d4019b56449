"""Wuzhong district of Suzhou: full-time safety inspectors and the board on the wall."""

from collections.abc import Sequence

from portal.hookspecs import Plugin
from portal.scheme.words import Region
from portal_wuzhong.scheme import WUZHONG


class Wuzhong(Plugin):
    """States one region; needs no other hook."""

    def portal_regions(self) -> Sequence[Region]:
        """Wuzhong."""
        return (WUZHONG,)


plugin = Wuzhong()
