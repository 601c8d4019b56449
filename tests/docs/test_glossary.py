"""One thing has one name: each word of the glossary stands once, is said by the portal, and is called in code as it says."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
ROW = re.compile(r"^\| (\S*[\u4e00-\u9fff]\S*) \| ([a-z ]+) \| `([\w.]+)` \| .+ \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs/words.md").read_text())
SAID = "".join(path.read_text() for kind in ("*.py", "*.html") for path in (ROOT / "portal").rglob(kind))


def test_every_row_is_read() -> None:
    lines = (ROOT / "docs/words.md").read_text().splitlines()
    assert len(ROWS) == sum(line.startswith("| ") and not line.startswith(("| ---", "| 中文")) for line in lines) > 30


@pytest.mark.parametrize("column", [0, 1])
def test_no_word_means_two_things(column: int) -> None:
    words = [row[column] for row in ROWS]
    assert [word for word in words if words.count(word) > 1] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_the_word_is_said_and_the_name_is_there(row: tuple[str, str, str]) -> None:
    chinese, _, name = row
    module, _, called = name.rpartition(".")
    assert chinese in SAID
    assert hasattr(import_module(f"portal.{module}"), called)
