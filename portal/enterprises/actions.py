"""Taking enterprises into the register, stating facts of them, placing them, ending them."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from portal import codes
from portal.areas import queries as areas
from portal.areas.actions import end_hanging, scheme_at
from portal.areas.queries import JurisdictionRow
from portal.areas.schemes import ruling
from portal.call import Call, Event, Hanging
from portal.enterprises import own_grids, queries, rules
from portal.enterprises.own_grids import Decided, Located
from portal.enterprises.queries import ToPlace
from portal.enterprises.rules import FactOn, GroundOn, Spell
from portal.enterprises.tables import Enterprise, EnterpriseFact
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record, record_many
from portal.scheme.book import Era, Scheme
from portal.storage import undone
from portal.storage.columns import public_id
from portal.storage.engine import Record
from portal.storage.rows import hold_row, hold_rows, write_all_changed
from portal.storage.search import index, sort_key
from portal.terms import say

COLUMNS = (
    "public_id",
    "region",
    "credit_code",
    "name",
    "pinyin",
    "division",
    "address",
    "drawn_grid",
    "contact",
    "phone",
    "since",
)
ENTERPRISES = Hanging("enterprise", lies_in="division", what=say("单位"))
PLACED = ("enterprise", "outcome", "klass", "grid", "because", "edition", "since", "until")
# What a change may change, with the types of the columns
CHANGED = {
    "name": "text",
    "pinyin": "text",
    "credit_code": "text",
    "division": "bigint",
    "address": "text",
    "drawn_grid": "bigint",
    "contact": "text",
    "phone": "text",
}
# As sheets know an enterprise again: by its code, else by name and place where one of the two has no code
SAME = f"""
    {areas.NAMED_WITHIN.format(place="division")} and t.region = {{region}} and (t.credit_code = {{code}} or (t.name = {{name}}
        and t.division = {{division}} and (t.credit_code is null or {{code}} is null)))
"""

# Each is looked for by itself: while a register grows, the server would go through all of it for what may be meant by any
NEARLY_THOSE_BEFORE = """
    select near.id from unnest($1::text[], $2::text[]) as w(code, name) cross join lateral (
        select id from public.enterprise where undone_on is not null and credit_code = w.code
        union select id from public.enterprise where undone_on is not null and name = w.name
    ) near
"""


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
    form = _spelled(form)

    async def work() -> str:
        place = await areas.jurisdiction(call, form.division)
        scheme = scheme_at(call, place)
        (credit_code,) = (await _free_codes(call, {0: form.credit_code})).values()
        drawn = await _drawn(call, form, place.path)
        since = form.since or call.today
        row = Enterprise(
            region=scheme.region.code,
            credit_code=credit_code,
            name=form.name,
            pinyin=sort_key(form.name),
            division=place.id,
            address=form.address,
            drawn_grid=drawn,
            contact=form.contact,
            phone=codes.phone(form.phone) if form.phone else "",
            since=since,
        )
        same = SAME.format(region="$2", code="$3::text", name="$4", division="$5")
        within = [area + "%" for area in call.viewer.areas]
        await undone.save(call.db, "enterprise", row, same, within, row.region, credit_code, form.name, place.id)
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
    forms = [_spelled(form) for form in forms]

    async def work() -> list[str]:
        places = await areas.jurisdictions_of(call, {form.division for form in forms})
        grids = {
            (form.drawn_grid, form.division): await _drawn(call, form, places[form.division].path)
            for form in {(form.drawn_grid, form.division): form for form in forms}.values()
            if form.drawn_grid
        }
        schemes = {id_: scheme_at(call, place) for id_, place in places.items()}
        checked = [codes.credit_code(form.credit_code) if form.credit_code.strip() else None for form in forms]
        await _refuse_taken(call, [code for code in checked if code])
        rows: list[tuple[object, ...]] = []
        for form, code in zip(forms, checked, strict=True):
            place = places[form.division]
            rows.append(
                (
                    public_id(),
                    schemes[form.division].region.code,
                    code,
                    form.name,
                    sort_key(form.name),
                    place.id,
                    form.address,
                    grids.get((form.drawn_grid or "", form.division)),
                    form.contact,
                    codes.phone(form.phone) if form.phone else "",
                    form.since or call.today,
                )
            )
        rows = await _with_those_before(call, rows)
        made = await call.db.rows(
            f"""
            {undone.upsert("enterprise", COLUMNS)}
            select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                $8::bigint[], $9::text[], $10::text[], $11::date[])
            {undone.over(COLUMNS)} returning id, public_id
            """,
            *(list(column) for column in zip(*rows, strict=True)),
        )
        ids = {row["public_id"]: row["id"] for row in made}
        new = [(ids[str(row[0])], form, places[form.division]) for row, form in zip(rows, forms, strict=True)]
        facts: list[tuple[object, ...]] = [
            (id_, fact, value, form.since or call.today)
            for id_, form, _ in new
            for fact, value in _checked(schemes[form.division], form.facts).items()
        ]
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


def _spelled(form: EnterpriseForm) -> EnterpriseForm:
    return form if form.name == (name := codes.firm(form.name)) else replace(form, name=name)


async def _with_those_before(call: Call, rows: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The rows, each under the public id of the enterprise that was taken back and is meant by it, where there is one."""
    said = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    codes_, names = ([one[column] for one in said] for column in ("credit_code", "name"))
    if not (near := await call.db.rows(NEARLY_THOSE_BEFORE, codes_, names)):
        return list(rows)
    same = SAME.format(region="w.region", code="w.code", name="w.name", division="w.division")
    found = await call.db.rows(
        f"""
        select w.n, t.public_id from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) with ordinality
            as w(region, code, name, division, n)
            join public.enterprise t on t.id = any($6) and t.undone_on is not null and {same}
        order by w.n, t.credit_code is not distinct from w.code, t.undone_on, t.id for update of t
        """,
        [area + "%" for area in call.viewer.areas],
        [one["region"] for one in said],
        codes_,
        names,
        [one["division"] for one in said],
        [row["id"] for row in near],
    )
    meant = {row["public_id"]: row["n"] for row in found}
    before = {n: id_ for id_, n in meant.items()}
    return [(before.get(n, row[0]), *row[1:]) for n, row in enumerate(rows, 1)]


