"""Who waits for whom: nobody for an office of another region, nobody for ever, and everybody is told for whom."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import asyncpg
import pytest

from portal.access.queries import holders_told
from portal.errors import Busy, Conflict, SetupError, Unavailable
from portal.storage import engine, troubles
from portal.storage.engine import Database, Lane, on_behalf
from portal.storage.locks import Lock
from portal.storage.shares import LEAST_OFFICE, LEAST_PUBLIC, OF_WORKER, OVER, shares
from portal.viewer import Role
from tests.world import World


@pytest.fixture
async def impatient(server, database: Database, worker_id: str) -> AsyncIterator[Database]:
    """The same database as a web process uses it: two lanes, and little patience."""
    db = Database(server.connection(f"test_{worker_id}"))
    await db.open(durable=False, most=2, public=1, patience=0.6, public_patience=5)
    db.tell_holders = partial(holders_told, db)
    yield db
    await db.close_connection_pool()


async def held(db: Database, lock: Lock, key: str, until: asyncio.Event, ready: asyncio.Event) -> None:
    """Hold a lock until told to let go."""

    async def work() -> None:
        await db.hold(lock, key)
        ready.set()
        await until.wait()

    await db.run_tx(work)


# Waiting


async def test_whoever_waits_too_long_is_told_for_whom_by_name_where_they_may_know(
    world: World, database: Database, impatient: Database
) -> None:
    mine = await world.account("mine", Role.OFFICE, unit="区局")
    theirs = await world.account("theirs", Role.OFFICE, unit="东所")
    far = await world.account("firm", Role.ENTERPRISE, enterprise="甲石料厂（示例）")
    id_of = {
        public: await database.value("select id from account where public_id = $1", public) for public in (mine, theirs, far)
    }
    await database.rows("update account set name = '示例东所经办' where public_id = $1", theirs)
    until, ready = asyncio.Event(), asyncio.Event()
    with on_behalf(f"account {id_of[theirs]}"):
        holding = asyncio.create_task(held(database, Lock.BOARDS, "sample", until, ready))
    await ready.wait()

    async def take() -> None:
        await impatient.hold(Lock.BOARDS, "sample")

    try:
        with on_behalf(f"account {id_of[mine]}"), pytest.raises(Busy, match="示例东所经办正在改动这里"):
            await impatient.run_tx(take)
        with on_behalf(f"account {id_of[far]}"), pytest.raises(Busy, match="另一位工作人员正在改动这里"):
            await impatient.run_tx(take)
    finally:
        until.set()
        await holding


async def test_an_import_is_named_as_one(world: World, database: Database, impatient: Database) -> None:
    theirs = await world.account("theirs", Role.OFFICE, unit="区局")
    account = await database.value("select id from account where public_id = $1", theirs)
    await database.rows(
        "insert into job (public_id, task, asked_by, asked, state, total, done, message, result, created_at) "
        "values ('j1', 'import_rows', $1, '{}', 'running', 0, 0, '', '{}', now())",
        account,
    )
    until, ready = asyncio.Event(), asyncio.Event()
    with on_behalf("job j1"):
        holding = asyncio.create_task(held(database, Lock.BOARDS, "sample", until, ready))
    await ready.wait()
    try:
        with on_behalf(f"account {account}"), pytest.raises(Busy, match="的一次导入正在改动这里，还没有完成"):
            await impatient.run_tx(partial(impatient.hold, Lock.BOARDS, "sample"))
    finally:
        until.set()
        await holding


async def test_a_region_keeps_nobody_of_another_from_saving(world: World, database: Database, impatient: Database) -> None:
    until, ready = asyncio.Event(), asyncio.Event()
    holding = asyncio.create_task(held(database, Lock.BOARDS, "elsewhere", until, ready))
    await ready.wait()
    try:
        with on_behalf("account 1"):
            await impatient.run_tx(partial(impatient.hold, Lock.BOARDS, "sample"))
            with pytest.raises(Busy):
                await impatient.run_tx(partial(impatient.hold, Lock.BOARDS, "elsewhere"))
    finally:
        until.set()
        await holding


async def test_the_public_reads_while_offices_hold_all_their_connections(impatient: Database) -> None:
    until = asyncio.Event()
    ready = [asyncio.Event(), asyncio.Event()]
    holding = [asyncio.create_task(held(impatient, Lock.NAMED, f"{n}", until, ready[n])) for n in range(2)]
    await asyncio.gather(*(one.wait() for one in ready))
    assert engine.lane.get() is Lane.OFFICE
    with on_behalf("", Lane.PUBLIC):
        assert await impatient.value("select 1") == 1
    until.set()
    await asyncio.gather(*holding)


async def test_no_turn_is_waited_for_for_ever(impatient: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "TURN_SECONDS", 0.05)
    until = asyncio.Event()
    ready = [asyncio.Event(), asyncio.Event()]
    holding = [asyncio.create_task(held(impatient, Lock.NAMED, f"{n}", until, ready[n])) for n in range(2)]
    await asyncio.gather(*(one.wait() for one in ready))
    with pytest.raises(Unavailable) as told:
        await impatient.value("select 1")
    assert told.value.text == troubles.FULL
    until.set()
    await asyncio.gather(*holding)


# Two at once


async def test_a_unique_value_taken_meanwhile_is_a_sentence_at_its_field(world: World, database: Database) -> None:
    async def insert() -> None:
        await database.rows(
            "insert into account (public_id, login, name, password, must_change, active, second_step, created_at) "
            "values (substr(md5(random()::text), 1, 20), 'same', 'x', 'x', false, true, 0, now())"
        )

    await database.run_tx(insert)
    with pytest.raises(Conflict) as told:
        await database.run_tx(insert)
    assert (told.value.field, told.value.sqlstate) == ("login", "23505")
    assert "登录名" in told.value.text


@pytest.mark.parametrize("state", sorted(troubles.TOLD))
def test_every_way_in_which_a_database_is_away_has_its_sentence(state: str) -> None:
    error = asyncpg.PostgresError.new({"C": state.ljust(5, "0"), "M": "x"})
    assert troubles.unavailable(error) == troubles.TOLD[state]


def test_a_mistake_of_ours_is_no_excuse_of_the_database() -> None:
    for error in (
        KeyError("x"),
        asyncpg.DataError("x"),
        asyncpg.UndefinedTableError("x"),
        FileNotFoundError(2, "x", "photo.jpg"),
    ):
        assert troubles.unavailable(error) is None


# Shares


def test_shares_fit_what_the_database_allows() -> None:
    for allowed in range(20, 300):
        for workers in (1, 2, 4, 12, 32):
            with suppress(SetupError):
                each = shares(allowed, workers)
                assert each.office >= LEAST_OFFICE
                assert each.public >= LEAST_PUBLIC
                assert workers * (each.office + each.public + 1) + OF_WORKER + OVER <= allowed


def test_too_many_workers_are_refused_with_how_many_fit() -> None:
    with pytest.raises(SetupError, match="workers 减到 15"):
        shares(97, 40)
    with pytest.raises(SetupError, match="至少要"):
        shares(20, 1)
    shares(97, 15)


async def test_what_the_server_allows_is_asked(database: Database) -> None:
    assert await database.allowed() == int(await database.value("show max_connections")) - int(
        await database.value("show superuser_reserved_connections")
    )
