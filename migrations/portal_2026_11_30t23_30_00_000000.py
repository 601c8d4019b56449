"""What begins with what was typed is found by its beginning: a third of the index, written five times as fast."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal import piccolo_conf
from portal.storage.migrations import script
from portal.storage.search import row_of

ID = "2026-11-30T23:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the search index by beginnings"

KINDS = ("jurisdiction", "unit", "grid", "outside_grid", "person", "enterprise")
AT_ONCE = 5_000
INDEXES = "".join(f"create index search_text_{kind} on search_text using gin (grams) where kind = '{kind}';" for kind in KINDS)
NO_INDEXES = "".join(f"drop index search_text_{kind};" for kind in KINDS)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(f"{NO_INDEXES} alter table search_text alter column grams type tsvector using ''::tsvector")
        db, last = piccolo_conf.DB, 0
        while rows := await db.rows(
            "select id, kind, subject, words from search_text where id > $1 order by id limit $2", last, AT_ONCE
        ):
            last = rows[-1]["id"]
            # What is indexed follows from the words alone
            made = [(row["id"], " ".join(row_of(row["kind"], row["subject"], row["words"])[3])) for row in rows]
            await db.rows(
                "update search_text t set grams = array_to_tsvector(string_to_array(m.grams, ' ')) "
                "from unnest($1::bigint[], $2::text[]) m(id, grams) where t.id = m.id",
                *(list(column) for column in zip(*made, strict=True)),
            )
        await script(INDEXES)

    async def down() -> None:
        # Each beginning as a gram of its own again: of initials from two on
        await script(
            f"""
            {NO_INDEXES}
            create function pg_temp.beginnings(found tsvector) returns text[] language sql immutable as $$
                select coalesce(array_agg(distinct left(ltrim(gram, '~'), n)), '{{}}') from unnest(tsvector_to_array(found)) gram,
                    generate_series(case when gram like '~%' then 2 else 1 end, length(ltrim(gram, '~'))) n
            $$;
            alter table search_text alter column grams type text[] using pg_temp.beginnings(grams);
            {INDEXES}
            """
        )

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
