"""Grids that are enterprises: where a class leads to a tier of them, the portal makes an enterprise's own grid, and it follows
the enterprise in name, place and time. Nobody draws, changes or ends one by hand.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from portal.call import Call, Event
from portal.enterprises.queries import ToPlace
from portal.enterprises.rules import GroundOn, Spell, grid_around, in_force, to_make
from portal.errors import Refused
from portal.ledger.actions import record, record_many, tell
from portal.scheme.book import Era
from portal.storage.columns import public_id
from portal.storage.engine import Record
from portal.storage.search import index
from portal.terms import say

LONGEST_NAME = 80
MOST_TRIED = 20_000
Made = Mapping[int, Mapping[str, int]]


@dataclass(frozen=True)
class Located:
    """An enterprise with what decides where it belongs: which edition rules when, the grounds that can hold it, and the tiers in
    which it may be a grid itself, under whichever edition.
    """

    firm: ToPlace
    eras: Sequence[Era]
    near: Sequence[GroundOn]
    own_tiers: tuple[str, ...]

    def era(self, day: date) -> Era:
        """The stretch around a day."""
        return next(era for era in self.eras if era.until is None or day < era.until)

    def parent(self, tier: str, day: date, kept: int | None = None) -> int | None:
        """The grid in which its own grid lies, by the edition that rules on that day, or ruled last; the one that it ``kept``
        where that knows no such tier.
        """
        begun = [era.scheme for era in self.eras if era.since <= day and era.scheme is not None]
        if not begun or tier not in begun[-1].tiers:
            return kept
        return grid_around(begun[-1], begun[-1].tiers[tier], self.firm.address, self.near, day)


@dataclass(frozen=True)
class Decided:
    """Where an enterprise belongs from ``start`` on."""

    here: Located
    start: date
    spells: Sequence[Spell]


@dataclass(frozen=True)
class OwnGrid:
    """An enterprise's own grid, as sheets may call it."""

    id: str
    code: str
    name: str
    tier: str
    path: str


@dataclass(frozen=True)
class _New:
    """A grid to be made."""

    here: Located
    tier: str
    spell: Spell

    def parent(self, today: date) -> int | None:
        """The grid in which it lies today, or on its last day."""
        day = max(self.spell.since, today)
        if self.spell.until is not None:
            day = min(day, self.spell.until - timedelta(days=1))
        return self.here.parent(self.tier, day)


@dataclass(frozen=True)
class _State:
    """What of an own grid follows its enterprise."""

    name: str
    area_note: str
    jurisdiction: int
    parent: int | None
    since: date
    until: date | None


async def made(call: Call, enterprises: Sequence[int]) -> dict[int, dict[str, int]]:
    """The grids that these enterprises have, or had: by enterprise and tier."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in await call.db.rows("select id, enterprise, tier from grid where enterprise = any($1)", list(enterprises)):
        found[row["enterprise"]][row["tier"]] = row["id"]
    return found


async def own_grids(call: Call, enterprises: Sequence[str]) -> tuple[OwnGrid, ...]:
    """The grids in force that these enterprises (by public id) are."""
    rows = await call.db.rows(
        "select g.public_id, g.code, g.name, g.tier, j.path from grid g join jurisdiction j on j.id = g.jurisdiction "
        "join enterprise e on e.id = g.enterprise where e.public_id = any($1) and (g.until is null or g.until > $2)",
        list(enterprises),
        call.today,
    )
    return tuple(OwnGrid(row["public_id"], row["code"], row["name"], row["tier"], row["path"]) for row in rows)


async def make(call: Call, decided: Sequence[Decided]) -> list[Decided]:
    """The placements with the own grids in them that had still to be made: as many statements for many as for one."""
    wanted: dict[tuple[int, str], _New] = {}
    for one in decided:
        for spell in one.spells:
            if (tier := to_make(one.here.own_tiers, spell)) is not None:
                wanted.setdefault((one.here.firm.id, tier), _New(one.here, tier, spell))
    ids: dict[int, dict[str, int]] = defaultdict(dict)
    while left := [new for (firm, code), new in wanted.items() if code not in ids[firm]]:
        for firm, code, grid in await _insert(call, left):
            ids[firm][code] = grid
        if any(new.tier not in ids[new.here.firm.id] for new in left):
            # Somebody else was given the same number, or made the very grid, meanwhile
            for firm, tiers in (await made(call, [new.here.firm.id for new in left])).items():
                ids[firm] |= tiers
    if not wanted:
        return list(decided)
    return [replace(one, spells=[_with_grid(one.here, spell, ids) for spell in one.spells]) for one in decided]


def _with_grid(here: Located, spell: Spell, ids: Made) -> Spell:
    tier = to_make(here.own_tiers, spell)
    if tier is None:
        return spell
    value = replace(spell.decision.value, grid=ids[here.firm.id][tier])
    return replace(spell, decision=replace(spell.decision, value=value))


COLUMNS = "public_id, region, edition, tier, code, name, pinyin, area_note, jurisdiction, parent, enterprise, since"
WANTED = f"""
    unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::bigint[], $10::bigint[], $11::bigint[], $12::date[]) with ordinality as w({COLUMNS}, n)
