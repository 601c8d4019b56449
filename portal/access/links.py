"""Addresses that work once and not for long: to choose a first password or a new one, and to let in somebody on site.

Opening such an address does nothing yet, since messengers open addresses to show a preview; only the form on it counts.
"""

import secrets
from dataclasses import dataclass

from portal.access import rules
from portal.access.actions import end_all_sessions, managed, open_session, refuse_alone, stored_mark
from portal.access.passwords import hashed, refuse_weak
from portal.access.tables import OneTimeLink
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.storage.engine import Record
from portal.terms import say
from portal.viewer import Viewer

LONGEST_NAME = 40
OVER = say("这个链接已使用或已过期。请联系发送链接的工作人员重新发送。")


@dataclass(frozen=True)
class Welcome:
    """What a link is for, as its page tells: whose account, or which enterprise."""

    purpose: str
    name: str
    login: str


async def invite(call: Call, id_: str, *, agreed: bool = False) -> str:
    """A link by which the account's owner chooses a password; earlier ones count no more. Its secret, shown once.

    An account that has a password already is reset with it: the link holds for minutes only, and its sessions end when the
    new password is chosen.
    """

    async def work() -> str:
        account = await managed(call, id_, agreed=agreed)
        if not account["active"]:
            raise Refused(say("账号已经停用，先恢复再发链接。"))
        await refuse_alone(call, account["id"], agreed=agreed)
        purpose = "invitation" if account["password"] == rules.NO_PASSWORD else "reset"
        await call.db.rows(
            "update one_time_link set used_at = $2 where account = $1 and used_at is null", account["id"], call.now
        )
        verb = "reset_link_sent" if purpose == "reset" else "link_sent"
        await record(call, verb, "account", account["public_id"], area="/", data={"link": purpose})
        return await _make(call, purpose, account=account["id"])

    return await call.db.run_tx(work)


async def let_in(call: Call, enterprise: int, id_: str, path: str) -> str:
    """A link that lets somebody who stands at an enterprise see its file for some hours. Its secret, shown once."""

    async def work() -> str:
        await record(call, "let_in", "enterprise", id_, area=path, data={"link": "site"})
        return await _make(call, "site", enterprise=enterprise)

    return await call.db.run_tx(work)


async def _make(call: Call, purpose: str, *, account: int | None = None, enterprise: int | None = None) -> str:
    secret = secrets.token_urlsafe(24)
    await OneTimeLink(
        token=stored_mark(secret),
        purpose=purpose,
        account=account,
        enterprise=enterprise,
        made_by=call.viewer.account,
        made_at=call.now,
        expires_at=call.now + rules.LINK_HOLDS[purpose],
    ).save()
    return secret


async def welcome(call: Call, secret: str, *purposes: str) -> Welcome:
    """What the link is for; :class:`NotVisible` where it is none, was used, or is over: these are never told apart."""
    row = await _link(call, secret, purposes)
    return Welcome(row["purpose"], row["name"], row["login"] or "")


async def choose_password(call: Call, secret: str, new: str) -> str:
    """Use the link: set the password, end all sessions; the login to sign in with."""
    row = await _link(call, secret, ("invitation", "reset"))
    await refuse_weak(call, new, login=row["login"], name=row["name"], field="new")
    password = await hashed(new)

    async def work() -> None:
        await _use(call, row)
        await call.db.rows("update account set password = $1, must_change = false where id = $2", password, row["account"])
        await end_all_sessions(call, row["account"])
        owner = call.as_(Viewer(account=row["account"], name=row["name"]))
        verb = "password_reset" if row["purpose"] == "reset" else "password_set"
        await record(owner, verb, "account", row["public_id"], area="/", data={"password": True})

    await call.db.run_tx(work)
    return str(row["login"])


async def come_in(call: Call, secret: str, name: str) -> str:
    """Use a link on site: a session for that enterprise under the name that the person gave; its token."""
    row = await _link(call, secret, ("site",))

    async def work() -> str:
        await _use(call, row)
        guest = call.as_(Viewer(name=name, on_site=True))
        await record(guest, "signed_in", "enterprise", row["public_id"], area=row["path"], data={"name": name})
        return await open_session(call, enterprise=row["enterprise"], name=name, ends_at=call.now + rules.ON_SITE)

    return await call.db.run_tx(work)


async def _link(call: Call, secret: str, purposes: tuple[str, ...]) -> Record:
    row = await call.db.row(
        """
        select l.*, a.login, coalesce(a.name, e.name) as name, coalesce(a.public_id, e.public_id) as public_id, j.path
        from one_time_link l
            left join account a on a.id = l.account left join person p on p.id = a.person
            left join enterprise e on e.id = l.enterprise left join jurisdiction j on j.id = e.division
        where l.token = $1 and l.purpose = any($2) and l.used_at is null and l.expires_at > $3
            and (a.active or e.id is not null) and (p.until is null or p.until > $4) and (e.until is null or e.until > $4)
        """,
        stored_mark(secret),
        list(purposes),
        call.now,
        call.today,
    )
    if row is None:
        raise NotVisible
    return row


async def _use(call: Call, row: Record) -> None:
    used = await call.db.value(
        "update one_time_link set used_at = $2 where id = $1 and used_at is null returning id", row["id"], call.now
    )
    if used is None:
        raise Refused(OVER)
