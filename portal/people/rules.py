"""Pure rules of people: which posts a seat has, which of them nobody holds, who may be appointed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from portal.errors import Refused
from portal.scheme.book import Scheme, reaches
from portal.scheme.decision import Decision
from portal.scheme.words import Assumption, Capacity, Force, Per, Post
from portal.terms import say


@dataclass(frozen=True)
class Seat:
    """A place where posts are held. ``of`` is a tier, a kind of unit or a class; ``ground`` the division's kind of a grid;
    ``path`` that of the jurisdiction where it is; ``firm`` the enterprise that it is, where that is a grid.
    """

    kind: str
    id: int
    of: str | None
    name: str
    ground: str = ""
    path: str = ""
    firm: int | None = None


@dataclass(frozen=True)
class Gap:
    """A post at a seat that too few hold, or too many. ``held`` counts those who hold one of the ``others`` that fill it too."""

    post: Post
    seat: Seat
    held: int
    others: tuple[Post, ...] = ()

    @property
    def name(self) -> str:
        """What is missing: the post, or one that fills it."""
        if not self.others:
            return self.post.name
        return say("{post}（或{others}）", post=self.post.name, others="、".join(other.name for other in self.others))

    @property
    def lacking(self) -> int:
        """How many are missing; 0 where there are too many instead."""
        return max(0, self.post.count.least - self.held)

    @property
    def inferred(self) -> bool:
        """Whether something of what is wanted is our assumption (暂定): all of it, or what a clause leaves open."""
        return isinstance(self.post.basis, Assumption) or bool(self.post.basis.read_as)


AXES = {"grid": "tier", "unit": "unit", "enterprise": "klass"}


def posts_at(scheme: Scheme, seat: Seat) -> tuple[Post, ...]:
    """The posts that the scheme wants at this seat, each once."""
    if seat.of is None:
        return ()
    return tuple(dict.fromkeys(post for post, per in scheme.posts_per(**{AXES[seat.kind]: seat.of}) if _applies(per, seat)))


def gaps(scheme: Scheme, seats: Iterable[Seat], held: Counter[tuple[str, int, str]]) -> list[Decision[Gap]]:
    """The posts that nobody, too few or too many hold, each with the clause that wants them.

    ``held`` counts holders by (kind of seat, id of seat, post).
    """
    found = []
    for seat in seats:
        there = posts_at(scheme, seat)
        for post in there:
            n = held[(seat.kind, seat.id, post.ex_officio or post.code)]
            others = tuple(other for other in there if other.code in post.filled_by)
            in_all = n + sum(held[(seat.kind, seat.id, other.code)] for other in others)
            most = post.count.most
            if in_all < post.count.least or (most is not None and n > most):
                note = say("{post}应有 {wanted} 人，现有 {n} 人", post=post.name, wanted=_wanted(post), n=n)
                if others and in_all < post.count.least:
                    names = "、".join(one.name for one in (post, *others))
                    note = say("{posts}合计应有 {wanted} 人，现有 {n} 人", posts=names, wanted=_wanted(post), n=in_all)
                found.append(Decision(Gap(post, seat, in_all, others), (scheme.because(post.basis, note),)))
    return found


@dataclass(frozen=True)
class Candidate:
    """What decides whether somebody may hold a post: certificate, kind of their own office, whether they stand back (回避), and
    the ``reason`` that is given for what departs from the usual.
    """

    certificate: str = ""
    unit: str | None = None
    stands_back: bool = False
    reason: str = ""


def may_hold(scheme: Scheme, seat: Seat, post: str, who: Candidate, *, held: int) -> Post:
    """The post, where a person may be appointed to it here; else :class:`Refused` with the reason.

    Whoever stands back from an enterprise holds no post at it. What is so in principle may be otherwise for a reason.
    """
    if who.stands_back:
        raise Refused(say("此人与{seat}有登记在册的直接利害关系，应当回避，请安排其他人。", seat=seat.name), field="person")
    found = next((wanted for wanted in posts_at(scheme, seat) if wanted.code == post), None)
    if found is None:
        raise Refused(say("“{seat}”按方案没有这个岗位。", seat=seat.name), field="post")
    if found.ex_officio is not None:
        comes_with = scheme.posts[found.ex_officio].name
        raise Refused(say("{post}由{other}兼任，不另行安排。", post=found.name, other=comes_with), field="post")
    if found.count.most is not None and held >= found.count.most:
        raise Refused(
            say("{post}最多 {n} 人，已经满员。请先办理现任人员的离任，再安排任职。", post=found.name, n=found.count.most),
            field="post",
        )
    if found.capacity is Capacity.ENFORCE and not who.certificate:
        raise Refused(say("{post}须持执法证件，请先在人员页面填写执法证号。", post=found.name), field="person")
    if departs := _departs(scheme, found, who, held):
        raise departs
    return found


def _departs(scheme: Scheme, post: Post, who: Candidate, held: int) -> Refused | None:
    """What is not as the scheme wants it in principle, and has no reason; or what no reason excuses."""
    if post.staffing is not None and who.unit not in post.staffed_by:
        offices = "、".join(scheme.units[kind].name for kind in post.staffed_by)
        if post.staffing is Force.MUST:
            what = say("{post}应由{offices}的人员担任，请先在人员页面登记所在部门，或另选人员。", post=post.name, offices=offices)
            return Refused(what, field="person")
        if not who.reason:
            return Refused(
                say("{post}原则上由{offices}的人员担任。确需另派的，请写明理由。", post=post.name, offices=offices),
                field="reason",
            )
    if post.usual is not None and held >= post.usual and not who.reason:
        what = say("{post}原则上 {n} 人，现已有 {held} 人。确需增加的，请写明理由。", post=post.name, n=post.usual, held=held)
        return Refused(what, field="reason")
    return None


def _applies(per: Per, seat: Seat) -> bool:
    return (per.where is None or per.where == seat.ground) and reaches(per, seat.path)


def _wanted(post: Post) -> str:
    least, most = post.count.least, post.count.most
    if most is None:
        return say("至少 {n}", n=least)
    return str(least) if least == most else say("{least} 至 {most}", least=least, most=most)
