"""The last step of those who stand on the eleven: public ids lose the default that each database had drawn for itself."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-23T04:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "public ids have no default"

# Piccolo wrote into the database what its function for a default gave on the day of the migration: the same id for every row
DROP = """
do $$ declare thing record; begin
    for thing in select table_name, column_name from information_schema.columns
        where table_schema = 'public' and column_name = 'public_id' and column_default is not null
    loop
        execute format('alter table %I alter column %I drop default', thing.table_name, thing.column_name);
    end loop;
end $$
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(DROP)

    manager.add_raw(up)
    return manager
