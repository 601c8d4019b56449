"""Uploaded files: generated names, written whole and flushed before the row that names them is committed."""

import hashlib
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from portal.errors import NotVisible


@dataclass(frozen=True)
class FileStore:
    """A folder of files in subfolders by the first letters of their names. When a file came is told by the hour only, as in
    the rows that name it: beside the log of a web server the minute would tell whose it is.
    """

    root: Path

    def keep(self, data: bytes) -> str:
        """Write ``data`` durably and return its generated name."""
        name = secrets.token_hex(20)
        self.put(name, data)
        return name

    def put(self, name: str, data: bytes) -> None:
        """Write ``data`` durably under a name that was generated before."""
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = target.with_suffix(".half")
        with half.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.rename(target)
        hour = time.time() // 3600 * 3600
        for path in (target, target.parent):
            os.utime(path, (hour, hour))
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
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if len(name) != 40 or not name.isalnum():
            raise NotVisible
        return self.root / name[:2] / name


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()
