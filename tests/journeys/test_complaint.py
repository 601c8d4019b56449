"""A worker complains of being asked for a dinner and gets an answer: on a phone, with a custodian at a desk, in real Chromium.

And what is left on a phone that is not one's own, when one leaves.
"""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect
from playwright.async_api import Error as BrowserError

from portal.boards.actions import issue
from portal.viewer import Role
from tests.journeys.conftest import FLAGS, PHONE, Site, flaws
from tests.world import make_custodian, make_person, picture

FLOUR = "甲面粉店（示例）"
WORDS = "张看护来检查时说，请他吃顿饭，通道的事就算了。"
PHOTO = {"name": "IMG_0001.JPG", "mimeType": "image/jpeg", "buffer": picture("#396", (1200, 900), "JPEG")}


async def fine(page: Page, wrong: dict[str, list[str]]) -> None:
    """Note what is wrong with the page as it stands."""
    heading = await page.locator("h1").inner_text()
    assert heading
    if problems := await flaws(page):
        wrong[f"{page.url} {heading}"] = problems


@pytest.fixture
async def board(browsed: Site) -> str:
    """The flour shop's board, whose complaints somebody keeps who is seen on no page of the test."""
    await make_custodian(browsed.world, "unseen", "何纪检", phone="0512-09999900")
    return await issue(browsed.world.call, "enterprise", browsed.world.enterprises[FLOUR])


async def complain(page: Page, board: str, *, words: str = WORDS) -> str:
    """From the board to the receipt; the number."""
    await page.goto(f"/b/{board}")
    await page.get_by_role("button", name="投诉网格人员").click()
    await page.get_by_label("张看护（看护员）").check()
    await page.get_by_label("发生了什么").fill(words)
    await page.get_by_role("button", name="下一步").last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("怎样联系您")
    await page.get_by_role("button", name="下一步").last.click()
    await page.get_by_role("button", name="提交").last.click()
    return (await page.locator("#receipt").inner_text()).strip()


