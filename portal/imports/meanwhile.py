"""What was saved or registered after a sheet was checked is neither changed nor ended by it: the check could not tell of that."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.call import Call
from portal.errors import Refused
from portal.imports.columns import Column, Row, plain
from portal.imports.differences import IN_SHEETS
from portal.imports.outcome import Left
from portal.ledger.queries import changes_since
from portal.terms import Text, say

STAYS = say("检查以后有人改过这一项，保留改后的，没有按表里的改")
CHECK_AGAIN = say("检查以后有人改过这一项。请点“再检查一遍”，看清将有哪些修改再导入")
MORE = say("检查以后又登记了新的，表里没有，检查时也没有列出。请点“再检查一遍”，看清再停用")


async def saved_since(call: Call, entry: int, table: str, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """By the public id of a thing, what was changed of it since an entry of the ledger: new values by the columns' codes."""
    return {
        id_: {column: new for act in acts for column, new in _said(act).items()}
        for id_, acts in (await changes_since(call, entry, table, ids)).items()
    }


def _said(act: Mapping[str, Any]) -> dict[str, Any]:
    fields = {IN_SHEETS.get(name, name): pair[1] for name, pair in act.items() if isinstance(pair, list) and len(pair) == 2}
    return fields | {f"fact:{fact}": value for fact, value in act.get("facts", {}).items()}


def without(columns: Sequence[Column], row: Row, saved: Mapping[str, Any]) -> tuple[Row, dict[str, Text]]:
    """A row that leaves alone what was saved, and what is told of its cells that say something else, by their columns' codes.
    :class:`Refused` where that can't be left out of a row.
    """
    meant = [column for column in columns if column.code in saved and row[column.code]]
    for column in meant:
        if column.required and column.refers:
            raise Refused(CHECK_AGAIN, field=column.code)
    touched = [column.code for column in meant]
    told = {code: STAYS for code in touched if plain(row[code]) != plain(str(saved[code] or ""))}
    return replace(row, cells={code: cell for code, cell in row.cells.items() if code not in touched}), told


def more_than_told(checked: Mapping[str, Any], left: Sequence[Left]) -> list[Left]:
    """Those of which the register has any now, not on the sheet, that the check did not tell."""
    if "checked_at" not in checked:
        return []
    told = {one["key"]: one for one in checked["left"]}
    return [one for one in left if one.count > told.get(one.key, {"count": 0})["count"] or _unlike(one, told[one.key])]


def _unlike(now: Left, told: Mapping[str, Any]) -> bool:
    """Whether one is among them that was not told; of more than are kept by name, the count alone can say so."""
    return told["count"] == len(told["names"]) and not set(now.names) <= set(told["names"])
