"""Who may do what to which enterprise, in whose name, up to which limit, and where goes what is above it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.scheme.book import Scheme
from portal.scheme.decision import Decision
from portal.scheme.national import BY_LETTER
from portal.scheme.predicates import holds, predicate_told
from portal.scheme.words import AllOf, AnyOf, Assumption, Is, Not, Power, Predicate, Term, Within
from portal.terms import day_words, say

# Art. 20 counts since 2021-07-15; whoever had no letter then has had to be told since the measures that the lending rests on
# were issued anew (应急管理部令第18号)
ASKED_SINCE = date(2026, 2, 1)
ANNOUNCED = Term(
    within=Within(days=60),
    basis=Assumption("法律没有写委托期满前多久提醒；取期满前60天，让双方来得及续签并公布。"),
)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter of entrustment (委托书): who lends which powers to whom, toward enterprises of which fields, since when. ``until``
    is the first day on which it no longer holds. Of a fact that stands in ``fields`` it lends only toward the values there.
    """

    number: str
    lender: str
    entrusted: str
    powers: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    published_on: date
    since: date
    until: date

    def holds_on(self, day: date) -> bool:
        """Whether it is published and within its period on that day."""
        return max(self.since, self.published_on) <= day < self.until

    def lends(self, power: str, facts: Mapping[str, str]) -> bool:
        """Whether it lends the power toward an enterprise with these facts."""
        named = {fact for fact, _ in self.fields}
        return power in self.powers and all((fact, facts.get(fact, "no")) in self.fields for fact in named)

    def days_left(self, day: date) -> int | None:
        """In how many days it ends, where that has to be announced; 0 on its last day."""
        left = (self.until - timedelta(days=1) - day).days
        return left if self.holds_on(day) and left <= ANNOUNCED.within.days else None


@dataclass(frozen=True)
class May:
    """Whether a power may be used; ``above`` is the kind of unit to which the matter goes instead, if it goes anywhere. What is
    lent is used under a ``letter``, in its lender's name; ``unlent``: it is only the letter that is missing.
    """

    allowed: bool
    above: str | None = None
    letter: Letter | None = None
    unlent: bool = False


def may(
    scheme: Scheme,
    power: str,
    post: str,
    facts: Mapping[str, str],
    *,
    on: date,
    letters: Sequence[Letter] = (),
    yuan: int | None = None,
) -> Decision[May]:
    """Whether the holder of a post may use a power toward an enterprise with these facts on a day, for so many ``yuan``.

    ``letters`` are those by which the offices of that place were ever entrusted; what is lent holds under one of them or not at
    all.
    """
    rule = next(one for one in scheme.powers if one.code == power)
    if post not in rule.posts:
        names = "、".join(scheme.posts[code].name for code in rule.posts)
        note = say("只有{posts}可以{power}", posts=names, power=rule.name)
        return Decision(May(allowed=False), (scheme.because(rule.basis, note),))
    if not holds(rule.toward, facts):
        note = say("只对这样的单位：{who}", who=predicate_told(rule.toward, scheme.facts))
        return Decision(May(allowed=False), (scheme.because(rule.basis, note),))
    letter = None
    if rule.lent_by is not None:
        letter = next((one for one in letters if one.holds_on(on) and one.lends(power, facts)), None)
        if letter is None:
            why = scheme.because(BY_LETTER, _unlent(scheme, rule, facts, on, letters))
            return Decision(May(allowed=False, unlent=True), (scheme.because(rule.basis, rule.name), why))
    if rule.limit_yuan is not None and yuan is not None and yuan > rule.limit_yuan:
        note = say("超过{limit}元，交{unit}", limit=rule.limit_yuan, unit=scheme.units[rule.above or ""].name)
        return Decision(May(allowed=False, above=rule.above), (scheme.because(rule.basis, note),))
    why = scheme.because(rule.basis, rule.name)
    if letter is None:
        return Decision(May(allowed=True), (why,))
    note = say(
        "凭委托书{number}，以{lender}的名义，到{day}止",
        number=letter.number,
        lender=letter.lender,
        day=day_words(letter.until - timedelta(days=1)),
    )
    return Decision(May(allowed=True, letter=letter), (why, scheme.because(BY_LETTER, note)))


def _unlent(scheme: Scheme, rule: Power, facts: Mapping[str, str], on: date, letters: Sequence[Letter]) -> str:
    """Why no letter lends this today."""
    name = scheme.units[rule.lent_by or ""].name
    if any(one.holds_on(on) for one in letters):
        return say("现有的委托书没有把这一项委托给这里，不能以{lender}名义执法", lender=name)
    fitting = [one for one in letters if one.lends(rule.code, facts)]
    if coming := min(
        (max(one.since, one.published_on) for one in fitting if on < max(one.since, one.published_on)), default=None
    ):
        return say("委托书到{day}才生效，在那以前不能以{lender}名义执法", day=day_words(coming), lender=name)
    if ended := max((one.until for one in fitting), default=None):
        last = day_words(ended - timedelta(days=1))
        return say("委托书到{day}止，在新的委托书公布之前，不能以{lender}名义执法", day=last, lender=name)
    return say("在{lender}公布委托书之前，不能以{lender}名义执法", lender=name)


def entrusted_kinds(scheme: Scheme, power: Power) -> tuple[str, ...]:
    """The kinds of unit to which a power is lent: where its posts sit, or whose people hold them."""
    posts = [scheme.posts[code] for code in power.posts if code in scheme.posts]
    kinds = [kind for post in posts for kind in (*(per.unit for per in post.per if per.unit is not None), *post.staffed_by)]
    return tuple(dict.fromkeys(kinds))


def fields_of(scheme: Scheme, powers: Sequence[Power]) -> tuple[tuple[str, str], ...]:
    """The values of facts that these powers ask for by name: the fields toward which a letter may lend them."""
    found = [pair for power in powers for pair in _asked(power.toward)]
    return tuple(dict.fromkeys(pair for pair in found if pair[0] in scheme.facts and scheme.facts[pair[0]].values))


def _asked(predicate: Predicate) -> list[tuple[str, str]]:
    match predicate:
        case Is(fact, value):
            return [(fact, value)]
        case AnyOf(of) | AllOf(of):
            return [pair for part in of for pair in _asked(part)]
        case Not():
            return []
