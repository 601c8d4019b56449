"""Bringing the register in from spreadsheets: template, check, then all or the good rows, and taking it back."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response

from portal.areas.schemes import of_viewer, ruling
from portal.boards.beginning import BeginningStep, beginning
from portal.boards.queries import waiting_count
from portal.call import Call
from portal.codes import spelled
from portal.desk.jobs import ALREADY, stop
from portal.desk.queries import JobRow
from portal.desk.queries import job as job_of
from portal.errors import NotVisible, Refused
from portal.imports import batches, exports, jobs, queries, reports, templates, undoing
from portal.imports.batches import IN_REQUEST
from portal.imports.importable import KINDS
from portal.imports.near import LEAVE_OUT
from portal.imports.outcome import NAMED, OWN, Wish
from portal.imports.queries import Batch
from portal.pages.office.exports import sheet_download
from portal.terms import say
from portal.web import guards
from portal.web.bodies import MEGABYTE, body_of
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall
from portal.workshop.cells import column_name

HOME = "/office/import"
MOST_FILE = 31 * MEGABYTE
SHOWN = 200
LISTED = {kind: f"/office/{kind}" for kind in ("jurisdictions", "units", "grids", "people", "enterprises")}


class ImportPages(Controller):
    """Imports."""

    path = HOME
    guards = [guards.office]
    opt = {"most_body": MOST_FILE}

    @get()
    async def ask(self, request: AnyRequest, call: GivenCall) -> Html:
        """Choose what and where, take the template, send the sheet; the last imports."""
        return await _ask(request, call)

    @get("/template/{kind:str}/{region:str}")
    async def template(self, call: GivenCall, kind: FromPath[str], region: FromPath[str]) -> Response[bytes]:
        """The template of a region for one kind."""
        if region not in call.book.regions or kind not in KINDS:
            raise NotVisible
        return sheet_download(await templates.template(call, ruling(call, region), kind), f"{kind}-{region}", "xlsx")

    @get("/export/{kind:str}/{region:str}/{form:str}")
    async def export(self, call: GivenCall, kind: FromPath[str], region: FromPath[str], form: FromPath[str]) -> Response[bytes]:
        """A list of the register, as a spreadsheet or as CSV."""
        data = await exports.export(call, region, kind, form)
        return sheet_download(data, f"{kind}-{region}-{call.today.isoformat()}", form)

    @post(status_code=200)
    async def bring(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """Keep the sheet and check it: now where it is small, else as a job."""
        body = body_of(request)
        kind, region = body.get("kind"), body.get("region")
        uploads = body.files("sheet")
        try:
            if not uploads:
                raise Refused(say("请选择要导入的表格。"))
            data = uploads[0].read()
            kind = kind or await batches.kind_of(call, region, data)
            id_ = await batches.bring(call, kind=kind, region=region, data=data, ask=True)
            if (await queries.batch(call, id_)).state != "asking":
                await _work(call, id_, "check", rows=await batches.size(call, id_))
        except Refused as error:
            return await _ask(request, call, kind=kind, region=region, refused=error.text, status=422)
        return go(f"{HOME}/{id_}")

    @get("/{id_:str}")
    async def show(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """What the sheet would bring, or brought; how far it is."""
        # Read before what it works on: a job that is over has written how it ended
        job = await _job(call, id_)
        batch = await queries.batch(call, id_)
        return page(
            request,
            "office/import.html",
            part="office/_import.html",
            batch=batch,
            found=batch.result,
            job=job,
            waiting=await _waiting(call, batch),
            kinds=_titles(),
            shown=SHOWN,
            named=NAMED,
            column_name=column_name,
            leave_out=LEAVE_OUT,
            onward=await _onward(call, batch),
            list=LISTED.get(batch.kind),
            titles=_columns(call, batch),
            errors=_apart(batch.result),
        )

    @post("/{id_:str}/take", status_code=303)
    async def take(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Redirect:
        """Take it in as it was checked: all of it, or the good rows; and end what is missing, where that was ticked."""
        body, batch = body_of(request), await queries.batch(call, id_)
        hand_over = bool(batch.result.get("hand_over"))
        wish = Wish(good_only=body.get("go") == "good", end=tuple(body.getlist("end")), hand_over=hand_over)
        await _work(call, id_, "take", wish, rows=int(batch.result.get("rows", 0)))
        return go(f"{HOME}/{id_}")

    @post("/{id_:str}/check", status_code=303)
    async def check(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Redirect:
        """Check it once more, with or without handing full posts over."""
        batch = await queries.batch(call, id_)
        if batch.state == "checked":
            wish = Wish(hand_over=body_of(request).get("hand_over") == "yes")
            await _work(call, id_, "check", wish, rows=int(batch.result.get("rows", 0)))
        return go(f"{HOME}/{id_}")

    @post("/{id_:str}/columns", status_code=303)
    async def columns(self, call: GivenCall, request: AnyRequest, id_: FromPath[str]) -> Redirect:
        """What each column is, or that what was said of such sheets is forgotten; then it is checked."""
        body = body_of(request)
        said = {int(name[7:]): body.get(name) for name in body if re.fullmatch(r"column-\d{1,3}", name)}
        if await batches.say_columns(call, id_, None if body.get("go") == "forget" else said):
            await _work(call, id_, "check", rows=await batches.size(call, id_))
        return go(f"{HOME}/{id_}")

    @post("/{id_:str}/correct", status_code=303)
    async def correct(self, call: GivenCall, request: AnyRequest, id_: FromPath[str]) -> Redirect:
        """What is meant by names that nothing is called, or that a choice holds no more; then it is checked."""
        body, batch = body_of(request), await queries.batch(call, id_)
        chosen = {name[5:]: said for name in body if name.startswith("mean-") and (said := body.get(name))}
        back = body.get("back")
        await batches.correct(call, id_, {} if back else chosen, back)
        wish = Wish(hand_over=bool(batch.result.get("hand_over")))
        await _work(call, id_, "check", wish, rows=int(batch.result.get("rows", 0)))
        return go(f"{HOME}/{id_}")

    @get("/{id_:str}/annotated.xlsx")
    async def annotated(self, call: GivenCall, id_: FromPath[str]) -> Response[bytes]:
        """The office's own file with what is wrong at its cells."""
        return sheet_download(await reports.annotated_copy(call, id_), f"checked-{id_[:8]}", "xlsx")

    @get("/{id_:str}/changes.xlsx")
    async def changes(self, call: GivenCall, id_: FromPath[str]) -> Response[bytes]:
        """Everything that the sheet changes, or changed, as a list to go through."""
        return sheet_download(await reports.changes(call, id_), f"changes-{id_[:8]}", "xlsx")

    @post("/{id_:str}/undo", status_code=303)
    async def undo(self, call: GivenCall, id_: FromPath[str]) -> Redirect:
        """Take it back."""
        batch = await queries.batch(call, id_)
        await _work(call, id_, "undo", rows=int(batch.result.get("rows", 0)))
        return go(f"{HOME}/{id_}")

    @post("/{id_:str}/stop", status_code=303)
    async def stop(self, call: GivenCall, id_: FromPath[str]) -> Redirect:
        """What is being done with the sheet is wanted no more."""
        job = await jobs.running(call, id_)
        if job is None:
            raise Refused(ALREADY)
        await stop(call, job, jobs.IMPORTING)
        return go(f"{HOME}/{id_}", "import_stopping")

    @post("/{id_:str}/drop", status_code=303)
    async def drop(self, call: GivenCall, id_: FromPath[str]) -> Redirect:
        """Forget a sheet that was not taken in."""
        await batches.drop(call, id_)
        return go(HOME, "import_dropped")


