"""The worksheet of a file that a kind of sheet is read from, and the cells of its rows as they will be used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from portal.areas.schemes import ruling
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.hookspecs import PARTS
from portal.imports.checking import Checked
from portal.imports.columns import Column, Found, NoHeader, Row, Told, Unfit, find, own_row
from portal.imports.importable import KINDS
from portal.imports.kinds.kind import SheetKind
from portal.imports.known import AnyGrid, Index, Known
from portal.imports.outcome import OWN
from portal.scheme.book import Scheme
from portal.terms import SEPARATORS, Text, say
from portal.workshop.cells import Sheet

UNDERSTOOD = 1_000  # more than any sheet has columns
LOST = say("这个号码是以数字存放的，后几位已经丢失，成了 {text}。请把这一列设成文本，重新填写")


# A row as it will be used, what is wrong with each of its cells, and what is only to be looked at
Cells = tuple[Row, dict[str, list[Text]], dict[str, list[Text]]]


@dataclass(frozen=True)
class Reading:
    """The worksheet of a file that is taken in, the names of the others, and what the one has of each kind."""

    sheet: str
    unread: tuple[str, ...]
    parts: Sequence[tuple[SheetKind, tuple[Column, ...], Found]]


def scheme_of(call: Call, kind: str, region: str) -> Scheme:
    """The scheme by which a sheet is read; :class:`NotVisible` where there is no such region, or kind of sheet."""
    if region not in call.book.regions or (kind not in KINDS and kind != OWN):
        raise NotVisible
    return ruling(call, region)


async def parts_of(call: Call, scheme: Scheme, kind: str, sheets: Sequence[Sheet], told: Told) -> Reading:
    """The one worksheet whose header is that of the kind, or that the region's plugin knows as its own. ``told`` is what the
    office said of columns before.

    :class:`Refused` where there is none, or more than one that has rows: which of them is meant only the office knows;
    :class:`NoHeader` where it has to say what the columns are.
    """
    fitting: list[tuple[Sheet, Sequence[tuple[SheetKind, tuple[Column, ...], Found]]]] = []
    others: list[tuple[int, Sheet, Refused]] = []
    for sheet in sheets:
        try:
            fitting.append((sheet, await _understood(call, scheme, kind, sheet, told)))
        except Refused as refused:
            named = refused.named if isinstance(refused, NoHeader) else UNDERSTOOD if isinstance(refused, Unfit) else 0
            others.append((named, sheet, refused))
    if not fitting:
        _, nearest, reason = max(others, key=lambda other: other[0])
        if len(sheets) == 1:
            raise reason
        what = say("工作表“{name}”：{text}", name=nearest.name, text=reason.text)
        if isinstance(reason, NoHeader):
            raise NoHeader(what, reason.named, reason.columns, reason.shape, reason.sheet, whole=reason.whole)
        if isinstance(reason, Unfit):
            raise Unfit(what, reason.columns)
        raise Refused(what)
    filled = [one for one in fitting if any(found.rows for *_, found in one[1])]
    if len(filled) > 1:
        what = say(
            "有 {n} 张工作表的表头都对得上：{names}。一次读一张：请合成一张，或隐藏不要的，分几次上传。",
            n=len(filled),
            names="、".join(sheet.name for sheet, _ in filled),
        )
        raise Refused(what)
    chosen, parts = (filled or fitting)[0]
    if chosen.trouble is not None:
        raise Refused(say("工作表“{name}”：{text}", name=chosen.name, text=chosen.trouble))
    return Reading(chosen.name, tuple(sheet.name for sheet in sheets if sheet is not chosen), parts)


async def _understood(
    call: Call, scheme: Scheme, kind: str, sheet: Sheet, told: Told
) -> Sequence[tuple[SheetKind, tuple[Column, ...], Found]]:
    """A worksheet as one kind, or, where a region reads its own, as the kinds that its plugin makes of it."""
    if kind != OWN:
        columns = KINDS[kind].columns(scheme)
        return [(KINDS[kind], columns, find(sheet, columns, told))]
    made = await call.portal.plugins.import_rows(region=scheme.region.code, rows=sheet.rows)
    if made is None:
        raise Refused(say("{region}的插件不认识这张表。请按它的说明整理，或用各类模板分别导入。", region=scheme.region.name))
    parts = [(KINDS[code], Found(tuple(own_row(sheet, cells) for cells in made.get(code, ())))) for code in PARTS]
    return [(kind_, kind_.columns(scheme), found) for kind_, found in parts if found.rows]


def without(sheet: Sheet, numbers: set[int]) -> Sheet:
    """The sheet with these rows empty, counted as the spreadsheet counts them."""
    return replace(sheet, rows=tuple(("",) * len(row) if n in numbers else row for n, row in enumerate(sheet.rows, 1)))


def cells_of(register: Known, columns: Sequence[Column], row: Row, odd: Mapping[str, Checked]) -> Cells:
    """The cells of a row as they will be used, what is wrong with each, and what is only to be looked at. What they say was
    checked already: in ``odd`` stands what is not used as it is. Whether the register has what they call is asked here.
    """
    cells: dict[str, str] = {}
    wrong: dict[str, list[Text]] = {}
    doubtful: dict[str, list[Text]] = {}
    for column in columns:
        said = row[column.code]
        if column.code in row.lossy:
            wrong[column.code] = [say(LOST.msgid, text=said)]
            continue
        cells[column.code], mistakes, warnings = odd.get(column.code) or (said, (), ())
        if warnings:
            doubtful[column.code] = list(warnings)
        if column.code in row.unlike and cells[column.code]:
            shown = say("格子里看到的是 {shown}，读成了 {said}，请核对", shown=row.unlike[column.code], said=said)
            doubtful.setdefault(column.code, []).append(shown)
        mistakes = [*mistakes, *_unknown(register, column, cells[column.code])]
        if mistakes:
            wrong[column.code] = mistakes
    for column in columns:
        place = column.around
        if place and cells.get(column.code) and column.code not in wrong and (place not in wrong or not row[place]):
            cells[place], mistakes = _around(register, cells[column.code], cells[place])
            if mistakes:
                wrong[place] = mistakes
    return replace(row, cells=cells), wrong, doubtful


def _around(register: Known, around: str, said: str) -> tuple[str, list[Text]]:
    """The place that a cell calls, of those around which the row says it lies; by its full name, where that leaves one."""
    if not said:
        return said, [
            say(
                "填了所在乡镇（街道）“{town}”，这个单元格却空着。登记在乡镇（街道）的，这里也填“{town}”；否则填村、社区",
                town=around,
            )
        ]
    towns = register.places.all(around)
    inside = [one for one in register.places.all(said) if any(one.path.startswith(town.path) for town in towns)]
    if not inside:
        there = "、".join(one.name for one in register.places.all(said))
        return said, [say("“{said}”不在“{town}”里，登记的是{there}。请核对这两个单元格", said=said, town=around, there=there)]
    return inside[0].name if len(inside) == 1 else said, []


def _unknown(register: Known, column: Column, said: str) -> list[Text]:
    """What a cell calls that the register does not have: told with all other mistakes of the row, at once."""
    index: Index | AnyGrid | None = getattr(register, column.refers) if column.refers else None
    if index is None or not said:
        return []
    names = SEPARATORS.split(said) if column.many else [said]
    return [say("没有登记名为“{text}”的{what}", text=name, what=index.what) for name in names if name and not index.all(name)]
