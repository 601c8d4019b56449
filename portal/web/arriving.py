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
    """The forms that arrive in this process. Nobody has more of ``most`` bytes than is left for the others.

    Room is waited for so many seconds (``patience``), for photos that may come later not so long (``photos``); after ``hurry``
    seconds a form that comes slowly gives way.
    """

    def __init__(
        self,
        *,
        most: int = MOST,
        patience: float = 60,
        photos: float = 20,
        hurry: float = 5,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most, self.patience, self.photos, self.hurry = most, patience, photos, hurry
        self.pace, self.clock = pace or Pace(), clock
        self.held: Counter[str] = Counter()
        self.coming: set[ArrivingForm] = set()
        self._let_go = asyncio.Event()

    def form(self, who: str, *, photos_wait: bool = False) -> "ArrivingForm":
        """A form of somebody's that begins to arrive; to be closed when it is done with. With ``photos_wait`` its photos may be
        left out.
        """
        return ArrivingForm(self, who, photos_wait=photos_wait)

    async def hold(self, who: str, size: int, patience: float | None = None) -> None:
        """Have room for so many bytes more; wait for it. :class:`Crowded` where that takes too long."""
        hurry = asyncio.get_running_loop().call_later(self.hurry, self._have_one_give_way, who, size)
        try:
            async with asyncio.timeout(self.patience if patience is None else patience):
                while self._lacks(who, size):
                    await self._let_go.wait()
        except TimeoutError as error:
            raise Crowded(say("这个网络现在上传的内容太多，这次没有上传成功。请过一两分钟再试。")) from error
        finally:
            hurry.cancel()
        self.held[who] += size

    def _lacks(self, who: str, size: int) -> bool:
        return self.held[who] + size > self.most - self.held.total() - size

    def _have_one_give_way(self, who: str, size: int) -> None:
        """The slowest form of who holds the most, as long as that is more than what is wanted."""
        coming = [form for form in self.coming if form.waits and self.held[form.who] > self.held[who] + size]
        most = max((self.held[form.who] for form in coming), default=0)
        if slow := min((form for form in coming if self.held[form.who] == most), key=ArrivingForm.speed, default=None):
            slow.cut_off()

    def let_go(self, who: str, size: int) -> None:
        """So many bytes are gone."""
        self.held[who] -= size
        if not self.held[who]:
            del self.held[who]
        self._let_go.set()
        self._let_go = asyncio.Event()


class ArrivingForm:
    """One form: what of it lies here. ``dropped``: the files that come from now on go nowhere, and what comes is not counted;
    ``crowded``: because there is no room for them.
    """

    def __init__(self, arriving: Arriving, who: str, *, photos_wait: bool = False) -> None:
        self._arriving, self.who, self._photos_wait = arriving, who, photos_wait
        self.size, self.crowded, self.dropped = 0, False, False
        self._started, self._limit = arriving.clock(), None  # type: float, asyncio.Timeout | None

    async def read(self, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks of a body as they come. :class:`TooSlow` where they do not, or hardly."""
        pace, clock, started = self._arriving.pace, self._arriving.clock, self._started
        waited, came = 0.0, 0
        self._arriving.coming.add(self)
        while True:
            try:
                async with asyncio.timeout(pace.silence) as self._limit:
                    chunk = await anext(stream)
            except StopAsyncIteration:
                self._arriving.coming.discard(self)
                return
            except TimeoutError as error:
                raise TooSlow(_too_slow()) from error
            finally:
                self._limit = None
            since, came = clock(), came + len(chunk)
            if since - started - waited > pace.after and came < pace.least * (since - started - waited):
                raise TooSlow(_too_slow())
            if not self.dropped:
                await self._hold(len(chunk))
            # While we did not read, they could not send
            waited += clock() - since
            yield chunk

    async def _hold(self, size: int) -> None:
        try:
            await self._arriving.hold(self.who, size, self._arriving.photos if self._photos_wait else None)
        except Crowded:
            if not self._photos_wait:
                raise
            self.crowded = self.dropped = True
        else:
            self.size += size

    @property
    def waits(self) -> bool:
        """Whether we wait for more of it."""
        return self._limit is not None

    def speed(self) -> float:
        """How many bytes a second came."""
        return self.size / max(1.0, self._arriving.clock() - self._started)

    def cut_off(self) -> None:
        """Wait for no more of it."""
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time())

    def close(self) -> None:
        """Nothing of it lies here any more."""
        self._arriving.coming.discard(self)
        self._arriving.let_go(self.who, self.size)
        self.size = 0


def _too_slow() -> str:
    return say("网络太慢，内容没有完整到达。请换个信号好的地方，或减少照片再试。")
