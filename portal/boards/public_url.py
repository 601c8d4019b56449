"""Whether the address that boards carry really leads here. Until it does, boards are printed as a trial (试印)."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from portal.call import Call
from portal.settings import Settings
from portal.terms import Text, say

PATH = "/about/instance"
SECONDS = 3.0
# Names that the public internet does not know: RFC 6761, 6762, 8375 and ICANN's reservation of .internal; the rest is custom
PRIVATE = (
    "localhost",
    "local",
    "lan",
    "home",
    "corp",
    "intranet",
    "internal",
    "private",
    "home.arpa",
    "test",
    "example",
    "invalid",
)


def instance(call: Call) -> str:
    """A mark of this portal that another one cannot give: what :data:`PATH` answers."""
    return call.portal.keyring.derive("instance").hex()[:32]


async def only_trial(call: Call) -> Text | None:
    """Why boards can be printed as a trial only; None where they may be printed for real.

    For real means: this is no demo, an address is set that a phone in the street can open, and it answers as us.
    """
    return unfit(call.portal.settings) or await leads_elsewhere(call)


def unfit(settings: Settings) -> Text | None:
    """Why an address is not fit for a wall, whatever answers there."""
    if settings.demo:
        return say("这是示例网站")
    if settings.public_url is None:
        return say("没有设置 public_url")
    host = (urlsplit(settings.public_url).hostname or "").rstrip(".").lower()
    if _is_number(host) or host == "localhost":
        return say("{url} 不是域名，换了机器或网络，印出的公示牌就打不开了；请用域名", url=settings.address)
    if _is_private(host) and not settings.readers_inside:
        return say(
            "{url} 只在内网能打开，街上的手机打不开；看牌的人都在这个内网的，请设 readers_inside = true", url=settings.address
        )
    return None


async def leads_elsewhere(call: Call) -> Text | None:
    """What is wrong with what answers at the address."""
    address = call.portal.settings.address
    try:
        async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
            answer = await client.get(address + PATH)
    except httpx.HTTPError:
        return say("{url} 打不开，先启动网站并检查域名和代理", url=address)
    if answer.status_code != httpx.codes.OK or answer.text != instance(call):
        return say("{url} 打开的不是本网站，请检查域名和代理", url=address)
    return None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit()
    return True


def _is_private(host: str) -> bool:
    return "." not in host or any(host == one or host.endswith("." + one) for one in PRIVATE)
