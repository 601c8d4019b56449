"""The batch as a job: draws in the worker's process, tells how far it is, packs the files when all are there."""

import logging
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal.access import rights
from portal.boards import batch, queries
from portal.call import Call
from portal.desk.actions import ask_for, finish, progress
from portal.desk.queries import job as job_of
from portal.errors import PortalError, Refused
from portal.terms import say

KEPT_FOR = timedelta(days=30)
logger = logging.getLogger("portal")


async def ask_batch(call: Call, *, region: str, grid: str | None, size: str) -> str:
    """Queue the printing of a region's boards, or of one grid's; the job's id. Refused where there is nothing to print."""
    if not await queries.targets(call, region=region, grid=grid):
        raise Refused(say("没有找到要印的网格或单位。请核对地区和网格编号。"))
    asked = {"region": region, "grid": grid, "size": size, "who": rights.kept(call.viewer)}

    async def work() -> str:
        return await ask_for(call, "print_boards", asked)

    return await call.db.run_tx(work)


async def print_boards(call: Call, id_: str) -> None:
    """Print what a job asked for, as whoever asked, as long as they may; done again after a crash it goes on where it was."""
    job = await job_of(call, id_)
    asked: dict[str, Any] = dict(job.asked)
    owner = rights.read(job.asked_by, asked.get("who", asked)) if job.asked_by is not None else call.viewer
    mine = call.as_(owner)
    out = call.portal.settings.data / "jobs" / id_
    try:
        await rights.still(call, owner)
        targets = await queries.targets(mine, region=asked["region"], grid=asked["grid"])
        refused = 0
        await progress(call, id_, done=0, total=len(targets))
        n = 0
        async for one in batch.draw_all(mine, targets, size=asked["size"], out=out):
            n += 1
            refused += bool(one.refused)
            await progress(call, id_, done=n, total=len(targets))
            # The next one may be issued anew before it is drawn
            await rights.still(call, owner)
        _pack(out)
        await batch.note_printed(mine, region=asked["region"], count=n - refused, size=asked["size"], area=owner.areas[0])
        message = batch.summary(n - refused, refused)
        await finish(call, id_, state="done", message=message, result={"printed": n - refused, "refused": refused})
    except PortalError as error:
        await finish(call, id_, state="failed", message=error.text, result={})
    except Exception:
        logger.exception("job %s failed", id_)
        await finish(call, id_, state="failed", message=say("内部错误，编号 {mark}", mark=id_[:8]), result={})
        raise


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
