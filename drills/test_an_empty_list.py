"""Whether the time of an answer tells a custodian who has to stand back that their office keeps a complaint."""

import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from statistics import median

import pytest

from drills.test_guesses import welch
from portal.boards.actions import issue
from portal.call import Call
from portal.complaints import actions, queries
from portal.errors import NotVisible
from portal.people.interests import InterestForm, declare
from portal.storage.columns import public_id
from portal.viewer import PUBLIC
from tests.world import World, make_custodian, make_unit

TIMED, COMPLAINTS = 400, 3
APART = 0.7  # ms


async def listed(call: Call, _: str) -> None:
    assert await queries.complaints(call, closed=False) == ()


async def looked_for(call: Call, id_: str) -> None:
    with suppress(NotVisible):
        await actions.read(call, id_)
        raise AssertionError("a complaint was read by whoever must stand back")


@pytest.mark.parametrize("look", [listed, looked_for])
async def test_the_time_of_an_empty_list_tells_no_complaint(world: World, look: Callable[[Call, str], Awaitable[None]]) -> None:
    """Two kin of the one complained about, alike but for their office: one keeps complaints about them, the other none."""
    board = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    await make_custodian(world, "keeper", "郑纪检")
    await make_unit(world, "区巡察", "watch", "示例区", "0512-01000009")
    kin = {
        "complaints": await make_custodian(world, "kin", "冯亲属"),
        "none": await make_custodian(world, "other-kin", "陈亲属", unit="区巡察"),
    }
    for name in ("冯亲属", "陈亲属"):
        form = InterestForm(person=world.people[name], other=world.people["张看护"], kind="kin", since=world.call.today)
        await declare(world.call, form)
    public = world.call.as_(PUBLIC)
    mark = next(one.mark for one in (await actions.door(public, board)).choices if one.name == "张看护")
    for _ in range(COMPLAINTS):
        await actions.open_complaint(public, actions.ComplaintOpening(board=board, form=public_id(), text="一件投诉", whom=mark))
    real = str(await world.call.db.value("select public_id from complaint limit 1"))
    ids = {"complaints": real, "none": "z" * 20}

    async def timed(name: str) -> float:
        call = world.call.as_(kin[name])
        started = time.perf_counter()
        await look(call, ids[name])
        return (time.perf_counter() - started) * 1000

    chance = random.Random(11)
    times: dict[str, list[float]] = {name: [] for name in kin}
    for n in range(TIMED + 20):
        for name in chance.sample(list(kin), 2):
            took = await timed(name)
            if n >= 20:
                times[name].append(took)
    there, none = times["complaints"], times["none"]
    apart = median(there) - median(none)
    print(
        f"\n{look.__name__}, {COMPLAINTS} complaints: median {median(there):.2f} ms; none: median {median(none):.2f} ms; "
        f"difference {apart:+.3f} ms; Welch's t {welch(there, none):+.2f} (n = {TIMED} each)"
    )
    assert abs(apart) < APART
