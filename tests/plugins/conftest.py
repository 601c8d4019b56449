"""The three regions themselves, on their own example registers."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from portal.app import ready
from portal.call import Call, Portal
from portal.demo.register import Example, faces, folders
from portal.plugins import Plugins, load
from portal.storage.engine import Database
from portal.storage.seals import Keyring
from portal.viewer import SYSTEM
from tests.conftest import empty, running

REGIONS = ("lishui", "shandong", "wuzhong")
ENTERPRISES = 24
MADE: dict[str, Example] = {}


@pytest.fixture(scope="session")
def regions() -> Plugins:
    """The example regions, found by their entry points."""
    return load(REGIONS)


@pytest.fixture(scope="session")
def keys(tmp_path_factory) -> Path:
    """One key for the worker, since what one test sealed another one is given."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    Keyring.open(path, create=True)
    return path


@pytest_asyncio.fixture
async def three(database, settings, regions, workshop, clock, keys) -> AsyncIterator[Portal]:
    """A portal with all three regions enabled and no register."""
    settings.data.mkdir()
    shutil.copy(keys, settings.data)
    made = await running(database, replace(settings, plugins=REGIONS), regions, workshop)
    await ready(Call(made, SYSTEM, clock()))
    yield made
    await empty(database)


async def filled(portal: Portal, region: str, clock) -> tuple[Call, Example]:
    """One region's example register with a few enterprises: made once for the worker, and brought back after that."""
    call, kept = Call(portal, SYSTEM, clock()), f"kept_{region}_{clock():%Y%m%d%H%M}"
    if kept in MADE:
        await empty(portal.db)
        await copied(portal.db, kept, "public")
        shutil.copytree(MADE[kept].call.portal.settings.data, portal.settings.data, dirs_exist_ok=True)
        return call, replace(MADE[kept], call=call)
    scheme, folder = next((scheme, folder) for scheme, folder in folders(call) if scheme.region.code == region)
    example = Example(call, scheme, folder, (await faces(call))[:4], wanted=ENTERPRISES)
    await example.fill(lambda *_: None)
    await portal.db.rows(f"create schema {kept}")
    await copied(portal.db, "public", kept)
    MADE[kept] = example
    return call, example


async def copied(db: Database, from_: str, to: str) -> None:
    """All rows of all tables from one schema to the other, whatever watches over the tables."""
    tables = await db.rows("select tablename from pg_tables where schemaname = 'public' and tablename <> 'migration'")
    steps = [f'insert into {to}."{t}" overriding system value table {from_}."{t}"' for (t,) in map(tuple, tables)]
    if to != "public":
        steps = [f'create table {to}."{t}" as table {from_}."{t}"' for (t,) in map(tuple, tables)]
    async with db.pool.acquire() as connection:  # type: ignore[union-attr]
        await connection.execute(
            f"set session_replication_role = replica;{';'.join(steps)};set session_replication_role = origin"
        )
