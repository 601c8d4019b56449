"""States its regions by dividing by zero."""

from portal.hookspecs import Plugin


class Raises(Plugin):
    """Raises when it is asked."""

    def portal_regions(self):
        """No region."""
        return (1 // 0,)


plugin = Raises()
