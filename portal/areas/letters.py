"""Letters of entrustment (委托书): the lender's office writes down what it published, and may end it."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.areas import queries
from portal.areas.queries import UnitRow
from portal.areas.schemes import ruling
from portal.areas.tables import Entrustment
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.scheme.book import Scheme
from portal.scheme.powers import ASKED_SINCE, Letter, entrusted_kinds, fields_of
from portal.scheme.words import Power
from portal.storage.engine import Record
from portal.terms import Text, day_words, say

NAMED = 5


@dataclass(frozen=True, kw_only=True)
class LetterForm:
    """What an office types: units by public id, ``fields`` as ``fact:value``, ``last`` the last day of its period."""

    lender: str
    entrusted: str
    number: str
    powers: tuple[str, ...]
    fields: tuple[str, ...]
    published_on: date
    published_at: str
    since: date
    last: date


@dataclass(frozen=True)
class LetterRow:
    """A letter as pages show it. It ends with its period, when it is withdrawn, and with either of its two offices."""

    public_id: str
    region: str
    edition: str
    letter: Letter
    lender_id: int
    entrusted_id: int
    entrusted_path: str
    published_at: str
    period_until: date
    ended_on: date | None
    ended_why: str

    @property
    def last(self) -> date:
        """The last day of its period, as the letter says."""
        return self.period_until - timedelta(days=1)


@dataclass(frozen=True)
class Unlent:
    """An office to which a region's scheme lends powers, of which no letter lends it ``powers`` today; it is the lender's to
    publish one.
    """

    lender: int | None
    lender_name: str
    entrusted: int
    entrusted_name: str
    powers: tuple[Power, ...]


LETTER = """
    select n.*, l.name as lender_name, e.name as entrusted_name, j.path, least(n.until, n.ended_on, l.until, e.until) as ends
    from entrustment n join unit l on l.id = n.lender join unit e on e.id = n.entrusted
        join jurisdiction j on j.id = e.jurisdiction
"""


def _letter(row: Record) -> LetterRow:
    letter = Letter(
        number=row["number"],
        lender=row["lender_name"],
        entrusted=row["entrusted_name"],
        powers=tuple(json.loads(row["powers"])),
        fields=tuple((fact, value) for fact, value in json.loads(row["fields"])),
        published_on=row["published_on"],
        since=row["since"],
        until=row["ends"],
    )
    return LetterRow(
        row["public_id"],
        row["region"],
        row["edition"],
        letter,
        row["lender"],
        row["entrusted"],
        row["path"],
        row["published_at"],
        row["until"],
        row["ended_on"],
        row["ended_why"],
    )


async def letters(call: Call) -> tuple[LetterRow, ...]:
    """The letters by which offices of the viewer's areas, or the viewer's own, lend or are lent powers, the newest first."""
    condition, areas = queries.seen_from(call, "j.path")
    rows = await call.db.rows(
        f"{LETTER} where {condition.format('$1')} or n.lender = any($2) or n.entrusted = any($2) order by n.id desc",
        areas,
        list(call.viewer.units),
    )
    return tuple(_letter(row) for row in rows)


async def letter(call: Call, id_: str) -> LetterRow:
    """One of them."""
    row = await call.db.row(f"{LETTER} where n.public_id = $1", id_)
    if row is None or not (call.viewer.covers(row["path"]) or call.viewer.units & {row["lender"], row["entrusted"]}):
        raise NotVisible
    return _letter(row)


async def letters_around(call: Call, region: str, path: str) -> tuple[LetterRow, ...]:
    """The letters by which the offices around a place were ever entrusted, the newest first."""
    rows = await call.db.rows(f"{LETTER} where n.region = $1 and starts_with($2, j.path) order by n.id desc", region, path)
    return tuple(_letter(row) for row in rows)


async def lenders(call: Call) -> tuple[tuple[UnitRow, Scheme], ...]:
    """The viewer's own offices of which a scheme in force says that they lend powers."""
    found = []
    for unit in call.viewer.units:
        id_ = await call.db.value("select public_id from unit where id = $1 and (until is null or until > $2)", unit, call.today)
        row = await queries.unit(call, id_) if id_ is not None else None
        scheme = call.book.in_force(row.region, call.today) if row is not None else None
        if row is not None and scheme is not None and lent_by(scheme, row.kind):
            found.append((row, scheme))
    return tuple(sorted(found, key=lambda one: one[0].id))


def lent_by(scheme: Scheme, kind: str) -> tuple[Power, ...]:
    """The powers that a kind of unit lends."""
    return tuple(power for power in scheme.powers if power.lent_by == kind)


