"""axe on every page of every door, on a phone and at a desk; nothing wider than the screen; nothing from another host."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.async_api import Page, expect

from portal.access import asks, deputies
from portal.access.asks import AskedDeed, AskWish
from portal.access.links import invite, let_in
from portal.access.put_by import PutBy, put_by
from portal.areas import filing, outside
from portal.areas.actions import change_grid
from portal.areas.outside import OutsideForm
from portal.areas.refining import RefinementForm, refine
from portal.boards.actions import issue, revoke
from portal.boards.jobs import ask_batch
from portal.complaints import glass
from portal.complaints.actions import ComplaintOpening as Complaint
from portal.complaints.actions import open_complaint
from portal.complaints.standing import circle
from portal.feedback.actions import CaseOpening, open_case
from portal.imports import batches
from portal.obligations.actions import DeedForm, add_deed
from portal.people.interests import InterestForm, declare
from portal.scheme.words import Every, Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from portal.workshop.sheets import written_csv
from tests.journeys.conftest import Site, flaws_on_both
from tests.web.access_matrix import EVERYTHING
from tests.web.test_access_matrix import entrusted
from tests.world import World, confirmed, make_custodian, make_enterprise, make_grid, make_person

FLOUR = "甲面粉店（示例）"
NOT_THERE = ("/find?code=wrong", "/b/000000000000", "/nowhere", "/link/over", "/site/over")
# Routes that answer with a file, a word or another address, and so have nothing to look at
NO_PAGE = re.compile(
    r"photo|portrait|/static/|/template/|/export/|/sheets/|\.(pdf|zip|xlsx)$|^/(healthz|welcome|about/instance)$"
)


async def public_addresses(site: Site) -> list[str]:
    """The pages that everybody sees, with a board in force and one that was revoked."""
    world = site.world
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    gone = await issue(world.call, "enterprise", world.enterprises["丙小店（示例）"])
    await revoke(world.call, gone, "换牌")
    return [
        f"/b/{board}",
        f"/b/{gone}",
        "/",
        "/find?code=wrong",
        "/b/000000000000",
        "/leave",
        "/receipt",
        "/schemes",
        "/schemes/sample",
        "/schemes/sample/editions/sample-2020",
        "/schemes/sample/compare",
        "/privacy",
        "/sign-in",
        "/nowhere",
    ]


async def filed(world: World, station: str, town: str) -> str:
    """A filing of what a town has to file."""
    call, place = world.call.as_(await world.office(station)), world.places[town]
    ready = await filing.ready_at(call, place, "grids")
    assert ready is not None
    return await filing.file(call, place, "grids", form=public_id(), mark=ready.mark)


async def addresses(site: Site) -> dict[str, list[str]]:
    """The pages of each door with real things on them."""
    world, call = site.world, site.world.call
    public = await public_addresses(site)
    board = public[0].removeprefix("/b/")
    for login, role, seat in (
        ("admin", Role.ADMINISTRATOR, {"person": "王格长"}),
        ("chief", Role.ADMINISTRATOR, {"person": "李格长"}),
        ("office", Role.OFFICE, {"unit": "东所"}),
        ("colleague", Role.OFFICE, {"unit": "东所"}),
        ("bureau", Role.OFFICE, {"unit": "区局"}),
        ("inspector", Role.INSPECTOR, {"person": "张看护"}),
        ("enterprise", Role.ENTERPRISE, {"enterprise": FLOUR}),
    ):
        await world.account(login, role, **seat)
    ids = {row["login"]: row for row in await call.db.rows("select id, login, public_id from account")}
    chief, clerk = await confirmed(world, "chief"), replace(await world.office("东所"), account=ids["office"]["id"])

    for kind in (Kind.REPORT, Kind.CONTACT):
        await open_case(call.as_(PUBLIC), CaseOpening(kind=kind, board=board, form=public_id(), text="有情况", contact="1"))
    case, contact = [row["public_id"] for row in await call.db.rows("select public_id from feedback_case order by id")]
    appointment = await call.db.value("select public_id from appointment order by id limit 1")
    await make_person(world, "钱新人", place="东镇", badge="示例099")
    town, grid, person, firm = world.places["东镇"], world.grids["甲村格"], world.people["钱新人"], world.enterprises[FLOUR]
    interest = await declare(call, InterestForm(person=person, enterprise=firm, kind="other", note="示例", since=call.today))
    await declare(call, InterestForm(person=person, other=world.people["张看护"], kind="other", since=call.today))
    deputy = next(one for one in await deputies.colleagues(call.as_(clerk)) if one.id == ids["colleague"]["public_id"])
    await deputies.cover(call.as_(clerk), deputy.id, call.today, call.today + timedelta(days=3))
    job = await ask_batch(call.as_(clerk), region="sample", grid=None, size="A4")
    wrong = written_csv(["单位名称", "村（社区）", "规模", "高危", "备注"], [["坏厂（示例）", "戊村", "中", "", "x"]])
    sheet = await batches.bring(call.as_(clerk), kind="enterprises", region="sample", data=wrong)
    await batches.check(call.as_(clerk), sheet)
    unknown = written_csv(["店招", "村（社区）", "规模", "高危", "备注"], [["坏厂（示例）", "甲村", "小", "否", "x"]])
    asking = await batches.bring(call.as_(clerk), kind="enterprises", region="sample", data=unknown, ask=True)
    await put_by(call, ids["office"]["id"], PutBy("/office/nowhere", {"text": ["写过的话"]}, files=True), apart=False)

    other = await make_custodian(world, "unseen", "何纪检", phone="0512-09999900")
    await make_person(world, "郑纪检", phone="0512-09999999")
    await world.account("custodian", Role.CUSTODIAN, unit="纪检", person="郑纪检")
    keeper = replace(other, account=await call.db.value("select id from account where login = 'custodian'"))
    await open_complaint(call.as_(PUBLIC), Complaint(board=board, form=public_id(), text="请他吃顿饭", contact="1"))
    complaint = await call.db.row("select public_id, number from complaint")
    asked = [await glass.ask(call.as_(one), complaint["number"], "受理人员均无法办理") for one in (other, keeper)]

    row = await call.db.row(
        "select e.id, j.path from enterprise e join jurisdiction j on j.id = e.division where e.public_id = $1", firm
    )
    password = await invite(call.as_(chief), ids["colleague"]["public_id"])
    guarded = await call.db.value("select public_id from account where login = 'custodian'")
    for deed in (AskedDeed.LINK, AskedDeed.SECOND):
        await asks.propose(call.as_(chief), AskWish(deed=deed, account=guarded), circle)
    on_site = await let_in(call.as_(clerk), row["id"], firm, row["path"])
    account = f"/office/accounts/{ids['office']['public_id']}"
    await make_grid(world, "西片", "patch", "西镇", parent="西镇格", code="W1")
    bureau, waits = call.as_(await world.office("区局")), await filed(world, "西所", "西镇")
    returned = await filed(world, "东所", "东镇")
    await filing.send_back(bureau, returned, "边界不清，请重画。" * 20)
    await filing.accept(bureau, await filed(world, "东所", "东镇"), "备〔2026〕1号", call.today)
    await change_grid(
        call, world.grids["园片"], name="东镇示例工业园片区", area_note="东至示例路，西至示例河，南至示例大道，北至示例山" * 4
    )
    theirs = OutsideForm(system="综治网格", code="32050600100000000001", name="示例综治网格", jurisdiction=world.places["甲村"])
    outside_grid = await outside.add_outside(call, theirs)
    await outside.add_outside(call, replace(theirs, code="32050600100000000002", grid=grid))
    walk = DeedForm(
        region="sample", duty="walk", subject=firm, day=call.today, person=world.people["张看护"], note="都好（示例）"
    )
    deed = await add_deed(call, walk)
    own = RefinementForm(figure="duty:round:every", value=Every(months=1), document="细则（示例）", clause="一", gist="每月到村")
    refinement, letter = await refine(call, town, own), await entrusted(world)
    letter = await entrusted(world)
    corrected = {
        "appointment": appointment,
        "interest": interest,
        "enterprise": firm,
        "grid": world.grids["园片"],
        "unit": world.units["东所"],
    }
    due = f"/office/deeds/new?region=sample&duty=walk&of={world.enterprises['园玩具厂（示例）']}"
    things = {"jurisdictions": town, "units": world.units["东所"], "grids": grid, "people": person, "enterprises": firm}
    return {
        "": [*public, f"/link/{password}", "/link/over", f"/site/{on_site}", "/site/over"],
        "admin": [
            "/office",
            "/office/jurisdictions/new",
            "/account",
            "/office/accounts",
            "/office/accounts?q=没有",
            "/office/accounts/new",
            f"/office/accounts/new?in={town}",
            account,
            f"{account}/grants",
            f"{account}/grants?in={town}",
            f"{account}/end",
            f"/office/accounts/{ids['chief']['public_id']}",
            "/custody",
            f"/custody/two/{asked[0]}",
            "/asks",
            f"/office/accounts/{guarded}",
        ],
        "office": [
            "/office",
            "/office/gaps",
            "/office/boards",
            f"/office/boards/{board}",
            f"/office/boards/{board}/revoke",
            "/account",
            f"/office/boards/jobs/{job}",
            "/office/cases",
            f"/office/cases/{case}",
            "/office/import",
            f"/office/import/{sheet}",
            f"/office/import/{asking}",
            "/unsent",
            f"/office/enterprises/{firm}/facts",
            f"/office/enterprises/{firm}/charges?line=fire",
            f"/office/people/{person}/interests",
            f"/office/people/{person}/interests/{interest}/end",
            f"/office/appointments/new?kind=grid&seat={world.grids['园片']}&post=keeper",
            f"/office/appointments/new?kind=grid&seat={world.grids['乙社区格']}&post=pair&person={person}",
            f"/office/appointments/{appointment}/end",
            f"/office/appointments/{appointment}/hand-over",
            f"/office/appointments/{appointment}/hand-over?person={person}",
            f"/office/people/{world.people['张看护']}",
            "/office/due",
            "/office/due/sample/walk~1?part=all",
            "/office/due/sample/round~1?part=missed",
            "/office/due/sample/study~1",
            "/office/due/alls",
            "/office/due/alls/sample/area",
            "/office/due/alls/sample/content",
            "/office/due/alls/sample/records",
            f"/office/due/person/{world.people['张看护']}",
            "/office/deeds",
            f"/office/deeds?of={firm}",
            due,
            f"/office/deeds/{deed}/withdraw",
            f"/office/due/sample/walk~1/excuse?of={world.enterprises['园玩具厂（示例）']}",
            f"/office/jurisdictions/{town}/refinements",
            f"/office/refinements/{refinement}/end",
            "/office/letters",
            f"/office/letters/{letter}",
            f"/office/letters/{letter}/end",
            "/office/grids/outside",
            "/office/grids/outside?q=没有",
            f"/office/grids/outside/{outside_grid}",
            "/office/filings",
            f"/office/filings/new?in={town}&rule=grids",
            f"/office/filings/{returned}",
            "/office/grids?filed=changed",
            f"/office/grids/{world.grids['园片']}",
            "/office/letters",
            f"/office/letters/{letter}",
            *(f"/office/corrections/{kind}/{id_}" for kind, id_ in corrected.items()),
            f"/office/grids/new?in={town}",
            f"/office/grids/new?in={town}&tier=patch",
            f"/office/units/new?in={town}",
            f"/office/people/new?in={town}",
            f"/office/enterprises/new?in={town}",
            "/office/units/new",
            *(f"/office/{subject}" for subject in things),
            *(f"/office/{subject}?q=没有" for subject in things),
            *(f"/office/{subject}/{id_}{page}" for subject, id_ in things.items() for page in ("", "/change", "/end")),
            *(f"/office/{subject}/{things[subject]}/reopen" for subject in ("grids", "enterprises")),
        ],
        "bureau": [
            "/office",
            f"/office/filings/{waits}",
            "/office/letters",
            "/office/letters/new",
            f"/office/letters/{letter}/end",
        ],
        "inspector": [
            "/field",
            "/field/cases",
            f"/field/cases/{contact}",
            "/field/enterprises",
            f"/field/enterprises/{firm}",
            "/account",
        ],
        "enterprise": ["/enterprise"],
        "custodian": [
            "/custody",
            f"/custody/{complaint['public_id']}",
            *(f"/custody/{complaint['public_id']}/{deed}" for deed in ("sheet", "move", "stand-back")),
            "/custody/two",
            *(f"/custody/two/{one}" for one in asked),
            "/asks",
        ],
    }


def not_looked_at(seen: list[str]) -> set[str]:
    """The routes with pages whose like is not among these addresses; one that a fixed address has counts for no other."""
    routes = sorted((path for method, path in EVERYTHING if method == "GET"), key=lambda path: path.count("{"))
    patterns = {path: re.compile(re.sub(r"\{\w+:\w+\}", "[^/]+", path)) for path in routes}
    found = {
        next((path for path, pattern in patterns.items() if pattern.fullmatch(urlsplit(address).path)), "") for address in seen
    }
    return {path for path in routes if not NO_PAGE.search(path)} - found


async def steps_looked_at(page: Page, board: str, found: dict[str, list[str]]) -> list[str]:
    """Go through a report on a board's page to its receipt and what that opens, and look at every step; the addresses."""
    seen: list[str] = []

    async def look() -> None:
        seen.append(urlsplit(page.url).path)
        if problems := await flaws_on_both(page):
            found[seen[-1]] = problems

    await page.goto("/form/1")
    await look()
    await page.goto(board)
    await page.get_by_role("button", name="举报隐患").click()
    await look()
    await page.locator("#text").fill("有情况")
    for button in ("下一步", "下一步", "提交"):
        await page.get_by_role("button", name=button).last.click()
        await look()
    await page.goto("/form/2")
    await look()
    await page.goto("/form/4")
    await page.get_by_role("button", name="现在查看进展").click()
    await look()
    return seen


