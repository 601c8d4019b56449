"""By when those who look into a complaint are to say what they found."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T17:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "by when a transfer sheet is to be replied to"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script("alter table complaint_sheet add column reply_by date")

    async def down() -> None:
        await script("alter table complaint_sheet drop column reply_by")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
