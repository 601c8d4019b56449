"""Boards are gathered anew: they tell of the other office outside, and of no duty that is on enterprises of other classes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-12-01T00:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "boards wait to be brought up to date"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(
            "insert into board_waiting (board, since) select id, now() from board where revoked_at is null on conflict do nothing"
        )

    async def down() -> None:
        """What waits is right in every release."""

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
