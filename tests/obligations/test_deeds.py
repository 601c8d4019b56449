"""Writing down what was done, what it fulfils, who may say so, and taking it back."""

import asyncio
import io
from contextvars import copy_context
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest

from portal.boards.actions import issue
from portal.errors import NotVisible, Refused
from portal.imports import taking
from portal.imports.outcome import Wish
from portal.obligations import actions, alls, deeds, queries, rules
from portal.obligations.actions import DeedForm, ExcuseForm
from portal.obligations.rules import State
from portal.people.actions import hand_over
from portal.people.actions import seated as seated_at
from portal.people.interests import InterestForm, declare
from portal.people.queries import holdings_of
from portal.scheme.windows import FROM
from portal.scheme.words import Act, Duty, Every, Force, Per, Post
from portal.storage.lists import Wanted
from portal.terms import FORCE
from portal.viewer import Role
from portal.workshop.sheets import written_csv
from tests.browse import visiting
from tests.obligations.test_places import ADDED, with_region, with_rules
from tests.sample_region.scheme import PATROL, SAMPLE
from tests.world import PASSWORD, World, make_appointment, make_enterprise, make_person, make_unit

FLOUR = "甲面粉店（示例）"


async def state_of(world: World, duty: str, subject: str, *, last: bool = False) -> State:
    """How a duty's first demand stands on something today, or in the window that closed last."""
    now, closed, _ = (await queries.asked_on(world.call, "sample", world.call.today, duty=duty))[0]
    (thing,) = await queries.these(world.call, closed if last else now, [subject])
    return thing.state


def walked(world: World, *, day: date | None = None, person: str = "张看护", **more: object) -> DeedForm:
    """The keeper's walk at the flour shop."""
    return DeedForm(
        region="sample",
        duty="walk",
        subject=world.enterprises[FLOUR],
        day=day or world.call.today,
        person=world.people[person],
        **more,
    )


async def test_a_deed_fulfils_its_duty_in_its_window_and_in_no_other(world: World) -> None:
    flour = world.enterprises[FLOUR]
    assert await state_of(world, "walk", flour) is State.DUE
    id_ = await actions.add_deed(world.call, walked(world, note="仓库通道堆物，当场清走（示例）", points=("仓库",)))
    assert await state_of(world, "walk", flour) is State.DONE
    assert await state_of(world, "walk", flour, last=True) is State.MISSED
    row = await deeds.deed(world.call, id_)
    assert (row.people, row.points, row.note) == ("张看护", ("仓库",), "仓库通道堆物，当场清走（示例）")


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"day": timedelta(days=1)}, "day", "还没有到"),
        ({"person": "李格长"}, "person", "在这里不担任看护员（担任的是：张看护）"),
        ({"points": ("屋顶",)}, "points", "方案里没有“屋顶”"),
        ({"duty": "lead"}, "duty", "方案里没有这项职责"),
        ({"duty": "look"}, "subject", "不在“查大企业”的范围里"),
    ],
)
async def test_what_cannot_have_been_so_is_refused_with_what_to_do(world: World, change, field: str, said: str) -> None:
    change = dict(change)
    form = walked(world)
    if "day" in change:
        change["day"] = world.call.today + change["day"]
    if "person" in change:
        change["person"] = world.people[change["person"]]
    with pytest.raises(Refused, match=said) as refused:
        await actions.add_deed(world.call, DeedForm(**{**vars(form), **change}))
    assert refused.value.field == field
    assert await world.call.db.value("select count(*) from deed") == 0


async def test_who_is_there_instead_of_one_that_stands_back_is_written_down_as_the_doer(world: World) -> None:
    east = world.call.as_(await world.office("东所"))
    interest = InterestForm(
        person=world.people["张看护"],
        enterprise=world.enterprises[FLOUR],
        instead=world.people["孙看护"],
        kind="kin",
        since=world.call.today,
    )
    await declare(world.call, interest)
    with pytest.raises(Refused, match="在这里不担任看护员（担任的是：孙看护）"):
        await actions.add_deed(east, walked(world))
    # They belong to no place of this town, whose office does not see them otherwise
    await world.call.db.rows("update person set jurisdiction = (select id from jurisdiction where name = '西镇')")
    id_ = await actions.add_deed(east, walked(world, person="孙看护"))
    assert (await deeds.deed(east, id_)).people == "孙看护"


