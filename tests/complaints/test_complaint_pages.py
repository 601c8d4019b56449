"""Complaints as people meet them: told step by step and lost in none, followed by receipt, kept by custodians, opened by two."""

import io
import re
from datetime import timedelta

import httpx
import pypdfium2
import pytest

from portal.areas.actions import end_unit
from portal.boards.actions import issue, revoke
from portal.feedback.receipts import read
from portal.people.actions import dismiss
from portal.people.interests import InterestForm, declare
from portal.viewer import Role
from tests.browse import Page, Visitor
from tests.sample_region.scheme import SILENT
from tests.world import PASSWORD, World, make_person, make_unit, picture

FLOUR = "甲面粉店（示例）"
URGENT = {"tel:119", "tel:120", "tel:110"}
WORDS = "张看护要我们请他吃饭，不然就说通道不合格。"
PHOTOS = [("photos", (f"IMG_{n}.jpg", picture(f"#45{n}", (800, 600), "JPEG"), "image/jpeg")) for n in range(3)]
ROWS = (
    "select (select count(*) from complaint) + (select count(*) from complaint_step) + (select count(*) from complaint_notice) "
    "+ (select count(*) from complaint_entry) + (select count(*) from complaint_photo) + (select count(*) from feedback_draft_photo) "
    "+ (select count(*) from stored_file where kind = 'draft') + (select count(*) from feedback_case)"
)


@pytest.fixture
async def board(world: World) -> str:
    return await issue(world.call, "enterprise", world.enterprises[FLOUR])


@pytest.fixture
async def custodian(world: World, site) -> Visitor:
    """A custodian of the discipline office, signed in with both factors; with them the door opens."""
    return await enter(world, site, "keeper", "郑纪检")


async def enter(
    world: World,
    site,
    login: str,
    name: str,
    *,
    role: Role = Role.CUSTODIAN,
    unit: str | None = "纪检",
    phone: str = "0512-09999999",
) -> Visitor:
    """Somebody of the register comes in by the front door, and sets up their second factor on the way."""
    await make_person(world, name, phone=phone)
    await world.account(login, role, unit=unit, person=name)
    visitor = site("10.0.9.1")
    done = await visitor.sign_in(login, PASSWORD)
    assert done.response.headers["location"] == "/welcome"
    return visitor


def whom(page: Page, name: str = "张看护") -> str:
    """The mark that stands for a person in the form."""
    (label,) = [one for one in page.all("label") if "".join(one.itertext()).strip().startswith(name)]
    return next(one.get("value", "") for one in label.iter() if one.get("name") == "whom")


def receipt_on(page: Page) -> str:
    (shown,) = page.all("p", id="receipt")
    receipt = read(shown.text or "")
    assert receipt is not None
    return receipt


def title(page: Page) -> str:
    return str(page.all("title")[0].text)


def thumbs(page: Page) -> int:
    return len([one for one in page.all("img") if one.get("src", "").startswith("data:image/jpeg")])


async def complain(visitor: Visitor, board: str, text: str = WORDS, contact: str = "", files=None) -> Page:
    """From the board's third button to the receipt."""
    begin = await visitor.door(board, "complaint")
    values = {"text": text, "whom": whom(begin), "topic": "money", "go": "reach"}
    reach = await visitor.send(begin, values, action="/send", files=files)
    check = await visitor.send(reach, {"contact": contact, "go": "check"}, action="/send")
    return await visitor.send(check, {"go": "send"}, action="/send")


async def by_receipt(visitor: Visitor, receipt: str) -> Page:
    return await visitor.send(await visitor.get("/receipt"), {"receipt": receipt}, action="/receipt")


async def the_one(custodian: Visitor) -> str:
    """The address of the only complaint in the custodian's list."""
    page = await custodian.get("/custody")
    (link,) = {one for one in page.links() if re.fullmatch(r"/custody/[0-9a-z]{20}", one)}
    return link


def listening(visitor: Visitor) -> list[httpx.Response]:
    """Every answer that this visitor gets from now on."""
    kept: list[httpx.Response] = []

    async def keep(response: httpx.Response) -> None:
        kept.append(response)

    visitor.client.event_hooks["response"].append(keep)
    return kept


# The way of whoever complains


