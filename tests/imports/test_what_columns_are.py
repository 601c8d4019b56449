"""Which column is which: what nobody sees, what fits twice, what is known by its cells, and what the office says."""

import asyncio
import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

from portal.imports import batches, headings
from portal.viewer import Role
from tests.browse import Page, Visitor
from tests.imports.test_imports import FIRMS, firm, sheet, tried, wrong
from tests.world import CODES, PASSWORD, World

FREE = {"统一社会信用代码": ""}


def book(change: Any = None, *, head: list[str] = FIRMS, rows: list[list[object]] | None = None) -> bytes:
    """A workbook with a good firm or two, changed as a person would in their program."""
    made = openpyxl.Workbook()
    page = made.active
    for row in (head, *(rows if rows is not None else [firm(**FREE), firm(单位名称="二厂（示例）", **FREE)])):
        page.append(row)
    if change is not None:
        change(page)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


async def office_of(site: Any, world: World) -> Visitor:
    """The district's office at its desk."""
    await world.account("bureau", Role.OFFICE, unit="区局")
    office: Visitor = site()
    await office.sign_in("bureau", PASSWORD)
    return office


async def brought(office: Visitor, data: bytes, kind: str = "enterprises") -> Page:
    """The page that one comes to with a sheet."""
    said, files = {"kind": kind, "region": "sample"}, {"sheet": ("a.xlsx", data)}
    answer = await office.send(await office.get("/office/import"), said, action="/office/import", files=files)
    return await office.follow(answer) if answer.status == 303 else answer


# What nobody sees


@pytest.mark.parametrize("grouped", [False, True], ids=["hidden", "collapsed"])
async def test_a_hidden_column_is_not_read_and_told(world: World, grouped: bool) -> None:
    head = [FIRMS[0], "统一社会信用代码", *FIRMS[1:]]
    old, new = CODES["toys"], "91320506MAUBJH6YG0"
    values = firm(统一社会信用代码=new)

    def hide(page: Any) -> None:
        page.column_dimensions["B"].hidden = True
        if grouped:
            page.column_dimensions.group("B", "B", hidden=True)

    found = await tried(world.call, "enterprises", book(hide, head=head, rows=[[values[0], old, *values[1:]]]))
    assert (wrong(found), found.came + found.changed) == ([], 1)
    assert found.hidden == ("B 统一社会信用代码",)
    # Seen again, it is a question which of the two counts
    with pytest.raises(Exception, match="“统一社会信用代码”有 B、C 列"):
        await tried(world.call, "enterprises", book(head=head, rows=[[values[0], old, *values[1:]]]))


async def test_hidden_rows_are_listed_with_what_to_do(world: World) -> None:
    def hide(page: Any) -> None:
        page.row_dimensions[3].hidden = True

    found = await tried(world.call, "enterprises", book(hide))
    assert (wrong(found), found.came) == ([], 1)
    assert [(one.row, one.why) for one in found.left_out] == [(3, "隐藏的行，要导入请先取消隐藏或筛选")]
    assert "二厂（示例）" in found.left_out[0].text


# What fits twice


async def test_two_columns_that_say_the_same_are_no_question(world: World) -> None:
    values = firm(**FREE)
    found = await tried(world.call, "enterprises", book(head=[*FIRMS, FIRMS[0]], rows=[[*values, values[0]]]))
    assert (wrong(found), found.came) == ([], 1)


