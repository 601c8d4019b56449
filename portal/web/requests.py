"""What a request carries for us: the running portal, the session behind it, the form that it brought."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from jinja2 import Environment
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from portal.access.queries import KnownBrowser
from portal.access.rules import network
from portal.call import Call, Portal
from portal.viewer import PUBLIC, Viewer
from portal.web.arriving import Arriving
from portal.web.gate import AccountPlaces, Pass
from portal.web.static_files import StaticFiles

AnyRequest = Request[Any, Any, Any]
AnyConnection = ASGIConnection[Any, Any, Any, Any]
CAME = "came"
# In the scope's state: a form that was put by, which its route is to show again
PUT_BY = "put_by"
GivenCall: TypeAlias = NamedDependency[SkipValidation[Call]]


@dataclass
class Patience:
    """How long whoever is over a budget is kept waiting for being told so, and how many may be kept at once.

    Whoever asks again at once, forty times over, would otherwise take the time of pages that others read.
    """

    seconds: float = 3
    most: int = 400
    held: int = 0

    async def hold(self, seconds: float) -> None:
        """Wait, but never longer than we have patience for."""
        if self.held >= self.most:
            return
        self.held += 1
        try:
            await asyncio.sleep(min(seconds, self.seconds))
        finally:
            self.held -= 1


@dataclass(frozen=True)
class Web:
    """What the web storey keeps for all requests."""

    portal: Portal
    clock: Callable[[], datetime]
    env: Environment
    static: StaticFiles
    patience: Patience
    arriving: Arriving = field(default_factory=Arriving)
    places: AccountPlaces = field(default_factory=AccountPlaces)


def web_of(connection: AnyConnection) -> Web:
    """The web storey of the app that serves this connection."""
    web: Web = connection.app.state.web
    return web


def known_of(connection: AnyConnection) -> KnownBrowser | None:
    """Who is signed in, or None. Safe also where no middleware ran (unknown paths)."""
    return connection.scope["state"].get("known")


def address_of(connection: AnyConnection) -> str:
    """The address that a request came from, as it is written (behind a proxy that is trusted: what that says); never stored."""
    return connection.client.host if connection.client else ""


def who_of(connection: AnyConnection) -> str:
    """With whom this shares what there is little of: with the account's other requests, with those of the same visit on site,
    and else with all of the network.
    """
    known = known_of(connection)
    if known is not None and known.viewer.account is not None:
        return f"account {known.viewer.account}"
    if known is not None and known.viewer.on_site:
        return f"session {known.session}"
    return network(address_of(connection))


def pass_of(connection: AnyConnection) -> Pass:
    """What the request came in by."""
    found: Pass = connection.scope["state"][CAME]
    return found


def viewer_of(connection: AnyConnection) -> Viewer:
    """The viewer behind the connection."""
    known = known_of(connection)
    return known.viewer if known is not None else PUBLIC


async def provide_call(request: AnyRequest) -> Call:
    """The call that handlers ask for by naming it ``call``."""
    web = web_of(request)
    return Call(web.portal, viewer_of(request), web.clock())
