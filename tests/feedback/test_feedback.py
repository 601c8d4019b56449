"""Cases: opened once however often sent, routed, answered, read by their own people only, sealed in the database."""

import asyncio
from datetime import date, timedelta

import pytest

from portal.areas import actions as areas
from portal.boards.actions import issue, revoke
from portal.call import Call
from portal.desk.queries import waiting
from portal.errors import NotVisible, Refused
from portal.feedback import drafts, queries
from portal.feedback.actions import CaseOpening, add, open_case, reveal_contact, take_step, way
from portal.ledger.queries import first_break, history
from portal.people import actions as people
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.storage.lists import Wanted
from portal.storage.once import SentBefore
from portal.storage.seals import CannotOpen
from portal.viewer import PUBLIC, Role, Viewer
from tests.world import World, picture

CANARY = "金丝雀在锅炉房-7731"
CONTACT = "电话金丝雀 13900007731"


@pytest.fixture
async def board(world: World) -> str:
    """The board of the flour shop."""
    return await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])


def opening(
    board: str, *, kind: Kind = Kind.REPORT, form: str | None = None, text: str = CANARY, contact: str = CONTACT
) -> CaseOpening:
    """What a person sends."""
    return CaseOpening(kind=kind, board=board, form=form or public_id(), text=text, contact=contact)


async def inspector(world: World, name: str) -> Viewer:
    """A person of the register, signed in."""
    id_ = await world.call.db.value("select id from person where public_id = $1", world.people[name])
    return Viewer(account=9, name=name, person=id_, roles=frozenset({Role.INSPECTOR}))


async def opened(world: World, new: CaseOpening) -> tuple[str, str]:
    """Open a case; its receipt and public id."""
    receipt = await open_case(world.call.as_(PUBLIC), new)
    return receipt, await world.call.db.value("select public_id from feedback_case order by id desc limit 1")


async def test_a_report_reaches_the_office_with_due_date_and_clause(world: World, board: str) -> None:
    _, id_ = await opened(world, opening(board))
    east = world.call.as_(await world.office("东所"))
    (item,) = await waiting(east)
    assert (item.title, item.subject, item.due) == ("举报：甲面粉店（示例）", id_, date(2026, 3, 5))
    case = await queries.case(east, id_)
    assert case.steps[0].text == CANARY
    assert case.route_because[0].basis.id == "SA-6"
    assert case.due_because[0].note == "自 2026年3月2日起 3个工作日内受理"


async def test_a_contact_reaches_the_inspector_and_their_office_sees_to_it(world: World, board: str) -> None:
    _, id_ = await opened(world, opening(board, kind=Kind.CONTACT))
    keeper = world.call.as_(await inspector(world, "张看护"))
    assert [item.subject for item in await waiting(keeper)] == [id_]
    assert (await queries.case(keeper, id_)).steps[0].text == CANARY
    assert [item.subject for item in await waiting(world.call.as_(await world.office("东所")))] == [id_]


async def test_nobody_else_sees_a_case(world: World, board: str) -> None:
    _, id_ = await opened(world, opening(board))
    others = [
        await world.office("西所"),
        await world.office("区局"),
        await inspector(world, "张看护"),
        await inspector(world, "赵看护"),
        PUBLIC,
        Viewer(account=5, roles=frozenset({Role.ADMINISTRATOR}), areas=("/",)),
    ]
    for viewer in others:
        call = world.call.as_(viewer)
        assert await waiting(call) == ()
        assert (await queries.cases(call, Wanted())).rows == ()
        for act in (queries.case(call, id_), take_step(call, id_, "accept", "", public_id()), reveal_contact(call, id_)):
            with pytest.raises(NotVisible):
                await act


async def test_the_receipt_opens_the_case_and_no_other_number_does(world: World, board: str) -> None:
    receipt, _ = await opened(world, opening(board))
    public = world.call.as_(PUBLIC)
    case = await queries.by_receipt(public, receipt)
    assert case is not None
    assert [step.text for step in case.steps] == [CANARY]
    for n in range(10):
        wrong = receipt[:-1] + str(n)
        assert (await queries.by_receipt(public, wrong) is not None) is (wrong == receipt)


