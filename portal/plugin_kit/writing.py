"""``portal plugin new``: a distribution that is sound as it stands, to be changed rule by rule."""

import re
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from keyword import iskeyword
from pathlib import Path
from string import Template
from zlib import crc32

from portal import __version__
from portal.errors import SetupError
from portal.plugins import installed
from portal.terms import say

NAME = re.compile(r"[a-z][a-z0-9_]{1,29}")
REGION = re.compile(r"[a-z][a-z0-9-]{1,29}")
TITLE = re.compile(r"[^\s\"',\\{}$<>]{1,30}")


def new(name: str, folder: Path, *, region: str | None = None, title: str | None = None) -> Path:
    """Write a new plugin into ``folder``; the folder of its own.

    Raises :class:`SetupError` where the name can't be used, or where anything would be overwritten.
    """
    region = region or name.replace("_", "-")
    title = title or say("示例区")
    _refuse(name, region, title, set(installed()))
    target = folder / f"portal-{name.replace('_', '-')}"
    if target.exists():
        raise SetupError(say("{folder} 已经存在，没有改动它。换一个名字，或用 --dir 指定别处。", folder=target))
    if not folder.is_dir():
        raise SetupError(say("没有文件夹 {folder}。先建好，或用 --dir 指定别处。", folder=folder))
    told = {
        "name": name,
        "dashed": name.replace("_", "-"),
        "cls": "".join(part.capitalize() for part in name.split("_")),
        "region": region,
        "title": title,
        "ident": "".join(re.findall(r"[a-z0-9]", name))[:6].upper(),
        "version": __version__,
        "code": f"98{crc32(name.encode()) % 10_000:04d}",
    }
    for path, text in _written(told):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text, encoding="utf-8")
    return target


def _refuse(name: str, region: str, title: str, taken: Collection[str]) -> None:
    if not NAME.fullmatch(name) or iskeyword(name):
        what = say("“{name}”不能作插件名：用小写英文字母开头，只用小写字母、数字和下划线，2 到 30 个字符。", name=name)
        raise SetupError(what)
    if name in taken:
        raise SetupError(say("插件“{name}”已经安装，换一个名字。", name=name))
    if not REGION.fullmatch(region):
        what = say("“{code}”不能作地区代码：用小写英文字母开头，只用小写字母、数字和横线，2 到 30 个字符。", code=region)
        raise SetupError(what)
    if not TITLE.fullmatch(title):
        raise SetupError(say("“{title}”不能作地区名称：1 到 30 个字，不用空格、引号、逗号和括号 {{}} <>。", title=title))


def _written(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The files of the new plugin with their text."""
    package = f"portal_{told['name']}"
    homes = {"package": f"{package}/", "example": f"{package}/example/", "tests": "tests/"}
    yield f"{package}/py.typed", ""
    for folder, file in _files(files("portal.plugin_kit") / "skeleton"):
        name = file.name.removesuffix(".txt").replace("test_plugin", f"test_{told['name']}")
        yield homes.get(folder, "") + name, Template(file.read_text(encoding="utf-8")).substitute(told)


def _files(folder: Traversable, name: str = "") -> Iterator[tuple[str, Traversable]]:
    """All files below, with the name of the folder that they are in."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry, entry.name)
        else:
            yield name, entry
