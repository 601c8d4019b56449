"""People and the posts that they hold."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar

from portal import codes
from portal.enterprises import queries as enterprise_queries
from portal.errors import Refused
from portal.imports.columns import Column, Row, plain
from portal.imports.kinds.kind import (
    PLACE_ALSO,
    TOWN,
    VILLAGE_ALSO,
    PostTaken,
    SheetKind,
    Tables,
    Work,
    at_columns,
    cell_or_register,
    day_of,
    is_new,
    stays,
    thing,
    things,
)
from portal.imports.known import Thing, meant, person
from portal.people import actions as people
from portal.people import queries as people_queries
from portal.people.actions import AppointmentForm, PersonForm, Seated
from portal.people.rules import posts_at
from portal.scheme.book import Scheme
from portal.terms import Text, say


class People(SheetKind):
    """People."""

    code, title = "people", say("人员")
    tables: ClassVar[Tables] = Tables("person", ends={"appointment": "person"})

    def columns(self, scheme: Scheme) -> tuple[Column, ...]:
        """Name, badge, phone, office, place, certificate."""
        return (
            Column(
                code="name",
                exact=True,
                title=say("姓名"),
                also=("人员姓名", "网格员姓名", "名字"),
                of="name",
                required=True,
                most=60,
                hint=say("必填。"),
            ),
            Column(
                code="badge",
                exact=True,
                title=say("工作证编号"),
                also=("工作证号", "工号", "人员编号", "证号", "编号"),
                most=40,
                hint=say("有就填，以后按它更新；同名的人要靠它区分。"),
            ),
            Column(
                code="phone",
                title=say("公示电话"),
                also=(
                    "联系电话",
                    "手机号码",
                    "手机号",
                    "手机",
                    "联系手机",
                    "联系方式",
                    "电话号码",
                    "办公电话",
                    "工作电话",
                    "电话",
                ),
                required=True,
                of="phone",
                most=30,
                hint=say("必填。会印在公示牌上，请用工作电话。"),
            ),
            Column(
                code="unit",
                refers="units",
                title=say("所在部门"),
                also=("所属部门", "工作单位", "所在单位", "所属单位", "单位名称", "部门", "科室", "单位"),
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
                exact=True,
                title=say("执法证号"),
                also=("行政执法证号", "执法证件号", "执法证"),
                most=60,
                hint=say("没有执法证件的不填。不公开。"),
            ),
        )

    def key(self, row: Row) -> tuple[str, str]:
        """The badge, else name and phone."""
        return (
            (plain(row["badge"]), "badge")
            if row["badge"]
            else (f"{codes.spelled(row['name'])} {codes.national(row['phone'])}", "name")
        )

    def doubts(self, work: Work, row: Row) -> Mapping[str, Text]:
        """Somebody new who is called as somebody of the same place is, with another number: perhaps theirs has changed."""
        alike = [] if row["badge"] else _namesakes(work, row)
        if not alike or codes.national(row["phone"]) in {codes.national(one.phone) for one in alike}:
            return {}
        with contextlib.suppress(Refused):
            _, place = self._where(work, row)
            if others := [one for one in alike if place is not None and one.path == place.path]:
                said = say(
                    "已有一名{name}，电话是 {there}：电话不同，按另一人登记。是同一人的，请先修改登记的电话，或填工作证编号",
                    name=others[0].name,
                    there="、".join(one.phone for one in others[:3]),
                )
                return {"phone": said}
        return {}

    async def there(self, work: Work, row: Row) -> str | None:
        """Whoever bears that badge, else who has that name and phone and no badge yet."""
        found = _bearer(work, row)
        if found is None:
            phone = codes.national(row["phone"])
            alike = [one for one in _namesakes(work, row) if codes.national(one.phone) == phone]
            found = meant(alike, plain(row["badge"]), column="badge")
        return found.id if found else None

    async def add(self, work: Work, row: Row) -> str:
        """A new person."""
        unit, place = self._where(work, row)
        if place is None:
            raise Refused(say("还没有登记这名人员，请填写所在部门或所在辖区，或先登记"), field="place")
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
        work.known.add_person(thing, (form.badge, form.name))
        return id_

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """Another phone, badge, certificate, office or place."""
        now = await people_queries.person(work.call, id_)
        unit, place = self._where(work, row)
        form = PersonForm(
            name=now.name,
            phone=cell_or_register(now.phone, row["phone"], codes.national),
            jurisdiction=place.id if place and row["place"] else now.place_id,
            badge=cell_or_register(now.badge, plain(row["badge"]), plain),
            certificate=cell_or_register(now.certificate, plain(row["certificate"]), plain),
            unit=unit.id if unit else now.unit_id,
        )
        old = (now.phone, now.place_id, now.badge, now.certificate, now.unit_id)
        if (form.phone, form.jurisdiction, form.badge, form.certificate, form.unit) == old:
            return False
        if not work.call.viewer.covers(now.path):
            raise Refused(
                say("{name}登记在{place}，在这里任职；要由登记的辖区更改，请把这一行去掉", name=now.name, place=now.place),
                field="name",
            )
        await people.change_person(work.call, id_, form)
        thing = person(id_, now.name, now.path, form.badge, form.phone, given=bool(form.badge and not now.badge))
        work.known.add_person(thing, (form.badge,))
        return True

    async def all(self, work: Work) -> Sequence[Thing]:
        """Everybody of the region's places."""
        select = "select t.public_id, t.name, j.path, '' as of from person t join jurisdiction j on j.id = t.jurisdiction"
        return await things(work, select, {}, region=False)

    async def end(self, work: Work, id_: str) -> None:
        """They left."""
        await people.end_person(work.call, id_, work.call.today)

    def _where(self, work: Work, row: Row) -> tuple[Thing | None, Thing | None]:
        place = work.known.places.one(row["place"], column="place") if row["place"] else None
        unit = work.known.units.one(row["unit"], column="unit", near=place.path if place else "") if row["unit"] else None
        if place is None and unit is not None:
            place = next((one for found in work.known.places.by.values() for one in found if one.path == unit.path), None)
        return unit, place


