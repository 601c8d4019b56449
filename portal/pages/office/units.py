"""Units: list, show, add, change, end."""

from typing import Any

from wtforms import BooleanField

from portal.areas import actions, queries
from portal.areas.letters import takes_part
from portal.areas.queries import UnitRow
from portal.call import Call
from portal.pages.office.forms import EndForm
from portal.pages.office.places import choose_place
from portal.pages.office.register import RegisterPages
from portal.people.queries import gaps_of_unit, holders, seat_of_unit
from portal.people.rules import posts_at
from portal.storage.lists import Listed, Wanted
from portal.terms import Text, say
from portal.web.bodies import Body
from portal.web.forms import PortalForm, choice, phone, text, with_blank
from portal.web.pages import Html
from portal.web.requests import AnyRequest


class ChangeUnitForm(PortalForm):
    """Name and phone."""

    name = text(say("名称"), say("请填写名称。"), most=80)
    phone = text(
        say("电话"), say("请填写电话，公示牌上会印。"), most=30, hint=say("固定电话带区号。"), checks=(phone,), inputmode="tel"
    )
    only_chosen = BooleanField(
        say("只服务指定它的网格"),
        description=say(
            "同一处有几个同类部门时用，如镇应急管理局和化管办。勾选后，只有在网格页面选了它的网格归它；别的网格照旧。"
        ),
    )


class AddUnitForm(ChangeUnitForm):
    """A new unit."""

    kind = choice(
        say("方案中的部门类型"),
        say("请选择。"),
        hint=say("只列出方案设在这一级、您可以登记的部门。受理投诉的部门由上一级登记。"),
    )


class UnitPages(RegisterPages):
    """Offices and organisations."""

    path = "/office/units"
    kind = "unit"
    filters = ("in", "kind")
    harm = say(
        "停用后，由本部门办理的留言和举报改由上级部门办理；印有本部门电话的公示牌要重印。本部门的任职和条线监管责任同时结束。未办结的来件按方案转由下一个部门办理。"
    )

    async def find(self, call: Call, wanted: Wanted) -> Listed[UnitRow]:
        """By name."""
        return await queries.units(call, wanted)

    async def one(self, call: Call, id_: str) -> UnitRow:
        """One unit."""
        return await queries.unit(call, id_)

    async def about(self, call: Call, row: UnitRow) -> dict[str, Any]:
        """What the scheme calls it, the posts that it has, who holds them, and which too few hold."""
        scheme = call.book.in_force(row.region, call.today)
        return {
            "kind_name": call.book.latest_name(row.region, "units", row.kind),
            "posts": posts_at(scheme, seat_of_unit(row)) if scheme else (),
            "held": await holders(call, units=[row.id], day=call.today),
            "gaps": await gaps_of_unit(call, row),
            "served": await queries.served(call, row.id),
            "lends": scheme is not None and takes_part(scheme, row.kind),
        }

    async def choose(self, request: AnyRequest, call: Call) -> Html | None:
        """Where it sits."""
        return await choose_place(
            request,
            call,
            title=say("新增部门"),
            back=self.path,
            back_name=self.called,
            kinds=("district", "zone", "town", "village", "community"),
        )

    async def adding(self, call: Call, asked: Body) -> tuple[PortalForm, Text, dict[str, str]]:
        """Its kinds are those that the scheme has at such a place."""
        place = await queries.jurisdiction(call, asked.get("in"))
        scheme = actions.scheme_at(call, place)
        form = AddUnitForm(asked if "name" in asked else None)
        form.kind.choices = with_blank([(unit.code, unit.name) for unit in actions.kinds_at(call, scheme, place)], say("请选择"))
        return form, say("在{name}新增部门", name=place.full_name), {"in": place.public_id}

    async def add(self, call: Call, form: AddUnitForm, body: Body) -> str:
        """Make it."""
        data = form.data
        new = actions.UnitForm(
            kind=data["kind"],
            name=data["name"],
            phone=data["phone"],
            jurisdiction=body.get("in"),
            only_chosen=data["only_chosen"],
        )
        return await actions.add_unit(call, new)

    async def changing(self, call: Call, row: UnitRow, body: Body | None) -> PortalForm:
        """Name and phone."""
        return ChangeUnitForm(body, name=row.name, phone=row.phone, only_chosen=row.only_chosen)

    async def change(self, call: Call, row: UnitRow, form: ChangeUnitForm, body: Body) -> None:
        """Change it."""
        data = form.data
        await actions.change_unit(call, row.public_id, name=data["name"], phone=data["phone"], only_chosen=data["only_chosen"])

    async def end(self, call: Call, id_: str, form: EndForm) -> None:
        """End it."""
        await actions.end_unit(call, id_, form.data["day"])
