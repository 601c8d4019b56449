"""Figures that are kept: how many things of each place owe a demand and how they stand, counted again where something moved.

A province of a million enterprises is counted once; afterwards only the towns are that a write touched. Every such write moves
the version of its town and of everything above (triggers of the database do, so none is forgotten), and a figure is good while
its version is the place's: a page asks a province for one row, and looks below it only where that one is good no more.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from portal.call import Call
from portal.obligations.plans import Args, Of, PlanArea, PlanQuestion, common, standing
from portal.obligations.rules import State
from portal.storage.engine import Record

# Where more than one town in so many has to be counted again, all are, at once
FEW = 4


@dataclass(frozen=True)
class Figures:
    """How many things owe a demand in a window, and how many of them stand how."""

    owed: int = 0
    done: int = 0
    excused: int = 0

    @property
    def open(self) -> int:
        """Still due while the window is open; missed when it has closed."""
        return self.owed - self.done - self.excused

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.owed + other.owed, self.done + other.done, self.excused + other.excused)


NONE = Figures()


@dataclass(frozen=True)
class TownFigures:
    """The figures of a town with its villages, or of what lies in a place above towns and in none of them."""

    id: int
    path: str
    figures: Figures

    def standing(self, states: Collection[State]) -> int:
        """How many of its things stand in one of these states."""
        here = self.figures.open if {State.DUE, State.MISSED} & set(states) else 0
        here += self.figures.done if State.DONE in states else 0
        return here + (self.figures.excused if State.EXCUSED in states else 0)


NODES = """
    with recursive asked as (
        select * from unnest($1::int[], $2::text[], $3::text[], $4::date[], $5::date[]) as a(n, what, duty, first, at)
    ), node as (
        select a.n, j.id, j.parent, t.all_owed as owed, t.all_done as done, t.all_excused as excused, v.version,
            t.version = v.version as good
        from unnest($6::int[], $7::text[]) as r(n, path) join asked a on a.n = r.n join jurisdiction j on j.path = r.path {kept}
        union all
        select a.n, j.id, j.parent, t.all_owed, t.all_done, t.all_excused, v.version, t.version = v.version
        from node join asked a on a.n = node.n
            join jurisdiction j on j.parent = node.id and j.kind not in ('village', 'community') {kept}
        where node.good is not true
    ) select * from node
""".format(
    kept="""
        left join tally t on t.what = a.what and t.first = a.first and t.at = a.at and t.place = j.id
        cross join lateral (
            select coalesce(sum(m.n), 0)::bigint as version from (
                select n, duty, month from place_version where place = j.id
                union all select id, duty, month from place_move where place = j.id
            ) m where m.duty = '' or m.duty = a.duty and m.month between date_trunc('month', a.first) and a.at
        ) v
    """
)
TOWNS = """
    select distinct j.path collate "C" as path, t.owed, t.done, t.excused, j.id
    from unnest($1::text[]) as root join jurisdiction j on j.path collate "C" between greatest(root, $2) and root || '~'
        join tally t on t.place = j.id and t.what = $3 and t.first = $4 and t.at = $5
    where j.kind not in ('village', 'community') and {wanted} > 0 order by 1 limit $6
"""
TOWNS_OF = """
    select count(*) from unnest($1::text[]) as root join jurisdiction j on j.path collate "C" between root and root || '~'
    where j.kind not in ('village', 'community')
"""
WRITTEN = """
    insert into tally (what, first, at, closed, place, version, owed, done, excused, all_owed, all_done, all_excused)
    select * from unnest($1::text[], $2::date[], $3::date[], $4::boolean[], $5::bigint[], $6::bigint[], $7::int[], $8::int[],
        $9::int[], $10::int[], $11::int[], $12::int[]) as w order by 1, 2, 3, 5
    on conflict (what, first, at, place) do update set version = excluded.version, owed = excluded.owed, done = excluded.done,
        excused = excluded.excused, all_owed = excluded.all_owed, all_done = excluded.all_done, all_excused = excluded.all_excused
        where tally.version <= excluded.version
