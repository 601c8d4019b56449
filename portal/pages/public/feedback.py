"""The doors of a board: contact, report, complaint.

One thing a page: what happened, how to reach you (if you like), check, receipt. All that was typed travels in the form
itself, so nothing is stored before it is sent; photos are kept sealed with the form's own id meanwhile. The receipt is
the answer to the last step: loading it again sends the same form, which is the same case.

All doors have the same two addresses and the same titles: neither a log nor a browser's history tells which one was used.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from litestar import Controller, get, post
from wtforms import RadioField

from portal import codes
from portal.boards import queries as boards
from portal.boards.queries import BoardPage
from portal.call import Call
from portal.complaints import actions as complaints
from portal.complaints.actions import Choice
from portal.complaints.queries import taken
from portal.errors import NotVisible, Refused
from portal.feedback import drafts
from portal.feedback.actions import LONGEST_CONTACT, LONGEST_TEXT, Opening, open_case, sent, way
from portal.feedback.drafts import Sender
from portal.feedback.queries import handled_by
from portal.pages.public.photos import MOST_BODY, Taken, form_id_of, since_of, take_photos
from portal.scheme import national
from portal.scheme.decision import Because
from portal.scheme.words import Kind, Topic
from portal.storage.columns import public_id
from portal.terms import say
from portal.web.bodies import Body, body_of
from portal.web.forms import PortalForm, area, text
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest, GivenCall, address_of, web_of
from portal.web.sessions import form_cookie, gone

STEPS = ("tell", "reach", "check", "send")
CARRIED = ("form", "board", "kind", "text", "contact", "whom", "topic", "since")
FORGET = {"clear-site-data": '"cache", "storage"'}


@dataclass(frozen=True)
class Way:
    """Where what is being written would go: ``open`` where somebody takes it, else whom to call instead."""

    open: bool
    name: str
    phone: str
    because: tuple[Because, ...]
    choices: Sequence[Choice] = ()
    topics: Sequence[Topic] = ()


NOWHERE = Way(open=False, name="", phone="", because=())


class TellForm(PortalForm):
    """What happened."""

    text = area(
        say("说说情况"),
        say("请写明情况，几个字也可以。"),
        most=LONGEST_TEXT,
        hint=say("在什么地方、看到什么、什么时候。不用写您是谁。"),
    )


class ComplainForm(PortalForm):
    """Whom it is about, which rule of conduct, and what happened."""

    whom = RadioField(say("投诉谁"), default="", validate_choice=False)
    topic = RadioField(say("哪方面的事"), default="", validate_choice=False)
    text = area(
        say("发生了什么"),
        say("请写明发生了什么，几个字也可以。"),
        most=LONGEST_TEXT,
        hint=say("什么时候、在哪里、怎么回事。不用写您是谁；只有您一个人知道的细节，可能让人猜到是您。"),
    )


class ReachForm(PortalForm):
    """How to reach the sender, if they like."""

    contact = text(say("联系方式"), most=LONGEST_CONTACT, hint=say("电话或微信号。不填也会办理，凭查询码看答复。"))


class FeedbackPages(Controller):
    """Contact, report and complaint, step by step."""

    opt = {"most_body": MOST_BODY, "photos_wait": True}

    @post("/door", status_code=200, opt={"opens_a_form": True})
    async def begin(self, request: AnyRequest, call: GivenCall) -> Html:
        """The first step, with a fresh form id. Writes nothing."""
        asked = body_of(request)
        async with call.portal.making.lend(Sender(address_of(request)).key(call)):
            kind, board = _kind(asked), await _board(call, asked.get("board"))
            body = Body({"form": [public_id()], "board": [board.code], "kind": [kind.value]})
            found = await _anybody(call, kind, board.code, await _way(call, kind, board.code, body))
            if not found.open:
                return page(
                    request, "public/door_closed.html", board=board, kind=kind.value, to=found, hotlines=national.HOTLINES
                )
            return await _step(request, call, kind, "tell", board, body, _tell(kind, found), found)

    @post("/send", status_code=200)
    async def go_on(self, request: AnyRequest, call: GivenCall) -> Html:
        """Take a step, look it over, show the next one; nothing that was typed is ever lost."""
        body, taken_in = body_of(request), Taken([])
        _kind(body)
        form_id = form_id_of(body)
        sender = Sender(address_of(request), board=codes.board_code(body.get("board")) or "")
        who, making = sender.key(call), call.portal.making
        if body.files("photos") or body.left_out:
            async with making.lend(who):
                await _board(call, sender.board, sent_before=True)
            # Not while one has a hand that others need for their words
            taken_in = await take_photos(call, form_id, body, sender)
            body.fields["since"] = [taken_in.since]
        async with making.lend(who):
            return await self._go_on(request, call, body, taken_in.refused)

    async def _go_on(self, request: AnyRequest, call: Call, body: Body, refused: list[str]) -> Html:
        kind, form_id = _kind(body), form_id_of(body)
        before = await (complaints.sent(call, form_id) if kind is Kind.COMPLAINT else sent(call, form_id))
        again = before and body.get("go") == "send"
        try:
            board = await _board(call, body.get("board"), sent_before=again)
            found = await _way(call, kind, board.code, body, sent_before=again)
        except Refused as error:
            # The board leads nowhere since: what was typed stays, to be told elsewhere
            board, found = await _board(call, body.get("board"), sent_before=True), NOWHERE
            tell = _tell(kind, found, body)
            tell.refuse(error)
            return await _step(request, call, kind, "tell", board, body, tell, found, status=422)
        if dropped := body.get("drop"):
            await drafts.drop_photo(call, form_id, dropped)
            return await _step(request, call, kind, "tell", board, body, _tell(kind, found, body), found)
        closed = kind is Kind.COMPLAINT and not found.open and not again
        tell, reach = _tell(kind, found, body), ReachForm(body)
        wanted = body.get("go", "reach")
        if wanted not in STEPS:
            wanted = "check"
        if not tell.validate() or refused or closed:
            tell.general += refused
            if closed:
                said = say(complaints.NOT_HERE.msgid, name=found.name, phone=found.phone)
                tell.refuse(Refused(said, field="whom"))
            return await _step(request, call, kind, "tell", board, body, tell, found, status=422)
        if wanted == "tell":
            return await _step(request, call, kind, "tell", board, body, _tell(kind, found, body), found)
        if wanted in ("check", "send") and not reach.validate():
            return await _step(request, call, kind, "reach", board, body, reach, found, status=422)
        if wanted != "send":
            return await _step(request, call, kind, wanted, board, body, reach, found)
        return await self._send(request, call, kind, board, body, tell, found)

    async def _send(
        self, request: AnyRequest, call: Call, kind: Kind, board: BoardPage, body: Body, tell: PortalForm, found: Way
    ) -> Html:
        form, number = body.get("form"), ""
        try:
            if kind is Kind.COMPLAINT:
                new = complaints.Opening(
                    board=board.code, form=form, text=body.get("text"), contact=body.get("contact"), whom=body.get("whom"),
                    topic=body.get("topic"),
                )  # fmt: skip
                receipt = await complaints.open_complaint(call, new)
            else:
                opening = Opening(kind=kind, board=board.code, form=form, text=body.get("text"), contact=body.get("contact"))
                receipt = await open_case(call, opening)
        except Refused as error:
            tell.refuse(error)
            return await _step(request, call, kind, "tell", board, body, tell, found, status=422)
        if kind is Kind.COMPLAINT:
            to, number = await taken(call, drafts.form_mark(call, form))
            because = found.because
        else:
            to, because = await handled_by(call, drafts.form_mark(call, form))
        answer = page(
            request,
            "public/receipt_given.html",
            kind=kind.value,
            board=board,
            receipt=receipt,
            to=to,
            because=because,
            number=number,
            later=_later(body),
        )
        answer.headers.update(FORGET)
        return answer

    @get("/leave", opt={"from_facts": True})
    async def leave(self, request: AnyRequest) -> Html:
        """A page that tells nothing, and has the browser forget the others."""
        answer = page(request, "public/leave.html")
        answer.headers["clear-site-data"] = '"cache", "cookies", "storage"'
        web = web_of(request)
        answer.cookies.append(gone(web, form_cookie(web)))
        return answer


def _kind(body: Body) -> Kind:
    try:
        return Kind(body.get("kind"))
    except ValueError as error:
        raise NotVisible from error


def _tell(kind: Kind, found: Way, body: Body | None = None) -> PortalForm:
    if kind is not Kind.COMPLAINT:
        return TellForm(body)
    form = ComplainForm(body)
    form.whom.choices = [(one.mark, say("{name}（{post}）", name=one.name, post=one.post)) for one in found.choices]
    form.whom.choices.append(("", say("不清楚是谁，或不止一个人")))
    form.topic.choices = [(topic.code, topic.name) for topic in found.topics] + [("", say("说不好，或别的事"))]
    for field in (form.whom, form.topic):
        # Who was chosen may have left the board since: it shows, and is sent, as what it is now
        if field.data not in dict(field.choices):
            field.data = ""
    return form


async def _way(call: Call, kind: Kind, code: str, body: Body, *, sent_before: bool = False) -> Way:
    """Where it would go. What was sent already is where it is, also where the board leads nowhere since."""
    try:
        return await _found(call, kind, code, body)
    except Refused:
        if not sent_before:
            raise
        return NOWHERE


async def _anybody(call: Call, kind: Kind, code: str, found: Way) -> Way:
    """Where the custodians stand too close to somebody on the board, the door is still open for complaints about others."""
    if kind is not Kind.COMPLAINT or found.open:
        return found
    for choice in found.choices:
        one = await _found(call, kind, code, Body({"whom": [choice.mark]}))
        if one.open:
            return one
    return found


async def _found(call: Call, kind: Kind, code: str, body: Body) -> Way:
    if kind is not Kind.COMPLAINT:
        to = (await way(call, kind, code)).to
        return Way(to.value.unit is not None, to.value.name, "", to.because)
    found = await complaints.door(call, code, whom=body.get("whom"))
    keeper = found.to.value
    return Way(keeper.unit is not None, keeper.name, keeper.phone, found.to.because, found.choices, found.topics)


async def _board(call: Call, code: str, *, sent_before: bool = False) -> BoardPage:
    """The board that a form belongs to. What was sent already gets its receipt, also where the board was revoked since."""
    known = codes.board_code(code)
    if known is None:
        raise NotVisible
    board = await boards.page(call, known)
    if board.revoked and not sent_before:
        raise Refused(say("这块公示牌已经作废，请直接拨打 12350 或 12345。"))
    return board


async def _step(
    request: AnyRequest, call: Call, kind: Kind, step: str, board: BoardPage, body: Body, form: PortalForm, found: Way, *,
    status: int = 200,
) -> Html:  # fmt: skip
    kept = await drafts.photos(call, body.get("form"))
    pictures = [(photo.id, "data:image/jpeg;base64," + base64.b64encode(photo.thumb).decode()) for photo in kept]
    chosen = {one.name: dict(one.choices)[one.data] for one in _tell(kind, found, body) if isinstance(one, RadioField)}
    return page(
        request, f"public/step_{step}.html", kind=kind.value, board=board, form=form, photos=pictures,
        carried={name: body.get(name) for name in CARRIED} | {"since": since_of(body)}, chosen=chosen,
        most_photos=drafts.MOST_PHOTOS, to=found, later=_later(body), status=status,
    )  # fmt: skip


def _later(body: Body) -> str:
    since = since_of(body)
    return drafts.later(since) if since else ""
