"""Visits as ledgers tell them: several people at one, several of one day, in one row or in several; counted once."""

import io

import openpyxl
import pytest

from portal.errors import Refused
from portal.imports import undoing
from portal.imports.checking import checked
from portal.imports.exports import export
from portal.imports.importable import KINDS
from portal.obligations import actions, deeds, queries
from portal.obligations.actions import DeedForm
from portal.storage.lists import Wanted
from portal.viewer import Role
from tests.imports.test_imports import sheet, taken, tried, wrong
from tests.web.test_deed_pages import office
from tests.world import World, make_person

FLOUR, STONE = "甲面粉店（示例）", "甲石料厂（示例）"
WALK, LOOK = "看护员：走遍本格", "格长：查大企业"
HEADS = ["巡查日期", "工作内容", "被查单位", "巡查人", "工号", "检查情况"]


async def written(world: World) -> list[tuple[str, str, str]]:
    """The visits that count: time, by whom, what came of it."""
    rows = (await deeds.deeds(world.call, Wanted())).rows
    return sorted((row.at, row.people, row.note or "") for row in rows)


async def counted(world: World, duty: str, subject: str) -> list[int]:
    """How often each demand of a duty was done in the window that is open."""
    asked = await queries.asked_on(world.call, "sample", world.call.today, duty=duty)
    return [(await queries.these(world.call, now, [world.enterprises[subject]]))[0].done for now, _, _ in asked]


@pytest.mark.parametrize(
    "cell",
    [
        "张看护、李格长",
        "张看护，李格长",
        "张看护,李格长",
        "张看护;李格长",
        "张看护/李格长",
        "张看护 李格长",
        "张看护\n李格长",
        "张 看护　、 李格长",
    ],
)
async def test_several_names_in_a_cell_are_one_visit_by_all_of_them(world: World, cell: str) -> None:
    data = sheet(HEADS, ["2026.3.1", WALK, FLOUR, cell, "", "正常"])
    id_, found = await taken(world.call, "deeds", data)
    assert (wrong(found), found.came) == ([], 1)
    assert await written(world) == [("", "张看护、李格长", "正常")]
    assert await counted(world, "walk", FLOUR) == [1]
    again = await tried(world.call, "deeds", data)
    assert (again.came, again.changed, again.same) == (0, 0, 1)
    # Each of them finds it among what they did
    for name in ("张看护", "李格长"):
        person = await world.call.db.value("select id from person where name = $1", name)
        assert [row.note for row in await deeds.of_person(world.call, person, world.call.today)] == ["正常"]
        found_of = await deeds.deeds(world.call, Wanted(filters={"person": world.people[name]}))
        assert len(found_of.rows) == 1
    await undoing.undo(world.call, id_)
    assert await written(world) == []
    assert await world.call.db.value("select count(*) from deed_doer") == 0


async def test_two_rows_of_one_visit_are_one_visit_by_two(world: World) -> None:
    rows = [["2026.3.1", WALK, FLOUR, name, "", "正常"] for name in ("张看护", "李格长")]
    id_, found = await taken(world.call, "deeds", sheet(HEADS, *rows))
    assert (wrong(found), found.came, found.changed) == ([], 1, 1)
    assert [one.what for one in found.touched if one.deed == "changed"] == ["姓名 — → 李格长"]
    assert await written(world) == [("", "张看护、李格长", "正常")]
    assert await counted(world, "walk", FLOUR) == [1]
    for again in (sheet(HEADS, *rows), sheet(HEADS, *reversed(rows))):
        more = await tried(world.call, "deeds", again)
        assert (wrong(more), more.came, more.changed, more.same) == ([], 0, 0, 2)
    await undoing.undo(world.call, id_)
    assert await written(world) == []
    # What was taken back comes back by the same sheet
    _, found = await taken(world.call, "deeds", sheet(HEADS, *rows))
    assert (wrong(found), found.came, found.changed) == ([], 1, 1)
    assert await written(world) == [("", "张看护、李格长", "正常")]


@pytest.mark.parametrize("names", [("孙看护", "张看护"), ("孙看护", "李格长", "张看护"), ("李格长、孙看护", "张看护")])
async def test_who_came_along_may_stand_above_who_holds_the_post(world: World, names: tuple[str, ...]) -> None:
    other = ["2026.3.1", LOOK, STONE, "李格长", "", "正常"]
    rows = [["2026.3.1", WALK, FLOUR, name, "", "正常"] for name in names]
    data = sheet(HEADS, rows[0], other, *rows[1:])
    _, found = await taken(world.call, "deeds", data)
    assert (wrong(found), found.came, found.changed) == ([], 2, len(names) - 1)
    walked = next(people for _, people, _ in await written(world) if "张看护" in people)
    assert set(walked.split("、")) == set("、".join(names).split("、"))
    assert await counted(world, "walk", FLOUR) == [1]
    again = await tried(world.call, "deeds", data)
    assert (wrong(again), again.came, again.changed, again.same) == ([], 0, 0, len(names) + 1)
    # Without anybody who may, each row says so
    alone = await tried(
        world.call, "deeds", sheet(HEADS, *(["2026.2.27", WALK, FLOUR, name, "", "好"] for name in ("孙看护", "李格长")))
    )
    assert [row for row, *_ in wrong(alone)] == [2, 3]


