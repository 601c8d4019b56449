"""Processes that end with the one that started them, also where that was killed and could tell nobody; and with it alone."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import parent_process

HELD = "PORTAL_LIFELINE"


def start_child(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a program of ours that ends with this process: it holds the other end of a pipe, which closes with us."""
    with deaf():
        return subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, HELD: "stdin"})  # noqa: S603 - our own program


@contextmanager
def deaf() -> Iterator[None]:
    """What is started in here does not hear Ctrl+C, which a terminal sends to all: whoever started it will end it. One that heard
    it while it still starts would print a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """From now on this process ends, as if told to stop, when the one that started it is gone."""
    parent = parent_process()
    if os.environ.get(HELD) == "stdin" and parent is None:
        # Not by a file object: its lock, held by this thread, would break the interpreter's end
        _when(lambda: os.read(0, 1))
    elif parent is not None:
        _when(parent.join)


def _when(gone: Callable[[], object]) -> None:
    def wait() -> None:
        gone()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
