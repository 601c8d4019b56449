"""What a correction of days would bring, found out by doing it in a transaction that is thrown away."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from portal.boards.actions import would_change
from portal.call import Call, Event, Listener
from portal.enterprises import actions as enterprises
from portal.obligations.queries import standings
from portal.obligations.rules import State
from portal.scheme.windows import Window

# A thing that may owe duties: its region, of what kind it is, its id
Owing = tuple[str, str, int]


@dataclass(frozen=True)
class Turn:
    """A duty in a window that stands otherwise than before; None where it is not owed at all."""

    duty: str
    window: Window
    before: State | None
    after: State | None


@dataclass(frozen=True)
class Foreseen:
    """What would follow: which duties stand otherwise, how many enterprises are placed anew, whose boards tell something else, or
    where they are many and it is not ``sure``, may.
    """

    turns: tuple[Turn, ...]
    placed: int
    boards: tuple[str, ...]
    sure: bool


class _TrialOver(Exception):
    """It was a trial."""


async def foresee(call: Call, act: Callable[[Call], Awaitable[object]], owing: Sequence[Owing]) -> Foreseen:
    """What ``act`` would bring for the boards, and for the duties of these things; nothing of it stays.
    :class:`portal.errors.Refused` as it would refuse.
    """
    found: list[Foreseen] = []
    told: list[Event] = []

    async def hear(_: Call, event: Event) -> bool:
        told.append(event)
        return False

    heard: tuple[Listener, ...] = (enterprises.on_event, hear)
    trial = replace(call, portal=replace(call.portal, listeners=heard))

    async def work() -> None:
        before = {one: await standings(trial, *one) for one in owing}
        told.clear()
        found.clear()
        await act(trial)
        turns = []
        for one in owing:
            after = await standings(trial, *one)
            turns += [
                Turn(*key, before[one].get(key), after.get(key))
                for key in dict.fromkeys((*before[one], *after))
                if before[one].get(key) is not after.get(key)
            ]
        placed = {event.subject for event in told if event.name == "placed"}
        found.append(Foreseen(tuple(turns), len(placed), *await would_change(trial, told)))
        raise _TrialOver

    with suppress(_TrialOver):
        await call.db.run_tx(work)
    return found[0]
