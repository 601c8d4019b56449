"""The blocks of the guide to writing a region, and what a reader has who followed it."""

import re
from dataclasses import dataclass
from pathlib import Path

from portal.plugin_kit.writing import new
from tests.test_architecture import ROOT

TEXT = (ROOT / "docs/writing-a-region.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the file that it belongs to, if the guide names one."""

    language: str
    text: str
    file: str | None


BLOCKS = [
    Block(language, text, file or None)
    for file, language, text in re.findall(r"(?:^`([\w./-]+)`\n\n)?^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
]


def blocks(language: str) -> list[Block]:
    """All blocks of a language."""
    return [block for block in BLOCKS if block.language == language]


def followed(folder: Path) -> Path:
    """The plugin that somebody has who followed the guide to its end."""
    made = new("harbour", folder, title="示例港区")
    texts: dict[str, list[str]] = {}
    for block in BLOCKS:
        if block.file:
            texts.setdefault(block.file, []).append(block.text)
    for file, parts in texts.items():
        (made / file).write_text("\n".join(parts), encoding="utf-8")
    return made
