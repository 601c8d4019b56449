"""People: list, show with their appointments, add, change, let go."""

from contextlib import suppress
from typing import Any

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response
from wtforms import FileField

from portal.areas import queries as areas
from portal.call import Call
from portal.enterprises import queries as enterprises
from portal.errors import NotVisible, Refused
from portal.feedback import drafts
from portal.feedback.drafts import is_form_id
from portal.pages.office.forms import KEPT_FILE, EndForm, show_form
from portal.pages.office.places import choose_place
from portal.pages.office.register import RegisterPages
from portal.people import actions, interests, queries
from portal.people.queries import PersonRow
from portal.storage.columns import public_id
from portal.storage.lists import Listed, Wanted
from portal.terms import INTEREST, Text, say
from portal.web.bodies import Body, body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, attempt, attempt_once, choice, day, phone, text, with_blank
from portal.web.pages import PRIVATE, Html, go
from portal.web.requests import AnyRequest, GivenCall


class PersonFields(PortalForm):
    """A person's facts."""

    name = text(say("姓名"), say("请填写姓名。"), most=60, autocomplete="off")
    phone = text(
        say("公示电话"),
        say("请填写公示电话。"),
        most=30,
        hint=say("会印在公示牌上、显示给所有人。请用工作电话，不要用私人号码。"),
        checks=(phone,),
        inputmode="tel",
        autocomplete="off",
    )
    badge = text(say("工作证编号"), most=40, hint=say("进门时对方可以凭它核对身份。"))
    certificate = text(say("执法证号"), most=60, hint=say("没有执法证件的人只能巡查、协助，不能担任执法岗位。不会公开。"))
    unit = choice(say("所在部门"))
    portrait = FileField(say("照片"), description=say("正面免冠照，会印在公示牌上。JPG、PNG 或 WebP，8 MB 以内。"))


class InterestFields(PortalForm):
    """A direct interest: in an enterprise, or in another person."""

    enterprise = text(say("单位"), most=120, hint=say("信用代码或全称。"))
    other = text(say("或者：人员"), most=60, hint=say("工作证编号，没有重名时也可以写姓名。"))
    kind = choice(say("利害关系"), say("请选择。"))
    note = text(say("说明"), most=200, hint=say("不公开。"))
    since = day(say("从哪天起"), say("请填写日期。"))
    instead = text(
        say("这家单位改由谁负责"), most=60, hint=say("担任同样岗位的另一个人：工作证编号或姓名。不填，公示牌上会显示暂缺。")
    )

    def __init__(self, body: Body | None = None, **values: Any) -> None:
        super().__init__(body, **values)
        self.kind.choices = with_blank(list(INTEREST.items()), say("请选择"))


