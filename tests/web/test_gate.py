"""The way in: whoever asks for much waits, or is told to come again, and nobody else; an account's requests wait for each other."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Any

from portal.app import create_app
from portal.boards.actions import issue
from portal.viewer import Role
from portal.web.gate import PLACES, AccountPlaces, Gate
from portal.web.outer import Outer
from tests.world import PASSWORD, World


def scope_of(path: str, address: str, *, method: str = "GET", cookie: str = "") -> dict[str, Any]:
    """A request from an address."""
    headers = [(b"host", b"test")] + ([(b"cookie", cookie.encode())] if cookie else [])
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "client": (address, 1),
        "server": ("test", 80),
        "headers": headers,
        "state": {},
    }


async def ask(app: Any, scope: dict[str, Any]) -> tuple[int, str]:
    """Ask, and take the answer."""
    answered: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        answered.append(message)

    await app(scope, receive, send)
    return answered[0]["status"], b"".join(one.get("body", b"") for one in answered[1:]).decode()


def outer_of(app: Any, gate: Gate) -> Outer:
    """A layer around the app that lets in so many."""
    outer = app.outer
    outer.gate = gate
    return outer


async def test_whoever_asks_for_more_than_is_left_is_told_and_a_board_is_read_elsewhere(portal, clock, world: World) -> None:
    board = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    app = create_app(portal.settings, plugins=portal.plugins, clock=clock, portal=portal)
    gate = outer_of(app, Gate(most=20)).gate
    crowd = [gate.come(f"10.1.2.{n}") for n in range(20)]
    assert sum(one is not None for one in crowd) == 10, "one network has as much as is left for the others"
    status, said = await ask(app, scope_of("/receipt", "10.1.2.77"))
    assert (status, "没有办理" in said, "tel:12350" in said) == (503, True, True)
    for path in (f"/b/{board}", "/receipt"):
        assert (await ask(app, scope_of(path, "10.9.9.9")))[0] == 200, path
    for one in crowd:
        if one is not None:
            one.over()
    assert (gate.inside, (await ask(app, scope_of("/receipt", "10.1.2.77")))[0]) == ({}, 200)


async def test_pages_that_are_made_without_a_pause_are_not_made_on_end(portal, clock, world: World) -> None:
    app = create_app(portal.settings, plugins=portal.plugins, clock=clock, portal=portal)
    outer_of(app, Gate())
    answered = list[str]()

    async def one(address: str, path: str) -> None:
        await ask(app, scope_of(path, address))
        answered.append(address)

    crowd = [asyncio.create_task(one("10.1.2.3", "/nothing")) for _ in range(40)]
    await asyncio.sleep(0)
    newcomer = asyncio.create_task(one("10.9.9.9", "/nothing"))
    await asyncio.gather(*crowd, newcomer)
    assert answered.index("10.9.9.9") < 20, "somebody new goes ahead of a crowd that was there before"


async def test_no_hand_is_lost_whatever_becomes_of_a_request() -> None:
    gate = Gate(hands=1, kept=0)
    first, second, third = (gate.come("10.1.2.3") for _ in range(3))
    assert first is not None
    assert second is not None
    assert third is not None
    await first.take()
    waiting = asyncio.create_task(second.take())
    called = asyncio.create_task(third.take())
    await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    second.over()
    first.over()
    async with asyncio.timeout(1):
        await called
    third.over()
    third.let_go()
    await asyncio.sleep(0)
    again = gate.come("10.1.2.3")
    assert again is not None
    async with asyncio.timeout(1):
        await again.take()
    again.over()
    assert gate.inside == {}


async def test_an_account_has_a_few_things_made_at_once_and_the_rest_of_its_own_waits() -> None:
    places, now, most = AccountPlaces(2), 0, 0

    async def work(who: str) -> None:
        nonlocal now, most
        async with places.one_of(who):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1

    async with asyncio.timeout(5):
        await asyncio.gather(*(work("account 1") for _ in range(6)))
        assert most == 2
        first = [asyncio.create_task(work("account 1")) for _ in range(6)]
        await asyncio.sleep(0)
        async with places.one_of("account 2"):
            assert not all(one.done() for one in first)
        await asyncio.gather(*first)


async def test_what_somebody_signed_in_waits_for_holds_up_no_stranger_of_their_network(site, world: World) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    office = site("10.1.2.3")
    await office.sign_in("east", PASSWORD)
    site.app.outer.gate, places = Gate(hands=1, kept=0), site.litestar.state.web.places
    account = await world.call.db.value("select id from account where login = 'east'")
    async with AsyncExitStack() as taken, asyncio.timeout(20):
        for _ in range(PLACES):
            await taken.enter_async_context(places.one_of(f"account {account}"))
        waiting = asyncio.create_task(office.get("/office"))
        await asyncio.sleep(0.2)
        assert (await site("10.1.2.4").get("/receipt")).status == 200
        assert not waiting.done()
        await taken.aclose()
        assert (await waiting).status == 200
    assert site.app.outer.gate.inside == {}


async def test_who_comes_all_day_is_served_at_once_where_fifty_others_begin_to_flood() -> None:
    now, served = 0.0, list[str]()
    gate = Gate(clock=lambda: now)

    async def one(address: str) -> None:
        nonlocal now
        came = gate.come(address)
        assert came is not None
        await came.take()
        now += 2**-10
        came.over()
        served.append(address)

    # A mobile network's customers, alone for a while
    for _ in range(100):
        await one("10.1.2.3")
    flood = [asyncio.create_task(one(f"10.2.{n}.1")) for n in range(50) for _ in range(10)]
    await asyncio.sleep(0)
    await one("10.1.2.3")
    assert served[100:].index("10.1.2.3") < 150, "their turn comes in a few rounds, not after as much as they had before"
    await asyncio.gather(*flood)
    assert gate.inside == {}
