"""What differs by place: a town's stricter figures, one bureau and the other, powers, departures, lines that lack an office."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.areas import refining
from portal.areas.refining import RefinementForm
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.imports import taking
from portal.imports.outcome import Wish
from portal.obligations import actions, alls, deeds, queries
from portal.obligations.actions import DeedForm
from portal.obligations.rules import State
from portal.plugins import Plugins
from portal.scheme.book import Book, Scheme
from portal.scheme.refining import figures, is_stricter, refined
from portal.scheme.windows import window
from portal.scheme.words import Act, Clause, Duty, Every, Line, Per, Post, Region, Unit, Within
from portal.viewer import Viewer
from portal.workshop.sheets import written_csv
from tests.sample_region.scheme import GRIDS, PATROL, SAMPLE
from tests.world import World, make_appointment, make_person, make_unit


@pytest.mark.parametrize(
    ("duty", "on", "late", "early"),
    [
        ("meet", date(2026, 3, 2), {"西所"}, {"东所"}),
        ("round", date(2026, 4, 2), {"丙村格", "丁村格"}, {"甲村格", "乙社区格"}),
        ("study", date(2027, 1, 5), {"孙看护"}, {"张看护"}),
    ],
)
async def test_where_a_pilot_came_later_the_window_in_which_it_came_is_not_missed(
    world: World, duty: str, on: date, late: set[str], early: set[str]
) -> None:
    (first,) = SAMPLE.editions
    begins = date(2026, 2, 10)
    pilot = replace(first, in_force=replace(first.in_force, pilot=("9901001",), everywhere=begins))
    call, db = with_region(world.call, replace(SAMPLE, editions=(pilot,))), world.call.db
    for table in ("unit", "grid", "appointment"):
        await db.rows(f"update {table} set since = '2020-01-01'")
    for name, place in (("张看护", "甲村"), ("孙看护", "丙村")):
        await db.rows(
            "update person set jurisdiction = (select id from jurisdiction where name = $2) where name = $1", name, place
        )
    ((_, last, _),) = await queries.asked_on(call, "sample", on, duty=duty)
    found = {thing.name: thing.state for thing in (await queries.things(call, last)).things}
    assert {name for name in late | early if found[name] is State.EXCUSED} == late
    assert {name for name in late | early if found[name] is State.MISSED} == early
    ((_, after, _),) = await queries.asked_on(call, "sample", date(on.year + 1, on.month, on.day), duty=duty)
    assert {thing.state for thing in (await queries.things(call, after)).things} == {State.MISSED}


def stricter(world: World, value, figure: str = "duty:walk:every", **more) -> RefinementForm:
    """A town's own rule."""
    form = RefinementForm(figure=figure, value=value, document="东镇细则（示例）", clause="第三条", gist="看护员每周走一遍")
    return replace(form, **more)


@pytest.mark.clause("WZ-2", "CZ-2.1", "TJ-2.2c")
async def test_a_town_s_stricter_rhythm_holds_in_the_town_from_its_day_and_nowhere_else(world: World) -> None:
    call = world.call
    await refining.refine(call, world.places["东镇"], stricter(world, Every(weeks=1)))
    found = {one.key: one for one in await queries.summary(call, "sample", call.today, duty="walk")}
    assert set(found) == {"walk~1", "walk~1~9901001"}
    town, rest = found["walk~1~9901001"], found["walk~1"]
    assert (town.now.demand.every, town.figures.owed) == (Every(weeks=1), 2)
    assert (rest.now.demand.every, rest.figures.owed) == (Every(months=1), 1)
    basis = town.duty.basis
    assert "东镇细则（示例）" in basis.at
    assert "比原规定更严：第三条：每月一次" in basis.gist
    before = await queries.summary(call, "sample", call.today - timedelta(days=1), duty="walk")
    assert [one.key for one in before] == ["walk~1"]


async def test_a_record_is_counted_once_where_a_place_refined_its_duty(world: World) -> None:
    call = world.call
    await refining.refine(call, world.places["东镇"], stricter(world, Every(weeks=1)))
    day = call.today - timedelta(days=2)  # in the month and in the week that closed last
    await call.db.rows("update placement set since = $1", day - timedelta(days=60))
    for firm, person in (("甲面粉店（示例）", "张看护"), ("丙小店（示例）", "孙看护")):
        form = DeedForm(
            region="sample", duty="walk", subject=world.enterprises[firm], day=day, person=world.people[person], note="好"
        )
        await actions.add_deed(call, form)
    five = await alls.five(call, "sample", call.today)
    assert five is not None
    assert (five.records.owed, five.records.done) == (2, 2)


