"""A backup under load, put back elsewhere: what had been acknowledged when it began is in it, and nothing of it differs."""

import asyncio
import contextlib
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx

from drills.conftest import Deployed
from drills.test_what_dies import field, token_of
from portal.boards.actions import issue
from portal.storage.embedded import EmbeddedServer

SECRET = "五只乌鸦喝了三桶蓝墨水 又飞走了"


def portal(config: Path, *words: str) -> str:
    """Run the command; what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "--config", str(config), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def report(client: httpx.AsyncClient, code: str, text: str) -> bool:
    """Send a report; whether it got its receipt."""
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


def test_a_backup_under_load_is_put_back_without_a_difference(deployed: Deployed, tmp_path: Path) -> None:
    async def board(call) -> str:
        return await issue(call, "enterprise", await call.db.value("select public_id from enterprise order by id limit 1"))

    code, secret, kept = deployed.do(board), tmp_path / "passphrase", tmp_path / "kept"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)

    async def under_load() -> tuple[int, int, float]:
        taken, some, stop = [0], asyncio.Event(), asyncio.Event()

        async def one() -> None:
            async with httpx.AsyncClient(base_url=deployed.address, timeout=60) as client:
                while not stop.is_set():
                    with contextlib.suppress(httpx.HTTPError, TypeError):
                        taken[0] += await report(client, code, "一件事")
                        if taken[0] >= 10:
                            some.set()

        async def backup() -> tuple[int, float]:
            await some.wait()
            begun, clock = taken[0], time.monotonic()
            said = await asyncio.to_thread(portal, deployed.config, "backup", str(kept), "--passphrase-file", str(secret))
            assert "备份：" in said
            stop.set()
            return begun, time.monotonic() - clock

        (begun, seconds), *_ = await asyncio.gather(backup(), *(one() for _ in range(2)))
        return begun, taken[0], seconds

    with deployed.served():
        begun, taken, seconds = asyncio.run(under_load())
    (data,) = kept.glob("*.backup")
    verified = portal(deployed.config, "restore", str(data), "--verify", "--passphrase-file", str(secret))
    assert verified.partition("差异：")[2].split()[0] == "0", verified
    portal(deployed.config, "restore", str(data), "--into", str(tmp_path / "new"), "--passphrase-file", str(secret))
    new = Deployed(tmp_path / "new" / "portal.toml", deployed.port)
    try:
        inside = new.ask("select count(*) from feedback_case")
        assert begun <= inside <= taken
        photos = sum(1 for _ in (new.settings.data / "files").glob("*/*"))
        assert photos > 0
        with new.served():
            page = httpx.get(f"{new.address}/b/{code}")
            assert page.status_code == 200
            for photo in re.findall(r'src="(/[^"]+)"', page.text)[:3]:
                assert httpx.get(new.address + photo).status_code == 200
    finally:
        EmbeddedServer(new.settings.data).destroy()
    print(
        f"backup under load: {seconds:.1f} s, {data.stat().st_size / 1e6:.1f} MB; {begun} reports acknowledged before it began, "
        f"{inside} in it, {taken} when it ended; {photos} files; {verified.strip().splitlines()[0]}"
    )
