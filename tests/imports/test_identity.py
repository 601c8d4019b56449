"""Who or what a row means: who is known again, who is somebody else, who gives way, and what no update can change."""

from datetime import date, timedelta

import pytest

from portal.areas import actions as areas
from portal.boards.actions import issue
from portal.enterprises import actions as enterprises
from portal.feedback.actions import CaseOpening, open_case
from portal.imports import batches, undoing
from portal.imports.exports import export
from portal.imports.outcome import Outcome, Wish
from portal.people import actions as people
from portal.people.queries import holdings_of, person
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.terms import day_words
from portal.viewer import PUBLIC, Role
from tests.imports.test_imports import FIRMS, checksum, firm, sheet, taken, tried, wrong
from tests.world import CODES, PASSWORD, World, make_appointment, make_enterprise, make_person

FOLK = ["姓名", "工作证编号", "公示电话", "所在辖区"]
POSTS = ["姓名", "工作证编号", "联系电话", "岗位", "任职处", "到任日期", "离任日期"]
CODE = "9144030071526726XG"


async def count(world: World, table: str, name: str) -> int:
    return int(await world.call.db.value(f"select count(*) from {table} where name = $1", name))


# People


async def test_who_has_no_badge_yet_is_known_by_name_and_number_and_gets_it(world: World) -> None:
    await make_person(world, "钱北", phone="139 0000 1111", place="西镇")
    for row in (["钱北", "", "13900001111", "西镇"], ["钱北", "北001", "139-0000-1111", "西镇"]):
        _, found = await taken(world.call, "people", sheet(FOLK, row))
        assert (wrong(found), found.came) == ([], 0)
    rows = await world.call.db.rows("select badge from person where name = '钱北'")
    assert [row["badge"] for row in rows] == ["北001"]


async def test_who_has_another_badge_or_number_is_somebody_else(world: World) -> None:
    await make_person(world, "钱北", phone="0512-01000078", badge="北001", place="西镇")
    await make_person(world, "周北", phone="0512-01000078", place="西镇")
    rows = [["钱北", "北002", "0512-01000078", "西镇"], ["周北", "", "0512-01000079", "西镇"]]
    assert (await tried(world.call, "people", sheet(FOLK, *rows))).came == 2


async def test_one_of_several_alike_is_not_guessed(world: World) -> None:
    for _ in range(2):
        await make_person(world, "钱北", phone="0512-01000078", place="西镇")
    for badge in ("", "北001"):
        found = await tried(world.call, "people", sheet(FOLK, ["钱北", badge, "0512 01000078", "西镇"]))
        assert [(title, "有 2 个登记相同的“钱北”" in text) for _, title, text in wrong(found)] == [("工作证编号", True)]
    await make_person(world, "周北", phone="0512-01000078", place="西镇")
    two = [["周北", badge, "0512-01000078", "西镇"] for badge in ("北001", "北002")]
    found = await tried(world.call, "people", sheet(FOLK, *two))
    assert [(row, title, "已填上 北001" in text) for row, title, text in wrong(found)] == [(3, "工作证编号", True)]


@pytest.mark.parametrize("badges", [("", "北001"), ("北001", ""), ("", "")])
async def test_one_person_twice_on_a_sheet_is_told(world: World, badges: tuple[str, str]) -> None:
    rows = [["钱北", badge, phone, "西镇"] for badge, phone in zip(badges, ("139 0000 1111", "13900001111"), strict=True)]
    assert [(row, text) for row, _, text in wrong(await tried(world.call, "people", sheet(FOLK, *rows)))] == [
        (3, "与第 2 行重复")
    ]


async def test_people_who_only_serve_here_are_known_but_not_changed(world: World) -> None:
    await make_person(world, "郑区", phone="0512-01000078", certificate="示例证3")
    await make_appointment(world, "郑区", "officer", unit="西所")
    west = world.call.as_(await world.office("西所"))
    found = await tried(west, "appointments", await export(west, "sample", "appointments", "xlsx"))
    assert (wrong(found), found.same, found.left) == ([], found.rows, ())
    assert (await tried(west, "people", sheet(FOLK, ["郑区", "", "0512-01000078", ""]))).same == 1
    found = await tried(west, "people", sheet(FOLK, ["郑区", "区001", "0512-01000078", ""]))
    assert wrong(found) == [(2, "姓名", "郑区登记在示例区，在这里任职；要由登记的辖区更改，请把这一行去掉")]


