"""Rules told in Chinese words, field by field, so that a page, a comparison and a command say the same of them. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from enum import Enum
from typing import Any

from portal import terms
from portal.scheme import calendar, national, predicates, windows
from portal.scheme.book import Scheme
from portal.scheme.canonical import Unread, plain
from portal.scheme.words import (
    Act,
    AllOf,
    AnyOf,
    Assumption,
    Basis,
    Board,
    Capacity,
    Class,
    Clause,
    Document,
    Duty,
    Every,
    Fact,
    Filing,
    Force,
    Ground,
    InForce,
    Is,
    Kind,
    Line,
    N,
    Not,
    Per,
    Placement,
    Post,
    Power,
    Predicate,
    Read,
    Route,
    Section,
    Shown,
    Term,
    Tier,
    Topic,
    Unit,
    Who,
    Within,
    rules_of,
)
from portal.terms import Text, say


@dataclass(frozen=True)
class Scope:
    """What an edition covers, as a rule of its own."""

    of: Predicate
    basis: Basis


@dataclass(frozen=True)
class Said:
    """One field of a rule in words."""

    label: str
    text: str


@dataclass(frozen=True)
class Told:
    """A rule in words: what sort it is, its name, its fields, what it rests on, and the parts that have a basis of their own."""

    word: str
    name: str
    said: tuple[Said, ...]
    basis: Basis | None
    parts: "tuple[Told, ...]" = ()


WORD: Mapping[type, Text] = {
    Document: say("文件"),
    InForce: say("施行"),
    Scope: say("适用范围"),
    Unit: say("部门"),
    Tier: say("网格层级"),
    Line: say("条线"),
    Fact: say("要登记的情况"),
    Class: say("类别"),
    Placement: say("网格归属"),
    Post: say("岗位"),
    Power: say("职权"),
    Duty: say("职责"),
    Filing: say("备案"),
    Board: say("公示牌"),
    Section: say("公示牌的栏目"),
    Topic: say("来件事项"),
    Route: say("办理路径"),
}

LABEL: Mapping[str, Text] = {
    "accept": say("受理期限"),
    "above": say("超过限额的办理部门"),
    "act": say("工作内容"),
    "answer": say("答复期限"),
    "answered_by": say("找到的是个人时由谁办"),
    "answers_to": say("上级"),
    "assumed": say("日期暂定的理由"),
    "at": say("设在"),
    "attends": say("到场人员"),
    "basis": say("依据"),
    "by": say("由谁备案"),
    "capacity": say("执法资格或分工"),
    "count": say("人数"),
    "direct": say("直接监管的部门"),
    "else_outside": say("都没有时"),
    "ends_from": say("最早可能到期"),
    "everywhere": say("全面施行"),
    "ex_officio": say("由谁依职务兼任"),
    "every": say("频次"),
    "every_office": say("这些部门每个都要有人担任"),
    "everyone": say("这些部门的人都要担任"),
    "expect": say("应有个数"),
    "filled_by": say("由谁担任也算有人"),
    "force": say("要求程度"),
    "formerly": say("以前的说法（导入表里也认）"),
    "hint": say("填写说明"),
    "hotlines": say("公共热线"),
    "issued_on": say("印发日期"),
    "issuer": say("签发"),
    "kind": say("类别"),
    "klass": say("类别"),
    "leads": say("牌上的主要责任人"),
    "lent_by": say("由谁委托（凭公布的委托书）"),
    "limit_yuan": say("限额"),
    "line": say("条线"),
    "lines": say("列出的条线"),
    "lost": say("公布的文本没有给出"),
    "name": say("名称"),
    "number": say("文号"),
    "of": say("构成"),
    "on": say("对谁"),
    "or_who": say("也可以由谁做（谁做了都算）"),
    "outside": say("在监管条线之外"),
    "per": say("设在"),
    "pilot": say("先行试点"),
    "points": say("要点"),
    "posts": say("岗位"),
    "read": say("读到的程度"),
    "required": say("每家单位都要有"),
    "says": say("内容"),
    "sections": say("栏目"),
    "seen": say("看到的部分"),
    "serves": say("是对单位的服务"),
    "shows": say("列什么"),
    "since": say("施行日期"),
    "staffed_by": say("由谁配备"),
    "still": say("是否仍然有效"),
    "staffing": say("配备的要求程度"),
    "supervision": say("监督"),
    "tiers": say("纳入哪一层网格"),
    "topics": say("事项"),
    "times_a_year": say("每年至少"),
    "title": say("标题"),
    "to": say("依次交由"),
    "toward": say("对哪些单位"),
    "unit": say("没有另行指定时由谁负责"),
    "until": say("到期日期"),
    "usual": say("原则上的人数"),
    "values": say("可以填的"),
    "when": say("条件"),
    "who": say("由谁"),
    "within": say("在哪一层之内"),
}
OWN_LABEL: Mapping[tuple[type, str], Text] = {
    (Filing, "at"): say("向谁备案"),
    (Filing, "tiers"): say("备案的网格"),
    (Board, "of"): say("谁的牌"),
    (Scope, "of"): say("适用于"),
    (Duty, "to"): say("报给"),
    (Document, "issuer"): say("印发机关"),
    (Topic, "kind"): say("来件种类"),
    (Topic, "outside"): say("先由谁受理"),
}

# Where a code of that name leads; what is not here is text
REFERS: Mapping[str, str] = {
    "above": "units",
    "answered_by": "units",
    "answers_to": "posts",
    "attends": "posts",
    "by": "units",
    "at": "units",
    "direct": "units",
    "else_outside": "units",
    "filled_by": "posts",
    "ex_officio": "posts",
    "hotlines": "units",
    "issuer": "units",
    "klass": "classes",
    "leads": "posts",
    "lent_by": "units",
    "line": "lines",
    "lines": "lines",
    "or_who": "posts",
    "outside": "units",
    "posts": "posts",
    "staffed_by": "units",
    "supervision": "units",
    "tiers": "tiers",
    "to": "units",
    "topics": "topics",
    "unit": "units",
    "who": "posts",
    "within": "tiers",
    "pilot": "places",
}
FREE = {(Document, "issuer")}
ENUMS: Mapping[type, Mapping[str, str]] = {
    Force: terms.FORCE,
    Ground: terms.GROUND,
    Capacity: terms.CAPACITY,
    Kind: terms.KIND,
    Act: terms.ACT,
    Shown: terms.SHOWN,
    Read: terms.READ,
}
NESTED = ("sections", "accept", "answer")
HEADS = {"code", "name", "title", "basis", "kind", "klass"}
TOLD_ANYWAY = {(Power, "limit_yuan"), (Power, "toward"), (Post, "count"), (Post, "capacity"), (Fact, "values")}
OWN_HEADS = {(Duty, "who"), (Duty, "or_who"), (Duty, "says"), (Filing, "tiers"), (Route, "topics")}

# The chapters of a scheme's page: a title, the words in it
CHAPTERS: tuple[tuple[Text, tuple[type, ...]], ...] = (
    (say("部门"), (Unit,)),
    (say("网格和条线"), (Tier, Line)),
    (say("单位纳入哪些网格"), (Fact, Class, Placement)),
    (say("岗位"), (Post,)),
    (say("职权"), (Power,)),
    (say("职责和服务"), (Duty,)),
    (say("网格备案"), (Filing,)),
    (say("公示牌"), (Board,)),
    (say("留言、举报、投诉"), (Route, Topic)),
    (say("这一版门户读不懂的规则，照存档原样列出"), (Unread,)),
)


class Teller:
    """Tells the rules of one edition. ``places`` are the names of divisions by code, where the register knows them."""

    def __init__(self, scheme: Scheme, places: Mapping[str, str] | None = None) -> None:
        self._scheme = scheme
        classes = {klass.code: klass.name for klass in scheme.classes}
        self._names: Mapping[str, Mapping[str, str]] = {
            "units": {line.code: line.name for line in national.HOTLINES.values()} | _names(scheme.units),
            "tiers": _names(scheme.tiers),
            "lines": _names(scheme.lines),
            "posts": _names(scheme.posts),
            "classes": classes,
            "topics": {topic.code: topic.name for topic in rules_of(Topic, scheme.edition.rules)},
            "places": places or {},
        }

    def chapters(self) -> tuple[tuple[Text, tuple[Told, ...]], ...]:
        """The whole edition as its page shows it, without what stands under something else."""
        found = []
        for title, words in CHAPTERS:
            rules = [rule for word in words for rule in self._scheme.edition.rules if isinstance(rule, word)]
            if told := tuple(self._with_parts(rule) for rule in rules if not self._stands_elsewhere(rule)):
                found.append((title, told))
        return tuple(found)

    def scope(self) -> Told:
        """What the edition covers."""
        return self.told(Scope(self._scheme.edition.covers, self._scheme.edition.in_force.basis))

    def _with_parts(self, rule: object) -> Told:
        """A rule; under a class where it belongs, under a route its topics."""
        told = self.told(rule)
        match rule:
            case Class(code=code) if code in self._scheme.placements:
                under = [replace(self.told(self._scheme.placements[code]), name=WORD[Placement])]
            case Route(kind=kind):
                own, usual = self._scheme.routes_of_topics, self._scheme.routes.get(kind)
                under = [self.told(topic) for topic in self._scheme.topics(kind) if own.get((kind, topic.code), usual) is rule]
            case _:
                return told
        return replace(told, parts=(*told.parts, *under))

    def _stands_elsewhere(self, rule: object) -> bool:
        match rule:
            case Placement(klass=klass):
                return any(one.code == klass for one in self._scheme.classes)
            case Topic(kind=kind):
                return kind in self._scheme.routes
        return False

    def told(self, rule: object) -> Told:
        """One rule."""
        parts = [self.told(part) for part in getattr(rule, "sections", ())]
        terms_ = [(name, getattr(rule, name)) for name in ("accept", "answer") if getattr(rule, name, None) is not None]
        parts += [Told("", LABEL[name], (Said("", calendar.period_told(term.within)),), term.basis) for name, term in terms_]
        said = [
            Said(label(rule, name), self.text(rule, name))
            for name in field_names(rule)
            if name not in HEADS and (type(rule), name) not in OWN_HEADS and name not in NESTED and not _unsaid(rule, name)
        ]
        return Told(word(rule), self.name(rule), tuple(said), getattr(rule, "basis", None), tuple(parts))

    def name(self, rule: object) -> str:
        """What a rule is called."""
        match rule:
            case Route(kind=kind, topics=topics):
                about = "、".join(self._called("topics", topic) for topic in topics)
                return say("{kind}（{topics}）", kind=terms.KIND[kind.value], topics=about) if topics else terms.KIND[kind.value]
            case Board(title=title) | Section(title=title) | Document(title=title):
                return title
            case Placement(klass=klass):
                return self._called("classes", klass)
            case Filing(tiers=tiers):
                return "、".join(self._called("tiers", tier) for tier in tiers)
            case Duty(says=says):
                whose = say("或").join(self._called("posts", post) for post in rule.posts)
                whose = whose or "、".join(self._called("units", per.unit) for per in rule.on if per.unit)
                return f"{whose}：{says}" if whose else says
            case InForce() | Scope():
                return WORD[type(rule)]
            case Unread(code=code):
                return code
            case _:
                return str(getattr(rule, "name", ""))

    def text(self, rule: object, name: str) -> str:
        """One field of a rule in words."""
        if isinstance(rule, Unread):
            return _as_stored(dict(rule.said)[name])
        value = getattr(rule, name)
        match rule, name, value:
            case Board(), "of", _:
                return str(terms.SUBJECT.get(value, value))
            case Fact(), "values", _:
                return "、".join(name for _, name in rule.choices)
            case _, "limit_yuan", _:
                return say("不限") if value is None else say("{n} 元", n=value)
            case _, "times_a_year", int():
                return say("{n} 次", n=value)
            case Post(), "usual", int():
                return say("{n} 人", n=value)
            case Duty(), "every", None:
                return say("没有规定") if rule.times_a_year is not None else say("由各地自行规定")
            case Duty(), "on", ():
                return say("担任的每个人")
            case Route(), "to", ():
                return say("直接到条线之外")
        return self._say(value, None if (type(rule), name) in FREE else REFERS.get(name))

    def value(self, value: Any) -> str:
        """A value in words, where no field says what it refers to."""
        return self._say(value, None)

    def _say(self, value: Any, refers: str | None) -> str:
        match value:
            case tuple() if value:
                return "、".join(self._say(part, refers) for part in value)
            case Per():
                return self._per(value)
            case Who(post=post, unit=unit):
                return self._called("posts", post) if post else self._called("units", unit or "")
            case Section(title=title):
                return title
            case Is() | AnyOf() | AllOf() | Not():
                return predicates.predicate_told(value, self._scheme.facts)
            case str() if refers is not None and not isinstance(value, Enum):
                return self._called(refers, value)
        return simple_text(value)

    def _per(self, per: Per) -> str:
        tier, klass = per.tier and self._called("tiers", per.tier), per.klass
        firm = say("每家单位") if klass in (None, "*") else say("每家“{klass}”单位", klass=self._called("classes", klass))
        if tier is not None and klass is not None:
            of = say("{tier}里的{firm}", tier=tier, firm=firm)
        elif tier is not None:
            of = say("每个{tier}", tier=tier)
        elif per.unit is not None:
            of = say("每个{unit}", unit=self._called("units", per.unit))
        else:
            of = firm
        notes = [terms.JURISDICTION_KIND.get(per.where, per.where)] if per.where else []
        places = [[self._called("places", code) for code in codes] for codes in (per.inside, per.beyond)]
        notes += [say("限于{places}", places="、".join(places[0]))] * bool(places[0])
        notes += [say("不含{places}", places="、".join(places[1]))] * bool(places[1])
        return f"{of}（{'；'.join(notes)}）" if notes else of

    def _called(self, kind: str, code: str) -> str:
        return self._names[kind].get(code, code)


def word(rule: object) -> str:
    """What sort of rule it is."""
    if isinstance(rule, Duty) and rule.serves:
        return say("服务")
    return str(rule.word) if isinstance(rule, Unread) else WORD[type(rule)]


def label(rule: object, name: str) -> str:
    """What a field is called; a field of a word that this portal does not know is called as it was stored."""
    if isinstance(rule, Unread):
        return name
    return OWN_LABEL.get((type(rule), name)) or LABEL[name]


def field_names(rule: object) -> tuple[str, ...]:
    """The fields of a rule that a reader is told, in the order of the language."""
    if isinstance(rule, Unread):
        return tuple(name for name, _ in rule.said)
    return tuple(field.name for field in fields(rule) if field.name != "code")  # type: ignore[arg-type] # rules are dataclasses


def places_named(scheme: Scheme) -> set[str]:
    """The codes of all divisions that an edition names."""
    pers = [per for rule in scheme.edition.rules for name in ("per", "on") for per in getattr(rule, name, ())]
    return {code for per in pers for code in (*per.inside, *per.beyond)} | set(scheme.edition.in_force.pilot)


def assumptions(scheme: Scheme) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What is assumed and for which rules, an assumption once."""
    teller, found = Teller(scheme), dict[str, list[str]]()

    def note(basis: Basis | None, name: str) -> None:
        why = basis.why if isinstance(basis, Assumption) else basis.read_as if isinstance(basis, Clause) else ""
        if why and name not in found.setdefault(why, []):
            found[why].append(name)

    def walk(told: Told, within: str = "") -> None:
        name = f"{within}·{told.name}" if within else told.name
        note(told.basis, name)
        for part in told.parts:
            walk(part, name)

    for rule in scheme.edition.rules:
        walk(teller.told(rule))
    note(scheme.edition.in_force.basis, WORD[InForce])
    note(scheme.edition.in_force.assumed, say("施行日期"))
    note(scheme.edition.in_force.still, LABEL["still"])
    for duty in scheme.counted.values():
        if duty.every is not None:
            note(windows.FROM, teller.name(duty))
    return tuple((why, tuple(names)) for why, names in found.items())


