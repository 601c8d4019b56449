"""The transfer sheets' proof of ``tests/complaints/test_canaries.py`` at its full length."""

import time

from tests.complaints.test_canaries import CLEAN, Planted, hits, inside, log, nowhere, planted, unmeant, written

__all__ = ["log", "planted"]
SHEETS = 100


async def test_a_hundred_transfer_sheets_hold_no_word_but_the_recipient(planted: Planted) -> None:
    started, counted, size = time.monotonic(), 0, 0
    async with nowhere(planted):
        async for recipient, data in written(planted, SHEETS):
            text, rest = inside(data)
            assert text.count(recipient) == 2
            assert CLEAN in text
            assert hits(text, unmeant(planted)) == {}
            assert hits(rest, unmeant(planted)) == {}
            counted, size = counted + 1, size + len(rest)
    print(f"\n{counted} sheets, {len(unmeant(planted))} words, {size / 1e6:.0f} MB searched, {time.monotonic() - started:.1f} s")
    assert counted == SHEETS
