"""A complaint: the door that opens only where somebody outside the chain reads, once however often sent, read by custodians only."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.access.actions import disable_account
from portal.areas.actions import change_unit
from portal.boards.actions import issue, revoke
from portal.call import Call
from portal.complaints import actions, chain, glass, queries
from portal.complaints.actions import ComplaintOpening
from portal.complaints.queries import Progress
from portal.complaints.rules import Custody
from portal.errors import NotVisible, Refused
from portal.feedback.drafts import form_mark, keep_photo
from portal.people.actions import PersonForm, change_person, dismiss
from portal.people.interests import InterestForm, declare
from portal.scheme.words import Ground, Kind, Topic
from portal.scheme.words import Unit as UnitKind
from portal.storage.columns import public_id
from portal.storage.files import FileStore
from portal.storage.once import SentBefore
from portal.viewer import PUBLIC, Role, Viewer
from tests.browse import visiting
from tests.obligations.test_places import with_rules
from tests.sample_region.scheme import BOARD, SILENT
from tests.world import World, confirmed, make_appointment, make_custodian, make_person, make_unit, picture

FLOUR = "甲面粉店（示例）"
WORDS = "张看护要我们请他吃饭，不然就说通道不合格。"


@pytest.fixture
async def board(world: World) -> str:
    return await issue(world.call, "enterprise", world.enterprises[FLOUR])


@pytest.fixture
async def keeper(world: World) -> Viewer:
    """A custodian of the discipline office, outside every chain."""
    return await make_custodian(world, "keeper", "郑纪检")


async def complain(world: World, board: str, **more: str) -> tuple[str, Progress]:
    """A complaint about the board's inspector; its receipt and what the receipt shows."""
    public = world.call.as_(PUBLIC)
    found = await actions.door(public, board)
    whom = more.pop("whom", next(one.mark for one in found.choices if one.name == "张看护"))
    new = ComplaintOpening(
        board=board, form=more.pop("form", public_id()), text=more.pop("text", WORDS), whom=whom, topic="money", **more
    )
    receipt = await actions.open_complaint(public, new)
    return receipt, await progress(world.call, receipt)


async def progress(call: Call, receipt: str) -> Progress:
    found = await queries.by_receipt(call.as_(PUBLIC), receipt, address="10.3.0.1")
    assert isinstance(found, Progress)
    return found


async def listed(call: Call, viewer: Viewer) -> list[str]:
    return [row.id for row in await queries.complaints(call.as_(viewer), closed=False)]


async def only(world: World) -> str:
    """The id of the one complaint there is."""
    (row,) = await world.call.db.rows("select public_id from complaint")
    return str(row["public_id"])


# The door


@pytest.mark.clause("PB-3")
async def test_without_a_custodian_outside_the_chain_the_door_is_closed_and_stores_nothing(world: World, board: str) -> None:
    found = await actions.door(world.call.as_(PUBLIC), board)
    assert (found.to.value.unit, found.to.value.name, found.to.value.phone) == (None, "纪检", "0512-01000002")
    with pytest.raises(Refused, match="没有提交。请联系纪检，电话 0512-01000002"):
        await actions.open_complaint(world.call.as_(PUBLIC), ComplaintOpening(board=board, form=public_id(), text=WORDS))
    assert await world.call.db.value("select (select count(*) from complaint) + (select count(*) from complaint_step)") == 0


async def test_it_opens_with_a_custodian_and_closes_with_the_last(world: World, board: str, keeper: Viewer) -> None:
    assert (await actions.door(world.call.as_(PUBLIC), board)).to.value.unit == await world.unit_id("纪检")
    await disable_account(world.call, "keeper")
    assert (await actions.door(world.call.as_(PUBLIC), board)).to.value.unit is None


async def test_a_custodian_without_a_second_factor_opens_no_door(world: World, board: str) -> None:
    await make_person(world, "郑纪检", phone="0512-09999999")
    await world.account("keeper", Role.CUSTODIAN, unit="纪检", person="郑纪检")
    assert (await actions.door(world.call.as_(PUBLIC), board)).to.value.unit is None
    await confirmed(world, "keeper")
    assert (await actions.door(world.call.as_(PUBLIC), board)).to.value.unit is not None


