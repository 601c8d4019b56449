"""Finds, loads and checks plugins, and asks them. Only enabled ones are imported; a plugin that fails is named."""

import ast
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import pluggy

from portal import __version__
from portal.errors import SetupError
from portal.hookspecs import Plugin, Specs
from portal.scheme.book import Book
from portal.scheme.checks import Problem, problems
from portal.scheme.words import Region
from portal.terms import Text, say

GROUP = "portal.plugins"
API = 1
ALLOWED_IMPORTS = ("portal.scheme", "portal.hookspecs", "portal.terms")


@dataclass(frozen=True)
class Plugins:
    """The enabled plugins of one running portal; passed in, never a global."""

    named: Mapping[str, Plugin]
    packages: Mapping[str, str]
    manager: pluggy.PluginManager
    book: Book

    def grid_code(self, *, region: str, tier: str, division: str, number: int) -> str:
        """The code of a new grid: the first plugin that numbers this region's grids decides, else division and number."""
        code = self.manager.hook.portal_grid_code(region=region, tier=tier, division=division, number=number)
        return code or f"{division}{number:03d}"

    def import_rows(self, *, region: str, rows: Sequence[Sequence[str]]) -> Mapping[str, Sequence[Mapping[str, str]]] | None:
        """A district's own sheet as rows of the portal's kinds: of the first plugin that knows it, or None."""
        found: Mapping[str, Sequence[Mapping[str, str]]] | None = self.manager.hook.portal_import_rows(region=region, rows=rows)
        return found

    def resources(self, name: str) -> Traversable:
        """The folder of the plugin's package."""
        return files(self.packages[name])

    def template_folders(self) -> list[Path]:
        """The folders of templates that the plugins may bring, in their order."""
        return [Path(str(self.resources(name))) / "templates" for name in self.packages]


def installed() -> dict[str, EntryPoint]:
    """All plugins that are installed, by name, loaded or not."""
    return {point.name: point for point in entry_points(group=GROUP)}


def load(enabled: Sequence[str]) -> Plugins:
    """Import the enabled plugins, in the order of their names so that the order in the settings never matters.

    Raises :class:`SetupError` that names the plugin and the way out.
    """
    found = installed()
    named: dict[str, Plugin] = {}
    packages: dict[str, str] = {}
    for name in sorted(set(enabled)):
        if name not in found:
            raise SetupError(_not_installed(name, found))
        try:
            plugin = found[name].load()
        except Exception as error:
            raise SetupError(
                say("插件“{name}”无法导入：{error}。请改正插件，或从 portal.toml 的 plugins 中去掉它。", name=name, error=error)
            ) from error
        named[name] = _checked(name, plugin)
        packages[name] = found[name].module.partition(".")[0]
    return assemble(named, packages)


def assemble(named: Mapping[str, Plugin], packages: Mapping[str, str] | None = None) -> Plugins:
    """Register plugin objects that are already at hand: what tests do with their sample region."""
    manager = pluggy.PluginManager("portal")
    manager.add_hookspecs(Specs)
    for name, plugin in named.items():
        manager.register(plugin, name=name)
    manager.check_pending()
    book = Book.of(_regions(named))
    return Plugins(dict(named), dict(packages or {}), manager, book)


def _regions(named: Mapping[str, Plugin]) -> Iterator[tuple[str, Region]]:
    owners: dict[str, str] = {}
    for name, plugin in named.items():
        try:
            regions = tuple(plugin.portal_regions())
        except Exception as error:
            raise SetupError(say("插件“{name}”在 portal_regions 中出错：{error}", name=name, error=error)) from error
        for region in regions:
            if other := owners.get(region.code):
                raise SetupError(
                    say("地区“{code}”由插件“{a}”和“{b}”同时声明，只能启用其中一个。", code=region.code, a=other, b=name)
                )
            owners[region.code] = name
            if wrong := problems(region, name):
                raise SetupError(
                    say(
                        "插件“{name}”的方案有 {n} 处问题，第一处：{first}。用 portal plugin check {name} 看全部。",
                        name=name,
                        n=len(wrong),
                        first=wrong[0],
                    )
                )
            yield name, region


def _not_installed(name: str, found: Iterable[str]) -> Text:
    near = difflib.get_close_matches(name, list(found), n=1)
    hint = say("是不是“{name}”？", name=near[0]) if near else ""
    return say("插件“{name}”没有安装。{hint}已安装：{all}。", name=name, hint=hint, all="、".join(sorted(found)) or "无")


def _checked(name: str, plugin: object) -> Plugin:
    if not isinstance(plugin, Plugin):
        raise SetupError(say("插件“{name}”的入口不是 portal.hookspecs.Plugin 的实例。", name=name))
    if plugin.api != API:
        raise SetupError(
            say("插件“{name}”是为接口版本 {its} 写的，本门户是 {ours}。请安装配套版本。", name=name, its=plugin.api, ours=API)
        )
    return plugin


def check(name: str) -> list[Problem]:
    """The contract that every region keeps: its rules, its imports, its version, its templates.

    Raises :class:`SetupError` where the plugin cannot be loaded at all.
    """
    found = installed()
    if name not in found:
        raise SetupError(_not_installed(name, found))
    point = found[name]
    try:
        plugin = _checked(name, point.load())
    except SetupError:
        raise
    except Exception as error:
        raise SetupError(say("插件“{name}”无法导入：{error}", name=name, error=error)) from error
    wrong: list[Problem] = []
    if point.dist is not None and point.dist.version != __version__:
        what = say("版本是 {its}，门户是 {ours}", its=point.dist.version, ours=__version__)
        wrong.append(Problem(f"{name} pyproject.toml", what, say("安装与门户同版本的插件")))
    package = files(point.module.partition(".")[0])
    wrong.extend(_imports(name, package))
    wrong.extend(_templates(name, package))
    for region in plugin.portal_regions():
        wrong.extend(problems(region, name))
    return wrong


def _sources(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".py"):
            yield prefix + entry.name, entry.read_text(encoding="utf-8")


def _imports(name: str, package: Traversable) -> Iterator[Problem]:
    mend = say("插件只可使用 {all}", all="、".join(ALLOWED_IMPORTS))
    for path, source in _sources(package):
        for node in ast.walk(ast.parse(source)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                modules = [node.module]
                if node.module == "portal":
                    modules = [f"portal.{alias.name}" for alias in node.names]
            for module in modules:
                inside = module == "portal" or module.startswith("portal.")
                if inside and not any(module == ok or module.startswith(ok + ".") for ok in ALLOWED_IMPORTS):
                    where = f"{name} {path}:{getattr(node, 'lineno', 0)}"
                    yield Problem(where, say("导入了 {module}", module=module), mend)


def _templates(name: str, package: Traversable) -> Iterator[Problem]:
    folder = package / "templates"
    if folder.is_dir():
        for entry in folder.iterdir():
            if entry.name != name:
                what, mend = say("模板不在本插件自己的文件夹里"), say("移到 templates/{name}/ 下", name=name)
                yield Problem(f"{name} templates/{entry.name}", what, mend)
