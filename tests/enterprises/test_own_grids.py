"""Grids that are enterprises: made, renamed, moved, ended and reopened with them, one by one and many at once."""

import asyncio
import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from portal.areas import actions as areas
from portal.areas import queries as area_queries
from portal.areas.queries import GridRow
from portal.boards import actions as boards
from portal.boards import queries as board_queries
from portal.call import Call
from portal.enterprises import actions, queries
from portal.enterprises.actions import EnterpriseForm
from portal.errors import Refused
from portal.ledger.actions import handle_due
from portal.ledger.queries import history
from portal.obligations import queries as obligations
from portal.people import queries as people
from portal.people.interests import InterestForm, declare
from portal.plugins import assemble
from portal.storage.engine import Record
from portal.storage.lists import Wanted
from tests.firm_region import BIG, RISKY, SMALL, VILLAGES, Leafy
from tests.world import World, make_appointment, make_enterprise, make_grid


async def own(world: World, name: str) -> GridRow:
    """The grid that an enterprise is."""
    id_ = await world.call.db.value(
        "select g.public_id from grid g join enterprise e on e.id = g.enterprise where e.public_id = $1", world.enterprises[name]
    )
    return await area_queries.grid(world.call, id_)


async def number_of_own(world: World) -> int:
    """How many such grids there are, in force or not."""
    return int(await world.call.db.value("select count(*) from grid where enterprise is not null"))


async def placed(world: World, name: str) -> queries.EnterpriseRow:
    """An enterprise with where it belongs today."""
    return await queries.enterprise(world.call, world.enterprises[name])


def later(world: World, days: int) -> World:
    """The same on a later day."""
    return world.again(replace(world.call, now=world.call.now + timedelta(days=days)))


def form(world: World, name: str, village: str, **facts: str) -> EnterpriseForm:
    """A form of an enterprise."""
    return EnterpriseForm(name=name, division=world.places[village], address="叶路8号", facts=facts)


async def verbs(world: World, grid: GridRow) -> list[str]:
    """What the ledger tells of a grid, the newest first."""
    return [one.verb for one in await history(world.call, "grid", grid.public_id)]


# Made


async def test_an_enterprise_that_leads_there_has_its_own_grid_named_numbered_and_hung_by_the_portal(leafy: World) -> None:
    row, grid = await placed(leafy, "甲大厂（示例）"), await own(leafy, "甲大厂（示例）")
    assert (row.grid_id, row.own_grid) == (grid.public_id, True)
    assert (grid.name, grid.tier, grid.code, grid.place) == ("甲大厂（示例）", "firm", "001Q1", "甲村")
    assert (grid.parent_name, grid.area_note, grid.until) == ("甲村格", "示例路1号", None)
    assert grid.since == row.since
    assert row.because[-1].note == "纳入企业网格：甲大厂（示例）"
    assert await verbs(leafy, grid) == ["created"]
    assert await number_of_own(leafy) == 1
    assert (await placed(leafy, "甲小店（示例）")).grid_name == (await placed(leafy, "甲险店（示例）")).grid_name == "甲村格"


async def test_it_is_found_by_name_and_number(leafy: World) -> None:
    for query in ("大厂", "001Q1"):
        found = await area_queries.grids(leafy.call, Wanted(query=query))
        assert [row.name for row in found.rows] == ["甲大厂（示例）"]


async def test_a_class_that_tries_another_tier_first_gets_its_own_grid_where_that_has_none(leafy: World) -> None:
    await make_enterprise(leafy, "丙险店（示例）", "丙村", **RISKY)
    grid = await own(leafy, "丙险店（示例）")
    assert (grid.parent, (await placed(leafy, "丙险店（示例）")).grid_id) == (None, grid.public_id)
    await make_grid(leafy, "丙村格", "village-grid", "丙村", parent="镇格", since=leafy.call.today)
    assert (await placed(leafy, "丙险店（示例）")).grid_name == "丙村格"
    assert (await own(leafy, "丙险店（示例）")).until == leafy.call.today


