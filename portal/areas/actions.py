"""Making, changing and ending jurisdictions, units and grids. Each act is one transaction with its ledger entry."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal import codes
from portal.areas import queries
from portal.areas.queries import GridRow, JurisdictionRow, UnitRow
from portal.areas.rules import Correction, fits_ground, fits_place, fits_within, stands
from portal.areas.schemes import ruling
from portal.areas.tables import Grid, GridGround, Jurisdiction, UnitTable
from portal.call import Call, Event
from portal.errors import Refused
from portal.ledger.actions import record, tell
from portal.scheme.book import Scheme
from portal.scheme.words import Ground
from portal.scheme.words import Unit as UnitKind
from portal.storage import undone
from portal.storage.rows import hold_row, write_changed
from portal.storage.search import index, sort_key
from portal.terms import SERVES, say

LONGEST_PATH = 200


@dataclass(frozen=True, kw_only=True)
class JurisdictionForm:
    """What a form says of a jurisdiction. ``region`` names the scheme that governs it and all below."""

    code: str
    name: str
    kind: str
    parent: str | None = None
    region: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnitForm:
    """What a form says of a unit; ``jurisdiction`` by public id."""

    kind: str
    name: str
    phone: str
    jurisdiction: str
    only_chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class GridForm:
    """What a form says of a grid; an empty ``code`` is numbered by the region's plugin or the portal. ``served_by`` is the office
    of several of a kind that serves it, by public id, empty for none in particular.
    """

    tier: str
    name: str
    jurisdiction: str
    code: str = ""
    area_note: str = ""
    parent: str | None = None
    divisions: tuple[str, ...] = ()
    served_by: str = ""
    since: date | None = None


async def add_jurisdiction(call: Call, form: JurisdictionForm) -> str:
    """Add a jurisdiction below another, or at the top for an administrator."""

    async def work() -> str:
        parent = await queries.jurisdiction(call, form.parent) if form.parent else None
        if parent is None:
            call.viewer.require("/")
        else:
            fits_within(form.kind, parent.kind)
        if form.region is not None and form.region not in call.book.regions:
            raise Refused(say("没有启用名为“{code}”的方案。", code=form.region), field="region")
        if form.region is not None and parent is not None:
            await _refuse_another(call, form.region, parent)
        code = codes.division(form.code)
        if not re.fullmatch(r"[0-9A-Za-z-]{2,20}", code):
            raise Refused(say("代码只用数字、字母和横线，2 到 20 个字符。"), field="code")
        taken = "select code from jurisdiction where code = any($1)"
        if (other := await call.db.value(taken, list(codes.division_spellings(code)))) is not None:
            raise Refused(say("代码 {code} 已有辖区使用。", code=other), field="code")
        path = f"{parent.path if parent else '/'}{code}/"
        if len(path) > LONGEST_PATH:
            raise Refused(say("辖区的层级太深了。"), field="code")
        row = Jurisdiction(
            code=code,
            name=form.name,
            pinyin=sort_key(form.name),
            kind=form.kind,
            path=path,
            region=form.region,
            parent=parent.id if parent else None,
            since=call.today,
        )
        await row.save()
        await index(call.db, "jurisdiction", [(row.id, f"{form.name} {code}")])
        await record(call, "created", "jurisdiction", row.public_id, area=path, data={"code": code, "name": form.name})
        return str(row.public_id)

    return await call.db.run_tx(work)


async def _refuse_another(call: Call, region: str, parent: JurisdictionRow) -> None:
    """Which scheme governs a place, and so who keeps complaints about it, is not chosen by who is governed by it."""
    if parent.region in (None, region):
        return
    root = await call.db.row(
        "select name, path from jurisdiction where starts_with($1, path) and region is not null "
        "order by length(path) desc limit 1",
        parent.path,
    )
    if root is not None and not call.viewer.covers(queries.above(root["path"])):
        what = say("“{name}”已选定方案，下级沿用；里面要用另一个方案的，由它上一级辖区的管理员登记。", name=root["name"])
        raise Refused(what, field="region")


async def rename_jurisdiction(call: Call, id_: str, name: str) -> None:
    """Give a jurisdiction another name."""

    async def work() -> None:
        await hold_row(call.db, "jurisdiction", id_)
        before = await queries.jurisdiction(call, id_)
        await write_changed(call.db, "jurisdiction", before.id, {"name": name, "pinyin": sort_key(name)})
        await index(call.db, "jurisdiction", [(before.id, f"{name} {before.code}")])
        event = Event(name="changed", kind="jurisdiction", subject=before.id, day=call.today)
        await record(call, "changed", "jurisdiction", id_, area=before.path, data=_change(before.name, name), event=event)

    await call.db.run_tx(work)


async def end_jurisdiction(call: Call, id_: str, day: date) -> None:
    """A jurisdiction is no more, from ``day`` on. Refused while anything in force still lies in it."""

    async def work() -> None:
        await hold_row(call.db, "jurisdiction", id_)
        row = await queries.jurisdiction(call, id_)
        await _refuse_in_use(call, row, day)
        await _end(call, "jurisdiction", row, day)

    await call.db.run_tx(work)


async def add_unit(call: Call, form: UnitForm) -> str:
    """Add an office of a kind that the scheme of its jurisdiction knows."""

    async def work() -> str:
        place = await queries.jurisdiction(call, form.jurisdiction)
        scheme = scheme_at(call, place)
        kind = scheme.units.get(form.kind)
        if kind is None:
            raise Refused(say("本地区的方案没有“{kind}”这类部门。", kind=form.kind), field="kind")
        fits_place(kind, place.kind)
        _refuse_within_the_chain(call, kind, place)
        row = UnitTable(
            region=scheme.region.code,
            kind=form.kind,
            name=form.name,
            pinyin=sort_key(form.name),
            phone=form.phone,
            jurisdiction=place.id,
            only_chosen=_only_chosen(kind, form.only_chosen),
            since=call.today,
        )
        same = "t.kind = $1 and t.name = $2 and t.jurisdiction = $3"
        await undone.save(call.db, "unit", row, same, form.kind, form.name, place.id)
        await index(call.db, "unit", [(row.id, form.name)])
        event = Event(name="created", kind="unit", subject=row.id, day=call.today)
        data = {"name": form.name, "phone": form.phone, "kind": form.kind}
        await record(call, "created", "unit", row.public_id, area=place.path, data=data, event=event)
        return str(row.public_id)

    return await call.db.run_tx(work)


def _only_chosen(kind: UnitKind | None, wanted: bool) -> bool:
    """:class:`Refused` for an office outside the chain: it serves whoever is there, or who is complained of chose who does."""
    if wanted and kind is not None and kind.outside:
        raise Refused(say("“{kind}”受理对这里的投诉，不能只服务指定它的网格。", kind=kind.name), field="only_chosen")
    return wanted


async def change_unit(call: Call, id_: str, *, name: str, phone: str, only_chosen: bool | None = None) -> None:
    """Another name or phone, or whom it serves where that is told; boards that show it follow at once."""

    async def work() -> None:
        await hold_row(call.db, "unit", id_)
        before = await queries.unit(call, id_)
        kind = _kind_of(call, before)
        _refuse_within_the_chain(call, kind, before)
        only = before.only_chosen if only_chosen is None else _only_chosen(kind, only_chosen)
        values = {"name": name, "pinyin": sort_key(name), "phone": phone, "only_chosen": only}
        await write_changed(call.db, "unit", before.id, values)
        await index(call.db, "unit", [(before.id, name)])
        # Whoever it serves now may show it nowhere yet
        name_of_event = "changed" if only == before.only_chosen else "serves"
        event = Event(name=name_of_event, kind="unit", subject=before.id, day=call.today)
        data = _change(before.name, name) | _change(before.phone, phone, "phone")
        data |= _change(str(SERVES[before.only_chosen]), str(SERVES[only]), "serves")
        await record(call, "changed", "unit", id_, area=before.path, data=data, event=event)

    await call.db.run_tx(work)


async def end_unit(call: Call, id_: str, day: date) -> None:
    """The office is no more, from ``day`` on: nobody holds a post in it, and it answers for no enterprise."""

    async def work() -> None:
        await hold_row(call.db, "unit", id_)
        row = await queries.unit(call, id_)
        _refuse_within_the_chain(call, _kind_of(call, row), row)
        await _end(call, "unit", row, day)

    await call.db.run_tx(work)


async def add_grid(call: Call, form: GridForm) -> str:
    """Add a grid; what it is made of must fit its tier, and the enterprises on its ground are placed anew."""

    async def work() -> str:
        place = await queries.jurisdiction(call, form.jurisdiction)
        scheme = scheme_at(call, place)
        tier = scheme.tiers.get(form.tier)
        if tier is None:
            raise Refused(say("本地区的方案没有层级“{tier}”。", tier=form.tier), field="tier")
        fits_ground(tier, place.kind)
        parent = await _parent(call, scheme, place, form)
        office = await _office(call, scheme, place.path, form.served_by)
        since = form.since or call.today
        code = form.code or await _numbered(call, scheme, form.tier, place)
        await _refuse_taken(call, scheme.region.code, code)
        row = Grid(
            region=scheme.region.code,
            edition=scheme.edition_id,
            tier=form.tier,
            code=code,
            name=form.name,
            pinyin=sort_key(form.name),
            area_note=form.area_note,
            jurisdiction=place.id,
            parent=parent.id if parent else None,
            served_by=office.id if office else None,
            since=since,
        )
        called = ("t.code = $3", code) if form.code else ("t.name = $3", form.name)
        same = f"t.enterprise is null and t.jurisdiction = $1 and t.tier = $2 and {called[0]}"
        await undone.save(call.db, "grid", row, same, place.id, form.tier, called[1])
        await index(call.db, "grid", [(row.id, f"{form.name} {code}")])
        divisions = [await queries.jurisdiction(call, division) for division in form.divisions]
        if tier.of is not Ground.DRAWN:
            divisions = [place]
        await _set_ground(call, row.id, divisions, since)
        event = Event(name="created", kind="grid", subject=row.id, day=since)
        data = {"code": code, "name": form.name, "tier": form.tier, "ground": [division.code for division in divisions]}
        await record(call, "created", "grid", row.public_id, area=place.path, data=data, event=event)
        return str(row.public_id)

    return await call.db.run_tx(work)


async def change_grid(
    call: Call, id_: str, *, name: str, area_note: str, divisions: Sequence[str] | None = None, served_by: str | None = None
) -> None:
    """Another name, borders in words, or ground; a changed ground places its enterprises anew from today. ``served_by`` is the
    office that serves it, empty for none in particular; None leaves that as it is.
    """

    async def work() -> None:
        await hold_row(call.db, "grid", id_)
        before = await queries.grid(call, id_)
        refuse_own(before)
        await write_changed(call.db, "grid", before.id, {"name": name, "pinyin": sort_key(name), "area_note": area_note})
        await index(call.db, "grid", [(before.id, f"{name} {before.code}")])
        data = _change(before.name, name) | _change(before.area_note, area_note, "area_note")
        if served_by is not None and served_by != (before.served_by or ""):
            office = await _office(call, ruling(call, before.region, field="served_by"), before.path, served_by)
            await call.db.rows("update grid set served_by = $2 where id = $1", before.id, office.id if office else None)
            data |= _change(before.served_by_name or "", office.name if office else "", "served_by")
        if divisions is not None:
            chosen = [await queries.jurisdiction(call, division) for division in divisions]
            old = await queries.ground(call, before.id)
            if {row.id for row in chosen} != {row.id for row in old}:
                ruling(call, before.region, field="divisions")
            await _set_ground(call, before.id, chosen, max(call.today, before.since))
            if {row.id for row in chosen} != {row.id for row in old}:
                data["covers"] = ["、".join(sorted(row.name for row in rows)) for rows in (old, chosen)]
        event = Event(name="changed", kind="grid", subject=before.id, day=call.today)
        await record(call, "changed", "grid", id_, area=before.path, data=data, event=event)

    await call.db.run_tx(work)


async def end_grid(call: Call, id_: str, day: date) -> None:
    """The grid is dissolved from ``day`` on, and its posts with it; refused while grids below it go on."""

    async def work() -> None:
        await hold_row(call.db, "grid", id_)
        row = await queries.grid(call, id_)
        refuse_own(row)
        ruling(call, row.region, field="day")
        below = await queries.children(call, row.id)
        if any(child.until is None or child.until > day for child in below):
            names = "、".join(child.name for child in below[:3])
            raise Refused(say("它下面还有网格在用（{names}等），请先停用下级网格。", names=names), field="day")
        await call.db.rows(
            "update grid_ground set until = $1 where grid = $2 and (until is null or until > $1)", max(day, row.since), row.id
        )
        await _end(call, "grid", row, day)

    await call.db.run_tx(work)


async def reopen_grid(call: Call, id_: str, day: date) -> None:
    """A grid that was dissolved goes on from ``day`` on the ground that it had; refused where that or its parent is no more."""

    async def work() -> None:
        await hold_row(call.db, "grid", id_)
        row = await queries.grid(call, id_)
        refuse_own(row)
        ruling(call, row.region, field="day")
        if row.until is None or day < row.until:
            raise Refused(say("日期不对：没有撤销，或早于撤销的日期。"), field="day")
        divisions = await queries.ground_at_end(call, row.id)
        gone = [one.name for one in divisions if one.until is not None]
        if await call.db.value("select until is not null from grid where id = $1", row.parent):
            gone.append(row.parent_name or "")
        if gone:
            raise Refused(say("它的上级网格或所含的村、社区已经停用：{names}。请另建网格。", names="、".join(gone)), field="day")
        await call.db.rows("update grid set until = null where id = $1", row.id)
        await _set_ground(call, row.id, divisions, day)
        event = Event(name="changed", kind="grid", subject=row.id, day=day)
        await record(call, "reopened", "grid", id_, area=row.path, data={"since": day.isoformat()}, event=event)

    await call.db.run_tx(work)


def scheme_at(call: Call, place: JurisdictionRow) -> Scheme:
    """The scheme in force at a place today; refused where none governs it."""
    if place.region is None:
        raise Refused(say("“{name}”没有启用任何地区方案，先在辖区上选定方案。", name=place.full_name), field="jurisdiction")
    return ruling(call, place.region, field="jurisdiction")


def kinds_at(call: Call, scheme: Scheme, place: JurisdictionRow) -> tuple[UnitKind, ...]:
    """The kinds of office that the viewer may set up at a place."""
    return tuple(kind for kind in scheme.units.values() if stands(kind, place.kind) and _may_set_up(call, kind, place))


def _kind_of(call: Call, row: UnitRow) -> UnitKind | None:
    """Its kind in the latest edition that has it: what once stood outside the chain stays out of the chain's reach."""
    return next(
        (scheme.units[row.kind] for scheme in call.book.begun_by(row.region, call.today) if row.kind in scheme.units), None
    )


