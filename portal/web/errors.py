"""What people see when something goes wrong: in Chinese, with a number to call, an id to tell us, and no trace."""

import logging
import re
import secrets
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import quote

import asyncpg
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.response import Redirect, Response
from litestar.status_codes import (
    HTTP_303_SEE_OTHER,
    HTTP_400_BAD_REQUEST,
    HTTP_403_FORBIDDEN,
    HTTP_404_NOT_FOUND,
    HTTP_405_METHOD_NOT_ALLOWED,
    HTTP_408_REQUEST_TIMEOUT,
    HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    HTTP_422_UNPROCESSABLE_ENTITY,
    HTTP_500_INTERNAL_SERVER_ERROR,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from portal.errors import Busy, NotVisible, Refused, Unavailable
from portal.scheme import national
from portal.storage.troubles import refusal, unavailable
from portal.terms import Text, say
from portal.web.guards import CHANGE_PASSWORD, SECOND, MustChange, MustConfirm, NotNow, TooLate
from portal.web.pages import PRIVATE, render
from portal.web.requests import AnyRequest

logger = logging.getLogger("portal")
RETRY_SECONDS = 600
AGAIN_SECONDS = 30
HOTLINE = re.compile(r"(?<!\d)\d{5}(?!\d)")

TOLD = {
    HTTP_400_BAD_REQUEST: (say("提交的内容无法识别"), say("没有保存。请返回上一页重试；那里如果空了，要重新填写。")),
    HTTP_403_FORBIDDEN: (say("操作没有完成"), say("请返回上一页刷新后重试。")),
    HTTP_404_NOT_FOUND: (say("没有找到这个页面"), say("可能是地址输错了，或者您无权查看。")),
    HTTP_405_METHOD_NOT_ALLOWED: (say("没有找到这个页面"), say("可能是地址输错了，或者您无权查看。")),
    HTTP_408_REQUEST_TIMEOUT: (say("提交的内容没有完整到达"), say("没有保存。请返回上一页重试；那里如果空了，要重新填写。")),
    HTTP_413_REQUEST_ENTITY_TOO_LARGE: (say("内容过大，上传失败"), say("请返回上一页，减少照片或选小一些的文件。")),
    HTTP_422_UNPROCESSABLE_ENTITY: (say("暂不能办理"), say("请返回上一页。")),
    HTTP_500_INTERNAL_SERVER_ERROR: (say("网站出了故障"), say("不是您的问题。请稍后再试；事情紧急，请直接拨打电话。")),
    HTTP_503_SERVICE_UNAVAILABLE: (
        say("暂时不能在线办理"),
        say("请稍后再试。刚才若在提交，可能没有成功，请返回上一页看一看；事情紧急，请直接拨打电话。"),
    ),
}

OUR_DETAIL = frozenset(
    {
        HTTP_400_BAD_REQUEST,
        HTTP_403_FORBIDDEN,
        HTTP_408_REQUEST_TIMEOUT,
        HTTP_413_REQUEST_ENTITY_TOO_LARGE,
        HTTP_503_SERVICE_UNAVAILABLE,
    }
)


def http_error(request: AnyRequest, error: HTTPException) -> Response[str]:
    """An answer for what Litestar or our guards refused."""
    if isinstance(error, NotAuthorizedException):
        return _to_sign_in(request, error)
    if isinstance(error, NotNow):
        return _not_now(request)
    status = error.status_code if error.status_code in TOLD else HTTPStatus(error.status_code // 100 * 100).value
    ours = error.detail if status in OUR_DETAIL else ""
    return answer(request, status, ours if any(ord(letter) > 0x2E80 for letter in ours) else "")


def not_visible(request: AnyRequest, _: NotVisible) -> Response[str]:
    """What does not exist for this viewer."""
    return answer(request, HTTP_404_NOT_FOUND)


def refused(request: AnyRequest, error: Refused) -> Response[str]:
    """A rule that said no where no form could show it."""
    return answer(request, HTTP_422_UNPROCESSABLE_ENTITY, error.text)


def unexpected(request: AnyRequest, error: Exception) -> Response[str]:
    """A mistake of ours: logged with an id that the reader sees, nothing of it shown."""
    if (why := unavailable(error)) is not None:
        logger.error("the database takes nothing at %s %s: %r", request.method, request.scope.get("path_template", "?"), error)
        return _later(request, why)
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        with suppress(asyncpg.IntegrityConstraintViolationError):
            return refused(request, refusal(error))
    if isinstance(error, asyncpg.LockNotAvailableError):
        return refused(request, Busy(say("另一位工作人员正在改动这里，这次没有保存。请过一会儿返回上一页再提交一次。")))
    mark = secrets.token_hex(4)
    status = HTTP_500_INTERNAL_SERVER_ERROR
    logger.error("error %s at %s %s", mark, request.method, request.scope.get("path_template", "?"), exc_info=error)
    return answer(request, status, mark=mark)


def away(request: AnyRequest, error: Unavailable) -> Response[str]:
    """The database takes nothing now."""
    return _later(request, error.text)


def _later(request: AnyRequest, why: Text) -> Response[str]:
    """The same may be tried again in a moment."""
    said = answer(request, HTTP_503_SERVICE_UNAVAILABLE, why)
    said.headers["retry-after"] = str(AGAIN_SECONDS)
    return said


def answer(request: AnyRequest, status: int, detail: str = "", *, mark: str = "") -> Response[str]:
    """The error page."""
    title, advice = TOLD.get(status, TOLD[HTTP_400_BAD_REQUEST])
    try:
        # Who is told a number to call gets no other one beside it
        named = HOTLINE.search(detail) is not None
        text = render(
            request, "errors/error.html", title=title, advice=advice, detail=detail, mark=mark, status=status, named=named
        )
    except Exception:
        logger.exception("the error page itself failed")
        text = f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1><p>{advice} 12345"
    # What is still to come of a body that came too slowly is not waited for
    headers = PRIVATE | {"connection": "close"} if status == HTTP_408_REQUEST_TIMEOUT else PRIVATE
    return Response(text, media_type=MediaType.HTML, status_code=status, headers=headers)


def _not_now(request: AnyRequest) -> Response[str]:
    text = render(request, "errors/safe.html", hotlines=list(national.HOTLINES.values())[:2])
    headers = {**PRIVATE, "retry-after": str(RETRY_SECONDS)}
    return Response(text, media_type=MediaType.HTML, status_code=HTTP_503_SERVICE_UNAVAILABLE, headers=headers)


def _to_sign_in(request: AnyRequest, error: NotAuthorizedException) -> Response[str]:
    match error:
        case MustConfirm():
            target = SECOND
        case MustChange():
            target = f"{CHANGE_PASSWORD}?first=yes"
        case TooLate(kept=kept):
            target = f"/sign-in?late={'kept' if kept else 'lost'}"
        case _:
            target = f"/sign-in?next={quote(request.scope['path'])}"
    if request.headers.get("hx-request") == "true":
        return Response("", media_type=MediaType.HTML, status_code=200, headers={**PRIVATE, "hx-redirect": target})
    return Redirect(target, status_code=HTTP_303_SEE_OTHER, headers=PRIVATE)


HANDLERS = {
    HTTPException: http_error,
    NotVisible: not_visible,
    Refused: refused,
    Unavailable: away,
    Exception: unexpected,
}
