"""Running through a sheet: tried out in a transaction that is thrown away, then done in one.

The trial does everything that the import would do, so what it says is what will happen. All rows or none are taken in, or,
where the office chooses so, the good ones only.
"""

import asyncio
import contextlib
import json
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portal import codes
from portal.call import Call
from portal.errors import PortalError, Refused
from portal.imports import differences, headings, meanwhile
from portal.imports.checking import Checked, odd_cells
from portal.imports.columns import Column, Found, Row, plain
from portal.imports.holding import hold, keep
from portal.imports.kinds.kind import ManyKind, PostTaken, SheetKind, Work
from portal.imports.known import Thing, known_register
from portal.imports.meanings import Meanings
from portal.imports.near import Corrections, as_meant, unfound
from portal.imports.outcome import MOST_KEPT, OWN, CellError, Left, Outcome, Still, Tell, Touched, Wish
from portal.imports.reading import Cells, cells_of, parts_of, scheme_of, without
from portal.imports.snapshots import snapshot, snapshots, stands
from portal.imports.tables import ImportRow
from portal.ledger.actions import record
from portal.ledger.queries import last_entry
from portal.storage.files import digest
from portal.storage.locks import Lock
from portal.storage.rows import hold_row, hold_rows
from portal.terms import Text, say
from portal.workshop.sheets import read

logger = logging.getLogger("portal")
MOST_WARNINGS = 2_000
# As often a sheet is gone through anew that another one overtook
ATTEMPTS = 4
# So many rows are checked together; fewer than a few where everything else is done, too
READ_AT_ONCE, FEW = 1_000, 100
TWICE = say("与第 {n} 行重复")


@dataclass
class _Trial:
    """A run through a sheet while it goes on. ``checked`` is what the check found and kept."""

    work: Work
    tell: Tell | None
    total: int
    batch: int | None
    checked: Mapping[str, Any] = field(default_factory=dict)
    done: int = 0
    planned: int = 0
    errors: list[CellError] = field(default_factory=list)
    warnings: list[CellError] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("came", "changed", "same", "ended"), 0))
    held: int = 0


class _Same(Exception):
    """A row says what the register says: it is let go again, so that nobody waits for an import that leaves it as it is."""


class _Overtaken(Exception):
    """Another sheet brought things of the same names meanwhile, which this one did not know: it is gone through once more."""


class _ThrownAway(Exception):
    """The transaction was a trial, or the sheet has mistakes: nothing of it stays."""


