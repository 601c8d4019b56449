"""Taking enterprises in from a spreadsheet: a template per region, a dry run, all or nothing."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import xlsxwriter

from portal import codes
from portal.areas import queries as areas
from portal.call import Call
from portal.enterprises.actions import EnterpriseForm, add_enterprise
from portal.errors import Refused
from portal.scheme.book import Scheme
from portal.storage.lists import Wanted
from portal.terms import Text, say
from portal.workshop.sheets import read

NAME, CODE, DIVISION = say("单位名称"), say("统一社会信用代码"), say("所在村或社区代码")
ADDRESS, DRAWN, CONTACT, PHONE = say("详细地址"), say("片区网格编号"), say("联系人"), say("联系电话")
COLUMNS = (NAME, CODE, DIVISION, ADDRESS, DRAWN, CONTACT, PHONE)
REQUIRED = (NAME, DIVISION)
LONGEST = {NAME: 120, ADDRESS: 200, CONTACT: 60}
HINTS: Mapping[str, Text] = {
    NAME: say("必填。营业执照上的全称。"),
    CODE: say("18 位。没有执照的小场所可以空着。"),
    DIVISION: say("必填。12 位统计用区划代码，见“代码”表。"),
    ADDRESS: say("门牌号。"),
    DRAWN: say("只有按片区划分的网格才填，见“代码”表。"),
    CONTACT: say("不公开。"),
    PHONE: say("不公开。固定电话带区号。"),
}
ROWS = 5_000


@dataclass(frozen=True)
class CellError:
    """One thing that is wrong with a cell: row as the spreadsheet counts it, column by its heading."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Checked:
    """A sheet that was read: how many rows, the first few in words, and everything that is wrong."""

    rows: int
    errors: tuple[CellError, ...]
    forms: tuple[EnterpriseForm, ...]


@dataclass(frozen=True)
class Taken:
    """What is in the register already: credit codes, and names by the public id of their division."""

    codes: frozenset[str] = frozenset()
    names: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Places:
    """What codes in a sheet may mean: divisions and drawn grids of the viewer's, by code, with their public ids."""

    divisions: Mapping[str, tuple[str, str]]
    grids: Mapping[str, tuple[str, str]]


async def places(call: Call, scheme: Scheme) -> Places:
    """The divisions and drawn grids that a sheet of this region may name."""
    inside = [row for row in await areas.choices(call) if row.region == scheme.region.code]
    tiers = {code for placement in scheme.placements.values() for code in placement.tiers}
    grids = []
    for tier in sorted(tiers):
        wanted = Wanted(filters={"tier": tier})
        while True:
            page = await areas.grids(call, wanted)
            grids += [grid for grid in page.rows if grid.region == scheme.region.code]
            if page.after is None:
                break
            wanted = replace(wanted, after=page.after)
    return Places(
        {row.code: (row.public_id, row.full_name) for row in inside},
        {grid.code: (grid.public_id, grid.name) for grid in grids},
    )


