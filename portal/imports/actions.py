"""Taking a sheet in: tried out in a transaction that is thrown away, then done in one, and undone again.

The trial does everything that the import would do, so what it says is what will happen. All rows or none are taken in, or,
where the office chooses so, the good ones only.
"""

import asyncio
import contextlib
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby, islice
from typing import Any

from portal.areas.schemes import ruling
from portal.call import Call, Event
from portal.errors import NotVisible, PortalError, Refused
from portal.hookspecs import PARTS
from portal.imports import differences, queries
from portal.imports.columns import Column, Found, NoHeader, Row, checked, find, own_row
from portal.imports.importable import KINDS
from portal.imports.kinds.kind import Held, Kind, ManyKind, Tables, Work, is_new
from portal.imports.known import AnyGrid, Index, Known, Thing, known
from portal.imports.tables import ImportBatch, ImportRow
from portal.ledger.actions import record, record_many, tell
from portal.people.actions import check_room
from portal.people.custodians import leave_alone
from portal.scheme.book import Scheme
from portal.storage.engine import Record
from portal.storage.files import digest
from portal.storage.search import index
from portal.storage.tables import StoredFile
from portal.terms import IMPORT_DEED, SEPARATORS, Text, say
from portal.workshop.cells import Sheet
from portal.workshop.sheets import annotated, read, written

OWN = "own"
MOST_KEPT = 20_000
NAMED = 10
IN_REQUEST = 300
AT_ONCE = 1_000
BESIDE = 10_000  # beyond every column: the copy puts it into its own
logger = logging.getLogger("portal")
Tell = Callable[[int, int], None]
MARKS = ("phone", "badge", "certificate")
KEPT_FOR = timedelta(days=30)
TOUCHED = say("导入的内容在导入以后又有变动，或已经被用到，不能整批撤销。")
DONE = say("这张表已经处理过了，或者正在处理，请刷新页面看结果。")
IN_USE = ("23001", "23503", "23505", "23P01")  # something rests on it, or stands where it would come back to
LOST = say("这个号码是以数字存放的，后几位已经丢失，成了 {text}。请把这一列设成文本，重新填写")


@dataclass(frozen=True)
class CellError:
    """One thing that is wrong: the row as the spreadsheet counts it (0: none), the column from zero (None: all of it)."""

    row: int
    column: int | None
    title: str
    text: str


@dataclass(frozen=True)
class Touched:
    """Something that would come, change or end, by name and row; ``what`` tells what would change of it, from what to what."""

    row: int
    name: str
    deed: str
    what: str = ""


@dataclass(frozen=True)
class Left:
    """What the register has and the sheet does not name, of one sort in one place, where the sheet names others of it."""

    key: str
    where: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a sheet brings, or brought: how many rows, what came, changed, stayed, ended; everything wrong; who is not on it.

    ``sheet`` is the worksheet that was read, "" for CSV; ``unread`` are the others that hold any text. ``held`` counts the
    rows that could come if others gave way, ``hand_over`` says that they do.
    """

    rows: int
    sheet: str = ""
    unread: tuple[str, ...] = ()
    came: int = 0
    changed: int = 0
    same: int = 0
    ended: int = 0
    written: bool = False
    errors: tuple[CellError, ...] = ()
    touched: tuple[Touched, ...] = ()
    left: tuple[Left, ...] = ()
    ignored: tuple[str, ...] = ()
    held: int = 0
    hand_over: bool = False


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the office chose: only the rows that are right; ending what is not on the sheet, by the keys of :class:`Left`,
    or all of it; and that who holds a full post gives way to who stands on the sheet.
    """

    good_only: bool = False
    end: tuple[str, ...] = ()
    end_all: bool = False
    hand_over: bool = False


@dataclass(frozen=True)
class _Reading:
    """The worksheet of a file that is taken in, the names of the others, and what the one has of each kind."""

    sheet: str
    unread: tuple[str, ...]
    parts: Sequence[tuple[Kind, tuple[Column, ...], Found]]


@dataclass
class _Trial:
    """A run through a sheet while it goes on."""

    work: Work
    tell: Tell | None
    total: int
    batch: int | None
    done: int = 0
    errors: list[CellError] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("came", "changed", "same", "ended"), 0))
    held: int = 0


class _ThrownAway(Exception):
    """The transaction was a trial, or the sheet has mistakes: nothing of it stays."""


async def bring(call: Call, *, kind: str, region: str, data: bytes) -> str:
    """Keep a sheet and check it: at once where it is small; the batch's public id. Nothing of the register is written.

    :class:`Refused` where it cannot be read at all, or a column that must be there is not.
    """
    scheme = _scheme(call, kind, region)
    await _parts(call, scheme, kind, await call.portal.workshop.do(read, data))
    name = await asyncio.to_thread(call.portal.files.keep, data)

    async def work() -> str:
        file = StoredFile(
            name=name, kind="import", mime="application/octet-stream", digest=digest(data), size=len(data), created_at=call.now
        )
        await file.save()
        row = ImportBatch(
            kind=kind, region=region, area=min(call.viewer.areas, key=len, default=""), file=file.id,
            asked_by=call.viewer.account, asked_at=call.now,
        )  # fmt: skip
        await row.save()
        return str(row.public_id)

    return await call.db.run_tx(work)


