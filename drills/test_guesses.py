"""Receipts guessed at: how often a guess finds anything, whether the time of an answer tells, how many guesses are checked at all."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from math import sqrt
from statistics import fmean, median, variance

import pytest

from portal.boards.actions import issue
from portal.budgets.throttle import TooSoon
from portal.call import Call
from portal.complaints import actions, queries
from portal.complaints.queries import COMPLAINT
from portal.feedback import queries as feedback
from portal.feedback import receipts
from portal.feedback.actions import CaseOpening, open_case
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from tests.world import World, make_custodian

LIVE, GUESSES = 10_000, 100_000
TIMED = 400
TRIES = 10_000


@pytest.fixture
async def board(world: World) -> str:
    """A board from which both doors are open."""
    await make_custodian(world, "keeper", "郑纪检")
    await world.account("east", Role.OFFICE, unit="东所")
    return await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])


async def opened(call: Call, board: str) -> list[str]:
    """One report and one complaint through the doors; their receipts."""
    return [
        await open_case(call, CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="一件举报")),
        await actions.open_complaint(call, actions.ComplaintOpening(board=board, form=public_id(), text="一件投诉")),
    ]


async def fill(call: Call, live: list[str], met: set[str]) -> int:
    """Rows for these receipts, cases and complaints by turns, copied from the two there are; how many hashes are the real ones.

    Every row bears its receipt's own bucket. A row whose bucket some guess will meet, or that will be asked for honestly, bears
    the argon2id hash of its own secret; the others, which nothing in this drill compares with, that of a secret of nobody's.
    """
    nobodys = await receipts.stored_receipt("0" * receipts.LENGTH)
    real = {receipt: await receipts.stored_receipt(receipt) for receipt in live if receipt[: receipts.BUCKET] in met}
    for table, some in (("feedback_case", live[::2]), ("complaint", live[1::2])):
        said = await call.db.rows(
            "select column_name from information_schema.columns where table_name = $1 and column_name <> 'id'", table
        )
        columns = [one["column_name"] for one in said]
        (first,) = await call.db.rows(f"select * from {table} order by id limit 1")
        row = {name: first[name] for name in columns}
        # The copies are never opened, save in their bucket: what is sealed in them belongs to the first
        values = [
            {
                **row,
                "public_id": public_id(),
                "number": receipt[:8] + str(n),
                "form": receipt.encode(),
                "bucket": receipt[: receipts.BUCKET],
                "receipt": real.get(receipt, nobodys),
            }
            for n, receipt in enumerate(some)
        ]
        if table == "complaint":
            for n, one in enumerate(values):
                one["number"] = f"{n:08d}"
        async with call.db.transaction():
            await call.db.copy(table, columns, [tuple(one[name] for name in columns) for one in values])
    return len(real)


async def in_parallel(some: list[str], each: Callable[[str], Awaitable[None]], hands: int) -> None:
    """Do something with each, several at a time."""
    waiting = iter(some)

    async def hand() -> None:
        for one in waiting:
            await each(one)

    await asyncio.gather(*(hand() for _ in range(hands)))


async def test_a_hundred_thousand_guesses_at_ten_thousand_receipts_open_nothing(world: World, board: str) -> None:
    """What is real: the two bucket look-ups of all guesses, and the whole look-up with argon2id of each that meets somebody.

    What is not: the rows are copies of one report and one complaint, and of the guesses that meet nobody's bucket only the
    look-up is made, not the one check against nothing that a visitor waits for besides.
    """
    call, chance = world.call.as_(PUBLIC), random.Random(20260302)
    await opened(call, board)
    live = [str(chance.randrange(10**receipts.LENGTH)).zfill(receipts.LENGTH) for _ in range(LIVE)]
    guesses = [str(chance.randrange(10**receipts.LENGTH)).zfill(receipts.LENGTH) for _ in range(GUESSES)]
    honest = live[:200]
    hashes = await fill(call, live, {one[: receipts.BUCKET] for one in (*guesses, *honest)})
    counted = await call.db.value("select (select count(*) from feedback_case) + (select count(*) from complaint)")
    assert counted == LIVE + 2
    met, hits, checked = list[str](), list[str](), 0

    async def look(guess: str) -> None:
        receipt = receipts.read(receipts.shown(guess))
        assert receipt == guess
        bucket = receipt[: receipts.BUCKET]
        if await feedback.candidates(call, bucket) or await call.db.rows(f"{COMPLAINT} where c.bucket = $1", bucket):
            met.append(receipt)

    async def check(guess: str) -> None:
        nonlocal checked
        if await queries.behind(call, guess) is not None:
            hits.append(guess)
        checked += 1

    started = time.monotonic()
    await in_parallel(guesses, look, 6)
    looked = time.monotonic() - started
    await in_parallel(met, check, 2)
    took = time.monotonic() - started
    print(
        f"\nguesses {len(guesses)}, live {LIVE} (own hashes {hashes}), met a bucket {len(met)}, checked {checked}, hits {len(hits)}; "
        f"look-ups {looked:.1f} s, all {took:.1f} s"
    )
    assert hits == []
    assert checked == len(met) > GUESSES * LIVE / 10**receipts.BUCKET / 2

    # The look-up does find: each honest receipt opens its own hash and no other
    found = 0
    for receipt in honest:
        bucket = receipt[: receipts.BUCKET]
        rows = [
            *await feedback.candidates(call, bucket),
            *await call.db.rows(f"{COMPLAINT} where c.bucket = $1 order by c.id", bucket),
        ]
        place = await receipts.opens(receipt, [row["receipt"] for row in rows])
        assert place is not None
        assert rows[place]["form"] == receipt.encode()
        found += 1
    assert found == len(honest)


def welch(a: list[float], b: list[float]) -> float:
    """Welch's t of two samples."""
    return (fmean(a) - fmean(b)) / sqrt(variance(a) / len(a) + variance(b) / len(b))


