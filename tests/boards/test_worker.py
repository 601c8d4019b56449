"""The queue: a job is there exactly when its request was committed, is worked once, and outlives the worker that had it."""

import asyncio
import errno
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import quote

import pytest
import pytest_asyncio

from portal.areas.actions import change_unit
from portal.boards import actions as boards
from portal.boards.jobs import PRINTING, ask_batch
from portal.boards.queries import page
from portal.call import Call
from portal.desk import jobs
from portal.desk.queries import job
from portal.errors import NotVisible, Refused
from portal.storage.troubles import NO_ROOM
from portal.viewer import Role
from portal.worker import Queue, queue_app, take_back, work
from tests.world import PASSWORD, World


@pytest_asyncio.fixture
async def queue(world: World, portal, server, worker_id) -> AsyncIterator[Queue]:
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


async def test_a_batch_asked_for_is_printed_by_the_worker(queue: Queue, world: World, office: Call) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    await work(queue, until_empty=True)
    done = await job(world.call, id_)
    assert done.state == "done"
    folder = world.call.portal.settings.data / "jobs" / id_
    assert (folder / "boards.zip").exists()
    assert len(list(folder.glob("* v* A4.pdf"))) == done.result["printed"]


async def test_why_boards_were_not_made_stands_on_the_page(queue: Queue, site, world: World, office: Call) -> None:
    await world.call.db.rows("update person set portrait = null")
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    await work(queue, until_empty=True)
    result = (await job(world.call, id_)).result
    assert sum(n for _, n in result["why"]) == result["refused"] > 0
    visitor = site()
    await visitor.sign_in("bureau", PASSWORD)
    page = await visitor.get(f"/office/boards/jobs/{id_}")
    assert "还没有照片。请先在人员页面上传照片，再签发。" in page.text


async def test_a_request_that_was_rolled_back_leaves_no_job(queue: Queue, world: World, office: Call) -> None:
    async def asked_then_failed() -> None:
        await ask_batch(office, region="sample", grid=None, size="A4")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await world.call.db.run_tx(asked_then_failed)
    assert await world.call.db.value("select count(*) from procrastinate_jobs where status = 'todo'") == 0
    assert await world.call.db.value("select count(*) from job") == 0


async def test_a_job_whose_worker_died_is_taken_back_and_goes_on(queue: Queue, world: World, office: Call) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    await work(queue, until_empty=True)
    folder = world.call.portal.settings.data / "jobs" / id_
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("* v* A4.pdf")}
    gone = sorted(before)[0]
    (folder / gone).unlink()
    await world.call.db.rows("update job set state = 'running' where public_id = $1", id_)
    await world.call.db.rows("update procrastinate_jobs set status = 'doing', worker_id = null where args->>'job' = $1", id_)
    assert await take_back(queue) == 1
    await work(queue, until_empty=True)
    after = {path.name: path.stat().st_mtime_ns for path in folder.glob("* v* A4.pdf")}
    assert set(after) == set(before)
    assert {name for name in after if after[name] != before[name]} == {gone}
    assert await take_back(queue) == 0


async def other_office(world: World) -> Call:
    """Another account of the same office."""
    account = await world.account("bureau2", Role.OFFICE, unit="区局")
    id_ = await world.call.db.value("select id from account where public_id = $1", account)
    return world.call.as_(replace(await world.office("区局"), account=id_))


async def test_the_same_asked_for_twice_is_one_job(world: World, office: Call) -> None:
    first = await ask_batch(office, region="sample", grid=None, size="A4")
    assert await ask_batch(office, region="sample", grid=None, size="A4") == first
    assert await ask_batch(office, region="sample", grid=None, size="A3") != first
    assert await ask_batch(await other_office(world), region="sample", grid=None, size="A4") != first


async def test_two_clicks_at_once_are_one_job(world: World, office: Call) -> None:
    made = await asyncio.gather(*(ask_batch(office, region="sample", grid=None, size="A4") for _ in range(4)))
    assert len(set(made)) == 1
    assert await world.call.db.value("select count(*) from procrastinate_jobs") == 1