async def _work(call: Call, id_: str, deed: jobs.Deed, wish: Wish | None = None, *, rows: int) -> None:
    """Now where it is small, else as a job."""
    if rows > IN_REQUEST:
        await jobs.ask(call, id_, deed, wish)
    elif deed == "check":
        await batches.check(call, id_, wish)
    elif deed == "take":
        await batches.take_in(call, id_, wish or Wish())
    else:
        await undoing.undo(call, id_)


async def _job(call: Call, batch: str) -> JobRow | None:
    running = await jobs.running(call, batch)
    return await job_of(call, running) if running is not None else None


async def _waiting(call: Call, batch: Batch) -> int:
    """How many boards are still to be brought along with what the sheet brought: it is not done before they are."""
    return await waiting_count(call, batch.region) if batch.state in ("taken", "undone") else 0


async def _onward(call: Call, batch: Batch) -> BeginningStep | None:
    """What a register that only begins needs next, where this sheet was taken in."""
    steps = await beginning(call) if batch.state == "taken" else ()
    return next((one for one in steps if not one.count), None)


def _columns(call: Call, batch: Batch) -> dict[str, str]:
    """What the columns of a sheet of its kind are called, by their codes."""
    scheme = call.book.in_force(batch.region, call.today)
    return {one.code: one.title for one in KINDS[batch.kind].columns(scheme)} if scheme and batch.kind in KINDS else {}


def _apart(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What is wrong, without what is told once for all cells alike."""
    once = {(one["title"], spelled(f"“{one['said']}”")) for one in found.get("unfound", ())}
    return [
        one
        for one in found.get("errors", ())
        if not any(one["title"] == title and said in spelled(one["text"]) for title, said in once)
    ]


def _titles() -> dict[str, str]:
    return {**{code: kind.title for code, kind in KINDS.items()}, OWN: say("本地区自己的表")}


async def _ask(
    request: AnyRequest, call: Call, *, kind: str = "", region: str = "", refused: str = "", status: int = 200
) -> Html:
    return page(
        request,
        "office/imports.html",
        regions=await of_viewer(call),
        kinds=_titles(),
        kind=kind,
        region=region,
        refused=refused,
        last=[asdict(one) for one in await queries.batches(call)],
        own=OWN,
        status=status,
    )
