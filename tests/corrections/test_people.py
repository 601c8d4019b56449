"""Days of appointments and interests that were typed wrongly are corrected, with a reason, as far as they could be theirs."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from portal.areas.actions import end_grid
from portal.areas.queries import grid
from portal.boards.actions import issue
from portal.boards.queries import page
from portal.call import Call
from portal.corrections.people import correct_appointment, correct_leaving
from portal.enterprises.queries import seated as seated_at_enterprise
from portal.errors import NotVisible, Refused
from portal.feedback.actions import CaseOpening, open_case
from portal.ledger.actions import handle_due
from portal.ledger.queries import history
from portal.obligations.actions import DeedForm, add_deed
from portal.people import actions, interests, queries
from portal.people.interests import InterestForm, correct_interest
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC
from tests.people.test_interests import STONE, board_of, lead
from tests.world import World, make_appointment, make_person

FLOUR, WHY = "甲面粉店（示例）", "登记时写错"


async def held(world: World, name: str) -> queries.Holding:
    """The last post that somebody was appointed to."""
    id_ = await world.call.db.value(
        "select a.public_id from appointment a join person p on p.id = a.person where p.name = $1 order by a.id desc limit 1",
        name,
    )
    return await queries.appointment(world.call, id_)


async def correct(world: World, name: str, *, call: Call | None = None, **days: Any) -> None:
    """Correct the last post of somebody; the day that is left out stays."""
    call, now = call or world.call, await held(world, name)
    seat = (
        seated_at_enterprise(call, now.seat_id)
        if now.seat_kind == "enterprise"
        else actions.seated(call, now.seat_kind, now.seat_id)
    )
    await correct_appointment(call, now.id, await seat, days.get("since", now.since), days.get("until", now.until), WHY)


async def leaving(world: World, name: str, until: date | None, *, call: Call | None = None) -> None:
    """Correct the day on which somebody left."""

    async def seat_of(mine: Call, now: queries.Holding) -> actions.Seated:
        return await actions.seated(mine, now.seat_kind, now.seat_id)

    await correct_leaving(call or world.call, world.people[name], until, WHY, seat_of)


async def on(world: World, day: date) -> Call:
    """The portal on a later day, after what waited for it."""
    call = replace(world.call, now=world.call.now + (day - world.call.today))
    await handle_due(call)
    return call


async def told(world: World, kind: str, id_: str) -> list[dict[str, Any]]:
    """What the ledger tells of corrections of a thing."""
    return [dict(one.data) for one in await history(world.call, kind, id_) if one.verb == "corrected"]


async def test_a_day_is_corrected_and_told_at_the_seat_and_of_the_person_from_what_to_what(world: World) -> None:
    old, day = (await held(world, "张看护")).since, world.call.today - timedelta(days=50)
    await correct(world, "张看护", since=day)
    assert (await held(world, "张看护")).since == day
    for kind, id_ in (("grid", world.grids["甲村格"]), ("person", world.people["张看护"])):
        (entry,) = await told(world, kind, id_)
        assert entry["since"] == [old.isoformat(), day.isoformat()]
        assert (entry["because"], entry["holder"], "until" in entry) == (WHY, "张看护（甲村格看护员）", False)
    await correct(world, "张看护", until=world.call.today)
    assert (await told(world, "person", world.people["张看护"]))[0]["until"] == [None, world.call.today.isoformat()]


async def test_what_changes_nothing_says_so_and_writes_nothing(world: World) -> None:
    with pytest.raises(Refused, match="与登记的一样"):
        await correct(world, "张看护")
    assert await told(world, "grid", world.grids["甲村格"]) == []


async def test_a_year_far_ahead_is_corrected_and_the_gap_and_the_board_follow_at_once(world: World) -> None:
    """The case that it is for: 2062 for 2026."""
    call = world.call
    await actions.dismiss(call, (await held(world, "张看护")).id, call.today)
    await issue(call, "enterprise", world.enterprises[FLOUR])
    await make_person(world, "钱新来", badge="示例900", phone="0512-02000900")
    await make_appointment(world, "钱新来", "keeper", grid="甲村格", since=date(2062, 3, 1))
    there = await grid(call, world.grids["甲村格"])
    assert [gap.value.post.code for gap in await queries.gaps_of_grid(call, there)] == ["keeper"]
    assert await lead(world, FLOUR) != "钱新来"
    await correct(world, "钱新来", since=call.today)
    assert await queries.gaps_of_grid(call, there) == []
    assert await lead(world, FLOUR) == "钱新来"


async def test_a_day_that_is_still_to_come_is_followed_today_and_on_that_day(world: World) -> None:
    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    day = world.call.today + timedelta(days=9)
    await correct(world, "张看护", since=day)
    assert await lead(world, FLOUR) == "李格长"
    await on(world, day - timedelta(days=1))
    assert await lead(world, FLOUR) == "李格长"
    await on(world, day)
    assert await lead(world, FLOUR) == "张看护"
    await correct(world, "张看护", until=day + timedelta(days=9))
    await on(world, day + timedelta(days=9))
    assert await lead(world, FLOUR) == "李格长"


async def test_what_waits_goes_to_whoever_takes_over_on_the_day_as_it_was_corrected(world: World) -> None:
    call, day = world.call, world.call.today + timedelta(days=5)
    code = await issue(call, "enterprise", world.enterprises[FLOUR])
    await make_person(world, "钱后来", badge="示例901", phone="0512-02000901")
    old = await held(world, "张看护")
    await actions.hand_over(call, old.id, world.people["钱后来"], await actions.seated(call, "grid", world.grids["甲村格"]), day)
    await open_case(call.as_(PUBLIC), CaseOpening(kind=Kind.CONTACT, board=code, form=public_id(), text="x"))
    right = day + timedelta(days=4)
    await correct(world, "钱后来", since=right)
    await correct(world, "张看护", until=right)
    whose = "select p.name from feedback_case c join person p on p.id = c.person"
    for at, name in ((day, "张看护"), (right - timedelta(days=1), "张看护"), (right, "钱后来")):
        await on(world, at)
        assert await call.db.value(whose) == name, at


async def test_days_of_somebody_else_are_not_theirs(world: World) -> None:
    call, day = world.call, world.call.today - timedelta(days=10)
    await actions.dismiss(call, (await held(world, "张看护")).id, day)
    await make_person(world, "钱后来")
    await make_appointment(world, "钱后来", "keeper", grid="甲村格", since=day)
    with pytest.raises(Refused, match="看护员由张看护担任，最多 1 人") as refused:
        await correct(world, "钱后来", since=day - timedelta(days=1))
    assert refused.value.field == "since"
    with pytest.raises(Refused, match="满员"):
        await correct(world, "张看护", until=None)
    await correct(world, "张看护", until=day - timedelta(days=3))
    await correct(world, "钱后来", since=day - timedelta(days=3))
    with pytest.raises(Refused, match="看护员由钱后来担任"):
        await correct(world, "张看护", until=day)


async def test_the_same_person_at_the_same_seat_does_not_overlap(world: World) -> None:
    day = world.call.today - timedelta(days=10)
    await actions.dismiss(world.call, (await held(world, "张看护")).id, day)
    await make_appointment(world, "张看护", "keeper", grid="甲村格", since=day + timedelta(days=4))
    with pytest.raises(Refused, match="已经担任这个岗位"):
        await correct(world, "张看护", since=day - timedelta(days=1))
    await correct(world, "张看护", since=day)


async def test_nothing_reaches_beyond_the_end_of_the_person_or_of_the_seat(world: World) -> None:
    call = world.call
    await actions.end_person(call, world.people["周看护"], call.today)
    with pytest.raises(Refused, match="已于 2026年3月2日离岗"):
        await correct(world, "周看护", until=call.today + timedelta(days=1))
    await correct(world, "周看护", until=call.today - timedelta(days=1))
    await end_grid(call, world.grids["丙村格"], call.today)
    with pytest.raises(Refused, match="丙村格已于 2026年3月2日停用"):
        await correct(world, "孙看护", until=None)


async def test_who_stands_back_gains_no_day_there(world: World) -> None:
    call, day = world.call, world.call.today
    await make_person(world, "钱护厂")
    await make_appointment(world, "钱护厂", "guard", enterprise=STONE, until=day - timedelta(days=9))
    form = InterestForm(
        person=world.people["钱护厂"], enterprise=world.enterprises[STONE], kind="kin", since=day - timedelta(days=5)
    )
    await interests.declare(call, form)
    await correct(world, "钱护厂", until=day - timedelta(days=5))
    with pytest.raises(Refused, match="登记有回避"):
        await correct(world, "钱护厂", until=day - timedelta(days=4))


async def test_what_is_gained_from_today_on_is_judged_like_a_new_appointment(world: World) -> None:
    call = world.call
    await actions.dismiss(call, (await held(world, "吴执法")).id, call.today)
    form = actions.PersonForm(name="吴执法", phone="0512-01234567", jurisdiction=world.places["示例区"], unit=world.units["东所"])
    await actions.change_person(call, world.people["吴执法"], form)
    with pytest.raises(Refused, match="须持执法证件"):
        await correct(world, "吴执法", until=None)
    await correct(world, "吴执法", since=call.today - timedelta(days=40))


async def test_an_office_of_another_place_finds_nothing_to_correct(world: World) -> None:
    west = world.call.as_(await world.office("西所"))
    now = await held(world, "张看护")
    at = await actions.seated(world.call, "grid", now.seat_id)
    with pytest.raises(NotVisible):
        await correct_appointment(west, now.id, at, now.since - timedelta(days=1), None, WHY)


# Interests


async def stated(world: World, name: str, firm: str = FLOUR, **days: Any) -> str:
    """An interest in a firm."""
    since = days.get("since", world.call.today)
    form = InterestForm(person=world.people[name], enterprise=world.enterprises[firm], kind="kin", since=since)
    return await interests.declare(world.call, form)


async def test_an_interest_holds_from_the_day_that_was_meant_and_the_board_follows(world: World) -> None:
    call = world.call
    await issue(call, "enterprise", world.enterprises[FLOUR])
    id_ = await stated(world, "张看护", since=date(2062, 3, 2))
    assert await lead(world, FLOUR) == "张看护"
    await correct_interest(call, id_, call.today, None, WHY)
    assert await lead(world, FLOUR) == "李格长"
    (entry,) = await told(world, "person", world.people["张看护"])
    assert (entry["since"], entry["towards"], entry["because"]) == (["2062-03-02", "2026-03-02"], FLOUR, WHY)
    await correct_interest(call, id_, call.today, call.today + timedelta(days=3), WHY)
    assert await lead(world, FLOUR) == "李格长"
    await on(world, call.today + timedelta(days=3))
    assert "张看护" in str((await page(call, await board_of(world, FLOUR))).live)
    assert await lead(world, FLOUR) == "张看护"


async def test_an_interest_does_not_end_before_today_nor_twice_nor_beside_a_post_there(world: World) -> None:
    call, day = world.call, world.call.today
    id_ = await stated(world, "张看护", since=day - timedelta(days=20))
    with pytest.raises(Refused, match="不能改为今天以前结束"):
        await correct_interest(call, id_, day - timedelta(days=20), day - timedelta(days=1), WHY)
    with pytest.raises(Refused, match="与登记的一样"):
        await correct_interest(call, id_, day - timedelta(days=20), None, WHY)
    await interests.end_interest(call, id_, day)
    again = await stated(world, "张看护", since=day + timedelta(days=5))
    with pytest.raises(Refused, match="已另登记有同样的利害关系"):
        await correct_interest(call, id_, day - timedelta(days=20), day + timedelta(days=6), WHY)
    with pytest.raises(Refused, match="已另登记有同样的利害关系"):
        await correct_interest(call, again, day - timedelta(days=1), None, WHY)
    await make_person(world, "钱护厂")
    await make_appointment(world, "钱护厂", "guard", enterprise=STONE, until=day - timedelta(days=9))
    other = await stated(world, "钱护厂", STONE)
    with pytest.raises(Refused, match="任职于甲石料厂（示例），与回避的日子重叠"):
        await correct_interest(call, other, day - timedelta(days=10), None, WHY)
    await correct_interest(call, other, day - timedelta(days=9), None, WHY)


async def test_only_who_answers_for_both_corrects_an_interest(world: World) -> None:
    id_ = await stated(world, "张看护")
    for unit in ("西所", "东所"):
        with pytest.raises(NotVisible):
            await correct_interest(world.call.as_(await world.office(unit)), id_, world.call.today - timedelta(days=1), None, WHY)


async def test_who_was_said_to_have_left_by_mistake_is_there_again_with_their_post(world: World) -> None:
    call, id_ = world.call, world.people["张看护"]
    await issue(call, "enterprise", world.enterprises[FLOUR])
    with pytest.raises(Refused, match="与登记的一样"):
        await leaving(world, "张看护", None)
    await actions.end_person(call, id_, call.today)
    assert await lead(world, FLOUR) == "李格长"
    await leaving(world, "张看护", None)
    assert ((await queries.person(call, id_)).until, (await held(world, "张看护")).until) == (None, None)
    assert await lead(world, FLOUR) == "张看护"
    left = {"until": [call.today.isoformat(), None], "because": WHY}
    assert left in await told(world, "person", id_)
    assert [entry["until"] for entry in await told(world, "grid", world.grids["甲村格"])] == [left["until"]]
    with pytest.raises(NotVisible):
        await leaving(world, "张看护", call.today, call=call.as_(await world.office("西所")))


async def test_a_post_that_somebody_else_took_over_is_not_taken_from_them(world: World) -> None:
    call, day = world.call, world.call.today + timedelta(days=9)
    await actions.end_person(call, world.people["张看护"], call.today)
    await make_person(world, "钱新来", badge="示例900", phone="0512-02000900")
    await make_appointment(world, "钱新来", "keeper", grid="甲村格", since=call.today)
    await leaving(world, "张看护", day)
    assert (await queries.person(call, world.people["张看护"])).until == day
    assert ((await held(world, "张看护")).until, (await held(world, "钱新来")).until) == (call.today, None)


async def test_who_left_earlier_than_was_typed_held_their_post_until_then_and_did_nothing_after(world: World) -> None:
    day, call = world.call.today + timedelta(days=9), replace(world.call, now=world.call.now + timedelta(days=20))
    await actions.end_person(call, world.people["张看护"], call.today + timedelta(days=20))
    firm, doer = world.enterprises[FLOUR], world.people["张看护"]
    form = DeedForm(region="sample", duty="walk", subject=firm, day=day + timedelta(days=2), person=doer)
    await add_deed(call, form)
    with pytest.raises(
        Refused, match=r"2026年3月11日及以后还登记有：履职记录 1 项（最晚的 2026年3月13日），截止日期不能早于它们"
    ):
        await leaving(world, "张看护", day, call=call)
    await leaving(world, "张看护", day + timedelta(days=3), call=call)
    assert (await queries.person(call, world.people["张看护"])).until == day + timedelta(days=3)
    assert (await held(world, "张看护")).until == day + timedelta(days=3)
    with pytest.raises(Refused, match="截止日期要晚于起始日期"):
        await leaving(world, "张看护", date(2000, 1, 1))
