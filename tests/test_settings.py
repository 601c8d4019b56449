"""Settings: read, written, refused with the key that is wrong."""

from pathlib import Path

import pytest

from portal.errors import SetupError
from portal.settings import Settings


def test_written_settings_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    settings = Settings(data=tmp_path / "d", plugins=("a", "b"), public_url="https://x.example", port=9000, demo=True)
    settings.write(path)
    assert Settings.read(path) == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plugin = []", "plugin 不是设置项"),
        ('port = "80"', "port 的值"),
        ("port = 0", "port 的值"),
        ("plugins = [1]", "plugins 的值"),
        ('public_url = "aq.example"', "https://"),
        ("port = ", "写法有误"),
        ("demo = 1", "demo 的值"),
        ('public_url = "http://[::1"', "https://"),
        ('public_url = "https://"', "https://"),
        ('database_url = "nonsense"', "database_url 写法不对"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "portal.toml"
    path.write_text(text)
    with pytest.raises(SetupError, match=said):
        Settings.read(path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="portal init"):
        Settings.read(tmp_path / "none.toml")


def test_data_is_beside_the_file_and_cookies_follow_the_address(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    path.write_text('data = "kept"\npublic_url = "https://x.example/"')
    settings = Settings.read(path)
    assert settings.data == tmp_path / "kept"
    assert settings.secure
    assert settings.address == "https://x.example"


def test_data_that_nothing_is_said_of_lies_beside_the_file_wherever_a_command_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "srv").mkdir()
    path = tmp_path / "srv" / "portal.toml"
    path.write_text("port = 9000")
    monkeypatch.chdir(tmp_path)
    assert Settings.read(path).data == tmp_path / "srv" / "var" / "portal"


def test_an_editors_mark_is_read_over_and_another_coding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    path.write_bytes(b"\xef\xbb\xbfport = 9000")
    assert Settings.read(path).port == 9000
    path.write_bytes('service_phone = "电话"'.encode("gb18030"))
    with pytest.raises(SetupError, match="UTF-8"):
        Settings.read(path)


def test_a_restore_that_was_broken_off_is_no_portal(tmp_path: Path) -> None:
    (tmp_path / "portal.toml.restoring").touch()
    with pytest.raises(SetupError, match="没有放完"):
        Settings.read(tmp_path / "portal.toml")
