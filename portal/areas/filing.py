"""Filing of grids (备案): a town's office files what its grids are with the office above it, which puts them on file or
returns them.

Filing approves nothing: grids work at once. How each of them stands follows from comparing it with what was filed last.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from portal.areas import queries
from portal.areas.rules import Filed, GridOnFile, UnitAt, nearest, serving, stands_filed, what_became
from portal.areas.tables import GridFiling
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record, record_many
from portal.scheme.book import Scheme
from portal.scheme.words import Filing as Rule
from portal.storage.engine import Record
from portal.storage.lists import Listed, Wanted, Where, listed
from portal.storage.once import SentBefore
from portal.terms import FILING, say

LONGEST_NUMBER = 60
MOST_WAITING = 1_000


@dataclass(frozen=True)
class FilingStanding:
    """A grid as it is now, as it is on file and as it waits to be, and how it therefore stands."""

    id: int
    public_id: str
    path: str
    scheme: Scheme
    rule: Rule
    served_by: int | None
    now: GridOnFile
    accepted: GridOnFile | None
    waiting: GridOnFile | None
    filed: Filed

    @property
    def to_file(self) -> bool:
        """Whether it has to be filed, again or for the first time."""
        return self.filed in (Filed.DRAFT, Filed.CHANGED)

    @property
    def became(self) -> str:
        """What filing it would say of it."""
        return what_became(self.accepted, self.now)


@dataclass(frozen=True)
class Ready:
    """What one place has to file under a rule: who files it with whom, its grids, and the filing that still waits."""

    place: queries.JurisdictionRow
    scheme: Scheme
    rule: Rule
    unit: UnitAt
    office: UnitAt | None
    grids: tuple[FilingStanding, ...]
    waiting: str | None
    ours: bool

    @property
    def mark(self) -> str:
        """What was seen of it: another one means that it is no longer the same."""
        return sha256(json.dumps([[one.public_id, one.now.kept()] for one in self.grids]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class FilingRow:
    """A filing as pages show it."""

    id: int
    public_id: str
    region: str
    edition: str
    rule: str
    place: str
    place_id: str
    path: str
    unit: str
    unit_id: int
    unit_kind: str
    office: str
    office_kind: str
    filed_on: date
    filed_by_name: str
    state: str
    number: str
    reason: str
    decided_on: date | None
    grids: int


@dataclass(frozen=True)
class FiledRow:
    """A grid of a filing: as it was on file before, and as it was filed."""

    public_id: str
    before: GridOnFile | None
    drawn: GridOnFile

    @property
    def became(self) -> str:
        """What the filing says of it."""
        return what_became(self.before, self.drawn)


# How grids stand

GRIDS = """
    select g.id, g.public_id, g.region, g.tier, g.code, g.name, g.area_note, g.until, g.served_by, j.path, ground.codes,
        ground.names, accepted.drawn as accepted, waiting.drawn as waiting
    from grid g join jurisdiction j on j.id = g.jurisdiction
        left join lateral (select array_agg(d.code order by d.code) as codes, array_agg(d.name order by d.code) as names
            from grid_ground gg join jurisdiction d on d.id = gg.division where gg.grid = g.id
                and gg.since <= greatest($2, g.since) and (gg.until is null or gg.until > greatest($2, g.since))) ground on true
        left join lateral (select f.drawn from filed_grid f join filing l on l.id = f.filing
            where f.grid = g.id and l.state = 'accepted' order by f.filing desc limit 1) accepted on true
        left join lateral (select f.drawn from filed_grid f join filing l on l.id = f.filing
            where f.grid = g.id and l.state = 'waiting' order by f.filing desc limit 1) waiting on true
    where j.path like any($1) and ($3::bigint[] is null or g.id = any($3))
        and (g.region, g.tier) in (select * from unnest($4::text[], $5::text[]))
    order by g.code, g.id
