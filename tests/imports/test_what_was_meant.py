"""“Did you mean”: names that nothing is called are told once, with what is called nearly so, and one click is for all cells alike."""

from typing import Any

import pytest

from portal.errors import Refused
from portal.imports import batches, queries, undoing
from portal.imports.holding import data_of
from tests.browse import Page
from tests.imports.test_imports import FIRMS, firm, sheet, tried, wrong
from tests.imports.test_what_columns_are import brought, office_of
from tests.world import World, make_place, make_unit

PEOPLE = ["姓名", "公示电话", "所在部门", "所在辖区"]


def firms(*places: str) -> bytes:
    """A firm at each of these places."""
    rows = [firm(单位名称=f"{n}厂（示例）", 统一社会信用代码="", 所在村或社区=place) for n, place in enumerate(places)]
    return sheet(FIRMS, *rows)


async def told(world: World, kind: str, data: bytes) -> dict[str, tuple[str, ...]]:
    """What is called by nothing, and what is called nearly so."""
    return {one.said: one.near for one in (await tried(world.call, kind, data)).unfound}


async def test_each_name_that_nothing_is_called_is_told_once_with_its_rows(world: World) -> None:
    found = await tried(world.call, "enterprises", firms("乙村", "甲村", "乙村", "乙　村", "东镇丙存", "九天"))
    assert [(one.title, one.said, one.rows, one.near) for one in found.unfound] == [("所在村或社区", "乙村", 3, ("乙社区",))]
    # One that is nothing like anything is told at its cell, and offers nothing
    assert len(wrong(found)) == 5


@pytest.mark.parametrize(
    ("kind", "rows", "said", "near"),
    [
        ("enterprises", [FIRMS, firm(所在村或社区="丁社区", 统一社会信用代码="")], "丁社区", "丁村"),
        ("enterprises", [FIRMS, firm(所在村或社区="香西社区", 统一社会信用代码="")], "香西社区", "香溪社区"),
        ("enterprises", [FIRMS, firm(所在村或社区="东镇香西社区", 统一社会信用代码="")], "东镇香西社区", "东镇香溪社区"),
        ("people", [PEOPLE, ["钱新", "0512-01000078", "区安监局", ""]], "区安监局", "区安全监管局"),
        ("people", [PEOPLE, ["钱新", "0512-01000078", "", "东街道"]], "东街道", "东镇"),
        ("grids", [["名称", "层级", "所属辖区", "上级网格"], ["东北片", "片", "东镇", "东镇网格"]], "东镇网格", "东镇格"),
        ("grids", [["名称", "层级", "所属辖区"], ["东北片", "片区", "东镇"]], "片区", "片"),
        ("appointments", [["姓名", "岗位", "任职处"], ["张看户", "看护员", "丁村格"]], "张看户", "张看护"),
        ("appointments", [["姓名", "岗位", "任职处"], ["吴执法", "看护员", "丁村网格"]], "丁村网格", "丁村格"),
        ("charges", [["企业名称", "条线", "部门"], ["丙小商店（示例）", "消防", "西所"]], "丙小商店（示例）", "丙小店(示例)"),
        (
            "deeds",
            [["巡查日期", "职责", "对象", "姓名"], ["2026-03-02", "看护员：走遍本格", "甲面粉商店（示例）", "张看护"]],
            "甲面粉商店（示例）",
            "甲面粉店(示例)",
        ),
        ("jurisdictions", [["区划代码", "名称", "上级"], ["990101009001", "空村", "东街道"]], "东街道", "东镇"),
    ],
)
async def test_the_near_ones_of_every_kind_of_name(world: World, kind: str, rows: list[Any], said: str, near: str) -> None:
    await make_place(world, "香溪社区", "990101009003", "community", parent="东镇")
    await make_unit(world, "区安全监管局", "bureau", "示例区")
    found = await told(world, kind, sheet(*rows))
    assert near in found[said]
    # What is chosen is found: the sheet is as good as if it had said so
    id_ = await batches.bring(world.call, kind=kind, region="sample", data=sheet(*rows))
    first = await batches.check(world.call, id_)
    mark = next(one.mark for one in first.unfound if one.said == said)
    await batches.correct(world.call, id_, {mark: near})
    again = await batches.check(world.call, id_)
    assert not [one for one in again.errors if f"“{said}”" in one.text or near in one.text]
    assert again.unfound == ()


