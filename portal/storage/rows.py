"""Rows of the register that somebody is about to change: held before they are read, so that nothing is compared with what was."""

from collections.abc import Mapping

from portal.storage.engine import Database

TABLES = frozenset({"jurisdiction", "unit", "grid", "outside_grid", "person", "appointment", "deed", "enterprise", "account"})


async def hold_row(db: Database, table: str, id_: int | str) -> None:
    """Nobody else changes this row, by internal or public id, until the transaction is over; what is read afterwards is what
    stands there. A lock of the row itself and none in the server's memory: an import may hold a hundred thousand.
    """
    if table not in TABLES:
        raise ValueError(table)
    column = "id" if isinstance(id_, int) else "public_id"
    await db.rows(f"select 1 from {table} where {column} = $1 for no key update", id_)


async def write_changed(db: Database, table: str, id_: int, values: Mapping[str, object]) -> None:
    """Give a row that is held these values: only where they differ from what stands there."""
    now = await db.row(f"select {', '.join(values)} from {table} where id = $1", id_)
    changed = {name: value for name, value in values.items() if now is None or now[name] != value}
    if changed:
        sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(changed, 2))
        await db.rows(f"update {table} set {sets} where id = $1", id_, *changed.values())
