"""Time that jumps: noticed, told, not followed at once, and turned back where it had run ahead."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.app import keep_time
from portal.boards import turning
from portal.boards.actions import issue
from portal.errors import Refused
from portal.ledger.actions import store_editions
from portal.timekeeping import ClockReading, Timekeeper, held, judge, moment
from tests.boards.test_turning import turned, two  # noqa: F401 - a fixture
from tests.sample_region.later import BEGINS
from tests.world import World, make_appointment, make_person, picture

START = ClockReading(datetime(2026, 3, 2, 2, 0, tzinfo=UTC), 1000.0, "first")
HOUR = timedelta(hours=1)


def after(reading: ClockReading, passed: timedelta, *, off: timedelta = timedelta(), boot: str | None = None) -> ClockReading:
    """What the machine says later, when its clock was set off by so much meanwhile."""
    ran = passed.total_seconds() + (0.0 if boot else reading.ran)
    return ClockReading(reading.wall + passed + off, ran, boot or reading.boot)


class Machine:
    """A machine whose clock is set at will."""

    def __init__(self, start: ClockReading = START) -> None:
        self.now = start

    def __call__(self) -> ClockReading:
        return self.now

    def passes(self, passed: timedelta, *, off: timedelta = timedelta(), boot: str | None = None) -> None:
        """Time passes, and the clock is set off."""
        self.now = after(self.now, passed, off=off, boot=boot)


def test_time_that_passes_and_small_corrections_are_followed() -> None:
    state = held(START)
    for passed in (timedelta(seconds=30), HOUR, timedelta(days=40)):
        later = after(START, passed, off=timedelta(seconds=90))
        assert judge(state, later, None) == held(later)
        assert moment(state, later) == later.wall


@pytest.mark.parametrize("off", [timedelta(days=3), timedelta(minutes=10), -timedelta(days=3), -timedelta(minutes=10)])
def test_a_jump_is_not_followed_until_it_has_agreed_for_an_hour(off: timedelta) -> None:
    state = held(START)
    jumped = after(START, timedelta(seconds=30), off=off)
    assert moment(state, jumped) == jumped.wall - off
    state = judge(state, jumped, None)
    assert state.offset == off.total_seconds()
    soon = after(jumped, timedelta(minutes=59))
    state = judge(state, soon, None)
    assert moment(state, soon) == soon.wall - off
    late = after(jumped, HOUR)
    assert judge(state, late, None) == held(late)
    # One that comes back meanwhile was never followed
    assert judge(state, after(soon, timedelta(seconds=30), off=-off), None).offset is None


def test_a_jump_beyond_a_month_waits_for_a_person() -> None:
    jumped = after(START, timedelta(seconds=30), off=timedelta(days=400))
    state = judge(held(START), jumped, None)
    for days in (1, 30):
        later = after(jumped, timedelta(days=days))
        state = judge(state, later, None)
        assert moment(state, later) == later.wall - timedelta(days=400)


def test_after_a_restart_the_clock_is_used_and_what_a_day_brings_waits() -> None:
    state = held(START)
    weekend = after(START, timedelta(days=3), boot="second")
    assert judge(state, after(START, HOUR, boot="second"), None).offset is None
    doubted = judge(state, weekend, None)
    assert doubted.by_wall
    assert moment(doubted, weekend) == weekend.wall
    # Corrected by the network meanwhile: the doubt begins anew, and is still one of a restart
    corrected = after(weekend, timedelta(minutes=5), off=-timedelta(days=1))
    doubted = judge(doubted, corrected, None)
    assert doubted.by_wall
    assert moment(doubted, corrected) == corrected.wall
    assert judge(doubted, after(corrected, HOUR), None).offset is None


def test_after_a_restart_a_clock_behind_what_was_written_is_not_used() -> None:
    behind = after(START, -timedelta(days=5), boot="second")
    for state, newest in ((held(START), None), (None, START.wall), (replace(held(START), at=behind.wall), START.wall)):
        doubted = judge(state, behind, newest)
        assert not doubted.by_wall
        later = after(behind, timedelta(minutes=10))
        assert moment(judge(doubted, later, None), later) == START.wall + timedelta(minutes=10)


def test_all_processes_of_a_portal_go_by_the_same_time_and_it_is_told(tmp_path: Path) -> None:
    machine = Machine()
    one, other = Timekeeper(tmp_path / "clock.json", machine), Timekeeper(tmp_path / "clock.json", machine)
    one.keep(one.proposed())
    assert one.notice() is None
    machine.passes(timedelta(seconds=30), off=timedelta(days=3))
    one.keep(one.proposed())
    assert one() == other() == START.wall + timedelta(seconds=30)
    assert "快了3 天" in str(other.notice())
    assert "portal time confirm" in str(other.notice())
    other.keep(other.confirmed())
    assert one() == machine.now.wall
    assert one.notice() is None
    (tmp_path / "clock.json").write_text("half")
    assert one() == machine.now.wall


async def test_a_clock_that_ran_ahead_and_was_believed_is_turned_back_whole(two: World, tmp_path: Path) -> None:  # noqa: F811
    """Everything that a week ahead did: boards, editions, what was due, sessions, waits; afterwards all is as of the true day."""
    call, later_day = two.call, BEGINS + timedelta(days=1)
    await make_person(two, "周临走", badge="示例091", phone="0512-02000091", portrait=picture())
    await make_appointment(two, "周临走", "keeper", grid="丁村格", until=BEGINS)
    for of, ids in (("enterprise", two.enterprises.values()), ("grid", two.grids.values())):
        for id_ in ids:
            with suppress(Refused):  # not everything may have a board
                await issue(call, of, id_)

    async def told() -> list[tuple[object, ...]]:
        rows = await call.db.rows("select code, live, changed, stale_since from board order by code")
        return [tuple(row) for row in rows]

    async def handled() -> list[tuple[object, ...]]:
        rows = await call.db.rows("select id from ledger_event where handled_at is not null and day > $1 order by id", call.today)
        return [tuple(row) for row in rows]

    before = await told()
    assert len(before) >= 5
    assert await handled() == []
    ahead = await turned(two, later_day)
    assert await told() != before
    assert await handled() != []
    await call.db.rows(
        "insert into session (public_id, token, csrf, created_at, seen_at, ends_at, name, enterprise) "
        "select 's', 't', '', $1, $1, $2, '访客', id from enterprise limit 1",
        ahead.call.now,
        ahead.call.now + 2 * HOUR,
    )
    await call.db.rows("update account set second_step = $1", int(ahead.call.now.timestamp()) // 30)

    machine = Machine(ClockReading(ahead.call.now, 1000.0, "first"))
    keeper = Timekeeper(tmp_path / "clock.json", machine)
    keeper.keep(keeper.proposed())
    portal = replace(two.call.portal, timekeeper=keeper)
    machine.now = replace(machine.now, wall=call.now)
    await keep_time(portal)
    assert keeper() == ahead.call.now
    assert await told() != before
    machine.passes(HOUR)
    await keep_time(portal)
    true = call.now + HOUR
    assert keeper() == true
    assert await told() == before
    assert await handled() == []
    row = await call.db.row("select created_at, seen_at, ends_at from session where public_id = 's'")
    assert tuple(row) == (true, true, true + 2 * HOUR)
    assert await call.db.value("select max(second_step) from account") <= int(true.timestamp()) // 30
    # And when the day truly comes, it comes whole
    truly = await turned(two, later_day)
    after_it = await told()
    await turning.tell_again(truly.call)
    assert await told() == after_it
    assert await told() != before


async def test_what_a_day_brings_waits_while_the_time_is_in_doubt(two: World, tmp_path: Path) -> None:  # noqa: F811
    machine = Machine(ClockReading(two.call.now + timedelta(days=40), 0.0, "second"))
    keeper = Timekeeper(tmp_path / "clock.json", machine)
    keeper.keep(held(replace(machine.now, wall=two.call.now, boot="first")))
    keeper.keep(keeper.proposed())
    assert keeper.waits
    doubting = replace(two.call, portal=replace(two.call.portal, timekeeper=keeper), now=keeper())
    assert doubting.today > BEGINS
    assert await store_editions(doubting) == 0
    keeper.keep(keeper.confirmed())
    assert not keeper.waits
    assert await store_editions(doubting) == 1