"""


async def standings(
    call: Call, *, grids: Collection[int] | None = None, under: Sequence[str] | None = None
) -> list[FilingStanding]:
    """How the grids stand that have to be filed: those of the viewer's areas, of some ids, below some paths."""
    rules = _rules(call)
    if not rules:
        return []
    paths = call.viewer.areas if under is None else under
    rows = await call.db.rows(
        GRIDS,
        [path + "%" for path in paths],
        call.today,
        None if grids is None else list(grids),
        [region for region, _ in rules],
        [tier for _, tier in rules],
    )
    found = []
    for row in rows:
        scheme, rule = rules[row["region"], row["tier"]]
        now, accepted, waiting = _now(call, row), _read(row["accepted"]), _read(row["waiting"])
        filed = stands_filed(now, accepted, waiting)
        if filed is not None and scheme.begun_at(row["path"], call.today):
            found.append(
                FilingStanding(
                    row["id"],
                    row["public_id"],
                    row["path"],
                    scheme,
                    rule,
                    row["served_by"],
                    now,
                    accepted,
                    waiting,
                    filed,
                )
            )
    return found


async def standings_of(call: Call, grids: Iterable[queries.GridRow]) -> dict[str, FilingStanding]:
    """How these grids stand, by public id; those that nobody has to file are left out."""
    found = await standings(call, grids=[grid.id for grid in grids], under=["/"])
    return {one.public_id: one for one in found}


async def that_stand(call: Call, filed: str) -> list[int]:
    """The grids of the viewer's areas that stand so; ``to_file``: all that have to be filed."""
    return [one.id for one in await standings(call) if one.filed == filed or (filed == "to_file" and one.to_file)]


def files(call: Call) -> bool:
    """Whether grids are filed in any region today."""
    return bool(_rules(call))


def _rules(call: Call) -> dict[tuple[str, str], tuple[Scheme, Rule]]:
    """The rule by which the grids of a region's tier are filed today."""
    schemes = [call.book.in_force(region, call.today) for region in call.book.regions]
    return {
        (scheme.region.code, tier): (scheme, rule)
        for scheme in schemes
        if scheme is not None
        for rule in reversed(scheme.filings)
        for tier in rule.tiers
    }


def _now(call: Call, row: Record) -> GridOnFile:
    return GridOnFile(
        code=row["code"],
        name=row["name"],
        tier=row["tier"],
        area_note=row["area_note"],
        ground=tuple(row["codes"] or ()),
        ground_names=tuple(row["names"] or ()),
        ended=row["until"] is not None and row["until"] <= call.today,
    )


def _read(kept: str | None) -> GridOnFile | None:
    return GridOnFile.read(json.loads(kept)) if kept is not None else None


# What is to be filed, and what waits


async def ready(call: Call, *, under: Sequence[str] | None = None) -> list[Ready]:
    """What each place of the viewer's areas has to file, or has filed and waits for, place by place."""
    found = [one for one in await standings(call, under=under) if one.to_file or one.waiting is not None]
    served = {one.served_by for one in found if one.served_by is not None}
    units = await queries.units_around(call, sorted({one.path for one in found}), call.today, also=served)
    by_office: dict[tuple[str, str, UnitAt], list[FilingStanding]] = defaultdict(list)
    for one in found:
        unit = nearest(one.rule.by, one.path, serving(units, [one.served_by] if one.served_by is not None else []))
        if unit is not None:
            by_office[one.scheme.region.code, one.rule.code, unit].append(one)
    places = await queries.jurisdictions_at(call, {unit.path for _, _, unit in by_office})
    # What an office filed that is no more waits for the one there now
    there = {unit.id for unit in units}
    waiting = {
        (row["region"], row["rule"], row["unit"] if row["unit"] in there else row["path"]): row["public_id"]
        for row in await call.db.rows(
            "select l.region, l.rule, l.unit, j.path, l.public_id from filing l join jurisdiction j on j.id = l.jurisdiction "
            "where l.state = 'waiting' and j.path = any($1) order by l.id",
            list(places),
        )
    }
    return [
        Ready(
            places[unit.path],
            grids[0].scheme,
            grids[0].rule,
            unit,
            nearest(grids[0].rule.at, unit.path, serving(units, [])),
            tuple(one for one in grids if one.to_file),
            waiting.get((region, rule, unit.id)) or waiting.get((region, rule, unit.path)),
            unit.id in call.viewer.units,
        )
        for (region, rule, unit), grids in sorted(by_office.items(), key=lambda one: (one[0][2].path, one[0][1]))
        if unit.path in places
    ]


