"""Bringing enterprises in from a spreadsheet: template, dry run, then all or nothing."""

import base64
import binascii
from typing import Any

from litestar import Controller, get, post
from litestar.response import Redirect, Response

from portal.call import Call
from portal.enterprises import sheets
from portal.errors import NotVisible, Refused
from portal.scheme.book import Scheme
from portal.terms import say
from portal.web import guards
from portal.web.bodies import MEGABYTE, Body, body_of
from portal.web.pages import PRIVATE, Html, go, page
from portal.web.requests import AnyRequest, GivenCall

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_FILE = 8 * MEGABYTE
SHOWN_ERRORS = 200


class ImportPages(Controller):
    """The import of enterprises."""

    path = "/office/enterprises/import"
    guards = [guards.office]
    opt = {"most_body": 2 * MOST_FILE}

    @get()
    async def ask(self, request: AnyRequest, call: GivenCall) -> Html:
        """Choose the region, take the template, send the sheet."""
        return _page(request, call)

    @get("/template.xlsx")
    async def template(self, request: AnyRequest, call: GivenCall) -> Response[bytes]:
        """The region's template with its codes."""
        scheme = _scheme(call, str(request.query_params.get("region", "")))
        data = sheets.template(scheme, await sheets.places(call, scheme))
        name = f"attachment; filename=enterprises-{scheme.region.code}.xlsx"
        return Response(data, media_type=XLSX, headers={**PRIVATE, "content-disposition": name})

    @post(status_code=200)
    async def check(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """The dry run; and, once it was looked at, the import itself from the very same bytes."""
        body = body_of(request)
        scheme = _scheme(call, body.get("region"))
        try:
            data = _sheet(body)
            found = await sheets.check(call, scheme, data)
            if body.get("go") == "import" and not found.errors:
                await sheets.take_in(call, found.forms)
                return go("/office/enterprises", "imported")
        except Refused as error:
            return _page(request, call, region=scheme.region.code, refused=error.text, status=422)
        return _page(
            request, call, region=scheme.region.code, found=found, errors=found.errors[:SHOWN_ERRORS],
            sheet=base64.b64encode(data).decode() if not found.errors else "", status=422 if found.errors else 200,
        )  # fmt: skip


def _page(request: AnyRequest, call: Call, *, status: int = 200, **context: object) -> Html:
    blank: dict[str, Any] = {"region": "", "refused": "", "found": None, "errors": (), "sheet": ""}
    return page(request, "office/import.html", regions=call.book.regions, status=status, **(blank | context))


def _scheme(call: Call, region: str) -> Scheme:
    scheme = call.book.scheme(region, call.today)
    if scheme is None:
        raise NotVisible
    return scheme


def _sheet(body: Body) -> bytes:
    """The spreadsheet: as it was uploaded, or as the dry run's page carries it."""
    if uploads := body.files("sheet"):
        data = uploads[0].read()
    else:
        try:
            data = base64.b64decode(body.get("checked"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refused(say("请重新选择表格。")) from error
    if not data:
        raise Refused(say("请选择要导入的表格。"))
    if len(data) > MOST_FILE:
        raise Refused(say("表格超过 {n} MB，请分成几份。", n=MOST_FILE // MEGABYTE))
    return data
