"""Reading boards: the one row behind a public page, the office's lists, and the register as a board needs it."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from portal.areas.queries import FULL_NAME, seen_from, units_around
from portal.areas.rules import UnitAt, serving
from portal.boards.rules import Facts, GridAt, Holder, Source, difference, photos
from portal.call import Call, Event
from portal.errors import NotVisible, Refused
from portal.ledger.queries import stored_codes
from portal.people.interests import Instead, stand_back
from portal.people.queries import holders
from portal.storage.engine import Record
from portal.storage.lists import Listed, Wanted, Where, listed
from portal.terms import say


@dataclass(frozen=True)
class BoardPage:
    """Everything that the page behind a board's code shows, from its one row. ``earlier`` is what holds no more of the versions
    before, which may still hang; ``changed`` of this one.
    """

    code: str
    version: int
    issued_on: date
    trial: bool
    printed_json: str
    live: Facts
    changed: Sequence[Mapping[str, str]]
    stale_since: date | None
    revoked_why: str
    revoked: bool
    waits: bool
    earlier: Sequence[Mapping[str, str]] = ()

    @property
    def told(self) -> Sequence[Mapping[str, str]]:
        """What whoever stands before the wall has to know: of this version or of one that may still hang."""
        return [*self.changed, *(one for one in self.earlier if one not in self.changed)]

    @property
    def printed(self) -> Facts:
        """What stands on the wall. The page shows the live facts, so these are read only where somebody asks."""
        facts: Facts = json.loads(self.printed_json)
        return facts

    @property
    def photos(self) -> set[str]:
        """The stored pictures that the page shows: of whoever the board names no more, or of whom there is a newer one, none."""
        return photos(self.live)


@dataclass(frozen=True)
class BoardRow:
    """A board in the office's list."""

    id: int
    code: str
    of: str
    region: str
    name: str
    grid_name: str
    subject_id: str
    version: int
    issued_on: date
    trial: bool
    stale_since: date | None
    revoked: bool
    path: str


@dataclass(frozen=True)
class Target:
    """A grid or enterprise that may have a board: by public id, with the board that it has. ``place`` and ``address`` are where
    it is to hang.
    """

    of: str
    id: str
    code: str
    name: str
    board: str | None = field(default=None)
    place: str = ""
    address: str = ""

    @property
    def on_the_way(self) -> tuple[object, ...]:
        """Its place in the order in which somebody walks to hang boards: place by place, the grid's own first, then along the
        streets by number.
        """
        street = [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"([0-9]+)", self.address)]
        return (self.place, self.of != "grid", street, self.name, self.code)


async def page(call: Call, code: str) -> BoardPage:
    """The board behind a public code. One statement; anybody may read it."""
    row = await call.db.row(
        """
        select code, version, issued_on, trial, printed, live, changed, stale_since, revoked_at, revoked_why,
            exists (select from board_waiting where board = board.id) as waits,
            case when hung < version then (select array_agg(v.facts order by v.number desc) from board_version v
                where v.board = board.id and v.number >= board.hung and v.number < board.version) end as earlier
        from board where code = $1
        """,
        code,
    )
    if row is None:
        raise NotVisible
    live, changed = json.loads(row["live"]), json.loads(row["changed"])
    # Differences that an earlier release noted show the numbers of those who left
    changed = difference(json.loads(row["printed"]), live) if changed else []
    old = [one for facts in row["earlier"] or () for one in difference(json.loads(facts), live)]
    return BoardPage(
        row["code"],
        row["version"],
        row["issued_on"],
        row["trial"],
        row["printed"],
        live,
        changed,
        row["stale_since"],
        row["revoked_why"],
        row["revoked_at"] is not None,
        row["waits"],
        [one for n, one in enumerate(old) if one not in old[:n]],
    )


BOARD = """
    select b.id, b.code, b.of, b.region, b.version, b.issued_on, b.trial, b.stale_since, b.revoked_at, j.path,
        coalesce(e.name, g.name) as name, coalesce(g.name, pg.name, '') as grid_name,
        coalesce(e.public_id, g.public_id) as subject_id,
        b.code as sort_key, b.code as sort_id
    from board b join jurisdiction j on j.id = b.jurisdiction left join enterprise e on e.id = b.enterprise
        left join grid g on g.id = b.grid
        left join placement pl on pl.enterprise = e.id and pl.since <= '{today}'
            and (pl.until is null or pl.until > '{today}')
        left join grid pg on pg.id = pl.grid
"""


