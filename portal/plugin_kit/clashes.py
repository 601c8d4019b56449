"""What two plugins both claim: their names, packages, regions, editions, and who answers for a region."""

from collections.abc import Iterator, Sequence
from functools import partial
from importlib.metadata import EntryPoint

from portal.containment import BrokenError, TooSlowError, within
from portal.hookspecs import Plugin
from portal.plugin_kit.findings import Finding
from portal.plugin_kit.lines import Lines
from portal.plugins import SECONDS
from portal.scheme.words import Edition, Region, Tier, rules_of
from portal.terms import say

DIVISION = "990101001"


def check(
    point: EntryPoint, plugin: Plugin, regions: Sequence[Region], others: Sequence[EntryPoint], lines: Lines
) -> Iterator[Finding]:
    """Every clash between this plugin and the others, naming both."""
    owners: dict[str, tuple[Region, str]] = {}
    for region in regions:
        yield from _numbering(plugin, region, lines)
        for edition in region.editions:
            yield from _edition(region, edition, point.name, owners, lines)
    for other in others:
        yield from _names(point, other)
        theirs, its = _load(other)
        if theirs is None:
            what = say("插件“{other}”无法导入，没有与它比对", other=other.name)
            mend = say("先改正或卸载“{other}”", other=other.name)
            yield Finding(place=None, where=point.name, what=what, mend=mend, hint=True)
            continue
        codes = {region.code for region in its}
        for region in regions:
            if region.code in codes:
                what = say("地区“{code}”由插件“{a}”和“{b}”同时声明", code=region.code, a=point.name, b=other.name)
                yield Finding(
                    place=lines.of(region, "code"), where=region.code, what=what, mend=say("只能启用其中一个，或改代码")
                )
        for region in its:
            for edition in region.editions if region.code not in {one.code for one in regions} else ():
                yield from _edition(region, edition, other.name, owners, lines)
            yield from _answers(point.name, plugin, other.name, region)
        for region in regions:
            yield from _answers(other.name, theirs, point.name, region)


def _numbering(plugin: Plugin, region: Region, lines: Lines) -> Iterator[Finding]:
    """A numbering rule has to know every tier that the region states."""
    for tier in {tier.code: tier for edition in region.editions for tier in rules_of(Tier, edition.rules)}.values():
        try:
            code = within(SECONDS, partial(plugin.portal_grid_code, region.code, tier.code, DIVISION, 1))
        except (BrokenError, TooSlowError) as error:
            what = say("portal_grid_code 给“{tier}”的网格编号时出错：{error}", tier=tier.name, error=_mishap(error))
        else:
            if code is None or (isinstance(code, str) and code.strip()):
                continue
            what = say("portal_grid_code 给“{tier}”的网格编号是 {code}", tier=tier.name, code=repr(code))
        mend = say("每一层都给一个编号；不编的层返回 None，由门户编号")
        yield Finding(place=lines.of(tier), where=region.code, what=what, mend=mend)


def _names(point: EntryPoint, other: EntryPoint) -> Iterator[Finding]:
    if point.name == other.name:
        a, b = _dist(point), _dist(other)
        what = say("“{a}”和“{b}”两个安装包里的插件都叫“{name}”", a=a, b=b, name=point.name)
        yield Finding(place=None, where=point.name, what=what, mend=say("改名，或卸载其中一个"))
    elif point.module.partition(".")[0] == other.module.partition(".")[0]:
        package = point.module.partition(".")[0]
        what = say("插件“{a}”和“{b}”用同一个包 {package}", a=point.name, b=other.name, package=package)
        yield Finding(place=None, where=point.name, what=what, mend=say("每个插件用自己的包"))


def _dist(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _load(point: EntryPoint) -> tuple[Plugin | None, tuple[Region, ...]]:
    try:
        plugin = within(SECONDS, point.load)
        regions = within(SECONDS, lambda: tuple(plugin.portal_regions()))
    except (BrokenError, TooSlowError):
        return None, ()
    fit = isinstance(plugin, Plugin) and all(isinstance(region, Region) for region in regions)
    return (plugin, regions) if fit else (None, ())


def _edition(
    region: Region, edition: Edition, plugin: str, owners: dict[str, tuple[Region, str]], lines: Lines
) -> Iterator[Finding]:
    other, its = owners.setdefault(edition.code, (region, plugin))
    if other.code != region.code:
        what = say(
            "版本代码由地区“{a}”（插件“{pa}”）和“{b}”（插件“{pb}”）同时使用", a=other.code, pa=its, b=region.code, pb=plugin
        )
        place = lines.of(edition, "code") or next(
            (lines.of(one, "code") for one in other.editions if one.code == edition.code), None
        )
        yield Finding(
            place=place, where=edition.code, what=what, mend=say("版本代码以地区代码开头，例如 {code}-2026", code=region.code)
        )


def _answers(name: str, plugin: Plugin, owner: str, region: Region) -> Iterator[Finding]:
    """A hook that also answers for another plugin's region decides there by accident."""
    for hook, ask in (("portal_grid_code", _numbers), ("portal_import_rows", _reads)):
        try:
            answered = within(SECONDS, partial(ask, plugin, region))
        except (BrokenError, TooSlowError) as error:
            what = say(
                "插件“{name}”的 {hook} 对插件“{owner}”的地区“{code}”出错：{error}",
                name=name,
                hook=hook,
                owner=owner,
                code=region.code,
                error=_mishap(error),
            )
        else:
            if not answered:
                continue
            what = say(
                "插件“{name}”的 {hook} 也替插件“{owner}”的地区“{code}”作答", name=name, hook=hook, owner=owner, code=region.code
            )
        mend = say("先看 region，不是自己的地区就返回 None")
        yield Finding(place=None, where=name, what=what, mend=mend)


def _numbers(plugin: Plugin, region: Region) -> bool:
    """Whether the plugin gives a code to any grid of the region."""
    tiers = sorted({tier.code for edition in region.editions for tier in rules_of(Tier, edition.rules)})
    return any(plugin.portal_grid_code(region.code, tier, DIVISION, 1) is not None for tier in tiers)


def _reads(plugin: Plugin, region: Region) -> bool:
    """Whether the plugin takes an empty sheet for one of the region's own."""
    return bool(plugin.portal_import_rows(region.code, ()))


def _mishap(error: BrokenError | TooSlowError) -> str:
    if isinstance(error, TooSlowError):
        return say("{n} 秒没有做完", n=f"{SECONDS:g}")
    return f"{type(error.__cause__).__name__}: {error}"
