"""Days that were typed wrongly are corrected on pages: linked where they are shown, looked at before, done once, told after."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from portal.areas.actions import end_unit
from portal.boards.actions import issue
from portal.boards.queries import page as board_page
from portal.enterprises.actions import end_enterprise
from portal.enterprises.charges import assign
from portal.people.actions import end_person
from portal.people.interests import InterestForm, declare
from portal.terms import DUE
from portal.viewer import Role
from tests.browse import Page, Visitor
from tests.world import PASSWORD, World, make_enterprise

FLOUR, NEW, WHY = "甲面粉店（示例）", "新店（示例）", "抄错一位"


@pytest.fixture
async def office(site, world: World) -> Visitor:
    """The district's bureau, signed in."""
    await world.account("bureau", Role.OFFICE, unit="区局")
    visitor = site()
    await visitor.sign_in("bureau", PASSWORD)
    return visitor


async def everything(world: World) -> dict[str, tuple[str, str]]:
    """Of each kind the id of one thing of the eastern town, and the page on which it is shown."""
    call, firm = world.call, world.enterprises[FLOUR]
    form = InterestForm(person=world.people["张看护"], enterprise=firm, kind="kin", since=call.today - timedelta(days=3))
    held = await call.db.value("select a.public_id from appointment a join person p on p.id = a.person where p.name = '张看护'")
    charge = await assign(call, firm, "fire", world.units["东所"], call.today - timedelta(days=3))
    return {
        "appointment": (held, f"/office/grids/{world.grids['甲村格']}"),
        "enterprise": (firm, f"/office/enterprises/{firm}"),
        "charge": (charge, f"/office/enterprises/{firm}"),
        "interest": (await declare(call, form), f"/office/people/{world.people['张看护']}"),
        "grid": (world.grids["甲村格"], f"/office/grids/{world.grids['甲村格']}"),
        "unit": (world.units["东所"], f"/office/units/{world.units['东所']}"),
    }


KINDS = ("appointment", "enterprise", "charge", "interest", "grid", "unit")


async def look(visitor: Visitor, address: str, **values: Any) -> Page:
    """Open the form and say what the days should be."""
    return await visitor.send(await visitor.get(address), {"reason": WHY, **values}, action=address)


async def entries(world: World) -> int:
    """How many corrections the ledger tells."""
    return int(await world.call.db.value("select count(*) from ledger_entry where verb = 'corrected'"))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_correction_is_found_looked_at_confirmed_and_told(office: Visitor, world: World, kind: str) -> None:
    id_, home = (await everything(world))[kind]
    address, day = f"/office/corrections/{kind}/{id_}", "2026-01-20" if kind != "charge" else "2026-02-20"
    assert address in (await office.get(home)).links()
    form = await office.get(address)
    old = form.form(address)["since"]
    assert "只用来改正登记时写错的日期" in form.text
    nothing = await office.send(form, {"since": day}, action=address)
    assert (nothing.status, "请写明更正理由" in nothing.text) == (422, True)
    assert nothing.form(address)["since"] == day
    same = await look(office, address, since=old)
    assert (same.status, "与登记的一样，没有需要更正的" in same.text) == (422, True)
    far = await look(office, address, since="2062-03-01")
    assert (far.status, "太远了（今天是" in far.text) == (422, True)
    seen = await look(office, address, since=day)
    assert seen.status == 200
    assert "现在还没有改动" in seen.text
    assert f"由 {date.fromisoformat(old).year}年" in seen.text
    assert await entries(world) == 0
    values = seen.form(address)
    assert values["since"] == day
    answers = await asyncio.gather(*(office.post(address, values, check=False) for _ in range(3)))
    assert [one.status for one in answers] == [303, 303, 303], [one.text[:300] for one in answers]
    done = await office.follow(answers[0])
    assert "日期已更正" in done.text
    assert await entries(world) == (2 if kind == "appointment" else 1)
    assert (await office.get(address)).form(address)["since"] == day
    told = (await office.get(home)).text
    was, is_ = (f"{one.year}年{one.month}月{one.day}日" for one in (date.fromisoformat(old), date.fromisoformat(day)))
    assert "区局" in told or "示例账号" in told
    assert "更正日期" in told
    assert f"{was} → {is_}" in told
    assert f"更正理由：{WHY}" in told


@pytest.mark.parametrize("kind", KINDS)
async def test_an_office_of_another_place_finds_nothing(site, world: World, kind: str) -> None:
    id_, _ = (await everything(world))[kind]
    await world.account("west", Role.OFFICE, unit="西所")
    west = site("10.0.0.9")
    await west.sign_in("west", PASSWORD)
    token = (await west.get("/account")).form("/account/password")["_token"]
    form = {"_token": token, "since": "2026-01-20", "reason": WHY, "previewed": f"2026-01-20 None {WHY}"}
    for one in (id_, "z" * 20):
        assert (await west.get(f"/office/corrections/{kind}/{one}", check=False)).status == 404
        assert (await west.post(f"/office/corrections/{kind}/{one}", form, check=False)).status == 404
    assert (await west.get(f"/office/corrections/jurisdiction/{id_}", check=False)).status == 404
    assert await entries(world) == 0