def _may_set_up(call: Call, kind: UnitKind | None, at: JurisdictionRow | UnitRow) -> bool:
    """An office outside the chain keeps complaints about the chain: whoever answers for that place only, may not touch it, nor
    may who answers for a zone around it, to which it would be nearer than the one that keeps complaints about them.
    """
    return kind is None or not kind.outside or call.viewer.covers(queries.above(at.outermost))


def _refuse_within_the_chain(call: Call, kind: UnitKind | None, at: JurisdictionRow | UnitRow) -> None:
    if kind is not None and not _may_set_up(call, kind, at):
        what = say("“{kind}”受理对这里的投诉，要由上一级辖区的经办人或管理员登记、修改和停用。", kind=kind.name)
        raise Refused(what, field="kind")


async def leave_outside_alone(call: Call, id_: str) -> None:
    """:class:`Refused` where a unit stands outside the chain, and the viewer does not answer for what lies above it."""
    row = await queries.unit(call, id_)
    _refuse_within_the_chain(call, _kind_of(call, row), row)


async def offices_to_choose(call: Call, scheme: Scheme, path: str) -> tuple[UnitRow, ...]:
    """The offices of which one is chosen for a grid at a place: of the kinds inside the chain of which several could serve it."""
    found = [
        one
        for one in await queries.serving_choices(call, scheme.region.code, near=path)
        if (kind := scheme.units.get(one.kind)) is not None and not kind.outside
    ]
    several = {kind for kind, n in Counter(one.kind for one in found).items() if n > 1}
    return tuple(one for one in found if one.kind in several)


