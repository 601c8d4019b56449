"""A report that tells of a death: shown to the district's side at once, marked, and settled there, not by a town's office."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.areas import actions as areas
from portal.boards.actions import issue, revoke
from portal.desk.queries import waiting as on_desk
from portal.errors import NotVisible, Refused
from portal.feedback import queries
from portal.feedback.actions import CaseOpening, add, open_case, take_step
from portal.feedback.queries import waiting
from portal.feedback.receipts import receipt_of
from portal.feedback.rules import deadline
from portal.scheme.book import Scheme
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.storage.lists import Wanted
from portal.viewer import PUBLIC, Role
from tests.browse import Page
from tests.world import PASSWORD, World, make_unit

FLOUR = "甲面粉店（示例）"
MARKED = f"举报（有人死亡或重伤）：{FLOUR}"
DIED = "夜里有人掉进料仓，没有救回来"


@pytest.fixture
async def board(world: World) -> str:
    """The board of the flour shop."""
    return await issue(world.call, "enterprise", world.enterprises[FLOUR])


async def opened(
    world: World, board: str, *, grave: bool = True, kind: Kind = Kind.REPORT, form: str = "", text: str = DIED
) -> str:
    """Open a case; its public id."""
    new = CaseOpening(kind=kind, board=board, form=form or public_id(), text=text, grave=grave)
    await open_case(world.call.as_(PUBLIC), new)
    return str(await world.call.db.value("select public_id from feedback_case order by id desc limit 1"))


async def desk(world: World, unit: str) -> list[str]:
    """What waits for an office."""
    return [item.title for item in await waiting(world.call.as_(await world.office(unit)))]


@pytest.mark.clause("NAT-AQF-73.2")
@pytest.mark.clause("LAW-4")
async def test_a_report_of_a_death_is_before_the_districts_office_too_and_marked(world: World, board: str) -> None:
    id_ = await opened(world, board)
    east, bureau = world.call.as_(await world.office("东所")), world.call.as_(await world.office("区局"))
    assert [await desk(world, unit) for unit in ("东所", "区局", "西所", "纪检")] == [[MARKED], [MARKED], [], []]
    for call in (east, bureau):
        case = await queries.case(call, id_)
        assert (case.grave, case.above, case.handler, case.steps[0].text) == (True, "区局", "东所", DIED)
        (row,) = (await queries.cases(call, Wanted())).rows
        assert row.grave
    why = case.route_because[-1]
    assert (why.basis.id, why.note) == ("NAT-AQF-73.2", "反映人说有人死亡或重伤，同时送区局，由它办结")
    assert "不判断真假" in why.basis.read_as
    with pytest.raises(NotVisible):
        await queries.case(world.call.as_(await world.office("西所")), id_)


@pytest.mark.parametrize(("grave", "kind"), [(False, Kind.REPORT), (True, Kind.CONTACT)])
async def test_what_tells_of_none_is_not_before_the_districts_office(world: World, board: str, grave: bool, kind: Kind) -> None:
    id_ = await opened(world, board, grave=grave, kind=kind)
    assert await desk(world, "区局") == []
    case = await queries.case(world.call.as_(await world.office("东所")), id_)
    assert (case.grave, case.above, len(case.route_because)) == (False, "", 1)
    assert "NAT-AQF-73.2" not in json.dumps([one.kept() for one in case.route_because])


async def test_the_towns_office_answers_and_the_districts_settles(world: World, board: str) -> None:
    id_ = await opened(world, board)
    east, bureau = world.call.as_(await world.office("东所")), world.call.as_(await world.office("区局"))
    assert (await queries.case(east, id_)).possible == ("accept",)
    for step in ("refuse", "close"):
        if step == "close":
            await take_step(east, id_, "accept", "", public_id())
            await take_step(east, id_, "answer", "已赶到现场。", public_id())
        with pytest.raises(Refused, match="由区局不予受理或办结"):
            await take_step(east, id_, step, "不是我们的事", public_id())
    # What the town has done takes nothing from the district's desk
    assert [await desk(world, unit) for unit in ("东所", "区局")] == [[], [MARKED]]
    case = await queries.case(bureau, id_)
    assert (case.state, case.possible) == ("answered", ("answer", "close"))
    await take_step(bureau, id_, "answer", "区里已成立核查组。", public_id())
    assert await desk(world, "区局") == []
    await take_step(bureau, id_, "close", "", public_id())
    case = await queries.case(bureau, id_)
    assert [(step.who, step.step) for step in case.steps[1:]] == [
        ("东所", "accept"),
        ("东所", "answer"),
        ("区局", "answer"),
        ("区局", "close"),
    ]


async def test_what_the_reporter_adds_is_before_both_and_still_marked(world: World, board: str) -> None:
    id_ = await opened(world, board)
    await take_step(world.call.as_(await world.office("区局")), id_, "accept", "", public_id())
    found = await queries.by_id(world.call, await world.call.db.value("select id from feedback_case"))
    await add(world.call.as_(PUBLIC), found, "还有一个人在医院。", public_id())
    assert [await desk(world, unit) for unit in ("东所", "区局")] == [[f"举报（有人死亡或重伤）有补充：{FLOUR}"]] * 2


async def test_told_when_the_form_comes_again_it_is_marked_then(world: World, board: str) -> None:
    form = public_id()
    id_ = await opened(world, board, grave=False, form=form)
    assert await opened(world, board, form=form) == id_
    assert [await desk(world, unit) for unit in ("东所", "区局")] == [[MARKED]] * 2
    case = await queries.case(world.call.as_(await world.office("区局")), id_)
    assert (case.above, len(case.steps), case.route_because[-1].basis.id) == ("区局", 1, "NAT-AQF-73.2")
    # Sent once more, with the tick or without, nothing changes
    for grave in (True, False):
        await opened(world, board, form=form, grave=grave)
    assert await desk(world, "区局") == [MARKED]
    assert await world.call.db.value("select count(*) from inbox_item where done_at is null") == 2


async def test_told_of_a_board_that_is_no_more_it_is_before_the_district_all_the_same(world: World, board: str) -> None:
    form = public_id()
    id_ = await opened(world, board, grave=False, form=form)
    await revoke(world.call, board, "换牌")
    await opened(world, board, form=form, text="后来没有救回来")
    assert [await desk(world, unit) for unit in ("东所", "区局")] == [[f"举报（有人死亡或重伤）有补充：{FLOUR}"]] * 2
    case = await queries.case(world.call.as_(await world.office("东所")), id_)
    assert (case.grave, case.above, [step.step for step in case.steps]) == (True, "区局", ["opened", "add"])


def scheme_of(world: World) -> Scheme:
    """The scheme in force."""
    scheme = world.call.book.in_force("sample", world.call.today)
    assert scheme is not None
    return scheme


async def followed(world: World) -> queries.CaseView:
    """The only case, as its reporter's receipt opens it."""
    found = await queries.by_id(world.call, await world.call.db.value("select id from feedback_case"))
    assert found is not None
    return found