async def test_the_time_of_an_answer_tells_no_bucket(world: World, board: str) -> None:
    call, chance = world.call.as_(PUBLIC), random.Random(7)
    receipt = (await opened(call, board))[1]
    bucket = receipt[: receipts.BUCKET]
    taken = {row[0] for row in await call.db.rows("select bucket from complaint union select bucket from feedback_case")}

    def secret() -> str:
        return str(chance.randrange(10 ** (receipts.LENGTH - receipts.BUCKET))).zfill(receipts.LENGTH - receipts.BUCKET)

    async def timed(guess: str) -> float:
        started = time.perf_counter()
        found = await queries.behind(call, guess)
        took = time.perf_counter() - started
        assert found is None
        return took * 1000

    times: dict[str, list[float]] = {"bucket": [], "none": []}
    for _ in range(10):
        await timed(bucket + secret())
    for _ in range(TIMED):
        nobodys = next(one for one in iter(lambda: str(chance.randrange(10**6)).zfill(6), "") if one not in taken)
        order = [("bucket", bucket), ("none", nobodys)]
        chance.shuffle(order)
        for name, start in order:
            times[name].append(await timed(start + secret()))
    there, none = times["bucket"], times["none"]
    apart = median(there) - median(none)
    print(
        f"\nright bucket, wrong secret: median {median(there):.2f} ms; no bucket: median {median(none):.2f} ms; "
        f"difference {apart:+.3f} ms; Welch's t {welch(there, none):+.2f} (n = {TIMED} each)"
    )
    assert abs(apart) < 5


async def guessed(call: Call, tries: int, apart: float, honest: str | None, own: str | None = None) -> tuple[int, int, int]:
    """Guess from one network, so many seconds apart; how many were checked, and how often others were answered meanwhile.

    With ``own``, the guesser shows a receipt of their own after every nine guesses.
    """
    checked = answered = asked = 0
    for n in range(tries):
        now = replace(call, now=call.now + timedelta(seconds=n * apart))
        try:
            assert await queries.by_receipt(now, str(n).zfill(receipts.LENGTH), address=f"10.66.6.{n % 250}") is None
            checked += 1
        except TooSoon:
            pass
        if own is not None and n % 9 == 8:
            with suppress(TooSoon):
                assert await queries.by_receipt(now, own, address="10.66.6.1") is not None
        if honest is not None and n % (tries // 10) == 0:
            asked += 1
            answered += await queries.by_receipt(now, honest, address="10.77.7.1") is not None
    return checked, answered, asked


async def test_of_ten_thousand_guesses_from_one_network_few_are_checked(world: World, board: str) -> None:
    call = world.call.as_(PUBLIC)
    budget = queries.GUESSES
    for receipt, apart in zip(await opened(call, board), (0.0, 0.2), strict=True):
        started = time.monotonic()
        checked, answered, asked = await guessed(call, TRIES, apart, receipt)
        print(
            f"\n{TRIES} guesses {apart} s apart: {checked} checked; an honest receipt from another network answered {answered} of "
            f"{asked} times; {time.monotonic() - started:.1f} s"
        )
        assert budget.free <= checked <= budget.free + TRIES * apart / budget.every + 1
        assert answered == asked == 10
        await call.db.rows("delete from spending")


async def test_a_receipt_of_ones_own_frees_no_further_guesses(world: World, board: str) -> None:
    """A right receipt does not count as a guess; the wrong ones before it still do."""
    call = world.call.as_(PUBLIC)
    own = (await opened(call, board))[1]
    checked, _, _ = await guessed(call, 270, 0.0, None, own=own)
    print(f"\n270 guesses with a receipt of one's own after every nine: {checked} checked")
    assert checked <= queries.GUESSES.free
