"""Obligations against the reference, over many random worlds: histories, hand-overs, leap day, year end, a turn of editions."""

import random

from tests.obligations.test_against_reference import judged
from tests.world import World

WORLDS = 200


async def test_two_hundred_random_worlds_are_judged_as_day_by_day(world: World) -> None:
    seeds = random.Random(20261122)
    for n in range(WORLDS):
        await judged(world, seeds.randrange(2**32), changed=bool(n % 2), days=6)
    print(f"\n{WORLDS} random worlds, 9 days each: every demand judged as the reference does")
