"""The second factor (二次验证): codes of an authenticator app (RFC 6238) for whoever holds a role that demands it."""

import base64
from dataclasses import dataclass
from datetime import datetime

import pyotp

from portal.access import throttle
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.storage.engine import Record
from portal.storage.seals import Key
from portal.terms import say

STEP_SECONDS = 30
SECRET_BYTES = 20
WRONG = say("验证码不对，或已经用过。请输入手机上现在显示的六位数字。")
WAIT = say("试得太多了，请等 {wait}再输入。")
CODES = throttle.Budget("codes", free=5, every=30, text=WAIT)


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app is to be told: the secret in letters, and the address that its QR code holds."""

    secret: str
    address: str


def offered(call: Call, session: str, login: str) -> Enrolment:
    """The secret that this session may enrol: the same one each time it asks, stored nowhere before a code proves it."""
    secret = base64.b32encode(call.portal.keyring.derive("second factor", session)[:SECRET_BYTES]).decode()
    issuer = str(say("安全生产网格公示"))
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer))


async def enrol(call: Call, session: str, code: str) -> None:
    """Make the offered secret the account's own, once a code shows that the app has it; the session counts as confirmed."""
    row = await _waiting(call, session)
    if row["second"] is not None:
        raise Refused(say("这个账号已经绑定了二次验证，请直接输入验证码。"))
    await _tried(call, row["account"])
    secret = offered(call, session, "").secret
    step = _step(secret, code, call.now)
    if step is None:
        raise Refused(WRONG, field="code")

    async def work() -> None:
        sealed = _key(call, row["public_id"]).seal_text(secret, f"second {row['public_id']}")
        await call.db.rows("update account set second = $1, second_step = $2 where id = $3", sealed, step, row["account"])
        await _confirm(call, session, row["account"])
        await record(call, "changed", "account", row["public_id"], area="/", data={"second": True})

    await call.db.run_tx(work)


async def confirm(call: Call, session: str, code: str) -> None:
    """Take a code: the session counts as confirmed from now on. A code counts once."""
    row = await _waiting(call, session)
    if row["second"] is None:
        raise NotVisible
    await _tried(call, row["account"])
    step = _step(_open(call, row["public_id"], row["second"]), code, call.now)

    async def work() -> bool:
        taken = await call.db.value(
            "update account set second_step = $1 where id = $2 and second_step < $1 returning id", step, row["account"]
        )
        if taken is not None:
            await _confirm(call, session, row["account"])
        return taken is not None

    if step is None or not await call.db.run_tx(work):
        raise Refused(WRONG, field="code")


async def set_up(call: Call, account: str) -> None:
    """Give an account a second factor that nobody has on a phone: for the example portal, which tells the codes itself."""
    sealed = _key(call, account).seal_text(pyotp.random_base32(), f"second {account}")
    await call.db.rows("update account set second = $1 where public_id = $2", sealed, account)


def current(call: Call, account: str, sealed: bytes) -> str:
    """The code that the account's app shows now: for the example portal, where nobody has the phone."""
    return pyotp.TOTP(_open(call, account, sealed)).at(call.now)


async def _waiting(call: Call, session: str) -> Record:
    row = await call.db.row(
        "select a.id as account, a.public_id, a.login, a.second from session s join account a on a.id = s.account "
        "where s.public_id = $1 and not s.confirmed",
        session,
    )
    if row is None:
        raise NotVisible
    return row


async def _tried(call: Call, account: int) -> None:
    await throttle.spend(call, CODES.cost(call, str(account)))


async def _confirm(call: Call, session: str, account: int) -> None:
    await call.db.rows("update session set confirmed = true where public_id = $1", session)
    await throttle.give_back(call, CODES.cost(call, str(account)))


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is: now, the one before or the one after; None for none of them."""
    digits = "".join(code.split())
    steps = range(int(now.timestamp()) // STEP_SECONDS - 1, int(now.timestamp()) // STEP_SECONDS + 2)
    return next((step for step in steps if pyotp.utils.strings_equal(pyotp.TOTP(secret).generate_otp(step), digits)), None)


def _key(call: Call, account: str) -> Key:
    return Key(call.portal.keyring.derive("second factor of", account))


def _open(call: Call, account: str, sealed: bytes) -> str:
    return _key(call, account).open_text(sealed, f"second {account}")
