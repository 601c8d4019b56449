"""Cases, as those who handle them see them: the same pages behind the office's and the inspector's door."""

from typing import ClassVar

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response

from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.feedback import queries
from portal.feedback.actions import LONGEST_TEXT, reveal_contact, take_step, turn_over, turned_before, unread_above
from portal.feedback.queries import CaseView
from portal.pages.public.photos import form_id_of
from portal.storage.columns import public_id
from portal.terms import CASE_STEP, say
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, area, attempt, choice, with_blank
from portal.web.lists import wanted_of
from portal.web.pages import PRIVATE, Html, go, page
from portal.web.requests import AnyRequest, GivenCall


class CaseStepForm(PortalForm):
    """What the reporter will read."""

    text = area(
        say("写给反映人的话"),
        most=LONGEST_TEXT,
        rows=4,
        hint=say("反映人凭查询码能看到。不要写其他反映人的情况，也不要写可能暴露反映人身份的内容。"),
    )


class TurnForm(PortalForm):
    """What a case is about, so that it goes where that leads, and what the reporter will read of it."""

    topic = choice(say("转到哪一个事项"), say("请选择。"))
    reason = area(
        say("转办的说明"),
        say("请写明转给谁、为什么。"),
        most=LONGEST_TEXT,
        rows=3,
        hint=say("反映人凭查询码能看到。"),
    )


class CasePages(Controller):
    """Base of both doors' case pages."""

    layout: ClassVar[str]

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """The cases that one handles."""
        rows = await queries.cases(call, wanted_of(request, "kind"))
        return page(request, "office/cases.html", part="office/_cases.html", list=rows, layout=self.layout, home=self.path)

    @get("/{id_:str}")
    async def show(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """One case."""
        return await self._case(request, call, id_, CaseStepForm())

    @post("/{id_:str}/step", status_code=200, opt=SHOWN_AGAIN)
    async def step(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Accept, refuse, answer or close."""
        body = body_of(request)
        form, step = CaseStepForm(body), body.get("step")
        if step not in CASE_STEP:
            raise NotVisible
        if form.validate():
            try:
                await take_step(call, id_, step, body.get("text"), form_id_of(body))
            except Refused as error:
                form.refuse(error)
            else:
                return go(f"{self.path}/{id_}", f"case_{step}")
        return await self._case(request, call, id_, form, form_id="" if form.sent_before else body.get("form"), status=422)

    @post("/{id_:str}/turn", status_code=200, opt=SHOWN_AGAIN)
    async def turn(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Give it to whom another topic leads."""
        body = body_of(request)
        turning, form_id = TurnForm(body), form_id_of(body)

        async def act() -> str:
            await turn_over(call, id_, turning.data["topic"], turning.data["reason"], form_id)
            return id_

        if not await turned_before(call, id_, body.get("reason"), form_id):
            turning.topic.choices = with_blank(self._others(call, await queries.case(call, id_)), say("请选择"))
            if await attempt(call, turning, act) is None:
                again = "" if turning.sent_before else form_id
                return await self._case(request, call, id_, CaseStepForm(), turning=turning, form_id=again, status=422)
        return go(self.path, "case_turned")

    @post("/{id_:str}/contact", status_code=200)
    async def contact(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Show how the reporter may be reached; the ledger keeps who looked."""
        return await self._case(request, call, id_, CaseStepForm(), contact=await reveal_contact(call, id_))

    @get("/{id_:str}/photos/{photo:str}")
    async def photo(self, call: GivenCall, id_: FromPath[str], photo: FromPath[str]) -> Response[bytes]:
        """A photo of the case."""
        return Response(await queries.photo(call, id_, photo), media_type="image/jpeg", headers=PRIVATE)

    async def _case(
        self,
        request: AnyRequest,
        call: Call,
        id_: str,
        form: CaseStepForm,
        *,
        form_id: str = "",
        contact: str = "",
        turning: TurnForm | None = None,
        status: int = 200,
    ) -> Html:
        case, turning = await queries.case(call, id_), turning or TurnForm()
        others = self._others(call, case)
        turning.topic.choices = with_blank(others, say("请选择"))
        return page(
            request,
            "office/case.html",
            case=case,
            form=form,
            form_id=form_id or public_id(),
            contact=contact,
            topics=queries.topics_of(call, case),
            others=others,
            turning=turning,
            layout=self.layout,
            home=self.path,
            unread=unread_above(case) if not case.above_reads else None,
            status=status,
        )

    def _others(self, call: Call, case: CaseView) -> list[tuple[str, str]]:
        """The topics that a case could be about instead."""
        return [(topic.code, topic.name) for topic in queries.topics_of(call, case) if topic.name != case.topic]


class OfficeCases(CasePages):
    """At the office."""

    path = "/office/cases"
    guards = [guards.office]
    layout = "layouts/office.html"


class FieldCases(CasePages):
    """On the inspector's phone."""

    path = "/field/cases"
    guards = [guards.field]
    layout = "layouts/field.html"
