"""All schemes of a running portal, looked up by region and day. Built once at start; no hook is called afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True)
class Scheme:
    """One edition of one region, with its rules by word and code."""

    region: Region
    edition: Edition
    plugin: str

    @property
    def id(self) -> str:
        """The edition's id, which every ruled row carries."""
        return self.edition.code

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
        """The route of each kind of case."""
        return MappingProxyType({route.kind: route for route in rules_of(Route, self.edition.rules)})

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
        return Because(basis=basis, edition=self.id, note=note)


@dataclass(frozen=True)
class Book:
    """The schemes of all enabled regions."""

    schemes: tuple[Scheme, ...]

    @classmethod
    def of(cls, regions: Iterable[tuple[str, Region]]) -> "Book":
        """Build from (plugin name, region) pairs; their order never changes a result."""
        schemes = (Scheme(region, edition, plugin) for plugin, region in regions for edition in region.editions)
        return cls(tuple(sorted(schemes, key=lambda scheme: (scheme.region.code, scheme.id))))

    @cached_property
    def regions(self) -> Mapping[str, Region]:
        """The regions by code."""
        return MappingProxyType({scheme.region.code: scheme.region for scheme in self.schemes})

    def scheme(self, region: str, on: date) -> Scheme | None:
        """The edition of ``region`` in force on that day: the latest that began; an unknown beginning counts as always."""
        in_force = [scheme for scheme in self.schemes if scheme.region.code == region and _holds(scheme.edition, on)]
        return max(in_force, key=lambda scheme: _since(scheme.edition), default=None)

    def edition(self, edition: str) -> Scheme | None:
        """The scheme with this edition id, in force or not."""
        return next((scheme for scheme in self.schemes if scheme.id == edition), None)


def lies_in(path: str, divisions: Iterable[str]) -> bool:
    """Whether a jurisdiction with this path is one of these divisions, by their codes, or lies in one."""
    return any(f"/{code}/" in path for code in divisions)


def reaches(per: Per, path: str) -> bool:
    """Whether what lies at this path is among that to which ``inside`` and ``beyond`` narrow the place of a post."""
    return (not per.inside or lies_in(path, per.inside)) and not lies_in(path, per.beyond)


def _since(edition: Edition) -> date:
    return edition.in_force.since or date.min


def _holds(edition: Edition, on: date) -> bool:
    return _since(edition) <= on <= (edition.in_force.until or date.max)
