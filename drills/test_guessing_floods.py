"""Forty connections guess without pause, or ask for pages, from one network and from fifty; honest people sign in, look up and
complain meanwhile.

The portal is served by its own command and is asked over HTTP, another process floods; the networks are played by
``X-Forwarded-For`` from a trusted proxy. The same is measured before the floods, in the same run. ``DRILL_HONEST`` says how many
of each kind there are; times are demanded where there are a hundred, all else always.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import quantiles

import httpx

from drills.conftest import PASSWORD, Deployed
from drills.test_what_dies import field, token_of
from portal.boards.actions import issue
from portal.call import Call
from portal.feedback.actions import CaseOpening, open_case
from portal.feedback.receipts import shown
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC

PAGES, SIGN_INS, KNOWN = "board pages", "sign-ins elsewhere", "sign-ins on a known device in the guesser's network"
LOOKS, REPORTS, BESIDE = "look-ups elsewhere", "reports and complaints", "look-ups in the guesser's network (not promised)"
GUESSER = "10.66.0.200"
HONEST = int(os.environ.get("DRILL_HONEST", "100"))
AT_SIZE = 100
# How many times what it is without a flood
MOST_OF_PAGES, MOST_OF_REPORTS = 2.0, 3.0
PHASES = ((0, ""), (50, "guesses"), (1, "guesses"), (50, "pages"), (1, "pages"))
LONGEST = 1500
# So long it floods before anybody honest comes
BEFORE = 20


def from_(port: int, address: str) -> httpx.Client:
    """A visitor from there."""
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, headers={"x-forwarded-for": address})


def sign_in(client: httpx.Client) -> bool:
    """Come in; whether that went well."""
    token = token_of(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"login": "bureau", "password": PASSWORD, "_token": token})
    return answer.status_code == 303


def look_up(client: httpx.Client, receipt: str) -> bool:
    """Ask for a case; whether it was shown."""
    token = token_of(client.get("/receipt").text)
    answer = client.post("/receipt", data={"receipt": receipt, "_token": token}, follow_redirects=True)
    return answer.status_code == 200 and "办理进展" in answer.text


def report(client: httpx.Client, code: str, kind: str) -> bool:
    """Send a report or a complaint; whether it has a receipt."""
    page = client.post("/door", data={"board": code, "kind": kind}, follow_redirects=True).text
    values = {"_token": token_of(page), "form": field(page, "form"), "board": code, "kind": kind, "step": "check"}
    answer = client.post("/send", data={**values, "text": "一件举报", "contact": "", "go": "send"}, follow_redirects=True)
    return answer.status_code == 200 and 'id="receipt"' in answer.text


@dataclass
class Took:
    """How many there were, how many went well, and the median and the 99th of a hundred in milliseconds."""

    n: int
    well: int
    half: float
    most: float


def timed(n: int, one: Callable[[int], bool], at_once: int) -> Took:
    """Do something so many times, a few at once."""

    def each(m: int) -> tuple[bool, float]:
        started = time.perf_counter()
        well = one(m)
        return well, (time.perf_counter() - started) * 1000

    with ThreadPoolExecutor(at_once) as pool:
        found = list(pool.map(each, range(n)))
    cuts = quantiles([took for _, took in found], n=100, method="inclusive")
    return Took(n, sum(well for well, _ in found), cuts[49], cuts[98])


def measured(port: int, code: str, receipt: str, device: dict[str, str], phase: int) -> dict[str, Took]:
    """What honest people get now, each from a network of their own but for those of the guesser's; of those who wait for a hash
    a few at once, or a phase would take a quarter of an hour.
    """

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
            return report(client, code, "complaint" if n % 2 else "report")

    def read(_: int) -> bool:
        return reader.get(f"/b/{code}").status_code == 200

    hands = {
        PAGES: (read, 10 * HONEST, 1),
        SIGN_INS: (elsewhere, HONEST, 4),
        KNOWN: (known, HONEST, 2),
        LOOKS: (looked, HONEST, 4),
        REPORTS: (reported, HONEST, 1),
        BESIDE: (beside, 10, 1),
    }
    with from_(port, "10.19.1.7") as reader, ThreadPoolExecutor(len(hands)) as pool:
        # As many before the flood: the 99th of a hundred of twelve is the slowest one
        found = {what: pool.submit(timed, n, one, at_once) for what, (one, n, at_once) in hands.items()}
        return {what: one.result() for what, one in found.items()}


@contextlib.contextmanager
def flooded(port: int, networks: int, what: str) -> Iterator[dict[str, int]]:
    """It goes on meanwhile; afterwards, what came of it."""
    command = [sys.executable, "-m", "drills.flood", str(port), str(networks), str(LONGEST), what]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as flood:
        came: dict[str, int] = {}
        try:
            assert flood.stdout is not None
            assert flood.stdout.readline() == "begun\n"
            time.sleep(BEFORE)
            yield came
        finally:
            told, _ = flood.communicate(timeout=150)
            came.update(json.loads(told))


def flood_all(port: int, code: str, receipt: str) -> None:
    """Measure without a flood, then with each of them."""
    told: list[dict[str, Took]] = []
    with from_(port, GUESSER) as client:
        assert sign_in(client)
        device = {name: value for name, value in client.cookies.items() if "device" in name}
        assert device
    slow = list[tuple[str, str, float]]()
    for phase, (networks, kind) in enumerate(PHASES):
        with flooded(port, networks, kind) if networks else contextlib.nullcontext() as came:
            told.append(measured(port, code, receipt, device, phase))
        name = f"{kind} from {networks} network(s)"
        print(f"\n{name}, answered {came}; load of the machine {os.getloadavg()[0]:.0f}:", flush=True)
        # A flood that gave up, or whose forms were refused for their token, would prove nothing
        assert not came or (not came["gave up"] and sum(came.values()) >= 40), came
        assert kind != "guesses" or not any(one.endswith("403") for one in came or ()), came
        for what, took in told[-1].items():
            times = took.most / told[0][what].most
            print(
                f"  {what}: {took.well} of {took.n} right; p50 {took.half:.1f}, p99 {took.most:.1f} ms ({times:.2f} × idle)",
                flush=True,
            )
            slow += [(name, what, times)] if times > {PAGES: MOST_OF_PAGES, REPORTS: MOST_OF_REPORTS}.get(what, times) else []
    for found in told:
        for what, took in found.items():
            assert what == BESIDE or took.well == took.n, (what, took)
    assert HONEST < AT_SIZE or not slow, slow


def test_forty_connections_that_guess_or_ask_keep_nobody_out(deployed: Deployed) -> None:
    async def prepare(call: Call) -> tuple[str, str]:
        row = await call.db.row("select public_id from enterprise order by id limit 1")
        assert row is not None
        code = await issue(call, "enterprise", row["public_id"])
        opening = CaseOpening(kind=Kind.REPORT, board=code, form=public_id(), text="一件举报")
        return code, shown(await open_case(call.as_(PUBLIC), opening))

    code, receipt = deployed.do(prepare)
    with deployed.served():
        flood_all(deployed.port, code, receipt)
