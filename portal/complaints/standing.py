"""Who stands how close to whom, from the register; and which custodians may therefore read a complaint."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from portal.boards.rules import Holder, Source
from portal.call import Call
from portal.complaints.rules import Accused, Bond, Circle, Desk, PostHolding, Someone, lines_of
from portal.scheme.book import Scheme
from portal.storage.engine import Record

LATELY = timedelta(days=180)
# An appointment ``a`` of a person ``p`` stood in the register with other days, on one of which it held lately, until somebody
# corrected them: whom a board named until then is still meant
STOOD_OTHERWISE = """
    exists (
        select from (
            select (l.at at time zone 'Asia/Shanghai')::date as day, l.body::jsonb -> 'data' as data from ledger_entry l
            where l.kind = 'person' and l.subject = p.public_id and l.verb = 'corrected'
        ) c where c.data ->> 'appointment' = a.public_id
            and coalesce((c.data #>> '{{since,0}}')::date, a.since) <= c.day
            and least(c.day + 1, case when c.data ? 'until' then (c.data #>> '{{until,0}}')::date else a.until end) > {lately}
    )
"""
# On which day it was written down last that an appointment ``a`` had ended, whatever day was written: it counts until then
TOLD = """
    left join lateral (
        select (max(l.at) at time zone 'Asia/Shanghai')::date as day
        from (
            select 'person' as kind, 'dismissed' as verb, public_id from public.person where id = a.person
            union all select 'person', 'corrected', public_id from public.person where id = a.person
            union all select 'grid', 'ended', public_id from public.grid where id = a.grid
            union all select 'unit', 'ended', public_id from public.unit where id = a.unit
            union all select 'enterprise', 'ended', public_id from public.enterprise where id = a.enterprise
        ) s join ledger_entry l on l.kind = s.kind and l.subject = s.public_id and l.verb = s.verb
        where case when l.verb = 'corrected' then l.body::jsonb -> 'data' ->> 'appointment' = a.public_id
                and l.body::jsonb -> 'data' ? 'until'
            else coalesce(l.body::jsonb -> 'data' ->> 'post', a.post) = a.post
                and l.body::jsonb -> 'data' ->> 'until' <= a.until::text end
    ) told on a.until is not null
"""
COUNTS_UNTIL = "least(greatest(a.until, told.day + 1), a.undone_on + 1)"


async def circle(call: Call, people: Iterable[int], since: date, accused: Iterable[Accused] = ()) -> Circle:
    """Everything about these people, and the ``accused`` as complaints keep them, that tells who must stand back: under all rows
    that are the same human, in all posts held since ``since``, at all units, through all their accounts, with all interests.
    Whoever covers an absence is as close to the absent one as an interest makes them, and acts for their office.

    Rows that were taken back count for the days on which they stood in the register; and a post counts until the day on which it
    was written down that it had ended, whatever day was written: nobody is freed from what came in meanwhile.
    """
    kept = tuple(accused)
    wanted = sorted({*people, *(one.id for one in kept), *(row for one in kept for row in one.rows)})
    sealed = sorted({mark for one in kept for mark in one.marks})
    rows = await call.db.rows(
        """
        with recursive same as (
            (
                select id, human_mark(phone) as phone, human_mark(badge) as badge, human_mark(certificate) as certificate
                from public.person where id = any($1)
                union all
                select 0, case when kind = 'phone' then mark end, case when kind = 'badge' then mark end,
                    case when kind = 'certificate' then mark end from unnest($3::text[], $4::text[]) as sealed(kind, mark)
            )
            union
            select p.id, human_mark(p.phone), human_mark(p.badge), human_mark(p.certificate) from same s join public.person p
                on (human_mark(p.badge) = s.badge or human_mark(p.phone) = s.phone
                    or human_mark(p.certificate) = s.certificate)
                and (p.undone_on is null or p.undone_on >= $2)
        ) select p.id, p.name, coalesce(same.phone, '') as phone, coalesce(same.badge, '') as badge,
            coalesce(same.certificate, '') as certificate, p.unit, p.undone_on from same join public.person p on p.id = same.id
        """,
        wanted,
        since,
        [kind for kind, _ in sealed],
        [mark for _, mark in sealed],
    )
    ids = sorted({*(row["id"] for row in rows), *wanted})
    held = await call.db.rows(
        f"""
        select a.person, a.region, a.post, a.unit, {COUNTS_UNTIL} as until from public.appointment a {TOLD}
        where a.person = any($1) and (a.undone_on is null or a.undone_on >= $2)
        """,
        ids,
        since,
    )
    bonds = await call.db.rows(
        """
        select person, other, enterprise, until from interest
        where (person = any($1) or other = any($1)) and (until is null or until > $2)
        union all
        select a.person, null, g.enterprise, g.until from access_grant g join account a on a.id = g.account
        where a.person = any($1) and g.enterprise is not null and g.since <= $3 and (g.until is null or g.until > $2)
        union all
        select a.person, b.person, null, least(d.until, d.undone_on + 1) from public.deputy d
            join account a on a.id = d.absent join account b on b.id = d.deputy
        where (a.person = any($1) or b.person = any($1)) and d.since <= least($3, d.undone_on) and d.until > $2
            and (d.undone_on is null or d.undone_on >= $2)
        """,
        ids,
        since,
        call.today,
    )
    desks = await call.db.rows(
        """
        select a.person, g.unit, g.until, g.role = 'custodian' as keeps from access_grant g join account a on a.id = g.account
        where a.person = any($1) and g.role in ('office', 'custodian') and g.unit is not null
            and g.since <= $3 and (g.until is null or g.until > $2)
        union all
        select a.person, g.unit, least(g.until, d.until, d.undone_on + 1), false from public.deputy d
            join account a on a.id = d.deputy
            join access_grant g on g.account = d.absent and g.role = 'office' and g.unit is not null
        where a.person = any($1) and d.since <= least($3, d.undone_on) and d.until > $2
            and (d.undone_on is null or d.undone_on >= $2) and g.since <= $3 and (g.until is null or g.until > $2)
        """,
        ids,
        since,
        call.today,
    )
    schemes = {code: call.book.begun_by(code, call.today) for code in call.book.regions}
    posts = [PostHolding(row["person"], row["region"], row["post"], row["unit"], row["until"]) for row in held]
    return Circle(
        people=_people(rows, kept),
        held=(*posts, *(also for one in posts for scheme in schemes.get(one.region, ()) for also in _by_office(scheme, one))),
        bonds=tuple(Bond(row["person"], row["other"], row["enterprise"], row["until"]) for row in bonds),
        lines={code: _lines(editions) for code, editions in schemes.items()},
        desks=tuple(Desk(row["person"], row["unit"], row["until"], row["keeps"]) for row in desks),
    )


async def lately(call: Call, scheme: Scheme, source: Source) -> list[Holder]:
    """Who holds or lately held a post that a board tells of, also at a grid in which its enterprise lay then: what people
    complain about is over, and whom it is about may have left since, or be taken off the board for a day.
    """
    rows = await call.db.rows(
        f"""
        with recursive chain as (
            select id, parent from public.grid where id = any($1)
                or id in (select grid from placement where enterprise = $3 and (until is null or until > $4))
            union select g.id, g.parent from chain c join public.grid g on g.id = c.parent
        )
        select a.person, a.post, p.name, case when a.grid is not null then 'grid' when a.unit is not null then 'unit'
                else 'enterprise' end as seat_kind, coalesce(a.grid, a.unit, a.enterprise) as seat
            from public.appointment a join public.person p on p.id = a.person {TOLD}
            where (a.grid in (select id from chain) or a.unit = any($2) or a.enterprise = $3)
                and ((a.since <= $5 and coalesce({COUNTS_UNTIL}, 'infinity') > $4)
                    or {STOOD_OTHERWISE.format(lately="$4")}) order by a.since, a.id
        """,
        [grid.id for grid in source.grids],
        sorted({unit.id for unit in (*source.units, *source.charged.values())}),
        source.enterprise,
        call.today - LATELY,
        call.today,
    )
    return [
        Holder(row["person"], post, row["seat_kind"], row["seat"], row["name"], "", "", None)
        for row in rows
        for post in (row["post"], *(one.code for one in scheme.posts.values() if one.ex_officio == row["post"]))
    ]


async def named_before(call: Call, scheme: Scheme, board: int) -> list[Holder]:
    """Whom the page of a board names, or lately named until something was written that took them off it (an end of long ago,
    another grid or office): the register tells by its days what holds, the board whom people read on the wall.
    """
    rows = await call.db.rows(
        """
        with same as (
            select o.id, o.revoked_at from board b join board o on o.id = b.id or o.enterprise = b.enterprise or o.grid = b.grid
                where b.id = $1
        ), named as (
            select s.subject as person from board_source s join same b on b.id = s.board
                where s.kind = 'person' and (b.revoked_at is null or b.revoked_at > $2)
            union select n.person from board_named n join same b on b.id = n.board
                where n.until > ($2 at time zone 'Asia/Shanghai')::date
        )
        select distinct on (p.id) p.id, p.name, a.post, case when a.grid is not null then 'grid'
                when a.unit is not null then 'unit' else 'enterprise' end as seat_kind,
                coalesce(a.grid, a.unit, a.enterprise) as seat
            from named n join public.person p on p.id = n.person join public.appointment a on a.person = p.id
            where a.region = $3 and a.post = any($4) order by p.id, a.since desc, a.id desc
        """,
        board,
        call.now - LATELY,
        scheme.region.code,
        sorted(scheme.posts),
    )
    return [Holder(row["id"], row["post"], row["seat_kind"], row["seat"], row["name"], "", "", None) for row in rows]


def _people(rows: Sequence[Record], accused: Sequence[Accused]) -> dict[int, Someone]:
    """The rows of the register; whoever a complaint is about with what it keeps of them, also where there is no row any more."""
    found = {
        row["id"]: Someone(
            row["id"],
            row["name"],
            row["phone"],
            row["badge"],
            row["certificate"],
            row["unit"],
            row["undone_on"] + timedelta(days=1) if row["undone_on"] else None,
        )
        for row in rows
    }
    for one in accused:
        now = found.get(one.id, Someone(one.id, one.name))
        found[one.id] = replace(now, sealed=now.sealed | frozenset(one.marks), also=now.also | frozenset(one.rows))
    return found


async def as_they_are(call: Call, accused: Sequence[Accused], since: date) -> tuple[Accused, ...]:
    """The accused with what tells who they are: every mark of theirs, and every row of the register that is the same human."""
    found = await circle(call, (), since, accused)
    made = []
    for one in accused:
        selves = sorted(found.selves(one.id, since))
        marks = {mark for row in selves if row in found.people for mark in found.people[row].marks}
        made.append(replace(one, marks=tuple(sorted(marks)), rows=tuple(selves)))
    return tuple(made)


async def beside(call: Call, accused: Sequence[Accused]) -> tuple[int, ...]:
    """Everybody of the offices of the accused today: the register does not keep where somebody worked who holds no post."""
    found = await circle(call, (), call.today, accused)
    units = {unit for one in accused for unit in found.units(one.id, call.today)}
    rows = await call.db.rows("select id from person where unit = any($1) order by id", sorted(units))
    return tuple(row["id"] for row in rows)


def _lines(editions: Sequence[Scheme]) -> dict[str, tuple[str, ...]]:
    """What each post answers to, or did under an earlier edition: whoever stood above somebody stands close to them."""
    found: dict[str, tuple[str, ...]] = {}
    for scheme in editions:
        for post, above in lines_of(scheme).items():
            found[post] = tuple(dict.fromkeys((*found.get(post, ()), *above)))
    return found


def _by_office(scheme: Scheme, held: PostHolding) -> list[PostHolding]:
    """The posts that come with one that is held."""
    return [replace(held, post=post.code) for post in scheme.posts.values() if post.ex_officio == held.post]


async def custodians(call: Call, units: Sequence[int], *, also_away: bool = False) -> dict[int, frozenset[int]]:
    """The people who keep complaints for each unit today and can read them: with a password and a second factor.

    ``also_away`` those too who cannot sign in for now: the second factor is to be set up anew, or the account is disabled.
    """
    rows = await call.db.rows(
        """
        select g.unit, a.person from access_grant g join account a on a.id = g.account join person p on p.id = a.person
        where g.role = 'custodian' and g.unit = any($1) and (a.active and a.second is not null or $3) and g.since <= $2
            and (g.until is null or g.until > $2) and (p.until is null or p.until > $2)
        """,
        list(units),
        call.today,
        also_away,
    )
    return {unit: frozenset(row["person"] for row in rows if row["unit"] == unit) for unit in units}
