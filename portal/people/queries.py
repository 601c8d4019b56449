"""Reading people: the register, who holds what on a day, and what nobody holds."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.areas.queries import INSIDE, GridRow, UnitRow, seen_from
from portal.areas.refining import at_place, refinements, scheme_for
from portal.call import Call
from portal.codes import folded
from portal.errors import NotVisible, Refused
from portal.people.rules import Gap, Seat, gaps
from portal.scheme.book import Scheme
from portal.scheme.decision import Because, Decision
from portal.scheme.words import Post
from portal.storage.engine import Record
from portal.storage.lists import Listed, Wanted, Where, listed
from portal.terms import say


@dataclass(frozen=True)
class PersonRow:
    """A person as office pages show them."""

    id: int
    public_id: str
    name: str
    phone: str
    badge: str
    certificate: str
    portrait: str | None
    unit_name: str | None
    unit_id: str | None
    place: str
    place_id: str
    path: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Holding:
    """An appointment with the names of what it binds."""

    id: str
    post: str
    region: str
    edition: str
    seat_kind: str
    seat: int
    seat_id: str
    seat_name: str
    person: int
    person_id: str
    person_name: str
    phone: str
    badge: str
    portrait: str | None
    path: str
    since: date
    until: date | None


PERSON = """
    select p.*, f.name as portrait_name, u.name as unit_name, u.public_id as unit_public_id, j.name as place,
        j.public_id as place_id, j.path, p.pinyin as sort_key, p.public_id as sort_id
    from person p join jurisdiction j on j.id = p.jurisdiction
        left join stored_file f on f.id = p.portrait left join unit u on u.id = p.unit
"""
HOLDING = """
    select a.public_id, a.post, a.region, a.edition, a.since, a.until, a.grid, a.unit, a.enterprise, a.reason,
        coalesce(g.public_id, u.public_id, e.public_id) as seat_id, coalesce(g.name, u.name, e.name) as seat_name,
        p.id as person, p.public_id as person_id, p.name as person_name, p.phone, p.badge, f.name as portrait, j.path
    from appointment a join person p on p.id = a.person left join stored_file f on f.id = p.portrait
        left join grid g on g.id = a.grid left join unit u on u.id = a.unit left join enterprise e on e.id = a.enterprise
        join jurisdiction j on j.id = coalesce(g.jurisdiction, u.jurisdiction, e.division)
"""


def _person(row: Record) -> PersonRow:
    return PersonRow(
        row["id"],
        row["public_id"],
        row["name"],
        row["phone"],
        row["badge"],
        row["certificate"],
        row["portrait_name"],
        row["unit_name"],
        row["unit_public_id"],
        row["place"],
        row["place_id"],
        row["path"],
        row["since"],
        row["until"],
    )


def _holding(row: Record) -> Holding:
    kind = next(kind for kind in ("grid", "unit", "enterprise") if row[kind] is not None)
    return Holding(
        row["public_id"],
        row["post"],
        row["region"],
        row["edition"],
        kind,
        row[kind],
        row["seat_id"],
        row["seat_name"],
        row["person"],
        row["person_id"],
        row["person_name"],
        row["phone"],
        row["badge"],
        row["portrait"],
        row["path"],
        row["since"],
        row["until"],
    )


# How many days before somebody begins to serve there an office sees them: to prepare boards and to hand over
AHEAD = 90
# The days after service for which sheets of past deeds may still name somebody: as long as such sheets reach back
LOOKING_BACK = 366
SERVES = """exists (select from appointment a left join grid g on g.id = a.grid left join unit n on n.id = a.unit
    left join enterprise e on e.id = a.enterprise
    join jurisdiction s on s.id = coalesce(g.jurisdiction, n.jurisdiction, e.division)
    where a.person = p.id and s.path like any({areas}) and a.since <= {today}::date + {ahead}
        and (a.until is null or a.until > greatest({today}::date - {back}, a.since)))"""


def seen(areas: str, today: str, *, place: str = "j.path") -> str:
    """The condition that the viewer sees a person ``p`` who belongs to the ``place``, with number, certificate and photo: the
    one answer for every page, list, search, sheet and form (``docs/decisions/0009-people-are-visible-where-they-serve.md``).

    ``areas`` and ``today`` are the places of these values in the statement.
    """
    return f"({place} like any({areas}) or {SERVES.format(areas=areas, today=today, ahead=AHEAD, back=0)})"


def named_in_records(areas: str, today: str, *, place: str = "j.path") -> str:
    """The condition that a past record of the viewer's areas may name a person ``p``: of them nothing but the name is told."""
    return f"({place} like any({areas}) or {SERVES.format(areas=areas, today=today, ahead=AHEAD, back=LOOKING_BACK)})"


