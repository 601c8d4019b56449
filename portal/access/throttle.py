"""Slowing whoever guesses: failures are counted per account, device or network under a keyed hash; no address is kept."""

from portal.access import rules
from portal.call import Call
from portal.errors import Refused
from portal.terms import Text, say

TOO_SOON = say("尝试过于频繁，请等 {n} 秒后再试。账号没有被锁定。")


class TooSoon(Refused):
    """The next try counts only after a wait; nothing was checked."""


def network_key(call: Call, purpose: str, address: str) -> str:
    """The key under which tries from an address's network are counted."""
    return call.portal.keyring.derive("throttle", purpose, rules.network(address)).hex()


async def count(call: Call, key: str, *, free: int = 0, text: Text = TOO_SOON) -> None:
    """Count a try as failed until :func:`forget` says otherwise; :class:`TooSoon` where the last one was too short ago.

    The first ``free`` failures cost no wait; then it is 1, 2, 4 … 30 seconds.
    """
    counted = await call.db.value(
        """
        insert into sign_in_throttle as t (key, failures, last_at) values ($1, 1, $2)
        on conflict (key) do update set failures = t.failures + 1, last_at = $2
        where t.failures <= $4 or t.last_at + make_interval(secs => least($3, power(2, least(t.failures - $4, 20) - 1))) <= $2
        returning failures
        """,
        key, call.now, float(rules.LONGEST_WAIT), free,
    )  # fmt: skip
    if counted is None:
        failures = await call.db.value("select failures from sign_in_throttle where key = $1", key)
        raise TooSoon(say(text.msgid, n=rules.wait((failures or 1) - free)))


async def uncount(call: Call, key: str) -> None:
    """The try was right: it is as if it had not been made, but the failures of others under the key still count."""
    await call.db.rows(
        "update sign_in_throttle set failures = failures - 1, last_at = last_at - make_interval(secs => $2) where key = $1",
        key, float(rules.LONGEST_WAIT),
    )  # fmt: skip


async def forget(call: Call, key: str) -> None:
    """The try was right: nothing is held against the next one."""
    await call.db.rows("delete from sign_in_throttle where key = $1", key)
