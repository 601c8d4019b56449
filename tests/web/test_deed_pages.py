"""Writing down what was done, at its form: duties that have no rhythm, days that cannot be, people who are there instead."""

from datetime import timedelta

import pytest

from portal.areas import refining
from portal.areas.refining import RefinementForm
from portal.enterprises.actions import state_facts
from portal.imports import taking
from portal.imports.outcome import Wish
from portal.obligations.actions import DeedForm, ExcuseForm, add_deed, excuse
from portal.people.interests import InterestForm, declare
from portal.scheme.words import Act, Duty, Every, Per
from portal.viewer import Role
from portal.workshop.sheets import written_csv
from tests.browse import Visitor, visiting
from tests.obligations.test_places import with_rules
from tests.sample_region.scheme import PATROL
from tests.world import PASSWORD, World

FLOUR = "甲面粉店（示例）"
SEE = Duty(code="see", who="keeper", says="看一看", act=Act.PATROL, on=(Per(klass="small"),), basis=PATROL)


async def office(site, world: World) -> Visitor:
    """The eastern town's office, signed in."""
    await world.account("east", Role.OFFICE, unit="东所")
    visitor = site()
    await visitor.sign_in("east", PASSWORD)
    return visitor


@pytest.mark.parametrize("rhythm", [False, True])
async def test_a_duty_without_a_rhythm_of_its_own_is_written_down_and_brought_in(world: World, clock, rhythm: bool) -> None:
    world.call = call = with_rules(world.call, SEE)
    if rhythm:
        form = RefinementForm(
            figure="duty:see:every", value=Every(weeks=1), document="东镇细则（示例）", clause="第一条", gist="每周"
        )
        await refining.refine(call, world.places["东镇"], form)
    back = "/office/due/sample/see~1~9901001" if rhythm else "/office/due?region=sample"
    async with visiting(call.portal, clock) as site:
        east = await office(site, world)
        page = await east.get(f"/office/deeds/new?region=sample&duty=see&of={world.enterprises[FLOUR]}")
        assert back in page.links()
        assert (await east.get(back)).status == 200
        done = await east.send(page, {"note": "看过了"}, action="/office/deeds/new")
        assert "看过了" in (await east.follow(done)).text
    lines = [["日期", "职责", "对象", "姓名"], [f"{call.today - timedelta(days=1)}", "看护员：看一看", FLOUR, "张看护"]]
    data = written_csv(lines[0], lines[1:])
    found = await taking.run(call, kind="deeds", region="sample", data=data, wish=Wish(), write=True)
    assert (found.came, found.errors) == (1, ())
    assert await call.db.value("select count(*) from deed where duty = 'see'") == 2


@pytest.mark.parametrize("instead", ["孙看护", None])
async def test_the_form_offers_who_is_there_instead_and_says_where_nobody_is(site, world: World, instead: str | None) -> None:
    who = world.people[instead] if instead else None
    today = world.call.today
    interest = InterestForm(
        person=world.people["张看护"], enterprise=world.enterprises[FLOUR], instead=who, kind="kin", since=today
    )
    await declare(world.call, interest)
    east = await office(site, world)
    page = await east.get(f"/office/deeds/new?region=sample&duty=walk&of={world.enterprises[FLOUR]}")
    done = await east.send(page, {"note": "看过了"}, action="/office/deeds/new")
    if instead:
        assert "孙看护（看护员（代））" in page.text
        assert "孙看护" in (await east.follow(done)).text
    else:
        assert "这里的看护员空缺" in page.text
        assert (done.status, "看过了" in done.text) == (422, True)
        assert done.text.count("登记由谁代替") > page.text.count("登记由谁代替")


async def test_what_came_to_owe_no_more_needs_no_excuse_and_the_reason_stays_in_the_form(site, world: World) -> None:
    east, address = await office(site, world), "/office/due/sample/walk~1/excuse"
    page = await east.get(f"{address}?of={world.enterprises[FLOUR]}")
    await state_facts(world.call, world.enterprises[FLOUR], {"size": "big"}, world.call.today)
    done = await east.send(page, {"why": "停产检修"}, action=address)
    assert (done.status, done.form(address)["why"]) == (422, "停产检修")
    assert "2026年3月2日那天它不在“走遍本格”的范围里" in done.text


async def test_a_day_on_which_no_edition_was_in_force_is_said_to_be_one(site, world: World) -> None:
    page = await (await office(site, world)).get("/office/due?region=sample&on=2019-01-01")
    assert "所选日期这里没有施行任何方案" in page.text
    assert "没有规定履行频次" not in page.text


