"""Strangers flood the doors with reports and pictures, from one network and from fifty; what honest people meet meanwhile.

Everything plays on this machine: the portal is served on the loopback address, and who comes from which network is told by the
header that a trusted proxy sets. So those who flood, and those who are honest, take part of the same cores as the portal, as
nobody outside would; but the flood has a process of its own, so that nobody honest waits for it on the way. Every loop is bounded
by what the honest ones do. ``DRILL_HONEST`` says how many they are; times are demanded where they are a hundred, all else always.
"""

import asyncio
import io
import os
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import quantiles
from urllib.parse import urlencode

from PIL import Image

from drills.conftest import Deployed
from drills.test_what_dies import field as hidden
from drills.test_what_dies import signed_in, token_of
from portal.boards.actions import issue
from portal.storage.columns import public_id

HONEST = int(os.environ.get("DRILL_HONEST", "100"))
CONNECTIONS = 40
LOOK_EVERY = 0.05
AT_SIZE = 100
# How many times what it is without a flood
MOST_OF_BOARDS, MOST_OF_REPORTS = 2.0, 3.0
HANDS = 2
# So long it floods before anybody honest comes: until then fifty new networks are as new as anybody
BEFORE = 20


def jpeg(size: tuple[int, int]) -> bytes:
    """A photo as a phone takes it: with noise, so that it has some weight."""
    out = io.BytesIO()
    small = Image.frombytes("RGB", (size[0] // 8, size[1] // 8), secrets.token_bytes(size[0] // 8 * (size[1] // 8) * 3))
    small.resize(size).save(out, "JPEG", quality=80)
    return out.getvalue()


def flat(size: tuple[int, int], color: tuple[int, int, int]) -> bytes:
    """A picture of one colour: small to send, large to open."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


PHOTO = jpeg((2000, 1500))
LARGE = flat((6200, 6200), (80, 90, 100))


@dataclass
class Client:
    """A browser's connection, as cheap as it can be: it must not take the cores from the server."""

    port: int
    network: str
    cookies: dict[str, str] = field(default_factory=dict)
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, str]:
        """Status and body of an answer."""
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nX-Forwarded-For: {self.network}\r\n"
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if kind else ""
        head += f"Cookie: {'; '.join(map('='.join, self.cookies.items()))}\r\n" if self.cookies else ""
        try:
            writer.write(head.encode() + b"\r\n" + body)
            await writer.drain()
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            length = next(int(line[15:]) for line in lines if line.lower().startswith("content-length:"))
            text = (await reader.readexactly(length)).decode(errors="replace")
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            raise
        for line in lines:
            if line.lower().startswith("set-cookie:"):
                self.cookies.update([line[11:].split(";")[0].strip().split("=", 1)])
        if any(line.lower() == "connection: close" for line in lines):
            self.close()
        status = int(lines[0].split()[1])
        onward = next((line[9:].strip() for line in lines if line.lower().startswith("location:")), "")
        if status == 307:
            return await self.ask(method, onward, body, kind)
        return await self.ask("GET", onward) if status == 303 else (status, text)

    async def send(self, path: str, values: dict[str, str], pictures: list[bytes] = []) -> tuple[int, str]:  # noqa: B006 - only read
        """Send a form."""
        if not pictures:
            return await self.ask("POST", path, urlencode(values).encode(), "application/x-www-form-urlencoded")
        edge = secrets.token_hex(12)
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in values.items()
        ]
        for one in pictures:
            name = (
                f'--{edge}\r\nContent-Disposition: form-data; name="photos"; filename="1.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
            )
            parts.append(name.encode() + one + b"\r\n")
        return await self.ask("POST", path, b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}")

    def close(self) -> None:
        """Let go."""
        if self.streams is not None:
            self.streams[1].close()
        self.streams = None


@dataclass
class Seen:
    """What the honest ones met in a phase, in milliseconds."""

    reports: list[float] = field(default_factory=list)
    boards: list[float] = field(default_factory=list)
    exports: list[float] = field(default_factory=list)
    taken: int = 0
    photos: int = 0
    spam: Counter[str] = field(default_factory=Counter)
    steps: dict[str, list[float]] = field(default_factory=dict)


