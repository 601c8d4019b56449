"""What offices said of the columns of their sheets."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "columns of sheets as offices call them"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(
            """
            create table import_heading (
                id bigserial primary key, kind varchar(16) not null, region varchar(40) not null, area varchar(200) not null,
                shape varchar(32) not null, columns jsonb not null, said_by bigint, said_at timestamptz not null,
                unique (kind, region, area, shape)
            )
            """
        )

    async def down() -> None:
        await script("drop table import_heading")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
