"""Builders: a small filled-in register, and single things with plain defaults, through the same actions as everybody."""

import io
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyotp
from PIL import Image

from portal.access import queries as access_queries
from portal.access import second
from portal.access.actions import NewAccount, NewGrant, create_account, sign_in
from portal.access.queries import Stage
from portal.access.tables import Account, Grant
from portal.areas import actions as areas
from portal.areas import queries as area_queries
from portal.call import Call
from portal.enterprises import actions as enterprises
from portal.enterprises.queries import seated as seated_at_enterprise
from portal.people import actions as people
from portal.viewer import Role, Viewer

PASSWORD = "six grey ferries home"
CODES = {"gravel": "91320506MAUBJH6YG0", "flour": "91330100799655058B", "toys": "91440300192317458F"}


def picture(color: str = "#7aa", size: tuple[int, int] = (60, 80), kind: str = "PNG") -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


@dataclass
class World:
    """Public ids of what was made, by short names."""

    call: Call
    places: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    grids: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    enterprises: dict[str, str] = field(default_factory=dict)

    def again(self, call: Call) -> "World":
        """The same for another test, which may make more of it."""
        return World(call, *(dict(made) for made in (self.places, self.units, self.grids, self.people, self.enterprises)))

    async def unit_id(self, name: str) -> int:
        """A unit's internal id."""
        return (await area_queries.unit(self.call, self.units[name])).id

    async def office(self, unit: str, *, area: str | None = None) -> Viewer:
        """The viewer behind the account of a unit's clerk, who sees its jurisdiction."""
        row = await area_queries.unit(self.call, self.units[unit])
        account = await self.call.db.value("select min(account) from access_grant where unit = $1 and role = 'office'", row.id)
        return Viewer(
            account=account,
            name=f"{unit}经办",
            roles=frozenset({Role.OFFICE}),
            units=frozenset({row.id}),
            areas=(area or row.path,),
        )

    async def account(
        self, login: str, role: Role, *, unit: str | None = None, person: str | None = None, enterprise: str | None = None
    ) -> str:
        """An account with the usual password."""
        row = await area_queries.unit(self.call, self.units[unit]) if unit else None
        db = self.call.db
        person_id = await db.value("select id from person where public_id = $1", self.people[person]) if person else None
        firm = (
            await db.value("select id from enterprise where public_id = $1", self.enterprises[enterprise]) if enterprise else None
        )
        area = "/" if role is Role.ADMINISTRATOR else row.path if row and role is not Role.CUSTODIAN else None
        grant = NewGrant(role=role, area=area, unit=row.id if row else None, enterprise=firm)
        new = NewAccount(login=login, name="示例账号", password=PASSWORD, person=person_id, must_change=False, grants=(grant,))
        return await create_account(self.call, new)

    async def also(self, login: str, role: Role, *, unit: str | None = None, enterprise: str | None = None) -> None:
        """One more role for an account."""
        row = await area_queries.unit(self.call, self.units[unit]) if unit else None
        db = self.call.db
        firm = (
            await db.value("select id from enterprise where public_id = $1", self.enterprises[enterprise]) if enterprise else None
        )
        account = await db.value("select id from account where login = $1", login)
        area = row.path if row and role is Role.OFFICE else None
        grant = Grant(account=account, role=role.value, area=area, unit=row.id if row else None, since=self.call.today)
        grant.enterprise = firm
        await grant.save()


async def make_place(
    world: World, name: str, code: str, kind: str, *, parent: str | None = None, region: str | None = None
) -> str:
    """A jurisdiction."""
    above = world.places[parent] if parent else None
    form = areas.JurisdictionForm(code=code, name=name, kind=kind, parent=above, region=region)
    world.places[name] = await areas.add_jurisdiction(world.call, form)
    return world.places[name]


async def make_unit(world: World, name: str, kind: str, place: str, phone: str = "0512-01000001", *, staffed: bool = True) -> str:
    """A unit, with an account that somebody could sign in with, so that somebody reads what is sent to it."""
    form = areas.UnitForm(kind=kind, name=name, phone=phone, jurisdiction=world.places[place])
    world.units[name] = await areas.add_unit(world.call, form)
    if staffed:
        unit = await area_queries.unit(world.call, world.units[name])
        clerk = Account(
            login=f"unit-{unit.id}", name=f"{name}经办", password="示例", must_change=False, created_at=world.call.now
        )
        await clerk.save()
        await Grant(account=clerk.id, role=Role.OFFICE.value, area=unit.path, unit=unit.id, since=world.call.today).save()
    return world.units[name]


async def make_grid(
    world: World,
    name: str,
    tier: str,
    place: str,
    *,
    parent: str | None = None,
    divisions: tuple[str, ...] = (),
    code: str = "",
    since: date | None = None,
) -> str:
    """A grid, in force for a year already."""
    form = areas.GridForm(
        tier=tier,
        name=name,
        jurisdiction=world.places[place],
        code=code,
        parent=world.grids[parent] if parent else None,
        divisions=tuple(world.places[division] for division in divisions),
        since=since or world.call.today - timedelta(days=365),
    )
    world.grids[name] = await areas.add_grid(world.call, form)
    return world.grids[name]