async def ready_at(call: Call, place: str, rule: str) -> Ready | None:
    """What one place has to file under a rule; None where there is nothing."""
    row = await queries.jurisdiction(call, place)
    found = [one for one in await ready(call, under=[row.path]) if one.place.id == row.id and one.rule.code == rule]
    # Of several offices side by side each files its own
    return min(found, key=lambda one: (not one.ours, one.waiting is not None, one.unit.id), default=None)


def _acts(call: Call, filed_by: int, kind: str, path: str, units: Iterable[UnitAt]) -> bool:
    """Whether the viewer acts for the office that filed; for one of that kind at that very place where it is no more."""
    there = [unit.id for unit in units if (unit.kind, unit.path) == (kind, path)]
    return any(id_ in call.viewer.units for id_ in ([filed_by] if filed_by in there else there))


@dataclass(frozen=True)
class OnDesk:
    """What waits for the viewer: grids that its office has to file, filings that it has to decide on; None: not its business."""

    to_file: int | None
    to_decide: int | None


async def on_desk(call: Call) -> OnDesk:
    """What of filing waits for the viewer's own offices."""
    rules = {(scheme.region.code, rule) for scheme, rule in _rules(call).values()}
    rows = await call.db.rows(
        "select u.id, u.region, u.kind, j.path from unit u join jurisdiction j on j.id = u.jurisdiction where u.id = any($1)",
        list(call.viewer.units),
    )
    files = [row["path"] for row in rows if (row["region"], row["kind"]) in {(region, rule.by) for region, rule in rules}]
    decides = any((row["region"], row["kind"]) in {(region, rule.at) for region, rule in rules} for row in rows)
    to_file = sum(len(one.grids) for one in await ready(call, under=files) if one.ours) if files else None
    waiting = (await filings(call, Wanted(filters={"state": "waiting"}, size=MOST_WAITING))).rows if decides else ()
    return OnDesk(to_file, len(await _deciders(call, waiting)) if decides else None)


FILING_ROW = """
    select l.*, j.name as place, j.public_id as place_id, j.path, u.name as unit_name, u.kind as unit_kind, o.name as office_name,
        o.kind as office_kind, (select count(*) from filed_grid f where f.filing = l.id) as grids,
        to_char(9999999999 - l.id, 'FM0000000000') as sort_key, l.public_id as sort_id
    from filing l join jurisdiction j on j.id = l.jurisdiction join unit u on u.id = l.unit join unit o on o.id = l.office
"""


def _filing(row: Record) -> FilingRow:
    return FilingRow(
        row["id"],
        row["public_id"],
        row["region"],
        row["edition"],
        row["rule"],
        row["place"],
        row["place_id"],
        row["path"],
        row["unit_name"],
        row["unit"],
        row["unit_kind"],
        row["office_name"],
        row["office_kind"],
        row["filed_on"],
        row["filed_by_name"],
        row["state"],
        row["number"],
        row["reason"],
        row["decided_on"],
        row["grids"],
    )


