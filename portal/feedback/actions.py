"""Opening a case, adding to it, and the office's steps: each once, however often it is sent."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from portal.access.queries import readable
from portal.areas.rules import UnitAt
from portal.boards import queries as boards
from portal.boards.rules import holders_near
from portal.call import Call, Event
from portal.clock import day_of
from portal.desk.actions import clear_desk, lay_on_desk, move_due
from portal.errors import NotVisible, Refused
from portal.feedback import drafts, queries, receipts, rules
from portal.feedback.queries import CaseView
from portal.feedback.rules import Destination
from portal.feedback.tables import Case, CasePhoto, CaseStep
from portal.ledger.actions import asleep, record
from portal.scheme.book import Scheme
from portal.scheme.calendar import unsure_from
from portal.scheme.decision import Decision
from portal.scheme.words import Kind, Topic
from portal.storage.columns import public_id
from portal.storage.engine import Record
from portal.storage.files import digest
from portal.storage.locks import Lock
from portal.storage.once import SentBefore
from portal.storage.seals import Key, Sealed
from portal.storage.tables import StoredFile
from portal.terms import CASE_STEP, COMPLAINT_STEP, KIND, Text, say
from portal.viewer import Viewer

LONGEST_TEXT = 2_000
LONGEST_CONTACT = 100
# Of what was sent before, beside its whole text in the course of the case
QUOTED = 120
REVOKED = say("这块公示牌已经作废，请直接拨打 12350 或 12345。")
CLOSED = say("这件事已经办结，不能再补充。如有新情况，请从公示牌重新提交。")
LEADS_NOWHERE = say(
    "公示牌上的网格已经撤销，或本地区的方案没有启用，网上算不出该转给哪个部门，没有转办。"
    "请直接与主管部门联系，并把结果写在答复里。"
)
PUBLIC_NAME = str(say("公众"))


@dataclass(frozen=True, kw_only=True)
class CaseOpening:
    """What a person sends from a board: ``form`` is the id that their browser made for this form. ``grave``: of a report, that
    somebody died or was badly hurt.
    """

    kind: Kind
    board: str
    form: str
    text: str
    contact: str = ""
    topic: str = ""
    grave: bool = False


@dataclass(frozen=True)
class Way:
    """Where a case from this board would go, before anybody writes anything; ``above`` sees a report that tells of a death."""

    scheme: Scheme
    to: Decision[Destination]
    board: int
    enterprise: int | None
    jurisdiction: int
    path: str
    name: str
    above: UnitAt | None

    def shown_above(self, unit: int | None) -> int | None:
        """The office that is shown a report of a death which ``unit`` handles; None where it handles it itself, or none is."""
        return self.above.id if self.above is not None and self.above.id != unit else None

    def because(self, *, grave: bool) -> str:
        """Why it goes there, as it is stored."""
        more = (rules.shown_above(self.scheme, self.to.value.unit, self.above),) if grave else ()
        return _json(replace(self.to, because=(*self.to.because, *more)))


def from_public(call: Call) -> Call:
    """The call of somebody who reports: nobody in particular, at an hour and not at a moment, also where they are signed in."""
    return replace(call, viewer=Viewer(name=PUBLIC_NAME), now=_hour(call.now))


async def way(call: Call, kind: Kind, code: str, topic: str = "", *, grave: bool = False, revoked: bool = False) -> Way:
    """The route of a case of this kind and topic from a board; :class:`Refused` where the board counts no more, unless a case is
    meant that came from it before it was ``revoked``.

    What tells of a death takes the usual way where nobody takes in its topic: it is not sent to a number outside while an office
    reads here.

    Only offices in whose name somebody can sign in come into question: what nobody reads is not taken in.
    """
    row = await call.db.row("select id from board where code = $1", code)
    if row is None:
        raise NotVisible
    subject = (await boards.subjects_of_boards(call, [row["id"]], revoked=revoked)).get(row["id"])
    if subject is None:
        raise Refused(REVOKED)
    if subject.of == "grid" and subject.grid is None:
        raise Refused(say("这块公示牌上的网格已经撤销，请直接拨打 12350 或 12345。"))
    scheme = call.book.with_id(subject.edition)
    if scheme is None:
        raise Refused(say("本地区的方案没有启用，暂时不能在线提交，请拨打 12350 或 12345。"))
    (source,) = await boards.gather(call, [subject])

    def holder(post: str) -> tuple[int, str] | None:
        found = holders_near(source, post)
        return (found[0].person, found[0].name) if found else None

    read = await readable(call, [unit.id for unit in source.units])
    to = rules.route(scheme, kind, path=source.path, units=source.units, holder=holder, read=read, topic=topic)
    usual = rules.route(scheme, kind, path=source.path, units=source.units, holder=holder, read=read)
    if grave and to.value.unit is None and usual.value.unit is not None:
        to = usual
    name = source.enterprise_name or source.grids[0].name
    above = rules.above(scheme, path=source.path, units=source.units, read=read, topic=topic)
    return Way(scheme, to, row["id"], subject.enterprise, subject.jurisdiction, source.path, name, above)


async def open_case(call: Call, new: CaseOpening) -> str:
    """Take in a contact or a report; its receipt. The same form sent again gives the same receipt and no second case.

    Where it says something else the second time (sent, gone back, corrected), that is added to the case.
    """
    text = checked_text(new.text, longest=LONGEST_TEXT, field="text", what=say("请填写内容。"))
    contact = checked_text(new.contact, longest=LONGEST_CONTACT, field="contact", what=None)
    receipt = receipts.receipt_of(call, new.form)
    mark = drafts.form_mark(call, new.form)
    if await case_was_sent(call, new.form):
        await _correct(call, mark, new, text, contact)
        return receipt
    kept = await receipts.stored_receipt(receipt)
    public = from_public(call)
    gone: list[str] = []

    async def work() -> bool:
        gone.clear()
        await call.db.hold(Lock.FORM, mark.hex())
        if await case_was_sent(call, new.form):
            return False
        grave = new.grave and new.kind is Kind.REPORT
        way_ = await way(call, new.kind, new.board, new.topic, grave=grave)
        to, topic = way_.to.value, _topic(way_.scheme, new.kind, new.topic)
        if to.unit is None:
            raise Refused(say("本地暂未开通网上受理，您填写的内容没有提交。请拨打{name}。", name=to.name))
        above = way_.shown_above(to.unit) if grave else None
        due = rules.deadline(way_.scheme, new.kind, "received", call.today, call.portal.working_days, topic=topic)
        id_, key = public_id(), Key.new()
        case = Case(
            public_id=id_,
            kind=new.kind.value,
            topic=topic,
            state="received",
            region=way_.scheme.region.code,
            edition=way_.scheme.edition_id,
            board=way_.board,
            enterprise=way_.enterprise,
            jurisdiction=way_.jurisdiction,
            unit=to.unit,
            person=to.person,
            grave=grave,
            above=above,
            route_because=way_.because(grave=grave),
            due=due.value.day if due else None,
            due_because=_json(due),
            due_awaits=due.value.awaits if due else None,
            key=call.portal.keyring.wrap(key, f"case {id_}"),
            contact=key.seal_text(contact, f"contact {id_}") if contact else None,
            form=mark,
            bucket=receipt[: receipts.BUCKET],
            receipt=kept,
            opened_at=public.now,
        )
        await case.save()
        gone.extend(await _write_step(public, case.id, key, "opened", text, new.form, name=PUBLIC_NAME))
        title = say("{kind}：{name}", kind=_called(new.kind.value, grave=grave), name=way_.name)
        await _lay(public, id_, title, unit=to.unit, person=to.person, above=above, due=due.value.day if due else None)
        data = {"kind": new.kind.value, "unit": to.unit} | ({"above": above} if above is not None else {})
        await record(public, "opened", "case", id_, area=way_.path, data=data)
        return True

    if not await call.db.run_tx(work):
        await _correct(call, mark, new, text, contact)
    for name in gone:
        call.portal.files.remove(name)
    return receipt


def _topic(scheme: Scheme, kind: Kind, code: str) -> str:
    """The topic that was chosen, where the edition still has it at this door."""
    return code if any(topic.code == code for topic in scheme.topics(kind)) else ""


def _called(kind: str, *, grave: bool) -> str:
    """What a case is called on a desk."""
    return say("{kind}（有人死亡或重伤）", kind=KIND[kind]) if grave else KIND[kind]


async def _more_of(call: Call, row: Record, *, grave: bool) -> str:
    """What a case is called on a desk when its reporter added to it."""
    name = await call.db.value(
        "select coalesce(e.name, g.name, '') from board b left join grid g on g.id = b.grid "
        "left join enterprise e on e.id = $2 where b.id = $1",
        row["board"],
        row["enterprise"],
    )
    return say("{kind}有补充：{name}", kind=_called(row["kind"], grave=grave), name=name)


async def _lay(
    call: Call, id_: str, title: str, *, unit: int | None, person: int | None, above: int | None, due: date | None
) -> None:
    """Put a case before whoever handles it, and before the office that is shown it as well."""
    await lay_on_desk(call, unit=unit, person=person, kind="case", subject=id_, title=title, due=due)
    if above is not None:
        await lay_on_desk(call, unit=above, person=None, kind="case", subject=id_, title=title, due=due)


async def case_was_sent(call: Call, form: str) -> bool:
    """Whether a case was opened with this form."""
    mark = drafts.form_mark(call, form)
    return bool(await call.db.value("select exists (select from feedback_case where form = $1)", mark))


async def _correct(call: Call, mark: bytes, new: CaseOpening, text: str, contact: str) -> None:
    """A form that was sent before comes again: what is new in it is added, once."""
    public = from_public(call)
    gone: list[str] = []

    async def work() -> None:
        gone.clear()
        row = await call.db.row("select * from feedback_case where form = $1 for update", mark)
        if row is None:
            return
        key = call.portal.keyring.unwrap(row["key"], f"case {row['public_id']}")
        steps = await call.db.rows(
            'select public_id, step, text from feedback_step where "case" = $1 and (author is null or step = $2) order by id',
            row["id"],
            "turn",
        )
        turned = any(step["step"] == "turn" for step in steps)
        said = {key.open_text(step["text"], f"step {step['public_id']}") for step in steps}
        reached = key.open_text(row["contact"], f"contact {row['public_id']}") if row["contact"] else ""
        elsewhere = bool(contact) and contact != reached
        worse = new.grave and row["kind"] == Kind.REPORT.value and not row["grave"]
        words, other = text, None if turned else _chosen_anew(call, row, new)
        if other is not None:
            words = say("{text}\n（事项改选为：{topic}）", text=text, topic=other.name)
        more = words not in said or bool(await drafts.photos(call, new.form))
        if row["state"] == "closed" and (more or elsewhere or worse):
            raise Refused(CLOSED, field="text")
        if worse:
            row = await _mark_grave(public, row)
        if elsewhere:
            sealed = key.seal_text(contact, f"contact {row['public_id']}")
            await call.db.rows("update feedback_case set contact = $2 where id = $1", row["id"], sealed)
        if more and (again := await drafts.mark_of_new(call, new.form, words, _sent_before)) is not None:
            gone.extend(await _write_addition(public, row, key, words, again, new.form))

    await call.db.run_tx(work)
    for name in gone:
        call.portal.files.remove(name)


def _chosen_anew(call: Call, row: Record, new: CaseOpening) -> Topic | None:
    """The topic that a form which comes again says now, where it said another one before."""
    scheme = call.book.with_id(row["edition"])
    if scheme is None or not new.topic or new.topic == row["topic"]:
        return None
    return next((topic for topic in scheme.topics(new.kind) if topic.code == new.topic), None)


async def _mark_grave(public: Call, row: Record) -> Record:
    """A report tells only now that somebody died or was badly hurt: the case as it is from then on. It is shown to nobody else
    where nobody stands above. What an office refused or answered before it was told begins anew.
    """
    board = await public.db.value("select code from board where id = $1", row["board"])
    way_ = await _way_to(public, Kind(row["kind"]), board, row["topic"])
    above: int | None = None
    reasons, title = json.loads(row["route_because"]), await _more_of(public, row, grave=True)
    if way_ is not None:
        above = way_.shown_above(row["unit"])
        reasons.append(rules.shown_above(way_.scheme, row["unit"], way_.above).kept())
        title = say("{kind}：{name}", kind=_called(row["kind"], grave=True), name=way_.name)
    await public.db.rows(
        "update feedback_case set grave = true, above = $2, route_because = $3 where id = $1",
        row["id"],
        above,
        json.dumps(reasons, ensure_ascii=False),
    )
    if row["state"] in ("refused", "answered"):
        await _begin_anew(public, row)
    marked = await public.db.row("select * from feedback_case where id = $1", row["id"]) or row
    await clear_desk(public, kind="case", subject=row["public_id"])
    await _lay(public, row["public_id"], title, unit=row["unit"], person=row["person"], above=above, due=marked["due"])
    path = await public.db.value("select path from jurisdiction where id = $1", row["jurisdiction"])
    await record(public, "added", "case", row["public_id"], area=path, data={"above": above} if above is not None else {})
    return marked


async def _begin_anew(public: Call, row: Record) -> None:
    """A case waits for being accepted again, counted from today."""
    scheme, due = public.book.with_id(row["edition"]), None
    if scheme is not None:
        kind = Kind(row["kind"])
        due = rules.deadline(scheme, kind, "received", public.today, public.portal.working_days, topic=row["topic"])
    await public.db.rows(
        "update feedback_case set state = 'received', due = $2, due_because = $3, due_awaits = $4 where id = $1",
        row["id"],
        due.value.day if due else None,
        _json(due),
        due.value.awaits if due else None,
    )


async def add(call: Call, found: CaseView, text: str, form: str, *, grave: bool = False) -> None:
    """The reporter, whose receipt opened ``found``, adds to their case; or tells of a report only now that it is ``grave``."""
    needed = None if await drafts.photos(call, form) else say("请写明要补充的内容。")
    said = checked_text(text, longest=LONGEST_TEXT, field="text", what=needed)
    public = from_public(call)
    gone: list[str] = []

    async def work() -> None:
        gone.clear()
        row = await call.db.row("select * from feedback_case where id = $1 for update", found.id)
        if row is None:
            return
        worse = grave and row["kind"] == Kind.REPORT.value and not row["grave"]
        mark = await drafts.mark_of_new(call, form, said, _sent_before)
        if mark is None and not worse:
            return
        if row["state"] == "closed":
            raise Refused(CLOSED, field="text")
        if worse:
            row = await _mark_grave(public, row)
        if mark is not None:
            key = call.portal.keyring.unwrap(row["key"], f"case {row['public_id']}")
            gone.extend(await _write_addition(public, row, key, said, mark, form))

    await call.db.run_tx(work)
    for name in gone:
        call.portal.files.remove(name)


async def _write_addition(public: Call, row: Record, key: Key, text: str, mark: str, form: str) -> list[str]:
    """Something more of the reporter's, before the office again; the names of draft files of no use any more."""
    gone = await _write_step(public, row["id"], key, "add", text, mark, name=PUBLIC_NAME, photos_of=form)
    title = await _more_of(public, row, grave=row["grave"])
    await clear_desk(public, kind="case", subject=row["public_id"])
    await _lay(public, row["public_id"], title, unit=row["unit"], person=row["person"], above=row["above"], due=row["due"])
    path = await public.db.value("select path from jurisdiction where id = $1", row["jurisdiction"])
    await record(public, "added", "case", row["public_id"], area=path, data={})
    return gone


