"""Serving: the web processes and, beside them, the worker. Stops all of them together."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from litestar.types import ASGIApp

from portal import clock
from portal.app import create_app, open_portal, ready
from portal.call import Call
from portal.errors import PortalError
from portal.settings import VARIABLE, Settings, find
from portal.storage.embedded import EmbeddedServer
from portal.viewer import SYSTEM

LOOK_SECONDS = 3
logger = logging.getLogger("portal")


def app() -> ASGIApp:
    """The factory that each web process calls; the settings come from the environment."""
    made = create_app(Settings.read(find()))
    # What is loaded by now stays until the end: a collector that looks through all of it again and again makes pages wait
    gc.collect()
    gc.freeze()
    return made


async def check(settings: Settings) -> None:
    """Fail now, with the reason, instead of in each process."""
    async with open_portal(settings) as portal:
        portal.generation.settle()
        await ready(Call(portal, SYSTEM, clock.now()))


@contextlib.contextmanager
def looked_after(server: EmbeddedServer | None, config: Path) -> Iterator[None]:
    """The worker process and the embedded database, as long as the pages are served; started again where they die."""
    command = [sys.executable, "-m", "portal.cli", "--config", str(config), "worker"]
    stopping = threading.Event()
    worker = subprocess.Popen(command)  # noqa: S603 - our own program

    def look_after() -> None:
        nonlocal worker
        while not stopping.wait(LOOK_SECONDS):
            try:
                if server is not None:
                    server.start()
                if worker.poll() is not None:
                    logger.error("the worker ended with %s and is started again", worker.returncode)
                    worker = subprocess.Popen(command)  # noqa: S603 - our own program
            except (PortalError, OSError):
                logger.exception("the database or the worker could not be started; trying again")

    watch = threading.Thread(target=look_after, daemon=True)
    watch.start()
    try:
        yield
    finally:
        stopping.set()
        watch.join(60)
        worker.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(15)
        worker.kill()
        worker.wait()


def serve(settings: Settings, config: Path) -> None:
    """Serve until told to stop."""
    os.environ[VARIABLE] = str(config.resolve())
    # uvicorn sends itself the signal again when it is done; without a handler that would end us before we have cleaned up
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = EmbeddedServer(settings.data) if settings.database_url is None else None
    if server is not None:
        server.start()
    try:
        asyncio.run(check(settings))
        with looked_after(server, config):
            uvicorn.run(
                "portal.serving:app",
                factory=True,
                host=settings.host,
                port=settings.port,
                workers=settings.workers,
                proxy_headers=False,
                server_header=False,
                access_log=False,
                log_level="warning",
                timeout_graceful_shutdown=10,
            )
    finally:
        if server is not None:
            server.stop()
