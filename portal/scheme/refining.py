"""What a place may make stricter (细化): the figures of a scheme, what stricter means for each, and the scheme with them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import lcm

from portal.scheme.book import Scheme
from portal.scheme.calendar import period_told
from portal.scheme.windows import MOST_A_YEAR, countable
from portal.scheme.words import Assumption, Basis, Clause, Duty, Every, N, Post, Power, Route, Rule, Term, Within
from portal.terms import KIND, Text, say

Value = Every | Within | int | None


@dataclass(frozen=True)
class Figure:
    """A figure of a scheme that a place may make stricter, by the code under which refinements name it."""

    code: str
    name: Text
    value: Value
    basis: Basis
    unit: str

    @property
    def says(self) -> Text:
        """The figure in Chinese words."""
        return said(self.value, self.unit)


@dataclass(frozen=True, kw_only=True)
class Stricter:
    """A refinement: which figure is what at a place, by which clause of which of its own documents, since when."""

    figure: str
    value: Value
    place: str
    path: str
    document: str
    at: str
    gist: str
    since: date


def said(value: Value, unit: str) -> Text:
    """A figure's value in Chinese words; ``unit`` tells what a bare number counts."""
    match value:
        case Every() | Within():
            return period_told(value)
        case None:
            return say("没有规定")
    return {"times": say("每年至少{n}次", n=value), "people": say("至少{n}人", n=value), "yuan": say("{n}元", n=value)}[unit]


def figures(scheme: Scheme) -> Mapping[str, Figure]:
    """All figures of the scheme that a place may make stricter."""
    return {figure.code: figure for rule in scheme.edition.rules for figure in _of(scheme, rule)}


def _of(scheme: Scheme, rule: Rule) -> Iterator[Figure]:
    match rule:
        case Duty(act=act) if act is not None:
            whose = f"{scheme.owed_by(rule)}：{rule.says}" if rule.who is not None else rule.says
            yield Figure(f"duty:{rule.code}:every", say("{what}（周期）", what=whose), rule.every, rule.basis, "")
            yield Figure(f"duty:{rule.code}:times", say("{what}（每年次数）", what=whose), rule.times_a_year, rule.basis, "times")
        case Post(ex_officio=None):
            yield Figure(f"post:{rule.code}:least", say("{post}（人数）", post=rule.name), rule.count.least, rule.basis, "people")
        case Power() if rule.limit_yuan is not None:
            yield Figure(f"power:{rule.code}:limit", say("{power}（上限）", power=rule.name), rule.limit_yuan, rule.basis, "yuan")
        case Route():
            for what, term, name in (("accept", rule.accept, say("受理期限")), ("answer", rule.answer, say("答复期限"))):
                if term is not None:
                    about = [topic.name for topic in scheme.topics(rule.kind) if topic.code in rule.topics]
                    kind = (
                        say("{kind}（{topics}）", kind=KIND[rule.kind.value], topics="、".join(about))
                        if about
                        else KIND[rule.kind.value]
                    )
                    label = say("{kind}：{name}", kind=kind, name=name)
                    yield Figure(f"route:{rule.key}:{what}", label, term.within, term.basis, "")


def is_possible(value: Value, code: str) -> bool:
    """Whether a place can ask that at all: a rhythm of which windows can be counted, so often a year as there are days."""
    match value:
        case Every():
            return countable(value)
        case int() if code.endswith(":times"):
            return 1 <= value <= MOST_A_YEAR
    return True


def is_stricter(old: Value, new: Value, code: str) -> bool:
    """Whether whoever keeps ``new`` keeps ``old`` as well, and more is asked of them."""
    match old, new:
        case _ if old == new or new is None or not is_possible(new, code):
            return False
        case Every(), Every():
            return _holds_whole(old, new)
        case Within(), Within():
            kinds = [[bool(one.months), bool(one.days), bool(one.working_days)] for one in (old, new)]
            sums = [one.months + one.days + one.working_days for one in (old, new)]
            return kinds[0] == kinds[1] and sum(kinds[0]) == 1 and 0 < sums[1] < sums[0]
        case None, int():
            return new > 0
        case None, Every():
            return True
        case int(), int():
            return 0 <= new < old if code.startswith("power:") else new > old
    return False


