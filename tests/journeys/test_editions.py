"""The editions of a scheme on a phone, without JavaScript and with it."""

import os

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal.call import Call
from portal.ledger.tables import StoredEdition
from portal.scheme.canonical import canonical, digest
from portal.viewer import SYSTEM
from tests.conftest import NOW
from tests.journeys.conftest import Site, flaws
from tests.sample_region.later import LATER

OLD, NEW = "/schemes/sample/editions/sample-2020", "/schemes/sample/editions/sample-2026"
COMPARED = "/schemes/sample/compare?from=sample-2020&to=sample-2026"


@pytest_asyncio.fixture
async def editions(browsed: Site) -> Site:
    """The site with a second edition among what is stored, which the served plugin does not state any more."""
    call = Call(browsed.world.call.portal, SYSTEM, NOW)
    await StoredEdition(
        region="sample", code=LATER.code, canonical=canonical(LATER), digest=digest(LATER), stored_at=call.now
    ).save()
    return browsed


@pytest.mark.parametrize("script", [True, False])
async def test_editions_are_listed_opened_and_set_side_by_side_on_a_phone(editions: Site, script: bool) -> None:
    page = await editions.visitor(script=script)
    await page.goto("/schemes/sample")
    await expect(page.locator("#editions")).to_contain_text("示例区办法（修订）")
    await page.get_by_role("link", name="示例区办法（修订）").click()
    await expect(page.locator("main")).to_contain_text("插件里已没有这一版，照存档显示")
    await expect(page.locator("main")).to_contain_text("守护员")
    await page.get_by_role("link", name="对照两个版本").click()
    main = page.locator("main")
    await expect(main).to_contain_text("看护员")
    shown = page.locator(".versus div", has_text="答复期限").filter(has_text="7个工作日内")
    await expect(shown).to_contain_text("5个工作日内")
    await expect(main.locator("details")).not_to_have_attribute("open", "")
    for address in ("/schemes/sample", OLD, NEW, COMPARED, "/schemes"):
        await page.goto(address)
        size = len(await page.content())
        assert size < 100_000, (address, size)
        if script:
            assert await flaws(page) == [], address
        else:
            for width in (320, 360):
                await page.set_viewport_size({"width": width, "height": 640})
                assert (await page.locator("html").bounding_box())["width"] <= width, address
        if folder := os.environ.get("PICTURES"):
            await page.screenshot(
                path=f"{folder}/{address.strip('/').replace('/', '-').partition('?')[0]}-{script}.png", full_page=True
            )
