"""Sheets as offices have them: what stands under a table, what is written where there is nothing, how places are called."""

from collections.abc import Sequence
from typing import Any

import pytest

from portal.imports.checking import checked
from portal.imports.importable import KINDS
from portal.scheme.words import Line
from portal.viewer import Role
from portal.workshop.sheets import written_csv
from tests.imports.test_imports import FIRMS, firm, sheet, taken, tried, wrong
from tests.imports.test_what_columns_are import book
from tests.obligations.test_places import with_rules
from tests.sample_region.scheme import SAMPLE
from tests.world import CODES, PASSWORD, World, make_place

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
    scheme = world.call.book.in_force("sample", world.call.today)
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


# Siblings: other words, other kinds of sheet


PEOPLE = ["姓名", "公示电话", "所在部门"]
VISITS = ["巡查日期", "工作内容", "被查单位", "巡查人", "检查情况"]
WALK, FLOUR = "看护员：走遍本格", "甲面粉店（示例）"
UNDER = [
    ("本页合计", "2家"),
    ("企业总数：2家",),
    ("共2家",),
    ("合计", "2家", "", "5个村", "路9号", "", "", "小", "否"),
    ("总数", "2"),
    ("※本表每月5日前报",),
    ("以上数据截至2026年2月",),
    ("——以下无正文——",),
    ("以下空白",),
    ("第1页，共3页",),
    ("单位（盖章）：东镇",),
    ("领导签字：",),
    ("分管领导：", "", "", "主要领导："),
    ("报送日期：2026年2月",),
    ("联系人：甲", "", "联系电话：0512-65250000"),
    ("制表人", "甲", "审核人", "乙", "路9号", "", "", "小", "否"),
    ("经办人签字：甲",),
    ("附注：略",),
]


def each(column: str, cells: Sequence[str], **values: str) -> bytes:
    """A sheet with a firm for each of these cells of a column, which are rows 2, 3 …"""
    rows = [
        firm(**{"单位名称": f"{n}厂（示例）", "统一社会信用代码": "", **values, column: cell}) for n, cell in enumerate(cells, 2)
    ]
    return sheet(FIRMS, *rows)


@pytest.mark.parametrize("kind", ["enterprises", "people"])
async def test_other_words_under_other_tables_are_left_out_and_told(world: World, kind: str) -> None:
    head, good = (NUMBERED, numbered(1)) if kind == "enterprises" else (["序号", *PEOPLE], [1, "示甲", "0512-01000081", "东所"])
    found = await tried(world.call, kind, sheet(head, good, *([*row, *[""] * len(head)][: len(head)] for row in UNDER)))
    assert (wrong(found), found.came, [one.row for one in found.left_out]) == ([], 1, [*range(3, 3 + len(UNDER))])


async def test_other_names_that_begin_like_what_is_no_row_are_names(world: World) -> None:
    names = [
        "第一节能设备厂",
        "第二部件厂",
        "第三组件厂",
        "第一片区超市",
        "签字笔厂",
        "单位食堂",
        "公章刻制社",
        "共100家超市连锁",
        "总数据公司",
        "附注册会计所",
        "*号店",
        "以下店",
    ]
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(统一社会信用代码=""), *([name] for name in names)))
    assert {row for row, *_ in wrong(found)} == {*range(3, 3 + len(names))}
    assert found.left_out == ()


async def test_other_words_for_nothing_in_a_code_or_a_number_are_nothing(world: World) -> None:
    none = [
        "无。",
        "（无）",
        "【无】",
        "没办",
        "尚未办理",
        "暂无执照",
        "无营业执照",
        "个体无照",
        "不愿提供",
        "不适用",
        "未提供",
        "×",
        "*",
        "。",
        "―",
        "0",
        "空白",
        "办证中",
        "正在申办",
    ]
    for column in ("统一社会信用代码", "联系电话"):
        found = await tried(world.call, "enterprises", each(column, none))
        assert (wrong(found), found.warnings, found.came) == ([], (), len(none))
    others = ["身份证", "已注销", "示例人", "91"]
    found = await tried(world.call, "enterprises", each("统一社会信用代码", others))
    assert [row for row, *_ in wrong(found)] == [2, 3, 4, 5]
    found = await tried(world.call, "enterprises", each("联系电话", others))
    assert (wrong(found), [one.row for one in found.warnings]) == ([], [2, 3, 4, 5])


