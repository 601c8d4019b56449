"""The words of the language. A region states with them what its policy document orders, a rule a word.

Every rule ends in its ``basis``: the clause that orders it, or the assumption that fills what the document leaves open.
Level numbers mean nothing across regions; only codes count. A word stands here once something executes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from portal.terms import say

R = TypeVar("R")


class Force(StrEnum):
    """How strictly a document orders: 应/不得, 原则上, 有条件的, 鼓励."""

    MUST = "must"
    IN_PRINCIPLE = "in_principle"
    WHERE_POSSIBLE = "where_possible"
    ENCOURAGED = "encouraged"

    @property
    def binds(self) -> bool:
        """Whether what was not done is missed, and who is not there lacks: what is for those who can, or a wish, never is."""
        return self in (Force.MUST, Force.IN_PRINCIPLE)


class Ground(StrEnum):
    """What a grid of a tier is made of: a division of that kind, an area that an office drew, or a single enterprise."""

    ZONE = "zone"
    DISTRICT = "district"
    TOWN = "town"
    VILLAGE = "village"
    DRAWN = "drawn"
    ENTERPRISE = "enterprise"


class Capacity(StrEnum):
    """What a post may do in law: assist (巡查、协助), enforce (行政执法), or lead without visiting on its own."""

    ASSIST = "assist"
    ENFORCE = "enforce"
    LEAD = "lead"


class Kind(StrEnum):
    """The three things that the public may want of a board: 联系, 举报, 投诉."""

    CONTACT = "contact"
    REPORT = "report"
    COMPLAINT = "complaint"


class Act(StrEnum):
    """What fulfils a duty when it is done: 巡查, 检查, 督查, 会议, 培训, 报告.

    A check is one of enterprises, by posts that enforce (行政检查). Others patrol, urge and assist. How an office or a leader
    looks into the work of its own grids, offices and people is supervision (督查).
    """

    PATROL = "patrol"
    CHECK = "check"
    SUPERVISION = "supervision"
    MEETING = "meeting"
    TRAINING = "training"
    REPORT = "report"


class Shown(StrEnum):
    """What a section of a board shows: of its posts the people, duties or services; the offices of its lines; or words."""

    PEOPLE = "people"
    DUTIES = "duties"
    SERVICES = "services"
    LINES = "lines"
    WORDS = "words"


class Read(StrEnum):
    """How much of a document we have read: all of it, parts of it, or nothing but what is told of it."""

    FULL = "full"
    PART = "part"
    HEARD = "heard"


class Later(StrEnum):
    """The parts of the portal that are still to come, by their number."""

    FIELD_WORK = "4"
    PUBLIC_SIDE = "5"
    OFFICES = "7"


# Who says so


@dataclass(frozen=True)
class Clause:
    """One order of a document. ``id`` is the one key for code, tests, table and pages.

    ``at`` is where it stands in the document, ``gist`` what it orders in our own words, ``kind`` the row's kind in the
    register (R rule, D data, W workflow, P public, B board). ``read_as`` is what we took where it leaves something open: the
    clause orders the rest.
    """

    id: str
    at: str
    gist: str
    kind: str = "R"
    read_as: str = ""

    def taken(self, why: str) -> "Clause":
        """The clause as the basis of a rule in which something is assumed that it does not say, and why."""
        return replace(self, read_as=why)

    @property
    def brief(self) -> str:
        """Where it stands, in a few characters, and whether something was taken that it does not say."""
        return say("{at}（部分暂定）", at=self.at) if self.read_as else self.at


@dataclass(frozen=True)
class Assumption:
    """What the document leaves open, or lost characters hide, and why we chose what we chose. Shown as such."""

    why: str

    @property
    def brief(self) -> str:
        """That no clause says it, in a few characters."""
        return say("暂定")


Basis = Clause | Assumption


@dataclass(frozen=True, kw_only=True)
class Document:
    """A policy document (政策文件). ``lost`` names what the published text does not give, ``seen`` what of it we have seen."""

    code: str
    title: str
    issuer: str | None = None
    number: str | None = None
    issued_on: date | None = None
    lost: tuple[str, ...] = ()
    read: Read = Read.FULL
    seen: str = ""


# Predicates are data: they are shown, checked for gaps and overlaps, and evaluated


@dataclass(frozen=True)
class Is:
    """The enterprise's fact has this value."""

    fact: str
    value: str = "yes"


@dataclass(frozen=True)
class AnyOf:
    """At least one of the predicates holds."""

    of: "tuple[Predicate, ...]"


@dataclass(frozen=True)
class AllOf:
    """All of the predicates hold; of none, always."""

    of: "tuple[Predicate, ...]" = ()


@dataclass(frozen=True)
class Not:
    """The predicate does not hold."""

    of: "Predicate"


Predicate = Is | AnyOf | AllOf | Not

# Counts and times