async def _drawn(call: Call, form: EnterpriseForm, path: str) -> int | None:
    if not form.drawn_grid:
        return None
    return (await areas.chosen_grid(call, form.drawn_grid, near=path, field="drawn_grid")).id


async def _refuse_taken(call: Call, wanted: Sequence[str]) -> None:
    taken = await call.db.value("select credit_code from enterprise where credit_code = any($1) limit 1", list(wanted))
    if taken is not None or len(set(wanted)) < len(wanted):
        raise Refused(say("统一社会信用代码 {code} 已经登记。", code=taken or ""), field="credit_code")


async def _place_new(call: Call, ids: Sequence[int]) -> None:
    """Place enterprises that were nowhere before, in as many statements for many as for one; nobody is told."""
    await _record_quietly(call, await _replaced(call, ids, date.min, quietly=True))


async def _record_quietly(call: Call, written: Sequence["_Written"]) -> None:
    told = list[tuple[str, str, Mapping[str, object]]]()
    # Very many go the same way, and what is told of them is kept until the end
    moves = dict[tuple[object, ...], list[dict[str, object]]]()
    for one in written:
        way = one.before, *map(id, one.new)
        if way not in moves:
            moves[way] = _moves_told(one)
        told += [(one.firm.public_id, one.firm.address.path, data) for data in moves[way]]
    await record_many(call, "placed", "enterprise", told)


def _moves_told(written: "_Written") -> list[dict[str, object]]:
    """Each move, from which grid to which."""
    found, before = list[dict[str, object]](), written.before
    for spell in written.new:
        value = spell.decision.value
        found.append(
            {"outcome": value.outcome, "class": value.klass, "grid": [before, value.grid_name], "since": spell.since.isoformat()}
        )
        before = value.grid_name
    return found


async def change_enterprise(call: Call, id_: str, form: EnterpriseForm) -> None:
    """Change name, code, address or contact; a moved enterprise is placed anew from today."""
    await change_enterprises(call, {id_: form})


