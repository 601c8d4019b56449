"""The office's door: an empty portal filled by hand, lists, changes with their question, import, boards, a batch."""

import asyncio
import io
import zipfile
from calendar import monthrange
from datetime import date, timedelta

import pytest

from portal.areas.actions import end_grid
from portal.boards.actions import issue
from portal.boards.decoding import codes_in
from portal.boards.jobs import print_boards
from portal.call import Call
from portal.enterprises.queries import served
from portal.feedback.actions import CaseOpening, open_case
from portal.obligations.actions import DeedForm, add_deed, withdraw_deed
from portal.people.actions import end_person
from portal.people.interests import InterestForm, declare
from portal.people.queries import holdings_on
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, SYSTEM, Role
from portal.web.templates import day
from portal.workshop.sheets import read
from tests.browse import NS, Page, Visitor, words
from tests.world import (
    CODES,
    PASSWORD,
    World,
    make_appointment,
    make_enterprise,
    make_grid,
    make_person,
    make_unit,
    picture,
)

FLOUR = "甲面粉店（示例）"


@pytest.fixture
async def office(site, world: World) -> Visitor:
    """The district's office, signed in."""
    await world.account("east", Role.OFFICE, unit="区局")
    visitor = site()
    await visitor.sign_in("east", PASSWORD)
    return visitor


async def fill(visitor: Visitor, address: str, values: dict, files=None) -> Page:
    """Open a form, fill it, send it, go where it leads."""
    page = await visitor.get(address)
    done = await visitor.send(page, values, action=address.partition("?")[0], files=files)
    return await visitor.follow(done) if done.status == 303 else done


async def beginning(visitor: Visitor) -> list[int]:
    """How many of each kind the first day's list on the desk tells: places, offices, grids, people, posts, enterprises, boards."""
    (card,) = [one for one in (await visitor.get("/office")).all("section") if one.get("id") == "beginning"] or [None]
    return [] if card is None else [int(words(one)) for one in card.iter(NS + "span") if one.get("class", "").startswith("tag")]


