"""Forty connections that guess at names, passwords and receipts of a portal on this machine: started by the drill, and bounded.

python -m drills.flood PORT NETWORKS SECONDS
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


async def main(port: int, networks: int, seconds: float) -> None:
    """All of them, until the time is over or the drill closes the input."""
    came: Counter[str] = Counter()
    until = time.monotonic() + seconds
    guessing = [asyncio.create_task(guess(port, n, networks, until, came)) for n in range(CONNECTIONS)]
    every = asyncio.gather(*guessing, return_exceptions=True)
    closed = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait([every, closed], return_when=asyncio.FIRST_COMPLETED)
    for task in guessing:
        task.cancel()
    await every
    print(json.dumps(came), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
