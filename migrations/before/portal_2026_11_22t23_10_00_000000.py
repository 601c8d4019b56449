"""What tells that two rows of the register are the same human, and who therefore stands back from which enterprise."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-22T23:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "marks of a human as they are compared, and recusal from enterprises under all rows of the same human"

# Full width, case, blanks and signs are how a number is written, not which it is; so are +86 and a leading zero. No number is
# null, which equals nothing and which an index finds nowhere: most people have no certificate
MARK = """
    create function human_mark(said text) returns text language sql immutable parallel safe as $$
        select nullif(regexp_replace(regexp_replace(
            upper(regexp_replace(normalize(said, nfkc), '[[:space:][:punct:]—–]', '', 'g')),
            '^(00)?86(\\d{10,})$', '\\2'), '^0+(\\d{7,})$', '\\1'), '')
    $$
"""
MARKS = ("phone", "badge", "certificate")
# An office's telephone is many people's: here, unlike for complaints, it makes nobody the same human as another
RECUSAL = """
    create view recusal as select i.enterprise, a.id as person, i.instead, i.since, i.until from interest i
        join person b on b.id = i.person
        join person a on a.id = b.id or human_mark(a.badge) = human_mark(b.badge)
            or human_mark(a.certificate) = human_mark(b.certificate)
        where i.enterprise is not null
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(MARK)
        for mark in MARKS:
            await script(f"create index person_{mark}_mark on person (human_mark({mark}))")
        await script(RECUSAL)

    async def down() -> None:
        await script("drop view recusal")
        for mark in MARKS:
            await script(f"drop index person_{mark}_mark")
        await script("drop function human_mark(text)")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
