"""What a deployer decides: one small file, ``portal.toml``, read once at start."""

import difflib
import os
import re
import socket
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from portal.errors import SetupError, unusable
from portal.terms import Text, say

VARIABLE = "PORTAL_CONFIG"
# What ``portal serve`` read at its start, for the processes that it starts
SERVED = "PORTAL_SERVED"
DEFAULT = Path("portal.toml")
LISTS, NUMBERS, SWITCHES = ("plugins", "trusted_proxies"), ("port", "workers", "plugin_seconds"), ("demo", "readers_inside")
AT = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting of the portal, with its default.

    ``data`` is the folder of everything that is kept; ``plugins`` the regions that are enabled; ``public_url`` the
    address that boards carry, ``readers_inside`` that everybody who reads them is in the network where only that address can be
    opened; ``database_url`` a PostgreSQL server of one's own instead of the embedded one; ``host``,
    ``port`` and ``workers`` how it is served; ``plugin_seconds`` how long a plugin is waited for; ``trusted_proxies`` the
    addresses whose forwarded headers are believed; ``service_phone`` the number on error pages; ``demo`` marks everything as an
    example.
    """

    data: Path = Path("var/portal")
    plugins: tuple[str, ...] = ()
    public_url: str | None = None
    readers_inside: bool = False
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    plugin_seconds: int = 20
    trusted_proxies: tuple[str, ...] = ("127.0.0.1",)
    service_phone: str = "12345"
    demo: bool = False

    @property
    def secure(self) -> bool:
        """Whether visitors come by HTTPS, so that cookies may demand it."""
        return bool(self.public_url and self.public_url.startswith("https://"))

    @property
    def reached(self) -> str:
        """The address under which the site answers once it is served: without one for the public, where it listens."""
        inside = self.host in ("localhost", "::1") or self.host.startswith("127.")
        return f"http://localhost:{self.port}" if inside and not self.public_url else self.address

    @property
    def address(self) -> str:
        """The address that boards and links carry, without a slash at the end."""
        return (self.public_url or f"http://{lan_address()}:{self.port}").rstrip("/")

    @property
    def proxies(self) -> list[str]:
        """The trusted proxies in every way in which their addresses reach us: as IPv6 too where one socket listens for both."""
        written = (one.strip() for one in self.trusted_proxies)
        return [way for one in written for way in (one, *_mapped(one))]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read ``path``. Raises :class:`SetupError` naming the key that is wrong."""
        try:
            # Some editors begin a file with a mark of how it is written
            given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError as error:
            if path.with_name(f"{path.name}.restoring").exists():
                raise SetupError(
                    say("{folder} 里的恢复没有放完，不能用。请换一个新文件夹再恢复；这个文件夹可以删掉。", folder=path.parent)
                ) from error
            raise SetupError(say("找不到 {path}。先运行 portal init，或用 --config 指出设置文件。", path=path)) from error
        except UnicodeDecodeError as error:
            raise SetupError(say("{path} 不是 UTF-8 写的，请用 UTF-8 保存。", path=path)) from error
        except tomllib.TOMLDecodeError as error:
            at = AT.search(str(error))
            where = say("第 {line} 行第 {column} 个字符", line=at[1], column=at[2]) if at else say("最后")
            raise SetupError(
                say(
                    '{path} 写法有误，在{where}附近。每行一项，文字用半角双引号括起来，例如 host = "127.0.0.1"，'
                    '几个地区写成 plugins = ["甲", "乙"]；同一项不写两次。',
                    path=path,
                    where=where,
                )
            ) from error
        except OSError as error:
            raise SetupError(say("设置文件 {path} 读不了：{why}", path=path, why=unusable(error))) from error
        return cls.of(given, path)

    @classmethod
    def served(cls, path: Path) -> Self:
        """In a process of ``portal serve`` what that read at its start: what is written into the file meanwhile counts from the
        next start on, for all of them at once. Elsewhere what stands in the file.
        """
        given = os.environ.get(SERVED)
        return cls.of(tomllib.loads(given), path) if given else cls.read(path)

    @classmethod
    def of(cls, given: Mapping[str, Any], path: Path) -> Self:
        """What stands in ``path``, checked; folders are those that it means from where it lies."""
        known = {field.name: field for field in fields(cls)}
        for key in given:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                meant = say("是不是想写 {key}？", key=near[0]) if near else ""
                raise SetupError(
                    say("{path} 里的 {key} 不是设置项。{meant}可用：{all}", path=path, key=key, meant=meant, all="、".join(known))
                )
        values = dict(given)
        for key, value in given.items():
            right = (
                (key in LISTS and isinstance(value, list) and all(isinstance(part, str) for part in value))
                or (key in NUMBERS and isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536)
                or (key in SWITCHES and isinstance(value, bool))
                or (key not in (*LISTS, *NUMBERS, *SWITCHES) and isinstance(value, str) and (key == "data" or value.strip()))
            )
            if not right:
                # It may be a database's address with its password
                shown = say("（没有显示）") if key == "database_url" else value
                raise SetupError(
                    say("{path} 里 {key} 的值 {value} 不对，{rule}。", path=path, key=key, value=shown, rule=_right(key))
                )
            if key in LISTS:
                values[key] = tuple(value)
        # The folder that nothing is said of lies beside the file too, wherever a command is run
        values["data"] = (path.parent / values.get("data", cls.data)).resolve()
        if values["data"].exists() and not values["data"].is_dir():
            raise SetupError(say("data 要是一个文件夹，{data} 是文件。请改成别的名称，或移走那个文件。", data=values["data"]))
        settings = cls(**values)
        if settings.public_url is not None and (wrong := _wrong_in(settings.public_url)):
            raise SetupError(say("public_url 现在是 {url}：{wrong}", url=settings.public_url, wrong=wrong))
        if settings.database_url is not None and not _is_address(settings.database_url, "postgresql", "postgres", host=False):
            # It may hold a password, which is not shown
            raise SetupError(
                say(
                    "{path} 里的 database_url 写法不对，要像 postgresql://portal:密码@主机:5432/portal。"
                    "密码里有 @ : / # ? % 的，写成 %40 %3A %2F %23 %3F %25。",
                    path=path,
                )
            )
        return settings

    def write(self, path: Path) -> None:
        """Write the settings that differ from their defaults, with a line on each."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # It may hold the database's password
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(self.text())

    def text(self) -> str:
        """The settings as TOML."""
        lines = ["# " + say("门户设置，说明见 {path}", path="docs/deploy.md")]
        default = Settings()
        for field in fields(self):
            value = getattr(self, field.name)
            if value != getattr(default, field.name):
                lines.append(f"{field.name} = {_toml(value)}")
        return "\n".join(lines) + "\n"

    def at(self, data: Path) -> Self:
        """The same settings for another data folder."""
        return replace(self, data=data)


def _right(key: str) -> Text:
    """What a setting's value has to be."""
    if key in LISTS:
        return say('要写成 {key} = ["甲", "乙"]', key=key)
    if key in NUMBERS:
        return say("要是 1 到 65535 的整数，不加引号")
    if key in SWITCHES:
        return say("要是 true 或 false，不加引号")
    return say("要是半角双引号括起来的文字")


