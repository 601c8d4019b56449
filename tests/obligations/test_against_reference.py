"""Obligations against a reference that goes through days and things one by one, over random histories."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.call import Call
from portal.obligations import queries, tallies
from portal.obligations.rules import State
from portal.obligations.tallies import Figures
from portal.plugins import Plugins
from portal.scheme.book import Book
from portal.scheme.words import Act, Duty, Edition, Every, InForce, Per, Region
from tests.sample_region.scheme import PATROL, SAMPLE
from tests.world import World

START, END = date(2027, 11, 1), date(2028, 4, 30)
TURN = date(2028, 1, 17)
KEY = {
    Every(weeks=1): lambda day: day.isocalendar()[:2],
    Every(months=1): lambda day: (day.year, day.month),
    Every(months=2): lambda day: (day.year, (day.month - 1) // 2),
    Every(months=12): lambda day: day.year,
}
DAY = timedelta(days=1)
EXCUSED = {"walk": Every(months=1), "look": Every(weeks=1)}  # an excuse is for the window that was asked for, and no longer one
WALK = Duty(
    code="walk",
    who="keeper",
    says="走遍本格",
    act=Act.PATROL,
    on=(Per(klass="small"),),
    every=Every(months=1),
    times_a_year=5,
    basis=PATROL,
)
LOOK = replace(WALK, code="look", on=(Per(klass="*"),), every=Every(weeks=1), times_a_year=None)


def region(turned: Duty) -> Region:
    """Two editions: the first demands both duties as they are here, the second ``turned`` instead of the walk."""
    (first,) = SAMPLE.editions
    rest = tuple(rule for rule in first.rules if not isinstance(rule, Duty) or rule.act is None)
    old = Edition(
        code="sample-2020",
        documents=first.documents,
        in_force=replace(first.in_force, until=TURN - DAY),
        rules=(*rest, WALK, LOOK),
    )
    new = Edition(
        code="sample-2028", documents=first.documents, in_force=InForce(since=TURN, basis=PATROL), rules=(*rest, turned, LOOK)
    )
    return replace(SAMPLE, editions=(old, new))


@dataclass
class Spell:
    """Something that holds from a day until the day before another one."""

    since: date
    until: date | None
    what: str

    def on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass
class History:
    """One enterprise: its classes, the days on which something was done, and the windows that are excused."""

    classes: list[Spell]
    done: dict[str, list[date]]
    excused: list[tuple[str, date]] = field(default_factory=list)


def history(rng: random.Random) -> History:
    """A random one."""
    turns = sorted({START + DAY * rng.randrange((END - START).days) for _ in range(rng.randrange(1, 5))})
    spells = [
        Spell(since, until, rng.choice(["small", "small", "big", ""]))
        for since, until in zip(turns, [*turns[1:], rng.choice([None, END - DAY * rng.randrange(60)])], strict=True)
        if until is None or since < until
    ]
    days = [START + DAY * n for n in range((END - START).days)]
    done = {code: sorted(rng.sample(days, rng.choice([0, 1, 3, 12, 60]))) for code in ("walk", "look")}
    excused = [(rng.choice(["walk", "look"]), rng.choice(days)) for _ in range(rng.randrange(3))]
    return History(spells, done, excused)


def expected(one: History, duty: Duty, demand, on: date, alive: Spell, *, closed: bool) -> State | None:
    """How the enterprise stands, found by walking through the days of the window."""
    key = KEY[demand.every]
    days = [day for day in (on + DAY * n for n in range(-400, 400)) if key(day) == key(on)]
    if closed:
        previous = days[0] - DAY
        days = [day for day in (previous - DAY * n for n in range(400)) if key(day) == key(previous)][::-1]
    at = days[-1] if closed else on
    wanted = {"small", "big"} if duty.on[0].klass == "*" else {duty.on[0].klass}

    def owes(day: date) -> bool:
        return any(spell.on(day) and spell.what in wanted for spell in one.classes)

    if not owes(at):
        return None
    done = sum(days[0] <= day <= at for day in one.done[duty.code])
    if done >= demand.times:
        return State.DONE
    if any(code == duty.code and day in days and demand.every == EXCUSED[code] for code, day in one.excused):
        return State.EXCUSED
    if not closed:
        return State.DUE
    whole = owes(days[0]) and all(alive.on(day) for day in days)
    return State.MISSED if whole else State.EXCUSED


async def written(world: World, histories: list[History]) -> dict[int, History]:
    """These histories in the database, without the actions that would refuse such days."""
    db = world.call.db
    grids = [row["id"] for row in await db.rows("select id from grid where tier = 'village-grid' order by id")]
    places = [
        row["jurisdiction"] for row in await db.rows("select jurisdiction from grid where tier = 'village-grid' order by id")
    ]
    found: dict[int, History] = {}
    for n, one in enumerate(histories):
        id_ = await db.value(
            "insert into enterprise (public_id, region, name, pinyin, division, address, contact, phone, since) "
            "values ($1, 'sample', $1, $1, $2, '', '', '', $3) returning id",
            f"h{n:03d}",
            places[n % len(places)],
            START,
        )
        found[id_] = one
        for spell in one.classes:
            await db.rows(
                "insert into placement (enterprise, outcome, klass, grid, because, edition, since, until) "
                "values ($1, $2, $3, $4, '[]', 'sample-2020', $5, $6)",
                id_,
                "placed" if spell.what else "no_grid",
                spell.what or "small",
                grids[n % len(grids)] if spell.what else None,
                spell.since,
                spell.until,
            )
        for code, days in one.done.items():
            await db.rows(
                "insert into deed (public_id, region, edition, duty, enterprise, day, note, points, attended, written_at, "
                "withdrawn_why) select left(md5(random()::text), 20), 'sample', 'sample-2020', $1, $2, d, '', '{}', '{}', now(), '' "
                "from unnest($3::date[]) d cross join generate_series(1, 1 + extract(day from d)::int % 2)",
                code,
                id_,
                days,
            )
        for code, day in one.excused:
            key = KEY[EXCUSED[code]]
            same = [other for other in (day + DAY * n for n in range(-40, 40)) if key(other) == key(day)]
            await db.rows(
                "insert into excuse (public_id, region, duty, enterprise, first, last, why, written_at) "
                "values (left(md5(random()::text), 20), 'sample', $1, $2, $3, $4, '停产', now()) on conflict do nothing",
                code,
                id_,
                same[0],
                same[-1],
            )
    return found


async def handed_over(world: World, rng: random.Random) -> dict[str, list[Spell]]:
    """Random people at the grids, one after the other, with days on which nobody is there; by the grid's name."""
    db, found = world.call.db, {}
    people = await db.rows("select id, name from person order by id limit 3")
    await db.rows("update appointment set until = since where post = 'keeper'")
    for grid in await db.rows("select id, name from grid where tier = 'village-grid' order by id"):
        turns = sorted({START + DAY * rng.randrange((END - START).days) for _ in range(rng.randrange(1, 6))})
        held = [
            (since, until, rng.choice(people))
            for since, until in zip(turns, [*turns[1:], None], strict=True)
            if rng.random() < 0.8
        ]
        for since, until, person in held:
            await db.rows(
                "insert into appointment (public_id, person, region, edition, post, grid, since, until) "
                "values (left(md5(random()::text), 20), $1, 'sample', 'sample-2020', 'keeper', $2, $3, $4)",
                person["id"],
                grid["id"],
                since,
                until,
            )
        found[grid["name"]] = [Spell(since, until, person["name"]) for since, until, person in held]
    return found


