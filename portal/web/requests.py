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

from portal.access.queries import Known
from portal.call import Call, Portal
from portal.viewer import PUBLIC, Viewer
from portal.web.arriving import Arriving
from portal.web.static_files import StaticFiles

AnyRequest = Request[Any, Any, Any]
AnyConnection = ASGIConnection[Any, Any, Any, Any]
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


def web_of(connection: AnyConnection) -> Web:
    """The web storey of the app that serves this connection."""
    web: Web = connection.app.state.web
    return web


def known_of(connection: AnyConnection) -> Known | None:
    """Who is signed in, or None. Safe also where no middleware ran (unknown paths)."""
    return connection.scope["state"].get("known")


def address_of(connection: AnyConnection) -> str:
    """The address that a request came from, as it is written (behind a proxy that is trusted: what that says); never stored."""
    return connection.client.host if connection.client else ""


def viewer_of(connection: AnyConnection) -> Viewer:
    """The viewer behind the connection."""
    known = known_of(connection)
    return known.viewer if known is not None else PUBLIC


async def provide_call(request: AnyRequest) -> Call:
    """The call that handlers ask for by naming it ``call``."""
    web = web_of(request)
    return Call(web.portal, viewer_of(request), web.clock())
