"""What is typed in a public form and not sent yet: back, forward and reload show it, and a shared phone keeps nothing of it."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from portal.backups import LEFT_OUT
from portal.boards.actions import issue, revoke
from portal.call import Call
from portal.feedback import drafts
from tests.browse import Page, Visitor
from tests.web.test_public_pages import receipt_on
from tests.world import World, make_custodian, picture

FLOUR = "甲面粉店（示例）"
WORDS, REACH = "锅炉房的门被货堵住了", "微信 示例"
PHOTOS = [("photos", (f"IMG_{n}.jpg", picture(f"#45{n}", (800, 600), "JPEG"), "image/jpeg")) for n in range(3)]
DOORS = ("report", "contact", "complaint")


@pytest.fixture
async def board(world: World) -> str:
    """The flour shop's board, with somebody who keeps complaints."""
    await make_custodian(world, "custodian", "郑纪检")
    return await issue(world.call, "enterprise", world.enterprises[FLOUR])


def thumbs(page: Page) -> int:
    return len([one for one in page.all("img") if one.get("src", "").startswith("data:image/jpeg")])


async def to_the_check(visitor: Visitor, board: str, kind: str, words: str = WORDS) -> Page:
    """Filled in, with two photos, up to the last step."""
    reach = await visitor.send(await visitor.door(board, kind), {"text": words, "go": "reach"}, action="/send", files=PHOTOS[:2])
    return await visitor.send(reach, {"contact": REACH, "go": "check"}, action="/send")


async def kept(world: World) -> int:
    """How many forms are kept that were neither sent nor given up."""
    return int(await world.call.db.value("select count(*) from unsent_form where not over"))


@pytest.mark.parametrize("kind", DOORS)
async def test_every_step_shows_what_was_typed_whenever_it_is_opened(site, board: str, kind: str, clock) -> None:
    visitor = site()
    check = await to_the_check(visitor, board, kind)
    assert str(check.response.url.path) == "/form/3"
    for _ in range(2):
        tell = await visitor.get("/form/1")
        assert (tell.form("/send")["text"], thumbs(tell), tell.status) == (WORDS, 2, 200)
        assert (await visitor.get("/form/2")).form("/send")["contact"] == REACH
        check = await visitor.get("/form/3")
        assert (WORDS in check.text, REACH in check.text, thumbs(check)) == (True, True, 2)
    assert "30 分钟没有操作就会删除" in check.text.replace("30分钟", "30 分钟")
    given = await visitor.send(check, {"go": "send"}, action="/send")
    receipt = receipt_on(given)
    assert receipt_on(await visitor.get("/form/4")) == receipt
    for step in "321":
        again = await visitor.get(f"/form/{step}")
        assert ("已经提交" in again.text, "/form/4" in again.links()) == (True, True)
        assert not {WORDS, REACH, receipt, f"{receipt[:4]} {receipt[4:8]}"} & {
            one for one in (WORDS, REACH, receipt) if one in again.text
        }
    clock.now += timedelta(minutes=11)
    assert (await visitor.get("/form/4")).status == 410


async def test_the_forms_id_stands_in_no_address(site, board: str) -> None:
    visitor, addresses = site(), list[str]()

    async def keep(response: Any) -> None:
        addresses.extend([str(response.url), response.headers.get("location", "")])

    visitor.client.event_hooks["response"].append(keep)
    check = await to_the_check(visitor, board, "complaint")
    form = check.form("/send")["form"]
    await visitor.send(check, {"go": "send"}, action="/send")
    assert len(addresses) > 12
    assert not [one for one in addresses if form in one or "complaint" in one]
    ids = [one for one in visitor.client.cookies.jar if one.value == form]
    assert [(one.name, one.expires) for one in ids] == [("portal-unsent", None)]


