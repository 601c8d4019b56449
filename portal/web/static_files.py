"""Style sheets and scripts under addresses that bear their content's hash, so that browsers keep them for ever."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
WORTH_PACKING = 1_000


@dataclass(frozen=True)
class StaticFile:
    """A file that is served as it is, kept in memory plain and packed."""

    name: str
    mark: str
    mime: str
    plain: bytes
    packed: bytes | None


class StaticFiles:
    """All files below the static folder, read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files: dict[str, StaticFile] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder).as_posix()
                self._files[name] = _read(name, path.read_bytes())

    def address(self, name: str) -> str:
        """The address of a file; an unknown one is a mistake of ours."""
        return f"/static/{self._files[name].mark}/{name}"

    def has(self, name: str) -> bool:
        """Whether the file is there: what set-up puts in place may be missing, and pages work without it."""
        return name in self._files

    def find(self, mark: str, name: str) -> StaticFile | None:
        """The file under an address, where name and hash fit."""
        found = self._files.get(name)
        return found if found is not None and found.mark == mark else None


def _read(name: str, data: bytes) -> StaticFile:
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if mime.startswith("text/") or mime.endswith("javascript"):
        mime += "; charset=utf-8"
    packed = gzip.compress(data, 9, mtime=0) if (len(data) > WORTH_PACKING and "text" in mime) or "svg" in mime else None
    return StaticFile(name, hashlib.sha256(data).hexdigest()[:12], mime, data, packed)
