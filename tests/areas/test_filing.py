"""Grids are filed by the town with the bureau: new, changed, dissolved; by two at once, sent twice, changed meanwhile."""

import asyncio
import io
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest

from portal.areas import actions, filing, queries
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.queries import history
from portal.plugins import assemble
from portal.scheme.words import Filing
from portal.storage.columns import public_id
from portal.storage.lists import Wanted
from portal.storage.once import SentBefore
from portal.viewer import Role
from tests.sample_region import Sample
from tests.sample_region.scheme import SAMPLE
from tests.world import PASSWORD, World, make_grid, make_unit

pytestmark = pytest.mark.clause("CZ-3.1b")


@pytest.fixture
async def town(world: World) -> Call:
    """The eastern town's office."""
    return world.call.as_(await world.office("东所"))


@pytest.fixture
async def bureau(world: World) -> Call:
    """The district's bureau."""
    return world.call.as_(await world.office("区局"))


async def send(world: World, call: Call, *, form: str = "") -> str:
    """File what the eastern town has to file."""
    place = world.places["东镇"]
    found = await filing.ready_at(call, place, "grids")
    return await filing.file(call, place, "grids", form=form or public_id(), mark=found.mark if found else "")


async def stands(world: World, grid: str = "园片") -> str:
    """How a grid stands."""
    row = await queries.grid(world.call, world.grids[grid])
    one = (await filing.standings_of(world.call, [row])).get(row.public_id)
    return str(one.filed) if one else ""


async def redraw(world: World, **changed: object) -> None:
    """Change the patch."""
    row = await queries.grid(world.call, world.grids["园片"])
    form = {"name": row.name, "area_note": row.area_note} | changed
    await actions.change_grid(world.call, row.public_id, **form)


async def test_a_grid_is_draft_then_waits_then_is_in_force_then_changed_again(world: World, town: Call, bureau: Call) -> None:
    assert await stands(world) == "draft"
    assert await stands(world, "甲村格") == ""
    id_ = await send(world, town)
    assert await stands(world) == "waiting"
    await filing.accept(bureau, id_, "备〔2026〕1号", bureau.today)
    assert await stands(world) == "in_force"
    await redraw(world, divisions=[world.places["乙社区"]], area_note="东至大路")
    assert await stands(world) == "changed"
    ready = await filing.ready_at(town, world.places["东镇"], "grids")
    assert ready is not None
    assert [(one.became, one.now.ground_names) for one in ready.grids] == [("changed", ("乙社区",))]
    await filing.send_back(bureau, await send(world, town), "边界不清")
    assert await stands(world) == "changed"
    await redraw(world, divisions=[], area_note="")
    assert await stands(world) == "in_force"


async def test_a_grid_that_is_dissolved_is_filed_once_more_and_a_new_one_too(world: World, town: Call, bureau: Call) -> None:
    await filing.accept(bureau, await send(world, town), "1", bureau.today)
    await make_grid(world, "新片", "patch", "东镇", parent="东镇格")
    await make_grid(world, "废片", "patch", "东镇", parent="东镇格")
    await actions.end_grid(world.call, world.grids["园片"], world.call.today)
    await actions.end_grid(world.call, world.grids["废片"], world.call.today)
    id_ = await send(world, town)
    rows = await filing.filed_grids(town, (await filing.filing(town, id_)).id)
    assert {row.drawn.name: row.became for row in rows} == {"园片": "ended", "新片": "new"}
    await filing.accept(bureau, id_, "2", bureau.today)
    assert [await stands(world, name) for name in ("园片", "新片", "废片")] == ["in_force", "in_force", ""]
    await actions.reopen_grid(world.call, world.grids["园片"], world.call.today)
    ready = await filing.ready_at(town, world.places["东镇"], "grids")
    assert ready is not None
    assert [one.became for one in ready.grids] == ["reopened"]


async def test_a_grid_that_is_to_end_later_is_filed_when_it_ends(world: World, town: Call, bureau: Call) -> None:
    await filing.accept(bureau, await send(world, town), "1", bureau.today)
    await actions.end_grid(world.call, world.grids["园片"], world.call.today + timedelta(days=3))
    assert await stands(world) == "in_force"
    later = World(type(town)(town.portal, world.call.viewer, town.now + timedelta(days=3)), world.places, grids=world.grids)
    assert await stands(later) == "changed"


async def test_what_changes_while_it_waits_is_not_what_was_filed(world: World, town: Call, bureau: Call) -> None:
    id_ = await send(world, town)
    await redraw(world, name="新园片")
    assert await stands(world) == "draft"
    with pytest.raises(Refused, match="已有一件报送待备案"):
        await send(world, town)
    await filing.accept(bureau, id_, "1", bureau.today)
    assert await stands(world) == "changed"
    (row,) = await filing.filed_grids(town, (await filing.filing(town, id_)).id)
    assert row.drawn.name == "园片"