# The marks of 张看护, as somebody else types them
WRITTEN = {
    "same badge": {"badge": "示例003"},
    "same badge, full width": {"badge": " 示例－００３"},
    "same phone": {"phone": "0512-02000002"},
    "same phone, no dash": {"phone": "051202000002"},
    "same phone, brackets": {"phone": "(0512) 0200 0002"},
}


@pytest.mark.parametrize("close", ["same person", *WRITTEN, "same office", "above", "peer", "interest", "enterprise"])
async def test_a_custodian_in_the_chain_leaves_the_door_closed(world: World, board: str, close: str) -> None:
    unit = "东所" if close == "same office" else None
    await make_person(world, "郑纪检", unit=unit, **{"phone": "0512-09999999", **WRITTEN.get(close, {})})
    if close == "same office":
        form = PersonForm(
            name="张看护", phone="0512-02000002", jurisdiction=world.places["东镇"], badge="示例003", unit=world.units["东所"]
        )
        await change_person(world.call, world.people["张看护"], form)
    if close == "above":
        await dismiss(
            world.call,
            await world.call.db.value(
                "select a.public_id from appointment a join person p on p.id = a.person where p.name = '王格长'"
            ),
            world.call.today,
        )
        await make_appointment(world, "郑纪检", "head", grid="西镇格", since=world.call.today)
    if close == "peer":
        await make_appointment(world, "郑纪检", "keeper", grid="丁村格")
    if close == "interest":
        await declare(
            world.call,
            InterestForm(person=world.people["郑纪检"], other=world.people["张看护"], kind="kin", since=world.call.today),
        )
    if close == "enterprise":
        await declare(
            world.call,
            InterestForm(
                person=world.people["郑纪检"], enterprise=world.enterprises[FLOUR], kind="share", since=world.call.today
            ),
        )
    await world.account("keeper", Role.CUSTODIAN, unit="纪检", person="张看护" if close == "same person" else "郑纪检")
    await confirmed(world, "keeper")
    public = world.call.as_(PUBLIC)
    whom = next(one.mark for one in (await actions.door(public, board)).choices if one.name == "张看护")
    assert (await actions.door(public, board, whom=whom)).to.value.unit is None


async def test_a_revoked_board_takes_nothing(world: World, board: str, keeper: Viewer) -> None:
    await revoke(world.call, board, "换牌")
    with pytest.raises(Refused, match="已经作废"):
        await actions.door(world.call.as_(PUBLIC), board)


# Taking it in


@pytest.mark.clause("PB-3", "PB-4", "WZ-15")
async def test_a_complaint_is_kept_by_its_custodian_and_answered(world: World, board: str, keeper: Viewer) -> None:
    receipt, shown = await complain(world, board, contact="微信 示例")
    assert (shown.state, shown.keeper, shown.lost, len(shown.number)) == ("received", "纪检", False, 8)
    mine = world.call.as_(keeper)
    (row,) = await queries.complaints(mine, closed=False)
    assert row.news
    view = await actions.read(mine, row.id)
    assert [one.text for one in view.said] == [WORDS]
    assert [(one.name, one.post) for one in view.about.people] == [("张看护", "看护员")]
    assert (view.about.topic, view.about.enterprise_name, view.has_contact) == ("收受钱物", FLOUR, True)
    assert not (await queries.complaints(mine, closed=False))[0].news
    with pytest.raises(Refused, match="请写明内容"):
        await actions.take_step(mine, row.id, "ask", " ", public_id())
    await actions.take_step(mine, row.id, "ask", "大概是哪个月？", public_id())
    await actions.add(world.call.as_(PUBLIC), shown, "上个月", public_id())
    await actions.take_step(mine, row.id, "accept", "", public_id())
    await actions.take_step(mine, row.id, "answer", "已谈话，退还。", public_id())
    closing = public_id()
    await actions.take_step(mine, row.id, "close", "", closing)
    await actions.take_step(mine, row.id, "close", "", closing)
    # The back key shows the form of a step that was taken: other words in it are neither taken nor dropped in silence
    with pytest.raises(SentBefore, match="当时按的是“办结”，没有写内容"):
        await actions.take_step(mine, row.id, "close", "另有说明", closing)
    now = await progress(world.call, receipt)
    assert [(step.step, step.ours) for step in now.said] == [
        ("opened", False),
        ("ask", True),
        ("add", False),
        ("accept", True),
        ("answer", True),
        ("close", True),
    ]
    assert not now.open
    with pytest.raises(Refused, match="已经办结"):
        await actions.add(world.call.as_(PUBLIC), now, "还有", public_id())


