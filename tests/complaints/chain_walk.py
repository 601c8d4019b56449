"""A walk through everything that the accounts of a chain can write, aimed at who reads complaints: which forms and sheets there
are comes from the access matrix, what stands in them from the people near to complaints.

Each write is done by its own page, looked at, and taken back with its transaction, so that each meets the same register.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product, zip_longest
from typing import Any

import pytest

from portal.access.actions import NewAccount, NewGrant, create_account
from portal.access.tables import Deputy
from portal.boards.actions import issue
from portal.call import Call
from portal.complaints import actions, queries, standing
from portal.complaints.actions import ComplaintOpening
from portal.errors import NotVisible, Refused
from portal.people.actions import dismiss
from portal.people.interests import InterestForm, declare
from portal.plugins import Plugins, assemble
from portal.scheme.words import N, Per, Post
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from portal.workshop.sheets import written_csv
from tests.browse import Visitor
from tests.complaints.test_two_worlds import NOISE, confirmed_as
from tests.conftest import remembered
from tests.sample_region.later import Stated
from tests.sample_region.scheme import RULES, SAMPLE, SILENT
from tests.web.access_matrix import ADMINISTRATOR, ENTERPRISE, FIELD, OFFICE, SIGNED_IN
from tests.web.test_access_matrix import filled
from tests.world import PASSWORD, World, make_appointment, make_custodian, make_person, make_unit, make_world

FLOUR, ACCUSED, CUSTODIANS = "甲面粉店（示例）", "张看护", ("keeper", "colleague", "other")
KEEPING = "select distinct a.login from access_grant g join account a on a.id = g.account where role = 'custodian' and a.active"
# The office outside the chain has a post of its own, as a region may have it
WATCHER = Post(code="watcher", name="纪检员", per=(Per(unit="watch"),), count=N(0), basis=SILENT)
EDITION = replace(SAMPLE.editions[0], rules=(*RULES, WATCHER))
OWN_MARK = "自有表"


class Watched(Stated):
    """The sample region with posts at the office outside, and a sheet of its own."""

    def portal_import_rows(self, region: str, rows: Sequence[Sequence[str]]) -> Mapping[str, Sequence[Mapping[str, str]]] | None:
        """A sheet that says first what it is and of which kind, then the columns' codes, then rows."""
        if not rows or rows[0][0] != OWN_MARK:
            return None
        heads = rows[1]
        # Empty cells at the end of a row are left out
        return {rows[0][1]: [{"#": str(n), **dict(zip_longest(heads, row, fillvalue=""))} for n, row in enumerate(rows[2:], 3)]}


@pytest.fixture(scope="session")
def sample_plugins() -> Plugins:
    """The sample region as it is watched."""
    return assemble({"sample": Watched(replace(SAMPLE, editions=(EDITION,)))})


@pytest.fixture
async def world(call: Call, monkeypatch: pytest.MonkeyPatch) -> World:
    """The sample region, a month old, where half a year is ten days: what is written of before is of long ago; with everybody who is near to complaints, and the accounts of the chain."""
    monkeypatch.setattr(standing, "LATELY", timedelta(days=10))
    made = await remembered(call, "chain", lambda: make_chain(call))
    return made.again(call)


NEAR = {
    "郑纪检": "keeps",
    "马纪检": "keeps too",
    "郑某": "a second row of one who keeps",
    "卫文书": "of the office outside",
    "冯亲属": "kin of all who keep",
    "陈旧人": "was of the office outside",
    ACCUSED: "accused",
    "李格长": "above the accused",
    "钱局员": "of the bureau",
}
CHAIN = ("bureau", "station", "deputy", "inspector", "firm", "admin")


async def make_chain(call: Call) -> World:
    """Everybody, with a board of a firm and one of a grid."""
    world = await make_world(call)
    # Numbers that forms and sheets take
    await call.db.rows("update person set phone = '0512-6577' || lpad(id::text, 4, '0') where phone like '0512-020%'")
    await issue(call, "enterprise", world.enterprises[FLOUR])
    await issue(call, "grid", world.grids["甲村格"])
    await make_unit(world, "二纪检", "watch", "示例区", "0512-01000009")
    await make_custodian(world, "keeper", "郑纪检", phone="0512-65550011", badge="纪01", certificate="纪证1")
    await make_custodian(world, "colleague", "马纪检", phone="0512-65550012", badge="纪02")
    await make_custodian(world, "other", "何纪检", unit="二纪检", phone="0512-65550013", badge="纪03")
    await make_person(world, "郑某", phone="0512-65550002", badge="纪-０１")
    await make_person(world, "卫文书", phone="0512-65550003", badge="纪04", unit="纪检")
    await world.account("watch", Role.OFFICE, unit="纪检", person="卫文书")
    # Accounts of the office outside, which people of the chain could name as those who cover for them
    await world.also("colleague", Role.OFFICE, unit="纪检")
    await world.account("twin", Role.OFFICE, unit="纪检", person="郑某")
    await make_person(world, "冯亲属", phone="0512-65550004", badge="亲01")
    for one in ("郑纪检", "马纪检", "何纪检"):
        kin = InterestForm(person=world.people["冯亲属"], other=world.people[one], kind="kin", since=call.today)
        await declare(call, kin)
    await make_person(world, "陈旧人", phone="0512-65550005", badge="旧01")
    await dismiss(call, await make_appointment(world, "陈旧人", "watcher", unit="纪检"), call.today)
    await make_person(world, "钱局员", phone="0512-65550006", badge="局01", unit="区局")
    await world.account("bureau", Role.OFFICE, unit="区局", person="钱局员")
    await world.account("inspector", Role.INSPECTOR, person=ACCUSED)
    await world.account("station", Role.OFFICE, unit="东所", person="吴执法")
    await world.account("deputy", Role.INSPECTOR, person="赵看护")
    await world.account("firm", Role.ENTERPRISE, enterprise=FLOUR)
    boss = await call.db.value("select id from person where public_id = $1", world.people["王格长"])
    grant = NewGrant(role=Role.ADMINISTRATOR, area="/99/9901/")
    new = NewAccount(login="admin", name="示例账号", password=PASSWORD, person=boss, must_change=False, grants=(grant,))
    await create_account(call, new)
    accounts = {row["login"]: row["id"] for row in await call.db.rows("select id, login from account")}
    until = call.today + timedelta(days=9)
    await Deputy(absent=accounts["bureau"], deputy=accounts["deputy"], since=call.today, until=until).save()
    return world


