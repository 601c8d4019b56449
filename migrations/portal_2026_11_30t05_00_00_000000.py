"""Sheets know what their bringer saw."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T05:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what an account saw when it brought a sheet"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script("alter table import_batch add areas varchar(200)[] not null default '{}'")
        await script("update import_batch set areas = array[area] where area <> ''")

    async def down() -> None:
        await script("alter table import_batch drop areas")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
