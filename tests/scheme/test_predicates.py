"""Predicates: evaluated, named, told."""

import pytest

from portal.scheme.predicates import facts_of, holds, predicate_told, worlds
from portal.scheme.words import AllOf, AnyOf, Assumption, Fact, Is, Not

BASIS = Assumption("示例")
SIZE = Fact(code="size", name="规模", values=(("big", "大"), ("small", "小")), basis=BASIS)
RISKY = Fact(code="risky", name="高危", basis=BASIS)
FACTS = {"size": SIZE, "risky": RISKY}


@pytest.mark.parametrize(
    ("predicate", "facts", "expected"),
    [
        (Is("risky"), {"risky": "yes"}, True),
        (Is("risky"), {}, False),
        (Is("risky", "no"), {}, True),
        (Is("size", "big"), {"size": "big"}, True),
        (AnyOf((Is("risky"), Is("size", "big"))), {"size": "big"}, True),
        (AnyOf(()), {}, False),
        (AllOf(()), {}, True),
        (AllOf((Is("risky"), Is("size", "big"))), {"size": "big"}, False),
        (Not(Is("risky")), {}, True),
    ],
)
def test_holds(predicate, facts, expected) -> None:
    assert holds(predicate, facts) is expected


def test_facts_of_names_every_fact_once() -> None:
    assert facts_of(AnyOf((Is("a"), Not(AllOf((Is("b"), Is("a"))))))) == {"a", "b"}


def test_worlds_are_all_combinations() -> None:
    assert list(worlds([SIZE, RISKY])) == [
        {"size": "big", "risky": "yes"},
        {"size": "big", "risky": "no"},
        {"size": "small", "risky": "yes"},
        {"size": "small", "risky": "no"},
    ]


def test_told_uses_the_names_that_the_region_gave() -> None:
    assert predicate_told(AllOf((AnyOf((Is("risky"), Is("size", "big"))), Not(Is("risky", "no")))), FACTS) == (
        "（高危或规模为“大”）且不属于（非高危）"
    )
    assert predicate_told(AllOf(()), FACTS) == "全部生产经营单位"
