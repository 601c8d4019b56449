"""Making accounts, granting roles, signing in and out."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from portal import codes
from portal.access import devices, put_by, rules
from portal.access.passwords import KNOWN, STRANGERS, fits, hashed, invented, refuse_weak
from portal.access.queries import account_id, places_of
from portal.access.tables import Account, Grant, Session
from portal.areas.queries import OUTERMOST
from portal.budgets.throttle import Budget, Cost, TooSoon, give_back, spend
from portal.budgets.turns import QueueFull
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.storage.engine import Record
from portal.terms import ROLE, say
from portal.viewer import TWO_FACTORS, Role, Viewer

LARGEST_ID = 2**63 - 1
KEEPERS = "who keeps complaints"
WRONG = say("登录名或密码不对。")

# What strangers may try. Wrong tries of a network, whatever the names; all its tries, right ones too; its tries at one account:
WRONG_ONES = Budget("wrong sign-ins of a network", free=60, every=10)
ALL_TRIES = Budget("sign-ins of a network", free=600, every=2)
AT_ONE = Budget("sign-ins of a network at an account", free=5, every=30)
# What all networks together may try at one account. The first few tries of each are counted apart from further ones, so that
# fifty networks which guess at it do not use up what its owner needs in another one.
FIRST_FEW = Budget("first sign-ins of a network at an account", free=3)
FIRST_AT_ONE = Budget("first sign-ins at an account", free=180, every=120)
AGAIN_AT_ONE = Budget("further sign-ins at an account", free=40, every=120)
# A device that signed in before; and whoever is signed in and changes the password
OF_A_DEVICE = Budget("sign-ins of a device", free=10, every=30)
OLD_PASSWORDS = Budget("old passwords of a session", free=10, every=30)


class NeedsAnother(Refused):
    """One administrator alone may not do this: the account holds a sensitive role, or is near to complaints, or would be."""

    def __init__(self) -> None:
        super().__init__(
            say("这个账号有（或将有）系统管理员或投诉受理权限，或是投诉受理部门、受理人本人的账号，要另一人确认才能办理。")
        )


@dataclass(frozen=True, kw_only=True)
class NewGrant:
    """A role to give, with what it is for."""

    role: Role
    area: str | None = None
    unit: int | None = None
    enterprise: int | None = None


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """An account to make; without a password it waits for its invitation."""

    login: str
    name: str
    password: str = ""
    person: int | None = None
    must_change: bool = True
    grants: tuple[NewGrant, ...] = field(default=())


async def create_account(call: Call, new: NewAccount, *, agreed: bool = False) -> str:
    """Make an account with its grants; its public id."""
    login = codes.login(new.login)
    if not login or len(login) > 40 or any(not (letter.isalnum() or letter in "._-") for letter in login):
        raise Refused(say("登录名只用字母、数字、点、横线，最多 40 个字符。"), field="login")
    password = rules.NO_PASSWORD
    if new.password:
        await refuse_weak(call, new.password, login=login, name=new.name, field="password")
        password = await hashed(new.password)

    async def work() -> str:
        if await call.db.value("select exists (select from account where login = $1)", login):
            raise Refused(say("登录名“{login}”已有人用。", login=login), field="login")
        account = Account(
            login=login, name=new.name, password=password, person=new.person, must_change=new.must_change, created_at=call.now
        )
        await account.save()
        for grant in new.grants:
            await _grant(call, account.id, new.person, grant)
        await refuse_alone(call, account.id, agreed=agreed)
        roles = [grant.role.value for grant in new.grants]
        await record(call, "created", "account", account.public_id, area="/", data={"login": login, "roles": roles})
        return str(account.public_id)

    return await call.db.run_tx(work)


async def _grant(call: Call, account: int, person: int | None, grant: NewGrant) -> None:
    if grant.role is Role.CUSTODIAN and person is None:
        what = say("投诉受理人的账号要关联一名登记的人员：是否回避按人判断，没有关联人员就无法判断。")
        raise Refused(what, field="person")
    if grant.role is Role.INSPECTOR and person is None:
        raise Refused(say("网格人员的账号要关联一名登记的人员，请写明人员。"), field="person")
    if grant.role is Role.ENTERPRISE:
        await _refuse_second_enterprise(call, account)
    await Grant(
        account=account, role=grant.role.value, area=grant.area, unit=grant.unit, enterprise=grant.enterprise, since=call.today
    ).save()


async def _refuse_second_enterprise(call: Call, account: int) -> None:
    name = await call.db.value(
        "select e.name from access_grant g join enterprise e on e.id = g.enterprise "
        "where g.account = $1 and (g.until is null or g.until > $2)",
        account,
        call.today,
    )
    if name is not None:
        what = say("这个账号已是“{name}”的，一个账号只能代表一家单位。请为另一家单位另建账号。", name=name)
        raise Refused(what, field="enterprise")


async def managed(call: Call, id_: str, *, agreed: bool = False) -> Record:
    """The row of an account that the viewer administers, locked until the caller's transaction ends.

    ``agreed``: somebody who administers it asked, and the viewer has confirmed (see :mod:`portal.access.asks`).
    """
    account = await call.db.row("select * from account where public_id = $1 for update", id_)
    if account is None or not (agreed or rules.manages(call.viewer.administers, await places_of(call, account["id"]))):
        raise NotVisible
    return account


async def sensitive(call: Call, account: int) -> frozenset[Role]:
    """The roles that an account holds which demand a second factor: whoever has it has the doors of many, or their secrets."""
    rows = await call.db.rows(
        "select role from access_grant where account = $1 and role = any($2) and (until is null or until > $3)",
        account,
        sorted(TWO_FACTORS),
        call.today,
    )
    return frozenset(Role(row["role"]) for row in rows)


async def outside(call: Call, units: Iterable[int]) -> list[str]:
    """The paths of those units that stand outside the chain, or keep complaints: their accounts write the register of their
    people.
    """
    kinds = sorted(call.book.outside(call.today))
    rows = await call.db.rows(
        f"""
        select {OUTERMOST} as path from unit u join jurisdiction j on j.id = u.jurisdiction
        where u.id = any($1) and ((u.region, u.kind) in (select * from unnest($3::text[], $4::text[])) or exists (
            select from access_grant k where k.unit = u.id and k.role = 'custodian' and (k.until is null or k.until > $2)))
        """,
        list(units),
        call.today,
        [region for region, _ in kinds],
        [kind for _, kind in kinds],
    )
    return [row["path"] for row in rows]


async def _near(call: Call, account: int) -> list[str]:
    """The paths of the offices outside the chain for which an account speaks, or for which its owner keeps complaints, under any
    of their rows: what such a human being is given beside that decides from which complaints they must stand back.
    """
    rows = await call.db.rows(
        """
        select unit from access_grant where account = $1 and unit is not null and (until is null or until > $2)
        union select k.unit from access_grant k join account b on b.id = k.account
            where k.role = 'custodian' and (k.until is null or k.until > $2)
                and b.person in (select same_human(array(select person from account where id = $1 and person is not null)))
        """,
        account,
        call.today,
    )
    return await outside(call, [row["unit"] for row in rows])


async def refuse_alone(call: Call, account: int, *, agreed: bool) -> None:
    """:class:`NeedsAnother` where the account holds a sensitive role, or is near to an office outside the chain above which the
    viewer does not administer, and nobody else agreed; a command is the deployer's.
    """
    if agreed or call.viewer.of_the_house:
        return
    above = call.viewer.administers
    if await sensitive(call, account) or not all(
        any(path.startswith(area) and path != area for area in above) for path in await _near(call, account)
    ):
        raise NeedsAnother


async def add_grant(call: Call, id_: str, grant: NewGrant, *, person: int | None = None, agreed: bool = False) -> bool:
    """Give an account one more role; whether its owner must choose a new password for it.

    That is so with the first sensitive role, and with the first that brings it near to an office outside the chain: until then
    any administrator could have made a link and known the password.
    An account that belongs to nobody yet belongs to the ``person`` from now on.
    """

    async def work() -> bool:
        account = await managed(call, id_, agreed=agreed)
        guarded, near = bool(await sensitive(call, account["id"])), bool(await _near(call, account["id"]))
        owner = await _owned(call, account, person)
        same = await call.db.value(
            "select exists (select from access_grant where account = $1 and role = $2 and unit is not distinct from $3 "
            "and area is not distinct from $4 and enterprise is not distinct from $5 and (until is null or until > $6))",
            account["id"],
            grant.role.value,
            grant.unit,
            grant.area,
            grant.enterprise,
            call.today,
        )
        if same:
            raise Refused(say("这个账号已经有这项权限。"), field="role")
        await _grant(call, account["id"], owner, grant)
        await refuse_alone(call, account["id"], agreed=agreed)
        first = not guarded and grant.role in TWO_FACTORS
        anew = first or (not guarded and not near and bool(await _near(call, account["id"])))
        if anew:
            await call.db.rows(
                "update account set password = $2, second = null, second_step = 0, must_change = false where id = $1",
                account["id"],
                rules.NO_PASSWORD,
            )
            await end_all_sessions(call, account["id"])
        data = {"role": [None, grant.role.value], "power": ROLE[grant.role.value]}
        await record(call, "granted", "account", account["public_id"], area="/", data=data)
        return anew

    return await call.db.run_tx(work)


async def _owned(call: Call, account: Record, person: int | None) -> int | None:
    """Whose account it is, now that ``person`` was named for it."""
    owner: int | None = account["person"]
    if person is None or person == owner:
        return owner
    if owner is not None:
        name = await call.db.value("select name from person where id = $1", owner)
        what = say("这个账号是{name}的，不能用来给其他人权限。请为那个人另建账号。", name=name)
        raise Refused(what, field="person")
    await call.db.rows("update account set person = $2 where id = $1", account["id"], person)
    name = await call.db.value("select name from person where id = $1", person)
    await record(call, "bound", "account", account["public_id"], area="/", data={"person": [None, person], "human": name})
    return person


async def end_grant(call: Call, id_: str, grant: int, *, agreed: bool = False) -> None:
    """Take a role away, at once."""
    if grant > LARGEST_ID:
        raise NotVisible

    async def work() -> None:
        account = await managed(call, id_, agreed=agreed)
        await _refuse_shutting(call, account, grant, agreed=agreed)
        role = await call.db.value(
            "update access_grant set until = greatest(since, $3) "
            "where id = $1 and account = $2 and (until is null or until > $3) returning role",
            grant,
            account["id"],
            call.today,
        )
        if role is None:
            raise NotVisible
        data = {"role": [role, None], "power": ROLE[role]}
        await record(call, "ungranted", "account", account["public_id"], area="/", data=data)

    await call.alone(KEEPERS, work)


async def _refuse_shutting(call: Call, account: Record, grant: int | None, *, agreed: bool) -> None:
    """:class:`NeedsAnother` where an office would be left without a custodian who stays and stands back from nobody: one alone
    shuts the door of complaints neither for all, today or when the others leave, nor for those to whom the others are bound.
    """
    last = await call.db.value(
        """
        select exists (select from access_grant g where g.account = $1 and ($2::bigint is null or g.id = $2)
            and g.role = 'custodian' and (g.until is null or g.until > $3)
            and not exists (
                select from access_grant o join account b on b.id = o.account join person p on p.id = b.person
                    cross join lateral (select array(select same_human(array[p.id])) as rows) same
                where o.unit = g.unit and o.role = 'custodian' and o.account <> $1 and o.until is null
                    and b.active and b.second is not null and p.until is null
                    and not exists (select from person w where w.id = any(same.rows) and w.unit <> o.unit)
                    and not exists (select from interest i where (i.person = any(same.rows) or i.other = any(same.rows))
                        and (i.until is null or i.until > $3))
                    and not exists (select from appointment h where h.person = any(same.rows)
                        and (h.until is null or h.until > $3))
                    and not exists (select from access_grant e join account c on c.id = e.account where c.person = any(same.rows)
                        and (e.enterprise is not null or e.role = 'office' and e.unit <> o.unit)
                        and (e.until is null or e.until > $3))))
        """,
        account["id"],
        grant,
        call.today,
    )
    if last and account["active"] and not agreed and not call.viewer.of_the_house:
        raise NeedsAnother


async def disable_account(call: Call, login: str, *, agreed: bool = False) -> None:
    """The account can sign in no more, and its sessions end at once. What was done with it stays on record."""

    async def work() -> None:
        id_ = await call.db.value("select public_id from account where login = $1", codes.login(login))
        if id_ is None:
            raise Refused(say("没有登录名为“{login}”的账号。", login=login))
        account = await managed(call, id_, agreed=agreed)
        if not account["active"]:
            raise Refused(say("账号“{login}”已经停用。", login=login))
        if account["id"] == call.viewer.account:
            raise Refused(say("不能停用自己正在用的账号。"))
        await _refuse_shutting(call, account, None, agreed=agreed)
        await call.db.rows("update account set active = false where id = $1", account["id"])
        await end_all_sessions(call, account["id"])
        await record(call, "ended", "account", account["public_id"], area="/", data={})

    await call.alone(KEEPERS, work)


async def enable_account(call: Call, id_: str, *, agreed: bool = False) -> None:
    """The account may be used again; its password and second factor are as they were."""

    async def work() -> None:
        account = await managed(call, id_, agreed=agreed)
        await refuse_alone(call, account["id"], agreed=agreed)
        await call.db.rows("update account set active = true where id = $1", account["id"])
        await record(call, "enabled", "account", account["public_id"], area="/", data={"active": [False, True]})

    await call.db.run_tx(work)


async def end_sessions_of(call: Call, id_: str) -> None:
    """Sign an account out everywhere."""

    async def work() -> None:
        account = await managed(call, id_)
        await end_all_sessions(call, account["id"])
        await record(call, "signed_out", "account", account["public_id"], area="/", data={"sessions": True})

    await call.db.run_tx(work)


async def forget_second(call: Call, id_: str, *, agreed: bool = False) -> None:
    """The account's phone is lost: at the next sign-in it sets up its second factor anew. Its sessions end."""

    async def work() -> None:
        account = await managed(call, id_, agreed=agreed)
        if account["id"] == call.viewer.account:
            raise Refused(say("自己的二次验证不能自己解除，请另一位管理员办理，或联系部署人员办理。"))
        await refuse_alone(call, account["id"], agreed=agreed)
        await call.db.rows("update account set second = null, second_step = 0 where id = $1", account["id"])
        await end_all_sessions(call, account["id"])
        await record(call, "second_off", "account", account["public_id"], area="/", data={"second": [True, None]})

    await call.db.run_tx(work)


