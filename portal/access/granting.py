"""From what an administrator asks for (a role, and what it is for in words and codes) to a grant that may be given."""

from dataclasses import dataclass

from portal import codes
from portal.access import rules
from portal.access.actions import NewGrant
from portal.call import Call
from portal.errors import Refused
from portal.storage.engine import Record
from portal.terms import ROLE, say
from portal.viewer import Role


@dataclass(frozen=True, kw_only=True)
class WantedRole:
    """A role with what it is for: ``area`` by path, ``unit`` by internal id, a person by badge number or name, an
    enterprise by credit code or name.
    """

    role: Role
    area: str | None = None
    unit: int | None = None
    person: str = ""
    enterprise: str = ""


@dataclass(frozen=True)
class Granted:
    """The grant, and the person to whom the account belongs, if it does to one."""

    grant: NewGrant
    person: int | None


async def granted(call: Call, asked: WantedRole) -> Granted:
    """The grant that was asked for. :class:`Refused` at the field where something lacks, or lies outside the viewer's areas."""
    person = await _person(call, asked.person) if asked.person else None
    match asked.role:
        case Role.ADMINISTRATOR:
            if asked.area is None:
                raise Refused(say("请选择他管理哪个辖区的账号。"), field="area")
            grant, path = NewGrant(role=asked.role, area=asked.area), asked.area
        case Role.OFFICE if asked.unit is None:
            if asked.area is None:
                raise Refused(say("请指明他代表的部门，或他看得到的辖区。"), field="unit")
            grant, path = NewGrant(role=asked.role, area=asked.area), asked.area
        case Role.OFFICE:
            unit = await _unit(call, asked.unit)
            grant, path = NewGrant(role=asked.role, area=unit["path"], unit=unit["id"]), unit["path"]
        case Role.CUSTODIAN:
            unit = await _unit(call, asked.unit)
            scheme = call.book.in_force_or_nearest(unit["region"], call.today)
            kind = scheme.units.get(unit["kind"]) if scheme else None
            if kind is None or not kind.outside:
                raise Refused(
                    say("“{name}”在这一监管条线以内，不能受理对该条线的投诉。请选监管条线以外的部门。", name=unit["name"]),
                    field="unit",
                )
            if person is None:
                raise Refused(say("请写明对应的登记人员：是否回避按人判断。"), field="person")
            grant, path = NewGrant(role=asked.role, unit=unit["id"]), unit["path"]
        case Role.INSPECTOR:
            if person is None:
                raise Refused(say("请写明对应的登记人员。"), field="person")
            grant, path = NewGrant(role=asked.role), person["path"]
        case Role.ENTERPRISE:
            firm = await _enterprise(call, asked.enterprise)
            grant, path = NewGrant(role=asked.role, enterprise=firm["id"]), firm["path"]
    paths = [path, *([person["path"]] if person is not None else [])]
    if not rules.manages(call.viewer.administers, paths):
        raise Refused(say("“{role}”管理的辖区不在您管理的辖区内。", role=ROLE[asked.role.value]), field="role")
    return Granted(grant, person["id"] if person is not None else None)


def _administered(call: Call) -> list[str]:
    """Nobody learns by trying names who is registered elsewhere, nor how many."""
    return [area + "%" for area in call.viewer.administers]


async def _unit(call: Call, id_: int | None) -> Record:
    row = await call.db.row(
        "select u.id, u.region, u.kind, u.name, j.path from unit u join jurisdiction j on j.id = u.jurisdiction "
        "where u.id = $1 and (u.until is null or u.until > $2)",
        id_,
        call.today,
    )
    if row is None:
        raise Refused(say("请选择他代表的部门。"), field="unit")
    return row


async def _person(call: Call, text: str) -> Record:
    rows = await call.db.rows(
        "select p.id, p.name, j.path from person p join jurisdiction j on j.id = p.jurisdiction "
        "where (p.badge = $1 or p.name = $2) and (p.until is null or p.until > $3) and j.path like any($4)",
        codes.folded(text),
        text.strip(),
        call.today,
        _administered(call),
    )
    if len(rows) != 1:
        what = say("没有登记工作证编号或姓名为“{text}”的人员，或者此人不在您管理的辖区内。", text=text)
        several = say("有 {n} 名登记人员叫“{text}”，请改填工作证编号。", n=len(rows), text=text)
        raise Refused(several if rows else what, field="person")
    return rows[0]


async def _enterprise(call: Call, text: str) -> Record:
    rows = await call.db.rows(
        "select e.id, j.path from enterprise e join jurisdiction j on j.id = e.division "
        "where (e.credit_code = upper($1) or e.name = $2) and (e.until is null or e.until > $3) and j.path like any($4)",
        codes.folded(text),
        text.strip(),
        call.today,
        _administered(call),
    )
    if len(rows) != 1:
        what = say("没有登记信用代码或名称为“{text}”的单位，或者该单位不在您管理的辖区内。", text=text)
        several = say("有 {n} 家登记单位叫“{text}”，请改填信用代码。", n=len(rows), text=text)
        raise Refused(several if rows else what, field="enterprise")
    return rows[0]


async def leave_granted_alone(call: Call, path: str) -> None:
    """:class:`Refused` where somebody's account looks after the place with this path, or after one in it."""
    if await call.db.value("select exists (select from access_grant where starts_with(area, $1))", path):
        raise Refused(say("已有账号负责导入的辖区，不能整批撤销。请先收回这些账号的权限，或到辖区页面单独停用。"))