async def test_it_is_due_by_working_days_then_by_days_with_the_assumption_shown(world: World, board: str, keeper: Viewer) -> None:
    _, shown = await complain(world, board)
    assert shown.due is not None
    assert shown.due.isoformat() == "2026-03-23"
    assert "暂定" not in shown.due_because[0].note
    await actions.take_step(world.call.as_(keeper), await only(world), "accept", "", public_id())
    view = await actions.read(world.call.as_(keeper), await only(world))
    assert view.due == world.call.today + timedelta(days=60)


async def test_a_form_sent_many_times_at_once_is_one_complaint(world: World, board: str, keeper: Viewer) -> None:
    new = ComplaintOpening(board=board, form=public_id(), text=WORDS)
    receipts = await asyncio.gather(*(actions.open_complaint(world.call.as_(PUBLIC), new) for _ in range(12)))
    assert len(set(receipts)) == 1
    assert await world.call.db.value("select count(*) from complaint") == 1
    assert await world.call.db.value("select count(*) from complaint_step") == 1


async def test_a_form_sent_again_with_other_words_adds_them(world: World, board: str, keeper: Viewer) -> None:
    form = public_id()
    receipt, _ = await complain(world, board, form=form)
    await complain(world, board, form=form, text="说得更清楚些")
    await complain(world, board, form=form, text="说得更清楚些")
    assert [step.text for step in (await progress(world.call, receipt)).said] == [WORDS, "说得更清楚些"]


async def test_photos_go_sealed_into_the_complaints_own_folder(world: World, board: str, keeper: Viewer) -> None:
    form = public_id()
    await keep_photo(world.call.as_(PUBLIC), form, picture(kind="JPEG"))
    receipt, _ = await complain(world, board, form=form)
    (step,) = (await progress(world.call, receipt)).said
    (photo,) = step.photos
    portal = world.call.portal
    assert await world.call.db.value("select count(*) from stored_file where kind in ('draft', 'case')") == 0
    assert [path for path in portal.files.root.rglob("*") if path.is_file() and path.read_bytes()[:1] == b"\1"] == []
    (stored,) = [path for path in portal.complaint_files.root.rglob("*") if path.is_file()]
    assert b"JFIF" not in stored.read_bytes()
    assert (await actions.read_photo(world.call.as_(keeper), await only(world), photo))[:2] == b"\xff\xd8"
    with pytest.raises(NotVisible):
        await actions.read_photo(world.call, await only(world), photo)
    assert isinstance(portal.complaint_files, FileStore)


async def test_nothing_readable_stands_in_the_database_and_no_moment_closer_than_an_hour(
    world: World, board: str, keeper: Viewer
) -> None:
    await complain(world, board, contact="微信 示例")
    for table in await world.call.db.rows("select tablename from pg_tables where tablename like 'complaint%'"):
        text = str([tuple(row) for row in await world.call.db.rows(f'select t::text from "{table["tablename"]}" t')])
        for word in ("张看护", "吃饭", "面粉", "示例", board, "money", "收受"):
            assert word not in text, (table["tablename"], word)
    for column in ("opened_at from complaint", "at from complaint_step", "at from complaint_notice", "at from complaint_entry"):
        moment = await world.call.db.value(f"select {column}")
        assert (moment.minute, moment.second) == (0, 0)


