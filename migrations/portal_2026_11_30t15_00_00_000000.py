"""What offices chose to be meant by names that nothing is called."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T15:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "names on sheets as offices meant them"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(
            """
            create table import_meaning (
                id bigserial primary key, region varchar(40) not null, area varchar(200) not null, sort varchar(80) not null,
                said varchar(200) not null, meant varchar(200) not null, said_by bigint, said_at timestamptz not null,
                unique (region, area, sort, said)
            )
            """
        )

    async def down() -> None:
        await script("drop table import_meaning")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