async def take_step(call: Call, id_: str, step: str, text: str, form: str) -> None:
    """The office accepts, refuses, answers or closes. Words are required where the reporter waits for them."""
    needed = say("请写明内容，反映人凭查询码能看到。") if step in ("refuse", "answer") else None
    said = checked_text(text, longest=LONGEST_TEXT, field="text", what=needed)

    async def work() -> None:
        case = await queries.case(call, id_)
        row = await call.db.row("select * from feedback_case where id = $1 for update", case.id)
        if row is None:
            return
        before = await call.db.row(
            'select "case", public_id, step, text from feedback_step where form = $1', drafts.form_mark(call, form)
        )
        key = call.portal.keyring.unwrap(row["key"], f"case {id_}")
        if before is not None:
            there = before["case"] == row["id"]
            refuse_other(
                before["step"], key.open_text(before["text"], f"step {before['public_id']}") if there else None, step, said
            )
            return
        state = rules.after(row["kind"], row["state"], step)
        others = row["above"] if row["above"] not in call.viewer.units else None
        if others is not None and step in rules.SETTLING:
            raise Refused(
                say("反映人说有人死亡或重伤，这件举报由{name}不予受理或办结。请与它联系；情况可以先写在答复里。", name=case.above)
                if case.above_reads
                else unread_above(case)
            )
        scheme = call.book.with_id(row["edition"])
        due = None
        if scheme is not None:
            due = rules.deadline(scheme, Kind(row["kind"]), state, call.today, call.portal.working_days, topic=row["topic"])
        await _write_step(call, row["id"], key, step, said, form, name=case.acting or call.viewer.name)
        closed = call.now if state == "closed" else None
        await call.db.rows(
            "update feedback_case set state = $2, due = $3, due_because = $4, closed_at = $5, due_awaits = $6 where id = $1",
            row["id"],
            state,
            due.value.day if due else None,
            _json(due),
            closed,
            due.value.awaits if due else None,
        )
        if state in ("answered", "refused", "closed"):
            await clear_desk(call, kind="case", subject=id_, but=others)
        else:
            await move_due(call, kind="case", subject=id_, due=due.value.day if due else None)
        await record(call, PAST[step], "case", id_, area=case.path, data={"state": state})

    await call.db.run_tx(work)