async def test_the_same_form_sent_twenty_times_at_once_is_one_case_and_one_receipt(world: World, board: str) -> None:
    new = opening(board)
    receipts = await asyncio.gather(*(open_case(world.call.as_(PUBLIC), new) for _ in range(20)))
    assert len(set(receipts)) == 1
    assert await world.call.db.value("select count(*) from feedback_case") == 1
    assert await world.call.db.value("select count(*) from inbox_item") == 1


async def test_from_acceptance_to_closing_and_what_the_reporter_sees(world: World, board: str) -> None:
    receipt, id_ = await opened(world, opening(board))
    east = world.call.as_(await world.office("东所"))
    await take_step(east, id_, "accept", "我们去看。", public_id())
    case = await queries.case(east, id_)
    assert (case.state, case.due) == ("accepted", date(2026, 3, 9))
    assert (await waiting(east))[0].due == date(2026, 3, 9)
    with pytest.raises(Refused, match="请写明内容"):
        await take_step(east, id_, "answer", " ", public_id())
    await take_step(east, id_, "answer", "已整改。", public_id())
    assert await waiting(east) == ()
    await add(world.call.as_(PUBLIC), await queries.by_receipt(world.call, receipt), "还没好。", public_id())
    assert [item.title for item in await waiting(east)] == ["举报有补充：甲面粉店（示例）"]
    await take_step(east, id_, "answer", "又去看了。", public_id())
    await take_step(east, id_, "close", "", public_id())
    seen = await queries.by_receipt(world.call.as_(PUBLIC), receipt)
    assert seen is not None
    assert [(step.step, step.ours) for step in seen.steps] == [
        ("opened", False),
        ("accept", True),
        ("answer", True),
        ("add", False),
        ("answer", True),
        ("close", True),
    ]
    assert seen.steps[1].who == "东所"
    with pytest.raises(Refused, match="已经办结"):
        await add(world.call.as_(PUBLIC), await queries.by_receipt(world.call, receipt), "再说一句。", public_id())
    with pytest.raises(Refused, match="不能"):
        await take_step(east, id_, "answer", "x", public_id())


async def test_refusing_needs_a_reason_that_the_reporter_reads(world: World, board: str) -> None:
    receipt, id_ = await opened(world, opening(board))
    east = world.call.as_(await world.office("东所"))
    with pytest.raises(Refused):
        await take_step(east, id_, "refuse", "", public_id())
    await take_step(east, id_, "refuse", "归消防管，请拨 119。", public_id())
    seen = await queries.by_receipt(world.call.as_(PUBLIC), receipt)
    assert seen is not None
    assert (seen.state, seen.steps[-1].text) == ("refused", "归消防管，请拨 119。")


async def test_a_step_or_an_addition_sent_twice_is_one(world: World, board: str) -> None:
    receipt, id_ = await opened(world, opening(board))
    east, form = world.call.as_(await world.office("东所")), public_id()
    await take_step(east, id_, "accept", "", form)
    await take_step(east, id_, "accept", "", form)
    more = public_id()
    found = await queries.by_receipt(world.call, receipt)
    await asyncio.gather(*(add(world.call.as_(PUBLIC), found, "补充", more) for _ in range(5)))
    assert await world.call.db.value("select count(*) from feedback_step") == 3


async def test_a_step_sent_again_with_other_words_is_not_done_and_not_called_done(world: World, board: str) -> None:
    """The back key shows the form of a step that was taken; an answer that is written in it then is not dropped in silence."""
    _, id_ = await opened(world, opening(board))
    east, form = world.call.as_(await world.office("东所")), public_id()
    await take_step(east, id_, "accept", "", form)
    with pytest.raises(SentBefore, match="当时按的是“受理”，没有写内容"):
        await take_step(east, id_, "answer", "已整改。", form)
    with pytest.raises(SentBefore, match="受理"):
        await take_step(east, id_, "accept", "我们去看。", form)
    answer = public_id()
    await take_step(east, id_, "answer", "已整改。", answer)
    await take_step(east, id_, "answer", " 已整改。\r\n", answer)
    with pytest.raises(SentBefore, match="写的是“已整改。”"):
        await take_step(east, id_, "answer", "还没有整改。", answer)
    case = await queries.case(east, id_)
    assert [(step.step, step.text) for step in case.steps[1:]] == [("accept", ""), ("answer", "已整改。")]


