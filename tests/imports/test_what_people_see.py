"""What stands in a cell is what people see, what says nothing is nothing, and what cannot be known is asked about."""

import io
from typing import Any

import pytest
import xlsxwriter

from portal import codes
from portal.imports import batches
from portal.imports.checking import checked
from portal.imports.columns import NONE, plain
from portal.imports.importable import KINDS
from portal.imports.outcome import Outcome
from portal.workshop.sheets import written_csv
from tests.imports.test_imports import FIRMS, firm, sheet, taken, tried, wrong
from tests.imports.test_what_columns_are import book
from tests.world import World

PEOPLE = ["姓名", "工号", "电话", "辖区"]
GRIDS = ["网格编号", "名称", "层级", "所属辖区", "上级网格", "启用日期"]


def seen(head: list[str], *rows: list[Any]) -> bytes:
    """A workbook in which a pair is a number and its format."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    page = made.add_worksheet()
    for n, row in enumerate([head, *rows]):
        for column, cell in enumerate(row):
            if isinstance(cell, tuple):
                page.write_number(n, column, cell[0], made.add_format({"num_format": cell[1]}))
            else:
                page.write(n, column, cell)
    made.close()
    return out.getvalue()


def warned(found: Outcome) -> list[tuple[int, str, str]]:
    return [(one.row, one.title, one.text) for one in found.warnings]


async def test_a_badge_in_a_format_of_zeros_is_the_badge_that_people_see(world: World) -> None:
    _, found = await taken(world.call, "people", seen(PEOPLE, ["钱新", (7, "000"), "0512-01000078", "东镇"]))
    assert wrong(found) == []
    assert await world.call.db.value("select badge from person where name = '钱新'") == "007"
    again = await tried(world.call, "people", sheet(PEOPLE, ["钱新", "007", "0512-01000078", "东镇"]))
    assert (wrong(again), again.same) == ([], 1)


async def test_a_telephone_that_looks_shorter_than_it_is_is_asked_about(world: World) -> None:
    row = ["钱新", "新9", (13800138000, "0.00E+00"), "东镇"]
    found = await tried(world.call, "people", seen(PEOPLE, row))
    assert (wrong(found), warned(found)) == (
        [],
        [(2, "公示电话", "格子里看到的是 1.38E+10，读成了 13800138000，请核对")],
    )
    row[2] = (13800000000, "0.00E+00")
    found = await tried(world.call, "people", seen(PEOPLE, row))
    assert [(title, "后几位已经丢失" in text) for _, title, text in wrong(found)] == [("公示电话", True)]


@pytest.mark.parametrize(
    ("form", "said"), [("yyyy-mm", "2026年3月"), ('m"月"d"日"', "3月1日"), (17, "2026年3月"), (58, "3月1日")]
)
async def test_a_day_of_which_a_part_is_not_seen_stays_a_question(world: World, form: Any, said: str) -> None:
    found = await tried(world.call, "grids", seen(GRIDS, ["B9", "东北片", "片", "东镇", "东镇格", (46082, form)]))
    assert wrong(found) == [(2, "启用日期", f"“{said}”不能确定年月日，请写全，如 2026-11-21")]
    whole = await tried(world.call, "grids", seen(GRIDS, ["B9", "东北片", "片", "东镇", "东镇格", (46082, "yyyy/m/d")]))
    assert wrong(whole) == []


@pytest.mark.parametrize(
    ("kind", "row", "at", "was"),
    [
        ("grids", [(46082, 58), "东北片", "片", "东镇", "东镇格", ""], "网格编号", "3-1"),
        ("grids", ["B9", (46082, 58), "片", "东镇", "东镇格", ""], "网格名称", "3-1"),
        ("grids", [(46082, "yyyy/m/d"), "东北片", "片", "东镇", "东镇格", ""], "网格编号", "3-1"),
        ("people", ["钱新", (46082, 16), "0512-01000078", "东镇"], "工作证编号", "3-1"),
        ("people", [(46082, 58), "新9", "0512-01000078", "东镇"], "姓名", "3-1"),
        ("jurisdictions", [(46082, 58), "空村", "东镇", "村"], "区划代码", "3-1"),
    ],
)
async def test_a_number_by_which_things_are_told_apart_that_became_a_day_is_a_question(
    world: World, kind: str, row: list[Any], at: str, was: str
) -> None:
    head = {"grids": GRIDS, "people": PEOPLE, "jurisdictions": ["区划代码", "名称", "上级", "类别"]}[kind]
    found = await tried(world.call, kind, seen(head, row))
    told = {title: text for _, title, text in wrong(found)}
    assert f"多半是 {was} 之类的号码被改成的" in told[at]
    assert found.came == 0


async def test_a_house_number_that_became_a_day_is_pointed_at_and_stops_nothing(world: World) -> None:
    found = await tried(world.call, "enterprises", seen(FIRMS, firm(详细地址=(46082, 58), 统一社会信用代码="")))
    assert (wrong(found), found.came) == ([], 1)
    assert warned(found) == [(2, "详细地址", "“3月1日”是日期，多半是 3-1 之类的号码被改成的，请核对")]


@pytest.mark.parametrize("none", ["未知", "待定", "待补", "不详", "待核实", " 不 详 ", "ＮＵＬＬ"])
async def test_what_says_that_nothing_is_known_is_nothing(world: World, none: str) -> None:
    assert plain(none) in NONE
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(联系人=none, 统一社会信用代码=none)))
    assert (wrong(found), found.came) == ([], 1)


@pytest.mark.parametrize("ditto", ["同上", "同 上", "〃"])
async def test_the_same_as_above_is_a_question(world: World, ditto: str) -> None:
    rows = [firm(统一社会信用代码=""), firm(单位名称="二厂（示例）", 统一社会信用代码="", 详细地址=ditto, 所在村或社区=ditto)]
    found = await tried(world.call, "enterprises", sheet(FIRMS, *rows))
    assert [(row, title, text) for row, title, text in wrong(found) if title == "详细地址"] == [
        (3, "详细地址", f"“{ditto}”看不出是哪一格，请写全")
    ]
    assert {title for _, title, _ in wrong(found)} == {"详细地址", "所在村或社区"}
    note = next(one for one in KINDS["deeds"].columns(scheme(world)) if one.code == "note")
    assert checked(note, "同上", world.call.today) == ("同上", [], [])


def scheme(world: World) -> Any:
    return world.call.book.in_force("sample", world.call.today)


@pytest.mark.parametrize(
    "again", ["苏州 新 厂（示例）", "苏州\n新厂（示例）", "苏州新厂(示例)", "苏州　新厂（示例）", "苏州\u200b新厂（示例）"]
)
async def test_a_firm_is_the_same_however_its_name_is_spelled(world: World, again: str) -> None:
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, firm(单位名称="苏州新厂（示例）", 统一社会信用代码="")))
    assert wrong(found) == []
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(单位名称=again, 统一社会信用代码="")))
    assert (wrong(found), found.came, found.changed, found.same) == ([], 0, 0, 1)
    charges = sheet(["企业名称", "条线", "部门"], [again, "消防", "东 所"])
    assert wrong(await tried(world.call, "charges", charges)) == []


async def test_a_firm_s_name_is_kept_without_blanks_between_its_characters(world: World) -> None:
    assert codes.firm("苏州 新\n厂 ABC 公司") == "苏州新厂 ABC 公司"
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, firm(单位名称="苏州 新 厂（示例）", 统一社会信用代码="")))
    assert wrong(found) == []
    assert await world.call.db.value("select name from enterprise where name like '苏州%'") == "苏州新厂（示例）"


async def test_titles_between_the_rows_are_left_out_and_told(world: World) -> None:
    rows = [
        firm(统一社会信用代码=""),
        firm(单位名称="二厂（示例）", 统一社会信用代码=""),
        firm(单位名称="一、厂（示例）", 统一社会信用代码=""),
    ]
    wide = ["一、东镇（1家）"] * len(FIRMS)
    town = ["西镇片区"] * len(FIRMS)
    data = written_csv(FIRMS, [wide, rows[0], ["（二）西镇", *[""] * 6, "2家"], rows[1], town, rows[2]])
    found = await tried(world.call, "enterprises", data)
    assert (wrong(found), found.came) == ([], 3)
    assert [(one.row, one.text, one.why) for one in found.left_out] == [
        (2, "一、东镇（1家）", "分段的标题"),
        (4, "（二）西镇 2家", "分段的标题"),
        (6, "西镇片区", "分段的标题"),
    ]


async def test_two_rows_of_one_firm_are_one_where_the_sheet_is_taken_in_by_parts(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(KINDS["enterprises"], "at_once", 4)
    rows = [firm(单位名称=f"{n}厂（示例）", 统一社会信用代码="") for n in range(10)]
    for n in range(10):
        twice = [*rows[: n + 1], firm(单位名称=f"{n}厂（示例）", 统一社会信用代码="", 联系人="乙示例"), *rows[n + 1 :]]
        found = await tried(world.call, "enterprises", sheet(FIRMS, *twice))
        assert (wrong(found), found.came) == ([], 10), n


# Two columns that fit one name


async def test_two_columns_that_fit_one_name_by_other_names_and_differ_are_a_question(world: World) -> None:
    head = ["负责人" if one == "联系人" else one for one in [*FIRMS, "法定代表人"]]
    row = firm(联系人="甲示例", 统一社会信用代码="")
    with pytest.raises(Exception, match="“联系人”有 F、J 列"):
        await tried(world.call, "enterprises", book(head=head, rows=[[*row, "乙示例"]]))
    # Who calls it as we do has said so
    found = await tried(world.call, "enterprises", book(head=[*FIRMS, "法定代表人"], rows=[[*row, "乙示例"]]))
    assert (wrong(found), [one.heading for one in found.columns if not one.code]) == ([], ["法定代表人"])
    # Where one says nothing, or the same, it does not matter
    for other in ("", "甲示例", "甲 示例"):
        found = await tried(world.call, "enterprises", book(head=head, rows=[[*row, other]]))
        assert (wrong(found), found.came) == ([], 1)
    # A running number is none of two names
    head = ["编号", *GRIDS]
    rows = [[n, f"B{n}", f"东{n}片", "片", "东镇", "东镇格", ""] for n in (1, 2, 3)]
    found = await tried(world.call, "grids", book(head=head, rows=rows))
    assert (wrong(found), found.came) == ([], 3)


async def test_a_question_about_one_column_keeps_nobody_from_telling_the_kind(world: World) -> None:
    data = book(head=[*FIRMS, "联系电话"], rows=[[*firm(统一社会信用代码=""), "0512-01007777"]])
    assert await batches.kind_of(world.call, "sample", data) == "enterprises"
