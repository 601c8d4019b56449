"""A kept sheet while somebody works on it: held by one at a time, its file, and what came of it."""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta

from portal.call import Call
from portal.errors import Refused
from portal.imports import queries
from portal.imports.outcome import MOST_KEPT, CellError, ColumnSeen, Left, LeftOut, Outcome, Replaced, Touched, Unfound
from portal.terms import Text, say

DONE = say("这张表已经处理过了，或者正在处理，请刷新页面查看结果。")
KEPT_FOR = timedelta(days=30)


async def hold(call: Call, batch: int, states: Sequence[str], text: Text = DONE) -> None:
    """Nobody else works on the sheet until this transaction is over; :class:`Refused` where somebody does, or already did."""
    held = "select 1 from import_batch where id = $1 and state = any($2) for update skip locked"
    if not await call.db.rows(held, batch, list(states)):
        raise Refused(text)


async def keep(call: Call, batch: int, states: Sequence[str], state: str, found: Outcome) -> None:
    """Keep what came of a sheet, and how it stands now."""
    # What came stands on the sheet anyway
    touched = tuple(sorted(found.touched, key=lambda one: one.deed == "came"))
    kept = {**_fields(replace(found, errors=found.errors[:5_000], touched=touched[:MOST_KEPT])), "error_count": len(found.errors)}
    await call.db.rows(
        "update import_batch set state = $3::text, result = $4, taken_on = case when $3::text = 'taken' then $5::date end "
        "where id = $1 and state = any($2)",
        batch,
        list(states),
        state,
        json.dumps(kept, ensure_ascii=False, default=_fields),
        call.today,
    )


def _fields(
    part: Outcome | CellError | LeftOut | ColumnSeen | Unfound | Replaced | Touched | Left,
) -> dict[str, object]:
    """A part of an outcome as it is kept; of what it consists of is asked again."""
    return {field.name: getattr(part, field.name) for field in fields(part)}


def data_of(call: Call, batch: queries.Batch) -> bytes:
    """The file of a kept sheet; :class:`Refused` where it was forgotten since."""
    if batch.file is None:
        raise Refused(say("这张表的文件已经清理，请重新上传。"))
    return call.portal.files.read(batch.file)
