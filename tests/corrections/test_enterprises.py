"""Since when an enterprise is there, and an office answers for it, is corrected; facts, placement and duties follow."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from portal.areas.queries import grid
from portal.boards.actions import issue
from portal.corrections.enterprises import correct_charge, correct_enterprise
from portal.enterprises import actions, charges, queries
from portal.errors import NotVisible, Refused
from portal.ledger.queries import history
from portal.obligations.actions import DeedForm, add_deed
from portal.obligations.queries import standings
from portal.obligations.rules import State
from portal.scheme.windows import Window
from tests.world import World, make_appointment, make_enterprise, make_person

FLOUR, STONE, NEW, WHY = "甲面粉店（示例）", "甲石料厂（示例）", "新店（示例）", "登记时写错"
FEBRUARY = Window(date(2026, 2, 1), date(2026, 2, 28))


async def correct(world: World, name: str, since: date) -> None:
    """Correct the day of an enterprise."""
    await correct_enterprise(world.call, world.enterprises[name], since, None, WHY)


async def spells(world: World, name: str) -> list[tuple[date, date | None, str | None]]:
    """Where it belonged from when to when, the oldest first."""
    id_ = await world.call.db.value("select id from enterprise where public_id = $1", world.enterprises[name])
    return [(one.since, one.until, one.grid_name) for one in reversed(await queries.past_placements(world.call, id_))]


async def facts(world: World, name: str) -> set[tuple[str, date]]:
    """What is stated of it since when."""
    id_ = await world.call.db.value("select id from enterprise where public_id = $1", world.enterprises[name])
    return {(one.fact, one.since) for one in await queries.facts_of(world.call, id_)}


async def walks(world: World, name: str) -> State | None:
    """How the walk of the last month stands there."""
    id_ = await world.call.db.value("select id from enterprise where public_id = $1", world.enterprises[name])
    return (await standings(world.call, "sample", "enterprise", id_)).get(("走遍本格", FEBRUARY))


async def told(world: World, name: str) -> list[dict[str, Any]]:
    """What the ledger tells of its corrections."""
    past = await history(world.call, "enterprise", world.enterprises[name])
    return [dict(one.data) for one in past if one.verb == "corrected"]


async def test_an_earlier_day_takes_facts_and_placement_along_and_counts_the_window_that_it_fills(world: World) -> None:
    old, day = date(2026, 2, 10), date(2026, 1, 20)
    await make_enterprise(world, NEW, "甲村", size="small", risky="no", since=old)
    await actions.state_facts(world.call, world.enterprises[NEW], {"risky": "yes"}, date(2026, 2, 20))
    await actions.state_facts(world.call, world.enterprises[NEW], {"risky": "no"}, date(2026, 2, 22))
    assert await walks(world, NEW) is State.EXCUSED
    await correct(world, NEW, day)
    assert await spells(world, NEW) == [
        (day, date(2026, 2, 20), "甲村格"),
        (date(2026, 2, 20), date(2026, 2, 22), "东镇格"),
        (date(2026, 2, 22), None, "甲村格"),
    ]
    assert await facts(world, NEW) == {("size", day), ("risky", day), ("risky", date(2026, 2, 20)), ("risky", date(2026, 2, 22))}
    assert await walks(world, NEW) is State.MISSED
    assert (await told(world, NEW))[0] == {"since": ["2026-02-10", "2026-01-20"], "because": WHY}
    await correct(world, NEW, old)
    assert await walks(world, NEW) is State.EXCUSED
    assert (await spells(world, NEW))[0][0] == old


async def test_the_earlier_days_are_decided_by_what_ruled_and_lay_there_then(world: World) -> None:
    """No edition before 2020; no grid before last year."""
    await correct(world, FLOUR, date(2015, 5, 5))
    id_ = world.enterprises[FLOUR]
    assert (await queries.enterprise(world.call, id_)).since == date(2015, 5, 5)
    began = (await grid(world.call, world.grids["甲村格"])).since
    assert await spells(world, FLOUR) == [(date(2020, 1, 1), began, None), (began, None, "甲村格")]


async def test_whoever_moved_since_belonged_earlier_where_it_did_first(world: World) -> None:
    call = world.call
    await make_enterprise(world, NEW, "甲村", size="small", risky="no", since=call.today - timedelta(days=20))
    row = await queries.enterprise(call, world.enterprises[NEW])
    form = actions.EnterpriseForm(name=NEW, division=world.places["丙村"], address=row.address)
    world.call = replace(call, now=call.now + timedelta(days=10))
    await actions.change_enterprise(world.call, world.enterprises[NEW], form)
    moved = world.call.today
    before = call.today - timedelta(days=20)
    assert await spells(world, NEW) == [(before, moved, "甲村格"), (moved, None, "丙村格")]
    await correct(world, NEW, before - timedelta(days=30))
    assert await spells(world, NEW) == [(before - timedelta(days=30), moved, "甲村格"), (moved, None, "丙村格")]


async def test_a_year_far_ahead_is_corrected_and_it_is_there(world: World) -> None:
    await make_enterprise(world, NEW, "甲村", size="small", risky="no", since=date(2062, 3, 1))
    assert (await queries.enterprise(world.call, world.enterprises[NEW])).grid_name is None
    await correct(world, NEW, date(2026, 1, 5))
    assert (await queries.enterprise(world.call, world.enterprises[NEW])).grid_name == "甲村格"
    assert await walks(world, NEW) is State.MISSED
    await correct(world, NEW, world.call.today + timedelta(days=5))
    assert (await queries.enterprise(world.call, world.enterprises[NEW])).grid_name is None
    assert await spells(world, NEW) == [(world.call.today + timedelta(days=5), None, "甲村格")]


@pytest.mark.parametrize("what", ["任职", "条线监管责任", "履职记录", "后来登记的单位情况", "公示牌"])
async def test_a_later_day_is_refused_by_what_stands_on_the_days_between_and_names_it(world: World, what: str) -> None:
    call, name, day = world.call, STONE if what == "任职" else FLOUR, world.call.today - timedelta(days=10)
    match what:
        case "任职":
            await make_person(world, "钱护厂")
            await make_appointment(world, "钱护厂", "guard", enterprise=STONE, since=day)
        case "条线监管责任":
            await charges.assign(call, world.enterprises[FLOUR], "fire", world.units["东所"], day)
        case "履职记录":
            person = world.people["张看护"]
            await add_deed(call, DeedForm(region="sample", duty="walk", subject=world.enterprises[FLOUR], day=day, person=person))
        case "后来登记的单位情况":
            await actions.state_facts(call, world.enterprises[FLOUR], {"risky": "yes"}, day)
        case "公示牌":
            await issue(call, "enterprise", world.enterprises[FLOUR])
            day = call.today
    old = await spells(world, name)
    with pytest.raises(Refused, match=f"之前还登记有：{what} 1 项（最早的 {day.year}年{day.month}月{day.day}日）") as refused:
        await correct(world, name, day + timedelta(days=1))
    assert refused.value.field == "since"
    assert (await spells(world, name), await told(world, name)) == (old, [])
    await correct(world, name, day - timedelta(days=1))
    assert (await spells(world, name))[0][0] == day - timedelta(days=1)


async def test_what_changes_nothing_says_so_and_an_office_of_another_place_finds_nothing(world: World) -> None:
    since = (await queries.enterprise(world.call, world.enterprises[FLOUR])).since
    with pytest.raises(Refused, match="与登记的一样"):
        await correct(world, FLOUR, since)
    assert await told(world, FLOUR) == []
    west = world.call.as_(await world.office("西所"))
    with pytest.raises(NotVisible):
        await correct_enterprise(west, world.enterprises[FLOUR], since - timedelta(days=1), None, WHY)


async def test_its_own_grid_follows(leafy: World) -> None:
    name = "甲大厂（示例）"
    own = "select since from grid where enterprise = (select id from enterprise where public_id = $1)"
    day = await leafy.call.db.value(own, leafy.enterprises[name]) - timedelta(days=15)
    await correct(leafy, name, day)
    assert await leafy.call.db.value(own, leafy.enterprises[name]) == day
    await correct(leafy, name, day + timedelta(days=30))
    assert await leafy.call.db.value(own, leafy.enterprises[name]) == day + timedelta(days=30)


# Charges


async def test_an_end_that_was_typed_wrongly_takes_placement_and_charges_along(world: World) -> None:
    call, firm = world.call, world.enterprises[FLOUR]
    since, end = (await queries.enterprise(call, firm)).since, call.today - timedelta(days=5)
    await charges.assign(call, firm, "fire", world.units["东所"], since)
    await actions.end_enterprise(call, firm, end)
    assert (await spells(world, FLOUR))[-1][1] == end
    later, earlier = end + timedelta(days=3), end - timedelta(days=10)
    for day in (later, earlier, None):
        await correct_enterprise(call, firm, since, day, WHY)
        assert ((await queries.enterprise(call, firm)).until, (await spells(world, FLOUR))[-1][1:]) == (day, (day, "甲村格"))
        assert [one.until for one in await charges.charges(call, firm)] == [day]
    assert [one["until"] for one in await told(world, FLOUR)] == [
        [earlier.isoformat(), None],
        [later.isoformat(), earlier.isoformat()],
        [end.isoformat(), later.isoformat()],
    ]


async def test_an_enterprise_does_not_end_before_what_was_done_there(world: World) -> None:
    call, firm, day = world.call, world.enterprises[FLOUR], world.call.today - timedelta(days=5)
    since = (await queries.enterprise(call, firm)).since
    await actions.end_enterprise(call, firm, call.today + timedelta(days=9))
    await add_deed(call, DeedForm(region="sample", duty="walk", day=day, person=world.people["张看护"], subject=firm))
    with pytest.raises(Refused, match="及以后还登记有：履职记录 1 项"):
        await correct_enterprise(call, firm, since, day, WHY)
    await correct_enterprise(call, firm, since, day + timedelta(days=1), WHY)


async def answers(world: World, day: date) -> str | None:
    """Who answers for fire at the flour shop on a day."""
    found = [one for one in await charges.charges(world.call, world.enterprises[FLOUR]) if one.holds_on(day)]
    return found[0].unit_name if found else None


async def test_the_day_on_which_one_office_took_over_from_another_is_one_day(world: World) -> None:
    call, firm, turn = world.call, world.enterprises[FLOUR], world.call.today - timedelta(days=20)
    await charges.assign(call, firm, "fire", world.units["区局"], turn - timedelta(days=20))
    id_ = await charges.assign(call, firm, "fire", world.units["东所"], turn)
    for day in (turn - timedelta(days=5), turn + timedelta(days=5)):
        await correct_charge(call, id_, day, WHY)
        assert [await answers(world, day + timedelta(days=n)) for n in (-1, 0)] == ["区局", "东所"]
    (last, *_) = await told(world, FLOUR)
    assert last["since"] == [(turn + timedelta(days=n)).isoformat() for n in (-5, 5)]
    assert (last["unit"], last["on_line"], last["because"]) == ("东所", "消防", WHY)
    with pytest.raises(Refused, match="此前由区局负责（自 2026年1月21日起），东所最早只能从 2026年1月22日起负责"):
        await correct_charge(call, id_, turn - timedelta(days=20), WHY)
    with pytest.raises(Refused, match="与登记的一样"):
        await correct_charge(call, id_, turn + timedelta(days=5), WHY)
    with pytest.raises(NotVisible):
        await correct_charge(call.as_(await world.office("西所")), id_, turn, WHY)


async def test_nobody_answers_before_the_enterprise_is_there_nor_on_days_of_another_office(world: World) -> None:
    call, firm, today = world.call, world.enterprises[FLOUR], world.call.today
    id_ = await charges.assign(call, firm, "fire", world.units["区局"], today - timedelta(days=50))
    with pytest.raises(Refused, match="不能早于单位的登记日期"):
        await correct_charge(call, id_, today - timedelta(days=101), WHY)
    await charges.end(call, firm, "fire", today)
    later = replace(call, now=call.now + timedelta(days=9))
    again = await charges.assign(later, firm, "fire", world.units["东所"], later.today)
    with pytest.raises(Refused, match="东所最早只能从 2026年3月2日起负责"):
        await correct_charge(later, again, today - timedelta(days=1), WHY)
    with pytest.raises(Refused, match="要早于截止日期"):
        await correct_charge(later, id_, today, WHY)


async def test_a_year_far_ahead_is_corrected_and_the_office_answers(world: World) -> None:
    id_ = await charges.assign(world.call, world.enterprises[FLOUR], "fire", world.units["东所"], date(2062, 3, 1))
    assert await answers(world, world.call.today) is None
    await correct_charge(world.call, id_, world.call.today, WHY)
    assert await answers(world, world.call.today) == "东所"
