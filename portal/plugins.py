"""Finds and loads plugins, and asks them. Only enabled ones are imported; a plugin that fails is named."""

import difflib
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import pluggy

from portal import __version__
from portal.containment import (
    BrokenError,
    OddError,
    TooSlowError,
    Untouched,
    own_copy,
    reason,
    rows_of,
    text_of,
    within,
    within_while_others_go_on,
)
from portal.errors import PluginError, Refused
from portal.hookspecs import PARTS, Plugin, Specs
from portal.scheme.book import Book
from portal.scheme.checks import problems
from portal.scheme.problem import Problem
from portal.scheme.words import Region
from portal.terms import Text, say

T = TypeVar("T")
GROUP = "portal.plugins"
API = 1
SECONDS = 20.0
SLOW = 1.0
MOST_REGIONS = 100
MOST_AT_ONCE = 4
LONGEST_CODE = 40
LONGEST_ROWS = 50_000_000


class Trouble:
    """What a running portal remembers of its plugins: how many threads each has now, and which of them is late with an answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: Counter[str] = Counter()
        self._late: dict[str, Text] = {}

    def begin(self, name: str) -> None:
        """One more question to a plugin; :class:`Refused` where it is late with another, or has enough to do."""
        with self._lock:
            if name in self._late:
                raise Refused(self._late[name])
            if self._threads[name] >= MOST_AT_ONCE:
                raise Refused(say("插件“{name}”正忙，什么也没有改动。请过一会儿再试。", name=name))
            self._threads[name] += 1

    def end(self, name: str) -> None:
        """An answer came, in time or not; when no other is awaited, the plugin may be asked again."""
        with self._lock:
            self._threads[name] -= 1
            if not self._threads[name]:
                self._late.pop(name, None)

    def late(self, name: str, text: Text) -> None:
        """There was none in time."""
        with self._lock:
            if self._threads[name]:
                self._late[name] = text


@dataclass(frozen=True)
class Plugins:
    """The enabled plugins of one running portal; passed in, never a global.

    ``notes`` are for whoever starts it: what a plugin brought that is left out, and which of them was slow.
    """

    named: Mapping[str, Plugin]
    packages: Mapping[str, str]
    manager: pluggy.PluginManager
    book: Book
    seconds: float = SECONDS
    notes: Sequence[Text] = ()
    trouble: Trouble = field(default_factory=Trouble, compare=False)

    def owner(self, region: str) -> str | None:
        """The plugin that states a region: the only one that is asked about it."""
        return next((scheme.plugin for scheme in self.book.schemes if scheme.region.code == region), None)

    async def grid_code(self, *, region: str, tier: str, division: str, number: int) -> str:
        """The code of a new grid: as the region's plugin numbers them, else division and number."""
        (code,) = await self.grid_codes(region=region, wanted=[(tier, division, number)])
        return code

    async def grid_codes(self, *, region: str, wanted: Sequence[tuple[str, str, int]]) -> list[str]:
        """The same for many at once, as (tier, division, number)."""

        def work() -> list[str | None]:
            hook = self._hook(region, "portal_grid_code")
            codes = [hook(region=region, tier=tier, division=division, number=number) for tier, division, number in wanted]
            return [None if code is None else text_of(code, longest=LONGEST_CODE) for code in codes]

        made = await self.ask(region, say("给网格编号"), work) or [None] * len(wanted)
        return [code or f"{division}{number:03d}" for code, (_, division, number) in zip(made, wanted, strict=True)]

    async def import_rows(
        self, *, region: str, rows: Sequence[Sequence[str]]
    ) -> Mapping[str, Sequence[Mapping[str, str]]] | None:
        """A district's own sheet as rows of the portal's kinds, by the region's plugin; None where it does not know it."""
        given = tuple(map(tuple, rows))

        def work() -> Mapping[str, Sequence[Mapping[str, str]]] | None:
            made = self._hook(region, "portal_import_rows")(region=region, rows=given)
            return rows_of(made, kinds=PARTS, rows=len(given), longest=LONGEST_ROWS)

        return await self.ask(region, say("读这张表"), work)

    async def ask(self, region: str, what: Text, work: Callable[[], T]) -> T | None:
        """Have a region's plugin do something; None where no plugin states the region.

        :class:`Refused` with the plugin's name where it raises, gives what was not asked for, or does not answer in time. Until a
        late answer comes it is not asked again: its thread cannot be taken from it.
        """
        name, trouble = self.owner(region), self.trouble
        if name is None:
            return None
        trouble.begin(name)

        def counted() -> T:
            try:
                return work()
            finally:
                trouble.end(name)

        try:
            return await within_while_others_go_on(self.seconds, counted)
        except TooSlowError as error:
            late = say(
                "插件“{name}”{what}时 {n} 秒没有答复，什么也没有改动；它答复以前不再问它。{way}",
                name=name,
                what=what,
                n=f"{self.seconds:g}",
                way=_ASK,
            )
            trouble.late(name, late)
            raise Refused(late) from error
        except OddError as error:
            text = say(
                "插件“{name}”{what}时给出的结果不对（{why}），什么也没有改动。{way}", name=name, what=what, why=error, way=_ASK
            )
            raise Refused(text) from error
        except BrokenError as error:
            text = say("插件“{name}”{what}时出错：{why}。什么也没有改动。{way}", name=name, what=what, why=error, way=_ASK)
            raise Refused(text) from error

    def _hook(self, region: str, hook: str) -> Callable[..., object]:
        """The hook with no other implementation than that of the region's own plugin: the others have no say, in any order."""
        owner = self.owner(region)
        others = [plugin for name, plugin in self.named.items() if name != owner]
        asked: Callable[..., object] = self.manager.subset_hook_caller(hook, remove_plugins=others)
        return asked

    def resources(self, name: str) -> Traversable:
        """The folder of the plugin's package."""
        return files(self.packages[name])

    def template_folders(self) -> Mapping[str, Path]:
        """The folder of each plugin's templates of boards, found under the plugin's own name and no other."""
        return {name: Path(str(self.resources(name))) / "templates" / name for name in self.packages}


