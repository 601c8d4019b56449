"""Boards that wait to be brought up to date, jobs that can be stopped, forms that make something once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T06:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "boards that wait, jobs that can be stopped, forms that make something once"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(
            """
            create table board_waiting (
                id bigserial primary key,
                board bigint not null unique references board (id) on delete restrict on update restrict,
                since timestamptz not null
            );
            create table sent_form (
                id bigserial primary key,
                form varchar(120) not null unique,
                made varchar(80),
                sent_at timestamptz not null
            );
            create index sent_form_old on sent_form (sent_at);
            alter table job add column stopped boolean not null default false, add column deaths smallint not null default 0;
            create index job_open on job (asked_by) where state in ('waiting', 'running');
            """
        )

    async def down() -> None:
        await script("drop index job_open; alter table job drop column stopped, drop column deaths")
        await script("drop table sent_form; drop table board_waiting")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
