"""Checking and taking in large sheets as jobs: progress on the page, started again by the worker where it was lost."""

import asyncio
import logging
from dataclasses import asdict, replace
from typing import Any

from portal.call import Call
from portal.desk.actions import ask_for, finish, progress
from portal.desk.queries import job as job_of
from portal.errors import PortalError
from portal.imports import actions, queries
from portal.imports.actions import Wish
from portal.terms import say
from portal.viewer import Viewer

TASK = "import_rows"
EVERY = 25
logger = logging.getLogger("portal")


async def ask(call: Call, batch: str, wish: Wish | None) -> str:
    """Queue the check of a sheet, or with a ``wish`` its taking in; the job's id."""
    viewer = call.viewer
    who = {"name": viewer.name, "person": viewer.person, "units": sorted(viewer.units), "areas": list(viewer.areas)}
    asked: dict[str, Any] = {"batch": batch, "wish": asdict(wish) if wish is not None else None, "who": who}

    async def work() -> str:
        state = "taking" if wish is not None else "checking"
        await call.db.rows("update import_batch set state = $2 where public_id = $1", batch, state)
        return await ask_for(call, TASK, asked)

    return await call.db.run_tx(work)


async def import_rows(call: Call, id_: str) -> None:
    """Do what a job asked for, as whoever asked."""
    job = await job_of(call, id_)
    who = job.asked["who"]
    owner = replace(
        Viewer(account=job.asked_by, name=who["name"], person=who["person"]),
        units=frozenset(who["units"]),
        areas=tuple(who["areas"]),
    )
    mine, batch = call.as_(owner), job.asked["batch"]
    told: set[asyncio.Task[None]] = set()
    in_turn = asyncio.Lock()

    async def say_how_far(done: int, total: int) -> None:
        async with in_turn:
            await progress(call, id_, done=done, total=total)

    def tell(done: int, total: int) -> None:
        # A task of its own is outside the transaction, so that the page sees it at once
        if done % EVERY == 0 or done == total:
            task = asyncio.create_task(say_how_far(done, total))
            told.add(task)
            task.add_done_callback(told.discard)

    try:
        try:
            if job.asked["wish"] is None:
                await actions.check(mine, batch, tell=tell)
            else:
                await actions.take_in(mine, batch, Wish(**job.asked["wish"]), tell=tell)
        finally:
            # What is told after the end would have the page wait for ever
            await asyncio.gather(*told)
        await finish(call, id_, state="done", message="", result={"batch": batch})
    except PortalError as error:
        await call.db.rows("update import_batch set state = 'checked' where public_id = $1 and state <> 'taken'", batch)
        await finish(call, id_, state="failed", message=error.text, result={})
    except Exception:
        logger.exception("job %s failed", id_)
        await call.db.rows("update import_batch set state = 'failed' where public_id = $1", batch)
        await finish(call, id_, state="failed", message=say("内部错误，编号 {mark}", mark=id_[:8]), result={})
        raise


async def running(call: Call, batch: str) -> str | None:
    """The job that works on a sheet now, if one does."""
    await queries.batch(call, batch)
    found = await call.db.value(
        "select public_id from job where task = $1 and asked ->> 'batch' = $2 order by id desc limit 1", TASK, batch
    )
    return str(found) if found is not None else None
