"""Accounts in daily work: links that work once, second factors, deputies, administrators of an area, people on site."""

from datetime import timedelta

import pyotp
import pytest

from portal.access import actions, deputies, links, queries, second
from portal.access.actions import NewAccount, NewGrant, create_account
from portal.access.granting import WantedRole, granted
from portal.access.queries import Stage
from portal.boards.actions import issue
from portal.budgets.throttle import TooSoon
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.feedback.actions import CaseOpening, open_case
from portal.feedback.queries import cases
from portal.people.actions import end_person
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.storage.lists import Wanted
from portal.viewer import PUBLIC, Role, Viewer
from tests.world import PASSWORD, World

NEW = "nine quiet yellow lamps"
FLOUR = "甲面粉店（示例）"


async def account_of(call: Call, login: str) -> str:
    return str(await call.db.value("select public_id from account where login = $1", login))


async def signed_in(call: Call, login: str, password: str = PASSWORD):
    done = await actions.sign_in(call, login=login, password=password, address="10.9.9.9", device=None)
    known = await queries.known_browser(call, done.token)
    assert known is not None
    return known


def later(call: Call, **by: float) -> Call:
    return Call(call.portal, call.viewer, call.now + timedelta(**by))


async def confirmed(call: Call, session: str, code: str, *, address: str = "10.9.9.9", device: str | None = None) -> str:
    return await second.confirm(call, session, code, address=address, device=device)


# Links


async def test_an_invited_person_chooses_the_password_and_nobody_else_ever_knows_one(world: World) -> None:
    call = world.call
    grant = NewGrant(role=Role.OFFICE, area="/99/", unit=await world.unit_id("区局"))
    id_ = await create_account(call, NewAccount(login="new", name="示例新人", grants=(grant,)))
    with pytest.raises(Refused, match="登录名或密码不对"):
        await signed_in(call, "new", "!")
    secret = await links.invite(call, id_)
    assert (await links.welcome(call, secret, "invitation")).login == "new"
    with pytest.raises(Refused, match="至少 12"):
        await links.choose_password(call, secret, "short")
    assert await links.choose_password(call, secret, NEW) == "new"
    assert (await signed_in(later(call, minutes=1), "new", NEW)).viewer.roles == {Role.OFFICE}


async def test_a_link_works_once_not_for_long_and_only_the_newest(world: World) -> None:
    call = world.call
    await world.account("clerk", Role.OFFICE, unit="东所")
    id_ = await account_of(call, "clerk")
    first, newest = await links.invite(call, id_), await links.invite(call, id_)
    with pytest.raises(NotVisible):
        await links.choose_password(call, first, NEW)
    with pytest.raises(NotVisible):
        await links.choose_password(later(call, minutes=11), newest, NEW)
    await links.choose_password(call, newest, NEW)
    for _ in range(100):
        with pytest.raises(NotVisible):
            await links.choose_password(call, newest, PASSWORD)
    assert (await signed_in(call, "clerk", NEW)).viewer.account


async def test_a_reset_signs_the_account_out_everywhere(world: World) -> None:
    call = world.call
    await world.account("clerk", Role.OFFICE, unit="东所")
    done = await actions.sign_in(call, login="clerk", password=PASSWORD, address="10.1.1.1", device=None)
    await links.choose_password(call, await links.invite(call, await account_of(call, "clerk")), NEW)
    assert await queries.known_browser(call, done.token) is None
    with pytest.raises(Refused, match="登录名或密码不对"):
        await signed_in(later(call, minutes=1), "clerk")


async def test_opening_a_link_does_nothing_until_its_form_is_sent(world: World, site) -> None:
    id_ = await create_account(
        world.call, NewAccount(login="new", name="示例新人", grants=(NewGrant(role=Role.OFFICE, area="/99/"),))
    )
    secret, visitor = await links.invite(world.call, id_), site()
    for _ in range(3):
        form = await visitor.get(f"/link/{secret}")
    refused = await visitor.send(form, {"new": "short"})
    assert refused.status == 422
    assert "至少 12" in refused.text
    assert (await visitor.send(refused, {"new": NEW})).status == 303
    over = await visitor.get(f"/link/{secret}", check=False)
    assert over.status == 404
    assert "重新发送" in over.text
    assert (await visitor.sign_in("new", NEW)).status == 303


