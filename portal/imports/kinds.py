"""What may be imported: for each subject its columns, how a row is known again, and the action that takes it in.

Everything goes through the same actions as the forms of an office, so a sheet can do nothing that a form could not.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, TypeVar

from portal import codes
from portal.areas import actions as areas
from portal.areas import outside
from portal.areas import queries as area_queries
from portal.call import Call
from portal.enterprises import actions as enterprises
from portal.enterprises import charges, own_grids
from portal.enterprises import queries as enterprise_queries
from portal.enterprises.rules import own_tiers
from portal.errors import Refused
from portal.imports.columns import Column, Row, also, plain
from portal.imports.known import Known, Theirs, Thing, meant, person
from portal.obligations import actions as obligations
from portal.obligations import deeds
from portal.obligations.actions import DeedForm
from portal.obligations.plans import of_duty
from portal.people import actions as people
from portal.people import queries as people_queries
from portal.people.actions import AppointmentForm, PersonForm, Seated
from portal.people.rules import posts_at
from portal.scheme.book import Scheme
from portal.scheme.words import Duty, Ground, Line, Post, Tier, Unit
from portal.storage.engine import Record
from portal.terms import Text, say
from portal.workshop.cells import cleaned

PLACE_ALSO = also("所在辖区", "所属辖区", "辖区", "行政区划代码", "区划代码", "所属地区")
VILLAGE_ALSO = also("所在村或社区", "所在村或社区代码", "所在村社区", "所属村社区")
TOWN_ALSO = also(
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
)
TOWN = Column(
    code="town",
    refers="places",
    title=say("所属镇街"),
    also=TOWN_ALSO,
    around="place",
    hint=say("区分重名的村、社区；没有村、社区一列时就是所在地。"),
)
T = TypeVar("T")
NO_FIELD = {"": "unit"}  # an office elsewhere is the only thing that the action refuses without naming a field
OWN = say("“{tier}”由单位自动形成，随单位变动，不用导入。请把这一行去掉；单位有变动的，用单位表导入")
LIST = re.compile(r"[、，,;；\s]+")


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a row needs to be taken in; ``seen`` is what rows before it were about, by public id, with the row's number.

    ``hand_over`` is the office's choice that who holds a full post gives way to who stands on the sheet.
    """

    call: Call
    scheme: Scheme
    known: Known
    hand_over: bool = False
    seen: dict[str, int] = field(default_factory=dict)


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


