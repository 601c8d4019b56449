"""Workbooks (``.xlsx``) that strangers send: what is in them, and the sheets with data, read only after they were searched.

The search goes over the raw XML in bounded pieces with patterns, because a parser would already have built what has to
be refused: one cell at the far end of a sheet is enough to ask for the memory of all cells before it.
"""

import gc
import io
import re
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from posixpath import join, normpath
from xml.parsers import expat

from python_calamine import CalamineSheet, CalamineWorkbook

from portal.terms import Text, say
from portal.workshop.archives import Part, check_contents, damaged, opened, packed
from portal.workshop.cells import Sheet, TextRows, column_name, text
from portal.workshop.limits import LIMITS, MEGABYTE, Limits
from portal.workshop.looks import Look, Seen, looks
from portal.workshop.pool import Unreadable

# The patterns below are written for these two
MOST_ROWS = 100_100
MOST_COLUMNS = 200
MOST_STRUCTURE = 4 * MEGABYTE
MOST_RELATIONS = 32 * MEGABYTE
LONGEST_CELL = 2 * MEGABYTE  # of XML; a cell has 32,767 characters at most
CELL_TAG, CELL_SIZE = 20, 30  # bytes of XML that a cell takes besides its text, and with a reference to a string

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

# No pattern looks past the next "<", so that tags without an end cost no more than others.
# The tags of cells that need a look: all but those plainly within 26 (or 200) columns and 99,999 rows.
USUAL_COLUMNS, USUAL_ROWS = 26, 99_999
USUAL = re.compile(rb'<c(?![A-Za-z:])(?! r="[A-Z]\d{1,5}")')
USUAL_WIDE = re.compile(rb'<c(?![A-Za-z:])(?! r="(?:[A-F]?[A-Z]|G[A-R])\d{1,5}")')
REF = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,6})([0-9]{1,9})["']""")
ROOT = re.compile(rb"<([\w.-]+:)worksheet[\s>]")
OTHER_CELL = re.compile(rb"<[\w.-]+:c[\s/>]")
FORMULA = re.compile(rb"<f[\s/>]")
PLACED_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^<>]*><f[\s/>]')
# What nobody sees: columns by their first and last, rows
COL = re.compile(rb"<col\s[^<>]*>")
HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
BOUND = {name: re.compile(rb"\s" + name + rb"""\s*=\s*["'](\d{1,6})["']""") for name in (b"min", b"max", b"r")}
HIDDEN_ROW = re.compile(rb"""<row\s[^<>]*\shidden\s*=\s*["'](?:1|true)["'][^<>]*>""")
# A cell with content in a row from which on 200 columns are too many
FAR_DOWN = re.compile(rb'<c r="[A-Z]+((?:1[3-9]|[2-9]\d|1\d\d)\d{3})"[^<>/]*>(?!</)')
ERROR = re.compile(rb"""<c(\s[^<>]*?\bt\s*=\s*["']e["'][^<>]*)>\s*<v[^<>]*>([^<]*)""")
# A number in a cell of one of some styles
STYLED = rb"""<c(\s[^<>]*?\bs\s*=\s*["'](%b)["'][^<>]*)>\s*<v[^<>]*>([-+.\dEe]{1,30})<"""
TYPED = re.compile(rb"""\st\s*=\s*["'](?!n["'])""")
MOST_STYLES = 50
SHARED = re.compile(rb't="s"[^<>]*>\s*<v[^<>]*>([^<]+)')
SHARED_ODD = re.compile(rb"""\bt\s*=\s*["']s["'][^<>]*>\s*<v[^<>]*>([^<]+)""")
END = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>|<(?:[\w.-]+:)?sheetData(?:\s[^<>]*)?/>")
CELLS_AFTER = re.compile(rb"<(?:[\w.-]+:)?(?:row|c)[\s/>]")
STRING_END = re.compile(rb"</(?:[\w.-]+:)?si\s*>|<(?:[\w.-]+:)?si\s*/>")
UNIQUE = re.compile(rb"""uniqueCount\s*=\s*["'](\d{1,18})""")
LINKED = re.compile(
    rb"""<(?:\w+:)?Relationship\s(?=[^<>]*TargetMode\s*=\s*["']External)(?![^<>]*\bType\s*=\s*["'][^"']*/hyperlink["'])[^<>]*>"""
)
RANGE = re.compile(
    rb"""<(?:\w+:)?(?:mergeCell|hyperlink)\s[^<>]*?\bref\s*=\s*["']([A-Za-z]{1,6})(\d{1,9}):([A-Za-z]{1,6})(\d{1,9})["']"""
)
MACROS = re.compile(r"(?i)vbaProject|/macrosheets/|/dialogsheets/")
LINKS = re.compile(r"(?i)/externalLinks/|/connections\.xml$|/queryTables/")
EMBEDDED = re.compile(r"(?i)/embeddings/|/oleObjects?|/activeX/")


