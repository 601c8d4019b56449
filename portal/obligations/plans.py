"""One query plan per demand of a duty: what owes it in a window, how often it was done, and how that stands. SQL, no loop."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from portal.obligations.rules import Demand, State
from portal.scheme.book import Scheme
from portal.scheme.windows import Window
from portal.scheme.words import Duty, Per


def of_duty(duty: Duty) -> str:
    """What a duty is on: ``enterprise``, ``grid``, ``unit``; where it names none, each ``person`` who holds its post."""
    if not duty.on:
        return "person"
    per = duty.on[0]
    return "enterprise" if per.klass is not None else "grid" if per.tier is not None else "unit"


@dataclass(frozen=True)
class Scope:
    """Where a plan looks: at and below the paths ``inside``, and not at or below ``beyond``."""

    inside: tuple[str, ...] = ("/",)
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True)
class Of:
    """The only things that are wanted, by internal ids: these ``subjects``; what belongs to these ``grids`` and to those below
    them that have no nearer one of ``tiers``; what lies in these ``places`` or in their villages.
    """

    subjects: Sequence[int] | None = None
    grids: Sequence[int] | None = None
    tiers: Sequence[str] = ()
    places: Sequence[int] | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a plan is asked: a demand in a window as it stands on ``at``, the last day of the window that counts.

    ``closed`` says that the window is over, ``whole`` that the duty itself was owed through all of it.
    """

    scheme: Scheme
    duty: Duty
    demand: Demand
    window: Window
    at: date
    closed: bool
    whole: bool
    scope: Scope = field(default_factory=Scope)

    @property
    def of(self) -> str:
        """What the duty is on (see :func:`of_duty`)."""
        return of_duty(self.duty)

    @property
    def what(self) -> str:
        """The demand by name: under which its figures are kept."""
        every, times = self.demand.every, self.demand.times
        state = f"{int(self.whole)}{int(self.closed)}"
        return f"{self.scheme.id} {self.duty.code} {every.months}m{every.weeks}w{times} {state}"

    def within(self, areas: Sequence[str]) -> "Asked":
        """The same asked only at and below ``areas``."""
        return replace(self, scope=replace(self.scope, inside=common(self.scope.inside, areas)))


