"""What an import wrote over and what it ended comes back, or is refused; nobody takes one sheet in twice."""

import asyncio
from dataclasses import replace

import pytest

from portal.enterprises import charges
from portal.errors import Refused
from portal.imports import batches, jobs, queries, undoing
from portal.imports.outcome import Wish
from portal.viewer import Role
from tests.imports.test_imports import FIRM, FIRMS, checksum, firm, sheet, taken, tried, wrong
from tests.world import World, confirmed, make_appointment

pytestmark = pytest.mark.asyncio
CHARGES = ["企业名称", "条线", "部门", "从哪天起"]
SHOP = "丙小店（示例）"


@pytest.mark.parametrize("since", ["", "2026-02-01", "2026-04-01"])
async def test_a_charge_that_was_corrected_and_taken_back_is_as_it_was(world: World, since: str) -> None:
    first, _ = await taken(world.call, "charges", sheet(CHARGES, [SHOP, "消防", "西所", since]))
    before = await checksum(world.call)
    id_, found = await taken(world.call, "charges", sheet(CHARGES, [SHOP, "消防", "区局", since]))
    assert (found.came + found.changed, found.left, wrong(found)) == (1, (), [])
    timeline = await charges.charges(world.call, world.enterprises[SHOP])
    assert [one.unit_name for one in timeline if one.until is None] == ["区局"]
    await undoing.undo(world.call, id_)
    assert await checksum(world.call) == before
    await undoing.undo(world.call, first)
    assert await charges.charges(world.call, world.enterprises[SHOP]) == ()


async def test_another_office_from_another_day_on_is_taken_back_too(world: World) -> None:
    await taken(world.call, "charges", sheet(CHARGES, [SHOP, "消防", "西所", "2026-01-05"]))
    before = await checksum(world.call)
    id_, found = await taken(world.call, "charges", sheet(CHARGES, [SHOP, "消防", "区局", ""]))
    assert [one.what for one in found.touched] == ["负责部门 西所 → 区局"]
    assert len(await charges.charges(world.call, world.enterprises[SHOP])) == 2
    await undoing.undo(world.call, id_)
    assert await checksum(world.call) == before


async def test_what_ended_with_somebody_comes_back_with_them(world: World) -> None:
    await make_appointment(world, "吴执法", "keeper", grid="丁村格")
    sheets = {
        "people": sheet(
            ["姓名", "工号", "电话", "辖区"], ["钱新", "新1", "0512-01000078", "东镇"], ["郑新", "新2", "0512-01000079", "示例区"]
        ),
        "enterprises": sheet(FIRMS, firm()),
        "units": sheet(["部门名称", "类型", "镇街", "电话"], ["东二所（示例）", "镇所", "东镇", "0512-01000077"]),
    }
    await taken(world.call, "charges", sheet(CHARGES, ["甲面粉店（示例）", "消防", "东所", "2026-02-01"]))
    for kind, data in sheets.items():
        before = await checksum(world.call)
        id_, found = await taken(world.call, kind, data, end_all=True)
        assert (found.ended > 0, found.written, wrong(found)) == (True, True, [])
        held = await world.call.db.value("select count(*) from appointment where until is null")
        await undoing.undo(world.call, id_)
        assert await checksum(world.call) == before, kind
        assert await world.call.db.value("select count(*) from appointment where until is null") >= held


async def test_a_board_names_its_people_again_after_the_undoing(world: World) -> None:
    from portal.boards.actions import issue
    from portal.boards.queries import board

    code = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    head = ["姓名", "工号", "电话", "辖区"]
    id_, found = await taken(world.call, "people", sheet(head, ["钱新", "新1", "0512-01000078", "示例区"]), end_all=True)
    assert found.ended > 0
    assert (await board(world.call, code)).stale_since is not None
    await undoing.undo(world.call, id_)
    assert (await board(world.call, code)).stale_since is None


async def test_nobody_gets_a_post_back_that_others_hold_by_now(world: World) -> None:
    head = ["姓名", "岗位", "任职处", "离任日期"]
    today = world.call.today.isoformat()
    id_, found = await taken(world.call, "appointments", sheet(head, ["张看护", "看护员", "甲村格", today]))
    assert (found.changed, wrong(found)) == (1, [])
    await make_appointment(world, "周看护", "keeper", grid="甲村格", since=world.call.today)
    before = await checksum(world.call)
    with pytest.raises(Refused, match="看护员已经由别人担任，张看护的任职不能恢复"):
        await undoing.undo(world.call, id_)
    assert await checksum(world.call) == before


async def test_a_grid_and_those_below_it_end_together_in_whatever_order(world: World) -> None:
    head = ["网格编号", "名称", "层级", "所属辖区", "上级网格", "村社区"]
    rows = [
        ["E2", "东二格", "镇格", "东镇", "", ""],
        ["E3", "东二片", "片", "东镇", "E2", ""],
        ["E4", "乙二格", "村格", "乙社区", "E2", ""],
    ]
    before = await checksum(world.call)
    id_, found = await taken(world.call, "grids", sheet(head, *rows), end_all=True)
    assert (found.ended, wrong(found)) == (4, [])
    left = await world.call.db.rows(
        "select name from grid where until is null and name like any(array['东%', '甲%', '乙%', '园%'])"
    )
    assert sorted(row["name"] for row in left) == ["东二格", "东二片", "乙二格"]
    await undoing.undo(world.call, id_)
    assert await checksum(world.call) == before