async def test_wrong_answers_are_told_at_the_steps_own_address(site, board: str) -> None:
    visitor = site()
    wrong = await visitor.send(await visitor.door(board, "report"), {"text": "", "go": "reach"}, action="/send", files=PHOTOS[:1])
    for page in (wrong, await visitor.get("/form/1")):
        assert (page.response.url.path, page.status, "请写明情况" in page.text, thumbs(page)) == ("/form/1", 200, True, 1)
    reach = await visitor.send(wrong, {"text": WORDS, "go": "reach"}, action="/send")
    long = await visitor.send(reach, {"contact": "长" * 101, "go": "check"}, action="/send")
    for page in (long, await visitor.get("/form/2")):
        assert (page.response.url.path, "最多 100 个字" in page.text) == ("/form/2", True)
        assert page.form("/send")["contact"] == "长" * 101
    assert "problems" not in {one.get("id") for one in (await visitor.get("/form/1")).all("div")}
    # A step that is not reached yet leads to the one that lacks something
    assert (await visitor.client.get("/form/3")).headers["location"] == "/form/2"


async def test_nobody_opens_it_without_the_cookie_and_the_row_says_nothing(site, world: World, board: str) -> None:
    visitor = site()
    form = (await to_the_check(visitor, board, "complaint")).form("/send")["form"]
    other = site("10.0.0.9")
    for step in "123":
        page = await other.get(f"/form/{step}")
        assert (page.status, "没有正在填写的内容" in page.text) == (410, True)
    other.client.cookies.set("portal-unsent", form[:-1] + ("a" if form[-1] != "a" else "b"), domain="portal.example")
    assert (await other.get("/form/1")).status == 410
    rows = await world.call.db.rows("select * from unsent_form")
    for row in rows:
        for value in row.values():
            data = value if isinstance(value, bytes) else str(value).encode()
            assert WORDS.encode() not in data
            assert form.encode() not in data
            assert b"complaint" not in data
    assert "unsent_form" in LEFT_OUT


@pytest.mark.parametrize("how", ["leave", "clear"])
async def test_whoever_began_many_forms_leaves_them_all(site, world: World, board: str, how: str) -> None:
    visitor = site()
    boards = [
        board,
        *[await issue(world.call, "enterprise", world.enterprises[name]) for name in ("丙小店（示例）", "园玩具厂（示例）")],
    ]
    pages = [await to_the_check(visitor, one, kind) for one in boards for kind in ("report", "contact")]
    if how == "leave":
        await visitor.get("/leave")
    else:
        await visitor.send(pages[-1], {"go": "clear"}, action="/send")
    kept = "select count(*) from unsent_form where not over"
    assert await world.call.db.value(kept) == 0


@pytest.mark.parametrize("how", ["leave", "clear", "wait", "send"])
async def test_it_goes_with_leaving_clearing_waiting_and_sending(site, world: World, board: str, how: str, clock) -> None:
    visitor = site()
    check = await to_the_check(visitor, board, "complaint")
    held = dict(visitor.client.cookies)
    match how:
        case "leave":
            page = await visitor.get("/leave")
        case "clear":
            page = await visitor.send(check, {"go": "clear"}, action="/send")
            assert "已经清除" in page.text
        case "wait":
            clock.now += timedelta(minutes=29)
            assert (await visitor.get("/form/1")).form("/send")["text"] == WORDS
            clock.now += timedelta(minutes=2)
        case "send":
            await visitor.send(check, {"go": "send"}, action="/send")
    # Whoever kept the cookie all the same finds nothing
    for name, value in held.items():
        visitor.client.cookies.set(name, value, domain="portal.example")
    for step in "123":
        page = await visitor.get(f"/form/{step}")
        assert page.status == (200 if how == "send" else 410)
        assert WORDS not in page.text
        assert (page.all("textarea"), thumbs(page)) == ([], 0)
    await drafts.sweep(Call(world.call.portal, world.call.viewer, clock()))
    assert await kept(world) == 0
    assert await world.call.db.value("select count(*) from feedback_draft_photo") == 0
    assert await world.call.db.value("select count(*) from stored_file where kind = 'draft'") == 0


