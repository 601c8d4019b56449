"""The public door: boards, contact, report, receipt, schemes; nothing typed is lost, nothing is stored unasked."""

import re

import pytest

from portal import codes
from portal.boards.actions import issue, revoke
from portal.boards.queries import page as board_page
from portal.feedback.receipts import read
from portal.people.actions import PersonForm, change_person, end_person
from portal.people.queries import person
from tests.browse import Page, Visitor
from tests.world import World, make_appointment, make_person, picture

FLOUR = "甲面粉店（示例）"
PHOTOS = [("photos", (f"IMG_{n}.jpg", picture(f"#45{n}", (800, 600), "JPEG"), "image/jpeg")) for n in range(3)]


@pytest.fixture
async def board(world: World) -> str:
    """The flour shop's board."""
    return await issue(world.call, "enterprise", world.enterprises[FLOUR])


def receipt_on(page: Page) -> str:
    """The number on a receipt page."""
    (shown,) = page.all("p", id="receipt")
    receipt = read(shown.text or "")
    assert receipt is not None
    return receipt


async def tell(visitor: Visitor, page: Page, text: str = "锅炉房堵了门", contact: str = "", files=None) -> Page:
    """Walk through the steps of a form to the receipt."""
    reach = await visitor.send(page, {"text": text, "go": "reach"}, files=files)
    check = await visitor.send(reach, {"contact": contact, "go": "check"})
    return await visitor.send(check, {"go": "send"})


@pytest.mark.clause("PB-2")
async def test_the_board_page_shows_the_person_the_number_and_three_doors(site, board: str) -> None:
    page = await site().get(f"/b/{board}")
    assert page.status == 200
    assert [one.text for one in page.all("h1")] == ["张看护"]
    assert [one.get("href") for one in page.all("a") if "call" in one.get("class", "")] == ["tel:051202000002"]
    assert [one.get("value") for one in page.all("button")] == ["report", "contact", "complaint"]
    assert page.form("/door") == {"board": board}
    for word in (
        FLOUR,
        "甲村格",
        codes.grouped(board),
        "无行政执法权，只能巡查、协助检查",
        "走遍本格",
        "每月一次",
        "区局",
        "0512-01000001",
    ):
        assert word in page.text
    assert page.all("script") == []
    assert "set-cookie" not in page.response.headers
    assert len(page.response.content) < 40_000


async def test_the_photo_is_served_for_its_own_board_only(site, world: World, board: str) -> None:
    other = await issue(world.call, "enterprise", world.enterprises["丙小店（示例）"])
    visitor = site()
    page = await visitor.get(f"/b/{board}")
    photo = page.all("img", class_="portrait")[0].get("src", "")
    answer = await visitor.get(photo)
    assert (answer.status, answer.response.headers["content-type"]) == (200, "image/jpeg")
    assert (await visitor.get(photo.replace(board, codes.new_board_code()))).status == 404
    assert (await visitor.get(f"/b/{other}/photo/{'0' * 40}")).status == 404


async def test_the_photo_of_somebody_who_left_has_no_address_though_the_wall_still_shows_it(site, world: World) -> None:
    await make_person(world, "甲去职", phone="0512-02009001", portrait=picture("#a33"))
    await make_appointment(world, "甲去职", "keeper", grid="丁村格")
    code, visitor = await issue(world.call, "grid", world.grids["丁村格"]), site()
    src = (await visitor.get(f"/b/{code}")).all("img", class_="portrait")[0].get("src", "")
    shown = await visitor.get(src)
    assert (shown.status, "public" in shown.response.headers["cache-control"]) == (200, False)
    await end_person(world.call, world.people["甲去职"], world.call.today)
    board = await board_page(world.call, code)
    assert board.printed["lead"]["photo"] in src
    assert (await visitor.get(src)).status == 404
    # A newer picture takes the place of the older one
    await make_person(world, "甲接任", phone="0512-02009002", portrait=picture("#3a3"))
    await make_appointment(world, "甲接任", "keeper", grid="丁村格", since=world.call.today)
    await issue(world.call, "grid", world.grids["丁村格"])
    old = (await visitor.get(f"/b/{code}")).all("img", class_="portrait")[0].get("src", "")
    row = await person(world.call, world.people["甲接任"])
    form = PersonForm(name=row.name, phone=row.phone, jurisdiction=row.place_id, portrait=picture("#33a"))
    await change_person(world.call, world.people["甲接任"], form)
    new = (await visitor.get(f"/b/{code}")).all("img", class_="portrait")[0].get("src", "")
    assert [(await visitor.get(one)).status for one in (old, new)] == [404, 200]