_ASK = say("请联系部署人员改正或停用这个插件。")
_WAY = say("请改正插件，或从 portal.toml 的 plugins 中去掉它。")


def _failed(name: str, what: Text, point: EntryPoint | None = None) -> PluginError:
    """The error that names a plugin, what is wrong, whether it is of another version, and the way out."""
    return PluginError(say("插件“{name}”{what}。{version}{way}", name=name, what=what, version=_other_version(point), way=_WAY))


def _other_version(point: EntryPoint | None) -> Text | str:
    its = version_of(point)
    if point is None or its == __version__:
        return ""
    return say("它的版本是 {its}，门户是 {ours}，请先安装同版本的。", its=its or say("未知"), ours=__version__)


def version_of(point: EntryPoint | None) -> str:
    """The version of the distribution that an entry point comes from; "" where it does not say."""
    found: object = None
    if point is not None and point.dist is not None:
        with suppress(Exception):
            found = point.dist.version
    return found[:40] if isinstance(found, str) else ""


def installed() -> dict[str, EntryPoint]:
    """All plugins that are installed, by name, loaded or not."""
    return {point.name: point for point in reversed(points())}


def points() -> list[EntryPoint]:
    """The entry points of all plugins that are installed, those that claim the same name included."""
    return sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))


def load(enabled: Sequence[str], *, seconds: float = SECONDS, at: Callable[[str], None] = lambda _: None) -> Plugins:
    """Import the enabled plugins, in the order of their names so that the order in the settings never matters.

    Each is given so many ``seconds``; ``at`` is told the name of each before it is touched. Raises :class:`PluginError` that
    names the plugin and the way out.
    """
    found = installed()
    named: dict[str, Plugin] = {}
    packages: dict[str, str] = {}
    notes: list[Text] = []
    for name in sorted(set(enabled)):
        at(name)
        if name not in found:
            raise PluginError(not_installed(name, found))
        point, begun, before = _only(name), time.monotonic(), Untouched()
        try:
            plugin = within(seconds, point.load)
        except TooSlowError as error:
            raise _failed(name, say("导入时 {n} 秒没有做完", n=f"{seconds:g}"), point) from error
        except BrokenError as error:
            raise _failed(name, say("无法导入：{error}", error=error), point) from error
        if replaced := before.replaced():
            raise _failed(name, say("改动了门户本身：{names}", names="、".join(replaced[:5])), point)
        named[name] = _checked(name, plugin, point)
        if hasattr(sys.modules.get(top := point.module.partition(".")[0]), "__path__"):
            packages[name] = top
        took = time.monotonic() - begun
        if took > SLOW:
            notes.append(say("插件“{name}”用了 {n} 秒才导入，启动因此变慢。", name=name, n=f"{took:.1f}"))
        notes.extend(_left_out(name, point, packages.get(name)))
    return assemble(named, packages, seconds=seconds, notes=notes, at=at)


def _only(name: str) -> EntryPoint:
    """The entry point of this name; two installed packages that both claim it are named."""
    claims = [point for point in points() if point.name == name]
    if len(claims) > 1:
        a, b = (point.dist.name if point.dist is not None else point.value for point in claims[:2])
        raise PluginError(say("插件“{name}”由两个安装包同时提供：{a} 和 {b}。请卸载其中一个。", name=name, a=a, b=b))
    return claims[0] if claims else installed()[name]


def _left_out(name: str, point: EntryPoint, package: str | None) -> Iterator[Text]:
    """What an enabled plugin brings that has no effect, told at start."""
    brought = files(package) if package is not None else None
    for problem in useless(name, brought) if brought is not None else ():
        yield say(
            "插件“{name}”带的 {what} 不起作用：{why}，{mend}。",
            name=name,
            what=problem.where,
            why=problem.what,
            mend=problem.mend,
        )
    if version_of(point) != __version__:
        yield say("插件“{name}”与门户不是同一版本。{version}", name=name, version=_other_version(point))


def none() -> Plugins:
    """No plugin at all: what safe mode and an upgrade of the database run with."""
    return assemble({})


