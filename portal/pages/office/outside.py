"""Grids of other systems: which of ours is their grid X, and which of theirs lie in ours; mapping one by hand."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.areas import outside
from portal.areas.outside import OutsideRow
from portal.call import Call
from portal.errors import Refused
from portal.pages.office.forms import show_form
from portal.terms import say
from portal.web import guards
from portal.web.bodies import Body, body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, attempt, choice, with_blank
from portal.web.lists import seen, wanted_of
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall


class MapForm(PortalForm):
    """The grid of ours."""

    grid = choice(say("关联的安全网格"), hint=say("列出它所在辖区及上下的网格。不能确定的，先选“尚未关联”。"))


class OutsidePages(Controller):
    """The other systems' grids."""

    path = "/office/grids/outside"
    guards = [guards.office]

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """All of them, found by theirs or by ours."""
        found = await outside.outside_grids(call, wanted_of(request, "mapped"))
        return page(
            request, "office/outside.html", part="office/_outside.html", list=found, unmapped=await outside.unmapped(call)
        )

    @get("/{outside:str}")
    async def ask_map(self, request: AnyRequest, call: GivenCall, outside: FromPath[str]) -> Html:
        """Which of ours is it?"""
        row = await _row(call, outside)
        return self._form(request, row, await _form(call, row, None))

    @post("/{outside:str}", status_code=200, opt=SHOWN_AGAIN)
    async def map(self, request: AnyRequest, call: GivenCall, outside: FromPath[str]) -> Html | Redirect:
        """Say so, unless somebody else did since."""
        row, body = await _row(call, outside), body_of(request)
        form = await _form(call, row, body)

        async def act() -> None:
            now = await _row(call, outside)
            if body.get("seen") != seen(now):
                there = now.grid_name or say("尚未关联")
                raise Refused(say("刚刚有人更改过，现在是：{there}。请核对后再保存一次。", there=there), field="grid")
            await _map(call, now, form.data["grid"] or None)

        if await attempt(call, form, lambda: call.holding("outside_grid", outside, act)) is not None:
            return go(self.path, "mapped")
        return self._form(request, await _row(call, outside), form)

    def _form(self, request: AnyRequest, row: OutsideRow, form: MapForm) -> Html:
        title = say("{system}：{name}（{code}）", system=row.system, name=row.name, code=row.code)
        return show_form(
            request,
            form,
            title=title,
            back=self.path,
            back_name=say("其他系统的网格"),
            verb=say("保存"),
            hidden={"seen": seen(row)},
        )


async def _row(call: Call, id_: str) -> OutsideRow:
    return await outside.outside_grid(call, id_)


async def _map(call: Call, row: OutsideRow, grid: str | None) -> None:
    await outside.change_outside(call, row.public_id, name=row.name, jurisdiction=row.place_id, grid=grid)


async def _form(call: Call, row: OutsideRow, body: Body | None) -> MapForm:
    form = MapForm(body, grid=row.grid_id or "")
    scheme = call.book.in_force(row.region, call.today)
    ours = await outside.around(call, row, scheme.tiers if scheme is not None else ())
    # Also where it is of a tier that the edition in force knows no more: saving the form must not unmap it
    now = [(row.grid_id, f"{row.grid_name}（{row.grid_code}）")] if row.grid_id is not None else []
    found = dict([*((grid.public_id, f"{grid.name}（{grid.code}）") for grid in ours), *now])
    form.grid.choices = with_blank(list(found.items()), say("尚未关联"))
    return form
