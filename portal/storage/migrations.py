"""Bringing the database to the state that the tables describe, forwards or back, in one transaction under a lock."""

import contextlib
import io
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

os.environ.setdefault("PICCOLO_CONF", "portal.piccolo_conf")

import asyncpg
from piccolo.apps.migrations.commands.backwards import run_backwards
from piccolo.apps.migrations.commands.base import MigrationResult
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager, run_forwards
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import AppConfig

from portal import piccolo_conf
from portal.errors import SetupError
from portal.piccolo_app import APP, migrations_folder
from portal.storage.engine import Database
from portal.storage.locks import Lock
from portal.terms import say

NO_VIEWS = "set local search_path to public; drop schema if exists register cascade"
# Every table some of whose rows may be taken back is seen through a view of its name that leaves those out
VIEWS = """
do $$ declare t name; begin
    for t in select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'undone_on'
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and not a.attisdropped
    loop
        create schema if not exists register;
        execute format('create view register.%I as select * from public.%I where undone_on is null', t, t);
    end loop;
end $$
"""


# What anybody made in a database: tables, views, sequences and functions, but for those of extensions
MADE = """
    select exists (
        select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^(pg_|information_schema$)'
            and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
        union all
        select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname !~ '^(pg_|information_schema$)'
            and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    )
"""


# Processes of a portal: one of an older version would go on writing by rules that hold no more
OTHERS = """
    select exists (
        select from pg_stat_activity
        where datname = current_database() and application_name = 'portal' and pid <> pg_backend_pid()
    )
"""


MAY_MAKE = "select has_database_privilege(current_database(), 'create') and has_schema_privilege('public', 'create')"


async def refuse_unfit(db: Database) -> None:
    """Refuse to begin in a database in which anybody made anything, or in which nothing can be made."""
    if await db.value(MADE):
        raise SetupError(say("这个数据库不是空的，没有改动它。请另建一个空的。"))
    if not await db.value(MAY_MAKE):
        who, where = (await db.rows("select current_user, current_database()"))[0]
        raise SetupError(
            say(
                "数据库用户 {who} 没有在 {where} 里建表的权限，什么也没有改动。请让它拥有这个数据库："
                "alter database {where} owner to {who}。",
                who=who,
                where=where,
            )
        )


async def forwards(db: Database, to: str = "all") -> int:
    """Apply what is not applied yet, up to ``to``; how many migrations that were."""
    return await _run(db, lambda: _forwards(db, to))


async def _forwards(db: Database, to: str) -> MigrationResult:
    if _before() & set(await applied(db)):
        await _come_to_the_beginning(db)
    return await run_forwards(APP, to)


async def backwards(db: Database, to: str) -> int:
    """Take back the migrations down to and including ``to``; how many that were."""
    return await _run(db, lambda: run_backwards(APP, to, auto_agree=True))


async def applied(db: Database) -> list[str]:
    """The ids of the migrations that are in the database, oldest first."""
    bind(db)
    if not await db.value("select to_regclass('migration') is not null"):
        return []
    return [row["name"] for row in await db.rows("select name from migration where app_name = $1 order by name", APP)]


async def lacking(db: Database) -> int:
    """How many migrations a database has still to go. :class:`SetupError` where a later version than this one has been at it."""
    done = set(await applied(db))
    if unknown := done - _before() - set(ids()):
        raise SetupError(
            say(
                "数据库已由更新的版本升级过（{id}），本版本的程序不能用它，什么也没有改动。请换回那个版本的程序，"
                "或恢复升级前的备份，见 docs/deploy.md 的“升级”。",
                id=max(unknown),
            )
        )
    behind = _before() - done if done & _before() else set[str]()
    return len(behind) + len(set(ids()) - done)


def ids() -> list[str]:
    """The ids of all migrations, the beginning first."""
    return _ids_in(migrations_folder())


def count() -> int:
    """How many migrations there are."""
    return len(ids())


# What stood before the beginning


def _before() -> set[str]:
    return set(_ids_in(migrations_folder() / "before"))


def _ids_in(folder: Path) -> list[str]:
    return sorted(id_of(path) for path in folder.glob("portal_*.py"))


def id_of(path: Path) -> str:
    """The id of a migration by the name of its file."""
    day, time = path.stem.removeprefix("portal_").split("t")
    return f"{day.replace('_', '-')}T{':'.join(time.split('_', 3))}"


async def _come_to_the_beginning(db: Database) -> None:
    """Bring a database that stands on the migrations of the unreleased 0.1.0 through the last of them, and note that it stands
    where new ones begin.
    """
    old = AppConfig(app_name=APP, migrations_folder_path=str(migrations_folder() / "before"), table_classes=[])
    await ForwardsMigrationManager(APP).run_migrations(old)
    await db.rows("delete from migration where app_name = $1 and name = any($2)", APP, list(_before()))
    await db.rows("insert into migration (name, app_name) values ($1, $2)", ids()[0], APP)


def bind(db: Database) -> None:
    """Make this database the one of all tables and of Piccolo's own commands."""
    piccolo_conf.DB = db
    db.bind()
    Migration._meta._db = db  # noqa: SLF001 - Piccolo has no public way


async def _run(db: Database, work: Callable[[], Awaitable[MigrationResult]]) -> int:
    told = io.StringIO()
    try:
        async with db.transaction():
            # Whoever waited here finds done what the other one did
            await db.hold(Lock.MIGRATIONS)
            before = await lacking(db)
            if await db.value("select to_regclass('public.migration') is null"):
                await refuse_unfit(db)
            elif before and await db.value(OTHERS):
                raise SetupError(
                    say("还有门户的程序连着这个数据库，没有升级，什么也没有改动。请先停下各台机器上的 portal serve，再试。")
                )
            await script(NO_VIEWS)
            with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                result = await work()
            if not result.success:
                raise SetupError(say("数据库升级没有完成，什么也没有改动：{why}", why=result.message or told.getvalue()))
            await script(VIEWS)
            steps = abs(await lacking(db) - before)
    except (SystemExit, asyncpg.PostgresError) as error:
        why = str(error) if isinstance(error, asyncpg.PostgresError) else told.getvalue()
        raise SetupError(say("数据库升级没有完成，什么也没有改动：{why}", why=why)) from error
    return steps


async def script(sql: str) -> None:
    """Run a script of several statements inside the migration's transaction."""
    transaction = piccolo_conf.DB.current_transaction.get() if piccolo_conf.DB else None
    if transaction is None:
        raise RuntimeError("a migration runs inside a transaction")
    await transaction.connection.execute(sql)