# Enterprises


async def test_a_firm_without_a_code_is_known_by_name_and_place_and_gets_it(world: World) -> None:
    name = "丙小店（示例）"
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, firm(单位名称=name, 所在村或社区="丙村")))
    assert (wrong(found), found.came, found.changed) == ([], 0, 1)
    assert await world.call.db.value("select credit_code from enterprise where name = $1", name) == CODE
    assert await count(world, "enterprise", name) == 1


async def test_a_firm_of_another_code_or_place_is_another(world: World) -> None:
    rows = [firm(单位名称="甲面粉店（示例）"), firm(单位名称="丙小店（示例）", 统一社会信用代码="", 所在村或社区="丁村")]
    assert (await tried(world.call, "enterprises", sheet(FIRMS, *rows))).came == 2
    await make_enterprise(world, "丙小店（示例）", "丙村", size="small", risky="no")
    rows = [firm(单位名称="丙小店（示例）", 所在村或社区="丙村")]
    found = await tried(world.call, "enterprises", sheet(FIRMS, *rows))
    assert [(title, "有 2 个登记相同的" in text) for _, title, text in wrong(found)] == [("统一社会信用代码", True)]


@pytest.mark.parametrize(
    "second",
    [
        {"统一社会信用代码": CODE},
        {"统一社会信用代码": CODE, "所在村或社区": "甲村"},
        {"所在村或社区": "甲村"},
        {"所在村或社区": "示例省示例区东镇甲村"},
    ],
)
@pytest.mark.parametrize("turned", [False, True])
async def test_one_firm_twice_on_a_sheet_is_told_and_comes_once(world: World, second: dict[str, str], turned: bool) -> None:
    rows = [firm(统一社会信用代码=""), firm(**{"统一社会信用代码": "", **second})]
    others = [firm(单位名称=f"厂{n}（示例）", 统一社会信用代码="") for n in range(3)]
    data = sheet(FIRMS, *(reversed(rows) if turned else rows), *others)
    found = await tried(world.call, "enterprises", data)
    assert [(row, text.partition("。")[0]) for row, _, text in wrong(found)] == [(3, "与第 2 行重复")]
    assert found.came == 4


async def test_a_grid_and_an_office_twice_on_a_sheet_are_told(world: World) -> None:
    grids = ["网格编号", "名称", "层级", "所属辖区", "上级网格", "村社区"]
    for rows in (("", "B7"), ("B7", ""), ("", "")):
        made = [[code, "北片", "片", place, "东镇格", "甲村"] for code, place in zip(rows, ("东镇", "9901001"), strict=True)]
        assert [(row, text) for row, _, text in wrong(await tried(world.call, "grids", sheet(grids, *made)))] == [
            (3, "与第 2 行重复")
        ]
    units = [["北所（示例）", "镇所", place, "0512-01000077"] for place in ("西镇", "9901002")]
    found = await tried(world.call, "units", sheet(["部门名称", "类型", "镇街", "电话"], *units))
    assert [(row, text) for row, _, text in wrong(found)] == [(3, "与第 2 行重复")]


# Appointments


async def test_another_number_is_another_person(world: World) -> None:
    await make_person(world, "钱北", phone="0512-01000078")
    row = ["钱北", "", "0512-01000099", "看护员", "丁村格", "", ""]
    found = await tried(world.call, "appointments", sheet(POSTS, row))
    assert [(title, "登记的钱北的电话是 051201000078" in text) for _, title, text in wrong(found)] == [("联系电话", True)]
    row[2] = "（0512）01000078"
    assert (await tried(world.call, "appointments", sheet(POSTS, row))).came == 1


async def test_who_leaves_goes_before_who_comes(world: World) -> None:
    await make_person(world, "钱接手")
    today = world.call.today.isoformat()
    rows = [["钱接手", "", "", "看护员", "甲村格", today, ""], ["张看护", "", "", "看护员", "甲村格", "", today]]
    _, found = await taken(world.call, "appointments", sheet(POSTS, *rows))
    assert (wrong(found), found.came, found.changed) == ([], 1, 1)