async def test_told_where_one_adds_it_is_marked_from_then_on(world: World, board: str) -> None:
    id_, form = await opened(world, board, grave=False, text="有人受伤"), public_id()
    await add(world.call.as_(PUBLIC), await followed(world), "没有救回来", form, grave=True)
    assert [await desk(world, unit) for unit in ("东所", "区局")] == [[f"举报（有人死亡或重伤）有补充：{FLOUR}"]] * 2
    case = await queries.case(world.call.as_(await world.office("东所")), id_)
    assert (case.grave, case.above, case.possible, case.state) == (True, "区局", ("accept",), "received")
    assert case.route_because[-1].basis.id == "NAT-AQF-73.2"
    dues = await world.call.db.rows("select due from inbox_item where done_at is null")
    assert {row["due"] for row in dues} == {case.due}
    # The same form again, or another without the tick, takes nothing away and adds nothing
    for again, grave in ((form, True), (public_id(), False)):
        await add(world.call.as_(PUBLIC), await followed(world), "没有救回来", again, grave=grave)
    case = await queries.case(world.call.as_(await world.office("区局")), id_)
    assert (case.grave, case.above, len(case.route_because)) == (True, "区局", 2)
    with pytest.raises(Refused, match="由区局不予受理或办结"):
        await take_step(world.call.as_(await world.office("东所")), id_, "refuse", "不归我们", public_id())