def template(scheme: Scheme, known: Places) -> bytes:
    """An empty sheet for this region: headings, hints, drop-downs, and the codes on a sheet of their own."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # Equal sheets are equal bytes: nothing of when they were made
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
    head = book.add_format({"bold": True, "bg_color": "#E9F1F2", "border": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(say("单位"))
    headings = [*COLUMNS, *(fact.name for fact in scheme.facts.values())]
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, head)
        sheet.set_column(column, column, 24, text)
        if heading in HINTS:
            sheet.write_comment(0, column, HINTS[heading])
    for n, fact in enumerate(scheme.facts.values(), len(COLUMNS)):
        names = [name for _, name in fact.choices]
        sheet.data_validation(1, n, ROWS, n, {"validate": "list", "source": names, "error_message": say("请从列表中选择。")})
        if fact.hint:
            sheet.write_comment(0, n, fact.hint)
    sheet.freeze_panes(1, 0)
    listing = book.add_worksheet(say("代码"))
    listing.set_column(0, 3, 30, text)
    for column, heading in enumerate((say("村或社区代码"), say("名称"), say("片区网格编号"), say("名称"))):
        listing.write_string(0, column, heading, head)
    for n, (code, (_, name)) in enumerate(sorted(known.divisions.items()), 1):
        listing.write_string(n, 0, code)
        listing.write_string(n, 1, name)
    for n, (code, (_, name)) in enumerate(sorted(known.grids.items()), 1):
        listing.write_string(n, 2, code)
        listing.write_string(n, 3, name)
    book.close()
    return out.getvalue()


async def check(call: Call, scheme: Scheme, data: bytes) -> Checked:
    """Read a sheet and say everything that is wrong with it; nothing is written.

    Raises :class:`Refused` where it cannot be read at all or a heading is missing.
    """
    rows = (await call.portal.workshop.do(read, data)).rows
    known = await places(call, scheme)
    there = await call.db.rows(
        "select e.credit_code, e.name, j.public_id as division from enterprise e join jurisdiction j on j.id = e.division "
        "where e.credit_code is not null or e.until is null or e.until > $1",
        call.today,
    )
    taken = Taken(
        frozenset(row["credit_code"] for row in there if row["credit_code"]),
        frozenset((row["division"], row["name"]) for row in there),
    )
    return checked(scheme, known, taken, rows)


def checked(scheme: Scheme, known: Places, taken: Taken, rows: Sequence[Sequence[str]]) -> Checked:
    """The same, from rows of text. Pure."""
    if not rows:
        raise Refused(say("表格是空的。请下载模板，填好再传。"))
    facts = {fact.name: fact for fact in scheme.facts.values()}
    columns = {heading.strip(): n for n, heading in enumerate(rows[0]) if heading.strip()}
    missing = [heading for heading in (*REQUIRED, *facts) if heading not in columns]
    if missing:
        raise Refused(say("第一行缺少这些列：{names}。请用本地区的模板。", names="、".join(missing)))
    errors: list[CellError] = []
    forms: list[EnterpriseForm] = []
    seen: dict[object, int] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = {heading: row[n].strip() if n < len(row) else "" for heading, n in columns.items()}
        if not any(cells.values()):
            continue
        forms.append(_row(scheme, known, taken, seen, number, cells, errors))
    if not forms:
        raise Refused(say("表格里没有填任何单位。"))
    return Checked(len(forms), tuple(errors), tuple(forms) if not errors else ())


def _row(
    scheme: Scheme, known: Places, taken: Taken, seen: dict[object, int], number: int, cells: Mapping[str, str],
    errors: list[CellError],
) -> EnterpriseForm:  # fmt: skip
    def wrong(column: str, text: str) -> None:
        errors.append(CellError(number, column, text))

    for heading in REQUIRED:
        if not cells[heading]:
            wrong(heading, say("必填"))
    code = _tried(wrong, CODE, codes.credit_code, cells.get(CODE, ""))
    for heading, most in LONGEST.items():
        if len(cells.get(heading, "")) > most:
            wrong(heading, say("最多 {n} 个字，现在是 {now} 个", n=most, now=len(cells[heading])))
    division = known.divisions.get(codes.folded(cells[DIVISION]))
    if cells[DIVISION] and division is None:
        wrong(DIVISION, say("不是本地区的区划代码"))
    _once(wrong, taken, seen, number, code, (division[0] if division else "", cells[NAME]))
    phone = _tried(wrong, PHONE, codes.phone, cells.get(PHONE, ""))
    drawn = known.grids.get(codes.folded(cells.get(DRAWN, "")))
    if cells.get(DRAWN) and drawn is None:
        wrong(DRAWN, say("没有这个编号的网格"))
    stated: dict[str, str] = {}
    for fact in scheme.facts.values():
        by_name = {name: value for value, name in fact.choices}
        said = cells[fact.name]
        if not said:
            wrong(fact.name, say("必填，可填：{names}", names="、".join(by_name)))
        elif said not in by_name:
            wrong(fact.name, say("“{said}”不在可填的范围：{names}", said=said, names="、".join(by_name)))
        else:
            stated[fact.code] = by_name[said]
    return EnterpriseForm(
        name=cells[NAME], division=division[0] if division else "", credit_code=code, address=cells.get(ADDRESS, ""),
        drawn_grid=drawn[0] if drawn else None, contact=cells.get(CONTACT, ""), phone=phone, facts=stated,
    )  # fmt: skip


def _once(
    wrong: Callable[[str, str], None], taken: Taken, seen: dict[object, int], number: int, code: str, named: tuple[str, str]
) -> None:
    """Whether the row is in the register or the sheet already: by its code, or without one by its name and place, which is
    all that tells a sheet that was sent twice.
    """
    if code:
        if code in taken.codes:
            wrong(CODE, say("已经登记过"))
        elif code in seen:
            wrong(CODE, say("与第 {n} 行重复", n=seen[code]))
        seen.setdefault(code, number)
    elif all(named):
        if named in taken.names:
            wrong(NAME, say("这个村、社区已登记过同名单位；确是两家，请填信用代码或在名称上区分"))
        elif named in seen:
            wrong(NAME, say("与第 {n} 行同名同地；确是两家，请填信用代码或在名称上区分", n=seen[named]))
        seen.setdefault(named, number)


def _tried(wrong: Callable[[str, str], None], column: str, checks: Callable[[str], str], text: str) -> str:
    if not text:
        return ""
    try:
        return checks(text)
    except Refused as error:
        wrong(column, error.text)
        return ""


async def take_in(call: Call, forms: Iterable[EnterpriseForm]) -> int:
    """Take all of them in, or none: one transaction."""

    async def work() -> int:
        n = 0
        for n, form in enumerate(forms, 1):  # noqa: B007 - the count is the result
            await add_enterprise(call, form)
        return n

    return await call.db.run_tx(work)
