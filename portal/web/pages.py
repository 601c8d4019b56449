"""Answering: a page, or only the part of it that htmx asked for; and going on to another page after a form."""

import hmac
from typing import Any

from litestar import Litestar
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.response import Redirect, Response
from litestar.response.base import ASGIResponse
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_429_TOO_MANY_REQUESTS
from markupsafe import Markup

from portal.budgets.throttle import TooSoon
from portal.budgets.turns import QueueFull
from portal.errors import Refused
from portal.terms import say
from portal.viewer import Role
from portal.web.bodies import TOKEN_FIELD, token
from portal.web.headings import with_headings
from portal.web.requests import AnyConnection, AnyRequest, known_of, viewer_of, web_of
from portal.web.sessions import cookie, form_cookie

PRIVATE = {"cache-control": "no-store", "vary": "Cookie, HX-Request"}
# What a page says after a form, by the act that was done: never two acts by one sentence
SAID = {
    "jurisdiction_created": say("辖区已新增"),
    "jurisdiction_changed": say("辖区名称已修改"),
    "jurisdiction_ended": say("辖区已登记停用"),
    "unit_created": say("部门已新增"),
    "unit_changed": say("部门信息已修改"),
    "unit_ended": say("部门已登记停用"),
    "grid_created": say("网格已新增"),
    "grid_changed": say("网格信息已修改"),
    "grid_ended": say("网格已登记撤销"),
    "grid_reopened": say("网格已重新启用"),
    "person_created": say("人员已新增"),
    "person_changed": say("人员信息已修改"),
    "person_ended": say("已登记离岗"),
    "enterprise_created": say("单位已新增"),
    "enterprise_changed": say("单位信息已修改"),
    "enterprise_ended": say("单位已登记停用"),
    "enterprise_reopened": say("单位已重新启用"),
    "facts_stated": say("单位情况已登记"),
    "charge_assigned": say("条线监管责任已登记"),
    "appointed": say("任职已登记"),
    "dismissed": say("离任已登记"),
    "handed_over": say("岗位已移交"),
    "dates_corrected": say("日期已更正"),
    "interest_declared": say("利害关系已登记"),
    "interest_ended": say("结束回避已登记"),
    "refined": say("本地更严规定已登记"),
    "letter_written": say("委托书已登记"),
    "letter_ended": say("委托书终止已登记"),
    "refinement_ended": say("本地更严规定已登记停用"),
    "mapped": say("与安全网格的关联已保存"),
    "deed_written": say("履职记录已登记"),
    "deed_withdrawn": say("履职记录已撤回"),
    "excused": say("原因说明已提交"),
    "excuse_withdrawn": say("原因说明已撤回"),
    "board_issued": say("公示牌已签发"),
    "board_hung": say("已确认墙上换成新版"),
    "board_revoked": say("公示牌已作废"),
    "boards_queued": say("已开始批量生成公示牌"),
    "boards_stopping": say("正在停止，已经生成的文件会删除"),
    "import_stopping": say("正在停止，已处理的内容会全部还原"),
    "import_dropped": say("已放弃这张表，没有导入任何内容"),
    "filed": say("网格备案已报送"),
    "filing_accepted": say("已予以备案"),
    "filing_returned": say("已退回报送"),
    "filing_withdrawn": say("已撤回报送"),
    "case_accept": say("来件已受理"),
    "case_turned": say("来件已转办"),
    "case_refuse": say("来件已告知不予受理"),
    "case_answer": say("来件已答复"),
    "case_close": say("来件已办结"),
    "complaint_accept": say("投诉已受理"),
    "complaint_refuse": say("投诉已告知不予受理"),
    "complaint_ask": say("已请投诉人补充情况"),
    "complaint_answer": say("投诉已答复"),
    "complaint_close": say("投诉已办结"),
    "complaint_moved": say("投诉已转给另一部门受理"),
    "stood_back": say("已对这件投诉回避"),
    "sheet_made": say("转办单已生成"),
    "glass_confirmed": say("已确认共同查看，投诉列在下面"),
    "account_created": say("账号已新建"),
    "account_granted": say("账号权限已增加"),
    "account_ungranted": say("账号权限已收回"),
    "link_made": say("设置密码的链接已生成"),
    "account_signed_out": say("账号已退出全部设备"),
    "account_unbound": say("二次验证已解除，下次登录时重新绑定"),
    "account_disabled": say("账号已停用"),
    "account_enabled": say("账号已恢复"),
    "asked": say("申请已提交，待另一人确认"),
    "ask_confirmed": say("申请已确认，现已生效"),
    "ask_declined": say("已不同意这项申请"),
    "ask_withdrawn": say("申请已撤回"),
    "password_changed": say("密码已修改，其他设备上的登录已退出"),
    "password_chosen": say("密码已设置，请用新密码登录"),
    "device_signed_out": say("已退出该设备"),
    "cover_asked": say("已请同事代办"),
    "cover_ended": say("代办已结束"),
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


def render(connection: AnyConnection, template: str, **context: Any) -> str:
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
        "said": _said(connection),
    }
    return with_headings(web.env.get_template(template).render(context))


def page(
    request: AnyRequest,
    template: str,
    *,
    part: str | None = None,
    status: int = HTTP_200_OK,
    **context: Any,
) -> Html:
    """The page, or its ``part`` where htmx asks for that. Never kept by a cache: it may be somebody's own."""
    name = part if part is not None and wants_part(request) else template
    text = render(request, name, **context)
    return Response(text, media_type=MediaType.HTML, status_code=status, headers=PRIVATE, cookies=form_cookies(request))


async def late(request: AnyRequest, answer: Html, refusal: Refused | None) -> Html:
    """The answer, as "later" where the refusal was none of a rule's: after a while, and with when to ask again."""
    if isinstance(refusal, TooSoon | QueueFull):
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
        return Done(address, said, cookies or [])
    return Redirect(address, status_code=HTTP_303_SEE_OTHER, headers=PRIVATE, cookies=cookies or [])


class Done(Redirect):
    """On to a page that says what was done: only this page, and only to whoever did it. Anybody can type an address, or pass
    one on in which a success is told.
    """

    __slots__ = ("said",)

    def __init__(self, path: str, said: str, cookies: list[Cookie]) -> None:
        super().__init__(path, status_code=HTTP_303_SEE_OTHER, headers=PRIVATE, cookies=cookies)
        self.said = said

    def to_asgi_response(self, app: Litestar | None, request: AnyRequest, **how: Any) -> ASGIResponse:
        """Say it in the address, with the mark of whoever asked."""
        path, _, query = self.url.partition("?")
        told = f"said={self.said}.{_mark(request, path, self.said)}"
        self.url = f"{path}?{query}&{told}" if query else f"{path}?{told}"
        return super().to_asgi_response(app, request, **how)


def _said(connection: AnyConnection) -> str | None:
    """What was done before this page, where its address says so with the mark of this very visitor."""
    said, _, mark = connection.query_params.get("said", "").partition(".")
    if said not in SAID or not hmac.compare_digest(mark.encode(), _mark(connection, connection.scope["path"], said).encode()):
        return None
    return SAID[said]


def _mark(connection: AnyConnection, path: str, said: str) -> str:
    return web_of(connection).portal.keyring.derive("said", token(connection), path, said).hex()[:16]


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
