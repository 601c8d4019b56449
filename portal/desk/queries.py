"""What waits for the viewer, and how far their jobs are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.call import Call
from portal.errors import NotVisible


@dataclass(frozen=True)
class Waiting:
    """One thing on the viewer's desk. ``due_awaits``: the year whose holidays decide on the day and are not announced."""

    kind: str
    subject: str
    title: str
    due: date | None
    since: datetime
    overdue: bool
    due_awaits: int | None = None


@dataclass(frozen=True)
class JobRow:
    """A job as its page shows it."""

    id: str
    task: str
    asked: Mapping[str, Any]
    state: str
    total: int
    done: int
    message: str
    result: Mapping[str, Any]
    asked_by: int
    stopped: bool

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "stopped")

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 * self.done // self.total if self.total else 0


async def waiting(call: Call, *, most: int = 200) -> tuple[Waiting, ...]:
    """What waits for the viewer or their units, the most urgent first."""
    rows = await call.db.rows(
        """
        select kind, subject, title, due, created_at from inbox_item
        where done_at is null and (unit = any($1) or person = any($2))
        order by due nulls last, id limit $3
        """,
        list(call.viewer.units),
        list(call.viewer.people),
        most,
    )
    return tuple(
        Waiting(
            row["kind"],
            row["subject"],
            row["title"],
            row["due"],
            row["created_at"],
            row["due"] is not None and row["due"] < call.today,
        )
        for row in rows
    )


async def job(call: Call, id_: str) -> JobRow:
    """One job of the viewer's own, asked for with no more than they may see now; the system sees all."""
    row = await call.db.row("select * from job where public_id = $1", id_)
    asked = json.loads(row["asked"]) if row is not None else {}
    if row is None or not call.viewer.asked(row["asked_by"], asked.get("who", {}).get("areas", [])):
        raise NotVisible
    return JobRow(
        row["public_id"],
        row["task"],
        asked,
        row["state"],
        row["total"],
        row["done"],
        row["message"],
        json.loads(row["result"]),
        row["asked_by"],
        row["stopped"],
    )
