"""Enterprises, and which office answers for which of them."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from portal.enterprises import actions as enterprises
from portal.enterprises import charges, own_grids
from portal.enterprises import queries as enterprise_queries
from portal.enterprises.rules import own_tiers
from portal.errors import NotVisible, Refused
from portal.imports.columns import Column, Row, plain
from portal.imports.kinds.kind import (
    PLACE_ALSO,
    TOWN,
    VILLAGE_ALSO,
    ManyKind,
    SheetKind,
    Tables,
    Work,
    at_columns,
    cell_or_register,
    chosen,
    day_of,
    stays,
    thing,
    things,
)
from portal.imports.known import Thing, meant
from portal.scheme.book import Scheme
from portal.terms import Text, say

MOST_CONTACTS = 60
NO_FIELD = {"": "unit"}  # an office elsewhere is the only thing that the action refuses without naming a field


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
    twice: ClassVar[Mapping[str, Text]] = {
        "name": say("与第 {n} 行重复。是同一家的，请去掉一行；是两家的，请把各自的门牌号写进地址"),
        "credit_code": say(
            "与第 {n} 行重复。如果是同一执照的另一处场所：这一行去掉信用代码，名称后面注明，如“（二厂区）”，就登记成两家"
        ),
    }

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
                of="firm",
                exact=True,
                title=say("单位名称"),
                also=(
                    *("单位全称", "企业全称", "企业名称", "企业单位名称", "单位企业名称", "生产经营单位名称", "公司名称"),
                    *(
                        "场所名称",
                        "生产经营单位",
                        "市场主体名称",
                        "经营主体名称",
                        "主体名称",
                        "经营单位名称",
                        "经营单位",
                        "商户名称",
                    ),
                    *("商铺名称", "店铺名称", "门店名称", "店名", "被检查单位", "企业名", "单位名", "名称"),
                ),
                required=True,
                most=120,
                hint=say("必填。营业执照上的全称。"),
            ),
            Column(
                code="credit_code",
                title=say("统一社会信用代码"),
                also=(
                    *("统一信用代码", "社会信用代码", "社会统一信用代码", "统一社会信用码", "统一代码", "信用代码", "营业执照号"),
                    *("营业执照编号", "营业执照注册号", "执照号", "注册号", "组织机构代码"),
                ),
                of="credit_code",
                important=True,
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
                also=(
                    *(
                        "生产经营地址",
                        "经营地址",
                        "实际经营地址",
                        "生产经营场所地址",
                        "生产经营场所",
                        "经营场所",
                        "场所地址",
                        "营业地址",
                    ),
                    *(
                        "生产地址",
                        "单位详细地址",
                        "单位地址",
                        "企业地址",
                        "公司地址",
                        "厂址",
                        "具体地址",
                        "门牌号",
                        "地址",
                        "注册地址",
                    ),
                    *("住所", "住所地", "经营住所"),
                ),
                most=200,
                hint=say("门牌号。"),
            ),
            Column(
                code="grid",
                refers="any_grids",
                title=say("片区网格"),
                also=("片区网格编号", "所在网格", "所属网格", "网格编号", "网格"),
                most=80,
                hint=say("只有按片区划分的网格才填，编号或名称；也可以填已关联的其他系统的网格编号。"),
            ),
            Column(
                code="contact",
                title=say("联系人"),
                also=(
                    *(
                        "联系人姓名",
                        "企业联系人",
                        "单位联系人",
                        "安全负责人",
                        "安全管理员",
                        "安全管理人员",
                        "安全员",
                        "主要负责人",
                    ),
                    *(
                        "主要负责人姓名",
                        "企业负责人",
                        "单位负责人",
                        "负责人",
                        "负责人姓名",
                        "经营者",
                        "法定代表人",
                        "法人代表",
                        "法人",
                    ),
                ),
                most=60,
                hint=say("不公开。"),
            ),
            Column(
                code="phone",
                title=say("联系电话"),
                also=(
                    *("联系方式", "手机号码", "手机号", "手机", "联系手机", "电话", "电话号码", "联系人电话", "联系人手机"),
                    *("联系人手机号码", "联系人联系方式", "企业联系电话", "企业电话", "单位电话", "负责人联系电话", "负责人电话"),
                    *("负责人手机", "主要负责人电话", "安全负责人电话", "法定代表人电话", "法人电话"),
                ),
                of="phone",
                lenient=True,
                most=30,
                hint=say("不公开。固定电话带区号。"),
            ),
            Column(
                code="since",
                title=say("登记日期"),
                also=("登记时间", "建档日期", "入库日期", "起始日期", "成立日期", "成立时间"),
                of="day",
                hint=say("不填为今天。"),
            ),
            *facts,
        )

    def key(self, row: Row) -> tuple[str, str]:
        """The credit code, else name, place and address."""
        if row["credit_code"]:
            return row["credit_code"], "credit_code"
        return " ".join(plain(row[column]) for column in ("name", "place", "address")), "name"

    def twin(self, work: Work, row: Row) -> str:
        """Name and place, however that is written: two shops of one name are told apart by their address."""
        return f"{plain(row['name'])} {work.known.places.spot(row['place'])}"

    def joined(self, first: Row, again: Row) -> tuple[Row, str, Text] | None:
        """One firm in two rows, as merged cells give it: with a second contact, or a second number."""
        other = {code for code in {*first.cells, *again.cells} if first[code] != again[code]}
        if not other or not other <= {"contact", "phone"} or not any(again[code] for code in other):
            return None
        both = "、".join(dict.fromkeys(filter(None, (first["contact"], again["contact"]))))
        if len(both) > MOST_CONTACTS:
            return None
        phone = first["phone"] or again["phone"]
        told = {"n": first.number, "both": both, "phone": again["phone"]}
        if "contact" not in other or not again["contact"]:
            what = (
                say("与第 {n} 行是同一家，联系电话用第 {n} 行的，没有采用 {phone}", **told)
                if first["phone"]
                else say("与第 {n} 行是同一家，联系电话记为 {phone}", **told)
            )
            return replace(first, cells={**first.cells, "phone": phone}), "phone", what
        what = say("与第 {n} 行是同一家，联系人记为“{both}”，联系电话用第 {n} 行的", **told)
        if not first["phone"] and again["phone"]:
            what = say("与第 {n} 行是同一家，联系人记为“{both}”，联系电话记为 {phone}", **told)
        return replace(first, cells={**first.cells, "contact": both, "phone": phone}), "contact", what

    async def there(self, work: Work, row: Row) -> str | None:
        """The enterprise with that code, else of that name at that place and without a code yet."""
        if row["credit_code"] and (bearer := work.known.enterprises.all(row["credit_code"])):
            return bearer[0].id
        place = work.known.places.one(row["place"], column="place")
        alike = [one for one in work.known.enterprises.all(row["name"]) if one.path == place.path]
        twins = not row["credit_code"] and self.twin(work, row) in work.twins
        if twins or len(alike) > 1:
            here = [one for one in alike if one.where == plain(row["address"])]
            alike = here if here or twins else alike
        found = meant(alike, row["credit_code"], column="credit_code")
        return found.id if found else None

    def means(self, work: Work, row: Row) -> str:
        """What new rows may have in common that mean the same enterprise: its name and place."""
        return f"{plain(row['name'])} {work.known.places.one(row['place'], column='place').path}"

    async def add(self, work: Work, row: Row) -> str:
        """A new enterprise, placed at once."""
        form = self._form(work, row, None)
        id_ = await at_columns(enterprises.add_enterprise(work.call, form), {"division": "place", "drawn_grid": "grid"})
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

    async def unchanged(self, work: Work, rows: Mapping[str, Row]) -> set[str]:
        """Those that the register says the same of."""
        found = set()
        for id_, now in (await enterprise_queries.stated(work.call, list(rows))).items():
            with contextlib.suppress(Refused):
                _, moved, facts = self._news(work, rows[id_], now)
                if not moved and not facts:
                    found.add(id_)
        return found

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another name, place, address, contact or fact; facts hold from today."""
        return bool(await self.change_many(work, {id_: row}))

    async def change_many(self, work: Work, rows: Mapping[str, Row]) -> set[str]:
        """The same of many."""
        now = await enterprise_queries.stated(work.call, list(rows))
        if len(now) < len(rows):
            # Somebody moved one of them elsewhere, or took it back, meanwhile
            raise NotVisible
        news = {id_: self._news(work, row, now[id_]) for id_, row in rows.items()}
        moved = {id_: form for id_, (form, differs, _) in news.items() if differs}
        stated = {id_: facts for id_, (*_, facts) in news.items() if facts}
        if moved:
            both = {id_: facts for id_, facts in stated.items() if id_ in moved}
            await at_columns(enterprises.change_enterprises(work.call, moved, both), {"division": "place", "drawn_grid": "grid"})
        if others := {id_: facts for id_, facts in stated.items() if id_ not in moved}:
            await enterprises.state_facts_of_many(work.call, others, work.call.today)
        for id_, (form, *_) in news.items():
            self._know(work, id_, form, rows[id_], given=bool(form.credit_code and not now[id_].credit_code))
        await self._know_grids(work, list(rows))
        return {*moved, *stated}

    def _news(
        self, work: Work, row: Row, now: enterprise_queries.Stated
    ) -> tuple[enterprises.EnterpriseForm, bool, Mapping[str, str]]:
        """What a row says of an enterprise, whether anything but facts is another than now, and the facts that are."""
        form = self._form(work, row, now)
        stays(row, "since", now.since, say("登记日期是 {day}。登记有误的，请到单位页面点“更正日期”"))
        old = (now.name, now.credit_code, now.place, now.address, now.drawn_grid, now.contact, now.phone)
        new = (form.name, form.credit_code, form.division, form.address, form.drawn_grid, form.contact, form.phone)
        return form, old != new, {fact: value for fact, value in form.facts.items() if now.facts.get(fact) != value}

    async def all(self, work: Work) -> Sequence[Thing]:
        """All enterprises."""
        select = "select t.public_id, t.name, j.path, '' as of from enterprise t join jurisdiction j on j.id = t.division"
        return await things(work, select, {})

    async def end(self, work: Work, id_: str) -> None:
        """Closed or gone."""
        await enterprises.end_enterprise(work.call, id_, work.call.today)

    def _know(self, work: Work, id_: str, form: enterprises.EnterpriseForm, row: Row, *, given: bool = False) -> None:
        place = work.known.places.one(row["place"], column="place")
        thing = Thing(id_, form.name, place.path, code=form.credit_code, given=given, where=plain(form.address))
        work.known.enterprises.add(thing, (form.credit_code, form.name))

    async def _know_grids(self, work: Work, ids: Sequence[str]) -> None:
        """Whoever holds a post at the grid that one of them is may stand further down."""
        if own_tiers(work.scheme):
            for grid in await own_grids.own_grids(work.call, ids):
                thing = Thing(grid.id, grid.name, grid.path, grid.tier, code=plain(grid.code))
                work.known.grids.add(thing, (grid.code, grid.name))

    def _form(self, work: Work, row: Row, now: enterprise_queries.Stated | None) -> enterprises.EnterpriseForm:
        place = work.known.places.one(row["place"], column="place")
        grid = work.known.any_grids.one(row["grid"], column="grid", near=place.path) if row["grid"] else None
        return enterprises.EnterpriseForm(
            name=cell_or_register(now.name if now else "", row["name"], plain),
            division=place.id,
            credit_code=row["credit_code"] or (now.credit_code if now else ""),
            address=cell_or_register(now.address if now else "", row["address"]),
            drawn_grid=grid.id if grid else now.drawn_grid if now else None,
            contact=cell_or_register(now.contact if now else "", row["contact"]),
            phone=row["phone"] or (now.phone if now else ""),
            facts={
                fact.code: next(value for value, name in fact.choices if name == told)
                for fact in work.scheme.facts.values()
                if (told := row[f"fact:{fact.code}"])
            },
            since=day_of(row["since"], work.call.today),
        )


