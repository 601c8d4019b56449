"""The receipt (查询码): 16 digits that follow from the form's id, known to the reporter alone.

The first six are a bucket to look in, the last ten the secret, of which only an argon2id hash is stored. A form that is
sent twice gives the same receipt, since both follow from the client's form id and the portal's key.
"""

from portal.access.passwords import RECEIPTS, fits, hashed
from portal.call import Call
from portal.codes import run_together

BUCKET = 6
LENGTH = 16


def receipt_of(call: Call, form: str) -> str:
    """The receipt that belongs to a form id."""
    number = int.from_bytes(call.portal.keyring.derive("receipt", form)[:16])
    return str(number % 10**LENGTH).zfill(LENGTH)


def read(text: str) -> str | None:
    """The receipt that somebody typed, or None where it cannot be one."""
    digits = run_together(text)
    return digits if len(digits) == LENGTH and digits.isascii() and digits.isdigit() else None


def shown(receipt: str) -> str:
    """In groups of four, to be read aloud."""
    return " ".join(receipt[i : i + 4] for i in range(0, LENGTH, 4))


async def stored_receipt(receipt: str) -> str:
    """What is stored of it."""
    return await hashed(receipt[BUCKET:])


async def opens(receipt: str, stored: list[str], *, rank: float = 0) -> int | None:
    """Which of the stored hashes the receipt opens. At least one check is made, so that absence takes as long."""
    found = None
    for n, one in enumerate(stored or [None]):
        if await fits(receipt[BUCKET:], one, line=RECEIPTS, rank=rank):
            found = n
    return found
