"""The columns of a sheet: what offices call them, what may stand in them, and where the header is that names them."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal import codes
from portal.clock import plausible
from portal.errors import Refused
from portal.imports.outcome import LeftOut
from portal.terms import Text, say
from portal.workshop.cells import Sheet, cleaned

HEADER_WITHIN = 20
BRACKETS = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
NOT_A_WORD = re.compile(r"[\s*＊:：,，.。、/\\|_-]+")
# What stands under a table. A firm may well be called 注塑加工厂 or 备注印刷厂: a word counts alone, or with what sets it off
TOTAL = re.compile(r"(?:合计|总计|小计|共计|累计)(?:[:：(（\d].*)?")
REMARK = re.compile(r"(?:注|说明|备注|填表说明)(?:\d*[:：.、].*)?")
SIGNED = re.compile(
    r"(?:填表人?|填报人?|制表人?|审核人?|复核人?|审批人?|经办人|负责人|单位负责人|主要负责人|填报单位|填报日期|填表日期|制表日期)"
    r"(?:[(（][^)）]*[)）])?(?:[:：].*)?"
)
SHOWN = 60
SHORT = 200


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its code, its title in our template, what else offices call it, and what may stand in it.

    ``also`` has the more exact names first: where a sheet has several of them, the first one is read. ``of`` is a code as the
    country writes it: ``phone``, ``credit_code``, ``day``, or nothing; ``refers`` names what of the register the cell calls
    (``places``, ``units`` …), ``many`` says that it may call several. ``never`` is what offices may well write beside the
    ``choices`` and does not go, with the reason.

    ``around`` is the code of another column: this one says around which place that one's places lie, and is read in its stead
    where a sheet does not have it. Offices write such a column; our own sheets, which have codes, do not.
    """

    code: str
    title: Text
    also: tuple[str, ...] = ()
    required: bool = False
    hint: Text
    most: int = 200
    of: str = ""
    choices: tuple[str, ...] = ()
    never: tuple[tuple[str, Text], ...] = ()
    refers: str = ""
    many: bool = False
    around: str = ""


def also(*names: str) -> tuple[str, ...]:
    """What offices call a column beside its title: words that are recognised, never shown."""
    return names


# Where a region's plugin says in which column of its own sheet a cell stands, and alone in which row its headings are
AT = "@"
LONGEST_COUNT = 9
# What offices write where there is nothing to write
NONE = frozenset(
    (
        *also("无", "没有", "暂无", "暂缺", "空", "缺", "不详", "/", "\\", "-", "--", "—", "——", "N/A", "n/a"),
        *also("办理中", "正在办理", "未办", "未办理", "待办", "待补", "无证", "无照"),
    )
)
# What heads a running number as often as a code
BARE = also("编号", "序号")


@dataclass(frozen=True)
class Row:
    """A row of data: its number as the spreadsheet counts it, and its cells by the columns' codes.

    ``places`` are the columns, from zero, where the cells stand; ``titles`` what a district's own sheet calls them; ``lossy``
    the codes of the cells that hold a number whose last digits are lost.
    """

    number: int
    cells: Mapping[str, str]
    places: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    lossy: frozenset[str] = frozenset()

    def __getitem__(self, code: str) -> str:
        return self.cells.get(code, "")


