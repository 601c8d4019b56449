"""Budgets of an hour take the place of waits after failed sign-ins."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T03:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "budgets of networks, devices and accounts"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script("drop table sign_in_throttle")
        await script("""
            create unlogged table spending (
                id bigserial primary key,
                key varchar(64) not null unique,
                spent double precision not null,
                at timestamptz not null,
                until timestamptz not null
            )
        """)

    async def down() -> None:
        await script("drop table spending")
        await script("""
            create table sign_in_throttle (
                id bigserial primary key,
                key varchar(64) not null unique default '',
                failures integer not null default 0,
                last_at timestamptz not null default current_timestamp
            )
        """)

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
