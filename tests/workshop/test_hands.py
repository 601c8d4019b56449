"""Hands are lent to whoever had the least; a few are kept for newcomers; none is lost on the way."""

import asyncio
from contextlib import suppress

from portal.workshop.hands import HALVED_AFTER, LITTLE, MOST_KNOWN, Hands


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Hall:
    """Some who want a turn, and the order in which they had it."""

    def __init__(self, hands: int, *, kept: int = 0) -> None:
        self.clock = Clock()
        self.hands = Hands(hands, kept=kept, clock=self.clock)
        self.had: list[str] = []
        self.doors: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def comes(self, name: str, who: str, *, later: float = 0) -> None:
        """Ask for a turn that lasts until it is ended."""
        self.doors[name] = asyncio.Event()

        async def work() -> None:
            async with self.hands.lend(who, later=later):
                self.had.append(name)
                await self.doors[name].wait()

        self.tasks[name] = asyncio.create_task(work())
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def ends(self, name: str, *, after: float = 1.0) -> None:
        """Let so many seconds pass, then end a turn."""
        self.clock.now += after
        self.doors[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)

    async def close(self) -> None:
        """Nobody waits any more."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_who_comes_for_the_first_time_goes_ahead_of_a_crowd() -> None:
    hall = Hall(1)
    await hall.comes("first", "crowd")
    for n in range(5):
        await hall.comes(f"crowd {n}", "crowd")
    await hall.comes("honest", "village")
    await hall.ends("first")
    assert hall.had == ["first", "honest"], "whoever waited longest went first, however much they had"
    await hall.ends("honest", after=0.1)
    await hall.comes("honest again", "village")
    assert hall.had[2] == "crowd 0"
    await hall.ends("crowd 0")
    assert hall.had[3] == "honest again"
    await hall.close()


async def test_of_fifty_crowds_and_one_more_the_one_more_goes_first() -> None:
    hall = Hall(1)
    for n in range(50):
        await hall.comes(f"{n}", f"crowd {n}")
    for n in range(50):
        await hall.comes(f"{n} again", f"crowd {n}")
    for n in range(50):
        await hall.ends(f"{n}", after=0.2)
    await hall.comes("honest", "village")
    await hall.ends(hall.had[-1])
    assert hall.had[-1] == "honest"
    await hall.close()


async def test_a_hand_is_kept_for_those_who_had_little() -> None:
    hall = Hall(2, kept=1)
    await hall.comes("long", "crowd")
    await hall.ends("long", after=LITTLE + 1)
    for n in range(3):
        await hall.comes(f"crowd {n}", "crowd")
    assert hall.had == ["long", "crowd 0"], "the crowd has both hands"
    await hall.comes("honest", "village")
    assert hall.had[-1] == "honest"
    await hall.close()


async def test_one_who_had_little_but_comes_later_gets_the_kept_hand_past_one_who_had_much() -> None:
    hall = Hall(2, kept=1)
    for name, who, after in (("a", "much", LITTLE + 0.1), ("b", "less", LITTLE - 0.1)):
        await hall.comes(name, who)
        await hall.ends(name, after=after)
    await hall.comes("other", "other")
    await hall.comes("much", "much")
    await hall.comes("less", "less", later=5)
    assert hall.had[-1] == "less"
    await hall.close()


async def test_of_two_alike_the_one_who_is_told_to_come_later_waits() -> None:
    hall = Hall(1)
    await hall.comes("first", "somebody")
    await hall.comes("adding", "a village", later=1)
    await hall.comes("making", "a town")
    await hall.ends("first")
    assert hall.had == ["first", "making"]
    await hall.close()


async def test_whoever_gives_up_waiting_keeps_nobody_from_their_turn() -> None:
    hall = Hall(1)
    await hall.comes("first", "a")
    await hall.comes("gives up", "b")
    await hall.comes("second", "c")
    hall.tasks["gives up"].cancel()
    # In the very moment in which its turn would have come
    hall.doors["first"].set()
    with suppress(asyncio.CancelledError):
        await hall.tasks["gives up"]
    await hall.tasks["first"]
    await asyncio.sleep(0)
    assert hall.had == ["first", "second"]
    # And one that is cancelled when it has been called, but before it began
    await hall.comes("called", "d")
    hall.doors["second"].set()
    await hall.tasks["second"]
    hall.tasks["called"].cancel()
    with suppress(asyncio.CancelledError):
        await hall.tasks["called"]
    await hall.comes("last", "e")
    assert hall.had[-1] == "last"
    await hall.close()


async def test_what_fails_in_a_turn_ends_it() -> None:
    hands = Hands(1)
    for _ in range(3):
        with suppress(ValueError):
            async with hands.lend("a"):
                raise ValueError
    async with asyncio.timeout(1), hands.lend("a"):
        pass


async def test_what_was_used_is_halved_and_forgotten() -> None:
    clock = Clock()
    hands = Hands(1, clock=clock)
    async with hands.lend("a"):
        clock.now += 8
    assert hands.used("a") == 8
    clock.now += HALVED_AFTER
    assert hands.used("a") == 4
    async with hands.lend("a"):
        clock.now += 10
    assert 13 < hands.used("a") < 14
    for n in range(MOST_KNOWN):
        async with hands.lend(f"one of many {n}"):
            clock.now += 0.001
    assert hands.used("a") > 10, "in a crowd of many networks the greediest was forgotten"
