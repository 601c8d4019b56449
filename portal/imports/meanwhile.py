"""What was saved or registered after a sheet was checked is neither changed nor ended by it: the check could not tell of that."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.call import Call
from portal.errors import Refused
from portal.imports.columns import Column, Row, plain
from portal.imports.differences import IN_SHEETS
from portal.imports.outcome import Left
from portal.ledger.queries import acts_since
from portal.terms import Text, say

STAYS = say("检查以后有人改过这一项，保留改后的，没有按表里的改")
CHECK_AGAIN = say("检查以后有人改过这一项。请点“再检查一遍”，看清将有哪些修改再导入")
MADE = say("检查以后有人登记或重新启用了它。请点“再检查一遍”，看清将有哪些修改再导入")
MORE = say("检查以后又登记了新的，表里没有，检查时也没有列出。请点“再检查一遍”，看清再停用")
# What entries of the ledger call that which sheets call otherwise, beside the columns of the register
IN_ENTRIES = {**IN_SHEETS, "covers": "ground"}
# Acts that say from what to what; those after which all of a thing is what somebody said
FIELDS, WHOLE = ("changed", "stated", "mapped", "charged"), ("created", "reopened")


async def saved_since(call: Call, entry: int, table: str, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any] | None]:
    """By the id of what a row is about, what was saved of it since an entry of the ledger: the new values by the columns' codes;
    None where it was made, or began again. A charge has the id of its enterprise and its line.
    """
    subjects = {id_: id_.partition(" ") for id_ in ids}
    acts = await acts_since(call, entry, table, [subject for subject, *_ in subjects.values()], (*FIELDS, *WHOLE))
    found: dict[str, Mapping[str, Any] | None] = {}
    for id_, (subject, _, line) in subjects.items():
        theirs = [act for act in acts.get(subject, ()) if (act.data.get("line", "") if act.verb == "charged" else "") == line]
        if theirs:
            made = any(act.verb in WHOLE for act in theirs)
            found[id_] = None if made else {column: new for act in theirs for column, new in _said(act.data).items()}
    return found


def _said(act: Mapping[str, Any]) -> dict[str, Any]:
    fields = {IN_ENTRIES.get(name, name): pair[1] for name, pair in act.items() if isinstance(pair, list) and len(pair) == 2}
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


def more_come(checked: Mapping[str, Any], came: int) -> Text | None:
    """What is told where more would be made than the check told: what it saw there has ended, or what it refused would come."""
    told = int(checked.get("came", came)) if "checked_at" in checked else came
    if came <= told:
        return None
    return say("检查以后登记有变动：现在会新增 {now} 条，检查时是 {then} 条。请点“再检查一遍”，看清再导入", now=came, then=told)


def more_than_told(checked: Mapping[str, Any], left: Sequence[Left]) -> list[Left]:
    """Those of which the register has any now, not on the sheet, that the check did not tell."""
    if "checked_at" not in checked:
        return []
    told = {one["key"]: one for one in checked["left"]}
    return [one for one in left if one.count > told.get(one.key, {"count": 0})["count"] or _unlike(one, told[one.key])]


def _unlike(now: Left, told: Mapping[str, Any]) -> bool:
    """Whether one is among them that was not told; of more than are kept by name, the count alone can say so."""
    return told["count"] == len(told["names"]) and not set(now.names) <= set(told["names"])
