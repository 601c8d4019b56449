"""What ties people to those whose accounts keep complaints, and to their offices (``people/custodians.py`` asks it)."""

from collections.abc import Sequence

from portal.areas.queries import OUTERMOST
from portal.call import Call
from portal.storage.engine import Record

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


async def ties(call: Call, people: Sequence[int]) -> list[Record]:
    """What ties these people, under all their rows, to offices outside the chain and to those who keep complaints there."""
    outside = sorted(call.book.outside(call.today))
    regions, kinds = [region for region, _ in outside], [kind for _, kind in outside]
    return await call.db.rows(TIES, list(people), call.today, regions, kinds)
