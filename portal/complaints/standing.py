"""Who stands how close to whom, from the register; and which custodians may therefore read a complaint."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from portal.call import Call
from portal.complaints.rules import Bond, Circle, Desk, Held, Someone, lines_of
from portal.scheme.book import Scheme


async def circle(call: Call, people: Iterable[int], since: date) -> Circle:
    """Everything about these people that tells who must stand back: under all rows that are the same human, in all posts
    held since ``since``, at all units, through all their accounts, with all interests. Whoever covers an absence is as close
    to the absent one as an interest makes them, and acts for their office.
    """
    wanted = sorted(set(people))
    rows = await call.db.rows(
        """
        with recursive same as (
            select id, human_mark(phone) as phone, human_mark(badge) as badge, human_mark(certificate) as certificate
            from person where id = any($1)
            union
            select p.id, human_mark(p.phone), human_mark(p.badge), human_mark(p.certificate) from same s join person p
                on human_mark(p.badge) = s.badge or human_mark(p.phone) = s.phone
                or human_mark(p.certificate) = s.certificate
        ) select p.id, p.name, coalesce(same.phone, '') as phone, coalesce(same.badge, '') as badge,
            coalesce(same.certificate, '') as certificate, p.unit from same join person p on p.id = same.id
        """,
        wanted,
    )
    ids = [row["id"] for row in rows]
    held = await call.db.rows(
        "select person, region, post, unit, until from appointment where person = any($1) and (until is null or until > $2)",
        ids, since,
    )  # fmt: skip
    bonds = await call.db.rows(
        """
        select person, other, enterprise, until from interest
        where (person = any($1) or other = any($1)) and (until is null or until > $2)
        union all
        select a.person, null, g.enterprise, g.until from access_grant g join account a on a.id = g.account
        where a.person = any($1) and g.enterprise is not null and g.since <= $3 and (g.until is null or g.until > $2)
        union all
        select a.person, b.person, null, d.until from deputy d join account a on a.id = d.absent join account b on b.id = d.deputy
        where (a.person = any($1) or b.person = any($1)) and d.since <= $3 and d.until > $2
        """,
        ids, since, call.today,
    )  # fmt: skip
    desks = await call.db.rows(
        """
        select a.person, g.unit, g.until, g.role = 'custodian' as keeps from access_grant g join account a on a.id = g.account
        where a.person = any($1) and g.role in ('office', 'custodian') and g.unit is not null
            and g.since <= $3 and (g.until is null or g.until > $2)
        union all
        select a.person, g.unit, least(g.until, d.until), false from deputy d join account a on a.id = d.deputy
            join access_grant g on g.account = d.absent and g.role = 'office' and g.unit is not null
        where a.person = any($1) and d.since <= $3 and d.until > $2 and g.since <= $3 and (g.until is null or g.until > $2)
        """,
        ids, since, call.today,
    )  # fmt: skip
    schemes = {code: call.book.begun(code, call.today) for code in call.book.regions}
    posts = [Held(row["person"], row["region"], row["post"], row["unit"], row["until"]) for row in held]
    return Circle(
        people={
            row["id"]: Someone(row["id"], row["name"], row["phone"], row["badge"], row["certificate"], row["unit"])
            for row in rows
        },
        held=(*posts, *(also for one in posts for scheme in schemes.get(one.region, ()) for also in _by_office(scheme, one))),
        bonds=tuple(Bond(row["person"], row["other"], row["enterprise"], row["until"]) for row in bonds),
        lines={code: _lines(editions) for code, editions in schemes.items()},
        desks=tuple(Desk(row["person"], row["unit"], row["until"], row["keeps"]) for row in desks),
    )


def _lines(editions: Sequence[Scheme]) -> dict[str, tuple[str, ...]]:
    """What each post answers to, or did under an earlier edition: whoever stood above somebody stands close to them."""
    found: dict[str, tuple[str, ...]] = {}
    for scheme in editions:
        for post, above in lines_of(scheme).items():
            found[post] = tuple(dict.fromkeys((*found.get(post, ()), *above)))
    return found


def _by_office(scheme: Scheme, held: Held) -> list[Held]:
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
        list(units), call.today, also_away,
    )  # fmt: skip
    return {unit: frozenset(row["person"] for row in rows if row["unit"] == unit) for unit in units}
