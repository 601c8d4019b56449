"""Child processes with limits of memory and time, at low priority, so that pages stay quick while they work."""

import asyncio
import contextlib
import os
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLate
from functools import partial
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from portal.errors import Refused
from portal.lifeline import deaf
from portal.terms import Text, say

P = ParamSpec("P")
T = TypeVar("T")
MEGABYTE = 1024 * 1024
# Each new child costs a second or two of imports, for which somebody at a door waits
MOST_TASKS = 2_000


class Unreadable(Exception):
    """The bytes are not what they claim to be; the text is for the reader."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


class Unfinished(Refused):
    """It took too long or too much, and was stopped."""


def _limit(memory_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MEGABYTE, memory_mb * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not the idle class, which gets nothing at all while the machine is busy: somebody waits for a sheet, or at a door
    with contextlib.suppress(OSError):
        os.nice(10)


class _Children:
    """A few kept child processes, each a pool of its own that starts when it is first needed. Each process is replaced after
    some tasks, and killed when a task takes too long.

    A pool of several starts all of them at once, and whoever closes it while one is still starting reads that one's traceback.
    """

    def __init__(self, *, workers: int, memory_mb: int, seconds: float) -> None:
        self._memory, self._seconds = memory_mb, seconds
        self._turns = asyncio.Semaphore(workers)
        self._all: list[ProcessPool] = []
        self._free: list[ProcessPool] = []
        # Who is only asked whether it is active begins, and not as it should
        self._used: set[ProcessPool] = set()

    def _start(self) -> ProcessPool:
        child = ProcessPool(
            max_workers=1, max_tasks=MOST_TASKS, initializer=_limit, initargs=[self._memory], context=get_context("spawn")
        )
        self._all.append(child)
        return child

    async def do(self, work: Callable[[], T]) -> T:
        async with self._turns:
            child = self._free.pop() if self._free else self._start()
            if child in self._used and not child.active:
                # It was killed while it had nothing to do, and its pool with it
                self._all.remove(child)
                child = self._start()
            self._used.add(child)
            try:
                with deaf():
                    future = child.schedule(work, timeout=self._seconds)
                return await asyncio.wrap_future(future)
            except Unreadable as error:
                raise Refused(error.text) from error
            except TooLate as error:
                raise Unfinished(say("处理用时超过 {n} 秒，已停止。请减少内容后再试。", n=int(self._seconds))) from error
            except (MemoryError, ProcessExpired) as error:
                raise Unfinished(say("处理所需内存超过限额，已停止。请减少内容后再试。")) from error
            finally:
                self._free.append(child)

    def close(self) -> None:
        for child in self._all:
            child.stop()
            child.join()
        self._all.clear()
        self._free.clear()


class Workshop:
    """Child processes of two kinds, so that neither ever waits for the other: for the sheets and boards of those who are signed
    in, and for the pictures of strangers, however many and however large they are.
    """

    def __init__(self, *, workers: int = 2, strangers: int = 2, memory_mb: int = 2048, seconds: float = 60) -> None:
        self._ours = _Children(workers=workers, memory_mb=memory_mb, seconds=seconds)
        self._strangers = _Children(workers=strangers, memory_mb=memory_mb, seconds=seconds)

    async def do(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function`` in a child and wait for it. What goes wrong comes back as :class:`Refused` with a reason."""
        return await self._ours.do(partial(function, *args, **kwargs))

    async def do_for_strangers(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same in a child of the strangers' pictures."""
        return await self._strangers.do(partial(function, *args, **kwargs))

    def close(self) -> None:
        """Stop the children."""
        self._ours.close()
        self._strangers.close()
