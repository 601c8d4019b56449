"""Recusal: who has a direct interest holds no post there, stands on no board there, gets no case from there. Handing over a post."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.boards.actions import issue, revoke
from portal.boards.queries import page
from portal.call import Call
from portal.enterprises.queries import unserved
from portal.errors import NotVisible, Refused
from portal.feedback.actions import CaseOpening, open_case, reveal_contact, take_step
from portal.feedback.queries import case, cases, waiting
from portal.people import actions, interests
from portal.people.interests import InterestForm
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.storage.lists import Wanted
from portal.viewer import PUBLIC, Role, Viewer
from tests.world import PASSWORD, World, make_appointment, make_enterprise, make_person

FLOUR, STONE = "甲面粉店（示例）", "甲石料厂（示例）"


def form(world: World, person: str, enterprise: str | None = None, **more: object) -> InterestForm:
    firm = world.enterprises[enterprise] if enterprise else None
    return InterestForm(
        person=world.people[person], enterprise=firm, kind="kin", since=more.pop("since", world.call.today), **more
    )


async def board_of(world: World, enterprise: str) -> str:
    row = await world.call.db.row(
        "select b.code from board b join enterprise e on e.id = b.enterprise where e.public_id = $1",
        world.enterprises[enterprise],
    )
    return str(row["code"])


async def lead(world: World, enterprise: str) -> str:
    found = (await page(world.call, await board_of(world, enterprise))).live["lead"]
    return found["name"] if found else ""


@pytest.mark.clause("WZ-7b")
async def test_who_has_an_interest_holds_no_post_at_the_enterprise(world: World) -> None:
    await make_person(world, "钱护厂")
    await interests.declare(world.call, form(world, "钱护厂", STONE))
    with pytest.raises(Refused, match="应当回避"):
        await make_appointment(world, "钱护厂", "guard", enterprise=STONE, since=world.call.today)
    await make_appointment(world, "钱护厂", "pair", grid="乙社区格")


async def test_an_interest_that_begins_later_bars_a_post_that_would_last_till_then(world: World) -> None:
    await make_person(world, "钱护厂")
    later = world.call.today + timedelta(days=30)
    await interests.declare(world.call, form(world, "钱护厂", STONE, since=later))
    with pytest.raises(Refused, match="应当回避"):
        await make_appointment(world, "钱护厂", "guard", enterprise=STONE, since=world.call.today)


async def test_an_interest_binds_the_human_under_all_their_rows(world: World) -> None:
    await make_person(world, "钱护厂", badge="A-07")
    await make_person(world, "钱某", badge="ａ07 ")
    await interests.declare(world.call, form(world, "钱护厂", STONE))
    with pytest.raises(Refused, match="应当回避"):
        await make_appointment(world, "钱某", "guard", enterprise=STONE, since=world.call.today)
    other = "乙石料厂（示例）"
    await make_enterprise(world, other, "甲村", size="big", risky="no")
    await make_appointment(world, "钱某", "guard", enterprise=other, since=world.call.today)
    with pytest.raises(Refused, match="先办理离任或移交"):
        await interests.declare(world.call, form(world, "钱护厂", other))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0512-02000002", "+86 512 0200 0002", True),
        ("13900000001", "0086 139-0000-0001", True),
        ("（0512）02000002", "051202000002", True),
        ("示例－００３", "示例003", True),
        ("ab 7", "AB7", True),
        ("示例003", "示例3", False),
        ("007", "7", False),
        ("0512-02000002", "0513-02000002", False),
        ("示例003", "003", False),
        ("", " ", False),
    ],
)
async def test_a_mark_is_what_was_meant_however_it_was_typed(world: World, one: str, other: str, same: bool) -> None:
    assert await world.call.db.value("select coalesce(human_mark($1) = human_mark($2), false)", one, other) is same


async def test_who_holds_a_post_there_hands_it_over_first(world: World) -> None:
    await make_person(world, "钱护厂")
    await make_appointment(world, "钱护厂", "guard", enterprise=STONE)
    with pytest.raises(Refused, match="先办理离任或移交"):
        await interests.declare(world.call, form(world, "钱护厂", STONE))


@pytest.mark.clause("WZ-7b")
async def test_the_board_there_shows_the_one_who_is_there_instead(world: World) -> None:
    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    assert await lead(world, FLOUR) == "张看护"
    id_ = await interests.declare(world.call, form(world, "张看护", FLOUR, instead=world.people["赵看护"]))
    assert await lead(world, FLOUR) == "赵看护"
    assert "张看护" not in str((await page(world.call, await board_of(world, FLOUR))).live)
    await interests.end_interest(world.call, id_, world.call.today)
    assert await lead(world, FLOUR) == "张看护"


async def test_with_nobody_instead_the_next_post_leads_and_other_boards_stay(world: World) -> None:
    for firm in (FLOUR, "园玩具厂（示例）"):
        await issue(world.call, "enterprise", world.enterprises[firm])
    await interests.declare(world.call, form(world, "张看护", FLOUR))
    assert await lead(world, FLOUR) == "李格长"
    assert await lead(world, "园玩具厂（示例）") == "周看护"


async def test_an_enterprise_that_nobody_serves_any_more_is_told_until_somebody_is_named_instead(world: World, site) -> None:
    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    await world.account("office", Role.OFFICE, unit="东所")
    await world.account("bureau", Role.OFFICE, unit="区局")
    town, visitor = site(), site()
    await town.sign_in("office", PASSWORD)
    await visitor.sign_in("bureau", PASSWORD)
    assert "回避后没有人负责" not in (await visitor.get("/office")).text
    first = await interests.declare(world.call, form(world, "张看护", FLOUR))
    assert [(one.name, one.post, one.persons) for one in await unserved(world.call)] == [(FLOUR, "看护员", ("张看护",))]
    assert await unserved(world.call.as_(await world.office("西所"))) == ()
    for address in ("/office", "/office/gaps"):
        assert "回避后没有人负责的单位" in (await visitor.get(address)).text
    seen = await town.get("/office")
    assert "请派出这些人的部门指定由谁代替" in seen.text
    assert (await town.get(f"/office/people/{world.people['张看护']}/interests")).status == 404
    (link,) = [link for link in (await visitor.get("/office")).links() if "/interests?enterprise=" in link]
    ask = await visitor.get(link)
    home = link.split("?")[0]
    assert ask.form(home)["enterprise"] == FLOUR
    await visitor.follow(await visitor.send(ask, {"instead": "赵看护", "kind": "kin"}, action=home))
    assert await unserved(world.call) == ()
    assert await lead(world, FLOUR) == "赵看护"
    firm = await world.call.db.value("select id from enterprise where public_id = $1", world.enterprises[FLOUR])
    assert [one.id for one in await interests.interests(world.call, enterprise=firm)] == [first]


async def test_no_message_from_there_reaches_who_stands_back(world: World) -> None:
    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    await interests.declare(world.call, form(world, "张看护", FLOUR, instead=world.people["赵看护"]))
    new = CaseOpening(kind=Kind.CONTACT, board=await board_of(world, FLOUR), form=public_id(), text="在吗")
    await open_case(world.call.as_(PUBLIC), new)
    ids = {
        name: await world.call.db.value("select id from person where public_id = $1", world.people[name])
        for name in ("张看护", "赵看护")
    }
    seen = {name: len((await cases(world.call.as_(Viewer(account=1, person=id_)), Wanted())).rows) for name, id_ in ids.items()}
    assert seen == {"张看护": 0, "赵看护": 1}


async def contact(world: World, enterprise: str = FLOUR) -> str:
    """A contact case from an enterprise's board, which lies with its keeper; its id."""
    await issue(world.call, "enterprise", world.enterprises[enterprise])
    new = CaseOpening(kind=Kind.CONTACT, board=await board_of(world, enterprise), form=public_id(), text="在吗", contact="示例")
    await open_case(world.call.as_(PUBLIC), new)
    return str(await world.call.db.value("select public_id from feedback_case order by id desc limit 1"))