async def end_all_sessions(call: Call, account: int, *, but: str = "") -> None:
    """End an account's sessions, all ``but`` the one with this kept token, and links that were not used; inside the caller's
    transaction.
    """
    await call.db.rows("delete from session where account = $1 and token <> $2", account, but)
    await put_by.forget(call, account)
    await call.db.rows("update one_time_link set used_at = $2 where account = $1 and used_at is null", account, call.now)


async def reset_password(call: Call, login: str) -> str:
    """Give an account a first password again and end its sessions, and links that were not used."""
    id_ = await account_id(call, login)
    shown = invented()
    password = await hashed(shown)

    async def work() -> None:
        account = await call.db.value(
            "update account set password = $1, must_change = true where public_id = $2 returning id", password, id_
        )
        await end_all_sessions(call, account)
        await record(call, "password_reset", "account", id_, area="/", data={"password": True})

    await call.db.run_tx(work)
    return shown


@dataclass(frozen=True)
class SignedIn:
    """A fresh session: the token for its cookie, and the cookie by which this device is known next time.

    ``device`` is None where the second factor is still to come: a password alone makes no device known.
    """

    token: str
    device: str | None
    must_change: bool


async def sign_in(call: Call, *, login: str, password: str, address: str, device: str | None) -> SignedIn:
    """Check a password and open a session. A wrong name and a wrong password are answered alike.

    Before anything is checked it must be within the budgets of its network and of the account, or of the ``device`` (its cookie)
    alone where that signed in to this account before: whoever guesses never slows a person there. :class:`TooSoon` and
    :class:`QueueFull` say that nothing was checked, and count as no try.
    """
    login = codes.login(login)
    costs, line, rank = await _spend(call, login, address, devices.known_device(call, login, device))
    account = await call.db.row(
        """
        select a.id, a.public_id, a.password, a.second, a.must_change, a.active and (p.until is null or p.until > $2) as active
        from account a left join person p on p.id = a.person where a.login = $1
        """,
        login,
        call.today,
    )
    stored = account["password"] if account and account["password"] != rules.NO_PASSWORD else None
    try:
        right = await fits(password, stored, line=line, rank=rank)
    except QueueFull:
        await give_back(call, *costs)
        raise
    if account is None or not right or not account["active"]:
        raise Refused(WRONG)
    await give_back(call, *(cost for cost in costs if cost.budget is not ALL_TRIES))
    token = ""

    async def work() -> None:
        nonlocal token
        # Checking takes a while: meanwhile the password may have been made void, and sessions ended with it
        if (
            await call.db.value(
                "select id from account where id = $1 and password = $2 and active for share", account["id"], stored
            )
            is None
        ):
            raise Refused(WRONG)
        token = await open_session(call, account=account["id"])
        await record(
            call.as_(Viewer(account=account["id"], name=login)), "signed_in", "account", account["public_id"], area="/", data={}
        )

    await call.db.run_tx(work)
    whole = account["second"] is None and not await sensitive(call, account["id"])
    return SignedIn(token, devices.marked(call, login, device) if whole else None, account["must_change"])


