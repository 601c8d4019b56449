"""Drills take hours and run seldom: what they wait for has to be what pages say, or they end by their limit only."""

import ast
from collections.abc import Iterator

import pytest

from tests.docs.test_glossary import ROOT, SAID

WAITS = {"until_says", "partition"}
HAN = ("\u4e00", "\u9fff")


def looked_for(tree: ast.AST) -> Iterator[str]:
    """What a drill looks for in a page: beside ``in``, in a call that waits, as a pattern of answers."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=ast.Constant(value=str(text)), ops=[ast.In() | ast.NotIn()]):
                yield text
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in WAITS:
                yield from (one.value for one in args if isinstance(one, ast.Constant) and isinstance(one.value, str))
            case ast.Assign(targets=[ast.Name(id="REASON")], value=ast.Constant(value=str(text))):
                yield from text.split("|")


SOUGHT = [
    (path.stem, text)
    for path in sorted((ROOT / "drills").glob("*.py"))
    for text in looked_for(ast.parse(path.read_text()))
    if any(HAN[0] <= sign <= HAN[1] for sign in text)
]


@pytest.mark.parametrize(("drill", "text"), SOUGHT)
def test_pages_say_what_a_drill_looks_for(drill: str, text: str) -> None:
    assert text in SAID, drill


def test_what_drills_look_for_is_found() -> None:
    assert {"检查通过", "导入完成", "没有全部生成"} <= {text for _, text in SOUGHT}
    assert list(looked_for(ast.parse('ok = "甲" in page.text; until_says(page, "乙")'))) == ["甲", "乙"]
