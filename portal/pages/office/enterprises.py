"""Enterprises: list, show with facts and placement, add, change, state facts, end."""

from datetime import date
from typing import Any

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from wtforms import SelectField

from portal.areas import queries as areas
from portal.areas.actions import scheme_at
from portal.areas.letters import letters_around
from portal.areas.schemes import ruling
from portal.boards.queries import board_of
from portal.call import Call
from portal.enterprises import actions, charges, queries
from portal.enterprises.queries import EnterpriseRow
from portal.pages.enterprise.site_link import show_site_link
from portal.pages.office.forms import EndForm, ReopenForm, show_form
from portal.pages.office.places import choose_place
from portal.pages.office.register import ReopenPages
from portal.people.interests import interests
from portal.people.queries import holders
from portal.people.rules import posts_at
from portal.scheme.book import Scheme
from portal.scheme.decision import Decision
from portal.scheme.powers import May, may
from portal.scheme.words import Ground, Power
from portal.storage.lists import Listed, Wanted
from portal.terms import Text, say
from portal.web.bodies import Body, body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, attempt_once, choice, credit_code, day, phone, text, with_blank
from portal.web.pages import Html, go
from portal.web.requests import AnyRequest, GivenCall

FACT = "fact_"


class EnterpriseFields(PortalForm):
    """Who and where; the facts that the scheme asks for are added by :func:`with_facts`."""

    name = text(say("单位名称"), say("请填写单位名称。"), most=120)
    credit_code = text(
        say("统一社会信用代码"), most=30, hint=say("18 位，营业执照上有。小场所没有执照的可以不填。"), checks=(credit_code,)
    )
    division = choice(say("所在村、社区"), say("请选择所在的村或社区。"))
    address = text(say("详细地址"), most=200)
    drawn_grid = choice(say("所在片区"), hint=say("只有按片区划分、村和社区不能确定网格时才选；选了就以所选片区为准。"))
    contact = text(say("联系人"), most=60)
    phone = text(say("联系电话"), most=30, checks=(phone,), hint=say("单位自己的电话，不公开。"))


class SinceForm(PortalForm):
    """From when the facts hold."""

    since = day(say("从哪天起"), say("请填写日期。"), hint=say("以前的情况仍然保留，可以查到任何一天由谁负责。"))


class ChargeForm(PortalForm):
    """Which office answers on which line, from when."""

    line = choice(say("条线"), say("请选择条线。"))
    unit = choice(say("由哪个部门负责"), hint=say("选“没有部门负责”的，从那天起结束。"))
    since = day(say("从哪天起"), say("请填写日期。"))


def with_facts(base: type[PortalForm], scheme: Scheme) -> type[PortalForm]:
    """The form with a field for each fact that the scheme's classes ask for."""
    fields: dict[str, SelectField] = {}
    for fact in scheme.facts.values():
        fields[FACT + fact.code] = SelectField(
            fact.name, choices=list(fact.choices), description=fact.hint, default=fact.choices[-1][0]
        )
    return type(base.__name__, (base,), fields)


def facts_in(form: PortalForm) -> dict[str, str]:
    """The facts that the form states."""
    return {name.removeprefix(FACT): value for name, value in form.data.items() if name.startswith(FACT)}


