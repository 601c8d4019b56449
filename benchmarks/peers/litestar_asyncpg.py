"""Litestar, Jinja and asyncpg with nothing between them: one query, one template, no sessions, no guards, no headers of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from litestar import Litestar, MediaType, Response, get
from litestar.params import FromPath

from benchmarks.peers.common import connection, from_row, renderer

RENDER = renderer()
BOARD = "select code, version, issued_on, trial, live, changed from board where code = $1"


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    async with asyncpg.create_pool(**connection(), min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


@get("/b/{code:str}", media_type=MediaType.HTML)
async def board(code: FromPath[str]) -> Response[str]:
    row = await app.state.pool.fetchrow(BOARD, code)
    return Response(RENDER(from_row(row)))


app = Litestar(route_handlers=[board], lifespan=[lifespan], openapi_config=None, logging_config=None)