async def as_person(world: World, *names: str) -> Call:
    """The first of them, who covers the absence of the others."""
    first, *others = [await world.call.db.value("select id from person where name = $1", name) for name in names]
    return world.call.as_(Viewer(account=1, person=first, stands_for=frozenset(others), roles=frozenset({Role.INSPECTOR})))


async def sees(call: Call, id_: str) -> bool:
    """Whether a case is there for somebody, wherever it could be met."""
    desk, listed = [item.subject for item in await waiting(call)], [row.id for row in (await cases(call, Wanted())).rows]
    acts = (case(call, id_), reveal_contact(call, id_), take_step(call, id_, "answer", "示例", public_id()))
    done = [await asyncio.gather(act, return_exceptions=True) for act in acts]
    there = [not isinstance(answer, NotVisible) for (answer,) in done]
    assert {id_ in desk, id_ in listed} == set(there), (desk, listed, done)
    return there[0]


@pytest.mark.clause("WZ-7b")
@pytest.mark.parametrize(("instead", "heir"), [("赵看护", "赵看护"), (None, None)])
async def test_what_lies_with_somebody_who_comes_to_stand_back_goes_to_who_is_there_instead(
    world: World, instead: str | None, heir: str | None
) -> None:
    id_, other = await contact(world), await contact(world, "园玩具厂（示例）")
    named = {"instead": world.people[instead]} if instead else {}
    await interests.declare(world.call, form(world, "张看护", FLOUR, **named))
    assert not await sees(await as_person(world, "张看护"), id_)
    row = await world.call.db.row(
        "select p.name as holder, u.name as unit, (select count(*) from inbox_item i where i.subject = c.public_id and done_at is null "
        "and i.person is not distinct from c.person and i.unit = c.unit) as items from feedback_case c "
        "left join person p on p.id = c.person join unit u on u.id = c.unit where c.public_id = $1",
        id_,
    )
    assert row is not None
    assert (row["holder"], row["unit"], row["items"]) == (heir, "东所", 1)
    assert await sees(world.call.as_(await world.office("东所")), id_)
    assert (
        await world.call.db.value(
            "select p.name from feedback_case c join person p on p.id = c.person where c.public_id = $1", other
        )
        == "周看护"
    )


