"""One thing that is wrong with a region, or worth a second look."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal.scheme.words import Edition, Region
from portal.terms import say

KEYS = ("code", "id", "klass", "kind")


@dataclass(frozen=True)
class Problem:
    """Where, what, and how to mend it. ``rule`` and ``field`` are what has to be changed, so that its line can be found.

    A ``hint`` is no mistake: the portal runs the region, but its author may have meant something else.
    """

    where: str
    what: str
    mend: str
    rule: object = None
    field: str = ""
    hint: bool = False

    def __str__(self) -> str:
        return say("{where}：{what}。{mend}", where=self.where, what=self.what, mend=self.mend)


def named(rule: Any) -> str:
    """A rule as its author knows it: its word and its code."""
    return f"{type(rule).__name__} {code_of(rule)}".strip()


def code_of(rule: Any) -> str:
    """What tells a rule from the others of its word."""
    key = next((name for name in KEYS if hasattr(rule, name)), None)
    value, topics = getattr(rule, key) if key else "", getattr(rule, "topics", ())
    return "-".join(str(getattr(part, "value", part)) for part in (value, *(topics if isinstance(topics, tuple) else ())))


def wrong(within: Edition | Region, rule: object, what: str, mend: str, *, field: str = "", hint: bool = False) -> Problem:
    """A problem of a rule of an edition, or of a region as a whole."""
    where = within.code if rule is within else f"{within.code} {named(rule)}"
    return Problem(where, what, mend, rule, field, hint)


def listed(codes: Iterable[str]) -> str:
    """Codes for a reader to choose from."""
    return "、".join(sorted(codes)) or say("无")
