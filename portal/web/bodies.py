"""Reading what a form brought, whatever its encoding and however broken, and refusing what did not come from our page.

Litestar's own reader answers 500 where a text field is not UTF-8; old Chinese browsers and tools still send GBK. Here
text is read as UTF-8, else as GB 18030, and a body that cannot be read is a 400 that says so.
"""

import hmac
import io
import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import parse_qsl, urlsplit

from litestar.exceptions import ClientException, HTTPException, InternalServerException, PermissionDeniedException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from portal.terms import say
from portal.web.arriving import ArrivingForm
from portal.web.requests import PUT_BY, AnyConnection, AnyRequest, known_of, pass_of, web_of, who_of
from portal.web.sessions import cookies, form_cookie

TOKEN_FIELD = "_token"  # noqa: S105 - the name of a field
MEGABYTE = 1024 * 1024
MOST_BODY = MEGABYTE
MOST_PARTS = 400
# What is written, where there is no more room
MOST_WORDS = 64 * 1024
MULTIPART = "multipart/form-data"
# How many times the limit is read of a body that is too large, so that its answer is read
DRAINED = 2
# The field of a form whose browser keeps no cookies
COOKIELESS = "cookieless"
IN_MEMORY = 512 * 1024
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass
class Upload:
    """A file of a form. Its name is the client's and is never used for anything but telling the reader."""

    name: str
    file: IO[bytes]

    def read(self) -> bytes:
        """All its bytes."""
        self.file.seek(0)
        return self.file.read()


@dataclass
class Body:
    """The fields and files of a form, as WTForms and our handlers read them. ``left_out``: there was no room for its photos.
    ``trouble``: why it was not taken as it came, where its route shows it again, with what did come; ``foreign``: it bears no
    mark of ours, nor does the browser say that a page of ours sent it.
    """

    fields: dict[str, list[str]] = field(default_factory=dict)
    uploads: dict[str, list[Upload]] = field(default_factory=dict)
    arrived: ArrivingForm | None = None
    left_out: bool = False
    trouble: str = ""
    foreign: bool = False

    def getlist(self, name: str) -> list[str]:
        """All values of a field: what WTForms asks for."""
        return self.fields.get(name, [])

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return next(iter(self.fields.get(name, ())), default)

    def files(self, name: str) -> list[Upload]:
        """The files of a field that were really chosen."""
        return self.uploads.get(name, [])

    def close(self) -> None:
        """Let go of the files."""
        for uploads in self.uploads.values():
            for upload in uploads:
                upload.file.close()
        if self.arrived is not None:
            self.arrived.close()

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


class NotShownAgain(HTTPException):
    """A form that was put by cannot be shown by its own route."""


class TooLarge(HTTPException):
    """The body is larger than this route takes."""

    status_code = HTTP_413_REQUEST_ENTITY_TOO_LARGE


async def take_body(request: AnyRequest) -> None:
    """Before every handler that may write: refuse foreign requests, read the form, check that it came from our page."""
    if request.method in SAFE:
        return
    opt, hand = request.route_handler.opt, pass_of(request)
    again = bool(opt.get("shown_again"))
    if (put_by := request.scope["state"].get(PUT_BY)) is not None:
        if not again:
            raise NotShownAgain
        late = say("刚才提交时，登录已经过期，没有提交。下面是您填写的内容；后来没有另外提交过的，请核对后再提交。")
        if put_by.files:
            late = say("{late}选过的文件没有保存，请重新选。", late=late)
        request.scope["state"]["body"] = Body({**put_by.fields}, trouble=late)
        return
    had = hand.held
    body = request.scope["state"]["body"] = await read_body(request)
    # What only opens a form writes nothing, and stands on pages that are kept for everybody
    if opt.get("opens_a_form"):
        return
    if had:
        await hand.take()
    if not _from_our_page(request, body, again=again):
        if not again:
            raise PermissionDeniedException(say("这个页面打开太久，或不是从本网站提交的，操作没有完成。请返回上一页刷新后重试。"))
        body.foreign = not from_here(request)
        body.trouble = body.trouble or say(
            "浏览器没有带回本网站的标记（可能清除过），这一步还没有继续。填写的内容还在，请再按一次。"
        )
    # Whoever gets in here waits in lines of their own
    hand.let_go()


