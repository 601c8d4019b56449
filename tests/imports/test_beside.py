"""An import beside an office that saves: neither takes the other's change back, and nobody waits without being told."""

import asyncio
from dataclasses import replace

import pytest

from portal.errors import Refused
from portal.imports import batches, jobs, taking
from portal.imports.outcome import Wish
from portal.people import actions as people
from portal.people import queries
from portal.viewer import Role
from tests.imports.test_imports import FIRMS, firm, sheet, taken
from tests.world import PASSWORD, World

PEOPLE = ["姓名", "工号", "电话", "辖区"]
ZHANG = ["张看护", "示例003", "0512-01112223", "示例区"]


async def stopped_import(world: World, row: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Task, asyncio.Event]:
    """An import that has written a row and has not committed, and what lets it go on."""
    id_ = await batches.bring(world.call, kind="people", region="sample", data=sheet(PEOPLE, row))
    await batches.check(world.call, id_)
    written, go_on, missing = asyncio.Event(), asyncio.Event(), taking._missing

    async def slowly(*args, **words):
        written.set()
        await go_on.wait()
        return await missing(*args, **words)

    monkeypatch.setattr(taking, "_missing", slowly)
    task = asyncio.create_task(batches.take_in(world.call, id_, Wish()))
    async with asyncio.timeout(60):
        await written.wait()
    return task, go_on


async def test_an_edit_during_an_import_does_not_take_its_change_back(world: World, site, monkeypatch) -> None:
    await world.account("editor", Role.OFFICE, unit="区局")
    visitor = site()
    await visitor.sign_in("editor", PASSWORD)
    address = f"/office/people/{world.people['张看护']}/change"
    shown = await visitor.get(address)
    task, go_on = await stopped_import(world, ZHANG, monkeypatch)
    saving = asyncio.create_task(visitor.send(shown, {"name": "张看护改"}, action=address))
    waits = "select exists (select from pg_locks where not granted)"
    async with asyncio.timeout(60):
        while not (saving.done() or await world.call.db.value(waits)):
            await asyncio.sleep(0.01)
    go_on.set()
    await task
    page = await saving
    assert "您没有改动的各栏已换成最新内容" in page.text
    assert page.form(address)["phone"] == "0512-01112223"
    assert page.form(address)["name"] == "张看护改"
    row = await queries.person(world.call, world.people["张看护"])
    assert (row.name, row.phone) == ("张看护", "0512-01112223")


async def test_what_a_row_does_not_say_stays_as_somebody_saved_it_meanwhile(world: World, monkeypatch) -> None:
    """The row changes the telephone; the certificate was saved after the import had looked, and before it wrote."""
    before = await queries.person(world.call, world.people["张看护"])
    compared, saved, looked = asyncio.Event(), asyncio.Event(), taking.hold_row

    async def slowly(*args):
        if not compared.is_set():
            compared.set()
            await saved.wait()
        await looked(*args)

    monkeypatch.setattr(taking, "hold_row", slowly)
    row = sheet(PEOPLE, ZHANG)
    task = asyncio.create_task(taken(world.call, "people", row))
    async with asyncio.timeout(60):
        await compared.wait()
    new = people.PersonForm(
        name="张看护", phone=before.phone, jurisdiction=world.places["示例区"], badge=before.badge, certificate="示例证9"
    )
    await people.change_person(world.call, world.people["张看护"], new)
    saved.set()
    await task
    now = await queries.person(world.call, world.people["张看护"])
    assert (now.phone, now.certificate) == ("0512-01112223", "示例证9")


async def test_a_row_that_changes_nothing_is_let_go_again(world: World, monkeypatch) -> None:
    """Somebody saves a person whom a running import names as they are."""
    row = await queries.person(world.call, world.people["张看护"])
    task, go_on = await stopped_import(world, ["张看护", row.badge, row.phone, "示例区"], monkeypatch)
    new = people.PersonForm(name="张看护", phone="0512-01112225", jurisdiction=world.places["示例区"], badge=row.badge)
    async with asyncio.timeout(20):
        await people.change_person(world.call, world.people["张看护"], new)
    go_on.set()
    await task


async def test_what_was_asked_for_twice_is_done_once(world: World) -> None:
    account = await world.call.db.value("select min(id) from account")
    office = world.call.as_(replace(await world.office("区局"), account=account))
    id_ = await batches.bring(office, kind="people", region="sample", data=sheet(PEOPLE, ZHANG))
    first = await jobs.ask(office, id_, "check")
    assert await jobs.ask(office, id_, "check") == first
    with pytest.raises(Refused, match="正在处理"):
        await jobs.ask(office, id_, "take")


@pytest.mark.parametrize(
    ("kind", "rows", "table"),
    [
        ("enterprises", [FIRMS, firm(统一社会信用代码=""), firm(单位名称="二厂（示例）", 统一社会信用代码="")], "enterprise"),
        ("people", [PEOPLE, ["新来人", "", "0512-01112223", "示例区"]], "person"),
    ],
)
async def test_a_sheet_that_two_take_in_at_once_comes_once(
    world: World, monkeypatch, kind: str, rows: list[list[str]], table: str
) -> None:
    """What has no number of its own, no key of the database keeps from coming twice."""
    ids = [await batches.bring(world.call, kind=kind, region="sample", data=sheet(*rows)) for _ in range(2)]
    for id_ in ids:
        await batches.check(world.call, id_)
    before = await world.call.db.value(f"select count(*) from {table}")
    both, begun, go_through = asyncio.Event(), [], taking._rows

    async def when_both_looked(*args):
        begun.append(1)
        if len(begun) > 1:
            both.set()
        async with asyncio.timeout(60):
            await both.wait()
        await go_through(*args)

    monkeypatch.setattr(taking, "_rows", when_both_looked)
    found = await asyncio.gather(*(batches.take_in(world.call, id_, Wish()) for id_ in ids))
    assert await world.call.db.value(f"select count(*) from {table}") == before + len(rows) - 1
    assert sorted((one.came, one.same, one.written) for one in found) == [
        (0, len(rows) - 1, False),
        (len(rows) - 1, 0, True),
    ]