async def test_half_an_hour_begins_anew_with_every_step(site, board: str, clock) -> None:
    visitor = site()
    reach = await visitor.send(await visitor.door(board, "report"), {"text": WORDS, "go": "reach"}, action="/send")
    for _ in range(3):
        clock.now += timedelta(minutes=20)
        reach = await visitor.send(reach, {"contact": REACH, "go": "reach"}, action="/send")
    assert (await visitor.get("/form/1")).form("/send")["text"] == WORDS


async def test_photos_that_were_there_too_long_are_told_and_words_are_kept(site, world: World, board: str, clock) -> None:
    visitor = site()
    check = await to_the_check(visitor, board, "report")
    clock.now += timedelta(minutes=31)
    await drafts.sweep(Call(world.call.portal, world.call.viewer, clock()))
    page = await visitor.send(check, {"go": "send"}, action="/send")
    assert "以前选好的照片放了太久" in page.text
    assert (page.form("/send")["text"], page.form("/send")["contact"]) == (WORDS, REACH)
    assert await world.call.db.value("select count(*) from feedback_case") == 0
    check = await visitor.send(page, {"go": "check"}, action="/send", files=PHOTOS[:1])
    assert receipt_on(await visitor.send(check, {"go": "send"}, action="/send"))


@pytest.mark.parametrize(("step", "field"), [("tell", "text"), ("reach", "contact"), ("check", "")])
async def test_a_lost_cookie_is_told_at_the_same_step_with_everything_kept(
    site, world: World, board: str, step: str, field: str
) -> None:
    visitor = site()
    check = await to_the_check(visitor, board, "complaint")
    before = {"tell": await visitor.get("/form/1"), "reach": await visitor.get("/form/2"), "check": check}[step]
    visitor.client.cookies.clear()
    typed = {field: f"{WORDS}，又写了一句"} if field else {}
    here = {"origin": "http://portal.example", "sec-fetch-site": "same-origin"}
    page = await visitor.post("/send", {**before.form("/send"), **typed, "go": "send"}, headers=here)
    assert (page.response.url.path, "请再按一次" in page.text) == ("/send", True)
    again = await visitor.get({"tell": "/form/1", "reach": "/form/2", "check": "/form/3"}[step])
    assert again.form("/send")["text"] == page.form("/send")["text"]
    form = page.form("/send")
    assert form["text"] == (typed.get("text") or WORDS)
    assert form["contact"] == (typed.get("contact") or REACH)
    assert thumbs(page) == (0 if step == "reach" else 2)
    assert await world.call.db.value("select count(*) from complaint") == 0
    given = await visitor.post("/send", {**form, "go": "send"}, headers=here)
    assert receipt_on(given)