@dataclass(frozen=True)
class N:
    """How many; ``most`` None means no limit."""

    least: int
    most: int | None = None

    @classmethod
    def exactly(cls, n: int) -> "N":
        """No fewer and no more."""
        return cls(n, n)


@dataclass(frozen=True, kw_only=True)
class Every:
    """A calendar rhythm: once in each window of so many calendar months or weeks."""

    months: int = 0
    weeks: int = 0


@dataclass(frozen=True, kw_only=True)
class Within:
    """A period that starts the day after something happened: calendar months, days, or working days."""

    months: int = 0
    days: int = 0
    working_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Term:
    """A period with the one who ordered it."""

    within: Within
    basis: Basis


# The rules


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A kind of office (部门、单位); rows bind it to a real one per jurisdiction.

    ``at`` are the kinds of division where such offices are, one or several: a zone's and a town's may be of one kind.
    ``outside`` marks an office that stands outside the chain which it may be asked to look into.
    """

    code: str
    name: str
    at: Ground | tuple[Ground, ...]
    outside: bool = False
    basis: Basis

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """All of them."""
        return self.at if isinstance(self.at, tuple) else (self.at,)


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A tier of grids (网格层级): what its grids are made of, one kind of ground or several kinds of division, and in which
    tier's grids they lie.
    """

    code: str
    name: str
    of: Ground | tuple[Ground, ...]
    within: str | None = None
    expect: int | None = None
    basis: Basis

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """All of what its grids may be made of."""
        return self.of if isinstance(self.of, tuple) else (self.of,)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A vertical responsibility beside the tiers (条线): for each enterprise an office that answers for it on this line.

    A charge names the office; where none does, the nearest of the kind ``unit`` answers, if it is the only one. ``posts`` are
    those at the office whose holders stand for the line by name. With ``required`` an enterprise without an office is a gap.
    """

    code: str
    name: str
    unit: str | None = None
    posts: tuple[str, ...] = ()
    required: bool = False
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Per:
    """One seat for each grid of a tier, each unit of a kind, or each enterprise of a class (``"*"``: of any class).

    What a duty is on may name both: the enterprises of a class in grids of a tier.

    ``where`` narrows grids by the kind of division they are made of, such as ``"community"``; ``inside`` and ``beyond``
    narrow all of them to what lies in the divisions with these codes, or in none of them.
    """

    tier: str | None = None
    unit: str | None = None
    klass: str | None = None
    where: str | None = None
    inside: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Post:
    """A post (岗位): where its seats are, how many hold one, who staffs it, whom it answers to.

    In principle ``usual`` hold it: more is a departure that needs a reason. It is held by people of the kinds of unit
    ``staffed_by``; with ``staffing`` that is an order: refused where a must is not kept, else a departure with its reason. With
    ``everyone``, all people of those units hold it somewhere; with ``every_office``, somebody of each of those units does.

    Those who hold a post of ``filled_by`` at the same seat count where too few hold this one.

    Whoever holds the post ``ex_officio`` at the same seat holds this one by virtue of that (当然兼任): nobody is appointed.
    """

    code: str
    name: str
    per: tuple[Per, ...]
    count: N = N(1, 1)
    usual: int | None = None
    staffed_by: tuple[str, ...] = ()
    staffing: Force | None = None
    everyone: bool = False
    every_office: bool = False
    filled_by: tuple[str, ...] = ()
    line: str | None = None
    answers_to: tuple[str, ...] = ()
    ex_officio: str | None = None
    capacity: Capacity = Capacity.ASSIST
    force: Force = Force.MUST
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A fact about an enterprise that classes ask for. ``values`` are (code, name) pairs; without them it is yes or no."""

    code: str
    name: str
    values: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    basis: Basis

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """All values with their names, yes and no included."""
        return self.values or (("yes", say("是")), ("no", say("否")))


@dataclass(frozen=True, kw_only=True)
class Class:
    """A class of enterprises. The classes of an edition part all enterprises: no gap, no overlap (checked)."""

    code: str
    name: str
    when: Predicate
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Which tier's grid an enterprise of the class belongs to; its address picks the grid. Tiers are tried in order.

    ``direct`` is a kind of unit instead: the nearest one supervises the enterprise itself (直接监管), outside all grids.
    """

    klass: str
    tiers: tuple[str, ...] = ()
    direct: str | None = None
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Power:
    """A power (职权) of the holders of ``posts``, toward the enterprises of which ``toward`` holds, lent by a kind of unit.

    Up to ``limit_yuan`` they decide themselves; what is above goes to the kind of unit ``above``.
    """

    code: str
    name: str
    posts: tuple[str, ...]
    toward: Predicate = AllOf()
    limit_yuan: int | None = None
    above: str | None = None
    lent_by: str | None = None
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What a post has to do (职责) or, with ``serves``, offers to enterprises (服务), as told on boards and pages.

    With an ``act`` it is counted: somebody owes the act on each thing that ``on`` names, once in each window of ``every``,
    at least ``times_a_year``, or both; with neither, how often is left to the places, which refine it. ``who`` is the post that
    owes it; without one the unit that ``on`` names owes it itself. With ``on`` empty each person who holds the post owes it.
    It is owed once, by ``who`` or a post of ``or_who``, whichever does it. What ``force`` does not make binding is never missed.
    ``points`` are what has to be seen to, ``to`` the kinds of unit that a report goes to, ``attends`` the posts that are there.
    ``formerly`` is what it said before it was put in other words: offices' sheets go on saying so.
    """

    code: str
    who: str | None = None
    or_who: tuple[str, ...] = ()
    says: str
    act: Act | None = None
    on: tuple[Per, ...] = ()
    every: Every | None = None
    times_a_year: int | None = None
    points: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    attends: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    serves: bool = False
    force: Force = Force.MUST
    basis: Basis

    @property
    def posts(self) -> tuple[str, ...]:
        """The posts one of which owes it."""
        return (*((self.who,) if self.who is not None else ()), *self.or_who)


