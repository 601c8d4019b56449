"""The house keeps its order: imports point down, rules are pure, the core names no region, every string can be translated."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = sorted((ROOT / "portal").rglob("*.py"))
TEMPLATES = sorted((ROOT / "portal").rglob("*.html"))
HAN = re.compile(r"[\u3400-\u9fff]")
REGIONS = re.compile(r"wuzhong|lishui|shandong|changzhou|tianjin|吴中|丽水|山东|常州|天津", re.IGNORECASE)
PURE = {"portal.scheme", "portal.terms", "portal.errors"}
INVENTED = "demo"


def name(path: Path) -> str:
    """A file's path in the house."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    """The modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"portal.{alias.name}" for alias in node.names} if node.module == "portal" else {node.module}
    return found


@pytest.mark.parametrize("path", [path for path in CORE if path.name == "rules.py"], ids=name)
def test_rules_are_pure(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]
    for module in imports(path):
        inside = module.startswith("portal")
        assert (
            module.partition(".")[0] in sys.stdlib_module_names
            or any(module == pure or module.startswith(pure + ".") for pure in PURE)
            or (inside and module.endswith(".rules"))
        ), module
    assert not {"datetime.now", "date.today", "time.time"} & {
        ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)
    }


@pytest.mark.parametrize("path", sorted((ROOT / "portal/scheme").glob("*.py")), ids=name)
def test_the_language_uses_the_standard_library_only(path: Path) -> None:
    for module in imports(path):
        assert (
            module.partition(".")[0] in sys.stdlib_module_names or module.startswith("portal.scheme") or module == "portal.terms"
        )


def test_every_region_is_checked_as_the_core_is() -> None:
    regions = {name(path.parent.parent) for path in (ROOT / "plugins").glob("*/portal_*/__init__.py")}
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert set(tools["mypy"]["files"]) - {"portal"} == set(tools["mypy"]["mypy_path"]) == regions
    assert {
        f"plugins/{one.removeprefix('portal_')}" for one in tools["ruff"]["lint"]["isort"]["known-first-party"][1:]
    } == regions


def test_the_viewer_knows_no_database() -> None:
    assert imports(ROOT / "portal/viewer.py") <= {"dataclasses", "enum", "portal.errors", "portal.terms"}


@pytest.mark.parametrize("path", sorted((ROOT / "portal").glob("*/tables.py")), ids=name)
def test_tables_have_no_verbs(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_the_core_names_no_region() -> None:
    for path in [*CORE, *TEMPLATES]:
        found = REGIONS.search(path.read_text())
        assert found is None, (name(path), found)


def test_no_room_has_a_name_that_says_nothing() -> None:
    for path in CORE:
        assert path.stem not in {"utils", "common", "helpers", "manager", "service", "misc", "base"}, name(path)


def test_packages_hold_a_docstring_and_nothing_else() -> None:
    for path in CORE:
        if path.name == "__init__.py" and path.parent.name not in {"portal", "pages"}:
            assert len(ast.parse(path.read_text()).body) == 1, name(path)


def test_pages_hold_no_sql() -> None:
    for path in sorted((ROOT / "portal/pages").rglob("*.py")):
        assert not re.search(r"\.db\.|select .* from|insert into|update .* set", path.read_text()) or path.name == "home.py", (
            name(path)
        )


@pytest.mark.parametrize("path", [path for path in CORE if path.parent.name != INVENTED], ids=name)
def test_every_chinese_string_is_marked_for_translation(path: Path) -> None:
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    marked: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "say",
            "Clause",
            "Assumption",
            "Hotline",
            "Document",
            "LawText",
            "re.compile",
            "Column",
            "also",
        }:
            marked |= {id(inner) for inner in ast.walk(node)}
    loose = [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and HAN.search(node.value)
        and id(node) not in docs
        and id(node) not in marked
    ]
    assert loose == []


def test_a_class_name_stands_once_in_the_house() -> None:
    """Whoever reads a name knows which one is meant; words of the language of regions keep theirs, and their namesakes give way."""
    found: dict[str, list[str]] = {}
    for path in CORE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(name(path))
    assert {one: places for one, places in found.items() if len(places) > 1} == {}


def test_names_of_tests_can_be_read_at_a_glance() -> None:
    files = (path for folder in ("tests", "drills", "plugins") for path in (ROOT / folder).rglob("*.py"))
    names = [found for path in files for found in re.findall(r"def (test_\w+)", path.read_text())]
    assert [one for one in names if len(one) > 90] == []
