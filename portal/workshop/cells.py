"""What the cells of a spreadsheet say, as text: what people see in them, without the blanks that nobody sees."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from sys import intern

from portal.terms import Text, say

CONTROLS = (*range(9), *range(0x0E, 0x20), 0x7F, 0xFFFE, 0xFFFF)
INVISIBLE = dict.fromkeys([*CONTROLS, 0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF])
JOINERS = "\u200c\u200d"  # inside of words and emoji they mean something
BREAKS = re.compile(r"[ \t\u3000]*[\r\n\v\f\x85\u2028\u2029]+[ \t\u3000]*")
LOST = re.compile(r"-?\d(?:\.\d+)?[Ee]\+\d{2,3}")
EXACT = 1e15


@dataclass(frozen=True)
class Sheet:
    """A sheet as text.

    ``name`` is the worksheet's, "" for CSV. ``rows`` are all rows from the very first of the sheet (index 0 is row 1 of
    the spreadsheet), without the empty cells at their ends; merged areas are filled with their top left value, as far as
    the sheet has content. ``lossy`` are the cells, as row and column from zero, that hold a number of more than 15 digits:
    the spreadsheet program has lost its last digits (1.23E+17). ``trouble`` is why it must not be taken in, though it could be
    read. ``formulas`` are the columns with formulas, and in which rows; ``hidden`` columns and rows stand in the file and nobody
    sees them; ``unlike`` is what people see in cells where a longer number stands (1.38E+10): all counted from zero.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    lossy: frozenset[tuple[int, int]]
    trouble: Text | None = None
    formulas: Mapping[int, Sequence[int]] = field(default_factory=dict)
    hidden_columns: frozenset[int] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    unlike: Mapping[tuple[int, int], str] = field(default_factory=dict)


class TextRows:
    """Rows of text that are put together, and then a :class:`Sheet`."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.lossy: set[tuple[int, int]] = set()
        self._doubtful = False

    def add(self, values: Sequence[object], *, left: int = 0) -> None:
        """One more row, with so many empty cells before it."""
        self._doubtful = False
        row = [""] * left
        # Interned, since most cells of a large sheet say what others say: they are sent once, and stand in memory once
        row += [
            intern(value.strip(" ") if type(value) is str and value.isprintable() and "+" not in value else self._text(value))
            for value in values
        ]
        if self._doubtful:
            self.lossy |= {(len(self.rows), column) for column, value in enumerate(values, left) if _lossy(value)}
        self.rows.append(row)

    def put(self, row: int, column: int, text: str) -> None:
        """Set one cell."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        cells[column] = text

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Fill an area, up to its bottom row and right column without these, with its top left value."""
        if top >= bottom or left >= len(self.rows[top]) or not (said := self.rows[top][left]):
            return
        lossy = (top, left) in self.lossy
        for row, column in product(range(top, bottom), range(left, right)):
            self.put(row, column, said)
            if lossy:
                self.lossy.add((row, column))

    def sheet(self, name: str, trouble: Text | None = None) -> Sheet:
        """All of it."""
        for row in self.rows:
            while row and not row[-1]:
                row.pop()
        while self.rows and not self.rows[-1]:
            self.rows.pop()
        return Sheet(name, tuple(map(tuple, self.rows)), frozenset(self.lossy), trouble)

    def _text(self, value: object) -> str:
        if isinstance(value, str):
            self._doubtful = self._doubtful or "+" in value
            return cleaned(value)
        self._doubtful = self._doubtful or (isinstance(value, float) and not -EXACT < value < EXACT)
        return text(value)


def cleaned(said: str) -> str:
    """Text without blanks and invisible characters at its ends, on one line."""
    said = BREAKS.sub(" ", said.translate(INVISIBLE))
    before = ""
    while before != said:
        before, said = said, said.strip().strip(JOINERS)
    return said


def text(value: object) -> str:
    """What a cell shows, for values other than text."""
    match value:
        case bool():
            return str(say("是") if value else say("否"))
        case float():
            return _number(value)
        case datetime():
            return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds")
        case timedelta():
            seconds = round(value.total_seconds())
            return f"{'-' if seconds < 0 else ''}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
        case None:
            return ""
    return str(value)


def column_name(column: int) -> str:
    """The letters of a column that is counted from zero."""
    name = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        name, column = chr(65 + letter) + name, column - 1
    return name


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "#NUM!"
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def _lossy(value: object) -> bool:
    return bool(LOST.fullmatch(value.strip())) if isinstance(value, str) else isinstance(value, float) and abs(value) >= EXACT


def widths(rows: Iterable[Sequence[str]]) -> list[int]:
    """How wide each column's longest text is; Chinese characters take two places."""
    found: list[int] = []
    for row in rows:
        found += [0] * (len(row) - len(found))
        for column, said in enumerate(row):
            found[column] = max(found[column], sum(2 if ord(letter) > 0x2E7F else 1 for letter in said))
    return found