async def test_an_administrator_fills_an_empty_portal_up_to_a_printed_board(site, call: Call) -> None:
    from portal.access.actions import NewAccount, NewGrant, create_account

    grant = NewGrant(role=Role.ADMINISTRATOR, area="/")
    await create_account(call, NewAccount(login="admin", name="管理员", password=PASSWORD, must_change=False, grants=(grant,)))
    visitor = site()
    await visitor.sign_in("admin", PASSWORD)
    for address in (
        "/office",
        "/office/jurisdictions",
        "/office/units",
        "/office/grids",
        "/office/people",
        "/office/enterprises",
        "/office/boards",
        "/office/cases",
    ):
        assert (await visitor.get(address)).status == 200
    empty = await visitor.get("/office/grids/new")
    assert "先在“辖区”里登记" in empty.text
    assert await beginning(visitor) == [0] * 7
    assert "/office/jurisdictions/new" in (await visitor.get("/office")).links()

    district = await fill(
        visitor, "/office/jurisdictions/new", {"code": "9901", "name": "示例区", "kind": "district", "region": "sample"}
    )
    place = str(district.response.url).rsplit("/", 1)[1].partition("?")[0]
    town = await fill(visitor, f"/office/jurisdictions/new?in={place}", {"code": "9901001", "name": "东镇", "kind": "town"})
    town_id = str(town.response.url).rsplit("/", 1)[1].partition("?")[0]
    village = await fill(
        visitor, f"/office/jurisdictions/new?in={town_id}", {"code": "9901001001", "name": "甲村", "kind": "village"}
    )
    village_id = str(village.response.url).rsplit("/", 1)[1].partition("?")[0]
    assert "示例区东镇甲村" in village.text
    for kind, at, name, phone in (("bureau", place, "区局", "0512-01000001"), ("station", town_id, "东所", "0512-01000003")):
        assert phone in (await fill(visitor, f"/office/units/new?in={at}", {"kind": kind, "name": name, "phone": phone})).text
    grid = await fill(visitor, f"/office/grids/new?in={town_id}&tier=town-grid", {"name": "东镇格", "since": "2026-01-01"})
    parent = str(grid.response.url).rsplit("/", 1)[1].partition("?")[0]
    assert "格长应有 1 人，现有 0 人" in grid.text
    village_grid = await fill(
        visitor,
        f"/office/grids/new?in={village_id}&tier=village-grid",
        {"name": "甲村格", "parent": parent, "since": "2026-01-01"},
    )
    grid_id = str(village_grid.response.url).rsplit("/", 1)[1].partition("?")[0]

    photo = {"portrait": ("me.png", picture(size=(300, 400)), "image/png")}
    person = await fill(
        visitor, f"/office/people/new?in={town_id}", {"name": "张看护", "phone": "0512-02000002", "badge": "示例1"}, photo
    )
    person_id = str(person.response.url).rsplit("/", 1)[1].partition("?")[0]
    assert (await visitor.get(f"/office/people/{person_id}/portrait")).response.headers["content-type"] == "image/jpeg"
    choose = await visitor.get(f"/office/appointments/new?kind=grid&seat={grid_id}&post=keeper")
    (link,) = [one for one in choose.links() if f"person={person_id}" in one]
    held = await fill(visitor, link, {})
    assert "张看护" in held.text
    assert await beginning(visitor) == [3, 2, 2, 1, 1, 0, 0]
    firm = await fill(
        visitor,
        f"/office/enterprises/new?in={town_id}",
        {
            "name": "甲石料厂（示例）",
            "division": village_id,
            "credit_code": CODES["gravel"],
            "fact_size": "small",
            "fact_risky": "no",
        },
    )
    assert "纳入村格：甲村格" in firm.text
    firm_id = str(firm.response.url).rsplit("/", 1)[1].partition("?")[0]
    board = await visitor.follow(await visitor.send(firm, {}, action="/office/boards/issue"))
    assert "与登记一致" in board.text
    assert await beginning(visitor) == [], "every kind is there, and the list is gone"
    (pdf, *_) = [one for one in board.links() if "board.pdf" in one]
    answer = await visitor.get(pdf)
    code = pdf.split("/")[3]
    assert codes_in(answer.response.content)[0].endswith(f"/b/{code}")
    assert "张看护" in (await site().get(f"/b/{code}")).text
    assert firm_id


@pytest.mark.parametrize("subject", ["jurisdictions", "units", "grids", "people", "enterprises", "boards"])
async def test_lists_search_with_and_without_htmx(office: Visitor, subject: str) -> None:
    for query in ("东", "甲", "没有这个", "·", "%' or 1=1"):
        whole = await office.get(f"/office/{subject}?q={query}")
        part = await office.get(f"/office/{subject}?q={query}", headers={"hx-request": "true"})
        assert whole.status == part.status == 200
        assert part.all("html") == []
        assert part.text.strip() in whole.text


async def test_every_page_that_the_office_can_reach_is_sound(office: Visitor, world: World) -> None:
    """Follow every link from the desk on; each page is linted as it is opened."""
    from portal.boards.actions import issue

    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    waiting, seen = ["/office"], set()
    while waiting:
        address = waiting.pop()
        page = await office.get(address, check="board.pdf" not in address and "template.xlsx" not in address)
        assert page.status in (200, 303), address
        for link in page.links():
            key = link.partition("&q=")[0]
            if link.startswith("/office") and key not in seen and len(seen) < 250:
                seen.add(key)
                waiting.append(link)
    assert len(seen) > 60


async def test_a_change_form_keeps_what_was_typed_and_names_all_errors(office: Visitor, world: World) -> None:
    address = f"/office/people/{world.people['张看护']}/change"
    page = await fill(office, address, {"name": "", "phone": "65250000", "badge": "x" * 41})
    assert page.status == 422
    (summary,) = page.all("div", class_="problems")
    assert len([one for one in summary.iter() if one.get("href")]) == 3
    assert page.form(address)["phone"] == "65250000"
    assert (await office.get(f"/office/people/{world.people['张看护']}")).text.count("0512-02000002") >= 1


