"""Letters by which powers are lent, what a report is about, and which of several offices of a kind serves whom."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "letters of entrustment, topics of cases, offices side by side"

UP = """
alter table feedback_case add column topic varchar(40) not null default '';
alter table unit add column only_chosen boolean not null default false;
alter table grid add column served_by bigint references unit (id) on delete restrict on update restrict;
create index grid_served_by on grid (served_by) where served_by is not null;
create table entrustment (
    id bigserial primary key,
    public_id varchar(20) not null unique,
    region varchar(40) not null,
    edition varchar(60) not null,
    lender bigint not null references unit (id) on delete restrict on update restrict,
    entrusted bigint not null references unit (id) on delete restrict on update restrict,
    number varchar(60) not null,
    powers jsonb not null,
    fields jsonb not null,
    published_on date not null,
    published_at varchar(300) not null,
    since date not null,
    until date not null check (until > since),
    ended_on date,
    ended_why text not null default '',
    written_at timestamptz not null,
    written_by bigint
);
create index entrustment_lender on entrustment (lender);
create index entrustment_entrusted on entrustment (entrusted);
"""
DOWN = """
drop table entrustment;
alter table grid drop column served_by;
alter table unit drop column only_chosen;
alter table feedback_case drop column topic;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(UP)

    async def down() -> None:
        await script(DOWN)

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
