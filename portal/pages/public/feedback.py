"""The doors of a board: contact, report, and the complaint door that says whom to call.

One thing a page: what happened, how to reach you (if you like), check, receipt. All that was typed travels in the form
itself, so nothing is stored before it is sent; photos are kept sealed with the form's own id meanwhile. The receipt is
the answer to the last step: loading it again sends the same form, which is the same case.
"""

import base64

from litestar import Controller, get, post
from litestar.params import FromPath

from portal import codes
from portal.boards import queries as boards
from portal.boards.queries import BoardPage
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.feedback import drafts
from portal.feedback.actions import LONGEST_CONTACT, LONGEST_TEXT, Opening, open_case, sent, way
from portal.feedback.queries import handled_by
from portal.pages.public.photos import MOST_BODY, form_id_of, take_photos
from portal.scheme import national
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.terms import say
from portal.web.bodies import Body, body_of
from portal.web.forms import PortalForm, area, text
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest, GivenCall

STEPS = ("tell", "reach", "check", "send")


class TellForm(PortalForm):
    """What happened."""

    text = area(
        say("说说情况"),
        say("请写明情况，几个字也可以。"),
        most=LONGEST_TEXT,
        hint=say("在什么地方、看到什么、什么时候。不用写您是谁。"),
    )


class ReachForm(PortalForm):
    """How to reach the sender, if they like."""

    contact = text(say("联系方式"), most=LONGEST_CONTACT, hint=say("电话或微信号。不填也会办理，凭查询码看答复。"))


class FeedbackPages(Controller):
    """Contact and report, step by step; the complaint door."""

    opt = {"most_body": MOST_BODY}

    @get(["/b/{code:str}/contact", "/b/{code:str}/report"])
    async def begin(self, request: AnyRequest, call: GivenCall, code: FromPath[str]) -> Html:
        """The first step, with a fresh form id."""
        kind = Kind(request.scope["path"].rsplit("/", 1)[1])
        board = await _board(call, code)
        to = (await way(call, kind, board.code)).to
        if to.value.unit is None:
            return page(request, "public/door_closed.html", board=board, kind=kind.value, to=to, hotlines=national.HOTLINES)
        body = Body({"form": [public_id()], "board": [board.code]})
        return await _step(request, call, kind, "tell", board, body, TellForm(), [])

    @post(["/contact", "/report"], status_code=200)
    async def go_on(self, request: AnyRequest, call: GivenCall) -> Html:
        """Take a step, look it over, show the next one; nothing that was typed is ever lost."""
        kind = Kind(request.scope["path"].strip("/"))
        body = body_of(request)
        form_id = form_id_of(body)
        board = await _board(call, body.get("board"), sent_before=await sent(call, form_id))
        if dropped := body.get("drop"):
            await drafts.drop_photo(call, form_id, dropped)
            return await _step(request, call, kind, "tell", board, body, TellForm(body), [])
        refused = await take_photos(call, form_id, body)
        tell, reach = TellForm(body), ReachForm(body)
        wanted = body.get("go", "reach")
        if wanted not in STEPS:
            wanted = "check"
        if not tell.validate() or refused:
            tell.general += refused
            return await _step(request, call, kind, "tell", board, body, tell, refused, status=422)
        if wanted == "tell":
            return await _step(request, call, kind, "tell", board, body, TellForm(body), [])
        if wanted in ("check", "send") and not reach.validate():
            return await _step(request, call, kind, "reach", board, body, reach, [], status=422)
        if wanted != "send":
            return await _step(request, call, kind, wanted, board, body, reach, [])
        return await self._send(request, call, kind, board, body, tell)

    async def _send(self, request: AnyRequest, call: Call, kind: Kind, board: BoardPage, body: Body, tell: TellForm) -> Html:
        opening = Opening(kind=kind, board=board.code, form=body.get("form"), text=body.get("text"), contact=body.get("contact"))
        try:
            receipt = await open_case(call, opening)
        except Refused as error:
            tell.refuse(error)
            return await _step(request, call, kind, "tell", board, body, tell, [error.text], status=422)
        to, because = await handled_by(call, drafts.form_mark(call, opening.form))
        return page(request, "public/receipt_given.html", kind=kind.value, board=board, receipt=receipt, to=to, because=because)

    @get("/b/{code:str}/complaint")
    async def complaint(self, request: AnyRequest, call: GivenCall, code: FromPath[str]) -> Html:
        """What one may complain about, and the office outside the chain that hears it."""
        board = await _board(call, code)
        scheme = call.book.edition(board.live["edition"])
        topics = scheme.topics(Kind.COMPLAINT) if scheme is not None else ()
        return page(request, "public/complaint.html", board=board, topics=topics, hotlines=national.HOTLINES)


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
    request: AnyRequest, call: Call, kind: Kind, step: str, board: BoardPage, body: Body, form: PortalForm,
    refused: list[str], *, status: int = 200,
) -> Html:  # fmt: skip
    kept = await drafts.photos(call, body.get("form"))
    pictures = [(photo.id, "data:image/jpeg;base64," + base64.b64encode(photo.thumb).decode()) for photo in kept]
    return page(
        request, f"public/step_{step}.html", kind=kind.value, board=board, form=form, form_id=body.get("form"),
        text=body.get("text"), contact=body.get("contact"), photos=pictures, most_photos=drafts.MOST_PHOTOS,
        to=(await way(call, kind, board.code)).to, status=status, refused=refused,
    )  # fmt: skip