async def test_who_asks_for_much_lets_others_go_first(queue: Queue, world: World, office: Call) -> None:
    """Of three jobs of one account and one of another, the other's is not the last to be begun."""
    first = await ask_batch(office, region="sample", grid=None, size="A4")
    await ask_batch(office, region="sample", grid=None, size="A3")
    theirs = await ask_batch(await other_office(world), region="sample", grid=None, size="A4")
    worker = await queue.job_manager.register_worker()
    begun = [await queue.job_manager.fetch_job(queues=["portal"], worker_id=worker) for _ in range(3)]
    assert [one.task_kwargs["job"] if one else None for one in begun] == [first, theirs, None]


async def test_a_job_that_has_not_begun_is_stopped_at_once(queue: Queue, world: World, office: Call) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    await jobs.stop(office, id_, PRINTING)
    assert (await job(world.call, id_)).state == "stopped"
    await work(queue, until_empty=True)
    assert (await job(world.call, id_)).state == "stopped"
    with pytest.raises(Refused, match="已经结束"):
        await jobs.stop(office, id_, PRINTING)
    assert await ask_batch(office, region="sample", grid=None, size="A4") != id_


async def test_nobody_stops_the_job_of_another(world: World, office: Call) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    with pytest.raises(NotVisible):
        await jobs.stop(await other_office(world), id_, PRINTING)


async def test_a_job_that_runs_is_stopped_at_its_next_step(queue: Queue, world: World, office: Call) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    await world.call.db.rows("update procrastinate_jobs set status = 'doing' where args->>'job' = $1", id_)
    await jobs.stop(office, id_, PRINTING)
    assert (await job(world.call, id_)).state == "waiting"
    await jobs.run(world.call, PRINTING, id_, tries=0)
    assert (await job(world.call, id_)).state == "stopped"
    assert not (world.call.portal.settings.data / "jobs" / id_).exists()


async def test_a_job_whose_worker_died_three_times_ends(queue: Queue, world: World, office: Call) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    for taken in (1, 1, 0):
        await world.call.db.rows("update procrastinate_jobs set status = 'doing', worker_id = null where args->>'job' = $1", id_)
        assert await take_back(queue) == taken
    done = await job(world.call, id_)
    assert (done.state, "意外中断了 3 次" in done.message) == ("failed", True)
    assert await world.call.db.value("select status::text from procrastinate_jobs where args->>'job' = $1", id_) == "failed"


@pytest.mark.parametrize("lost", ["update procrastinate_jobs set status = 'failed'", "delete from procrastinate_jobs"])
async def test_a_job_that_the_queue_lost_ends(queue: Queue, world: World, office: Call, lost: str) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    await world.call.db.rows(lost)
    await take_back(queue)
    done = await job(world.call, id_)
    assert (done.state, done.over) == ("failed", True)
    assert "丢失" in done.message


async def test_where_only_the_database_was_away_it_is_tried_again_with_waits(world: World, office: Call) -> None:
    id_ = await ask_batch(office, region="sample", grid=None, size="A4")

    async def away(*_: object) -> None:
        raise ConnectionResetError

    task = jobs.Task(PRINTING.name, away, PRINTING.give_back)
    for tries, seconds in enumerate(jobs.WAITS):
        with pytest.raises(jobs.Again) as again:
            await jobs.run(world.call, task, id_, tries=tries)
        assert again.value.seconds == seconds
        assert not (await job(world.call, id_)).over
    await jobs.run(world.call, task, id_, tries=len(jobs.WAITS))
    assert (await job(world.call, id_)).state == "failed"


async def test_where_the_disk_stays_full_the_page_of_the_job_says_that(world: World, office: Call) -> None:
    async def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    id_ = await ask_batch(office, region="sample", grid=None, size="A4")
    await jobs.run(world.call, jobs.Task(PRINTING.name, full, PRINTING.give_back), id_, tries=len(jobs.WAITS))
    ended = await job(office, id_)
    assert (ended.state, ended.message) == ("failed", NO_ROOM)


async def test_the_worker_brings_boards_along_that_wait(queue: Queue, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "AT_ONCE", 0)
    code = await boards.issue(world.call, "grid", world.grids["甲村格"])
    await change_unit(world.call, world.units["区局"], name="区局", phone="0512-04444444")
    assert (await page(world.call, code)).waits
    await work(queue, until_empty=True)
    assert not (await page(world.call, code)).waits
