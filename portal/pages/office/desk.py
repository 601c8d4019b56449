"""The office's first page: what waits, what is missing, what is no longer true."""

from litestar import Controller, get

from portal.areas import letters
from portal.areas.filing import on_desk
from portal.areas.schemes import notices
from portal.boards.beginning import beginning
from portal.boards.queries import stale_count
from portal.complaints.queries import complaints
from portal.enterprises.queries import uncharged, unplaced, unserved
from portal.feedback.queries import unread, waiting
from portal.obligations.queries import missed
from portal.people.queries import departures_in_areas, gaps_in_areas, offices_without_in_areas, unbound_in_areas
from portal.scheme import powers
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
        """What waits for the viewer, and four figures that lead to what is to be done; more for those who file grids,
        with whom they are filed, or who keep complaints.
        """
        gaps, alone = await gaps_in_areas(call), await unserved(call)
        counted = [gap.value for _, gap in gaps if gap.value.post.force.binds or not gap.value.lacking]
        news = [one for one in await complaints(call, closed=False) if one.news] if call.viewer.custody else None
        return page(
            request,
            "office/desk.html",
            waiting=await waiting(call),
            gaps=gaps[:FIRST_GAPS],
            gap_count=len(counted),
            more_gaps=len(gaps),
            inferred=sum(gap.inferred for gap in counted),
            unserved=alone,
            unplaced=await unplaced(call),
            uncharged=await uncharged(call),
            stale=await stale_count(call),
            missed=await missed(call),
            news=news,
            filing=await on_desk(call),
            notices=await notices(call),
            announced=ANNOUNCED,
            letters=await letters.notices(call),
            letters_announced=powers.ANNOUNCED,
            beginning=await beginning(call),
            clock=call.portal.timekeeper.notice() if call.viewer.administers else None,
            unread=await unread(call) if call.viewer.administers else (),
        )

    @get("/gaps")
    async def gaps(self, request: AnyRequest, call: GivenCall) -> Html:
        """Every post that nobody, too few or too many hold, every enterprise from which everybody stands back, and whom offices
        have to place and have not.
        """
        return page(
            request,
            "office/gaps.html",
            gaps=await gaps_in_areas(call),
            unserved=await unserved(call),
            departures=await departures_in_areas(call),
            unbound=await unbound_in_areas(call),
            without=await offices_without_in_areas(call),
        )
