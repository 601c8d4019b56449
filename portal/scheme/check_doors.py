"""What can be wrong with what the public meets: boards and routes."""

from collections.abc import Collection, Iterator

from portal.scheme import national
from portal.scheme.book import Scheme
from portal.scheme.check_places import LEVEL, tiers_above, tiers_of
from portal.scheme.problem import Problem, wrong
from portal.scheme.words import Basis, Board, Clause, Ground, Kind, Post, Route, Section, Shown, Topic, rules_of
from portal.terms import KIND, SUBJECT, say

BOARDS = ("grid", "enterprise")
NEEDS = {
    Shown.PEOPLE: "posts",
    Shown.DUTIES: "posts",
    Shown.SERVICES: "posts",
    Shown.LINES: "lines",
    Shown.WORDS: "says",
}


def _routes(scheme: Scheme) -> Iterator[Problem]:
    for kind in Kind:
        if kind not in scheme.routes:
            what = say("没有写办理路径：{kind}", kind=KIND[kind.value])
            yield wrong(scheme.edition, scheme.edition, what, say("加 Route(kind=Kind.{kind}, …)", kind=kind.name), field="rules")
    for route in rules_of(Route, scheme.edition.rules):
        kind = route.kind
        if kind is Kind.COMPLAINT and any(who.unit is None or not _outside(scheme, who.unit) for who in route.to):
            what, mend = say("投诉会到被投诉人的条线里"), say("to 里只写 outside=True 的部门")
            yield wrong(scheme.edition, route, what, mend, field="to")
        elif any((who.post is None) == (who.unit is None) for who in route.to):
            mend = say("改正 to=(Who(…),)")
            yield wrong(scheme.edition, route, say("Who 要且只要写 post、unit 之一"), mend, field="to")
        elif any(who.post for who in route.to) and route.answered_by is None:
            what = say("办件人是个人，却没有写由哪个部门兜底")
            yield wrong(scheme.edition, route, what, say('answered_by="部门代码"'), field="to")
        end = scheme.units.get(route.else_outside)
        if end is not None and not end.outside:
            what = say("最后还是到“{unit}”，没有出这条线", unit=end.name)
            mend = say("else_outside 写 outside=True 的部门，或热线：{all}", all=_hotlines(kind))
            yield wrong(scheme.edition, route, what, mend, field="else_outside")
        yield from _ends(scheme, route)
        if kind is Kind.REPORT and not route.topics and not any(who.unit and _of_county(scheme, who.unit) for who in route.to):
            what = say("举报到不了区（县）一级的部门，而说到有人死亡的举报要由县级以上政府组织核查处理")
            mend = say("to 里加一个设在区（县）或开发区的部门")
            yield wrong(scheme.edition, route, what, mend, field="to", hint=True)


def _ends(scheme: Scheme, route: Route) -> Iterator[Problem]:
    """A number at the end takes that kind of case: what hands a complaint or a report back to the office in charge does not.

    A report may end at such a number where the clause on which the route rests, or a text of the state, names it.
    """
    code = route.else_outside
    gone = national.GONE.get(code)
    if gone is not None:
        mend = say("改为：{all}", all=_hotlines(route.kind) if route.kind is Kind.COMPLAINT else '"12345"')
        yield wrong(scheme.edition, route, say("{n} 已经停用：{why}", n=code, why=gone.why), mend, field="else_outside")
    line = national.HOTLINES.get(code)
    if line is None or route.kind in line.takes:
        return
    if route.kind is Kind.REPORT and Kind.CONTACT in line.takes and code in _said(route.basis):
        return
    what = say("{kind}最后到 {n}（{name}），它不受理{kind}", kind=KIND[route.kind.value], n=code, name=line.name)
    if line.takes and Kind.COMPLAINT not in line.takes:
        what = say("{what}，会转回主管部门", what=what)
    mend = say("改为：{all}", all=_hotlines(route.kind))
    if route.kind is Kind.REPORT:
        mend = say("{mend}；文件写明由 {n} 受理的，basis 引那一条，gist 里写上 {n}", mend=mend, n=code)
    yield wrong(scheme.edition, route, what, mend, field="else_outside")


def _said(basis: Basis) -> str:
    """What the clause says, and what a text of the state says in the words with which ours reads it."""
    gist, ours = (basis.gist, basis.read_as) if isinstance(basis, Clause) else ("", basis.why)
    return "".join([gist, *(one.why for one in national.ASSUMED.values() if one.why in ours)])


def _hotlines(kind: Kind) -> str:
    return "、".join(f'"{line.code}"' for line in national.HOTLINES.values() if kind in line.takes)