async def test_two_people_changing_the_same_thing_do_not_overwrite_each_other(site, office: Visitor, world: World) -> None:
    address = f"/office/units/{world.units['东所']}/change"
    first, second = await office.get(address), await office.get(address)
    await office.send(first, {"phone": "0512-01001111"}, action=address)
    late = await office.send(second, {"phone": "0512-01002222"}, action=address)
    assert late.status == 422
    assert "刚刚被其他人改过" in late.text
    assert late.form(address)["phone"] == "0512-01002222"
    again = await office.send(late, {}, action=address)
    assert again.status == 303
    assert "0512-01002222" in (await office.follow(again)).text
    forms = [await office.get(address) for _ in range(3)]
    done = await asyncio.gather(
        *(office.send(form, {"phone": f"0512-0100333{n}"}, action=address) for n, form in enumerate(forms))
    )
    assert sorted(page.status for page in done) == [303, 422, 422]
    # Also where the other saved while this one waited for its turn: what differs stands there at once
    assert all("您没有改动的各栏已换成最新内容" in page.text for page in done if page.status == 422)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("units/{东所}", "电话的公示牌要重印"),
        ("grids/{园片}", "重新纳入网格"),
        ("people/{张看护}", "空缺"),
        ("enterprises/{" + FLOUR + "}", "不再纳入任何网格"),
        ("jurisdictions/{丁村}", "不能再新增"),
    ],
)
async def test_ending_says_first_what_it_brings(office: Visitor, world: World, address: str, said: str) -> None:
    names = world.units | world.grids | world.people | world.enterprises | world.places
    subject, _, name = address.partition("/")
    target = f"/office/{subject}/{names[name.strip('{}')]}/end"
    page = await office.get(target)
    assert said in page.text
    wrong = await office.send(page, {"day": "gestern"}, action=target)
    assert (wrong.status, "2026-11-21 这样" in wrong.text) == (422, True)
    blank = await office.send(page, {"day": ""}, action=target)
    assert (blank.status, "请填写日期" in blank.text) == (422, True)


@pytest.mark.parametrize("subject", ["grids/{园片}", "enterprises/{" + FLOUR + "}"])
async def test_what_ended_is_reopened_from_its_page(office: Visitor, world: World, subject: str) -> None:
    kind, _, name = subject.partition("/")
    home = f"/office/{kind}/{(world.grids | world.enterprises)[name.strip('{}')]}"
    await office.send(await office.get(f"{home}/end"), {}, action=f"{home}/end")
    assert f"{home}/reopen" in (await office.get(home)).links()
    asked = await office.get(f"{home}/reopen")
    assert "不会恢复" in asked.text
    early = await office.send(asked, {"day": "2020-01-01"}, action=f"{home}/reopen")
    assert (early.status, "早于" in early.text) == (422, True)
    done = await office.follow(await office.send(asked, {}, action=f"{home}/reopen"))
    assert "重新启用" in done.text
    assert f"{home}/reopen" not in done.links()


async def test_appointing_a_second_keeper_is_refused_with_the_way_out(office: Visitor, world: World) -> None:
    address = f"/office/appointments/new?kind=grid&seat={world.grids['甲村格']}&post=keeper&person={world.people['李格长']}"
    page = await fill(office, address, {})
    assert page.status == 422
    assert "请先办理现任人员的离任，再安排任职" in page.text


