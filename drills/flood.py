"""Forty connections that guess at names, passwords and receipts of a portal on this machine, or ask for its pages: started by the
drill, and bounded.

python -m drills.flood PORT NETWORKS SECONDS guesses|pages
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter

import httpx

from drills.test_what_dies import token_of

CONNECTIONS, MOST_EACH = 40, 20_000


async def guess(port: int, n: int, networks: int, until: float, came: Counter[str]) -> None:
    """One connection: signs in under random names, or asks for random receipts, without pause."""
    chance = random.Random(n)
    door = "/sign-in" if n % 2 else "/receipt"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        token = token_of((await client.get(door)).text)
        for m in range(MOST_EACH):
            if time.monotonic() > until:
                return
            data = {"login": f"name{chance.randrange(10**9)}", "password": "wrong wrong wrong", "_token": token}
            if door == "/receipt":
                data = {"receipt": str(chance.randrange(10**16)).zfill(16), "_token": token}
            headers = {"x-forwarded-for": f"10.66.{(n + m) % networks}.{n + 1}"}
            try:
                came[f"{door} {(await client.post(door, data=data, headers=headers)).status_code}"] += 1
            except httpx.HTTPError as error:
                came[type(error).__name__] += 1


async def look(port: int, n: int, networks: int, until: float, came: Counter[str]) -> None:
    """One connection: asks for pages that are made anew each time, or sends what is refused, without pause."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        for m in range(MOST_EACH):
            if time.monotonic() > until:
                return
            headers = {"x-forwarded-for": f"10.66.{(n + m) % networks}.{n + 1}"}
            method, path = (("GET", "/sign-in"), ("GET", f"/schemes?{m}"), ("GET", f"/nothing/{m}"), ("POST", "/sign-in"))[n % 4]
            try:
                answer = await client.request(method, path, headers=headers, data={"login": "x"} if method == "POST" else None)
                came[f"{method} {path.partition('?')[0][:9]} {answer.status_code}"] += 1
            except httpx.HTTPError as error:
                came[type(error).__name__] += 1


async def tell(came: Counter[str]) -> None:
    """Say when something came back: before that nothing is flooded."""
    while not came:  # noqa: ASYNC110 - forty of them count
        await asyncio.sleep(0.1)
    print("begun", flush=True)


async def main(port: int, networks: int, seconds: float, what: str) -> None:
    """All of them, until the time is over or the drill closes the input."""
    came: Counter[str] = Counter()
    until = time.monotonic() + seconds
    flood = {"guesses": guess, "pages": look}[what]
    guessing = [asyncio.create_task(flood(port, n, networks, until, came)) for n in range(CONNECTIONS)]
    every = asyncio.gather(*guessing, return_exceptions=True)
    closed = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    told = asyncio.create_task(tell(came))
    await asyncio.wait([every, closed], return_when=asyncio.FIRST_COMPLETED)
    ended = [task.exception() for task in guessing if task.done() and not task.cancelled()]
    for task in guessing:
        task.cancel()
    await every
    told.cancel()
    # A connection that gave up floods nobody
    came["gave up"] += sum(error is not None for error in ended)
    print(json.dumps(came), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
