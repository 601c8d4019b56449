"""Covering an absence (代办): a colleague sees the desk and the cases of whoever is away, for those days and no longer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.access import rules
from portal.access.tables import Deputy
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.storage import undone
from portal.terms import say


@dataclass(frozen=True)
class DeputyRow:
    """An absence that somebody covers."""

    id: str
    name: str
    since: date
    until: date
    mine: bool


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be asked to cover: an account of the same office, or of the same place."""

    id: str
    name: str


COLLEAGUES = """
    select distinct b.public_id, b.name from account a
        left join access_grant ga on ga.account = a.id and ga.role = 'office' and (ga.until is null or ga.until > $2)
        left join person pa on pa.id = a.person
        join account b on b.id <> a.id and b.active and b.password <> '!'
        left join access_grant gb on gb.account = b.id and gb.role in ('office', 'inspector')
            and (gb.until is null or gb.until > $2)
        left join person pb on pb.id = b.person
    where a.id = $1 and gb.id is not null and (gb.unit = ga.unit or pb.unit = pa.unit or pb.jurisdiction = pa.jurisdiction
            and b.person not in (select same_human(array(select ka.person from access_grant k join account ka on ka.id = k.account
                where ka.person is not null and k.role = 'custodian' and (k.until is null or k.until > $2)))))
        and (pb.until is null or pb.until > $2)
    order by b.name, b.public_id
"""


async def colleagues(call: Call) -> tuple[Colleague, ...]:
    """Who may cover the viewer's absence. Nobody of another office who keeps complaints: they would have to stand back from
    those about the viewer, who chose them.
    """
    rows = await call.db.rows(COLLEAGUES, call.viewer.account, call.today)
    return tuple(Colleague(row["public_id"], row["name"]) for row in rows)


async def cover(call: Call, deputy: str, since: date, until: date) -> None:
    """Ask a colleague to cover from ``since`` until the day before ``until``. What needs a second factor is never passed on."""
    if until <= since:
        raise Refused(say("返岗日期要晚于代办开始的日期。"), field="until")
    if since < call.today:
        raise Refused(say("不能补办过去的代办。"), field="since")
    if until - since > rules.LONGEST_ABSENCE:
        raise Refused(say("代办一次最多 {n} 天；更久请办理岗位移交。", n=rules.LONGEST_ABSENCE.days), field="until")
    if deputy not in {one.id for one in await colleagues(call)}:
        raise Refused(say("请从列表里选一位同部门或同辖区的同事。"), field="deputy")

    async def work() -> None:
        row = await call.db.row("select id, login from account where public_id = $1", deputy)
        if row is None:
            raise NotVisible
        await call.db.rows("select 1 from account where id = $1 for update", call.viewer.account)
        if await call.db.value(
            "select exists (select from deputy where absent = $1 and daterange(since, until) && daterange($2, $3))",
            call.viewer.account,
            since,
            until,
        ):
            raise Refused(say("这段时间已有人代办，请先结束原来的代办再更改。"), field="since")
        await Deputy(absent=call.viewer.account, deputy=row["id"], since=since, until=until).save()
        data = {"deputy": row["login"], "since": since.isoformat(), "until": until.isoformat()}
        await _record(call, "covered", data)

    await call.db.run_tx(work)


async def end_cover(call: Call, id_: str) -> None:
    """It is over, or never begins: for the one who is away, and for the one who covers."""

    async def work() -> None:
        row = await call.db.row(
            "select id from deputy where public_id = $1 and (absent = $2 or deputy = $2)", id_, call.viewer.account
        )
        if row is None:
            raise NotVisible
        # Who covered whom on the day on which a complaint came in must still be known afterwards
        await undone.undo(call.db, "deputy", [row["id"]], call.today)
        await _record(call, "uncovered", {"deputy": None})

    await call.db.run_tx(work)


async def _record(call: Call, verb: str, data: Mapping[str, object]) -> None:
    own = await call.db.value("select public_id from account where id = $1", call.viewer.account)
    await record(call, verb, "account", own, area="/", data=data)


async def covers(call: Call) -> tuple[DeputyRow, ...]:
    """The viewer's absences that are covered, and those that the viewer covers, now and to come."""
    rows = await call.db.rows(
        """
        select d.public_id, d.since, d.until, d.absent = $1 as mine, case when d.absent = $1 then b.name else a.name end as name
        from deputy d join account a on a.id = d.absent join account b on b.id = d.deputy
        where (d.absent = $1 or d.deputy = $1) and d.until > $2 order by d.since, d.id
        """,
        call.viewer.account,
        call.today,
    )
    return tuple(DeputyRow(row["public_id"], row["name"], row["since"], row["until"], row["mine"]) for row in rows)
