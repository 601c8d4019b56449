"""Keepers stay keepers: neither the register of those whom complaints are about, nor a lost phone, nor a double click, nor two
who stand back at once takes a complaint from whoever may read it; and nobody who may not comes to it that way.
"""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portal.access import deputies
from portal.access.actions import disable_account, enable_account
from portal.access.tables import Deputy
from portal.areas.actions import end_grid, end_unit, reopen_grid
from portal.boards.actions import issue, revoke
from portal.call import Call
from portal.complaints import actions, chain, queries, sheets
from portal.corrections.people import correct_appointment
from portal.enterprises.actions import EnterpriseForm, change_enterprise, end_enterprise, reopen_enterprise, state_facts
from portal.enterprises.queries import enterprise
from portal.errors import NotVisible, Refused
from portal.people.actions import PersonForm, add_person, change_person, dismiss, end_person, seated
from portal.people.interests import InterestForm, correct_interest, declare, end_interest
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role, Viewer
from tests.complaints.test_complaints import FLOUR, board, complain, keeper, listed, only, progress, second_office
from tests.complaints.test_two_worlds import confirmed_as
from tests.world import PASSWORD, World, confirmed, make_appointment, make_custodian, make_person, make_unit

__all__ = ["board", "keeper"]


async def opens(world: World, board: str) -> bool:
    """Whether the door is open for a complaint about the board's inspector."""
    public = world.call.as_(PUBLIC)
    mark = next(one.mark for one in (await actions.door(public, board)).choices if one.name == "张看护")
    return (await actions.door(public, board, whom=mark)).to.value.unit is not None


async def chief(world: World) -> Call:
    """The chain's own office, whose area holds the custodian's row of the register too."""
    return world.call.as_(await world.office("区局"))


def kin(world: World, person: str, other: str) -> InterestForm:
    return InterestForm(person=world.people[person], other=world.people[other], kind="kin", since=world.call.today)


def person(world: World, name: str, phone: str, badge: str = "") -> PersonForm:
    return PersonForm(name=name, phone=phone, jurisdiction=world.places["示例区"], badge=badge)


# Over all accounts


@pytest.mark.clause("PB-3")
@pytest.mark.parametrize("how", ["own office", "another account", "theirs", "enterprise", "covers", "covers the office"])
async def test_who_is_bound_through_any_account_stands_back(world: World, board: str, keeper: Viewer, how: str) -> None:
    await complain(world, board)
    assert (await opens(world, board), len(await listed(world.call, keeper))) == (True, 1)
    east, call = await world.unit_id("东所"), world.call
    await call.db.rows("update person set unit = $1 where name = '张看护'", east)
    await world.account("accused", Role.INSPECTOR, person="张看护")
    match how:
        case "own office":
            await world.also("keeper", Role.OFFICE, unit="东所")
        case "another account":
            await world.account("desk", Role.OFFICE, unit="东所", person="郑纪检")
        case "theirs":
            await world.also("accused", Role.OFFICE, unit="纪检")
        case "enterprise":
            await world.also("keeper", Role.ENTERPRISE, enterprise=FLOUR)
        case "covers":
            await call.db.rows("update person set unit = null where name = '张看护'")
            await cover(world, "accused", "keeper")
        case "covers the office":
            await world.account("clerk", Role.OFFICE, unit="东所")
            await cover(world, "clerk", "keeper")
    assert (await opens(world, board), await listed(call, keeper)) == (False, [])
    with pytest.raises(NotVisible):
        await actions.read(call.as_(keeper), await only(world))


async def cover(world: World, absent: str, deputy: str) -> None:
    ids = {row["login"]: row["id"] for row in await world.call.db.rows("select id, login from account")}
    today = world.call.today
    await Deputy(absent=ids[absent], deputy=ids[deputy], since=today, until=today + timedelta(days=3)).save()


