"""Taking an import back: what came is out of sight, what changed is as it was, unless something was touched since.

Nothing that has an id of its own is deleted: a complaint may be about somebody who is taken back, and an undoing that was refused
for that would tell (``docs/decisions/0035-what-is-taken-back-stays.md``).
"""

import contextlib
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice
from typing import Any

from portal import codes
from portal.access.granting import leave_granted_alone
from portal.areas.actions import leave_outside_alone
from portal.call import Call, Event
from portal.errors import Refused
from portal.imports import queries
from portal.imports.holding import KEPT_FOR, hold
from portal.imports.importable import KINDS
from portal.imports.kinds.kind import ManyKind, SheetKind, Tables
from portal.imports.outcome import Still, Tell
from portal.imports.snapshots import TOUCHED, snapshot, snapshots
from portal.ledger.actions import off, record, record_many, tell
from portal.people.actions import check_room
from portal.people.custodians import as_close_as_before, leave_alone, stay_apart
from portal.storage import undone
from portal.storage.engine import Record
from portal.storage.search import index
from portal.terms import SUBJECT, Text, say

AT_ONCE = 1_000
logger = logging.getLogger("portal")
# What may be said to rest on a thing; that somebody wrote about it is told to nobody who may not read it
TOLD = {
    **{table: SUBJECT[table] for table in ("board", "appointment", "grid", "deed", "filing", "unit", "person", "enterprise")},
    "charge": KINDS["charges"].title,
}
IN_USE = ("23001", "23503", "23505", "23P01")  # something rests on it, or stands where it would come back to