async def test_vacant_posts_are_told_also_where_nobody_is_left(site, world: World, board: str) -> None:
    for name in ("张看护", "李格长"):
        await end_person(world.call, world.people[name], world.call.today)
    page = await site().get(f"/b/{board}")
    assert re.sub(r"\s", "", page.text).count("暂缺：看护员、格长") == 1
    assert page.all("ul", class_="people") == []


@pytest.mark.parametrize("typed", ["lower", "grouped", "spaces"])
async def test_a_code_is_read_however_it_is_typed(site, board: str, typed: str) -> None:
    text = {"lower": board.lower(), "grouped": codes.grouped(board), "spaces": f" {board[:6]} {board[6:]} "}[typed]
    visitor = site()
    page = await visitor.follow(await visitor.get(f"/find?code={text}"))
    assert "张看护" in page.text


async def test_a_mistyped_code_is_told_and_kept(site, board: str) -> None:
    wrong = board[:-1] + ("A" if board[-1] != "A" else "B")
    page = await site().get(f"/find?code={wrong}")
    assert page.status == 422
    assert "不是有效的公示牌编号" in page.text
    assert page.form("/find") == {"code": wrong}


async def test_unknown_and_revoked_codes_say_so_and_whom_to_call(site, world: World, board: str) -> None:
    visitor = site()
    unknown = await visitor.get(f"/b/{codes.new_board_code()}")
    assert unknown.status == 404
    await revoke(world.call, board, "换了牌")
    revoked = await visitor.get(f"/b/{board}")
    assert (revoked.status, "换了牌" in revoked.text, "张看护" in revoked.text) == (410, True, False)
    for page in (unknown, revoked):
        assert {"tel:12350", "tel:12345", "tel:119"} <= {one.get("href") for one in page.all("a")}


async def test_a_board_whose_facts_changed_says_what_changed(site, world: World, board: str) -> None:
    form = PersonForm(name="张看护", phone="0512-02008888", jurisdiction=world.places["示例区"], badge="示例003")
    await change_person(world.call, world.people["张看护"], form)
    page = await site().get(f"/b/{board}")
    assert "墙上的牌子有些内容已经变了" in page.text
    assert "责任人联系电话： 0512-02000002 → 0512-02008888" in page.text
    assert "tel:051202008888" in [one.get("href") for one in page.all("a")]


async def test_a_report_from_board_to_receipt_to_answer(site, world: World, board: str) -> None:
    from portal.viewer import Role

    await world.account("east", Role.OFFICE, unit="东所")
    visitor = site()
    begin = await visitor.door(board, "report")
    assert "办理部门：东所" in begin.text
    done = await tell(visitor, begin, contact="13900001111", files=PHOTOS[:2])
    assert "东所" in done.text
    receipt = receipt_on(done)
    again = await visitor.send(done, {}, action="/receipt")
    assert "已收到" in again.text
    assert "附照片 2 张" in again.text

    office = site("10.0.0.9")
    desk = await office.follow(await office.follow(await office.sign_in("east", "six grey ferries home")))
    (link,) = [one for one in desk.links() if one.startswith("/office/cases/")]
    case = await office.get(link)
    assert "锅炉房堵了门" in case.text
    assert "13900001111" not in case.text
    shown = await office.send(case, {}, action=f"{link}/contact")
    assert "13900001111" in shown.text
    photo = await office.get(next(one.get("src", "") for one in case.all("img") if "/photos/" in one.get("src", "")))
    assert photo.response.headers["content-type"] == "image/jpeg"
    refused = await office.send(case, {"step": "refuse", "text": ""}, action=f"{link}/step")
    assert (refused.status, "请写明内容" in refused.text) == (422, True)
    opened = case
    case = await office.follow(await office.send(case, {"step": "accept", "text": ""}, action=f"{link}/step"))
    # The back key, and the answer written in the form that was sent
    back = await office.send(opened, {"step": "answer", "text": "已清通。"}, action=f"{link}/step")
    assert (back.status, "当时按的是“受理”" in back.text, "没有提交" in back.text) == (422, True, True)
    assert back.form(f"{link}/step")["text"] == "已清通。"
    case = await office.follow(await office.send(back, {"step": "answer"}, action=f"{link}/step"))
    assert case.text.count("已清通。") == 1

    ask = await visitor.get("/receipt")
    seen = await visitor.send(ask, {"receipt": f"{receipt[:4]} {receipt[4:]}"}, action="/receipt")
    assert "已清通。" in seen.text
    more = await visitor.send(seen, {"text": "又堵了。"}, action="/receipt/add", files=PHOTOS[:1])
    assert ("您补充的情况已提交" in more.text, "又堵了。" in more.text) == (True, True)


