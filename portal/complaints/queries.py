"""Reading complaints: custodians outside the chain, their reporter by receipt, and nobody else. Opened here and nowhere else."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from portal.access.rules import network
from portal.budgets.throttle import Budget, give_back, spend
from portal.budgets.turns import QueueFull
from portal.call import Call
from portal.clock import day_of
from portal.complaints import chain, rules, standing
from portal.complaints.chain import ComplaintAct
from portal.complaints.rules import Accused
from portal.errors import NotVisible
from portal.feedback import queries as feedback
from portal.feedback import receipts
from portal.feedback.queries import CaseView
from portal.scheme.decision import Because
from portal.storage.engine import Record
from portal.storage.seals import Key
from portal.terms import say

WAIT = say("这个网络上输错的次数太多，请等 {wait}再试。查询码没有被锁定，刚才输入的还在。")
# Wrong numbers of a network, and all that it asks for: who asks often comes after who asks for the first time
GUESSES = Budget("wrong receipts of a network", free=20, every=10, text=WAIT)
LOOKS = Budget("receipts of a network", free=600, every=2, text=say("这个网络上查询的人太多，请等 {wait}再试，刚才输入的还在。"))


class Bars(TypedDict):
    """Whom and what a reader must stand apart from."""

    accused: Iterable[int]
    enterprise: int | None
    aside: Iterable[int]


@dataclass(frozen=True, kw_only=True)
class About:
    """What a complaint is about, as it is sealed: where, whom, which topic; and who stood back from it."""

    board: str
    place: str
    path: str
    region: str
    enterprise: int | None
    enterprise_name: str
    address: str
    people: tuple[Accused, ...]
    unsure: bool
    topic: str
    aside: tuple[int, ...] = ()

    @property
    def bars(self) -> Bars:
        """What bars a reader."""
        return {"accused": [one.id for one in self.people], "enterprise": self.enterprise, "aside": self.aside}

    def text(self) -> str:
        """As JSON, to be sealed."""
        return json.dumps(
            {**vars(self), "people": [vars(one) for one in self.people], "aside": list(self.aside)}, ensure_ascii=False
        )

    @classmethod
    def read(cls, text: str) -> "About":
        """The inverse of :meth:`text`."""
        said = json.loads(text)
        people = tuple(Accused.read(one) for one in said.pop("people"))
        return cls(people=people, aside=tuple(said.pop("aside")), **said)


@dataclass(frozen=True)
class Opened:
    """A complaint's row with its key and what it is about."""

    row: Record
    key: Key
    about: About

    @property
    def since(self) -> date:
        """The day it came in: posts that ended before it bind nobody."""
        return day_of(self.row["opened_at"])


@dataclass(frozen=True)
class ComplaintRow:
    """A complaint in the custodian's list: nothing of what was written."""

    id: str
    number: str
    state: str
    news: bool
    due: date | None
    overdue: bool
    opened_at: datetime
    due_awaits: int | None


@dataclass(frozen=True)
class ToldStep:
    """A step of a complaint with its words."""

    step: str
    ours: bool
    text: str
    at: datetime
    photos: tuple[str, ...]


@dataclass(frozen=True)
class WrittenSheet:
    """A transfer sheet that was written."""

    id: str
    recipient: str
    text: str
    at: datetime
    reply_by: date | None


@dataclass(frozen=True, kw_only=True)
class ComplaintView:
    """A complaint as its custodian sees it."""

    id: int
    public_id: str
    number: str
    state: str
    unit: int
    keeper: str
    about: About
    due: date | None
    overdue: bool
    due_because: tuple[Because, ...]
    due_awaits: int | None
    has_contact: bool
    opened_at: datetime
    said: tuple[ToldStep, ...]
    sheets: tuple[WrittenSheet, ...]
    acts: tuple[ComplaintAct, ...]
    possible: tuple[str, ...]
    by_glass: bool


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A complaint as its reporter sees it by receipt. ``lost``: nobody who may read it is left at the office."""

    id: int
    number: str
    state: str
    keeper: str
    keeper_phone: str
    due: date | None
    due_because: tuple[Because, ...]
    due_awaits: int | None
    said: tuple[ToldStep, ...]
    glass: tuple[ComplaintAct, ...]
    lost: bool

    @property
    def open(self) -> bool:
        """Whether the reporter may still add to it."""
        return self.state != "closed"


COMPLAINT = """
    select c.*, u.name as keeper, u.phone as keeper_phone,
        exists (select from complaint_notice n where n.complaint = c.id and n.done_at is null and n.kind <> 'away') as news
    from complaint c join public.unit u on u.id = c.unit
