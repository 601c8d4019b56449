"""Budgets: what a network, a device or an account may spend in an hour, before anything costly is done for it.

Over budget means later, never no: :class:`TooSoon` says how many seconds, nothing was done, and nothing more was spent. What was
spent on a try that was right, or that we were too busy for, is given back.

What is counted stands under a keyed hash of the hour: no address is kept, and when the hour is over nothing is left of it
(:func:`sweep`). A clock that ran ahead and came back holds nobody up.

    PICTURES = Budget("pictures", free=40 * MEGABYTE, every=1 / 20_000)  # 40 MB at once, then 20,000 bytes a second
    cost = PICTURES.cost(call, rules.network(address), amount=len(data))
    await spend(call, cost)          # TooSoon where it is over
    ...
    await give_back(call, cost)      # where it turned out that nothing had to be paid for
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, inf, isfinite
from typing import Any

from portal.call import Call
from portal.errors import Refused
from portal.terms import Text, say

TOO_SOON = say("尝试过于频繁，请等 {wait}后再试。账号没有被锁定。")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SLACK = timedelta(minutes=1)


class TooSoon(Refused):
    """The next try counts only after ``seconds``, since this budget is over; nothing was checked, nothing was spent."""

    def __init__(self, budget: "Budget", seconds: int) -> None:
        super().__init__(say(budget.text.msgid, wait=_words(seconds)))
        self.budget, self.seconds = budget, seconds


@dataclass(frozen=True)
class Cost:
    """So much of a budget, for whom the key stands; made by :meth:`Budget.cost`."""

    budget: "Budget"
    key: str
    amount: float
    until: datetime


@dataclass(frozen=True)
class Budget:
    """What one of many may spend in a ``period``: ``free`` units at once, and one more after every ``every`` seconds.

    Over a period that is at most ``free`` + period / ``every``. A single cost above ``free`` is let pass where nothing is spent.
    ``text`` is what is said where it is over, with a place for ``{wait}``.
    """

    name: str
    free: float
    every: float = inf
    text: Text = TOO_SOON
    period: timedelta = HOUR

    def cost(self, call: Call, *who: str, amount: float = 1) -> Cost:
        """What this try costs ``who`` of this budget; ``who`` is put together of anything that tells one from another."""
        number = int(call.now.timestamp() // self.period.total_seconds())
        until = datetime.fromtimestamp((number + 1) * self.period.total_seconds(), UTC)
        key = call.portal.keyring.derive("throttle", self.name, str(number), *who).hex()
        return Cost(self, key, amount, until)


# What is left of what was spent, as of $2; written by a clock that ran ahead, it counts as nothing
_LEFT = """case when s.at > $2::timestamptz + $6::interval then 0 else
    greatest(0, s.spent - greatest(0, extract(epoch from $2::timestamptz - s.at)::float8) / $3::float8) end"""
_SPEND = f"""
    insert into spending as s (key, spent, at, until) values ($1, $4, $2, $7)
    on conflict (key) do update set spent = {_LEFT} + $4, at = $2
    where {_LEFT} = 0 or {_LEFT} + $4 <= $5
    returning spent
"""


async def spend(call: Call, *costs: Cost) -> tuple[float, ...]:
    """Spend all of this, or nothing; how much of each budget is spent now, in the order of the costs.

    :class:`TooSoon` where one of them is over. Not to be called inside a transaction: others would wait for its end.
    """

    async def work() -> dict[str, float]:
        # Always in one order, so that no two wait for each other
        return {cost.key: await _spend(call, cost) for cost in sorted(costs, key=lambda cost: cost.key)}

    spent = await call.db.run_tx(work)
    return tuple(spent[cost.key] for cost in costs)


async def _spend(call: Call, cost: Cost) -> float:
    budget = cost.budget
    values: tuple[Any, ...] = (cost.key, call.now, budget.every, cost.amount, budget.free, SLACK, cost.until)
    spent: float | None = await call.db.value(_SPEND, *values)
    if spent is None:
        raise TooSoon(budget, await _wait(call, cost))
    return spent


async def _wait(call: Call, cost: Cost) -> int:
    """The seconds until so much can be spent: at the latest the end of the period, when counting begins anew."""
    budget, most = cost.budget, (cost.until - call.now).total_seconds()
    row = await call.db.row("select spent, at from spending where key = $1", cost.key)
    if row is not None and isfinite(budget.every):
        left = row["spent"] - max(0.0, (call.now - row["at"]).total_seconds()) / budget.every
        most = min(most, (left - max(0.0, budget.free - cost.amount)) * budget.every)
    return max(1, ceil(most))


async def give_back(call: Call, *costs: Cost) -> None:
    """It is as if this had not been spent; what others spent under the same keys still counts."""
    for cost in sorted(costs, key=lambda cost: cost.key):
        await call.db.rows("update spending set spent = greatest(0, spent - $2) where key = $1", cost.key, cost.amount)


async def sweep(call: Call) -> None:
    """Forget what was counted in hours that are over, and what a clock that ran ahead wrote."""
    await call.db.rows("delete from spending where until <= $1 or until > $1::timestamptz + $2::interval", call.now, 2 * DAY)


def _words(seconds: int) -> Text:
    return say("{n} 秒", n=seconds) if seconds <= 120 else say("{n} 分钟", n=ceil(seconds / 60))