async def _office(call: Call, scheme: Scheme, path: str, id_: str) -> UnitRow | None:
    if not id_:
        return None
    found = next((one for one in await offices_to_choose(call, scheme, path) if one.public_id == id_), None)
    if found is None:
        raise Refused(say("所选的部门不能服务这个网格，请重新选择。"), field="served_by")
    return found


def refuse_own(row: GridRow) -> None:
    """Nobody changes or ends by hand the grid that an enterprise is: it follows the enterprise."""
    if row.enterprise is not None:
        what = say("“{name}”由单位自动形成，随单位更名、搬迁、停用和重新启用。请到这家单位的页面办理。", name=row.name)
        raise Refused(what)


async def _parent(call: Call, scheme: Scheme, place: JurisdictionRow, form: GridForm) -> GridRow | None:
    wanted = scheme.tiers[form.tier].within
    if wanted is None:
        return None
    if not form.parent:
        raise Refused(say("请选择它所在的上级网格（{tier}）。", tier=scheme.tiers[wanted].name), field="parent")
    parent = await queries.chosen_grid(call, form.parent, near=place.path, field="parent")
    if (parent.region, parent.tier) != (scheme.region.code, wanted):
        raise Refused(say("“{name}”不是{tier}，不能作上级。", name=parent.name, tier=scheme.tiers[wanted].name), field="parent")
    return parent


