"""Reading what was done and what is excused, and what one bureau sees of the other's."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime

from portal.areas.queries import seen_from
from portal.call import Call
from portal.errors import NotVisible
from portal.ledger.queries import stored_editions
from portal.obligations.plans import PlanQuestion
from portal.scheme.book import Scheme
from portal.scheme.canonical import read
from portal.scheme.words import Clause, Duty, Region
from portal.storage.engine import Record
from portal.storage.lists import Listed, Wanted, Where, listed
from portal.terms import say
from portal.workshop.cells import cleaned

MOST = 5_000
THEIRS = say("其他条线的内容")


@dataclass(frozen=True)
class DeedRow:
    """A deed as pages show it. Where it is another bureau's business, ``note`` is None and ``points`` and ``attended`` are empty:
    that it was done, by whom and when, is all that is seen of it. ``doers`` are all who did it, by public id and name, whose it
    is first.
    """

    id: str
    region: str
    duty: str
    duty_says: str
    subject_kind: str
    subject_id: str
    subject: str
    path: str
    doers: tuple[tuple[str, str], ...]
    day: date
    at: str
    note: str | None
    points: tuple[str, ...]
    attended: tuple[str, ...]
    written_at: datetime
    withdrawn_why: str
    clause: str

    @property
    def people(self) -> str:
        """The names of all who did it."""
        return "、".join(name for _, name in self.doers)

    def is_the_same(self, *, at: str, note: str, points: Sequence[str] = (), attended: Sequence[str] = ()) -> bool:
        """Whether what is said of a visit of the same thing and day is this one: its time and what came of it do not differ.
        What is not said does not; nor can what the viewer does not read.
        """
        if self.note is None:
            return True
        return (
            at in ("", self.at)
            and (not note or cleaned(note).split() == cleaned(self.note).split())
            and (not points or set(points) == set(self.points))
            and (not attended or set(attended) == set(self.attended))
        )


DEED = """
    select d.*, array(select x.public_id || ' ' || x.name from deed_doer dp join person x on x.id = dp.person
            where dp.deed = d.id order by dp.id) as beside,
        coalesce(e.public_id, g.public_id, u.public_id, p.public_id) as subject_id,
        coalesce(e.name, g.name, u.name, p.name) as subject, j.path, p.name as person_name, p.public_id as person_id,
        to_char(99999999 - to_char(d.day, 'YYYYMMDD')::int, 'FM00000000') as sort_key, d.public_id as sort_id
    from deed d left join enterprise e on e.id = d.enterprise left join grid g on g.id = d.grid left join unit u on u.id = d.unit
        left join person p on p.id = d.person
        join jurisdiction j on j.id = coalesce(e.division, g.jurisdiction, u.jurisdiction, p.jurisdiction)
"""


# Of whom this follows, that they did the deed ``d``, alone or with others
AMONG = "in (select d.person union all select dp.person from deed_doer dp where dp.deed = d.id)"


async def deeds(call: Call, wanted: Wanted) -> Listed[DeedRow]:
    """What was done within the viewer's areas, the newest first."""
    where = Where()
    condition, areas = seen_from(call, "j.path")
    where.add(condition, areas)
    filters = wanted.filters
    if filters.get("ended") != "yes":
        where.add("d.withdrawn_at is null")
    for column, name in (("d.region", "region"), ("d.duty", "duty")):
        if said := filters.get(name):
            where.add(f"{column} = {{}}", said)
    if person := filters.get("person"):
        where.add(f"(select id from person where public_id = {{}}) {AMONG}", person)
    if subject := filters.get("of"):
        where.add("coalesce(e.public_id, g.public_id, u.public_id, p.public_id) = {}", subject)
    sight = await sight_of(call)
    key = "to_char(99999999 - to_char(d.day, 'YYYYMMDD')::int, 'FM00000000')"
    return await listed(call.db, DEED, where, wanted, lambda row: _deed(call, row, sight), key=key, id_="d.public_id")