async def test_where_there_is_no_office_nothing_is_stored_and_the_number_is_named(world: World, board: str) -> None:
    for name in ("东所", "区局"):
        await areas.end_unit(world.call, world.units[name], world.call.today)
    to = (await way(world.call, Kind.REPORT, board)).to
    assert (to.value.unit, to.value.name) == (None, "安全生产举报投诉热线")
    with pytest.raises(Refused, match="没有提交.*安全生产举报投诉热线"):
        await open_case(world.call.as_(PUBLIC), opening(board))
    assert await world.call.db.value("select count(*) from feedback_case") == 0


async def test_a_contact_goes_to_the_office_while_the_post_is_empty(world: World, board: str) -> None:
    await people.end_person(world.call, world.people["张看护"], world.call.today)
    to = (await way(world.call, Kind.CONTACT, board)).to.value
    assert (to.person, to.name) == (None, "东所")


async def test_a_revoked_board_takes_nothing(world: World, board: str) -> None:
    await revoke(world.call, board, "换牌")
    with pytest.raises(Refused, match="12350"):
        await open_case(world.call.as_(PUBLIC), opening(board))


@pytest.mark.parametrize(("text", "contact"), [("", ""), ("x" * 2001, ""), ("好", "y" * 101)])
async def test_texts_that_are_missing_or_too_long(world: World, board: str, text: str, contact: str) -> None:
    with pytest.raises(Refused):
        await open_case(world.call.as_(PUBLIC), opening(board, text=text, contact=contact))


async def test_nothing_that_was_written_stands_open_in_the_database_or_the_ledger(world: World, board: str) -> None:
    form = public_id()
    await drafts.keep_photo(world.call, form, picture("#123456", (300, 200), "JPEG"))
    receipt, id_ = await opened(world, opening(board, form=form))
    east = world.call.as_(await world.office("东所"))
    await take_step(east, id_, "accept", "答复金丝雀", public_id())
    dump = []
    for table in await world.call.db.rows("select tablename from pg_tables where schemaname = 'public'"):
        dump.append(str([tuple(row) for row in await world.call.db.rows(f'select * from "{table["tablename"]}"')]))
    whole = "\n".join(dump)
    for word in ("金丝雀", "13900007731", "7731", receipt, receipt[6:], form):
        assert word not in whole
    for path in world.call.portal.files.root.rglob("*"):
        if path.is_file() and path.stat().st_size:
            data = path.read_bytes()
            kind = await world.call.db.value("select kind from stored_file where name = $1", path.name)
            assert (kind == "portrait") is data.startswith(b"\xff\xd8")


async def test_what_is_sealed_opens_with_this_cases_key_only(world: World, board: str) -> None:
    _, one = await opened(world, opening(board))
    _, two = await opened(world, opening(board))
    rows = {row["public_id"]: row for row in await world.call.db.rows("select * from feedback_case")}
    key = world.call.portal.keyring.unwrap(rows[one]["key"], f"case {one}")
    assert key.open_text(rows[one]["contact"], f"contact {one}") == CONTACT
    with pytest.raises(CannotOpen):
        key.open_text(rows[two]["contact"], f"contact {two}")


async def test_reading_the_contact_is_written_into_the_ledger(world: World, board: str) -> None:
    _, id_ = await opened(world, opening(board))
    east = world.call.as_(await world.office("东所"))
    assert await reveal_contact(east, id_) == CONTACT
    assert [(past.verb, past.actor) for past in await history(east, "case", id_)] == [("read", "东所经办"), ("opened", "公众")]
    assert await first_break(world.call) is None


