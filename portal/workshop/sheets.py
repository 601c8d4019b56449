"""Spreadsheets that offices send: checked as archives before anything opens them, then read as text."""

import io
import zipfile
from datetime import date, datetime

from portal.terms import say
from portal.workshop.pool import Unreadable

MOST_ENTRIES = 200
MOST_UNPACKED = 50 * 1024 * 1024
MOST_RATIO = 100
MOST_ROWS = 20_000
MOST_COLUMNS = 100


def read(data: bytes) -> list[list[str]]:
    """The first sheet of an ``.xlsx`` as rows of text, codes exact. Raises :class:`Unreadable` with the reason."""
    _check_archive(data)
    from python_calamine import CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        if sheet.total_height > MOST_ROWS:
            raise Unreadable(say("表格有 {n} 行，一次最多 {most} 行，请分成几份", n=sheet.total_height, most=MOST_ROWS))
        if sheet.total_width > MOST_COLUMNS:
            raise Unreadable(say("表格有 {n} 列，最多 {most} 列", n=sheet.total_width, most=MOST_COLUMNS))
        rows = sheet.to_python(skip_empty_area=False)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(say("这个文件不是能打开的 .xlsx 表格，请用模板另存后再传")) from error
    return [[_text(cell) for cell in row] for row in rows]


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable(say("这个文件不是 .xlsx 表格（旧的 .xls 请先另存为 .xlsx）")) from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked / packed > MOST_RATIO:
        raise Unreadable(say("这个文件解开后过大，没有打开。请只保留需要的表和行，另存后再传"))
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise Unreadable(say("这个文件不是 .xlsx 表格，请用模板另存后再传"))


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return say("是") if cell else say("否")
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip() if cell is not None else ""
