"""Rows of the register that were taken back: never deleted, since a complaint, a case, a deed, a board or the ledger may name
them.

Such a row has a day in ``undone_on``. A table's plain name is a view without them (see ``SCHEMAS`` of the engine), so no list,
search, sheet, count or key sees one; ``public.`` before the name is every row. Named again, the same row comes back.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Protocol

from portal.storage.engine import Database

TABLES = frozenset({"unit", "grid", "outside_grid", "person", "appointment", "enterprise", "charge", "deed", "deputy"})


class UndoneRow(Protocol):
    """A row of one of these tables, as Piccolo holds it."""

    id: Any
    public_id: Any

    def to_dict(self) -> dict[str, Any]:
        """Its columns."""
        ...


async def undo(db: Database, table: str, ids: Sequence[int], day: date) -> None:
    """Take rows back on a day."""
    await db.rows(f"update {table} set undone_on = $2 where id = any($1)", list(ids), day)
    await db.rows("delete from search_text where kind = $1 and subject = any($2)", table, list(ids))


async def again(db: Database, table: str, same: str, *args: object) -> str | None:
    """The public id of the row ``t`` that was taken back and of which ``same`` holds; nobody else gives it out meanwhile."""
    found = await db.value(
        f"select t.public_id from public.{table} t where t.undone_on is not null and ({same}) "
        "order by t.undone_on desc, t.id desc limit 1 for update",
        *args,
    )
    return str(found) if found is not None else None


async def save(db: Database, table: str, row: UndoneRow, same: str, *args: object) -> None:
    """Write a new row; where one that was taken back is the same thing (see :func:`again`), that one comes back as this."""
    values = {column: value for column, value in row.to_dict().items() if column != "id"}
    row.public_id = values["public_id"] = await again(db, table, same, *args) or row.public_id
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    row.id = await db.value(f"{upsert(table, values)} values ({places}) {over(values)} returning id", *values.values())


def upsert(table: str, columns: Iterable[str]) -> str:
    """The beginning of a statement that writes rows, new ones and such as come back; :func:`over` is its end."""
    return f"insert into public.{table} ({', '.join(columns)})"


def over(columns: Iterable[str]) -> str:
    """What comes back is as it is written now, and nothing of what it was."""
    sets = ", ".join(f"{column} = excluded.{column}" for column in columns if column != "public_id")
    return f"on conflict (public_id) do update set {sets}{'' if 'undone_on' in columns else ', undone_on = null'}"
