"""What somebody has typed in a form that is not sent yet, kept for a while: neither the back key nor an idle hour loses it.

It is sealed with a key that the form's id, or the account that typed, alone gives; the row says nothing else but until when.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.storage.engine import Database
from portal.storage.seals import CannotOpen, Key

PLACE = "unsent form"
# Longer ones stand on the page that they were sent from, as they always did
MOST = 32 * 1024


class Shelf(StrEnum):
    """The tables in which forms lie: what custodians typed lies with the complaints."""

    FORMS = "unsent_form"
    COMPLAINTS = "complaint_unsent"


async def keep(
    db: Database,
    mark: bytes,
    key: Key,
    answers: Mapping[str, Any],
    until: datetime,
    *,
    over: bool = False,
    late: bool = False,
    shelf: Shelf = Shelf.FORMS,
) -> bool:
    """Keep these answers in place of what is kept under the mark; False where they are too long, and none are kept then.

    ``over``: the form was sent or given up. What comes ``late`` is not written over such a one.
    """
    said = json.dumps(answers, ensure_ascii=False).encode()
    sealed = key.seal(said if len(said) <= MOST else b"{}", PLACE)
    await db.rows(
        f"""
        insert into {shelf} (mark, answers, over, until) values ($1, $2, $3, $4)
        on conflict (mark) do update set answers = excluded.answers, over = excluded.over, until = excluded.until
        {f"where not {shelf}.over" if late else ""}
        """,
        mark,
        sealed,
        over,
        until,
    )
    return len(said) <= MOST


def fits(answers: Mapping[str, Any]) -> bool:
    """Whether these are short enough to be kept."""
    return len(json.dumps(answers, ensure_ascii=False).encode()) <= MOST


async def kept_answers(
    db: Database, mark: bytes, key: Key, now: datetime, *, shelf: Shelf = Shelf.FORMS
) -> dict[str, Any] | None:
    """The answers under a mark; None where there are none, or where their time is over."""
    sealed = await db.value(f"select answers from {shelf} where mark = $1 and until > $2", mark, now)
    if sealed is None:
        return None
    try:
        found: dict[str, Any] = json.loads(key.open(sealed, PLACE))
    except CannotOpen:
        return None
    return found


async def is_new(db: Database, mark: bytes, now: datetime, *, shelf: Shelf = Shelf.FORMS) -> bool:
    """Whether something is kept under a mark that is not over."""
    there = f"select exists (select from {shelf} where mark = $1 and until > $2 and not over)"
    return bool(await db.value(there, mark, now))


async def is_over(db: Database, mark: bytes) -> bool:
    """Whether what is kept under a mark was sent or given up."""
    return bool(await db.value("select exists (select from unsent_form where mark = $1 and over)", mark))


async def close(db: Database, mark: bytes, *, shelf: Shelf = Shelf.FORMS) -> None:
    """Say of what is kept under a mark that it is over; it stays for as long as it was to stay."""
    await db.rows(f"update {shelf} set over = true where mark = $1", mark)


async def forget(db: Database, mark: bytes, *, shelf: Shelf = Shelf.FORMS) -> None:
    """Forget what is kept under a mark."""
    await db.rows(f"delete from {shelf} where mark = $1", mark)


async def sweep(db: Database, now: datetime) -> list[bytes]:
    """Forget what has had its time; the marks."""
    return [row["mark"] for shelf in Shelf for row in await db.rows(f"delete from {shelf} where until <= $1 returning mark", now)]