async def test_dismissing_shows_the_gap_and_the_stale_board(office: Visitor, world: World) -> None:
    from portal.boards.actions import issue

    code = await issue(world.call, "grid", world.grids["甲村格"])
    grid = await office.get(f"/office/grids/{world.grids['甲村格']}")
    (end,) = [one for one in grid.links() if one.startswith("/office/appointments/") and one.endswith("/end")]
    after = await fill(office, end, {"day": "2026-03-02"})
    assert "看护员应有 1 人，现有 0 人" in after.text
    assert "需重印" in after.text
    board = await office.get(f"/office/boards/{code}")
    assert "责任人： 看护员 张看护 → 格长 李格长" in board.text
    desk = await office.get("/office")
    assert "3 个岗位空缺" in desk.text
    assert "1 块公示牌信息已变更，需重印" in desk.text


async def test_a_batch_is_queued_tells_how_far_it_is_and_gives_its_files(office: Visitor, world: World) -> None:
    queued = await office.send(
        await office.get("/office/boards"),
        {"region": "sample", "grid": "9901001001001", "size": "A4"},
        action="/office/boards/print",
    )
    waiting = await office.follow(queued)
    assert "在排队" in waiting.text
    job = str(waiting.response.url).rsplit("/", 1)[1].partition("?")[0]
    assert (await office.get(f"/office/boards/jobs/{job}/boards.zip")).status == 404
    queue = await world.call.db.rows("select task_name, args::text from procrastinate_jobs")
    assert [(one["task_name"], job in one["args"]) for one in queue] == [("print_boards", True)]
    await print_boards(Call(world.call.portal, SYSTEM, world.call.now), job)
    part = await office.get(f"/office/boards/jobs/{job}", headers={"hx-request": "true"})
    assert "已生成 2 块（PDF）" in part.text
    assert not [one for one in part.root.iter() if one.get("hx-trigger")]
    answer = await office.get(f"/office/boards/jobs/{job}/boards.zip")
    with zipfile.ZipFile(io.BytesIO(answer.response.content)) as archive:
        bound, *others = sorted(archive.namelist(), key=lambda name: (name != "合订 A4.pdf", name))
        assert bound == "合订 A4.pdf"
        assert sorted(name.rpartition(".")[2] for name in others) == ["csv", "pdf", "pdf"]


async def test_revoking_asks_for_the_reason_that_the_public_reads(office: Visitor, site, world: World) -> None:
    from portal.boards.actions import issue

    code = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    address = f"/office/boards/{code}/revoke"
    blank = await fill(office, address, {"why": ""})
    assert (blank.status, "请写明原因" in blank.text) == (422, True)
    done = await fill(office, address, {"why": "牌子损坏"})
    assert "已作废" in done.text
    assert "牌子损坏" in (await site().get(f"/b/{code}")).text


async def test_of_a_day_without_an_edition_no_page_says_that_every_village_is_covered(office: Visitor) -> None:
    before = await office.get("/office/due/alls/sample/area?on=2019-12-31")
    assert "所选日期这里没有施行任何方案" in before.text
    assert "每个村、社区都在网格内" not in before.text


async def test_facts_are_stated_from_a_day_on(office: Visitor, world: World) -> None:
    address = f"/office/enterprises/{world.enterprises[FLOUR]}/facts"
    page = await office.get(address)
    assert page.form(address)["fact_size"] == "small"
    done = await fill(office, address, {"fact_size": "big", "since": "2026-03-01"})
    assert "纳入镇格：东镇格" in done.text
    assert "历史归属" in done.text
    early = await fill(office, address, {"fact_size": "big", "since": "2020-01-01"})
    assert "不能早于登记日期" in early.text