# On site


async def test_somebody_on_site_sees_the_enterprise_for_two_hours_and_nothing_else(world: World, site, clock) -> None:
    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    row = await world.call.db.row("select id from enterprise where public_id = $1", world.enterprises[FLOUR])
    path = await world.call.db.value("select path from jurisdiction where name = '甲村'")
    secret = await links.let_in(world.call, row["id"], world.enterprises[FLOUR], path)
    visitor = site()
    assert "填写姓名" in (await visitor.send(await visitor.get(f"/site/{secret}"), {"name": ""})).text
    inside = await visitor.follow(await visitor.send(await visitor.get(f"/site/{secret}"), {"name": "示例负责人"}))
    assert FLOUR in inside.text
    assert "示例负责人" in inside.text
    assert "生成现场查看码" not in inside.text
    for address in ("/account", "/office", "/field"):
        assert (await visitor.get(address, check=False)).status == 404
    assert (await visitor.get("/enterprise/board.pdf")).response.content[:4] == b"%PDF"
    assert (await site().get(f"/site/{secret}", check=False)).status == 404
    for _ in range(5):
        clock.forward(minutes=25)
        last = await visitor.get("/enterprise", check=False)
    assert last.status == 303


async def test_a_site_link_is_made_only_by_who_sees_the_enterprise(world: World, site) -> None:
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    await world.account("other", Role.INSPECTOR, person="孙看护")
    mine, theirs = site("10.1.0.1"), site("10.2.0.1")
    await mine.sign_in("keeper", PASSWORD)
    await theirs.sign_in("other", PASSWORD)
    home = f"/field/enterprises/{world.enterprises[FLOUR]}"
    assert home in (await mine.get("/field/enterprises")).links()
    action = f"{home}/site-link"
    shown = await mine.send(await mine.get(home), {}, action=action)
    assert "请现场负责人扫描这个二维码" in shown.text
    assert "/site/" in shown.text
    token = (await theirs.get("/account")).form("/sign-out")["_token"]
    assert (await theirs.post(action, {"_token": token}, check=False)).status == 404


# The second factor


async def enrolled(call: Call, login: str) -> str:
    """The secret of an account that went through setting up its second factor."""
    known = await signed_in(call, login)
    assert known.stage is Stage.ENROL
    assert known.viewer == PUBLIC
    secret = second.offered(call, known.session, login).secret
    await second.enrol(call, known.session, pyotp.TOTP(secret).at(call.now))
    return secret


async def test_an_administrator_is_nobody_until_the_second_factor_was_shown(world: World) -> None:
    await world.account("root", Role.ADMINISTRATOR)
    secret = await enrolled(world.call, "root")
    call = later(world.call, minutes=5)
    known = await signed_in(call, "root")
    assert known.stage is Stage.CONFIRM
    assert known.viewer == PUBLIC
    with pytest.raises(Refused, match="不对"):
        await confirmed(call, known.session, "000000")
    await confirmed(call, known.session, pyotp.TOTP(secret).at(call.now))
    assert await call.db.value("select confirmed from session where public_id = $1", known.session)


async def test_a_code_counts_once(world: World) -> None:
    await world.account("root", Role.ADMINISTRATOR)
    secret = await enrolled(world.call, "root")
    code = pyotp.TOTP(secret).at(world.call.now)
    again = await signed_in(world.call, "root")
    with pytest.raises(Refused, match="已经用过"):
        await confirmed(world.call, again.session, code)