async def test_where_the_post_is_vacant_nobody_did_it_and_who_does_is_to_be_appointed_first(world: World) -> None:
    await world.call.db.rows("update appointment set until = since where post = 'keeper'")
    for person in ("张看护", "李格长"):
        with pytest.raises(Refused, match="这里的看护员空缺"):
            await actions.add_deed(world.call, walked(world, person=person))


async def test_the_same_twice_is_written_once(world: World) -> None:
    await actions.add_deed(world.call, walked(world))
    with pytest.raises(Refused, match="已经登记过，没有重复写入"):
        await actions.add_deed(world.call, walked(world))
    assert await world.call.db.value("select count(*) from deed") == 1


async def test_what_was_withdrawn_counts_no_more_and_can_still_be_read(world: World) -> None:
    id_ = await actions.add_deed(world.call, walked(world))
    await actions.withdraw_deed(world.call, id_, "记错了单位")
    assert await state_of(world, "walk", world.enterprises[FLOUR]) is State.DUE
    assert (await deeds.deeds(world.call, Wanted())).rows == ()
    (kept,) = (await deeds.deeds(world.call, Wanted(filters={"ended": "yes"}))).rows
    assert kept.withdrawn_why == "记错了单位"
    with pytest.raises(Refused, match="已经撤回"):
        await actions.withdraw_deed(world.call, id_, "再撤一次")
    await actions.add_deed(world.call, walked(world))


async def test_an_excuse_holds_for_its_window_until_it_is_withdrawn(world: World) -> None:
    flour, today = world.enterprises[FLOUR], world.call.today
    before = today.replace(day=1) - timedelta(days=1)
    form = ExcuseForm(region="sample", key="walk~1", subject=flour, day=before, why="停产检修（示例）")
    id_ = await actions.excuse(world.call, form)
    assert await state_of(world, "walk", flour, last=True) is State.EXCUSED
    assert await state_of(world, "walk", flour) is State.DUE
    with pytest.raises(Refused, match="已有原因说明"):
        await actions.excuse(world.call, form)
    await actions.withdraw_excuse(world.call, id_)
    assert await state_of(world, "walk", flour, last=True) is State.MISSED


async def test_an_excuse_is_withdrawn_also_where_its_window_began_before_the_edition(world: World) -> None:
    (first,) = SAMPLE.editions
    begun = replace(first, in_force=replace(first.in_force, since=world.call.today - timedelta(days=10)))
    call = with_region(world.call, replace(SAMPLE, editions=(begun,)))
    form = ExcuseForm(
        region="sample", key="look~2", subject=world.enterprises["甲石料厂（示例）"], day=call.today, why="停产检修（示例）"
    )
    id_ = await actions.excuse(call, form)
    await actions.withdraw_excuse(call, id_)
    with pytest.raises(NotVisible):
        await deeds.excuse(call, id_)


@pytest.mark.parametrize("what", ["deed", "excuse"])
async def test_what_two_withdraw_at_once_is_withdrawn_once(world: World, what: str) -> None:
    call = world.call
    form = ExcuseForm(region="sample", key="walk~1", subject=world.enterprises[FLOUR], day=call.today, why="停产（示例）")
    id_ = await (actions.add_deed(call, walked(world)) if what == "deed" else actions.excuse(call, form))
    apart = [copy_context() for _ in range(2)]
    async with call.db.transaction():
        await call.db.rows(f"select from {what} where public_id = $1 for update", id_)
        both = [
            asyncio.create_task(
                actions.withdraw_deed(call, id_, "记错了") if what == "deed" else actions.withdraw_excuse(call, id_), context=one
            )
            for one in apart
        ]
        await asyncio.wait(both, timeout=0.5)
    (refused,) = [one for one in await asyncio.gather(*both, return_exceptions=True) if one is not None]
    assert "已经撤回" in str(refused)
    assert await call.db.value("select count(*) from ledger_entry where subject = $1 and verb like 'withdrawn%'", id_) == 1