async def _spend(call: Call, login: str, address: str, known: str) -> tuple[tuple[Cost, ...], str, float]:
    """What a try costs, spent; the line it waits in, and its rank there."""
    if known:
        one = OF_A_DEVICE.cost(call, login, known)
        return (one,), KNOWN, (await spend(call, one))[0]
    here = rules.network(address)
    costs = ALL_TRIES.cost(call, here), WRONG_ONES.cost(call, here), AT_ONE.cost(call, login, here)
    first = (*costs, FIRST_FEW.cost(call, login, here), FIRST_AT_ONE.cost(call, login))
    try:
        return first, STRANGERS, (await spend(call, *first))[0]
    except TooSoon as error:
        if error.budget not in (FIRST_FEW, FIRST_AT_ONE):
            raise
    again = (*costs, AGAIN_AT_ONE.cost(call, login))
    return again, STRANGERS, (await spend(call, *again))[0]


async def open_session(
    call: Call, *, account: int | None = None, enterprise: int | None = None, name: str = "", ends_at: datetime | None = None
) -> str:
    """A session for an account, or for somebody on site at an enterprise; the token for its cookie."""
    token = secrets.token_urlsafe(32)
    await Session(
        token=stored_mark(token),
        account=account,
        enterprise=enterprise,
        name=name,
        ends_at=ends_at,
        csrf=secrets.token_urlsafe(24),
        created_at=call.now,
        seen_at=call.now,
    ).save()
    return token


