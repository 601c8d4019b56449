"""The columns of a sheet: what offices call them, and where the header is that names them."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from portal import codes
from portal.errors import Refused
from portal.imports.outcome import ColumnSeen, LeftOut
from portal.terms import Text, also, say
from portal.workshop.cells import Sheet, column_name

HEADER_WITHIN = 20
BRACKETS = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
# Most cells, and each is compared with what columns are called
USUAL_WORD = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]*")
NOT_A_WORD = re.compile(r"[\s*＊:：,，.。、/\\|_-]+")
# What stands under a table. A firm may well be called 注塑加工厂 or 备注印刷厂: a word counts alone, or with what sets it off
TOTAL = re.compile(
    r"(?:本页|本表|本月|本村|本镇|全镇|全部|企业|单位|人员)?(?:合计|总计|小计|共计|累计|总数)(?:[:：(（\d].*)?|共\d+[家户个人条处名](?:[,，;；。、(（].*)?"
)
REMARK = re.compile(
    r"(?:注|附注|说明|备注|填表说明|填报说明|注意事项)(?:\d*[:：.、].*)?|※.*|[*].*必填.*|以上(?:数据|信息|情况|内容|名单).*"
    r"|[—–_-]*(?:以下空白|以下无正文|以下无内容)[—–_-]*|第\d+页(?:[,，/共].*)?"
)
SIGNED = re.compile(
    r"(?:填表人?|填报人?|制表人?|审核人?|复核人?|审批人?|经办人|负责人|单位负责人|主要负责人|填报单位|填报日期|填表日期|制表日期)"
    r"(?:[(（][^)）]*[)）])?(?:[:：].*)?"
    r"|(?:填表|填报|制表|审核|复核|审批|经办|统计|报送|上报|分管|主管|主要|单位|部门)?"
    r"(?:人|人员|单位|部门|领导|负责人|日期|时间|联系人|联系电话|电话)(?:[(（][^)）]*[)）])?[:：].*"
    r"|(?:\w{0,6}(?:领导|负责人|审核人|经办人|填表人|填报人|单位|部门)[(（]?)?(?:签字|签名|签章|盖章|公章)[)）]?(?:[:：].*)?"
)
EITHER = re.compile(also(r"[/／|、\n]|或者?")[0])
SHOWN = 60
MEASURED, SAMPLES, TITLE_OVER = 200, 3, 3
OWN_TITLE = 0  # the rank of the title in our template, before all other names
# How WPS writes a picture that stands in a cell
PICTURE = re.compile(r"=?(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)


# Told apart by which they are, not by what they say: every cell is looked up by its column
@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """A column: its code, its title in our template, what else offices call it, and what may stand in it.

    ``also`` has the more exact names first. ``of`` is a code or name as the country writes it: ``phone``, ``credit_code``,
    ``division``, ``day``, ``name`` of a person, ``firm``, or nothing; ``refers`` names what of the register the cell calls
    (``places``, ``units`` …), ``among`` what it may call where the kind itself asks, ``many`` says that it may call several.
    ``words`` are what offices write for the ``choices``; ``never`` is what they may well write beside them and does not go, with
    the reason.

    ``around`` is the code of another column: this one says around which place that one's places lie, and is read in its stead
    where a sheet does not have it. Offices write such a column; our own sheets, which have codes, do not.

    ``beside`` is the code of another column whose further names are this one's where the sheet has that one too: of 日期 and
    时间 the second is the time of the day; alone, it is the day.

    A sheet without an ``important`` one is told so. What is wrong in a ``lenient`` one is told, left out, and stops nothing. By
    an ``exact`` one things are told apart: a day there is what a spreadsheet program made of 3-1. A day may lie years ahead in a
    ``far`` one only; in a ``timed`` one the time that stands behind it is read too.
    """

    code: str
    title: Text
    also: tuple[str, ...] = ()
    required: bool = False
    hint: Text
    most: int = 200
    of: str = ""
    choices: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    never: tuple[tuple[str, Text], ...] = ()
    refers: str = ""
    among: tuple[str, ...] = ()
    many: bool = False
    around: str = ""
    beside: str = ""
    important: bool = False
    lenient: bool = False
    exact: bool = False
    far: bool = False
    timed: bool = False

    @property
    def only(self) -> str:
        """What a sheet without the column says, where nothing else could stand there: the one tier that a region has."""
        return self.choices[0] if self.required and len(self.choices) == 1 and not self.never else ""


# 一、木渎镇 between the rows
WITH_COUNT = 2  # 一、木渎镇 … 37家
NUMERAL = also("[一二三四五六七八九十]{1,3}")[0]
SECTION = re.compile(rf"(?:{NUMERAL}\s*[、.．]|[(（]{NUMERAL}[)）]|第{NUMERAL}(?:部分|章|[部节片组编](?=[\s:：、(（]|$))).*")
# One for all rows of a sheet
NOTHING_LOST: frozenset[str] = frozenset()
NOTHING_SAID: Mapping[str, str] = {}
# Where a region's plugin says in which column of its own sheet a cell stands, and alone in which row its headings are
AT = "@"
LONGEST_COUNT = 9
# What offices write where there is nothing to write
NONE = frozenset(
    (
        *also(
            "无", "没有", "暂无", "暂缺", "空", "缺", "不详", "未知", "不明", "不清楚", "不清", "/", "\\", "-", "--", "—", "——"
        ),
        *also(
            "N/A",
            "n/a",
            "NA",
            "null",
            "NULL",
            "None",
            "待定",
            "待补",
            "待补充",
            "待核实",
            "待确认",
            "待查",
            "待填",
            "未填",
            "未填写",
        ),
        *also("办理中", "正在办理", "未办", "未办理", "待办", "无证", "无照"),
    )
)
NO_NUMBER = re.compile(
    also(
        r"[(（\[【]?(?:目前|暂时|暂|尚|还|个体)?"
        r"(?:无|没|未|不(?:详|清|明|适用|愿|公开|便|提供|知|能)|缺|待[办定补核查填]|正在|办理|补办|申办|申领|申请|办证|在办)"
        r"[^\dA-Za-z]{0,14}|空白?|0"
    )[0]
)
# What heads a running number as often as a code
BARE = also("编号", "序号")
# What is called so may be the name or number of anything
VAGUE = frozenset((*BARE, *also("名称", "代码", "编码")))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of data: its number as the spreadsheet counts it, and its cells by the columns' codes.

    ``places`` are the columns, from zero, where the cells stand; ``titles`` what a district's own sheet calls them; ``lossy``
    the codes of the cells that hold a number whose last digits are lost; ``unlike`` is what people see in cells that hold a
    longer number; ``rest`` is a mark of what stands in the columns that are not read.
    """

    number: int
    cells: Mapping[str, str]
    places: Mapping[str, int] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    lossy: frozenset[str] = frozenset()
    unlike: Mapping[str, str] = field(default_factory=dict)
    rest: int = 0

    def __getitem__(self, code: str) -> str:
        return self.cells.get(code, "")