@dataclass(frozen=True)
class Found:
    """A sheet that was understood: the rows of data, headings that nobody asked for, and the rows that are no data."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class NoHeader(Refused):
    """A sheet in which columns that must be there are named nowhere; how many others are."""

    def __init__(self, text: Text, named: int) -> None:
        super().__init__(text)
        self.named = named


def plain(text: str) -> str:
    """A cell as it is compared: full-width letters and digits folded, on one line, without what nobody sees."""
    return unicodedata.normalize("NFKC", text if text.isprintable() else cleaned(text)).strip()


def word(heading: str) -> str:
    """A heading without brackets, stars and blanks: what is compared."""
    return NOT_A_WORD.sub("", BRACKETS.sub("", unicodedata.normalize("NFKC", heading))).lower()


def find(sheet: Sheet, columns: Sequence[Column]) -> Found:
    """Find the header, which may stand below titles and span two rows, and read the rows under it.

    Raises :class:`NoHeader` where a required column is named nowhere, saying which and what was found instead.
    """
    called = _names(columns)
    places: dict[str, int] = {}
    heads, header = sheet.rows[:1], -1
    for index in range(min(len(sheet.rows), HEADER_WITHIN)):
        for depth in (1, 2):
            found = _named(called, sheet.rows[index : index + depth])
            if len(found) > len(places):
                places, heads, header = found, sheet.rows[index : index + depth], index + depth - 1
    for column in columns:
        if column.around and column.around not in places and column.code in places:
            places[column.around] = places.pop(column.code)
    if missing := [column.title for column in columns if column.required and column.code not in places]:
        there = "、".join(cell for cell in sheet.rows[max(header, 0)] if cell)[:120] if sheet.rows else say("什么也没有")
        raise NoHeader(
            say(
                "没有找到这些列：{names}。表头里有：{there}。可以用模板，或把表头改成模板里的叫法。",
                names="、".join(missing),
                there=there,
            ),
            len(places),
        )
    body, left_out = _body(sheet, header + 1, places, called)
    for code, place in list(places.items()):
        bare = any(word(row[place]) in BARE for row in heads if place < len(row))
        if bare and _counts(row[place] for _, row in body if place < len(row)):
            del places[code]
    used, lossy = set(places.values()), _lossy(sheet, places)
    ignored = tuple(cell for n, cell in enumerate(sheet.rows[header]) if cell and n not in used)
    rows = []
    for number, row in body:
        said = {code: row[place] if place < len(row) else "" for code, place in places.items()}
        if any(said.values()):
            rows.append(Row(number, said, places, lossy=lossy.get(number, frozenset())))
        else:
            left_out.append(_left_out(number, row, say("要用的列都空着")))
    return Found(tuple(rows), ignored, tuple(sorted(left_out, key=lambda one: one.row)))


def _body(
    sheet: Sheet, first: int, places: Mapping[str, int], called: Mapping[str, tuple[int, str]]
) -> tuple[list[tuple[int, Sequence[str]]], list[LeftOut]]:
    """The rows from the first on that hold anything, by their numbers, without those that are no data, and these."""
    body: list[tuple[int, Sequence[str]]] = []
    left_out: list[LeftOut] = []
    for number, row in enumerate(sheet.rows[first:], first + 1):
        cells = [row[place] if place < len(row) else "" for place in places.values()]
        if why := _no_data(row, cells, called):
            left_out.append(_left_out(number, row, why))
        elif any(row):
            body.append((number, row))
    return body, left_out


def _left_out(number: int, row: Sequence[str], why: Text) -> LeftOut:
    return LeftOut(number, " ".join(dict.fromkeys(filter(None, row)))[:SHOWN], why)


def own_row(sheet: Sheet, said: Mapping[str, str]) -> Row:
    """A row that a region's plugin made of its own sheet, where it says so with the places and the headings of its cells."""
    places = {code.removeprefix(AT): int(place) - 1 for code, place in said.items() if code.startswith(AT) and code != AT}
    heads = sheet.rows[int(said[AT]) - 1] if AT in said else ()
    titles = {code: heads[place] for code, place in places.items() if place < len(heads) and heads[place]}
    number = int(said["#"])
    lossy = frozenset(code for code, place in places.items() if (number - 1, place) in sheet.lossy)
    return Row(number, said, places, titles, lossy)


def _names(columns: Sequence[Column]) -> dict[str, tuple[int, str]]:
    """The column that each name means, and how exactly: titles come before everything else, and earlier names before later."""
    named = sorted(
        (rank, n, word(name), column.code)
        for n, column in enumerate(columns)
        for rank, name in enumerate((column.title, *column.also))
    )
    return {name: (rank, code) for rank, _, name, code in reversed(named)}