async def test_nobody_makes_a_custodian_of_another_office_stand_back_by_naming_them_deputy(world: World, keeper: Viewer) -> None:
    await world.also("keeper", Role.OFFICE, unit="纪检")
    await world.account("accused", Role.INSPECTOR, person="张看护")
    await make_person(world, "钱同事", phone="0512-0111222")
    await world.account("colleague", Role.OFFICE, unit="区局", person="钱同事")
    account = await world.call.db.value("select id from account where login = 'accused'")
    found = await deputies.colleagues(world.call.as_(Viewer(account=account)))
    ids = {row["login"]: row["public_id"] for row in await world.call.db.rows("select login, public_id from account")}
    assert ids["colleague"] in {one.id for one in found}
    assert ids["keeper"] not in {one.id for one in found}


# The register of a custodian


@pytest.mark.clause("PB-3")
async def test_the_chains_own_office_can_neither_close_the_door_nor_take_a_complaint_from_its_reader(
    world: World, board: str, keeper: Viewer
) -> None:
    await complain(world, board)
    call, phone = await chief(world), await world.call.db.value("select phone from person where name = '郑纪检'")
    firm = InterestForm(person=world.people["郑纪检"], enterprise=world.enterprises[FLOUR], kind="share", since=world.call.today)
    spaced = " ".join(phone)
    for act in (
        declare(call, kin(world, "郑纪检", "张看护")),
        declare(call, kin(world, "张看护", "郑纪检")),
        declare(call, firm),
        change_person(call, world.people["郑纪检"], person(world, "郑纪检", "0512-0999000")),
        change_person(call, world.people["李格长"], person(world, "李格长", spaced)),
        add_person(call, person(world, "郑某", spaced)),
        end_person(call, world.people["郑纪检"], world.call.today),
        make_appointment(replace(world, call=call), "郑纪检", "pair", grid="丁村格", since=world.call.today),
    ):
        with pytest.raises(Refused, match="投诉受理人"):
            await act
    assert (await opens(world, board), len(await listed(world.call, keeper))) == (True, 1)


@pytest.mark.clause("PB-3")
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("how", ["ended", "undone", "moved"])
async def test_whoever_is_taken_off_the_board_is_still_meant(
    world: World, board: str, keeper: Viewer, how: str, named: bool
) -> None:
    """By their own office, while somebody writes or before: else who is bound to them would read it, or they themselves."""
    kin_of = await make_custodian(world, "kin", "冯亲属")
    await declare(world.call, kin(world, "冯亲属", "张看护"))
    public = world.call.as_(PUBLIC)
    mark = next(one.mark for one in (await actions.door(public, board)).choices if one.name == "张看护")
    held = "select a.public_id from appointment a join person p on p.id = a.person where p.name = '张看护'"
    match how:
        case "ended":
            await dismiss(await chief(world), await world.call.db.value(held), world.call.today)
        case "undone":
            await world.call.db.rows(f"update appointment set undone_on = $1 where public_id in ({held})", world.call.today)
        case "moved":
            form = await enterprise_form(world, FLOUR)
            await change_enterprise(world.call, world.enterprises[FLOUR], replace(form, division=world.places["丙村"]))
    assert "张看护" not in {one.name for one in (await actions.door(public, board)).choices}
    whom = mark if named else ""
    await actions.open_complaint(
        public, actions.ComplaintOpening(board=board, form=public_id(), text="示例", whom=whom, topic="money")
    )
    assert (len(await listed(world.call, keeper)), await listed(world.call, kin_of)) == (1, [])
    (complaint,) = await world.call.db.rows(f"{queries.COMPLAINT} where true")
    about = queries.opened(world.call, complaint).about
    assert about.unsure is not named
    assert "张看护" in {one.name for one in about.people}
    assert not named or len(about.people) == 1
    world.call = replace(world.call, now=world.call.now + timedelta(days=200))
    if how == "ended":
        assert "张看护" not in {one.name for one in (await actions.door(world.call.as_(PUBLIC), board)).about.people}


