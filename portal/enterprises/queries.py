"""Reading enterprises: the register, one with its facts and placement, and what an office must still place."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.areas.queries import INSIDE, GridRow, seen_from
from portal.areas.schemes import ruling
from portal.call import Call
from portal.codes import folded
from portal.enterprises.rules import Address, FactOn, GroundOn
from portal.errors import NotVisible, Refused
from portal.ledger.queries import stored_codes
from portal.people.actions import Seated
from portal.people.interests import stand_back
from portal.people.queries import Holding
from portal.people.rules import Seat
from portal.scheme.book import Era
from portal.scheme.decision import Because
from portal.storage.engine import Record
from portal.storage.filling import filled
from portal.storage.lists import Listed, Wanted, Where, listed
from portal.terms import say


@dataclass(frozen=True)
class EnterpriseRow:
    """An enterprise as pages show it, with where it belongs today."""

    id: int
    public_id: str
    region: str
    name: str
    credit_code: str | None
    address: str
    contact: str
    phone: str
    place: str
    place_id: str
    path: str
    drawn_grid: str | None
    outcome: str | None
    klass: str | None
    grid: int | None
    grid_id: str | None
    grid_name: str | None
    own_grid: bool
    because: tuple[Because, ...]
    edition: str | None
    since: date
    until: date | None


@dataclass(frozen=True)
class PlacementPast:
    """One spell in the history of where an enterprise belonged."""

    since: date
    until: date | None
    outcome: str
    klass: str
    grid_name: str | None


ENTERPRISE = """
    select e.*, j.name as place, j.public_id as place_id, j.path, d.public_id as drawn_id,
        pl.outcome, pl.klass, pl.grid, pl.because, pl.edition, g.public_id as grid_id, g.name as grid_name,
        coalesce(g.enterprise = e.id, false) as own_grid,
        e.pinyin as sort_key, e.public_id as sort_id
    from enterprise e join jurisdiction j on j.id = e.division left join grid d on d.id = e.drawn_grid
        left join placement pl on pl.enterprise = e.id and pl.since <= '{today}'
            and (pl.until is null or pl.until > '{today}')
        left join grid g on g.id = pl.grid
"""


def _enterprise(row: Record) -> EnterpriseRow:
    because = tuple(Because.read(part) for part in json.loads(row["because"] or "[]"))
    return EnterpriseRow(
        row["id"],
        row["public_id"],
        row["region"],
        row["name"],
        row["credit_code"],
        row["address"],
        row["contact"],
        row["phone"],
        row["place"],
        row["place_id"],
        row["path"],
        row["drawn_id"],
        row["outcome"],
        row["klass"],
        row["grid"],
        row["grid_id"],
        row["grid_name"],
        row["own_grid"],
        because,
        row["edition"],
        row["since"],
        row["until"],
    )


# On an inspector's list
MOST_SERVED = 500
LIES_IN = "{0} in (g.id, case when g.enterprise is not null then g.parent end)"


# Of what the scheme covers where it has begun: without a grid and without an office that supervises it directly
LACKING = "coalesce(pl.outcome, '') not in ('placed', 'direct', 'not_covered', 'not_yet')"


def _select(call: Call) -> str:
    return ENTERPRISE.format(today=call.today.isoformat())


async def enterprises(call: Call, wanted: Wanted) -> Listed[EnterpriseRow]:
    """The enterprises of the viewer's areas, by pinyin."""
    where = Where()
    condition, areas = seen_from(call, "j.path")
    where.add(condition, areas)
    where.search(wanted.query, ("enterprise", "e.id"))
    if wanted.filters.get("ended") != "yes":
        where.add("e.until is null or e.until > {}", call.today)
    if place := wanted.filters.get("in"):
        where.add(INSIDE, place)
    if klass := wanted.filters.get("klass"):
        where.add("pl.klass = {}", klass)
    if grid := wanted.filters.get("grid"):
        where.add(LIES_IN.format("(select id from grid where public_id = {})"), grid)
    if wanted.filters.get("unplaced") == "yes":
        where.add("pl.grid is null and pl.outcome is distinct from 'direct'")
    if region := wanted.filters.get("region"):
        where.add("e.region = {}", region)
    if wanted.filters.get("lacking") == "yes":
        where.add(f"{LACKING} and e.since <= {{}}", call.today)
    if wanted.filters.get("uncharged") == "yes":
        lacking, values = _uncharged(call, len(where.values) + 1)
        where.add(lacking, *values)
    return await listed(call.db, _select(call), where, wanted, _enterprise, key="e.pinyin", id_="e.public_id")


