"""Taking a complaint in, adding to it, and what custodians do with it: each once, each written into its own chain.

Nothing here touches a table, a file, a notice or a chain of anybody else's: what a complaint changes is to be seen by its
custodians and by whoever holds its receipt.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from portal.areas.queries import units_around
from portal.areas.rules import UnitAt
from portal.boards import queries as boards
from portal.boards.rules import Holder, named_on
from portal.call import Call
from portal.clock import day_of
from portal.codes import CROCKFORD
from portal.complaints import chain, queries, rules, standing
from portal.complaints.queries import About, Opened, Progress
from portal.complaints.rules import Accused, Custody
from portal.complaints.tables import Complaint, ComplaintPhoto, ComplaintStep, Notice
from portal.errors import NotVisible, Refused
from portal.feedback import drafts, receipts
from portal.feedback.actions import LONGEST_CONTACT, LONGEST_TEXT, checked_text, from_public, refuse_other
from portal.ledger.rules import START
from portal.scheme.book import Scheme
from portal.scheme.calendar import unsure_from
from portal.scheme.decision import Decision
from portal.scheme.words import Kind, Topic
from portal.storage.columns import public_id
from portal.storage.engine import Record
from portal.storage.locks import Lock
from portal.storage.seals import Key
from portal.terms import say

logger = logging.getLogger("portal")
NUMBER_LENGTH = 8
AWAY = timedelta(days=3)
REVOKED = say("这块公示牌已经作废，请直接拨打 12388（纪检监察举报电话）。")
NOT_HERE = say("这件投诉本地不能网上受理，您填写的内容没有提交。请联系{name}，电话 {phone}。")
OTHER = say("这张表单已经提交过。要改投诉对象或投诉事项，请从公示牌重新提交；要补充情况，请凭查询码补充。")
CLOSED = say("这件投诉已经办结，不能再补充。如有新情况，请从公示牌重新提交。")


@dataclass(frozen=True, kw_only=True)
class ComplaintOpening:
    """What a person sends: ``form`` is the id of their form, ``whom`` the mark of a person on the board or empty."""

    board: str
    form: str
    text: str
    contact: str = ""
    whom: str = ""
    topic: str = ""


@dataclass(frozen=True)
class Choice:
    """Somebody on a board whom one may complain about; ``mark`` stands for them in the form, no id of ours."""

    mark: str
    name: str
    post: str
    person: int


@dataclass(frozen=True)
class Door:
    """The complaint door of a board as it stands now: who may be meant, which topics, and who would keep it.

    Custodians who have to stand back now are aside in ``about``: whatever ends later, they stay so. ``apart`` are the topics for
    which another office is asked first, by their codes, with who would keep a complaint about each of them.
    """

    scheme: Scheme
    about: About
    choices: tuple[Choice, ...]
    topics: tuple[Topic, ...]
    to: Decision[Custody]
    apart: Mapping[str, Decision[Custody]]


async def door(call: Call, code: str, *, whom: str = "", topic: str = "") -> Door:
    """The door behind a board's code: open where a custodian stands outside the chain of whoever is meant (everybody on
    the board and who left it lately, where nobody is named), else closed with the name and number of the office outside.

    Who was chosen and left the board since is still meant: nobody takes a complaint out of its way by taking themselves off.
    """
    row = await call.db.row("select id, revoked_at from board where code = $1", code)
    if row is None:
        raise NotVisible
    subject = (await boards.subjects_of_boards(call, [row["id"]])).get(row["id"])
    scheme = call.book.with_id(subject.edition) if subject is not None else None
    if row["revoked_at"] is not None or subject is None or scheme is None or (subject.of == "grid" and subject.grid is None):
        raise Refused(REVOKED)
    (source,) = await boards.gather(call, [subject])
    shown = [_choice(call, scheme, code, holder) for holder in named_on(scheme, source)]
    lately = named_on(scheme, replace(source, holders=await standing.lately(call, scheme, source)))
    known = {one.person for one in lately}
    lately += [one for one in await standing.named_before(call, scheme, row["id"]) if one.person not in known]
    left = [_choice(call, scheme, code, one) for one in lately if one.person not in {there.person for there in shown}]
    sure = [one for one in (*shown, *left) if one.mark == whom]
    meant = sure or [*shown, *left]
    about = About(
        board=code,
        place=source.place,
        path=source.path,
        region=scheme.region.code,
        enterprise=source.enterprise,
        enterprise_name=source.enterprise_name,
        address=source.address,
        people=tuple(Accused(one.person, one.name, one.post) for one in meant),
        unsure=not sure,
        topic="",
    )
    keeps, barred = await _custody(call, scheme, about, source.units)
    choices, topics = (*shown, *(one for one in sure if one in left)), scheme.topics(Kind.COMPLAINT)
    apart = {one.code: keeps(one) for one in topics if one.outside is not None}
    return Door(scheme, replace(about, aside=barred), choices, topics, apart.get(topic) or keeps(None), apart)


def _choice(call: Call, scheme: Scheme, board: str, holder: Holder) -> Choice:
    mark = call.portal.keyring.derive("whom", board, str(holder.person)).hex()[:16]
    return Choice(mark, holder.name, scheme.posts[holder.post].name, holder.person)


async def _custody(
    call: Call, scheme: Scheme, about: About, units: Sequence[UnitAt]
) -> tuple[Callable[[Topic | None], Decision[Custody]], tuple[int, ...]]:
    """Who keeps a complaint about this, for each topic, decided for the people whom it is about; and the custodians of all
    offices outside who have to stand back.
    """
    outside = [unit.id for unit in rules.outside(scheme, units)]
    keeping = await standing.custodians(call, outside)
    people = {person for found in (await standing.custodians(call, outside, also_away=True)).values() for person in found}
    able: frozenset[int] = frozenset()
    if people:
        circle = await standing.circle(call, {*people, *(one.id for one in about.people)}, call.today)
        able = frozenset(one for one in people if circle.may_read(one, **about.bars, since=call.today))

    def keeps(topic: Topic | None) -> Decision[Custody]:
        return rules.custody(scheme, about.path, units, lambda unit: bool(keeping.get(unit, frozenset()) & able), topic)

    return keeps, tuple(sorted(people - able))


async def complaint_was_sent(call: Call, form: str) -> bool:
    """Whether a complaint was opened with this form."""
    mark = drafts.form_mark(call, form)
    return bool(await call.db.value("select exists (select from complaint where form = $1)", mark))


async def open_complaint(call: Call, new: ComplaintOpening) -> str:
    """Take in a complaint; its receipt. The same form sent again gives the same receipt and no second complaint.

    :class:`Refused` where the door is closed: nothing is stored then.
    """
    text = checked_text(new.text, longest=LONGEST_TEXT, field="text", what=say("请写明发生了什么。"))
    contact = checked_text(new.contact, longest=LONGEST_CONTACT, field="contact", what=None)
    receipt, mark = receipts.receipt_of(call, new.form), drafts.form_mark(call, new.form)
    if await complaint_was_sent(call, new.form):
        await _correct(call, mark, new, text, contact)
        return receipt
    stored = await receipts.stored_receipt(receipt)
    public, gone = from_public(call), list[str]()

    async def work() -> bool:
        gone.clear()
        await call.db.hold(Lock.FORM, mark.hex())
        if await complaint_was_sent(call, new.form):
            return False
        found = await door(call, new.board, whom=new.whom, topic=new.topic)
        to = found.to.value
        if to.unit is None:
            raise Refused(say(NOT_HERE.msgid, name=to.name, phone=to.phone), field="whom")
        topic = next((one.name for one in found.topics if one.code == new.topic), "")
        people = await standing.as_they_are(call, found.about.people, call.today)
        # Whoever works beside them now does not come to read it after changing the office
        aside = {*found.about.aside, *await standing.beside(call, people)}
        about = replace(found.about, topic=topic, people=people, aside=tuple(sorted(aside)))
        due = rules.deadline(found.scheme, "received", call.today, call.portal.working_days)
        id_, key = public_id(), Key.new()
        row = Complaint(
            public_id=id_,
            number=_number(),
            state="received",
            edition=found.scheme.edition_id,
            unit=to.unit,
            key=call.portal.keyring.wrap(key, f"complaint {id_}"),
            about=key.seal_text(about.text(), f"about {id_}"),
            contact=key.seal_text(contact, f"contact {id_}") if contact else None,
            form=mark,
            bucket=receipt[: receipts.BUCKET],
            receipt=stored,
            due=due.value.day if due else None,
            due_because=_json(due),
            due_awaits=due.value.awaits if due else None,
            opened_at=public.now,
            copied=True,
            chain_head=START,
            chain_length=0,
        )
        await row.save()
        complaint = await locked(call, row.id)
        gone.extend(await _write_step(public, complaint, key, "opened", text, new.form))
        await notify(public, complaint, "new")
        await chain.append(public, complaint, "opened")
        return True

    if not await call.db.run_tx(work):
        await _correct(call, mark, new, text, contact)
    for name in gone:
        call.portal.files.remove(name)
    return receipt


async def _correct(call: Call, mark: bytes, new: ComplaintOpening, text: str, contact: str) -> None:
    """A form that was sent before comes again: what is new in it is added, once."""
    public, gone = from_public(call), list[str]()

    async def work() -> None:
        gone.clear()
        row = await call.db.row("select * from complaint where form = $1 for update", mark)
        if row is None:
            return
        one = queries.opened(call, row)
        if not await _means_the_same(call, one, new):
            raise Refused(OTHER, field="whom")
        words = {step.text for step in await queries.said(call, one) if not step.ours}
        reached = one.key.open_text(row["contact"], f"contact {row['public_id']}") if row["contact"] else ""
        elsewhere = bool(contact) and contact != reached
        more = text not in words or bool(await drafts.photos(call, new.form))
        if row["state"] == "closed" and (more or elsewhere):
            raise Refused(CLOSED, field="text")
        if elsewhere:
            sealed = one.key.seal_text(contact, f"contact {row['public_id']}")
            await call.db.rows("update complaint set contact = $2 where id = $1", row["id"], sealed)
        if more and (again := await drafts.mark_of_new(call, new.form, text, _sent_before)) is not None:
            gone.extend(await _add(public, one, text, again, new.form))

    await call.db.run_tx(work)
    for name in gone:
        call.portal.files.remove(name)


async def _means_the_same(call: Call, one: Opened, new: ComplaintOpening) -> bool:
    """Whether a form that was sent before still means whom and what it meant then, as far as the board can tell."""
    try:
        found = await door(call, new.board, whom=new.whom)
    except Refused:
        return True
    then, now = one.about, found.about
    topic = next((each.name for each in found.topics if each.code == new.topic), "")
    return (now.unsure, topic) == (then.unsure, then.topic) and (
        now.unsure or [one.called for one in now.people] == [one.called for one in then.people]
    )


async def add(call: Call, found: Progress, text: str, form: str) -> None:
    """The reporter, whose receipt opened ``found``, adds to it."""
    needed = None if await drafts.photos(call, form) else say("请写明要补充的内容。")
    said = checked_text(text, longest=LONGEST_TEXT, field="text", what=needed)
    public, gone = from_public(call), list[str]()

    async def work() -> None:
        gone.clear()
        row = await locked(call, found.id)
        if (mark := await drafts.mark_of_new(call, form, said, _sent_before)) is None:
            return
        if row["state"] == "closed":
            raise Refused(CLOSED, field="text")
        gone.extend(await _add(public, queries.opened(call, row), said, mark, form))

    await call.db.run_tx(work)
    for name in gone:
        call.portal.files.remove(name)


async def _add(public: Call, one: Opened, text: str, mark: str, form: str) -> list[str]:
    gone = await _write_step(public, one.row, one.key, "add", text, mark, photos_of=form)
    await notify(public, one.row, "added")
    await chain.append(public, one.row, "added")
    return gone


# What custodians do


async def read(call: Call, id_: str) -> queries.ComplaintView:
    """Everything of a complaint; that the viewer read it is written into its chain, and its news count as seen."""

    async def work() -> queries.ComplaintView:
        one = await hold(call, id_)
        await chain.append(call, one.row, "read")
        if one.row["unit"] in call.viewer.custody:
            await _seen(call, one)
        return await queries.view(call, one)

    return await call.db.run_tx(work)


async def read_photo(call: Call, id_: str, photo: str) -> bytes:
    """A photo of a complaint; the reading is written into its chain."""

    async def work() -> bytes:
        one = await hold(call, id_)
        row = await call.db.row("select file from complaint_photo where public_id = $1 and complaint = $2", photo, one.row["id"])
        if row is None:
            raise NotVisible
        await chain.append(call, one.row, "photo")
        return one.key.open(call.portal.complaint_files.read(row["file"]), f"photo {photo}")

    return await call.db.run_tx(work)


async def reveal_contact(call: Call, id_: str) -> str:
    """How the reporter may be reached, where they said so; the reading is written into the chain."""

    async def work() -> str:
        one = await hold(call, id_)
        if one.row["contact"] is None:
            raise NotVisible
        await chain.append(call, one.row, "contact")
        return one.key.open_text(one.row["contact"], f"contact {id_}")

    return await call.db.run_tx(work)


async def take_step(call: Call, id_: str, step: str, text: str, form: str) -> None:
    """Accept, refuse, ask back, answer or close. Words are required where the reporter waits for them."""
    needed = say("请写明内容，投诉人凭查询码能看到。") if step in ("refuse", "ask", "answer") else None
    said = checked_text(text, longest=LONGEST_TEXT, field="text", what=needed)

    async def work() -> None:
        one = await hold(call, id_)
        refuse_guests(call, one)
        row = one.row
        before = await call.db.row("select * from complaint_step where form = $1", drafts.form_mark(call, form))
        if before is not None:
            there = before["complaint"] == row["id"]
            refuse_other(
                before["step"], one.key.open_text(before["text"], f"step {before['public_id']}") if there else None, step, said
            )
            return
        state = rules.after(row["state"], step)
        await _write_step(call, row, one.key, step, said, form)
        if state != row["state"]:
            scheme = call.book.with_id(row["edition"])
            if scheme is None:
                raise Refused(
                    say(
                        "方案“{edition}”的插件没有启用，算不出下一步的办理期限。什么也没有改动，请部署人员启用后再办。",
                        edition=row["edition"],
                    )
                )
            due = rules.deadline(scheme, state, call.today, call.portal.working_days)
            await call.db.rows(
                "update complaint set state = $2, due = $3, due_because = $4, closed_at = $5, due_awaits = $6 where id = $1",
                row["id"],
                state,
                due.value.day if due else None,
                _json(due),
                call.now if state == "closed" else None,
                due.value.awaits if due else None,
            )
        await chain.append(call, row, step)

    await call.db.run_tx(work)


async def stand_back(call: Call, id_: str) -> None:
    """The custodian knows of a reason that the register does not: the complaint is out of their sight from now on.

    Refused where nobody else could read it then: it has to be handed to another office first.
    """

    async def work() -> None:
        one = await hold(call, id_)
        if call.viewer.person is None:
            raise NotVisible
        about = replace(one.about, aside=(*one.about.aside, call.viewer.person))
        if not await queries.keepers(call, replace(one, about=about), [one.row["unit"]]):
            raise Refused(say("您回避后，本部门没有其他受理人能查看这件投诉。请先转给监管条线以外的另一部门。"))
        sealed = one.key.seal_text(about.text(), f"about {id_}")
        await call.db.rows("update complaint set about = $2 where id = $1", one.row["id"], sealed)
        await chain.append(call, one.row, "stood_back")
        await notify(call, one.row, "moved")

    await call.db.run_tx(work)


async def elsewhere(call: Call, one: Opened, *, of_any_kind: bool = False) -> tuple[UnitAt, ...]:
    """The other offices outside the chain, around the place, where somebody may read this complaint, in the order in which
    they would have been asked to keep it; then, ``of_any_kind``, all others: what is not its matter, an office hands to one whose
    matter it is.
    """
    scheme = call.book.with_id(one.row["edition"])
    if scheme is None:
        return ()
    around = rules.outside(scheme, await units_around(call, [one.about.path], call.today))
    left = {unit.id: unit for unit in around if unit.id != one.row["unit"]}
    able, topic = await queries.keepers(call, one, list(left)), rules.topic_named(scheme, one.about.topic)
    found = []
    while (to := rules.custody(scheme, one.about.path, list(left.values()), able.__contains__, topic).value.unit) is not None:
        found.append(left.pop(to))
    return (*found, *(unit for unit in left.values() if of_any_kind and unit.id in able))


async def others(call: Call, id_: str) -> tuple[UnitAt, ...]:
    """The same, for a complaint that the viewer may read."""
    return await elsewhere(call, await queries.readable_complaint(call, id_), of_any_kind=True)


def unit_mark(call: Call, unit: UnitAt) -> str:
    """What stands for an office in a form; no id of ours."""
    return call.portal.keyring.derive("unit", str(unit.id)).hex()[:16]


async def move(call: Call, id_: str, unit: str, why: str) -> None:
    """Hand a complaint to another office outside the chain (by its mark), where somebody may read it."""
    reason = checked_text(why, longest=200, field="why", what=say("请写明转出理由。"))

    async def work() -> None:
        one = await hold(call, id_)
        chosen = next((other for other in await elsewhere(call, one, of_any_kind=True) if unit_mark(call, other) == unit), None)
        if chosen is None:
            raise Refused(say("所选部门没有能查看这件投诉的受理人，请另选。"), field="unit")
        await _move(call, one, chosen, reason)

    await call.db.run_tx(work)


async def _move(call: Call, one: Opened, unit: UnitAt, why: str) -> None:
    await call.db.rows("update complaint set unit = $2 where id = $1", one.row["id"], unit.id)
    await _seen(call, one)
    row = await locked(call, one.row["id"])
    await notify(call, row, "moved")
    await chain.append(call, row, "moved", {"to": unit.name, "why": why})


async def copy_subjects(call: Call) -> int:
    """Seal into complaints of before whom they are about, as those that come in now do at once; how many got it.

    It is done before anything private of rows that were taken back is forgotten, and needs the key of the house, so no
    migration can do it.
    """
    done = 0
    for row in await call.db.rows("select id from complaint where not copied order by id"):
        try:
            done += await call.db.run_tx(partial(_copy_subjects, call, row["id"]))
        except Exception as error:  # noqa: BLE001 - one that cannot be opened must not keep the others waiting
            logger.warning("a complaint could not be given its copy (%s); it is tried again", type(error).__name__)
    return done


async def _copy_subjects(call: Call, id_: int) -> bool:
    row = await locked(call, id_)
    if row["copied"]:
        return False
    one = queries.opened(call, row)
    about = replace(one.about, people=await standing.as_they_are(call, one.about.people, one.since))
    sealed = one.key.seal_text(about.text(), f"about {row['public_id']}")
    await call.db.rows("update complaint set about = $2, copied = true where id = $1", id_, sealed)
    return True


async def recount(call: Call) -> int:
    """Deadlines that waited for the holidays of a year, now that these are known, and such as an earlier release gave out as
    sure; how many are other days than before.
    """
    calendar, moved = call.portal.working_days, 0
    for row in await call.db.rows(
        "select id from complaint where state in ('received', 'accepted') and due is not null "
        "and (due_awaits <= $1 or due_awaits is null and due >= $2) order by id",
        calendar.announced,
        unsure_from(calendar),
    ):
        moved += await call.db.run_tx(partial(_recount, call, row["id"]))
    return moved


async def _recount(call: Call, id_: int) -> bool:
    row = await locked(call, id_)
    scheme = call.book.with_id(row["edition"])
    if scheme is None or row["state"] not in ("received", "accepted"):
        return False
    accepted = await call.db.value("select max(at) from complaint_step where complaint = $1 and step = 'accept'", id_)
    since = day_of(row["opened_at"] if row["state"] == "received" else accepted or row["opened_at"])
    due = rules.deadline(scheme, row["state"], since, call.portal.working_days)
    if due is None or (due.value.day, due.value.awaits) == (row["due"], row["due_awaits"]):
        return False
    await call.db.rows(
        "update complaint set due = $2, due_because = $3, due_awaits = $4 where id = $1",
        id_,
        due.value.day,
        _json(due),
        due.value.awaits,
    )
    if due.value.day == row["due"]:
        return False
    await chain.append(call, row, "recounted", {"due": due.value.day.isoformat()})
    return True


async def look_after(call: Call) -> int:
    """Complaints whose custodians have all left or must stand back now go to another office outside; how many did.

    Where somebody of them only cannot sign in for now (a lost phone, a disabled account), the complaint waits some days for
    them before it goes for good.
    """
    moved = 0
    for row in await call.db.rows("select id from complaint where state <> 'closed' order by id"):
        try:
            moved += await call.db.run_tx(partial(_look_after, call, row["id"]))
        except Exception as error:  # noqa: BLE001 - one that cannot be opened must not keep the others waiting
            logger.warning("a complaint could not be looked after (%s); it is tried again", type(error).__name__)
    return moved


async def _look_after(call: Call, id_: int) -> bool:
    row = await locked(call, id_)
    if row["state"] == "closed":
        return False
    one = queries.opened(call, row)
    if await queries.keepers(call, one, [row["unit"]]):
        await call.db.rows(
            "update complaint_notice set done_at = $2 where complaint = $1 and kind = 'away' and done_at is null", id_, call.now
        )
        return False
    if await queries.keepers(call, one, [row["unit"]], also_away=True) and not await _long_away(call, row):
        return False
    there = await elsewhere(call, one)
    if there:
        await _move(call, one, there[0], say("原部门没有可以办理的受理人"))
    return bool(there)


async def _long_away(call: Call, complaint: Record) -> bool:
    """Whether its keepers were found away some days ago already. The first time it is noted."""
    noted = await call.db.value(
        "select min(at) from complaint_notice where complaint = $1 and kind = 'away' and done_at is null", complaint["id"]
    )
    if noted is None:
        await notify(call, complaint, "away")
    return noted is not None and noted + AWAY <= call.now


def refuse_guests(call: Call, one: Opened) -> None:
    """Whoever opened it together with another reads it, and does nothing in its custodian's place."""
    if one.row["unit"] not in call.viewer.custody:
        raise Refused(say("两人共同批准查看的投诉，只能查看或转给能办理的部门，不能代替受理人办理。"))


