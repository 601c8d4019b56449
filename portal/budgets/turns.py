"""Turns at something costly: few at a time, and whoever has had least comes first.

The rank of whoever waits is what their network, device or account has spent already (:func:`portal.budgets.throttle.spend` tells
it). So somebody's tenth try waits behind everybody's first, and where too many wait, the greediest gives way.
"""

import asyncio
from bisect import insort
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from portal.errors import Refused
from portal.terms import say


class QueueFull(Refused):
    """Too many wait already; nothing was done."""


class Turns:
    """What only ``at_once`` may do at a time, and the lines before it, which are served by turns.

    In each line ``most`` may wait; without it nobody gives way.
    """

    def __init__(self, at_once: int, most: int | None = None) -> None:
        self._free, self._most = at_once, most
        self._lines: dict[str, list[_Place]] = {}
        self._numbers = count()

    @asynccontextmanager
    async def turn(self, rank: float = 0, line: str = "") -> AsyncIterator[None]:
        """Wait for a turn, and have it while the block runs; :class:`QueueFull` where others who had less fill the line."""
        if self._free and not self._lines:
            self._free -= 1
        else:
            await self._wait(rank, line)
        try:
            yield
        finally:
            self._free += 1
            self._next()

    async def _wait(self, rank: float, line: str) -> None:
        place = _Place(rank, next(self._numbers), asyncio.get_running_loop().create_future())
        waiting = self._lines.setdefault(line, [])
        insort(waiting, place)
        if self._most is not None and len(waiting) > self._most:
            waiting.pop().called.set_exception(QueueFull(say("现在查询和登录的人太多，请过几秒再试。这一次不计入尝试次数。")))
        try:
            await place.called
        except asyncio.CancelledError:
            if not place.called.cancelled() and place.called.exception() is None:
                # It was called up in the moment in which it went
                self._free += 1
            self._next()
            raise

    def _next(self) -> None:
        while self._free and self._lines:
            line = next(iter(self._lines))
            waiting = self._lines.pop(line)
            place = waiting.pop(0)
            if waiting:
                # The line goes behind the others
                self._lines[line] = waiting
            if not place.called.done():
                self._free -= 1
                place.called.set_result(None)


@dataclass(frozen=True, order=True)
class _Place:
    rank: float
    number: int
    called: asyncio.Future[None] = field(compare=False)