def _select(call: Call) -> str:
    return BOARD.format(today=call.today.isoformat())


def _board(row: Record) -> BoardRow:
    return BoardRow(
        row["id"],
        row["code"],
        row["of"],
        row["region"],
        row["name"],
        row["grid_name"],
        row["subject_id"],
        row["version"],
        row["issued_on"],
        row["trial"],
        row["stale_since"],
        row["revoked_at"] is not None,
        row["path"],
    )


async def boards(call: Call, wanted: Wanted) -> Listed[BoardRow]:
    """The boards of the viewer's areas; by default those that hang, or only the stale ones."""
    where = Where()
    condition, areas = seen_from(call, "j.path")
    where.add(condition, areas)
    if wanted.query:
        where.add("coalesce(e.name, g.name) like {} or b.code like {}", f"%{wanted.query}%", f"{wanted.query.upper()}%")
    if wanted.filters.get("ended") != "yes":
        where.add("b.revoked_at is null")
    if wanted.filters.get("stale") == "yes":
        where.add("b.stale_since is not null")
    return await listed(call.db, _select(call), where, wanted, _board, key="b.code", id_="b.code")


async def board(call: Call, code: str) -> BoardRow:
    """One board for its office."""
    row = await call.db.row(f"{_select(call)} where b.code = $1", code)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _board(row)


async def board_of(call: Call, of: str, id_: int) -> BoardRow | None:
    """The board of a grid or an enterprise that is not revoked."""
    row = await call.db.row(f"{_select(call)} where b.{_column(of)} = $1 and b.revoked_at is null", id_)
    return _board(row) if row else None


async def stale_count(call: Call) -> int:
    """How many boards of the viewer's areas no longer tell the truth."""
    condition, areas = seen_from(call, "j.path")
    return int(
        await call.db.value(
            f"""
            select count(*) from board b join jurisdiction j on j.id = b.jurisdiction
            where {condition.format("$1")} and b.stale_since is not null and b.revoked_at is null
            """,
            areas,
        )
    )


async def targets(call: Call, *, region: str, grid: str | None = None, enterprise: str | None = None) -> tuple[Target, ...]:
    """What may have a board: one grid (by code) with its enterprises, one enterprise (by credit code or name), or all; in the
    order in which one walks.

    A grid that is an enterprise has none of its own: the enterprise's board says it all.
    """
    condition, areas = seen_from(call, "j.path")
    rows = await call.db.rows(
        f"""
        select 'grid' as of, g.public_id, g.code, g.name, b.code as board, j.path, '' as address from grid g
            join jurisdiction j on j.id = g.jurisdiction left join board b on b.grid = g.id and b.revoked_at is null
            where g.region = $1 and {condition.format("$2")} and (g.until is null or g.until > $5) and $4::text is null
                and g.enterprise is null
                and ($3::text is null or g.code = $3)
        union all
        select 'enterprise', e.public_id, coalesce(e.credit_code, e.public_id), e.name, b.code, j.path, e.address
            from enterprise e
            join jurisdiction j on j.id = e.division left join board b on b.enterprise = e.id and b.revoked_at is null
            join placement pl on pl.enterprise = e.id and pl.since <= $5 and (pl.until is null or pl.until > $5)
                and pl.outcome in ('placed', 'direct')
            left join grid g on g.id = pl.grid
            where e.region = $1 and {condition.format("$2")} and (e.until is null or e.until > $5)
                and ($3::text is null or g.code = $3) and ($4::text is null or e.credit_code = $4 or e.name = $4)
        """,
        region,
        areas,
        grid,
        enterprise,
        call.today,
    )
    found = (Target(*(row[name] for name in ("of", "public_id", "code", "name", "board", "path", "address"))) for row in rows)
    return tuple(sorted(found, key=lambda target: target.on_the_way))


