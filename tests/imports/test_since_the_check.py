"""What was saved or registered between the check of a sheet and its import: neither changed nor ended, and told."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from portal.areas import outside
from portal.areas import queries as areas
from portal.areas.actions import change_grid
from portal.enterprises import actions as enterprises
from portal.enterprises import charges
from portal.enterprises.queries import stated
from portal.errors import Refused
from portal.imports import batches
from portal.imports.outcome import Outcome, Wish
from portal.people import actions as people
from portal.people import queries
from tests.imports.test_imports import FIRM, FIRMS, firm, sheet, taken
from tests.world import World, make_unit

PEOPLE = ["姓名", "工号", "电话", "辖区", "执法证号"]


async def a_sheet_of(world: World, *, phone: str, certificate: str = "示例证9", place: str = "示例区") -> str:
    """A checked sheet about one person; the batch."""
    badge = (await queries.person(world.call, world.people["张看护"])).badge
    row = ["张看护", badge, phone, place, certificate]
    id_ = await batches.bring(world.call, kind="people", region="sample", data=sheet(PEOPLE, row))
    assert (await batches.check(world.call, id_)).errors == ()
    return id_


async def saved(world: World, **changed: str) -> None:
    """Somebody saves the person's form."""
    now = await queries.person(world.call, world.people["张看护"])
    form = people.PersonForm(
        name=now.name, phone=now.phone, jurisdiction=now.place_id, badge=now.badge, certificate=now.certificate, unit=now.unit_id
    )
    await people.change_person(world.call, world.people["张看护"], replace(form, **changed))


async def change_firm(world: World, id_: str, facts: Mapping[str, str] | None = None, **changed: str) -> None:
    """Somebody saves a firm's form."""
    now = (await stated(world.call, [id_]))[id_]
    form = enterprises.EnterpriseForm(
        name=now.name,
        division=now.place,
        credit_code=now.credit_code,
        address=now.address,
        contact=now.contact,
        phone=now.phone,
    )
    await enterprises.change_enterprises(world.call, {id_: replace(form, **changed)}, {id_: facts} if facts else {})


def told(found: Outcome) -> list[tuple[int, str]]:
    return [(one.row, one.title) for one in found.warnings if "检查以后有人改过" in one.text]


@pytest.mark.parametrize("says", ["what stood there at the check", "another"])
async def test_what_somebody_saved_stays_and_the_rest_of_the_row_comes(world: World, says: str) -> None:
    before = await queries.person(world.call, world.people["张看护"])
    id_ = await a_sheet_of(world, phone=before.phone if says != "another" else "0512-01112224")
    await saved(world, phone="0512-01112223")
    found = await batches.take_in(world.call, id_, Wish())
    now = await queries.person(world.call, world.people["张看护"])
    assert (now.phone, now.certificate) == ("0512-01112223", "示例证9")
    assert (found.changed, told(found)) == (1, [(2, "公示电话")])


async def test_what_somebody_saved_as_the_sheet_says_it_is_nothing_to_tell(world: World) -> None:
    id_ = await a_sheet_of(world, phone="0512-01112223")
    await saved(world, phone="0512-01112223", certificate="示例证9")
    found = await batches.take_in(world.call, id_, Wish())
    assert (found.changed, found.same, told(found)) == (0, 1, [])


async def test_a_row_that_the_check_found_unchanged_changes_nothing_later(world: World) -> None:
    before = await queries.person(world.call, world.people["张看护"])
    id_ = await a_sheet_of(world, phone=before.phone, certificate=before.certificate)
    await saved(world, phone="0512-01112223")
    found = await batches.take_in(world.call, id_, Wish())
    assert (found.changed, found.same, told(found)) == (0, 1, [(2, "公示电话")])
    assert (await queries.person(world.call, world.people["张看护"])).phone == "0512-01112223"


async def test_who_was_moved_meanwhile_is_not_moved_back(world: World) -> None:
    id_ = await a_sheet_of(world, phone="0512-01112224")
    await saved(world, jurisdiction=world.places["丙村"])
    found = await batches.take_in(world.call, id_, Wish())
    now = await queries.person(world.call, world.people["张看护"])
    assert (now.place_id, now.phone) == (world.places["丙村"], "0512-01112224")
    assert (found.changed, told(found)) == (1, [(2, "所在辖区")])


