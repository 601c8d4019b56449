"""``portal plugin check``: the contract that every plugin keeps, each breach with the line to mend."""

import ast
import importlib
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from portal import __version__
from portal.containment import BrokenError, TooSlowError, within
from portal.errors import SetupError
from portal.hookspecs import Plugin
from portal.plugin_kit import clashes, examples, mishaps
from portal.plugin_kit.findings import Finding
from portal.plugin_kit.lines import Lines, Place, sources
from portal.plugins import API, GROUP, SECONDS, not_installed, points, useless, version_of
from portal.scheme.checks import findings
from portal.scheme.words import Region
from portal.terms import say

T = TypeVar("T")
ALLOWED_IMPORTS = ("portal.scheme", "portal.hookspecs", "portal.terms")


@dataclass(frozen=True)
class CheckedPlugin:
    """A plugin to check: its entry point, where its package is, and what its distribution says."""

    point: EntryPoint
    package: Path
    version: str | None
    project: Path | None
    others: tuple[EntryPoint, ...]

    @property
    def name(self) -> str:
        """What it is called in the settings."""
        return self.point.name

    @property
    def module(self) -> str:
        """Its package."""
        return self.point.module.partition(".")[0]


def check(target: str, among: Sequence[EntryPoint] | None = None) -> list[Finding]:
    """Everything that is wrong with an installed plugin, or with those in a folder; errors first.

    ``among`` are all plugins that are installed. Raises :class:`SetupError` where there is no plugin to check.
    """
    known = tuple(points() if among is None else among)
    found: list[Finding] = []
    for subject in _subjects(target, known):
        with importable(subject.module, subject.package.parent):
            found += _checked(subject)
    return sorted(dict.fromkeys(found), key=lambda one: (one.hint, one.place is None, _order(one.place)))


def errors(target: str) -> list[str]:
    """The errors alone, as sentences: what a plugin's own test expects to be none."""
    return [str(one) for one in check(target) if not one.hint]


def _order(place: Place | None) -> tuple[str, int]:
    return (place.file, place.line or 0) if place else ("", 0)


# What there is to check


def _subjects(target: str, known: tuple[EntryPoint, ...]) -> list[CheckedPlugin]:
    named = {point.name: point for point in known}
    folder = Path(target)
    if target in named and not (folder / "pyproject.toml").is_file():
        return [_installed(named[target], known)]
    if folder.is_dir():
        return _in_folder(folder.resolve(), known)
    if target in named:
        return [_installed(named[target], known)]
    raise SetupError(not_installed(target, named))


def _installed(point: EntryPoint, known: tuple[EntryPoint, ...]) -> CheckedPlugin:
    spec = find_spec(point.module.partition(".")[0])
    if spec is None or spec.origin is None:
        raise SetupError(say("插件“{name}”登记的包 {package} 找不到。", name=point.name, package=point.module))
    package = Path(spec.origin).parent
    project = package.parent / "pyproject.toml"
    others = tuple(other for other in known if other is not point)
    return CheckedPlugin(
        point, package, version_of(point) if point.dist else None, project if project.is_file() else None, others
    )


