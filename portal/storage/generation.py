"""The version of everything public: pairs of counters in a small shared file, moved by every write that touches a board.

Pages that are kept whole are good while the counters of their board stand where they stood when the page's facts were read. A
writer moves the first of the pair before it commits and the second after it; while they differ, nothing is kept and nothing kept
is used. So a reader in any process never sees a page older than an acknowledged write, and a writer that dies between the
two only makes pages slower, until the portal starts again. A board shares its pair with few others: who writes much in one
region makes nobody wait in the next.
"""

import fcntl
import mmap
import os
import struct
from collections.abc import Collection
from pathlib import Path
from zlib import crc32

PAIR = struct.Struct("=QQ")
PAIRS = 4_096


class Generation:
    """The shared counters of one data folder."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._file).st_size < PAIR.size * PAIRS:
            os.ftruncate(self._file, PAIR.size * PAIRS)
        self._map = mmap.mmap(self._file, PAIR.size * PAIRS)

    def current(self, code: str) -> int | None:
        """The version of a board's page now, or None while a write is under way."""
        begun, ended = PAIR.unpack_from(self._map, _place(code))
        return int(begun) if begun == ended else None

    def begin(self, codes: Collection[str]) -> None:
        """A write that touches the pages of these boards is about to commit."""
        self._add(codes, 1, 0)

    def end(self, codes: Collection[str]) -> None:
        """It is over, one way or the other."""
        self._add(codes, 0, 1)

    def settle(self) -> None:
        """Forget writers that died. Only where no other process of this portal runs."""
        for place in range(0, PAIR.size * PAIRS, PAIR.size):
            begun, _ = PAIR.unpack_from(self._map, place)
            PAIR.pack_into(self._map, place, begun + 1, begun + 1)

    def _add(self, codes: Collection[str], begun: int, ended: int) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            for place in {_place(code) for code in codes}:
                a, b = PAIR.unpack_from(self._map, place)
                PAIR.pack_into(self._map, place, a + begun, b + ended)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)


def _place(code: str) -> int:
    return crc32(code.encode()) % PAIRS * PAIR.size
