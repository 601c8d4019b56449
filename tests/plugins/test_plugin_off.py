"""A region whose plugin is off: everything stored stays readable, nothing is written there, and nothing is lost when it returns."""

from dataclasses import replace

import pytest

from portal.boards.actions import issue
from portal.call import Call, Portal
from portal.plugins import none
from tests.browse import visiting
from tests.journeys.conftest import Site
from tests.journeys.test_every_page import NOT_THERE, addresses
from tests.world import PASSWORD, World


def without(portal: Portal) -> Portal:
    """The same portal, started again with no region enabled."""
    return replace(portal, plugins=none())


async def test_every_page_of_every_door_stays_readable(portal: Portal, world: World, clock) -> None:
    given = await addresses(Site(None, "", world, []))  # type: ignore[arg-type]
    bad = []
    async with visiting(without(portal), clock) as site:
        for n, (login, wanted) in enumerate(given.items()):
            visitor = site(f"10.1.{n}.1")
            if login:
                await visitor.sign_in(login, PASSWORD)
            for address in wanted:
                answer = await visitor.client.get(address)
                if answer.status_code != 200:
                    bad.append((login, address, answer.status_code))
    for one in bad:
        print(one)
    assert not bad