async def test_a_hand_over_in_the_middle_counts_once_and_goes_to_who_holds_the_post(world: World) -> None:
    call, flour = world.call, world.enterprises[FLOUR]
    await make_person(world, "新看护", badge="示例909", phone="0512-02000099")
    at = await seated_at(call, "grid", world.grids["甲村格"])
    held = next(one for one in await holdings_of(call, await _id(world, "张看护")) if one.post == "keeper")
    middle = call.today
    await hand_over(call, held.id, world.people["新看护"], at, middle)
    await actions.add_deed(call, walked(world, day=middle - timedelta(days=1)))
    assert await state_of(world, "walk", flour) is State.DONE
    now, _, _ = (await queries.asked_on(call, "sample", call.today, duty="walk"))[0]
    (thing,) = await queries.these(call, now, [flour])
    assert [owner.name for owner in thing.owners] == ["新看护"]
    with pytest.raises(Refused, match="在这里不担任看护员（担任的是：新看护）"):
        await actions.add_deed(call, walked(world, day=middle))


async def _id(world: World, name: str) -> int:
    return int(await world.call.db.value("select id from person where public_id = $1", world.people[name]))


async def test_a_person_owes_what_their_seats_bring_and_no_more(world: World) -> None:
    call = world.call
    held = [one for one in await holdings_of(call, await _id(world, "李格长")) if one.until is None]
    owed = {one.key: one for one in await queries.of_person(call, held, call.today)}
    assert {thing.name for thing in owed["look~1"].open} == {"甲石料厂（示例）"}
    assert {thing.name for thing in owed["round~1"].open} == {"甲村格", "乙社区格"}
    assert "walk~1" not in owed
    keeper = [one for one in await holdings_of(call, await _id(world, "张看护")) if one.until is None]
    owed = {one.key: one for one in await queries.of_person(call, keeper, call.today)}
    assert {thing.name for thing in owed["walk~1"].open} == {FLOUR}
    assert [thing.name for thing in owed["study~1"].open] == ["张看护"]


async def test_an_office_sees_of_a_persons_duties_what_lies_in_its_areas_and_the_person_sees_all(world: World, site) -> None:
    await make_appointment(world, "赵看护", "keeper", grid="丁村格")
    await make_enterprise(world, "丁小店（示例）", "丁村", size="small", risky="no")
    await make_enterprise(world, "乙小店（示例）", "乙社区", size="small", risky="no")
    await world.account("west", Role.OFFICE, unit="西所")
    await world.account("keeper", Role.INSPECTOR, person="赵看护")
    west, keeper = site("10.0.0.7"), site("10.0.0.8")
    await west.sign_in("west", PASSWORD)
    await keeper.sign_in("keeper", PASSWORD)
    seen = (await west.get(f"/office/due/person/{world.people['赵看护']}")).text
    assert ("丁小店" in seen, "乙小店" in seen) == (True, False)
    own = (await keeper.get("/field")).text
    assert ("丁小店" in own, "乙小店" in own) == (True, True)


async def test_a_post_that_comes_with_another_brings_its_duties_to_the_person(world: World, clock) -> None:
    call = with_rules(
        world.call,
        Post(code="warden", name="防火员", per=(Per(tier="village-grid"),), ex_officio="keeper", basis=PATROL),
        Duty(
            code="scan", who="warden", says="查火", act=Act.PATROL, on=(Per(klass="small"),), every=Every(months=1), basis=PATROL
        ),
        Duty(code="drill", who="warden", says="练一练", act=Act.TRAINING, every=Every(months=1), basis=PATROL),
    )
    (scan, *_), (drill, *_) = [(await queries.asked_on(call, "sample", call.today, duty=duty))[0] for duty in ("scan", "drill")]
    (thing,) = await queries.these(call, scan, [world.enterprises[FLOUR]])
    assert [owner.name for owner in thing.owners] == ["张看护"]
    assert "张看护" in {thing.name for thing in (await queries.things(call, drill)).things}
    await world.account("office", Role.OFFICE, unit="区局")
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    async with visiting(call.portal, clock) as site:
        office, keeper = site("10.0.0.7"), site("10.0.0.8")
        await office.sign_in("office", PASSWORD)
        await keeper.sign_in("keeper", PASSWORD)
        for page in (await office.get(f"/office/due/person/{world.people['张看护']}"), await keeper.get("/field")):
            assert "查火 每月一次 防火员 · 甲村格" in page.text
            assert "练一练 每月一次 防火员 · 甲村格" in page.text


