"""One query plan per demand of a duty: what owes it in a window, how often it was done, and how that stands. SQL, no loop."""

from collections.abc import Mapping, Sequence
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
class PlanArea:
    """Where a plan looks: at and below the paths ``inside``, and not at or below ``beyond``."""

    inside: tuple[str, ...] = ("/",)
    beyond: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether a place lies in it."""
        return path.startswith(self.inside) and not path.startswith(self.beyond)


@dataclass(frozen=True)
class Of:
    """The only things that are wanted, by internal ids: these ``subjects``; what belongs to these ``grids`` and, where ``tiers``
    are named, to those below them that have no nearer one of these; what lies in these ``places`` or in their villages. Not,
    where ``people`` are named, the enterprises from which one of them stands back.
    """

    subjects: Sequence[int] | None = None
    grids: Sequence[int] | None = None
    tiers: Sequence[str] = ()
    places: Sequence[int] | None = None
    people: Sequence[int] = ()


@dataclass(frozen=True, kw_only=True)
class PlanQuestion:
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
    scope: PlanArea = field(default_factory=PlanArea)

    @property
    def of(self) -> str:
        """What the duty is on (see :func:`of_duty`)."""
        return of_duty(self.duty)

    @property
    def what(self) -> str:
        """The demand by name: under which its figures are kept."""
        every, times = self.demand.every, self.demand.times
        state = f"{int(self.whole)}{int(self.closed)}"
        return f"{self.scheme.edition_id} {self.duty.code} {every.months}m{every.weeks}w{times} {state}"

    def within(self, areas: Sequence[str]) -> "PlanQuestion":
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

    def among(self, column: str, values: Sequence[object], kind: str = "bigint") -> str:
        """The condition that a column holds one of these values. A plan that is kept does not know how long a list is, and the
        database would not keep it.
        """
        return f"{column} = {self(values[0])}::{kind}" if len(values) == 1 else f"{column} = any({self(list(values))}::{kind}[])"


# The thing itself is always ``t``, its window ``w``; its jurisdiction is ``j`` where a condition needs it
COLUMNS = {
    "enterprise": ("t.name", "coalesce(t.credit_code, '')", "t.pinyin"),
    "grid": ("t.name", "t.code", "t.code"),
    "unit": ("t.name", "''", "t.pinyin"),
    "person": ("t.name", "t.badge", "t.pinyin"),
}
WINDOW = ("n", "opens", "ends", "at", "times", "closed", "lived", "done", "last")


@dataclass(frozen=True)
class _Plan:
    """What the parts of a statement share: what is asked, the columns that name a thing, and the join that brings the deeds of a
    ``{thing}`` and its windows with them.
    """

    asked: PlanQuestion
    args: Args
    only: Of
    shown: str
    windows: str


def _windows(asked: Mapping[int, PlanQuestion], duty: str, args: Args, *, many: bool) -> str:
    """Each thing's deeds are looked up once, for all windows, and spread over these only then."""
    one = next(iter(asked.values()))
    counts, rows = [], []
    for n, there in asked.items():
        opens, at = f"{args(there.window.first)}::date", f"{args(there.at)}::date"
        within = f"filter (where d.day between {opens} and {at})"
        # Several visits of a day are one time that it was done
        counts.append(f"count(distinct d.day) {within} as done{n}, {'null::date' if many else f'max(d.day) {within}'} as last{n}")
        rows.append(
            f"{args(n)}::int, {opens}, {args(there.window.last)}::date, {at}, {args(there.demand.times)}::int, "
            f"{args(there.closed)}::boolean, {args(there.whole)}::boolean, coalesce(d.done{n}, 0), d.last{n}"
        )
    alone = " and num_nonnulls(d.enterprise, d.grid, d.unit) = 0" if one.of == "person" else ""
    first, last = min(there.window.first for there in asked.values()), max(there.at for there in asked.values())
    deeds = (
        f"from deed d where d.duty = {duty} and d.withdrawn_at is null and d.day between {args(first)} and {args(last)}{alone}"
    )
    if many:
        region = args(one.scheme.region.code)
        looked_up = f"""
            left join (select d.{one.of} as subject, {", ".join(counts)} {deeds} and d.region = {region}
                and d.{one.of} is not null group by 1) d on d.subject = {{thing}}
        """
    else:
        looked_up = f"left join lateral (select {', '.join(counts)} {deeds} and d.{one.of} = {{thing}}) d on true"
    return f"{looked_up} cross join lateral (values {', '.join(f'({row})' for row in rows)}) as w({', '.join(WINDOW)})"