async def run(
    call: Call,
    *,
    kind: str,
    region: str,
    data: bytes,
    wish: Wish,
    write: bool,
    tell: Tell | None = None,
    batch: int | None = None,
    still: Still | None = None,
    corrections: Corrections | None = None,
    meanings: Meanings | None = None,
    checked: Mapping[str, Any] | None = None,
) -> Outcome:
    """Go through a sheet in one transaction; it stays only with ``write`` and without mistakes (or with the good rows only).
    ``corrections`` are what the office chose to be meant by names that nothing is called, ``meanings`` what it chose before.
    What others saved or registered since the check that found ``checked`` is neither changed nor ended.
    """
    scheme = scheme_of(call, kind, region)
    sheets = await call.portal.workshop.do(read, data)
    kept_out: tuple[CellError, ...] = ()
    if kind == OWN and wish.good_only:
        # A row of theirs is several of ours: all of them or none
        tried = await run(
            call,
            kind=kind,
            region=region,
            data=data,
            wish=Wish(hand_over=wish.hand_over),
            write=False,
            corrections=corrections,
            meanings=meanings,
        )
        kept_out, bad = tried.errors, {error.row for error in tried.errors}
        sheets = tuple(without(sheet, bad) if sheet.name == tried.sheet else sheet for sheet in sheets)
    reading = await parts_of(call, scheme, kind, sheets, await headings.columns_said_before(call, kind, region))
    del sheets
    total = sum(len(found.rows) for _, _, found in reading.parts)
    if total == 0:
        blank = say("工作表“{name}”里没有填任何一行。", name=reading.sheet) if reading.unread else say("表格里没有填任何一行。")
        raise Refused(blank)
    # What follows a change elsewhere tells nothing of the sheet; and boards would hold up every office until the trial is over
    mine = call if write else replace(call, portal=replace(call.portal, listeners=()))
    outcome: Outcome | None = None

    async def work() -> None:
        nonlocal outcome
        if not write:
            call.db.current().is_a_trial()
        if batch is not None:
            await hold(call, batch, ("checked", "taking"))
        earlier = await _taken(call, region) if write else frozenset()
        entry = await last_entry(call)
        register = Work(call=mine, scheme=scheme, known=await known_register(mine, scheme), hand_over=wish.hand_over)
        parts, meant = as_meant(register.known, reading.parts, corrections or {}, meanings or {}, call.today)
        trial = _Trial(register, tell, total, batch if write else None, checked or {})
        left: list[Left] = []
        for one, columns, found in parts:
            trial.warnings += _passed_over(columns, found)
            await _rows(trial, one, columns, found)
            # A district's own sheet names a part only of each kind
            if kind != OWN and found.unseen:
                trial.warnings.append(_not_told(found.unseen))
            elif kind != OWN and not trial.errors:
                left += await _missing(trial, one, wish)
        _refuse_more(trial, wish)
        wrong = bool(trial.errors) and (not wish.good_only or kind == OWN)
        stays = write and not wrong and bool(trial.counts["came"] + trial.counts["changed"] + trial.counts["ended"])
        outcome = Outcome(
            rows=sum(len(found.rows) for *_, found in parts),
            sheet=reading.sheet,
            unread=reading.unread,
            written=stays,
            errors=tuple(sorted(dict.fromkeys((*kept_out, *trial.errors)), key=lambda e: (e.row, e.column or 0))),
            touched=tuple(trial.touched),
            left=tuple(left),
            warnings=tuple(trial.warnings[:MOST_WARNINGS]),
            columns=tuple(one for *_, found in parts for one in found.columns),
            shape=parts[0][2].shape,
            told=any(found.told for *_, found in parts),
            hidden=tuple(one for *_, found in parts for one in found.hidden),
            lacking=tuple(one for *_, found in parts for one in found.lacking),
            left_out=tuple(one for *_, found in parts for one in found.left_out)[:MOST_KEPT],
            unfound=unfound(register.known, parts, call.today) if trial.errors else (),
            replaced=meant,
            held=trial.held,
            hand_over=wish.hand_over,
            checked_at=trial.checked.get("checked_at", entry),
            **trial.counts,
        )
        if not stays:
            raise _ThrownAway
        data_ = {"kind": kind, "rows": total, **trial.counts, "digest": digest(data)}
        area = min(call.viewer.areas, key=len, default="")
        if still is not None:
            await still()
        await _refuse_overtaken(call, region, earlier, trial)
        await record(call, "imported", "import", region, area=area, data=data_)
        if batch is not None:
            await keep(call, batch, ("checked", "taking"), "taken", outcome)

    with contextlib.suppress(_ThrownAway):
        await _anew_where_overtaken(call, work)
    if outcome is None:
        raise RuntimeError("the trial gave nothing")
    return outcome


def _refuse_more(trial: _Trial, wish: Wish) -> None:
    """Nothing is taken in where more would be made than the check told, also not the good rows alone."""
    if unseen := meanwhile.more_come(trial.checked, trial.counts["came"]):
        if wish.good_only:
            raise Refused(unseen)
        trial.errors.append(CellError(0, None, "", unseen))


async def _anew_where_overtaken(call: Call, work: Callable[[], Awaitable[None]]) -> None:
    for _ in range(ATTEMPTS):
        with contextlib.suppress(_Overtaken):
            return await call.db.run_tx(work)
    raise Refused(say("另一张表也在导入同名的内容，这次什么也没有导入。请过一会儿再试。"))


async def _taken(call: Call, region: str) -> frozenset[int]:
    """The sheets of a region that were taken in, as far as this transaction can know."""
    rows = await call.db.rows("select id from import_batch where region = $1 and state = 'taken'", region)
    return frozenset(row["id"] for row in rows)


async def _refuse_overtaken(call: Call, region: str, before: frozenset[int], trial: _Trial) -> None:
    """What has no number that the database keeps unique, two sheets at once would bring twice. From here to the commit no other
    sheet of the region comes in.
    """
    await call.db.hold(Lock.IMPORTS, region)
    if others := await _taken(call, region) - before:
        came = await call.db.rows("select name from import_row where batch = any($1) and deed = 'came'", list(others))
        names = {plain(row["name"]) for row in came}
        if any(one.deed == "came" and plain(one.name) in names for one in trial.touched):
            raise _Overtaken


