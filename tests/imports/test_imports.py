"""The register from sheets as offices have them: every mistake at its cell, all or the good rows, updates by code, undo."""

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

from portal.areas.actions import JurisdictionForm, add_jurisdiction
from portal.boards.actions import issue
from portal.call import Call
from portal.enterprises.queries import enterprise
from portal.errors import NotVisible, Refused
from portal.imports import batches, queries, reports, taking, undoing
from portal.imports.exports import export
from portal.imports.outcome import Outcome, Wish
from portal.imports.templates import template
from portal.ledger.queries import history
from portal.people.queries import people
from portal.storage.lists import Wanted
from portal.viewer import Role
from portal.workshop.sheets import written_csv
from tests.world import CODES, PASSWORD, World, make_enterprise

FIRMS = ["单位名称", "统一社会信用代码", "所在村或社区", "详细地址", "片区网格", "联系人", "联系电话", "规模", "高危"]
FIRM = ["新厂（示例）", "9144030071526726XG", "9901001001", "路1号", "", "示例人", "0512-01234567", "小", "否"]


def sheet(*rows: list[Any], titles: int = 0, name: str = "Sheet1") -> bytes:
    """A spreadsheet as an office would save it, with title rows over the header."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = name
    for n in range(titles):
        page.append([f"示例区安全生产台账（示例）{n}"])
        page.merge_cells(start_row=n + 1, start_column=1, end_row=n + 1, end_column=6)
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def firm(**values: Any) -> list[Any]:
    """A good row of an enterprise with some cells changed, by heading."""
    return [values.get(heading, cell) for heading, cell in zip(FIRMS, FIRM, strict=True)]


async def tried(call: Call, kind: str, data: bytes) -> Outcome:
    """What a sheet would bring."""
    return await taking.run(call, kind=kind, region="sample", data=data, wish=Wish(), write=False)


async def taken(call: Call, kind: str, data: bytes, **wish: Any) -> tuple[str, Outcome]:
    """Bring a sheet, check it, take it in."""
    id_ = await batches.bring(call, kind=kind, region="sample", data=data)
    await batches.check(call, id_, Wish(hand_over=wish.get("hand_over", False)))
    return id_, await batches.take_in(call, id_, Wish(**wish))


def wrong(found: Outcome) -> list[tuple[int, str, str]]:
    return [(error.row, error.title, error.text) for error in found.errors]


# Shapes of sheets


async def test_titles_merged_cells_other_headings_and_blanks_are_no_matter(world: World) -> None:
    rows = [
        ["序号", "企业 名称*", "信用代码\n（18位）", "社区", "经营地址", "负责人", "手机号码", "规模", "高危", "备注栏"],
        [
            1,
            " 新厂（示例） ",
            "９１４４０３００７１５２６７２６ＸＧ",
            "甲村",
            "路1号",
            "示例人",
            "0512－01234567",
            "小",
            "否",
            "x",
        ],
        ["注：以上由各村填报"],
    ]
    found = await tried(world.call, "enterprises", sheet(*rows, titles=2))
    assert (wrong(found), found.came, found.rows) == ([], 1, 1)
    assert [one.heading for one in found.columns if not one.code] == ["序号", "备注栏"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
async def test_a_csv_of_any_encoding_is_read(world: World, encoding: str) -> None:
    text = "\r\n".join(",".join(row) for row in (FIRMS, FIRM))
    assert (await tried(world.call, "enterprises", text.encode(encoding))).came == 1


async def test_a_header_that_is_nowhere_is_told_with_what_was_found(world: World) -> None:
    with pytest.raises(Refused, match="没有找到这些列：.*单位名称.*表头里有：甲、乙"):
        await tried(world.call, "enterprises", sheet(["甲", "乙"], ["x", "y"]))
    with pytest.raises(Refused, match="没有填任何一行"):
        await tried(world.call, "enterprises", sheet(FIRMS))


async def test_a_credit_code_kept_as_a_number_is_lost_and_said_so(world: World) -> None:
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(统一社会信用代码=914403007152672600)))
    assert [(row, title) for row, title, _ in wrong(found)] == [(2, "统一社会信用代码")]
    assert "后几位已经丢失" in found.errors[0].text


# Mistakes


@pytest.mark.parametrize(
    ("cells", "column", "text"),
    [
        ({"单位名称": ""}, "单位名称", "必填"),
        ({"单位名称": "长" * 121}, "单位名称", "最多 120 个字"),
        ({"统一社会信用代码": "9144030071526726XX"}, "统一社会信用代码", "校验位不对"),
        ({"统一社会信用代码": "123"}, "统一社会信用代码", "应为 18 位"),
        ({"统一社会信用代码": "9144O30071526726XG"}, "统一社会信用代码", "不会有“O”"),
        ({"统一社会信用代码": "1.23E+17"}, "统一社会信用代码", "后几位已经丢失"),
        ({"所在村或社区": ""}, "所在村或社区", "必填"),
        ({"所在村或社区": "某村"}, "所在村或社区", "没有登记名为“某村”的辖区"),
        ({"联系电话": "12"}, "联系电话", "不能拨"),
        ({"联系电话": "13800001"}, "联系电话", "不是能拨通的"),
        ({"片区网格": "P9"}, "片区网格", "没有登记名为“P9”的网格"),
        ({"规模": "中"}, "规模", "不在可填的范围：大、小"),
        ({"高危": ""}, "高危", "必填"),
        ({"统一社会信用代码": CODES["flour"], "规模": "x"}, "规模", "不在可填"),
    ],
)
async def test_each_mistake_is_named_at_its_cell(world: World, cells: dict[str, str], column: str, text: str) -> None:
    found = await tried(
        world.call, "enterprises", sheet(FIRMS, firm(统一社会信用代码="", 单位名称="好厂（示例）"), firm(**cells))
    )
    # A private number that is wrong stops nothing
    told = found.warnings if column == "联系电话" else found.errors
    assert [(one.row, one.title) for one in told if text in one.text] == [(3, column)], wrong(found)


async def test_an_office_at_the_wrong_place_is_named_at_its_cell(world: World) -> None:
    rows = [["东镇纪检", "纪检", "东镇", "0512-01000009"], ["又一区局", "区局", "示例区", "0512-01000010"]]
    found = await tried(world.call, "units", written_csv(["部门名称", "部门类型", "所在辖区", "电话"], rows))
    assert [(row, title) for row, title, text in wrong(found) if "设在区（县）" in text] == [(2, "所在辖区")]
    own = await tried(
        world.call.as_(await world.office("区局")),
        "units",
        written_csv(["部门名称", "部门类型", "所在辖区", "电话"], [["又一纪检", "纪检", "示例区", "0512-01000009"]]),
    )
    assert [(row, title) for row, title, text in wrong(own) if "由上一级辖区" in text] == [(2, "部门类型")]


async def test_all_mistakes_of_all_rows_are_told_at_once_and_nothing_is_written(world: World) -> None:
    before = await world.call.db.value("select count(*) from enterprise")
    rows = [
        firm(统一社会信用代码="1", 规模="x", 联系电话="y", 所在村或社区="某村"),
        firm(),
        firm(单位名称="同码厂"),
        firm(单位名称="", 高危=""),
    ]
    id_, found = await taken(world.call, "enterprises", sheet(FIRMS, *rows))
    assert [(row, title) for row, title, _ in wrong(found)] == [
        (2, "统一社会信用代码"),
        (2, "所在村或社区"),
        (2, "规模"),
        (4, "统一社会信用代码"),
        (5, "单位名称"),
        (5, "统一社会信用代码"),
        (5, "高危"),
    ]
    assert [(one.row, one.title) for one in found.warnings] == [(2, "联系电话")]
    assert not found.written
    assert await world.call.db.value("select count(*) from enterprise") == before
    assert (await queries.batch(world.call, id_)).state == "checked"


async def test_the_errors_come_back_in_a_copy_of_their_own_file(world: World) -> None:
    data = sheet(FIRMS, firm(), firm(统一社会信用代码="1", 单位名称="坏厂"), titles=1, name="我们的表")
    id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=data)
    await batches.check(world.call, id_)
    book = openpyxl.load_workbook(io.BytesIO(await reports.annotated_copy(world.call, id_)))
    page = book["我们的表"]
    cell = page.cell(4, 2)
    assert (cell.fill.start_color.rgb[-6:], "应为 18 位" in cell.comment.text) == ("FFC7CE", True)
    assert page.cell(3, 2).comment is None
    assert page.cell(3, 2).value == "9144030071526726XG"
    assert "统一社会信用代码" in str(page.cell(4, len(FIRMS) + 1).value)


async def test_the_good_rows_only_by_choice(world: World) -> None:
    rows = [firm(), firm(统一社会信用代码="", 单位名称="又一厂（示例）"), firm(统一社会信用代码="1")]
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, *rows), good_only=True)
    assert (found.written, found.came, len(found.errors)) == (True, 2, 1)
    assert await world.call.db.value("select count(*) from enterprise where name in ('新厂（示例）', '又一厂（示例）')") == 2


# Updating


async def test_a_new_sheet_updates_by_code_and_says_what_changed_left_and_came(world: World) -> None:
    rows = [
        firm(单位名称="甲面粉店（示例）", 统一社会信用代码=CODES["flour"], 详细地址="示例路9号", 联系人="", 联系电话=""),
        firm(单位名称="甲石料厂（示例）", 统一社会信用代码=CODES["gravel"], 详细地址="", 联系人="", 联系电话="", 规模="大"),
        firm(),
    ]
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, *rows))
    assert (found.came, found.changed, found.same, found.ended) == (1, 1, 1, 0)
    assert [(one.where, one.count, one.names) for one in found.left] == [("东镇", 1, ("园玩具厂（示例）",))]
    row = await world.call.db.row("select address, contact from enterprise where credit_code = $1", CODES["flour"])
    assert tuple(row) == ("示例路9号", "示例人")
    (change,) = [one for one in found.touched if one.deed == "changed"]
    assert "→ 示例路9号" in change.what


@pytest.mark.parametrize(
    ("kind", "head", "cells", "told"),
    [
        (
            "enterprises",
            FIRMS,
            ["甲面粉店（示例）", CODES["flour"], "丙村", "", "", "", "", "小", "否"],
            "所在村或社区 示例省示例区东镇甲村 → 示例省示例区西镇丙村",
        ),
        (
            "enterprises",
            FIRMS,
            ["甲面粉店（示例）", CODES["flour"], "甲村", "示例路9号", "园片", "", "", "大", "否"],
            "详细地址 示例路1号 → 示例路9号；片区网格 — → 园片；规模 小 → 大",
        ),
        (
            "people",
            ["姓名", "工作证编号", "公示电话", "所在部门"],
            ["张看护", "示例003", "0512-02000002", "东所"],
            "所在部门 — → 东所",
        ),
    ],
)
async def test_what_changes_is_told_by_names_from_what_to_what(
    world: World, kind: str, head: list[str], cells: list[str], told: str
) -> None:
    found = await tried(world.call, kind, sheet(head, cells))
    assert wrong(found) == []
    assert [one.what for one in found.touched] == [told]


async def test_what_is_not_on_the_sheet_ends_only_where_the_office_says_so(world: World) -> None:
    rows = [firm(单位名称="甲面粉店（示例）", 统一社会信用代码=CODES["flour"])]
    (left,) = (await tried(world.call, "enterprises", sheet(FIRMS, *rows))).left
    assert (left.where, left.count) == ("东镇", 2)
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, *rows), end=(left.key,))
    assert (found.ended, found.written) == (2, True)
    going_on = await world.call.db.rows("select name from enterprise where until is null order by name")
    assert [row["name"] for row in going_on] == ["丙小店（示例）", "甲面粉店（示例）"]


async def test_what_a_sheet_changes_and_does_not_name_can_be_taken_away_whole(world: World) -> None:
    rows = [firm(单位名称="甲面粉店（示例）", 统一社会信用代码=CODES["flour"], 规模="大"), firm()]
    for n in range(30):
        await make_enterprise(world, f"东{n:02d}厂（示例）", "甲村", size="small", risky="no")
    id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=sheet(FIRMS, *rows))
    await batches.check(world.call, id_)
    listed = list(openpyxl.load_workbook(io.BytesIO(await reports.changes(world.call, id_))).active.values)
    assert [row[:3] for row in listed[:3]] == [
        ("行", "名称", "变动"),
        (2, "甲面粉店（示例）", "修改"),
        (3, "新厂（示例）", "新增"),
    ]
    assert "规模 小 → 大" in listed[1][3]
    left = {row[1] for row in listed if row[2] == "表里没有"}
    assert {f"东{n:02d}厂（示例）" for n in range(30)} < left
    cut = """update import_batch set result = jsonb_set(jsonb_set(result, '{came}', '30000'), '{left,0,count}', '99')"""
    await world.call.db.rows(cut)
    listed = list(openpyxl.load_workbook(io.BytesIO(await reports.changes(world.call, id_))).active.values)
    assert [row[1] for row in listed if row[1].startswith("还有")] == [f"还有 {99 - len(left)} 个", "还有 29999 个，没有列出"]


async def test_a_changed_fact_moves_the_enterprise_from_today(world: World) -> None:
    rows = [firm(单位名称="甲面粉店（示例）", 统一社会信用代码=CODES["flour"], 规模="大")]
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, *rows))
    assert found.touched[0].what.endswith("规模 小 → 大")
    past = await world.call.db.rows(
        "select pl.since, g.name from placement pl join enterprise e on e.id = pl.enterprise left join grid g on g.id = pl.grid "
        "where e.credit_code = $1 order by pl.since",
        CODES["flour"],
    )
    assert [row["name"] for row in past] == ["甲村格", "东镇格"]
    assert past[1]["since"] == world.call.today


# The other subjects


async def test_units_grids_people_appointments_and_charges_come_in_their_order(world: World) -> None:
    call = world.call
    _, units = await taken(
        call, "units", sheet(["部门名称", "类型", "镇街", "值班电话"], ["北所（示例）", "镇所", "西镇", "0512-01000077"])
    )
    grids = [
        ["网格编号", "名称", "层级", "所属辖区", "上级网格", "村社区", "四至"],
        ["B1", "北片", "片", "西镇", "西镇格", "丙村、9901002002", "河以北"],
    ]
    _, drawn = await taken(call, "grids", sheet(*grids))
    _, folk = await taken(
        call,
        "people",
        sheet(["姓名", "工号", "手机号", "部门", "执法证"], ["钱北", "北001", "0512-01000078", "北所（示例）", "示例证9"]),
    )
    posts = [
        ["姓名", "工号", "职务", "负责网格", "任职日期"],
        ["钱北", "北001", "看护员", "B1", "2026.2.1"],
        ["钱北", "", "执法员", "北所（示例）", date(2026, 2, 2)],
    ]
    _, held = await taken(call, "appointments", sheet(*posts))
    _, charged = await taken(call, "charges", sheet(["企业名称", "条线", "监管部门"], ["丙小店（示例）", "消防", "北所（示例）"]))
    for one in (units, drawn, folk, held, charged):
        assert one.written, wrong(one)
    ground = await call.db.rows(
        "select j.name from grid g join grid_ground gg on gg.grid = g.id join jurisdiction j on j.id = gg.division where g.code = 'B1' order by 1"
    )
    assert [row["name"] for row in ground] == ["丁村", "丙村"]
    assert await call.db.value("select count(*) from appointment a join person p on p.id = a.person where p.name = '钱北'") == 2
    placed = "select g.name from placement pl join grid g on g.id = pl.grid join enterprise e on e.id = pl.enterprise where e.name = '丙小店（示例）' and pl.until is null"
    assert await call.db.value(placed) == "北片"


async def test_grids_may_stand_in_any_order_in_their_sheet(world: World) -> None:
    head = ["网格编号", "名称", "层级", "所属辖区", "上级网格", "村社区"]
    part = ["B2", "北片", "片", "南镇", "S1", "戊村"]
    town = ["S1", "南镇格", "镇格", "南镇", "", ""]
    of = await world.call.db.value("select public_id from jurisdiction where code = '9901'")
    south = await add_jurisdiction(world.call, JurisdictionForm(code="9901009", name="南镇", kind="town", parent=of))
    await add_jurisdiction(world.call, JurisdictionForm(code="9901009001", name="戊村", kind="village", parent=south))
    found = await tried(world.call, "grids", sheet(head, part, town))
    assert (found.came, wrong(found)) == (2, [])
    assert wrong(await tried(world.call, "grids", sheet(head, part, [*town[:4], "没有的格", ""]))) == [
        (2, "上级网格", "“S1”是第 3 行的，那一行还有问题。改好那一行再检查，这里不用改"),
        (3, "上级网格", "没有登记名为“没有的格”的网格"),
    ]


async def test_two_people_of_one_name_are_told_apart_by_their_badge(world: World) -> None:
    head = ["姓名", "工作证编号", "公示电话", "所在辖区"]
    await taken(
        world.call, "people", sheet(head, ["周同", "S1", "0512-01000081", "西镇"], ["周同", "S2", "0512-01000082", "西镇"])
    )
    assert (await people(world.call, Wanted(query="周同"))).count == 2
    posts = ["姓名", "工作证编号", "岗位", "任职处"]
    found = await tried(world.call, "appointments", sheet(posts, ["周同", "", "看护员", "丁村格"]))
    assert wrong(found) == [(2, "姓名", "有 2 个人员叫“周同”，请改填代码或编号")]
    assert (await tried(world.call, "appointments", sheet(posts, ["周同", "S2", "看护员", "丁村格"]))).came == 1
    assert (
        "登记的是周同，不是别人"
        in (await tried(world.call, "appointments", sheet(posts, ["别人", "S2", "看护员", "丁村格"]))).errors[0].text
    )


async def test_what_the_scheme_forbids_is_refused_at_the_row(world: World) -> None:
    posts = ["姓名", "岗位", "任职处"]
    found = await tried(world.call, "appointments", sheet(posts, ["李格长", "执法员", "西所"], ["李格长", "格长", "西镇格"]))
    assert [(row, title) for row, title, _ in wrong(found)] == [(2, "姓名"), (3, "岗位")]
    assert "执法证件" in found.errors[0].text


async def test_an_office_imports_into_its_own_area_only(world: World) -> None:
    east = world.call.as_(await world.office("东所"))
    found = await tried(east, "enterprises", sheet(FIRMS, firm(所在村或社区="丙村")))
    assert len(found.errors) == 1
    rows = [firm(单位名称="丙小店（示例）", 统一社会信用代码="", 所在村或社区="丙村", 规模="大")]
    assert len((await tried(east, "enterprises", sheet(FIRMS, *rows))).errors) == 1
    found = await tried(east, "enterprises", sheet(FIRMS, firm()))
    assert {name for one in found.left for name in one.names} == {"甲石料厂（示例）", "甲面粉店（示例）", "园玩具厂（示例）"}


# Undo


async def checksum(call: Call) -> dict[str, str]:
    """Every table of the register as it stands."""
    tables = (
        "unit",
        "grid",
        "grid_ground",
        "outside_grid",
        "person",
        "appointment",
        "enterprise",
        "enterprise_fact",
        "placement",
        "charge",
        "search_text",
    )
    return {
        name: str(
            await call.db.value(
                f"select md5(coalesce(string_agg(x, '|' order by x), '')) from (select (to_jsonb(t) - 'id')::text x from {name} t) s"
            )
        )
        for name in tables
    }


@pytest.mark.parametrize("kind", ["units", "grids", "outside_grids", "people", "appointments", "enterprises", "charges"])
async def test_an_undone_import_leaves_the_register_as_it_was(world: World, kind: str) -> None:
    sheets = {
        "units": [
            ["部门名称", "类型", "镇街", "电话"],
            ["北所（示例）", "镇所", "西镇", "0512-01000077"],
            ["东所", "镇所", "东镇", "0512-01009999"],
        ],
        "grids": [
            ["网格编号", "名称", "层级", "所属辖区", "上级网格", "责任区"],
            ["B1", "北片", "片", "西镇", "西镇格", "河以北"],
            ["", "甲村格", "村格", "甲村", "东镇格", "新边界"],
        ],
        "outside_grids": [
            ["系统", "编号", "名称", "辖区", "安全网格"],
            ["综治", "Z1", "一格", "丙村", "丙村格"],
            ["综治", "Z0", "新名", "甲村", "甲村格"],
        ],
        "people": [
            ["姓名", "工号", "电话", "辖区"],
            ["钱北", "北001", "0512-01000078", "西镇"],
            ["张看护", "示例003", "0512-01000079", ""],
        ],
        "appointments": [
            ["姓名", "岗位", "任职处", "离任日期"],
            ["吴执法", "看护员", "丁村格", ""],
            ["张看护", "看护员", "甲村格", "2026-04-01"],
        ],
        "enterprises": [
            FIRMS,
            firm(),
            firm(单位名称="甲面粉店（示例）", 统一社会信用代码=CODES["flour"], 规模="大", 详细地址="别处"),
        ],
        "charges": [["企业名称", "条线", "部门"], ["丙小店（示例）", "消防", "西所"]],
    }
    await taken(world.call, "outside_grids", sheet(sheets["outside_grids"][0], ["综治", "Z0", "旧名", "甲村", ""]))
    before = await checksum(world.call)
    id_, found = await taken(world.call, kind, sheet(*sheets[kind]))
    assert found.written, wrong(found)
    assert await checksum(world.call) != before
    await undoing.undo(world.call, id_)
    assert await checksum(world.call) == before
    with pytest.raises(Refused, match="已经撤销"):
        await undoing.undo(world.call, id_)


async def test_what_was_changed_or_used_since_is_not_undone(world: World) -> None:
    id_, _ = await taken(world.call, "enterprises", sheet(FIRMS, firm()))
    await issue(
        world.call, "enterprise", await world.call.db.value("select public_id from enterprise where name = '新厂（示例）'")
    )
    with pytest.raises(Refused, match="已被其他登记使用"):
        await undoing.undo(world.call, id_)
    again, _ = await taken(
        world.call, "people", sheet(["姓名", "工号", "电话", "辖区"], ["张看护", "示例003", "0512-01000079", ""])
    )
    await taken(world.call, "people", sheet(["姓名", "工号", "电话", "辖区"], ["张看护", "示例003", "0512-01000080", ""]))
    with pytest.raises(Refused, match="又有变动"):
        await undoing.undo(world.call, again)
    assert await world.call.db.value("select phone from person where name = '张看护'") == "0512-01000080"


async def test_the_board_follows_an_import_and_its_undoing(world: World) -> None:
    from portal.boards.queries import page

    code = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    id_, _ = await taken(
        world.call, "people", sheet(["姓名", "工号", "电话", "辖区"], ["张看护", "示例003", "0512-01000079", ""])
    )
    assert (await page(world.call, code)).live["lead"]["phone"] == "0512-01000079"
    await undoing.undo(world.call, id_)
    assert (await page(world.call, code)).live["lead"]["phone"] == "0512-02000002"
    left, _ = await taken(
        world.call,
        "appointments",
        sheet(["姓名", "岗位", "任职处", "离任日期"], ["张看护", "看护员", "甲村格", world.call.today]),
    )
    assert (await page(world.call, code)).live["lead"]["name"] == "李格长"
    await undoing.undo(world.call, left)
    assert (await page(world.call, code)).live["lead"]["name"] == "张看护"


# Out and in again


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", ["units", "grids", "outside_grids", "people", "appointments", "enterprises", "charges"])
async def test_what_goes_out_comes_in_again_unchanged(world: World, kind: str, form: str) -> None:
    await taken(world.call, "charges", sheet(["企业名称", "条线", "部门"], ["丙小店（示例）", "消防", "西所"]))
    await taken(
        world.call,
        "outside_grids",
        sheet(["系统", "编号", "名称", "辖区", "安全网格"], ["综治", "007", "一格", "丙村", "丙村格"]),
    )
    data = await export(world.call, "sample", kind, form)
    found = await tried(world.call, kind, data)
    assert (wrong(found), found.came, found.changed, found.left) == ([], 0, 0, ())
    assert found.same == found.rows > 0
    assert await world.call.db.value("select count(*) from ledger_entry where verb = 'exported'") == 1


async def test_an_export_holds_codes_exactly_and_no_formula(world: World) -> None:
    like_formulas = ["=1+1（示例）", "+8613800000000", "-2", "@SUM(A1)", "007", "\t=1"]
    rows = [firm(单位名称=name, 统一社会信用代码="", 详细地址="=A1&B1") for name in like_formulas]
    await taken(world.call, "enterprises", written_csv(FIRMS, [firm(), *rows]))
    book = openpyxl.load_workbook(io.BytesIO(await export(world.call, "sample", "enterprises", "xlsx")))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "9144030071526726XG" in {cell.value for cell in cells}
    assert CODES["flour"] in {cell.value for cell in cells}


async def test_an_office_exports_its_own_area_only(world: World) -> None:
    east = world.call.as_(await world.office("东所"))
    assert "丙小店" not in (await export(east, "sample", "enterprises", "csv")).decode("utf-8-sig")
    with pytest.raises(NotVisible):
        await export(east, "nowhere", "enterprises", "csv")


# Templates, pages, jobs


@pytest.mark.parametrize("kind", ["units", "grids", "outside_grids", "people", "appointments", "enterprises", "charges"])
async def test_each_template_is_a_sheet_that_the_import_reads(world: World, kind: str) -> None:
    scheme = world.call.book.in_force("sample", world.call.today)
    assert scheme is not None
    data = await template(world.call, scheme, kind)
    assert data == await template(world.call, scheme, kind)
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.worksheets[0]
    assert all(cell.comment is not None for cell in page[1])
    with pytest.raises(Refused, match="没有填任何一行"):
        await tried(world.call, kind, data)
    codes = {str(row[1].value) for row in book["代码"].iter_rows(min_row=2)}
    assert "9901001001" in codes


async def test_an_office_brings_a_sheet_sees_what_is_wrong_mends_it_and_takes_it_back(world: World, site) -> None:
    await world.account("bureau", Role.OFFICE, unit="区局")
    office = site()
    await office.sign_in("bureau", PASSWORD)
    ask = await office.get("/office/import")
    said = {"kind": "enterprises", "region": "sample"}
    nothing = await office.send(ask, said, action="/office/import")
    assert (nothing.status, "请选择要导入的表格" in nothing.text) == (422, True)
    junk = await office.send(ask, said, action="/office/import", files={"sheet": ("a.xlsx", b"PK\3\4junk")})
    assert junk.status == 422
    bad = sheet(FIRMS, firm(), firm(统一社会信用代码="1", 单位名称="坏厂"))
    checked = await office.follow(await office.send(ask, said, action="/office/import", files={"sheet": ("a.xlsx", bad)}))
    assert "处要改，没有导入任何内容" in checked.text
    home = str(checked.response.url.path)
    copy = await office.get(f"{home}/annotated.xlsx")
    assert copy.response.content[:2] == b"PK"
    assert "已检查，尚未导入" in (await office.get("/office/import")).text
    good = await office.follow(
        await office.send(ask, said, action="/office/import", files={"sheet": ("a.csv", written_csv(FIRMS, [FIRM]))})
    )
    assert "检查通过" in good.text
    home = str(good.response.url.path)
    done = await office.follow(await office.send(good, {"go": "all"}, action=f"{home}/take"))
    assert "导入完成" in done.text
    undone = await office.follow(await office.send(done, {}, action=f"{home}/undo"))
    assert "导入已撤销" in undone.text
    other = site("10.0.0.8")
    await world.account("west", Role.OFFICE, unit="西所")
    await other.sign_in("west", PASSWORD)
    assert (await other.get(home)).status == 404


async def test_a_large_sheet_is_a_job_with_progress(world: World, site) -> None:
    from portal.desk.queries import job as job_of
    from portal.imports.jobs import import_rows

    await world.account("bureau", Role.OFFICE, unit="区局")
    office = site()
    await office.sign_in("bureau", PASSWORD)
    rows = [firm(单位名称=f"厂{n}（示例）", 统一社会信用代码="") for n in range(320)]
    said = {"kind": "enterprises", "region": "sample"}
    page = await office.follow(
        await office.send(
            await office.get("/office/import"), said, action="/office/import", files={"sheet": ("a.xlsx", sheet(FIRMS, *rows))}
        )
    )
    assert "正在检查" in page.text
    home = str(page.response.url.path)
    # Between its end and what it writes of it, or before it is queued, the page goes on looking
    await world.call.db.rows("update job set state = 'done'")
    between = await office.get(home)
    assert "正在排队" in between.text
    assert [one.get("hx-get") for one in between.root.iter() if one.get("hx-trigger")] == [home]
    await world.call.db.rows("update job set state = 'waiting'")
    await import_rows(world.call, await world.call.db.value("select public_id from job order by id limit 1"))
    checked = await office.get(home)
    assert "检查通过" in checked.text
    await office.follow(await office.send(checked, {"go": "all"}, action=f"{home}/take"))
    job = await world.call.db.value("select public_id from job order by id desc limit 1")
    await import_rows(world.call, job)
    assert "新增 320" in (await office.get(home)).text
    found = await job_of(world.call, job)
    assert (found.done, found.total, found.state) == (320, 320, "done")
    with pytest.raises(NotVisible):
        await queries.batch(world.call.as_(await world.office("西所")), home.rsplit("/", 1)[1])
    id_ = await world.call.db.value("select public_id from enterprise where name = '厂7（示例）'")
    await world.call.db.rows("update enterprise set contact = '另一人' where public_id = $1", id_)
    for says in ("“厂7（示例）”在导入以后又有变动", "导入已撤销"):
        busy = await office.follow(await office.send(await office.get(home), {}, action=f"{home}/undo"))
        assert "正在撤销" in busy.text
        await import_rows(world.call, await world.call.db.value("select public_id from job order by id desc limit 1"))
        assert says in (await office.get(home)).text
        assert await world.call.db.value("select count(*) from enterprise where name like '厂%'") == (
            0 if "撤销" in says else 320
        )
        await world.call.db.rows("update enterprise set contact = $2 where public_id = $1", id_, FIRM[FIRMS.index("联系人")])


async def test_a_check_that_fails_as_a_job_says_why_and_can_be_dropped(world: World, site) -> None:
    from portal.imports.jobs import ask, import_rows

    await world.account("bureau", Role.OFFICE, unit="区局")
    account = await world.call.db.value("select id from account")
    bureau = world.call.as_(replace(await world.office("区局"), account=account))
    id_ = await batches.bring(bureau, kind="enterprises", region="sample", data=sheet(FIRMS))
    await import_rows(world.call, await ask(bureau, id_, "check"))
    batch = await queries.batch(world.call, id_)
    assert batch.state == "failed"
    await batches.drop(bureau, id_)
    assert await world.call.db.value("select count(*) from stored_file where kind = 'import'") == 0


async def test_sheets_of_long_ago_are_forgotten_with_what_would_take_them_back(world: World) -> None:
    old = replace(world.call, now=world.call.now - timedelta(days=31))
    left = await batches.bring(old, kind="enterprises", region="sample", data=sheet(FIRMS, FIRM))
    id_, _ = await taken(old, "enterprises", sheet(FIRMS, FIRM))
    fresh = await batches.bring(world.call, kind="enterprises", region="sample", data=sheet(FIRMS, FIRM))
    assert await batches.sweep(world.call) == 2
    with pytest.raises(NotVisible):
        await queries.batch(world.call, left)
    batch = await queries.batch(world.call, id_)
    assert (batch.state, batch.file, batch.result["came"]) == ("taken", None, 1)
    assert (await queries.batch(world.call, fresh)).file is not None
    with pytest.raises(Refused, match="已过 30 天"):
        await undoing.undo(world.call, id_)
    assert await world.call.db.value("select count(*) from import_row") == 0
    stored = [row["name"] for row in await world.call.db.rows("select name from stored_file")]
    there = [path.name for path in world.call.portal.files.root.rglob("*") if path.is_file()]
    assert sorted(there) == sorted(stored)


async def test_rows_that_change_together_are_told_taken_and_put_back_as_one_by_one(world: World) -> None:
    """Of several that change one may not: the refusal stands at its row, the others come where the office says so, and go back."""
    firms = [
        {"单位名称": f"{n}厂（示例）", "统一社会信用代码": "", "登记日期": world.call.today.isoformat()}
        for n in ("子", "丑", "寅", "卯")
    ]
    head = [*FIRMS, "登记日期"]

    def book(*changes: dict[str, str]) -> bytes:
        said = [{**one, **change} for one, change in zip(firms, changes, strict=True)]
        return sheet(head, *([*firm(**one), one["登记日期"]] for one in said))

    same: dict[str, str] = {}
    await taken(world.call, "enterprises", book(same, same, same, same))
    before = await contacts(world)
    data = book({"联系人": "示例新人"}, {"登记日期": "2020-01-01", "联系人": "示例新人"}, same, {"详细地址": "路2号"})
    found = await tried(world.call, "enterprises", data)
    assert ([row for row, *_ in wrong(found)], found.changed, found.same) == ([3], 2, 1)
    assert await contacts(world) == before
    id_, found = await taken(world.call, "enterprises", data, good_only=True)
    assert (found.written, found.changed, found.same) == (True, 2, 1)
    assert {one.row: one.what for one in found.touched} == {2: "联系人 示例人 → 示例新人", 5: "详细地址 路1号 → 路2号"}
    assert await contacts(world) == {
        "子厂（示例）": ("示例新人", "路1号"),
        "丑厂（示例）": ("示例人", "路1号"),
        "寅厂（示例）": ("示例人", "路1号"),
        "卯厂（示例）": ("示例人", "路2号"),
    }
    await undoing.undo(world.call, id_)
    assert await contacts(world) == before


async def contacts(world: World) -> dict[str, tuple[str, str]]:
    """What stands in the register of the four."""
    rows = await world.call.db.rows("select name, contact, address from enterprise where name like '_厂（示例）'")
    return {row["name"]: (row["contact"], row["address"]) for row in rows}


async def test_a_row_that_moves_a_firm_and_states_facts_places_it_once(world: World) -> None:
    flour = world.enterprises["甲面粉店（示例）"]
    moved = firm(单位名称="甲面粉店（示例）", 统一社会信用代码=CODES["flour"], 所在村或社区="丙村", 规模="大")
    id_, found = await taken(world.call, "enterprises", sheet(FIRMS, moved))
    assert found.changed == 1
    told = [one.data["grid"] for one in await history(world.call, "enterprise", flour) if one.verb == "placed"]
    assert told == [["甲村格", "西镇格"], [None, "甲村格"]]
    await undoing.undo(world.call, id_)
    assert (await enterprise(world.call, flour)).grid_name == "甲村格"


async def test_the_server_reads_no_more_for_each_row_the_longer_a_sheet_is(world: World) -> None:
    """What it planned while the register had a few rows is planned anew: a key would be looked for among all rows, for each."""
    call, rows = world.call, 3_000
    await call.db.rows("vacuum (full, analyze) public.enterprise")
    await taken(call, "enterprises", written_csv(FIRMS, [firm(单位名称="先到的厂（示例）", 统一社会信用代码="")]))
    many = [firm(单位名称=f"第{n}家厂（示例）", 统一社会信用代码="", 详细地址=f"路{n}号") for n in range(rows)]

    async def read() -> int:
        await call.db.rows("select pg_stat_force_next_flush()")
        return await call.db.value("select seq_tup_read from pg_stat_user_tables where relname = 'enterprise'")

    before = await read()
    assert (await tried(call, "enterprises", written_csv(FIRMS, many))).came == rows
    assert await read() - before < 200 * rows
