"""Reading areas: what the viewer's office may see of jurisdictions, units and grids."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from portal.areas.rules import UnitAt
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.storage.engine import Database, Record
from portal.storage.lists import Listed, Wanted, Where, listed
from portal.terms import say


def above(path: str) -> str:
    """The path of the jurisdiction around the one with this path."""
    return path.rstrip("/").rpartition("/")[0] + "/"


def around(one: str, other: str) -> str:
    """The path of the smallest jurisdiction around both: only who answers for both of them answers for it."""
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(one.strip("/").split("/"), other.strip("/").split("/"), strict=False))
    return "/" + "".join(f"{code}/" for code, _ in shared)


@dataclass(frozen=True)
class JurisdictionRow:
    """A jurisdiction as pages show it. ``region`` is the scheme that governs it, found on it or above; ``outermost`` is its own
    path, that of a zone in a zone (a park) the outer one's.
    """

    id: int
    public_id: str
    code: str
    name: str
    kind: str
    path: str
    full_name: str
    parent: str | None
    region: str | None
    outermost: str
    since: date
    until: date | None

    @property
    def parent_path(self) -> str:
        """The path of the jurisdiction that it lies in."""
        return above(self.path)


@dataclass(frozen=True)
class UnitRow:
    """A unit as pages show it."""

    id: int
    public_id: str
    region: str
    kind: str
    name: str
    phone: str
    only_chosen: bool
    place: str
    place_id: str
    path: str
    outermost: str
    since: date
    until: date | None


@dataclass(frozen=True)
class GridRow:
    """A grid as pages show it; ``enterprise`` where it is one."""

    id: int
    public_id: str
    region: str
    edition: str
    tier: str
    code: str
    name: str
    area_note: str
    place: str
    place_id: str
    place_kind: str
    path: str
    parent: int | None
    parent_name: str | None
    parent_public_id: str | None
    parent_path: str
    enterprise: int | None
    served_by: str | None
    served_by_name: str | None
    since: date
    until: date | None


# The codes of a place and of all around it: found by an index, where a comparison would read every place of the country
AROUND = "string_to_array(btrim({path}, '/'), '/')"
# Where a place's own rank begins: who answers for the outer zone only is not above a zone in it
OUTERMOST = f"""
    (select a.path from jurisdiction a where a.kind = j.kind and a.code = any({AROUND.format(path="j.path")})
        order by length(a.path) limit 1)
"""
# Who names it again has to answer for where it was
NAMED_WITHIN = "exists (select from jurisdiction j where j.id = t.{place} and j.path like any($1))"
FULL_NAME = f"""
    (select string_agg(a.name, '' order by length(a.path)) from jurisdiction a where a.code = any({AROUND}))
"""
REGION = f"""
    (select a.region from jurisdiction a where a.code = any({AROUND}) and a.region is not null
        order by length(a.path) desc limit 1)
"""
INSIDE = "j.path like (select path from jurisdiction where public_id = {}) || '%'"

JURISDICTION = f"""
    select j.*, p.public_id as parent_id, {FULL_NAME.format(path="j.path")} as full_name,
        {REGION.format(path="j.path")} as ruled_by, {OUTERMOST} as outermost, j.path as sort_key, j.public_id as sort_id
    from jurisdiction j left join jurisdiction p on p.id = j.parent
"""
UNIT = f"""
    select u.*, j.name as place, j.public_id as place_id, j.path, {OUTERMOST} as outermost,
        u.pinyin as sort_key, u.public_id as sort_id
    from unit u join jurisdiction j on j.id = u.jurisdiction
"""
GRID = """
    select g.*, j.name as place, j.public_id as place_id, j.kind as place_kind, j.path,
        p.name as parent_name, p.public_id as parent_public_id, coalesce(pj.path, '') as parent_path,
        office.public_id as office_id, office.name as office_name, g.code as sort_key, g.public_id as sort_id
    from grid g join jurisdiction j on j.id = g.jurisdiction left join grid p on p.id = g.parent
        left join jurisdiction pj on pj.id = p.jurisdiction left join unit office on office.id = g.served_by