async def honest(port: int, board: str, n: int, kind: str, seen: Seen) -> None:
    """One complaint or report with two photos, from a network of its own, step by step to the receipt."""
    client = Client(port, f"10.{100 + n // 250}.{n % 250}.7")
    started = time.perf_counter()

    async def step(name: str, path: str, values: dict[str, str], pictures: list[bytes] = []) -> str:  # noqa: B006 - only read
        since = time.perf_counter()
        status, page = await client.send(path, values, pictures)
        seen.steps.setdefault(name, []).append((time.perf_counter() - since) * 1000)
        assert status == 200, (name, status, re.sub(r"<[^>]+>", " ", page)[-800:])
        return page

    page = await step("open", "/door", {"board": board, "kind": kind})
    values = {
        "_token": token_of(page),
        "form": hidden(page, "form"),
        "board": board,
        "kind": kind,
        "text": "锅炉房堵了门",
        "contact": "",
    }
    page = await step("tell", "/send", {**values, "go": "reach"}, [PHOTO, PHOTO + bytes(8)])
    page = await step("check", "/send", {**values, "go": "check"})
    seen.photos += page.count("data:image/jpeg")
    page = await step("send", "/send", {**values, "go": "send"})
    seen.reports.append((time.perf_counter() - started) * 1000)
    seen.taken += 'id="receipt"' in page
    client.close()


async def flooding(port: int, board: str, network: str, kind: str, large: bool, came: Counter[str], begun: asyncio.Event) -> None:
    """Post report after report, each with tiny pictures or a large one, until stopped."""
    client, token = Client(port, network), ""
    while True:
        try:
            if not token:
                token = token_of((await client.send("/door", {"board": board, "kind": kind}))[1])
            values = {
                "_token": token,
                "form": public_id(),
                "board": board,
                "kind": kind,
                "text": "x" * 200,
                "go": "send",
                "contact": "",
            }
            color = (secrets.randbelow(250), secrets.randbelow(250), secrets.randbelow(250))
            pictures = [LARGE] if large else [flat((20, 20), color), flat((21, 20), color)]
            status, page = await client.send("/send", values, pictures)
            came["taken" if 'id="receipt"' in page else str(status)] += 1
            begun.set()
        except (OSError, asyncio.IncompleteReadError, TypeError) as error:
            # It was closed, or there was no form: again, but not without a pause
            client.close()
            came[type(error).__name__] += 1
            await asyncio.sleep(0.2)


def flood_from(port: int, board: str, networks: int, kind: str, large: bool, stop: Connection) -> None:
    """Forty connections that post as fast as they can, until told to stop; then what came of it. In a process of its own."""

    async def work() -> Counter[str]:
        came, begun = Counter[str](), asyncio.Event()
        tasks = [
            asyncio.create_task(flooding(port, board, f"172.20.{n % networks}.{n}", kind, large, came, begun))
            for n in range(CONNECTIONS)
        ]
        await begun.wait()
        stop.send("something came back")
        await asyncio.to_thread(stop.recv)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return came

    stop.send(asyncio.run(work()))


@contextmanager
def flood(port: int, boards: list[str], networks: int, kind: str, large: bool, seen: Seen) -> Iterator[None]:
    """A flood goes on meanwhile, and for a while before."""
    if not networks:
        yield
        return
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=flood_from, args=(port, boards[0], networks, kind, large, theirs))
    process.start()
    try:
        assert ours.poll(180), "the flood did not begin"
        ours.recv()
        time.sleep(BEFORE)
        yield
        ours.send("stop")
        assert ours.poll(180), "the flood did not end"
        seen.spam = ours.recv()
    finally:
        process.kill()
        process.join()


