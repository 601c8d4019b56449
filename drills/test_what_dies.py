"""Servers and workers are killed without warning; what was acknowledged is still there, and work goes on."""

import asyncio
import contextlib
import os
import re
import signal
from pathlib import Path

import httpx

from drills.conftest import PASSWORD, REGION, Deployed, children, wait_for


def signed_in(deployed: Deployed) -> httpx.Client:
    """The office at its desk."""
    client = httpx.Client(base_url=deployed.address, timeout=30)
    token = token_of(client.get("/sign-in").text)
    answer = client.post("/sign-in", data={"login": "bureau", "password": PASSWORD, "_token": token})
    assert answer.status_code == 303, answer.text[:300]
    return client


def token_of(page: str) -> str:
    """The form's token."""
    return re.search(r'name="_token" value="([^"]+)"', page)[1]


def field(page: str, name: str) -> str:
    """A hidden field's value."""
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def ask_for_batch(client: httpx.Client) -> str:
    """Ask for all boards of the region; the job's page."""
    page = client.get("/office/boards").text
    answer = client.post("/office/boards/print", data={"_token": token_of(page), "region": REGION, "size": "A4", "grid": ""})
    assert answer.status_code == 303, answer.text[:300]
    return answer.headers["location"]


def drawn(deployed: Deployed) -> dict[str, int]:
    """What the job drew so far, with when."""
    return {path.name: path.stat().st_mtime_ns for path in (deployed.settings.data / "jobs").glob("*/*.pdf")}


def test_a_killed_worker_is_started_again_and_its_batch_goes_on(deployed: Deployed) -> None:
    with deployed.served() as server, contextlib.closing(signed_in(deployed)) as office:
        ask_for_batch(office)
        wait_for(lambda: len(drawn(deployed)) >= 8)
        (worker,) = [pid for pid, said in children(server.pid).items() if said.rstrip().endswith("worker")]
        for pid in [*children(worker), worker]:
            os.kill(pid, signal.SIGKILL)
        kept = drawn(deployed)
        assert deployed.answers()
        wait_for(lambda: list((deployed.settings.data / "jobs").glob("*/boards.zip")), seconds=180)
        after = drawn(deployed)
        assert len(after) > len(kept)
        # All that was whole was not drawn again; the last one may have been half done
        assert sum(after[name] != when for name, when in kept.items()) <= 1
        wait_for(lambda: deployed.ask("select state from job") == "done")
        assert deployed.ask("select count(*) from procrastinate_jobs where status = 'doing'") == 0


def test_a_stopped_portal_finishes_its_batch_at_the_next_start(deployed: Deployed) -> None:
    with deployed.served(), contextlib.closing(signed_in(deployed)) as office:
        ask_for_batch(office)
        wait_for(lambda: len(drawn(deployed)) >= 4)
    kept = drawn(deployed)
    with deployed.served():
        wait_for(lambda: deployed.ask("select state from job") == "done", seconds=180)
    assert len(drawn(deployed)) > len(kept)


def postmaster(deployed: Deployed) -> int:
    """The server's first process."""
    from portal.storage.embedded import EmbeddedServer

    return int((EmbeddedServer(deployed.settings.data).home / "cluster/postmaster.pid").read_text().split()[0])


def test_a_killed_database_keeps_every_report_that_got_its_receipt(deployed: Deployed) -> None:
    from portal.boards.actions import issue

    async def board(call) -> str:
        return await issue(call, "enterprise", await call.db.value("select public_id from enterprise order by id limit 1"))

    code = deployed.do(board)

    async def report(client: httpx.AsyncClient, text: str) -> bool:
        page = (await client.post("/door", data={"board": code, "kind": "report"}, follow_redirects=True)).text
        values = {
            "_token": token_of(page),
            "form": field(page, "form"),
            "board": code,
            "kind": "report",
            "step": "check",
            "text": text,
            "contact": "",
            "go": "send",
        }
        answer = await client.post("/send", data=values, follow_redirects=True)
        return answer.status_code == 200 and 'id="receipt"' in answer.text

    async def once(text: str) -> bool:
        async with httpx.AsyncClient(base_url=deployed.address, timeout=30) as client:
            with contextlib.suppress(httpx.HTTPError, TypeError):
                return await report(client, text)
        return False

    async def many(killed: asyncio.Event) -> list[str]:
        sent: list[str] = []

        async def one(n: int) -> None:
            async with httpx.AsyncClient(base_url=deployed.address, timeout=30) as client:
                for m in range(40):
                    text = f"第{n}-{m}件"
                    try:
                        if await report(client, text):
                            sent.append(text)
                    except (httpx.HTTPError, TypeError):
                        pass
                    if len(sent) == 30 and not killed.is_set():
                        killed.set()
                        first = postmaster(deployed)
                        for pid in [first, *children(first)]:
                            with contextlib.suppress(ProcessLookupError):
                                os.kill(pid, signal.SIGKILL)
                    if killed.is_set():
                        return

        await asyncio.gather(*(one(n) for n in range(4)))
        return sent

    with deployed.served():
        sent = asyncio.run(many(asyncio.Event()))
        assert len(sent) >= 30
        wait_for(lambda: asyncio.run(once("之后一件")))
        sent.append("之后一件")
    assert deployed.ask("select count(*) from feedback_case") >= len(sent)
    with deployed.served():
        assert httpx.get(f"{deployed.address}/b/{code}").status_code == 200


def test_the_same_form_from_many_hands_at_once_is_one_case(deployed: Deployed) -> None:
    from portal.boards.actions import issue

    async def board(call) -> str:
        return await issue(call, "enterprise", await call.db.value("select public_id from enterprise order by id limit 1"))

    code = deployed.do(board)

    async def all_at_once() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=deployed.address, timeout=60) as client:
            page = (await client.post("/door", data={"board": code, "kind": "report"}, follow_redirects=True)).text
            values = {
                "_token": token_of(page),
                "form": field(page, "form"),
                "board": code,
                "kind": "report",
                "step": "check",
                "text": "一件事",
                "contact": "",
                "go": "send",
            }
            return await asyncio.gather(*(client.post("/send", data=values, follow_redirects=True) for _ in range(60)))

    with deployed.served():
        answers = asyncio.run(all_at_once())
        assert {answer.status_code for answer in answers} == {200}
        assert len({re.search(r'id="receipt"[^>]*>([^<]+)<', answer.text)[1].strip() for answer in answers}) == 1
        assert deployed.ask("select count(*) from feedback_case") == 1


def test_nothing_of_it_is_left_running(deployed: Deployed) -> None:
    with deployed.served() as server:
        below = children(server.pid)
    assert {pid: said for pid, said in below.items() if Path(f"/proc/{pid}").exists()} == {}
