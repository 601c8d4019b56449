"""SQL knows the floors: a wing's statements name its own tables and those of wings below it, by the order of the import contracts.

How SQL is found: every string of a file but its docstrings, f-strings and strings added to one another as one text each, with
a hole where something is filled in (what is filled in is looked at by itself). A table is what stands after ``from``, ``join``,
``into``, ``update``, ``using`` and the like, or after a comma behind them, and is called like a table of some wing's
``tables.py``. Where the name itself is filled in (``from {table}``), it counts for whoever says it: a string that is called like
a table, in that function or given to it by its name.
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from portal.piccolo_app import APP_CONFIG
from portal.storage.engine import Database
from tests.test_architecture import CORE, ROOT, name

HOLE = "\N{WHITE SQUARE}"
ONE = rf"(?:(?:only|lateral)\s+)?(?:public\.|register\.)?(?:\w+|{HOLE})(?:\s+(?:as\s+)?\w+)?"
NAMED = re.compile(
    rf"\b(?:from|join|into|update|using|truncate|lock|table)\s+(?:table\s+)?({ONE}(?:\s*,\s*{ONE})*)", re.IGNORECASE
)
STATEMENT = re.compile(r"\s*(select|insert into|update|delete from|with|show|alter|lock)\s", re.IGNORECASE)
# Who may reach up all the same, and why
EXCEPTIONS: Mapping[tuple[str, str], str] = {
    (
        "people",
        "enterprise",
    ): "a post is held at an enterprise too, and what it is called and where it lies is read with the post",
}
# What no wing's tables.py has: a view of interests, and the tables that the library of jobs brings
BESIDE: Mapping[str, str] = {
    "recusal": "people",
    **{f"procrastinate_{kept}": "desk" for kept in ("jobs", "events", "workers", "periodic_defers")},
}
PLANTED = {
    "plain": 'SQL = "select 1 from deed where id = $1"',
    "f-string": 'SQL = f"select {what} from deed d where {where}"',
    "in a hole": "SQL = f\"select 1 {'from deed' if deep else ''}\"",
    "after a hole": 'SQL = f"select 1 from {NAMES} n join public.deed d on true"',
    "added": 'SQL = "select 1 " + FROM + "from unit u, deed d"',
    "after a comma": 'SQL = "select 1 from unit as u, lateral deed"',
    "written": 'def work(db):\n    """Writes."""\n    return db.rows("insert into deed (day) values ($1)")',
    "filled in": 'def work(db):\n    for table in ("unit", "deed"):\n        db.rows(f"update {table} set until = $1")',
    "given by name": 'def end(db, table):\n    db.rows(f"delete from {table}")\n\n\nend(db, "deed")',
}
INNOCENT = {
    "own": 'SQL = "select 1 from unit u join jurisdiction j on true"',
    "below": 'SQL = "insert into ledger_entry values ($1)"',
    "a docstring": 'def work():\n    """Select from deed."""',
    "a word": 'KIND = "deed"',
}


def _said(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr():
            return "".join(_said(part) for part in node.values)
        case ast.BinOp(op=ast.Add()):
            return _said(node.left) + _said(node.right)
    return HOLE


def _is_text(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(op=ast.Add()):
            return _is_text(node.left) or _is_text(node.right)
    return False


def texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Each text below a node, with its line: whole, with holes; what fills a hole comes by itself."""
    if _is_text(node) and isinstance(node, ast.expr):
        yield node.lineno, _said(node)
        inner: list[ast.AST] = [node]
        while inner:
            for part in ast.iter_child_nodes(inner.pop()):
                if isinstance(part, ast.FormattedValue):
                    yield from texts(part.value)
                elif _is_text(part):
                    inner.append(part)
                else:
                    yield from texts(part)
        return
    body = getattr(node, "body", None)
    documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node)
    for child in ast.iter_child_nodes(node):
        if not (documented and body and child is body[0]):
            yield from texts(child)


def tables(text: str) -> Iterator[str]:
    """What stands in a text where a table does; a hole where its name is filled in."""
    for found in NAMED.finditer(text):
        for one in found[1].split(","):
            words = re.sub(r"^(only|lateral)\s+", "", one.strip(), flags=re.IGNORECASE).split()
            yield words[0].rpartition(".")[2].lower()


