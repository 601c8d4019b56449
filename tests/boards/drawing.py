"""Drawn boards looked at letter by letter: whether each text stands whole in its own place."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pypdfium2

import portal.boards
from portal.boards.layout import SHEETS, Layout, Printed, Words, lay_out
from portal.boards.printing import markup
from portal.boards.rules import Facts
from portal.templating import Templates
from portal.workshop.pdf import draw

SAID = Printed(code="1BGCN9YJS527", address="https://portal.example.cn", version=12, issued="2026-03-02", trial=False, demo=True)
POINT = 72 / 25.4


def drawn(
    facts: Facts, size: str = "A3", pictures: Mapping[str, str] = MappingProxyType({})
) -> tuple[Layout, pypdfium2.PdfDocument]:
    """A board as it is printed, by the common template."""
    layout = lay_out(facts, SAID)
    env = Templates([Path(portal.boards.__file__).parent / "templates"], {})
    return layout, pypdfium2.PdfDocument(draw(markup(env, facts, layout, SAID, size, dict(pictures))))


def texts(layout: Layout, sheet: int) -> Iterator[Words]:
    """Every text of a sheet in its place."""
    page = layout.sheets[sheet]
    yield from (page.title, page.subtitle)
    if sheet == 0:
        yield from (*layout.lead.lines.values(), *layout.place.values())
    for block in page.blocks:
        yield block.title
        yield from (words for card in block.cards for words in (card.post, card.name, card.phone))
        yield from block.lines
        if block.vacant:
            yield block.vacant
    yield from (words for key, words in layout.foot_lines.items() if key != "version")


def letters(page: pypdfium2.PdfPage, k: float) -> list[tuple[str, float, float, float, float]]:
    """Every letter that was drawn, with its left, top, right and bottom in millimetres of A3."""
    text = page.get_textpage()
    height = page.get_height()
    found = []
    for n in range(text.count_chars()):
        letter = chr(pypdfium2.raw.FPDFText_GetUnicode(text, n))  # one of two halves beyond U+FFFF
        left, bottom, right, top = text.get_charbox(n)
        if letter.strip():
            found.append((letter, *(round(one / POINT / k, 3) for one in (left, height - top, right, height - bottom))))
    return found


def sizes(page: pypdfium2.PdfPage) -> set[float]:
    """The sizes of the letters of a page, in points."""
    text, matrix = page.get_textpage(), pypdfium2.raw.FS_MATRIX()
    found = set()
    for n in range(text.count_chars()):
        if chr(pypdfium2.raw.FPDFText_GetUnicode(text, n)).strip() and pypdfium2.raw.FPDFText_GetMatrix(text, n, matrix):
            found.add(pypdfium2.raw.FPDFText_GetFontSize(text, n) * abs(matrix.d))
    return found


def misplaced(layout: Layout, document: pypdfium2.PdfDocument, size: str) -> list[str]:
    """What is wrong on the sheets: letters off the sheet, texts whose letters do not all stand in their own place and line."""
    k = SHEETS[size][0] / SHEETS["A3"][0]
    wrong = [] if len(document) == len(layout.sheets) else [f"{len(document)} sheets"]
    for n, page in enumerate(document):
        found = letters(page, k)
        wrong += [f"{n}: {one} off the sheet" for one in found if min(one[1], one[2]) < 3 or one[3] > 294 or one[4] > 417]
        for words in texts(layout, n):
            inside = [
                one
                for one in found
                if words.x - 0.5 <= (one[1] + one[3]) / 2 <= words.x + words.w + 0.5
                and words.y - 0.6 <= (one[2] + one[4]) / 2 <= words.y + words.h + 0.6
                and one[3] <= words.x + words.w + 0.6
            ]
            line = words.h / len(words.lines)
            drawn_ = Counter(int(((one[2] + one[4]) / 2 - words.y) // line) for one in inside)
            wanted = [len("".join(text.split()).encode("utf-16-le")) // 2 for text in words.lines]
            wanted[0] += len("".join(words.label.split()).encode("utf-16-le")) // 2
            if [drawn_[k] for k in range(len(wanted))] != wanted or sum(drawn_.values()) != sum(wanted):
                wrong.append(f"{n}: “{words.label} {words.text}” has {sorted(drawn_.items())} of {wanted} letters in its lines")
            if "".join(words.text.split()) != "".join("".join(words.lines).split()):
                wrong.append(f"{n}: “{words.text}” is set as {words.lines}")
    return wrong
