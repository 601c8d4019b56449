"""The schemes in public: each rule with its clause in our words, assumptions apart; all editions, and what changed between."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Controller, get
from litestar.params import FromPath, FromQuery, QueryParameter

from portal.areas import schemes
from portal.call import Call
from portal.errors import NotVisible
from portal.ledger.confirming import confirmations
from portal.scheme.book import Scheme
from portal.scheme.comparing import compare
from portal.scheme.telling import Teller, assumptions, places_named, simple_text
from portal.scheme.validity import ANNOUNCED, Validity, begins, title, validity
from portal.scheme.words import Region
from portal.terms import Text, say
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest, GivenCall

Earlier = Annotated[str, QueryParameter(name="from")]


@dataclass(frozen=True)
class ListedEdition:
    """An edition in a region's list: what it is called, from when to when it holds, and how it stands today."""

    scheme: Scheme
    title: str
    period: Text
    state: Text
    in_force: bool


class SchemePages(Controller):
    """What each region's document orders."""

    path = "/schemes"

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """The regions of this portal."""
        found = [(region, _validity(call, region)) for region in await schemes.regions(call)]
        return page(request, "public/schemes.html", regions=found, title=title)

    @get("/{region:str}")
    async def show(self, request: AnyRequest, call: GivenCall, region: FromPath[str]) -> Html:
        """One region's scheme in force; where none is, the last one that was."""
        editions = await schemes.editions(call, region)
        if not editions:
            raise NotVisible
        past = [one for one in editions if begins(one) <= call.today]
        scheme = call.book.in_force_or_nearest(region, call.today) or (past or editions)[-1]
        return await _show(request, call, scheme, editions)

    @get("/{region:str}/editions/{code:str}")
    async def edition(self, request: AnyRequest, call: GivenCall, region: FromPath[str], code: FromPath[str]) -> Html:
        """One edition, past, in force or to come."""
        scheme = await schemes.edition(call, region, code)
        return await _show(request, call, scheme, await schemes.editions(call, region))

    @get("/{region:str}/compare")
    async def compare(
        self, request: AnyRequest, call: GivenCall, region: FromPath[str], earlier: Earlier = "", to: FromQuery[str] = ""
    ) -> Html:
        """Two editions side by side; without a choice the two latest."""
        editions = await schemes.editions(call, region)
        if not editions:
            raise NotVisible
        known = {one.edition_id: one for one in editions}
        codes = (earlier or editions[-2:][0].edition_id, to or editions[-1].edition_id)
        if not set(codes) <= set(known):
            raise NotVisible
        old, new = (known[code] for code in codes)
        names = await schemes.place_names(call, places_named(old) | places_named(new))
        return page(
            request,
            "public/compare.html",
            region=old.region,
            old=_listed(call, old),
            new=_listed(call, new),
            editions=[_listed(call, one) for one in editions],
            found=compare(old, new, names),
            change_basis=say("依据"),
            codes=_codes(request),
        )


async def _show(request: AnyRequest, call: Call, scheme: Scheme, editions: tuple[Scheme, ...]) -> Html:
    names = await schemes.place_names(call, places_named(scheme))
    teller = Teller(scheme, names)
    return page(
        request,
        "public/scheme.html",
        scheme=scheme,
        shown=_listed(call, scheme),
        editions=[_listed(call, one) for one in editions],
        in_force=teller.told(scheme.edition.in_force),
        scope=teller.scope(),
        chapters=teller.chapters(),
        assumed=assumptions(scheme),
        validity=_validity(call, scheme.region),
        announced=ANNOUNCED,
        confirmed=(await confirmations(call)).get(scheme.edition.code),
        reworded=schemes.reworded(call, scheme),
        waits=scheme.region.code in call.portal.unadopted,
        codes=_codes(request),
    )


def _codes(request: AnyRequest) -> bool:
    """Whether somebody asks for the codes that we number clauses by."""
    return request.query_params.get("codes") == "yes"


def _validity(call: Call, region: Region) -> Validity | None:
    """How long the region's scheme holds; None where its plugin is gone."""
    return validity(call.book, region.code, call.today) if region.code in call.book.regions else None


def _listed(call: Call, scheme: Scheme) -> ListedEdition:
    in_force, now = scheme.edition.in_force, call.book.in_force(scheme.region.code, call.today)
    since = in_force.since
    period = say("{since}起施行", since=simple_text(since)) if since is not None else say("文件没有给出从哪天起施行")
    if in_force.until and in_force.ends_from:
        period = say("{period}，{year}年内到期（文件没有写是哪一天）", period=period, year=in_force.until.year)
    elif in_force.until:
        period = say("{period}，{until}止", period=period, until=simple_text(in_force.until))
    if scheme.adopted_on is not None:
        period = say("{period}，本文本自{day}采用", period=period, day=simple_text(scheme.adopted_on))
    if scheme.given_up_on is not None:
        state = say("自{day}起由另一份文本代替，照存档显示", day=simple_text(scheme.given_up_on))
    elif scheme.region.code in call.portal.unadopted:
        state = say("插件里的规则与存档不同，还没有采用，照存档显示")
    elif scheme.region.code not in call.book.regions:
        state = say("插件没有启用，照存档显示")
    elif not scheme.plugin:
        state = say("插件里已没有这一版，照存档显示")
    elif now is not None and now.edition_id == scheme.edition_id:
        state = say("现行")
    elif begins(scheme) > call.today:
        state = say("还没有施行，可能再改")
    else:
        state = say("已不再施行")
    return ListedEdition(scheme, title(scheme), period, state, now is not None and now.edition_id == scheme.edition_id)
