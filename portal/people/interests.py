"""Direct interests of people (直接利害关系): stated once, and everybody who would send them there finds them standing back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.areas.actions import follow
from portal.areas.queries import around, seen_from
from portal.areas.rules import Period, corrected
from portal.call import Call, Event
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.people import queries
from portal.people.custodians import leave_alone, stay_apart
from portal.people.queries import seen
from portal.people.tables import Interest
from portal.storage.engine import Record
from portal.terms import INTEREST, say


@dataclass(frozen=True, kw_only=True)
class InterestForm:
    """What a form says of an interest: of a person (by public id) in an enterprise or in another person, by their public ids."""

    person: str
    enterprise: str | None = None
    other: str | None = None
    instead: str | None = None
    kind: str
    note: str = ""
    since: date


@dataclass(frozen=True)
class Instead:
    """Who sees to an enterprise in the place of somebody who stands back from it."""

    person: int
    public_id: str
    name: str
    phone: str
    badge: str
    portrait: str | None


@dataclass(frozen=True)
class InterestRow:
    """An interest as pages show it: of whom, in what. Where the viewer does not see the ``whole``, that somebody stands back
    there and who is there instead is all that is told: ``kind`` and ``note`` are empty.
    """

    id: str
    person_id: str
    person_name: str
    enterprise_id: str | None
    other_id: str | None
    towards: str
    instead: str | None
    kind: str
    note: str
    since: date
    until: date | None
    whole: bool


INTERESTS = f"""
    select i.*, {seen("$1", "$2", place="pj.path")} as person_seen,
        p.public_id as person_id, p.name as person_name, e.public_id as enterprise_id, o.public_id as other_id,
        coalesce(e.name, o.name) as towards, s.name as instead_name, coalesce(ej.path, oj.path) as path, pj.path as own_path
    from interest i join person p on p.id = i.person join jurisdiction pj on pj.id = p.jurisdiction
        left join enterprise e on e.id = i.enterprise left join jurisdiction ej on ej.id = e.division
        left join person o on o.id = i.other left join jurisdiction oj on oj.id = o.jurisdiction
        left join person s on s.id = i.instead
