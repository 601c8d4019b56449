"""Finds and loads plugins, and asks them. Only enabled ones are imported; a plugin that fails is named."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import pluggy

from portal.errors import SetupError
from portal.hookspecs import Plugin, Specs
from portal.scheme.book import Book
from portal.scheme.checks import problems
from portal.scheme.words import Region
from portal.terms import Text, say

GROUP = "portal.plugins"
API = 1


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
            raise SetupError(not_installed(name, found))
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


def not_installed(name: str, found: Iterable[str]) -> Text:
    """What to say of a plugin that is not there, with the nearest one that is."""
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
