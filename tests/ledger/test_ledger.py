"""The ledger: every act is in it, in a chain that holds; editions are stored and may not be altered."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.app import ready
from portal.areas.actions import change_unit
from portal.areas.schemes import ruling
from portal.call import Call, Event
from portal.errors import Refused
from portal.ledger.actions import AT_ONCE, handle_due, keep_editions, record, record_many
from portal.ledger.queries import first_break, history
from portal.plugins import assemble
from portal.scheme.words import Region
from portal.viewer import PUBLIC, Viewer
from tests.sample_region import Sample
from tests.sample_region.later import Stated
from tests.sample_region.scheme import SAMPLE
from tests.world import World


async def test_an_act_is_in_the_history_of_its_thing_for_its_offices_only(world: World) -> None:
    call = world.call
    east = call.as_(await world.office("东所"))
    await change_unit(east, world.units["东所"], name="东所", phone="0512-01009999")
    latest = (await history(east, "unit", world.units["东所"]))[0]
    assert (latest.verb, latest.actor, latest.data) == ("changed", "东所经办", {"phone": ["0512-01000003", "0512-01009999"]})
    west = call.as_(await world.office("西所"))
    assert await history(west, "unit", world.units["东所"]) == ()
    assert await history(call.as_(PUBLIC), "unit", world.units["东所"]) == ()


async def test_writers_at_once_make_one_whole_chain(call: Call) -> None:
    async def write(n: int) -> None:
        async def work() -> None:
            await record(call, "changed", "person", f"s{n}", area="/", data={"n": n})

        await call.db.run_tx(work)

    await asyncio.gather(*(write(n) for n in range(25)))
    assert await first_break(call) is None
    assert await call.db.value("select count(*) from ledger_entry where kind = 'person'") == 25


async def test_acts_of_many_pieces_make_one_whole_chain(call: Call) -> None:
    acts = [(f"s{n}", "/", {"n": n}) for n in range(2 * AT_ONCE + 1)]

    async def work() -> None:
        await record(call, "changed", "person", "before", area="/", data={})
        await record_many(call, "changed", "person", acts)

    await call.db.run_tx(work)
    assert await first_break(call) is None
    written = await call.db.rows("select subject from ledger_entry where kind = 'person' order by id")
    assert [row["subject"] for row in written] == ["before", *(subject for subject, _, _ in acts)]


async def test_an_entry_that_was_altered_in_the_database_is_found(call: Call, world: World) -> None:
    assert await first_break(call) is None
    async with call.db.pool.acquire() as connection:
        await connection.execute(
            "set session_replication_role = replica; update ledger_entry set actor_name = 'x' where id = "
            "(select min(id) + 3 from ledger_entry); set session_replication_role = origin"
        )
    lowest = await call.db.value("select min(id) from ledger_entry")
    assert await first_break(call) == lowest + 3


async def test_what_is_rolled_back_is_not_in_the_ledger(call: Call) -> None:
    before = await call.db.value("select count(*) from ledger_entry")

    async def work() -> None:
        await record(call, "changed", "person", "s", area="/", data={})
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        await call.db.run_tx(work)
    assert await call.db.value("select count(*) from ledger_entry") == before


async def test_an_event_for_a_later_day_is_told_on_that_day_and_once(call: Call) -> None:
    heard: list[Event] = []

    async def listener(_: Call, event: Event) -> None:
        heard.append(event)

    mine = Call(replace(call.portal, listeners=(listener,)), call.viewer, call.now)
    event = Event(name="ended", kind="grid", subject=1, day=call.today + timedelta(days=3))

    async def work() -> None:
        await record(mine, "ended", "grid", "g", area="/", data={}, event=event)

    await call.db.run_tx(work)
    assert heard == []
    later = Call(mine.portal, mine.viewer, mine.now + timedelta(days=3))
    assert await handle_due(later) == 1
    assert await handle_due(later) == 0
    assert heard == [event]


async def test_the_edition_in_force_is_stored_once_and_an_altered_one_decides_nothing(portal, clock) -> None:
    call = Call(portal, Viewer(name="系统"), clock())
    assert await call.db.value("select count(*) from stored_edition") == 1
    await keep_editions(call)
    assert await call.db.value("select count(*) from stored_edition") == 1

    altered = replace(
        SAMPLE.editions[0], rules=(replace(SAMPLE.editions[0].rules[0], name="改了"), *SAMPLE.editions[0].rules[1:])
    )

    class Altered(Sample):
        def portal_regions(self) -> tuple[Region, ...]:
            return (replace(SAMPLE, editions=(altered,)),)

    renamed = replace(SAMPLE, editions=(replace(SAMPLE.editions[0], code="sample-new"),))
    without = Call(replace(portal, plugins=assemble({"sample": Stated(renamed)})), call.viewer, call.now)
    await ready(without)
    assert re.search("sample-2020.*插件里却没有了.*scheme adopt sample.*还原插件", without.portal.unadopted["sample"])
    assert without.book.regions == {}
    gone = Call(replace(portal, plugins=assemble({})), call.viewer, call.now)
    await ready(gone)
    assert gone.portal.unadopted == {}

    broken = Call(replace(portal, plugins=assemble({"sample": Altered()})), call.viewer, call.now)
    await ready(broken)
    assert re.search(
        "sample-2020.*差 1 处：部门“改了”：名称由“区局”改为“改了”.*只有地区“sample”停着.*scheme adopt sample.*scheme verify sample",
        broken.portal.unadopted["sample"],
    )
    assert broken.book.in_force("sample", call.today) is None
    assert broken.book.name_in("sample-2020", "units", SAMPLE.editions[0].rules[0].code) == "区局", "read as it was stored"
    with pytest.raises(Refused, match="和存档的规则不同，还没有采用"):
        ruling(broken, "sample")