@cache
def owners() -> Mapping[str, str]:
    """The wing of each table: the one in whose ``tables.py`` it stands; of what no such file has, the one said here."""
    return {table._meta.tablename: table.__module__.split(".")[1] for table in APP_CONFIG.table_classes} | BESIDE


@cache
def floors() -> Mapping[str, int]:
    """How high each wing or room stands, by the import contracts."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    return {room.strip().split(".")[1]: -n for n, layer in enumerate(layers) for room in layer.split("|")}


def _named_by_word(node: ast.AST) -> set[tuple[int, str]]:
    """Words called like a table that stand as values, alone or in a tuple or list, anywhere below a node."""
    return {
        (one.lineno, one.value)
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value in owners()
    }


def fillers(tree: ast.AST) -> dict[str, ast.AST]:
    """The functions of a file that fill in the name of a table, by name; the innermost where one stands in another."""
    found: dict[str, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(HOLE in tables(text) for _, text in texts(node)):
            found[node.name] = node
    return found


def named(tree: ast.Module, filling: frozenset[str]) -> set[tuple[int, str]]:
    """The tables that a file's statements name, with the line; ``filling`` are functions of any file that fill a name in."""
    found = {(line, table) for line, text in texts(tree) for table in tables(text) if table in owners()}
    for node in fillers(tree).values():
        found |= _named_by_word(node)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in filling:
                for given in (*node.args, *(one.value for one in node.keywords)):
                    found |= _named_by_word(given) if isinstance(given, ast.Constant | ast.Tuple | ast.List) else set()
    return found


@dataclass(frozen=True, order=True)
class Arrow:
    """A statement of a wing that names a table of another one above it."""

    wing: str
    line: int
    table: str


def arrows(tree: ast.Module, wing: str, filling: frozenset[str] = frozenset()) -> list[Arrow]:
    """What points up from a file."""
    return sorted(Arrow(wing, *one) for one in named(tree, filling) if floors()[owners()[one[1]]] > floors()[wing])


@cache
def filling_anywhere() -> frozenset[str]:
    """The functions of the whole house that fill in the name of a table."""
    return frozenset(one for path in CORE for one in fillers(ast.parse(path.read_text())))


def wing_of(path: Path) -> str:
    """The wing, or the room beside them, in which a file stands."""
    return path.relative_to(ROOT / "portal").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", [path for path in CORE if wing_of(path) in floors()], ids=name)
def test_sql_points_down_as_imports_do(path: Path) -> None:
    found = arrows(ast.parse(path.read_text()), wing_of(path), filling_anywhere())
    assert [one for one in found if (one.wing, one.table) not in EXCEPTIONS] == []


def test_every_exception_is_still_needed() -> None:
    found = {
        (one.wing, one.table)
        for path in CORE
        if wing_of(path) in floors()
        for one in arrows(ast.parse(path.read_text()), wing_of(path), filling_anywhere())
    }
    assert found == set(EXCEPTIONS)


@pytest.mark.parametrize("source", PLANTED.values(), ids=PLANTED)
def test_an_arrow_that_points_up_is_found(source: str) -> None:
    tree = ast.parse(source)
    assert {one.table for one in arrows(tree, "areas", frozenset(fillers(tree)))} == {"deed"}
    assert arrows(tree, "obligations", frozenset(fillers(tree))) == []


@pytest.mark.parametrize("source", INNOCENT.values(), ids=INNOCENT)
def test_what_points_down_or_is_no_sql_is_let_be(source: str) -> None:
    assert arrows(ast.parse(source), "areas") == []


@pytest.mark.parametrize("path", [path for path in CORE if wing_of(path) in {"commands", "demo"}], ids=name)
def test_commands_and_the_example_hold_no_sql(path: Path) -> None:
    assert [
        one for one in texts(ast.parse(path.read_text())) if STATEMENT.match(one[1]) or owners().keys() & set(tables(one[1]))
    ] == []


async def test_every_table_of_the_database_has_a_wing(database: Database) -> None:
    """What no wing's ``tables.py`` has would be let be everywhere."""
    rows = await database.rows(
        "select distinct table_name as name from information_schema.tables where table_schema in ('public', 'register')"
    )
    assert {row["name"] for row in rows} - {"migration"} == set(owners())