@pytest.mark.clause("PB-3")
@pytest.mark.parametrize(("unit", "reads"), [("区局", 0), ("西所", 1)])
async def test_a_colleague_of_then_does_not_read_it_after_changing_to_the_office_outside(
    world: World, board: str, keeper: Viewer, unit: str, reads: int
) -> None:
    """Nor may they open it together with another, once their office no longer names them."""
    call = world.call
    await call.db.rows("update person set unit = $1 where name = '张看护'", await world.unit_id("区局"))
    await make_person(world, "钱旧同事", phone="0512-0111222", unit=unit)
    await complain(world, board)
    await call.db.rows("update person set unit = $1 where name = '钱旧同事'", await world.unit_id("纪检"))
    await world.account("came", Role.CUSTODIAN, unit="纪检", person="钱旧同事")
    assert len(await listed(call, await confirmed(world, "came"))) == reads
    assert len(await listed(call, keeper)) == 1


@pytest.mark.clause("PB-3")
@pytest.mark.parametrize("how", ["dismissed", "corrected", "grid ended"])
async def test_nobody_is_freed_from_a_complaint_by_what_is_written_after_it_came_in(
    world: World, board: str, keeper: Viewer, how: str
) -> None:
    """A post that ended a month ago, as is written today."""
    call = world.call
    await call.db.rows("update person set unit = null")
    if how == "grid ended":
        await dismiss(call, await held_by(world, "周看护", "keeper"), call.today)
    grid = {"grid ended": "园片"}.get(how, "丁村格")
    await make_appointment(world, "王格长", "keeper", grid=grid, since=call.today)
    await dismiss(call, await held_by(world, "王格长", "head"), call.today - timedelta(days=29))
    later = replace(call, now=call.now + timedelta(days=5))
    world.call = later
    await complain(world, board)
    match how:
        case "dismissed":
            await dismiss(later, await held_by(world, "王格长", "keeper"), later.today - timedelta(days=3))
        case "corrected":
            held = await held_by(world, "王格长", "keeper")
            await dismiss(later, held, later.today)
            at = await seated(later, "grid", world.grids[grid])
            await correct_appointment(later, held, at, call.today, later.today - timedelta(days=3), "示例")
        case "grid ended":
            await end_grid(later, world.grids["园片"], later.today - timedelta(days=3))
    await world.account("came", Role.CUSTODIAN, unit="纪检", person="王格长")
    came = await confirmed(world, "came")
    assert await listed(later, came) == []
    world.call = replace(later, now=later.now + timedelta(days=2))
    await complain(world, board)
    assert len(await listed(world.call, came)) == 1


@pytest.mark.clause("PB-3")
@pytest.mark.parametrize(("since", "until"), [(30, None), (-30, -20)])
async def test_whose_days_are_corrected_away_is_still_meant_by_the_board_that_named_them(
    world: World, board: str, keeper: Viewer, since: int, until: int | None
) -> None:
    """Whoever hung on the wall until today is whom people complain about tomorrow, whatever days are written now."""
    held, today = await held_by(world, "张看护", "keeper"), world.call.today
    at = await seated(world.call, "grid", world.grids["甲村格"])
    ends = None if until is None else today + timedelta(days=until)
    world.call = replace(world.call, now=world.call.now + timedelta(days=170))
    wrong = today + timedelta(days=200 if until is None else since)
    await correct_appointment(world.call, held, at, wrong, ends, "示例")
    named = (await actions.door(world.call.as_(PUBLIC), board)).about.people
    assert "张看护" in {one.name for one in named}


@pytest.mark.clause("PB-3")
async def test_whose_end_is_written_long_back_is_still_meant_by_the_board_that_named_them(
    world: World, board: str, keeper: Viewer
) -> None:
    """A day of half a year ago, written today by their own office, takes nobody out of what people complain about tomorrow."""
    held, began = await held_by(world, "张看护", "keeper"), world.call.today
    world.call = replace(world.call, now=world.call.now + timedelta(days=300))
    await dismiss(await chief(world), held, began + timedelta(days=1))
    named = (await actions.door(world.call.as_(PUBLIC), board)).about.people
    assert "张看护" in {one.name for one in named}
    world.call = replace(world.call, now=world.call.now + timedelta(days=182))
    named = (await actions.door(world.call.as_(PUBLIC), board)).about.people
    assert "张看护" not in {one.name for one in named}