async def test_a_sheet_of_one_sort_in_one_place_says_nothing_of_the_others(world: World) -> None:
    head = ["姓名", "岗位", "任职处"]
    found = await tried(world.call, "appointments", sheet(head, ["张看护", "看护员", "甲村格"]))
    assert [(one.where, one.names) for one in found.left] == [("东镇 看护员", ("周看护 园片", "赵看护 乙社区格"))]


async def test_pressed_twice_at_once_a_sheet_is_taken_in_once(world: World) -> None:
    people = sheet(["姓名", "电话", "辖区"], ["钱新", "0512-01000078", "东镇"])
    id_ = await batches.bring(world.call, kind="people", region="sample", data=people)
    await batches.check(world.call, id_)
    done = await asyncio.gather(*(batches.take_in(world.call, id_, Wish()) for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Outcome", "Refused", "Refused"]
    assert await world.call.db.value("select count(*) from person where name = '钱新'") == 1
    assert (await queries.batch(world.call, id_)).state == "taken"
    gone = await asyncio.gather(*(undoing.undo(world.call, id_) for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in gone) == ["Refused", "Refused", "int"]
    assert (await queries.batch(world.call, id_)).state == "undone"


async def test_a_second_job_on_a_sheet_is_refused_and_one_that_comes_again_changes_nothing(world: World) -> None:
    account = await world.account("bureau", Role.OFFICE, unit="区局")
    row = await world.call.db.value("select id from account where public_id = $1", account)
    bureau = world.call.as_(replace(await world.office("区局"), account=row))
    id_ = await batches.bring(bureau, kind="enterprises", region="sample", data=sheet(FIRMS, FIRM))
    await jobs.import_rows(bureau, await jobs.ask(bureau, id_, "check"))
    job = await jobs.ask(bureau, id_, "take")
    assert await jobs.ask(bureau, id_, "take") == job
    with pytest.raises(Refused, match="正在处理"):
        await jobs.ask(bureau, id_, "take", Wish(good_only=True))
    await jobs.import_rows(bureau, job)
    # A worker that died between the commit and its last word is followed by another
    await jobs.import_rows(bureau, job)
    assert (await queries.batch(bureau, id_)).state == "taken"
    undoing = await jobs.ask(bureau, id_, "undo")
    await jobs.import_rows(bureau, undoing)
    await jobs.import_rows(bureau, undoing)
    assert (await queries.batch(bureau, id_)).state == "undone"
    with pytest.raises(Refused):
        await jobs.ask(bureau, id_, "undo")


async def test_a_check_keeps_nobody_waiting(world: World) -> None:
    heard: list[str] = []

    async def listen(_call, event) -> None:
        heard.append(event.name)

    call = replace(world.call, portal=replace(world.call.portal, listeners=(*world.call.portal.listeners, listen)))
    rows = sheet(["部门名称", "类型", "镇街", "电话"], ["东所", "镇所", "东镇", "0512-01009999"])
    id_ = await batches.bring(call, kind="units", region="sample", data=rows)
    assert (await batches.check(call, id_)).changed == 1
    assert heard == []
    await batches.take_in(call, id_, Wish())
    assert heard == ["changed"]


async def test_the_undoing_changes_no_row_of_who_keeps_complaints(world: World) -> None:
    account = await world.account("bureau", Role.OFFICE, unit="区局")
    row = await world.call.db.value("select id from account where public_id = $1", account)
    bureau = world.call.as_(replace(await world.office("区局"), account=row))
    head = ["姓名", "工号", "电话", "辖区"]
    id_, found = await taken(bureau, "people", sheet(head, ["张看护", "示例003", "0512-01000079", ""]))
    assert found.changed == 1
    await world.account("keeper", Role.CUSTODIAN, unit="纪检", person="张看护")
    with pytest.raises(Refused, match="投诉受理人"):
        await undoing.undo(bureau, id_)
    assert await world.call.db.value("select phone from person where name = '张看护'") == "0512-01000079"


async def test_a_job_may_do_what_whoever_asked_for_it_may_do(world: World) -> None:
    """Large sheets are worked on as jobs, and an administrator of the keepers' office may change keepers there too."""
    await world.account("keeper", Role.CUSTODIAN, unit="纪检", person="张看护")
    await world.account("chief", Role.ADMINISTRATOR, person="王格长")
    everywhere = await confirmed(world, "chief")
    for viewer, problems in ((replace(everywhere, administers=()), 1), (everywhere, 0)):
        call = world.call.as_(viewer)
        data = sheet(["姓名", "工号", "电话", "辖区"], ["张看护", "示例003", "0512-01000079", ""])
        id_ = await batches.bring(call, kind="people", region="sample", data=data)
        await jobs.import_rows(world.call, await jobs.ask(call, id_, "check"))
        assert len((await queries.batch(call, id_)).result["errors"]) == problems
