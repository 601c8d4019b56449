"""What the portal executes already is not said to come later."""

import ast
from collections.abc import Iterator

from portal.scheme import national
from portal.scheme.words import Clause
from tests.test_architecture import ROOT


def marked() -> Iterator[str]:
    """The rows of the register that a test of ours proves."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "clause":
                yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def decided_by() -> Iterator[str]:
    """The articles of the state on which something rests that the core decides or says."""
    named = {name: value.id for name, value in vars(national).items() if isinstance(value, Clause)}
    for path in (ROOT / "portal").rglob("*.py"):
        if path.name != "national.py":
            tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            yield from (
                named[name]
                for node in tree
                for name in [getattr(node, "id", None) or getattr(node, "attr", None)]
                if name in named
            )


def test_what_is_proven_or_decided_by_is_not_said_to_come_later(regions) -> None:
    later = {clause.id: "national" for _, clauses in national.LATER for clause in clauses}
    for code, region in regions.book.regions.items():
        later |= {clause.id: code for _, clauses in region.later for clause in clauses}
    assert len(later) > 50
    done = {"PB-3", "LS-4.1"}, {"NAT-CF-20", "NAT-CF-21", "NAT-AQF-73.2"}
    for found, there in ((set(marked()), done[0]), (set(decided_by()), done[1])):
        assert there <= found
        assert {id_: later[id_] for id_ in found & set(later)} == {}