async def complain(world: World) -> None:
    """One complaint about the accused, one that names nobody, both on the firm's board."""
    public = world.call.as_(PUBLIC)
    board = (await boards_of(world))[0]
    marks = {one.name: one.mark for one in (await actions.door(public, board)).choices}
    for whom in (marks[ACCUSED], ""):
        await actions.open_complaint(
            public, ComplaintOpening(board=board, form=public_id(), text="示例", whom=whom, topic="money")
        )


async def boards_of(world: World) -> list[str]:
    return [row["code"] for row in await world.call.db.rows("select code from board order by id")]


# What a complaint's readers and the doors are


@dataclass(frozen=True)
class Readable:
    """What each custodian reads, for whom each board's door is open ("" nobody named); None for a board that is gone; and who is
    meant there by a complaint that names nobody.
    """

    read: Mapping[str, tuple[str, ...]]
    doors: Mapping[str, Mapping[str, bool] | None]
    meant: Mapping[str, frozenset[str]]


async def readable(world: World) -> Readable:
    """As it is now."""
    read, doors, meant = {}, {}, {}
    ids = [row["public_id"] for row in await world.call.db.rows("select public_id from complaint order by id")]
    for login in [row["login"] for row in await world.call.db.rows(KEEPING)]:
        call = world.call.as_(await confirmed_as(world, login))
        listed = {row.id for closed in (False, True) for row in await queries.complaints(call, closed=closed)}
        assert {id_ for id_ in ids if await opens(call, id_)} == listed
        read[login] = tuple(sorted(listed))
    public = world.call.as_(PUBLIC)
    for board in await boards_of(world):
        try:
            door = await actions.door(public, board)
        except Refused:
            doors[board] = None
            continue
        meant[board] = frozenset(one.name for one in door.about.people)
        marks = {"": "", **{one.name: one.mark for one in door.choices}}
        doors[board] = {
            name: (await actions.door(public, board, whom=mark)).to.value.unit is not None for name, mark in marks.items()
        }
    return Readable(read, doors, meant)


async def opens(call: Call, id_: str) -> bool:
    """Whether a complaint's page opens, or is as if it were not."""
    try:
        await queries.readable_complaint(call, id_)
    except NotVisible:
        return False
    return True


CORRECTED = ("POST", "/office/corrections/{kind:str}/{id_:str}")
# What ends a board, or puts it elsewhere, for everybody to see: its address then names the telephone
ENDS_A_BOARD = {
    ("POST", f"/office/{rest}")
    for rest in (
        "boards/{code:str}/revoke",
        "grids/{id_:str}/end",
        "enterprises/{id_:str}/end",
        "enterprises/{id_:str}/change",
        "enterprises/{id_:str}/facts",
        "import",
    )
}


def lost(one: "Try", before: Readable, after: Readable) -> list[str]:
    """What was taken from whom."""
    found = [
        f"{login} read {len(before.read[login])}, reads {len(after.read.get(login, ()))}"
        for login in before.read
        if before.read[login] != after.read.get(login)
    ]
    for board, doors in before.doors.items():
        now = after.doors.get(board)
        if now is None or doors is None:
            if doors is not None and one.route not in ENDS_A_BOARD and not one.first:
                found.append("a board is gone")
            continue
        found += [f"the door for {name or 'nobody named'} closed" for name in now if doors.get(name, True) and not now[name]]
        found += [f"the door for {name} opened" for name in now if doors.get(name) is False and now[name]]
        found += [f"{name} is meant no more" for name in sorted(before.meant[board] - after.meant[board])]
    return found


# What is tried


@dataclass(frozen=True, kw_only=True)
class Try:
    """A write: a form at an address of a ``route``, after they sent other forms ``first``, or a ``sheet`` of a kind that is taken
    in; ``between`` is what others do meanwhile before a sheet is taken back.
    """

    route: tuple[str, str]
    address: str
    values: Mapping[str, Any] = field(default_factory=dict)
    sheet: tuple[str, tuple[tuple[str, ...], ...]] | None = None
    between: Callable[[World], Awaitable[object]] | None = None
    first: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @property
    def told(self) -> str:
        """In short."""
        return " ".join(str(one) for one in (*self.first, self.route[1], dict(self.values), self.sheet or ""))