async def change_enterprises(
    call: Call, forms: Mapping[str, EnterpriseForm], facts: Mapping[str, Mapping[str, str]] | None = None
) -> None:
    """Change many by public id, in as many statements for many as for one; of some, facts too, from today on: where both move
    one, it moves once. :class:`Refused` for the first that may not be changed, and then none is.
    """
    forms = {id_: _spelled(form) for id_, form in forms.items()}

    async def work() -> None:
        await hold_rows(call.db, "enterprise", list(forms))
        stated = await queries.stated(call, list(forms))
        if len(stated) < len(forms):
            raise NotVisible
        where = {form.division for form in forms.values()} | {before.place for before in stated.values()}
        places = await areas.jurisdictions_of(call, where)
        credit_codes = await _free_codes(call, {stated[id_].id: form.credit_code for id_, form in forms.items()})
        grids: dict[tuple[str | None, str], int | None] = {}
        values: dict[int, dict[str, object]] = {}
        told: list[tuple[str, str, dict[str, object]]] = []
        for id_, form in forms.items():
            before, place = stated[id_], places[form.division]
            if place.region != before.region:
                raise Refused(say("不能移到另一个方案的地区，请在那里新增。"), field="division")
            if (form.division, form.drawn_grid) != (before.place, before.drawn_grid):
                ruling(call, before.region, field="division")
            if (grid := (form.drawn_grid, form.division)) not in grids:
                grids[grid] = await _drawn(call, form, place.path)
            said = replace(form, phone=codes.phone(form.phone) if form.phone else "", credit_code=credit_codes[before.id] or "")
            values[before.id] = {
                "name": said.name,
                "pinyin": sort_key(said.name),
                "credit_code": said.credit_code or None,
                "division": place.id,
                "address": said.address,
                "drawn_grid": grids[grid],
                "contact": said.contact,
                "phone": said.phone,
            }
            told.append((id_, place.path, await _changed(call, before, said, places)))
        await write_all_changed(call.db, "enterprise", CHANGED, values)
        renamed = [(id_, f"{one['name']} {one['credit_code'] or ''}") for id_, one in values.items()]
        await index(call.db, "enterprise", renamed)
        if facts:
            await _state(call, facts, call.today)
        await place_anew(call, list(values), call.today)
        for id_, path, data in told:
            event = Event(name="changed", kind="enterprise", subject=stated[id_].id, day=call.today)
            await record(call, "changed", "enterprise", id_, area=path, data=data, event=event)

    await call.db.run_tx(work)


async def _changed(
    call: Call, before: queries.Stated, said: EnterpriseForm, places: Mapping[str, JurisdictionRow]
) -> dict[str, object]:
    """What differs, from what to what, as the ledger keeps it."""
    pairs = {
        "name": (before.name, said.name),
        "credit_code": (before.credit_code or None, said.credit_code or None),
        "place": (places[before.place].full_name, places[said.division].full_name),
        "address": (before.address, said.address),
        "contact": (before.contact, said.contact),
        "phone": (before.phone, said.phone),
    }
    data: dict[str, object] = {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}
    if said.drawn_grid != before.drawn_grid:
        ids = [before.drawn_grid, said.drawn_grid]
        data["drawn_grid"] = [await call.db.value("select name from grid where public_id = $1", one) for one in ids]
    return data


async def state_facts(call: Call, id_: str, facts: Mapping[str, str], since: date) -> None:
    """State what is true of an enterprise from ``since`` on; earlier days stay as they were."""
    await state_facts_of_many(call, {id_: facts}, since)


async def state_facts_of_many(call: Call, said: Mapping[str, Mapping[str, str]], since: date) -> None:
    """The same of many by public id, in as many statements for many as for one. :class:`Refused` for the first of which it may
    not be stated, and then nothing is.
    """

    async def work() -> None:
        await hold_rows(call.db, "enterprise", list(said))
        await place_anew(call, await _state(call, said, since), since)

    await call.db.run_tx(work)


async def _state(call: Call, said: Mapping[str, Mapping[str, str]], since: date) -> list[int]:
    """Write down what is true of enterprises that are held; their ids. Where they belong is decided by the caller."""
    firms = await queries.stated(call, list(said))
    if len(firms) < len(said):
        raise NotVisible
    known = await queries.facts_of_many(call, [firm.id for firm in firms.values()])
    stated: list[tuple[int, str]] = []
    rows: list[tuple[object, ...]] = []
    for id_, facts in said.items():
        firm, scheme = firms[id_], ruling(call, firms[id_].region)
        if since < firm.since:
            raise Refused(say("生效日期不能早于登记日期 {day}。", day=firm.since), field="since")
        told = _facts_told(scheme, known[firm.id], _checked(scheme, facts), since)
        for fact, value in facts.items():
            stated.append((firm.id, fact))
            timeline = rules.stated([old for old in known[firm.id] if old.fact == fact], fact, value, since)
            rows += [(firm.id, one.fact, one.value, one.since, one.until) for one in timeline]
        data = {"facts": dict(facts), "stated": told, "since": since.isoformat()}
        await record(call, "stated", "enterprise", id_, area=firm.path, data=data)
    await call.db.rows(
        "delete from enterprise_fact f using unnest($1::bigint[], $2::text[]) as w(enterprise, fact) "
        "where f.enterprise = w.enterprise and f.fact = w.fact",
        [id_ for id_, _ in stated],
        [fact for _, fact in stated],
    )
    await call.db.copy("enterprise_fact", ("enterprise", "fact", "value", "since", "until"), rows)
    return [firm.id for firm in firms.values()]


