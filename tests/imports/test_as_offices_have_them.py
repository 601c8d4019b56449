"""Sheets as offices have them: what stands under a table, what is written where there is nothing, how places are called."""

import pytest

from portal.imports.columns import checked
from portal.imports.importable import KINDS
from portal.viewer import Role
from portal.workshop.sheets import written_csv
from tests.imports.test_imports import FIRMS, firm, sheet, taken, tried, wrong
from tests.world import PASSWORD, World, make_place

NUMBERED = ["序号", *FIRMS]


def numbered(n: object, **values: str) -> list[object]:
    """A good row with its running number."""
    return [n, *firm(统一社会信用代码="", **values)]


def under(*cells: str) -> list[object]:
    """What stands under a table, from the first column on."""
    return [*cells, *[""] * (len(NUMBERED) - len(cells))]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("合计", "2家", "其中规上1家", "", "126人"), "合计行"),
        (("合　计", "", "2家", "", "", "", "126人"), "合计行"),
        (("总计：2家",), "合计行"),
        (("小 计", "2"), "合计行"),
        (("填表人：甲", "", "审核人：乙", "", "填报日期：2026.11.1", "", "联系电话：0512-65250000"), "签字栏"),
        (("负责人（签字）：", "", "", "", "制表：丙"), "签字栏"),
        (("注：1.本表每月5日前报", "", "2.一式两份"), "表下的说明"),
        (("备注", "规上以统计口径为准"), "表下的说明"),
    ],
)
async def test_what_stands_under_a_table_is_left_out_and_told(world: World, row: tuple[str, ...], why: str) -> None:
    rows = [numbered(1), numbered(2, 单位名称="二厂（示例）"), [], under(*row)]
    found = await tried(world.call, "enterprises", sheet(NUMBERED, *rows))
    assert (wrong(found), found.came) == ([], 2)
    assert [(one.row, one.why) for one in found.left_out] == [(5, why)]
    assert row[0] in found.left_out[0].text


async def test_names_that_begin_like_a_remark_are_names(world: World) -> None:
    names = ["注塑加工厂（示例）", "备注印刷厂（示例）", "说明书印刷厂（示例）", "合计算盘厂（示例）", "负责人培训中心（示例）"]
    found = await tried(world.call, "enterprises", sheet(FIRMS, *(firm(单位名称=name, 统一社会信用代码="") for name in names)))
    assert (wrong(found), found.came, found.left_out) == ([], 5, ())
    # With nothing beside the name it is a row that lacks something, and no remark
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(), ["备注印刷厂（示例）"]))
    assert {row for row, *_ in wrong(found)} == {3}


async def test_rows_of_which_nothing_is_used_are_told(world: World) -> None:
    found = await tried(
        world.call, "enterprises", written_csv([*NUMBERED, "其他"], [[*numbered(1), ""], [*under("2"), "待补充"]])
    )
    assert (wrong(found), found.came) == ([], 1)
    assert [(one.row, one.why, one.text) for one in found.left_out] == [(3, "要用的列都空着", "2 待补充")]


async def test_the_page_tells_which_rows_were_left_out(site, world: World) -> None:
    await world.account("bureau", Role.OFFICE, unit="区局")
    office = site()
    await office.sign_in("bureau", PASSWORD)
    said = {"kind": "enterprises", "region": "sample"}
    files = {"sheet": ("a.xlsx", sheet(NUMBERED, numbered(1), under("合计", "1家")))}
    page = await office.follow(await office.send(await office.get("/office/import"), said, action="/office/import", files=files))
    assert "没有作为数据读取的 1 行" in page.text
    assert "第 3 行（合计行）：合计 1家" in page.text


@pytest.mark.parametrize("none", ["无", "/", "—", "－", "暂无", "办理中", "N/A", " 无 "])
@pytest.mark.parametrize("column", ["统一社会信用代码", "联系电话", "联系人", "详细地址"])
async def test_what_is_written_where_there_is_nothing_is_nothing(world: World, column: str, none: str) -> None:
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(**{column: none})))
    assert (wrong(found), found.came) == ([], 1)
    # Where something must stand, it is lacking
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(单位名称=none)))
    assert (wrong(found), found.came) == ([(2, "单位名称", "必填")], 0)


def test_nothing_is_an_answer_where_one_tells_what_was_seen(world: World) -> None:
    scheme = world.call.book.scheme("sample", world.call.today)
    assert scheme is not None
    note = next(column for column in KINDS["deeds"].columns(scheme) if column.code == "note")
    assert checked(note, "无", world.call.today) == ("无", [], [])


async def test_a_choice_that_is_called_so_stays_one(world: World) -> None:
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(高危="无")))
    assert [title for _, title, _ in wrong(found)] == ["高危"]


