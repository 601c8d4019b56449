"""Every list that goes out, full of what a spreadsheet could misread: text stays text, codes stay whole, and it comes in again."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from stdnum.cn import uscc

from portal import codes
from portal.call import Call
from portal.enterprises import charges
from portal.errors import Refused
from portal.imports import batches, outcome, reports, taking
from portal.imports.checking import BECAME_DAY, FAULT
from portal.imports.columns import NONE, plain
from portal.imports.exports import SELECTS, export
from portal.imports.importable import KINDS
from portal.imports.outcome import Wish
from portal.imports.templates import template
from portal.scheme.book import Scheme
from portal.workshop.cells import LOST
from portal.workshop.sheets import CONTROL, read, written, written_csv
from tests.workshop.test_sheets import LIKE_NUMBERS
from tests.workshop.test_sheets import PAYLOADS as AT_ALL
from tests.world import World, make_grid

FORMULAS = [
    "=SUM(A1:A2)",
    "=A1&B1",
    "@SUM(1+1)*A1",
    '=CONCAT("a";"b")',
    '=IF(A1="";"";"甲")',
    "+A1",
    "={1}",
    "=-+1",
    "-2+3+A1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "\u3000=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "'=1+1",
    "''=1",
    "'007",
    "'",
    "''",
    "=",
    "-",
    "--",
    "+-",
    "@甲",
    ";=1+1",
    ",=1+1",
    '"=1+1',
    '",=1+1',
    "甲\n=1+1",
    "甲\t=1+1",
    "甲\r=1+1",
    "%0A=1+1",
]
CODES = [
    "00",
    "000123",
    "012345678901",
    "320506001001",
    "123456789012345678",
    "999999999999999999",
    "11010519491231002X",
    "12345678901234567890123456789",
    "0.10",
    "1e5",
    "1E-5",
    "1.0",
    ".5",
    "5.",
    "0x1F",
    "1_000",
    "0b1",
    "1/2/3",
    "12-31",
    "8:30:00",
    "24:00",
    "2026.1.1",
    "1-2-3",
    "INF",
    "NaN",
    "nan",
    "NULL",
    "None",
    "是",
]
TEXTS = [
    "𠮷野家",
    "㛃",
    "𬱖",
    "䶮",
    "〇",
    "👨‍👩‍👧",
    "🏭🧯",
    "é",
    "e\u0301",
    "\u202e倒\u202c",
    "\u200f右",
    "零\u200b宽",
    "不\u00a0断",
    "a\u00adb",
    "行\n行",
    "行\r\n行",
    "行\u2028行",
    "列\t列",
    "控\x02制",
    "\x1b[31m红",
    "响\x07铃",
    "删\x7f除",
    "垂\x0b直",
    "页\x0c页",
    "单\x1f元",
    "下\x85行",
    "\ufffe非",
    "<b>甲</b>",
    "&amp;",
    "]]>",
    "<![CDATA[",
    "_x0041_",
    "_x000D_",
    "%s",
    "{n}",
    "${x}",
    'a"b',
    '"甲"',
    '""',
    '"""',
    "a,b",
    "a;b",
    "a|b",
    "a\\b",
    "'甲'",
    "`甲`",
    "C:\\x",
    "http://x/",
    "mailto:a@b",
    "file:///etc/passwd",
    "' or 1=1 --",
    "＂全角＂",
    "（5）",
    "①",
    "Ⅷ",
    "㈱",
    "½",
]


ASKED_BACK = re.compile(f"{LOST.pattern}|{BECAME_DAY.pattern}|{FAULT.pattern}", re.IGNORECASE)


def payloads() -> list[str]:
    """Texts of a register: without blanks at their ends, as forms leave them, short enough for every column, none that looks
    like a number whose digits are lost, a day that was none or what a formula that went wrong leaves, because that is asked back,
    and none that says nothing, as “-” in place of a name does.
    """
    every = (*FORMULAS, *CODES, *TEXTS, *LIKE_NUMBERS, *AT_ALL)
    found = {plain(text): text.strip() for text in every if len(text) <= 50 and not ASKED_BACK.fullmatch(text)}
    return [text for folded, text in found.items() if folded and folded not in NONE]


def credit_codes() -> list[str]:
    """Credit codes of 18 digits, and others of digits around one E, which is worse."""
    bases = [*(f"91320506{n:09d}" for n in range(6_000)), *(f"9132050{n:05d}E{n % 10:04d}" for n in range(900))]
    made = [base + uscc.calc_check_digit(base) for base in bases]
    return [code for code in made if code.replace("E", "", 1).isdigit()]


