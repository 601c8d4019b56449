"""Taking a sheet in: tried out in a transaction that is thrown away, then done in one, and undone again.

The trial does everything that the import would do, so what it says is what will happen. All rows or none are taken in, or,
where the office chooses so, the good ones only.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from itertools import groupby, islice
from typing import Any

from portal.call import Call, Event
from portal.errors import NotVisible, PortalError, Refused
from portal.imports import queries
from portal.imports.columns import Column, Found, NoHeader, Row, find, own_row
from portal.imports.kinds import KINDS, LIST, Kind, Work, checked
from portal.imports.known import Index, Known, known
from portal.imports.tables import ImportBatch, ImportRow
from portal.ledger.actions import record, record_many
from portal.scheme.book import Scheme
from portal.storage.engine import Record
from portal.storage.files import digest
from portal.storage.search import index
from portal.storage.tables import StoredFile
from portal.terms import Text, say
from portal.workshop.cells import Sheet
from portal.workshop.sheets import annotated, read

OWN = "own"
PART_OF_OWN = ("units", "grids", "people", "enterprises", "appointments", "charges")
SHOWN = 500
IN_REQUEST = 300
AT_ONCE = 1_000
BESIDE = 10_000  # beyond every column: the copy puts it into its own
logger = logging.getLogger("portal")
Tell = Callable[[int, int], None]
# What a column of the register is called in sheets, where that is another word; and what the rows are that hang on a thing
NAMED_IN_SHEETS = {"division": "place", "jurisdiction": "place", "drawn_grid": "grid", "area_note": "note"}
HANGING_IN_SHEETS = {"enterprise_fact": "fact:{fact}", "grid_ground": "ground"}
KEPT_FOR = timedelta(days=30)
TOUCHED = say("导入的内容在导入以后又有变动，或已经被用到，不能整批撤销。")
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


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a sheet brings, or brought: how many rows, what came, changed, stayed, ended; everything wrong; who is not on it.

    ``sheet`` is the worksheet that was read, "" for CSV; ``unread`` are the others that hold any text.
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
    left: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the office chose: only the rows that are right; and ending what is not on the sheet any more."""

    good_only: bool = False
    end_missing: bool = False


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
    bad: set[int] = field(default_factory=set)


class _ThrownAway(Exception):
    """The transaction was a trial, or the sheet has mistakes: nothing of it stays."""


async def bring(call: Call, *, kind: str, region: str, data: bytes) -> str:
    """Keep a sheet and check it: at once where it is small; the batch's public id. Nothing of the register is written.

    :class:`Refused` where it cannot be read at all, or a column that must be there is not.
    """
    scheme = _scheme(call, kind, region)
    _parts(call, scheme, kind, await call.portal.workshop.do(read, data))
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


async def check(call: Call, id_: str, *, tell: Tell | None = None) -> Outcome:
    """Try a kept sheet out and keep what came of it."""
    batch = await queries.batch(call, id_)
    found = await run(call, kind=batch.kind, region=batch.region, data=_data(call, batch), wish=Wish(), write=False, tell=tell)
    await _keep(call, id_, "checked", found)
    return found


async def take_in(call: Call, id_: str, wish: Wish, *, tell: Tell | None = None) -> Outcome:
    """Take a checked sheet in, once. What was right at the check may be wrong by now: then nothing is written, and it says so."""
    batch = await queries.batch(call, id_)
    if batch.state not in ("checked", "taking"):
        raise Refused(say("这张表已经处理过了，请刷新页面看结果。"))
    found = await run(
        call,
        kind=batch.kind,
        region=batch.region,
        data=_data(call, batch),
        wish=wish,
        write=True,
        tell=tell,
        batch=batch.internal,
    )
    await _keep(call, id_, "taken" if found.written else "checked", found)
    return found


async def _keep(call: Call, id_: str, state: str, found: Outcome) -> None:
    kept = asdict(replace(found, errors=found.errors[:5_000], touched=found.touched[:SHOWN], left=found.left[:SHOWN]))
    kept["error_count"], kept["left_count"] = len(found.errors), len(found.left)
    await call.db.rows(
        "update import_batch set state = $2::text, result = $3, taken_on = case when $2::text = 'taken' then $4::date end "
        "where public_id = $1",
        id_, state, json.dumps(kept, ensure_ascii=False), call.today,
    )  # fmt: skip


