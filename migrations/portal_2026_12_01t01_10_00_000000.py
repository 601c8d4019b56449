"""Whom a board named until a day: whoever was taken off it is still meant by a complaint about it for a while."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.storage.migrations import script

ID = "2026-12-01T01:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "whom boards named before"

UP = """
create table board_named (
    id bigserial primary key,
    board bigint not null references board (id) on delete restrict on update restrict,
    person bigint not null,
    until date not null,
    unique (board, person)
);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def up() -> None:
        await script(UP)

    async def down() -> None:
        await script("drop table board_named")

    manager.add_raw(up)
    manager.add_raw_backwards(down)
    return manager
