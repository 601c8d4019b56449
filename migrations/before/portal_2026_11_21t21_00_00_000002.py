"""The queue's own tables: procrastinate's schema as the pinned version ships it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from procrastinate.schema import SchemaManager

from portal.storage.migrations import script

ID = "2026-11-21T21:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "the job queue"

DROP = """
do $$ declare thing record; begin
    for thing in select oid::regclass as name from pg_class where relname like 'procrastinate_%' and relkind = 'r' loop
        execute format('drop table if exists %s cascade', thing.name);
    end loop;
    for thing in select oid::regprocedure as name from pg_proc where proname like 'procrastinate_%' loop
        execute format('drop function if exists %s cascade', thing.name);
    end loop;
    for thing in select oid::regtype as name from pg_type where typname like 'procrastinate_%' loop
        execute format('drop type if exists %s cascade', thing.name);
    end loop;
end $$
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(SchemaManager.get_schema())

    async def down() -> None:
        await script(DROP)

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
