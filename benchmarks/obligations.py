"""Who owes what, at 10 thousand, 100 thousand and a million enterprises; against SQL written by hand for the same answers."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg

from benchmarks import province
from benchmarks.results import Row
from portal.app import open_portal
from portal.call import Call
from portal.obligations import queries, tallies
from portal.obligations.actions import DeedForm, add_deed
from portal.obligations.plans import PlanQuestion
from portal.obligations.rules import State
from portal.obligations.tallies import Figures
from portal.people.queries import holders
from portal.plugins import assemble
from portal.settings import Settings
from portal.storage.embedded import EmbeddedServer
from portal.viewer import SYSTEM, Viewer
from tests import sample_region

SIZES = (10_000, 100_000, 1_000_000)
TOUCHED = 200
TIMES = 15
# What a person opens; the rest is done beside people, or told to be compared
PAGES = {
    "kept": "the province's figures",
    "deed": "the province's figures after one deed",
    "town": "one town's figures",
    "list": "what is missed, first page",
    "middle": "what is missed, a page in the middle",
    "mine": "an inspector's list",
}
TOLD = {
    "count": "counting the province, first of the day",
    "touched": f"the province's figures after deeds in {TOUCHED} towns",
    "write": "a deed, SQL alone",
    "add": "a deed, by the action",
}

# The same answers by hand, on tables without kept figures. Nothing was refined, nobody stands back, the viewer sees all
OWED = {
    "enterprise": """
        select p.enterprise as subject, p.since <= $2 or exists (select from placement q where q.enterprise = p.enterprise
            and q.klass = p.klass and q.since <= $2 and q.until > $2) as whole
        from placement p join enterprise e on e.id = p.enterprise
        where e.region = 'sample' and p.klass = $5 and p.outcome in ('placed', 'direct') and p.since <= $3
            and (p.until is null or p.until > $3)
    """,
    "grid": """
        select g.id as subject, g.since <= $2 as whole from grid g
        where g.region = 'sample' and g.tier = $5 and g.since <= $3 and (g.until is null or g.until > $3)
    """,
    "unit": """
        select u.id as subject, u.since <= $2 as whole from unit u
        where u.region = 'sample' and u.kind = $5 and u.since <= $3 and (u.until is null or u.until > $3)
    """,
    "person": """
        select a.person as subject, min(a.since) <= $2 as whole from appointment a
        where a.region = 'sample' and a.post = $5 and a.since <= $3 and (a.until is null or a.until > $3) group by 1
    """,
}
COUNT = """
    select count(*) as owed, count(*) filter (where d.n >= {times}) as done,
        count(*) filter (where coalesce(d.n, 0) < {times} and (x.id is not null or {closed} and not o.whole)) as excused
    from ({owed}) o left join (
            select {of} as subject, count(*) as n from deed where region = 'sample' and duty = $1 and day between $2 and $3
                and withdrawn_at is null and {of} is not null and {alone} group by 1
        ) d on d.subject = o.subject
        left join excuse x on x.{of} = o.subject and x.duty = $1 and x.first = $2 and x.last = $4 and x.withdrawn_at is null
"""
MISSED = """
    select l.* from (select id, path from jurisdiction where kind = 'town' and path collate "C" >= $4 order by path collate "C") t,
        lateral (
            select e.public_id, e.name, e.credit_code, e.pinyin, j.name as place, d.last, h.name as holder, h.phone
            from jurisdiction j join enterprise e on e.division = j.id join placement p on p.enterprise = e.id
                left join lateral (select max(day) as last from deed where enterprise = e.id and duty = $1
                    and day between $2 and $3 and withdrawn_at is null) d on true
                left join appointment a on a.grid = p.grid and a.post = 'keeper' and a.since <= $3 and (a.until is null or a.until > $3)
                left join person h on h.id = a.person
            where (j.parent = t.id or j.id = t.id) and e.region = 'sample' and p.klass = 'small' and p.since <= $2
                and (p.until is null or p.until > $3) and d.last is null and (t.path, e.pinyin) > ($4, $5) and not exists (
                    select from excuse x where x.enterprise = e.id and x.duty = $1 and x.first = $2 and x.last = $3
                        and x.withdrawn_at is null)
            order by e.pinyin limit 50
        ) l limit 50
"""
MINE = """
    select e.public_id, e.name, e.credit_code, j.name as place, j.path, p.since, p.until, d.*, x.id is not null as excused
    from placement p join enterprise e on e.id = p.enterprise join jurisdiction j on j.id = e.division
        left join lateral (select count(*) filter (where day < $4) as before, count(*) filter (where day >= $4) as now, max(day) as last
            from deed where enterprise = e.id and duty = 'walk' and day between $2 and $5 and withdrawn_at is null) d on true
        left join excuse x on x.enterprise = e.id and x.duty = 'walk' and x.first = $2 and x.last = $3 and x.withdrawn_at is null
    where p.grid = $1 and p.klass = 'small' and p.since <= $5 and (p.until is null or p.until > $3) order by e.pinyin