async def test_what_was_checked_is_what_is_filed(world: World, town: Call) -> None:
    place = world.places["东镇"]
    seen = await filing.ready_at(town, place, "grids")
    assert seen is not None
    await redraw(world, name="新园片")
    with pytest.raises(Refused, match="核对以后"):
        await filing.file(town, place, "grids", form=public_id(), mark=seen.mark)
    assert (await filing.filings(town, Wanted())).rows == ()


async def test_sent_twice_it_is_filed_once_and_two_at_once_are_one(world: World, town: Call) -> None:
    form = public_id()
    first = await send(world, town, form=form)
    assert await send(world, town, form=form) == first
    # Taken back since: the form of then does not say that it was filed
    await filing.withdraw(town, first)
    with pytest.raises(SentBefore, match="后来已撤回，没有再报送"):
        await send(world, town, form=form)
    seen = await filing.ready_at(town, world.places["东镇"], "grids")
    assert seen is not None
    both = await asyncio.gather(
        *(filing.file(town, world.places["东镇"], "grids", form=public_id(), mark=seen.mark) for _ in range(4)),
        return_exceptions=True,
    )
    assert len([one for one in both if isinstance(one, str)]) == 1
    assert all(isinstance(one, str) or "已有一件" in str(one) for one in both), both
    assert await world.call.db.value("select count(*) from filing where state = 'waiting'") == 1


async def test_only_one_decision_stands_and_the_same_one_again_is_none(world: World, town: Call, bureau: Call) -> None:
    id_ = await send(world, town)
    day = bureau.today
    done = await asyncio.gather(
        filing.accept(bureau, id_, "1", day),
        filing.send_back(bureau, id_, "x"),
        filing.withdraw(town, id_),
        return_exceptions=True,
    )
    assert sum(one is None for one in done) == 1
    assert all(one is None or "办结" in str(one) for one in done), done
    again = await send(world, town) if (await filing.filing(town, id_)).state != "accepted" else id_
    if again != id_:
        await filing.accept(bureau, again, "1", day)
    await filing.accept(bureau, again, "1", day)
    for act in (filing.accept(bureau, again, "2", day), filing.send_back(bureau, again, "x"), filing.withdraw(town, again)):
        with pytest.raises(Refused, match="办结"):
            await act
    assert (await filing.filing(town, again)).number == "1"


async def test_each_office_does_its_own_part(world: World, town: Call, bureau: Call) -> None:
    ready = await filing.ready_at(bureau, world.places["东镇"], "grids")
    assert ready is not None
    assert not ready.ours
    with pytest.raises(Refused, match="由东所报送"):
        await filing.file(bureau, world.places["东镇"], "grids", form=public_id(), mark=ready.mark)
    id_ = await send(world, town)
    with pytest.raises(Refused, match="由区局办理"):
        await filing.accept(town, id_, "1", town.today)
    with pytest.raises(Refused, match="由区局办理"):
        await filing.send_back(town, id_, "x")
    with pytest.raises(Refused, match="只有报送的部门"):
        await filing.withdraw(bureau, id_)
    for wrong in (bureau.today + timedelta(days=1), date(2026, 3, 1)):
        with pytest.raises(Refused, match="备案日期"):
            await filing.accept(bureau, id_, "1", wrong)
    west = world.call.as_(await world.office("西所"))
    assert (await filing.filings(west, Wanted())).rows == ()
    assert await filing.ready(west) == []
    for act in (
        filing.filing(west, id_),
        filing.accept(west, id_, "1", west.today),
        filing.ready_at(west, world.places["东镇"], "grids"),
    ):
        with pytest.raises(NotVisible):
            await act


async def test_where_nobody_would_receive_it_nothing_is_filed(world: World, town: Call) -> None:
    await actions.end_unit(world.call, world.units["区局"], world.call.today)
    with pytest.raises(Refused, match="还没有登记备案的部门（区局）"):
        await send(world, town)


async def test_the_office_that_follows_one_that_is_no_more_decides(world: World, town: Call) -> None:
    id_ = await send(world, town)
    await actions.end_unit(world.call, world.units["区局"], world.call.today)
    await make_unit(world, "新区局", "bureau", "示例区")
    bureau = world.call.as_(await world.office("新区局"))
    await filing.accept(bureau, id_, "1", bureau.today)
    assert (await filing.filing(town, id_)).office == "新区局"