@dataclass
class Things:
    """What forms are filled with: public ids by name, marks of people, ids of what stands elsewhere."""

    world: World
    marks: Mapping[str, Mapping[str, str]]
    accounts: Mapping[str, str]
    held: Mapping[str, str]
    interests: Sequence[str]
    grants: Mapping[str, int]
    boards: Sequence[str]
    charges: Sequence[str]
    covers: Sequence[str]

    def person(self, name: str) -> str:
        return self.world.people[name]

    def unit(self, name: str) -> str:
        return self.world.units[name]


async def things(world: World) -> Things:
    """Of the world."""
    db = world.call.db
    people = await db.rows("select name, phone, badge, certificate from person")
    return Things(
        world=world,
        marks={row["name"]: {kind: row[kind] for kind in ("phone", "badge", "certificate")} for row in people},
        accounts={row["login"]: row["public_id"] for row in await db.rows("select login, public_id from account")},
        held={
            row["name"]: row["public_id"]
            for row in await db.rows(
                "select p.name, a.public_id from appointment a join person p on p.id = a.person order by a.id"
            )
        },
        interests=[row["public_id"] for row in await db.rows("select public_id from interest order by id")],
        grants={
            row["login"]: row["id"]
            for row in await db.rows("select a.login, g.id from access_grant g join account a on a.id = g.account")
        },
        boards=await boards_of(world),
        charges=[row["public_id"] for row in await db.rows("select public_id from charge order by id")],
        covers=[row["public_id"] for row in await db.rows("select public_id from deputy order by id")],
    )


DAY = "2026-03-02"
Forms = Iterator[tuple[str, Mapping[str, Any]]]


def _marked(of: Things) -> Iterator[dict[str, str]]:
    """Marks of those who are near, as somebody else types them, one or two of different people at a time."""
    for name in NEAR:
        marks = of.marks[name]
        yield {"phone": f"({marks['phone'][:4]}) {marks['phone'][5:]}"}
        if marks["badge"]:
            yield {"badge": marks["badge"].lower().replace("0", "０")}
        if marks["certificate"]:
            yield {"certificate": f" {marks['certificate']} "}
    for name in NEAR:
        if name != ACCUSED:
            yield {"badge": of.marks[ACCUSED]["badge"], "phone": of.marks[name]["phone"]}


def new_people(of: Things) -> Forms:
    base = {"in": of.world.places["示例区"], "unit": "", "name": "新员", "phone": "0512-65660001", "badge": "", "certificate": ""}
    yield "/office/people/new", base
    for unit in ("纪检", "二纪检", "东所"):
        for more in ({}, {"badge": of.marks[ACCUSED]["badge"]}, {"phone": of.marks[ACCUSED]["phone"]}):
            place = of.world.places["东镇" if unit == "东所" else "示例区"]
            yield "/office/people/new", {**base, **more, "unit": of.unit(unit), "in": place}
    for marks in _marked(of):
        yield "/office/people/new", {**base, **marks}


def changed_people(of: Things) -> Forms:
    for name in NEAR:
        address = f"/office/people/{of.person(name)}/change"
        for unit in ("纪检", "二纪检", "东所", "区局"):
            yield address, {"unit": of.unit(unit)}
        yield address, {"phone": "0512-65660002", "badge": "", "certificate": "", "unit": ""}
        for marks in _marked(of):
            yield address, marks


def ended_people(of: Things) -> Forms:
    for name in NEAR:
        yield f"/office/people/{of.person(name)}/end", {"day": DAY}


def appointments(of: Things) -> Forms:
    for name in NEAR:
        for since in (DAY, "2026-02-01", "2026-04-01"):
            form = {"person": of.person(name), "since": since}
            yield "/office/appointments/new", {**form, "kind": "unit", "seat": of.unit("纪检"), "post": "watcher"}
            yield "/office/appointments/new", {**form, "kind": "unit", "seat": of.unit("二纪检"), "post": "watcher"}
            yield "/office/appointments/new", {**form, "kind": "grid", "seat": of.world.grids["乙社区格"], "post": "pair"}
            yield "/office/appointments/new", {**form, "kind": "grid", "seat": of.world.grids["丁村格"], "post": "keeper"}


def leaving(of: Things) -> Forms:
    for name in NEAR:
        if name in of.held:
            yield f"/office/appointments/{of.held[name]}/end", {"day": DAY}


def handed_over(of: Things) -> Forms:
    for holder, name in product((ACCUSED, "李格长"), NEAR):
        yield f"/office/appointments/{of.held[holder]}/hand-over", {"person": of.person(name), "day": DAY}


def interests(of: Things) -> Forms:
    for name in NEAR:
        address = f"/office/people/{of.person(name)}/interests"
        yield address, {"enterprise": FLOUR, "other": "", "kind": "share", "since": DAY}
        for other in NEAR:
            if other != name:
                yield address, {"enterprise": "", "other": other, "kind": "kin", "since": DAY}


def ended_interests(of: Things) -> Forms:
    for one, name in product(of.interests, ("冯亲属", "郑纪检")):
        yield f"/office/people/{of.person(name)}/interests/{one}/end", {"day": DAY}


def new_units(of: Things) -> Forms:
    for place, kind in product(("示例区", "东镇"), ("watch", "station", "bureau")):
        form = {"in": of.world.places[place], "kind": kind, "name": "新纪检", "phone": "0512-65660003"}
        yield "/office/units/new", form