async def test_who_joins_later_is_taken_out_again_alone(world: World) -> None:
    await taken(world.call, "deeds", sheet(HEADS, ["2026.3.1", WALK, FLOUR, "张看护", "", "正常"]))
    id_, found = await taken(world.call, "deeds", sheet(HEADS, ["2026.3.1", WALK, FLOUR, "李格长", "", "正常"]))
    assert (found.came, found.changed) == (0, 1)
    await undoing.undo(world.call, id_)
    assert await written(world) == [("", "张看护", "正常")]


async def test_visits_of_a_day_that_differ_in_time_or_outcome_are_two_and_count_once(world: World) -> None:
    rows = [
        ["2026.3.1 9:00", LOOK, STONE, "李格长", "", "发现灭火器过期，责令更换"],
        ["2026.3.1 16:00", LOOK, STONE, "李格长", "", "复查已更换"],
    ]
    id_, found = await taken(world.call, "deeds", sheet(HEADS, *rows))
    assert (wrong(found), found.came) == ([], 2)
    assert await written(world) == [("09:00", "李格长", "发现灭火器过期，责令更换"), ("16:00", "李格长", "复查已更换")]
    # Once in two months, and one of six a year
    assert await counted(world, "look", STONE) == [1, 1]
    again = await tried(world.call, "deeds", sheet(HEADS, *rows))
    assert (wrong(again), again.came, again.changed, again.same) == ([], 0, 0, 2)
    other = [
        ["2026.3.1 9:00", LOOK, STONE, "李格长", "", "另有一处漏电"],
        ["2026.3.1 11:30", LOOK, STONE, "李格长", "", "复查已更换"],
    ]
    found = await tried(world.call, "deeds", sheet(HEADS, *other))
    assert (wrong(found), found.came) == ([], 2)
    await undoing.undo(world.call, id_)
    assert await written(world) == []
    # The very same row twice is one, and said to be
    twice = await tried(world.call, "deeds", sheet(HEADS, rows[0], rows[0]))
    assert [text for *_, text in wrong(twice)] == ["与第 2 行重复"]


@pytest.mark.parametrize(
    ("time", "at"), [("9:05", "09:05"), ("下午3点半", "15:30"), ("14时", "14:00"), ("0.375", "09:00"), ("上午", "上午")]
)
async def test_the_time_may_stand_in_a_column_of_its_own(world: World, time: str, at: str) -> None:
    heads = ["日期", "时间", *HEADS[1:]]
    _, found = await taken(world.call, "deeds", sheet(heads, ["2026-03-01", time, WALK, FLOUR, "张看护", "", "正常"]))
    assert (wrong(found), await written(world)) == ([], [(at, "张看护", "正常")])
    # Alone it is the day
    found = await tried(world.call, "deeds", sheet(["时间", *HEADS[1:]], ["2026-03-02", WALK, FLOUR, "张看护", "", "正常"]))
    assert (wrong(found), found.came) == ([], 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-19", "2026-11-19"),
        ("2026-11-19 00:00:00", "2026-11-19"),
        ("2026年11月19日下午2点", "2026-11-19 14:00"),
        ("2026-11-19 09:30:00", "2026-11-19 09:30"),
        ("46345.375", "2026-11-19 09:00"),
        ("2026.11.19 上午", "2026-11-19 上午"),
    ],
)
def test_a_day_with_a_time_says_both(world: World, text: str, said: str) -> None:
    scheme = world.call.book.in_force("sample", world.call.today)
    assert scheme is not None
    day = next(column for column in KINDS["deeds"].columns(scheme) if column.code == "day")
    assert checked(day, text, world.call.today)[:2] == (said, [])


@pytest.mark.parametrize("said", ["看护员：巡遍本格", "看护员:巡遍本格", "巡遍本格", "走遍本格", " 看护员： 走遍本格 "])
async def test_a_duty_is_known_by_what_it_said_before_and_without_its_post(world: World, said: str) -> None:
    _, found = await taken(world.call, "deeds", sheet(HEADS, ["2026.3.1", said, FLOUR, "张看护", "", "正常"]))
    assert (wrong(found), found.came) == ([], 1)
    assert await counted(world, "walk", FLOUR) == [1]
    # The same visit, whatever the sheet calls it
    again = await tried(world.call, "deeds", sheet(HEADS, ["2026.3.1", WALK, FLOUR, "张看护", "", "正常"]))
    assert (again.came, again.changed, again.same) == (0, 0, 1)


