"""The five alls (五全): area covered, enterprises included, key content contained, routine visits done, visits recorded.

One district's document names them; they mean the same everywhere, so every region has them. Each figure leads to what is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.call import Call
from portal.obligations import queries
from portal.obligations.deeds import DeedRow, those
from portal.obligations.plans import Args, PlanQuestion, standing
from portal.obligations.queries import OwingThing
from portal.obligations.rules import State, demands
from portal.obligations.tallies import Figures
from portal.scheme.book import Scheme
from portal.scheme.words import Act, Ground
from portal.storage.engine import Record

VISITS = frozenset({Act.PATROL, Act.CHECK})
SHOWN = 200


@dataclass(frozen=True)
class Alls:
    """The five figures of a region on a day, each of how many there should be; ``asked`` are the visits that they rest on.

    ``once`` are those of them that hold each deed once: a duty with a rhythm and a yearly number is asked by its rhythm.
    """

    scheme: Scheme
    area: Figures
    enterprises: Figures
    content: Figures
    visits: Figures
    records: Figures
    asked: tuple[PlanQuestion, ...]
    once: tuple[PlanQuestion, ...]


@dataclass(frozen=True)
class Uncovered:
    """A village or community that lies in no grid."""

    public_id: str
    name: str
    town: str


async def five(call: Call, region: str, on: date, *, inside: str | None = None) -> Alls | None:
    """The five alls within the viewer's areas; visits by the windows that closed last. None where no scheme is in force."""
    scheme = call.book.in_force(region, on)
    if scheme is None:
        return None
    areas = queries.areas_of(call, inside)
    summaries = await queries.summary(call, region, on, inside=inside)
    visits = [one for one in summaries if one.duty.act in VISITS and one.now.of == "enterprise"]
    asked = tuple(one.last for one in visits)
    once = tuple(one for one in asked if one.demand == demands(one.duty)[0])
    return Alls(
        scheme,
        await _area(call, scheme, areas, on),
        await _enterprises(call, region, areas, on),
        sum([await _content(call, one, areas) for one in once if one.duty.points], Figures()),
        sum((one.missed for one in visits), Figures()),
        sum([await _records(call, one, areas) for one in once], Figures()),
        asked,
        once,
    )


def _leaves(scheme: Scheme) -> list[str]:
    """The tiers in which nobody draws another one: an enterprise that is a grid covers no more ground than itself."""
    drawn = [tier for tier in scheme.tiers.values() if tier.of is not Ground.ENTERPRISE]
    around = {tier.within for tier in drawn}
    return [tier.code for tier in drawn if tier.code not in around]


COVERED = """
    exists (select from grid g left join grid_ground gg on gg.grid = g.id and gg.since <= {on}
            and (gg.until is null or gg.until > {on}) left join jurisdiction d on d.id = gg.division
        where g.region = {region} and g.tier = any({tiers}) and g.since <= {on} and (g.until is null or g.until > {on})
            and (starts_with(j.path, d.path) or g.jurisdiction = j.id))
"""
VILLAGES = """
    from jurisdiction j where j.kind in ('village', 'community') and j.path like any({areas}) and j.path like any(
        array(select r.path || '%' from jurisdiction r where r.region = {region})) and (j.until is null or j.until > {on})
"""


def _villages(scheme: Scheme, areas: Sequence[str], on: date, args: Args) -> tuple[str, str]:
    begun = scheme.edition.in_force
    pilot = [] if scheme.begun_at("/", on) else [f"%/{code}/%" for code in begun.pilot]
    places = {"on": args(on), "region": args(scheme.region.code)}
    villages = VILLAGES.format(areas=args([area + "%" for area in areas]), **places)
    if pilot:
        villages += f" and j.path like any({args(pilot)})"
    return villages, COVERED.format(tiers=args(_leaves(scheme)), **places)


async def _area(call: Call, scheme: Scheme, areas: Sequence[str], on: date) -> Figures:
    args = Args()
    villages, covered = _villages(scheme, areas, on, args)
    return _figures(
        await call.db.row(f"select count(*) as owed, count(*) filter (where {covered}) as done {villages}", *args.values)
    )