"""
GLASS = """
    select complaint from complaint_break_glass
    where complaint is not null and until > $1 and (asked_by = $2 or confirmed_by = $2)
"""


def opened(call: Call, row: Record) -> Opened:
    """Open what a complaint is about."""
    key = call.portal.keyring.unwrap(row["key"], f"complaint {row['public_id']}")
    return Opened(row, key, About.read(key.open_text(row["about"], f"about {row['public_id']}")))


async def readers(call: Call, candidates: Iterable[int], among: Sequence[Opened]) -> dict[int, frozenset[int]]:
    """Which of the people may read each of these complaints, by the complaint's internal id."""
    people = frozenset(candidates)
    if not people:
        return {one.row["id"]: frozenset() for one in among}
    accused = [person for one in among for person in one.about.people]
    # Looked up where there is no complaint, too: how long the answer takes must not tell that there is one
    found = await standing.circle(call, people, min((one.since for one in among), default=call.today), accused)
    return {
        one.row["id"]: frozenset(person for person in people if found.may_read(person, **one.about.bars, since=one.since))
        for one in among
    }


async def mine(call: Call, rows: Sequence[Record]) -> list[Opened]:
    """Those of these complaints that the viewer may read: kept by them or opened by two, and not theirs to stand back from."""
    person = call.viewer.person
    if person is None:
        return []
    glass = {row["complaint"] for row in await call.db.rows(GLASS, call.now, call.viewer.account)}
    ours = [opened(call, row) for row in rows if row["unit"] in call.viewer.custody or row["id"] in glass]
    able = await readers(call, [person], ours)
    return [one for one in ours if person in able[one.row["id"]]]


async def complaints(call: Call, *, closed: bool) -> tuple[ComplaintRow, ...]:
    """The complaints that the viewer keeps: open ones by what is due first, closed ones the newest first."""
    order = "c.id desc" if closed else "c.due nulls last, c.id"
    rows = await call.db.rows(
        f"{COMPLAINT} where (c.unit = any($1) or c.id in ({GLASS.replace('$2', '$3').replace('$1', '$2')})) "
        f"and (c.state = 'closed') = $4 order by {order}",
        list(call.viewer.custody),
        call.now,
        call.viewer.account,
        closed,
    )
    return tuple(
        ComplaintRow(
            one.row["public_id"],
            one.row["number"],
            one.row["state"],
            one.row["news"],
            one.row["due"],
            one.row["due"] is not None and one.row["due"] < call.today,
            one.row["opened_at"],
            one.row["due_awaits"],
        )
        for one in await mine(call, rows)
    )


async def readable_complaint(call: Call, id_: str) -> Opened:
    """One complaint that the viewer may read; :class:`NotVisible` for all others, whether they exist or not."""
    found = await mine(call, await call.db.rows(f"{COMPLAINT} where c.public_id = $1", id_))
    if not found:
        raise NotVisible
    return found[0]


async def view(call: Call, one: Opened) -> ComplaintView:
    """Everything that a custodian sees of it."""
    row, id_ = one.row, one.row["public_id"]
    sheets = await call.db.rows(
        "select public_id, recipient, text, at, reply_by from complaint_sheet where complaint = $1 order by id", row["id"]
    )
    by_glass = row["unit"] not in call.viewer.custody
    return ComplaintView(
        id=row["id"],
        public_id=id_,
        number=row["number"],
        state=row["state"],
        unit=row["unit"],
        keeper=row["keeper"],
        about=one.about,
        due=row["due"],
        overdue=row["due"] is not None and row["due"] < call.today,
        due_because=_because(row["due_because"]),
        due_awaits=row["due_awaits"],
        has_contact=row["contact"] is not None,
        opened_at=row["opened_at"],
        said=await said(call, one),
        sheets=tuple(
            WrittenSheet(
                sheet["public_id"],
                one.key.open_text(sheet["recipient"], f"recipient {sheet['public_id']}"),
                one.key.open_text(sheet["text"], f"sheet {sheet['public_id']}"),
                sheet["at"],
                sheet["reply_by"],
            )
            for sheet in sheets
        ),
        acts=await chain.acts(call, row["id"], id_, one.key),
        possible=() if by_glass else rules.possible(row["state"]),
        by_glass=by_glass,
    )


