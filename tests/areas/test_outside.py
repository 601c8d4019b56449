"""Grids of other systems: taken over, mapped, found by theirs and by ours, and used to name ours in other sheets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.areas import actions as areas
from portal.areas import outside
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.imports import batches, taking, undoing
from portal.imports.exports import export
from portal.imports.outcome import Outcome, Wish
from portal.ledger.queries import history
from portal.plugins import assemble
from portal.scheme.words import Region
from portal.storage.lists import Wanted
from portal.viewer import Role
from portal.workshop.sheets import written_csv
from tests.browse import visiting
from tests.sample_region.later import BOTH, ENDING, Stated
from tests.world import PASSWORD, World, make_person

pytestmark = pytest.mark.clause("TJ-2.1c")

HEAD = ["其他网格系统", "网格编号", "网格名称", "所在辖区", "对应的安全网格"]
ROWS = [
    ["综治网格", "Z001", "甲村第一综治网格", "甲村", "甲村格"],
    ["综治网格", "Z002", "甲村第二综治网格", "甲村", "P1"],
    ["综治网格", "Z003", "丙村综治网格", "丙村", ""],
    ["城管网格", "Z001", "东镇城管网格", "东镇", "东镇格"],
]
FIRM = ["单位名称", "所在村或社区", "片区网格", "规模", "高危"]
POST = ["姓名", "岗位", "任职处"]


async def take(call: Call, kind: str, head: list[str], *rows: list[str], **wish: object) -> Outcome:
    """Take a sheet in."""
    data = written_csv(head, rows)
    return await taking.run(call, kind=kind, region="sample", data=data, wish=Wish(**wish), write=True)


@pytest.fixture
async def mapped(world: World) -> World:
    """The usual register with four grids of two other systems."""
    found = await take(world.call, "outside_grids", HEAD, *ROWS)
    assert (found.came, found.errors) == (4, ())
    return world


async def id_of(world: World, code: str, system: str = "综治网格") -> str:
    """The public id of theirs."""
    return str(await world.call.db.value("select public_id from outside_grid where code = $1 and system = $2", code, system))


async def found(call: Call, query: str = "", **filters: str) -> set[tuple[str, str | None]]:
    """What the page lists: their code, our grid."""
    rows = (await outside.outside_grids(call, Wanted(query=query, filters=filters))).rows
    return {(f"{row.system[:2]}{row.code}", row.grid_name) for row in rows}


async def test_the_same_sheet_again_changes_nothing_and_an_empty_cell_unmaps_nothing(mapped: World) -> None:
    again = await take(mapped.call, "outside_grids", HEAD, *ROWS)
    assert (again.came, again.changed, again.same) == (0, 0, 4)
    blank = await take(mapped.call, "outside_grids", HEAD, ["综治网格", "Z001", "新名", "甲村", ""])
    assert [one.what for one in blank.touched] == ["网格名称 甲村第一综治网格 → 新名"]
    other = await take(mapped.call, "outside_grids", HEAD, ["综治网格", "Z003", "丙村综治网格", "丙村", "丙村格"])
    assert [one.what for one in other.touched] == ["关联的安全网格 — → 丙村格"]


async def test_a_sheet_of_one_system_says_nothing_of_another(mapped: World) -> None:
    result = await take(mapped.call, "outside_grids", HEAD, ROWS[0], end_all=True)
    assert result.ended == 1
    assert await found(mapped.call) == {("综治Z001", "甲村格"), ("综治Z003", None), ("城管Z001", "东镇格")}
    back = await take(mapped.call, "outside_grids", HEAD, ROWS[1])
    assert back.came == 1


async def test_which_of_ours_is_theirs_and_which_of_theirs_lie_in_ours(mapped: World) -> None:
    assert await found(mapped.call, "Z001") == {("综治Z001", "甲村格"), ("城管Z001", "东镇格")}
    assert await found(mapped.call, "第二综治") == {("综治Z002", "园片")}
    assert await found(mapped.call, "P1") == {("综治Z002", "园片")}
    assert await found(mapped.call, "东镇格") == {("城管Z001", "东镇格")}
    assert await found(mapped.call, mapped="no") == {("综治Z003", None)}
    assert await outside.unmapped(mapped.call) == 1
    west = mapped.call.as_(await mapped.office("西所"))
    assert await found(west) == {("综治Z003", None)}
    with pytest.raises(NotVisible):
        await outside.outside_grid(west, await id_of(mapped, "Z001"))


async def test_when_ours_is_dissolved_theirs_lies_in_none(mapped: World) -> None:
    await areas.end_grid(mapped.call, mapped.grids["园片"], mapped.call.today)
    assert ("综治Z002", None) in await found(mapped.call)
    sheet = (await export(mapped.call, "sample", "outside_grids", "csv")).decode("utf-8-sig")
    assert '"Z002","甲村第二综治网格","9901001001",""' in sheet.replace("\t", "")


async def test_an_enterprise_and_a_post_may_be_named_by_their_code(mapped: World) -> None:
    firms = await take(mapped.call, "enterprises", FIRM, ["新店（示例）", "甲村", "Z002", "小", "否"])
    assert (firms.came, firms.errors) == (1, ())
    placed = (
        "select g.name from placement p join grid g on g.id = p.grid join enterprise e on e.id = p.enterprise where e.name = $1"
    )
    assert await mapped.call.db.value(placed, "新店（示例）") == "园片"
    await take(mapped.call, "outside_grids", HEAD, ["综治网格", "Z009", "丁村综治网格", "丁村", "丁村格"])
    await make_person(mapped, "钱后来")
    posts = await take(mapped.call, "appointments", POST, ["钱后来", "看护员", "Z009"])
    assert (posts.came, posts.errors) == (1, ())
    again = await take(mapped.call, "appointments", POST, ["钱后来", "看护员", "丁村格"])
    assert (again.same, again.errors) == (1, ())


async def test_a_code_that_means_several_or_none_is_refused_at_its_cell(mapped: World) -> None:
    for text, said in (
        ("Z001", "在其他系统里是几个网格：城管网格的在东镇格，综治网格的在甲村格"),
        ("Z003", "没有关联安全网格"),
        ("Z404", "没有登记名为“Z404”的网格"),
    ):
        firms = await take(mapped.call, "enterprises", FIRM, ["新店（示例）", "甲村", text, "小", "否"])
        ((title, what),) = [(error.title, error.text) for error in firms.errors]
        assert title == "片区网格"
        assert said in what
        posts = await take(mapped.call, "appointments", POST, ["赵看护", "看护员", text])
        ((title, what),) = [(error.title, error.text) for error in posts.errors]
        assert title == "任职处"
        assert said in what


async def test_our_own_code_comes_before_theirs(mapped: World) -> None:
    await take(mapped.call, "outside_grids", HEAD, ["综治网格", "P1", "同号网格", "甲村", "甲村格"])
    await take(mapped.call, "enterprises", FIRM, ["新店（示例）", "甲村", "P1", "小", "否"])
    drawn = "select g.name from enterprise e join grid g on g.id = e.drawn_grid where e.name = '新店（示例）'"
    assert await mapped.call.db.value(drawn) == "园片"
    grids = await take(
        mapped.call, "grids", ["网格编号", "名称", "层级", "所属辖区", "上级网格"], ["Z009", "又一片", "片", "东镇", "东镇格"]
    )
    assert grids.came == 1


@pytest.mark.parametrize(
    ("row", "title", "said"),
    [
        (["", "Z1", "x", "甲村", ""], "其他网格系统", "必填"),
        (["综治网格", "", "x", "甲村", ""], "网格编号", "必填"),
        (["综治网格", "Z1", "x", "戊村", ""], "所在辖区", "没有登记名为“戊村”的辖区"),
        (["综治网格", "Z1", "x", "甲村", "没有格"], "关联的安全网格", "没有登记名为“没有格”的网格"),
        (["综治网格", "Z1", "x", "甲村", "丙村格"], "关联的安全网格", "所选的网格不在这里"),
    ],
)
async def test_what_is_wrong_stands_at_its_cell(world: World, row: list[str], title: str, said: str) -> None:
    result = await take(world.call, "outside_grids", HEAD, row)
    assert [(error.title, said in error.text) for error in result.errors] == [(title, True)]
    assert await world.call.db.value("select count(*) from outside_grid") == 0


async def test_what_is_no_more_is_not_mapped_and_each_code_stands_once(mapped: World) -> None:
    id_ = await id_of(mapped, "Z002")
    await outside.end_outside(mapped.call, id_, mapped.call.today)
    with pytest.raises(Refused, match="已于"):
        await outside.change_outside(mapped.call, id_, name="x", jurisdiction=mapped.places["甲村"], grid=None)
    form = outside.OutsideForm(system="综治网格", code="Z001", name="又", jurisdiction=mapped.places["甲村"])
    with pytest.raises(Refused, match="已经登记过"):
        await outside.add_outside(mapped.call, form)
    with pytest.raises(Refused, match="没有启用任何地区方案"):
        await outside.add_outside(
            mapped.call, outside.OutsideForm(system="a", code="b", name="c", jurisdiction=mapped.places["示例省"])
        )


async def test_on_pages_one_is_mapped_by_hand(mapped: World, site) -> None:
    await mapped.account("town", Role.OFFICE, unit="西所")
    visitor, other = site("10.0.0.1"), site("10.0.0.2")
    for one in (visitor, other):
        await one.sign_in("town", PASSWORD)
    listed = await visitor.get("/office/grids/outside")
    assert "还有 1 个没有关联安全网格" in listed.text
    address = f"/office/grids/outside/{await id_of(mapped, 'Z003')}"
    form, late = await visitor.get(address), await other.get(address)
    assert (await visitor.send(form, {"grid": mapped.grids["丙村格"]}, action=address)).status == 303
    refused = await other.send(late, {"grid": mapped.grids["西镇格"]}, action=address)
    assert refused.status == 422
    assert "刚刚有人更改过，现在是：丙村格" in refused.text
    assert "丙村综治网格" in (await visitor.get(f"/office/grids/{mapped.grids['丙村格']}")).text
    assert "丙村格" in (await visitor.get("/office/grids/outside?q=Z003")).text
    wrong = await visitor.send(await visitor.get(address), {"grid": mapped.grids["甲村格"]}, action=address)
    assert wrong.status == 422
    assert (await visitor.get(f"/office/grids/outside/{await id_of(mapped, 'Z001')}", check=False)).status == 404
    verbs = [past.verb for past in await history(mapped.call, "outside_grid", await id_of(mapped, "Z003"))]
    assert verbs == ["mapped", "created"]


async def test_ours_is_not_taken_back_while_theirs_lies_in_it(world: World) -> None:
    data = written_csv(["网格编号", "名称", "层级", "所属辖区", "上级网格"], [["N9", "新片", "片", "西镇", "西镇格"]])
    batch = await batches.bring(world.call, kind="grids", region="sample", data=data)
    await batches.check(world.call, batch)
    await batches.take_in(world.call, batch, Wish())
    await take(world.call, "outside_grids", HEAD, ["综治网格", "Z1", "x", "西镇", "N9"])
    with pytest.raises(Refused, match="已被其他登记使用"):
        await undoing.undo(world.call, batch)


async def test_a_day_later_what_ended_is_listed_only_where_asked_for(mapped: World) -> None:
    await outside.end_outside(mapped.call, await id_of(mapped, "Z002"), mapped.call.today + timedelta(days=1))
    later = Call(mapped.call.portal, mapped.call.viewer, mapped.call.now + timedelta(days=1))
    assert ("综治Z002", "园片") in await found(mapped.call)
    assert ("综治Z002", "园片") not in await found(later)
    assert ("综治Z002", "园片") in await found(later, ended="yes")


@pytest.mark.parametrize("region", [BOTH, ENDING])
async def test_a_grid_of_a_tier_that_is_gone_stays_chosen(mapped: World, clock, region: Region) -> None:
    await mapped.account("town", Role.OFFICE, unit="东所")
    clock.now = datetime(2027, 1, 4, 2, tzinfo=UTC)
    address = f"/office/grids/outside/{await id_of(mapped, 'Z002')}"
    async with visiting(replace(mapped.call.portal, plugins=assemble({"sample": Stated(region)})), clock) as site:
        visitor = site()
        await visitor.sign_in("town", PASSWORD)
        form = await visitor.get(address)
        assert form.form(address)["grid"] == mapped.grids["园片"]
        assert (await visitor.send(form, {}, action=address)).status == 303
    assert ("综治Z002", "园片") in await found(mapped.call)
