"""Spreadsheets as offices have them, as strangers forge them, and as the portal writes them."""

import csv
import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from portal.workshop import sheets
from portal.workshop.cells import Sheet, cleaned
from portal.workshop.limits import LIMITS, Limits
from portal.workshop.pool import Unreadable
from portal.workshop.sheets import LONGEST_LINE, annotated, written, written_csv

HAN = re.compile(r"[\u4e00-\u9fff]")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MIDNIGHT, EIGHT = datetime.fromisoformat("2026-11-21"), datetime.fromisoformat("2026-11-21T08:30")
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


def saved(book: openpyxl.Workbook) -> bytes:
    """A workbook as bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def office(*rows: list[object], title: str = "单位") -> bytes:
    """A workbook with these rows."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return saved(book)


def relations(*lines: tuple[str, str, str], more: str = "") -> str:
    """A part with relationships: id, kind, target."""
    inside = "".join(f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{to}"/>' for key, kind, to in lines)
    return f'<Relationships xmlns="{PACKAGE}">{inside}{more}</Relationships>'


def cells(inside: str, *, before: str = "", after: str = "") -> str:
    """A worksheet around these rows."""
    return f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheetData>{inside}</sheetData>{after}</worksheet>'


SHEET = "xl/worksheets/sheet1.xml"
ROWS = '<row r="1"><c r="A1" t="inlineStr"><is><t>名称</t></is></c><c r="B1"><v>7</v></c></row>'
WORKBOOK = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="单位" sheetId="1" r:id="r1"/></sheets></workbook>'
PARTS: dict[str, str | bytes] = {
    "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": WORKBOOK,
    "xl/_rels/workbook.xml.rels": relations(
        ("r1", "worksheet", "worksheets/sheet1.xml"), ("r2", "sharedStrings", "sharedStrings.xml"), ("r3", "styles", "styles.xml")
    ),
    SHEET: cells(ROWS),
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>共享</t></si></sst>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"/>',
}


def forged(changes: Mapping[str, str | bytes | None] = {}, *, stored: bool = False) -> bytes:
    """A workbook put together by hand, with some parts changed, added or (None) left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**PARTS, **changes}.items():
            if part is not None:
                archive.writestr(zipfile.ZipInfo(name), part, None if stored else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def sheet(inside: str, **around: str) -> bytes:
    """A workbook with this worksheet."""
    return forged({SHEET: cells(inside, **around)})


def cell(ref: str, value: object = 1) -> str:
    """A row with one cell."""
    return f'<row><c r="{ref}"><v>{value}</v></c></row>'


def read(data: bytes) -> Sheet:
    """The first worksheet that is read."""
    return sheets.read(data)[0]


def rows_of(data: bytes) -> list[list[str]]:
    """The rows that were read, as lists."""
    return [list(row) for row in read(data).rows]


# CSV


TABLE = [["单位名称", "代码", "地址"], ["苏州某厂", "007", "路1号"], ["吴江某店", "9132", "路2号,东"]]


def as_csv(separator: str, end: str = "\r\n") -> str:
    """The table as text."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(TABLE)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk", "gb2312"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_csv_is_read_in_every_encoding_with_every_separator_and_line_end(encoding: str, separator: str, end: str) -> None:
    assert rows_of(as_csv(separator, end).encode(encoding)) == TABLE


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_csv_in_utf_16_is_read_in_both_byte_orders(mark: bytes) -> None:
    text = as_csv("\t").encode("utf-16-le" if mark == b"\xff\xfe" else "utf-16-be")
    assert rows_of(mark + text) == TABLE


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_csv_in_utf_16_is_read_without_a_mark_too(encoding: str) -> None:
    # In one the zero byte of "一" stands where that of a letter stands in the other
    assert rows_of("名称,说明\n一一一厂,一\n".encode(encoding)) == [["名称", "说明"], ["一一一厂", "一"]]


def test_rare_characters_survive_gb_18030() -> None:
    assert rows_of("𠮷野,㛃,〇\r\n䶮,𬱖,é\r\n".encode("gb18030")) == [["𠮷野", "㛃", "〇"], ["䶮", "𬱖", "é"]]


def test_quotes_and_line_ends_within_a_cell_of_csv_are_kept_as_one_cell() -> None:
    assert rows_of('名称,说明\n"甲,""乙""","一\n二\r\n三"\n'.encode()) == [["名称", "说明"], ['甲,"乙"', "一 二 三"]]


def test_a_title_above_and_commas_within_do_not_mislead_about_the_separator() -> None:
    text = "2026年，一览表\n名称;地址;电话\n甲;路1号,东;1\n乙;路2号;2\n"
    assert rows_of(text.encode())[2] == ["甲", "路1号,东", "1"]


def test_blank_lines_of_csv_keep_their_place() -> None:
    assert rows_of(b"\n\na,b\n\n1,2,,\n\n") == [[], [], ["a", "b"], [], ["1", "2"]]


def test_csv_has_no_name_and_marks_numbers_that_lost_their_digits() -> None:
    found = read("码,名\n9.13205E+17,甲+乙\n913205000000000001,1E5\n".encode())
    assert (found.name, found.lossy) == ("", frozenset({(1, 0)}))


def test_long_csv_of_gb_18030_with_one_column_is_read() -> None:
    assert len(rows_of("名称\n".encode("gb18030") * 5000)) == 5000


NOT_SHEETS = {
    "an empty file": (b"", "空"),
    "blank bytes": (b" \r\n\r\n", "空"),
    "nothing but separators": (b",,,\n,,,\n", "空"),
    "an old xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "另存为 .xlsx"),
    "an encrypted xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "密码"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "图片"),
    "a photograph": (b"\xff\xd8\xff\xe0" + bytes(50), "图片"),
    "a pdf": (b"%PDF-1.7\n", "PDF"),
    "a rar": (b"Rar!\x1a\x07\x00", "压缩包"),
    "nul bytes": ("名称,代码\n甲\0,1\n".encode(), "不能显示"),
    "control characters": ("名称,代码\n甲\x02,1\n".encode(), "不能显示"),
    "neither utf-8 nor gb 18030": ("名称".encode() + b"\xff\xff\xff\n", "编码"),
    "half of utf-16": ("\ufeff名称".encode("utf-16-le") + b"\x00", "编码"),
    "a web page named xls": ("<html><table><tr><td>甲</td></tr></table></html>".encode(), "网页"),
    "xml of 2003": (b'<?xml version="1.0"?><Workbook/>', "XML"),
    "a quote that never ends": ('名称,代码\n"甲,1\n乙,2\n'.encode(), "双引号"),
    "a cell without end": (b'a,b\n"' + b"x" * 100_000, "双引号"),
    "too many columns in csv": (b",".join([b"1"] * 201) + b"\n", "最多 200 列"),
    "too many rows in csv": (b"1\n" * 100_101, "100100 行"),
}


@pytest.mark.parametrize(("data", "said"), NOT_SHEETS.values(), ids=NOT_SHEETS)
def test_what_is_no_sheet_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read(data)


@pytest.mark.parametrize(
    ("data", "said", "limits"),
    [
        ((b"1," * 9 + b"1\n") * 11, "100 格", Limits(cells=100)),
        (b"1" * 1_001, "最多 0 MB", Limits(bytes=1_000)),
        # A line is no longer than all its cells may be
        (b"," * (LONGEST_LINE + 1), "长得不像表格", LIMITS),
    ],
)
def test_csv_that_is_too_large_is_refused(data: bytes, said: str, limits: Limits) -> None:
    with pytest.raises(Unreadable, match=said):
        sheets.read(data, limits)


# Workbooks as offices have them


def test_a_heading_below_merged_titles_is_where_it_stands() -> None:
    book = openpyxl.Workbook()
    page = book.active
    page["A1"], page["A3"], page["B3"], page["B4"], page["C4"] = "一览表", "名称", "证件", "种类", "号码"
    page["A5"], page["B5"], page["C5"] = "甲", "执照", "007"
    page.merge_cells("A1:C2")
    page.merge_cells("A3:A4")
    page.merge_cells("B3:C3")
    assert rows_of(saved(book)) == [
        ["一览表"] * 3,
        ["一览表"] * 3,
        ["名称", "证件", "证件"],
        ["名称", "种类", "号码"],
        ["甲", "执照", "007"],
    ]


def test_a_title_merged_over_the_whole_sheet_fills_only_what_has_content() -> None:
    data = sheet(ROWS, after='<mergeCells count="1"><mergeCell ref="A1:Z1"/></mergeCells>')
    assert rows_of(data) == [["名称", "名称"]]


def test_a_worksheet_tells_in_which_columns_it_has_formulas() -> None:
    plain, other = office(["名称"], ["甲"]), openpyxl.load_workbook(io.BytesIO(office(["名称"], ["甲"])))
    page = other.create_sheet("汇总", 0)
    page["A1"], page["B2"] = "数量", "=1+1"
    first, second = sheets.read(saved(other))
    assert (first.name, first.rows[0]) == ("汇总", ("数量",))
    assert (first.trouble, first.formulas, second.formulas) == (None, {1: [1]}, {})
    assert (second.name, second.trouble, second.rows) == ("单位", None, read(plain).rows)


def test_the_copy_marks_the_worksheet_of_that_name() -> None:
    book = openpyxl.load_workbook(io.BytesIO(office_file()))
    book.create_sheet("说明", 0)["A1"] = "填表说明"
    made = openpyxl.load_workbook(io.BytesIO(annotated(saved(book), ERRORS, name="登记表")))
    assert (filled(made["登记表"]["B3"]), made["说明"].max_column, made.active.title) == (True, 1, "登记表")


def test_hidden_and_blank_sheets_are_passed_over() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "密"
    book.active.sheet_state = "hidden"
    for name, state, text in [
        ("极密", "veryHidden", "密"),
        ("空", "visible", None),
        ("空格", "visible", " \u3000"),
        ("数据", "visible", "甲"),
        ("后", "visible", "乙"),
    ]:
        page = book.create_sheet(name)
        page.sheet_state = state
        page["B2"] = text
    found = sheets.read(saved(book))
    assert [(one.name, one.rows) for one in found] == [("数据", ((), ("", "甲"))), ("后", ((), ("", "乙")))]


def test_blank_leading_rows_and_columns_keep_every_index() -> None:
    book = openpyxl.Workbook()
    book.active["C4"], book.active["E6"] = "甲", "乙"
    assert rows_of(saved(book)) == [[], [], [], ["", "", "甲"], [], ["", "", "", "", "乙"]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"),
        (7, "7"),
        (7.0, "7"),
        (-12.5, "-12.5"),
        (0.1, "0.1"),
        (0.00001234, "0.00001234"),
        (99999999999, "99999999999"),
        (123456789012345, "123456789012345"),
        (True, "是"),
        (False, "否"),
        (date(2026, 11, 21), "2026-11-21"),
        (MIDNIGHT, "2026-11-21"),
        (EIGHT, "2026-11-21 08:30:00"),
        (time(8, 30), "08:30:00"),
        (timedelta(hours=26, minutes=5), "26:05:00"),
        ("ＡＢＣ１２３（苏州）", "ＡＢＣ１２３（苏州）"),
        ("\u3000\u00a0 甲 厂\u200b\ufeff \u3000", "甲 厂"),
        ("9132\u200b0505\u202c", "91320505"),
        ("甲\n乙 \r\n 丙", "甲 乙 丙"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("=A1&B1", "=A1&B1"),
        ("#N/A", "#N/A"),
        ("𠮷㛃", "𠮷㛃"),
        ("1E5", "1E5"),
        ("+86 512", "+86 512"),
    ],
)
def test_a_cell_says_what_people_see_in_it(value: object, text: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "头"
    target = book.active["A2"]
    target.value = value
    if isinstance(value, str):
        target.data_type = "s"
    found = read(saved(book))
    assert found.rows == (("头",), (text,))
    assert found.lossy == frozenset()


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!"])
def test_error_cells_show_their_error(error: str) -> None:
    assert rows_of(sheet(f'<row><c r="B2" t="e"><v>{error}</v></c><c s="1" t="e" r="C2"><v>{error}</v></c></row>')) == [
        [],
        ["", error, error],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (913205000000000001, "913205000000000000"),
        (1e15, "1000000000000000"),
        ("9.13205E+17", "9.13205E+17"),
        (" 1.23e+17", "1.23e+17"),
    ],
)
def test_numbers_that_lost_their_last_digits_are_marked(value: object, text: str) -> None:
    found = read(office(["码", "912345678901234567"], ["甲+", value, "913205000000000001"]))
    assert found.rows[1] == ("甲+", text, "913205000000000001")
    assert found.lossy == {(1, 1)}


def test_merged_cells_with_lost_digits_are_all_marked() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B2"] = 913205000000000001, "甲"
    book.active.merge_cells("A1:A2")
    assert read(saved(book)).lossy == {(0, 0), (1, 0)}


def test_dates_since_1904_are_read_as_such() -> None:
    book = xlsxwriter.Workbook(out := io.BytesIO(), {"date_1904": True})
    book.add_worksheet().write_datetime(0, 0, MIDNIGHT, book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    assert rows_of(out.getvalue()) == [["2026-11-21"]]


def prefixed(xml: str) -> str:
    """The same XML with a prefix before every tag."""
    return re.sub(r"<(/?)(\w)", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x=")


HARMLESS = {
    "a plain one": forged(),
    "prefixes": forged(
        {
            name: prefixed(part)
            for name, part in PARTS.items()
            if isinstance(part, str) and name.startswith("xl/") and "rels" not in name
        }
    ),
    "stored": forged(stored=True),
    "backslashes": forged({SHEET: None, "xl\\worksheets\\sheet1.xml": PARTS[SHEET]}),
    "capitals": forged({"xl/sharedStrings.xml": None, "xl/SharedStrings.xml": PARTS["xl/sharedStrings.xml"]}),
    "a link": forged(
        {
            "xl/worksheets/_rels/sheet1.xml.rels": relations(
                more=f'<Relationship Id="x" Type="{OFFICE}/hyperlink" Target="https://example.com/" TargetMode="External"/>'
            )
        }
    ),
    "a nested archive": forged({"xl/media/image1.png": forged()}),
    "formatted below and beside": sheet(ROWS + '<row r="300"><c r="A300" s="1"/><c r="GZ300" s="1"></c></row>'),
    "a boast about its size": sheet(ROWS, before='<dimension ref="A1:Z99"/>'),
    "attributes in another order": sheet(
        "<row><c t='inlineStr' r='A1'><is><t>名称</t></is></c><c  s=\"0\"\n r = 'B1' ><v>7</v></c></row>"
    ),
    "lists from elsewhere": sheet(
        ROWS, after='<extLst><ext xmlns:x14="a" xmlns:xm="b"><x14:formula1><xm:f>Sheet2!$A$1</xm:f></x14:formula1></ext></extLst>'
    ),
}


@pytest.mark.parametrize("data", HARMLESS.values(), ids=HARMLESS)
def test_oddities_of_programs_are_no_reason_to_refuse(data: bytes) -> None:
    assert rows_of(data) == [["名称", "7"]]


def test_the_limits_themselves_are_within_the_limits() -> None:
    found = read(sheet(cell("A100100") + cell("A1")))
    assert len(found.rows) == 100_100
    assert len(read(sheet(cell("GR1") + cell("A2"))).rows[0]) == 200


@pytest.mark.parametrize(
    ("last", "far", "fits"),
    [
        ("GR", 13_500, True),
        ("GR", 13_501, False),
        ("AZ", 51_923, True),
        ("AZ", 51_924, False),
        ("BA", 50_943, True),
        ("BA", 50_944, False),
        ("AA", 100_000, True),
        ("AA", 100_001, False),
    ],
)
def test_a_wide_sheet_is_measured_exactly(last: str, far: int, fits: bool) -> None:
    data = sheet(
        cell("A1")
        + cell("AA2")
        + cell(f"{last}3")
        + cell("B4")
        + '<row><c r="GR5" s="1"/><c r="GR6"></c></row>'
        + cell(f"A{far}")
    )
    if fits:
        assert len(read(data).rows) == far
    else:
        with pytest.raises(Unreadable, match=f"表格有 {far} 行、.*列，合起来超过"):
            read(data)


# What is not taken. Nothing here can harm any program: the guards are handed limits so small that small files are beyond them


FEW = Limits(
    unpacked=100_000, text=20_000, strings=30_000, merged=20, errors=20, odd=40, kept_rows=50, kept_bytes=50_000, kept_cells=100
)
# A sheet of up to 26 columns is taken to be as long as may be, so that nothing but wide ones can be read under this
FEW_CELLS = replace(FEW, cells=1_000)


def lying(declared: int, real: int) -> bytes:
    """An archive whose directory is wrong about the size of a part."""
    data = bytearray(forged({"xl/styles.xml": b" " * real}))
    at = data.rfind(b"xl/styles.xml") - 46
    struct.pack_into("<L", data, at + 16, zlib.crc32(b" " * min(declared, real)))
    struct.pack_into("<L", data, at + 24, declared)
    return bytes(data)


def overlapping() -> bytes:
    """An archive in which two parts share their bytes."""
    data = bytearray(forged({"xl/other.xml": PARTS["xl/styles.xml"]}))
    first, second = data.rfind(b"xl/styles.xml") - 46, data.rfind(b"xl/other.xml") - 46
    struct.pack_into("<L", data, second + 42, struct.unpack_from("<L", data, first + 42)[0])
    return bytes(data)


def flagged(flag: int, method: int | None = None) -> bytes:
    """An archive with a flag set, or another way of packing."""
    data = bytearray(forged())
    at = data.rfind(b"xl/workbook.xml") - 46
    struct.pack_into("<H", data, at + 8, flag)
    if method is not None:
        struct.pack_into("<H", data, at + 10, method)
    return bytes(data)


def harmed(place: int) -> bytes:
    """A workbook with one byte changed within a part."""
    data = bytearray(forged(stored=True))
    data[data.find(b"<sheetData") + place] ^= 0x20
    return bytes(data)


def doubled() -> bytes:
    """An archive with two parts of one name."""
    return forged({"xl\\styles.xml": PARTS["xl/styles.xml"]})


def defined(part: str) -> bytes:
    """A part that defines one word of its own."""
    return forged({part: f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>{PARTS[part]}'})


def many_rows(n: int, row: str) -> str:
    """So many rows of the same kind."""
    return "".join(row.format(n=m) for m in range(1, n + 1))


def strings(inside: str, rows: str = ROWS, claims: str = "") -> bytes:
    """A workbook with these shared strings."""
    return forged({"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"{claims}>{inside}</sst>', SHEET: cells(rows)})


def many_sheets(n: int, inside: str, after: str = "") -> bytes:
    """A workbook with as many worksheets, all of the same rows."""
    lines = "".join(f'<sheet name="{m}" sheetId="{m}" r:id="r{m}"/>' for m in range(1, n + 1))
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{lines}</sheets></workbook>'
    related = relations(*((f"r{m}", "worksheet", f"worksheets/sheet{m}.xml") for m in range(1, n + 1)))
    pages = {f"xl/worksheets/sheet{m}.xml": cells(inside, after=after) for m in range(1, n + 1)}
    return forged({"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": related, **pages})


def external(kind: str) -> bytes:
    """A workbook with a relation to something outside."""
    more = f'<Relationship Id="x" Type="{OFFICE}/{kind}" Target="https://example.com/x" TargetMode="External"/>'
    return forged({"xl/worksheets/_rels/sheet1.xml.rels": relations(more=more)})


def with_type(kind: str) -> bytes:
    """A workbook whose main part is of this type."""
    return forged(
        {
            "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.{kind}"/></Types>'
        }
    )


# Refused under the usual limits, too
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "packed too tightly": (lambda: forged({"xl/media/a.bin": bytes(2_000_000)}), "倍"),
    "a size that is wrong": (lambda: lying(100, 120), "大小与实际不符"),
    "a size that says too much": (lambda: lying(120, 100), "损坏"),
    "overlapping parts": (overlapping, "重叠"),
    "too many parts": (lambda: forged({f"xl/{n}": b"" for n in range(401)}), "最多 400 个"),
    "an encrypted part": (lambda: flagged(1), "密码"),
    "a rare way of packing": (lambda: flagged(0, 12), "压缩方式"),
    "a broken way of packing": (lambda: flagged(0, 0), "重叠|损坏"),
    "a name that climbs": (lambda: forged({"xl/media/../x.xml": "x"}), "路径"),
    "a name that climbs on windows": (lambda: forged({"xl\\media\\..\\x.xml": "x"}), "路径"),
    "an absolute name": (lambda: forged({"/xl/x.xml": "x"}), "路径"),
    "a name with a colon": (lambda: forged({"xl/a:x.xml": "x"}), "路径"),
    "a name with a line end": (lambda: forged({"xl/a\nb.xml": "x"}), "路径"),
    "two parts of one name": (doubled, "同名"),
    "half of it": (lambda: forged()[:700], "损坏"),
    "an empty archive": (lambda: b"PK\x05\x06" + bytes(18), "工作簿"),
    "no archive at all": (lambda: b"PK\x03\x04" + b"x" * 500, "损坏"),
    "a changed byte": (lambda: harmed(4), "损坏"),
    "a zip of something else": (lambda: forged(dict.fromkeys(PARTS) | {"readme.txt": "x"}), "工作簿"),
    "an archive in an archive": (lambda: forged(dict.fromkeys(PARTS) | {"x.zip": forged()}), "工作簿"),
    "a word document": (lambda: forged(dict.fromkeys(PARTS) | {"word/document.xml": "<x/>"}), "工作簿"),
    "a binary workbook": (lambda: forged({"xl/workbook.xml": None, "xl/workbook.bin": b"\x83\x01\0"}), "工作簿"),
    "no worksheets": (lambda: forged({"xl/workbook.xml": WORKBOOK.replace("<sheet ", "<leaf ")}), "工作表"),
    "hidden worksheets only": (
        lambda: forged({"xl/workbook.xml": WORKBOOK.replace("sheetId", 'state="hidden" sheetId')}),
        "工作表",
    ),
    "a lost worksheet": (lambda: forged({SHEET: None}), "工作表"),
    "a blank worksheet": (lambda: sheet(""), "空的"),
    "a macro": (lambda: forged({"xl/vbaProject.bin": b"x"}), "宏"),
    "a macro by type": (lambda: with_type("sheet.macroEnabled.main+xml"), "宏"),
    "an old macro sheet": (lambda: forged({"xl/macrosheets/sheet1.xml": "<x/>"}), "宏"),
    "an external book": (lambda: forged({"xl/externalLinks/externalLink1.xml": "<x/>"}), "别的文件"),
    "a connection": (lambda: forged({"xl/connections.xml": "<x/>"}), "数据源"),
    "an embedded book": (lambda: forged({"xl/embeddings/oleObject1.bin": b"x"}), "嵌有"),
    "a control": (lambda: forged({"xl/activeX/activeX1.xml": "<x/>"}), "嵌有"),
    "a picture from outside": (lambda: external("image"), "外部"),
    "a template from outside": (lambda: external("attachedTemplate"), "外部"),
    **{
        f"a definition in {part}": (lambda part=part: defined(part), "实体定义") for part in PARTS
    },  # mypy types no lambda with a default
    "a dtd in utf-16": (lambda: forged({"xl/styles.xml": '<?xml version="1.0"?><!DOCTYPE x><x/>'.encode("utf-16")}), "UTF-8"),
    "a dtd in utf-16 without mark": (lambda: forged({"xl/styles.xml": "<!DOCTYPE x><x/>".encode("utf-16-be")}), "UTF-8"),
    "a dtd in ebcdic": (lambda: forged({"xl/styles.xml": b'<?xml version="1.0" encoding="cp037"?><x/>'}), "UTF-8"),
    "a dtd far within": (
        lambda: forged({"xl/styles.xml": b"<!--" + random.Random(7).randbytes(500_000).hex().encode() + b"--><!DOCTYPE x><x/>"}),
        "实体定义",
    ),
    "a dtd in a part with another name": (lambda: forged({"xl/media/a.png": b"\xef\xbb\xbf <!DOCTYPE x><x/>"}), "实体定义"),
    "formulas written so that their columns cannot be told": (
        lambda: sheet(ROWS + '<row r="5"><c t="n" r="C5"><f>1+1</f><v>2</v></c></row>'),
        "1 个公式（第一个在 C5）",
    ),
    "such formulas in all worksheets": (
        lambda: many_sheets(3, '<row><c t="n" r="A1"><f>1</f><v>1</v></c></row>'),
        "工作表“1”：表里有 1 个公式",
    ),
    "a row too many": (lambda: sheet(cell("A100101")), "第 100101 行"),
    "a row too many with prefixes": (lambda: forged({SHEET: prefixed(cells(cell("A100101")))}), "第 100101 行"),
    "a row too many in another order": (lambda: sheet("<row><c t='n' r = 'A100101'><v>1</v></c></row>"), "第 100101 行"),
    "a column too many": (lambda: sheet(cell("GS1")), "GS 列"),
    "a column too many in small letters": (lambda: sheet(cell("gs1")), "最多 200 列"),
    "cells without places": (lambda: sheet("<row><c><v>1</v></c></row>" * 300), "没写明位置"),
    "a cell after the end": (lambda: sheet(ROWS, after='<sheetData><row><c r="A9"><v>1</v></c></row></sheetData>'), "损坏"),
    "a cell behind a comment": (lambda: sheet(f"<!-- </sheetData> -->{cell('A9')}"), "写法不常见"),
    "cells whose tags never end": (lambda: forged({SHEET: cells('<c r="A1" ' * 20 + 't="e"><v>')}), "损坏"),
    "relations whose tags never end": (
        lambda: forged(
            {
                "xl/worksheets/_rels/sheet1.xml.rels": "<Relationship " * 20,
                "xl/_rels/workbook.xml.rels": "<Relationship TargetMode='External' " * 20,
            }
        ),
        "损坏|外部",
    ),
    "strings that end within themselves": (lambda: strings("<si><t><![CDATA[</si></si>]]></t></si>"), "写法不常见"),
    "a string longer than a cell": (
        lambda: forged({SHEET: cells(f'<row><c r="A1" t="inlineStr"><is><t>{"长" * 2_200_000}</t></is></c></row>')}, stored=True),
        "32767",
    ),
    "a string that is not there": (lambda: sheet('<row><c r="A1" t="s"><v>9</v></c></row>'), "损坏"),
    "an unknown type": (lambda: sheet('<row><c r="A1" t="zz"><v>9</v></c></row>'), "损坏"),
    "a broken worksheet": (lambda: forged({SHEET: cells(ROWS)[:-60]}), "损坏"),
    "a broken workbook": (lambda: forged({"xl/workbook.xml": WORKBOOK[:-20]}), "损坏"),
    "broken relations": (lambda: forged({"xl/_rels/workbook.xml.rels": "<x"}), "损坏"),
    "broken shared strings": (lambda: forged({"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>'}), "损坏"),
}
# Only beyond what FEW allows
TOO_MUCH: dict[str, tuple[Callable[[], bytes], str]] = {
    "unpacked too large": (lambda: forged({"xl/media/a.bin": b" " * 100_000}), "文件解开后有"),
    "formatted cells far out": (lambda: sheet(ROWS + many_rows(41, '<row><c r="AB{n}" s="1"/></row>')), "格式设得太远"),
    "too much text": (
        lambda: sheet(many_rows(30, '<row><c r="A{n}" t="inlineStr"><is><t>' + "x" * 700 + "</t></is></c></row>")),
        "文字超过",
    ),
    "one string in all cells": (
        lambda: strings(f"<si><t>{'x' * 1_000}</t></si>", many_rows(30, '<row><c r="A{n}" t="s"><v>0</v></c></row>')),
        "文字超过",
    ),
    "too many strings": (lambda: strings(f"<si><t>{'x' * 1_000}</t></si>" * 30), "文字超过"),
    "too many errors": (lambda: sheet(many_rows(21, '<row><c r="A{n}" t="e"><v>#N/A</v></c></row>')), "错误值"),
    "too many merged areas": (
        lambda: sheet(ROWS, after="<mergeCells>" + '<mergeCell ref="A1:B1"/>' * 21 + "</mergeCells>"),
        "21 处合并",
    ),
    "errors in many worksheets": (
        lambda: many_sheets(3, many_rows(10, '<row><c r="A{n}" t="e"><v>#N/A</v></c></row>')),
        "错误值",
    ),
    "odd cells in many worksheets": (
        lambda: many_sheets(3, many_rows(20, "<row><c r='A{n}'><v>1</v></c></row>")),
        "格式设得太远",
    ),
    "merged areas in many worksheets": (
        lambda: many_sheets(3, cell("A1") + cell("B2"), "<mergeCells>" + '<mergeCell ref="A1:B1"/>' * 10 + "</mergeCells>"),
        "合并",
    ),
}
# Only beyond what FEW_CELLS allows
TOO_MANY_CELLS: dict[str, tuple[Callable[[], bytes], str]] = {
    "too many cells": (lambda: sheet(many_rows(11, "<row>" + '<c r="A{n}"><v>1</v></c>' * 100 + "</row>")), "1000 格（带格式"),
    "cells that are far apart": (lambda: sheet(cell("A1") + cell("GR6")), "表格有 6 行、200 列"),
    "a cell too many in a wide sheet": (
        lambda: sheet(many_rows(5, '<row><c r="A{n}"><v>1</v></c><c r="GR{n}"><v>1</v></c></row>') + cell("A6")),
        "格",
    ),
    "too many empty strings": (lambda: strings("<si/>" * 1_001), "1001 段"),
    "strings that claim to be many": (lambda: strings("<si><t>x</t></si>", claims=' uniqueCount="1001"'), "1001 段"),
    "cells in many worksheets": (
        lambda: many_sheets(11, many_rows(10, "<row>" + '<c r="A{n}"><v>1</v></c>' * 10 + "</row>")),
        "格",
    ),
    "merged areas that overlap": (
        lambda: sheet(cell("A1") + cell("AB30"), after="<mergeCells>" + '<mergeCell ref="A1:AB30"/>' * 2 + "</mergeCells>"),
        "重叠",
    ),
    "far cells in many worksheets": (lambda: many_sheets(3, cell("A1") + cell("AB20")), "几张工作表合起来超过"),
}


def refused(data: bytes, said: str, limits: Limits) -> None:
    """It is, in Chinese, also where it would go back with its mistakes."""
    with pytest.raises(Unreadable, match=said) as reason:
        sheets.read(data, limits)
    assert HAN.search(reason.value.text)
    with pytest.raises(Unreadable):
        annotated(data, [(0, 0, "错")], limits=limits)


@pytest.mark.parametrize(("made", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_taken_is_refused_with_a_reason_of_its_own(made: Callable[[], bytes], said: str) -> None:
    refused(made(), said, LIMITS)


@pytest.mark.parametrize(
    ("limits", "name"), [*((FEW, name) for name in TOO_MUCH), *((FEW_CELLS, name) for name in TOO_MANY_CELLS)]
)
def test_what_is_too_much_is_refused_with_a_reason_of_its_own(limits: Limits, name: str) -> None:
    made, said = (TOO_MUCH | TOO_MANY_CELLS)[name]
    data = made()
    refused(data, said, limits)
    # With more room nothing else is wrong with it
    assert read(data).rows


@settings(max_examples=150)
@given(st.data())
def test_a_workbook_with_any_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    changed = bytearray(forged(stored=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(2, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(changed))
    except Unreadable as refused:
        assert HAN.search(refused.text)


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert all(isinstance(cell, str) for row in read(data).rows for cell in row)
    except Unreadable as refused:
        assert HAN.search(refused.text)


# Mistakes, back to the office


HEADING = "导入时发现的问题"
ERRORS = [(2, 1, "应为 18 位"), (2, 1, "校验位不对"), (3, 0, "必填"), (9, 0, "没有这一行"), (3, 40, "没有这一列")]


def filled(cell: openpyxl.cell.Cell) -> bool:
    """Whether a cell is marked as wrong."""
    return cell.fill.fill_type == "solid" and cell.fill.start_color.rgb.endswith(sheets.RED)


def office_file() -> bytes:
    """A file as an office has it: titles, merged cells, formats, frozen heads, other sheets."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "登记表"
    page.append(["登记表", None, None])
    page.append(["名称", "代码", "日期"])
    page.append(["甲", "007", date(2026, 11, 21)])
    page.append([None, "=1+1", 0.5])
    page["B4"].data_type = "s"
    page["C4"].number_format = "0.00%"
    page.merge_cells("A1:C1")
    page.column_dimensions["A"].width = 33
    page.freeze_panes = "A3"
    page["B3"].comment = openpyxl.comments.Comment("原来的批注", "甲")
    page["A3"].hyperlink = "https://example.com/"
    other = book.create_sheet("代码")
    other["A1"], other["A2"] = "=SUM(1,2)", "0001"
    book.create_sheet("藏").sheet_state = "hidden"
    return saved(book)


def test_an_office_gets_its_own_file_back_with_every_mistake_at_its_cell() -> None:
    made = openpyxl.load_workbook(io.BytesIO(annotated(office_file(), ERRORS)))
    page = made["登记表"]
    assert {cell.coordinate for row in page.iter_rows() for cell in row if filled(cell)} == {"B3", "A4"}
    assert page["B3"].comment.text == "应为 18 位\n校验位不对\n\n原来的批注"
    assert page["A4"].comment.text == "必填"
    assert [page.cell(row, 4).value for row in range(1, 11)] == [
        HEADING,
        None,
        "应为 18 位；校验位不对",
        "必填；没有这一列",
        None,
        None,
        None,
        None,
        None,
        "没有这一行",
    ]
    assert made.active.title == "登记表"
    assert {one.activeCell for one in page.sheet_view.selection} == {"B3"}


def test_everything_else_of_the_office_s_file_stays() -> None:
    made = openpyxl.load_workbook(io.BytesIO(annotated(office_file(), ERRORS)))
    page = made["登记表"]
    assert [[cell.value for cell in row[:3]] for row in page.iter_rows(max_row=4)] == [
        ["登记表", None, None],
        ["名称", "代码", "日期"],
        ["甲", "007", MIDNIGHT],
        [None, "=1+1", 0.5],
    ]
    assert page["B4"].data_type == "s"
    assert page["C4"].number_format == "0.00%"
    assert page.column_dimensions["A"].width == 33
    assert [str(area) for area in page.merged_cells.ranges] == ["A1:C1"]
    assert page.freeze_panes == "A3"
    assert page["A3"].hyperlink is None
    assert made.sheetnames == ["登记表", "代码", "藏"]
    assert made["代码"]["A1"].value == "=SUM(1,2)"
    assert made["代码"]["A2"].value == "0001"
    assert made["藏"].sheet_state == "hidden"


def test_what_comes_back_can_be_sent_again() -> None:
    assert read(annotated(office_file(), ERRORS)).rows == read(office_file()).rows
    csv = "名称,代码\n甲,007\n".encode()
    assert read(annotated(csv, [(1, 1, "太短"), (7, 0, "无")])).rows == read(csv).rows


def test_what_was_put_right_in_the_copy_is_not_marked_again() -> None:
    again = annotated(annotated(office_file(), ERRORS), [(3, 0, "必填")])
    page = openpyxl.load_workbook(io.BytesIO(again))["登记表"]
    assert {cell.coordinate for row in page.iter_rows() for cell in row if filled(cell)} == {"A4"}
    assert {cell.coordinate: cell.comment.text for row in page.iter_rows() for cell in row if cell.comment} == {
        "B3": "原来的批注",
        "A4": "必填",
    }
    assert [[cell.value for cell in row[3:]] for row in page.iter_rows(max_row=4)] == [[HEADING], [None], [None], ["必填"]]
    plain = annotated(annotated("名称,代码\n甲,007\n乙,008\n".encode(), [(1, 1, "太短"), (2, 1, "太短")]), [(2, 1, "太短")])
    page = openpyxl.load_workbook(io.BytesIO(plain)).active
    assert {cell.coordinate for row in page.iter_rows() for cell in row if filled(cell)} == {"B3"}
    assert [cell.value for cell in page["C"]] == [HEADING, None, "太短"]


def test_a_mistake_within_a_merged_area_is_marked_at_its_first_cell() -> None:
    page = openpyxl.load_workbook(io.BytesIO(annotated(office_file(), [(0, 2, "错")])))["登记表"]
    assert filled(page["A1"])
    assert page["A1"].comment.text == "错"
    assert page["D1"].value == f"{HEADING}：错"


def test_the_new_column_does_not_disturb_widths_that_were_set_for_all_columns() -> None:
    book = xlsxwriter.Workbook(out := io.BytesIO())
    page = book.add_worksheet()
    page.set_column(1, 16_383, 11)
    page.write_row(0, 0, ["a", "b", "c"])
    book.close()
    made = annotated(out.getvalue(), [(0, 0, "错")])
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        columns = re.findall(
            r'<col [^>]*min="(\d+)" max="(\d+)"',
            re.sub(r"<col ([^>]*?)(min=\S+)([^>]*?)(max=\S+)", r"<col \2 \4", archive.read("xl/worksheets/sheet1.xml").decode()),
        )
    spans = sorted((int(first), int(last)) for first, last in columns)
    assert spans
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_csv_comes_back_as_a_workbook_with_the_same_text() -> None:
    data = "名称,代码\n甲,007\n=1+1,913205000000000001\n".encode("gb18030")
    page = openpyxl.load_workbook(io.BytesIO(annotated(data, [(1, 1, "太短"), (1, 1, "不对"), (7, 0, "无")]))).active
    assert [[cell.value for cell in row] for row in page.iter_rows(max_row=4)] == [
        ["名称", "代码", HEADING],
        ["甲", "007", "太短；不对"],
        ["=1+1", "913205000000000001", None],
        [None, None, None],
    ]
    assert page["C8"].value == "无"
    assert {cell.coordinate for row in page.iter_rows() for cell in row if filled(cell)} == {"B2"}
    assert not [cell for row in page.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize(
    "data",
    [
        written("大", ["名称", "代码"], [["甲", "007"]] * 51),
        sheet(ROWS + '<row r="2"><c r="A2"><v>1</v></c></row>', after='<mergeCells><mergeCell ref="C1:G30"/></mergeCells>'),
        sheet(
            ROWS + '<row r="2"><c r="A2"><v>1</v></c></row>',
            after='<hyperlinks><hyperlink ref="C1:G30" location="A1"/></hyperlinks>',
        ),
        forged({"xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><nonsense/></styleSheet>', SHEET: cells(ROWS + cell("A2"))}),
    ],
    ids=["large", "merged everywhere", "linked everywhere", "not to be rewritten"],
)
def test_what_cannot_be_rewritten_comes_back_as_plain_text_with_its_mistakes(data: bytes) -> None:
    page = openpyxl.load_workbook(io.BytesIO(annotated(data, [(1, 0, "错")], limits=FEW))).active
    assert page["C2"].value == "错"
    assert page["C1"].value == HEADING
    assert page["A2"].value in {"甲", "1"}
    assert filled(page["A2"])


def test_a_mistake_that_reads_like_a_formula_stays_text() -> None:
    for data in (office_file(), "名称\n甲\n".encode()):
        page = openpyxl.load_workbook(io.BytesIO(annotated(data, [(1, 0, "=1+1"), (1, 0, "\x02坏")]))).active
        assert not [cell for row in page.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_file_without_mistakes_comes_back_with_the_empty_column() -> None:
    assert openpyxl.load_workbook(io.BytesIO(annotated(office_file(), [])))["登记表"]["D1"].value == HEADING


# Exports


STARTS = ["=1+1", "+1", "-1", "@SUM(A1)", "=A1&B1", "={1;2}", "\tx", "\rx", "-", "=", "+", "@"]
CODES = ["913205000000000001", "007", "1E5", "1.23E+17", "0", "00", "-5", "TRUE", "2026-11-21", "1/2", "０１２", "1,000", "50%"]
TEXTS = [
    "长" * 30_000,
    "👨‍👩‍👧🏭",
    "𠮷㛃",
    'a"b',
    "a,b",
    "a;b",
    "'x",
    "甲\n乙",
    " 空 ",
    "<b>&amp;</b>",
    "http://example.com/",
    "mailto:a@b.c",
    "{=1}",
    "_x0041_",
]
PAYLOADS = [*STARTS, *CODES, *TEXTS]
PAYLOADS += [start + code for start in STARTS for code in [*CODES, "甲"]]


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 200


def test_every_text_is_exported_as_text_and_nothing_else() -> None:
    page = openpyxl.load_workbook(io.BytesIO(written("导出", ["甲", "乙"], [[text, "x"] for text in PAYLOADS]))).active
    shown = [page.cell(row, 1) for row in range(2, len(PAYLOADS) + 2)]
    assert {cell.data_type for cell in shown} == {"s"}
    assert [unescape(cell.value) for cell in shown] == PAYLOADS
    assert not [cell for row in page.iter_rows() for cell in row if cell.hyperlink]


def test_numbers_dates_and_nothing_are_exported_as_such() -> None:
    values = [
        5,
        -5,
        0.5,
        None,
        True,
        date(2026, 11, 21),
        EIGHT,
        913205000000000001,
        date(1850, 1, 1),
        float("nan"),
    ]
    page = openpyxl.load_workbook(io.BytesIO(written("导出", ["x"] * len(values), [values]))).active
    assert [cell.value for cell in page[2]] == [
        5,
        -5,
        0.5,
        None,
        "是",
        MIDNIGHT,
        EIGHT,
        "913205000000000001",
        "1850-01-01",
        "#NUM!",
    ]
    assert page["F2"].number_format == "yyyy-mm-dd"


def test_an_export_is_ready_to_filter_and_to_print() -> None:
    page = openpyxl.load_workbook(io.BytesIO(written("导出", ["名称", "代码"], [["甲乙丙丁戊己庚辛壬癸", "1"]] * 3))).active
    assert page["A1"].font.b
    assert (page.freeze_panes, page.auto_filter.ref, page.print_title_rows) == ("A2", "A1:B4", "$1:$1")
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.column_dimensions["A"].width > 20 > page.column_dimensions["B"].width


def test_equal_exports_are_equal_bytes() -> None:
    rows = [[text, n] for n, text in enumerate(PAYLOADS)]
    assert written("导出", ["甲", "乙"], rows) == written("导出", ["甲", "乙"], iter(rows))
    assert written_csv(["甲"], rows) == written_csv(["甲"], iter(rows))


@pytest.mark.parametrize("name", ["", "[a]:*?/\\", "'x'", "长" * 40, "History"])
def test_any_name_makes_a_sheet(name: str) -> None:
    assert len(openpyxl.load_workbook(io.BytesIO(written(name, ["甲"], []))).sheetnames[0]) in range(1, 32)


def test_a_text_longer_than_a_cell_is_cut_visibly() -> None:
    page = openpyxl.load_workbook(io.BytesIO(written("导出", ["甲"], [["x" * 40_000]]))).active
    assert page["A2"].value == "x" * 32_766 + "…"


def test_an_export_is_read_back_as_it_was() -> None:
    rows = [["甲", "007", "913205000000000001"], ["=1+1", "", "-1"]]
    assert rows_of(written("导出", ["名", "码", "信"], rows))[1:] == rows
    assert rows_of(written_csv(["名", "码"], [["甲,乙", "007"]])) == [["名", "码"], ["甲,乙", "007"]]


def test_csv_exports_are_no_formulas_and_open_by_a_double_click() -> None:
    data = written_csv(["甲", "乙"], [[text, "x"] for text in PAYLOADS])
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    shown = [row[0] for row in rows[1:]]
    assert not [text for text in shown if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert all(text in {said, f"'{said}", f"{said}\t"} for text, said in zip(shown, PAYLOADS, strict=True))
    assert data.count(b"\r\n") >= len(PAYLOADS)


LIKE_NUMBERS = [
    "007",
    "0",
    "913205000000000001",
    "1E10",
    "9132E5",
    "1-2",
    "3/4",
    "1.50",
    "1,000",
    "50%",
    "(5)",
    "$5",
    "￥5",
    "8:30",
    "8:30 PM",
    "5 Jan",
    "Jan-5",
    "2026-11-21",
    "2026年11月21日",
    "11月5号",
    "2026-11-21T08:30:00Z",
    "TRUE",
    "false",
    "#N/A",
    "#DIV/0!",
    "１２",
    " 7",
    "٧",
    "1 000",
    "1 1/2",
    "上午8:30",
    "〇",
    "二〇二六年",
]
NO_NUMBERS = ["甲", "A001", "路1号院", "91330100799655058B", "e", "am", "年", "May", "1.2.3号楼", "x5", "5x", "甲#1", "", "truer"]


@pytest.mark.parametrize("text", LIKE_NUMBERS)
def test_a_text_like_a_number_gets_a_tab_that_keeps_it_text_in_csv(text: str) -> None:
    assert written_csv([text], []).decode("utf-8-sig") == f'"{text}\t"\r\n'


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_other_texts_get_none(text: str) -> None:
    assert written_csv([text], []).decode("utf-8-sig") == f'"{text}"\r\n'


@settings(max_examples=300)
@given(st.lists(st.text(st.sampled_from("'=+-@＝＋\t\n\r ;,\"07E甲#\u200b\ufeff\x02"), max_size=9), min_size=1, max_size=6))
def test_csv_is_read_back_as_it_was_written(texts: list[str]) -> None:
    rows = rows_of(written_csv(["头", "尾"], [[text, "x"] for text in texts]))
    assert rows == [["头", "尾"], *([cleaned(text), "x"] for text in texts)]


def test_what_is_in_quotes_does_not_mislead_about_the_separator() -> None:
    assert rows_of(written_csv(["名称", "说明"], [["甲", "1\t2\n3\t4\n5\t6\n7\t8"]])) == [
        ["名称", "说明"],
        ["甲", "1\t2 3\t4 5\t6 7\t8"],
    ]


def test_an_apostrophe_that_is_no_mark_of_ours_stays() -> None:
    assert rows_of(b"'x,'=1,''+2,'007\n") == [["'x", "=1", "'+2", "'007"]]


def test_numbers_and_dates_get_no_mark_in_csv() -> None:
    data = written_csv(["n"], [[-5, 7, date(2026, 11, 21), None, True, "-5", 913205000000000001]])
    assert data.decode("utf-8-sig") == '"n"\r\n"-5","7","2026-11-21","","是","\'-5","913205000000000001\t"\r\n'


# What people see in a cell


def looking(*cells: tuple[float, str | int], since_1904: bool = False) -> Sheet:
    """A sheet with a number in each row, in a format."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"date_1904": since_1904})
    page = made.add_worksheet()
    for row, (value, form) in enumerate(cells):
        page.write_number(row, 0, value, made.add_format({"num_format": form}))
    made.close()
    return read(out.getvalue())


@pytest.mark.parametrize(
    ("value", "form", "seen"),
    [
        (7, "000", "007"),
        (7, "0000", "0007"),
        (1234, "000", "1234"),
        (1203, "00-00", "12-03"),
        (12345, "00-00", "123-45"),
        (7, '"A"000', "A007"),
        (7, '0"号"', "7号"),
        (7, '"0号"00', "0号07"),
        (7, "000_ ", "007"),
        (7, "[Red]000", "007"),
        (7, "000;-000;0", "007"),
        (7.5, "000", "7.5"),
        (-7, "000", "-7"),
        (7, "0", "7"),
        (7, "#,##0", "7"),
        (7, "0.00", "7"),
        (7, "[DBNum1]000", "7"),
        (46082, "yyyy/m/d", "2026-03-01"),
        (46082, 14, "2026-03-01"),
        (46082, 31, "2026-03-01"),
        (46082, 'yyyy"年"m"月"', "2026年3月"),
        (46082, "yyyy-mm", "2026年3月"),
        (46082, "e年m月", "2026年3月"),
        (46082, 17, "2026年3月"),
        (46082, 57, "2026年3月"),
        (46082, 'm"月"d"日"', "3月1日"),
        (46082, "m/d", "3月1日"),
        (46082, 16, "3月1日"),
        (46082, 58, "3月1日"),
        (46082, "m/d h:mm", "3月1日"),
        (46082, "[$-804]yyyy年m月d日;@", "2026-03-01"),
        (46082, "yyyy", "2026年"),
        (46082, "d", "1日"),
        (46082, "[h]:mm", "1105968:00:00"),
        (13800138000, "0.00E+00", "13800138000"),
    ],
)
def test_a_number_is_read_as_people_see_it(value: float, form: str | int, seen: str) -> None:
    assert looking((value, form)).rows == ((seen,),)


def test_days_are_counted_from_where_the_workbook_counts() -> None:
    assert looking((44620, "m/d"), since_1904=True).rows == (("3月1日",),)


def test_a_number_that_looks_shorter_than_it_is_is_told_and_one_that_is_no_longer_is_lost() -> None:
    sheet = looking((13800138000, "0.00E+00"), (13800000000, 11), (120, "0.00E+00"))
    assert sheet.unlike == {(0, 0): "1.38E+10"}
    assert sheet.lossy == {(1, 0)}
    assert sheet.rows == (("13800138000",), ("1.38E+10",), ("120",))


def test_only_so_many_cells_are_looked_at() -> None:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    page = made.add_worksheet()
    for row in range(4):
        page.write_number(row, 0, 7, made.add_format({"num_format": "000"}))
    made.close()
    assert len(read(out.getvalue()).rows) == 4
    with pytest.raises(Unreadable, match="超过 3 个按格式显示的数字"):
        sheets.read(out.getvalue(), replace(LIMITS, odd=3))