"""


def _whole(call: Call, row: Record) -> bool:
    """Whether the viewer answers for both whom it is of and what it is in: who may state it reads it, and nobody else."""
    return call.viewer.covers(row["path"]) and call.viewer.covers(row["own_path"])


def _is_told(call: Call, row: Record) -> bool:
    """Whether the viewer learns that somebody stands back: also the office of the enterprise, of who may hold its posts."""
    stands_back_there = row["enterprise"] is not None and call.viewer.covers(row["path"]) and row["person_seen"]
    return _whole(call, row) or stands_back_there


async def declare(call: Call, form: InterestForm) -> str:
    """State an interest. From that day on the person is shown on no board there, gets no case from there, holds no post there.

    One that is stated already may be stated again to say who is there instead. Its public id.
    """

    async def work() -> str:
        if form.kind not in INTEREST:
            raise Refused(say("请选择是哪种利害关系。"), field="kind")
        person = await queries.person(call, form.person)
        call.viewer.require(person.path)
        firm = other = None
        if form.enterprise:
            firm = await call.db.row(
                "select e.id, e.name, j.path from enterprise e join jurisdiction j on j.id = e.division where e.public_id = $1",
                form.enterprise,
            )
            if firm is None or not call.viewer.covers(firm["path"]):
                raise NotVisible
            await _refuse_where_appointed(call, person.id, person.name, firm["id"], firm["name"], Period(form.since))
        else:
            other = await queries.person(call, form.other or "")
            if other.id == person.id:
                raise Refused(say("请选择另一个人。"), field="other")
        await leave_alone(call, person.id, *([other.id] if other else []))
        firm_id, other_id = (firm["id"] if firm else None), (other.id if other else None)
        stated = await call.db.row(
            "select id, public_id from interest where person = $1 and enterprise is not distinct from $2 "
            "and other is not distinct from $3 and (until is null or until > $4) for update",
            person.id,
            firm_id,
            other_id,
            form.since,
        )
        if stated is not None and not form.instead:
            raise Refused(say("这项利害关系已经登记。"))
        instead = await _instead(call, person, firm_id, form) if form.instead else None
        if stated is not None:
            await call.db.rows("update interest set instead = $2 where id = $1", stated["id"], instead)
            id_ = str(stated["public_id"])
        else:
            row = Interest(
                person=person.id,
                enterprise=firm_id,
                other=other_id,
                instead=instead,
                kind=form.kind,
                note=form.note,
                since=form.since,
            )
            await row.save()
            id_ = str(row.public_id)
        event = Event(name="declared", kind="enterprise", subject=firm_id, day=form.since) if firm_id is not None else None
        data = {
            "kind": form.kind,
            "towards": firm["name"] if firm else other.name if other else "",
            "since": form.since.isoformat(),
        }
        area = around(person.path, firm["path"] if firm else other.path if other else person.path)
        await record(call, "declared", "person", form.person, area=area, data=data, event=event)
        return id_

    return await call.db.run_tx(work)


async def end_interest(call: Call, id_: str, day: date) -> None:
    """It holds no longer, from ``day`` on: today or later, else who stood back would come to see what came in meanwhile."""

    async def work() -> None:
        row = await call.db.row(f"{INTERESTS} where i.public_id = $3 for update of i", *_sight(call), id_)
        if row is None or not _whole(call, row):
            raise NotVisible
        await leave_alone(call, *(one for one in (row["person"], row["other"]) if one is not None))
        if row["until"] is not None:
            raise Refused(say("这项利害关系已于 {day}结束。", day=row["until"]), field="day")
        if day < max(row["since"], call.today):
            first = max(row["since"], call.today)
            raise Refused(say("回避只能从今天或以后结束，也不能早于登记的日期。请填 {day}或更晚的日子。", day=first), field="day")
        await call.db.rows("update interest set until = $1 where id = $2", day, row["id"])
        firm = row["enterprise"]
        event = Event(name="declared", kind="enterprise", subject=firm, day=day) if firm is not None else None
        data = {"kind": row["kind"], "towards": row["towards"], "until": day.isoformat()}
        area = around(row["own_path"], row["path"])
        await record(call, "undeclared", "person", row["person_id"], area=area, data=data, event=event)

    await call.db.run_tx(work)


async def interest(call: Call, id_: str) -> InterestRow:
    """One by public id, for whoever answers for both whom it is of and what it is in."""
    row = await call.db.row(f"{INTERESTS} where i.public_id = $3", *_sight(call), id_)
    if row is None or not _whole(call, row):
        raise NotVisible
    return _row(row, whole=True)


async def correct_interest(call: Call, id_: str, since: date, until: date | None, reason: str) -> None:
    """It holds from another day, or until another, than was typed. An end that is earlier than it stands is today or later: else
    who stood back would come to see what came in meanwhile.
    """

    async def work() -> None:
        row = await call.db.row(f"{INTERESTS} where i.public_id = $3 for update of i", *_sight(call), id_)
        if row is None or not _whole(call, row):
            raise NotVisible
        made = corrected(Period(row["since"], row["until"]), Period(since, until), reason)
        await leave_alone(call, *(one for one in (row["person"], row["other"]) if one is not None))
        if until is not None and until < min(row["until"] or date.max, call.today):
            raise Refused(say("回避不能改为今天以前结束。请填 {day}或更晚的日子。", day=call.today), field="until")
        for span in made.gained:
            field = "since" if span.since < row["since"] else "until"
            again = await call.db.row(
                "select since, until from interest where id <> $1 and person = $2 and enterprise is not distinct from $3 "
                "and other is not distinct from $4 and daterange(since, until) && daterange($5, $6)",
                row["id"],
                row["person"],
                row["enterprise"],
                row["other"],
                span.since,
                span.until,
            )
            if again is not None:
                what = say("这段时间里已另登记有同样的利害关系（自 {day}起）。", day=again["since"])
                raise Refused(what, field=field)
            if row["enterprise"] is not None:
                await _refuse_where_appointed(
                    call, row["person"], row["person_name"], row["enterprise"], row["towards"], span, field=field
                )
        await call.db.rows("update interest set since = $2, until = $3 where id = $1", row["id"], since, until)
        data = {"kind": row["kind"], "towards": row["towards"], **made.told()}
        await record(call, "corrected", "person", row["person_id"], area=around(row["own_path"], row["path"]), data=data)
        if row["enterprise"] is not None:
            await follow(call, made, name="declared", kind="enterprise", subject=row["enterprise"])

    await call.db.run_tx(work)


async def interests(call: Call, *, person: int | None = None, enterprise: int | None = None) -> tuple[InterestRow, ...]:
    """The interests of a person or towards them, or those in an enterprise, as far as the viewer sees them; past ones too, the
    newest first.
    """
    rows = await call.db.rows(
        f"{INTERESTS} where i.person = $3 or i.other = $3 or i.enterprise = $4 order by i.since desc, i.id desc",
        *_sight(call),
        person,
        enterprise,
    )
    return tuple(_row(row, whole=_whole(call, row)) for row in rows if _is_told(call, row))


def _row(row: Record, *, whole: bool) -> InterestRow:
    return InterestRow(
        row["public_id"],
        row["person_id"],
        row["person_name"],
        row["enterprise_id"],
        row["other_id"],
        row["towards"],
        row["instead_name"],
        row["kind"] if whole else "",
        row["note"] if whole else "",
        row["since"],
        row["until"],
        whole,
    )


def _sight(call: Call) -> tuple[object, ...]:
    return seen_from(call, "pj.path")[1], call.today


async def bars(call: Call, enterprise: int, person: int, since: date, until: date | None) -> bool:
    """Whether an interest keeps somebody from a post at an enterprise on any day from ``since`` until ``until``."""
    found = await call.db.rows(
        "select from recusal where enterprise = $1 and person = $2 and daterange(since, until) && daterange($3, $4)",
        enterprise,
        person,
        since,
        until,
    )
    return bool(found)


async def stand_back(call: Call, enterprises: Sequence[int], day: date) -> dict[tuple[int, int], Instead | None]:
    """Who has an interest in which of these enterprises on ``day``, as (enterprise, person), and who is there instead."""
    rows = await call.db.rows(
        """
        select i.enterprise, i.person, s.id as instead, s.public_id, s.name, s.phone, s.badge, f.name as portrait from recusal i
            left join person s on s.id = i.instead and (s.until is null or s.until > $2)
                and not exists (select from recusal o where o.enterprise = i.enterprise and o.person = s.id
                    and o.since <= $2 and (o.until is null or o.until > $2))
            left join stored_file f on f.id = s.portrait
        where i.enterprise = any($1) and i.since <= $2 and (i.until is null or i.until > $2) order by s.id nulls first
        """,
        list(enterprises),
        day,
    )
    return {
        (row["enterprise"], row["person"]): Instead(
            row["instead"], row["public_id"], row["name"], row["phone"], row["badge"], row["portrait"]
        )
        if row["instead"] is not None
        else None
        for row in rows
    }


async def _instead(call: Call, person: queries.PersonRow, enterprise: int | None, form: InterestForm) -> int:
    """Whoever takes their place holds one of their posts elsewhere, and has no interest there."""
    other = await queries.person(call, form.instead or "")
    posts = {one.post for one in await queries.holdings_of(call, person.id) if one.until is None or one.until > form.since}
    held = {one.post for one in await queries.holdings_of(call, other.id) if one.until is None or one.until > form.since}
    if enterprise is None or other.id == person.id or not posts & held:
        raise Refused(say("{name}没有担任同样的岗位，不能代替。", name=other.name), field="instead")
    await stay_apart(call, other.id)
    if (enterprise, other.id) in await stand_back(call, [enterprise], form.since):
        raise Refused(say("{name}也要回避这家单位，请选别人。", name=other.name), field="instead")
    return other.id


async def _refuse_where_appointed(
    call: Call, person: int, called: str, enterprise: int, name: str, span: Period, *, field: str = "since"
) -> None:
    held = await call.db.row(
        "select a.since, a.until from appointment a join person p on p.id = a.person join person me on me.id = $1 "
        "where (a.enterprise = $2 or a.grid = any(array(select id from grid where enterprise = $2))) "
        "and (a.until is null or a.until > $3) and a.since < coalesce($4::date, 'infinity') and (p.id = me.id "
        "or human_mark(p.badge) = human_mark(me.badge) or human_mark(p.certificate) = human_mark(me.certificate)) limit 1",
        person,
        enterprise,
        span.since,
        span.until,
    )
    if held is None:
        return
    if held["until"] is not None and held["until"] <= call.today:
        what = say(
            "{name}自 {since}起、{until}之前任职于{firm}，与回避的日子重叠。其中有误的，请先更正。",
            name=called,
            since=held["since"],
            until=held["until"],
            firm=name,
        )
        raise Refused(what, field=field)
    raise Refused(say("{name}现在任职于{firm}。请先办理离任或移交，再登记回避。", name=called, firm=name), field=field)
