"""Accounts, as the administrator of their area manages them: invite, grant, take away, sign out, disable.

Where one alone may not do it, it is noted, and another human confirms it (``/office/asks``).
"""

from collections.abc import Awaitable, Callable

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.access import actions, asks, queries
from portal.access.asks import AskedDeed, AskOutcome, AskWish
from portal.access.granting import Granted, WantedRole, granted
from portal.areas import queries as areas
from portal.areas.queries import JurisdictionRow
from portal.call import Call
from portal.complaints.standing import circle
from portal.errors import Refused
from portal.ledger.queries import history
from portal.pages.account.second import qr_picture
from portal.pages.office.forms import TOLD, show_form
from portal.pages.office.places import choose_place
from portal.terms import ROLE, SUBJECT, say
from portal.viewer import Role
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, choice, text, with_blank
from portal.web.lists import wanted_of
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall

HOME = "/office/accounts"


class GrantForm(PortalForm):
    """A role, and what it is for."""

    role = choice(say("角色"), say("请选择角色。"))
    unit = choice(say("代表的部门"), hint=say("经办人和投诉受理人必选。投诉受理人的部门要在监管条线以外，如纪检监察机关。"))
    person = text(
        say("对应的登记人员"),
        most=60,
        hint=say("工作证编号；没有重名时也可以写姓名。网格人员和投诉受理人必填；管理员不填的，不能申请和确认须两人办理的事项。"),
    )
    enterprise = text(say("对应的单位"), most=120, hint=say("信用代码或全称。单位账号必填。"))


class NewForm(GrantForm):
    """An account with its first role."""

    login = text(say("登录名"), say("请填写登录名。"), most=40, hint=say("只用字母、数字、点、横线。"), autocapitalize="none")
    name = text(say("显示的姓名"), say("请填写姓名。"), most=80)


