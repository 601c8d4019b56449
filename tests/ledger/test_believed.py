"""A history that can be believed: who did it, by its own verb, from what to what."""

from dataclasses import replace
from datetime import timedelta

from portal.access import actions as access
from portal.access.links import choose_password, invite, let_in
from portal.areas import actions as areas
from portal.call import Call
from portal.enterprises import charges
from portal.enterprises.actions import EnterpriseForm, change_enterprise, state_facts
from portal.ledger.actions import handle_due
from portal.ledger.queries import history
from portal.people.actions import PersonForm, change_person, hand_over
from portal.people.actions import seated as seated_at
from portal.people.interests import InterestForm, declare, end_interest
from portal.viewer import CONSOLE, PUBLIC, SYSTEM, Role, Viewer
from tests.world import PASSWORD, World

FLOUR = "甲面粉店（示例）"


async def verbs(call: Call, kind: str, subject: str) -> list[str]:
    """What was done to a thing, the oldest first."""
    return [past.verb for past in reversed(await history(call, kind, subject))]


async def test_moves_charges_and_what_is_stated_show_from_what_to_what(site, world: World) -> None:
    call, firm = world.call, world.enterprises[FLOUR]
    await charges.assign(call, firm, "fire", world.units["东所"], call.today)
    await charges.assign(call, firm, "fire", world.units["区局"], call.today)
    await charges.end(call, firm, "fire", call.today)
    await state_facts(call, firm, {"size": "big"}, call.today)
    form = EnterpriseForm(name="乙面粉店（示例）", division=world.places["丙村"], address="示例路1号")
    await change_enterprise(call, firm, form)
    row = await call.db.row(
        "select e.id, j.path from enterprise e join jurisdiction j on j.id = e.division where e.public_id = $1", firm
    )
    await let_in(call, row["id"], firm, row["path"])
    await world.account("office", Role.OFFICE, unit="区局")
    office = site()
    await office.sign_in("office", PASSWORD)
    page = await office.get(f"/office/enterprises/{firm}")
    for said in (
        "部门：无 → 东所",
        "部门：东所 → 区局",
        "部门：区局 → 无",
        "情况：规模 小 → 大",
        "名称：甲面粉店（示例） → 乙面粉店（示例）",
        "所在地：示例省示例区东镇甲村 → 示例省示例区西镇丙村",
        "网格：甲村格 → ",
    ):
        assert said in page.text, said
    assert (page.text.count("明确负责部门"), page.text.count("生成现场查看码") >= 1) == (3, True)
    # A thing that is only opened was not changed
    assert (await verbs(call, "enterprise", firm)).count("changed") == 1


async def test_moves_of_people_and_grids_and_posts_are_told(world: World) -> None:
    call, person = world.call, world.people["张看护"]
    form = PersonForm(
        name="张看护", phone="0512-02000002", badge="示例003", jurisdiction=world.places["东镇"], unit=world.units["东所"]
    )
    await change_person(call, person, form)
    past = (await history(call, "person", person))[0]
    assert past.data["place"] == ["示例省示例区", "示例省示例区东镇"]
    assert past.data["unit"] == [None, "东所"]
    grid = world.grids["甲村格"]
    await areas.change_grid(call, grid, name="甲村格", area_note="全村", divisions=[world.places["甲村"], world.places["乙社区"]])
    assert (await history(call, "grid", grid))[0].data["covers"] == ["甲村", "、".join(sorted(["甲村", "乙社区"]))]
    held = await call.db.value(
        "select a.public_id from appointment a join person p on p.id = a.person where p.public_id = $1 and a.until is null",
        person,
    )
    await hand_over(call, held, world.people["李格长"], await seated_at(call, "grid", grid), call.today)
    told = next(past for past in await history(call, "grid", grid) if past.verb == "handed_over")
    assert told.data["holder"] == ["张看护", "李格长"]


async def test_an_interest_that_ends_is_not_one_that_is_declared(world: World) -> None:
    call, person = world.call, world.people["李格长"]
    form = InterestForm(person=person, enterprise=world.enterprises[FLOUR], kind="share", since=call.today)
    await end_interest(call, await declare(call, form), call.today + timedelta(days=1))
    assert (await verbs(call, "person", person))[-2:] == ["declared", "undeclared"]


async def test_an_account_s_page_tells_resets_links_rights_and_second_factors(site, world: World) -> None:
    """Also to the administrator of a district, whose areas are not the whole country."""
    call = world.call
    await world.account("root", Role.ADMINISTRATOR)
    await call.db.rows(
        "update access_grant set area = (select path from jurisdiction where name = '示例区') where role = 'administrator'"
    )
    await world.account("east", Role.OFFICE, unit="东所")
    id_ = await call.db.value("select public_id from account where login = 'east'")
    await choose_password(call.as_(PUBLIC), await invite(call, id_), "seven grey ferries home")
    await access.end_sessions_of(call, id_)
    await access.disable_account(call, "east")
    await access.enable_account(call, id_)
    await access.forget_second(call, id_)
    found = await verbs(replace(call), "account", id_)
    assert found[-6:] == ["reset_link_sent", "password_reset", "signed_out", "ended", "enabled", "second_off"]
    assert "changed" not in found
    root = site()
    await root.sign_in("root", PASSWORD)
    page = await root.get(f"/office/accounts/{id_}")
    for said in ("发送重设密码的链接", "重设密码", "全部退出设备", "停用", "恢复账号", "解除二次验证"):
        assert f"示例账号 {said}" in page.text or f"系统 {said}" in page.text, said


async def test_what_somebody_decided_for_a_later_day_bears_their_name_on_that_day(world: World) -> None:
    clerk = world.call.as_(await world.office("区局"))
    day = clerk.today + timedelta(days=2)
    await areas.end_grid(clerk, world.grids["甲村格"], day)
    later = replace(world.call, now=world.call.now + timedelta(days=3)).as_(SYSTEM)
    await handle_due(later)
    row = await later.db.row(
        "select actor, actor_name from ledger_entry where kind = 'enterprise' and verb = 'placed' order by id desc limit 1"
    )
    assert (row["actor"], row["actor_name"]) == (None, f"系统（{clerk.viewer.name}登记的变动到期）")


async def test_a_command_of_the_deployer_is_not_the_portal_s_own_doing(world: World) -> None:
    await areas.change_unit(world.call.as_(CONSOLE), world.units["东所"], name="东所", phone="0512-01009999")
    assert (await history(world.call, "unit", world.units["东所"]))[0].actor == "部署人员（命令）"
    assert (CONSOLE.of_the_house, SYSTEM.of_the_house) == (True, True)
    assert not any(one.of_the_house for one in (PUBLIC, Viewer(account=1, areas=("/",), administers=("/",))))