@dataclass(frozen=True)
class PassedOver:
    """A column that was not read since the one with our own title was, its place, and in how many rows it says something else:
    the number of the first of these, and what stands there.
    """

    code: str
    place: int
    row: int
    says: str
    rows: int


@dataclass(frozen=True)
class Found:
    """A sheet that was understood: the rows of data, what each column was taken for and whether the office ``told`` so, columns
    that nobody sees, titles of columns that it lacks, the rows that are no data, columns that would have done as well, and the
    numbers of the rows that nobody sees.
    """

    rows: tuple[Row, ...]
    columns: tuple[ColumnSeen, ...] = ()
    shape: str = ""
    told: bool = False
    hidden: tuple[str, ...] = ()
    lacking: tuple[Text, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    unseen: tuple[int, ...] = ()


class NoHeader(Refused):
    """A sheet whose header leaves a question: a column that must be there is named nowhere, or two fit one name. How many
    columns were understood, and all of them, so that the office can say what they are; ``whole`` where none is missing.
    """

    def __init__(
        self,
        text: Text,
        named: int,
        columns: tuple[ColumnSeen, ...] = (),
        shape: str = "",
        sheet: str = "",
        *,
        whole: bool = False,
    ) -> None:
        super().__init__(text)
        self.named, self.columns, self.shape, self.sheet, self.whole = named, columns, shape, sheet, whole


class Unfit(Refused):
    """A sheet whose header is understood, with what its columns are, and that cannot be read all the same."""

    def __init__(self, text: Text, columns: tuple[ColumnSeen, ...]) -> None:
        super().__init__(text)
        self.columns = columns


# What the office said of columns before: for the shape of a header what the column at each place is, "" for nothing
Told = Mapping[str, Mapping[int, str]]


# Kept: the same cells come again and again, and each is compared several times
@lru_cache(maxsize=16_384)
def plain(text: str) -> str:
    """A cell as it is compared: as names are (see :func:`portal.codes.spelled`)."""
    return codes.spelled(text)


@lru_cache(maxsize=16_384)
def word(heading: str) -> str:
    """A heading without brackets, stars and blanks: what is compared."""
    if USUAL_WORD.fullmatch(heading):
        return heading.lower()
    return NOT_A_WORD.sub("", BRACKETS.sub("", unicodedata.normalize("NFKC", heading))).lower()


def shape_of(header: Sequence[str]) -> str:
    """A mark of a header: sheets with the same words at the same places have the same."""
    return sha256("\n".join(map(word, header)).encode()).hexdigest()[:32]


def find(sheet: Sheet, columns: Sequence[Column], told: Told | None = None) -> Found:
    """Find the header, which may stand below titles and span two rows, and read the rows under it. ``told`` is what the office
    said of the columns of sheets before; columns that nobody sees are not read.

    Raises :class:`NoHeader` where the header leaves a question, and :class:`Refused` for formulas in what would be read.
    """
    called = _names(columns)
    head = _header(sheet, called, told or {})
    places, header = dict(head.places), head.row
    for column in columns:
        if column.around and column.around not in places and column.code in places:
            places[column.around] = places.pop(column.code)
    needed = [places[column.code] for column in columns if column.required and column.code in places]
    body, left_out = _body(sheet, header + 1, places, called, needed)
    counting = set() if head.told else {place for place in range(head.width) if _only_counts(head, place, body)}
    places = {code: place for code, place in places.items() if place not in counting}
    if not head.told:
        _by_what_stands_there(sheet, columns, places, body)
        _by_what_stands_beside(sheet, columns, places, head)
    settled = {} if head.told else _by_codes(columns, head, body)
    places |= settled
    rivals = {code: several for code, several in _rivals(head, columns, counting, body).items() if code not in settled}
    seen = _seen(sheet, head, places, body, rivals)
    _ask_where_doubtful(sheet, columns, head, places, rivals, seen)
    _refuse_formulas(sheet, columns, places, {number - 1 for number, _ in body}, seen)
    lossy, unlike = _lossy(sheet, places), _unlike(sheet, places)
    rows = []
    used = {*places.values(), *counting}
    alone = {column.code: column.only for column in columns if column.only and column.code not in places}
    for number, row in body:
        said = {code: row[place] if place < len(row) else "" for code, place in places.items()}
        if any(said.values()):
            rest = hash(tuple([cell for place, cell in enumerate(row) if cell and place not in used]))
            said |= alone
            rows.append(
                Row(number, said, places, NOTHING_SAID, lossy.get(number, NOTHING_LOST), unlike.get(number, NOTHING_SAID), rest)
            )
        else:
            left_out.append(_left_out(number, row, say("要用的列都空着")))
    return Found(
        tuple(rows),
        seen,
        head.shape,
        head.told,
        _hidden(sheet, head),
        _lacking(columns, places),
        tuple(sorted(left_out, key=lambda one: one.row)),
        _passed_over(head, places, counting, {*rivals, *settled}, body),
        tuple(n + 1 for n in sorted(sheet.hidden_rows) if head.row < n < len(sheet.rows) and any(sheet.rows[n])),
    )


@dataclass(frozen=True)
class _Header:
    """The last row of a header (-1: none), all its rows, where which column stands, and which have several that fit, each by the
    rank of its name and its place.
    """

    row: int = -1
    rows: Sequence[Sequence[str]] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    rivals: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    told: bool = False

    @property
    def width(self) -> int:
        """How many columns it has."""
        return max(map(len, self.rows), default=0)

    @property
    def shape(self) -> str:
        """The mark of its last row."""
        return shape_of(self.rows[-1]) if self.rows else ""


def _header(sheet: Sheet, called: Mapping[str, tuple[int, str]], told: Told) -> _Header:
    """The header that the office spoke of, else the one that names most columns, else the first row with a few texts."""
    best = _Header(0, sheet.rows[:1]) if sheet.rows else _Header()
    for index in range(min(len(sheet.rows), HEADER_WITHIN)):
        if (said := told.get(shape_of(sheet.rows[index]))) is not None:
            seen = {code: at for at, code in said.items() if code and at not in sheet.hidden_columns}
            return _Header(index, sheet.rows[index : index + 1], seen, told=True)
        for depth in (1, 2):
            rows = sheet.rows[index : index + depth]
            if depth > 1 and _is_data(called, *rows):
                continue
            places, rivals = _named(called, rows, sheet.hidden_columns)
            # A heading that is merged over both rows says that the lower one is part of the header, however little it names
            both = depth > 1 and best.rows == rows[:1] and _merged(called, *rows) and len(places) == len(best.places)
            if both or len(places) > len(best.places):
                best = _Header(index + depth - 1, rows, places, rivals)
    if best.places or not sheet.rows:
        return best
    wide = max(range(min(len(sheet.rows), HEADER_WITHIN)), key=lambda n: (len(set(filter(None, sheet.rows[n]))) > 1, -n))
    return _Header(wide, sheet.rows[wide : wide + 1])


def _merged(called: Mapping[str, tuple[int, str]], upper: Sequence[str], lower: Sequence[str] = ()) -> bool:
    """Whether a heading that we know stands in both of two rows."""
    return any(word(above) == word(own) and word(own) in called for above, own in zip(upper, lower, strict=False))


def _is_data(called: Mapping[str, tuple[int, str]], upper: Sequence[str], lower: Sequence[str] = ()) -> bool:
    """Whether the lower of two rows is one of data: under a heading that we know, and that is not merged over several columns,
    stands something that is no heading.
    """
    for place, (above, own) in enumerate(zip(upper, lower, strict=False)):
        beside = (*upper[max(place - 1, 0) : place], *upper[place + 1 : place + 2])
        if word(above) in called and own and word(own) != word(above) and word(own) not in called and above not in beside:
            return True
    return not lower


def _by_what_stands_there(
    sheet: Sheet, columns: Sequence[Column], places: dict[str, int], body: Sequence[tuple[int, Sequence[str]]]
) -> None:
    """A column that is named nowhere is known by its cells where no other has such: credit codes, with their check characters."""
    for column in columns:
        if column.of != "credit_code" or column.code in places:
            continue
        width = max((len(row) for _, row in body), default=0)
        free = [place for place in range(width) if place not in places.values() and place not in sheet.hidden_columns]
        fitting = [place for place in free if _all_codes([row[place] for _, row in body[:MEASURED] if place < len(row)])]
        if len(fitting) == 1:
            places[column.code] = fitting[0]


def _by_what_stands_beside(sheet: Sheet, columns: Sequence[Column], places: dict[str, int], head: _Header) -> None:
    """A column that is called what another may be called too, where that other one stands elsewhere in the sheet."""
    heads = [word(cell) for cell in head.rows[-1]] if head.rows else []
    for column in columns:
        if not column.beside or column.beside not in places or column.code in places:
            continue
        names = {word(name) for name in (column.title, *column.also)}
        free = [
            place
            for place, cell in enumerate(heads)
            if cell in names and place not in places.values() and place not in sheet.hidden_columns
        ]
        if len(free) == 1:
            places[column.code] = free[0]


def _by_codes(columns: Sequence[Column], head: _Header, body: Sequence[tuple[int, Sequence[str]]]) -> dict[str, int]:
    """Where enterprises are called by their name in one column and by their code in another, the codes say which are meant."""
    found = {}
    for column in columns:
        if "enterprises" not in (column.refers, *column.among) or column.code not in head.rivals:
            continue
        rows = [row for _, row in body[:MEASURED]]
        coded = [
            place
            for _, place in head.rivals[column.code]
            if all(place < len(row) and row[place] for row in rows) and _all_codes([row[place] for row in rows])
        ]
        if len(coded) == 1:
            found[column.code] = coded[0]
    return found


def _all_codes(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell and plain(cell) not in NONE and not NO_NUMBER.fullmatch(plain(cell))]
    if not filled:
        return False
    for cell in filled:
        try:
            codes.credit_code(cell)
        except Refused:
            return False
    return True


def _rivals(
    head: _Header, columns: Sequence[Column], counting: AbstractSet[int], body: Sequence[tuple[int, Sequence[str]]]
) -> dict[str, tuple[int, ...]]:
    """Where several columns fit one name and it matters which is read: those that are called the same where they differ in a row,
    and those that are called otherwise where both say something, and not the same. One that bears our own title is the one, and
    no question, but where things are told apart by it and the other is called as clearly.
    """
    exact = {column.code for column in columns if column.exact}
    vague = {place for row in head.rows for place, cell in enumerate(row) if word(cell) in VAGUE}
    found = {}
    for code, several in head.rivals.items():
        fitting = [(rank, place) for rank, place in several if place not in counting]
        nearest = min(fitting, default=(OWN_TITLE, 0))[0]
        best = [place for rank, place in fitting if rank == nearest]
        places = tuple(place for _, place in fitting)
        if not _alike(best, body):
            found[code] = tuple(best)
        if nearest == OWN_TITLE:
            places = tuple(place for place in places if place in best or place not in vague) if code in exact else ()
        if not _alike(places, body, blank=True):
            found[code] = places
    return found


def _passed_over(
    head: _Header,
    places: Mapping[str, int],
    counting: AbstractSet[int],
    settled: AbstractSet[str],
    body: Sequence[tuple[int, Sequence[str]]],
) -> tuple[PassedOver, ...]:
    """Columns that fit a name too and were not read since another bears our own title, where they say anything else; but for
    those of which it is a question, or ``settled``, which counts.
    """
    found = []
    for code, several in head.rivals.items():
        for _, place in several if code in places and code not in settled else ():
            if place in counting or place in places.values():
                continue
            other = [
                (number, row[place])
                for number, row in body
                if place < len(row)
                and row[place]
                and plain(row[place]) not in NONE
                and plain(row[place]) != plain(row[places[code]] if places[code] < len(row) else "")
            ]
            if other:
                found.append(PassedOver(code, place, other[0][0], other[0][1][:SHOWN], len(other)))
    return tuple(found)


def _alike(places: Sequence[int], body: Sequence[tuple[int, Sequence[str]]], *, blank: bool = False) -> bool:
    """Whether columns say the same in every row, so that it does not matter which is read; ``blank`` ones say nothing else."""
    if len(places) < 2:
        return True
    said = ({plain(row[place]) if place < len(row) else "" for place in places} for _, row in body)
    return all(len(cells - {""} if blank else cells) <= 1 for cells in said)


def _only_counts(head: _Header, place: int, body: Sequence[tuple[int, Sequence[str]]]) -> bool:
    """Whether a column that is called as a running number often is, is one."""
    bare = any(word(row[place]) in BARE for row in head.rows if place < len(row))
    return bare and _counts(row[place] for _, row in body if place < len(row))


def _seen(
    sheet: Sheet,
    head: _Header,
    places: Mapping[str, int],
    body: Sequence[tuple[int, Sequence[str]]],
    rivals: Mapping[str, Sequence[int]],
) -> tuple[ColumnSeen, ...]:
    """Every column that people see, with what it was taken for; of those that fit equally, none."""
    doubtful = {place for several in rivals.values() for place in several}
    taken = {place: code for code, place in places.items() if place not in doubtful}
    width = max((len(row) for row in (*head.rows, *(row for _, row in body[:MEASURED]))), default=0)
    found = []
    # A title over the sheet, merged over its columns, is no part of a heading
    titles = {cell for row in head.rows[:-1] for cell in row if row.count(cell) > TITLE_OVER}
    for place in range(width):
        heads = [row[place] for row in head.rows if place < len(row) and row[place] and row[place] not in titles]
        samples = list(dict.fromkeys(row[place] for _, row in body[:MEASURED] if place < len(row) and row[place]))
        if (heads or samples) and place not in sheet.hidden_columns:
            said = tuple(one[:SHOWN] for one in samples[:SAMPLES])
            found.append(ColumnSeen(place, " ".join(dict.fromkeys(heads))[:SHOWN], said, taken.get(place, "")))
    return tuple(found)


def _hidden(sheet: Sheet, head: _Header) -> tuple[str, ...]:
    heads = head.rows[-1] if head.rows else ()
    return tuple(
        f"{column_name(place)} {heads[place] if place < len(heads) else ''}".strip()
        for place in sorted(sheet.hidden_columns)
        if any(place < len(row) and row[place] for row in sheet.rows)
    )


def _lacking(columns: Sequence[Column], places: Mapping[str, int]) -> tuple[Text, ...]:
    absent = [column for column in columns if column.code not in places]
    return tuple(
        say("{title}（都当作“{only}”）", title=column.title, only=column.only) if column.only else column.title
        for column in absent
        if column.important or column.only
    )


def _ask_where_doubtful(
    sheet: Sheet,
    columns: Sequence[Column],
    head: _Header,
    places: Mapping[str, int],
    rivals: Mapping[str, Sequence[int]],
    seen: tuple[ColumnSeen, ...],
) -> None:
    titles = {column.code: column.title for column in columns}
    told: list[Text] = []
    if rivals:
        several = "；".join(
            say("“{title}”有 {names} 列", title=titles[code], names="、".join(map(column_name, places_)))
            for code, places_ in rivals.items()
        )
        told.append(
            say(
                "有几列内容相近，不能确定用哪一列：{several}。请说明各列的含义；左右并排的两张表，请上下合成一张再上传。",
                several=several,
            )
        )
    if missing := [column.title for column in columns if column.required and not column.only and column.code not in places]:
        header = sheet.rows[max(head.row, 0)] if sheet.rows else ()
        there = "、".join(cell for place, cell in enumerate(header) if cell and place not in sheet.hidden_columns)[:120]
        told.append(
            say(
                "没有找到这些列：{names}。表头里有：{there}。可以用模板，或把表头改成模板中的列名。",
                names="、".join(missing),
                there=there or say("什么也没有"),
            )
        )
        if hidden := _hidden(sheet, head):
            told.append(say("没有读取隐藏的列，需要使用的请取消隐藏：{names}。", names="、".join(hidden)))
    if told:
        raise NoHeader(say("{said}", said="".join(told)), len(places), seen, head.shape, sheet.name, whole=not missing)


def _refuse_formulas(
    sheet: Sheet, columns: Sequence[Column], places: Mapping[str, int], read: AbstractSet[int], seen: tuple[ColumnSeen, ...]
) -> None:
    """Formulas do no harm where nobody reads them; where they are read, only the office knows what they should say."""
    for column in columns:
        place = places.get(column.code, -1)
        row = next((row for row in sheet.formulas.get(place, ()) if row in read), None)
        if row is None:
            continue
        first = f"{column_name(place)}{row + 1}"
        if any(place < len(row) and PICTURE.match(row[place]) for row in sheet.rows):
            raise Unfit(
                say("“{title}”这一列的 {first} 格里是图片，不是文字。请删去图片，填上文字", title=column.title, first=first),
                seen,
            )
        raise Unfit(
            say(
                "“{title}”这一列有公式（第一个在 {first}），只收数值。请选中这一列复制，“选择性粘贴—数值”后再上传",
                title=column.title,
                first=first,
            ),
            seen,
        )


def _body(
    sheet: Sheet, first: int, places: Mapping[str, int], called: Mapping[str, tuple[int, str]], needed: Sequence[int]
) -> tuple[list[tuple[int, Sequence[str]]], list[LeftOut]]:
    """The rows from the first on that hold anything, by their numbers, without those that are no data, and these."""
    body: list[tuple[int, Sequence[str]]] = []
    left_out: list[LeftOut] = []
    heads = sheet.rows[first - 1] if 0 < first <= len(sheet.rows) else ()
    counted = {place for place, cell in enumerate(heads) if word(cell) in BARE} - set(places.values())
    for number, row in enumerate(sheet.rows[first:], first + 1):
        cells = [row[place] if place < len(row) else "" for place in places.values()]
        if number - 1 in sheet.hidden_rows and any(row):
            left_out.append(_left_out(number, row, say("隐藏的行，要导入请先取消隐藏或筛选")))
        elif why := _no_data(row, cells, called, whole=_is_whole(row, needed, counted)):
            left_out.append(_left_out(number, row, why))
        elif any(row):
            body.append((number, row))
    return body, left_out


def _is_whole(row: Sequence[str], needed: Sequence[int], counted: AbstractSet[int]) -> bool:
    """Whether everything that must be there is, and no word stands where the rows are counted (合计, 填表人)."""
    lead = next((place for place, cell in enumerate(row) if cell), -1)
    is_word = lead in counted and not row[lead].isdecimal()
    return bool(needed) and not is_word and all(place < len(row) and row[place] for place in needed)


def _left_out(number: int, row: Sequence[str], why: Text) -> LeftOut:
    return LeftOut(number, " ".join(dict.fromkeys(filter(None, row)))[:SHOWN], why)


def own_row(sheet: Sheet, said: Mapping[str, str]) -> Row:
    """A row that a region's plugin made of its own sheet, where it says so with the places and the headings of its cells."""
    places = {code.removeprefix(AT): int(place) - 1 for code, place in said.items() if code.startswith(AT) and code != AT}
    heads = sheet.rows[int(said[AT]) - 1] if AT in said else ()
    titles = {code: heads[place] for code, place in places.items() if place < len(heads) and heads[place]}
    number = int(said["#"])
    lossy = frozenset(code for code, place in places.items() if (number - 1, place) in sheet.lossy)
    unlike = {code: sheet.unlike[number - 1, place] for code, place in places.items() if (number - 1, place) in sheet.unlike}
    return Row(number, said, places, titles, lossy, unlike)


def _names(columns: Sequence[Column]) -> dict[str, tuple[int, str]]:
    """The column that each name means, and how exactly: titles come before everything else, and earlier names before later."""
    named = sorted(
        (bool(column.beside), rank, n, word(name), column.code)
        for n, column in enumerate(columns)
        for rank, name in enumerate((column.title, *column.also))
    )
    return {name: (rank, code) for _, rank, _, name, code in reversed(named)}


def _named(
    called: Mapping[str, tuple[int, str]], rows: Sequence[Sequence[str]], hidden: AbstractSet[int]
) -> tuple[dict[str, int], dict[str, Sequence[tuple[int, int]]]]:
    """Which columns a header of one or two rows names, and where: by the most exact of their names; and those that several fit.

    The lower row is the more exact one; a heading of the upper one counts for less where the lower one has another word.
    """
    found: defaultdict[str, list[tuple[bool, int, int]]] = defaultdict(list)
    upper, lower = ([_known_word(called, cell) for cell in row] for row in (rows[0], rows[-1]))
    for place in range(max(len(upper), len(lower))):
        above, own = (row[place] if place < len(row) else "" for row in (upper, lower))
        heading = own if own in called or not above else above
        if heading in called and place not in hidden:
            rank, code = called[heading]
            found[code].append((bool(own) and own != heading, rank, place))
    places = {code: min(fitting)[2] for code, fitting in found.items()}
    rivals = {code: [one[1:] for one in fitting if one[0] == min(fitting)[0]] for code, fitting in found.items()}
    return places, {code: several for code, several in rivals.items() if len(several) > 1}


def _known_word(called: Mapping[str, tuple[int, str]], heading: str) -> str:
    """A heading as it is compared; of two in a cell, 统一社会信用代码/注册号, the first, where both together are unknown."""
    whole = word(heading)
    first = word(EITHER.split(heading, maxsplit=1)[0])
    return first if whole not in called and first in called else whole


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


def _unlike(sheet: Sheet, places: Mapping[str, int]) -> dict[int, dict[str, str]]:
    """What people see in cells that hold a longer number, by the rows' numbers and the columns."""
    codes, found = {place: code for code, place in places.items()}, defaultdict[int, dict[str, str]](dict)
    for (row, place), shown in sheet.unlike.items():
        if place in codes:
            found[row + 1][codes[place]] = shown
    return found


def _is_header(cells: Sequence[str], called: Mapping[str, tuple[int, str]]) -> bool:
    """Whether half of the cells, and two at least, are names of columns; looked at no further than it takes to tell."""
    others = len(cells) - max(2, len(cells) // 2)
    for cell in cells:
        others -= word(cell) not in called
        if others < 0:
            return False
    return True


def _no_data(row: Sequence[str], cells: Sequence[str], called: Mapping[str, tuple[int, str]], *, whole: bool) -> Text | None:
    """Why a row is none of data: a total or a remark under the table, the header again at the top of a printed page, or a title
    between the rows (一、木渎镇), over several cells or alone. A row that is ``whole``, with everything that must be there, may
    begin with any word.
    """
    first = next(filter(None, row), "")
    alone = set(row) <= {first, ""}
    section = SECTION.fullmatch(first) and (alone or (not whole and sum(map(bool, row)) <= WITH_COUNT))
    if section or (alone and row.count(first) >= TITLE_OVER and re.search(f"[{codes.HAN}]", first)):
        return say("分段的标题")
    if _is_header(cells, called):
        return say("重复的表头")
    if whole and len(set(cells)) > 1:
        return None
    first = re.sub(r"\s+", "", unicodedata.normalize("NFKC", next(filter(None, row), "")))
    if TOTAL.fullmatch(first):
        return say("合计行")
    if REMARK.fullmatch(first):
        return say("表下的说明")
    if SIGNED.fullmatch(first):
        return say("签字栏")
    return None