async def test_from_a_revoked_board_too_it_goes_to_the_office_behind(world: World) -> None:
    id_ = await contact(world)
    await revoke(world.call, await board_of(world, FLOUR), "换牌")
    await interests.declare(world.call, form(world, "张看护", FLOUR))
    assert not await sees(await as_person(world, "张看护"), id_)
    assert await sees(world.call.as_(await world.office("东所")), id_)


async def test_who_covers_an_absence_sees_nothing_from_where_they_stand_back_themselves(world: World) -> None:
    id_ = await contact(world)
    await interests.declare(world.call, form(world, "赵看护", FLOUR, since=world.call.today + timedelta(days=1)))
    tomorrow = replace(await as_person(world, "赵看护", "张看护"), now=world.call.now + timedelta(days=1))
    assert not await sees(tomorrow, id_)
    assert await sees(await as_person(world, "赵看护", "张看护"), id_)


async def test_a_successor_who_stands_back_does_not_take_the_cases_from_there(world: World) -> None:
    await make_enterprise(world, "甲小店（示例）", "甲村", size="small", risky="no")
    id_, shop = await contact(world), await contact(world, "甲小店（示例）")
    await make_person(world, "钱接手", phone="0512-0333444")
    await interests.declare(world.call, form(world, "钱接手", FLOUR))
    held = await world.call.db.value(
        "select a.public_id from appointment a join person p on p.id = a.person where p.name = '张看护'"
    )
    at = await actions.seated(world.call, "grid", world.grids["甲村格"])
    await actions.hand_over(world.call, held, world.people["钱接手"], at, world.call.today)
    assert [await sees(await as_person(world, "钱接手"), one) for one in (id_, shop)] == [False, True]
    assert await sees(world.call.as_(await world.office("东所")), id_)
    assert await world.call.db.value("select person from feedback_case where public_id = $1", id_) is None


async def test_the_phone_lists_no_enterprise_from_which_one_stands_back_and_opens_no_door_to_it(world: World, site) -> None:
    await make_enterprise(world, "甲小店（示例）", "甲村", size="small", risky="no")
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    visitor = site()
    await visitor.sign_in("keeper", PASSWORD)
    page_ = await visitor.get("/field/enterprises")
    assert (FLOUR in page_.text, "甲小店" in page_.text) == (True, True)
    home = f"/field/enterprises/{world.enterprises[FLOUR]}"
    own = await visitor.get(home)
    await interests.declare(world.call, form(world, "张看护", FLOUR))
    assert (await visitor.send(own, {}, action=f"{home}/site-link")).status == 404
    assert (await visitor.get(home, check=False)).status == 404
    page_ = await visitor.get("/field/enterprises")
    assert (FLOUR in page_.text, "甲小店" in page_.text) == (False, True)


async def test_it_holds_from_its_day_on(world: World, clock) -> None:
    from portal.ledger.actions import handle_due

    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    await interests.declare(world.call, form(world, "张看护", FLOUR, since=world.call.today + timedelta(days=2)))
    assert await lead(world, FLOUR) == "张看护"
    clock.forward(days=2)
    await handle_due(Call(world.call.portal, world.call.viewer, clock()))
    assert await lead(world, FLOUR) == "李格长"


