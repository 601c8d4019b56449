"""What was done: the list, writing one down, withdrawing it."""

from typing import Any

from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from wtforms import Field, Form
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.imports.checking import time_of_day
from portal.obligations import actions, deeds, queries
from portal.obligations.actions import DeedForm
from portal.obligations.plans import PlanQuestion
from portal.obligations.queries import OwingThing
from portal.pages.office.due import day_in, off
from portal.pages.office.forms import WhyForm, show_form
from portal.people import queries as people
from portal.terms import SEPARATORS, say
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, SeveralShown, area, attempt, attempt_once, choice, day, text, with_blank
from portal.web.lists import wanted_of
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall


def _time(_: Form, field: Field) -> None:
    """A time of the day, however it is written."""
    try:
        field.data = time_of_day(field.data or "")
    except Refused as error:
        raise ValidationError(error.text) from error


class WrittenForm(PortalForm):
    """When, by whom, what of it was seen to, who was there, what came of it."""

    day = day(say("履职日期"), say("请填写日期。"))
    at = text(
        say("时间"),
        most=10,
        hint=say("如 14:30，或上午、下午。同一天去过几次的请填写：各记各的，完成情况只算一次。"),
        checks=(_time,),
    )
    person = choice(say("履职人员"))
    beside = text(say("同去的人"), most=200, hint=say("同去的人的姓名或工作证编号，几个人用顿号隔开。"))
    points = SeveralShown(say("已看到的要点"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    attended = SeveralShown(say("到场人员"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    note = area(say("履职情况"), most=2_000, rows=5, hint=say("看了什么、发现什么、如何处理；手册页码等也写在这里。"))

    def refuse(self, error: Refused) -> None:
        """Show a refusal: of the duty and its thing, which are not asked here, at the day."""
        super().refuse(Refused(error.text, field="day") if error.field in {"duty", "subject"} else error)


class DeedPages(Controller):
    """The deeds of the viewer's areas."""

    path = "/office/deeds"
    guards = [guards.office]

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """The newest first."""
        found = await deeds.deeds(call, wanted_of(request, "region", "duty", "person", "of"))
        seen = await people.seen_among(call, [id_ for row in found.rows for id_, _ in row.doers])
        return page(request, "office/deeds.html", list=found, deed_address=self.path, seen=seen, theirs=deeds.THEIRS)

    @get("/new")
    async def ask(
        self,
        request: AnyRequest,
        call: GivenCall,
        region: FromQuery[str] = "",
        duty: FromQuery[str] = "",
        of: FromQuery[str] = "",
        day: FromQuery[str] = "",
    ) -> Html:
        """The form for one duty on one thing."""
        if (told := off(request, call, region)) is not None:
            return told
        asked, thing = await _about(call, region, duty, of, day)
        form = WrittenForm(day=asked.at)
        self._choices(form, asked, thing)
        return await self._form(request, call, form, asked, thing)

    @post("/new", status_code=200, opt=SHOWN_AGAIN)
    async def write(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Write it down."""
        body = body_of(request)
        region, duty, of = body.get("region"), body.get("duty"), body.get("of")
        if (told := off(request, call, region)) is not None:
            return told
        form = WrittenForm(body)
        try:
            asked, thing = await _about(call, region, duty, of, body.get("day"))
        except (NotVisible, Refused):
            # The typed day is to be mended in the form as it was shown
            asked, thing = await _about(call, region, duty, of, body.get("shown"))
        self._choices(form, asked, thing)

        async def act() -> str:
            data = {"person": None, "points": (), "attended": (), "beside": ""} | form.data
            said = [one for one in SEPARATORS.split(data["beside"]) if one]
            beside = [await people.named(call, one, field="beside") for one in said]
            return await actions.add_deed(
                call,
                DeedForm(
                    region=region,
                    duty=duty,
                    subject=of,
                    day=data["day"],
                    at=data["at"],
                    person=data["person"] or None,
                    beside=tuple(one.public_id for one in beside),
                    note=data["note"],
                    points=tuple(data["points"] or ()),
                    attended=tuple(data["attended"] or ()),
                ),
            )

        if await attempt_once(call, body, form, act, kept=lambda _: f"{self.path}?of={of}") is not None:
            return go(f"{self.path}?of={of}", "deed_written")
        return await self._form(request, call, form, asked, thing)

    @get("/{id_:str}/withdraw")
    async def ask_withdraw(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Say what it brings, and ask why."""
        return self._withdraw_form(request, await deeds.deed(call, id_), WhyForm())

    @post("/{id_:str}/withdraw", status_code=200, opt=SHOWN_AGAIN)
    async def withdraw(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """It counts no more."""
        row, form = await deeds.deed(call, id_), WhyForm(body_of(request))

        async def act() -> str:
            await actions.withdraw_deed(call, id_, form.data["why"])
            return id_

        if await attempt(call, form, act) is not None:
            return go(f"{self.path}?of={row.subject_id}&ended=yes", "deed_withdrawn")
        return self._withdraw_form(request, row, form)

    def _choices(self, form: WrittenForm, asked: PlanQuestion, thing: OwingThing) -> None:
        doers = [(owner.doer, f"{owner.name}（{owner.post}）") for owner in thing.owners if owner.doer]
        form["person"].choices = with_blank(doers, say("请选择")) if len(doers) != 1 else doers
        form["points"].choices = [(point, point) for point in asked.duty.points]
        form["attended"].choices = [(post, asked.scheme.posts[post].name) for post in asked.duty.attends]
        for name, wanted in (
            ("points", asked.duty.points),
            ("attended", asked.duty.attends),
            ("person", doers),
            ("beside", doers),
        ):
            if not wanted:
                del form[name]

    async def _form(self, request: AnyRequest, call: Call, form: PortalForm, asked: PlanQuestion, thing: OwingThing) -> Html:
        region, duty = asked.scheme.region.code, asked.duty
        intro = say("{at}：{gist}", at=duty.basis.brief, gist=duty.says)
        if thing.owners and "person" not in form:
            intro = say("{duty}。{nobody}", duty=intro, nobody=actions.nobody(asked.scheme, duty, asked.at))
        key = await queries.key_at(call, region, duty.code, thing.path)
        return show_form(
            request,
            form,
            title=say("{name}：登记“{duty}”", name=thing.name, duty=duty.says),
            intro=intro,
            back=f"/office/due/{region}/{key}" if key is not None else f"/office/due?region={region}",
            back_name=duty.says if key is not None else say("履职任务"),
            verb=say("登记履职"),
            hidden={"region": region, "duty": duty.code, "of": thing.public_id, "shown": asked.at.isoformat()},
        )

    def _withdraw_form(self, request: AnyRequest, row: deeds.DeedRow, form: WhyForm) -> Html:
        return show_form(
            request,
            form,
            title=say("撤回 {day}的履职记录", day=row.day),
            back=f"{self.path}?of={row.subject_id}",
            back_name=row.subject,
            verb=say("撤回记录"),
            harm=True,
            intro=say("撤回后这条记录不再计入，但记录和撤回原因都会保留。"),
        )


class ExcusePages(Controller):
    """Excuses that were given."""

    path = "/office/excuses"
    guards = [guards.office]

    @post("/{id_:str}/withdraw", status_code=303)
    async def withdraw(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Redirect:
        """It holds no more."""
        row = await deeds.excuse(call, id_)
        await actions.withdraw_excuse(call, id_)
        return go(f"/office/due?region={row.region}", "excuse_withdrawn")


async def _about(call: Call, region: str, duty: str, of: str, day_: str) -> tuple[PlanQuestion, OwingThing]:
    """The duty as it was on that day, and the thing; :class:`NotVisible` where either was not there."""
    on = min(day_in(day_, call.today), call.today)
    scheme = call.book.in_force(region, on)
    known: dict[str, Any] = dict(scheme.counted) if scheme is not None else {}
    if scheme is None or duty not in known:
        raise NotVisible
    asked = queries.asked_at(scheme, known[duty], on)
    found = await queries.these(call, asked, [of])
    if not found:
        raise Refused(say("{day}那天它不在“{duty}”的范围里。", day=on, duty=known[duty].says), field="day")
    return asked, found[0]
