"""The batch as a job: draws in the worker's process, tells how far it is, packs the files when all are there."""

import shutil
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal.access import rights
from portal.boards import batch, queries
from portal.call import Call
from portal.desk.actions import ask_for, progress
from portal.desk.jobs import Stopped, Task, run
from portal.desk.queries import JobRow
from portal.errors import Refused
from portal.terms import say

KEPT_FOR = timedelta(days=30)
MOST_REASONS = 20


async def ask_batch(call: Call, *, region: str, grid: str | None, size: str) -> str:
    """Queue the printing of a region's boards, or of one grid's; the job's id. Refused where there is nothing to print."""
    if not await queries.targets(call, region=region, grid=grid):
        raise Refused(say("没有找到要生成公示牌的网格或单位。请核对地区和网格编号。"))
    asked = {"region": region, "grid": grid, "size": size, "who": rights.stored_rights(call.viewer)}

    async def work() -> str:
        return await ask_for(call, PRINTING.name, asked)

    return await call.db.run_tx(work)


async def _print(call: Call, job: JobRow) -> tuple[str, Mapping[str, Any]]:
    """Print what a job asked for, as whoever asked, as long as they may; done again after a crash it goes on where it was."""
    asked = job.asked
    owner = rights.read(job.asked_by, asked.get("who", asked)) if job.asked_by is not None else call.viewer
    mine = call.as_(owner)
    out = call.portal.settings.data / "jobs" / job.id
    await rights.still(call, owner)
    targets = await queries.targets(mine, region=asked["region"], grid=asked["grid"])
    refused: Counter[str] = Counter()
    await progress(call, job.id, done=0, total=len(targets))
    n = 0
    async for one in batch.draw_all(mine, targets, size=asked["size"], out=out):
        n += 1
        refused.update([one.refused] if one.refused else [])
        if await progress(call, job.id, done=n, total=len(targets)):
            raise Stopped
        # The next one may be issued anew before it is drawn
        await rights.still(call, owner)
    _pack(out)
    done, why = n - refused.total(), refused.most_common(MOST_REASONS)
    await batch.note_printed(mine, region=asked["region"], count=done, size=asked["size"], area=owner.areas[0])
    return batch.summary(done, refused.total()), {"printed": done, "refused": refused.total(), "why": why}


async def _give_back(call: Call, job: JobRow) -> None:
    """What was drawn already is of no use without the rest."""
    shutil.rmtree(call.portal.settings.data / "jobs" / job.id, ignore_errors=True)


PRINTING = Task("print_boards", _print, _give_back)


async def print_boards(call: Call, id_: str, *, tries: int = 0) -> None:
    """Do a job that prints boards, to whatever end it comes."""
    await run(call, PRINTING, id_, tries=tries)


async def sweep(call: Call) -> int:
    """Remove the files of batches that nobody can still want; how many. They can be printed again at any time."""
    old = await call.db.rows("select public_id from job where finished_at < $1 and result <> '{}'", call.now - KEPT_FOR)
    for row in old:
        shutil.rmtree(call.portal.settings.data / "jobs" / row["public_id"], ignore_errors=True)
    await call.db.rows("delete from job where public_id = any($1)", [row["public_id"] for row in old])
    return len(old)


def _pack(folder: Path) -> None:
    half = folder / "boards.half"
    with zipfile.ZipFile(half, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.glob("*.pdf")):
            archive.write(path, path.name)
        archive.write(folder / batch.MANIFEST, batch.MANIFEST)
    half.rename(folder / "boards.zip")