def _of_county(scheme: Scheme, unit: str) -> bool:
    """Whether an office stands at a district or a zone wherever it is, inside the chain."""
    found = scheme.units.get(unit)
    return found is not None and not found.outside and {*found.grounds} <= {Ground.DISTRICT, Ground.ZONE}


def _topics(scheme: Scheme) -> Iterator[Problem]:
    for topic in rules_of(Topic, scheme.edition.rules):
        if topic.outside is None:
            continue
        if topic.kind is not Kind.COMPLAINT:
            what = say("只有投诉的事项可以写 outside")
            yield wrong(scheme.edition, topic, what, say("去掉 outside，或改 kind"), field="outside")
        elif topic.outside in scheme.units and not _outside(scheme, topic.outside):
            what = say("“{topic}”的投诉会到被投诉人的条线里", topic=topic.name)
            yield wrong(scheme.edition, topic, what, say("outside 只写 outside=True 的部门"), field="outside")


def _routes_of_topics(scheme: Scheme) -> Iterator[Problem]:
    """A topic has one way, at the door of its own kind; a complaint's leads to another office by its ``outside`` only."""
    taken = set[str]()
    for route in rules_of(Route, scheme.edition.rules):
        if route.topics and route.kind is Kind.COMPLAINT:
            what = say("投诉按事项分了路径；投诉只有一条路径")
            mend = say("去掉 topics；某个事项先到另一个部门的，在它的 Topic 里写 outside")
            yield wrong(scheme.edition, route, what, mend, field="topics")
            continue
        known = {topic.code: topic for topic in rules_of(Topic, scheme.edition.rules)}
        for topic in (known[code] for code in route.topics if code in known):
            if topic.kind is not route.kind:
                what = say("事项“{topic}”不是{kind}的事项", topic=topic.name, kind=KIND[route.kind.value])
                mend = say("事项写 Topic(kind=Kind.{kind}, …)，或从 topics 去掉", kind=route.kind.name)
                yield wrong(scheme.edition, route, what, mend, field="topics")
            elif topic.code in taken:
                what = say("事项“{topic}”已经有一条路径", topic=topic.name)
                yield wrong(scheme.edition, route, what, say("从其中一条的 topics 去掉"), field="topics")
            taken.add(topic.code)


def _outside(scheme: Scheme, unit: str) -> bool:
    return unit in scheme.units and scheme.units[unit].outside


def _boards(scheme: Scheme) -> Iterator[Problem]:
    boards = rules_of(Board, scheme.edition.rules)
    for of in BOARDS:
        stated = [board for board in boards if board.of == of]
        if not stated:
            what = say("没有{of}的公示牌", of=SUBJECT[of])
            yield wrong(scheme.edition, scheme.edition, what, say('加 Board(of="{of}", …)', of=of), field="rules")
        if len(stated) > 1:
            what = say("{of}的公示牌写了{n}块：{all}", of=SUBJECT[of], n=len(stated), all="、".join(one.code for one in stated))
            yield wrong(scheme.edition, stated[-1], what, say("留下一块"), field="of")
    for board in boards:
        if board.of not in BOARDS:
            what = say("没有“{of}”的公示牌", of=board.of)
            yield wrong(scheme.edition, board, what, say('of="grid" 或 of="enterprise"'), field="of")
            continue
        yield from _leads(scheme, board)
        yield from _signs(scheme, board)
        if not 0 < len(board.hotlines) <= national.MOST_ON_A_BOARD:
            what = say("牌上的公共热线写了 {n} 个，放得下 1 到 {most} 个", n=len(board.hotlines), most=national.MOST_ON_A_BOARD)
            yield wrong(scheme.edition, board, what, say('hotlines=("12350", …)'), field="hotlines")
        codes = [section.code for section in board.sections]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            what = say("有两个栏目叫“{code}”", code=code)
            yield wrong(scheme.edition, board, what, say("给每个栏目各自的 code"), field="sections")
        for section in board.sections:
            yield from _section(scheme, board, section)


def _leads(scheme: Scheme, board: Board) -> Iterator[Problem]:
    if not board.leads:
        yield wrong(scheme.edition, board, say("没有写牌上的主要责任人"), say("leads=(岗位代码, …)"), field="leads")
    absent = [
        scheme.posts[post]
        for post in board.leads
        if post in scheme.posts and not _can_stand(scheme, board.of, scheme.posts[post])
    ]
    if absent:
        none = len(absent) == len(board.leads)
        same = [other.of for other in scheme.boards.values() if other.leads == board.leads]
        absent = [post for post in absent if none or not any(_can_stand(scheme, of, post) for of in same)]
    if absent:
        names = "、".join(post.name for post in absent)
        what = say("{of}的牌上不会有“{names}”", of=SUBJECT[board.of], names=names)
        mend = say("leads 里至少要有一个设在那里的岗位") if none else say("从 leads 去掉，或给岗位加一个 Per")
        yield wrong(scheme.edition, board, what, mend, field="leads", hint=not none)
    elif board.leads:
        yield from _led(scheme, board)


