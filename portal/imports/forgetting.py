"""What is forgotten of rows that were taken back, once nobody can come back to them."""

from datetime import date

from portal.storage.engine import Database

# What nobody needs to know any more once nobody can come back to it; names, badges and codes are what it is called by
PRIVATE = {
    "person": {"phone": "''", "certificate": "''", "portrait": "null"},
    "enterprise": {"contact": "''", "phone": "''"},
    "appointment": {"reason": "''"},
    "deed": {"note": "''", "attended": "'{}'"},
}


async def forget(db: Database, day: date) -> list[str]:
    """Nothing private stays of what was taken back on ``day`` or before; the names of the files that go with it."""
    portraits = "select portrait from public.person where undone_on <= $1 and portrait is not null"
    files = [row["portrait"] for row in await db.rows(portraits, day)]
    for table, fields in PRIVATE.items():
        sets = ", ".join(f"{field} = {empty}" for field, empty in fields.items())
        kept = " or ".join(f"{field} is distinct from {empty}" for field, empty in fields.items())
        await db.rows(f"update public.{table} set {sets} where undone_on <= $1 and ({kept})", day)
    return [row["name"] for row in await db.rows("delete from stored_file where id = any($1) returning name", files)]