async def of_person(call: Call, person: int, on: date) -> tuple[DeedRow, ...]:
    """What somebody did in the year up to a day, within the viewer's areas, the newest first."""
    condition, areas = seen_from(call, "j.path")
    when = f"$1 {AMONG} and d.day <= $2 and d.day > $2 - 366"
    return await those(call, f"{when} and {condition.format('$3')}", (person, on, areas), most=MOST)


async def on_enterprise(call: Call, enterprise: int, people: Collection[int], *, most: int = 20) -> tuple[DeedRow, ...]:
    """What these people themselves did on one enterprise, the newest first."""
    return await those(call, "d.enterprise = $1 and d.person = any($2)", (enterprise, list(people)), most=most)


async def those(call: Call, where: str, values: Sequence[object], *, most: int) -> tuple[DeedRow, ...]:
    """The deeds to which a condition applies, the newest first."""
    rows = await call.db.rows(f"{DEED} where {where} order by d.day desc, d.at desc, d.id desc limit {most}", *values)
    sight = await sight_of(call)
    return tuple(_deed(call, row, sight) for row in rows)


async def of_day(call: Call, region: str, duty: str, subject: str, day: date) -> tuple[DeedRow, ...]:
    """The deeds of a duty on one thing (by public id) that are written down for a day."""
    return await those(
        call,
        "d.region = $1 and d.duty = $2 and d.day = $3 and d.withdrawn_at is null "
        "and coalesce(e.public_id, g.public_id, u.public_id, p.public_id) = $4",
        (region, duty, day, subject),
        most=MOST,
    )


def meant(
    rows: Iterable[DeedRow],
    people: AbstractSet[str],
    *,
    at: str,
    note: str,
    points: Sequence[str] = (),
    attended: Sequence[str] = (),
) -> DeedRow | None:
    """Of the deeds of a day the one of which this is said, if any; of several, one by these people first, by public id."""
    fitting = [row for row in rows if row.is_the_same(at=at, note=note, points=points, attended=attended)]
    return max(fitting, key=lambda row: len(people & {id_ for id_, _ in row.doers}), default=None)


