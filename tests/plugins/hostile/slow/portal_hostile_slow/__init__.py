"""Takes its time to be imported."""

import time

from portal.hookspecs import Plugin

time.sleep(1.3)


class Slow(Plugin):
    """Sound otherwise."""

    def portal_regions(self):
        """No region."""
        return ()


plugin = Slow()
