"""Writing the register out: each list with the headings of its template, so that what goes out can come in again unchanged."""

import json
from collections.abc import Callable, Mapping, Sequence

from portal.call import Call
from portal.errors import NotVisible
from portal.imports.importable import KINDS
from portal.imports.kinds.deeds import duty_name
from portal.ledger.actions import record
from portal.obligations.deeds import Sight, sight_of
from portal.people.queries import seen
from portal.scheme.book import Book, Scheme
from portal.scheme.words import Assumption, Edition, Fact, InForce, Line, Post, Region, Tier, Unit
from portal.storage.engine import Record
from portal.terms import JURISDICTION_KIND, say
from portal.workshop.sheets import written, written_csv

# Whether the viewer sees the person: of whoever served here once, a record tells the name, and no number
SEEN = seen("$3", "$2", place="pj.path")
# What stands in each column, by the column's code; $1 is the region, $2 today, $3 the viewer's areas
SELECTS = {
    "jurisdictions": """
        select t.code, t.name, p.code as parent, t.kind, t.region from jurisdiction t left join jurisdiction p on p.id = t.parent
        where exists (select from jurisdiction r where r.region = $1 and starts_with(t.path, r.path))
            and (t.until is null or t.until > $2) and t.path like any($3) order by t.path
    """,
    "units": """
        select t.name, t.kind, j.code as place, t.phone from unit t join jurisdiction j on j.id = t.jurisdiction
        where t.region = $1 and (t.until is null or t.until > $2) and j.path like any($3) order by j.path, t.pinyin, t.id
    """,
    "grids": """
        select t.code, t.name, t.tier, j.code as place, p.code as parent, t.area_note as note, t.since,
            (select string_agg(d.code, '、' order by d.code) from grid_ground gg join jurisdiction d on d.id = gg.division
                where gg.grid = t.id and gg.since <= $2 and (gg.until is null or gg.until > $2)
                    and (d.id <> t.jurisdiction or exists (select from grid_ground o where o.grid = t.id
                        and o.division <> t.jurisdiction and o.since <= $2 and (o.until is null or o.until > $2)))) as ground
        from grid t join jurisdiction j on j.id = t.jurisdiction left join grid p on p.id = t.parent
        where t.region = $1 and t.enterprise is null and (t.until is null or t.until > $2) and j.path like any($3)
        order by length(j.path), t.code
    """,
    "outside_grids": """
        select t.system, t.code, t.name, j.code as place, g.code as grid from outside_grid t
            join jurisdiction j on j.id = t.jurisdiction
            left join grid g on g.id = t.grid and (g.until is null or g.until > $2)
        where t.region = $1 and (t.until is null or t.until > $2) and j.path like any($3) order by t.system, t.code, t.id
    """,
    "people": """
        select t.name, t.badge, t.phone, u.name as unit, j.code as place, t.certificate from person t
            join jurisdiction j on j.id = t.jurisdiction
            left join unit u on u.id = t.unit and (u.until is null or u.until > $2)
        where exists (select from jurisdiction r where r.region = $1 and starts_with(j.path, r.path))
            and (t.until is null or t.until > $2) and j.path like any($3) order by t.pinyin, t.id
    """,
    "appointments": f"""
        select p.name, case when {SEEN} then p.badge else '' end as badge, case when {SEEN} then p.phone else '' end as phone,
            t.post, coalesce(g.code, u.name, e.credit_code, e.name) as seat, t.since, t.until,
            t.reason
        from appointment t join person p on p.id = t.person join jurisdiction pj on pj.id = p.jurisdiction
            left join grid g on g.id = t.grid left join unit u on u.id = t.unit
            left join enterprise e on e.id = t.enterprise
            join jurisdiction j on j.id = coalesce(g.jurisdiction, u.jurisdiction, e.division)
        where t.region = $1 and (t.until is null or t.until > $2) and j.path like any($3)
            and coalesce(g.until, u.until, e.until, 'infinity') > $2 and coalesce(p.until, 'infinity') > $2
        order by seat, t.post, p.pinyin, t.id
    """,
    "enterprises": """
        select t.name, t.credit_code, j.code as place, t.address, g.code as grid, t.contact, t.phone, t.since,
            (select jsonb_object_agg(f.fact, f.value) from enterprise_fact f
                where f.enterprise = t.id and f.since <= $2 and (f.until is null or f.until > $2))::text as facts
        from enterprise t join jurisdiction j on j.id = t.division
            left join grid g on g.id = t.drawn_grid and (g.until is null or g.until > $2)
        where t.region = $1 and (t.until is null or t.until > $2) and j.path like any($3) order by t.pinyin, t.id
    """,
    "charges": """
        select coalesce(e.credit_code, e.name) as enterprise, t.line, u.name as unit, t.since from charge t
            join enterprise e on e.id = t.enterprise join unit u on u.id = t.unit join jurisdiction j on j.id = e.division
        where e.region = $1 and (t.until is null or t.until > $2) and j.path like any($3)
            and coalesce(e.until, 'infinity') > $2 and coalesce(u.until, 'infinity') > $2
            and not exists (select from charge later where later.enterprise = t.enterprise and later.line = t.line
                and later.since > t.since and (later.until is null or later.until > $2)) order by e.pinyin, t.line, t.id
    """,
    "deeds": f"""
        select t.day, t.at, t.edition, t.duty, coalesce(e.credit_code, e.name, g.code, u.name, o.name) as subject, d.name,
            d.badge, array_to_string(t.points, '、') as points, t.note
        from deed t left join enterprise e on e.id = t.enterprise left join grid g on g.id = t.grid
            left join unit u on u.id = t.unit left join person o on o.id = t.person
            join jurisdiction j on j.id = coalesce(e.division, g.jurisdiction, u.jurisdiction, o.jurisdiction)
            left join lateral (
                select string_agg(p.name, '、' order by w.n) as name,
                    string_agg(nullif(case when {SEEN} then p.badge else '' end, ''), '、' order by w.n) as badge
                from (select t.person, 0 as n union all select dp.person, dp.id from deed_doer dp where dp.deed = t.id) w
                    join person p on p.id = w.person join jurisdiction pj on pj.id = p.jurisdiction
            ) d on true
        where t.region = $1 and t.withdrawn_at is null and t.day > $2::date - 366 and j.path like any($3)
        order by t.day, t.at, t.id
    """,
}
# The column that holds a rule's code, and the rules whose names are told instead
NAMED: Mapping[str, tuple[str, Callable[[Scheme], Mapping[str, Unit | Tier | Post | Line]]]] = {
    "units": ("kind", lambda scheme: scheme.units),
    "grids": ("tier", lambda scheme: scheme.tiers),
    "appointments": ("post", lambda scheme: scheme.posts),
    "charges": ("line", lambda scheme: scheme.lines),
}