async def test_a_form_that_no_page_of_ours_may_have_sent_gets_an_id_that_nobody_knows(site, board: str) -> None:
    visitor = site()
    foreign = {"form": "a" * 20, "board": board, "kind": "report", "text": "别人填的", "go": "reach"}
    page = await visitor.post("/send", foreign)
    assert "请再按一次" in page.text
    assert page.form("/send")["form"] != "a" * 20
    assert visitor.client.cookies["portal-unsent"] != "a" * 20
    answer = await visitor.client.post("/send", data=foreign, headers={"origin": "http://elsewhere.example"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


async def test_a_body_that_is_too_large_loses_no_word_and_no_photo_that_came_before(site, world: World, board: str) -> None:
    visitor = site()
    begin = await visitor.door(board, "report")
    large = [
        PHOTOS[0],
        *(("photos", (f"{n}.jpg", b"\xff\xd8\xff" + bytes(33_000_000), "image/jpeg")) for n in range(4)),
        PHOTOS[1],
    ]
    page = await visitor.send(begin, {"text": WORDS, "go": "reach"}, action="/send", files=large)
    assert (page.response.url.path, page.form("/send")["text"]) == ("/form/1", WORDS)
    assert "超过 124 MB" in page.text
    assert thumbs(page) == 1
    assert site.litestar.state.web.arriving.held.total() == 0


@pytest.mark.parametrize("go", ["reach", "keep"])
async def test_of_a_broken_upload_what_came_whole_is_there_again(site, board: str, go: str) -> None:
    visitor = site()
    form = (await visitor.door(board, "report")).form("/send")
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
        for k, v in {**form, "text": WORDS, "go": go}.items()
    ]
    for name, (_, data, _) in zip("ab", (one[1] for one in PHOTOS[:2]), strict=True):
        head = f'--b\r\nContent-Disposition: form-data; name="photos"; filename="{name}.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    # The second photo does not come to its end, and then the line is gone
    coming: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"".join(parts)[:-200], "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Any) -> None:
        """Nobody reads it."""

    cookie = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
    headers = {"host": "portal.example", "cookie": cookie, "content-type": "multipart/form-data; boundary=b"}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/send",
        "raw_path": b"/send",
        "query_string": b"",
        "root_path": "",
        "client": ("10.0.0.1", 1),
        "server": ("portal.example", 80),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "state": {},
    }
    async with asyncio.timeout(20):
        await site.app(scope, receive, send)
    page = await visitor.get("/form/1")
    assert (page.form("/send")["text"], thumbs(page)) == (WORDS, 1)
    # Who is still on the page is told there
    assert ("没有完整到达" in page.text) == (go == "reach")


async def test_what_a_page_sends_while_it_is_being_left_brings_nothing_back(site, world: World, board: str) -> None:
    visitor = site()
    tell = await visitor.send(
        await visitor.door(board, "report"), {"text": WORDS, "go": "tell"}, action="/send", files=PHOTOS[:1]
    )
    late = {**tell.form("/send"), "text": "还在写的半句", "go": "keep"}
    held = dict(visitor.client.cookies)
    answer = await visitor.post("/send", late, check=False)
    assert (answer.status, thumbs(answer)) == (200, 1)
    assert (await visitor.get("/form/1")).form("/send")["text"] == "还在写的半句"
    await visitor.get("/leave")
    for name, value in held.items():
        visitor.client.cookies.set(name, value, domain="portal.example")
    await visitor.post("/send", late, check=False)
    assert (await visitor.get("/form/1")).status == 410
    assert await kept(world) == 0
    # Sent, and the page's last words come after that
    check = await to_the_check(visitor, board, "report")
    await visitor.send(check, {"go": "send"}, action="/send")
    await visitor.post("/send", {**check.form("/send"), "go": "keep"}, check=False)
    assert "已经提交" in (await visitor.get("/form/1")).text


async def test_a_door_opened_again_goes_on_with_what_was_typed(site, board: str) -> None:
    visitor = site()
    await to_the_check(visitor, board, "report")
    assert (await visitor.door(board, "report")).form("/send")["text"] == WORDS
    assert (await visitor.door(board, "contact")).form("/send")["text"] == ""


@pytest.mark.parametrize("kind", DOORS)
async def test_a_browser_without_cookies_carries_its_answers_to_the_receipt(site, world: World, board: str, kind: str) -> None:
    visitor = site()
    here = {"origin": "http://portal.example", "sec-fetch-site": "same-origin"}

    async def forget(_: Any) -> None:
        visitor.client.cookies.clear()

    visitor.client.event_hooks["response"].append(forget)
    page = await visitor.post("/door", {"board": board, "kind": kind}, headers=here)
    assert "请用页面上的“上一步”" in page.text
    page = await visitor.post("/send", {**page.form("/send"), "text": "", "go": "reach"}, files=PHOTOS[:2], headers=here)
    assert (page.status, "请写明" in page.text, thumbs(page)) == (422, True, 2)
    page = await visitor.post("/send", {**page.form("/send"), "text": WORDS, "go": "reach"}, headers=here)
    page = await visitor.post("/send", {**page.form("/send"), "contact": REACH, "go": "check"}, headers=here)
    assert (WORDS in page.text, thumbs(page)) == (True, 2)
    page = await visitor.post("/send", {**page.form("/send"), "go": "send"}, headers=here)
    assert receipt_on(page)
    shown = await visitor.post("/receipt", page.form("/receipt"), headers=here)
    assert "办理进展" in shown.text
    # Nobody else's page may do so
    for headers in ({}, {"origin": "http://elsewhere.example"}):
        answer = await visitor.client.post("/receipt", data=page.form("/receipt"), headers=headers)
        assert answer.status_code == 403


