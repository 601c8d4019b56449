"""A form that was sent when its session was over: shown again as it was typed, by the very page that it was sent to."""

import re
from typing import Any

from litestar import Controller, get
from litestar.params import FromQuery
from litestar.response import Response

from portal.access import put_by
from portal.access.put_by import PutBy
from portal.web import guards
from portal.web.pages import PRIVATE, go, page
from portal.web.requests import CAME, PUT_BY, AnyRequest, GivenCall, pass_of

HTML = "text/html; charset=utf-8"
# Of what was typed, to know a form by
SHOWN = 60


class UnsentPages(Controller):
    """What was put by."""

    guards = [guards.account]

    @get("/unsent")
    async def show(self, request: AnyRequest, call: GivenCall, which: FromQuery[str] = "") -> Response[Any]:
        """The form as it was typed, of several each by itself; where its page is no page for the viewer any more, what was typed
        alone.
        """
        forms = await put_by.found(call)
        await put_by.shown(call)
        if not forms:
            return go("/welcome")
        chosen = forms[int(which)] if re.fullmatch("[0-9]", which) and int(which) < len(forms) else None
        if chosen is None and len(forms) > 1:
            return page(
                request, "account/unsent_several.html", forms=[max(_words(one), key=len, default="")[:SHOWN] for one in forms]
            )
        form = chosen or forms[0]
        shown = await _shown_by_its_route(request, form)
        return shown if shown is not None else page(request, "account/unsent.html", words=_words(form), files=form.files)


def _words(form: PutBy) -> list[str]:
    """What somebody typed in it."""
    return [value for name, values in form.fields.items() for value in values if value.strip() and name not in ("once", "form")]


async def _shown_by_its_route(request: AnyRequest, form: PutBy) -> Response[bytes] | None:
    """What the route answers to which the form was sent, if that is its page."""
    state = {name: value for name, value in request.scope["state"].items() if name in ("known", "token")}
    basic = ("type", "asgi", "http_version", "server", "client", "scheme", "root_path", "headers")
    scope: Any = {name: request.scope[name] for name in basic if name in request.scope}  # type: ignore[literal-required] # of a scope
    scope |= {
        "method": "POST",
        "path": form.address,
        "raw_path": form.address.encode(),
        "query_string": b"",
        "state": {**state, CAME: pass_of(request), PUT_BY: form},
    }
    answered: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        answered.append(message)

    await request.app(scope, receive, send)
    start, *parts = answered
    if start["status"] not in (200, 422):
        return None
    return Response(b"".join(part.get("body", b"") for part in parts), headers={**PRIVATE, "content-type": HTML})