async def enterprise(call: Call, id_: str) -> EnterpriseRow:
    """One enterprise by public id: for its offices, and for its own account."""
    row = await whoevers(call, id_)
    if not (call.viewer.covers(row.path) or call.viewer.enterprise == row.id):
        raise NotVisible
    return row


async def whoevers(call: Call, id_: str) -> EnterpriseRow:
    """One enterprise by public id, whoever may see it: that is for the caller to find out."""
    row = await call.db.row(f"{_select(call)} where e.public_id = $1", id_)
    if row is None:
        raise NotVisible
    return _enterprise(row)


@dataclass(frozen=True)
class Stated:
    """What the register says today of an enterprise, as offices state it; ``place`` and ``drawn_grid`` by public id."""

    id: int
    region: str
    path: str
    name: str
    credit_code: str
    place: str
    address: str
    drawn_grid: str | None
    contact: str
    phone: str
    since: date
    facts: Mapping[str, str]


STATED = """
    select e.id, e.public_id, e.region, e.name, e.credit_code, e.address, e.contact, e.phone, e.since,
        j.path, j.public_id as place, d.public_id as drawn_grid, (
            select jsonb_object_agg(f.fact, f.value) from enterprise_fact f
            where f.enterprise = e.id and f.since <= $2 and (f.until is null or f.until > $2)
        ) as facts
    from enterprise e join jurisdiction j on j.id = e.division left join grid d on d.id = e.drawn_grid
    where e.public_id = any($1)
"""


async def stated(call: Call, ids: Sequence[str]) -> Mapping[str, Stated]:
    """What is stated of those of these enterprises that the viewer looks after, by public id: in one statement for all."""
    return {
        row["public_id"]: Stated(
            row["id"],
            row["region"],
            row["path"],
            row["name"],
            row["credit_code"] or "",
            row["place"],
            row["address"],
            row["drawn_grid"],
            row["contact"],
            row["phone"],
            row["since"],
            json.loads(row["facts"] or "{}"),
        )
        for row in await call.db.rows(STATED, list(ids), call.today)
        if call.viewer.covers(row["path"])
    }


async def named(call: Call, text: str, *, field: str) -> EnterpriseRow:
    """The one enterprise that the viewer sees with this credit code or name; :class:`Refused` at ``field`` else."""
    condition, areas = seen_from(call, "j.path")
    rows = await call.db.rows(
        f"{_select(call)} where (e.credit_code = upper($1) or e.name = $2) and (e.until is null or e.until > $3) "
        f"and {condition.format('$4')}",
        folded(text),
        text.strip(),
        call.today,
        areas,
    )
    if len(rows) == 1:
        return _enterprise(rows[0])
    if rows:
        raise Refused(say("有 {n} 家登记单位叫“{text}”，请改填信用代码。", n=len(rows), text=text), field=field)
    raise Refused(say("没有登记信用代码或名称为“{text}”的单位。", text=text), field=field)


async def own_enterprise(call: Call) -> EnterpriseRow:
    """The enterprise that the viewer's account belongs to."""
    row = await call.db.row(f"{_select(call)} where e.id = $1", call.viewer.enterprise)
    if row is None:
        raise NotVisible
    return _enterprise(row)


async def lying_in(call: Call, grid: int, *, most: int) -> tuple[EnterpriseRow, ...]:
    """The enterprises of the viewer's areas in a grid today, and those that are a grid in it, by pinyin."""
    condition, areas = seen_from(call, "j.path")
    rows = await call.db.rows(
        f"{_select(call)} where {LIES_IN.format('$1')} and (e.until is null or e.until > $2) and {condition.format('$4')} "
        "order by e.pinyin limit $3",
        grid,
        call.today,
        most,
        areas,
    )
    return tuple(_enterprise(row) for row in rows)


async def own(call: Call, grid: GridRow) -> EnterpriseRow | None:
    """The enterprise that a grid is, where the viewer may see it: it may have moved since the grid ended."""
    row = await call.db.row(f"{_select(call)} where e.id = $1", grid.enterprise)
    return _enterprise(row) if row is not None and call.viewer.covers(row["path"]) else None