def _facts_told(scheme: Scheme, known: Sequence[FactOn], facts: Mapping[str, str], since: date) -> str:
    """What is stated otherwise from a day on, from what to what."""
    then = {one.fact: one.value for one in known if one.since <= since and (one.until is None or one.until > since)}
    found = []
    for fact, value in facts.items():
        names, old = dict(scheme.facts[fact].choices), then.get(fact, "")
        if old != value:
            found.append(f"{scheme.facts[fact].name} {names.get(old, old) or say('无')} → {names[value]}")
    return "；".join(found)


async def end_enterprise(call: Call, id_: str, day: date) -> None:
    """The enterprise closed or moved away; from ``day`` on it belongs nowhere, nobody holds a post at it or answers for it."""

    async def work() -> None:
        await hold_row(call.db, "enterprise", id_)
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
        await hold_row(call.db, "enterprise", id_)
        row = await queries.enterprise(call, id_)
        call.viewer.require(row.path)
        if row.until is None or day < row.until:
            raise Refused(say("日期不对：没有停用，或早于停用的日期。"), field="day")
        ruling(call, row.region, field="day")
        await call.db.rows("update enterprise set until = null where id = $1", row.id)
        await place_anew(call, [row.id], day)
        event = Event(name="reopened", kind="enterprise", subject=row.id, day=day)
        await record(call, "reopened", "enterprise", id_, area=row.path, data={"since": day.isoformat()}, event=event)

    await call.db.run_tx(work)


async def place_anew(call: Call, ids: Sequence[int], start: date) -> int:
    """Decide from ``start`` on where these enterprises belong; how many moved. The past stays as it was."""
    written = await _replaced(call, ids, start)
    for one in written:
        for spell, data in zip(one.new, _moves_told(one), strict=True):
            event = Event(name="placed", kind="enterprise", subject=one.firm.id, day=spell.since)
            await record(call, "placed", "enterprise", one.firm.public_id, area=one.firm.address.path, data=data, event=event)
    return sum(bool(one.new) for one in written)


async def place_earlier(call: Call, id_: int, start: date) -> None:
    """Decide where an enterprise belonged from ``start`` on, which is earlier than it is placed by now. What stands of the past
    stays: an enterprise that had another address then belonged, on the earlier days, where it belonged first.
    """
    first = await call.db.row("select * from placement where enterprise = $1 order by since limit 1", id_)
    if first is None or first["since"] > call.today:
        await place_anew(call, [id_], start)
        return
    heres, stands = await _heres(call, [id_]), first["since"]
    for one in await _decided(call, heres, start):
        there = next((spell for spell in reversed(one.spells) if spell.since <= stands), None)
        spells = [replace(spell, until=min(spell.until or stands, stands)) for spell in one.spells if spell.since < stands]
        begins = spells[-1].since if spells else stands
        if there is None or _meant(there) != _what(first):
            spells, begins = [], max(one.start, one.here.era(stands).since)
        elif spells and _meant(spells[-1]) == _what(first):
            spells.pop()
        else:
            begins = stands
        await call.db.copy("placement", PLACED, [_row(one.here.firm, spell, {}) for spell in spells])
        await call.db.rows("update placement set since = least(since, $2) where id = $1", first["id"], begins)
        await _record_quietly(call, [_Written(one.here.firm, None, spells)])
    await own_grids.follow(call, heres)


async def place_later(call: Call, id_: int, start: date) -> None:
    """An enterprise belongs nowhere before ``start``, and from then on where it does already."""
    await call.db.rows("delete from placement where enterprise = $1 and until <= $2", id_, start)
    await call.db.rows("update placement set since = $2 where enterprise = $1 and since < $2", id_, start)
    await own_grids.follow(call, await _heres(call, [id_]))