@pytest.mark.parametrize("after", ["/form/1", "/form/2", "/form/3"])
async def test_a_browser_that_stops_keeping_cookies_midway_loses_no_step(site, world: World, board: str, after: str) -> None:
    visitor = site()
    await to_the_check(visitor, board, "report")
    page = await visitor.get(after)
    here = {"origin": "http://portal.example", "sec-fetch-site": "same-origin"}

    async def forget(_: Any) -> None:
        visitor.client.cookies.clear()

    visitor.client.event_hooks["response"].append(forget)
    visitor.client.cookies.clear()
    for go in ("check", "check", "send"):
        page = await visitor.post("/send", {**page.form("/send"), "go": go}, headers=here)
        assert WORDS in page.response.text or receipt_on(page), page.text[:200]
    receipt_on(page)
    assert await world.call.db.value("select count(*) from feedback_photo") == 2
    shown = await visitor.post("/receipt", page.form("/receipt"), headers=here)
    added = await visitor.post("/receipt/add", {**shown.form("/receipt/add"), "text": "还有一句"}, headers=here)
    assert ("您补充的情况已提交" in added.text, "还有一句" in added.text) == (True, True)


async def test_what_is_added_when_cookies_stop_is_not_lost(site, board: str) -> None:
    visitor = site()
    receipt = receipt_on(await visitor.send(await to_the_check(visitor, board, "report"), {"go": "send"}, action="/send"))
    shown = await visitor.send(await visitor.get("/receipt"), {"receipt": receipt}, action="/receipt")

    async def forget(_: Any) -> None:
        visitor.client.cookies.clear()

    visitor.client.event_hooks["response"].append(forget)
    visitor.client.cookies.clear()
    here = {"origin": "http://portal.example"}
    page = await visitor.post("/receipt/add", {**shown.form("/receipt/add"), "text": "还有一句"}, headers=here)
    assert ("请再按一次" in page.text, page.form("/receipt/add")["text"]) == (True, "还有一句")
    page = await visitor.post("/receipt/add", page.form("/receipt/add"), headers=here)
    assert "您补充的情况已提交" in page.text


async def test_two_tabs_have_a_form_each_and_neither_is_called_sent_for_the_other(site, world: World, board: str) -> None:
    """Whoever reads that it was sent, and it was the other one, sends nothing."""
    visitor = site()
    other = await issue(world.call, "grid", world.grids["甲村格"])
    first = await to_the_check(visitor, board, "report")
    second = await visitor.send(await visitor.door(other, "contact"), {"text": "另一件事", "go": "reach"}, action="/send")
    receipt = receipt_on(await visitor.post("/send", {**first.form("/send"), "go": "send"}))
    assert (await visitor.get("/form/2")).form("/send")["text"] == "另一件事"
    assert receipt_on(await visitor.get("/form/4")) == receipt
    # A board's own button leads back to its own
    assert (await visitor.door(board, "report")).form("/send")["text"] == ""
    assert (await visitor.door(other, "contact")).form("/send")["text"] == "另一件事"
    assert receipt_on(await visitor.post("/send", {**second.form("/send"), "go": "send"})) != receipt
    assert await world.call.db.value("select count(*) from feedback_case") == 2
    held = dict(visitor.client.cookies)
    await visitor.get("/leave")
    for name, value in held.items():
        visitor.client.cookies.set(name, value, domain="portal.example")
    assert [(await visitor.get(f"/form/{n}")).status for n in "124"] == [410] * 3


