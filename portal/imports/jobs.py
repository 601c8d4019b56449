"""Checking and taking in large sheets as jobs: progress on the page, started again by the worker where it was lost."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from portal.access import rights
from portal.call import Call
from portal.desk.actions import ask_for, finish, progress
from portal.desk.queries import job as job_of
from portal.errors import PortalError, Refused
from portal.imports import batches, holding, queries, undoing
from portal.imports.outcome import Wish
from portal.terms import say

TASK = "import_rows"
EVERY = 25
Deed = Literal["check", "take", "undo"]
DOING: Mapping[str, str] = {"check": "checking", "take": "taking", "undo": "undoing"}
FROM: Mapping[str, tuple[str, ...]] = {"check": ("waiting", "checked"), "take": ("checked",), "undo": ("taken",)}
BEFORE: Mapping[str, str] = {"check": "failed", "take": "checked", "undo": "taken"}
logger = logging.getLogger("portal")


async def ask(call: Call, batch: str, deed: Deed, wish: Wish | None = None) -> str:
    """Queue the check of a sheet, its taking in as wished, or taking it back; the job's id."""
    asked: dict[str, Any] = {"batch": batch, "deed": deed, "wish": asdict(wish or Wish()), "who": rights.kept(call.viewer)}

    async def work() -> str:
        claimed = """
            update import_batch set state = $2 where id =
                (select id from import_batch where public_id = $1 and state = any($3) for update skip locked) returning id
        """
        if not await call.db.rows(claimed, batch, DOING[deed], list(FROM[deed])):
            raise Refused(holding.DONE)
        return await ask_for(call, TASK, asked)

    return await call.db.run_tx(work)


async def import_rows(call: Call, id_: str) -> None:
    """Do what a job asked for, as whoever asked, with what they were allowed then, as long as they still are."""
    job = await job_of(call, id_)
    owner = rights.read(job.asked_by, job.asked["who"]) if job.asked_by is not None else call.viewer
    mine, batch, deed = call.as_(owner), job.asked["batch"], job.asked["deed"]
    so_far, telling = (0, 0), asyncio.create_task(progress(call, id_, done=0, total=0))

    def tell(done: int, total: int) -> None:
        nonlocal so_far, telling
        so_far = done, total
        # A task of its own is outside the transaction, so that the page sees it at once
        if done % EVERY == 0 and telling.done():
            telling = asyncio.create_task(progress(call, id_, done=done, total=total))

    async def still() -> None:
        await rights.still(call, owner, lock=True)

    try:
        try:
            await rights.still(call, owner)
            match deed:
                case "check":
                    await batches.check(mine, batch, Wish(**job.asked["wish"]), tell=tell, still=still)
                case "take":
                    await batches.take_in(mine, batch, Wish(**job.asked["wish"]), tell=tell, still=still)
                case "undo":
                    await undoing.undo(mine, batch, tell=tell, still=still)
        finally:
            await telling
        await progress(call, id_, done=so_far[0], total=so_far[1])
        await finish(call, id_, state="done", message="", result={"batch": batch})
    except PortalError as error:
        await _give_back(call, batch, deed)
        await finish(call, id_, state="failed", message=error.text, result={})
    except Exception:
        logger.exception("job %s failed", id_)
        await _give_back(call, batch, deed)
        await finish(call, id_, state="failed", message=say("内部错误，编号 {mark}", mark=id_[:8]), result={})
        raise


async def _give_back(call: Call, batch: str, deed: str) -> None:
    """Nothing was done, unless this was done before: a job that was lost after its end is started again."""
    undone = "update import_batch set state = $2 where public_id = $1 and state = $3"
    await call.db.rows(undone, batch, BEFORE[deed], DOING[deed])


async def running(call: Call, batch: str) -> str | None:
    """The job that works on a sheet now, if one does."""
    await queries.batch(call, batch)
    found = await call.db.value(
        "select public_id from job where task = $1 and asked ->> 'batch' = $2 order by id desc limit 1", TASK, batch
    )
    return str(found) if found is not None else None
