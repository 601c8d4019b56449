"""The process that does long work: takes jobs from the queue in the database, one at a time of each account, at the lowest
priority; and brings boards along that much was changed for.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Protocol

import procrastinate
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job, Status

from portal.app import open_portal, ready
from portal.boards.actions import bring_along
from portal.boards.jobs import PRINTING, print_boards
from portal.call import Call, Portal
from portal.desk.jobs import Again, Task, end_orphans, lost
from portal.imports.jobs import IMPORTING, import_rows
from portal.ledger.actions import look_again
from portal.lifeline import end_with_parent
from portal.settings import Settings
from portal.storage.embedded import EmbeddedServer
from portal.storage.shares import QUEUE as QUEUE_POOL
from portal.storage.shares import WORKER
from portal.viewer import SYSTEM

QUEUE = "portal"
SILENT_SECONDS = 30
LAST_SECONDS = 10
PATIENT_SECONDS = 86_400
# Of different accounts
AT_ONCE = 4
BOARDS_SECONDS = 1.0
TASKS: Mapping[str, Task] = {task.name: task for task in (PRINTING, IMPORTING)}
logger = logging.getLogger("portal")


class JobDoer(Protocol):
    """Does a job of one sort."""

    async def __call__(self, call: Call, id_: str, *, tries: int = 0) -> None:
        """To whatever end it comes; :class:`Again` where it is to be tried again after so many ``tries``."""


DOING: Mapping[str, JobDoer] = {PRINTING.name: print_boards, IMPORTING.name: import_rows}


class Queue(procrastinate.App):
    """The queue's app, with the portal whose work is queued."""

    portal: Portal

    def call(self) -> Call:
        """A call by the system itself, now."""
        return Call(self.portal, SYSTEM, self.portal.timekeeper())


class _Patience(procrastinate.BaseRetryStrategy):
    """When a job goes back into the queue: after the wait that it asks for, and at once where the worker was told to stop."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if isinstance(exception, Again):
            return procrastinate.RetryDecision(retry_in={"seconds": exception.seconds})
        if isinstance(exception, asyncio.CancelledError | JobAborted):
            return procrastinate.RetryDecision()
        return None


def queue_app(settings: Settings, portal: Portal) -> Queue:
    """The queue's app on the portal's own database, with every task that the portal knows."""
    if settings.database_url is None:
        config = EmbeddedServer(settings.data).connection()
        named = {**config, "dbname": config["database"]} | {"database": None}
        connector = procrastinate.PsycopgConnector(kwargs=named, min_size=1, max_size=QUEUE_POOL)
    else:
        connector = procrastinate.PsycopgConnector(conninfo=settings.database_url, min_size=1, max_size=QUEUE_POOL)
    app = Queue(connector=connector)
    app.portal = portal
    for task, work in DOING.items():
        _know(app, task, work)
    return app


def _know(app: Queue, name: str, work: JobDoer) -> None:
    @app.task(queue=QUEUE, name=name, retry=_Patience(), pass_context=True)
    async def _(context: procrastinate.JobContext, job: str) -> None:
        call = app.call()
        await look_again(call)
        await work(call, job, tries=context.job.attempts)


async def take_back(app: Queue) -> int:
    """Put jobs back into the queue whose worker died: killed, or its machine lost; end those that this happened to too often,
    and those that the queue lost. How many were put back.
    """
    taken = 0
    for job in list(await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=SILENT_SECONDS)):
        if await lost(app.call(), TASKS[job.task_name], str(job.task_kwargs["job"])):
            logger.error("job %s lost its worker too often and has ended", job.id)
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
            continue
        logger.warning("job %s lost its worker and is queued again", job.id)
        await app.job_manager.retry_job(job)
        taken += 1
    if ended := await end_orphans(app.call(), TASKS):
        logger.error("%s jobs were not in the queue any more and have ended", ended)
    return taken


async def work(app: Queue, *, until_empty: bool = False) -> None:
    """Take jobs until told to stop, those of dead workers included, and bring boards along that wait for it; with
    ``until_empty``, until nothing waits.
    """
    await take_back(app)
    beside = [asyncio.create_task(again_and_again(partial(work, app), every)) for work, every in BESIDE]
    try:
        await app.run_worker_async(
            queues=[QUEUE],
            wait=not until_empty,
            concurrency=AT_ONCE,
            install_signal_handlers=not until_empty,
            shutdown_graceful_timeout=PATIENT_SECONDS if until_empty else LAST_SECONDS,
            stalled_worker_timeout=SILENT_SECONDS,
        )
        if until_empty:
            await bring_boards_along(app)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def again_and_again(work: Callable[[], Awaitable[int]], every: float) -> None:
    """Do something from time to time, whatever goes wrong with it once."""
    while True:
        await asyncio.sleep(every)
        try:
            await work()
        except Exception:
            logger.exception("what the worker does beside its jobs failed; it is tried again")


async def bring_boards_along(app: Queue) -> int:
    """The boards that wait for what much was changed at once."""
    call = app.call()
    await look_again(call)
    return await bring_along(call)


BESIDE: tuple[tuple[Callable[[Queue], Awaitable[int]], float], ...] = (
    (take_back, SILENT_SECONDS),
    (bring_boards_along, BOARDS_SECONDS),
)


async def serve_queue(settings: Settings) -> None:
    """Open the portal and work on its queue until told to stop."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    end_with_parent()
    async with open_portal(settings, pool=WORKER) as portal:
        await ready(Call(portal, SYSTEM, portal.timekeeper()))
        app = queue_app(settings, portal)
        async with app.open_async():
            await work(app)


def main(settings: Settings) -> None:
    """Run in a process of its own."""
    asyncio.run(serve_queue(settings))
