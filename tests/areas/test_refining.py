"""A place's stricter figures one after another: what ends which, when, once, and that the ledger says so."""

import asyncio
from datetime import timedelta

import pytest

from portal.areas import refining
from portal.areas.refining import RefinementForm
from portal.errors import Refused
from portal.ledger.queries import history
from portal.scheme.words import Every
from tests.world import World


async def refine(world: World, weeks: int, after: int = 0) -> str:
    """The eastern town studies every so many weeks, from so many days on."""
    form = RefinementForm(
        figure="duty:study:every",
        value=Every(weeks=weeks),
        document="东镇细则（示例）",
        clause="第三条",
        gist="学一次",
        since=world.call.today + timedelta(days=after),
    )
    return await refining.refine(world.call, world.places["东镇"], form)


async def entries(world: World) -> list[str]:
    """What the ledger says of the town, the newest first."""
    return [past.verb for past in await history(world.call, "jurisdiction", world.places["东镇"])]


@pytest.mark.parametrize("after", [90, 120])
async def test_one_that_another_replaces_later_is_not_ended_later_still(world: World, after: int) -> None:
    call = world.call
    first = await refine(world, 2)
    await refine(world, 1, after=90)
    with pytest.raises(Refused, match="原定到 2026年5月31日为止") as refused:
        await refining.end_refinement(call, first, call.today + timedelta(days=after))
    assert refused.value.field == "day"
    await refining.end_refinement(call, first, call.today + timedelta(days=30))
    assert (await refining.refinement(call, first)).until == call.today + timedelta(days=30)


async def test_two_who_end_one_at_once_end_it_once(world: World) -> None:
    call = world.call
    id_ = await refine(world, 1)
    day = call.today + timedelta(days=7)
    ended = await asyncio.gather(*(refining.end_refinement(call, id_, day) for _ in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["NoneType", "Refused", "Refused", "Refused"]
    assert (await entries(world)).count("unrefined") == 1


async def test_what_was_planned_for_later_never_begins_and_that_is_recorded(world: World) -> None:
    call, place = world.call, world.places["东镇"]
    held, planned, dropped = await refine(world, 3), await refine(world, 2, after=30), await refine(world, 1, after=60)
    await refining.end_refinement(call, dropped, call.today)
    before = await entries(world)
    await refine(world, 1, after=10)
    assert await entries(world) == ["refined", "unrefined", "unrefined", *before]
    rows = {row.id: row for row in await refining.refinements_at(call, place)}
    assert len(rows) == 4
    assert (rows[held].until, rows[held].dropped) == (call.today + timedelta(days=10), False)
    assert (rows[planned].until, rows[planned].dropped) == (call.today + timedelta(days=30), True)
    for after, weeks in ((0, 3), (10, 1), (30, 1), (60, 1)):
        there = await refining.refinements(call, "sample", call.today + timedelta(days=after))
        assert [row.stricter.value for row in there] == [Every(weeks=weeks)]
