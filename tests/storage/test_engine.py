"""What Piccolo's stock engine gets wrong, got right."""

import asyncio
from typing import Any

import asyncpg
import pytest

from portal.storage.engine import SCHEMAS, Database, unfit


@pytest.fixture(autouse=True)
async def table(database: Database):
    """A table with a constraint that is checked at COMMIT."""
    await database.rows("create table if not exists tried (n int)")
    await database.rows("create table if not exists parent (id int primary key)")
    await database.rows("create table if not exists child (id int references parent deferrable initially deferred)")
    yield
    await database.rows("drop table if exists tried, child, parent")


async def numbers(database: Database) -> list[int]:
    """What was kept."""
    return [row["n"] for row in await database.rows("select n from tried order by n")]


async def test_an_inner_failure_takes_back_its_own_rows_only(database: Database) -> None:
    async with database.transaction():
        await database.rows("insert into tried values (1)")
        with pytest.raises(ValueError, match="inner"):
            async with database.transaction():
                await database.rows("insert into tried values (2)")
                async with database.transaction():
                    await database.rows("insert into tried values (3)")
                raise ValueError("inner")
        await database.rows("insert into tried values (4)")
    assert await numbers(database) == [1, 4]


async def test_a_failed_commit_leaks_neither_connection_nor_transaction(database: Database) -> None:
    assert database.pool is not None
    for _ in range(30):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with database.transaction():
                await database.rows("insert into child values (99)")
    assert database.current_transaction.get() is None
    async with database.transaction():
        await database.rows("insert into tried values (5)")
    assert await numbers(database) == [5]


async def test_child_tasks_do_not_share_the_transaction(database: Database) -> None:
    async with database.transaction():
        await database.rows("insert into tried values (6)")
        seen = await asyncio.gather(*(numbers(database) for _ in range(4)))
    assert seen == [[], [], [], []]
    assert await numbers(database) == [6]


async def test_run_tx_tries_again_where_the_server_asks_for_it(database: Database) -> None:
    await database.rows("insert into tried values (0)")

    async def add_one() -> None:
        await database.rows("set transaction isolation level serializable")
        n = await database.value("select n from tried")
        await asyncio.sleep(0.005)
        await database.rows("update tried set n = $1", n + 1)

    await asyncio.gather(*(database.run_tx(add_one, attempts=40) for _ in range(6)))
    assert await numbers(database) == [6]


async def test_around_commit_runs_once_with_all_items_and_never_after_a_rollback(database: Database) -> None:
    told: list[object] = []

    def before(items) -> None:
        told.append(sorted(items))

    def after(items) -> None:
        told.append(sorted(items))

    with pytest.raises(ValueError, match="x"):
        async with database.transaction() as tx:
            tx.around_commit(before, after, [1])
            raise ValueError("x")
    assert told == []
    async with database.transaction() as outer, database.transaction() as inner:
        inner.around_commit(before, after, [1, 2])
        outer.around_commit(before, after, [2, 3])
    assert told == [[1, 2, 3], [1, 2, 3]]


async def test_after_is_called_also_when_the_commit_fails(database: Database) -> None:
    told: list[str] = []
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with database.transaction() as tx:
            tx.around_commit(lambda _: told.append("before"), lambda _: told.append("after"), [0])
            await database.rows("insert into child values (98)")
    assert told == ["before", "after"]


async def test_what_is_done_at_the_end_is_done_once_in_order_without_what_was_taken_back(database: Database) -> None:
    told: list[tuple[str, list[int]]] = []

    async def first(items: list[int]) -> None:
        told.append(("first", items))

    async def last(items: list[int]) -> None:
        told.append(("last", items))

    async with database.transaction() as tx:
        tx.at_the_end(last, 1, order=2)
        tx.at_the_end(first, 2, order=1)
        with pytest.raises(ValueError, match="x"):
            async with database.transaction() as inner:
                inner.at_the_end(last, 3, order=2)
                raise ValueError("x")
        async with database.transaction() as inner:
            inner.at_the_end(last, 4, order=2)
    assert told == [("first", [2]), ("last", [1, 4])]


async def test_a_server_that_may_lose_data_is_refused(server) -> None:
    from portal.errors import SetupError

    db = Database(server.connection("template_portal"))
    with pytest.raises(SetupError, match="fsync"):
        await db.open(durable=True)


async def test_a_server_that_is_too_old_or_cannot_keep_every_character_is_refused(server) -> None:
    from portal.errors import SetupError

    maintenance = await asyncpg.connect(**server.connection("postgres"))
    await maintenance.execute("create database narrow encoding 'LATIN1' locale 'C' template template0")
    try:
        with pytest.raises(SetupError, match="编码是 LATIN1"):
            await Database(server.connection("narrow")).open(durable=False)
    finally:
        await maintenance.execute("drop database narrow with (force)")
        await maintenance.close()
    assert "要 15 以上" in str(unfit(140_019, "UTF8", SCHEMAS, safe=True))
    assert unfit(150_000, "UTF8", SCHEMAS, safe=True) is None


async def test_what_drops_where_tables_are_looked_up_is_refused(server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pooler between that is told to leave such parameters out."""
    from portal.errors import SetupError

    create = asyncpg.create_pool

    def pooled(**how: Any) -> Any:
        how["server_settings"] = {"application_name": how["server_settings"]["application_name"]}
        return create(**how)

    monkeypatch.setattr(asyncpg, "create_pool", pooled)
    with pytest.raises(SetupError, match="丢掉了启动参数 search_path"):
        await Database(server.connection("template_portal")).open(durable=False)
