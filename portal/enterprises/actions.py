"""Taking enterprises into the register, stating facts of them, placing them, ending them."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal import codes
from portal.areas import queries as areas
from portal.areas.actions import end_hanging, scheme_at
from portal.call import Call, Event
from portal.enterprises import own_grids, queries, rules
from portal.enterprises.own_grids import Here
from portal.enterprises.queries import ToPlace
from portal.enterprises.rules import FactOn, GroundOn, Spell
from portal.enterprises.tables import Enterprise, EnterpriseFact, PlacementRow
from portal.errors import Refused
from portal.ledger.actions import record, record_many
from portal.scheme.book import Scheme
from portal.storage.columns import public_id
from portal.storage.search import index, sort_key
from portal.terms import say


@dataclass(frozen=True, kw_only=True)
class EnterpriseForm:
    """What a form or a row of a sheet says of an enterprise; ``division`` and ``drawn_grid`` by public id."""

    name: str
    division: str
    credit_code: str = ""
    address: str = ""
    drawn_grid: str | None = None
    contact: str = ""
    phone: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    since: date | None = None


async def add_enterprise(call: Call, form: EnterpriseForm) -> str:
    """Take an enterprise into the register, with its facts, and place it."""

    async def work() -> str:
        place = await areas.jurisdiction(call, form.division)
        scheme = scheme_at(call, place)
        credit_code = await _free_code(call, form.credit_code)
        drawn = await _drawn(call, form, place.path)
        since = form.since or call.today
        row = Enterprise(
            region=scheme.region.code, credit_code=credit_code, name=form.name, pinyin=sort_key(form.name), division=place.id,
            address=form.address, drawn_grid=drawn, contact=form.contact,
            phone=codes.phone(form.phone) if form.phone else "", since=since,
        )  # fmt: skip
        await row.save()
        for fact, value in _checked(scheme, form.facts).items():
            await EnterpriseFact(enterprise=row.id, fact=fact, value=value, since=since).save()
        await index(call.db, "enterprise", [(row.id, f"{form.name} {credit_code or ''}")])
        data = {"name": form.name, "credit_code": credit_code, "facts": dict(form.facts)}
        await record(call, "created", "enterprise", row.public_id, area=place.path, data=data)
        await place_anew(call, [row.id], since)
        return str(row.public_id)

    return await call.db.run_tx(work)


async def add_enterprises(call: Call, forms: Sequence[EnterpriseForm]) -> list[str]:
    """Take many enterprises in at once, as :func:`add_enterprise` would one by one; their public ids in the same order.

    All are new, so nobody is told: no board, duty or case can hang on them yet. :class:`Refused` for the first that may not
    come in, and then none does.
    """

    async def work() -> list[str]:
        places = await areas.jurisdictions_of(call, {form.division for form in forms})
        grids = {
            (form.drawn_grid, form.division): await _drawn(call, form, places[form.division].path)
            for form in {(form.drawn_grid, form.division): form for form in forms}.values() if form.drawn_grid
        }  # fmt: skip
        checked = [codes.credit_code(form.credit_code) if form.credit_code.strip() else None for form in forms]
        await _refuse_taken(call, [code for code in checked if code])
        rows = []
        for form, code in zip(forms, checked, strict=True):
            place = places[form.division]
            rows.append((
                public_id(), scheme_at(call, place).region.code, code, form.name, sort_key(form.name), place.id, form.address,
                grids.get((form.drawn_grid or "", form.division)), form.contact, codes.phone(form.phone) if form.phone else "",
                form.since or call.today,
            ))  # fmt: skip
        made = await call.db.rows(
            """
            insert into enterprise
                (public_id, region, credit_code, name, pinyin, division, address, drawn_grid, contact, phone, since)
            select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                $8::bigint[], $9::text[], $10::text[], $11::date[]) returning id, public_id
            """,
            *(list(column) for column in zip(*rows, strict=True)),
        )
        ids = {row["public_id"]: row["id"] for row in made}
        new = [(ids[str(row[0])], form, places[form.division]) for row, form in zip(rows, forms, strict=True)]
        facts: list[tuple[object, ...]] = [
            (id_, fact, value, form.since or call.today)
            for id_, form, place in new for fact, value in _checked(scheme_at(call, place), form.facts).items()
        ]  # fmt: skip
        await call.db.copy("enterprise_fact", ("enterprise", "fact", "value", "since"), facts)
        named = [(id_, f"{form.name} {code or ''}") for (id_, form, _), code in zip(new, checked, strict=True)]
        await index(call.db, "enterprise", named)
        data = [
            (str(row[0]), place.path, {"name": form.name, "credit_code": code, "facts": dict(form.facts)})
            for row, (_, form, place), code in zip(rows, new, checked, strict=True)
        ]
        await record_many(call, "created", "enterprise", data)
        await _place_new(call, list(ids.values()))
        return [str(row[0]) for row in rows]

    return await call.db.run_tx(work) if forms else []


async def _drawn(call: Call, form: EnterpriseForm, path: str) -> int | None:
    if not form.drawn_grid:
        return None
    return (await areas.chosen_grid(call, form.drawn_grid, near=path, field="drawn_grid")).id


async def _refuse_taken(call: Call, wanted: Sequence[str]) -> None:
    taken = await call.db.value("select credit_code from enterprise where credit_code = any($1) limit 1", list(wanted))
    if taken is not None or len(set(wanted)) < len(wanted):
        raise Refused(say("统一社会信用代码 {code} 已经登记。", code=taken or ""), field="credit_code")


async def _place_new(call: Call, ids: Sequence[int]) -> None:
    """Place enterprises that were nowhere before, in as many statements for many as for one."""
    rows: list[tuple[object, ...]] = []
    told: list[tuple[str, str, Mapping[str, object]]] = []
    heres = await _heres(call, ids)
    for here, spells in await _planned(call, heres, date.min):
        for spell in spells:
            value = spell.decision.value
            because = json.dumps(spell.decision.kept(), ensure_ascii=False)
            rows.append((
                here.firm.id, value.outcome, value.klass, value.grid, because, here.scheme.id, spell.since, spell.until
            ))  # fmt: skip
            told.append((here.firm.public_id, here.firm.address.path, _told(spell)))
    await call.db.copy("placement", ("enterprise", "outcome", "klass", "grid", "because", "edition", "since", "until"), rows)
    await record_many(call, "placed", "enterprise", told)
    await own_grids.follow(call, heres)


async def _heres(call: Call, ids: Sequence[int]) -> list[Here]:
    """These enterprises with what decides where they belong, as far as a scheme is in force for them."""
    regions: dict[str, _Ground] = {}
    found = []
    for firm in await queries.to_place(call, ids):
        scheme = call.book.scheme(firm.region, call.today)
        if scheme is None:
            continue
        if firm.region not in regions:
            regions[firm.region] = _Ground(await queries.grounds(call, firm.region))
        found.append(Here(firm, scheme, regions[firm.region].near(firm)))
    return found


async def _planned(call: Call, heres: Sequence[Here], start: date) -> list[tuple[Here, list[Spell]]]:
    """Where these enterprises belong from ``start`` on; a grid of their own is there before they are placed in it."""
    ids = [here.firm.id for here in heres]
    facts: dict[int, list[FactOn]] = defaultdict(list)
    for row in await call.db.rows(
        "select enterprise, fact, value, since, until from enterprise_fact where enterprise = any($1)", ids
    ):
        facts[row["enterprise"]].append(FactOn(row["since"], row["until"], row["fact"], row["value"]))
    made = await own_grids.made(call, ids)
    planned = []
    for here in heres:
        firm, scheme = here.firm, here.scheme
        grounds = [*here.near, *rules.own_grounds(scheme, firm.address, firm.name, made.get(firm.id, {}))]
        begin = max(start, firm.since)
        planned.append((here, rules.timeline(scheme, facts[firm.id], firm.address, grounds, begin, firm.until)))
    return await own_grids.make(call, planned)


def _told(spell: Spell) -> dict[str, object]:
    value = spell.decision.value
    return {"outcome": value.outcome, "class": value.klass, "grid": value.grid_name, "since": spell.since.isoformat()}


async def change_enterprise(call: Call, id_: str, form: EnterpriseForm) -> None:
    """Change name, code, address or contact; a moved enterprise is placed anew from today."""

    async def work() -> None:
        before = await queries.enterprise(call, id_)
        call.viewer.require(before.path)
        place = await areas.jurisdiction(call, form.division)
        if place.region != before.region:
            raise Refused(say("不能移到另一个方案的地区，请在那里新增。"), field="division")
        credit_code = await _free_code(call, form.credit_code, but=before.id)
        drawn = await _drawn(call, form, place.path)
        phone = codes.phone(form.phone) if form.phone else ""
        await call.db.rows(
            """
            update enterprise set name = $1, pinyin = $2, credit_code = $3, division = $4, address = $5, drawn_grid = $6,
                contact = $7, phone = $8 where id = $9
            """,
            form.name, sort_key(form.name), credit_code, place.id, form.address, drawn, form.contact,
            phone, before.id,
        )  # fmt: skip
        await index(call.db, "enterprise", [(before.id, f"{form.name} {credit_code or ''}")])
        pairs = {
            "name": (before.name, form.name), "credit_code": (before.credit_code, credit_code),
            "division": (before.place_id, form.division), "address": (before.address, form.address),
            "contact": (before.contact, form.contact), "phone": (before.phone, phone),
        }  # fmt: skip
        data = {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}
        event = Event(name="changed", kind="enterprise", subject=before.id, day=call.today)
        await place_anew(call, [before.id], call.today)
        await record(call, "changed", "enterprise", id_, area=place.path, data=data, event=event)

    await call.db.run_tx(work)


async def state_facts(call: Call, id_: str, facts: Mapping[str, str], since: date) -> None:
    """State what is true of an enterprise from ``since`` on; earlier days stay as they were."""

    async def work() -> None:
        row = await queries.enterprise(call, id_)
        call.viewer.require(row.path)
        scheme = call.book.scheme(row.region, call.today)
        if scheme is None:
            raise Refused(say("这里没有启用任何地区方案。"))
        if since < row.since:
            raise Refused(say("生效日期不能早于登记日期 {day}。", day=row.since), field="since")
        known = await queries.facts_of(call, row.id)
        for fact, value in _checked(scheme, facts).items():
            await _write_timeline(call, row.id, rules.stated([old for old in known if old.fact == fact], fact, value, since))
        data = {"facts": dict(facts), "since": since.isoformat()}
        await record(call, "stated", "enterprise", id_, area=row.path, data=data)
        await place_anew(call, [row.id], since)

    await call.db.run_tx(work)


async def end_enterprise(call: Call, id_: str, day: date) -> None:
    """The enterprise closed or moved away; from ``day`` on it belongs nowhere, nobody holds a post at it or answers for it."""

    async def work() -> None:
        row = await queries.enterprise(call, id_)
        call.viewer.require(row.path)
        if row.until is not None or day < row.since:
            raise Refused(say("日期不对：已经停用，或早于登记日期。"), field="day")
        await call.db.rows("update enterprise set until = $1 where id = $2", day, row.id)
        await end_hanging(call, "enterprise", row.id, day, ("appointment", "charge"))
        await place_anew(call, [row.id], day)
        event = Event(name="ended", kind="enterprise", subject=row.id, day=day)
        await record(call, "ended", "enterprise", id_, area=row.path, data={"until": day.isoformat()}, event=event)

    await call.db.run_tx(work)


async def reopen_enterprise(call: Call, id_: str, day: date) -> None:
    """An enterprise that had ended goes on from ``day``; it is placed anew, and the time between stays as it was."""

    async def work() -> None:
        row = await queries.enterprise(call, id_)
        call.viewer.require(row.path)
        if row.until is None or day < row.until:
            raise Refused(say("日期不对：没有停用，或早于停用的日期。"), field="day")
        await call.db.rows("update enterprise set until = null where id = $1", row.id)
        await place_anew(call, [row.id], day)
        event = Event(name="reopened", kind="enterprise", subject=row.id, day=day)
        await record(call, "reopened", "enterprise", id_, area=row.path, data={"since": day.isoformat()}, event=event)

    await call.db.run_tx(work)


async def place_anew(call: Call, ids: Sequence[int], start: date) -> int:
    """Decide from ``start`` on where these enterprises belong; how many moved. The past stays as it was."""
    heres = await _heres(call, ids)
    moved = 0
    for here, spells in await _planned(call, heres, start):
        moved += await _write_spells(call, here.scheme, here.firm, spells, max(start, here.firm.since))
    await own_grids.follow(call, heres)
    return moved


async def on_event(call: Call, event: Event) -> bool:
    """A grid was drawn, redrawn or dissolved: place anew whoever that may move; not where the plugin of the region is off.

    A grid that is an enterprise goes on again on its day; else it follows, and moves nobody.
    """
    if event.kind != "grid" or event.name not in ("created", "changed", "ended", "awaited"):
        return False
    touched = await queries.touched_by(call, event.subject)
    if event.name == "awaited":
        await own_grids.follow(call, await _heres(call, touched))
    else:
        await place_anew(call, touched, event.day)
    return bool(call.portal.asleep) and any(one.region in call.portal.asleep for one in await queries.to_place(call, touched))


class _Ground:
    """The grids of a region, found by the address instead of by trying all."""

    def __init__(self, grounds: Sequence[GroundOn]) -> None:
        self._by_path: dict[str, list[GroundOn]] = defaultdict(list)
        self._by_grid: dict[int, list[GroundOn]] = defaultdict(list)
        for ground in grounds:
            self._by_grid[ground.grid].append(ground)
            if ground.path:
                self._by_path[ground.path].append(ground)

    def near(self, one: ToPlace) -> list[GroundOn]:
        """The grounds that can hold the enterprise at all."""
        parts = one.address.path.strip("/").split("/")
        around = [ground for n in range(1, len(parts) + 1) for ground in self._by_path["/" + "/".join(parts[:n]) + "/"]]
        named = self._by_grid[one.address.drawn_grid] if one.address.drawn_grid is not None else []
        return [*around, *(ground for ground in named if ground not in around)]


async def _write_spells(call: Call, scheme: Scheme, one: ToPlace, spells: Sequence[Spell], start: date) -> bool:
    """Replace what was planned from ``start`` on; whether where it belongs on ``start`` is new."""
    current = await call.db.row(
        """
        select id, outcome, klass, grid, edition, until from placement
        where enterprise = $1 and since < $2 and (until is null or until >= $2) order by since desc limit 1
        """,
        one.id, start,
    )  # fmt: skip
    await call.db.rows("delete from placement where enterprise = $1 and since >= $2", one.id, start)
    first = spells[0].decision.value if spells else None
    goes_on = (
        current is not None
        and first is not None
        and (current["outcome"], current["klass"], current["grid"], current["edition"])
        == (first.outcome, first.klass, first.grid, scheme.id)
    )
    if current is not None:
        await call.db.rows("update placement set until = $1 where id = $2", spells[0].until if goes_on else start, current["id"])
    for spell in spells[goes_on:]:
        value = spell.decision.value
        await PlacementRow(
            enterprise=one.id, outcome=value.outcome, klass=value.klass, grid=value.grid, edition=scheme.id,
            because=json.dumps(spell.decision.kept(), ensure_ascii=False), since=spell.since, until=spell.until,
        ).save()  # fmt: skip
    # What ended on that very day and goes on again was somewhere else meanwhile
    stays = goes_on and current is not None and current["until"] != start
    if stays or not spells:
        return False
    for spell in spells:
        event = Event(name="placed", kind="enterprise", subject=one.id, day=spell.since)
        await record(call, "placed", "enterprise", one.public_id, area=one.address.path, data=_told(spell), event=event)
    return True


async def _write_timeline(call: Call, enterprise: int, timeline: Sequence[FactOn]) -> None:
    if timeline:
        await call.db.rows("delete from enterprise_fact where enterprise = $1 and fact = $2", enterprise, timeline[0].fact)
    for fact in timeline:
        await EnterpriseFact(enterprise=enterprise, fact=fact.fact, value=fact.value, since=fact.since, until=fact.until).save()


async def _free_code(call: Call, text: str, *, but: int = 0) -> str | None:
    if not text.strip():
        return None
    code = codes.credit_code(text)
    other = await call.db.row(
        "select e.name, e.until, j.path from enterprise e join jurisdiction j on j.id = e.division "
        "where credit_code = $1 and e.id <> $2",
        code, but,
    )  # fmt: skip
    if other is not None:
        owner = other["name"] if call.viewer.covers(other["path"]) else say("别的辖区的单位")
        if other["until"] is not None:
            what = say(
                "统一社会信用代码 {code} 是{name}的，已于 {day} 停用。又开业的，先到它的页面“重新启用”（列表勾选“含已停用”）。",
                code=code,
                name=owner,
                day=other["until"],
            )
            raise Refused(what, field="credit_code")
        raise Refused(say("统一社会信用代码 {code} 已登记给：{name}。", code=code, name=owner), field="credit_code")
    return code


def _checked(scheme: Scheme, facts: Mapping[str, str]) -> dict[str, str]:
    for fact, value in facts.items():
        if fact not in scheme.facts:
            raise Refused(say("本地区的方案没有“{fact}”这一项。", fact=fact), field=fact)
        if value not in dict(scheme.facts[fact].choices):
            raise Refused(say("“{name}”不能是“{value}”。", name=scheme.facts[fact].name, value=value), field=fact)
    return dict(facts)