@pytest.mark.clause("PB-3")
async def test_a_complaint_with_photos_from_the_board_to_its_receipt(site, world: World, board: str, custodian: Visitor) -> None:
    visitor = site()
    begin = await visitor.door(board, "complaint")
    assert {whom(begin, "张看护"), whom(begin, "李格长")} < {one.get("value") for one in begin.all("input", name="whom")}
    assert "由纪检专人受理、保密办理" in begin.text
    values = {"text": WORDS, "whom": whom(begin), "topic": "money", "go": "reach"}
    reach = await visitor.send(begin, values, action="/send", files=PHOTOS[:2])
    check = await visitor.send(reach, {"contact": "微信 示例", "go": "check"}, action="/send")
    for said in (FLOUR, WORDS, "张看护（看护员）", "收受钱物", "微信 示例", "办理部门 纪检"):
        assert said in check.text
    assert thumbs(check) == 2
    # What the way rests on is said before anything is sent
    assert SILENT.why in check.text
    given = await visitor.send(check, {"go": "send"}, action="/send")
    assert "已转交纪检办理" in given.text
    assert "也可以直接拨打纪检监察举报电话 12388" in given.text
    assert "事情变急" not in given.text
    assert WORDS not in given.text
    shown = await visitor.send(given, {}, action="/receipt")
    number = "".join(shown.all("span", class_="code")[0].itertext())
    assert re.fullmatch(r"[0-9A-Z -]{8,10}", number)
    assert number in given.text
    for said in ("已收到", "受理部门 纪检", "0512-01000002", WORDS, "附照片 2 张", "2026年3月23日"):
        assert said in shown.text
    assert await world.call.db.value("select count(*) from feedback_case") == 0


