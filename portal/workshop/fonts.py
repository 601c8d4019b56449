"""Which characters the fonts of boards can draw. A name with a character that none has is refused, never half drawn."""

import shutil
import subprocess
from functools import cache

FAMILIES = ("Noto Sans CJK SC", "HanaMinA", "HanaMinB")
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
    program = shutil.which("fc-list")
    if program is None:
        return set()
    found = set()
    for family in FAMILIES:
        listed = subprocess.run([program, f":family={family}", "file"], capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        found |= {(line.rstrip(": \n"), family) for line in listed.stdout.splitlines() if line.strip()}
    return found


def undrawable(text: str) -> list[str]:
    """The characters of ``text`` that no font of boards has, in order, once each."""
    covered = _covered()
    return [letter for letter in dict.fromkeys(text) if ord(letter) not in covered and not letter.isspace()]