async def size(call: Call, id_: str) -> int:
    """About how many rows a kept sheet has, which tells whether a visitor should wait for it."""
    batch = await queries.batch(call, id_)
    return max(len(sheet.rows) for sheet in await call.portal.workshop.do(read, _data(call, batch)))


async def check(call: Call, id_: str, wish: Wish | None = None, *, tell: Tell | None = None) -> Outcome:
    """Try a kept sheet out, as wished, and keep what came of it."""
    batch = await queries.batch(call, id_)
    chosen = Wish(hand_over=wish is not None and wish.hand_over)
    found = await run(call, kind=batch.kind, region=batch.region, data=_data(call, batch), wish=chosen, write=False, tell=tell)
    await _keep(call, batch.internal, ("waiting", "checking", "checked"), "checked", found)
    return found


async def take_in(call: Call, id_: str, wish: Wish, *, tell: Tell | None = None) -> Outcome:
    """Take a checked sheet in, once. What was right at the check may be wrong by now: then nothing is written, and it says so."""
    batch = await queries.batch(call, id_)
    found = await run(
        call, kind=batch.kind, region=batch.region, data=_data(call, batch), wish=wish, write=True, tell=tell,
        batch=batch.internal,
    )  # fmt: skip
    if not found.written:
        await _keep(call, batch.internal, ("checked", "taking"), "checked", found)
    return found


async def _hold(call: Call, batch: int, states: Sequence[str], text: Text = DONE) -> None:
    """Nobody else works on the sheet until this transaction is over; :class:`Refused` where somebody does, or already did."""
    held = "select 1 from import_batch where id = $1 and state = any($2) for update skip locked"
    if not await call.db.rows(held, batch, list(states)):
        raise Refused(text)


async def _keep(call: Call, batch: int, states: Sequence[str], state: str, found: Outcome) -> None:
    # What came stands on the sheet anyway
    touched = tuple(sorted(found.touched, key=lambda one: one.deed == "came"))
    kept = asdict(replace(found, errors=found.errors[:5_000], touched=touched[:MOST_KEPT]))
    kept["error_count"] = len(found.errors)
    await call.db.rows(
        "update import_batch set state = $3::text, result = $4, taken_on = case when $3::text = 'taken' then $5::date end "
        "where id = $1 and state = any($2)",
        batch, list(states), state, json.dumps(kept, ensure_ascii=False), call.today,
    )  # fmt: skip


async def run(
    call: Call, *, kind: str, region: str, data: bytes, wish: Wish, write: bool, tell: Tell | None = None,
    batch: int | None = None,
) -> Outcome:  # fmt: skip
    """Go through a sheet in one transaction; it stays only with ``write`` and without mistakes (or with the good rows only)."""
    scheme = _scheme(call, kind, region)
    sheets = await call.portal.workshop.do(read, data)
    kept_out: tuple[CellError, ...] = ()
    if kind == OWN and wish.good_only:
        # A row of theirs is several of ours: all of them or none
        tried = await run(call, kind=kind, region=region, data=data, wish=Wish(hand_over=wish.hand_over), write=False)
        kept_out, bad = tried.errors, {error.row for error in tried.errors}
        sheets = tuple(_without(sheet, bad) if sheet.name == tried.sheet else sheet for sheet in sheets)
    reading = await _parts(call, scheme, kind, sheets)
    parts = reading.parts
    total = sum(len(found.rows) for _, _, found in parts)
    if total == 0:
        blank = say("工作表“{name}”里没有填任何一行。", name=reading.sheet) if reading.unread else say("表格里没有填任何一行。")
        raise Refused(blank)
    # What follows a change elsewhere tells nothing of the sheet; and boards would hold up every office until the trial is over
    mine = call if write else replace(call, portal=replace(call.portal, listeners=()))
    outcome: Outcome | None = None

    async def work() -> None:
        nonlocal outcome
        if batch is not None:
            await _hold(call, batch, ("checked", "taking"))
        register = Work(call=mine, scheme=scheme, known=await known(mine, scheme), hand_over=wish.hand_over)
        trial = _Trial(register, tell, total, batch if write else None)
        left: list[Left] = []
        for one, columns, found in parts:
            await _rows(trial, one, columns, found)
            # A district's own sheet names a part only of each kind
            if kind != OWN and not trial.errors:
                left += await _missing(trial, one, wish)
        wrong = bool(trial.errors) and (not wish.good_only or kind == OWN)
        stays = write and not wrong and bool(trial.counts["came"] + trial.counts["changed"] + trial.counts["ended"])
        outcome = Outcome(
            rows=total, sheet=reading.sheet, unread=reading.unread, written=stays,
            errors=tuple(sorted(dict.fromkeys((*kept_out, *trial.errors)), key=lambda e: (e.row, e.column or 0))),
            touched=tuple(trial.touched), left=tuple(left), ignored=tuple(name for *_, found in parts for name in found.ignored),
            held=trial.held, hand_over=wish.hand_over, **trial.counts,
        )  # fmt: skip
        if not stays:
            raise _ThrownAway
        data_ = {"kind": kind, "rows": total, **trial.counts, "digest": digest(data)}
        area = min(call.viewer.areas, key=len, default="")
        await record(call, "imported", "import", region, area=area, data=data_)
        if batch is not None:
            await _keep(call, batch, ("checked", "taking"), "taken", outcome)

    with contextlib.suppress(_ThrownAway):
        await call.db.run_tx(work)
    if outcome is None:
        raise RuntimeError("the trial gave nothing")
    return outcome


