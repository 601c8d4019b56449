"""Figures that are kept: how many things of each town owe a demand and how they stand, counted again where something moved.

A province of a million enterprises is counted once; afterwards only the towns are that a write touched. Every such write moves
the town's version (triggers of the database do, so none is forgotten), and a figure is good while its version is the town's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from portal.call import Call
from portal.obligations.plans import Args, Asked, Scope, standing
from portal.obligations.rules import State
from portal.storage.engine import Record

TOWNS = """
    select j.id, j.path,
        coalesce(v.n, 0) + coalesce((select sum(m.id) from place_move m where m.place = j.id), 0) as version
    from jurisdiction j left join place_version v on v.place = j.id
    where j.kind not in ('village', 'community') and j.path like any({areas}) and j.path like any(
        array(select r.path || '%' from jurisdiction r where r.region = {region}))
"""


@dataclass(frozen=True)
class TownFigures:
    """How many things of a town owe a demand, and how many of them did it or are excused; the rest is due, or missed."""

    id: int
    path: str
    owed: int
    done: int
    excused: int

    @property
    def open(self) -> int:
        """What is still due, or was missed."""
        return self.owed - self.done - self.excused


async def by_town(call: Call, asked: Asked, areas: Sequence[str]) -> list[TownFigures]:
    """The figures of each town of the areas where anything owes the demand, by path. Areas below towns can't be asked."""
    rows = await _kept(call, asked, areas)
    if lacking := [row["path"] for row in rows if not row["good"]]:
        many = len(lacking) * 4 > len(rows)
        await call.db.run_tx(lambda: _count(call, asked, lacking, many=many))
        rows = await _kept(call, asked, areas)
    return [TownFigures(row["id"], row["path"], row["owed"], row["done"], row["excused"]) for row in rows if row["owed"]]


async def fold(call: Call) -> None:
    """Add the moves to the versions, whose sum stays, so that nothing is counted again; drop what no page asks any more."""
    await call.db.rows(
        """
        with gone as (delete from place_move where id <= (select max(id) from place_move) returning place, id)
        insert into place_version (place, n) select place, sum(id) from gone group by place order by place
            on conflict (place) do update set n = place_version.n + excluded.n
        """
    )
    await call.db.rows("delete from tally where at < $1::date - case when closed then 400 else 1 end", call.today)


async def _kept(call: Call, asked: Asked, areas: Sequence[str]) -> list[Record]:
    args = Args()
    towns = _towns(asked, _below(areas), args)
    return await call.db.rows(
        f"""
        select towns.id, towns.path, t.owed, t.done, t.excused, coalesce(t.version = towns.version, false) as good
        from ({towns}) towns left join tally t on t.place = towns.id and t.what = {args(_what(asked))}
            and t.first = {args(asked.window.first)} and t.at = {args(asked.at)} order by towns.path
        """,
        *args.values,
    )


def _towns(asked: Asked, areas: Sequence[str], args: Args) -> str:
    return TOWNS.format(areas=args(list(areas)), region=args(asked.scheme.region.code))


def _below(areas: Sequence[str]) -> list[str]:
    return [area + "%" for area in areas]


def _what(asked: Asked) -> str:
    if asked.scope == Scope():
        return asked.what
    return f"{asked.what} {sha256(repr(asked.scope).encode()).hexdigest()[:12]}"


async def _count(call: Call, asked: Asked, lacking: Sequence[str], *, many: bool) -> None:
    """Count these towns anew, version and figures as one statement sees them."""
    args = Args()
    towns = _towns(asked, lacking, args)
    subjects = standing(asked if many else asked.within(lacking), args, many=many)
    await call.db.rows(
        f"""
        with towns as materialized ({towns}), found as (
            select s.place, count(*) as owed, count(*) filter (where s.state = '{State.DONE}') as done,
                count(*) filter (where s.state = '{State.EXCUSED}') as excused
            from ({subjects}) s group by s.place
        ), summed as (
            select case when v.kind in ('village', 'community') then v.parent else v.id end as town,
                sum(f.owed) as owed, sum(f.done) as done, sum(f.excused) as excused
            from found f join jurisdiction v on v.id = f.place group by 1
        )
        insert into tally (what, first, at, closed, place, owed, done, excused, version)
        select {args(_what(asked))}, {args(asked.window.first)}, {args(asked.at)}, {args(asked.closed)}, towns.id,
            coalesce(s.owed, 0), coalesce(s.done, 0), coalesce(s.excused, 0), towns.version
        from towns left join summed s on s.town = towns.id order by towns.id
        on conflict (what, first, at, place) do update set owed = excluded.owed, done = excluded.done,
            excused = excluded.excused, version = excluded.version
        """,
        *args.values,
    )
