"""Forty connections guess without pause, from one network and from fifty; honest people sign in, look up and report meanwhile.

A process of its own serves the pages and is asked over HTTP, another one guesses; the networks are played by ``X-Forwarded-For``
from a trusted proxy. The same is measured before the floods, in the same run.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import httpx

from drills.conftest import wait_for
from drills.test_what_dies import field, token_of
from portal.boards.actions import issue
from portal.feedback.actions import Opening, open_case
from portal.feedback.receipts import shown
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.storage.embedded import EmbeddedServer
from portal.viewer import PUBLIC, Role
from tests.world import PASSWORD, World

PAGES, SIGN_INS, KNOWN = "board pages", "sign-ins elsewhere", "sign-ins on a known device in the guesser's network"
LOOKS, REPORTS, BESIDE = "look-ups elsewhere", "reports", "look-ups in the guesser's network (not promised)"
GUESSER = "10.66.0.200"
LONGEST = 1500


def from_(port: int, address: str) -> httpx.Client:
    """A visitor from there."""
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, headers={"x-forwarded-for": address})


def sign_in(client: httpx.Client) -> bool:
    """Come in; whether that went well."""
    token = token_of(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"login": "east", "password": PASSWORD, "_token": token})
    return answer.status_code == 303


def look_up(client: httpx.Client, receipt: str) -> bool:
    """Ask for a case; whether it was shown."""
    token = token_of(client.get("/receipt").text)
    answer = client.post("/receipt", data={"receipt": receipt, "_token": token})
    return answer.status_code == 200 and "一件举报" in answer.text


def report(client: httpx.Client, code: str) -> bool:
    """Send a report; whether it has a receipt."""
    page = client.post("/door", data={"board": code, "kind": "report"}).text
    values = {"_token": token_of(page), "form": field(page, "form"), "board": code, "kind": "report", "step": "check"}
    answer = client.post("/send", data={**values, "text": "一件举报", "contact": "", "go": "send"})
    return answer.status_code == 200 and 'id="receipt"' in answer.text


@dataclass
class Took:
    """How many there were, how many went well, and the median and the 99th of a hundred in milliseconds."""

    n: int
    well: int
    half: float
    most: float


def timed(n: int, one: Callable[[int], bool]) -> Took:
    """Do something so many times, one after the other."""
    well, took = 0, list[float]()
    for m in range(n):
        started = time.perf_counter()
        well += one(m)
        took.append((time.perf_counter() - started) * 1000)
    cuts = quantiles(took, n=100, method="inclusive")
    return Took(n, well, cuts[49], cuts[98])


def measured(port: int, code: str, receipt: str, device: dict[str, str], phase: int) -> dict[str, Took]:
    """What honest people get now, one of each kind at a time, each from a network of their own but for those of the guesser's."""

    def elsewhere(n: int) -> bool:
        with from_(port, f"10.{20 + phase}.{n}.7") as client:
            return sign_in(client)

    def known(_: int) -> bool:
        with from_(port, GUESSER) as client:
            client.cookies.update(device)
            return sign_in(client)

    def looked(n: int) -> bool:
        with from_(port, f"10.{30 + phase}.{n}.7") as client:
            return look_up(client, receipt)

    def beside(_: int) -> bool:
        with from_(port, GUESSER) as client:
            return look_up(client, receipt)

    def reported(n: int) -> bool:
        with from_(port, f"10.{40 + phase}.{n}.7") as client:
            return report(client, code)

    def read(_: int) -> bool:
        return reader.get(f"/b/{code}").status_code == 200

    hands = {
        PAGES: (read, 500), SIGN_INS: (elsewhere, 100), KNOWN: (known, 100), LOOKS: (looked, 100), REPORTS: (reported, 40),
        BESIDE: (beside, 10),
    }  # fmt: skip
    with from_(port, "10.19.1.7") as reader, ThreadPoolExecutor(len(hands)) as pool:
        # Before the flood fewer of what is hashed are enough
        share = 1 if phase else 0.3
        found = {
            what: pool.submit(timed, n if what == PAGES else max(2, round(n * share)), one) for what, (one, n) in hands.items()
        }
        return {what: one.result() for what, one in found.items()}


@contextlib.contextmanager
def flooded(port: int, networks: int) -> Iterator[dict[str, int]]:
    """Guessing goes on meanwhile; afterwards, what came of it."""
    command = [sys.executable, "-m", "drills.flood", str(port), str(networks), str(LONGEST)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as flood:
        came: dict[str, int] = {}
        try:
            yield came
        finally:
            told, _ = flood.communicate(timeout=150)
            came.update(json.loads(told))


def answers(port: int) -> bool:
    """Whether it answers."""
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    return False


@contextlib.contextmanager
def served(server: EmbeddedServer, database: str, data: Path) -> Iterator[int]:
    """The portal in a process of its own; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {"database": server.connection(database), "data": str(data), "port": port, "now": None}
    with subprocess.Popen([sys.executable, "-m", "tests.serve", json.dumps(told)]) as process:
        try:
            wait_for(lambda: answers(port), seconds=180)
            yield port
        finally:
            process.terminate()


def flood_all(port: int, code: str, receipt: str) -> None:
    """Measure without a flood, then with one from fifty networks and one from a single one."""
    told: dict[int, dict[str, Took]] = {}
    with from_(port, GUESSER) as client:
        assert sign_in(client)
        device = {name: value for name, value in client.cookies.items() if "device" in name}
        assert device
    for phase, networks in enumerate((0, 50, 1)):
        with flooded(port, networks) if networks else contextlib.nullcontext() as came:
            told[networks] = measured(port, code, receipt, device, phase)
        print(f"\nflood from {networks} network(s), answered {came}; load of the machine {os.getloadavg()[0]:.0f}:", flush=True)
        for what, took in told[networks].items():
            times = took.most / told[0][what].most
            print(
                f"  {what}: {took.well} of {took.n} right; p50 {took.half:.1f}, p99 {took.most:.1f} ms ({times:.2f} × idle)",
                flush=True,
            )
    for found in told.values():
        for what, took in found.items():
            assert what == BESIDE or took.well == took.n, (what, took)


async def test_forty_connections_that_guess_keep_nobody_out(world: World, server: EmbeddedServer, worker_id: str) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    code = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    opening = Opening(kind=Kind.REPORT, board=code, form=public_id(), text="一件举报")
    receipt = shown(await open_case(world.call.as_(PUBLIC), opening))
    with served(server, f"test_{worker_id}", world.call.portal.settings.data) as port:
        await asyncio.to_thread(flood_all, port, code, receipt)
