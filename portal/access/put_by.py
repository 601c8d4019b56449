"""What somebody signed in has sent when their session was over already: put by for an hour, for the same account only.

Nothing of it was done. It is sealed under the account and goes when the account signs out, is reset, or may come in no more. What
was meant for complaints lies apart from all else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from portal.access import rules
from portal.call import Call
from portal.storage import unsent
from portal.storage.seals import Key
from portal.storage.unsent import Shelf

KEPT_FOR = timedelta(hours=1)
# Of one account, from as many tabs
MOST = 5


@dataclass(frozen=True)
class PutBy:
    """A form that was not taken: where it was sent to, what it said, and whether files came with it, which are not kept."""

    address: str
    fields: dict[str, list[str]]
    files: bool


async def whose(call: Call, token: str, csrf: str) -> int | None:
    """The account whose session this token opened until it was idle for too long, and whose page the form stood on."""
    account: int | None = await call.db.value(
        """
        select a.id from session s join account a on a.id = s.account where s.token = $1 and s.csrf = $2 and s.seen_at > $3
            and a.active and (s.confirmed or a.second is null)
        """,
        sha256(token.encode()).hexdigest(),
        csrf,
        call.now - rules.KNOWN_AFTER,
    )
    return account


async def put_by(call: Call, account: int, form: PutBy, *, apart: bool) -> bool:
    """Keep a form beside those of other tabs; False where they are too long or too many together, and the earlier ones stay.
    ``apart``: where complaints lie.
    """
    shelf = Shelf.COMPLAINTS if apart else Shelf.FORMS
    others = [one for one in await _still_put_by(call, account, shelf) if one[1] != form]
    forms = [
        {"at": at.isoformat(), "address": one.address, "fields": one.fields, "files": one.files}
        for at, one in ((call.now, form), *others)
    ]
    if len(forms) > MOST or not unsent.fits({"forms": forms}):
        return False
    return await unsent.keep(
        call.db, _mark(call, account), _key(call, account), {"forms": forms}, call.now + KEPT_FOR, shelf=shelf
    )


async def found(call: Call) -> tuple[PutBy, ...]:
    """What was put by for the viewer's account, the last first."""
    account = call.viewer.account
    if account is None:
        return ()
    forms = [one for shelf in Shelf for one in await _still_put_by(call, account, shelf)]
    return tuple(form for _, form in sorted(forms, key=lambda one: one[0], reverse=True))


async def _still_put_by(call: Call, account: int, shelf: Shelf) -> list[tuple[datetime, PutBy]]:
    """What is put by and its hour not over, with since when."""
    said = await unsent.kept_answers(call.db, _mark(call, account), _key(call, account), call.now, shelf=shelf) or {}
    forms = [(datetime.fromisoformat(one["at"]), one) for one in said.get("forms", ())]
    return [(at, PutBy(one["address"], one["fields"], one["files"])) for at, one in forms if at + KEPT_FOR > call.now]


async def waits(call: Call) -> bool:
    """Whether something is put by for the viewer's account that it has not been shown yet."""
    if call.viewer.account is None:
        return False
    mark = _mark(call, call.viewer.account)
    return any([await unsent.is_new(call.db, mark, call.now, shelf=shelf) for shelf in Shelf])


async def shown(call: Call) -> None:
    """The viewer has been shown what was put by; it stays for the rest of its hour, in case the page is loaded again."""
    if call.viewer.account is not None:
        for shelf in Shelf:
            await unsent.close(call.db, _mark(call, call.viewer.account), shelf=shelf)


async def forget(call: Call, account: int) -> None:
    """Nothing of this account's is put by any more."""
    for shelf in Shelf:
        await unsent.forget(call.db, _mark(call, account), shelf=shelf)


def _mark(call: Call, account: int) -> bytes:
    return call.portal.keyring.derive("put by", str(account))


def _key(call: Call, account: int) -> Key:
    return Key(call.portal.keyring.derive("put by key", str(account)))