class Charges(SheetKind):
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
                also=("单位名称", "企业名称", "公司名称", "场所名称", "统一社会信用代码", "信用代码", "生产经营单位"),
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
        day = day_of(row["since"], work.call.today)
        await at_columns(charges.assign(work.call, firm.id, self._line(work, row), unit.id, day), NO_FIELD)
        return self._id(work, row)

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another office."""
        firm = work.known.enterprises.one(row["enterprise"], column="enterprise")
        unit = work.known.units.one(row["unit"], column="unit", near=firm.path)
        now = await charges.charge(work.call, firm.id, self._line(work, row))
        if now is not None and now.unit_id == unit.id:
            stays(
                row,
                "since",
                now.since,
                say("登记的是自 {day}起由该部门负责。登记有误的，请到单位页面点“更正日期”；更换部门的才写新的日期"),
            )
            return False
        day = day_of(row["since"], work.call.today)
        await at_columns(charges.assign(work.call, firm.id, self._line(work, row), unit.id, day), NO_FIELD)
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """Every charge that goes on."""
        rows = await work.call.db.rows(
            "select e.public_id || ' ' || c.line as public_id, e.name, j.path, c.line as of from charge c "
            "join enterprise e on e.id = c.enterprise join unit u on u.id = c.unit join jurisdiction j on j.id = e.division "
            "where e.region = $1 and c.since <= $2 and (c.until is null or c.until > $2) and j.path like any($3) "
            "and coalesce(e.until, 'infinity') > $2 and coalesce(u.until, 'infinity') > $2",
            work.scheme.region.code,
            work.call.today,
            [area + "%" for area in work.call.viewer.areas],
        )
        return [thing(row, work.scheme.lines) for row in rows]

    async def end(self, work: Work, id_: str) -> None:
        """Nobody answers for it on that line."""
        enterprise, line = id_.split()
        await charges.end(work.call, enterprise, line, work.call.today)

    def _id(self, work: Work, row: Row) -> str:
        return f"{self.owner(work, row)} {self._line(work, row)}"

    def _line(self, work: Work, row: Row) -> str:
        return chosen((line.code for line in work.scheme.lines.values() if line.name == row["line"]), row, "line")
