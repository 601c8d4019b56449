"""The workshop's children: those for strangers' pictures and those for everything else never wait for one another."""

import asyncio
import os
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


async def test_what_somebody_waits_for_is_not_left_until_the_machine_is_idle(own: Workshop) -> None:
    for do in (own.do, own.do_for_strangers):
        assert await do(os.sched_getscheduler, 0) == os.SCHED_OTHER
        assert await do(os.getpriority, os.PRIO_PROCESS, 0) > os.getpriority(os.PRIO_PROCESS, 0)
