"""What can be wrong with where things are: units, tiers, posts and their seats, classes and their placement."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from portal.scheme.book import Scheme
from portal.scheme.predicates import facts_of, predicate_told
from portal.scheme.problem import Problem, listed, wrong
from portal.scheme.words import AllOf, Capacity, Ground, Not, Per, Post, Predicate, Tier
from portal.scheme.worlds import Search, TooMany
from portal.terms import GROUND, JURISDICTION_KIND, say

LEVEL = {Ground.DISTRICT: 1, Ground.ZONE: 2, Ground.TOWN: 3, Ground.VILLAGE: 4}
KINDS = {
    Ground.ZONE: ("zone",),
    Ground.DISTRICT: ("district",),
    Ground.TOWN: ("town",),
    Ground.VILLAGE: ("village", "community"),
}
AXES = ("tier", "unit", "klass")


def tiers_above(scheme: Scheme, tier: str) -> tuple[str, ...]:
    """The tier and those in whose grids its grids lie, the nearest first; broken or circular chains end."""
    found: list[str] = []
    at: str | None = tier
    while at is not None and at in scheme.tiers and at not in found:
        found.append(at)
        at = scheme.tiers[at].within
    return tuple(found)


def placed_in(scheme: Scheme, klass: str) -> set[str]:
    """The tiers whose grids an enterprise of the class (``"*"``: of any) may belong to."""
    return {tier for code, one in scheme.placements.items() if klass in ("*", code) for tier in one.tiers}


def tiers_of(scheme: Scheme, klass: str) -> set[str]:
    """The tiers whose grids an enterprise of the class (``"*"``: of any) may belong to or lie in."""
    return {above for tier in placed_in(scheme, klass) for above in tiers_above(scheme, tier)}


def axis_problem(per: Per, *, on: bool = False) -> bool:
    """Whether it names none of grids, units and enterprises, or more than one of them.

    What a duty is ``on`` may be the enterprises of a class in the grids of a tier.
    """
    named = {axis for axis in AXES if getattr(per, axis) is not None}
    return len(named) != 1 and not (on and named == {"klass", "tier"})


# Units and tiers


def _units(scheme: Scheme) -> Iterator[Problem]:
    for unit in scheme.units.values():
        if not unit.grounds:
            yield wrong(
                scheme.edition,
                unit,
                say("没有写设在哪一级"),
                say("at=Ground.TOWN，或几级：at=(Ground.TOWN, Ground.ZONE)"),
                field="at",
            )
        if Ground.ENTERPRISE in unit.grounds:
            mend = say("at 写它所在的辖区；企业里的岗位用 Post(per=(Per(tier=…),))")
            yield wrong(scheme.edition, unit, say("部门不能设在单家企业"), mend, field="at")


def _tiers(scheme: Scheme) -> Iterator[Problem]:
    placed = {tier for placement in scheme.placements.values() for tier in placement.tiers}
    parents = {tier.within for tier in scheme.tiers.values()}
    staffed = {per.tier for post in scheme.posts.values() for per in post.per}
    for tier in scheme.tiers.values():
        if not tier.grounds or (len(tier.grounds) > 1 and not set(tier.grounds) <= set(LEVEL)):
            what = say("几种构成只能都是辖区")
            yield wrong(scheme.edition, tier, what, say("of=Ground.TOWN，或几级辖区：of=(Ground.TOWN, Ground.ZONE)"), field="of")
            continue
        above = scheme.tiers.get(tier.within or "")
        if above is not None and above.of is Ground.ENTERPRISE:
            what = say("在“{above}”里面，而那一层每个网格就是一家企业，里面不能再有网格", above=above.name)
            yield wrong(scheme.edition, tier, what, say("within 改成更大的一层"), field="within")
        elif above is not None and max(_ranks(tier, 9)) < min(_ranks(above, 0), default=0):
            what = say(
                "由{own}构成，却在由{other}构成的“{above}”里面",
                own="、".join(GROUND[one] for one in tier.grounds),
                other="、".join(GROUND[one] for one in above.grounds),
                above=above.name,
            )
            yield wrong(scheme.edition, tier, what, say("把两层的 within 对调，或改正 of"), field="within")
        if tier.of is Ground.ENTERPRISE and tier.code not in placed:
            mend = say('写 Placement(klass=…, tiers=("{code}",), …)', code=tier.code)
            yield wrong(scheme.edition, tier, say("没有一类企业归入这一层，永远不会有网格"), mend)
        elif tier.code not in placed | parents | staffed:
            what = say("没有企业归入这一层，没有岗位，下面也没有网格")
            yield wrong(scheme.edition, tier, what, say("不用就删去"), hint=True)


def _ranks(tier: Tier, otherwise: int) -> list[int]:
    return [LEVEL.get(ground, otherwise) for ground in tier.grounds]


def _circle(edges: Mapping[str, tuple[str, ...]]) -> list[str]:
    """One circle among the edges, as the codes along it; nothing where there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def _acyclic(scheme: Scheme) -> Iterator[Problem]:
    above = {post.code: (*post.answers_to, *filter(None, [post.ex_officio])) for post in scheme.posts.values()}
    if circle := _circle(above):
        what = say("上下级绕成了一圈：{circle}", circle=" → ".join(circle))
        post = scheme.posts[circle[0]]
        field = "answers_to" if circle[1] in post.answers_to else "ex_officio"
        yield wrong(scheme.edition, post, what, say("删去其中一个 answers_to"), field=field)
    if circle := _circle({t.code: (t.within,) if t.within else () for t in scheme.tiers.values()}):
        what = say("层级互相包含：{circle}", circle=" → ".join(circle))
        yield wrong(scheme.edition, scheme.tiers[circle[0]], what, say("删去其中一个 within"), field="within")