@pytest.mark.parametrize("kind", ["report", "complaint"])
async def test_each_photo_of_a_form_that_is_sent_again_is_added_or_it_is_said_why_not(
    site, world: World, board: str, kind: str
) -> None:
    visitor = site()
    check = await to_the_check(visitor, board, kind)
    form = {**check.form("/send"), "go": "send", "had": "0"}
    receipt = receipt_on(await visitor.post("/send", form))
    rows, table = ("feedback_photo", "feedback_case") if kind == "report" else ("complaint_photo", "complaint")

    async def sent(n: int, **more: str) -> Page:
        photo = ("photos", (f"{n}.jpg", picture(f"#1{n}9", (800, 600), "JPEG"), "image/jpeg"))
        return await visitor.post("/send", {**form, **more}, files=[photo])

    for n in (2, 3):
        assert receipt_on(await sent(n)) == receipt
        assert await world.call.db.value(f"select count(*) from {rows}") == n + 1
    await world.call.db.rows(f"update {table} set state = 'closed'")
    for page in (await sent(4), await visitor.post("/send", {**form, "contact": "另一个电话 示例"})):
        assert ("已经办结" in page.text, page.form("/send")["text"]) == (True, WORDS)
    # The photo waits on the page; the same again, without it, was sent
    assert await world.call.db.value("select count(*) from feedback_draft_photo") == 1
    drop = await world.call.db.value("select public_id from feedback_draft_photo")
    await visitor.post("/send", {**form, "go": "tell", "drop": drop})
    assert receipt_on(await visitor.post("/send", form)) == receipt


async def test_what_a_receipt_opened_and_is_being_added_stays(site, world: World, board: str, clock) -> None:
    visitor = site()
    check = await to_the_check(visitor, board, "complaint")
    receipt = receipt_on(await visitor.send(check, {"go": "send"}, action="/send"))
    shown = await visitor.send(await visitor.get("/receipt"), {"receipt": receipt}, action="/receipt")
    assert shown.response.url.path == "/receipt/case"
    again = await visitor.get("/receipt/case")
    assert again.form("/receipt/add")["form"] == shown.form("/receipt/add")["form"]
    bad = ("photos", ("x.pdf", b"%PDF-1.4", "application/pdf"))
    wrong = await visitor.send(again, {"text": "晚上又堵上了"}, action="/receipt/add", files=[PHOTOS[0], bad])
    for page in (wrong, await visitor.get("/receipt/case")):
        assert (page.response.url.path, page.form("/receipt/add")["text"], thumbs(page)) == ("/receipt/case", "晚上又堵上了", 1)
        assert "“x.pdf”上传失败" in page.text
    added = await visitor.send(wrong, {}, action="/receipt/add")
    for page in (added, await visitor.get("/receipt/case")):
        assert ("您补充的情况已提交" in page.text, page.form("/receipt/add")["text"], page.text.count("晚上又堵上了")) == (
            True,
            "",
            1,
        )
    lost = added.form("/receipt/add")
    visitor.client.cookies.clear()
    here = {"origin": "http://portal.example"}
    page = await visitor.post("/receipt/add", {**lost, "text": "还有一句"}, headers=here)
    assert ("请再按一次" in page.text, page.form("/receipt/add")["text"]) == (True, "还有一句")
    page = await visitor.post("/receipt/add", page.form("/receipt/add"), headers=here)
    assert ("您补充的情况已提交" in page.text, "还有一句" in page.text) == (True, True)
    clock.now += timedelta(minutes=31)
    assert (await visitor.get("/receipt/case")).response.headers["location"] == "/receipt"
    assert (await site("10.0.0.9").get("/receipt/case")).response.headers["location"] == "/receipt"


