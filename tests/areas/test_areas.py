"""Jurisdictions, units, grids: made, changed, ended, and seen by their own offices only."""

from datetime import timedelta

import pytest

from portal.areas import actions, queries
from portal.errors import NotVisible, Refused
from portal.storage.lists import SIZE, Wanted
from portal.viewer import PUBLIC
from tests.world import World, make_grid, make_place, make_unit


async def test_a_place_knows_its_full_name_and_the_scheme_that_governs_it(world: World) -> None:
    row = await queries.jurisdiction(world.call, world.places["甲村"])
    assert (row.full_name, row.region, row.path) == ("示例省示例区东镇甲村", "sample", "/99/9901/9901001/9901001001/")
    assert (await queries.jurisdiction(world.call, world.places["示例省"])).region is None


async def test_an_office_sees_its_own_subtree_and_nothing_else(world: World) -> None:
    east = world.call.as_(await world.office("东所"))
    names = {row.name for row in (await queries.jurisdictions(east, Wanted())).rows}
    assert names == {"东镇", "甲村", "乙社区"}
    assert {row.name for row in (await queries.grids(east, Wanted())).rows} == {"东镇格", "甲村格", "乙社区格", "园片"}
    assert {row.name for row in (await queries.units(east, Wanted())).rows} == {"东所"}
    for find, id_ in (
        (queries.jurisdiction, world.places["西镇"]),
        (queries.unit, world.units["区局"]),
        (queries.grid, world.grids["丙村格"]),
    ):
        with pytest.raises(NotVisible):
            await find(east, id_)
        with pytest.raises(NotVisible):
            await find(world.call.as_(PUBLIC), id_)


async def test_what_one_may_not_see_one_may_not_change(world: World) -> None:
    east = world.call.as_(await world.office("东所"))
    for act in (
        actions.rename_jurisdiction(east, world.places["西镇"], "x"),
        actions.change_unit(east, world.units["西所"], name="x", phone="119"),
        actions.change_grid(east, world.grids["丙村格"], name="x", area_note=""),
        actions.end_grid(east, world.grids["丙村格"], east.today),
        actions.add_grid(
            east, actions.GridForm(tier="patch", name="x", jurisdiction=world.places["西镇"], parent=world.grids["西镇格"])
        ),
    ):
        with pytest.raises(NotVisible):
            await act


async def test_lists_go_on_where_the_last_page_ended_and_count_no_further_than_needed(world: World) -> None:
    for n in range(SIZE + 7):
        await make_unit(world, f"站{n:03d}", "station", "东镇")
    first = await queries.units(world.call, Wanted())
    second = await queries.units(world.call, Wanted(after=first.after or ""))
    assert len(first.rows) == SIZE
    assert second.after is None
    names = [row.name for row in (*first.rows, *second.rows)]
    assert len(names) == len(set(names)) == first.count == SIZE + 11


@pytest.mark.parametrize(
    ("query", "expected"),
    [("东", {"东镇格"}), ("甲村", {"甲村格"}), ("jcg", {"甲村格"}), ("P1", {"园片"}), ("没有", set()), ("·", set())],
)
async def test_search_by_characters_initials_and_code(world: World, query: str, expected: set[str]) -> None:
    assert {row.name for row in (await queries.grids(world.call, Wanted(query=query))).rows} == expected


async def test_codes_are_numbered_by_the_plugin_or_by_division(world: World) -> None:
    rows = {row.name: row.code for row in (await queries.grids(world.call, Wanted())).rows}
    assert rows["园片"] == "P1"
    assert rows["甲村格"] == "9901001001001"


async def test_a_grid_must_fit_its_tier_and_hang_on_the_right_one(world: World) -> None:
    for tier, place, parent, said in (
        ("town-grid", "甲村", None, "由乡镇（街道）构成"),
        ("village-grid", "甲村", None, "请选择它所在的上级网格"),
        ("village-grid", "甲村", "园片", "不能作上级"),
        ("nowhere", "甲村", None, "没有层级"),
    ):
        with pytest.raises(Refused, match=said):
            await make_grid(world, "x", tier, place, parent=parent)
    with pytest.raises(Refused, match="已有网格使用"):
        await make_grid(world, "x", "patch", "东镇", parent="东镇格", code="P1")


async def test_a_place_without_a_scheme_takes_no_units(world: World) -> None:
    with pytest.raises(Refused, match="没有启用任何地区方案"):
        await make_unit(world, "省局", "bureau", "示例省")
    with pytest.raises(Refused, match="没有“nothing”这类部门"):
        await make_unit(world, "x", "nothing", "东镇")


async def test_an_office_stands_only_where_the_scheme_puts_its_kind(world: World) -> None:
    for kind, place, said in (
        ("watch", "东镇", "“纪检”设在区（县）"),
        ("bureau", "甲村", "设在区"),
        ("station", "示例区", "设在乡镇"),
    ):
        with pytest.raises(Refused, match=said):
            await make_unit(world, "x", kind, place)
    with pytest.raises(Refused, match="不能设在"):
        await make_place(world, "镇里的区", "99010019", "district", parent="东镇")


