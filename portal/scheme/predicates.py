"""What can be done with a predicate: evaluate it, name its facts, and say it in words."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from portal.scheme.words import AllOf, AnyOf, Fact, Is, Not, Predicate
from portal.terms import say

Facts = Mapping[str, str]


def holds(predicate: Predicate, facts: Facts) -> bool:
    """Whether ``predicate`` is true of an enterprise with these facts. A fact that is not stated has no value."""
    match predicate:
        case Is(fact, value):
            return facts.get(fact, "no") == value
        case AnyOf(of):
            return any(holds(part, facts) for part in of)
        case AllOf(of):
            return all(holds(part, facts) for part in of)
        case Not(of):
            return not holds(of, facts)


def facts_of(predicate: Predicate) -> set[str]:
    """The codes of the facts that the predicate asks for."""
    match predicate:
        case Is(fact, _):
            return {fact}
        case AnyOf(of) | AllOf(of):
            return set().union(*(facts_of(part) for part in of))
        case Not(of):
            return facts_of(of)


def worlds(facts: Sequence[Fact]) -> Iterator[dict[str, str]]:
    """Every combination of values that these facts can have: what gap and overlap checks walk through."""
    codes = [fact.code for fact in facts]
    for values in product(*([value for value, _ in fact.choices] for fact in facts)):
        yield dict(zip(codes, values, strict=True))


def predicate_told(predicate: Predicate, facts: Mapping[str, Fact]) -> str:
    """The predicate in Chinese words, with the names that the region gave to facts and values; codes where it gave none."""
    match predicate:
        case Is(fact, value):
            known = facts.get(fact)
            name, choices = (known.name, dict(known.choices)) if known is not None else (fact, {})
            if value in ("yes", "no"):
                return name if value == "yes" else say("非{fact}", fact=name)
            return say("{fact}为“{value}”", fact=name, value=choices.get(value, value))
        case AnyOf(of):
            return say("或").join(predicate_told(part, facts) for part in of)
        case AllOf(()):
            return say("全部生产经营单位")
        case AllOf(of):
            parts = (
                f"（{predicate_told(part, facts)}）" if isinstance(part, AnyOf) else predicate_told(part, facts) for part in of
            )
            return say("且").join(parts)
        case Not(of):
            return say("不属于（{what}）", what=predicate_told(of, facts))