async def hold(call: Call, id_: str) -> Opened:
    """The complaint that the viewer may read, locked until the transaction ends.

    Whether they may is asked behind the lock: whoever waited for it may have lost the complaint meanwhile.
    """
    await call.db.rows("select 1 from complaint where public_id = $1 for update", id_)
    return await queries.readable_complaint(call, id_)


async def locked(call: Call, id_: int) -> Record:
    """A complaint's row with what its views need, locked; as it is once the lock is there."""
    await call.db.rows("select 1 from complaint where id = $1 for update", id_)
    row = await call.db.row(f"{queries.COMPLAINT} where c.id = $1", id_)
    if row is None:
        raise NotVisible
    return row


async def _write_step(
    call: Call, complaint: Record, key: Key, step: str, text: str, form: str, *, photos_of: str | None = None
) -> list[str]:
    """Write a step with the photos of its form; the names of the draft files that are of no use any more."""
    id_ = public_id()
    row = ComplaintStep(
        public_id=id_,
        complaint=complaint["id"],
        step=step,
        author=call.viewer.account,
        text=key.seal_text(text, f"step {id_}"),
        form=drafts.form_mark(call, form),
        at=call.now,
    )
    await row.save()
    gone = []
    for place, (old, picture, file) in enumerate(await drafts.take(call, photos_of or form)):
        photo = public_id()
        name = await asyncio.to_thread(call.portal.complaint_files.keep, key.seal(picture, f"photo {photo}"))
        await ComplaintPhoto(public_id=photo, complaint=complaint["id"], step=row.id, file=name, place=place).save()
        await call.db.rows("delete from stored_file where id = $1", file)
        gone.append(old)
    return gone


async def notify(call: Call, complaint: Record, kind: str) -> None:
    """Tell the custodians of its office that something waits: which kind of thing, and nothing of it."""
    await Notice(complaint=complaint["id"], unit=complaint["unit"], kind=kind, at=call.now).save()


async def _seen(call: Call, one: Opened) -> None:
    await call.db.rows(
        "update complaint_notice set done_at = $2 where complaint = $1 and done_at is null", one.row["id"], call.now
    )


async def _sent_before(call: Call, form: str) -> bool:
    mark = drafts.form_mark(call, form)
    return bool(await call.db.value("select exists (select from complaint_step where form = $1)", mark))


def _number() -> str:
    """What people call a complaint by, over the telephone and on paper: random, and no key to anything."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(NUMBER_LENGTH))


def _json(decision: Decision[object] | None) -> str:
    return json.dumps(decision.kept() if decision else [], ensure_ascii=False)