async def test_what_a_formula_that_went_wrong_leaves_is_no_value(world: World) -> None:
    faults = ["#N/A", "#REF!", "#DIV/0!", "#NAME?"]
    for column in ("详细地址", "联系人", "统一社会信用代码", "单位名称"):
        found = await tried(world.call, "enterprises", each(column, faults))
        assert [(row, "公式出错" in text) for row, _, text in wrong(found)] == [(n, True) for n in range(2, 6)], column
    found = await tried(world.call, "enterprises", each("联系电话", faults))
    assert (wrong(found), [("公式出错" in one.text) for one in found.warnings]) == ([], [True] * 4)


async def test_a_post_without_an_end_has_none(world: World) -> None:
    head = ["姓名", "岗位", "任职处", "到任日期", "离任日期"]
    for until in ("至今", "长期", "在任", "—", "今", "未离任"):
        found = await tried(world.call, "appointments", sheet(head, ["孙看护", "看护员", "丁村格", "2026.3.1", until]))
        assert not [one for one in found.errors if one.title == "离任日期"], until


async def test_other_headings_of_other_columns(world: World) -> None:
    sheets: dict[str, tuple[list[str], list[object]]] = {
        "enterprises": (FIRMS, firm(统一社会信用代码="")),
        "people": (PEOPLE, ["示甲", "0512-01000081", "东所"]),
        "deeds": (VISITS, ["2026.3.1", WALK, FLOUR, "张看护", "正常"]),
    }
    for kind, column, heading in (
        ("enterprises", "统一社会信用代码", "统一社会信用代码/注册号"),
        ("enterprises", "统一社会信用代码", "社会统一信用代码"),
        ("enterprises", "所在村或社区", "行政村（社区）"),
        ("enterprises", "所在村或社区", "村（社区）名称"),
        ("enterprises", "详细地址", "生产经营场所"),
        ("enterprises", "联系人", "企业负责人"),
        ("enterprises", "联系电话", "联系人手机号码"),
        ("enterprises", "单位名称", "市场主体名称"),
        ("enterprises", "单位名称", "店名"),
        ("people", "公示电话", "办公电话"),
        ("people", "所在部门", "科室"),
        ("people", "姓名", "姓名/职务"),
        ("deeds", "被查单位", "被检查单位"),
        ("deeds", "被查单位", "检查对象"),
    ):
        head, row = sheets[kind]
        found = await tried(world.call, kind, sheet([heading if one == column else one for one in head], row))
        unused = [one.heading for one in found.columns if not one.code]
        assert (wrong(found), found.came, unused) == ([], 1, []), heading


async def test_other_ways_to_call_a_place(world: World) -> None:
    await make_place(world, "木渎镇", "9901003", "town", parent="示例区")
    await make_place(world, "香溪社区", "9901003001", "community", parent="木渎镇")
    await make_place(world, "香溪村", "9901001009", "village", parent="东镇")
    places = [
        "甲村（东镇）",
        "甲村（村）",
        "东镇：甲村",
        "东镇_甲村",
        "东镇|甲村",
        "甲行政村",
        "甲村民委",
        "甲村委员会",
        "示例区东镇甲村",
        "木渎香溪社区",
        "香溪社区（木渎）",
        "木渎镇香溪",
        "香溪社区居委会（木渎镇）",
    ]
    found = await tried(world.call, "enterprises", each("所在村或社区", places))
    assert (wrong(found), found.came) == ([], len(places))
    rows = [[f"示{n}人", f"0512-010001{n:02}", said] for n, said in enumerate(places)]
    found = await tried(world.call, "people", sheet(["姓名", "电话", "所在村"], *rows))
    assert (wrong(found), found.came) == ([], len(places))
    # Two places, one that contradicts itself, or the committee of the other sort, are asked
    asked = ["乙社区/甲村", "乙社区、甲村", "甲村和乙社区", "甲居委会", "甲村（西镇）", "木渎甲村", "香溪"]
    found = await tried(world.call, "enterprises", each("所在村或社区", asked))
    assert [row for row, *_ in wrong(found)] == [*range(2, 2 + len(asked))]