async def sign_out(call: Call, token: str) -> None:
    """End the session of this token; what was put by for its account goes with it."""
    await call.db.rows("delete from session where token = $1", stored_mark(token))
    if call.viewer.account is not None:
        await put_by.forget(call, call.viewer.account)


async def end_session(call: Call, session: str) -> None:
    """End one of the viewer's own sessions."""
    ended = await call.db.rows(
        "delete from session where public_id = $1 and account = $2 returning id", session, call.viewer.account
    )
    if not ended:
        raise NotVisible


async def change_password(call: Call, *, old: str, new: str, keep_token: str) -> None:
    """Change the viewer's own password; all their other sessions end, and links that were not used."""
    account = await call.db.row("select id, public_id, login, name, password from account where id = $1", call.viewer.account)
    if account is None:
        raise NotVisible
    await _fits_old(call, account, old, keep_token)
    await refuse_weak(call, new, login=account["login"], name=account["name"], field="new")
    password = await hashed(new)

    async def work() -> None:
        changed = await call.db.value(
            "update account set password = $1, must_change = false where id = $2 and password = $3 returning id",
            password,
            call.viewer.account,
            account["password"],
        )
        if changed is None:
            raise Refused(say("现在的密码不对。"), field="old")
        await end_all_sessions(call, account["id"], but=stored_mark(keep_token))
        await record(call, "password_set", "account", account["public_id"], area="/", data={"password": True})

    await call.db.run_tx(work)


async def _fits_old(call: Call, account: Record, old: str, token: str) -> None:
    """:class:`Refused` where it is not the password of whoever is signed in: they may be somebody who found the browser open."""
    cost = OLD_PASSWORDS.cost(call, account["login"], stored_mark(token))
    (rank,) = await spend(call, cost)
    try:
        right = await fits(old, account["password"], line=KNOWN, rank=rank)
    except QueueFull:
        await give_back(call, cost)
        raise
    if not right:
        raise Refused(say("现在的密码不对。"), field="old")
    await give_back(call, cost)


async def sweep(call: Call) -> None:
    """Forget sessions that have long been over."""
    await call.db.rows("delete from session where seen_at < $1", call.now - rules.KNOWN_AFTER)


def stored_mark(token: str) -> str:
    """What is stored of a token or of a link's secret."""
    return sha256(token.encode()).hexdigest()