def unread_above(case: CaseView) -> Text:
    """What to do where nobody at the office that settles a report of a death can sign in."""
    return say(
        "{name}现在没有人能登录，这件举报暂时办结不了，也不能作不予受理。请立即打电话告诉它（{phone}），并请系统管理员为它开通账号；"
        "情况可以先写在答复里。是事故的，另按规定立即上报。",
        name=case.above,
        phone=case.above_phone or say("没有登记电话"),
    )


async def turn_over(call: Call, id_: str, topic: str, text: str, form: str) -> None:
    """The office says that a case is about another topic: it goes where that leads, with what was promised counted from the same
    day. The reporter reads the words. :class:`Refused` where it would stay with the same office, or nobody reads there. That its
    board was revoked since keeps nobody from it: what it is about is still there.
    """
    said = checked_text(text, longest=LONGEST_TEXT, field="text", what=say("请写明转给谁、为什么，反映人凭查询码能看到。"))

    async def work() -> None:
        case = await queries.case(call, id_)
        row = await call.db.row(CASE_WITH_BOARD, case.id)
        if row is None:
            return
        mark, key = drafts.form_mark(call, form), call.portal.keyring.unwrap(row["key"], f"case {id_}")
        before = await call.db.row('select "case", public_id, step, text from feedback_step where form = $1', mark)
        if before is not None:
            there = before["case"] == row["id"]
            words = key.open_text(before["text"], f"step {before['public_id']}") if there else None
            refuse_other(before["step"], words, "turn", said)
            return
        if row["state"] not in ("received", "accepted"):
            raise Refused(say("已经答复或办结的来件不能再转办。"))
        kind = Kind(row["kind"])
        to = await _way_to(call, kind, row["code"], topic)
        if to is None:
            raise Refused(LEADS_NOWHERE, field="topic")
        if not _topic(to.scheme, kind, topic):
            raise Refused(say("请选择转到哪一个事项。"), field="topic")
        if to.to.value.unit is None:
            raise Refused(
                say("这类事项本网站没有可以受理的部门，没有转办。请答复反映人直接联系{name}。", name=to.to.value.name),
                field="topic",
            )
        if to.to.value.unit == row["unit"]:
            raise Refused(say("这类事项也由{name}办理，不用转办。", name=case.handler), field="topic")
        since = day_of(row["opened_at"] if row["state"] == "received" else row["accepted_at"] or row["opened_at"])
        due = rules.deadline(to.scheme, kind, row["state"], since, call.portal.working_days, topic=topic)
        await _write_step(call, row["id"], key, "turn", said, form, name=case.acting or call.viewer.name)
        await call.db.rows(
            "update feedback_case set topic = $2, due = $3, due_because = $4, due_awaits = $5 where id = $1",
            row["id"],
            topic,
            due.value.day if due else None,
            _json(due),
            due.value.awaits if due else None,
        )
        await _move(
            call,
            row,
            to,
            title=say("转来的{kind}：{name}", kind=_called(row["kind"], grave=row["grave"]), name=to.name),
            due=due.value.day if due else None,
        )
        await move_due(call, kind="case", subject=row["public_id"], due=due.value.day if due else None)

    await call.db.run_tx(work)


