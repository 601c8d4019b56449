"""What things are found by: one row a thing instead of seventy, and people by the reading of their surname and their number."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal import codes, piccolo_conf
from portal.storage.migrations import script
from portal.storage.search import COLUMNS, row_of, sort_key

ID = "2026-11-30T14:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the search index as one row a thing"

# What each kind of thing was found by until now, and a person's telephone
TEXTS = {
    "jurisdiction": "name || ' ' || code", "unit": "name", "grid": "name || ' ' || code", "outside_grid": "name || ' ' || code",
    "person": "name || ' ' || badge", "enterprise": "name || ' ' || coalesce(credit_code, '')",
}  # fmt: skip
AT_ONCE = 5_000


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(
            """
            create table search_text (
                id bigserial primary key, kind varchar(16) not null, subject bigint not null, words text not null,
                grams text[] not null
            )
            """
        )
        for kind, text in TEXTS.items():
            await _fill(kind, text)
        await script("create unique index search_text_of on search_text (kind, subject)")
        for kind in TEXTS:
            await script(f"create index search_text_{kind} on search_text using gin (grams) where kind = '{kind}'")
        await script("drop table search_gram")

    async def down() -> None:
        await script(
            """
            create table search_gram (
                id bigserial constraint search_gram_pkey primary key, kind varchar(16) default '' not null,
                gram varchar(24) default '' not null, subject bigint default 0 not null,
                constraint search_gram_rule1 unique (kind, gram, subject)
            );
            create index search_gram_by1 on search_gram (kind, subject);
            insert into search_gram (kind, gram, subject)
                select distinct s.kind, left(g.gram, 24), s.subject from search_text s, unnest(s.grams) as g(gram);
            drop table search_text
            """
        )

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager


async def _fill(kind: str, text: str) -> None:
    """Everything of this kind that is found today; and how people are sorted."""
    db = piccolo_conf.DB
    person = kind == "person"
    phone = "phone" if person else "''"
    # Rows that were taken back are found by nobody
    found = f"where exists (select from search_gram g where g.kind = '{kind}' and g.subject = t.id)"
    select = f"select id, name, {text} as text, {phone} as phone from public.{kind} t {found} and id > $1 order by id limit $2"
    last = 0
    while rows := await db.rows(select, last, AT_ONCE):
        last = rows[-1]["id"]
        texts = [(row["id"], " ".join(filter(None, (row["text"], codes.dialled(row["phone"]))))) for row in rows]
        await db.copy("search_text", COLUMNS, [row_of(kind, *one) for one in texts])
        if person:
            await db.rows(
                "update public.person p set pinyin = k.key from unnest($1::bigint[], $2::text[]) k(id, key) where p.id = k.id",
                [row["id"] for row in rows], [sort_key(row["name"], person=True) for row in rows],
            )  # fmt: skip
