"""The second factor (二次验证): codes of an authenticator app (RFC 6238) for whoever holds a role that demands it.

Whoever knows a password can try codes, and must neither find one nor keep the owner out. So tries are paced for each network,
and for each device that signed in before apart from it; and of single codes only a few wrong ones are looked at in a day. After
that two codes in a row are asked for, this one and the one that follows: the owner has them, and nobody guesses twelve digits.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from portal.access import devices
from portal.access.rules import network
from portal.budgets.throttle import DAY, Budget, TooSoon, give_back, spend
from portal.call import Call
from portal.codes import run_together
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.storage.engine import Record
from portal.storage.seals import Key
from portal.terms import say
from portal.viewer import Viewer

STEP_SECONDS, DIGITS = 30, 6
SECRET_BYTES = 20
WRONG = say("验证码不对，或已经用过。请输入手机上现在显示的六位数字。")
PACED = Budget("codes", free=5, every=30, text=say("输错次数太多，请等 {wait}再输入。账号没有被锁定。"))
SINGLE = Budget("single codes", free=10, period=DAY)
IN_A_ROW = say(
    "今天已经有很多次输错。为防止他人猜出，请输入连续的两个验证码：先输入现在显示的六位，等它换了，再接着输入新的六位，一共十二位数字。"
)
WRONG_ROW = say("验证码不对，或已经用过。请输入连续的两个验证码，一共十二位数字：现在显示的六位，和它换了以后的六位。")
WHOEVER = str(say("知道密码的人"))
TELLS_FOR = timedelta(days=30)


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


async def enrol(call: Call, session: str, code: str, *, device: str | None = None) -> str:
    """Make the offered secret the account's own, once a code shows that the app has it; the session counts as confirmed.

    The cookie by which the ``device`` is known from now on. Whoever may enrol sees the secret, so there is nothing to guess.
    """
    row = await _waiting(call, session)
    if row["second"] is not None:
        raise Refused(say("这个账号已经绑定了二次验证，请直接输入验证码。"))
    secret = offered(call, session, "").secret
    step = _step(secret, _digits(code), call.now)
    if step is None:
        raise Refused(WRONG, field="code")

    async def work() -> None:
        sealed = _key(call, row["public_id"]).seal_text(secret, f"second {row['public_id']}")
        await call.db.rows("update account set second = $1, second_step = $2 where id = $3", sealed, step, row["account"])
        await _confirm(call, session)
        await record(call, "second_on", "account", row["public_id"], area="/", data={"second": True})

    await call.db.run_tx(work)
    return devices.marked(call, row["login"], device)


async def confirm(call: Call, session: str, code: str, *, address: str, device: str | None) -> str:
    """Take a code, or two in a row: the session counts as confirmed from now on. A code counts once.

    The cookie by which the ``device`` is known from now on.
    """
    row = await _waiting(call, session)
    if row["second"] is None:
        raise NotVisible
    known, digits = devices.known_device(call, row["login"], device), _digits(code)
    pace = PACED.cost(call, row["login"], known or network(address))
    single = SINGLE.cost(call, row["login"], known)
    wrong = 0.0
    await spend(call, pace)
    if len(digits) <= DIGITS:
        try:
            (wrong,) = await spend(call, single)
        except TooSoon as error:
            await give_back(call, pace)
            raise Refused(IN_A_ROW, field="code") from error
    step = _step(_open(call, row["public_id"], row["second"]), digits, call.now)

    async def work() -> bool:
        # A step that is still to come was written by a clock that ran ahead
        taken = await call.db.value(
            "update account set second_step = $1 where id = $2 and (second_step < $1 or second_step > $3) returning id",
            step,
            row["account"],
            _now(call.now) + 1,
        )
        if taken is not None:
            await _confirm(call, session)
        return taken is not None

    if step is None or not await call.db.run_tx(work):
        if wrong >= SINGLE.free:
            await _tell(call, row["public_id"])
        raise Refused(WRONG if len(digits) <= DIGITS else WRONG_ROW, field="code")
    await give_back(call, pace, *([single] if wrong else []))
    return devices.marked(call, row["login"], device)


async def _tell(call: Call, account: str) -> None:
    """Somebody who has the password tries out codes: the account's owner and its administrators are to know."""

    async def work() -> None:
        await record(call.as_(Viewer(name=WHOEVER)), "guessed", "account", account, area="/", data={})

    await call.db.run_tx(work)


async def guessed_at(call: Call) -> datetime | None:
    """When somebody last tried out codes of the viewer's account, having its password; None once that was changed."""
    found: datetime | None = await call.db.value(
        """
        select max(l.at) from ledger_entry l join account a on a.public_id = l.subject
        where l.kind = 'account' and l.verb = 'guessed' and a.id = $1 and l.at > $2 and not exists (
            select from ledger_entry c where c.kind = 'account' and c.subject = l.subject and c.id > l.id
                and c.body::jsonb -> 'data' ? 'password')
        """,
        call.viewer.account,
        call.now - TELLS_FOR,
    )
    return found


async def set_up(call: Call, account: str) -> None:
    """Give an account a second factor that nobody has on a phone: for the example portal, which tells the codes itself."""
    sealed = _key(call, account).seal_text(pyotp.random_base32(), f"second {account}")
    await call.db.rows("update account set second = $1 where public_id = $2", sealed, account)


async def current(call: Call, login: str) -> str:
    """The code that the account's app shows now: for the example portal, where nobody has the phone."""
    row = await call.db.row("select public_id, second from account where login = $1", login)
    if row is None or row["second"] is None:
        raise Refused(say("“{login}”没有绑定二次验证。", login=login))
    return pyotp.TOTP(_open(call, row["public_id"], row["second"])).at(call.now)


async def _waiting(call: Call, session: str) -> Record:
    row = await call.db.row(
        "select a.id as account, a.public_id, a.login, a.second from session s join account a on a.id = s.account "
        "where s.public_id = $1 and not s.confirmed",
        session,
    )
    if row is None:
        raise NotVisible
    return row


async def _confirm(call: Call, session: str) -> None:
    await call.db.rows("update session set confirmed = true where public_id = $1", session)


def _digits(code: str) -> str:
    return run_together(code)


def _now(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def _step(secret: str, digits: str, now: datetime) -> int | None:
    """The time step whose code this is: now, the one before or the one after; None for none of them.

    Of two codes in a row the step of the second one, while the first is at most two steps old.
    """
    at = pyotp.TOTP(secret).generate_otp
    row = len(digits) == 2 * DIGITS
    shown = {step: (at(step - 1) if row else "") + at(step) for step in range(_now(now) - 1, _now(now) + 2)}
    return next((step for step, code in shown.items() if pyotp.utils.strings_equal(code, digits)), None)


def _key(call: Call, account: str) -> Key:
    return Key(call.portal.keyring.derive("second factor of", account))


def _open(call: Call, account: str, sealed: bytes) -> str:
    return _key(call, account).open_text(sealed, f"second {account}")