async def fill(call: Call, table: str, like: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Many rows like one that is there, each with its own cells."""
    await call.db.rows(
        f"""
        insert into {table} select r.* from (select to_jsonb(t) as one from {table} t where {like} order by id limit 1) o,
            jsonb_array_elements($1::jsonb) with ordinality c (cells, n),
            jsonb_populate_record(null::{table}, o.one || jsonb_build_object('public_id', '{table[:6]}' || c.n) || c.cells) r
        """,
        json.dumps(rows),
    )


def named(text: str) -> str:
    """A text as somebody's name, where it may be one: the register takes no two people in one name."""
    try:
        return codes.person(text)
    except Refused:
        return "示例"


async def crowd(call: Call) -> list[str]:
    """A register with every payload in every column of text, and codes that are easily lost; the payloads."""
    texts = payloads()
    codes = credit_codes()
    assert len(texts) >= 200 <= len(codes)
    ids = [1_000_000 + n for n in range(len(texts))]
    numbered = list(zip(ids, texts, strict=True))
    places = [{"id": id_, "code": f"J{id_}", "name": text, "path": f"/99/9901/9901001/J{id_}/"} for id_, text in numbered]
    await fill(call, "jurisdiction", "code = '9901001002'", places)
    await fill(call, "unit", "name = '东所'", [{"id": id_, "name": text} for id_, text in numbered])
    await fill(
        call,
        "grid",
        "name = '甲村格'",
        [{"id": id_, "code": f"{id_:012d}", "name": text, "area_note": f"{text}"} for id_, text in numbered],
    )
    await fill(
        call,
        "person",
        "name = '吴执法'",
        [{"id": id_, "name": named(text), "badge": f"{id_:09d}", "certificate": text, "unit": id_} for id_, text in numbered],
    )
    await fill(call, "appointment", "post = 'keeper'", [{"id": id_, "person": id_, "grid": id_} for id_ in ids])
    await fill(
        call,
        "enterprise",
        "name = '甲面粉店（示例）'",
        [
            {
                "id": id_,
                "name": text,
                "address": text,
                "contact": text,
                "phone": "+8651200000000",
                "credit_code": codes[n] if n % 2 else None,
            }
            for n, (id_, text) in enumerate(numbered)
        ],
    )
    await call.db.rows(
        "insert into enterprise_fact (enterprise, fact, value, since) select n.id, f.fact, f.value, f.since from enterprise_fact f "
        "join enterprise e on e.id = f.enterprise, unnest($1::bigint[]) n (id) where e.name = '甲面粉店（示例）'",
        ids,
    )
    await call.db.rows(
        "insert into charge (id, public_id, enterprise, line, unit, since) select n.id, 'charge' || n.id, n.id, 'fire', n.id, $2 "
        "from unnest($1::bigint[]) n (id)",
        ids,
        call.today,
    )
    await call.db.rows(
        "insert into outside_grid (public_id, region, system, code, name, jurisdiction, grid, since) "
        "select 'outside' || n.id, 'sample', '综治', '0' || n.id, n.name, (select id from jurisdiction where code = '9901001001'), "
        "n.id, $3 from unnest($1::bigint[], $2::text[]) n (id, name)",
        ids,
        texts,
        call.today,
    )
    await call.db.rows(
        "insert into deed (public_id, region, edition, duty, enterprise, person, day, note, points, attended, written_at, "
        "withdrawn_why) select 'deed' || n.id, 'sample', 'sample-2020', 'walk', n.id, n.id, $3, n.name, '{门口}', '{}', now(), '' "
        "from unnest($1::bigint[], $2::text[]) n (id, name)",
        ids,
        texts,
        call.today,
    )
    return texts


# Where each list shows the payloads, by the codes of its columns
SHOWN = {
    "jurisdictions": ("name",),
    "units": ("name",),
    "grids": ("name", "note"),
    "outside_grids": ("name",),
    "people": ("name", "certificate", "unit"),
    "appointments": ("name",),
    "enterprises": ("name", "address", "contact"),
    "charges": ("unit",),
    "deeds": ("note", "name"),
}
OF_PEOPLE = {"people", "appointments", "deeds"}
WHOLE = {"grids": "code", "outside_grids": "code", "people": "badge", "enterprises": "credit_code"}


def lines(data: bytes) -> list[list[str]]:
    """A list's texts as its program shows them: a workbook through openpyxl, where nothing may be a formula, or CSV."""
    if not data.startswith(b"PK"):
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert not [cell.coordinate for row in page.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]
    return [
        [unescape(cell) if isinstance(cell, str) else "" if cell is None else str(cell) for cell in row] for row in page.values
    ]


def columns_of(call: Call, kind: str) -> list[str]:
    return [column.code for column in KINDS[kind].columns(scheme_of(call)) if not column.around]


def scheme_of(call: Call) -> Scheme:
    scheme = call.book.in_force("sample", call.today)
    assert scheme is not None
    return scheme


def test_every_list_is_proven() -> None:
    assert set(SELECTS) == set(SHOWN) == set(KINDS)


@pytest.mark.parametrize("kind", SELECTS)
async def test_nothing_of_a_hostile_register_is_a_formula_or_lost_and_all_of_it_comes_in_again(world: World, kind: str) -> None:
    call = world.call
    texts = await crowd(call)
    for form in ("xlsx", "csv"):
        data = await export(call, "sample", kind, form)
        rows, places = lines(data), columns_of(call, kind)
        assert len(rows) > len(texts)
        if form == "csv":
            assert not [
                cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"))
            ]
        for column in SHOWN[kind]:
            there = {row[places.index(column)] for row in rows}
            whole = map(named, texts) if column == "name" and kind in OF_PEOPLE else texts
            assert [text for text in whole if not any(said in there for said in _sayings(text))] == [], (form, column)
        if kind in WHOLE:
            there = {row[places.index(WHOLE[kind])].strip("\t") for row in rows}
            wanted = await call.db.rows(f"select {WHOLE[kind]} as code from {KINDS[kind].tables.table}")
            assert {row["code"] or "" for row in wanted} <= there
        found = await taking.run(call, kind=kind, region="sample", data=data, wish=Wish(), write=False)
        assert [(error.row, error.title, error.text) for error in found.errors] == []
        assert (found.came, found.changed, found.left, found.same) == (0, 0, (), found.rows), found.touched[:9]


def _sayings(text: str) -> list[str]:
    """How a cell may say a text: as it is, or in CSV with the mark that keeps it text, and without control characters."""
    said = CONTROL.sub("", text)
    return [said, f"'{said}", f"{said}\t"]


@pytest.mark.parametrize("kind", KINDS)
async def test_no_template_holds_a_formula_and_each_names_the_register_as_it_is(world: World, kind: str) -> None:
    texts = await crowd(world.call)
    book = openpyxl.load_workbook(io.BytesIO(await template(world.call, scheme_of(world.call), kind)))
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert set(texts) <= {text for cell in cells for text in (cell.value, unescape(cell.value))}
    assert {f"{1_000_000 + n:012d}" for n in range(len(texts))} <= {cell.value for cell in cells}


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_the_copy_of_an_office_s_file_holds_no_formula_and_all_its_texts(world: World, form: str) -> None:
    head = ["单位名称", "统一社会信用代码", "所在村或社区", "规模", "高危"]
    rows = [[text, code, "没有此村", "小", text] for text, code in zip(payloads(), credit_codes(), strict=False)]
    data = written("单位", head, rows) if form == "xlsx" else written_csv(head, rows)
    id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=data)
    found = await batches.check(world.call, id_)
    assert len(found.errors) > len(rows)
    copy = await reports.annotated_copy(world.call, id_)
    lines = list(openpyxl.load_workbook(io.BytesIO(copy)).active.iter_rows())
    assert not [cell for row in lines for cell in row if cell.data_type == "f"]
    assert all("没有此村" in row[-1].value for row in lines[1:])
    sent, again = read(data)[0].rows, read(copy)[0].rows
    # openpyxl does not tell this text from the escape of a line end
    lost = [n for n, row in enumerate(sent) if row[0] == "_x000D_"]
    assert [row[:2] for n, row in enumerate(again) if n not in lost] == [row[:2] for n, row in enumerate(sent) if n not in lost]


