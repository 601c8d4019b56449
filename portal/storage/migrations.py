"""Bringing the database to the state that the tables describe, forwards or back, in one transaction under a lock."""

import contextlib
import io
import os

os.environ.setdefault("PICCOLO_CONF", "portal.piccolo_conf")

from piccolo.apps.migrations.commands.backwards import run_backwards
from piccolo.apps.migrations.commands.base import MigrationResult
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.apps.migrations.tables import Migration

from portal import piccolo_conf
from portal.errors import SetupError
from portal.piccolo_app import APP, migrations_folder
from portal.storage.engine import Database
from portal.terms import say

LOCK = 7_003_000


async def forwards(db: Database, to: str = "all") -> int:
    """Apply what is not applied yet, up to ``to``; how many migrations that were."""
    return await _run(db, lambda: run_forwards(APP, to))


async def backwards(db: Database, to: str) -> int:
    """Take back the migrations down to and including ``to``; how many that were."""
    return await _run(db, lambda: run_backwards(APP, to, auto_agree=True))


async def applied(db: Database) -> list[str]:
    """The ids of the migrations that are in the database, oldest first."""
    bind(db)
    if not await db.value("select to_regclass('migration') is not null"):
        return []
    return [row["name"] for row in await db.rows("select name from migration where app_name = $1 order by name", APP)]


def count() -> int:
    """How many migrations there are."""
    return len(list(migrations_folder().glob("portal_*.py")))


def bind(db: Database) -> None:
    """Make this database the one of all tables and of Piccolo's own commands."""
    piccolo_conf.DB = db
    db.bind()
    Migration._meta._db = db  # noqa: SLF001 - Piccolo has no public way


async def _run(db: Database, work: object) -> int:
    before = len(await applied(db))
    told = io.StringIO()
    try:
        async with db.transaction():
            await db.rows("select pg_advisory_xact_lock($1)", LOCK)
            with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                result: MigrationResult = await work()  # type: ignore[operator]
            if not result.success:
                raise SetupError(say("数据库升级没有完成，什么也没有改动：{why}", why=result.message or told.getvalue()))
    except SystemExit as error:
        raise SetupError(say("数据库升级没有完成，什么也没有改动：{why}", why=told.getvalue())) from error
    return abs(len(await applied(db)) - before)


async def script(sql: str) -> None:
    """Run a script of several statements inside the migration's transaction."""
    transaction = piccolo_conf.DB.current_transaction.get() if piccolo_conf.DB else None
    if transaction is None:
        raise RuntimeError("a migration runs inside a transaction")
    await transaction.connection.execute(sql)
