"""Photos by the hundred: what comes later and what never does, for whom, and what is left of it when the hour is over."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.access.passwords import CHECKING, RECEIPTS
from portal.boards.actions import issue
from portal.budgets.throttle import TooSoon, spend, sweep
from portal.call import Call
from portal.complaints import actions as complaints
from portal.complaints.queries import behind
from portal.errors import Refused
from portal.feedback import drafts, queries
from portal.feedback.actions import CaseOpening, add, open_case
from portal.feedback.drafts import LEAST, PhotosLater, Sender, keep_photo
from portal.feedback.queries import CaseView
from portal.feedback.rules import Pots, PotSpent, has_room, of_the_disk
from portal.people import actions as people
from portal.people.actions import PORTRAITS, PersonForm
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.storage.files import WATERMARK
from portal.viewer import PUBLIC, Role
from portal.workshop.hands import Hands
from portal.workshop.pool import Workshop
from tests.browse import Page, Visitor, visiting
from tests.world import World, make_custodian, picture

FLOUR, TOYS = "甲面粉店（示例）", "园玩具厂（示例）"
TEN = Pots(portal=1_000 * LEAST, board=10 * LEAST, case=3 * LEAST)


@pytest.fixture
async def board(world: World) -> str:
    """The flour shop's board, from which both doors are open."""
    await make_custodian(world, "keeper", "郑纪检")
    await world.account("east", Role.OFFICE, unit="东所")
    return await issue(world.call, "enterprise", world.enterprises[FLOUR])


async def taken(call: Call, sender: Sender, pots: Pots = TEN, most: int = 20) -> int:
    """Send photos, each with a form of its own, until they come later; how many were kept."""
    for n in range(most):
        try:
            await keep_photo(call, public_id(), picture(f"#{n:03x}"), sender, pots)
        except PhotosLater:
            return n
    return most


# The rule


@pytest.mark.parametrize("networks", [1, 2, 7, 50])
def test_whatever_any_number_of_networks_take_as_much_as_the_greediest_has_is_left(networks: int) -> None:
    pot, own = 1_000_000, [0] * networks
    moved = True
    while moved:
        moved = False
        for n in range(networks):
            if has_room(PotSpent(pot, sum(own) + 1_000, own[n] + 1_000)):
                own[n] += 1_000
                moved = True
    assert pot - sum(own) >= max(own) > pot / (networks + 1) - 1_001 * networks
    # Who comes now, for the first time in this hour, is not kept waiting
    assert has_room(PotSpent(pot, sum(own) + 9_000, 9_000))


def test_a_day_of_full_hours_does_not_fill_the_disk() -> None:
    spare = 40 * 1024**3
    for small in (spare, 10 * 1024**2):
        left = float(small)
        for _ in range(24):
            left -= of_the_disk(Pots().portal, left)
        assert left > small / 3


# Making


async def test_one_network_gets_half_of_a_boards_hour_and_others_are_taken(world: World, board: str) -> None:
    call = world.call.as_(PUBLIC)
    crowd = [f"10.66.6.{n}" for n in range(1, 9)]
    kept = sum([await taken(call, Sender(one, board=board)) for one in crowd])
    assert kept == 5, "one network took more of the board's hour than is left for the others"
    # However the address is written
    assert await taken(call, Sender("::ffff:10.66.6.77", board=board)) == 0
    for n in range(4):
        assert await taken(call, Sender(f"10.{n}.1.1", board=board), most=1) == 1
    # That board is one thing, another is another
    assert await taken(call, Sender(crowd[0], board="OTHERBOARD00")) == 5


async def test_all_doors_together_have_an_hour_too(world: World, board: str) -> None:
    call, pots = world.call.as_(PUBLIC), Pots(portal=10 * LEAST, board=1_000 * LEAST)
    assert await taken(call, Sender("10.66.6.6", board="A"), pots) + await taken(call, Sender("10.66.6.6", board="B"), pots) == 5
    assert await taken(call, Sender("10.7.7.7", board="B"), pots, most=1) == 1


async def test_many_at_once_take_no_more_than_one_after_the_other(world: World, board: str) -> None:
    call = world.call.as_(PUBLIC)
    sender = Sender("10.66.6.6", board=board)

    async def send(n: int) -> None:
        async with drafts.turn(call, sender):
            await keep_photo(call, public_id(), picture(f"#{n:03x}"), sender, TEN)

    answers = await asyncio.gather(*(send(n) for n in range(12)), return_exceptions=True)
    assert [type(one) for one in answers if one is not None] == [PhotosLater] * len([one for one in answers if one is not None])
    assert 1 <= answers.count(None) <= 5
    assert await call.db.value("select count(*) from feedback_draft_photo") == answers.count(None)


