"""The five regions themselves, on their own example registers."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from portal.app import ready
from portal.call import Call, Portal
from portal.demo.register import DemoRegion, faces, folders
from portal.plugins import Plugins, load
from portal.storage.seals import Keyring
from portal.viewer import SYSTEM
from tests.conftest import REGIONS, empty, remembered, running

ENTERPRISES = 24


@pytest.fixture(scope="session")
def regions() -> Plugins:
    """The example regions, found by their entry points."""
    return load(REGIONS)


@pytest.fixture(scope="session")
def keys(tmp_path_factory) -> Path:
    """One key for the worker, since what one test sealed another one is given."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    Keyring.open(path, create=True)
    return path


@pytest_asyncio.fixture
async def three(database, settings, regions, workshop, clock, keys) -> AsyncIterator[Portal]:
    """A portal with all five regions enabled and no register."""
    settings.data.mkdir()
    shutil.copy(keys, settings.data)
    made = await running(database, replace(settings, plugins=REGIONS), regions, workshop)
    await ready(Call(made, SYSTEM, clock()))
    yield made
    await empty(database)


async def filled(portal: Portal, region: str, clock) -> tuple[Call, DemoRegion]:
    """One region's example register with a few enterprises."""
    call = Call(portal, SYSTEM, clock())
    return call, replace(await remembered(call, region, lambda: _example(call, region)), call=call)


async def _example(call: Call, region: str) -> DemoRegion:
    scheme, folder = next((scheme, folder) for scheme, folder in folders(call) if scheme.region.code == region)
    example = DemoRegion(call, scheme, folder, (await faces(call))[:4], wanted=ENTERPRISES)
    await example.fill(lambda *_: None)
    return example
