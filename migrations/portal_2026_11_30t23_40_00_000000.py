"""That an enterprise is in one place on every day is looked at once a statement: for a thousand rows as for one."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T23:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "timelines of enterprises without overlaps, checked in sets"

# Each table with the constraint that goes, what it was, and what one timeline is told by
TIMELINES = {
    "placement": ("placement_rule3", "int8range(enterprise, enterprise, '[]') with &&", "p.enterprise = c.enterprise"),
    "enterprise_fact": (
        "enterprise_fact_rule2",
        "int8range(enterprise, enterprise, '[]') with &&, int8range(hashtext(fact), hashtext(fact), '[]') with &&",
        "p.enterprise = c.enterprise and p.fact = c.fact",
    ),
}


def _watched(table: str, rule: str, same: str) -> str:
    """Whoever writes days of an enterprise holds it until the end, so that no two who do not see each other pass."""
    function = f"{table}_has_no_overlaps"
    on = " ".join(
        f"create trigger {function}_{event} after {event} on {table} referencing new table as changed "
        f"for each statement execute function {function}();"
        for event in ("insert", "update")
    )
    return f"""
        alter table {table} drop constraint {rule};
        create function {function}() returns trigger language plpgsql as $$
            begin
                perform from enterprise where id in (select enterprise from changed) order by id for no key update;
                if exists (select from changed c join {table} p on {same} and p.id <> c.id
                    and daterange(p.since, p.until) && daterange(c.since, c.until))
                then
                    raise exclusion_violation using message = '{table}: two on one day', constraint = '{rule}', table = '{table}';
                end if;
                return null;
            end
        $$;
        {on}
    """


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        for table, (rule, _, same) in TIMELINES.items():
            await script(_watched(table, rule, same))

    async def down() -> None:
        for table, (rule, keys, _) in TIMELINES.items():
            await script(
                f"drop function {table}_has_no_overlaps cascade; alter table {table} add constraint {rule} "
                f"exclude using gist ({keys}, daterange(since, until) with &&)"
            )

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
