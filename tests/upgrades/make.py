"""A small register of the state that is checked out, kept so that every later state is tried on it.

    .venv/bin/python -m tests.upgrades.make NAME

writes ``tests/upgrades/registers/NAME/``: the rows as SQL (packed), the migrations that they stand on, keys and files, and what a test has
to know (accounts, receipts, a board, an import). Everybody in it is invented, and its keys open nothing else. It also adds
the migrations that have landed to ``landed.txt``.
"""

import asyncio
import gzip
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from portal import clock
from portal.access.actions import NewAccount, NewGrant
from portal.app import open_portal, ready
from portal.boards.actions import issue
from portal.boards.queries import targets
from portal.call import Call
from portal.complaints.actions import ComplaintOpening as Complaint
from portal.complaints.actions import open_complaint
from portal.demo import register
from portal.demo.sheets import sheet_of_an_office
from portal.feedback.actions import CaseOpening, open_case
from portal.imports import batches
from portal.imports.outcome import Wish
from portal.scheme.words import Kind
from portal.settings import Settings
from portal.storage import migrations
from portal.storage.columns import public_id
from portal.storage.embedded import EmbeddedServer
from portal.viewer import PUBLIC, SYSTEM, Role
from tests.upgrades.dumping import dump
from tests.upgrades.landed import land

REGION = "lishui"
ENTERPRISES = 8
PASSWORD = "example register, nobody's"
HERE = Path(__file__).parent
# Rows of what can be made again, or of processes that are over
LEFT_OUT = ("migration", "session", "procrastinate_*")


async def fill(call: Call) -> dict[str, object]:
    """The example of one region, with boards, a report, a complaint and an import that can be undone."""
    register.invented = lambda: PASSWORD  # one password instead of many
    # As few people and records as make every kind of row
    register.FACES, register.LEDGER, register.GAP_SHARE = 2, 3, 0.4
    new = NewAccount(
        login="admin",
        name="示例管理员",
        password=PASSWORD,
        must_change=False,
        grants=(NewGrant(role=Role.ADMINISTRATOR, area="/"),),
    )
    await register.make_account(call, new)
    faces = await register.faces(call)
    ((scheme, folder),) = [(one, folder) for one, folder in register.folders(call) if one.region.code == REGION]
    example = register.DemoRegion(call, scheme, folder, faces, wanted=ENTERPRISES)
    await example.fill(lambda *_: None)
    boards = {}
    for one in await targets(call, region=REGION):
        if one.of == "enterprise" or "grid" not in boards:
            boards.setdefault(one.of, await issue(call, one.of, one.id))
    public, board = call.as_(PUBLIC), boards["enterprise"]
    report = await open_case(
        public, CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="车间通道堆物（示例）", contact="示例电话")
    )
    complaint = await open_complaint(
        public, Complaint(board=board, form=public_id(), text="态度生硬（示例）", contact="示例电话")
    )
    town = next(row["name"] for row in example._rows("units"))
    place = next(row["division"] for row in example._rows("units"))
    person = {"name": "补登人（示例）", "badge": "示例补0001", "phone": "025-01009999", "unit": town, "place": place}
    sheet = sheet_of_an_office(REGION, "people", "补登（示例）", [person])
    batch = await batches.bring(call, kind="people", region=REGION, data=sheet.data)
    await batches.check(call, batch)
    found = await batches.take_in(call, batch, Wish())
    assert found.written, found.errors
    return {
        "accounts": [asdict(account) for account in example.accounts],
        "board": board,
        "report": report,
        "complaint": complaint,
        "import": batch,
        "imported": person["name"],
    }


async def make(name: str) -> None:
    """Write the register of that name."""
    data = Path(tempfile.mkdtemp()) / "data"
    settings = Settings(data=data, plugins=(REGION,), demo=True)
    kept = HERE / "registers" / name
    server = EmbeddedServer(data, durable=False)
    try:
        async with open_portal(settings, create=True, durable=False, pool=4) as portal:
            await migrations.forwards(portal.db)
            call = Call(portal, SYSTEM, clock.now())
            await ready(call)
            told = await fill(call)
            told |= {"moment": call.now.isoformat(), "plugins": [REGION], "migrations": await migrations.applied(portal.db)}
            rows = dump(
                server.connection(),
                "--data-only",
                "--inserts",
                "--rows-per-insert=50",
                *(f"--exclude-table-data={t}" for t in LEFT_OUT),
            )
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        # Without the moment of packing: the same rows are the same file
        (kept / "rows.sql.gz").write_bytes(gzip.compress(rows.encode() + b"\n", mtime=0))
        (kept / "told.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
        for part in ("keys.json", "files", "complaints"):
            if (data / part).is_dir():
                shutil.copytree(data / part, kept / "data" / part)
            elif (data / part).exists():
                (kept / "data").mkdir(exist_ok=True)
                shutil.copy(data / part, kept / "data" / part)
    finally:
        server.destroy()
        shutil.rmtree(data.parent)


if __name__ == "__main__":
    asyncio.run(make(sys.argv[1]))
    land()