# Posts


def _posts(scheme: Scheme) -> Iterator[Problem]:
    for post in scheme.posts.values():
        if not post.per:
            nobody, seat = say("没有写设在哪里，谁也不能担任"), say("用 per=(Per(tier=…),) 写明每个网格、部门或企业一席")
            yield wrong(scheme.edition, post, nobody, seat, field="per")
        for per in post.per:
            for what, mend in per_mistakes(scheme, per):
                yield wrong(scheme.edition, post, what, mend, field="per")
        least, most = post.count.least, post.count.most
        if most is not None and most < max(least, 1):
            what = say("人数上限 {n} 小于下限，或者是零，谁也不能担任", n=most)
            yield wrong(scheme.edition, post, what, say("改正 N(下限, 上限)"), field="count")
        if least < 0:
            yield wrong(scheme.edition, post, say("人数下限 {n} 小于零", n=least), say("改正 N(下限, 上限)"), field="count")
        yield from _ex_officio(scheme, post)
        yield from _filled(scheme, post)
        yield from _staffing(scheme, post)
        seated = post.staffed_by or any(per.unit is not None for per in post.per)
        if post.capacity is Capacity.ENFORCE and not seated:
            what = say("是执法岗位，却看不出是哪个部门的人")
            yield wrong(scheme.edition, post, what, say('staffed_by=("部门代码",)，或设在部门：Per(unit=…)'), hint=True)


def _staffing(scheme: Scheme, post: Post) -> Iterator[Problem]:
    for field in ("staffing", "everyone", "every_office"):
        if getattr(post, field) and not post.staffed_by:
            what = say("写了 {field}，却没有写是哪个部门的人", field=field)
            yield wrong(scheme.edition, post, what, say('staffed_by=("部门代码",)，或去掉 {field}', field=field), field=field)
    least, most, usual = post.count.least, post.count.most, post.usual
    if usual is not None and (usual < max(least, 1) or (most is not None and usual > most)):
        what = say("原则上 {n} 人，不在人数上下限之内", n=usual)
        yield wrong(scheme.edition, post, what, say("改正 usual，或 count=N(下限, 上限)"), field="usual")


def per_mistakes(scheme: Scheme, per: Per, *, on: bool = False) -> Iterator[tuple[str, str]]:
    """What is wrong with a place where a seat is, or with what a duty is ``on``: what, mend."""
    if axis_problem(per, on=on) and on:
        yield say("on 的一个 Per 要写 tier、unit、klass 之一，或 klass 和 tier"), say("拆成几个 Per")
    elif axis_problem(per, on=on):
        yield say("一个 Per 要且只要写 tier、unit、klass 之一"), say("拆成几个 Per")
    if per.where is not None and per.tier is None:
        yield say("where 只用来缩小网格的范围"), say("去掉 where，或改成 Per(tier=…, where=…)")
    tier = scheme.tiers.get(per.tier or "")
    kinds = [kind for of in tier.grounds for kind in KINDS.get(of, tuple(JURISDICTION_KIND))] if tier is not None else []
    if per.where is not None and tier is not None and per.where not in kinds:
        what = say("“{tier}”没有由“{where}”构成的网格，一席也没有", tier=tier.name, where=per.where)
        yield what, say("where 可以写：{all}", all=listed(kinds))
    if per.inside and all(_lies_in(code, per.beyond) for code in per.inside):
        yield say("inside 的每个区划又都被 beyond 排除，一处也不剩"), say("改正 inside 或 beyond")


def _lies_in(code: str, codes: tuple[str, ...]) -> bool:
    """Whether a division is one of these or in one: a statistical code begins with that of the division around."""
    return any(code == other or (other.isdigit() and code.startswith(other)) for other in codes)