async def test_times_of_the_public_are_kept_to_the_hour(world: World, board: str) -> None:
    call = Call(world.call.portal, PUBLIC, world.call.now + timedelta(minutes=47, seconds=12, microseconds=345))
    receipt = await open_case(call, opening(board))
    await drafts.keep_photo(call, (form := public_id()), picture())
    await add(call, await queries.by_receipt(call, receipt), "又堵了", form)
    await drafts.keep_photo(call, public_id(), picture())
    moments = [
        ("feedback_case", "opened_at"),
        ("feedback_step", "at"),
        ("inbox_item", "created_at"),
        ("inbox_item", "done_at"),
        ("stored_file where kind <> 'portrait'", "created_at"),
        ("ledger_entry where kind = 'case'", "at"),
        ("feedback_draft_photo", "created_at"),
    ]
    for table, column in moments:
        for row in await call.db.rows(f"select {column} as at from {table}"):
            assert row["at"] is None or (row["at"].minute, row["at"].second, row["at"].microsecond) == (0, 0, 0), table
    bodies = [row["body"] for row in await call.db.rows("select body from ledger_entry where kind = 'case'")]
    assert len(bodies) == 2
    assert not any(":47" in body for body in bodies)


async def test_who_reports_while_signed_in_is_as_unknown_as_anybody(world: World, board: str) -> None:
    await world.account("firm", Role.ENTERPRISE, enterprise="甲面粉店（示例）")
    account = await world.call.db.value("select id from account where login = 'firm'")
    signed_in = world.call.as_(Viewer(account=account, name="firm", roles=frozenset({Role.ENTERPRISE})))
    receipt = await open_case(signed_in, opening(board))
    await add(signed_in, await queries.by_receipt(signed_in, receipt), "又堵了", public_id())
    assert [row["author"] for row in await world.call.db.rows("select author from feedback_step")] == [None, None]
    actors = await world.call.db.rows("select actor, actor_name from ledger_entry where kind = 'case'")
    assert {(row["actor"], row["actor_name"]) for row in actors} == {(None, "公众")}
    case = await queries.by_receipt(signed_in, receipt)
    assert case is not None
    assert [step.ours for step in case.steps] == [False, False]


async def test_what_nobody_could_read_is_not_taken_in(world: World, board: str) -> None:
    await world.call.db.rows("update account set active = false where login like 'unit-%'")
    to = (await way(world.call, Kind.CONTACT, board)).to.value
    assert (to.unit, to.person, to.name) == (None, None, "政务服务便民热线")
    with pytest.raises(Refused, match="没有提交"):
        await open_case(world.call.as_(PUBLIC), opening(board))


async def test_a_form_sent_again_with_other_words_adds_them(world: World, board: str) -> None:
    call, form = world.call.as_(PUBLIC), public_id()
    receipt = await open_case(call, opening(board, form=form, text="第一稿", contact=""))
    for _ in range(2):
        assert await open_case(call, opening(board, form=form, text="真正的地点在东门", contact=CONTACT)) == receipt
        assert await open_case(call, opening(board, form=form, text="第一稿", contact="")) == receipt
    case = await queries.by_receipt(call, receipt)
    assert case is not None
    assert [(step.step, step.text) for step in case.steps] == [("opened", "第一稿"), ("add", "真正的地点在东门")]
    assert case.has_contact
    assert await world.call.db.value("select count(*) from feedback_case") == 1


async def test_a_draft_photo_that_is_lost_does_not_cost_the_report(world: World, board: str) -> None:
    call, form = world.call.as_(PUBLIC), public_id()
    await drafts.keep_photo(call, form, picture("#123"))
    await drafts.keep_photo(call, form, picture("#456"))
    call.portal.files.remove(await call.db.value("select name from stored_file where kind = 'draft' order by id limit 1"))
    case = await queries.by_receipt(call, await open_case(call, opening(board, form=form)))
    assert case is not None
    assert len(case.steps[0].photos) == 1


async def test_the_same_photo_sent_again_is_one_photo(world: World) -> None:
    call, form = world.call.as_(PUBLIC), public_id()
    for _ in range(2):
        await drafts.keep_photo(call, form, picture("#123"))
    assert len(await drafts.photos(call, form)) == 1


@pytest.mark.usefixtures("dear_hashes")
async def test_guesses_do_not_keep_a_report_waiting(world: World, board: str) -> None:
    call = world.call.as_(PUBLIC)
    guesses = [asyncio.create_task(queries.by_receipt(call, f"{n:016d}")) for n in range(40)]
    await asyncio.sleep(0)
    await open_case(call, opening(board))
    assert [guess.done() for guess in guesses].count(False) > 20
    assert set(await asyncio.gather(*guesses)) == {None}


