"""Which data folder a cluster belongs to: whether a folder is the one that made it, that one moved, or a copy of it.

The folder holds the cluster's name, and the cluster notes where that folder lies and which file (by its inode) holds the name.
Moving a folder keeps the file; copying it, or putting it back from an archive, makes another one.
"""

import enum
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from portal.errors import SetupError
from portal.terms import say

NAME = "postgres.name"
NOTE = "belongs-to"
OLD_NOTE = "data-folder"


class FolderStanding(enum.Enum):
    """How a data folder stands to the cluster whose name it holds."""

    OWN = "own"
    MOVED = "moved"
    COPY = "copy"
    STRANGE = "strange"


@dataclass(frozen=True, kw_only=True)
class Note:
    """What lies beside a cluster: the data folder that it belongs to. Older versions noted no file (``inode``).

    ``before`` is where that folder lay before it was moved.
    """

    name: str
    path: str
    inode: int | None = None
    device: int | None = None
    before: str = ""


def name_in(data: Path) -> str:
    """The name that a data folder holds, or nothing."""
    try:
        return (data / NAME).read_text().strip()
    except OSError:
        return ""


def named(data: Path) -> str:
    """The name in a data folder; one is made where there is none. Of many who do so at once, one gives it."""
    if not (data / NAME).exists():
        new = written(data)
        try:
            os.link(new, data / NAME)
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return name_in(data)


def written(data: Path) -> Path:
    """A file beside the name with a fresh one in it, to be put in its place."""
    data.mkdir(parents=True, exist_ok=True)
    new = data / f"{NAME}.{secrets.token_hex(4)}"
    whole_file(new, f"postgres-{secrets.token_hex(8)}\n", mode=0o644)
    return new


def whole_file(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a new file that is whole on the disk before anybody is told of it, or is not there."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def note_in(home: Path) -> Note | None:
    """What a cluster notes, in the form of this or an older version."""
    try:
        return Note(**json.loads((home / NOTE).read_text()))
    except FileNotFoundError:
        pass
    except (ValueError, TypeError) as error:
        raise SetupError(say("{path} 写坏了，看不出数据库属于哪个数据文件夹。", path=home / NOTE)) from error
    try:
        return Note(name=home.name, path=(home / OLD_NOTE).read_text().strip())
    except OSError:
        return None


def keep_note(home: Path, data: Path, *, before: str = "") -> None:
    """Note that the cluster belongs to this data folder."""
    held = (data / NAME).stat()
    note = Note(name=name_in(data), path=str(data.resolve()), inode=held.st_ino, device=held.st_dev, before=before)
    new = home / f"{NOTE}.{secrets.token_hex(4)}"
    whole_file(new, json.dumps(asdict(note), ensure_ascii=False) + "\n")
    new.rename(home / NOTE)


def standing(data: Path, note: Note) -> FolderStanding:
    """How the data folder stands to the cluster that notes this."""
    if note.name != name_in(data):
        return FolderStanding.STRANGE
    here, there, mine = data.resolve(), Path(note.path), (data / NAME).stat()
    same_file = note.inode in (None, mine.st_ino)
    if here == there:
        return FolderStanding.OWN if same_file else FolderStanding.COPY
    if name_in(there) == note.name:
        if there.samefile(here):
            return FolderStanding.OWN
        # Whatever has the name there: if it is the noted file, or nobody knows which one was noted, it was there first
        if note.inode in (None, (there / NAME).stat().st_ino):
            return FolderStanding.COPY
    # Another filesystem numbers its files anew, and may by chance come to the same number
    return FolderStanding.MOVED if same_file and note.device in (None, mine.st_dev) else FolderStanding.COPY


def still_there(note: Note) -> bool:
    """Whether the folder that a cluster belongs to lies where it was noted."""
    there = Path(note.path)
    return name_in(there) == note.name and note.inode in (None, (there / NAME).stat().st_ino)
