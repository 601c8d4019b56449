"""Complaints, as those who keep them see them. What one may not read does not exist here."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response
from wtforms import BooleanField

from portal.call import Call
from portal.codes import grouped
from portal.complaints import actions, queries, sheets
from portal.complaints.queries import ComplaintView
from portal.complaints.rules import Trace
from portal.complaints.sheets import StillIdentifies
from portal.errors import NotVisible, Refused
from portal.feedback.actions import LONGEST_TEXT
from portal.pages.public.photos import form_id_of
from portal.storage.columns import public_id
from portal.terms import COMPLAINT_STEP, say
from portal.viewer import Role
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, area, attempt, choice, day, text, with_blank
from portal.web.pages import PRIVATE, Html, go, page
from portal.web.requests import AnyRequest, GivenCall

HOME = "/custody"


class CustodyStepForm(PortalForm):
    """What the reporter will read."""

    text = area(
        say("写给投诉人的话"), most=LONGEST_TEXT, rows=4, hint=say("投诉人凭查询码能看到。请其补充情况时，不要询问其身份。")
    )


class SheetForm(PortalForm):
    """A transfer sheet, in the custodian's own words."""

    recipient = text(say("承办单位"), say("请写明承办单位。"), most=sheets.LONGEST_RECIPIENT)
    text = area(
        say("核查事项"),
        say("请用自己的话写明核查事项。"),
        most=sheets.LONGEST_TEXT,
        rows=8,
        hint=say("不抄原话，不写时间、地点、车牌、电话，不写只有投诉人才知道的细节。"),
    )
    reply_by = day(
        say("反馈期限"),
        say("请填写反馈期限。"),
        hint=say("请对方在这一天之前反馈核查结果，给自己留出答复投诉人的时间。"),
    )
    sure = BooleanField(say("我已看过上面的提醒，这些内容确需保留"))


class MoveForm(PortalForm):
    """To another office outside the chain."""

    unit = choice(say("转给的部门"), say("请选择。"), hint=say("只列出监管条线以外、有人员能受理这件投诉的部门。"))
    why = text(say("转出理由"), say("请写明转出理由。"), most=200)


