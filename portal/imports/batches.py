"""Sheets that somebody brought: kept and checked, taken in, dropped, and forgotten after a while."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, replace

from portal.call import Call
from portal.errors import Refused
from portal.imports import headings, meanings, queries
from portal.imports.columns import NoHeader, Unfit, plain
from portal.imports.forgetting import forget
from portal.imports.holding import DONE, KEPT_FOR, data_of, keep
from portal.imports.importable import KINDS
from portal.imports.near import LEAVE_OUT, Corrections, left_out
from portal.imports.outcome import OWN, Outcome, Still, Tell, Wish
from portal.imports.reading import parts_of, scheme_of
from portal.imports.tables import ImportBatch
from portal.imports.taking import run
from portal.storage.files import digest
from portal.storage.tables import StoredFile
from portal.terms import say
from portal.workshop.sheets import read

IN_REQUEST = 300
# Rows by which the kind of a sheet is told
ENOUGH = 300
# So many columns are named in any sheet
FEWEST = 2
# In these states the office may say what the columns are
ASKED = ("asking", "checked")


async def bring(call: Call, *, kind: str, region: str, data: bytes, ask: bool = False) -> str:
    """Keep a sheet to be checked; the batch's public id. Nothing of the register is written.

    :class:`Refused` where it cannot be read at all, or its header leaves a question; with ``ask`` it is kept then, and the
    question with it, until the office says what its columns are.
    """
    question = await _question(call, kind, region, data)
    out = await _left_out_before(call, kind, region)
    if question is not None and (not ask or kind == OWN or not question.columns):
        raise question
    name = await asyncio.to_thread(call.portal.files.keep, data)

    async def work() -> str:
        file = StoredFile(
            name=name, kind="import", mime="application/octet-stream", digest=digest(data), size=len(data), created_at=call.now
        )
        await file.save()
        row = ImportBatch(
            kind=kind,
            region=region,
            area=min(call.viewer.areas, key=len, default=""),
            areas=list(call.viewer.areas),
            file=file.id,
            asked_by=call.viewer.account,
            asked_at=call.now,
            state="waiting" if question is None else "asking",
            result=_asked(question),
            corrections=json.dumps(out, ensure_ascii=False),
        )
        await row.save()
        return str(row.public_id)

    return await call.db.run_tx(work)


async def _left_out_before(call: Call, kind: str, region: str) -> Corrections:
    """Which rows the office did not want of its last sheet of this kind, where that was not taken in: it is the same sheet."""
    last = await call.db.row(
        "select corrections, state from import_batch where kind = $1 and region = $2 and area = $3 "
        "and asked_by is not distinct from $4 order by id desc limit 1",
        kind,
        region,
        min(call.viewer.areas, key=len, default=""),
        call.viewer.account,
    )
    return left_out(json.loads(last["corrections"])) if last is not None and last["state"] not in ("taken", "undone") else {}


async def kind_of(call: Call, region: str, data: bytes) -> str:
    """What kind of things a sheet brings, by its header: the kind of which it names most columns and leaves least unused; where
    none has all its columns, the one of which it names more than of any other.

    :class:`Refused` where it fits none, two equally well, or one that lacks a column better than the one that has all.
    """
    fitting: dict[str, tuple[int, int]] = {}
    partly: dict[str, int] = {}
    sheets = [replace(sheet, rows=sheet.rows[:ENOUGH]) for sheet in await call.portal.workshop.do(read, data)]
    for kind in KINDS:
        scheme, known = scheme_of(call, kind, region), await headings.columns_said_before(call, kind, region)
        try:
            ((_, _, found),) = (await parts_of(call, scheme, kind, sheets, known)).parts
            used, columns = sum(bool(one.code) for one in found.columns), found.columns
        except NoHeader as question:
            used, columns = question.named if question.whole else 0, question.columns
            if not question.whole:
                partly[kind] = question.named
        except Unfit as unfit:
            # What is wrong in it is told when it is read as what it is
            used, columns = sum(bool(one.code) for one in unfit.columns), unfit.columns
        except Refused:
            used = 0
        if used:
            fitting[kind] = (used, used - len(columns))
    best = max(fitting.values(), default=(FEWEST, 0))
    most = max(partly.values(), default=0)
    kinds = [kind for kind, score in fitting.items() if score == best]
    kinds += [kind for kind, named in partly.items() if named == most > best[0]]
    if len(kinds) == 1:
        return kinds[0]
    if not kinds:
        raise Refused(say("从表头不能识别表的类别。请在“表的类别”里选择后再检查，届时可以说明各列。"))
    names = "、".join(one.title for kind, one in KINDS.items() if kind in kinds)
    raise Refused(
        say(
            "这张表像是：{names}。请在“表的类别”里选择后再检查。几样都有的，用这一张表按这个次序各导入一次。",
            names=names,
        )
    )


async def _question(call: Call, kind: str, region: str, data: bytes) -> NoHeader | None:
    """What the header of a sheet leaves open."""
    scheme, known = scheme_of(call, kind, region), await headings.columns_said_before(call, kind, region)
    try:
        await parts_of(call, scheme, kind, await call.portal.workshop.do(read, data), known)
    except NoHeader as question:
        return question
    return None


def _asked(question: NoHeader | None) -> str:
    if question is None:
        return "{}"
    columns = [asdict(one) for one in question.columns]
    said = {"question": question.text, "columns": columns, "shape": question.shape, "sheet": question.sheet}
    return json.dumps(said, ensure_ascii=False)


async def say_columns(call: Call, id_: str, said: Mapping[int, str] | None) -> bool:
    """What the columns of a kept sheet are, by their places, remembered for sheets of this shape; None forgets what was said.
    Whether it can be checked now.
    """
    batch = await queries.batch(call, id_)
    if batch.state not in ASKED or batch.kind == OWN:
        raise Refused(DONE)
    if said is None:
        await headings.forget(call, batch.kind, batch.region, batch.result.get("shape", ""))
    else:
        await headings.tell(call, batch.kind, batch.region, batch.result.get("shape", ""), said)
    question = await _question(call, batch.kind, batch.region, data_of(call, batch))
    state = "waiting" if question is None else "asking"
    changed = await call.db.rows(
        "update import_batch set state = $2, result = $3 where id = $1 and state = any($4) returning id",
        batch.internal,
        state,
        _asked(question),
        list(ASKED),
    )
    if not changed:
        raise Refused(DONE)
    return question is None


async def size(call: Call, id_: str) -> int:
    """About how many rows a kept sheet has, which tells whether a visitor should wait for it."""
    batch = await queries.batch(call, id_)
    return max(len(sheet.rows) for sheet in await call.portal.workshop.do(read, data_of(call, batch)))


async def check(
    call: Call, id_: str, wish: Wish | None = None, *, tell: Tell | None = None, still: Still | None = None
) -> Outcome:
    """Try a kept sheet out, as wished, and keep what came of it."""
    batch = await queries.batch(call, id_)
    chosen = Wish(hand_over=wish is not None and wish.hand_over)
    found = await run(
        call,
        kind=batch.kind,
        region=batch.region,
        data=data_of(call, batch),
        wish=chosen,
        write=False,
        tell=tell,
        corrections=batch.corrections,
        meanings=await meanings.meanings_chosen_before(call, batch.region),
    )
    if still is not None:
        await still()
    await keep(call, batch.internal, ("waiting", "checking", "checked"), "checked", found)
    return found


async def correct(call: Call, id_: str, chosen: Mapping[str, str], back: str = "") -> None:
    """What is meant by names on a checked sheet that nothing is called, by the marks of what was offered, remembered for the next
    sheet; ``back`` is the mark of a choice that holds no more, and is remembered no more. The file stays as it is.
    :class:`Refused` for what was not offered.
    """
    batch = await queries.batch(call, id_)
    offered = {one["mark"]: one for one in batch.result.get("unfound", ())}
    meant = {key: dict(words) for key, words in batch.corrections.items()}
    lasting = []
    if batch.state != "checked":
        raise Refused(DONE)
    for mark, text in chosen.items():
        if mark not in offered or text not in (*offered[mark]["near"], LEAVE_OUT):
            raise Refused(say("所选的名称不在可选的里面，请刷新页面再选。"))
        one, said = offered[mark], plain(offered[mark]["said"])
        meant.setdefault(one["key"], {})[said] = text
        lasting += [(one["sort"], said, text)] if text in one.get("lasting", ()) else []
    gone = [one for one in batch.result.get("replaced", ()) if one["mark"] == back]
    for one in gone:
        meant.get(one["key"], {}).pop(one["said"], None)

    async def work() -> None:
        changed = await call.db.rows(
            "update import_batch set corrections = $2 where id = $1 and state = 'checked' returning id",
            batch.internal,
            json.dumps(meant, ensure_ascii=False),
        )
        if not changed:
            raise Refused(DONE)
        await meanings.tell(call, batch.region, lasting)
        for one in gone:
            await meanings.forget(call, batch.region, one.get("sort", ""), one["said"])

    await call.db.run_tx(work)


async def take_in(call: Call, id_: str, wish: Wish, *, tell: Tell | None = None, still: Still | None = None) -> Outcome:
    """Take a checked sheet in, once. What was right at the check may be wrong by now: then nothing is written, and it says so;
    nor where whoever asked may not do so any more, which ``still`` refuses when all is done and may yet be thrown away.
    """
    batch = await queries.batch(call, id_)
    # What was chosen before holds as the check told it, whatever was chosen or forgotten since
    before: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for one in batch.result.get("replaced", ()):
        if one.get("before"):
            before[one["sort"]][one["said"]] = one["chosen"]
    found = await run(
        call,
        kind=batch.kind,
        region=batch.region,
        data=data_of(call, batch),
        wish=wish,
        write=True,
        tell=tell,
        batch=batch.internal,
        still=still,
        corrections=batch.corrections,
        meanings=before,
        checked=batch.result,
    )
    if not found.written:
        await keep(call, batch.internal, ("checked", "taking"), "checked", found)
    return found


async def drop(call: Call, id_: str) -> None:
    """Forget a sheet that was not taken in."""
    batch = await queries.batch(call, id_)
    await _forget(call, "id = $1 and state in ('waiting', 'asking', 'checked', 'failed')", batch.internal)


async def sweep(call: Call) -> int:
    """Forget the sheets of long ago, which hold names and numbers, and how to take them back, and what is private of rows that
    were taken back long ago; how many sheets.
    """
    day = call.today - KEPT_FOR

    async def work() -> list[str]:
        return await forget(call.db, day)

    for name in await call.db.run_tx(work):
        call.portal.files.remove(name)
    return await _forget(call, "asked_at < $1 and state not in ('checking', 'taking', 'undoing')", call.now - KEPT_FOR)


async def _forget(call: Call, which: str, *args: object) -> int:
    """What became of a sheet that was taken in stays; one that was not leaves nothing."""

    async def work() -> list[str]:
        rows = await call.db.rows(f"select id, file from import_batch where {which} and file is not null for update", *args)
        ids, files = [row["id"] for row in rows], [row["file"] for row in rows]
        await call.db.rows("delete from import_row where batch = any($1)", ids)
        await call.db.rows("delete from import_batch where id = any($1) and state not in ('taken', 'undone')", ids)
        await call.db.rows(
            "update import_batch set file = null, corrections = '{}', "
            "result = result - 'touched' - 'errors' - 'left' - 'unfound' - 'replaced' where id = any($1)",
            ids,
        )
        gone = await call.db.rows("delete from stored_file where id = any($1) returning name", files)
        return [row["name"] for row in gone]

    names = await call.db.run_tx(work)
    for name in names:
        call.portal.files.remove(name)
    return len(names)
