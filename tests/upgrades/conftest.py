"""Databases beside those of the other tests."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager
from piccolo.conf.apps import AppConfig

from portal.piccolo_app import APP, migrations_folder
from portal.storage import migrations
from portal.storage.embedded import EmbeddedServer
from portal.storage.engine import Database


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
        await self._made[name].open(durable=False, most=4)
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
    """The migrations before the beginning up to one of them, as the portal ran them then."""
    migrations.bind(db)
    folder = AppConfig(app_name=APP, migrations_folder_path=str(migrations_folder() / "before"), table_classes=[])
    manager = ForwardsMigrationManager(APP, id_)
    async with db.transaction():
        await manager.create_migration_table()
        assert (await manager.run_migrations(folder)).success