class ComplaintPages(Controller):
    """The complaints that the viewer keeps."""

    path = HOME
    guards = [guards.only(Role.CUSTODIAN, Role.ADMINISTRATOR)]

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """What waits, then what is done."""
        opened, closed = await queries.complaints(call, closed=False), await queries.complaints(call, closed=True)
        return page(request, "custody/index.html", opened=opened, closed=closed)

    @get("/{id_:str}")
    async def show(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """One complaint; the chain keeps that it was read."""
        return _page(request, await actions.read(call, id_), CustodyStepForm())

    @post("/{id_:str}/step", status_code=200, opt=SHOWN_AGAIN)
    async def step(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Accept, refuse, ask back, answer or close."""
        body = body_of(request)
        form, step = CustodyStepForm(body), body.get("step")
        if step not in COMPLAINT_STEP:
            raise NotVisible
        if await attempt(call, form, lambda: actions.take_step(call, id_, step, body.get("text"), form_id_of(body))) is not None:
            return go(f"{HOME}/{id_}", f"complaint_{step}")
        form_id = "" if form.sent_before else body.get("form")
        return _page(request, await actions.read(call, id_), form, form_id=form_id, status=422)

    @post("/{id_:str}/contact", status_code=200)
    async def contact(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Show how the reporter may be reached; the chain keeps who looked."""
        contact = await actions.reveal_contact(call, id_)
        return _page(request, await actions.read(call, id_), CustodyStepForm(), contact=contact)

    @get("/{id_:str}/photos/{photo:str}")
    async def photo(self, call: GivenCall, id_: FromPath[str], photo: FromPath[str]) -> Response[bytes]:
        """A photo; the chain keeps that it was looked at."""
        return Response(await actions.read_photo(call, id_, photo), media_type="image/jpeg", headers=PRIVATE)

    @get("/{id_:str}/stand-back")
    async def ask_stand_back(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Say what it brings, and ask."""
        return self._stand_back(request, await _number(call, id_), id_, PortalForm())

    @post("/{id_:str}/stand-back", status_code=200)
    async def stand_back(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Out of one's own sight."""
        number, form = await _number(call, id_), PortalForm()
        if await attempt(call, form, lambda: actions.stand_back(call, id_)) is not None:
            return go(HOME, "stood_back")
        return self._stand_back(request, number, id_, form)

    def _stand_back(self, request: AnyRequest, number: str, id_: str, form: PortalForm) -> Html:
        return _form(
            request,
            form,
            title=say("对投诉 {number} 回避", number=number),
            id_=id_,
            verb=say("确认回避"),
            harm=True,
            intro=say("回避后，您不能再查看这件投诉，由本部门其他受理人办理。提交后不能撤回。"),
        )

    @get("/{id_:str}/move")
    async def ask_move(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """To which office, and why."""
        return self._move(request, await _number(call, id_), id_, await _move_form(call, id_))

    @post("/{id_:str}/move", status_code=200, opt=SHOWN_AGAIN)
    async def move(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Hand it on."""
        number, form = await _number(call, id_), await _move_form(call, id_, request)
        if await attempt(call, form, lambda: actions.move(call, id_, form.data["unit"], form.data["why"])) is not None:
            return go(HOME, "complaint_moved")
        return self._move(request, number, id_, form)

    def _move(self, request: AnyRequest, number: str, id_: str, form: MoveForm) -> Html:
        return _form(
            request,
            form,
            title=say("将投诉 {number} 转给其他部门受理", number=number),
            id_=id_,
            verb=say("确认转出"),
            harm=True,
            intro=say("转出后由该部门的受理人办理，您不能再查看。投诉人能看到受理部门已变更。"),
        )

    @get("/{id_:str}/sheet")
    async def ask_sheet(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Write a transfer sheet."""
        return await self._sheet(request, call, id_, SheetForm())

    @post("/{id_:str}/sheet", status_code=200, opt=SHOWN_AGAIN)
    async def sheet(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Make it, after what still identifies was pointed out."""
        body = body_of(request)
        form, traces = SheetForm(body), tuple[Trace, ...]()
        if form.validate():
            try:
                await sheets.write(
                    call,
                    id_,
                    recipient=form.data["recipient"],
                    text=form.data["text"],
                    reply_by=form.data["reply_by"],
                    sure=form.data["sure"],
                    form=form_id_of(body),
                )
            except StillIdentifies as error:
                form.refuse(error)
                traces = error.traces
            except Refused as error:
                form.refuse(error)
            else:
                return go(f"{HOME}/{id_}", "sheet_made")
        return await self._sheet(request, call, id_, form, traces, form_id=form_id_of(body))

    async def _sheet(
        self, request: AnyRequest, call: Call, id_: str, form: SheetForm, traces: tuple[Trace, ...] = (), *, form_id: str = ""
    ) -> Html:
        view = await actions.read(call, id_)
        if not traces:
            del form.sure
        return page(
            request,
            "custody/sheet.html",
            row=view,
            form=form,
            traces=traces,
            form_id=form_id or public_id(),
            status=422 if form.problems else 200,
        )

    @get("/{id_:str}/sheets/{sheet:str}")
    async def sheet_pdf(self, call: GivenCall, id_: FromPath[str], sheet: FromPath[str]) -> Response[bytes]:
        """The sheet to print."""
        data = await sheets.pdf(call, id_, sheet)
        name = {"content-disposition": f"inline; filename=sheet-{sheet[:8]}.pdf"}
        return Response(data, media_type="application/pdf", headers={**PRIVATE, **name})


def _page(
    request: AnyRequest, row: ComplaintView, form: CustodyStepForm, *, form_id: str = "", contact: str = "", status: int = 200
) -> Html:
    return page(
        request, "custody/complaint.html", row=row, form=form, form_id=form_id or public_id(), contact=contact, status=status
    )


def _form(request: AnyRequest, form: PortalForm, *, title: str, id_: str, verb: str, intro: str, harm: bool) -> Html:
    return page(
        request,
        "office/form.html",
        form=form,
        title=title,
        back=f"{HOME}/{id_}",
        back_name=say("投诉"),
        verb=verb,
        intro=intro,
        harm=harm,
        hidden={},
        action=request.scope["path"],
        layout="layouts/custody.html",
        status=422 if form.problems else 200,
    )


async def _number(call: Call, id_: str) -> str:
    return grouped((await queries.readable_complaint(call, id_)).row["number"])


async def _move_form(call: Call, id_: str, request: AnyRequest | None = None) -> MoveForm:
    form = MoveForm(body_of(request) if request is not None else None)
    others = [(actions.unit_mark(call, unit), unit.name) for unit in await actions.others(call, id_)]
    form.unit.choices = with_blank(others, say("请选择"))
    return form