async def _refuse_taken(call: Call, region: str, code: str) -> None:
    other = await call.db.row(
        "select g.name, g.until, j.path from grid g join jurisdiction j on j.id = g.jurisdiction "
        "where g.region = $1 and g.code = $2",
        region,
        code,
    )
    if other is not None and other["until"] is not None:
        what = say(
            "编号 {code} 是“{name}”的，已于 {day}撤销。要再用的，请到该网格页面“重新启用”（列表勾选“含已撤销”）。",
            code=code,
            name=other["name"] if call.viewer.covers(other["path"]) else say("其他辖区的网格"),
            day=other["until"],
        )
        raise Refused(what, field="code")
    if other is not None:
        raise Refused(say("编号 {code} 已有网格使用。", code=code), field="code")


async def _numbered(call: Call, scheme: Scheme, tier: str, place: JurisdictionRow) -> str:
    number = await call.db.value(
        "select count(*) from grid where region = $1 and tier = $2 and jurisdiction = $3", scheme.region.code, tier, place.id
    )
    return await call.portal.plugins.grid_code(region=scheme.region.code, tier=tier, division=place.code, number=number + 1)


async def _set_ground(call: Call, grid: int, divisions: Sequence[JurisdictionRow], since: date) -> None:
    """Make the divisions of a grid these from ``since`` on; the past stays as it was."""
    wanted = {division.id for division in divisions}
    current = {
        row["division"]: row["id"]
        for row in await call.db.rows("select id, division from grid_ground where grid = $1 and until is null", grid)
    }
    gone = [row for division, row in current.items() if division not in wanted]
    await call.db.rows("delete from grid_ground where id = any($1) and since >= $2", gone, since)
    await call.db.rows("update grid_ground set until = $2 where id = any($1)", gone, since)
    for division in sorted(wanted - set(current)):
        await GridGround(grid=grid, division=division, since=since).save()


