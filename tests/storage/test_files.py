"""Uploaded files."""

import stat
from pathlib import Path

import pytest

from portal.errors import NotVisible
from portal.storage.files import FileStore


def test_a_file_is_kept_whole_for_its_owner_alone_and_its_minute_is_not(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    name = store.keep(b"seen")
    assert store.read(name) == b"seen"
    path = tmp_path / name[:2] / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.stat().st_mtime % 3600 for one in (path, path.parent)] == [0, 0]
    store.remove(name)
    store.remove(name)
    with pytest.raises(NotVisible):
        store.read(name)


@pytest.mark.parametrize("name", ["", "../secret", "a" * 39, "a" * 39 + "/", "\0" * 40])
def test_what_is_no_name_of_ours_is_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotVisible):
        FileStore(tmp_path).read(name)
