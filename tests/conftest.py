"""What tests stand on: one real PostgreSQL for the run, a database per worker, the sample region, a clock that is moved."""

import asyncio
import fcntl
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import asyncpg
import hypothesis
import pytest
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from xdist.scheduler import LoadScopeScheduling

from portal.access import passwords
from portal.app import ABOVE, LISTENERS, ready
from portal.call import Call, Portal
from portal.clock import ChineseWorkingDays
from portal.plugin_kit import proofs
from portal.plugins import Plugins, assemble
from portal.settings import Settings
from portal.storage import migrations
from portal.storage.embedded import EmbeddedServer
from portal.storage.engine import Database
from portal.storage.files import FileStore
from portal.storage.generation import Generation
from portal.storage.seals import Keyring
from portal.viewer import SYSTEM
from portal.workshop.pool import Workshop
from tests import firm_region, sample_region
from tests.browse import visiting
from tests.world import World, make_world

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The present moment, which tests move."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """What time it is."""
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


# No test asserts a timing, Hypothesis's neither: on a machine with much to do it failed examples that only took their time
hypothesis.settings.register_profile("portal", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("portal")

# Which process runs what

REGIONS = ("changzhou", "lishui", "shandong", "tianjin", "wuzhong")
DEAR = frozenset(
    f"tests/{file}.py"
    for file in ("test_commands", "plugins/test_hostile_plugins", "plugins/test_foundry", "docs/test_guide_runs")
)


class ByWhatTheyStandOn(LoadScopeScheduling):
    """One process runs all tests that stand on the same dear thing, so that it is made once: a deployed portal of a file's own, the
    register of a region.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        of_region = [region for region in REGIONS if file.startswith("tests/plugins/") and region in nodeid]
        return file if file in DEAR else (*of_region, nodeid)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Which process runs which test."""
    return ByWhatTheyStandOn(config, log)


# Marks


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks, and note which clauses are proven, as plugins do in their own tests."""
    config.addinivalue_line("markers", "db: the test uses the database")
    config.addinivalue_line("markers", "browser: the test uses Chromium")
    proofs.pytest_configure(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they stand on."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "chromium" in names:
            item.add_marker("browser")
        elif "server" in names:
            item.add_marker("db")


# Passwords and receipts


CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """They are hashed as always, but cheaply: dear hashes are four fifths of what tests with accounts cost."""
    passwords.hash_by(CHEAP)
    yield
    passwords.hash_by(passwords.DEAR)


@pytest.fixture
def dear_hashes() -> Iterator[None]:
    """They are hashed as a portal does, for tests of what that keeps waiting."""
    passwords.hash_by(passwords.DEAR)
    yield
    passwords.hash_by(CHEAP)


# The server and its databases


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[EmbeddedServer]:
    """The embedded server of this run, shared by all workers; the last one to leave destroys it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "postgres-of-the-run"
    folder.mkdir(exist_ok=True)
    users = folder / "workers"
    server = EmbeddedServer(folder, durable=False)
    with locked(folder / "lock"):
        server.start()
        users.write_text(str(int(users.read_text() or 0) + 1) if users.exists() else "1")
        asyncio.run(_template(server))
    yield server
    with locked(folder / "lock"):
        left = int(users.read_text()) - 1
        users.write_text(str(left))
        if left == 0:
            server.destroy()
            # A worker that comes to its first such test only now makes another one
            for kept in folder.glob("postgres.*"):
                kept.unlink()
        else:
            server.stop()


async def _template(server: EmbeddedServer) -> None:
    maintenance = await asyncpg.connect(**server.connection("postgres"))
    try:
        if await maintenance.fetchval("select exists (select from pg_database where datname = 'template_portal')"):
            return
        await maintenance.execute("create database template_portal")
        db = Database(server.connection("template_portal"))
        await db.open(durable=False, most=2)
        await migrations.forwards(db)
        await db.close_connection_pool()
    finally:
        await maintenance.close()


@pytest_asyncio.fixture(scope="session")
async def database(server: EmbeddedServer, worker_id: str) -> AsyncIterator[Database]:
    """This worker's own database, with all tables."""
    name = f"test_{worker_id}"
    maintenance = await asyncpg.connect(**server.connection("postgres"))
    await maintenance.execute(f"drop database if exists {name} with (force)")
    await maintenance.execute(f"create database {name} template template_portal")
    await maintenance.close()
    db = Database(server.connection(name))
    await db.open(durable=False, most=8)
    migrations.bind(db)
    yield db
    await db.close_connection_pool()


async def empty(db: Database) -> None:
    """Delete every row, also of tables that refuse it."""
    tables = await db.rows("select tablename from pg_tables where schemaname = 'public' and tablename <> 'migration'")
    await _unwatched(db, [f'delete from public."{row["tablename"]}"' for row in tables])


async def _unwatched(db: Database, steps: list[str]) -> None:
    """Do this to tables, whatever watches over them."""
    async with db.transaction():
        await db.current().connection.execute(";".join(["set local session_replication_role = replica", *steps]))


KEPT: dict[str, object] = {}
T = TypeVar("T")


async def remembered(call: Call, name: str, make: Callable[[], Awaitable[T]]) -> T:
    """What ``make`` fills an empty portal with: made once for the worker, and brought back, rows and files, after that."""
    kept, data = f"kept_{name}_{call.now:%Y%m%d%H%M}", call.portal.settings.data
    folder = data.parent.parent / kept
    if kept in KEPT:
        await empty(call.db)
        await _copied(call.db, kept, "public")
        _copied_files(folder, data)
        return cast("T", KEPT[kept])
    made = KEPT[kept] = await make()
    await call.db.rows(f"create schema {kept}")
    await _copied(call.db, "public", kept)
    _copied_files(data, folder)
    return made


def _copied_files(from_: Path, to: Path) -> None:
    """What was uploaded, and not the keys and counters beside it."""
    for one in from_.iterdir():
        if one.is_dir():
            shutil.copytree(one, to / one.name, dirs_exist_ok=True)


async def _copied(db: Database, from_: str, to: str) -> None:
    """All rows of all tables from one schema to the other."""
    tables = [row["tablename"] for row in await db.rows("select tablename from pg_tables where schemaname = $1", from_)]
    how = 'insert into {to}."{t}" overriding system value' if to == "public" else 'create table {to}."{t}" as'
    await _unwatched(db, [f'{how.format(to=to, t=t)} table {from_}."{t}"' for t in tables if t != "migration"])


# A running portal on the sample region


@pytest.fixture(scope="session")
def sample_plugins() -> Plugins:
    """The sample region alone."""
    return assemble({"sample": sample_region.plugin})


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """Child processes, shared by the tests of a worker."""
    made = Workshop(workers=1, strangers=1)
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    """Monday morning, 2 March 2026, in Shanghai."""
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a portal in a folder of its own."""
    return Settings(data=tmp_path / "data", plugins=("sample",), public_url=None)


@pytest_asyncio.fixture
async def portal(
    database: Database, settings: Settings, sample_plugins: Plugins, workshop: Workshop, clock: Clock
) -> AsyncIterator[Portal]:
    """A running portal with an empty database."""
    made = await running(database, settings, sample_plugins, workshop)
    await ready(Call(made, SYSTEM, clock()))
    yield made
    await empty(database)


async def running(database: Database, settings: Settings, plugins: Plugins, workshop: Workshop) -> Portal:
    """A portal on a database that is open already."""
    return Portal(
        settings=settings,
        db=database,
        plugins=plugins,
        keyring=Keyring.open(settings.data / "keys.json", create=True),
        files=FileStore(settings.data / "files"),
        complaint_files=FileStore(settings.data / "complaints"),
        generation=Generation(settings.data / "public.generation"),
        working_days=ChineseWorkingDays(),
        workshop=workshop,
        above=ABOVE,
        listeners=LISTENERS,
    )


@pytest.fixture
def call(portal: Portal, clock: Clock) -> Call:
    """A call by the system itself."""
    return Call(portal, SYSTEM, clock())


@pytest_asyncio.fixture
async def world(call: Call) -> World:
    """The sample region filled in: two towns, four villages, units, grids, people, enterprises."""
    made = await remembered(call, "world", lambda: make_world(call))
    return made.again(call)


@pytest_asyncio.fixture
async def leafy(database: Database, settings: Settings, workshop: Workshop, clock: Clock) -> AsyncIterator[World]:
    """Another region filled in: four tiers, of which the last is of single enterprises."""
    plugins = assemble({"leafy": firm_region.plugin})
    call = Call(await running(database, replace(settings, plugins=("leafy",)), plugins, workshop), SYSTEM, clock())
    await ready(call)
    made = await remembered(call, "leafy", lambda: firm_region.make_leafy(call))
    yield made.again(call)
    await empty(database)


@pytest_asyncio.fixture
async def site(portal: Portal, clock: Clock) -> AsyncIterator[Any]:
    """The running site on the sample region; call it for a visitor."""
    async with visiting(portal, clock) as visitor:
        yield visitor
