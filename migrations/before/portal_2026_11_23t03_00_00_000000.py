"""What finds the placements and boards that still follow another edition than the one in force."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-23T03:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "indexes by edition: placements by when they end, boards by what they tell"

INDEXES = {
    "placement_ruled": "placement (edition, coalesce(until, 'infinity'::date))",
    "board_told": "board (region, (live->>'edition')) where revoked_at is null",
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        for name, on in INDEXES.items():
            await script(f"create index {name} on {on}")

    async def down() -> None:
        for name in INDEXES:
            await script(f"drop index {name}")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
