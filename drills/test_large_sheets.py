"""Honest sheets as large as they may be: how long reading them takes and how much memory; and a bad row at the end of many."""

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from portal.workshop.pool import Workshop
from portal.workshop.sheets import read
from tests.imports.test_at_the_door import BAD, one_bad_row
from tests.world import World

ROWS = 100_000


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    """One child, as a portal starts it."""
    made = Workshop(workers=1)
    yield made
    made.close()


async def child(workshop: Workshop) -> Path:
    """The one child that reads sheets."""
    return Path(f"/proc/{await workshop.do(os.getpid)}")


def forget_peak(process: Path) -> None:
    (process / "clear_refs").write_text("5")


def peak(process: Path) -> int:
    status = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))


def rows_of(rows: int, columns: int, *, inline: bool = False) -> bytes:
    """A register as an office has it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": inline, "in_memory": not inline})
    page = book.add_worksheet()
    said = (
        "苏州市某某精密机械有限公司（示例）",
        "9132050612345678XG",
        "吴中区某某镇某某村",
        "某某路128号3幢",
        "张三",
        "0512-65250000",
        "小",
        "2026-01-01",
    )
    for row in range(rows):
        for column in range(columns):
            page.write_string(row, column, f"{said[column % 8]}{row}" if column % 8 < 4 else said[column % 8])
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(("columns", "inline"), [(12, False), (20, False), (12, True), (20, True)])
async def test_an_honest_sheet_of_a_hundred_thousand_rows_is_read(workshop: Workshop, columns: int, inline: bool) -> None:
    from portal.workshop.archives import opened

    data = rows_of(ROWS, columns, inline=inline)
    unpacked = sum(part.size for part in opened(data).values())
    await workshop.do(read, rows_of(10, 12))
    process = await child(workshop)
    forget_peak(process)
    started = time.perf_counter()
    (sheet,) = await workshop.do(read, data)
    print(
        f"\n{len(sheet.rows)} rows, {columns} columns, {'in the cells' if inline else 'shared'}: {len(data) / 1e6:.0f} MB, unpacked "
        f"{unpacked / 1e6:.0f} MB, read in {time.perf_counter() - started:.1f} s, peak of the child {peak(process)} MB"
    )
    assert (len(sheet.rows), len(sheet.rows[0])) == (ROWS, columns)


@pytest.mark.parametrize("bad", BAD)
async def test_one_bad_row_at_the_end_of_ten_thousand_leaves_none(world: World, bad: dict[str, str]) -> None:
    await one_bad_row(world, 10_000, bad)