async def honest_ones(deployed: Deployed, boards: list[str], cookies: str, seen: Seen, first: int) -> None:
    """Those who report, read boards and take sheets out, until all have reported."""
    port, waiting = deployed.port, iter(range(first, first + HONEST))
    over = asyncio.Event()

    async def hand() -> None:
        for n in waiting:
            await honest(port, boards[n % len(boards)], n, "complaint" if n % 2 else "report", seen)

    async def look() -> None:
        client = Client(port, "10.90.0.1")
        while not over.is_set():
            since = time.perf_counter()
            status, _ = await client.ask("GET", f"/b/{boards[len(seen.boards) % len(boards)]}")
            seen.boards.append((time.perf_counter() - since) * 1000)
            assert status == 200
            await asyncio.sleep(LOOK_EVERY)

    async def export() -> None:
        client = Client(port, "10.91.0.1", cookie=cookies)
        while not over.is_set():
            since = time.perf_counter()
            status, text = await client.ask("GET", "/office/import/export/enterprises/lishui/xlsx")
            assert (status, text[:2]) == (200, "PK"), (status, text[:200])
            seen.exports.append((time.perf_counter() - since) * 1000)
            await asyncio.sleep(0.5)

    beside = [asyncio.create_task(look()), asyncio.create_task(export())]
    await asyncio.gather(*(hand() for _ in range(HANDS)))
    over.set()
    await asyncio.gather(*beside)


def phase(deployed: Deployed, boards: list[str], cookies: str, networks: int, *, kind: str, large: bool, first: int) -> Seen:
    """The honest ones beside a flood from so many networks."""
    seen = Seen()
    with flood(deployed.port, boards, networks, kind, large, seen):
        asyncio.run(honest_ones(deployed, boards, cookies, seen, first))
    return seen


def told(times: list[float]) -> str:
    """n, p50 and p99."""
    cuts = quantiles(times, n=100, method="inclusive")
    return f"n {len(times)}, p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms"


def p99(times: list[float]) -> float:
    """The 99th percentile."""
    return quantiles(times, n=100, method="inclusive")[98]


def test_forty_connections_of_spam_take_nothing_from_honest_people(deployed: Deployed) -> None:
    async def prepare(call) -> list[str]:
        rows = await call.db.rows("select public_id from enterprise order by id limit 6")
        return [await issue(call, "enterprise", row["public_id"]) for row in rows]

    boards = deployed.do(prepare)
    idle, slow = None, list[str]()
    with deployed.served(), closing(signed_in(deployed)) as office:
        cookies = "; ".join(f"{name}={value}" for name, value in office.cookies.items())
        phase(deployed, boards, cookies, 0, kind="report", large=False, first=9_000)
        phases = [
            ("nobody floods", 0, "report", False),
            ("tiny pictures, one network", 1, "report", False),
            ("tiny pictures, fifty networks", 50, "complaint", False),
            ("large pictures, one network", 1, "report", True),
            ("large pictures, fifty networks", 50, "report", True),
            ("nobody floods, again", 0, "report", False),
        ]
        for n, (name, networks, kind, large) in enumerate(phases):
            seen = phase(deployed, boards, cookies, networks, kind=kind, large=large, first=n * HONEST)
            idle = idle or seen
            print(
                f"\n{name}: reports and complaints {told(seen.reports)} ({p99(seen.reports) / p99(idle.reports):.1f} × idle); "
                f"receipts {seen.taken} of {HONEST}, photos {seen.photos} of {2 * HONEST}"
            )
            print(
                f"  boards {told(seen.boards)} ({p99(seen.boards) / p99(idle.boards):.1f} × idle); "
                f"exports {told(seen.exports)} ({p99(seen.exports) / p99(idle.exports):.1f} × idle); flood {dict(seen.spam)}"
            )
            print("  " + "; ".join(f"{step} {told(times)}" for step, times in seen.steps.items()), flush=True)
            assert (seen.taken, seen.photos) == (HONEST, 2 * HONEST)
            # A flood that got nowhere would prove nothing
            assert not networks or seen.spam["taken"], seen.spam
            if p99(seen.reports) > MOST_OF_REPORTS * p99(idle.reports) or p99(seen.boards) > MOST_OF_BOARDS * p99(idle.boards):
                slow.append(name)
        assert HONEST < AT_SIZE or not slow, slow