def _wrong_in(url: str) -> Text | None:
    """What keeps an address from being the portal's: pages lead everywhere from its first slash on."""
    if not url.startswith(("http://", "https://")):
        return say("要以 http:// 或 https:// 开头。")
    if not _is_address(url, "http", "https") or re.search(r"\s", url.strip()):
        return say("这不是一个网址，要像 https://aq.example.gov.cn 或 http://10.1.2.3:8000；端口是 1 到 65535。")
    parts = urlsplit(url)
    if parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
        return say("只写到域名和端口为止，后面不带路径；门户要有自己的域名或端口。")
    return None


def _is_address(url: str, *schemes: str, host: bool = True) -> bool:
    with suppress(ValueError):
        parts = urlsplit(url)
        # An absurd port shows when it is asked for; a database may have several, each with a host of its own
        several = not host and "," in parts.netloc
        return parts.scheme in schemes and (several or parts.port != 0) and (not host or bool(parts.hostname))
    return False


def _mapped(network: str) -> list[str]:
    with suppress(ValueError):
        found = IPv4Network(network, strict=False)
        return [str(found), f"::ffff:{found.network_address}/{96 + found.prefixlen}"]
    return []


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case tuple():
            return "[" + ", ".join(_toml(part) for part in value) + "]"
        case _:
            return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def find(given: Path | None = None) -> Path:
    """Where the settings are: the given path, the environment's, or ``portal.toml`` here."""
    return given or Path(os.environ.get(VARIABLE, DEFAULT))


def lan_address() -> str:
    """This machine's address in its network, as other machines reach it; the loopback address where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