class Appointments(SheetKind):
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
                among=("people",),
                exact=True,
                title=say("姓名"),
                also=("人员姓名", "任职人", "责任人", "网格员"),
                of="name",
                required=True,
                most=60,
                hint=say("必填。登记过的人。"),
            ),
            Column(
                code="badge",
                exact=True,
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
                among=("any_grids", "units", "enterprises"),
                title=say("任职处"),
                also=("任职网格", "负责网格", "任职部门", "任职单位", "负责单位", "网格编号", "网格"),
                required=True,
                most=120,
                hint=say("必填。网格的编号或名称、部门名称，或单位的信用代码、全称；也可以填已关联的其他系统的网格编号。"),
            ),
            Column(
                code="since",
                title=say("到任日期"),
                also=(
                    *("任职日期", "上任日期", "任职时间", "上任时间", "到任时间", "到岗日期", "到岗时间", "上岗日期", "上岗时间"),
                    *("任职起始日期", "起始日期", "聘用日期", "聘用时间"),
                ),
                of="day",
                important=True,
                hint=say("不填为今天。"),
            ),
            Column(
                code="until",
                title=say("离任日期"),
                also=("离任时间", "结束日期", "截止日期"),
                of="day",
                far=True,
                hint=say("还在任不填。"),
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
        since, until = day_of(row["since"], work.call.today), day_of(row["until"], date.max)
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
            person=self._person(work, row).id,
            post=self._post(work, row, at),
            since=day_of(row["since"], work.call.today),
            until=date.fromisoformat(row["until"]) if row["until"] else None,
            reason=row["reason"],
        )
        if now is None:
            return await at_columns(people.appoint(work.call, form, at), {"person": "name"})
        handing = people.hand_over(work.call, now.id, form.person, at, form.since, form.reason)
        return await at_columns(handing, {"person": "name", "day": "since"})

    async def gives_way(self, work: Work, row: Row) -> people_queries.Holding | None:
        """Who holds the full post that the row appoints somebody to, where the office chose so; None where a place is free.

        :class:`Refused` where nobody gives way: it was not chosen, they stand on the sheet, or it may be one as well as another.
        """
        at, since = await self._seat(work, row), day_of(row["since"], work.call.today)
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
        if not leaving:
            raise Refused(say("{post}最多 {n} 人，而{names}也在表里，没有离任日期。请核对由谁任职", **who), field="post")
        if not work.hand_over:
            raise PostTaken(say("{post}最多 {n} 人，现任是{names}。请写一行现任的离任日期，或选“岗位移交”", **who), field="post")
        raise Refused(say("{post}最多 {n} 人，现任是{names}，不能定是谁离任。请写一行现任的离任日期", **who), field="post")

    async def change(self, work: Work, id_: str, row: Row) -> bool:
        """It ends on a day."""
        now = await people_queries.appointment(work.call, id_)
        ended = now.until is not None and now.until <= work.call.today
        if ended and not row["until"]:
            what = say(
                "登记的{name}已于 {day}离任。登记有误的，请到人员页面的“任职”点“更正日期”；重新任职的，到任日期写这一天或以后",
                name=now.person_name,
                day=now.until,
            )
            raise Refused(what, field="since")
        stays(row, "since", now.since, say("登记的到任日期是 {day}。登记有误的，请到人员页面的“任职”点“更正日期”"))
        if not row["until"] or date.fromisoformat(row["until"]) == now.until:
            return False
        await at_columns(people.dismiss(work.call, id_, date.fromisoformat(row["until"])), {"day": "until"})
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
            work.scheme.region.code,
            work.call.today,
            [area + "%" for area in work.call.viewer.areas],
        )
        return [thing(row, work.scheme.posts) for row in rows]

    async def end(self, work: Work, id_: str) -> None:
        """They leave the post today."""
        await people.dismiss(work.call, id_, work.call.today)

    def _person(self, work: Work, row: Row) -> Thing:
        if row["badge"]:
            bearer = _bearer(work, row)
            if bearer is None:
                raise Refused(say("没有登记工作证编号为“{badge}”的人员", badge=row["badge"]), field="badge")
            return bearer
        alike = (
            [one for one in _namesakes(work, row) if codes.national(one.phone) == codes.national(row["phone"])]
            if row["phone"]
            else []
        )
        if found := meant(alike, "", column="badge"):
            return found
        namesakes = _namesakes(work, row)
        if row["phone"] and namesakes:
            what = say(
                "登记的{name}的电话是 {there}。是同一人的，请先用人员表改电话，或填工作证编号；是另一人的，请先用人员表登记",
                name=namesakes[0].name,
                there="、".join(one.phone for one in namesakes[:3]),
            )
            raise Refused(what, field="phone")
        if not namesakes and not work.known.people.all(row["name"]):
            what = say("没有登记名为“{text}”的人员。请先登记；这张表里写了电话和部门的，先按“人员”导入一次", text=row["name"])
            raise Refused(what, field="name")
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
        raise Refused(say("没有登记名为“{text}”的{names}", text=row["seat"], names=names), field="seat")


def _bearer(work: Work, row: Row) -> Thing | None:
    """Whoever bears the badge of the row. :class:`Refused` where that is somebody of another name."""
    badge = plain(row["badge"])
    bearers = [one for one in work.known.people.all(badge) if one.code == badge] if badge else []
    found = [one for one in bearers if codes.spelled(one.name) == codes.spelled(row["name"])]
    if bearers and not found:
        what = say("工作证编号 {badge} 登记的是{name}，不是{said}", badge=row["badge"], name=bearers[0].name, said=row["name"])
        raise Refused(what, field="badge")
    if len(found) > 1:
        what = say(
            "登记的人员中有 {n} 个{name}的工作证编号都是 {badge}，请先改正登记",
            n=len(found),
            name=row["name"],
            badge=row["badge"],
        )
        raise Refused(what, field="badge")
    return found[0] if found else None


def _namesakes(work: Work, row: Row) -> list[Thing]:
    return [one for one in work.known.people.all(row["name"]) if codes.spelled(one.name) == codes.spelled(row["name"])]
