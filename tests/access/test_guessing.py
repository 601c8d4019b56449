"""Guessing hurts nobody honest: not the owner of an account, not those of the same network, not who asks while we are busy."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from portal.access import actions, devices, queries, second
from portal.access.passwords import CHECKING, STRANGERS
from portal.access.queries import Stage
from portal.budgets.throttle import Budget, TooSoon
from portal.budgets.turns import QueueFull
from portal.call import Call
from portal.complaints import queries as complaints
from portal.errors import Refused
from portal.ledger.queries import history
from portal.viewer import PUBLIC, Role
from tests.world import PASSWORD, World

WRONG = "wrong wrong wrong"
HERE, ELSEWHERE = "10.1.1.1", "10.2.2.2"
FIFTY = [f"10.50.{n}.1" for n in range(50)]


def later(call: Call, **by: float) -> Call:
    return replace(call, now=call.now + timedelta(**by))


async def enter(call: Call, login: str = "east", password: str = PASSWORD, address: str = HERE, device: str | None = None):
    return await actions.sign_in(call.as_(PUBLIC), login=login, password=password, address=address, device=device)


async def spent(call: Call) -> list[tuple[str, float]]:
    return [tuple(row) for row in await call.db.rows("select key, spent from spending where spent > 0 order by key")]


async def tries(call: Call, login: str, address: str, *, most: int = 10_000) -> int:
    """How many tries with this name from there would be checked now; what is asked before any hashing, and nothing else."""
    checked = 0
    while checked < most:
        try:
            await actions._spend(call, login, address, "")
        except TooSoon:
            break
        checked += 1
    return checked


@pytest.fixture
async def east(world: World) -> World:
    await world.account("east", Role.OFFICE, unit="东所")
    return world


# Networks


async def test_random_names_from_one_network_are_checked_no_more_than_its_budget(call: Call) -> None:
    checked = 0
    for n in range(300):
        checked += await tries(call, f"nobody{n}", HERE, most=1)
    assert checked == 60
    assert await tries(call, "east", ELSEWHERE, most=1) == 1
    assert await tries(call, "east", "::ffff:" + HERE, most=1) == 0


async def test_strangers_who_use_up_their_network_slow_no_known_device_in_it_and_no_receipt(east: World) -> None:
    known = await enter(east.call, address=ELSEWHERE)
    for n in range(100):
        await tries(east.call, f"nobody{n}", HERE)
        await tries(east.call, "east", HERE)
    with pytest.raises(TooSoon, match="没有被锁定"):
        await enter(east.call)
    assert (await enter(east.call, device=known.device)).token
    assert await complaints.by_receipt(east.call.as_(PUBLIC), "0" * 16, address=HERE) is None


async def test_right_sign_ins_use_up_nothing_of_what_wrong_ones_may(east: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "WRONG_ONES", Budget("wrong", free=2))
    for _ in range(3):
        await enter(east.call)
    before = await spent(east.call)
    known = await enter(east.call, address=ELSEWHERE)
    for _ in range(3):
        await enter(east.call, device=known.device)
    assert len(await spent(east.call)) == len(before) + 1


# Accounts


async def test_one_network_guesses_and_the_owner_elsewhere_is_let_in_at_once(east: World) -> None:
    for minute in range(0, 51, 5):
        await tries(later(east.call, minutes=minute), "east", HERE)
    assert (await enter(later(east.call, minutes=50), address=ELSEWHERE)).token


async def test_fifty_networks_guess_and_the_owner_in_another_one_is_let_in_at_once(east: World) -> None:
    checked = sum([await tries(east.call, "east", address) for address in FIFTY])
    assert checked == 50 * 3 + 40
    assert (await enter(east.call, address=ELSEWHERE)).token


async def test_what_all_networks_together_may_try_at_an_account_is_bounded(call: Call) -> None:
    many = [f"10.{n // 200}.{n % 200}.1" for n in range(250)]
    checked = sum([await tries(call, "east", address) for address in many])
    assert checked == 180 + 40
    # For the rest of the hour one each of a kind in two minutes, wherever they come from
    after = 0
    for minute in range(2, 22, 2):
        for address in many[200 + minute : 202 + minute]:
            after += await tries(later(call, minutes=minute), "east", address)
    assert after == 2 * 10


# Busy


async def test_busy_is_no_failed_try(east: World) -> None:
    """The line is full of others who had less: nothing is checked, and nothing is counted."""
    call, before = east.call, await spent(east.call)
    released = asyncio.Event()

    async def somebody() -> None:
        async with CHECKING.turn(0, STRANGERS):
            await released.wait()

    others = [asyncio.create_task(somebody()) for _ in range(201)]
    await asyncio.sleep(0)
    try:
        for _ in range(20):
            with pytest.raises(QueueFull, match="不计入"):
                await enter(call)
            with pytest.raises(QueueFull):
                await enter(call, password=WRONG)
        assert await spent(call) == before
    finally:
        released.set()
        await asyncio.gather(*others)
    assert (await enter(call)).token


# Devices


async def test_a_mark_is_of_one_account_and_cannot_be_made(east: World) -> None:
    call = east.call
    mark = (await enter(call)).device
    assert mark is not None
    assert devices.known_device(call, "east", mark)
    nonce, day, seal = mark.split(".")
    forged = [
        "",
        None,
        "~",
        "." * 50,
        mark[:-1],
        mark + "0",
        f"{nonce}.{int(day) + 1}.{seal}",
        f"{'0' * 16}.{day}.{seal}",
        "~".join(["x"] * 10_000),
        f"{nonce}.{day}.{'0' * 32}",
        mark.upper(),
        "𝟘" * 16,
    ]
    assert not [one for one in forged if devices.known_device(call, "east", one)]
    assert not devices.known_device(call, "west", mark)
    assert "east" not in mark
    assert devices.known_device(later(call, days=180), "east", mark)
    assert not devices.known_device(later(call, days=181), "east", mark)


async def test_several_people_at_one_device_are_each_known(call: Call) -> None:
    cookie = None
    for n in range(10):
        cookie = devices.marked(call, f"user{n}", cookie)
    assert [n for n in range(10) if devices.known_device(call, f"user{n}", cookie)] == list(range(2, 10))
    again = devices.marked(call, "user5", cookie)
    assert devices.known_device(call, "user5", again) == devices.known_device(call, "user5", cookie)
    assert len(again.split("~")) == 8


async def test_a_known_device_is_slowed_by_its_own_wrong_tries_only(east: World) -> None:
    call = east.call
    first, other = (await enter(call)).device, (await enter(call, address=ELSEWHERE)).device
    nonces = [devices.known_device(call, "east", one) for one in (first, other)]
    assert len(set(nonces)) == 2
    for _ in range(10):
        await actions._spend(call, "east", HERE, nonces[0])
    with pytest.raises(TooSoon, match="30 秒"):
        await enter(call, device=first)
    assert (await enter(call, device=other)).token
    assert (await enter(later(call, seconds=30), device=first)).token


# The second factor


@pytest.fixture
async def root(world: World) -> tuple[Call, str, str]:
    """An administrator with a second factor, the call five minutes later; the secret and the cookie of the device."""
    await world.account("root", Role.ADMINISTRATOR)
    done = await enter(world.call, "root")
    assert done.device is None
    session = await half_in(world.call)
    secret = second.offered(world.call, session, "root").secret
    device = await second.enrol(world.call, session, pyotp.TOTP(secret).at(world.call.now))
    return later(world.call, minutes=5), secret, device


async def half_in(call: Call, address: str = HERE, device: str | None = None) -> str:
    done = await enter(call, "root", address=address, device=device)
    known = await queries.known_browser(call.as_(PUBLIC), done.token)
    assert known is not None
    assert done.device is None
    return known.session


async def guess(call: Call, session: str, address: str = HERE, *, seconds: float = 0, most: int = 300) -> list[type]:
    """Wrong codes one after the other; what came of each."""
    came = list[type]()
    for n in range(most):
        try:
            await second.confirm(later(call, seconds=seconds * n), session, f"{n:06d}", address=address, device=None)
        except Refused as error:
            came.append(type(error))
    return came


async def test_a_password_alone_makes_no_device_known(root: tuple[Call, str, str]) -> None:
    call, secret, device = root
    assert devices.known_device(call, "root", device)
    session = await half_in(call)
    mark = await second.confirm(call, session, pyotp.TOTP(secret).at(call.now), address=HERE, device=None)
    assert devices.known_device(call, "root", mark)


async def test_wrong_codes_of_somebody_who_knows_the_password_keep_the_owner_out_nowhere(root: tuple[Call, str, str]) -> None:
    call, secret, device = root
    totp = pyotp.TOTP(secret)
    came = await guess(call, await half_in(call))
    assert came.count(Refused) <= 5 + 10
    # On a device that signed in before, in the same network: one code, as always
    session = await half_in(call, device=device)
    await second.confirm(call, session, totp.at(call.now), address=HERE, device=device)
    # In another network, on another device: one code still, since few were looked at
    session, now = await half_in(call, ELSEWHERE), later(call, minutes=1)
    await second.confirm(now, session, totp.at(now.now), address=ELSEWHERE, device=None)


async def test_fifty_networks_with_the_password_find_no_code_and_the_owner_shows_two(root: tuple[Call, str, str]) -> None:
    call, secret, device = root
    totp, session = pyotp.TOTP(secret), await half_in(call, ELSEWHERE)
    for n in range(300):
        with pytest.raises(Refused):
            await second.confirm(call, session, f"{n:06d}", address=FIFTY[n % 50], device=None)
    # No single code is looked at today, whether right or wrong
    with pytest.raises(Refused, match="连续的两个验证码"):
        await second.confirm(call, session, totp.at(call.now), address=ELSEWHERE, device=None)
    for wrong in (totp.at(call.now) + "000000", "000000" + totp.at(call.now), totp.at(call.now) * 2):
        with pytest.raises(Refused, match="不对"):
            await second.confirm(call, session, wrong, address=ELSEWHERE, device=None)
    now = later(call, seconds=40)
    both = f"{totp.at(call.now)} {totp.at(call.now + timedelta(seconds=30))}"
    mark = await second.confirm(now, session, both, address=ELSEWHERE, device=None)
    assert devices.known_device(now, "root", mark)
    # They count once
    again = await half_in(now, ELSEWHERE)
    with pytest.raises(Refused, match="已经用过"):
        await second.confirm(now, again, both, address="10.3.3.3", device=None)
    # A device that signed in before shows one, and tomorrow everybody does
    for at, who in ((later(call, minutes=3), device), (later(call, days=1), None)):
        session = await half_in(at, ELSEWHERE, who)
        await second.confirm(at, session, totp.at(at.now), address=ELSEWHERE, device=who)


async def test_of_a_year_of_codes_from_everywhere_few_are_looked_at(root: tuple[Call, str, str]) -> None:
    """Ten a day: three codes of a million fit at a time, so that a year of it finds one with a chance of 1.1 in a hundred."""
    call, _, _ = root
    looked = 0
    for day in range(3):
        session = await half_in(later(call, days=day), f"10.9.{day}.1")
        for n, address in enumerate(FIFTY):
            try:
                await second.confirm(later(call, days=day), session, f"{n:06d}", address=address, device=None)
            except Refused as error:
                looked += error.text == second.WRONG
    assert looked == 3 * 10


async def test_the_owner_is_told_until_the_password_is_changed(root: tuple[Call, str, str]) -> None:
    call, secret, device = root
    await guess(call, await half_in(call), seconds=30, most=9)
    call = later(call, minutes=5)
    me = call.as_((await signed(call, secret, device)).viewer)
    assert await second.guessed_at(me) is None
    await guess(call, await half_in(call, ELSEWHERE), ELSEWHERE, most=5)
    assert await second.guessed_at(me) == call.now
    told = await history(call, "account", await call.db.value("select public_id from account where login = 'root'"))
    assert [(one.verb, one.actor) for one in told if one.verb == "guessed"] == [("guessed", "知道密码的人")]
    token = (await enter(call, "root", address=ELSEWHERE)).token
    await actions.change_password(later(me, minutes=1), old=PASSWORD, new="nine quiet yellow lamps", keep_token=token)
    assert await second.guessed_at(later(me, minutes=2)) is None


async def signed(call: Call, secret: str, device: str) -> queries.KnownBrowser:
    done = await enter(call, "root", device=device)
    half = await queries.known_browser(call.as_(PUBLIC), done.token)
    assert half is not None
    await second.confirm(call, half.session, pyotp.TOTP(secret).at(call.now), address=HERE, device=device)
    known = await queries.known_browser(call.as_(PUBLIC), done.token)
    assert known is not None
    assert known.stage is Stage.IN
    return known


async def test_a_step_that_a_clock_ahead_wrote_down_keeps_no_code_from_counting(root: tuple[Call, str, str]) -> None:
    call, secret, _ = root
    ahead = later(call, days=400)
    session = await half_in(ahead)
    await second.confirm(ahead, session, pyotp.TOTP(secret).at(ahead.now), address=HERE, device=None)
    session = await half_in(call)
    await second.confirm(call, session, pyotp.TOTP(secret).at(call.now), address=HERE, device=None)
    again = await half_in(call)
    with pytest.raises(Refused, match="已经用过"):
        await second.confirm(call, again, pyotp.TOTP(secret).at(call.now), address=HERE, device=None)


# The password that one has


async def test_whoever_finds_a_browser_open_cannot_try_out_the_old_password(east: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "OLD_PASSWORDS", Budget("old", free=2, every=30))
    call, found, own = east.call, await enter(east.call), await enter(east.call, address=ELSEWHERE)
    viewer = (await queries.known_browser(call.as_(PUBLIC), found.token)).viewer
    mine = call.as_(viewer)
    for kind in (Refused, Refused, TooSoon):
        with pytest.raises(kind):
            await actions.change_password(mine, old=WRONG, new="nine quiet yellow lamps", keep_token=found.token)
    await actions.change_password(mine, old=PASSWORD, new="nine quiet yellow lamps", keep_token=own.token)


# Pages


async def test_who_is_over_is_answered_later_with_what_was_typed(east: World, site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "WRONG_ONES", Budget("wrong", free=1, every=40))
    visitor = site("10.7.7.7")
    sheet = await visitor.get("/sign-in")
    wrong = await visitor.send(sheet, {"login": "east", "password": WRONG}, action="/sign-in")
    assert wrong.status == 422
    over = await visitor.send(wrong, {"login": "east", "password": PASSWORD}, action="/sign-in")
    assert (over.status, over.response.headers["retry-after"]) == (429, "40")
    assert "请等 40 秒后再试" in over.text
    assert over.form("/sign-in")["login"] == "east"
    assert PASSWORD not in over.text
    assert (await site("10.8.8.8").sign_in("east", PASSWORD)).status == 303


async def test_a_receipt_stays_in_the_form_of_who_is_over(world: World, site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complaints, "GUESSES", replace(complaints.GUESSES, free=1, every=40))
    visitor, number = site("10.7.7.7"), "1234 5678 9012 3456"
    wrong = await visitor.send(await visitor.get("/receipt"), {"receipt": number}, action="/receipt")
    assert wrong.status == 422
    over = await visitor.send(wrong, {"receipt": number}, action="/receipt")
    assert over.status == 429
    assert "查询码没有被锁定" in over.text
    assert over.form("/receipt")["receipt"] == number


WAYS = (
    "10.7.7.7",
    "::ffff:10.7.7.7",
    "10.7.7.9:51234",
    "[::ffff:a07:707]:443",
    "10.9.9.9, 10.7.7.7",
    "10.7.7.7, ::ffff:127.0.0.1",
)


async def test_behind_a_proxy_a_network_is_one_however_it_is_written(world: World, site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complaints, "GUESSES", replace(complaints.GUESSES, free=1, every=40))

    async def asked(proxy: str, forwarded: str) -> int:
        visitor = site(proxy)
        given = (await visitor.get("/receipt")).form("/receipt")
        data = {**given, "receipt": "1234567890123456"}
        return (await visitor.post("/receipt", data, headers={"x-forwarded-for": forwarded})).status

    assert await asked("127.0.0.1", "10.7.7.7") == 422
    for proxy in ("127.0.0.1", "::ffff:127.0.0.1"):
        assert {way: await asked(proxy, way) for way in WAYS} == dict.fromkeys(WAYS, 429)
    assert await asked("127.0.0.1", "10.7.8.7") == 422
    # Who is no trusted proxy says what they like and are who they are
    assert [await asked("10.66.6.6", f"10.99.{n}.1") for n in range(3)] == [422, 429, 429]


async def test_who_must_look_at_the_warning_is_led_to_it(root: tuple[Call, str, str], site, clock) -> None:
    call, secret, _ = root
    clock.forward(minutes=5)
    visitor = site(ELSEWHERE)
    await second._tell(call, await call.db.value("select public_id from account where login = 'root'"))
    await visitor.send(await visitor.get("/sign-in"), {"login": "root", "password": PASSWORD}, action="/sign-in")
    assert "device" not in str(visitor.client.cookies)
    done = await visitor.send(await visitor.get("/second"), {"code": pyotp.TOTP(secret).at(clock())}, action="/second")
    assert "device" in str(visitor.client.cookies)
    account = await visitor.follow(await visitor.follow(done))
    assert "有人用您的密码登录，多次输错二次验证码" in account.text