async def test_a_full_post_says_who_holds_it_and_is_handed_over_by_choice_and_back(world: World) -> None:
    await make_person(world, "钱接手")
    data = sheet(POSTS, ["钱接手", "", "", "看护员", "甲村格", "", ""])
    found = await tried(world.call, "appointments", data)
    assert wrong(found) == [(2, "岗位", "看护员最多 1 人，现任是张看护。请写一行现任的离任日期，或选“岗位移交”")]
    assert found.held == 1
    before = await checksum(world.call)
    id_ = await batches.bring(world.call, kind="appointments", region="sample", data=data)
    checked = await batches.check(world.call, id_, Wish(hand_over=True))
    assert (checked.errors, checked.came, checked.ended, checked.hand_over) == ((), 1, 1, True)
    assert [(one.name, one.deed, one.what) for one in checked.touched] == [
        ("张看护", "ended", f"离任日期 — → {world.call.today}"),
        ("钱接手", "came", ""),
    ]
    found = await batches.take_in(world.call, id_, Wish(hand_over=True))
    assert found.written
    (old,) = await holdings_of(world.call, (await person(world.call, world.people["张看护"])).id)
    (new,) = await holdings_of(world.call, (await person(world.call, world.people["钱接手"])).id)
    assert old.until == new.since == world.call.today
    await undoing.undo(world.call, id_)
    assert await checksum(world.call) == before


async def test_what_waits_goes_with_a_post_and_comes_back_with_it(world: World) -> None:
    call, name = world.call, "甲面粉店（示例）"
    code = await issue(call, "enterprise", world.enterprises[name])
    new = CaseOpening(kind=Kind.CONTACT, board=code, form=public_id(), text="在吗（示例）")
    await open_case(call.as_(PUBLIC), new)
    await make_person(world, "钱接手")

    async def whose() -> str:
        return str(await call.db.value("select p.name from feedback_case c join person p on p.id = c.person"))

    row = ["钱接手", "", "", "看护员", "甲村格", "", ""]
    id_ = await batches.bring(call, kind="appointments", region="sample", data=sheet(POSTS, row))
    await batches.check(call, id_, Wish(hand_over=True))
    assert await whose() == "张看护"
    await batches.take_in(call, id_, Wish(hand_over=True))
    assert await whose() == "钱接手"
    await undoing.undo(call, id_)
    assert await whose() == "张看护"


async def test_nobody_on_the_sheet_gives_way_and_nobody_is_chosen_among_several(world: World) -> None:
    await make_person(world, "钱接手")
    rows = [["钱接手", "", "", "看护员", "甲村格", "", ""], ["张看护", "", "", "看护员", "甲村格", "", ""]]
    _, found = await taken(world.call, "appointments", sheet(POSTS, *rows), hand_over=True)
    assert wrong(found) == [(2, "岗位", "看护员最多 1 人，而张看护也在表里，没有离任日期。请核对由谁任职")]
    for name in ("一", "二"):
        await make_person(world, name)
        await make_appointment(world, name, "pair", grid="乙社区格")
    rows = [["钱接手", "", "", "社区双员", "乙社区格", "", ""]]
    _, found = await taken(world.call, "appointments", sheet(POSTS, *rows), hand_over=True)
    assert wrong(found) == [(2, "岗位", "社区双员最多 2 人，现任是一、二，不能定是谁离任。请写一行现任的离任日期")]
    rows.append(["一", "", "", "社区双员", "乙社区格", "", ""])
    _, found = await taken(world.call, "appointments", sheet(POSTS, *rows), hand_over=True)
    assert (wrong(found), found.came, found.ended, found.same) == ([], 1, 1, 1)