async def said(call: Call, one: Opened) -> tuple[ToldStep, ...]:
    """What was said, in order."""
    steps = await call.db.rows(
        """
        select s.public_id, s.step, s.author, s.text, s.at,
            (select array_agg(p.public_id order by p.place) from complaint_photo p where p.step = s.id) as photos
        from complaint_step s where s.complaint = $1 order by s.id
        """,
        one.row["id"],
    )
    return tuple(
        ToldStep(
            step["step"],
            step["author"] is not None,
            one.key.open_text(step["text"], f"step {step['public_id']}"),
            step["at"],
            tuple(step["photos"] or ()),
        )
        for step in steps
    )


async def keepers(call: Call, one: Opened, units: Sequence[int], *, also_away: bool = False) -> frozenset[int]:
    """Those of the units where somebody may read this complaint; ``also_away``: or may once they can sign in again."""
    found = await standing.custodians(call, units, also_away=also_away)
    able = await readers(call, {person for people in found.values() for person in people}, [one])
    return frozenset(unit for unit, people in found.items() if people & able[one.row["id"]])


async def taken(call: Call, form_mark: bytes) -> tuple[str, str]:
    """Which office keeps the complaint that was opened with a form, and the number that people call it by."""
    row = await call.db.row(f"{COMPLAINT} where c.form = $1", form_mark)
    if row is None:
        raise NotVisible
    return row["keeper"], row["number"]


async def by_receipt(call: Call, receipt: str, *, address: str) -> CaseView | Progress | None:
    """What a receipt opens: a case, a complaint, or nothing. All three take the same time, and the same question.

    Wrong numbers are slowed per network, after a few that cost no wait. A right one frees nobody else: its holder could go on
    guessing others. :class:`TooSoon` and :class:`QueueFull` say that nothing was looked up, and count as nothing.
    """
    here = network(address)
    look, guess = LOOKS.cost(call, here), GUESSES.cost(call, here)
    rank, _ = await spend(call, look, guess)
    try:
        found = await behind(call, receipt, rank=rank)
    except QueueFull:
        await give_back(call, look, guess)
        raise
    if found is not None:
        await give_back(call, guess)
    return found


async def behind(call: Call, receipt: str, *, rank: float = 0) -> CaseView | Progress | None:
    """The look-up itself, which neither counts nor waits for anything but its turn."""
    bucket = receipt[: receipts.BUCKET]
    cases = await feedback.candidates(call, bucket)
    rows = await call.db.rows(f"{COMPLAINT} where c.bucket = $1 order by c.id", bucket)
    found = await receipts.opens(receipt, [row["receipt"] for row in (*cases, *rows)], rank=rank)
    if found is None:
        return None
    if found < len(cases):
        return await feedback.view(call, cases[found])
    return await _progress(call, opened(call, rows[found - len(cases)]))


def place_of(seen: CaseView | Progress) -> tuple[str, int]:
    """Under what :func:`again` finds what a receipt has opened, without asking for the receipt."""
    return ("complaint" if isinstance(seen, Progress) else "case", seen.id)


async def again(call: Call, kind: str, id_: int) -> CaseView | Progress | None:
    """What a receipt has opened before, as it is now."""
    if kind != "complaint":
        return await feedback.by_id(call, id_)
    row = await call.db.row(f"{COMPLAINT} where c.id = $1", id_)
    return await _progress(call, opened(call, row)) if row is not None else None


async def _progress(call: Call, one: Opened) -> Progress:
    row = one.row
    acts = await chain.acts(call, row["id"], row["public_id"], one.key)
    return Progress(
        id=row["id"],
        number=row["number"],
        state=row["state"],
        keeper=row["keeper"],
        keeper_phone=row["keeper_phone"],
        due=row["due"],
        due_because=_because(row["due_because"]),
        due_awaits=row["due_awaits"],
        said=await said(call, one),
        glass=tuple(act for act in acts if act.verb == "glass"),
        lost=row["state"] != "closed" and not await keepers(call, one, [row["unit"]]),
    )


def _because(text: str) -> tuple[Because, ...]:
    return tuple(Because.read(part) for part in json.loads(text))