async def test_leaving_closes_what_a_receipt_opened(site, board: str) -> None:
    visitor = site()
    receipt = receipt_on(await visitor.send(await to_the_check(visitor, board, "report"), {"go": "send"}, action="/send"))
    await visitor.send(await visitor.get("/receipt"), {"receipt": receipt}, action="/receipt")
    held = dict(visitor.client.cookies)
    page = await visitor.get("/leave")
    assert "http 开头" in page.text
    for name, value in held.items():
        visitor.client.cookies.set(name, value, domain="portal.example")
    assert (await visitor.get("/receipt/case")).response.headers["location"] == "/receipt"
    assert (await visitor.get("/form/4")).status == 410


async def test_a_foreign_page_that_leads_to_the_way_out_clears_nothing(site, board: str) -> None:
    visitor = site()
    await to_the_check(visitor, board, "report")
    asked = await visitor.get("/leave", headers={"sec-fetch-site": "cross-site"})
    assert ("还没有清除" in asked.text, "clear-site-data" in asked.response.headers) == (True, False)
    assert (await visitor.get("/form/1")).form("/send")["text"] == WORDS


async def test_words_beyond_all_measure_stay_on_the_page_that_answers(site, world: World, board: str) -> None:
    visitor = site()
    page = await visitor.send(await visitor.door(board, "report"), {"text": "长" * 12_000, "go": "reach"}, action="/send")
    assert (page.response.url.path, page.status, page.form("/send")["text"]) == ("/send", 422, "长" * 12_000)
    assert await world.call.db.value("select max(length(answers)) from unsent_form") < 64
    assert re.search("最多 2000 个字", page.text)
    assert ("网站没有保存" in page.text, "加密保存" in page.text) == (True, False)
    page = await visitor.send(page, {"text": WORDS, "go": "tell"}, action="/send")
    assert ("网站没有保存" in page.text, "加密保存" in page.text) == (False, True)


async def test_an_old_page_of_a_form_that_was_sent_does_not_say_that_it_is_kept(site, board: str) -> None:
    visitor = site()
    check = await to_the_check(visitor, board, "report")
    await visitor.send(check, {"go": "send"}, action="/send")
    page = await visitor.send(check, {"go": "tell"}, action="/send")
    assert (page.form("/send")["text"], "网站没有保存" in page.text, "加密保存" in page.text) == (WORDS, True, False)


async def test_leaving_without_a_cookie_says_when_what_was_typed_goes(site, world: World, board: str) -> None:
    visitor = site()
    await to_the_check(visitor, board, "report")
    visitor.client.cookies.clear()
    page = await visitor.get("/leave")
    assert ("最晚半小时后删除" in page.text, "已经从网站删除" in page.text, await kept(world)) == (True, False, 1)


async def test_a_lost_cookie_is_no_browser_that_keeps_none(site, board: str) -> None:
    visitor = site()
    begin = await visitor.door(board, "report")
    visitor.client.cookies.clear()
    lost = await visitor.post("/send", {**begin.form("/send"), "text": WORDS}, headers={"origin": "http://portal.example"})
    assert ("没有继续，原因：" in lost.text, "还有几处要改" in lost.text) == (True, False)
    assert ("没有带回本网站的标记" in lost.text, "这个浏览器不保存标记" in lost.text, "就会删除" in lost.text) == (
        True,
        False,
        True,
    )
    assert "还有几处要改" in (await visitor.send(lost, {"text": ""}, action="/send")).text


@pytest.mark.parametrize("kind", ["report", "complaint"])
async def test_what_comes_from_a_second_window_with_the_same_id_is_added_too(site, world: World, board: str, kind: str) -> None:
    visitor = site()
    receipt = receipt_on(await visitor.send(await to_the_check(visitor, board, kind), {"go": "send"}, action="/send"))
    first = await visitor.send(await visitor.get("/receipt"), {"receipt": receipt}, action="/receipt")
    for _ in range(2):
        await visitor.send(first, {"text": "第一个窗口"}, action="/receipt/add")
    added = await visitor.send(first, {"text": "第二个窗口"}, action="/receipt/add", files=PHOTOS[:1])
    assert [added.text.count(said) for said in ("第一个窗口", "第二个窗口", "附照片 1 张")] == [1, 1, 1]


