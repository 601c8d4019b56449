"""Writing down what was done and what is excused, and withdrawing either."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import off, record
from portal.obligations import deeds, queries
from portal.obligations.deeds import DeedRow
from portal.obligations.plans import PlanQuestion, of_duty
from portal.obligations.queries import OwingThing
from portal.obligations.rules import State
from portal.obligations.tables import Deed, DeedDoer, Excuse
from portal.people import queries as people
from portal.scheme.book import Scheme
from portal.scheme.words import Duty
from portal.storage import undone
from portal.storage.rows import hold_row
from portal.terms import Text, say


@dataclass(frozen=True, kw_only=True)
class DeedForm:
    """What a form or a row of a ledger says was done: which duty, on what (by public id), by whom (``beside`` with whom), when,
    and what came of it.
    """

    region: str
    duty: str
    subject: str
    day: date
    at: str = ""
    person: str | None = None
    beside: tuple[str, ...] = ()
    note: str = ""
    points: tuple[str, ...] = ()
    attended: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExcuseForm:
    """Why something was not done in the window around a day."""

    region: str
    key: str
    subject: str
    day: date
    why: str


async def add_deed(call: Call, form: DeedForm) -> str:
    """Write down that a duty was done; its public id. Refused where it was not owed there on that day, or not by that person.

    Said of the same visit (see :meth:`portal.obligations.deeds.DeedRow.is_the_same`) by somebody else, it is the same deed, done
    by both; by the same people, it is refused as written twice. Another time or another outcome is another deed of that day.
    """

    async def work() -> str:
        if form.day > call.today:
            raise Refused(say("还没有到 {day}，不能先登记。", day=form.day), field="day")
        scheme, duty = await _duty(call, form.region, form.duty, form.day)
        thing = await _owing(call, queries.asked_at(scheme, duty, form.day), form.subject)
        await _may_write(call, scheme, duty)
        await hold_row(call.db, of_duty(duty), thing.id)
        there = await _there(call, duty, thing, form)
        doers = await _doers(call, scheme, duty, thing, form, joining=there is not None)
        if there is not None:
            await _join(call, there, doers)
            return there.id
        row = Deed(
            region=scheme.region.code,
            edition=scheme.edition_id,
            duty=duty.code,
            person=next(iter(doers), None),
            day=form.day,
            at=form.at,
            note=form.note,
            points=_among(form.points, duty.points, "points"),
            attended=_among(form.attended, duty.attends, "attended"),
            written_at=call.now,
            written_by=call.viewer.account,
        )
        if (of := of_duty(duty)) != "person":
            setattr(row, of, thing.id)
        same = (
            f"t.region = $1 and t.duty = $2 and t.day = $3 and t.{of} = $4 and t.withdrawn_at is null and t.at = $5 "
            "and t.note in ($6, '')"
        )
        await undone.save(call.db, "deed", row, same, scheme.region.code, duty.code, form.day, thing.id, form.at, form.note)
        for person in doers[1:]:
            await DeedDoer(deed=row.id, person=person).save()
        data = {
            "duty": duty.says,
            "name": thing.name,
            "day": form.day.isoformat(),
            "note": form.note,
            "edition": scheme.edition_id,
        }
        data |= {"at": form.at} if form.at else {}
        await record(call, "done", "deed", row.public_id, area=thing.path, data=data)
        return str(row.public_id)

    return await call.db.run_tx(work)


async def entitled(call: Call, form: DeedForm) -> frozenset[str]:
    """Those, by public id, one of whom did what a form says. :class:`Refused` where it was not owed there on that day."""
    scheme, duty = await _duty(call, form.region, form.duty, form.day)
    return _entitled(await _owing(call, queries.asked_at(scheme, duty, form.day), form.subject))


def _entitled(thing: OwingThing) -> frozenset[str]:
    return frozenset(owner.doer for owner in thing.owners if owner.doer)


async def withdraw_deed(call: Call, id_: str, why: str) -> None:
    """What was written down by mistake counts no more; it stays to be read, with the reason."""

    async def work() -> None:
        row = await deeds.deed(call, id_)
        scheme, duty = await _duty(call, row.region, row.duty, row.day)
        await _may_write(call, scheme, duty)
        gone = await call.db.value(
            "update deed set withdrawn_at = $1, withdrawn_why = $2 where public_id = $3 and withdrawn_at is null returning id",
            call.now,
            why,
            id_,
        )
        if gone is None:
            raise Refused(say("这条记录已经撤回。"))
        data = {"duty": row.duty_says, "name": row.subject, "day": row.day.isoformat(), "why": why}
        await record(call, "withdrawn_deed", "deed", id_, area=row.path, data=data)

    await call.db.run_tx(work)


async def excuse(call: Call, form: ExcuseForm) -> str:
    """Say why a duty was not done on something in one window; its public id."""

    async def work() -> str:
        asked = await queries.asked_by_key(call, form.region, form.key, form.day)
        await _may_write(call, asked.scheme, asked.duty)
        thing = await _owing(call, asked, form.subject)
        if thing.state is State.DONE:
            raise Refused(say("这个周期已经完成，不用说明。"))
        if await deeds.excuses(call, asked, [thing.id]):
            raise Refused(say("这个周期已有原因说明。"))
        window = asked.window
        row = Excuse(
            region=form.region,
            duty=asked.duty.code,
            first=window.first,
            last=window.last,
            why=form.why,
            written_at=call.now,
            written_by=call.viewer.account,
        )
        setattr(row, asked.of, thing.id)
        await row.save()
        data = {
            "duty": asked.duty.says,
            "name": thing.name,
            "first": window.first.isoformat(),
            "last": window.last.isoformat(),
            "why": form.why,
        }
        await record(call, "excused", "deed", row.public_id, area=thing.path, data=data)
        return str(row.public_id)

    return await call.alone(f"excuse {form.subject} {form.key}", work)


async def withdraw_excuse(call: Call, id_: str) -> None:
    """The excuse holds no more: what was not done is missed again."""

    async def work() -> None:
        row = await deeds.excuse(call, id_)
        # The window may have begun before the edition that orders the duty, and may end after it
        eras = call.book.eras(row.region, row.first, row.last)
        knows = [era.since for era in eras if era.scheme is not None and row.duty in era.scheme.counted]
        scheme, duty = await _duty(call, row.region, row.duty, max(knows, default=row.last))
        await _may_write(call, scheme, duty)
        gone = await call.db.value(
            "update excuse set withdrawn_at = $1 where public_id = $2 and withdrawn_at is null returning id", call.now, id_
        )
        if gone is None:
            raise Refused(say("这条原因说明已经撤回。"))
        await record(call, "withdrawn_excuse", "deed", id_, area=row.path, data={"why": row.why or "", "name": row.subject})

    await call.db.run_tx(work)


async def _duty(call: Call, region: str, code: str, day: date) -> tuple[Scheme, Duty]:
    scheme = call.book.in_force(region, day)
    if scheme is None and region in call.portal.asleep:
        raise Refused(off(call, region))
    if scheme is None:
        raise Refused(say("{day}那天没有施行任何方案。", day=day), field="day")
    duty = scheme.counted.get(code)
    if duty is None:
        raise Refused(say("{day}那天的方案里没有这项职责，请从列表选。", day=day), field="duty")
    return scheme, duty


async def _owing(call: Call, asked: PlanQuestion, subject: str) -> OwingThing:
    """The thing, where it is within the duty on the day that counts."""
    found = await queries.these(call, asked, [subject])
    if not found:
        raise Refused(say("{day}那天它不在“{duty}”的范围里。", day=asked.at, duty=asked.duty.says), field="subject")
    return found[0]


async def _doers(call: Call, scheme: Scheme, duty: Duty, thing: OwingThing, form: DeedForm, *, joining: bool) -> tuple[int, ...]:
    """Who did it. One of them held the post there on that day, or was there instead of who stands back: they come first; whoever
    came along may hold any. Where they join a visit that is written down, somebody did.
    """
    said = tuple(dict.fromkeys(one for one in (form.person, *form.beside) if one))
    if duty.who is not None and not duty.on:
        if others := [one for one in said if one != form.subject]:
            name = (await people.person(call, others[0])).name
            raise Refused(say("这项职责按人算，各记各的：请给{name}另记一条。", name=name), field="person")
        return (thing.id,)
    may = _entitled(thing)
    if duty.who is not None and not joining:
        if not may:
            raise Refused(nobody(scheme, duty, form.day), field="person")
        if not said:
            raise Refused(say("请选择履职人员。"), field="person")
        if not may & set(said):
            raise Refused(await _not_theirs(call, scheme, duty, thing, form.day, said[0]), field="person")
    first = [one for one in said if one in may]
    return tuple([await _person_seen(call, one, may) for one in (*first, *(one for one in said if one not in first))])


async def _person_seen(call: Call, person: str, may: Collection[str]) -> int:
    # Who is there instead of somebody may belong to another town, whose people the viewer does not see
    if person in may:
        return int(await call.db.value("select id from person where public_id = $1", person))
    try:
        return (await people.person(call, person)).id
    except NotVisible as error:
        raise Refused(say("同去的人里，有尚未登记的，请核对。"), field="person") from error


async def _not_theirs(call: Call, scheme: Scheme, duty: Duty, thing: OwingThing, day: date, person: str) -> Text:
    """Why somebody cannot have done it alone."""
    names = "、".join(owner.name for owner in thing.owners)
    post = scheme.owed_by(duty)
    if not await people.seen_among(call, [person]):
        return say(
            "{day}那天此人在这里不担任{post}（担任的是：{names}）。请先补登任职，或改选其他人。", day=day, post=post, names=names
        )
    return say(
        "{day}那天{name}在这里不担任{post}（担任的是：{names}）。请先补登任职，或改选其他人。",
        day=day,
        name=(await people.person(call, person)).name,
        post=post,
        names=names,
    )


async def _there(call: Call, duty: Duty, thing: OwingThing, form: DeedForm) -> DeedRow | None:
    """The visit that is meant, where it is written down."""
    rows = await deeds.of_day(call, form.region, duty.code, thing.public_id, form.day)
    said = {one for one in (form.person, *form.beside) if one}
    return deeds.meant(rows, said, at=form.at, note=form.note, points=form.points, attended=form.attended)


async def _join(call: Call, there: DeedRow, doers: Sequence[int]) -> None:
    """Others did it too; :class:`Refused` where all of them are written down."""
    row = await call.db.row("select id, person from deed where public_id = $1 for update", there.id)
    if row is None:
        raise NotVisible
    known = {row["person"]} | {
        one["person"] for one in await call.db.rows("select person from deed_doer where deed = $1", row["id"])
    }
    new = [one for one in doers if one not in known]
    if not new:
        raise Refused(say("{name} {day} 的这项记录已经登记过，没有重复写入。", name=there.subject, day=there.day), field="day")
    if row["person"] is None:
        await call.db.rows("update deed set person = $2 where id = $1", row["id"], new.pop(0))
    for person in new:
        await DeedDoer(deed=row["id"], person=person).save()
    now = await deeds.deed(call, there.id)
    data = {"duty": there.duty_says, "name": there.subject, "day": there.day.isoformat(), "people": [there.people, now.people]}
    await record(call, "changed", "deed", there.id, area=there.path, data=data)


def nobody(scheme: Scheme, duty: Duty, day: date) -> Text:
    """Why nobody can have done a duty on a day where its post was vacant, or all who held it stood back."""
    return say(
        "{day}那天这里的{post}空缺，没有人能履行这项职责。请先补登任职，或登记由谁代替，再登记履职。",
        day=day,
        post=scheme.owed_by(duty),
    )


async def _may_write(call: Call, scheme: Scheme, duty: Duty) -> None:
    if not await deeds.own_line(call, scheme, duty):
        line = scheme.lines[scheme.posts[duty.who or ""].line or ""]
        office = scheme.units[line.unit or ""].name
        raise Refused(say("这是{line}条线的职责，由{unit}登记；本部门可以看，不能代为登记。", line=line.name, unit=office))


def _among(said: Sequence[str], known: Sequence[str], field: str) -> list[str]:
    if unknown := [one for one in said if one not in known]:
        raise Refused(say("方案里没有“{what}”，请从列表选。", what=unknown[0]), field=field)
    return list(dict.fromkeys(said))
