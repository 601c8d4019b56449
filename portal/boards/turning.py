"""When another edition comes into force: enterprises are placed anew from that day, and boards tell what it says.

What is still to be done follows from the rows themselves: a placement or a board that carries another edition than the one in
force. So nothing is done twice, whoever stops and starts in between, and a portal that was off on the day catches up.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from portal.boards import queries
from portal.boards.actions import hold_still, refresh
from portal.call import Call
from portal.enterprises.actions import place_under
from portal.ledger.actions import store_editions
from portal.scheme.book import Era
from portal.storage.locks import Lock

T = TypeVar("T")
# So few at a time that pages are served in between
FIRMS_AT_ONCE = 50
BOARDS_AT_ONCE = 20


async def turn(call: Call) -> int:
    """Let every region follow the edition that is in force today; how many enterprises were placed anew.

    Where another process is at it, it is left to that one.
    """
    await store_editions(call)
    placed = 0
    for region in call.book.regions:
        era = call.book.era(region, call.today)
        if era.scheme is not None:
            placed += await _turn_firms(call, region, era)
            await _turn_boards(call, region, era.scheme.edition_id)
    return placed


async def _turn_firms(call: Call, region: str, era: Era) -> int:
    async def some() -> list[int]:
        ids = await place_under(call, region, era, most=FIRMS_AT_ONCE)
        await hold_still(call, region)
        await refresh(call, await queries.of_enterprises(call, ids))
        return ids

    placed = 0
    while ids := await _unless_others_do(call, some):
        placed += len(ids)
        await asyncio.sleep(0)
    return placed


async def _turn_boards(call: Call, region: str, edition: str) -> None:
    last = 0

    async def some() -> list[int]:
        await hold_still(call, region)
        ids = await queries.told_otherwise(call, region, edition, after=last, most=BOARDS_AT_ONCE)
        await refresh(call, ids)
        return ids

    while ids := await _unless_others_do(call, some):
        last = ids[-1]
        await asyncio.sleep(0)


async def tell_again(call: Call) -> None:
    """Take the live facts of every board that hangs anew, as of now: a clock that ran ahead may have told what is yet to come."""
    await call.db.rows("update board set stale_since = $1 where stale_since > $1", call.today)
    for row in await call.db.rows("select distinct region from board where revoked_at is null order by region"):
        await _tell_again(call, row["region"])


async def _tell_again(call: Call, region: str) -> None:
    last = 0

    async def some() -> list[int]:
        await hold_still(call, region)
        ids = await queries.hanging(call, region, after=last, most=BOARDS_AT_ONCE)
        await refresh(call, ids)
        return ids

    while ids := await call.db.run_tx(some):
        last = ids[-1]
        await asyncio.sleep(0)


async def _unless_others_do(call: Call, some: Callable[[], Awaitable[list[int]]]) -> list[int]:
    async def work() -> list[int]:
        if not await call.db.hold_if_free(Lock.TURNING):
            return []
        return await some()

    return await call.db.run_tx(work)
