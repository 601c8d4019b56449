"""One beginning: it makes the very schema that the eleven migrations before it make, whoever stands on any of them comes to it,
and what has landed is never edited.
"""

from collections.abc import Collection

import pytest

from portal.app import migrated
from portal.call import Call
from portal.errors import SetupError
from portal.piccolo_app import migrations_folder
from portal.storage import migrations
from portal.storage.engine import Database
from tests.upgrades.conftest import Databases, old_step
from tests.upgrades.dumping import dump
from tests.upgrades.landed import QUEUE, landed, present

FOLDER = migrations_folder()
OLD = sorted((FOLDER / "before").glob("portal_*.py"))
BEGINNING = migrations.ids()[0]
# The first, one on the way, and the step that leads to the beginning; `make drill` tries each
TRIED = (1, 7, 12)


async def test_from_the_eleven_a_database_comes_to_the_very_schema_of_the_beginning(
    databases: Databases, worker_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await from_all(databases, worker_id, TRIED)
    capsys.readouterr()


async def from_all(databases: Databases, worker_id: str, tried: Collection[int]) -> None:
    """From these of the eleven, counted from one."""
    begun, old, new = (f"{name}_{worker_id}" for name in ("begun", "old", "new"))
    await migrations.forwards(await databases.new(begun), BEGINNING)
    wanted = dump(databases.server.connection(begun), "--schema-only")
    standing = await databases.new(old)
    assert len(OLD) == 12, "the eleven, and the step that leads from them to the beginning"
    for n, path in enumerate(OLD, 1):
        await old_step(standing, migrations.id_of(path))
        if n not in tried:
            continue
        db = await databases.new(new, old)
        lacking = len(OLD) - n + migrations.count()
        assert await migrations.lacking(db) == lacking
        with pytest.raises(SetupError, match=f"还差 {lacking} 步升级.*先备份，再运行 portal migrate"):
            await migrated(Call(_Held(db), None, None))  # only its database is looked at
        assert await migrations.forwards(db, BEGINNING) == len(OLD) - n + 1
        assert await migrations.applied(db) == [BEGINNING]
        assert dump(databases.server.connection(new), "--schema-only") == wanted, f"after {path.name}"
        assert await migrations.forwards(db) == migrations.count() - 1
        assert await migrations.lacking(db) == 0
        await databases.drop(new)


class _Held:
    def __init__(self, db: Database) -> None:
        self.db = db


async def test_a_step_that_fails_on_the_way_leaves_an_old_database_as_it_was(databases: Databases, worker_id: str) -> None:
    name = f"old_{worker_id}"
    db = await databases.new(name)
    for path in OLD[:7]:
        await old_step(db, migrations.id_of(path))
    await db.rows("create table filing (in_the_way int)")
    before = dump(databases.server.connection(name), "--schema-only"), await migrations.applied(db)
    with pytest.raises(SetupError, match="数据库升级没有完成，什么也没有改动：.*filing"):
        await migrations.forwards(db)
    assert (dump(databases.server.connection(name), "--schema-only"), await migrations.applied(db)) == before
    assert await migrations.lacking(db) == len(OLD) - 7 + migrations.count()


async def test_a_database_of_a_later_version_is_left_alone_and_the_way_back_is_told(databases: Databases, worker_id: str) -> None:
    db = await databases.new(f"new_{worker_id}")
    await migrations.forwards(db)
    await db.rows("insert into migration (name, app_name) values ('2999-01-01T00:00:00:000000', 'portal')")
    for work in (migrations.lacking, migrations.forwards):
        with pytest.raises(SetupError, match="更新的版本升级过（2999-01-01T00:00:00:000000）.*换回那个版本.*或恢复升级前的备份"):
            await work(db)


# What has landed


def wrong(listed: dict[str, str], found: dict[str, str]) -> list[str]:
    """What was done to migrations other than to add one after all that have landed."""
    edited = [f"{name} has landed and was edited or taken away" for name in listed if found.get(name) != listed[name]]
    last = max(name for name in listed if name.startswith("portal_"))
    early = [f"{name} comes before {last}, which has landed" for name in found.keys() - listed.keys() if name < last]
    return sorted(edited + early)


def test_migrations_are_only_added() -> None:
    assert wrong(landed(), present()) == [], "see CONTRIBUTING.md, “A landed state”"


def test_whatever_is_done_to_a_landed_migration_but_adding_is_found() -> None:
    listed = landed()
    name = f"portal_{BEGINNING.replace('-', '_').replace('T', 't').replace(':', '_')}.py"
    assert name in listed
    assert wrong(listed, listed | {"portal_2999_01_01t00_00_00_000000.py": "x"}) == []
    assert wrong(listed, listed | {name: "x"}) == [f"{name} has landed and was edited or taken away"]
    assert wrong(listed, {other: hash_ for other, hash_ in listed.items() if other != name}) != []
    assert wrong(listed, listed | {"portal_2026_11_01t00_00_00_000000.py": "x"}) != []
    assert wrong(listed, listed | {QUEUE: "x"}) != []
