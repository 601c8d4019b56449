"""Correcting days that were typed wrongly (更正日期): say what they should be and why, see what follows, confirm."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.areas import queries as areas
from portal.boards.foreseeing import Foreseen, Owing, foresee
from portal.call import Call
from portal.corrections.areas import correct_grid
from portal.corrections.enterprises import correct_charge, correct_enterprise
from portal.corrections.people import correct_appointment, correct_leaving, correct_office
from portal.enterprises import charges
from portal.enterprises import queries as enterprises
from portal.enterprises.own_grids import made
from portal.errors import NotVisible, Refused
from portal.pages.office.forms import show_form
from portal.people import actions as people_actions
from portal.people import interests
from portal.people import queries as people
from portal.people.actions import Seated
from portal.people.interests import correct_interest
from portal.people.queries import Holding
from portal.terms import DUE, INTEREST, Text, say
from portal.web import guards
from portal.web.bodies import Body, body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, attempt, attempt_once, day, text
from portal.web.pages import Html, go
from portal.web.requests import AnyRequest, GivenCall

SHOWN_BOARDS, SHOWN_TURNS = 6, 8
# What was shown before it was confirmed, and the days that stood in the register then
PREVIEWED, STOOD = "previewed", "stood"


@dataclass(frozen=True)
class ToCorrect:
    """Something of the register whose days may be corrected: as its row says them, where it is shown, what it owes, and what
    ``follows`` whatever the days are. Of the ``labels`` one is left out where its day is none of those.
    """

    name: str
    back: str
    back_name: str
    since: date
    until: date | None
    owing: Sequence[Owing]
    correct: Callable[[Call, date, date | None, str], Awaitable[None]]
    follows: Text
    labels: tuple[Text | None, Text | None] = (say("启用日期"), None)

    @property
    def stands(self) -> str:
        """Its days, to tell whether they are still the same."""
        return f"{self.since} {self.until}"


class CorrectionForm(PortalForm):
    """The days as they should have been typed, and why they were not."""

    since = day(say("起始日期"), say("请填写日期。"))
    until = day(say("截止日期"), hint=say("从这一天起不再有效；没有截止的不填。"), ends=True)
    reason = text(
        say("更正理由"),
        say("请写明更正理由。"),
        most=200,
        hint=say("如“登记时把 2026 写成 2062”。会和原来的日期一起留在“经过”里。"),
    )


async def _seat_of(call: Call, held: Holding) -> Seated:
    if held.seat_kind == "enterprise":
        return await enterprises.seated(call, held.seat_id)
    return await people_actions.seated(call, held.seat_kind, held.seat_id)


def _began_or_ended(until: date | None) -> tuple[Text, Text | None]:
    """The days that may be corrected of what is there since a day: its end only where there is one."""
    return say("启用日期"), say("停用日期") if until is not None else None


POSTS_GO_ON = say("停用日期推后或去掉的，那一天随之结束的任职和监管责任，没有别人接任的，一并延续；提前的，一并提前结束。")


async def _person(call: Call, id_: str) -> ToCorrect:
    row = await people.person(call, id_)
    call.viewer.require(row.path)
    if row.until is None:
        raise NotVisible
    regions = {held.region for held in await people.holdings_of(call, row.id)}

    async def correct(mine: Call, _: date | None, until: date | None, reason: str) -> None:
        await correct_leaving(mine, id_, until, reason, _seat_of)

    return ToCorrect(
        row.name,
        f"/office/people/{id_}",
        row.name,
        row.since,
        row.until,
        [(one, "person", row.id) for one in sorted(regions)],
        correct,
        say("离岗日期推后或去掉的，那一天随之结束的任职，没有别人接任的，一并延续；提前的，任职一并提前结束。"),
        (None, say("离岗日期")),
    )


async def _appointment(call: Call, id_: str) -> ToCorrect:
    row = await people.appointment(call, id_)
    home = {"grid": "/office/grids", "unit": "/office/units", "enterprise": "/office/enterprises"}[row.seat_kind]

    async def correct(mine: Call, since: date, until: date | None, reason: str) -> None:
        await correct_appointment(mine, id_, await _seat_of(mine, row), since, until, reason)

    post = call.book.name_in(row.edition, "posts", row.post)
    return ToCorrect(
        say("{name}担任{seat}{post}", name=row.person_name, seat=row.seat_name, post=post),
        f"{home}/{row.seat_id}",
        row.seat_name,
        row.since,
        row.until,
        [(row.region, "person", row.person)],
        correct,
        say("哪些日子由谁负责、岗位是否空缺，按更正后的日期算。"),
        (say("到任日期"), say("离任日期")),
    )


async def _enterprise(call: Call, id_: str) -> ToCorrect:
    row = await enterprises.enterprise(call, id_)
    call.viewer.require(row.path)
    own = (await made(call, [row.id])).get(row.id, {})
    owing = [(row.region, "enterprise", row.id), *((row.region, "grid", grid) for grid in own.values())]

    async def correct(mine: Call, since: date, until: date | None, reason: str) -> None:
        await correct_enterprise(mine, id_, since, until, reason)

    follows = say("最初登记的单位情况和所属网格改从更正后的日期起算。")
    return ToCorrect(
        row.name,
        f"/office/enterprises/{id_}",
        row.name,
        row.since,
        row.until,
        owing,
        correct,
        say("{first}{then}", first=follows, then=POSTS_GO_ON) if row.until is not None else follows,
        _began_or_ended(row.until),
    )


async def _charge(call: Call, id_: str) -> ToCorrect:
    row, firm = await charges.one_charge(call, id_)
    line = call.book.latest_name(firm.region, "lines", row.line) or row.line

    async def correct(mine: Call, since: date, _: date | None, reason: str) -> None:
        await correct_charge(mine, id_, since, reason)

    return ToCorrect(
        say("{unit}负责{firm}（{line}）", unit=row.unit_name, firm=firm.name, line=line),
        f"/office/enterprises/{firm.public_id}",
        firm.name,
        row.since,
        row.until,
        (),
        correct,
        say("此前由其他部门负责到那一天的，也改为到更正后的日期。"),
        (say("从哪天起"), None),
    )


async def _interest(call: Call, id_: str) -> ToCorrect:
    row = await interests.interest(call, id_)

    async def correct(mine: Call, since: date, until: date | None, reason: str) -> None:
        await correct_interest(mine, id_, since, until, reason)

    return ToCorrect(
        say("{name}对{towards}的回避（{kind}）", name=row.person_name, towards=row.towards, kind=INTEREST[row.kind]),
        f"/office/people/{row.person_id}",
        row.person_name,
        row.since,
        row.until,
        (),
        correct,
        say("回避按更正后的日期算。"),
        (say("从哪天起"), say("结束日期")),
    )


async def _grid(call: Call, id_: str) -> ToCorrect:
    row = await areas.grid(call, id_)

    async def correct(mine: Call, since: date, _: date | None, reason: str) -> None:
        await correct_grid(mine, id_, since, reason)

    return ToCorrect(
        row.name,
        f"/office/grids/{id_}",
        row.name,
        row.since,
        row.until,
        [(row.region, "grid", row.id)],
        correct,
        say("网格所含的村、社区改从更正后的日期起算。"),
    )


async def _unit(call: Call, id_: str) -> ToCorrect:
    row = await areas.unit(call, id_)

    async def correct(mine: Call, since: date, until: date | None, reason: str) -> None:
        await correct_office(mine, id_, since, until, reason)

    follows = say("哪些日子有这个部门，按更正后的日期算。")
    moved = say("已经转给其他部门的来件不转回。")
    return ToCorrect(
        row.name,
        f"/office/units/{id_}",
        row.name,
        row.since,
        row.until,
        [(row.region, "unit", row.id)],
        correct,
        say("{first}{then}{moved}", first=follows, then=POSTS_GO_ON, moved=moved) if row.until is not None else follows,
        _began_or_ended(row.until),
    )


KINDS: Mapping[str, Callable[[Call, str], Awaitable[ToCorrect]]] = {
    "person": _person,
    "appointment": _appointment,
    "enterprise": _enterprise,
    "charge": _charge,
    "interest": _interest,
    "grid": _grid,
    "unit": _unit,
}


class CorrectionPages(Controller):
    """The days of whatever has some."""

    path = "/office/corrections"
    guards = [guards.office]

    @get("/{kind:str}/{id_:str}")
    async def ask(self, request: AnyRequest, call: GivenCall, kind: FromPath[str], id_: FromPath[str]) -> Html:
        """The days as they are."""
        row = await _one(call, kind, id_)
        return self._form(request, row, _filled(row, None))

    @post("/{kind:str}/{id_:str}", status_code=200, opt=SHOWN_AGAIN)
    async def correct(self, request: AnyRequest, call: GivenCall, kind: FromPath[str], id_: FromPath[str]) -> Html | Redirect:
        """Say what would follow; once that was seen, correct them."""
        row, body = await _one(call, kind, id_), body_of(request)
        form = _filled(row, body)

        async def act(mine: Call) -> None:
            since, until = form.data.get("since", row.since), form.data.get("until", row.until)
            await row.correct(mine, since, until, form.data["reason"])

        async def act_as_seen() -> None:
            if body.get(STOOD) != row.stands:
                raise Refused(say("登记的日期刚刚被其他人改过，还没有更正。请核对后再按一次按钮，届时会列出新的影响。"))
            await act(call)

        if body.get(PREVIEWED) and body.get(PREVIEWED) == _typed(form):
            if await attempt_once(call, body, form, act_as_seen, kept=lambda _: row.back) is not None:
                return go(row.back, "dates_corrected")
            return self._form(request, row, form)
        seen: list[Foreseen] = []

        async def look() -> None:
            seen.append(await foresee(call, act, row.owing))

        if await attempt(call, form, look) is None:
            return self._form(request, row, form)
        return self._form(request, row, form, told=_what_follows(row, form, seen[0]), previewed=_typed(form))

    def _form(self, request: AnyRequest, row: ToCorrect, form: PortalForm, *, told: str = "", previewed: str = "") -> Html:
        intro = told or say("只用来改正登记时写错的日期。下一步先列出会跟着变的内容，确认后才更正；原来的日期和理由都会留下。")
        return show_form(
            request,
            form,
            title=say("更正日期：{name}", name=row.name),
            back=row.back,
            back_name=row.back_name,
            verb=say("确认更正") if previewed else say("查看更正的影响"),
            intro=intro,
            harm=bool(previewed),
            hidden={PREVIEWED: previewed, STOOD: row.stands},
        )


async def _one(call: Call, kind: str, id_: str) -> ToCorrect:
    if kind not in KINDS:
        raise NotVisible
    return await KINDS[kind](call, id_)


def _filled(row: ToCorrect, body: Body | None) -> CorrectionForm:
    form = CorrectionForm(body, since=row.since, until=row.until)
    begins, ends = row.labels
    if begins is None:
        del form.since
    else:
        form["since"].label.text = begins
    if ends is None:
        del form.until
    else:
        form["until"].label.text = ends
    return form


def _typed(form: PortalForm) -> str:
    """What was typed, to tell whether it is what was shown."""
    return f"{form.data.get('since')} {form.data.get('until')} {form.data['reason']}"


def _what_follows(row: ToCorrect, form: PortalForm, found: Foreseen) -> str:
    """What follows, in sentences."""
    begins, ends = row.labels
    since, until = form.data.get("since", row.since), form.data.get("until", row.until)
    said = [say("{label}由 {old}改为 {new}。", label=begins, old=row.since, new=since)] if since != row.since else []
    if ends is not None and until != row.until:
        if row.until is None:
            said.append(say("增加{label} {new}。", label=ends, new=until))
        elif until is None:
            said.append(say("去掉{label}（原为 {old}）。", label=ends, old=row.until))
        else:
            said.append(say("{label}由 {old}改为 {new}。", label=ends, old=row.until, new=until))
    said += [row.follows, *(_duties(found) if row.owing else ())]
    if found.placed:
        said.append(say("{n} 家单位的所属网格会重新确定。", n=found.placed))
    if found.boards:
        names = "、".join(found.boards[:SHOWN_BOARDS])
        names = say("{names}等", names=names) if len(found.boards) > SHOWN_BOARDS else names
        what = (
            say("会变的公示牌有 {n} 块（{names}），显示信息已变更，需要重印。", n=len(found.boards), names=names)
            if found.sure
            else say("可能会变的公示牌有 {n} 块（{names}），变了的显示信息已变更，需要重印。", n=len(found.boards), names=names)
        )
        said.append(what)
    else:
        said.append(say("没有公示牌因此改变。"))
    said.append(say("核对无误后，请按“确认更正”；现在还没有改动。"))
    return "".join(said)


def _duties(found: Foreseen) -> list[Text]:
    """How duties are counted otherwise."""
    told = [
        say(
            "“{duty}”（{first}至{last}）由“{old}”改为“{new}”",
            duty=turn.duty,
            first=turn.window.first,
            last=turn.window.last,
            old=DUE[turn.before] if turn.before is not None else say("没有这项任务"),
            new=DUE[turn.after] if turn.after is not None else say("没有这项任务"),
        )
        for turn in found.turns[:SHOWN_TURNS]
    ]
    if not told:
        return [say("本周期和上一周期的履职任务不变；更早的各期按更正后的日期统计。")]
    return [say("本周期和上一周期的履职任务会变：{turns}。更早的各期也按更正后的日期统计。", turns="；".join(told))]
