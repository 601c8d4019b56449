"""A plugin that stayed behind when the portal was upgraded, or ran ahead of it: named with both versions, and no crash at start."""

import itertools
import sys
from pathlib import Path

import pytest

from portal import __version__
from portal.errors import PluginError
from portal.plugin_kit.checking import check
from portal.plugins import load

OUT = "从 portal.toml 的 plugins 中去掉它"
# What the plugin says of the hooks that it was written for
APIS = {"not said": "", "1": "api = 1", "0": "api = 0", "2": "api = 2", "in words": 'api = "1"'}
# What its distribution says of itself; None says nothing
VERSIONS = {"same": __version__, "older": "0.0.9", "newer": "9.9.9", "none": None}


def install(folder: Path, version: str | None, body: str, *, before: str = "") -> None:
    package = folder / "portal_stale"
    package.mkdir()
    (package / "__init__.py").write_text(
        f"{before}\nfrom portal.hookspecs import Plugin\nclass Stale(Plugin):\n    {body or 'pass'}\n    def portal_regions(self): return ()\nplugin = Stale()\n"
    )
    info = folder / "portal_stale-0.dist-info"
    info.mkdir()
    said = f"Version: {version}\n" if version is not None else ""
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: portal-stale\n{said}")
    (info / "entry_points.txt").write_text("[portal.plugins]\nstale = portal_stale:plugin\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "portal_stale", raising=False)
    return tmp_path


@pytest.mark.parametrize(("api", "version"), list(itertools.product(APIS, VERSIONS)))
def test_every_combination_of_versions_is_told_plainly(site: Path, api: str, version: str) -> None:
    install(site, VERSIONS[version], APIS[api])
    its = VERSIONS[version] or "未知"
    fits, same = api in ("not said", "1"), version == "same"
    if fits:
        made = load(["stale"])
        assert made.book.schemes == ()
        # Not that it took its time, on a machine that is busy
        notes = [note for note in made.notes if "“stale”" in note and "版本" in note]
        assert bool(notes) is not same
        assert same or (f"它的版本是 {its}，门户是 {__version__}，请先安装同版本的" in notes[0])
        assert [problem.what for problem in check("stale")] == ([] if same else [f"版本是 {its}，门户是 {__version__}"])
        return
    with pytest.raises(PluginError) as refused:
        load(["stale"])
    text = refused.value.text
    assert "插件“stale”是为接口版本" in text
    assert "本门户是 1" in text
    assert OUT in text
    assert (f"它的版本是 {its}" in text) is not same


@pytest.mark.parametrize(
    "before",
    [
        "from portal.scheme.words import AWordThatCameLater",
        "from portal.scheme import a_room_that_went",
        "from portal.terms import say\nsay(nothing=1)",
    ],
)
def test_a_word_that_came_later_or_went_is_told_with_both_versions(site: Path, before: str) -> None:
    install(site, "0.0.9", "", before=before)
    with pytest.raises(PluginError) as refused:
        load(["stale"])
    assert "插件“stale”无法导入：" in refused.value.text
    assert f"它的版本是 0.0.9，门户是 {__version__}，请先安装同版本的" in refused.value.text
    assert OUT in refused.value.text
