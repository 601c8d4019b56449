"""Spreadsheets: those of offices read as text whatever is in them, their mistakes written back into them, and exports."""

import codecs
import csv
import io
import re
import unicodedata
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any

import xlsxwriter

from portal.terms import say
from portal.workshop import cells
from portal.workshop.archives import packed
from portal.workshop.cells import Sheet, TextRows, column_name
from portal.workshop.limits import LIMITS, MEGABYTE, Limits
from portal.workshop.pool import Unreadable
from portal.workshop.workbooks import MOST_COLUMNS, MOST_ROWS, Workbook, data_sheets, expanse, workbook

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "Sheet", "annotated", "inert", "read", "written", "written_csv"]

LONGEST = 32_767  # characters in a cell
LONGEST_LINE = MOST_COLUMNS * (LONGEST + 3)
SHEET_ROWS = 1_048_576
SEPARATORS = ",\t;"
SNIFFED = 20
MEASURED = 200
RED = "FFC7CE"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# Days as spreadsheet programs count them, from when on all of them agree
FIRST, ZERO = date(1900, 3, 1), date(1899, 12, 30).toordinal()
HEADING = say("导入时发现的问题")
AUTHOR = say("导入")
Untyped = Any  # workbooks, pages, cells, comments and formats: neither openpyxl nor xlsxwriter has types
# What some spreadsheet program takes for a formula, blanks before it or not; apostrophes before it are ours, or were there
FORMULA = re.compile(r"'*(?:[\t\r\n]|[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff]*[=+@＝＋－＠-])")
# What it takes for a number, a day, a time, a truth or an error: 007, 1E10, 1-2, 50%, 8:30 PM, 5 Jan, 2026年1月, 〇, TRUE, #N/A
DIGITS = (
    r"\d\u3007\u96f6\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e\u5343\u4e07\u4ebf"  # and Chinese numerals
)
MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|"
    "dec(?:ember)?"
)
NUMBER = re.compile(
    rf"(?=[^{DIGITS}]*[{DIGITS}])(?:[{DIGITS}\s.,:/\\()%$¥€£'+年月日号时分秒-]|上午|下午|{MONTHS}|[ap]m|[etz])+"
    r"|true|false|#[A-Z0-9/!?]+",
    re.IGNORECASE,
)

OLE = b"\xd0\xcf\x11\xe0"
OTHERS = {
    b"%PDF": say("这是 PDF，不是表格。请上传 .xlsx 或 CSV 文件"),
    b"\x89PNG": say("这是图片，不是表格。请上传 .xlsx 或 CSV 文件"),
    b"\xff\xd8\xff": say("这是图片，不是表格。请上传 .xlsx 或 CSV 文件"),
    b"GIF8": say("这是图片，不是表格。请上传 .xlsx 或 CSV 文件"),
    b"Rar!": say("这是压缩包，不是表格。请解压后上传里面的 .xlsx 或 CSV 文件"),
    b"7z\xbc\xaf": say("这是压缩包，不是表格。请解压后上传里面的 .xlsx 或 CSV 文件"),
}
# How other systems keep 007 and long codes text in CSV
KEPT_TEXT = re.compile(r'^="([^"]*)"$')
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
QUOTED = re.compile(r'(?<![^,\t;\r\n])"[^"]*+(?:""[^"]*+)*+"')
ESCAPE = re.compile(r"_(?=x(?!00[01])[0-9A-Fa-f]{4}_)")  # openpyxl leaves those of control characters as they are
MARKUP = re.compile(r"\s*<(?:\?xml|!doctype|html|table|meta|head|style)\b", re.IGNORECASE)


def read(data: bytes, limits: Limits = LIMITS) -> tuple[Sheet, ...]:
    """The visible worksheets of an ``.xlsx`` file that hold any text, or the one of a CSV file, by content and never by name.

    At most 30 MB, 100,100 rows and 200 columns; what is too much counts over all worksheets. Raises :class:`Unreadable`, with
    what was found and what to do, for everything else, and for files that are made to do harm: they are refused before a
    parser sees them.

    The column of mistakes that :func:`annotated` once added is no part of the data.
    """
    _check_size(data, limits)
    found = data_sheets(workbook(data, limits)) if data.startswith(b"PK") else [_csv(data, limits)]
    return tuple(map(_without_ours, found))


