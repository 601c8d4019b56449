"""Child processes with limits of memory and time, at low priority, so that pages stay quick while they work."""

import asyncio
import contextlib
import os
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLate
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from portal.errors import Refused
from portal.terms import Text, say

P = ParamSpec("P")
T = TypeVar("T")
MEGABYTE = 1024 * 1024


class Unreadable(Exception):
    """The bytes are not what they claim to be; the text is for the reader."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


def _limit(memory_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MEGABYTE, memory_mb * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


class Workshop:
    """A few kept child processes. Each is replaced after some tasks, and killed when a task takes too long."""

    def __init__(self, *, workers: int = 2, memory_mb: int = 2048, seconds: float = 60) -> None:
        self._workers, self._memory, self._seconds = workers, memory_mb, seconds
        self._pool: ProcessPool | None = None

    def _open(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=200,
                initializer=_limit,
                initargs=[self._memory],
                context=get_context("spawn"),
            )
        return self._pool

    async def do(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``function`` in a child and wait for it. What goes wrong comes back as :class:`Refused` with a reason."""
        future = self._open().schedule(function, args=list(args), kwargs=kwargs, timeout=self._seconds)
        try:
            return await asyncio.wrap_future(future)
        except Unreadable as error:
            raise Refused(error.text) from error
        except TooLate as error:
            raise Refused(say("处理用时超过 {n} 秒，已停止。请减少内容后再试。", n=int(self._seconds))) from error
        except (MemoryError, ProcessExpired) as error:
            raise Refused(say("处理所需内存超过限额，已停止。请减少内容后再试。")) from error

    def close(self) -> None:
        """Stop the children."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None