@pytest.mark.parametrize(
    ("heading", "title", "cells", "rows"),
    [
        ("手机号码", "联系电话", ("13900001111", "13900002222"), 2),
        ("手机", "联系电话", ("", "13900002222"), 1),
        ("注册地址", "详细地址", ("路9号", "路1号"), 1),
        ("法定代表人", "联系人", ("示例甲", "示例人"), 1),
        ("营业执照号", "统一社会信用代码", ("320506000012345", ""), 1),
    ],
)
async def test_a_column_with_our_own_title_is_read_and_what_another_says_is_told(
    world: World, heading: str, title: str, cells: tuple[str, str], rows: int
) -> None:
    firms: list[list[object]] = [[*firm(**FREE), cells[0]], [*firm(单位名称="二厂（示例）", **FREE), cells[1]]]
    found = await tried(world.call, "enterprises", book(head=[*FIRMS, heading], rows=firms))
    assert (wrong(found), found.came) == ([], 2)
    ((row, at, text),) = [(one.row, one.title, one.text) for one in found.warnings]
    first, says = (2, cells[0]) if cells[0] else (3, cells[1])
    assert (row, at) == (first, title)
    assert text.startswith(f"没有用“{heading}”这一列：用的是“{title}”，而这一列有 {rows} 行写的不同，第 {first} 行是“{says}”")
    # Said the same, or nothing, it is not worth a word; and what the office said of its columns is asked no more
    same = [[*row[:-1], "" if n else row[FIRMS.index(title)]] for n, row in enumerate(firms)]
    assert (await tried(world.call, "enterprises", book(head=[*FIRMS, heading], rows=same))).warnings == ()
    said = {one.place: one.code for one in found.columns}
    await headings.tell(world.call, "enterprises", "sample", found.shape, said)
    assert (await tried(world.call, "enterprises", book(head=[*FIRMS, heading], rows=firms))).warnings == ()


@pytest.mark.parametrize(
    ("kind", "head", "row", "said"),
    [
        ("enterprises", [*FIRMS, "企业名称"], [*firm(**FREE), "二厂（示例）"], "“单位名称”有 A、J 列"),
        ("people", ["姓名", "公示电话", "所在部门", "网格员姓名"], ["钱新", "0512-01000078", "东所", "钱旧"], "“姓名”有 A、D 列"),
        (
            "people",
            ["姓名", "公示电话", "所在部门", "工作证编号", "工号"],
            ["钱新", "0512-01000078", "东所", "示8", "示9"],
            "“工作证编号”有 D、E 列",
        ),
        ("appointments", ["姓名", "网格员", "岗位", "任职处"], ["张看护", "李格长", "看护员", "丁村格"], "“姓名”有 A、B 列"),
    ],
)
async def test_by_what_things_are_told_apart_two_that_differ_are_a_question_whatever_their_title(
    world: World, kind: str, head: list[str], row: list[object], said: str
) -> None:
    with pytest.raises(Exception, match=said):
        await tried(world.call, kind, book(head=head, rows=[row]))


async def test_two_tables_side_by_side_are_a_question(world: World) -> None:
    rows = [[*firm(**FREE), *firm(单位名称="右厂（示例）", **FREE)]]
    with pytest.raises(Exception, match="左右并排的两张表，请上下合成一张"):
        await tried(world.call, "enterprises", book(head=[*FIRMS, *FIRMS], rows=rows))


async def test_the_office_says_which_counts_and_is_remembered_and_forgotten(site, world: World) -> None:
    office = await office_of(site, world)
    data = book(head=[*FIRMS, "联系电话"], rows=[[*firm(联系电话="0512-01008888", **FREE), "0512-01007777"]])
    asked = await brought(office, data)
    assert "请先说明各列的含义" in asked.text
    (home,) = {
        one.get("action", "").removesuffix("/columns") for one in asked.all("form") if one.get("action", "").endswith("/columns")
    }
    chosen = asked.form(f"{home}/columns")
    right = f"column-{len(FIRMS)}"
    assert chosen[right] == ""
    checked = await office.follow(await office.send(asked, {right: "phone", "go": "say"}, action=f"{home}/columns"))
    assert "检查通过" in checked.text
    taken = await office.follow(await office.send(checked, {"go": "all"}, action=f"{home}/take"))
    assert "导入完成" in taken.text
    phone = await world.call.db.value("select phone from enterprise where name = $1", firm()[0])
    assert phone == "0512-01007777"
    # Next month's sheet of that shape asks nothing, and can be asked again
    again = await brought(office, data)
    assert "检查通过" in again.text
    (home,) = {
        one.get("action", "").removesuffix("/columns") for one in again.all("form") if one.get("action", "").endswith("/columns")
    }
    forgotten = await office.follow(await office.send(again, {"go": "forget"}, action=f"{home}/columns"))
    assert "请先说明各列的含义" in forgotten.text


