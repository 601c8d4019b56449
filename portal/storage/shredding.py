"""Shredding: what a case holds is sealed with a key of its own, so that without the key it is gone, in every copy of it."""

from collections.abc import Sequence

from portal.storage.engine import Database
from portal.storage.seals import no_key

# The tables whose rows carry the key of a case
KEYED = ("feedback_case", "complaint")


async def shred(db: Database, cases: Sequence[str]) -> int:
    """Put a key that opens nothing in the place of these cases' own, and note that for good; how many were shredded now.

    Inside a transaction. Cases that are not here (any more) are noted as well.
    """
    done = 0
    for case in cases:
        await db.rows("insert into shredded_case (subject) values ($1) on conflict do nothing", case)
        for table in KEYED:
            found = await db.rows(f"update {table} set key = $2 where public_id = $1 returning id", case, no_key())
            done += len(found)
    return done
