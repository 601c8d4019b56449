"""Jurisdictions: list, show, add, rename, end."""

from typing import Any

from portal.areas import actions, queries
from portal.areas.queries import JurisdictionRow
from portal.call import Call
from portal.pages.office.forms import EndForm
from portal.pages.office.register import RegisterPages
from portal.storage.lists import Listed, Wanted
from portal.terms import JURISDICTION_KIND, Text, say
from portal.web.bodies import Body
from portal.web.forms import PortalForm, choice, text, with_blank


class RenameForm(PortalForm):
    """Another name."""

    name = text(say("名称"), say("请填写名称。"), most=60)


class AddJurisdictionForm(RenameForm):
    """A new jurisdiction."""

    code = text(
        say("代码"),
        say("请填写代码。"),
        most=20,
        hint=say("统计用区划代码，如镇 9 位、村 12 位；开发区等可以自编。"),
        pattern="[0-9A-Za-z\\-]+",
    )
    kind = choice(say("类型"), say("请选择类型。"))
    region = choice(say("启用的方案"), hint=say("只在方案管辖的最上一级选择，下级自动适用。"))


class JurisdictionPages(RegisterPages):
    """Where things are."""

    path = "/office/jurisdictions"
    kind = "jurisdiction"
    harm = say("停用后这里不能再新增部门、网格和单位；已有的记录都保留。")

    async def find(self, call: Call, wanted: Wanted) -> Listed[JurisdictionRow]:
        """As a tree, from the top."""
        return await queries.jurisdictions(call, wanted)

    async def one(self, call: Call, id_: str) -> JurisdictionRow:
        """One jurisdiction."""
        return await queries.jurisdiction(call, id_)

    async def about(self, call: Call, row: JurisdictionRow) -> dict[str, Any]:
        """Its units and grids, those further down included."""
        inside = Wanted(filters={"in": row.public_id})
        return {"units": await queries.units(call, inside), "grids": await queries.grids(call, inside)}

    async def adding(self, call: Call, asked: Body) -> tuple[PortalForm, Text, dict[str, str]]:
        """Below ``in``, or at the top."""
        form = AddJurisdictionForm(asked if "code" in asked else None)
        form.kind.choices = with_blank(list(JURISDICTION_KIND.items()), say("请选择"))
        regions = [(code, region.name) for code, region in call.book.regions.items()]
        parent = asked.get("in")
        above = await queries.jurisdiction(call, parent) if parent else None
        form.region.choices = with_blank(regions, say("沿用上级") if above else say("在下级选定"))
        title = say("在{name}下新增辖区", name=above.full_name) if above else say("新增最上级辖区")
        return form, title, {"in": parent}

    async def add(self, call: Call, form: AddJurisdictionForm, body: Body) -> str:
        """Make it."""
        data = form.data
        new = actions.JurisdictionForm(
            code=data["code"],
            name=data["name"],
            kind=data["kind"],
            parent=body.get("in") or None,
            region=data["region"] or None,
        )
        return await actions.add_jurisdiction(call, new)

    async def changing(self, call: Call, row: JurisdictionRow, body: Body | None) -> PortalForm:
        """Its name."""
        return RenameForm(body, name=row.name)

    async def change(self, call: Call, row: JurisdictionRow, form: RenameForm, body: Body) -> None:
        """Rename it."""
        await actions.rename_jurisdiction(call, row.public_id, form.data["name"])

    async def end(self, call: Call, id_: str, form: EndForm) -> None:
        """End it."""
        await actions.end_jurisdiction(call, id_, form.data["day"])