def assemble(
    named: Mapping[str, Plugin],
    packages: Mapping[str, str] | None = None,
    *,
    seconds: float = SECONDS,
    notes: Sequence[Text] = (),
    at: Callable[[str], None] = lambda _: None,
) -> Plugins:
    """Register plugin objects that are already at hand: what tests do with their sample region."""
    manager = pluggy.PluginManager("portal")
    manager.add_hookspecs(Specs)
    ordered = dict(sorted(named.items()))
    for name, plugin in ordered.items():
        try:
            manager.register(plugin, name=name)
            manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise _failed(name, say("的钩子写法不对：{error}", error=reason(error))) from error
    stated = dict(_stated(ordered, seconds, at))
    book = Book.of((name, region) for name, regions in stated.items() for region in regions)
    packages = dict(sorted((packages or {}).items()))
    return Plugins(MappingProxyType(ordered), MappingProxyType(packages), manager, book, seconds, tuple(notes))


def _stated(named: Mapping[str, Plugin], seconds: float, at: Callable[[str], None]) -> Iterator[tuple[str, tuple[Region, ...]]]:
    """The regions of each plugin, looked over and copied, none of them stated twice."""
    regions_of: dict[str, str] = {}
    editions_of: dict[str, str] = {}
    for name, plugin in named.items():
        at(name)
        try:
            regions, wrong = within(seconds, partial(_looked_over, plugin, name))
        except TooSlowError as error:
            raise _failed(name, say("在 portal_regions 中 {n} 秒没有做完", n=f"{seconds:g}")) from error
        except OddError as error:
            raise _failed(name, say("的 portal_regions 给出了不是方案的东西：{what}", what=error)) from error
        except BrokenError as error:
            raise _failed(name, say("在 portal_regions 中出错：{error}", error=error)) from error
        for region in regions:
            if other := regions_of.get(region.code):
                raise PluginError(
                    say("地区“{code}”由插件“{a}”和“{b}”同时声明，只能启用其中一个。", code=region.code, a=other, b=name)
                )
            regions_of[region.code] = name
            for edition in region.editions:
                if other := editions_of.get(edition.code):
                    raise PluginError(
                        say(
                            "方案版本“{code}”由插件“{a}”和“{b}”同时声明。请为其中一个另起版本编号，或只启用其中一个。",
                            code=edition.code,
                            a=other,
                            b=name,
                        )
                    )
                editions_of[edition.code] = name
        if wrong:
            raise PluginError(
                say(
                    "插件“{name}”的方案有 {n} 处问题，第一处：{first}。用 portal plugin check {name} 看全部。{way}",
                    name=name,
                    n=len(wrong),
                    first=wrong[0],
                    way=_WAY,
                )
            )
        yield name, regions


def _looked_over(plugin: Plugin, name: str) -> tuple[tuple[Region, ...], list[Problem]]:
    """A plugin's regions as our own copies, and what is wrong with them."""
    stated: object = plugin.portal_regions()
    if not isinstance(stated, Iterable):
        raise OddError(type(stated).__name__)
    regions = tuple(islice(stated, MOST_REGIONS + 1))
    if len(regions) > MOST_REGIONS:
        raise OddError(f"> {MOST_REGIONS}")
    if odd := [region for region in regions if type(region) is not Region]:
        raise OddError(type(odd[0]).__name__)
    copied = own_copy(regions)
    return copied, [problem for region in copied for problem in problems(region, name)]


def not_installed(name: str, found: Iterable[str]) -> Text:
    """What to say of a plugin that is not there, with the nearest one that is."""
    near = difflib.get_close_matches(name, list(found), n=1)
    hint = say("是不是“{name}”？", name=near[0]) if near else ""
    return say("插件“{name}”没有安装。{hint}已安装：{all}。", name=name, hint=hint, all="、".join(sorted(found)) or "无")


def _checked(name: str, plugin: object, point: EntryPoint | None = None) -> Plugin:
    if not isinstance(plugin, Plugin):
        raise _failed(name, say("的入口不是 portal.hookspecs.Plugin 的实例"), point)
    if type(plugin.api) is not int or plugin.api != API:
        its = str(plugin.api)[:20] if isinstance(plugin.api, int | str | float) else type(plugin.api).__name__
        raise _failed(name, say("是为接口版本 {its} 写的，本门户是 {ours}", its=its, ours=API), point)
    return plugin


def useless(name: str, package: Traversable) -> Iterator[Problem]:
    """What a plugin's package brings without effect: templates of others, and migrations, since the database is the portal's."""
    folder = package / "templates"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else ():
        if entry.name != name:
            what, mend = say("模板不在本插件自己的文件夹里"), say("移到 templates/{name}/ 下", name=name)
            yield Problem(f"templates/{entry.name}", what, mend)
    for entry in sorted(package.iterdir(), key=lambda entry: entry.name):
        if entry.name.removesuffix(".py") in ("migrations", "piccolo_migrations", "piccolo_app", "piccolo_conf"):
            yield Problem(entry.name, say("插件不能带数据库升级，门户不会执行它"), say("去掉它"))
