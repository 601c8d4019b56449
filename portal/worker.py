"""The process that does long work: takes jobs from the queue in the database, one at a time, at the lowest priority."""

import asyncio
import contextlib
import logging
import os

import procrastinate

from portal.app import open_portal, ready
from portal.boards.jobs import print_boards
from portal.call import Call, Portal
from portal.imports.jobs import TASK, import_rows
from portal.ledger.actions import look_again
from portal.settings import Settings
from portal.storage.embedded import EmbeddedServer
from portal.viewer import SYSTEM

QUEUE = "portal"
SILENT_SECONDS = 30
LAST_SECONDS = 10
logger = logging.getLogger("portal")


def queue_app(settings: Settings, portal: Portal) -> procrastinate.App:
    """The queue's app on the portal's own database, with every task that the portal knows."""
    if settings.database_url is None:
        config = EmbeddedServer(settings.data).connection()
        connector = procrastinate.PsycopgConnector(kwargs={**config, "dbname": config["database"]} | {"database": None})
    else:
        connector = procrastinate.PsycopgConnector(conninfo=settings.database_url)
    app = procrastinate.App(connector=connector)

    async def _call() -> Call:
        call = Call(portal, SYSTEM, portal.timekeeper())
        await look_again(call)
        return call

    @app.task(queue=QUEUE, name="print_boards", retry=1)
    async def _(job: str) -> None:
        await print_boards(await _call(), job)

    @app.task(queue=QUEUE, name=TASK, retry=1)
    async def _(job: str) -> None:
        await import_rows(await _call(), job)

    return app


async def take_back(app: procrastinate.App) -> int:
    """Put jobs back into the queue whose worker died: killed, or its machine lost. How many there were."""
    lost = list(await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=SILENT_SECONDS))
    for job in lost:
        logger.warning("job %s lost its worker and is queued again", job.id)
        await app.job_manager.retry_job(job)
    return len(lost)


async def work(app: procrastinate.App, *, until_empty: bool = False) -> None:
    """Take jobs until told to stop, those of dead workers included; with ``until_empty``, until nothing waits."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(SILENT_SECONDS)
            try:
                await take_back(app)
            except Exception:
                logger.exception("lost jobs could not be looked for; trying again")

    await take_back(app)
    watching = asyncio.create_task(watch())
    try:
        await app.run_worker_async(
            queues=[QUEUE],
            wait=not until_empty,
            concurrency=1,
            install_signal_handlers=not until_empty,
            shutdown_graceful_timeout=LAST_SECONDS,
            stalled_worker_timeout=SILENT_SECONDS,
        )
    finally:
        watching.cancel()


async def run(settings: Settings) -> None:
    """Open the portal and work on its queue until told to stop."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    async with open_portal(settings, pool=4) as portal:
        await ready(Call(portal, SYSTEM, portal.timekeeper()))
        app = queue_app(settings, portal)
        async with app.open_async():
            await work(app)


def main(settings: Settings) -> None:
    """Run in a process of its own."""
    asyncio.run(run(settings))
