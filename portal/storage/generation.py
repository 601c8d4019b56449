"""The version of everything public: two counters in a small shared file, moved by every write that touches a board.

Pages that are kept whole are good while the counters stand where they stood when the page's facts were read. A writer
moves the first one before it commits and the second one after; while they differ, nothing is kept and nothing kept is
used. So a reader in any process never sees a page older than an acknowledged write, and a writer that dies between the
two only makes pages slower, until the portal starts again.
"""

import fcntl
import mmap
import os
import struct
from pathlib import Path

PAIR = struct.Struct("=QQ")


class Generation:
    """The shared counters of one data folder."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._file).st_size < PAIR.size:
            os.ftruncate(self._file, PAIR.size)
        self._map = mmap.mmap(self._file, PAIR.size)

    def current(self) -> int | None:
        """The version now, or None while a write is under way."""
        begun, ended = PAIR.unpack_from(self._map)
        return int(begun) if begun == ended else None

    def begin(self) -> None:
        """A write that touches public pages is about to commit."""
        self._add(1, 0)

    def end(self) -> None:
        """It is over, one way or the other."""
        self._add(0, 1)

    def settle(self) -> None:
        """Forget writers that died. Only where no other process of this portal runs."""
        begun, _ = PAIR.unpack_from(self._map)
        PAIR.pack_into(self._map, 0, begun + 1, begun + 1)

    def _add(self, begun: int, ended: int) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            a, b = PAIR.unpack_from(self._map)
            PAIR.pack_into(self._map, 0, a + begun, b + ended)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