async def test_refining_the_rhythm_leaves_the_yearly_number_owed_as_before(world: World) -> None:
    call = replace(world.call, now=world.call.now + timedelta(days=400))
    await call.db.rows("update placement set since = $1", world.call.today - timedelta(days=900))
    await refining.refine(world.call, world.places["东镇"], stricter(world, Every(weeks=1), "duty:look:every"))
    later = replace(world.call, now=call.now - timedelta(days=7))
    await refining.refine(later, world.places["甲村"], stricter(world, 60, "duty:look:times"))
    found = {one.key: one for one in await queries.summary(call, "sample", call.today, duty="look")}
    assert [found[key].last.whole for key in ("look~1", "look~2", "look~1~9901001", "look~2~9901001")] == [True] * 4
    assert (found["look~1~9901001001"].last.whole, found["look~2~9901001001"].last.whole) == (True, False)
    before = await queries.summary(world.call, "sample", world.call.today, duty="look")
    assert {one.key: one.last.whole for one in before} == {
        "look~1": True,
        "look~2": True,
        "look~1~9901001": False,
        "look~2~9901001": True,
    }


async def test_an_edition_that_demands_the_same_goes_on_where_a_place_refined_it(world: World) -> None:
    (first,) = SAMPLE.editions
    turn = world.call.today - timedelta(days=10)
    old = replace(first, in_force=replace(first.in_force, until=turn - timedelta(days=1)))
    new = replace(first, code="sample-new", in_force=replace(first.in_force, since=turn))
    call = with_region(world.call, replace(SAMPLE, editions=(old, new)))
    await refining.refine(
        replace(call, now=call.now - timedelta(days=110)), world.places["东镇"], stricter(world, Every(weeks=1))
    )
    found = await queries.summary(call, "sample", turn + timedelta(days=7), duty="walk")
    assert {one.key: one.last.whole for one in found} == {"walk~1": True, "walk~1~9901001": True}


@pytest.mark.parametrize("seen_from", ["东镇", "示例区", "甲村"])
async def test_what_a_village_refined_is_counted_and_listed_by_everything_around_it(world: World, seen_from: str) -> None:
    call = world.call
    await refining.refine(call, world.places["甲村"], stricter(world, Every(weeks=1)))
    path = await call.db.value("select path from jurisdiction where public_id = $1", world.places[seen_from])
    seen = call.as_(Viewer(areas=(path,)))
    found = {one.key: one for one in await queries.summary(seen, "sample", call.today, duty="walk")}
    own = found["walk~1~9901001001"]
    assert (own.figures.owed, own.missed.owed) == (2, 2)
    names = [thing.name for thing in (await queries.things(seen, own.now)).things]
    assert names == ["甲面粉店（示例）", "园玩具厂（示例）"]
    assert sum(one.figures.owed for one in found.values()) == (3 if seen_from == "示例区" else 2)
    five = await alls.five(seen, "sample", call.today)
    assert five is not None
    lacking = [await alls.without_content(seen, one) for one in five.once if one.duty.code == "walk"]
    assert sum(map(len, lacking)) == five.content.open
    assert five.visits.owed == {"甲村": 2 + 2, "东镇": 2 + 2, "示例区": 3 + 2}[seen_from]


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("duty:walk:every", Every(months=2)),
        ("duty:walk:every", Every(months=1)),
        ("duty:walk:every", Every(weeks=3)),
        ("post:keeper:least", 1),
        ("route:report:answer", Within(working_days=5)),
        ("route:report:answer", Within(days=4)),
        ("duty:look:times", 5),
    ],
)
async def test_a_laxer_one_is_refused_naming_both_clauses(world: World, figure: str, value) -> None:
    with pytest.raises(Refused) as refused:
        await refining.refine(world.call, world.places["东镇"], stricter(world, value, figure))
    said = str(refused.value)
    assert "东镇细则（示例）》第三条" in said
    assert re.search("（第.条）", said)
    assert "SA-" not in said
    assert "本地规定只能更严" in said
    assert refused.value.field == "value"
    assert await world.call.db.value("select count(*) from refinement") == 0


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("duty:study:every", Every(months=13)),
        ("duty:study:every", Every(months=12_500)),
        ("duty:study:every", Every(weeks=54)),
        ("duty:study:every", Every(weeks=600_000)),
        ("duty:study:every", Every()),
        ("duty:look:times", 367),
    ],
)
async def test_a_rhythm_of_which_no_windows_can_be_counted_is_refused(world: World, figure: str, value) -> None:
    with pytest.raises(Refused, match="1 到 12 个月或 1 到 53 周之间") as refused:
        await refining.refine(world.call, world.places["东镇"], stricter(world, value, figure))
    assert refused.value.field == "value"
    await queries.summary(world.call, "sample", world.call.today)


