"""A sheet of a hundred thousand enterprises: read, checked, taken in, taken back, taken out; against parsing and COPY alone."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from benchmarks import register
from portal import clock
from portal.app import open_portal
from portal.call import Call
from portal.demo.inventing import Inventor
from portal.imports import batches, exports, undoing
from portal.imports.outcome import Wish
from portal.viewer import SYSTEM

ROWS = 100_000
HEADINGS = ("单位名称", "统一社会信用代码", "所在村或社区", "详细地址", "联系人", "联系电话")
TABLES = {
    "enterprise": "select * from enterprise where id > $1",
    "placement": "select * from placement where enterprise > $1",
    "search_text": "select * from search_text where kind = 'enterprise' and subject > $1",
}


@dataclass(frozen=True)
class Figures:
    """Seconds, of one round or as medians."""

    check: float
    take: float
    undo: float
    plain: float
    export: float
    plain_export: float


def measure(folder: Path, *, rounds: int) -> Figures:
    """Into a register that holds an example only, taken back after each round."""
    made = register.build(folder, 0, wanted=register.EXAMPLES)
    found = asyncio.run(_measure(made, rounds))
    return Figures(
        *(median(one) for one in zip(*((r.check, r.take, r.undo, r.plain, r.export, r.plain_export) for r in found), strict=True))
    )


async def _measure(made: register.Register, rounds: int) -> list[Figures]:
    found = []
    async with open_portal(made.settings) as portal:
        call = Call(portal, SYSTEM, clock.now())
        places = [
            row["code"] for row in await portal.db.rows("select code from jurisdiction where kind in ('village', 'community')")
        ]
        for n in range(rounds):
            found.append(one := await _round(call, sheet(f"round {n}", places)))
            print(f"round {n + 1} import of {ROWS:,} rows: {one}", flush=True)
    return found


def sheet(seed: str, places: list[str]) -> bytes:
    """A spreadsheet of enterprises, all new, all right."""
    inventor, rows = Inventor(seed), []
    for n in range(ROWS):
        place = inventor.pick(places)
        rows.append(
            (
                f"{inventor.enterprise('', shop=False)}{n}",
                inventor.credit_code(place),
                place,
                f"示例路{n}号",
                "示例人",
                "0512-01234567",
            )
        )
    return plain_export([HEADINGS, *rows])


def plain_export(rows: list[Any]) -> bytes:
    """What xlsxwriter alone makes of a sheet's rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet()
        for n, row in enumerate(rows):
            page.write_row(n, 0, row)
    return out.getvalue()


async def _round(call: Call, data: bytes) -> Figures:
    last = await call.db.value("select max(id) from enterprise")
    id_ = await batches.bring(call, kind="enterprises", region=register.REGION, data=data)
    begun = time.perf_counter()
    assert not (await batches.check(call, id_)).errors
    checked = time.perf_counter()
    assert (await batches.take_in(call, id_, Wish())).came == ROWS
    took = time.perf_counter()
    plain = await _plain(call, data, last)
    export_begun = time.perf_counter()
    data = await exports.export(call, register.REGION, "enterprises", "xlsx")
    exported = time.perf_counter()
    cells = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    plain_begun = time.perf_counter()
    plain_export(cells)
    plain_exported = time.perf_counter()
    await undoing.undo(call, id_)
    undone = time.perf_counter()
    return Figures(
        checked - begun, took - checked, undone - plain_exported, plain, exported - export_begun, plain_exported - plain_begun
    )


async def _plain(call: Call, data: bytes, last: int) -> float:
    """Parsing the sheet and copying what came of it into tables with the same columns, constraints and indexes."""
    async with _connection(call) as connection:
        copies = {}
        for table, select in TABLES.items():
            copies[table] = io.BytesIO()
            await connection.copy_from_query(select, last, output=copies[table], format="binary")
            await connection.execute(f"create table plain_{table} (like public.{table} including all)")
        begun = time.perf_counter()
        CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        async with connection.transaction():
            for table, copied in copies.items():
                copied.seek(0)
                await connection.copy_to_table(f"plain_{table}", source=copied, format="binary")
        took = time.perf_counter() - begun
        for table in TABLES:
            await connection.execute(f"drop table plain_{table}")
        return took


@asynccontextmanager
async def _connection(call: Call) -> AsyncIterator[Any]:
    pool = call.db.pool
    assert pool is not None
    async with pool.acquire() as connection:
        yield connection
