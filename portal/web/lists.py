"""What a list's address asks for, and the marks that protect a change form."""

from hashlib import sha256

from portal.storage.lists import Wanted
from portal.web.requests import AnyRequest


def wanted_of(request: AnyRequest, *filters: str) -> Wanted:
    """The search words, the place to go on from, and the named filters of a list's address."""
    asked = request.query_params
    return Wanted(
        query=str(asked.get("q", ""))[:60],
        after=str(asked.get("after", ""))[:260],
        filters={name: str(asked.get(name, ""))[:60] for name in ("ended", *filters)},
    )


def seen(row: object) -> str:
    """A mark of a row as it stood when its form was made: another one means that somebody changed it since."""
    return sha256(repr(row).encode()).hexdigest()[:16]