async def test_nothing_of_anybody_elses_changes_when_a_complaint_is_sent_read_and_answered(
    world: World, board: str, keeper: Viewer
) -> None:
    """No row of any other table, and no file in any other folder."""

    async def others() -> dict[str, str]:
        tables = await world.call.db.rows(
            "select tablename from pg_tables where schemaname = 'public' and tablename not like 'complaint%' "
            "and tablename not in ('spending', 'session') order by 1"
        )
        found = {}
        for table in tables:
            name = table["tablename"]
            found[name] = await world.call.db.value(
                f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from \"{name}\" t"
            )
        return found

    before, files = await others(), sorted(world.call.portal.files.root.rglob("*"))
    form = public_id()
    await keep_photo(world.call.as_(PUBLIC), form, picture(kind="JPEG"))
    _, shown = await complain(world, board, form=form)
    mine = world.call.as_(keeper)
    await actions.read(mine, await only(world))
    await actions.take_step(mine, await only(world), "accept", "", public_id())
    await actions.add(world.call.as_(PUBLIC), shown, "补充", public_id())
    assert await others() == before
    assert [path for path in sorted(world.call.portal.files.root.rglob("*")) if path.is_file()] == [
        path for path in files if path.is_file()
    ]
    assert len(before) > 25


# Who reads


@pytest.mark.clause("PB-3")
async def test_nobody_but_the_custodian_reads_it(world: World, board: str, keeper: Viewer) -> None:
    await complain(world, board)
    id_ = await only(world)
    admin = Viewer(account=1, person=None, roles=frozenset({Role.ADMINISTRATOR}), areas=("/",), administers=("/",))
    others = [
        world.call.viewer,
        admin,
        await world.office("区局"),
        await world.office("纪检"),
        Viewer(
            account=1,
            person=await world.call.db.value("select id from person where name = '张看护'"),
            roles=frozenset({Role.INSPECTOR}),
        ),
    ]
    for viewer in others:
        call = world.call.as_(viewer)
        assert await listed(world.call, viewer) == []
        for act in (
            actions.read(call, id_),
            actions.reveal_contact(call, id_),
            actions.take_step(call, id_, "accept", "", public_id()),
            actions.stand_back(call, id_),
            actions.move(call, id_, "x", "y"),
            actions.others(call, id_),
        ):
            with pytest.raises(NotVisible):
                await act
    assert await listed(world.call, keeper) == [id_]


async def test_a_custodian_who_comes_into_the_chain_reads_it_no_more(world: World, board: str, keeper: Viewer) -> None:
    await complain(world, board)
    id_ = await only(world)
    other = await make_custodian(world, "other", "冯纪检")
    await make_appointment(world, "郑纪检", "keeper", grid="丁村格", since=world.call.today)
    assert (await listed(world.call, keeper), await listed(world.call, other)) == ([], [id_])
    with pytest.raises(NotVisible):
        await actions.read(world.call.as_(keeper), id_)


async def test_the_one_complained_about_is_barred_as_a_custodian_too(world: World, board: str, keeper: Viewer) -> None:
    """A second role, and a second row of the register with the same badge."""
    await complain(world, board)
    await world.account("self", Role.CUSTODIAN, unit="纪检", person="张看护")
    twin = await make_custodian(world, "twin", "张某", badge="示例003")
    for viewer in (await confirmed(world, "self"), twin):
        assert viewer.custody
        assert await listed(world.call, viewer) == []
        with pytest.raises(NotVisible):
            await actions.read(world.call.as_(viewer), await only(world))


async def test_who_knows_a_reason_stands_back_unless_nobody_would_be_left(world: World, board: str, keeper: Viewer) -> None:
    await complain(world, board)
    id_ = await only(world)
    with pytest.raises(Refused, match="没有其他受理人"):
        await actions.stand_back(world.call.as_(keeper), id_)
    other = await make_custodian(world, "other", "冯纪检")
    await actions.stand_back(world.call.as_(keeper), id_)
    assert (await listed(world.call, keeper), await listed(world.call, other)) == ([], [id_])


async def second_office(world: World) -> Viewer:
    """Another office outside the chain, above the first one, with a custodian."""
    await make_unit(world, "区巡察", "watch", "示例区", "0512-01000009")
    return await make_custodian(world, "second", "卫巡察", unit="区巡察")


