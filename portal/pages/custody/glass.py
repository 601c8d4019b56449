"""Two people open a complaint that its custodians can't: one asks, the other confirms."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.complaints import glass
from portal.terms import say
from portal.viewer import Role
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, area, attempt, text
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall

HOME = "/custody/two"


class AskForm(PortalForm):
    """Which complaint, and why."""

    number = text(say("投诉编号"), say("请填写投诉编号。"), most=20, hint=say("投诉人在进展页面能看到，共 8 位。"))
    reason = area(
        say("查看理由"), say("请写明查看理由。"), most=glass.LONGEST_REASON, rows=4, hint=say("投诉人和受理人都能看到。")
    )


class GlassPages(Controller):
    """Asking and confirming."""

    path = HOME
    guards = [guards.only(Role.CUSTODIAN, Role.ADMINISTRATOR)]

    @get()
    async def ask(self, request: AnyRequest) -> Html:
        """Say what it is, and ask for number and reason."""
        return page(request, "custody/two.html", form=AskForm())

    @post(status_code=200, opt=SHOWN_AGAIN)
    async def asked(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Note it; a second person has to confirm."""
        form = AskForm(body_of(request))
        made = await attempt(call, form, lambda: glass.ask(call, form.data["number"], form.data["reason"]))
        return go(f"{HOME}/{made}") if made is not None else page(request, "custody/two.html", form=form, status=422)

    @get("/{request_:str}")
    async def show(self, request: AnyRequest, call: GivenCall, request_: FromPath[str]) -> Html:
        """The request: the one who asked sees the address for the other one, who sees what they confirm."""
        asked = await glass.asked(call, request_)
        address = f"{call.portal.settings.address}{HOME}/{request_}"
        return page(request, "custody/two_confirm.html", asked=asked, address=address, form=PortalForm())

    @post("/{request_:str}", status_code=200)
    async def confirm(self, request: AnyRequest, call: GivenCall, request_: FromPath[str]) -> Html | Redirect:
        """Confirm it."""
        asked, form = await glass.asked(call, request_), PortalForm()
        if await attempt(call, form, lambda: glass.confirm(call, request_)) is not None:
            return go("/custody", "glass_confirmed")
        return page(request, "custody/two_confirm.html", asked=asked, address="", form=form, status=422)