async def test_an_office_outside_the_chain_is_set_up_changed_and_ended_from_above_only(world: World) -> None:
    own = world.call.as_(await world.office("区局"))
    form = actions.UnitForm(kind="watch", name="又一纪检", phone="0512-01000008", jurisdiction=world.places["示例区"])
    watch = world.units["纪检"]
    for act in (
        actions.add_unit(own, form),
        actions.change_unit(own, watch, name="纪检", phone="0512-01000001"),
        actions.end_unit(own, watch, own.today),
    ):
        with pytest.raises(Refused, match="由上一级辖区"):
            await act
    place = await queries.jurisdiction(own, world.places["示例区"])
    assert [kind.code for kind in actions.kinds_at(own, actions.scheme_at(own, place), place)] == ["bureau"]
    above = world.call.as_(await world.office("区局", area="/99/"))
    assert {kind.code for kind in actions.kinds_at(above, actions.scheme_at(above, place), place)} == {"bureau", "watch"}
    assert await actions.add_unit(above, form)
    await actions.end_unit(above, watch, above.today)


async def test_a_code_is_taken_once_and_only_an_administrator_makes_a_top(world: World) -> None:
    with pytest.raises(Refused, match="已有辖区使用"):
        await make_place(world, "又一", "9901001", "town", parent="示例区")
    with pytest.raises(Refused, match="没有启用名为"):
        await make_place(world, "又二", "9909", "district", parent="示例省", region="nowhere")
    east = world.call.as_(await world.office("东所"))
    with pytest.raises(NotVisible):
        await actions.add_jurisdiction(east, actions.JurisdictionForm(code="1", name="x", kind="province"))


async def test_ending_asks_for_what_still_stands_below(world: World) -> None:
    day = world.call.today
    with pytest.raises(Refused, match="下面还有网格"):
        await actions.end_grid(world.call, world.grids["东镇格"], day)
    with pytest.raises(Refused, match="网格在用|部门在用"):
        await actions.end_jurisdiction(world.call, world.places["东镇"], day)
    with pytest.raises(Refused, match="不能早于"):
        await actions.end_unit(world.call, world.units["东所"], day - timedelta(days=1))
    await actions.end_grid(world.call, world.grids["园片"], day)
    with pytest.raises(Refused, match="已于"):
        await actions.end_grid(world.call, world.grids["园片"], day)
    assert "园片" not in {row.name for row in (await queries.grids(world.call, Wanted())).rows}
    assert "园片" in {row.name for row in (await queries.grids(world.call, Wanted(filters={"ended": "yes"}))).rows}


async def test_redrawing_keeps_the_past(world: World) -> None:
    await actions.change_grid(
        world.call, world.grids["园片"], name="园片", area_note="东至大路", divisions=[world.places["乙社区"]]
    )
    grid = await queries.grid(world.call, world.grids["园片"])
    assert [row.name for row in await queries.ground(world.call, grid.id)] == ["乙社区"]
    later = type(world.call)(world.call.portal, world.call.viewer, world.call.now + timedelta(days=2))
    await actions.change_grid(later, world.grids["园片"], name="园片", area_note="", divisions=[world.places["甲村"]])
    assert [row.name for row in await queries.ground(later, grid.id)] == ["甲村"]
    assert [row.name for row in await queries.ground(world.call, grid.id)] == ["乙社区"]


@pytest.mark.parametrize("code", ["", "a/b", "ZONE_1", "%", "9" * 21, "编号"])
async def test_codes_of_jurisdictions_are_plain(world: World, code: str) -> None:
    form = actions.JurisdictionForm(code=code, name="某地", kind="zone", parent=world.places["示例区"])
    with pytest.raises(Refused, match="代码只用"):
        await actions.add_jurisdiction(world.call, form)


async def test_jurisdictions_do_not_nest_without_end(world: World) -> None:
    parent = world.places["示例区"]
    with pytest.raises(Refused, match="太深"):
        for n in range(12):
            form = actions.JurisdictionForm(code=f"{n:02d}" + "9" * 18, name="某地", kind="zone", parent=parent)
            parent = await actions.add_jurisdiction(world.call, form)


async def test_a_jurisdiction_with_enterprises_people_or_others_below_is_not_ended(world: World) -> None:
    for grid in ("甲村格", "园片"):
        await actions.end_grid(world.call, world.grids[grid], world.call.today)
    with pytest.raises(Refused, match="单位在用"):
        await actions.end_jurisdiction(world.call, world.places["甲村"], world.call.today)


async def test_a_grid_lies_in_a_grid_around_it(world: World) -> None:
    with pytest.raises(Refused, match="不在这里"):
        await make_grid(world, "错格", "village-grid", "丁村", parent="东镇格", code="X1")


async def test_a_reopened_grid_has_its_ground_again_unless_that_is_no_more(world: World) -> None:
    call, day = world.call, world.call.today
    await actions.end_grid(call, world.grids["丙村格"], day)
    with pytest.raises(Refused, match="早于撤销"):
        await actions.reopen_grid(call, world.grids["丙村格"], day - timedelta(days=1))
    await actions.reopen_grid(call, world.grids["丙村格"], day)
    row = await queries.grid(call, world.grids["丙村格"])
    assert (row.until, [one.name for one in await queries.ground(call, row.id)]) == (None, ["丙村"])
    placed = "select g.name from placement p join grid g on g.id = p.grid join enterprise e on e.id = p.enterprise where e.name = $1 and p.until is null"
    assert await call.db.value(placed, "丙小店（示例）") == "丙村格"
    for name in ("丙村格", "丁村格", "西镇格"):
        await actions.end_grid(call, world.grids[name], day)
    with pytest.raises(Refused, match="西镇格"):
        await actions.reopen_grid(call, world.grids["丙村格"], day)