"""
# The grid that was taken back with its enterprise is that grid again, under its number where that is free
BACK = f"""
    update public.grid g set region = w.region, edition = w.edition, name = w.name, pinyin = w.pinyin, area_note = w.area_note,
        code = case when exists (select from grid o where o.region = g.region and o.code = g.code) then w.code else g.code end,
        jurisdiction = w.jurisdiction, parent = w.parent, since = w.since, until = null, undone_on = null
    from {WANTED} where g.undone_on is not null and g.enterprise = w.enterprise and g.tier = w.tier
    returning g.id, g.public_id, g.enterprise, g.tier, g.code, g.name
"""
NEW = f"""
    insert into grid ({COLUMNS}) select {COLUMNS} from {WANTED}
    where not exists (select from grid g where g.enterprise = w.enterprise and g.tier = w.tier) order by n
    on conflict do nothing returning id, public_id, enterprise, tier, code, name
"""


async def _insert(call: Call, news: Sequence[_New]) -> list[tuple[int, str, int]]:
    """Those of the grids that could be written, as (enterprise, tier, id): another one may take a number at the same time."""
    codes = await _codes(call, news)
    rows = [
        (
            public_id(),
            firm.region,
            new.spell.edition,
            new.tier,
            code,
            _name(firm),
            firm.pinyin,
            firm.street,
            firm.division,
            new.parent(call.today),
            firm.id,
            new.spell.since,
        )
        for new, code in zip(news, codes, strict=True)
        for firm in (new.here.firm,)
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    done = await call.db.rows(BACK, *columns)
    done += await call.db.rows(NEW, *columns)
    await index(call.db, "grid", [(row["id"], f"{row['name']} {row['code']}") for row in done])
    paths = {new.here.firm.id: new.here.firm.address.path for new in news}
    told = [
        (row["public_id"], paths[row["enterprise"]], {"code": row["code"], "name": row["name"], "tier": row["tier"]})
        for row in done
    ]
    await record_many(call, "created", "grid", told)
    return [(row["enterprise"], row["tier"], row["id"]) for row in done]


async def _codes(call: Call, news: Sequence[_New]) -> list[str]:
    """A free number for each, by the region's own rule, which counts within tier and division.

    Grids move away with their enterprises and keep their numbers, so a count tells only where to begin looking.
    """
    regions: dict[str, list[int]] = defaultdict(list)
    for n, new in enumerate(news):
        regions[new.here.firm.region].append(n)
    found: dict[int, str] = {}
    for region, some in regions.items():
        found |= zip(some, await _codes_in(call, region, [news[n] for n in some]), strict=True)
    return [found[n] for n in range(len(news))]


async def _codes_in(call: Call, region: str, news: Sequence[_New]) -> list[str]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n, new in enumerate(news):
        groups[new.tier, new.here.firm.division_code].append(n)
    counted = await call.db.rows(
        "select g.tier, j.code, count(*) as n from grid g join jurisdiction j on j.id = g.jurisdiction "
        "where g.region = $1 and g.tier = any($2) and j.code = any($3) group by g.tier, j.code",
        region,
        [tier for tier, _ in groups],
        [division for _, division in groups],
    )
    begun = {(row["tier"], row["code"]): row["n"] for row in counted}
    tried: dict[tuple[str, str], int] = defaultdict(int)
    found: dict[int, str] = {}
    given: set[str] = set()
    ahead = 1
    while waiting := {group: left for group, some in groups.items() if (left := [n for n in some if n not in found])}:
        wanted = [
            (*group, begun.get(group, 0) + tried[group] + n)
            for group, left in waiting.items()
            for n in range(1, len(left) * ahead + 1)
        ]
        codes = await call.portal.plugins.grid_codes(region=region, wanted=wanted)
        given |= {
            row["code"] for row in await call.db.rows("select code from grid where region = $1 and code = any($2)", region, codes)
        }
        for (tier, division, _), code in zip(wanted, codes, strict=True):
            tried[tier, division] += 1
            if code not in given and waiting[tier, division]:
                given.add(code)
                found[waiting[tier, division].pop(0)] = code
        if sum(tried.values()) > MOST_TRIED + 100 * len(news):
            raise Refused(say("地区“{region}”的编号规则给不出没有用过的网格编号，请联系部署人员核对它的插件。", region=region))
        ahead *= 2
    return [found[n] for n in range(len(news))]


# Each run of days on which the enterprise is placed in it
OWN = """
    select g.*, j.path, p.name as parent_name, q.starts, q.ends from grid g join jurisdiction j on j.id = g.jurisdiction
        left join grid p on p.id = g.parent
        left join lateral (
            select array_agg(lower(run) order by run) as starts, array_agg(upper(run) order by run) as ends
            from unnest((select range_agg(daterange(pl.since, pl.until)) from placement pl where pl.grid = g.id)) run
        ) q on true
    where g.enterprise = any($1) order by g.id
