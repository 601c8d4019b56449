"""Charges (条线监管责任): which office answers for an enterprise on which line, from when to when."""

from dataclasses import dataclass
from datetime import date

from portal.areas.queries import chosen_unit
from portal.areas.schemes import ruling
from portal.call import Call, Event, Hanging
from portal.enterprises import queries
from portal.enterprises.tables import Charge
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.storage import undone
from portal.terms import say

CHARGES = Hanging("charge", ends_with=("unit",))


@dataclass(frozen=True)
class ChargeRow:
    """A charge as pages show it."""

    id: str
    line: str
    unit_id: str
    unit_name: str
    since: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is this office on that day."""
        return self.since <= day and (self.until is None or self.until > day)


async def one_charge(call: Call, id_: str) -> tuple[ChargeRow, queries.EnterpriseRow]:
    """One by public id, with the enterprise that it is about, for whoever answers for that."""
    found = await call.db.row(
        "select e.public_id from charge c join enterprise e on e.id = c.enterprise where c.public_id = $1", id_
    )
    if found is None:
        raise NotVisible
    firm = await queries.enterprise(call, found["public_id"])
    call.viewer.require(firm.path)
    return next(one for one in await charges(call, firm.public_id) if one.id == id_), firm


async def charges(call: Call, enterprise: str) -> tuple[ChargeRow, ...]:
    """Who answers for an enterprise today, and who did before, by line."""
    rows = await call.db.rows(
        "select c.*, u.public_id as unit_public_id, u.name as unit_name from charge c join unit u on u.id = c.unit "
        "join enterprise e on e.id = c.enterprise where e.public_id = $1 order by c.line, c.since desc",
        enterprise,
    )
    return tuple(
        ChargeRow(row["public_id"], row["line"], row["unit_public_id"], row["unit_name"], row["since"], row["until"])
        for row in rows
    )


async def charge(call: Call, enterprise: str, line: str) -> ChargeRow | None:
    """Who answers for it on that line today."""
    going_on = [
        one for one in await charges(call, enterprise) if one.line == line and (one.until is None or one.until > call.today)
    ]
    return going_on[0] if going_on else None


async def assign(call: Call, enterprise: str, line: str, unit: str, since: date) -> str:
    """From ``since`` on this office answers on that line; whoever did so before does no longer. Its public id."""

    async def work() -> str:
        row = await queries.enterprise(call, enterprise)
        call.viewer.require(row.path)
        if (known := ruling(call, row.region, field="line").lines.get(line)) is None:
            raise Refused(say("本地区的方案没有这条条线。"), field="line")
        if since < row.since:
            raise Refused(say("不能早于单位的登记日期 {day}。", day=row.since), field="since")
        office = await chosen_unit(call, unit, near=row.path)
        await call.db.rows("select 1 from enterprise where id = $1 for update", row.id)
        held = [one for one in await charges(call, enterprise) if one.line == line and one.holds_on(since)]
        planned = await call.db.rows(
            "select id from charge where enterprise = $1 and line = $2 and since >= $3", row.id, line, since
        )
        await undone.undo(call.db, "charge", [one["id"] for one in planned], call.today)
        await call.db.rows(
            "update charge set until = $3 where enterprise = $1 and line = $2 and (until is null or until > $3)",
            row.id,
            line,
            since,
        )
        made = Charge(enterprise=row.id, line=line, unit=office.id, since=since)
        same = "t.enterprise = $1 and t.line = $2 and t.unit = $3"
        await undone.save(call.db, "charge", made, same, row.id, line, office.id)
        event = Event(name="charged", kind="enterprise", subject=row.id, day=since)
        data = {
            "line": line,
            "on_line": known.name,
            "unit": [held[0].unit_name if held else None, office.name],
            "since": since.isoformat(),
        }
        await record(call, "charged", "enterprise", enterprise, area=row.path, data=data, event=event)
        return str(made.public_id)

    return await call.db.run_tx(work)


async def end(call: Call, enterprise: str, line: str, day: date) -> None:
    """Nobody answers for it on that line any more, from ``day`` on."""

    async def work() -> None:
        firm, now = await queries.enterprise(call, enterprise), await charge(call, enterprise, line)
        call.viewer.require(firm.path)
        if now is None:
            raise Refused(say("这条条线本来就没有部门负责。"), field="unit")
        if day < now.since:
            raise Refused(say("不能早于开始的日期 {day}。", day=now.since), field="since")
        await call.db.rows("update charge set until = $2 where public_id = $1", now.id, day)
        event = Event(name="charged", kind="enterprise", subject=firm.id, day=day)
        scheme = call.book.in_force_or_nearest(firm.region, call.today)
        name = scheme.lines[line].name if scheme is not None and line in scheme.lines else line
        data = {"line": line, "on_line": name, "unit": [now.unit_name, None], "until": day.isoformat()}
        await record(call, "charged", "enterprise", enterprise, area=firm.path, data=data, event=event)

    await call.db.run_tx(work)
