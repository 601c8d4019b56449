"""Who owes what: every duty of a region on a day, what is missing, what one person owes, and the five alls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response

from portal.areas import queries as areas
from portal.call import Call
from portal.clock import plausible
from portal.enterprises import queries as enterprises
from portal.errors import NotVisible
from portal.obligations import actions, alls, deeds, queries
from portal.obligations.actions import ExcuseForm
from portal.obligations.plans import PlanQuestion
from portal.obligations.rules import State
from portal.pages.office.exports import sheet_download
from portal.pages.office.forms import show_form
from portal.people import queries as people
from portal.scheme.windows import FROM
from portal.terms import DUE, say
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, area, attempt_once
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall
from portal.workshop.sheets import written

MOST = 20_000


@dataclass(frozen=True)
class Look:
    """What is looked at: a region, a day, and the place within the viewer's areas."""

    region: str | None
    regions: list[str]
    on: date
    place: areas.JurisdictionRow | None

    @property
    def inside(self) -> str | None:
        """The path of the place."""
        return self.place.path if self.place is not None else None

    @property
    def query(self) -> str:
        """The address's end that keeps looking at the same."""
        return f"on={self.on.isoformat()}" + (f"&in={self.place.public_id}" if self.place is not None else "")


class WhyNotForm(PortalForm):
    """Why something was not done."""

    why = area(
        say("原因说明"),
        say("请写明没有完成的原因。"),
        most=200,
        rows=3,
        hint=say("例如停产、封闭施工。说明会一直保留，可以撤回。"),
    )


