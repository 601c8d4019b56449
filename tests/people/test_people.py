"""People and their appointments: periods, gaps, hand-overs."""

from datetime import timedelta

import pytest

from portal.areas.queries import grid
from portal.errors import NotVisible, Refused
from portal.people import actions, queries
from portal.storage.lists import Wanted
from tests.world import World, make_appointment, make_person, picture


async def test_gaps_of_a_grid_are_what_nobody_holds(world: World) -> None:
    row = await grid(world.call, world.grids["丁村格"])
    (gap,) = await queries.gaps_of_grid(world.call, row)
    assert gap.value.post.name == "看护员"
    assert await queries.gaps_of_grid(world.call, await grid(world.call, world.grids["甲村格"])) == []


async def test_all_gaps_of_an_office_with_the_page_to_mend_them(world: World) -> None:
    found = [(gap.value.seat.name, gap.value.post.code, id_) for id_, gap in await queries.gaps_in_areas(world.call)]
    assert found == [("丁村格", "keeper", world.grids["丁村格"]), ("西所", "officer", world.units["西所"])]
    east = world.call.as_(await world.office("东所"))
    assert await queries.gaps_in_areas(east) == []


async def test_a_post_is_held_by_as_many_as_the_scheme_says(world: World) -> None:
    await make_person(world, "钱后来")
    with pytest.raises(Refused, match="满员"):
        await make_appointment(world, "钱后来", "keeper", grid="甲村格")
    for name in ("一", "二"):
        await make_person(world, name)
        await make_appointment(world, name, "pair", grid="乙社区格")
    with pytest.raises(Refused, match="满员"):
        await make_appointment(world, "钱后来", "pair", grid="乙社区格")


async def test_a_hand_over_leaves_no_day_without_and_none_with_two(world: World) -> None:
    call, day = world.call, world.call.today + timedelta(days=10)
    grid_id = (await grid(call, world.grids["甲村格"])).id
    (old,) = await queries.holders(call, grids=[grid_id], day=call.today)
    await actions.dismiss(call, old.id, day)
    await make_person(world, "钱后来")
    with pytest.raises(Refused, match="满员"):
        await make_appointment(world, "钱后来", "keeper", grid="甲村格", since=day - timedelta(days=1))
    await make_appointment(world, "钱后来", "keeper", grid="甲村格", since=day)
    names = [
        [one.person_name for one in await queries.holders(call, grids=[grid_id], day=day + timedelta(days=n))] for n in (-1, 0)
    ]
    assert names == [["张看护"], ["钱后来"]]


async def test_the_same_person_holds_a_seat_once_at_a_time(world: World) -> None:
    await make_person(world, "一")
    await make_appointment(world, "一", "pair", grid="乙社区格")
    with pytest.raises(Refused, match="已经担任"):
        await make_appointment(world, "一", "pair", grid="乙社区格")


async def test_an_enforcement_post_needs_the_certificate_on_file(world: World) -> None:
    await make_person(world, "没证")
    with pytest.raises(Refused, match="执法证"):
        await make_appointment(world, "没证", "officer", unit="西所")


async def test_a_post_that_the_seat_does_not_have(world: World) -> None:
    await make_person(world, "钱")
    with pytest.raises(Refused, match="没有这个岗位"):
        await make_appointment(world, "钱", "pair", grid="甲村格")
    await make_appointment(world, "钱", "guard", enterprise="甲石料厂（示例）")
    with pytest.raises(Refused, match="没有这个岗位"):
        await make_appointment(world, "钱", "guard", enterprise="甲面粉店（示例）")


async def test_leaving_ends_every_appointment(world: World) -> None:
    call = world.call
    await actions.end_person(call, world.people["张看护"], call.today)
    row = await grid(call, world.grids["甲村格"])
    assert [gap.value.post.code for gap in await queries.gaps_of_grid(call, row)] == ["keeper"]
    with pytest.raises(Refused, match="离岗"):
        await actions.end_person(call, world.people["张看护"], call.today)
    with pytest.raises(Refused, match="已于"):
        await make_appointment(world, "张看护", "keeper", grid="丁村格", since=call.today)


async def test_dates_that_cannot_be(world: World) -> None:
    call = world.call
    (holding,) = await queries.holdings_of(call, (await queries.person(call, world.people["张看护"])).id)
    with pytest.raises(Refused, match="不能早于"):
        await actions.dismiss(call, holding.id, holding.since - timedelta(days=1))
    await actions.dismiss(call, holding.id, holding.since)
    with pytest.raises(Refused, match="已于"):
        await actions.dismiss(call, holding.id, call.today)


async def test_people_are_seen_and_changed_by_their_own_offices_only(world: World) -> None:
    await make_person(world, "东人", place="东镇")
    west = world.call.as_(await world.office("西所"))
    assert {row.name for row in (await queries.people(west, Wanted())).rows} == {"王格长", "孙看护"}
    with pytest.raises(NotVisible):
        await queries.person(west, world.people["东人"])
    with pytest.raises(NotVisible):
        await actions.end_person(west, world.people["东人"], west.today)
    with pytest.raises(NotVisible):
        await actions.end_person(west, world.people["孙看护"], west.today)


async def test_a_portrait_is_written_anew_and_a_file_that_is_none_is_refused(world: World) -> None:
    await make_person(world, "有照", portrait=picture("#abc", (900, 1200), "WEBP"))
    row = await queries.person(world.call, world.people["有照"])
    assert row.portrait is not None
    assert world.call.portal.files.read(row.portrait).startswith(b"\xff\xd8")
    with pytest.raises(Refused, match="不是能识别的照片"):
        await make_person(world, "假照", portrait=b"<svg onload=alert(1)>")
    assert "假照" not in {row.name for row in (await queries.people(world.call, Wanted())).rows}


@pytest.mark.parametrize("name", ["𠮷田示例", "阿卜杜拉·买买提", "Ｚｏｅ", "名👍字", "한글", "㛃𬭎"])
async def test_odd_names_are_taken_as_they_are_and_found_again(world: World, name: str) -> None:
    await make_person(world, name)
    assert (await queries.person(world.call, world.people[name])).name == name


async def test_an_end_that_is_set_is_not_put_off_and_dates_run_forwards(world: World) -> None:
    day = world.call.today
    (holding,) = await queries.holdings_of(world.call, (await queries.person(world.call, world.people["张看护"])).id)
    await actions.dismiss(world.call, holding.id, day + timedelta(days=10))
    with pytest.raises(Refused, match="不能推后"):
        await actions.dismiss(world.call, holding.id, day + timedelta(days=100))
    with pytest.raises(Refused, match="离任日期要晚于"):
        at = await actions.seated(world.call, "grid", world.grids["甲村格"])
        form = actions.AppointmentForm(person=world.people["赵看护"], post="keeper", since=day, until=day - timedelta(days=3))
        await actions.appoint(world.call, form, at)


async def test_a_certificate_is_not_taken_from_who_holds_a_post_that_needs_it(world: World) -> None:
    row = await queries.person(world.call, world.people["吴执法"])
    form = actions.PersonForm(name=row.name, phone=row.phone, jurisdiction=row.place_id)
    with pytest.raises(Refused, match="先办理离任"):
        await actions.change_person(world.call, row.public_id, form)
