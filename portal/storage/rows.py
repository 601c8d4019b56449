"""Rows of the register that somebody is about to change: held before they are read, so that nothing is compared with what was."""

from collections.abc import Mapping, Sequence

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


async def hold_rows(db: Database, table: str, ids: Sequence[str]) -> None:
    """The same for many rows by public id: in one order, so that two who hold many do not wait for each other."""
    if table not in TABLES:
        raise ValueError(table)
    await db.rows(f"select 1 from {table} where public_id = any($1) order by id for no key update", list(ids))


async def write_changed(db: Database, table: str, id_: int, values: Mapping[str, object]) -> None:
    """Give a row that is held these values: only where they differ from what stands there."""
    now = await db.row(f"select {', '.join(values)} from {table} where id = $1", id_)
    changed = {name: value for name, value in values.items() if now is None or now[name] != value}
    if changed:
        sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(changed, 2))
        await db.rows(f"update {table} set {sets} where id = $1", id_, *changed.values())


async def write_all_changed(db: Database, table: str, types: Mapping[str, str], rows: Mapping[int, Mapping[str, object]]) -> None:
    """Give many rows that are held these values, by id, with the ``types`` of their columns: in one statement, which names only
    the columns that differ in any of them from what stands there.
    """
    now = {row["id"]: row for row in await db.rows(f"select id, {', '.join(types)} from {table} where id = any($1)", list(rows))}
    changed = {id_: values for id_, values in rows.items() if any(now[id_][name] != values[name] for name in types)}
    names = [name for name in types if any(now[id_][name] != values[name] for id_, values in changed.items())]
    if names:
        sets = ", ".join(f"{name} = v.{name}" for name in names)
        places = ", ".join(f"${n}::{types[name]}[]" for n, name in enumerate(names, 2))
        await db.rows(
            f"update {table} t set {sets} from unnest($1::bigint[], {places}) v(id, {', '.join(names)}) where t.id = v.id",
            list(changed),
            *([values[name] for values in changed.values()] for name in names),
        )
