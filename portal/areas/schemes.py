"""Which edition rules in a region: for rulings the one in force, for reading also those whose plugin is gone."""

from collections.abc import Collection
from typing import NoReturn

from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import off
from portal.ledger.queries import stored_editions
from portal.scheme.book import Scheme
from portal.scheme.canonical import read
from portal.scheme.comparing import Change
from portal.scheme.keeping import difference
from portal.scheme.validity import Validity, begins, validity
from portal.scheme.words import Region
from portal.terms import say


def ruling(call: Call, region: str, *, field: str = "") -> Scheme:
    """The edition that decides today; :class:`Refused` with the reason where none is in force."""
    scheme = call.book.in_force(region, call.today)
    if scheme is None:
        _refuse(call, region, field)
    return scheme


def _refuse(call: Call, region: str, field: str) -> NoReturn:
    notice = validity(call.book, region, call.today).notice
    if notice is not None:
        raise Refused(say("操作没有完成。{notice}", notice=notice), field=field)
    raise Refused(off(call, region), field=field)


async def notices(call: Call) -> tuple[Validity, ...]:
    """What the viewer's offices have to know of the editions that they work by: one that ends, ended, or follows."""
    rows = await call.db.rows(
        """
        select distinct region from jurisdiction j where region is not null
            and exists (select from unnest($1::text[]) as area where starts_with(j.path, area) or starts_with(area, j.path))
        """,
        list(call.viewer.areas),
    )
    found = (validity(call.book, row["region"], call.today) for row in rows)
    return tuple(one for one in found if one.notice is not None)


async def editions(call: Call, region: str) -> tuple[Scheme, ...]:
    """All editions of a region by the day on which they begin; those that no enabled plugin states, as they were stored."""
    known = {scheme.edition_id: scheme for scheme in call.book.schemes_of(region)}
    for row in await stored_editions(call, region):
        if row.code not in known:
            known[row.code] = Scheme(await _region(call, region), read(row.text), "", row.code)
    return tuple(sorted(known.values(), key=lambda scheme: (begins(scheme), scheme.edition_id)))


async def edition(call: Call, region: str, code: str) -> Scheme:
    """One of them."""
    found = next((scheme for scheme in await editions(call, region) if scheme.edition_id == code), None)
    if found is None:
        raise NotVisible
    return found


def reworded(call: Call, scheme: Scheme) -> tuple[Change, ...]:
    """Where the words of an edition are others than those that were stored, though it rules the same."""
    settled = call.portal.editions.settled
    found = settled.reworded.get(scheme.edition_id) if settled is not None else None
    return difference(found.stored, found.stated) if found is not None else ()


async def regions(call: Call) -> tuple[Region, ...]:
    """The regions of this portal, those whose plugin is gone last."""
    stored = {row["region"] for row in await call.db.rows("select distinct region from stored_edition")}
    return (*call.book.regions.values(), *[await _region(call, code) for code in sorted(stored - set(call.book.regions))])


async def of_viewer(call: Call) -> dict[str, Region]:
    """The regions that decide where the viewer looks, by code; all of them while the register has none of their places."""
    rows = await call.db.rows(
        "select distinct j.region from jurisdiction j, unnest($1::text[]) area (path) "
        "where j.region is not null and (starts_with(j.path, area.path) or starts_with(area.path, j.path))",
        list(call.viewer.areas),
    )
    theirs = {row["region"] for row in rows}
    return {code: one for code, one in call.book.regions.items() if code in theirs} or dict(call.book.regions)


async def place_names(call: Call, codes: Collection[str]) -> dict[str, str]:
    """The names of divisions by code, where the register has them."""
    rows = await call.db.rows("select code, name from jurisdiction where code = any($1)", list(codes)) if codes else []
    return {row["code"]: row["name"] for row in rows}


async def _region(call: Call, code: str) -> Region:
    """A region; one without a plugin is called as the jurisdiction where it ruled."""
    known = call.book.regions.get(code)
    if known is not None:
        return known
    name = await call.db.value("select name from jurisdiction where region = $1 order by length(path), id limit 1", code)
    return Region(code=code, name=name or code, editions=(), clauses=())
