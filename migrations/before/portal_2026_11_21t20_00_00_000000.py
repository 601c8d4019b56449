"""The type of sealed columns, before the tables that use it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.columns import SEALED_DOMAIN
from portal.storage.migrations import script

ID = "2026-11-21T20:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the type of sealed columns"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(SEALED_DOMAIN)

    async def down() -> None:
        await script("drop domain sealed")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