def each_unit(deed: str, **values: str) -> Callable[[Things], Forms]:
    def forms(of: Things) -> Forms:
        for unit in ("纪检", "二纪检", "东所", "区局"):
            yield f"/office/units/{of.unit(unit)}/{deed}", values

    return forms


def places(of: Things) -> Forms:
    for place, kind in product(("示例区", "东镇"), ("district", "zone", "town", "village")):
        yield (
            "/office/jurisdictions/new",
            {"in": of.world.places[place], "code": "9901777", "name": "新区", "kind": kind, "region": "sample"},
        )


def each_place(deed: str, **values: str) -> Callable[[Things], Forms]:
    def forms(of: Things) -> Forms:
        for place in ("示例区", "东镇", "甲村"):
            yield f"/office/jurisdictions/{of.world.places[place]}/{deed}", values

    return forms


def each_grid(deed: str, **values: str) -> Callable[[Things], Forms]:
    def forms(of: Things) -> Forms:
        for grid in ("甲村格", "乙社区格", "园片"):
            yield f"/office/grids/{of.world.grids[grid]}/{deed}", values

    return forms


def moved_firms(of: Things) -> Forms:
    for place in ("乙社区", "丙村"):
        yield f"/office/enterprises/{of.world.enterprises[FLOUR]}/change", {"division": of.world.places[place]}


def new_accounts(of: Things) -> Forms:
    for name, unit in product(NEAR, ("纪检", "东所")):
        base = {"in": of.world.places["示例区" if unit == "纪检" else "东镇"], "login": "new", "name": "新号", "enterprise": ""}
        person = of.marks[name]["badge"] or name
        for role in ("office", "custodian", "inspector"):
            yield "/office/accounts/new", {**base, "role": role, "unit": of.unit(unit), "person": person}
        yield "/office/accounts/new", {**base, "role": "enterprise", "unit": "", "person": person, "enterprise": FLOUR}


def more_roles(of: Things) -> Forms:
    nobody = next(id_ for login, id_ in of.accounts.items() if login.startswith("unit-"))
    for account in (*(of.accounts[login] for login in ("keeper", "colleague", "watch", "inspector", "station")), nobody):
        for role, unit in product(("office", "custodian", "inspector"), ("纪检", "东所")):
            for name in ("", "郑纪检", ACCUSED):
                person = of.marks[name]["badge"] if name else ""
                place = of.world.places["示例区" if unit == "纪检" else "东镇"]
                form = {"in": place, "role": role, "unit": of.unit(unit), "person": person, "enterprise": ""}
                yield f"/office/accounts/{account}/grants", form
        form = {"in": of.world.places["示例区"], "role": "enterprise", "unit": "", "person": "", "enterprise": FLOUR}
        yield f"/office/accounts/{account}/grants", form


def ended_roles(of: Things) -> Forms:
    for login in (*CUSTODIANS, "watch", "inspector", "bureau"):
        yield f"/office/accounts/{of.accounts[login]}/grants/{of.grants[login]}/end", {}


def each_account(deed: str) -> Callable[[Things], Forms]:
    def forms(of: Things) -> Forms:
        for login in (*CUSTODIANS, "watch", "inspector", "bureau"):
            yield f"/office/accounts/{of.accounts[login]}/{deed}", {}

    return forms


def covers(of: Things) -> Forms:
    for id_ in of.accounts.values():
        yield "/account/deputies", {"deputy": id_, "since": DAY, "until": "2026-03-09"}


def revoked(of: Things) -> Forms:
    for board in of.boards:
        yield f"/office/boards/{board}/revoke", {"why": "换牌"}


def corrections(of: Things) -> Forms:
    """Days of posts, interests and whatever they stand at, earlier and later, as they are sent once what follows was shown."""
    began = (of.world.call.today - timedelta(days=30)).isoformat()
    days = (
        ("2026-01-15", ""),
        ("2026-02-20", ""),
        ("2026-04-01", ""),
        (began, DAY),
        (began, "2026-02-10"),
        (began, "2026-04-01"),
    )
    posts = [("appointment", of.held[name]) for name in NEAR if name in of.held]
    firm, grids = of.world.enterprises[FLOUR], [of.world.grids[name] for name in ("甲村格", "乙社区格", "园片")]
    for kind, id_ in (*posts, *(("interest", one) for one in of.interests)):
        for since, until in days:
            yield f"/office/corrections/{kind}/{id_}", sure(since, until)
    for kind, ids in (("unit", [of.unit(name) for name in ("纪检", "二纪检", "东所")]), ("grid", grids), ("enterprise", [firm])):
        for id_, (since, _) in product(ids, days[:3]):
            yield f"/office/corrections/{kind}/{id_}", sure(since)
    yield f"/office/corrections/appointment/{of.held[ACCUSED]}", {"since": "2026-04-01", "reason": "示例"}


def sure(since: str, until: str | None = None) -> dict[str, str]:
    """A correction that was looked at before."""
    said = {} if until is None else {"until": until}
    return {"since": since, **said, "reason": "示例", "previewed": f"{since} {until or None} 示例"}


