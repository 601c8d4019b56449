"""Answering: a page, or only the part of it that htmx asked for; and going on to another page after a form."""

from typing import Any

from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.response import Redirect, Response
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_429_TOO_MANY_REQUESTS
from markupsafe import Markup

from portal.access.throttle import TooSoon
from portal.access.turns import Busy
from portal.errors import Refused
from portal.terms import DEED, say
from portal.viewer import Role
from portal.web.bodies import TOKEN_FIELD, token
from portal.web.requests import AnyConnection, AnyRequest, known_of, viewer_of, web_of
from portal.web.sessions import cookie, form_cookie

PRIVATE = {"cache-control": "no-store", "vary": "Cookie, HX-Request"}
SAID = {
    **DEED,
    "saved": say("已保存"),
    "sent": say("已提交"),
    "queued": say("已开始"),
    "stopping": say("正在停下，做到一半的会全部还原"),
}
Html = Response[str]
BUSY_SECONDS = 5


def wants_part(request: AnyRequest) -> bool:
    """Whether htmx asks for a part of a page (not for a whole one that it will swap in)."""
    headers = request.headers
    return (
        headers.get("hx-request") == "true"
        and headers.get("hx-boosted") != "true"
        and headers.get("hx-history-restore-request") != "true"
    )


def render(connection: AnyConnection, template: str, **context: Any) -> str:  # noqa: ANN401 - whatever the template needs
    """The text of a template with what all templates may use."""
    web = web_of(connection)
    viewer = viewer_of(connection)
    known = known_of(connection)

    def hidden() -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN_FIELD, token(connection))

    context |= {
        "viewer": viewer,
        "signed_in": viewer.signed_in,
        "must_change": known is not None and known.must_change,
        "roles": {role.value for role in viewer.roles},
        "door": door(viewer.roles),
        "settings": web.portal.settings,
        "book": web.portal.book,
        "safe": web.portal.safe,
        "asleep": sorted(web.portal.asleep),
        "unadopted": web.portal.unadopted,
        "token_field": hidden,
        "path": connection.scope["path"],
        "said": SAID.get(connection.query_params.get("said", "")),
    }
    return web.env.get_template(template).render(context)


def page(
    request: AnyRequest,
    template: str,
    *,
    part: str | None = None,
    status: int = HTTP_200_OK,
    **context: Any,  # noqa: ANN401
) -> Html:
    """The page, or its ``part`` where htmx asks for that. Never kept by a cache: it may be somebody's own."""
    name = part if part is not None and wants_part(request) else template
    text = render(request, name, **context)
    return Response(text, media_type=MediaType.HTML, status_code=status, headers=PRIVATE, cookies=form_cookies(request))


async def late(request: AnyRequest, answer: Html, refusal: Refused | None) -> Html:
    """The answer, as "later" where the refusal was none of a rule's: after a while, and with when to ask again."""
    if isinstance(refusal, TooSoon | Busy):
        seconds = refusal.seconds if isinstance(refusal, TooSoon) else BUSY_SECONDS
        answer.status_code = HTTP_429_TOO_MANY_REQUESTS
        answer.headers["retry-after"] = str(seconds)
        await web_of(request).patience.hold(seconds)
    return answer


def form_cookies(connection: AnyConnection) -> list[Cookie]:
    """The cookie that binds this visitor's forms to their browser, where it is new."""
    state = connection.scope["state"]
    if not state.get("set_form_nonce"):
        return []
    web = web_of(connection)
    return [cookie(web, form_cookie(web), state["form_nonce"])]


def go(address: str, said: str = "", *, cookies: list[Cookie] | None = None) -> Redirect:
    """On to another page after a form (303), which then says what was done."""
    if said:
        address += ("&" if "?" in address else "?") + f"said={said}"
    return Redirect(address, status_code=HTTP_303_SEE_OTHER, headers=PRIVATE, cookies=cookies or [])


def door(roles: frozenset[Role]) -> str:
    """The first page of the door that an account comes in by."""
    for role, address in (
        (Role.ADMINISTRATOR, "/office"),
        (Role.OFFICE, "/office"),
        (Role.INSPECTOR, "/field"),
        (Role.CUSTODIAN, "/custody"),
        (Role.ENTERPRISE, "/enterprise"),
    ):
        if role in roles:
            return address
    return "/account"
