"""The second factor at the door: set it up once, then show a code at each sign-in."""

import base64
import io

import qrcode
from litestar import Controller, get, post
from litestar.response import Redirect

from portal.access import second
from portal.access.queries import Known, Stage
from portal.errors import NotVisible, Refused
from portal.terms import say
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import PortalForm, text
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall, known_of


class CodeForm(PortalForm):
    """Six digits."""

    code = text(
        say("验证码"), say("请输入手机上现在显示的六位数字。"), most=12, inputmode="numeric", autocomplete="one-time-code"
    )


class SecondPages(Controller):
    """Between the password and the door."""

    path = "/second"
    guards = [guards.half_in]

    @get()
    async def ask(self, request: AnyRequest, call: GivenCall) -> Html:
        """Ask for a code; before that, once, show what the authenticator app is to scan."""
        return _page(request, call, CodeForm())

    @post(status_code=200)
    async def take(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Take the code; on to the viewer's own door."""
        known, form = _known(request), CodeForm(body_of(request))
        if form.validate():
            act = second.enrol if known.stage is Stage.ENROL else second.confirm
            try:
                await act(call, known.session, form.code.data)
            except Refused as error:
                form.refuse(error)
            else:
                return go("/welcome")
        return _page(request, call, form, status=422)


def _page(request: AnyRequest, call: GivenCall, form: CodeForm, *, status: int = 200) -> Html:
    known = _known(request)
    offer = second.offered(call, known.session, known.login) if known.stage is Stage.ENROL else None
    picture = qr_picture(offer.address) if offer is not None else ""
    return page(request, "account/second.html", form=form, offer=offer, picture=picture, status=status)


def _known(request: AnyRequest) -> Known:
    known = known_of(request)
    if known is None:
        raise NotVisible
    return known


def qr_picture(text: str) -> str:
    """A QR code as a picture inside the page: no address of its own, nothing that a cache could keep."""
    out = io.BytesIO()
    qrcode.make(text, border=4, box_size=5).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
