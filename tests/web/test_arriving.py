"""Forms that come slowly, or too many at once: honest phones are waited for, and nobody takes the room of the others."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.boards.actions import issue
from portal.viewer import Role
from portal.web.arriving import Arriving, Crowded, Pace, TooSlow
from portal.web.bodies import MEGABYTE
from tests.world import World, picture


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def dripping(clock: Clock, chunks: list[tuple[float, int]]) -> AsyncIterator[bytes]:
    """A body whose chunks each take so many seconds."""
    for seconds, size in chunks:
        clock.now += seconds
        yield bytes(size)


async def read(arriving: Arriving, clock: Clock, chunks: list[tuple[float, int]], who: str = "somebody") -> int:
    """All of a body; its size."""
    form = arriving.form(who)
    try:
        async for _ in form.read(dripping(clock, chunks)):
            pass
        return form.size
    finally:
        form.close()


async def test_a_slow_phone_is_waited_for_and_a_drip_is_cut_off() -> None:
    clock = Clock()
    arriving = Arriving(clock=clock, pace=Pace(after=60, least=1_000))
    # Photos over a bad line, for 20 minutes: 2 KB a second, with a tunnel in between
    assert await read(arriving, clock, [(1, 2_000)] * 300 + [(25, 10)] + [(1, 2_000)] * 900) == 2_400_010
    # Small forms may take a minute, however little comes
    assert await read(arriving, clock, [(15, 1)] * 4) == 4
    with pytest.raises(TooSlow, match="换个信号好的地方"):
        await read(arriving, clock, [(10, 1)] * 7)
    with pytest.raises(TooSlow):
        await read(arriving, clock, [(1, 100_000)] + [(20, 10)] * 6)
    assert arriving.held.total() == 0


async def test_silence_is_cut_off() -> None:
    async def silent() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    arriving = Arriving(pace=Pace(silence=0.01))
    form = arriving.form("somebody")
    async with asyncio.timeout(10):
        with pytest.raises(TooSlow, match="没有完整到达"):
            async for _ in form.read(silent()):
                pass
    form.close()
    assert arriving.held.total() == 0


async def test_whoever_holds_much_waits_and_whoever_comes_does_not() -> None:
    arriving = Arriving(most=100, patience=10)
    await arriving.hold("crowd", 40)
    waiting = asyncio.create_task(arriving.hold("crowd", 20))
    await asyncio.sleep(0)
    assert not waiting.done(), "one network holds more than is left for the others"
    # A newcomer, and another: each gets as much as leaves that much
    for who, size in (("a", 20), ("b", 10), ("c", 5), ("d", 5)):
        async with asyncio.timeout(1):
            await arriving.hold(who, size)
    arriving.let_go("crowd", 40)
    arriving.let_go("a", 20)
    async with asyncio.timeout(1):
        await waiting
    assert arriving.held == {"crowd": 20, "b": 10, "c": 5, "d": 5}


async def test_whoever_waits_too_long_is_told_and_holds_nothing() -> None:
    arriving = Arriving(most=100, patience=0.01)
    await arriving.hold("crowd", 50)
    with pytest.raises(Crowded, match="过一两分钟再试"):
        await arriving.hold("crowd", 1)
    assert arriving.held == {"crowd": 50}


async def test_the_time_in_which_we_did_not_read_is_not_held_against_them() -> None:
    clock = Clock()
    arriving = Arriving(most=100, clock=clock, pace=Pace(after=1, least=10))
    await arriving.hold("crowd", 45)
    reading = asyncio.create_task(read(arriving, clock, [(0, 10), (0, 1), (1, 1)], "crowd"))
    await asyncio.sleep(0)
    clock.now += 1_000
    arriving.let_go("crowd", 45)
    assert await reading == 12


def test_the_largest_form_has_room_when_its_network_sends_nothing_else() -> None:
    assert Arriving().most >= 2 * 200 * MEGABYTE


async def asked(app: Any, headers: dict[str, str], messages: list[bytes], *, ends: bool) -> tuple[int, dict[bytes, bytes], str]:
    """Send a form in pieces; where it does not end, nothing more comes. Status, headers and body of the answer."""
    answered: list[Any] = []
    waiting = [
        {"type": "http.request", "body": one, "more_body": not ends or n < len(messages) - 1} for n, one in enumerate(messages)
    ]

    async def receive() -> Any:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/door",
        "raw_path": b"/door",
        "query_string": b"",
        "root_path": "",
        "client": ("10.1.2.3", 1),
        "server": ("test", 80),
        "headers": [(name.encode(), value.encode()) for name, value in {"host": "test", **headers}.items()],
        "state": {},
    }
    async with asyncio.timeout(20):
        await app(scope, receive, send)
    body = b"".join(one.get("body", b"") for one in answered[1:])
    return answered[0]["status"], dict(answered[0]["headers"]), body.decode()


FORM = {"content-type": "application/x-www-form-urlencoded", "cookie": "portal-form=known"}


async def test_a_form_that_stops_coming_is_answered_and_its_room_is_free_again(site, world: World) -> None:
    app = site.app
    board = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    arriving = app.litestar.state.web.arriving
    pace, arriving.pace = arriving.pace, Pace(silence=0.05)
    try:
        status, headers, body = await asked(app, FORM, [b"kind=report&"], ends=False)
        assert (status, headers[b"connection"]) == (408, b"close")
        assert "网络太慢" in body
        assert "那里如果空了，要重新填写" in body
    finally:
        arriving.pace = pace
    status, _, body = await asked(app, FORM, [b"kind=report&", f"board={board}".encode()], ends=True)
    assert status == 303
    assert arriving.held.total() == 0


async def test_a_network_that_fills_the_room_is_told_and_another_is_let_in(site, world: World) -> None:
    app = site.app
    board = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    arriving = app.litestar.state.web.arriving
    kept = arriving.most, arriving.patience
    arriving.most, arriving.patience = 1_000, 0.05
    try:
        await arriving.hold("10.1.2.0/24", 490)
        form = [f"kind=report&board={board}".encode()]
        status, _, body = await asked(app, FORM, form, ends=True)
        assert (status, "上传的内容太多" in body) == (503, True)
        arriving.held["10.9.9.0/24"] = arriving.held.pop("10.1.2.0/24")
        status, _, _ = await asked(app, FORM, form, ends=True)
        assert status == 303
    finally:
        arriving.most, arriving.patience = kept
        arriving.held.clear()


async def test_where_room_lacks_the_slowest_form_of_who_holds_most_gives_way() -> None:
    clock = Clock()
    arriving = Arriving(most=100, hurry=0.05, clock=clock)

    async def coming(sizes: list[int], ended: asyncio.Event) -> AsyncIterator[bytes]:
        for size in sizes:
            yield bytes(size)
        await ended.wait()

    async def sent(who: str, sizes: list[int], ended: asyncio.Event) -> int:
        form = arriving.form(who)
        try:
            async for _ in form.read(coming(sizes, ended)):
                pass
            return form.size
        finally:
            form.close()

    ended = asyncio.Event()
    # Fifty networks would each hold what is theirs, and drip
    slow, quick = (asyncio.create_task(sent("crowd", [size], ended)) for size in (5, 25))
    other = asyncio.create_task(sent("other", [20], ended))
    await asyncio.sleep(0.01)
    clock.now += 10
    async with asyncio.timeout(5):
        newcomer = asyncio.create_task(sent("newcomer", [26], ended))
        with pytest.raises(TooSlow):
            await slow
        ended.set()
        assert await asyncio.gather(quick, other, newcomer) == [25, 20, 26]
    assert arriving.held.total() == 0


async def test_where_there_is_no_room_words_are_taken_and_photos_come_later(site, world: World) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    board = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    visitor, arriving = site("10.1.2.3"), site.litestar.state.web.arriving
    form = (await visitor.post("/door", {"board": board, "kind": "report"})).form("/send")
    kept = arriving.most, arriving.photos
    arriving.most, arriving.photos = 100_000, 0.05
    arriving.held["10.9.9.0/24"] = 99_999
    try:
        photo = {"photos": ("1.jpg", picture(size=(400, 300)), "image/jpeg")}
        page = await visitor.post("/send", {**form, "text": "锅炉房堵了门", "go": "reach"}, files=photo)
        assert "以后，凭查询码可以再补照片" in page.text
    finally:
        arriving.most, arriving.photos = kept
        arriving.held.clear()
    values = {**page.form("/send"), "go": "send"}
    given = await visitor.post("/send", values)
    assert "这是您的查询码" in given.text
    assert "以后，凭查询码可以再补照片" in given.text
    assert arriving.held.total() == 0