async def _refuse_in_use(call: Call, place: JurisdictionRow, day: date) -> None:
    things = (
        ("unit", "jurisdiction", say("部门")),
        ("(select * from grid where enterprise is null)", "jurisdiction", say("网格")),
        *((one.table, one.lies_in, one.what) for one in call.portal.above.hanging if one.what),
        ("jurisdiction", "parent", say("下级辖区")),
    )
    for table, column, what in things:
        used = await call.db.value(
            f"select count(*) from {table} t join jurisdiction j on j.id = t.{column} "
            "where starts_with(j.path, $1) and (t.until is null or t.until > $2)",
            place.path,
            day,
        )
        if used:
            raise Refused(say("这里还有 {n} 个{what}在用，请先停用它们。", n=used, what=what), field="day")


async def end_hanging(call: Call, kind: str, id_: int, day: date, tables: Sequence[str]) -> None:
    """End what hangs on something by a column of its name, inside the caller's transaction."""
    for table in tables:
        await call.db.rows(
            f"update {table} set until = greatest(since, $1) where {kind} = $2 and (until is null or until > $1)", day, id_
        )


async def _end(call: Call, kind: str, row: JurisdictionRow | UnitRow | GridRow, day: date) -> None:
    """End it, and what hangs on it by a column of its name."""
    if row.until is not None:
        raise Refused(say("已于 {day}停用。", day=row.until), field="day")
    if day < row.since:
        raise Refused(say("停用日期不能早于启用日期 {day}。", day=row.since), field="day")
    await call.db.rows(f"update {kind} set until = $1 where id = $2", day, row.id)
    hanging = [one.table for one in call.portal.above.hanging if kind in one.ends_with]
    await end_hanging(call, kind, row.id, day, hanging)
    event = Event(name="ended", kind=kind, subject=row.id, day=day)
    await record(call, "ended", kind, row.public_id, area=row.path, data={"until": day.isoformat()}, event=event)


async def follow(call: Call, made: Correction, *, name: str, kind: str, subject: int) -> None:
    """Let whatever follows do so from the first day that is otherwise, and again on each day that is still to come."""
    for day in made.days:
        await tell(call, Event(name=name, kind=kind, subject=subject, day=day))


def _change(old: object, new: object, field: str = "name") -> dict[str, object]:
    return {field: [old, new]} if old != new else {}
