"""Serving: the web processes and, beside them, the worker. Stops all of them together.

Whether the plugins can be used is found out in a process of its own, before anything of theirs is imported where pages are
served: what hangs, dies or tampers there harms nobody. Where they cannot, the portal goes on in safe mode.
"""

import asyncio
import contextlib
import errno
import fcntl
import gc
import json
import logging
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Container, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from multiprocessing import parent_process
from pathlib import Path

import click
import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from portal.access.rules import network
from portal.app import create_app, open_portal, ready
from portal.call import Call, Portal
from portal.errors import PluginError, PortalError, SetupError
from portal.ledger.actions import told_of_editions
from portal.lifeline import end_with_parent, start_child
from portal.plugins import Plugins, load
from portal.settings import SERVED, VARIABLE, Settings, find
from portal.storage.embedded import EmbeddedServer
from portal.storage.generation import Generation
from portal.storage.search import sort_key
from portal.storage.troubles import unavailable
from portal.terms import Text, say
from portal.viewer import SYSTEM

LOOK_SECONDS = 3
LONGEST_PAUSE = 60.0
PLUGIN_SECONDS = 15
GRACE_SECONDS = 10.0
# Of one process; what is more is answered 503 at once
MOST_CONNECTIONS = 4_000
KEEP_ALIVE_SECONDS = 5
# uvicorn warns of each request that it cannot read: whoever sends a thousand a second would fill the disk with that
LOG_LEVEL = "error"
SAFE = "PORTAL_SAFE_MODE"
logger = logging.getLogger("portal")


def app() -> ProxyHeadersMiddleware:
    """The factory that each web process calls; the settings come from the environment."""
    end_with_parent()
    settings = Settings.served(find())
    made = _made(settings)
    PatientProtocol.proxies = made.trusted_hosts  # type: ignore[assignment] # it can say what it contains
    # Dictionaries that are read at first need: the first visitor does not wait for them
    sort_key(say("示例"))
    # What is loaded by now stays until the end: a collector that looks through all of it again and again makes pages wait
    gc.collect()
    gc.freeze()
    return made


def _made(settings: Settings) -> ProxyHeadersMiddleware:
    one_of_many = parent_process() is not None
    opening = patiently if one_of_many else open_portal
    if not os.environ.get(SAFE):
        try:
            return create_app(settings, opening=opening)
        except PluginError as error:
            # It could be used a moment ago
            logger.error("%s", error.text)
        if one_of_many:
            _wait_for_plugins(settings)
        logger.error(SAFE_UNTIL if one_of_many else SAFE_NOW)
    return create_app(settings, safe=True, opening=opening)


# One of several web processes


