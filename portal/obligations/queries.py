"""Reading obligations: every duty of a region on a day with its windows, how they stand, who owes them, and what is missing."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import groupby

from portal.areas.refining import RefinementRow, at_place, refinements
from portal.call import Call
from portal.errors import NotVisible
from portal.obligations import tallies
from portal.obligations.plans import Args, Of, PlanArea, PlanQuestion, standing
from portal.obligations.rules import Demand, Span, State, demands, life, why, windows_at
from portal.obligations.tallies import Figures
from portal.people.interests import stand_back
from portal.people.queries import Holding, holders
from portal.scheme.book import Scheme
from portal.scheme.decision import Because
from portal.scheme.windows import FROM, Window
from portal.scheme.words import Duty, Every, Post
from portal.storage.engine import Record
from portal.terms import say

SIZE = 50
MOST_OF_ONE = 10_000
# Of what one person owes of a demand, on a page
SHOWN_OF_ONE = 300


@dataclass(frozen=True)
class Summary:
    """One demand of a duty on a day: its open window and the last one that closed, each with its figures.

    ``refined`` names the place whose refinement this is, where it is one.
    """

    key: str
    now: PlanQuestion
    last: PlanQuestion
    figures: Figures
    missed: Figures
    refined: str = ""

    @property
    def scheme(self) -> Scheme:
        """The scheme as it is where this holds."""
        return self.now.scheme

    @property
    def duty(self) -> Duty:
        """The duty."""
        return self.now.duty

    @property
    def because(self) -> tuple[Because, ...]:
        """Who orders it, and where its windows begin."""
        return self.scheme.because(self.duty.basis, self.now.demand.says), self.scheme.because(FROM)


@dataclass(frozen=True)
class OwingThing:
    """Something that owes a demand: an enterprise, a grid or an office, with how it stands and who has to see to it."""

    id: int
    public_id: str
    name: str
    code: str
    place: str
    path: str
    grid: int | None
    state: State
    done: int
    last: date | None
    whole: bool
    owners: tuple["Owner", ...] = ()
    because: tuple[Because, ...] = ()


@dataclass(frozen=True)
class Owner:
    """Who has to see to it: the ``person`` who holds the post, or who is there ``instead`` of one that stands back; neither where
    the post is vacant.
    """

    person: str | None
    name: str
    post: str
    phone: str = ""
    instead: str | None = None

    @property
    def doer(self) -> str | None:
        """The public id of whoever may have done it."""
        return self.person or self.instead


async def asked_on(
    call: Call, region: str, on: date, *, duty: str | None = None, of: AbstractSet[str] | None = None
) -> list[tuple[PlanQuestion, PlanQuestion, str]]:
    """Each demand of a region's counted duties, of all or those ``of`` some posts, on a day: in the window that is open, in the
    one that closed last, and whose refinement it is. Where a place refined a duty, the duty is asked there on its own.
    """
    scheme = call.book.in_force(region, on)
    if scheme is None:
        return []
    rows = await refinements(call, region, on)
    found = []
    for code, own in scheme.counted.items():
        if duty in {None, code} and (of is None or not of.isdisjoint(own.posts)):
            for path, scope, place in _scopes(rows, code):
                there = at_place(scheme, rows, path)
                for demand in demands(there.counted[code]):
                    # Without its refinements: the editions are compared as they are, and the place's own days count beside
                    owed = life(call.book, scheme, own)
                    since = max(_since(scheme, rows, path, code, demand), owed.since or date.min)
                    found.append((*_windows(there, code, demand, scope, on, Span(since, owed.until)), place))
    return found


def _scopes(rows: Sequence[RefinementRow], duty: str) -> list[tuple[str, PlanArea, str]]:
    """Where a duty is asked: everywhere, and apart in each place that refined it, by path and name."""
    own = {row.stricter.path: row.stricter.place for row in rows if row.stricter.figure.startswith(f"duty:{duty}:")}

    def beyond(path: str) -> tuple[str, ...]:
        return tuple(sorted(other for other in own if other != path and other.startswith(path)))

    return [(path, PlanArea((path,), beyond(path)), place) for path, place in [("/", ""), *sorted(own.items())]]


def _since(scheme: Scheme, rows: Sequence[RefinementRow], path: str, duty: str, demand: Demand) -> date:
    """Since when the refinements that hold at a place make the duty demand this: ever, where the scheme itself does."""
    return next(
        day
        for day in (date.min, *sorted(row.stricter.since for row in rows))
        if demand in demands(at_place(scheme, [row for row in rows if row.stricter.since <= day], path).counted[duty])
    )


def _windows(
    scheme: Scheme, code: str, demand: Demand, scope: PlanArea, on: date, owed: Span
) -> tuple[PlanQuestion, PlanQuestion]:
    now, last = windows_at(demand, on)
    duty = scheme.counted[code]
    whole_now, whole_last = (duty.force.binds and owed.spans(one) for one in (now, last))
    asked = PlanQuestion(scheme=scheme, duty=duty, demand=demand, window=now, at=on, closed=False, whole=whole_now, scope=scope)
    return asked, replace(asked, window=last, at=last.last, closed=True, whole=whole_last)


async def summary(call: Call, region: str, on: date, *, inside: str | None = None, duty: str | None = None) -> list[Summary]:
    """Every counted duty of a region on a day within the viewer's areas, or in one place of them."""
    areas = areas_of(call, inside)
    asked = [row for row in await asked_on(call, region, on, duty=duty) if row[0].within(areas).scope.inside]
    figures = (
        iter(await tallies.figures(call, [one for now, last, _ in asked for one in (now, last)], areas)) if asked else iter(())
    )
    return [Summary(key_of(now), now, last, next(figures), next(figures), place) for now, last, place in asked]