@dataclass(frozen=True)
class Workbook:
    """A workbook whose parts were checked: its parts, and its visible worksheets with the name of the part of each."""

    parts: Mapping[str, Part]
    sheets: tuple[tuple[str, str], ...]
    strings: Part | None
    styles: Part | None
    since_1904: bool
    limits: Limits


@dataclass
class WorkbookCost:
    """What all worksheets of a workbook have cost together: the limits hold for the sum, so that many cost no more than one."""

    limits: Limits
    cells: int = 0
    text: int = 0
    merged: int = 0
    odd: int = 0
    errors: int = 0
    read: int = 0
    """Cells that the parser has kept, empty ones between others as well."""
    spread: int = 0
    """Cells over which merged areas have spread their text."""


@dataclass
class Searched:
    """What the search through a worksheet found."""

    formulas: int = 0
    first_formula: str = ""
    rows_of_formulas: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The columns that have formulas, and in which rows, both from zero; without those where no cell is named."""
    unplaced: bool = False
    """There are formulas of which it cannot be told where they stand."""
    hidden_columns: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    filled: bool = False
    wide: bool = False
    odd_rows: int = 0
    """The last row with an odd cell that has content."""
    columns: int = USUAL_COLUMNS
    rows: int = USUAL_ROWS
    """No cell beyond these, counted from one, has content."""
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """Cells that show an error such as #N/A, which the parser leaves out."""
    seen: dict[tuple[int, int], Seen] = field(default_factory=dict)
    """Cells whose number looks otherwise than it is."""


def workbook(data: bytes, limits: Limits = LIMITS) -> Workbook:
    """Check an archive and everything that its parts say about themselves. Raises :class:`Unreadable` with the reason."""
    parts = opened(data, limits)
    check_contents(parts)
    _check_kinds(parts)
    return _described(parts, limits)


def _check_kinds(parts: Mapping[str, Part]) -> None:
    names = "\n".join(f"/{name}" for name in parts)
    types = parts["[Content_Types].xml"].contents(MOST_STRUCTURE) if "[Content_Types].xml" in parts else b""
    if MACROS.search(names) or b"macroEnabled" in types or b"macrosheet" in types:
        raise Unreadable(say("文件带有宏，没有打开。请在 WPS 或 Excel 里另存为“.xlsx 工作簿”（不带宏）再传"))
    if LINKS.search(names):
        raise Unreadable(say("表格连着别的文件或数据源，没有打开。请在“数据—编辑链接”里断开，或复制到新表格，再传"))
    if EMBEDDED.search(names):
        raise Unreadable(say("表格里嵌有别的文件或控件，没有打开。请删去，或把数据复制到新表格，再传"))
    for name, part in parts.items():
        if name.endswith(".rels") and LINKED.search(part.contents(MOST_RELATIONS)):
            raise Unreadable(say("表格引用了外部的文件或图片，没有打开。请把数据复制到新表格，另存为 .xlsx 再传"))


