"""Putting things on a desk and taking them off; asking for long work and telling how far it is."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.call import Call
from portal.desk.tables import InboxItem, Job
from portal.storage.columns import public_id
from portal.storage.locks import Lock

DEFER = """
    select procrastinate_defer_jobs_v1(array[
        row('portal', $1::text, $4::int, $3::text, null, $2::jsonb, null)::procrastinate_job_to_defer_v1])
"""


async def lay_on_desk(
    call: Call, *, unit: int | None, person: int | None, kind: str, subject: str, title: str, due: date | None
) -> None:
    """Put something before a unit, a person, or both, inside the caller's transaction."""
    await InboxItem(unit=unit, person=person, kind=kind, subject=subject, title=title, due=due, created_at=call.now).save()


async def clear_desk(call: Call, *, kind: str, subject: str, of: int | None = None, but: int | None = None) -> None:
    """The thing no longer waits for anybody: of one unit alone, or of all but one, where those are named."""
    await call.db.rows(
        "update inbox_item set done_at = $1 where kind = $2 and subject = $3 and done_at is null "
        "and ($4::bigint is null or unit = $4) and ($5::bigint is null or unit is distinct from $5)",
        call.now,
        kind,
        subject,
        of,
        but,
    )


async def move_due(call: Call, *, kind: str, subject: str, due: date | None) -> None:
    """The thing waits for another day now."""
    await call.db.rows("update inbox_item set due = $1 where kind = $2 and subject = $3 and done_at is null", due, kind, subject)


async def ask_for(call: Call, task: str, asked: Mapping[str, Any], *, urgency: int = 0) -> str:
    """Queue long work in the caller's transaction; the job's public id, under which its progress is shown. Where the same was
    asked for by the same account and is not over, it is that job.

    One job of an account at a time: who asks for much waits for themselves, and nobody else does. Of what waits, the more
    urgent is done first.
    """
    await call.db.hold(Lock.NAMED, f"jobs of {call.viewer.account}")
    there = await call.db.value(
        "select public_id from job where asked_by = $1 and task = $2 and asked = $3::jsonb and state in ('waiting', 'running') "
        "and not stopped order by id limit 1",
        call.viewer.account,
        task,
        json.dumps(asked),
    )
    if there is not None:
        return str(there)
    job = Job(public_id=public_id(), task=task, asked_by=call.viewer.account, asked=json.dumps(asked), created_at=call.now)
    await job.save()
    await call.db.rows(DEFER, task, json.dumps({"job": job.public_id}), f"account {call.viewer.account}", urgency)
    return str(job.public_id)


async def progress(call: Call, job: str, *, done: int, total: int, message: str = "") -> bool:
    """Tell how far a job is; committed at once, so that the page sees it. Whether whoever asked wants it no more."""
    sql = "update job set state = 'running', done = $2, total = $3, message = $4 where public_id = $1 returning stopped"
    return bool(await call.db.value(sql, job, done, total, message))


async def finish(call: Call, job: str, *, state: str, message: str, result: Mapping[str, Any]) -> None:
    """The job is over: ``done``, ``failed`` or ``stopped``."""
    await call.db.rows(
        "update job set state = $2, message = $3, result = $4, finished_at = $5 where public_id = $1",
        job,
        state,
        message,
        json.dumps(result),
        call.now,
    )
