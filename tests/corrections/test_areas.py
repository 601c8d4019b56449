"""Since when a grid and an office are there is corrected; ground, enterprises, boards and duties follow."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from portal.areas import queries
from portal.areas.actions import end_unit
from portal.boards.actions import issue
from portal.boards.queries import page
from portal.corrections.areas import correct_grid, correct_unit
from portal.corrections.people import correct_office
from portal.enterprises.charges import assign, charges
from portal.enterprises.queries import past_placements
from portal.errors import NotVisible, Refused
from portal.ledger.actions import handle_due
from portal.ledger.queries import history
from portal.obligations.queries import standings
from portal.obligations.rules import State
from portal.scheme.windows import Window
from tests.world import World, make_enterprise, make_unit

WHY, NEW = "登记时写错", "丁店（示例）"


async def spells(world: World, name: str) -> list[tuple[date, date | None, str | None]]:
    """Where an enterprise belonged from when to when, the oldest first."""
    id_ = await world.call.db.value("select id from enterprise where public_id = $1", world.enterprises[name])
    return [(one.since, one.until, one.grid_name) for one in reversed(await past_placements(world.call, id_))]


async def told(world: World, kind: str, id_: str) -> list[dict[str, Any]]:
    """What the ledger tells of its corrections."""
    return [dict(one.data) for one in await history(world.call, kind, id_) if one.verb == "corrected"]


async def test_enterprises_belong_to_a_grid_from_the_day_on_that_was_meant(world: World) -> None:
    call, began = world.call, world.call.today - timedelta(days=100)
    await make_enterprise(world, NEW, "丁村", size="small", risky="no", since=began)
    old = (await queries.grid(call, world.grids["丁村格"])).since
    day = call.today - timedelta(days=30)
    await correct_grid(call, world.grids["丁村格"], day, WHY)
    assert await spells(world, NEW) == [(began, day, None), (day, None, "丁村格")]
    assert (
        await call.db.value("select min(gg.since) from grid_ground gg join grid g on g.id = gg.grid where g.name = '丁村格'")
        == day
    )
    assert (await told(world, "grid", world.grids["丁村格"]))[0] == {"since": [old.isoformat(), day.isoformat()], "because": WHY}
    await correct_grid(call, world.grids["丁村格"], call.today - timedelta(days=60), WHY)
    assert await spells(world, NEW) == [
        (began, call.today - timedelta(days=60), None),
        (call.today - timedelta(days=60), None, "丁村格"),
    ]
    await correct_grid(call, world.grids["丁村格"], old, WHY)
    assert await spells(world, NEW) == [(began, None, "丁村格")]


async def test_a_duty_on_the_grid_counts_the_windows_that_it_fills(world: World) -> None:
    call, quarter = world.call, Window(date(2025, 10, 1), date(2025, 12, 31))
    id_ = await call.db.value("select id from grid where name = '丁村格'")

    async def stands() -> State | None:
        return (await standings(call, "sample", "grid", id_)).get(("每季到村格", quarter))

    assert await stands() is State.MISSED
    await correct_grid(call, world.grids["丁村格"], date(2025, 11, 1), WHY)
    assert await stands() is State.EXCUSED
    await correct_grid(call, world.grids["丁村格"], date(2026, 1, 1), WHY)
    assert await stands() is None


async def test_a_grid_does_not_begin_after_what_stands_in_it(world: World) -> None:
    call, today = world.call, world.call.today
    with pytest.raises(Refused, match="2026年3月2日之前还登记有：任职 1 项（最早的 2026年1月31日）"):
        await correct_grid(call, world.grids["甲村格"], today, WHY)
    with pytest.raises(Refused, match="下级网格 3 项"):
        await correct_grid(call, world.grids["东镇格"], today - timedelta(days=40), WHY)
    await correct_grid(call, world.grids["甲村格"], today - timedelta(days=30), WHY)
    await issue(call, "grid", world.grids["甲村格"])
    with pytest.raises(Refused, match="公示牌 1 项"):
        await correct_grid(call, world.grids["甲村格"], today + timedelta(days=1), WHY)
    with pytest.raises(Refused, match="与登记的一样"):
        await correct_grid(call, world.grids["甲村格"], today - timedelta(days=30), WHY)
    with pytest.raises(NotVisible):
        await correct_grid(call.as_(await world.office("西所")), world.grids["甲村格"], today - timedelta(days=99), WHY)


async def test_a_grid_that_an_enterprise_is_follows_the_enterprise_alone(leafy: World) -> None:
    own = await leafy.call.db.value("select public_id from grid where enterprise is not null limit 1")
    with pytest.raises(Refused, match="请到这家单位的页面办理"):
        await correct_grid(leafy.call, own, leafy.call.today - timedelta(days=300), WHY)


async def test_an_office_is_there_from_the_day_on_that_was_meant_and_its_duty_counts(world: World) -> None:
    call, day = world.call, date(2026, 1, 20)
    id_ = await world.unit_id("西所")
    february = Window(date(2026, 2, 1), date(2026, 2, 28))
    assert ("镇所每月开会", february) not in await standings(call, "sample", "unit", id_)
    await correct_unit(call, world.units["西所"], day, None, WHY)
    assert (await standings(call, "sample", "unit", id_))["镇所每月开会", february] is State.MISSED
    assert (await told(world, "unit", world.units["西所"]))[0] == {"since": ["2026-03-02", "2026-01-20"], "because": WHY}
    with pytest.raises(Refused, match="与登记的一样"):
        await correct_unit(call, world.units["西所"], day, None, WHY)


async def test_boards_name_an_office_from_its_day_on(world: World) -> None:
    call, code = world.call, await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    await make_unit(world, "东二所", "station", "东镇", "0512-01000077")
    await end_unit(call, world.units["东所"], call.today)
    assert "0512-01000077" in str((await page(call, code)).live)
    await correct_unit(call, world.units["东二所"], call.today + timedelta(days=2), None, WHY)
    assert "0512-01000077" not in str((await page(call, code)).live)
    await handle_due(replace(call, now=call.now + timedelta(days=2)))
    assert "0512-01000077" in str((await page(call, code)).live)
    await correct_unit(call, world.units["东二所"], call.today + timedelta(days=9), None, WHY)
    await correct_unit(call, world.units["东二所"], call.today - timedelta(days=9), None, WHY)
    assert "0512-01000077" in str((await page(call, code)).live)


async def test_an_office_does_not_begin_after_what_stands_in_it_nor_after_its_end(world: World) -> None:
    call, today = world.call, world.call.today
    with pytest.raises(Refused, match="2026年3月3日之前还登记有：任职 1 项（最早的 2026年1月31日）"):
        await correct_unit(call, world.units["东所"], today + timedelta(days=1), None, WHY)
    await correct_unit(call, world.units["西所"], today - timedelta(days=9), None, WHY)
    await end_unit(call, world.units["西所"], today)
    with pytest.raises(Refused, match="要早于截止日期 2026年3月2日"):
        await correct_unit(call, world.units["西所"], today, today, WHY)
    with pytest.raises(NotVisible):
        await correct_unit(call.as_(await world.office("西所")), world.units["东所"], today - timedelta(days=9), None, WHY)


async def test_the_office_outside_is_corrected_from_above_only(world: World) -> None:
    with pytest.raises(Refused, match="上一级辖区"):
        await correct_unit(
            world.call.as_(await world.office("区局")), world.units["纪检"], world.call.today + timedelta(days=9), None, WHY
        )
    await correct_unit(world.call, world.units["纪检"], world.call.today - timedelta(days=9), None, WHY)


async def test_an_office_that_was_ended_by_mistake_answers_again_for_whom_nobody_else_does(world: World) -> None:
    call, east = world.call, world.units["东所"]
    flour, stone = (world.enterprises[name] for name in ("甲面粉店（示例）", "甲石料厂（示例）"))
    began = call.today - timedelta(days=20)
    for firm in (flour, stone):
        await assign(call, firm, "fire", east, began)
    await end_unit(call, east, call.today)
    await assign(call, stone, "fire", world.units["区局"], call.today)
    await correct_unit(call, east, (await queries.unit(call, east)).since, None, WHY)
    assert (await queries.unit(call, east)).until is None
    assert [(one.unit_name, one.until) for one in await charges(call, flour)] == [("东所", None)]
    assert {(one.unit_name, one.until) for one in await charges(call, stone)} == {("东所", call.today), ("区局", None)}
    assert (await told(world, "unit", east))[0]["until"] == [call.today.isoformat(), None]


async def test_an_office_does_not_end_before_what_began_in_it(world: World) -> None:
    call, east, day = world.call, world.units["东所"], world.call.today + timedelta(days=9)
    since = (await queries.unit(call, east)).since
    row = await call.db.row(
        "select p.public_id from appointment a join person p on p.id = a.person join unit u on u.id = a.unit where u.name = '东所'"
    )
    await assign(call, world.enterprises["甲面粉店（示例）"], "fire", east, day + timedelta(days=2))
    await end_unit(call, east, call.today + timedelta(days=30))
    with pytest.raises(Refused, match=r"2026年3月11日及以后还登记有：条线监管责任 1 项（最晚的 2026年3月13日）"):
        await correct_unit(call, east, since, day, WHY)
    day += timedelta(days=3)
    await correct_office(call, east, since, day, WHY)
    (now,) = await charges(call, world.enterprises["甲面粉店（示例）"])
    assert (now.until, (await queries.unit(call, east)).until) == (day, day)
    # It is told of whoever held the post, whom nothing frees from what came in until now
    assert row is not None
    (last, *_) = [one for one in await history(call, "person", row["public_id"]) if one.verb == "dismissed"]
    assert last.data["until"] == day.isoformat()