WRONG = {
    "no text": ({"text": "", "contact": "13900001111"}, "tell", "请写明发生了什么"),
    "text too long": ({"text": "长" * 2001, "contact": "13900001111"}, "tell", "最多 2000 个字"),
    "three thousand letters": ({"text": "话" * 3000, "contact": "13900001111"}, "tell", "最多 2000 个字"),
    "contact too long": ({"text": WORDS, "contact": "长" * 101}, "reach", "最多 100 个字"),
    "both": ({"text": "长" * 2001, "contact": "长" * 101}, "tell", "最多 2000 个字"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_whatever_is_wrong_all_that_was_typed_and_chosen_is_kept(site, board: str, custodian: Visitor, wrong: str) -> None:
    typed, step, says = WRONG[wrong]
    visitor = site()
    begin = await visitor.door(board, "complaint")
    chosen = whom(begin)
    page = await visitor.send(begin, {**typed, "whom": chosen, "topic": "money", "go": "check"}, action="/send", files=PHOTOS)
    assert page.status == 200
    (summary,) = page.all("div", class_="problems")
    assert says in "".join(summary.itertext())
    ids = {one.get("id") for one in page.root.iter()}
    links = [one.get("href", "") for one in summary.iter() if one.get("href")]
    assert links
    assert all(one[1:] in ids for one in links)
    form = page.form("/send")
    assert (form["text"], form["contact"]) == (typed["text"], typed["contact"])
    radios = [chosen], ["money"]
    assert (form["whom"], form["topic"]) == (radios if step == "tell" else (chosen, "money"))
    fixed = await visitor.send(page, {"text": "好了", "contact": "", "go": "check"}, action="/send")
    assert ("张看护（看护员）" in fixed.text, "收受钱物" in fixed.text, thumbs(fixed)) == (True, True, 3)


async def test_a_file_that_is_no_photo_is_named_and_costs_nothing_else(site, board: str, custodian: Visitor) -> None:
    visitor = site()
    begin = await visitor.door(board, "complaint")
    chosen = whom(begin, "李格长")
    files = [PHOTOS[0], ("photos", ("录音.mp3", b"ID3\x04" + b"\0" * 100, "audio/mpeg")), PHOTOS[1]]
    page = await visitor.send(
        begin, {"text": WORDS, "whom": chosen, "topic": "money", "go": "reach"}, action="/send", files=files
    )
    assert (page.status, "“录音.mp3”上传失败" in page.text, thumbs(page)) == (200, True, 2)
    form = page.form("/send")
    assert (form["text"], form["whom"], form["topic"]) == (WORDS, [chosen], ["money"])
    (first, _) = page.all("button", name="drop")
    dropped = await visitor.send(page, {"drop": first.get("value")}, action="/send")
    form = dropped.form("/send")
    assert (form["text"], form["whom"], form["topic"], thumbs(dropped)) == (WORDS, [chosen], ["money"], 1)


async def test_going_back_to_change_keeps_person_topic_words_and_photos(site, board: str, custodian: Visitor) -> None:
    visitor = site()
    begin = await visitor.door(board, "complaint")
    chosen = whom(begin)
    values = {"text": WORDS, "whom": chosen, "topic": "money", "go": "reach"}
    reach = await visitor.send(begin, values, action="/send", files=PHOTOS[:1])
    check = await visitor.send(reach, {"contact": "微信 示例", "go": "check"}, action="/send")
    back = await visitor.send(check, {"go": "tell"}, action="/send")
    form = back.form("/send")
    assert (form["text"], form["contact"], form["whom"], form["topic"]) == (WORDS, "微信 示例", [chosen], ["money"])
    check = await visitor.send(back, {"whom": whom(back, "李格长"), "go": "check"}, action="/send")
    assert ("李格长（格长）" in check.text, "张看护（看护员）" in check.text, thumbs(check)) == (True, False, 1)


async def test_the_same_form_sent_twice_is_one_complaint_with_one_receipt(
    site, world: World, board: str, custodian: Visitor
) -> None:
    visitor = site()
    begin = await visitor.door(board, "complaint")
    reach = await visitor.send(begin, {"text": WORDS, "whom": whom(begin), "go": "reach"}, action="/send", files=PHOTOS[:1])
    check = await visitor.send(reach, {"go": "check"}, action="/send")
    given = [await visitor.send(check, {"go": "send"}, action="/send") for _ in range(3)]
    assert len({receipt_on(page) for page in given}) == 1
    assert ["已经提交过" in page.text for page in given] == [False, True, True]
    for table, count in (("complaint", 1), ("complaint_step", 1), ("complaint_photo", 1), ("complaint_notice", 1)):
        assert await world.call.db.value(f"select count(*) from {table}") == count


async def test_what_was_sent_gets_its_receipt_also_where_the_board_was_revoked_since(
    site, world: World, board: str, custodian: Visitor
) -> None:
    """The answer was lost on the way, and the form is sent again a day later."""
    for kind in ("report", "complaint"):
        visitor, code = site(), await issue(world.call, "enterprise", world.enterprises[FLOUR])
        begin = await visitor.door(code, kind)
        reach = await visitor.send(begin, {"text": WORDS, "go": "reach"}, action="/send")
        check = await visitor.send(reach, {"go": "check"}, action="/send")
        given = await visitor.send(check, {"go": "send"}, action="/send")
        await revoke(world.call, code, "换牌")
        again = await visitor.send(check, {"go": "send"}, action="/send")
        assert (kind, again.status) == (kind, 200)
        assert receipt_on(again) == receipt_on(given)


@pytest.mark.parametrize("kind", ["contact", "report", "complaint"])
async def test_a_board_that_is_revoked_while_one_writes_costs_no_word(
    site, world: World, board: str, custodian: Visitor, kind: str
) -> None:
    visitor = site()
    begin = await visitor.door(board, kind)
    reach = await visitor.send(begin, {"text": WORDS, "go": "reach"}, action="/send")
    check = await visitor.send(reach, {"contact": "微信 示例", "go": "check"}, action="/send")
    await revoke(world.call, board, "换牌")
    for before, step in ((begin, "reach"), (reach, "check"), (check, "send")):
        page = await visitor.send(before, {"text": WORDS, "contact": "微信 示例", "go": step}, action="/send")
        assert (page.status, "已经作废，请直接拨打" in page.text) == (200, True)
        assert (page.form("/send")["text"], page.form("/send")["contact"]) == (WORDS, "微信 示例")


async def test_a_closed_door_names_the_office_outside_and_stores_nothing(site, world: World, board: str) -> None:
    visitor = site()
    page = await visitor.door(board, "complaint")
    assert page.status == 200
    (call,) = [one for one in page.all("a") if "call" in one.get("class", "").split()]
    assert (call.get("href"), "纪检" in "".join(call.itertext())) == ("tel:051201000002", True)
    assert "没有提交任何内容" in page.text
    assert page.all("textarea") == []
    assert await world.call.db.value(ROWS) == 0


async def test_a_door_that_closes_while_one_writes_loses_no_word_and_stores_none(
    site, world: World, board: str, custodian: Visitor
) -> None:
    visitor = site()
    begin = await visitor.door(board, "complaint")
    chosen = whom(begin)
    reach = await visitor.send(begin, {"text": WORDS, "whom": chosen, "topic": "money", "go": "reach"}, action="/send")
    check = await visitor.send(reach, {"contact": "微信 示例", "go": "check"}, action="/send")
    await world.call.db.rows("update account set active = false where login = 'keeper'")
    page = await visitor.send(check, {"go": "send"}, action="/send")
    assert page.status == 200
    assert "您填写的内容没有提交。请联系纪检，电话 0512-01000002" in page.text
    form = page.form("/send")
    assert (form["text"], form["contact"], form["whom"], form["topic"]) == (WORDS, "微信 示例", [chosen], ["money"])
    assert await world.call.db.value(ROWS) == 0


async def test_kin_of_one_person_on_the_board_closes_the_door_for_that_person_only(
    site, world: World, board: str, custodian: Visitor
) -> None:
    kin = InterestForm(person=world.people["郑纪检"], other=world.people["李格长"], kind="kin", since=world.call.today)
    await declare(world.call, kin)
    visitor = site()
    begin = await visitor.door(board, "complaint")
    other, chosen = whom(begin), whom(begin, "李格长")
    page = await visitor.send(begin, {"text": WORDS, "whom": chosen, "topic": "money", "go": "reach"}, action="/send")
    assert (page.status, "您填写的内容没有提交。请联系纪检，电话 0512-01000002" in page.text) == (200, True)
    form = page.form("/send")
    assert (form["text"], form["whom"], form["topic"]) == (WORDS, [chosen], ["money"])
    assert "专人受理、保密办理。被投诉" not in page.text
    unsure = await visitor.send(page, {"whom": "", "go": "reach"}, action="/send")
    assert unsure.status == 200
    reach = await visitor.send(unsure, {"whom": other, "go": "reach"}, action="/send")
    check = await visitor.send(reach, {"go": "check"}, action="/send")
    assert (await visitor.send(check, {"go": "send"}, action="/send")).status == 200
    assert await world.call.db.value("select count(*) from complaint") == 1


@pytest.mark.parametrize("other", [{"whom": "李格长"}, {"topic": ""}])
async def test_a_form_sent_again_about_somebody_or_something_else_says_that_it_was_sent(
    site, world: World, board: str, custodian: Visitor, other: dict[str, str]
) -> None:
    visitor = site()
    begin = await visitor.door(board, "complaint")
    marks = {"whom": whom(begin, other["whom"])} if "whom" in other else other
    values = {"text": WORDS, "whom": whom(begin), "topic": "money"}
    reach = await visitor.send(begin, {**values, "go": "reach"}, action="/send")
    check = await visitor.send(reach, {"go": "check"}, action="/send")
    await visitor.send(check, {"go": "send"}, action="/send")
    page = await visitor.send(begin, {**values, **marks, "go": "send"}, action="/send")
    assert (page.status, "已经提交过" in page.text, page.form("/send")["text"]) == (422, True, WORDS)
    assert await world.call.db.value("select count(*) from complaint_step") == 1


async def test_the_receipt_shows_state_keeper_number_question_and_answer_and_takes_more(
    site, world: World, board: str, custodian: Visitor
) -> None:
    visitor = site()
    receipt = receipt_on(await complain(visitor, board))
    home = await the_one(custodian)
    page = await custodian.get(home)
    page = await custodian.follow(await custodian.send(page, {"step": "ask", "text": "大概是哪个月？"}, action=f"{home}/step"))
    asked = await by_receipt(visitor, f"{receipt[:4]} {receipt[4:8]} {receipt[8:]}")
    assert "纪检 请补充情况" in asked.text
    assert "大概是哪个月？" in asked.text
    empty = await visitor.send(asked, {"text": " "}, action="/receipt/add")
    assert (empty.status, "请写明要补充的内容" in empty.text) == (200, True)
    added = await visitor.send(empty, {"text": "上个月。"}, action="/receipt/add", files=PHOTOS[:2])
    assert ("您补充的情况已提交" in added.text, "上个月。" in added.text, "附照片 2 张" in added.text) == (True, True, True)
    page = await custodian.get(home)
    for step, text in (("accept", ""), ("answer", "已谈话，退还。"), ("close", "")):
        page = await custodian.follow(await custodian.send(page, {"step": step, "text": text}, action=f"{home}/step"))
    closed = await by_receipt(visitor, receipt)
    for said in ("已办结", "已谈话，退还。", "上个月。", "受理部门 纪检"):
        assert said in closed.text
    assert closed.all("textarea") == []


async def test_an_addition_sent_while_somebody_guesses_beside_it_keeps_its_words(
    site, world: World, board: str, custodian: Visitor
) -> None:
    """A workshop shares one network: wrong numbers of others must not cost the words of whoever has a right one."""
    visitor = site("10.0.5.1")
    receipt = receipt_on(await complain(visitor, board))
    shown = await by_receipt(visitor, receipt)
    other = site("10.0.5.2")
    ask = await other.get("/receipt")
    for _ in range(25):
        guessed = await other.send(ask, {"receipt": "0" * 16}, action="/receipt")
    assert "输错的次数太多" in guessed.text
    kept = await visitor.send(shown, {"text": "还有一件事。"}, action="/receipt/add", files=PHOTOS[:1])
    assert kept.status == 429
    assert "输错的次数太多" in kept.text
    assert WORDS not in kept.text
    form = kept.form("/receipt/add")
    assert (form["text"], form["receipt"], form["form"]) == ("还有一件事。", receipt, shown.form("/receipt/add")["form"])
    visitor.clock.forward(minutes=1)
    added = await visitor.send(kept, {}, action="/receipt/add")
    assert ("您补充的情况已提交" in added.text, "还有一件事。" in added.text, "附照片 1 张" in added.text) == (True, True, True)


# What the pages themselves give away


async def test_all_doors_have_the_same_titles_and_addresses_at_every_step(
    site, world: World, board: str, custodian: Visitor
) -> None:
    seen: dict[str, list[tuple[str, str]]] = {}
    for kind in ("report", "contact", "complaint"):
        visitor = site()
        answers = listening(visitor)
        begin = await visitor.door(board, kind)
        wrong = await visitor.send(begin, {"text": "", "go": "reach"}, action="/send")
        reach = await visitor.send(wrong, {"text": WORDS, "go": "reach"}, action="/send")
        long = await visitor.send(reach, {"contact": "长" * 101, "go": "check"}, action="/send")
        check = await visitor.send(long, {"contact": "", "go": "check"}, action="/send")
        given = await visitor.send(check, {"go": "send"}, action="/send")
        shown = await visitor.send(given, {}, action="/receipt")
        added = await visitor.send(shown, {"text": "补充"}, action="/receipt/add")
        pages = (begin, wrong, reach, long, check, given, shown, added)
        seen[kind] = [(str(page.response.url.path), title(page)) for page in pages]
        assert [one.status_code for one in answers] == [307, *[303, 200] * 8]
    assert seen["report"] == seen["contact"] == seen["complaint"]
    assert not any("投诉" in name or "举报" in name for _, name in seen["complaint"])


@pytest.mark.clause("PB-4")
async def test_no_answer_is_kept_by_a_cache_sets_another_cookie_or_names_the_door(
    site, world: World, board: str, custodian: Visitor
) -> None:
    visitor = site()
    public, inner = listening(visitor), listening(custodian)
    given = await complain(visitor, board, files=PHOTOS[:1])
    assert {part.strip() for part in given.response.headers["clear-site-data"].split(",")} >= {'"cache"', '"storage"'}
    await by_receipt(visitor, receipt_on(given))
    left = await visitor.get("/leave")
    assert {part.strip() for part in left.response.headers["clear-site-data"].split(",")} == {'"cache"', '"cookies"', '"storage"'}
    home = await the_one(custodian)
    page = await custodian.get(home)
    photo = next(one.get("src", "") for one in page.all("img") if "/photos/" in one.get("src", ""))
    for address in (photo, "/custody/two", f"{home}/sheet", f"{home}/move", f"{home}/stand-back"):
        assert (await custodian.get(address)).status == 200, address
    await custodian.send(page, {"step": "accept", "text": ""}, action=f"{home}/step")
    assert len(public) + len(inner) > 12
    for answer in [*public, *inner]:
        assert answer.headers["cache-control"] == "no-store", answer.url
        assert answer.headers["referrer-policy"] == "same-origin"
        assert not answer.url.query or re.fullmatch(rb"said=complaint_accept\.[0-9a-f]{16}", answer.url.query)
        assert "etag" not in answer.headers
        assert "last-modified" not in answer.headers
    cookies = {part.partition("=")[0] for one in public for part in one.headers.get_list("set-cookie")}
    assert cookies == {"portal-form", "portal-unsent", "portal-opened"}
    assert [one for one in inner if "set-cookie" in one.headers] == []
    assert {one.url.path for one in public if one.request.method == "POST"} == {"/door", "/door/again", "/send", "/receipt"}


@pytest.mark.parametrize("address", ["/door", "/send", "/receipt/add"])
async def test_the_addresses_of_forms_are_no_pages(site, address: str) -> None:
    page = await site().get(address)
    assert page.status in (404, 405)
    assert "没有找到这个页面" in page.text


# What no browser of ours sends


@pytest.mark.parametrize(
    "hostile",
    [
        {"kind": "praise"},
        {"kind": ""},
        {"kind": "complaint\0"},
        {"board": ""},
        {"board": "0" * 12},
        {"board": "../../etc"},
        {"form": ""},
        {"form": "x" * 5000},
        {"form": "' or 1=1 --"},
        {"go": "fly"},
        {"drop": "x" * 20},
        {"text": "\0\0"},
        {"whom": "f" * 16},
        {"topic": "robbery"},
        {"whom": "x" * 9000, "topic": "\u202e"},
        {"text": "话" * 3000},
    ],
    ids=str,
)
async def test_no_hostile_body_is_a_fault_of_ours_and_none_loses_a_word(
    site, world: World, board: str, custodian: Visitor, hostile: dict[str, str]
) -> None:
    visitor = site()
    for go in ("reach", "check", "send"):
        begin = await visitor.door(board, "complaint")
        values = {"text": WORDS, "contact": "微信 示例", "whom": whom(begin), "topic": "money", "go": go, **hostile}
        page = await visitor.send(begin, values, action="/send")
        assert page.status in (200, 404, 422)
        if page.status == 404:
            assert hostile.keys() <= {"kind", "board", "form"}
        elif page.all("p", id="receipt"):
            shown = await visitor.send(page, {}, action="/receipt")
            assert WORDS in shown.text
        else:
            form = page.form("/send")
            assert form["text"] == values["text"].replace("\0", "")
            assert form["contact"] == "微信 示例"
    begun = await visitor.post("/door", {"board": board, "kind": "complaint", **hostile})
    assert begun.status in (200, 404, 422)


async def test_a_person_or_topic_that_is_none_of_the_boards_is_told_before_it_is_sent(
    site, world: World, board: str, custodian: Visitor
) -> None:
    """The one chosen may have left the post while the form lay open: they are meant all the same, and nobody whom it never named."""
    visitor = site()
    begin = await visitor.door(board, "complaint")
    values = {"text": WORDS, "topic": "robbery", "go": "check"}
    strange = await visitor.send(begin, values | {"whom": "0" * 16}, action="/send")
    assert "投诉对象 不清楚是谁，或不止一人" in strange.text
    gone = await world.call.db.value(
        "select a.public_id from appointment a join person p on p.id = a.person where p.name = '张看护'"
    )
    await dismiss(world.call, gone, world.call.today)
    check = await visitor.send(begin, values | {"whom": whom(begin)}, action="/send")
    assert "投诉对象 张看护（看护员）" in check.text
    assert "投诉事项 说不清，或其他" in check.text
    back = await visitor.send(check, {"go": "tell"}, action="/send")
    assert [one.get("value") for one in back.all("input", type="radio") if one.get("checked") is not None] == [whom(begin), ""]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
async def test_words_and_contact_in_an_old_encoding_are_read_as_typed(
    site, board: str, custodian: Visitor, encoding: str
) -> None:
    visitor = site()
    begin = await visitor.door(board, "complaint")
    form = {**begin.form("/send"), "whom": whom(begin), "topic": "money", "text": WORDS, "contact": "微信 示例", "go": "check"}
    boundary = "xyz"
    parts = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(encoding)
        for name, value in form.items()
    )
    answer = await visitor.client.post(
        "/send",
        content=parts + f"--{boundary}--\r\n".encode(),
        headers={"content-type": f"multipart/form-data; boundary={boundary}"},
    )
    assert answer.headers["location"] == "/form/3"
    check = await visitor.get("/form/3")
    for said in (WORDS, "微信 示例", "张看护（看护员）"):
        assert said in check.text


# The custodian's side


async def test_a_custodian_reads_asks_answers_and_the_list_says_what_is_new(
    site, world: World, board: str, custodian: Visitor
) -> None:
    assert "没有由您受理的投诉" in (await custodian.get("/custody")).text
    await complain(site(), board, contact="微信 示例", files=PHOTOS[:2])
    listed = await custodian.get("/custody")
    assert ("新" in [one.text for one in listed.all("span")], WORDS in listed.text, "张看护" in listed.text) == (
        True,
        False,
        False,
    )
    home = await the_one(custodian)
    page = await custodian.get(home)
    for said in (WORDS, "张看护（看护员）", "收受钱物", FLOUR, "2026年3月23日"):
        assert said in page.text
    assert "微信 示例" not in page.text
    assert "新" not in [one.text for one in (await custodian.get("/custody")).all("span")]
    shown = await custodian.send(page, {}, action=f"{home}/contact")
    assert ("微信 示例" in shown.text, "查看联系方式" in shown.text) == (True, True)
    photos = {one.get("src", "") for one in page.all("img") if "/photos/" in one.get("src", "")}
    assert len(photos) == 2
    for photo in photos:
        answer = await custodian.get(photo)
        assert (answer.response.headers["content-type"], answer.response.content[:2]) == ("image/jpeg", b"\xff\xd8")
    for step in ("ask", "refuse", "answer"):
        refused = await custodian.send(page, {"step": step, "text": ""}, action=f"{home}/step")
        assert refused.status == 422
        assert "请写明内容" in refused.text or "不能“答复”" in refused.text
    kept = await custodian.send(page, {"step": "answer", "text": "还没有受理就答复"}, action=f"{home}/step")
    assert (kept.status, kept.form(f"{home}/step")["text"]) == (422, "还没有受理就答复")
    assert (await custodian.send(page, {"step": "burn", "text": "x"}, action=f"{home}/step")).status == 404
    values = {"step": "accept", "text": ""}
    page = await custodian.follow(await custodian.send(page, values, action=f"{home}/step"))
    assert "投诉已受理" in page.text
    page = await custodian.follow(await custodian.send(page, {"step": "answer", "text": "已谈话。"}, action=f"{home}/step"))
    opened = page
    page = await custodian.follow(await custodian.send(page, {"step": "close", "text": ""}, action=f"{home}/step"))
    late = await custodian.send(opened, {"step": "answer", "text": "另有处理。"}, action=f"{home}/step")
    assert (late.status, "当时按的是“办结”" in late.text, "另有处理。" in late.text) == (422, True, True)
    for act in ("收到", "查看联系方式", "查看照片", "受理", "答复", "办结"):
        assert act in page.text
    assert "已办结" in (await custodian.get("/custody")).text


def sheet_text(answer: Page) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(answer.response.content))
    return "".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.clause("PB-3")
