"""Appointing: choose the person, then the day; and ending an appointment."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.call import Call
from portal.enterprises.queries import seated as seated_at_enterprise
from portal.errors import NotVisible, Refused
from portal.pages.office.forms import EndForm, show_form
from portal.people import actions, queries
from portal.people.actions import AppointmentForm, Seated
from portal.people.rules import posts_at
from portal.scheme.words import Post
from portal.terms import say
from portal.web import guards
from portal.web.bodies import Body, body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, attempt, attempt_once, day, text
from portal.web.lists import wanted_of
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall

HOMES = {"grid": "/office/grids", "unit": "/office/units", "enterprise": "/office/enterprises"}


class PeriodForm(PortalForm):
    """From when to when."""

    since = day(say("从哪天起任职"), say("请填写日期。"))
    until = day(say("离任日期"), hint=say("不确定的不填。离任当天起不再有效。"), ends=True)
    reason = text(say("理由"), most=200, hint=say("与方案“原则上”的安排不同时填写，会列在“岗位空缺”页。"))


class HandOverForm(PortalForm):
    """From which day the other has the post."""

    day = day(say("从哪天起"), say("请填写日期。"), hint=say("从这一天起由接任的人任职，以前的记录都保留。"))
    reason = text(say("理由"), most=200, hint=say("与方案“原则上”的安排不同时填写，会列在“岗位空缺”页。"))


class AppointmentPages(Controller):
    """Binding people to posts at seats."""

    path = "/office/appointments"
    guards = [guards.office]

    @get("/new")
    async def choose(self, request: AnyRequest, call: GivenCall) -> Html:
        """Choose a person for the post; then the period."""
        asked = Body({name: [str(value)] for name, value in request.query_params.items()})
        at, post = await _seat(call, asked)
        if not asked.get("person"):
            found = await queries.people(call, wanted_of(request))
            base = f"{self.path}/new?kind={at.seat.kind}&seat={at.id}&post={post.code}&"
            return page(request, "office/appoint.html", at=at, post=post, list=found, home=_home(at), base=base, taking=None)
        return await self._form(request, call, at, post, PeriodForm(since=call.today), asked)

    @post("/new", status_code=200, opt=SHOWN_AGAIN)
    async def appoint(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Appoint."""
        body = body_of(request)
        at, post = await _seat(call, body)
        form = PeriodForm(body)

        async def act() -> str:
            new = AppointmentForm(
                person=body.get("person"),
                post=post.code,
                since=form.data["since"],
                until=form.data["until"],
                reason=form.data["reason"],
            )
            return await actions.appoint(call, new, at)

        if await attempt_once(call, body, form, act, kept=lambda _: _home(at)) is not None:
            return go(_home(at), "appointed")
        return await self._form(request, call, at, post, form, body)

    @get("/{id_:str}/end")
    async def ask_end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Say what it brings, and ask."""
        return self._end_form(request, await queries.appointment(call, id_), EndForm(day=call.today))

    @post("/{id_:str}/end", status_code=200, opt=SHOWN_AGAIN)
    async def end(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """End it."""
        holding = await queries.appointment(call, id_)
        form = EndForm(body_of(request))
        if await attempt(call, form, lambda: actions.dismiss(call, id_, form.data["day"])) is not None:
            return go(f"{HOMES[holding.seat_kind]}/{holding.seat_id}", "dismissed")
        return self._end_form(request, holding, form)

    @get("/{id_:str}/hand-over")
    async def ask_hand_over(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Choose who takes over; then the day."""
        holding = await queries.appointment(call, id_)
        asked = Body({name: [str(value)] for name, value in request.query_params.items()})
        at, post = await _seat(call, _body_of(holding), held=True)
        if not asked.get("person"):
            found = await queries.people(call, wanted_of(request))
            base = f"{self.path}/{id_}/hand-over?"
            return page(request, "office/appoint.html", at=at, post=post, list=found, home=_home(at), base=base, taking=holding)
        form = HandOverForm(day=call.today)
        return await self._hand_over_form(request, call, holding, form, asked)

    @post("/{id_:str}/hand-over", status_code=200, opt=SHOWN_AGAIN)
    async def hand_over(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """One leaves, the other begins."""
        holding, body = await queries.appointment(call, id_), body_of(request)
        at, _ = await _seat(call, _body_of(holding), held=True)
        form = HandOverForm(body)

        async def act() -> str:
            return await actions.hand_over(call, id_, body.get("person"), at, form.data["day"], form.data["reason"])

        done = await attempt_once(call, body, form, act, kept=lambda _: _home(at))
        return (
            go(_home(at), "handed_over") if done is not None else await self._hand_over_form(request, call, holding, form, body)
        )

    async def _hand_over_form(
        self, request: AnyRequest, call: Call, holding: queries.Holding, form: HandOverForm, asked: Body
    ) -> Html:
        taker = await queries.person(call, asked.get("person"))
        intro = say(
            "从那天起由{taker}担任；未办结的来件随岗位转由{taker}办理；印有{name}的公示牌会显示信息已变更，需要重印。",
            taker=taker.name,
            name=holding.person_name,
        )
        return show_form(
            request,
            form,
            title=say("{name}移交给{taker}", name=holding.person_name, taker=taker.name),
            back=f"{HOMES[holding.seat_kind]}/{holding.seat_id}",
            back_name=holding.seat_name,
            verb=say("确认移交"),
            intro=intro,
            harm=True,
            hidden={"person": taker.public_id},
        )

    async def _form(self, request: AnyRequest, call: Call, at: Seated, post: Post, form: PeriodForm, asked: Body) -> Html:
        person = await queries.person(call, asked.get("person"))
        title = say("安排{name}担任{seat}{post}", name=person.name, seat=at.seat.name, post=post.name)
        hidden = {"kind": at.seat.kind, "seat": at.id, "post": post.code, "person": person.public_id}
        return show_form(request, form, title=title, back=_home(at), back_name=at.seat.name, verb=say("确认任职"), hidden=hidden)

    def _end_form(self, request: AnyRequest, holding: queries.Holding, form: EndForm) -> Html:
        title = say("{name}离任", name=holding.person_name)
        intro = say(
            "离任后岗位空缺，直到安排新的人员任职；印有{name}的公示牌会显示信息已变更，需要重印。", name=holding.person_name
        )
        back = f"{HOMES[holding.seat_kind]}/{holding.seat_id}"
        return show_form(
            request, form, title=title, back=back, back_name=holding.seat_name, verb=say("确认离任"), intro=intro, harm=True
        )


async def _seat(call: Call, asked: Body, *, held: bool = False) -> tuple[Seated, Post]:
    """The seat and its post. A post that somebody ``held`` there, or that was known once, is gone with a reason."""
    kind, seat = asked.get("kind"), asked.get("seat")
    if kind not in HOMES:
        raise NotVisible
    at = await (seated_at_enterprise(call, seat) if kind == "enterprise" else actions.seated(call, kind, seat))
    code, region = asked.get("post"), at.scheme.region.code
    post = next((post for post in posts_at(at.scheme, at.seat) if post.code == code), None)
    once = code not in at.scheme.posts and call.book.latest_name(region, "posts", code) is not None
    before = any(one.code == code for scheme in call.book.begun_by(region, call.today) for one in posts_at(scheme, at.seat))
    if post is None and (held or once or before):
        raise Refused(say("操作没有完成：“{seat}”按现行版本没有这个岗位。原任职人员，请办理离任。", seat=at.seat.name))
    if post is None:
        raise NotVisible
    return at, post


def _body_of(holding: queries.Holding) -> Body:
    return Body({"kind": [holding.seat_kind], "seat": [holding.seat_id], "post": [holding.post]})


def _home(at: Seated) -> str:
    return f"{HOMES[at.seat.kind]}/{at.id}"