async def served(
    call: Call, held: Sequence[Holding], *, only: int | None = None, most: int = MOST_SERVED
) -> tuple[EnterpriseRow, ...]:
    """The enterprises that have these posts, and those in their grids, by pinyin, all or ``only`` one; without those from which
    the viewer stands back, or whoever holds the post.
    """
    seats = {kind: [one.seat for one in held if one.seat_kind == kind] for kind in ("grid", "enterprise")}
    rows = await call.db.rows(
        f"{_select(call)} where (pl.grid = any($1) or e.id = any($2)) and (e.until is null or e.until > $3) "
        "and ($5::bigint is null or e.id = $5) order by e.pinyin limit $4",
        seats["grid"],
        seats["enterprise"],
        call.today,
        most,
        only,
    )
    found = [_enterprise(row) for row in rows]
    back = await stand_back(call, [one.id for one in found], call.today)

    def there(firm: EnterpriseRow) -> Iterator[Holding]:
        for one in held:
            if one.seat == {"grid": firm.grid, "enterprise": firm.id}.get(one.seat_kind):
                yield one

    return tuple(
        firm
        for firm in found
        if (firm.id, call.viewer.person) not in back and any((firm.id, one.person) not in back for one in there(firm))
    )


@dataclass(frozen=True)
class Reach:
    """Where an enterprise is, and its telephone; who answers it is for its offices."""

    address: str
    phone: str


async def reach(call: Call, ids: Collection[int]) -> Mapping[int, Reach]:
    """How to reach these enterprises, by id."""
    rows = await call.db.rows("select id, address, phone from enterprise where id = any($1)", list(ids))
    return {row["id"]: Reach(row["address"], row["phone"]) for row in rows}


UNCHARGED = """
    exists (select from unnest({regions}::text[], {lines}::text[], {kinds}::text[]) as wanted(region, line, kind)
        where wanted.region = e.region and pl.outcome in ('placed', 'direct') and not exists (select from charge c
            where c.enterprise = e.id and c.line = wanted.line and c.since <= {today} and (c.until is null or c.until > {today}))
            and (select count(*) from unit u join jurisdiction uj on uj.id = u.jurisdiction
                where u.kind = wanted.kind and not u.only_chosen and starts_with(j.path, uj.path)
                    and (u.until is null or u.until > {today})
                group by uj.id order by length(uj.path) desc limit 1) is distinct from 1)
"""


def _uncharged(call: Call, first: int) -> tuple[str, list[object]]:
    """The condition that an enterprise has no office on a line that must have one, with its values from place ``first`` on. Of
    several in one place none is meant.
    """
    wanted = [
        (region, line.code, line.unit)
        for region in call.book.regions
        if (scheme := call.book.in_force(region, call.today)) is not None
        for line in scheme.lines.values()
        if line.required
    ]
    places = {name: f"${first + n}" for n, name in enumerate(("regions", "lines", "kinds", "today"))}
    return UNCHARGED.format(**places), [[one[n] for one in wanted] for n in range(3)] + [call.today]


async def uncharged(call: Call) -> int:
    """How many enterprises of the viewer's areas lack an office on a line that must have one, up to a thousand."""
    condition, areas = seen_from(call, "j.path")
    lacking, values = _uncharged(call, 2)
    where = f"where {condition.format('$1')} and e.until is null and {lacking} limit 1000"
    return int(await call.db.value(f"select count(*) from ({_select(call)} {where}) as c", areas, *values))


async def unplaced(call: Call) -> int:
    """How many enterprises of the viewer's areas are in no grid today, up to a thousand."""
    condition, areas = seen_from(call, "j.path")
    where = f"where {condition.format('$1')} and pl.grid is null and pl.outcome is distinct from 'direct' and e.until is null"
    return int(await call.db.value(f"select count(*) from ({_select(call)} {where} limit 1000) as c", areas))


@dataclass(frozen=True)
class Unserved:
    """An enterprise from which everybody who holds a post of its grid stands back, with nobody named instead. ``person`` is one
    of them for whom the viewer may name somebody.
    """

    enterprise: str
    name: str
    post: str
    persons: tuple[str, ...]
    person: str | None