class PeoplePages(RegisterPages):
    """The people of the register."""

    path = "/office/people"
    kind = "person"
    end_title, end_verb = say("登记{name}离岗"), say("确认离岗")
    harm = say("离岗后，此人的全部任职同时结束；相关公示牌会显示信息已变更，空出的岗位会列为空缺。")

    async def find(self, call: Call, wanted: Wanted) -> Listed[PersonRow]:
        """By pinyin."""
        return await queries.people(call, wanted)

    async def one(self, call: Call, id_: str) -> PersonRow:
        """One person."""
        return await queries.person(call, id_)

    async def about(self, call: Call, row: PersonRow) -> dict[str, Any]:
        """Their appointments."""
        ours = call.viewer.covers(row.path)
        held = await queries.holdings_seen(call, row.id)
        return {"holdings": held, "day": call.today, "ours": ours, "interests": await interests.interests(call, person=row.id)}

    async def choose(self, request: AnyRequest, call: Call) -> Html | None:
        """Where they work."""
        return await choose_place(request, call, title=say("新增人员"), back=self.path, back_name=self.called)

    async def adding(self, call: Call, asked: Body) -> tuple[PortalForm, Text, dict[str, str]]:
        """In a jurisdiction."""
        place = await areas.jurisdiction(call, asked.get("in"))
        form = PersonFields(asked if "name" in asked else None)
        await self._units(call, form, place.path)
        return form, say("在{name}新增人员", name=place.full_name), {"in": place.public_id}

    async def add(self, call: Call, form: PersonFields, body: Body) -> str:
        """Take them in."""
        return await actions.add_person(call, await self._read(call, form, body, body.get("in")))

    async def changing(self, call: Call, row: PersonRow, body: Body | None) -> PortalForm:
        """All facts, for who may change them; the photo stays where no new one is chosen."""
        call.viewer.require(row.path)
        form = PersonFields(
            body, name=row.name, phone=row.phone, badge=row.badge, certificate=row.certificate, unit=row.unit_id or ""
        )
        await self._units(call, form, row.path)
        return form

    async def change(self, call: Call, row: PersonRow, form: PersonFields, body: Body) -> None:
        """Change them."""
        await actions.change_person(call, row.public_id, await self._read(call, form, body, row.place_id))

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

    @get("/{id_:str}/interests")
    async def ask_interest(
        self, request: AnyRequest, call: GivenCall, id_: FromPath[str], enterprise: FromQuery[str] = ""
    ) -> Html:
        """The form to state a direct interest, or who is there instead."""
        row = await queries.person(call, id_)
        call.viewer.require(row.path)
        return self._interest(request, row, InterestFields(since=call.today, enterprise=enterprise))

    @post("/{id_:str}/interests", status_code=200, opt=SHOWN_AGAIN)
    async def declare(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """State it."""
        row, body = await queries.person(call, id_), body_of(request)
        form = InterestFields(body)

        async def act() -> None:
            data = form.data
            if bool(data["enterprise"]) == bool(data["other"]):
                raise Refused(say("单位和另一人，请填写其中一项，且只填一项。"), field="enterprise")
            firm = await enterprises.named(call, data["enterprise"], field="enterprise") if data["enterprise"] else None
            other = await queries.named(call, data["other"], field="other") if data["other"] else None
            instead = await queries.named(call, data["instead"], field="instead") if data["instead"] else None
            new = interests.InterestForm(
                person=id_,
                enterprise=firm.public_id if firm else None,
                other=other.public_id if other else None,
                instead=instead.public_id if instead else None,
                kind=data["kind"],
                note=data["note"],
                since=data["since"],
            )
            await interests.declare(call, new)

        if await attempt_once(call, body, form, act, kept=lambda _: f"{self.path}/{id_}") is not None:
            return go(f"{self.path}/{id_}", "interest_declared")
        return self._interest(request, row, form)

    @get("/{id_:str}/interests/{interest:str}/end")
    async def ask_end_interest(self, request: AnyRequest, call: GivenCall, id_: FromPath[str], interest: FromPath[str]) -> Html:
        """Say what it brings, and ask."""
        return self._interest_end(request, await queries.person(call, id_), EndForm(day=call.today))

    @post("/{id_:str}/interests/{interest:str}/end", status_code=200, opt=SHOWN_AGAIN)
    async def end_interest(
        self, request: AnyRequest, call: GivenCall, id_: FromPath[str], interest: FromPath[str]
    ) -> Html | Redirect:
        """It holds no longer."""
        row, form = await queries.person(call, id_), EndForm(body_of(request))
        if await attempt(call, form, lambda: interests.end_interest(call, interest, form.data["day"])) is not None:
            return go(f"{self.path}/{id_}", "interest_ended")
        return self._interest_end(request, row, form)

    def _interest(self, request: AnyRequest, row: PersonRow, form: PortalForm) -> Html:
        return show_form(
            request,
            form,
            title=say("登记{name}的利害关系", name=row.name),
            back=f"{self.path}/{row.public_id}",
            back_name=row.name,
            verb=say("登记"),
            intro=say(
                "登记后，此人对这家单位回避：不能任职，公示牌上不再列出，来件不再由其办理；对另一人回避：不能受理对那人的投诉。"
            ),
        )

    def _interest_end(self, request: AnyRequest, row: PersonRow, form: EndForm) -> Html:
        return show_form(
            request,
            form,
            title=say("结束{name}的这项回避", name=row.name),
            back=f"{self.path}/{row.public_id}",
            back_name=row.name,
            verb=say("结束回避"),
            intro=say("从那天起不再回避，公示牌会重新列出此人。"),
            harm=True,
        )

    async def _units(self, call: Call, form: PersonFields, path: str) -> None:
        near = [(unit.public_id, unit.name) for unit in await areas.unit_choices(call, near=path)]
        form.unit.choices = with_blank(near, say("不属于任何部门"))

    async def keep_files(self, call: Call, body: Body) -> dict[str, str]:
        """The photo, so that it need not be chosen again."""
        form = body.get(KEPT_FILE) if is_form_id(body.get(KEPT_FILE)) else public_id()
        if uploads := body.files("portrait"):
            with suppress(Refused):
                await drafts.keep_picture(call, form, uploads[0].read())
        return {KEPT_FILE: form} if await drafts.photos(call, form) else {}

    async def _read(self, call: Call, form: PersonFields, body: Body, place: str) -> actions.PersonForm:
        data = form.data
        uploads, kept = body.files("portrait"), body.get(KEPT_FILE)
        photo = uploads[0].read() if uploads else await drafts.picture(call, kept) if is_form_id(kept) else None
        return actions.PersonForm(
            name=data["name"],
            phone=data["phone"],
            jurisdiction=place,
            badge=data["badge"],
            certificate=data["certificate"],
            unit=data["unit"] or None,
            portrait=photo,
        )
