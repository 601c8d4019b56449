"""Jurisdictions by a sheet: codes, kinds and parents as offices write them, in any order; the same again, renamed, taken back."""

import csv
from importlib.resources import files
from typing import Any

import pytest

from portal import codes
from portal.call import Call
from portal.errors import Refused
from portal.imports import batches, taking, undoing
from portal.imports.exports import export
from portal.imports.outcome import Outcome, Wish
from tests.imports.test_imports import FIRMS, firm, sheet, taken, tried, wrong
from tests.imports.test_what_columns_are import brought, office_of
from tests.world import World, make_place

HEAD = ["行政区划代码", "名称", "上级/所属乡镇（街道）", "类别"]
TOWN = ["990101001", "北镇", "示例区", "镇"]
VILLAGES = [["990101001001", "子村", "北镇", "行政村"], ["990101001002", "丑社区居委会", "", ""]]


async def bring(world: World, *rows: list[Any], head: list[str] = HEAD) -> Outcome:
    """What these rows would bring."""
    return await tried(world.call, "jurisdictions", sheet(head, *rows))


async def places(world: World) -> list[tuple[str, str, str, str]]:
    """Code, name, kind and path of everything in the district."""
    rows = await world.call.db.rows("select code, name, kind, path from jurisdiction order by path")
    return [(row["code"], row["name"], row["kind"], row["path"]) for row in rows]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("320506000000", "320506"),
        ("320506103000", "320506103"),
        ("320506103001", "320506103001"),
        ("320500", "3205"),
        ("320506103001.0", "320506103001"),
        (" ３２０５０６ 103 001", "320506103001"),
        ("441900000000", "4419"),
        ("320412－JKQ", "320412-JKQ"),
        ("9901001", "9901001"),
        ("000001000000", "000001000000"),
    ],
)
def test_a_code_is_kept_without_the_zeros_behind_it(written: str, kept: str) -> None:
    assert codes.division(written) == kept
    assert kept in codes.division_spellings(written)
    assert codes.division(kept) == kept


async def test_a_register_of_places_comes_in_by_one_sheet_in_any_order_and_again_unchanged(world: World) -> None:
    before = await places(world)
    rows = [VILLAGES[0], TOWN, VILLAGES[1], ["99-YQ", "示例园区", "北镇", "工业园区"]]
    # Numbers as a spreadsheet program keeps them, with the zeros of the statistics
    rows = [[float(row[0]) if row[0].isdigit() else row[0], *row[1:]] for row in rows]
    rows[1][0] = 990101001000
    found = await bring(world, *rows)
    assert wrong(found) == [(5, "类别", "开发区不能设在乡镇（街道）里面。")]
    rows[3][2] = "示例省/示例区"
    batch, found = await taken(world.call, "jurisdictions", sheet(HEAD, *rows))
    assert (wrong(found), found.came, found.written) == ([], 4, True)
    new = [row for row in await places(world) if row not in before]
    assert sorted(new) == [
        ("99-YQ", "示例园区", "zone", "/99/9901/99-YQ/"),
        ("990101001", "北镇", "town", "/99/9901/990101001/"),
        ("990101001001", "子村", "village", "/99/9901/990101001/990101001001/"),
        ("990101001002", "丑社区居委会", "community", "/99/9901/990101001/990101001002/"),
    ]
    again = await bring(world, *rows)
    assert (wrong(again), again.came, again.changed, again.same) == ([], 0, 0, 4)
    # Without the zeros, by its path, and by its code, it is the same as well
    other = [["990101001", "北镇", "示例省示例区", "街道"], ["990101001001", "子 村", "990101001000", ""]]
    again = await bring(world, *other)
    assert (wrong(again), again.same) == ([], 2)
    assert await undoing.undo(world.call, batch) == 4
    assert await places(world) == before
    assert await world.call.db.value("select count(*) from search_text where kind = 'jurisdiction' and grams @@ '子:*'") == 0
    _, found = await taken(world.call, "jurisdictions", sheet(HEAD, *rows))
    assert found.came == 4