async def test_lines_that_repeat_in_all_that_is_read_are_one(world: World) -> None:
    of_a_firm = [[*firm(), "酒精"], [*firm(), "油漆"], [*firm(联系电话="0512-01007777"), "稀料"]]
    found = await tried(world.call, "enterprises", sheet([*FIRMS, "危化品"], *of_a_firm))
    assert (wrong(found), found.came) == ([], 1)
    assert [(one.row, one.title) for one in found.warnings] == [(3, "统一社会信用代码"), (4, "联系电话")]
    assert "只登记一次" in found.warnings[0].text
    assert "没有采用 0512-01007777" in found.warnings[1].text
    of_a_person = [["示甲", "0512-01000081", "东所", "一格"], ["示甲", "0512-01000081", "东所", "二格"]]
    found = await tried(world.call, "people", sheet([*PEOPLE, "网格"], *of_a_person))
    assert (wrong(found), found.came, len(found.warnings)) == ([], 1, 1)
    of_a_visit = [["2026.3.1", WALK, FLOUR, "张看护", "正常", n] for n in (1, 2)]
    found = await tried(world.call, "deeds", sheet([*VISITS, "隐患数"], *of_a_visit))
    assert (wrong(found), found.came, len(found.warnings)) == ([], 1, 1)
    # Numbered lines that say the very same are a mistake still
    found = await tried(world.call, "people", sheet(["序号", *PEOPLE], [1, *of_a_person[0][:3]], [2, *of_a_person[0][:3]]))
    assert [text for *_, text in wrong(found)] == ["与第 2 行重复"]


async def test_somebody_with_another_number_is_pointed_at(world: World) -> None:
    found = await tried(world.call, "people", sheet(PEOPLE, ["示甲", "0512-01000081", "东所"], ["示甲", "0512-01000082", "东所"]))
    assert (wrong(found), found.came) == ([], 2)
    assert [(one.row, one.title, "已有一名示甲，电话是 051201000081" in one.text) for one in found.warnings] == [
        (3, "公示电话", True)
    ]
    # A namesake elsewhere, and one with a badge, is nothing to wonder at
    rows = [
        ["示甲", "", "0512-01000081", "东所"],
        ["示甲", "", "0512-01000082", "西所"],
        ["示甲", "示99", "0512-01000083", "东所"],
    ]
    assert (await tried(world.call, "people", sheet(["姓名", "工号", "电话", "部门"], *rows))).warnings == ()


async def test_other_ways_to_name_two(world: World) -> None:
    cells = [
        "张看护和李格长",
        "张看护与李格长",
        "张看护+李格长",
        "张看护、李格长等2人",
        "张看护（组长）、李格长",
        "张看护、李格长等两人",
    ]
    rows = [["2026.3.1", WALK, FLOUR, cell, f"第{n}次"] for n, cell in enumerate(cells)]
    found = await tried(world.call, "deeds", sheet(VISITS, *rows))
    assert (wrong(found), found.came) == ([], len(cells))
    # Whoever is not named is asked for
    cells = ["张看护等", "张看护等2人", "张看护、李格长等3人", "张看护和王不在", "张看护（代）、王不在"]
    rows = [["2026.3.1", WALK, FLOUR, cell, f"第{n}次"] for n, cell in enumerate(cells)]
    found = await tried(world.call, "deeds", sheet(VISITS, *rows))
    assert [(row, title) for row, title, _ in wrong(found)] == [(n, "姓名") for n in range(2, 2 + len(cells))]


