"""Reading cases: the office's own, and the reporter's by receipt. What is sealed is opened here and nowhere else."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime

from portal.access.queries import readable
from portal.areas.queries import FULL_NAME, seen_from
from portal.call import Call
from portal.desk import queries as desk
from portal.desk.queries import Waiting
from portal.errors import NotVisible
from portal.feedback import receipts, rules
from portal.scheme.decision import Because
from portal.scheme.words import Kind, Topic
from portal.storage.engine import Record
from portal.storage.lists import Listed, Wanted, Where, listed


@dataclass(frozen=True)
class SaidStep:
    """What was said at a step, with how many photos."""

    step: str
    who: str
    ours: bool
    text: str
    at: datetime
    photos: tuple[str, ...]


@dataclass(frozen=True)
class CaseRow:
    """A case in the office's list: nothing of what the reporter wrote."""

    id: str
    kind: str
    topic: str
    state: str
    about: str
    due: date | None
    overdue: bool
    opened_at: datetime
    due_awaits: int | None
    grave: bool


@dataclass(frozen=True)
class CaseView:
    """A case as its office or its reporter sees it. ``grave``: the reporter said that somebody died or was badly hurt; ``above``
    is the office of the district that is shown it for that, and nobody reads there unless ``above_reads``; ``acting`` in whose
    name the viewer takes steps.
    """

    id: int
    public_id: str
    kind: str
    topic: str
    edition: str
    state: str
    about: str
    place: str
    path: str
    handler: str | None
    handler_phone: str
    due: date | None
    overdue: bool
    route_because: tuple[Because, ...]
    due_because: tuple[Because, ...]
    due_awaits: int | None
    has_contact: bool
    opened_at: datetime
    steps: tuple[SaidStep, ...]
    possible: tuple[str, ...]
    grave: bool
    above: str
    above_phone: str
    above_reads: bool
    acting: str | None

    @property
    def open(self) -> bool:
        """Whether the reporter may still add to it."""
        return self.state != "closed"


CASE = f"""
    select c.*, j.path, {FULL_NAME.format(path="j.path")} as full_name, coalesce(e.name, g.name, '') as about,
        u.name as unit_name, u.phone as unit_phone, a.name as above_name, a.phone as above_phone, c.public_id as sort_id,
        to_char(coalesce(c.due, '9999-12-31'), 'YYYY-MM-DD') as sort_key
    from feedback_case c join jurisdiction j on j.id = c.jurisdiction left join unit u on u.id = c.unit
        left join unit a on a.id = c.above left join enterprise e on e.id = c.enterprise left join board b on b.id = c.board
        left join grid g on g.id = b.grid
"""
MINE = """(c.unit = any({}) or c.above = any({}) or c.person = any({}) and not exists (select from recusal i
    where i.person = {} and i.enterprise = c.enterprise and daterange(i.since, i.until) @> {}::date))"""


def _mine(call: Call) -> tuple[object, ...]:
    """What :data:`MINE` asks for: what reaches a person, or who covers their absence, does not from where they stand back."""
    units = list(call.viewer.units)
    return units, units, list(call.viewer.people), call.viewer.person, call.today


async def cases(call: Call, wanted: Wanted) -> Listed[CaseRow]:
    """The cases that the viewer's units or the viewer handle, the most urgent first."""
    where = Where()
    where.add(MINE, *_mine(call))
    if kind := wanted.filters.get("kind"):
        where.add("c.kind = {}", kind)
    if wanted.filters.get("ended") != "yes":
        where.add("c.state <> 'closed'")

    def make(row: Record) -> CaseRow:
        overdue = row["due"] is not None and row["due"] < call.today
        return CaseRow(
            row["public_id"],
            row["kind"],
            topic_name(call, row),
            row["state"],
            row["about"],
            row["due"],
            overdue,
            row["opened_at"],
            row["due_awaits"],
            row["grave"],
        )

    key = "to_char(coalesce(c.due, '9999-12-31'), 'YYYY-MM-DD')"
    return await listed(call.db, CASE, where, wanted, make, key=key, id_="c.public_id")


async def waiting(call: Call) -> tuple[Waiting, ...]:
    """What waits on the viewer's desk, of the cases that are the viewer's."""
    found = await desk.waiting(call)
    rows = await call.db.rows(
        "select c.public_id, c.due_awaits from feedback_case c "
        f"where c.public_id = any($1) and {MINE.format('$2', '$3', '$4', '$5', '$6')}",
        [one.subject for one in found],
        *_mine(call),
    )
    mine = {row["public_id"]: row["due_awaits"] for row in rows}
    # Once, also for whoever acts for both offices that a case is before
    once = {one.subject: one for one in reversed(found)}
    return tuple(replace(one, due_awaits=mine[one.subject]) for one in reversed(once.values()) if one.subject in mine)


@dataclass(frozen=True)
class UnreadOffice:
    """An office in whose name nobody can sign in, with how many cases wait for it; ``grave``: one tells of a death."""

    unit: str
    phone: str
    cases: int
    grave: bool