EITHER = Duty(
    code="either",
    who="tester",
    or_who=("fireman",),
    says="到店督促",
    act=Act.PATROL,
    on=(Per(klass="small"),),
    every=Every(months=1),
    basis=PATROL,
)


async def test_what_either_of_two_posts_owes_is_owed_once_and_done_by_whoever_comes(world: World) -> None:
    world.call = call = with_rules(world.call, *ADDED, EITHER)
    await make_unit(world, "水务所", "water", "示例区", "0512-01000009")
    for name, post in (("钱水质", "tester"), ("孙消防", "fireman")):
        await make_person(world, name, badge=f"示例{post}", phone=f"0512-0200{len(world.people):04d}")
    now, _, _ = (await queries.asked_on(call, "sample", call.today, duty="either"))[0]
    (thing,) = await queries.these(call, now, [world.enterprises[FLOUR]])
    assert [(owner.name, owner.post) for owner in thing.owners] == [("空缺", "水质员或消防员")]
    assert (await queries.summary(call, "sample", call.today, duty="either"))[0].figures.owed == 3
    form = DeedForm(region="sample", duty="either", subject=world.enterprises[FLOUR], day=call.today, note="已督促（示例）")
    with pytest.raises(Refused, match="水质员或消防员空缺"):
        await actions.add_deed(call, replace(form, person=world.people["孙消防"]))
    await make_appointment(world, "孙消防", "fireman", grid="甲村格")
    (thing,) = await queries.these(call, now, [world.enterprises[FLOUR]])
    assert [(owner.name, owner.post) for owner in thing.owners] == [("孙消防", "消防员")]
    await make_appointment(world, "钱水质", "tester", grid="甲村格")
    (thing,) = await queries.these(call, now, [world.enterprises[FLOUR]])
    assert [owner.name for owner in thing.owners] == ["钱水质", "孙消防"]

    async def open_for(name: str) -> list[str]:
        held = [one for one in await holdings_of(call, await _id(world, name)) if one.until is None]
        owed = await queries.of_person(call, held, call.today)
        return [thing.name for one in owed if one.now.duty.code == "either" for thing in one.open]

    assert await open_for("钱水质") == await open_for("孙消防") == [FLOUR]
    with pytest.raises(Refused, match="担任的是：钱水质、孙消防"):
        await actions.add_deed(call, replace(form, person=world.people["张看护"]))
    # What both owe is the business of both bureaus: either writes it, and either reads it
    water, fire = call.as_(await world.office("水务所")), call.as_(await world.office("区局"))
    id_ = await actions.add_deed(fire, replace(form, person=world.people["孙消防"]))
    assert (await deeds.deed(water, id_)).note == "已督促（示例）"
    assert await state_of(world, "either", world.enterprises[FLOUR]) is State.DONE
    assert await open_for("钱水质") == await open_for("孙消防") == []
    assert (await queries.summary(call, "sample", call.today, duty="either"))[0].figures.done == 1


@pytest.mark.parametrize(
    ("force", "state"),
    [
        (Force.MUST, State.MISSED),
        (Force.IN_PRINCIPLE, State.MISSED),
        (Force.WHERE_POSSIBLE, State.EXCUSED),
        (Force.ENCOURAGED, State.EXCUSED),
    ],
)
async def test_what_is_a_wish_or_for_those_who_can_is_never_missed_and_said_to_be_so(
    world: World, clock, force: Force, state: State
) -> None:
    wish = Duty(
        code="wish",
        who="keeper",
        says="上门讲课",
        act=Act.TRAINING,
        on=(Per(klass="small"),),
        every=Every(months=1),
        force=force,
        basis=PATROL,
    )
    world.call = call = with_rules(world.call, wish)
    free = state is State.EXCUSED
    assert await state_of(world, "wish", world.enterprises[FLOUR]) is State.DUE
    assert await state_of(world, "wish", world.enterprises[FLOUR], last=True) is state
    (one,) = await queries.summary(call, "sample", call.today, duty="wish")
    assert (one.missed.owed, one.missed.open, one.missed.excused) == ((3, 0, 3) if free else (3, 3, 0))
    (thing,) = await queries.these(call, one.last, [world.enterprises[FLOUR]])
    assert set(rules.NOT_MISSED.values()) & {because.basis for because in thing.because} == (
        {rules.NOT_MISSED[force]} if free else set()
    )
    await world.account("office", Role.OFFICE, unit="区局")
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    code = await issue(call, "enterprise", world.enterprises[FLOUR])
    async with visiting(call.portal, clock) as site:
        office, keeper = site("10.0.0.7"), site("10.0.0.8")
        await office.sign_in("office", PASSWORD)
        await keeper.sign_in("keeper", PASSWORD)
        firm = f"/field/enterprises/{world.enterprises[FLOUR]}"
        pages = [await office.get(at) for at in ("/office/due?region=sample", "/office/due/sample/wish~1?part=all")]
        pages += [await keeper.get(at) for at in ("/field", firm)]
        pages += [await site("10.0.0.9").get(at) for at in (f"/b/{code}", "/schemes/sample")]
        for page in pages:
            assert page.status == 200
            # With each date that comes of a window: where windows begin is ours
            assert FROM.why in page.text, page.response.url
            told = {other for other in Force if other is not Force.MUST and FORCE[other.value] in page.text}
            assert told == {force} - {Force.MUST}, page.response.url


