"""Signing in: sessions that cannot be fixed, waits that slow guessers and not the owner, passwords that are hashed."""

from datetime import timedelta

import pytest

from portal.access import actions, links, queries
from portal.budgets.throttle import TooSoon
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.queries import history
from portal.people.actions import end_person
from portal.viewer import PUBLIC, Role
from tests.world import PASSWORD, World, make_place, make_unit


def later(call: Call, **by: float) -> Call:
    """The same call, later."""
    return Call(call.portal, call.viewer, call.now + timedelta(**by))


async def enter(
    call: Call, *, login: str = "east", password: str = PASSWORD, address: str = "10.0.0.1", device: str | None = None
):
    """Sign in."""
    return await actions.sign_in(call.as_(PUBLIC), login=login, password=password, address=address, device=device)


@pytest.fixture
async def east(world: World) -> World:
    """An office account."""
    await world.account("east", Role.OFFICE, unit="东所")
    return world


async def test_a_session_gives_the_viewer_of_the_grants(east: World) -> None:
    done = await enter(east.call, login=" EAST ")
    known = await queries.known_browser(east.call.as_(PUBLIC), done.token)
    assert known is not None
    assert known.viewer.roles == {Role.OFFICE}
    assert known.viewer.areas == ("/99/9901/9901001/",)
    assert known.viewer.units == {await east.unit_id("东所")}


async def test_wrong_name_and_wrong_password_are_answered_alike(east: World) -> None:
    texts = set()
    for login, password in (("east", "wrong wrong wrong"), ("nobody", PASSWORD)):
        with pytest.raises(Refused) as error:
            await enter(east.call, login=login, password=password)
        texts.add(error.value.text)
    assert len(texts) == 1


async def test_guesses_are_slowed_but_the_owner_elsewhere_is_not(east: World) -> None:
    call = east.call
    known = await enter(call, address="10.9.9.9")
    checked = 0
    for second in range(60):
        try:
            await enter(later(call, seconds=second), password="wrong wrong wrong")
        except TooSoon:
            continue
        except Refused:
            checked += 1
    assert checked <= 7
    at_the_end = later(call, seconds=60)
    assert (await enter(at_the_end, address="10.0.7.1")).token
    assert (await enter(at_the_end, device=known.device)).token
    with pytest.raises(TooSoon, match="没有被锁定"):
        await enter(later(call, seconds=59))


async def test_a_forged_device_mark_counts_as_none(east: World) -> None:
    before = [row["key"] for row in await east.call.db.rows("select key from spending")]
    for second in range(3):
        with pytest.raises(Refused):
            await enter(east.call, password="wrong wrong wrong", device=f"{second}.forged")
    spent = await east.call.db.rows("select spent from spending where key <> all($1)", before)
    assert {row["spent"] for row in spent} == {3}


@pytest.mark.parametrize(("idle", "alive"), [({"minutes": 29}, True), ({"minutes": 31}, False)])
async def test_sessions_end_when_idle(east: World, idle, alive: bool) -> None:
    done = await enter(east.call)
    assert (await queries.known_browser(later(east.call, **idle).as_(PUBLIC), done.token) is not None) is alive


async def test_sessions_end_after_half_a_day_however_busy(east: World) -> None:
    done = await enter(east.call)
    for minutes in range(0, 12 * 60, 20):
        assert await queries.known_browser(later(east.call, minutes=minutes).as_(PUBLIC), done.token) is not None
    assert await queries.known_browser(later(east.call, hours=12, minutes=1).as_(PUBLIC), done.token) is None


async def test_a_disabled_account_and_an_ended_grant_count_at_the_next_request(east: World) -> None:
    db, done = east.call.db, await enter(east.call)
    await db.rows("update access_grant set until = $1", east.call.today)
    known = await queries.known_browser(east.call.as_(PUBLIC), done.token)
    assert known is not None
    assert known.viewer.roles == frozenset()
    await db.rows("update account set active = false")
    assert await queries.known_browser(east.call.as_(PUBLIC), done.token) is None


async def test_an_unknown_token_is_nobody(east: World) -> None:
    assert await queries.known_browser(east.call.as_(PUBLIC), "attacker-chosen") is None
    await enter(east.call)
    assert "attacker" not in str(await east.call.db.rows("select * from session"))


async def test_changing_the_password_ends_the_other_sessions(east: World) -> None:
    call = east.call
    here, there = await enter(call), await enter(call, address="10.5.5.5")
    known = await queries.known_browser(call.as_(PUBLIC), here.token)
    assert known is not None
    mine = call.as_(known.viewer)
    with pytest.raises(Refused, match="现在的密码不对"):
        await actions.change_password(mine, old="wrong", new="another pale lantern swims", keep_token=here.token)
    with pytest.raises(Refused, match="至少"):
        await actions.change_password(mine, old=PASSWORD, new="short", keep_token=here.token)
    await actions.change_password(mine, old=PASSWORD, new="another pale lantern swims", keep_token=here.token)
    assert await queries.known_browser(call.as_(PUBLIC), there.token) is None
    assert await queries.known_browser(call.as_(PUBLIC), here.token) is not None
    assert (await enter(call, password="another pale lantern swims")).token