async def test_a_contact_reaches_the_inspectors_phone(site, world: World, board: str) -> None:
    from portal.viewer import Role

    await world.account("keeper", Role.INSPECTOR, person="张看护")
    visitor = site()
    done = await tell(visitor, await visitor.door(board, "contact"), text="什么时候来？")
    receipt = receipt_on(done)
    inspector = site("10.0.0.9")
    today = await inspector.follow(await inspector.follow(await inspector.sign_in("keeper", "six grey ferries home")))
    (link,) = [one for one in today.links() if one.startswith("/field/cases/")]
    case = await inspector.get(link)
    assert "什么时候来？" in case.text
    await inspector.send(case, {"step": "answer", "text": "明天上午。"}, action=f"{link}/step")
    await inspector.send(await inspector.get(link), {"step": "close", "text": ""}, action=f"{link}/step")
    # Closed meanwhile: there is no form any more, and the words stand there to be copied
    late = await inspector.send(case, {"step": "answer", "text": "改到后天。"}, action=f"{link}/step")
    assert (late.status, "写的是“明天上午。”" in late.text, "改到后天。" in late.text) == (422, True, True)
    seen = await visitor.send(await visitor.get("/receipt"), {"receipt": receipt}, action="/receipt")
    assert "明天上午。" in seen.text


@pytest.mark.parametrize("wrong", ["0000 0000 0000 0000", "1234", "abcdabcdabcdabcd", "", "１２３４５６７８９０１２３４５６"])
async def test_wrong_receipts_are_answered_alike(site, world: World, wrong: str) -> None:
    visitor = site()
    page = await visitor.send(await visitor.get("/receipt"), {"receipt": wrong}, action="/receipt")
    assert page.status == 422
    assert ("没有找到这个查询码" in page.text) or ("请输入 16 位查询码" in page.text and not wrong)
    assert page.form("/receipt")["receipt"] == wrong


@pytest.mark.parametrize("bad", [("text", ""), ("text", "长" * 2001), ("contact", "长" * 101), ("both", "")])
async def test_whatever_is_wrong_text_and_photos_are_kept(site, board: str, bad: tuple[str, str]) -> None:
    visitor = site()
    begin = await visitor.door(board, "report")
    text = "长" * 2001 if bad[0] == "both" else bad[1] if bad[0] == "text" else "好好的一段话"
    contact = "长" * 101 if bad[0] in ("contact", "both") else "13900001111"
    page = await visitor.send(begin, {"text": text, "contact": contact, "go": "check"}, files=PHOTOS)
    assert page.status == 200
    (summary,) = page.all("div", class_="problems")
    ids = {one.get("id") for one in page.root.iter()}
    assert all(one.get("href", "#")[1:] in ids for one in summary.iter() if one.get("href"))
    form = page.form("/send")
    assert (form["text"], form["contact"]) == (text, contact)
    fixed = await visitor.send(page, {"text": "好了", "contact": "", "go": "check"}, action="/send")
    assert len([one for one in fixed.all("img") if one.get("src", "").startswith("data:")]) == 3


async def test_a_file_that_is_no_photo_costs_neither_text_nor_the_other_photos(site, board: str) -> None:
    visitor = site()
    begin = await visitor.door(board, "report")
    files = [PHOTOS[0], ("photos", ("evil.svg", b"<svg onload=alert(1)>", "image/svg+xml")), PHOTOS[1]]
    page = await visitor.send(begin, {"text": "有情况", "go": "reach"}, files=files)
    assert page.status == 200
    assert "“evil.svg”上传失败" in page.text
    assert page.form("/send")["text"] == "有情况"
    assert len([one for one in page.all("img") if one.get("src", "").startswith("data:")]) == 2
    (button, _) = page.all("button", name="drop")
    dropped = await visitor.send(page, {"drop": button.get("value")}, action="/send")
    assert len([one for one in dropped.all("img") if one.get("src", "").startswith("data:")]) == 1


