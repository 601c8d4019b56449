"""A phone's back key, forward and reload at every step of the public doors, with JavaScript and without it."""

import re

import pytest
from playwright.async_api import Page, expect

from portal.boards.actions import issue
from tests.journeys.conftest import PHONE, Site
from tests.world import make_custodian, picture

FLOUR = "甲面粉店（示例）"
WORDS, REACH = "面粉车间的门被货堵住了", "门口小卖部"
PHOTOS = [
    {"name": f"IMG_000{n}.JPG", "mimeType": "image/jpeg", "buffer": picture(f"#39{n}", (1200, 900), "JPEG")} for n in range(2)
]
TELL, REACH_STEP, CHECK = re.compile("举报隐患|给网格人员留言|投诉网格人员"), "怎样联系您", "核对后提交"


async def is_at(page: Page, step: str | re.Pattern[str]) -> None:
    """The step stands there as it was filled in."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(step)
    if step is TELL:
        await expect(page.locator("#text")).to_have_value(WORDS)
        await expect(page.locator(".thumbs img")).to_have_count(2)
    elif step == REACH_STEP:
        await expect(page.get_by_label("联系方式")).to_have_value(REACH)
    else:
        await expect(page.get_by_text(WORDS)).to_be_visible()
        await expect(page.get_by_text(REACH)).to_be_visible()
        await expect(page.locator(".thumbs img")).to_have_count(2)


# The steps of the first two are the same pages
@pytest.mark.parametrize(
    ("door", "script"), [("举报隐患", False), ("给我留言", True), ("投诉网格人员", True), ("投诉网格人员", False)]
)
async def test_back_forward_and_reload_at_every_step(browsed: Site, door: str, script: bool) -> None:
    await make_custodian(browsed.world, "custodian", "郑纪检")
    board = await issue(browsed.world.call, "enterprise", browsed.world.enterprises[FLOUR])
    page = await browsed.visitor(script=script, wechat=True)
    await page.goto(f"/b/{board}")
    await page.get_by_role("button", name=door).click()
    await page.locator("#text").fill(WORDS)
    await page.get_by_label(re.compile("^照片")).set_input_files(PHOTOS)
    if script:
        # They go up as soon as they are chosen; the first of all waits for the process that makes them smaller
        await expect(page.locator(".thumbs img")).to_have_count(2, timeout=20_000)
    await page.get_by_role("button", name="下一步").last.click()
    await page.get_by_label("联系方式").fill(REACH)
    await page.get_by_role("button", name="下一步").last.click()
    await is_at(page, CHECK)
    await page.reload()
    await is_at(page, CHECK)
    await page.go_back()
    await is_at(page, REACH_STEP)
    await page.reload()
    await is_at(page, REACH_STEP)
    await page.go_back()
    await is_at(page, TELL)
    await page.reload()
    await is_at(page, TELL)
    await page.go_back()
    await expect(page.get_by_role("button", name=door)).to_be_visible()
    await page.go_forward()
    await is_at(page, TELL)
    await page.go_forward()
    await is_at(page, REACH_STEP)
    await page.go_forward()
    await is_at(page, CHECK)
    await page.get_by_role("button", name="提交").last.click()
    receipt = await page.locator("#receipt").inner_text()
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("已经提交")
    assert WORDS not in await page.content()
    assert receipt not in await page.content()
    await page.go_forward()
    await expect(page.locator("#receipt")).to_have_text(receipt)
    await page.reload()
    await expect(page.locator("#receipt")).to_have_text(receipt)
    await page.get_by_role("button", name="现在查看进展").click()
    await page.get_by_label("补充说明").fill("晚上又堵上了")
    await page.get_by_role("button", name="提交补充情况").click()
    await expect(page.get_by_role("status")).to_have_text("您补充的情况已提交")
    await page.reload()
    await expect(page.get_by_text("晚上又堵上了")).to_be_visible()
    await page.get_by_role("link", name="离开并清除").click()
    for _ in range(8):
        await page.go_back()
        if page.url == "about:blank":
            break
        assert WORDS not in await page.inner_text("body"), page.url
        assert receipt.strip() not in await page.inner_text("body"), page.url


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_mistake_is_shown_again_after_back_and_forward(browsed: Site, script: bool) -> None:
    board = await issue(browsed.world.call, "enterprise", browsed.world.enterprises[FLOUR])
    page = await browsed.visitor(script=script)
    await page.goto(f"/b/{board}")
    await page.get_by_role("button", name="举报隐患").click()
    await page.get_by_role("button", name="下一步").last.click()
    await expect(page.get_by_role("alert").first).to_contain_text("请写明情况")
    await page.go_back()
    await page.go_forward()
    await expect(page.get_by_role("heading", level=1)).to_have_text("举报隐患")
    await page.locator("#text").fill(WORDS)
    await page.get_by_role("button", name="下一步").last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(REACH_STEP)


async def test_what_is_being_typed_is_there_after_a_reload(browsed: Site) -> None:
    board = await issue(browsed.world.call, "enterprise", browsed.world.enterprises[FLOUR])
    page = await browsed.visitor()
    await page.goto(f"/b/{board}")
    await page.get_by_role("button", name="举报隐患").click()
    await page.locator("#text").press_sequentially("还没有按下一步")
    async with page.expect_response(lambda answer: answer.url.endswith("/send")):
        pass
    await page.reload()
    await expect(page.locator("#text")).to_have_value("还没有按下一步")
    await page.locator("#text").press("Control+End")
    await page.locator("#text").press_sequentially("，又写")
    await page.goto("/")
    await page.go_back()
    await expect(page.locator("#text")).to_have_value("还没有按下一步，又写")
    await page.get_by_role("button", name="清除填写的内容").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("已经清除")
    await page.go_back()
    assert "还没有按下一步" not in await page.content()


async def test_a_photo_that_breaks_off_is_told_and_the_others_are_shown(browsed: Site) -> None:
    board = await issue(browsed.world.call, "enterprise", browsed.world.enterprises[FLOUR])
    # Whose console may say that the line was down
    context = await browsed.browser.new_context(base_url=browsed.address, locale="zh-CN", **PHONE)
    browsed.contexts.append(context)
    page = await context.new_page()
    await page.goto(f"/b/{board}")
    await page.get_by_role("button", name="举报隐患").click()
    await page.get_by_label(re.compile("^照片")).set_input_files(PHOTOS[:1])
    await expect(page.locator(".thumbs img")).to_have_count(1)
    await page.locator("#text").fill(WORDS)
    await page.context.set_offline(True)
    await page.get_by_label(re.compile("^照片")).set_input_files(PHOTOS[1:])
    await expect(page.get_by_role("status")).to_contain_text("照片没有传完")
    await page.context.set_offline(False)
    await page.get_by_role("button", name="下一步").last.click()
    await page.get_by_role("button", name="下一步").last.click()
    await is_at_with_two(page)


async def is_at_with_two(page: Page) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(CHECK)
    await expect(page.locator(".thumbs img")).to_have_count(2)