def _holds_whole(old: Every, new: Every) -> bool:
    """Whether each window of ``old`` holds a whole window of ``new``."""
    if bool(old.weeks) == bool(new.weeks):
        big, small = (old.weeks, new.weeks) if old.weeks else (old.months, new.months)
        starts = range(0, lcm(big, small), big) if small else ()
        return bool(starts) and all((-(-first // small) + 1) * small <= first + big for first in starts)
    shortest = 7 * old.weeks if old.weeks else 28 + 30 * (old.months - 1)
    longest = 7 * new.weeks if new.weeks else 31 * new.months
    return bool(longest) and shortest >= 2 * longest - 1


def refined_figures(scheme: Scheme, stricter: Iterable[Stricter]) -> Mapping[str, Figure]:
    """The figures with these refinements, each with the clause that it has there, the widest place's first; one that is not
    stricter than what it meets is left out.
    """
    found = dict(figures(scheme))
    for one in sorted(stricter, key=lambda one: len(one.path)):
        figure = found.get(one.figure)
        if figure is not None and is_stricter(figure.value, one.value, one.figure):
            found[one.figure] = replace(figure, value=one.value, basis=clause_of(figure, one))
    return found


def refined(scheme: Scheme, stricter: Iterable[Stricter]) -> Scheme:
    """The scheme with these refinements, as :func:`refined_figures` has them."""
    before = figures(scheme)
    changed = [figure for code, figure in refined_figures(scheme, stricter).items() if figure.value != before[code].value]
    if not changed:
        return scheme
    rules = tuple(_with(rule, changed) for rule in scheme.edition.rules)
    return replace(scheme, edition=replace(scheme.edition, rules=rules))


def _with(rule: Rule, changed: Iterable[Figure]) -> Rule:
    new = rule
    for figure in changed:
        word, code, what = figure.code.split(":")
        basis = figure.basis
        match new, figure.value:
            case Duty(), Every() if (word, code, what) == ("duty", new.code, "every"):
                new = replace(new, every=figure.value, basis=basis)
            case Duty(), int() if (word, code, what) == ("duty", new.code, "times"):
                new = replace(new, times_a_year=figure.value, basis=basis if new.basis == rule.basis else _both(new.basis, basis))
            case Post(), int() if (word, code) == ("post", new.code):
                most = new.count.most
                count = N(figure.value, None if most is None else max(most, figure.value))
                new = replace(new, count=count, basis=basis)
            case Power(), int() if (word, code) == ("power", new.code):
                new = replace(new, limit_yuan=figure.value, basis=basis)
            case Route(), Within() if (word, code) == ("route", new.key):
                term = Term(within=figure.value, basis=basis)
                new = replace(new, accept=term) if what == "accept" else replace(new, answer=term)
    return new


def _both(rhythm: Basis, times: Basis) -> Basis:
    """The clauses by which a place refined both figures of a duty, as the one that the duty stands on."""
    match rhythm, times:
        case Clause(), Clause():
            id_ = "、".join(dict.fromkeys((rhythm.id, times.id)))
            return Clause(id_, "；".join(dict.fromkeys((rhythm.at, times.at))), f"{rhythm.gist}；{times.gist}")
    return times


def clause_of(figure: Figure, one: Stricter) -> Clause:
    """The place's own clause, which also says what of the scheme it refines, and by whose order that stands."""
    match figure.basis:
        case Clause(_, at, _, _):
            before = say("{at}：{says}", at=at, says=figure.says)
        case Assumption():
            before = say("暂定：{says}", says=figure.says)
    gist = say("{gist}。比原规定更严：{before}", gist=one.gist, before=before)
    id_ = figure.basis.id if isinstance(figure.basis, Clause) else figure.code
    return Clause(f"{id_}+{one.path.strip('/').rpartition('/')[2]}", f"{one.place}《{one.document}》{one.at}", gist)


STRICTER_MEANS: Mapping[str, Text] = {
    "every": say("周期要更短，短到原来的每个周期里都有一个完整的新周期"),
    "times": say("次数要更多"),
    "least": say("人数要更多"),
    "limit": say("上限要更低"),
    "accept": say("期限要更短，单位相同"),
    "answer": say("期限要更短，单位相同"),
}
