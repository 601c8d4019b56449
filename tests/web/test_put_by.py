"""Behind the sign-in: what was sent when a session was over, what two change at once, and files beside a mistake."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from portal.access import actions as access
from portal.backups import LEFT_OUT
from portal.boards.actions import issue
from portal.call import Call
from portal.complaints.actions import ComplaintOpening as Complaining
from portal.complaints.actions import open_complaint
from portal.feedback import drafts
from portal.feedback.actions import CaseOpening, open_case
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, SYSTEM, Role
from tests.browse import Page, Visitor
from tests.world import PASSWORD, World, make_person, picture

FLOUR = "甲面粉店（示例）"
WORDS = "已去现场，货已搬开；门口另贴了提示。"
IDLE = timedelta(minutes=31)


async def clerk(site: Any, world: World, login: str = "east", role: Role = Role.OFFICE, unit: str = "区局") -> Visitor:
    """Somebody of an office, signed in."""
    await world.account(login, role, unit=unit)
    visitor: Visitor = site()
    await visitor.sign_in(login, PASSWORD)
    return visitor


async def a_case(world: World) -> str:
    """A report that lies with the town's office; the address of its page."""
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    await open_case(world.call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="堵了", contact=""))
    return f"/office/cases/{await world.call.db.value('select public_id from feedback_case')}"


async def in_again(visitor: Visitor, sent: Page, login: str = "east") -> Page:
    """Where one arrives who follows an answer to the sign-in and signs in."""
    assert sent.response.headers["location"] == "/sign-in?late=kept"
    page = await visitor.follow(sent)
    assert "刚才填写的内容没有提交" in page.text
    await visitor.sign_in(login, PASSWORD)
    welcome = await visitor.client.get("/welcome")
    return await visitor.get(welcome.headers["location"])


async def test_an_answer_that_came_too_late_stands_there_as_typed_after_signing_in(site, world: World, clock) -> None:
    home = await a_case(world)
    office = await clerk(site, world, unit="东所")
    form = (await office.get(home)).form(f"{home}/step")
    clock.now += IDLE
    page = await in_again(office, await office.post(f"{home}/step", {**form, "step": "answer", "text": WORDS}))
    assert page.form(f"{home}/step")["text"] == WORDS
    assert "没有提交" in page.text
    assert await world.call.db.value("select count(*) from feedback_step") == 1
    assert (await office.get("/unsent")).form(f"{home}/step")["text"] == WORDS
    done = await office.send(page, {"step": "accept"}, action=f"{home}/step")
    assert done.status == 303
    assert WORDS in (await office.follow(done)).text
    # Signing in again does not lead back to it
    assert (await office.client.get("/welcome")).headers["location"] == "/office"


@pytest.mark.parametrize("how", ["an hour", "signed out", "reset", "disabled", "somebody else"])
async def test_what_was_put_by_is_for_one_account_and_one_hour(site, world: World, clock, how: str) -> None:
    home = await a_case(world)
    office = await clerk(site, world, unit="东所")
    form = (await office.get(home)).form(f"{home}/step")
    clock.now += IDLE
    await office.post(f"{home}/step", {**form, "step": "answer", "text": WORDS})
    rows = await world.call.db.rows("select answers from unsent_form")
    assert [WORDS.encode() in row["answers"] for row in rows] == [False]
    system, login = Call(world.call.portal, SYSTEM, clock()), "east"
    match how:
        case "an hour":
            clock.now += timedelta(minutes=61)
        case "signed out":
            other = site()
            await other.sign_in("east", PASSWORD)
            await other.send(await other.get("/account"), {}, action="/sign-out")
        case "reset":
            await access.end_all_sessions(system, await world.call.db.value("select id from account where login = 'east'"))
        case "disabled":
            await access.disable_account(system, "east")
            await access.enable_account(system, await world.call.db.value("select public_id from account where login = 'east'"))
        case "somebody else":
            await world.account("other", Role.OFFICE, unit="东所")
            login = "other"
    await office.sign_in(login, PASSWORD)
    assert (await office.client.get("/welcome")).headers["location"] == "/office"
    assert (await office.get("/unsent")).response.headers["location"] == "/welcome"
    assert {"unsent_form", "complaint_unsent"} <= LEFT_OUT


