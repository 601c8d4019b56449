"""What can be wrong with what has to be done: duties, powers, lines."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product

from portal.scheme.book import Scheme
from portal.scheme.calendar import period_told
from portal.scheme.check_places import LEVEL, axis_problem, meet, per_mistakes, placed_in, tiers_above, tiers_of
from portal.scheme.powers import entrusted_kinds
from portal.scheme.problem import Problem, wrong
from portal.scheme.windows import MOST_A_YEAR, MOST_MONTHS, MOST_WEEKS, countable
from portal.scheme.words import Act, Capacity, Clause, Duty, Ground, Per
from portal.terms import ACT, SEPARATORS, say

ENTERPRISES, GRIDS, UNITS = say("企业"), say("网格"), say("部门")


def _duties(scheme: Scheme) -> Iterator[Problem]:
    for duty in scheme.duties:
        mistakes = (*_meaning(duty), *_by_whom(scheme, duty), *_rhythm(duty), *_points(duty), *_reach(scheme, duty))
        for what, mend, field, hint in mistakes:
            yield wrong(scheme.edition, duty, what, mend, field=field, hint=hint)
        for per in duty.on:
            for what, mend in per_mistakes(scheme, per, on=True):
                yield wrong(scheme.edition, duty, what, mend, field="on")


Mistake = tuple[str, str, str, bool]


def _meaning(duty: Duty) -> Iterator[Mistake]:
    if duty.act is None:
        if duty.who is None:
            yield say("没有写谁来做，也不计数，哪里都不会出现"), say('who="岗位代码"'), "who", False
        for field in ("on", "times_a_year", "to", "attends", "formerly"):
            if getattr(duty, field):
                what = say("写了 {field}，却没有 act，不会计数", field=field)
                yield what, say("加 act=Act.PATROL 等；只是公示一句话的，去掉 {field}", field=field), field, False
        if duty.every is not None:
            what = say("写了 every，却没有 act：牌上会写周期，但不计算应做、已做、漏做")
            yield what, say("要计数的，加 act=… 和 on=…；只是公示的，不用改"), "every", True
        return
    if not duty.on and duty.who is None:
        mend = say('who="岗位代码"：在任的每个人各欠一份；或 on=(Per(unit=…),)：由部门自己做')
        yield say("是计数的职责，却没有写谁来做，也没有写对什么做，没有人欠它"), mend, "act", False
    if duty.every is None and duty.times_a_year is None and isinstance(duty.basis, Clause) and not duty.basis.read_as:
        what = say("没有写多久一次，也没有说明；各地细化以前谁也不会漏做")
        mend = say("文件没有写的，依据写成 条款.taken(“文件没有写多久一次，…”)；否则写 every 或 times_a_year")
        yield what, mend, "act", True
    sorts = {_sort(per) for per in duty.on if not axis_problem(per, on=True)}
    if len(sorts) > 1:
        what = say("on 里既有{sorts}，算不到一起", sorts=say("，又有").join(sorted(sorts)))
        yield what, say("分成几条职责，每条的 on 只写网格、只写部门或只写企业"), "on", False
    if duty.who is None and sorts - {UNITS}:
        what = say("没有写谁来做，而 on 里有不是部门的，没有人欠它")
        yield what, say('who="岗位代码"，或 on 只写 Per(unit=…)：由部门自己做'), "on", False


# What somebody without capacity to enforce may say of a check: that they help with it, or what it is called
CHECK = ACT["check"]
HELPS = re.compile(r"协助|配合|自查|检查(纲要|员|计划|表)")


def _by_whom(scheme: Scheme, duty: Duty) -> Iterator[Mistake]:
    """Who may do it in law: only posts that enforce check enterprises; what is done within the house is supervision."""
    if duty.or_who and (duty.who is None or not duty.on):
        what = say("写了 or_who，却没有写 {field}，看不出哪一件事只欠一份", field="who" if duty.who is None else "on")
        yield what, say("who 写一个岗位，on 写对什么做，其余的岗位写进 or_who"), "or_who", False
    posts = [scheme.posts[code] for code in duty.posts if code in scheme.posts]
    weak = [post for post in posts if post.capacity is not Capacity.ENFORCE]
    firms = any(_is_on_enterprises(scheme, per) for per in duty.on)
    if duty.act is Act.CHECK and (weak or not posts):
        names = "、".join(post.name for post in weak)
        what = say("“{post}”没有执法资格，不能检查", post=names) if names else say("没有写由哪个执法岗位检查")
        what = say("{what}；对企业的行政检查只能由有执法资格的人做（国办发〔2024〕54号）", what=what)
        mend = say("巡查、督促、协助写 act=Act.PATROL；由执法人员检查的，岗位写 capacity=Capacity.ENFORCE")
        yield what, mend if firms else say("对网格、部门和本部门人员的写 act=Act.SUPERVISION（督查）"), "act", False
    elif duty.act is Act.SUPERVISION and firms:
        what = say("督查是对网格、部门和人员的，不能对企业")
        yield what, say("到企业去的写 act=Act.PATROL；由执法人员检查的写 act=Act.CHECK"), "act", False
    if any(post.capacity is Capacity.ASSIST for post in posts) and (said := _checks_in_words(duty)):
        what = say("“{said}”会印在没有执法资格的岗位的职责里，读起来像行政检查", said=said)
        yield what, say("改写成巡查、督促或协助；文件原文写在 clauses.py 的 gist 里"), "says", True


def _is_on_enterprises(scheme: Scheme, per: Per) -> bool:
    """Whether it names enterprises: those of a class, or grids that are enterprises."""
    tier = scheme.tiers.get(per.tier or "")
    return per.klass is not None or (tier is not None and tier.of is Ground.ENTERPRISE)


def _checks_in_words(duty: Duty) -> str:
    parts = [part for said in (duty.says, *duty.points) for part in re.split(r"[，；。、：]", said)]
    return next((part for part in parts if CHECK in part and not HELPS.search(part)), "")


def _sort(per: Per) -> str:
    return ENTERPRISES if per.klass is not None else UNITS if per.unit is not None else GRIDS


def _rhythm(duty: Duty) -> Iterator[Mistake]:
    every, times = duty.every, duty.times_a_year
    if every is not None and (min(every.months, every.weeks) < 0 or bool(every.months) is bool(every.weeks)):
        yield say("every 要且只要写 months、weeks 之一，且大于零"), say("例如 Every(months=2)"), "every", False
        return
    if every is not None and duty.act is not None and not countable(every):
        what = say("{every}，计数的周期太长", every=period_told(every))
        mend = say("最长写 months={months} 或 weeks={weeks}；只是公示的，去掉 act", months=MOST_MONTHS, weeks=MOST_WEEKS)
        yield what, mend, "every", False
    if times is not None and not 1 <= times <= MOST_A_YEAR:
        what = say("一年 {n} 次做不到", n=times)
        yield what, say("times_a_year 写 1 到 {most}", most=MOST_A_YEAR), "times_a_year", False
    elif times is not None and every is not None:
        windows = 12 // every.months if every.months else 52 // every.weeks
        if times > max(windows, 1):
            what = say("{every}，一年只有 {n} 个周期，却要求至少 {times} 次", every=period_told(every), n=windows, times=times)
            mend = say("按周期做满了仍然不够；文件确实这样写的不用改，否则改正其中一个")
            yield what, mend, "times_a_year", True


def _points(duty: Duty) -> Iterator[Mistake]:
    if parted := [point for point in duty.points if SEPARATORS.search(point)]:
        what = say("要点“{point}”里有分隔号，台账里会读成几个要点", point=parted[0])
        yield what, say("分成几个要点，或改用“和”“或”"), "points", False


def _reach(scheme: Scheme, duty: Duty) -> Iterator[Mistake]:
    """A duty on things from which no seat of its post can be reached is on nobody."""
    posts = [scheme.posts[code] for code in duty.posts if code in scheme.posts and scheme.posts[code].per]
    for post, per in product(posts if duty.act is not None else (), duty.on):
        unknown = (
            axis_problem(per, on=True)
            or not _is_of_the_scheme(scheme, per)
            or any(not _is_of_the_scheme(scheme, seat) for seat in post.per)
        )
        if not unknown and not any(_reaches(scheme, seat, per) for seat in post.per):
            seat = "、".join(_named(scheme, one) for one in post.per)
            what = say("“{post}”设在{seat}，够不着{on}，没有人欠它", post=post.name, seat=seat, on=_named(scheme, per))
            yield what, say("改 who，或改 on，或给岗位加一个 Per"), "on", False


def _is_of_the_scheme(scheme: Scheme, per: Per) -> bool:
    classes = {klass.code for klass in scheme.classes} | {"*", None}
    return (
        (per.tier is None or per.tier in scheme.tiers)
        and (per.unit is None or per.unit in scheme.units)
        and (per.klass in classes)
    )


def _named(scheme: Scheme, per: Per) -> str:
    if per.tier is not None and per.klass is None:
        return say("“{tier}”网格", tier=scheme.tiers[per.tier].name)
    if per.unit is not None:
        return say("“{unit}”", unit=scheme.units[per.unit].name)
    name = next((klass.name for klass in scheme.classes if klass.code == per.klass), None)
    what = say("“{klass}”类企业", klass=name) if name else say("任何企业")
    return what if per.tier is None else say("“{tier}”网格里的{what}", tier=scheme.tiers[per.tier].name, what=what)


def _reaches(scheme: Scheme, seat: Per, on: Per) -> bool:
    """Whether somebody at the seat may be the nearest for what the duty is on: there, in a grid around, or at a unit around."""
    if axis_problem(seat) or not meet(seat, on):
        return False
    if seat.unit is not None:
        return _stands_around(scheme, seat.unit, on)
    if seat.klass is not None:
        return _same_enterprises(scheme, seat.klass, on)
    if on.klass is not None and on.tier is not None:
        return on.tier in placed_in(scheme, on.klass) and seat.tier in tiers_above(scheme, on.tier)
    if on.tier is not None:
        return seat.tier in tiers_above(scheme, on.tier)
    if on.klass is not None:
        return seat.tier in tiers_of(scheme, on.klass)
    return min(map(_level, scheme.tiers[str(seat.tier)].grounds), default=0) <= _nearest_level(scheme, str(on.unit))


def _same_enterprises(scheme: Scheme, klass: str, on: Per) -> bool:
    if on.klass is not None:
        return "*" in (klass, on.klass) or klass == on.klass
    return on.tier is not None and scheme.tiers[on.tier].of is Ground.ENTERPRISE and on.tier in tiers_of(scheme, klass)


def _stands_around(scheme: Scheme, unit: str, on: Per) -> bool:
    """A village's office stands around what lies in the village, and around no town."""
    if on.unit == unit or on.klass is not None:
        return True
    made_of = scheme.tiers[on.tier].grounds if on.tier is not None else scheme.units[str(on.unit)].grounds
    level = max(map(_level, made_of), default=0)
    return any(_level(at) <= level for at in scheme.units[unit].grounds)


