"""The two worlds with every thing in every address, for everybody."""

import time

from tests.browse import Visitor
from tests.complaints.test_two_worlds import cast, compared, ids_of
from tests.world import World

__all__ = ["cast"]


async def test_every_address_with_every_thing_is_the_same_in_both_worlds(world: World, site, cast: dict[str, Visitor]) -> None:
    started = time.monotonic()
    found = await compared(world, site, cast, await ids_of(world), follow=True)
    print(f"\n{found} answers of each world compared for {len(cast)} visitors: 0 differ; {time.monotonic() - started:.0f} s")
    assert found > 5_000
