"""The layer around the app: what must hold for every answer, also where no route matches.

HEAD is answered as GET without a body; paths that no file system and no database should see are 404; every answer bears
the security headers; files that a form brought are let go; kept public pages are answered before anything else runs; and nothing
runs before it is its network's turn (:mod:`portal.web.gate`).
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send

from portal.clock import SHANGHAI, day_of
from portal.codes import board_code
from portal.storage.generation import Generation
from portal.web.gate import AGAIN_SECONDS, CROWDED, Gate, Pass
from portal.web.requests import CAME

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; manifest-src 'self'"
)
SECURITY = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=(), payment=()"),
]
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")
Scope = Any  # an ASGI scope, of which we change single keys
MOST_KEPT = 5_000
KEPT_PREFIX = "/b/"
LONGEST_PATH = 1_000


@dataclass(frozen=True)
class KeptPage:
    """A whole answer, ready to send: plain, packed, and as "not modified"."""

    generation: int
    since: datetime
    until: datetime
    mark: bytes
    plain: tuple[Message, Message]
    packed: tuple[Message, Message]
    same: tuple[Message, Message]


class Outer:
    """Wraps the app."""

    def __init__(self, app: ASGIApp, *, generation: Generation, clock: Callable[[], datetime], secure: bool) -> None:
        self._app, self._generation, self._clock = app, generation, clock
        self._headers = [*SECURITY, STRICT_TRANSPORT] if secure else SECURITY
        self._kept: dict[str, KeptPage] = {}
        self.gate = Gate()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        came = self.gate.come(scope["client"][0] if scope.get("client") else "")
        if came is None:
            for message in _crowded(self._headers):
                await send(message)
            return
        answered: list[Message] = []

        async def answer(message: Message) -> None:
            # Who reads the answer slowly needs no hand for that
            if came.held or answered:
                answered.append(message)
            else:
                await send(message)

        try:
            await came.take()
            await self._answer(scope, receive, answer, came)
        finally:
            came.let_go()
            try:
                for message in answered:
                    await send(message)
            finally:
                came.over()

    async def _answer(self, scope: Scope, receive: Receive, send: Send, came: Pass) -> None:
        path: str = scope["path"]
        method = scope["method"]
        if method in ("GET", "HEAD") and path.startswith(KEPT_PREFIX) and not scope["query_string"] and path.count("/") == 2:
            await self._public(scope, receive, self._without_body(send) if method == "HEAD" else send, came)
            return
        changed: dict[str, object] = {"state": {**scope.get("state", {}), CAME: came}}
        if not _sound(path) or b"%00" in scope["query_string"]:
            changed |= {"path": "/-", "raw_path": b"/-"}
        if method == "HEAD":
            changed |= {"method": "GET"}
            send = self._without_body(send)
        inner: Scope = {**scope, **changed}
        try:
            await self._app(inner, receive, self._with_headers(send))
        finally:
            if (body := inner["state"].get("body")) is not None:
                body.close()

    async def _public(self, scope: Scope, receive: Receive, send: Send, came: Pass) -> None:
        """A page that anybody may see and that changes only when the generation does: kept whole."""
        generation = self._generation.current(scope["path"].removeprefix(KEPT_PREFIX))
        now = self._clock()
        kept = self._kept.get(scope["path"])
        if kept is None or kept.generation != generation or not kept.since <= now < kept.until:
            plain = {**scope, "state": {**scope.get("state", {}), CAME: came}}
            kept = await self._take(plain, receive, send, generation, now)
            if kept is None:
                return
        parts = kept.plain
        for name, value in scope["headers"]:
            if name == b"if-none-match" and value == kept.mark:
                parts = kept.same
                break
            if name == b"accept-encoding" and b"gzip" in value:
                parts = kept.packed
        await send(parts[0])
        await send(parts[1])

    async def _take(self, scope: Scope, receive: Receive, send: Send, generation: int | None, now: datetime) -> KeptPage | None:
        """Have the app make the page as an anonymous visitor sees it, and keep it if it may be kept."""
        path = scope["path"]
        plain: Scope = {**scope, "method": "GET", "headers": [pair for pair in scope["headers"] if pair[0] != b"cookie"]}
        answered: list[Message] = []

        async def collect(message: Message) -> None:
            answered.append(message)

        await self._app(plain, receive, self._with_headers(collect))
        start: Any = answered[0]
        body = b"".join(bytes(part.get("body", b"")) for part in answered[1:])  # type: ignore[call-overload] # ASGI bodies are bytes
        if start["status"] != 200 or generation is None:
            await send(start)
            await send({"type": "http.response.body", "body": body, "more_body": False})
            return None
        kept = _keep(start["headers"], body, generation, now)
        # A code may be typed in many ways, and each would take a place; only the one that we print is kept
        code = path.removeprefix(KEPT_PREFIX)
        if board_code(code) == code:
            if len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[path] = kept
        return kept

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._headers]
            await send(message)

        return sending

    @staticmethod
    def _without_body(send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
            await send(message)

        return sending


def _crowded(headers: list[tuple[bytes, bytes]]) -> tuple[Message, Message]:
    """What somebody is told of whose network too much is asked at once."""
    text = CROWDED.encode()
    told = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"no-store"),
        (b"retry-after", str(AGAIN_SECONDS).encode()),
        (b"connection", b"close"),
        *headers,
    ]
    start: Message = {"type": "http.response.start", "status": 503, "headers": told}
    return start, {"type": "http.response.body", "body": text, "more_body": False}


def _sound(path: str) -> bool:
    """Whether a path is one that we would ever give out."""
    return "\0" not in path and "\\" not in path and "\ufffd" not in path and len(path) < LONGEST_PATH


def _keep(headers: list[tuple[bytes, bytes]], body: bytes, generation: int, now: datetime) -> KeptPage:
    """The three answers of a page that is good for the rest of the day."""
    mark = b'"' + sha256(body).hexdigest()[:20].encode() + b'"'
    caching = [(b"cache-control", b"public, no-cache"), (b"etag", mark), (b"vary", b"Accept-Encoding")]
    common = [pair for pair in headers if pair[0] not in (b"content-length", b"cache-control", b"vary", b"set-cookie")] + caching

    def whole(text: bytes, extra: list[tuple[bytes, bytes]]) -> tuple[Message, Message]:
        length = (b"content-length", str(len(text)).encode())
        start: Message = {"type": "http.response.start", "status": 200, "headers": [*common, *extra, length]}
        return start, {"type": "http.response.body", "body": text, "more_body": False}

    # The page that the visitor has bears all other headers already (RFC 9110, 15.4.5)
    same: Message = {"type": "http.response.start", "status": 304, "headers": caching}
    since = datetime.combine(day_of(now), time(), SHANGHAI)
    return KeptPage(
        generation=generation,
        since=since,
        until=since + timedelta(days=1),
        mark=mark,
        plain=whole(body, []),
        packed=whole(gzip.compress(body, 6, mtime=0), [(b"content-encoding", b"gzip")]),
        same=(same, {"type": "http.response.body", "body": b"", "more_body": False}),
    )