async def test_an_hour_later_it_is_as_if_nothing_had_been(world: World, board: str) -> None:
    call, sender = world.call.as_(PUBLIC), Sender("10.66.6.6", board=board)
    assert await taken(call, sender) == 5
    with pytest.raises(PhotosLater) as told:
        await keep_photo(call, public_id(), picture(), sender, TEN)
    local = call.now.astimezone(drafts.SHANGHAI)
    assert told.value.since == f"{local.hour + 1}:00".zfill(5)
    assert f"{told.value.since} 以后，凭查询码可以再补照片" in told.value.text
    later = replace(call, now=call.now.replace(minute=0) + timedelta(hours=1))
    assert await taken(later, sender, most=1) == 1
    await sweep(later)
    hours = await call.db.rows("select until from spending")
    assert {row["until"] for row in hours} == {later.now + timedelta(hours=1)}


async def test_what_is_counted_tells_no_address_no_board_and_no_case(world: World, board: str) -> None:
    call = world.call.as_(PUBLIC)
    form = public_id()
    await keep_photo(call, form, picture(), Sender("10.66.6.6", board=board))
    receipt = await open_case(call, CaseOpening(kind=Kind.REPORT, board=board, form=form, text="一件举报"))
    await keep_photo(call, public_id(), picture(), Sender("10.66.6.6", case=receipt))
    rows = await call.db.rows("select * from spending")
    case = await call.db.row("select * from feedback_case")
    whole = str([tuple(row) for row in rows])
    for word in ("10.66", board, receipt, receipt[:6], case["public_id"], form):
        assert word not in whole
    # No key is that of another hour, so no two hours can be put together
    before = {row["key"] for row in rows}
    await keep_photo(replace(call, now=call.now + timedelta(hours=1)), public_id(), picture(), Sender("10.66.6.6", board=board))
    after = {row["key"] for row in await call.db.rows("select key from spending")}
    assert len(after - before) == 4


async def test_what_is_no_photo_or_was_there_already_counts_as_nothing(world: World, board: str) -> None:
    call, form, sender = world.call.as_(PUBLIC), public_id(), Sender("10.66.6.6", board=board)

    async def counted() -> float:
        return await call.db.value("select coalesce(sum(spent), 0) from spending")

    before = await counted()
    for data in (b"GIF89a", b"<svg/>"):
        with pytest.raises(Refused, match="不是能识别"):
            await keep_photo(call, form, data, sender)
    assert await counted() == before
    await keep_photo(call, form, picture(), sender)
    once = await counted()
    await keep_photo(call, form, picture(), sender)
    assert await counted() == once == before + 4 * LEAST


async def test_a_photo_for_which_we_had_no_time_comes_later_and_counts_as_nothing(world: World, board: str) -> None:
    hurried = Workshop(workers=1, strangers=1, seconds=0.001)
    call = replace(world.call, portal=replace(world.call.portal, workshop=hurried)).as_(PUBLIC)
    before = await call.db.value("select coalesce(sum(spent), 0) from spending")
    try:
        with pytest.raises(PhotosLater, match="不是您的问题"):
            # Hundreds of times more than it may take
            await keep_photo(call, public_id(), picture(size=(6000, 6000)), Sender("10.1.1.1", board=board))
    finally:
        hurried.close()
    assert await call.db.value("select sum(spent) from spending") == before


# Adding


async def opened(call: Call, board: str) -> str:
    """A report's receipt."""
    return await open_case(call, CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="一件举报"))


async def test_one_receipt_does_not_add_without_end_and_keeps_no_other_from_adding(world: World, board: str) -> None:
    call = world.call.as_(PUBLIC)
    first, second = await opened(call, board), await opened(call, board)
    kept = sum([await taken(call, Sender(f"10.{n}.6.6", case=first)) for n in range(4)])
    assert kept == 3, "one receipt adds without end"
    assert await taken(call, Sender("10.0.6.6", case=second)) == 3
    # The words are taken all the same
    found = await behind(call, first)
    assert isinstance(found, CaseView)
    await add(call, found, "又堵了", public_id())
    later = replace(call, now=call.now + timedelta(hours=1))
    assert await taken(later, Sender("10.0.6.6", case=first)) == 3