async def test_the_top_may_be_said_to_lie_in_a_city_that_is_not_in_the_register(world: World) -> None:
    region = world.call.book.regions["sample"].name
    head = [*(one.replace("上级/所属乡镇（街道）", "上级单位") for one in HEAD), "启用的方案"]
    rows = [["980101000000", "新县", "某省某市", "县（区）", region], ["980101100000", "新镇", "新县", "建制镇", ""]]
    found = await tried(world.call, "jurisdictions", sheet(head, *([*row[:4], ""] for row in rows)))
    what = "没有登记名为“某省某市”的辖区。如果按方案监管的最上一级就是它，请加一列“启用的方案”"
    assert next((row, text.startswith(what)) for row, _, text in wrong(found)) == (2, True)
    _, found = await taken(world.call, "jurisdictions", sheet(head, *rows))
    assert (wrong(found), found.came) == ([], 2)
    paths = {row[3] for row in await places(world)}
    assert {"/980101/", "/980101/980101100/"} <= paths
    assert (await tried(world.call, "jurisdictions", sheet(head, *rows))).same == 2
    # One that is there is where the top does not lie
    again = await tried(world.call, "jurisdictions", sheet(head, [rows[0][0], "新县", "示例省", "县", region]))
    assert wrong(again) == [(2, "上级辖区", "登记的上级辖区是“没有上级”，不能改；确实改划的，停用后另建")]


@pytest.mark.parametrize("word", ["城市社区", "农村社区", "村改社区", "县（市、区）", "乡（镇）"])
async def test_other_words_for_a_kind_are_known(world: World, word: str) -> None:
    found = await bring(world, ["990101001001", "示例", "东镇", word])
    assert not [text for *_, text in wrong(found) if "不在可填的范围" in text]


async def test_a_village_lies_where_its_code_says_where_the_row_does_not(world: World) -> None:
    _, found = await taken(
        world.call, "jurisdictions", sheet(HEAD[:2], *([row[0], row[1]] for row in (VILLAGES[0], VILLAGES[1])))
    )
    assert wrong(found) == [
        (2, "上级辖区", "没有填上级辖区，而代码 990101001001 所属的 990101001 还没有登记。请填写，或先登记 990101001"),
        (3, "上级辖区", "没有填上级辖区，而代码 990101001002 所属的 990101001 还没有登记。请填写，或先登记 990101001"),
    ]
    rows = [row[:2] for row in (VILLAGES[0], TOWN, VILLAGES[1])]
    found = await bring(world, *rows, head=HEAD[:2])
    # The district's number for statistics would be 990101, and it bears another
    assert [(row, title) for row, title, _ in wrong(found)] == [(2, "上级辖区"), (3, "上级辖区"), (4, "上级辖区")]
    await make_place(world, "真区", "990101", "district", parent="示例省")
    assert (await bring(world, *rows, head=HEAD[:2])).came == 3


@pytest.mark.parametrize(
    ("row", "at", "said"),
    [
        (["990101001", "北镇", "某县", "镇"], "上级辖区", "没有登记名为“某县”的辖区"),
        (["9901012", "北镇", "示例区", "镇"], "区划代码", "“9901012”有 7 位。统计用区划代码是省 2 位"),
        (
            ["990101001002", "北镇", "示例区", "镇"],
            "区划代码",
            "乡镇（街道）的统计用区划代码是 9 位，“990101001002”是 12 位（后面的零不算）",
        ),
        (["320506001", "北镇", "示例区", "镇"], "区划代码", "代码 320506001 不是“示例区”的：应以 9901 开头"),
        (["990101003", "东 镇", "示例区", "镇"], "区划代码", "“示例区”下面已经有“东镇”，代码是 9901001"),
        (["990101001", "北镇", "甲村", "镇"], "类别", "乡镇（街道）不能设在村里面。"),
        (["990101001001", "天平", "东镇", ""], "类别", "看不出“天平”是哪一类，请填写"),
        (["YQ-1", "示例园", "示例区", ""], "类别", "看不出“示例园”是哪一类，请填写"),
        (["YQ-1", "示例园", "示例区", "片"], "类别", "“片”不在可填的范围"),
        (["Y", "示例园", "示例区", "园区"], "区划代码", "代码只用数字、字母和横线，2 到 20 个字符。"),
        (["9901001", "东镇", "西镇", "镇"], "上级辖区", "登记的上级辖区是“示例区”，不能改"),
        (["9901001", "东镇", "示例区", "村"], "类别", "登记的类别是“乡镇（街道）”，不能改"),
        (["3.20506E+11", "北镇", "示例区", "镇"], "区划代码", "这个号码是以数字存放的，后几位已经丢失"),
    ],
)
async def test_what_is_wrong_with_a_place_is_told_at_its_cell(world: World, row: list[str], at: str, said: str) -> None:
    before = await places(world)
    _, found = await taken(world.call, "jurisdictions", sheet(HEAD, row))
    ((number, title, text),) = wrong(found)
    assert (number, title) == (2, at)
    assert text.startswith(said)
    assert await places(world) == before


