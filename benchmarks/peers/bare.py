"""The limit: an ASGI application that sends fixed bytes, as many as a board page has."""

import os
from pathlib import Path
from typing import Any

from benchmarks.peers.common import BODY

PAGE = Path(os.environ[BODY]).read_bytes()
MARK = b'"fixed"'
SAME = {"type": "http.response.start", "status": 304, "headers": [(b"etag", MARK)]}
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(PAGE)).encode()), (b"etag", MARK)],
}
NOTHING = {"type": "http.response.body", "body": b""}
WHOLE = {"type": "http.response.body", "body": PAGE}


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})
        return
    same = dict(scope["headers"]).get(b"if-none-match") == MARK
    await send(SAME if same else START)
    await send(NOTHING if same else WHOLE)