async def test_it_is_handed_to_another_office_outside_and_the_reporter_sees_it(world: World, board: str, keeper: Viewer) -> None:
    receipt, _ = await complain(world, board)
    other = await second_office(world)
    mine, id_ = world.call.as_(keeper), await only(world)
    (unit,) = await actions.others(mine, id_)
    with pytest.raises(Refused, match="请写明转出理由"):
        await actions.move(mine, id_, actions.unit_mark(mine, unit), "")
    with pytest.raises(Refused, match="请另选"):
        await actions.move(mine, id_, "0" * 16, "x")
    await actions.move(mine, id_, actions.unit_mark(mine, unit), "涉及更高一级")
    assert (await listed(world.call, keeper), await listed(world.call, other)) == ([], [id_])
    assert (await progress(world.call, receipt)).keeper == "区巡察"


async def test_where_all_custodians_are_gone_it_goes_to_another_office_by_itself(
    world: World, board: str, keeper: Viewer
) -> None:
    receipt, _ = await complain(world, board)
    assert await actions.look_after(world.call) == 0
    await disable_account(world.call, "keeper")
    assert (await progress(world.call, receipt)).lost
    assert await actions.look_after(world.call) == 0
    other = await second_office(world)
    later = replace(world.call, now=world.call.now + actions.AWAY)
    assert await actions.look_after(later) == 1
    assert await listed(world.call, other) == [await only(world)]
    assert not (await progress(world.call, receipt)).lost
    assert not await chain.first_break(world.call)


# A second office outside


async def justice(world: World) -> None:
    """The same portal whose scheme has a second office outside the chain, which is asked first about arbitrary checks."""
    world.call = with_rules(
        world.call,
        UnitKind(code="justice", name="司法局", at=Ground.DISTRICT, outside=True, basis=SILENT),
        Topic(code="checks", kind=Kind.COMPLAINT, name="乱检查", outside="justice", basis=BOARD),
    )
    await make_unit(world, "司法局", "justice", "示例区", "0512-01000077", staffed=False)


async def test_a_topic_goes_to_its_own_office_outside_and_the_others_to_the_routes(
    world: World, board: str, keeper: Viewer
) -> None:
    await justice(world)
    public = world.call.as_(PUBLIC)
    # Nobody there may read it yet: the office of the route keeps it, which is outside as well
    found = await actions.door(public, board, topic="checks")
    assert (found.to.value.name, found.apart["checks"].value.name) == ("纪检", "纪检")
    second = await make_custodian(world, "justice", "许司法", unit="司法局")
    found = await actions.door(public, board)
    assert (found.to.value.name, found.apart["checks"].value.name) == ("纪检", "司法局")
    assert found.apart["checks"].because[0].basis == BOARD
    whom = next(one.mark for one in found.choices if one.name == "张看护")
    for topic in ("checks", "money", ""):
        await actions.open_complaint(public, ComplaintOpening(board=board, form=public_id(), text=WORDS, whom=whom, topic=topic))
    assert (len(await listed(world.call, second)), len(await listed(world.call, keeper))) == (1, 2)


async def test_the_door_is_open_for_what_one_office_takes_where_the_other_has_nobody(world: World, board: str, clock) -> None:
    await justice(world)
    public = world.call.as_(PUBLIC)
    assert (await actions.door(public, board, topic="checks")).to.value == Custody(None, "司法局", "0512-01000077")
    second = await make_custodian(world, "justice", "许司法", unit="司法局")
    assert (await actions.door(public, board, topic="checks")).to.value.name == "司法局"
    assert (await actions.door(public, board, topic="money")).to.value.unit is None
    async with visiting(world.call.portal, clock) as site:
        visitor = site()
        begin = await visitor.door(board, "complaint")
        assert "投诉事项选“乱检查”的，由司法局受理。其他投诉请直接联系纪检，电话 0512-01000002。" in begin.text
        closed = await visitor.send(begin, {"text": WORDS, "topic": "money", "go": "reach"}, action="/send")
        assert "您填写的内容没有提交。请联系纪检" in closed.text
        reach = await visitor.send(closed, {"topic": "checks", "go": "reach"}, action="/send")
        check = await visitor.send(reach, {"go": "check"}, action="/send")
        assert "办理部门 司法局" in check.text
    with pytest.raises(Refused, match="没有提交。请联系纪检"):
        await actions.open_complaint(public, ComplaintOpening(board=board, form=public_id(), text=WORDS, topic="money"))
    assert await listed(world.call, second) == []