async def test_a_place_is_renamed_from_what_to_what_and_what_the_sheet_lacks_is_told_and_stays(world: World) -> None:
    rows = [["9901001", "东山镇", "示例区", "镇"], ["9901001001", "甲村", "东镇", "村"]]
    batch, found = await taken(world.call, "jurisdictions", sheet(HEAD, *rows))
    assert [(one.name, one.deed, one.what) for one in found.touched] == [("东山镇", "changed", "辖区名称 东镇 → 东山镇")]
    assert [(left.where, left.names) for left in found.left] == [("示例区 乡镇（街道）", ("西镇",))]
    assert await world.call.db.value("select count(*) from jurisdiction where until is not null") == 0
    assert await undoing.undo(world.call, batch) == 1
    assert await world.call.db.value("select name from jurisdiction where code = '9901001'") == "东镇"
    # Ended by choice, and only what nothing lies in any more
    await make_place(world, "空村", "990101009001", "village", parent="东镇")
    found = await tried_to_end(world, [["9901001001", "甲村", "东镇", "村"]])
    assert (found.ended, [left.names for left in found.left]) == (1, [("空村",)])
    found = await tried_to_end(world, [["9901001", "东镇", "示例区", "镇"]])
    assert [(error.title, error.text) for error in found.errors] == [("西镇", "这里还有 1 个部门在用，请先停用它们。")]


async def tried_to_end(world: World, rows: list[list[str]]) -> Outcome:
    """What would become of a sheet where all that it does not name is to end."""
    data = sheet(HEAD, *rows)
    return await taking.run(world.call, kind="jurisdictions", region="sample", data=data, wish=Wish(end_all=True), write=False)


async def test_an_office_brings_places_below_its_own_only(world: World) -> None:
    east = world.call.as_(await world.office("东所"))
    rows = [["990101001001", "子村", "东镇", "村"], ["990101002001", "丑村", "西镇", "村"], ["9901001", "东镇", "9901", "镇"]]
    found = await tried(east, "jurisdictions", sheet(HEAD, *rows))
    assert wrong(found) == [(3, "上级辖区", "“示例省示例区西镇”不在您负责的辖区里，只能在自己的辖区下面登记")]
    assert (found.came, found.same) == (1, 1)
    found = await tried(east, "jurisdictions", sheet(HEAD, ["9901002", "西山镇", "", "镇"]))
    assert wrong(found) == [(2, "区划代码", "“西镇”不在您负责的辖区里，不能改名。请把这一行去掉")]
    found = await tried(east, "jurisdictions", sheet([*HEAD, "启用的方案"], ["98", "新省", "", "省", ""]))
    assert wrong(found) == [(2, "上级辖区", "请填写上级辖区。最上一级由系统管理员登记")]


async def test_what_rests_on_a_place_keeps_it_from_being_taken_back(world: World) -> None:
    batch, _ = await taken(world.call, "jurisdictions", sheet(HEAD, TOWN, *VILLAGES))
    before = await places(world)
    firms, found = await taken(world.call, "enterprises", sheet(FIRMS, firm(所在村或社区="子村")))
    assert wrong(found) == []
    with pytest.raises(Refused, match="“子村”已被其他登记使用"):
        await undoing.undo(world.call, batch)
    assert await places(world) == before
    # What was taken back rests on it as well: it is still there
    await undoing.undo(world.call, firms)
    with pytest.raises(Refused, match="“子村”已被其他登记使用"):
        await undoing.undo(world.call, batch)
    batch, _ = await taken(world.call, "jurisdictions", sheet(HEAD, ["990101002", "南镇", "示例区", "镇"]))
    path = "/99/9901/990101002/"
    await world.call.db.rows(
        "insert into access_grant (account, role, area, since) select min(account), 'office', $1, $2 from access_grant",
        path,
        world.call.today,
    )
    with pytest.raises(Refused, match="已有账号负责导入的辖区"):
        await undoing.undo(world.call, batch)