async def test_who_has_a_receipt_adds_where_their_network_has_made_too_much(world: World, board: str) -> None:
    call = world.call.as_(PUBLIC)
    assert await taken(call, Sender("10.66.6.6", board=board)) == 5
    assert await taken(call, Sender("10.66.6.6", case=await opened(call, board))) == 3


async def test_photos_alone_can_be_added_and_nothing_at_all_cannot(world: World, board: str) -> None:
    call, form = world.call.as_(PUBLIC), public_id()
    complaint = await complaints.open_complaint(call, complaints.ComplaintOpening(board=board, form=public_id(), text="一件投诉"))
    for receipt in (await opened(call, board), complaint):
        found, form = await behind(call, receipt), public_id()
        act: Any = add if isinstance(found, CaseView) else complaints.add
        with pytest.raises(Refused, match="请写明要补充的内容"):
            await act(call, found, " ", form)
        await keep_photo(call, form, picture(), Sender("10.1.1.1", case=receipt))
        await act(call, found, " ", form)
        seen = await behind(call, receipt)
        steps = seen.steps if isinstance(seen, CaseView) else seen.said
        assert [(step.text, len(step.photos)) for step in steps][-1] == ("", 1)


# The disk


def nearly_full(call: Call, spare: float = 0) -> Call:
    """A portal whose disk has so much left above the watermark."""
    files = replace(call.portal.files, free=lambda _: int(WATERMARK + spare))
    return replace(call, portal=replace(call.portal, files=files))


async def test_below_the_watermark_words_are_taken_and_photos_are_not(world: World, board: str) -> None:
    call, form = nearly_full(world.call).as_(PUBLIC), public_id()
    for sender in (Sender("10.1.1.1", board=board), Sender("10.1.1.1", case="1" * 16)):
        with pytest.raises(PhotosLater, match="文字照常可以提交") as told:
            await keep_photo(call, form, picture(), sender)
        assert told.value.since == drafts.FULL
    receipt = await open_case(call, CaseOpening(kind=Kind.REPORT, board=board, form=form, text="照片传不上"))
    assert await queries.by_receipt(call, receipt) is not None
    with pytest.raises(Refused, match="照片暂时不能上传"):
        await people.change_person(
            call.as_(world.call.viewer),
            world.people["张看护"],
            PersonForm(
                name="张看护", phone="0512-02000002", jurisdiction=world.places["示例区"], badge="示例003", portrait=picture()
            ),
        )


async def test_a_portrait_counts_on_its_account_and_on_nobody_elses(world: World) -> None:
    def form() -> PersonForm:
        return PersonForm(name="新人员", phone="0512-02007777", jurisdiction=world.places["示例区"], portrait=picture())

    busy, other = (world.call.as_(replace(world.call.viewer, account=n)) for n in (91, 92))
    await spend(busy, PORTRAITS.cost(busy, "91", amount=PORTRAITS.free))
    with pytest.raises(TooSoon, match="这个账号一小时内传的照片太多"):
        await people.add_person(busy, form())
    assert await people.add_person(other, form())


# What a person sees


@pytest.fixture
async def tight(world: World, clock: Any) -> AsyncIterator[Any]:
    """The site on a disk on which an hour's photos have room for six small ones, three for one network."""
    async with visiting(nearly_full(world.call, 24 * 6.9 * LEAST).portal, clock) as visitor:
        yield visitor


PHOTOS = [("photos", (f"IMG_{n}.jpg", picture(f"#45{n}", (80, 60), "JPEG"), "image/jpeg")) for n in range(5)]


def shown(page: Page) -> int:
    """How many photos of the form are on a page."""
    return len([one for one in page.all("img") if one.get("src", "").startswith("data:image/jpeg")])


@pytest.mark.parametrize("kind", ["report", "complaint", "contact"])
async def test_photos_that_are_too_much_now_are_added_later_and_nothing_is_lost(tight, clock, board: str, kind: str) -> None:
    visitor: Visitor = tight()
    said = "以后，凭查询码可以再补照片"
    reach = await visitor.send(await visitor.door(board, kind), {"text": "锅炉房堵了门", "go": "reach"}, files=PHOTOS)
    assert (reach.status, said in reach.text) == (200, True)
    check = await visitor.send(reach, {"contact": "", "go": "check"})
    assert (shown(check), said in check.text, "锅炉房堵了门" in check.text) == (3, True, True)
    done = await visitor.send(check, {"go": "send"})
    assert (done.status, said in done.text) == (200, True)
    progress = await visitor.send(done, {}, action="/receipt")
    # Others in this network, and this form, are over what an hour has; adding has an hour of its own
    clock.now += timedelta(hours=1)
    added = await visitor.send(progress, {"text": ""}, action="/receipt/add", files=PHOTOS[3:])
    assert (added.status, "您补充的情况已提交" in added.text, said in added.text) == (200, True, False)
    assert "附照片 2 张" in added.text


