"""The workshop's children: those for strangers' pictures and those for everything else never wait for one another."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.workshop.pool import Workshop


def until_there(path: str) -> str:
    """Work that lasts until a file is there."""
    while not Path(path).exists():
        time.sleep(0.01)
    return path


@pytest.fixture
def own() -> Iterator[Workshop]:
    """A workshop with one child of each kind."""
    made = Workshop(workers=1, strangers=1)
    yield made
    made.close()


async def test_strangers_pictures_do_not_hold_up_the_offices_sheets_nor_they_the_pictures(own: Workshop, tmp_path: Path) -> None:
    sign, other = str(tmp_path / "a"), str(tmp_path / "b")
    pictures = [asyncio.create_task(own.do_for_strangers(until_there, sign)) for _ in range(5)]
    async with asyncio.timeout(60):
        assert await own.do(os.getpid) != os.getpid()
        assert not any(one.done() for one in pictures)
        Path(sign).touch()
        await asyncio.gather(*pictures)
        sheet = asyncio.create_task(own.do(until_there, other))
        assert await own.do_for_strangers(os.getpid) != os.getpid()
        assert not sheet.done()
        Path(other).touch()
        await sheet


async def test_children_hear_no_ctrl_c_and_are_not_left_until_the_machine_is_idle(own: Workshop) -> None:
    for do in (own.do, own.do_for_strangers):
        assert await do(os.sched_getscheduler, 0) == os.SCHED_OTHER
        assert signal.SIGINT in await do(signal.pthread_sigmask, signal.SIG_BLOCK, [])
        assert await do(os.getpriority, os.PRIO_PROCESS, 0) > os.getpriority(os.PRIO_PROCESS, 0)


async def test_a_child_starts_when_it_is_needed_and_none_beside_it(tmp_path: Path) -> None:
    """One that still starts when its workshop closes would print a traceback over the answer that somebody waits for."""
    made, before = Workshop(workers=2, strangers=2), set(multiprocessing.active_children())
    try:
        first = {await made.do(os.getpid) for _ in range(3)}
        assert {child.pid for child in set(multiprocessing.active_children()) - before} == first
        assert len(first) == 1
        sign = str(tmp_path / "a")
        async with asyncio.timeout(60):
            long = asyncio.create_task(made.do(until_there, sign))
            await asyncio.sleep(0)
            second = await made.do(os.getpid)
            assert not long.done()
            Path(sign).touch()
            await long
        assert second not in first
    finally:
        made.close()
    assert set(multiprocessing.active_children()) <= before


async def test_a_child_that_was_killed_while_it_had_nothing_to_do_is_replaced() -> None:
    workshop = Workshop(workers=1, strangers=1)
    try:
        first = await workshop.do(os.getpid)
        os.kill(first, signal.SIGKILL)
        # So long until its pool has noticed
        await asyncio.sleep(1)
        assert await workshop.do(os.getpid) != first
    finally:
        workshop.close()
