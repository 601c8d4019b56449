"""Uploaded files."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.errors import NotVisible
from portal.storage.files import HOUR, WATERMARK, FileStore, free_bytes


def test_a_file_is_kept_whole_for_its_owner_alone(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    name = store.keep(b"seen")
    assert store.read(name) == b"seen"
    assert stat.S_IMODE((tmp_path / name[:2] / name).stat().st_mode) == 0o600
    store.remove(name)
    store.remove(name)
    with pytest.raises(NotVisible):
        store.read(name)


def walked(root: Path) -> Iterator[Path]:
    """A folder and all that lies in it."""
    yield root
    yield from root.rglob("*")


def test_neither_a_file_nor_a_folder_tells_the_minute_in_which_a_file_came_or_went(tmp_path: Path) -> None:
    root = tmp_path / "complaints"
    store = FileStore(root)
    store.prepare()

    def minutes() -> set[float]:
        return {path.stat().st_mtime % HOUR for path in walked(root)}

    first, second = store.keep(b"one"), store.keep(b"two")
    assert minutes() == {0}
    store.remove(first)
    assert minutes() == {0}
    assert store.read(second) == b"two"
    # None is made, and tells by its age, when the first file comes into it
    assert len([path for path in walked(root) if path.is_dir()]) == 257


def test_a_new_folder_does_not_tell_the_minute_to_the_one_above(tmp_path: Path) -> None:
    FileStore(tmp_path).keep(b"one")
    assert tmp_path.stat().st_mtime % HOUR == 0


def test_when_its_hour_is_over_a_file_has_changed_with_all_others_of_that_hour(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    names = [store.keep(b"%d" % n) for n in range(3)]
    came = {name: (tmp_path / name[:2] / name).stat().st_ctime_ns for name in names}
    store.remove(store.keep(b"gone"))
    # Time passes: the files and folders are of an hour that is over, and nothing has touched them since
    hour = time.time() // HOUR * HOUR
    for path in walked(tmp_path):
        os.utime(path, (hour - HOUR, hour - HOUR))
    went = {path: path.stat().st_ctime_ns for path in walked(tmp_path)}
    assert store.level(hour - 1) == len(went)
    for path, at in went.items():
        assert path.stat().st_ctime_ns > at, path
    assert all((tmp_path / name[:2] / name).stat().st_ctime_ns > at for name, at in came.items())
    # Then it stays as it is, and nothing of it is read again
    assert store.level(hour) == 0
    assert [store.read(name) for name in names] == [b"0", b"1", b"2"]


def test_the_disk_has_room_until_the_watermark(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "there" / "yet") > 0
    assert FileStore(tmp_path, free=lambda _: WATERMARK - 1).spare() == 0
    assert FileStore(tmp_path, free=lambda _: WATERMARK + 7).spare() == 7


@pytest.mark.parametrize("name", ["", "../secret", "a" * 39, "a" * 39 + "/", "\0" * 40])
def test_what_is_no_name_of_ours_is_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotVisible):
        FileStore(tmp_path).read(name)
