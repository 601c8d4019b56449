"""Every hostile file through the door of the imports: refused, nothing kept; how long it takes and how much memory at most."""

import io
import os
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import xlsxwriter

from portal.errors import Refused
from portal.imports import batches
from portal.workshop.pool import Workshop
from portal.workshop.sheets import read
from tests.imports.hostile import ALL
from tests.imports.test_hostile_sheets import BAD, kept, one_bad_row, texts
from tests.workshop.test_sheets import HARMLESS
from tests.world import World

MOST_MEMORY = 600
TIMES = 50  # the work that a harmless sheet of 5,000 rows takes in the same run
ROWS = 100_000
# Harmless for us, and read: why
READ = {
    "a link": "links are never followed, and copies that go back lose them",
    "a nested archive": "it is never opened",
    "formatted to the end": "cells without content count for nothing",
    "a boast about its size": "nobody believes it",
    "lists from elsewhere": "only cells are read",
}


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


def worked(process: Path) -> float:
    """Seconds of processor that it has used: others' work on the same machine does not count."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def timed(act: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await act()
    return time.perf_counter() - started


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


async def test_every_hostile_file_is_refused_at_once_and_nothing_of_it_is_kept(world: World, workshop: Workshop) -> None:
    call = world.call
    await workshop.do(read, rows_of(10, 12))
    process, harmless = await child(workshop), rows_of(5_000, 12)
    begun = worked(process)
    usual = max([await timed(lambda: workshop.do(read, harmless)) for _ in range(3)])
    usual_work = (worked(process) - begun) / 3
    before, files = await texts(call), kept(call)
    found: list[tuple[float, float, int, int, str]] = []
    for name, (made, said) in ALL.items():
        data = made()
        forget_peak(process)

        async def brought(name: str = name, said: str = said, data: bytes = data) -> None:
            with pytest.raises(Refused) as refused:
                await batches.bring(call, kind="enterprises", region="sample", data=data)
            assert re.search(said, refused.value.text), (name, refused.value.text)

        begun = worked(process)
        took = await timed(brought)
        assert process.exists(), f"{name} killed the child"
        found.append((took, worked(process) - begun, peak(process), len(data), name))
    assert await texts(call) == before
    assert kept(call) == files
    print(
        f"\n{len(found)} files, all refused, 0 rows and 0 files kept; a harmless sheet of 5,000 rows: {usual:.2f} s, work {usual_work:.2f} s"
    )
    most = max(memory for _, _, memory, _, _ in found)
    print(
        f"slowest {max(found)[0]:.2f} s ({max(found)[-1]}), most work {max(one[1] for one in found):.2f} s; peak of the child {most} MB"
    )
    for took, work, memory, size, name in sorted(found, reverse=True)[:15]:
        print(f"{took:6.2f} s, work {work:5.2f} s {memory:5} MB {size / 1e6:6.1f} MB  {name}")
    assert most < MOST_MEMORY
    # The child gives way to everything else on the machine, so its own work is compared, not the time that passed
    assert max(work for _, work, *_ in found) < TIMES * usual_work


async def test_what_only_looks_hostile_is_read(workshop: Workshop) -> None:
    for name, why in READ.items():
        assert (await workshop.do(read, HARMLESS[name]))[0].rows == (("名称", "7"),)
        print(f"\nread: {name}: {why}", end="")


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
