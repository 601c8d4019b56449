"""What the office wishes of a sheet, and what the sheet brings: what came, changed, ended, what is wrong, who is not on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

OWN = "own"
MOST_KEPT = 20_000
NAMED = 10
Tell = Callable[[int, int], None]
Still = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class CellError:
    """One thing that is wrong: the row as the spreadsheet counts it (0: none), the column from zero (None: all of it)."""

    row: int
    column: int | None
    title: str
    text: str


@dataclass(frozen=True)
class LeftOut:
    """A row that is no row of data, by its number, with what stands in it and why it was left out."""

    row: int
    text: str
    why: str


@dataclass(frozen=True)
class ColumnSeen:
    """A column of a sheet: its place from zero, its heading, what stands in it, and the code of what it was taken for, or ""."""

    place: int
    heading: str
    samples: tuple[str, ...]
    code: str = ""


@dataclass(frozen=True)
class Unfound:
    """What cells of a column call that nothing is called, with the number of rows and what is called nearly so; ``sure`` where
    the first of these is as good as meant. ``key`` is the kind and the column, ``mark`` what a form calls it by; ``lasting`` are
    those of the near ones that are remembered for the next sheet, ``sort`` by what.
    """

    mark: str
    key: str
    title: str
    said: str
    rows: int
    near: tuple[str, ...]
    sure: bool = False
    sort: str = ""
    lasting: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replaced:
    """What the office chose to be meant by what cells of a column say, and in how many rows they say it; ``before`` where it
    chose so for an earlier sheet.
    """

    mark: str
    key: str
    title: str
    said: str
    chosen: str
    rows: int
    sort: str = ""
    before: bool = False


@dataclass(frozen=True, slots=True)
class Touched:
    """Something that would come, change or end, by name and row; ``what`` tells what would change of it, from what to what."""

    row: int
    name: str
    deed: str
    what: str = ""


@dataclass(frozen=True)
class Left:
    """What the register has and the sheet does not name, of one sort in one place, where the sheet names others of it."""

    key: str
    where: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a sheet brings, or brought: how many rows, what came, changed, stayed, ended; everything wrong; who is not on it.

    ``sheet`` is the worksheet that was read, "" for CSV; ``unread`` are the others that hold any text, ``left_out`` the rows that
    were no rows of data, ``hidden`` the columns that nobody sees and that were not read. ``columns`` says what each was taken
    for, ``told`` that the office said so, ``lacking`` what the sheet should have and has not. ``warnings`` stop nothing.
    ``unfound`` is what cells call that nothing is called, ``replaced`` what was chosen to be meant by such.
    ``held`` counts the rows that could come if others gave way, ``hand_over`` says that they do. ``checked_at`` is the last entry
    of the ledger when the sheet was gone through.
    """

    rows: int
    sheet: str = ""
    unread: tuple[str, ...] = ()
    came: int = 0
    changed: int = 0
    same: int = 0
    ended: int = 0
    written: bool = False
    errors: tuple[CellError, ...] = ()
    touched: tuple[Touched, ...] = ()
    left: tuple[Left, ...] = ()
    warnings: tuple[CellError, ...] = ()
    columns: tuple[ColumnSeen, ...] = ()
    shape: str = ""
    told: bool = False
    hidden: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unfound: tuple[Unfound, ...] = ()
    replaced: tuple[Replaced, ...] = ()
    held: int = 0
    hand_over: bool = False
    checked_at: int = 0


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the office chose: only the rows that are right; ending what is not on the sheet, by the keys of :class:`Left`,
    or all of it; and that who holds a full post gives way to who stands on the sheet.
    """

    good_only: bool = False
    end: tuple[str, ...] = ()
    end_all: bool = False
    hand_over: bool = False
