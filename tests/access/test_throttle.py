"""Budgets and turns: what is over comes later and never not, nothing is counted for what was not done, no clock holds anybody up."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.budgets import throttle
from portal.budgets.throttle import DAY, Budget, TooSoon, give_back, spend
from portal.budgets.turns import QueueFull, Turns
from portal.call import Call

TRIES = Budget("tries", free=3, every=10)
BYTES = Budget("bytes", free=1000, every=0.01)
HERE = "10.1.2.0/24"


def later(call: Call, **by: float) -> Call:
    return replace(call, now=call.now + timedelta(**by))


async def passed(call: Call, budget: Budget, *who: str, amount: float = 1) -> bool:
    try:
        await spend(call, budget.cost(call, *who, amount=amount))
    except TooSoon:
        return False
    return True


async def test_so_many_at_once_and_then_one_after_each_while(call: Call) -> None:
    assert [await passed(call, TRIES, HERE) for _ in range(5)] == [True, True, True, False, False]
    assert [await passed(later(call, seconds=n), TRIES, HERE) for n in range(31)].count(True) == 3
    assert await passed(call, TRIES, "10.9.9.0/24")
    assert await passed(call, BYTES, HERE)


async def test_who_is_over_is_told_when_and_is_not_slowed_by_asking(call: Call) -> None:
    for _ in range(3):
        await passed(call, TRIES, HERE)
    for _ in range(20):
        with pytest.raises(TooSoon, match="请等 10 秒后再试") as told:
            await spend(call, TRIES.cost(call, HERE))
    assert told.value.seconds == 10
    assert await passed(later(call, seconds=told.value.seconds), TRIES, HERE)


async def test_where_nothing_comes_back_the_end_of_the_period_is_told(call: Call) -> None:
    few = Budget("few", free=1)
    at = replace(call, now=call.now.replace(minute=59, second=30))
    assert await passed(at, few, HERE)
    with pytest.raises(TooSoon) as told:
        await spend(at, few.cost(at, HERE))
    assert told.value.seconds == 30
    assert await passed(later(at, seconds=30), few, HERE)
    assert not await passed(later(at, seconds=31), few, HERE)


async def test_all_is_spent_or_nothing(call: Call) -> None:
    for _ in range(3):
        await passed(call, TRIES, "over")
    for other in ("a", "b", "c", "d"):
        with pytest.raises(TooSoon):
            await spend(call, TRIES.cost(call, other), TRIES.cost(call, "over"))
    assert await spend(call, TRIES.cost(call, "a"), BYTES.cost(call, "a", amount=40)) == (1, 40)


async def test_what_is_given_back_counts_no_more_and_what_others_spent_does(call: Call) -> None:
    own = TRIES.cost(call, HERE)
    for _ in range(2):
        await passed(call, TRIES, HERE)
    for _ in range(10):
        assert await spend(call, own) == (3,)
        await give_back(call, own)
    assert [await passed(call, TRIES, HERE) for _ in range(2)] == [True, False]


async def test_many_at_once_spend_no_more_than_there_is(call: Call) -> None:
    costs = [TRIES.cost(call, HERE), BYTES.cost(call, HERE), TRIES.cost(call, "account")]
    turned = [costs, costs[::-1], [costs[1], costs[2], costs[0]]]
    done = await asyncio.gather(*(spend(call, *turned[n % 3]) for n in range(30)), return_exceptions=True)
    assert {type(one) for one in done} == {tuple, TooSoon}
    assert len([one for one in done if isinstance(one, tuple)]) == 3


async def test_bytes_count_by_their_number_and_one_large_thing_passes_where_nothing_was_spent(call: Call) -> None:
    assert [await passed(call, BYTES, HERE, amount=400) for _ in range(3)] == [True, True, False]
    assert await passed(later(call, seconds=4), BYTES, HERE, amount=400)
    assert await passed(call, BYTES, "other", amount=5000)
    assert not await passed(call, BYTES, "other", amount=1)


@pytest.mark.parametrize("ahead", [{"minutes": 20}, {"hours": 3}, {"days": 400}])
async def test_a_clock_that_ran_ahead_and_came_back_holds_nobody_up(call: Call, ahead: dict[str, float]) -> None:
    now = replace(call, now=datetime(2026, 3, 2, 2, 5, tzinfo=UTC))
    wrong = later(now, **ahead)
    for budget in (TRIES, Budget("few", free=3), Budget("day", free=3, period=DAY)):
        while await passed(wrong, budget, HERE):
            pass
        assert await passed(now, budget, HERE)
        assert await passed(now, budget, HERE)
    # What it wrote goes, and what is counted now stays
    await throttle.sweep(now)
    assert await call.db.value("select count(*) from spending where until > $1", now.now + timedelta(days=2)) == 0
    assert await call.db.value("select count(*) from spending") >= 3


async def test_nothing_tells_whose_it_was_and_nothing_is_left_after_the_hour(call: Call) -> None:
    for hour in range(3):
        await passed(later(call, hours=hour), TRIES, HERE)
    rows = await call.db.rows("select key, spent from spending")
    assert len({row["key"] for row in rows}) == 3
    assert all(len(row["key"]) == 64 and "10.1" not in row["key"] for row in rows)
    await throttle.sweep(later(call, hours=1))
    assert await call.db.value("select count(*) from spending") == 2
    await throttle.sweep(later(call, hours=3))
    assert await call.db.value("select count(*) from spending") == 0
    # No write-ahead log, and so no copy of one, holds it
    assert await call.db.value("select relpersistence::text from pg_class where relname = 'spending'") == "u"


# Turns


async def in_line(turns: Turns, ranks: list[float]) -> tuple[list[int], list[int]]:
    """The numbers of those who had their turn, in order, and of those who gave way; all come while the first one works."""
    had, gave_way = list[int](), list[int]()

    async def one(n: int, rank: float) -> None:
        try:
            async with turns.turn(rank):
                had.append(n)
                await asyncio.sleep(0)
        except QueueFull:
            gave_way.append(n)

    await asyncio.gather(*(one(n, rank) for n, rank in enumerate(ranks)))
    return had, gave_way


async def test_who_had_least_comes_first(call: Call) -> None:
    # One network's first to fifth try, and then the first ones of two others
    assert await in_line(Turns(1), [1, 2, 3, 4, 5, 1, 1]) == ([0, 5, 6, 1, 2, 3, 4], [])


async def test_where_too_many_wait_the_greediest_gives_way(call: Call) -> None:
    turns = Turns(1, most=3)
    assert await in_line(turns, [1, 2, 3, 4, 5, 1, 1]) == ([0, 5, 6, 1], [4, 3, 2])
    assert await in_line(turns, [7]) == ([0], [])


async def test_of_forty_networks_that_come_again_and_again_a_new_one_waits_for_none(call: Call) -> None:
    ranks = [float(n // 40 + 1) for n in range(400)]
    had, gave_way = await in_line(Turns(1, most=100), [*ranks, 1])
    assert had.index(400) <= 41
    assert 400 not in gave_way


async def test_lines_are_served_by_turns(call: Call) -> None:
    turns, had = Turns(1, most=10), list[str]()

    async def one(line: str, rank: float) -> None:
        with suppress(QueueFull):
            async with turns.turn(rank, line):
                had.append(line)
                await asyncio.sleep(0)

    await asyncio.gather(*(one("strangers", n) for n in range(30)), *(one("receipts", 99) for _ in range(2)), one("known", 99))
    assert had[:7] == ["strangers", "strangers", "receipts", "known", "strangers", "receipts", "strangers"]
    assert len(had) == 1 + 10 + 2 + 1


async def test_who_goes_away_while_waiting_takes_no_turn(call: Call) -> None:
    turns, started = Turns(1), asyncio.Event()

    async def long() -> None:
        async with turns.turn():
            started.set()
            await asyncio.sleep(3600)

    async def short() -> str:
        async with turns.turn():
            return "done"

    first = asyncio.create_task(long())
    await started.wait()
    waiting = [asyncio.create_task(short()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    first.cancel()
    await asyncio.sleep(0)
    # The first one's end called up the second, which goes in the same moment
    waiting[1].cancel()
    with suppress(asyncio.CancelledError):
        await waiting[1]
    assert await waiting[2] == "done"
    assert await short() == "done"
