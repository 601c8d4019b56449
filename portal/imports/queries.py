"""Reading imports: one with what came of it, and the last ones of the viewer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.call import Call
from portal.errors import NotVisible
from portal.storage.engine import Record


@dataclass(frozen=True)
class Batch:
    """An import as its page shows it."""

    internal: int
    id: str
    kind: str
    region: str
    area: str
    state: str
    file: str | None
    result: Mapping[str, Any]
    corrections: Mapping[str, Mapping[str, str]]
    asked_at: datetime
    undone_at: datetime | None


BATCH = "select b.*, f.name as file_name from import_batch b left join stored_file f on f.id = b.file"


def _batch(row: Record) -> Batch:
    return Batch(
        row["id"],
        row["public_id"],
        row["kind"],
        row["region"],
        row["area"],
        row["state"],
        row["file_name"],
        json.loads(row["result"]),
        json.loads(row["corrections"]),
        row["asked_at"],
        row["undone_at"],
    )


async def batch(call: Call, id_: str) -> Batch:
    """One import: of the viewer's own, brought with no more than they may see now; the system sees all."""
    row = await call.db.row(f"{BATCH} where b.public_id = $1", id_)
    if row is None or not call.viewer.asked(row["asked_by"], row["areas"]):
        raise NotVisible
    return _batch(row)


async def batches(call: Call, *, most: int = 20) -> tuple[Batch, ...]:
    """The viewer's last imports, as far as :func:`batch` shows them."""
    rows = await call.db.rows(f"{BATCH} where b.asked_by = $1 order by b.id desc limit $2", call.viewer.account, most)
    return tuple(_batch(row) for row in rows if call.viewer.asked(row["asked_by"], row["areas"]))