async def test_going_back_to_change_keeps_everything(site, board: str) -> None:
    visitor = site()
    begin = await visitor.door(board, "report")
    reach = await visitor.send(begin, {"text": "第一稿", "go": "reach"}, files=PHOTOS[:1])
    check = await visitor.send(reach, {"contact": "微信 abc", "go": "check"})
    back = await visitor.send(check, {"go": "tell"})
    assert back.form("/send")["text"] == "第一稿"
    assert back.form("/send")["contact"] == "微信 abc"
    check = await visitor.send(back, {"text": "第二稿", "go": "check"})
    assert ("第二稿" in check.text, "微信 abc" in check.text) == (True, True)
    assert len([one for one in check.all("img") if one.get("src", "").startswith("data:")]) == 1


async def test_the_receipt_page_loaded_again_is_the_same_case(site, world: World, board: str) -> None:
    visitor = site()
    begin = await visitor.door(board, "report")
    reach = await visitor.send(begin, {"text": "一次", "go": "reach"})
    check = await visitor.send(reach, {"go": "check"})
    receipts = {receipt_on(await visitor.send(check, {"go": "send"})) for _ in range(3)}
    assert len(receipts) == 1
    assert await world.call.db.value("select count(*) from feedback_case") == 1


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
async def test_gbk_text_is_read_as_what_was_typed(site, board: str, encoding: str) -> None:
    visitor = site()
    begin = await visitor.door(board, "report")
    form = begin.form("/send") | {"go": "reach"}
    boundary = "xyz"
    parts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in form.items() if k != "text"
    ).encode()
    parts += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="text"\r\n\r\n'.encode()
        + "锅炉冒烟".encode(encoding)
        + f"\r\n--{boundary}--\r\n".encode()
    )
    answer = await visitor.client.post(
        "/send", content=parts, headers={"content-type": f"multipart/form-data; boundary={boundary}"}
    )
    assert answer.headers["location"] == "/form/2"
    assert (await visitor.get("/form/1")).form("/send")["text"] == "锅炉冒烟"


@pytest.mark.parametrize(
    "text",
    [
        "👷‍♂️🔥 emoji",
        "\u202eעברית right to left",
        "𠮷㛃𬭎",
        "a" * 1999,
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
        "' or 1=1 --",
        "行一\n行二",
    ],
)
async def test_odd_texts_come_back_as_they_were(site, world: World, board: str, text: str) -> None:
    visitor = site()
    receipt = receipt_on(await tell(visitor, await visitor.door(board, "report"), text=text))
    seen = await visitor.send(await visitor.get("/receipt"), {"receipt": receipt}, action="/receipt")
    (said, *_) = [one.text for one in seen.all("p", class_="words")]
    assert said == text.strip()


async def test_scheme_pages_show_each_rule_with_its_clause_and_assumptions_apart(site) -> None:
    visitor = site()
    assert "示例区办法" in (await visitor.get("/schemes")).text
    page = await visitor.get("/schemes/sample")
    for word in ("看护员", "每月一次", "第三条", "看护员每月走一遍。", "5个工作日内"):
        assert word in page.text
    assert "SA-3" not in page.text
    (asked,) = [one for one in page.links() if "codes=yes" in one]
    assert "SA-3" in (await visitor.get(asked)).text
    (assumed,) = page.all("section", id="assumed")
    assert "文件没有写，示例区自己定。" in "".join(assumed.itertext())
    assert (await visitor.get("/schemes/nowhere")).status == 404


@pytest.mark.parametrize("address", ["/", "/receipt", "/schemes", "/privacy", "/sign-in"])
async def test_plain_pages(site, address: str) -> None:
    page = await site().get(address)
    assert page.status == 200


async def test_nothing_is_stored_for_people_who_only_look(site, world: World, board: str) -> None:
    counted = "select (select count(*) from session) + (select count(*) from feedback_draft_photo) + (select count(*) from feedback_case)"
    visitor = site()
    for address in ("/", f"/b/{board}", "/receipt", "/sign-in", "/leave"):
        await visitor.get(address)
    assert await world.call.db.value(counted) == 0


def test_no_template_writes_a_tel_link_with_blanks() -> None:
    assert codes.dialled("0512-0123 4567") == "051201234567"
    assert re.fullmatch(r"[\d+]+", codes.dialled("+86 512 0123"))