async def test_every_step_is_in_the_ledger_of_the_filing_and_of_its_grids(world: World, town: Call, bureau: Call) -> None:
    first = await send(world, town)
    await filing.withdraw(town, first)
    second = await send(world, town)
    await filing.send_back(bureau, second, "边界不清")
    third = await send(world, town)
    await filing.accept(bureau, third, "1", bureau.today)
    verbs = [[past.verb for past in await history(town, "filing", id_)] for id_ in (first, second, third)]
    assert verbs == [["taken_back", "filed"], ["sent_back", "filed"], ["put_on_file", "filed"]]
    of_grid = [past.verb for past in await history(town, "grid", world.grids["园片"])]
    assert of_grid[:6] == ["put_on_file", "filed", "sent_back", "filed", "taken_back", "filed"]


async def test_the_desk_says_what_waits_for_whom(world: World, town: Call, bureau: Call) -> None:
    nobody = await filing.on_desk(world.call)
    assert (nobody.to_file, nobody.to_decide) == (None, None)
    assert await filing.on_desk(town) == filing.OnDesk(1, None)
    assert await filing.on_desk(bureau) == filing.OnDesk(None, 0)
    id_ = await send(world, town)
    assert await filing.on_desk(town) == filing.OnDesk(0, None)
    assert await filing.on_desk(bureau) == filing.OnDesk(None, 1)
    await filing.accept(bureau, id_, "1", bureau.today)
    assert await filing.on_desk(bureau) == filing.OnDesk(None, 0)


async def test_from_check_to_file_on_pages(world: World, site) -> None:
    for login, unit in (("town", "东所"), ("bureau", "区局"), ("west", "西所")):
        await world.account(login, Role.OFFICE, unit=unit)
    town, bureau, west = site("10.0.0.1"), site("10.0.0.2"), site("10.0.0.3")
    for visitor, login in ((town, "town"), (bureau, "bureau"), (west, "west")):
        await visitor.sign_in(login, PASSWORD)
    assert "个网格未备案" in (await town.get("/office")).text
    listed = await town.get("/office/filings")
    assert "还有 1 个网格未备案" in listed.text
    new = f"/office/filings/new?in={world.places['东镇']}&rule=grids"
    assert new.replace("&", "&amp;") in listed.response.text
    check = await town.get(new)
    assert "新划" in check.text
    await redraw(world, name="新园片")
    stale = await town.send(check, {}, action="/office/filings/new")
    assert stale.status == 422
    assert "您核对以后" in stale.text
    assert "新园片" in stale.text
    done = await town.send(stale, {}, action="/office/filings/new")
    assert done.status == 303
    address = done.response.headers["location"].partition("?")[0]
    twice = await town.send(stale, {}, action="/office/filings/new")
    assert twice.response.headers["location"].partition("?")[0] == address
    assert "待备案" in (await town.get(address)).text
    assert (await west.get(address, check=False)).status == 404
    assert (await west.get(new, check=False)).status == 404
    assert "件备案待办" in (await bureau.get("/office")).text
    page = await bureau.get(address)
    empty = await bureau.send(page, {"number": "", "day": ""}, action=f"{address}/accept")
    assert empty.status == 422
    assert "请填写备案号" in empty.text
    no_reason = await bureau.send(page, {"reason": ""}, action=f"{address}/return")
    assert "请写明原因" in no_reason.text
    assert (await bureau.send(page, {"number": "备1", "day": "2026-03-02"}, action=f"{address}/accept")).status == 303
    late = await bureau.send(page, {"reason": "不行"}, action=f"{address}/return")
    assert late.status == 422
    assert "已于 2026年3月2日办结：已备案" in late.text
    grid = await town.get(f"/office/grids/{world.grids['园片']}")
    assert "备1" in grid.text
    assert "已备案" in grid.text
    assert "新园片" in (await town.get("/office/grids?filed=in_force")).text
    assert "新园片" not in (await town.get("/office/grids?filed=draft")).text
    sheet = openpyxl.load_workbook(io.BytesIO((await town.get(f"{address}/sheet.xlsx")).response.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:4] == ("P1", "新园片", "片", "新划")
    assert rows[1][10] == "备1"


async def test_a_region_that_files_nothing_is_asked_for_nothing(world: World, town: Call) -> None:
    class Silent(Sample):
        def portal_regions(self):
            (edition,) = SAMPLE.editions
            rules = tuple(rule for rule in edition.rules if not isinstance(rule, Filing))
            return (replace(SAMPLE, editions=(replace(edition, rules=rules),)),)

    id_ = await send(world, town)
    silent = replace(town, portal=replace(town.portal, plugins=assemble({"sample": Silent()})))
    assert await filing.ready(silent) == []
    assert await filing.on_desk(silent) == filing.OnDesk(None, None)
    assert (await filing.filing(silent, id_)).state == "waiting"
    await filing.withdraw(silent, id_)
