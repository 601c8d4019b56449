"""What a kind of thing that may be imported has to say: its columns, how a row is known again, what takes it in."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, TypeVar

from portal.call import Call
from portal.errors import Refused
from portal.imports.columns import Column, Row
from portal.imports.known import Known, Thing
from portal.people import queries as people_queries
from portal.scheme.book import Scheme
from portal.scheme.words import Line, Post, Tier, Unit
from portal.storage.engine import Record
from portal.terms import Text, also, say
from portal.workshop.cells import cleaned

T = TypeVar("T")
PLACE_ALSO = also("所在辖区", "所属辖区", "辖区", "行政区划代码", "区划代码", "所属地区")
VILLAGE_ALSO = also(
    "所在村或社区",
    "所在村或社区代码",
    "所在村社区",
    "所属村社区",
    "所在村居",
    "所在村",
    "所在社区",
    "所属村",
    "所属社区",
    "所属村居",
    "所在行政村",
    "所属行政村",
    "行政村",
    "村名",
    "村名称",
    "社区名称",
    "村社区名称",
    "村居名称",
    "归属村",
    "归属社区",
)
TOWN_ALSO = also(
    "所属镇（街道）",
    "所在镇（街道）",
    "所属镇街",
    "所在镇街",
    "镇街",
    "镇街名称",
    "乡镇街道",
    "所属乡镇街道",
    "镇（街道）",
    "乡镇（街道）",
    "所属乡镇",
    "所在乡镇",
    "乡镇",
    "所属街道",
    "所在街道",
    "街道",
    "镇街道",
    "所属镇",
    "所在镇",
    "镇",
    "属地",
    "属地镇街",
    "板块",
    "属地板块",
    "所属板块",
)
TOWN = Column(
    code="town",
    refers="places",
    title=say("所属乡镇（街道）"),
    also=TOWN_ALSO,
    around="place",
    hint=say("区分重名的村、社区；没有村、社区一列时就是所在地。"),
)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a row needs to be taken in; ``seen`` is what rows before it were about, by public id, with the row's number.

    ``hand_over`` is the office's choice that who holds a full post gives way to who stands on the sheet; ``twins`` are what
    several rows of the sheet have in common that only a detail tells apart (:meth:`SheetKind.twin`).
    """

    call: Call
    scheme: Scheme
    known: Known
    hand_over: bool = False
    seen: dict[str, int] = field(default_factory=dict)
    twins: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Tables:
    """What an import may touch of a thing: its own table, and by their column those that hang on it, and those that end with it.

    ``own`` is false where the thing itself stays as it is: a charge is kept with all charges of its enterprise. ``through``
    are those that end with one of the hanging, by the table of that: the posts at the grid that an enterprise is.
    """

    table: str
    hanging: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    through: Mapping[str, str] = field(default_factory=dict)
    own: bool = True


class SheetKind(ABC):
    """A subject of the register, with the ``tables`` that an import of it touches, for undoing; ``at_once`` is how many rows of a
    sheet are gone through together; ``twice`` is what is said of a second row with the same in a column.
    """

    code: str
    title: Text
    tables: ClassVar[Tables]
    at_once: ClassVar[int] = 1
    twice: ClassVar[Mapping[str, Text]] = {}

    @abstractmethod
    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """The columns of its sheet."""

    @abstractmethod
    def key(self, row: Row) -> tuple[str, str]:
        """By what a row is known within the sheet, and the column that says it."""

    @abstractmethod
    async def there(self, work: Work, row: Row) -> str | None:
        """The public id of what the row is about, where the register has it."""

    @abstractmethod
    async def add(self, work: Work, row: Row) -> str:
        """Take it in; its public id."""

    @abstractmethod
    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Make the register say what the row says; whether that changed anything. An empty cell changes nothing."""

    @abstractmethod
    async def all(self, work: Work) -> Sequence[Thing]:
        """Everything of this kind that the viewer sees in the region; ``of`` is what sort of it, as people call it."""

    @abstractmethod
    async def end(self, work: Work, id_: str) -> None:
        """It is no more, from today."""

    def twin(self, work: Work, row: Row) -> str:
        """What rows have in common that only a detail tells apart; "" where no such are known."""
        return ""

    def doubts(self, work: Work, row: Row) -> Mapping[str, Text]:
        """What is to be looked at in a row that is right, by column."""
        return {}

    def calls(self, row: Row) -> tuple[str, str]:
        """What of its own kind a row calls, by name or code, and the column that says it; "" where it calls none."""
        return "", ""

    def joined(self, first: Row, again: Row) -> tuple[Row, str, Text] | None:
        """Two rows as one, where the second only says more of the same; with the column that it says it in, and what was done."""
        return None

    async def order(self, work: Work, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows in the order in which they can be taken in."""
        return rows

    async def gives_way(self, work: Work, row: Row) -> people_queries.Holding | None:
        """Who ends where the row's own begins."""
        return None

    def owner(self, work: Work, row: Row) -> str | None:
        """The public id of what a new thing is kept with, where that is not itself."""
        return None