async def count_ahead(call: Call) -> None:
    """Count what the day's pages will ask for, so that nobody waits for a province to be counted.

    Every web process does so; whoever comes second waits, and finds it counted.
    """
    for region in call.book.regions:
        await call.alone(f"count {region}", partial(summary, call, region, call.today))


async def asked_by_key(call: Call, region: str, key: str, day: date) -> PlanQuestion:
    """The demand that :func:`key_of` names, in its window around ``day``, as it stands today."""
    for now, _, _ in await asked_on(call, region, day, duty=key.partition("~")[0]):
        if key_of(now) == key:
            closed = now.window.last < call.today
            return replace(now, at=min(call.today, now.window.last), closed=closed)
    raise NotVisible


def asked_at(scheme: Scheme, duty: Duty, day: date) -> PlanQuestion:
    """A duty on one day alone: what was within it, and who had to see to it. It may have no rhythm of its own."""
    once = Demand(Every(), 1)
    return PlanQuestion(scheme=scheme, duty=duty, demand=once, window=Window(day, day), at=day, closed=False, whole=True)


async def key_at(call: Call, region: str, duty: str, path: str) -> str | None:
    """What :func:`key_of` names the duty's first demand by, as it is at a place; None where it has no rhythm there."""
    asked = [now for now, _, _ in await asked_on(call, region, call.today, duty=duty) if now.scope.holds(path)]
    return key_of(asked[0]) if asked else None


def key_of(asked: PlanQuestion) -> str:
    """What names a demand in an address: the duty, which of its demands, and where a place refined it, the place's code."""
    n = demands(asked.duty).index(asked.demand)
    place = asked.scope.inside[0].strip("/").rpartition("/")[2]
    return "~".join([asked.duty.code, str(n + 1), *([place] if place else [])])


@dataclass(frozen=True)
class DemandPage:
    """A page of what owes a demand; ``after`` is where the next one begins."""

    things: tuple[OwingThing, ...]
    after: str | None


async def things(
    call: Call,
    asked: PlanQuestion,
    *,
    states: Sequence[State] = tuple(State),
    inside: str | None = None,
    after: str = "",
    size: int = SIZE,
) -> DemandPage:
    """What owes a demand within the viewer's areas, town by town and by name; only what stands in one of ``states``."""
    areas = areas_of(call, inside)
    towns = await _towns_of_page(call, asked, areas, states, after.partition("~")[0], size)
    there, only = (asked.within(areas), None) if towns is None else (asked, Of(places=towns))
    rows = await _listed(call, there, only, states=states, after=after, most=size + 1)
    shown = await with_owners(call, asked, _things(asked, rows[:size]))
    return DemandPage(tuple(shown), rows[size - 1]["after"] if len(rows) > size else None)