async def place_under(call: Call, region: str, era: Era, *, most: int) -> list[int]:
    """Place up to ``most`` enterprises anew that are placed under another edition on days on which that of ``era`` rules; their
    ids. Nobody is told of each: whoever turns a whole region looks after what follows.
    """
    ids = await queries.ruled_otherwise(call, region, era, most=most)
    if ids:
        await _record_quietly(call, await _replaced(call, ids, era.since, quietly=True))
    return ids


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
        self._near: dict[tuple[str, int | None], list[GroundOn]] = {}
        for ground in grounds:
            self._by_grid[ground.grid].append(ground)
            if ground.path:
                self._by_path[ground.path].append(ground)

    def near(self, one: ToPlace) -> list[GroundOn]:
        """The grounds that can hold the enterprise at all."""
        where = one.address.path, one.address.drawn_grid
        if where not in self._near:
            self._near[where] = self._found(one)
        return self._near[where]

    def _found(self, one: ToPlace) -> list[GroundOn]:
        parts = one.address.path.strip("/").split("/")
        around = [ground for n in range(1, len(parts) + 1) for ground in self._by_path["/" + "/".join(parts[:n]) + "/"]]
        named = self._by_grid[one.address.drawn_grid] if one.address.drawn_grid is not None else []
        return [*around, *(ground for ground in named if ground not in around)]


@dataclass(frozen=True)
class _Written:
    """The spells that are new in the register, and the name of the grid in which it was ``before``."""

    firm: ToPlace
    before: str | None
    new: Sequence[Spell]


async def _replaced(call: Call, ids: Sequence[int], start: date, *, quietly: bool = False) -> list[_Written]:
    """Decide from ``start`` on where these enterprises belong and write what changed; the grids that they are follow."""
    heres = await _heres(call, ids)
    written = await _write(call, await _decided(call, heres, start))
    await own_grids.follow(call, heres, quietly=quietly)
    return written


async def _heres(call: Call, ids: Sequence[int]) -> list[Located]:
    """These enterprises with what decides where they belong."""
    regions: dict[str, tuple[tuple[Era, ...], _Ground, tuple[str, ...]]] = {}
    found = []
    for firm in await queries.to_place(call, ids):
        if firm.region not in regions:
            eras = call.book.eras(firm.region, date.min, call.today)
            tiers = dict.fromkeys(tier.code for era in eras if era.scheme is not None for tier in rules.own_tiers(era.scheme))
            regions[firm.region] = eras, _Ground(await queries.grounds(call, firm.region)), tuple(tiers)
        eras, ground, own = regions[firm.region]
        found.append(Located(firm, eras, ground.near(firm), own))
    return found


async def _decided(call: Call, heres: Sequence[Located], start: date) -> list[Decided]:
    """Where these enterprises belong from ``start`` on, each day by the edition that rules on it; a grid of their own is there
    before they are placed in it.
    """
    ids = [here.firm.id for here in heres]
    stated = await queries.facts_of_many(call, ids)
    made = await own_grids.made(call, ids)
    found, before = [], dict[tuple[object, ...], list[Spell]]()
    for here in heres:
        one, begin = here.firm, max(start, here.firm.since)
        era = here.era(begin)
        if era.scheme is None:
            # Nothing is decided over these days, only what is over ends
            over = [day for day in (era.until, one.until) if day is not None]
            if not over:
                continue
            begin = max(begin, min(over))
        # What is no grid of its own belongs where everything else of that place belongs of which the same is stated
        alike = one.region, one.address.path, one.address.drawn_grid, frozenset(stated[one.id]), begin, one.until
        if here.own_tiers or alike not in before:
            grounds = [*here.near, *rules.own_grounds(here.own_tiers, one.address, one.name, made.get(one.id, {}))]
            before[alike] = rules.across(here.eras, stated[one.id], one.address, grounds, begin, one.until)
        found.append(Decided(here, begin, before[alike]))
    return await own_grids.make(call, found)