def basis_text(basis: Basis) -> str:
    """What something rests on, in one line, with our number of the clause."""
    match basis:
        case Clause(id_, at, gist, read_as=read_as):
            return (
                say("{at} {gist} {id}（暂定：{why}）", at=at, gist=gist, id=id_, why=read_as) if read_as else f"{at} {gist} {id_}"
            )
        case Assumption(why):
            return say("暂定：{why}", why=why)


def basis_place(basis: Basis) -> str:
    """Where something stands, and what was taken as far as no clause says it."""
    match basis:
        case Clause(at=at, read_as=""):
            return at
        case Clause(at=at, read_as=why):
            return say("{at}，暂定：{why}", at=at, why=why)
        case Assumption(why):
            return say("暂定：{why}", why=why)


def simple_text(value: Any) -> str:
    """A value that means the same in every edition."""
    match value:
        case None | () | "":
            return say("没有")
        case bool():
            return say("是") if value else say("否")
        case date():
            return terms.day_words(value)
        case Enum():
            return ENUMS[type(value)][value.value]
        case Clause(_, at, gist, read_as=read_as):
            # Our own numbers of clauses are for deployers
            return say("{at} {gist}（暂定：{why}）", at=at, gist=gist, why=read_as) if read_as else f"{at} {gist}"
        case Assumption():
            return basis_text(value)
        case Every() | Within():
            return calendar.period_told(value)
        case Term():
            return calendar.period_told(value.within)
        case N():
            return count_text(value)
    return str(value)


