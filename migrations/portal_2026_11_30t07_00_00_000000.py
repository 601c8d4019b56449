"""The cases whose keys are gone for good, so that putting back an older backup brings none of them back."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T07:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "list of shredded cases"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script("create table shredded_case (id bigserial primary key, subject varchar(20) not null unique)")

    async def down() -> None:
        await script("drop table shredded_case")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
