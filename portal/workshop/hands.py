"""Work of which little can be done at once goes first to whoever had the least of it lately.

Somebody who comes for the first time goes ahead of a whole crowd that has been here for a while, wherever the crowd comes from.
Nobody is turned away: whoever had much waits for longer.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from heapq import nlargest

HALVED_AFTER = 600.0
LITTLE = 2.0
MOST_KNOWN = 4_096


@dataclass(eq=False)
class _Waiting:
    """One who waits: the how-manieth who came, and what tells it to go."""

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
        # By who they are, and as if they had had how many seconds more; nobody stands here who does not wait
        self._waiting: dict[tuple[str, float], deque[_Waiting]] = {}
        self._busy = self._came = 0

    @asynccontextmanager
    async def lend(self, who: str, *, later: float = 0) -> AsyncIterator[None]:
        """Wait for a hand, and have it while the block runs; with ``later`` as if one had had so many seconds more."""
        since = await self.begin(who, later=later)
        try:
            yield
        finally:
            self.end(who, since)

    def used(self, who: str) -> float:
        """How many seconds of work somebody had lately."""
        used, since = self._used.get(who, (0.0, 0.0))
        return used * 0.5 ** ((self._clock() - since) / HALVED_AFTER) if used else 0.0

    async def begin(self, who: str, *, later: float = 0) -> float:
        """Wait for a hand; since when one has it, to be told to :meth:`end` in any case."""
        self._came += 1
        one = _Waiting(self._came, asyncio.get_running_loop().create_future())
        self._waiting.setdefault((who, later), deque()).append(one)
        self._call_next()
        try:
            await one.go
        except asyncio.CancelledError:
            if one.go.cancelled():
                self._forget((who, later), one)
            else:
                # It was called up in the moment in which it went
                self.end(who, self._clock())
            raise
        return self._clock()

    def end(self, who: str, since: float) -> None:
        """Give a hand back."""
        self._busy -= 1
        now = self._clock()
        self._used[who] = (self.used(who) + now - since, now)
        if len(self._used) > MOST_KNOWN:
            most = nlargest(MOST_KNOWN // 2, self._used, key=self.used)
            self._used = {key: self._used[key] for key in most}
        self._call_next()

    def _call_next(self) -> None:
        while self._busy < self._hands:
            few = self._busy >= self._hands - self._kept
            may = [key for key in self._waiting if not few or self.used(key[0]) < LITTLE]
            if not may:
                return
            key = min(may, key=lambda one: (self.used(one[0]) + one[1], self._waiting[one][0].place))
            one = self._waiting[key][0]
            self._forget(key, one)
            if not one.go.done():
                self._busy += 1
                one.go.set_result(None)

    def _forget(self, key: tuple[str, float], one: _Waiting) -> None:
        waiting = self._waiting.get(key, deque())
        if one in waiting:
            waiting.remove(one)
        if not waiting:
            self._waiting.pop(key, None)
