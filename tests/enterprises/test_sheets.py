"""Enterprises from a spreadsheet: a template that fits, every mistake at its cell, all or nothing."""

import io

import openpyxl
import pytest

from portal.enterprises import sheets
from portal.errors import Refused
from tests.world import CODES, World

HEADINGS = ["单位名称", "统一社会信用代码", "所在村或社区代码", "详细地址", "片区网格编号", "联系人", "联系电话", "规模", "高危"]
GOOD = ["新厂（示例）", "9144030071526726XG", "9901001001", "路1号", "", "示例人", "0512-01234567", "小", "否"]


def sheet(*rows: list[object], headings: list[str] = HEADINGS) -> bytes:
    """A spreadsheet as an office would save it."""
    book = openpyxl.Workbook()
    book.active.append(headings)
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row(**values: object) -> list[object]:
    """A good row with some cells changed, by heading."""
    return [values.get(heading, cell) for heading, cell in zip(HEADINGS, GOOD, strict=True)]


async def scheme_of(world: World):
    """The sample region's scheme."""
    return world.call.book.scheme("sample", world.call.today)


async def test_the_template_is_a_sheet_that_the_import_takes(world: World) -> None:
    scheme = await scheme_of(world)
    data = sheets.template(scheme, await sheets.places(world.call, scheme))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert [cell.value for cell in book.worksheets[0][1]] == HEADINGS
    codes = {row[0].value for row in book.worksheets[1].iter_rows(min_row=2)}
    assert "9901001001" in codes
    assert [one.formula1 for one in book.worksheets[0].data_validations.dataValidation] == ['"大,小"', '"是,否"']
    for cell, value in zip(book.worksheets[0][2], GOOD, strict=True):
        cell.value = value
    out = io.BytesIO()
    book.save(out)
    found = await sheets.check(world.call, scheme, out.getvalue())
    assert (found.rows, found.errors) == (1, ())


async def test_a_good_sheet_is_taken_in_whole_and_placed(world: World) -> None:
    rows = [row(), row(单位名称="又一厂（示例）", 统一社会信用代码="", 片区网格编号="P1", 规模="小")]
    found = await sheets.check(world.call, await scheme_of(world), sheet(*rows))
    assert await sheets.take_in(world.call, found.forms) == 2
    placed = await world.call.db.rows(
        "select e.name, g.name as grid from enterprise e join placement p on p.enterprise = e.id join grid g on g.id = p.grid "
        "where e.name like '%厂（示例）' and e.since = $1 order by 1", world.call.today,
    )  # fmt: skip
    assert [tuple(one) for one in placed] == [("又一厂（示例）", "园片"), ("新厂（示例）", "甲村格")]


@pytest.mark.parametrize(
    ("values", "column", "said"),
    [
        ({"单位名称": ""}, "单位名称", "必填"),
        ({"单位名称": "长" * 121}, "单位名称", "最多"),
        ({"统一社会信用代码": "9144030071526726XH"}, "统一社会信用代码", "校验位"),
        ({"统一社会信用代码": CODES["gravel"]}, "统一社会信用代码", "已经登记过"),
        ({"所在村或社区代码": ""}, "所在村或社区代码", "必填"),
        ({"所在村或社区代码": "123"}, "所在村或社区代码", "不是本地区的区划代码"),
        ({"片区网格编号": "P9"}, "片区网格编号", "没有这个编号"),
        ({"单位名称": "第一家", "统一社会信用代码": ""}, "单位名称", "与第 2 行同名"),
        ({"单位名称": "甲面粉店（示例）", "统一社会信用代码": ""}, "单位名称", "已登记过同名单位"),
        ({"详细地址": "长" * 201}, "详细地址", "最多 200 个字，现在是 201 个"),
        ({"联系人": "长" * 61}, "联系人", "最多 60"),
        ({"联系电话": "65250000"}, "联系电话", "请带区号"),
        ({"规模": "巨大"}, "规模", "可填的范围：大、小"),
        ({"高危": ""}, "高危", "可填：是、否"),
    ],
)
async def test_each_mistake_is_named_at_its_cell_and_nothing_is_written(world: World, values, column: str, said: str) -> None:
    before = await world.call.db.value("select count(*) from enterprise")
    found = await sheets.check(
        world.call, await scheme_of(world), sheet(row(统一社会信用代码="", 单位名称="第一家"), row(**values))
    )
    assert [(error.row, error.column) for error in found.errors] == [(3, column)]
    assert said in found.errors[0].text
    assert found.forms == ()
    assert await world.call.db.value("select count(*) from enterprise") == before


async def test_all_mistakes_of_a_sheet_are_named_at_once(world: World) -> None:
    found = await sheets.check(world.call, await scheme_of(world), sheet(row(), row(规模="x", 高危="y", 联系电话="z")))
    assert [(error.row, error.column) for error in found.errors] == [
        (3, "统一社会信用代码"), (3, "联系电话"), (3, "规模"), (3, "高危"),
    ]  # fmt: skip


async def test_numbers_and_full_width_digits_are_read_as_what_they_are(world: World) -> None:
    found = await sheets.check(
        world.call,
        await scheme_of(world),
        sheet(row(所在村或社区代码=9901001001, 统一社会信用代码="９１４４０３００７１５２６７２６ＸＧ")),
    )
    assert found.errors == ()
    assert found.forms[0].credit_code == "9144030071526726XG"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (sheet(headings=["名称"]), "缺少这些列"),
        (sheet(), "没有填任何单位"),
        (b"not a sheet", "缺少这些列"),
        (b"", "空的"),
    ],
)
async def test_a_sheet_that_cannot_be_used_says_so(world: World, data: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        await sheets.check(world.call, await scheme_of(world), data)


async def test_a_failure_half_way_takes_all_of_it_back(world: World) -> None:
    found = await sheets.check(world.call, await scheme_of(world), sheet(row(), row(统一社会信用代码="", 单位名称="后一家")))
    before = await world.call.db.value("select count(*) from enterprise")
    from dataclasses import replace

    broken = [found.forms[0], replace(found.forms[1], division="nowhere")]
    with pytest.raises(Exception, match="没有找到"):
        await sheets.take_in(world.call, broken)
    assert await world.call.db.value("select count(*) from enterprise") == before