async def test_what_a_unit_owes_is_done_by_the_unit(world: World) -> None:
    form = DeedForm(
        region="sample", duty="meet", subject=world.units["东所"], day=world.call.today, attended=("head",), note="例会（示例）"
    )
    await actions.add_deed(world.call, form)
    assert await state_of(world, "meet", world.units["东所"]) is State.DONE
    assert await state_of(world, "meet", world.units["西所"]) is State.DUE


async def test_a_vacant_post_s_duty_is_shown_as_nobody_s(world: World) -> None:
    now, _, _ = (await queries.asked_on(world.call, "sample", world.call.today, duty="round"))[0]
    listing = await queries.things(world.call, now)
    assert {thing.name: [owner.name for owner in thing.owners] for thing in listing.things} == {
        "甲村格": ["李格长"],
        "乙社区格": ["李格长"],
        "丙村格": ["王格长"],
        "丁村格": ["王格长"],
    }
    await world.call.db.rows("update appointment set until = since where post = 'head'")
    listing = await queries.things(world.call, now)
    assert {owner.name for thing in listing.things for owner in thing.owners} == {"空缺"}


async def test_another_town_sees_and_writes_nothing(world: World) -> None:
    west = world.call.as_(await world.office("西所"))
    with pytest.raises(NotVisible):
        await actions.add_deed(west, walked(world))
    id_ = await actions.add_deed(world.call, walked(world))
    with pytest.raises(NotVisible):
        await deeds.deed(west, id_)
    assert (await deeds.deeds(west, Wanted())).rows == ()
    found = {one.key: one.figures.owed for one in await queries.summary(west, "sample", world.call.today)}
    assert found["walk~1"] == 1
    assert found["meet~1"] == 1


async def test_figures_follow_every_write_at_once(world: World) -> None:
    async def figures() -> tuple[int, int]:
        (one,) = await queries.summary(world.call, "sample", world.call.today, duty="walk")
        return one.figures.owed, one.figures.done

    assert await figures() == (3, 0)
    id_ = await actions.add_deed(world.call, walked(world))
    assert await figures() == (3, 1)
    await actions.withdraw_deed(world.call, id_, "错")
    assert await figures() == (3, 0)
    from portal.enterprises.actions import end_enterprise, state_facts

    await state_facts(world.call, world.enterprises[FLOUR], {"size": "big"}, world.call.today)
    assert await figures() == (2, 0)
    await end_enterprise(world.call, world.enterprises["丙小店（示例）"], world.call.today)
    assert await figures() == (1, 0)