async def test_codes_cannot_be_tried_out(world: World) -> None:
    await world.account("root", Role.ADMINISTRATOR)
    await enrolled(world.call, "root")
    call = later(world.call, minutes=5)
    known = await signed_in(call, "root")
    taken = 0
    for n in range(300):
        try:
            await confirmed(later(call, seconds=n * 0.2), known.session, f"{n:06d}")
        except TooSoon:
            continue
        except Refused:
            taken += 1
    assert taken <= 11


async def test_the_site_asks_for_the_second_factor_before_anything_else(world: World, site) -> None:
    await world.account("root", Role.ADMINISTRATOR)
    visitor = site()
    await visitor.send(await visitor.get("/sign-in"), {"login": "root", "password": PASSWORD}, action="/sign-in")
    for address in ("/office", "/account", "/office/accounts", "/welcome"):
        sent = await visitor.get(address, check=False)
        assert (sent.status, sent.response.headers["location"]) == (303, "/second")
    wrong = await visitor.send(await visitor.get("/second"), {"code": "123"}, action="/second")
    assert wrong.status == 422
    assert "不对" in wrong.text
    secret = second.offered(world.call, await world.call.db.value("select public_id from session"), "root").secret
    done = await visitor.send(wrong, {"code": pyotp.TOTP(secret).at(world.call.now)}, action="/second")
    assert done.status == 303
    assert (await visitor.get("/office/accounts")).status == 200
    assert (await visitor.get("/second", check=False)).status == 404


async def test_a_lost_phone_is_forgotten_by_another_administrator_only(world: World) -> None:
    await world.account("root", Role.ADMINISTRATOR)
    await enrolled(world.call, "root")
    own = world.call.as_(
        Viewer(account=await world.call.db.value("select id from account where login = 'root'"), administers=("/",))
    )
    with pytest.raises(Refused, match="另一位管理员"):
        await actions.forget_second(own, await account_of(world.call, "root"))
    await actions.forget_second(world.call, await account_of(world.call, "root"))
    assert (await signed_in(world.call, "root")).stage is Stage.ENROL


# Administrators of an area


async def test_the_administrator_of_a_town_manages_the_town_and_cannot_reach_above(world: World) -> None:
    call = world.call
    await world.account("root", Role.ADMINISTRATOR)
    await world.account("east", Role.OFFICE, unit="东所")
    await world.account("west", Role.OFFICE, unit="西所")
    await world.account("bureau", Role.OFFICE, unit="区局")
    east = "/99/9901/9901001/"
    boss = await call.db.value("select id from account where login = 'root'")
    town = call.as_(Viewer(account=boss, name="示例", roles=frozenset({Role.ADMINISTRATOR}), areas=(east,), administers=(east,)))
    assert {row.login for row in (await queries.accounts(town, Wanted())).rows if not row.login.startswith("unit-")} == {"east"}
    for login in ("root", "west", "bureau"):
        id_ = await account_of(call, login)
        for act in (links.invite, actions.end_sessions_of, actions.forget_second, actions.enable_account):
            with pytest.raises(NotVisible):
                await act(town, id_)
        with pytest.raises(NotVisible):
            await queries.account(town, id_)
    await links.invite(town, await account_of(call, "east"))
    for asked in (
        WantedRole(role=Role.ADMINISTRATOR, area="/99/9901/"),
        WantedRole(role=Role.OFFICE, unit=await world.unit_id("区局")),
        WantedRole(role=Role.INSPECTOR, person="孙看护"),
        WantedRole(role=Role.ENTERPRISE, enterprise="丙小店（示例）"),
    ):
        with pytest.raises(Refused, match="不在您管理的辖区内"):
            await granted(town, asked)
    assert (await granted(town, WantedRole(role=Role.OFFICE, unit=await world.unit_id("东所")))).grant.area == east