class AccountsPages(Controller):
    """The accounts of the viewer's areas."""

    path = HOME
    guards = [guards.administrator]

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """The list."""
        found = await queries.accounts(call, wanted_of(request, "role"))
        waiting = await asks.waiting(call)
        return page(request, "office/accounts.html", part="office/_accounts.html", list=found, waiting=waiting)

    @get("/new")
    async def ask_new(self, request: AnyRequest, call: GivenCall) -> Html:
        """Where the account works, then who it is for."""
        found = await _place(request, call, HOME)
        return await self._new(request, call, found) if isinstance(found, JurisdictionRow) else found

    @post("/new", status_code=200, opt=SHOWN_AGAIN)
    async def make_new(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Make it; its owner chooses the password by the link."""
        body = body_of(request)
        place = await areas.jurisdiction(call, body.get("in"))
        form = await _choices(call, NewForm(body), place)

        async def act() -> AskOutcome:
            found, data = await _granted(call, form, place), form.data
            wish = AskWish(deed=AskedDeed.CREATE, login=data["login"], name=data["name"], person=found.person, grant=found.grant)
            return await asks.propose(call, wish, circle)

        made = await _tried(form, act)
        if made is None:
            return await self._new(request, call, place, form)
        return go(HOME, "asked") if made.waits else go(f"{HOME}/{made.account}", "account_created")

    @get("/{id_:str}")
    async def show(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """One account: what it may do, where it is signed in, what was done with it."""
        return await _account(request, call, id_)

    @get("/{id_:str}/grants")
    async def ask_grant(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """One more role: for which place, then which."""
        row = await queries.account(call, id_)
        found = await _place(request, call, f"{HOME}/{id_}/grants", back=f"{HOME}/{id_}", name=row.name)
        if not isinstance(found, JurisdictionRow):
            return found
        form = await _choices(call, GrantForm(person=row.person_name or ""), found)
        return self._grant(request, row, found, form)

    @post("/{id_:str}/grants", status_code=200, opt=SHOWN_AGAIN)
    async def grant(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Give it."""
        row, body = await queries.account(call, id_), body_of(request)
        place = await areas.jurisdiction(call, body.get("in"))
        form = await _choices(call, GrantForm(body), place)

        async def act() -> AskOutcome:
            found = await _granted(call, form, place)
            return await asks.propose(
                call, AskWish(deed=AskedDeed.GRANT, account=id_, person=found.person, grant=found.grant), circle
            )

        done = await _tried(form, act)
        return _said(id_, done, "account_granted") if done is not None else self._grant(request, row, place, form)

    @post("/{id_:str}/grants/{grant:int}/end", status_code=200)
    async def end_grant(self, request: AnyRequest, call: GivenCall, id_: FromPath[str], grant: FromPath[int]) -> Html | Redirect:
        """Take it away."""
        return await _propose(request, call, AskWish(deed=AskedDeed.END, account=id_, ending=grant), "account_ungranted")

    @post("/{id_:str}/link", status_code=200)
    async def link(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """A one-time link, shown once."""
        return await _propose(request, call, AskWish(deed=AskedDeed.LINK, account=id_), "link_made")

    @post("/{id_:str}/sessions/end", status_code=303)
    async def end_sessions(self, call: GivenCall, id_: FromPath[str]) -> Redirect:
        """Sign it out everywhere."""
        await actions.end_sessions_of(call, id_)
        return go(f"{HOME}/{id_}", "account_signed_out")

    @post("/{id_:str}/second/end", status_code=200)
    async def forget_second(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Its phone is lost."""
        return await _propose(request, call, AskWish(deed=AskedDeed.SECOND, account=id_), "account_unbound")

    @get("/{id_:str}/end")
    async def ask_end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Say what it brings, and ask."""
        return self._end(request, await queries.account(call, id_), PortalForm())

    @post("/{id_:str}/end", status_code=200)
    async def end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Disable it."""
        row, form = await queries.account(call, id_), PortalForm()
        wish = AskWish(deed=AskedDeed.DISABLE, account=id_, login=row.login)
        done = await _tried(form, lambda: asks.propose(call, wish, circle))
        return _said(id_, done, "account_disabled") if done is not None else self._end(request, row, form)

    @post("/{id_:str}/begin", status_code=200)
    async def begin(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Let it in again."""
        return await _propose(request, call, AskWish(deed=AskedDeed.ENABLE, account=id_), "account_enabled")

    async def _new(self, request: AnyRequest, call: Call, place: JurisdictionRow, form: PortalForm | None = None) -> Html:
        form = form if form is not None else await _choices(call, NewForm(), place)
        return show_form(
            request,
            form,
            title=say("在{name}新建账号", name=place.full_name),
            back=HOME,
            back_name=SUBJECT["account"],
            verb=say("新建账号"),
            hidden={"in": place.public_id},
            intro=say("账号建好后发送一个链接，密码由本人设置。"),
        )

    def _grant(self, request: AnyRequest, row: queries.AccountRow, place: JurisdictionRow, form: PortalForm) -> Html:
        return show_form(
            request,
            form,
            title=say("给{name}增加权限", name=row.name),
            back=f"{HOME}/{row.public_id}",
            back_name=row.name,
            verb=say("增加权限"),
            hidden={"in": place.public_id},
        )

    def _end(self, request: AnyRequest, row: queries.AccountRow, form: PortalForm) -> Html:
        return show_form(
            request,
            form,
            title=say("停用{name}的账号", name=row.name),
            back=f"{HOME}/{row.public_id}",
            back_name=row.name,
            verb=say("停用账号"),
            intro=say("立即退出所有设备，不能再登录；办理记录都保留。以后可以恢复。"),
            harm=True,
        )


async def _place(request: AnyRequest, call: Call, base: str, *, back: str = HOME, name: str = "") -> JurisdictionRow | Html:
    title = say("给{name}增加权限", name=name) if name else say("新建账号")
    chosen = await choose_place(
        request,
        call,
        title=title,
        back=back,
        back_name=name or SUBJECT["account"],
        address=base if name else f"{HOME}/new",
        kinds=("province", "city", "district", "zone", "town", "village", "community"),
        ruled=False,
    )
    return chosen or await areas.jurisdiction(call, str(request.query_params.get("in", "")))


async def _choices(call: Call, form: GrantForm, place: JurisdictionRow) -> GrantForm:
    near = [(unit.public_id, f"{unit.name}（{unit.place}）") for unit in await areas.unit_choices(call, near=place.path)]
    form.unit.choices = with_blank(near, say("不代表部门"))
    form.role.choices = with_blank([(role.value, ROLE[role.value]) for role in Role], say("请选择"))
    return form


async def _granted(call: Call, form: GrantForm, place: JurisdictionRow) -> Granted:
    data = form.data
    unit = await areas.chosen_unit(call, data["unit"], near=place.path) if data["unit"] else None
    asked = WantedRole(
        role=Role(data["role"]),
        area=place.path,
        unit=unit.id if unit else None,
        person=data["person"],
        enterprise=data["enterprise"],
    )
    return await granted(call, asked)


async def _tried(form: PortalForm, act: Callable[[], Awaitable[AskOutcome]]) -> AskOutcome | None:
    """What came of it, or None where form or rule said no (the errors stand in the form)."""
    if not form.validate():
        return None
    try:
        return await act()
    except Refused as error:
        form.refuse(error)
        return None


def _said(id_: str, done: AskOutcome, said: str) -> Redirect:
    return go(f"{HOME}/{id_}", "asked" if done.waits else said)


async def _propose(request: AnyRequest, call: Call, wish: AskWish, said: str) -> Html | Redirect:
    """Do it, or ask another to confirm it; a link is shown at once, and why it may not be stands over the account."""
    form = PortalForm()
    done = await _tried(form, lambda: asks.propose(call, wish, circle))
    if done is None or done.secret:
        address = f"{call.portal.settings.address}/link/{done.secret}" if done is not None else ""
        return await _account(request, call, wish.account, address=address, form=form)
    return _said(wish.account, done, said)


async def _account(request: AnyRequest, call: Call, id_: str, *, address: str = "", form: PortalForm | None = None) -> Html:
    row = await queries.account(call, id_)
    return page(
        request,
        "office/account.html",
        row=row,
        grants=await queries.grants_of(call, row.id),
        day=call.today,
        sessions=await queries.sessions_of(call, row.id),
        history=await history(call, "account", id_, whole=True),
        told=TOLD,
        address=address,
        picture=qr_picture(address) if address else "",
        own=row.id == call.viewer.account,
        waiting=await asks.waiting(call, row.id),
        form=form,
        status=422 if form is not None and form.problems else 200,
    )