def count_text(count: N) -> str:
    """How many people, in words."""
    if count.most is None:
        return say("至少 {n} 人", n=count.least) if count.least else say("不限人数")
    if count.least == count.most:
        return say("{n} 人", n=count.least)
    return say("{least} 至 {most} 人", least=count.least, most=count.most)


def _names(rules: Mapping[str, Any]) -> dict[str, str]:
    return {code: rule.name for code, rule in rules.items()}


def _unsaid(rule: object, name: str) -> bool:
    """Whether a field is left at a default that says nothing."""
    if isinstance(rule, Unread):
        return False
    if (type(rule), name) in TOLD_ANYWAY or _left_open(rule, name):
        return False
    defaults = {field.name: field.default for field in fields(rule)}  # type: ignore[arg-type] # rules are dataclasses
    value = getattr(rule, name)
    return value in (None, (), "") or (defaults[name] is not MISSING and value == defaults[name])


def _left_open(rule: object, name: str) -> bool:
    """Whether a counted duty says something by leaving a field empty."""
    match rule, name:
        case Duty(act=Act(), every=None, times_a_year=None), "every":
            return True
        case Duty(act=Act(), on=()), "on":
            return True
    return False


def _as_stored(value: object) -> str:
    return str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def stored_text(value: Any) -> str:
    """A value as it is stored: what tells two values apart whose words are the same."""
    return _as_stored(plain(value))


def things(scheme: Scheme) -> Iterator[tuple[tuple[str, str], object]]:
    """Everything that an edition says, each thing under what it is known by in every edition."""
    edition = scheme.edition
    for document in edition.documents:
        yield ("Document", document.code), document
    yield ("InForce", ""), edition.in_force
    yield ("Scope", ""), Scope(edition.covers, edition.in_force.basis)
    for rule in edition.rules:
        yield (_word_code(rule), _key(rule)), rule


def _word_code(rule: object) -> str:
    return rule.word if isinstance(rule, Unread) else type(rule).__name__


def _key(rule: object) -> str:
    match rule:
        case Placement(klass=klass):
            return klass
        case Route():
            return rule.key
        case _:
            return str(getattr(rule, "code", ""))
