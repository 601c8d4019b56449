"""Refinements (细化): what a place makes stricter, beside what its region's scheme orders."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from wtforms import IntegerField
from wtforms.validators import NumberRange

from portal.areas import queries as areas
from portal.areas import refining
from portal.areas.actions import scheme_at
from portal.areas.refining import RefinementForm
from portal.call import Call
from portal.errors import Refused
from portal.pages.office.forms import EndForm, show_form
from portal.scheme.refining import Value
from portal.scheme.telling import basis_place
from portal.scheme.words import Every, Within
from portal.terms import REFINED_UNIT, Text, say
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, attempt, choice, day, required, text, with_blank
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall


class StricterForm(PortalForm):
    """Which figure, its value here, where the place's own document says so, and since when."""

    figure = choice(say("项目"), say("请选择。"), hint=say("括号里是现行的规定。"))
    value = IntegerField(
        say("数值"), [required(say("请填写数值。")), NumberRange(0, 1_000_000, message=say("数值要在 0 到 1000000 之间。"))]
    )
    unit = choice(say("单位"), say("请选择。"))
    document = text(say("本地文件"), say("请填写文件名称。"), most=120, hint=say("写明这个更严要求的文件。"))
    clause = text(say("条款"), say("请填写条款。"), most=60)
    gist = text(say("要求"), say("请写明要求什么。"), most=200, hint=say("用自己的话写，会公开显示。"))
    since = day(
        say("从哪天起"), say("请填写日期。"), hint=say("本地同一项原有的规定从这天起停用；定在这天或以后才施行的，不再施行。")
    )


class RefinementPages(Controller):
    """What a place made stricter."""

    path = "/office"
    guards = [guards.office]

    @get("/jurisdictions/{id_:str}/refinements")
    async def index(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """What holds here and held, and the form for more."""
        row = await areas.jurisdiction(call, id_)
        return await self._page(request, call, row, StricterForm(since=call.today))

    @post("/jurisdictions/{id_:str}/refinements", status_code=200, opt=SHOWN_AGAIN)
    async def add(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Make it stricter."""
        row = await areas.jurisdiction(call, id_)
        form = StricterForm(body_of(request))
        await self._choices(call, row, form)

        async def act() -> str:
            data = form.data
            return await refining.refine(
                call,
                id_,
                RefinementForm(
                    figure=data["figure"],
                    value=_value(data["figure"], data["value"], data["unit"]),
                    document=data["document"],
                    clause=data["clause"],
                    gist=data["gist"],
                    since=data["since"],
                ),
            )

        if await attempt(call, form, act) is not None:
            return go(f"{self.path}/jurisdictions/{id_}/refinements", "refined")
        return await self._page(request, call, row, form)

    @get("/refinements/{id_:str}/end")
    async def ask_end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Say what it brings, and ask."""
        return await self._end_form(request, call, id_, EndForm(day=call.today))

    @post("/refinements/{id_:str}/end", status_code=200, opt=SHOWN_AGAIN)
    async def end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """End it."""
        row, form = await refining.refinement(call, id_), EndForm(body_of(request))

        async def act() -> str:
            await refining.end_refinement(call, id_, form.data["day"])
            return id_

        if await attempt(call, form, act) is not None:
            return go(f"{self.path}/jurisdictions/{row.place_id}/refinements", "refinement_ended")
        return await self._end_form(request, call, id_, form)

    async def _choices(self, call: Call, row: areas.JurisdictionRow, form: StricterForm) -> None:
        figures = [
            (one.code, say("{name}：{says}", name=one.name, says=one.says))
            for one in await refining.figures_at(call, row.public_id)
        ]
        form["figure"].choices = with_blank([(code, str(name)) for code, name in figures], say("请选择"))
        form["unit"].choices = with_blank(list(REFINED_UNIT.items()), say("请选择"))

    async def _page(self, request: AnyRequest, call: Call, row: areas.JurisdictionRow, form: StricterForm) -> Html:
        await self._choices(call, row, form)
        figures = {one.code: one for one in await refining.figures_at(call, row.public_id)}
        return page(
            request,
            "office/refinements.html",
            row=row,
            form=form,
            found=await refining.refinements_at(call, row.public_id),
            figures=figures,
            said_value=refining.said_in,
            basis=basis_place,
            day=call.today,
            closed=_closed(call, row),
            status=422 if form.problems else 200,
        )

    async def _end_form(self, request: AnyRequest, call: Call, id_: str, form: EndForm) -> Html:
        row = await refining.refinement(call, id_)
        return show_form(
            request,
            form,
            title=say("停用本地规定：{gist}", gist=row.stricter.gist),
            verb=say("停用"),
            harm=True,
            back=f"{self.path}/jurisdictions/{row.place_id}/refinements",
            back_name=say("本地更严规定"),
            intro=say("从那天起按上一级的规定计算；以前的周期仍按本地规定计算。"),
        )


def _closed(call: Call, row: areas.JurisdictionRow) -> Text | None:
    """Why nothing can be made stricter here today, or None."""
    try:
        scheme_at(call, row)
    except Refused as refused:
        return refused.text
    return None


def _value(figure: str, number: int, unit: str) -> Value:
    """The value in the unit that was chosen; :class:`Refused` where that does not fit the figure."""
    word, _, what = figure.split(":") if figure.count(":") == 2 else ("", "", "")
    fitting = ("months", "weeks") if what == "every" else ("months", "days", "working_days") if word == "route" else ("number",)
    if unit not in fitting:
        raise Refused(say("这一项的单位只能是：{units}。", units="、".join(REFINED_UNIT[one] for one in fitting)), field="unit")
    if what == "every":
        return Every(**{unit: number})
    return Within(**{unit: number}) if word == "route" else number
