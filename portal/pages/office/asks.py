"""What another human being confirms before it is done with the account of an administrator or a custodian."""

from typing import Any

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.access import asks, links
from portal.access.asks import AskOutcome
from portal.call import Call
from portal.complaints.standing import circle
from portal.errors import Refused
from portal.pages.account.second import qr_picture
from portal.viewer import Role
from portal.web import guards
from portal.web.forms import PortalForm
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall

HOME = "/asks"


class AskPages(Controller):
    """Confirming, declining, withdrawing."""

    path = HOME
    guards = [guards.only(Role.ADMINISTRATOR, Role.CUSTODIAN)]

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """What waits."""
        return await _asks(request, call, PortalForm())

    @post("/{ask:str}/confirm", status_code=200)
    async def confirm(self, request: AnyRequest, call: GivenCall, ask: FromPath[str]) -> Html | Redirect:
        """Agree, and so do it; a link for the account's owner is shown to whoever confirmed, not to whoever asked."""
        form = PortalForm()
        try:
            done = await asks.confirm(call, ask, circle)
        except Refused as error:
            form.refuse(error)
            return await _asks(request, call, form)
        return await _asks(request, call, form, done) if done.secret else go(HOME, "ask_confirmed")

    @post("/{ask:str}/decline", status_code=303)
    async def decline(self, call: GivenCall, ask: FromPath[str]) -> Redirect:
        """Not agree."""
        await asks.decline(call, ask)
        return go(HOME, "ask_declined")

    @post("/{ask:str}/withdraw", status_code=303)
    async def withdraw(self, call: GivenCall, ask: FromPath[str]) -> Redirect:
        """Want it no more."""
        await asks.withdraw(call, ask)
        return go(HOME, "ask_withdrawn")


async def _asks(request: AnyRequest, call: Call, form: PortalForm, done: AskOutcome | None = None) -> Html:
    shown: dict[str, Any] = {"address": ""}
    if done is not None:
        address = f"{call.portal.settings.address}/link/{done.secret}"
        found = await links.welcome(call, done.secret, "invitation", "reset")
        shown = {"address": address, "picture": qr_picture(address), "invited": found.purpose == "invitation"}
    return page(
        request, "office/asks.html", form=form, waiting=await asks.waiting(call), status=422 if form.problems else 200, **shown
    )