async def make_person(
    world: World,
    name: str,
    *,
    place: str = "示例区",
    phone: str = "0512-01234567",
    badge: str = "",
    certificate: str = "",
    portrait: bytes | None = None,
    unit: str | None = None,
) -> str:
    """A person."""
    form = people.PersonForm(
        name=name,
        phone=phone,
        jurisdiction=world.places[place],
        badge=badge,
        certificate=certificate,
        portrait=portrait,
        unit=world.units[unit] if unit else None,
    )
    world.people[name] = await people.add_person(world.call, form)
    return world.people[name]


async def make_appointment(
    world: World,
    person: str,
    post: str,
    *,
    grid: str | None = None,
    unit: str | None = None,
    enterprise: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> str:
    """An appointment, since a month ago."""
    if enterprise:
        at = await seated_at_enterprise(world.call, world.enterprises[enterprise])
    elif grid:
        at = await people.seated(world.call, "grid", world.grids[grid])
    else:
        at = await people.seated(world.call, "unit", world.units[str(unit)])
    form = people.AppointmentForm(
        person=world.people[person], post=post, since=since or world.call.today - timedelta(days=30), until=until
    )
    return await people.appoint(world.call, form, at)


async def make_enterprise(
    world: World,
    name: str,
    place: str,
    *,
    credit_code: str = "",
    drawn_grid: str | None = None,
    since: date | None = None,
    **facts: str,
) -> str:
    """An enterprise, registered for 100 days."""
    form = enterprises.EnterpriseForm(
        name=name,
        division=world.places[place],
        credit_code=credit_code,
        address="示例路1号",
        contact="示例人",
        phone="0512-01111111",
        drawn_grid=world.grids[drawn_grid] if drawn_grid else None,
        facts=facts,
        since=since or world.call.today - timedelta(days=100),
    )
    world.enterprises[name] = await enterprises.add_enterprise(world.call, form)
    return world.enterprises[name]


async def make_custodian(
    world: World, login: str, name: str, *, unit: str = "纪检", role: Role = Role.CUSTODIAN, **more: str
) -> Viewer:
    """Somebody of the register who keeps complaints for a unit (or holds another role), with both factors; as a viewer."""
    await make_person(world, name, phone=more.pop("phone", f"0512-0{300000 + len(world.people)}0"), **more)
    await world.account(login, role, unit=unit, person=name)
    return await confirmed(world, login)


async def confirmed(world: World, login: str) -> Viewer:
    """The viewer behind an account's password and second factor, which is set up on the way where it was not."""
    call = world.call
    done = await sign_in(call, login=login, password=PASSWORD, address="10.200.0.1", device=None)
    known = await access_queries.known_browser(call, done.token)
    assert known is not None
    if known.stage is Stage.ENROL:
        code = pyotp.TOTP(second.offered(call, known.session, login).secret).at(call.now)
        await second.enrol(call, known.session, code)
        known = await access_queries.known_browser(call, done.token)
        assert known is not None
    return known.viewer


async def make_world(call: Call) -> World:
    """Two towns with two villages each; every grid but one has its keeper; four enterprises of both classes."""
    world = World(call)
    await make_place(world, "示例省", "99", "province")
    await make_place(world, "示例区", "9901", "district", parent="示例省", region="sample")
    for town, code, villages in (("东镇", "9901001", ("甲村", "乙社区")), ("西镇", "9901002", ("丙村", "丁村"))):
        await make_place(world, town, code, "town", parent="示例区")
        for n, village in enumerate(villages, 1):
            await make_place(world, village, f"{code}{n:03d}", "community" if "社区" in village else "village", parent=town)
    await make_unit(world, "区局", "bureau", "示例区", "0512-01000001")
    await make_unit(world, "纪检", "watch", "示例区", "0512-01000002")
    await make_unit(world, "东所", "station", "东镇", "0512-01000003")
    await make_unit(world, "西所", "station", "西镇", "0512-01000004")
    for town, villages in (("东镇", ("甲村", "乙社区")), ("西镇", ("丙村", "丁村"))):
        await make_grid(world, f"{town}格", "town-grid", town)
        for village in villages:
            await make_grid(world, f"{village}格", "village-grid", village, parent=f"{town}格")
    await make_grid(world, "园片", "patch", "东镇", parent="东镇格")
    face = picture()
    for name, post, grid in (
        ("李格长", "head", "东镇格"),
        ("王格长", "head", "西镇格"),
        ("张看护", "keeper", "甲村格"),
        ("赵看护", "keeper", "乙社区格"),
        ("孙看护", "keeper", "丙村格"),
        ("周看护", "keeper", "园片"),
    ):
        await make_person(
            world, name, badge=f"示例{len(world.people) + 1:03d}", phone=f"0512-0200000{len(world.people)}", portrait=face
        )
        await make_appointment(world, name, post, grid=grid)
    await make_person(world, "吴执法", certificate="示例证1", unit="东所")
    await make_appointment(world, "吴执法", "officer", unit="东所")
    await make_enterprise(world, "甲石料厂（示例）", "甲村", credit_code=CODES["gravel"], size="big", risky="no")
    await make_enterprise(world, "甲面粉店（示例）", "甲村", credit_code=CODES["flour"], size="small", risky="no")
    await make_enterprise(
        world, "园玩具厂（示例）", "甲村", credit_code=CODES["toys"], drawn_grid="园片", size="small", risky="no"
    )
    await make_enterprise(world, "丙小店（示例）", "丙村", size="small", risky="no")
    return world
