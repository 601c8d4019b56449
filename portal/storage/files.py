"""Uploaded files: generated names, written whole and flushed before the row that names them is committed."""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE

from portal.errors import NotVisible

HOUR = 3600
# Below this much free disk nothing that can wait is stored any more: what people write, and the database, need the rest
WATERMARK = 1024**3


def free_bytes(folder: Path) -> int:
    """How much may still be written to the disk on which a folder lies, or will lie."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    disk = os.statvfs(there)
    return disk.f_bavail * disk.f_frsize


@dataclass(frozen=True)
class FileStore:
    """A folder of files in subfolders by the first letters of their names. When a file came, or went, is told by the hour only,
    as in the rows that name it: beside the log of a web server the minute would tell whose it is.

    ``free`` tells how much may still be written to the disk.
    """

    root: Path
    free: Callable[[Path], int] = free_bytes

    def prepare(self) -> None:
        """Make all folders at once, so that none tells by its own age when the first file came into it."""
        folders = [self.root / f"{n:02x}" for n in range(256)]
        for folder in [one for one in folders if not one.exists()]:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for one in (folder, self.root):
                self._to_the_hour(one)

    def spare(self) -> int:
        """How many bytes may still be written before the disk is so full that only words are taken in."""
        return max(0, self.free(self.root) - WATERMARK)

    def keep(self, data: bytes) -> str:
        """Write ``data`` durably and return its generated name."""
        name = secrets.token_hex(20)
        self.put(name, data)
        return name

    def put(self, name: str, data: bytes) -> None:
        """Write ``data`` durably under a name that was generated before."""
        target = self._path(name)
        with self._unseen(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = target.with_suffix(".half")
            with half.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            half.rename(target)
            self._to_the_hour(target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, name: str) -> bytes:
        """The bytes under a name that :meth:`keep` gave; :class:`NotVisible` where there are none."""
        try:
            return self._path(name).read_bytes()
        except OSError as error:
            raise NotVisible from error

    def remove(self, name: str) -> None:
        """Forget a file; none there is fine."""
        path = self._path(name)
        if path.parent.exists():
            with self._unseen(path.parent):
                path.unlink(missing_ok=True)

    def level(self, now: float) -> int:
        """Touch whatever came or went in this hour, or in one that is over and was not levelled since; how much that was.

        Nobody can set when a file's status changed: it is the moment of the last change of any kind. Changed together again and
        again, and once more when the hour is over, all files of an hour bear the same moment, which is none of theirs.
        """
        touched = 0
        for folder in _entries(self.root):
            if _tells(folder, now):
                touched += sum(_touch(one) for one in _entries(folder) if _tells(one, now)) + _touch(folder)
        return touched + (_touch(self.root) if _tells(self.root, now) else 0)

    @contextmanager
    def _unseen(self, folder: Path) -> Iterator[None]:
        """Whatever is done in a folder meanwhile, neither it nor the one above tells the minute."""
        try:
            yield
        finally:
            for one in (folder, self.root):
                if one.exists():
                    self._to_the_hour(one)

    @staticmethod
    def _to_the_hour(path: Path) -> None:
        hour = time.time() // HOUR * HOUR
        os.utime(path, (hour, hour))

    def _path(self, name: str) -> Path:
        if len(name) != 40 or not name.isalnum():
            raise NotVisible
        return self.root / name[:2] / name


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _tells(path: Path, now: float) -> bool:
    """Whether a file's or folder's status still tells when in its hour it changed."""
    with suppress(FileNotFoundError):
        what = path.stat()
        return what.st_mtime + HOUR > now or what.st_ctime < what.st_mtime + HOUR
    return False


def _touch(path: Path) -> bool:
    with suppress(FileNotFoundError):
        # The mode that it has: this changes the status, and nothing that a file kept meanwhile could need
        path.chmod(S_IMODE(path.stat().st_mode))
        return True
    return False


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()
