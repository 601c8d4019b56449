"""What one administrator alone may not do: asked by one human being, confirmed by another, done or not done then."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.access import actions, asks, links, queries
from portal.access.actions import NeedsAnother, NewAccount, NewGrant
from portal.access.asks import AskedDeed, AskOutcome, AskWish
from portal.call import Call
from portal.complaints.standing import circle
from portal.errors import NotVisible, Refused
from portal.ledger.queries import history
from portal.people.actions import end_person
from portal.people.interests import InterestForm, declare
from portal.viewer import Role
from tests.access.test_accounts import NEW, account_of, later, signed_in
from tests.world import PASSWORD, World, confirmed, make_custodian, make_person


@pytest.fixture
async def two(world: World) -> tuple[Call, Call]:
    """Two administrators of the whole portal, each somebody of the register."""
    await world.account("first", Role.ADMINISTRATOR, person="李格长")
    await world.account("second", Role.ADMINISTRATOR, person="王格长")
    return world.call.as_(await confirmed(world, "first")), world.call.as_(await confirmed(world, "second"))


async def state(call: Call) -> list[tuple[object, ...]]:
    """Everything that could have been done."""
    return [
        *map(tuple, await call.db.rows("select login, password, second, active, person from account order by id")),
        *map(tuple, await call.db.rows("select account, role, unit, until from access_grant order by id")),
        *map(tuple, await call.db.rows("select account, used_at from one_time_link order by id")),
    ]


async def person_id(world: World, name: str) -> int:
    return int(await world.call.db.value("select id from person where public_id = $1", world.people[name]))


async def keeping(world: World) -> NewGrant:
    return NewGrant(role=Role.CUSTODIAN, unit=await world.unit_id("纪检"))


async def takeovers(world: World, id_: str) -> list[AskWish]:
    """Every way to become a custodian or to take one over."""
    grant = await keeping(world)
    await make_person(world, "假人", phone="0512-0999001")
    who = await person_id(world, "假人")
    await world.account("clerk", Role.OFFICE, unit="纪检")
    return [
        AskWish(deed=AskedDeed.SECOND, account=id_),
        AskWish(deed=AskedDeed.LINK, account=id_),
        AskWish(deed=AskedDeed.ENABLE, account=id_),
        AskWish(deed=AskedDeed.CREATE, login="puppet", name="假人", person=who, grant=grant),
        AskWish(deed=AskedDeed.CREATE, login="boss", name="假人", person=who, grant=NewGrant(role=Role.ADMINISTRATOR, area="/")),
        AskWish(deed=AskedDeed.GRANT, account=await account_of(world.call, "clerk"), person=who, grant=grant),
        AskWish(
            deed=AskedDeed.GRANT, account=id_, grant=NewGrant(role=Role.OFFICE, area="/99/", unit=await world.unit_id("东所"))
        ),
    ]


async def test_one_administrator_alone_becomes_no_custodian_and_takes_none_over(world: World, two: tuple[Call, Call]) -> None:
    first, _ = two
    await make_custodian(world, "keeper", "郑纪检")
    id_ = await account_of(first, "keeper")
    wishes = await takeovers(world, id_)
    before = await state(first)
    for wish in wishes:
        assert await asks.propose(first, wish, circle) == AskOutcome(wish.account, waits=True)
        with pytest.raises(Refused, match="已有人申请"):
            await asks.propose(first, wish, circle)
    for act in (links.invite, actions.forget_second, actions.enable_account):
        with pytest.raises(NeedsAnother):
            await act(first, id_)
    with pytest.raises(NeedsAnother):
        await actions.create_account(
            first, NewAccount(login="x", name="x", grants=(NewGrant(role=Role.ADMINISTRATOR, area="/"),))
        )
    for row in await asks.waiting(first):
        assert (row.own, row.may, row.alone) == (True, False, False)
        with pytest.raises(NotVisible):
            await asks.confirm(first, row.id, circle)
    assert await state(first) == before


async def test_another_human_confirms_and_it_is_done_once(world: World, two: tuple[Call, Call]) -> None:
    first, second = two
    await make_custodian(world, "keeper", "郑纪检")
    id_ = await account_of(first, "keeper")
    await asks.propose(first, AskWish(deed=AskedDeed.SECOND, account=id_), circle)
    (row,) = await asks.waiting(second)
    assert (row.who, row.person, row.may, row.deed) == ("示例账号", "郑纪检", True, "second")
    assert await asks.confirm(second, row.id, circle) == AskOutcome(id_)
    assert await first.db.value("select second from account where login = 'keeper'") is None
    with pytest.raises(NotVisible):
        await asks.confirm(second, row.id, circle)
    assert await asks.waiting(first) == await asks.waiting(second) == ()
    verbs = [past.verb for past in await history(first, "account", id_)]
    assert verbs[:3] == ["second_off", "confirmed", "asked"]


async def test_the_link_of_a_custodian_goes_to_whoever_confirmed(world: World, two: tuple[Call, Call]) -> None:
    first, second = two
    await make_custodian(world, "keeper", "郑纪检")
    await asks.propose(first, AskWish(deed=AskedDeed.LINK, account=await account_of(first, "keeper")), circle)
    (row,) = await asks.waiting(second)
    done = await asks.confirm(second, row.id, circle)
    assert (await links.welcome(first, done.secret, "reset")).login == "keeper"


async def test_who_may_not_confirm(world: World, two: tuple[Call, Call]) -> None:
    first, _ = two
    keeper = await make_custodian(world, "keeper", "郑纪检")
    await make_person(world, "李某", phone=" 0512-02000000 ")
    await world.account("twin", Role.ADMINISTRATOR, person="李某")
    await world.account("nobody", Role.ADMINISTRATOR)
    await make_person(world, "郑某", phone="0512-0999002")
    await first.db.rows("update person set phone = (select phone from person where name = '郑纪检') where name = '郑某'")
    await world.account("keeper-too", Role.ADMINISTRATOR, person="郑某")
    await asks.propose(first, AskWish(deed=AskedDeed.SECOND, account=await account_of(first, "keeper")), circle)
    (row,) = await asks.waiting(first)
    with pytest.raises(NotVisible):
        await asks.confirm(world.call.as_(keeper), row.id, circle)
    for login, said in (("twin", "另一人确认"), ("keeper-too", "另一人确认"), ("nobody", "没有关联登记的人员")):
        with pytest.raises(Refused, match=said):
            await asks.confirm(world.call.as_(await confirmed(world, login)), row.id, circle)
    assert await first.db.value("select second is not null from account where login = 'keeper'")


async def test_a_colleague_who_keeps_complaints_confirms_unless_bound_to_the_asker(world: World, two: tuple[Call, Call]) -> None:
    first, _ = two
    await make_custodian(world, "keeper", "郑纪检")
    colleague, kin = await make_custodian(world, "colleague", "何纪检"), await make_custodian(world, "kin", "冯亲属")
    form = InterestForm(person=world.people["冯亲属"], other=world.people["李格长"], kind="kin", since=first.today)
    await declare(world.call, form)
    await asks.propose(first, AskWish(deed=AskedDeed.SECOND, account=await account_of(first, "keeper")), circle)
    (row,) = await asks.waiting(first)
    with pytest.raises(Refused, match="回避"):
        await asks.confirm(world.call.as_(kin), row.id, circle)
    await asks.confirm(world.call.as_(colleague), row.id, circle)
    assert await first.db.value("select second is null from account where login = 'keeper'")
    # But an administrator's account is no matter of theirs
    await asks.propose(first, AskWish(deed=AskedDeed.LINK, account=await account_of(first, "second")), circle)
    assert await asks.waiting(world.call.as_(colleague)) == ()


async def test_nobody_gives_a_sensitive_role_to_themselves(world: World, two: tuple[Call, Call]) -> None:
    first, _ = two
    await make_person(world, "李某", phone="0512-02000000")
    grant = await keeping(world)
    for wish in (
        AskWish(deed=AskedDeed.GRANT, account=await account_of(first, "first"), grant=grant),
        AskWish(deed=AskedDeed.CREATE, login="me", name="我", person=await person_id(world, "李格长"), grant=grant),
        AskWish(deed=AskedDeed.CREATE, login="me", name="我", person=await person_id(world, "李某"), grant=grant),
    ):
        with pytest.raises(Refused, match="不能给自己"):
            await asks.propose(first, wish, circle)
    assert await asks.waiting(first) == ()


async def test_with_the_first_sensitive_role_a_known_password_is_worth_nothing(world: World, two: tuple[Call, Call]) -> None:
    first, second = two
    await make_person(world, "郑纪检", phone="0512-0999003")
    await world.account("clerk", Role.OFFICE, unit="纪检", person="郑纪检")
    id_ = await account_of(first, "clerk")
    await links.choose_password(first, await links.invite(first, id_), NEW)
    await asks.propose(first, AskWish(deed=AskedDeed.GRANT, account=id_, grant=await keeping(world)), circle)
    (row,) = await asks.waiting(second)
    done = await asks.confirm(second, row.id, circle)
    with pytest.raises(Refused, match="登录名或密码不对"):
        await signed_in(first, "clerk", NEW)
    await links.choose_password(first, done.secret, PASSWORD)
    assert (await signed_in(later(first, minutes=1), "clerk")).stage is queries.Stage.ENROL


async def test_a_known_password_is_worth_nothing_even_while_it_is_being_used(world: World) -> None:
    """Signing in and changing the password take a while, in which the role may be given."""
    await make_person(world, "郑纪检", phone="0512-0999007")
    for n, deed in enumerate(("sign in", "change")):
        login = f"clerk{n}"
        await world.account(login, Role.OFFICE, unit="纪检", person="郑纪检")
        id_, account = await account_of(world.call, login), await signed_in(world.call, login)
        if deed == "sign in":
            trying = actions.sign_in(world.call, login=login, password=PASSWORD, address="10.3.3.3", device=None)
        else:
            own = world.call.as_(account.viewer)
            trying = actions.change_password(own, old=PASSWORD, new=NEW, keep_token="x")
        task = asyncio.ensure_future(trying)
        await asyncio.sleep(0.02)
        assert await actions.add_grant(world.call, id_, await keeping(world))
        await asyncio.gather(task, return_exceptions=True)
        assert await world.call.db.value("select password from account where login = $1", login) == "!"
        assert (
            await world.call.db.value("select count(*) from session s join account a on a.id = account where login = $1", login)
            == 0
        )


async def test_an_account_is_made_when_it_is_confirmed(world: World, two: tuple[Call, Call]) -> None:
    first, second = two
    await make_person(world, "郑纪检", phone="0512-0999004")
    wish = AskWish(
        deed=AskedDeed.CREATE, login="Keeper", name="示例", person=await person_id(world, "郑纪检"), grant=await keeping(world)
    )
    await asks.propose(first, wish, circle)
    (row,) = await asks.waiting(second)
    assert (row.login, row.person, row.what, row.account) == ("keeper", "郑纪检", "纪检", None)
    done = await asks.confirm(second, row.id, circle)
    assert (await links.welcome(first, done.secret, "invitation")).login == "keeper"
    assert await account_of(first, "keeper") == done.account


async def test_an_ask_is_withdrawn_declined_or_lapses_and_nothing_is_done(world: World, two: tuple[Call, Call]) -> None:
    first, second = two
    await make_custodian(world, "keeper", "郑纪检")
    wish = AskWish(deed=AskedDeed.LINK, account=await account_of(first, "keeper"))
    before = await state(first)

    async def asked() -> str:
        await asks.propose(first, wish, circle)
        (row,) = await asks.waiting(first)
        return row.id

    id_ = await asked()
    with pytest.raises(NotVisible):
        await asks.withdraw(second, id_)
    await asks.withdraw(first, id_)
    id_ = await asked()
    with pytest.raises(NotVisible):
        await asks.decline(first, id_)
    await asks.decline(second, id_)
    id_ = await asked()
    late = later(second, days=3)
    assert await asks.waiting(late) == ()
    with pytest.raises(NotVisible):
        await asks.confirm(late, id_, circle)
    await asks.lapse(later(world.call, days=3))
    assert [past.verb for past in await history(first, "account", wish.account)][:6] == [
        "lapsed",
        "asked",
        "declined",
        "asked",
        "withdrawn",
        "asked",
    ]
    assert await state(first) == before


async def test_what_the_asker_may_no_longer_do_is_not_done(world: World, two: tuple[Call, Call]) -> None:
    first, second = two
    await make_custodian(world, "keeper", "郑纪检")
    await asks.propose(first, AskWish(deed=AskedDeed.LINK, account=await account_of(first, "keeper")), circle)
    (row,) = await asks.waiting(second)
    await actions.disable_account(world.call, "first")
    with pytest.raises(Refused, match="重新申请"):
        await asks.confirm(second, row.id, circle)


async def test_an_administrator_alone_or_unknown_is_told_to_use_the_command(world: World) -> None:
    await world.account("only", Role.ADMINISTRATOR, person="李格长")
    await world.account("unknown", Role.ADMINISTRATOR)
    await make_custodian(world, "keeper", "郑纪检")
    wish = AskWish(deed=AskedDeed.LINK, account=await account_of(world.call, "keeper"))
    with pytest.raises(Refused, match="请联系部署人员办理"):
        await asks.propose(world.call.as_(await confirmed(world, "unknown")), wish, circle)
    only = world.call.as_(await confirmed(world, "only"))
    await asks.propose(only, wish, circle)
    (row,) = await asks.waiting(only)
    assert row.alone
    assert await links.invite(world.call, wish.account)


async def test_the_last_custodian_of_an_office_goes_only_when_two_agree(world: World, two: tuple[Call, Call]) -> None:
    first, second = two
    await make_custodian(world, "keeper", "郑纪检")
    await make_custodian(world, "other", "何纪检")
    await world.account("waiting", Role.CUSTODIAN, unit="纪检", person="吴执法")
    id_ = await account_of(first, "keeper")
    await actions.disable_account(first, "other")
    grant = await first.db.value("select g.id from access_grant g join account a on a.id = g.account where a.login = 'keeper'")
    with pytest.raises(NeedsAnother):
        await actions.end_grant(first, id_, grant)
    with pytest.raises(NeedsAnother):
        await actions.disable_account(first, "keeper")
    await asks.propose(first, AskWish(deed=AskedDeed.DISABLE, account=id_, login="keeper"), circle)
    await asks.propose(first, AskWish(deed=AskedDeed.END, account=id_, ending=grant), circle)
    end, disable = await asks.waiting(second)
    assert (end.role, end.what, disable.role) == ("custodian", "纪检", "")
    await asks.confirm(second, end.id, circle)
    await asks.confirm(second, disable.id, circle)
    assert not await first.db.value("select active from account where login = 'keeper'")


async def test_nobody_alone_takes_away_the_one_custodian_who_stands_back_from_nobody(
    world: World, two: tuple[Call, Call]
) -> None:
    first, _ = two
    await make_custodian(world, "keeper", "郑纪检")
    await make_custodian(world, "kin", "何纪检")
    await declare(
        world.call, InterestForm(person=world.people["何纪检"], other=world.people["张看护"], kind="kin", since=first.today)
    )
    with pytest.raises(NeedsAnother):
        await actions.disable_account(first, "keeper")
    await make_custodian(world, "third", "马纪检")
    await actions.disable_account(first, "keeper")


@pytest.mark.parametrize("how", ["leaves tomorrow", "role ends tomorrow", "works in the chain", "has a desk in the chain"])
async def test_nobody_alone_takes_away_the_one_custodian_who_stays(world: World, two: tuple[Call, Call], how: str) -> None:
    first, _ = two
    await make_custodian(world, "keeper", "郑纪检")
    await make_custodian(world, "other", "何纪检")
    tomorrow = first.today + timedelta(days=1)
    match how:
        case "leaves tomorrow":
            await end_person(world.call, world.people["何纪检"], tomorrow)
        case "role ends tomorrow":
            await first.db.rows("update access_grant set until = $1 where id = (select max(id) from access_grant)", tomorrow)
        case "works in the chain":
            await first.db.rows("update person set unit = $1 where name = '何纪检'", await world.unit_id("区局"))
        case "has a desk in the chain":
            await world.also("other", Role.OFFICE, unit="区局")
    with pytest.raises(NeedsAnother):
        await actions.disable_account(first, "keeper")
    await make_custodian(world, "third", "马纪检")
    await actions.disable_account(first, "keeper")


async def test_what_speaks_for_an_office_outside_or_binds_a_custodian_is_made_by_two(
    world: World, two: tuple[Call, Call]
) -> None:
    """Such an account writes the register of the office's people; such a role makes a custodian stand back. Whoever administers
    what lies above that office does it alone, as they write that register.
    """
    above, second = two
    await world.account("place", Role.ADMINISTRATOR, person="赵看护")
    await above.db.rows(
        "update access_grant set area = '/99/9901/' where account = (select id from account where login = 'place')"
    )
    first = world.call.as_(await confirmed(world, "place"))
    await make_custodian(world, "keeper", "郑纪检", badge="纪01")
    await make_person(world, "郑某", badge="纪-０１", phone="0512-0999003")
    await world.account("watch", Role.OFFICE, unit="纪检")
    await world.account("desk", Role.OFFICE, unit="东所")
    accused, own, twin = [await person_id(world, name) for name in ("张看护", "郑纪检", "郑某")]
    watch = NewGrant(role=Role.OFFICE, area="/99/9901/", unit=await world.unit_id("纪检"))
    east = NewGrant(role=Role.OFFICE, area="/99/9901/9901001/", unit=await world.unit_id("东所"))
    firm = NewGrant(role=Role.ENTERPRISE, enterprise=await first.db.value("select min(id) from enterprise"))
    wishes = [
        AskWish(deed=AskedDeed.CREATE, login="in", name="张", person=accused, grant=watch),
        *(
            AskWish(deed=AskedDeed.CREATE, login=f"of{n}", name="郑", person=who, grant=grant)
            for n, (who, grant) in enumerate((who, grant) for who in (own, twin) for grant in (east, firm))
        ),
        AskWish(deed=AskedDeed.GRANT, account=await account_of(first, "desk"), grant=watch),
        AskWish(deed=AskedDeed.GRANT, account=await account_of(first, "desk"), person=own, grant=NewGrant(role=Role.INSPECTOR)),
        AskWish(deed=AskedDeed.LINK, account=await account_of(first, "watch")),
        AskWish(deed=AskedDeed.SECOND, account=await account_of(first, "watch")),
    ]
    before = await state(first)
    for wish in wishes:
        assert (await asks.propose(first, wish, circle)).waits, wish
    assert await state(first) == before
    # An office within the chain is one administrator's matter, as before
    assert not (await asks.propose(first, replace(wishes[0], login="chain", grant=east), circle)).waits
    created = next(row for row in await asks.waiting(second) if row.login == "in")
    assert (await asks.confirm(second, created.id, circle)).secret
    assert not (await asks.propose(above, replace(wishes[0], login="from-above"), circle)).waits
    # Who knew the password of an account before does not know it any more
    assert await actions.add_grant(above, await account_of(first, "desk"), watch)


async def test_a_towns_administrator_confirms_nothing_of_the_district(world: World, two: tuple[Call, Call]) -> None:
    first, _ = two
    await make_custodian(world, "keeper", "郑纪检")
    await asks.propose(first, AskWish(deed=AskedDeed.LINK, account=await account_of(first, "keeper")), circle)
    (row,) = await asks.waiting(first)
    town = NewGrant(role=Role.ADMINISTRATOR, area="/99/9901/9901001/")
    person = await person_id(world, "赵看护")
    await actions.create_account(
        world.call, NewAccount(login="town", name="镇", password=PASSWORD, person=person, must_change=False, grants=(town,))
    )
    east = world.call.as_(await confirmed(world, "town"))
    assert await asks.waiting(east) == ()
    for act in (asks.decline(east, row.id), asks.confirm(east, row.id, circle)):
        with pytest.raises(NotVisible):
            await act


# Pages


async def test_the_pages_of_two_administrators(world: World, site, two: tuple[Call, Call]) -> None:
    await make_custodian(world, "keeper", "郑纪检")
    colleague = "何纪检"
    await make_person(world, colleague, phone="0512-0999005")
    home = f"/office/accounts/{await account_of(world.call, 'keeper')}"
    await world.call.db.rows("update account set second = null where login in ('first', 'second')")
    first, second = site("10.1.0.1"), site("10.2.0.1")
    await first.sign_in("first", PASSWORD)
    await second.sign_in("second", PASSWORD)
    shown = await first.follow(await first.send(await first.get(home), {}, action=f"{home}/link"))
    assert "等另一位管理员确认" in shown.text
    assert "/link/" not in shown.response.text.replace(f"{home}/link", "")
    again = await first.send(shown, {}, action=f"{home}/link")
    assert again.status == 422
    assert "已有人申请" in again.text
    listed = await second.get("/office/accounts")
    assert "发送设置密码的链接" in listed.text
    action = confirm_of(listed)
    done = await second.send(listed, {}, action=action)
    assert "/link/" in done.text
    assert "10 分钟内有效" in done.text
    assert (await second.post(action, done.form("/sign-out"), check=False)).status == 404

    form = await first.get(f"/office/accounts/new?in={world.places['示例区']}")
    said = {"login": "new", "name": "新保管", "role": "custodian", "unit": world.units["纪检"], "person": colleague}
    shown = await first.follow(await first.send(form, said, action="/office/accounts/new"))
    assert "新保管" in shown.text
    assert await world.call.db.value("select count(*) from account where login = 'new'") == 0
    listed = await second.get("/asks")
    assert "何纪检" in listed.text
    declined = await second.follow(await second.send(listed, {}, action=(confirm_of(listed)).replace("confirm", "decline")))
    assert "没有待您确认的事项" in declined.text
    for at, deed in ((home, "second/end"), (f"{home}/end", "end")):
        shown = await first.follow(await first.send(await first.get(at), {}, action=f"{home}/{deed}"))
        assert "撤回" in shown.text
    withdrawn = await first.follow(
        await first.send(shown, {}, action=next(one for one in actions_of(shown) if one.endswith("/withdraw")))
    )
    assert withdrawn.status == 200


def actions_of(page) -> list[str]:
    return [form.get("action") for form in page.all("form")]


def confirm_of(page) -> str:
    return next(one for one in actions_of(page) if one.endswith("/confirm"))


async def test_a_custodian_confirms_without_the_pages_of_administrators(world: World, site, two: tuple[Call, Call]) -> None:
    first, _ = two
    await make_custodian(world, "keeper", "郑纪检")
    await make_person(world, "何纪检", phone="0512-0999006")
    await world.account("colleague", Role.CUSTODIAN, unit="纪检", person="何纪检")
    await asks.propose(first, AskWish(deed=AskedDeed.SECOND, account=await account_of(first, "keeper")), circle)
    visitor = site()
    await visitor.sign_in("colleague", PASSWORD)
    page = await visitor.get("/asks")
    assert "解除二次验证" in page.text
    done = await visitor.follow(await visitor.send(page, {}, action=confirm_of(page)))
    assert "申请已确认，现已生效" in done.text
    assert await first.db.value("select second is null from account where login = 'keeper'")


async def test_who_must_not_confirm_reads_why_on_the_page(world: World, site, two: tuple[Call, Call]) -> None:
    first, _ = two
    await make_custodian(world, "keeper", "郑纪检")
    await make_person(world, "李某", phone="0512-02000000")
    await world.account("twin", Role.ADMINISTRATOR, person="李某")
    await asks.propose(first, AskWish(deed=AskedDeed.SECOND, account=await account_of(first, "keeper")), circle)
    visitor = site()
    await visitor.sign_in("twin", PASSWORD)
    page = await visitor.get("/asks")
    refused = await visitor.send(page, {}, action=confirm_of(page))
    assert refused.status == 422
    assert "要由另一人确认" in refused.text


async def test_lapsed_asks_do_not_stand_in_the_way_of_new_ones(world: World, two: tuple[Call, Call]) -> None:
    first, _ = two
    await make_custodian(world, "keeper", "郑纪检")
    wish = AskWish(deed=AskedDeed.SECOND, account=await account_of(first, "keeper"))
    await asks.propose(first, wish, circle)
    then = Call(first.portal, first.viewer, first.now + timedelta(days=4))
    await asks.propose(then, wish, circle)
    assert len(await asks.waiting(then)) == 1
