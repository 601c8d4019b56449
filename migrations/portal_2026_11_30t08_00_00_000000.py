"""What was taken back is named by nothing new, also where whoever names it had to wait for the undoing."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what was taken back is named by nothing new"

# By table: its columns that name rows which may be taken back. Complaints are not among them: nothing keeps one from being
# written, and whether something may be taken back must not depend on one
NAMES = {
    "access_ask": {"unit": "unit", "person": "person", "enterprise": "enterprise"},
    "access_grant": {"unit": "unit", "enterprise": "enterprise"},
    "account": {"person": "person"},
    "appointment": {"person": "person", "unit": "unit", "grid": "grid", "enterprise": "enterprise"},
    "board": {"grid": "grid", "enterprise": "enterprise"},
    "charge": {"unit": "unit", "enterprise": "enterprise"},
    "deed": {"unit": "unit", "grid": "grid", "person": "person", "enterprise": "enterprise"},
    "enterprise": {"drawn_grid": "grid"},
    "enterprise_fact": {"enterprise": "enterprise"},
    "excuse": {"unit": "unit", "grid": "grid", "person": "person", "enterprise": "enterprise"},
    "feedback_case": {"unit": "unit", "person": "person", "enterprise": "enterprise"},
    "filed_grid": {"grid": "grid"},
    "filing": {"unit": "unit", "office": "unit"},
    "grid": {"parent": "grid", "enterprise": "enterprise"},
    "grid_ground": {"grid": "grid"},
    "inbox_item": {"unit": "unit", "person": "person"},
    "interest": {"person": "person", "other": "person", "instead": "person", "enterprise": "enterprise"},
    "one_time_link": {"enterprise": "enterprise"},
    "outside_grid": {"grid": "grid"},
    "person": {"unit": "unit"},
    "placement": {"grid": "grid", "enterprise": "enterprise"},
    "session": {"enterprise": "enterprise"},
}
MARKED = {"appointment", "charge", "deed", "enterprise", "grid", "outside_grid", "person"}
# Who writes such a name waits for an undoing that has the row in hand, since keys ask for it; these triggers come after the keys,
# and read what stands there by then. The transaction is done again from its beginning, and does not find the row any more
TRIGGERS = """
    create function {table}_names_{event}() returns trigger language plpgsql as $$
        begin
            if {found} then
                raise exception 'what a row of % names was taken back', tg_table_name
                    using errcode = 'serialization_failure', constraint = 'taken_back';
            end if;
            return null;
        end
    $$;
    create trigger {table}_names_{event} after {event} on {table} referencing new table as named{both}
        for each statement execute function {table}_names_{event}();
"""
FOUND = (
    "exists (select from named n{old} join public.{other} t on t.id = n.{column} where t.undone_on is not null{mine}{changed})"
)


def triggers(table: str, event: str) -> str:
    mine = " and n.undone_on is null" if table in MARKED else ""
    old, changed = "", ""
    if event == "update":
        old = " join before b on b.id = n.id"
        back = " or b.undone_on is not null" if table in MARKED else ""
        changed = " and (n.{column} is distinct from b.{column}" + back + ")"
    found = " or ".join(
        FOUND.format(column=column, other=other, old=old, mine=mine, changed=changed.format(column=column))
        for column, other in NAMES[table].items()
    )
    return TRIGGERS.format(table=table, event=event, found=found, both=" old table as before" if event == "update" else "")


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        for table in NAMES:
            for event in ("insert", "update"):
                await script(triggers(table, event))

    async def down() -> None:
        for table in NAMES:
            for event in ("insert", "update"):
                await script(f"drop trigger {table}_names_{event} on {table}; drop function {table}_names_{event}()")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