async def test_the_whole_of_a_real_district_comes_in_by_one_sheet_into_an_empty_part_of_the_register(world: World) -> None:
    text = (files("portal_wuzhong") / "example" / "divisions.csv").read_text(encoding="utf-8")
    region = {"": "", "wuzhong": world.call.book.regions["sample"].name}
    rows = [
        [one["code"].ljust(12, "0"), one["name"], one["parent"], "", region[one["region"]]]
        for one in csv.DictReader(text.splitlines())
    ]
    assert len(rows) > 230
    data = sheet([*HEAD, "方案"], *reversed(rows))
    batch, found = await taken(world.call, "jurisdictions", data)
    assert (wrong(found), found.came) == ([], len(rows))
    again = await tried(world.call, "jurisdictions", data)
    assert (wrong(again), again.same) == ([], len(rows))
    out = await export(world.call, "sample", "jurisdictions", "xlsx")
    again = await tried(world.call, "jurisdictions", out)
    assert (wrong(again), again.came, again.changed, again.left) == ([], 0, 0, ())
    assert await undoing.undo(world.call, batch) == len(rows)
    assert await world.call.db.value("select count(*) from jurisdiction where code like '32%'") == 0


async def test_the_page_knows_such_a_sheet_by_its_header_and_has_the_template(site, world: World) -> None:
    office = await office_of(site, world)
    data = sheet(["区划代码", "村（社区）名称", "所属乡镇（街道）", "类别"], ["990101009001", "空村", "东镇", "村"])
    page = await brought(office, data, kind="")
    assert "检查通过" in page.text
    (home,) = {one.get("action", "").removesuffix("/take") for one in page.all("form") if one.get("action", "").endswith("/take")}
    done = await office.follow(await office.send(page, {"go": "all"}, action=f"{home}/take"))
    assert "新增 1" in done.text
    assert "/office/jurisdictions" in done.links()
    undone = await office.follow(await office.send(done, {}, action=f"{home}/undo"))
    assert "登记已恢复到导入以前" in undone.text
    # What is wrong is one click from the template of its kind
    page = await brought(office, sheet(HEAD, ["990101009001", "空村", "某镇", "村"]), kind="")
    assert "/office/import/template/jurisdictions/sample" in page.links()
    page = await brought(office, sheet(["甲", "乙"], ["1", "2"]), kind="grids")
    assert "/office/import/template/grids/sample" in page.links()


async def test_the_form_of_a_place_keeps_its_code_as_a_sheet_does(world: World) -> None:
    id_ = await make_place(world, "北镇", "990101001000", "town", parent="示例区")
    assert await world.call.db.value("select code from jurisdiction where public_id = $1", id_) == "990101001"
    with pytest.raises(Refused, match="代码 990101001 已有辖区使用"):
        await make_place(world, "又一镇", "990101001", "town", parent="示例区")
    # And every sheet finds it with its zeros
    people = [["姓名", "公示电话", "行政区划代码"], ["钱新", "0512-01000078", "990101001000"]]
    assert wrong(await tried(world.call, "people", sheet(*people))) == []


async def test_an_empty_portal_begins_with_one_sheet(call: Call) -> None:
    name = call.book.regions["sample"].name
    rows = [["99", "示例省", "", "省", ""], ["990101001", "北镇", "", "", ""], ["990101", "示例区", "示例省", "", name]]
    data = sheet([*HEAD, "适用方案"], *rows, ["990101001001", "子村", "", "", ""])
    id_ = await batches.bring(call, kind="jurisdictions", region="sample", data=data)
    assert wrong(await batches.check(call, id_)) == []
    assert (await batches.take_in(call, id_, Wish())).came == 4
    governed = await call.db.rows("select code, region from jurisdiction order by path")
    assert {row["code"]: row["region"] for row in governed} == {
        "99": None,
        "990101": "sample",
        "990101001": None,
        "990101001001": None,
    }
    units = sheet(["部门名称", "类型", "所在辖区", "电话"], ["北所", "镇所", "北镇", "0512-01000009"])
    assert wrong(await tried(call, "units", units)) == []