async def uncovered(call: Call, region: str, on: date, *, inside: str | None = None) -> tuple[Uncovered, ...]:
    """The villages and communities of the viewer's areas that lie in no grid, up to two hundred."""
    scheme = call.book.in_force(region, on)
    if scheme is None:
        return ()
    args = Args()
    villages, covered = _villages(scheme, queries.areas_of(call, inside), on, args)
    rows = await call.db.rows(
        f"select j.public_id, j.name, (select p.name from jurisdiction p where p.id = j.parent) as town {villages} "
        f"and not {covered} order by j.path limit {SHOWN}",
        *args.values,
    )
    return tuple(Uncovered(row["public_id"], row["name"], row["town"] or "") for row in rows)


async def _enterprises(call: Call, region: str, areas: Sequence[str], on: date) -> Figures:
    return _figures(
        await call.db.row(
            """
            select count(*) filter (where p.outcome is distinct from 'not_covered') as owed,
                count(*) filter (where p.outcome in ('placed', 'direct')) as done
            from enterprise e join jurisdiction j on j.id = e.division
                left join placement p on p.enterprise = e.id and p.since <= $1 and (p.until is null or p.until > $1)
            where e.region = $2 and e.since <= $1 and (e.until is null or e.until > $1)
                and p.outcome is distinct from 'not_yet' and j.path like any($3)
            """,
            on,
            region,
            [area + "%" for area in areas],
        )
    )


def _contained(asked: PlanQuestion, areas: Sequence[str], args: Args) -> str:
    """What owes a visit with whether all its points were seen to in the window."""
    subjects = standing({0: asked.within(areas)}, args)
    return f"""
        select s.*, coalesce((select count(distinct point) from deed d cross join unnest(d.points) as point
            where d.enterprise = s.subject and d.duty = {args(asked.duty.code)} and d.withdrawn_at is null
                and d.day between {args(asked.window.first)} and {args(asked.window.last)}
                and point = any({args(list(asked.duty.points))}::text[])), 0) = {args(len(asked.duty.points))} as contained
        from ({subjects}) s where s.state <> '{State.EXCUSED}'
    """


async def _content(call: Call, asked: PlanQuestion, areas: Sequence[str]) -> Figures:
    args = Args()
    subjects = _contained(asked, areas, args)
    return _figures(
        await call.db.row(f"select count(*) as owed, count(*) filter (where contained) as done from ({subjects}) s", *args.values)
    )


async def without_content(call: Call, asked: PlanQuestion, *, inside: str | None = None) -> list[OwingThing]:
    """What owes a visit and was not seen to in all points in the window, up to two hundred, with who has to see to it."""
    args = Args()
    subjects = _contained(asked, queries.areas_of(call, inside), args)
    rows = await call.db.rows(
        f"select subject from ({subjects}) s where not contained order by subject limit {SHOWN}", *args.values
    )
    return await queries.these_ids(call, asked, [row["subject"] for row in rows])


# What a record must tell: by whom, and what came of it
TOLD = "d.note <> '' and d.person is not null"


def _recorded(asked: PlanQuestion, areas: Sequence[str], args: Args) -> str:
    """The condition on the deeds ``d`` at places ``j`` of a visit in its window."""
    scope, window = asked.within(areas).scope, asked.window
    return f"""
        d.region = {args(asked.scheme.region.code)} and d.duty = {args(asked.duty.code)} and d.withdrawn_at is null
        and d.day between {args(window.first)} and {args(window.last)}
        and j.path like any({args([path + "%" for path in scope.inside])})
        and not j.path like any({args([path + "%" for path in scope.beyond])})
    """


async def _records(call: Call, asked: PlanQuestion, areas: Sequence[str]) -> Figures:
    args = Args()
    recorded = _recorded(asked, areas, args)
    return _figures(
        await call.db.row(
            f"""
            select count(*) as owed, count(*) filter (where {TOLD}) as done
            from deed d join enterprise e on e.id = d.enterprise join jurisdiction j on j.id = e.division where {recorded}
            """,
            *args.values,
        )
    )


async def without_record(call: Call, asked: PlanQuestion, *, inside: str | None = None) -> tuple[DeedRow, ...]:
    """The visits in the window that were written down without saying by whom or what came of it, up to two hundred."""
    args = Args()
    recorded = _recorded(asked, queries.areas_of(call, inside), args)
    return await those(call, f"{recorded} and not ({TOLD})", args.values, most=SHOWN)


def _figures(row: Record | None) -> Figures:
    return Figures(row["owed"], row["done"]) if row is not None else Figures()
