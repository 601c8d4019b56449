"""An edition that ends: announced before it does; afterwards everything is still there, and nothing new is decided."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
import pytest_asyncio

from portal.areas import actions as areas
from portal.boards import queries as board_queries
from portal.boards import turning
from portal.boards.actions import issue
from portal.call import Portal
from portal.enterprises import actions as enterprises
from portal.enterprises import charges
from portal.errors import Refused
from portal.feedback.actions import CaseOpening, open_case, take_step
from portal.imports import batches
from portal.imports.exports import export
from portal.ledger.actions import handle_due
from portal.people import actions as people
from portal.people.queries import gaps_in_areas
from portal.plugins import assemble
from portal.scheme.words import InForce, Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from tests.boards.test_turning import FLOUR, on, spells
from tests.browse import visiting
from tests.sample_region.later import BOTH, ENDING, Stated
from tests.sample_region.scheme import GRIDS
from tests.world import PASSWORD, World, make_appointment, make_enterprise, make_grid, make_unit

END = date(2026, 12, 31)


@pytest_asyncio.fixture
async def ending(portal: Portal, world: World) -> World:
    """The world under an edition that holds to the end of the year, with a board and a case that is open."""
    made = replace(portal, plugins=assemble({"sample": Stated(ENDING)}))
    return world.again(replace(world.call, portal=made))


async def test_it_is_announced_before_it_ends_with_whose_assumption_that_is(ending: World, clock) -> None:
    await ending.account("office", Role.OFFICE, unit="东所")
    async with visiting(ending.call.portal, clock) as site:
        for day, told in (
            (END - timedelta(days=181), False),
            (END - timedelta(days=180), True),
            (END, True),
            (END + timedelta(days=1), False),
        ):
            clock.now = on(ending, day).call.now
            office = site(f"10.3.{day.day}.{day.month}")
            await office.sign_in("office", PASSWORD)
            for page in (await office.get("/office"), await office.get("/schemes/sample")):
                assert (f"还有 {(END - day).days} 天" in page.text) is told
                assert ("取到期前180天" in page.text) is told
        ended = await site("10.3.3.3").get("/schemes/sample")
        assert "已于2026年12月31日到期" in ended.text
        assert "已于2026年12月31日到期" in (await office.get("/office")).text
        assert "已于2026年12月31日到期" in (await site("10.3.3.4").get("/schemes")).text


async def test_after_the_end_nothing_new_is_decided_and_the_reason_is_said(ending: World) -> None:
    await issue(ending.call, "enterprise", ending.enterprises[FLOUR])
    after = on(ending, END + timedelta(days=1))
    call = after.call
    appointment = await call.db.value("select public_id from appointment order by id limit 1")
    at = await people.seated(ending.call, "grid", ending.grids["丁村格"])
    place = after.places["甲村"]
    for refused in (
        make_appointment(after, "张看护", "keeper", grid="丁村格", since=call.today),
        make_enterprise(after, "新店（示例）", "甲村", size="small", risky="no"),
        make_grid(after, "新片", "patch", "东镇", parent="东镇格"),
        make_unit(after, "新所", "station", "东镇"),
        issue(call, "enterprise", after.enterprises[FLOUR]),
        enterprises.state_facts(call, after.enterprises[FLOUR], {"risky": "yes"}, call.today),
        enterprises.change_enterprise(
            call, after.enterprises[FLOUR], enterprises.EnterpriseForm(name=FLOUR, division=after.places["丙村"])
        ),
        charges.assign(call, after.enterprises[FLOUR], "fire", after.units["东所"], call.today),
        areas.end_grid(call, after.grids["园片"], call.today),
        areas.change_grid(call, after.grids["园片"], name="园片", area_note="", divisions=(place,)),
        batches.bring(call, kind="people", region="sample", data="姓名,联系电话\n王一,1\n".encode()),
    ):
        with pytest.raises(Refused, match="操作没有完成。“示例区办法”已于2026年12月31日到期"):
            await refused
    assert at.id == after.grids["丁村格"]
    # What ends goes on ending, and facts that nothing is decided by go on changing
    await people.dismiss(call, appointment, call.today)
    await enterprises.end_enterprise(call, after.enterprises["丙小店（示例）"], call.today)
    assert (await spells(after, "丙小店（示例）"))[-1][4] == call.today
    await enterprises.change_enterprise(
        call, after.enterprises[FLOUR], enterprises.EnterpriseForm(name="甲面粉店（示例二）", division=after.places["甲村"])
    )
    assert (await spells(after, FLOUR))[-1] == ("sample-2020", "small", "甲村格", ending.call.today - timedelta(days=100), None)
    assert "甲面粉店（示例二）" in (await export(call, "sample", "enterprises", "csv")).decode()


async def test_the_public_is_heard_and_open_cases_are_answered_after_the_end(ending: World) -> None:
    board = await issue(ending.call, "enterprise", ending.enterprises[FLOUR])
    after = on(ending, END + timedelta(days=60))
    await handle_due(after.call)
    await turning.turn(after.call)
    assert await board_queries.stale_count(after.call) == 0
    new = CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有情况", contact="")
    await open_case(after.call.as_(PUBLIC), new)
    case = await after.call.db.row("select public_id, edition, due from feedback_case")
    assert case["edition"] == "sample-2020"
    office = after.call.as_(await after.office("东所"))
    await take_step(office, case["public_id"], "accept", "", public_id())
    await take_step(office, case["public_id"], "answer", "去看过了", public_id())
    assert await gaps_in_areas(after.call) == []


async def test_no_page_fails_after_the_end(ending: World, clock) -> None:
    board = await issue(ending.call, "enterprise", ending.enterprises[FLOUR])
    await open_case(
        ending.call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有情况", contact="")
    )
    after = on(ending, END + timedelta(days=240))
    clock.now = after.call.now
    await turning.turn(after.call)
    for login, role, seat in (
        ("office", Role.OFFICE, {"unit": "区局"}),
        ("keeper-1", Role.INSPECTOR, {"person": "张看护"}),
        ("admin", Role.ADMINISTRATOR, {}),
        ("firm", Role.ENTERPRISE, {"enterprise": FLOUR}),
    ):
        await ending.account(login, role, **seat)
    async with visiting(ending.call.portal, clock) as site:
        looked = 0
        for n, (login, start) in enumerate(
            (
                ("office", "/office"),
                ("keeper-1", "/field"),
                ("firm", "/enterprise"),
                ("admin", "/office"),
                ("", f"/b/{board}"),
            )
        ):
            visitor = site(f"10.4.{n}.1")
            if login:
                await visitor.sign_in(login, PASSWORD)
            seen, waiting = set[str](), [start, "/", "/schemes", "/schemes/sample/compare"]
            while waiting:
                address = waiting.pop()
                if address in seen or "/static/" in address:
                    continue
                seen.add(address)
                page = await visitor.get(address)
                assert page.status < 500, (address, page.text[:200])
                waiting += page.links()
            looked += len(seen)
        assert looked > 120


async def test_when_an_edition_follows_later_it_takes_over_from_its_day(ending: World) -> None:
    back = replace(
        BOTH,
        editions=(
            ENDING.editions[0],
            replace(BOTH.editions[1], in_force=InForce(since=date(2027, 3, 1), still=GRIDS, basis=GRIDS)),
        ),
    )
    after = on(ending, date(2027, 3, 3))
    call = replace(after.call, portal=replace(after.call.portal, plugins=assemble({"sample": Stated(back)})))
    assert await turning.turn(call) == 4
    assert [spell[0:2] + spell[3:] for spell in await spells(after, FLOUR)] == [
        ("sample-2020", "small", ending.call.today - timedelta(days=100), date(2027, 3, 1)),
        ("sample-2026", "shop", date(2027, 3, 1), None),
    ]
    rows = await call.db.rows("select code, canonical from stored_edition order by id")
    assert [row["code"] for row in rows] == ["sample-2020", "sample-2026"]
    assert all(json.loads(row["canonical"])["code"] == row["code"] for row in rows)
