"""All rows of the register that are one human being, as recusal from complaints counts them, found in one place."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T02:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "all rows of the register that are the same human as some"

# A row that shares a mark with a row that shares another mark with a third: all three are one human being
SAME = """
    create function same_human(rows bigint[]) returns setof bigint language sql stable parallel safe as $$
        with recursive same as (
            select id, human_mark(phone) as phone, human_mark(badge) as badge, human_mark(certificate) as certificate
                from person where id = any(rows)
            union
            select p.id, human_mark(p.phone), human_mark(p.badge), human_mark(p.certificate) from same s join person p
                on human_mark(p.badge) = s.badge or human_mark(p.phone) = s.phone
                or human_mark(p.certificate) = s.certificate
        ) select id from same
    $$
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(SAME)

    async def down() -> None:
        await script("drop function same_human(bigint[])")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