@dataclass(frozen=True, kw_only=True)
class Filing:
    """Grids of ``tiers`` are filed (备案) by the kind of unit ``by`` with the kind of unit ``at``, and again when they change."""

    code: str
    tiers: tuple[str, ...]
    by: str
    at: str
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a board: the people, duties or services of ``posts`` in that order; the offices of ``lines`` with their people,
    where ``posts`` are given only with those; or ``says``.
    """

    code: str
    title: str
    shows: Shown
    posts: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Board:
    """A notice board (公示牌) of a grid or of an enterprise.

    ``leads`` are the posts whose holder stands large on it and is called by the button, the first that is held;
    ``issuer`` and ``supervision`` are kinds of unit: who signs it and whose phone supervises. ``hotlines`` are the public
    numbers on it, by their codes.
    """

    code: str
    of: str
    title: str
    leads: tuple[str, ...]
    issuer: str
    supervision: str
    hotlines: tuple[str, ...] = ("12350", "12345", "119")
    sections: tuple[Section, ...]
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A subject that the public may choose at one of the doors. ``outside`` is the kind of unit outside the chain that is asked
    first to keep a complaint of this subject, before those of the route.
    """

    code: str
    kind: Kind
    name: str
    outside: str | None = None
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Who:
    """A destination relative to the board: the holder of a post at its grid or above, or the nearest unit of a kind."""

    post: str | None = None
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a case of this kind goes: the first of ``to`` that exists, else ``else_outside``, which always does.

    ``answered_by`` is the unit that sees to it when ``to`` names a person. ``accept`` is the time to accept or refuse,
    counted from receipt; ``answer`` the time to answer, counted from acceptance, or from receipt where none is needed.

    With ``topics`` it is the way of what the public chooses these for; all the rest takes the kind's route without.
    """

    kind: Kind
    topics: tuple[str, ...] = ()
    to: tuple[Who, ...]
    answered_by: str | None = None
    else_outside: str
    accept: Term | None = None
    answer: Term | None = None
    basis: Basis

    @property
    def key(self) -> str:
        """What tells it from the other routes."""
        return "-".join((self.kind.value, *self.topics))


Rule = Unit | Tier | Line | Post | Fact | Class | Placement | Power | Duty | Filing | Board | Topic | Route


@dataclass(frozen=True, kw_only=True)
class InForce:
    """Since when and until when (inclusive) an edition holds; no ``since`` means always, no ``until`` without end.

    Where the document does not give a date, ``assumed`` says what was taken instead and why. Before the day ``everywhere`` it
    holds only in the divisions whose codes are the ``pilot`` (试点). ``still`` says why we take it that the document is in force
    until today: the clause that gives its term, or what we assumed; whoever sets up a portal has the office confirm it.

    Where only the year of the end is known, ``ends_from`` is the first day on which it may have ended, ``until`` the last.
    """

    since: date | None
    until: date | None = None
    pilot: tuple[str, ...] = ()
    everywhere: date | None = None
    assumed: Assumption | None = None
    still: Basis | None = None
    ends_from: date | None = None
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One issue of a region's rules. A reissued document is a new edition; what began under this one keeps it."""

    code: str
    documents: tuple[Document, ...]
    in_force: InForce
    covers: Predicate = AllOf()
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class Region:
    """A district that writes its own rules. ``clauses`` is its register: every order of its documents, ruled or not yet.

    ``later`` says of those that nothing executes yet which part of the portal will, ``otherwise`` of those that no rule states
    how they are kept all the same, or why there is nothing to execute.
    """

    code: str
    name: str
    editions: tuple[Edition, ...]
    clauses: tuple[Clause, ...]
    later: tuple[tuple[Later, tuple[Clause, ...]], ...] = ()
    otherwise: tuple[tuple[Clause, str], ...] = ()


def rules_of(kind: type[R], rules: Iterable[object]) -> tuple[R, ...]:
    """The rules of one word, in the order in which the region states them."""
    return tuple(rule for rule in rules if isinstance(rule, kind))