async def filings(call: Call, wanted: Wanted) -> Listed[FilingRow]:
    """The filings of the viewer's areas, the newest first."""
    where = Where()
    condition, areas = queries.seen_from(call, "j.path")
    where.add(condition, areas)
    if state := wanted.filters.get("state"):
        where.add("l.state = {}", state)
    if wanted.query:
        where.add("l.number like {} or j.name like {}", f"%{wanted.query}%", f"%{wanted.query}%")
    key = "to_char(9999999999 - l.id, 'FM0000000000')"
    return await listed(call.db, FILING_ROW, where, wanted, _filing, key=key, id_="l.public_id")


async def filing(call: Call, id_: str) -> FilingRow:
    """One filing by public id."""
    row = await call.db.row(f"{FILING_ROW} where l.public_id = $1", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _filing(row)


async def filed_grids(call: Call, filing: int) -> tuple[FiledRow, ...]:
    """The grids of a filing, as they were filed."""
    rows = await call.db.rows(
        "select g.public_id, f.before, f.drawn from filed_grid f join grid g on g.id = f.grid "
        "where f.filing = $1 order by g.code",
        filing,
    )
    return tuple(FiledRow(row["public_id"], _read(row["before"]), GridOnFile.read(json.loads(row["drawn"]))) for row in rows)


async def filings_of(call: Call, grid: int) -> tuple[FilingRow, ...]:
    """The filings of the viewer's areas that a grid was in, the newest first."""
    rows = await call.db.rows(
        f"{FILING_ROW} where exists (select from filed_grid f where f.filing = l.id and f.grid = $1) order by l.id desc", grid
    )
    return tuple(_filing(row) for row in rows if call.viewer.covers(row["path"]))


async def may_withdraw(call: Call, row: FilingRow) -> bool:
    """Whether the filing waits, and the viewer acts for the office that filed it, or for what that is now."""
    units = await queries.units_around(call, [row.path], call.today)
    return row.state == "waiting" and _acts(call, row.unit_id, row.unit_kind, row.path, units)


async def may_decide(call: Call, row: FilingRow) -> bool:
    """Whether the filing waits, and the viewer acts for the office that it lies with."""
    return row.state == "waiting" and row.id in await _deciders(call, [row])


async def _deciders(call: Call, rows: Sequence[FilingRow]) -> dict[int, int]:
    """The office that decides on each of these filings today, where the viewer acts for it.

    An office that is no more is followed by the nearest one of its kind.
    """
    units = await queries.units_around(call, sorted({row.path for row in rows}), call.today)
    found = {row.id: nearest(row.office_kind, row.path, serving(units, [])) for row in rows}
    return {id_: office.id for id_, office in found.items() if office is not None and office.id in call.viewer.units}


# What is done


async def file(call: Call, place: str, rule: str, *, form: str, mark: str) -> str:
    """File what a place has to file, just as it was seen; the filing's public id. Sent twice, it is filed once."""
    at = await queries.jurisdiction(call, place)

    async def work() -> str:
        if done := await call.db.row("select public_id, state from filing where form = $1 and jurisdiction = $2", form, at.id):
            if done["state"] in ("withdrawn", "returned"):
                state = FILING[done["state"]]
                raise SentBefore(say("这一次报送后来{state}，没有再报送。下面是现在要报的，请核对后再按一次按钮。", state=state))
            return str(done["public_id"])
        now = await ready_at(call, place, rule)
        if now is None or (not now.grids and now.waiting is None):
            raise Refused(say("没有需要报送的：网格均已备案，或已报送待备案。"))
        if not now.ours:
            raise Refused(say("由{unit}报送，您不能代报。", unit=now.unit.name))
        if now.waiting is not None:
            raise Refused(say("已有一件报送待备案。需要更改的，请先撤回该件，再一并报送。"))
        if now.office is None:
            kind = now.scheme.units[now.rule.at].name
            raise Refused(say("还没有登记备案的部门（{name}），无法报送。请上级先登记。", name=kind))
        if now.mark != mark:
            raise Refused(say("您核对以后，网格又有变动。下面是最新内容，请核对后再报送。"))
        return await _file(call, now, now.office, form)

    return await call.alone(f"filing {at.id}", work)


async def _file(call: Call, now: Ready, office: UnitAt, form: str) -> str:
    row = GridFiling(
        form=form,
        region=now.scheme.region.code,
        edition=now.scheme.edition_id,
        rule=now.rule.code,
        jurisdiction=now.place.id,
        unit=now.unit.id,
        office=office.id,
        filed_on=call.today,
        filed_by_name=call.viewer.name,
    )
    await row.save()
    rows = [
        (row.id, one.id, json.dumps(one.accepted.kept()) if one.accepted is not None else None, json.dumps(one.now.kept()))
        for one in now.grids
    ]
    await call.db.copy("filed_grid", ("filing", "grid", "before", "drawn"), rows)
    data = {"unit": now.unit.name, "office": office.name, "grids": [one.now.code for one in now.grids]}
    await record(call, "filed", "filing", row.public_id, area=now.place.path, data=data)
    acts = [(one.public_id, one.path, {"office": office.name, "filing": row.public_id}) for one in now.grids]
    await record_many(call, "filed", "grid", acts)
    return str(row.public_id)


async def withdraw(call: Call, id_: str) -> None:
    """The office that filed takes it back while it waits."""

    async def work() -> None:
        row = await filing(call, id_)
        if row.state == "withdrawn":
            return
        if row.state == "waiting" and not await may_withdraw(call, row):
            raise Refused(say("只有报送的部门可以撤回。"))
        await _decide(call, row, "withdrawn", "taken_back")

    await call.alone(f"filing decided {id_}", work)


async def accept(call: Call, id_: str, number: str, day: date) -> None:
    """Put the grids on file under a number (备案号), as they were filed."""

    async def work() -> None:
        row = await filing(call, id_)
        if (row.state, row.number, row.decided_on) == ("accepted", number, day):
            return
        if row.state == "waiting" and not row.filed_on <= day <= call.today:
            raise Refused(say("备案日期要在报送那天（{since}）到今天之间。", since=row.filed_on), field="day")
        await _decide(call, row, "accepted", "put_on_file", number=number, day=day)

    await call.alone(f"filing decided {id_}", work)


async def send_back(call: Call, id_: str, reason: str) -> None:
    """Return a filing to the office that filed it, which reads why."""

    async def work() -> None:
        row = await filing(call, id_)
        if (row.state, row.reason) != ("returned", reason):
            await _decide(call, row, "returned", "sent_back", reason=reason)

    await call.alone(f"filing decided {id_}", work)


async def _decide(
    call: Call, row: FilingRow, state: str, verb: str, *, number: str = "", reason: str = "", day: date | None = None
) -> None:
    """Close a filing that waits; :class:`Refused` where that was done before, or is not the viewer's to do."""
    if row.state != "waiting":
        raise Refused(say("这件已于 {day}办结：{state}。没有再改动。", day=row.decided_on, state=FILING[row.state]))
    office = (await _deciders(call, [row])).get(row.id)
    if state != "withdrawn" and office is None:
        raise Refused(say("由{office}办理，您不能代办。", office=row.office))
    await call.db.rows(
        "update filing set state = $2, number = $3, reason = $4, decided_on = $5, office = coalesce($6, office) where id = $1",
        row.id,
        state,
        number,
        reason,
        day or call.today,
        office if state != "withdrawn" else None,
    )
    data = {key: value for key, value in (("number", number), ("why", reason)) if value}
    await record(call, verb, "filing", row.public_id, area=row.path, data=data)
    acts = [
        (one["public_id"], one["path"], {**data, "filing": row.public_id})
        for one in await call.db.rows(
            "select g.public_id, j.path from filed_grid f join grid g on g.id = f.grid "
            "join jurisdiction j on j.id = g.jurisdiction where f.filing = $1 order by g.code",
            row.id,
        )
    ]
    await record_many(call, verb, "grid", acts)
