"""Who may do what to which enterprise, up to which limit, and where goes what is above it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.scheme.book import Scheme
from portal.scheme.decision import Decision
from portal.scheme.predicates import holds, told
from portal.terms import say


@dataclass(frozen=True)
class May:
    """Whether a power may be used; ``above`` is the kind of unit to which the matter goes instead, if it goes anywhere."""

    allowed: bool
    above: str | None = None


def may(scheme: Scheme, power: str, post: str, facts: Mapping[str, str], *, yuan: int | None = None) -> Decision[May]:
    """Whether the holder of a post may use a power toward an enterprise with these facts, for so many ``yuan``."""
    rule = next(one for one in scheme.powers if one.code == power)
    if post not in rule.posts:
        names = "、".join(scheme.posts[code].name for code in rule.posts)
        note = say("只有{posts}可以{power}", posts=names, power=rule.name)
        return Decision(May(allowed=False), (scheme.because(rule.basis, note),))
    if not holds(rule.toward, facts):
        note = say("只对这样的单位：{who}", who=told(rule.toward, scheme.facts))
        return Decision(May(allowed=False), (scheme.because(rule.basis, note),))
    if rule.limit_yuan is not None and yuan is not None and yuan > rule.limit_yuan:
        note = say("超过{limit}元，交{unit}", limit=rule.limit_yuan, unit=scheme.units[rule.above or ""].name)
        return Decision(May(allowed=False, above=rule.above), (scheme.because(rule.basis, note),))
    return Decision(May(allowed=True), (scheme.because(rule.basis, rule.name),))