async def export(call: Call, region: str, kind: str, form: str) -> bytes:
    """The viewer's areas' part of what can be imported, in the shape of its template, as ``xlsx`` or ``csv``."""
    scheme = call.book.in_force_or_nearest(region, call.today)
    if scheme is None and region in call.portal.asleep:
        scheme = await _nameless(call, region)
    if scheme is None or kind not in SELECTS or form not in ("xlsx", "csv"):
        raise NotVisible
    columns = [column for column in KINDS[kind].columns(scheme) if not column.around]
    rows = await call.db.rows(SELECTS[kind], region, call.today, [area + "%" for area in call.viewer.areas])
    cells = _cells(call.book, scheme, kind, [column.code for column in columns], rows, await sight_of(call))
    headings = [column.title for column in columns]
    return await spreadsheet(call, f"{kind} {region}", KINDS[kind].title, headings, cells, form)


async def _nameless(call: Call, region: str) -> Scheme:
    """What stands in for the scheme of a region whose plugin is off: it names nothing but the facts that are stored, by code."""
    why = Assumption(say("插件没有启用"))
    rows = await call.db.rows(
        "select distinct f.fact from enterprise_fact f join enterprise e on e.id = f.enterprise where e.region = $1 order by 1",
        region,
    )
    facts = tuple(Fact(code=row["fact"], name=row["fact"], basis=why) for row in rows)
    edition = Edition(code="", documents=(), in_force=InForce(since=None, basis=why), rules=facts)
    return Scheme(Region(code=region, name=region, editions=(edition,), clauses=()), edition, "")


async def spreadsheet(
    call: Call, name: str, title: str, headings: Sequence[str], cells: Sequence[Sequence[object]], form: str
) -> bytes:
    """A list as ``xlsx`` or ``csv``; that it was taken out is written into the ledger under its ``name``."""

    async def work() -> None:
        area = min(call.viewer.areas, key=len, default="")
        await record(call, "exported", "list", name, area=area, data={"name": title, "rows": len(cells), "form": form})

    await call.db.run_tx(work)
    if form == "csv":
        return await call.portal.workshop.do(written_csv, headings, cells)
    return await call.portal.workshop.do(written, title, headings, cells)


def _cells(
    book: Book, scheme: Scheme, kind: str, codes: Sequence[str], rows: Sequence[Record], sight: Sight
) -> list[list[object]]:
    """Rows in the columns' order, codes as the names that people read; those that are gone from the scheme by their last name."""
    names: dict[str, Mapping[str, str]] = {f"fact:{fact.code}": dict(fact.choices) for fact in scheme.facts.values()}
    if kind == "jurisdictions":
        names |= {"kind": JURISDICTION_KIND, "region": {scheme.region.code: scheme.region.name}}
    if kind == "deeds":
        names["duty"] = {duty.code: duty_name(scheme, duty) for duty in scheme.counted.values()}
    if kind in NAMED:
        column, rules = NAMED[kind]
        earlier = (one for one in book.schemes_of(scheme.region.code) if one is not scheme)
        names[column] = {code: rule.name for one in (*earlier, scheme) for code, rule in rules(one).items()}
    own = [code for code in codes if not code.startswith("fact:")]
    found = []
    for row in rows:
        said = {code: row[code] for code in own}
        if kind == "enterprises":
            said |= {f"fact:{fact}": value for fact, value in json.loads(row["facts"] or "{}").items()}
        if kind == "deeds" and not sight.own(row["edition"], row["duty"]):
            # Of another line's deeds: that they were done, by whom and when
            said |= {"points": "", "note": ""}
        values = [(code, said.get(code)) for code in codes]
        found.append(
            ["" if value is None else names[code].get(value, value) if code in names else value for code, value in values]
        )
    return found
