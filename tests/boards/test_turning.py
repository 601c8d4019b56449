"""Another edition comes into force: what it decides is decided anew, once; what began under the old one keeps it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import pytest_asyncio

from portal.app import follow_editions, ready
from portal.boards import queries as board_queries
from portal.boards import turning
from portal.boards.actions import issue
from portal.boards.printing import pdf
from portal.call import Portal
from portal.enterprises import actions as enterprises
from portal.errors import Refused
from portal.feedback.actions import CaseOpening, open_case, take_step
from portal.imports.exports import export
from portal.imports.outcome import Wish
from portal.imports.taking import run
from portal.ledger.actions import handle_due
from portal.ledger.queries import first_break
from portal.people.queries import gaps_in_areas, holdings_of
from portal.people.queries import person as person_row
from portal.plugins import assemble
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from tests.browse import visiting
from tests.imports.test_imports import wrong
from tests.sample_region.later import BEGINS, BOTH, Stated
from tests.world import PASSWORD, World, make_appointment, make_enterprise, make_person

FLOUR, GRAVEL, TOYS = "甲面粉店（示例）", "甲石料厂（示例）", "园玩具厂（示例）"


@pytest_asyncio.fixture
async def two(portal: Portal, world: World) -> AsyncIterator[World]:
    """The world under a region whose document is issued anew a week from now; somebody holds a post that will be gone."""
    made = replace(portal, plugins=assemble({"sample": Stated(BOTH)}))
    call = replace(world.call, portal=made)
    await ready(call)
    mine = world.again(call)
    await make_person(mine, "钱双员", badge="示例090", phone="0512-02000090")
    await make_appointment(mine, "钱双员", "pair", grid="乙社区格")
    yield mine


def on(world: World, day: date) -> World:
    """The same on another day."""
    return world.again(replace(world.call, now=world.call.now + (day - world.call.today)))


async def spells(world: World, name: str) -> list[tuple[str, str | None, str | None, date, date | None]]:
    """Under which edition, in which class and grid an enterprise was from when to when."""
    rows = await world.call.db.rows(
        "select p.edition, p.klass, g.name, p.since, p.until from placement p join enterprise e on e.id = p.enterprise "
        "left join grid g on g.id = p.grid where e.public_id = $1 order by p.since",
        world.enterprises[name],
    )
    return [tuple(row) for row in rows]


async def turned(world: World, day: date = BEGINS) -> World:
    """The day on which the later edition is in force, as the tick finds it."""
    later = on(world, day)
    await handle_due(later.call)
    await turning.turn(later.call)
    return later


async def test_everybody_is_placed_anew_from_that_day_once_and_the_past_stays(two: World) -> None:
    before = {name: await spells(two, name) for name in two.enterprises}
    assert await turning.turn(two.call) == 0
    assert {name: await spells(two, name) for name in two.enterprises} == before
    later = await turned(two)
    registered = two.call.today - timedelta(days=100)
    assert await spells(later, FLOUR) == [
        ("sample-2020", "small", "甲村格", registered, BEGINS),
        ("sample-2026", "shop", "甲村格", BEGINS, None),
    ]
    assert (await spells(later, TOYS))[-1] == ("sample-2026", "shop", "甲村格", BEGINS, None)
    assert (await spells(later, GRAVEL))[-1] == ("sample-2026", "big", "东镇格", BEGINS, None)
    entries = await two.call.db.value("select count(*) from ledger_entry where verb = 'placed'")
    assert await turning.turn(later.call) == 0
    assert await turning.turn(on(two, BEGINS + timedelta(days=30)).call) == 0
    assert await two.call.db.value("select count(*) from ledger_entry where verb = 'placed'") == entries
    assert await two.call.db.value("select count(*) from stored_edition") == 2
    assert await first_break(later.call) is None


async def test_a_portal_that_was_off_on_the_day_catches_up_from_that_day(two: World) -> None:
    await turned(two, BEGINS + timedelta(days=40))
    for name in two.enterprises:
        assert [(spell[0], spell[3]) for spell in await spells(two, name)][-1] == ("sample-2026", BEGINS)


async def test_spells_before_and_after_the_change_carry_their_own_edition(two: World) -> None:
    later = await turned(two, BEGINS + timedelta(days=10))
    await enterprises.state_facts(later.call, two.enterprises[FLOUR], {"risky": "yes"}, BEGINS - timedelta(days=5))
    registered = two.call.today - timedelta(days=100)
    assert await spells(later, FLOUR) == [
        ("sample-2020", "small", "甲村格", registered, BEGINS - timedelta(days=5)),
        ("sample-2020", "big", "东镇格", BEGINS - timedelta(days=5), BEGINS),
        ("sample-2026", "big", "东镇格", BEGINS, None),
    ]
    await enterprises.state_facts(later.call, two.enterprises[FLOUR], {"risky": "no", "plant": "yes"}, BEGINS + timedelta(days=2))
    assert [(spell[1], spell[3]) for spell in await spells(later, FLOUR)][-2:] == [
        ("big", BEGINS),
        ("plant", BEGINS + timedelta(days=2)),
    ]


async def test_what_was_planned_for_a_later_day_is_decided_by_the_edition_of_that_day(two: World) -> None:
    await enterprises.state_facts(two.call, two.enterprises[FLOUR], {"size": "big"}, BEGINS + timedelta(days=3))
    later = await turned(two, BEGINS + timedelta(days=5))
    assert [(spell[0], spell[1], spell[3]) for spell in await spells(later, FLOUR)][1:] == [
        ("sample-2026", "shop", BEGINS),
        ("sample-2026", "big", BEGINS + timedelta(days=3)),
    ]
    await enterprises.end_enterprise(later.call, two.enterprises[TOYS], BEGINS + timedelta(days=6))
    assert (await spells(later, TOYS))[-1][4] == BEGINS + timedelta(days=6)


async def test_boards_and_gaps_follow(two: World) -> None:
    shop = await issue(two.call, "enterprise", two.enterprises[FLOUR])
    grid, gone = [await issue(two.call, "grid", two.grids[name]) for name in ("甲村格", "园片")]
    assert await board_queries.stale_count(two.call) == 0
    assert {(gap.value.post.name, gap.value.seat.name) for _, gap in await gaps_in_areas(two.call)} >= {("看护员", "丁村格")}
    later = await turned(two)
    assert await board_queries.stale_count(later.call) == 3
    for code in (shop, grid, gone):
        page = await board_queries.page(later.call.as_(PUBLIC), code)
        assert page.live["edition"] == "sample-2026"
        assert page.printed["edition"] == "sample-2020"
    live = (await board_queries.page(later.call.as_(PUBLIC), shop)).live
    assert live["lead"]["post_name"] == "守护员"
    patch = (await board_queries.page(later.call.as_(PUBLIC), gone)).live
    assert (patch["grid"]["tier"], patch["grid"]["name"]) == ("片", "园片")
    gaps = {(gap.value.post.name, gap.value.seat.name) for _, gap in await gaps_in_areas(later.call)}
    assert ("守护员", "丁村格") in gaps
    assert not any(name in ("看护员", "社区双员") or seat == "园片" for name, seat in gaps)
    assert (await pdf(later.call, shop, "A4")).startswith(b"%PDF")
    await issue(later.call, "enterprise", two.enterprises[FLOUR])
    editions = [row["edition"] for row in await two.call.db.rows("select edition from board_version order by id")]
    assert (editions[0], editions[-1]) == ("sample-2020", "sample-2026")


async def test_an_open_case_keeps_its_terms_and_a_new_one_has_the_new(two: World) -> None:
    async def opened(world: World) -> str:
        new = CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有情况", contact="")
        await open_case(world.call.as_(PUBLIC), new)
        return str(await world.call.db.value("select public_id from feedback_case order by id desc limit 1"))

    board = await issue(two.call, "enterprise", two.enterprises[FLOUR])
    old = await opened(two)
    later = await turned(two)
    new = await opened(later)
    office = later.call.as_(await later.office("东所"))
    for case in (old, new):
        await take_step(office, case, "accept", "", public_id())
    rows = {row["public_id"]: row for row in await two.call.db.rows("select public_id, edition, due from feedback_case")}
    days = later.call.portal.working_days
    assert (rows[old]["edition"], rows[old]["due"]) == ("sample-2020", days.after(BEGINS, 5))
    assert (rows[new]["edition"], rows[new]["due"]) == ("sample-2026", days.after(BEGINS, 7))


async def test_past_posts_keep_their_names_and_new_appointments_follow_the_new_edition(two: World, site) -> None:
    later = await turned(two)
    person = await person_row(later.call, two.people["张看护"])
    (held,) = await holdings_of(later.call, person.id)
    assert held.edition == "sample-2020"
    await make_person(later, "新员", badge="示例091")
    with pytest.raises(Refused, match="没有这个岗位"):
        await make_appointment(later, "新员", "pair", grid="乙社区格", since=later.call.today)
    with pytest.raises(Refused, match="没有这个岗位"):
        await make_appointment(later, "新员", "keeper", grid="园片", since=later.call.today)
    await make_appointment(later, "新员", "keeper", grid="丁村格", since=later.call.today)
    assert await two.call.db.value("select edition from appointment order by id desc limit 1") == "sample-2026"
    sheet = (await export(later.call, "sample", "appointments", "csv")).decode("utf-8-sig")
    assert "守护员" in sheet
    assert "社区双员" in sheet
    assert "pair" not in sheet
    grids = (await export(later.call, "sample", "grids", "csv")).decode("utf-8-sig")
    assert '"片"' in grids


async def test_two_processes_that_turn_at_once_place_everybody_once(two: World) -> None:
    for n in range(12):
        await make_enterprise(two, f"小店{n}（示例）", "丙村", size="small", risky="no")
    later = on(two, BEGINS)
    await asyncio.gather(turning.turn(later.call), turning.turn(later.call), turning.turn(later.call))
    await turning.turn(later.call)
    rows = await two.call.db.rows("select enterprise, count(*) as n from placement where edition = 'sample-2026' group by 1")
    assert [row["n"] for row in rows] == [1] * len(two.enterprises)
    noted = await two.call.db.value("select count(*) from ledger_entry where body like '%2026-03-09%' and verb = 'placed'")
    assert noted == len(two.enterprises)


async def test_no_page_fails_where_the_new_edition_does_not_know_a_code(two: World, clock) -> None:
    board = await issue(two.call, "enterprise", two.enterprises[TOYS])
    patch = await issue(two.call, "grid", two.grids["园片"])
    later = await turned(two)
    clock.now = later.call.now
    await two.account("office", Role.OFFICE, unit="区局")
    await two.account("inspector", Role.INSPECTOR, person="周看护")
    await two.account("both", Role.INSPECTOR, person="钱双员")
    await two.account("enterprise", Role.ENTERPRISE, enterprise=TOYS)
    async with visiting(two.call.portal, clock) as site:
        office = site("10.1.1.1")
        await office.sign_in("office", PASSWORD)
        person = await office.get(f"/office/people/{two.people['钱双员']}")
        assert "社区双员" in person.text
        assert "看护员" in (await office.get(f"/office/people/{two.people['周看护']}")).text
        grid = await office.get(f"/office/grids/{two.grids['园片']}")
        assert "现行版本没有这一层网格" in grid.text
        assert "周看护" in grid.text
        assert "钱双员" in (await office.get(f"/office/grids/{two.grids['乙社区格']}")).text
        firm = await office.get(f"/office/enterprises/{two.enterprises[TOYS]}")
        assert "小店" in firm.text
        assert "（小）" in firm.text
        seen, waiting = set[str](), ["/office", "/office/gaps", "/office/cases"]
        while waiting:
            address = waiting.pop()
            if address in seen or not address.startswith(("/office", "/schemes", "/b/")) or "/import" in address:
                continue
            seen.add(address)
            page = await office.get(address)
            assert page.status in (200, 422), (address, page.status, page.text[:200])
            waiting += page.links()
        assert len(seen) > 80
        assert any("hand-over" in address for address in seen)
        for login, address in (("inspector", "/field"), ("both", "/field"), ("enterprise", "/enterprise")):
            visitor = site(f"10.1.2.{len(login)}")
            await visitor.sign_in(login, PASSWORD)
            assert (await visitor.get(address)).status == 200
        public = site("10.1.1.9")
        for code in (board, patch):
            assert (await public.get(f"/b/{code}")).status == 200
        compared = await public.get("/schemes/sample/compare?from=sample-2020&to=sample-2026")
        for word in ("守护员", "社区双员", "7个工作日内", "5个工作日内", "每两个月一次", "小店", "未变的", "修订第一条"):
            assert word in compared.text, word


async def test_time_itself_brings_the_new_edition_while_the_portal_runs(two: World, clock) -> None:
    following = asyncio.create_task(follow_editions(two.call.portal, clock, 0.02))
    try:
        await asyncio.sleep(0.3)
        assert (await spells(two, FLOUR))[-1][0] == "sample-2020"
        clock.now = on(two, BEGINS).call.now
        for _ in range(200):
            await asyncio.sleep(0.05)
            if (await spells(two, FLOUR))[-1][0] == "sample-2026":
                break
        assert (await spells(two, FLOUR))[-1][0::3] == ("sample-2026", BEGINS)
    finally:
        following.cancel()
    assert await two.call.db.value("select count(*) from stored_edition") == 2


async def test_a_sheet_that_means_a_grid_of_a_tier_that_is_gone_is_told_what_it_was(two: World) -> None:
    later = await turned(two)
    code = await two.call.db.value("select code from grid where public_id = $1", two.grids["园片"])
    data = "\n".join(("网格编号,网格名称,网格层级,所在辖区,上级网格", f"{code},园片,村格,丙村,东镇格")).encode()
    found = await run(later.call, kind="grids", region="sample", data=data, wish=Wish(), write=False)
    assert any("登记的是片" in reason for _, _, reason in wrong(found))