async def unread(call: Call) -> tuple[UnreadOffice, ...]:
    """The offices of the viewer's areas for which cases wait that nobody reads: all their accounts are off."""
    condition, areas = seen_from(call, "j.path")
    rows = await call.db.rows(
        f"""
        select u.id, u.name, u.phone, count(*) as cases, bool_or(c.grave) as grave
        from feedback_case c join unit u on u.id in (c.unit, c.above) join jurisdiction j on j.id = u.jurisdiction
        where (c.state in ('received', 'accepted') or c.state <> 'closed' and u.id = c.above) and {condition.format("$1")}
            and (u.until is null or u.until > $2)
        group by u.id, u.name, u.phone order by u.id
        """,
        areas,
        call.today,
    )
    read = await readable(call, [row["id"] for row in rows])
    return tuple(
        UnreadOffice(row["name"], row["phone"] or "", row["cases"], row["grave"]) for row in rows if row["id"] not in read
    )


async def case(call: Call, id_: str) -> CaseView:
    """A case of the viewer's own units or person."""
    row = await call.db.row(f"{CASE} where c.public_id = $1 and {MINE.format('$2', '$3', '$4', '$5', '$6')}", id_, *_mine(call))
    if row is None:
        raise NotVisible
    return await view(call, row)


async def by_receipt(call: Call, receipt: str) -> CaseView | None:
    """The case that a receipt opens, or None; wrong and absent take the same time."""
    rows = await candidates(call, receipt[: receipts.BUCKET])
    found = await receipts.opens(receipt, [row["receipt"] for row in rows])
    return await view(call, rows[found]) if found is not None else None


async def by_id(call: Call, id_: int) -> CaseView | None:
    """The case that a receipt has opened before."""
    row = await call.db.row(f"{CASE} where c.id = $1", id_)
    return await view(call, row) if row is not None else None


async def candidates(call: Call, bucket: str) -> list[Record]:
    """The cases whose receipts begin with these digits."""
    return await call.db.rows(f"{CASE} where c.bucket = $1 order by c.id", bucket)


async def handled_by(call: Call, form_mark: bytes) -> tuple[str, tuple[Because, ...]]:
    """Whom the case that was opened with a form reached, by name, and why."""
    row = await call.db.row(
        """
        select coalesce(p.name, u.name) as name, c.route_because from feedback_case c left join person p on p.id = c.person
            left join unit u on u.id = c.unit where c.form = $1
        """,
        form_mark,
    )
    if row is None:
        raise NotVisible
    return row["name"], _because(row["route_because"])


async def photo(call: Call, case_id: str, photo: str) -> bytes:
    """A photo of a case of the viewer's own, opened."""
    row = await call.db.row(
        f"""
        select c.key, f.name from feedback_photo p join feedback_case c on c.id = p."case" join stored_file f on f.id = p.file
        where c.public_id = $1 and p.public_id = $2 and {MINE.format("$3", "$4", "$5", "$6", "$7")}
        """,
        case_id,
        photo,
        *_mine(call),
    )
    if row is None:
        raise NotVisible
    key = call.portal.keyring.unwrap(row["key"], f"case {case_id}")
    return key.open(call.portal.files.read(row["name"]), f"photo {photo}")


async def view(call: Call, row: Record) -> CaseView:
    """A case with everything that was said, opened."""
    id_ = row["public_id"]
    key = call.portal.keyring.unwrap(row["key"], f"case {id_}")
    # Whoever is of the office above acts in its name, and it alone settles the case
    over = row["above"] in call.viewer.units
    steps = await call.db.rows(
        """
        select s.public_id, s.step, s.author, s.author_name, s.text, s.at,
            (select array_agg(p.public_id order by p.place) from feedback_photo p where p.step = s.id) as photos
        from feedback_step s where s."case" = $1 order by s.id
        """,
        row["id"],
    )
    return CaseView(
        id=row["id"],
        public_id=id_,
        kind=row["kind"],
        topic=topic_name(call, row),
        edition=row["edition"],
        state=row["state"],
        about=row["about"],
        place=row["full_name"],
        path=row["path"],
        handler=row["unit_name"],
        handler_phone=row["unit_phone"] or "",
        due=row["due"],
        overdue=row["due"] is not None and row["due"] < call.today,
        route_because=_because(row["route_because"]),
        due_because=_because(row["due_because"]),
        due_awaits=row["due_awaits"],
        has_contact=row["contact"] is not None,
        opened_at=row["opened_at"],
        steps=tuple(
            SaidStep(
                step["step"],
                step["author_name"],
                step["author"] is not None,
                key.open_text(step["text"], f"step {step['public_id']}"),
                step["at"],
                tuple(step["photos"] or ()),
            )
            for step in steps
        ),
        possible=rules.possible(row["kind"], row["state"], settles=over or row["above"] is None),
        grave=row["grave"],
        above=row["above_name"] or "",
        above_phone=row["above_phone"] or "",
        above_reads=row["above"] is None or row["above"] in await readable(call, [row["above"]]),
        acting=row["above_name"] if over else row["unit_name"],
    )


def topics_of(call: Call, case: CaseView) -> tuple[Topic, ...]:
    """What the reporter could choose from at the door, in the edition that the case carries."""
    scheme = call.book.with_id(case.edition)
    return scheme.topics(Kind(case.kind)) if scheme is not None else ()


def topic_name(call: Call, row: Record) -> str:
    """What the topic of a case is called in the edition that the case carries; empty where none was chosen."""
    scheme = call.book.with_id(row["edition"])
    named = {topic.code: topic.name for topic in scheme.topics(Kind(row["kind"]))} if scheme is not None else {}
    return named.get(row["topic"], "")


def _because(text: str) -> tuple[Because, ...]:
    return tuple(Because.read(part) for part in json.loads(text))