async def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(browsed: Site) -> None:
    found: dict[str, list[str]] = {}
    seen = ["/second"]
    given = await addresses(browsed)
    not_there = {given[""][1], *NOT_THERE}
    for login, wanted in given.items():
        page = await browsed.visitor(phone=True)
        if login:
            await browsed.sign_in(page, login)
        for address in wanted:
            answer = await page.goto(address)
            assert answer is not None
            assert urlsplit(page.url).path == urlsplit(address).path, address
            assert (answer.status >= 400) == (address in not_there), (address, answer.status)
            if problems := await flaws_on_both(page):
                found[address] = problems
            seen.append(address)
        if not login:
            seen += await steps_looked_at(page, wanted[0], found)
    assert found == {}
    assert not_looked_at(seen) == set()


async def press(page: Page, address: str, button: str, shown: str, **fields: str) -> None:
    """Open a page, fill in some fields, press a button, and see what it leads to."""
    await page.goto(address)
    for label, text in fields.items():
        await page.get_by_label(label).fill(text)
    await page.get_by_role("button", name=button, exact=True).last.click()
    await expect(page.locator("main")).to_contain_text(shown)


async def test_axe_finds_nothing_on_what_a_button_leads_to(browsed: Site) -> None:
    found: dict[str, list[str]] = {}
    given = await addresses(browsed)
    board, password, on_site = given[""][0], given[""][-4], given[""][-2]

    async def look(page: Page) -> None:
        if problems := await flaws_on_both(page):
            found[f"{page.url} {await page.locator('h1').inner_text()}"] = problems

    # Everybody
    page = await browsed.visitor(phone=True)
    await press(page, board, "给我留言", "填写情况")
    await press(page, board, "举报隐患", "填写情况")
    await look(page)
    for step, text in (("填写情况", ""), ("怎样联系您", "门被货堵住了"), ("核对后提交", "")):
        if text:
            await page.get_by_label("填写情况").fill(text)
        await page.get_by_role("button", name="下一步").last.click()
        await expect(page.locator("main")).to_contain_text("请写明情况" if step == "填写情况" else step)
        await look(page)
    await page.get_by_role("button", name="提交").last.click()
    await expect(page.locator("#receipt")).to_be_visible()
    await look(page)
    await page.get_by_role("button", name="现在查看进展").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("办理进展")
    await look(page)
    await page.get_by_label("补充说明").fill("有人没有救回来")
    await page.get_by_label("有人死亡或重伤").check()
    await page.get_by_role("button", name="提交补充情况").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("核对后提交")
    await look(page)
    for address, button, shown, fields in (
        ("/receipt", "查看", "没有找到这个查询码", {"查询码": "1234 5678 9012 3456"}),
        ("/sign-in", "登录", "请输入密码", {"登录名": "x"}),
        (password, "设置密码", "至少", {"新密码": "短"}),
        (on_site, "进入", "请填写姓名", {}),
        (on_site, "进入", FLOUR, {"您的姓名": "示例负责人"}),
    ):
        await press(page, address, button, shown, **fields)
        await look(page)
    assert page.url.endswith("/enterprise")

    # Who has to show a second factor: before it is set up, a wrong code, and after it was
    page = await browsed.visitor(phone=True)
    await browsed.give_password(page, "admin")
    await look(page)
    await press(page, "/second", "绑定并登录", "验证码不对", 验证码="000000")
    await look(page)
    page = await browsed.visitor(phone=True)
    await browsed.sign_in(page, "admin")
    account = next(one for one in given["admin"] if one.endswith("/end")).removesuffix("/end")
    await press(page, account, "发送重设密码的链接", "只显示这一次")
    await look(page)
    await press(page, f"{account}/grants?in={browsed.world.places['东镇']}", "增加权限", "请选择角色")
    await look(page)
    await press(page, "/asks", "确认", "把这个链接发给本人")
    await look(page)
    page = await browsed.visitor(phone=True)
    await browsed.give_password(page, "admin")
    await expect(page.locator("main")).to_contain_text("现在显示的六位数字")
    await look(page)

    # One of each other door: a form that was sent empty, and the code for somebody on site
    firm, complaint = browsed.world.enterprises[FLOUR], given["custodian"][1]
    town = browsed.world.places["东镇"]
    for login, pressed in {
        "office": (
            (f"/office/people/new?in={town}", "确认新增", "请填写姓名"),
            ("/office/import", "检查", "请选择要导入的表格"),
            (f"/office/enterprises/{firm}", "现场查看码", "只能使用一次"),
        ),
        "bureau": (("/office/letters/new", "登记委托书", "请填写文号"),),
        "inspector": ((f"/field/enterprises/{firm}", "生成现场查看码", "只能使用一次"),),
        "enterprise": (("/enterprise", "生成现场查看码", "只能使用一次"),),
        "custodian": (
            (complaint, "请补充情况", "请写明内容"),
            (f"{complaint}/move", "确认转出", "请选择"),
            (f"{complaint}/sheet", "生成转办单", "请写明承办单位"),
            ("/custody/two", "申请查看", "请填写投诉编号"),
        ),
    }.items():
        page = await browsed.visitor(phone=True)
        await browsed.sign_in(page, login)
        for address, button, shown in pressed:
            await press(page, address, button, shown)
            await look(page)
    assert found == {}