@pytest.mark.parametrize("name", ["jurisdictions", "boards", "cases", "gaps", "accounts"])
async def test_a_list_is_taken_away_whole_as_it_was_searched_for_and_noted(site, world: World, name: str) -> None:
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    new = CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有情况")
    await open_case(world.call.as_(PUBLIC), new)
    await world.account("admin", Role.ADMINISTRATOR)
    await world.account("bureau", Role.OFFICE, unit="区局")
    await world.account("town", Role.OFFICE, unit="东所")
    visitor = site()
    await visitor.sign_in({"accounts": "admin", "cases": "town"}.get(name, "bureau"), PASSWORD)
    page = await visitor.get("/office/gaps" if name == "gaps" else f"/office/{name}")
    (book, text) = [link for link in page.links() if link.startswith(f"/office/export/{name}/")]
    rows = read((await visitor.get(book)).response.content)[0].rows
    assert rows == read((await visitor.get(text)).response.content)[0].rows
    there = {"jurisdictions": "9901", "boards": board, "cases": FLOUR, "gaps": "看护员", "accounts": "town"}[name]
    assert any(there in row for row in rows[1:]), rows
    noted = await world.call.db.rows("select subject from ledger_entry where verb = 'exported'")
    assert [row["subject"] for row in noted] == [name, name]
    if name == "accounts":
        found = read((await visitor.get(f"{text}?q=bureau")).response.content)[0].rows
        assert [row[0] for row in found] == ["登录名", "bureau"]


async def test_charges_are_seen_changed_and_ended(office: Visitor, world: World) -> None:
    home = f"/office/enterprises/{world.enterprises[FLOUR]}"
    assert "消防 没有部门负责" in (await office.get(home)).text
    address = f"{home}/charges"
    done = await fill(office, f"{address}?line=fire", {"unit": world.units["东所"], "since": "2026-03-01"})
    assert "消防 东所 自 2026年3月1日起" in done.text
    assert (await office.get(f"{address}?line=fire")).form(address)["unit"] == world.units["东所"]
    early = await fill(office, f"{address}?line=fire", {"unit": world.units["东所"], "since": "2020-01-01"})
    assert (early.status, "不能早于单位的登记日期" in early.text) == (422, True)
    over = await fill(office, f"{address}?line=fire", {"unit": "", "since": "2026-03-02"})
    assert "消防 没有部门负责 东所 2026年3月1日 — 2026年3月2日" in over.text
    again = await fill(office, f"{address}?line=fire", {"unit": "", "since": "2026-03-02"})
    assert (again.status, "本来就没有部门负责" in again.text) == (422, True)


async def test_the_enterprise_sees_its_own_file_and_prints_its_board(site, world: World) -> None:
    from portal.boards.actions import issue

    await world.account("flour", Role.ENTERPRISE, enterprise=FLOUR)
    visitor = site()
    await visitor.sign_in("flour", PASSWORD)
    before = await visitor.get("/enterprise")
    assert "还没有签发公示牌" in before.text
    assert (await visitor.get("/enterprise/board.pdf")).status == 404
    code = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    page = await visitor.get("/enterprise")
    assert "纳入村格：甲村格" in page.text
    assert "张看护" in page.text
    answer = await visitor.get("/enterprise/board.pdf?size=A4")
    assert codes_in(answer.response.content)[0].endswith(code)
    assert (await visitor.get("/enterprise/board.pdf?size=A0")).status == 422


async def test_the_inspectors_phone_shows_posts_duties_and_enterprises(site, world: World) -> None:
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    visitor = site()
    await visitor.sign_in("keeper", PASSWORD)
    today = await visitor.get("/field")
    for word in ("看护员", "甲村格", "走遍本格", "每月一次", "第三条", "无行政执法权，只能巡查、协助检查"):
        assert word in today.text
    firms = await visitor.get("/field/enterprises")
    assert FLOUR in firms.text
    assert "丙小店" not in firms.text


