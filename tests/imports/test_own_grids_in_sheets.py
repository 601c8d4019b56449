"""Grids that are enterprises and sheets: they come and go with the enterprises' sheet, and stand in no sheet of grids."""

import pytest

from portal.call import Call
from portal.errors import Refused
from portal.imports import batches, taking, undoing
from portal.imports.exports import export
from portal.imports.outcome import Outcome, Wish
from tests.imports.test_imports import FIRMS, checksum, firm, sheet, wrong
from tests.world import CODES, World, make_appointment, make_person

GRIDS = ["网格编号", "网格名称", "网格层级", "所在辖区", "上级网格"]


async def taken(call: Call, kind: str, data: bytes, **wish: bool) -> tuple[str, Outcome]:
    """Bring a sheet, check it, take it in."""
    id_ = await batches.bring(call, kind=kind, region="leafy", data=data)
    await batches.check(call, id_)
    return id_, await batches.take_in(call, id_, Wish(**wish))


async def tried(call: Call, kind: str, data: bytes) -> Outcome:
    """What a sheet would bring."""
    return await taking.run(call, kind=kind, region="leafy", data=data, wish=Wish(), write=False)


def row(**values: object) -> list[object]:
    """A good row of a big enterprise in the second village."""
    return firm(**{"所在村或社区": "9801001002", "规模": "大", **values})


async def own(world: World) -> list[tuple[str, str, bool]]:
    """The grids that are enterprises: name, number, and whether they are in force."""
    rows = await world.call.db.rows("select name, code, until from grid where enterprise is not null order by code")
    return [(row["name"], row["code"], row["until"] is None or row["until"] > world.call.today) for row in rows]


async def held(world: World) -> list[str]:
    """Who holds a post at a grid that is an enterprise."""
    rows = await world.call.db.rows(
        "select p.name from appointment a join person p on p.id = a.person join grid g on g.id = a.grid "
        "where g.enterprise is not null and (a.until is null or a.until > $1)",
        world.call.today,
    )
    return [row["name"] for row in rows]


async def test_a_sheet_of_enterprises_brings_their_grids_and_takes_them_away_again(leafy: World) -> None:
    before = await checksum(leafy.call)
    rows = [row(), row(单位名称="新小店（示例）", 统一社会信用代码="", 规模="小")]
    id_, found = await taken(leafy.call, "enterprises", sheet(FIRMS, *rows))
    assert (found.came, wrong(found)) == (2, [])
    assert ("新厂（示例）", "002Q1", True) in await own(leafy)
    assert len(await own(leafy)) == 2
    await undoing.undo(leafy.call, id_)
    assert await checksum(leafy.call) == before


async def test_an_import_is_not_taken_back_once_somebody_leads_the_grid(leafy: World) -> None:
    id_, _ = await taken(leafy.call, "enterprises", sheet(FIRMS, row()))
    leafy.grids["新厂"] = await leafy.call.db.value("select public_id from grid where code = '002Q1'")
    await make_appointment(leafy, "吴厂长", "firm-leader", grid="新厂")
    with pytest.raises(Refused, match="不能整批撤销"):
        await undoing.undo(leafy.call, id_)


@pytest.mark.parametrize("values", [{"单位名称": "甲大厂新名（示例）"}, {"所在村或社区": "9801001002"}, {"规模": "小"}])
async def test_a_changed_enterprise_that_is_taken_back_has_its_grid_and_its_leader_again(
    leafy: World, values: dict[str, str]
) -> None:
    leafy.grids["甲大厂"] = await leafy.call.db.value("select public_id from grid where enterprise is not null")
    await make_appointment(leafy, "吴厂长", "firm-leader", grid="甲大厂")
    before = await checksum(leafy.call)
    same = {"单位名称": "甲大厂（示例）", "统一社会信用代码": CODES["gravel"], "所在村或社区": "9801001001"}
    id_, found = await taken(leafy.call, "enterprises", sheet(FIRMS, row(**{**same, **values})))
    assert (found.changed, wrong(found)) == (1, [])
    assert await held(leafy) == ([] if "规模" in values else ["吴厂长"])
    await undoing.undo(leafy.call, id_)
    assert await checksum(leafy.call) == before
    assert await held(leafy) == ["吴厂长"]


