"""Rows that were taken back stay: marked, out of everybody's sight, and what they were called by is free for others."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rows that were taken back are marked; complaints have their own copy of whom they are about"

# What finds a row again that is named again
TABLES = {
    "unit": "(name)",
    "grid": "(name)",
    "outside_grid": "(code)",
    "person": "(name)",
    "appointment": "(person)",
    "enterprise": "(credit_code)",
    "charge": "(enterprise)",
    "deed": "(day)",
    "deputy": "(id)",
}
COUNTS = "where (undone_on is null)"
EXCLUDED = {
    ("appointment", "rule4"): "exclude using gist (int8range(person, person, '[]') with &&,"
    " int8range(hashtext(post), hashtext(post), '[]') with &&,"
    " int8range(coalesce(grid, -1), coalesce(grid, -1), '[]') with &&,"
    " int8range(coalesce(unit, -1), coalesce(unit, -1), '[]') with &&,"
    " int8range(coalesce(enterprise, -1), coalesce(enterprise, -1), '[]') with &&, daterange(since, until) with &&)",
    ("charge", "holds2"): "exclude using gist (int8range(enterprise, enterprise, '[]') with &&,"
    " int8range(hashtext(line), hashtext(line), '[]') with &&, daterange(since, until) with &&)",
}
UNIQUE = {
    "enterprise_by4": ("enterprise (credit_code)", "credit_code is not null"),
    "grid_enterprise": ("grid (enterprise, tier)", "enterprise is not null"),
    "outside_grid_code": ("outside_grid (region, system, code)", "until is null"),
}
RECUSAL = """
    create view recusal as select i.enterprise, a.id as person, i.instead, i.since, i.until from interest i
        join person b on b.id = i.person{b}
        join person a on (a.id = b.id or human_mark(a.badge) = human_mark(b.badge)
            or human_mark(a.certificate) = human_mark(b.certificate)){a}
        where i.enterprise is not null
"""
# Where nothing can be marked, what was taken back has been for no day and keeps nothing that others may bear by now
STAY_ENDED = (
    *(f"update {table} set until = since where undone_on is not null"
      for table in ("unit", "grid", "outside_grid", "person", "appointment", "enterprise", "charge")),
    "update grid set code = left(code, 20) || '-' || id, enterprise = null where undone_on is not null",
    "update enterprise set credit_code = null where undone_on is not null",
    "update deed set withdrawn_at = now() where undone_on is not null and withdrawn_at is null",
    "delete from deputy where undone_on is not null",
)  # fmt: skip


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        for table, found in TABLES.items():
            await script(f"alter table {table} add column undone_on date")
            await script(f"create index {table}_undone on {table} {found} where undone_on is not null")
        await script("create index enterprise_undone_name on enterprise (name) where undone_on is not null")
        for (table, name), rule in EXCLUDED.items():
            await script(f"alter table {table} drop constraint {table}_{name}")
            await script(f"alter table {table} add constraint {table}_{name} {rule} {COUNTS}")
        for index, (on, when) in UNIQUE.items():
            await script(f"drop index {index}; create unique index {index} on {on} where {when} and undone_on is null")
        await script("alter table grid drop constraint grid_rule2")
        await script(f"create unique index grid_rule2 on grid (region, code) {COUNTS}")
        await script("drop view recusal")
        await script(RECUSAL.format(a=" and a.undone_on is null", b=" and b.undone_on is null"))
        await script("alter table complaint add column copied boolean not null default false")
        await script("create index complaint_not_copied on complaint (id) where not copied")

    async def down() -> None:
        for change in STAY_ENDED:
            await script(change)
        await script("drop index complaint_not_copied; alter table complaint drop column copied")
        await script("drop view recusal")
        await script(RECUSAL.format(a="", b=""))
        await script("drop index grid_rule2; alter table grid add constraint grid_rule2 unique (region, code)")
        for index, (on, when) in UNIQUE.items():
            await script(f"drop index {index}; create unique index {index} on {on} where {when}")
        for (table, name), rule in EXCLUDED.items():
            await script(f"alter table {table} drop constraint {table}_{name}")
            await script(f"alter table {table} add constraint {table}_{name} {rule}")
        await script("drop index enterprise_undone_name")
        for table in TABLES:
            await script(f"drop index {table}_undone; alter table {table} drop column undone_on")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
