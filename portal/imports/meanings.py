"""What offices chose to be meant by names that nothing is called: kept for their next sheets, by what the names call
(``docs/decisions/0053-what-was-meant-is-remembered.md``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from portal.call import Call
from portal.imports.headings import area_of

# By the sort of what cells call, what they say and what it means
Meanings = Mapping[str, Mapping[str, str]]
LONGEST = 200


async def meanings_chosen_before(call: Call, region: str) -> Meanings:
    """What was chosen before where the viewer looks."""
    rows = await call.db.rows(
        "select sort, said, meant from import_meaning where region = $1 and area = $2", region, area_of(call)
    )
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[row["sort"]][row["said"]] = row["meant"]
    return found


async def tell(call: Call, region: str, chosen: Iterable[tuple[str, str, str]]) -> None:
    """Keep what was chosen: the sort of what is called, what a cell says and what it means."""
    for sort, said, meant in chosen:
        if len(said) <= LONGEST:
            await call.db.rows(
                "insert into import_meaning (region, area, sort, said, meant, said_by, said_at) "
                "values ($1, $2, $3, $4, $5, $6, $7) on conflict (region, area, sort, said) do update "
                "set meant = excluded.meant, said_by = excluded.said_by, said_at = excluded.said_at",
                region,
                area_of(call),
                sort,
                said,
                meant,
                call.viewer.account,
                call.now,
            )


async def forget(call: Call, region: str, sort: str, said: str) -> None:
    """Forget what was chosen for something."""
    await call.db.rows(
        "delete from import_meaning where region = $1 and area = $2 and sort = $3 and said = $4",
        region,
        area_of(call),
        sort,
        said,
    )
