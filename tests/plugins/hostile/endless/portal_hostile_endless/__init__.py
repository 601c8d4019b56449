"""States regions without end."""

from itertools import repeat

from portal.hookspecs import Plugin
from portal_lishui.scheme import LISHUI


class Endless(Plugin):
    """More than a memory holds."""

    def portal_regions(self):
        """The same region for ever."""
        return repeat(LISHUI)


plugin = Endless()
