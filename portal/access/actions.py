"""Making accounts, granting roles, signing in and out."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from portal.access import rules
from portal.access.passwords import fits, hashed
from portal.access.tables import Account, Grant, Session
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.terms import say
from portal.viewer import Role, Viewer

FORGET_THROTTLE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class NewGrant:
    """A role to give, with what it is for."""

    role: Role
    area: str | None = None
    unit: int | None = None
    enterprise: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """An account to make."""

    login: str
    name: str
    password: str
    person: int | None = None
    must_change: bool = True
    grants: tuple[NewGrant, ...] = field(default=())


async def create_account(call: Call, new: NewAccount) -> str:
    """Make an account with its grants; its public id."""
    login = new.login.strip().lower()
    if not login or len(login) > 40 or any(not (letter.isalnum() or letter in "._-") for letter in login):
        raise Refused(say("登录名只用字母、数字、点、横线，最多 40 个字符。"), field="login")
    if weak := rules.weakness(new.password, login=login):
        raise Refused(weak, field="password")
    password = await hashed(new.password)

    async def work() -> str:
        if await call.db.value("select exists (select from account where login = $1)", login):
            raise Refused(say("登录名“{login}”已有人用。", login=login), field="login")
        account = Account(
            login=login, name=new.name, password=password, person=new.person, must_change=new.must_change, created_at=call.now
        )
        await account.save()
        for grant in new.grants:
            await Grant(
                account=account.id, role=grant.role.value, area=grant.area, unit=grant.unit, enterprise=grant.enterprise,
                since=call.today,
            ).save()  # fmt: skip
        roles = [grant.role.value for grant in new.grants]
        await record(call, "created", "account", account.public_id, area="", data={"login": login, "roles": roles})
        return str(account.public_id)

    return await call.db.run_tx(work)


async def disable_account(call: Call, login: str) -> None:
    """The account can sign in no more, and its sessions end at once. What was done with it stays on record."""

    async def work() -> None:
        account = await call.db.row("select id, active from account where login = $1 for update", login.strip().lower())
        if account is None:
            raise Refused(say("没有登录名为“{login}”的账号。", login=login))
        if not account["active"]:
            raise Refused(say("账号“{login}”已经停用。", login=login))
        await call.db.rows("update account set active = false where id = $1", account["id"])
        await call.db.rows("delete from session where account = $1", account["id"])
        await record(call, "ended", "account", login.strip().lower(), area="", data={})

    await call.db.run_tx(work)


class TooSoon(Refused):
    """The next try counts only after a wait; nothing was checked."""


@dataclass(frozen=True)
class SignedIn:
    """A fresh session: the token for the cookie, and the mark by which this device is known next time."""

    token: str
    device: str
    must_change: bool


async def sign_in(call: Call, *, login: str, password: str, address: str, device: str | None) -> SignedIn:
    """Check a password and open a session.

    Tries are slowed per account and network, and per account and known device apart from it: whoever guesses from
    elsewhere never slows a person on a device that signed in before. A wrong name and a wrong password are answered alike.
    """
    login = login.strip().lower()
    nonce = (device or "").partition(".")[0]
    known = bool(nonce) and device == _device_mark(call, login, nonce)
    key = call.portal.keyring.derive("throttle", login, nonce if known else rules.network(address)).hex()
    counted = await call.db.value(
        """
        insert into sign_in_throttle as t (key, failures, last_at) values ($1, 1, $2)
        on conflict (key) do update set failures = t.failures + 1, last_at = $2
        where t.last_at + make_interval(secs => least($3, power(2, t.failures - 1))) <= $2
        returning failures
        """,
        key, call.now, float(rules.LONGEST_WAIT),
    )  # fmt: skip
    if counted is None:
        failures = await call.db.value("select failures from sign_in_throttle where key = $1", key)
        raise TooSoon(say("尝试过于频繁，请等 {n} 秒后再试。账号没有被锁定。", n=rules.wait(failures or 1)))
    account = await call.db.row(
        """
        select a.id, a.password, a.must_change, a.active and (p.until is null or p.until > $2) as active
        from account a left join person p on p.id = a.person where a.login = $1
        """,
        login, call.today,
    )  # fmt: skip
    right = await fits(password, account["password"] if account else None)
    if account is None or not right or not account["active"]:
        raise Refused(say("登录名或密码不对。"))
    token = secrets.token_urlsafe(32)

    async def work() -> None:
        await call.db.rows("delete from sign_in_throttle where key = $1", key)
        await Session(
            token=_kept(token), account=account["id"], csrf=secrets.token_urlsafe(24), created_at=call.now, seen_at=call.now
        ).save()
        await record(call.as_(Viewer(account=account["id"], name=login)), "signed_in", "account", login, area="", data={})

    await call.db.run_tx(work)
    return SignedIn(token, _device_mark(call, login, nonce if known else secrets.token_hex(8)), account["must_change"])


async def sign_out(call: Call, token: str) -> None:
    """End the session of this token."""
    await call.db.rows("delete from session where token = $1", _kept(token))


async def end_session(call: Call, session: str) -> None:
    """End one of the viewer's own sessions."""
    ended = await call.db.rows(
        "delete from session where public_id = $1 and account = $2 returning id", session, call.viewer.account
    )
    if not ended:
        raise NotVisible


async def change_password(call: Call, *, old: str, new: str, keep_token: str) -> None:
    """Change the viewer's own password; all their other sessions end."""
    account = await call.db.row("select login, password from account where id = $1", call.viewer.account)
    if account is None:
        raise NotVisible
    if not await fits(old, account["password"]):
        raise Refused(say("现在的密码不对。"), field="old")
    if weak := rules.weakness(new, login=account["login"]):
        raise Refused(weak, field="new")
    password = await hashed(new)

    async def work() -> None:
        await call.db.rows("update account set password = $1, must_change = false where id = $2", password, call.viewer.account)
        await call.db.rows("delete from session where account = $1 and token <> $2", call.viewer.account, _kept(keep_token))
        await record(call, "changed", "account", account["login"], area="", data={"password": True})

    await call.db.run_tx(work)


async def sweep(call: Call) -> None:
    """Forget sessions that are over and waits that have passed."""
    await call.db.rows(
        "delete from session where seen_at < $1 or created_at < $2", call.now - rules.IDLE, call.now - rules.ABSOLUTE
    )
    await call.db.rows("delete from sign_in_throttle where last_at < $1", call.now - FORGET_THROTTLE)


def _kept(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _device_mark(call: Call, login: str, nonce: str) -> str:
    return f"{nonce}.{call.portal.keyring.derive('device', login, nonce).hex()[:32]}"