class ManyKind(SheetKind):
    """A kind of which sheets bring very many: new ones are added together, and what is no news is found together."""

    @abstractmethod
    def means(self, work: Work, row: Row) -> str:
        """What new rows have in common that may mean the same."""

    @abstractmethod
    async def unchanged(self, work: Work, rows: Mapping[str, Row]) -> set[str]:
        """Of things, by public id with what a row says of each, those of which :meth:`change` would change nothing."""

    @abstractmethod
    async def add_many(self, work: Work, rows: Sequence[Row]) -> list[str]:
        """Take new ones in, all or none; their public ids."""

    @abstractmethod
    async def change_many(self, work: Work, rows: Mapping[str, Row]) -> set[str]:
        """Make the register say of things, by public id, what the rows say, all or none; those of which anything changed."""


def chosen(found: Iterable[T], row: Row, column: str) -> T:
    """The first of those that a checked cell calls; :class:`Refused` at the column where the scheme has none to choose."""
    for one in found:
        return one
    raise Refused(say("这个地区的方案没有“{text}”这一项，不能导入", text=row[column]), field=column)


def cell_or_register(now: str, said: str, seen: Callable[[str], str] = cleaned) -> str:
    """What the cell says; what the register says where the cell is empty, or differs only by what no cell keeps: line ends."""
    return now if not said or said == now or (now and seen(said) == seen(now)) else said


def stays(row: Row, column: str, now: date, told: Text) -> None:
    """:class:`Refused` with what the register says, where a cell that no update can apply says another day."""
    if row[column] and date.fromisoformat(row[column]) != now:
        raise Refused(say(told.msgid, day=now), field=column)


def day_of(text: str, default: date) -> date:
    """The day that a checked cell says."""
    return date.fromisoformat(text) if text else default


class PostTaken(Refused):
    """Others hold the post; the office may choose that they give way."""


async def is_new(kind: SheetKind, work: Work, row: Row) -> bool:
    """Whether a row brings something that the register does not have; False where that cannot be told."""
    try:
        return await kind.there(work, row) is None
    except Refused:
        return False


async def things(work: Work, select: str, rules: Mapping[str, Unit | Tier | Post | Line], *, region: bool = True) -> list[Thing]:
    """What ``select`` finds of the table ``t`` that goes on today where the viewer looks; ``rules`` tell its sorts."""
    within = (
        "t.region = $1" if region else "exists (select from jurisdiction r where r.region = $1 and starts_with(j.path, r.path))"
    )
    rows = await work.call.db.rows(
        f"{select} where {within} and (t.until is null or t.until > $2) and j.path like any($3)",
        work.scheme.region.code,
        work.call.today,
        [area + "%" for area in work.call.viewer.areas],
    )
    return [thing(row, rules) for row in rows]


def thing(row: Record, rules: Mapping[str, Unit | Tier | Post | Line]) -> Thing:
    """A row of the register by whose names sheets may call it."""
    rule = rules.get(row["of"])
    return Thing(row["public_id"], row["name"], row["path"], rule.name if rule is not None else "")


async def at_columns(acting: Awaitable[T], columns: Mapping[str, str]) -> T:
    """Let a refusal of an action stand at the column that it means."""
    try:
        return await acting
    except Refused as error:
        raise Refused(error.text, field=columns.get(error.field or "", error.field)) from error
