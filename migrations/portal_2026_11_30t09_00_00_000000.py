"""What is typed in forms that are not sent yet: sealed, and for a while only."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "forms that are not sent yet"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(
            """
            create table unsent_form (
                id bigserial primary key, mark bytea not null unique, answers sealed not null,
                over boolean not null default false, until timestamptz not null
            );
            create index unsent_form_until on unsent_form (until);
            create table complaint_unsent (
                id bigserial primary key, mark bytea not null unique, answers sealed not null,
                over boolean not null default false, until timestamptz not null
            );
            create index complaint_unsent_until on complaint_unsent (until);
            """
        )

    async def down() -> None:
        await script("drop table complaint_unsent; drop table unsent_form")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