class Kind(ABC):
    """A subject of the register, with the ``tables`` that an import of it touches, for undoing; ``at_once`` is how many rows of a
    sheet are gone through together.
    """

    code: str
    title: Text
    tables: ClassVar[Tables]
    at_once: ClassVar[int] = 1

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

    async def order(self, work: Work, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows in the order in which they can be taken in."""
        return rows

    async def gives_way(self, work: Work, row: Row) -> people_queries.Holding | None:
        """Who ends where the row's own begins."""
        return None

    def owner(self, work: Work, row: Row) -> str | None:
        """The public id of what a new thing is kept with, where that is not itself."""
        return None


class ManyKind(Kind):
    """A kind of which sheets bring very many: new ones are added together."""

    @abstractmethod
    def means(self, work: Work, row: Row) -> str:
        """What new rows have in common that may mean the same."""

    @abstractmethod
    async def add_many(self, work: Work, rows: Sequence[Row]) -> list[str]:
        """Take new ones in, all or none; their public ids."""


def _kept(now: str, said: str, seen: Callable[[str], str] = cleaned) -> str:
    """What the cell says; what the register says where the cell is empty, or differs only by what no cell keeps: line ends."""
    return now if not said or seen(said) == seen(now) else said


def _stays(row: Row, column: str, now: date, told: Text) -> None:
    """:class:`Refused` with what the register says, where a cell that no update can apply says another day."""
    if row[column] and date.fromisoformat(row[column]) != now:
        raise Refused(say(told.msgid, day=now), field=column)


def _day(text: str, default: date) -> date:
    return date.fromisoformat(text) if text else default


class Held(Refused):
    """Others hold the post; the office may choose that they give way."""


async def is_new(kind: Kind, work: Work, row: Row) -> bool:
    """Whether a row brings something that the register does not have; False where that cannot be told."""
    try:
        return await kind.there(work, row) is None
    except Refused:
        return False


class Units(Kind):
    """Offices."""

    code, title = "units", say("部门")
    tables: ClassVar[Tables] = Tables("unit", ends={"appointment": "unit", "charge": "unit"})

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Name, kind, place, phone."""
        kinds = tuple(unit.name for unit in scheme.units.values())
        return (
            Column(
                code="name",
                title=say("部门名称"),
                also=("机构名称", "单位名称", "部门", "名称"),
                required=True,
                most=80,
                hint=say("必填。全称。"),
            ),
            Column(
                code="kind",
                title=say("部门类型"),
                also=("类型", "类别", "部门类别"),
                required=True,
                choices=kinds,
                hint=say("必填。方案里的部门类型，从列表选。"),
            ),
            Column(
                code="place",
                refers="places",
                title=say("所在辖区"),
                also=PLACE_ALSO,
                required=True,
                hint=say("必填。辖区的代码或名称，见“代码”表。"),
            ),
            TOWN,
            Column(
                code="phone",
                title=say("电话"),
                also=("联系电话", "办公电话", "值班电话", "监督电话"),
                required=True,
                of="phone",
                most=30,
                hint=say("必填。会印在公示牌上，固定电话带区号。"),
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """Name and place."""
        return f"{plain(row['name'])} {plain(row['place'])}", "name"

    async def there(self, work: Work, row: Row) -> str | None:
        """An office of that name at that place."""
        place = work.known.places.one(row["place"], column="place")
        found = [one for one in work.known.units.all(row["name"]) if one.path == place.path]
        return found[0].id if found else None

    async def add(self, work: Work, row: Row) -> str:
        """A new office."""
        place = work.known.places.one(row["place"], column="place")
        kind = next(unit.code for unit in work.scheme.units.values() if unit.name == row["kind"])
        form = areas.UnitForm(kind=kind, name=row["name"], phone=row["phone"], jurisdiction=place.id)
        id_ = await _at(areas.add_unit(work.call, form), {"jurisdiction": "place"})
        work.known.units.add(Thing(id_, row["name"], place.path, kind), (row["name"],))
        return id_

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another phone."""
        now = await area_queries.unit(work.call, id_)
        if work.scheme.units[now.kind].name != row["kind"]:
            raise Refused(say("登记的类型是“{kind}”，不能改；请停用后另建", kind=work.scheme.units[now.kind].name), field="kind")
        if now.phone == row["phone"]:
            return False
        await areas.change_unit(work.call, id_, name=now.name, phone=row["phone"])
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """All offices."""
        select = "select t.public_id, t.name, j.path, t.kind as of from unit t join jurisdiction j on j.id = t.jurisdiction"
        return await _things(work, select, work.scheme.units)

    async def end(self, work: Work, id_: str) -> None:
        """Dissolved."""
        await areas.end_unit(work.call, id_, work.call.today)


class Grids(Kind):
    """Grids."""

    code, title = "grids", say("网格")
    tables: ClassVar[Tables] = Tables("grid", {"grid_ground": "grid"}, ends={"appointment": "grid"})

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Code, name, tier, place, parent, ground, borders."""
        tiers = tuple(tier.name for tier in scheme.tiers.values() if tier.of is not Ground.ENTERPRISE)
        return (
            Column(
                code="code",
                title=say("网格编号"),
                also=("网格编码", "网格代码", "编号"),
                most=40,
                hint=say("可以空着，由系统编号。填了以后按它更新。"),
            ),
            Column(
                code="name", title=say("网格名称"), also=("网格名", "网格", "名称"), required=True, most=80, hint=say("必填。")
            ),
            Column(
                code="tier",
                title=say("网格层级"),
                also=("层级", "级别", "网格级别", "网格等级"),
                required=True,
                choices=tiers,
                never=tuple((tier.name, say(OWN.msgid, tier=tier.name)) for tier in own_tiers(scheme)),
                hint=say("必填。方案里的层级，从列表选。"),
            ),
            Column(
                code="place",
                refers="places",
                title=say("所在辖区"),
                also=(*PLACE_ALSO, *VILLAGE_ALSO),
                required=True,
                hint=say("必填。辖区的代码或名称。"),
            ),
            TOWN,
            Column(
                code="parent",
                refers="grids",
                title=say("上级网格"),
                also=("上级网格编号", "所属网格"),
                most=80,
                hint=say("上级网格的编号或名称；最上一级不填。"),
            ),
            Column(
                code="ground",
                refers="places",
                many=True,
                title=say("包含的村社区"),
                also=("包含村（社区）", "覆盖村社区", "所辖村社区", "村社区"),
                most=2_000,
                hint=say("划片的网格填，村、社区的名称或代码，用顿号隔开。"),
            ),
            Column(
                code="note",
                title=say("责任区"),
                also=("责任区范围", "网格范围", "四至", "边界", "范围"),
                most=1_000,
                hint=say("用文字说明边界，会印在公示牌上。"),
            ),
            Column(
                code="since", title=say("启用日期"), also=("起始日期", "设立日期", "启用时间"), of="day", hint=say("不填为今天。")
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """The code, else tier, place and name."""
        if row["code"]:
            return plain(row["code"]), "code"
        return f"{row['tier']} {plain(row['place'])} {plain(row['name'])}", "name"

    async def there(self, work: Work, row: Row) -> str | None:
        """A grid with that code, or of that tier, place and name."""
        tier, code = self._tier(work, row), plain(row["code"])
        numbered = next((one for one in work.known.grids.all(code) if one.code == code), None) if code else None
        if numbered is not None:
            known = self._drawn_in(work, numbered.of)
            if known is not None and known.of is Ground.ENTERPRISE:
                what = say("编号 {code} 是单位“{name}”自成的网格，不能改。请把这一行去掉", code=code, name=numbered.name)
                raise Refused(what, field="code")
            if numbered.of != tier:
                now = known.name if known is not None else numbered.of
                raise Refused(say("编号 {code} 登记的是{tier}，不能改；请停用后另建", code=code, tier=now), field="tier")
            return numbered.id
        place = work.known.places.one(row["place"], column="place")
        alike = [one for one in work.known.grids.all(row["name"]) if one.of == tier and one.path == place.path]
        found = meant(alike, code, column="code")
        return found.id if found else None

    async def add(self, work: Work, row: Row) -> str:
        """A new grid."""
        place = work.known.places.one(row["place"], column="place")
        parent = work.known.grids.one(row["parent"], column="parent", near=place.path) if row["parent"] else None
        form = areas.GridForm(
            tier=self._tier(work, row), name=row["name"], jurisdiction=place.id, code=plain(row["code"]), area_note=row["note"],
            parent=parent.id if parent else None, divisions=tuple(one.id for one in self._ground(work, row, place.path)),
            since=_day(row["since"], work.call.today),
        )  # fmt: skip
        id_ = await _at(areas.add_grid(work.call, form), {"jurisdiction": "place", "divisions": "ground"})
        made = await area_queries.grid(work.call, id_)
        # Without the number that it was just given: a row with another number may mean it as well
        work.known.grids.add(Thing(id_, made.name, made.path, made.tier, code=plain(row["code"])), (made.code, made.name))
        return id_

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another name, borders, ground."""
        now = await area_queries.grid(work.call, id_)
        self._refuse_what_stays(work, row, now)
        wanted = self._ground(work, row, now.path)
        old = {one.public_id for one in await area_queries.ground(work.call, now.id)}
        name, note = _kept(now.name, row["name"]), _kept(now.area_note, row["note"])
        moved = bool(wanted) and {one.id for one in wanted} != old
        if (name, note) == (now.name, now.area_note) and not moved:
            return False
        divisions = [one.id for one in wanted] if moved else None
        await areas.change_grid(work.call, id_, name=name, area_note=note, divisions=divisions)
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """All grids that somebody draws."""
        select = (
            "select t.public_id, t.name, j.path, t.tier as of from grid t "
            "join jurisdiction j on j.id = t.jurisdiction and t.enterprise is null"
        )
        return await _things(work, select, work.scheme.tiers)

    async def end(self, work: Work, id_: str) -> None:
        """Dissolved."""
        await areas.end_grid(work.call, id_, work.call.today)

    def _refuse_what_stays(self, work: Work, row: Row, now: area_queries.GridRow) -> None:
        if work.known.places.one(row["place"], column="place", near=now.path).path != now.path:
            raise Refused(say("登记在{place}，不能改；请停用后另建", place=now.place), field="place")
        if row["parent"] and work.known.grids.one(row["parent"], column="parent", near=now.path).id != now.parent_public_id:
            above = now.parent_name or say("没有上级网格")
            raise Refused(say("登记的上级网格是：{name}，不能改；请停用后另建", name=above), field="parent")
        _stays(row, "since", now.since, say("登记的启用日期是 {day}，不能改"))

    def _tier(self, work: Work, row: Row) -> str:
        return next(tier.code for tier in work.scheme.tiers.values() if tier.name == row["tier"])

    def _drawn_in(self, work: Work, code: str) -> Tier | None:
        """The tier of a grid of the register, which only an earlier edition may know."""
        begun = work.call.book.begun(work.scheme.region.code, work.call.today)
        return next((scheme.tiers[code] for scheme in (work.scheme, *begun) if code in scheme.tiers), None)

    def _ground(self, work: Work, row: Row, near: str) -> list[Thing]:
        tier = work.scheme.tiers[self._tier(work, row)]
        if tier.of is not Ground.DRAWN or not row["ground"]:
            return []
        return [work.known.places.one(name, column="ground", near=near) for name in LIST.split(row["ground"].strip()) if name]


class OutsideGrids(Kind):
    """Grids of other systems, and the grids of ours that they lie in."""

    code, title = "outside_grids", say("其他系统的网格")
    tables: ClassVar[Tables] = Tables("outside_grid")

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """System, code, name, place, grid."""
        return (
            Column(
                code="system",
                title=say("其他网格系统"),
                also=("网格系统", "所属系统", "系统名称", "系统"),
                required=True,
                most=40,
                hint=say("必填。如“综治网格”，同一个系统每次写法要一样。"),
            ),
            Column(
                code="code",
                title=say("网格编号"),
                also=("网格编码", "网格代码", "综治网格编号", "编号"),
                required=True,
                most=40,
                hint=say("必填。它在那个系统里的编号，以后按它更新。"),
            ),
            Column(
                code="name",
                title=say("网格名称"),
                also=("网格名", "综治网格名称", "名称"),
                required=True,
                most=80,
                hint=say("必填。它在那个系统里的名称。"),
            ),
            Column(
                code="place",
                refers="places",
                title=say("所在辖区"),
                also=(*PLACE_ALSO, *VILLAGE_ALSO),
                required=True,
                hint=say("必填。辖区的代码或名称。"),
            ),
            TOWN,
            Column(
                code="grid",
                refers="grids",
                title=say("对应的安全网格"),
                also=("安全网格", "安全网格编号", "对应网格", "安全生产网格"),
                most=80,
                hint=say("它在哪个安全网格里，填编号或名称；还不知道的空着，以后再对应。"),
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """System and code."""
        return f"{plain(row['system'])} {plain(row['code'])}", "code"

    async def there(self, work: Work, row: Row) -> str | None:
        """The grid of that system with that code."""
        alike = work.known.any_grids.theirs.get(plain(row["code"]), [])
        return next((one.id for one in alike if plain(one.system) == plain(row["system"])), None)

    async def add(self, work: Work, row: Row) -> str:
        """One more."""
        place = work.known.places.one(row["place"], column="place")
        grid = self._grid(work, row, place.path)
        form = outside.OutsideForm(
            system=plain(row["system"]), code=plain(row["code"]), name=row["name"], jurisdiction=place.id, grid=grid
        )
        id_ = await _at(outside.add_outside(work.call, form), {"jurisdiction": "place"})
        work.known.any_grids.add(Theirs(id_, form.system, form.code, form.name, place.path, grid))
        return id_

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another name, place, grid of ours."""
        now = await outside.outside_grid(work.call, id_)
        place = work.known.places.one(row["place"], column="place", near=now.path)
        grid, name = self._grid(work, row, place.path) or now.grid_id, _kept(now.name, row["name"])
        if (name, place.id, grid) == (now.name, now.place_id, now.grid_id):
            return False
        await _at(outside.change_outside(work.call, id_, name=name, jurisdiction=place.id, grid=grid), {"jurisdiction": "place"})
        work.known.any_grids.add(Theirs(id_, now.system, now.code, name, place.path, grid))
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """All of them, system by system."""
        rows = await work.call.db.rows(
            "select o.public_id, o.name, j.path, o.system from outside_grid o join jurisdiction j on j.id = o.jurisdiction "
            "where o.region = $1 and (o.until is null or o.until > $2) and j.path like any($3)",
            work.scheme.region.code, work.call.today, [area + "%" for area in work.call.viewer.areas],
        )  # fmt: skip
        return [Thing(row["public_id"], row["name"], row["path"], row["system"]) for row in rows]

    async def end(self, work: Work, id_: str) -> None:
        """The other system has it no more."""
        await outside.end_outside(work.call, id_, work.call.today)

    def _grid(self, work: Work, row: Row, near: str) -> str | None:
        return work.known.grids.one(row["grid"], column="grid", near=near).id if row["grid"] else None


class People(Kind):
    """People."""

    code, title = "people", say("人员")
    tables: ClassVar[Tables] = Tables("person", ends={"appointment": "person"})

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Name, badge, phone, office, place, certificate."""
        return (
            Column(
                code="name",
                title=say("姓名"),
                also=("人员姓名", "网格员姓名", "名字"),
                required=True,
                most=60,
                hint=say("必填。"),
            ),
            Column(
                code="badge",
                title=say("工作证编号"),
                also=("工作证号", "工号", "人员编号", "证号", "编号"),
                most=40,
                hint=say("有就填，以后按它更新；同名的人要靠它区分。"),
            ),
            Column(
                code="phone",
                title=say("公示电话"),
                also=("联系电话", "手机号码", "手机号", "手机", "联系方式", "电话"),
                required=True,
                of="phone",
                most=30,
                hint=say("必填。会印在公示牌上，请用工作电话。"),
            ),
            Column(
                code="unit",
                refers="units",
                title=say("所在部门"),
                also=("所属部门", "工作单位", "部门", "单位"),
                most=80,
                hint=say("登记过的部门名称。"),
            ),
            Column(
                code="place",
                refers="places",
                title=say("所在辖区"),
                also=(*VILLAGE_ALSO, "村社区", "村（社区）", "村居", "社区", *PLACE_ALSO),
                hint=say("没有部门的人要填。"),
            ),
            TOWN,
            Column(
                code="certificate",
                title=say("执法证号"),
                also=("行政执法证号", "执法证件号", "执法证"),
                most=60,
                hint=say("没有执法证件的不填。不公开。"),
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """The badge, else name and phone."""
        return (plain(row["badge"]), "badge") if row["badge"] else (f"{plain(row['name'])} {row['phone']}", "name")

    async def there(self, work: Work, row: Row) -> str | None:
        """Whoever bears that badge, else who has that name and phone and no badge yet."""
        found = _bearer(work, row)
        if found is None:
            phone = codes.dialled(row["phone"])
            alike = [one for one in _namesakes(work, row) if one.phone == phone]
            found = meant(alike, plain(row["badge"]), column="badge")
        return found.id if found else None

    async def add(self, work: Work, row: Row) -> str:
        """A new person."""
        unit, place = self._where(work, row)
        if place is None:
            raise Refused(say("登记里还没有这个人，请填写所在部门或所在辖区，或先登记"), field="place")
        form = PersonForm(
            name=row["name"],
            phone=row["phone"],
            jurisdiction=place.id,
            badge=plain(row["badge"]),
            certificate=plain(row["certificate"]),
            unit=unit.id if unit else None,
        )
        id_ = await people.add_person(work.call, form)
        thing = person(id_, form.name, place.path, form.badge, form.phone)
        work.known.people.add(thing, (form.badge, form.name))
        return id_

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another phone, badge, certificate, office or place."""
        now = await people_queries.person(work.call, id_)
        unit, place = self._where(work, row)
        form = PersonForm(
            name=now.name, phone=row["phone"] or now.phone, jurisdiction=place.id if place and row["place"] else now.place_id,
            badge=_kept(now.badge, plain(row["badge"]), plain),
            certificate=_kept(now.certificate, plain(row["certificate"]), plain),
            unit=unit.id if unit else now.unit_id,
        )  # fmt: skip
        old = (now.phone, now.place_id, now.badge, now.certificate, now.unit_id)
        if (form.phone, form.jurisdiction, form.badge, form.certificate, form.unit) == old:
            return False
        if not work.call.viewer.covers(now.path):
            raise Refused(
                say("{name}登记在{place}，在这里任职；要由登记的地方改，请把这一行去掉", name=now.name, place=now.place),
                field="name",
            )
        await people.change_person(work.call, id_, form)
        thing = person(id_, now.name, now.path, form.badge, form.phone, given=bool(form.badge and not now.badge))
        work.known.people.add(thing, (form.badge,))
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """Everybody of the region's places."""
        select = "select t.public_id, t.name, j.path, '' as of from person t join jurisdiction j on j.id = t.jurisdiction"
        return await _things(work, select, {}, region=False)

    async def end(self, work: Work, id_: str) -> None:
        """They left."""
        await people.end_person(work.call, id_, work.call.today)

    def _where(self, work: Work, row: Row) -> tuple[Thing | None, Thing | None]:
        place = work.known.places.one(row["place"], column="place") if row["place"] else None
        unit = work.known.units.one(row["unit"], column="unit", near=place.path if place else "") if row["unit"] else None
        if place is None and unit is not None:
            place = next((one for found in work.known.places.by.values() for one in found if one.path == unit.path), None)
        return unit, place


class Appointments(Kind):
    """Who holds which post, where, since when."""

    code, title = "appointments", say("任职")
    tables: ClassVar[Tables] = Tables("appointment")
    at_once = 1_000_000  # all: who leaves may stand anywhere below who comes

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Person, post, seat, from, to."""
        posts = tuple(dict.fromkeys(post.name for post in scheme.posts.values() if post.ex_officio is None))
        return (
            Column(
                code="name",
                title=say("姓名"),
                also=("人员姓名", "任职人", "责任人", "网格员"),
                required=True,
                most=60,
                hint=say("必填。登记过的人。"),
            ),
            Column(
                code="badge",
                refers="people",
                title=say("工作证编号"),
                also=("工作证号", "工号", "人员编号", "证号"),
                most=40,
                hint=say("有同名的人时必填。"),
            ),
            Column(
                code="phone",
                title=say("联系电话"),
                also=("手机号码", "手机", "联系方式", "电话"),
                of="phone",
                most=30,
                hint=say("只用来区分同名的人，不会改动登记。"),
            ),
            Column(
                code="post",
                title=say("岗位"),
                also=("岗位名称", "任职岗位", "职务"),
                required=True,
                choices=posts,
                hint=say("必填。方案里的岗位，从列表选。"),
            ),
            Column(
                code="seat",
                title=say("任职处"),
                also=("任职网格", "负责网格", "任职部门", "任职单位", "负责单位", "网格编号", "网格"),
                required=True,
                most=120,
                hint=say("必填。网格的编号或名称、部门名称，或单位的信用代码、全称；也可以填对应好的其他系统的网格编号。"),
            ),
            Column(
                code="since",
                title=say("到任日期"),
                also=("任职日期", "上任日期", "任职时间", "起始日期"),
                of="day",
                hint=say("不填为今天。"),
            ),
            Column(
                code="until", title=say("离任日期"), also=("离任时间", "结束日期", "截止日期"), of="day", hint=say("还在任不填。")
            ),
            Column(code="reason", title=say("理由"), also=("原因", "说明"), most=200, hint=say("与方案“原则上”的安排不同才填。")),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """Person, post, seat and from when: who left may come back."""
        return " ".join(plain(row[column]) for column in ("name", "badge", "phone", "post", "seat", "since")), "name"

    async def order(self, work: Work, rows: Sequence[Row]) -> list[Row]:
        """Who leaves goes before who comes; with a choice to hand over also who stays, so that nobody on the sheet gives way."""
        leaving = sorted((row for row in rows if row["until"]), key=lambda row: row["until"])
        others = [row for row in rows if not row["until"]]
        if work.hand_over:
            coming = {row.number for row in others if await is_new(self, work, row)}
            others.sort(key=lambda row: row.number in coming)
        return leaving + others

    async def there(self, work: Work, row: Row) -> str | None:
        """The same appointment, or one that it would overlap."""
        holder, at = self._person(work, row), await self._seat(work, row)
        post = self._post(work, row, at)
        since, until = _day(row["since"], work.call.today), _day(row["until"], date.max)
        spells = [
            one
            for one in await people_queries.holdings_of(work.call, (await people_queries.person(work.call, holder.id)).id)
            if (one.post, one.seat_kind, one.seat) == (post, at.seat.kind, at.seat.id) and one.until != one.since
        ]
        same = [one for one in spells if (one.since == since if row["since"] else one.until == until)]
        over = [one for one in spells if (one.until or date.max) > since and (one.since < until or not row["since"])]
        return next((one.id for one in (*same, *over)), None)

    async def add(self, work: Work, row: Row) -> str:
        """Appoint, in place of who gives way for it."""
        at, now = await self._seat(work, row), await self.gives_way(work, row)
        form = AppointmentForm(
            person=self._person(work, row).id, post=self._post(work, row, at), since=_day(row["since"], work.call.today),
            until=date.fromisoformat(row["until"]) if row["until"] else None, reason=row["reason"],
        )  # fmt: skip
        if now is None:
            return await _at(people.appoint(work.call, form, at), {"person": "name"})
        handing = people.hand_over(work.call, now.id, form.person, at, form.since, form.reason)
        return await _at(handing, {"person": "name", "day": "since"})

    async def gives_way(self, work: Work, row: Row) -> people_queries.Holding | None:
        """Who holds the full post that the row appoints somebody to, where the office chose so; None where a place is free.

        :class:`Refused` where nobody gives way: it was not chosen, they stand on the sheet, or it may be one as well as another.
        """
        at, since = await self._seat(work, row), _day(row["since"], work.call.today)
        wanted = next((post for post in posts_at(at.scheme, at.seat) if post.code == self._post(work, row, at)), None)
        if wanted is None or wanted.count.most is None:
            return None
        until = date.fromisoformat(row["until"]) if row["until"] else None
        held = await people_queries.holders_between(work.call, at.seat, wanted.code, since, until)
        if len(held) < wanted.count.most:
            return None
        leaving = [one for one in held if one.id not in work.seen]
        if work.hand_over and len(leaving) == 1 and until is None:
            return leaving[0]
        who = {"post": wanted.name, "n": wanted.count.most, "names": "、".join(one.person_name for one in held[:5])}
        if not work.hand_over:
            raise Held(say("{post}最多 {n} 人，现任是{names}。请写一行现任的离任日期，或选“换人”", **who), field="post")
        if not leaving:
            raise Refused(say("{post}最多 {n} 人，而{names}也在表里，没有离任日期。请核对留谁", **who), field="post")
        raise Refused(say("{post}最多 {n} 人，现任是{names}，不能定是谁离任。请写一行现任的离任日期", **who), field="post")

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """It ends on a day."""
        now = await people_queries.appointment(work.call, id_)
        ended = now.until is not None and now.until <= work.call.today
        if ended and not row["until"]:
            what = say("登记里{name}已于 {day} 离任。又来任职的，到任日期写这一天或以后", name=now.person_name, day=now.until)
            raise Refused(what, field="since")
        _stays(row, "since", now.since, say("登记的到任日期是 {day}，不能改；登记错了的，在任职页办离任再任命"))
        if not row["until"] or date.fromisoformat(row["until"]) == now.until:
            return False
        await _at(people.dismiss(work.call, id_, date.fromisoformat(row["until"])), {"day": "until"})
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """Every appointment that goes on at the viewer's grids and units."""
        rows = await work.call.db.rows(
            """
            select a.public_id, p.name || ' ' || coalesce(g.name, u.name, e.name) as name, j.path, a.post as of from appointment a
                join person p on p.id = a.person left join grid g on g.id = a.grid left join unit u on u.id = a.unit
                left join enterprise e on e.id = a.enterprise
                join jurisdiction j on j.id = coalesce(g.jurisdiction, u.jurisdiction, e.division)
            where a.region = $1 and (a.until is null or a.until > $2) and j.path like any($3)
                and coalesce(g.until, u.until, e.until, 'infinity') > $2 and coalesce(p.until, 'infinity') > $2
            """,
            work.scheme.region.code, work.call.today, [area + "%" for area in work.call.viewer.areas],
        )  # fmt: skip
        return [_thing(row, work.scheme.posts) for row in rows]

    async def end(self, work: Work, id_: str) -> None:
        """They leave the post today."""
        await people.dismiss(work.call, id_, work.call.today)

    def _person(self, work: Work, row: Row) -> Thing:
        if row["badge"]:
            bearer = _bearer(work, row)
            if bearer is None:
                raise Refused(say("登记里没有工作证编号为“{badge}”的人员", badge=row["badge"]), field="badge")
            return bearer
        alike = [one for one in _namesakes(work, row) if one.phone == codes.dialled(row["phone"])] if row["phone"] else []
        if found := meant(alike, "", column="badge"):
            return found
        namesakes = _namesakes(work, row)
        if row["phone"] and namesakes:
            what = say(
                "登记里{name}的电话是 {there}。同一个人，请先用人员表改电话，或填工作证编号；另一个人，请先用人员表登记",
                name=namesakes[0].name,
                there="、".join(one.phone for one in namesakes[:3]),
            )
            raise Refused(what, field="phone")
        return work.known.people.one(row["name"], column="name")

    def _post(self, work: Work, row: Row, at: Seated) -> str:
        """The post of that name that has a seat here, or the first of that name."""
        named = [post for post in work.scheme.posts.values() if post.name == row["post"]]
        here = [post for post in named if post in posts_at(at.scheme, at.seat)]
        return (here or named)[0].code

    async def _seat(self, work: Work, row: Row) -> Seated:
        per = [per for post in work.scheme.posts.values() if post.name == row["post"] for per in post.per]
        near = self._person(work, row).path
        wanted = (
            (work.known.any_grids, "grid", any(one.tier for one in per)),
            (work.known.units, "unit", any(one.unit for one in per)),
            (work.known.enterprises, "enterprise", any(one.klass for one in per)),
        )
        fitting = [(index, kind) for index, kind, may in wanted if may]
        for index, kind in fitting:
            if index.all(row["seat"]):
                thing = index.one(row["seat"], column="seat", near=near)
                seated = enterprise_queries.seated if kind == "enterprise" else None
                return await (seated(work.call, thing.id) if seated else people.seated(work.call, kind, thing.id))
        names = "、".join(index.what for index, _ in fitting)
        raise Refused(say("登记里没有叫“{text}”的{names}", text=row["seat"], names=names), field="seat")


class Enterprises(ManyKind):
    """Enterprises with their facts."""

    code, title = "enterprises", say("单位")
    tables: ClassVar[Tables] = Tables(
        "enterprise",
        {"enterprise_fact": "enterprise", "placement": "enterprise", "grid": "enterprise"},
        ends={"appointment": "enterprise", "charge": "enterprise"},
        through={"appointment": "grid"},
    )
    at_once = 1_000

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Name, credit code, place, address, grid, contact, phone, since, and the facts that the scheme asks for."""
        facts = tuple(
            Column(
                code=f"fact:{fact.code}",
                title=say("{name}", name=fact.name),
                required=True,
                choices=tuple(name for _, name in fact.choices),
                hint=say("{hint}", hint=fact.hint or say("必填，从列表选。")),
            )
            for fact in scheme.facts.values()
        )
        return (
            Column(
                code="name",
                title=say("单位名称"),
                also=("单位全称", "企业全称", "企业名称", "生产经营单位名称", "公司名称", "场所名称", "生产经营单位", "名称"),
                required=True,
                most=120,
                hint=say("必填。营业执照上的全称。"),
            ),
            Column(
                code="credit_code",
                title=say("统一社会信用代码"),
                also=("统一信用代码", "社会信用代码", "信用代码", "营业执照号", "组织机构代码"),
                of="credit_code",
                most=30,
                hint=say("18 位。没有执照的小场所可以空着；填了以后按它更新。"),
            ),
            Column(
                code="place",
                refers="places",
                title=say("所在村或社区"),
                also=(*VILLAGE_ALSO, "村社区", "村（社区）", "村居", "社区", *PLACE_ALSO),
                required=True,
                hint=say("必填。村、社区的代码或名称，见“代码”表。"),
            ),
            TOWN,
            Column(
                code="address",
                title=say("详细地址"),
                also=("生产经营地址", "经营地址", "单位地址", "地址", "注册地址"),
                most=200,
                hint=say("门牌号。"),
            ),
            Column(
                code="grid",
                refers="any_grids",
                title=say("片区网格"),
                also=("片区网格编号", "所在网格", "所属网格", "网格编号", "网格"),
                most=80,
                hint=say("只有按片区划分的网格才填，编号或名称；也可以填对应好的其他系统的网格编号。"),
            ),
            Column(
                code="contact",
                title=say("联系人"),
                also=("安全负责人", "主要负责人", "负责人", "法定代表人", "法人"),
                most=60,
                hint=say("不公开。"),
            ),
            Column(
                code="phone",
                title=say("联系电话"),
                also=("联系方式", "手机号码", "手机", "电话", "负责人电话"),
                of="phone",
                most=30,
                hint=say("不公开。固定电话带区号。"),
            ),
            Column(
                code="since", title=say("登记日期"), also=("登记时间", "起始日期", "成立日期"), of="day", hint=say("不填为今天。")
            ),
            *facts,
        )

    def key(self, row: Row) -> tuple[str, str]:
        """The credit code, else name and place."""
        return (
            (row["credit_code"], "credit_code") if row["credit_code"] else (f"{plain(row['name'])} {plain(row['place'])}", "name")
        )

    async def there(self, work: Work, row: Row) -> str | None:
        """The enterprise with that code, else of that name at that place and without a code yet."""
        if row["credit_code"] and (bearer := work.known.enterprises.all(row["credit_code"])):
            return bearer[0].id
        place = work.known.places.one(row["place"], column="place")
        alike = [one for one in work.known.enterprises.all(row["name"]) if one.path == place.path]
        found = meant(alike, row["credit_code"], column="credit_code")
        return found.id if found else None

    def means(self, work: Work, row: Row) -> str:
        """What new rows may have in common that mean the same enterprise: its name and place."""
        return f"{plain(row['name'])} {work.known.places.one(row['place'], column='place').path}"

    async def add(self, work: Work, row: Row) -> str:
        """A new enterprise, placed at once."""
        form = self._form(work, row, None)
        id_ = await _at(enterprises.add_enterprise(work.call, form), {"division": "place", "drawn_grid": "grid"})
        self._know(work, id_, form, row)
        await self._know_grids(work, [id_])
        return id_

    async def add_many(self, work: Work, rows: Sequence[Row]) -> list[str]:
        """Many new enterprises at once."""
        forms = [self._form(work, row, None) for row in rows]
        ids = await enterprises.add_enterprises(work.call, forms)
        for id_, form, row in zip(ids, forms, rows, strict=True):
            self._know(work, id_, form, row)
        await self._know_grids(work, ids)
        return ids

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another name, place, address, contact or fact; facts hold from today."""
        now = await enterprise_queries.enterprise(work.call, id_)
        form = self._form(work, row, now)
        _stays(row, "since", now.since, say("登记日期是 {day}，不能改"))
        old = (now.name, now.credit_code or "", now.place_id, now.address, now.drawn_grid, now.contact, now.phone)
        new = (form.name, form.credit_code, form.division, form.address, form.drawn_grid, form.contact, form.phone)
        facts = await enterprise_queries.facts_today(work.call, now.id)
        stated = {fact: value for fact, value in form.facts.items() if facts.get(fact) != value}
        if old != new:
            await _at(enterprises.change_enterprise(work.call, id_, form), {"division": "place", "drawn_grid": "grid"})
        if stated:
            await enterprises.state_facts(work.call, id_, stated, work.call.today)
        self._know(work, id_, form, row, given=bool(form.credit_code and not now.credit_code))
        await self._know_grids(work, [id_])
        return old != new or bool(stated)

    async def all(self, work: Work) -> Sequence[Thing]:
        """All enterprises."""
        select = "select t.public_id, t.name, j.path, '' as of from enterprise t join jurisdiction j on j.id = t.division"
        return await _things(work, select, {})

    async def end(self, work: Work, id_: str) -> None:
        """Closed or gone."""
        await enterprises.end_enterprise(work.call, id_, work.call.today)

    def _know(self, work: Work, id_: str, form: enterprises.EnterpriseForm, row: Row, *, given: bool = False) -> None:
        place = work.known.places.one(row["place"], column="place")
        thing = Thing(id_, form.name, place.path, code=form.credit_code, given=given)
        work.known.enterprises.add(thing, (form.credit_code, form.name))

    async def _know_grids(self, work: Work, ids: Sequence[str]) -> None:
        """Whoever holds a post at the grid that one of them is may stand further down."""
        if own_tiers(work.scheme):
            for grid in await own_grids.own_grids(work.call, ids):
                thing = Thing(grid.id, grid.name, grid.path, grid.tier, code=plain(grid.code))
                work.known.grids.add(thing, (grid.code, grid.name))

    def _form(self, work: Work, row: Row, now: enterprise_queries.EnterpriseRow | None) -> enterprises.EnterpriseForm:
        place = work.known.places.one(row["place"], column="place")
        grid = work.known.any_grids.one(row["grid"], column="grid", near=place.path) if row["grid"] else None
        by_name = {fact.code: {name: value for value, name in fact.choices} for fact in work.scheme.facts.values()}
        return enterprises.EnterpriseForm(
            name=_kept(now.name if now else "", row["name"]), division=place.id,
            credit_code=row["credit_code"] or (now.credit_code if now else "") or "",
            address=_kept(now.address if now else "", row["address"]),
            drawn_grid=grid.id if grid else now.drawn_grid if now else None,
            contact=_kept(now.contact if now else "", row["contact"]),
            phone=row["phone"] or (now.phone if now else ""),
            facts={code: by_name[code][row[f"fact:{code}"]] for code in by_name if row[f"fact:{code}"]},
            since=_day(row["since"], work.call.today),
        )  # fmt: skip


class Charges(Kind):
    """Which office answers for which enterprise on which line.

    Known by both: another office on the same line is a new row of the register and still the same charge.
    """

    code, title = "charges", say("条线监管责任")
    tables: ClassVar[Tables] = Tables("enterprise", {"charge": "enterprise"}, own=False)

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Enterprise, line, office."""
        lines = tuple(line.name for line in scheme.lines.values())
        return (
            Column(
                code="enterprise",
                refers="enterprises",
                title=say("单位名称或信用代码"),
                also=("单位名称", "企业名称", "统一社会信用代码", "信用代码", "生产经营单位"),
                required=True,
                most=120,
                hint=say("必填。登记过的单位。"),
            ),
            Column(
                code="line",
                title=say("条线"),
                also=("监管条线", "责任条线", "责任类型"),
                required=True,
                choices=lines,
                hint=say("必填。方案里的条线，从列表选。"),
            ),
            Column(
                code="unit",
                refers="units",
                title=say("负责部门"),
                also=("监管部门", "责任部门", "主管部门", "部门"),
                required=True,
                most=80,
                hint=say("必填。登记过的部门。"),
            ),
            Column(code="since", title=say("从哪天起"), also=("起始日期", "日期"), of="day", hint=say("不填为今天。")),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """Enterprise and line."""
        return f"{plain(row['enterprise'])} {row['line']}", "enterprise"

    async def there(self, work: Work, row: Row) -> str | None:
        """The charge of that line."""
        id_ = self._id(work, row)
        return id_ if await charges.charge(work.call, *id_.split()) is not None else None

    def owner(self, work: Work, row: Row) -> str:
        """The enterprise whose charges a new one may cut short."""
        return work.known.enterprises.one(row["enterprise"], column="enterprise").id

    async def add(self, work: Work, row: Row) -> str:
        """A new charge."""
        firm = work.known.enterprises.one(row["enterprise"], column="enterprise")
        unit = work.known.units.one(row["unit"], column="unit", near=firm.path)
        day = _day(row["since"], work.call.today)
        await _at(charges.assign(work.call, firm.id, self._line(work, row), unit.id, day), NO_FIELD)
        return self._id(work, row)

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another office."""
        firm = work.known.enterprises.one(row["enterprise"], column="enterprise")
        unit = work.known.units.one(row["unit"], column="unit", near=firm.path)
        now = await charges.charge(work.call, firm.id, self._line(work, row))
        if now is not None and now.unit_id == unit.id:
            _stays(row, "since", now.since, say("登记的是从 {day} 起由它负责，不能改；换部门才写新的日期"))
            return False
        day = _day(row["since"], work.call.today)
        await _at(charges.assign(work.call, firm.id, self._line(work, row), unit.id, day), NO_FIELD)
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """Every charge that goes on."""
        rows = await work.call.db.rows(
            "select e.public_id || ' ' || c.line as public_id, e.name, j.path, c.line as of from charge c "
            "join enterprise e on e.id = c.enterprise join unit u on u.id = c.unit join jurisdiction j on j.id = e.division "
            "where e.region = $1 and c.since <= $2 and (c.until is null or c.until > $2) and j.path like any($3) "
            "and coalesce(e.until, 'infinity') > $2 and coalesce(u.until, 'infinity') > $2",
            work.scheme.region.code, work.call.today, [area + "%" for area in work.call.viewer.areas],
        )  # fmt: skip
        return [_thing(row, work.scheme.lines) for row in rows]

    async def end(self, work: Work, id_: str) -> None:
        """Nobody answers for it on that line."""
        enterprise, line = id_.split()
        await charges.end(work.call, enterprise, line, work.call.today)

    def _id(self, work: Work, row: Row) -> str:
        return f"{self.owner(work, row)} {self._line(work, row)}"

    def _line(self, work: Work, row: Row) -> str:
        return next(line.code for line in work.scheme.lines.values() if line.name == row["line"])


class Deeds(Kind):
    """What was done: past ledgers."""

    code, title = "deeds", say("履职记录")
    tables: ClassVar[Tables] = Tables("deed")

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Day, duty, on what, by whom, what came of it."""
        duties = tuple(dict.fromkeys(duty_name(scheme, duty) for duty in scheme.counted.values()))
        return (
            Column(
                code="day",
                title=say("日期"),
                also=("巡查日期", "检查日期", "时间", "巡查时间"),
                of="day",
                required=True,
                hint=say("必填。哪一天做的。"),
            ),
            Column(
                code="duty",
                title=say("职责"),
                also=("事项", "履职事项", "工作内容", "类型"),
                required=True,
                choices=duties,
                hint=say("必填。方案里按次计算的职责，从列表选。"),
            ),
            Column(
                code="subject",
                title=say("对象"),
                also=("单位名称", "企业名称", "被查单位", "网格", "部门"),
                required=True,
                most=120,
                hint=say("必填。单位的信用代码或全称，网格的编号或名称，部门名称，或本人姓名。"),
            ),
            Column(
                code="name",
                title=say("姓名"),
                also=("巡查人", "检查人", "网格员", "责任人"),
                most=60,
                hint=say("谁做的。部门自己的职责可以不填。"),
            ),
            Column(
                code="badge",
                refers="people",
                title=say("工作证编号"),
                also=("工作证号", "工号"),
                most=40,
                hint=say("有同名的人时必填。"),
            ),
            Column(
                code="points",
                title=say("看过的要点"),
                also=("要点", "检查要点"),
                most=400,
                hint=say("方案列的要点，用顿号隔开。"),
            ),
            Column(
                code="note",
                title=say("情况"),
                also=("检查情况", "巡查情况", "备注", "发现问题"),
                most=2_000,
                hint=say("发现和处理。"),
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """Duty, subject and day."""
        return f"{row['duty']} {plain(row['subject'])} {row['day']}", "day"

    async def there(self, work: Work, row: Row) -> str | None:
        """The same duty done on the same thing on the same day."""
        region, day = work.scheme.region.code, date.fromisoformat(row["day"])
        return await deeds.same(work.call, region, self._duty(work, row).code, self._subject(work, row).id, day)

    async def add(self, work: Work, row: Row) -> str:
        """Write it down."""
        duty = self._duty(work, row)
        person = work.known.people.one(row["badge"] or row["name"], column="name") if row["badge"] or row["name"] else None
        form = DeedForm(
            region=work.scheme.region.code, duty=duty.code, subject=self._subject(work, row).id,
            day=date.fromisoformat(row["day"]), person=person.id if person is not None else None, note=row["note"],
            points=tuple(part for part in LIST.split(row["points"].strip()) if part),
        )  # fmt: skip
        return await _at(obligations.add_deed(work.call, form), {"person": "name"})

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another note; who did it and what was seen to stay as they were written."""
        now = await deeds.deed(work.call, id_)
        if row["name"] and now.person and plain(row["name"]) != plain(now.person):
            raise Refused(say("登记的是{name}做的，不能改；撤回后另记", name=now.person), field="name")
        if row["note"] and cleaned(row["note"]) != cleaned(now.note or ""):
            raise Refused(say("已经登记过，情况是“{note}”，不能改；撤回后另记", note=(now.note or "")[:40]), field="note")
        return False

    async def all(self, work: Work) -> Sequence[Thing]:
        """None: a ledger never says what was not done."""
        return ()

    async def end(self, work: Work, id_: str) -> None:
        """Withdrawn."""
        await obligations.withdraw_deed(work.call, id_, say("导入时删去"))

    def _duty(self, work: Work, row: Row) -> Duty:
        return next(duty for duty in work.scheme.counted.values() if duty_name(work.scheme, duty) == row["duty"])

    def _subject(self, work: Work, row: Row) -> Thing:
        known = {
            "enterprise": work.known.enterprises,
            "grid": work.known.grids,
            "unit": work.known.units,
            "person": work.known.people,
        }
        return known[of_duty(self._duty(work, row))].one(row["subject"], column="subject")


def duty_name(scheme: Scheme, duty: Duty) -> str:
    """A duty as a sheet names it: with its post, since two posts may have the same words."""
    who = scheme.posts[duty.who].name if duty.who is not None else scheme.units[duty.on[0].unit or ""].name
    return f"{who}：{duty.says}"


KINDS: Mapping[str, Kind] = {
    kind.code: kind for kind in (Units(), Grids(), OutsideGrids(), People(), Appointments(), Enterprises(), Charges(), Deeds())
}


def _bearer(work: Work, row: Row) -> Thing | None:
    """Whoever bears the badge of the row. :class:`Refused` where that is somebody of another name."""
    badge = plain(row["badge"])
    bearers = [one for one in work.known.people.all(badge) if one.code == badge] if badge else []
    found = [one for one in bearers if plain(one.name) == plain(row["name"])]
    if bearers and not found:
        what = say("工作证编号 {badge} 登记的是{name}，不是{said}", badge=row["badge"], name=bearers[0].name, said=row["name"])
        raise Refused(what, field="badge")
    if len(found) > 1:
        what = say(
            "登记里有 {n} 个{name}的工作证编号都是 {badge}，请先改正登记", n=len(found), name=row["name"], badge=row["badge"]
        )
        raise Refused(what, field="badge")
    return found[0] if found else None


def _namesakes(work: Work, row: Row) -> list[Thing]:
    return [one for one in work.known.people.all(row["name"]) if plain(one.name) == plain(row["name"])]


async def _things(work: Work, select: str, rules: Mapping[str, Unit | Tier | Post | Line], *, region: bool = True) -> list[Thing]:
    within = (
        "t.region = $1" if region else "exists (select from jurisdiction r where r.region = $1 and starts_with(j.path, r.path))"
    )
    rows = await work.call.db.rows(
        f"{select} where {within} and (t.until is null or t.until > $2) and j.path like any($3)",
        work.scheme.region.code, work.call.today, [area + "%" for area in work.call.viewer.areas],
    )  # fmt: skip
    return [_thing(row, rules) for row in rows]


def _thing(row: Record, rules: Mapping[str, Unit | Tier | Post | Line]) -> Thing:
    rule = rules.get(row["of"])
    return Thing(row["public_id"], row["name"], row["path"], rule.name if rule is not None else "")


async def _at(acting: Awaitable[T], columns: Mapping[str, str]) -> T:
    """Let a refusal of an action stand at the column that it means."""
    try:
        return await acting
    except Refused as error:
        raise Refused(error.text, field=columns.get(error.field or "", error.field)) from error


def checked(column: Column, text: str) -> tuple[str, Sequence[Text]]:
    """A cell as it will be used, and everything that is wrong with it."""
    said = text.strip()
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
    if not date(1949, 10, 1) <= read <= date(2100, 1, 1):
        raise Refused(say("{text} 这个日期不合理", text=text))
    return read
