"""The empty sheet of a region for one kind: headings, hints, drop-downs, and what may be named around the viewer's areas."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import xlsxwriter

from portal.call import Call
from portal.imports.columns import Column
from portal.imports.importable import KINDS
from portal.imports.known import Index, known_register
from portal.scheme.book import Scheme
from portal.terms import say

ROWS = 100_000
LONGEST_LIST = 250
MADE = datetime(2026, 1, 1, tzinfo=UTC)


async def template(call: Call, scheme: Scheme, kind: str) -> bytes:
    """The template; equal registers give equal bytes."""
    found = await known_register(call, scheme)
    columns = [column for column in KINDS[kind].columns(scheme) if not column.around]
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": MADE})
    head = book.add_format({"bold": True, "bg_color": "#E9F1F2", "border": 1, "text_wrap": True, "valign": "top"})
    needed = book.add_format({"bold": True, "bg_color": "#FCE9D4", "border": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(KINDS[kind].title)
    for n, column in enumerate(columns):
        sheet.write_string(0, n, column.title, needed if column.required else head)
        sheet.set_column(n, n, 24, text)
        sheet.write_comment(0, n, column.hint)
        _choices(book, sheet, n, column)
    sheet.freeze_panes(1, 0)
    _codes(call, book, head, text, (found.places, found.units, found.grids))
    book.close()
    return out.getvalue()


def _choices(book: xlsxwriter.Workbook, sheet: object, n: int, column: Column) -> None:
    if not column.choices:
        return
    source: object = list(column.choices)
    if sum(len(choice) + 1 for choice in column.choices) > LONGEST_LIST:
        listing = book.add_worksheet(say("选项{n}", n=n + 1))
        listing.hide()
        for row, choice in enumerate(column.choices):
            listing.write_string(row, 0, choice)
        source = f"='{listing.get_name()}'!$A$1:$A${len(column.choices)}"
    told = {"validate": "list", "source": source, "error_message": say("请从列表中选择。")}
    sheet.data_validation(1, n, ROWS, n, told)  # type: ignore[attr-defined] # xlsxwriter has no types


def _codes(call: Call, book: xlsxwriter.Workbook, head: object, text: object, indexes: Sequence[Index]) -> None:
    """What places, offices and grids there are to be named, on a sheet of their own: those in and above the viewer's areas."""
    listing = book.add_worksheet(say("代码"))
    listing.set_column(0, 2 * len(indexes), 28, text)
    for n, index in enumerate(indexes):
        listing.write_string(0, 2 * n, index.what, head)
        listing.write_string(0, 2 * n + 1, say("代码或编号"), head)
        things = {thing.id: thing for found in index.by.values() for thing in found if _near(call, thing.path)}
        names: dict[str, list[str]] = {}
        for name, found in index.by.items():
            for thing in (one for one in found if one.id in things):
                names.setdefault(thing.id, []).append(name)
        rows = sorted(
            (thing.name, next((name for name in names[id_] if name[:1].isascii()), "")) for id_, thing in things.items()
        )
        for row, (name, code) in enumerate(rows, 1):
            listing.write_string(row, 2 * n, name)
            listing.write_string(row, 2 * n + 1, code)


def _near(call: Call, path: str) -> bool:
    return any(path.startswith(area) or area.startswith(path) for area in call.viewer.areas)