@dataclass(frozen=True)
class BoardSubject:
    """What a board is of, by internal ids; ``board`` where it exists already, ``grid`` None where it belongs to none now."""

    of: str
    grid: int | None
    enterprise: int | None
    jurisdiction: int
    edition: str
    board: int | None = None


def _column(of: str) -> str:
    return "grid" if of == "grid" else "enterprise"


async def subject(call: Call, of: str, id_: str) -> BoardSubject | None:
    """The subject of a board by public id, as it stands today; None for a dissolved grid, or an enterprise in nobody's care.

    :class:`Refused` for a grid that is an enterprise.
    """
    if of == "grid":
        row = await call.db.row(
            "select case when g.until is null or g.until > $2 then g.id end as grid, null::bigint as enterprise, g.jurisdiction, "
            "g.enterprise as firm, g.region, g.edition, 'placed' as outcome, j.path from grid g "
            "join jurisdiction j on j.id = g.jurisdiction where g.public_id = $1",
            id_,
            call.today,
        )
    else:
        row = await call.db.row(
            """
            select pl.grid, e.id as enterprise, e.division as jurisdiction, e.region, pl.edition, pl.outcome, j.path
            from enterprise e
            join jurisdiction j on j.id = e.division left join placement pl on pl.enterprise = e.id and pl.since <= $2
                and (pl.until is null or pl.until > $2)
            where e.public_id = $1
            """,
            id_,
            call.today,
        )
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    if of == "grid" and row["firm"] is not None:
        raise Refused(say("这个网格就是一家单位，只挂单位的公示牌。请到这家单位的页面签发。"))
    if row["grid"] is None and row["outcome"] != "direct":
        return None
    return BoardSubject(of, row["grid"], row["enterprise"], row["jurisdiction"], _edition(call, row))


def _edition(call: Call, row: Record) -> str:
    """What a board tells is told under the edition in force; where none is, under the one that its subject kept."""
    scheme = call.book.in_force(row["region"], call.today)
    return scheme.edition_id if scheme is not None else str(row["edition"])


async def subjects_of_boards(call: Call, boards: Sequence[int], *, revoked: bool = False) -> dict[int, BoardSubject]:
    """The subjects of boards that hang, as they stand today; where it is asked for, of ``revoked`` ones too."""
    rows = await call.db.rows(
        """
        select b.id, b.of, b.region, b.enterprise, coalesce(e.division, g.jurisdiction, b.jurisdiction) as jurisdiction,
            case when b.enterprise is not null then pl.grid when g.until is null or g.until > $2 then g.id end as grid,
            coalesce(pl.edition, g.edition, b.edition) as edition
        from board b left join placement pl on pl.enterprise = b.enterprise and pl.since <= $2
            and (pl.until is null or pl.until > $2)
        left join grid g on g.id = b.grid left join enterprise e on e.id = b.enterprise
        where b.id = any($1) and (b.revoked_at is null or $3) order by b.id
        """,
        list(boards),
        call.today,
        revoked,
    )
    return {
        row["id"]: BoardSubject(row["of"], row["grid"], row["enterprise"], row["jurisdiction"], _edition(call, row), row["id"])
        for row in rows
    }


async def live_facts(call: Call, boards: Sequence[int]) -> dict[int, Facts]:
    """What the pages of these boards show."""
    return {
        row["id"]: json.loads(row["live"])
        for row in await call.db.rows("select id, live from board where id = any($1)", list(boards))
    }


async def names_of(call: Call, boards: Sequence[int]) -> tuple[str, ...]:
    """What these boards are of, by name."""
    rows = await call.db.rows(
        "select coalesce(e.name, g.name) as name from board b left join enterprise e on e.id = b.enterprise "
        "left join grid g on g.id = b.grid where b.id = any($1) order by coalesce(e.pinyin, g.pinyin), b.id",
        list(boards),
    )
    return tuple(row["name"] for row in rows)