def takes_part(scheme: Scheme, kind: str) -> bool:
    """Whether a kind of unit lends powers, or is lent some."""
    return any(kind in (power.lent_by, *entrusted_kinds(scheme, power)) for power in scheme.powers if power.lent_by)


async def could_be_entrusted(call: Call, lender: UnitRow, scheme: Scheme) -> tuple[UnitRow, ...]:
    """The offices below a lender to which the scheme lends its powers."""
    kinds = {kind for power in lent_by(scheme, lender.kind) for kind in entrusted_kinds(scheme, power)}
    found = await queries.unit_choices(call, near=lender.path)
    return tuple(one for one in found if one.kind in kinds and one.path.startswith(lender.path) and one.region == lender.region)


async def lend(call: Call, form: LetterForm) -> str:
    """Write down a letter that was published; its public id. :class:`Refused` for whoever is not the lender's office, and for
    what the scheme does not lend.
    """

    async def work() -> str:
        lender = next((row for row, _ in await lenders(call) if row.public_id == form.lender), None)
        if lender is None:
            raise Refused(say("委托书由委托的部门登记，您不能代办。"), field="lender")
        scheme = ruling(call, lender.region, field="lender")
        entrusted = next((one for one in await could_be_entrusted(call, lender, scheme) if one.public_id == form.entrusted), None)
        if entrusted is None:
            raise Refused(say("方案没有由“{lender}”委托给所选部门的职权。", lender=lender.name), field="entrusted")
        chosen = [power for power in lent_by(scheme, lender.kind) if power.code in form.powers]
        strange = [power.name for power in chosen if entrusted.kind not in entrusted_kinds(scheme, power)]
        if not chosen or len(chosen) < len(set(form.powers)) or strange:
            raise Refused(say("请选择委托书写明的职权。"), field="powers")
        fields = [pair for pair in fields_of(scheme, chosen) if ":".join(pair) in form.fields]
        if fields_of(scheme, chosen) and not fields:
            raise Refused(say("请选择委托书写明的范围。"), field="fields")
        if form.published_on > call.today:
            raise Refused(say("公布日期不能晚于今天：没有公布的委托书不能执法。"), field="published_on")
        if form.last < form.since:
            raise Refused(say("截止日期早于起始日期 {day}。", day=form.since), field="last")
        await call.db.rows("select 1 from unit where id = $1 for update", lender.id)
        same = "select exists (select from entrustment where lender = $1 and entrusted = $2 and number = $3)"
        if await call.db.value(same, lender.id, entrusted.id, form.number):
            raise Refused(say("给“{unit}”的委托书里已有文号 {number}。", unit=entrusted.name, number=form.number), field="number")
        made = Entrustment(
            region=scheme.region.code,
            edition=scheme.edition_id,
            lender=lender.id,
            entrusted=entrusted.id,
            number=form.number,
            powers=json.dumps([power.code for power in chosen]),
            fields=json.dumps(fields),
            published_on=form.published_on,
            published_at=form.published_at,
            since=form.since,
            until=form.last + timedelta(days=1),
            written_at=call.now,
            written_by=call.viewer.account,
        )
        await made.save()
        data = {
            "letter": form.number,
            "lender": lender.name,
            "entrusted": entrusted.name,
            "powers": "、".join(power.name for power in chosen),
            "fields": "、".join(fields_told(scheme, fields)),
            "published": f"{day_words(form.published_on)} {form.published_at}",
            "since": form.since.isoformat(),
            "last": form.last.isoformat(),
        }
        await record(call, "created", "letter", made.public_id, area=entrusted.path, data=data)
        return str(made.public_id)

    return await call.db.run_tx(work)


async def end_letter(call: Call, id_: str, day: date, why: str) -> None:
    """The lender withdraws a letter, or it ended otherwise, before its period was over: from ``day`` on it holds no more."""

    async def work() -> None:
        await call.db.rows("select 1 from entrustment where public_id = $1 for update", id_)
        row = await letter(call, id_)
        if row.lender_id not in call.viewer.units:
            raise Refused(say("委托书由委托的部门登记，您不能代办。"))
        if row.ended_on is not None:
            raise Refused(say("这份委托书已登记从 {day}起终止。", day=row.ended_on), field="day")
        if day < row.letter.since:
            raise Refused(say("终止日期不能早于生效日期 {day}。", day=row.letter.since), field="day")
        if day >= row.period_until:
            raise Refused(say("委托书到 {day}期满，提前终止请填更早的日期。", day=row.last), field="day")
        await call.db.rows("update entrustment set ended_on = $2, ended_why = $3 where public_id = $1", id_, day, why)
        data = {"letter": row.letter.number, "until": day.isoformat(), "why": why}
        await record(call, "ended", "letter", id_, area=row.entrusted_path, data=data)

    await call.db.run_tx(work)


