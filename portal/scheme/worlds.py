"""Whether any enterprise at all can be as a predicate says, found without walking through every combination of facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.scheme.words import AllOf, AnyOf, Fact, Is, Not, Predicate

STEPS = 1_000_000


class TooMany(Exception):
    """There are more combinations than anybody should wait for."""


@dataclass
class Search:
    """Looks for example enterprises among all combinations of ``facts``, with a limited number of ``steps`` for all questions.

    A fact is given a value only where the answer still hangs on it, so facts that a predicate does not ask for cost nothing.
    """

    facts: Mapping[str, Fact]
    steps: int = STEPS

    def example(self, predicate: Predicate) -> dict[str, str] | None:
        """The facts that make the predicate true of an enterprise, only those that matter; None where there can be none.

        Raises :class:`TooMany`.
        """
        return self._found(self._given(predicate, "", ""))

    def _found(self, left: Predicate | bool) -> dict[str, str] | None:
        if isinstance(left, bool):
            return {} if left else None
        fact = _first(left)
        for value, _ in self.facts[fact].choices:
            found = self._found(self._given(left, fact, value))
            if found is not None:
                return {fact: value, **found}
        return None

    def _given(self, predicate: Predicate, fact: str, value: str) -> Predicate | bool:
        """What is left of the predicate once the fact has this value: nothing where it is sure by then."""
        self.steps -= 1
        if self.steps < 0:
            raise TooMany
        match predicate:
            case Is(asked, wanted):
                return wanted == value if asked == fact else predicate
            case Not(of):
                inner = self._given(of, fact, value)
                return not inner if isinstance(inner, bool) else Not(inner)
            case AllOf(of):
                parts = self._parts(of, fact, value, enough=False)
                return parts if isinstance(parts, bool) else AllOf(parts)
            case AnyOf(of):
                parts = self._parts(of, fact, value, enough=True)
                return parts if isinstance(parts, bool) else AnyOf(parts)

    def _parts(self, of: Sequence[Predicate], fact: str, value: str, *, enough: bool) -> tuple[Predicate, ...] | bool:
        """What is left of several; ``enough`` is what one of them has to be so that the others don't matter."""
        left = []
        for part in of:
            found = self._given(part, fact, value)
            if found is enough:
                return enough
            if not isinstance(found, bool):
                left.append(found)
        return tuple(left) or not enough


def _first(predicate: Predicate) -> str:
    match predicate:
        case Is(fact, _):
            return fact
        case Not(of):
            return _first(of)
        case AllOf(of) | AnyOf(of):
            return _first(of[0])