async def people(call: Call, wanted: Wanted) -> Listed[PersonRow]:
    """The people who belong to the viewer's areas or serve there, by pinyin."""
    where = Where()
    where.add(seen("{0}", "{1}"), seen_from(call, "j.path")[1], call.today)
    where.search(wanted.query, ("person", "p.id"))
    if wanted.filters.get("ended") != "yes":
        where.add("p.until is null or p.until > {}", call.today)
    if place := wanted.filters.get("in"):
        where.add(INSIDE, place)
    return await listed(call.db, PERSON, where, wanted, _person, key="p.pinyin", id_="p.public_id")


async def person(call: Call, id_: str) -> PersonRow:
    """One person by public id: for the offices where they belong or serve. Only the former may change them."""
    areas = seen_from(call, "j.path")[1]
    row = await call.db.row(f"{PERSON} where p.public_id = $1 and {seen('$2', '$3')}", id_, areas, call.today)
    if row is None:
        raise NotVisible
    return _person(row)


async def named(call: Call, text: str, *, field: str) -> PersonRow:
    """The one person whom the viewer sees with this badge number or name; :class:`Refused` at ``field`` where it is not one."""
    areas = seen_from(call, "j.path")[1]
    rows = await call.db.rows(
        f"{PERSON} where (p.badge = $1 or p.name = $2) and (p.until is null or p.until > $3) and {seen('$4', '$3')}",
        folded(text),
        text.strip(),
        call.today,
        areas,
    )
    if len(rows) == 1:
        return _person(rows[0])
    if rows:
        raise Refused(say("有 {n} 名登记人员叫“{text}”，请改填工作证编号。", n=len(rows), text=text), field=field)
    raise Refused(say("没有登记工作证编号或姓名为“{text}”的人员。", text=text), field=field)


async def seen_among(call: Call, ids: Iterable[str | None]) -> frozenset[str]:
    """Those of some people, by public id, whom the viewer sees: to others no link leads."""
    rows = await call.db.rows(
        "select p.public_id from person p join jurisdiction j on j.id = p.jurisdiction "
        f"where p.public_id = any($1) and {seen('$2', '$3')}",
        sorted({one for one in ids if one}),
        seen_from(call, "j.path")[1],
        call.today,
    )
    return frozenset(row["public_id"] for row in rows)


async def holdings_of(call: Call, person: int) -> tuple[Holding, ...]:
    """All of a person's appointments, past and to come, the newest first: for rules and for themselves, not to be shown."""
    return await holdings_hanging_on(call, "person", person)


async def holdings_hanging_on(call: Call, kind: str, subject: int) -> tuple[Holding, ...]:
    """All appointments of a person, or at a grid, an office or an enterprise, the newest first: for rules, not to be shown."""
    rows = await call.db.rows(f"{HOLDING} where a.{kind} = $1 order by a.since desc, a.id desc", subject)
    return tuple(_holding(row) for row in rows)


async def holdings_seen(call: Call, person: int) -> tuple[Holding, ...]:
    """Those of a person's appointments that the viewer sees, the newest first: at seats in its areas, and of its own people."""
    rows = await call.db.rows(
        f"{HOLDING} join jurisdiction pj on pj.id = p.jurisdiction "
        "where a.person = $1 and (j.path like any($2) or pj.path like any($2)) order by a.since desc, a.id desc",
        person,
        seen_from(call, "j.path")[1],
    )
    return tuple(_holding(row) for row in rows)


async def holdings_on(call: Call, person: int, day: date) -> tuple[Holding, ...]:
    """What a person holds on ``day``, the newest first, and the posts that come with it: for themselves."""
    return _on(call, await holdings_of(call, person), day)


async def holdings_seen_on(call: Call, person: int, day: date) -> tuple[Holding, ...]:
    """The same, as far as the viewer sees it."""
    return _on(call, await holdings_seen(call, person), day)


def _on(call: Call, holdings: Iterable[Holding], day: date) -> tuple[Holding, ...]:
    found = [one for one in holdings if one.since <= day and (one.until is None or day < one.until)]
    return (*found, *(also for one in found for also in _by_office(call, one, day)))


