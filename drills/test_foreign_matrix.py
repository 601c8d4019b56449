"""Six thousand requests across a border between jurisdictions."""

import time

from tests.web.test_foreign_matrix import across
from tests.world import World

MANY = 11


async def test_of_six_thousand_requests_across_the_border_none_succeeds(world: World, site) -> None:
    started = time.monotonic()
    tried = await across(world, site, MANY)
    print(f"\n{tried} requests across the border: 0 succeed, 0 name what is there; {time.monotonic() - started:.0f} s")
    assert tried >= 6_000
