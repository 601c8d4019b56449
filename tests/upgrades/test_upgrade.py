"""A small register of each landed state is brought to the present one with all that is in it, and is then worked on."""

import asyncio
import gzip
import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from portal import commands
from portal.access.second import current
from portal.app import ready
from portal.boards import turning
from portal.call import Call
from portal.complaints import chain
from portal.feedback.queries import by_receipt
from portal.imports.undoing import undo
from portal.ledger.adopting import adopt, proposal
from portal.ledger.queries import first_break
from portal.plugins import load
from portal.settings import Settings
from portal.storage import migrations
from portal.storage.engine import SCHEMAS, Database
from portal.viewer import PUBLIC, SYSTEM
from portal.workshop.pool import Workshop
from tests.browse import Page, Visitor, visiting
from tests.conftest import Clock, running
from tests.upgrades.conftest import Databases, old_step
from tests.upgrades.dumping import dump
from tests.upgrades.landed import landed

REGISTERS = sorted((Path(__file__).parent / "registers").iterdir())
MOST_PAGES = 40


@dataclass
class Upgraded:
    """A register of an earlier state, after the upgrade; ``searched`` is how many things it could find by their names."""

    call: Call
    told: dict[str, Any]
    clock: Clock
    before: dict[str, int]
    searched: int


async def counts(db: Database) -> dict[str, int]:
    """How many rows each table has."""
    tables = await db.rows("select tablename from pg_tables where schemaname = 'public' and tablename <> 'migration'")
    return {row["tablename"]: await db.value(f'select count(*) from "{row["tablename"]}"') for row in tables}


async def restore(db: Database, kept: Path, told: dict[str, Any]) -> None:
    """The database as the earlier state left it."""
    last = told["migrations"][-1]
    if last in migrations.ids():
        await migrations.forwards(db, last)
    else:
        await old_step(db, last)
    assert await migrations.applied(db) == told["migrations"]
    async with db.transaction():
        await db.current().connection.execute(
            "set local session_replication_role = replica;"
            + gzip.decompress((kept / "rows.sql.gz").read_bytes()).decode()
            + f";set search_path to {SCHEMAS}"
        )


@pytest_asyncio.fixture(params=REGISTERS, ids=lambda path: path.name)
async def upgraded(
    request: pytest.FixtureRequest, databases: Databases, workshop: Workshop, tmp_path: Path, worker_id: str
) -> AsyncIterator[Upgraded]:
    """Each of them, with the schemes of now adopted where they differ."""
    kept: Path = request.param
    told = json.loads((kept / "told.json").read_text())
    db = await databases.new(f"upgraded_{worker_id}")
    await restore(db, kept, told)
    before = await counts(db)
    found = "(select distinct kind, subject from search_gram)" if "search_gram" in before else "search_text"
    searched = await db.value(f"select count(*) from {found} s")
    await migrations.forwards(db)
    here, new = (
        dump(databases.server.connection(name), "--schema-only") for name in (f"upgraded_{worker_id}", "template_portal")
    )
    assert here == new, "upgraded, a database has the very schema of a new one"
    data = tmp_path / "data"
    shutil.copytree(kept / "data", data)
    (data / "keys.json").chmod(0o600)
    clock = Clock(datetime.fromisoformat(told["moment"]) + timedelta(hours=1))
    settings = Settings(data=data, plugins=tuple(told["plugins"]), public_url=None, demo=True)
    call = Call(await running(db, settings, load(settings.plugins), workshop), SYSTEM, clock())
    await ready(call)
    for region in list(call.portal.unadopted):
        await adopt(call, await proposal(call, region))
    assert call.portal.unadopted == {}
    assert call.portal.asleep == set()
    await turning.turn(call)
    yield Upgraded(call, told, clock, before, searched)


async def signed_in(one: Upgraded, site: Any, role: str) -> Visitor:
    """The visitor with the account of that role."""
    account = next(row for row in one.told["accounts"] if row["role"] == role)
    visitor: Visitor = site("10.8.0.1")
    page = await visitor.sign_in(account["login"], account["password"])
    if page.status == 200:
        page = await visitor.send(page, {"code": await current(one.call, account["login"])}, action="/second")
    assert page.status == 303, page.text
    return visitor


