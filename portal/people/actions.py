"""Taking people into the register, appointing them to seats, letting them go."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal import codes
from portal.areas import queries as areas
from portal.areas.schemes import ruling
from portal.budgets.throttle import Budget, spend
from portal.call import Call, Event, Hanging
from portal.errors import Refused
from portal.ledger.actions import record
from portal.people import queries, rules
from portal.people.custodians import as_close_as_before, leave_alone, stay_apart
from portal.people.interests import bars
from portal.people.rules import Candidate, Seat
from portal.people.tables import Appointment, Person
from portal.scheme.book import Scheme
from portal.scheme.words import Capacity
from portal.storage import undone
from portal.storage.files import digest
from portal.storage.rows import hold_row, write_changed
from portal.storage.search import index, sort_key
from portal.storage.tables import StoredFile
from portal.terms import say
from portal.workshop.images import reencode

PORTRAIT_PIXELS = 720
PEOPLE = Hanging("person", lies_in="jurisdiction", what=say("人员"))
APPOINTMENTS = Hanging("appointment", ends_with=("grid", "unit"))
# As sheets know somebody again: by badge or certificate, else by name and telephone where one of the two has no badge
SAME = f"""
    {areas.NAMED_WITHIN.format(place="jurisdiction")} and t.name = $2 and (human_mark(t.badge) = human_mark($3)
        or human_mark(t.certificate) = human_mark($4)
        or (human_mark(t.phone) = human_mark($5) and (t.badge = '' or $3 = '')))
"""


@dataclass(frozen=True, kw_only=True)
class PersonForm:
    """What a form says of a person; ``jurisdiction`` and ``unit`` by public id, ``portrait`` as it was uploaded."""

    name: str
    phone: str
    jurisdiction: str
    badge: str = ""
    certificate: str = ""
    unit: str | None = None
    portrait: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class AppointmentForm:
    """What a form says of an appointment: who (by public id), to which post, from when to when; why, where it is not as usual."""

    person: str
    post: str
    since: date
    until: date | None = None
    reason: str = ""


PORTRAITS = Budget(
    "portraits", free=256 * 1024**2, text=say("这个账号一小时内传的照片太多，请等 {wait}后再传；不传照片可以先保存。")
)


@dataclass(frozen=True)
class Seated:
    """A seat with its public id, the scheme that governs it, and the path of where it is."""

    seat: Seat
    id: str
    scheme: Scheme
    path: str


def searched_by(form: PersonForm) -> str:
    """What somebody is found by: name, badge, telephone."""
    return f"{form.name} {form.badge} {codes.dialled(form.phone)}"


async def add_person(call: Call, form: PersonForm) -> str:
    """Take a person into the register."""
    form = replace(form, name=codes.person(form.name))
    portrait = await _keep_portrait(call, form.portrait)

    async def work() -> str:
        place = await areas.jurisdiction(call, form.jurisdiction)
        unit = await areas.chosen_unit(call, form.unit, near=place.path) if form.unit else None
        row = Person(
            name=form.name,
            pinyin=sort_key(form.name, person=True),
            phone=form.phone,
            badge=form.badge,
            certificate=form.certificate,
            portrait=portrait,
            unit=unit.id if unit else None,
            jurisdiction=place.id,
            since=call.today,
        )
        async with as_close_as_before(call) as rows:
            await undone.save(
                call.db,
                "person",
                row,
                SAME,
                [area + "%" for area in call.viewer.areas],
                form.name,
                form.badge,
                form.certificate,
                form.phone,
            )
            rows.append(row.id)
        await index(call.db, "person", [(row.id, searched_by(form))])
        data = {"name": form.name, "phone": form.phone, "badge": form.badge, "portrait": portrait is not None}
        await record(call, "created", "person", row.public_id, area=place.path, data=data)
        return str(row.public_id)

    return await call.db.run_tx(work)


async def change_person(call: Call, id_: str, form: PersonForm) -> None:
    """Change a person's facts; every board that shows them follows at once."""
    form = replace(form, name=codes.person(form.name))
    portrait = await _keep_portrait(call, form.portrait)

    async def work() -> None:
        await hold_row(call.db, "person", id_)
        before = await queries.person(call, id_)
        call.viewer.require(before.path)
        if not form.certificate:
            for holding in await queries.holdings_of(call, before.id):
                scheme = call.book.with_id(holding.edition)
                post = scheme.posts.get(holding.post) if scheme else None
                if (
                    post is not None
                    and post.capacity is Capacity.ENFORCE
                    and (holding.until is None or holding.until > call.today)
                ):
                    what = say("{name}还担任须持执法证件的{post}。请先办理离任，再清空证号。", name=before.name, post=post.name)
                    raise Refused(what, field="certificate")
        place = await areas.jurisdiction(call, form.jurisdiction)
        unit = await areas.chosen_unit(call, form.unit, near=place.path) if form.unit else None
        values = {
            "name": form.name,
            "pinyin": sort_key(form.name, person=True),
            "phone": form.phone,
            "badge": form.badge,
            "certificate": form.certificate,
            "unit": unit.id if unit else None,
            "jurisdiction": place.id,
        }
        async with as_close_as_before(call, before.id):
            await write_changed(call.db, "person", before.id, values | ({} if portrait is None else {"portrait": portrait}))
        await index(call.db, "person", [(before.id, searched_by(form))])
        fields = ("name", "phone", "badge", "certificate")
        data: dict[str, object] = {
            field: [getattr(before, field), getattr(form, field)]
            for field in fields
            if getattr(before, field) != getattr(form, field)
        }
        if place.public_id != before.place_id:
            data["place"] = [(await areas.jurisdiction(call, before.place_id)).full_name, place.full_name]
        if (unit.public_id if unit else None) != before.unit_id:
            data["unit"] = [before.unit_name, unit.name if unit else None]
        if portrait is not None:
            data["portrait"] = True
        event = Event(name="changed", kind="person", subject=before.id, day=call.today)
        await record(call, "changed", "person", id_, area=place.path, data=data, event=event)

    await call.db.run_tx(work)