async def turned_before(call: Call, id_: str, text: str, form: str) -> bool:
    """Whether the viewer turned this case over with this form and these words: it is another office's since."""
    row = await call.db.row(
        'select s.public_id, s.text, c.key from feedback_step s join feedback_case c on c.id = s."case" '
        "where s.form = $1 and s.step = 'turn' and s.author = $2 and c.public_id = $3",
        drafts.form_mark(call, form),
        call.viewer.account,
        id_,
    )
    if row is None:
        return False
    key = call.portal.keyring.unwrap(row["key"], f"case {id_}")
    return key.open_text(row["text"], f"step {row['public_id']}") == text.strip()


CASE_WITH_BOARD = """
    select c.*, b.code, j.path, (select max(s.at) from feedback_step s where s."case" = c.id and s.step = 'accept') as accepted_at
    from feedback_case c join board b on b.id = c.board join jurisdiction j on j.id = c.jurisdiction
    where c.id = $1 for update of c
"""


async def _move(call: Call, row: Record, to: Way, *, title: str, due: date | None) -> None:
    """Give a case to another office, on whose desk it lies anew; one that tells of a death stays before the office above."""
    there = to.to.value
    await call.db.rows(
        "update feedback_case set unit = $2, person = $3, route_because = $4 where id = $1",
        row["id"],
        there.unit,
        there.person,
        to.because(grave=row["grave"]),
    )
    await clear_desk(call, kind="case", subject=row["public_id"], but=row["above"])
    await _show_above(call, row, to, there.unit)
    await lay_on_desk(call, unit=there.unit, person=there.person, kind="case", subject=row["public_id"], title=title, due=due)
    await record(call, "moved", "case", row["public_id"], area=to.path, data={"unit": [row["unit"], there.unit]})