@contextmanager
def _ending_at_once() -> Iterator[None]:
    """Whoever is told to end while they wait does so: uvicorn would only note it, and look when all is open."""
    before = {number: signal.signal(number, lambda *_: os._exit(0)) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@asynccontextmanager
async def patiently(settings: Settings, *, plugins: Plugins, safe: bool) -> AsyncIterator[Portal]:
    """The portal of a web process that was started again, as soon as it can be opened: where one ends because it cannot, uvicorn
    ends all the others, which go on.
    """
    told = ""
    async with AsyncExitStack() as stack:
        while True:
            try:
                with _ending_at_once():
                    portal = await stack.enter_async_context(open_portal(settings, plugins=plugins, safe=safe))
                    await ready(Call(portal, SYSTEM, portal.timekeeper()))
                break
            except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
                await stack.aclose()
                text = error.text if isinstance(error, PortalError) else unavailable(error) or repr(error)
                if text != told:
                    told = text
                    logger.error(say("一个网页进程还开不起来，每隔几秒再试：{why}", why=text))
            with _ending_at_once():
                await asyncio.sleep(LOOK_SECONDS)
        yield portal


def _wait_for_plugins(settings: Settings) -> None:
    """A plugin that could be used when the others began cannot be any more. As long as one of them serves all of the portal, keep
    out of it; end when it can be used again, and be started anew. Where nobody serves all, go on in safe mode until then.
    """
    if _others_serve_all(settings):
        logger.error(say("别的网页进程还照常开着，这一个等插件能用了再开。"))
        with _ending_at_once():
            while _others_serve_all(settings):
                if try_plugins(settings, find()).fit:
                    os._exit(0)
                time.sleep(PLUGIN_SECONDS)

    def look() -> None:
        while not try_plugins(settings, find()).fit:
            time.sleep(PLUGIN_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, daemon=True).start()


def _others_serve_all(settings: Settings) -> bool:
    """Whether somebody answers at our own address, and not in safe mode."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - looked at, not listened to
    asking = HTTPConnection(here, settings.port, timeout=LOOK_SECONDS)
    try:
        asking.request("GET", "/healthz")
        return asking.getresponse().read() == b"ok"
    except (OSError, HTTPException):
        return False
    finally:
        asking.close()


def refuse_no_address(settings: Settings) -> None:
    """Fail with a sentence where pages could not be served at the host and port that the settings name."""
    host, port = settings.host, settings.port
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise SetupError(
            say("portal.toml 的 host 是 {host}，找不到这个地址。一般写 127.0.0.1 或 0.0.0.0。", host=host)
        ) from error
    foreign = 0
    for family, kind, protocol, _, address in places:
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
        except OSError as error:
            if (why := why_no_port(error, port)) is not None:
                raise SetupError(why) from error
            foreign += 1
    if foreign == len(places):
        raise SetupError(say("portal.toml 的 host 是 {host}，不是这台机器的地址。一般写 127.0.0.1 或 0.0.0.0。", host=host))


def why_no_port(error: OSError, port: int) -> Text | None:
    """Why a port cannot be listened at, and what to do; None where it is not for the port."""
    if error.errno == errno.EADDRINUSE:
        return say(
            "端口 {port} 已经有程序在用（多半是另一个 portal serve）。请先停下它，或换一个端口（portal.toml 的 port，"
            "portal demo 的 --port）。用 ss -ltnp 可以看到是谁。",
            port=port,
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return say(
            "没有权限用端口 {port}：1024 以下的端口只有 root 能用。请换一个（如 port = 8000），由前面的反向代理接 443 端口，"
            "见 docs/deploy.md。",
            port=port,
        )
    return None


async def check(settings: Settings) -> None:
    """Fail now, with the reason, instead of in each process."""
    async with open_portal(settings, safe=True) as portal:
        await ready(Call(portal, SYSTEM, portal.timekeeper()))


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Of those who would serve one data folder, one does."""
    lock = os.open(data / "serving.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise SetupError(
            say("{data} 的门户已经由另一个 portal serve 开着，没有再开一个。要重新启动，请先停下那一个。", data=data)
        ) from error
    finally:
        os.close(lock)


# Whether the plugins can be used


SAFE_NOW = say(
    "！！门户以安全模式启动：只有公示牌页面、照片和首页开着，从已存的内容给出；登录、来件和后台任务都停着，登记没有任何改动。"
    "改好以后重新启动 portal serve。"
)
SAFE_UNTIL = say(
    "！！一个网页进程转入安全模式：只有公示牌页面、照片和首页开着，从已存的内容给出。插件能用以后，它自己恢复，不必重新启动。"
)


@dataclass
class Report:
    """What the process that tries the plugins told: how far it came, and what it found."""

    at: str = ""
    notes: list[str] = field(default_factory=list)
    unadopted: list[str] = field(default_factory=list)
    trouble: str = ""
    setup: str = ""
    fit: bool = False


def try_plugins(settings: Settings, config: Path) -> Report:
    """Load the plugins and compare their editions with the stored ones, in a process of its own that is not waited for long."""
    report, (reading, writing) = Report(), os.pipe()
    command = [sys.executable, "-c", "from portal.serving import tell_of_plugins; tell_of_plugins()", str(config), str(writing)]
    child = subprocess.Popen(command, pass_fds=(writing,), stdin=subprocess.DEVNULL)  # noqa: S603 - our own program
    os.close(writing)
    try:
        _listen(reading, report, settings.plugin_seconds + GRACE_SECONDS)
    finally:
        os.close(reading)
        child.kill()
        child.wait()
    if not (report.fit or report.trouble or report.setup):
        if report.at:
            report.trouble = say(
                "插件“{name}”在启动时没有做完就停住，或结束了进程。请改正插件，或从 portal.toml 的 plugins 中去掉它。",
                name=report.at,
            )
        else:
            report.trouble = say("试用插件的进程没有做完就结束了，原因见上面的输出。")
    return report


def _listen(pipe: int, report: Report, patience: float) -> None:
    """Take in what the process tells, a line a time, until it is done or silent for too long while it is at a plugin."""
    rest = b""
    while not (report.fit or report.trouble or report.setup):
        if not select.select([pipe], [], [], patience if report.at else None)[0]:
            return
        if not (data := os.read(pipe, 65_536)):
            return
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        for line in lines:
            for name, value in json.loads(line).items():
                if name in {"notes", "unadopted"}:
                    getattr(report, name).extend(value)
                else:
                    setattr(report, name, value)


def tell_of_plugins() -> None:
    """What that process does: one JSON object a line into the pipe that it was given."""
    config, pipe = Path(sys.argv[1]), int(sys.argv[2])

    def tell(**what: object) -> None:
        os.write(pipe, json.dumps(what).encode() + b"\n")

    async def work(settings: Settings) -> None:
        plugins = load(settings.plugins, seconds=settings.plugin_seconds, at=lambda name: tell(at=name))
        tell(at="", notes=plugins.notes)
        async with open_portal(settings, plugins=plugins, pool=2) as portal:
            call = Call(portal, SYSTEM, portal.timekeeper())
            await ready(call)
            unadopted = list(call.portal.unadopted.values())
            tell(notes=[line for line in told_of_editions(call) if line not in unadopted], unadopted=unadopted)

    try:
        asyncio.run(work(Settings.served(config)))
        tell(fit=True)
    except PluginError as error:
        tell(trouble=error.text)
    except PortalError as error:
        tell(setup=error.text)
    # Threads that a plugin left behind are not waited for
    sys.stderr.flush()
    os._exit(0)


def _may_use_plugins(settings: Settings, config: Path, *, strict: bool) -> bool:
    """Say what is wrong with the plugins, if anything; :class:`SetupError` instead of going on without them where ``strict``."""
    report = try_plugins(settings, config)
    _say(report.notes)
    if report.unadopted and strict:
        raise PluginError(Text("\n".join(report.unadopted)))
    _say(report.unadopted)
    if report.setup:
        raise SetupError(Text(report.setup))
    if report.trouble and strict:
        raise PluginError(Text(report.trouble))
    if report.trouble:
        _say([report.trouble, SAFE_NOW])
    return not report.trouble


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


# Serving


class PatientProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, which takes a head of any size, and waits without end for the head of a request, for a body
    that nobody reads any more, and for somebody who does not read the answer: here for so many seconds, and so many bytes. What
    follows the head is looked after in ``portal.web.arriving``.

    No network has more connections than are left for the others. Who comes by a proxy (``proxies``) is told apart behind it, by
    ``portal.web.gate``.
    """

    head_seconds = 20.0
    most_head = 64 * 1024
    # What still comes when its request is answered, and how long nothing of an answer is taken
    rest_seconds = 60.0
    unread_seconds = 180.0
    most_connections = MOST_CONNECTIONS
    proxies: Container[str | None] = frozenset()
    connected: Counter[str] = Counter()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """A connection begins, and with it the first head."""
        super().connection_made(transport)
        self._head: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._body_is_there = True
        peer = self.client[0] if self.client else ""
        self._network = "" if peer in self.proxies else network(peer)
        self.connected[self._network] += 1
        if self._network and self.connected[self._network] > self.most_connections - self.connected.total():
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._head_is_there()
        self._rest_is_there()
        if self._unread is not None:
            self._unread.cancel()
        self.connected[self._network] -= 1
        if not self.connected[self._network]:
            del self.connected[self._network]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a head, or of what follows."""
        if self._head is not None:
            if self._head_size > self.most_head:
                self._head_is_there()
                self.send_400_response("The request's head is too large.")
                return
            self._head_size += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """The first byte of another request."""
        super().on_message_begin()
        self._body_is_there = False
        self._rest_is_there()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._head_is_there()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole, too."""
        self._body_is_there = True
        self._rest_is_there()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request is answered; where somebody goes on sending it, as browsers do, they may for a while."""
        if not self._body_is_there and not self.pipeline:
            self._rest = self.loop.call_later(self.rest_seconds, self.transport.close)
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing else was asked: it is closed when the answer was taken."""
        super().timeout_keep_alive_handler()
        self._watch(self.transport.get_write_buffer_size())

    def pause_writing(self) -> None:
        """Somebody takes the answer more slowly than it is given."""
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """They took most of it."""
        super().resume_writing()
        self._watch(0)

    def _watch(self, unread: int) -> None:
        """Where nothing of what is to be sent is taken for a while, it is not waited for."""
        if self._unread is not None:
            self._unread.cancel()
        self._unread = self.loop.call_later(self.unread_seconds, self._look, unread) if unread else None

    def _look(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left >= before:
            self.transport.abort()
        else:
            self._watch(left)

    def _rest_is_there(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _await_head(self) -> None:
        self._head_is_there()
        self._head_size = 0
        self._head = self.loop.call_later(self.head_seconds, self.transport.close)

    def _head_is_there(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


def _may_open_files() -> None:
    """As many as connections and the files of their forms need; the usual 1,024 are the limit of no system that we know."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * MOST_CONNECTIONS
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def looked_after(server: EmbeddedServer | None, config: Path, *, work: bool = True) -> Iterator[None]:
    """The worker process (with ``work``) and the embedded database, as long as the pages are served; started again where they
    die.
    """
    command = [sys.executable, "-m", "portal.cli", "--config", str(config), "worker"]
    stopping = threading.Event()
    worker = start_child(command) if work else None

    def look_after() -> None:
        nonlocal worker
        begun, pause, ended = time.monotonic(), 0.0, False
        while not stopping.wait(LOOK_SECONDS):
            try:
                if server is not None:
                    server.start(new=False)
                if worker is not None and worker.poll() is not None and not ended:
                    # One that cannot work fills no log
                    lasted, ended = time.monotonic() - begun > LONGEST_PAUSE, True
                    pause = 0.0 if lasted else min(2 * pause + LOOK_SECONDS, LONGEST_PAUSE)
                    begun = time.monotonic() + pause
                    logger.error(say("后台任务进程结束了（{code}），{n:.0f} 秒后再启动。", code=worker.returncode, n=pause))
                if worker is not None and ended and time.monotonic() >= begun:
                    _let_go(worker)
                    worker, ended = start_child(command), False
            except PortalError as error:
                logger.error("%s", error.text)
            except OSError:
                logger.exception("the database or the worker could not be started; trying again")

    watch = threading.Thread(target=look_after, daemon=True)
    watch.start()
    try:
        yield
    finally:
        stopping.set()
        watch.join(60)
        if worker is not None:
            worker.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(15)
            worker.kill()
            worker.wait()
            _let_go(worker)


def _let_go(child: subprocess.Popen[bytes]) -> None:
    """Close our end of the pipe of a child that has ended."""
    if child.stdin is not None:
        with contextlib.suppress(OSError):
            child.stdin.close()


def serve(settings: Settings, config: Path, *, safe: bool = False, strict: bool = False) -> None:
    """Serve until told to stop: in safe mode where that is wanted, or where a plugin or its schemes cannot be used; with
    ``strict`` that is an error instead.
    """
    os.environ[VARIABLE] = str(config.resolve())
    _may_open_files()
    # uvicorn sends itself the signal again when it is done; without a handler that would end us before we have cleaned up
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = EmbeddedServer(settings.data) if settings.database_url is None else None
    if server is not None:
        server.start(new=False)
    try:
        asyncio.run(check(settings))
        # Ctrl+C is how one stops it: uvicorn hands it on when it is done
        with contextlib.suppress(KeyboardInterrupt), alone(settings.data):
            Generation(settings.data / "public.generation").settle()
            if safe:
                _say([SAFE_NOW])
            else:
                safe = not _may_use_plugins(settings, config, strict=strict)
            _serve(settings, server, config, safe=safe)
    finally:
        if server is not None:
            server.stop()


def _serve(settings: Settings, server: EmbeddedServer | None, config: Path, *, safe: bool) -> None:
    os.environ |= {SAFE: "yes" if safe else "", SERVED: settings.text()}
    with looked_after(server, config, work=not safe):
        uvicorn.run(
            "portal.serving:app",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_level=LOG_LEVEL,
            http=PatientProtocol,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=10,
        )