def powers_told(scheme: Scheme | None, powers: Sequence[str]) -> list[str]:
    """Powers in words, as the scheme calls them."""
    names = {power.code: power.name for power in scheme.powers} if scheme is not None else {}
    return [names.get(code, code) for code in powers]


def fields_told(scheme: Scheme | None, fields: Sequence[tuple[str, str]]) -> list[str]:
    """Fields in words, as the scheme calls them."""
    names = {code: dict(fact.choices) for code, fact in scheme.facts.items()} if scheme is not None else {}
    return [names.get(fact, {}).get(value, value) for fact, value in fields]


# What has to be told before it is too late


async def unlent(call: Call) -> tuple[Unlent, ...]:
    """The offices of all regions to which powers are lent without a letter that holds today; none before anybody was asked."""
    if call.today < ASKED_SINCE:
        return ()
    found = []
    for region in call.book.regions:
        scheme = call.book.in_force(region, call.today)
        kinds = {power.code: entrusted_kinds(scheme, power) for power in scheme.powers if power.lent_by} if scheme else {}
        if scheme is None or not kinds:
            continue
        wanted = {kind for of in kinds.values() for kind in of} | {power.lent_by for power in scheme.powers if power.lent_by}
        units = await call.db.rows(
            "select u.id, u.kind, u.name, j.path from unit u join jurisdiction j on j.id = u.jurisdiction "
            "where u.region = $1 and u.kind = any($2) and (u.until is null or u.until > $3) order by j.path, u.id",
            region,
            sorted(wanted),
            call.today,
        )
        lent: dict[int, set[str]] = defaultdict(set)
        for row in await call.db.rows(f"{LETTER} where n.region = $1", region):
            one = _letter(row)
            if one.letter.holds_on(call.today):
                lent[one.entrusted_id] |= set(one.letter.powers)
        for unit in units:
            if not scheme.begun_at(unit["path"], call.today):
                continue
            lacking = tuple(
                power
                for power in scheme.powers
                if unit["kind"] in kinds.get(power.code, ()) and power.code not in lent[unit["id"]]
            )
            for kind in dict.fromkeys(power.lent_by for power in lacking):
                around = [one for one in units if one["kind"] == kind and unit["path"].startswith(one["path"])]
                lender = max(around, key=lambda one: (len(one["path"]), -one["id"]), default=None)
                name = lender["name"] if lender is not None else scheme.units[str(kind)].name
                powers = tuple(power for power in lacking if power.lent_by == kind)
                found.append(Unlent(lender["id"] if lender is not None else None, name, unit["id"], unit["name"], powers))
    return tuple(found)


async def notices(call: Call) -> tuple[Text, ...]:
    """What the viewer's own offices have to know: powers that no letter lends, and letters that end soon with none after."""
    own = call.viewer.units
    found: list[Text] = []
    lacking = [one for one in await unlent(call) if one.lender in own or one.entrusted in own]
    by_lender: dict[str, list[Unlent]] = defaultdict(list)
    for one in lacking:
        by_lender[one.lender_name].append(one)
    for lender, ones in by_lender.items():
        names = list(dict.fromkeys(one.entrusted_name for one in ones))
        some = "、".join(names[:NAMED])
        shown = say("{names}等 {n} 个部门", names=some, n=len(names)) if len(names) > NAMED else some
        powers = "、".join(dict.fromkeys(power.name for one in ones for power in one.powers))
        found.append(
            say(
                "没有有效的委托书：{lender}委托{units}（{powers}）。在公布委托书、并在这里登记之前，不能以{lender}名义执法。",
                lender=lender,
                units=shown,
                powers=powers,
            )
        )
    rows = [one for one in await letters(call) if own & {one.lender_id, one.entrusted_id}]
    for row in rows:
        now, left = row.letter, row.letter.days_left(call.today)
        if left is not None and not _followed(row, rows):
            found.append(
                say(
                    "委托书{number}（{lender}委托{entrusted}）到{day}止，还有 {n} 天，还没有接续的委托书。"
                    "期满后不能再以{lender}名义执法。",
                    number=now.number,
                    lender=now.lender,
                    entrusted=now.entrusted,
                    day=day_words(now.until - timedelta(days=1)),
                    n=left,
                )
            )
    return tuple(found)


def _followed(row: LetterRow, rows: Sequence[LetterRow]) -> bool:
    """Whether other letters lend the same office all of it without a break."""
    after = [
        one.letter
        for one in rows
        if one is not row and one.entrusted_id == row.entrusted_id and one.letter.since <= row.letter.until < one.letter.until
    ]
    return all(
        any(power in one.powers and set(row.letter.fields) <= set(one.fields) for one in after) for power in row.letter.powers
    )
