"""What the office chose to be meant by names on a sheet that the register does not have."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T13:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what names on a sheet were chosen to mean"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script("alter table import_batch add column corrections jsonb not null default '{}'")

    async def down() -> None:
        await script("alter table import_batch drop column corrections")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