@pytest.mark.parametrize("heading", ["企业单位名称", "单位企业名称"])
async def test_other_headings_of_a_name(world: World, heading: str) -> None:
    headings = [heading if one == "单位名称" else one for one in FIRMS]
    assert (await tried(world.call, "enterprises", sheet(headings, firm()))).came == 1


@pytest.mark.parametrize(
    ("column", "heading"),
    [("所在村或社区", "所在村（社区）"), ("所在村或社区", "所在社区"), ("所在村或社区", "所属村"), ("详细地址", "住所")],
)
async def test_other_headings(world: World, column: str, heading: str) -> None:
    headings = [heading if one == column else one for one in FIRMS]
    found = await tried(world.call, "enterprises", sheet(headings, firm()))
    assert (wrong(found), found.came, [one for one in found.columns if not one.code]) == ([], 1, [])


@pytest.mark.parametrize(
    ("said", "found_at"),
    [
        ("东镇甲村", "甲村"),
        ("东镇 甲村", "甲村"),
        ("东镇/甲村", "甲村"),
        ("东镇-甲村", "甲村"),
        ("甲村村委会", "甲村"),
        ("甲村委会", "甲村"),
        ("甲村村民委员会", "甲村"),
        ("东镇甲村村委会", "甲村"),
        ("江苏省示例市示例区东镇甲村", "甲村"),
        ("示例省示例市示例区香溪社区居委会", "香溪社区"),
        ("香溪", "香溪社区"),
        ("香溪社区居民委员会", "香溪社区"),
        ("香溪居委会", "香溪社区"),
    ],
)
async def test_places_are_found_as_offices_call_them(world: World, said: str, found_at: str) -> None:
    await make_place(world, "香溪社区", "9901001009", "community", parent="东镇")
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(所在村或社区=said)))
    assert (wrong(found), found.came) == ([], 1)


@pytest.mark.parametrize("said", ["西镇甲村", "江苏省西镇甲村", "甲", "香", "不存在村委会", "香溪"])
async def test_what_contradicts_itself_or_may_be_two_is_asked(world: World, said: str) -> None:
    await make_place(world, "香溪社区", "9901001009", "community", parent="东镇")
    await make_place(world, "香溪村", "9901002009", "village", parent="西镇")
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(所在村或社区=said)))
    assert [title for _, title, _ in wrong(found)] == ["所在村或社区"]


async def test_two_shops_of_one_name_are_told_apart_by_their_address(world: World) -> None:
    shops = [
        firm(单位名称="沙县小吃店（示例）", 统一社会信用代码="", 详细地址=at) for at in ("花苑路1号", "花苑路88号", "花苑路９号")
    ]
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, *shops))
    assert (wrong(found), found.came) == ([], 3)
    # Next month, in another order, one with a telephone number and one of them gone
    found = await tried(
        world.call,
        "enterprises",
        sheet(
            FIRMS,
            shops[2],
            firm(单位名称="沙县小吃店（示例）", 统一社会信用代码="", 详细地址="花苑路88号", 联系电话="0512-01009999"),
        ),
    )
    assert (wrong(found), found.came, found.changed, found.same) == ([], 0, 1, 1)
    # A single one that moved is the same one
    await taken(
        world.call, "enterprises", sheet(FIRMS, firm(单位名称="独一家（示例）", 统一社会信用代码="", 详细地址="花苑路1号"))
    )
    found = await tried(
        world.call, "enterprises", sheet(FIRMS, firm(单位名称="独一家（示例）", 统一社会信用代码="", 详细地址="花苑路2号"))
    )
    assert (wrong(found), found.came, found.changed) == ([], 0, 1)
    # The same row twice is a mistake
    found = await tried(world.call, "enterprises", sheet(FIRMS, shops[0], shops[0]))
    assert [row for row, *_ in wrong(found)] == [3]


async def test_a_second_site_under_one_licence_is_asked_about(world: World) -> None:
    second = firm(详细地址="天平路5号（二厂区）")
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(), second))
    assert [(row, "另一处场所" in text) for row, _, text in wrong(found)] == [(3, True)]
    mended = firm(单位名称="新厂（示例）（二厂区）", 统一社会信用代码="", 详细地址="天平路5号（二厂区）")
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(), mended))
    assert (wrong(found), found.came) == ([], 2)


async def test_a_firm_in_two_rows_is_one_with_two_contacts(world: World) -> None:
    more = firm(联系人="第二联系人", 联系电话="0512-01007777")
    other = firm(单位名称="二厂（示例）", 统一社会信用代码="")
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(), more, other))
    assert (wrong(found), found.came) == ([], 2)
    assert [(one.row, one.title, "示例人、第二联系人" in one.text) for one in found.warnings] == [(3, "联系人", True)]
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, firm(), more, other))
    assert await world.call.db.value("select contact from enterprise where name = '新厂（示例）'") == "示例人、第二联系人"