async def test_one_that_was_stored_nevertheless_holds_nowhere(world: World) -> None:
    await refining.refine(world.call, world.places["东镇"], stricter(world, Every(months=3), "duty:study:every"))
    await world.call.db.rows("update refinement set months = 12500")
    found = await queries.summary(world.call, "sample", world.call.today, duty="study")
    assert {one.now.demand.every for one in found} == {Every(months=12)}


async def test_a_village_is_measured_by_its_town_s_rule_and_nobody_makes_the_past_stricter(world: World) -> None:
    call = world.call
    await refining.refine(call, world.places["东镇"], stricter(world, Every(weeks=1)))
    with pytest.raises(Refused, match="不严于现行的“每周一次”"):
        await refining.refine(call, world.places["甲村"], stricter(world, Every(weeks=2)))
    with pytest.raises(Refused, match="不能从过去的日期起改"):
        await refining.refine(call, world.places["东镇"], stricter(world, Every(weeks=1), since=call.today - timedelta(days=1)))
    west = call.as_(await world.office("西所"))
    with pytest.raises(NotVisible):
        await refining.refine(west, world.places["东镇"], stricter(world, Every(weeks=1)))


async def test_each_refinement_of_a_duty_names_the_clause_of_the_scheme_that_it_refines(world: World) -> None:
    call, town = world.call, world.places["东镇"]
    await refining.refine(call, town, stricter(world, Every(months=1), "duty:look:every", clause="第四条", gist="每月查"))
    await refining.refine(call, town, stricter(world, 15, "duty:look:times", clause="第五条", gist="查十五次"))
    (path,) = [row["path"] for row in await call.db.rows("select path from jurisdiction where public_id = $1", town)]
    scheme = await refining.scheme_for(call, "sample", path, call.today)
    assert scheme is not None
    duty = scheme.counted["look"]
    assert (duty.every, duty.times_a_year) == (Every(months=1), 15)
    assert duty.basis == Clause(
        "SA-3+9901001",
        "东镇《东镇细则（示例）》第四条；东镇《东镇细则（示例）》第五条",
        "每月查。比原规定更严：第三条：每两个月一次；查十五次。比原规定更严：第三条：每年至少6次",
    )
    inner = {one.code: one for one in await refining.figures_at(call, world.places["甲村"])}
    assert (inner["duty:look:every"].basis.at[-3:], inner["duty:look:times"].basis.at[-3:]) == ("第四条", "第五条")


async def test_a_refinement_that_ended_gives_way_to_the_scheme_again(world: World) -> None:
    call = world.call
    id_ = await refining.refine(call, world.places["东镇"], stricter(world, Every(weeks=1)))
    await refining.end_refinement(call, id_, call.today + timedelta(days=7))
    later = await queries.summary(call, "sample", call.today + timedelta(days=7), duty="walk")
    assert [one.key for one in later] == ["walk~1"]
    now = await queries.summary(call, "sample", call.today, duty="walk")
    assert len(now) == 2


async def test_more_people_and_shorter_terms_are_refined_as_well(world: World) -> None:
    call = world.call
    await refining.refine(call, world.places["东镇"], stricter(world, 2, "post:keeper:least"))
    await refining.refine(call, world.places["东镇"], stricter(world, Within(working_days=3), "route:report:answer"))
    path = (await call.db.row("select path from jurisdiction where public_id = $1", world.places["东镇"]))["path"]
    scheme = await refining.scheme_for(call, "sample", path, call.today)
    assert scheme is not None
    assert scheme.posts["keeper"].count.least == 2
    from portal.people.queries import gaps_in_areas

    lacking = {gap.value.seat.name for _, gap in await gaps_in_areas(call) if gap.value.post.code == "keeper"}
    assert lacking == {"甲村格", "乙社区格", "园片", "丁村格"}