async def run(
    call: Call, *, kind: str, region: str, data: bytes, wish: Wish, write: bool, tell: Tell | None = None,
    batch: int | None = None,
) -> Outcome:  # fmt: skip
    """Go through a sheet in one transaction; it stays only with ``write`` and without mistakes (or with the good rows only)."""
    scheme = _scheme(call, kind, region)
    reading = _parts(call, scheme, kind, await call.portal.workshop.do(read, data))
    parts = reading.parts
    total = sum(len(found.rows) for _, _, found in parts)
    if total == 0:
        blank = say("工作表“{name}”里没有填任何一行。", name=reading.sheet) if reading.unread else say("表格里没有填任何一行。")
        raise Refused(blank)
    outcome: Outcome | None = None

    async def work() -> None:
        nonlocal outcome
        trial = _Trial(Work(call=call, scheme=scheme, known=await known(call, scheme)), tell, total, batch if write else None)
        left: list[str] = []
        for one, columns, found in parts:
            seen = await _rows(trial, one, columns, found)
            left += await _missing(trial, one, seen, end=wish.end_missing)
        wrong = bool(trial.errors) and not wish.good_only
        stays = write and not wrong and bool(trial.counts["came"] + trial.counts["changed"] + trial.counts["ended"])
        outcome = Outcome(
            rows=total, sheet=reading.sheet, unread=reading.unread, written=stays,
            errors=tuple(sorted(dict.fromkeys(trial.errors), key=lambda e: (e.row, e.column or 0))),
            touched=tuple(trial.touched), left=tuple(left), ignored=tuple(name for *_, found in parts for name in found.ignored),
            **trial.counts,
        )  # fmt: skip
        if not stays:
            raise _ThrownAway
        data_ = {"kind": kind, "rows": total, **trial.counts, "digest": digest(data)}
        area = min(call.viewer.areas, key=len, default="")
        await record(call, "imported", "import", region, area=area, data=data_)

    with contextlib.suppress(_ThrownAway):
        await call.db.run_tx(work)
    if outcome is None:
        raise RuntimeError("the trial gave nothing")
    return outcome


def _scheme(call: Call, kind: str, region: str) -> Scheme:
    scheme = call.book.scheme(region, call.today)
    if scheme is None or (kind not in KINDS and kind != OWN):
        raise NotVisible
    return scheme


def _parts(call: Call, scheme: Scheme, kind: str, sheets: Sequence[Sheet]) -> _Reading:
    """The one worksheet whose header is that of the kind, or that the region's plugin knows as its own.

    :class:`Refused` where there is none, or more than one that has rows: which of them is meant only the office knows.
    """
    fitting: list[tuple[Sheet, Sequence[tuple[Kind, tuple[Column, ...], Found]]]] = []
    others: list[tuple[int, Sheet, Refused]] = []
    for sheet in sheets:
        try:
            fitting.append((sheet, _understood(call, scheme, kind, sheet)))
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


def _understood(call: Call, scheme: Scheme, kind: str, sheet: Sheet) -> Sequence[tuple[Kind, tuple[Column, ...], Found]]:
    """A worksheet as one kind, or, where a region reads its own, as the kinds that its plugin makes of it."""
    if kind != OWN:
        columns = KINDS[kind].columns(scheme)
        return [(KINDS[kind], columns, find(sheet, columns))]
    made = call.portal.plugins.import_rows(region=scheme.region.code, rows=sheet.rows)
    if made is None:
        raise Refused(say("{region}的插件不认识这张表。请按它的说明整理，或用各类模板分别导入。", region=scheme.region.name))
    parts = [(KINDS[code], Found(tuple(own_row(sheet, cells) for cells in made.get(code, ())))) for code in PART_OF_OWN]
    return [(kind_, kind_.columns(scheme), found) for kind_, found in parts if found.rows]


