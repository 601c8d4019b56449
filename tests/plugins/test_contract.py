"""What every region keeps, and what the portal says of a plugin that cannot be used."""

import sys
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from portal import plugins
from portal.errors import SetupError
from portal.hookspecs import Plugin
from portal.plugin_kit.checking import check
from portal.plugins import assemble, load
from portal.scheme.words import Clause
from tests import sample_region
from tests.plugins.conftest import REGIONS

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", REGIONS)
def test_a_region_keeps_the_contract(name: str) -> None:
    """Without a hint either: what a check would have somebody look at twice, the region states."""
    assert check(name) == []


@pytest.mark.parametrize("name", REGIONS)
def test_a_region_copies_nothing_of_its_policy_document(name: str, regions) -> None:
    """Each clause is told in our words: shorter than a sentence of law, and it names where it stands."""
    for clause in regions.book.regions[name].clauses:
        assert isinstance(clause, Clause)
        assert 4 <= len(clause.gist) <= 160, clause.id
        assert clause.at.strip(), clause.id


@pytest.mark.parametrize("name", REGIONS)
def test_a_region_ships_an_example_with_its_source_named(name: str, regions) -> None:
    folder = regions.resources(name) / "example"
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert "示例" in text
    assert "来源" in text or "source" in text.lower()
    for table in ("divisions", "units", "grids"):
        assert (folder / f"{table}.csv").read_text(encoding="utf-8").count("\n") > 1


def test_the_order_of_the_settings_changes_nothing() -> None:
    assert list(load(REGIONS).named) == list(load(REGIONS[::-1]).named) == sorted(REGIONS)


def test_the_core_runs_without_any_region() -> None:
    assert load(()).book.schemes == ()


# Plugins that cannot be used: named, with the way out


def found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, name: str = "broken") -> None:
    """Install a plugin of this source, for the length of a test."""
    package = tmp_path / f"portal_{name}"
    package.mkdir()
    (package / "__init__.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    point = EntryPoint(name, f"portal_{name}:plugin", plugins.GROUP)
    monkeypatch.setattr(plugins, "installed", lambda: {name: point})
    monkeypatch.delitem(sys.modules, f"portal_{name}", raising=False)


def test_a_plugin_that_is_not_installed_is_named_with_the_nearest_one() -> None:
    with pytest.raises(
        SetupError, match=r"“wuzhon”没有安装。是不是“wuzhong”？已安装：changzhou、lishui、shandong、tianjin、wuzhong"
    ):
        load(["wuzhon"])


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nowhere_at_all", "“broken”无法导入：No module named 'nowhere_at_all'.*plugins 中去掉"),
        ("plugin = object()", "“broken”的入口不是"),
        ("def (", "“broken”无法导入"),
        ("x = 1", "“broken”无法导入"),
        ("from portal.hookspecs import Plugin\nclass P(Plugin):\n    api = 99\nplugin = P()", "接口版本 99 写的，本门户是 1"),
        (
            "from portal.hookspecs import Plugin\nclass P(Plugin):\n    def portal_region(self): ...\nplugin = P()",
            "portal_region is not a hook",
        ),
        (
            "from portal.hookspecs import Plugin\nclass P(Plugin):\n    def portal_regions(self): return 1 / 0\nplugin = P()",
            "“broken”在 portal_regions 中出错：division by zero",
        ),
    ],
)
def test_a_plugin_that_fails_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, said: str) -> None:
    found(monkeypatch, tmp_path, source)
    with pytest.raises(SetupError, match=said):
        load(["broken"])


def test_two_plugins_that_state_the_same_region_are_named() -> None:
    class Other(Plugin):
        def portal_regions(self):
            return sample_region.plugin.portal_regions()

    with pytest.raises(SetupError, match=r"“sample”由插件“first”和“second”同时声明"):
        assemble({"first": sample_region.plugin, "second": Other()})


def test_a_region_with_a_mistake_does_not_start() -> None:
    (sample,) = sample_region.plugin.portal_regions()

    class Broken(Plugin):
        def portal_regions(self):
            return (replace(sample, editions=()),)

    with pytest.raises(SetupError, match=r"“x”的方案有 1 处问题，第一处：sample：没有任何版本.*portal plugin check x"):
        assemble({"x": Broken()})


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("from portal.web import forms", "导入了 portal.web"),
        ("import portal.storage.engine", "导入了 portal.storage.engine"),
        ("from portal import boards", "导入了 portal.boards"),
    ],
)
def test_a_plugin_that_reaches_into_the_house_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, said: str
) -> None:
    source += "\nfrom portal.hookspecs import Plugin\nclass P(Plugin):\n    def portal_regions(self): return ()\nplugin = P()"
    found(monkeypatch, tmp_path, source)
    (problem,) = check("broken", [EntryPoint("broken", "portal_broken:plugin", plugins.GROUP)])
    assert said in str(problem)
    assert str(problem.place) == "portal_broken/__init__.py:1"
    assert "portal.scheme、portal.hookspecs、portal.terms" in problem.mend


def test_templates_of_a_plugin_stay_in_its_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found(
        monkeypatch,
        tmp_path,
        "from portal.hookspecs import Plugin\nclass P(Plugin):\n    def portal_regions(self): return ()\nplugin = P()",
    )
    (tmp_path / "portal_broken/templates/layouts").mkdir(parents=True)
    (problem,) = check("broken", [EntryPoint("broken", "portal_broken:plugin", plugins.GROUP)])
    assert str(problem.place) == "portal_broken/templates/layouts"


@pytest.mark.parametrize("name", REGIONS)
def test_a_region_is_a_distribution_of_its_own(name: str) -> None:
    """Same version as the portal and pinned to it; found by entry point only."""
    import tomllib

    own = tomllib.loads((ROOT / f"plugins/{name}/pyproject.toml").read_text())["project"]
    core = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert own["version"] == core["version"]
    assert own["dependencies"] == [f"portal-core=={core['version']}"]
    assert own["entry-points"]["portal.plugins"] == {name: f"portal_{name}:plugin"}
