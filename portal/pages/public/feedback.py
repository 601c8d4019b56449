"""The doors of a board: contact, report, complaint.

One thing a page: what happened, how to reach you (if you like), check, receipt. Each step has one address, all doors the same:
neither a log nor a browser's history tells which one was used. Back, forward and reload show that step as it was filled in.
Until it is sent, what is typed lies sealed under the form's id, which stands in a cookie and in the form's body and nowhere else.
A browser that keeps no cookies gets each step as the answer to the one before; its form carries the answers.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from litestar import Controller, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect
from wtforms import BooleanField, RadioField

from portal import codes
from portal.boards import queries as boards
from portal.boards.queries import BoardPage
from portal.call import Call
from portal.complaints import actions as complaints
from portal.complaints.actions import Choice
from portal.complaints.queries import taken
from portal.errors import NotVisible, Refused
from portal.feedback import drafts
from portal.feedback.actions import LONGEST_CONTACT, LONGEST_TEXT, REVOKED, CaseOpening, case_was_sent, open_case, way
from portal.feedback.drafts import Sender, is_form_id
from portal.feedback.queries import handled_by
from portal.pages.public.photos import (
    MOST_BODY,
    Taken,
    form_id_of,
    keeps_cookies,
    note_cookies,
    pictures,
    since_of,
    take_photos,
)
from portal.scheme import national
from portal.scheme.decision import Because
from portal.scheme.words import Kind, Topic
from portal.storage.columns import public_id
from portal.storage.troubles import unavailable
from portal.terms import say
from portal.web.bodies import COOKIELESS, Body, body_of, token
from portal.web.forms import PortalForm, area, text
from portal.web.pages import PRIVATE, Html, form_cookies, go, page
from portal.web.requests import AnyRequest, GivenCall, Web, address_of, web_of
from portal.web.sessions import cookie, cookies, form_cookie, gone, opened_cookie, unsent_cookie

STEPS = {"tell": "/form/1", "reach": "/form/2", "check": "/form/3"}
GIVEN = "/form/4"
CARRIED = ("form", "board", "kind", "text", "contact", "whom", "topic", "since", "turn", "grave")
FORGET = {"clear-site-data": '"cache", "storage"'}
# Of one browser at once, other tabs and boards: more than anybody begins in half an hour, since who leaves leaves them all
MOST_FORMS = 12
# Whom to call where no other number is said
URGENT = "12350"
Problems = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class DoorWay:
    """Where what is being written would go: ``open`` where somebody takes it, else whom to call instead. ``apart`` are the topics
    for which it goes to another office, each with the office's name; ``line`` is the public number that takes such a case.
    """

    open: bool
    name: str
    phone: str
    because: tuple[Because, ...]
    choices: Sequence[Choice] = ()
    topics: Sequence[Topic] = ()
    apart: Sequence[tuple[str, str]] = ()
    line: str = URGENT


NOWHERE = DoorWay(open=False, name="", phone="", because=())


class TellForm(PortalForm):
    """What happened, and what it is about where that decides who sees to it."""

    topic = RadioField(
        say("反映哪一类情况"),
        default="",
        validate_choice=False,
        description=say("选得不准也会受理，由收到的部门转给管这件事的部门。"),
    )
    text = area(
        say("填写情况"),
        say("请写明情况，几个字也可以。"),
        most=LONGEST_TEXT,
        hint=say("在什么地方、看到什么、什么时候。不用写您是谁。"),
    )


def grave_field() -> BooleanField:
    """That somebody came to harm, as it is asked at the door and where one adds to a report."""
    return BooleanField(
        say("有人死亡或重伤"),
        description=say("不清楚就不用勾。勾了，区（县）一级的部门也能看到这件举报。"),
    )


class ReportForm(TellForm):
    """What happened, and whether somebody came to harm."""

    grave = grave_field()


class ComplainForm(PortalForm):
    """Whom it is about, which rule of conduct, and what happened."""

    whom = RadioField(say("投诉对象"), default="", validate_choice=False)
    topic = RadioField(say("投诉事项"), default="", validate_choice=False)
    text = area(
        say("发生了什么"),
        say("请写明发生了什么，几个字也可以。"),
        most=LONGEST_TEXT,
        hint=say("什么时候、在哪里、怎么回事。不用写您是谁；只有您一个人知道的细节，可能让人猜到是您。"),
    )


class ReachForm(PortalForm):
    """How to reach the sender, if they like."""

    contact = text(say("联系方式"), most=LONGEST_CONTACT, hint=say("电话或微信号。不填也会办理，凭查询码看答复。"))


@dataclass(frozen=True)
class Filled:
    """A form as far as it is filled in: its answers, the board that it belongs to, and where it would go. ``sent``: it was,
    before; ``refusal``: why it leads nowhere any more.
    """

    kind: Kind
    board: BoardPage
    body: Body
    found: DoorWay
    sent: bool
    refusal: Refused | None = None

    @property
    def id(self) -> str:
        """The form's id."""
        return form_id_of(self.body)

    def tell(self) -> PortalForm:
        """The first step, filled in."""
        return _tell(self.kind, self.found, self.body)

    def step(self, step: str) -> PortalForm:
        """A step, filled in."""
        return self.tell() if step == "tell" else ReachForm(self.body)

    def answers(self) -> dict[str, str]:
        """What of it is kept."""
        return {name: self.body.get(name) for name in CARRIED} | {"since": since_of(self.body)}