async def test_who_was_granted_a_role_elsewhere_too_is_out_of_the_towns_reach(world: World) -> None:
    call, east = world.call, "/99/9901/9901001/"
    await world.account("both", Role.OFFICE, unit="东所")
    id_ = await account_of(call, "both")
    await actions.add_grant(call, id_, NewGrant(role=Role.OFFICE, area="/99/9901/9901002/", unit=await world.unit_id("西所")))
    town = call.as_(Viewer(account=77, areas=(east,), administers=(east,)))
    with pytest.raises(NotVisible):
        await links.invite(town, id_)


async def test_a_custodian_is_a_person_in_an_office_outside_the_chain(world: World) -> None:
    call = world.call
    with pytest.raises(Refused, match="这一监管条线以内"):
        await granted(call, WantedRole(role=Role.CUSTODIAN, unit=await world.unit_id("区局"), person="吴执法"))
    with pytest.raises(Refused, match="对应的登记人员"):
        await granted(call, WantedRole(role=Role.CUSTODIAN, unit=await world.unit_id("纪检")))
    found = await granted(call, WantedRole(role=Role.CUSTODIAN, unit=await world.unit_id("纪检"), person="吴执法"))
    assert found.person is not None
    with pytest.raises(Refused, match="关联一名登记的人员"):
        await create_account(call, NewAccount(login="k", name="示例", password=PASSWORD, grants=(found.grant,)))


async def test_what_is_taken_away_is_gone_with_the_next_request(world: World, site) -> None:
    await world.account("clerk", Role.OFFICE, unit="东所")
    visitor = site()
    await visitor.sign_in("clerk", PASSWORD)
    assert (await visitor.get("/office/grids")).status == 200
    grant = await world.call.db.value("select max(id) from access_grant")
    await actions.end_grant(world.call, await account_of(world.call, "clerk"), grant)
    assert (await visitor.get("/office/grids", check=False)).status == 404


async def test_the_pages_of_accounts_invite_grant_and_disable(world: World, site) -> None:
    await world.account("root", Role.ADMINISTRATOR)
    visitor = site()
    await visitor.sign_in("root", PASSWORD)
    assert "东镇" in (await visitor.get("/office/accounts/new")).text
    form = await visitor.get(f"/office/accounts/new?in={world.places['东镇']}")
    new = "/office/accounts/new"
    said = {"login": "keeper", "name": "示例看护", "role": "inspector", "person": "没有的人"}
    refused = await visitor.send(form, said, action=new)
    assert refused.status == 422
    assert "没有登记工作证编号或姓名" in refused.text
    assert refused.form(new)["login"] == "keeper"
    made = await visitor.follow(await visitor.send(refused, {"person": "张看护"}, action=new))
    home = "/office/accounts/" + await account_of(world.call, "keeper")
    assert "待本人设置密码" in made.text
    invited = await visitor.send(made, {}, action=f"{home}/link")
    assert "/link/" in invited.text
    assert "3 天内有效" in invited.text
    more = await visitor.get(f"{home}/grants?in={world.places['东镇']}")
    granted_ = await visitor.follow(
        await visitor.send(more, {"role": "office", "unit": world.units["东所"]}, action=f"{home}/grants")
    )
    assert "东所" in granted_.text
    form = await visitor.get(f"{home}/grants?in={world.places['东镇']}")
    again = await visitor.send(form, {"role": "office", "unit": world.units["东所"]}, action=f"{home}/grants")
    assert again.status == 422
    assert "已经有这项权限" in again.text
    gone = await visitor.follow(await visitor.send(await visitor.get(f"{home}/end"), {}, action=f"{home}/end"))
    assert "已停用" in gone.text
    assert "恢复" in gone.text
    assert "待本人设置密码" in (await visitor.follow(await visitor.send(gone, {}, action=f"{home}/begin"))).text


# Deputies


