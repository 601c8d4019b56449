"""Looking schemes up, and the canonical form that is stored."""

from dataclasses import replace
from datetime import date

import pytest

from portal.scheme.book import Book
from portal.scheme.canonical import canonical, digest
from portal.scheme.decision import Because, Decision
from portal.scheme.words import Assumption, InForce
from tests.sample_region.scheme import GRIDS, SAMPLE, SILENT

EDITION = SAMPLE.editions[0]
NEXT = replace(EDITION, code="sample-2026", in_force=InForce(since=date(2026, 1, 1), until=date(2026, 12, 31), basis=GRIDS))
ALWAYS = replace(EDITION, code="sample-0", in_force=InForce(since=None, basis=GRIDS, assumed=Assumption("没有日期")))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2019, 12, 31), "sample-0"),
        (date(2020, 1, 1), "sample-2020"),
        (date(2025, 12, 31), "sample-2020"),
        (date(2026, 1, 1), "sample-2026"),
        (date(2026, 12, 31), "sample-2026"),
        (date(2027, 1, 1), "sample-2020"),
    ],
)
def test_the_latest_edition_in_force_counts(day: date, expected: str) -> None:
    book = Book.of([("sample", replace(SAMPLE, editions=(NEXT, EDITION, ALWAYS)))])
    scheme = book.in_force("sample", day)
    assert scheme is not None
    assert scheme.edition_id == expected


def test_order_of_plugins_and_rules_changes_nothing() -> None:
    other = replace(SAMPLE, code="other", editions=(replace(EDITION, code="other-1"),))
    one = Book.of([("a", SAMPLE), ("b", other)])
    two = Book.of([("b", other), ("a", SAMPLE)])
    assert one.schemes == two.schemes
    turned = replace(EDITION, rules=tuple(reversed(EDITION.rules)))
    assert canonical(turned) == canonical(EDITION)


def test_the_digest_follows_every_word() -> None:
    altered = replace(EDITION, rules=(replace(EDITION.rules[0], name="别名"), *EDITION.rules[1:]))
    assert digest(altered) != digest(EDITION)
    assert len(digest(EDITION)) == 64


def test_a_decision_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        Decision(1)


@pytest.mark.parametrize("basis", [GRIDS, GRIDS.taken("日子是我们取的"), SILENT])
def test_a_reason_is_kept_and_read_back(basis) -> None:
    because = Because(basis=basis, edition="sample-2020", note="因为")
    kept = because.kept()
    assert Because.read(kept).kept() == kept
    assert Because.read(kept).basis == (basis if isinstance(basis, Assumption) else replace(basis, kind="R"))
    assert ("gist" in kept) != ("assumption" in kept)
