"""Calls itself by the name of another plugin."""

from portal.hookspecs import Plugin


class Doubles(Plugin):
    """An impostor."""

    def portal_regions(self):
        """No region."""
        return ()


plugin = Doubles()