async def test_a_colleague_covers_an_absence_for_those_days_and_no_longer(world: World) -> None:
    call = world.call
    await issue(call, "enterprise", world.enterprises[FLOUR])
    board = await call.db.value("select code from board")
    await open_case(call.as_(PUBLIC), CaseOpening(kind=Kind.CONTACT, board=board, form=public_id(), text="在吗"))
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    await world.account("other", Role.INSPECTOR, person="赵看护")
    absent, deputy = (await signed_in(call, "keeper")).viewer, (await signed_in(call, "other")).viewer
    assert (await cases(call.as_(deputy), Wanted())).rows == ()
    colleagues = await deputies.colleagues(call.as_(absent))
    chosen = await account_of(call, "other")
    assert chosen in {one.id for one in colleagues}
    await deputies.cover(call.as_(absent), chosen, call.today + timedelta(days=1), call.today + timedelta(days=3))
    for days, seen in ((0, 0), (1, 1), (2, 1), (3, 0)):
        then = later(call, days=days)
        viewer = (await signed_in(then, "other")).viewer
        assert len((await cases(then.as_(viewer), Wanted())).rows) == seen, days
    with pytest.raises(Refused, match="已有人代办"):
        await deputies.cover(call.as_(absent), chosen, call.today, call.today + timedelta(days=2))
    (row,) = await deputies.covers(call.as_(deputy))
    await deputies.end_cover(call.as_(deputy), row.id)
    assert await deputies.covers(call.as_(absent)) == ()


async def test_with_whoever_leaves_for_good_what_a_deputy_saw_of_theirs_ends(world: World) -> None:
    call = world.call
    await world.account("away", Role.OFFICE, unit="东所", person="吴执法")
    await world.account("helper", Role.OFFICE, unit="东所")
    absent = call.as_((await signed_in(call, "away")).viewer)
    await deputies.cover(absent, await account_of(call, "helper"), call.today, call.today + timedelta(days=90))
    await call.db.rows("update access_grant set until = since where account = (select id from account where login = 'helper')")
    viewer = (await signed_in(call, "helper")).viewer
    assert (len(viewer.units), len(viewer.stands_for)) == (1, 1)
    await end_person(call, world.people["吴执法"], call.today + timedelta(days=2))
    for days, seen in ((1, 1), (2, 0)):
        viewer = (await signed_in(later(call, days=days), "helper")).viewer
        assert (len(viewer.units), len(viewer.stands_for), len(viewer.areas)) == (seen, seen, seen)


async def test_nobody_covers_for_an_administrator_or_a_custodian(world: World) -> None:
    call = world.call
    await world.account("clerk", Role.OFFICE, unit="纪检", person="吴执法")
    await world.account("helper", Role.OFFICE, unit="纪检")
    id_ = await account_of(call, "clerk")
    await actions.add_grant(call, id_, NewGrant(role=Role.CUSTODIAN, unit=await world.unit_id("纪检")))
    await actions.add_grant(call, id_, NewGrant(role=Role.ADMINISTRATOR, area="/"))
    absent = call.as_(Viewer(account=await call.db.value("select id from account where login = 'clerk'"), name="示例"))
    await deputies.cover(absent, await account_of(call, "helper"), call.today, call.today + timedelta(days=2))
    viewer = (await signed_in(call, "helper")).viewer
    assert (viewer.roles, viewer.custody, viewer.administers, viewer.areas) == ({Role.OFFICE}, frozenset(), (), ("/99/9901/",))
    assert viewer.stands_for


async def test_only_colleagues_may_cover(world: World) -> None:
    call = world.call
    await world.account("east", Role.OFFICE, unit="东所")
    await world.account("west", Role.OFFICE, unit="西所")
    me = call.as_((await signed_in(call, "east")).viewer)
    with pytest.raises(Refused, match="同部门或同辖区"):
        await deputies.cover(me, await account_of(call, "west"), call.today, call.today + timedelta(days=2))


async def test_who_left_can_use_no_link(world: World) -> None:
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    secret = await links.invite(world.call, await account_of(world.call, "keeper"))
    await end_person(world.call, world.people["张看护"], world.call.today)
    with pytest.raises(NotVisible):
        await links.choose_password(world.call, secret, NEW)


# What an account may be given


