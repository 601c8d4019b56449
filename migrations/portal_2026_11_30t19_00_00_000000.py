"""A blank at a bracket tells no names apart any more: what was saved with one is found by it and without."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal import piccolo_conf
from portal.storage.search import row_of

ID = "2026-11-30T19:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the search index of names with blanks at their brackets"

AT_ONCE = 5_000
ODD = r"words ~ '[^ -~] +[(]|[)] +[^ -~]'"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        db, last = piccolo_conf.DB, 0
        while rows := await db.rows(
            f"select id, kind, subject, words from search_text where id > $1 and {ODD} order by id limit $2", last, AT_ONCE
        ):
            last = rows[-1]["id"]
            # What is indexed follows from the words alone
            made = [(row["id"], *row_of(row["kind"], row["subject"], row["words"])[2:]) for row in rows]
            await db.many("update search_text set words = $2, grams = $3 where id = $1", made)

    async def down() -> None:
        """What is found by more than before is found in every release."""

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