async def recount(call: Call) -> int:
    """Deadlines that waited for the holidays of a year, now that these are known, and such as an earlier release gave out as
    sure; how many are other days than before.
    """
    calendar, moved = call.portal.working_days, 0
    for row in await call.db.rows(
        "select id from feedback_case where state in ('received', 'accepted') and due is not null "
        "and (due_awaits <= $1 or due_awaits is null and due >= $2) order by id",
        calendar.announced,
        unsure_from(calendar),
    ):
        moved += await call.db.run_tx(partial(_recount, call, row["id"]))
    return moved


async def _recount(call: Call, id_: int) -> bool:
    row = await call.db.row(
        """
        select c.*, j.path, (select max(s.at) from feedback_step s where s."case" = c.id and s.step = 'accept') as accepted_at
        from feedback_case c join jurisdiction j on j.id = c.jurisdiction where c.id = $1 for update of c
        """,
        id_,
    )
    scheme = call.book.with_id(row["edition"]) if row is not None else None
    if row is None or scheme is None or row["state"] not in ("received", "accepted") or await asleep(call, row["path"]):
        return False
    since = day_of(row["opened_at"] if row["state"] == "received" else row["accepted_at"] or row["opened_at"])
    due = rules.deadline(scheme, Kind(row["kind"]), row["state"], since, call.portal.working_days, topic=row["topic"])
    if due is None or (due.value.day, due.value.awaits) == (row["due"], row["due_awaits"]):
        return False
    await call.db.rows(
        "update feedback_case set due = $2, due_because = $3, due_awaits = $4 where id = $1",
        id_,
        due.value.day,
        _json(due),
        due.value.awaits,
    )
    if due.value.day == row["due"]:
        return False
    await move_due(call, kind="case", subject=row["public_id"], due=due.value.day)
    data = {"due": [row["due"].isoformat(), due.value.day.isoformat()]}
    await record(call, "recounted", "case", row["public_id"], area=row["path"], data=data)
    return True


