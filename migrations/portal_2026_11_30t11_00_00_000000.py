"""What a form said that made something; of visits the time and everybody who was there; which version of a board may hang."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what a sent form said; time and people of a visit; which version of a board may hang"

# As for every table that names what may be taken back (see the step of 08:00)
NAMES_NOTHING_GONE = """
    create function deed_doer_names_{event}() returns trigger language plpgsql as $$
        begin
            if exists (select from named n join public.deed t on t.id = n.deed where t.undone_on is not null)
                or exists (select from named n join public.person t on t.id = n.person where t.undone_on is not null) then
                raise exception 'what a row of % names was taken back', tg_table_name
                    using errcode = 'serialization_failure', constraint = 'taken_back';
            end if;
            return null;
        end
    $$;
    create trigger deed_doer_names_{event} after {event} on deed_doer referencing new table as named
        for each statement execute function deed_doer_names_{event}()
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script("alter table public.sent_form add column said text")
        for table in ("feedback_case", "complaint"):
            await script(f"alter table {table} add column due_awaits smallint")
        await script("alter table ledger_event add column by_name varchar(80) default '' not null")
        # What hangs today nobody said: the version in force is taken for it, as before
        await script("alter table public.board add column hung integer default 0 not null")
        await script("update public.board set hung = version")
        await script("alter table public.deed add column at varchar(5) default '' not null")
        await script(
            """
            create table deed_doer (
                id bigserial primary key,
                deed bigint not null references public.deed (id) on update restrict on delete restrict,
                person bigint not null references public.person (id) on update restrict on delete restrict,
                unique (deed, person)
            );
            create index deed_doer_by on deed_doer (person)
            """
        )
        for event in ("insert", "update"):
            await script(NAMES_NOTHING_GONE.format(event=event))

    async def down() -> None:
        # Whoever was there beside the first is told by the note alone
        await script(
            """
            update public.deed d set note = concat_ws('；', nullif(d.note, ''), '一起的：' || (
                select string_agg(p.name, '、' order by dp.id) from deed_doer dp join public.person p on p.id = dp.person
                where dp.deed = d.id)) where exists (select from deed_doer dp where dp.deed = d.id)
            """
        )
        await script("drop table deed_doer")
        for event in ("insert", "update"):
            await script(f"drop function deed_doer_names_{event}()")
        await script("alter table ledger_event drop column by_name")
        for table in ("feedback_case", "complaint"):
            await script(f"alter table {table} drop column due_awaits")
        await script("alter table public.board drop column hung")
        await script("alter table public.deed drop column at")
        await script("alter table public.sent_form drop column said")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