async def test_namesakes_are_offered_so_that_one_alone_is_meant(world: World) -> None:
    await make_place(world, "新村", "990101009001", "village", parent="东镇")
    await make_place(world, "新村", "990101009002", "village", parent="西镇")
    assert await told(world, "enterprises", firms("新社区")) == {"新社区": ("东镇新村", "西镇新村")}
    # Where the sheet says in which town, the name alone is enough
    rows = [[*firm(所在村或社区="新社区", 统一社会信用代码=""), "西镇"]]
    assert await told(world, "enterprises", sheet([*FIRMS, "所属镇街"], *rows)) == {"新社区": ("新村",)}


async def test_numbers_and_badges_are_no_names(world: World) -> None:
    rows = [["姓名", "工号", "岗位", "任职处"], ["张看护", "示例00", "看护员", "丁村格"]]
    assert "示例00" not in {said for said, near in (await told(world, "appointments", sheet(*rows))).items() if "示例003" in near}
    assert await told(world, "enterprises", firms("9901001009")) == {}


def home_of(page: Page, deed: str) -> str:
    """Where the sheet lies."""
    actions = [one.get("action", "") for one in page.all("form")]
    return next(action.removesuffix(f"/{deed}") for action in actions if action.endswith(f"/{deed}"))


async def test_one_click_corrects_all_cells_alike_and_can_be_taken_back(site, world: World) -> None:
    office = await office_of(site, world)
    data = firms("乙村", "甲村", "乙村", "乙 村")
    page = await brought(office, data)
    assert "没有登记过的名称" in page.text
    assert page.text.count("没有登记名为“乙") == 0, "told once, not at each cell"
    home = home_of(page, "correct")
    form = page.form(f"{home}/correct")
    (field,) = [name for name in form if name.startswith("mean-")]
    assert form[field] == "乙社区", "a village and a community of one name: one click is enough"
    page = await office.follow(await office.send(page, {"go": "correct"}, action=f"{home}/correct"))
    assert "检查通过" in page.text
    assert "乙村 → 乙社区，共 3 行，按您的选择" in page.text
    back = await office.follow(await office.send(page, {"back": field.removeprefix("mean-")}, action=f"{home}/correct"))
    assert "3 处要改" in back.text
    assert "按您的选择" not in back.text
    page = await office.follow(await office.send(back, {"go": "correct"}, action=f"{home}/correct"))
    done = await office.follow(await office.send(page, {"go": "all"}, action=f"{home}/take"))
    assert "新增 4" in done.text
    assert "乙村 → 乙社区，共 3 行，按您的选择" in done.text
    there = "select count(*) from enterprise e join jurisdiction j on j.id = e.division where j.name = '乙社区'"
    assert await world.call.db.value(there) == 3
    batch = await queries.batch(world.call, home.rpartition("/")[2])
    assert data_of(world.call, batch) == data, "the file stays as it was"


async def test_what_was_not_offered_is_refused(site, world: World) -> None:
    office = await office_of(site, world)
    page = await brought(office, firms("乙村", "甲村"))
    home = home_of(page, "correct")
    (field,) = [name for name in page.form(f"{home}/correct") if name.startswith("mean-")]
    for values in ({field: "丙村"}, {"mean-000000000000": "乙社区"}, {field: "乙村' or 1=1"}):
        refused = await office.send(page, {field: "", **values, "go": "correct"}, action=f"{home}/correct")
        assert refused.status == 422, values
        assert "所选的名称不在可选的里面" in refused.text
    id_ = home.rpartition("/")[2]
    assert (await queries.batch(world.call, id_)).corrections == {}