async def test_a_heading_that_nobody_knows_is_said_once(site, world: World) -> None:
    office = await office_of(site, world)
    head = ["店招" if one == "单位名称" else one for one in FIRMS]
    asked = await brought(office, book(head=head))
    assert "没有找到这些列：单位名称" in asked.text
    assert "二厂（示例）" in asked.text
    assert "/office/import/template/enterprises/sample" in asked.links()
    (home,) = {
        one.get("action", "").removesuffix("/columns") for one in asked.all("form") if one.get("action", "").endswith("/columns")
    }
    twice = {f"column-{FIRMS.index('单位名称')}": "name", f"column-{FIRMS.index('详细地址')}": "name", "go": "say"}
    refused = await office.send(asked, twice, action=f"{home}/columns")
    assert "有两列都选成了“单位名称”" in refused.text
    said = {f"column-{FIRMS.index('单位名称')}": "name", "go": "say"}
    checked = await office.follow(await office.send(asked, said, action=f"{home}/columns"))
    assert "检查通过" in checked.text
    assert await world.call.db.value("select count(*) from import_heading") == 1


async def test_what_columns_are_said_twice_at_once_is_said_once(site, world: World) -> None:
    office = await office_of(site, world)
    asked = await brought(office, book(head=["店招" if one == "单位名称" else one for one in FIRMS]))
    home = asked.response.url.path
    values = {**asked.form(f"{home}/columns"), f"column-{FIRMS.index('单位名称')}": "name", "go": "say"}
    answers = await asyncio.gather(*(office.post(f"{home}/columns", values, check=False) for _ in range(3)))
    assert 303 in {one.status for one in answers}
    assert all(one.status == 303 or "已经处理过" in one.text for one in answers)
    assert "检查通过" in (await office.get(home)).text
    assert await world.call.db.value("select count(*) from import_heading") == 1


async def test_what_one_area_said_is_nothing_to_another(world: World) -> None:
    east = world.call.as_(await world.office("东所"))
    shape = "a" * 32
    await headings.tell(east, "enterprises", "sample", shape, {0: "name"})
    assert await headings.columns_said_before(east, "enterprises", "sample") == {shape: {0: "name"}}
    assert await headings.columns_said_before(world.call.as_(await world.office("区局")), "enterprises", "sample") == {}


# What stands in a column


@pytest.mark.parametrize("heading", ["证照号", "", "编码"])
async def test_a_column_of_credit_codes_is_known_by_its_cells(world: World, heading: str) -> None:
    head = [heading if one == "统一社会信用代码" else one for one in FIRMS]
    found = await tried(world.call, "enterprises", book(head=head, rows=[firm(统一社会信用代码=CODES["gravel"])]))
    assert (wrong(found), found.lacking) == ([], ())
    place = FIRMS.index("统一社会信用代码")
    assert [one.code for one in found.columns if one.place == place] == ["credit_code"]
    # One digit off is none, and the column that lacks is told
    found = await tried(world.call, "enterprises", book(head=head, rows=[firm(统一社会信用代码=CODES["gravel"][:-1] + "1")]))
    assert (wrong(found), found.lacking) == ([], ("统一社会信用代码",))


async def test_a_formula_does_harm_only_where_it_is_read(world: World) -> None:
    found = await tried(world.call, "enterprises", book(head=["序号", *FIRMS], rows=[["=ROW()-1", *firm(**FREE)]]))
    assert (wrong(found), found.came) == ([], 1)
    for formula, said in (('="甲"&"厂"', "有公式（第一个在 A2）"), ('=_xlfn.DISPIMG("ID_0123",1)', "有公式|是图片")):
        with pytest.raises(Exception, match=said):
            await tried(world.call, "enterprises", book(rows=[[formula, *firm(**FREE)[1:]]]))


async def test_a_private_number_that_is_wrong_warns_and_stops_nothing(world: World) -> None:
    found = await tried(world.call, "enterprises", sheet(FIRMS, firm(联系电话="123456", **FREE)))
    assert (wrong(found), found.came) == ([], 1)
    assert [(one.row, one.title) for one in found.warnings] == [(2, "联系电话")]
    assert "没有采用" in found.warnings[0].text


