"""Offices, the grids that somebody draws, and the grids of other systems."""

from collections.abc import Sequence
from typing import ClassVar

from portal.areas import actions as areas
from portal.areas import outside
from portal.areas import queries as area_queries
from portal.enterprises.rules import own_tiers
from portal.errors import Refused
from portal.imports.columns import Column, Row, plain
from portal.imports.kinds.kind import (
    PLACE_ALSO,
    TOWN,
    VILLAGE_ALSO,
    SheetKind,
    Tables,
    Work,
    at_columns,
    cell_or_register,
    chosen,
    day_of,
    stays,
    things,
)
from portal.imports.known import Theirs, Thing, meant
from portal.scheme.book import Scheme
from portal.scheme.words import Ground, Tier
from portal.terms import SEPARATORS, also, say

# In the heading of the ground of a grid; brackets are not read
VILLAGES_CALLED = also("村（社区）", "村社区", "村、社区", "村居", "社区")
OWN = say("“{tier}”由单位自动形成，随单位变动，不用导入。请把这一行去掉；单位有变动的，用单位表导入")


class Units(SheetKind):
    """Offices."""

    code, title = "units", say("部门")
    tables: ClassVar[Tables] = Tables("unit", ends={"appointment": "unit", "charge": "unit"})

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Name, kind, place, phone."""
        kinds = tuple(unit.name for unit in scheme.units.values())
        return (
            Column(
                code="name",
                of="firm",
                exact=True,
                title=say("部门名称"),
                also=("机构名称", "单位名称", "机构", "部门", "名称"),
                required=True,
                most=80,
                hint=say("必填。全称。"),
            ),
            Column(
                code="kind",
                title=say("部门类型"),
                also=("类型", "类别", "部门类别", "机构类别", "机构类型", "单位类别", "部门性质", "机构性质"),
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
        kind = chosen((unit.code for unit in work.scheme.units.values() if unit.name == row["kind"]), row, "kind")
        form = areas.UnitForm(kind=kind, name=row["name"], phone=row["phone"], jurisdiction=place.id)
        id_ = await at_columns(areas.add_unit(work.call, form), {"jurisdiction": "place"})
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
        return await things(work, select, work.scheme.units)

    async def end(self, work: Work, id_: str) -> None:
        """Dissolved."""
        await areas.end_unit(work.call, id_, work.call.today)


class Grids(SheetKind):
    """Grids."""

    code, title = "grids", say("网格")
    tables: ClassVar[Tables] = Tables("grid", {"grid_ground": "grid"}, ends={"appointment": "grid"})

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Code, name, tier, place, parent, ground, borders."""
        tiers = tuple(tier.name for tier in scheme.tiers.values() if tier.of is not Ground.ENTERPRISE)
        return (
            Column(
                code="code",
                exact=True,
                title=say("网格编号"),
                also=("网格编码", "网格代码", "编号"),
                most=40,
                hint=say("可以空着，由本系统编号。填写后按编号更新。"),
            ),
            Column(
                code="name",
                of="firm",
                exact=True,
                title=say("网格名称"),
                also=("网格名", "网格", "名称"),
                required=True,
                most=80,
                hint=say("必填。"),
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
                also=(
                    *(begins + what for begins in ("包含", "覆盖", "所辖", "下辖", "所含", "包括") for what in VILLAGES_CALLED),
                    "村社区",
                ),
                most=2_000,
                important=any(Ground.DRAWN in tier.grounds for tier in scheme.tiers.values()),
                hint=say("划片的网格填，村、社区的名称或代码，用顿号隔开。"),
            ),
            Column(
                code="note",
                title=say("责任区"),
                also=(
                    *("责任区范围", "责任区域", "责任范围", "网格范围", "网格边界", "辖区范围", "管辖范围", "四至", "四至范围"),
                    *("边界", "范围"),
                ),
                most=1_000,
                hint=say("用文字说明边界，会印在公示牌上。"),
            ),
            Column(
                code="since",
                title=say("启用日期"),
                also=("起始日期", "设立日期", "划定日期", "启用时间", "设立时间", "划定时间"),
                of="day",
                hint=say("不填为今天。"),
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """The code, else tier, place and name."""
        if row["code"]:
            return plain(row["code"]), "code"
        return f"{row['tier']} {plain(row['place'])} {plain(row['name'])}", "name"

    def calls(self, row: Row) -> tuple[str, str]:
        """The grid above it."""
        return row["parent"], "parent"

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
            tier=self._tier(work, row),
            name=row["name"],
            jurisdiction=place.id,
            code=plain(row["code"]),
            area_note=row["note"],
            parent=parent.id if parent else None,
            divisions=tuple(one.id for one in self._ground(work, row, place.path)),
            since=day_of(row["since"], work.call.today),
        )
        id_ = await at_columns(areas.add_grid(work.call, form), {"jurisdiction": "place", "divisions": "ground"})
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
        name, note = cell_or_register(now.name, row["name"], plain), cell_or_register(now.area_note, row["note"])
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
        return await things(work, select, work.scheme.tiers)

    async def end(self, work: Work, id_: str) -> None:
        """Dissolved."""
        await areas.end_grid(work.call, id_, work.call.today)

    def _refuse_what_stays(self, work: Work, row: Row, now: area_queries.GridRow) -> None:
        if work.known.places.one(row["place"], column="place", near=now.path).path != now.path:
            raise Refused(say("登记在{place}，不能改；请停用后另建", place=now.place), field="place")
        if row["parent"] and work.known.grids.one(row["parent"], column="parent", near=now.path).id != now.parent_public_id:
            above = now.parent_name or say("没有上级网格")
            raise Refused(say("登记的上级网格是：{name}，不能改；请停用后另建", name=above), field="parent")
        stays(row, "since", now.since, say("登记的启用日期是 {day}。登记有误的，请到网格页面点“更正日期”"))

    def _tier(self, work: Work, row: Row) -> str:
        return chosen((tier.code for tier in work.scheme.tiers.values() if tier.name == row["tier"]), row, "tier")

    def _drawn_in(self, work: Work, code: str) -> Tier | None:
        """The tier of a grid of the register, which only an earlier edition may know."""
        begun = work.call.book.begun_by(work.scheme.region.code, work.call.today)
        return next((scheme.tiers[code] for scheme in (work.scheme, *begun) if code in scheme.tiers), None)

    def _ground(self, work: Work, row: Row, near: str) -> list[Thing]:
        tier = work.scheme.tiers[self._tier(work, row)]
        if tier.of is not Ground.DRAWN or not row["ground"]:
            return []
        return [
            work.known.places.one(name, column="ground", near=near) for name in SEPARATORS.split(row["ground"].strip()) if name
        ]


class OutsideGrids(SheetKind):
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
                exact=True,
                title=say("网格编号"),
                also=("网格编码", "网格代码", "综治网格编号", "编号"),
                required=True,
                most=40,
                hint=say("必填。在原系统中的编号，以后按编号更新。"),
            ),
            Column(
                code="name",
                of="firm",
                exact=True,
                title=say("网格名称"),
                also=("网格名", "综治网格名称", "名称"),
                required=True,
                most=80,
                hint=say("必填。在原系统中的名称。"),
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
                title=say("关联的安全网格"),
                also=("对应的安全网格", "安全网格", "安全网格编号", "对应网格", "安全生产网格"),
                most=80,
                hint=say("所在的安全网格，填编号或名称；不能确定的空着，以后再关联。"),
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
        id_ = await at_columns(outside.add_outside(work.call, form), {"jurisdiction": "place"})
        work.known.any_grids.add(Theirs(id_, form.system, form.code, form.name, place.path, grid))
        return id_

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another name, place, grid of ours."""
        now = await outside.outside_grid(work.call, id_)
        place = work.known.places.one(row["place"], column="place", near=now.path)
        grid, name = self._grid(work, row, place.path) or now.grid_id, cell_or_register(now.name, row["name"], plain)
        if (name, place.id, grid) == (now.name, now.place_id, now.grid_id):
            return False
        await at_columns(
            outside.change_outside(work.call, id_, name=name, jurisdiction=place.id, grid=grid), {"jurisdiction": "place"}
        )
        work.known.any_grids.add(Theirs(id_, now.system, now.code, name, place.path, grid))
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """All of them, system by system."""
        rows = await work.call.db.rows(
            "select o.public_id, o.name, j.path, o.system from outside_grid o join jurisdiction j on j.id = o.jurisdiction "
            "where o.region = $1 and (o.until is null or o.until > $2) and j.path like any($3)",
            work.scheme.region.code,
            work.call.today,
            [area + "%" for area in work.call.viewer.areas],
        )
        return [Thing(row["public_id"], row["name"], row["path"], row["system"]) for row in rows]

    async def end(self, work: Work, id_: str) -> None:
        """The other system has it no more."""
        await outside.end_outside(work.call, id_, work.call.today)

    def _grid(self, work: Work, row: Row, near: str) -> str | None:
        return work.known.grids.one(row["grid"], column="grid", near=near).id if row["grid"] else None
