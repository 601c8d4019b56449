"""Grids that are filed with another office, and grids of other systems."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-23T04:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "filings of grids, and grids of other systems"

TABLES = {
    "filing": """
        id bigserial primary key,
        public_id varchar(20) not null unique,
        form varchar(20) not null unique,
        region varchar(40) not null,
        edition varchar(60) not null,
        rule varchar(40) not null,
        jurisdiction bigint not null references jurisdiction (id) on delete restrict on update restrict,
        unit bigint not null references unit (id) on delete restrict on update restrict,
        office bigint not null references unit (id) on delete restrict on update restrict,
        filed_on date not null,
        filed_by_name varchar(80) not null,
        state varchar(12) not null default 'waiting',
        number varchar(60) not null default '',
        reason text not null default '',
        decided_on date,
        check (state in ('waiting', 'accepted', 'returned', 'withdrawn')),
        check ((state = 'waiting') = (decided_on is null)),
        check ((state = 'accepted') = (number <> '')),
        check ((state = 'returned') = (reason <> '')),
        check (decided_on >= filed_on)
    """,
    "filed_grid": """
        id bigserial primary key,
        filing bigint not null references filing (id) on delete restrict on update restrict,
        grid bigint not null references grid (id) on delete restrict on update restrict,
        before jsonb,
        drawn jsonb not null,
        unique (filing, grid)
    """,
    "outside_grid": """
        id bigserial primary key,
        public_id varchar(20) not null unique,
        region varchar(40) not null,
        system varchar(40) not null,
        code varchar(40) not null,
        name varchar(80) not null,
        jurisdiction bigint not null references jurisdiction (id) on delete restrict on update restrict,
        grid bigint references grid (id) on delete restrict on update restrict,
        since date not null,
        until date,
        check (until is null or until >= since)
    """,
}
INDEXES = (
    "create unique index filing_waiting on filing (region, rule, jurisdiction) where state = 'waiting'",
    "create index filing_office on filing (office) where state = 'waiting'",
    "create index filing_place on filing (jurisdiction, id)",
    "create index filed_grid_found on filed_grid (grid, filing)",
    "create unique index outside_grid_code on outside_grid (region, system, code) where until is null",
    "create index outside_grid_found on outside_grid (grid) where grid is not null",
    "create index outside_grid_place on outside_grid (jurisdiction)",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        for table, columns in TABLES.items():
            await script(f"create table {table} ({columns})")
        for index in INDEXES:
            await script(index)

    async def down() -> None:
        for table in reversed(TABLES):
            await script(f"drop table {table}")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
