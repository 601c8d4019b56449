"""Filing of grids: what has to be filed and what was, the check before it is, taking back, putting on file, returning."""

from litestar import Controller, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Response

from portal.areas import filing
from portal.areas.filing import LONGEST_NUMBER, FiledRow, FilingRow, Ready
from portal.areas.rules import differences
from portal.call import Call
from portal.imports.exports import spreadsheet
from portal.ledger.queries import history
from portal.pages.office.exports import sheet_download
from portal.pages.office.forms import TOLD
from portal.pages.public.photos import form_id_of
from portal.scheme.book import Scheme
from portal.storage.columns import public_id
from portal.terms import BECAME, DRAWN, say
from portal.web import guards
from portal.web.bodies import Body, body_of
from portal.web.forms import SHOWN_AGAIN, PortalForm, area, attempt, day, text
from portal.web.lists import wanted_of
from portal.web.pages import Html, go, page
from portal.web.requests import AnyRequest, GivenCall

LONGEST_REASON = 500


class AcceptForm(PortalForm):
    """Under which number the grids are on file, since when."""

    number = text(say("备案号"), say("请填写备案号。"), most=LONGEST_NUMBER)
    day = day(say("备案日期"), say("请填写日期。"))


class ReturnForm(PortalForm):
    """Why a filing goes back."""

    reason = area(say("退回的原因"), say("请写明原因，报送的部门会看到。"), most=LONGEST_REASON, rows=3)


class FilingPages(Controller):
    """Filings at the office."""

    path = "/office/filings"
    guards = [guards.office]

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """What each place has to file, and what was filed."""
        found = await filing.filings(call, wanted_of(request, "state"))
        return page(
            request,
            "office/filings.html",
            part="office/_filings.html",
            list=found,
            ready=await filing.ready(call),
        )

    @get("/new")
    async def check(self, request: AnyRequest, call: GivenCall) -> Html:
        """What would be filed, to be looked through."""
        asked = Body({name: [str(value)] for name, value in request.query_params.items()})
        return await self._check(request, call, asked, PortalForm(), public_id())

    @post("/new", status_code=200)
    async def file(self, request: AnyRequest, call: GivenCall) -> Html | Redirect:
        """File it, as it was looked through."""
        body, form = body_of(request), PortalForm()
        form_id = form_id_of(body)
        made = await attempt(
            call, form, lambda: filing.file(call, body.get("in"), body.get("rule"), form=form_id, mark=body.get("mark"))
        )
        if made is not None:
            return go(f"{self.path}/{made}", "filed")
        return await self._check(request, call, body, form, public_id() if form.sent_before else form_id)

    @get("/{id_:str}")
    async def show(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """One filing with its grids."""
        return await self._show(request, call, await filing.filing(call, id_))

    @post("/{id_:str}/withdraw", status_code=200)
    async def withdraw(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Take it back."""
        row, form = await filing.filing(call, id_), PortalForm()
        if await attempt(call, form, lambda: filing.withdraw(call, id_)) is not None:
            return go(f"{self.path}/{id_}", "filing_withdrawn")
        return await self._show(request, call, row, refused=form)

    @post("/{id_:str}/accept", status_code=200, opt=SHOWN_AGAIN)
    async def accept(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Put its grids on file."""
        row, form = await filing.filing(call, id_), AcceptForm(body_of(request))
        if await attempt(call, form, lambda: filing.accept(call, id_, form.data["number"], form.data["day"])) is not None:
            return go(f"{self.path}/{id_}", "filing_accepted")
        return await self._show(request, call, row, accepting=form)

    @post("/{id_:str}/return", status_code=200, opt=SHOWN_AGAIN)
    async def send_back(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html | Redirect:
        """Return it with the reason."""
        row, form = await filing.filing(call, id_), ReturnForm(body_of(request))
        if await attempt(call, form, lambda: filing.send_back(call, id_, form.data["reason"])) is not None:
            return go(f"{self.path}/{id_}", "filing_returned")
        return await self._show(request, call, row, returning=form)

    @get("/{id_:str}/sheet.xlsx")
    async def sheet(self, call: GivenCall, id_: FromPath[str]) -> Response[bytes]:
        """The filing as a sheet to print and to sign."""
        row = await filing.filing(call, id_)
        grids = await filing.filed_grids(call, row.id)
        headings = (
            say("网格编号"),
            say("网格名称"),
            say("层级"),
            say("报送内容"),
            say("包括的村、社区"),
            say("责任区"),
            say("变动"),
            say("报送部门"),
            say("报送日期"),
            say("备案部门"),
            say("备案号"),
            say("备案日期"),
        )
        whose = [row.unit, row.filed_on, row.office, row.number, row.decided_on if row.state == "accepted" else None]
        scheme = call.book.with_id(row.edition)
        cells = [[*_cells(scheme, one), *whose] for one in grids]
        title = say("{place}网格备案", place=row.place)
        data = await spreadsheet(call, f"filing {id_}", title, headings, cells, "xlsx")
        return sheet_download(data, f"filing-{row.filed_on.isoformat()}", "xlsx")

    async def _check(self, request: AnyRequest, call: Call, asked: Body, form: PortalForm, form_id: str) -> Html:
        found = await filing.ready_at(call, asked.get("in"), asked.get("rule"))
        rows = _as_filed(found) if found is not None else ()
        scheme = found.scheme if found is not None else None
        return page(
            request,
            "office/file.html",
            ready=found,
            grids=rows,
            scheme=scheme,
            changes=changes,
            form=form,
            form_id=form_id,
            status=422 if form.problems else 200,
        )

    async def _show(
        self,
        request: AnyRequest,
        call: Call,
        row: FilingRow,
        *,
        accepting: AcceptForm | None = None,
        returning: ReturnForm | None = None,
        refused: PortalForm | None = None,
    ) -> Html:
        now = await filing.filing(call, row.public_id)
        wrong = next((form for form in (accepting, returning, refused) if form is not None and form.problems), None)
        return page(
            request,
            "office/filing.html",
            row=now,
            grids=await filing.filed_grids(call, row.id),
            scheme=call.book.with_id(row.edition),
            changes=changes,
            decides=await filing.may_decide(call, now),
            withdraws=await filing.may_withdraw(call, now),
            accepting=accepting or AcceptForm(day=call.today),
            returning=returning or ReturnForm(),
            wrong=wrong,
            history=await history(call, "filing", row.public_id),
            told=TOLD,
            status=422 if wrong is not None else 200,
        )


def _as_filed(ready: Ready) -> tuple[FiledRow, ...]:
    return tuple(FiledRow(one.public_id, one.accepted, one.now) for one in ready.grids)


def changes(scheme: Scheme | None, one: FiledRow) -> list[tuple[str, str, str]]:
    """What of a grid differs from what is on file, in words: what, from what, to what."""
    tiers = {tier.code: tier.name for tier in scheme.tiers.values()} if scheme is not None else {}
    found = differences(one.before, one.drawn) if one.before is not None else []

    def told(field: str, value: str) -> str:
        return (tiers.get(value, value) if field == "tier" else value) or say("无")

    return [(DRAWN[field], told(field, old), told(field, new)) for field, old, new in found]


def _cells(scheme: Scheme | None, one: FiledRow) -> list[object]:
    drawn = one.drawn
    tier = scheme.tiers[drawn.tier].name if scheme is not None and drawn.tier in scheme.tiers else drawn.tier
    changed = "；".join(f"{what}：{old} → {new}" for what, old, new in changes(scheme, one))
    return [drawn.code, drawn.name, tier, BECAME[one.became], "、".join(drawn.ground_names), drawn.area_note, changed]