def common(paths: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """The paths of what lies at and below ``paths`` and ``others`` both, each part once."""
    both = {path for path in paths for other in others if path.startswith(other)}
    both |= {other for path in paths for other in others if other.startswith(path)}
    return tuple(sorted(path for path in both if not any(path != other and path.startswith(other) for other in both)))


class Args:
    """Values of a statement under construction."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def __call__(self, value: object) -> str:
        """The place ``$n`` of a value."""
        self.values.append(value)
        return f"${len(self.values)}"


def owed(asked: Asked, args: Args, only: Of | None = None) -> str:
    """Everything that owes the demand: ``subject``, ``place`` (a jurisdiction), ``grid``, ``whole``."""
    if asked.of == "person":
        return _people(asked, args, only or Of())
    kinds = {"enterprise": _enterprises, "grid": _grids, "unit": _units}
    return " union all ".join(kinds[asked.of](asked, per, args, only or Of()) for per in asked.duty.on)


def classes_of(scheme: Scheme, per: Per) -> list[str]:
    """The codes of the classes that are meant; ``"*"`` leaves out what is supervised outside all grids."""
    if per.klass != "*":
        return [per.klass or ""]
    return [klass.code for klass in scheme.classes if scheme.placements[klass.code].direct is None]


BELOW = """
    with recursive below as (
        select id from grid where id = any({grids}::bigint[])
        union select g.id from below join grid g on g.parent = below.id where g.tier <> all({tiers}::text[])
    ) select id from below
"""
LIES_IN = """
    select id from jurisdiction where id = any({places}::bigint[])
    union all select id from jurisdiction where parent = any({places}::bigint[]) and kind in ('village', 'community')
"""


def _wanted(only: Of, args: Args, *, subject: str, grid: str, place: str) -> list[str]:
    """The conditions on what is wanted; an array is found once, and then in an index."""
    said = []
    if only.subjects is not None:
        said.append(f"{subject} = any({args(list(only.subjects))}::bigint[])")
    if only.grids is not None:
        said.append(f"{grid} = any(array({BELOW.format(grids=args(list(only.grids)), tiers=args(list(only.tiers)))}))")
    if only.places is not None:
        said.append(f"{place} = any(array({LIES_IN.format(places=args(list(only.places)))}))")
    return said


def _where_lies(asked: Asked, per: Per, args: Args) -> list[str]:
    """The conditions on the jurisdiction ``j``."""
    said = []
    if asked.scope.inside != ("/",):
        said.append(f"j.path like any({args([path + '%' for path in asked.scope.inside])}::text[])")
    if asked.scope.beyond:
        said.append(f"not j.path like any({args([path + '%' for path in asked.scope.beyond])}::text[])")
    if per.inside:
        said.append(f"j.path like any({args([f'%/{code}/%' for code in per.inside])}::text[])")
    if per.beyond:
        said.append(f"not j.path like any({args([f'%/{code}/%' for code in per.beyond])}::text[])")
    if per.where is not None:
        said.append(f"j.kind = {args(per.where)}")
    in_force = asked.scheme.edition.in_force
    if in_force.pilot and not (in_force.everywhere is not None and asked.at >= in_force.everywhere) and asked.of != "enterprise":
        said.append(f"j.path like any({args([f'%/{code}/%' for code in in_force.pilot])}::text[])")
    return said


def _enterprises(asked: Asked, per: Per, args: Args, only: Of) -> str:
    at, first, classes = args(asked.at), args(asked.window.first), args(classes_of(asked.scheme, per))
    lies = _where_lies(asked, per, args)
    where = _wanted(only, args, subject="p.enterprise", grid="p.grid", place="e.division") + lies
    if per.tier is not None:
        where.append(f"exists (select from grid g where g.id = p.grid and g.tier = {args(per.tier)})")
    return f"""
        select p.enterprise as subject, e.division as place, p.grid, p.since <= {first} or exists (
                select from placement q where q.enterprise = p.enterprise and q.klass = any({classes}::text[])
                    and q.outcome in ('placed', 'direct') and q.since <= {first} and (q.until is null or q.until > {first})
            ) as whole
        from placement p join enterprise e on e.id = p.enterprise {"join jurisdiction j on j.id = e.division" if lies else ""}
        where p.since <= {at} and (p.until is null or p.until > {at}) and p.outcome in ('placed', 'direct')
            and p.klass = any({classes}::text[]) and {" and ".join([f"e.region = {args(asked.scheme.region.code)}", *where])}
    """


def _grids(asked: Asked, per: Per, args: Args, only: Of) -> str:
    return _dated("grid", "t.id", "tier", per.tier or "", asked, per, args, only)


def _units(asked: Asked, per: Per, args: Args, only: Of) -> str:
    return _dated("unit", "null::bigint", "kind", per.unit or "", asked, per, args, only)


def _dated(table: str, grid: str, column: str, code: str, asked: Asked, per: Per, args: Args, only: Of) -> str:
    at, first = args(asked.at), args(asked.window.first)
    where = _wanted(only, args, subject="t.id", grid="t.id", place="t.jurisdiction") + _where_lies(asked, per, args)
    return f"""
        select t.id as subject, t.jurisdiction as place, {grid} as grid, t.since <= {first} as whole
        from {table} t join jurisdiction j on j.id = t.jurisdiction
        where t.{column} = {args(code)} and t.since <= {at} and (t.until is null or t.until > {at})
            and {" and ".join([f"t.region = {args(asked.scheme.region.code)}", *where])}
    """


def _people(asked: Asked, args: Args, only: Of) -> str:
    at, first = args(asked.at), args(asked.window.first)
    where = _wanted(only, args, subject="t.id", grid="null", place="t.jurisdiction") + _where_lies(asked, Per(), args)
    return f"""
        select t.id as subject, t.jurisdiction as place, null::bigint as grid, min(a.since) <= {first} as whole
        from appointment a join person t on t.id = a.person join jurisdiction j on j.id = t.jurisdiction
        where a.post = {args(asked.duty.who)} and a.since <= {at} and (a.until is null or a.until > {at})
            and {" and ".join([f"a.region = {args(asked.scheme.region.code)}", *where])} group by t.id
    """


def standing(asked: Asked, args: Args, only: Of | None = None, *, many: bool = False) -> str:
    """What owes the demand with how often it was ``done``, the ``last`` day, and the ``state`` in which that stands.

    ``many`` counts the deeds of the whole window at once instead of thing by thing, and leaves the last day out.
    """
    of, duty, at = asked.of, args(asked.duty.code), args(asked.at)
    first, last = args(asked.window.first), args(asked.window.last)
    alone = "num_nonnulls(d.enterprise, d.grid, d.unit) = 0 and " if of == "person" else ""
    within = f"{alone}d.duty = {duty} and d.day between {first} and {at} and d.withdrawn_at is null"
    if many:
        deeds = f"""
            left join (select d.{of} as subject, count(*) as done, null::date as last from deed d
                where d.region = {args(asked.scheme.region.code)} and {within} and d.{of} is not null group by 1
            ) d on d.subject = o.subject
        """
    else:
        counted = f"select count(*) as done, max(d.day) as last from deed d where d.{of} = o.subject and {within}"
        deeds = f"left join lateral ({counted}) d on true"
    return f"""
        select o.*, coalesce(d.done, 0) as done, d.last, {_state(asked, args)} as state
        from ({owed(asked, args, only)}) o {deeds}
            left join excuse x on x.{of} = o.subject and x.duty = {duty} and x.first = {first} and x.last = {last}
                and x.withdrawn_at is null
    """


def _state(asked: Asked, args: Args) -> str:
    """:func:`portal.obligations.rules.stands` in SQL."""
    late = f"case when o.whole then '{State.MISSED}' else '{State.EXCUSED}' end" if asked.whole else f"'{State.EXCUSED}'"
    return f"""
        case when coalesce(d.done, 0) >= {args(asked.demand.times)} then '{State.DONE}'
            when x.id is not null then '{State.EXCUSED}' else {late if asked.closed else f"'{State.DUE}'"} end
    """