async def test_of_namesakes_the_one_who_serves_where_it_was_done_is_meant(world: World) -> None:
    here = world.people["张看护"]
    await make_person(world, "张看护", place="西镇", phone="0512-02000099", badge="示例西1")
    _, found = await taken(world.call, "deeds", sheet(HEADS, ["2026.3.1", WALK, FLOUR, "张看护", "", "正常"]))
    assert (wrong(found), found.came) == ([], 1)
    rows = (await deeds.deeds(world.call, Wanted(filters={"person": here}))).rows
    assert [row.note for row in rows] == ["正常"]
    # Two of them there: who it was only the office knows
    await make_person(world, "张看护", place="示例区", phone="0512-02000098", badge="示例东1")
    found = await tried(world.call, "deeds", sheet(HEADS, ["2026.3.2", WALK, FLOUR, "张看护", "", "正常"]))
    assert [title for _, title, _ in wrong(found)] == ["姓名"]


async def test_what_no_name_or_badge_stands_for_is_said_and_stops(world: World) -> None:
    for cell, badge, says in (
        ("张看护、王不在", "", "没有登记名为“王不在”的人员"),
        ("张看护、", "示例004", "对不上"),
        ("孙看护", "", "在这里不担任看护员"),
    ):
        found = await tried(world.call, "deeds", sheet(HEADS, ["2026.3.1", WALK, FLOUR, cell, badge, "正常"]))
        assert [says in text for *_, text in wrong(found)] == [True], (cell, wrong(found))
    found = await tried(
        world.call, "deeds", sheet(["日期", "时间", *HEADS[1:]], ["2026-03-01", "一会儿", WALK, FLOUR, "张看护", "", "好"])
    )
    assert "看不出是几点" in wrong(found)[0][2]


async def test_what_is_exported_comes_in_as_the_same(world: World) -> None:
    firm = world.enterprises[FLOUR]
    first, second = world.people["张看护"], world.people["李格长"]
    form = DeedForm(
        region="sample", duty="walk", subject=firm, day=world.call.today, at="09:00", person=first, beside=(second,), note="好"
    )
    await actions.add_deed(world.call, form)
    await actions.add_deed(world.call, DeedForm(**{**vars(form), "at": "15:00", "beside": (), "note": "复查"}))
    data = await export(world.call, "sample", "deeds", "xlsx")
    rows = [list(row) for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)]
    lines = [
        [str(cell or "") for cell in row] for row in rows if any(str(cell or "") == FLOUR or cell == "09:00" for cell in row)
    ]
    assert any("张看护、李格长" in line and "09:00" in line for line in lines), rows
    again = await tried(world.call, "deeds", data)
    assert (wrong(again), again.came, again.changed, again.same) == ([], 0, 0, 2)


async def test_the_form_of_the_office_says_the_same_as_a_sheet(site, world: World) -> None:
    await world.account("far", Role.OFFICE, unit="西所")
    east = await office(site, world)
    address = f"/office/deeds/new?region=sample&duty=walk&of={world.enterprises[FLOUR]}"
    page = await east.get(address)
    wrong_ = await east.send(page, {"at": "一会儿", "beside": "李格长", "note": "正常"}, action="/office/deeds/new")
    assert (wrong_.status, "看不出是几点" in wrong_.text, wrong_.form("/office/deeds/new")["beside"]) == (422, True, "李格长")
    nobody = await east.send(page, {"beside": "王不在", "note": "正常"}, action="/office/deeds/new")
    assert (nobody.status, "没有登记工作证编号或姓名为“王不在”的人员" in nobody.text) == (422, True)
    values = {"at": "下午4点", "beside": "李格长", "note": "正常"}
    done = await east.follow(await east.send(page, values, action="/office/deeds/new"))
    assert "16:00" in done.text
    assert await written(world) == [("16:00", "张看护、李格长", "正常")]
    same = await east.send(await east.get(address), values, action="/office/deeds/new")
    assert (same.status, "已经登记过，没有重复写入" in same.text) == (422, True)
    other = await east.send(await east.get(address), {**values, "at": "9:00", "note": "先看了一次"}, action="/office/deeds/new")
    assert other.status == 303
    assert await counted(world, "walk", FLOUR) == [1]
    day = world.call.today.isoformat()
    again = await tried(world.call, "deeds", sheet(HEADS, [f"{day} 16:00", WALK, FLOUR, "张看护，李格长", "", "正常"]))
    assert (again.came, again.changed, again.same) == (0, 0, 1)


async def test_a_meeting_of_one_person_is_not_another_one_s(world: World) -> None:
    form = DeedForm(
        region="sample", duty="study", subject=world.people["张看护"], day=world.call.today, person=world.people["孙看护"]
    )
    with pytest.raises(Refused, match="各记各的：请给孙看护另记一条"):
        await actions.add_deed(world.call, form)