async def test_an_office_chooses_on_the_page_that_posts_are_handed_over(world: World, site) -> None:
    await make_person(world, "钱接手")
    await world.account("bureau", Role.OFFICE, unit="区局")
    office = site()
    await office.sign_in("bureau", PASSWORD)
    data = sheet(POSTS, ["钱接手", "", "", "看护员", "甲村格", "", ""])
    said = {"kind": "appointments", "region": "sample"}
    page = await office.follow(
        await office.send(await office.get("/office/import"), said, action="/office/import", files={"sheet": ("a.xlsx", data)})
    )
    home = str(page.response.url.path)
    assert "岗位移交：表里换了人的，原任自前一天离任" in page.text
    again = await office.follow(await office.send(page, {"hand_over": "yes"}, action=f"{home}/check"))
    assert "检查通过" in again.text
    assert "张看护" in again.text
    done = await office.follow(await office.send(again, {"go": "all"}, action=f"{home}/take"))
    assert "导入完成" in done.text
    # What was taken in is not checked again
    assert "导入完成" in (await office.follow(await office.send(again, {}, action=f"{home}/check"))).text


# What no update can change


@pytest.mark.parametrize(
    ("kind", "head", "row", "column", "text"),
    [
        (
            "grids",
            ["网格编号", "名称", "层级", "所属辖区", "上级网格"],
            ["P1", "园片", "片", "西镇", ""],
            "所在辖区",
            "登记在东镇，不能改",
        ),
        (
            "grids",
            ["网格编号", "名称", "层级", "所属辖区", "上级网格"],
            ["P1", "园片", "片", "东镇", "西镇格"],
            "上级网格",
            "登记的上级网格是：东镇格",
        ),
        ("grids", ["网格编号", "名称", "层级", "所属辖区"], ["P1", "园片", "镇格", "东镇"], "网格层级", "登记的是片"),
        (
            "grids",
            ["网格编号", "名称", "层级", "所属辖区", "启用日期"],
            ["P1", "园片", "片", "东镇", "2020-01-01"],
            "启用日期",
            "2025年3月2日。登记有误的，请到网格页面点“更正日期”",
        ),
        (
            "enterprises",
            [*FIRMS, "登记日期"],
            [*firm(单位名称="甲面粉店（示例）", 统一社会信用代码=CODES["flour"]), "2020-01-01"],
            "登记日期",
            "2025年11月22日。登记有误的，请到单位页面点“更正日期”",
        ),
        (
            "appointments",
            POSTS,
            ["张看护", "", "", "看护员", "甲村格", "2020-01-01", ""],
            "到任日期",
            "2026年1月31日。登记有误的，请到人员页面的“任职”点“更正日期”",
        ),
        (
            "charges",
            ["企业名称", "条线", "部门", "从哪天起"],
            ["丙小店（示例）", "消防", "西所", "2020-01-01"],
            "从哪天起",
            "起由该部门负责。登记有误的，请到单位页面点“更正日期”",
        ),
    ],
)
async def test_a_cell_that_no_update_applies_is_refused_there(
    world: World, kind: str, head: list[str], row: list[str], column: str, text: str
) -> None:
    await taken(world.call, "charges", sheet(["企业名称", "条线", "部门"], ["丙小店（示例）", "消防", "西所"]))
    found = await tried(world.call, kind, sheet(head, row))
    assert [(title, text in said) for _, title, said in wrong(found)] == [(column, True)]


async def test_who_left_comes_back_by_a_later_day_only(world: World) -> None:
    call = world.call
    left = call.today - timedelta(days=3)
    (held,) = await holdings_of(call, (await person(call, world.people["张看护"])).id)
    await people.dismiss(call, held.id, left)

    async def brought(since: date | str, until: date | str = "") -> Outcome:
        return await tried(call, "appointments", sheet(POSTS, ["张看护", "", "", "看护员", "甲村格", since, until]))

    for since in (held.since, left - timedelta(days=1), held.since - timedelta(days=1)):
        found = await brought(since)
        assert [(title, f"已于 {day_words(left)}离任" in text) for _, title, text in wrong(found)] == [("到任日期", True)]
    for since in (left, call.today, ""):
        assert (await brought(since)).came == 1
    assert (await brought("", left)).same == (await brought(held.since, left)).same == 1
    rows = [
        ["张看护", "", "", "看护员", "甲村格", call.today, ""],
        ["张看护", "", "", "看护员", "甲村格", held.since, left],
    ]
    found = await tried(call, "appointments", sheet(POSTS, *rows))
    assert (wrong(found), found.came, found.same) == ([], 1, 1)