@pytest.mark.clause("PB-3")
@pytest.mark.parametrize("how", ["another grid", "grid ended", "firm ended", "new board"])
async def test_whom_a_board_named_is_meant_whatever_of_long_ago_takes_them_off_it(
    world: World, board: str, keeper: Viewer, how: str
) -> None:
    """Neither facts stated from long ago, nor an end of long ago with a new beginning today, nor another board in its place."""
    firm, grid = world.enterprises[FLOUR], world.grids["甲村格"]
    world.call = call = replace(world.call, now=world.call.now + timedelta(days=300))
    past = call.today - timedelta(days=290)
    match how:
        case "grid ended":
            await end_grid(call, grid, past)
            await reopen_grid(call, grid, call.today)
        case "firm ended":
            await end_enterprise(call, firm, past)
            await reopen_enterprise(call, firm, call.today)
        case _:
            await state_facts(call, firm, {"size": "big", "risky": "no"}, past)
    if how == "new board":
        await revoke(call, board, "换牌")
        board = await issue(call, "enterprise", firm)
    about = (await actions.door(call.as_(PUBLIC), board)).about
    assert "张看护" in {one.name for one in about.people}
    world.call = replace(call, now=call.now + timedelta(days=182))
    if how != "firm ended":
        assert "张看护" not in {one.name for one in (await actions.door(world.call.as_(PUBLIC), board)).about.people}


@pytest.mark.clause("PB-3")
async def test_what_bound_a_custodian_once_is_not_made_to_go_on_by_the_chains_own_office(
    world: World, board: str, keeper: Viewer
) -> None:
    call, today = world.call, world.call.today
    bound = await declare(call, kin(world, "张看护", "郑纪检"))
    await end_interest(call, bound, today)
    held = await make_appointment(world, "郑纪检", "keeper", grid="丁村格")
    await dismiss(call, held, today)
    world.call = replace(call, now=call.now + timedelta(days=2))
    await complain(world, board)
    bureau = await chief(world)
    at = await seated(bureau, "grid", world.grids["丁村格"])
    for act in (
        correct_interest(bureau, bound, today, None, "示例"),
        correct_appointment(bureau, held, at, today - timedelta(days=30), None, "示例"),
    ):
        with pytest.raises(Refused, match="投诉受理人"):
            await act
    assert len(await listed(world.call, keeper)) == 1
    await correct_interest(world.call, bound, today, None, "示例")
    assert await listed(world.call, keeper) == []


async def held_by(world: World, name: str, post: str) -> str:
    held = "select a.public_id from appointment a join person p on p.id = a.person where p.name = $1 and a.post = $2"
    return str(await world.call.db.value(held, name, post))


async def enterprise_form(world: World, name: str) -> EnterpriseForm:
    row = await enterprise(world.call, world.enterprises[name])
    return EnterpriseForm(
        name=row.name,
        division=row.place_id,
        credit_code=row.credit_code or "",
        address=row.address,
        contact=row.contact,
        phone=row.phone,
    )


WRITES = re.compile(
    r"(?:update|into|delete from) (person|appointment|interest|deputy|access_grant)\b"
    r"|(?<!class )(?<![\w.])(Person|Appointment|Interest|Deputy|Grant)\("
)


