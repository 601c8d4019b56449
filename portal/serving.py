"""Serving: the web processes and, beside them, the worker. Stops all of them together."""

import asyncio
import contextlib
import logging
import os
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
from portal.settings import VARIABLE, Settings, find
from portal.viewer import SYSTEM


AGAIN_SECONDS = 3
logger = logging.getLogger("portal")


def app() -> ASGIApp:
    """The factory that each web process calls; the settings come from the environment."""
    return create_app(Settings.read(find()))


async def check(settings: Settings) -> None:
    """Fail now, with the reason, instead of in each process."""
    async with open_portal(settings) as portal:
        portal.generation.settle()
        await ready(Call(portal, SYSTEM, clock.now()))


@contextlib.contextmanager
def worker(config: Path) -> Iterator[None]:
    """The worker process, as long as the pages are served; started again where it dies."""
    command = [sys.executable, "-m", "portal.cli", "--config", str(config), "worker"]
    stopping = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not stopping.is_set():
            process = subprocess.Popen(command)  # noqa: S603 - our own program
            running[:] = [process]
            code = process.wait()
            if not stopping.wait(AGAIN_SECONDS):
                logger.error("the worker ended with %s and is started again", code)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        for process in running:
            process.terminate()
        keeper.join(15)
        for process in running:
            process.kill()


def serve(settings: Settings, config: Path) -> None:
    """Serve until told to stop."""
    os.environ[VARIABLE] = str(config.resolve())
    asyncio.run(check(settings))
    with worker(config):
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
