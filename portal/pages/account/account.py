"""Signing in and out, changing one's password, seeing and ending one's sessions."""

import re

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from wtforms import PasswordField
from wtforms.validators import Length

from portal.access import actions, deputies, put_by, queries, second
from portal.access.rules import DEVICE_HOLDS, LONGEST_PASSWORD, SHORTEST_PASSWORD
from portal.call import Call
from portal.errors import Refused
from portal.terms import say
from portal.web import guards
from portal.web.bodies import Body, body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, attempt, choice, day, required, text, with_blank
from portal.web.pages import Html, door, go, late, page
from portal.web.requests import AnyRequest, GivenCall, address_of, known_of, viewer_of, web_of
from portal.web.sessions import cookie, cookies, device_cookie, gone, session_cookie, token_of

INSIDE = re.compile(r"/(?![/\\])[\w\-./?=&%]*")
CLEAR = {"clear-site-data": '"cache"'}


def _password(label: str, message: str, *, hint: str = "", autocomplete: str) -> PasswordField:
    most = Length(max=LONGEST_PASSWORD, message=say("最多 {n} 个字符。", n=LONGEST_PASSWORD))
    return PasswordField(label, [required(message), most], description=hint, render_kw={"autocomplete": autocomplete})


class SignInForm(PortalForm):
    """Name and password."""

    login = text(
        say("登录名"), say("请输入登录名。"), most=40, autocomplete="username", autocapitalize="none", spellcheck="false"
    )
    password = _password(say("密码"), say("请输入密码。"), autocomplete="current-password")


class PasswordForm(PortalForm):
    """The old and the new password."""

    old = _password(say("现在的密码"), say("请输入现在的密码。"), autocomplete="current-password")
    new = _password(
        say("新密码"),
        say("请输入新密码。"),
        hint=say("至少 {n} 个字符；可以把几个不相干的词的拼音连起来，再加数字。", n=SHORTEST_PASSWORD),
        autocomplete="new-password",
    )


class SignInPages(Controller):
    """Coming in."""

    @get("/sign-in")
    async def ask(self, request: AnyRequest) -> Html:
        """Ask for name and password."""
        expired = request.query_params.get("late", "")
        return page(
            request, "account/sign_in.html", form=SignInForm(), next=_next(request.query_params.get("next")), late=expired
        )

    @post("/sign-in", status_code=200)
    async def sign_in(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Check them; on to where the visitor wanted to go, or to their own door."""
        body = body_of(request)
        form, target, web = SignInForm(body), _next(body.get("next")), web_of(request)
        refusal = None
        if form.validate():
            try:
                done = await actions.sign_in(
                    call,
                    login=body.get("login"),
                    password=body.get("password"),
                    address=address_of(request),
                    device=cookies(request.scope).get(device_cookie(web)),
                )
            except Refused as error:
                form.refuse(refusal := error)
            else:
                kept = [cookie(web, session_cookie(web), done.token)]
                if done.device is not None:
                    kept.append(cookie(web, device_cookie(web), done.device, days=DEVICE_HOLDS.days))
                return go("/account?first=yes" if done.must_change else target or "/welcome", cookies=kept)
        return await late(request, page(request, "account/sign_in.html", form=form, next=target, late="", status=422), refusal)

    @get("/welcome", guards=[guards.signed_in])
    async def welcome(self, request: AnyRequest, call: GivenCall) -> Redirect:
        """To the viewer's own door; where somebody tries out codes of theirs, first to what tells them so."""
        if await second.guessed_at(call):
            return go("/account")
        return go("/unsent" if await put_by.waits(call) else door(viewer_of(request).roles))


class CoverForm(PortalForm):
    """Who covers an absence, from when to when."""

    deputy = choice(say("代办同事"), say("请选一位同事。"))
    since = day(say("从哪天起"), say("请填写日期。"))
    until = day(say("返岗日期"), say("请填写日期。"), hint=say("返岗当天起代办自动结束。"), ends=True)


class SignOut(Controller):
    """Going out."""

    @post("/sign-out", status_code=303, guards=[guards.signed_in])
    async def sign_out(self, request: AnyRequest, call: GivenCall) -> Redirect:
        """End this session and have the browser forget its pages."""
        await actions.sign_out(call, token_of(request))
        web = web_of(request)
        answer = go("/sign-in", cookies=[gone(web, session_cookie(web))])
        answer.headers.update(CLEAR)
        return answer


class AccountPages(Controller):
    """What belongs to the account itself."""

    guards = [guards.account]

    @get("/account")
    async def show(self, request: AnyRequest, call: GivenCall) -> Html:
        """Password and sessions."""
        return await _account(request, call)

    @post("/account/password", status_code=200)
    async def password(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Change the password."""
        body = body_of(request)
        form, refusal = PasswordForm(body), None
        if form.validate():
            try:
                await actions.change_password(call, old=body.get("old"), new=body.get("new"), keep_token=token_of(request))
            except Refused as error:
                form.refuse(refusal := error)
            else:
                return go("/account", "password_changed")
        return await late(request, await _account(request, call, form, status=422), refusal)

    @post("/account/sessions/{session:str}/end", status_code=303)
    async def end_session(self, call: GivenCall, session: FromPath[str]) -> Redirect:
        """End one of one's own sessions elsewhere."""
        await actions.end_session(call, session)
        return go("/account", "device_signed_out")

    @post("/account/deputies", status_code=200, opt=SHOWN_AGAIN)
    async def cover(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Ask a colleague to cover one's absence."""
        form = await _cover_form(call, body_of(request))
        done = await attempt(
            call, form, lambda: deputies.cover(call, form.data["deputy"], form.data["since"], form.data["until"])
        )
        return go("/account", "cover_asked") if done is not None else await _account(request, call, cover=form, status=422)

    @post("/account/deputies/{cover:str}/end", status_code=303)
    async def end_cover(self, call: GivenCall, cover: FromPath[str]) -> Redirect:
        """End it, by either of the two."""
        await deputies.end_cover(call, cover)
        return go("/account", "cover_ended")


async def _cover_form(call: Call, body: Body | None = None) -> CoverForm:
    form = CoverForm(body, since=call.today)
    form.deputy.choices = with_blank([(one.id, one.name) for one in await deputies.colleagues(call)], say("请选择"))
    return form


async def _account(
    request: AnyRequest, call: Call, form: PasswordForm | None = None, *, cover: CoverForm | None = None, status: int = 200
) -> Html:
    known = known_of(request)
    return page(
        request,
        "account/account.html",
        form=form or PasswordForm(),
        cover=cover or await _cover_form(call),
        covers=await deputies.covers(call),
        guessed=await second.guessed_at(call),
        sessions=await queries.sessions_of(call, call.viewer.account or 0),
        this=known.session if known else "",
        first=known is not None and known.must_change,
        status=status,
    )


def _next(address: object) -> str:
    """Where to go after signing in: an address of ours, or nowhere."""
    return str(address) if isinstance(address, str) and INSIDE.fullmatch(address) else ""