async def test_a_transfer_sheet_warns_of_what_identifies_and_wants_a_tick(
    site, world: World, board: str, custodian: Visitor
) -> None:
    await complain(site(), board, contact="微信 示例号码")
    home = await the_one(custodian)
    page = await custodian.get(f"{home}/sheet")
    assert page.all("input", type="checkbox") == []
    risky = "我们店的人说：张看护要我们请他吃饭，昨天下午3点，电话 13900001111，甲面粉店。"
    warned = await custodian.send(
        page, {"recipient": "区局督查科", "text": risky, "reply_by": "2026-03-20"}, action=f"{home}/sheet"
    )
    assert warned.status == 422
    (notice,) = [one for one in warned.all("div") if one.get("class") == "notice stop"]
    listed = "".join(notice.itertext())
    for trace in ("13900001111", "3点", "昨天", "我们", "甲面粉店", "照抄投诉人的原话：张看护要我们请他吃饭"):
        assert trace in listed
    form = warned.form(f"{home}/sheet")
    assert (form["recipient"], form["text"], form["reply_by"]) == ("区局督查科", risky, "2026-03-20")
    assert len(warned.all("input", type="checkbox", name="sure")) == 1
    assert await world.call.db.value("select count(*) from complaint_sheet") == 0
    unsure = await custodian.send(warned, {}, action=f"{home}/sheet")
    assert unsure.status == 422
    done = await custodian.send(warned, {"sure": "y"}, action=f"{home}/sheet")
    assert done.status == 303
    clean = {"recipient": "区局督查科", "text": "请核查有关人员是否收受服务对象的宴请。", "reply_by": "2026-03-20"}
    page = await custodian.follow(await custodian.send(await custodian.get(f"{home}/sheet"), clean, action=f"{home}/sheet"))
    links = [one for one in page.links() if "/sheets/" in one]
    assert len(links) == 2
    answer = await custodian.get(links[-1])
    assert answer.response.headers["content-type"] == "application/pdf"
    text = sheet_text(answer)
    # Headings are set with wide gaps, which come out as blanks
    for said in ("转办单", "区局督查科", "请核查有关人员是否收受服务对象的宴请。", "请于2026年3月20日前反馈核查结果。"):
        assert said in re.sub(r"\s", "", text)
    naming = await custodian.send(
        await custodian.get(f"{home}/sheet"), {**clean, "recipient": f"{FLOUR}安全科", "text": "请核查。"}, action=f"{home}/sheet"
    )
    assert (naming.status, "单位名称" in naming.text) == (422, True)
    await custodian.send(await custodian.get(home), {"step": "accept", "text": ""}, action=f"{home}/step")
    due = await world.call.db.value("select due from complaint")
    for part, why in (
        ({"recipient": ""}, "请写明承办单位"),
        ({"text": ""}, "请用自己的话写明核查事项"),
        ({"recipient": "长" * 81}, "最多 80 个字"),
        ({"reply_by": ""}, "请填写反馈期限"),
        ({"reply_by": "2026-03-02"}, "反馈期限要晚于今天"),
        ({"reply_by": f"{due + timedelta(days=1)}"}, "不要晚于答复期限"),
        ({"text": "请核查\ue000。"}, "U+E000"),
    ):
        wrong = {**clean, **part}
        kept = await custodian.send(await custodian.get(f"{home}/sheet"), wrong, action=f"{home}/sheet")
        assert (kept.status, kept.form(f"{home}/sheet")["text"], why in kept.text) == (422, wrong["text"], True)