async def these(call: Call, asked: PlanQuestion, ids: Sequence[str]) -> list[OwingThing]:
    """How a demand stands on these things, by public id; what does not owe it is left out. :class:`NotVisible` where the
    viewer may not see one.
    """
    place = "division" if asked.of == "enterprise" else "jurisdiction"
    rows = await call.db.rows(
        f"select t.id, j.path from {asked.of} t join jurisdiction j on j.id = t.{place} where t.public_id = any($1)", list(ids)
    )
    if len(rows) < len(set(ids)) or not all(call.viewer.covers(row["path"]) for row in rows):
        raise NotVisible
    return await these_ids(call, asked, [row["id"] for row in rows])


async def these_ids(call: Call, asked: PlanQuestion, ids: Sequence[int]) -> list[OwingThing]:
    """How a demand stands on these things, by internal id, with who has to see to them."""
    if not ids:
        return []
    return await with_owners(call, asked, _things(asked, await _listed(call, asked, Of(subjects=ids), most=len(ids))))


async def _towns_of_page(
    call: Call, asked: PlanQuestion, areas: Sequence[str], states: Sequence[State], first: str, size: int
) -> list[int] | None:
    """The towns from which a page of the list is filled, so that a province is not sorted for fifty rows; None below towns."""
    towns = await tallies.towns(call, asked, areas, states=states, first=first, most=size + 2)
    if towns is None:
        return None
    found, counted = [], 0
    for town in towns:
        found.append(town.id)
        # Of the first town the page before may have shown all but one
        counted += town.standing(states) if town.path != first else 0
        if counted > size:
            break
    return found


TOWN = "(case when j.kind in ('village', 'community') then left(j.path, -1 - length(j.code)) else j.path end) collate \"C\""
ORDER = f"{TOWN}, s.key, s.public_id"
SHOWN = "s.subject, s.public_id, s.name, s.code, j.name as place, j.path, s.grid, s.state, s.done, s.last, s.whole"


async def _listed(
    call: Call, asked: PlanQuestion, only: Of | None, *, states: Sequence[State] = tuple(State), after: str = "", most: int
) -> list[Record]:
    """What owes a demand, with what a list that goes on behind it begins after."""
    args = Args()
    subjects = standing({0: asked}, args, only, named=True)
    where = [f"s.state = any({args([str(state) for state in states])}::text[])"]
    if after.count("~") >= 2:
        path, _, rest = after.partition("~")
        sort, _, id_ = rest.rpartition("~")
        where.append(f"({ORDER}) > ({args(path)}, {args(sort)}, {args(id_)})")
    return await call.db.rows(
        f"""
        select {SHOWN}, concat_ws('~', {ORDER}) as after from ({subjects}) s join jurisdiction j on j.id = s.place
        where {" and ".join(where)} order by {ORDER} limit {most}
        """,
        *args.values,
    )


def _things(asked: PlanQuestion, rows: Iterable[Record]) -> list[OwingThing]:
    reasons: dict[tuple[str, bool], tuple[Because, ...]] = {}
    found = []
    for id_, public_id, name, code, place, path, grid, state, done, last, whole, *_ in rows:
        if (because := reasons.get((state, whole))) is None:
            because = why(asked.scheme, asked.duty, asked.demand, asked.window, State(state), whole=whole)
            reasons[state, whole] = because
        found.append(OwingThing(id_, public_id, name, code, place, path, grid, State(state), done, last, whole, (), because))
    return found


# Who has to see to it


