"""Something of the register with the rows that hang on it, as they stand: what an undo compares, and puts back."""

import json
from collections.abc import Sequence
from typing import Any

from portal.call import Call
from portal.errors import Refused
from portal.imports.kinds.kind import Kind
from portal.terms import say

TOUCHED = say("导入的内容在导入以后又有变动，或已被其他登记使用，不能整批撤销。")


async def snapshot(call: Call, kind: Kind, id_: str, *, ending: bool = False) -> dict[str, Any]:
    """Something of the register with the rows that hang on it, as they stand, and with ``ending`` those that end with it."""
    found = await snapshots(call, kind, [id_], ending=ending)
    if not found:
        raise Refused(TOUCHED)
    return next(iter(found.values()))


async def snapshots(call: Call, kind: Kind, ids: Sequence[str], *, ending: bool = False) -> dict[str, dict[str, Any]]:
    """The same for many, by public id."""
    tables = kind.tables
    hanging = {**tables.hanging, **(tables.ends if ending else {})}
    own = (
        "to_jsonb(t) - 'undone_on'"
        if tables.own
        else "jsonb_build_object('id', id, 'public_id', public_id, 'division', division)"
    )
    # A charge is called by its enterprise and its line
    owners = [id_.partition(" ")[0] for id_ in ids]
    rows = await call.db.rows(f"select id, public_id, {own} as own from {tables.table} t where public_id = any($1)", owners)
    names = (*hanging, *tables.through)
    found = {row["id"]: {"own": json.loads(row["own"]), "rows": {name: [] for name in names}} for row in rows}
    parts = [(name, f"t.{column}", "") for name, column in hanging.items()]
    for name, other in tables.through.items():
        parts.append((name, f"via.{tables.hanging[other]}", f"join {other} via on via.id = t.{other}"))
    for name, owner, join in parts:
        one = "to_jsonb(t) - 'undone_on' as one"
        for row in await call.db.rows(
            f"select {owner} as owner, {one} from {name} t {join} where {owner} = any($1) order by t.id", list(found)
        ):
            found[row["owner"]]["rows"][name].append(json.loads(row["one"]))
    return {row["public_id"]: found[row["id"]] for row in rows}
