"""What Piccolo's columns cannot say of one-time links, deputies, asks, interests and complaints."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-11-22T23:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules, keys and indexes of links, deputies, asks, interests and complaints; their chain stays"

RULES = {
    "session": ["check (num_nonnulls(account, enterprise) = 1)", "foreign key (enterprise) references enterprise (id)"],
    "one_time_link": ["check (num_nonnulls(account, enterprise) = 1)", "foreign key (enterprise) references enterprise (id)"],
    "deputy": ["check (until > since)", "check (absent <> deputy)"],
    "access_ask": [
        "check (account is not null or deed = 'create')",
        "check ((outcome = '') = (ended_at is null))",
        "foreign key (person) references person (id)",
        "foreign key (unit) references unit (id)",
        "foreign key (enterprise) references enterprise (id)",
    ],
    "interest": [
        "check (until is null or until >= since)",
        "check (num_nonnulls(enterprise, other) = 1 and other is distinct from person)",
        "foreign key (enterprise) references enterprise (id)",
    ],
    "charge": [
        "check (until is null or until >= since)",
        "exclude using gist (int8range(enterprise, enterprise, '[]') with &&,"
        " int8range(hashtext(line), hashtext(line), '[]') with &&, daterange(since, until) with &&)",
    ],
    "complaint_entry": ["unique (complaint, number)"],
}
INDEXES = {
    "one_time_link": "(account) where used_at is null",
    "deputy": "(deputy, until)",
    "access_ask": "(asked_at) where outcome = ''",
    "interest": "(enterprise) where enterprise is not null",
    "charge": "(enterprise, line)",
    "import_row": "(batch, id)",
    "complaint": "(unit, id) where state <> 'closed'",
    "complaint_step": "(complaint, id)",
    "complaint_photo": "(complaint, step)",
    "complaint_notice": "(unit, id) where done_at is null",
}
STAYS = "complaint_entry"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        for table, rules in RULES.items():
            for n, rule in enumerate(rules, 1):
                await script(f"alter table {table} add constraint {table}_holds{n} {rule}")
        for table, columns in INDEXES.items():
            await script(f"create index {table}_found on {table} {columns}")
        await script(
            f"create trigger {STAYS}_stay before update or delete on {STAYS} for each row execute function rows_stay();"
            f"create trigger {STAYS}_stay_all before truncate on {STAYS} execute function rows_stay();"
        )

    async def down() -> None:
        await script(f"drop trigger {STAYS}_stay on {STAYS}; drop trigger {STAYS}_stay_all on {STAYS};")
        for table in INDEXES:
            await script(f"drop index {table}_found")
        for table, rules in RULES.items():
            for n in range(1, len(rules) + 1):
                await script(f"alter table {table} drop constraint {table}_holds{n}")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