"""
MY_OWN = """
    select count(*) filter (where day < $3) as before, count(*) filter (where day >= $3) as now, max(day) as last from deed
    where person = $1 and duty = 'study' and day between $2 and $4 and withdrawn_at is null
        and num_nonnulls(enterprise, grid, unit) = 0
"""
WRITE = """
    insert into {deed} (public_id, region, edition, duty, enterprise, day, note, points, attended, written_at, withdrawn_why)
    values (left(md5(random()::text), 20), 'sample', 'sample-2020', 'walk', $1, $2, '', '{{}}', '{{}}', now(), '')
"""


@dataclass
class Timed:
    """Milliseconds by what was measured: of the portal, and of its peers."""

    ours: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    peers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def our(self, what: str) -> float:
        return median(self.ours[what])

    def peer(self, what: str) -> float | None:
        return median(self.peers[what]) if what in self.peers else None

    def ratio(self, what: str) -> float:
        return self.our(what) / median(self.peers[what])


def rows(sizes: dict[int, Timed]) -> list[Row]:
    """The ratios to SQL by hand, and to the smallest of the sizes."""
    found = [
        Row("S9", f"{TOLD['count']}, {size:,} enterprises / SQL by hand", sizes[size].ratio("count"), 1.3, least=False)
        for size in SIZES[1:]
    ]
    found += [
        Row("S9", f"{PAGES['mine']}, {size:,} enterprises / an indexed lookup", timed.ratio("mine"), 2, least=False)
        for size, timed in sizes.items()
    ]
    found += [
        Row("S9", f"{PAGES[what]}, {SIZES[-1]:,} enterprises / SQL by hand", sizes[SIZES[-1]].ratio(what), None, least=False)
        for what in ("list", "middle")
    ]
    small, large = sizes[SIZES[0]], sizes[SIZES[-1]]
    return found + [
        Row("S13", f"{said}, {SIZES[-1]:,} / {SIZES[0]:,} enterprises", large.our(what) / small.our(what), 2, least=False)
        for what, said in PAGES.items()
    ]


def table(sizes: dict[int, Timed]) -> list[str]:
    """The absolute figures."""
    head = "".join(f" | {size:,}: ms | by hand" for size in sizes)
    lines = [f"| who owes what{head} |", "| --- |" + " ---: | ---: |" * len(sizes)]
    for what, said in (PAGES | TOLD).items():
        cells = (
            f" | {timed.our(what):,.1f} | {'—' if timed.peer(what) is None else f'{timed.peer(what):,.1f}'}"
            for timed in sizes.values()
        )
        lines.append(f"| {said}{''.join(cells)} |")
    return lines


def measure(folder: Path, *, rounds: int) -> dict[int, Timed]:
    """By number of enterprises; each in a database of its own on the embedded server."""
    found = {}
    for size in SIZES:
        server = EmbeddedServer(folder / f"obligations-{size}")
        server.start()
        try:
            found[size] = asyncio.run(_measure(server.data, size, rounds))
        finally:
            server.destroy()
    return found


async def _measure(data: Path, size: int, rounds: int) -> Timed:
    settings = Settings(data=data, plugins=("sample",))
    async with open_portal(settings, plugins=assemble({"sample": sample_region.plugin}), create=True) as portal:
        call = Call(portal, SYSTEM, province.NOW)
        begun = time.perf_counter()
        if not await call.db.value("select to_regclass('deed') is not null"):
            await province.fill(call, size)
        deeds = await call.db.value("select count(*) from deed")
        print(f"{size:,} enterprises with {deeds:,} deeds in {time.perf_counter() - begun:.0f} s", flush=True)
        raw = await asyncpg.create_pool(**EmbeddedServer(data).connection(), min_size=1, max_size=1, reset=_as_it_is)
        try:
            bench = Bench(call, raw)
            await bench.run(rounds)
        finally:
            await raw.close()
        print({what: round(bench.timed.our(what), 2) for what in bench.timed.ours}, flush=True)
        print({what: round(median(ms), 2) for what, ms in bench.timed.peers.items()}, flush=True)
        return bench.timed


async def _as_it_is(_: Any) -> None:
    """As the portal's own pool takes connections back."""