async def end_person(call: Call, id_: str, day: date) -> None:
    """The person leaves on ``day``: all their appointments end with it."""

    async def work() -> None:
        await hold_row(call.db, "person", id_)
        row = await queries.person(call, id_)
        call.viewer.require(row.path)
        if row.until is not None or day < row.since:
            raise Refused(
                say("离岗日期不正确：早于登记的日期，或已经登记离岗（日期有误的，请在人员页面“更正日期”）。"), field="day"
            )
        async with as_close_as_before(call, row.id):
            for holding in await queries.holdings_of(call, row.id):
                if holding.until is None or holding.until > day:
                    await end_appointment(call, holding, max(day, holding.since))
            await call.db.rows("update person set until = $1 where id = $2", day, row.id)
        event = Event(name="ended", kind="person", subject=row.id, day=day)
        await record(call, "ended", "person", id_, area=row.path, data={"until": day.isoformat()}, event=event)

    await call.db.run_tx(work)


async def appoint(call: Call, form: AppointmentForm, at: Seated) -> str:
    """Appoint a person to a post at a seat, under the edition in force; refused where the scheme does not allow it."""

    async def work() -> str:
        if form.until is not None and form.until <= form.since:
            raise Refused(say("离任日期要晚于到任日期。"), field="until")
        seat, scheme = at.seat, at.scheme
        await hold_row(call.db, seat.kind, seat.id)
        await hold_row(call.db, "person", form.person)
        person = await queries.person(call, form.person)
        await stay_apart(call, person.id)
        taken = await queries.holders_between(call, seat, form.post, form.since, form.until)
        if any(one.person == person.id for one in taken):
            raise Refused(say("{name}在这段时间里已经担任这个岗位。", name=person.name), field="person")
        if person.until is not None and (form.until is None or form.until > person.until):
            raise Refused(
                say(
                    "{name}已于 {day}离岗，不能安排此后的任职。离岗登记有误的，请先在人员页面“更正日期”。",
                    name=person.name,
                    day=person.until,
                ),
                field="person",
            )
        firm = seat.id if seat.kind == "enterprise" else seat.firm
        back = firm is not None and await bars(call, firm, person.id, form.since, form.until)
        unit = await call.db.value("select u.kind from unit u join person p on p.unit = u.id where p.id = $1", person.id)
        who = Candidate(person.certificate, unit, back, form.reason)
        post = rules.may_hold(scheme, seat, form.post, who, held=len(taken))
        row = Appointment(
            person=person.id,
            region=scheme.region.code,
            edition=scheme.edition_id,
            post=post.code,
            since=form.since,
            until=form.until,
            grid=seat.id if seat.kind == "grid" else None,
            unit=seat.id if seat.kind == "unit" else None,
            enterprise=seat.id if seat.kind == "enterprise" else None,
            reason=form.reason,
        )
        same = "t.person = $1 and t.post = $2 and (t.grid, t.unit, t.enterprise) is not distinct from ($3, $4, $5)"
        await undone.save(call.db, "appointment", row, same, person.id, post.code, row.grid, row.unit, row.enterprise)
        if seat.kind == "unit":
            await stay_apart(call, person.id)
        data = {
            "reason": form.reason,
            "person": person.public_id,
            "name": person.name,
            "post": post.code,
            "seat": at.id,
            "edition": scheme.edition_id,
            "since": form.since.isoformat(),
            "until": form.until.isoformat() if form.until else None,
        }
        event = Event(name="appointed", kind=seat.kind, subject=seat.id, day=form.since)
        await record(call, "appointed", seat.kind, at.id, area=at.path, data=data, event=event)
        if form.until is not None:
            leaving = Event(name="dismissed", kind=seat.kind, subject=seat.id, day=form.until)
            await record(call, "appointed", "person", form.person, area=person.path, data=data, event=leaving)
        else:
            await record(call, "appointed", "person", form.person, area=person.path, data=data)
        return str(row.public_id)

    return await call.db.run_tx(work)


