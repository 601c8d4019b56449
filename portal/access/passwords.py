"""Hashing and checking passwords with argon2id: off the event loop, few at a time, and checking after what pages need."""

import asyncio
import os
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache

from pwdlib import PasswordHash

from portal.access.guessing import weakness
from portal.budgets.turns import Turns
from portal.call import Call
from portal.errors import Refused

# Each of them keeps all cores busy for a while. Whoever tries numbers keeps no report waiting; nor whoever guesses at strangers'
# passwords a look-up, and neither of them a device that signed in before
MAKING, CHECKING = Turns(2), Turns(1, most=200)
KNOWN, RECEIPTS, STRANGERS = "known devices", "receipts", "strangers"
_NICENESS = 3


def _after_pages() -> None:
    # Of a thread that is the thread's own matter on Linux, and what it starts inherits it; elsewhere it is left out
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


_MAKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="making")
_CHECKERS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checking", initializer=_after_pages)


# What guessing at a stored hash costs (argon2id, the second of RFC 9106's two choices)
DEAR = PasswordHash.recommended()
_hasher = DEAR


def hash_by(hasher: PasswordHash) -> None:
    """Let this process hash in another way than :data:`DEAR`. For tests, which make accounts by the thousand: whatever is stored
    says itself how it was hashed.
    """
    global _hasher
    _hasher = hasher


@cache
def _decoy(hasher: PasswordHash) -> str:
    return hasher.hash(secrets.token_urlsafe(16))


async def hashed(password: str, *, rank: float = 0) -> str:
    """The argon2id hash that is stored. Nobody who waits for it gives way; ``rank`` says who comes first (:class:`Turns`)."""
    async with MAKING.turn(rank):
        return await asyncio.get_running_loop().run_in_executor(_MAKERS, _hasher.hash, password)


async def fits(password: str, stored: str | None, *, line: str = KNOWN, rank: float = 0) -> bool:
    """Whether the password fits; takes the same time where there is no account (``stored`` None).

    :class:`Busy` where the ``line`` is filled by others who had less of it: nothing was checked.
    """
    async with CHECKING.turn(rank, line):
        right = await asyncio.get_running_loop().run_in_executor(_CHECKERS, _hasher.verify, password, stored or _decoy(_hasher))
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