WAITING = """
    select c.id, c.public_id, c.kind, c.topic, c.due, c.unit, c.person, c.grave, c.above, b.code, j.path from feedback_case c
        join board b on b.id = c.board join jurisdiction j on j.id = c.jurisdiction
    where c.state <> 'closed' and {} order by c.id for update of c
"""
STANDS_BACK = """c.enterprise = $1 and exists (select from recusal i
    where i.enterprise = $1 and i.person = c.person and daterange(i.since, i.until) @> $2::date)"""


async def on_event(call: Call, event: Event) -> bool:
    """What waits for an office or a person that sees to it no more goes where it would go now; not where the plugin of the
    region is off.
    """
    follow: Callable[[Call, Event, Sequence[Record]], Awaitable[None]]
    match event.kind, event.name:
        case "unit", "ended":
            rows, follow = await call.db.rows(WAITING.format("$1 in (c.unit, c.above)"), event.subject), _leave_unit
        case "person", "handed_over":
            rows, follow = await call.db.rows(WAITING.format("c.person = $1"), event.subject), _take_over
        case "enterprise", "declared":
            rows, follow = await call.db.rows(WAITING.format(STANDS_BACK), event.subject, call.today), _stand_back
        case _:
            return False
    awake = [row for row in rows if await asleep(call, row["path"]) is None]
    await follow(call, event, awake)
    return len(awake) < len(rows)