@pytest.mark.parametrize("steps", [("refuse",), ("accept", "answer")])
async def test_what_was_settled_before_it_was_told_begins_anew(world: World, board: str, steps: tuple[str, ...]) -> None:
    id_, east = await opened(world, board, grave=False), world.call.as_(await world.office("东所"))
    for step in steps:
        await take_step(east, id_, step, "不是隐患", public_id())
    later = replace(world.call.as_(PUBLIC), now=world.call.now + timedelta(days=7))
    await add(later, await followed(world), "后来死了人", public_id(), grave=True)
    case = await queries.case(world.call.as_(await world.office("区局")), id_)
    assert (case.state, case.above, case.possible) == ("received", "区局", ("accept", "refuse"))
    assert case.due == deadline(scheme_of(world), Kind.REPORT, "received", later.today, world.call.portal.working_days).value.day
    assert [await desk(world, unit) for unit in ("东所", "区局")] == [[f"举报（有人死亡或重伤）有补充：{FLOUR}"]] * 2
    await take_step(world.call.as_(await world.office("区局")), id_, "accept", "", public_id())


async def test_neither_a_message_nor_what_is_closed_becomes_grave(world: World, board: str) -> None:
    await opened(world, board, grave=False, kind=Kind.CONTACT)
    await add(world.call.as_(PUBLIC), await followed(world), "出事了", public_id(), grave=True)
    assert not (await followed(world)).grave
    assert await desk(world, "区局") == []
    await world.call.db.rows("delete from feedback_step")
    await world.call.db.rows("delete from feedback_case")
    id_, east = await opened(world, board, grave=False), world.call.as_(await world.office("东所"))
    for step in ("refuse", "close"):
        await take_step(east, id_, step, "不归我们", public_id())
    with pytest.raises(Refused, match="请从公示牌重新提交"):
        await add(world.call.as_(PUBLIC), await followed(world), "出事了", public_id(), grave=True)


async def test_where_nobody_of_the_district_signs_in_town_and_administrator_learn_what_to_do(
    site, world: World, board: str
) -> None:
    await world.account("east", Role.OFFICE, unit="东所")
    await world.account("chief", Role.ADMINISTRATOR, person="李格长")
    id_ = await opened(world, board)
    bureau = await world.unit_id("区局")
    closed = "select account from access_grant where unit = $1"
    await world.call.db.rows(f"update account set active = false where id in ({closed})", bureau)
    town, chief = site(), site()
    await town.sign_in("east", PASSWORD)
    shown = await town.get(f"/office/cases/{id_}")
    assert "区局现在没有人能登录" in shown.text
    assert "已同时送区局，由它办结" not in shown.text
    east = world.call.as_(await world.office("东所"))
    for step in ("accept", "answer"):
        await take_step(east, id_, step, "已到现场", public_id())
    with pytest.raises(Refused, match="区局现在没有人能登录，这件举报暂时办结不了.*请系统管理员为它开通账号"):
        await take_step(east, id_, "close", "", public_id())
    await chief.sign_in("chief", PASSWORD)
    desk_ = await chief.get("/office")
    assert "区局现在没有人能登录，有 1 件来件等它办理，其中有说到有人死亡或重伤的" in desk_.text
    assert "没有人能登录" not in (await town.get("/office")).text
    assert (await followed(world)).above_reads is False
    # Once somebody reads again, all is as ever
    await world.call.db.rows(f"update account set active = true where id in ({closed})", bureau)
    assert "没有人能登录" not in (await chief.get("/office")).text
    assert "已同时送区局，由它办结" in (await town.get(f"/office/cases/{id_}")).text
    with pytest.raises(Refused, match="由区局不予受理或办结"):
        await take_step(east, id_, "close", "", public_id())