async def test_a_complaint_is_handed_on_and_is_out_of_sight_at_once(site, world: World, board: str, custodian: Visitor) -> None:
    receipt = receipt_on(await complain(site(), board))
    home = await the_one(custodian)
    page = await custodian.get(f"{home}/move")
    refused = await custodian.send(page, {"why": "涉及更高一级"}, action=f"{home}/move")
    assert refused.status == 422
    await make_unit(world, "区巡察", "watch", "示例区", "0512-01000009")
    other = await enter(world, site, "other", "卫巡察", unit="区巡察", phone="0512-09999988")
    page = await custodian.get(f"{home}/move")
    (unit,) = [one.get("value") for one in page.all("option") if one.text == "区巡察"]
    refused = await custodian.send(page, {"unit": unit, "why": ""}, action=f"{home}/move")
    assert (refused.status, "请写明转出理由" in refused.text) == (422, True)
    assert refused.form(f"{home}/move")["unit"] == unit
    done = await custodian.follow(await custodian.send(refused, {"why": "涉及更高一级"}, action=f"{home}/move"))
    assert "没有由您受理的投诉" in done.text
    assert (await custodian.get(home)).status == 404
    assert await the_one(other) == home
    assert "涉及更高一级" in (await other.get(home)).text
    shown = await by_receipt(site(), receipt)
    assert ("受理部门 区巡察" in shown.text, "0512-01000009" in shown.text) == (True, True)