def _nearest_level(scheme: Scheme, unit: str) -> int:
    """How near the nearest ground of a kind of office."""
    return max((_level(at) for at in scheme.units[unit].grounds), default=0)


def _level(ground: Ground) -> int:
    """How near the ground; what is drawn or is an enterprise may lie anywhere."""
    return LEVEL.get(ground, max(LEVEL.values()))


def _contradictions(scheme: Scheme) -> Iterator[Problem]:
    """Two windows for the same act of the same post on the same thing, with nothing that tells the two apart."""
    same: dict[object, list[Duty]] = defaultdict(list)
    for duty in scheme.counted.values():
        for per in duty.on:
            same[duty.posts, duty.act, per, duty.points, duty.to, duty.attends, duty.force].append(duty)
    told_already: set[str] = set()
    for duties in same.values():
        first, last = duties[0], duties[-1]
        if {duty.every for duty in duties} - {first.every} and last.code not in told_already:
            told_already.add(last.code)
            what = say(
                "同一岗位对同一对象的{act}，这里{own}，而 {other} 是{its}",
                act=ACT[str(last.act)],
                own=_every(last),
                other=first.code,
                its=_every(first),
            )
            yield wrong(scheme.edition, last, what, say("留下一个；确是两件事的，用 points、to 或 attends 区分"), field="every")