@pytest.mark.clause("PB-3", "PB-4")
@pytest.mark.parametrize(("script", "phone"), [(True, True), (False, False)], ids=["script, phone", "no script, desk"])
async def test_a_worker_complains_of_being_asked_for_a_dinner_and_gets_an_answer(
    browsed: Site, board: str, script: bool, phone: bool
) -> None:
    world, wrong = browsed.world, dict[str, list[str]]()
    looked_at = 0

    async def look(page: Page) -> None:
        nonlocal looked_at
        if script:
            await fine(page, wrong)
            looked_at += 1

    await make_person(world, "郑纪检", phone="0512-09999999")
    await world.account("keeper", Role.CUSTODIAN, unit="纪检", person="郑纪检")
    desk = await browsed.visitor(phone=False, script=script)
    await browsed.sign_in(desk, "keeper")
    await expect(desk.get_by_role("heading", level=1)).to_have_text("投诉")
    await look(desk)

    # The worker scans the board and presses the third button
    worker = await browsed.visitor(phone=phone, script=script)
    await worker.goto(f"/b/{board}")
    await look(worker)
    await worker.get_by_role("button", name="投诉网格人员").click()
    await expect(worker.get_by_text("专人受理、保密办理。")).to_be_visible()
    await look(worker)
    await worker.get_by_label("张看护（看护员）").check()
    await worker.get_by_label("收受钱物").check()
    await worker.get_by_label(re.compile("^照片")).set_input_files(PHOTO)
    await worker.get_by_role("button", name="下一步").last.click()
    await expect(worker.get_by_role("alert")).to_contain_text("请写明发生了什么")
    await expect(worker.get_by_label("张看护（看护员）")).to_be_checked()
    await expect(worker.get_by_label("收受钱物")).to_be_checked()
    await expect(worker.locator(".thumbs img")).to_have_count(1)
    await look(worker)
    await worker.get_by_label("发生了什么").fill(WORDS)
    await worker.get_by_role("button", name="下一步").last.click()
    await look(worker)
    await worker.get_by_role("button", name="下一步").last.click()
    for said in (WORDS, "张看护（看护员）", "收受钱物"):
        await expect(worker.get_by_text(said, exact=True)).to_be_visible()
    await look(worker)
    await worker.get_by_role("button", name="提交").last.click()
    receipt = (await worker.locator("#receipt").inner_text()).strip()
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", receipt)
    await look(worker)
    await worker.reload()
    assert (await worker.locator("#receipt").inner_text()).strip() == receipt
    assert await world.call.db.value("select count(*) from complaint") == 1

    # The custodian reads it, and asks back
    await desk.get_by_role("link", name="投诉", exact=True).first.click()
    await expect(desk.locator("tbody tr")).to_have_count(1)
    await expect(desk.locator("tbody .tag.new").first).to_be_visible()
    await look(desk)
    await desk.locator("tbody a").click()
    await expect(desk.get_by_text(WORDS)).to_be_visible()
    await expect(desk.locator(".shots img")).to_have_count(1)
    if script:
        shown = "() => [...document.querySelectorAll('.shots img')].every(e => e.complete && e.naturalWidth > 0)"
        await desk.locator(".shots img").scroll_into_view_if_needed()
        await desk.wait_for_function(shown)
    await look(desk)
    await desk.get_by_role("button", name="请补充情况").click()
    await expect(desk.get_by_role("alert")).to_contain_text("请写明内容")
    await desk.get_by_label("写给投诉人的话").fill("大概是哪个月的事？")
    await desk.get_by_role("button", name="请补充情况").click()
    await expect(desk.get_by_role("status")).to_have_text("已请投诉人补充情况")

    # The worker answers by receipt
    await worker.goto("/receipt")
    await look(worker)
    await worker.get_by_label("查询码").fill(receipt)
    await worker.get_by_role("button", name="查看").click()
    await expect(worker.get_by_text("大概是哪个月的事？")).to_be_visible()
    await look(worker)
    await worker.get_by_label("补充说明").fill("二月底。")
    await worker.get_by_role("button", name="提交补充情况").click()
    await expect(worker.get_by_role("status")).to_have_text("您补充的情况已提交")

    # The custodian has it looked into, accepts and answers
    await desk.get_by_role("link", name="投诉", exact=True).first.click()
    await desk.locator("tbody a").click()
    await expect(desk.get_by_text("二月底。")).to_be_visible()
    await desk.get_by_role("link", name="写转办单").click()
    await look(desk)
    await desk.get_by_label("承办单位").fill("区局督查科")
    await desk.get_by_label("核查事项").fill("我们这里的人说，请他吃顿饭，通道的事就算了。")
    await desk.get_by_label("反馈期限").fill((world.call.today + timedelta(days=5)).isoformat())
    await desk.get_by_role("button", name="生成转办单").click()
    await expect(desk.get_by_role("heading", name="可能认出投诉人的内容")).to_be_visible()
    await look(desk)
    await desk.get_by_label("核查事项").fill("请核查有关人员是否收受服务对象的宴请。")
    await desk.get_by_role("button", name="生成转办单").click()
    await expect(desk.get_by_role("status")).to_have_text("转办单已生成")
    pdf = await desk.get_by_role("link", name="打印").get_attribute("href")
    answer = await desk.context.request.get(str(pdf))
    assert (await answer.body())[:5] == b"%PDF-"
    for address in ("转给另一部门", "申请回避"):
        await desk.get_by_role("link", name=address).click()
        await look(desk)
        await desk.get_by_role("link", name="← 投诉").click()
    await desk.get_by_role("button", name="受理", exact=True).click()
    await expect(desk.locator(".facts .tag").first).to_have_text("已受理")
    await desk.get_by_label("写给投诉人的话").fill("已谈话，并责令退还。")
    await desk.get_by_role("button", name="答复").click()
    await expect(desk.locator(".facts .tag").first).to_have_text("已答复")
    await desk.goto("/custody/two")
    await look(desk)

    # and the worker reads the answer
    await worker.goto("/receipt")
    await worker.get_by_label("查询码").fill(receipt)
    await worker.get_by_role("button", name="查看").click()
    await expect(worker.get_by_text("已谈话，并责令退还。")).to_be_visible()
    await look(worker)
    await worker.get_by_role("link", name="离开并清除").click()
    await expect(worker.get_by_role("heading", level=1)).to_have_text("已离开")
    await look(worker)
    assert wrong == {}
    assert looked_at == (18 if script else 0)


async def test_a_closed_door_is_fine_to_read_and_its_number_large(browsed: Site) -> None:
    board = await issue(browsed.world.call, "enterprise", browsed.world.enterprises[FLOUR])
    page, wrong = await browsed.visitor(), dict[str, list[str]]()
    await page.goto(f"/b/{board}")
    await page.get_by_role("button", name="投诉网格人员").click()
    await fine(page, wrong)
    call = page.get_by_role("link", name=re.compile("纪检")).first
    assert await call.get_attribute("href") == "tel:051201000002"
    box = await call.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= 640
    assert wrong == {}