class DuePages(Controller):
    """What is due, done, missed and excused."""

    path = "/office/due"
    guards = [guards.office]

    @get()
    async def index(
        self,
        request: AnyRequest,
        call: GivenCall,
        region: FromQuery[str] = "",
        on: FromQuery[str] = "",
        in_: FromQuery[str] = "",
    ) -> Html:
        """Every duty of a region with its windows and figures."""
        look = await _look(call, request, region)
        found = await queries.summary(call, look.region, look.on, inside=look.inside) if look.region else []
        scheme = call.book.in_force(look.region, look.on) if look.region else None
        left = [duty for duty in scheme.counted.values() if duty.every is None and duty.times_a_year is None] if scheme else []
        return page(request, "office/due.html", look=look, summaries=found, scheme=scheme, left=left, places=await _places(call))

    @get("/alls")
    async def alls(self, request: AnyRequest, call: GivenCall, region: FromQuery[str] = "") -> Html:
        """The five alls."""
        look = await _look(call, request, region)
        found = await alls.five(call, look.region, look.on, inside=look.inside) if look.region else None
        return page(
            request,
            "office/alls.html",
            look=look,
            found=found,
            places=await _places(call),
            key_of=queries.key_of,
            today=call.today,
        )

    @get("/alls/{region:str}/area")
    async def uncovered(self, request: AnyRequest, call: GivenCall, region: FromPath[str]) -> Html:
        """The villages that lie in no grid."""
        if (told := off(request, call, region)) is not None:
            return told
        look = await _look(call, request, region)
        found = await alls.uncovered(call, region, look.on, inside=look.inside)
        scheme = call.book.in_force(region, look.on)
        return page(request, "office/uncovered.html", look=look, found=found, scheme=scheme)

    @get("/alls/{region:str}/content")
    async def content(self, request: AnyRequest, call: GivenCall, region: FromPath[str]) -> Html:
        """What was not seen to in all points."""
        if (told := off(request, call, region)) is not None:
            return told
        look = await _look(call, request, region)
        five = await alls.five(call, region, look.on, inside=look.inside)
        if five is None:
            raise NotVisible
        lacking = [(one, await alls.without_content(call, one, inside=look.inside)) for one in five.once if one.duty.points]
        return page(request, "office/content.html", look=look, lacking=lacking, key_of=queries.key_of)

    @get("/alls/{region:str}/records")
    async def records(self, request: AnyRequest, call: GivenCall, region: FromPath[str]) -> Html:
        """What was written down without saying by whom or what came of it."""
        if (told := off(request, call, region)) is not None:
            return told
        look = await _look(call, request, region)
        five = await alls.five(call, region, look.on, inside=look.inside)
        if five is None:
            raise NotVisible
        lacking = [(one, await alls.without_record(call, one, inside=look.inside)) for one in five.once]
        return page(request, "office/records.html", look=look, lacking=lacking)

    @get("/person/{id_:str}")
    async def person(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """What one person owes on a day, and what they did."""
        look = await _look(call, request, "")
        row = await people.person(call, id_)
        held = await people.holdings_seen_on(call, row.id, look.on)
        owed = await queries.of_person(call, held, look.on, areas=call.viewer.areas)
        done = await deeds.of_person(call, row.id, look.on)
        return page(
            request,
            "office/person_due.html",
            look=look,
            row=row,
            owed=owed,
            done=done,
            theirs=deeds.THEIRS,
            **await told_of_due(call, owed, look.on),
        )

    @get("/person/{id_:str}/deeds.xlsx")
    async def person_sheet(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Response[bytes]:
        """What one person did in the year up to a day, with the clause of each: what exempts from blame."""
        look = await _look(call, request, "")
        row = await people.person(call, id_)
        rows = [
            [f"{one.day} {one.at}".strip(), one.duty_says, one.clause, one.subject, one.note or "", one.withdrawn_why]
            for one in await deeds.of_person(call, row.id, look.on)
        ]
        heads = (say("日期"), say("职责"), say("条款"), say("对象"), say("履职情况"), say("撤回原因"))
        data = await call.portal.workshop.do(written, say("履职记录"), heads, rows)
        return sheet_download(data, "deeds", "xlsx")

    @get("/{region:str}/{key:str}")
    async def duty(
        self,
        request: AnyRequest,
        call: GivenCall,
        region: FromPath[str],
        key: FromPath[str],
        part: FromQuery[str] = "due",
        after: FromQuery[str] = "",
    ) -> Html:
        """What owes one demand, by how it stands."""
        if (told := off(request, call, region)) is not None:
            return told
        look = await _look(call, request, region)
        one = await _one(call, look, key)
        asked, states = _part(one, part)
        listing = await queries.things(call, asked, states=states, inside=look.inside, after=after[:400])
        excuses = await deeds.excuses(call, asked, [thing.id for thing in listing.things])
        seen = await people.seen_among(call, [owner.person for thing in listing.things for owner in thing.owners])
        own = await deeds.own_line(call, asked.scheme, asked.duty)
        return page(
            request,
            "office/due_list.html",
            look=look,
            one=one,
            key=key,
            asked=asked,
            tab=part,
            listing=listing,
            excuses=excuses,
            own=own,
            seen=seen,
            theirs=deeds.THEIRS,
        )

    @get("/{region:str}/{key:str}/list.xlsx")
    async def sheet(
        self, request: AnyRequest, call: GivenCall, region: FromPath[str], key: FromPath[str], part: FromQuery[str] = "due"
    ) -> Response[bytes]:
        """The same as a spreadsheet, up to twenty thousand rows."""
        look = await _look(call, request, region)
        asked, states = _part(await _one(call, look, key), part)
        listing = await queries.things(call, asked, states=states, inside=look.inside, size=MOST)
        rows = [
            [
                thing.name,
                thing.code,
                thing.place,
                DUE[thing.state],
                thing.last.isoformat() if thing.last else "",
                "、".join(owner.name for owner in thing.owners),
            ]
            for thing in listing.things
        ]
        heads = (say("名称"), say("代码"), say("地点"), say("状态"), say("最近一次"), say("责任人"))
        data = await call.portal.workshop.do(written, say("履职任务"), heads, rows)
        return sheet_download(data, "due", "xlsx")

    @get("/{region:str}/{key:str}/excuse")
    async def ask_excuse(
        self,
        request: AnyRequest,
        call: GivenCall,
        region: FromPath[str],
        key: FromPath[str],
        of: FromQuery[str] = "",
        day: FromQuery[str] = "",
    ) -> Html:
        """Say what it is for, and ask why."""
        if (told := off(request, call, region)) is not None:
            return told
        return await self._excuse_form(request, call, region, key, of, day_in(day, call.today), WhyNotForm())

    @post("/{region:str}/{key:str}/excuse", status_code=200, opt=SHOWN_AGAIN)
    async def excuse(self, request: AnyRequest, call: GivenCall, region: FromPath[str], key: FromPath[str]) -> Html | Redirect:
        """Excuse it."""
        if (told := off(request, call, region)) is not None:
            return told
        body = body_of(request)
        form, of, day = WhyNotForm(body), body.get("of"), day_in(body.get("day"), call.today)

        async def act() -> str:
            return await actions.excuse(call, ExcuseForm(region=region, key=key, subject=of, day=day, why=form.data["why"]))

        home = f"{self.path}/{region}/{key}?on={call.today.isoformat()}&part=excused"
        if await attempt_once(call, body, form, act, kept=lambda _: home) is not None:
            return go(home, "excused")
        return await self._excuse_form(request, call, region, key, of, day, form)

    async def _excuse_form(
        self, request: AnyRequest, call: Call, region: str, key: str, of: str, day: date, form: WhyNotForm
    ) -> Html:
        asked = await queries.asked_by_key(call, region, key, day)
        found = await queries.these(call, asked, [of])
        title = say("{name}：原因说明", name=found[0].name) if found else say("原因说明")
        intro = say(
            "“{duty}”，自 {first}至 {last}。说明后，这个周期不计入逾期未完成，也不计入已完成。",
            duty=asked.duty.says,
            first=asked.window.first,
            last=asked.window.last,
        )
        return show_form(
            request,
            form,
            title=title,
            back=f"{self.path}/{region}/{key}",
            back_name=asked.duty.says,
            verb=say("提交说明"),
            intro=intro,
            hidden={"of": of, "day": day.isoformat()},
        )


async def told_of_due(call: Call, owed: Sequence[queries.Owed], on: date) -> dict[str, Any]:
    """What ``_owed.html`` tells of what somebody owes: how to reach each enterprise, and when it was seen to last."""
    firms = queries.enterprises_of(owed)
    duties = {one.now.duty.code for one in owed}
    return {
        "reach": await enterprises.reach(call, firms),
        "done_on": await queries.last_days(call, "enterprise", firms, duties),
        "shown": queries.SHOWN_OF_ONE,
        "on": on,
        "windows_from": FROM,
    }


def off(request: AnyRequest, call: Call, region: str) -> Html | None:
    """The page that says so where the plugin that states the region is off: nobody knows then what is owed."""
    return page(request, "office/off.html") if region in call.portal.asleep else None


def day_in(text: str, default: date) -> date:
    """The day that an address names, or the default where it names none that anybody means."""
    try:
        named = date.fromisoformat(text[:10])
    except ValueError:
        return default
    return named if plausible(named) else default


async def _look(call: Call, request: AnyRequest, region: str) -> Look:
    """Where to look; what the address does not say is the first region, today, everywhere."""
    regions = await queries.regions_of(call)
    if region and region not in regions:
        raise NotVisible
    asked = request.query_params
    place = await areas.jurisdiction(call, str(asked["in"])) if asked.get("in") else None
    return Look(region or (regions[0] if regions else None), regions, day_in(str(asked.get("on", "")), call.today), place)


async def _places(call: Call) -> list[areas.JurisdictionRow]:
    """The towns and above of the viewer, to look at one of them."""
    return list(await areas.choices(call, kinds=("district", "zone", "town")))


async def _one(call: Call, look: Look, key: str) -> queries.Summary:
    found = await queries.summary(call, look.region or "", look.on, inside=look.inside, duty=key.partition("~")[0])
    one = next((one for one in found if one.key == key), None)
    if one is None:
        raise NotVisible
    return one


def _part(one: queries.Summary, part: str) -> tuple[PlanQuestion, tuple[State, ...]]:
    """The window and the states that a part of the list shows: what was missed is of the window that closed."""
    match part:
        case "missed":
            return one.last, (State.MISSED,)
        case "done":
            return one.now, (State.DONE,)
        case "excused":
            return one.last, (State.EXCUSED,)
        case "all":
            return one.now, tuple(State)
    return one.now, (State.DUE,)