@pytest.mark.clause("CZ-6.4", "CZ-1")
async def test_the_five_alls_and_what_is_missing_of_each(world: World) -> None:
    call, last_month = world.call, world.call.today.replace(day=1) - timedelta(days=3)
    await call.db.rows("update placement set since = $1", last_month - timedelta(days=60))
    await call.db.rows("update enterprise set since = $1", last_month - timedelta(days=60))
    await actions.add_deed(call, walked(world, day=last_month, points=("门口", "仓库"), note="都看了（示例）"))
    await actions.add_deed(
        call,
        DeedForm(
            region="sample",
            duty="walk",
            subject=world.enterprises["丙小店（示例）"],
            day=last_month,
            person=world.people["孙看护"],
            points=("门口",),
        ),
    )
    found = await alls.five(call, "sample", call.today)
    assert found is not None
    assert (found.area.owed, found.area.done) == (4, 4)
    assert (found.enterprises.owed, found.enterprises.done) == (4, 4)
    assert (found.content.owed, found.content.done) == (3, 1)
    assert (found.records.owed, found.records.done) == (2, 1)
    walks = [one for one in found.asked if one.duty.code == "walk"]
    lacking = await alls.without_content(call, walks[0])
    assert {thing.name for thing in lacking} == {"丙小店（示例）", "园玩具厂（示例）"}
    assert found.visits.owed == 4 + 1
    assert found.visits.done == 2
    assert await alls.uncovered(call, "sample", call.today) == ()
    await call.db.rows("update grid set until = $1 where name = '丁村格'", call.today)
    (one,) = await alls.uncovered(call, "sample", call.today)
    assert (one.name, one.town) == ("丁村", "西镇")


async def test_a_visit_of_a_duty_with_a_rhythm_and_a_yearly_number_is_one_record(world: World) -> None:
    """In January both windows that closed last hold the December: two months of it, and the year."""
    call = replace(world.call, now=world.call.now.replace(year=2027, month=1, day=10))
    firm, leader = "甲石料厂（示例）", "李格长"
    form = DeedForm(
        region="sample",
        duty="look",
        subject=world.enterprises[firm],
        day=date(2026, 12, 5),
        person=world.people[leader],
        note="好",
    )
    await actions.add_deed(call, form)
    found = await alls.five(call, "sample", call.today)
    assert found is not None
    assert (found.records.owed, found.records.done) == (1, 1)
    assert len(found.asked) == len(found.once) + 1


async def test_whoever_did_what_was_ordered_can_show_it_with_the_clause(world: World, site) -> None:
    await actions.add_deed(world.call, walked(world, note="都看了（示例）", points=("门口", "仓库")))
    withdrawn = await actions.add_deed(world.call, walked(world, day=world.call.today - timedelta(days=9)))
    await actions.withdraw_deed(world.call, withdrawn, "记错了")
    await world.account("office", Role.OFFICE, unit="东所")
    visitor = site("10.0.0.9")
    await visitor.sign_in("office", PASSWORD)
    page = await visitor.get(f"/office/due/person/{world.people['张看护']}")
    assert "都看了（示例）" in page.text
    assert "第三条" in page.text
    sheet = await visitor.client.get(f"/office/due/person/{world.people['张看护']}/deeds.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.content)).active.values)
    assert rows[0][:3] == ("日期", "职责", "条款")
    assert [(row[0], row[2], row[3], row[5]) for row in rows[1:]] == [
        (world.call.today.isoformat(), "第三条", FLOUR, None),
        ((world.call.today - timedelta(days=9)).isoformat(), "第三条", FLOUR, "记错了"),
    ]


async def test_a_ledger_of_the_past_comes_in_and_goes_back(world: World) -> None:
    today = world.call.today
    lines = [
        ["巡查日期", "工作内容", "企业名称", "巡查人", "检查要点", "检查情况"],
        [today.isoformat(), "看护员：走遍本格", FLOUR, "张看护", "门口、仓库", "都好"],
        [(today - timedelta(days=9)).isoformat(), "看护员：走遍本格", FLOUR, "张看护", "门口", "通道堆物"],
        [today.isoformat(), "看护员：走遍本格", "甲石料厂（示例）", "张看护", "", ""],
        [today.isoformat(), "看护员：走遍本格", FLOUR, "李格长", "", "不该是他"],
        [today.isoformat(), "镇所：镇所每月开会", "东所", "", "", "例会"],
    ]
    data = written_csv(lines[0], lines[1:])
    wish = Wish(good_only=True)
    found = await taking.run(world.call, kind="deeds", region="sample", data=data, wish=wish, write=True)
    assert (found.came, [error.row for error in found.errors]) == (3, [4, 5])
    assert "不在“走遍本格”的范围里" in found.errors[0].text
    again = await taking.run(world.call, kind="deeds", region="sample", data=data, wish=Wish(), write=False)
    assert (again.came, again.changed) == (0, 0)
    assert await state_of(world, "walk", world.enterprises[FLOUR]) is State.DONE