async def test_an_administrator_sees_any_office_of_theirs_for_which_cases_wait_unread(world: World, board: str) -> None:
    await opened(world, board, grave=False)
    seeing = [replace(world.call, viewer=replace(PUBLIC, areas=(path,))) for path in ("/", "/98/")]
    assert [await queries.unread(call) for call in seeing] == [(), ()]
    await world.call.db.rows(
        "update account set active = false where id in (select account from access_grant where unit = $1)",
        await world.unit_id("东所"),
    )
    here, elsewhere = [await queries.unread(call) for call in seeing]
    assert [(one.unit, one.cases, one.grave) for one in here] == [("东所", 1, False)]
    assert elsewhere == ()


async def test_what_the_district_handles_itself_is_before_it_once_and_all_its_own(world: World, board: str) -> None:
    await areas.end_unit(world.call, world.units["东所"], world.call.today)
    id_ = await opened(world, board)
    bureau = world.call.as_(await world.office("区局"))
    assert await desk(world, "区局") == [MARKED]
    case = await queries.case(bureau, id_)
    assert (case.handler, case.above, case.possible) == ("区局", "", ("accept", "refuse"))
    assert case.route_because[-1].note == "反映人说有人死亡或重伤，由区局办理"


async def test_where_nobody_of_the_district_reads_the_office_is_told_to_report(world: World, board: str) -> None:
    await areas.end_unit(world.call, world.units["区局"], world.call.today)
    id_ = await opened(world, board)
    case = await queries.case(world.call.as_(await world.office("东所")), id_)
    assert (case.grave, case.above, case.possible) == (True, "", ("accept", "refuse"))
    assert "立即向县级以上政府报告" in case.route_because[-1].note


async def test_it_follows_the_offices_that_end(world: World, board: str) -> None:
    id_ = await opened(world, board)
    await make_unit(world, "新区局", "bureau", "示例区", "0512-01000009")
    await areas.end_unit(world.call, world.units["区局"], world.call.today)
    assert [await desk(world, unit) for unit in ("东所", "新区局")] == [[MARKED]] * 2
    case = await queries.case(world.call.as_(await world.office("新区局")), id_)
    assert (case.above, case.route_because[-1].note) == ("新区局", "反映人说有人死亡或重伤，同时送新区局，由它办结")
    # What the town's office leaves comes to the district's own, once
    await areas.end_unit(world.call, world.units["东所"], world.call.today)
    last = world.call.as_(await world.office("新区局"))
    assert [item.title for item in await on_desk(last)] == [f"转来的{MARKED}"]
    case = await queries.case(last, id_)
    assert (case.handler, case.above, case.possible) == ("新区局", "", ("accept", "refuse"))
    assert case.route_because[-1].note == "反映人说有人死亡或重伤，由新区局办理"


async def test_of_a_revoked_board_it_follows_the_offices_as_any_other(world: World, board: str) -> None:
    id_ = await opened(world, board)
    await revoke(world.call, board, "换牌")
    await areas.end_unit(world.call, world.units["东所"], world.call.today)
    assert await desk(world, "区局") == [f"转来的{MARKED}"]
    case = await queries.case(world.call.as_(await world.office("区局")), id_)
    assert (case.handler, case.above) == ("区局", "")
    await take_step(world.call.as_(await world.office("区局")), id_, "accept", "", public_id())