async def test_a_choice_is_over_with_its_sheet_and_told_where_it_is_used_again(site, world: World) -> None:
    office = await office_of(site, world)
    data = firms("乙村", "甲村", "乙　村")
    page = await brought(office, data)
    page = await office.follow(await office.send(page, {"go": "correct"}, action=f"{home_of(page, 'correct')}/correct"))
    home = home_of(page, "take")
    await office.follow(await office.send(page, {"go": "all"}, action=f"{home}/take"))
    with pytest.raises(Refused, match="已经处理过了"):
        await batches.correct(world.call, home.rpartition("/")[2], {})
    # Next month's sheet, one of people too, and a command that is of another area
    more = [
        firm(单位名称=f"新{n}厂（示例）", 统一社会信用代码="", 所在村或社区=place) for n, place in enumerate(("乙 村", "乙村"))
    ]
    for kind, rows, n in (
        ("enterprises", [FIRMS, *more], 2),
        ("people", [PEOPLE, ["钱新", "0512-01000078", "", "乙村"]], 1),
    ):
        page = await brought(office, sheet(*rows), kind)
        assert "检查通过" in page.text, kind
        assert f"乙村 → 乙社区，共 {n} 行，按以前的选择" in page.text
    assert len((await tried(world.call, "enterprises", sheet(FIRMS, *more))).unfound) == 1
    # As it was told it is taken in, though it was forgotten by then on another sheet
    waiting = await brought(office, sheet(FIRMS, *more))
    (back,) = {one.get("value", "") for one in page.all("button") if one.get("name") == "back"}
    asked = await office.follow(await office.send(page, {"back": back}, action=f"{home_of(page, 'correct')}/correct"))
    assert "没有登记过的名称" in asked.text
    done = await office.follow(await office.send(waiting, {"go": "all"}, action=f"{home_of(waiting, 'take')}/take"))
    assert "新增 2" in done.text
    assert "按以前的选择" in done.text
    other = firm(单位名称="又一厂（示例）", 统一社会信用代码="", 所在村或社区="乙村")
    assert "没有登记过的名称" in (await brought(office, sheet(FIRMS, other))).text
    assert await undoing.undo(world.call, home.rpartition("/")[2]) == 3


async def test_what_was_chosen_is_used_only_as_long_as_it_says_one_thing_and_the_register_does_not(world: World) -> None:
    async def chosen(kind: str, data: bytes, text: str) -> None:
        id_ = await batches.bring(world.call, kind=kind, region="sample", data=data)
        (one,) = (await batches.check(world.call, id_)).unfound
        await batches.correct(world.call, id_, {one.mark: text})

    async def errors(kind: str, data: bytes) -> tuple[int, int]:
        id_ = await batches.bring(world.call, kind=kind, region="sample", data=data)
        found = await batches.check(world.call, id_)
        return len(found.errors), len(found.replaced)

    await chosen("enterprises", firms("乙村"), "乙社区")
    posts = sheet(["姓名", "岗位", "任职处"], ["张看户", "看护员", "丁村格"])
    await chosen("appointments", posts, "张看护")
    line = sheet(["企业名称", "条线", "部门"], ["丙小商店（示例）", "消防", "西所"])
    await chosen("charges", line, "丙小店(示例)")
    grid = sheet(["名称", "层级", "所属辖区"], ["东北片", "片区", "东镇"])
    await chosen("grids", grid, "片")
    assert await errors("enterprises", firms("乙村")) == (0, 1)
    assert (await errors("charges", line))[1] == 1
    assert (await errors("grids", grid))[1] == 1
    # Somebody of that name may be somebody else by then
    assert await errors("appointments", posts) == (1, 0)
    assert "张看户" not in str(await world.call.db.rows("select said from import_meaning"))
    # The register has it by now
    await make_place(world, "乙村", "990101009005", "village", parent="西镇")
    assert await errors("enterprises", firms("乙村")) == (0, 0)
    # What was meant is called so no more
    await world.call.db.rows("update enterprise set name = '改名店（示例）' where name = '丙小店（示例）'")
    assert await errors("charges", line) == (1, 0)
    assert await world.call.db.value("select count(*) from import_meaning") == 3