class EnterprisePages(ReopenPages):
    """The enterprises of the register."""

    path = "/office/enterprises"
    kind = "enterprise"
    filters = ("in", "klass", "grid", "unplaced", "region", "lacking")
    harm = say("停用后不再纳入任何网格，牌上人员的任职和条线监管责任同时结束。历史记录都保留。公示牌要另行作废。")
    again = say(
        "重新启用后，按方案重新纳入网格。停用时结束的任职和条线监管责任不会恢复，请重新办理。本来就不该停用、停用日期写错的，请改用“更正日期”。"
    )

    async def find(self, call: Call, wanted: Wanted) -> Listed[EnterpriseRow]:
        """By pinyin."""
        return await queries.enterprises(call, wanted)

    async def one(self, call: Call, id_: str) -> EnterpriseRow:
        """One enterprise."""
        row = await queries.enterprise(call, id_)
        call.viewer.require(row.path)
        return row

    async def about(self, call: Call, row: EnterpriseRow) -> dict[str, Any]:
        """Its facts over time, where it belonged, the posts that it has, its board."""
        scheme = call.book.in_force(row.region, call.today)
        return {
            "scheme": call.book.in_force_or_nearest(row.region, call.today),
            "facts": await queries.facts_of(call, row.id),
            "day": call.today,
            "past": await queries.past_placements(call, row.id),
            "klass": queries.class_name(call, row.edition, row.klass),
            "posts": posts_at(scheme, queries.seat_of(row)) if scheme else (),
            "held": await holders(call, enterprises=[row.id], day=call.today),
            "board": await board_of(call, "enterprise", row.id),
            "interests": await interests(call, enterprise=row.id),
            "charges": await charges.charges(call, row.public_id),
            "powers": await _powers(call, scheme, row),
        }

    async def choose(self, request: AnyRequest, call: Call) -> Html | None:
        """In which town or zone it is."""
        return await choose_place(
            request, call, title=say("新增单位"), back=self.path, back_name=self.called, kinds=("town", "zone")
        )

    async def adding(self, call: Call, asked: Body) -> tuple[PortalForm, Text, dict[str, str]]:
        """With the facts that the scheme of the place asks for."""
        place = await areas.jurisdiction(call, asked.get("in"))
        scheme = scheme_at(call, place)
        form = with_facts(EnterpriseFields, scheme)(asked if "name" in asked else None)
        await self._choices(call, form, scheme, place.path)
        return form, say("在{name}新增单位", name=place.full_name), {"in": place.public_id}

    async def add(self, call: Call, form: PortalForm, body: Body) -> str:
        """Take it in; it is placed at once."""
        return await actions.add_enterprise(call, self._read(form, facts_in(form), call.today))

    async def changing(self, call: Call, row: EnterpriseRow, body: Body | None) -> PortalForm:
        """Who and where; facts have a form of their own, since they hold from a day on."""
        form = EnterpriseFields(
            body,
            name=row.name,
            credit_code=row.credit_code,
            division=row.place_id,
            address=row.address,
            drawn_grid=row.drawn_grid or "",
            contact=row.contact,
            phone=row.phone,
        )
        scheme = call.book.in_force_or_nearest(row.region, call.today)
        root = "/".join(row.path.split("/")[:-2]) + "/"
        if scheme is not None:
            await self._choices(call, form, scheme, root)
        return form

    async def change(self, call: Call, row: EnterpriseRow, form: PortalForm, body: Body) -> None:
        """Change it; a moved one is placed anew."""
        await actions.change_enterprise(call, row.public_id, self._read(form, {}, None))

    async def end(self, call: Call, id_: str, form: EndForm) -> None:
        """It closed or moved away."""
        await actions.end_enterprise(call, id_, form.data["day"])

    async def reopen(self, call: Call, id_: str, form: ReopenForm) -> None:
        """It opened again."""
        await actions.reopen_enterprise(call, id_, form.data["day"])

    @get("/{id_:str}/facts")
    async def ask_facts(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """The form to state facts from a day on."""
        row = await self.one(call, id_)
        now: dict[str, Any] = {FACT + fact: value for fact, value in (await queries.facts_today(call, row.id)).items()}
        return self._facts_form(request, row, with_facts(SinceForm, self._scheme(call, row))(since=call.today, **now))

    @post("/{id_:str}/facts", status_code=200, opt=SHOWN_AGAIN)
    async def state_facts(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """State them."""
        row = await self.one(call, id_)
        form = with_facts(SinceForm, self._scheme(call, row))(body_of(request))
        done = await attempt_once(
            call,
            body_of(request),
            form,
            lambda: actions.state_facts(call, id_, facts_in(form), form.data["since"]),
            kept=lambda _: f"{self.path}/{id_}",
        )
        return go(f"{self.path}/{id_}", "facts_stated") if done is not None else self._facts_form(request, row, form)

    @get("/{id_:str}/charges")
    async def ask_charge(self, request: AnyRequest, call: GivenCall, id_: FromPath[str], line: FromQuery[str] = "") -> Html:
        """The form to say which office answers on a line."""
        row = await self.one(call, id_)
        form = await self._charge(call, row, ChargeForm(line=line, since=call.today))
        now = await charges.charge(call, id_, line)
        form["unit"].data = now.unit_id if now is not None else ""
        return self._charge_form(request, row, form)

    @post("/{id_:str}/charges", status_code=200, opt=SHOWN_AGAIN)
    async def assign(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Put another office in charge, or none."""
        row = await self.one(call, id_)
        form = await self._charge(call, row, ChargeForm(body_of(request)))
        done = await attempt_once(
            call, body_of(request), form, lambda: self._assign(call, row, form), kept=lambda _: f"{self.path}/{id_}"
        )
        return go(f"{self.path}/{id_}", "charge_assigned") if done is not None else self._charge_form(request, row, form)

    @post("/{id_:str}/site-link", status_code=200)
    async def site_link(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Let somebody on the premises in without an account."""
        return await show_site_link(request, call, await self.one(call, id_), "layouts/office.html", f"{self.path}/{id_}")

    async def _assign(self, call: Call, row: EnterpriseRow, form: PortalForm) -> str:
        line, unit, since = form.data["line"], form.data["unit"], form.data["since"]
        if unit:
            await charges.assign(call, row.public_id, line, unit, since)
        else:
            await charges.end(call, row.public_id, line, since)
        return row.public_id

    async def _charge(self, call: Call, row: EnterpriseRow, form: PortalForm) -> PortalForm:
        lines = [(line.code, line.name) for line in self._scheme(call, row).lines.values()]
        form["line"].choices = with_blank(lines, say("请选择"))
        units = [(unit.public_id, f"{unit.name}（{unit.place}）") for unit in await areas.unit_choices(call, near=row.path)]
        form["unit"].choices = with_blank(units, say("没有部门负责"))
        return form

    def _charge_form(self, request: AnyRequest, row: EnterpriseRow, form: PortalForm) -> Html:
        return show_form(
            request,
            form,
            title=say("{name}的条线监管责任", name=row.name),
            back=f"{self.path}/{row.public_id}",
            back_name=row.name,
            verb=say("登记"),
            intro=say("每条条线只有一个部门负责；以前由谁负责仍可查询。"),
        )

    def _facts_form(self, request: AnyRequest, row: EnterpriseRow, form: PortalForm) -> Html:
        return show_form(
            request,
            form,
            title=say("登记{name}的情况变化", name=row.name),
            back=f"{self.path}/{row.public_id}",
            back_name=row.name,
            verb=say("登记情况变化"),
            intro=say("情况变化后，类别和所属网格按方案重新确定。"),
        )

    def _scheme(self, call: Call, row: EnterpriseRow) -> Scheme:
        return ruling(call, row.region)

    async def _choices(self, call: Call, form: PortalForm, scheme: Scheme, path: str) -> None:
        inside = await areas.choices(call, kinds=("village", "community", "town", "zone"), under=path)
        places = [(row.public_id, row.full_name if row.kind in ("town", "zone") else row.name) for row in inside]
        form["division"].choices = with_blank(places, say("请选择"))
        drawn = {tier.code for tier in scheme.tiers.values() if tier.of is Ground.DRAWN}
        wanted = {code for placement in scheme.placements.values() for code in placement.tiers} & drawn
        grids = await areas.grid_choices(call, sorted(wanted), near=path)
        form["drawn_grid"].choices = with_blank(
            [(grid.public_id, f"{grid.name}（{grid.code}）") for grid in grids], say("由村、社区决定")
        )
        if not grids:
            del form["drawn_grid"]

    def _read(self, form: PortalForm, facts: dict[str, str], since: date | None) -> actions.EnterpriseForm:
        data = form.data
        return actions.EnterpriseForm(
            name=data["name"],
            division=data["division"],
            credit_code=data["credit_code"] or "",
            address=data["address"],
            drawn_grid=data.get("drawn_grid") or None,
            contact=data["contact"],
            phone=data["phone"],
            facts=facts,
            since=since,
        )


async def _powers(call: Call, scheme: Scheme | None, row: EnterpriseRow) -> list[tuple[Power, Decision[May]]]:
    """Each power of the region with whether it may be used toward this enterprise."""
    if scheme is None or not scheme.powers:
        return []
    facts = await queries.facts_today(call, row.id)
    letters = [one.letter for one in await letters_around(call, row.region, row.path)]
    return [(power, may(scheme, power.code, power.posts[0], facts, on=call.today, letters=letters)) for power in scheme.powers]
