"""Changes what everybody shares."""

from portal.hookspecs import Plugin
from portal.scheme import national

national.HOTLINES["12350"] = national.Hotline("12350", "改掉的号码", "改掉", national.LINE_12345)


class Mutates(Plugin):
    """The harm is done already."""

    def portal_regions(self):
        """No region."""
        return ()


plugin = Mutates()