async def test_what_an_earlier_page_sends_late_takes_nothing_back(site, board: str) -> None:
    visitor = site()
    begin = await visitor.door(board, "report")
    late = {**begin.form("/send"), "text": "只有一半", "go": "keep"}
    await visitor.send(begin, {"text": WORDS, "go": "reach"}, action="/send")
    await visitor.post("/send", late, check=False)
    assert (await visitor.get("/form/1")).form("/send")["text"] == WORDS
    # Back on that page, it is kept while it is typed
    again = (await visitor.get("/form/1")).form("/send")
    await visitor.post("/send", {**again, "text": f"{WORDS}，又一句", "go": "keep"}, check=False)
    assert (await visitor.get("/form/1")).form("/send")["text"] == f"{WORDS}，又一句"


async def test_a_form_is_cleared_also_where_its_board_leads_nowhere(site, world: World, board: str) -> None:
    visitor = site()
    check = await to_the_check(visitor, board, "report")
    await revoke(world.call, board, "示例")
    page = await visitor.send(check, {"go": "clear"}, action="/send")
    assert "已经清除" in page.text
    assert await world.call.db.value("select count(*) from feedback_draft_photo") == 0


async def test_photos_of_a_browser_without_cookies_go_in_time(site, world: World, board: str, clock) -> None:
    visitor = site()
    here = {"origin": "http://portal.example"}

    async def forget(_: Any) -> None:
        visitor.client.cookies.clear()

    visitor.client.event_hooks["response"].append(forget)
    page = await visitor.post("/door", {"board": board, "kind": "report"}, headers=here)
    await visitor.post("/send", {**page.form("/send"), "text": WORDS, "go": "reach"}, files=PHOTOS[:2], headers=here)
    clock.now += timedelta(minutes=31)
    await drafts.sweep(Call(world.call.portal, world.call.viewer, clock()))
    assert await world.call.db.value("select count(*) from feedback_draft_photo") == 0


async def test_one_cookie_in_place_of_the_other_opens_nothing(site, board: str) -> None:
    visitor = site()
    receipt = receipt_on(await visitor.send(await to_the_check(visitor, board, "report"), {"go": "send"}, action="/send"))
    await visitor.send(await visitor.get("/receipt"), {"receipt": receipt}, action="/receipt")
    unsent, opened = (visitor.client.cookies[name] for name in ("portal-unsent", "portal-opened"))
    visitor.client.cookies.clear()
    for name, value in (("portal-unsent", opened), ("portal-opened", unsent)):
        visitor.client.cookies.set(name, value, domain="portal.example")
    assert (await visitor.get("/form/4")).status == 410
    assert (await visitor.get("/receipt/case")).response.headers["location"] == "/receipt"


async def test_words_of_an_old_page_of_what_was_sent_stay_and_the_receipt_too(site, board: str) -> None:
    visitor = site()
    check = await to_the_check(visitor, board, "report")
    tell = await visitor.get("/form/1")
    receipt = receipt_on(await visitor.send(check, {"go": "send"}, action="/send"))
    reach = await visitor.send(tell, {"text": f"{WORDS}，又一句", "go": "reach"}, action="/send")
    assert reach.form("/send")["text"] == f"{WORDS}，又一句"
    assert receipt_on(await visitor.get("/form/4")) == receipt
    assert receipt_on(await visitor.send(reach, {"go": "send"}, action="/send")) == receipt
    shown = await visitor.send(await visitor.get("/form/4"), {}, action="/receipt")
    assert f"{WORDS}，又一句" in shown.text