async def test_a_due_enterprise_tells_an_inspector_where_it_is_whom_to_call_how_long_and_when_last(site, world: World) -> None:
    call, flour, keeper = world.call, world.enterprises[FLOUR], world.people["张看护"]
    last = call.today - timedelta(days=70)
    await add_deed(call, DeedForm(region="sample", duty="walk", subject=flour, day=call.today, person=keeper, note="x"))
    row = await call.db.value("select public_id from deed")
    await withdraw_deed(call, row, "记错了日子")
    await call.db.rows("update appointment set since = $1 where grid is not null returning id", call.today - timedelta(days=90))
    await add_deed(call, DeedForm(region="sample", duty="walk", subject=flour, day=last, person=keeper, note="都好（示例）"))
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    visitor = site()
    await visitor.sign_in("keeper", PASSWORD)
    today = await visitor.get("/field")
    address = f"/field/enterprises/{flour}"
    left = (date(call.today.year, call.today.month, monthrange(call.today.year, call.today.month)[1]) - call.today).days
    assert address in today.links()
    for word in ("示例路1号", "0512-01111111", f"还剩 {left} 天", f"最近一次 {day(last)}"):
        assert word in today.text, word
    page = await visitor.get(address)
    for word in ("示例人", "都好（示例）", "记错了日子"):
        assert word not in today.text + page.text, "who answers there and what was written down are for its offices"
    for word in (
        FLOUR,
        "示例路1号",
        "0512-01111111",
        f"还剩 {left} 天",
        f"最近一次 {day(last)}",
        f"{day(last)} 走遍本格",
        "生成现场查看码",
    ):
        assert word in page.text, word
    assert "只能使用一次" in (await visitor.send(page, {}, action=f"{address}/site-link")).text


async def test_an_inspector_has_no_page_of_what_is_not_theirs_to_see_to(site, world: World) -> None:
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    visitor = site()
    await visitor.sign_in("keeper", PASSWORD)
    for name in ("丙小店（示例）", "园玩具厂（示例）", "甲石料厂（示例）"):
        assert (await visitor.get(f"/field/enterprises/{world.enterprises[name]}")).status == 404, name
    address, own = (
        f"/field/enterprises/{world.enterprises[FLOUR]}",
        InterestForm(person=world.people["张看护"], enterprise=world.enterprises[FLOUR], kind="other", since=world.call.today),
    )
    assert (await visitor.get(address)).status == 200
    await declare(world.call, own)
    assert (await visitor.get(address)).status == 404
    assert (await visitor.post(f"{address}/site-link", (await visitor.get("/account")).form("/sign-out"))).status == 404


async def test_a_post_at_many_seats_is_told_once_and_each_enterprise_of_it_has_its_page(site, world: World) -> None:
    for n in range(3):
        await make_enterprise(world, f"大厂{n}（示例）", "甲村", size="big", risky="no")
        await make_appointment(world, "赵看护", "guard", enterprise=f"大厂{n}（示例）")
    await make_appointment(world, "赵看护", "keeper", grid="丁村格")
    await world.account("guard", Role.INSPECTOR, person="赵看护")
    visitor = site()
    await visitor.sign_in("guard", PASSWORD)
    today = await visitor.get("/field")
    assert "厂看护 · 3 家单位" in today.text
    assert "看护员 · 2 个网格" in today.text
    assert today.text.count("走遍本格") <= 2, "once at the post, once where it is due"
    firms = await visitor.get("/field/enterprises")
    for n in range(3):
        address = f"/field/enterprises/{world.enterprises[f'大厂{n}（示例）']}"
        assert address in today.links()
        assert address in firms.links()
        assert (await visitor.get(address)).status == 200


async def test_saving_a_change_keeps_a_grid_and_a_unit_however_many_there_are(office: Visitor, world: World) -> None:
    for n in range(55):
        await make_grid(world, f"片{n:02d}", "patch", "东镇", parent="东镇格", code=f"A{n:02d}")
        await make_unit(world, f"阿所{n:02d}", "station", "东镇", staffed=False)
    toys, person = world.enterprises["园玩具厂（示例）"], await make_person(world, "有部门", place="东镇", unit="东所")
    db = world.call.db
    before = await db.value("select drawn_grid from enterprise where public_id = $1", toys)
    unit = await db.value("select unit from person where public_id = $1", person)
    for address in (f"/office/enterprises/{toys}/change", f"/office/people/{person}/change"):
        done = await office.send(await office.get(address), {"phone": "0512-01112222"}, action=address)
        assert done.status == 303
    assert before is not None
    assert unit is not None
    assert await db.value("select drawn_grid from enterprise where public_id = $1", toys) == before
    assert await db.value("select unit from person where public_id = $1", person) == unit