async def test_many_are_made_at_once_with_numbers_that_nobody_has(leafy: World) -> None:
    await actions.change_enterprise(leafy.call, leafy.enterprises["甲大厂（示例）"], form(leafy, "甲大厂（示例）", "乙村"))
    forms = [form(leafy, f"新厂{n}（示例）", VILLAGES[n % 3], **BIG) for n in range(9)]
    statements: list[str] = []
    ids = await watched(leafy.call, statements, forms)
    grids = await leafy.call.db.rows(
        "select g.code, g.name, e.name as firm, p.name as parent from grid g join enterprise e on e.id = g.enterprise "
        "left join grid p on p.id = g.parent where e.public_id = any($1) order by g.id",
        ids,
    )
    assert [row["name"] for row in grids] == [row["firm"] for row in grids] == [one.name for one in forms]
    # The one that moved away took its number along
    codes = [f"{village}Q{n}" for village, first in (("001", 2), ("002", 2), ("003", 1)) for n in range(first, first + 3)]
    assert sorted(row["code"] for row in grids) == codes
    assert [row["parent"] for row in grids[:3]] == ["甲村格", "乙村格", None]
    few = len(statements)
    statements.clear()
    await watched(leafy.call, statements, [form(leafy, f"又厂{n}（示例）", VILLAGES[n % 3], **BIG) for n in range(60)])
    assert len(statements) <= few + 4


async def test_two_offices_at_a_time_are_given_different_numbers(leafy: World) -> None:
    forms = [form(leafy, f"同时{n}（示例）", "甲村", **BIG) for n in range(4)]
    await asyncio.gather(*(actions.add_enterprise(leafy.call, one) for one in forms))
    rows = await leafy.call.db.rows("select code from grid where enterprise is not null order by code")
    assert [row["code"] for row in rows] == [f"001Q{n}" for n in range(1, 6)]


class Stuck(Leafy):
    """Numbers all firms alike."""

    def portal_grid_code(self, region: str, tier: str, division: str, number: int) -> str | None:
        """Always the same."""
        return "001Q1"


async def test_a_rule_that_gives_one_number_only_is_refused_with_its_region(leafy: World) -> None:
    portal = replace(leafy.call.portal, plugins=assemble({"leafy": Stuck()}))
    stuck = leafy.again(replace(leafy.call, portal=portal))
    with pytest.raises(Refused, match="“leafy”的编号规则"):
        await make_enterprise(stuck, "同号厂（示例）", "甲村", **BIG)
    assert await number_of_own(leafy) == 1


async def watched(call: Call, statements: list[str], forms: list[EnterpriseForm]) -> list[str]:
    """Take them in, and note what the database was asked."""

    def note(query: object) -> None:
        statements.append(query.query)  # asyncpg's LoggedQuery

    async def work() -> list[str]:
        connection = call.db.current().connection
        with connection.query_logger(note):
            return await actions.add_enterprises(call, forms)

    return await call.db.run_tx(work)


# Following


async def test_it_is_renamed_and_moves_with_its_enterprise(leafy: World) -> None:
    before = await own(leafy, "甲大厂（示例）")
    await actions.change_enterprise(leafy.call, leafy.enterprises["甲大厂（示例）"], form(leafy, "乙大厂（示例）", "乙村"))
    after = await own(leafy, "甲大厂（示例）")
    assert (after.id, after.code) == (before.id, before.code)
    assert (after.name, after.place, after.parent_name, after.area_note) == ("乙大厂（示例）", "乙村", "乙村格", "叶路8号")
    last = (await history(leafy.call, "grid", after.public_id))[0]
    assert (last.verb, last.data["name"], last.data["parent"]) == (
        "changed",
        ["甲大厂（示例）", "乙大厂（示例）"],
        ["甲村格", "乙村格"],
    )
    found = await area_queries.grids(leafy.call, Wanted(query="乙大"))
    assert [row.public_id for row in found.rows] == [after.public_id]


async def test_it_ends_and_comes_back_with_its_enterprise_and_its_posts_end_for_good(leafy: World) -> None:
    name, today = "甲大厂（示例）", leafy.call.today
    grid = await own(leafy, name)
    leafy.grids[name] = grid.public_id
    await make_appointment(leafy, "吴厂长", "firm-leader", grid=name)
    await actions.end_enterprise(leafy.call, leafy.enterprises[name], today)
    assert (await own(leafy, name)).until == today
    assert await people.holders(leafy.call, grids=[grid.id], day=today) == ()
    assert len(await people.holders(leafy.call, grids=[grid.id], day=today - timedelta(days=1))) == 1
    after = later(leafy, 5)
    await actions.reopen_enterprise(after.call, leafy.enterprises[name], after.call.today)
    assert ((await own(after, name)).id, (await own(after, name)).until) == (grid.id, None)
    assert await verbs(after, grid) == ["reopened", "ended", "appointed", "created"]
    assert await people.holders(after.call, grids=[grid.id], day=after.call.today) == ()