@given(a=st.integers(1, 12), b=st.integers(1, 12), weeks=st.booleans(), other=st.booleans())
def test_whoever_keeps_a_stricter_rhythm_keeps_the_laxer_one(a: int, b: int, weeks: bool, other: bool) -> None:
    """Whatever day of each stricter window somebody chooses, no laxer window goes empty: tried with the worst choice, both ends."""
    old = Every(weeks=a) if weeks else Every(months=a)
    new = Every(weeks=b) if other else Every(months=b)
    if not is_stricter(old, new, "duty:x:every"):
        return
    day, end = date(2026, 1, 1), date(2031, 1, 1)
    while day < end:
        whole = window(old, day)
        held = window(new, whole.first)
        if held.first < whole.first:
            held = window(new, held.last + timedelta(days=1))
        assert held.last <= whole.last, (old, new, whole)
        day = whole.last + timedelta(days=1)


def test_every_figure_can_be_named_and_refined_and_nothing_else_changes() -> None:
    scheme = Scheme(SAMPLE, SAMPLE.editions[0], "sample")
    assert refined(scheme, []) is scheme
    for figure in figures(scheme).values():
        assert figure.name
        assert figure.says


# One bureau and the other

ADDED = (
    Unit(code="water", name="水务", at=GRIDS and SAMPLE.editions[0].rules[0].at, basis=GRIDS),
    Line(code="water", name="水务", unit="water", basis=GRIDS),
    Post(code="tester", name="水质员", per=(Per(tier="village-grid"),), line="water", basis=GRIDS),
    Post(code="fireman", name="消防员", per=(Per(tier="village-grid"),), line="fire", basis=GRIDS),
    Duty(code="test", who="tester", says="查水", act=Act.PATROL, on=(Per(klass="small"),), every=Every(months=1), basis=PATROL),
)


def with_rules(call: Call, *rules, instead=None) -> Call:
    """The same portal whose region states more, or states ``instead`` other rules."""
    (edition,) = SAMPLE.editions
    return with_region(call, replace(SAMPLE, editions=(replace(edition, rules=(*(instead or edition.rules), *rules)),)))


def with_region(call: Call, region: Region) -> Call:
    """The same portal with this region instead."""
    plugins = call.portal.plugins
    book = Book.of([("sample", region)])
    return replace(call, portal=replace(call.portal, plugins=Plugins(plugins.named, plugins.packages, plugins.manager, book)))


async def test_one_bureau_sees_that_the_other_came_but_not_what_it_found(world: World) -> None:
    world.call = with_rules(world.call, *ADDED)
    call = world.call
    await make_unit(world, "水务所", "water", "示例区", "0512-01000009")
    await make_person(world, "钱水质", badge="示例808", phone="0512-02000088")
    await make_appointment(world, "钱水质", "tester", grid="甲村格")
    form = DeedForm(
        region="sample",
        duty="test",
        subject=world.enterprises["甲面粉店（示例）"],
        day=call.today,
        person=world.people["钱水质"],
        note="排口异常（示例）",
    )
    fire = call.as_(await world.office("区局"))
    with pytest.raises(Refused, match="这是水务条线的职责，由水务登记"):
        await actions.add_deed(fire, form)
    own = call.as_(await world.office("水务所"))
    id_ = await actions.add_deed(own, form)
    assert (await deeds.deed(own, id_)).note == "排口异常（示例）"
    seen = await deeds.deed(fire, id_)
    assert (seen.note, [name for _, name in seen.doers], seen.day) == (None, ["钱水质"], call.today)
    with pytest.raises(Refused, match="由水务登记"):
        await actions.withdraw_deed(fire, id_, "不归我")
    assert (await deeds.deed(call.as_(await world.office("东所")), id_)).note == "排口异常（示例）"
    line = [f"{call.today}", "水质员：查水", "甲面粉店（示例）", "钱水质", "没有异常"]
    data = written_csv(["日期", "职责", "对象", "姓名", "情况"], [line])
    found = await taking.run(fire, kind="deeds", region="sample", data=data, wish=Wish(), write=False)
    assert [error.text for error in found.errors] == ["已经登记过，是其他条线的记录：履职情况由该条线部门查看，不能改"]