async def _write(call: Call, decided: Sequence[Decided]) -> list[_Written]:
    """Replace what was planned from each one's start on, in as many statements for many as for one."""
    held: dict[int, list[Record]] = defaultdict(list)
    for row in await call.db.rows(
        """
        select p.*, g.name as grid_name from unnest($1::bigint[], $2::date[]) as d(enterprise, start)
            join placement p on p.enterprise = d.enterprise and (p.until is null or p.until >= d.start)
            left join grid g on g.id = p.grid order by p.enterprise, p.since
        """,
        [one.here.firm.id for one in decided],
        [one.start for one in decided],
    ):
        held[row["enterprise"]].append(row)
    gone: list[int] = []
    cut: list[tuple[object, ...]] = []
    rows: list[tuple[object, ...]] = []
    written, because = [], dict[int, str]()
    for one in decided:
        planned = {_same(row): row for row in held[one.here.firm.id] if row["since"] >= one.start}
        gone += [row["id"] for row in planned.values()]
        current = next((row for row in reversed(held[one.here.firm.id]) if row["since"] < one.start), None)
        first = one.spells[0] if one.spells else None
        goes_on = current is not None and first is not None and first.since == one.start and _what(current) == _meant(first)
        if current is not None:
            cut.append((current["id"], first.until if goes_on and first is not None else one.start))
        rows += [_row(one.here.firm, spell, because) for spell in one.spells[goes_on:]]
        # What ended on that very day and goes on again was somewhere else meanwhile
        again = goes_on and current is not None and current["until"] == one.start
        new = one.spells if again else one.spells[goes_on:]
        before = current["grid_name"] if current is not None else None
        written.append(_Written(one.here.firm, before, [spell for spell in new if (*_meant(spell), spell.since) not in planned]))
    await call.db.rows("delete from placement where id = any($1)", gone)
    await call.db.rows(
        "update placement set until = c.until from unnest($1::bigint[], $2::date[]) as c(id, until) where placement.id = c.id",
        [id_ for id_, _ in cut],
        [until for _, until in cut],
    )
    await call.db.copy("placement", PLACED, rows)
    return written


def _what(row: Record) -> tuple[object, ...]:
    return row["outcome"], row["klass"], row["grid"], row["edition"]


def _same(row: Record) -> tuple[object, ...]:
    return (*_what(row), row["since"])


def _meant(spell: Spell) -> tuple[object, ...]:
    value = spell.decision.value
    return value.outcome, value.klass, value.grid, spell.edition


def _row(firm: ToPlace, spell: Spell, because: dict[int, str]) -> tuple[object, ...]:
    """``because`` keeps how reasons are written, since many enterprises are placed by one decision."""
    decision, value = spell.decision, spell.decision.value
    if id(decision) not in because:
        because[id(decision)] = json.dumps(decision.kept(), ensure_ascii=False)
    return firm.id, value.outcome, value.klass, value.grid, because[id(decision)], spell.edition, spell.since, spell.until


async def _free_codes(call: Call, wanted: Mapping[int, str]) -> dict[int, str | None]:
    """The credit codes of enterprises (by id, 0 for a new one) as they are kept. :class:`Refused` where another one has it."""
    found = {id_: codes.credit_code(text) if text.strip() else None for id_, text in wanted.items()}
    bearers = await call.db.rows(
        "select e.id, e.credit_code, e.name, e.until, j.path from enterprise e join jurisdiction j on j.id = e.division "
        "where credit_code = any($1)",
        [code for code in found.values() if code],
    )
    bears = {row["credit_code"]: row for row in bearers}
    for id_, code in found.items():
        if (other := bears.get(code)) is not None and other["id"] != id_:
            raise _taken(call, other)
    return found


def _taken(call: Call, other: Record) -> Refused:
    code, owner = other["credit_code"], other["name"] if call.viewer.covers(other["path"]) else say("其他辖区的单位")
    if other["until"] is None:
        return Refused(say("统一社会信用代码 {code} 已登记给：{name}。", code=code, name=owner), field="credit_code")
    what = say(
        "统一社会信用代码 {code} 是{name}的，已于 {day}停用。要再用的，请到该单位页面“重新启用”（列表勾选“含已停用”）。",
        code=code,
        name=owner,
        day=other["until"],
    )
    return Refused(what, field="credit_code")


def _checked(scheme: Scheme, facts: Mapping[str, str]) -> dict[str, str]:
    for fact, value in facts.items():
        if fact not in scheme.facts:
            raise Refused(say("本地区的方案没有“{fact}”这一项。", fact=fact), field=fact)
        if value not in dict(scheme.facts[fact].choices):
            raise Refused(say("“{name}”不能是“{value}”。", name=scheme.facts[fact].name, value=value), field=fact)
    return dict(facts)
