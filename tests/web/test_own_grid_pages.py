"""The pages of a grid that is an enterprise, and of its enterprise."""

import pytest

from portal.viewer import Role
from tests.browse import Visitor, visiting
from tests.conftest import Clock
from tests.world import PASSWORD, World, make_enterprise


@pytest.fixture
async def office(leafy: World, clock: Clock):
    """The district's office, signed in."""
    await leafy.account("leafy", Role.OFFICE, unit="区局")
    async with visiting(leafy.call.portal, clock) as visitor:
        one = visitor()
        await one.sign_in("leafy", PASSWORD)
        yield one


async def test_grid_and_enterprise_link_each_other_and_the_grid_offers_nothing_by_hand(leafy: World, office: Visitor) -> None:
    firm = f"/office/enterprises/{leafy.enterprises['甲大厂（示例）']}"
    grid = next(link for link in (await office.get(firm)).links() if link.startswith("/office/grids/"))
    page = await office.get(grid)
    assert firm in page.links()
    assert "由单位自动形成" in page.text
    assert "公示牌使用单位的公示牌" in page.text
    assert not [link for link in page.links() if link.startswith(grid + "/")]
    assert "签发公示牌" not in page.text
    assert f"/office/appointments/new?kind=grid&seat={grid.rpartition('/')[2]}&post=firm-leader" in page.links()
    for form in ("change", "end"):
        shown = await office.get(f"{grid}/{form}")
        sent = await office.send(shown, {"name": "别名"} if form == "change" else {}, action=f"{grid}/{form}")
        assert "由单位自动形成" in sent.text


async def test_the_board_of_the_grid_is_refused_with_the_way_to_the_other(leafy: World, office: Visitor) -> None:
    firm = f"/office/enterprises/{leafy.enterprises['甲大厂（示例）']}"
    page = await office.get(firm)
    grid = next(link for link in page.links() if link.startswith("/office/grids/"))
    sent = await office.send(page, {"of": "grid", "id": grid.rpartition("/")[2]}, action="/office/boards/issue")
    assert (sent.status, "只挂单位的公示牌" in sent.text) == (422, True)


async def test_the_tier_is_not_offered_and_the_grid_above_lists_such_firms_with_its_own(leafy: World, office: Visitor) -> None:
    place = leafy.places["甲村"]
    page = await office.get(f"/office/grids/new?in={place}")
    assert [link for link in page.links() if "tier=village-grid" in link]
    assert not [link for link in page.links() if "tier=firm" in link]
    assert (await office.get(f"/office/grids/new?in={place}&tier=firm")).status == 404
    above = await office.get(f"/office/grids/{leafy.grids['甲村格']}")
    for name in ("甲大厂（示例）", "甲小店（示例）"):
        assert f"/office/enterprises/{leafy.enterprises[name]}" in above.links()
    listed = await office.get(f"/office/enterprises?grid={leafy.grids['甲村格']}")
    assert "甲大厂（示例）" in listed.text


async def test_a_grid_without_one_above_says_so(leafy: World, office: Visitor) -> None:
    await make_enterprise(leafy, "丙大厂（示例）", "丙村", size="big", risky="no")
    grid = await leafy.call.db.value("select public_id from grid where name = '丙大厂（示例）'")
    assert "还没有上级网格" in (await office.get(f"/office/grids/{grid}")).text
