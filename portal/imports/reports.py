"""What became of a sheet, to take away: the office's own file with every mistake at its cell, and the list of changes."""

from collections.abc import Mapping
from typing import Any

from portal.call import Call
from portal.imports import queries
from portal.imports.holding import data_of
from portal.terms import IMPORT_DEED, say
from portal.workshop.sheets import annotated, written

BESIDE = 10_000  # beyond every column: the copy puts it into its own


async def annotated_copy(call: Call, id_: str) -> bytes:
    """The office's own file with everything that is wrong at its cell."""
    batch = await queries.batch(call, id_)
    errors = [_told_at(one) for one in batch.result.get("errors", ()) if one["row"]]
    return await call.portal.workshop.do(annotated, data_of(call, batch), errors, name=batch.result.get("sheet", ""))


async def changes(call: Call, id_: str) -> bytes:
    """What a sheet changes, or changed, of the register, and what of it the sheet does not name, as a spreadsheet."""
    found = (await queries.batch(call, id_)).result
    rows = [[one["row"] or None, one["name"], IMPORT_DEED[one["deed"]], one["what"]] for one in found.get("touched", ())]
    for left in found.get("left", ()):
        rows += [[None, name, say("表里没有"), left["where"]] for name in left["names"]]
        if (more := left["count"] - len(left["names"])) > 0:
            rows.append([None, say("还有 {n} 个", n=more), say("表里没有"), left["where"]])
    if (more := sum(found.get(deed, 0) for deed in IMPORT_DEED) - len(found.get("touched", ()))) > 0:
        rows.append([None, say("还有 {n} 个，没有列出", n=more), "", ""])
    return await call.portal.workshop.do(written, say("变动"), (say("行"), say("名称"), say("变动"), say("内容")), rows)


def _told_at(error: Mapping[str, Any]) -> tuple[int, int, str]:
    """An error as the copy wants it: row and column from zero; what is of the whole row stands beside it."""
    if error["column"] is None:
        return error["row"] - 1, BESIDE, f"{error['title']} {error['text']}".strip()
    return error["row"] - 1, error["column"], f"{error['title']}：{error['text']}"