async def read_body(request: AnyRequest) -> Body:
    """The form that a request brings, as far as its route takes it; nothing of it is judged but that no foreign site sent it."""
    _same_site(request)
    opt = request.route_handler.opt
    photos_wait = bool(opt.get("photos_wait")) and _kind(request)[0] == MULTIPART
    form = web_of(request).arriving.form(who_of(request), photos_wait=photos_wait)
    # It comes as slowly as somebody's line is
    pass_of(request).let_go()
    try:
        body = await _read(request, form, int(opt.get("most_body", MOST_BODY)), again=bool(opt.get("shown_again")))
    except BaseException:
        form.close()
        raise
    body.arrived = form
    return body


def _from_our_page(request: AnyRequest, body: Body, *, again: bool) -> bool:
    """Whether a form bears the mark of a page of ours; where a browser keeps no cookies, what it says of itself must do."""
    if hmac.compare_digest(body.get(TOKEN_FIELD).encode(), _expected(request).encode()):
        return True
    return again and bool(body.get(COOKIELESS)) and from_here(request)


def body_of(request: AnyRequest) -> Body:
    """The form of this request."""
    body: Body = request.scope["state"]["body"]
    return body


def token(connection: AnyConnection) -> str:
    """The value that this visitor's forms carry; an anonymous visitor's is bound to a cookie that the answer sets."""
    known = known_of(connection)
    if known is not None:
        return known.csrf
    state = connection.scope["state"]
    if "form_nonce" not in state:
        kept = cookies(connection.scope).get(form_cookie(web_of(connection)), "")
        state["form_nonce"] = kept if re.fullmatch(r"[\w-]{20,40}", kept) else secrets.token_urlsafe(18)
        state["set_form_nonce"] = state["form_nonce"] != kept
    return _mark(connection, state["form_nonce"])


def _mark(connection: AnyConnection, nonce: str) -> str:
    return web_of(connection).portal.keyring.derive("form token", nonce).hex()[:40]


def _expected(request: AnyRequest) -> str:
    known = known_of(request)
    if known is not None:
        return known.csrf
    nonce = cookies(request.scope).get(form_cookie(web_of(request)), "")
    return _mark(request, nonce) if nonce else secrets.token_hex(20)


def from_here(request: AnyRequest) -> bool:
    """Whether the browser itself says that a page of ours sent this; old ones say nothing."""
    return request.headers.get("sec-fetch-site") == "same-origin" or request.headers.get("origin") is not None


def _same_site(request: AnyRequest) -> None:
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = site is not None and site not in ("same-origin", "none")
    if origin is not None:
        ours = {f"//{request.headers.get('host')}"}
        if web_of(request).portal.settings.public_url is not None:
            ours.add("//" + urlsplit(web_of(request).portal.settings.address).netloc)
        foreign = foreign or origin.removeprefix("http:").removeprefix("https:") not in ours
    if foreign:
        raise PermissionDeniedException(say("这个请求来自别的网站，操作没有完成。"))


def _kind(request: AnyRequest) -> tuple[str, str]:
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    return kind.strip().lower(), rest


async def _read(request: AnyRequest, form: ArrivingForm, most: int, *, again: bool) -> Body:
    chunks = form.read(request.stream())
    kind, rest = _kind(request)
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most and not again:
        raise TooLarge(_too_large(most))
    if kind == MULTIPART:
        boundary = re.search(r'boundary="?([^";]+)"?', rest)
        if boundary is None:
            raise ClientException(_broken())
        return await _multipart(chunks, form, boundary.group(1), most, again=again)
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > min(most, MOST_BODY):
            raise TooLarge(_too_large(min(most, MOST_BODY)))
    return _urlencoded(bytes(data))