async def test_the_pages_of_a_complaint_at_320_pixels_and_with_large_letters(browsed: Site, board: str) -> None:
    page = await browsed.visitor()
    for width, zoom in ((320, 1.0), (360, 1.5)):
        await page.set_viewport_size({"width": width, "height": 640})

        async def fits(width: int = width, zoom: float = zoom) -> None:
            await page.wait_for_load_state()
            await page.evaluate(f"() => document.documentElement.style.fontSize = '{16 * zoom}px'")
            wide = await page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (await page.locator("h1").inner_text(), width, zoom, wide)

        await page.goto(f"/b/{board}")
        await page.get_by_role("button", name="投诉网格人员").click()
        await fits()
        await page.get_by_label("发生了什么").fill(WORDS + "长" * 60 + "x" * 80)
        await page.get_by_role("button", name="下一步").last.click()
        await fits()
        await page.get_by_role("button", name="下一步").last.click()
        await fits()
        await page.get_by_role("button", name="提交").last.click()
        await fits()
        await page.get_by_role("button", name="现在查看进展").click()
        await fits()


async def test_a_complaint_by_keyboard_alone(browsed: Site, board: str) -> None:
    page = await browsed.visitor(phone=False)
    await page.goto(f"/b/{board}")

    async def tab_to(wanted: str) -> None:
        """Tab until the element in focus is the one, by its label, its text or its value; it must be seen to have the focus."""
        for _ in range(60):
            await page.keyboard.press("Tab")
            said = await page.evaluate(
                "() => {const e = document.activeElement; return [e.labels && e.labels[0] ? e.labels[0].innerText : '', e.innerText || '', "
                "e.tabIndex >= 0 ? e.value || '' : ''].join(' ')}"
            )
            if wanted in said:
                ring = await page.evaluate(
                    "() => {const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.outlineWidth + s.boxShadow}"
                )
                assert ring not in {"none0pxnone", "none3pxnone"}, wanted
                return
        raise AssertionError(wanted)

    async def named(role: str) -> bool:
        return bool(await page.evaluate(f"() => document.activeElement.type === '{role}'"))

    await tab_to("投诉网格人员")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#text")
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await named("radio"):
            break
    while "张看护" not in await page.evaluate("() => document.activeElement.labels[0].innerText"):
        await page.keyboard.press("ArrowDown")
    await expect(page.get_by_label("张看护（看护员）")).to_be_checked()
    await page.keyboard.press("Tab")
    assert await named("radio")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_label("收受钱物")).to_be_checked()
    await tab_to("发生了什么")
    await page.keyboard.type("只用键盘")
    await tab_to("下一步")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=怎样联系您")
    await tab_to("联系方式")
    # Enter in a field goes on, not back
    await page.keyboard.press("Enter")
    await page.wait_for_selector("h1:has-text('核对后提交')")
    for said in ("只用键盘", "张看护（看护员）", "收受钱物"):
        await expect(page.get_by_text(said, exact=True)).to_be_visible()
    await tab_to("send")
    await page.keyboard.press("Enter")
    await expect(page.locator("#receipt")).to_be_visible()
    assert await browsed.world.call.db.value("select count(*) from complaint") == 1


# A phone that is not one's own


@asynccontextmanager
async def with_back_cache(browser: Browser) -> AsyncIterator[Browser]:
    """A Chromium that keeps pages for its Back button, as people's do and Playwright's does not."""
    path = next((found for name in ("chromium", "google-chrome", "chromium-browser") if (found := shutil.which(name))), None)
    made = await browser.browser_type.launch(
        executable_path=path, args=FLAGS, ignore_default_args=["--disable-back-forward-cache"]
    )
    try:
        yield made
    finally:
        await made.close()


async def kept_by(page: Page) -> dict[str, int]:
    """What the browser keeps of this site where a page could see it, and its cookies."""
    found = await page.evaluate(
        """async () => ({
            local: localStorage.length, session: sessionStorage.length, caches: (await caches.keys()).length,
            databases: (await indexedDB.databases()).length, workers: (await navigator.serviceWorker.getRegistrations()).length,
        })"""
    )
    return {**found, "cookies": len(await page.context.cookies())}


NOTHING = {"local": 0, "session": 0, "caches": 0, "databases": 0, "workers": 0, "cookies": 0}


