"""Reading the ledger: the history of a thing, and whether the chain is whole."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.call import Call, Event
from portal.ledger import rules
from portal.scheme.keeping import Adoption, Stored
from portal.storage.engine import Database

CHUNK = 5_000


async def stored_editions(call: Call, region: str | None = None) -> tuple[Stored, ...]:
    """The stored editions, of one region or all, the oldest first."""
    rows = await call.db.rows("select * from stored_edition where $1::text is null or region = $1 order by id", region)
    return tuple(Stored(row["region"], row["code"], row["canonical"], row["digest"], row["stored_at"]) for row in rows)


async def adoptions(call: Call) -> tuple[Adoption, ...]:
    """What deployers adopted, in its order: the ledger itself says so."""
    rows = await call.db.rows("select body from ledger_entry where kind = 'edition' and verb = 'adopted' order by id")
    acts = [json.loads(row["body"])["data"] for row in rows]
    return tuple(Adoption(date.fromisoformat(act["day"]), frozenset(act["taken"]), frozenset(act["instead_of"])) for act in acts)


async def last_of_editions(call: Call) -> int:
    """The last entry of the ledger about editions: it moves with whatever is stored or adopted."""
    return int(await call.db.value("select coalesce(max(id), 0) from ledger_entry where kind = 'edition'"))


async def stored_codes(call: Call, region: str) -> set[str]:
    """The codes of a region's stored editions."""
    return {row["code"] for row in await call.db.rows("select code from stored_edition where region = $1", region)}


@dataclass(frozen=True)
class Past:
    """One act in a thing's history."""

    at: datetime
    actor: str
    kind: str
    verb: str
    data: Mapping[str, Any]


async def awaited(call: Call, name: str, kind: str, subject: int, day: date) -> tuple[Event, ...]:
    """What of this name is noted for a thing on a day that has not come."""
    rows = await call.db.rows(
        "select * from ledger_event where name = $1 and kind = $2 and subject = $3 and day = $4 and handled_at is null",
        name,
        kind,
        subject,
        day,
    )
    return tuple(Event(name=row["name"], kind=row["kind"], subject=row["subject"], day=row["day"], to=row["to"]) for row in rows)


async def history(call: Call, kind: str, subject: str, *, most: int = 50, whole: bool = False) -> tuple[Past, ...]:
    """What was done to a thing, newest first; only for offices whose area it lies in. ``whole``: it lies in none, as an account
    does, and whoever asks has found out already that the viewer manages it.
    """
    rows = await call.db.rows(
        "select at, actor_name, verb, body, area from ledger_entry where kind = $1 and subject = $2 order by id desc limit $3",
        kind,
        subject,
        most,
    )
    return tuple(
        Past(row["at"], row["actor_name"], kind, row["verb"], json.loads(row["body"])["data"])
        for row in rows
        if whole or call.viewer.covers(row["area"])
    )


async def last_entry(call: Call) -> int:
    """The last entry of the ledger, as far as this transaction can know."""
    return int(await call.db.value("select coalesce(max(id), 0) from ledger_entry"))


async def acts_since(
    call: Call, entry: int, kind: str, subjects: Sequence[str], verbs: Collection[str]
) -> Mapping[str, tuple[Past, ...]]:
    """What was done to things since an entry, in these ways: for each to which anything was, its acts, the oldest first. Entries
    are numbered under a lock that is held until their transaction commits, so none that comes in later has a lower number.
    """
    rows = await call.db.rows(
        "select subject, at, actor_name, verb, body from ledger_entry where kind = $2 and subject = any($3) and id > $1 "
        "and verb = any($4) order by id",
        entry,
        kind,
        list(set(subjects)),
        list(verbs),
    )
    acts: defaultdict[str, list[Past]] = defaultdict(list)
    for row in rows:
        acts[row["subject"]].append(Past(row["at"], row["actor_name"], kind, row["verb"], json.loads(row["body"])["data"]))
    return {subject: tuple(several) for subject, several in acts.items()}


async def first_break(call: Call) -> int | None:
    """The id of the first entry where the chain is broken, or None. Reads all of it, in chunks."""
    prev = rules.START
    async for chunk in _chunks(call):
        if (broken := rules.first_break(chunk, prev)) is not None:
            return broken
        prev = chunk[-1]["hash"]
    return None


async def _chunks(call: Call) -> AsyncIterator[list[Any]]:
    last = 0
    while True:
        rows = await call.db.rows("select * from ledger_entry where id > $1 order by id limit $2", last, CHUNK)
        if not rows:
            return
        yield rows
        last = rows[-1]["id"]


async def newest(db: Database) -> datetime | None:
    """The latest moment that stands in the ledger."""
    if not await db.value("select to_regclass('ledger_entry') is not null"):
        return None
    at: datetime | None = await db.value("select at from ledger_entry order by id desc limit 1")
    return at
