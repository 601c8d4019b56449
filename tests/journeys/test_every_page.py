"""axe on every page of every door, on a phone and at a desk; nothing wider than the screen; nothing from another host."""

import pytest

from portal.boards.actions import issue, revoke
from portal.feedback.actions import Opening, open_case
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from tests.journeys.conftest import Site, axe
from tests.world import PASSWORD

FLOUR = "甲面粉店（示例）"


async def addresses(site: Site) -> dict[str, list[str]]:
    """The pages of each door with real things on them."""
    world = site.world
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    gone = await issue(world.call, "enterprise", world.enterprises["丙小店（示例）"])
    await revoke(world.call, gone, "换牌")
    for kind in (Kind.REPORT, Kind.CONTACT):
        await open_case(world.call.as_(PUBLIC), Opening(kind=kind, board=board, form=public_id(), text="有情况", contact="1"))
    case, contact = [row["public_id"] for row in await world.call.db.rows("select public_id from feedback_case order by id")]
    appointment = await world.call.db.value("select public_id from appointment order by id limit 1")
    await world.account("admin", Role.ADMINISTRATOR)
    await world.account("office", Role.OFFICE, unit="东所")
    await world.account("inspector", Role.INSPECTOR, person="张看护")
    await world.account("enterprise", Role.ENTERPRISE, enterprise=FLOUR)
    town, grid, person, firm = world.places["东镇"], world.grids["甲村格"], world.people["张看护"], world.enterprises[FLOUR]
    things = {"jurisdictions": town, "units": world.units["东所"], "grids": grid, "people": person, "enterprises": firm}
    return {
        "": [
            "/", "/find?code=wrong", f"/b/{board}", f"/b/{gone}", "/b/000000000000", "/leave", "/receipt", "/schemes", "/schemes/sample", "/privacy", "/sign-in",
            "/nowhere",
        ],
        "admin": ["/office", "/office/jurisdictions/new", "/account"],
        "office": [
            "/office", "/office/gaps", "/office/boards", f"/office/boards/{board}", f"/office/boards/{board}/revoke",
            "/office/cases", f"/office/cases/{case}", "/office/import", f"/office/enterprises/{firm}/facts",
            f"/office/appointments/new?kind=grid&seat={world.grids['园片']}&post=keeper", f"/office/appointments/{appointment}/end",
            f"/office/grids/new?in={town}", f"/office/grids/new?in={town}&tier=patch", f"/office/units/new?in={town}",
            f"/office/people/new?in={town}", f"/office/enterprises/new?in={town}", "/office/units/new",
            *(f"/office/{subject}" for subject in things), *(f"/office/{subject}?q=没有" for subject in things),
            *(f"/office/{subject}/{id_}{page}" for subject, id_ in things.items() for page in ("", "/change", "/end")
              if (subject, page) not in {("people", "/change"), ("people", "/end")}),
        ],
        "inspector": ["/field", "/field/cases", f"/field/cases/{contact}", "/field/enterprises", "/account"],
        "enterprise": ["/enterprise"],
    }  # fmt: skip


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
async def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(browsed: Site, phone: bool) -> None:
    found: dict[str, list[str]] = {}
    pages = 0
    for login, wanted in (await addresses(browsed)).items():
        page = await browsed.visitor(phone=phone)
        if login:
            await browsed.sign_in(page, login, PASSWORD)
        for address in wanted:
            await page.goto(address)
            await page.evaluate("() => document.querySelectorAll('details').forEach(e => { e.open = true })")
            problems = await axe(page)
            wide = await page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
            if wide > 0:
                problems.append(f"wider than the screen by {wide}")
            if problems:
                found[address] = problems
            pages += 1
    assert found == {}
    assert pages > 45


async def test_public_pages_at_320_pixels_and_with_large_letters(browsed: Site) -> None:
    page = await browsed.visitor()
    wanted = (await addresses(browsed))[""]
    for width, zoom in ((320, 1.0), (360, 1.5)):
        await page.set_viewport_size({"width": width, "height": 640})
        for address in wanted:
            await page.goto(address)
            await page.evaluate(f"() => document.documentElement.style.fontSize = '{16 * zoom}px'")
            wide = await page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (address, width, zoom, wide)


async def test_public_pages_are_light_and_their_targets_large(browsed: Site) -> None:
    page = await browsed.visitor()
    for address in (await addresses(browsed))[""]:
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
    await browsed.sign_in(page, "office", PASSWORD)
    await page.goto("/office/enterprises")
    assert await page.locator("tbody tr").count() == 4
    await page.get_by_label("搜索").press_sequentially("面粉")
    await page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 1")
    assert "q=" in page.url
    await page.get_by_label("含已停用").check()
    assert await page.get_by_label("搜索").input_value() == "面粉"


async def test_names_from_data_are_text_and_nothing_else(browsed: Site) -> None:
    """What an office or a reporter typed never becomes markup, script or an htmx attribute."""
    from tests.world import make_enterprise, make_person

    payloads = [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' hx-get=/x hx-trigger=load '",
        "{{7*7}}",
        "javascript:alert(1)",
    ]
    world = browsed.world
    for n, payload in enumerate(payloads):
        await make_person(world, payload, place="东镇", badge=payload[:40])
        await make_enterprise(world, f"{payload}{n}", "甲村", size="small", risky="no")
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    for payload in payloads:
        await open_case(
            world.call.as_(PUBLIC), Opening(kind=Kind.REPORT, board=board, form=public_id(), text=payload, contact=payload)
        )
    await world.account("office", Role.OFFICE, unit="东所")
    page = await browsed.visitor(phone=False)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await browsed.sign_in(page, "office", PASSWORD)
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
