"""Deadlines that depend on holidays which are not announced: provisional on every page, counted anew when they are known."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal.boards.actions import issue
from portal.call import Call
from portal.clock import ChineseWorkingDays
from portal.commands import doctor_of_holidays
from portal.complaints import actions as complaints
from portal.feedback import actions as feedback
from portal.feedback.actions import CaseOpening
from portal.ledger.queries import history
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from tests.browse import visiting
from tests.world import PASSWORD, World, make_custodian

FLOUR = "甲面粉店（示例）"
WHEN = datetime(2026, 12, 30, 2, tzinfo=UTC)
SENTENCE = "国务院办公厅尚未公布 2027 年的放假安排，期限暂定，公布后重新计算。"


class Until2026(ChineseWorkingDays):
    """As it stands before the notice: 2027 counts weekends and the statutory day alone."""

    announced = 2026


class Until2027(ChineseWorkingDays):
    """An invented notice: 4 to 8 January 2027 are off, the Sunday before is worked."""

    announced = 2027

    def is_working(self, day: date) -> bool:
        """By the notice."""
        if date(2027, 1, 4) <= day <= date(2027, 1, 8):
            return False
        return day == date(2027, 1, 3) or super().is_working(day)


def at(call: Call, calendar: ChineseWorkingDays) -> Call:
    """The same portal with another calendar, at the end of the year."""
    return replace(call, now=WHEN, portal=replace(call.portal, working_days=calendar))


@pytest.fixture
async def board(world: World) -> str:
    """The board of a shop."""
    return await issue(world.call, "enterprise", world.enterprises[FLOUR])


async def test_every_page_says_so_and_it_is_counted_anew(world: World, board: str) -> None:
    before, after = at(world.call, Until2026()), at(world.call, Until2027())
    await world.account("east", Role.OFFICE, unit="东所")
    opening = CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有隐患（示例）")
    receipt = await feedback.open_case(before.as_(PUBLIC), opening)
    case = await world.call.db.row("select * from feedback_case")
    assert (case["due"], case["due_awaits"]) == (date(2027, 1, 5), 2027)
    async with visiting(before.portal, lambda: WHEN) as site:
        office, public = site("10.0.0.9"), site()
        await office.sign_in("east", PASSWORD)
        for address in ("/office", "/office/cases"):
            assert "2027年1月5日 暂定" in (await office.get(address)).text, address
        assert SENTENCE in (await office.get(f"/office/cases/{case['public_id']}")).text
        sheet = (await office.client.get("/office/export/cases/csv")).text
        assert "期限暂定" in sheet.splitlines()[0]
        assert '"2027-01-05","否","是"' in sheet
        shown = await public.send(await public.get("/receipt"), {"receipt": receipt}, action="/receipt")
        assert SENTENCE in shown.text
    assert await feedback.recount(before) == 0
    assert await feedback.recount(after) == 1
    case = await world.call.db.row("select * from feedback_case")
    # 31 December, 3 January, then 11 January
    assert (case["due"], case["due_awaits"]) == (date(2027, 1, 11), None)
    assert await world.call.db.value("select due from inbox_item where done_at is null") == date(2027, 1, 11)
    last = (await history(world.call, "case", case["public_id"]))[0]
    assert (last.verb, last.data) == ("recounted", {"due": ["2027-01-05", "2027-01-11"]})
    assert await feedback.recount(after) == 0
    async with visiting(after.portal, lambda: WHEN) as site:
        office = site("10.0.0.9")
        await office.sign_in("east", PASSWORD)
        page = await office.get(f"/office/cases/{case['public_id']}")
        assert ("2027年1月11日" in page.text, "期限暂定" in page.text) == (True, False)


async def test_what_an_earlier_release_gave_out_as_sure_is_found(world: World, board: str) -> None:
    before, after = at(world.call, Until2026()), at(world.call, Until2027())
    await feedback.open_case(
        before.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有隐患（示例）")
    )
    await world.call.db.rows("update feedback_case set due_awaits = null, due_because = '[]'")
    assert await feedback.recount(before) == 0
    assert await world.call.db.value("select due_awaits from feedback_case") == 2027
    east = before.as_(await world.office("东所"))
    await feedback.take_step(east, await world.call.db.value("select public_id from feedback_case"), "accept", "", public_id())
    assert await world.call.db.value("select due from feedback_case") == date(2027, 1, 7)
    assert await feedback.recount(after) == 1
    # Counted from the acceptance, five working days: 31 December, 3 January, 11 to 13 January
    assert await world.call.db.value("select due from feedback_case") == date(2027, 1, 13)


async def test_complaints_say_so_to_their_custodian_and_are_counted_anew(world: World, board: str) -> None:
    before, after = at(world.call, Until2026()), at(world.call, Until2027())
    keeper = await make_custodian(world, "keeper", "郑纪检")
    new = complaints.ComplaintOpening(board=board, form=public_id(), text="收钱（示例）")
    await complaints.open_complaint(before.as_(PUBLIC), new)
    row = await world.call.db.row("select id, public_id, due, due_awaits from complaint")
    assert row["due_awaits"] == 2027
    view = await complaints.read(before.as_(keeper), row["public_id"])
    assert (view.due_awaits, "尚未公布" in view.due_because[0].note) == (2027, True)
    assert await complaints.recount(after) == 1
    view = await complaints.read(after.as_(keeper), row["public_id"])
    assert (view.due > row["due"], view.due_awaits) == (True, None)
    assert "recounted" in [act.verb for act in view.acts]


@pytest.mark.parametrize(
    ("today", "announced", "right", "says"),
    [
        (date(2026, 10, 31), 2026, True, "收录到 2026 年"),
        (date(2026, 11, 1), 2026, True, "还没有 2027 年"),
        (date(2026, 12, 31), 2027, True, "收录到 2027 年"),
        (date(2027, 1, 1), 2026, False, "还没有 2027 年"),
    ],
)
def test_the_doctor_says_from_november_on_that_the_next_year_is_missing(
    today: date, announced: int, right: bool, says: str
) -> None:
    what, fine, text = doctor_of_holidays(today, announced)
    assert (what, fine, says in text) == ("放假安排", right, True)
