"""The cells of a table know their column's heading: on a phone, where a row is a card, it stands before what the cell says."""

import re
from html import unescape

from markupsafe import escape

TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
CELL = re.compile(r"<td\b([^>]*)>(?=(\s*</td>)?(<a\b)?)")
TAG = re.compile(r"<[^>]*>")


def with_headings(page: str) -> str:
    """The page with the heading of its column at each cell of its tables, which templates state once.

    A row that begins with a link is called by it, so that this cell needs none; empty cells are marked. Whatever people wrote
    stands there escaped, so every tag is a template's own.
    """
    return TABLE.sub(lambda table: _labelled(table[0]), page) if "<table" in page else page


def _labelled(table: str) -> str:
    headings = [escape(unescape(TAG.sub("", one)).strip()) for one in HEADING.findall(table)]

    def row(found: re.Match[str]) -> str:
        left = enumerate(headings)

        def cell(one: re.Match[str]) -> str:
            n, told = next(left, (0, ""))
            if one[2] is not None:
                return f"<td{one[1]} data-blank>"
            title = n == 0 and one[3] is not None
            return f'<td{one[1]} data-column="{told}">' if told and not title else one[0]

        return CELL.sub(cell, found[0])

    return ROW.sub(row, table)
