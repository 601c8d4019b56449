"""Work of which little can be done at once goes first to whoever had the least of it lately.

Somebody who comes for the first time goes ahead of a whole crowd that has been here for a while, wherever the crowd comes from.
Nobody is turned away: whoever had much waits for longer.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from heapq import nlargest

HALVED_AFTER = 600.0
LITTLE = 2.0
MOST_KNOWN = 4_096


@dataclass(eq=False)
class _Waiting:
    """One who waits: for whom, as if they had had how many seconds more, the how-manieth, and what tells it to go."""

    who: str
    later: float
    place: int
    go: asyncio.Future[None]


class Hands:
    """Hands that are lent, ``hands`` at once. Of them ``kept`` are for those alone who had little so far: they never wait until
    somebody's long work is over.

    What somebody had is the time for which they had a hand, halved every ten minutes; it decides when a hand gets free, not when
    they came. ``who`` is a key that tells nothing, and stands in the memory of one process only.
    """

    def __init__(self, hands: int, *, kept: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._hands, self._kept, self._clock = hands, kept, clock
        self._used: dict[str, tuple[float, float]] = {}
        self._waiting: list[_Waiting] = []
        self._busy = self._came = 0

    @asynccontextmanager
    async def lend(self, who: str, *, later: float = 0) -> AsyncIterator[None]:
        """Wait for a hand, and have it while the block runs; with ``later`` as if one had had so many seconds more."""
        await self._begin(who, later)
        started = self._clock()
        try:
            yield
        finally:
            self._end(who, self._clock() - started)

    def used(self, who: str) -> float:
        """How many seconds of work somebody had lately."""
        used, since = self._used.get(who, (0.0, 0.0))
        return used * 0.5 ** ((self._clock() - since) / HALVED_AFTER) if used else 0.0

    async def _begin(self, who: str, later: float) -> None:
        self._came += 1
        one = _Waiting(who, later, self._came, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._call_next()
        try:
            await one.go
        except asyncio.CancelledError:
            if one in self._waiting:
                self._waiting.remove(one)
            else:
                self._end(who, 0)
            raise

    def _call_next(self) -> None:
        while self._busy < self._hands:
            may = [one for one in self._waiting if not one.go.done()]
            if self._busy >= self._hands - self._kept:
                may = [one for one in may if self.used(one.who) < LITTLE]
            if not may:
                return
            one = min(may, key=lambda one: (self.used(one.who) + one.later, one.place))
            self._waiting.remove(one)
            self._busy += 1
            one.go.set_result(None)

    def _end(self, who: str, seconds: float) -> None:
        self._busy -= 1
        now = self._clock()
        self._used[who] = (self.used(who) + seconds, now)
        if len(self._used) > MOST_KNOWN:
            most = nlargest(MOST_KNOWN // 2, self._used, key=self.used)
            self._used = {key: self._used[key] for key in most}
        self._call_next()
