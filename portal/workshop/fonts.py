"""Which characters the fonts of boards can draw. A name with a character that none has is refused, never half drawn."""

import shutil
import subprocess
import unicodedata
from functools import cache

FAMILIES = ("Noto Sans CJK SC", "HanaMinA", "HanaMinB")
# Private use, unassigned, surrogates, controls: whatever a font draws for them, nobody can read it
MEANINGLESS = ("Co", "Cn", "Cs", "Cc")
FONT_STACK = ", ".join(f'"{family}"' for family in FAMILIES)


@cache
def _covered() -> frozenset[int]:
    from fontTools.ttLib import TTCollection, TTFont

    found: set[int] = set()
    for path, family in _files():
        with TTCollection(path, lazy=True) if path.endswith((".ttc", ".otc")) else TTFont(path, lazy=True) as opened:
            for font in opened.fonts if isinstance(opened, TTCollection) else [opened]:
                if family in (font["name"].getDebugName(1), font["name"].getBestFamilyName()):
                    found.update(font.getBestCmap())
    return frozenset(found)


def _files() -> set[tuple[str, str]]:
    return {(line.rstrip(": \n"), family) for family in FAMILIES for line in _listed(f":family={family}", "file")}


def _listed(*words: str) -> list[str]:
    """The lines of what fontconfig knows of fonts like these."""
    program = shutil.which("fc-list")
    if program is None:
        return []
    listed = subprocess.run([program, *words], capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    return [line for line in listed.stdout.splitlines() if line.strip()]


def _elsewhere(letter: str) -> bool:
    """Whether another installed font has the letter, so that Pango falls back to it; letters without meaning never count."""
    return unicodedata.category(letter) not in MEANINGLESS and bool(_listed(f":charset={ord(letter):x}", "family"))


def undrawable(text: str) -> list[str]:
    """The characters of ``text`` that no installed font has, in order, once each."""
    covered = _covered()
    letters = [letter for letter in dict.fromkeys(text) if ord(letter) not in covered and not letter.isspace()]
    return [letter for letter in letters if not _elsewhere(letter)]