def test_what_recusal_is_computed_from_is_written_in_few_places() -> None:
    """Whoever adds one asks ``people/custodians.py``, or ``refuse_alone`` where it is an account. Beside these, ``end_hanging`` of
    the areas ends posts with their seat, and the imports put rows back.
    """
    portal = Path(actions.__file__).parent.parent
    found = {
        (str(file.relative_to(portal)), (match[1] or match[2]).lower())
        for file in portal.rglob("*.py")
        for match in WRITES.finditer(file.read_text())
    }
    assert found == {
        ("access/actions.py", "access_grant"),
        ("access/actions.py", "grant"),
        ("access/deputies.py", "deputy"),
        ("people/actions.py", "person"),
        ("people/actions.py", "appointment"),
        ("corrections/people.py", "appointment"),
        ("corrections/people.py", "person"),
        ("people/interests.py", "interest"),
        # Posts that end with the enterprise that is their grid
        ("enterprises/own_grids.py", "appointment"),
    }


async def test_administrators_above_and_the_custodians_own_office_keep_their_register(world: World, keeper: Viewer) -> None:
    unit = await world.unit_id("纪检")
    watch = Viewer(account=1, roles=frozenset({Role.OFFICE}), units=frozenset({unit}), areas=("/99/9901/",))
    town = Viewer(account=1, areas=("/99/9901/",), administers=("/99/9901/9901001/",))
    district, province = replace(town, administers=("/99/9901/",)), replace(town, administers=("/99/",))
    form = person(world, "郑纪检", "0512-0999000")
    for viewer in (town, district):
        with pytest.raises(Refused, match="投诉受理人"):
            await change_person(world.call.as_(viewer), world.people["郑纪检"], form)
    for viewer in (watch, province):
        await change_person(world.call.as_(viewer), world.people["郑纪检"], form)
        id_ = await declare(world.call.as_(viewer), kin(world, "郑纪检", "张看护"))
        await end_interest(world.call.as_(viewer), id_, world.call.today)
    # Everybody else's rows stay their office's
    await change_person(world.call.as_(town), world.people["李格长"], person(world, "李格长", "0512-0888111"))


@pytest.mark.clause("PB-3", "WZ-7b")
async def test_no_interest_ends_in_the_past_and_who_had_it_when_a_complaint_came_in_never_reads_it(
    world: World, board: str, keeper: Viewer
) -> None:
    bound = await make_custodian(world, "bound", "冯亲属")
    id_ = await declare(world.call, kin(world, "冯亲属", "张看护"))
    await complain(world, board)
    with pytest.raises(Refused, match="只能从今天或以后结束"):
        await end_interest(world.call, id_, world.call.today - timedelta(days=1))
    # On the day itself the interest binds no more, but who stood back then stays back
    await end_interest(world.call, id_, world.call.today)
    assert (await listed(world.call, bound), len(await listed(world.call, keeper))) == ([], 1)
    with pytest.raises(NotVisible):
        await actions.read(world.call.as_(bound), await only(world))
    with pytest.raises(Refused, match="已于"):
        await end_interest(world.call, id_, world.call.today)
    await complain(world, board)
    assert len(await listed(world.call, bound)) == 1


# Who is away for a while


def days(world: World, n: float) -> Call:
    return replace(world.call, now=world.call.now + timedelta(days=n))


@pytest.mark.parametrize("how", ["second factor", "disabled"])
async def test_a_custodian_who_cannot_sign_in_for_a_while_keeps_the_complaint(
    world: World, board: str, keeper: Viewer, how: str
) -> None:
    await complain(world, board)
    other, account = await second_office(world), await world.call.db.row("select * from account where login = 'keeper'")
    assert account is not None
    if how == "disabled":
        await disable_account(world.call, "keeper")
    else:
        await world.call.db.rows("update account set second = null where login = 'keeper'")
    for n in (0, 1, 2.9):
        assert await actions.look_after(days(world, n)) == 0
    if how == "disabled":
        await enable_account(world.call, account["public_id"])
    else:
        await world.call.db.rows("update account set second = $1 where login = 'keeper'", account["second"])
    assert await actions.look_after(days(world, 3)) == 0
    assert [(row.id, row.news) for row in await queries.complaints(world.call.as_(keeper), closed=False)] == [
        (await only(world), True)
    ]
    # Away once more, long after: the days count anew
    await disable_account(world.call, "keeper")
    assert [await actions.look_after(days(world, n)) for n in (30, 32, 33, 33)] == [0, 0, 1, 0]
    assert await listed(world.call, other) == [await only(world)]