@pytest.mark.parametrize("close", ["same office", "interest"])
async def test_who_must_stand_back_stands_back_in_the_second_office_as_well(
    world: World, board: str, keeper: Viewer, close: str
) -> None:
    await justice(world)
    second = await make_custodian(world, "justice", "许司法", unit="司法局")
    if close == "interest":
        bond = InterestForm(person=world.people["许司法"], other=world.people["张看护"], kind="kin", since=world.call.today)
        await declare(world.call, bond)
    else:
        form = PersonForm(
            name="张看护", phone="0512-02000002", jurisdiction=world.places["东镇"], badge="示例003", unit=world.units["司法局"]
        )
        await change_person(world.call, world.people["张看护"], form)
    public = world.call.as_(PUBLIC)
    found = await actions.door(public, board)
    whom = next(one.mark for one in found.choices if one.name == "张看护")
    found = await actions.door(public, board, whom=whom, topic="checks")
    assert found.to.value.name == "纪检"
    assert await world.call.db.value("select id from person where name = '许司法'") in found.about.aside
    await actions.open_complaint(public, ComplaintOpening(board=board, form=public_id(), text=WORDS, whom=whom, topic="checks"))
    assert (await listed(world.call, second), len(await listed(world.call, keeper))) == ([], 1)
    assert await actions.others(world.call.as_(keeper), await only(world)) == ()


async def test_what_is_not_its_matter_an_office_hands_to_the_other_and_never_into_the_chain(
    world: World, board: str, keeper: Viewer
) -> None:
    await justice(world)
    second = await make_custodian(world, "justice", "许司法", unit="司法局")
    receipt, _ = await complain(world, board)
    mine, id_ = world.call.as_(keeper), await only(world)
    (unit,) = await actions.others(mine, id_)
    assert unit.name == "司法局"
    await actions.move(mine, id_, actions.unit_mark(mine, unit), "不属于本部门受理")
    assert (await listed(world.call, keeper), await listed(world.call, second)) == ([], [id_])
    assert (await progress(world.call, receipt)).keeper == "司法局"
    # By itself it goes only where it would have been asked to go at the door
    await disable_account(world.call, "justice")
    await actions.look_after(world.call)
    assert await actions.look_after(replace(world.call, now=world.call.now + actions.AWAY)) == 1
    assert (await progress(world.call, receipt)).keeper == "纪检"
    assert not await chain.first_break(world.call)


# Two people open it


async def two(world: World) -> tuple[Viewer, Viewer]:
    """Two administrators who are people of the register."""
    found = []
    for name, login in (("蒋主任", "first"), ("沈主任", "second")):
        await make_person(world, name, phone=f"0512-0888{len(world.people):03d}")
        await world.account(login, Role.ADMINISTRATOR, person=name)
        found.append(await confirmed(world, login))
    return found[0], found[1]


async def test_two_open_it_for_a_day_with_notice_and_may_hand_it_on(world: World, board: str, keeper: Viewer) -> None:
    receipt, shown = await complain(world, board)
    first, second = await two(world)
    id_ = await only(world)
    request = await glass.ask(world.call.as_(first), f"{shown.number[:4]}-{shown.number[4:]}".lower(), "保管人三周没有回音")
    assert await listed(world.call, first) == []
    with pytest.raises(Refused, match="不能确认自己"):
        await glass.confirm(world.call.as_(first), request)
    await glass.confirm(world.call.as_(second), request)
    for viewer in (first, second):
        assert await listed(world.call, viewer) == [id_]
        assert (await actions.read(world.call.as_(viewer), id_)).by_glass
        with pytest.raises(Refused, match="不能代替受理人"):
            await actions.take_step(world.call.as_(viewer), id_, "accept", "", public_id())
    (act,) = (await progress(world.call, receipt)).glass
    assert (act.data["why"], act.data["who"]) == ("保管人三周没有回音", "示例账号、示例账号")
    assert (await queries.complaints(world.call.as_(keeper), closed=False))[0].news
    tomorrow = Call(world.call.portal, first, world.call.now + timedelta(hours=25))
    assert await queries.complaints(tomorrow, closed=False) == ()
    with pytest.raises(NotVisible):
        await glass.confirm(world.call.as_(second), request)


