"""Serve the sample region on a database that the tests fill: the process that browsers talk to."""

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path

import uvicorn

from portal import clock as clocks
from portal.app import create_app
from portal.plugins import assemble
from portal.settings import Settings
from portal.storage import migrations
from portal.storage.engine import Database
from portal.workshop.pool import Workshop
from tests.conftest import running
from tests.sample_region.later import LENDING, Stated


async def main(told: dict) -> None:
    """Open everything, serve until killed."""
    db = Database(told["database"])
    await db.open(durable=False, most=6)
    migrations.bind(db)
    settings = Settings(data=Path(told["data"]), plugins=("sample",), public_url=f"http://127.0.0.1:{told['port']}")
    moment = datetime.fromisoformat(told["now"]) if told["now"] else None
    plugins = assemble({"sample": Stated(LENDING)})
    portal = await running(db, settings, plugins, Workshop(workers=1, strangers=1))
    app = create_app(settings, plugins=plugins, clock=lambda: moment or clocks.now(), portal=portal)
    config = uvicorn.Config(app, host="127.0.0.1", port=told["port"], log_level="error", access_log=False, proxy_headers=False)
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