async def test_a_firm_that_moved_meanwhile_stops_the_sheet_until_it_is_checked_again(world: World) -> None:
    await taken(world.call, "enterprises", sheet(FIRMS, FIRM))
    id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=sheet(FIRMS, firm(详细地址="路9号")))
    assert (await batches.check(world.call, id_)).changed == 1
    [moved] = await world.call.db.rows("select public_id from enterprise where name = $1", FIRM[0])
    await change_firm(world, moved["public_id"], division=world.places["丙村"])
    for _ in range(2):
        found = await batches.take_in(world.call, id_, Wish())
        assert [(one.row, one.title, "再检查一遍" in one.text) for one in found.errors] == [(2, "所在村或社区", True)]
        assert not found.written
    assert (await stated(world.call, [moved["public_id"]]))[moved["public_id"]].place == world.places["丙村"]
    assert "丙村" in (await batches.check(world.call, id_)).touched[0].what
    assert (await batches.take_in(world.call, id_, Wish())).changed == 1


async def test_of_many_firms_those_that_were_saved_stay_and_the_others_follow_the_sheet(world: World) -> None:
    codes = ("9144030071526726XG", "91440300192189783K")
    rows = [firm(单位名称=f"{n}厂（示例）", 统一社会信用代码=code) for n, code in zip("甲乙", codes, strict=True)]
    await taken(world.call, "enterprises", sheet(FIRMS, *rows))
    changed = [[*row[:3], "路9号", *row[4:7], "大", row[8]] for row in rows]
    id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=sheet(FIRMS, *changed))
    tried = await batches.check(world.call, id_)
    assert (tried.changed, tried.errors) == (2, ())
    first = await world.call.db.value("select public_id from enterprise where credit_code = $1", codes[0])
    await change_firm(world, first, {"risky": "yes"}, contact="示例新人")
    found = await batches.take_in(world.call, id_, Wish())
    assert (found.changed, told(found)) == (2, [(2, "联系人"), (2, "高危")])
    both = await world.call.db.rows(
        "select e.name, e.address, e.contact, f.value from enterprise e join enterprise_fact f on f.enterprise = e.id "
        "and f.fact = 'risky' and f.until is null where e.credit_code = any($1) order by e.name",
        list(codes),
    )
    assert {row["name"]: (row["address"], row["contact"], row["value"]) for row in both} == {
        "甲厂（示例）": ("路9号", "示例新人", "yes"),
        "乙厂（示例）": ("路9号", "示例人", "no"),
    }


async def test_who_was_registered_since_is_not_ended_with_those_whom_the_check_told(world: World) -> None:
    there = await queries.person(world.call, world.people["张看护"])
    row = ["张看护", there.badge, there.phone, "示例区", there.certificate]
    id_ = await batches.bring(world.call, kind="people", region="sample", data=sheet(PEOPLE, row))
    [left, *_] = (await batches.check(world.call, id_)).left
    new = await people.add_person(
        world.call, people.PersonForm(name="新来人", phone="0512-01112226", jurisdiction=world.places["示例区"])
    )
    found = await batches.take_in(world.call, id_, Wish(end=(left.key,)))
    assert [("再检查一遍" in one.text, one.row) for one in found.errors] == [(True, 0)]
    assert not found.written
    again = await batches.check(world.call, id_)
    assert [one.count for one in again.left if one.key == left.key] == [left.count + 1]
    assert (await batches.take_in(world.call, id_, Wish(end=(left.key,)))).ended == left.count + 1
    assert (await queries.person(world.call, new)).until is not None


async def checked(world: World, kind: str, *rows: list[str]) -> str:
    """A checked sheet without mistakes; the batch."""
    id_ = await batches.bring(world.call, kind=kind, region="sample", data=sheet(*rows))
    assert (await batches.check(world.call, id_)).errors == ()
    return id_


OUTSIDE = ["系统", "编号", "名称", "辖区", "安全网格"]