async def test_public_pages_at_320_pixels_and_with_large_letters(browsed: Site) -> None:
    page = await browsed.visitor()
    wanted = await public_addresses(browsed)
    for width, zoom in ((320, 1.0), (360, 1.5)):
        await page.set_viewport_size({"width": width, "height": 640})
        for address in wanted:
            await page.goto(address)
            await page.evaluate(f"() => document.documentElement.style.fontSize = '{16 * zoom}px'")
            wide = await page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (address, width, zoom, wide)


async def test_public_pages_are_light_and_their_targets_large(browsed: Site) -> None:
    page = await browsed.visitor()
    for address in await public_addresses(browsed):
        sizes: list[int] = []
        page.on("response", lambda response, kept=sizes: kept.append(int(response.headers.get("content-length", "0"))))
        await page.goto(address)
        assert sum(sizes) < 100_000, address
        small = await page.evaluate(
            """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
                .filter(e => e.offsetParent && !e.closest('p, li, td, dd, .hidden, .skip') && e.getBoundingClientRect().height < 44)
                .map(e => e.outerHTML.slice(0, 90))"""
        )
        assert small == [], (address, small)


async def test_lists_answer_while_one_types(browsed: Site) -> None:
    await browsed.world.account("office", Role.OFFICE, unit="区局")
    page = await browsed.visitor(phone=False)
    await browsed.sign_in(page, "office")
    await page.goto("/office/enterprises")
    assert await page.locator("tbody tr").count() == 4
    await page.get_by_label("搜索").press_sequentially("面粉")
    await page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 1")
    assert "q=" in page.url
    await page.get_by_label("含已停用").check()
    assert await page.get_by_label("搜索").input_value() == "面粉"