def ends_corrected(of: Things) -> Iterator[Try]:
    """The day on which somebody left, an office or an enterprise ended, as the chain itself wrote it: earlier, later, gone."""
    firm = of.world.enterprises[FLOUR]
    for kind, subject, ids in (
        ("person", "people", [of.person(name) for name in NEAR]),
        ("unit", "units", [of.unit(name) for name in ("纪检", "二纪检", "东所", "区局")]),
        ("enterprise", "enterprises", [firm]),
    ):
        began = None if kind == "person" else (of.world.call.today - timedelta(days=30)).isoformat()
        for id_, ended, until in product(ids, ("2026-02-20", DAY), ("2026-02-10", "2026-04-01", "")):
            said = {"until": until, "reason": "示例", "previewed": f"{began} {until or None} 示例"}
            yield Try(
                route=CORRECTED,
                address=f"/office/corrections/{kind}/{id_}",
                values=said,
                first=((f"/office/{subject}/{id_}/end", {"day": ended}),),
            )


def begun_again(of: Things) -> Iterator[Try]:
    """What the chain had ended goes on."""
    firm = of.world.enterprises[FLOUR]
    for subject, id_, ended in product(("grids", "enterprises"), (of.world.grids["甲村格"], firm), ("2026-02-20", DAY)):
        first = ((f"/office/{subject}/{id_}/end", {"day": ended}),)
        route = ("POST", f"/office/{subject}/{{id_:str}}/reopen")
        yield Try(route=route, address=f"/office/{subject}/{id_}/reopen", values={"day": DAY}, first=first)


def corrected_charges(of: Things) -> Iterator[Try]:
    """Since when an office answers for the firm."""
    for id_, since in product(of.charges, ("2026-02-10", "2026-02-20", "2026-04-01")):
        said = {"since": since, "reason": "示例", "previewed": f"{since} None 示例"}
        yield Try(route=CORRECTED, address=f"/office/corrections/charge/{id_}", values=said)


def stated(of: Things) -> Forms:
    for size, since in product(("big", "small"), ("2026-01-31", "2026-02-10", DAY, "2026-04-01")):
        yield (
            f"/office/enterprises/{of.world.enterprises[FLOUR]}/facts",
            {"fact_size": size, "fact_risky": "no", "since": since},
        )


def charged(of: Things) -> Forms:
    address = f"/office/enterprises/{of.world.enterprises[FLOUR]}/charges"
    for unit, since in product(("", *(of.unit(name) for name in ("东所", "区局", "纪检"))), ("2026-02-10", DAY)):
        yield address, {"line": "fire", "unit": unit, "since": since}


def new_grids(of: Things) -> Forms:
    for place, tier in product(("甲村", "东镇"), ("village-grid", "town-grid", "patch")):
        yield (
            "/office/grids/new",
            {
                "in": of.world.places[place],
                "region": "sample",
                "tier": tier,
                "name": "新格",
                "code": "",
                "parent": of.world.grids["东镇格"],
                "since": DAY,
                "divisions": [of.world.places["甲村"]],
            },
        )


def ended_firms(of: Things) -> Forms:
    for day in ("2026-02-20", DAY):
        yield f"/office/enterprises/{of.world.enterprises[FLOUR]}/end", {"day": day}


def issued(of: Things) -> Forms:
    for name in ("甲村格", "乙社区格"):
        yield "/office/boards/issue", {"of": "grid", "id": of.world.grids[name]}


def hung(of: Things) -> Forms:
    for board in of.boards:
        yield f"/office/boards/{board}/hung", {}


def ended_covers(of: Things) -> Forms:
    for cover in of.covers:
        yield f"/account/deputies/{cover}/end", {}