"""


def _jurisdiction(row: Record) -> JurisdictionRow:
    return JurisdictionRow(
        row["id"],
        row["public_id"],
        row["code"],
        row["name"],
        row["kind"],
        row["path"],
        row["full_name"],
        row["parent_id"],
        row["ruled_by"],
        row["outermost"],
        row["since"],
        row["until"],
    )


def _unit(row: Record) -> UnitRow:
    return UnitRow(
        row["id"],
        row["public_id"],
        row["region"],
        row["kind"],
        row["name"],
        row["phone"],
        row["only_chosen"],
        row["place"],
        row["place_id"],
        row["path"],
        row["outermost"],
        row["since"],
        row["until"],
    )


def _grid(row: Record) -> GridRow:
    return GridRow(
        row["id"],
        row["public_id"],
        row["region"],
        row["edition"],
        row["tier"],
        row["code"],
        row["name"],
        row["area_note"],
        row["place"],
        row["place_id"],
        row["place_kind"],
        row["path"],
        row["parent"],
        row["parent_name"],
        row["parent_public_id"],
        row["parent_path"],
        row["enterprise"],
        row["office_id"],
        row["office_name"],
        row["since"],
        row["until"],
    )


def seen_from(call: Call, path: str) -> tuple[str, list[str]]:
    """The condition that keeps a list to the viewer's areas, for a column that holds a jurisdiction's path."""
    return f"{path} like any({{}})", [area + "%" for area in call.viewer.areas]


def _common(call: Call, wanted: Wanted, kind: str, alias: str) -> Where:
    where = Where()
    condition, areas = seen_from(call, "j.path")
    where.add(condition, areas)
    where.search(wanted.query, (kind, f"{alias}.id"))
    if wanted.filters.get("ended") != "yes":
        where.add(f"{alias}.until is null or {alias}.until > {{}}", call.today)
    if place := wanted.filters.get("in"):
        where.add(INSIDE, place)
    return where


async def jurisdictions(call: Call, wanted: Wanted) -> Listed[JurisdictionRow]:
    """The viewer's jurisdictions, each below the one that it lies in."""
    where = _common(call, wanted, "jurisdiction", "j")
    return await listed(call.db, JURISDICTION, where, wanted, _jurisdiction, key="j.path", id_="j.public_id")


async def units(call: Call, wanted: Wanted) -> Listed[UnitRow]:
    """The viewer's units by name."""
    where = _common(call, wanted, "unit", "u")
    if kind := wanted.filters.get("kind"):
        where.add("u.kind = {}", kind)
    return await listed(call.db, UNIT, where, wanted, _unit, key="u.pinyin", id_="u.public_id")


async def grids(call: Call, wanted: Wanted, *, only: Collection[int] | None = None) -> Listed[GridRow]:
    """The viewer's grids by code, or ``only`` those with these ids."""
    where = _common(call, wanted, "grid", "g")
    if only is not None:
        where.add("g.id = any({})", list(only))
    if tier := wanted.filters.get("tier"):
        where.add("g.tier = {}", tier)
    return await listed(call.db, GRID, where, wanted, _grid, key="g.code", id_="g.public_id")


