"""Grids of other systems (such as 综治网格): taken over as they are, and said to lie in a grid of ours. Theirs and ours are
found by each other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from portal.areas import queries
from portal.areas.queries import GridRow
from portal.areas.tables import OutsideGrid
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.storage import undone
from portal.storage.engine import Record
from portal.storage.lists import Listed, Wanted, Where, listed
from portal.storage.rows import hold_row, write_changed
from portal.storage.search import index
from portal.terms import say


@dataclass(frozen=True, kw_only=True)
class OutsideForm:
    """What a sheet says of a grid of another system; ``jurisdiction`` and ``grid`` by public id."""

    system: str
    code: str
    name: str
    jurisdiction: str
    grid: str | None = None


@dataclass(frozen=True)
class OutsideRow:
    """A grid of another system as pages show it, with the grid of ours that it lies in, unless that is dissolved."""

    id: int
    public_id: str
    region: str
    system: str
    code: str
    name: str
    place: str
    place_id: str
    path: str
    grid_id: str | None
    grid_name: str | None
    grid_code: str | None
    grid_path: str
    until: date | None


OUTSIDE = """
    select o.*, j.name as place, j.public_id as place_id, j.path, g.public_id as grid_public_id, g.name as grid_name,
        g.code as grid_code, coalesce(gj.path, '') as grid_path, o.system || o.code as sort_key, o.public_id as sort_id
    from outside_grid o join jurisdiction j on j.id = o.jurisdiction
        left join grid g on g.id = o.grid and (g.until is null or g.until > '{today}')
        left join jurisdiction gj on gj.id = g.jurisdiction
"""


def _select(call: Call) -> str:
    return OUTSIDE.format(today=call.today.isoformat())


def _outside(row: Record) -> OutsideRow:
    return OutsideRow(
        row["id"],
        row["public_id"],
        row["region"],
        row["system"],
        row["code"],
        row["name"],
        row["place"],
        row["place_id"],
        row["path"],
        row["grid_public_id"],
        row["grid_name"],
        row["grid_code"],
        row["grid_path"],
        row["until"],
    )


async def outside_grids(call: Call, wanted: Wanted) -> Listed[OutsideRow]:
    """Those of the viewer's areas, found by their own name or code, or by those of the grid of ours that they lie in."""
    where = Where()
    condition, areas = queries.seen_from(call, "j.path")
    where.add(condition, areas)
    where.search(wanted.query, ("outside_grid", "o.id"), ("grid", "g.id"))
    if wanted.filters.get("ended") != "yes":
        where.add("o.until is null or o.until > {}", call.today)
    if mapped := wanted.filters.get("mapped"):
        where.add("(g.id is not null) = {}", mapped == "yes")
    return await listed(call.db, _select(call), where, wanted, _outside, key="o.system || o.code", id_="o.public_id")


async def outside_grid(call: Call, id_: str) -> OutsideRow:
    """One by public id."""
    row = await call.db.row(f"{_select(call)} where o.public_id = $1", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _outside(row)


async def lying_in(call: Call, grid: int) -> tuple[OutsideRow, ...]:
    """The grids of other systems in the viewer's areas that lie in a grid of ours today."""
    condition, areas = queries.seen_from(call, "j.path")
    rows = await call.db.rows(
        f"{_select(call)} where o.grid = $1 and (o.until is null or o.until > $2) and {condition.format('$3')} "
        "order by o.system, o.code",
        grid,
        call.today,
        areas,
    )
    return tuple(_outside(row) for row in rows)


async def unmapped(call: Call) -> int:
    """How many of the viewer's areas lie in no grid of ours."""
    return (await outside_grids(call, Wanted(filters={"mapped": "no"}, size=1))).count


async def around(call: Call, row: OutsideRow, tiers: Collection[str]) -> tuple[GridRow, ...]:
    """The grids of ours in which one may lie: those around its place and inside it."""
    return await queries.grid_choices(call, list(tiers), near=row.path)


async def add_outside(call: Call, form: OutsideForm) -> str:
    """Take one over; its public id."""

    async def work() -> str:
        place = await queries.jurisdiction(call, form.jurisdiction)
        if place.region is None:
            raise Refused(say("“{name}”没有启用任何地区方案，先在辖区上选定方案。", name=place.full_name), field="jurisdiction")
        grid = await queries.chosen_grid(call, form.grid, near=place.path, field="grid") if form.grid else None
        if await call.db.value(
            "select exists (select from outside_grid where region = $1 and system = $2 and code = $3 and until is null)",
            place.region,
            form.system,
            form.code,
        ):
            raise Refused(say("{system}已经登记过编号 {code}。", system=form.system, code=form.code), field="code")
        row = OutsideGrid(
            region=place.region,
            system=form.system,
            code=form.code,
            name=form.name,
            jurisdiction=place.id,
            grid=grid.id if grid else None,
            since=call.today,
        )
        same = "t.region = $1 and t.system = $2 and t.code = $3 and t.jurisdiction = $4"
        await undone.save(call.db, "outside_grid", row, same, place.region, form.system, form.code, place.id)
        await index(call.db, "outside_grid", [(row.id, f"{form.name} {form.code}")])
        data = {"system": form.system, "code": form.code, "name": form.name, "grid": grid.code if grid else None}
        await record(call, "created", "outside_grid", row.public_id, area=place.path, data=data)
        return str(row.public_id)

    return await call.db.run_tx(work)


async def change_outside(call: Call, id_: str, *, name: str, jurisdiction: str, grid: str | None) -> None:
    """Another name or place, or another grid of ours that it lies in; None: in none."""

    async def work() -> None:
        await hold_row(call.db, "outside_grid", id_)
        before = await outside_grid(call, id_)
        if before.until is not None and before.until <= call.today:
            raise Refused(say("已于 {day}停用。", day=before.until))
        place = await queries.jurisdiction(call, jurisdiction)
        chosen = await queries.chosen_grid(call, grid, near=place.path, field="grid") if grid else None
        values = {"name": name, "jurisdiction": place.id, "grid": chosen.id if chosen else None}
        await write_changed(call.db, "outside_grid", before.id, values)
        await index(call.db, "outside_grid", [(before.id, f"{name} {before.code}")])
        pairs = (
            ("name", before.name, name),
            ("place", before.place, place.name),
            ("grid", before.grid_code, chosen.code if chosen else None),
        )
        data = {field: [old, new] for field, old, new in pairs if old != new}
        verb = "mapped" if set(data) == {"grid"} else "changed"
        await record(call, verb, "outside_grid", id_, area=place.path, data=data)

    await call.db.run_tx(work)


async def end_outside(call: Call, id_: str, day: date) -> None:
    """The other system has it no more, from ``day`` on."""

    async def work() -> None:
        await hold_row(call.db, "outside_grid", id_)
        row = await outside_grid(call, id_)
        await call.db.rows("update outside_grid set until = greatest(since, $1) where id = $2", day, row.id)
        await record(call, "ended", "outside_grid", id_, area=row.path, data={"until": day.isoformat()})

    await call.db.run_tx(work)
