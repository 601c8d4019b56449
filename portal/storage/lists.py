"""Lists that stay quick at any length: keyset pages, a count that stops early, search by the index of grams."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from portal.storage.engine import Database, Record
from portal.storage.search import matching

Row = TypeVar("Row")
SIZE = 50
COUNTED = 1_000


@dataclass(frozen=True)
class Wanted:
    """What a reader asks of a list: words to search, the place to go on from, filters by name, how many rows at once."""

    query: str = ""
    after: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    size: int = SIZE


@dataclass(frozen=True)
class Listed(Generic[Row]):
    """A page of a list: its rows, where the next page begins, and how many there are (``more`` than counted)."""

    rows: tuple[Row, ...]
    after: str | None
    count: int
    more: bool
    wanted: Wanted


class Where:
    """Conditions of a statement with their values; ``{}`` in a condition is the next ``$n``."""

    def __init__(self) -> None:
        self._conditions: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: object) -> None:
        """Add a condition."""
        self._conditions.append(condition.format(*[self._next(value) for value in values]))

    def search(self, query: str, *things: tuple[str, str]) -> None:
        """One of several things of a row, as (kind, column of its id), must match the words."""
        found = [f"{subject} in ({sql})" for kind, subject in things if (sql := matching(kind, query, self._next))]
        if found or query.strip():
            self._conditions.append(" or ".join(found) or "false")

    def _next(self, value: object) -> str:
        """The place of one more value."""
        self.values.append(value)
        return f"${len(self.values)}"

    @property
    def sql(self) -> str:
        """The ``where`` clause."""
        return "where " + " and ".join(f"({condition})" for condition in self._conditions) if self._conditions else ""


async def listed(
    db: Database, select: str, where: Where, wanted: Wanted, make: Callable[[Record], Row], *, key: str, id_: str
) -> Listed[Row]:
    """One page of ``select … where …`` sorted by the column ``key`` and then by the public id in column ``id_``.

    The statement must give ``key`` and ``id_`` as ``sort_key`` and ``sort_id``.
    """
    count = await db.value(f"select count(*) from ({select} {where.sql} limit {COUNTED + 1}) as counted", *where.values)
    if wanted.after:
        position, _, last = wanted.after.rpartition("~")
        where.add(f"({key}, {id_}) > ({{}}, {{}})", position, last)
    rows = await db.rows(f"{select} {where.sql} order by {key}, {id_} limit {wanted.size + 1}", *where.values)
    last_row = rows[wanted.size - 1] if len(rows) > wanted.size else None
    after = f"{last_row['sort_key']}~{last_row['sort_id']}" if last_row is not None else None
    return Listed(tuple(make(row) for row in rows[: wanted.size]), after, min(count, COUNTED), count > COUNTED, wanted)