async def again(call: Call, kind: str) -> outcome.Outcome:
    """What a list would bring that is imported just as it was taken out."""
    data = await export(call, "sample", kind, "xlsx")
    return await taking.run(call, kind=kind, region="sample", data=data, wish=Wish(), write=False)


async def test_a_charge_that_is_planned_comes_in_again_unchanged(world: World) -> None:
    shop = world.enterprises["丙小店（示例）"]
    await charges.assign(world.call, shop, "fire", world.units["西所"], world.call.today)
    await charges.assign(world.call, shop, "fire", world.units["区局"], world.call.today + timedelta(days=30))
    found = await again(world.call, "charges")
    assert (found.errors, found.same, found.rows) == ((), 1, 1)


async def test_ground_beyond_a_grids_own_place_comes_in_again_unchanged(world: World) -> None:
    await make_grid(world, "丙丁片", "patch", "丙村", parent="西镇格", divisions=("丙村", "丁村"), code="P9")
    found = await again(world.call, "grids")
    assert (found.errors, found.changed, found.came) == ((), 0, 0)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_template_offers_what_may_be_chosen_and_names_nothing_of_another_town(world: World, kind: str) -> None:
    west = world.call.as_(await world.office("西所"))
    book = openpyxl.load_workbook(io.BytesIO(await template(west, scheme_of(world.call), kind)))
    columns = [column for column in KINDS[kind].columns(scheme_of(world.call)) if not column.around]
    offered = {
        next(iter(rule.sqref.ranges)).min_col - 1: rule.formula1.strip('"').split(",")
        for rule in book.worksheets[0].data_validations.dataValidation
    }
    assert offered == {n: list(column.choices) for n, column in enumerate(columns) if column.choices}
    named = {cell for row in book["代码"].values for cell in row}
    assert {"西所", "区局", "丙村格"} <= named
    assert not {"东所", "甲村格", "园片", "9901001001"} & named
