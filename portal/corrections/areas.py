"""Correcting a day that was typed wrongly (更正日期) of a grid or an office."""

from datetime import date

from portal.areas import queries
from portal.areas.actions import follow, leave_outside_alone, refuse_own
from portal.areas.rules import Period, corrected
from portal.areas.schemes import ruling
from portal.call import Call, Event
from portal.corrections.hanging import move_charges, refuse_hanging
from portal.ledger.actions import record, tell
from portal.storage.rows import hold_row


async def correct_grid(call: Call, id_: str, since: date, reason: str) -> None:
    """A grid is in force since another day than was typed. Its ground begins with it, and enterprises are placed anew from the
    earlier of the two days.
    """

    async def work() -> None:
        await hold_row(call.db, "grid", id_)
        row = await queries.grid(call, id_)
        refuse_own(row)
        ruling(call, row.region, field="since")
        made = corrected(Period(row.since, row.until), Period(since, row.until), reason)
        for lost in made.lost:
            await refuse_hanging(call, "grid", row.id, lost)
        await call.db.rows("delete from grid_ground where grid = $1 and until <= $2", row.id, since)
        await call.db.rows(
            "update grid_ground set since = $2 where grid = $1 and (since = $3 or since < $2)", row.id, since, row.since
        )
        await call.db.rows("update grid set since = $2 where id = $1", row.id, since)
        await record(call, "corrected", "grid", id_, area=row.path, data=made.told())
        await follow(call, made, name="changed", kind="grid", subject=row.id)

    await call.db.run_tx(work)


async def correct_unit(call: Call, id_: str, since: date, until: date | None, reason: str) -> None:
    """An office is there since another day, or was until another, than was typed. Boards around it follow, as when it is new."""

    async def work() -> None:
        await hold_row(call.db, "unit", id_)
        await leave_outside_alone(call, id_)
        row = await queries.unit(call, id_)
        made = corrected(Period(row.since, row.until), Period(since, until), reason)
        for lost in made.lost_first:
            await refuse_hanging(call, "unit", row.id, lost)
        await call.db.rows("update unit set since = $2, until = $3 where id = $1", row.id, since, until)
        await move_charges(call, "unit", row.id, made)
        await record(call, "corrected", "unit", id_, area=row.path, data=made.told())
        await follow(call, made, name="created", kind="unit", subject=row.id)
        if made.shortened is not None:
            await tell(call, Event(name="ended", kind="unit", subject=row.id, day=made.shortened))

    await call.db.run_tx(work)