def _in_folder(folder: Path, known: tuple[EntryPoint, ...]) -> list[CheckedPlugin]:
    project = folder / "pyproject.toml"
    if not project.is_file():
        raise SetupError(say("{folder} 里没有 pyproject.toml，不是一个插件。", folder=folder))
    try:
        told = tomllib.loads(project.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(say("{file} 读不懂：{error}", file=project, error=error)) from error
    entries = told.get("project", {}).get("entry-points", {}).get(GROUP, {})
    if not entries:
        raise SetupError(say('{file} 里没有 [project.entry-points."{group}"]，门户找不到插件。', file=project, group=GROUP))
    found = []
    for name, value in entries.items():
        point = EntryPoint(name, value, GROUP)
        module = point.module.partition(".")[0]
        package = next((at / module for at in (folder, folder / "src") if (at / module / "__init__.py").is_file()), None)
        if package is None:
            raise SetupError(say("{folder} 里没有入口所写的包 {package}/__init__.py。", folder=folder, package=module))
        others = tuple(other for other in known if not (other.dist and other.dist.name == told["project"].get("name")))
        found.append(CheckedPlugin(point, package, told["project"].get("version"), project, others))
    return found


@contextmanager
def importable(package: str, folder: Path) -> Iterator[None]:
    """``package`` is imported from ``folder``, and no other of its name; afterwards all is as before."""

    def loaded() -> dict[str, ModuleType]:
        return {name: module for name, module in sys.modules.items() if name.partition(".")[0] == package}

    before = loaded()
    for name in before:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in loaded():
            del sys.modules[name]
        sys.modules.update(before)


# The check


def _checked(subject: CheckedPlugin) -> list[Finding]:
    texts, found = sources(subject.package), [*_version(subject), *_folders(subject)]
    broken = [finding for file, text in texts.items() if (finding := mishaps.syntax(file, text))]
    if broken:
        return found + broken
    found += _imports(subject, texts)
    plugin = _guarded(subject, subject.point.load)
    if isinstance(plugin, Finding):
        return [*found, plugin]
    unfit = _unfit(subject, plugin)
    if unfit:
        return [*found, unfit]
    regions = _guarded(subject, lambda: _regions(plugin))
    if isinstance(regions, Finding):
        return [*found, regions]
    modules = {file: vars(module) for file in texts if (module := sys.modules.get(_module(file))) is not None}
    lines = Lines(texts, modules)
    for region in regions:
        for one in findings(region, subject.name):
            place = lines.of(one.rule, one.field) if one.rule is not None else None
            found.append(Finding(place=place, where=one.where, what=one.what, mend=one.mend, hint=one.hint))
    found += examples.check(subject.package, regions)
    found += clashes.check(subject.point, plugin, regions, subject.others, lines)
    return found


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _regions(plugin: Plugin) -> tuple[Region, ...]:
    regions = tuple(plugin.portal_regions())
    for region in regions:
        if not isinstance(region, Region):
            raise TypeError(say("portal_regions 要给出 Region，给了 {what}", what=type(region).__name__))
    return regions


def _guarded(subject: CheckedPlugin, work: Callable[[], T]) -> T | Finding:
    """What the plugin gives, or the finding that says where it failed."""
    try:
        return within(SECONDS, work)
    except TooSlowError:
        what = say("{n} 秒没有做完", n=f"{SECONDS:g}")
        mend = say("导入和 portal_regions 里不要等待、下载或大量计算")
        return Finding(place=Place(f"{subject.module}/__init__.py"), where=subject.name, what=what, mend=mend)
    except BrokenError as error:
        return mishaps.mishap(error.__cause__ or error, subject.package)


def _unfit(subject: CheckedPlugin, plugin: object) -> Finding | None:
    place = Place(f"{subject.module}/__init__.py")
    if not isinstance(plugin, Plugin):
        what = say("入口 {entry} 不是 portal.hookspecs.Plugin 的实例", entry=subject.point.value)
        mend = say("写一个 Plugin 的子类，再写 plugin = 类名()，入口写 包名:plugin")
        return Finding(place=place, where=subject.name, what=what, mend=mend)
    if type(plugin.api) is not int or plugin.api != API:
        what = say("是为接口版本 {its} 写的，本门户是 {ours}", its=plugin.api, ours=API)
        return Finding(place=place, where=subject.name, what=what, mend=say("安装与门户配套的版本"))
    return None


def _version(subject: CheckedPlugin) -> Iterator[Finding]:
    if subject.version is not None and subject.version != __version__:
        line = None
        if subject.project is not None:
            text = subject.project.read_text(encoding="utf-8").splitlines()
            line = next((n for n, one in enumerate(text, 1) if one.replace(" ", "").startswith("version=")), None)
        what = say("版本是 {its}，门户是 {ours}", its=subject.version or say("未知"), ours=__version__)
        mend = say("安装与门户同版本的插件；自己写的，把版本和依赖都改成 {ours}", ours=__version__)
        yield Finding(place=Place("pyproject.toml", line), where=subject.name, what=what, mend=mend)


def _folders(subject: CheckedPlugin) -> Iterator[Finding]:
    for one in useless(subject.name, subject.package):
        yield Finding(place=Place(f"{subject.module}/{one.where}"), where=subject.name, what=one.what, mend=one.mend)


def _imports(subject: CheckedPlugin, texts: Mapping[str, str]) -> Iterator[Finding]:
    mend = say("插件只可使用 {all}", all="、".join(ALLOWED_IMPORTS))
    for file, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                modules = [f"portal.{alias.name}" for alias in node.names] if node.module == "portal" else [node.module]
            for module in modules:
                inside = module == "portal" or module.startswith("portal.")
                if inside and not any(module == ok or module.startswith(ok + ".") for ok in ALLOWED_IMPORTS):
                    place = Place(file, getattr(node, "lineno", None))
                    yield Finding(place=place, where=subject.name, what=say("导入了 {module}", module=module), mend=mend)
