"""What a connection may take its time with: the head of a request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from portal.serving import PatientProtocol


class Quick(PatientProtocol):
    """With little patience."""

    head_seconds = 0.3
    most_head = 2_000


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the size of what came."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(b"%d" % size))]})
    await send({"type": "http.response.body", "body": b"%d" % size})


@asynccontextmanager
async def served(protocol: type[asyncio.Protocol] = Quick) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server of this protocol."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=protocol, log_level="critical", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await running


async def test_a_head_that_does_not_come_to_its_end_is_not_waited_for() -> None:
    for sent in (b"", b"GET / HTTP/1.1\r\nHost: a\r\n"):
        async with served() as (reader, writer), asyncio.timeout(10):
            writer.write(sent)
            assert await reader.read() == b""


async def test_neither_is_one_that_drips() -> None:
    async with served() as (reader, writer), asyncio.timeout(10):
        writer.write(b"GET / HTTP/1.1\r\n")
        closed = asyncio.create_task(reader.read())
        while not closed.done():
            writer.write(b"x: y\r\n")
            await asyncio.sleep(0.05)
        assert await closed == b""


async def test_a_head_of_any_size_is_refused() -> None:
    async with served() as (reader, writer), asyncio.timeout(10):
        writer.write(b"GET / HTTP/1.1\r\n")
        answer = asyncio.create_task(reader.readline())
        for n in range(1_000):
            if answer.done():
                break
            writer.write(b"x%d: %s\r\n" % (n, b"y" * 500))
            await asyncio.sleep(0)
        assert (await answer).startswith(b"HTTP/1.1 400 ")


async def test_a_body_has_all_the_time_that_it_needs() -> None:
    async with served() as (reader, writer), asyncio.timeout(10):
        for _ in range(2):
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
            for letter in (b"a", b"b", b"c", b"d"):
                await asyncio.sleep(0.15)
                writer.write(letter)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(1) == b"4"