def _not_told(unseen: Sequence[int]) -> CellError:
    """What stands in rows that nobody sees is not missing from the sheet."""
    what = say("有 {n} 行隐藏着，没有读取，所以没有列出已登记、表里没有的。请取消隐藏和筛选再上传", n=len(unseen))
    return CellError(unseen[0], None, "", what)


def _passed_over(columns: Sequence[Column], found: Found) -> list[CellError]:
    titles = {column.code: column.title for column in columns}
    heads = {one.place: one.heading for one in found.columns}
    said = say(
        "没有用“{heading}”这一列：用的是“{title}”，而这一列有 {n} 行写的不同，第 {row} 行是“{says}”。"
        "要用这一列的，请在“各列的含义”里选择"
    )
    return [
        CellError(
            one.row,
            one.place,
            titles[one.code],
            say(said.msgid, heading=heads.get(one.place, ""), title=titles[one.code], n=one.rows, row=one.row, says=one.says),
        )
        for one in found.passed_over
    ]


async def _rows(trial: _Trial, kind: SheetKind, columns: Sequence[Column], found: Found) -> None:
    """Take the rows of one kind in.

    A row that calls another of its kind waits until that one is taken in, wherever in the sheet it stands.
    """
    before: dict[str, int] = {}
    waiting: list[Row] = []
    own = {column.code for column in columns if column.refers == kind.code}
    twins = (kind.twin(trial.work, row) for row in found.rows)
    trial.work.twins.update(twin for twin, n in Counter(filter(None, twins)).items() if n > 1)
    raw: dict[int, Row] = {}
    rows, last = found.rows, not own
    while rows:
        later: list[Row] = []
        async with contextlib.aclosing(_read(trial.work, columns, rows)) as several:
            async for row, (cells, wrong, doubtful) in several:
                key, column = kind.key(cells)
                first = before.setdefault(key, row.number)
                if wrong and wrong.keys() <= own and not last:
                    later.append(row)
                    continue
                if doubtful:
                    trial.warnings += _at_cells(columns, row, doubtful)
                if key.strip() and first != row.number and column not in wrong:
                    before_it = waiting[-1] if waiting and waiting[-1].number == first else None
                    if not wrong and before_it is not None and (one := kind.joined(before_it, cells)) is not None:
                        waiting[-1], place, what = one
                        trial.warnings += _at_cells(columns, row, {place: [what]})
                        _done(trial)
                        continue
                    raw = raw or {one.number: one for one in found.rows}
                    if not wrong and _says_no_more(raw[first], row):
                        what = say("与第 {n} 行在要用的列里写的相同，只登记一次", n=first)
                        trial.warnings += _at_cells(columns, row, {column: [what]})
                        _done(trial)
                        continue
                    wrong[column] = [say(kind.twice.get(column, TWICE).msgid, n=first)]
                if wrong:
                    _note(trial, columns, row, wrong)
                    _done(trial)
                else:
                    doubts = {code: [text] for code, text in kind.doubts(trial.work, cells).items()}
                    trial.warnings += _at_cells(columns, row, doubts)
                    waiting.append(cells)
                # The last one stays: the next row may say more of it
                if len(waiting) >= kind.at_once + (kind.at_once > 1):
                    await _take_all(trial, kind, columns, waiting[: kind.at_once])
                    waiting = waiting[kind.at_once :]
        rows, last = tuple(later), len(later) == len(rows)
    await _take_all(trial, kind, columns, waiting)
    _tell_what_waits(trial, kind, columns, found)


