"""How much a spreadsheet that strangers send may be. All worksheets of a workbook count together."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What is read at most; tests of the guards hand in small ones, so that no file has to be as large as what it stands for."""

    bytes: int = 30 * MEGABYTE
    """Of the file."""
    unpacked: int = 200 * MEGABYTE
    """100,000 rows of 20 columns unpack to 93 MB where their strings are shared, to 145 MB where they stand in the cells."""
    cells: int = 2_700_000
    """Rows by columns: the parser keeps the empty ones between as well; 100,000 rows of 26 columns."""
    text: int = 100 * MEGABYTE
    strings: int = 128 * MEGABYTE
    """Of XML with shared strings: the parser keeps all of them, used or not."""
    merged: int = 200_000
    errors: int = 100_000
    odd: int = 300_000
    """Cells outside the usual area or written in an unusual way: each costs a look."""
    kept_rows: int = 20_000
    """Where the office's own file goes back with its mistakes: openpyxl holds a workbook in about fifty times its size."""
    kept_bytes: int = 40 * MEGABYTE
    """Of XML, likewise."""
    kept_cells: int = 200_000
    """In merged areas and in ranges of links, which openpyxl makes one by one."""


LIMITS = Limits()
