"""Figures that are kept: always what counting anew would find, and counted again only where something moved."""

import asyncio
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import app
from portal.areas.refining import RefinementForm, refine
from portal.call import Call
from portal.obligations import queries, tallies
from portal.obligations.actions import DeedForm, add_deed, withdraw_deed
from portal.obligations.rules import State
from portal.obligations.tallies import Figures
from portal.people.interests import InterestForm, declare
from portal.people.queries import holders
from portal.scheme.words import Every
from portal.viewer import Viewer
from tests.world import World, make_enterprise

DAY = timedelta(days=1)
DEED = """
    insert into deed (public_id, region, edition, duty, {of}, person, day, note, points, attended, written_at, withdrawn_why)
    values (left(md5(random()::text), 20), 'sample', 'sample-2020', $1, $2, null, $3, '', '{{}}', '{{}}', now(), '')
"""
EXCUSE = """
    insert into excuse (public_id, region, duty, {of}, first, last, why, written_at)
    values (left(md5(random()::text), 20), 'sample', $1, $2, $3, $4, '停产', now()) on conflict do nothing
"""
ON = {"walk": "enterprise", "look": "enterprise", "round": "grid", "meet": "unit"}


async def asked(call: Call, on: date | None = None) -> list:
    return [window for now, last, _ in await queries.asked_on(call, "sample", on or call.today) for window in (now, last)]


async def anew(call: Call, one, area: str) -> Figures:
    """Counted thing by thing, without asking first in which towns anything is."""
    states = [row["state"] for row in await queries._listed(call, one.within([area]), None, most=1000)]
    return Figures(len(states), states.count(State.DONE), states.count(State.EXCUSED))


async def write_something(call: Call, rng: random.Random) -> None:
    """One write of any kind that moves figures."""
    db, today = call.db, call.today
    duty, of = rng.choice(list(ON.items()))
    id_ = await db.value(f"select id from {of} order by md5(id::text || $1) limit 1", str(rng.random()))
    windows = [one.window for one in await asked(call) if one.duty.code == duty]
    firm = await db.value("select id from enterprise order by md5(id::text || $1) limit 1", str(rng.random()))
    match rng.randrange(8):
        case 0 | 1 | 2:
            await db.rows(DEED.format(of=of), duty, id_, today - DAY * rng.choice([0, 1, 20, 40, 100]))
        case 3:
            window = rng.choice(windows)
            await db.rows(EXCUSE.format(of=of), duty, id_, window.first, window.last)
        case 4:
            await db.rows(
                "update deed set withdrawn_at = now() where id = (select id from deed where withdrawn_at is null limit 1)"
            )
        case 5:
            until = rng.choice([None, today, today + DAY * 40])
            await db.rows("update placement set until = greatest(since, $1::date) where enterprise = $2", until, firm)
        case 6:
            place = await db.value("select id from jurisdiction where kind in ('village', 'community') order by random() limit 1")
            await db.rows("update enterprise set division = $1 where id = $2", place, firm)
        case 7:
            await db.rows("update unit set until = $1 where kind = 'station' and id = $2", rng.choice([None, today]), id_)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
async def test_after_any_write_every_place_has_the_figures_of_counting_anew(world: World, seed: int) -> None:
    rng = random.Random(seed)
    call = world.call
    async with call.db.transaction() as transaction:
        await call.db.rows("update placement set since = $1", call.today - 100 * DAY)
        for place, weeks in (("甲村", 1), ("西镇", 2)):
            own = RefinementForm(
                figure="duty:walk:every", value=Every(weeks=weeks), document="细则（示例）", clause="一", gist="更密"
            )
            await refine(call, world.places[place], own)
        paths = [row["path"] for row in await call.db.rows("select path from jurisdiction order by path")]
        for _ in range(12):
            await write_something(call, rng)
            if not rng.randrange(3):
                await tallies.fold(call)
            area, windows = rng.choice(paths), await asked(call)
            found = await tallies.figures(call, windows, [area])
            assert found == [await anew(call, one, area) for one in windows], (seed, area)
        await transaction.rollback()


async def test_a_deed_counts_its_town_again_for_its_own_duty_and_window_only(world: World) -> None:
    call = world.call
    await queries.count_ahead(call)
    before = {(row["id"], row["xmin"]) for row in await call.db.rows("select id, xmin::text from tally")}
    firm = await call.db.value("select id from enterprise where name = '丙小店（示例）'")
    await call.db.rows(DEED.format(of="enterprise"), "walk", firm, call.today)
    (walk, *_) = await queries.summary(call, "sample", call.today)
    again = await call.db.rows("select t.*, t.xmin::text, j.name from tally t join jurisdiction j on j.id = t.place")
    moved = [(row["name"], row["what"].split()[1], row["closed"]) for row in again if (row["id"], row["xmin"]) not in before]
    assert sorted(moved) == sorted((name, "walk", False) for name in ("示例区", "西镇"))
    assert (walk.figures.owed, walk.figures.done) == (3, 1)


