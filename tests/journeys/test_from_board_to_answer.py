"""The main way, as people walk it: a board is printed and scanned, a hazard reported, the office answers, the reporter reads.

Walked on a phone and at a desk, with JavaScript and without it.
"""

import re

import pytest
from playwright.async_api import expect

from portal.boards.decoding import codes_in
from portal.viewer import Role
from tests.journeys.conftest import Site
from tests.world import picture

FLOUR = "甲面粉店（示例）"
PHOTOS = [
    {"name": f"IMG_000{n}.JPG", "mimeType": "image/jpeg", "buffer": picture(f"#39{n}", (1200, 900), "JPEG")} for n in range(2)
]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_board_is_printed_scanned_reported_from_and_answered(browsed: Site, script: bool) -> None:
    await browsed.world.account("east", Role.OFFICE, unit="东所")
    office = await browsed.visitor(phone=False, script=script)
    await browsed.sign_in(office, "east")

    # The office issues the board and takes the PDF
    await office.get_by_role("navigation").get_by_role("link", name="单位", exact=True).click()
    await office.get_by_label("搜索").fill("面粉")
    await office.get_by_role("button", name="查找").click()
    await office.get_by_role("link", name=FLOUR).click()
    await expect(office.get_by_text("纳入村格：甲村格")).to_be_visible()
    await office.get_by_role("button", name="签发公示牌").click()
    await expect(office.locator("h1 .code")).to_be_visible()
    pdf = await office.get_by_role("link", name="打印 A3").get_attribute("href")
    answer = await office.context.request.get(pdf)
    (scanned,) = codes_in(await answer.body())
    assert scanned.startswith(browsed.address)

    # Somebody scans it with a phone
    phone = await browsed.visitor(script=script)
    await phone.goto(scanned)
    await expect(phone.get_by_role("heading", level=1)).to_have_text("张看护")
    call = phone.get_by_role("link", name=re.compile("拨打"))
    await expect(call.first).to_have_attribute("href", "tel:051202000002")
    for seen in (
        phone.locator(".board-head .portrait"),
        phone.get_by_role("heading", level=1),
        call.first,
        phone.get_by_role("button", name="举报隐患"),
    ):
        box = await seen.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 640
        assert box["x"] + box["width"] <= 360

    # and reports a hazard: a wrong file first, then photos
    await phone.get_by_role("button", name="举报隐患").click()
    await phone.get_by_role("button", name="下一步").last.click()
    await expect(phone.get_by_role("alert")).to_contain_text("请写明情况")
    await phone.get_by_label("填写情况").fill("面粉车间的门被货堵住了")
    bad = {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    await phone.get_by_label(re.compile("^照片")).set_input_files([PHOTOS[0], bad, PHOTOS[1]])
    await phone.get_by_role("button", name="下一步").last.click()
    await expect(phone.get_by_role("alert")).to_contain_text("“x.pdf”上传失败")
    await expect(phone.get_by_label("填写情况")).to_have_value("面粉车间的门被货堵住了")
    await expect(phone.locator(".thumbs img")).to_have_count(2)
    await phone.get_by_role("button", name="去掉第 2 张").click()
    await expect(phone.locator(".thumbs img")).to_have_count(1)
    await phone.get_by_role("button", name="下一步").last.click()
    await expect(phone.get_by_role("heading", level=1)).to_have_text("怎样联系您")
    await phone.get_by_role("button", name="下一步").last.click()
    await expect(phone.get_by_text("面粉车间的门被货堵住了")).to_be_visible()
    await phone.get_by_role("button", name="提交").last.click()
    receipt = (await phone.locator("#receipt").inner_text()).strip()
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", receipt)
    await phone.reload()
    assert (await phone.locator("#receipt").inner_text()).strip() == receipt

    # The office finds it on its desk, with due date and clause, and answers
    await office.get_by_role("link", name="待办").click()
    await office.get_by_role("link", name=f"举报：{FLOUR}").click()
    await expect(office.get_by_text("面粉车间的门被货堵住了")).to_be_visible()
    await expect(office.locator(".shots img")).to_have_count(1)
    await office.locator(".why summary").first.click()
    await expect(office.get_by_text("3个工作日内受理")).to_be_visible()
    await office.get_by_role("button", name="不予受理").click()
    await expect(office.get_by_role("alert")).to_contain_text("请写明内容")
    await office.get_by_role("button", name="受理", exact=True).click()
    await expect(office.locator(".facts .tag").first).to_have_text("已受理")
    await office.get_by_label(re.compile("写给反映人的话")).fill("已去现场，货已搬开。")
    await office.get_by_role("button", name="答复").click()
    await expect(office.locator(".facts .tag").first).to_have_text("已答复")

    # The reporter reads the answer and adds to it
    await phone.goto("/receipt")
    await phone.get_by_label("查询码").fill(receipt)
    await phone.get_by_role("button", name="查看").click()
    await expect(phone.get_by_text("已去现场，货已搬开。")).to_be_visible()
    await phone.get_by_label("补充说明").fill("晚上又堵上了")
    await phone.get_by_role("button", name="提交补充情况").click()
    await expect(phone.get_by_role("status")).to_have_text("您补充的情况已提交")

    # and the office closes it
    await office.get_by_role("link", name="待办").click()
    await office.get_by_role("link", name="举报有补充").click()
    await expect(office.get_by_text("晚上又堵上了")).to_be_visible()
    await office.get_by_label(re.compile("写给反映人的话")).fill("夜间已安排人看着。")
    await office.get_by_role("button", name="答复").click()
    await office.get_by_role("button", name="办结").click()
    await expect(office.get_by_text("这件来件已办结。")).to_be_visible()
    assert await browsed.world.call.db.value("select count(*) from feedback_case") == 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_question_reaches_the_inspectors_phone_and_comes_back(browsed: Site, script: bool) -> None:
    from portal.boards.actions import issue

    board = await issue(browsed.world.call, "enterprise", browsed.world.enterprises[FLOUR])
    await browsed.world.account("keeper", Role.INSPECTOR, person="张看护")
    visitor = await browsed.visitor(script=script, wechat=True)
    await visitor.goto(f"/b/{board}")
    await visitor.get_by_role("button", name="给我留言").click()
    await visitor.get_by_label("填写情况").fill("下次什么时候来巡查？")
    await visitor.get_by_role("button", name="下一步").last.click()
    await visitor.get_by_label("联系方式").fill("门口小卖部")
    await visitor.get_by_role("button", name="下一步").last.click()
    await visitor.get_by_role("button", name="提交").last.click()
    receipt = (await visitor.locator("#receipt").inner_text()).strip()

    inspector = await browsed.visitor(script=script)
    await browsed.sign_in(inspector, "keeper")
    await inspector.get_by_role("link", name=f"留言：{FLOUR}").click()
    await inspector.get_by_role("button", name="查看联系方式").click()
    await expect(inspector.get_by_text("门口小卖部")).to_be_visible()
    await inspector.get_by_label("写给反映人的话").fill("周四上午。")
    await inspector.get_by_role("button", name="答复").click()
    await expect(inspector.locator(".facts .tag").first).to_have_text("已答复")

    await visitor.get_by_role("button", name="现在查看进展").click()
    await expect(visitor.get_by_text("周四上午。")).to_be_visible()
    assert receipt


async def test_the_whole_way_by_keyboard_alone(browsed: Site) -> None:
    from portal.boards.actions import issue

    board = await issue(browsed.world.call, "enterprise", browsed.world.enterprises[FLOUR])
    page = await browsed.visitor(phone=False)
    await page.goto(f"/b/{board}")

    async def tab_to(name: str) -> None:
        for _ in range(40):
            await page.keyboard.press("Tab")
            text = await page.evaluate(
                "() => {const e = document.activeElement; return (e.labels && e.labels[0] ? e.labels[0].innerText : '') + (e.innerText || '')}"
            )
            if name in text:
                return
        raise AssertionError(name)

    await tab_to("举报隐患")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#text")
    await tab_to("填写情况")
    await page.keyboard.type("只用键盘")
    await tab_to("下一步")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=怎样联系您")
    await tab_to("下一步")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("text=核对后提交")
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement.value === 'send' && document.activeElement.tabIndex >= 0"):
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("#receipt")).to_be_visible()
