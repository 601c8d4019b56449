"""A region whose edition names no day on which it begins: any day that an address may name is within it."""

from dataclasses import replace

import pytest

from portal.call import Portal
from portal.plugins import Plugins
from portal.scheme.book import Book
from portal.viewer import Role
from tests.browse import visiting
from tests.sample_region.scheme import SAMPLE, SILENT
from tests.world import PASSWORD, World


@pytest.mark.parametrize("day", ["0001-01-01", "1949-10-01", "2100-01-01", "9999-12-31"])
async def test_what_is_due_on_a_day_out_of_range(portal: Portal, clock, world: World, day: str) -> None:
    (edition,) = SAMPLE.editions
    always = replace(edition, in_force=replace(edition.in_force, since=None, assumed=SILENT))
    book = Book.of([("sample", replace(SAMPLE, editions=(always,)))])
    plugins = Plugins(portal.plugins.named, portal.plugins.packages, portal.plugins.manager, book)
    await world.account("office", Role.OFFICE, unit="区局")
    async with visiting(replace(portal, plugins=plugins), clock) as site:
        visitor = site()
        await visitor.sign_in("office", PASSWORD)
        person, firm = world.people["张看护"], world.enterprises["甲面粉店（示例）"]
        for address in (
            "/office/due",
            "/office/due/alls",
            "/office/due/alls/sample/area",
            "/office/due/alls/sample/content",
            f"/office/due/person/{person}",
            f"/office/due/person/{person}/deeds.xlsx",
            "/office/due/sample/walk~1",
            "/office/due/sample/walk~1/list.xlsx",
            f"/office/due/sample/walk~1/excuse?of={firm}",
        ):
            answer = await visitor.get(f"{address}{'&' if '?' in address else '?'}on={day}&day={day}")
            assert answer.status in (200, 404), (address, answer.status)