async def dismiss(call: Call, id_: str, day: date) -> None:
    """End an appointment: ``day`` is the first day on which it no longer holds."""

    async def work() -> None:
        await hold_row(call.db, "appointment", id_)
        holding = await queries.appointment(call, id_)
        await leave_alone(call, holding.person)
        if holding.until is not None and holding.until <= call.today:
            raise Refused(
                say("这项任职已于 {day}结束。日期登记有误的，请到人员页面的“任职”点“更正日期”。", day=holding.until), field="day"
            )
        if day < holding.since:
            raise Refused(say("离任日期不能早于到任日期 {day}。", day=holding.since), field="day")
        if holding.until is not None and day > holding.until:
            what = say(
                "这项任职已定于 {day}结束，不能推后。日期登记有误的，请到人员页面的“任职”点“更正日期”；"
                "要继续任职，请从那天起重新安排任职。",
                day=holding.until,
            )
            raise Refused(what, field="day")
        await end_appointment(call, holding, day)

    await call.db.run_tx(work)


async def hand_over(call: Call, id_: str, successor: str, at: Seated, day: date, reason: str = "") -> str:
    """Another person takes over a post (移交): one leaves and the other begins on the same ``day``, or nothing happens; the
    public id of the other's appointment.

    What waits for the one who leaves goes to the other with the post (see the listeners of ``handed_over``).
    """

    async def work() -> str:
        holding = await queries.appointment(call, id_)
        if holding.person_id == successor:
            raise Refused(say("请选择另一个人接任。"), field="person")
        await dismiss(call, id_, day)
        made = await appoint(call, AppointmentForm(person=successor, post=holding.post, since=day, reason=reason), at)
        taker = await queries.person(call, successor)
        event = Event(name="handed_over", kind="person", subject=holding.person, day=day, to=taker.id)
        data = {
            "post": holding.post,
            "holder": [holding.person_name, taker.name],
            "since": day.isoformat(),
        }
        await record(call, "handed_over", holding.seat_kind, holding.seat_id, area=holding.path, data=data, event=event)
        return made

    return await call.db.run_tx(work)


