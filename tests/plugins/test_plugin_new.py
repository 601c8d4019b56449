"""A new plugin is sound as it stands: the check, its own test, and a board from a portal that runs it."""

import importlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner

from portal.app import ready
from portal.boards.actions import issue
from portal.boards.decoding import codes_in
from portal.boards.printing import pdf
from portal.call import Call, Portal
from portal.cli import main
from portal.demo.register import DemoRegion, faces, folders
from portal.errors import SetupError
from portal.plugin_kit.checking import check, importable
from portal.plugin_kit.writing import new
from portal.plugins import Plugins, assemble
from portal.scheme.book import Book
from portal.scheme.words import Kind
from portal.viewer import SYSTEM
from tests.conftest import empty, running

ROOT = Path(__file__).parent.parent.parent


def test_a_new_plugin_is_sound_without_a_hint(tmp_path: Path) -> None:
    made = new("quay_side", tmp_path, region="quay", title="示例码头")
    assert made == tmp_path / "portal-quay-side"
    assert [str(one) for one in check(str(made))] == []
    with importable("portal_quay_side", made):
        (region,) = importlib.import_module("portal_quay_side").plugin.portal_regions()
    scheme = Book.of([("quay_side", region)]).with_id("quay-2026")
    assert scheme is not None
    # Two offices outside: discipline inspection, and justice for arbitrary checks
    (topic,) = [one for one in scheme.topics(Kind.COMPLAINT) if one.outside is not None]
    ends = {topic.outside, scheme.routes[Kind.COMPLAINT].else_outside}
    assert {unit.code for unit in scheme.units.values() if unit.outside} == ends == {"justice", "discipline"}
    example = (made / "portal_quay_side/example/units.csv").read_text()
    assert all(f"\n{kind}," in example for kind in ends)
    written = {
        path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    assert written == {
        "pyproject.toml",
        "README.md",
        "tests/test_quay_side.py",
        "portal_quay_side/py.typed",
        *(f"portal_quay_side/{name}.py" for name in ("__init__", "clauses", "scheme")),
        *(f"portal_quay_side/example/{name}" for name in ("README.md", "divisions.csv", "grids.csv", "units.csv")),
    }


def test_its_own_test_passes(tmp_path: Path) -> None:
    made = new("quay", tmp_path)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "pytest"],
        cwd=made,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(made), str(ROOT)]), "PYTEST_ADDOPTS": ""},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 passed" in ran.stdout
    assert "QUAY-2" in (made / "var/proofs.json").read_text()


@pytest.fixture
def quay(tmp_path: Path) -> Iterator[Plugins]:
    """A new plugin, found by its entry point as if it were installed."""
    made = new("quay", tmp_path, title="示例码头")
    with importable("portal_quay", made):
        yield assemble({"quay": importlib.import_module("portal_quay").plugin}, {"quay": "portal_quay"})


@pytest_asyncio.fixture
async def harbour_portal(database, settings, quay, workshop, clock) -> AsyncIterator[Portal]:
    """A portal that runs the new plugin."""
    made = await running(database, replace(settings, plugins=("quay",)), quay, workshop)
    await ready(Call(made, SYSTEM, clock()))
    yield made
    await empty(database)


async def test_the_demo_fills_its_register_and_a_board_of_an_example_enterprise_is_printed(harbour_portal: Portal, clock) -> None:
    call = Call(harbour_portal, SYSTEM, clock())
    ((scheme, folder),) = folders(call)
    example = DemoRegion(call, scheme, folder, (await faces(call))[:4], wanted=8)
    await example.fill(lambda *_: None)
    rows = await call.db.rows(
        "select e.public_id, pl.grid from enterprise e join placement pl on pl.enterprise = e.id and pl.until is null"
    )
    assert len(rows) == 8
    assert all(row["grid"] is not None for row in rows)
    held = "select e.public_id from enterprise e join placement pl on pl.enterprise = e.id join appointment a on a.grid = pl.grid"
    code = await issue(call, "enterprise", await call.db.value(f"{held} limit 1"))
    document = await pdf(call, code, "A3")
    assert document.startswith(b"%PDF")
    assert [one.upper() for one in codes_in(document)] == [f"{harbour_portal.settings.address}/B/{code}".upper()]


@pytest.mark.parametrize("name", ["Quay", "2quay", "quay-side", "码头", "", "q", "class", "a" * 40, "../quay", "quay.x"])
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetupError, match="不能作插件名"):
        new(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_taken_or_there_already_is_refused_and_nothing_is_overwritten(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="“wuzhong”已经安装"):
        new("wuzhong", tmp_path)
    (tmp_path / "portal-quay").mkdir()
    (tmp_path / "portal-quay/mine.txt").write_text("示例")
    with pytest.raises(SetupError, match="已经存在，没有改动它"):
        new("quay", tmp_path)
    assert [path.name for path in (tmp_path / "portal-quay").iterdir()] == ["mine.txt"]
    with pytest.raises(SetupError, match="没有文件夹"):
        new("quay", tmp_path / "nowhere")
    with pytest.raises(SetupError, match="不能作地区代码"):
        new("pier", tmp_path, region="Pier 1")
    for title in ('示例"码头', "示例，码头,", "{title}", "$title", "两 字", ""):
        with pytest.raises(SetupError, match="不能作地区名称") if title else pytest.raises(SetupError, match="已经存在"):
            new("pier" if title else "quay", tmp_path, title=title)
    assert not (tmp_path / "portal-pier").exists()


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["plugin", "new", "quay", "--dir", str(tmp_path), "--title", "示例码头"], terminal_width=500
    )
    assert result.exit_code == 0, result.output
    told = result.output.replace("\n", "")
    for step in ("portal plugin check", "pip install -e", "portal.toml", "portal demo"):
        assert step in told
    assert "示例码头" in (tmp_path / "portal-quay/portal_quay/scheme.py").read_text()
    again = CliRunner().invoke(main, ["plugin", "new", "quay", "--dir", str(tmp_path)])
    assert again.exit_code == 1
    assert "已经存在" in again.output
