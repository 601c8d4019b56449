"""The way in: few requests are worked on at once, and networks have their turns by how long was worked for each of them.

A page costs some milliseconds, and a report is taken in by a hundred small steps, between which others have their turn. Forty
connections that ask for pages without pause would make each of those steps wait for forty pages. So they wait for each other
here, before anything is done for them. A hand is given back where a request begins to wait for what has a line of its own: its
form, a hash, pictures, the places of an account. What is asked for at once has an end, too, and is shared out by the same rule as
bytes (:mod:`portal.web.arriving`): whoever asks for too much is told to come again, and nobody else.

Turns remember nothing that is over: whoever asks for less than their share is served at once, also where many come from one
network all day long, as the customers of a mobile network do, and fifty others begin to flood.
"""

import asyncio
import secrets
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import blake2b

from portal.access.rules import network
from portal.terms import say

HANDS, KEPT = 4, 2
MOST_KNOWN = 4_096
# Fewer than the connections of a process, where nobody could be told apart any more (portal.serving)
MOST_AT_ONCE = 3_000
# Of an account; a browser asks for six things at once
PLACES = 6
AGAIN_SECONDS = 10
CROWDED = (
    "<!doctype html><html lang=zh-CN><meta charset=utf-8><meta name=viewport content=width=device-width>"
    f"<title>{say('请稍后再试')}</title><h1>{say('请稍后再试')}</h1>"
    f"<p>{say('您所在的网络现在请求太多，这次没有办理。请过十几秒再试。')}"
    f"<p>{say('事情紧急，请直接拨打电话：')}<a href=tel:12350>12350</a> <a href=tel:12345>12345</a>"
)


class Gate:
    """Where everything comes in. Networks stand here under a hash whose key is this process's own."""

    def __init__(
        self, *, hands: int = HANDS, kept: int = KEPT, most: int = MOST_AT_ONCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.clock = most, clock
        self.inside: Counter[str] = Counter()
        self._all = 0
        self._turns = _Turns(hands, kept)
        self._key = secrets.token_bytes(16)

    def come(self, address: str) -> "Pass | None":
        """A request comes in; None where more of its network's are here than there is room for others'."""
        who = blake2b(network(address).encode(), key=self._key, digest_size=8).hexdigest()
        if self.inside[who] + 1 > self.most - self._all - 1:
            return None
        self.inside[who] += 1
        self._all += 1
        return Pass(self, self._turns, who)

    def gone(self, who: str) -> None:
        """One of somebody's requests is answered."""
        self._all -= 1
        self.inside[who] -= 1
        if not self.inside[who]:
            del self.inside[who]


class Pass:
    """One request, from when it comes until it is answered; it has a hand, or waits for something else."""

    def __init__(self, gate: Gate, turns: "_Turns", who: str) -> None:
        self._gate, self._turns, self._who = gate, turns, who
        self._since: float | None = None

    @property
    def held(self) -> bool:
        """Whether it has a hand now."""
        return self._since is not None

    async def take(self) -> None:
        """Have a hand; wait for it."""
        if self._since is None:
            await self._turns.take(self._who)
            self._since = self._gate.clock()

    def let_go(self) -> None:
        """Need it no more, for now or at all."""
        if self._since is not None:
            took, self._since = self._gate.clock() - self._since, None
            # Not before others had their turn: what is made without waiting for anything would else be made forty times on end
            asyncio.get_running_loop().call_soon(self._turns.end, self._who, took)

    def over(self) -> None:
        """The request is answered."""
        self.let_go()
        self._gate.gone(self._who)


class _Turns:
    """A few hands, of which ``kept`` are for those alone who have none. Whoever was worked for longer comes later, and whoever
    comes after a pause as if they had had as much as those whose turn it is.
    """

    def __init__(self, hands: int, kept: int) -> None:
        self._free, self._kept = hands, kept
        self._now = 0.0
        self._had: dict[str, float] = {}
        self._having: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def take(self, who: str) -> None:
        """Wait for a hand, to be given back by :meth:`end`."""
        go: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(go)
        self._call_next()
        try:
            await go
        except asyncio.CancelledError:
            if not go.cancelled():
                # It was called up in the moment in which it went
                self.end(who, 0)
            raise

    def end(self, who: str, took: float) -> None:
        """Give a hand back, after so many seconds."""
        self._free += 1
        self._having[who] -= 1
        if not self._having[who]:
            del self._having[who]
        self._had[who] = self._place(who) + took
        if len(self._had) > MOST_KNOWN:
            self._had = {one: had for one, had in self._had.items() if had > self._now}
        self._call_next()

    def _place(self, who: str) -> float:
        return max(self._now, self._had.get(who, 0.0))

    def _call_next(self) -> None:
        while self._free:
            may = [who for who in self._waiting if self._free > self._kept or not self._having[who]]
            if not may:
                return
            who = min(may, key=self._place)
            waiting = self._waiting.pop(who)
            go = waiting.popleft()
            if waiting:
                # Behind the others whose place is the same
                self._waiting[who] = waiting
            if not go.done():
                self._now = self._place(who)
                self._free -= 1
                self._having[who] += 1
                go.set_result(None)


class AccountPlaces:
    """How much of one account is worked on at once: a few things, and the rest of its own waits."""

    def __init__(self, each: int = PLACES) -> None:
        self._each = each
        self._taken: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def one_of(self, who: str) -> AsyncIterator[None]:
        """Have one of somebody's places; wait for it."""
        places, n = self._taken.get(who) or (asyncio.Semaphore(self._each), 0)
        self._taken[who] = places, n + 1
        try:
            async with places:
                yield
        finally:
            places, n = self._taken[who]
            if n == 1:
                del self._taken[who]
            else:
                self._taken[who] = places, n - 1