# Days


@pytest.mark.parametrize(
    "said",
    [
        "2026年3月1号",
        "2026.03.01.",
        "2026、3、1",
        "2026年03月01日（星期日）",
        "2026–3–1",
        "2026 3 1",
        "二〇二六年三月一日",
        "46082",
        "2026-3-1",
        "2026/03/01",
        "20260301",
        "2026年3月1日 上午9时",
        "2026.3.1 9:00",
        "2026-03-01T00:00:00",
        "２０２６．３．１",
        "二○二六年三月一日",
        "2026年3月1日 周日",
        "2026-3-1 00:00:00",
        "46082.0",
        "2026·3·1",
        "2026年元月1日",
        "2026年3月1日起",
    ],
)
async def test_every_full_day_is_read(world: World, said: str) -> None:
    call = world.call
    assert call.today.isoformat() == "2026-03-02"
    found = await tried(call, "enterprises", sheet([*FIRMS, "登记日期"], [*firm(**FREE), said]))
    assert (wrong(found), found.came, found.warnings) == ([], 1, ())


@pytest.mark.parametrize(
    "said", ["2026年3月", "2026.3", "26.3.1", "3月1日", "三月", "2026年", "今年", "2026.13.1", "2026-2-30", "20261301", "123"]
)
async def test_a_day_that_is_not_whole_is_a_question(world: World, said: str) -> None:
    found = await tried(world.call, "enterprises", sheet([*FIRMS, "登记日期"], [*firm(**FREE), said]))
    assert [title for _, title, _ in wrong(found)] == ["登记日期"]


async def test_a_day_to_come_is_looked_at_and_a_far_one_refused(world: World) -> None:
    for days, errors, warnings in ((0, 0, 0), (1, 0, 1), (300, 0, 1), (400, 1, 0)):
        day = (world.call.today + timedelta(days=days)).isoformat()
        found = await tried(world.call, "enterprises", sheet([*FIRMS, "登记日期"], [*firm(**FREE), day]))
        assert (len(found.errors), len(found.warnings)) == (errors, warnings), day
    found = await tried(world.call, "enterprises", sheet([*FIRMS, "登记日期"], [*firm(**FREE), "2062.3.1"]))
    assert "太远了" in wrong(found)[0][2]


async def test_a_question_of_a_command_is_a_refusal(world: World) -> None:
    with pytest.raises(Exception, match="没有找到这些列"):
        await batches.bring(world.call, kind="enterprises", region="sample", data=book(head=["甲", *FIRMS[1:]]))
    assert await world.call.db.value("select count(*) from import_batch") == 0


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("enterprises", FIRMS),
        ("people", ["姓名", "公示电话", "所在部门"]),
        ("appointments", ["姓名", "岗位", "负责网格", "到任日期"]),
        ("deeds", ["巡查日期", "工作内容", "被查单位", "巡查人", "检查情况"]),
    ],
)
async def test_the_kind_is_told_by_the_header(world: World, kind: str, head: list[str]) -> None:
    data = book(head=head, rows=[["示例"] * len(head)])
    assert await batches.kind_of(world.call, "sample", data) == kind


async def test_a_formula_does_not_hide_of_what_kind_a_sheet_is(site, world: World) -> None:
    def with_formula(page: Any) -> None:
        page["B2"] = '=CONCATENATE("9144030071526726","XG")'

    data = book(with_formula)
    assert await batches.kind_of(world.call, "sample", data) == "enterprises"
    office = await office_of(site, world)
    files = {"sheet": ("a.xlsx", data)}
    page = await office.send(
        await office.get("/office/import"), {"kind": "", "region": "sample"}, action="/office/import", files=files
    )
    assert ("这一列有公式" in page.text, "不能识别表的类别" in page.text) == (True, False)


