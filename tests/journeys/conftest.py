"""Real Chromium on a real server: phones and desks, with and without JavaScript."""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyotp
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from portal.app import ready
from portal.call import Call
from portal.plugins import assemble
from portal.settings import Settings
from portal.viewer import SYSTEM
from tests.conftest import NOW, empty, running
from tests.sample_region.later import LENDING, Stated
from tests.world import PASSWORD, World, make_world

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "node_modules/axe-core/axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
# On a machine with much to do a page takes its time; what is expected of it is the same
expect.set_options(timeout=30_000)
DESK = {"viewport": {"width": 1280, "height": 850}}
WECHAT = (
    "Mozilla/5.0 (Linux; Android 10; M2006C3LC) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.99 "
    "XWEB/4317 MMWEBSDK/20230504 Mobile Safari/537.36 MicroMessenger/8.0.37.2380 Language/zh_CN"
)


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium; where the system has none of its own, the one that Playwright installed."""
    found = (shutil.which(name) for name in ("chromium", "google-chrome", "chromium-browser"))
    path = next((path for path in found if path and b"snap" not in Path(path).read_bytes()[:4096]), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class Site:
    """A served portal with a world in it, and the browser to see it with."""

    browser: Browser
    address: str
    world: World
    contexts: list[BrowserContext]

    async def visitor(self, *, phone: bool = True, script: bool = True, wechat: bool = False) -> Page:
        """Somebody with a phone or at a desk."""
        shape = PHONE if phone else DESK
        agent = {"user_agent": WECHAT} if wechat else {}
        context = await self.browser.new_context(
            base_url=self.address, locale="zh-CN", java_script_enabled=script, **shape, **agent
        )
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda message: _quiet(message.type, message.text))
        page.on("requestfailed", lambda request: _local(request.url, self.address))
        page.on("request", lambda request: _local(request.url, self.address))
        return page

    async def sign_in(self, page: Page, login: str) -> None:
        """Come in by the front door; who must show a second factor sets it up on the way."""
        await self.give_password(page, login)
        if await page.get_by_role("heading", level=1).inner_text() == "二次验证":
            secret = re.sub(r"[^A-Z2-7]", "", await page.locator(".code").inner_text())
            await page.get_by_label("验证码").fill(pyotp.TOTP(secret).at(NOW))
            await page.get_by_role("button", name="绑定并登录").click()
            await expect(page).not_to_have_url(re.compile("/second$"))

    async def give_password(self, page: Page, login: str) -> None:
        """Name and the usual password; what comes next depends on the account."""
        await page.goto("/sign-in")
        await page.get_by_label("登录名").fill(login)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录").click()
        await expect(page).not_to_have_url(re.compile("/sign-in"))


def _quiet(kind: str, text: str) -> None:
    assert kind not in {"error", "warning"} or "404" in text or "422" in text or "410" in text, text


def _local(url: str, address: str) -> None:
    assert url.startswith((address, "data:", "blob:")), url


@pytest_asyncio.fixture(scope="session")
async def served(database, server, worker_id, tmp_path_factory):
    """The server process of this worker."""
    data = tmp_path_factory.mktemp("served")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {"database": server.connection(f"test_{worker_id}"), "data": str(data), "port": port, "now": NOW.isoformat()}
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "tests.serve", json.dumps(told)], cwd=ROOT)
    for _ in range(200):
        try:
            async with httpx.AsyncClient() as client:
                await client.get(f"{address}/healthz")
            break
        except httpx.HTTPError:
            await asyncio.sleep(0.05)
    yield address, data
    process.terminate()
    process.wait(timeout=20)


@pytest_asyncio.fixture
async def browsed(chromium, served, database, workshop) -> AsyncIterator[Site]:
    """The sample region, which lends a power, filled in and served."""
    address, data = served
    settings = Settings(data=data, plugins=("sample",), public_url=address)
    portal = await running(database, settings, assemble({"sample": Stated(LENDING)}), workshop)
    call = Call(portal, SYSTEM, NOW)
    await ready(call)
    site = Site(chromium, address, await make_world(call), [])
    yield site
    for context in site.contexts:
        await context.close()
    await empty(database)


# What a wider screen may change of a page that was looked at on a phone: colours, sizes, what scrolls, heads of tables
LAID_OUT = [
    "color-contrast",
    "target-size",
    "scrollable-region-focusable",
    "link-in-text-block",
    "region",
    "landmark-unique",
    "empty-table-header",
    "td-headers-attr",
    "th-has-data-cells",
    "scope-attr-valid",
]
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def flaws_on_both(page: Page) -> list[str]:
    """The same on a phone, and then on a desk's screen, of what may differ there."""
    found, phone = await flaws(page), page.viewport_size
    await page.set_viewport_size(DESK["viewport"])
    found += [f"at a desk: {one}" for one in await flaws(page, {"type": "rule", "values": LAID_OUT})]
    assert phone is not None
    await page.set_viewport_size(phone)
    return found


async def flaws(page: Page, only: Mapping[str, object] = RULES) -> list[str]:
    """What is wrong with a page, with everything on it opened: what axe finds, and whether it is wider than the screen."""
    await page.wait_for_load_state()
    await page.evaluate("() => document.querySelectorAll('details').forEach(e => { e.open = true })")
    found = await axe(page, only)
    wide = await page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    return [*found, f"wider than the screen by {wide}"] if wide > 0 else found


async def axe(page: Page, only: Mapping[str, object]) -> list[str]:
    """What axe finds on the page, in words."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE.read_text())
    found = await page.evaluate("(only) => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only)
    return [f"{one['id']}: {one['help']} {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found["violations"]]
