"""An office brings its old spreadsheet to a clean register in one sitting: on a phone, at a desk, without JavaScript."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from playwright.async_api import Locator, Page, expect

from portal.desk.actions import progress
from portal.imports.jobs import import_rows
from portal.viewer import Role
from tests.journeys.conftest import Site, flaws

# On a phone a row is a card, and its cells stand below each other
CELLS = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = "西镇安全生产单位台账（示例）"
HEADINGS = [
    "序号",
    "社会信用代码",
    "企业名称",
    "村（社区）",
    "经营地址",
    "负责人",
    "手机号码",
    "规模",
    "高危",
    "检查情况",
]
WOOD, FOOD, PAPER = "91320506MAUBJH6Y1H", "91330100799655859U", "914403001923174077"
RED = "FFC7CE"
FOUND = "导入时发现的问题"
# Cells by what is wrong with them, and what the page says of it
MISTAKES = {
    "B5": "后几位已经丢失",
    "B6": "与第 3 行重复",
    "H7": "不在可填的范围",
    "D8": "没有登记名为“戊村”的辖区",
}


def saved(book: openpyxl.Workbook) -> dict[str, Any]:
    """A workbook as a browser sends it."""
    out = io.BytesIO()
    book.save(out)
    return {"name": "台账.xlsx", "mimeType": XLSX, "buffer": out.getvalue()}


def old_sheet() -> dict[str, Any]:
    """What an office has kept for years: a title, merged cells, headings of its own, four mistakes, a remark."""
    book = openpyxl.Workbook()
    page = book.active
    page.append([TITLE])
    page.append(HEADINGS)
    page.append([1, WOOD, "　西木器厂（示例） ", "丙村", "木路1号", "示例人", "０５１２－０１２３４５６７", "小", "否", "已查"])
    page.append([2, FOOD, "西食品厂（示例）", None, "食路 2号 ", "示例人", "0512-01234568", " 小", "否"])
    page.append([3, 9.14403e17, "西纸箱厂（示例）", "丁村", "纸路3号", "示例人", "0512-01234569", "大", "否"])
    page.append([4, WOOD, "西木器厂", "丙村", "木路1号", "示例人", "0512-01234567", "小", "否"])
    page.append([5, "", "西修理铺（示例）", "丁村", "修路5号", "示例人", "0512-01234570", "中", "否"])
    page.append([6, "", "西磨坊（示例）", "戊村", "磨路6号", "示例人", "0512-01234571", "小", "是"])
    page.append([])
    page.append(["填表人：示例　审核人：示例"])
    page.merge_cells("A1:J1")
    page.merge_cells("D3:D4")
    return saved(book)


def mended(copy: bytes, *, all_of_it: bool) -> dict[str, Any]:
    """The copy that came back, put right in its own cells, with the marks and the added column left where they are."""
    book = openpyxl.load_workbook(io.BytesIO(copy))
    page = book.active
    page["B5"], page["B5"].number_format = PAPER, "@"
    for cell in page[6][:10]:
        cell.value = None
    if all_of_it:
        page["H7"], page["D8"] = "小", "丁村"
    return saved(book)


def marked(page: Worksheet) -> dict[str, str]:
    """The red cells, with what their comments say."""
    cells = [cell for row in page.iter_rows() for cell in row]
    red = {cell.coordinate for cell in cells if cell.fill.fill_type and cell.fill.start_color.rgb.endswith(RED)}
    noted = {cell.coordinate: cell.comment.text for cell in cells if cell.comment}
    assert red == set(noted)
    return noted


async def received(page: Page, link: Locator) -> bytes:
    """What a link downloads."""
    async with page.expect_download() as waiting:
        await link.click()
    download = await waiting.value
    assert download.suggested_filename.endswith(".xlsx")
    return (await download.path()).read_bytes()


async def send(page: Page, file: dict[str, Any], *, of: str = "单位") -> None:
    """Bring a file from the page of imports."""
    await page.goto("/office/import")
    await page.get_by_label("表的类别").select_option(of)
    await page.get_by_label("表格").set_input_files(file)
    await page.get_by_role("button", name="检查").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("导入单位")


async def open_firm(page: Page, name: str) -> None:
    """Find an enterprise as an office would."""
    await page.goto("/office/enterprises")
    await page.get_by_label("搜索").fill(name[:4])
    await page.get_by_role("button", name="查找").click()
    await page.get_by_role("link", name=name).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.fixture
async def enter(browsed: Site) -> Callable[..., Any]:
    """The western office at its register, on a phone or at a desk."""
    await browsed.world.account("west", Role.OFFICE, unit="西所")

    async def come(**how: bool) -> Page:
        page = await browsed.visitor(**how)
        await browsed.sign_in(page, "west")
        return page

    return come


@pytest.mark.parametrize(
    ("phone", "script"), [(True, True), (False, True), (False, False)], ids=["phone", "desk", "desk, no script"]
)
async def test_an_office_brings_its_old_sheet_to_a_clean_register_in_one_sitting(
    enter: Callable[..., Any], phone: bool, script: bool
) -> None:
    page, wrong, looked_at = await enter(phone=phone, script=script), dict[str, list[str]](), 0

    async def look() -> None:
        nonlocal looked_at
        if script:
            looked_at += 1
            if found := await flaws(page):
                wrong[f"{looked_at} {page.url}"] = found

    # There is a template, but the office has its own sheet
    await page.get_by_role("link", name="导入", exact=True).click()
    await look()
    template = await received(page, page.get_by_role("main").get_by_role("link", name="单位", exact=True))
    assert "单位名称" in [str(cell.value).rstrip("*") for cell in openpyxl.load_workbook(io.BytesIO(template)).worksheets[0][1]]
    await send(page, old_sheet())

    # It sees every mistake, and nothing is written
    await expect(page.get_by_role("alert")).to_contain_text("4 处要改，没有导入任何内容")
    told = await page.get_by_label("要改的地方").locator("tbody tr").evaluate_all(CELLS)
    assert [(row, column) for row, column, _ in told] == [
        ("B5", "统一社会信用代码"),
        ("B6", "统一社会信用代码"),
        ("D8", "所在村或社区"),
    ]
    assert all(MISTAKES[cell] in text for cell, _, text in told)
    # What may be meant is told once for all cells alike, to be chosen
    once = await page.get_by_label("没有登记过的名称").locator("tbody tr").evaluate_all(CELLS)
    assert [row[:3] for row in once] == [["规模", "中", "1"]]
    await look()

    # Its own file comes back with the mistakes at their cells, and nothing else is touched
    link = page.get_by_role("link", name="下载已标注问题的表")
    copy = await received(page, link)
    sheet = openpyxl.load_workbook(io.BytesIO(copy)).active
    assert {cell: next(words for words in MISTAKES.values() if words in text) for cell, text in marked(sheet).items()} == MISTAKES
    assert sheet["A1"].value == TITLE
    assert [cell.value for cell in sheet[2][:10]] == HEADINGS
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:J1", "D3:D4"}
    assert [sheet.cell(row, 11).value is not None for row in range(1, 11)] == [row == 1 or 5 <= row <= 8 for row in range(1, 11)]

    # Half of them put right in that copy: only the other half is still marked
    await send(page, mended(copy, all_of_it=False))
    await expect(page.get_by_role("alert")).to_contain_text("2 处要改，没有导入任何内容")
    half = await received(page, link)
    sheet = openpyxl.load_workbook(io.BytesIO(half)).active
    assert {cell: text.count("\n") for cell, text in marked(sheet).items()} == {"H7": 0, "D8": 0}
    assert [cell.value for cell in sheet[1]][10:] == [FOUND]
    assert [sheet.cell(row, 11).value is not None for row in range(5, 9)] == [False, False, True, True]

    # All of them
    await send(page, mended(half, all_of_it=True))
    await expect(page.locator(".notice")).to_contain_text("检查通过，共 5 行，尚未导入。将新增 5 条，修改 0 条，未变 0 条。")
    await expect(page.get_by_text(FOUND)).to_have_count(0)
    await look()
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.locator(".notice")).to_contain_text("导入完成：新增 5 条，修改 0 条，未变 0 条，停用 0 条。")
    for name in ("西木器厂（示例）", "西食品厂（示例）", "西纸箱厂（示例）", "西修理铺（示例）", "西磨坊（示例）"):
        await expect(page.get_by_role("row", name=name)).to_contain_text("新增")
    await look()

    # The register has them, each at its grid
    await open_firm(page, "西食品厂（示例）")
    await expect(page.get_by_role("link", name="丙村格")).to_be_visible()
    await expect(page.get_by_text("示例人 0512-01234568")).to_be_visible()
    await look()

    # Next month's sheet: another phone, and one that is not on it
    book = openpyxl.load_workbook(io.BytesIO(mended(half, all_of_it=True)["buffer"]))
    book.active["G4"] = "0512-01239999"
    book.active.delete_rows(7)
    await send(page, saved(book))
    await expect(page.locator(".notice")).to_contain_text("检查通过，共 4 行，尚未导入。将新增 0 条，修改 1 条，未变 3 条。")
    left = page.get_by_role("group", name="已登记、表里没有的")
    for place, firm in (("丙村", "丙小店（示例）"), ("丁村", "西修理铺（示例）")):
        await expect(left.get_by_label(f"{place}：1 个，从今天起停用")).not_to_be_checked()
        await expect(left.get_by_text(firm)).to_be_visible()
    await expect(page.get_by_role("row", name="西食品厂（示例）")).to_contain_text("修改")
    await look()
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.locator(".notice")).to_contain_text("导入完成：新增 0 条，修改 1 条，未变 3 条，停用 0 条。")
    import_page = page.url
    await open_firm(page, "西食品厂（示例）")
    await expect(page.get_by_text("示例人 0512-01239999")).to_be_visible()

    # It was the wrong month: taken back, the old phone stands again
    await page.goto(import_page)
    await page.get_by_role("button", name="撤销这次导入").click()
    await expect(page.locator(".notice")).to_contain_text("导入已撤销")
    await look()
    await open_firm(page, "西食品厂（示例）")
    await expect(page.get_by_text("示例人 0512-01234568")).to_be_visible()
    await expect(page.get_by_text("示例人 0512-01239999")).to_have_count(0)
    await expect(page.get_by_text("撤销导入")).to_be_visible()
    await page.get_by_role("link", name="导入", exact=True).click()
    await expect(page.locator("tbody tr").first).to_contain_text("已撤销")
    await look()
    assert wrong == {}
    assert looked_at == (8 if script else 0)


async def test_the_good_rows_come_alone_where_the_office_says_so(browsed: Site, enter: Callable[..., Any]) -> None:
    page = await enter(phone=True)
    await send(page, old_sheet())
    await page.get_by_role("button", name="只导入没有问题的 2 行").click()
    await expect(page.locator(".notice")).to_contain_text(
        "导入完成：新增 2 条，修改 0 条，未变 0 条，停用 0 条。有 4 处问题没有导入。"
    )
    assert await flaws(page) == []
    copy = await received(page, page.get_by_role("link", name="下载已标注问题的表"))
    assert set(marked(openpyxl.load_workbook(io.BytesIO(copy)).active)) == set(MISTAKES)
    names = await browsed.world.call.db.rows("select name from enterprise where name like '西%' order by id")
    assert [row["name"] for row in names] == ["西木器厂（示例）", "西食品厂（示例）"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_a_large_sheet_is_worked_on_while_the_page_tells_how_far_it_is(
    browsed: Site, enter: Callable[..., Any], script: bool
) -> None:
    page, call = await enter(phone=script, script=script), browsed.world.call
    book = openpyxl.Workbook()
    book.active.append(HEADINGS)
    for n in range(400):
        book.active.append([n, "", f"西{n}号店（示例）", "丁村", f"店路{n}号", "示例人", "0512-01234567", "小", "否"])

    async def seen(text: str) -> None:
        """On the page, which looks again by itself."""
        await expect(page.locator("#import")).to_contain_text(text, timeout=15_000)

    async def half_way(doing: str) -> str:
        """See the job wait, then tell how far it is; its id."""
        await seen(f"{doing} 0 / …")
        job: str = await call.db.value("select public_id from job order by id desc limit 1")
        await progress(call, job, done=200, total=400)
        await seen(f"{doing} 200 / 400")
        return job

    await send(page, saved(book))
    job = await half_way("正在检查")
    if script:
        assert await flaws(page) == []
    await import_rows(call, job)
    await seen("检查通过，共 400 行，尚未导入。将新增 400")
    await page.get_by_role("button", name="确认导入").click()
    await import_rows(call, await half_way("正在导入"))
    await seen("导入完成：新增 400")
    await expect(page.get_by_text("只列出前 200 个。")).to_be_visible()