async def test_nothing_is_put_by_for_who_signed_out_or_sends_what_no_page_of_theirs_said(site, world: World, clock) -> None:
    home = await a_case(world)
    office = await clerk(site, world, unit="东所")
    form = (await office.get(home)).form(f"{home}/step")
    held = dict(office.client.cookies)
    clock.now += IDLE
    sent = await office.post(f"{home}/step", {**form, "_token": "x" * 32, "step": "answer", "text": WORDS})
    assert sent.response.headers["location"] == "/sign-in?late=lost"
    assert "操作没有完成" in (await office.follow(sent)).text
    await office.sign_in("east", PASSWORD)
    await office.send(await office.get("/account"), {}, action="/sign-out")
    for name, value in held.items():
        office.client.cookies.set(name, value, domain="portal.example")
    await world.call.db.rows("delete from session")
    sent = await office.post(f"{home}/step", {**form, "step": "answer", "text": WORDS})
    assert sent.response.headers["location"] == "/sign-in?late=lost"
    assert await world.call.db.value("select count(*) from unsent_form where not over") == 0


async def test_a_custodians_words_lie_with_the_complaints(site, world: World, clock) -> None:
    await make_person(world, "郑纪检", phone="0512-09999999")
    await world.account("keeper", Role.CUSTODIAN, unit="纪检", person="郑纪检")
    keeper: Visitor = site("10.0.9.1")
    await keeper.send(await keeper.get("/sign-in"), {"login": "keeper", "password": PASSWORD}, action="/sign-in")
    offered = await keeper.get("/second")
    secret = pyotp.TOTP(re.sub(r"[^A-Z2-7]", "", offered.all("span", class_="code")[0].text or ""))
    await keeper.send(offered, {"code": secret.at(clock())}, action="/second")
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    await open_complaint(
        world.call.as_(PUBLIC), Complaining(board=board, form=public_id(), text="收了钱", contact="", whom="", topic="")
    )
    home = f"/custody/{await world.call.db.value('select public_id from complaint')}"
    form = (await keeper.get(home)).form(f"{home}/step")
    clock.now += IDLE
    sent = await keeper.post(f"{home}/step", {**form, "step": "answer", "text": WORDS})
    assert await world.call.db.value("select count(*) from unsent_form") == 0
    assert await world.call.db.value("select count(*) from complaint_unsent") == 1
    assert sent.response.headers["location"] == "/sign-in?late=kept"
    await keeper.send(await keeper.get("/sign-in"), {"login": "keeper", "password": PASSWORD}, action="/sign-in")
    await keeper.send(await keeper.get("/second"), {"code": secret.at(clock())}, action="/second")
    page = await keeper.get((await keeper.client.get("/welcome")).headers["location"])
    assert page.form(f"{home}/step")["text"] == WORDS


async def test_a_page_that_is_there_no_more_gives_the_words_at_least(site, world: World, clock) -> None:
    office = await clerk(site, world, unit="东所")
    token = (await office.get("/account")).form("/sign-out")["_token"]
    clock.now += IDLE
    gone = f"/office/cases/{'0' * 20}/step"
    page = await in_again(office, await office.post(gone, {"_token": token, "step": "answer", "text": WORDS, "once": "a" * 20}))
    assert WORDS in page.text
    assert "a" * 20 not in page.text


def routes_shown_again(app: Any) -> list[str]:
    """The addresses behind the sign-in whose forms are shown again with what could not be taken."""
    return [
        handler.paths.copy().pop()
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.opt.get("shown_again") and handler.resolve_guards()
    ]


async def test_a_form_that_bears_no_mark_is_shown_again_and_nothing_is_done(site, world: World) -> None:
    office = await clerk(site, world)
    assert len(routes_shown_again(office.app)) > 20
    address = f"/office/people/{world.people['张看护']}/change"
    form = (await office.get(address)).form(address)
    page = await office.post(address, {**form, "_token": "old", "name": "张换名", "phone": "0512-0000"})
    assert page.form(address)["name"] == "张换名"
    assert "请再按一次" in page.text
    assert await world.call.db.value("select count(*) from person where name = '张换名'") == 0
    done = await office.send(page, {"phone": form["phone"]}, action=address)
    assert done.status == 303


