"""Those who keep complaints (保管人) and the offices for which they do: whoever a complaint may be about must not come close to
them, nor they to anybody, by what offices of the chain write into the register.

Every writer of people and of their posts passes here: forms, sheets and taking sheets back alike. What is refused does not
depend on any complaint: it is the same whether there is one or not.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from portal.areas.queries import OUTERMOST, above
from portal.call import Call
from portal.errors import Refused
from portal.storage.engine import Record
from portal.terms import say

THEIRS = say(
    "这一改动涉及投诉受理部门或投诉受理人（是他本人，与他同部门，登记过利害关系，或电话、工作证、执法证与其中一人相同），"
    "会影响哪些人能查看投诉，只能由那个部门自己的账号，或上一级辖区的管理员办理。号码填错的请改正，其余请找他们。"
)
# What is over binds still as far as what came in before that day is concerned
TIES = f"""
    with humans as materialized (select same_human($1::bigint[]) as id),
    theirs as materialized (select id from account where person in (select id from humans)),
    keepers as (select g.unit, a.id as account, a.person from access_grant g join account a on a.id = g.account
        where g.role = 'custodian' and (g.until is null or g.until > $2)),
    works as (
        select unit, null::date as until from person where id in (select id from humans)
        union all select unit, until from appointment where person in (select id from humans)
        union all select g.unit, g.until from access_grant g where g.role = 'office' and g.account in (select id from theirs)
        union all select g.unit, least(g.until, d.until) from deputy d join access_grant g on g.account = d.absent
            where g.role = 'office' and d.deputy in (select id from theirs)
    ),
    bonds as (
        select other as person, until from interest where person in (select id from humans)
        union all select person, until from interest where other in (select id from humans)
        union all select b.person, d.until from deputy d join account b on b.id = case
            when d.absent in (select id from theirs) then d.deputy when d.deputy in (select id from theirs) then d.absent end
    ),
    found as (
        select 'keeps' as how, unit, 0 as whom, true as now from keepers where account in (select id from theirs)
        union all
        select 'belongs', w.unit, 0, w.until is null or w.until > $2 from works w join unit u on u.id = w.unit
            where (u.region, u.kind) in (select * from unnest($3::text[], $4::text[])) or u.id in (select unit from keepers)
        union all
        select 'bound', k.unit, k.person, b.until is null or b.until > $2 from bonds b, keepers k
            where b.person is not null and k.person in (select same_human(array[b.person]))
    )
    select f.how, f.unit, f.whom, bool_or(f.now) as now, {OUTERMOST} as path,
            (select array_agg(id order by id) from humans) as rows
        from found f join unit u on u.id = f.unit join jurisdiction j on j.id = u.jurisdiction
        group by f.how, f.unit, f.whom, j.path, j.kind
"""


@dataclass(frozen=True)
class Tie:
    """What ties somebody, under all their rows, to an office outside the chain: they keep complaints there, or are of it, or an
    interest binds them to one (``whom``) of those who keep. ``rows`` are all theirs: with one more, somebody else is tied too.
    ``now`` is false for what is over.
    """

    how: str
    unit: int
    whom: int
    rows: tuple[int, ...]
    now: bool = field(compare=False)


async def _ties(call: Call, people: tuple[int, ...]) -> frozenset[Tie]:
    """What ties these people to offices for which the viewer does not speak."""
    if not people or "/" in call.viewer.administers:
        return frozenset()
    outside = sorted(call.book.outside(call.today))
    regions, kinds = [region for region, _ in outside], [kind for _, kind in outside]
    rows = await call.db.rows(TIES, list(people), call.today, regions, kinds)
    return frozenset(
        Tie(row["how"], row["unit"], row["whom"], tuple(row["rows"]), row["now"]) for row in rows if not _speaks_for(call, row)
    )


def _speaks_for(call: Call, row: Record) -> bool:
    """Whether the viewer's account is one of the office itself, or administers a place above its own."""
    viewer = call.viewer
    return row["unit"] in viewer.units | viewer.custody or any(above(row["path"]).startswith(one) for one in viewer.administers)


async def leave_alone(call: Call, *people: int) -> None:
    """:class:`Refused` where one of these people keeps complaints under any row of the register; save for that office's own
    accounts, and for an administrator above it.
    """
    if any(tie.how == "keeps" for tie in await _ties(call, people)):
        raise Refused(THEIRS)


async def stay_apart(call: Call, *people: int) -> None:
    """:class:`Refused` where anything ties one of these people to an office that keeps complaints today: on a board of the chain
    they would close the door, at a seat of that office they would come close to all who keep there.
    """
    if any(tie.now for tie in await _ties(call, people)):
        raise Refused(THEIRS)


@asynccontextmanager
async def as_close_as_before(call: Call, *people: int) -> AsyncIterator[list[int]]:
    """Around what changes rows of people, or makes some, whose ids are to be put on the list: :class:`Refused` where they keep
    complaints or are of such an office, before or after it, or where it brings them any closer to one, or further from it.
    """
    rows = list(people)
    before = await _ties(call, tuple(rows))
    yield rows
    after = await _ties(call, tuple(rows))
    if after != before or any(tie.now and tie.how != "bound" for tie in (*before, *after)):
        raise Refused(THEIRS)
