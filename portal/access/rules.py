"""How long to wait after failures, what a password must be, which part of the network an address belongs to."""

import re
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from portal.terms import Text, say

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# How long after its last sign of life it is still known whose a session was, so that a form left open is not lost
KNOWN_AFTER = timedelta(hours=24)
ON_SITE = timedelta(hours=2)
LINK_HOLDS = {"invitation": timedelta(days=3), "reset": timedelta(minutes=10), "site": timedelta(minutes=15)}
LONGEST_ABSENCE = timedelta(days=180)
ASK_HOLDS = timedelta(days=3)
DEVICE_HOLDS = timedelta(days=180)
NAT64 = IPv6Network("64:ff9b::/96")
NO_PASSWORD = "!"  # noqa: S105 - what stands where none was chosen yet: no hash, so nothing fits it
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128


def unfit(password: str, *, login: str) -> Text | None:
    """What is wrong with a new password as it is typed, or None; no composition rules, no expiry. How easily it is guessed is
    estimated apart (:func:`portal.access.guessing.weakness`).
    """
    if len(password) < SHORTEST_PASSWORD:
        return say("密码至少 {n} 个字符；可以把几个不相干的词的拼音连起来，再加数字。", n=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        return say("密码最多 {n} 个字符。", n=LONGEST_PASSWORD)
    if login.casefold() in password.casefold():
        return say("密码里不要包含登录名。")
    return None


def network(address: str) -> str:
    """The network that an address counts as, however it is written: its /24, or its /56 in IPv6.

    With or without port, brackets, zone; IPv4 also where it is written as IPv6 (mapped, NAT64, 6to4). What is no address is
    one network with everything else that is none.
    """
    text = address.strip()
    if bracketed := re.match(r"\[([^\]]*)\](?::\d*)?\Z", text):
        text = bracketed[1]
    elif re.fullmatch(r"[\d.]+:\d*", text):
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0].partition("/")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        within = found.ipv4_mapped or found.sixtofour or (IPv4Address(int(found) & 0xFFFFFFFF) if found in NAT64 else None)
        if within is None:
            return str(IPv6Network((found.packed, 56), strict=False))
        found = within
    return str(IPv4Network((found.packed, 24), strict=False))


def manages(administers: Iterable[str], paths: Iterable[str | None]) -> bool:
    """Whether an administrator of these areas may manage an account whose grants lie at ``paths``.

    All of them must lie below: otherwise the administrator of a town could take over an account of its district. A grant that
    lies nowhere is a matter of the whole portal.
    """
    areas = tuple(administers)
    return all(any((path or "/").startswith(area) for area in areas) for path in paths)
