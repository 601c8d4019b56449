"""What can be wrong with a region, in plain words with the way to mend it. Every check is pure and reads all editions."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from graphlib import CycleError, TopologicalSorter

from portal.scheme import national
from portal.scheme.book import Scheme
from portal.scheme.predicates import facts_of, holds, told, worlds
from portal.scheme.words import (
    Assumption,
    Basis,
    Clause,
    Ground,
    Kind,
    Region,
    Rule,
    Term,
)
from portal.terms import SUBJECT, say


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, what, and how to mend it."""

    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        return say("{where}：{what}。{mend}", where=self.where, what=self.what, mend=self.mend)


def problems(region: Region, plugin: str) -> list[Problem]:
    """Everything that is wrong with the region; an empty list means that the portal can run it."""
    found = list(_register(region))
    for edition in region.editions:
        scheme = Scheme(region, edition, plugin)
        for check in CHECKS:
            found.extend(check(scheme))
    return found


def _register(region: Region) -> Iterator[Problem]:
    for id_, n in Counter(clause.id for clause in region.clauses).items():
        if n > 1:
            yield Problem(f"clauses.py {id_}", say("这个条款编号出现了{n}次", n=n), say("每一条只登记一次"))
    for clause in region.clauses:
        if not clause.gist.strip() or not clause.at.strip():
            yield Problem(f"clauses.py {clause.id}", say("没有写明出处或要求"), say("at 写条款位置，gist 用自己的话写要求"))
    if not region.editions:
        yield Problem(region.code, say("没有任何版本"), say("至少写一个 Edition"))


def _codes(scheme: Scheme) -> Iterator[Problem]:
    seen = Counter((type(rule).__name__, _code(rule)) for rule in scheme.edition.rules)
    for (word, code), n in seen.items():
        if n > 1:
            yield Problem(f"{scheme.id} {word} {code}", say("同一个代码写了{n}次", n=n), say("改名或删去重复的一条"))


def _bases(scheme: Scheme) -> Iterator[Problem]:
    known = {clause.id: clause for clause in (*scheme.region.clauses, *national.LAW)}
    for rule in scheme.edition.rules:
        for basis in _bases_in(rule):
            where = f"{scheme.id} {type(rule).__name__} {_code(rule)}"
            match basis:
                case Assumption(why) if not why.strip():
                    yield Problem(where, say("假设没有写理由"), say("在 Assumption(…) 里写明文件为何没有规定、为何这样取值"))
                case Clause(id_) if known.get(id_) != basis:
                    yield Problem(
                        where, say("所引条款 {id} 不在本方案的条款表里", id=id_), say("在 clauses.py 登记，并引用同一个对象")
                    )


def _references(scheme: Scheme) -> Iterator[Problem]:
    units, tiers, lines, posts = set(scheme.units), set(scheme.tiers), set(scheme.lines), set(scheme.posts)
    classes = {klass.code for klass in scheme.classes}
    outside = {code for code, unit in scheme.units.items() if unit.outside} | set(national.HOTLINES)

    def missing(rule: Rule, kind: str, wanted: Iterable[str | None], known: set[str]) -> Iterator[Problem]:
        for code in wanted:
            if code is not None and code not in known:
                where = f"{scheme.id} {type(rule).__name__} {_code(rule)}"
                there = "、".join(sorted(known)) or say("无")
                what = say("引用了不存在的{kind}“{code}”", kind=kind, code=code)
                yield Problem(where, what, say("已有的{kind}：{there}", kind=kind, there=there))

    for tier in scheme.tiers.values():
        yield from missing(tier, say("层级"), [tier.within], tiers)
    for line in scheme.lines.values():
        yield from missing(line, say("部门"), [line.unit], units)
    for post in scheme.posts.values():
        yield from missing(post, say("层级"), [per.tier for per in post.per], tiers)
        yield from missing(post, say("部门"), [*(per.unit for per in post.per), *post.staffed_by], units)
        yield from missing(post, say("类别"), [per.klass for per in post.per if per.klass != "*"], classes)
        yield from missing(post, say("条线"), [post.line], lines)
        yield from missing(post, say("岗位"), [*post.answers_to, post.ex_officio], posts)
    for klass in scheme.classes:
        yield from missing(klass, say("事实"), facts_of(klass.when), set(scheme.facts))
    for placement in scheme.placements.values():
        yield from missing(placement, say("类别"), [placement.klass], classes)
        yield from missing(placement, say("层级"), placement.tiers, tiers)
    for duty in scheme.duties:
        yield from missing(duty, say("岗位"), [duty.who], posts)
    for board in scheme.boards.values():
        yield from missing(board, say("部门"), [board.issuer, board.supervision], units)
        yield from missing(board, say("岗位"), [*board.leads, *(p for s in board.sections for p in s.posts)], posts)
    for route in scheme.routes.values():
        yield from missing(route, say("岗位"), [who.post for who in route.to], posts)
        yield from missing(route, say("部门"), [*(who.unit for who in route.to), route.answered_by], units)
        yield from missing(route, say("外部渠道"), [route.else_outside], outside)
    for filing in scheme.filings:
        yield from missing(filing, say("层级"), filing.tiers, tiers)
        yield from missing(filing, say("部门"), [filing.by, filing.at], units)