async def judged(world: World, seed: int, *, changed: bool, days: int) -> None:
    """Ask the portal and the reference the same of one random world, on so many days."""
    rng = random.Random(seed)
    turned = replace(WALK, every=Every(months=2)) if changed else WALK
    plugins = world.call.portal.plugins
    book = Book.of([("sample", region(turned))])
    portal = replace(world.call.portal, plugins=Plugins(plugins.named, plugins.packages, plugins.manager, book))
    call = Call(portal, world.call.viewer, world.call.now)
    lives = {
        ("walk", "sample-2020"): Spell(date.min, TURN if changed else None, ""),
        ("walk", "sample-2028"): Spell(TURN if changed else date.min, None, ""),
    }
    async with call.db.transaction() as transaction:
        await call.db.rows("delete from place_move")
        await call.db.rows("delete from tally")
        await call.db.rows("update placement set until = since")
        histories = await written(world, [history(rng) for _ in range(12)])
        there = await handed_over(world, rng)
        grids = {row["id"]: row["name"] for row in await call.db.rows("select id, name from grid")}
        for on in (
            date(2027, 12, 31),
            date(2028, 1, 1),
            date(2028, 2, 29),
            *(START + DAY * rng.randrange((END - START).days) for _ in range(days)),
        ):
            for now, last, _ in await queries.asked_on(call, "sample", on):
                alive = lives.get((now.duty.code, now.scheme.edition_id), Spell(date.min, None, ""))
                for asked in (now, last):
                    wanted = {
                        id_: state
                        for id_, one in histories.items()
                        if (state := expected(one, asked.duty, asked.demand, on, alive, closed=asked.closed)) is not None
                    }
                    listing = await queries.things(call, asked, size=100)
                    assert {thing.id: thing.state for thing in listing.things} == wanted, (seed, on, asked.what, asked.window)
                    for thing in listing.things:
                        holders = [spell.what for spell in there[grids[thing.grid or 0]] if spell.on(asked.at)]
                        assert [owner.name for owner in thing.owners] == (holders or ["空缺"]), (seed, on, asked.what)
                    (whole,) = await tallies.figures(call, [asked], ["/"])
                    towns = await tallies.towns(call, asked, ["/"])
                    assert sum((town.figures for town in towns), Figures()) == whole
                    assert whole.owed == len(wanted)
                    assert whole.open == sum(state in (State.DUE, State.MISSED) for state in wanted.values())
        await transaction.rollback()


@pytest.mark.clause("WZ-5.8", "LS-4.1", "LS-4.2.3b", "LS-4.3.1")
@given(seed=st.integers(0, 2**32), changed=st.booleans())
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
async def test_every_window_of_every_history_is_judged_as_day_by_day(world: World, seed: int, changed: bool) -> None:
    await judged(world, seed, changed=changed, days=1)
