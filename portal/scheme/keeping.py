"""What was stored of editions beside what plugins state now: which text rules, by which text a row is read, which regions have to
wait until somebody looks. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from portal.scheme.book import Book, Scheme
from portal.scheme.canonical import canonical, digest_of, read, rules_in
from portal.scheme.comparing import Change, compare
from portal.scheme.words import Region

# No code of an edition has this sign in it: what follows it counts the texts of that edition which were adopted
TEXT = "@"


@dataclass(frozen=True)
class Stored:
    """A text of an edition as it was stored when it came into force here, or when it was adopted."""

    region: str
    code: str
    text: str
    digest: str
    at: datetime

    @property
    def edition(self) -> str:
        """The code of the edition whose text it is."""
        return self.code.partition(TEXT)[0]

    @property
    def sound(self) -> bool:
        """Whether it is what was stored."""
        return self.digest == digest_of(self.text)


@dataclass(frozen=True)
class Adoption:
    """That a deployer took the texts ``taken`` instead of the others, from a day on; each by its code."""

    day: date
    taken: frozenset[str]
    instead_of: frozenset[str]


class Misfit(StrEnum):
    """Why what a plugin states cannot be used beside what is stored."""

    ALTERED = "altered"
    TAKEN_OUT = "taken_out"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class TextConflict:
    """A stored text that does not fit what its region's plugin states: ``stated`` is the plugin's own text of that edition."""

    how: Misfit
    stored: Stored
    stated: Scheme | None = None


@dataclass(frozen=True)
class Reworded:
    """A stored text whose rules are those of the plugin, in other words."""

    stored: Stored
    stated: Scheme


@dataclass(frozen=True)
class Settled:
    """By which book a portal reads and decides: that of its plugins (``stated``) with what is stored. In regions in conflict it
    decides nothing.
    """

    stated: Book
    book: Book
    conflicts: Mapping[str, tuple[TextConflict, ...]] = field(default_factory=dict)
    reworded: Mapping[str, Reworded] = field(default_factory=dict)


def settle(stated: Book, stored: Sequence[Stored], adoptions: Sequence[Adoption]) -> Settled:
    """Bring together what plugins state and what is stored."""
    schemes: list[Scheme] = []
    aside: list[Scheme] = []
    conflicts: dict[str, tuple[TextConflict, ...]] = {}
    reworded: dict[str, Reworded] = {}
    for region in stated.regions:
        kept = _Kept([one for one in stored if one.region == region], adoptions)
        if found := tuple(kept.conflicts(stated.schemes_of(region))):
            conflicts[region] = found
            aside += kept.aside(stated.regions[region])
        else:
            schemes += kept.schemes(stated.schemes_of(region))
            reworded |= kept.reworded(stated.schemes_of(region))
    book = Book(tuple(sorted(schemes, key=lambda scheme: (scheme.region.code, scheme.edition_id))), tuple(aside))
    return Settled(stated, book, MappingProxyType(conflicts), MappingProxyType(reworded))


class _Kept:
    """What is stored of one region."""

    def __init__(self, stored: Sequence[Stored], adoptions: Sequence[Adoption]) -> None:
        self._stored = stored
        self._adopted = {code: one.day for one in adoptions for code in one.taken}
        self._given_up = {code: one.day for one in adoptions for code in one.instead_of}
        # The last text of each edition; those before it were given up
        self._last = {one.edition: one for one in stored}

    def conflicts(self, editions: Sequence[Scheme]) -> Iterator[TextConflict]:
        known = {scheme.edition.code: scheme for scheme in editions}
        for one in self._stored:
            if not one.sound:
                yield TextConflict(Misfit.DAMAGED, one, known.get(one.edition))
        for code, one in self._last.items():
            if not one.sound:
                continue
            if code not in known:
                if one.code not in self._given_up:
                    yield TextConflict(Misfit.TAKEN_OUT, one)
            # What was given up decides nothing again by itself
            elif one.code in self._given_up or not _rule_equally(one.text, canonical(known[code].edition)):
                yield TextConflict(Misfit.ALTERED, one, known[code])

    def schemes(self, editions: Sequence[Scheme]) -> Iterator[Scheme]:
        for scheme in editions:
            last = self._last.get(scheme.edition.code)
            code = last.code if last is not None else scheme.edition.code
            yield replace(scheme, code=code, adopted_on=self._adopted.get(code))
        yield from (one for one in self.aside(editions[0].region) if one.given_up_on is not None)

    def aside(self, region: Region) -> Iterator[Scheme]:
        """The stored texts themselves."""
        for one in self._stored:
            if one.sound:
                day = self._given_up.get(one.code)
                yield Scheme(region, read(one.text), "", one.code, self._adopted.get(one.code), day)

    def reworded(self, editions: Sequence[Scheme]) -> Iterator[tuple[str, Reworded]]:
        for scheme in editions:
            last = self._last.get(scheme.edition.code)
            if last is not None and last.text != canonical(scheme.edition):
                yield last.code, Reworded(last, scheme)


def _rule_equally(stored: str, stated: str) -> bool:
    return stored == stated or rules_in(stored) == rules_in(stated)


def difference(stored: Stored, stated: Scheme) -> tuple[Change, ...]:
    """What the plugin says today differently from what was stored, rule by rule."""
    return compare(Scheme(stated.region, read(stored.text), "", stored.code), stated).changes


def next_code(edition: str, stored: Sequence[Stored]) -> str:
    """The code of one more text of an edition."""
    return f"{edition}{TEXT}{sum(one.edition == edition for one in stored) + 1}"