# What ended


async def test_what_ended_and_comes_again_says_so_and_goes_on_after_it_was_reopened(world: World) -> None:
    call, name = world.call, "甲面粉店（示例）"
    data = sheet(FIRMS, firm(单位名称=name, 统一社会信用代码=CODES["flour"]))
    await enterprises.end_enterprise(call, world.enterprises[name], call.today)
    ((_, title, text),) = wrong(await tried(call, "enterprises", data))
    assert (title, f"是{name}的，已于 {day_words(call.today)}停用" in text, "重新启用" in text) == (
        "统一社会信用代码",
        True,
        True,
    )
    await enterprises.reopen_enterprise(call, world.enterprises[name], call.today)
    assert (await tried(call, "enterprises", data)).errors == ()
    grids = sheet(["网格编号", "名称", "层级", "所属辖区", "上级网格"], ["P1", "园片", "片", "东镇", "东镇格"])
    await areas.end_grid(call, world.grids["园片"], call.today)
    ((_, title, text),) = wrong(await tried(call, "grids", grids))
    assert (title, f"“园片”的，已于 {day_words(call.today)}撤销" in text) == ("网格编号", True)
    await areas.reopen_grid(call, world.grids["园片"], call.today)
    assert (await tried(call, "grids", grids)).same == 1


@pytest.mark.parametrize("ended", ["enterprise", "unit", "grid"])
async def test_what_hangs_on_what_ended_does_not_go_out(world: World, ended: str) -> None:
    call = world.call
    await taken(call, "charges", sheet(["企业名称", "条线", "部门"], ["甲石料厂（示例）", "消防", "东所"]))
    await make_person(world, "钱北", place="东镇", unit="东所")
    await make_appointment(world, "吴执法", "guard", enterprise="甲石料厂（示例）")
    await make_enterprise(world, "园二厂（示例）", "甲村", drawn_grid="园片", size="small", risky="no")
    end = {
        "enterprise": lambda: enterprises.end_enterprise(call, world.enterprises["甲石料厂（示例）"], call.today),
        "unit": lambda: areas.end_unit(call, world.units["东所"], call.today),
        "grid": lambda: areas.end_grid(call, world.grids["园片"], call.today),
    }
    await end[ended]()
    going_on = "select count(*) from {} t join {} o on o.id = t.{} where o.until <= $1 and (t.until is null or t.until > $1)"
    for table, owner in (("charge", "unit"), ("charge", "enterprise"), *(("appointment", o) for o in end)):
        assert await call.db.value(going_on.format(table, owner, owner), call.today) == 0
    for kind in ("people", "appointments", "enterprises", "charges"):
        found = await tried(call, kind, await export(call, "sample", kind, "csv")) if await _any(world, kind) else None
        assert found is None or (wrong(found), found.came, found.changed, found.left) == ([], 0, 0, ())


async def _any(world: World, kind: str) -> bool:
    return (await export(world.call, "sample", kind, "csv")).count(b"\n") > 1


async def test_lists_leave_out_what_hangs_on_what_ended_long_ago(world: World) -> None:
    call = world.call
    await taken(call, "charges", sheet(["企业名称", "条线", "部门"], ["丙小店（示例）", "消防", "西所"]))
    for table, name in (("enterprise", "丙小店（示例）"), ("grid", "甲村格"), ("person", "孙看护")):
        await call.db.rows(f"update {table} set until = $2 where name = $1", name, call.today)
    for kind, gone in (("charges", "丙小店"), ("appointments", "张看护"), ("appointments", "孙看护")):
        assert gone not in (await export(call, "sample", kind, "csv")).decode("utf-8-sig")
    found = await tried(call, "appointments", await export(call, "sample", "appointments", "csv"))
    assert (wrong(found), found.left) == ([], ())
    found = await tried(call, "charges", sheet(["企业名称", "条线", "部门"], ["甲石料厂（示例）", "消防", "西所"]))
    assert found.left == ()