async def test_what_follows_is_told_before_it_is_done(office: Visitor, world: World) -> None:
    code = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    live = (await board_page(world.call, code)).live
    held = await world.call.db.value(
        "select a.public_id from appointment a join person p on p.id = a.person where p.name = '张看护'"
    )
    away = await look(office, f"/office/corrections/appointment/{held}", since="2026-03-20")
    assert "到任日期由 2026年1月31日改为 2026年3月20日。" in away.text
    assert f"会变的公示牌有 1 块（{FLOUR}），显示信息已变更，需要重印。" in away.text
    back = await look(office, f"/office/corrections/appointment/{held}", since="2026-01-20", until="2026-03-20")
    assert "增加离任日期 2026年3月20日。" in back.text
    assert "没有公示牌因此改变。" in back.text
    assert "本周期和上一周期的履职任务不变" in back.text
    assert (await board_page(world.call, code)).live == live
    await make_enterprise(world, NEW, "甲村", size="small", risky="no", since=date(2026, 2, 10))
    earlier = await look(office, f"/office/corrections/enterprise/{world.enterprises[NEW]}", since="2026-01-20")
    excused = f"由“{DUE['excused']}”改为“{DUE['missed']}”"
    assert f"“走遍本格”（2026年2月1日至2026年2月28日）{excused}" in earlier.text
    later = await look(office, f"/office/corrections/enterprise/{world.enterprises[NEW]}", since="2026-03-10")
    assert "“走遍本格”（2026年3月1日至2026年3月31日）由“待完成”改为“没有这项任务”" in later.text
    ground = await look(office, f"/office/corrections/grid/{world.grids['丙村格']}", since="2026-01-20")
    assert "1 家单位的所属网格会重新确定。" in ground.text
    assert await entries(world) == 0


async def test_what_was_changed_after_it_was_looked_at_is_looked_at_again(office: Visitor, world: World) -> None:
    held, _ = (await everything(world))["appointment"]
    address = f"/office/corrections/appointment/{held}"
    values = (await look(office, address, since="2026-01-20")).form(address)
    other = await office.post(address, {**values, "since": "2026-01-10"})
    assert "改为 2026年1月10日" in other.text
    assert await entries(world) == 0
    confirmed = (await look(office, address, since="2026-01-15")).form(address)
    assert (await office.post(address, confirmed, check=False)).status == 303
    stale = await office.post(address, values)
    assert (stale.status, "刚刚被其他人改过，还没有更正" in stale.text) == (422, True)
    again = await office.post(address, stale.form(address))
    assert "由 2026年1月15日改为 2026年1月20日" in again.text
    assert (await office.post(address, again.form(address), check=False)).status == 303


async def test_a_refusal_stands_at_its_day_and_keeps_what_was_typed(office: Visitor, world: World) -> None:
    held, _ = (await everything(world))["appointment"]
    address = f"/office/corrections/appointment/{held}"
    page = await look(office, address, since="2026-03-20", until="2026-03-10")
    assert (page.status, "截止日期要晚于起始日期" in page.text) == (422, True)
    assert {name: page.form(address)[name] for name in ("since", "until", "reason")} == {
        "since": "2026-03-20",
        "until": "2026-03-10",
        "reason": WHY,
    }
    firm = f"/office/corrections/enterprise/{world.enterprises[FLOUR]}"
    blocked = await look(office, firm, since="2026-03-02")
    assert "之前还登记有：条线监管责任 1 项（最早的 2026年2月27日）" in blocked.text
    assert blocked.form(firm)["since"] == "2026-03-02"


@pytest.mark.parametrize("kind", ["person", "enterprise", "unit"])
async def test_an_end_that_was_typed_wrongly_is_corrected_where_it_is_shown(office: Visitor, world: World, kind: str) -> None:
    call, today = world.call, world.call.today
    id_, home, end = {
        "person": (world.people["张看护"], "people", end_person),
        "unit": (world.units["东所"], "units", end_unit),
        "enterprise": (world.enterprises[FLOUR], "enterprises", end_enterprise),
    }[kind]
    address = f"/office/corrections/{kind}/{id_}"
    if kind == "person":
        assert (await office.get(address, check=False)).status == 404
    else:
        assert "until" not in (await office.get(address)).form(address)
    await end(call, id_, today)
    assert address in (await office.get(f"/office/{home}/{id_}")).links()
    form = (await office.get(address)).form(address)
    assert (form["until"], "since" in form) == (today.isoformat(), kind != "person")
    seen = await look(office, address, until="")
    label = "离岗日期" if kind == "person" else "停用日期"
    assert (f"去掉{label}（原为 2026年3月2日）" in seen.text, "没有别人接任的，一并延续" in seen.text) == (True, True)
    assert await entries(world) == 0
    done = await office.follow(await office.post(address, seen.form(address), check=False))
    assert ("日期已更正" in done.text, "2026年3月2日 → 无" in done.text) == (True, True)
    assert await call.db.value(f"select until from {kind} where public_id = $1", id_) is None
