"""A report may tell that somebody died or was badly hurt: it is marked, and an office of the district sees it too."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-30T23:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "reports that tell of a death are marked and seen by an office of the district"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(
            """
            alter table feedback_case add column grave boolean default false not null;
            alter table feedback_case add column above bigint constraint feedback_case_above_fkey references unit (id)
                on delete restrict on update restrict;
            create index feedback_case_by3 on feedback_case (above, state) where above is not null;
            """
        )

    async def down() -> None:
        await script("alter table feedback_case drop column above, drop column grave")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
