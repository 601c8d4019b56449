"""The page behind a board's code, and the pictures on it."""

from litestar import Controller, get
from litestar.params import FromPath
from litestar.response import Redirect, Response

from portal import codes
from portal.boards import queries
from portal.errors import NotVisible
from portal.scheme import national
from portal.scheme.windows import FROM
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest, GivenCall

# No cache but the visitor's own: it would hand a picture out for a day after its person left
PICTURE = {"cache-control": "private, max-age=86400", "content-disposition": "inline"}


class PublicBoardPages(Controller):
    """Boards, live."""

    path = "/b"
    opt = {"from_facts": True}

    @get("/{code:str}")
    async def show(self, request: AnyRequest, call: GivenCall, code: FromPath[str]) -> Html | Redirect:
        """The board as the register stands now; one row, one query. Unknown and revoked codes say so and whom to call."""
        known = codes.board_code(code)
        if known is None:
            return self._unknown(request, code)
        try:
            board = await queries.page(call, known)
        except NotVisible:
            return self._unknown(request, codes.grouped(known))
        if board.revoked:
            return page(request, "public/revoked.html", board=board, hotlines=national.HOTLINES, status=410)
        return page(request, "public/board.html", board=board, facts=board.live, lead=board.live["lead"], windows_from=FROM)

    @get("/{code:str}/photo/{name:str}")
    async def photo(self, call: GivenCall, code: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        """A picture that this board shows; no other file has an address."""
        known = codes.board_code(code)
        if known is None:
            raise NotVisible
        board = await queries.page(call, known)
        if board.revoked or name not in board.photos:
            raise NotVisible
        return Response(call.portal.files.read(name), media_type="image/jpeg", headers=PICTURE)

    def _unknown(self, request: AnyRequest, code: str) -> Html:
        return page(request, "public/unknown.html", code=code[:40], hotlines=national.HOTLINES, status=404)