async def _read(work: Work, columns: Sequence[Column], rows: Sequence[Row]) -> AsyncGenerator[tuple[Row, Cells]]:
    """Each row with its cells. The next are checked while the server takes these in."""
    pieces = [rows[n : n + READ_AT_ONCE] for n in range(0, len(rows), READ_AT_ONCE)]
    coming = asyncio.create_task(_odd_cells(work, columns, pieces[0]))
    try:
        for piece, after in zip(pieces, (*pieces[1:], ()), strict=True):
            found = await coming
            coming = asyncio.create_task(_odd_cells(work, columns, after))
            for row, odd in zip(piece, found, strict=True):
                yield row, cells_of(work.known, columns, row, odd)
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _odd_cells(work: Work, columns: Sequence[Column], rows: Sequence[Row]) -> Sequence[Mapping[str, Checked]]:
    cells = [row.cells for row in rows]
    if len(rows) < FEW:
        return odd_cells(columns, cells, work.call.today)
    return await work.call.portal.workshop.do(odd_cells, columns, cells, work.call.today)


def _tell_what_waits(trial: _Trial, kind: SheetKind, columns: Sequence[Column], found: Found) -> None:
    """Where a row calls another of the sheet that was refused, it is not the call that is wrong: say which row comes first."""
    if not (wrong := {error.row for error in trial.errors}):
        return
    refused = {
        name: row.number
        for row in found.rows
        if row.number in wrong
        for name in (plain(row["name"]), plain(row["code"]), codes.division(row["code"]))
    }
    waits: dict[tuple[int, str], Text] = {}
    for row in found.rows:
        called, column = kind.calls(row)
        first = refused.get(plain(called), row.number) if called and row.number in wrong else row.number
        if first != row.number:
            title = row.titles.get(column) or next(one.title for one in columns if one.code == column)
            waits[row.number, title] = say(
                "“{called}”是第 {n} 行的，那一行还有问题。改好那一行再检查，这里不用改", called=called, n=first
            )
    trial.errors = [
        replace(error, text=waits[error.row, error.title]) if (error.row, error.title) in waits else error
        for error in trial.errors
    ]


def _says_no_more(first: Row, again: Row) -> bool:
    """Whether a row repeats another in every column that is read and differs in others: a line for each thing of a firm."""
    return first.rest != again.rest and all(plain(first[code]) == plain(again[code]) for code in {*first.cells, *again.cells})


def _done(trial: _Trial, rows: int = 1) -> None:
    trial.done += rows
    if trial.tell is not None:
        trial.tell(trial.done, trial.total)