async def test_withdrawing_an_excuse_is_told_and_recorded_as_that(site, world: World) -> None:
    form = ExcuseForm(region="sample", key="walk~1", subject=world.enterprises[FLOUR], day=world.call.today, why="停产（示例）")
    id_ = await excuse(world.call, form)
    east = await office(site, world)
    await world.call.db.rows("update placement set since = $1", world.call.today - timedelta(days=99))
    page = await east.get("/office/due/sample/walk~1?part=all")
    done = await east.follow(await east.send(page, {}, action=f"/office/excuses/{id_}/withdraw"))
    assert "原因说明已撤回" in done.text
    assert await world.call.db.value("select verb from ledger_entry order by id desc limit 1") == "withdrawn_excuse"


async def test_why_a_deed_is_withdrawn_is_not_said_to_be_shown_to_the_public(site, world: World) -> None:
    form = DeedForm(
        region="sample", duty="walk", subject=world.enterprises[FLOUR], day=world.call.today, person=world.people["张看护"]
    )
    address = f"/office/deeds/{await add_deed(world.call, form)}/withdraw"
    east = await office(site, world)
    blank = await east.send(await east.get(address), {"why": ""}, action=address)
    assert (blank.status, "请写明原因" in blank.text, "扫码" in blank.text) == (422, True, False)


async def test_what_lacks_of_the_five_alls_leads_to_that_and_nothing_else(site, world: World) -> None:
    db, today = world.call.db, world.call.today
    for name, outcome in (("甲石料厂（示例）", "not_covered"), ("园玩具厂（示例）", "not_yet"), (FLOUR, "no_grid")):
        firm = "(select id from enterprise where name = $1)"
        await db.rows(f"update placement set outcome = $2, grid = null where enterprise = {firm}", name, outcome)
    for day in (today - timedelta(days=3), today - timedelta(days=200)):
        await db.rows(
            "insert into deed (public_id, region, edition, duty, enterprise, day, note, points, attended, written_at, withdrawn_why) "
            "select left(md5(random()::text), 20), 'sample', 'sample-2020', 'walk', id, $2, '', '{}', '{}', now(), '' "
            "from enterprise where name = $1",
            FLOUR,
            day,
        )
    east = await office(site, world)
    page = await east.get("/office/due/alls")
    leads = {"".join(one.itertext()): one.get("href") for one in page.all("a")}
    assert [lead for lead in leads if lead.startswith("看护员　")], "whose duty it is, where two posts owe the same"
    firms = await east.get(leads["未纳入网格的单位 1"])
    assert [name in firms.text for name in (FLOUR, "甲石料厂", "园玩具厂")] == [True, False, False]
    records = await east.get(leads["记录不完整的 1"])
    assert ("2026年2月27日" in records.text, "2025年8月14日" in records.text) == (True, False)
    assert "没有写明人员 没有写明履职情况" in records.text
    earlier = await east.get(f"/office/due/alls?on={today - timedelta(days=1)}")
    assert "未纳入网格的单位" not in earlier.text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2019-12-30", "2019年12月30日那天没有施行任何方案"),
        ("2025-06-01", "2025年6月1日那天它不在“走遍本格”的范围里"),
        ("2026-03-09", "还没有到 2026年3月9日"),
        ("gestern", "日期写成 2026-11-21 这样"),
    ],
)
async def test_a_day_that_cannot_be_is_said_at_the_day_and_everything_typed_stays(
    site, world: World, day: str, said: str
) -> None:
    east, action = await office(site, world), "/office/deeds/new"
    page = await east.get(f"{action}?region=sample&duty=walk&of={world.enterprises[FLOUR]}&day=2026-03-01")
    assert [one.get("class") for one in page.all("div") if "ticks" in one.get("class", "")] == ["ticks all"], "no point is hidden"
    await state_facts(world.call, world.enterprises[FLOUR], {"size": "big"}, world.call.today)
    typed = {"day": day, "note": "都看了", "points": ["仓库"]}
    done = await east.send(page, typed, action=action)
    assert (done.status, said in done.text) == (422, True)
    assert {name: done.form(action)[name] for name in typed} == typed
    (error,) = [link for link in done.all("a") if said in "".join(link.itertext())]
    assert error.get("href") == "#day"
    assert (await east.send(done, {"day": "2026-03-01"}, action=action)).status == 303