def meet(one: Per, other: Per) -> bool:
    """Whether two of these may be at the same place: neither narrows to where the other is not."""
    if (
        one.tier is not None
        and one.tier == other.tier
        and one.klass is other.klass is None
        and one.where
        and other.where
        and one.where != other.where
    ):
        return False
    if one.inside and other.inside:
        return any(_lies_in(a, (b,)) or _lies_in(b, (a,)) for a in one.inside for b in other.inside)
    return not any(a.inside and all(_lies_in(code, b.beyond) for code in a.inside) for a, b in ((one, other), (other, one)))


def _ex_officio(scheme: Scheme, post: Post) -> Iterator[Problem]:
    other = scheme.posts.get(post.ex_officio or "")
    if other is None or other is post:
        return  # a missing post and a circle are told elsewhere
    if other.ex_officio is not None:
        what = say("由“{other}”兼任，而那个岗位自己也是兼任的，没有人会被任命", other=other.name)
        mend = say('直接写 ex_officio="{code}"', code=other.ex_officio)
        yield wrong(scheme.edition, post, what, mend, field="ex_officio")
    for per in post.per:
        if not any(_same_seat(per, there) for there in other.per):
            seat = per.tier or per.unit or per.klass
            what = say("由“{other}”兼任，而那个岗位不设在“{seat}”，谁也不能担任", other=other.name, seat=seat)
            yield wrong(scheme.edition, post, what, say("两个岗位的 per 写成一样"), field="per")


def _filled(scheme: Scheme, post: Post) -> Iterator[Problem]:
    """Whoever never sits at the same seat fills no post there."""
    for code in post.filled_by:
        other = scheme.posts.get(code)
        if other is not None and (other is post or not any(_same_seat(own, there) for own in post.per for there in other.per)):
            what = say("写了由“{other}”担任也算，而那是它自己，或不设在同样的地方", other=other.name)
            yield wrong(scheme.edition, post, what, say("从 filled_by 去掉，或给那个岗位加一个 Per"), field="filled_by")


def _same_seat(own: Per, there: Per) -> bool:
    same = (own.tier, own.unit) == (there.tier, there.unit) and (own.klass == there.klass or (there.klass == "*" and own.klass))
    return bool(same) and meet(own, there)


# Classes


def _partition(scheme: Scheme) -> Iterator[Problem]:
    covers, classes, facts = scheme.edition.covers, scheme.classes, scheme.facts
    asked = facts_of(covers).union(*(facts_of(klass.when) for klass in classes))
    if not asked <= set(facts):
        return
    search = Search(facts)

    def example(predicate: Predicate) -> str | None:
        found = search.example(predicate)
        if found is None:
            return None
        parts = "，".join(f"{facts[code].name}={dict(facts[code].choices)[found[code]]}" for code in sorted(found))
        return parts or str(say("任何"))

    try:
        gap = example(AllOf((covers, *(Not(klass.when) for klass in classes))))
        if gap is not None:
            what = say("{world} 的企业不属于任何一类", world=gap)
            place = classes[0] if classes else scheme.edition
            yield wrong(scheme.edition, place, what, say("加一类，或放宽某一类的 when"))
        for one, other in combinations(classes, 2):
            world = example(AllOf((covers, one.when, other.when)))
            if world is not None:
                names = "、".join(f"{klass.name}（{_predicate_told(klass.when, scheme)}）" for klass in (one, other))
                what = say("{world} 的企业同时属于 {names}", world=world, names=names)
                yield wrong(scheme.edition, other, what, say("收窄其中一类的 when"), field="when")
                break
        for klass in classes:
            if example(AllOf((covers, klass.when))) is None:
                what = say("没有企业会属于这一类")
                yield wrong(scheme.edition, klass, what, say("放宽 when，或删去这一类"), field="when", hint=True)
    except TooMany:
        what = say("事实的组合太多，没有全部核对类别有无空缺和重叠")
        mend = say("让每一类只问少数几个事实；登记时不属于一类或同时属于两类的企业会列为未归入")
        yield wrong(scheme.edition, classes[0], what, mend, hint=True)


def _predicate_told(predicate: Predicate, scheme: Scheme) -> str:
    try:
        return predicate_told(predicate, scheme.facts)
    except KeyError:
        return "…"  # a value that does not exist is told elsewhere


def _placements(scheme: Scheme) -> Iterator[Problem]:
    for klass in scheme.classes:
        if klass.code not in scheme.placements:
            mend = say('加 Placement(klass="{code}", …)', code=klass.code)
            yield wrong(scheme.edition, klass, say("没有写归入哪一层网格"), mend)
    for placement in scheme.placements.values():
        if bool(placement.tiers) is (placement.direct is not None):
            mend = say('只写其中一个：tiers=("层级",) 归入网格，direct="部门" 由部门直接监管')
            if placement.tiers:
                yield wrong(scheme.edition, placement, say("既归入网格，又由部门直接监管"), mend, field="direct")
            else:
                yield wrong(scheme.edition, placement, say("既不归入网格，也不由部门直接监管"), mend)


CHECKS = (_units, _posts, _tiers, _acyclic, _partition, _placements)