async def holders(
    call: Call, *, grids: Sequence[int] = (), units: Sequence[int] = (), enterprises: Sequence[int] = (), day: date
) -> tuple[Holding, ...]:
    """Who holds a post at any of these seats on ``day``, in the order in which they were appointed."""
    rows = await call.db.rows(
        f"{HOLDING} where (a.grid = any($1) or a.unit = any($2) or a.enterprise = any($3)) and a.since <= $4 "
        "and (a.until is null or a.until > $4) order by a.since, a.id",
        list(grids),
        list(units),
        list(enterprises),
        day,
    )
    found = [_holding(row) for row in rows]
    return (*found, *(also for one in found for also in _by_office(call, one, day)))


async def holders_between(call: Call, seat: Seat, post: str, since: date, until: date | None) -> tuple[Holding, ...]:
    """Who holds a post at a seat on any day from ``since`` to ``until``."""
    rows = await call.db.rows(
        f"{HOLDING} where a.{seat.kind} = $1 and a.post = $2 and daterange(a.since, a.until) && daterange($3, $4) "
        "order by a.since, a.id",
        seat.id,
        post,
        since,
        until,
    )
    return tuple(_holding(row) for row in rows)


def _by_office(call: Call, holding: Holding, day: date) -> list[Holding]:
    """The posts that come with this one at the same seat, by the edition of that day, else the one that it began under."""
    scheme = call.book.in_force(holding.region, day) or call.book.with_id(holding.edition)
    if scheme is None:
        return []
    posts = [post.code for post in scheme.posts.values() if post.ex_officio == holding.post]
    return [replace(holding, post=post, edition=scheme.edition_id) for post in posts]


