"""Was written for hooks that this portal does not have yet."""

from portal.hookspecs import Plugin


class Stale(Plugin):
    """Of another time."""

    api = 99


plugin = Stale()