async def test_a_new_password_leaves_no_older_link_to_choose_another(east: World) -> None:
    call = east.call
    here = await enter(call)
    known = await queries.known_browser(call.as_(PUBLIC), here.token)
    assert known is not None
    id_ = await call.db.value("select public_id from account where login = 'east'")
    for change in (
        lambda: actions.change_password(
            call.as_(known.viewer), old=PASSWORD, new="another pale lantern swims", keep_token=here.token
        ),
        lambda: actions.reset_password(call, "East"),
    ):
        link = await links.invite(call, id_)
        assert (await links.welcome(call, link, "reset")).login == "east"
        await change()
        with pytest.raises(NotVisible):
            await links.welcome(call, link, "reset")
        entry = await call.db.row("select subject, body from ledger_entry order by id desc limit 1")
        assert (entry["subject"], '"password": true' in entry["body"].replace('":true', '": true')) == (id_, True)
    assert await queries.known_browser(call.as_(PUBLIC), here.token) is None


async def test_names_of_the_register_are_no_passwords(east: World) -> None:
    call = east.call
    here = await enter(call)
    known = await queries.known_browser(call.as_(PUBLIC), here.token)
    assert known is not None
    mine = call.as_(known.viewer)
    await make_place(east, "鲈镇", "9901003", "town", parent="示例区")
    await make_unit(east, "渚溪巡查队", "station", "鲈镇")
    for weak in ("luzhen20262026", "lu-1234567890", "鲈镇1234567890", "zhuxixunchadui12"):
        with pytest.raises(Refused, match="太容易被猜到"):
            await actions.change_password(mine, old=PASSWORD, new=weak, keep_token=here.token)
    link = await links.invite(call, await call.db.value("select public_id from account where login = 'east'"))
    with pytest.raises(Refused, match="太容易被猜到"):
        await links.choose_password(call, link, "zhuxixunchadui12")
    with pytest.raises(Refused, match="太容易被猜到"):
        new = actions.NewAccount(login="new", name="渚溪", password="zhuxixunchadui12")
        await actions.create_account(call, new)


async def test_one_ends_only_ones_own_sessions(east: World) -> None:
    await east.account("west", Role.OFFICE, unit="西所")
    call = east.call
    mine, theirs = await enter(call), await enter(call, login="west")
    me = (await queries.known_browser(call.as_(PUBLIC), mine.token)).viewer
    other = (await queries.known_browser(call.as_(PUBLIC), theirs.token)).session
    with pytest.raises(NotVisible):
        await actions.end_session(call.as_(me), other)
    await actions.end_session(call.as_(me), (await queries.sessions_of(call.as_(me), me.account))[0].id)
    assert await queries.known_browser(call.as_(PUBLIC), mine.token) is None


@pytest.mark.parametrize("login", ["", "a b", "张 三", "x" * 41, "a/b"])
async def test_odd_logins_are_refused(call: Call, login: str) -> None:
    with pytest.raises(Refused):
        await actions.create_account(call, actions.NewAccount(login=login, name="x", password=PASSWORD))


async def test_a_login_is_taken_once_and_passwords_are_hashed(east: World) -> None:
    with pytest.raises(Refused, match="已有人用"):
        await east.account("EAST", Role.OFFICE, unit="东所")
    assert (await east.call.db.value("select password from account where login = 'east'")).startswith("$argon2id$")
    assert PASSWORD not in str(await history(east.call, "account", "east"))


async def test_sweeping_forgets_what_is_over(east: World) -> None:
    await enter(east.call)
    await actions.sweep(later(east.call, days=2))
    assert await east.call.db.value("select count(*) from session") == 0


async def test_who_left_and_who_was_disabled_cannot_sign_in_and_is_signed_out(world: World) -> None:
    await world.account("left", Role.INSPECTOR, person="张看护")
    await world.account("gone", Role.OFFICE, unit="东所")
    tokens = [(await enter(world.call, login=login)).token for login in ("left", "gone")]
    await end_person(world.call, world.people["张看护"], world.call.today)
    await actions.disable_account(world.call, "gone")
    for login, token in zip(("left", "gone"), tokens, strict=True):
        assert await queries.known_browser(world.call, token) is None
        with pytest.raises(Refused, match="登录名或密码不对"):
            await enter(world.call, login=login)
    with pytest.raises(Refused, match="已经停用"):
        await actions.disable_account(world.call, "gone")
    with pytest.raises(Refused, match="没有登录名"):
        await actions.disable_account(world.call, "nobody")
