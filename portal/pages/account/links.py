"""One-time links: choosing a password, and coming in on site. Opening the address changes nothing; the form on it does."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from wtforms import PasswordField
from wtforms.validators import Length

from portal.access import links
from portal.access.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD
from portal.errors import NotVisible, Refused
from portal.terms import say
from portal.web.bodies import body_of
from portal.web.forms import PortalForm, required, text
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall, web_of
from portal.web.sessions import cookie, session_cookie


class NewPasswordForm(PortalForm):
    """A password, chosen by whoever will use it."""

    new = PasswordField(
        say("新密码"),
        [required(say("请输入新密码。")), Length(max=LONGEST_PASSWORD, message=say("最多 {n} 个字符。", n=LONGEST_PASSWORD))],
        description=say("至少 {n} 个字符；可以把几个不相干的词的拼音连起来，再加数字。", n=SHORTEST_PASSWORD),
        render_kw={"autocomplete": "new-password"},
    )


class NameForm(PortalForm):
    """Who stands there."""

    name = text(say("您的姓名"), say("请填写姓名，会记在单位的记录里。"), most=links.LONGEST_NAME, autocomplete="name")


class LinkPages(Controller):
    """Links that work once."""

    @get("/link/{secret:str}")
    async def ask_password(self, request: AnyRequest, call: GivenCall, secret: FromPath[str]) -> Html:
        """Ask the owner of an account for a password."""
        return await _page(request, call, secret, NewPasswordForm())

    @post("/link/{secret:str}", status_code=200)
    async def choose_password(self, request: AnyRequest, call: GivenCall, secret: FromPath[str]) -> Html | Redirect:
        """Set it; then one signs in with it."""
        form = NewPasswordForm(body_of(request))
        if form.validate():
            try:
                await links.choose_password(call, secret, form.new.data)
            except Refused as error:
                form.refuse(error)
            except NotVisible:
                return _over(request)
            else:
                return go("/sign-in", "password_chosen")
        return await _page(request, call, secret, form, status=422)

    @get("/site/{secret:str}")
    async def ask_name(self, request: AnyRequest, call: GivenCall, secret: FromPath[str]) -> Html:
        """Ask somebody on site who they are."""
        return await _page(request, call, secret, NameForm())

    @post("/site/{secret:str}", status_code=200)
    async def come_in(self, request: AnyRequest, call: GivenCall, secret: FromPath[str]) -> Html | Redirect:
        """Let them in for some hours."""
        form, web = NameForm(body_of(request)), web_of(request)
        if form.validate():
            try:
                token = await links.come_in(call, secret, form.name.data)
            except Refused as error:
                form.refuse(error)
            except NotVisible:
                return _over(request)
            else:
                return go("/enterprise", cookies=[cookie(web, session_cookie(web), token)])
        return await _page(request, call, secret, form, status=422)


async def _page(request: AnyRequest, call: GivenCall, secret: str, form: PortalForm, *, status: int = 200) -> Html:
    purposes = ("site",) if isinstance(form, NameForm) else ("invitation", "reset")
    try:
        found = await links.welcome(call, secret, *purposes)
    except NotVisible:
        return _over(request)
    return page(request, "account/link.html", found=found, form=form, action=request.scope["path"], status=status)


def _over(request: AnyRequest) -> Html:
    return page(request, "account/link_over.html", status=404)
