"""What new keys name is asked about as well: nothing names what was taken back (2026-11-30T08)."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T23:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what was taken back is named by no letter, no grid's office and no report of a death"

# By table: what it named before, and what it names now; of grids those that were taken back themselves name nothing
BEFORE = {
    "feedback_case": {"unit": "unit", "person": "person", "enterprise": "enterprise"},
    "grid": {"parent": "grid", "enterprise": "enterprise"},
    "entrustment": {},
}
NOW = {
    "feedback_case": {**BEFORE["feedback_case"], "above": "unit"},
    "grid": {**BEFORE["grid"], "served_by": "unit"},
    "entrustment": {"lender": "unit", "entrusted": "unit"},
}
MARKED = {"grid"}
FOUND = (
    "exists (select from named n{old} join public.{other} t on t.id = n.{column} where t.undone_on is not null{mine}{changed})"
)


def _watched(table: str, names: dict[str, str], event: str) -> str:
    """The trigger of a table, made anew."""
    back = " or b.undone_on is not null" if table in MARKED else ""
    found = " or ".join(
        FOUND.format(
            column=column, other=other, mine=" and n.undone_on is null" if table in MARKED else "",
            old=" join before b on b.id = n.id" if event == "update" else "",
            changed=f" and (n.{column} is distinct from b.{column}{back})" if event == "update" else "",
        )
        for column, other in names.items()
    )  # fmt: skip
    both = " old table as before" if event == "update" else ""
    return f"""
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


async def _watch(names: dict[str, dict[str, str]]) -> None:
    for table, columns in names.items():
        for event in ("insert", "update"):
            await script(f"drop function if exists {table}_names_{event} cascade")
            if columns:
                await script(_watched(table, columns, event))


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await _watch(NOW)

    async def down() -> None:
        await _watch(BEFORE)

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
