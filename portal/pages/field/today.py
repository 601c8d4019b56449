"""The inspector's phone: what waits, the posts that one holds, the enterprises that one sees to."""

from collections import defaultdict
from dataclasses import dataclass

from litestar import Controller, get, post
from litestar.params import FromPath

from portal.boards.queries import board_of
from portal.call import Call
from portal.enterprises.queries import MOST_SERVED, EnterpriseRow, facts_today, served, whoevers
from portal.errors import NotVisible
from portal.feedback.queries import waiting
from portal.obligations import deeds
from portal.obligations.queries import DemandOnThing, of_person, on_one
from portal.pages.enterprise.site_link import show_site_link
from portal.pages.office.due import told_of_due
from portal.people.interests import stand_back
from portal.people.queries import Holding, holdings_on
from portal.scheme.book import Scheme
from portal.terms import Text, say
from portal.web import guards
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest, GivenCall

SEATS = {
    "enterprise": say("{n} 家单位"),
    "grid": say("{n} 个网格"),
    "unit": say("{n} 个部门"),
}


@dataclass(frozen=True)
class PostToday:
    """A post with all seats at which somebody holds it, and the edition that says what to do in it: the one in force, else the
    one under which it was given.
    """

    post: str
    region: str
    edition: str
    seats: tuple[Holding, ...]
    scheme: Scheme | None
    in_force: bool

    @property
    def many(self) -> Text:
        """How many seats they are."""
        text = SEATS[self.seats[0].seat_kind]
        return say(text.msgid, n=len(self.seats))


class FieldPages(Controller):
    """The inspector's own."""

    path = "/field"
    guards = [guards.field]

    @get()
    async def today(self, request: AnyRequest, call: GivenCall) -> Html:
        """What waits, and the posts with what they have to do."""
        held = await _held(call)
        owed = await of_person(call, held, call.today)
        return page(
            request,
            "field/today.html",
            waiting=await waiting(call),
            held=_posts(call, held),
            owed=owed,
            **await told_of_due(call, owed, call.today),
        )

    @get("/enterprises")
    async def enterprises(self, request: AnyRequest, call: GivenCall) -> Html:
        """The enterprises that one sees to."""
        return page(request, "field/enterprises.html", enterprises=await served(call, await _held(call)), most=MOST_SERVED)

    @get("/enterprises/{id_:str}")
    async def enterprise(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """One of them: how to reach it, what is due there, what one did there."""
        held = await _held(call)
        row, here = await _seen_to(call, held, id_)
        return page(
            request,
            "field/enterprise.html",
            row=row,
            here=here,
            on=call.today,
            facts=await facts_today(call, row.id),
            scheme=call.book.in_force_or_nearest(row.region, call.today),
            board=await board_of(call, "enterprise", row.id),
            done=await deeds.on_enterprise(call, row.id, {one.person for one in held}),
        )

    @post("/enterprises/{id_:str}/site-link", status_code=200)
    async def site_link(self, request: AnyRequest, call: GivenCall, id_: FromPath[str]) -> Html:
        """Let the person in charge there in without an account."""
        row, _ = await _seen_to(call, await _held(call), id_)
        return await show_site_link(request, call, row, "layouts/field.html", f"{self.path}/enterprises/{id_}")


async def _seen_to(call: Call, held: list[Holding], id_: str) -> tuple[EnterpriseRow, list[DemandOnThing]]:
    """An enterprise that these posts are there for, or on which they owe something, with what that is; else
    :class:`NotVisible`, as where the viewer stands back from it.
    """
    row = await whoevers(call, id_)
    here = await on_one(call, held, "enterprise", row.id, row.region, call.today)
    if row.until is not None and row.until <= call.today:
        raise NotVisible
    if (row.id, call.viewer.person) in await stand_back(call, [row.id], call.today):
        raise NotVisible
    if not here and not await served(call, held, only=row.id):
        raise NotVisible
    return row, here


def _posts(call: Call, held: list[Holding]) -> list[PostToday]:
    """The posts, each told once however many seats there are."""
    found: dict[tuple[str, str, str, str], list[Holding]] = defaultdict(list)
    in_force = set()
    for one in held:
        now, edition = call.book.in_force(one.region, call.today), one.edition
        if now is not None and one.post in now.posts:
            in_force.add(edition := now.edition_id)
        found[one.region, one.post, edition, one.seat_kind].append(one)
    return [
        PostToday(code, region, edition, tuple(seats), call.book.with_id(edition), edition in in_force)
        for (region, code, edition, _), seats in found.items()
    ]


async def _held(call: Call) -> list[Holding]:
    """What the viewer holds, and what those hold whose absence they cover."""
    return [one for person in sorted(call.viewer.people) for one in await holdings_on(call, person, call.today)]
