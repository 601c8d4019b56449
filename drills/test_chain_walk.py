"""Everything that accounts of a chain can write, by all of them and on all who are near to complaints."""

import time
from typing import Any

from tests.complaints.chain_walk import (
    CHAIN,
    both_worlds,
    forms,
    sample_plugins,
    sheets,
    signed_in,
    taken_back,
    things,
    world,
)
from tests.world import World

__all__ = ["sample_plugins", "world"]


async def test_everybody_of_the_chain_tries_everything(world: World, site: Any) -> None:
    of, started = await things(world), time.monotonic()
    tries = {who: [*forms(of, who), *(() if who in ("inspector", "firm") else (*sheets(of), *taken_back(of)))] for who in CHAIN}
    walked = await both_worlds(world, await signed_in(world, site, CHAIN), tries)
    n = sum(map(len, tries.values()))
    print(
        f"\n{n} forms and sheets in each world, {walked.writes} of them written: 0 taken away; {time.monotonic() - started:.0f} s"
    )
    assert walked.writes > 500