class Bench:
    """One database being measured, the portal's work and its peer's turn by turn."""

    def __init__(self, call: Call, raw: Any) -> None:
        self.call, self.raw, self.timed = call, raw, Timed()

    async def run(self, rounds: int) -> None:
        call = self.call
        await self.raw.execute("create table if not exists plain_deed (like deed including all)")
        asked = [one for now, last, _ in await queries.asked_on(call, "sample", call.today) for one in (now, last)]
        for _ in range(rounds):
            await call.db.rows("truncate tally")
            theirs = await self._time(self.timed.peers, "count", lambda: self._counted(asked))
            ours = await self._time(self.timed.ours, "count", self._summary)
            assert [figures for one in ours for figures in (one.figures, one.missed)] == theirs
        await call.db.rows("vacuum analyze tally")
        await self._figures()
        await self._lists(next(one for one in asked if one.duty.code == "walk" and one.closed))
        await self._writing()

    async def _time(self, into: dict[str, list[float]], what: str, work: Callable[[], Awaitable[Any]]) -> Any:
        begun = time.perf_counter()
        done = await work()
        into[what].append((time.perf_counter() - begun) * 1000)
        return done

    async def _figures(self) -> None:
        firms = await self.raw.fetch(
            """
            select t.path, min(e.id) as id from jurisdiction t join jurisdiction j on j.parent = t.id
                join enterprise e on e.division = j.id join placement p on p.enterprise = e.id and p.klass = 'small'
            where t.kind = 'town' group by 1 order by md5(t.path)
            """
        )
        town = self.call.as_(Viewer(name="town", areas=(firms[0]["path"],)))
        for n in range(TIMES):
            await self._time(self.timed.ours, "kept", self._summary)
            await self._time(self.timed.ours, "town", lambda: queries.summary(town, "sample", self.call.today))
            await self._write(firms[n % len(firms)]["id"])
            await self._time(self.timed.ours, "deed", self._summary)
        for _ in range(3):
            for firm in firms[:TOUCHED]:
                await self._write(firm["id"])
            await self._time(self.timed.ours, "touched", self._summary)
            await tallies.fold(self.call)

    async def _lists(self, missed: PlanQuestion) -> None:
        towns = [row["path"] for row in await self.raw.fetch("select path from jurisdiction where kind = 'town' order by path")]
        grids = await self.raw.fetch("select id from grid where tier = 'village-grid' order by md5(code) limit $1", TIMES)
        window, today = missed.window, self.call.today
        for n in range(TIMES):
            for what, town, key in (("list", towns[0], ""), ("middle", towns[len(towns) // 2], "shilidanwei8")):
                after = f"{town}~{key}~" if key else ""
                ours = await self._time(
                    self.timed.ours,
                    what,
                    lambda after=after: queries.things(self.call, missed, states=(State.MISSED,), after=after),
                )
                given = ("walk", window.first, window.last, town, key)
                theirs = await self._time(self.timed.peers, what, lambda given=given: self.raw.fetch(MISSED, *given))
                assert [one.public_id for one in ours.things] == [row["public_id"] for row in theirs]
            grid = grids[n % len(grids)]["id"]
            held = [one for one in await holders(self.call, grids=[grid], day=today) if one.post == "keeper"]
            (walk, _) = await self._time(self.timed.ours, "mine", lambda held=held: queries.of_person(self.call, held, today))
            rows = await self._time(
                self.timed.peers, "mine", lambda grid=grid, held=held: self._mine(grid, held[0].person, missed)
            )
            assert len(walk.open) == sum(not row["now"] for row in rows)

    async def _mine(self, grid: int, person: int, missed: PlanQuestion) -> Any:
        window, today = missed.window, self.call.today
        now = window.last + province.DAY
        rows = await self.raw.fetch(MINE, grid, window.first, window.last, now, today)
        await self.raw.fetch(
            MY_OWN, person, today.replace(year=today.year - 1, month=1, day=1), today.replace(month=1, day=1), today
        )
        return rows

    async def _writing(self) -> None:
        firms = await self.raw.fetch(
            """
            select e.id, e.public_id, a.person from enterprise e join placement p on p.enterprise = e.id and p.klass = 'small'
                join appointment a on a.grid = p.grid where not exists (select from deed d where d.enterprise = e.id and d.day >= $1)
            order by md5(e.public_id) limit 45
            """,
            self.call.today.replace(day=1),
        )
        people = {row["id"]: row["public_id"] for row in await self.raw.fetch("select id, public_id from person")}
        for n in range(TIMES):
            plain, own, form = firms[n], firms[n + TIMES], firms[n + 2 * TIMES]
            await self._time(self.timed.peers, "write", lambda plain=plain: self._write(plain["id"], "plain_deed"))
            await self._time(self.timed.ours, "write", lambda own=own: self._write(own["id"]))
            said = DeedForm(
                region="sample", duty="walk", subject=form["public_id"], day=self.call.today, person=people[form["person"]]
            )
            await self._time(self.timed.ours, "add", lambda said=said: add_deed(self.call, said))

    async def _write(self, firm: int, table: str = "deed") -> None:
        await self.raw.execute(WRITE.format(deed=table), firm, self.call.today)

    async def _summary(self) -> Any:
        return await queries.summary(self.call, "sample", self.call.today)

    async def _counted(self, asked: list[PlanQuestion]) -> list[Figures]:
        found = []
        for one in asked:
            per = one.duty.on[0] if one.duty.on else None
            kind = (per.klass or per.tier or per.unit) if per else one.duty.who
            alone = "num_nonnulls(enterprise, grid, unit) = 0" if one.of == "person" else "true"
            sql = COUNT.format(owed=OWED[one.of], of=one.of, times=one.demand.times, closed=one.closed, alone=alone)
            (row,) = await self.raw.fetch(sql, one.duty.code, one.window.first, one.at, one.window.last, kind)
            found.append(Figures(*row))
        return found
