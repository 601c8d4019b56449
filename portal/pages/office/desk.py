"""The office's first page: what waits, what is missing, what is no longer true."""

from litestar import Controller, get

from portal.areas.schemes import notices
from portal.boards.queries import stale_count
from portal.complaints.queries import complaints
from portal.enterprises.queries import unplaced, unserved
from portal.feedback.queries import waiting
from portal.people.queries import gaps_in_areas
from portal.scheme.validity import ANNOUNCED
from portal.web import guards
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest, GivenCall

FIRST_GAPS = 8


class DeskPages(Controller):
    """The desk."""

    path = "/office"
    guards = [guards.office]

    @get()
    async def desk(self, request: AnyRequest, call: GivenCall) -> Html:
        """What waits for the viewer, and four figures that lead to what is to be done; a fifth for who keeps complaints."""
        gaps, alone = await gaps_in_areas(call), await unserved(call)
        news = [one for one in await complaints(call, closed=False) if one.news] if call.viewer.custody else None
        return page(
            request, "office/desk.html", waiting=await waiting(call), gaps=gaps[:FIRST_GAPS], gap_count=len(gaps),
            unserved=alone, unplaced=await unplaced(call), stale=await stale_count(call),
            news=news, notices=await notices(call), announced=ANNOUNCED,
        )  # fmt: skip

    @get("/gaps")
    async def gaps(self, request: AnyRequest, call: GivenCall) -> Html:
        """Every post that nobody, too few or too many hold, and every enterprise from which everybody stands back."""
        return page(request, "office/gaps.html", gaps=await gaps_in_areas(call), unserved=await unserved(call))
