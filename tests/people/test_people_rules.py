"""Which posts a seat has, which are not held, who may be appointed."""

from collections import Counter

import pytest

from portal.errors import Refused
from portal.people.rules import Candidate, Seat, gaps, may_hold, posts_at
from portal.scheme.book import Scheme
from tests.sample_region.scheme import SAMPLE

SCHEME = Scheme(SAMPLE, SAMPLE.editions[0], "sample")
VILLAGE = Seat("grid", 1, "village-grid", "甲村格", "village")
COMMUNITY = Seat("grid", 2, "village-grid", "乙社区格", "community")
STATION = Seat("unit", 3, "station", "东所")
BIG = Seat("enterprise", 4, "big", "石料厂")


@pytest.mark.parametrize(
    ("seat", "expected"),
    [
        (VILLAGE, ["keeper"]),
        (COMMUNITY, ["keeper", "pair"]),
        (STATION, ["officer"]),
        (BIG, ["guard"]),
        (Seat("enterprise", 4, None, "没有归类"), []),
    ],
)
def test_posts_at(seat: Seat, expected: list[str]) -> None:
    assert [post.code for post in posts_at(SCHEME, seat)] == expected


def test_a_post_that_nobody_holds_is_a_gap_with_its_clause() -> None:
    (gap,) = gaps(SCHEME, [VILLAGE], Counter())
    assert (gap.value.post.code, gap.value.lacking) == ("keeper", 1)
    assert gap.because[0].basis.id == "SA-2"
    assert gap.because[0].note == "看护员应有 1 人，现有 0 人"


def test_too_many_are_shown_and_optional_posts_are_no_gap() -> None:
    held = Counter({("grid", 2, "keeper"): 2})
    (gap,) = gaps(SCHEME, [COMMUNITY], held)
    assert (gap.value.lacking, gap.value.held) == (0, 2)
    assert gaps(SCHEME, [BIG], Counter()) == []


@pytest.mark.parametrize(("post", "held", "said"), [("keeper", 1, "满员"), ("officer", 0, "没有这个岗位")])
def test_may_not_hold(post, held, said) -> None:
    with pytest.raises(Refused, match=said):
        may_hold(SCHEME, VILLAGE, post, Candidate(), held=held)


def test_an_enforcement_post_needs_a_certificate() -> None:
    with pytest.raises(Refused, match="执法证"):
        may_hold(SCHEME, STATION, "officer", Candidate(), held=0)
    assert may_hold(SCHEME, STATION, "officer", Candidate("证1"), held=0).code == "officer"
