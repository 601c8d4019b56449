"""Which characters the fonts of boards can draw, and how wide they are.

A name with a character that none has is refused, never half drawn.
"""

import shutil
import subprocess
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from portal.terms import say
from portal.workshop.pool import Unreadable

FAMILIES = ("Noto Sans CJK SC", "HanaMinA", "HanaMinB")
# Private use, unassigned, surrogates, controls: whatever a font draws for them, nobody can read it
MEANINGLESS = ("Co", "Cn", "Cs", "Cc")
FONT_STACK = ", ".join(f'"{family}"' for family in FAMILIES)
BOLD_FROM = 600  # the weight in the table OS/2
FALLBACK = 1.3  # ems for a character that only some other installed font has: wider than most are


@cache
def _advances(bold: bool) -> Mapping[str, float]:
    """The width in ems of every character that the fonts of boards have, in the family that draws it."""
    found: dict[str, float] = {}
    for family in reversed(FAMILIES):
        faces = _faces(family)
        # A family without a bold face is drawn bolder, not wider
        for _, widths in [face for face in faces if face[0] is bold] or faces:
            found |= widths
    return found


@cache
def _faces(family: str) -> tuple[tuple[bool, Mapping[str, float]], ...]:
    """The installed faces of a family: whether bold, and the width in ems of each character."""
    from fontTools.ttLib import TTCollection, TTFont

    found = []
    # One file may be known by several names
    for path in sorted({str(Path(line.rstrip(": \n")).resolve()) for line in _listed(f":family={family}", "file")}):
        with TTCollection(path, lazy=True) if path.endswith((".ttc", ".otc")) else TTFont(path, lazy=True) as opened:
            for font in opened.fonts if isinstance(opened, TTCollection) else [opened]:
                if family in (font["name"].getDebugName(1), font["name"].getBestFamilyName()):
                    widths, em = font["hmtx"].metrics, font["head"].unitsPerEm
                    letters = {chr(code): widths[glyph][0] / em for code, glyph in font.getBestCmap().items()}
                    found.append((font["OS/2"].usWeightClass >= BOLD_FROM, letters))
    return tuple(found)


def advance(letter: str, *, bold: bool = False) -> float:
    """How far a character moves the pen, in ems."""
    return _advances(bold).get(letter, FALLBACK)


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


PLAIN = say("公示牌")  # what every machine that prints must have the letters of


def refuse_undrawable(text: str) -> None:
    """:class:`Unreadable` where a character of a text to be printed has no font here, or all Chinese fonts are missing.

    It reads the fonts, so it is called in a child process.
    """
    if undrawable(PLAIN):
        raise Unreadable(
            say("这台服务器没有装打印用的中文字体（Noto Sans CJK SC），印出来只有方框。请部署人员装好字体后再打印。")
        )
    if missing := undrawable(text):
        shown = "、".join(f"“{letter}”（U+{ord(letter):04X}）" for letter in missing)
        raise Unreadable(say("这些字没有字体能印出来：{shown}。请核对是否写错，或为服务器安装含有它的字体。", shown=shown))


def undrawable(text: str) -> list[str]:
    """The characters of ``text`` that no installed font has, in order, once each."""
    covered = _advances(bold=False)
    letters = [letter for letter in dict.fromkeys(text) if letter not in covered and not letter.isspace()]
    return [letter for letter in letters if not _elsewhere(letter)]