async def test_a_class_that_came_to_lead_there_and_is_taken_back_leaves_no_grid(leafy: World) -> None:
    before = await checksum(leafy.call)
    cells = {"单位名称": "甲小店（示例）", "统一社会信用代码": CODES["flour"], "所在村或社区": "9801001001"}
    id_, found = await taken(leafy.call, "enterprises", sheet(FIRMS, row(**cells)))
    assert (found.changed, len(await own(leafy))) == (1, 2)
    await undoing.undo(leafy.call, id_)
    assert await checksum(leafy.call) == before


async def test_an_ended_enterprise_that_is_taken_back_has_its_grid_and_its_leader_again(leafy: World) -> None:
    leafy.grids["甲大厂"] = await leafy.call.db.value("select public_id from grid where enterprise is not null")
    await make_appointment(leafy, "吴厂长", "firm-leader", grid="甲大厂")
    before = await checksum(leafy.call)
    id_, found = await taken(leafy.call, "enterprises", sheet(FIRMS, row(所在村或社区="9801001001")), end_all=True)
    assert (found.ended, await held(leafy)) == (3, [])
    assert [there for *_, there in await own(leafy)] == [False, True]
    await undoing.undo(leafy.call, id_)
    assert await checksum(leafy.call) == before
    assert await held(leafy) == ["吴厂长"]


async def test_a_sheet_of_grids_names_none_of_them_and_refuses_those_that_one_does(leafy: World) -> None:
    rows = [["", "手工网格", "企业网格", "甲村", "甲村格"], ["001Q1", "甲村格", "村格", "甲村", "镇格"]]
    found = await tried(leafy.call, "grids", sheet(GRIDS, *rows))
    assert [(number, title) for number, title, _ in wrong(found)] == [(2, "网格层级"), (3, "网格编号")]
    assert "“企业网格”由单位自动形成" in wrong(found)[0][2]
    assert "是单位“甲大厂（示例）”自成的网格" in wrong(found)[1][2]


async def test_grids_that_went_out_come_in_again_unchanged(leafy: World) -> None:
    data = await export(leafy.call, "leafy", "grids", "xlsx")
    found = await tried(leafy.call, "grids", data)
    assert (found.rows, found.same, found.left, wrong(found)) == (4, 4, (), [])
    firms = await tried(leafy.call, "enterprises", await export(leafy.call, "leafy", "enterprises", "xlsx"))
    assert (firms.same, firms.left, wrong(firms)) == (3, (), [])


async def test_leaders_are_appointed_by_sheet_by_name_or_number_and_come_in_again_unchanged(leafy: World) -> None:
    head = ["姓名", "岗位", "任职处"]
    await taken(leafy.call, "enterprises", sheet(FIRMS, row()))
    await make_person(leafy, "周厂长", place="叶镇", phone="0512-04000009")
    rows = [["吴厂长", "企业网格长", "甲大厂（示例）"], ["周厂长", "企业网格长", "002Q1"]]
    _, found = await taken(leafy.call, "appointments", sheet(head, *rows))
    assert (found.came, wrong(found)) == (2, [])
    assert sorted(await held(leafy)) == ["吴厂长", "周厂长"]
    again = await tried(leafy.call, "appointments", await export(leafy.call, "leafy", "appointments", "xlsx"))
    assert (again.same, again.left, wrong(again)) == (3, (), [])


async def test_a_cell_that_puts_a_firm_into_the_grid_of_another_is_refused_at_its_place(leafy: World) -> None:
    found = await tried(leafy.call, "enterprises", sheet(FIRMS, row(所在村或社区="9801001001", 片区网格="001Q1")))
    assert [(number, title) for number, title, _ in wrong(found)] == [(2, "片区网格")]
    assert "自成的网格" in wrong(found)[0][2]


async def test_a_trial_leaves_nothing(leafy: World) -> None:
    before = await checksum(leafy.call)
    found = await tried(leafy.call, "enterprises", sheet(FIRMS, row()))
    assert (found.came, found.written) == (1, False)
    assert await checksum(leafy.call) == before
