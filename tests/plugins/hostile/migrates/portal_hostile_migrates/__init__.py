"""Brings a migration that drops the boards."""

from portal.hookspecs import Plugin


class Migrates(Plugin):
    """States nothing; its migration is the matter."""

    def portal_regions(self):
        """No region."""
        return ()


plugin = Migrates()
