"""Grids: list, show with their gaps, add, redraw, dissolve."""

from collections.abc import Sequence
from typing import Any

from portal.areas import actions, filing, outside, queries
from portal.areas.queries import GridRow, JurisdictionRow
from portal.boards.queries import board_of
from portal.call import Call
from portal.enterprises.queries import lying_in, own
from portal.errors import NotVisible
from portal.pages.office.forms import EndForm, ReopenForm
from portal.pages.office.places import choose_place
from portal.pages.office.register import ReopenPages
from portal.people.queries import gaps_of_grid, holders, seat_of_grid
from portal.people.rules import posts_at
from portal.scheme.book import Scheme
from portal.scheme.words import Ground, Tier
from portal.storage.lists import Listed, Wanted
from portal.terms import Text, say
from portal.web.bodies import Body
from portal.web.forms import PortalForm, Several, area, choice, day, text, with_blank
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest

FIRST_ENTERPRISES = 30


class ChangeGridForm(PortalForm):
    """Name, borders in words, and (where it is drawn) the divisions that lie in it."""

    name = text(say("名称"), say("请填写名称。"), most=80)
    area_note = area(
        say("责任区（文字说明）"),
        most=300,
        rows=3,
        hint=say("印在公示牌上，如“东至人民路，西至……”。不填就列出下面的村、社区。"),
    )
    divisions = Several(
        say("包括哪些村、社区"),
        description=say("这些村、社区的单位会自动纳入这个网格。不由村、社区构成的片区可以不选。"),
        validate_choice=True,
    )
    served_by = choice(
        say("由哪个部门负责"),
        hint=say("这里有几个同类部门时选。网格和其中单位的公示牌、来件、备案都归选定的部门。"),
    )


class AddGridForm(ChangeGridForm):
    """A new grid."""

    code = text(say("编号"), most=40, hint=say("不填则按本地区的规则自动编号。"))
    parent = choice(say("上级网格"))
    since = day(say("从哪天起"), say("请填写日期。"), hint=say("已经在用的网格，填实际启用的日期。"))


