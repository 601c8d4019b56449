"""Grids that are enterprises when another edition comes into force, when none is in force, and when the plugin is off."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from portal.app import ready
from portal.areas import actions as areas
from portal.areas.queries import GridRow
from portal.areas.queries import grid as grid_row
from portal.boards import actions as boards
from portal.boards import queries as board_queries
from portal.boards.turning import turn
from portal.enterprises import actions
from portal.ledger.actions import handle_due
from portal.ledger.queries import first_break
from portal.people import queries as people
from portal.plugins import assemble, none
from portal.scheme.words import Region
from portal.storage.engine import Record
from tests.enterprises.test_own_grids import form, later, one_act, own, placed, told, verbs
from tests.firm_region import BIG, RISKY
from tests.firm_region.later import BEGINS, BOTH, ENDING, Stated
from tests.world import World, make_appointment, make_enterprise

BIG_FIRM = "甲大厂（示例）"


def under(world: World, region: Region) -> World:
    """The same portal with another statement of the region."""
    return world.again(replace(world.call, portal=replace(world.call.portal, plugins=assemble({"leafy": Stated(region)}))))


async def turned(world: World, day: date = BEGINS) -> World:
    """The day on which the later edition is in force, as the tick finds it."""
    there = later(world, (day - world.call.today).days)
    await handle_due(there.call)
    await turn(there.call)
    return there


async def own_grids(world: World, name: str) -> list[GridRow]:
    """All grids that an enterprise was, the first first."""
    rows = await world.call.db.rows(
        "select g.public_id from grid g join enterprise e on e.id = g.enterprise where e.public_id = $1 order by g.id",
        world.enterprises[name],
    )
    return [await grid_row(world.call, row["public_id"]) for row in rows]


def briefly(grids: Sequence[GridRow]) -> list[tuple[str, str, str | None, date, date | None]]:
    """Tier, edition, the grid above, from when, until when."""
    return [(one.tier, one.edition, one.parent_name, one.since, one.until) for one in grids]


async def test_on_the_day_a_grid_ends_with_its_posts_and_one_of_the_new_tier_is_made(leafy: World) -> None:
    two = under(leafy, BOTH)
    (old,) = await own_grids(two, BIG_FIRM)
    two.grids[BIG_FIRM] = old.public_id
    await make_appointment(two, "吴厂长", "firm-leader", grid=BIG_FIRM)
    board = await boards.issue(two.call, "enterprise", two.enterprises[BIG_FIRM])
    assert await turn(two.call) == 0
    there = await turned(two)
    assert briefly(await own_grids(there, BIG_FIRM)) == [
        ("firm", "leafy-2020", "甲村格", old.since, BEGINS),
        ("works", "leafy-2026", "镇格", BEGINS, None),
    ]
    works = (await own_grids(there, BIG_FIRM))[1]
    row = await placed(there, BIG_FIRM)
    assert (row.grid_id, row.own_grid, row.edition) == (works.public_id, True, "leafy-2026")
    assert await people.holders(there.call, grids=[old.id], day=BEGINS) == ()
    assert len(await people.holders(there.call, grids=[old.id], day=BEGINS - timedelta(days=1))) == 1
    assert (await verbs(there, old))[0] == "ended"
    assert await verbs(there, works) == ["created"]
    live = (await board_queries.page(there.call, board)).live
    assert (live["grid"]["tier"], [one["name"] for one in live["above"]]) == ("大厂网格", ["镇格", "区格"])
    entries = await two.call.db.value("select count(*) from ledger_entry")
    assert await turn(there.call) == 0
    assert await two.call.db.value("select count(*) from ledger_entry") == entries
    assert await first_break(there.call) is None


async def test_a_grid_whose_tier_stays_goes_on_under_the_grid_where_the_new_edition_puts_it(leafy: World) -> None:
    two = under(leafy, BOTH)
    await make_enterprise(two, "丙险店（示例）", "丙村", **RISKY)
    before = await own(two, "丙险店（示例）")
    assert (before.parent, before.until) == (None, None)
    there = await turned(two, BEGINS + timedelta(days=40))
    after = await own(there, "丙险店（示例）")
    assert (after.id, after.code, after.since, after.until) == (before.id, before.code, before.since, None)
    assert after.parent_name == "镇格"
    assert await verbs(there, after) == ["changed", "created"]


@pytest.mark.parametrize("many", [False, True])
async def test_who_is_registered_for_days_of_two_editions_was_and_is_a_grid_under_each(leafy: World, many: bool) -> None:
    there = await turned(under(leafy, BOTH), BEGINS + timedelta(days=20))
    began = BEGINS - timedelta(days=10)
    if many:
        new = [replace(form(there, "新厂（示例）", "乙村", **BIG), since=began)]
        (there.enterprises["新厂（示例）"],) = await actions.add_enterprises(there.call, new)
    else:
        await make_enterprise(there, "新厂（示例）", "乙村", since=began, **BIG)
    assert briefly(await own_grids(there, "新厂（示例）")) == [
        ("firm", "leafy-2020", "乙村格", began, BEGINS),
        ("works", "leafy-2026", "镇格", BEGINS, None),
    ]


async def test_a_grid_that_its_enterprise_leaves_and_takes_again_over_the_day_is_the_same(leafy: World) -> None:
    two = under(leafy, BOTH)
    name = "丙险店（示例）"
    await make_enterprise(two, name, "丙村", **RISKY)
    before = await own(two, name)
    await actions.end_enterprise(two.call, two.enterprises[name], two.call.today)
    there = await turned(two, BEGINS + timedelta(days=3))
    assert (await own(there, name)).until == two.call.today
    await actions.reopen_enterprise(there.call, two.enterprises[name], there.call.today)
    after = await own(there, name)
    assert (after.id, after.parent_name, after.until) == (before.id, "镇格", None)


async def test_while_no_edition_is_in_force_it_still_follows_in_name_and_end(leafy: World) -> None:
    there = await turned(under(leafy, ENDING), BEGINS)
    before = await own(there, BIG_FIRM)
    assert there.call.book.in_force("leafy", there.call.today) is None
    assert before.until is None
    await actions.change_enterprise(there.call, there.enterprises[BIG_FIRM], form(there, "改名大厂（示例）", "甲村"))
    after = await own(there, BIG_FIRM)
    assert (after.name, after.parent_name, after.until) == ("改名大厂（示例）", "甲村格", None)
    await actions.end_enterprise(there.call, there.enterprises[BIG_FIRM], there.call.today)
    assert (await own(there, BIG_FIRM)).until == BEGINS


async def test_where_the_plugin_is_off_it_stays_as_it_is_and_follows_when_that_is_back(leafy: World) -> None:
    today, name = leafy.call.today, "乙大厂（示例）"
    await areas.end_grid(leafy.call, leafy.grids["甲村格"], today + timedelta(days=5))
    await make_enterprise(leafy, name, "乙村", **BIG)
    await actions.end_enterprise(leafy.call, leafy.enterprises[name], today)
    await actions.reopen_enterprise(leafy.call, leafy.enterprises[name], today + timedelta(days=5))
    day = later(leafy, 5)
    off = replace(day.call, portal=replace(day.call.portal, plugins=none(), asleep=set(), postponed=set()))
    await ready(off)
    await handle_due(off)
    waiting = await off.db.rows(
        "select id from ledger_event where name in ('ended', 'awaited') and kind = 'grid' and day = $1", off.today
    )
    assert off.portal.postponed == {row["id"] for row in waiting}
    assert len(waiting) == 2
    assert ((await own(day, BIG_FIRM)).parent_name, (await own(day, name)).until) == ("甲村格", today)
    await handle_due(day.call)
    assert ((await own(day, BIG_FIRM)).parent, (await own(day, name)).until) == (None, None)


@pytest.mark.parametrize("seed", range(4))
async def test_an_own_grid_is_in_force_while_the_edition_places_its_enterprise_in_it(leafy: World, seed: int) -> None:
    rng, fresh = random.Random(seed), count()
    at = under(leafy, BOTH)
    for _ in range(30):
        await one_act(at, rng, fresh)
        await check(at)
        if rng.random() < 0.3:
            at = await turned(at, at.call.today + timedelta(days=rng.randrange(1, 5)))
            await check(at)
    assert at.call.today > BEGINS


async def check(world: World) -> None:
    """Compare with what follows, by hand, from facts, address and drawn grids of today under the edition of today."""
    today, db = world.call.today, world.call.db
    new = today >= BEGINS
    drawn = await db.rows(
        "select id, tier, jurisdiction from grid where enterprise is null and since <= $1 and (until is null or until > $1)",
        today,
    )
    (town,) = [row["id"] for row in drawn if row["tier"] == "town-grid"]
    firms = await db.rows(
        """
        select e.id, e.name, e.division, e.since, e.until, pl.grid as placed, coalesce(size.value, 'small') as size,
            coalesce(risky.value, 'no') as risky
        from enterprise e left join placement pl on pl.enterprise = e.id and pl.since <= $1 and (pl.until is null or pl.until > $1)
            left join enterprise_fact size on size.enterprise = e.id and size.fact = 'size'
                and size.since <= $1 and (size.until is null or size.until > $1)
            left join enterprise_fact risky on risky.enterprise = e.id and risky.fact = 'risky'
                and risky.since <= $1 and (risky.until is null or risky.until > $1)
        """,
        today,
    )
    grids = await db.rows(
        "select * from grid where enterprise is not null and since <= $1 and (until is null or until > $1)", today
    )
    there: dict[int, list[Record]] = {}
    for grid in grids:
        there.setdefault(grid["enterprise"], []).append(grid)
    for row in firms:
        around = [one["id"] for one in drawn if one["tier"] == "village-grid" and one["jurisdiction"] == row["division"]]
        alive = row["since"] <= today and (row["until"] is None or row["until"] > today)
        big, left = row["size"] == "big", row["risky"] == "yes" and not around
        tiers = [] if not alive else ["works" if new else "firm"] if big else ["firm"] if left else []
        found = there.get(row["id"], [])
        assert [grid["tier"] for grid in found] == tiers, told(row)
        for grid in found:
            parent = town if new else around[0] if len(around) == 1 else None
            assert (grid["id"], grid["name"], grid["parent"]) == (row["placed"], row["name"], parent), told(row)