"""


async def figures(call: Call, asked: Sequence[PlanQuestion], areas: Sequence[str]) -> list[Figures]:
    """How the things of these areas stand, for each of these demands of one region."""
    ruled, villages = await _ruled(call, asked, areas)
    within = {n: one.within(areas) for n, one in enumerate(asked)}
    low = {n: one for n, one in within.items() if not villages.isdisjoint(one.scope.inside)}
    high = [n for n in within if n not in low]
    found = dict(zip(high, await _kept_figures(call, [asked[n] for n in high], areas, ruled), strict=True))
    for group in _by_duty(low):
        found |= {n: sum(own.values(), NONE) for n, own in (await _counted(call, group)).items()}
    return [found[n] for n in within]


async def _kept_figures(call: Call, asked: Sequence[PlanQuestion], areas: Sequence[str], ruled: Sequence[str]) -> list[Figures]:
    nodes = await _nodes(call, asked, areas, ruled)
    stale = [{row["id"] for row in of if not row["good"]} for of in nodes]
    counted = await _recounted(call, {n: one for n, one in enumerate(asked) if stale[n]}, ruled, stale)
    found: list[Figures] = []
    written: list[tuple[object, ...]] = []
    for n, one in enumerate(asked):
        own, whole = counted.get(n, {}), defaultdict[int | None, Figures](Figures)
        # What was found later does not lie around what was found earlier
        for row in reversed(nodes[n]):
            here = Figures(row["owed"], row["done"], row["excused"])
            if not row["good"]:
                here = own.get(row["id"], NONE) + whole[row["id"]]
                written.append(_row(one, row, own.get(row["id"], NONE), here))
            whole[row["parent"] if row["parent"] in stale[n] else None] += here
        found.append(whole[None])
    if written:
        await call.db.rows(WRITTEN, *(list(column) for column in zip(*written, strict=True)))
    return found


async def towns(
    call: Call,
    asked: PlanQuestion,
    areas: Sequence[str],
    *,
    states: Collection[State] = tuple(State),
    first: str = "",
    most: int | None = None,
) -> list[TownFigures] | None:
    """The places of the areas where anything stands in one of ``states``, by path from ``first`` on; None below towns."""
    ruled, villages = await _ruled(call, [asked], areas)
    if not villages.isdisjoint(asked.within(areas).scope.inside):
        return None
    await _kept_figures(call, [asked], areas, ruled)
    columns = {State.DONE: "t.done", State.EXCUSED: "t.excused"}
    wanted = " + ".join({columns.get(state, "(t.owed - t.done - t.excused)") for state in states})
    rows = await call.db.rows(
        TOWNS.format(wanted=wanted), _roots(asked, areas, ruled), first, _what(asked), asked.window.first, asked.at, most
    )
    return [TownFigures(row["id"], row["path"], Figures(row["owed"], row["done"], row["excused"])) for row in rows]


async def fold(call: Call) -> None:
    """Add the moves to the versions, whose sum stays, so that nothing is counted again."""
    await call.db.rows(
        """
        with gone as (delete from place_move where id <= (select max(id) from place_move) returning *)
        insert into place_version (place, duty, month, n) select place, duty, month, sum(id) from gone group by 1, 2, 3
            order by 1, 2, 3 on conflict (place, duty, month) do update set n = place_version.n + excluded.n
        """
    )


async def sweep(call: Call) -> None:
    """Drop what no page asks any more."""
    await call.db.rows("delete from tally where at < $1::date - case when closed then 400 else 1 end", call.today)


async def _ruled(call: Call, asked: Sequence[PlanQuestion], areas: Sequence[str]) -> tuple[list[str], set[str]]:
    """The paths of what the demands' region governs, and of the villages among the areas and the places that refined a duty:
    no figures are kept of these.
    """
    region, places = asked[0].scheme.region.code, {*areas, *(path for one in asked for path in one.scope.inside)}
    rows = await call.db.rows(
        "select path, kind, region from jurisdiction where region = $1 or path = any($2)", region, list(places)
    )
    villages = {row["path"] for row in rows if row["kind"] in {"village", "community"}}
    return [row["path"] for row in rows if row["region"] == region], villages


def _roots(asked: PlanQuestion, areas: Sequence[str], ruled: Sequence[str]) -> list[str]:
    return list(common(asked.within(areas).scope.inside, ruled))


async def _nodes(call: Call, asked: Sequence[PlanQuestion], areas: Sequence[str], ruled: Sequence[str]) -> list[list[Record]]:
    """For each demand the areas with their figures, and what lies in them as far down as these are good no more."""
    roots = [(n, path) for n, one in enumerate(asked) for path in _roots(one, areas, ruled)]
    rows = await call.db.rows(
        NODES,
        list(range(len(asked))),
        [_what(one) for one in asked],
        [one.duty.code for one in asked],
        [one.window.first for one in asked],
        [one.at for one in asked],
        [n for n, _ in roots],
        [path for _, path in roots],
    )
    return [[row for row in rows if row["n"] == n] for n in range(len(asked))]


async def _recounted(
    call: Call, asked: Mapping[int, PlanQuestion], ruled: Sequence[str], stale: Sequence[Collection[int]]
) -> dict[int, dict[int, Figures]]:
    """The own figures of the places whose figures are good no more, and where these are many, of all that the region governs."""
    found: dict[int, dict[int, Figures]] = {}
    towns = await call.db.value(TOWNS_OF, list(ruled)) if asked else 0
    for group in _by_duty(asked):
        places = {id_ for n in group for id_ in stale[n]}
        if len(places) * FEW <= towns:
            found |= await _counted(call, group, Of(places=list(places)))
        else:
            found |= await call.db.run_tx(partial(_counted_at_once, call, group))
    return found


def _by_duty(asked: Mapping[int, PlanQuestion]) -> list[dict[int, PlanQuestion]]:
    """Demands that differ by their windows alone are counted together."""
    groups: dict[tuple[str, PlanArea], dict[int, PlanQuestion]] = defaultdict(dict)
    for n, one in asked.items():
        groups[one.duty.code, one.scope][n] = one
    return list(groups.values())


async def _counted_at_once(call: Call, asked: Mapping[int, PlanQuestion]) -> dict[int, dict[int, Figures]]:
    # A plan for any window at all would take it for a small one
    await call.db.rows("set local plan_cache_mode = force_custom_plan")
    return await _counted(call, asked, many=True)


async def _counted(
    call: Call, asked: Mapping[int, PlanQuestion], only: Of | None = None, *, many: bool = False
) -> dict[int, dict[int, Figures]]:
    """How things stand with each of these demands, by the place above villages where they are."""
    args = Args()
    rows = await call.db.rows(
        f"""
        select s.n, case when j.kind in ('village', 'community') then j.parent else j.id end as place, sum(s.owed)::int as owed,
            sum(s.done)::int as done, sum(s.excused)::int as excused
        from (
            select n, place, count(*) as owed, count(*) filter (where state = '{State.DONE}') as done,
                count(*) filter (where state = '{State.EXCUSED}') as excused
            from ({standing(asked, args, only, many=many)}) s group by n, place
        ) s join jurisdiction j on j.id = s.place group by 1, 2
        """,
        *args.values,
    )
    found: dict[int, dict[int, Figures]] = {n: {} for n in asked}
    for row in rows:
        found[row["n"]][row["place"]] = Figures(row["owed"], row["done"], row["excused"])
    return found


def _row(asked: PlanQuestion, node: Record, own: Figures, whole: Figures) -> tuple[object, ...]:
    return (
        _what(asked),
        asked.window.first,
        asked.at,
        asked.closed,
        node["id"],
        node["version"],
        own.owed,
        own.done,
        own.excused,
        whole.owed,
        whole.done,
        whole.excused,
    )


def _what(asked: PlanQuestion) -> str:
    if asked.scope == PlanArea():
        return asked.what
    return f"{asked.what} {sha256(repr(asked.scope).encode()).hexdigest()[:12]}"
