"""Checking and taking in large sheets as jobs: progress on the page, started again by the worker where it was lost."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from portal.access import rights
from portal.call import Call
from portal.desk.actions import ask_for, progress
from portal.desk.jobs import Stopped, Task, run
from portal.desk.queries import JobRow
from portal.errors import Refused
from portal.imports import batches, holding, queries, undoing
from portal.imports.outcome import Wish

TASK = "import_rows"
EVERY = 25
Deed = Literal["check", "take", "undo"]
DOING: Mapping[str, str] = {"check": "checking", "take": "taking", "undo": "undoing"}
FROM: Mapping[str, tuple[str, ...]] = {"check": ("waiting", "checked"), "take": ("checked",), "undo": ("taken",)}
AFTER: Mapping[str, str] = {"check": "", "take": "taken", "undo": "undone"}
# Somebody looks at the page of a check and waits
URGENCY: Mapping[str, int] = {"check": 10, "take": 5, "undo": 5}
BEFORE: Mapping[str, str] = {"check": "failed", "take": "checked", "undo": "taken"}


async def ask(call: Call, batch: str, deed: Deed, wish: Wish | None = None) -> str:
    """Queue the check of a sheet, its taking in as wished, or taking it back; the job's id."""
    asked: dict[str, Any] = {
        "batch": batch,
        "deed": deed,
        "wish": asdict(wish or Wish()),
        "who": rights.stored_rights(call.viewer),
    }

    async def work() -> str:
        state = await call.db.value("select state from import_batch where public_id = $1 for update", batch)
        if state not in FROM[deed]:
            # Asked for twice, it is done once
            if state == DOING[deed] and (job := await _same(call, asked)) is not None:
                return job
            raise Refused(holding.DONE)
        await call.db.rows("update import_batch set state = $2 where public_id = $1", batch, DOING[deed])
        return await ask_for(call, TASK, asked | {"from": state}, urgency=URGENCY[deed])

    return await call.db.run_tx(work)


async def _same(call: Call, asked: Mapping[str, Any]) -> str | None:
    """The job that does exactly this for the same account and is not over."""
    found = await call.db.value(
        "select public_id from job where asked_by = $1 and task = $2 and asked @> $3::jsonb and not stopped "
        "and state in ('waiting', 'running') order by id limit 1",
        call.viewer.account,
        TASK,
        json.dumps({name: asked[name] for name in ("batch", "deed", "wish")}),
    )
    return str(found) if found is not None else None


async def _import(call: Call, job: JobRow) -> tuple[str, Mapping[str, Any]]:
    """Do what a job asked for, as whoever asked, with what they were allowed then, as long as they still are."""
    owner = rights.read(job.asked_by, job.asked["who"]) if job.asked_by is not None else call.viewer
    mine, batch, deed = call.as_(owner), job.asked["batch"], job.asked["deed"]
    if (await queries.batch(call, batch)).state == AFTER[deed]:
        # It was done before its process died
        return "", {"batch": batch}
    so_far, told, telling = (0, 0), 0, asyncio.create_task(progress(call, job.id, done=0, total=0))

    def tell(done: int, total: int) -> None:
        nonlocal so_far, told, telling
        so_far = done, total
        if not telling.done():
            return
        if telling.result():
            raise Stopped
        # A task of its own is outside the transaction, so that the page sees it at once
        if done - told >= EVERY:
            told = done
            telling = asyncio.create_task(progress(call, job.id, done=done, total=total))

    async def still() -> None:
        await rights.still(call, owner, lock=True)

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
    await progress(call, job.id, done=so_far[0], total=so_far[1])
    return "", {"batch": batch}


async def _give_back(call: Call, job: JobRow) -> None:
    """Nothing was done, unless this was done before: a job that was lost after its end is started again."""
    deed = job.asked["deed"]
    undone = "update import_batch set state = $2 where public_id = $1 and state = $3"
    # One that was never checked does not wait for that any more
    former = job.asked.get("from", BEFORE[deed]).replace("waiting", "failed")
    await call.db.rows(undone, job.asked["batch"], former, DOING[deed])


IMPORTING = Task(TASK, _import, _give_back)


async def import_rows(call: Call, id_: str, *, tries: int = 0) -> None:
    """Do a job with a sheet, to whatever end it comes."""
    await run(call, IMPORTING, id_, tries=tries)


async def running(call: Call, batch: str) -> str | None:
    """The job that works on a sheet now, if one does."""
    await queries.batch(call, batch)
    found = await call.db.value(
        "select public_id from job where task = $1 and asked ->> 'batch' = $2 order by id desc limit 1", TASK, batch
    )
    return str(found) if found is not None else None
