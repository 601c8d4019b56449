"""Brings templates under the names of the portal's own."""

from portal.hookspecs import Plugin


class Overrides(Plugin):
    """States nothing; its templates are the matter."""

    def portal_regions(self):
        """No region."""
        return ()


plugin = Overrides()
