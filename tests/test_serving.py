"""What a connection may take its time with: the head of a request."""

import asyncio
import errno
import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from rich.console import Console

from portal import clock, serving
from portal.demo.show import run
from portal.errors import SetupError
from portal.plugins import none
from portal.serving import LOG_LEVEL, PatientProtocol, Report, alone, patiently, refuse_no_address, why_no_port
from portal.settings import Settings
from portal.storage.troubles import AWAY
from portal.terms import say


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
async def served(
    protocol: type[asyncio.Protocol] = Quick, answering: Any = app, log_level: str = "critical"
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server of this protocol."""
    server = uvicorn.Server(uvicorn.Config(answering, port=0, http=protocol, log_level=log_level, lifespan="off"))
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


class Few(PatientProtocol):
    """With few connections, and little patience for what comes after the answer."""

    most_connections = 8
    rest_seconds = 0.3
    unread_seconds = 1.0
    connected: Counter[str] = Counter()


async def test_one_network_has_as_many_connections_as_are_left_for_others() -> None:
    async with served(Few) as (reader, writer), asyncio.timeout(10):
        port = writer.get_extra_info("peername")[1]
        Few.connected["10.1.2.0/24"] = 1
        others = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        ended = [asyncio.create_task(other.read()) for other, _ in others]
        done, waiting = await asyncio.wait(ended, timeout=0.2)
        assert (len(done), len(waiting)) == (1, 2), "three of eight, where another one has one"
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        for _, other in others:
            other.close()
        del Few.connected["10.1.2.0/24"]
    assert Few.connected.total() == 0


async def test_behind_a_proxy_connections_are_not_told_apart() -> None:
    class Proxied(Few):
        proxies = frozenset({"127.0.0.1"})

    async with served(Proxied) as (_, writer), asyncio.timeout(10):
        port, open_ = writer.get_extra_info("peername")[1], list[asyncio.StreamWriter]()
        for _ in range(6):
            other, to = await asyncio.open_connection("127.0.0.1", port)
            to.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await other.readline()).startswith(b"HTTP/1.1 200 ")
            open_.append(to)
        for to in open_:
            to.close()


async def early(_: Any, __: Any, send: Any) -> None:
    """Answer before anything was read, and much."""
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"%d" % SIZE)]})
    await send({"type": "http.response.body", "body": bytes(SIZE)})


SIZE = 32 * 1024 * 1024


async def test_what_is_sent_after_the_answer_is_not_waited_for_without_end() -> None:
    async with served(Few, early) as (reader, writer), asyncio.timeout(20):
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(SIZE)
        while Few.connected:
            with suppress(OSError):
                writer.write(b"x")
            await asyncio.sleep(0.05)


async def test_an_answer_that_nobody_takes_is_given_up_and_a_slow_one_is_not() -> None:
    async with served(Few, early) as (reader, writer), asyncio.timeout(30):
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        got = 0
        while got < SIZE:
            some = await reader.read(64 * 1024)
            assert some
            got += len(some)
            await asyncio.sleep(0.004)
        assert Few.connected.total() == 1
    async with served(Few, early) as (_, writer), asyncio.timeout(20):
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        while not Few.connected:
            await asyncio.sleep(0.01)
        while Few.connected:
            await asyncio.sleep(0.05)


async def test_requests_that_cannot_be_read_leave_nothing_in_the_log(capfd) -> None:
    upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n"
    for sent in (b"nothing like it\r\n\r\n", upgrade):
        async with served(log_level=LOG_LEVEL) as (reader, writer), asyncio.timeout(10):
            writer.write(sent)
            assert (await reader.readline()).startswith(b"HTTP/1.1 ")
    assert capfd.readouterr().err == ""


def test_a_port_that_is_taken_is_a_sentence_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for host in ("127.0.0.1", "0.0.0.0"):  # noqa: S104 - bound and let go at once
            with pytest.raises(SetupError, match=f"端口 {port} 已经有程序在用"):
                refuse_no_address(Settings(host=host, port=port))
        with pytest.raises(SetupError, match="--port"):
            run(tmp_path / "demo", port=port, serve_after=True, console=Console())
        assert not (tmp_path / "demo").exists(), "an example takes minutes to make, and was not begun"
    refuse_no_address(Settings(host="127.0.0.1", port=port))


def test_an_address_that_is_not_this_machines_or_no_address_is_named() -> None:
    with pytest.raises(SetupError, match=r"203\.0\.113\.9，不是这台机器的地址"):
        refuse_no_address(Settings(host="203.0.113.9", port=8000))
    with pytest.raises(SetupError, match="找不到这个地址"):
        refuse_no_address(Settings(host="no such host", port=8000))


def test_a_port_that_only_root_may_use_is_told_so() -> None:
    # Who may use which port differs from machine to machine
    told = why_no_port(PermissionError(errno.EACCES, "Permission denied"), 443)
    assert told is not None
    assert "1024 以下的端口只有 root 能用" in told


def test_of_those_who_would_serve_one_folder_one_does(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(SetupError, match="已经由另一个 portal serve 开着"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


async def test_a_web_process_waits_for_what_it_cannot_open_and_says_so_once(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    """One that ended would end all the others with it."""
    tried: list[int] = []

    @asynccontextmanager
    async def opened(*_: object, **__: object) -> AsyncIterator[Any]:
        tried.append(1)
        if len(tried) < 4:
            raise SetupError(say("连不上数据库"))
        yield SimpleNamespace(timekeeper=clock.now)

    async def ready(_: object) -> None:
        if len(tried) < 6:
            raise ConnectionRefusedError

    monkeypatch.setattr(serving, "open_portal", opened)
    monkeypatch.setattr(serving, "ready", ready)
    monkeypatch.setattr(serving, "LOOK_SECONDS", 0.01)
    before = signal.getsignal(signal.SIGTERM)
    async with patiently(Settings(), plugins=none(), safe=False):
        assert signal.getsignal(signal.SIGTERM) == before
    assert len(tried) == 6
    assert [one.partition("：")[2] for one in caplog.messages] == ["连不上数据库", AWAY]


@pytest.mark.parametrize("others", [True, False])
def test_one_of_many_whose_plugin_was_pulled_leaves_it_to_those_who_serve_all(
    others: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody does, it goes on in safe mode; and it is started anew when the plugin can be used again."""
    asked, ended = iter([True, True, others, False]), threading.Event()
    fits = iter([Report(trouble="没有安装"), Report(fit=True)])
    monkeypatch.setattr(serving, "_others_serve_all", lambda _: next(asked) if others else False)
    monkeypatch.setattr(serving, "try_plugins", lambda *_: next(fits))
    monkeypatch.setattr(serving, "PLUGIN_SECONDS", 0.01)
    before = signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        if others:
            monkeypatch.setattr(os, "_exit", leave)
            with pytest.raises(Left):
                serving._wait_for_plugins(Settings())
        else:
            serving._wait_for_plugins(Settings())
            assert ended.wait(10)
    finally:
        signal.signal(signal.SIGTERM, before)


class Left(Exception):
    """The process has ended."""


def leave(_: int) -> None:
    """End it."""
    raise Left