class GridPages(ReopenPages):
    """The grids."""

    path = "/office/grids"
    kind = "grid"
    end_title, end_verb = say("撤销{name}"), say("确认撤销")
    filters = ("in", "tier", "filed")
    harm = say(
        "撤销后，任职同时结束，网格内的单位会按方案重新纳入网格，不在任何网格内的会列为“未纳入网格”；相关公示牌会显示信息已变更。"
    )
    again = say("重新启用后，恢复撤销前的村、社区，单位按方案重新纳入网格。撤销时结束的任职不会恢复，请重新安排任职。")

    async def find(self, call: Call, wanted: Wanted) -> Listed[GridRow]:
        """By code."""
        filed = wanted.filters.get("filed")
        return await queries.grids(call, wanted, only=await filing.that_stand(call, filed) if filed else None)

    async def one(self, call: Call, id_: str) -> GridRow:
        """One grid."""
        return await queries.grid(call, id_)

    async def about(self, call: Call, row: GridRow) -> dict[str, Any]:
        """Its people and gaps, what lies in it, its board."""
        drawn_under, scheme = call.book.with_id(row.edition), call.book.in_force(row.region, call.today)
        now = scheme.tiers.get(row.tier) if scheme else None
        return {
            "tier": drawn_under.tiers.get(row.tier) if drawn_under else None,
            "tier_gone": scheme is not None and now is None,
            "around": scheme.tiers.get(now.within or "") if scheme and now else None,
            "ground": await queries.ground(call, row.id),
            "below": [one for one in await queries.children(call, row.id) if call.viewer.covers(one.path)],
            "posts": posts_at(scheme, seat_of_grid(row)) if scheme else (),
            "held": await holders(call, grids=[row.id], day=call.today),
            "gaps": await gaps_of_grid(call, row),
            "firm": await own(call, row),
            "enterprises": await lying_in(call, row.id, most=FIRST_ENTERPRISES),
            "board": await board_of(call, "grid", row.id),
            "filed": (await filing.standings_of(call, [row])).get(row.public_id),
            "filings": await filing.filings_of(call, row.id),
            "outside": await outside.lying_in(call, row.id),
        }

    async def beside(self, call: Call, rows: Sequence[GridRow]) -> dict[str, Any]:
        """How they stand with the office where they are filed."""
        return {"filed": await filing.standings_of(call, rows), "files": filing.files(call)}

    async def choose(self, request: AnyRequest, call: Call) -> Html | None:
        """Where it lies, then of which tier it is."""
        place_page = await choose_place(request, call, title=say("新增网格"), back=self.path, back_name=self.called)
        if place_page is not None or request.query_params.get("tier"):
            return place_page
        place = await queries.jurisdiction(call, str(request.query_params["in"]))
        scheme = actions.scheme_at(call, place)
        options = [
            (f"{self.path}/new?in={place.public_id}&tier={tier.code}", tier.name, "")
            for tier in scheme.tiers.values()
            if tier.of is not Ground.ENTERPRISE
        ]
        return page(
            request,
            "office/choose.html",
            title=say("在{name}新增网格", name=place.full_name),
            back=self.path,
            back_name=self.called,
            intro=say("选它的层级。"),
            options=options,
            nothing="",
        )

    async def adding(self, call: Call, asked: Body) -> tuple[PortalForm, Text, dict[str, str]]:
        """The fields that the tier asks for."""
        place = await queries.jurisdiction(call, asked.get("in"))
        scheme = actions.scheme_at(call, place)
        tier = scheme.tiers.get(asked.get("tier"))
        if tier is None or tier.of is Ground.ENTERPRISE:
            raise NotVisible
        form = AddGridForm(asked if "name" in asked else None, since=call.today)
        await self._ground_choices(call, form, tier, place)
        await self._office_choices(call, form, scheme, place.path)
        if tier.within is None:
            del form.parent
        else:
            above = await queries.grid_choices(call, [tier.within], near=place.path)
            form.parent.choices = [(grid.public_id, f"{grid.name}（{grid.code}）") for grid in above]
        title = say("在{name}新增{tier}", name=place.full_name, tier=tier.name)
        return form, title, {"in": place.public_id, "tier": tier.code}

    async def add(self, call: Call, form: AddGridForm, body: Body) -> str:
        """Make it."""
        data = form.data
        new = actions.GridForm(
            tier=body.get("tier"),
            name=data["name"],
            jurisdiction=body.get("in"),
            code=data["code"],
            area_note=data["area_note"],
            parent=data.get("parent") or None,
            divisions=tuple(data.get("divisions") or ()),
            served_by=data.get("served_by") or "",
            since=data["since"],
        )
        return await actions.add_grid(call, new)

    async def changing(self, call: Call, row: GridRow, body: Body | None) -> PortalForm:
        """Name, borders, ground."""
        now = [division.public_id for division in await queries.ground(call, row.id)]
        form = ChangeGridForm(body, name=row.name, area_note=row.area_note, divisions=now, served_by=row.served_by or "")
        await self._office_choices(call, form, call.book.in_force(row.region, call.today), row.path, row)
        scheme = call.book.with_id(row.edition)
        if scheme is None:
            del form.divisions
        else:
            place, drawn = await queries.jurisdiction(call, row.place_id), await queries.ground(call, row.id)
            await self._ground_choices(call, form, scheme.tiers[row.tier], place, drawn)
        return form

    async def change(self, call: Call, row: GridRow, form: ChangeGridForm, body: Body) -> None:
        """Change it; a new ground moves its enterprises."""
        data = form.data
        await actions.change_grid(
            call,
            row.public_id,
            name=data["name"],
            area_note=data["area_note"],
            divisions=data.get("divisions"),
            served_by=data.get("served_by"),
        )

    async def end(self, call: Call, id_: str, form: EndForm) -> None:
        """Dissolve it."""
        await actions.end_grid(call, id_, form.data["day"])

    async def reopen(self, call: Call, id_: str, form: ReopenForm) -> None:
        """It is wanted again."""
        await actions.reopen_grid(call, id_, form.data["day"])

    async def _office_choices(
        self, call: Call, form: ChangeGridForm, scheme: Scheme | None, path: str, row: GridRow | None = None
    ) -> None:
        """The offices of which one serves it, and the one that did so far; no field where there is nothing to choose."""
        offices = await actions.offices_to_choose(call, scheme, path) if scheme is not None else ()
        choices = {one.public_id: f"{one.name}（{one.place}）" for one in offices}
        if row is not None and row.served_by is not None:
            choices.setdefault(row.served_by, row.served_by_name or "")
        if not choices:
            del form.served_by
            return
        form.served_by.choices = with_blank([*choices.items()], say("不另行指定（按辖区由最近的部门负责）"))

    async def _ground_choices(
        self, call: Call, form: ChangeGridForm, tier: Tier, place: JurisdictionRow, drawn: tuple[JurisdictionRow, ...] = ()
    ) -> None:
        """What lies in the place, and what a sheet drew into the grid from elsewhere."""
        if tier.of is not Ground.DRAWN:
            del form.divisions
            return
        inside = await queries.choices(call, kinds=("village", "community"), under=place.path)
        form.divisions.choices = list({row.public_id: row.name for row in (*inside, *drawn)}.items())