async def jurisdiction(call: Call, id_: str) -> JurisdictionRow:
    """One jurisdiction by public id."""
    row = await call.db.row(f"{JURISDICTION} where j.public_id = $1", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _jurisdiction(row)


async def jurisdictions_of(call: Call, ids: Collection[str]) -> dict[str, JurisdictionRow]:
    """Several by public id, in one statement."""
    rows = await call.db.rows(f"{JURISDICTION} where j.public_id = any($1)", list(ids))
    found = {row["public_id"]: _jurisdiction(row) for row in rows if call.viewer.covers(row["path"])}
    if len(found) < len(set(ids)):
        raise NotVisible
    return found


async def jurisdictions_at(call: Call, paths: Collection[str]) -> dict[str, JurisdictionRow]:
    """Those of the viewer's areas that have these paths, by path."""
    rows = await call.db.rows(f"{JURISDICTION} where j.path = any($1)", list(paths))
    return {row["path"]: _jurisdiction(row) for row in rows if call.viewer.covers(row["path"])}


async def unit(call: Call, id_: str) -> UnitRow:
    """One unit by public id."""
    row = await call.db.row(f"{UNIT} where u.public_id = $1", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _unit(row)


async def grid(call: Call, id_: str) -> GridRow:
    """One grid by public id."""
    row = await call.db.row(f"{GRID} where g.public_id = $1", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _grid(row)


async def ground(call: Call, grid: int) -> tuple[JurisdictionRow, ...]:
    """The divisions that lie in a grid today."""
    rows = await call.db.rows(
        f"{JURISDICTION} join grid_ground gg on gg.division = j.id where gg.grid = $1 and gg.since <= $2 "
        "and (gg.until is null or gg.until > $2) order by j.path",
        grid,
        call.today,
    )
    return tuple(_jurisdiction(row) for row in rows)


async def ground_at_end(call: Call, grid: int) -> tuple[JurisdictionRow, ...]:
    """The divisions that lay in a grid when it ended."""
    rows = await call.db.rows(
        f"{JURISDICTION} join grid_ground gg on gg.division = j.id join grid g on g.id = gg.grid "
        "where g.id = $1 and gg.until = g.until order by j.path",
        grid,
    )
    return tuple(_jurisdiction(row) for row in rows)


async def children(call: Call, grid: int) -> tuple[GridRow, ...]:
    """The grids that lie in this one today, wherever, without those that are enterprises: they go where their enterprises are."""
    rows = await call.db.rows(
        f"{GRID} where g.parent = $1 and g.enterprise is null and (g.until is null or g.until > $2) order by g.code",
        grid,
        call.today,
    )
    return tuple(_grid(row) for row in rows)


async def choices(call: Call, *, kinds: Sequence[str] = (), under: str | None = None) -> tuple[JurisdictionRow, ...]:
    """Jurisdictions to choose from in a form: those of the viewer, of some kinds, below a path."""
    where = Where()
    condition, areas = seen_from(call, "j.path")
    where.add(condition, areas)
    where.add("j.until is null or j.until > {}", call.today)
    if kinds:
        where.add("j.kind = any({})", list(kinds))
    if under:
        where.add("j.path like {}", under + "%")
    rows = await call.db.rows(f"{JURISDICTION} {where.sql} order by j.path", *where.values)
    return tuple(_jurisdiction(row) for row in rows)


NEAR = "(starts_with({place}, j.path) or starts_with(j.path, {place}))"


async def grid_choices(call: Call, tiers: Sequence[str], *, near: str) -> tuple[GridRow, ...]:
    """Drawn grids in force of these tiers to choose from in a form: those around a place and those inside it, all of them."""
    rows = await call.db.rows(
        f"{GRID} where g.tier = any($1) and g.enterprise is null and (g.until is null or g.until > $2) "
        f"and {NEAR.format(place='$3')} order by g.code",
        list(tiers),
        call.today,
        near,
    )
    return tuple(_grid(row) for row in rows)


async def unit_choices(call: Call, *, near: str) -> tuple[UnitRow, ...]:
    """Units in force to choose from in a form: those around a place and those inside it, all of them."""
    rows = await call.db.rows(
        f"{UNIT} where (u.until is null or u.until > $1) and {NEAR.format(place='$2')} order by u.pinyin", call.today, near
    )
    return tuple(_unit(row) for row in rows)


async def serving_choices(call: Call, region: str, *, near: str) -> tuple[UnitRow, ...]:
    """The offices in force that could serve a grid at a place: those around it, and those of zones, which may lie across it."""
    rows = await call.db.rows(
        f"{UNIT} where u.region = $1 and (u.until is null or u.until > $2) and (starts_with($3, j.path) or j.kind = 'zone') "
        "order by u.pinyin, u.id",
        region,
        call.today,
        near,
    )
    return tuple(_unit(row) for row in rows)


async def served(call: Call, unit: int) -> tuple[GridRow, ...]:
    """The grids of the viewer's areas that name this office."""
    condition, areas = seen_from(call, "j.path")
    rows = await call.db.rows(
        f"{GRID} where g.served_by = $1 and (g.until is null or g.until > $2) and {condition.format('$3')} order by g.code",
        unit,
        call.today,
        areas,
    )
    return tuple(_grid(row) for row in rows)


async def chosen_grid(call: Call, id_: str, *, near: str, field: str) -> GridRow:
    """The grid that was chosen in a ``field`` for something at a place; it may lie above the viewer's area."""
    row = await call.db.row(f"{GRID} where g.public_id = $1 and {NEAR.format(place='$2')}", id_, near)
    if row is None:
        raise Refused(say("所选的网格不在这里，请重新选择。"), field=field)
    if row["enterprise"] is not None:
        what = say("“{name}”是一家单位自成的网格，其他单位不能纳入。请另选网格。", name=row["name"])
        raise Refused(what, field=field)
    return _grid(row)


async def chosen_unit(call: Call, id_: str, *, near: str) -> UnitRow:
    """The unit that was chosen for somebody at a place; it may lie above the viewer's area."""
    row = await call.db.row(f"{UNIT} where u.public_id = $1 and {NEAR.format(place='$2')}", id_, near)
    if row is None:
        raise Refused(say("所选的部门不在这里，请重新选择。"))
    return _unit(row)


async def units_around(call: Call, paths: Sequence[str], day: date, *, also: Collection[int] = ()) -> tuple[UnitAt, ...]:
    """All units on ``day`` whose jurisdiction lies around any of the paths, and those of these ids, wherever they are."""
    rows = await call.db.rows(
        """
        select distinct u.id, u.kind, u.name, u.phone, j.path, j.kind as place_kind, u.only_chosen
        from unit u join jurisdiction j on j.id = u.jurisdiction
        where (u.id = any($3) or exists (select from unnest($1::text[]) as p where p like j.path || '%'))
            and u.since <= $2 and (u.until is null or u.until > $2)
        """,
        list(paths),
        day,
        list(also),
    )
    return tuple(
        UnitAt(row["id"], row["kind"], row["name"], row["phone"], row["path"], row["place_kind"], row["only_chosen"])
        for row in rows
    )


async def paths_of_code(call: Call, code: str) -> list[str]:
    """The paths of the jurisdictions with this code."""
    return [row["path"] for row in await call.db.rows("select path from jurisdiction where code = $1", code)]


async def jurisdiction_of_code(call: Call, code: str) -> str | None:
    """The public id of the jurisdiction with this code, where there is one."""
    found: str | None = await call.db.value("select public_id from jurisdiction where code = $1", code)
    return found


async def units_called(call: Call, name: str) -> list[int]:
    """The ids of the offices with this name."""
    return [row["id"] for row in await call.db.rows("select id from unit where name = $1", name)]


async def regions(db: Database) -> frozenset[str]:
    """The regions that govern places of the register."""
    return frozenset(row["region"] for row in await db.rows("select distinct region from jurisdiction where region is not null"))


async def region_at(db: Database, path: str) -> str | None:
    """The region that governs the place with this path."""
    parts = path.strip("/").split("/")
    above_it = ["/" + "".join(f"{part}/" for part in parts[:n]) for n in range(1, len(parts) + 1)]
    found: str | None = await db.value(
        "select region from jurisdiction where path = any($1) and region is not null order by length(path) desc limit 1", above_it
    )
    return found


async def has_places(db: Database) -> bool:
    """Whether the register has any jurisdiction."""
    return bool(await db.value("select exists (select from jurisdiction)"))