async def test_two_numbers_in_a_cell_are_told_as_such(world: World) -> None:
    cells = ["0512-01000081、0512-01000082", "0512-01000081/0512-01000082", "13812345003 13812345004"]
    found = await tried(world.call, "people", sheet(PEOPLE, *([f"示{n}人", cell, "东所"] for n, cell in enumerate(cells))))
    assert [(row, "是 2 个号码" in text) for row, _, text in wrong(found)] == [(2, True), (3, True), (4, True)]


async def test_other_spellings_of_a_day(world: World) -> None:
    days = [
        "2026年3月1日（日）",
        "2026。3。1",
        "2026\\3\\1",
        "2026～3～1",
        "公元2026年3月1日",
        "20260301日",
        "2026/3/1/",
        "2026.3.1；",
    ]
    rows = [[*firm(单位名称=f"{n}厂（示例）", 统一社会信用代码=""), said] for n, said in enumerate(days)]
    found = await tried(world.call, "enterprises", sheet([*FIRMS, "登记日期"], *rows))
    assert (wrong(found), found.came) == ([], len(days))
    found = await tried(
        world.call, "deeds", sheet(VISITS, *([said, WALK, FLOUR, "张看护", f"第{n}次"] for n, said in enumerate(days)))
    )
    assert (wrong(found), found.came) == ([], len(days))


async def test_text_that_other_systems_protect_in_csv_is_what_it_is(world: World) -> None:
    for before, after in (('="', '"'), ("'", ""), ("\t", ""), ("’", "")):
        row = firm(统一社会信用代码=f"{before}9144030071526726XG{after}", 联系电话=f"{before}0512-01234567{after}")
        text = "\r\n".join(",".join(cells) for cells in (FIRMS, row))
        found = await tried(world.call, "enterprises", text.encode("gb18030" if before != "’" else "utf-8"))
        assert (wrong(found), found.came, found.warnings) == ([], 1, ()), before


async def test_what_is_hidden_is_not_missing_from_the_sheet(world: World) -> None:
    def hide(page: Any) -> None:
        page.row_dimensions[2].hidden = True

    there = [firm(单位名称=f"{n}厂（示例）", 统一社会信用代码="") for n in range(3)]
    await taken(world.call, "enterprises", sheet(FIRMS, *there))
    assert [
        one.names for one in (await tried(world.call, "enterprises", book(rows=[*there[1:]]))).left if "0厂（示例）" in one.names
    ]
    found = await tried(world.call, "enterprises", book(hide, rows=[*there]))
    assert (wrong(found), found.same, found.left) == ([], 2, ())
    assert [(one.row, "有 1 行隐藏着" in one.text) for one in found.warnings] == [(2, True)]
    # And not ended, though everything that is missing shall be
    _, found = await taken(world.call, "enterprises", book(hide, rows=[*there]), end_all=True)
    assert found.ended == 0


async def test_a_firm_that_is_called_by_name_and_code_is_called_by_its_code(world: World) -> None:
    head = ["企业名称", "统一社会信用代码", "条线", "部门"]
    rows = [["随便写的（示例）", CODES["flour"], "消防", "东所"], ["又一家（示例）", CODES["gravel"], "消防", "西所"]]
    found = await tried(world.call, "charges", sheet(head, *rows))
    assert [one.code for one in found.columns] == ["", "enterprise", "line", "unit"]
    # Where one has no code it is a question
    with pytest.raises(Exception, match="“单位名称或信用代码”有 A、B 列"):
        await tried(world.call, "charges", sheet(head, rows[0], ["丙小店（示例）", "", "消防", "西所"]))


async def test_what_the_scheme_does_not_have_is_refused_at_the_cell(world: World) -> None:
    (edition,) = SAMPLE.editions
    bare = with_rules(world.call, instead=[rule for rule in edition.rules if not isinstance(rule, Line)])
    found = await tried(bare, "charges", sheet(["企业名称", "条线", "部门"], [FLOUR, "消防", "东所"]))
    assert [(title, "没有“消防”这一项" in text) for _, title, text in wrong(found)] == [("条线", True)]
