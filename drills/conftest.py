"""A deployed portal: made by the command, filled with a region's example register, served by ``portal serve``."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from portal import commands
from portal.access.actions import NewAccount, NewGrant, create_account
from portal.call import Call
from portal.demo.register import DemoRegion, faces, folders
from portal.settings import Settings
from portal.storage.embedded import EmbeddedServer
from portal.viewer import Role
from tests.conftest import call, clock, database, portal, sample_plugins, server, settings, site, workshop, world

__all__ = ["call", "clock", "database", "portal", "sample_plugins", "server", "settings", "site", "workshop", "world"]
REGION, PASSWORD = "lishui", "correct horse battery"


@dataclass
class Deployed:
    """A portal in a folder of its own."""

    config: Path
    port: int

    @property
    def settings(self) -> Settings:
        """Its settings."""
        return Settings.read(self.config)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def do(self, work: Callable[[Call], Awaitable[Any]]) -> Any:
        """Do something in it, beside whatever else runs."""
        return asyncio.run(commands.on_portal(self.settings, work))

    def ask(self, sql: str, *values: Any) -> Any:
        """One value of its database."""

        async def work(call: Call) -> Any:
            return await call.db.value(sql, *values)

        return self.do(work)

    @contextlib.contextmanager
    def served(self) -> Iterator[subprocess.Popen[bytes]]:
        """Serve it in a process group of its own."""
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "--config", str(self.config), "serve"], start_new_session=True
        )
        try:
            wait_for(self.answers, seconds=240)
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def answers(self) -> bool:
        """Whether it answers."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.address}/healthz").status_code == 200
        return False


def wait_for(what: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait until something is true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s for {what}")


def children(pid: int) -> dict[int, str]:
    """The processes below one, with their command lines."""
    found: dict[int, str] = {}
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    waiting = [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            waiting.append(child)
            with contextlib.suppress(OSError):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much of its full size a drill of many is tried at."""
    parser.addoption("--scale", default="0.02", help="of 100,000 rows, 1,000 boards, 20 offices, 200 readers")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark of the tests whose means are borrowed here."""
    config.addinivalue_line("markers", "clause(*ids): the test proves these rows of the register")


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Deployed]:
    """A portal with 40 enterprises and an office's account."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = tmp_path / "portal.toml"
    commands.init(Settings(data=tmp_path / "data", plugins=(REGION,), port=port), path)
    made = Deployed(path, port)

    async def fill(call: Call) -> None:
        ((scheme, folder),) = folders(call)
        await DemoRegion(call, scheme, folder, (await faces(call))[:4], wanted=40).fill(lambda *_: None)
        unit = await call.db.row("select id from unit where kind = 'safety-bureau'")
        top = await call.db.value("select path from jurisdiction where region is not null")
        grant = NewGrant(role=Role.OFFICE, area=top, unit=unit["id"])
        new = NewAccount(login="bureau", name="示例经办", password=PASSWORD, must_change=False, grants=(grant,))
        await create_account(call, new)

    made.do(fill)
    yield made
    EmbeddedServer(made.settings.data).destroy()
