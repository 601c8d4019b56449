"""The process that does long work: takes jobs from the queue in the database, one at a time, at the lowest priority."""

import asyncio
import contextlib
import os

import procrastinate

from portal import clock
from portal.app import open_portal, ready
from portal.boards.jobs import print_boards
from portal.call import Call, Portal
from portal.settings import Settings
from portal.storage.embedded import EmbeddedServer
from portal.viewer import SYSTEM

QUEUE = "portal"


def queue_app(settings: Settings, portal: Portal) -> procrastinate.App:
    """The queue's app on the portal's own database, with every task that the portal knows."""
    if settings.database_url is None:
        config = EmbeddedServer(settings.data).connection()
        connector = procrastinate.PsycopgConnector(kwargs={**config, "dbname": config["database"]} | {"database": None})
    else:
        connector = procrastinate.PsycopgConnector(conninfo=settings.database_url)
    app = procrastinate.App(connector=connector)

    @app.task(queue=QUEUE, name="print_boards", retry=1)
    async def _(job: str) -> None:
        await print_boards(Call(portal, SYSTEM, clock.now()), job)

    return app


async def run(settings: Settings, *, until_empty: bool = False) -> None:
    """Work until told to stop; with ``until_empty``, until nothing waits."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    async with open_portal(settings, pool=4) as portal:
        await ready(Call(portal, SYSTEM, clock.now()))
        app = queue_app(settings, portal)
        async with app.open_async():
            await app.run_worker_async(queues=[QUEUE], wait=not until_empty, concurrency=1, install_signal_handlers=True)


def main(settings: Settings) -> None:
    """Run in a process of its own."""
    asyncio.run(run(settings))
