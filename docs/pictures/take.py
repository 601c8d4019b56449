"""Take the README's pictures again from a running demo: ``.venv/bin/python docs/pictures/take.py ADDRESS-OF-A-BOARD``."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
DEMO = HERE.parent.parent / "var" / "demo"
PHONE = {"width": 360, "height": 640}
DESK = {"width": 1100, "height": 780}
ACCOUNTS = {row["login"]: row["password"] for row in json.loads((DEMO / "accounts.json").read_text())}


def main(board: str) -> None:
    """Take them all; ``board`` is the address that the demo prints."""
    address, _, code = board.rpartition("/b/")
    pdf = next((DEMO / "boards" / "wuzhong").glob(f"* {code} v* A3.pdf"))
    subprocess.run(["pdftoppm", "-png", "-r", "50", "-singlefile", pdf, HERE / "board"], check=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        phone = browser.new_page(viewport=PHONE)
        phone.goto(f"{address}/b/{code}")
        phone.screenshot(path=HERE / "page.png")
        report(phone, address, code)
        case(browser, address)
        browser.close()


def report(page: Page, address: str, code: str) -> None:
    """Fill the form in up to the check of the answers, then send it."""
    page.goto(f"{address}/b/{code}")
    page.get_by_role("button", name="举报隐患").click()
    page.fill("textarea", "示例：车间西侧安全出口被货物堵住，已经一个多星期。")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.screenshot(path=HERE / "report.png")
    page.get_by_role("button", name="提交", exact=True).click()


def case(browser: Browser, address: str) -> None:
    """The case as the town's office sees it."""
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}/sign-in")
    page.fill("#login", "wuzhong-town")
    page.fill("#password", ACCOUNTS["wuzhong-town"])
    page.click("main button[type=submit]")
    page.goto(f"{address}/office/cases")
    page.click("tbody a")
    page.screenshot(path=HERE / "case.png")


if __name__ == "__main__":
    main(sys.argv[1])
