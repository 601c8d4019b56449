"""A generator's defects, one by one and mixed: each named at its cell, nothing half written, nothing lost."""

from collections.abc import Iterator

import pytest

from portal.imports import taking
from portal.imports.columns import Column
from portal.imports.importable import KINDS
from portal.imports.outcome import Wish
from portal.workshop.sheets import written_csv
from tests.imports.test_imports import checksum
from tests.world import World

GOOD = {
    "jurisdictions": {"code": "99010{n:04d}", "name": "新镇{n}", "parent": "示例区", "kind": "镇（街道）", "region": ""},
    "units": {"name": "新所{n}", "kind": "镇所", "place": "西镇", "town": "", "phone": "0512-01000077"},
    "grids": {
        "code": "N{n}",
        "name": "新片{n}",
        "tier": "片",
        "place": "西镇",
        "town": "",
        "parent": "西镇格",
        "ground": "丙村",
        "note": "河北",
        "since": "2026-01-01",
    },
    "outside_grids": {"system": "综治", "code": "Z{n}", "name": "综治{n}", "place": "西镇", "town": "", "grid": "西镇格"},
    "people": {
        "name": "新人{n}",
        "badge": "新{n}",
        "phone": "0512-01000077",
        "unit": "西所",
        "place": "西镇",
        "town": "",
        "certificate": "",
    },
    "appointments": {
        "name": "吴执法",
        "badge": "",
        "phone": "",
        "post": "看护员",
        "seat": "丁村格",
        "since": "2026-01-0{n}",
        "until": "",
        "reason": "",
    },
    "enterprises": {
        "name": "新厂{n}",
        "credit_code": "",
        "place": "甲村",
        "town": "",
        "address": "路1号",
        "grid": "",
        "contact": "示例",
        "phone": "0512-01234567",
        "since": "2026-01-01",
        "fact:size": "小",
        "fact:risky": "否",
    },
    "charges": {"enterprise": "丙小店（示例）", "line": "消防", "unit": "西所", "since": "2026-01-01"},
    "deeds": {
        "day": "2026-02-0{n}",
        "duty": "看护员：走遍本格",
        "subject": "丙小店（示例）",
        "name": "孙看护",
        "badge": "",
        "points": "门口",
        "note": "都好",
        "at": "9:00",
    },
}
CODE = "9144030071526726XG"
PHONES = (
    "12",
    "13800",
    "0512",
    "电话0512-1234567",
    "1390000111122223",
    "0512-65250000转8",
    "１２",
    "abc",
    "13900001111/13900002222",
    "+86",
    "0512-6525",
    "8个8",
)
DAYS = ("2026-13-01", "2026-02-30", "昨天", "1900-01-01", "2200-01-01", "26.1.1", "2026年", "2026-1", "一月一日")
CHOICES = ("没有这一项", "？", "yes", "0", "大 小")


def bad_values(column: Column) -> Iterator[str]:
    """Everything that must not stand in a column."""
    if column.required:
        yield from ("", " \u3000")
    if not column.choices and not column.of:
        yield "长" * (column.most + 1)
    match column.of:
        case "phone":
            yield from PHONES
        case "day":
            yield from DAYS
        case "time":
            yield from ("一会儿", "25:00", "12:70", "早")
        case "credit_code":
            yield from (
                "1",
                "123456789012345677",
                CODE + "1",
                CODE[:-1],
                "1.23E+17",
                "9.14403E+17",
                *(CODE[:n] + "I" + CODE[n + 1 :] for n in range(3)),
            )
            yield from (CODE[:n] + ("2" if CODE[n] != "2" else "3") + CODE[n + 1 :] for n in range(18))
    if column.choices:
        yield from CHOICES
    if column.refers:
        yield from ("没有这个", "999999999999", "没有、也没有")


def defects(kind: str, world: World) -> list[tuple[str, str]]:
    """(column, bad value) for a kind; what only warns stops nothing."""
    scheme = world.call.book.in_force("sample", world.call.today)
    assert scheme is not None
    columns = [column for column in KINDS[kind].columns(scheme) if not column.lenient]
    return [(column.code, value) for column in columns for value in bad_values(column)]


def sheet(kind: str, world: World, rows: list[dict[str, str]]) -> bytes:
    scheme = world.call.book.in_force("sample", world.call.today)
    assert scheme is not None
    columns = KINDS[kind].columns(scheme)
    return written_csv([column.title for column in columns], [[row[column.code] for column in columns] for row in rows])


def good(kind: str, n: int) -> dict[str, str]:
    return {code: text.format(n=n) for code, text in GOOD[kind].items()}


async def run(world: World, kind: str, rows: list[dict[str, str]]):
    return await taking.run(world.call, kind=kind, region="sample", data=sheet(kind, world, rows), wish=Wish(), write=True)


def test_there_are_more_than_two_hundred() -> None:
    from tests import sample_region

    scheme_of = type("W", (), {})
    del scheme_of
    (region,) = sample_region.plugin.portal_regions()
    from portal.scheme.book import Scheme

    scheme = Scheme(region, region.editions[0], "sample")
    assert sum(len(list(bad_values(column))) for kind in KINDS.values() for column in kind.columns(scheme)) >= 200


@pytest.mark.parametrize("kind", GOOD)
async def test_each_defect_alone_is_named_at_its_cell_and_nothing_is_written(world: World, kind: str) -> None:
    before = await checksum(world.call)
    titles = {column.code: column.title for column in KINDS[kind].columns(world.call.book.in_force("sample", world.call.today))}
    for code, value in defects(kind, world):
        found = await run(world, kind, [good(kind, 1) | {code: value}])
        at = {(error.row, error.title) for error in found.errors}
        assert (2, titles[code]) in at, (code, value, found.errors)
        assert not found.written
    assert await checksum(world.call) == before


@pytest.mark.parametrize("kind", GOOD)
async def test_all_defects_mixed_are_all_named_each_at_its_own_cell(world: World, kind: str) -> None:
    before = await checksum(world.call)
    titles = {column.code: column.title for column in KINDS[kind].columns(world.call.book.in_force("sample", world.call.today))}
    wanted, rows = set(), []
    for n, (code, value) in enumerate(defects(kind, world), 2):
        rows.append(good(kind, n % 9 + 1 if kind == "appointments" else n) | {code: value})
        # A row of which nothing is left is no row; such a defect is seen alone
        wanted.add((n, titles[code]))
    found = await run(world, kind, rows)
    assert wanted - {(error.row, error.title) for error in found.errors} == set()
    assert not found.written
    assert await checksum(world.call) == before


async def test_the_good_rows_among_the_bad_ones_are_not_lost(world: World) -> None:
    bad = [good("enterprises", n) | {code: value} for n, (code, value) in enumerate(defects("enterprises", world))]
    fine = [good("enterprises", 1_000 + n) for n in range(len(bad))]
    rows = [row for pair in zip(bad, fine, strict=True) for row in pair]
    data = sheet("enterprises", world, rows)
    found = await taking.run(world.call, kind="enterprises", region="sample", data=data, wish=Wish(good_only=True), write=True)
    assert found.came == len(fine)
    assert await world.call.db.value("select count(*) from enterprise where name like '新厂1___'") == len(
        [row for row in fine if len(row["name"]) == 6]
    )