async def titles(page: Page) -> list[tuple[str, str]]:
    """Address and title of everything in the tab's history, as a history page would list them."""
    session = await page.context.new_cdp_session(page)
    found = await session.send("Page.getNavigationHistory")
    return [(one["url"], one["title"]) for one in found["entries"] if not one["url"].startswith("about:")]


@pytest.mark.clause("PB-4")
async def test_after_leaving_the_browser_keeps_nothing_of_the_site(browsed: Site, board: str) -> None:
    page = await browsed.visitor()
    await complain(page, board)
    # The proof sees what it looks for: put something everywhere, as a careless page would
    await page.evaluate(
        """async () => {
            localStorage.setItem('a', 'b'); sessionStorage.setItem('a', 'b'); await caches.open('c');
            await new Promise(done => { indexedDB.open('d').onsuccess = event => { event.target.result.close(); done() } })
        }"""
    )
    before = await kept_by(page)
    assert {name for name, count in before.items() if count} == {"local", "session", "caches", "databases", "cookies"}
    await page.get_by_role("link", name="离开并清除").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("已离开")
    assert await kept_by(page) == NOTHING


async def test_a_complaint_keeps_nothing_but_the_cookie_of_its_form(browsed: Site, board: str) -> None:
    page = await browsed.visitor()
    await complain(page, board)
    assert await kept_by(page) == {**NOTHING, "cookies": 2}
    kept = await page.context.cookies()
    assert {one["name"] for one in kept} == {"portal-form", "portal-unsent"}
    assert {(one["httpOnly"], one["expires"]) for one in kept} == {(True, -1)}


@pytest.mark.clause("PB-4")
async def test_the_history_of_a_complaint_is_the_history_of_a_report(browsed: Site, board: str) -> None:
    seen = []
    for button, label in (("投诉网格人员", "发生了什么"), ("举报隐患", "填写情况")):
        page = await browsed.visitor()
        await page.goto(f"/b/{board}")
        await page.get_by_role("button", name=button).click()
        await page.get_by_label(label).fill("一样的话")
        await page.get_by_role("button", name="下一步").last.click()
        await page.get_by_role("button", name="下一步").last.click()
        await page.get_by_role("button", name="提交").last.click()
        receipt = (await page.locator("#receipt").inner_text()).strip()
        await page.get_by_role("button", name="现在查看进展").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("办理进展")
        await page.get_by_role("link", name="离开并清除").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("已离开")
        seen.append(await titles(page))
        assert receipt.replace(" ", "") not in str(seen[-1])
    assert seen[0] == seen[1]
    assert len(seen[0]) >= 4
    assert not [one for one in seen[0] if "投诉" in one[1] or "一样的话" in str(one)]


async def settled(page: Page) -> str:
    """Everything that stands on the page, in fields too, once it has stopped moving."""
    for _ in range(50):
        try:
            await page.wait_for_load_state()
            return str(
                await page.evaluate(
                    "() => document.documentElement.innerText + document.documentElement.outerHTML"
                    " + [...document.querySelectorAll('input, textarea')].map(e => e.value).join()"
                )
            )
        except BrowserError as error:
            assert "context was destroyed" in str(error), error
    raise AssertionError("the page never stops")


@pytest.mark.clause("PB-4")
@pytest.mark.parametrize("cached", [False, True], ids=["plain", "back cache"])
@pytest.mark.parametrize("after", ["receipt", "leave"])
async def test_back_shows_no_word_of_the_complaint(browsed: Site, board: str, after: str, cached: bool) -> None:
    async with with_back_cache(browsed.browser) as other:
        browser = other if cached else browsed.browser
        context = await browser.new_context(base_url=browsed.address, locale="zh-CN", **PHONE)
        page = await context.new_page()
        receipt = await complain(page, board)
        if after == "leave":
            await page.get_by_role("button", name="现在查看进展").click()
            await expect(page.get_by_text(WORDS)).to_be_visible()
            await page.get_by_role("link", name="离开并清除").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("已离开")
        steps = 0
        for _ in range(8):
            try:
                gone = await page.go_back(wait_until="load", timeout=5_000)
            except BrowserError as error:
                # Chromium does not send a form again unasked
                assert "ERR_CACHE_MISS" in str(error), error
                gone = None
            steps += 1
            shown = await settled(page)
            assert WORDS not in shown, (steps, page.url)
            assert receipt not in shown
            assert receipt.replace(" ", "") not in shown
            if gone is not None and f"/b/{board}" in page.url:
                break
        assert steps >= 2
        await context.close()