async def test_ground_beyond_a_grids_place_outlives_a_saving_and_a_choice_that_is_gone_is_told(
    office: Visitor, world: World
) -> None:
    await make_grid(world, "丙甲片", "patch", "丙村", parent="西镇格", code="W9", divisions=("丙村", "甲村"))
    address = f"/office/grids/{world.grids['丙甲片']}/change"
    ground = "select array_agg(division order by division) from grid_ground gg join grid g on g.id = gg.grid where g.code = 'W9' and gg.until is null"
    before = await world.call.db.value(ground)
    assert len(before) == 2
    assert (await office.send(await office.get(address), {"area_note": "改"}, action=address)).status == 303
    assert await world.call.db.value(ground) == before
    wrong = await office.send(await office.get(address), {"divisions": "gone"}, action=address, check=False)
    assert wrong.status == 422
    assert "不是有效的选择" in wrong.text
    assert "not a valid" not in wrong.text


async def test_a_page_says_that_something_was_done_only_to_who_did_it(site, world: World) -> None:
    """An address is passed on, and anybody can type one."""
    await world.account("bureau", Role.OFFICE, unit="区局")
    visitor, other = site(), site("10.0.0.7")
    for one in (visitor, other):
        await one.sign_in("bureau", PASSWORD)
    home = f"/office/units/{world.units['东所']}"
    done = await visitor.send(await visitor.get(f"{home}/change"), {"phone": "0512-01000055"}, action=f"{home}/change")
    address = done.response.headers["location"]
    assert "部门信息已修改" in (await visitor.get(address)).text
    assert "部门信息已修改" in (await visitor.get(address)).text
    assert "部门信息已修改" not in (await other.get(address)).text
    mark = address.partition(".")[2]
    for typed in (f"{home}?said=unit_changed", f"{home}?said=unit_ended.{mark}", f"/office/units?said=unit_changed.{mark}"):
        page = await visitor.get(typed)
        assert (page.status, page.all("p", class_="said")) == (200, []), typed


async def test_a_history_says_what_was_done_in_the_words_of_its_kind(site, world: World) -> None:
    await world.account("bureau", Role.OFFICE, unit="区局")
    visitor = site()
    await visitor.sign_in("bureau", PASSWORD)
    await end_person(world.call, world.people["张看护"], date(2026, 3, 9))
    await end_grid(world.call, world.grids["园片"], date(2026, 3, 9))
    for address, told in (
        (f"people/{world.people['张看护']}", ("登记离岗", "照片已上传")),
        (f"grids/{world.grids['园片']}", ("登记撤销",)),
        (f"enterprises/{world.enterprises['园玩具厂（示例）']}", ("确定所属网格",)),
    ):
        page = await visitor.get(f"/office/{address}")
        (timeline,) = page.all("ol", class_="timeline")
        assert [one for one in told if one not in words(timeline)] == [], address
        assert "停用" not in words(timeline)
        assert ("生效日期：2026年3月9日" in words(timeline)) == (not address.startswith("enterprises"))


async def test_each_of_very_many_enterprises_is_found_by_who_sees_to_it(world: World) -> None:
    held = list(
        await holdings_on(world.call, await world.call.db.value("select id from person where name = '张看护'"), world.call.today)
    )
    assert [one.name for one in await served(world.call, held)] == ["甲面粉店（示例）"]
    flour = await world.call.db.value("select id from enterprise where name = '甲面粉店（示例）'")
    other = await world.call.db.value("select id from enterprise where name = '丙小店（示例）'")
    assert [one.name for one in await served(world.call, held, only=flour, most=1)] == ["甲面粉店（示例）"]
    assert await served(world.call, held, only=other) == ()
