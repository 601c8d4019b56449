"""The inspector's phone: what waits, the posts that one holds, the enterprises of one's grids."""

from litestar import Controller, get, post
from litestar.params import FromPath

from portal.call import Call
from portal.enterprises.queries import served
from portal.errors import NotVisible
from portal.feedback.queries import waiting
from portal.obligations.queries import of_person
from portal.pages.enterprise.site_link import show_site_link
from portal.people.queries import Holding, holdings_on
from portal.scheme.book import Scheme
from portal.web import guards
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest, GivenCall


class FieldPages(Controller):
    """The inspector's own."""

    path = "/field"
    guards = [guards.field]

    @get()
    async def today(self, request: AnyRequest, call: GivenCall) -> Html:
        """What waits, and the posts with what they have to do."""
        held = await _held(call)
        shown = [(one, *_scheme(call, one)) for one in held]
        owed = await of_person(call, held, call.today)
        return page(request, "field/today.html", waiting=await waiting(call), held=shown, owed=owed)

    @get("/enterprises")
    async def enterprises(self, request: AnyRequest, call: GivenCall) -> Html:
        """The enterprises of one's grids."""
        return page(request, "field/enterprises.html", enterprises=await served(call, await _held(call)))

    @post("/enterprises/{id_:str}/site-link", status_code=200)
    async def site_link(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Let the person in charge there in without an account."""
        row = next((one for one in await served(call, await _held(call)) if one.public_id == id_), None)
        if row is None:
            raise NotVisible
        return await show_site_link(request, call, row, "layouts/field.html", f"{self.path}/enterprises")


def _scheme(call: Call, held: Holding) -> tuple[Scheme | None, bool]:
    """The edition that says what to do in a post, and whether it is in force: else the one under which the post was given."""
    now = call.book.scheme(held.region, call.today)
    return (now, True) if now is not None and held.post in now.posts else (call.book.edition(held.edition), False)


async def _held(call: Call) -> list[Holding]:
    """What the viewer holds, and what those hold whose absence they cover."""
    return [one for person in sorted(call.viewer.people) for one in await holdings_on(call, person, call.today)]
