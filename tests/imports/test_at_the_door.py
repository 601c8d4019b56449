"""What is not taken at the door of the imports is refused with a reason, and nothing is kept or written. Trials write nothing either."""

import re
from pathlib import Path

import pytest

from portal.call import Call
from portal.errors import Refused
from portal.imports import batches, taking, undoing
from portal.imports.outcome import Wish
from portal.workshop.sheets import written, written_csv
from tests.imports.test_defects import good, sheet
from tests.imports.test_imports import FIRM, FIRMS, firm
from tests.workshop.test_sheets import NOT_SHEETS, REFUSED
from tests.world import World


async def counts(call: Call) -> dict[str, int]:
    """How many rows each table has."""
    tables = await call.db.rows("select tablename as name from pg_tables where schemaname = 'public' order by 1")
    return {row["name"]: await call.db.value(f'select count(*) from "{row["name"]}"') for row in tables}


async def texts(call: Call) -> dict[str, str]:
    """What all rows of each table say."""
    tables = await call.db.rows("select tablename as name from pg_tables where schemaname = 'public' order by 1")
    all_rows = "select md5(coalesce(string_agg(x, '|' order by x), '')) from (select to_jsonb(t)::text x from \"{}\" t) s"
    return {row["name"]: str(await call.db.value(all_rows.format(row["name"]))) for row in tables}


def kept(call: Call) -> list[Path]:
    """The files that the portal keeps."""
    return sorted(path for path in (call.portal.settings.data / "files").rglob("*") if path.is_file())


async def test_what_is_not_taken_is_refused_at_the_door_and_nothing_of_it_is_kept(world: World) -> None:
    before, files = await texts(world.call), kept(world.call)
    every = [(data, said) for data, said in NOT_SHEETS.values()] + [(made(), said) for made, said in REFUSED.values()]
    for data, said in every:
        with pytest.raises(Refused) as refused:
            await batches.bring(world.call, kind="enterprises", region="sample", data=data)
        assert re.search(said, refused.value.text), (said, refused.value.text)
    assert await texts(world.call) == before
    assert kept(world.call) == files


async def test_a_sheet_is_kept_once_it_is_taken_at_the_door(world: World) -> None:
    before, files = await counts(world.call), kept(world.call)
    await batches.bring(world.call, kind="enterprises", region="sample", data=written_csv(FIRMS, [FIRM]))
    after = await counts(world.call)
    assert {name for name in after if after[name] != before[name]} == {"import_batch", "stored_file"}
    assert len(kept(world.call)) == len(files) + 1


@pytest.mark.parametrize("kind", ["enterprises", "people"])
async def test_a_trial_changes_no_table_but_the_sheets_own(world: World, kind: str) -> None:
    rows = {
        "enterprises": written("单位", FIRMS, [firm(), firm(单位名称="又一厂（示例）", 统一社会信用代码="")]),
        "people": sheet("people", world, [good("people", n) for n in range(1, 4)]),
    }
    id_ = await batches.bring(world.call, kind=kind, region="sample", data=rows[kind])
    before = await texts(world.call)
    found = await batches.check(world.call, id_)
    assert (found.errors, found.came > 1) == ((), True)
    after = await texts(world.call)
    assert {name for name in after if after[name] != before[name]} == {"import_batch"}


# Wrong by itself, unknown to the register, and refused by the action that would write it
BAD = ({"统一社会信用代码": "1"}, {"所在村或社区": "某村"}, {"片区网格": "园片", "所在村或社区": "丙村"})


async def one_bad_row(world: World, rows: int, bad: dict[str, str]) -> None:
    """So many rows, the last of them bad: written with all others, or none."""
    before = await texts(world.call)
    fine = [firm(单位名称=f"厂{n}（示例）", 统一社会信用代码="") for n in range(rows - 1)]
    data = written_csv(FIRMS, [*fine, firm(单位名称="末厂（示例）", **bad)])
    found = await taking.run(world.call, kind="enterprises", region="sample", data=data, wish=Wish(), write=True)
    assert (found.rows, found.written, {error.row for error in found.errors}) == (rows, False, {rows + 1})
    assert found.came == rows - 1
    assert await texts(world.call) == before


@pytest.mark.parametrize("bad", BAD)
async def test_one_bad_row_at_the_end_leaves_none(world: World, bad: dict[str, str]) -> None:
    await one_bad_row(world, undoing.AT_ONCE + 100, bad)