async def with_owners(call: Call, asked: PlanQuestion, found: Sequence[OwingThing]) -> list[OwingThing]:
    """The same with the people who hold a post of the duty on that day; where nobody does, that is said."""
    posts = [asked.scheme.posts[code] for code in asked.duty.posts if code in asked.scheme.posts]
    if not posts or asked.of == "person":
        return list(found)
    seats = {post.code: await _seats(call, asked, post, found) for post in posts}
    near = {seat for of in seats.values() for seat in of.values()}
    held = await holders(
        call,
        grids=[id_ for kind, id_ in near if kind == "grid"],
        units=[id_ for kind, id_ in near if kind == "unit"],
        enterprises=[id_ for kind, id_ in near if kind == "enterprise"],
        day=asked.at,
    )
    at: dict[tuple[str, str, int], list[Holding]] = defaultdict(list)
    for holding in held:
        at[holding.post, holding.seat_kind, holding.seat].append(holding)
    back = await stand_back(call, [thing.id for thing in found], asked.at) if asked.of == "enterprise" else {}

    def owners(thing: OwingThing) -> Iterator[Owner]:
        for post in posts:
            seat = seats[post.code].get(thing.id)
            for holding in at[post.code, *seat] if seat is not None else []:
                if (thing.id, holding.person) not in back:
                    yield Owner(holding.person_id, holding.person_name, post.name, holding.phone)
                elif (instead := back[thing.id, holding.person]) is not None:
                    yield Owner(None, instead.name, say("{post}（代）", post=post.name), instead.phone, instead.public_id)

    vacant = Owner(None, say("空缺"), asked.scheme.owed_by(asked.duty))
    return [replace(thing, owners=tuple(owners(thing)) or (vacant,)) for thing in found]


async def _seats(call: Call, asked: PlanQuestion, post: Post, found: Sequence[OwingThing]) -> dict[int, tuple[str, int]]:
    """The seat of the duty's post that each of these things answers to."""
    if asked.of == "unit" or (asked.of == "enterprise" and any(per.klass for per in post.per)):
        return {thing.id: (asked.of, thing.id) for thing in found}
    if tiers := [per.tier for per in post.per if per.tier is not None]:
        above = await _grids_above(call, [thing.grid for thing in found if thing.grid is not None], tiers)
        return {thing.id: ("grid", above[thing.grid]) for thing in found if thing.grid is not None and thing.grid in above}
    where = sorted({(thing.path, thing.grid or 0) for thing in found})
    rows = await call.db.rows(
        """
        with recursive chain as (
            select id as start, id, parent, served_by, 0 as depth from grid where id = any($4)
            union all select chain.start, g.id, g.parent, g.served_by, depth + 1 from chain join grid g on g.id = chain.parent
        )
        select x.path, x.grid, coalesce(
            (select u.id from chain c join unit u on u.id = c.served_by where c.start = x.grid and u.kind = any($2)
                and u.since <= $3 and (u.until is null or u.until > $3) order by c.depth limit 1),
            (select u.id from unit u join jurisdiction j on j.id = u.jurisdiction where u.kind = any($2) and not u.only_chosen
                and starts_with(x.path, j.path) and u.since <= $3 and (u.until is null or u.until > $3)
                order by length(j.path) desc, u.id limit 1)
        ) as unit from unnest($1::text[], $4::bigint[]) as x(path, grid)
        """,
        [path for path, _ in where],
        [per.unit for per in post.per],
        asked.at,
        [grid for _, grid in where],
    )
    near = {(row["path"], row["grid"]): row["unit"] for row in rows}
    seats = {thing.id: near[thing.path, thing.grid or 0] for thing in found}
    return {id_: ("unit", unit) for id_, unit in seats.items() if unit is not None}


async def _grids_above(call: Call, grids: Sequence[int], tiers: Sequence[str]) -> Mapping[int, int]:
    """For each grid the nearest one of these tiers, itself or above."""
    rows = await call.db.rows(
        """
        with recursive chain as (
            select id as start, id, parent, tier, 0 as depth from grid where id = any($1)
            union all select chain.start, g.id, g.parent, g.tier, depth + 1 from chain join grid g on g.id = chain.parent
                where chain.tier <> all($2)
        ) select distinct on (start) start, id from chain where tier = any($2) order by start, depth
        """,
        list(set(grids)),
        list(tiers),
    )
    return {row["start"]: row["id"] for row in rows}


# What one person owes


@dataclass(frozen=True)
class Owed:
    """A demand that a person owes through one of their posts: what is open, and what the last window left."""

    key: str
    now: PlanQuestion
    last: PlanQuestion
    post: str
    seats: tuple[str, ...]
    open: tuple[OwingThing, ...]
    done: int
    missed: tuple[OwingThing, ...]
    excused: int