def _earlier_names(scheme: Scheme) -> Iterator[Problem]:
    """What was said of two duties of the same posts names neither in a sheet."""
    called = Counter((_owners(duty), said) for duty in scheme.counted.values() for said in {duty.says, *duty.formerly})
    for duty in scheme.counted.values():
        if several := [said for said in duty.formerly if called[_owners(duty), said] > 1]:
            what = say("“{said}”也是这个岗位另一条职责的说法，导入时分不清", said=several[0])
            yield wrong(scheme.edition, duty, what, say("只写给其中一条"), field="formerly")


def _owners(duty: Duty) -> tuple[str, ...]:
    return duty.posts or tuple(per.unit for per in duty.on if per.unit is not None)


def _every(duty: Duty) -> str:
    return period_told(duty.every) if duty.every else say("一年 {n} 次", n=duty.times_a_year)


def _powers(scheme: Scheme) -> Iterator[Problem]:
    for power in scheme.powers:
        if not power.posts:
            yield wrong(scheme.edition, power, say("没有写谁有这项职权"), say("posts=(岗位代码, …)"), field="posts")
        if power.limit_yuan is not None and power.limit_yuan <= 0:
            yield wrong(scheme.edition, power, say("金额上限不大于零"), say("改正 limit_yuan"), field="limit_yuan")
        if power.limit_yuan is not None and power.above is None:
            what, mend = say("有金额上限，却没有写超过的交给谁"), say('above="部门代码"')
            yield wrong(scheme.edition, power, what, mend, field="limit_yuan")
        if power.above is not None and power.limit_yuan is None:
            what, mend = say("写了超过上限交给谁，却没有上限"), say("limit_yuan=…，或去掉 above")
            yield wrong(scheme.edition, power, what, mend, field="above")
        weak = [post for post in power.posts if post in scheme.posts and scheme.posts[post].capacity is not Capacity.ENFORCE]
        if weak:
            what = say("“{post}”没有执法资格，不能有执法职权", post="、".join(scheme.posts[post].name for post in weak))
            mend = say("岗位写 capacity=Capacity.ENFORCE（要求执法证件），或从 posts 去掉")
            yield wrong(scheme.edition, power, what, mend, field="posts")