AIMED: dict[str, Callable[[Things], Forms]] = {
    "/office/people/new": new_people,
    "/office/people/{id_:str}/change": changed_people,
    "/office/people/{id_:str}/end": ended_people,
    "/office/appointments/new": appointments,
    "/office/appointments/{id_:str}/end": leaving,
    "/office/appointments/{id_:str}/hand-over": handed_over,
    "/office/people/{id_:str}/interests": interests,
    "/office/people/{id_:str}/interests/{interest:str}/end": ended_interests,
    "/office/units/new": new_units,
    "/office/units/{id_:str}/change": each_unit("change", name="改名", phone="0512-65660004"),
    "/office/units/{id_:str}/end": each_unit("end", day=DAY),
    "/office/jurisdictions/new": places,
    "/office/jurisdictions/{id_:str}/change": each_place("change", name="改名"),
    "/office/jurisdictions/{id_:str}/end": each_place("end", day=DAY),
    "/office/grids/{id_:str}/change": each_grid("change", name="改名"),
    "/office/grids/{id_:str}/end": each_grid("end", day=DAY),
    "/office/enterprises/{id_:str}/change": moved_firms,
    "/office/accounts/new": new_accounts,
    "/office/accounts/{id_:str}/grants": more_roles,
    "/office/accounts/{id_:str}/grants/{grant:int}/end": ended_roles,
    **{
        f"/office/accounts/{{id_:str}}/{deed}": each_account(deed)
        for deed in ("link", "sessions/end", "second/end", "end", "begin")
    },
    "/office/corrections/{kind:str}/{id_:str}": corrections,
    "/account/deputies": covers,
    "/office/boards/{code:str}/revoke": revoked,
    "/office/enterprises/{id_:str}/facts": stated,
    "/office/enterprises/{id_:str}/charges": charged,
    "/office/enterprises/{id_:str}/end": ended_firms,
    "/office/grids/new": new_grids,
    "/office/boards/issue": issued,
    "/office/boards/{code:str}/hung": hung,
    "/account/deputies/{cover:str}/end": ended_covers,
}
# What is sent once another form was
THEN = (ends_corrected, begun_again, corrected_charges)
OWN_ACCOUNT = "of one's own account: it tells nobody who is close to whom"
DEEDS = "says what was done or owed: nobody is closer to anybody by it, and no board names anybody else"
CASES = "a report, which lives apart from complaints"
LENT = "agreed with another office about powers and numbers: nobody comes to a post by it"
LINKS_OF_FIRMS = "a link by which an enterprise sees its own board"
SHEET = "done by every sheet of the walk, or throws away what was not taken in yet"
NOT_AIMED = {
    **dict.fromkeys(("/account/password", "/account/sessions/{session:str}/end", "/sign-out"), OWN_ACCOUNT),
    **dict.fromkeys(
        (f"/{door}/cases/{{id_:str}}/{deed}" for door in ("field", "office") for deed in ("contact", "step", "turn")), CASES
    ),
    **dict.fromkeys(
        ("/enterprise/site-link", "/field/enterprises/{id_:str}/site-link", "/office/enterprises/{id_:str}/site-link"),
        LINKS_OF_FIRMS,
    ),
    **dict.fromkeys(
        (
            "/office/deeds/new",
            "/office/deeds/{id_:str}/withdraw",
            "/office/due/{region:str}/{key:str}/excuse",
            "/office/excuses/{id_:str}/withdraw",
            "/office/jurisdictions/{id_:str}/refinements",
            "/office/refinements/{id_:str}/end",
        ),
        DEEDS,
    ),
    **dict.fromkeys(
        (
            "/office/filings/new",
            *(f"/office/filings/{{id_:str}}/{deed}" for deed in ("accept", "return", "withdraw")),
            "/office/letters/new",
            "/office/letters/{id_:str}/end",
            "/office/grids/outside/{outside:str}",
        ),
        LENT,
    ),
    **dict.fromkeys(
        (
            "/office/import",
            *(f"/office/import/{{id_:str}}/{deed}" for deed in ("check", "columns", "correct", "drop", "stop", "take", "undo")),
        ),
        SHEET,
    ),
    "/office/enterprises/new": "an enterprise that is new has no board and nobody complained about it",
    "/office/boards/print": "prints what stands",
    "/office/boards/jobs/{job:str}/stop": "stops one's own printing",
}
MAY = {
    "bureau": OFFICE | SIGNED_IN,
    "station": OFFICE | SIGNED_IN,
    "deputy": OFFICE | FIELD | SIGNED_IN,
    "inspector": FIELD | SIGNED_IN,
    "firm": ENTERPRISE | SIGNED_IN,
    "admin": OFFICE | ADMINISTRATOR | SIGNED_IN,
}


def forms(of: Things, who: str) -> Iterator[Try]:
    """Every form that an account of the chain may send, by the access matrix; aimed where it writes about people."""
    ids = {
        "people.id_": of.person(ACCUSED),
        "enterprises.id_": of.world.enterprises[FLOUR],
        "units.id_": of.unit("东所"),
        "grids.id_": of.world.grids["甲村格"],
        "jurisdictions.id_": of.world.places["甲村"],
        "code": of.boards[0],
        "appointments.id_": of.held[ACCUSED],
        "region": "sample",
        "key": "walk~1",
        "grant": "1",
    }
    for route in sorted(MAY[who] - {("POST", "/sign-out"), ("POST", "/account/password")}):
        if route[0] == "GET" or route[1].startswith("/office/import") or route[1].endswith("/reopen"):
            continue
        aimed = AIMED.get(route[1])
        for address, values in (
            aimed(of) if aimed is not None else [(filled(route[1], ids), {"day": DAY, "since": DAY, "why": "示例"})]
        ):
            yield Try(route=route, address=address, values=values)
    if MAY[who] >= OFFICE:
        for made in THEN:
            yield from made(of)


IMPORT = ("POST", "/office/import")
HEADS = {
    "people": (
        ("姓名", "工作证编号", "公示电话", "所在部门", "所在辖区", "执法证号"),
        ("name", "badge", "phone", "unit", "place", "certificate"),
    ),
    "appointments": (
        ("姓名", "工作证编号", "岗位", "任职处", "到任日期", "离任日期"),
        ("name", "badge", "post", "seat", "since", "until"),
    ),
    "units": (("部门名称", "部门类型", "值班电话", "所在辖区"), ("name", "kind", "phone", "place")),
}


