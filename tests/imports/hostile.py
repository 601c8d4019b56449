"""Files that are made to do harm, large ones too: what ``tests/workshop`` has of them, and what only hurts by its size."""

import codecs
import gzip
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

from portal.workshop.cells import column_name
from tests.workshop.test_sheets import (
    HOSTILE,
    MAIN,
    NOT_SHEETS,
    OFFICE,
    PARTS,
    ROWS,
    SHEET,
    cell,
    cells,
    forged,
    relations,
    sheet,
)

MEGABYTE = 1024 * 1024
Made = tuple[Callable[[], bytes], str]


def nested(depth: int) -> bytes:
    """Archives within archives, each of ten of the next."""
    data = bytes(MEGABYTE)
    for level in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for n in range(10):
                archive.writestr(f"{level}-{n}.zip", data)
        data = out.getvalue()
    return data


def quine() -> bytes:
    """An archive whose only part is, by its directory, the archive itself from its first byte on."""
    name, size = b"r/r.zip", 400
    central = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0x21, 0, size, size, len(name), 0, 0, 0, 0, 0, 0) + name
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0x21, 0, size, size, len(name), 0) + name
    return local + central + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)


def blown(part: str, megabytes: int) -> bytes:
    """A part that grows a thousand times."""
    squeeze, crc, block = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS), 0, bytes(MEGABYTE)
    packed = b"".join(squeeze.compress(block) for _ in range(megabytes)) + squeeze.flush()
    for _ in range(megabytes):
        crc = zlib.crc32(block, crc)
    return alone(part, packed, crc, megabytes * MEGABYTE)


def alone(part: str, packed: bytes, crc: int, size: int) -> bytes:
    """An archive of one part that is packed already."""
    name = part.encode()
    figures = (0, 8, 0, 0x21, crc, len(packed), size, len(name))
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, *figures, 0) + name + packed
    central = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, *figures, 0, 0, 0, 0, 0, 0) + name
    return local + central + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)


