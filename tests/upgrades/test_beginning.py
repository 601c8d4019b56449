"""One beginning: it makes the very schema that the eleven migrations before it make, whoever stands on any of them comes to it,
and what has landed is never edited.
"""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.conf.apps import AppConfig
from procrastinate.schema import SchemaManager

from portal.app import migrated
from portal.call import Call
from portal.errors import SetupError
from portal.piccolo_app import APP, migrations_folder
from portal.storage import migrations
from portal.storage.embedded import EmbeddedServer
from portal.storage.engine import Database
from tests.upgrades.dumping import dump

FOLDER = migrations_folder()
LANDED = Path(__file__).parent / "landed.txt"
QUEUE = "procrastinate's schema"
OLD = sorted((FOLDER / "before").glob("portal_*.py"))
BEGINNING = migrations.ids()[0]


class Databases:
    """Databases of a test's own, dropped when it is over."""

    def __init__(self, server: EmbeddedServer, maintenance: asyncpg.Connection) -> None:
        self.server = server
        self._maintenance = maintenance
        self._made: dict[str, Database] = {}

    async def new(self, name: str, template: str = "template0") -> Database:
        """One more; the template's connections are closed."""
        if template in self._made:
            await self._made[template].close_connection_pool()
        await self._maintenance.execute(f"drop database if exists {name} with (force)")
        await self._maintenance.execute(f"create database {name} template {template}")
        if template in self._made:
            await self._made[template].open(durable=False, most=2)
        self._made[name] = Database(self.server.connection(name))
        await self._made[name].open(durable=False, most=2)
        return self._made[name]

    async def drop(self, name: str) -> None:
        """One less."""
        await self._made.pop(name).close_connection_pool()
        await self._maintenance.execute(f"drop database {name} with (force)")

    async def drop_all(self) -> None:
        """None left."""
        for name in list(self._made):
            await self.drop(name)


@pytest_asyncio.fixture
async def databases(server: EmbeddedServer, database: Database) -> AsyncIterator[Databases]:
    """New databases beside those of the other tests."""
    maintenance = await asyncpg.connect(**server.connection("postgres"))
    made = Databases(server, maintenance)
    yield made
    await made.drop_all()
    await maintenance.close()
    migrations.bind(database)


async def old_step(db: Database, id_: str) -> None:
    """One of the migrations before the beginning, as the portal ran it then."""
    migrations.bind(db)
    folder = AppConfig(app_name=APP, migrations_folder_path=str(FOLDER / "before"), table_classes=[])
    manager = ForwardsMigrationManager(APP, id_)
    async with db.transaction():
        await manager.create_migration_table()
        assert (await manager.run_migrations(folder)).success


async def test_from_each_of_the_eleven_a_database_comes_to_the_very_schema_of_the_beginning(
    databases: Databases, worker_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, old, new = (f"{name}_{worker_id}" for name in ("begun", "old", "new"))
    await migrations.forwards(await databases.new(begun), BEGINNING)
    wanted = dump(databases.server.connection(begun), "--schema-only")
    standing = await databases.new(old)
    assert len(OLD) == 12, "the eleven, and the step that leads from them to the beginning"
    for n, path in enumerate(OLD, 1):
        await old_step(standing, migrations.id_of(path))
        db = await databases.new(new, old)
        lacking = len(OLD) - n + migrations.count()
        assert await migrations.lacking(db) == lacking
        with pytest.raises(SetupError, match=f"还差 {lacking} 步升级.*先备份，再运行 portal migrate"):
            await migrated(Call(_Held(db), None, None))  # type: ignore[arg-type] # only its database is looked at
        assert await migrations.forwards(db, BEGINNING) == len(OLD) - n + 1
        assert await migrations.applied(db) == [BEGINNING]
        assert dump(databases.server.connection(new), "--schema-only") == wanted, f"after {path.name}"
        assert await migrations.forwards(db) == migrations.count() - 1
        assert await migrations.lacking(db) == 0
        await databases.drop(new)
    capsys.readouterr()


class _Held:
    def __init__(self, db: Database) -> None:
        self.db = db


async def test_a_step_that_fails_on_the_way_leaves_an_old_database_as_it_was(databases: Databases, worker_id: str) -> None:
    name = f"old_{worker_id}"
    db = await databases.new(name)
    for path in OLD[:7]:
        await old_step(db, migrations.id_of(path))
    await db.rows("create table filing (in_the_way int)")
    before = dump(databases.server.connection(name), "--schema-only"), await migrations.applied(db)
    with pytest.raises(SetupError, match="数据库升级没有完成，什么也没有改动：.*filing"):
        await migrations.forwards(db)
    assert (dump(databases.server.connection(name), "--schema-only"), await migrations.applied(db)) == before
    assert await migrations.lacking(db) == len(OLD) - 7 + migrations.count()


async def test_a_database_of_a_later_version_is_left_alone_and_the_way_back_is_told(databases: Databases, worker_id: str) -> None:
    db = await databases.new(f"new_{worker_id}")
    await migrations.forwards(db)
    await db.rows("insert into migration (name, app_name) values ('2999-01-01T00:00:00:000000', 'portal')")
    for work in (migrations.lacking, migrations.forwards):
        with pytest.raises(SetupError, match="更新的版本升级过（2999-01-01T00:00:00:000000）.*换回那个版本.*或恢复升级前的备份"):
            await work(db)


# What has landed


def landed() -> dict[str, str]:
    """The SHA-256 of everything that databases of users may stand on, by file."""
    return dict(reversed(line.split("  ", 1)) for line in LANDED.read_text().splitlines())  # type: ignore[misc] # pairs


def present() -> dict[str, str]:
    """The same of what is here."""
    files = sorted(FOLDER.glob("**/portal_*.py"))
    found = {str(path.relative_to(FOLDER)): sha256(path.read_bytes()).hexdigest() for path in files}
    return found | {QUEUE: sha256(SchemaManager.get_schema().encode()).hexdigest()}


def wrong(listed: dict[str, str], found: dict[str, str]) -> list[str]:
    """What was done to migrations other than to add one after all that have landed."""
    edited = [f"{name} has landed and was edited or taken away" for name in listed if found.get(name) != listed[name]]
    last = max(name for name in listed if name.startswith("portal_"))
    early = [f"{name} comes before {last}, which has landed" for name in found.keys() - listed.keys() if name < last]
    return sorted(edited + early)


def test_migrations_are_only_added() -> None:
    assert wrong(landed(), present()) == [], "see CONTRIBUTING.md, “A landed state”"


def test_whatever_is_done_to_a_landed_migration_but_adding_is_found() -> None:
    listed = landed()
    name = f"portal_{BEGINNING.replace('-', '_').replace('T', 't').replace(':', '_')}.py"
    assert name in listed
    assert wrong(listed, listed | {"portal_2999_01_01t00_00_00_000000.py": "x"}) == []
    assert wrong(listed, listed | {name: "x"}) == [f"{name} has landed and was edited or taken away"]
    assert wrong(listed, {other: hash_ for other, hash_ in listed.items() if other != name}) != []
    assert wrong(listed, listed | {"portal_2026_11_01t00_00_00_000000.py": "x"}) != []
    assert wrong(listed, listed | {QUEUE: "x"}) != []