def _described(parts: Mapping[str, Part], limits: Limits) -> Workbook:
    path = next((target for _, kind, target in _relations(parts, "") if kind == "officeDocument"), "xl/workbook.xml")
    if path not in parts:
        raise Unreadable(say("这不是 .xlsx 表格（里面没有工作簿）。请用 WPS 或 Excel 另存为 .xlsx 再传"))
    related = _relations(parts, path)
    targets = {number: target for number, kind, target in related if kind == "worksheet"}
    sheets: dict[str, str] = {}
    since_1904 = False
    for tag, values in _tags(parts[path]):
        if tag == "workbookPr":
            since_1904 = values.get("date1904") in {"1", "true"}
        elif tag == "sheet" and values.get("state", "visible") == "visible" and values.get("id") in targets:
            sheets.setdefault(targets[values["id"]], values.get("name", ""))
    if not sheets:
        raise Unreadable(say("文件里没有看得见的工作表。请取消隐藏，或把数据复制到新表格，再传"))
    others = {kind: parts[target] for _, kind, target in related if kind in {"sharedStrings", "styles"}}
    named = tuple((name, target) for target, name in sheets.items())
    return Workbook(parts, named, others.get("sharedStrings"), others.get("styles"), since_1904, limits)


def _relations(parts: Mapping[str, Part], path: str) -> list[tuple[str, str, str]]:
    """The id and kind of what a part refers to inside the archive, and its name; some programs mix up capitals."""
    folder, _, file = path.rpartition("/")
    part = parts.get(join(folder, "_rels", f"{file}.rels"))
    names = {name.lower(): name for name in parts}
    found = []
    for tag, values in _tags(part) if part else ():
        target = normpath(join("/", folder, values.get("Target", ""))).lower().lstrip("/")
        if tag == "Relationship" and values.get("TargetMode") != "External" and target in names:
            found.append((values.get("Id", ""), values.get("Type", "").rpartition("/")[2], names[target]))
    return found