async def test_who_chooses_photos_again_when_there_is_room_is_not_told_of_it_any_more(tight, clock, board: str) -> None:
    visitor: Visitor = tight()
    reach = await visitor.send(await visitor.door(board, "report"), {"text": "锅炉房堵了门", "go": "reach"}, files=PHOTOS)
    tell = await visitor.send(reach, {"go": "tell"})
    assert "以后，凭查询码可以再补照片" in tell.text
    clock.now += timedelta(hours=1)
    again = await visitor.send(tell, {"go": "reach"}, files=PHOTOS[3:])
    assert (again.status, "再补照片" in again.text) == (200, False)


async def test_what_a_form_carries_of_it_is_nothing_that_somebody_else_wrote(tight, board: str) -> None:
    visitor: Visitor = tight()
    begun = await visitor.door(board, "report")
    for since in ("<b>x</b>", "31:00 x", "http://x", "1"):
        page = await visitor.send(begun, {"text": "x", "go": "reach", "since": since})
        assert "再补照片" not in page.text
        assert page.form("/send")["since"] == ""


async def test_words_do_not_wait_for_pictures(site, portal, board: str) -> None:
    """While strangers' pictures have all hands, and the whole child, somebody's words are taken."""
    async with portal.photos.lend("a"), portal.photos.lend("b"):
        visitor: Visitor = site()
        begun = await visitor.door(board, "report")
        waiting = asyncio.create_task(visitor.send(begun, {"text": "有照片", "go": "reach"}, files=PHOTOS[:1]))
        async with asyncio.timeout(60):
            other: Visitor = site()
            done = await other.send(await other.door(board, "report"), {"text": "只有文字", "go": "send"})
        assert done.all("p", id="receipt")
        assert not waiting.done()
    assert (await waiting).status == 200


class Seen(Hands):
    """Hands that tell when somebody asks for one."""

    def __init__(self, hands: int) -> None:
        super().__init__(hands)
        self.asked = asyncio.Event()

    async def begin(self, who: str, *, later: float = 0) -> float:
        """Tell it, and wait as always."""
        self.asked.set()
        return await super().begin(who, later=later)


async def test_all_photos_of_a_step_have_one_turn(world: World, clock: Any, board: str) -> None:
    """Whoever waited with the first is not behind a crowd of newcomers with the second."""
    hands = Seen(1)
    async with visiting(replace(world.call.portal, photos=hands), clock) as site:
        visitor: Visitor = site()
        begun = await visitor.door(board, "report")
        async with hands.lend("somebody"):
            hands.asked.clear()
            step = asyncio.create_task(visitor.send(begun, {"text": "有照片", "go": "tell"}, files=PHOTOS[:2]))
            await hands.asked.wait()
            crowd = [asyncio.create_task(hands.begin(f"newcomer {n}", later=0.001)) for n in range(3)]
        async with asyncio.timeout(60):
            assert shown(await step) == 2
        for one in crowd:
            one.cancel()


async def test_making_does_not_wait_for_adding(site, portal, board: str) -> None:
    async with portal.adding.lend("a"):
        visitor: Visitor = site()
        async with asyncio.timeout(60):
            done = await visitor.send(await visitor.door(board, "report"), {"text": "只有文字", "go": "send"})
        assert done.all("p", id="receipt")


async def test_whoever_waits_for_a_receipt_to_be_checked_holds_up_nobody_who_adds(site, world: World, board: str) -> None:
    visitor, adding = site(), world.call.portal.adding
    form = (await visitor.get("/receipt")).form()
    async with asyncio.timeout(30):
        async with CHECKING.turn(line=RECEIPTS):
            guess = {"_token": form["_token"], "receipt": "1234567890123456", "form": public_id(), "text": "再补一句"}
            waiting = asyncio.create_task(visitor.post("/receipt/add", guess, check=False))
            while not CHECKING._lines:
                await asyncio.sleep(0.01)
            async with asyncio.timeout(1), adding.lend("somebody else"):
                pass
            assert not waiting.done()
        assert (await waiting).status == 404
