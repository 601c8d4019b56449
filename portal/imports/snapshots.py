"""Something of the register with the rows that hang on it, as they stand: what an undo compares, and puts back."""

import json
from collections.abc import Sequence
from typing import Any

from portal.call import Call
from portal.errors import Refused
from portal.imports.kinds.kind import SheetKind
from portal.terms import say

TOUCHED = say("导入的内容在导入以后又有变动，或已被其他登记使用，不能整批撤销。")


async def snapshot(call: Call, kind: SheetKind, id_: str, *, ending: bool = False) -> dict[str, Any]:
    """Something of the register with the rows that hang on it, as they stand, and with ``ending`` those that end with it."""
    found = await snapshots(call, kind, [id_], ending=ending)
    if not found:
        raise Refused(TOUCHED)
    return next(iter(found.values()))


async def snapshots(call: Call, kind: SheetKind, ids: Sequence[str], *, ending: bool = False) -> dict[str, dict[str, Any]]:
    """The same for many, by public id."""
    rows = await call.db.rows(
        f"select public_id, {stands(kind, ending=ending)} as state from {kind.tables.table} t where public_id = any($1)",
        # A charge is called by its enterprise and its line
        [id_.partition(" ")[0] for id_ in ids],
    )
    return {row["public_id"]: json.loads(row["state"]) for row in rows}


def stands(kind: SheetKind, *, ending: bool = False) -> str:
    """The expression that gives how something of the kind, ``t``, stands, with the rows that hang on it."""
    tables = kind.tables
    own = (
        "to_jsonb(t) - 'undone_on'"
        if tables.own
        else "jsonb_build_object('id', t.id, 'public_id', t.public_id, 'division', t.division)"
    )
    hanging = {**tables.hanging, **(tables.ends if ending else {})}
    found = [(name, f"from {name} h where h.{column} = t.id") for name, column in hanging.items()]
    for name, other in tables.through.items():
        found.append((name, f"from {other} via join {name} h on h.{other} = via.id where via.{tables.hanging[other]} = t.id"))
    rows = ", ".join(
        f"'{name}', coalesce((select jsonb_agg(to_jsonb(h) - 'undone_on' order by h.id) {which}), '[]')" for name, which in found
    )
    return f"jsonb_build_object('own', {own}, 'rows', jsonb_build_object({rows}))"