@pytest.mark.clause("NAT-AQF-73.1")
@pytest.mark.clause("NAT-AQF-74")
async def test_the_tick_is_carried_through_the_form_and_stands_on_both_pages(site, world: World, board: str) -> None:
    visitor = site()
    begin = await visitor.door(board, "report")
    assert "不清楚就不用勾" in begin.text
    assert (await site().door(board, "contact")).all("input", name="grave", type="checkbox") == []
    reach = await visitor.send(begin, {"text": DIED, "grave": "y", "go": "reach"})
    check = await visitor.send(reach, {"go": "check"})
    assert "伤亡 有人死亡或重伤" in check.text
    back = await visitor.send(check, {"go": "tell"})
    assert back.form("/send")["grave"] == ["y"]
    without = await visitor.send(back, {"grave": [], "go": "check"})
    assert "伤亡 没有勾选" in without.text
    again = await visitor.send(await visitor.send(without, {"go": "tell"}), {"grave": "y", "go": "check"})
    given = await visitor.send(again, {"go": "send"})
    assert "同时送区局，由它办结" in given.text
    (number,) = given.all("p", id="receipt")
    seen = await visitor.send(await visitor.get("/receipt"), {"receipt": number.text}, action="/receipt")
    assert "您说有人死亡或重伤。已同时送区局。" in seen.text
    assert seen.all("input", name="grave") == []
    await world.account("bureau", Role.OFFICE, unit="区局")
    office = site()
    await office.sign_in("bureau", PASSWORD)
    assert MARKED in (await office.get("/office")).text
    listed = await office.get("/office/cases")
    assert "有人死亡或重伤" in listed.text
    (link,) = [one for one in listed.links() if one.startswith("/office/cases/")]
    shown = await office.get(link)
    assert "由县级以上政府组织核查处理（安全生产法第七十三条）" in shown.text
    assert DIED in shown.text


@pytest.mark.parametrize("cookies", [True, False])
async def test_the_tick_stands_where_one_adds_and_is_looked_over_before_it_is_sent(
    site, world: World, board: str, cookies: bool
) -> None:
    await opened(world, board, grave=False, text="有人受伤", form=(form := public_id()))
    visitor, target = site(), "/receipt/add"
    here = {"origin": "http://portal.example", "sec-fetch-site": "same-origin"}

    async def forget(_: object) -> None:
        visitor.client.cookies.clear()

    async def step(page: Page, **values: object) -> Page:
        return await visitor.post(target, {**page.form(target), **values}, headers=here)

    if not cookies:
        visitor.client.event_hooks["response"].append(forget)
    asked = (await visitor.get("/receipt")).form("/receipt")
    case = await visitor.post("/receipt", {**asked, "receipt": receipt_of(world.call, form)}, headers=here)
    if not cookies:
        case = await visitor.post("/receipt", case.form("/receipt"), headers=here)
    assert "不清楚就不用勾" in case.text
    empty = await step(case, grave="y")
    assert "请写明要补充的内容" in empty.text
    assert empty.form(target)["grave"] == ["y"]
    check = await step(empty, text="没有救回来")
    assert "伤亡 有人死亡或重伤" in check.text
    assert "没有救回来" in check.text
    assert not (await followed(world)).grave, "nothing is sent before it was looked over"
    back = await step(check, go="tell")
    assert (back.form(target)["text"], back.form(target)["grave"]) == ("没有救回来", ["y"])
    without = await step(back, grave=[])
    assert "您补充的情况已提交" in without.text
    assert not (await followed(world)).grave
    sent = await step(await step(without, text="确实没有救回来", grave="y"), go="send")
    assert "您补充的情况已提交" in sent.text
    assert "您说有人死亡或重伤。已同时送区局。" in sent.text
    assert sent.all("input", name="grave") == []
    assert [step_.text for step_ in (await followed(world)).steps] == ["有人受伤", "没有救回来", "确实没有救回来"]


async def test_of_a_message_nobody_is_asked_for_it_where_one_adds(site, world: World, board: str) -> None:
    await opened(world, board, grave=False, kind=Kind.CONTACT, form=(form := public_id()))
    visitor = site()
    case = await visitor.send(await visitor.get("/receipt"), {"receipt": receipt_of(world.call, form)}, action="/receipt")
    assert case.all("input", name="grave") == []
    forged = {**case.form("/receipt/add"), "text": "出事了", "grave": "y"}
    assert (await visitor.post("/receipt/add", forged, check=False)).status in (200, 303)
    assert not (await followed(world)).grave
