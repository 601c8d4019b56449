"""Boards that two offices touch at once tell what both wrote; those that much was changed for say so until they are true again."""

import asyncio
from dataclasses import replace

import pytest

from portal.areas import actions as areas
from portal.areas import queries as area_queries
from portal.boards import actions, batch, queries
from portal.boards.queries import Target
from portal.call import Call
from portal.enterprises import actions as enterprises
from portal.people import actions as people
from portal.storage.engine import Database
from portal.storage.locks import Lock
from tests.boards.test_boards import FLOUR, SHOP, issue_all
from tests.world import CODES, World

WAITS = "这块公示牌的信息正在更新"


async def phone_of(call: Call, code: str) -> str:
    """The telephone of whom a board names first."""
    return str((await queries.page(call, code)).live["lead"]["phone"])


async def two_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """One office moves an enterprise to where a keeper is whose telephone another office changes; what the board says then.

    The second is stopped between looking for its boards and its commit, until the first is through or waits for it.
    """
    call, code = world.call, await actions.issue(world.call, "enterprise", world.enterprises[FLOUR])
    looked, first_done, look = asyncio.Event(), asyncio.Event(), queries.touched

    async def stopped(by: Call, things: list[tuple[str, int]]) -> list[int]:
        found = await look(by, things)
        if any(kind == "person" for kind, _ in things):
            looked.set()
            try:
                async with asyncio.timeout(2):
                    await first_done.wait()
            except TimeoutError:
                pass  # the first one waits, as it should
        return found

    monkeypatch.setattr(queries, "touched", stopped)
    form = people.PersonForm(name="孙看护", phone="0512-07777777", jurisdiction=world.places["示例区"], badge="示例005")
    other = asyncio.create_task(people.change_person(call, world.people["孙看护"], form))
    await looked.wait()
    moved = enterprises.EnterpriseForm(name=FLOUR, division=world.places["丙村"], credit_code=CODES["flour"], address="示例路1号")
    await enterprises.change_enterprise(call, world.enterprises[FLOUR], moved)
    first_done.set()
    await other
    return await phone_of(call, code)


async def test_a_board_tells_what_two_offices_changed_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await two_at_once(world, monkeypatch) == "0512-07777777"


async def test_without_the_lock_of_the_region_one_of_the_two_would_be_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = Database.hold

    async def no_boards(db: Database, lock: Lock, *keys: object) -> None:
        if lock is not Lock.BOARDS:
            await hold(db, lock, *keys)

    monkeypatch.setattr(Database, "hold", no_boards)
    assert await two_at_once(world, monkeypatch) != "0512-07777777"


async def test_offices_of_two_regions_do_not_wait_for_one_another(world: World) -> None:
    """One has changed what boards show and has not committed; another region's boards are free."""
    call = world.call
    await issue_all(world)
    changed, go_on = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        row = await area_queries.unit(call, world.units["区局"])
        await areas.change_unit(call, row.public_id, name=row.name, phone="0512-06666666")
        changed.set()
        await go_on.wait()

    holding = asyncio.create_task(call.db.run_tx(work))
    await changed.wait()
    async with asyncio.timeout(20):
        # Also in this one: what is changed is gathered at the end, and nothing is held before
        await people.change_person(
            call,
            world.people["张看护"],
            people.PersonForm(name="张看护", phone="0512-05555555", jurisdiction=world.places["示例区"], badge="示例003"),
        )
    go_on.set()
    await holding
    code = await call.db.value("select code from board b join enterprise e on e.id = b.enterprise where e.name = $1", FLOUR)
    live = (await queries.page(call, code)).live
    assert (live["lead"]["phone"], live["supervision"]["phone"]) == ("0512-05555555", "0512-06666666")


async def change_bureau(world: World, phone: str) -> None:
    """Every board of the district shows it."""
    await areas.change_unit(world.call, world.units["区局"], name="区局", phone=phone)


async def test_boards_of_a_wide_change_say_that_they_wait_and_no_page_is_older_than_that(
    world: World, site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 3)
    monkeypatch.setattr(actions, "STEP", 2)
    made = await issue_all(world)
    visitor, address = site(), f"/b/{made[FLOUR]}"
    before = await visitor.get(address)
    assert WAITS not in before.text
    await change_bureau(world, "0512-04444444")
    page = await visitor.get(address)
    assert WAITS in page.text
    assert "0512-01000001" in page.text
    assert await queries.waiting_count(world.call, "sample") == len(made)
    assert await actions.bring_along(world.call) == len(made)
    page = await visitor.get(address)
    assert WAITS not in page.text
    assert "0512-04444444" in page.text
    assert await actions.bring_along(world.call) == 0
    assert await world.call.db.value("select count(*) from board where stale_since is not null") == len(made)


async def test_a_small_change_reaches_its_boards_with_the_save(world: World, site) -> None:
    made = await issue_all(world)
    visitor, address = site(), f"/b/{made[FLOUR]}"
    await visitor.get(address)
    await change_bureau(world, "0512-04444444")
    page = await visitor.get(address)
    assert "0512-04444444" in page.text
    assert WAITS not in page.text


async def test_a_board_that_waits_is_brought_along_before_it_is_printed(
    world: World, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    code = await actions.issue(world.call, "enterprise", world.enterprises[SHOP])
    await change_bureau(world, "0512-04444444")
    assert (await queries.page(world.call, code)).waits
    target = Target("enterprise", world.enterprises[SHOP], "x", SHOP, code)
    (drawn,) = [one async for one in batch.draw_all(world.call, [target], size="A4", out=tmp_path / "out")]
    board = await queries.page(world.call, code)
    assert (drawn.version, board.waits) == (2, False)
    assert board.printed["supervision"]["phone"] == "0512-04444444"


async def test_a_board_issued_while_it_waits_waits_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 0)
    code = await actions.issue(world.call, "enterprise", world.enterprises[SHOP])
    await change_bureau(world, "0512-04444444")
    await actions.issue(world.call, "enterprise", world.enterprises[SHOP])
    assert not (await queries.page(world.call, code)).waits


async def test_boards_of_a_region_whose_plugin_is_off_go_on_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal import plugins

    monkeypatch.setattr(actions, "AT_ONCE", 0)
    code = await actions.issue(world.call, "enterprise", world.enterprises[SHOP])
    await change_bureau(world, "0512-04444444")
    off = replace(world.call, portal=replace(world.call.portal, plugins=plugins.none()))
    assert await actions.bring_along(off) == 0
    assert (await queries.page(world.call, code)).waits
    assert await actions.bring_along(world.call) == 1