async def test_it_ends_when_the_class_leads_elsewhere_and_comes_back_on_the_very_day(leafy: World) -> None:
    name, today = "甲大厂（示例）", leafy.call.today
    id_ = leafy.enterprises[name]
    await actions.state_facts(leafy.call, id_, {"size": "big"}, today + timedelta(days=20))
    await actions.state_facts(leafy.call, id_, {"size": "small"}, today + timedelta(days=10))
    assert (await own(leafy, name)).until == today + timedelta(days=10)
    gone = later(leafy, 10)
    await handle_due(gone.call)
    assert (await placed(gone, name)).grid_name == "甲村格"
    back = later(leafy, 20)
    await handle_due(back.call)
    grid = await own(back, name)
    assert ((await placed(back, name)).grid_id, grid.until) == (grid.public_id, None)
    assert await verbs(back, grid) == ["reopened", "ended", "created"]


async def test_a_reopening_that_is_still_to_come_brings_the_grid_back_on_its_day(leafy: World) -> None:
    name, today = "甲大厂（示例）", leafy.call.today
    await actions.end_enterprise(leafy.call, leafy.enterprises[name], today)
    await actions.reopen_enterprise(leafy.call, leafy.enterprises[name], today + timedelta(days=7))
    assert (await own(leafy, name)).until == today
    back = later(leafy, 7)
    await handle_due(back.call)
    assert (await own(back, name)).until is None
    assert (await placed(back, name)).own_grid


async def test_a_grid_that_never_was_does_not_hold_for_a_day(leafy: World) -> None:
    name = "甲大厂（示例）"
    row = await placed(leafy, name)
    await actions.state_facts(leafy.call, row.public_id, {"size": "small"}, row.since)
    grid = await own(leafy, name)
    assert grid.since == grid.until


async def test_a_board_that_hangs_at_the_enterprise_follows_its_grid(leafy: World) -> None:
    name = "甲大厂（示例）"
    leafy.grids[name] = (await own(leafy, name)).public_id
    await make_appointment(leafy, "吴厂长", "firm-leader", grid=name)
    code = await boards.issue(leafy.call, "enterprise", leafy.enterprises[name])
    board = await board_queries.page(leafy.call, code)
    assert (board.live["lead"]["name"], board.live["grid"]["tier"]) == ("吴厂长", "企业网格")
    assert [one["name"] for one in board.live["above"]] == ["甲村格", "镇格", "区格"]
    await areas.change_grid(leafy.call, leafy.grids["甲村格"], name="甲村新格", area_note="")
    board = await board_queries.page(leafy.call, code)
    assert board.live["above"][0]["name"] == "甲村新格"
    await actions.change_enterprise(leafy.call, leafy.enterprises[name], form(leafy, "新名大厂（示例）", "乙村"))
    board = await board_queries.page(leafy.call, code)
    assert (board.live["grid"]["name"], board.live["above"][0]["name"]) == ("新名大厂（示例）", "乙村格")


async def test_the_grid_above_may_be_dissolved_and_drawn_anew_and_no_post_is_lost(leafy: World) -> None:
    name, today = "甲大厂（示例）", leafy.call.today
    leafy.grids[name] = (await own(leafy, name)).public_id
    await make_appointment(leafy, "吴厂长", "firm-leader", grid=name)
    await areas.end_grid(leafy.call, leafy.grids["甲村格"], today)
    assert (await own(leafy, name)).parent is None
    await make_grid(leafy, "甲村另格", "village-grid", "甲村", parent="镇格", since=today)
    grid = await own(leafy, name)
    assert (grid.parent_name, grid.until) == ("甲村另格", None)
    assert [one.person_name for one in await people.holders(leafy.call, grids=[grid.id], day=today)] == ["吴厂长"]


async def test_a_long_name_is_cut(leafy: World) -> None:
    long = "很长的名称" * 24
    await make_enterprise(leafy, long, "甲村", **BIG)
    assert (await own(leafy, long)).name == long[:80]