class FeedbackPages(Controller):
    """Contact, report and complaint, step by step."""

    opt = {"most_body": MOST_BODY, "photos_wait": True, "shown_again": True}

    @post("/door", status_code=200, opt={"opens_a_form": True})
    async def begin(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Open a door. Whether a browser keeps cookies shows when it comes again with the same form, which 307 has it do."""
        if keeps_cookies(request):
            return await self._begin(request, call)
        token(request)
        return Redirect("/door/again", status_code=307, headers=PRIVATE, cookies=form_cookies(request))

    @post("/door/again", status_code=200, opt={"opens_a_form": True})
    async def begin_again(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """The same, now that it is known whether the browser keeps cookies."""
        return await self._begin(request, call)

    async def _begin(self, request: AnyRequest, call: Call) -> Html | Redirect:
        asked = body_of(request)
        async with call.portal.making.lend(Sender(address_of(request)).key(call)):
            kind = _kind(asked)
            board = await _board(call, kind, asked.get("board"))
            found = await _anybody(call, kind, board.code, await _way(call, kind, board.code, Body()))
            if not found.open:
                return page(
                    request,
                    "public/door_closed.html",
                    board=board,
                    kind=kind.value,
                    to=found,
                    hotlines=[line for line in national.offered(kind) if line.number != found.phone],
                )
            for before in await _unsent_forms(request, call):
                if _unsent(before) and (before["board"], before["kind"]) == (board.code, kind.value):
                    return go(STEPS["tell"], cookies=_cookies(request, before["form"]))
            body = Body({"form": [public_id()], "board": [board.code], "kind": [kind.value]})
            if not keeps_cookies(request):
                body.fields[COOKIELESS] = ["yes"]
            return await self._show(request, call, Filled(kind, board, body, found, sent=False), "tell")

    @get("/form/{number:str}")
    async def show(self, request: AnyRequest, call: GivenCall, number: FromPath[str]) -> Html | Redirect:
        """A step of the form that this browser is filling in, as it stands. Where it was sent: that it was, and the receipt at
        its own address.
        """
        step = next((name for name, address in STEPS.items() if address == f"/form/{number}"), "")
        if not step and f"/form/{number}" != GIVEN:
            raise NotVisible
        async with call.portal.making.lend(Sender(address_of(request)).key(call)):
            forms = await _unsent_forms(request, call)
            given = next((one["given"] for one in forms if "given" in one), None)
            kept = next(filter(_unsent, forms), None)
            if given is not None and not step:
                return _given(request, given)
            if kept is None:
                if given is not None:
                    return page(request, "public/form_sent.html", minutes=drafts.TOLD_MINUTES, given=GIVEN)
                return page(request, "public/form_gone.html", status=HTTPStatus.GONE)
            filled = await _filled(call, Body({name: [kept.get(name, "")] for name in CARRIED}))
            if step != "tell" and (filled.refusal or not filled.tell().validate()):
                return go(STEPS["tell"])
            if step not in ("tell", "reach") and not ReachForm(filled.body).validate():
                return go(STEPS["reach"])
            if not step:
                return go(STEPS["check"])
            problems = kept.get("problems", ()) if kept.get("step") == step else ()
            return await _page(request, call, filled, step, problems, kept=True)

    @post("/send", status_code=200, request_max_body_size=None)
    async def go_on(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Take a step, look it over, go on to the next one; nothing that was typed is ever lost."""
        body, taken_in = body_of(request), Taken([])
        note_cookies(request, body)
        _kind(body)
        lost = await self._own_form(call, body)
        form_id = form_id_of(body)
        sender = Sender(address_of(request), board=codes.board_code(body.get("board")) or "")
        who, making = sender.key(call), call.portal.making
        late = body.get("go") == "keep"
        if late and (body.foreign or await drafts.is_over(call, form_id)):
            body.uploads.clear()
        if body.files("photos") or body.left_out:
            async with making.lend(who):
                await _board(call, _kind(body), sender.board, sent_before=True)
            # Not while one has a hand that others need for their words
            taken_in = await take_photos(call, form_id, body, sender)
            body.fields["since"] = [taken_in.since]
        async with making.lend(who):
            if late:
                return await self._keep(request, call, body, taken_in.refused)
            return await self._go_on(request, call, body, [*lost, *taken_in.refused])

    async def _own_form(self, call: Call, body: Body) -> list[str]:
        """What has to be said first. A form that may come from a foreign page, with an id that others may know, gets another."""
        if body.foreign:
            body.fields["form"] = [public_id()]
        had = body.get("had")
        if not had.isdecimal() or not (n := min(int(had[:2]), drafts.MOST_PHOTOS)):
            return []
        if len(await drafts.photos(call, form_id_of(body))) >= n or await _was_sent(call, _kind(body), form_id_of(body)):
            return []
        return [say("以前选好的照片放了太久，已经清除，请重新选；文字都在。")]

    async def _keep(self, request: AnyRequest, call: Call, body: Body, refused: list[str]) -> Html:
        """What a page sends while it is being filled in; answers with the photos that are kept."""
        before = await drafts.answers(call, form_id_of(body)) or {}
        overtaken = before.get("turn", body.get("turn")) != body.get("turn")
        # Its last word is that it is one: all others came before it, and only photos may have broken off
        if not body.foreign and not overtaken and not await _was_sent(call, _kind(body), form_id_of(body)):
            await drafts.keep_answers(call, form_id_of(body), {name: body.get(name) for name in CARRIED}, late=True)
        refused = [body.trouble, *refused] if body.trouble else refused
        shown = await pictures(call, form_id_of(body))
        return page(
            request, "public/_photos.html", photos=shown, most_photos=drafts.MOST_PHOTOS, refused=refused, later=_later(body)
        )

    async def _go_on(self, request: AnyRequest, call: Call, body: Body, refused: list[str]) -> Html | Redirect:
        filled = await _filled(call, body)
        tell, reach = filled.tell(), ReachForm(body)
        if body.get("go") == "clear" and not body.foreign:
            return await self._clear(request, call, filled)
        if filled.refusal is not None:
            # The board leads nowhere since: what was typed stays, to be told elsewhere
            tell.refuse(filled.refusal)
            return await self._show(request, call, filled, "tell", tell.problems)
        if body.trouble:
            step = body.get("step") if body.get("step") in STEPS else "tell"
            return await self._show(request, call, filled, step, [("", one) for one in (body.trouble, *refused)])
        if dropped := body.get("drop"):
            await drafts.drop_photo(call, filled.id, dropped)
            return await self._show(request, call, filled, "tell")
        again = filled.sent and body.get("go") == "send"
        chosen = filled.kind is Kind.COMPLAINT or bool(filled.found.topics)
        closed = chosen and not filled.found.open and not again
        wanted = body.get("go", "reach")
        if wanted not in (*STEPS, "send"):
            wanted = "check"
        if not tell.validate() or refused or closed:
            tell.general += refused
            if closed:
                tell.refuse(_not_here(filled))
            return await self._show(request, call, filled, "tell", tell.problems)
        if wanted in ("check", "send") and not reach.validate():
            return await self._show(request, call, filled, "reach", reach.problems)
        if wanted != "send":
            return await self._show(request, call, filled, wanted)
        return await self._send(request, call, filled, tell)

    async def _send(self, request: AnyRequest, call: Call, filled: Filled, tell: PortalForm) -> Html | Redirect:
        kind, board, body, form, number = filled.kind, filled.board, filled.body, filled.id, ""
        try:
            if kind is Kind.COMPLAINT:
                new = complaints.ComplaintOpening(
                    board=board.code,
                    form=form,
                    text=body.get("text"),
                    contact=body.get("contact"),
                    whom=body.get("whom"),
                    topic=body.get("topic"),
                )
                receipt = await complaints.open_complaint(call, new)
            else:
                opening = CaseOpening(
                    kind=kind,
                    board=board.code,
                    form=form,
                    text=body.get("text"),
                    contact=body.get("contact"),
                    topic=body.get("topic"),
                    grave=_grave(tell),
                )
                receipt = await open_case(call, opening)
        except Refused as error:
            tell.refuse(error)
            return await self._show(request, call, filled, "tell", tell.problems)
        if kind is Kind.COMPLAINT:
            to, number = await taken(call, drafts.form_mark(call, form))
            because = filled.found.because
        else:
            to, because = await handled_by(call, drafts.form_mark(call, form))
        given = {
            "receipt": receipt,
            "board": board.code,
            "to": to,
            "number": number,
            "since": since_of(body),
            "because": [reason.kept() for reason in because],
            "again": filled.sent,
            "line": filled.found.line,
        }
        await drafts.close(call, form, {"given": given})
        if body.get(COOKIELESS):
            return _given(request, given, cookieless=True)
        return go(GIVEN, cookies=_cookies(request, form))

    async def _show(self, request: AnyRequest, call: Call, filled: Filled, step: str, problems: Problems = ()) -> Html | Redirect:
        """Have the browser open a step at its own address; where it keeps no cookies, or it is too much, answer with it."""
        # What an earlier page sends late is told by its number
        turn = filled.body.get("turn")
        filled.body.fields["turn"] = [str(int(turn) + 1 if re.fullmatch(r"\d{1,6}", turn) else 1)]
        kept = {**filled.answers(), "step": step, "problems": problems}
        if filled.body.get(COOKIELESS) and not filled.sent and not filled.body.trouble:
            # So that its photos go in time
            kept = {}
        # What was sent is not opened again: words of an old page stay on the page that answers
        carried = filled.sent or not await drafts.keep_answers(call, filled.id, kept)
        if carried or filled.body.get(COOKIELESS):
            answer = await _page(request, call, filled, step, problems, kept=not carried, status=422 if problems else 200)
            # Where one was only lost, the browser has it again
            answer.cookies.extend(_cookies(request, filled.id)[:1] if kept and not carried else [])
            return answer
        return go(STEPS[step], cookies=_cookies(request, filled.id))

    async def _clear(self, request: AnyRequest, call: Call, filled: Filled) -> Html:
        for form in {filled.id, *_ids(request, unsent_cookie)}:
            await drafts.close(call, form)
        return _left(request, cleared=True, board=filled.board.code)

    @get("/leave", opt={"from_facts": True})
    async def leave(self, request: AnyRequest, call: GivenCall) -> Html:
        """A page that tells nothing, and has the browser and us forget the others; no foreign page clears anything this way."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return page(request, "public/leave_asked.html")
        forms = [*_ids(request, unsent_cookie), *_ids(request, opened_cookie)]
        for form in forms:
            try:
                await drafts.close(call, form)
            except Exception as error:
                # The page goes away all the same
                if unavailable(error) is None:
                    raise
                return _left(request, later=True)
        # Who brings no id may have lost it: what lies under it goes in its time
        return _left(request, later=not forms)


def _ids(request: AnyRequest, name: Callable[[Web], str]) -> list[str]:
    """The ids of forms in a cookie of this browser, the one that was touched last first."""
    return [id_ for id_ in cookies(request.scope).get(name(web_of(request)), "").split(".")[:MOST_FORMS] if is_form_id(id_)]


async def _unsent_forms(request: AnyRequest, call: Call) -> list[dict[str, Any]]:
    """What is kept of the forms that this browser is filling in, or has sent, the one that was touched last first."""
    found = [(id_, await drafts.answers(call, id_)) for id_ in _ids(request, unsent_cookie)]
    return [{**kept, "form": id_} for id_, kept in found if kept]


def _unsent(kept: Mapping[str, Any]) -> bool:
    """Whether this is a form that is being filled in."""
    return "kind" in kept


def _cookies(request: AnyRequest, form: str) -> list[Cookie]:
    """The cookies of a browser that touched this form last; beside it other tabs may have forms of their own."""
    web = web_of(request)
    ids = dict.fromkeys([form, *_ids(request, unsent_cookie)])
    return [cookie(web, unsent_cookie(web), ".".join([*ids][:MOST_FORMS])), *form_cookies(request)]


def _left(request: AnyRequest, **context: Any) -> Html:
    """Nothing is here any more."""
    web = web_of(request)
    shown = {"cleared": False, "later": False, "board": "", **context}
    answer = page(request, "public/leave.html", secure=web.portal.settings.secure, **shown)
    answer.headers["clear-site-data"] = '"cache", "cookies", "storage"'
    answer.cookies.extend(gone(web, name(web)) for name in (form_cookie, unsent_cookie, opened_cookie))
    return answer


def _given(request: AnyRequest, given: Mapping[str, Any], *, cookieless: bool = False) -> Html:
    """The receipt of what was sent."""
    answer = page(
        request,
        "public/receipt_given.html",
        board=given["board"],
        receipt=given["receipt"],
        to=given["to"],
        number=given["number"],
        because=[Because.read(one) for one in given["because"]],
        minutes=drafts.TOLD_MINUTES,
        later=drafts.later(given["since"]) if given["since"] else "",
        again=given.get("again", False),
        cookieless=cookieless,
        line=national.HOTLINES[given.get("line", URGENT)],
    )
    answer.headers.update(FORGET)
    return answer


def _not_here(filled: Filled) -> Refused:
    """That what was chosen is not taken in here, and whom to call instead."""
    found = filled.found
    if filled.kind is Kind.COMPLAINT:
        return Refused(say(complaints.NOT_HERE.msgid, name=found.name, phone=found.phone), field="whom")
    what = say(
        "这一类情况，本网站暂时没有可以受理的部门，您填写的内容没有提交，还在下面。请直接联系{name} {phone}，或改选事项。",
        name=found.name,
        phone=found.phone,
    )
    return Refused(what, field="topic")


def _kind(body: Body) -> Kind:
    try:
        return Kind(body.get("kind"))
    except ValueError as error:
        raise NotVisible from error


def _tell(kind: Kind, found: DoorWay, body: Body | None = None) -> PortalForm:
    if kind is not Kind.COMPLAINT:
        return _about(ReportForm(body) if kind is Kind.REPORT else TellForm(body), found)
    form = ComplainForm(body)
    form.whom.choices = [(one.mark, say("{name}（{post}）", name=one.name, post=one.post)) for one in found.choices]
    form.whom.choices.append(("", say("不清楚是谁，或不止一人")))
    form.topic.choices = [(topic.code, topic.name) for topic in found.topics] + [("", say("说不清，或其他"))]
    for field in (form.whom, form.topic):
        # Who was chosen may have left the board since: it shows, and is sent, as what it is now
        if field.data not in dict(field.choices):
            field.data = ""
    return form


def _about(form: TellForm, found: DoorWay) -> TellForm:
    if not found.topics:
        del form.topic
        return form
    form.topic.choices = [(topic.code, topic.name) for topic in found.topics] + [("", say("不确定，或几样都有"))]
    if form.topic.data not in dict(form.topic.choices):
        form.topic.data = ""
    return form


def _grave(form: PortalForm) -> bool:
    """Whether a report tells that somebody died or was badly hurt."""
    return isinstance(form, ReportForm) and bool(form.grave.data)


async def _way(call: Call, kind: Kind, code: str, body: Body, *, sent_before: bool = False) -> DoorWay:
    """Where it would go. What was sent already is where it is, also where the board leads nowhere since."""
    try:
        return await _found(call, kind, code, body)
    except Refused:
        if not sent_before:
            raise
        return NOWHERE


async def _anybody(call: Call, kind: Kind, code: str, found: DoorWay) -> DoorWay:
    """Where the custodians stand too close to somebody on the board, the door is still open for complaints about others; and
    where nobody takes in one topic, for the others.
    """
    if found.open:
        return found
    apart = [topic for topic in found.topics if kind is not Kind.COMPLAINT or topic.outside is not None]
    tried = [{"whom": [choice.mark]} for choice in found.choices] + [{"topic": [topic.code]} for topic in apart]
    for chosen in tried:
        one = await _found(call, kind, code, Body(chosen))
        if one.open:
            return one
    return found


async def _found(call: Call, kind: Kind, code: str, body: Body) -> DoorWay:
    if kind is not Kind.COMPLAINT:
        topic, grave = body.get("topic"), kind is Kind.REPORT and _grave(ReportForm(body))
        there = await way(call, kind, code, topic, grave=grave)
        to, end = there.to, national.HOTLINES.get(there.scheme.route(kind, topic).else_outside)
        taken_in = to.value.unit is not None
        phone, line = end.number if end is not None and not taken_in else "", end.number if end is not None else URGENT
        return DoorWay(taken_in, to.value.name, phone, to.because, topics=there.scheme.topics(kind), line=line)
    found = await complaints.door(call, code, whom=body.get("whom"), topic=body.get("topic"))
    keeper = found.to.value
    apart = [
        (topic.name, other.value.name)
        for topic in found.topics
        if (other := found.apart.get(topic.code)) is not None and other.value.unit not in (None, keeper.unit)
    ]
    line = national.for_complaints(found.scheme.routes[kind].else_outside).number
    return DoorWay(keeper.unit is not None, keeper.name, keeper.phone, found.to.because, found.choices, found.topics, apart, line)


async def _board(call: Call, kind: Kind, code: str, *, sent_before: bool = False) -> BoardPage:
    """The board that a form belongs to. What was sent already gets its receipt, also where the board was revoked since."""
    known = codes.board_code(code)
    if known is None:
        raise NotVisible
    board = await boards.page(call, known)
    if board.revoked and not sent_before:
        raise Refused(complaints.REVOKED if kind is Kind.COMPLAINT else REVOKED)
    return board


async def _was_sent(call: Call, kind: Kind, form: str) -> bool:
    """Whether this form was sent before."""
    return await (complaints.complaint_was_sent(call, form) if kind is Kind.COMPLAINT else case_was_sent(call, form))


async def _filled(call: Call, body: Body) -> Filled:
    """A form as it stands, and where it would go."""
    kind, form_id = _kind(body), form_id_of(body)
    before = await _was_sent(call, kind, form_id)
    again = before and body.get("go") == "send"
    try:
        board = await _board(call, kind, body.get("board"), sent_before=again)
        return Filled(kind, board, body, await _way(call, kind, board.code, body, sent_before=again), before)
    except Refused as error:
        return Filled(kind, await _board(call, kind, body.get("board"), sent_before=True), body, NOWHERE, before, error)


async def _page(
    request: AnyRequest, call: Call, filled: Filled, step: str, problems: Problems = (), *, kept: bool, status: int = 200
) -> Html:
    """A step with what is wrong with it; ``kept``: what is typed lies with us, and not only on this page."""
    form, photos = filled.step(step), await pictures(call, filled.id)
    form.show(problems)
    if filled.refusal is not None and not problems:
        form.refuse(filled.refusal)
    told = filled.tell()
    chosen = {one.name: dict(one.choices)[one.data] for one in told if isinstance(one, RadioField)}
    carried = {**filled.answers(), "step": step, "had": str(len(photos))}
    if filled.body.get(COOKIELESS):
        carried[COOKIELESS] = "yes"
    return page(
        request,
        f"public/step_{step}.html",
        kind=filled.kind.value,
        board=filled.board,
        form=form,
        photos=photos,
        carried=carried,
        chosen=chosen,
        grave=_grave(told),
        most_photos=drafts.MOST_PHOTOS,
        refused=(),
        to=filled.found,
        later=_later(filled.body),
        idle=drafts.IDLE_MINUTES,
        kept=kept,
        status=status,
    )


def _later(body: Body) -> str:
    since = since_of(body)
    return drafts.later(since) if since else ""
