"""What offices said of the columns of their sheets: kept by the shape of the header, for whoever looks after the same places."""

import json
from collections.abc import Mapping

from portal.call import Call
from portal.errors import Refused
from portal.imports.columns import Told
from portal.imports.importable import KINDS
from portal.imports.reading import scheme_of
from portal.terms import say


async def columns_said_before(call: Call, kind: str, region: str) -> Told:
    """What was said of columns before where the viewer looks, by shape."""
    rows = await call.db.rows(
        "select shape, columns from import_heading where kind = $1 and region = $2 and area = $3", kind, region, area_of(call)
    )
    return {row["shape"]: {int(place): code for place, code in json.loads(row["columns"]).items()} for row in rows}


async def tell(call: Call, kind: str, region: str, shape: str, said: Mapping[int, str]) -> None:
    """Keep what the column at each place of a sheet of this shape is, "" for nothing. :class:`Refused` where that cannot be."""
    titles = {column.code: column.title for column in KINDS[kind].columns(scheme_of(call, kind, region))}
    taken = [code for code in said.values() if code]
    if not set(taken) <= set(titles) or not shape:
        raise Refused(say("列的选择无法识别，请刷新页面再选。"))
    if twice := next((code for code in taken if taken.count(code) > 1), None):
        raise Refused(say("有两列都选成了“{title}”，只能选一列。", title=titles[twice]))
    await call.db.rows(
        "insert into import_heading (kind, region, area, shape, columns, said_by, said_at) values ($1, $2, $3, $4, $5, $6, $7) "
        "on conflict (kind, region, area, shape) do update set columns = excluded.columns, said_by = excluded.said_by, "
        "said_at = excluded.said_at",
        kind,
        region,
        area_of(call),
        shape,
        json.dumps({str(place): code for place, code in said.items()}),
        call.viewer.account,
        call.now,
    )


async def forget(call: Call, kind: str, region: str, shape: str) -> None:
    """Forget what was said of sheets of this shape."""
    await call.db.rows(
        "delete from import_heading where kind = $1 and region = $2 and area = $3 and shape = $4",
        kind,
        region,
        area_of(call),
        shape,
    )


def area_of(call: Call) -> str:
    """Where what the viewer says of its sheets holds: the largest of what it sees."""
    return min(call.viewer.areas, key=len, default="")