async def test_an_account_of_nobody_belongs_to_the_person_named_and_stays_theirs(world: World) -> None:
    call = world.call
    await world.account("clerk", Role.OFFICE, unit="东所")
    id_ = await account_of(call, "clerk")
    with pytest.raises(Refused, match="关联一名登记的人员"):
        await actions.add_grant(call, id_, NewGrant(role=Role.INSPECTOR))
    for name in ("张看护", "孙看护"):
        found = await granted(call, WantedRole(role=Role.INSPECTOR, person=name))
        if name == "张看护":
            await actions.add_grant(call, id_, found.grant, person=found.person)
        else:
            with pytest.raises(Refused, match="这个账号是张看护的"):
                await actions.add_grant(call, id_, found.grant, person=found.person)
    assert (await queries.account(call, id_)).person_name == "张看护"
    viewer = (await signed_in(call, "clerk")).viewer
    assert (viewer.roles, viewer.person is None) == ({Role.OFFICE, Role.INSPECTOR}, False)


async def test_an_account_whose_grant_lies_nowhere_is_a_matter_of_the_whole_portal(world: World) -> None:
    call = world.call
    await world.account("stray", Role.INSPECTOR, person="张看护")
    await call.db.rows("update account set person = null where login = 'stray'")
    root, town = (call.as_(Viewer(account=77, administers=(area,), areas=(area,))) for area in ("/", "/99/9901/9901001/"))
    assert "stray" in {row.login for row in (await queries.accounts(root, Wanted())).rows}
    assert "stray" not in {row.login for row in (await queries.accounts(town, Wanted())).rows}
    with pytest.raises(NotVisible):
        await links.invite(town, await account_of(call, "stray"))
    await actions.disable_account(root, "stray")


async def test_who_covers_an_absence_elsewhere_is_out_of_the_towns_reach(world: World) -> None:
    call, east = world.call, "/99/9901/9901001/"
    await world.account("bureau", Role.OFFICE, unit="区局")
    await world.account("helper", Role.OFFICE, unit="东所")
    town = call.as_(Viewer(account=77, areas=(east,), administers=(east,)))
    id_ = await account_of(call, "helper")
    assert await queries.account(town, id_)
    absent, helper = [await call.db.value("select id from account where login = $1", one) for one in ("bureau", "helper")]
    await call.db.rows(
        "insert into deputy (public_id, absent, deputy, since, until) values ('x', $1, $2, $3, $4)",
        absent,
        helper,
        call.today + timedelta(days=1),
        call.today + timedelta(days=3),
    )
    for act in (links.invite, queries.account):
        with pytest.raises(NotVisible):
            await act(town, id_)
    assert "helper" not in {row.login for row in (await queries.accounts(town, Wanted())).rows}
    assert await queries.account(later(town, days=3), id_)


async def test_an_account_stands_for_one_enterprise_only(world: World) -> None:
    call = world.call
    await world.account("firm", Role.ENTERPRISE, enterprise=FLOUR)
    found = await granted(call, WantedRole(role=Role.ENTERPRISE, enterprise="丙小店（示例）"))
    id_ = await account_of(call, "firm")
    with pytest.raises(Refused, match="已是“甲面粉店（示例）”的"):
        await actions.add_grant(call, id_, found.grant)
    await actions.end_grant(call, id_, await call.db.value("select max(id) from access_grant"))
    await actions.add_grant(call, id_, found.grant)


async def test_a_number_that_no_grant_can_have_is_not_found(world: World, site) -> None:
    await world.account("root", Role.ADMINISTRATOR)
    await world.account("clerk", Role.OFFICE, unit="东所")
    visitor = site()
    await visitor.sign_in("root", PASSWORD)
    home = f"/office/accounts/{await account_of(world.call, 'clerk')}"
    values = (await visitor.get(home)).form(f"{home}/link")
    for number in (2**63, 10**20, 10**60):
        assert (await visitor.post(f"{home}/grants/{number}/end", values, check=False)).status == 404