async def unserved(call: Call) -> tuple[Unserved, ...]:
    """The enterprises of the viewer's areas that recusal leaves without anybody at a post of their grid, by name and post."""
    condition, areas = seen_from(call, "j.path")
    own = seen_from(call, "pj.path")[0].format("$1")
    rows = await call.db.rows(
        f"""
        with away as (
            select i.enterprise, i.person, s.id as instead from recusal i left join person s on s.id = i.instead
                and (s.until is null or s.until > $2) and not exists (select from recusal o where o.enterprise = i.enterprise
                    and o.person = s.id and o.since <= $2 and (o.until is null or o.until > $2))
            where i.since <= $2 and (i.until is null or i.until > $2)
        )
        select e.public_id, e.name, max(a.edition) as edition, a.post, array_agg(p.name order by p.pinyin) as names,
            min(p.public_id) filter (where {own}) as person
        from enterprise e join jurisdiction j on j.id = e.division
            join placement pl on pl.enterprise = e.id and pl.since <= $2 and (pl.until is null or pl.until > $2)
            join appointment a on a.grid = pl.grid and a.since <= $2 and (a.until is null or a.until > $2)
            join person p on p.id = a.person join jurisdiction pj on pj.id = p.jurisdiction
            left join away on away.enterprise = e.id and away.person = a.person
        where {condition.format("$1")} and e.id in (select enterprise from away) and (e.until is null or e.until > $2)
        group by e.id, e.public_id, e.name, e.pinyin, a.post having bool_and(away.person is not null and away.instead is null)
        order by e.pinyin, e.id, a.post
        """,
        areas,
        call.today,
    )
    return tuple(
        Unserved(
            row["public_id"],
            row["name"],
            call.book.name_in(row["edition"], "posts", row["post"]),
            tuple(row["names"]),
            row["person"],
        )
        for row in rows
    )


async def facts_of(call: Call, enterprise: int) -> tuple[FactOn, ...]:
    """Every fact that was ever stated of an enterprise, by fact and time."""
    return tuple((await facts_of_many(call, [enterprise]))[enterprise])


async def facts_of_many(call: Call, enterprises: Sequence[int]) -> Mapping[int, Sequence[FactOn]]:
    """The same of many, by their ids."""
    found: dict[int, list[FactOn]] = {enterprise: [] for enterprise in enterprises}
    for row in await call.db.rows(
        "select enterprise, fact, value, since, until from enterprise_fact where enterprise = any($1) order by fact, since",
        list(enterprises),
    ):
        found[row["enterprise"]].append(FactOn(row["since"], row["until"], row["fact"], row["value"]))
    return found


async def facts_today(call: Call, enterprise: int) -> Mapping[str, str]:
    """The values of its facts today."""
    return {fact.fact: fact.value for fact in await facts_of(call, enterprise) if fact.on(call.today)}


async def past_placements(call: Call, enterprise: int) -> tuple[PlacementPast, ...]:
    """Where it belonged from when to when, the newest first."""
    rows = await call.db.rows(
        """
        select pl.since, pl.until, pl.outcome, pl.klass, pl.edition, g.name from placement pl left join grid g on g.id = pl.grid
        where pl.enterprise = $1 order by pl.since desc
        """,
        enterprise,
    )
    return tuple(
        PlacementPast(row["since"], row["until"], row["outcome"], class_name(call, row["edition"], row["klass"]), row["name"])
        for row in rows
    )


def class_name(call: Call, edition: str | None, klass: str | None) -> str:
    """What a class is called in the edition under which something was put into it; its code where nobody knows."""
    scheme = call.book.with_id(edition) if edition is not None else None
    return next((one.name for one in (scheme.classes if scheme is not None else ()) if one.code == klass), klass or "")


async def grounds(call: Call, region: str) -> tuple[GroundOn, ...]:
    """All grids of a region with the divisions that lie in them, past and to come; a drawn grid may have none.

    Not the thousands that are enterprises: nothing but itself is placed in one (see :mod:`portal.enterprises.own_grids`).
    """
    rows = await call.db.rows(
        """
        select g.id, g.name, g.tier, coalesce(gg.since, g.since) as since, j.path,
            case when g.until is null then gg.until when gg.until is null then g.until else least(g.until, gg.until) end as until
        from grid g left join grid_ground gg on gg.grid = g.id left join jurisdiction j on j.id = gg.division
        where g.region = $1 and g.enterprise is null
        """,
        region,
    )
    return tuple(GroundOn(row["since"], row["until"], row["id"], row["name"], row["tier"], row["path"] or "") for row in rows)