async def test_names_from_data_are_text_and_nothing_else(browsed: Site) -> None:
    """What an office or a reporter typed never becomes markup, script or an htmx attribute."""
    payloads = [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' hx-get=/x hx-trigger=load '",
        "{{7*7}}",
        "javascript:alert(1)",
    ]
    world = browsed.world
    for n, payload in enumerate(payloads):
        # No form takes them for a name any more; a register of before may have them
        world.people[payload] = await make_person(world, "示例人", place="东镇", badge=payload[:40])
        await world.call.db.rows("update person set name = $1 where public_id = $2", payload, world.people[payload])
        await make_enterprise(world, f"{payload}{n}", "甲村", size="small", risky="no")
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    for payload in payloads:
        await open_case(
            world.call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text=payload, contact=payload)
        )
    await world.account("office", Role.OFFICE, unit="东所")
    page = await browsed.visitor(phone=False)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await browsed.sign_in(page, "office")
    cases = [row["public_id"] for row in await world.call.db.rows("select public_id from feedback_case")]
    wanted = ["/office/people", "/office/enterprises", "/office", "/office/cases", *(f"/office/cases/{case}" for case in cases)]
    wanted += [f"/office/people/{world.people[payload]}" for payload in payloads]
    wanted += [f"/office/enterprises/{world.enterprises[f'{payload}{n}']}" for n, payload in enumerate(payloads)]
    for address in wanted:
        await page.goto(address)
        odd = await page.evaluate(
            "() => document.querySelectorAll('[hx-trigger=load], img[src=x], [onerror], a[href^=javascript]').length"
        )
        assert odd == 0, address
    assert dialogs == []
