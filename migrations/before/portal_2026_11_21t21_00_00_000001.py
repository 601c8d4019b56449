"""What Piccolo's columns cannot say: periods that exclude each other, keys to wings above, indexes, rows that stay."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-21T21:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "periods, keys across wings, indexes, rows that stay"

CONSTRAINTS = {
    "jurisdiction": ["check (until is null or until >= since)"],
    "unit": ["check (until is null or until >= since)"],
    "grid": ["check (until is null or until >= since)", "unique (region, code)"],
    "grid_ground": [
        "check (until is null or until >= since)",
        "exclude using gist (int8range(grid, grid, '[]') with &&, int8range(division, division, '[]') with &&,"
        " daterange(since, until) with &&)",
    ],
    "person": ["check (until is null or until >= since)"],
    "appointment": [
        "check (until is null or until >= since)",
        "check (num_nonnulls(grid, unit, enterprise) = 1)",
        "foreign key (enterprise) references enterprise (id)",
        "exclude using gist (int8range(person, person, '[]') with &&, int8range(hashtext(post), hashtext(post), '[]') with &&,"
        " int8range(coalesce(grid, -1), coalesce(grid, -1), '[]') with &&,"
        " int8range(coalesce(unit, -1), coalesce(unit, -1), '[]') with &&,"
        " int8range(coalesce(enterprise, -1), coalesce(enterprise, -1), '[]') with &&, daterange(since, until) with &&)",
    ],
    "enterprise": ["check (until is null or until >= since)"],
    "enterprise_fact": [
        "check (until is null or until >= since)",
        "exclude using gist (int8range(enterprise, enterprise, '[]') with &&,"
        " int8range(hashtext(fact), hashtext(fact), '[]') with &&, daterange(since, until) with &&)",
    ],
    "placement": [
        "check (until is null or until >= since)",
        "check ((outcome = 'placed') = (grid is not null))",
        "exclude using gist (int8range(enterprise, enterprise, '[]') with &&, daterange(since, until) with &&)",
    ],
    "board": ["check (num_nonnulls(grid, enterprise) = 1)"],
    "board_version": ["unique (board, number)"],
    "board_source": ["unique (board, kind, subject)"],
    "account": ["foreign key (person) references person (id)"],
    "access_grant": [
        "check (until is null or until >= since)",
        "foreign key (unit) references unit (id)",
        "foreign key (enterprise) references enterprise (id)",
    ],
    "inbox_item": [
        "foreign key (unit) references unit (id)",
        "foreign key (person) references person (id)",
        "check (num_nonnulls(unit, person) > 0)",
    ],
    "job": ["foreign key (asked_by) references account (id)"],
    "feedback_case": ["foreign key (enterprise) references enterprise (id)"],
    "search_gram": ["unique (kind, gram, subject)"],
}

INDEXES = {
    "ledger_entry": ["(kind, subject, id)"],
    "ledger_event": ["(day) where handled_at is null"],
    "inbox_item": ["(unit, due) where done_at is null", "(person, due) where done_at is null", "(kind, subject)"],
    "job": ["(asked_by, id)"],
    "search_gram": ["(kind, subject)"],
    "session": ["(account)"],
    "access_grant": ["(account)"],
    "unit": ["(jurisdiction)", "(pinyin, public_id)"],
    "grid": ["(jurisdiction)", "(parent)", "(region, tier)", "(code, public_id)"],
    "grid_ground": ["(grid)", "(division)"],
    "person": ["(jurisdiction)", "(pinyin, public_id)"],
    "appointment": ["(person)", "(grid) where grid is not null", "(unit) where unit is not null",
                    "(enterprise) where enterprise is not null"],
    "enterprise": ["(division)", "(pinyin, public_id)", "(drawn_grid) where drawn_grid is not null",
                   "unique (credit_code) where credit_code is not null"],
    "enterprise_fact": ["(enterprise, fact, since)"],
    "placement": ["(enterprise, since)", "(grid, since)"],
    "board": ["unique (grid) where grid is not null and revoked_at is null",
              "unique (enterprise) where enterprise is not null and revoked_at is null",
              "(jurisdiction)", "(code) where stale_since is not null and revoked_at is null"],
    "board_source": ["(kind, subject)"],
    "feedback_case": ["(unit, state)", "(person, state)"],
    "feedback_step": ['("case", id)'],
    "feedback_photo": ["(step)", '("case")'],
}  # fmt: skip

STAYING = """
create function rows_stay() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % stay as they were written', tg_table_name using errcode = 'restrict_violation';
end $$;
"""
STAY = ("ledger_entry", "stored_edition", "board_version")


def _name(table: str, kind: str, n: int) -> str:
    return f"{table}_{kind}{n}"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        for table, constraints in CONSTRAINTS.items():
            for n, constraint in enumerate(constraints, 1):
                await script(f"alter table {table} add constraint {_name(table, 'rule', n)} {constraint}")
        for table, indexes in INDEXES.items():
            for n, index in enumerate(indexes, 1):
                unique = "unique " if index.startswith("unique ") else ""
                on = index.removeprefix("unique ")
                await script(f"create {unique}index {_name(table, 'by', n)} on {table} {on}")
        await script(STAYING)
        for table in STAY:
            await script(
                f"create trigger {table}_stay before update or delete on {table} for each row execute function rows_stay();"
                f"create trigger {table}_stay_all before truncate on {table} execute function rows_stay();"
            )

    async def down() -> None:
        for table in STAY:
            await script(f"drop trigger {table}_stay on {table}; drop trigger {table}_stay_all on {table};")
        await script("drop function rows_stay()")
        for table, indexes in INDEXES.items():
            for n in range(1, len(indexes) + 1):
                await script(f"drop index {_name(table, 'by', n)}")
        for table, constraints in CONSTRAINTS.items():
            for n in range(1, len(constraints) + 1):
                await script(f"alter table {table} drop constraint {_name(table, 'rule', n)}")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
