"""All schemes of a running portal, looked up by region and day. Built once at start; no hook is called afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType

from portal.scheme.decision import Because
from portal.scheme.words import (
    Basis,
    Board,
    Class,
    Duty,
    Edition,
    Fact,
    Filing,
    Kind,
    Line,
    Per,
    Placement,
    Post,
    Power,
    Region,
    Route,
    Tier,
    Topic,
    Unit,
    rules_of,
)
from portal.terms import say


@dataclass(frozen=True)
class Scheme:
    """One edition of one region, with its rules by word and code.

    Where a deployer adopted another text of an edition, each text is a scheme of its own: the later one has a ``code`` of its own
    and rules since ``adopted_on``, the earlier one until ``given_up_on``.
    """

    region: Region
    edition: Edition
    plugin: str
    code: str = ""
    adopted_on: date | None = None
    given_up_on: date | None = None

    @property
    def edition_id(self) -> str:
        """What every ruled row carries: the edition's code, or the one under which another text of it was adopted."""
        return self.code or self.edition.code

    @property
    def since(self) -> date | None:
        """The first day on which it rules: the document's, or the day on which this text was adopted; None means always."""
        return max((day for day in (self.edition.in_force.since, self.adopted_on) if day is not None), default=None)

    @property
    def until(self) -> date | None:
        """The last day on which it rules: the document's, or the one before another text was adopted; None means without end."""
        last = self.given_up_on - timedelta(days=1) if self.given_up_on is not None else None
        return min((day for day in (self.edition.in_force.until, last) if day is not None), default=None)

    def begun_at(self, path: str, on: date) -> bool:
        """Whether the edition has begun in the jurisdiction with this path: a pilot begins in some divisions only."""
        in_force = self.edition.in_force
        everywhere = not in_force.pilot or (in_force.everywhere is not None and on >= in_force.everywhere)
        return everywhere or lies_in(path, in_force.pilot)

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Kinds of unit by code."""
        return MappingProxyType({unit.code: unit for unit in rules_of(Unit, self.edition.rules)})

    @cached_property
    def tiers(self) -> Mapping[str, Tier]:
        """Tiers by code."""
        return MappingProxyType({tier.code: tier for tier in rules_of(Tier, self.edition.rules)})

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        """Lines by code."""
        return MappingProxyType({line.code: line for line in rules_of(Line, self.edition.rules)})

    @cached_property
    def posts(self) -> Mapping[str, Post]:
        """Posts by code."""
        return MappingProxyType({post.code: post for post in rules_of(Post, self.edition.rules)})

    @cached_property
    def facts(self) -> Mapping[str, Fact]:
        """Facts that classes ask for, by code."""
        return MappingProxyType({fact.code: fact for fact in rules_of(Fact, self.edition.rules)})

    @cached_property
    def classes(self) -> tuple[Class, ...]:
        """The classes of enterprises."""
        return rules_of(Class, self.edition.rules)

    @cached_property
    def placements(self) -> Mapping[str, Placement]:
        """The placement of each class."""
        return MappingProxyType({placement.klass: placement for placement in rules_of(Placement, self.edition.rules)})

    @cached_property
    def duties(self) -> tuple[Duty, ...]:
        """All duties and services."""
        return rules_of(Duty, self.edition.rules)

    @cached_property
    def counted(self) -> Mapping[str, Duty]:
        """The duties that are counted, by code."""
        return MappingProxyType({duty.code: duty for duty in self.duties if duty.act is not None})

    @cached_property
    def powers(self) -> tuple[Power, ...]:
        """All powers."""
        return rules_of(Power, self.edition.rules)

    @cached_property
    def filings(self) -> tuple[Filing, ...]:
        """What is filed with whom."""
        return rules_of(Filing, self.edition.rules)

    @cached_property
    def boards(self) -> Mapping[str, Board]:
        """The boards by what they are of: ``"grid"`` or ``"enterprise"``."""
        return MappingProxyType({board.of: board for board in rules_of(Board, self.edition.rules)})

    @cached_property
    def routes(self) -> Mapping[Kind, Route]:
        """The route of each kind of case, as it is without a topic that has a route of its own."""
        return MappingProxyType({route.kind: route for route in rules_of(Route, self.edition.rules) if not route.topics})

    @cached_property
    def routes_of_topics(self) -> Mapping[tuple[Kind, str], Route]:
        """The routes that topics have of their own, by kind of case and topic."""
        routes = rules_of(Route, self.edition.rules)
        return MappingProxyType({(route.kind, topic): route for route in routes for topic in route.topics})

    def route(self, kind: Kind, topic: str = "") -> Route:
        """The route of a case of this kind about this topic; of one that the edition does not know, the kind's own."""
        return self.routes_of_topics.get((kind, topic)) or self.routes[kind]

    def owed_by(self, duty: Duty) -> str:
        """Who owes a duty: the name of its post, of each of several, or of the kind of unit that owes it itself."""
        posts = [self.posts[post].name for post in duty.posts if post in self.posts]
        return say("或").join(posts) or "、".join(self.units[per.unit].name for per in duty.on if per.unit is not None)

    def topics(self, kind: Kind) -> tuple[Topic, ...]:
        """What the public may choose at this door."""
        return tuple(topic for topic in rules_of(Topic, self.edition.rules) if topic.kind is kind)

    def posts_per(self, **of: str) -> tuple[tuple[Post, Per], ...]:
        """The posts that have a seat ``tier=…``, ``unit=…`` or ``klass=…``, with the place where they say so."""
        ((axis, code),) = of.items()
        return tuple(
            (post, per)
            for post in self.posts.values()
            for per in post.per
            if getattr(per, axis) == code or (axis == "klass" and per.klass == "*")
        )

    def because(self, basis: Basis, note: str = "") -> Because:
        """A reason that stands in this edition."""
        return Because(basis=basis, edition=self.edition_id, note=note)