async def test_who_stands_back_needs_another_and_sees_it_no_more(site, world: World, board: str, custodian: Visitor) -> None:
    await complain(site(), board)
    home = await the_one(custodian)
    refused = await custodian.send(await custodian.get(f"{home}/stand-back"), {}, action=f"{home}/stand-back")
    assert (refused.status, "没有其他受理人能查看" in refused.text) == (422, True)
    other = await enter(world, site, "other", "冯纪检", phone="0512-09999977")
    done = await custodian.follow(await custodian.send(refused, {}, action=f"{home}/stand-back"))
    assert "没有由您受理的投诉" in done.text
    for address in (home, f"{home}/sheet", f"{home}/move", f"{home}/stand-back"):
        assert (await custodian.get(address)).status == 404
    assert await the_one(other) == home


async def test_two_administrators_open_one_together_and_everybody_is_told(
    site, world: World, board: str, custodian: Visitor
) -> None:
    receipt = receipt_on(await complain(site(), board))
    home = await the_one(custodian)
    number = await world.call.db.value("select number from complaint")
    first = await enter(world, site, "first", "蒋主任", role=Role.ADMINISTRATOR, unit=None, phone="0512-08880001")
    second = await enter(world, site, "second", "沈主任", role=Role.ADMINISTRATOR, unit=None, phone="0512-08880002")
    assert (await first.get(home)).status == 404
    page = await first.get("/custody/two")
    empty = await first.send(page, {"number": "", "reason": "三周没有回音"}, action="/custody/two")
    assert (empty.status, empty.form("/custody/two")["reason"]) == (422, "三周没有回音")
    asked = await first.follow(
        await first.send(empty, {"number": number.lower(), "reason": "三周没有回音"}, action="/custody/two")
    )
    (address,) = [one.text or "" for one in asked.all("span", class_="code")]
    request = "/custody/two/" + address.rpartition("/")[2]
    assert [one for one in asked.all("form") if one.get("action") == request] == []
    own = await first.post(request, {"_token": asked.form("/sign-out")["_token"]})
    assert (own.status, "不能确认自己" in own.text) == (422, True)
    assert (await first.get(home)).status == 404
    page = await second.get(request)
    assert "三周没有回音" in page.text
    done = await second.follow(await second.send(page, {}, action=request))
    assert await the_one(second) == home
    assert done.status == 200
    for viewer in (first, second):
        opened = await viewer.get(home)
        assert ("由两人共同批准查看" in opened.text, WORDS in opened.text) == (True, True)
        assert not [one for one in opened.all("form") if one.get("action") == f"{home}/step"]
        assert [one for one in opened.links() if one.endswith(("/sheet", "/stand-back"))] == []
    told = await by_receipt(site(), receipt)
    assert ("三周没有回音" in told.text, "两人共同批准查看了您的投诉" in told.text) == (True, True)
    assert "三周没有回音" in (await custodian.get(home)).text
    assert (await second.get(request)).status == 404
    await world.call.db.rows("update complaint_break_glass set until = until - interval '25 hours'")
    for viewer in (first, second):
        assert (await viewer.get(home)).status == 404
        assert "没有由您受理的投诉" in (await viewer.get("/custody")).text