async def gather(call: Call, subjects: Sequence[BoardSubject]) -> list[Source]:
    """All that the register knows for these boards today, in nine statements however many they are."""
    chains = await _chains(call, [one.grid for one in subjects if one.grid is not None])
    places = await _places(call, [one.jurisdiction for one in subjects])
    grids = sorted({id_ for chain in chains.values() for id_ in chain})
    known = await _grids(call, grids)
    firms = await _enterprises(call, [one.enterprise for one in subjects if one.enterprise is not None])
    charged = await _charged(call, list(firms))
    paths = sorted({place["path"] for place in places.values()})
    served = {row["served_by"] for row in known.values() if row["served_by"] is not None}
    units = await units_around(call, paths, call.today, also=served)
    offices = {unit.id for unit in units} | {unit.id for of in charged.values() for unit in of.values()}
    held = await holders(call, grids=grids, units=sorted(offices), enterprises=list(firms), day=call.today)
    at: dict[tuple[str, int], list[Holder]] = defaultdict(list)
    for held_ in held:
        at[held_.seat_kind, held_.seat].append(
            Holder(
                held_.person,
                held_.post,
                held_.seat_kind,
                held_.seat,
                held_.person_name,
                held_.phone,
                held_.badge,
                held_.portrait,
            )
        )
    back = await stand_back(call, list(firms), call.today)
    found = []
    for one in subjects:
        chain = chains[one.grid] if one.grid is not None else []
        firm = firms.get(one.enterprise) if one.enterprise is not None else None
        path = places[one.jurisdiction]["path"]
        lines = charged.get(one.enterprise or 0, {})
        direct = _directly(call, one, firm, lines)
        chosen = [
            *(unit.id for unit in direct),
            *(known[id_]["served_by"] for id_ in chain if known[id_]["served_by"] is not None),
        ]
        known_here = {unit.id: unit for unit in (*units, *direct) if unit.id in chosen or path.startswith(unit.path)}
        near = serving(known_here.values(), chosen)
        seats = [("grid", id_) for id_ in chain] + [("unit", id_) for id_ in sorted({u.id for u in (*near, *lines.values())})]
        seats += [("enterprise", one.enterprise)] if one.enterprise is not None else []
        found.append(
            Source(
                of=one.of,
                place=known[one.grid]["full_name"] if one.grid is not None else places[one.jurisdiction]["full_name"],
                path=path,
                grids=[_grid_at(call, known[id_]) for id_ in chain],
                enterprise=one.enterprise,
                enterprise_name=firm["name"] if firm else "",
                address=firm["address"] if firm else "",
                klass=firm["klass"] if firm else None,
                charged=lines,
                holders=[
                    there for seat in seats for holder in at[seat] if (there := _there(holder, one.enterprise, back)) is not None
                ],
                units=near,
            )
        )
    return found


def _there(holder: Holder, enterprise: int | None, back: Mapping[tuple[int, int], Instead | None]) -> Holder | None:
    """The holder, or who is there instead where the holder stands back from this enterprise; None where nobody is."""
    if enterprise is None or (enterprise, holder.person) not in back:
        return holder
    other = back[enterprise, holder.person]
    if other is None:
        return None
    return replace(holder, person=other.person, name=other.name, phone=other.phone, badge=other.badge, portrait=other.portrait)


def _directly(call: Call, one: BoardSubject, firm: Record | None, lines: Mapping[str, UnitAt]) -> list[UnitAt]:
    """The office that supervises an enterprise itself, where it was put in charge of it on a line."""
    scheme = call.book.with_id(one.edition)
    placement = scheme.placements.get(firm["klass"] or "") if scheme is not None and firm is not None else None
    if scheme is None or placement is None or placement.direct is None:
        return []
    return [lines[line] for line in scheme.lines if line in lines and lines[line].kind == placement.direct][:1]


def _grid_at(call: Call, row: Record) -> GridAt:
    area = row["area_note"] or "、".join(row["divisions"] or [row["place"]])
    places = (row["jurisdiction"], *(row["division_ids"] or ()))
    return GridAt(row["id"], row["tier"], row["code"], row["name"], area, places, row["kind"], row["path"], _tier_name(call, row))


def _tier_name(call: Call, row: Record) -> str:
    """What the tier was called under the edition under which the grid was drawn."""
    drawn_under = call.book.with_id(row["edition"])
    tier = drawn_under.tiers.get(row["tier"]) if drawn_under is not None else None
    return tier.name if tier is not None else ""