def rows(of: Things) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Rows of sheets, as the forms."""
    for name in NEAR:
        badge, phone = of.marks[name]["badge"], of.marks[name]["phone"]
        for unit in ("纪检", "二纪检", "东所"):
            yield "people", (name, badge, phone, unit, "", "")
        yield "people", (name, badge, "0512-65660005", "", "", "")
        yield "people", ("新员", badge, "0512-65660006", "", "示例区", "")
        yield "people", ("新员", "", f" {phone.replace('-', '')}", "", "示例区", "")
        yield "people", (ACCUSED, of.marks[ACCUSED]["badge"], phone, "", "", "")
        yield "people", (ACCUSED, of.marks[ACCUSED]["badge"], "", "", "", of.marks[name]["certificate"] or "新证")
        for post, seat in (("纪检员", "纪检"), ("社区双员", "乙社区格"), ("看护员", "丁村格"), ("看护员", "甲村格")):
            yield "appointments", (name, badge, post, seat, DAY, "")
    yield "appointments", (ACCUSED, of.marks[ACCUSED]["badge"], "看护员", "甲村格", "", DAY)
    yield "people", ("新员", "", "0512-65660007", "纪检", "", "")
    yield "units", ("新纪检", "纪检", "0512-65660008", "示例区")
    yield "units", ("纪检", "纪检", "0512-65660009", "示例区")
    yield "units", ("二所", "镇所", "0512-65660010", "东镇")


def sheets(of: Things) -> Iterator[Try]:
    """Each row as a sheet of its kind, and as the region's own."""
    for kind, row in rows(of):
        titles, codes = HEADS[kind]
        yield Try(route=IMPORT, address="/office/import", sheet=(kind, (titles, row)))
        blank = ("",) * (len(codes) - 2)
        yield Try(route=IMPORT, address="/office/import", sheet=("own", ((OWN_MARK, kind, *blank), codes, row)))


def taken_back(of: Things) -> Iterator[Try]:
    """Sheets that bring nothing near to complaints, until others write something; then they are taken back."""
    titles, _ = HEADS["people"]
    new, free = ("新员", "新01", "0512-65660011", "", "示例区", ""), "0512-65660012"
    db = of.world.call.db
    old = of.marks[ACCUSED]["phone"]

    async def keeps(world: World) -> None:
        """Whom the sheet brought keeps complaints now, made by two."""
        world.people["新员"] = await db.value("select public_id from person where name = '新员'")
        await world.account("made", Role.CUSTODIAN, unit="纪检", person="新员")
        await db.rows("update account set second = (select second from account where login = 'keeper') where login = 'made'")
        await db.rows("update account set active = false where login in ('keeper', 'colleague', 'other')")

    async def numbered(world: World) -> None:
        """Their office gave a custodian the number that the accused had before."""
        await db.rows("update person set phone = $1 where name = '郑纪检'", old)
        await db.rows("update account set active = false where login in ('colleague', 'other')")

    async def bound(world: World) -> None:
        """Whose post the sheet ended is kin of a custodian by now."""
        other = await db.value("select id from person where name = '李格长'")
        for row in await db.rows(
            "select a.person from access_grant g join account a on a.id = g.account where role = 'custodian'"
        ):
            await db.rows(
                "insert into interest (public_id, person, other, kind, note, since) values ($1, $2, $3, 'kin', '', $4)",
                public_id(),
                other,
                row["person"],
                world.call.today,
            )

    yield Try(route=IMPORT, address="/office/import", sheet=("people", (titles, new)), between=keeps)
    moved = (ACCUSED, of.marks[ACCUSED]["badge"], free, "", "", "")
    yield Try(route=IMPORT, address="/office/import", sheet=("people", (titles, moved)), between=numbered)
    ended = ("李格长", of.marks["李格长"]["badge"], "格长", "东镇格", "", DAY)
    yield Try(route=IMPORT, address="/office/import", sheet=("appointments", (HEADS["appointments"][0], ended)), between=bound)


# The walk

# Refused to them at whatever they aim: a place in which something lies, an interest that bound somebody when a complaint came in
REFUSED = {"/office/jurisdictions/{id_:str}/end", "/office/people/{id_:str}/interests/{interest:str}/end"}
# All of these are done where they are aimed at nobody who is near: refusals are not for a form that was filled in wrongly
MUST_DO = {
    *(AIMED.keys() - REFUSED),
    *(f"sheet of {kind}" for kind in ("people", "appointments", "units", "own")),
    *(f"/office/{subject}/{{id_:str}}/reopen" for subject in ("grids", "enterprises")),
}
WATCHED = (
    "person",
    "appointment",
    "interest",
    "deputy",
    "account",
    "access_grant",
    "unit",
    "jurisdiction",
    "grid",
    "grid_ground",
    "enterprise",
    "placement",
    "board",
    "refinement",
)
WRITTEN = "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_xact_user_tables where relname = any($1)"
IDS = re.compile(rb"[0-9a-hjkmnp-tv-z]{20}")
LINKS = re.compile(rb"/(?:site|link)/[\w-]{20,}")
# A board that is new has another code every time
CODES = re.compile(rb"(?<=/office/boards/)[0-9A-Za-z]{6,12}(?=[?/\s\"])|(?<=/b/)[0-9A-Za-z]{6,12}")
# What was done is told to one browser on one page: the mark is another for each id that is new
MARKS = re.compile(rb"(?<=said=)(\w+)\.[0-9a-f]{16}")


class TakenBack(Exception):
    """The transaction is thrown away."""


