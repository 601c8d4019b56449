"""The queue: a job is there exactly when its request was committed, is worked once, and outlives the worker that had it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import quote

import procrastinate
import pytest
import pytest_asyncio

from portal.boards.jobs import ask_batch
from portal.call import Call
from portal.desk.queries import job
from portal.viewer import Role
from portal.worker import queue_app, take_back, work
from tests.world import World


@pytest_asyncio.fixture
async def queue(world: World, portal, server, worker_id) -> AsyncIterator[procrastinate.App]:
    """The portal's queue on this worker's database."""
    at = server.connection(f"test_{worker_id}")
    url = f"postgresql://{at['user']}:{quote(str(at['password']))}@/{at['database']}?host={quote(str(at['host']), safe='')}"
    app = queue_app(replace(portal.settings, database_url=url), portal)
    async with app.open_async():
        yield app


@pytest_asyncio.fixture
async def office(world: World) -> Call:
    """The district's office, signed in."""
    account = await world.account("bureau", Role.OFFICE, unit="区局")
    id_ = await world.call.db.value("select id from account where public_id = $1", account)
    return world.call.as_(replace(await world.office("区局"), account=id_))


async def test_a_batch_asked_for_is_printed_by_the_worker(queue: procrastinate.App, world: World, office: Call) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    await work(queue, until_empty=True)
    done = await job(world.call, id_)
    assert done.state == "done"
    folder = world.call.portal.settings.data / "jobs" / id_
    assert (folder / "boards.zip").exists()
    assert len(list(folder.glob("*.pdf"))) == done.result["printed"]


async def test_a_request_that_was_rolled_back_leaves_no_job(queue: procrastinate.App, world: World, office: Call) -> None:
    async def asked_then_failed() -> None:
        await ask_batch(office, region="sample", grid=None, size="A4")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await world.call.db.run_tx(asked_then_failed)
    assert await world.call.db.value("select count(*) from procrastinate_jobs where status = 'todo'") == 0
    assert await world.call.db.value("select count(*) from job") == 0


async def test_a_job_whose_worker_died_is_taken_back_and_goes_on(queue: procrastinate.App, world: World, office: Call) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    await work(queue, until_empty=True)
    folder = world.call.portal.settings.data / "jobs" / id_
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.pdf")}
    gone = sorted(before)[0]
    (folder / gone).unlink()
    await world.call.db.rows("update procrastinate_jobs set status = 'doing', worker_id = null where args->>'job' = $1", id_)
    assert await take_back(queue) == 1
    await work(queue, until_empty=True)
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.pdf")}
    assert set(after) == set(before)
    assert {name for name in after if after[name] != before[name]} == {gone}
    assert await take_back(queue) == 0
