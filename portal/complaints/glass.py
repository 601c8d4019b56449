"""Breaking the glass: where a complaint's custodians are gone or stay silent, two people open it together, with notice.

One asks, giving the number that the reporter has and a reason; another confirms. Both may then read it for a day, and may
hand it to an office that can deal with it. Whoever has to stand back opens nothing, whatever else they are: to them, and for
a number that does not exist, it looks as if there were no such complaint.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.call import Call
from portal.codes import run_together
from portal.complaints import chain, queries
from portal.complaints.actions import locked, notify
from portal.complaints.standing import circle
from portal.complaints.tables import BreakGlass
from portal.errors import NotVisible, Refused
from portal.feedback.actions import checked_text
from portal.storage.seals import Key
from portal.terms import say

HOLDS = timedelta(hours=24)
ASKED_FOR = timedelta(hours=72)
LONGEST_REASON = 300


@dataclass(frozen=True)
class GlassRequest:
    """A request that waits for a second person."""

    id: str
    reason: str
    who: str
    at: datetime
    own: bool


def _mark(call: Call, number: str) -> bytes:
    return call.portal.keyring.derive("complaint number", _plain(number))


def _plain(number: str) -> str:
    return run_together(number).upper()


def _key(call: Call, id_: str) -> Key:
    return Key(call.portal.keyring.derive("break glass", id_))


async def ask(call: Call, number: str, reason: str) -> str:
    """Ask to open a complaint; the request's id, to be given to a second person. Says nothing of whether there is such a one."""
    why = checked_text(reason, longest=LONGEST_REASON, field="reason", what=say("请写明查看理由，投诉人能看到。"))
    if not _plain(number):
        raise Refused(say("请填写投诉编号。"), field="number")
    _refuse_without_person(call)

    async def work() -> str:
        row = BreakGlass(number=_mark(call, number), reason=b"", asked_by=call.viewer.account, asked_at=call.now)
        row.reason = _key(call, row.public_id).seal_text(why, f"reason {row.public_id}")
        await row.save()
        return str(row.public_id)

    return await call.db.run_tx(work)


async def asked(call: Call, id_: str) -> GlassRequest:
    """A request that was not confirmed yet."""
    row = await call.db.row(
        "select g.*, a.name from complaint_break_glass g join account a on a.id = g.asked_by "
        "where g.public_id = $1 and g.confirmed_at is null and g.asked_at > $2",
        id_,
        call.now - ASKED_FOR,
    )
    if row is None:
        raise NotVisible
    reason = _key(call, id_).open_text(row["reason"], f"reason {id_}")
    return GlassRequest(id_, reason, row["name"], row["asked_at"], row["asked_by"] == call.viewer.account)


async def confirm(call: Call, id_: str) -> None:
    """The second person agrees. Where both may read it, it is open to both; else nothing is, and neither learns why."""
    _refuse_without_person(call)

    async def work() -> None:
        request = await asked(call, id_)
        row = await call.db.row("select * from complaint_break_glass where public_id = $1 for update", id_)
        if row is None or row["confirmed_at"] is not None:
            raise NotVisible
        first = await call.db.row(
            "select a.person, a.name from account a left join person p on p.id = a.person where a.id = $1 and a.active "
            "and (p.until is null or p.until > $2)",
            row["asked_by"],
            call.today,
        )
        if first is None or first["person"] is None or await _same_human(call, first["person"]):
            raise Refused(say("要由另一人确认，不能确认自己的申请。"))
        found = await _complaint(call, row["number"], first["person"])
        opened = found.row["id"] if found is not None else None
        await call.db.rows(
            "update complaint_break_glass set confirmed_by = $2, confirmed_at = $3, complaint = $4, until = $5 where id = $1",
            row["id"],
            call.viewer.account,
            call.now,
            opened,
            call.now + HOLDS,
        )
        if found is not None:
            row = await locked(call, found.row["id"])
            await notify(call, row, "glass")
            names = {"who": say("{a}、{b}", a=first["name"], b=call.viewer.name), "why": request.reason}
            await chain.append(call, row, "glass", names)

    await call.db.run_tx(work)


def _refuse_without_person(call: Call) -> None:
    if call.viewer.person is None:
        raise Refused(say("您的账号没有关联登记的人员，无法判断是否需要回避，不能申请查看投诉。"))


async def _same_human(call: Call, other: int) -> bool:
    person = call.viewer.person or 0
    return other in (await circle(call, [person, other], call.today)).selves(person)


async def _complaint(call: Call, mark: bytes, other: int) -> queries.Opened | None:
    """The complaint with this number, where both people may read it."""
    for row in await call.db.rows(queries.COMPLAINT):
        if _mark(call, row["number"]) == mark:
            one = queries.opened(call, row)
            able = (await queries.readers(call, [call.viewer.person or 0, other], [one]))[row["id"]]
            return one if len(able) == len({call.viewer.person, other}) else None
    return None