async def appointment(call: Call, id_: str) -> Holding:
    """One appointment by public id."""
    row = await call.db.row(f"{HOLDING} where a.public_id = $1", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _holding(row)


def seat_of_grid(grid: GridRow) -> Seat:
    """A grid as a seat."""
    return Seat("grid", grid.id, grid.tier, grid.name, grid.place_kind, grid.path, grid.enterprise)


def seat_of_unit(unit: UnitRow) -> Seat:
    """A unit as a seat."""
    return Seat("unit", unit.id, unit.kind, unit.name, path=unit.path)


async def gaps_of_grid(call: Call, grid: GridRow) -> list[Decision[Gap]]:
    """The posts that the edition in force wants at one grid and that nobody, too few or too many hold today."""
    held = await holders(call, grids=[grid.id], day=call.today)
    return _gaps_of(await scheme_for(call, grid.region, grid.path, call.today), seat_of_grid(grid), held)


async def gaps_of_unit(call: Call, unit: UnitRow) -> list[Decision[Gap]]:
    """The posts of one unit that nobody, too few or too many hold today."""
    held = await holders(call, units=[unit.id], day=call.today)
    return _gaps_of(await scheme_for(call, unit.region, unit.path, call.today), seat_of_unit(unit), held)


def _gaps_of(scheme: Scheme | None, seat: Seat, held: Sequence[Holding]) -> list[Decision[Gap]]:
    return gaps(scheme, [seat], Counter((one.seat_kind, one.seat, one.post) for one in held)) if scheme is not None else []


async def gaps_in_areas(call: Call) -> list[tuple[str, Decision[Gap]]]:
    """All gaps of the viewer's grids and units, each with the public id of its seat's page."""
    condition, areas = seen_from(call, "j.path")
    rows = await call.db.rows(
        f"""
        select 'grid' as kind, g.id, g.public_id, g.region, g.tier as of, g.name, j.kind as ground, j.path from grid g
            join jurisdiction j on j.id = g.jurisdiction
            where {condition.format("$1")} and (g.until is null or g.until > $2)
        union all
        select 'unit', u.id, u.public_id, u.region, u.kind, u.name, '', j.path from unit u
            join jurisdiction j on j.id = u.jurisdiction
            where {condition.format("$1")} and (u.until is null or u.until > $2)
        order by 1, 6, 2
        """,
        areas,
        call.today,
    )
    counted = await call.db.rows(
        """
        select grid, unit, post, count(*) as n from appointment
        where enterprise is null and since <= $1 and (until is null or until > $1) group by grid, unit, post
        """,
        call.today,
    )
    held: Counter[tuple[str, int, str]] = Counter()
    for row in counted:
        held["grid" if row["grid"] is not None else "unit", row["grid"] or row["unit"], row["post"]] = row["n"]
    found: list[tuple[str, Decision[Gap]]] = []
    refined = {region: await refinements(call, region, call.today) for region in call.book.regions}
    for row in rows:
        scheme = call.book.in_force(row["region"], call.today)
        if scheme is not None:
            there = at_place(scheme, refined[row["region"]], row["path"])
            seat = Seat(row["kind"], row["id"], row["of"], row["name"], row["ground"], row["path"])
            found.extend((row["public_id"], gap) for gap in gaps(there, [seat], held))
    return found


@dataclass(frozen=True)
class Departure:
    """An appointment that is not as the scheme wants it in principle, with the reason that was given."""

    seat_kind: str
    seat_id: str
    seat_name: str
    post: str
    person: str
    reason: str


async def departures_in_areas(call: Call) -> tuple[Departure, ...]:
    """Every appointment of the viewer's areas that departs from what is usual, today."""
    condition, areas = seen_from(call, "j.path")
    rows = await call.db.rows(
        f"{HOLDING} where {condition.format('$1')} and a.reason <> '' and a.since <= $2 and (a.until is null or a.until > $2) "
        "order by j.path, seat_name, a.id",
        areas,
        call.today,
    )
    return tuple(_departure(call, _holding(row), row["reason"]) for row in rows)


def _departure(call: Call, one: Holding, reason: str) -> Departure:
    post = call.book.name_in(one.edition, "posts", one.post)
    return Departure(one.seat_kind, one.seat_id, one.seat_name, post, one.person_name, reason)


def _staffed(call: Call, wanted: Callable[[Post], bool]) -> list[tuple[str, str, Post, Because]]:
    """The posts of this sort that schemes want today: the region, each kind of office that staffs one, the post and why."""
    return [
        (region, kind, post, scheme.because(post.basis))
        for region in call.book.regions
        if (scheme := call.book.in_force(region, call.today)) is not None
        for post in scheme.posts.values()
        if wanted(post)
        for kind in post.staffed_by
    ]


@dataclass(frozen=True)
class Unbound:
    """Somebody of an office whose people all have to serve at a grid, and who serves at none."""

    id: str
    name: str
    unit: str
    post: str
    because: Because


async def unbound_in_areas(call: Call) -> tuple[Unbound, ...]:
    """The people of the viewer's areas who have to be bound to a grid and are not, by office and name."""
    condition, areas = seen_from(call, "j.path")
    found = []
    for region, kind, post, because in _staffed(call, lambda post: post.everyone):
        rows = await call.db.rows(
            f"""
            select p.public_id, p.name, u.name as unit from person p join unit u on u.id = p.unit
                join jurisdiction j on j.id = u.jurisdiction join jurisdiction pj on pj.id = p.jurisdiction
            where u.region = $2 and u.kind = $3 and {condition.format("$1")} and (p.until is null or p.until > $4)
                and {seen("$1", "$4", place="pj.path")}
                and not exists (select from appointment a where a.person = p.id and a.grid is not null and a.since <= $4
                    and (a.until is null or a.until > $4)) order by u.pinyin, p.pinyin
            """,
            areas,
            region,
            kind,
            call.today,
        )
        found += [Unbound(row["public_id"], row["name"], row["unit"], post.name, because) for row in rows]
    return tuple(found)


@dataclass(frozen=True)
class OfficeWithout:
    """An office of which somebody has to hold a post, and nobody does."""

    id: str
    name: str
    post: str
    because: Because


async def offices_without_in_areas(call: Call) -> tuple[OfficeWithout, ...]:
    """The offices of the viewer's areas that have to place somebody and have not, by name."""
    condition, areas = seen_from(call, "j.path")
    found = []
    for region, kind, post, because in _staffed(call, lambda post: post.every_office):
        rows = await call.db.rows(
            f"""
            select u.public_id, u.name from unit u join jurisdiction j on j.id = u.jurisdiction
            where u.region = $2 and u.kind = $3 and {condition.format("$1")} and (u.until is null or u.until > $4)
                and not exists (select from appointment a join person p on p.id = a.person where p.unit = u.id and a.post = $5
                    and a.since <= $4 and (a.until is null or a.until > $4)) order by u.pinyin, u.id
            """,
            areas,
            region,
            kind,
            call.today,
            post.code,
        )
        found += [OfficeWithout(row["public_id"], row["name"], post.name, because) for row in rows]
    return tuple(found)


async def names_and_badges(call: Call) -> dict[str, tuple[str, str]]:
    """The name and the badge of everybody, by public id."""
    rows = await call.db.rows("select public_id, name, badge from person")
    return {row["public_id"]: (row["name"], row["badge"]) for row in rows}