def enterprises_of(owed: Sequence[Owed]) -> set[int]:
    """The enterprises that a page on what somebody owes names, by id."""
    return {
        thing.id for one in owed if one.now.of == "enterprise" for thing in (*one.open[:SHOWN_OF_ONE], *one.missed[:SHOWN_OF_ONE])
    }


async def last_days(call: Call, of: str, ids: Collection[int], duties: Collection[str]) -> Mapping[tuple[str, int], date]:
    """When each of these duties was done last on each thing of a kind, in whatever window, by duty and id."""
    rows = await call.db.rows(
        f"select duty, {of} as thing, max(day) as day from deed where {of} = any($1) and duty = any($2) and withdrawn_at is null "
        "group by 1, 2",
        list(ids),
        list(duties),
    )
    return {(row["duty"], row["thing"]): row["day"] for row in rows}


async def of_person(call: Call, held: Sequence[Holding], on: date, *, areas: Sequence[str] = ("/",)) -> list[Owed]:
    """What the holders of these posts owe on a day in these areas, duty by duty; what they stand back from is left to who is
    there instead.

    All seats at which somebody holds the same post are asked together: a leader of fifty enterprises costs what one of one does.
    """
    posts: dict[tuple[str, str, str], list[Holding]] = defaultdict(list)
    for one in held:
        posts[one.region, one.post, one.seat_kind].append(one)
    regions = sorted({one.region for one in held})
    asked = {region: await asked_on(call, region, on, of={one.post for one in held}) for region in regions}
    found = []
    for (region, post, kind), seats in posts.items():
        windows = [window for now, last, _ in asked[region] if post in now.duty.posts for window in (now, last)]
        mine = await _mine(call, windows, kind, seats, areas)
        for now, here, last, before in zip(windows[::2], mine[::2], windows[1::2], mine[1::2], strict=True):
            if here.owed or before.owed:
                found.append(_owed(now, last, seats, here, before))
    return found


@dataclass(frozen=True)
class DemandOnThing:
    """A demand that somebody owes on one thing: how that stands in the window that is open, and in the one that closed last."""

    now: PlanQuestion
    thing: OwingThing
    last: PlanQuestion
    before: OwingThing | None
    done_on: date | None


async def on_one(call: Call, held: Sequence[Holding], of: str, id_: int, region: str, on: date) -> list[DemandOnThing]:
    """What the holders of these posts owe on one thing of a region, an ``enterprise`` for one, on a day."""
    mine = {one.person_id for one in held}
    found = []
    for now, last, _ in await asked_on(call, region, on, of={one.post for one in held}):
        things = await these_ids(call, now, [id_]) if now.of == of else []
        if things and mine & {owner.doer for owner in things[0].owners}:
            before = await these_ids(call, last, [id_])
            done_on = await last_days(call, of, [id_], [now.duty.code])
            found.append(DemandOnThing(now, things[0], last, before[0] if before else None, done_on.get((now.duty.code, id_))))
    return found


async def standings(call: Call, region: str, of: str, id_: int) -> dict[tuple[str, Window], State]:
    """How every duty on one thing of a region, an ``enterprise`` for one, stands today in the window that is open and in the one
    that closed last, by what it says.
    """
    found = {}
    for now, last, _ in await asked_on(call, region, call.today):
        for asked in (now, last) if now.of == of else ():
            for row in await _listed(call, asked, Of(subjects=[id_]), most=1):
                found[asked.duty.says, asked.window] = State(row["state"])
    return found


def _owed(now: PlanQuestion, last: PlanQuestion, seats: Sequence[Holding], mine: "_Mine", before: "_Mine") -> Owed:
    return Owed(
        key_of(now),
        now,
        last,
        now.scheme.posts[seats[0].post].name,
        tuple(dict.fromkeys(one.seat_name for one in seats)),
        tuple(_things(now, mine.open.values())),
        mine.many[State.DONE],
        tuple(_things(last, before.open.values())),
        mine.many[State.EXCUSED] + before.many[State.EXCUSED],
    )


@dataclass
class _Mine:
    """What falls to somebody in one window: the rows of what is open or missed, and how many things stand how."""

    open: dict[int, Record] = field(default_factory=dict)
    many: Counter[str] = field(default_factory=Counter)

    @property
    def owed(self) -> int:
        return self.many.total()