@dataclass(frozen=True)
class Era:
    """A stretch of days, ``until`` not included, over which one edition rules, or none."""

    since: date
    until: date | None
    scheme: Scheme | None


@dataclass(frozen=True)
class Book:
    """The schemes of all enabled regions. By those ``aside`` nothing is decided; rows that carry them are read by them."""

    schemes: tuple[Scheme, ...]
    aside: tuple[Scheme, ...] = ()

    @classmethod
    def of(cls, regions: Iterable[tuple[str, Region]]) -> "Book":
        """Build from (plugin name, region) pairs; their order never changes a result."""
        schemes = (Scheme(region, edition, plugin) for plugin, region in regions for edition in region.editions)
        return cls(tuple(sorted(schemes, key=lambda scheme: (scheme.region.code, scheme.edition_id))))

    @cached_property
    def regions(self) -> Mapping[str, Region]:
        """The regions by code."""
        return MappingProxyType({scheme.region.code: scheme.region for scheme in self.schemes})

    def in_force(self, region: str, on: date) -> Scheme | None:
        """The edition of ``region`` in force on that day: the latest that began; an unknown beginning counts as always."""
        return _ruling(self.schemes_of(region), on)

    def schemes_of(self, region: str) -> tuple[Scheme, ...]:
        """All editions of a region, past and to come, by the day on which they begin."""
        found = (scheme for scheme in self.schemes if scheme.region.code == region)
        return tuple(sorted(found, key=lambda scheme: (_since(scheme), scheme.edition_id)))

    def eras(self, region: str, start: date, known: date) -> tuple[Era, ...]:
        """Which edition rules from ``start`` on, stretch by stretch. One that begins after the day ``known`` rules nothing
        yet: until it comes into force it may still be altered.
        """
        begun = [scheme for scheme in self.schemes_of(region) if _since(scheme) <= known]
        ends = (scheme.until for scheme in begun)
        turns = {_since(scheme) for scheme in begun} | {end + timedelta(days=1) for end in ends if end is not None}
        eras: list[Era] = []
        for day in (start, *sorted(day for day in turns if day > start)):
            scheme = _ruling(begun, day)
            if eras and eras[-1].scheme == scheme:
                continue
            if eras:
                eras[-1] = replace(eras[-1], until=day)
            eras.append(Era(day, None, scheme))
        return tuple(eras)

    def era(self, region: str, on: date) -> Era:
        """The stretch around a day: since when without a break the edition in force rules."""
        return next(era for era in self.eras(region, date.min, on) if era.until is None or on < era.until)

    def in_force_or_nearest(self, region: str, on: date) -> Scheme | None:
        """The edition by whose words a region is read on a day: the one in force, else the last that was, else the first."""
        return self.in_force(region, on) or next(iter((*self.begun_by(region, on), *self.schemes_of(region))), None)

    def begun_by(self, region: str, on: date) -> tuple[Scheme, ...]:
        """The editions of a region that have been in force by that day, the latest first."""
        return tuple(scheme for scheme in reversed(self.schemes_of(region)) if _since(scheme) <= on)

    def outside(self, on: date) -> frozenset[tuple[str, str]]:
        """The kinds of office that stand outside the chain, each with its region, in the latest edition by that day that has
        them: one that a later edition leaves out stays outside.
        """
        latest = {
            (region, code): unit.outside
            for region in self.regions
            for scheme in reversed(self.begun_by(region, on))
            for code, unit in scheme.units.items()
        }
        return frozenset(kind for kind, outside in latest.items() if outside)

    def latest_name(self, region: str, kind: str, code: str) -> str | None:
        """What the rule of a kind, such as ``"units"``, with that code is called, in the latest edition that has it."""
        found = (getattr(scheme, kind) for scheme in reversed(self.schemes_of(region)))
        return next((rules[code].name for rules in found if code in rules), None)

    def with_id(self, edition: str) -> Scheme | None:
        """The scheme with this edition id, in force or not, also one set aside."""
        return next((scheme for scheme in (*self.schemes, *self.aside) if scheme.edition_id == edition), None)

    def name_in(self, edition: str, kind: str, code: str) -> str:
        """What the rule of a kind with that code was called in the edition that a row carries; the code where nobody knows."""
        scheme = self.with_id(edition)
        rules = getattr(scheme, kind) if scheme is not None else {}
        return rules[code].name if code in rules else code


def lies_in(path: str, divisions: Iterable[str]) -> bool:
    """Whether a jurisdiction with this path is one of these divisions, by their codes, or lies in one."""
    return any(f"/{code}/" in path for code in divisions)


def reaches(per: Per, path: str) -> bool:
    """Whether what lies at this path is among that to which ``inside`` and ``beyond`` narrow the place of a post."""
    return (not per.inside or lies_in(path, per.inside)) and not lies_in(path, per.beyond)


def _ruling(editions: Iterable[Scheme], on: date) -> Scheme | None:
    in_force = [scheme for scheme in editions if _holds(scheme, on)]
    return max(in_force, key=_since, default=None)


def _since(scheme: Scheme) -> date:
    return scheme.since or date.min


def _holds(scheme: Scheme, on: date) -> bool:
    return _since(scheme) <= on <= (scheme.until or date.max)