# By hand


async def test_nobody_draws_changes_ends_or_chooses_one_by_hand(leafy: World) -> None:
    grid, today = await own(leafy, "甲大厂（示例）"), leafy.call.today
    new = areas.GridForm(tier="firm", name="手工", jurisdiction=leafy.places["甲村"], parent=leafy.grids["甲村格"])
    with pytest.raises(Refused, match="由单位自动形成"):
        await areas.add_grid(leafy.call, new)
    with pytest.raises(Refused, match="由单位自动形成"):
        await areas.change_grid(leafy.call, grid.public_id, name="别名", area_note="")
    with pytest.raises(Refused, match="由单位自动形成"):
        await areas.end_grid(leafy.call, grid.public_id, today)
    with pytest.raises(Refused, match="由单位自动形成"):
        await areas.reopen_grid(leafy.call, grid.public_id, today)
    with pytest.raises(Refused, match="自成的网格"):
        await actions.add_enterprise(
            leafy.call, replace(form(leafy, "店中店（示例）", "甲村", **SMALL), drawn_grid=grid.public_id)
        )
    choices = await area_queries.grid_choices(leafy.call, ["firm", "village-grid"], near="/98/9801/9801001/")
    assert [one.tier for one in choices] == ["village-grid", "village-grid"]


async def test_only_the_enterprise_has_a_board(leafy: World) -> None:
    grid = await own(leafy, "甲大厂（示例）")
    with pytest.raises(Refused, match="只挂单位的公示牌"):
        await boards.issue(leafy.call, "grid", grid.public_id)
    targets = await board_queries.targets(leafy.call, region="leafy")
    assert grid.public_id not in {one.id for one in targets}
    assert [one.of for one in await board_queries.targets(leafy.call, region="leafy", grid=grid.code)] == ["enterprise"]


async def test_the_leader_of_its_grid_is_appointed_as_at_any_grid_but_for_who_stands_back(leafy: World) -> None:
    name = "甲大厂（示例）"
    grid = await own(leafy, name)
    leafy.grids[name] = grid.public_id
    assert [gap.value.post.code for gap in await people.gaps_of_grid(leafy.call, grid)] == ["firm-leader"]
    interest = InterestForm(person=leafy.people["郑厂长"], enterprise=leafy.enterprises[name], kind="kin", since=leafy.call.today)
    await declare(leafy.call, interest)
    with pytest.raises(Refused, match="应当回避"):
        await make_appointment(leafy, "郑厂长", "firm-leader", grid=name)
    await make_appointment(leafy, "吴厂长", "firm-leader", grid=name)
    with pytest.raises(Refused, match="先办理离任或移交"):
        await declare(leafy.call, replace(interest, person=leafy.people["吴厂长"]))
    await make_appointment(leafy, "王看护", "sponsor", enterprise=name)
    assert await people.gaps_of_grid(leafy.call, grid) == []


async def test_duties_are_owed_on_such_grids_on_the_days_on_which_they_were(leafy: World) -> None:
    name = "甲大厂（示例）"
    today = leafy.call.today
    for code in ("round", "visit"):
        assert await owing(leafy, code) == [name]
    await actions.state_facts(leafy.call, leafy.enterprises[name], {"size": "small"}, today - timedelta(days=40))
    await actions.state_facts(leafy.call, leafy.enterprises[name], {"size": "big"}, today - timedelta(days=1))
    for code in ("round", "visit"):
        assert await owing(leafy, code) == [name]
        assert await owing(leafy, code, on=today - timedelta(days=20)) == []
        assert await owing(leafy, code, on=today - timedelta(days=60)) == [name]


# Whatever happens


@pytest.mark.parametrize("seed", range(6))
async def test_an_own_grid_is_in_force_exactly_while_its_enterprise_is_placed_in_it(leafy: World, seed: int) -> None:
    rng = random.Random(seed)
    for name in list(leafy.enterprises)[1:]:
        await actions.end_enterprise(leafy.call, leafy.enterprises[name], leafy.call.today)
    at, fresh = leafy, count()
    for _ in range(40):
        await one_act(at, rng, fresh)
        await check(at)
        if rng.random() < 0.3:
            at = later(at, rng.randrange(1, 15))
            await handle_due(at.call)
            await check(at)