async def deed(call: Call, id_: str) -> DeedRow:
    """One deed by public id."""
    row = await call.db.row(f"{DEED} where d.public_id = $1", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _deed(call, row, await sight_of(call))


def _deed(call: Call, row: Record, sight: "Sight") -> DeedRow:
    scheme = call.book.with_id(row["edition"])
    duty = scheme.counted.get(row["duty"]) if scheme is not None else None
    own = sight.own(row["edition"], row["duty"])
    kind = next((kind for kind in ("enterprise", "grid", "unit") if row[kind] is not None), "person")
    return DeedRow(
        row["public_id"],
        row["region"],
        row["duty"],
        duty.says if duty is not None else row["duty"],
        kind,
        row["subject_id"],
        row["subject"],
        row["path"],
        _doers(row),
        row["day"],
        row["at"],
        row["note"] if own else None,
        tuple(row["points"]) if own else (),
        tuple(row["attended"]) if own else (),
        row["written_at"],
        THEIRS if row["withdrawn_why"] and not own else row["withdrawn_why"],
        duty.basis.at if duty is not None and isinstance(duty.basis, Clause) else "",
    )


def _doers(row: Record) -> tuple[tuple[str, str], ...]:
    first = ((row["person_id"], row["person_name"]),) if row["person_id"] is not None else ()
    beside = [one.partition(" ") for one in row["beside"]]
    return (*first, *((id_, name) for id_, _, name in beside))


@dataclass(frozen=True)
class ExcuseRow:
    """An excuse as pages show it. ``why`` is None where it is another bureau's business."""

    id: str
    region: str
    duty: str
    subject: str
    path: str
    first: date
    last: date
    why: str | None


EXCUSE = """
    select x.*, coalesce(e.name, g.name, u.name, p.name) as subject, j.path from excuse x
        left join enterprise e on e.id = x.enterprise left join grid g on g.id = x.grid left join unit u on u.id = x.unit
        left join person p on p.id = x.person
        join jurisdiction j on j.id = coalesce(e.division, g.jurisdiction, u.jurisdiction, p.jurisdiction)
"""


async def excuse(call: Call, id_: str) -> ExcuseRow:
    """One excuse that holds, by public id."""
    row = await call.db.row(f"{EXCUSE} where x.public_id = $1 and x.withdrawn_at is null", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    editions = [scheme.edition_id for scheme in call.book.schemes_of(row["region"]) if row["duty"] in scheme.counted]
    return _excuse(row, own=(await sight_of(call)).own(editions[-1] if editions else "", row["duty"]))


async def excuses(call: Call, asked: PlanQuestion, ids: Sequence[int]) -> dict[int, ExcuseRow]:
    """The excuses of these things for the window of a demand, by internal id."""
    rows = await call.db.rows(
        f"{EXCUSE} where x.{asked.of} = any($1) and x.duty = $2 and x.first = $3 and x.last = $4 and x.withdrawn_at is null",
        list(ids),
        asked.duty.code,
        asked.window.first,
        asked.window.last,
    )
    own = (await sight_of(call)).own(asked.scheme.edition_id, asked.duty.code)
    return {row[asked.of]: _excuse(row, own=own) for row in rows}


def _excuse(row: Record, *, own: bool) -> ExcuseRow:
    return ExcuseRow(
        row["public_id"],
        row["region"],
        row["duty"],
        row["subject"],
        row["path"],
        row["first"],
        row["last"],
        row["why"] if own else None,
    )


# What one bureau sees of the other's


@dataclass(frozen=True)
class Sight:
    """What the viewer's offices read of deeds: the kinds of these offices, and the schemes by their editions' ids, those of a
    region whose plugin is off as they were stored.
    """

    offices: frozenset[str]
    schemes: Mapping[str, Scheme]

    def own(self, edition: str, duty: str) -> bool:
        """Whether a deed of this duty, written down under this edition, is the viewer's business.

        Where nobody knows any more whose line it is, it is no office's.
        """
        scheme = self.schemes.get(edition)
        known = scheme.counted.get(duty) if scheme is not None else None
        if scheme is None or known is None:
            return not self.offices
        return _own_line(scheme, known, self.offices)


async def sight_of(call: Call) -> Sight:
    """The one answer to whose deeds the viewer reads, for every page, list, sheet and export of them."""
    schemes = {scheme.edition_id: scheme for scheme in call.book.schemes}
    for region in call.portal.asleep:
        for one in await stored_editions(call, region):
            edition = read(one.text)
            stored = Scheme(Region(code=region, name=region, editions=(edition,), clauses=()), edition, "")
            schemes.setdefault(one.code, stored)
    return Sight(await _offices(call), schemes)


async def own_line(call: Call, scheme: Scheme, duty: Duty) -> bool:
    """Whether the duty is the viewer's business: not so for the bureau of one line and a duty of another line."""
    return _own_line(scheme, duty, await _offices(call))


async def _offices(call: Call) -> frozenset[str]:
    """The kinds of the viewer's offices."""
    rows = await call.db.rows("select distinct kind from unit where id = any($1)", list(call.viewer.units))
    return frozenset(row["kind"] for row in rows)


def _own_line(scheme: Scheme, duty: Duty, kinds: frozenset[str]) -> bool:
    """The bureau of a line sees that a duty of another line was done, by whom and when; what was found there it reads and writes
    for its own line only. Offices of no line see all. What posts of several lines owe together is the business of each.
    """
    posts = [scheme.posts[post] for post in duty.posts if post in scheme.posts]
    lines = [scheme.lines.get(post.line or "") for post in posts]
    bureaus = {one.unit for one in scheme.lines.values() if one.unit is not None}
    ours = any(line is None or line.unit is None or line.unit in kinds for line in lines)
    return not lines or ours or not kinds & bureaus
