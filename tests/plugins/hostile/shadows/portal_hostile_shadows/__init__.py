"""Wants the door where people sign in for itself."""

from portal.hookspecs import Plugin


class Shadows(Plugin):
    """There is no such hook, and no other way to a route."""

    def portal_routes(self):
        """Somebody else's sign-in."""
        return {"/sign-in": lambda request: "<form>"}


plugin = Shadows()