async def test_grids_without_their_villages_are_told_so(world: World) -> None:
    ground = ["网格名称", "网格层级", "所在辖区"]
    row = ["东片（示例）", "片", "东镇"]
    assert "包含的村社区" in (await tried(world.call, "grids", sheet(ground, row))).lacking
    for heading in ("覆盖村（社区）", "所含村居", "下辖社区"):
        assert "包含的村社区" not in (await tried(world.call, "grids", sheet([*ground, heading], [*row, "甲村"]))).lacking


async def test_a_kind_that_cannot_be_told_is_asked_for(site, world: World) -> None:
    office = await office_of(site, world)
    files = {"sheet": ("a.xlsx", book(head=["甲", "乙"], rows=[["丙", "丁"]]))}
    page = await office.send(
        await office.get("/office/import"), {"kind": "", "region": "sample"}, action="/office/import", files=files
    )
    assert "不能识别表的类别" in page.text


async def test_the_first_row_of_data_is_no_second_header(world: World) -> None:
    head = ["单位名称", "所在村或社区", "规模", "高危", "登记来源"]
    rows: list[list[object]] = [["甲厂（示例）", "甲村", "小", "否", "网格"], ["乙厂（示例）", "甲村", "小", "否", ""]]
    found = await tried(world.call, "enterprises", book(head=head, rows=rows))
    assert (wrong(found), found.came) == ([], 2)


async def test_a_whole_row_may_begin_with_any_word(world: World) -> None:
    head = ["职务", "姓名", "公示电话", "所在部门"]
    rows: list[list[object]] = [
        [word, f"示{n}人", f"1381234500{n}", "东所"] for n, word in enumerate(("负责人", "经办人", "小计", "备注"))
    ]
    found = await tried(world.call, "people", book(head=head, rows=rows))
    assert (wrong(found), found.came, found.left_out) == ([], 4, ())


async def test_a_formula_in_a_row_that_is_no_data_does_no_harm(world: World) -> None:
    rows = [firm(**FREE), ["合计", "", "=COUNTA(C2:C2)", "", "", "", "", "", ""]]
    found = await tried(world.call, "enterprises", book(rows=rows))
    assert (wrong(found), found.came, len(found.left_out)) == ([], 1, 1)


async def test_what_was_said_of_a_column_does_not_read_it_where_it_is_hidden(world: World) -> None:
    data = book(head=[*FIRMS, "旧电话"], rows=[[*firm(联系电话="", **FREE), "0512-01007777"]])
    await batches.bring(world.call, kind="enterprises", region="sample", data=data)
    seen = (await tried(world.call, "enterprises", data)).columns
    said = {one.place: one.code for one in seen} | {len(FIRMS): "phone", FIRMS.index("联系电话"): ""}
    await headings.tell(world.call, "enterprises", "sample", (await tried(world.call, "enterprises", data)).shape, said)

    def hide(page: Any) -> None:
        page.column_dimensions["J"].hidden = True

    assert "phone" in {one.code for one in (await tried(world.call, "enterprises", data)).columns}
    hidden = await tried(
        world.call, "enterprises", book(hide, head=[*FIRMS, "旧电话"], rows=[[*firm(联系电话="", **FREE), "0512-01007777"]])
    )
    assert ("phone" in {one.code for one in hidden.columns}, hidden.hidden) == (False, ("J 旧电话",))


async def test_an_address_that_became_a_day_is_pointed_at(world: World) -> None:
    found = await tried(world.call, "enterprises", book(rows=[firm(详细地址=date(2026, 5, 1), **FREE)]))
    assert [(one.row, one.title, "5-1" in one.text) for one in found.warnings] == [(2, "详细地址", True)]


async def test_everything_open_is_asked_at_once(world: World) -> None:
    head = ["店招" if one == "单位名称" else one for one in [*FIRMS, "联系电话"]]

    def hide(page: Any) -> None:
        page.column_dimensions["C"].hidden = True

    with pytest.raises(
        Exception, match="“联系电话”有 G、J 列.*没有找到这些列：单位名称、所在村或社区。.*取消隐藏：C 所在村或社区"
    ):
        await tried(world.call, "enterprises", book(hide, head=head, rows=[[*firm(**FREE), "0512-01007777"]]))
