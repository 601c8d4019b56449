"""People: list, show with their appointments, add, change, let go."""

from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from wtforms import FileField

from portal.areas import queries as areas
from portal.call import Call
from portal.errors import NotVisible
from portal.pages.office.forms import EndForm
from portal.pages.office.places import choose_place
from portal.pages.office.register import RegisterPages
from portal.people import actions, queries
from portal.people.queries import PersonRow
from portal.storage.lists import Listed, Wanted
from portal.terms import Text, say
from portal.web.bodies import Body
from portal.web.forms import PortalForm, choice, phone, text, with_blank
from portal.web.pages import PRIVATE, Html
from portal.web.requests import AnyRequest, GivenCall


class PersonForm(PortalForm):
    """A person's facts."""

    name = text(say("姓名"), say("请填写姓名。"), most=60, autocomplete="off")
    phone = text(
        say("公示电话"), say("请填写公示电话。"), most=30,
        hint=say("会印在公示牌上、显示给所有人。请用工作电话，不要用私人号码。"),
        checks=(phone,), inputmode="tel", autocomplete="off",
    )  # fmt: skip
    badge = text(say("工作证编号"), most=40, hint=say("进门时对方可以凭它核对身份。"))
    certificate = text(say("执法证号"), most=60, hint=say("没有执法证件的人只能巡查、协助，不能担任执法岗位。不会公开。"))
    unit = choice(say("所在部门"))
    portrait = FileField(say("照片"), description=say("正面免冠照，会印在公示牌上。JPG、PNG 或 WebP，8 MB 以内。"))


class PeoplePages(RegisterPages):
    """The people of the register."""

    path = "/office/people"
    kind = "person"
    harm = say("离开后，此人的全部任职同时结束；相关公示牌会显示已经变化，空出的岗位会列为空缺。")

    async def find(self, call: Call, wanted: Wanted) -> Listed[PersonRow]:
        """By pinyin."""
        return await queries.people(call, wanted)

    async def one(self, call: Call, id_: str) -> PersonRow:
        """One person."""
        return await queries.person(call, id_)

    async def about(self, call: Call, row: PersonRow) -> dict[str, Any]:
        """Their appointments."""
        ours = call.viewer.covers(row.path)
        return {"holdings": await queries.holdings_of(call, row.id), "day": call.today, "ours": ours}

    async def choose(self, request: AnyRequest, call: Call) -> Html | None:
        """Where they work."""
        return await choose_place(request, call, title=say("新增人员"), back=self.path, back_name=self.called)

    async def adding(self, call: Call, asked: Body) -> tuple[PortalForm, Text, dict[str, str]]:
        """In a jurisdiction."""
        place = await areas.jurisdiction(call, asked.get("in"))
        form = PersonForm(asked if "name" in asked else None)
        await self._units(call, form, place.path)
        return form, say("在{name}新增人员", name=place.full_name), {"in": place.public_id}

    async def add(self, call: Call, form: PersonForm, body: Body) -> str:
        """Take them in."""
        return await actions.add_person(call, self._read(form, body, body.get("in")))

    async def changing(self, call: Call, row: PersonRow, body: Body | None) -> PortalForm:
        """All facts; the photo stays where no new one is chosen."""
        form = PersonForm(
            body, name=row.name, phone=row.phone, badge=row.badge, certificate=row.certificate, unit=row.unit_id or ""
        )
        await self._units(call, form, row.path)
        return form

    async def change(self, call: Call, row: PersonRow, form: PersonForm, body: Body) -> None:
        """Change them."""
        await actions.change_person(call, row.public_id, self._read(form, body, row.place_id))

    async def end(self, call: Call, id_: str, form: EndForm) -> None:
        """They leave."""
        await actions.end_person(call, id_, form.data["day"])

    @get("/{id_:str}/portrait")
    async def portrait(self, call: GivenCall, id_: FromPath[str]) -> Response[bytes]:
        """Their photo."""
        row = await queries.person(call, id_)
        if row.portrait is None:
            raise NotVisible
        return Response(call.portal.files.read(row.portrait), media_type="image/jpeg", headers=PRIVATE)

    async def _units(self, call: Call, form: PersonForm, path: str) -> None:
        near = [(unit.public_id, unit.name) for unit in await areas.unit_choices(call, near=path)]
        form.unit.choices = with_blank(near, say("不属于任何部门"))

    def _read(self, form: PersonForm, body: Body, place: str) -> actions.PersonForm:
        data = form.data
        uploads = body.files("portrait")
        return actions.PersonForm(
            name=data["name"],
            phone=data["phone"],
            jurisdiction=place,
            badge=data["badge"],
            certificate=data["certificate"],
            unit=data["unit"] or None,
            portrait=uploads[0].read() if uploads else None,
        )