async def _take_all(trial: _Trial, kind: SheetKind, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Rows without a mistake of their own. Where the kind knows how, those that are no news and new ones all at once; the others,
    and where a new one is refused all of those, one by one, so that the refusal stands at its row.
    """
    if trial.counts["came"] >= 2 * trial.planned:
        # What the server planned for a register of a few rows, it would go on doing for those of the sheet: reading all for each
        await trial.work.call.db.rows("discard plans")
        trial.planned = max(trial.counts["came"], 1)
    if isinstance(kind, ManyKind):
        rows = await _take_many(trial, kind, columns, rows)
    for row in await kind.order(trial.work, rows):
        await _take(trial, kind, columns, row)
        _done(trial)


async def _take_many(trial: _Trial, kind: ManyKind, columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
    """Count the rows that say what the register says, add what is new and change what is not as it was; the rows that are left
    since some of them may not be taken in.
    """
    work = trial.work
    there, new = await _sorted(kind, work, rows)
    done = {id_: there.pop(id_) for id_ in (await kind.unchanged(work, there) if there else ())}
    trial.counts["same"] += len(done)
    _seen(trial, done)
    with _one_by_one():
        async with work.call.db.transaction():
            ids = await kind.add_many(work, new)
            await _remember_new(trial, kind, ids, new)
        came = dict(zip(ids, new, strict=True))
        _seen(trial, came)
        done |= came
    with _one_by_one():
        if there:
            await _change_many(trial, kind, columns, there)
            done |= there
    numbers = {row.number for row in done.values()}
    return [row for row in rows if row.number not in numbers]


@contextlib.contextmanager
def _one_by_one() -> Iterator[None]:
    """Where one of many rows is refused, none of them is taken in, and what is said is said again at its row."""
    try:
        yield
    except PortalError:
        logger.info("rows are taken in one by one to find the one that is refused")


async def _change_many(trial: _Trial, kind: ManyKind, columns: Sequence[Column], rows: dict[str, Row]) -> None:
    call, came = trial.work.call, (len(trial.touched), trial.counts["changed"], len(trial.warnings))
    try:
        async with call.db.transaction():
            await hold_rows(call.db, kind.tables.table, list(rows))
            rows, made = await _leaving_what_was_saved(trial, kind, columns, rows)
            before = await snapshots(call, kind, list(rows))
            changed = await kind.change_many(trial.work, rows)
            if changed & made:
                raise Refused(meanwhile.MADE)
            after = await snapshots(call, kind, list(changed))
            for id_, row in rows.items():
                if id_ in changed:
                    what = await differences.differences_told(trial.work, columns, before[id_], after[id_])
                    await _remember(trial, kind, row, "changed", before[id_], after[id_], what)
    except PortalError:
        del trial.touched[came[0] :]
        trial.counts["changed"] = came[1]
        del trial.warnings[came[2] :]
        raise
    trial.counts["same"] += len(rows) - len(changed)
    _seen(trial, rows)


def _seen(trial: _Trial, rows: Mapping[str, Row]) -> None:
    trial.work.seen.update((id_, row.number) for id_, row in rows.items())
    _done(trial, len(rows))


async def _sorted(kind: ManyKind, work: Work, rows: Sequence[Row]) -> tuple[dict[str, Row], list[Row]]:
    """The rows about what the register has, by its id, and those that bring something new. In neither stand rows of which that
    cannot be told, nor a second one that means, or may mean, the same: it waits until the first is taken in.
    """
    there: dict[str, Row] = {}
    new: dict[str, Row] = {}
    for row in rows:
        try:
            id_ = await kind.there(work, row)
        except Refused:
            continue
        if id_ is None:
            new.setdefault(kind.means(work, row), row)
        elif id_ not in work.seen:
            there.setdefault(id_, row)
    return there, list(new.values())


async def _remember_new(trial: _Trial, kind: SheetKind, ids: Sequence[str], rows: Sequence[Row]) -> None:
    trial.counts["came"] += len(ids)
    trial.touched += [Touched(row.number, row["name"], "came") for row in rows]
    if trial.batch is None:
        return
    await trial.work.call.db.rows(
        "insert into import_row (batch, kind, subject, name, deed, after) "
        f"select $1, $2, t.id, w.name, 'came', {stands(kind)} from unnest($3::text[], $4::text[]) with ordinality "
        f"as w(public_id, name, n) join {kind.tables.table} t on t.public_id = w.public_id order by w.n",
        trial.batch,
        kind.code,
        list(ids),
        [row["name"][:160] for row in rows],
    )


async def _take(trial: _Trial, kind: SheetKind, columns: Sequence[Column], row: Row) -> None:
    """One row, in a savepoint of its own: a row that is refused leaves nothing."""
    work = trial.work
    there: str | None = None
    try:
        async with work.call.db.transaction():
            there = await kind.there(work, row)
            if there is not None and there in work.seen:
                at = kind.key(row)[1]
                raise Refused(say(kind.twice.get(at, TWICE).msgid, n=work.seen[there]), field=at)
            id_ = await (_add(trial, kind, columns, row) if there is None else _change(trial, kind, columns, row, there))
        work.seen[id_] = row.number
    except _Same:
        trial.counts["same"] += 1
        work.seen[there or ""] = row.number
    except PortalError as error:
        trial.held += isinstance(error, PostTaken)
        column = error.field if isinstance(error, Refused) else None
        _note(trial, columns, row, {column or "": [error.text]})


async def _add(trial: _Trial, kind: SheetKind, columns: Sequence[Column], row: Row) -> str:
    """Something new, in place of what gives way for it where the office chose so; its public id."""
    work = trial.work
    old = await kind.gives_way(work, row) if work.hand_over else None
    before = await snapshot(work.call, kind, old.id, ending=True) if old is not None else None
    owner = kind.owner(work, row)
    earlier = await snapshot(work.call, kind, owner) if owner is not None else None
    id_ = await kind.add(work, row)
    if old is not None and before is not None:
        after = await snapshot(work.call, kind, old.id, ending=True)
        what = await differences.differences_told(work, columns, before, after)
        await _remember(trial, kind, Row(row.number, {"name": old.person_name}), "ended", before, after, what)
        work.seen[old.id] = row.number
    await _remember(trial, kind, row, "came", earlier, await snapshot(work.call, kind, id_))
    return id_


async def _change(trial: _Trial, kind: SheetKind, columns: Sequence[Column], row: Row, id_: str) -> str:
    work = trial.work
    # Held before it is compared: what somebody else writes meanwhile would be taken back
    await hold_row(work.call.db, kind.tables.table, id_.partition(" ")[0])
    rows, made = await _leaving_what_was_saved(trial, kind, columns, {id_: row})
    before, row = await snapshot(work.call, kind, id_), rows[id_]
    if await kind.change(work, id_, row):
        if made:
            raise Refused(meanwhile.MADE)
        after = await snapshot(work.call, kind, id_)
        await _remember(
            trial, kind, row, "changed", before, after, await differences.differences_told(work, columns, before, after)
        )
        return id_
    raise _Same


async def _leaving_what_was_saved(
    trial: _Trial, kind: SheetKind, columns: Sequence[Column], rows: Mapping[str, Row]
) -> tuple[dict[str, Row], set[str]]:
    """The rows without what others saved since the sheet was checked; and those about what was made since, which may change
    nothing.
    """
    if (entry := trial.checked.get("checked_at")) is None:
        return dict(rows), set()
    kept, made = dict(rows), set[str]()
    for id_, saved in (await meanwhile.saved_since(trial.work.call, entry, kind.tables.table, list(rows))).items():
        if saved is None:
            made.add(id_)
            continue
        kept[id_], told = meanwhile.without(columns, rows[id_], saved)
        trial.warnings += _at_cells(columns, rows[id_], {code: [text] for code, text in told.items()})
    return kept, made


def _note(trial: _Trial, columns: Sequence[Column], row: Row, wrong: Mapping[str, Sequence[Text]]) -> None:
    trial.errors += _at_cells(columns, row, wrong)


def _at_cells(columns: Sequence[Column], row: Row, said: Mapping[str, Sequence[Text]]) -> list[CellError]:
    titles = {**{column.code: column.title for column in columns}, **row.titles}
    return [
        CellError(row.number, row.places.get(code), titles.get(code, ""), text) for code, texts in said.items() for text in texts
    ]


async def _remember(
    trial: _Trial,
    kind: SheetKind,
    row: Row,
    deed: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    what: str = "",
) -> None:
    """Count what became of something, tell it, and keep how it stood before and after, so that it can be taken back."""
    trial.counts[deed] += 1
    name = row["name"] or row["enterprise"] or row["badge"] or after["own"]["public_id"]
    trial.touched.append(Touched(row.number, name, deed, what))
    if trial.batch is not None:
        await ImportRow(
            batch=trial.batch,
            kind=kind.code,
            subject=after["own"]["id"],
            name=name[:160],
            deed=deed,
            before=json.dumps(before) if before is not None else None,
            after=json.dumps(after),
        ).save()


async def _missing(trial: _Trial, kind: SheetKind, wish: Wish) -> list[Left]:
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
        chosen = {" ".join(key): some for key, some in gone.items() if wish.end_all or " ".join(key) in wish.end}
        if unseen := meanwhile.more_than_told(trial.checked, [one for one in left if one.key in chosen]):
            trial.errors += [CellError(0, None, one.where, meanwhile.MORE) for one in unseen]
        else:
            await _end_all(trial, kind, [thing for some in chosen.values() for thing in some])
    return left


def _part(path: str, areas: Sequence[str]) -> str:
    """The part of the viewer's area where something lies: the place next below it, or the area itself."""
    area = max((area for area in areas if path.startswith(area)), key=len, default="/")
    first, slash, _ = path.removeprefix(area).partition("/")
    return f"{area}{first}{slash}"


async def _end_all(trial: _Trial, kind: SheetKind, things: Sequence[Thing]) -> None:
    """End them; what has to wait for another of them, as a grid for those below it, is tried again after it."""
    last = False
    while things:
        later = []
        for thing in things:
            try:
                async with trial.work.call.db.transaction():
                    before = await snapshot(trial.work.call, kind, thing.id, ending=True)
                    await kind.end(trial.work, thing.id)
                    after = await snapshot(trial.work.call, kind, thing.id, ending=True)
                    await _remember(trial, kind, Row(0, {"name": thing.name}), "ended", before, after)
            except PortalError as error:
                later.append(thing)
                if last:
                    trial.errors.append(CellError(0, None, thing.name, error.text))
        things, last = [] if last else later, len(later) == len(things)