async def test_one_alone_never_opens_anything(world: World, board: str, keeper: Viewer) -> None:
    _, shown = await complain(world, board)
    first, _ = await two(world)
    for _ in range(200):
        request = await glass.ask(world.call.as_(first), shown.number, "x")
        with pytest.raises(Refused):
            await glass.confirm(world.call.as_(first), request)
    assert await listed(world.call, first) == []


async def test_who_must_stand_back_opens_nothing_and_learns_nothing(world: World, board: str, keeper: Viewer) -> None:
    _, shown = await complain(world, board)
    first, _ = await two(world)
    await world.account("boss", Role.ADMINISTRATOR, person="李格长")
    boss = await confirmed(world, "boss")
    for number in (shown.number, "00000000"):
        request = await glass.ask(world.call.as_(first), number, "x")
        await glass.confirm(world.call.as_(boss), request)
        assert (await listed(world.call, first), await listed(world.call, boss)) == ([], [])
    assert await world.call.db.value("select count(*) from complaint_entry where verb = 'glass'") == 0
    nobody = Viewer(account=first.account, roles=frozenset({Role.ADMINISTRATOR}))
    with pytest.raises(Refused, match="没有关联登记的人员"):
        await glass.ask(world.call.as_(nobody), shown.number, "x")


# Its own chain


async def test_every_reading_is_in_the_complaints_own_chain(world: World, board: str, keeper: Viewer) -> None:
    await complain(world, board, contact="x")
    mine, id_ = world.call.as_(keeper), await only(world)
    for _ in range(3):
        await actions.read(mine, id_)
    await actions.reveal_contact(mine, id_)
    view = await actions.read(mine, id_)
    assert [act.verb for act in view.acts] == ["read", "contact", "read", "read", "read", "opened"]
    assert view.acts[0].who == "示例账号"
    assert not await chain.first_break(world.call)
    assert await world.call.db.value("select count(*) from ledger_entry where kind like 'complaint%' or verb = 'read'") == 0


@pytest.mark.parametrize(
    "harm",
    [
        "update complaint_entry set verb = 'opened' where number = 2",
        "update complaint_entry set actor = null where number = 2",
        "delete from complaint_entry where number = 2",
        "delete from complaint_entry where number = 4",
        "update complaint_entry set at = at + interval '1 hour' where number = 3",
        "update complaint_entry set body = (select body from complaint_entry where number = 3) where number = 2",
        "update complaint set chain_length = 3",
        "update complaint set chain_head = '\\x00'",
    ],
)
async def test_a_chain_that_was_altered_or_cut_shows(world: World, board: str, keeper: Viewer, harm: str) -> None:
    await complain(world, board)
    for _ in range(3):
        await actions.read(world.call.as_(keeper), await only(world))
    db = world.call.db
    if "complaint_entry" in harm:
        with pytest.raises(Exception, match="stay as they were written"):
            await db.rows(harm)
    async with db.pool.acquire() as connection:
        await connection.execute(f"set session_replication_role = replica; {harm}; set session_replication_role = origin")
    assert await chain.first_break(world.call)


async def test_what_is_sealed_opens_only_in_its_own_place(world: World, board: str, keeper: Viewer) -> None:
    from portal.storage.seals import CannotOpen

    await complain(world, board)
    await complain(world, board, text="另一件")
    await world.call.db.rows("update complaint_step set text = (select text from complaint_step order by id limit 1)")
    with pytest.raises(CannotOpen):
        for id_ in await listed(world.call, keeper):
            await actions.read(world.call.as_(keeper), id_)


async def test_a_renamed_office_and_a_person_who_left_change_nothing_of_it(world: World, board: str, keeper: Viewer) -> None:
    receipt, _ = await complain(world, board)
    await change_unit(world.call, world.units["纪检"], name="纪检监察组", phone="0512-01000002")
    assert (await progress(world.call, receipt)).keeper == "纪检监察组"
    assert await world.call.db.value("select count(*) from complaint where form = $1", form_mark(world.call, "x")) == 0