def _owed(plan: _Plan) -> str:
    """Everything that owes the demands, a row for each window: the window, ``subject``, ``place`` (a jurisdiction), ``grid``,
    ``whole``, and the names.
    """
    if plan.asked.of == "person":
        return _people(plan)
    kinds = {"enterprise": _enterprises, "grid": _grids, "unit": _units}
    return " union all ".join(kinds[plan.asked.of](plan, per) for per in plan.asked.duty.on)


def classes_of(scheme: Scheme, per: Per) -> list[str]:
    """The codes of the classes that are meant; ``"*"`` leaves out what is supervised outside all grids."""
    if per.klass != "*":
        return [per.klass or ""]
    return [klass.code for klass in scheme.classes if scheme.placements[klass.code].direct is None]


BELOW = """
    with recursive below as (
        select id from grid where {these}
        union select g.id from below join grid g on g.parent = below.id where g.tier <> all({tiers}::text[])
    ) select id from below
"""
LIES_IN = """
    select id from jurisdiction where {these}
    union all select id from jurisdiction where {in_these} and kind in ('village', 'community')
"""


STAND_BACK = """
    not exists (select from recusal r where r.enterprise = p.enterprise and {these} and r.since <= w.at
        and (r.until is null or r.until > w.at))
"""


def _wanted(only: Of, args: Args, *, subject: str, grid: str, place: str) -> list[str]:
    """The conditions on what is wanted; an array is found once, and then in an index."""
    said = []
    if only.subjects is not None:
        said.append(args.among(subject, only.subjects))
    if only.grids is not None:
        below = BELOW.format(these=args.among("id", only.grids), tiers=args(list(only.tiers))) if only.tiers else ""
        said.append(f"{grid} = any(array({below}))" if below else args.among(grid, only.grids))
    if only.places is not None:
        lies_in = LIES_IN.format(these=args.among("id", only.places), in_these=args.among("parent", only.places))
        said.append(f"{place} = any(array({lies_in}))")
    return said


def _where_lies(asked: PlanQuestion, per: Per, args: Args) -> list[str]:
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
    return said + _begun(asked, "w.at", args)


def _begun(asked: PlanQuestion, day: str, args: Args) -> list[str]:
    """The condition that the edition has begun by that day in the jurisdiction ``j``: a pilot begins in some divisions only.
    Enterprises are placed there when it does, which tells the same.
    """
    in_force = asked.scheme.edition.in_force
    if not in_force.pilot or asked.of == "enterprise":
        return []
    later = f"{day} >= {args(in_force.everywhere)} or " if in_force.everywhere is not None else ""
    return [f"({later}j.path like any({args([f'%/{code}/%' for code in in_force.pilot])}::text[]))"]


def _enterprises(plan: _Plan, per: Per) -> str:
    asked, args = plan.asked, plan.args
    classes = classes_of(asked.scheme, per)
    where = _wanted(plan.only, args, subject="p.enterprise", grid="p.grid", place="t.division")
    if plan.only.people:
        where.append(STAND_BACK.format(these=args.among("r.person", plan.only.people)))
    if per.tier is not None:
        where.append(f"exists (select from grid g where g.id = p.grid and g.tier = {args(per.tier)})")
    lies = _where_lies(asked, per, args)
    return f"""
        select w.*, {plan.shown}p.enterprise as subject, t.division as place, p.grid, w.lived and (p.since <= w.opens or exists (
                select from placement q where q.enterprise = p.enterprise and {args.among("q.klass", classes, "text")}
                    and q.outcome in ('placed', 'direct') and q.since <= w.opens and (q.until is null or q.until > w.opens)
            )) as whole
        from placement p join enterprise t on t.id = p.enterprise {_beside("t.division", lies)}
            {plan.windows.format(thing="p.enterprise")}
        where p.since <= w.at and (p.until is null or p.until > w.at) and p.outcome in ('placed', 'direct')
            and {args.among("p.klass", classes, "text")} and {_all(f"t.region = {args(asked.scheme.region.code)}", *where, *lies)}
    """


def _grids(plan: _Plan, per: Per) -> str:
    tier = plan.asked.scheme.tiers.get(per.tier or "")
    if tier is not None and tier.of is Ground.ENTERPRISE:
        return _own_grids(plan, per)
    return _dated(plan, per, "grid", "t.id", f"t.tier = {plan.args(per.tier)}")


def _units(plan: _Plan, per: Per) -> str:
    return _dated(plan, per, "unit", "null::bigint", f"t.kind = {plan.args(per.unit)}")