def _without(sheet: Sheet, numbers: set[int]) -> Sheet:
    """The sheet with these rows empty, counted as the spreadsheet counts them."""
    return replace(sheet, rows=tuple(("",) * len(row) if n in numbers else row for n, row in enumerate(sheet.rows, 1)))


def _scheme(call: Call, kind: str, region: str) -> Scheme:
    if region not in call.book.regions or (kind not in KINDS and kind != OWN):
        raise NotVisible
    return ruling(call, region)


async def _parts(call: Call, scheme: Scheme, kind: str, sheets: Sequence[Sheet]) -> _Reading:
    """The one worksheet whose header is that of the kind, or that the region's plugin knows as its own.

    :class:`Refused` where there is none, or more than one that has rows: which of them is meant only the office knows.
    """
    fitting: list[tuple[Sheet, Sequence[tuple[Kind, tuple[Column, ...], Found]]]] = []
    others: list[tuple[int, Sheet, Refused]] = []
    for sheet in sheets:
        try:
            fitting.append((sheet, await _understood(call, scheme, kind, sheet)))
        except Refused as refused:
            others.append((refused.named if isinstance(refused, NoHeader) else 0, sheet, refused))
    if not fitting:
        _, nearest, reason = max(others, key=lambda other: other[0])
        raise reason if len(sheets) == 1 else Refused(say("工作表“{name}”：{text}", name=nearest.name, text=reason.text))
    filled = [one for one in fitting if any(found.rows for *_, found in one[1])]
    if len(filled) > 1:
        what = say(
            "有 {n} 张工作表的表头都对得上：{names}。一次读一张：请合成一张，或隐藏不要的，分几次上传。",
            n=len(filled), names="、".join(sheet.name for sheet, _ in filled),
        )  # fmt: skip
        raise Refused(what)
    chosen, parts = (filled or fitting)[0]
    if chosen.trouble is not None:
        raise Refused(say("工作表“{name}”：{text}", name=chosen.name, text=chosen.trouble))
    return _Reading(chosen.name, tuple(sheet.name for sheet in sheets if sheet is not chosen), parts)


async def _understood(call: Call, scheme: Scheme, kind: str, sheet: Sheet) -> Sequence[tuple[Kind, tuple[Column, ...], Found]]:
    """A worksheet as one kind, or, where a region reads its own, as the kinds that its plugin makes of it."""
    if kind != OWN:
        columns = KINDS[kind].columns(scheme)
        return [(KINDS[kind], columns, find(sheet, columns))]
    made = await call.portal.plugins.import_rows(region=scheme.region.code, rows=sheet.rows)
    if made is None:
        raise Refused(say("{region}的插件不认识这张表。请按它的说明整理，或用各类模板分别导入。", region=scheme.region.name))
    parts = [(KINDS[code], Found(tuple(own_row(sheet, cells) for cells in made.get(code, ())))) for code in PARTS]
    return [(kind_, kind_.columns(scheme), found) for kind_, found in parts if found.rows]


async def _rows(trial: _Trial, kind: Kind, columns: Sequence[Column], found: Found) -> None:
    """Take the rows of one kind in.

    A row that calls another of its kind waits until that one is taken in, wherever in the sheet it stands.
    """
    before: dict[str, int] = {}
    waiting: list[Row] = []
    own = {column.code for column in columns if column.refers == kind.code}
    rows, last = found.rows, not own
    while rows:
        later: list[Row] = []
        for row in rows:
            cells, wrong = _cells(trial.work.known, columns, row)
            key, column = kind.key(cells)
            first = before.setdefault(key, row.number)
            if wrong and wrong.keys() <= own and not last:
                later.append(row)
                continue
            if key.strip() and first != row.number and column not in wrong:
                wrong[column] = [say("与第 {n} 行重复", n=first)]
            if wrong:
                _note(trial, columns, row, wrong)
                _done(trial)
            else:
                waiting.append(cells)
            if len(waiting) >= kind.at_once:
                await _take_all(trial, kind, columns, waiting)
                waiting = []
        rows, last = tuple(later), len(later) == len(rows)
    await _take_all(trial, kind, columns, waiting)


