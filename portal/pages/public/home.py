"""The first page, static files, and what a machine asks."""

from litestar import Controller, get
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Redirect, Response

from portal import codes
from portal.boards.public_url import PATH, instance
from portal.errors import NotVisible
from portal.terms import say
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall, web_of

FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}


class HomePages(Controller):
    """What is not of one board."""

    opt = {"from_facts": True}

    @get("/")
    async def home(self, request: AnyRequest, call: GivenCall) -> Html:
        """The portal's first page: find a board by its code, follow a receipt, read the schemes."""
        return page(request, "public/home.html", typed="", wrong="", regions=call.book.regions)

    @get("/find")
    async def find(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """From a typed code to its board."""
        typed = str(request.query_params.get("code", ""))
        if code := codes.board_code(typed):
            return go(f"/b/{code}")
        wrong = say("这不是有效的公示牌编号。编号有 12 位，印在二维码下面，请对照再输一遍。")
        return page(request, "public/home.html", typed=typed, wrong=wrong, regions=call.book.regions, status=422)

    @get("/privacy")
    async def privacy(self, request: AnyRequest) -> Html:
        """What is kept of visitors, in plain words."""
        return page(request, "public/privacy.html")

    @get("/static/{mark:str}/{name:path}", media_type=MediaType.TEXT)
    async def static(self, request: AnyRequest, mark: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        """A style sheet or script."""
        found = web_of(request).static.find(mark, str(name).lstrip("/"))
        if found is None:
            raise NotVisible
        if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers = {**FOR_EVER, "content-encoding": "gzip", "vary": "Accept-Encoding"}
            return Response(found.packed, media_type=found.mime, headers=headers)
        return Response(found.plain, media_type=found.mime, headers=FOR_EVER)

    @get(PATH, media_type=MediaType.TEXT)
    async def instance(self, call: GivenCall) -> str:
        """The mark by which the portal knows that its public address leads to itself."""
        return instance(call)

    @get("/healthz", media_type=MediaType.TEXT)
    async def health(self, call: GivenCall) -> str:
        """Whether the database answers, and whether in safe mode only."""
        await call.db.value("select 1")
        return "ok" if not call.portal.safe else "ok, safe mode"