async def test_a_grid_elsewhere_that_was_mapped_meanwhile_stays_mapped(world: World) -> None:
    await taken(world.call, "outside_grids", sheet(OUTSIDE, ["综治", "007", "一格", "丙村", "丙村格"]))
    id_ = await checked(world, "outside_grids", OUTSIDE, ["综治", "007", "二格", "丙村", "丙村格"])
    theirs = await world.call.db.value("select public_id from outside_grid")
    await outside.change_outside(world.call, theirs, name="一格", jurisdiction=world.places["丙村"], grid=world.grids["西镇格"])
    found = await batches.take_in(world.call, id_, Wish())
    now = await outside.outside_grid(world.call, theirs)
    assert (now.name, now.grid_id) == ("二格", world.grids["西镇格"])
    assert told(found) == [(2, "关联的安全网格")]


async def test_the_ground_that_a_grid_was_given_meanwhile_stays(world: World) -> None:
    head = ["网格编号", "名称", "层级", "所属辖区", "上级网格", "村社区"]
    code = (await areas.grid(world.call, world.grids["园片"])).code
    id_ = await checked(world, "grids", head, [code, "园区片", "片", "东镇", "东镇格", "甲村"])
    await change_grid(world.call, world.grids["园片"], name="园片", area_note="", divisions=[world.places["乙社区"]])
    found = await batches.take_in(world.call, id_, Wish())
    now = await areas.grid(world.call, world.grids["园片"])
    assert (now.name, [one.name for one in await areas.ground(world.call, now.id)]) == ("园区片", ["乙社区"])
    assert len(told(found)) == 1


async def test_a_charge_that_was_given_meanwhile_wants_another_check(world: World) -> None:
    head, shop = ["企业名称", "条线", "部门"], world.enterprises["丙小店（示例）"]
    await taken(world.call, "charges", sheet(head, ["丙小店（示例）", "消防", "西所"]))
    id_ = await checked(world, "charges", head, ["丙小店（示例）", "消防", "区局"])
    await make_unit(world, "北所", "station", "西镇", "0512-01000009")
    await charges.assign(world.call, shop, "fire", world.units["北所"], world.call.today)
    found = await batches.take_in(world.call, id_, Wish())
    assert [(one.row, "再检查一遍" in one.text) for one in found.errors] == [(2, True)]
    now = await charges.charge(world.call, shop, "fire")
    assert (now.unit_name, found.written) == ("北所", False)


async def test_what_somebody_registered_meanwhile_is_not_written_over(world: World) -> None:
    id_ = await checked(world, "enterprises", FIRMS, FIRM)
    new = enterprises.EnterpriseForm(
        name=FIRM[0], division=world.places["甲村"], credit_code=FIRM[1], contact="示例新人", facts={"size": "big", "risky": "no"}
    )
    firm_id = await enterprises.add_enterprise(world.call, new)
    found = await batches.take_in(world.call, id_, Wish())
    assert [(one.row, "再检查一遍" in one.text) for one in found.errors] == [(2, True)]
    assert (await stated(world.call, [firm_id]))[firm_id].contact == "示例新人"


@pytest.mark.parametrize("good_only", [False, True])
async def test_who_was_dismissed_meanwhile_is_not_appointed_anew(world: World, good_only: bool) -> None:
    head = ["姓名", "岗位", "任职处"]
    rows = [["张看护", "看护员", "甲村格"], *([["没有的人", "看护员", "乙社区格"]] if good_only else [])]
    id_ = await batches.bring(world.call, kind="appointments", region="sample", data=sheet(head, *rows))
    tried = await batches.check(world.call, id_)
    assert (tried.came, tried.same, len(tried.errors)) == (0, 1, int(good_only))
    [held] = await queries.holdings_of(world.call, (await queries.person(world.call, world.people["张看护"])).id)
    await people.dismiss(world.call, held.id, world.call.today)
    if good_only:
        with pytest.raises(Refused, match="再检查一遍"):
            await batches.take_in(world.call, id_, Wish(good_only=True))
    else:
        found = await batches.take_in(world.call, id_, Wish())
        assert ["现在会新增 1 条，检查时是 0 条" in one.text for one in found.errors] == [True]
    assert await world.call.db.value("select count(*) from appointment where person = $1", held.person) == 1
