"""Sealing: only the right key at the right place opens."""

from pathlib import Path

import pytest

from portal.errors import SetupError
from portal.storage.seals import CannotOpen, Key, Keyring


def test_what_was_sealed_opens_with_its_key_at_its_place() -> None:
    key = Key.new()
    assert key.open_text(key.seal_text("张三的电话", "contact 1"), "contact 1") == "张三的电话"


def test_wrong_key_wrong_place_and_changed_bytes_do_not_open() -> None:
    key, sealed = Key.new(), Key.new().seal(b"x", "a")
    sealed = key.seal(b"x", "a")
    with pytest.raises(CannotOpen):
        Key.new().open(sealed, "a")
    with pytest.raises(CannotOpen):
        key.open(sealed, "b")
    for place in range(1, len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(CannotOpen):
            key.open(bytes(broken), "a")


def test_the_same_text_never_gives_the_same_bytes() -> None:
    key = Key.new()
    assert len({key.seal(b"x", "a") for _ in range(50)}) == 50


def test_keyring_wraps_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ring = Keyring.open(path, create=True)
    key = Key.new()
    assert Keyring.open(path).unwrap(ring.wrap(key, "case 1"), "case 1") == key
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CannotOpen):
        ring.unwrap(ring.wrap(key, "case 1"), "case 2")
    with pytest.raises(CannotOpen):
        ring.unwrap(b"\x019999" + b"0" * 60, "case 1")


def test_keyring_says_what_to_do_when_it_is_gone_or_open_to_others(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="备份"):
        Keyring.open(tmp_path / "none.json")
    path = tmp_path / "keys.json"
    Keyring.open(path, create=True)
    path.chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        Keyring.open(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"0001": "AAAA"}', '{"0001": 5}', '{"1": "' + "A" * 43 + '="}', "not json"])
def test_a_keyring_that_is_not_whole_is_refused_with_the_way_out(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(SetupError, match="写坏了.*备份"):
        Keyring.open(path, create=True)
    assert path.read_text() == text


def test_derived_bytes_depend_on_every_part(tmp_path: Path) -> None:
    ring = Keyring.open(tmp_path / "keys.json", create=True)
    assert len({ring.derive("a", "b", "c"), ring.derive("a", "bc"), ring.derive("ab", "c"), ring.derive("a", "b")}) == 4