def _tags(part: Part) -> list[tuple[str, dict[str, str]]]:
    """All tags of a small part with their attributes, without namespaces."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, values: dict[str, str]) -> None:
        found.append((tag.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in values.items()}))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    try:
        parser.Parse(part.contents(MOST_STRUCTURE), True)
    except expat.ExpatError as error:
        raise damaged() from error
    return found


# The search


def searched(part: Part, lengths: Sequence[int], spent: WorkbookCost, styles: Mapping[int, Look] | None = None) -> Searched:
    """Search a worksheet for what has to be refused before a parser sees it. Raises :class:`Unreadable`.

    ``lengths`` are those of the shared strings: one long string that all cells refer to is a bomb, too. ``spent`` is what the
    worksheets before it have cost, ``styles`` how numbers look in cells of some styles.
    """
    ids = b"|".join(b"%d" % style for style in styles) if styles and len(styles) <= MOST_STYLES else rb"\d{1,6}"
    styled = re.compile(STYLED % ids) if styles else None
    found, most = Searched(), spent.limits
    doubtful = max(lengths, default=0) * part.size // CELL_SIZE > 2 * most.text
    extent, narrow = Extent(), 0
    for piece, after in _sheet_pieces(part):
        cells = piece.count(b"<c ")
        spent.cells += cells
        if spent.cells > most.cells:
            raise Unreadable(say("表里超过 {most} 格（带格式的空格子也算）。请删去多余的行列，或分成几份再上传", most=most.cells))
        spent.text += max(len(piece) - CELL_TAG * cells, 0) + (_referred(lengths, piece) if doubtful else 0)
        if spent.text > most.text:
            raise _too_much_text(most)
        found.filled = found.filled or b"<v" in piece or b"<is" in piece
        _far(found, spent, piece)
        if found.wide:
            extent.reach(piece)
        else:
            narrow += 1
        if b"<f" in piece:
            _formulas(found, piece)
        if b"hidden" in piece:
            _hidden(found, piece)
        if b'"e"' in piece or b"'e'" in piece:
            _errors(found, spent, piece)
        if styles and styled:
            _see(found, spent, styles, styled.finditer(piece))
        if after:
            spent.merged += after.count(b"mergeCell ")
            if CELLS_AFTER.search(after):
                raise damaged()
    if spent.merged > most.merged:
        raise Unreadable(say("表里有 {n} 处合并单元格，最多 {most} 处。请取消合并后再上传", n=spent.merged, most=most.merged))
    _check_extent(found, extent, islice(_sheet_pieces(part), narrow), most.cells)
    return found


def _pieces(part: Part) -> Iterator[bytes]:
    """The XML of a part, cut where it tears no tag, and no cell if it can."""
    held = b""
    for chunk in part.chunks():
        held += chunk
        end = held.rfind(b"c>") + 2
        if end < len(held) // 2:
            end = max(end, held.rfind(b"<"))
        if len(held) - end > LONGEST_CELL:
            raise Unreadable(say("表里有一格的文字太长（一格最多 32767 个字），没有打开。请删短后再传"))
        yield held[:end]
        held = held[end:]
    yield held


def _too_much_text(limits: Limits) -> Unreadable:
    return Unreadable(say("表里的文字超过 {most} MB。请删去长段文字，或分成几份再上传", most=limits.text // MEGABYTE))


def _unusual() -> Unreadable:
    return Unreadable(say("文件的写法不常见，没有打开。请用 WPS 或 Excel 打开，另存为 .xlsx 再传"))


def _sheet_pieces(part: Part) -> Iterator[tuple[bytes, bytes]]:
    """The same for a worksheet, without the prefixes of namespaces: what may hold cells, and what follows them."""
    inside, prefix = True, b""
    for number, raw in enumerate(_pieces(part)):
        if not inside:
            yield b"", raw
            continue
        if number == 0 and (root := ROOT.search(raw)):
            prefix = root[1]
        piece = raw.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</") if prefix else raw
        if b"<!" in piece or (b":c" in piece and OTHER_CELL.search(piece)):
            raise _unusual()
        end = END.search(piece) if b"sheetData" in piece else None
        inside = end is None
        yield (piece, b"") if end is None else (piece[: end.end()], piece[end.end() :])


def _far(found: Searched, spent: WorkbookCost, piece: bytes) -> None:
    """Look at the cells that are not plainly inside the limits; empty ones do not count, wherever they are."""
    at = 0
    while match := (USUAL_WIDE if found.wide else USUAL).search(piece, at):
        at = piece.find(b">", match.end()) + 1 or len(piece)
        tag = piece[match.start() : at]
        spent.odd += 1
        if spent.odd > spent.limits.odd:
            raise Unreadable(say("表格的格式设得太远（很多空格子也有格式）。请把数据复制到新表格，另存为 .xlsx 再传"))
        if tag.endswith(b"/>") or piece.startswith(b"</", at):
            continue
        if (ref := REF.search(tag)) is None:
            raise Unreadable(say("工作表里有没写明位置的格子，没有打开。请用 WPS 或 Excel 打开，另存为 .xlsx 再传"))
        name, column, row = ref[1].decode(), _number(ref[1]), int(ref[2])
        if row > MOST_ROWS:
            raise Unreadable(say("第 {n} 行还有内容，一次最多 {most} 行。请分成几份，或删去多余的行", n=row, most=MOST_ROWS))
        if column > MOST_COLUMNS:
            what = say("{name} 列（第 {n} 列）还有内容，最多 {most} 列。请删去多余的列", name=name, n=column, most=MOST_COLUMNS)
            raise Unreadable(what)
        found.wide = found.wide or column > USUAL_COLUMNS
        found.columns, found.odd_rows = max(found.columns, column), max(found.odd_rows, row)
        found.rows = max(found.rows, row)


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _formulas(found: Searched, piece: bytes) -> None:
    formulas = FORMULA.findall(piece)
    if formulas and not found.formulas:
        before = piece[: piece.find(formulas[0])]
        ref = REF.search(before, max(before.rfind(b"<c"), 0))
        found.first_formula = f"{ref[1].decode()}{ref[2].decode()}" if ref else ""
    found.formulas += len(formulas)
    placed = 0
    for match in PLACED_FORMULA.finditer(piece):
        placed += 1
        found.rows_of_formulas[_number(match[1]) - 1].append(int(match[2]) - 1)
    found.unplaced = found.unplaced or placed < len(formulas)


def _hidden(found: Searched, piece: bytes) -> None:
    """What of the sheet nobody sees: columns, which stand before the cells, and rows."""
    for match in COL.finditer(piece):
        first, last = (BOUND[name].search(match[0]) for name in (b"min", b"max"))
        if HIDDEN.search(match[0]) and first and last:
            found.hidden_columns.update(range(int(first[1]) - 1, min(int(last[1]), MOST_COLUMNS)))
    for match in HIDDEN_ROW.finditer(piece):
        row = BOUND[b"r"].search(match[0])
        if row and int(row[1]) <= MOST_ROWS:
            found.hidden_rows.add(int(row[1]) - 1)


def _errors(found: Searched, spent: WorkbookCost, piece: bytes) -> None:
    for match in ERROR.finditer(piece):
        spent.errors += 1
        if ref := REF.search(match[1]):
            found.errors[int(ref[2]) - 1, _number(ref[1]) - 1] = match[2].decode(errors="replace")
        if spent.errors > (most := spent.limits.errors):
            raise Unreadable(say("表里有超过 {most} 个 #N/A 之类的错误值，没有打开。请先改正或删去", most=most))


def _see(found: Searched, spent: WorkbookCost, styles: Mapping[int, Look], cells: Iterator[re.Match[bytes]]) -> None:
    """Note the cells whose number looks otherwise than it is."""
    for match in cells:
        ref = REF.search(match[1])
        look = styles.get(int(match[2]))
        if ref is None or look is None or TYPED.search(match[1]):
            continue
        try:
            seen = look(value := float(match[3]))
        except ValueError:
            continue
        if seen is None or seen.text == text(value):
            continue
        found.seen[int(ref[2]) - 1, _number(ref[1]) - 1] = seen
        if len(found.seen) > (most := spent.limits.odd):
            raise Unreadable(say("表里有超过 {most} 个按格式显示的数字（如 007）。请把这几列设成文本，或分成几份再传", most=most))


@dataclass
class Extent:
    """How far the cells of a wide sheet reach. A list of millions of cells would take longer than all the rest, so only those
    are looked at that change the answer.
    """

    columns: int = USUAL_COLUMNS
    rows: int = 1

    def reach(self, piece: bytes) -> None:
        """Grow so far that these cells are inside."""
        at, further = 0, _further(self.columns)
        self.rows = max(self.rows, *map(int, FAR_DOWN.findall(piece)), 0)
        while match := further.search(piece, at):
            self.columns, at = _number(match[1]), match.end()
            further = _further(self.columns)


def _check_extent(found: Searched, extent: Extent, above: Iterator[tuple[bytes, bytes]], most: int) -> None:
    """Refuse more cells than ``most``; ``above`` are the pieces that were searched before the sheet was found to be wide."""
    if found.wide:
        # Assuming 99,999 rows would refuse every wide sheet: those above are measured, too, now that it is one
        for piece, _ in above:
            extent.reach(piece)
        found.columns, found.rows = max(found.columns, extent.columns), max(found.odd_rows, extent.rows)
    if found.columns * found.rows > most:
        raise Unreadable(
            say(
                "表格有 {rows} 行、{columns} 列，合起来超过 {most} 格。请删去用不到的列，或分成几份再上传",
                rows=found.rows,
                columns=found.columns,
                most=most,
            )
        )


def _further(column: int) -> re.Pattern[bytes]:
    """The cells with content that stand further to the right than a column of two letters."""
    name = column_name(column - 1) if column > USUAL_COLUMNS else "A@"
    first, second = name[0], name[1]
    return re.compile(rf'<c r="({first}(?![@-{second}])[A-Z]|(?![A-{first}])[A-G][A-Z])\d+"[^<>/]*>(?!</)'.encode())


def _lengths(strings: Part | None, limits: Limits) -> Sequence[int]:
    """How many bytes of XML each of the shared strings takes."""
    lengths, begun, total = array("L"), 0, 0
    for raw in _pieces(strings) if strings else ():
        if b"<!" in raw:
            raise _unusual()
        total += len(raw)
        if total > limits.strings:
            raise _too_much_text(limits)
        usual = raw.count(b"<si") == raw.count(b"<si>") and raw.count(b"</si") == raw.count(b"</si>") and b":si" not in raw
        piece = raw if usual else STRING_END.sub(b"</si>", raw)
        *whole, rest = map(len, piece.split(b"</si>"))
        if whole:
            whole[0] += begun
            begun = 0
        begun += rest
        lengths.extend(whole)
        claimed = UNIQUE.search(piece) if b"uniqueCount" in piece else None
        n = max(len(lengths), int(claimed[1]) if claimed else 0)
        if n > limits.cells:
            raise Unreadable(say("表里的文字有 {n} 段，最多 {most} 段。请分成几份再上传", n=n, most=limits.cells))
    return lengths


def _referred(lengths: Sequence[int], piece: bytes) -> int:
    """The bytes of text that these cells take from the shared strings."""
    usual = piece.count(b'"s"') + piece.count(b"'s'") == piece.count(b't="s"')
    try:
        return sum(map(lengths.__getitem__, map(int, (SHARED if usual else SHARED_ODD).findall(piece))))
    except (ValueError, IndexError) as error:
        raise damaged() from error


def expanse(part: Part) -> int:
    """How many cells lie in the merged areas and ranges of links of a worksheet; for parts small enough to be held."""
    return sum(
        (_number(right) - _number(left) + 1) * (int(bottom) - int(top) + 1)
        for left, top, right, bottom in RANGE.findall(b"".join(part.chunks()))
    )


# Reading


def data_sheets(book: Workbook) -> tuple[Sheet, ...]:
    """The visible worksheets that hold any text. Raises :class:`Unreadable` where none of them may be taken in."""
    lengths, spent = _lengths(book.strings, book.limits), WorkbookCost(book.limits)
    styles = looks(book.styles, MOST_RELATIONS, since_1904=book.since_1904)
    found: dict[int, Searched] = {}
    for number, (name, path) in enumerate(book.sheets):
        with _named(book, name):
            one = searched(book.parts[path], lengths, spent, styles)
        if one.filled or one.formulas:
            found[number] = one
    # With formulas that stand nowhere in all of them there is nothing to choose from, so that nothing has to be parsed
    sheets = [] if all(one.unplaced for one in found.values()) else list(_sheets(book, found, spent))
    if any(sheet.trouble is None for sheet in sheets):
        return tuple(sheets)
    for number, one in found.items():
        if one.unplaced:
            with _named(book, book.sheets[number][0]):
                raise Unreadable(_has_formulas(one))
    raise Unreadable(say("表格是空的。请填好再上传"))


@contextmanager
def _named(book: Workbook, name: str) -> Iterator[None]:
    """A refusal names the worksheet where there are several."""
    try:
        yield
    except Unreadable as error:
        if len(book.sheets) == 1:
            raise
        raise Unreadable(say("工作表“{name}”：{text}", name=name, text=error.text)) from error


def _has_formulas(found: Searched) -> Text:
    return say(
        "表里有 {n} 个公式（第一个在 {place}），只收数值。请全选复制，“选择性粘贴—数值”后再上传",
        n=found.formulas,
        place=found.first_formula or say("未注明位置的格子"),
    )


def _sheets(book: Workbook, found: Mapping[int, Searched], spent: WorkbookCost) -> Iterator[Sheet]:
    """The worksheets that were searched and hold any text."""
    parser = None
    for number, one in found.items():
        name = book.sheets[number][0]
        gc.disable()  # rows of text form no cycles, but the collector would walk them again and again
        try:
            parser = parser or CalamineWorkbook.from_filelike(io.BytesIO(_plain(book)))
            with _named(book, name):
                grid = _grid(parser.get_sheet_by_index(number), one, spent)
        except (Unreadable, MemoryError):
            raise
        except BaseException as error:  # panics of the parser are no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            raise damaged() from error
        finally:
            gc.enable()
        if any(map(any, grid.rows)):
            yield replace(
                grid.sheet(name, _has_formulas(one) if one.unplaced else None),
                formulas=dict(one.rows_of_formulas),
                hidden_columns=frozenset(one.hidden_columns),
                hidden_rows=frozenset(one.hidden_rows),
                unlike={at: seen.text for at, seen in one.seen.items() if seen.unlike},
            )


def _grid(sheet: CalamineSheet, found: Searched, spent: WorkbookCost) -> TextRows:
    grid = TextRows()
    if sheet.start is None or sheet.end is None:
        return grid
    spent.read += (sheet.end[0] + 1) * (sheet.end[1] + 1)
    if spent.read > (most := spent.limits.cells):
        raise Unreadable(say("几张工作表合起来超过 {most} 格。请只留要导入的一张，或分成几份再上传", most=most))
    for values in sheet.iter_rows():
        grid.add(values, left=sheet.start[1])
    for (row, column), error in found.errors.items():
        if row < len(grid.rows):
            grid.put(row, column, error)
    for (row, column), seen in found.seen.items():
        if row < len(grid.rows) and not seen.unlike:
            grid.put(row, column, seen.text)
            if seen.lost:
                grid.lossy.add((row, column))
    high, wide = len(grid.rows), max(map(len, grid.rows), default=0)
    areas = [(*start, min(end[0] + 1, high), min(end[1] + 1, wide)) for start, end in sheet.merged_cell_ranges or ()]
    spent.spread += sum(max(bottom - top, 0) * max(right - left, 0) for top, left, bottom, right in areas)
    if spent.spread > most:
        raise Unreadable(say("表里的合并单元格互相重叠，没有打开。请取消合并后再上传"))
    for area in areas:
        grid.merge(*area)
    return grid


def _plain(book: Workbook) -> bytes:
    """The same workbook as an archive of our own words around the parts with the cells, for the parser."""
    named = [f"xl/worksheets/{number}.xml" for number in range(len(book.sheets))]
    others = {"sharedStrings": book.strings, "styles": book.styles}
    related = {f"worksheets/{number}.xml": "worksheet" for number in range(len(named))}
    related |= {f"{kind}.xml": kind for kind, part in others.items() if part}
    sheets = "".join(f'<sheet name="{n}" sheetId="{n + 1}" r:id="r{n}"/>' for n in range(len(named)))
    parts: dict[str, Part | bytes] = {
        "_rels/.rels": _relationships({"xl/workbook.xml": "officeDocument"}),
        "xl/_rels/workbook.xml.rels": _relationships(related),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="{int(book.since_1904)}"/>'
            f"<sheets>{sheets}</sheets></workbook>"
        ).encode(),
    }
    parts |= {f"xl/{kind}.xml": part for kind, part in others.items() if part}
    parts |= {name: book.parts[path] for name, (_, path) in zip(named, book.sheets, strict=True)}
    return packed(parts)


def _relationships(targets: Mapping[str, str]) -> bytes:
    lines = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{to}"/>' for n, (to, kind) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="{PACKAGE}">{lines}</Relationships>'.encode()