def _lent(scheme: Scheme) -> Iterator[Problem]:
    """What is lent is lent by an office to others below it, so that a letter can say by whom and to whom."""
    for power in scheme.powers:
        lender = scheme.units.get(power.lent_by or "")
        if lender is None:
            continue  # not lent, or by whom nobody knows: told elsewhere
        kinds = entrusted_kinds(scheme, power)
        levels = [_level(at) for kind in kinds if kind in scheme.units for at in scheme.units[kind].grounds]
        if lender.outside:
            what, mend = say("“{unit}”受理投诉，在这条线之外，不能委托执法", unit=lender.name), say("lent_by 写主管部门的代码")
            yield wrong(scheme.edition, power, what, mend, field="lent_by")
        elif not kinds:
            what = say("由“{unit}”委托，却看不出委托给哪个部门，委托书无从写起", unit=lender.name)
            mend = say('岗位设在部门：Per(unit=…)，或写 staffed_by=("部门代码",)')
            yield wrong(scheme.edition, power, what, mend, field="posts")
        elif lender.code in kinds:
            what = say("“{unit}”委托给自己；自己的职权不用委托", unit=lender.name)
            yield wrong(scheme.edition, power, what, say("去掉 lent_by，或把岗位设在受委托的部门"), field="lent_by")
        elif min(map(_level, lender.grounds), default=0) > min(levels, default=9):
            what = say("委托的“{unit}”比受委托的部门还低", unit=lender.name)
            yield wrong(scheme.edition, power, what, say("lent_by 写上级部门的代码"), field="lent_by")


def _lines(scheme: Scheme) -> Iterator[Problem]:
    for line in scheme.lines.values():
        for code in line.posts:
            post = scheme.posts.get(code)
            if post is not None and not any(per.unit is not None and line.unit in (None, per.unit) for per in post.per):
                what = say("“{post}”不设在这条线的部门里，列不出它的人", post=post.name)
                yield wrong(
                    scheme.edition, line, what, say("岗位设在部门：Per(unit=…)，或从 posts 去掉"), field="posts", hint=True
                )


def _filings(scheme: Scheme) -> Iterator[Problem]:
    for filing in scheme.filings:
        by, at = scheme.units.get(filing.by), scheme.units.get(filing.at)
        both = by is not None and at is not None and {*by.grounds, *at.grounds} <= set(LEVEL)
        if (
            by is not None
            and at is not None
            and both
            and _nearest_level(scheme, by.code) <= min(map(_level, at.grounds), default=0)
        ):
            what = say("报送的“{by}”不比备案的“{at}”更靠近网格", by=by.name, at=at.name)
            yield wrong(scheme.edition, filing, what, say("by 写镇一级的部门，at 写上级的部门"), field="by")


CHECKS = (_duties, _contradictions, _earlier_names, _powers, _lent, _lines, _filings)