@pytest.mark.parametrize("how", ["left", "kin"])
async def test_where_nobody_comes_back_it_goes_at_once_and_once(world: World, board: str, keeper: Viewer, how: str) -> None:
    """However many processes look after it at the same time."""
    await complain(world, board)
    other = await second_office(world)
    if how == "left":
        await end_person(world.call, world.people["郑纪检"], world.call.today)
    else:
        await declare(world.call, kin(world, "郑纪检", "张看护"))
    moved = await asyncio.gather(*(actions.look_after(world.call) for _ in range(4)))
    assert sum(moved) == 1
    view = await actions.read(world.call.as_(other), await only(world))
    assert [act.verb for act in view.acts] == ["read", "moved", "opened"]
    assert not await chain.first_break(world.call)


async def test_one_that_cannot_be_opened_keeps_no_other_from_being_looked_after(world: World, board: str, keeper: Viewer) -> None:
    await complain(world, board)
    broken = await only(world)
    await complain(world, board)
    other = await second_office(world)
    await world.call.db.rows("update complaint set about = key where public_id = $1", broken)
    await end_person(world.call, world.people["郑纪检"], world.call.today)
    assert await actions.look_after(world.call) == 1
    assert await world.call.db.value("select unit from complaint where public_id <> $1", broken) in other.custody


async def test_it_goes_to_the_office_that_would_have_been_asked_next(world: World, board: str, keeper: Viewer) -> None:
    await complain(world, board)
    for n in (1, 2, 3):
        await make_unit(world, f"巡察{n}", "watch", "示例区", f"0512-0100010{n}")
        await make_custodian(world, f"other{n}", f"卫巡察{n}", unit=f"巡察{n}")
    one = await queries.readable_complaint(world.call.as_(keeper), await only(world))
    assert [unit.name for unit in await actions.elsewhere(world.call, one)] == ["巡察1", "巡察2", "巡察3"]
    await end_unit(world.call, world.units["巡察1"], world.call.today)
    assert [unit.name for unit in await actions.elsewhere(world.call, one)] == ["巡察2", "巡察3"]


# At the same time


