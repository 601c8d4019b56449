"""Correcting days that were typed wrongly (更正日期): of an enterprise, and since when an office answers for it."""

from datetime import date, timedelta

from portal.areas.actions import follow
from portal.areas.rules import Period, corrected
from portal.areas.schemes import ruling
from portal.call import Call
from portal.corrections.hanging import move_charges, refuse_hanging
from portal.corrections.people import move_posts
from portal.enterprises import queries
from portal.enterprises.actions import place_anew, place_earlier, place_later
from portal.enterprises.charges import charges, one_charge
from portal.errors import Refused
from portal.ledger.actions import record
from portal.people.actions import Seated
from portal.people.queries import Holding
from portal.storage.rows import hold_row
from portal.terms import say

ENDS = "update charge set until = $2 where public_id = $1"


async def correct_enterprise(call: Call, id_: str, since: date, until: date | None, reason: str) -> None:
    """An enterprise is there since another day, or was until another, than was typed. What was stated of it from its first day on
    is from the right one on, and so is where it belongs; it begins later only where nothing stands on the days between.
    """

    async def work() -> None:
        await hold_row(call.db, "enterprise", id_)
        row = await queries.enterprise(call, id_)
        call.viewer.require(row.path)
        ruling(call, row.region, field="since")
        made = corrected(Period(row.since, row.until), Period(since, until), reason)
        for lost in made.lost_first:
            await refuse_hanging(call, "enterprise", row.id, lost)
        await call.db.rows("update enterprise_fact set since = $2 where enterprise = $1 and since = $3", row.id, since, row.since)
        await call.db.rows("update enterprise set since = $2, until = $3 where id = $1", row.id, since, until)
        await move_charges(call, "enterprise", row.id, made)
        if since < row.since:
            await place_earlier(call, row.id, since)
        elif since > row.since:
            await place_later(call, row.id, since)
        if (turn := min((day for day in (row.until, until) if day is not None and row.until != until), default=None)) is not None:
            await place_anew(call, [row.id], max(turn, since))
        await move_posts(call, "enterprise", row.id, row.until, until, reason, _seat_of)
        await record(call, "corrected", "enterprise", id_, area=row.path, data=made.told())
        await follow(call, made, name="corrected", kind="enterprise", subject=row.id)

    await call.db.run_tx(work)


async def _seat_of(call: Call, held: Holding) -> Seated:
    return await queries.seated(call, held.seat_id)


async def correct_charge(call: Call, id_: str, since: date, reason: str) -> None:
    """An office answers for an enterprise on a line from another day than was typed. Where another one did until that very day,
    it did until the right one.
    """

    async def work() -> None:
        now, firm = await one_charge(call, id_)
        await call.db.rows("select 1 from enterprise where id = $1 for update", firm.id)
        now, firm = await one_charge(call, id_)
        made = corrected(Period(now.since, now.until), Period(since, now.until), reason)
        if since < firm.since:
            raise Refused(say("不能早于单位的登记日期 {day}。", day=firm.since), field="since")
        earlier = [one for one in await charges(call, firm.public_id) if one.line == now.line and one.since < now.since]
        before = next((one for one in earlier if one.until is None or one.until > one.since), None)
        turn = before if before is not None and before.until == now.since else None
        first = turn.since + timedelta(days=1) if turn is not None else before.until if before is not None else None
        if before is not None and first is not None and since < first:
            what = say(
                "此前由{before}负责（自 {since}起），{unit}最早只能从 {day}起负责。",
                before=before.unit_name,
                since=before.since,
                unit=now.unit_name,
                day=first,
            )
            raise Refused(what, field="since")
        # Whichever of the two gets shorter does so first
        if turn is not None and since < now.since:
            await call.db.rows(ENDS, turn.id, since)
        await call.db.rows("update charge set since = $2 where public_id = $1", id_, since)
        if turn is not None and since > now.since:
            await call.db.rows(ENDS, turn.id, since)
        line = call.book.latest_name(firm.region, "lines", now.line) or now.line
        data = {"line": now.line, "on_line": line, "unit": now.unit_name, **made.told()}
        await record(call, "corrected", "enterprise", firm.public_id, area=firm.path, data=data)
        await follow(call, made, name="charged", kind="enterprise", subject=firm.id)

    await call.db.run_tx(work)