async def _leave_unit(call: Call, event: Event, cases: Sequence[Record]) -> None:
    """Cases of an office that is no more. They stay where no other office reads: its accounts still do."""
    for row in cases:
        way_ = await _way_now(call, row)
        if way_ is None:
            continue
        unit = way_.to.value.unit
        if row["unit"] != event.subject:
            await _show_above(call, row, way_, row["unit"])
            if unit == row["unit"]:
                because = way_.because(grave=row["grave"])
                await call.db.rows("update feedback_case set route_because = $2 where id = $1", row["id"], because)
            continue
        title = say("转来的{kind}：{name}", kind=_called(row["kind"], grave=row["grave"]), name=way_.name)
        await _move(call, row, way_, title=title, due=row["due"])


async def _show_above(call: Call, case: Record, way_: Way, unit: int | None) -> None:
    """Which office is shown a report of a death beside ``unit``, that handles it now: the one that stands there now."""
    now = way_.shown_above(unit) if case["grave"] else None
    if now == case["above"]:
        return
    await call.db.rows("update feedback_case set above = $2 where id = $1", case["id"], now)
    if case["above"] is not None:
        await clear_desk(call, kind="case", subject=case["public_id"], of=case["above"])
    if now is not None:
        title = say("{kind}：{name}", kind=_called(case["kind"], grave=True), name=way_.name)
        await lay_on_desk(call, unit=now, person=None, kind="case", subject=case["public_id"], title=title, due=case["due"])
    data = {"above": [case["above"], now]}
    await record(call, "moved", "case", case["public_id"], area=case["path"], data=data)


async def _take_over(call: Call, event: Event, cases: Sequence[Record]) -> None:
    """Cases of somebody who handed over go with the post, except where their way leads elsewhere now: to the same person still,
    or past a successor who stands back there.
    """
    for row in cases:
        way_ = await _way_now(call, row)
        if way_ is None or way_.to.value.person != event.subject:
            await _pass_on(call, row, way_, otherwise=event.to)


async def _stand_back(call: Call, _: Event, cases: Sequence[Record]) -> None:
    """Cases that lie with somebody who stands back from the enterprise now go to whoever is there instead, else to the office."""
    for row in cases:
        await _pass_on(call, row, await _way_now(call, row), otherwise=None)


async def _way_now(call: Call, case: Record) -> Way | None:
    """The way that a case would take now; None where its grid is no more, or no office reads at its end."""
    found = await _way_to(call, Kind(case["kind"]), case["code"], case["topic"], grave=case["grave"])
    return found if found is not None and found.to.value.unit is not None else None


async def _way_to(call: Call, kind: Kind, code: str, topic: str, *, grave: bool = False) -> Way | None:
    """The way of a case that is there from its board, also where that was revoked since; None where it leads nowhere any more."""
    try:
        return await way(call, kind, code, topic, grave=grave, revoked=True)
    except Refused:
        return None


async def _pass_on(call: Call, case: Record, way_: Way | None, *, otherwise: int | None) -> None:
    """Give a case to whom its way leads; without one it stays with its office, and with the person ``otherwise``, if any."""
    unit, person, because = case["unit"], otherwise, None
    lying = await call.db.rows(
        "select id from inbox_item where kind = 'case' and subject = $1 and done_at is null and unit is not distinct from $2",
        case["public_id"],
        case["unit"],
    )
    if way_ is not None:
        unit, person, because = way_.to.value.unit, way_.to.value.person, way_.because(grave=case["grave"])
        await _show_above(call, case, way_, unit)
    await call.db.rows(
        "update feedback_case set unit = $2, person = $3, route_because = coalesce($4, route_because) where id = $1",
        case["id"],
        unit,
        person,
        because,
    )
    await call.db.rows(
        "update inbox_item set unit = $2, person = $3 where id = any($1)", [row["id"] for row in lying], unit, person
    )
    data = {"unit": [case["unit"], unit], "person": [case["person"], person]}
    await record(call, "moved", "case", case["public_id"], area=case["path"], data=data)