async def test_two_who_stand_back_at_once_are_both_kept_and_one_of_them_stays(world: World, board: str, keeper: Viewer) -> None:
    await complain(world, board)
    id_ = await only(world)
    viewers = [keeper, await make_custodian(world, "second", "冯纪检"), await make_custodian(world, "third", "陈纪检")]
    done = await asyncio.gather(*(actions.stand_back(world.call.as_(viewer), id_) for viewer in viewers), return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [Refused]
    left = [viewer for viewer in viewers if await listed(world.call, viewer)]
    assert [done[viewers.index(viewer)] is not None for viewer in left] == [True]


async def test_a_reading_that_waited_until_the_complaint_had_left_is_not_served(world: World, board: str, keeper: Viewer) -> None:
    await complain(world, board)
    await second_office(world)
    call, id_ = world.call.as_(keeper), await only(world)
    (unit,) = await actions.others(call, id_)

    async def work() -> None:
        await actions.move(call, id_, actions.unit_mark(call, unit), "示例")
        reading = asyncio.create_task(actions.read(call, id_))
        await asyncio.sleep(0.3)
        assert not reading.done()
        waiting.append(reading)

    waiting: list[asyncio.Task[queries.ComplaintView]] = []
    await world.call.db.run_tx(work)
    with pytest.raises(NotVisible):
        await waiting[0]


async def test_what_the_reporter_adds_while_it_is_handed_on_is_not_lost(world: World, board: str, keeper: Viewer) -> None:
    receipt, shown = await complain(world, board)
    await second_office(world)
    call, id_ = world.call.as_(keeper), await only(world)
    (unit,) = await actions.others(call, id_)

    async def work() -> None:
        await actions.move(call, id_, actions.unit_mark(call, unit), "示例")
        adding.append(asyncio.create_task(actions.add(call.as_(PUBLIC), shown, "补充", public_id())))
        await asyncio.sleep(0.3)

    adding: list[asyncio.Task[None]] = []
    await world.call.db.run_tx(work)
    await adding[0]
    assert [step.text for step in (await progress(world.call, receipt)).said][-1] == "补充"
    assert await world.call.db.value("select unit from complaint_notice where kind = 'added'") == unit.id


# Transfer sheets


async def test_a_sheet_sent_many_times_at_once_is_one_beside_readings_and_additions(
    world: World, board: str, keeper: Viewer
) -> None:
    _, shown = await complain(world, board)
    call, id_, form = world.call.as_(keeper), await only(world), public_id()
    words = {"recipient": "某处", "text": "请核查有关人员廉洁情况。", "sure": False, "reply_by": call.today + timedelta(days=5)}
    made = await asyncio.gather(
        *(sheets.write(call, id_, **words, form=form) for _ in range(6)),
        *(actions.read(call, id_) for _ in range(6)),
        *(actions.add(call.as_(PUBLIC), shown, f"补充{n}", public_id()) for n in range(3)),
    )
    assert len({one for one in made if isinstance(one, str)}) == 1
    assert await world.call.db.value("select count(*) from complaint_sheet") == 1
    assert await world.call.db.value("select count(*) from complaint_entry where verb = 'sheet'") == 1
    sheet = made[0]
    assert isinstance(sheet, str)
    await asyncio.gather(*(sheets.pdf(call, id_, sheet) for _ in range(3)), *(actions.read(call, id_) for _ in range(3)))
    # Gone back and corrected, it is another one
    for other in ({"text": "请核查另一件事。"}, {"reply_by": call.today + timedelta(days=6)}):
        assert await sheets.write(call, id_, **{**words, **other}, form=form) != sheet
    assert not await chain.first_break(world.call)


async def test_a_closed_complaint_takes_no_more_sheets(world: World, board: str, keeper: Viewer) -> None:
    await complain(world, board)
    call, id_ = world.call.as_(keeper), await only(world)
    for step in ("accept", "answer", "close"):
        await actions.take_step(call, id_, step, "示例", public_id())
    with pytest.raises(Refused, match="已经办结"):
        await sheets.write(
            call, id_, recipient="某处", text="请核查。", reply_by=call.today + timedelta(days=5), sure=True, form=public_id()
        )


# What an office's desk says of it


@pytest.mark.clause("PB-3")
async def test_only_who_is_office_and_custodian_sees_on_the_desk_that_something_waits(
    world: World, site, board: str, keeper: Viewer
) -> None:
    await world.also("keeper", Role.OFFICE, unit="纪检")
    await world.account("kin", Role.CUSTODIAN, unit="纪检", person="李格长")
    await world.also("kin", Role.OFFICE, unit="区局")
    await world.account("watch", Role.OFFICE, unit="纪检")
    visitors = {}
    for n, login in enumerate(("keeper", "kin", "watch")):
        visitors[login] = site(f"10.0.{n}.1")
        await visitors[login].sign_in(login, PASSWORD)
        await world.call.db.rows("update session set confirmed = true")
    before = {who: (await visitor.get("/office")).text for who, visitor in visitors.items()}
    assert ["件投诉有新进展" in before[who] for who in visitors] == [True, True, False]
    await complain(world, board)
    after = {who: (await visitor.get("/office")).text for who, visitor in visitors.items()}
    assert [who for who in visitors if before[who] != after[who]] == ["keeper"]
    assert "1件投诉有新进展" in "".join(after["keeper"].split())
    await actions.read(world.call.as_(await confirmed_as(world, "keeper")), await only(world))
    assert (await visitors["keeper"].get("/office")).text == before["keeper"]