def _led(scheme: Scheme, board: Board) -> Iterator[Problem]:
    """Every board has somebody who leads it: of an enterprise of any class, outside all grids too, and of a grid of any tier."""
    seats = [per for post in board.leads if post in scheme.posts for per in scheme.posts[post].per]

    def led(tiers: Collection[str], klass: str | None = None) -> bool:
        return any(per.unit or per.tier in tiers or (klass and per.klass in (klass, "*")) for per in seats)

    if board.of == "enterprise":
        placed = [klass for klass in scheme.classes if klass.code in scheme.placements]
        without = [klass.name for klass in placed if not led(tiers_of(scheme, klass.code), klass.code)]
        what = say("“{all}”类企业的牌上没有主要责任人", all="、".join(without))
    else:
        without = [tier.name for tier in scheme.tiers.values() if not led(tiers_above(scheme, tier.code))]
        what = say("“{all}”的牌上没有主要责任人", all="、".join(without))
    if without and seats:
        # Grids of a tier may go without boards, enterprises may not
        hint = board.of == "grid"
        yield wrong(scheme.edition, board, what, say("leads 里加一个那里有的岗位"), field="leads", hint=hint)


def _signs(scheme: Scheme, board: Board) -> Iterator[Problem]:
    """An office of a town stands around no grid of a district: the boards of such grids nobody can sign."""
    for field in ("issuer", "supervision") if board.of == "grid" else ():
        unit = scheme.units.get(getattr(board, field))
        level = min((LEVEL.get(at, 0) for at in unit.grounds), default=0) if unit is not None else 0
        wider = [tier.name for tier in scheme.tiers.values() if min(map(_rank, tier.grounds), default=9) < level]
        if unit is not None and wider:
            what = say("“{tier}”大于“{unit}”的辖区，那一层的牌签发不了", tier="、".join(wider), unit=unit.name)
            yield wrong(
                scheme.edition, board, what, say("{field} 写一个管得到各层网格的部门", field=field), field=field, hint=True
            )


def _rank(ground: Ground) -> int:
    return LEVEL.get(ground, 9)


def _can_stand(scheme: Scheme, of: str, post: Post) -> bool:
    """Whether a board of that kind may ever name a holder of the post."""
    tiers = set(scheme.tiers) if of == "grid" else tiers_of(scheme, "*")
    return any(per.unit is not None or per.tier in tiers or (of == "enterprise" and per.klass is not None) for per in post.per)


def _section(scheme: Scheme, board: Board, section: Section) -> Iterator[Problem]:
    need = NEEDS[section.shows]
    if not getattr(section, need):
        what = say(
            "栏目“{title}”没有内容：shows=Shown.{shows} 要写 {need}", title=section.title, shows=section.shows.name, need=need
        )
        yield wrong(scheme.edition, section, what, say("{need}=(…,)", need=need), field="shows")
        return
    also = {"posts"} if section.shows is Shown.LINES else set()
    for other in sorted({*NEEDS.values()} - {need} - also):
        if getattr(section, other):
            what = say("栏目“{title}”不会用到 {field}", title=section.title, field=other)
            yield wrong(scheme.edition, section, what, say("去掉 {field}，或改 shows", field=other), field=other, hint=True)
    posts = [scheme.posts[post] for post in section.posts if post in scheme.posts]
    if section.shows is Shown.PEOPLE and posts and not any(_can_stand(scheme, board.of, post) for post in posts):
        what = say("栏目“{title}”的岗位不会出现在{of}的牌上", title=section.title, of=SUBJECT[board.of])
        yield wrong(scheme.edition, section, what, say("改 posts"), field="posts")
    if section.shows in {Shown.DUTIES, Shown.SERVICES}:
        wanted = section.shows is Shown.SERVICES
        if not any(set(duty.posts) & set(section.posts) and duty.serves is wanted for duty in scheme.duties):
            what = say(
                "栏目“{title}”没有内容：这些岗位没有写{what}", title=section.title, what=say("服务") if wanted else say("职责")
            )
            mend = say("加 Duty(who=…, serves=True, …)，或去掉这个栏目") if wanted else say("加 Duty(who=…, …)，或去掉这个栏目")
            yield wrong(scheme.edition, section, what, mend, field="posts")


CHECKS = (_routes, _routes_of_topics, _topics, _boards)
