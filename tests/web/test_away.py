"""While the database is on its way up or down, or full: every page is 503 with a sentence and a number, kept boards stay, and all
is well again by itself.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from portal.app import ready
from portal.boards.actions import issue
from portal.call import Call
from portal.plugins import Plugins
from portal.settings import Settings
from portal.storage import migrations, troubles
from portal.storage.embedded import EmbeddedServer
from portal.storage.engine import Database, Lane, on_behalf
from portal.viewer import SYSTEM, Role
from portal.workshop.pool import Workshop
from tests.browse import visiting
from tests.conftest import Clock, running
from tests.world import PASSWORD, make_world

# Of somebody who is signed in
PAGES = ("/office", "/office/people", "/account", "/office/boards")


@pytest.fixture
def own(tmp_path: Path):
    """A server of this test's own, with room for few. It is killed, and what was written just before has to be there afterwards."""
    server = EmbeddedServer(tmp_path / "postgres")
    server.start()
    yield server
    server.destroy()


@pytest_asyncio.fixture
async def alone(
    own: EmbeddedServer, database: Database, settings: Settings, sample_plugins: Plugins, workshop: Workshop, clock: Clock
) -> AsyncIterator[Call]:
    """A portal on that server, filled."""
    maintenance = await asyncpg.connect(**own.connection("postgres"))
    await maintenance.execute("create database portal")
    await maintenance.close()
    db = Database(own.connection())
    await db.open(most=3, public=2, patience=1.5, public_patience=5)
    try:
        await migrations.forwards(db)
        call = Call(await running(db, settings, sample_plugins, workshop), SYSTEM, clock())
        await ready(call)
        yield call
    finally:
        await db.close_connection_pool()
        migrations.bind(database)


async def test_pages_say_that_it_is_away_and_kept_boards_stay(alone: Call, own: EmbeddedServer, clock: Clock) -> None:
    world = await make_world(alone)
    code, other = [await issue(alone, "grid", world.grids[name]) for name in ("甲村格", "丙村格")]
    await world.account("bureau", Role.OFFICE, unit="区局")
    async with visiting(alone.portal, clock) as site:
        visitor, office = site(), site("10.0.0.2")
        await office.sign_in("bureau", PASSWORD)
        kept = await visitor.get(f"/b/{code}")
        own._run(own._binaries(), "pg_ctl", "-D", "cluster", "-m", "immediate", "-w", "stop")
        for by, address in [*((office, address) for address in PAGES), (visitor, f"/b/{other}")]:
            page = await by.get(address, check=False)
            assert page.status == 503, address
            assert "12345" in page.text
            assert any(text in page.text for text in troubles.TOLD.values()), address
            assert page.response.headers["retry-after"]
        sent = await visitor.post("/door", {"board": code, "kind": "report"}, check=False)
        assert sent.status == 503
        still = await visitor.get(f"/b/{code}")
        assert (still.status, still.text) == (200, kept.text)
        own.start()
        assert (await visitor.post("/door", {"board": code, "kind": "report"})).status == 200


async def test_a_full_server_is_a_sentence_and_not_an_error(alone: Call, own: EmbeddedServer, clock: Clock) -> None:
    world = await make_world(alone)
    code = await issue(alone, "grid", world.grids["甲村格"])
    taken: list[asyncpg.Connection] = []
    db, ready, go_on = alone.db, asyncio.Event(), asyncio.Event()
    await db.close_connection_pool()
    await db.open(durable=False, most=3, public=2)

    async def reads() -> None:
        with on_behalf("", Lane.PUBLIC):
            async with db.transaction():
                ready.set()
                await go_on.wait()

    reading = asyncio.create_task(reads())
    await ready.wait()
    try:
        with pytest.raises(asyncpg.TooManyConnectionsError):
            while True:
                taken.append(await asyncpg.connect(**own.connection()))
        async with visiting(alone.portal, clock) as site:
            page = await site().get(f"/b/{code}", check=False)
        assert page.status == 503
        assert troubles.FULL in page.text
    finally:
        for one in taken:
            await one.close()
        go_on.set()
        await reading
    async with visiting(alone.portal, clock) as site:
        assert (await site().get(f"/b/{code}")).status == 200