def noise(megabytes: int) -> str:
    """Text that packs no better than an honest sheet, about ten times."""
    chance = random.Random(7)
    words = [f"{chance.getrandbits(64):016x}" for _ in range(64)]
    return "".join(f"{chance.choice(words)}{'　' * 24}" for _ in range(megabytes * MEGABYTE // 88))


def wide(rows: int, columns: int, inside: str = "", *, far: str = "A1", last: str = "<v>1</v>") -> bytes:
    """Rows of many short cells, strings where nothing else is said, and one more cell at the end."""
    names = [column_name(n) for n in range(columns)]
    kind, said = ("", inside) if inside else (' t="s"', "<v>0</v>")
    lines = [
        f'<row r="{n}">' + "".join(f'<c r="{name}{n}"{kind}>{said}</c>' for name in names) + "</row>" for n in range(1, rows + 1)
    ]
    return forged({SHEET: cells("".join(lines) + f'<row><c r="{far}">{last}</c></row>')})


def far(rows: int) -> bytes:
    """As many rows, each with one cell at the end of what is allowed."""
    return sheet("".join(f'<row r="{n}"><c r="GR{n}"><v>1</v></c></row>' for n in range(1, rows + 1)))


def many(sheets: int, inside: str, after: str = "") -> bytes:
    """A workbook with as many worksheets, all of the same rows."""
    lines = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, sheets + 1))
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{lines}</sheets></workbook>'
    related = relations(*((f"r{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, sheets + 1)))
    pages: dict[str, str | bytes | None] = {
        f"xl/worksheets/sheet{n}.xml": cells(inside, after=after) for n in range(1, sheets + 1)
    }
    return forged({"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": related, **pages}, stored=len(inside) < 10_000)


def ole(*names: str) -> bytes:
    """The head of an old compound file with these streams."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in names)
    )


CONTENT = '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>'
TYPES = "[Content_Types].xml"
MORE: dict[str, Made] = {
    "archives in archives": (lambda: nested(4), "工作簿|倍"),
    "an archive that holds itself": (quine, "损坏|重叠|工作簿"),
    "an opendocument sheet": (lambda: forged(dict.fromkeys(PARTS) | {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": CONTENT}), "工作簿"),
    "a binary workbook": (lambda: forged({"xl/workbook.xml": None, "xl/workbook.bin": b"\x83\x01\0"}), "工作簿"),
    "an old xls with macros": (lambda: ole("Workbook", "_VBA_PROJECT_CUR"), "旧版"),
    "an encrypted workbook": (lambda: ole("EncryptionInfo", "EncryptedPackage"), "密码"),
    "a picture by another name": (lambda: b"GIF89a" + bytes(900), "图片"),
    "a packed csv": (lambda: gzip.compress("名称,代码\n甲,1\n".encode() * 1000), "字符|编码"),
    "a seven-zip": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(90), "压缩包"),
    "16,384 columns": (lambda: sheet('<row r="1">' + "".join(f'<c r="{column_name(n)}1"><v>1</v></c>' for n in range(16_384)) + "</row>"), "最多 200 列"),
    "sparse rows to the end": (lambda: sheet("".join(cell(f"A{n}") for n in range(1, 1_048_577, 4096))), "最多 100100 行"),
    "a formula that starts a program": (lambda: sheet('<row r="2"><c r="B2" t="str"><f>cmd|\'/c calc\'!A0</f><v>7</v></c></row>'), "1 个公式（第一个在 B2）"),
    "a formula with a kept value": (lambda: sheet('<row r="2"><c r="B2"><f>WEBSERVICE("http://x/")</f><v>7</v></c></row>'), "公式"),
    "deep xml in the sheet": (lambda: forged({SHEET: cells("<a>" * 200_000 + "</a>" * 200_000)}, stored=True), "空的|损坏"),
    "deep xml in the workbook": (lambda: forged({"xl/workbook.xml": "<a>" * 400_000 + "</a>" * 400_000}, stored=True), "工作表|损坏"),
    "deep xml in the strings": (lambda: forged({"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">' + "<si>" * 300_000 + "</si>" * 300_000 + "</sst>", SHEET: cells('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')}, stored=True), "损坏|空的|写法"),
    "many attributes": (lambda: forged({"xl/workbook.xml": "<a " + " ".join(f'a{n}="x"' for n in range(150_000)) + "/>"}, stored=True), "工作表|损坏"),
    "far cells in many worksheets": (lambda: many(200, cell("A1") + cell("Z99999")), "几张工作表合起来超过"),
    "merged areas in many worksheets": (lambda: many(200, cell("A1") + cell("Z500"), "<mergeCells>" + '<mergeCell ref="A1:Z500"/>' * 200 + "</mergeCells>"), "重叠"),
    "formulas in all of many worksheets": (lambda: many(200, '<row><c r="A1"><f>1</f><v>1</v></c></row>' + cell("Z99999")), "工作表“1”：表里有 1 个公式"),
    "utf-32": (lambda: codecs.BOM_UTF32_LE + "名称,代码\n甲,1\n".encode("utf-32-le"), "编码|字符|空的"),
    "shift-jis": (lambda: "あいう,ｱｲｳ\n".encode("shift-jis") * 40 + b"\xa0\xfd\xff\n", "编码"),
}  # fmt: skip
# Each of them takes seconds to make: for the drill
LARGE: dict[str, Made] = {
    "a gigabyte of nothing": (lambda: blown("xl/worksheets/sheet1.xml", 1024), "MB"),
    "just over the limit": (lambda: forged({"xl/media/a.xml": noise(300)}), "MB"),
    "a formula behind much text": (lambda: forged({"xl/comments1.xml": noise(150), SHEET: cells(ROWS + '<row r="9"><c r="A9"><f>1</f></c></row>')}), "公式"),
    "strings without end": (lambda: forged({"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">' + f"<si><t>{noise(1)}</t></si>" * 180 + "</sst>"}), "文字超过"),
    "very many empty strings": (lambda: forged({"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">' + "<si/>" * 3_900_000 + "</sst>", SHEET: cells('<row r="9"><c r="A9"><f>1</f></c></row>')}, stored=True), "段"),
    "wide and long": (lambda: wide(20_000, 195), "文字超过|格"),
    "wide, with a cell too many": (lambda: wide(13_840, 195, "<v>1</v>", far="A30000"), "格"),
    "wide, with a formula at the end": (lambda: wide(13_840, 195, "<v>1</v>", far="A13841", last="<f>1</f>"), "公式"),
    "long, with a formula at the end": (lambda: wide(99_000, 26, "<v>1</v>", far="A99001", last="<f>1</f>"), "公式"),
    "cells in many worksheets": (lambda: many(40, "".join(f'<row r="{n}">' + "".join(f'<c r="{x}{n}"><v>1</v></c>' for x in "ABCDEFGHIJ") + "</row>" for n in range(1, 9_001))), "格"),
    "odd cells in many worksheets": (lambda: many(20, "".join(f"<row><c r='A{n}'><v>1</v></c></row>" for n in range(1, 30_001))), "格式设得太远"),
    "errors in many worksheets": (lambda: many(20, "".join(f'<row><c r="A{n}" t="e"><v>#N/A</v></c></row>' for n in range(1, 30_001))), "错误值"),
    "rows far to the right": (lambda: far(100_100), "格"),
    "csv of a million rows": (lambda: b"1,2,3\n" * 1_000_000, "100100 行"),
    "csv of one endless line": (lambda: b"x" * (29 * MEGABYTE), "长得不像表格"),
    "csv of commas": (lambda: b"," * (29 * MEGABYTE), "长得不像表格"),
    "csv of quotes": (lambda: b'"' * (29 * MEGABYTE - 1), "长得不像表格"),
    "csv of empty quotes": (lambda: b'"",' * (9 * MEGABYTE), "长得不像表格"),
    "csv of line ends": (lambda: "名称".encode() + b"\n" * (29 * MEGABYTE), "100100 行"),
    "csv of nul bytes": (lambda: b"1,\0" * (9 * MEGABYTE), "字符"),
    "csv with a late quote": (lambda: "名称,代码\n".encode() * 90_000 + '"甲,1\n'.encode() + "乙,2\n".encode() * 9_000, "双引号"),
    "csv in gb 18030, then not": (lambda: "名称,代码\n".encode("gb18030") * 2_000_000 + b"\xff\xff", "编码"),
    "csv of apostrophes": (lambda: (b"'" * 32_000 + b",") * 900, "长得不像表格"),
}  # fmt: skip
ALL: dict[str, Made] = {
    **{name: (lambda data=data: data, said) for name, (data, said) in NOT_SHEETS.items()},
    **HOSTILE,
    **MORE,
    **LARGE,
}  # type: ignore[misc]
