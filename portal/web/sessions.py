"""The session cookie. Nothing is stored and no cookie is set for people who do not sign in.

A session is a row of ours with a viewer behind it, not a bag of values: there is nothing to fixate (an unknown token is
ignored, never adopted) and nothing to write back with each answer.
"""

from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.middleware.base import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from portal.access import queries
from portal.call import Call
from portal.storage.engine import Lane, on_behalf
from portal.viewer import PUBLIC
from portal.web.requests import CAME, PUT_BY, AnyConnection, Web


class SessionMiddleware(ASGIMiddleware):
    """Finds out who is behind a request's cookie and lays it into the scope."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Look the session up, then go on."""
        web: Web = scope["litestar_app"].state.web
        if PUT_BY in scope["state"]:
            # A form that is shown again inside the request that asks for it: who asks is known
            await next_app(scope, receive, send)
            return
        token, known = cookies(scope).get(session_cookie(web)), None
        if token:
            call = Call(web.portal, PUBLIC, web.clock())
            scope["state"]["known"] = known = await queries.known_browser(call, token)
            scope["state"]["token"] = token
        # What an office holds up, the public does not wait for
        if known is None or not known.viewer.signed_in:
            with on_behalf("", Lane.PUBLIC):
                await next_app(scope, receive, send)
            return
        # What they ask for may take long, and they wait for nobody but themselves
        scope["state"][CAME].let_go()
        who = f"account {known.viewer.account}" if known.viewer.account is not None else f"session {known.session}"
        async with web.places.one_of(who):
            with on_behalf(who, Lane.OFFICE):
                await next_app(scope, receive, send)


def cookies(scope: Scope) -> dict[str, str]:
    """The cookies of a request, the last one of a name counting."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, sep, text = part.strip().partition("=")
                if sep:
                    found[key] = text
    return found


def _prefixed(web: Web, name: str) -> str:
    return f"__Host-{name}" if web.portal.settings.secure else name


def session_cookie(web: Web) -> str:
    """The name of the session's cookie; bound to this host where visitors come by HTTPS."""
    return _prefixed(web, "portal-session")


def device_cookie(web: Web) -> str:
    """The name of the cookie by which a device that signed in before is known."""
    return _prefixed(web, "portal-device")


def form_cookie(web: Web) -> str:
    """The name of the cookie that binds an anonymous visitor's forms to their browser."""
    return _prefixed(web, "portal-form")


def unsent_cookie(web: Web) -> str:
    """The name of the cookie with the id of the form that an anonymous visitor is filling in, which alone opens it."""
    return _prefixed(web, "portal-unsent")


def opened_cookie(web: Web) -> str:
    """The name of the cookie with the id under which lies what an anonymous visitor's receipt has opened."""
    return _prefixed(web, "portal-opened")


def cookie(web: Web, name: str, value: str, *, days: int | None = None) -> Cookie:
    """A cookie as we set them all: for this site only, out of reach of scripts."""
    return Cookie(
        key=name,
        value=value,
        path="/",
        httponly=True,
        samesite="lax",
        secure=web.portal.settings.secure,
        max_age=days * 86_400 if days else None,
    )


def gone(web: Web, name: str) -> Cookie:
    """The same cookie, to be forgotten."""
    return Cookie(key=name, value="", path="/", httponly=True, samesite="lax", secure=web.portal.settings.secure, max_age=0)


def token_of(connection: AnyConnection) -> str:
    """The token of the session behind a signed-in connection."""
    return str(connection.scope["state"]["token"])
