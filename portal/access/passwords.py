"""Hashing and checking passwords with argon2id, a few at a time, off the event loop."""

import asyncio
import secrets
from functools import cache

from pwdlib import PasswordHash

from portal.access.guessing import weakness
from portal.call import Call
from portal.errors import Refused
from portal.terms import say

_AT_ONCE = 2
_MOST_WAITING = 24
_gates: dict[tuple[int, str], asyncio.Semaphore] = {}
_waiting = 0


class Busy(Refused):
    """Too many are being checked already; nothing was checked."""


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def _gate(work: str) -> asyncio.Semaphore:
    """Making has a gate of its own: whoever tries numbers must not keep a report waiting."""
    return _gates.setdefault((id(asyncio.get_running_loop()), work), asyncio.Semaphore(_AT_ONCE))


async def hashed(password: str) -> str:
    """The argon2id hash that is stored."""
    async with _gate("make"):
        return await asyncio.to_thread(_hasher().hash, password)


async def fits(password: str, stored: str | None) -> bool:
    """Whether the password fits; takes the same time where there is no account (``stored`` None).

    :class:`Busy` where so many wait already that this one would wait for seconds.
    """
    global _waiting  # noqa: PLW0603 - one queue a process
    if _waiting >= _MOST_WAITING:
        raise Busy(say("现在查询和登录的人太多，请过几秒再试。"))
    _waiting += 1
    try:
        async with _gate("check"):
            right = await asyncio.to_thread(_hasher().verify, password, stored or _decoy())
    finally:
        _waiting -= 1
    return right and stored is not None


# Places down to towns and the offices, the largest first: what people of an office put before a few digits
NAMES = """
    (select name from jurisdiction where kind not in ('village', 'community') order by length(path), id limit 4000)
    union all (select j.name from jurisdiction j where exists (
        select from access_grant g join account a on a.id = g.account left join unit u on u.id = g.unit
            left join jurisdiction uj on uj.id = u.jurisdiction left join person p on p.id = a.person
            left join jurisdiction pj on pj.id = p.jurisdiction left join enterprise e on e.id = g.enterprise
            left join jurisdiction ej on ej.id = e.division
        where a.login = $1 and starts_with(j.path, coalesce(g.area, uj.path, ej.path, pj.path))) limit 2000)
    union all (select u.name from unit u join jurisdiction j on j.id = u.jurisdiction order by length(j.path), u.id limit 4000)
    union all select p.name from account a join person p on p.id = a.person where a.login = $1
    union all select e.name from access_grant g join account a on a.id = g.account join enterprise e on e.id = g.enterprise
        where a.login = $1
"""


async def refuse_weak(call: Call, password: str, *, login: str, name: str, field: str) -> None:
    """:class:`Refused` at ``field`` where a new password is too short, or easy to guess by who knows its owner and the places."""
    names = [row["name"] for row in await call.db.rows(NAMES, login)]
    if weak := await asyncio.to_thread(weakness, password, login=login, names=(name, *names)):
        raise Refused(weak, field=field)


def invented() -> str:
    """A password for one's first sign-in: easy to read aloud over a telephone, hard to guess."""
    return "-".join("".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(4)) for _ in range(4))
