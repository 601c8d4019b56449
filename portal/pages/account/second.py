"""The second factor at the door: set it up once, then show a code at each sign-in."""

import base64
import io

import qrcode
from litestar import Controller, get, post
from litestar.response import Redirect

from portal.access import second
from portal.access.queries import KnownBrowser, Stage
from portal.access.rules import DEVICE_HOLDS
from portal.errors import NotVisible, Refused
from portal.terms import say
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import PortalForm, text
from portal.web.pages import Html, go, late, page
from portal.web.requests import AnyRequest, GivenCall, address_of, known_of, web_of
from portal.web.sessions import cookie, cookies, device_cookie


class CodeForm(PortalForm):
    """Six digits."""

    code = text(
        say("验证码"), say("请输入手机上现在显示的六位数字。"), most=20, inputmode="numeric", autocomplete="one-time-code"
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
        known, form, web, refusal = _browser_of(request), CodeForm(body_of(request)), web_of(request), None
        device = cookies(request.scope).get(device_cookie(web))
        if form.validate():
            code = form.code.data
            try:
                if known.stage is Stage.ENROL:
                    mark = await second.enrol(call, known.session, code, device=device)
                else:
                    mark = await second.confirm(call, known.session, code, address=address_of(request), device=device)
            except Refused as error:
                form.refuse(refusal := error)
            else:
                return go("/welcome", cookies=[cookie(web, device_cookie(web), mark, days=DEVICE_HOLDS.days)])
        return await late(request, _page(request, call, form, status=422), refusal)


def _page(request: AnyRequest, call: GivenCall, form: CodeForm, *, status: int = 200) -> Html:
    known = _browser_of(request)
    offer = second.offered(call, known.session, known.login) if known.stage is Stage.ENROL else None
    picture = qr_picture(offer.address) if offer is not None else ""
    return page(request, "account/second.html", form=form, offer=offer, picture=picture, status=status)


def _browser_of(request: AnyRequest) -> KnownBrowser:
    known = known_of(request)
    if known is None:
        raise NotVisible
    return known


def qr_picture(text: str) -> str:
    """A QR code as a picture inside the page: no address of its own, nothing that a cache could keep."""
    out = io.BytesIO()
    qrcode.make(text, border=4, box_size=5).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