def _done(trial: _Trial, rows: int = 1) -> None:
    trial.done += rows
    if trial.tell is not None:
        trial.tell(trial.done, trial.total)


async def _take_all(trial: _Trial, kind: Kind, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Rows without a mistake of their own: new ones all at once where the kind knows how, else, or where one of them is
    refused, one by one, so that the refusal stands at its row.
    """
    work = trial.work
    if isinstance(kind, ManyKind):
        new = await _new(kind, work, rows)
        try:
            async with work.call.db.transaction():
                ids = await kind.add_many(work, new)
                await _remember_all(trial, kind, ids, new)
            numbers = {row.number for row in new}
            rows = [row for row in rows if row.number not in numbers]
            work.seen.update((id_, row.number) for id_, row in zip(ids, new, strict=True))
            _done(trial, len(new))
        except PortalError:
            logger.info("rows are taken in one by one to find the one that is refused")
    for row in await kind.order(work, rows):
        await _take(trial, kind, columns, row)
        _done(trial)


async def _new(kind: ManyKind, work: Work, rows: Sequence[Row]) -> list[Row]:
    """The rows that bring something new. Of those that may mean the same only the first: the others wait until it is there."""
    found: dict[str, Row] = {}
    for row in rows:
        if await is_new(kind, work, row):
            found.setdefault(kind.means(work, row), row)
    return list(found.values())


async def _remember_all(trial: _Trial, kind: Kind, ids: Sequence[str], rows: Sequence[Row]) -> None:
    trial.counts["came"] += len(ids)
    trial.touched += [Touched(row.number, row["name"], "came") for row in rows]
    if trial.batch is None:
        return
    after = await _snapshots(trial.work.call, kind, ids)
    await trial.work.call.db.copy(
        "import_row",
        ("batch", "kind", "subject", "name", "deed", "after"),
        [
            (trial.batch, kind.code, after[id_]["own"]["id"], row["name"][:160], "came", json.dumps(after[id_]))
            for id_, row in zip(ids, rows, strict=True)
        ],
    )


def _cells(register: Known, columns: Sequence[Column], row: Row) -> tuple[Row, dict[str, list[Text]]]:
    """The cells of a row as they will be used, and what is wrong with each."""
    cells: dict[str, str] = {}
    wrong: dict[str, list[Text]] = {}
    for column in columns:
        said = row[column.code]
        if column.code in row.lossy:
            wrong[column.code] = [say(LOST.msgid, text=said)]
            continue
        cells[column.code], mistakes = checked(column, said)
        mistakes = [*mistakes, *_unknown(register, column, cells[column.code])]
        if mistakes:
            wrong[column.code] = mistakes
    for column in columns:
        place = column.around
        if place and cells.get(column.code) and column.code not in wrong and (place not in wrong or not row[place]):
            cells[place], mistakes = _around(register, cells[column.code], cells[place])
            if mistakes:
                wrong[place] = mistakes
    return replace(row, cells=cells), wrong


def _around(register: Known, around: str, said: str) -> tuple[str, list[Text]]:
    """The place that a cell calls, of those around which the row says it lies; by its full name, where that leaves one."""
    if not said:
        return said, [say("填了所在镇街“{town}”，这一格却空着。要登记在镇街，这里也填“{town}”；否则填村、社区", town=around)]
    towns = register.places.all(around)
    inside = [one for one in register.places.all(said) if any(one.path.startswith(town.path) for town in towns)]
    if not inside:
        there = "、".join(one.name for one in register.places.all(said))
        return said, [say("“{said}”不在“{town}”里，登记里是{there}。请核对两格", said=said, town=around, there=there)]
    return inside[0].name if len(inside) == 1 else said, []


def _unknown(register: Known, column: Column, said: str) -> list[Text]:
    """What a cell calls that the register does not have: told with all other mistakes of the row, at once."""
    index: Index | AnyGrid | None = getattr(register, column.refers) if column.refers else None
    if index is None or not said:
        return []
    names = SEPARATORS.split(said) if column.many else [said]
    return [say("登记里没有叫“{text}”的{what}", text=name, what=index.what) for name in names if name and not index.all(name)]


async def _take(trial: _Trial, kind: Kind, columns: Sequence[Column], row: Row) -> None:
    """One row, in a savepoint of its own: a row that is refused leaves nothing."""
    work = trial.work
    try:
        async with work.call.db.transaction():
            there = await kind.there(work, row)
            if there is not None and there in work.seen:
                raise Refused(say("与第 {n} 行重复", n=work.seen[there]), field=kind.key(row)[1])
            id_ = await (_add(trial, kind, columns, row) if there is None else _change(trial, kind, columns, row, there))
        work.seen[id_] = row.number
    except PortalError as error:
        trial.held += isinstance(error, Held)
        column = error.field if isinstance(error, Refused) else None
        _note(trial, columns, row, {column or "": [error.text]})


async def _add(trial: _Trial, kind: Kind, columns: Sequence[Column], row: Row) -> str:
    """Something new, in place of what gives way for it where the office chose so; its public id."""
    work = trial.work
    old = await kind.gives_way(work, row) if work.hand_over else None
    before = await _snapshot(work.call, kind, old.id, ending=True) if old is not None else None
    owner = kind.owner(work, row)
    earlier = await _snapshot(work.call, kind, owner) if owner is not None else None
    id_ = await kind.add(work, row)
    if old is not None and before is not None:
        what = await differences.told(work, columns, before, await _snapshot(work.call, kind, old.id))
        await _remember(trial, kind, old.id, Row(row.number, {"name": old.person_name}), "ended", before, what)
        work.seen[old.id] = row.number
    await _remember(trial, kind, id_, row, "came", earlier)
    return id_


async def _change(trial: _Trial, kind: Kind, columns: Sequence[Column], row: Row, id_: str) -> str:
    work = trial.work
    before = await _snapshot(work.call, kind, id_)
    if await kind.change(work, id_, row):
        what = await differences.told(work, columns, before, await _snapshot(work.call, kind, id_))
        await _remember(trial, kind, id_, row, "changed", before, what)
    else:
        trial.counts["same"] += 1
    return id_


def _note(trial: _Trial, columns: Sequence[Column], row: Row, wrong: Mapping[str, Sequence[Text]]) -> None:
    titles = {**{column.code: column.title for column in columns}, **row.titles}
    for code, texts in wrong.items():
        trial.errors += [CellError(row.number, row.places.get(code), titles.get(code, ""), text) for text in texts]


async def _remember(
    trial: _Trial, kind: Kind, id_: str, row: Row, deed: str, before: Mapping[str, Any] | None, what: str = ""
) -> None:
    name = row["name"] or row["enterprise"] or id_
    trial.counts[deed] += 1
    trial.touched.append(Touched(row.number, name, deed, what))
    if trial.batch is not None:
        after = await _snapshot(trial.work.call, kind, id_, ending=deed == "ended")
        await ImportRow(
            batch=trial.batch, kind=kind.code, subject=after["own"]["id"], name=name[:160], deed=deed,
            before=json.dumps(before) if before is not None else None, after=json.dumps(after),
        ).save()  # fmt: skip


async def _missing(trial: _Trial, kind: Kind, wish: Wish) -> list[Left]:
    """What the register has and the sheet does not name, by place and sort; ended, where the office chose so.

    Only of the places and sorts of which the sheet names something: a sheet of one town says nothing of the next.
    """
    work = trial.work
    there = await kind.all(work)
    root = await work.call.db.value("select min(path) from jurisdiction where region = $1", work.scheme.region.code)
    of = {thing.id: (_part(thing.path, [*work.call.viewer.areas, root or ""]), thing.of) for thing in there}
    named = {of[thing.id] for thing in there if thing.id in work.seen}
    gone: defaultdict[tuple[str, str], list[Thing]] = defaultdict(list)
    for thing in sorted(there, key=lambda thing: thing.name):
        if thing.id not in work.seen and of[thing.id] in named:
            gone[of[thing.id]].append(thing)
    places = await work.call.db.rows("select path, name from jurisdiction where path = any($1)", [path for path, _ in gone])
    names = {row["path"]: row["name"] for row in places}
    left = [
        Left(f"{path} {sort}", f"{names[path]} {sort}".strip(), len(things), tuple(thing.name for thing in things[:MOST_KEPT]))
        for (path, sort), things in sorted(gone.items())
    ]
    if wish.end_all or wish.end:
        chosen = [some for key, some in gone.items() if wish.end_all or " ".join(key) in wish.end]
        await _end_all(trial, kind, [thing for some in chosen for thing in some])
    return left


def _part(path: str, areas: Sequence[str]) -> str:
    """The part of the viewer's area where something lies: the place next below it, or the area itself."""
    area = max((area for area in areas if path.startswith(area)), key=len, default="/")
    first, slash, _ = path.removeprefix(area).partition("/")
    return f"{area}{first}{slash}"


async def _end_all(trial: _Trial, kind: Kind, things: Sequence[Thing]) -> None:
    """End them; what has to wait for another of them, as a grid for those below it, is tried again after it."""
    last = False
    while things:
        later = []
        for thing in things:
            try:
                async with trial.work.call.db.transaction():
                    before = await _snapshot(trial.work.call, kind, thing.id, ending=True)
                    await kind.end(trial.work, thing.id)
                    await _remember(trial, kind, thing.id, Row(0, {"name": thing.name}), "ended", before)
            except PortalError as error:
                later.append(thing)
                if last:
                    trial.errors.append(CellError(0, None, thing.name, error.text))
        things, last = [] if last else later, len(later) == len(things)


async def _snapshot(call: Call, kind: Kind, id_: str, *, ending: bool = False) -> dict[str, Any]:
    """Something of the register with the rows that hang on it, as they stand, and with ``ending`` those that end with it."""
    found = await _snapshots(call, kind, [id_], ending=ending)
    if not found:
        raise Refused(TOUCHED)
    return next(iter(found.values()))


async def _snapshots(call: Call, kind: Kind, ids: Sequence[str], *, ending: bool = False) -> dict[str, dict[str, Any]]:
    """The same for many, by public id."""
    tables = kind.tables
    hanging = {**tables.hanging, **(tables.ends if ending else {})}
    own = "to_jsonb(t)" if tables.own else "jsonb_build_object('id', id, 'public_id', public_id, 'division', division)"
    # A charge is called by its enterprise and its line
    owners = [id_.partition(" ")[0] for id_ in ids]
    rows = await call.db.rows(f"select id, public_id, {own} as own from {tables.table} t where public_id = any($1)", owners)
    names = (*hanging, *tables.through)
    found = {row["id"]: {"own": json.loads(row["own"]), "rows": {name: [] for name in names}} for row in rows}
    parts = [(name, f"t.{column}", "") for name, column in hanging.items()]
    for name, other in tables.through.items():
        parts.append((name, f"via.{tables.hanging[other]}", f"join {other} via on via.id = t.{other}"))
    for name, owner, join in parts:
        for row in await call.db.rows(
            f"select {owner} as owner, to_jsonb(t) as one from {name} t {join} where {owner} = any($1) order by t.id", list(found)
        ):
            found[row["owner"]]["rows"][name].append(json.loads(row["one"]))
    return {row["public_id"]: found[row["id"]] for row in rows}


async def annotated_copy(call: Call, id_: str) -> bytes:
    """The office's own file with everything that is wrong at its cell."""
    batch = await queries.batch(call, id_)
    errors = [_told_at(one) for one in batch.result.get("errors", ()) if one["row"]]
    return await call.portal.workshop.do(annotated, _data(call, batch), errors, name=batch.result.get("sheet", ""))


async def changes(call: Call, id_: str) -> bytes:
    """What a sheet changes, or changed, of the register, and what of it the sheet does not name, as a spreadsheet."""
    found = (await queries.batch(call, id_)).result
    rows = [[one["row"] or None, one["name"], IMPORT_DEED[one["deed"]], one["what"]] for one in found.get("touched", ())]
    for left in found.get("left", ()):
        rows += [[None, name, say("表里没有"), left["where"]] for name in left["names"]]
        if (more := left["count"] - len(left["names"])) > 0:
            rows.append([None, say("还有 {n} 个", n=more), say("表里没有"), left["where"]])
    if (more := sum(found.get(deed, 0) for deed in IMPORT_DEED) - len(found.get("touched", ()))) > 0:
        rows.append([None, say("还有 {n} 个，没有列出", n=more), "", ""])
    return await call.portal.workshop.do(written, say("变动"), (say("行"), say("名称"), say("变动"), say("内容")), rows)


def _told_at(error: Mapping[str, Any]) -> tuple[int, int, str]:
    """An error as the copy wants it: row and column from zero; what is of the whole row stands beside it."""
    if error["column"] is None:
        return error["row"] - 1, BESIDE, f"{error['title']} {error['text']}".strip()
    return error["row"] - 1, error["column"], f"{error['title']}：{error['text']}"


def _data(call: Call, batch: queries.Batch) -> bytes:
    if batch.file is None:
        raise Refused(say("这张表的文件已经清理，请重新上传。"))
    return call.portal.files.read(batch.file)


async def undo(call: Call, id_: str, *, tell: Tell | None = None) -> int:
    """Take an import back: what came goes, what changed is as it was; how many things. Refused, and nothing done, where
    anything was changed or used since.
    """
    batch = await queries.batch(call, id_)
    if batch.file is None:
        raise Refused(say("导入已过 {n} 天，不能再整批撤销。请到各页面单独改。", n=KEPT_FOR.days))

    async def work() -> int:
        await _hold(
            call, batch.internal, ("taken", "undoing"), say("这次导入没有写入，或已经撤销，或正在处理。请刷新页面看结果。")
        )
        rows = await call.db.rows("select * from import_row where batch = $1 order by id desc", batch.internal)
        done = 0
        # What came last goes first: a charge before its enterprise
        for (kind, new), some in groupby(rows, key=lambda row: (row["kind"], row["before"] is None)):
            while part := list(islice(some, AT_ONCE)):
                await _restore_all(call, KINDS[kind], part, batch.area, new=new)
                done += len(part)
                if tell is not None:
                    tell(done, len(rows))
        await call.db.rows("update import_batch set state = 'undone', undone_at = $2 where id = $1", batch.internal, call.now)
        await record(call, "undone", "import", batch.region, area=batch.area, data={"kind": batch.kind, "rows": len(rows)})
        return len(rows)

    return await call.db.run_tx(work)


async def _restore_all(call: Call, kind: Kind, rows: Sequence[Record], asked_from: str, *, new: bool) -> None:
    """Rows of one kind: those that came many at once go so too, unless one of them was touched since."""
    if new and isinstance(kind, ManyKind):
        try:
            return await _remove_all(call, kind, rows)
        except Refused:
            logger.info("rows are taken back one by one to find the one that was touched")
    for row in rows:
        await _restore(call, kind, row, asked_from)
    return None


async def _remove_all(call: Call, kind: Kind, rows: Sequence[Record]) -> None:
    tables = kind.tables
    after = [json.loads(row["after"]) for row in rows]
    now = await _snapshots(call, kind, [one["own"]["public_id"] for one in after])
    if any(now.get(one["own"]["public_id"]) != one for one in after):
        raise Refused(TOUCHED)
    ids = [row["subject"] for row in rows]
    async with _unused(call, TOUCHED):
        await _remove(call, tables, ids)
    areas = await _areas(call, [one["own"] for one in after])
    told = [(one["own"]["public_id"], area, {"name": row["name"]}) for one, area, row in zip(after, areas, rows, strict=True)]
    await record_many(call, "undone", tables.table, told)


@contextlib.asynccontextmanager
async def _unused(call: Call, text: Text) -> AsyncIterator[None]:
    """A savepoint; :class:`Refused` where something else in the register rests on what is removed in it."""
    try:
        async with call.db.transaction():
            yield
    except Exception as error:
        if getattr(error, "sqlstate", "") not in IN_USE:
            raise
        raise Refused(text) from error


async def _restore(call: Call, kind: Kind, row: Record, asked_from: str) -> None:
    table = kind.tables.table
    before, after = json.loads(row["before"] or "null"), json.loads(row["after"])
    public = after["own"]["public_id"]
    now = await _snapshot(call, kind, public, ending=row["deed"] == "ended")
    if now != after:
        raise Refused(say("“{name}”在导入以后又有变动，不能整批撤销。请到它的页面单独改。", name=row["name"]))
    if table in ("person", "appointment"):
        own = (before or after)["own"]
        await leave_alone(call, own["id"] if table == "person" else own["person"], marks=[own.get(mark, "") for mark in MARKS])
    async with _unused(call, say("“{name}”已经被用到，或者它的位置已经给了别的，不能撤销。", name=row["name"])):
        if before is None:
            # Whatever follows from it is decided anew while it can still be asked whom it touched
            await _close(call, kind.tables, row["subject"])
            await _follow(call, kind, before, after)
            await _remove(call, kind.tables, [row["subject"]])
        else:
            await _put_back(call, kind.tables, before)
            await check_room(call, _revived(kind, before, after))
            await _follow(call, kind, before, after)
    (area,) = await _areas(call, [(before or after)["own"]], otherwise=asked_from)
    await record(call, "undone", table, public, area=area, data={"name": row["name"]})

    if table == "appointment" and row["deed"] == "ended":
        await _hand_back(call, row["batch"], after["own"], area)


async def _hand_back(call: Call, batch: int, own: Mapping[str, Any], area: str) -> None:
    """What went with a post to whoever took it over in the same import goes back with it."""
    seat = {name: own[name] for name in ("post", "grid", "unit", "enterprise")} | {"since": own["until"]}
    taker = await call.db.value(
        "select (after -> 'own' ->> 'person')::bigint from import_row "
        "where batch = $1 and kind = 'appointments' and deed = 'came' and after -> 'own' @> $2::jsonb",
        batch,
        json.dumps(seat),
    )
    if taker is not None:
        event = Event(name="handed_over", kind="person", subject=taker, day=call.today, to=own["person"])
        await record(call, "undone", "appointment", own["public_id"], area=area, data={"post": own["post"]}, event=event)


async def _follow(call: Call, kind: Kind, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
    """Let everything that hears of changes follow: from the first day of what goes, from today where something is as it was."""
    name = "changed" if before is not None else "ended"
    day = call.today if before is not None else min(call.today, date.fromisoformat(after["own"]["since"]))
    for about, subject in sorted(_touched(kind, before, after)):
        await tell(call, Event(name=name, kind=about, subject=subject, day=day))


async def _close(call: Call, tables: Tables, id_: int) -> None:
    """It has not been for a day."""
    await call.db.rows(f"update {tables.table} set until = since where id = $1", id_)
    for name, column in tables.hanging.items():
        await call.db.rows(f"update {name} set until = since where {column} = $1", id_)


async def _remove(call: Call, tables: Tables, ids: Sequence[int]) -> None:
    for name, column in tables.hanging.items():
        await _delete(call, name, f"{column} = any($1)", ids)
    await call.db.rows("delete from search_gram where kind = $1 and subject = any($2)", tables.table, ids)
    await call.db.rows(f"delete from {tables.table} where id = any($1)", ids)


async def _areas(call: Call, owns: Sequence[Mapping[str, Any]], *, otherwise: str = "/") -> list[str]:
    """Where things stand, so that their own offices read in their history why they are as they were."""
    places = [own.get("division") or own.get("jurisdiction") for own in owns]
    rows = await call.db.rows("select id, path from jurisdiction where id = any($1)", [place for place in places if place])
    paths = {row["id"]: row["path"] for row in rows}
    return [paths.get(place, otherwise) for place in places]


def _touched(kind: Kind, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> set[tuple[str, int]]:
    """Whom an undone row touches: itself, or the seat that it was about; and the seats of those whose posts go on again."""
    table, own = kind.tables.table, after["own"]
    seats = _changed(before, after, "appointment") if before is not None else []
    if table == "appointment":
        return {_seat(own)}
    return {(table, own["id"]), *map(_seat, seats)}


def _seat(appointment: Mapping[str, Any]) -> tuple[str, int]:
    return next((kind, appointment[kind]) for kind in ("grid", "unit", "enterprise") if appointment[kind] is not None)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], table: str) -> list[Mapping[str, Any]]:
    rows = before["rows"].get(table, ())
    return [row for row in rows if row not in after["rows"][table]]


def _revived(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[int]:
    """The appointments that go on again."""
    own = [before["own"]] if kind.tables.table == "appointment" else []
    return [row["id"] for row in (*own, *_changed(before, after, "appointment"))]


async def _put_back(call: Call, tables: Tables, before: Mapping[str, Any]) -> None:
    own = before["own"]
    if tables.own:
        await _write_back(call, tables.table, [own])
    for name in dict.fromkeys((*tables.hanging, *tables.ends, *tables.through)):
        rows = before["rows"].get(name, ())
        if name in tables.hanging:
            kept = [row["id"] for row in rows]
            await _delete(call, name, f"{tables.hanging[name]} = $1 and id <> all($2)", own["id"], kept)
        await _write_back(call, name, rows)
        await _index(call, name, rows)
    if tables.own:
        await _index(call, tables.table, [own])


async def _delete(call: Call, table: str, which: str, *args: object) -> None:
    gone = await call.db.rows(f"delete from {table} where {which} returning id", *args)
    await call.db.rows("delete from search_gram where kind = $1 and subject = any($2)", table, [row["id"] for row in gone])


async def _index(call: Call, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let them be found by name again, and by what they are numbered with."""
    named = [row for row in rows if "name" in row]
    texts = [f"{row['name']} {row.get('badge') or row.get('credit_code') or row.get('code') or ''}" for row in named]
    if named:
        await index(call.db, table, [(row["id"], text) for row, text in zip(named, texts, strict=True)])


async def _write_back(call: Call, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as they were, whether they are still there or not."""
    if not rows:
        return
    sets = ", ".join(f'"{name}" = b."{name}"' for name in rows[0] if name != "id")
    old = f"from jsonb_populate_recordset(null::{table}, $1) b"
    await call.db.rows(f"update {table} t set {sets} {old} where t.id = b.id", json.dumps(rows))
    await call.db.rows(
        f"insert into {table} select b.* {old} where not exists (select from {table} t where t.id = b.id)", json.dumps(rows)
    )


async def drop(call: Call, id_: str) -> None:
    """Forget a sheet that was not taken in."""
    batch = await queries.batch(call, id_)
    await _forget(call, "id = $1 and state in ('waiting', 'checked', 'failed')", batch.internal)


async def sweep(call: Call) -> int:
    """Forget the sheets of long ago, which hold names and numbers, and how to take them back; how many."""
    return await _forget(call, "asked_at < $1 and state not in ('checking', 'taking', 'undoing')", call.now - KEPT_FOR)


async def _forget(call: Call, which: str, *args: object) -> int:
    """What became of a sheet that was taken in stays; one that was not leaves nothing."""

    async def work() -> list[str]:
        rows = await call.db.rows(f"select id, file from import_batch where {which} and file is not null for update", *args)
        ids, files = [row["id"] for row in rows], [row["file"] for row in rows]
        await call.db.rows("delete from import_row where batch = any($1)", ids)
        await call.db.rows("delete from import_batch where id = any($1) and state not in ('taken', 'undone')", ids)
        await call.db.rows(
            "update import_batch set file = null, result = result - 'touched' - 'errors' - 'left' where id = any($1)", ids
        )
        gone = await call.db.rows("delete from stored_file where id = any($1) returning name", files)
        return [row["name"] for row in gone]

    names = await call.db.run_tx(work)
    for name in names:
        call.portal.files.remove(name)
    return len(names)