def _named(called: Mapping[str, tuple[int, str]], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Which columns a header of one or two rows names, and where: by the most exact of their names, then the leftmost.

    The lower row is the more exact one; a heading of the upper one counts for less where the lower one has another word.
    """
    found: dict[str, tuple[bool, int, int]] = {}
    upper, lower = [word(cell) for cell in rows[0]], [word(cell) for cell in rows[-1]]
    for place in range(max(len(upper), len(lower))):
        above, own = (row[place] if place < len(row) else "" for row in (upper, lower))
        heading = own if own in called or not above else above
        if heading in called:
            rank, code = called[heading]
            found[code] = min(found.get(code, (True, len(called), place)), (bool(own) and own != heading, rank, place))
    return {code: place for code, (_, _, place) in found.items()}


def _counts(values: Iterable[str]) -> bool:
    """Whether a column only counts the rows, in one series or several: 1, 2, 3 …, as well as 001, 002 … and with gaps."""
    last = 0
    for value in filter(None, values):
        if not value.isdecimal() or len(value) > LONGEST_COUNT or not (int(value) > last > 0 or int(value) == 1):
            return False
        last = int(value)
    return last > 0


def _lossy(sheet: Sheet, places: Mapping[str, int]) -> dict[int, frozenset[str]]:
    """The columns whose digits were lost, by the rows' numbers."""
    codes, found = {place: code for code, place in places.items()}, defaultdict(set)
    for row, place in sheet.lossy:
        if place in codes:
            found[row + 1].add(codes[place])
    return {number: frozenset(lost) for number, lost in found.items()}


def _no_data(row: Sequence[str], cells: Sequence[str], called: Mapping[str, tuple[int, str]]) -> Text | None:
    """Why a row is none of data: a total or a remark under the table, or the header again at the top of a printed page."""
    first = re.sub(r"\s+", "", unicodedata.normalize("NFKC", next(filter(None, row), "")))
    if TOTAL.fullmatch(first):
        return say("合计行")
    if REMARK.fullmatch(first):
        return say("表下的说明")
    if SIGNED.fullmatch(first):
        return say("签字栏")
    if sum(word(cell) in called for cell in cells) >= max(2, len(cells) // 2):
        return say("重复的表头")
    return None


# What may stand in a cell


def checked(column: Column, text: str) -> tuple[str, Sequence[Text]]:
    """A cell as it will be used, and everything that is wrong with it."""
    said = text.strip()
    # In a longer text that tells what was seen, it is an answer
    if column.most <= SHORT and plain(said) in NONE and plain(said) not in map(plain, (*column.choices, *dict(column.never))):
        said = ""
    if not said:
        return "", [say("必填")] if column.required else []
    if len(said) > column.most:
        return said, [say("最多 {n} 个字，现在是 {now} 个", n=column.most, now=len(said))]
    try:
        match column.of:
            case "phone":
                return codes.phone(said), []
            case "credit_code":
                return codes.credit_code(said), []
            case "day":
                return _read_day(said).isoformat(), []
    except Refused as error:
        return said, [error.text]
    if reason := next((reason for word, reason in column.never if plain(word) == plain(said)), None):
        return said, [reason]
    if column.choices:
        chosen = next((choice for choice in column.choices if plain(choice) == plain(said)), None)
        if chosen is None:
            return said, [say("“{said}”不在可填的范围：{names}", said=said, names="、".join(column.choices[:12]))]
        return chosen, []
    return said, []


DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?(?:\s+[\d:]+)?|(\d{4})(\d{2})(\d{2})")


def _read_day(text: str) -> date:
    found = DAY.fullmatch(plain(text))
    if found is None:
        raise Refused(say("“{text}”不是能认出来的日期，请写成 2026-11-21 这样", text=text))
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        read = date(year, month, day)
    except ValueError as error:
        raise Refused(say("没有 {text} 这一天", text=text)) from error
    if not plausible(read):
        raise Refused(say("{text} 这个日期不合理", text=text))
    return read
