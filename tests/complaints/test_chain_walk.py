"""No write by an account of the chain takes a complaint from whoever could read it, or closes a door: every form and sheet that
such an account may send, aimed at everybody who is near to complaints. Here some of each; ``make drill`` sends all of them by
everybody.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.pages import DOORS
from portal.web.pages import go
from portal.web.requests import GivenCall
from tests.browse import visiting
from tests.complaints.chain_walk import (
    AIMED,
    CHAIN,
    MAY,
    NOT_AIMED,
    Try,
    both_worlds,
    complain,
    forms,
    sample_plugins,
    sheets,
    signed_in,
    taken_back,
    things,
    walk,
    world,
)
from tests.world import World

__all__ = ["sample_plugins", "world"]


def some(tries: Iterable[Try], most: int) -> list[Try]:
    """So many of each route, and of each kind of sheet, from the first to the last."""
    kinds = defaultdict[tuple[str, str], list[Try]](list)
    for one in tries:
        kinds[one.route[1], one.sheet[0] if one.sheet is not None else ""].append(one)
    return [
        found[n * (len(found) - 1) // max(1, min(most, len(found)) - 1)]
        for found in kinds.values()
        for n in range(min(most, len(found)))
    ]


@pytest.mark.clause("PB-3")
async def test_no_write_of_the_chain_takes_a_complaint_from_its_readers_or_closes_a_door(world: World, site: Any) -> None:
    of = await things(world)
    tries = {
        "bureau": [*some(forms(of, "bureau"), 12), *some(sheets(of), 8), *taken_back(of)],
        "admin": some((one for one in forms(of, "admin") if "accounts" in one.address), 4),
        "inspector": some(forms(of, "inspector"), 10),
        **{who: some(forms(of, who), 1) for who in ("station", "deputy", "firm")},
    }
    walked = await both_worlds(world, await signed_in(world, site, CHAIN), tries)
    assert walked.writes > 50


def test_no_write_that_the_chain_may_send_is_forgotten() -> None:
    may = {address for routes in MAY.values() for method, address in routes if method == "POST"}
    aimed = {*AIMED, *(f"/office/{subject}/{{id_:str}}/reopen" for subject in ("grids", "enterprises"))}
    assert sorted(may - aimed - NOT_AIMED.keys()) == []
    assert sorted((aimed | NOT_AIMED.keys()) - may) == []
    assert sorted(aimed & NOT_AIMED.keys()) == []


@post("/account/leak/{id_:str}", status_code=303)
async def leak(call: GivenCall, id_: FromPath[str]) -> Redirect:
    """What offices of the chain could do: put the accused into the office outside."""
    unit = await call.db.value("select id from unit where name = '纪检'")
    await call.db.rows("update person set unit = $1 where public_id = $2", unit, id_)
    return go("/account")


async def test_a_way_into_the_office_outside_that_is_put_back_is_found(world: World, portal: Any, clock: Any) -> None:
    async with visiting(portal, clock, doors=(*DOORS, leak)) as leaking:
        visitors = await signed_in(world, leaking, ["bureau"])
        await complain(world)
        accused = world.people["张看护"]
        one = Try(route=("POST", "/account/leak/{id_:str}"), address=f"/account/leak/{accused}")
        walked = await walk(world, visitors, {"bureau": [one]})
    (taken,) = walked.lost.values()
    assert {"keeper read 2, reads 0", "colleague read 2, reads 0"} <= set(taken)