def _urlencoded(data: bytes) -> Body:
    body = Body()
    try:
        pairs = parse_qsl(data.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_PARTS)
    except ValueError as error:
        raise ClientException(_broken()) from error
    for name, value in pairs:
        body.fields.setdefault(_text(name.encode("latin-1")), []).append(_text(value.encode("latin-1")))
    return body


async def _multipart(chunks: AsyncIterator[bytes], form: ArrivingForm, boundary: str, most: int, *, again: bool) -> Body:
    """Read the parts one after the other. Where it breaks off, and its page is shown ``again``: those that came whole."""
    body = Body()
    try:
        await _parts(chunks, form, PushMultipartParser(boundary, max_segment_count=MOST_PARTS), body, most, again=again)
    except BaseException as error:
        told = _trouble_told(error, most)
        if not again or not isinstance(told, HTTPException):
            body.close()
            raise told from error
        body.trouble = told.detail
    return body


def _trouble_told(error: BaseException, most: int) -> BaseException:
    """What is said of a body that could not be read to its end."""
    match error:
        case ParserLimitReached() | RequestEntityTooLarge():
            return TooLarge(_too_large(most))
        case MultipartError() | ValueError() | LookupError() | InternalServerException():
            return ClientException(_broken())
    return error


async def _parts(
    chunks: AsyncIterator[bytes], form: ArrivingForm, parser: PushMultipartParser, body: Body, most: int, *, again: bool
) -> None:
    """Read the parts one after the other. A body that is too large is read on for a while, its files going nowhere: who still
    sends does not read an answer.
    """
    size, part = 0, _Part(body, form)
    try:
        with parser:
            async for chunk in chunks:
                size += len(chunk)
                if size > most:
                    if not again or size > DRAINED * most:
                        raise TooLarge(_too_large(most))
                    form.dropped, body.trouble = True, _too_large(most)
                for event in parser.parse(chunk) if chunk and not parser.closed else ():
                    part.take(event)
            if not parser.closed:
                list(parser.parse(b""))
    finally:
        part.close()


class _Part:
    """The part of a body that is being read. Files that grow large go to disk; where there is no more room, they go nowhere."""

    def __init__(self, body: Body, form: ArrivingForm) -> None:
        self._body, self._form = body, form
        self._segment: MultipartSegment | None = None
        self._data: IO[bytes] = io.BytesIO()
        self._whole, self._words = True, 0

    def take(self, event: MultipartSegment | bytearray | None) -> None:
        """A part begins, goes on, or ends."""
        if isinstance(event, MultipartSegment):
            self._segment, self._whole = event, True
            self._data = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - lives with the body
        elif event:
            self._go_on(event)
        elif self._segment is not None:
            if self._whole:
                _keep(self._body, self._segment, self._data)
            else:
                self._data.close()
            self._segment = None

    def _go_on(self, data: bytearray) -> None:
        is_file = self._segment is not None and bool(self._segment.filename)
        self._words += 0 if is_file else len(data)
        if self._words > MOST_BODY or (self._form.dropped and self._words > MOST_WORDS):
            raise TooLarge(_too_large(MOST_BODY))
        if is_file and self._form.dropped:
            self._whole = False
            self._body.left_out |= self._form.crowded
        if self._whole:
            self._data.write(data)
        else:
            self._data.truncate(0)

    def close(self) -> None:
        """Let go of a part that did not come to its end."""
        if self._segment is not None:
            self._data.close()


def _keep(body: Body, part: MultipartSegment, data: IO[bytes]) -> None:
    data.seek(0)
    if part.filename is None:
        body.fields.setdefault(part.name, []).append(_text(data.read()))
    elif part.filename or data.read(1):
        body.uploads.setdefault(part.name, []).append(Upload(part.filename, data))
        return
    data.close()


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    return text.replace("\0", "").replace("\r\n", "\n")


def _too_large(most: int) -> str:
    return say("提交的内容超过 {n} MB，上传失败。请减少照片或选小一些的文件。", n=most // MEGABYTE)


def _broken() -> str:
    return say("提交的内容没有完整到达，可能是网络中断。请换个信号好的地方再试。")
