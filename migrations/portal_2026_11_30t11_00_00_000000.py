"""What a form said that made something, and of visits the time and everybody who was there."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what a sent form said; time and people of a visit"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script("alter table public.sent_form add column said text")

    async def down() -> None:
        await script("alter table public.sent_form drop column said")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
