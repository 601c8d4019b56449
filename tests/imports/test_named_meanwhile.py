"""Whoever names something new while it is being taken back waits, and then does not find it: nothing that counts names what was
taken back. A complaint does, and the ledger, and neither keeps anything from being taken back.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest

from portal.boards.actions import issue
from portal.complaints import actions as complaints
from portal.enterprises import charges
from portal.enterprises.actions import EnterpriseForm, add_enterprise
from portal.errors import Conflict, NotVisible, Refused
from portal.feedback import actions as feedback
from portal.imports import undoing
from portal.ledger.queries import history
from portal.obligations.actions import DeedForm, add_deed
from portal.people.actions import PersonForm, add_person
from portal.scheme.words import Kind
from portal.storage import undone
from portal.storage.columns import public_id
from portal.viewer import PUBLIC
from tests.complaints.test_complaints import WORDS, keeper, listed
from tests.imports.test_imports import sheet, taken, wrong
from tests.imports.test_what_is_taken_back import NAMED, SHEETS
from tests.world import World, make_appointment

__all__ = ["keeper"]
Writer = Callable[[World, str, int], Awaitable[object]]


async def brought(world: World, kind: str) -> tuple[str, str, int]:
    """One thing that a sheet brought: the batch, its public id, its internal id."""
    batch, found = await taken(world.call, kind, sheet(*SHEETS[kind]))
    assert wrong(found) == []
    table, name = NAMED[kind]
    row = await world.call.db.row(f"select id, public_id from {table} where name = $1", name)
    assert row is not None
    return batch, row["public_id"], row["id"]


def points(table: str, column: str) -> Writer:
    """A row that is there names it from now on, by the id that somebody had read before."""

    async def acting(world: World, public: str, id_: int) -> object:
        change = f"update {table} set {column} = $1 where id = (select max(id) from {table})"
        return await world.call.db.run_tx(lambda: world.call.db.rows(change, id_))

    return acting


async def works_there(world: World, public: str, id_: int) -> object:
    form = PersonForm(name="钱新", phone="0512-01000078", jurisdiction=world.places["东镇"], unit=public)
    return await add_person(world.call, form)


async def answers(world: World, public: str, id_: int) -> object:
    return await charges.assign(world.call, world.enterprises["甲面粉店（示例）"], "fire", public, world.call.today)


async def drawn(world: World, public: str, id_: int) -> object:
    form = EnterpriseForm(name="片厂（示例）", division=world.places["甲村"], drawn_grid=public, facts={"size": "small"})
    return await add_enterprise(world.call, form)


async def kept(world: World, public: str, id_: int) -> object:
    world.grids["新片"] = public
    return await make_appointment(world, "赵看护", "keeper", grid="新片", since=world.call.today)


async def walked(world: World, public: str, id_: int) -> object:
    form = DeedForm(
        region="sample", duty="walk", subject=public, day=world.call.today, person=world.people["张看护"], points=(), note=""
    )
    return await add_deed(world.call, form)


async def met(world: World, public: str, id_: int) -> object:
    return await add_deed(world.call, DeedForm(region="sample", duty="meet", subject=public, day=world.call.today))


async def boarded(world: World, public: str, id_: int) -> object:
    return await issue(world.call, "enterprise", public)


WRITERS = {
    ("units", "person"): works_there,
    ("units", "charge"): answers,
    ("units", "deed"): met,
    ("units", "case"): points("feedback_case", "unit"),
    ("grids", "appointment"): kept,
    ("grids", "enterprise"): drawn,
    ("grids", "deed"): points("deed", "enterprise = null, grid"),
    ("grids", "board"): points("board", "enterprise = null, grid"),
    ("enterprises", "deed"): walked,
    ("enterprises", "board"): boarded,
    ("enterprises", "case"): points("feedback_case", "enterprise"),
}


async def some_of_each(world: World) -> None:
    """A board, a case and a deed that name something else."""
    board = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    opening = feedback.CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text=WORDS, contact="")
    await feedback.open_case(world.call.as_(PUBLIC), opening)
    await walked(world, world.enterprises["甲面粉店（示例）"], 0)


async def names(world: World, kind: str, id_: int) -> list[str]:
    """What names a thing by a key, but for what hangs on it."""
    table = NAMED[kind][0]
    keys = await world.call.db.rows(
        "select conrelid::regclass::text as name, attname from pg_constraint join pg_attribute on attrelid = conrelid "
        "and attnum = conkey[1] where contype = 'f' and confrelid = ('public.' || $1)::regclass",
        table,
    )
    found = []
    for one in keys:
        plain = one["name"].removeprefix("public.")
        counts = "and undone_on is null" if plain in undone.TABLES else ""
        if await world.call.db.value(f"select exists (select from public.{plain} where {one['attname']} = $1 {counts})", id_):
            found.append(plain)
    return found


@pytest.mark.parametrize(("kind", "what"), WRITERS)
async def test_who_names_something_while_it_is_taken_back_waits_and_does_not_find_it(world: World, kind: str, what: str) -> None:
    await some_of_each(world)
    batch, public, id_ = await brought(world, kind)
    gone, go_on = asyncio.Event(), asyncio.Event()

    async def still() -> None:
        gone.set()
        await go_on.wait()

    undo = asyncio.create_task(undoing.undo(world.call, batch, still=still))
    async with asyncio.timeout(60):
        await gone.wait()
    writing = asyncio.create_task(WRITERS[kind, what](world, public, id_))
    waits = "select exists (select from pg_locks where not granted)"
    async with asyncio.timeout(60):
        while not (writing.done() or await world.call.db.value(waits)):
            await asyncio.sleep(0.01)
    waited = not writing.done()
    go_on.set()
    await undo
    assert waited
    with pytest.raises((Refused, NotVisible)):
        await writing
    assert await names(world, kind, id_) == []


async def test_who_knew_it_from_before_is_told_to_look_again(world: World) -> None:
    await some_of_each(world)
    batch, public, id_ = await brought(world, "grids")
    await undoing.undo(world.call, batch)
    with pytest.raises(Conflict, match="刚才已经变动"):
        await WRITERS["grids", "board"](world, public, id_)


@pytest.mark.parametrize("kind", ["units", "grids", "enterprises"])
async def test_a_complaint_and_the_ledger_name_what_was_taken_back(world: World, keeper: object, kind: str) -> None:
    """A complaint that names it keeps nothing from being taken back, and is read and written to as before; so is the history."""
    batch, public, id_ = await brought(world, kind)
    board = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    opening = complaints.ComplaintOpening(board=board, form=public_id(), text=WORDS, topic="money")
    await complaints.open_complaint(world.call.as_(PUBLIC), opening)
    if kind == "units":
        await world.call.db.rows("update complaint_notice set unit = $1", id_)
    before = await listed(world.call, keeper)
    await undoing.undo(world.call, batch)
    assert await listed(world.call, keeper) == before != []
    if kind == "units":
        await world.call.db.rows(
            "insert into complaint_notice (complaint, unit, kind) select id, $1, 'added' from complaint", id_
        )
    entries = await history(world.call, NAMED[kind][0], public)
    assert {"created", "undone"} <= {entry.verb for entry in entries}


async def test_whatever_names_what_may_be_taken_back_is_asked_about(world: World) -> None:
    """A table that comes with a key of that kind needs its two triggers."""
    keys = await world.call.db.rows(
        "select conrelid::regclass::text as name, attname, confrelid::regclass::text as other from pg_constraint "
        "join pg_attribute on attrelid = conrelid and attnum = conkey[1] where contype = 'f'"
    )
    plain = [(row["name"].removeprefix("public."), row["attname"], row["other"].removeprefix("public.")) for row in keys]
    wanted = {one for one in plain if one[2] in undone.TABLES and not one[0].startswith("complaint")}
    for event in ("insert", "update"):
        rows = await world.call.db.rows(
            "select c.relname, p.prosrc from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid "
            "where t.tgname = c.relname || '_names_' || $1",
            event,
        )
        asked = {
            (row["relname"], column, other)
            for row in rows
            for other, column in re.findall(r"join public\.(\w+) t on t\.id = n\.(\w+)", row["prosrc"])
        }
        assert asked == wanted