async def test_what_the_other_changed_stays_and_what_differs_is_told(site, world: World) -> None:
    office = await clerk(site, world)
    address = f"/office/people/{world.people['张看护']}/change"
    first, second = await office.get(address), await office.get(address)
    done = await office.send(first, {"phone": "0512-01009999", "badge": "K-77"}, action=address)
    assert done.status == 303
    told = await office.send(second, {"name": "张看护二", "badge": "K-88"}, action=address)
    assert told.status == 422
    assert "公示电话：已经改成“0512-01009999”" in told.text
    assert "工作证编号：现在是“K-77”，您填的是“K-88”" in told.text
    form = told.form(address)
    assert (form["name"], form["phone"], form["badge"]) == ("张看护二", "0512-01009999", "K-88")
    done = await office.send(told, {}, action=address)
    assert done.status == 303
    row = await world.call.db.row("select name, phone, badge from person where public_id = $1", world.people["张看护"])
    assert tuple(row.values()) == ("张看护二", "0512-01009999", "K-88")


async def test_two_who_change_an_enterprise_touch_what_they_touched(site, world: World) -> None:
    office = await clerk(site, world)
    address = f"/office/enterprises/{world.enterprises[FLOUR]}/change"
    first, second = await office.get(address), await office.get(address)
    assert (await office.send(first, {"contact": "李示例"}, action=address)).status == 303
    told = await office.send(second, {"address": "东街 9 号"}, action=address)
    assert "联系人：已经改成“李示例”" in told.text
    assert (await office.send(told, {}, action=address)).status == 303
    row = await world.call.db.row("select contact, address from enterprise where public_id = $1", world.enterprises[FLOUR])
    assert tuple(row.values()) == ("李示例", "东街 9 号")


async def test_a_photo_stays_where_another_field_is_wrong(site, world: World, clock) -> None:
    office = await clerk(site, world)
    place = world.places["东镇"]
    address = f"/office/people/new?in={place}"
    new = await office.get(address)
    photo = {"portrait": ("p.png", picture("#345", (300, 400)), "image/png")}
    values = {"name": "周示例", "phone": "abc"}
    wrong = await office.send(new, values, action="/office/people/new", files=photo)
    assert wrong.status == 422
    assert "刚才选的照片已经上传" in wrong.text
    done = await office.send(wrong, {"phone": "0512-01007777"}, action="/office/people/new")
    assert done.status == 303
    assert await world.call.db.value("select portrait is not null from person where name = '周示例'")
    clock.now += IDLE
    await drafts.sweep(Call(world.call.portal, SYSTEM, clock()))
    assert await world.call.db.value("select count(*) from stored_file where kind = 'draft'") == 0


async def test_two_tabs_that_came_too_late_are_both_there(site, world: World, clock) -> None:
    """Each was told that it is kept."""
    home = await a_case(world)
    office = await clerk(site, world, unit="东所")
    form = (await office.get(home)).form(f"{home}/step")
    other = (await office.get(f"/office/units/{world.units['东所']}/change")).form()
    clock.now += IDLE
    first = {**form, "step": "answer", "text": WORDS}
    await office.post(f"{home}/step", first)
    clock.now += timedelta(minutes=5)
    unit = f"/office/units/{world.units['东所']}/change"
    for _ in range(2):
        sent = await office.post(unit, {**other, "name": "东所改名（示例）"})
    page = await in_again(office, sent)
    assert [one for one in page.links() if one.startswith("/unsent?")] == ["/unsent?which=0", "/unsent?which=1"]
    assert ("东所改名（示例）" in page.text, WORDS in page.text) == (True, True)
    assert (await office.get("/unsent?which=0")).form(unit)["name"] == "东所改名（示例）"
    assert (await office.get("/unsent?which=1")).form(f"{home}/step")["text"] == WORDS
    assert (await office.get("/unsent?which=7")).status == 200
    clock.now += timedelta(minutes=56)
    await office.sign_in("east", PASSWORD)
    assert (await office.get("/unsent")).form(unit)["name"] == "东所改名（示例）"


async def test_a_form_too_long_to_keep_leads_to_no_circle(site, world: World, clock) -> None:
    home = await a_case(world)
    office = await clerk(site, world, unit="东所")
    form = (await office.get(home)).form(f"{home}/step")
    clock.now += IDLE
    sent = await office.post(f"{home}/step", {**form, "step": "answer", "text": "长" * 12_000})
    assert sent.response.headers["location"] == "/sign-in?late=lost"
    await office.sign_in("east", PASSWORD)
    assert (await office.client.get("/welcome")).headers["location"] == "/office"