async def _rows(trial: _Trial, kind: Kind, columns: Sequence[Column], found: Found) -> set[str]:
    """Take the rows of one kind in; the public ids of what they are about.

    A row that calls another of its kind waits until that one is taken in, wherever in the sheet it stands.
    """
    before: dict[str, int] = {}
    seen: set[str] = set()
    waiting: list[Row] = []
    at_once = AT_ONCE if hasattr(kind, "add_many") else 1
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
            else:
                waiting.append(cells)
            if len(waiting) >= at_once:
                seen |= await _take_all(trial, kind, columns, waiting)
                waiting = []
            trial.done += 1
            if trial.tell is not None:
                trial.tell(trial.done, trial.total)
        rows, last = tuple(later), len(later) == len(rows)
    return seen | await _take_all(trial, kind, columns, waiting)


async def _take_all(trial: _Trial, kind: Kind, columns: Sequence[Column], rows: Sequence[Row]) -> set[str]:
    """Rows without a mistake of their own: new ones all at once where the kind knows how, else, or where one of them is
    refused, one by one, so that the refusal stands at its row.
    """
    work, add_many = trial.work, getattr(kind, "add_many", None)
    seen: set[str] = set()
    if add_many is not None:
        new = [row for row in rows if await _is_new(kind, work, row)]
        try:
            async with work.call.db.transaction():
                ids = await add_many(work, new)
                await _remember_all(trial, kind, ids, new)
            seen |= set(ids)
            numbers = {row.number for row in new}
            rows = [row for row in rows if row.number not in numbers]
        except PortalError:
            logger.info("rows are taken in one by one to find the one that is refused")
    for row in rows:
        if (id_ := await _take(trial, kind, columns, row)) is not None:
            seen.add(id_)
    return seen


async def _is_new(kind: Kind, work: Work, row: Row) -> bool:
    try:
        return await kind.there(work, row) is None
    except Refused:
        return False