async def check_room(call: Call, appointments: Sequence[int]) -> None:
    """:class:`Refused` where one of these appointments shares its post with more people than the scheme allows."""
    for row in await call.db.rows(
        """
        select a.edition, a.post, p.name, count(*) as held from appointment a join person p on p.id = a.person
            join appointment b on b.post = a.post
                and (b.grid, b.unit, b.enterprise) is not distinct from (a.grid, a.unit, a.enterprise)
                and daterange(b.since, b.until) && daterange(a.since, a.until)
        where a.id = any($1) group by a.id, a.edition, a.post, p.name
        """,
        list(appointments),
    ):
        scheme = call.book.with_id(row["edition"])
        post = scheme.posts.get(row["post"]) if scheme is not None else None
        if post is not None and post.count.most is not None and row["held"] > post.count.most:
            raise Refused(say("{post}已经由别人担任，{name}的任职不能恢复。", post=post.name, name=row["name"]))


async def end_appointment(call: Call, holding: queries.Holding, day: date) -> None:
    """End an appointment that was looked at, on ``day``."""
    await call.db.rows("update appointment set until = $1 where public_id = $2", day, holding.id)
    data = {"person": holding.person_id, "name": holding.person_name, "post": holding.post, "until": day.isoformat()}
    event = Event(name="dismissed", kind=holding.seat_kind, subject=holding.seat, day=day)
    await record(call, "dismissed", holding.seat_kind, holding.seat_id, area=holding.path, data=data, event=event)
    await record(call, "dismissed", "person", holding.person_id, area=holding.path, data=data)


async def seated(call: Call, kind: str, id_: str) -> Seated:
    """The seat at a grid or a unit, by public id. Seats at enterprises come from their own wing."""
    if kind == "grid":
        grid = await areas.grid(call, id_)
        seat, region, path = queries.seat_of_grid(grid), grid.region, grid.path
    else:
        unit = await areas.unit(call, id_)
        seat, region, path = queries.seat_of_unit(unit), unit.region, unit.path
    return Seated(seat, id_, ruling(call, region), path)


async def _keep_portrait(call: Call, upload: bytes | None) -> int | None:
    """Write an uploaded portrait anew and store it; its id."""
    if not upload:
        return None
    if not call.portal.files.spare():
        raise Refused(say("网站存放照片的空间快满了，照片暂时不能上传。请先不传照片保存，并联系部署人员。"), field="portrait")
    # It counts on the account: whoever shares its network has nothing to do with it
    await spend(call, PORTRAITS.cost(call, str(call.viewer.account), amount=len(upload)))
    picture = await call.portal.workshop.do(reencode, upload, PORTRAIT_PIXELS)
    row = StoredFile(
        name=await asyncio.to_thread(call.portal.files.keep, picture.data),
        kind="portrait",
        mime="image/jpeg",
        digest=digest(picture.data),
        size=len(picture.data),
        width=picture.width,
        height=picture.height,
        created_at=call.now,
    )
    await row.save()
    return int(row.id)


async def give_portraits(call: Call, faces: Mapping[str, int]) -> None:
    """Give people these files as portraits, by badge: drawn faces of an example, which nobody uploaded."""
    await call.db.rows(
        "update person p set portrait = x.face from unnest($1::text[], $2::bigint[]) as x(badge, face) where p.badge = x.badge",
        list(faces),
        list(faces.values()),
    )