async def undo(call: Call, id_: str, *, tell: Tell | None = None, still: Still | None = None) -> int:
    """Take an import back: what came is out of sight, what changed is as it was; how many things. Refused, and nothing done,
    where anything was changed or used since, or where ``still`` refuses at the end.
    """
    batch = await queries.batch(call, id_)
    if batch.region in call.portal.asleep:
        raise Refused(off(call, batch.region))
    if batch.file is None:
        raise Refused(say("导入已过 {n} 天，不能再整批撤销。请到各页面逐项修改。", n=KEPT_FOR.days))

    async def work() -> int:
        await hold(
            call, batch.internal, ("taken", "undoing"), say("这次导入没有完成，或已经撤销，或正在处理。请刷新页面查看结果。")
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
        if still is not None:
            await still()
        await call.db.rows("update import_batch set state = 'undone', undone_at = $2 where id = $1", batch.internal, call.now)
        await record(call, "undone", "import", batch.region, area=batch.area, data={"kind": batch.kind, "rows": len(rows)})
        return len(rows)

    return await call.db.run_tx(work)


async def _restore_all(call: Call, kind: SheetKind, rows: Sequence[Record], asked_from: str, *, new: bool) -> None:
    """Rows of one kind: those that came many at once go so too, unless one of them was touched since."""
    if new and isinstance(kind, ManyKind):
        try:
            # In a savepoint: what it put out of sight before it was refused stands again for the one that is named
            async with call.db.transaction():
                return await _remove_all(call, kind, rows)
        except Refused:
            logger.info("rows are taken back one by one to find the one that was touched")
    for row in rows:
        await _restore(call, kind, row, asked_from)
    return None


async def _remove_all(call: Call, kind: SheetKind, rows: Sequence[Record]) -> None:
    tables = kind.tables
    after = [json.loads(row["after"]) for row in rows]
    now = await snapshots(call, kind, [one["own"]["public_id"] for one in after])
    if any(now.get(one["own"]["public_id"]) != one for one in after):
        raise Refused(TOUCHED)
    await _take_back(call, tables, [row["subject"] for row in rows], say("导入的内容已被其他登记使用"))
    areas = await _areas(call, [one["own"] for one in after])
    told = [(one["own"]["public_id"], area, {"name": row["name"]}) for one, area, row in zip(after, areas, rows, strict=True)]
    await record_many(call, "undone", tables.table, told)


@contextlib.asynccontextmanager
async def _in_its_place(call: Call, text: Text) -> AsyncIterator[None]:
    """A savepoint; :class:`Refused` where something stands by now where something else comes back to in it."""
    try:
        async with call.db.transaction():
            yield
    except Exception as error:
        if getattr(error, "sqlstate", "") not in IN_USE:
            raise
        raise Refused(text) from error


async def _restore(call: Call, kind: SheetKind, row: Record, asked_from: str) -> None:
    table = kind.tables.table
    before, after = json.loads(row["before"] or "null"), json.loads(row["after"])
    public = after["own"]["public_id"]
    now = await snapshot(call, kind, public, ending=row["deed"] == "ended")
    if now != after:
        raise Refused(say("“{name}”在导入以后又有变动，不能整批撤销。请到相应页面单独修改。", name=row["name"]))
    if table == "appointment":
        await leave_alone(call, after["own"]["person"])
    if table == "unit":
        await leave_outside_alone(call, public)
    if table == "jurisdiction" and before is None:
        await leave_granted_alone(call, after["own"]["path"])
    used = say("“{name}”已被其他登记使用，或者原来的编号、位置已被占用，不能撤销。", name=row["name"])
    by = say("“{name}”已被其他登记使用", name=row["name"])
    async with as_close_as_before(call, *[row["subject"]] * (table == "person")), _in_its_place(call, used):
        if before is None:
            if "since" in after["own"]:
                # Whatever follows from it is decided anew while it can still be asked whom it touched; nothing does from a deed
                await _close(call, kind.tables, row["subject"])
                await _follow(call, kind, before, after)
                await _as_it_was(call, kind.tables, after)
            await _take_back(call, kind.tables, [row["subject"]], by)
        else:
            await _put_back(call, kind.tables, before)
            revived = _revived(kind, before, after)
            await check_room(call, revived)
            holders = await call.db.rows("select distinct person from appointment where id = any($1)", revived)
            await stay_apart(call, *(holder["person"] for holder in holders))
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


async def _follow(call: Call, kind: SheetKind, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
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


async def _as_it_was(call: Call, tables: Tables, after: Mapping[str, Any]) -> None:
    """As long as it was in the register, it was what it was: who had to stand back then still has to."""
    for name in (tables.table, *tables.hanging):
        if name in undone.TABLES:
            await _write_back(call, name, [after["own"]] if name == tables.table else after["rows"][name])


async def _take_back(call: Call, tables: Tables, ids: Sequence[int], text: Text) -> None:
    """Out of sight, and what hangs on them; :class:`Refused` with ``text`` where anything else of the register rests on them."""
    going = [(tables.table, list(ids))]
    for name, column in tables.hanging.items():
        rows = await call.db.rows(f"select id from {name} where {column} = any($1) order by id", ids)
        going.insert(0, (name, [row["id"] for row in rows]))
    for name, some in going:
        # Whoever writes down something that rests on one of them waits here, or is waited for
        await call.db.rows(f"select 1 from {name} where id = any($1) for update", some)
        await _out_of_sight(call, name, some)
    for name, some in going:
        if name in undone.TABLES and (user := await _user_of(call, name, some)):
            what = say("（{name}）", name=TOLD[user]) if user in TOLD else ""
            raise Refused(say("{text}{what}，不能整批撤销。请到相应页面单独修改。", text=text, what=what))


async def _out_of_sight(call: Call, table: str, ids: Sequence[int]) -> None:
    if table in undone.TABLES:
        return await undone.undo(call.db, table, ids, call.today)
    # A stretch of a timeline has no name: nothing can be about it. A place has one, and whatever rests on it has a key to it
    await call.db.rows(f"delete from {table} where id = any($1)", ids)
    if table == "jurisdiction":
        await index(call.db, table, [(id_, "") for id_ in ids])
    return None


async def _user_of(call: Call, table: str, ids: Sequence[int]) -> str:
    """The table of which a row that counts rests on one of these, "" where none does. That a complaint does is nobody's business
    here.
    """
    resting = await call.db.rows(
        """
        select c.relname as table, a.attname as column from pg_constraint k join pg_class c on c.oid = k.conrelid
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
        where k.contype = 'f' and k.confrelid = ('public.' || $1)::regclass and not starts_with(c.relname, 'complaint')
        order by 1, 2
        """,
        table,
    )
    for one in resting:
        if await call.db.value(f"select exists (select from {one['table']} where {one['column']} = any($1))", ids):
            return str(one["table"])
    return ""


async def _areas(call: Call, owns: Sequence[Mapping[str, Any]], *, otherwise: str = "/") -> list[str]:
    """Where things stand, so that their own offices read in their history why they are as they were."""
    places = [own.get("division") or own.get("jurisdiction") for own in owns]
    rows = await call.db.rows("select id, path from jurisdiction where id = any($1)", [place for place in places if place])
    paths = {row["id"]: row["path"] for row in rows}
    return [paths.get(place, own.get("path", otherwise)) for own, place in zip(owns, places, strict=True)]


def _touched(kind: SheetKind, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> set[tuple[str, int]]:
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


def _revived(kind: SheetKind, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[int]:
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
            gone = await call.db.rows(
                f"select id from {name} where {tables.hanging[name]} = $1 and id <> all($2)", own["id"], kept
            )
            await _out_of_sight(call, name, [row["id"] for row in gone])
        await _write_back(call, name, rows)
        await _index(call, name, rows)
    if tables.own:
        await _index(call, tables.table, [own])


async def _index(call: Call, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let them be found by name again, and by what they are numbered with."""
    named = [row for row in rows if "name" in row]
    texts = [
        f"{row['name']} {row.get('badge') or row.get('credit_code') or row.get('code') or ''} "
        f"{codes.dialled(row['phone']) if table == 'person' else ''}"
        for row in named
    ]
    if named:
        await index(call.db, table, [(row["id"], text) for row, text in zip(named, texts, strict=True)])


async def _write_back(call: Call, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as they were, whether they are still there or not."""
    if not rows:
        return
    sets = ", ".join(f'"{name}" = b."{name}"' for name in rows[0] if name != "id")
    back = ", undone_on = null" if table in undone.TABLES else ""
    old = f"from jsonb_populate_recordset(null::public.{table}, $1) b"
    await call.db.rows(f"update public.{table} t set {sets}{back} {old} where t.id = b.id", json.dumps(rows))
    await call.db.rows(
        f"insert into public.{table} select b.* {old} where not exists (select from public.{table} t where t.id = b.id)",
        json.dumps(rows),
    )
