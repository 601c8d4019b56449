"""The register that everything is measured on: one region's example, multiplied to the size of a large district."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from portal import clock, codes
from portal.app import open_portal
from portal.boards.actions import issue
from portal.call import Call
from portal.demo.register import DemoRegion, faces, folders
from portal.settings import Settings
from portal.storage import migrations
from portal.viewer import SYSTEM

REGION = "wuzhong"
EXAMPLES = 40
ENTERPRISES = 100_000


@dataclass(frozen=True)
class Register:
    """Where the register is, and the boards in it."""

    settings: Settings
    config: Path
    codes: list[str]


def build(folder: Path, port: int, *, wanted: int = ENTERPRISES) -> Register:
    """Make it in ``folder``: so many enterprises, each placed, each with its board. 100,000 take about a minute."""
    settings = Settings(data=folder, plugins=(REGION,), public_url=f"http://127.0.0.1:{port}", port=port)
    config = folder / "portal.toml"
    settings.write(config)
    return Register(settings, config, asyncio.run(_fill(settings, wanted)))


async def _fill(settings: Settings, wanted: int) -> list[str]:
    async with open_portal(settings, create=True) as portal:
        await migrations.forwards(portal.db)
        call = Call(portal, SYSTEM, clock.now())
        stored = await faces(call)
        for scheme, resources in folders(call):
            await DemoRegion(call, scheme, resources, stored, wanted=EXAMPLES).fill(lambda *_: None)
        for row in await portal.db.rows(
            "select e.public_id from enterprise e join placement p on p.enterprise = e.id where p.grid is not null"
        ):
            await issue(call, "enterprise", row["public_id"])
        await portal.db.run_tx(lambda: _multiply(call, wanted))
        portal.generation.settle()
        return [row["code"] for row in await portal.db.rows("select code from board")]


async def _multiply(call: Call, wanted: int) -> None:
    """Copies of the example's enterprises under names and codes of their own, written in one go: no office types these."""
    boards = await call.db.rows("select id, enterprise from board")
    rows = [
        (boards[n % len(boards)]["id"], boards[n % len(boards)]["enterprise"], f"m{n:09d}", f"{n:06d}", codes.new_board_code())
        for n in range(wanted - EXAMPLES)
    ]
    if not rows:
        return
    await call.db.rows(
        "create temporary table many (board bigint, enterprise bigint, public_id text, number text, code text) on commit drop"
    )
    await call.db.rows(
        "insert into many select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[])",
        *(list(column) for column in zip(*rows, strict=True)),
    )
    await call.db.rows(
        """
        insert into enterprise (public_id, region, credit_code, name, pinyin, division, address, contact, phone, since)
        select m.public_id, e.region, null, replace(e.name, '（示例）', m.number || '（示例）'), e.pinyin || m.number, e.division,
            e.address, e.contact, e.phone, e.since from many m join enterprise e on e.id = m.enterprise
        """
    )
    await call.db.rows(
        """
        insert into placement (enterprise, outcome, klass, grid, because, edition, since)
        select e.id, p.outcome, p.klass, p.grid, p.because, p.edition, p.since
        from many m join placement p on p.enterprise = m.enterprise and p.until is null
            join enterprise e on e.public_id = m.public_id
        """
    )
    await call.db.rows(
        """
        insert into board (code, of, region, edition, enterprise, jurisdiction, version, issued_on, trial, printed, live, changed)
        select m.code, b.of, b.region, b.edition, e.id, b.jurisdiction, b.version, b.issued_on, b.trial,
            jsonb_set(b.printed, '{enterprise,name}', to_jsonb(e.name)), jsonb_set(b.live, '{enterprise,name}', to_jsonb(e.name)),
            b.changed
        from many m join board b on b.id = m.board join enterprise e on e.public_id = m.public_id
        """
    )
    await call.db.rows("analyze")