async def _remember_all(trial: _Trial, kind: Kind, ids: Sequence[str], rows: Sequence[Row]) -> None:
    trial.counts["came"] += len(ids)
    trial.touched += [Touched(row.number, row["name"], "came") for row in rows]
    if trial.batch is None:
        return
    after = await _snapshots(trial.work.call, kind, ids)
    await trial.work.call.db.many(
        "insert into import_row (batch, kind, subject, name, deed, after) values ($1, $2, $3, $4, 'came', $5)",
        [
            (trial.batch, kind.code, after[id_]["own"]["id"], row["name"][:160], json.dumps(after[id_]))
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
    index: Index | None = getattr(register, column.refers) if column.refers else None
    if index is None or not said:
        return []
    names = LIST.split(said) if column.many else [said]
    return [say("登记里没有叫“{text}”的{what}", text=name, what=index.what) for name in names if name and not index.all(name)]


async def _take(trial: _Trial, kind: Kind, columns: Sequence[Column], row: Row) -> str | None:
    """One row, in a savepoint of its own: a row that is refused leaves nothing."""
    work = trial.work
    try:
        async with work.call.db.transaction():
            id_ = await kind.there(work, row)
            if id_ is None:
                id_ = await kind.add(work, row)
                await _remember(trial, kind, id_, row, "came", None)
                return id_
            before = await _snapshot(work.call, kind, id_)
            changed = await kind.change(work, id_, row)
            if changed:
                what = _changes(columns, before, await _snapshot(work.call, kind, id_))
                await _remember(trial, kind, id_, row, "changed", before, what)
            else:
                trial.counts["same"] += 1
    except PortalError as error:
        column = error.field if isinstance(error, Refused) else None
        _note(trial, columns, row, {column or "": [error.text]})
        return None
    return id_


def _note(trial: _Trial, columns: Sequence[Column], row: Row, wrong: Mapping[str, Sequence[Text]]) -> None:
    titles = {**{column.code: column.title for column in columns}, **row.titles}
    trial.bad.add(row.number)
    for code, texts in wrong.items():
        trial.errors += [CellError(row.number, row.places.get(code), titles.get(code, ""), text) for text in texts]


def _changes(columns: Sequence[Column], before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What of a thing is different, by the titles of the sheet's columns; names and numbers also from what to what."""
    titles = {column.code: column.title for column in columns}
    found: dict[str, None] = {}
    for name, old in before["own"].items():
        new, title = after["own"][name], titles.get(NAMED_IN_SHEETS.get(name, name))
        if old != new and title is not None:
            found[title if isinstance(old or new, int) else f"{title} {old or '—'} → {new or '—'}"] = None
    for name, rows in before["rows"].items():
        if rows != after["rows"][name] and name in HANGING_IN_SHEETS:
            told = {titles.get(HANGING_IN_SHEETS[name].format(**row)) for row in after["rows"][name] if row not in rows}
            found |= dict.fromkeys(sorted(title for title in told if title))
    return "；".join(found)


async def _remember(
    trial: _Trial, kind: Kind, id_: str, row: Row, deed: str, before: Mapping[str, Any] | None, what: str = ""
) -> None:
    name = row["name"] or row["enterprise"] or id_
    trial.counts[deed] += 1
    trial.touched.append(Touched(row.number, name, deed, what))
    if trial.batch is not None:
        after = await _snapshot(trial.work.call, kind, id_)
        await ImportRow(
            batch=trial.batch, kind=kind.code, subject=after["own"]["id"], name=name[:160], deed=deed,
            before=json.dumps(before) if before is not None else None, after=json.dumps(after),
        ).save()  # fmt: skip


async def _missing(trial: _Trial, kind: Kind, seen: set[str], *, end: bool) -> list[str]:
    """What the register has and the sheet does not name; ended, where the office chose so."""
    there = await kind.all(trial.work)
    gone = {id_: name for id_, name in there.items() if id_ not in seen}
    if end and not trial.errors:
        for id_, name in gone.items():
            try:
                async with trial.work.call.db.transaction():
                    before = await _snapshot(trial.work.call, kind, id_)
                    await kind.end(trial.work, id_)
                    await _remember(trial, kind, id_, Row(0, {"name": name}), "ended", before)
            except PortalError as error:
                trial.errors.append(CellError(0, None, name, error.text))
    return sorted(gone.values())


async def _snapshot(call: Call, kind: Kind, id_: str) -> dict[str, Any]:
    """Something of the register with the rows that hang on it, as they stand."""
    return (await _snapshots(call, kind, [id_]))[id_]


async def _snapshots(call: Call, kind: Kind, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The same for many."""
    table, hanging = kind.tables
    rows = await call.db.rows(f"select id, public_id, to_jsonb(t) as own from {table} t where public_id = any($1)", list(ids))
    found = {row["id"]: {"own": json.loads(row["own"]), "rows": {name: [] for name in hanging}} for row in rows}
    for name, column in hanging.items():
        for row in await call.db.rows(
            f"select {column} as owner, to_jsonb(t) as one from {name} t where {column} = any($1) order by id", list(found)
        ):
            found[row["owner"]]["rows"][name].append(json.loads(row["one"]))
    return {row["public_id"]: found[row["id"]] for row in rows}


async def annotated_copy(call: Call, id_: str) -> bytes:
    """The office's own file with everything that is wrong at its cell."""
    batch = await queries.batch(call, id_)
    errors = [_told_at(one) for one in batch.result.get("errors", ()) if one["row"]]
    return await call.portal.workshop.do(annotated, _data(call, batch), errors, name=batch.result.get("sheet", ""))


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
    if batch.state not in ("taken", "undoing"):
        raise Refused(say("这次导入没有写入，或已经撤销。"))
    if batch.file is None:
        raise Refused(say("导入已过 {n} 天，不能再整批撤销。请到各页面单独改。", n=KEPT_FOR.days))

    async def work() -> int:
        await call.db.rows("select 1 from import_batch where id = $1 for update", batch.internal)
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
    if new and hasattr(kind, "add_many"):
        try:
            return await _remove_all(call, kind, rows)
        except Refused:
            logger.info("rows are taken back one by one to find the one that was touched")
    for row in rows:
        await _restore(call, kind, row, asked_from)
    return None


async def _remove_all(call: Call, kind: Kind, rows: Sequence[Record]) -> None:
    table, hanging = kind.tables
    after = [json.loads(row["after"]) for row in rows]
    now = await _snapshots(call, kind, [one["own"]["public_id"] for one in after])
    if any(now.get(one["own"]["public_id"]) != one for one in after):
        raise Refused(TOUCHED)
    ids = [row["subject"] for row in rows]
    async with _unused(call, TOUCHED):
        for name, column in hanging.items():
            await call.db.rows(f"delete from {name} where {column} = any($1)", ids)
        await call.db.rows("delete from search_gram where kind = $1 and subject = any($2)", table, ids)
        await call.db.rows(f"delete from {table} where id = any($1)", ids)
    areas = await _areas(call, [one["own"] for one in after])
    told = [(one["own"]["public_id"], area, {"name": row["name"]}) for one, area, row in zip(after, areas, rows, strict=True)]
    await record_many(call, "undone", table, told)


@contextlib.asynccontextmanager
async def _unused(call: Call, text: Text) -> AsyncIterator[None]:
    """A savepoint; :class:`Refused` where something else in the register rests on what is removed in it."""
    try:
        async with call.db.transaction():
            yield
    except Exception as error:
        if getattr(error, "sqlstate", "") not in ("23001", "23503"):
            raise
        raise Refused(text) from error


async def _restore(call: Call, kind: Kind, row: Record, asked_from: str) -> None:
    table, hanging = kind.tables
    after = json.loads(row["after"])
    public = after["own"]["public_id"]
    now = await _snapshot(call, kind, public)
    if now != after:
        raise Refused(say("“{name}”在导入以后又有变动，不能整批撤销。请到它的页面单独改。", name=row["name"]))
    async with _unused(call, say("“{name}”已经被用到（任职、归属、公示牌或来件），不能撤销。", name=row["name"])):
        for name, column in hanging.items():
            await call.db.rows(f"delete from {name} where {column} = $1", row["subject"])
        if row["before"] is None:
            await call.db.rows("delete from search_gram where kind = $1 and subject = $2", table, row["subject"])
            await call.db.rows(f"delete from {table} where id = $1", row["subject"])
        else:
            await _put_back(call, table, hanging, json.loads(row["before"]))
    kind_, subject = _told(table, after["own"])
    event = Event(name="changed" if row["before"] is not None else "ended", kind=kind_, subject=subject, day=call.today)
    own = (json.loads(row["before"]) if row["before"] is not None else after)["own"]
    (area,) = await _areas(call, [own], otherwise=asked_from)
    await record(call, "undone", table, public, area=area, data={"name": row["name"]}, event=event)


async def _areas(call: Call, owns: Sequence[Mapping[str, Any]], *, otherwise: str = "/") -> list[str]:
    """Where things stand, so that their own offices read in their history why they are as they were."""
    places = [own.get("division") or own.get("jurisdiction") for own in owns]
    rows = await call.db.rows("select id, path from jurisdiction where id = any($1)", [place for place in places if place])
    paths = {row["id"]: row["path"] for row in rows}
    return [paths.get(place, otherwise) for place in places]


def _told(table: str, own: Mapping[str, Any]) -> tuple[str, int]:
    """Whom an undone row touches: itself, or the seat or the enterprise that it was about."""
    if table == "appointment":
        return next((kind, own[kind]) for kind in ("grid", "unit", "enterprise") if own[kind] is not None)
    return ("enterprise", own["enterprise"]) if table == "charge" else (table, own["id"])


async def _put_back(call: Call, table: str, hanging: Mapping[str, str], before: Mapping[str, Any]) -> None:
    columns = [name for name in before["own"] if name != "id"]
    sets = ", ".join(f'"{name}" = b."{name}"' for name in columns)
    await call.db.rows(
        f"update {table} t set {sets} from jsonb_populate_record(null::{table}, $1) b where t.id = b.id",
        json.dumps(before["own"]),
    )
    for name in hanging:
        await call.db.rows(
            f"insert into {name} select * from jsonb_populate_recordset(null::{name}, $1)", json.dumps(before["rows"][name])
        )
    if "name" in before["own"]:
        extra = before["own"].get("badge") or before["own"].get("credit_code") or before["own"].get("code") or ""
        await index(call.db, table, [(before["own"]["id"], f"{before['own']['name']} {extra}")])


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
