"""What can be wrong with a region, in plain words with the way to mend it. Every check is pure and reads all editions."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from itertools import pairwise

from portal.scheme import check_acts, check_doors, check_places, national
from portal.scheme.book import Scheme
from portal.scheme.kinds import misfits
from portal.scheme.problem import KEYS, Problem, code_of, listed, named, wrong
from portal.scheme.words import (
    AllOf,
    AnyOf,
    Assumption,
    Basis,
    Board,
    Class,
    Clause,
    Duty,
    Edition,
    Filing,
    InForce,
    Is,
    Line,
    Not,
    Per,
    Placement,
    Post,
    Power,
    Predicate,
    Region,
    Route,
    Rule,
    Section,
    Term,
    Tier,
    Topic,
    Who,
    rules_of,
)
from portal.terms import say


def problems(region: Region, plugin: str) -> list[Problem]:
    """Everything that is wrong with the region; an empty list means that the portal can run it."""
    return [one for one in findings(region, plugin) if not one.hint]


def findings(region: Region, plugin: str) -> list[Problem]:
    """Everything that is wrong with the region, and what is worth a second look."""
    if unfit := list(misfits(region)):
        return [Problem(f"{region.code} {named(word)}", what, mend, word, field) for word, field, what, mend in unfit]
    found = list(_register(region)) + list(_editions(region)) + list(_unused(region))
    for edition in region.editions:
        scheme = Scheme(region, edition, plugin)
        for check in CHECKS:
            found.extend(check(scheme))
    return found


# The register


def _register(region: Region) -> Iterator[Problem]:
    for id_, n in Counter(clause.id for clause in region.clauses).items():
        if n > 1:
            last = [clause for clause in region.clauses if clause.id == id_][-1]
            yield wrong(region, last, say("这个条款编号出现了{n}次", n=n), say("每一条只登记一次"), field="id")
    for clause in region.clauses:
        if not clause.gist.strip() or not clause.at.strip():
            yield wrong(region, clause, say("没有写明出处或要求"), say("at 写条款位置，gist 用自己的话写要求"))
    promised = [("later", clause) for _, clauses in region.later for clause in clauses]
    for field, clause in (*promised, *(("otherwise", clause) for clause, _ in region.otherwise)):
        if clause not in region.clauses:
            what = say("{field} 里的条款 {id} 不在条款表里", field=field, id=clause.id)
            yield wrong(region, region, what, say("在 clauses.py 登记，并引用同一个对象"), field=field)
    if not region.editions:
        yield wrong(region, region, say("没有任何版本"), say("至少写一个 Edition"), field="editions")


def _unused(region: Region) -> Iterator[Problem]:
    """Clauses that nothing executes, promises or explains; and explanations that say nothing, or are no longer true."""
    used = {_as_registered(basis) for edition in region.editions for basis in _all_bases(edition)}
    promised = {clause for _, clauses in region.later for clause in clauses}
    explained = dict(region.otherwise)
    for clause in dict.fromkeys(region.clauses):
        if clause not in used | promised | set(explained):
            mend = say(
                "写成规则；还写不了的，在 Region 的 later 里说明由哪一部分实现；不靠规则执行的，在 otherwise 里说明由什么执行"
            )
            yield wrong(region, clause, say("没有规则引用这一条"), mend, hint=True)
    for clause, why in region.otherwise:
        if not why.strip():
            what, mend = say("otherwise 里没有写理由"), say("写明由什么执行，或为何不用执行")
            yield wrong(region, clause, what, mend)
        elif clause in used | promised:
            what, mend = say("otherwise 说不靠规则执行，却有规则或 later 写了它"), say("从 otherwise 去掉")
            yield wrong(region, clause, what, mend)


def _as_registered(basis: Basis) -> Basis:
    """A clause as the register has it, without how one rule reads it."""
    return replace(basis, read_as="") if isinstance(basis, Clause) else basis


def _all_bases(edition: Edition) -> Iterator[Basis]:
    yield from _bases_in(edition.in_force)
    for rule in edition.rules:
        yield from _bases_in(rule)


# Editions


def _editions(region: Region) -> Iterator[Problem]:
    for code, n in Counter(edition.code for edition in region.editions).items():
        if n > 1:
            last = [edition for edition in region.editions if edition.code == code][-1]
            yield wrong(region, last, say("{n} 个版本用了同一个代码", n=n), say("给每个版本各自的代码"), field="code")
    for edition in region.editions:
        if "@" in edition.code:
            what = say("版本代码“{code}”里有 @，它后面是门户给采用过的文本编的号", code=edition.code)
            yield wrong(edition, edition, what, say("换一个不含 @ 的代码"), field="code")
        yield from _in_force(edition)
    ordered = sorted(region.editions, key=lambda one: (one.in_force.since is not None, one.in_force.since))
    for before, after in pairwise(ordered):
        yield from _succession(before, after)


def _in_force(edition: Edition) -> Iterator[Problem]:
    here = edition.in_force
    if here.since and here.until and here.until < here.since:
        what = say("到 {until}止，却从 {since}起", until=here.until, since=here.since)
        yield wrong(edition, here, what, say("改正 since 或 until"), field="until")
    if here.everywhere and not here.pilot:
        what, mend = say("写了 everywhere，却没有写试点在哪里"), say("pilot=(区划代码, …)；没有试点就去掉 everywhere")
        yield wrong(edition, here, what, mend, field="everywhere")
    if here.everywhere and here.since and here.everywhere <= here.since:
        what = say("全面施行的日子 {day}不晚于开始试点的 {since}", day=here.everywhere, since=here.since)
        yield wrong(edition, here, what, say("改正 everywhere；没有试点期就去掉 pilot 和 everywhere"), field="everywhere")
    if here.since is None and here.assumed is None:
        what, mend = say("没有写何时起施行，也没有写按什么处理"), say("since=date(…)，或用 assumed=Assumption(…) 说明理由")
        yield wrong(edition, here, what, mend, field="since", hint=True)
    if here.ends_from and not (here.until and here.assumed and here.ends_from <= here.until):
        what = say("写了 ends_from，却没有写最迟到哪天止、为什么这样取，或它晚于 until")
        yield wrong(edition, here, what, say("until 写最迟的一天，assumed 写理由，ends_from 写最早的一天"), field="ends_from")
    yield from _still(edition)


TRIAL = (say("试行"), say("暂行"))


def _still(edition: Edition) -> Iterator[Problem]:
    """Whether the document still holds is never taken for granted. It is asked of every edition, not of old ones only: what is
    sound on the day on which it is written has to be sound in any later year.
    """
    here, title = edition.in_force, "".join(document.title for document in edition.documents[:1])
    trial = next((word for word in TRIAL if word in title), "")
    if here.still is None:
        what = say("没有写这份文件现在是否仍然有效、凭什么")
        mend = say("文件写明有效期的，still=那个条款；没有写的，still=Assumption(…)，写明还要向谁核实")
        yield wrong(edition, here, what, mend, field="still")
    elif trial and here.until is None and isinstance(here.still, Clause) and not here.still.read_as:
        what = say("文件名里有“{trial}”，又没有写到哪天止，条款说明不了它现在仍然有效", trial=trial)
        yield wrong(edition, here, what, say("still=Assumption(…)，写明凭什么当作有效、还要向谁核实"), field="still")


def _succession(before: Edition, after: Edition) -> Iterator[Problem]:
    """A later edition takes over from one that has no end, and during a pilot both hold, each in its places."""
    began, ended = after.in_force.since, before.in_force.until
    if began == before.in_force.since:
        what = say("与版本 {other} 同一天起施行，分不清以哪个为准", other=before.code)
        yield wrong(after, after.in_force, what, say("改正其中一个的 since"), field="since")
    elif began and ended and began <= ended and not after.in_force.pilot:
        what = say("从 {since}起施行，而版本 {other} 写明到 {until}才止", since=began, other=before.code, until=ended)
        mend = say("新版提前代替旧版的，不用改（以后起的为准）；否则改正日期")
        yield wrong(after, after.in_force, what, mend, field="since", hint=True)
    elif began and ended and (began - ended).days > 1:
        what = say("版本 {other} 到 {until}止，本版 {since}才起，中间没有方案", other=before.code, until=ended, since=began)
        yield wrong(after, after.in_force, what, say("文件确有空档的不用改；否则改正日期"), field="since", hint=True)


# Codes, bases, references


def _codes(scheme: Scheme) -> Iterator[Problem]:
    seen = Counter((type(rule), code_of(rule)) for rule in scheme.edition.rules)
    for (word, code), n in seen.items():
        last = [rule for rule in scheme.edition.rules if type(rule) is word and code_of(rule) == code][-1]
        key = next(name for name in KEYS if hasattr(last, name))
        if n > 1:
            yield wrong(scheme.edition, last, say("同一个代码写了{n}次", n=n), say("改名或删去重复的一条"), field=key)
        if not code.strip():
            yield wrong(scheme.edition, last, say("代码是空的"), say("用小写英文字母和横线写一个代码"), field=key)


def _bases(scheme: Scheme) -> Iterator[Problem]:
    known = {clause.id: clause for clause in (*scheme.region.clauses, *national.LAW)}
    for rule in (scheme.edition.in_force, *scheme.edition.rules):
        for basis in _bases_in(rule):
            match basis:
                case Assumption(why) if not why.strip():
                    mend = say("在 Assumption(…) 里写明文件为何没有规定、为何这样取值")
                    yield wrong(scheme.edition, rule, say("假设没有写理由"), mend, field="basis")
                case Clause(id_) if known.get(id_) != _as_registered(basis):
                    what = say("所引条款 {id} 不在本方案的条款表里", id=id_)
                    yield wrong(scheme.edition, rule, what, say("在 clauses.py 登记，并引用同一个对象"), field="basis")


REFERENCES: Mapping[type, Mapping[str, str]] = {
    Tier: {"within": "tiers"},
    Line: {"unit": "units", "posts": "posts"},
    Post: {"staffed_by": "units", "line": "lines", "answers_to": "posts", "ex_officio": "posts", "filled_by": "posts"},
    Placement: {"klass": "classes", "tiers": "tiers", "direct": "units"},
    Power: {"posts": "posts", "above": "units", "lent_by": "units"},
    Duty: {"who": "posts", "or_who": "posts", "to": "units", "attends": "posts"},
    Filing: {"tiers": "tiers", "by": "units", "at": "units"},
    Board: {"leads": "posts", "issuer": "units", "supervision": "units", "hotlines": "hotlines"},
    Section: {"posts": "posts", "lines": "lines"},
    Topic: {"outside": "units"},
    Route: {"topics": "topics", "answered_by": "units", "else_outside": "ends"},
    Who: {"post": "posts", "unit": "units"},
    Per: {"tier": "tiers", "unit": "units", "klass": "seats"},
}
NAMES = {
    "tiers": say("层级"),
    "units": say("部门"),
    "lines": say("条线"),
    "posts": say("岗位"),
    "classes": say("类别"),
    "seats": say("类别"),
    "ends": say("外部渠道"),
    "facts": say("事实"),
    "topics": say("来件事项"),
    "hotlines": say("热线"),
}


def _references(scheme: Scheme) -> Iterator[Problem]:
    classes, units = {klass.code for klass in scheme.classes}, set(scheme.units)
    known = {
        "tiers": set(scheme.tiers),
        "units": units,
        "lines": set(scheme.lines),
        "posts": set(scheme.posts),
        "classes": classes,
        "seats": classes | {"*"},
        "ends": units | set(national.HOTLINES),
        "hotlines": set(national.HOTLINES),
        "topics": {topic.code for topic in rules_of(Topic, scheme.edition.rules)},
    }
    no_use = {"*"} | {code for code, unit in scheme.units.items() if not unit.outside}
    for rule in scheme.edition.rules:
        for word, field in _words_in(rule):
            said = {name: (kind, getattr(word, name)) for name, kind in REFERENCES.get(type(word), {}).items()}
            for name, (kind, codes) in said.items():
                for code in codes if isinstance(codes, tuple) else (codes,):
                    if code is not None and code not in known[kind]:
                        what = say("引用了不存在的{kind}“{code}”", kind=NAMES[kind], code=code)
                        mend = say(
                            "已有的{kind}：{there}",
                            kind=NAMES[kind],
                            there=listed(known[kind] - (no_use if kind == "ends" else {"*"})),
                        )
                        place = word if isinstance(word, Section) else rule
                        yield wrong(scheme.edition, place, what, mend, field=name if place is word else field)


def _words_in(rule: object) -> Iterator[tuple[object, str]]:
    """The rule and the words in its fields, with the field that holds them."""
    yield rule, ""
    for field in fields(rule):  # type: ignore[arg-type] # rules are dataclasses
        value = getattr(rule, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Per | Who | Section):
                yield part, field.name


def _values(scheme: Scheme) -> Iterator[Problem]:
    """Facts and values that predicates ask for; facts that none asks for."""
    asked: list[tuple[Edition | Class | Power, str, Predicate]] = [(scheme.edition, "covers", scheme.edition.covers)]
    asked += [(klass, "when", klass.when) for klass in scheme.classes]
    asked += [(power, "toward", power.toward) for power in scheme.powers]
    for rule, field, predicate in asked:
        for one in _leaves(predicate):
            fact = scheme.facts.get(one.fact)
            if fact is None:
                what = say("引用了不存在的{kind}“{code}”", kind=NAMES["facts"], code=one.fact)
                yield wrong(scheme.edition, rule, what, say("已有的事实：{there}", there=listed(scheme.facts)), field=field)
            elif one.value not in dict(fact.choices):
                what = say("事实“{fact}”没有“{value}”这个值", fact=one.fact, value=one.value)
                yield wrong(scheme.edition, rule, what, say("可以写：{all}", all=listed(dict(fact.choices))), field=field)
    used = {one.fact for _, _, predicate in asked for one in _leaves(predicate)}
    for fact in scheme.facts.values():
        if fact.code not in used:
            yield wrong(
                scheme.edition, fact, say("没有任何类别或职权问到这个事实"), say("不用就删去；登记时每家单位都要填它"), hint=True
            )


def _leaves(predicate: Predicate) -> Iterator[Is]:
    match predicate:
        case Is():
            yield predicate
        case Not(of):
            yield from _leaves(of)
        case AllOf(of) | AnyOf(of):
            for part in of:
                yield from _leaves(part)


CHECKS: tuple[Callable[[Scheme], Iterator[Problem]], ...] = (
    _codes,
    _bases,
    _references,
    _values,
    *check_places.CHECKS,
    *check_acts.CHECKS,
    *check_doors.CHECKS,
)


def _bases_in(rule: Rule | InForce | object) -> Iterator[Basis]:
    """Every basis of a rule, those of its parts included."""
    for field in fields(rule):  # type: ignore[arg-type] # rules are dataclasses
        value = getattr(rule, field.name)
        parts = value if isinstance(value, tuple) else (value,)
        for part in parts:
            if isinstance(part, Clause | Assumption):
                yield part
            elif isinstance(part, Term) or hasattr(part, "basis"):
                yield from _bases_in(part)
