"""Settings: read, written, refused with the key that is wrong."""

import os
from pathlib import Path

import pytest

from portal.errors import SetupError
from portal.settings import SERVED, Settings


def test_written_settings_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    settings = Settings(data=tmp_path / "d", plugins=("a", "b"), public_url="https://x.example", port=9000, demo=True)
    settings.write(path)
    assert Settings.read(path) == settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plugin = []", "plugin 不是设置项。是不是想写 plugins"),
        ("nothing_like_it = 1", "不是设置项。可用：data"),
        ('port = "80"', "port 的值 80 不对，要是 1 到 65535 的整数"),
        ("port = 70000", "1 到 65535"),
        ('plugins = "wuzhong"', r"plugins = \[\"甲\", \"乙\"\]"),
        ('demo = "yes"', "true 或 false，不加引号"),
        ("host = 127", "半角双引号"),
        ("port = 0", "port 的值"),
        ("plugins = [1]", "plugins 的值"),
        ('public_url = "aq.example"', "https://"),
        ("port = ", "写法有误，在最后附近"),
        ("port = 8000\npublic_url = “https://x.example”", "写法有误，在第 2 行第 14 个字符附近"),
        ("port = 8000\nport = 8001\n", "同一项不写两次"),
        ("demo = 1", "demo 的值"),
        ('public_url = "http://[::1"', "https://"),
        ('public_url = "https://"', "https://"),
        ('public_url = "http://x.example:99999"', "端口是 1 到 65535"),
        ('public_url = "https://aq example.cn"', "这不是一个网址"),
        ('public_url = "https://aq.example.cn/portal"', "只写到域名和端口"),
        ('public_url = "https://aq.example.cn?from=board"', "只写到域名和端口"),
        ('database_url = "nonsense"', "database_url 写法不对"),
        ('database_url = "postgresql://portal:x@127.0.0.1:99999/portal"', "database_url 写法不对"),
        ('database_url = "postgresql://portal:a#b@127.0.0.1/portal"', "%23"),
        ('data = "portal.toml"', "data 要是一个文件夹"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "portal.toml"
    path.write_text(text)
    with pytest.raises(SetupError, match=said):
        Settings.read(path)


def test_a_databases_address_that_is_wrong_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    for text in ('database_url = ["very-secret"]', 'database_url = "mysql://portal:very-secret@x/y"'):
        path.write_text(text)
        with pytest.raises(SetupError) as refused:
            Settings.read(path)
        assert "very-secret" not in refused.value.text


def test_addresses_that_are_right_stay_so(tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    for text in (
        'public_url = "https://aq.example.cn/"',
        'public_url = "http://10.1.2.3:8000"',
        'public_url = "http://[fd00::1]:8000"',
        'database_url = "postgresql://portal:a%23b@127.0.0.1:5432/portal"',
        'database_url = "postgresql://portal:x@one:5432,two:5433/portal"',
        'database_url = "postgresql://portal:x@/portal?host=/run/postgresql"',
    ):
        path.write_text(text)
        Settings.read(path)


def test_a_file_that_cannot_be_read_is_named_with_why(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="是文件夹，不是文件"):
        Settings.read(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="路径里有一段是文件"):
        Settings.read(tmp_path / "file" / "portal.toml")
    (loop := tmp_path / "loop").symlink_to(loop)
    with pytest.raises(SetupError, match="链接绕成了圈"):
        Settings.read(loop)
    (shut := tmp_path / "shut").touch(0o000)
    if not os.access(shut, os.R_OK):
        with pytest.raises(SetupError, match="没有权限"):
            Settings.read(shut)


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


@pytest.mark.parametrize(
    ("host", "url", "reached"),
    [
        ("127.0.0.1", None, "http://localhost:8000"),
        ("localhost", None, "http://localhost:8000"),
        ("192.0.2.1", None, None),
        ("127.0.0.1", "https://x.example", "https://x.example"),
    ],
)
def test_where_the_site_is_said_to_be_it_answers(tmp_path: Path, host: str, url: str | None, reached: str | None) -> None:
    settings = Settings(data=tmp_path, host=host, public_url=url)
    assert settings.reached == (reached or settings.address)


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


def test_what_is_served_goes_by_what_was_read_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "portal.toml"
    path.write_text('data = "kept"\nplugins = ["wuzhong"]\nport = 9000\n')
    read = Settings.served(path)
    assert read == Settings.read(path)
    monkeypatch.setenv(SERVED, read.text())
    path.write_text("plugins = [\n")
    assert Settings.served(path) == read
