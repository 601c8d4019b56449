"""The three regions themselves, on their own example registers."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from portal.app import ready
from portal.call import Call, Portal
from portal.demo.register import Example, faces, folders
from portal.plugins import Plugins, load
from portal.viewer import SYSTEM
from tests.conftest import empty, running

REGIONS = ("lishui", "shandong", "wuzhong")


@pytest.fixture(scope="session")
def regions() -> Plugins:
    """The example regions, found by their entry points."""
    return load(REGIONS)


@pytest_asyncio.fixture
async def three(database, settings, regions, workshop, clock) -> AsyncIterator[Portal]:
    """A portal with all three regions enabled and no register."""
    made = await running(database, replace(settings, plugins=REGIONS), regions, workshop)
    await ready(Call(made, SYSTEM, clock()))
    yield made
    await empty(database)


async def filled(portal: Portal, region: str, clock, enterprises: int = 24) -> tuple[Call, Example]:
    """One region's example register with a few enterprises."""
    call = Call(portal, SYSTEM, clock())
    scheme, folder = next((scheme, folder) for scheme, folder in folders(call) if scheme.region.code == region)
    example = Example(call, scheme, folder, (await faces(call))[:4], wanted=enterprises)
    await example.fill(lambda *_: None)
    return call, example
