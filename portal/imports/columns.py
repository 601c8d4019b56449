"""The columns of a sheet: what offices call them, what may stand in them, and where the header is that names them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.errors import Refused
from portal.terms import Text, say
from portal.workshop.cells import Sheet, cleaned

HEADER_WITHIN = 20
BRACKETS = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
NOT_A_WORD = re.compile(r"[\s*＊:：,，.。、/\\|_-]+")
REMARK = re.compile(r"^(?:注|说明|备注|合计|总计|小计|填表人|填报人|制表人|审核人|填表说明|单位负责人)")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its code, its title in our template, what else offices call it, and what may stand in it.

    ``of`` is a code as the country writes it: ``phone``, ``credit_code``, ``day``, or nothing; ``refers`` names what of the
    register the cell calls (``places``, ``units`` …), ``many`` says that it may call several.
    """

    code: str
    title: Text
    also: tuple[str, ...] = ()
    required: bool = False
    hint: Text
    most: int = 200
    of: str = ""
    choices: tuple[str, ...] = ()
    refers: str = ""
    many: bool = False


def also(*names: str) -> tuple[str, ...]:
    """What offices call a column beside its title: words that are recognised, never shown."""
    return names


@dataclass(frozen=True)
class Row:
    """A row of data: its number as the spreadsheet counts it, and its cells by the columns' codes."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, code: str) -> str:
        return self.cells.get(code, "")


@dataclass(frozen=True)
class Found:
    """A sheet that was understood: where each column stands, the rows of data, and headings that nobody asked for."""

    places: Mapping[str, int]
    rows: tuple[Row, ...]
    lossy: frozenset[tuple[int, str]]
    ignored: tuple[str, ...]


def plain(text: str) -> str:
    """A cell as it is compared: full-width letters and digits folded, on one line, without what nobody sees."""
    return unicodedata.normalize("NFKC", text if text.isprintable() else cleaned(text)).strip()


def word(heading: str) -> str:
    """A heading without brackets, stars and blanks: what is compared."""
    return NOT_A_WORD.sub("", BRACKETS.sub("", unicodedata.normalize("NFKC", heading))).lower()


def find(sheet: Sheet, columns: Sequence[Column]) -> Found:
    """Find the header, which may stand below titles and span two rows, and read the rows under it.

    Raises :class:`Refused` where a required column is named nowhere, saying which and what was found instead.
    """
    called = {word(name): column.code for column in columns for name in (column.title, *column.also)}
    best: tuple[int, int, dict[str, int]] = (0, -1, {})
    for index in range(min(len(sheet.rows), HEADER_WITHIN)):
        for depth in (1, 2):
            places = _named(called, sheet.rows[index : index + depth])
            if len(places) > best[0]:
                best = (len(places), index + depth - 1, places)
    _, header, places = best
    if missing := [column.title for column in columns if column.required and column.code not in places]:
        there = "、".join(cell for cell in sheet.rows[max(header, 0)] if cell)[:120] if sheet.rows else say("什么也没有")
        raise Refused(
            say(
                "没有找到这些列：{names}。表头里有：{there}。可以用模板，或把表头改成模板里的叫法。",
                names="、".join(missing),
                there=there,
            )
        )
    used = set(places.values())
    ignored = tuple(cell for n, cell in enumerate(sheet.rows[header]) if cell and n not in used)
    rows = tuple(
        Row(number, cells)
        for number, row in enumerate(sheet.rows[header + 1 :], header + 2)
        if (cells := {code: row[place] if place < len(row) else "" for code, place in places.items()})
        and any(cells.values())
        and not _is_no_data(row, cells, called)
    )
    codes = {place: code for code, place in places.items()}
    lossy = frozenset((row + 1, codes[place]) for row, place in sheet.lossy if place in codes and row > header)
    return Found(places, rows, lossy, ignored)


def _named(called: Mapping[str, str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Which columns a header of one or two rows names, and where; the lower row is the more exact one."""
    places: dict[str, int] = {}
    for row in reversed(rows):
        for place, cell in enumerate(row):
            code = called.get(word(cell))
            if code is not None and place not in places.values():
                places.setdefault(code, place)
    return places


def _is_no_data(row: Sequence[str], cells: Mapping[str, str], called: Mapping[str, str]) -> bool:
    """Whether a row is a remark under the table, or the header again at the top of a printed page."""
    filled = [cell for cell in row if cell]
    if REMARK.match(filled[0]) and len(set(filled)) <= 2:
        return True
    return sum(called.get(word(cell)) is not None for cell in cells.values()) >= max(2, len(cells) // 2)
