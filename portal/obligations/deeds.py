"""Reading what was done and what is excused, and what one bureau sees of the other's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.areas.queries import seen_from
from portal.call import Call
from portal.errors import NotVisible
from portal.ledger.queries import stored_editions
from portal.obligations.plans import Asked
from portal.scheme.book import Scheme
from portal.scheme.canonical import read
from portal.scheme.words import Clause, Duty, Region
from portal.storage.engine import Record
from portal.storage.lists import Listed, Wanted, Where, listed
from portal.terms import say

MOST = 5_000
THEIRS = say("其他条线的内容")


@dataclass(frozen=True)
class DeedRow:
    """A deed as pages show it. Where it is another bureau's business, ``note`` is None and ``points`` and ``attended`` are empty:
    that it was done, by whom and when, is all that is seen of it.
    """

    id: str
    region: str
    duty: str
    duty_says: str
    subject_kind: str
    subject_id: str
    subject: str
    path: str
    person: str
    person_id: str | None
    day: date
    note: str | None
    points: tuple[str, ...]
    attended: tuple[str, ...]
    written_at: datetime
    withdrawn_why: str
    clause: str


DEED = """
    select d.*, coalesce(e.public_id, g.public_id, u.public_id, p.public_id) as subject_id,
        coalesce(e.name, g.name, u.name, p.name) as subject, j.path, p.name as person_name, p.public_id as person_id,
        to_char(99999999 - to_char(d.day, 'YYYYMMDD')::int, 'FM00000000') as sort_key, d.public_id as sort_id
    from deed d left join enterprise e on e.id = d.enterprise left join grid g on g.id = d.grid left join unit u on u.id = d.unit
        left join person p on p.id = d.person
        join jurisdiction j on j.id = coalesce(e.division, g.jurisdiction, u.jurisdiction, p.jurisdiction)
"""


async def deeds(call: Call, wanted: Wanted) -> Listed[DeedRow]:
    """What was done within the viewer's areas, the newest first."""
    where = Where()
    condition, areas = seen_from(call, "j.path")
    where.add(condition, areas)
    filters = wanted.filters
    if filters.get("ended") != "yes":
        where.add("d.withdrawn_at is null")
    for column, name in (("d.region", "region"), ("d.duty", "duty"), ("p.public_id", "person")):
        if said := filters.get(name):
            where.add(f"{column} = {{}}", said)
    if subject := filters.get("of"):
        where.add("coalesce(e.public_id, g.public_id, u.public_id, p.public_id) = {}", subject)
    sight = await sight_of(call)
    key = "to_char(99999999 - to_char(d.day, 'YYYYMMDD')::int, 'FM00000000')"
    return await listed(call.db, DEED, where, wanted, lambda row: _deed(call, row, sight), key=key, id_="d.public_id")


async def of_person(call: Call, person: int, on: date) -> tuple[DeedRow, ...]:
    """What somebody did in the year up to a day, within the viewer's areas, the newest first."""
    condition, areas = seen_from(call, "j.path")
    when = "d.person = $1 and d.day <= $2 and d.day > $2 - 366"
    return await those(call, f"{when} and {condition.format('$3')}", (person, on, areas), most=MOST)


async def those(call: Call, where: str, values: Sequence[object], *, most: int) -> tuple[DeedRow, ...]:
    """The deeds to which a condition applies, the newest first."""
    rows = await call.db.rows(f"{DEED} where {where} order by d.day desc, d.id desc limit {most}", *values)
    sight = await sight_of(call)
    return tuple(_deed(call, row, sight) for row in rows)


async def same(call: Call, region: str, duty: str, subject: str, day: date) -> str | None:
    """The deed of a duty on one thing (by public id) and day, where it is written down already."""
    found = await call.db.value(
        "select d.public_id from deed d left join enterprise e on e.id = d.enterprise left join grid g on g.id = d.grid "
        "left join unit u on u.id = d.unit left join person p on p.id = d.person "
        "where d.region = $1 and d.duty = $2 and d.day = $3 "
        "and coalesce(e.public_id, g.public_id, u.public_id, p.public_id) = $4 and d.withdrawn_at is null",
        region, duty, day, subject,
    )  # fmt: skip
    return str(found) if found is not None else None


async def deed(call: Call, id_: str) -> DeedRow:
    """One deed by public id."""
    row = await call.db.row(f"{DEED} where d.public_id = $1", id_)
    if row is None or not call.viewer.covers(row["path"]):
        raise NotVisible
    return _deed(call, row, await sight_of(call))


def _deed(call: Call, row: Record, sight: "Sight") -> DeedRow:
    scheme = call.book.edition(row["edition"])
    duty = scheme.counted.get(row["duty"]) if scheme is not None else None
    own = sight.own(row["edition"], row["duty"])
    kind = next((kind for kind in ("enterprise", "grid", "unit") if row[kind] is not None), "person")
    return DeedRow(
        row["public_id"], row["region"], row["duty"], duty.says if duty is not None else row["duty"], kind, row["subject_id"],
        row["subject"], row["path"], row["person_name"] or "", row["person_id"], row["day"], row["note"] if own else None,
        tuple(row["points"]) if own else (), tuple(row["attended"]) if own else (), row["written_at"],
        THEIRS if row["withdrawn_why"] and not own else row["withdrawn_why"],
        duty.basis.id if duty is not None and isinstance(duty.basis, Clause) else "",
    )  # fmt: skip


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
    editions = [scheme.id for scheme in call.book.editions(row["region"]) if row["duty"] in scheme.counted]
    return _excuse(row, own=(await sight_of(call)).own(editions[-1] if editions else "", row["duty"]))


async def excuses(call: Call, asked: Asked, ids: Sequence[int]) -> dict[int, ExcuseRow]:
    """The excuses of these things for the window of a demand, by internal id."""
    rows = await call.db.rows(
        f"{EXCUSE} where x.{asked.of} = any($1) and x.duty = $2 and x.first = $3 and x.last = $4 and x.withdrawn_at is null",
        list(ids), asked.duty.code, asked.window.first, asked.window.last,
    )  # fmt: skip
    own = (await sight_of(call)).own(asked.scheme.id, asked.duty.code)
    return {row[asked.of]: _excuse(row, own=own) for row in rows}


def _excuse(row: Record, *, own: bool) -> ExcuseRow:
    return ExcuseRow(
        row["public_id"], row["region"], row["duty"], row["subject"], row["path"], row["first"], row["last"],
        row["why"] if own else None,
    )  # fmt: skip


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
    schemes = {scheme.id: scheme for scheme in call.book.schemes}
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
    for its own line only. Offices of no line see all.
    """
    post = scheme.posts.get(duty.who or "")
    line = scheme.lines.get(post.line or "") if post is not None else None
    bureaus = {one.unit for one in scheme.lines.values() if one.unit is not None}
    return line is None or line.unit is None or line.unit in kinds or not kinds & bureaus