async def test_who_is_no_custodian_meets_no_door(site, world: World, board: str, custodian: Visitor) -> None:
    await complain(site(), board)
    home = await the_one(custodian)
    await world.account("office", Role.OFFICE, unit="纪检")
    office = site("10.0.8.1")
    await office.sign_in("office", PASSWORD)
    for address in ("/custody", home, f"{home}/sheet", "/custody/two"):
        assert (await office.get(address)).status in (403, 404), address


async def test_what_anonymous_means_is_said_before_anything_is_typed(world: World, site, board: str, custodian: Visitor) -> None:
    """A promise that the network breaks would harm whoever believes it."""
    visitor = site()
    for page in (await visitor.door(board, "complaint"), await visitor.get("/privacy")):
        assert "匿名" in page.text
        assert "网络运营者依法" in page.text
        assert "单位的无线网络" in page.text
        assert "手机流量" in page.text


@pytest.mark.clause("LAW-4")
async def test_who_cannot_complain_here_is_given_no_number_that_hands_it_back(world: World, site, board: str) -> None:
    """Not at the closed door, with an office outside and without, nor of a board that is no more."""

    def numbers(page: Page) -> set[str]:
        return {one.get("href", "") for one in page.all("a") if one.get("href", "").startswith("tel:")} - URGENT

    visitor = site()
    assert numbers(await visitor.door(board, "complaint")) == {"tel:051201000002", "tel:12388"}
    await end_unit(world.call, world.units["纪检"], world.call.today)
    assert numbers(await visitor.door(board, "complaint")) == {"tel:12388"}
    for unit in ("东所", "区局"):
        await end_unit(world.call, world.units[unit], world.call.today)
    assert numbers(await visitor.door(board, "report")) == {"tel:12350", "tel:12345"}
    await revoke(world.call, board, "换牌")
    for kind, said in (("complaint", "12388（纪检监察举报电话）"), ("report", "12350 或 12345")):
        text = (await visitor.door(board, kind)).text
        assert said in text, kind
        assert kind == "report" or not {"12345", "12350"} & set(re.findall(r"\d{5}", text))