MINE = f"""
    with s as materialized ({{subjects}})
    (select {SHOWN}, s.n, null as many from s join jurisdiction j on j.id = s.place
        where s.state in ('{State.DUE}', '{State.MISSED}') order by {ORDER} limit {MOST_OF_ONE})
    union all
    select null, null, null, null, null, null, null, state, null, null, null, n, count(distinct subject) from s group by n, state
"""


async def _mine(
    call: Call, asked: Sequence[PlanQuestion], kind: str, seats: Sequence[Holding], areas: Sequence[str]
) -> list[_Mine]:
    """What falls to the holders of a post at these seats, all of one kind, in each window; all asked at once."""
    found = [_Mine() for _ in asked]
    parts = [
        (n, there.within(areas), only) for n, one in enumerate(asked) for there, only in await _falls_to(call, one, kind, seats)
    ]
    args = Args()
    # Windows that differ by nothing but their days are one plan
    subjects = [
        standing({n: there for n, there, _ in group}, args, only, named=True)
        for (*_, only), group in groupby(parts, key=lambda part: (part[1].duty.code, part[1].scope, part[2]))
    ]
    for row in await call.db.rows(MINE.format(subjects=" union all ".join(subjects)), *args.values) if subjects else ():
        if row["many"] is None:
            found[row["n"]].open[row["subject"]] = row
        else:
            found[row["n"]].many[row["state"]] = row["many"]
    return found


async def _falls_to(call: Call, asked: PlanQuestion, kind: str, seats: Sequence[Holding]) -> list[tuple[PlanQuestion, Of]]:
    at, people = [one.seat for one in seats], [one.person for one in seats]
    if asked.of == "person":
        return [(asked, Of(subjects=people))]
    if kind == "enterprise":
        return [(asked, Of(subjects=at, people=people))] if asked.of == "enterprise" else []
    if kind == "grid":
        tiers = [per.tier for per in asked.scheme.posts[seats[0].post].per if per.tier is not None]
        below = any(tier.within in tiers and tier.code not in tiers for tier in asked.scheme.tiers.values())
        return [(asked, Of(grids=at, tiers=tiers if below else (), people=people))] if asked.of != "unit" else []
    if asked.of == "unit":
        return [(asked, Of(subjects=at))]
    return [(await _around_unit(call, asked, one), Of(people=people)) for one in seats]


async def _around_unit(call: Call, asked: PlanQuestion, held: Holding) -> PlanQuestion:
    """The demand where this unit is the nearest of its kind."""
    deeper = await call.db.rows(
        """
        select j.path from unit u join jurisdiction j on j.id = u.jurisdiction join unit own on own.id = $1
        where u.kind = own.kind and u.id <> own.id and starts_with(j.path, $2) and j.path <> $2
            and u.since <= $3 and (u.until is null or u.until > $3)
        """,
        held.seat,
        held.path,
        asked.at,
    )
    near = asked.within([held.path])
    return replace(near, scope=replace(near.scope, beyond=(*near.scope.beyond, *(row["path"] for row in deeper))))


def areas_of(call: Call, inside: str | None) -> list[str]:
    """The paths within which the viewer looks: their own areas, or one place of them."""
    if inside is None:
        return list(call.viewer.areas)
    if call.viewer.covers(inside):
        return [inside]
    if around := [area for area in call.viewer.areas if area.startswith(inside)]:
        return around
    raise NotVisible


async def regions_of(call: Call) -> list[str]:
    """The codes of the enabled regions within which the viewer's areas lie, or that lie in them."""
    rows = await call.db.rows(
        "select distinct region from jurisdiction j where region is not null and exists (select from unnest($1::text[]) as area "
        "where starts_with(j.path, area) or starts_with(area, j.path)) order by region",
        list(call.viewer.areas),
    )
    return [row["region"] for row in rows if row["region"] in call.book.regions]


async def missed(call: Call) -> int:
    """How many things of the viewer's areas were missed in the windows that closed last, over all counted duties."""
    found = [one for region in await regions_of(call) for one in await summary(call, region, call.today)]
    return sum(one.missed.open for one in found)