def _own_grids(plan: _Plan, per: Per) -> str:
    """Grids that are enterprises come and go with their enterprises, which their placement tells to the day."""
    where = _wanted(plan.only, plan.args, subject="t.id", grid="t.id", place="t.jurisdiction")
    lies = _where_lies(plan.asked, per, plan.args)
    return f"""
        select w.*, {plan.shown}t.id as subject, t.jurisdiction as place, t.id as grid, w.lived and exists (
                select from placement q where q.grid = t.id and q.since <= w.opens and (q.until is null or q.until > w.opens)
            ) as whole
        from placement p join grid t on t.id = p.grid {_beside("t.jurisdiction", lies)} {plan.windows.format(thing="t.id")}
        where p.since <= w.at and (p.until is null or p.until > w.at) and t.tier = {plan.args(per.tier)}
            and {_all(f"t.region = {plan.args(plan.asked.scheme.region.code)}", *where, *lies)}
    """


def _dated(plan: _Plan, per: Per, table: str, grid: str, kind: str) -> str:
    where = _wanted(plan.only, plan.args, subject="t.id", grid="t.id", place="t.jurisdiction")
    lies = _where_lies(plan.asked, per, plan.args)
    whole = _all("w.lived", "t.since <= w.opens", *_begun(plan.asked, "w.opens", plan.args))
    return f"""
        select w.*, {plan.shown}t.id as subject, t.jurisdiction as place, {grid} as grid, {whole} as whole
        from {table} t {_beside("t.jurisdiction", lies)} {plan.windows.format(thing="t.id")}
        where t.since <= w.at and (t.until is null or t.until > w.at)
            and {_all(f"t.region = {plan.args(plan.asked.scheme.region.code)}", kind, *where, *lies)}
    """


def _people(plan: _Plan) -> str:
    asked, args = plan.asked, plan.args
    where = _wanted(plan.only, args, subject="t.id", grid="null", place="t.jurisdiction")
    lies = _where_lies(asked, Per(), args)
    whole = _all("w.lived", "min(a.since) <= w.opens", *(f"bool_and({begun})" for begun in _begun(asked, "w.opens", args)))
    post = asked.scheme.posts[asked.duty.who or ""]
    # Nobody is appointed to a post that comes with another one
    held = f"a.post = {args(post.ex_officio or post.code)} and a.since <= w.at and (a.until is null or a.until > w.at)"
    return f"""
        select w.*, {plan.shown}t.id as subject, t.jurisdiction as place, null::bigint as grid, {whole} as whole
        from appointment a join person t on t.id = a.person {_beside("t.jurisdiction", lies)}
            {plan.windows.format(thing="t.id")}
        where {_all(held, f"a.region = {args(asked.scheme.region.code)}", *where, *lies)}
        group by t.id, t.public_id, t.name, t.badge, t.pinyin, t.jurisdiction, {", ".join(f"w.{name}" for name in WINDOW)}
    """


def _beside(place: str, lies: Sequence[str]) -> str:
    return f"join jurisdiction j on j.id = {place}" if lies else ""


def _all(*conditions: str) -> str:
    return " and ".join(conditions)


def standing(
    asked: Mapping[int, PlanQuestion], args: Args, only: Of | None = None, *, named: bool = False, many: bool = False
) -> str:
    """What owes these demands of one duty, which differ by their windows alone and are told apart by ``n``, with how often it was
    ``done``, the ``last`` day, and the ``state`` in which that stands (:func:`portal.obligations.rules.stands`); where they are
    ``named``, the ``public_id``, ``name`` and ``code`` of things and the ``key`` that they are sorted by.

    ``many`` counts all deeds of the windows at once instead of thing by thing, and leaves the last day out.
    """
    one = next(iter(asked.values()))
    duty, (name, code, key) = args(one.duty.code), COLUMNS[one.of]
    shown = f"t.public_id, {name} as name, {code} as code, {key} as key, " if named else ""
    plan = _Plan(one, args, only or Of(), shown, _windows(asked, duty, args, many=many))
    return f"""
        select o.*, case when o.done >= o.times then '{State.DONE}' when x.id is not null then '{State.EXCUSED}'
                when not o.closed then '{State.DUE}' when o.whole then '{State.MISSED}' else '{State.EXCUSED}' end as state
        from ({_owed(plan)}) o left join excuse x on x.{one.of} = o.subject and x.duty = {duty} and x.first = o.opens
            and x.last = o.ends and x.withdrawn_at is null
    """
