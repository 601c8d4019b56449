"""Whether the address that boards carry really leads here. Until it does, boards are printed as a trial (试印)."""

import httpx

from portal.call import Call

PATH = "/about/instance"
SECONDS = 3.0


def instance(call: Call) -> str:
    """A mark of this portal that another one cannot give: what :data:`PATH` answers."""
    return call.portal.keyring.derive("instance").hex()[:32]


async def answers(call: Call) -> bool:
    """Whether boards may be printed for real: an address is set, this is no demo, and the address answers as us."""
    settings = call.portal.settings
    if settings.demo or settings.public_url is None:
        return False
    try:
        async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
            answer = await client.get(settings.address + PATH)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK and answer.text == instance(call)