"""


async def follow(call: Call, heres: Sequence[Located], *, quietly: bool = False) -> None:
    """Make the own grids of these enterprises what the enterprises are by now: called, placed, begun, ended, going on again.

    Posts at a grid that ends end with it; boards that were taken from one that changes follow, if not ``quietly``. Where the
    plugin of the region is off all stays as it is.
    """
    at = {here.firm.id: here for here in heres if here.firm.region not in call.portal.asleep}
    found = [(row, _now(call, row, at[row["enterprise"]])) for row in await call.db.rows(OWN, list(at))]
    changes = [(row, state) for row, state in found if state != _before(row)]
    if changes:
        await _write(call, changes)
    names = {ground.grid: ground.grid_name for here in heres for ground in here.near}
    told: dict[str, list[tuple[str, str, Mapping[str, object]]]] = defaultdict(list)
    for row, state in changes:
        path, verb, data = at[row["enterprise"]].firm.address.path, _verb(row, state), _changes_told(row, state, names)
        if quietly:
            told[verb].append((row["public_id"], path, data))
        else:
            event = Event(name="followed", kind="grid", subject=row["id"], day=call.today)
            await record(call, verb, "grid", row["public_id"], area=path, data=data, event=event)
    for verb, acts in told.items():
        await record_many(call, verb, "grid", acts)
    for row, state in found:
        # It goes on again, or for the first time, where the row cannot say so yet
        for start in row["starts"] or ():
            if start > max(call.today, state.since):
                await tell(call, Event(name="awaited", kind="grid", subject=row["id"], day=start))


def _now(call: Call, row: Record, here: Located) -> _State:
    """As it has to be: once it has ended it stays what it was."""
    runs = list(zip(row["starts"] or (), row["ends"] or (), strict=True))
    since, until = in_force(runs, row["since"], call.today)
    if until is not None and until <= call.today:
        return replace(_before(row), since=since, until=until)
    parent = here.parent(row["tier"], max(since, call.today), row["parent"])
    return _State(_name(here.firm), here.firm.street, here.firm.division, parent, since, until)


def _before(row: Record) -> _State:
    return _State(row["name"], row["area_note"], row["jurisdiction"], row["parent"], row["since"], row["until"])


def _name(firm: ToPlace) -> str:
    return firm.name[:LONGEST_NAME]


async def _write(call: Call, changes: Sequence[tuple[Record, _State]]) -> None:
    await call.db.rows(
        """
        update grid g set name = x.name, pinyin = e.pinyin, area_note = x.area_note, jurisdiction = x.jurisdiction,
            parent = x.parent, since = x.since, until = x.until
        from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::date[], $7::date[])
            as x(id, name, area_note, jurisdiction, parent, since, until), enterprise e
        where g.id = x.id and e.id = g.enterprise
        """,
        [row["id"] for row, _ in changes],
        [state.name for _, state in changes],
        [state.area_note for _, state in changes],
        [state.jurisdiction for _, state in changes],
        [state.parent for _, state in changes],
        [state.since for _, state in changes],
        [state.until for _, state in changes],
    )
    renamed = [(row["id"], f"{state.name} {row['code']}") for row, state in changes if state.name != row["name"]]
    await index(call.db, "grid", renamed)
    ended = [(row["id"], state.until) for row, state in changes if state.until not in (None, row["until"])]
    await call.db.rows(
        """
        update appointment a set until = greatest(a.since, x.until) from unnest($1::bigint[], $2::date[]) as x(grid, until)
        where a.grid = x.grid and (a.until is null or a.until > x.until)
        """,
        [grid for grid, _ in ended],
        [until for _, until in ended],
    )


def _verb(row: Record, state: _State) -> str:
    if state.until == row["until"]:
        return "changed"
    return "reopened" if state.until is None or (row["until"] is not None and state.until > row["until"]) else "ended"


def _changes_told(row: Record, state: _State, names: Mapping[int, str]) -> dict[str, object]:
    """What changed, as the ledger tells it."""
    data: dict[str, object] = {
        field: [row[field], getattr(state, field)] for field in ("name", "area_note") if row[field] != getattr(state, field)
    }
    if row["parent"] != state.parent:
        data["parent"] = [row["parent_name"], names.get(state.parent or 0)]
    for field in ("since", "until"):
        if row[field] != (day := getattr(state, field)) and day is not None:
            data[field] = day.isoformat()
    return data