def _check_size(data: bytes, limits: Limits) -> None:
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable(say("文件是空的。请填好表格再上传"))
    if len(data) > limits.bytes:
        n, most = -(-len(data) // MEGABYTE), limits.bytes // MEGABYTE
        raise Unreadable(say("文件有 {n} MB，最多 {most} MB。请分成几份，或删去图片，再上传", n=n, most=most))


# CSV


def _csv(data: bytes, limits: Limits) -> Sheet:
    text = _decoded(data)
    if CONTROL.search(text):
        raise Unreadable(say("这不是表格，里面有不能显示的字符。请用 WPS 或 Excel 另存为 .xlsx 再传"))
    if MARKUP.match(text):
        raise Unreadable(say("这是网页或 XML 格式的表格，不是真正的 Excel 文件。请用 WPS 或 Excel 打开，另存为 .xlsx 再传"))
    grid, count, last, marked, as_text = TextRows(), 0, [""], "'" in text, '="' in text
    csv.field_size_limit(LONGEST * 2)
    try:
        for cells_ in csv.reader(_lines(text), delimiter=_separator(text)):
            row = [KEPT_TEXT.sub(r"\1", cell) for cell in cells_] if as_text else cells_
            grid.add([cell[1:] if cell[:1] == "'" and FORMULA.match(cell) else cell for cell in row] if marked else row)
            count, last = count + len(row), row or last
            if len(row) > MOST_COLUMNS:
                n = len(grid.rows)
                raise Unreadable(
                    say(
                        "第 {n} 行有 {columns} 列，最多 {most} 列。请删去多余的列再上传", n=n, columns=len(row), most=MOST_COLUMNS
                    )
                )
            if len(grid.rows) > MOST_ROWS or count > (most := limits.cells):
                raise Unreadable(say("表格超过 {most} 行（或 {cells} 格）。请分成几份再上传", most=MOST_ROWS, cells=most))
    except csv.Error as error:
        raise Unreadable(say("第 {n} 行读不下去，多半是英文双引号不成对。请改正后再上传", n=len(grid.rows) + 1)) from error
    if "\n" in last[-1] and text.count('"') % 2:
        raise Unreadable(say("第 {n} 行起的英文双引号不成对。请改正后再上传", n=len(grid.rows)))
    sheet = grid.sheet("")
    if not sheet.rows:
        raise Unreadable(say("表格是空的。请填好再上传"))
    return sheet


def _lines(text: str) -> Iterator[str]:
    """The lines of a file, none longer than all its cells may be: a line of millions of commas is a list of millions of cells."""
    for n, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > LONGEST_LINE:
            raise Unreadable(
                say("第 {n} 行有 {length} 个字，长得不像表格。请用 WPS 或 Excel 另存为 .xlsx 再传", n=n, length=len(line))
            )
        yield line


def _decoded(data: bytes) -> str:
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(say("文件加了密码，读不出来。请在 WPS 或 Excel 里取消密码，另存为 .xlsx 再传"))
        raise Unreadable(say("这是旧版 .xls 文件。请用 WPS 或 Excel 打开，另存为 .xlsx 再传"))
    for start, reason in OTHERS.items():
        if data.startswith(start):
            raise Unreadable(reason)
    marked = next((encoding for mark, encoding in BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)
    if marked != "utf-16" and b"\0" in data:
        if text := _unmarked_utf_16(data):
            return text
        raise Unreadable(say("这不是表格，里面有不能显示的字符。请用 WPS 或 Excel 另存为 .xlsx 再传"))
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):  # most UTF-8 passes as GB 18030 too, so it comes first
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(say("文件的文字编码认不出来。请用 WPS 或 Excel 打开，另存为 .xlsx 再传"))


def _unmarked_utf_16(data: bytes) -> str | None:
    """The text of UTF-16 without a mark: only in the right order of bytes are there line ends, and nothing that is no text."""
    for order in ("le", "be"):
        with suppress(UnicodeDecodeError):
            text = data.decode(f"utf-16-{order}")
            if "\n" in text and not CONTROL.search(text):
                return text
    return None


def _separator(text: str) -> str:
    """The separator that gives the most of the first lines the same number of cells, and then the most cells."""
    bare = QUOTED.sub('""', text[: LONGEST * SNIFFED])  # what is in quotes separates nothing

    def evenness(separator: str) -> tuple[int, int]:
        lines = islice(csv.reader(io.StringIO(bare, newline=""), delimiter=separator), SNIFFED)
        counts = Counter(len(line) for line in lines if len(line) > 1)
        return max(((number, width) for width, number in counts.items()), default=(0, 0))

    try:
        return max(SEPARATORS, key=evenness)
    except csv.Error:
        return SEPARATORS[0]


# Mistakes, back to the office


def annotated(data: bytes, errors: Sequence[tuple[int, int, str]], *, name: str = "", limits: Limits = LIMITS) -> bytes:
    """The office's own file as ``.xlsx`` with what is wrong in the worksheet of this name, or in the first one: row and column
    from zero, and the text of each error.

    Each wrong cell is red and bears its texts as a comment, the first one is selected, and a new column after the last one
    has all texts of a row. Errors beyond the sheet's cells stand in that column only. Everything else of the workbook stays,
    except pictures, charts and links to other places, which may get lost. The marks of an earlier copy go.

    A CSV file, one of more than 20,000 rows, and one that cannot be rewritten as it is comes back as a new workbook with
    the same text, the red cells and the new column. Raises :class:`Unreadable` as :func:`read` does.
    """
    _check_size(data, limits)
    if not data.startswith(b"PK"):
        return _plainly(_without_ours(_csv(data, limits)), errors)
    book = workbook(data, limits)
    sheets = data_sheets(book)
    whole = next((sheet for sheet in sheets if sheet.name == name), sheets[0])
    sheet = _without_ours(whole)
    if len(sheet.rows) > limits.kept_rows or sum(part.size for part in book.parts.values()) > limits.kept_bytes:
        return _plainly(sheet, errors)
    if sum(map(expanse, book.parts.values())) > limits.kept_cells:
        return _plainly(sheet, errors)
    try:
        return _kept_workbook(book, sheet, errors, earlier=_ours(whole))
    except Exception:  # noqa: BLE001 - openpyxl fails in many ways at what other programs write; the errors still go back
        return _plainly(sheet, errors)


def _ours(sheet: Sheet) -> int | None:
    """The column that an earlier copy got, where the office sends that copy."""
    heads = sheet.rows[0] if sheet.rows else ()
    return next((column for column, said in enumerate(heads) if said.startswith(HEADING)), None)


def _without_ours(sheet: Sheet) -> Sheet:
    ours = _ours(sheet)
    if ours is None:
        return sheet
    grid = TextRows()
    for row in sheet.rows:
        grid.rows.append(["" if column == ours else said for column, said in enumerate(row)])
    grid.lossy = {(row, column) for row, column in sheet.lossy if column != ours}
    return replace(sheet, rows=(made := grid.sheet(sheet.name)).rows, lossy=made.lossy)


def _by_row(errors: Sequence[tuple[int, int, str]]) -> dict[int, list[str]]:
    rows: defaultdict[int, list[str]] = defaultdict(list)
    for row, _, text in sorted(errors, key=lambda error: error[:2]):
        rows[min(max(row, 0), MOST_ROWS)].append(text)
    return rows


def _beside(row: int, texts: Sequence[str]) -> str:
    """What stands in the new column; its first cell is its heading."""
    joined = say("；").join(texts)
    return joined if row else say("{heading}：{texts}", heading=HEADING, texts=joined) if texts else HEADING


def _kept_workbook(book: Workbook, sheet: Sheet, errors: Sequence[tuple[int, int, str]], *, earlier: int | None) -> bytes:
    # Heavy, and only this needs it.
    import openpyxl
    from openpyxl.styles import Alignment, PatternFill

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about what it cannot keep
        made = openpyxl.load_workbook(io.BytesIO(packed(book.parts)), rich_text=True, keep_links=False)
    page = made[sheet.name]
    corners = {place: area.top[0] for area in page.merged_cells.ranges for place in area.cells}
    _unmark(page, earlier)
    width = max(map(len, sheet.rows))
    wrong: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for row, column, text in errors:
        if 0 <= row < len(sheet.rows) and 0 <= column < width:
            wrong[corners.get((row + 1, column + 1), (row + 1, column + 1))].append(text)
    for (row, column), texts in wrong.items():
        cell = page.cell(row, column)
        cell.fill = PatternFill("solid", start_color=RED)
        cell.comment = _comment(texts, cell.comment)
    new = max([width, *(area.max_col for area in page.merged_cells.ranges if area.max_col <= MOST_COLUMNS)]) + 1
    for row, texts in {0: [], **_by_row(errors)}.items():
        if (row + 1, new) not in corners:
            cell = page.cell(row + 1, new, _beside(row, texts))
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    _widen(page, new)
    for one in made.worksheets:
        one.sheet_view.tabSelected = one is page
        _tidy(one)
    made.active = made.index(page)
    if wrong:
        _select(page, *min(wrong))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _comment(texts: Sequence[str], old: Untyped) -> Untyped:
    from openpyxl.comments import Comment

    lines = [*(CONTROL.sub("", text) for text in texts), *(["", old.text] if old else [])]
    return Comment("\n".join(lines), AUTHOR, width=320, height=40 + 24 * len(lines))


def _unmark(page: Untyped, column: int | None) -> None:
    """Take away what an earlier copy said: a mistake that was put right must not look wrong."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    for row in page.iter_rows():
        told = row[column] if column is not None and column < len(row) else None
        for cell in row:
            mine = cell.comment is not None and cell.comment.author == AUTHOR
            if mine:
                _, _, theirs = cell.comment.text.partition("\n\n")
                cell.comment = Comment(theirs, "") if theirs else None
            if (mine or (told is not None and told.value)) and str(cell.fill.start_color.rgb).endswith(RED):
                cell.fill = PatternFill()
        if told is not None and told.value:
            told.value = None


def _widen(page: Untyped, column: int) -> None:
    """Give a column its own width, also where the file has one entry for all columns up to the last."""
    for entry in page.column_dimensions.values():
        if entry.min and entry.min < column <= entry.max:
            entry.max = column - 1
    letter = column_name(column - 1)
    page.column_dimensions.pop(letter, None)
    page.column_dimensions[letter].width = 60


def _tidy(page: Untyped) -> None:
    """Take out what leads elsewhere, and keep texts such as ``_x0041_``, which openpyxl would turn into what they look like."""
    for row in page.iter_rows():
        for cell in row:
            if cell.hyperlink and cell.hyperlink.target:
                cell.hyperlink = None
            if type(cell.value) is str and "_x" in cell.value:
                kind = cell.data_type
                cell.value, cell.data_type = ESCAPE.sub("_x005F_", cell.value), kind


def _select(page: Untyped, row: int, column: int) -> None:
    view = page.sheet_view
    for selection in view.selection:
        selection.activeCell = selection.sqref = page.cell(row, column).coordinate
    if view.pane is None:
        view.topLeftCell = f"A{max(row - 4, 1)}"
    elif view.pane.state == "frozen":
        down, right = int(view.pane.ySplit or 0), int(view.pane.xSplit or 0)
        view.pane.topLeftCell = f"{column_name(right)}{max(row - 4, down + 1)}"


def _plainly(sheet: Sheet, errors: Sequence[tuple[int, int, str]]) -> bytes:
    beside = _by_row(errors)
    new = max(map(len, sheet.rows))
    wrong = {(row, column) for row, column, _ in errors if 0 <= row < len(sheet.rows) and 0 <= column < new}
    out = io.BytesIO()
    with _workbook(out) as book:
        red, wrapped = book.add_format({"bg_color": f"#{RED}"}), book.add_format({"text_wrap": True, "valign": "top"})
        page = book.add_worksheet(_sheet_name(sheet.name))
        for column, width in enumerate(cells.widths(sheet.rows[:MEASURED])):
            page.set_column(column, column, min(max(width + 2, 8), 60))
        page.set_column(new, new, 60)
        if wrong:
            first = min(wrong)
            page.set_selection(*first, *first)
            page.set_top_left_cell(max(first[0] - 4, 0), 0)
        for number in range(max(len(sheet.rows), max(beside, default=0) + 1)):
            row = sheet.rows[number] if number < len(sheet.rows) else ()
            marked = [column for column in range(new) if (number, column) in wrong]
            for column, text in enumerate((*row, *[""] * (max(marked, default=-1) + 1 - len(row)))):
                _put(page, number, column, text, red if column in marked else None)
            if number == 0 or number in beside:
                _put(page, number, new, _beside(number, beside.get(number, ())), wrapped)
    return out.getvalue()


# Exports


def written(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """An ``.xlsx`` with one sheet: text exactly as it is and never a formula, numbers and dates as such, None as nothing.

    Numbers of more than 15 digits are written as text, because a spreadsheet would lose the last ones; texts of more than
    32,767 characters are cut, control characters left out. Equal input gives equal bytes. Raises :class:`Unreadable` for more
    rows than a sheet holds.
    """
    lines = iter(rows)
    first = list(islice(lines, MEASURED))
    widths = cells.widths([headings, *([cells.text(value) for value in row] for row in first)])
    out, number = io.BytesIO(), 0
    with _workbook(out) as book:
        bold, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        page = book.add_worksheet(_sheet_name(name))
        for column, width in enumerate(widths):
            page.set_column(column, column, min(max(width + 2, 8), 60))
        for column, heading in enumerate(headings):
            _put(page, 0, column, heading, bold)
        for number, row in enumerate(chain(first, lines), 1):
            if number >= SHEET_ROWS:
                raise Unreadable(say("导出的内容超过一张表的 {most} 行。请缩小范围，或改用 CSV", most=SHEET_ROWS))
            for column, value in enumerate(row):
                if type(value) is str and value.isprintable() and len(value) <= LONGEST:
                    if value:
                        page.write_string(number, column, value)
                    continue
                if type(value) is date and value >= FIRST:
                    page.write_number(number, column, value.toordinal() - ZERO, day)
                    continue
                form = moment if isinstance(value, datetime) else day if isinstance(value, date) else None
                _put(page, number, column, value, form)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, number, max(len(headings) - 1, 0))
        page.repeat_rows(0)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
    return out.getvalue()


def written_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file that Excel and WPS open by a double click: UTF-8 with a mark, CRLF, every cell in quotes.

    CSV knows no types, and quotes give none: a program that opens it makes 7 of 007, and 9.13E+17 of a long code. So a text
    that looks like a number or a day gets a tab behind it, which nobody sees and which keeps it text; one that looks like a
    formula gets an apostrophe before it (ASVS 1.2.10). :func:`read` takes both away again. Control characters are left out,
    numbers and dates stay such.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    for row in chain([headings], rows):
        writer.writerow([_in_csv(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _in_csv(value: object) -> str:
    number = isinstance(value, int | float) and abs(value) < cells.EXACT
    return cells.text(value) if number or isinstance(value, date) else inert(CONTROL.sub("", cells.text(value)))


def inert(said: str) -> str:
    """A text that stays the text that it is, in programs that guess what it might be."""
    if FORMULA.match(said):
        return f"'{said}"
    return f"{said}\t" if NUMBER.fullmatch(unicodedata.normalize("NFKC", said)) else said


@contextmanager
def _workbook(out: io.BytesIO) -> Iterator[Untyped]:
    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = xlsxwriter.Workbook(out, {**options, "constant_memory": True})
    book.set_properties({"created": EPOCH})
    yield book
    book.close()


def _sheet_name(name: str) -> str:
    """A name that spreadsheet programs accept."""
    return re.sub(r"[\[\]:*?/\\]|^'|'$", " ", name)[:31].strip() or say("数据")


def _put(page: Untyped, row: int, column: int, value: object, form: Untyped = None) -> None:
    """Write one cell; ``form`` goes with text that bears one, and with dates."""
    match value:
        case None:
            return
        case bool():
            page.write_string(row, column, cells.text(value))
        case int() | float() if abs(value) < cells.EXACT:
            page.write_number(row, column, value)
        case date() if value.year >= 1900:
            page.write_datetime(row, column, value.replace(tzinfo=None) if isinstance(value, datetime) else value, form)
        case _:
            said = CONTROL.sub("", cells.text(value))
            said = said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
            page.write_string(row, column, said, form if isinstance(value, str) else None)