@dataclass(frozen=True)
class ToPlace:
    """What placement, and a grid of its own, need to know of one enterprise; ``division`` by id and code."""

    id: int
    public_id: str
    region: str
    name: str
    pinyin: str
    division: int
    division_code: str
    street: str
    address: Address
    since: date
    until: date | None


async def to_place(call: Call, ids: Sequence[int]) -> tuple[ToPlace, ...]:
    """What placement needs to know of these enterprises."""
    rows = await call.db.rows(
        """
        select e.*, j.path, j.code as division_code from enterprise e
        join jurisdiction j on j.id = e.division where e.id = any($1) order by e.id
        """,
        list(ids),
    )
    return tuple(
        ToPlace(
            row["id"],
            row["public_id"],
            row["region"],
            row["name"],
            row["pinyin"],
            row["division"],
            row["division_code"],
            row["address"],
            Address(row["path"], row["drawn_grid"], row["id"]),
            row["since"],
            row["until"],
        )
        for row in rows
    )


async def ruled_otherwise(call: Call, region: str, era: Era, *, most: int) -> list[int]:
    """Enterprises placed under another edition of the region on days on which the era's edition rules."""
    ruling = era.scheme.edition_id if era.scheme is not None else ""
    others = {scheme.edition_id for scheme in call.book.schemes_of(region)} | await stored_codes(call, region)
    rows = await call.db.rows(
        """
        select distinct enterprise from (select enterprise from placement where edition = any($1)
            and coalesce(until, 'infinity') > $2 and (until is null or until > since) limit $3) as found order by enterprise
        """,
        sorted(others - {ruling}),
        era.since,
        most,
    )
    return [row["enterprise"] for row in rows]


async def touched_by(call: Call, grid: int) -> list[int]:
    """The enterprises that a change of this grid may move: on its ground, named into it, in it now, or a grid in it."""
    rows = await call.db.rows(
        """
        select e.id from enterprise e join jurisdiction j on j.id = e.division
            join grid_ground gg on gg.grid = $1 join jurisdiction d on d.id = gg.division and j.path like d.path || '%'
        union select id from enterprise where drawn_grid = $1
        union select enterprise from placement where grid = $1
        union select enterprise from grid where enterprise is not null and (id = $1 or parent = $1)
        """,
        grid,
    )
    return [row["id"] for row in rows]


def seat_of(row: EnterpriseRow) -> Seat:
    """An enterprise as a seat."""
    return Seat("enterprise", row.id, row.klass, row.name, path=row.path)


async def seated(call: Call, id_: str) -> Seated:
    """An enterprise as a seat for appointments; its class says which posts it has."""
    row = await enterprise(call, id_)
    return Seated(seat_of(row), id_, ruling(call, row.region), row.path)


@dataclass(frozen=True)
class Led:
    """An enterprise, and who leads what its board names first."""

    enterprise: int
    name: str
    path: str
    person: int
    person_name: str


async def first_led(call: Call, region: str, post: str) -> Led | None:
    """The first enterprise of a region with a credit code and somebody at this post, in its grid or its own."""
    row = await call.db.row(
        """
        select e.id as enterprise, e.name, j.path, p.id as person, p.name as person_name
        from enterprise e join jurisdiction j on j.id = e.division join placement pl on pl.enterprise = e.id
            join appointment a on a.post = $1 and (a.grid = pl.grid or a.enterprise = e.id) join person p on p.id = a.person
        where e.region = $2 and e.credit_code is not null order by e.id limit 1
        """,
        post,
        region,
    )
    return filled(Led, row) if row is not None else None


async def classes(call: Call, region: str) -> dict[str, str | None]:
    """The class of each enterprise of a region, by public id, as its newest placement says."""
    rows = await call.db.rows(
        "select e.public_id, pl.klass from enterprise e join placement pl on pl.enterprise = e.id and pl.until is null "
        "where e.region = $1",
        region,
    )
    return {row["public_id"]: row["klass"] for row in rows}
