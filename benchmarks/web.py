"""S1 and S2: the board page, side by side with its peers. One server process on one core, the load from the other."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import Request, urlopen

from benchmarks.register import Register
from portal.app import open_portal
from portal.settings import VARIABLE

SERVER_CORE, LOAD_CORE = 0, 1
PATIENCE_SECONDS = 60
CONNECTIONS = (32, 128)
LUA = """
local paths = {}
for line in io.lines("%(codes)s") do paths[#paths + 1] = "/b/" .. line .. "%(query)s" end
math.randomseed(%(seed)d)
local headers = { %(headers)s }
request = function() return wrk.format("GET", paths[math.random(#paths)], headers) end
done = function(summary, latency)
    local e = summary.errors
    io.write(string.format('FIGURES {"requests": %%d, "seconds": %%f, "p50": %%f, "p99": %%f, "errors": %%d}',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True)
class Case:
    """A server and how it is asked. ``hot`` asks for one board again and again, ``same`` with the mark of its last answer."""

    name: str
    command: tuple[str, ...]
    query: str = ""
    hot: bool = False
    same: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """What one case did at one number of connections."""

    per_second: float
    p50: float
    p99: float
    cpu: float


def uvicorn(app: str, port: int, *more: str) -> tuple[str, ...]:
    return (
        sys.executable,
        "-m",
        "uvicorn",
        app,
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "warning",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        *more,
    )


def gunicorn(app: str, port: int, *more: str) -> tuple[str, ...]:
    return (
        sys.executable,
        "-m",
        "gunicorn",
        app,
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
        "--log-level",
        "warning",
        *more,
    )


def cases(port: int) -> list[Case]:
    """Ours, and those that we are compared with."""
    ours = uvicorn("portal.serving:app", port, "--factory", "--no-proxy-headers", "--no-server-header")
    bare = uvicorn("benchmarks.peers.bare:app", port)
    threads = ("--worker-class", "gthread", "--threads", "8")
    wsgi = {"BENCH_WSGI": "yes"}
    return [
        Case("portal", ours, query="?live"),
        Case("Litestar + Jinja + asyncpg", uvicorn("benchmarks.peers.litestar_asyncpg:app", port)),
        Case("Django, sync worker", gunicorn("benchmarks.peers.django_orm:app", port), environment=wsgi),
        Case("Django, threads", gunicorn("benchmarks.peers.django_orm:app", port, *threads), environment=wsgi),
        Case("Django, ASGI", uvicorn("benchmarks.peers.django_orm:app", port, "--lifespan", "off")),
        Case("Flask + SQLAlchemy Core, sync worker", gunicorn("benchmarks.peers.flask_core:app", port)),
        Case("Flask + SQLAlchemy Core, threads", gunicorn("benchmarks.peers.flask_core:app", port, *threads)),
        Case("portal, kept", ours, hot=True),
        Case("portal, kept, 304", ours, hot=True, same=True),
        Case("bare ASGI, fixed bytes", bare, hot=True),
        Case("bare ASGI, 304", bare, hot=True, same=True),
    ]


def measure(register: Register, folder: Path, *, rounds: int, seconds: int) -> tuple[dict[str, dict[int, Figures]], int]:
    """Medians by case and connections, rounds interleaved; and the size of the page in bytes."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing; install it: apt-get install wrk")
    (folder / "codes").write_text("\n".join(register.codes) + "\n")
    (folder / "code").write_text(register.codes[0] + "\n")
    found: dict[str, dict[int, list[Figures]]] = {}
    page = _sample(register, folder)
    for number in range(rounds):
        for case in cases(register.settings.port):
            with _running(case, register, folder) as (server, mark):
                _load(case, register, folder, server, mark, connections=8, seconds=2, seed=0)
                for connections in CONNECTIONS:
                    figures = _load(
                        case, register, folder, server, mark, connections=connections, seconds=seconds, seed=number + 1
                    )
                    print(f"round {number + 1} {case.name}, {connections} connections: {figures.per_second:.0f}/s", flush=True)
                    found.setdefault(case.name, {}).setdefault(connections, []).append(figures)
    return {name: {n: _median(all_) for n, all_ in by.items()} for name, by in found.items()}, page


def _median(figures: list[Figures]) -> Figures:
    parts = zip(*((one.per_second, one.p50, one.p99, one.cpu) for one in figures), strict=True)
    return Figures(*(median(part) for part in parts))


def _sample(register: Register, folder: Path) -> int:
    """Keep one real page for the bare peer, and one board's facts for those that join."""

    async def facts() -> str:
        async with open_portal(register.settings) as portal:
            return str(await portal.db.value("select live::text from board where code = $1", register.codes[0]))

    os.environ["BENCH_SAMPLE"] = asyncio.run(facts())
    os.environ["BENCH_BODY"] = str(folder / "page.html")
    (folder / "page.html").write_bytes(b"")
    ours = cases(register.settings.port)[0]
    with _running(ours, register, folder):
        body = _ask(register, "?live").read()
    (folder / "page.html").write_bytes(body)
    return len(body)


def _ask(register: Register, query: str):
    return urlopen(Request(f"http://127.0.0.1:{register.settings.port}/b/{register.codes[0]}{query}"), timeout=10)


@contextmanager
def _running(case: Case, register: Register, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The server of a case on its core; with the mark of its page."""
    environment = {**os.environ, VARIABLE: str(register.config), **case.environment}
    with (folder / "servers.log").open("ab") as log:
        server = subprocess.Popen(
            case.command,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}),
        )
    try:
        yield server, _up(case, register, server, folder)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _up(case: Case, register: Register, server: subprocess.Popen[bytes], folder: Path) -> str:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            sys.exit(f"{case.name} ended: see {folder / 'servers.log'}")
        try:
            with _ask(register, case.query) as answer:
                return answer.headers.get("etag", "")
        except (URLError, ConnectionError):
            time.sleep(0.1)
    sys.exit(f"{case.name} did not answer: see {folder / 'servers.log'}")


def _load(
    case: Case,
    register: Register,
    folder: Path,
    server: subprocess.Popen[bytes],
    mark: str,
    *,
    connections: int,
    seconds: int,
    seed: int,
) -> Figures:
    headers = f'["If-None-Match"] = {json.dumps(mark)}' if case.same else ""
    script = folder / "load.lua"
    codes = folder / ("code" if case.hot else "codes")
    script.write_text(LUA % {"codes": codes, "query": case.query, "seed": seed, "headers": headers})
    before = _cpu(server.pid)
    out = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--timeout",
            "30s",
            "-s",
            script,
            f"http://127.0.0.1:{register.settings.port}",
        ],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CORE}),
    ).stdout
    spent = _cpu(server.pid) - before
    said = json.loads(re.search(r"FIGURES (.*)", out)[1])
    if said["errors"]:
        sys.exit(f"{case.name}: {said['errors']} of {said['requests']} answers failed")
    return Figures(said["requests"] / said["seconds"], said["p50"], said["p99"], spent / said["requests"] * 1e6)


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process and its children have taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(_cpu(int(child)) for child in children)
