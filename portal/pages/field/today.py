"""The inspector's phone: what waits, the posts that one holds, the enterprises of one's grids."""

from litestar import Controller, get

from portal.call import Call
from portal.desk.queries import waiting
from portal.enterprises.queries import in_grids
from portal.people.queries import Holding, holdings_of
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
        schemes = {one.region: call.book.scheme(one.region, call.today) for one in held}
        return page(request, "field/today.html", waiting=await waiting(call), held=held, schemes=schemes)

    @get("/enterprises")
    async def enterprises(self, request: AnyRequest, call: GivenCall) -> Html:
        """The enterprises of one's grids."""
        grids = [one.seat for one in await _held(call) if one.seat_kind == "grid"]
        return page(request, "field/enterprises.html", enterprises=await in_grids(call, grids))


async def _held(call: Call) -> list[Holding]:
    if call.viewer.person is None:
        return []
    all_ = await holdings_of(call, call.viewer.person)
    return [one for one in all_ if one.since <= call.today and (one.until is None or one.until > call.today)]
