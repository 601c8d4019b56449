"""Devices that signed in before, all the way: known by a mark in a cookie, which nobody else can make and which tells nothing.

A mark belongs to one account and opens nothing. Whoever has it waits in a line apart from strangers, and what strangers try at
the account is not held against it. Several people may use one device: the cookie holds the marks of the last few.
"""

import hmac
import re
import secrets

from portal.access.rules import DEVICE_HOLDS
from portal.call import Call

MOST = 8
BETWEEN = "~"
MARK = re.compile(r"(?P<nonce>[0-9a-f]{16})\.(?P<day>[0-9]{1,7})\.(?P<seal>[0-9a-f]{32})")


def known_device(call: Call, login: str, cookie: str | None) -> str:
    """What tells this device from the account's other ones; empty where it is not known, or was not used for half a year."""
    for mark in _marks(cookie):
        nonce, day = mark["nonce"], int(mark["day"])
        ours = hmac.compare_digest(mark["seal"], _seal(call, login, nonce, day))
        if ours and call.today.toordinal() - day <= DEVICE_HOLDS.days:
            return nonce
    return ""


def marked(call: Call, login: str, cookie: str | None) -> str:
    """The cookie with a fresh mark for this account before those that it had."""
    nonce, day = known_device(call, login, cookie) or secrets.token_hex(8), call.today.toordinal()
    others = [mark[0] for mark in _marks(cookie) if mark["nonce"] != nonce]
    return BETWEEN.join([f"{nonce}.{day}.{_seal(call, login, nonce, day)}", *others[: MOST - 1]])


def _marks(cookie: str | None) -> list[re.Match[str]]:
    parts = (cookie or "").split(BETWEEN, MOST)[:MOST]
    return [mark for part in parts if (mark := MARK.fullmatch(part))]


def _seal(call: Call, login: str, nonce: str, day: int) -> str:
    return call.portal.keyring.derive("device", login, nonce, str(day)).hex()[:32]