def _posts(scheme: Scheme) -> Iterator[Problem]:
    for post in scheme.posts.values():
        where = f"{scheme.id} Post {post.code}"
        if not post.per:
            yield Problem(where, say("没有写设在哪里，谁也不能担任"), say("用 per=(Per(tier=…),) 写明每个网格、部门或企业一席"))
        for per in post.per:
            if sum(v is not None for v in (per.tier, per.unit, per.klass)) != 1:
                yield Problem(where, say("一个 Per 要且只要写 tier、unit、klass 之一"), say("拆成几个 Per"))
        if post.count.most is not None and post.count.most < max(post.count.least, 1):
            yield Problem(where, say("人数上限 {n} 小于下限", n=post.count.most), say("改正 N(下限, 上限)"))


def _circle(edges: Mapping[str, tuple[str, ...]]) -> str | None:
    """One circle among the edges, if there is any, as the codes along it."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return " → ".join(reversed(error.args[1]))
    return None


def _acyclic(scheme: Scheme) -> Iterator[Problem]:
    above = {post.code: (*post.answers_to, *filter(None, [post.ex_officio])) for post in scheme.posts.values()}
    if circle := _circle(above):
        yield Problem(f"{scheme.id} Post", say("上下级绕成了一圈：{circle}", circle=circle), say("删去其中一个 answers_to"))
    if circle := _circle({t.code: (t.within,) if t.within else () for t in scheme.tiers.values()}):
        yield Problem(f"{scheme.id} Tier", say("层级互相包含：{circle}", circle=circle), say("删去其中一个 within"))


def _partition(scheme: Scheme) -> Iterator[Problem]:
    asked = facts_of(scheme.edition.covers).union(*(facts_of(klass.when) for klass in scheme.classes))
    if not asked <= set(scheme.facts):
        return
    facts = [scheme.facts[code] for code in sorted(asked)]
    covered = [world for world in worlds(facts) if holds(scheme.edition.covers, world)]
    fitting = [(world, [klass for klass in scheme.classes if holds(klass.when, world)]) for world in covered]

    def example(world: Mapping[str, str]) -> str:
        return "，".join(f"{f.name}={dict(f.choices)[world[f.code]]}" for f in facts) or say("任何企业")

    gap = next((world for world, classes in fitting if not classes), None)
    if gap is not None:
        what = say("{world} 的企业不属于任何一类", world=example(gap))
        yield Problem(f"{scheme.id} Class", what, say("加一类，或放宽某一类的 when"))
    overlap = next(((world, classes) for world, classes in fitting if len(classes) > 1), None)
    if overlap is not None:
        world, classes = overlap
        names = "、".join(f"{klass.name}（{told(klass.when, scheme.facts)}）" for klass in classes)
        what = say("{world} 的企业同时属于 {names}", world=example(world), names=names)
        yield Problem(f"{scheme.id} Class", what, say("收窄其中一类的 when"))


def _placements(scheme: Scheme) -> Iterator[Problem]:
    for klass in scheme.classes:
        if klass.code not in scheme.placements:
            mend = say('加 Placement(klass="{code}", …)', code=klass.code)
            yield Problem(f"{scheme.id} Class {klass.code}", say("没有写归入哪一层网格"), mend)


def _routes(scheme: Scheme) -> Iterator[Problem]:
    for kind in Kind:
        route = scheme.routes.get(kind)
        where = f"{scheme.id} Route {kind.value}"
        if route is None:
            yield Problem(where, say("没有写办理路径"), say("加 Route(kind=Kind.{kind}, …)", kind=kind.name))
        elif kind is Kind.COMPLAINT and any(who.unit is None or not _outside(scheme, who.unit) for who in route.to):
            yield Problem(where, say("投诉会到被投诉人的条线里"), say("to 里只写 outside=True 的部门"))
        elif any((who.post is None) == (who.unit is None) for who in route.to):
            yield Problem(where, say("Who 要且只要写 post、unit 之一"), say("改正 to=(Who(…),)"))
        elif any(who.post for who in route.to) and route.answered_by is None:
            yield Problem(where, say("办件人是个人，却没有写由哪个部门兜底"), say('answered_by="部门代码"'))


def _outside(scheme: Scheme, unit: str) -> bool:
    return unit in scheme.units and scheme.units[unit].outside


def _boards(scheme: Scheme) -> Iterator[Problem]:
    for of in ("grid", "enterprise"):
        if of not in scheme.boards:
            what = say("没有{of}的公示牌", of=SUBJECT[of])
            yield Problem(f"{scheme.id} Board", what, say('加 Board(of="{of}", …)', of=of))
    for board in scheme.boards.values():
        if not board.leads:
            yield Problem(f"{scheme.id} Board {board.code}", say("没有写牌上的主要责任人"), say("leads=(岗位代码, …)"))


NEARER = (Ground.DISTRICT, Ground.ZONE, Ground.TOWN, Ground.VILLAGE)


def _filings(scheme: Scheme) -> Iterator[Problem]:
    for filing in scheme.filings:
        by, at = scheme.units.get(filing.by), scheme.units.get(filing.at)
        if by is None or at is None or not {by.at, at.at} <= set(NEARER):
            continue
        if NEARER.index(by.at) <= NEARER.index(at.at):
            what = say("报送的部门要比备案的部门更靠近网格")
            yield Problem(f"{scheme.id} Filing {filing.code}", what, say("by 写镇一级的部门，at 写上级的部门"))


def _leaves(scheme: Scheme) -> Iterator[Problem]:
    """Grids that are single enterprises come last: nothing is drawn in them, and no office stands at one."""
    for tier in scheme.tiers.values():
        around = scheme.tiers.get(tier.within or "")
        if around is not None and around.of is Ground.ENTERPRISE:
            what = say("在由单家企业构成的层级“{tier}”里面", tier=around.name)
            yield Problem(f"{scheme.id} Tier {tier.code}", what, say("within 写它上面的一层"))
    for unit in scheme.units.values():
        if unit.at is Ground.ENTERPRISE:
            mend = say("at 写它所在的辖区；企业里的岗位用 Post(per=(Per(tier=…),))")
            yield Problem(f"{scheme.id} Unit {unit.code}", say("部门不能设在单家企业"), mend)


CHECKS: tuple[Callable[[Scheme], Iterator[Problem]], ...] = (
    _codes,
    _bases,
    _references,
    _posts,
    _acyclic,
    _partition,
    _placements,
    _routes,
    _boards,
    _filings,
    _leaves,
)


def _code(rule: Rule) -> str:
    if hasattr(rule, "code"):
        return str(rule.code)
    return str(rule.klass if hasattr(rule, "klass") else rule.kind.value)


def _bases_in(rule: object) -> Iterator[Basis]:
    """Every basis of a rule, those of its parts included."""
    for field in fields(rule):  # type: ignore[arg-type] # rules are dataclasses
        value = getattr(rule, field.name)
        parts = value if isinstance(value, tuple) else (value,)
        for part in parts:
            if isinstance(part, Clause | Assumption):
                yield part
            elif isinstance(part, Term) or hasattr(part, "basis"):
                yield from _bases_in(part)
