"""Enterprises: dated facts, placement that follows them, grids that are redrawn beneath them."""

import asyncio
from datetime import date, timedelta

import asyncpg
import pytest

from portal.areas import actions as areas
from portal.call import Call
from portal.enterprises import actions, queries
from portal.errors import Conflict, NotVisible, Refused
from portal.ledger.actions import handle_due
from portal.storage.lists import Wanted
from tests.world import CODES, World, make_enterprise, make_grid


async def where(world: World, name: str, day: date | None = None) -> str | None:
    """The grid in which an enterprise is on a day."""
    call = world.call if day is None else Call(world.call.portal, world.call.viewer, world.call.now + (day - world.call.today))
    return (await queries.enterprise(call, world.enterprises[name])).grid_name


async def test_each_is_placed_by_class_and_address(world: World) -> None:
    assert await where(world, "甲石料厂（示例）") == "东镇格"
    assert await where(world, "甲面粉店（示例）") == "甲村格"
    assert await where(world, "园玩具厂（示例）") == "园片"
    assert await where(world, "丙小店（示例）") == "丙村格"


async def test_a_placement_is_kept_with_its_reasons(world: World) -> None:
    row = await queries.enterprise(world.call, world.enterprises["甲石料厂（示例）"])
    assert [reason.note for reason in row.because] == ["类别：大或高危（规模为“大”或高危）", "纳入镇格：东镇格"]
    assert row.edition == "sample-2020"


async def test_a_fact_stated_for_a_later_day_moves_it_on_that_day(world: World) -> None:
    name, day = "甲面粉店（示例）", world.call.today + timedelta(days=5)
    await actions.state_facts(world.call, world.enterprises[name], {"size": "big"}, day)
    assert await where(world, name) == "甲村格"
    assert await where(world, name, day - timedelta(days=1)) == "甲村格"
    assert await where(world, name, day) == "东镇格"


async def test_a_fact_stated_for_an_earlier_day_is_true_of_that_time(world: World) -> None:
    name, day = "甲面粉店（示例）", world.call.today - timedelta(days=50)
    await actions.state_facts(world.call, world.enterprises[name], {"risky": "yes"}, day)
    assert await where(world, name, day - timedelta(days=1)) == "甲村格"
    assert await where(world, name) == "东镇格"
    with pytest.raises(Refused, match="不能早于登记日期"):
        await actions.state_facts(world.call, world.enterprises[name], {"risky": "no"}, day - timedelta(days=90))


async def test_facts_of_several_are_stated_together_or_not_at_all(world: World) -> None:
    flour, small = (world.enterprises[name] for name in ("甲面粉店（示例）", "丙小店（示例）"))
    with pytest.raises(Refused, match="不能是"):
        await actions.state_facts_of_many(world.call, {flour: {"size": "big"}, small: {"size": "vast"}}, world.call.today)
    with pytest.raises(NotVisible):
        await actions.state_facts_of_many(world.call, {flour: {"size": "big"}, "nobody": {"size": "big"}}, world.call.today)
    assert await where(world, "甲面粉店（示例）") == "甲村格"
    await actions.state_facts_of_many(world.call, {flour: {"size": "big"}, small: {"risky": "yes"}}, world.call.today)
    assert (await where(world, "甲面粉店（示例）"), await where(world, "丙小店（示例）")) == ("东镇格", "西镇格")
    stated = await world.call.db.rows("select subject, body from ledger_entry where verb = 'stated' order by id")
    assert [row["subject"] for row in stated] == [flour, small]


async def test_a_dissolved_grid_leaves_its_enterprises_unplaced_from_that_day(world: World) -> None:
    day = world.call.today + timedelta(days=3)
    await areas.end_grid(world.call, world.grids["丙村格"], day)
    later = Call(world.call.portal, world.call.viewer, world.call.now + timedelta(days=3))
    await handle_due(later)
    row = await queries.enterprise(later, world.enterprises["丙小店（示例）"])
    assert (row.outcome, row.grid_name) == ("no_grid", None)
    assert await queries.unplaced(later) == 1
    assert await where(world, "丙小店（示例）") == "丙村格"


async def test_a_redrawn_grid_takes_in_what_lies_on_its_new_ground(world: World) -> None:
    await make_grid(world, "新片", "patch", "东镇", parent="东镇格", divisions=("甲村",), since=world.call.today)
    assert await where(world, "甲面粉店（示例）") == "新片"
    assert await where(world, "甲石料厂（示例）") == "东镇格"


async def test_a_moved_enterprise_is_placed_anew_and_its_past_stays(world: World) -> None:
    name = "甲面粉店（示例）"
    form = actions.EnterpriseForm(name=name, division=world.places["丙村"], credit_code=CODES["flour"], address="新路2号")
    await actions.change_enterprise(world.call, world.enterprises[name], form)
    assert await where(world, name) == "丙村格"
    row = await queries.enterprise(world.call, world.enterprises[name])
    past = await queries.past_placements(world.call, row.id)
    assert [(one.grid_name, one.since) for one in past] == [
        ("丙村格", world.call.today),
        ("甲村格", world.call.today - timedelta(days=100)),
    ]


