"""Turns at something costly: few at a time, and whoever has had least comes first.

The rank of whoever waits is what their network, device or account has spent already (:func:`portal.access.throttle.spend` tells
it). So somebody's tenth try waits behind everybody's first, and where too many wait, the greediest gives way.
"""

import asyncio
from bisect import insort
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from portal.errors import Refused
from portal.terms import say


class Busy(Refused):
    """Too many wait already; nothing was done."""


class Turns:
    """A line before something of which only ``at_once`` are done at a time. ``most`` may wait; without it nobody gives way."""

    def __init__(self, at_once: int, most: int | None = None) -> None:
        self._free, self._most = at_once, most
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def turn(self, rank: float = 0) -> AsyncIterator[None]:
        """Wait for a turn, and have it while the block runs; :class:`Busy` where others who had less fill the line."""
        if self._free and not self._waiting:
            self._free -= 1
        else:
            await self._wait(rank)
        try:
            yield
        finally:
            self._free += 1
            self._next()

    async def _wait(self, rank: float) -> None:
        place = (rank, next(self._numbers), asyncio.get_running_loop().create_future())
        insort(self._waiting, place, key=lambda one: one[:2])
        if self._most is not None and len(self._waiting) > self._most:
            _, _, last = self._waiting.pop()
            last.set_exception(Busy(say("现在查询和登录的人太多，请过几秒再试。这一次不计入尝试次数。")))
        try:
            await place[2]
        except asyncio.CancelledError:
            # It may have been called up in the same moment
            if place in self._waiting:
                self._waiting.remove(place)
            elif place[2].done() and not place[2].cancelled() and place[2].exception() is None:
                self._free += 1
                self._next()
            raise

    def _next(self) -> None:
        while self._free and self._waiting:
            _, _, first = self._waiting.pop(0)
            if not first.done():
                self._free -= 1
                first.set_result(None)
