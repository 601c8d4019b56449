"""One query plan per demand of a duty: what owes it in a window, how often it was done, and how that stands. SQL, no loop."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from portal.obligations.rules import Demand, State
from portal.scheme.book import Scheme
from portal.scheme.windows import Window
from portal.scheme.words import Duty, Ground, Per


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
    """The only things that are wanted, by internal id: enterprises of these grids, these enterprises, grids or units."""

    in_grids: Sequence[int] | None = None
    subjects: Sequence[int] | None = None


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
        mine = self.scope.inside
        paths = {area for area in areas for path in mine if area.startswith(path)}
        paths |= {path for area in areas for path in mine if path.startswith(area)}
        return replace(self, scope=replace(self.scope, inside=tuple(sorted(paths))))


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


def _where_lies(asked: Asked, per: Per, args: Args) -> str:
    """The condition on the jurisdiction ``j``."""
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
    if per.klass is not None and per.tier is not None:
        said.append(f"exists (select from grid g where g.id = p.grid and g.tier = {args(per.tier)})")
    in_force = asked.scheme.edition.in_force
    if in_force.pilot and not (in_force.everywhere is not None and asked.at >= in_force.everywhere) and asked.of != "enterprise":
        said.append(f"j.path like any({args([f'%/{code}/%' for code in in_force.pilot])}::text[])")
    return " and ".join(said) or "true"


def _enterprises(asked: Asked, per: Per, args: Args, only: Of) -> str:
    at, first, classes = args(asked.at), args(asked.window.first), args(classes_of(asked.scheme, per))
    of = [f"p.grid = any({args(list(only.in_grids))}::bigint[])"] if only.in_grids is not None else []
    of += [f"p.enterprise = any({args(list(only.subjects))}::bigint[])"] if only.subjects is not None else []
    return f"""
        select p.enterprise as subject, e.division as place, p.grid, p.since <= {first} or exists (
                select from placement q where q.enterprise = p.enterprise and q.klass = any({classes}::text[])
                    and q.outcome in ('placed', 'direct') and q.since <= {first} and (q.until is null or q.until > {first})
            ) as whole
        from placement p join enterprise e on e.id = p.enterprise join jurisdiction j on j.id = e.division
        where p.since <= {at} and (p.until is null or p.until > {at}) and p.outcome in ('placed', 'direct')
            and p.klass = any({classes}::text[]) and e.region = {args(asked.scheme.region.code)}
            and {" and ".join([*of, _where_lies(asked, per, args)])}
    """


def _grids(asked: Asked, per: Per, args: Args, only: Of) -> str:
    tier = asked.scheme.tiers.get(per.tier or "")
    if tier is not None and tier.of is Ground.ENTERPRISE:
        return _own_grids(asked, per, args, only)
    return _dated("grid", "t.id", "tier", per.tier or "", asked, per, args, only)


def _units(asked: Asked, per: Per, args: Args, only: Of) -> str:
    return _dated("unit", "null::bigint", "kind", per.unit or "", asked, per, args, only)


def _own_grids(asked: Asked, per: Per, args: Args, only: Of) -> str:
    """Grids that are enterprises come and go with their enterprises, which their placement tells to the day."""
    at, first = args(asked.at), args(asked.window.first)
    of = [f"t.id = any({args(list(only.subjects))}::bigint[])"] if only.subjects is not None else []
    return f"""
        select t.id as subject, t.jurisdiction as place, t.id as grid, exists (
                select from placement q where q.grid = t.id and q.since <= {first} and (q.until is null or q.until > {first})
            ) as whole
        from placement p join grid t on t.id = p.grid join jurisdiction j on j.id = t.jurisdiction
        where t.region = {args(asked.scheme.region.code)} and t.tier = {args(per.tier)} and p.since <= {at}
            and (p.until is null or p.until > {at}) and {" and ".join([*of, _where_lies(asked, per, args)])}
    """


def _dated(table: str, grid: str, column: str, code: str, asked: Asked, per: Per, args: Args, only: Of) -> str:
    at, first = args(asked.at), args(asked.window.first)
    of = [f"t.id = any({args(list(only.subjects))}::bigint[])"] if only.subjects is not None else []
    return f"""
        select t.id as subject, t.jurisdiction as place, {grid} as grid, t.since <= {first} as whole
        from {table} t join jurisdiction j on j.id = t.jurisdiction
        where t.region = {args(asked.scheme.region.code)} and t.{column} = {args(code)} and t.since <= {at}
            and (t.until is null or t.until > {at}) and {" and ".join([*of, _where_lies(asked, per, args)])}
    """


def _people(asked: Asked, args: Args, only: Of) -> str:
    at, first = args(asked.at), args(asked.window.first)
    of = [f"t.id = any({args(list(only.subjects))}::bigint[])"] if only.subjects is not None else []
    return f"""
        select t.id as subject, t.jurisdiction as place, null::bigint as grid, min(a.since) <= {first} as whole
        from appointment a join person t on t.id = a.person join jurisdiction j on j.id = t.jurisdiction
        where a.region = {args(asked.scheme.region.code)} and a.post = {args(asked.duty.who)} and a.since <= {at}
            and (a.until is null or a.until > {at}) and {" and ".join([*of, _where_lies(asked, Per(), args)])} group by t.id
    """


def standing(asked: Asked, args: Args, only: Of | None = None, *, many: bool = False) -> str:
    """What owes the demand with how often it was ``done``, the ``last`` day, and the ``state`` in which that stands.

    ``many`` counts the deeds of the whole window at once instead of thing by thing.
    """
    of, duty = asked.of, args(asked.duty.code)
    first, last, at = args(asked.window.first), args(asked.window.last), args(asked.at)
    counted = "count(*) as done, max(d.day) as last"
    alone = "num_nonnulls(d.enterprise, d.grid, d.unit) = 0 and " if of == "person" else ""
    within = f"{alone}d.duty = {duty} and d.day between {first} and {at} and d.withdrawn_at is null"
    if many:
        region = args(asked.scheme.region.code)
        deeds = (
            f"left join (select d.{of} as subject, {counted} from deed d where d.region = {region} and {within} "
            f"and d.{of} is not null group by 1) d on d.subject = o.subject"
        )
    else:
        deeds = f"left join lateral (select {counted} from deed d where d.{of} = o.subject and {within}) d on true"
    return f"""
        select o.*, coalesce(d.done, 0) as done, d.last, {
        _state(
            asked,
            args,
            f'''exists (
            select from excuse x where x.{of} = o.subject and x.duty = {duty} and x.first = {first} and x.last = {last}
                and x.withdrawn_at is null)''',
        )
    } as state
        from ({owed(asked, args, only)}) o {deeds}
    """


def _state(asked: Asked, args: Args, excused: str) -> str:
    """:func:`portal.obligations.rules.stands` in SQL."""
    late = f"case when o.whole then '{State.MISSED}' else '{State.EXCUSED}' end" if asked.whole else f"'{State.EXCUSED}'"
    return f"""
        case when coalesce(d.done, 0) >= {args(asked.demand.times)} then '{State.DONE}' when {excused} then '{State.EXCUSED}'
            else {late if asked.closed else f"'{State.DUE}'"} end
    """
