"""Whom an office sees, and which of their interests: while they serve, and as far as it answers for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.imports import taking
from portal.imports.known import known_register
from portal.imports.outcome import Wish
from portal.ledger.queries import history
from portal.people import interests, queries
from portal.people.interests import InterestForm, declare, end_interest
from portal.storage.lists import Wanted
from portal.workshop.sheets import written_csv
from tests.world import World, make_appointment, make_enterprise, make_grid, make_person

ONE_DAY, FLOUR, SHOP = "冯一天", "甲面粉店（示例）", "丙小店（示例）"


async def sees(call: Call, world: World, name: str) -> bool:
    """Whether somebody is seen, asked by every way at once; the ways must agree."""
    id_, badge = world.people[name], f"西{name[0]}"
    found = {
        bool(await queries.seen_among(call, [id_])),
        bool((await queries.people(call, Wanted(query=name))).rows),
        bool((await queries.people(call, Wanted(query=badge))).rows),
    }
    for ask in (queries.person(call, id_), queries.named(call, badge, field="x")):
        try:
            found.add((await ask).public_id == id_)
        except (NotVisible, Refused):
            found.add(False)
    scheme = call.book.in_force("sample", call.today)
    assert scheme is not None
    found.add(bool((await known_register(call, scheme)).people.all(badge)))
    assert len(found) == 1, found
    return found.pop()


async def test_who_served_for_a_day_is_seen_no_more_and_still_named_in_records(world: World) -> None:
    call, today = world.call, world.call.today
    await make_person(world, ONE_DAY, place="西镇", badge="西冯", certificate="示例证9")
    await make_grid(world, "东二片", "patch", "东镇", parent="东镇格", code="P8")
    firm = await make_enterprise(world, "东二厂（示例）", "甲村", drawn_grid="东二片", size="small", risky="no")
    east = call.as_(await world.office("东所"))
    assert not await sees(east, world, ONE_DAY)
    await make_appointment(world, ONE_DAY, "keeper", grid="东二片", since=today, until=today + timedelta(days=1))
    assert await sees(east, world, ONE_DAY)
    tomorrow = replace(east, now=east.now + timedelta(days=1))
    assert not await sees(tomorrow, world, ONE_DAY)
    assert await sees(tomorrow.as_(await world.office("西所")), world, ONE_DAY)
    # The record of the grid names them, and what they did can still be written down, without telling their telephone
    past = await history(tomorrow, "grid", world.grids["东二片"])
    assert ONE_DAY in {one.data.get("name") for one in past}
    heads = ["日期", "职责", "对象", "姓名", "工作证编号", "情况"]
    rows = [[f"{today}", "看护员：走遍本格", "东二厂（示例）", ONE_DAY, "西冯", "好"]]
    found = await taking.run(tomorrow, kind="deeds", region="sample", data=written_csv(heads, rows), wish=Wish(), write=True)
    assert (found.came, found.errors) == (1, ())
    for kind, head, row in (
        ("people", ["姓名", "工号", "电话", "辖区"], [ONE_DAY, "", "0512-01000000", ""]),
        ("appointments", ["姓名", "电话", "岗位", "任职处"], [ONE_DAY, "0512-01000000", "看护员", "东二片"]),
    ):
        tried = await taking.run(tomorrow, kind=kind, region="sample", data=written_csv(head, [row]), wish=Wish(), write=False)
        assert tried.errors
        assert not any("0512-01234567" in one.text or "西冯" in one.text for one in tried.errors)
    assert firm


@pytest.mark.parametrize(("begins", "seen"), [(30, True), (90, True), (91, False), (36_500, False)])
async def test_who_will_serve_is_seen_from_ninety_days_before(world: World, begins: int, *, seen: bool) -> None:
    since = world.call.today + timedelta(days=begins)
    await make_person(world, ONE_DAY, place="西镇", badge="西冯")
    await make_appointment(world, ONE_DAY, "pair", grid="乙社区格", since=since)
    east = world.call.as_(await world.office("东所"))
    assert await sees(east, world, ONE_DAY) is seen


async def test_a_post_that_was_given_up_before_it_began_shows_nobody(world: World) -> None:
    await make_person(world, ONE_DAY, place="西镇", badge="西冯")
    since = world.call.today + timedelta(days=5)
    await make_appointment(world, ONE_DAY, "pair", grid="乙社区格", since=since)
    await world.call.db.rows("update appointment set until = since where since = $1", since)
    assert not await sees(world.call.as_(await world.office("东所")), world, ONE_DAY)


async def test_an_office_sees_the_posts_at_its_seats_and_those_of_its_own_people(world: World) -> None:
    await make_person(world, ONE_DAY, place="西镇", badge="西冯")
    await make_grid(world, "西二片", "patch", "西镇", parent="西镇格", code="P9")
    for post, grid in (("pair", "乙社区格"), ("keeper", "西二片")):
        await make_appointment(world, ONE_DAY, post, grid=grid)
    id_ = await world.call.db.value("select id from person where name = $1", ONE_DAY)
    seats = {
        unit: {one.seat_name for one in await queries.holdings_seen(world.call.as_(await world.office(unit)), id_)}
        for unit in ("东所", "西所")
    }
    assert seats == {"东所": {"乙社区格"}, "西所": {"乙社区格", "西二片"}}


async def test_an_interest_is_read_by_who_may_state_it(world: World) -> None:
    call, today = world.call, world.call.today
    await make_person(world, ONE_DAY, place="西镇", badge="西冯")
    await make_appointment(world, ONE_DAY, "pair", grid="乙社区格")
    person = await call.db.value("select id from person where name = $1", ONE_DAY)
    note = "妻子在那里管账（示例）"

    async def declared(towards: str) -> str:
        form = InterestForm(
            person=world.people[ONE_DAY], enterprise=world.enterprises[towards], kind="kin", note=note, since=today
        )
        return await declare(call, form)

    there, own = await declared(FLOUR), await declared(SHOP)
    told: dict[str, set[tuple[str, str, str, bool]]] = {}
    for unit in ("区局", "东所", "西所"):
        rows = await interests.interests(call.as_(await world.office(unit)), person=person)
        told[unit] = {(one.towards, one.kind, one.note, one.whole) for one in rows}
    whole = {(FLOUR, "kin", note, True), (SHOP, "kin", note, True)}
    # Who serves in the east stands back there: their number may be needed, not why. In the west they belong, and so does the shop
    assert told == {"区局": whole, "东所": {(FLOUR, "", "", False)}, "西所": {(SHOP, "kin", note, True)}}
    east, west = [call.as_(await world.office(unit)) for unit in ("东所", "西所")]
    firm = await call.db.value("select id from enterprise where name = $1", FLOUR)
    assert [one.note for one in await interests.interests(east, enterprise=firm)] == [""]
    for viewer, interest in ((east, there), (west, there), (east, own)):
        with pytest.raises(NotVisible):
            await end_interest(viewer, interest, today)
    assert [one.verb for one in await history(west, "person", world.people[ONE_DAY])].count("declared") == 1
    await call.db.rows("update appointment set until = $1 where person = $2", today, person)
    assert await interests.interests(east, enterprise=firm) == ()