async def test_moves_are_folded_without_anything_being_counted_again(world: World) -> None:
    call = world.call
    await queries.count_ahead(call)
    before = [tuple(row) for row in await call.db.rows("select id, xmin::text from tally order by id")]
    assert await call.db.value("select count(*) from place_move") > 0
    await tallies.fold(call)
    await queries.count_ahead(call)
    assert await call.db.value("select count(*) from place_move") == 0
    assert [tuple(row) for row in await call.db.rows("select id, xmin::text from tally order by id")] == before


async def test_what_nobody_asks_any_more_is_dropped(world: World) -> None:
    call = world.call
    await queries.count_ahead(call)
    later = replace(call, now=call.now + 2 * DAY)
    await tallies.sweep(later)
    assert await call.db.value("select count(*) filter (where closed) > 0 and count(*) filter (where not closed) = 0 from tally")


async def test_pages_of_a_list_together_are_the_list(world: World) -> None:
    call = world.call
    for n in range(7):
        await make_enterprise(world, f"店{n}（示例）", ["甲村", "乙社区", "丙村", "丁村"][n % 4], size="small", risky="no")
    walk = next(one for one in await asked(call) if one.duty.code == "walk")
    whole = (await queries.things(call, walk, size=100)).things
    assert len(whole) == 10
    for states in ((State.DUE,), (State.DUE, State.DONE), tuple(State)):
        found, after = [], ""
        while after is not None:
            page = await queries.things(call, walk, states=states, after=after, size=2)
            found += page.things
            after = page.after
        assert found == [thing for thing in whole if thing.state in states]
    towns = [thing.path.split("/")[3] for thing in whole]
    assert towns == sorted(towns)


async def test_an_inspectors_list_is_what_the_grid_owes_less_where_they_stand_back(world: World) -> None:
    call = world.call
    await make_enterprise(world, "甲纸店（示例）", "甲村", size="small", risky="no")
    grid = await call.db.value("select id from grid where public_id = $1", world.grids["甲村格"])
    held = [one for one in await holders(call, grids=[grid], day=call.today) if one.post == "keeper"]
    (walk, study) = await queries.of_person(call, held, call.today)
    assert [thing.name for thing in walk.open] == ["甲面粉店（示例）", "甲纸店（示例）"]
    assert [thing.name for thing in walk.missed] == ["甲面粉店（示例）", "甲纸店（示例）"]
    assert (walk.done, study.done, [thing.name for thing in study.open]) == (0, 0, ["张看护"])
    form = DeedForm(
        region="sample", duty="walk", subject=world.enterprises["甲面粉店（示例）"], day=call.today, person=world.people["张看护"]
    )
    deed = await add_deed(call, form)
    (walk, _) = await queries.of_person(call, held, call.today)
    assert ([thing.name for thing in walk.open], walk.done) == (["甲纸店（示例）"], 1)
    await withdraw_deed(call, deed, "记错")
    interest = InterestForm(
        person=world.people["张看护"], enterprise=world.enterprises["甲面粉店（示例）"], kind="kin", since=call.today
    )
    await declare(call, interest)
    (walk, _) = await queries.of_person(call, held, call.today)
    assert ([thing.name for thing in walk.open], walk.done) == (["甲纸店（示例）"], 0)


async def test_two_grids_are_one_list_with_each_thing_once(world: World) -> None:
    call = world.call
    ids = [await call.db.value("select id from grid where public_id = $1", world.grids[name]) for name in ("东镇格", "西镇格")]
    held = [one for one in await holders(call, grids=ids, day=call.today) if one.post == "head"]
    found = {one.now.duty.code: one for one in await queries.of_person(call, [*held, *held], call.today)}
    assert [thing.name for thing in found["round"].open] == ["甲村格", "乙社区格", "丙村格", "丁村格"]
    assert [thing.name for thing in found["look"].open] == ["甲石料厂（示例）"]


@pytest.mark.parametrize("area", ["东镇", "甲村"])
async def test_an_office_sees_its_own_figures_only(world: World, area: str) -> None:
    call = world.call
    path = await call.db.value("select path from jurisdiction where public_id = $1", world.places[area])
    (walk, *_) = await queries.summary(call.as_(Viewer(areas=(path,))), "sample", call.today)
    assert walk.figures.owed == 2


async def test_the_clock_counts_the_day_ahead_and_folds_what_moved(world: World, clock) -> None:
    call = world.call
    ticking = asyncio.create_task(app._tick(call.portal, clock))
    for _ in range(200):
        await asyncio.sleep(0.05)
        if await call.db.value("select count(*) from tally"):
            break
    ticking.cancel()
    assert await call.db.value("select count(distinct what) from tally") > 5
    assert await call.db.value("select count(*) from place_move") == 0
