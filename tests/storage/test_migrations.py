"""Migrations go forward and back with data, leave nothing behind, and end where the tables say."""

import asyncpg
import pytest

from portal.errors import SetupError
from portal.storage import migrations
from portal.storage.engine import Database
from portal.storage.search import matching

COLUMNS = """
    select table_name, column_name, coalesce(domain_name, data_type) as type, is_nullable from information_schema.columns
    where table_schema = 'public' and table_name not like 'procrastinate%' order by 1, 2
"""


@pytest.fixture
async def fresh(server, database, worker_id):
    """An empty database of this test's own."""
    name = f"fresh_{worker_id}"
    maintenance = await asyncpg.connect(**server.connection("postgres"))
    await maintenance.execute(f"drop database if exists {name} with (force)")
    await maintenance.execute(f"create database {name}")
    db = Database(server.connection(name))
    await db.open(durable=False, most=3)
    yield db
    await db.close_connection_pool()
    await maintenance.execute(f"drop database {name} with (force)")
    await maintenance.close()
    migrations.bind(database)


async def schema(db: Database) -> list[tuple[str, ...]]:
    """Every column with its type."""
    return [tuple(row) for row in await db.rows(COLUMNS)]


async def test_each_goes_back_and_forward_and_the_schema_is_the_same(fresh: Database) -> None:
    assert await migrations.forwards(fresh) == migrations.count()
    whole = await schema(fresh)
    for name in reversed(await migrations.applied(fresh)):
        assert await migrations.backwards(fresh, name) == 1
    left = await fresh.rows(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') "
        "and relname not like 'migration%' union select typname from pg_type where typname = 'sealed'"
    )
    assert left == []
    assert await migrations.forwards(fresh) == migrations.count()
    assert await schema(fresh) == whole
    assert await migrations.forwards(fresh) == 0


async def test_rows_survive_the_constraints_being_taken_off_and_put_on(fresh: Database) -> None:
    await migrations.forwards(fresh)
    await fresh.rows(
        "insert into jurisdiction (public_id, code, name, pinyin, kind, path, since) "
        "values ('p', '1', '区', 'qu', 'district', '/1/', '2026-01-01')"
    )
    beginning, *later = await migrations.applied(fresh)
    assert beginning == migrations.ids()[0]
    if later:
        assert await migrations.backwards(fresh, later[0]) == len(later)
    assert await fresh.value("select name from jurisdiction") == "区"
    assert await migrations.forwards(fresh) == len(later)
    assert await fresh.value("select name from jurisdiction") == "区"


async def test_the_database_has_exactly_the_columns_of_the_tables(database: Database) -> None:
    from portal.piccolo_app import APP_CONFIG

    views = {row["viewname"] for row in await database.rows("select viewname from pg_views where schemaname = 'public'")}
    rows = [row for row in await database.rows(COLUMNS) if row["table_name"] not in views]
    found = {(row["table_name"], row["column_name"]) for row in rows if row["table_name"] != "migration"}
    wanted = {
        (table._meta.tablename, column._meta.db_column_name)
        for table in APP_CONFIG.table_classes
        for column in table._meta.columns
    }
    assert found == wanted


async def test_a_migration_that_fails_changes_nothing(fresh: Database) -> None:
    await fresh.rows("create table ledger_entry (in_the_way int)")
    # As if an older version had begun here
    await fresh.rows(
        "create table migration (id serial primary key, name varchar, app_name varchar, ran_on timestamp default now())"
    )
    with pytest.raises((SetupError, asyncpg.PostgresError)):
        await migrations.forwards(fresh)
    assert await migrations.applied(fresh) == []
    tables = await fresh.rows("select tablename from pg_tables where schemaname = 'public'")
    assert {row["tablename"] for row in tables} <= {"ledger_entry", "migration"}


@pytest.mark.parametrize(
    ("made", "left"),
    [
        ("create schema register; create table register.theirs (a int)", "select count(*) from register.theirs"),
        ("create table theirs (a int)", "select count(*) from theirs"),
        ("create view theirs as select 0 as a", "select a from theirs"),
        ("create function theirs() returns int language sql as 'select 0'", "select theirs()"),
    ],
)
async def test_a_database_of_somebody_elses_is_left_as_it_is(fresh: Database, made: str, left: str) -> None:
    async with fresh.transaction() as transaction:
        await transaction.connection.execute(made)
    with pytest.raises(SetupError, match="不是空的"):
        await migrations.forwards(fresh)
    assert await fresh.value(left) == 0
    assert await fresh.value("select to_regclass('account') is null")


async def test_nothing_is_upgraded_while_a_portal_works_on_it(fresh: Database) -> None:
    first, *_ = migrations.ids()
    await migrations.forwards(fresh, first)
    other = Database(fresh.config)
    await other.open(durable=False, most=1)
    try:
        with pytest.raises(SetupError, match="先停下各台机器上的 portal serve"):
            await migrations.forwards(fresh)
        assert await migrations.applied(fresh) == [first]
    finally:
        await other.close_connection_pool()
    assert await migrations.forwards(fresh) == migrations.count() - 1


@pytest.mark.parametrize("table", ["ledger_entry", "stored_edition", "board_version"])
async def test_rows_that_must_stay_cannot_be_changed_or_deleted(portal, table: str) -> None:
    db = portal.db
    if table != "board_version":
        with pytest.raises(asyncpg.PostgresError, match="stay as they were written"):
            await db.rows(f"delete from {table}")
        column = {"ledger_entry": "verb", "stored_edition": "digest"}[table]
        with pytest.raises(asyncpg.PostgresError, match="stay as they were written"):
            await db.rows(f"update {table} set {column} = 'x'")
    with pytest.raises(asyncpg.PostgresError, match="stay as they were written"):
        await db.rows(f"truncate {table} cascade")


async def test_a_sealed_column_refuses_plain_text(database: Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await database.rows("select 'my phone is 123456789012345678901234567890'::bytea::sealed")
    assert await database.value("select '\\x01' || repeat('x', 40)::bytea is not null")


async def test_what_was_indexed_before_is_found_by_its_beginnings_and_back(fresh: Database) -> None:
    before = "2026-11-30T19:00:00:000000"
    await migrations.forwards(fresh, before)
    old = ["石", "料", "厂", "石料", "料厂", "sl", "lc", "slc", "a", "ab", "ab1"]
    await fresh.rows("insert into search_text (kind, subject, words, grams) values ('unit', 7, '石料厂 ab1', $1)", old)
    await migrations.forwards(fresh)
    for query in ("石", "料厂", "sl", "slc", "lc", "ab", "ab1", "石 ab"):
        values: list[object] = []
        sql = matching("unit", query, lambda value, into=values: into.append(value) or f"${len(into)}")
        assert await fresh.value(sql, *values) == 7, query
    while (last := (await migrations.applied(fresh))[-1]) > before:
        await migrations.backwards(fresh, last)
    assert sorted(await fresh.value("select grams from search_text")) == sorted(old)