async def one_act(world: World, rng: random.Random, fresh: "count[int]") -> None:
    """Something that an office may do; what it may not is refused and changes nothing."""
    call, today = world.call, world.call.today
    day = today + timedelta(days=rng.choice([-30, -3, 0, 0, 0, 4, 11]))
    facts, village = rng.choice([BIG, BIG, SMALL, RISKY]), rng.choice(VILLAGES)
    name = rng.choice(list(world.enterprises))
    id_ = world.enterprises[name]
    try:
        match rng.choice(["add", "add many", "change", "state", "state", "state", "end", "reopen", "reopen", "draw", "dissolve"]):
            case "add":
                new = f"厂{next(fresh)}（示例）"
                await make_enterprise(world, new, village, since=today - timedelta(days=rng.randrange(60)), **facts)
            case "add many":
                names = [f"厂{next(fresh)}（示例）" for _ in range(3)]
                ids = await actions.add_enterprises(call, [form(world, new, rng.choice(VILLAGES), **facts) for new in names])
                world.enterprises.update(zip(names, ids, strict=True))
            case "change":
                row = await queries.enterprise(call, id_)
                more = replace(form(world, f"{name[:-4]}改{next(fresh)}（示例）", village), credit_code=row.credit_code or "")
                await actions.change_enterprise(call, id_, more)
            case "state":
                await actions.state_facts(
                    call, id_, {key: facts[key] for key in rng.sample(sorted(facts), rng.choice([1, 2]))}, day
                )
            case "end":
                await actions.end_enterprise(call, id_, day)
            case "reopen":
                await actions.reopen_enterprise(call, id_, min(day, today))
            case "draw":
                new = f"{village}格{next(fresh)}"
                await make_grid(world, new, "village-grid", village, parent="镇格", since=day)
            case "dissolve":
                grids = [grid for grid in world.grids if grid.startswith(village)]
                await areas.end_grid(call, world.grids[rng.choice(grids or ["甲村格"])], max(day, today))
    except Refused:
        pass


async def check(world: World) -> None:
    """Compare with what follows, by hand, from facts, address and drawn grids of today."""
    today, db = world.call.today, world.call.db
    villages = await db.rows(
        "select id, jurisdiction from grid where tier = 'village-grid' and since <= $1 and (until is null or until > $1)", today
    )
    firms = await db.rows(
        """
        select e.*, pl.grid as placed, g.id as own, g.name as own_name, g.jurisdiction as own_place, g.parent,
            g.since as own_since, g.until as own_until, coalesce(size.value, 'small') as size, coalesce(risky.value, 'no') as risky
        from enterprise e left join placement pl on pl.enterprise = e.id and pl.since <= $1 and (pl.until is null or pl.until > $1)
            left join grid g on g.enterprise = e.id
            left join enterprise_fact size on size.enterprise = e.id and size.fact = 'size'
                and size.since <= $1 and (size.until is null or size.until > $1)
            left join enterprise_fact risky on risky.enterprise = e.id and risky.fact = 'risky'
                and risky.since <= $1 and (risky.until is null or risky.until > $1)
        """,
        today,
    )
    for row in firms:
        around = [one["id"] for one in villages if one["jurisdiction"] == row["division"]]
        alive = row["since"] <= today and (row["until"] is None or row["until"] > today)
        leads = alive and (row["size"] == "big" or (row["risky"] == "yes" and not around))
        there = row["own"] is not None and row["own_since"] <= today and (row["own_until"] is None or row["own_until"] > today)
        assert (there, row["own"] is not None and row["placed"] == row["own"]) == (leads, leads), told(row)
        if leads:
            parent = around[0] if len(around) == 1 else None
            assert (row["own_name"], row["own_place"], row["parent"]) == (row["name"], row["division"], parent), told(row)


def told(row: Record) -> dict[str, object]:
    """A firm that is not as it should be."""
    return dict(row)  # a row is a mapping


async def owing(world: World, duty: str, on: date | None = None) -> list[str]:
    """The names of what owes a duty on a day."""
    scheme = world.call.book.in_force("leafy", world.call.today)
    assert scheme is not None
    asked = obligations.asked_at(scheme, scheme.counted[duty], on or world.call.today)
    return [thing.name for thing in (await obligations.things(world.call, asked)).things]
