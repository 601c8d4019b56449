"""Hashing and checking passwords with argon2id, a few at a time, off the event loop."""

import asyncio
import secrets
from functools import cache

from pwdlib import PasswordHash

_AT_ONCE = 2
_gates: dict[int, asyncio.Semaphore] = {}


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def _gate() -> asyncio.Semaphore:
    return _gates.setdefault(id(asyncio.get_running_loop()), asyncio.Semaphore(_AT_ONCE))


async def hashed(password: str) -> str:
    """The argon2id hash that is stored."""
    async with _gate():
        return await asyncio.to_thread(_hasher().hash, password)


async def fits(password: str, stored: str | None) -> bool:
    """Whether the password fits; takes the same time where there is no account (``stored`` None)."""
    async with _gate():
        right = await asyncio.to_thread(_hasher().verify, password, stored or _decoy())
    return right and stored is not None


def invented() -> str:
    """A password for one's first sign-in: easy to read aloud over a telephone, hard to guess."""
    return "-".join("".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(4)) for _ in range(4))
