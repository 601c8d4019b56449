"""Boards: list, show, issue, print one or many, revoke."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import File, Redirect, Response

from portal.areas.schemes import of_viewer
from portal.boards import actions, queries
from portal.boards.jobs import PRINTING, ask_batch
from portal.boards.layout import SHEETS
from portal.boards.printing import pdf
from portal.desk.jobs import stop
from portal.desk.queries import job as job_of
from portal.errors import NotVisible, Refused
from portal.ledger.queries import history
from portal.pages.office.forms import TOLD, WhyForm, show_form
from portal.terms import say
from portal.web import guards
from portal.web.bodies import body_of
from portal.web.forms import SHOWN_AGAIN, attempt
from portal.web.lists import wanted_of
from portal.web.pages import PRIVATE, Html, go, page
from portal.web.requests import AnyRequest, GivenCall

HOMES = {"grid": "/office/grids", "enterprise": "/office/enterprises"}


class OfficeBoardPages(Controller):
    """The boards of an office."""

    path = "/office/boards"
    guards = [guards.office]

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """All boards, or the stale ones."""
        rows = await queries.boards(call, wanted_of(request, "stale"))
        return page(
            request,
            "office/boards.html",
            part="office/_boards.html",
            list=rows,
            sheets=list(SHEETS),
            regions=await of_viewer(call),
        )

    @get("/{code:str}")
    async def show(self, request: AnyRequest, call: GivenCall, code: FromPath[str]) -> Html:
        """One board: what it says, what has changed since, what can be done."""
        row = await queries.board(call, code)
        return page(
            request,
            "office/board.html",
            row=row,
            board=await queries.page(call, code),
            sheets=list(SHEETS),
            home=f"{HOMES[row.of]}/{row.subject_id}",
            history=await history(call, "board", code),
            told=TOLD,
        )

    @post("/issue", status_code=200)
    async def issue(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Issue a new version for a grid or an enterprise."""
        body = body_of(request)
        of, id_ = body.get("of"), body.get("id")
        if of not in HOMES:
            raise NotVisible
        try:
            code = await actions.issue(call, of, id_)
        except Refused as error:
            return page(request, "office/refused.html", text=error.text, back=f"{HOMES[of]}/{id_}", status=422)
        return go(f"{self.path}/{code}", "board_issued")

    @post("/{code:str}/hung", status_code=303)
    async def hung(self, call: GivenCall, code: FromPath[str]) -> Redirect:
        """The new version hangs."""
        await actions.confirm_hung(call, code)
        return go(f"{self.path}/{code}", "board_hung")

    @get("/{code:str}/board.pdf")
    async def pdf(self, request: AnyRequest, call: GivenCall, code: FromPath[str]) -> Response[bytes]:
        """The board to print."""
        row = await queries.board(call, code)
        size = str(request.query_params.get("size", "A3"))
        data = await pdf(call, row.code, size)
        name = f"inline; filename={row.code}-v{row.version}-{size}.pdf"
        return Response(data, media_type="application/pdf", headers={**PRIVATE, "content-disposition": name})

    @get("/{code:str}/revoke")
    async def ask_revoke(self, request: AnyRequest, call: GivenCall, code: FromPath[str]) -> Html:
        """Say what revoking brings, and ask."""
        return self._revoke_form(request, await queries.board(call, code), WhyForm())

    @post("/{code:str}/revoke", status_code=200, opt=SHOWN_AGAIN)
    async def revoke(self, request: AnyRequest, call: GivenCall, code: FromPath[str]) -> Html | Redirect:
        """Revoke it."""
        row, form = await queries.board(call, code), WhyForm(body_of(request))
        if await attempt(call, form, lambda: actions.revoke(call, code, form.data["why"])) is not None:
            return go(f"{self.path}/{code}", "board_revoked")
        return self._revoke_form(request, row, form)

    def _revoke_form(self, request: AnyRequest, row: queries.BoardRow, form: WhyForm) -> Html:
        intro = say(
            "作废后，扫这块牌的人会看到“已作废”、这里写的原因和公共电话。不能恢复；再签发时会换新的公示牌编号，墙上的牌必须换下。"
        )
        return show_form(
            request,
            form,
            title=say("作废{name}的公示牌", name=row.name),
            back=f"{self.path}/{row.code}",
            back_name=row.name,
            verb=say("确认作废"),
            intro=intro,
            harm=True,
        )

    @post("/print", status_code=200)
    async def print_many(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Queue a batch; its page shows how far it is."""
        body = body_of(request)
        region, size = body.get("region"), body.get("size", "A3")
        if region not in call.book.regions or size not in SHEETS:
            raise NotVisible
        try:
            job = await ask_batch(call, region=region, grid=body.get("grid").strip() or None, size=size)
        except Refused as error:
            return page(request, "office/refused.html", text=error.text, back=self.path, status=422)
        return go(f"{self.path}/jobs/{job}", "boards_queued")

    @get("/jobs/{job:str}")
    async def job(self, request: AnyRequest, call: GivenCall, job: FromPath[str]) -> Html:
        """How far a batch is; htmx asks again each second until it is over."""
        found = await job_of(call, job)
        return page(request, "office/job.html", part="office/_job.html", job=found)

    @post("/jobs/{job:str}/stop", status_code=303)
    async def stop(self, call: GivenCall, job: FromPath[str]) -> Redirect:
        """The batch is wanted no more."""
        await stop(call, job, PRINTING)
        return go(f"{self.path}/jobs/{job}", "boards_stopping")

    @get("/jobs/{job:str}/boards.zip")
    async def file(self, call: GivenCall, job: FromPath[str]) -> File:
        """The batch's files."""
        found = await job_of(call, job)
        path = call.portal.settings.data / "jobs" / found.id / "boards.zip"
        if found.state != "done" or not path.exists():
            raise NotVisible
        return File(path, filename=f"boards-{found.id}.zip", media_type="application/zip", headers=PRIVATE)
