"""Who owes what: deeds, excuses, figures that are kept; what a place made stricter; grids that are enterprises."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-23T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "deeds, excuses and kept figures of obligations; refinements; grids that are enterprises; reasons"

KEY = "on delete restrict on update restrict"
SUBJECTS = f"""
    enterprise bigint references enterprise {KEY}, grid bigint references grid {KEY}, unit bigint references unit {KEY}
"""
TABLES = (
    f"""
    create table deed (
        id bigserial primary key, public_id varchar(20) not null unique, region varchar(40) not null,
        edition varchar(60) not null, duty varchar(40) not null, {SUBJECTS}, person bigint references person {KEY},
        day date not null, note text not null, points varchar(80)[] not null, attended varchar(80)[] not null,
        written_at timestamptz not null, written_by bigint references account {KEY}, withdrawn_at timestamptz,
        withdrawn_why varchar(200) not null,
        check (num_nonnulls(enterprise, grid, unit) = 1 or (num_nonnulls(enterprise, grid, unit) = 0 and person is not null))
    )
    """,
    f"""
    create table excuse (
        id bigserial primary key, public_id varchar(20) not null unique, region varchar(40) not null,
        duty varchar(40) not null, {SUBJECTS}, person bigint references person {KEY},
        first date not null, last date not null, why varchar(200) not null,
        written_at timestamptz not null, written_by bigint references account {KEY}, withdrawn_at timestamptz,
        check (num_nonnulls(enterprise, grid, unit, person) = 1), check (last >= first)
    )
    """,
    """
    create table tally (
        id bigserial primary key, what varchar(160) not null, first date not null, at date not null, closed boolean not null,
        place bigint not null, owed integer not null, done integer not null, excused integer not null, all_owed integer not null,
        all_done integer not null, all_excused integer not null, version bigint not null, unique (what, first, at, place)
    )
    """,
    """
    create table place_version (
        id bigserial primary key, place bigint not null, duty varchar(40) not null, month date not null, n bigint not null,
        unique (place, duty, month)
    )
    """,
    """
    create table place_move (
        id bigserial primary key, place bigint not null, duty varchar(40) not null, month date not null
    )
    """,
    f"""
    create table refinement (
        id bigserial primary key, public_id varchar(20) not null unique, region varchar(40) not null,
        edition varchar(60) not null, jurisdiction bigint not null references jurisdiction {KEY}, figure varchar(80) not null,
        months integer not null, weeks integer not null, days integer not null, working_days integer not null,
        number integer not null, document varchar(120) not null, clause varchar(60) not null, gist varchar(200) not null,
        written_at timestamptz not null, written_by bigint references account {KEY}, since date not null, until date,
        check (until is null or until >= since),
        exclude using gist (int8range(jurisdiction, jurisdiction, '[]') with &&,
            int8range(hashtext(region || figure), hashtext(region || figure), '[]') with &&, daterange(since, until) with &&)
    )
    """,
)
INDEXES = (
    *(f"create index deed_{of} on deed ({of}, duty, day) where {of} is not null and withdrawn_at is null"
      for of in ("enterprise", "grid", "unit")),
    "create index deed_window on deed (region, duty, day) include (enterprise) where withdrawn_at is null",
    "create index deed_person on deed (person, duty, day)",
    *(f"create unique index excuse_{of} on excuse ({of}, duty, first, last) where {of} is not null and withdrawn_at is null"
      for of in ("enterprise", "grid", "unit", "person")),
    "create index place_move_place on place_move (place)",
    "create index jurisdiction_parent on jurisdiction (parent)",
    "create index jurisdiction_region on jurisdiction (region) where region is not null",
    'create index jurisdiction_towns on jurisdiction (path collate "C") where kind not in (\'village\', \'community\')',
    "alter table appointment add column reason varchar(200) not null default ''",
    "alter table grid add column enterprise bigint references enterprise on delete restrict on update restrict",
    "create unique index grid_enterprise on grid (enterprise, tier) where enterprise is not null",
)  # fmt: skip

# Where a row lies, and of which duty and day it tells; no duty where any may be meant. A refinement moves nothing: what it makes
# is another demand, which is counted on its own
PLACES = {
    "placement": "select t.division, '', null::date from changed c join enterprise t on t.id = c.enterprise",
    "appointment": "select t.jurisdiction, '', null::date from changed c join person t on t.id = c.person",
    "person": "select c.jurisdiction, '', null::date from changed c",
    "enterprise": "select c.division, '', null::date from changed c",
    "grid": "select c.jurisdiction, '', null::date from changed c",
    "unit": "select c.jurisdiction, '', null::date from changed c",
} | {
    table: f"""
        select coalesce(e.division, g.jurisdiction, u.jurisdiction, p.jurisdiction), c.duty, c.{day}
        from changed c left join enterprise e on e.id = c.enterprise left join grid g on g.id = c.grid
            left join unit u on u.id = c.unit
            left join person p on p.id = c.person and num_nonnulls(c.enterprise, c.grid, c.unit) = 0
    """
    for table, day in (("deed", "day"), ("excuse", "first"))
}
# The town of a village and everything above: the codes in its path
MOVES = """
    insert into place_move (place, duty, month) select distinct a.id, x.duty, x.month
    from (
            select distinct place, duty, coalesce(date_trunc('month', day)::date, '-infinity') as month
            from ({places}) as x(place, duty, day)
        ) x join jurisdiction t on t.id = x.place join jurisdiction a on a.code = any(string_to_array(btrim(t.path, '/'), '/'))
    where a.kind not in ('village', 'community')
"""
EVENTS = {"insert": "new", "update": "new", "delete": "old"}


def _trigger(table: str, event: str, side: str) -> str:
    both = " old table as gone" if event == "update" else ""
    moves = MOVES.format(places=PLACES[table])
    again = f"with changed as (select * from gone) {moves};" if event == "update" else ""
    return f"""
        create function {table}_moves_{event}() returns trigger language plpgsql as $$
            begin {moves}; {again} return null; end
        $$;
        create trigger {table}_moves_{event} after {event} on {table} referencing {side} table as changed{both}
            for each statement execute function {table}_moves_{event}();
    """


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        for part in (*TABLES, *INDEXES):
            await script(part)
        for table in PLACES:
            for event, side in EVENTS.items():
                await script(_trigger(table, event, side))

    async def down() -> None:
        for table in PLACES:
            for event in EVENTS:
                await script(f"drop trigger {table}_moves_{event} on {table}; drop function {table}_moves_{event}()")
        await script("drop index jurisdiction_parent; drop index jurisdiction_region; drop index jurisdiction_towns")
        await script("alter table grid drop column enterprise; alter table appointment drop column reason")
        for table in ("refinement", "place_move", "place_version", "tally", "excuse", "deed"):
            await script(f"drop table {table}")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
