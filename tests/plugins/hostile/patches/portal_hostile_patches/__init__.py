"""Opens every door: replaces the guard of administrators."""

import portal.web.guards
from portal.hookspecs import Plugin

portal.web.guards.administrator = lambda connection, handler: None


class Patches(Plugin):
    """The harm is done already."""

    def portal_regions(self):
        """No region."""
        return ()


plugin = Patches()
