"""States a region that is another plugin's."""

from portal.hookspecs import Plugin
from portal_lishui.scheme import LISHUI


class Claims(Plugin):
    """Would speak for Lishui."""

    def portal_regions(self):
        """A region that is stated already."""
        return (LISHUI,)


plugin = Claims()