async def test_photos_are_kept_sealed_counted_dropped_and_taken_along(world: World, board: str) -> None:
    call, form = world.call.as_(PUBLIC), public_id()
    for n in range(drafts.MOST_PHOTOS):
        await drafts.keep_photo(call, form, picture(f"#{n}{n}{n}", (400, 300), "JPEG"))
    with pytest.raises(Refused, match="最多 6 张"):
        await drafts.keep_photo(call, form, picture())
    kept = await drafts.photos(call, form)
    await drafts.drop_photo(call, form, kept[2].id)
    await drafts.drop_photo(call, public_id(), kept[0].id)
    assert len(await drafts.photos(call, form)) == 5
    _, id_ = await opened(world, opening(board, form=form))
    east = world.call.as_(await world.office("东所"))
    photos = (await queries.case(east, id_)).steps[0].photos
    assert len(photos) == 5
    assert (await queries.photo(east, id_, photos[0])).startswith(b"\xff\xd8")
    for viewer in (await world.office("西所"), PUBLIC):
        with pytest.raises(NotVisible):
            await queries.photo(world.call.as_(viewer), id_, photos[0])
    assert await call.db.value("select count(*) from feedback_draft_photo") == 0
    assert await call.db.value("select count(*) from stored_file where kind = 'draft'") == 0


@pytest.mark.parametrize(
    ("data", "said"), [(b"GIF89a", "不是能识别"), (b"\xff\xd8\xff" + b"0" * 21_000_000, "超过 20 MB"), (b"<svg/>", "不是能识别")]
)
async def test_what_is_no_photo_is_refused_and_not_kept(world: World, data: bytes, said: str) -> None:
    form = public_id()
    with pytest.raises(Refused, match=said):
        await drafts.keep_photo(world.call.as_(PUBLIC), form, data)
    assert await drafts.photos(world.call, form) == ()


async def test_photos_of_forms_that_are_never_sent_are_swept(world: World) -> None:
    form = public_id()
    await drafts.keep_photo(world.call, form, picture())
    later = Call(world.call.portal, world.call.viewer, world.call.now + timedelta(hours=25))
    await drafts.sweep(world.call)
    assert len(await drafts.photos(world.call, form)) == 1
    await drafts.sweep(later)
    assert await drafts.photos(later, form) == ()
    left = [path for path in world.call.portal.files.root.rglob("*") if path.is_file()]
    portraits = await world.call.db.value("select count(*) from stored_file")
    assert len(left) == portraits


async def test_what_waits_in_an_office_that_ends_goes_where_it_would_go_now(world: World, board: str) -> None:
    receipt, id_ = await opened(world, opening(board))
    east, bureau = world.call.as_(await world.office("东所")), world.call.as_(await world.office("区局"))
    await areas.end_unit(world.call, world.units["东所"], world.call.today)
    assert await waiting(east) == ()
    (item,) = await waiting(bureau)
    assert (item.title, item.subject) == ("转来的举报：甲面粉店（示例）", id_)
    with pytest.raises(NotVisible):
        await queries.case(east, id_)
    assert (await queries.case(bureau, id_)).route_because[0].note == "举报由区局办理"
    await take_step(bureau, id_, "accept", "", public_id())
    case = await queries.by_receipt(world.call.as_(PUBLIC), receipt)
    assert case is not None
    assert (case.state, case.handler) == ("accepted", "区局")


async def test_an_office_whose_invitations_nobody_followed_gets_nothing(world: World, board: str) -> None:
    await world.call.db.rows("update account set password = '!' where name = '东所经办'")
    _, id_ = await opened(world, opening(board))
    bureau = world.call.as_(await world.office("区局"))
    assert [item.subject for item in await waiting(bureau)] == [id_]
    assert await waiting(world.call.as_(await world.office("东所"))) == ()


async def test_what_waits_stays_where_no_other_office_reads(world: World, board: str) -> None:
    _, id_ = await opened(world, opening(board))
    east = world.call.as_(await world.office("东所"))
    await world.call.db.rows("update account set active = false where name = '区局经办'")
    await areas.end_unit(world.call, world.units["东所"], world.call.today)
    assert (await queries.case(east, id_)).state == "received"
