"""Correcting days that were typed wrongly (更正日期): of an appointment, of an office, and on which somebody left."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date

from portal.areas import queries as areas
from portal.areas.actions import follow
from portal.areas.rules import Correction, Period, corrected
from portal.call import Call, Event
from portal.corrections.areas import correct_unit
from portal.corrections.hanging import refuse_what_came_after
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record, tell
from portal.ledger.queries import awaited
from portal.people import actions, queries, rules
from portal.people.actions import Seated, end_appointment
from portal.people.custodians import as_close_as_before, leave_alone, stay_apart
from portal.people.interests import bars
from portal.people.queries import Holding
from portal.people.rules import Candidate
from portal.storage.rows import hold_row
from portal.terms import say

SeatOf = Callable[[Call, Holding], Awaitable[Seated]]


async def correct_leaving(call: Call, id_: str, until: date | None, reason: str, seat_of: SeatOf) -> None:
    """Somebody left on another day than was typed, or did not leave. Their posts end with it, and those that had ended with it go
    on as far as they may.
    """

    async def work() -> None:
        await hold_row(call.db, "person", id_)
        row = await queries.person(call, id_)
        call.viewer.require(row.path)
        made = corrected(Period(row.since, row.until), Period(row.since, until), reason)
        await refuse_what_came_after(call, "person", row.id, made)
        async with as_close_as_before(call, row.id):
            await call.db.rows("update person set until = $2 where id = $1", row.id, until)
        await record(call, "corrected", "person", id_, area=row.path, data=made.told())
        await follow(call, made, name="corrected", kind="person", subject=row.id)
        await move_posts(call, "person", row.id, made.before.until, until, reason, seat_of)

    await call.db.run_tx(work)


async def correct_office(call: Call, id_: str, since: date, until: date | None, reason: str) -> None:
    """An office is there since another day, or was until another, than was typed; its posts go with it."""

    async def seat_of(mine: Call, held: Holding) -> Seated:
        return await actions.seated(mine, "unit", held.seat_id)

    async def work() -> None:
        await hold_row(call.db, "unit", id_)
        row = await areas.unit(call, id_)
        await correct_unit(call, id_, since, until, reason)
        await move_posts(call, "unit", row.id, row.until, until, reason, seat_of)

    await call.db.run_tx(work)


async def move_posts(
    call: Call, kind: str, subject: int, ended: date | None, until: date | None, reason: str, seat_of: SeatOf
) -> None:
    """The end of somebody or something was corrected: posts end with it, as when it ends. Those that had ended with it on the
    very day go on, where they may: nobody has taken over since, and who corrects it answers for them.
    """
    if until == ended:
        return
    held = await queries.holdings_hanging_on(call, kind, subject)
    if until is not None and (ended is None or until < ended):
        for one in held:
            if one.until is None or one.until > until:
                await end_appointment(call, one, max(until, one.since))
        return
    for one in held:

        async def work(post: Holding = one) -> None:
            await correct_appointment(call, post.id, await seat_of(call, post), post.since, until, reason)

        if one.until == ended:
            with suppress(Refused, NotVisible):
                await call.db.run_tx(work)


async def correct_appointment(call: Call, id_: str, at: Seated, since: date, until: date | None, reason: str) -> None:
    """Somebody held a post at a seat from another day, or until another, than was typed. Refused where the days that are new
    could not be theirs; what they hold newly from today on is judged like a new appointment.
    """

    async def work() -> None:
        await hold_row(call.db, "appointment", id_)
        row = await queries.appointment(call, id_)
        made = corrected(Period(row.since, row.until), Period(since, until), reason)
        await hold_row(call.db, row.seat_kind, row.seat)
        await hold_row(call.db, "person", row.person)
        await leave_alone(call, row.person)
        if made.gained:
            await stay_apart(call, row.person)
            why = await _refuse_gained(call, row, at, made)
            await call.db.rows("update appointment set reason = $2 where public_id = $1", id_, why)
        await call.db.rows("update appointment set since = $2, until = $3 where public_id = $1", id_, since, until)
        if made.gained and row.seat_kind == "unit":
            await stay_apart(call, row.person)
        post = call.book.name_in(row.edition, "posts", row.post)
        who = say("{name}（{seat}{post}）", name=row.person_name, seat=row.seat_name, post=post)
        data = {"holder": who, "appointment": id_, "person": row.person_id, "post": row.post, **made.told()}
        await record(call, "corrected", row.seat_kind, row.seat_id, area=row.path, data=data)
        await record(call, "corrected", "person", row.person_id, area=row.path, data=data)
        await follow(call, made, name="corrected", kind=row.seat_kind, subject=row.seat)
        if row.until != until and until is not None and row.until is not None:
            # What waits for them goes to whoever takes over, on the day on which that is
            for event in await awaited(call, "handed_over", "person", row.person, row.until):
                await tell(call, Event(name=event.name, kind=event.kind, subject=event.subject, day=until, to=event.to))

    await call.db.run_tx(work)


async def _refuse_gained(call: Call, row: Holding, at: Seated, made: Correction) -> str:
    """:class:`Refused` where the days that an appointment gains belong to somebody else, or could not be theirs. Why it departs
    from what is usual, where it does.
    """
    (known,) = await call.db.rows(
        "select p.until, p.certificate, a.reason, u.kind as unit from appointment a join person p on p.id = a.person "
        "left join unit u on u.id = p.unit where a.public_id = $1",
        row.id,
    )
    why = str(known["reason"])
    ends = await call.db.value(f"select until from {row.seat_kind} where id = $1", row.seat)
    last = max((one.until or date.max) for one in made.gained)
    if known["until"] is not None and last > known["until"]:
        what = say("{name}已于 {day}离岗，任职不能晚于那天。", name=row.person_name, day=known["until"])
        raise Refused(what, field="until")
    if ends is not None and last > ends:
        raise Refused(say("{seat}已于 {day}停用，任职不能晚于那天。", seat=row.seat_name, day=ends), field="until")
    edition = call.book.with_id(row.edition)
    post = edition.posts.get(row.post) if edition is not None else None
    firm = row.seat if row.seat_kind == "enterprise" else at.seat.firm
    for span in made.gained:
        field = "since" if span.since < made.before.since else "until"
        held = await queries.holders_between(call, at.seat, row.post, span.since, span.until)
        others = [one for one in held if one.id != row.id]
        if any(one.person == row.person for one in others):
            raise Refused(say("{name}在这段时间里已经担任这个岗位。", name=row.person_name), field=field)
        if firm is not None and await bars(call, firm, row.person, span.since, span.until):
            what = say("{name}在这段时间里对{seat}登记有回避，不能任职。", name=row.person_name, seat=row.seat_name)
            raise Refused(what, field=field)
        if span.reaches(call.today):
            who = Candidate(known["certificate"], known["unit"], reason=why)
            try:
                rules.may_hold(at.scheme, at.seat, row.post, who, held=len(others))
            except Refused as error:
                if error.field != "reason":
                    raise
                why = made.reason
        elif post is not None and post.count.most is not None and len(others) >= post.count.most:
            names = "、".join(one.person_name for one in others[:3])
            what = say(
                "多出的这些日子里，{post}由{names}担任，最多 {n} 人。他们的日期有误的，请先更正。",
                post=post.name,
                names=names,
                n=post.count.most,
            )
            raise Refused(what, field=field)
    return why
