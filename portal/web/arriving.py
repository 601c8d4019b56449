"""Forms on their way in: how slowly they may come, and how much of them may lie here at once.

An honest phone in a basement is slow, and never silent for long; whoever sends a byte now and then to keep a connection open is
cut off. What lies here (in memory and in temporary files, until its request is answered) is limited by bytes. Where much of it
is somebody's, that one's forms are read on when others of theirs are done; everybody else's are read at once.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_408_REQUEST_TIMEOUT, HTTP_503_SERVICE_UNAVAILABLE

from portal.terms import say

MOST = 512 * 1024 * 1024


class TooSlow(HTTPException):
    """The body came too slowly, or stopped coming."""

    status_code = HTTP_408_REQUEST_TIMEOUT


class Crowded(HTTPException):
    """So much of this network's lies here that no more of it was read for a while."""

    status_code = HTTP_503_SERVICE_UNAVAILABLE


@dataclass(frozen=True)
class Pace:
    """How slow is too slow: so many seconds without a byte, or, ``after`` some seconds, fewer bytes a second on the whole."""

    silence: float = 30
    after: float = 60
    least: float = 1024


class Arriving:
    """The forms that arrive in this process. Nobody has more of ``most`` bytes than is left for the others."""

    def __init__(
        self, *, most: int = MOST, patience: float = 60, pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.most, self.patience, self.pace, self.clock = most, patience, pace or Pace(), clock
        self.held: Counter[str] = Counter()
        self._let_go = asyncio.Event()

    def form(self, who: str) -> "ArrivingForm":
        """A form of somebody's that begins to arrive; to be closed when it is done with."""
        return ArrivingForm(self, who)

    async def hold(self, who: str, size: int) -> None:
        """Have room for so many bytes more; wait for it. :class:`Crowded` where that takes too long."""
        try:
            async with asyncio.timeout(self.patience):
                while self.held[who] + size > self.most - self.held.total() - size:
                    await self._let_go.wait()
        except TimeoutError as error:
            raise Crowded(
                say("这个网络现在传来的内容太多，没有收下。请过一两分钟再试；请返回上一页，填写的内容还在。")
            ) from error
        self.held[who] += size

    def let_go(self, who: str, size: int) -> None:
        """So many bytes are gone."""
        self.held[who] -= size
        if not self.held[who]:
            del self.held[who]
        self._let_go.set()
        self._let_go = asyncio.Event()


class ArrivingForm:
    """One form: what of it lies here."""

    def __init__(self, arriving: Arriving, who: str) -> None:
        self._arriving, self._who, self.size = arriving, who, 0

    async def read(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks of a body as they come. :class:`TooSlow` where they do not, or hardly."""
        pace, clock, started = self._arriving.pace, self._arriving.clock, self._arriving.clock()
        waited = 0.0
        while True:
            try:
                async with asyncio.timeout(pace.silence):
                    chunk = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise TooSlow(_too_slow()) from error
            since = clock()
            if since - started - waited > pace.after and self.size + len(chunk) < pace.least * (since - started - waited):
                raise TooSlow(_too_slow())
            await self._arriving.hold(self._who, len(chunk))
            # While we did not read, they could not send
            waited += clock() - since
            self.size += len(chunk)
            yield chunk

    def close(self) -> None:
        """Nothing of it lies here any more."""
        self._arriving.let_go(self._who, self.size)
        self.size = 0


def _too_slow() -> str:
    return say("网络太慢，内容没有完整到达，没有收下。请返回上一页，换个信号好的地方或减少照片再试；填写的内容还在。")