async def walk(visitor: Visitor, door: str) -> Counter[int]:
    """What the pages behind a door answer, at most three of a kind."""
    waiting, seen, kinds, answers = [door], set[str](), Counter[str](), Counter[int]()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        kind = "/".join("*" if len(part) > 15 else part for part in address.partition("?")[0].split("/"))
        if address in seen or kinds[kind] > 2 or kind.startswith(("/static", "/leave", "/sign-out")):
            continue
        seen.add(address)
        kinds[kind] += 1
        page: Page = await visitor.get(address)
        answers[page.status] += 1
        waiting += page.links()
    return answers


async def test_a_register_of_each_landed_state_is_upgraded_and_works(upgraded: Upgraded) -> None:
    call, told = upgraded.call, upgraded.told
    after = await counts(call.db)
    lost = {table: n for table, n in upgraded.before.items() if after.get(table, 0) < n}
    # What things are found by is one row a thing now
    lost.pop("search_gram", None)
    assert lost == {}, "nothing was lost"
    assert after["search_text"] == upgraded.searched > 0
    assert upgraded.before["ledger_entry"] > 100
    assert await first_break(call) is None
    assert not await chain.first_break(call)
    # What the public sent is read by the receipts that they hold, and opened with its own key
    report = await by_receipt(call.as_(PUBLIC), told["report"])
    assert report is not None
    async with visiting(call.portal, upgraded.clock) as site:
        board = await site("10.8.1.1").get(f"/b/{told['board']}")
        assert board.status == 200
        assert "（示例）" in board.text
        custodian = await signed_in(upgraded, site, "custodian")
        (link,) = {
            one
            for one in (await custodian.get("/custody")).links()
            if one.startswith("/custody/") and one.count("/") == 2 and len(one) > 25
        }
        assert "态度生硬（示例）" in (await custodian.get(link)).text
        office = await signed_in(upgraded, site, "office")
        for role, door in (("office", "/office"), ("inspector", "/field"), ("enterprise", "/enterprise")):
            visitor = office if role == "office" else await signed_in(upgraded, site, role)
            answers = await walk(visitor, door)
            assert set(answers) <= {200, 303}, (role, answers)
            assert answers[200] > 2
    # Who owes what goes on being counted, and what was done then counts
    rows = await commands.due(call, told["plugins"][0], call.today)
    assert sum(row["now"]["owed"] for row in rows) > 0
    assert sum(row[window]["done"] for row in rows for window in ("now", "last")) > 0
    # An import of before is taken back
    there = "select count(*) from person where name = $1 and until is null"
    assert await call.db.value(there, told["imported"]) == 1
    assert await undo(call, told["import"]) >= 1
    assert await call.db.value(there, told["imported"]) == 0
    assert await first_break(call) is None


def test_what_a_kept_register_stands_on_has_landed() -> None:
    assert REGISTERS
    names = {migrations.id_of(Path(name)) for name in landed() if name.endswith(".py")}
    for kept in REGISTERS:
        assert set(json.loads((kept / "told.json").read_text())["migrations"]) <= names, kept.name
        size = sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())
        assert size < 600_000, f"{kept.name} is {size} bytes: a kept register is small"


def test_each_part_of_an_upgrade_waits_for_the_one_before(tmp_path: Path) -> None:
    """``portal init`` on a server of its own, then a database of a later version: nothing is written, the way back is told."""
    path = tmp_path / "portal.toml"
    commands.init(Settings(data=Path("data")), path)
    settings, text = Settings.read(path), path.read_text()

    async def ahead(call: Call) -> None:
        await call.db.rows("insert into migration (name, app_name) values ('2999-01-01T00:00:00:000000', 'portal')")

    asyncio.run(commands.on_portal(settings, ahead))
    with pytest.raises(commands.SetupError, match="由更新的版本升级过.*恢复升级前的备份"):
        asyncio.run(commands.migrate(settings))
    assert path.read_text() == text