async def test_who_stands_in_has_the_same_post_and_no_interest(world: World) -> None:
    with pytest.raises(Refused, match="没有担任同样的岗位"):
        await interests.declare(world.call, form(world, "张看护", FLOUR, instead=world.people["李格长"]))
    await interests.declare(world.call, form(world, "赵看护", FLOUR))
    with pytest.raises(Refused, match="也要回避"):
        await interests.declare(world.call, form(world, "张看护", FLOUR, instead=world.people["赵看护"]))
    await interests.declare(world.call, form(world, "张看护", FLOUR))
    with pytest.raises(Refused, match="已经登记"):
        await interests.declare(world.call, form(world, "张看护", FLOUR))


async def test_another_towns_office_states_and_ends_nothing_here(world: World) -> None:
    west = world.call.as_(await world.office("西所"))
    with pytest.raises(NotVisible):
        await interests.declare(west, form(world, "孙看护", FLOUR))
    id_ = await interests.declare(world.call, form(world, "张看护", FLOUR))
    with pytest.raises(NotVisible):
        await interests.end_interest(west, id_, world.call.today)


async def test_the_pages_state_show_and_end_it(world: World, site) -> None:
    await world.account("bureau", Role.OFFICE, unit="区局")
    visitor = site()
    await visitor.sign_in("bureau", PASSWORD)
    home = f"/office/people/{world.people['张看护']}"
    ask = await visitor.get(f"{home}/interests")
    both = await visitor.send(ask, {"enterprise": FLOUR, "other": "赵看护", "kind": "kin"}, action=f"{home}/interests")
    assert both.status == 422
    assert "且只填一项" in both.text
    nobody = await visitor.send(both, {"other": "", "instead": "没有的人"}, action=f"{home}/interests")
    assert nobody.status == 422
    assert "没有登记工作证编号或姓名" in nobody.text
    done = await visitor.follow(await visitor.send(nobody, {"instead": "赵看护"}, action=f"{home}/interests"))
    assert FLOUR in done.text
    assert "改由赵看护负责" in done.text
    assert "张看护" in (await visitor.get(f"/office/enterprises/{world.enterprises[FLOUR]}")).text
    (end,) = [link for link in done.links() if "/interests/" in link]
    over = await visitor.follow(await visitor.send(await visitor.get(end), {}, action=end))
    assert not [link for link in over.links() if "/interests/" in link]


# Handing over


async def test_a_post_is_handed_over_on_one_day_with_what_waits(world: World) -> None:
    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    new = CaseOpening(kind=Kind.CONTACT, board=await board_of(world, FLOUR), form=public_id(), text="在吗")
    await open_case(world.call.as_(PUBLIC), new)
    await make_person(world, "钱接手")
    held = await world.call.db.row(
        "select a.public_id from appointment a join person p on p.id = a.person where p.name = '张看护' and a.until is null"
    )
    at = await actions.seated(world.call, "grid", world.grids["甲村格"])
    await actions.hand_over(world.call, held["public_id"], world.people["钱接手"], at, world.call.today)
    assert await lead(world, FLOUR) == "钱接手"
    assert await world.call.db.value("select p.name from feedback_case c join person p on p.id = c.person") == "钱接手"
    assert (
        await world.call.db.value("select p.name from inbox_item i join person p on p.id = i.person where done_at is null")
        == "钱接手"
    )
    days = await world.call.db.rows(
        "select p.name, a.since, a.until from appointment a join person p on p.id = a.person join grid g on g.id = a.grid "
        "where g.name = '甲村格' order by a.since"
    )
    assert [(row["name"], row["until"]) for row in days] == [("张看护", world.call.today), ("钱接手", None)]
    assert days[1]["since"] == world.call.today


async def test_where_the_other_may_not_hold_it_nobody_leaves(world: World) -> None:
    await make_person(world, "钱无证")
    held = await world.call.db.value("select public_id from appointment where post = 'officer'")
    at = await actions.seated(world.call, "unit", world.units["东所"])
    with pytest.raises(Refused, match="执法证"):
        await actions.hand_over(world.call, held, world.people["钱无证"], at, world.call.today)
    assert await world.call.db.value("select until is null from appointment where public_id = $1", held)


async def test_the_page_asks_who_takes_over_then_which_day(world: World, site) -> None:
    await world.account("bureau", Role.OFFICE, unit="区局")
    await make_person(world, "钱接手")
    visitor = site()
    await visitor.sign_in("bureau", PASSWORD)
    shown = await visitor.get(f"/office/people/{world.people['张看护']}")
    (link,) = [link for link in shown.links() if link.endswith("hand-over")]
    choose = await visitor.get(f"{link}?q=钱接手")
    (chosen,) = [one for one in choose.links() if "person=" in one]
    ask = await visitor.get(chosen)
    done = await visitor.follow(await visitor.send(ask, {}, action=link))
    assert "钱接手" in done.text
