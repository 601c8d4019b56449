"""The enterprise's own page: what is registered of it, who answers for it, its board to print and hang."""

from litestar import Controller, get, post
from litestar.response import Response

from portal.boards.layout import SHEETS
from portal.boards.printing import pdf
from portal.boards.queries import board_of
from portal.boards.queries import page as board_page
from portal.enterprises.queries import facts_today, own_enterprise
from portal.errors import NotVisible
from portal.pages.enterprise.site_link import show_site_link
from portal.web import guards
from portal.web.guards import account as with_account
from portal.web.pages import PRIVATE, Html, page
from portal.web.requests import AnyRequest, GivenCall


class EnterpriseDoor(Controller):
    """One enterprise never sees another."""

    path = "/enterprise"
    guards = [guards.enterprise]

    @get()
    async def show(self, request: AnyRequest, call: GivenCall) -> Html:
        """Its registration, its placement with the reason, its board."""
        row = await own_enterprise(call)
        board = await board_of(call, "enterprise", row.id)
        return page(
            request,
            "enterprise/own.html",
            row=row,
            scheme=call.book.in_force_or_nearest(row.region, call.today),
            facts=await facts_today(call, row.id),
            board=await board_page(call, board.code) if board else None,
            sheets=list(SHEETS),
        )

    @post("/site-link", status_code=200, guards=[with_account])
    async def site_link(self, request: AnyRequest, call: GivenCall) -> Html:
        """Let somebody on the premises in without an account."""
        return await show_site_link(request, call, await own_enterprise(call), "layouts/enterprise.html", self.path)

    @get("/board.pdf")
    async def pdf(self, request: AnyRequest, call: GivenCall) -> Response[bytes]:
        """Its board to print."""
        row = await own_enterprise(call)
        board = await board_of(call, "enterprise", row.id)
        if board is None:
            raise NotVisible
        size = str(request.query_params.get("size", "A3"))
        data = await pdf(call, board.code, size)
        name = f"inline; filename={board.code}-v{board.version}-{size}.pdf"
        return Response(data, media_type="application/pdf", headers={**PRIVATE, "content-disposition": name})
