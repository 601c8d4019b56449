"""Long work, whatever it is: done for whoever asked, tried again where only the database was away, stopped when they want it no
more, and given back when it cannot be done. Nothing that was asked for stays half taken.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.call import Call
from portal.desk.actions import finish
from portal.desk.queries import JobRow
from portal.desk.queries import job as job_of
from portal.errors import Busy, PortalError, Refused, Unavailable
from portal.storage.engine import on_behalf
from portal.storage.troubles import unavailable
from portal.terms import say

# How long to wait before each further try
WAITS = (5, 20, 60, 180)
MOST_DEATHS = 3
STOPPED = say("已按您的要求停下，登记没有变动。")
LOST = say("服务器做这件事时意外中断了 {n} 次，不再自动重试。什么也没有改动；请检查内容后重新开始，或联系部署人员。")
ALREADY = say("这件事已经结束，请刷新页面看结果。")
GONE = say("这件事在排队时丢失了，什么也没有改动。请重新开始。")
logger = logging.getLogger("portal")


class Stopped(Exception):
    """Whoever asked for it wants it no more. No refusal: no row of a sheet is wrong because of it."""


class Again(Exception):
    """The job could not be done now, and is to be tried again after so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True)
class Task:
    """A sort of long work: what is done, giving a message and a result; and how what it had claimed is given back."""

    name: str
    work: Callable[[Call, JobRow], Awaitable[tuple[str, Mapping[str, Any]]]]
    give_back: Callable[[Call, JobRow], Awaitable[None]]


async def run(call: Call, task: Task, id_: str, *, tries: int) -> None:
    """Do a job to its end, whatever that is; :class:`Again` where the database was away, after not too many ``tries``."""
    job = await job_of(call, id_)
    if job.over:
        return
    if job.stopped:
        await end(call, task, job, state="stopped", message=STOPPED)
        return
    try:
        with on_behalf(f"job {id_}"):
            message, result = await task.work(call, job)
    except Stopped:
        await end(call, task, job, state="stopped", message=STOPPED)
    except Exception as error:
        away = unavailable(error)
        passing = isinstance(error, Busy | Unavailable) or away is not None
        if passing and tries < len(WAITS):
            logger.warning("job %s is tried again in %s s: %r", id_, WAITS[tries], error)
            raise Again(WAITS[tries]) from error
        text: str = error.text if isinstance(error, PortalError) else away or say("内部错误，编号 {mark}", mark=id_[:8])
        if not isinstance(error, PortalError):
            logger.exception("job %s failed", id_)
        await end(call, task, job, state="failed", message=text)
    else:
        await finish(call, id_, state="done", message=message, result=result)


async def end(call: Call, task: Task, job: JobRow, *, state: str, message: str) -> None:
    """The job is not done and will not be: what it had claimed is given back with it."""

    async def work() -> None:
        await task.give_back(call, job)
        await finish(call, job.id, state=state, message=message, result={})

    await call.db.run_tx(work)


async def lost(call: Call, task: Task, id_: str) -> bool:
    """The process that did a job died; whether the job has ended with that, since it happened too often."""
    deaths = await call.db.value("update job set deaths = deaths + 1 where public_id = $1 returning deaths", id_)
    if deaths is None or deaths < MOST_DEATHS:
        return False
    job = await job_of(call, id_)
    if not job.over:
        await end(call, task, job, state="failed", message=say(LOST.msgid, n=deaths))
    return True


async def end_orphans(call: Call, tasks: Mapping[str, Task]) -> int:
    """End the jobs that the queue knows no more, or gave up; how many."""
    rows = await call.db.rows(
        """
        select public_id, task from job where state in ('waiting', 'running') and not exists (
            select from procrastinate_jobs q where q.args->>'job' = job.public_id and q.status in ('todo', 'doing')
        )
        """
    )
    for row in rows:
        await end(call, tasks[row["task"]], await job_of(call, row["public_id"]), state="failed", message=GONE)
    return len(rows)


async def stop(call: Call, id_: str, task: Task) -> None:
    """Whoever asked for a job wants it no more: it ends at once where it has not begun, else at its next step."""

    async def work() -> None:
        job = await job_of(call, id_)
        found = await call.db.rows(
            "update job set stopped = true where public_id = $1 and state in ('waiting', 'running') returning id", id_
        )
        if not found:
            raise Refused(ALREADY)
        begun = await call.db.value(
            "select procrastinate_cancel_job_v1(id, false, false) from procrastinate_jobs "
            "where args->>'job' = $1 and status = 'todo'",
            id_,
        )
        if begun is not None:
            await end(call, task, job, state="stopped", message=STOPPED)

    await call.db.run_tx(work)
