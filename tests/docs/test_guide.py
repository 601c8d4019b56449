"""The guide to writing a region is followed: every block of it is run, or checked, in the order in which a reader meets them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import jinja2
import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.hookspecs import PARTS
from portal.imports.importable import KINDS
from portal.plugin_kit.checking import check
from portal.scheme.book import Scheme
from portal.settings import Settings
from tests.docs.guide import BLOCKS, TEXT, blocks, followed
from tests.sample_region.scheme import SAMPLE
from tests.test_architecture import ROOT

CHECKED = {"python", "toml", "csv", "sh", "html", "text"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who follows the guide to its end."""
    folder = tmp_path_factory.mktemp("reader")
    followed(folder)
    return folder


def test_no_block_is_left_out() -> None:
    assert {block.language for block in BLOCKS} == CHECKED
    assert len(BLOCKS) == TEXT.count("\n```") / 2
    assert all(block.file for block in blocks("csv"))


def test_the_region_of_the_guide_is_sound_without_a_hint(desk: Path) -> None:
    assert [str(one) for one in check(str(desk / "portal-harbour"), [])] == []


def test_its_own_tests_pass_and_prove_its_clauses(desk: Path) -> None:
    folder = desk / "portal-harbour"
    (line,) = [line for block in blocks("sh") for line in block.text.splitlines() if "pytest" in line]
    assert line == f"cd {folder.name} && python -m pytest"
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "pytest"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]), "PYTEST_ADDOPTS": ""},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    proofs = (folder / "var/proofs.json").read_text()
    assert all(f'"{clause}"' in proofs for clause in ("HB-2", "HB-2.2", "HB-4"))


def test_blocks_that_stand_aside_are_python_that_runs_beside_the_scheme(desk: Path) -> None:
    aside = [block for block in blocks("python") if block.file is None]
    code = "import sys; sys.path.insert(0, '.'); from portal_harbour.scheme import *; from portal_harbour.scheme import hb\n"
    code += "\n".join(block.text for block in aside) + "\nprint(REISSUED.code, STRICTER.every)"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=desk / "portal-harbour", capture_output=True, text=True, check=False, env=env
    )
    assert ran.stdout.startswith("harbour-2027 Every("), ran.stderr


def test_a_reissued_edition_beside_the_first_is_sound(desk: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(desk / "portal-harbour", tmp_path / "portal-harbour")
    scheme = copy / "portal_harbour/scheme.py"
    (reissued,) = [block.text for block in blocks("python") if block.text.startswith("REISSUED")]
    text = scheme.read_text().replace("REGION = Region(", f"{reissued}\nREGION = Region(")
    scheme.write_text(text.replace("        ),\n    ),\n)\n", "        ),\n        REISSUED,\n    ),\n)\n"))
    assert "        REISSUED,\n" in scheme.read_text()
    assert [str(one) for one in check(str(copy), []) if not one.hint] == []


def test_the_lines_of_the_check_look_as_told(desk: Path, tmp_path: Path) -> None:
    """The example of the output is what comes of one wrong post and a clause that nothing promises."""
    copy = shutil.copytree(desk / "portal-harbour", tmp_path / "portal-harbour")
    scheme = copy / "portal_harbour/scheme.py"
    text = scheme.read_text().replace('answers_to=("head",)', 'answers_to=("heads",)', 1)
    scheme.write_text(text.replace("    later=((Later.OFFICES, (hb.ASSESSED,)),),\n", ""))
    found = [f"{'·' if one.hint else '✗'} {one}" for one in check(str(copy), [])]
    (shown,) = blocks("text")
    for line in shown.text.splitlines():
        start, _, end = line.partition("…")
        assert any(one.startswith(start) and one.endswith(end) for one in found), (line, found)


def test_tables_and_settings_are_those_of_the_new_plugin(desk: Path, tmp_path: Path) -> None:
    told = [*shlex.split(lines()[0])[1:], "--dir", str(tmp_path)]
    assert CliRunner().invoke(main, told, catch_exceptions=False).exit_code == 0
    fresh = tmp_path / "portal-harbour"
    project, portal = (tomllib.loads(block.text) for block in blocks("toml"))
    written = tomllib.loads((fresh / "pyproject.toml").read_text())
    for key, value in project["project"].items():
        assert written["project"][key] == value, key
    assert set(portal) <= {field.name for field in fields(Settings)}
    divisions = "portal_harbour/example/divisions.csv"
    assert (fresh / divisions).read_text() == (desk / "portal-harbour" / divisions).read_text()
    table = set(re.findall(r"^\| `([\w./]+)` \| ", TEXT.partition("## 3.")[0], re.MULTILINE))
    assert all((fresh / name).exists() for name in table)


def lines() -> list[str]:
    return [line for block in blocks("sh") for line in block.text.splitlines() if line]


@pytest.mark.parametrize("line", lines())
def test_a_command_of_the_guide_runs_or_is_there(line: str, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = shlex.split(line)
    monkeypatch.chdir(desk)
    if words[:2] == ["pip", "install"]:
        assert (desk / words[-1] / "pyproject.toml").is_file()
    elif words[:2] == ["portal", "plugin"] and words[2] == "check":
        ran = CliRunner().invoke(main, words[1:], catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
    elif words[0] == "portal":
        for name in (word for word in words if word.endswith(".xlsx")):
            (desk / name).touch()
        there(main, words[1:])
    else:
        assert words[0] == "cd"


def there(command: click.Command, words: list[str]) -> None:
    """The command exists and takes these arguments."""
    context = click.Context(main)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, words
        command = found
    command.make_context(command.name, words)


def test_the_keys_of_an_own_sheet_are_the_columns_of_its_kinds() -> None:
    scheme = Scheme(SAMPLE, SAMPLE.editions[0], "sample")
    keys = {f"fact:{fact}": "fact:size" for fact in scheme.facts}
    table = TEXT.partition("| rows | keys;")[2].partition("\n\n")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE))
    assert set(told) == set(PARTS)
    for kind, row in told.items():
        columns = KINDS[kind].columns(scheme)
        assert set(re.findall(r"`([\w:]+)`", row)) == {keys.get(column.code, column.code) for column in columns}, kind
        required = {keys.get(column.code, column.code) for column in columns if column.required}
        assert set(re.findall(r"\*\*`([\w:]+)`\*\*", row)) == required, kind


def test_the_board_of_ones_own_replaces_blocks_that_are_there() -> None:
    (own,) = blocks("html")
    jinja2.Environment(autoescape=True).parse(own.text)
    core = (ROOT / "portal/boards/templates/board.html").read_text()
    (named,) = re.findall(r"by its block: (.*?)\. For example", TEXT, re.DOTALL)
    for block in re.findall(r"`(\w+)`", named):
        assert re.search(rf"{{% block {block}\b", core), block