@dataclass
class Walker:
    """An account of the chain at its browser."""

    world: World
    visitor: Visitor
    who: str
    known: frozenset[bytes]
    at_first: Readable
    token: str = ""
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: int = 0
    done: set[str] = field(default_factory=set)

    async def go(self, one: Try) -> tuple[list[bytes], list[str]]:
        """Do it; what was answered, and what it took from whom. Nothing of it stays."""
        answers: list[bytes] = []
        found: list[str] = []
        try:
            async with self.world.call.db.transaction():
                found = await (self._sheet(one, answers) if one.sheet is not None else self._form(one, answers))
                raise TakenBack
        except TakenBack:
            return answers, found

    async def _form(self, one: Try, answers: list[bytes]) -> list[str]:
        values = {"_token": self.token, **one.values}
        for address, before in one.first:
            await self._post(address, {"_token": self.token, **before}, answers)
        if one.address.endswith("/change") or "/corrections/" in one.address:
            page_of = f"{one.first} {one.address}"
            if page_of not in self.seen:
                page = await self.visitor.get(one.address, check=False)
                self.seen[page_of] = page.form(one.address) if page.status == 200 else {}
            values = {**self.seen[page_of], **values}
        if await self._post(one.address, values, answers) is not None:
            self.done.add(one.route[1])
            self.done |= {f"end of {one.address.split('/')[3]} corrected"} if one.first and one.route == CORRECTED else set()
        return await self._lost(one, self.at_first)

    async def _sheet(self, one: Try, answers: list[bytes]) -> list[str]:
        assert one.sheet is not None
        kind, (head, *rest) = one.sheet
        file = {"sheet": ("示例.csv", written_csv(list(head), [list(row) for row in rest]))}
        where = await self._post("/office/import", {"_token": self.token, "kind": kind, "region": "sample"}, answers, file)
        if where is None:
            return []
        answers.append(self._plain(await self.visitor.client.get(where)))
        await self._post(f"{where}/take", {"_token": self.token, "go": "all"}, answers)
        taken = await self.world.call.db.row("select state, result from import_batch")
        assert taken is not None
        if taken["state"] == "taken":
            self.done.add(f"sheet of {kind}")
        found, before = await self._lost(one, self.at_first), self.at_first
        if one.between is not None:
            assert taken["state"] == "taken", (one.told, taken["result"])
            await one.between(self.world)
            before = await readable(self.world)
        await self._post(f"{where}/undo", {"_token": self.token}, answers)
        return [*found, *(f"taken back: {what}" for what in await self._lost(one, before))]

    async def _post(self, address: str, values: Mapping[str, Any], answers: list[bytes], files: Any = None) -> str | None:
        answer = await self.visitor.client.post(address, data=values, files=files)
        assert answer.status_code < 500, (address, values, answer.text[:2000])
        answers.append(self._plain(answer))
        return answer.headers.get("location") if answer.status_code == 303 else None

    def _plain(self, answer: Any) -> bytes:
        """An answer without what is another every time: tokens, links, and ids of what was made."""
        body = answer.content
        for pattern, word in NOISE:
            body = pattern.sub(word, body)
        whole = f"{answer.status_code} {answer.headers.get('location', '')}\n".encode() + body
        whole = MARKS.sub(rb"\1", LINKS.sub(b"link", whole))
        for pattern in (CODES, IDS):
            whole = pattern.sub(lambda match: match.group() if match.group() in self.known else b"new", whole)
        return whole

    async def _lost(self, one: Try, before: Readable) -> list[str]:
        if not await self.world.call.db.value(WRITTEN, list(WATCHED)):
            return []
        self.writes += 1
        return lost(one, before, await readable(self.world))


@dataclass
class Walked:
    """What came of a walk: every answer, what was taken from whom, how many writes there were, and which kinds were done."""

    answers: dict[str, list[bytes]] = field(default_factory=dict)
    lost: dict[str, list[str]] = field(default_factory=dict)
    writes: int = 0
    done: set[str] = field(default_factory=set)


async def walk(world: World, visitors: Mapping[str, Visitor], tries: Mapping[str, Sequence[Try]]) -> Walked:
    """Let everybody try everything."""
    db, walked = world.call.db, Walked()
    ids = await db.rows(
        " union all ".join(
            f"select public_id from {table}"
            for table in ("person", "unit", "jurisdiction", "grid", "enterprise", "account", "appointment", "interest")
        )
    )
    known, at_first = frozenset(row["public_id"].encode() for row in ids), await readable(world)
    known |= frozenset(code.encode() for code in await boards_of(world))
    for who, wanted in tries.items():
        token = (await visitors[who].get("/account")).form("/sign-out")["_token"]
        walker = Walker(world, visitors[who], who, known, at_first, token)
        for n, one in enumerate(wanted):
            answers, taken = await walker.go(one)
            walked.answers[f"{who} {n} {one.told}"] = answers
            if taken:
                walked.lost[f"{who}: {one.told}"] = taken
        walked.writes += walker.writes
        walked.done |= walker.done
    assert await readable(world) == at_first
    return walked


async def signed_in(world: World, site: Any, who: Sequence[str]) -> dict[str, Visitor]:
    """The accounts of the chain, each at a browser."""
    visitors = {}
    for n, login in enumerate(who, 1):
        visitors[login] = site(f"10.6.{n}.1")
        await visitors[login].sign_in(login, PASSWORD)
    return visitors


async def both_worlds(world: World, visitors: Mapping[str, Visitor], tries: Mapping[str, Sequence[Try]]) -> Walked:
    """Walk through a world without a complaint, complain, walk again: nothing is taken from anybody in either, and no answer
    of the second tells that it is not the first.
    """
    without = await walk(world, visitors, tries)
    await complain(world)
    with_ = await walk(world, visitors, tries)
    differing = [what for what, answers in without.answers.items() if answers != with_.answers[what]]
    assert without.lost == {}
    assert with_.lost == {}
    assert differing == []
    undone = sorted(MUST_DO - with_.done)
    assert undone == [], undone
    return with_
