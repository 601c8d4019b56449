"""Which worksheet and which column of an office's sheet is read as what; where that is not clear, it is asked."""

import io
from typing import Any

import openpyxl
import pytest

from portal.areas.actions import JurisdictionForm, add_jurisdiction
from portal.errors import Refused
from portal.imports import batches, queries, reports
from portal.viewer import Role
from portal.workshop.sheets import written_csv
from tests.imports.test_imports import FIRMS, firm, sheet, taken, tried, wrong
from tests.world import PASSWORD, World

LISTED = ["序号", "镇街", "村（社区）", "企业名称", "法定代表人", "联系人", "注册地址", "详细地址", "联系电话", "规模", "高危"]
SHOP = [1, "东镇", "甲村", "新厂（示例）", "示例法人", "示例人", "注册路1号", "经营路2号", "0512-01234567", "小", "否"]


def listed(**values: Any) -> list[Any]:
    """A good row of the list as most offices keep it, with some cells changed."""
    return [values.get(heading, cell) for heading, cell in zip(LISTED, SHOP, strict=True)]


def book(**pages: list[list[Any]]) -> bytes:
    """A workbook with these worksheets; one whose name begins with an underscore is hidden."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in pages.items():
        page = made.create_sheet(name.removeprefix("_"))
        page.sheet_state = "hidden" if name.startswith("_") else "visible"
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


# Columns


@pytest.mark.parametrize("order", [1, -1])
async def test_the_most_exact_heading_is_read_wherever_it_stands(world: World, order: int) -> None:
    _, found = await taken(world.call, "enterprises", sheet(LISTED[::order], SHOP[::order]))
    assert (wrong(found), found.came) == ([], 1)
    row = await world.call.db.row(
        "select j.name as place, e.contact, e.address from enterprise e join jurisdiction j on j.id = e.division "
        "where e.name = '新厂（示例）'"
    )
    assert tuple(row) == ("甲村", "示例人", "经营路2号")
    assert {one.heading for one in found.columns if not one.code} == {"序号", "法定代表人", "注册地址"}


async def test_a_heading_over_two_counts_less_than_one_of_its_own(world: World) -> None:
    rows = [
        ["企业名称", "所在地", None, "联系电话", None, "规模", "高危"],
        [None, "镇街", "村（社区）", "姓名", "手机号码", None, None],
        ["新厂（示例）", "东镇", "甲村", "示例人", "13900001111", "小", "否"],
    ]
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for area in ("A1:A2", "B1:C1", "D1:E1", "F1:F2", "G1:G2"):
        made.active.merge_cells(area)
    made.save(out := io.BytesIO())
    _, found = await taken(world.call, "enterprises", out.getvalue())
    assert (wrong(found), found.came) == ([], 1)
    assert await world.call.db.value("select phone from enterprise where name = '新厂（示例）'") == "13900001111"


async def test_the_town_tells_two_villages_of_one_name_apart(world: World) -> None:
    form = JurisdictionForm(code="9901002009", name="甲村", kind="village", parent=world.places["西镇"])
    await add_jurisdiction(world.call, form)
    found = await tried(world.call, "enterprises", sheet([*LISTED[2:]], SHOP[2:]))
    assert [(title, "有 2 个辖区叫“甲村”" in text) for _, title, text in wrong(found)] == [("所在村或社区", True)]
    _, found = await taken(world.call, "enterprises", sheet(LISTED, listed(镇街="西镇"), listed(企业名称="东厂（示例）")))
    assert (wrong(found), found.came) == ([], 2)
    rows = await world.call.db.rows(
        "select j.code from enterprise e join jurisdiction j on j.id = e.division where e.name in ('新厂（示例）', '东厂（示例）') "
        "order by e.id"
    )
    assert [row["code"] for row in rows] == ["9901002009", "9901001001"]


@pytest.mark.parametrize(
    ("cells", "title", "text"),
    [
        ({"村（社区）": "丙村"}, "所在村或社区", "“丙村”不在“东镇”里，登记的是示例省示例区西镇丙村"),
        ({"村（社区）": ""}, "所在村或社区", "填了所在乡镇（街道）“东镇”，这个单元格却空着"),
        ({"镇街": "北镇"}, "所属乡镇（街道）", "没有登记名为“北镇”的辖区"),
    ],
)
async def test_a_town_and_a_village_that_do_not_fit_are_refused_at_the_cell(
    world: World, cells: dict[str, str], title: str, text: str
) -> None:
    found = await tried(world.call, "enterprises", sheet(LISTED, listed(**cells)))
    ((row, at, said),) = wrong(found)
    assert (row, at, text in said) == (2, title, True)


async def test_a_village_needs_no_town_and_a_town_may_be_the_place(world: World) -> None:
    assert wrong(await tried(world.call, "enterprises", sheet(LISTED, listed(镇街="")))) == []
    assert wrong(await tried(world.call, "enterprises", sheet(LISTED, listed(**{"村（社区）": "东镇"})))) == []
    head, row = ["镇街", *LISTED[3:]], ["东镇", *SHOP[3:]]
    await taken(world.call, "enterprises", sheet(head, row))
    place = "select j.name from enterprise e join jurisdiction j on j.id = e.division where e.name = '新厂（示例）'"
    assert await world.call.db.value(place) == "东镇"


GRIDS = ["编号", "网格名称", "网格编码", "层级", "所属辖区", "上级网格", "村社区"]


async def test_a_running_number_never_becomes_a_code(world: World) -> None:
    rows = [[1, "北片", "B1", "片", "西镇", "西镇格", "丙村"], [2, "南片", "B2", "片", "西镇", "西镇格", "丁村"]]
    await taken(world.call, "grids", sheet(GRIDS, *rows))
    codes = "select string_agg(code, ' ' order by code) from grid where tier = 'patch' and name in ('北片', '南片', '东片')"
    assert await world.call.db.value(codes) == "B1 B2"
    people = ["编号", "姓名", "电话", "辖区"]
    for town in ("东镇", "西镇"):
        rows = [[n, f"{town}新人{n}（示例）", f"0512-0100009{n}", town] for n in (1, 2, 4)]
        _, found = await taken(world.call, "people", sheet(people, *rows))
        assert (wrong(found), found.came, [one.heading for one in found.columns if not one.code]) == ([], 3, ["编号"])
    assert await world.call.db.value("select count(*) from person where name like '%新人%' and badge = ''") == 6


async def test_a_bare_heading_over_real_codes_is_read(world: World) -> None:
    people = ["编号", "姓名", "电话", "辖区"]
    _, found = await taken(world.call, "people", sheet(people, ["苏001", "新人（示例）", "0512-01000091", "西镇"]))
    assert [one for one in found.columns if not one.code] == []
    assert await world.call.db.value("select badge from person where name = '新人（示例）'") == "苏001"


# Digits that were lost


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_a_long_number_kept_as_a_number_is_told_in_every_column(world: World, form: str) -> None:
    def made(head: list[str], row: list[Any]) -> bytes:
        return sheet(head, row) if form == "xlsx" else written_csv(head, []) + ",".join(map(str, row)).encode()

    lost: Any = 371311001001000123 if form == "xlsx" else "3.71E+17"
    for kind, head, row, title in (
        ("grids", GRIDS[1:], ["北片", lost, "片", "西镇", "西镇格", "丙村"], "网格编号"),
        ("people", ["姓名", "工号", "电话", "辖区"], ["新人", lost, "0512-01000091", "西镇"], "工作证编号"),
        ("appointments", ["姓名", "岗位", "任职处"], ["吴执法", "看护员", lost], "任职处"),
        ("charges", ["信用代码", "条线", "部门"], [lost, "消防", "西所"], "单位名称或信用代码"),
    ):
        found = await tried(world.call, kind, made(head, row))
        ((number, at, text),) = wrong(found)
        assert (number, at, "后几位已经丢失" in text) == (2, title, True), kind


# Worksheets


NOTES = [["填表说明"], ["单位名称写全称，统一社会信用代码 18 位。"]]


async def test_the_worksheet_with_the_header_is_read_and_the_others_are_named(world: World, site) -> None:
    data = book(填表说明=NOTES, 东镇=[FIRMS, firm()], 汇总=[["数量"], ["=COUNTA(东镇!A:A)"]], _旧=[FIRMS, firm()])
    found = await tried(world.call, "enterprises", data)
    assert (wrong(found), found.came, found.sheet, found.unread) == ([], 1, "东镇", ("填表说明", "汇总"))
    await world.account("bureau", Role.OFFICE, unit="区局")
    office = site()
    await office.sign_in("bureau", PASSWORD)
    said, files = {"kind": "enterprises", "region": "sample"}, {"sheet": ("a.xlsx", data)}
    page = await office.follow(await office.send(await office.get("/office/import"), said, action="/office/import", files=files))
    assert "读取的是工作表“东镇”，没有读取：填表说明、汇总。" in page.text


async def test_several_worksheets_that_fit_are_asked_back(world: World) -> None:
    with pytest.raises(Refused, match=r"有 2 张工作表的表头都对得上：东镇、西镇。一次读一张"):
        await tried(world.call, "enterprises", book(东镇=[FIRMS, firm()], 说明=NOTES, 西镇=[FIRMS, firm(所在村或社区="丙村")]))
    found = await tried(world.call, "enterprises", book(空表=[FIRMS], 东镇=[FIRMS, firm()]))
    assert (found.came, found.sheet, found.unread) == (1, "东镇", ("空表",))


async def test_where_no_worksheet_fits_the_nearest_is_named(world: World) -> None:
    with pytest.raises(Refused, match=r"工作表“东镇”：没有找到这些列：规模、高危。表头里有：单位名称、所在村或社区"):
        await tried(world.call, "enterprises", book(说明=NOTES, 东镇=[["单位名称", "所在村或社区"], ["新厂", "甲村"]]))
    with pytest.raises(Refused, match="工作表“东镇”里没有填任何一行"):
        await tried(world.call, "enterprises", book(说明=NOTES, 东镇=[FIRMS]))


async def test_formulas_count_only_in_the_worksheet_that_would_be_read(world: World) -> None:
    data = book(说明=NOTES, 东镇=[FIRMS, firm(), firm(单位名称="=A2", 统一社会信用代码="")])
    with pytest.raises(Refused, match="工作表“东镇”：“单位名称”这一列有公式（第一个在 A3）"):
        await tried(world.call, "enterprises", data)
    with pytest.raises(Refused, match="工作表“东镇”：“单位名称”这一列有公式"):
        await tried(world.call, "enterprises", book(汇总=[["数量"]], 东镇=[FIRMS, firm(单位名称="=A2")], _旧=[FIRMS, firm()]))


async def test_the_copy_marks_the_worksheet_that_was_read(world: World) -> None:
    data = book(填表说明=NOTES, 东镇=[FIRMS, firm(), firm(统一社会信用代码="1", 单位名称="坏厂")], 后=[["无关"]])
    id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=data)
    await batches.check(world.call, id_)
    assert (await queries.batch(world.call, id_)).result["sheet"] == "东镇"
    made = openpyxl.load_workbook(io.BytesIO(await reports.annotated_copy(world.call, id_)))
    assert "应为 18 位" in made["东镇"]["B3"].comment.text
    assert made.active.title == "东镇"
    others = [cell for name in ("填表说明", "后") for row in made[name].iter_rows() for cell in row]
    assert [cell.value for cell in others] == ["填表说明", NOTES[1][0], "无关"]
    again = io.BytesIO()
    made["东镇"]["B3"] = ""
    made.save(again)
    assert (await tried(world.call, "enterprises", again.getvalue())).came == 2


async def test_a_number_of_thousands_of_digits_is_a_code_that_is_too_long_and_no_fault(world: World) -> None:
    data = sheet(["姓名", "编号", "电话", "辖区"], ["新员", "1" * 5_000, "0512-01234567", "东镇"])
    (error,) = (await tried(world.call, "people", data)).errors
    assert "最多" in error.text