async def _chains(call: Call, grids: Sequence[int]) -> dict[int, list[int]]:
    rows = await call.db.rows(
        """
        with recursive chain as (
            select id as start, id, parent, 0 as depth from grid where id = any($1)
            union all select chain.start, g.id, g.parent, depth + 1 from chain join grid g on g.id = chain.parent
        ) select start, array_agg(id order by depth) as ids from chain group by start
        """,
        list(grids),
    )
    return {row["start"]: list(row["ids"]) for row in rows}


async def _grids(call: Call, grids: Sequence[int]) -> dict[int, Record]:
    rows = await call.db.rows(
        f"""
        select g.id, g.edition, g.tier, g.code, g.name, g.area_note, g.jurisdiction, g.served_by, j.path, j.kind, j.name as place,
            {FULL_NAME.format(path="j.path")} as full_name, ground.names as divisions, ground.ids as division_ids
        from grid g join jurisdiction j on j.id = g.jurisdiction
            left join lateral (select array_agg(d.name order by d.code) as names, array_agg(d.id order by d.code) as ids
                from grid_ground gg join jurisdiction d on d.id = gg.division
                where gg.grid = g.id and gg.since <= $2 and (gg.until is null or gg.until > $2)) ground on true
        where g.id = any($1)
        """,
        list(grids),
        call.today,
    )
    return {row["id"]: row for row in rows}


async def _places(call: Call, jurisdictions: Sequence[int]) -> dict[int, Record]:
    rows = await call.db.rows(
        f"select j.id, j.path, {FULL_NAME.format(path='j.path')} as full_name from jurisdiction j where j.id = any($1)",
        list(jurisdictions),
    )
    return {row["id"]: row for row in rows}


async def _enterprises(call: Call, enterprises: Sequence[int]) -> dict[int, Record]:
    rows = await call.db.rows(
        """
        select e.id, e.name, e.address, j.path, pl.klass from enterprise e join jurisdiction j on j.id = e.division
            left join placement pl on pl.enterprise = e.id and pl.since <= $2 and (pl.until is null or pl.until > $2)
        where e.id = any($1)
        """,
        list(enterprises),
        call.today,
    )
    return {row["id"]: row for row in rows}


async def _charged(call: Call, enterprises: Sequence[int]) -> dict[int, dict[str, UnitAt]]:
    """The offices in charge of these enterprises today, by line."""
    rows = await call.db.rows(
        """
        select c.enterprise, c.line, u.id, u.kind, u.name, u.phone, j.path, j.kind as place_kind from charge c
            join unit u on u.id = c.unit join jurisdiction j on j.id = u.jurisdiction
        where c.enterprise = any($1) and c.since <= $2 and (c.until is null or c.until > $2)
        """,
        list(enterprises),
        call.today,
    )
    found: dict[int, dict[str, UnitAt]] = defaultdict(dict)
    for row in rows:
        found[row["enterprise"]][row["line"]] = UnitAt(
            row["id"], row["kind"], row["name"], row["phone"], row["path"], row["place_kind"]
        )
    return found


async def touched(call: Call, things: Sequence[tuple[str, int]]) -> list[int]:
    """The boards whose facts were taken from one of these things and that still hang."""
    rows = await call.db.rows(
        """
        select distinct s.board from unnest($1::text[], $2::bigint[]) as t(kind, subject)
            join board_source s on s.kind = t.kind and s.subject = t.subject join board b on b.id = s.board
        where b.revoked_at is null
        """,
        [kind for kind, _ in things],
        [subject for _, subject in things],
    )
    return [row["board"] for row in rows]


PLACE_OF = {
    "jurisdiction": "select id, id as place from jurisdiction",
    "unit": "select id, jurisdiction as place from unit",
    "grid": "select id, jurisdiction as place from grid",
    "person": "select id, jurisdiction as place from person",
    "enterprise": "select id, division as place from enterprise",
}