PAST = {"accept": "accepted", "refuse": "refused", "answer": "answered", "close": "closed"}


async def reveal_contact(call: Call, id_: str) -> str:
    """How the reporter may be reached, where they said so; reading it is written into the ledger."""

    async def work() -> str:
        case = await queries.case(call, id_)
        row = await call.db.row("select key, contact from feedback_case where id = $1", case.id)
        if row is None or row["contact"] is None:
            raise NotVisible
        await record(call, "read", "case", id_, area=case.path, data={"contact": True})
        return call.portal.keyring.unwrap(row["key"], f"case {id_}").open_text(row["contact"], f"contact {id_}")

    return await call.db.run_tx(work)


async def _write_step(
    call: Call, case: int, key: Key, step: str, text: str, form: str, *, name: str, photos_of: str | None = None
) -> list[str]:
    """Write a step with the photos of its form; the names of the draft files that are of no use any more."""
    id_ = public_id()
    row = CaseStep(
        public_id=id_,
        case=case,
        step=step,
        author=call.viewer.account,
        author_name=name,
        form=drafts.form_mark(call, form),
        text=key.seal_text(text, f"step {id_}"),
        at=call.now,
    )
    await row.save()
    gone = []
    for place, (old, picture, file) in enumerate(await drafts.take(call, photos_of or form)):
        photo = public_id()
        sealed: Sealed = key.seal(picture, f"photo {photo}")
        stored = StoredFile(
            name=await asyncio.to_thread(call.portal.files.keep, sealed),
            kind="case",
            mime="image/jpeg",
            digest=digest(sealed),
            size=len(sealed),
            created_at=_hour(call.now),
        )
        await stored.save()
        await CasePhoto(public_id=photo, case=case, step=row.id, file=stored.id, place=place).save()
        await call.db.rows("delete from stored_file where id = $1", file)
        gone.append(old)
    return gone


async def _sent_before(call: Call, form: str) -> bool:
    mark = drafts.form_mark(call, form)
    return bool(await call.db.value("select exists (select from feedback_step where form = $1)", mark))


def checked_text(text: str, *, longest: int, field: str, what: str | None) -> str:
    """What somebody wrote, without blanks at the ends; :class:`Refused` where it is too long, or empty though ``what`` asks."""
    said = text.replace("\0", "").strip()
    if not said and what is not None:
        raise Refused(say("{what}", what=what), field=field)
    if len(said) > longest:
        raise Refused(say("最多 {n} 字，现在是 {now} 字。", n=longest, now=len(said)), field=field)
    return said


def refuse_other(before: str, words: str | None, step: str, text: str) -> None:
    """:class:`SentBefore` where a form with which a step was taken comes again with another step or other words; ``words`` is
    what was written then, None where that was written elsewhere.
    """
    if (before, words) == (step, text):
        return
    if words is None:
        raise SentBefore(say("这张表单已经用在另一件上，这里没有提交。请核对下面的内容，再按一次按钮。"))
    was = CASE_STEP.get(before) or COMPLAINT_STEP[before]
    if not words:
        raise SentBefore(
            say(
                "这张表单已经提交过：当时按的是“{step}”，没有写内容。现在填的没有提交，还在下面；要提交，请核对后再按一次按钮。",
                step=was,
            )
        )
    shown = words if len(words) <= QUOTED else f"{words[:QUOTED]}…"
    raise SentBefore(
        say(
            "这张表单已经提交过：当时按的是“{step}”，写的是“{words}”。现在填的与当时不同，没有提交，还在下面；"
            "要另外提交，请核对后再按一次按钮。",
            step=was,
            words=shown,
        )
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _json(decision: Decision[object] | None) -> str:
    return json.dumps(decision.kept() if decision else [], ensure_ascii=False)