async def test_a_closed_enterprise_belongs_nowhere_afterwards(world: World) -> None:
    name = "丙小店（示例）"
    await actions.end_enterprise(world.call, world.enterprises[name], world.call.today)
    assert await where(world, name) is None
    assert await where(world, name, world.call.today - timedelta(days=1)) == "丙村格"
    with pytest.raises(Refused):
        await actions.end_enterprise(world.call, world.enterprises[name], world.call.today)


async def test_a_reopened_enterprise_is_placed_from_that_day_and_the_time_between_stays(world: World) -> None:
    name, today = "丙小店（示例）", world.call.today
    await actions.end_enterprise(world.call, world.enterprises[name], today - timedelta(days=10))
    with pytest.raises(Refused, match="早于停用"):
        await actions.reopen_enterprise(world.call, world.enterprises[name], today - timedelta(days=11))
    await actions.reopen_enterprise(world.call, world.enterprises[name], today)
    assert await where(world, name) == "丙村格"
    assert await where(world, name, today - timedelta(days=5)) is None
    with pytest.raises(Refused, match="没有停用"):
        await actions.reopen_enterprise(world.call, world.enterprises[name], today)


async def test_a_credit_code_is_checked_and_taken_once(world: World) -> None:
    with pytest.raises(Refused, match="已登记给：甲石料厂"):
        await make_enterprise(world, "冒名（示例）", "甲村", credit_code=CODES["gravel"], size="small", risky="no")
    with pytest.raises(Refused, match="校验位"):
        await make_enterprise(world, "错码（示例）", "甲村", credit_code="91350100M000100Y44", size="small", risky="no")
    west = world.call.as_(await world.office("西所"))
    form = actions.EnterpriseForm(name="西冒名", division=world.places["丙村"], credit_code=CODES["gravel"])
    with pytest.raises(Refused, match="其他辖区的单位"):
        await actions.add_enterprise(west, form)


@pytest.mark.parametrize(("facts", "said"), [({"colour": "red"}, "没有“colour”"), ({"size": "huge"}, "不能是“huge”")])
async def test_facts_that_the_scheme_does_not_know(world: World, facts: dict[str, str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        await actions.state_facts(world.call, world.enterprises["丙小店（示例）"], facts, world.call.today)


async def test_lists_filter_and_keep_to_the_area(world: World) -> None:
    west = world.call.as_(await world.office("西所"))
    assert {row.name for row in (await queries.enterprises(west, Wanted())).rows} == {"丙小店（示例）"}
    big = await queries.enterprises(world.call, Wanted(filters={"klass": "big"}))
    assert {row.name for row in big.rows} == {"甲石料厂（示例）"}
    found = await queries.enterprises(world.call, Wanted(query="面粉"))
    assert {row.name for row in found.rows} == {"甲面粉店（示例）"}
    by_code = await queries.enterprises(world.call, Wanted(query=CODES["flour"][:10]))
    assert {row.name for row in by_code.rows} == {"甲面粉店（示例）"}
    with pytest.raises(NotVisible):
        await queries.enterprise(west, world.enterprises["甲面粉店（示例）"])
    with pytest.raises(NotVisible):
        await actions.end_enterprise(west, world.enterprises["甲面粉店（示例）"], west.today)


AGAIN = {
    "placement": "insert into placement (enterprise, outcome, because, edition, since) "
    "select id, 'no_grid', '[]', 'x', $1 from enterprise order by id limit 1",
    "enterprise_fact": "insert into enterprise_fact (enterprise, fact, value, since) "
    "select id, 'size', 'small', $1 from enterprise order by id limit 1",
}


@pytest.mark.parametrize("table", AGAIN)
async def test_every_enterprise_is_in_one_place_and_one_state_on_every_day(world: World, table: str) -> None:
    """The database refuses two rows of one day, whatever the actions do."""
    with pytest.raises(asyncpg.ExclusionViolationError):
        await world.call.db.rows(AGAIN[table], world.call.today)
    await world.call.db.rows(f"update {table} set until = $1 where until is null", world.call.today)
    await world.call.db.rows(AGAIN[table], world.call.today)
    with pytest.raises(asyncpg.ExclusionViolationError):
        await world.call.db.rows(f"update {table} set until = null")


@pytest.mark.parametrize("table", AGAIN)
async def test_of_two_who_do_not_see_each_other_one_is_refused(world: World, table: str) -> None:
    db, today = world.call.db, world.call.today
    await db.rows(f"update {table} set until = $1 where until is null", today)
    both = asyncio.Barrier(2)

    async def write() -> bool:
        async def work() -> None:
            await both.wait()
            await db.rows(AGAIN[table], today)

        try:
            await db.run_tx(work)
        except Conflict:
            return False
        return True

    assert sorted(await asyncio.gather(write(), write())) == [False, True]