async def regions_around(call: Call, events: Sequence[Event]) -> set[str]:
    """The regions whose boards may have to do with what happened: that which governs the place, or all below it."""
    paths: set[str] = set()
    for kind, select in PLACE_OF.items():
        if ids := [event.subject for event in events if event.kind == kind]:
            sql = f"select distinct j.path from ({select}) t join jurisdiction j on j.id = t.place where t.id = any($1)"
            paths.update(row["path"] for row in await call.db.rows(sql, ids))
    governed = await call.db.rows("select path, region from jurisdiction where region is not null")
    found: set[str] = set()
    for path in paths:
        above = [row for row in governed if path.startswith(row["path"])]
        below = [row for row in governed if row["path"].startswith(path)]
        around = [max(above, key=lambda row: len(row["path"]))] if above else below
        found.update(row["region"] for row in around)
    return found


async def regions_of(call: Call, boards: Sequence[int]) -> list[str]:
    """The regions of these boards."""
    if not boards:
        return []
    rows = await call.db.rows("select distinct region from board where id = any($1)", list(boards))
    return [row["region"] for row in rows]


async def put_off(call: Call, boards: Sequence[int]) -> list[str]:
    """Note that these boards wait to be brought up to date, which their pages say from the commit on; their codes."""
    rows = await call.db.rows(
        """
        with waits as (
            insert into board_waiting (board, since) select b, $2 from unnest($1::bigint[]) b on conflict (board) do nothing
        ) select code from board where id = any($1)
        """,
        list(boards),
        call.now,
    )
    return [row["code"] for row in rows]


async def no_longer_wait(call: Call, boards: Sequence[int]) -> list[str]:
    """These boards are up to date; their codes."""
    rows = await call.db.rows(
        "with done as (delete from board_waiting where board = any($1)) select code from board where id = any($1)", list(boards)
    )
    return [row["code"] for row in rows]


WAITING = """
    from board_waiting w join board b on b.id = w.board
    where b.region = any($1) and ($2::text is null or b.code = $2)
"""


async def first_waiting(call: Call, code: str | None = None) -> str | None:
    """A region, of those whose plugin is on, in which a board waits."""
    region = await call.db.value(f"select b.region {WAITING} order by w.board limit 1", list(call.book.regions), code)
    return str(region) if region is not None else None


async def waiting(call: Call, region: str, code: str | None, *, most: int) -> list[int]:
    """The first boards of a region that wait."""
    rows = await call.db.rows(f"select w.board {WAITING} order by w.board limit $3", [region], code, most)
    return [row["board"] for row in rows]


async def waiting_count(call: Call, region: str) -> int:
    """How many boards of a region wait to be brought up to date."""
    return int(await call.db.value(f"select count(*) {WAITING}", [region], None))


async def told_otherwise(call: Call, region: str, edition: str, *, after: int, most: int) -> list[int]:
    """Boards of the region that hang and whose live facts were told under another edition, by id."""
    others = {scheme.edition_id for scheme in call.book.schemes_of(region)} | await stored_codes(call, region)
    rows = await call.db.rows(
        """
        select id from board where region = $1 and live->>'edition' = any($2) and revoked_at is null and id > $3
        order by id limit $4
        """,
        region,
        sorted(others - {edition}),
        after,
        most,
    )
    return [row["id"] for row in rows]


async def hanging(call: Call, region: str, *, after: int, most: int) -> list[int]:
    """Boards of a region that hang, by id."""
    rows = await call.db.rows(
        "select id from board where region = $1 and revoked_at is null and id > $2 order by id limit $3", region, after, most
    )
    return [row["id"] for row in rows]


async def of_enterprises(call: Call, enterprises: Sequence[int]) -> list[int]:
    """The boards of these enterprises that hang."""
    rows = await call.db.rows("select id from board where enterprise = any($1) and revoked_at is null", list(enterprises))
    return [row["id"] for row in rows]


async def around(call: Call, kind: str, subject: int) -> list[int]:
    """The boards that hang at or below the place of a unit or jurisdiction: what a new or renamed one may touch."""
    place = "select jurisdiction from unit where id = $1" if kind == "unit" else "select $1::bigint"
    rows = await call.db.rows(
        f"""
        select b.id from board b join jurisdiction j on j.id = b.jurisdiction
        where b.revoked_at is null and j.path like (select path from jurisdiction where id = ({place})) || '%'
        """,
        subject,
    )
    return [row["id"] for row in rows]
