"""The schemes in public: each rule with its clause in our words, assumptions apart."""

from litestar import Controller, get
from litestar.params import FromPath

from portal.errors import NotVisible
from portal.scheme.book import Scheme
from portal.scheme.words import Assumption, Board, Duty, Filing, Placement, Route, Rule
from portal.terms import KIND, say
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest, GivenCall


class SchemePages(Controller):
    """What each region's document orders."""

    path = "/schemes"

    @get()
    async def index(self, request: AnyRequest, call: GivenCall) -> Html:
        """The regions of this portal."""
        schemes = [scheme for code in call.book.regions if (scheme := call.book.scheme(code, call.today)) is not None]
        return page(request, "public/schemes.html", schemes=schemes)

    @get("/{region:str}")
    async def show(self, request: AnyRequest, call: GivenCall, region: FromPath[str]) -> Html:
        """One region's scheme in force."""
        scheme = call.book.scheme(region, call.today)
        if scheme is None:
            raise NotVisible
        return page(request, "public/scheme.html", scheme=scheme, assumed=_assumed(scheme))


def _assumed(scheme: Scheme) -> list[tuple[str, list[str]]]:
    """What is assumed and for which rules, an assumption once."""
    found: dict[str, list[str]] = {}
    for rule in scheme.edition.rules:
        terms = [rule.accept, rule.answer] if isinstance(rule, Route) else []
        for basis in (rule.basis, *(term.basis for term in terms if term is not None)):
            if isinstance(basis, Assumption):
                found.setdefault(basis.why, []).append(_named(rule))
    if scheme.edition.in_force.assumed is not None:
        found.setdefault(scheme.edition.in_force.assumed.why, []).append(say("施行日期"))
    return list(found.items())


def _named(rule: Rule) -> str:
    match rule:
        case Route():
            return KIND[rule.kind.value]
        case Board():
            return rule.title
        case Placement():
            return say("网格归属")
        case Filing():
            return say("网格备案")
        case _:
            return rule.name if not isinstance(rule, Duty) else rule.says
