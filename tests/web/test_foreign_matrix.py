"""Across jurisdictions: everybody of one town tries every route with things of the other. No request succeeds, and none fails badly."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx

from portal.access.actions import NewAccount, NewGrant, create_account
from portal.app import routes_of
from portal.areas import filing, outside
from portal.areas.outside import OutsideForm
from portal.areas.refining import RefinementForm, refine
from portal.boards.actions import issue
from portal.feedback.actions import CaseOpening, open_case
from portal.feedback.drafts import keep_photo
from portal.obligations.actions import DeedForm, ExcuseForm, add_deed, excuse
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from tests.browse import Visitor
from tests.world import PASSWORD, World, make_appointment, make_enterprise, make_grid, make_person, make_unit, picture

EAST = ("甲村", "乙社区")
# Of each thing in the eastern town; `make drill` tries more
MANY = 2
WANTED = 1_500
FIRM = "丙小店（示例）"


async def filled(world: World, many: int) -> None:
    """More of everything in the eastern town."""
    for n in range(many):
        await make_unit(world, f"东所{n}", "station", "东镇")
        await make_grid(world, f"东片{n}", "patch", "东镇", parent="东镇格")
        await make_person(world, f"东员{n}", place="东镇", badge=f"东{n}", portrait=picture())
        await make_appointment(world, f"东员{n}", "keeper", grid=f"东片{n}")
        await make_enterprise(world, f"东厂{n}（示例）", EAST[n % 2], size="small", risky="no")
        board = await issue(world.call, "enterprise", world.enterprises[f"东厂{n}（示例）"])
        form = public_id()
        await keep_photo(world.call.as_(PUBLIC), form, picture())
        for kind in (Kind.REPORT, Kind.CONTACT):
            await open_case(world.call.as_(PUBLIC), CaseOpening(kind=kind, board=board, form=public_id(), text="x"))
        await world.account(f"east{n}", Role.INSPECTOR, person=f"东员{n}")
    town, place = world.call.as_(await world.office("东所")), world.places["东镇"]
    await outside.add_outside(town, OutsideForm(system="综治", code="Z1", name="综治一格", jurisdiction=world.places["甲村"]))
    await owed(world)
    ready = await filing.ready_at(town, place, "grids")
    assert ready is not None
    await filing.file(town, place, "grids", form=public_id(), mark=ready.mark)


async def owed(world: World) -> None:
    """A deed, an excuse and a refinement of the eastern town."""
    call, firm = world.call, world.enterprises["甲面粉店（示例）"]
    await add_deed(call, DeedForm(region="sample", duty="walk", subject=firm, day=call.today, person=world.people["张看护"]))
    late = ExcuseForm(region="sample", key="walk~1", subject=firm, day=call.today - timedelta(days=31), why="停产（示例）")
    await excuse(call, late)
    own = RefinementForm(figure="post:keeper:least", value=2, document="细则（示例）", clause="一", gist="每格两人")
    await refine(call, world.places["甲村"], own)


async def of_the_east(world: World) -> dict[str, list[str]]:
    """Ids of the eastern town's things, by the place in a route."""
    db, east = world.call.db, "/99/9901/9901001/%"

    async def many(sql: str) -> list[str]:
        return [str(row[0]) for row in await db.rows(sql, east)]

    return {
        "jurisdictions": await many("select public_id from jurisdiction where path like $1"),
        "units": await many("select u.public_id from unit u join jurisdiction j on j.id = u.jurisdiction where path like $1"),
        "grids": await many("select g.public_id from grid g join jurisdiction j on j.id = g.jurisdiction where path like $1"),
        "people": await many("select p.public_id from person p join jurisdiction j on j.id = p.jurisdiction where path like $1"),
        "enterprises": await many(
            "select e.public_id from enterprise e join jurisdiction j on j.id = e.division where path like $1"
        ),
        "appointments": await many(
            "select a.public_id from appointment a join grid g on g.id = a.grid join jurisdiction j on j.id = g.jurisdiction where path like $1"
        ),
        "deeds": await many(
            "select d.public_id from deed d join enterprise e on e.id = d.enterprise join jurisdiction j on j.id = e.division where path like $1"
        ),
        "excuses": await many(
            "select x.public_id from excuse x join enterprise e on e.id = x.enterprise join jurisdiction j on j.id = e.division where path like $1"
        ),
        "refinements": await many(
            "select r.public_id from refinement r join jurisdiction j on j.id = r.jurisdiction where path like $1"
        ),
        "filings": await many("select l.public_id from filing l join jurisdiction j on j.id = l.jurisdiction where path like $1"),
        "letters": await many(
            "select n.public_id from entrustment n join unit u on u.id = n.entrusted join jurisdiction j on j.id = u.jurisdiction "
            "where path like $1"
        )
        or ["0" * 20],
        "outside": await many(
            "select o.public_id from outside_grid o join jurisdiction j on j.id = o.jurisdiction where path like $1"
        ),
        "cases": await many(
            "select c.public_id from feedback_case c join jurisdiction j on j.id = c.jurisdiction where path like $1"
        ),
        "accounts": await many(
            "select a.public_id from account a join access_grant g on g.account = a.id left join person p on p.id = a.person "
            "left join jurisdiction j on j.id = p.jurisdiction where coalesce(g.area, j.path) like $1"
        ),
        "codes": await many("select g.code from grid g join jurisdiction j on j.id = g.jurisdiction where path like $1"),
        "badges": await many(
            "select p.badge from person p join jurisdiction j on j.id = p.jurisdiction where path like $1 and p.badge <> ''"
        ),
        "firms": await many("select e.name from enterprise e join jurisdiction j on j.id = e.division where path like $1"),
        "boards": await many("select b.code from board b join jurisdiction j on j.id = b.jurisdiction where path like $1"),
        "photo": await many("select p.public_id from feedback_photo p where $1 <> ''") or ["0" * 20],
    }


async def test_of_all_requests_across_the_border_none_succeeds(world: World, site) -> None:
    assert await across(world, site, MANY) >= WANTED


async def across(world: World, site, many: int) -> int:
    """Everybody of the western town tries everything with so many of each thing of the eastern; how many requests that were."""
    await filled(world, many)
    own = await west(world)
    ids, tried = await of_the_east(world), 0
    visitors = {}
    for n, login in enumerate(("west-office", "west-inspector", "west-firm", "west-helper", "west-admin"), 1):
        visitors[login] = site(f"10.7.{n}.1")
        await visitors[login].sign_in(login, PASSWORD)
    names, before = await called(world), await register(world)
    for visitor in visitors.values():
        token = (await visitor.get("/account")).form("/sign-out")["_token"]
        tried += await everything(visitor, token, routes_of(site.app), ids)
        tried += await carried(visitor, token, ids, own, names)
    assert await register(world) == before
    return tried


async def register(world: World) -> list[str]:
    """Everything in the register, the cases and the accounts, as one mark a table."""
    tables = (
        "charge",
        "job",
        "jurisdiction",
        "unit",
        "grid",
        "person",
        "appointment",
        "enterprise",
        "board",
        "feedback_case",
        "feedback_step",
        "account",
        "access_grant",
        "access_ask",
        "interest",
        "one_time_link",
        "deputy",
        "filing",
        "filed_grid",
        "outside_grid",
        "deed",
        "excuse",
        "refinement",
    )
    return [
        str(await world.call.db.value(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t"))
        for table in tables
    ]


async def everything(visitor: Visitor, token: str, routes: list[tuple[str, str]], ids: dict[str, list[str]]) -> int:
    """Try each route that names a thing with each of the foreign things; how many requests that were."""
    tried = 0
    for method, path in routes:
        parts = path.split("/")
        kind = parts[2] if len(parts) > 2 else ""
        if parts[1] not in ("office", "field", "enterprise") or "{" not in path or kind not in ids or "jobs" in path:
            continue
        for thing in ids[kind]:
            address = re.sub(r"\{(id_|code):str\}", thing, path)
            address = (
                address.replace("{photo:str}", ids["photo"][0])
                .replace("{outside:str}", ids["outside"][0])
                .replace("{grant:int}", "1")
                .replace("{interest:str}", "0" * 20)
            )
            if method == "GET":
                answer = await visitor.client.get(address)
            else:
                values = {
                    "_token": token,
                    "form": "a" * 20,
                    "step": "accept",
                    "text": "x",
                    "day": "2026-03-02",
                    "name": "改",
                    "why": "x",
                }
                answer = await visitor.client.post(address, data=values)
            assert answer.status_code == 404, (method, address, answer.status_code)
            tried += 1
    return tried


async def west(world: World) -> dict[str, str]:
    """Everybody of the western town, and what is theirs."""
    await make_person(world, "西员", place="西镇", certificate="西证")
    await make_appointment(world, "西员", "keeper", grid="丁村格")
    for n, patch in enumerate(("西片", "西空片"), 1):
        await make_grid(world, patch, "patch", "西镇", parent="西镇格", code=f"W{n}")
    await world.account("west-office", Role.OFFICE, unit="西所")
    await world.account("west-inspector", Role.INSPECTOR, person="西员")
    await world.account("west-firm", Role.ENTERPRISE, enterprise=FIRM)
    await world.account("west-helper", Role.OFFICE, unit="西所")
    grant = NewGrant(role=Role.ADMINISTRATOR, area="/99/9901/9901002/")
    await create_account(
        world.call, NewAccount(login="west-admin", name="示例", password=PASSWORD, must_change=False, grants=(grant,))
    )
    return await of_the_west(world)


async def of_the_west(world: World) -> dict[str, str]:
    """One's own things, which carry the foreign ones."""
    return {
        "town": world.places["西镇"],
        "place": world.places["丙村"],
        "unit": world.units["西所"],
        "above": world.grids["西镇格"],
        "grid": world.grids["丙村格"],
        "patch": world.grids["西片"],
        "vacant": world.grids["西空片"],
        "person": world.people["西员"],
        "firm": world.enterprises[FIRM],
        "appointment": await world.call.db.value(
            "select a.public_id from appointment a join person p on p.id = a.person where p.name = '西员'"
        ),
        "account": await world.call.db.value("select public_id from account where login = 'west-helper'"),
    }


async def called(world: World) -> set[str]:
    """What the eastern town's things are called: no answer to anybody of the west may hold it."""
    rows = await world.call.db.rows(
        "select u.name from unit u join jurisdiction j on j.id = u.jurisdiction where j.path like $1 union all "
        "select g.name from grid g join jurisdiction j on j.id = g.jurisdiction where j.path like $1 union all "
        "select e.name from enterprise e join jurisdiction j on j.id = e.division where j.path like $1 union all "
        "select p.name from person p join jurisdiction j on j.id = p.jurisdiction where j.path like $1",
        "/99/9901/9901001/%",
    )
    return {row["name"] for row in rows}


DAY = "2026-03-02"
NEW = {
    "units": {"kind": "station", "name": "新所", "phone": "0512-01234567"},
    "grids": {"tier": "patch", "name": "新片", "since": DAY, "served_by": ""},
    "people": {"name": "新员", "phone": "0512-01234567"},
    "enterprises": {"name": "新厂（示例）", "size": "small", "risky": "no", "drawn_grid": ""},
    "accounts": {"login": "new", "name": "新号", "role": "office"},
}


def carrying(ids: dict[str, list[str]], own: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Forms that are right but for one foreign thing in them, with their addresses; no values: the address is opened."""
    firm, person, patch = own["firm"], own["person"], own["patch"]
    post = {"kind": "grid", "seat": own["vacant"], "post": "keeper", "person": person, "since": DAY}
    kin = {"kind": "kin", "since": DAY}
    held = f"/office/appointments/{own['appointment']}/hand-over"
    for place in ids["jurisdictions"]:
        for subject in NEW:
            yield f"/office/{subject}/new?in={place}", {}
            yield f"/office/{subject}?in={place}", {}
        yield "/office/units/new", {"in": place, **NEW["units"]}
        yield "/office/grids/new", {"in": place, "parent": own["above"], **NEW["grids"]}
        yield "/office/people/new", {"in": place, "unit": "", **NEW["people"]}
        yield "/office/enterprises/new", {"in": place, "division": place, **NEW["enterprises"]}
        yield "/office/accounts/new", {"in": place, "unit": own["unit"], **NEW["accounts"]}
        yield f"/office/accounts/{own['account']}/grants", {"in": place, "role": "enterprise", "unit": "", "enterprise": FIRM}
        yield f"/office/enterprises/{firm}/change", {"division": place}
        yield f"/office/grids/{patch}/change", {"divisions": place}
    for unit in ids["units"]:
        yield f"/office/enterprises/{firm}/charges", {"line": "fire", "unit": unit, "since": DAY}
        yield "/office/people/new", {"in": own["place"], "unit": unit, **NEW["people"]}
        yield f"/office/people/{person}/change", {"unit": unit}
        yield "/office/accounts/new", {"in": own["place"], "unit": unit, **NEW["accounts"]}
        yield f"/office/appointments/new?kind=unit&seat={unit}&post=officer", {}
        yield "/office/appointments/new", {**post, "kind": "unit", "seat": unit, "post": "officer"}
    for grid in ids["grids"]:
        yield "/office/grids/new", {"in": own["town"], "parent": grid, **NEW["grids"]}
        yield f"/office/enterprises/{firm}/change", {"drawn_grid": grid}
        yield f"/office/appointments/new?kind=grid&seat={grid}&post=keeper", {}
        yield "/office/appointments/new", {**post, "seat": grid, "until": "2026-03-09"}
        yield "/office/boards/issue", {"of": "grid", "id": grid}
    for code in ids["codes"]:
        yield "/office/boards/print", {"region": "sample", "size": "A4", "grid": code}
    for one in ids["people"]:
        yield "/office/appointments/new", {**post, "person": one}
        yield f"{held}?person={one}", {}
        yield held, {"person": one, "day": DAY}
    for badge in ids["badges"]:
        yield f"/office/people/{person}/interests", {"other": badge, **kin}
        yield f"/office/people/{person}/interests", {"enterprise": FIRM, "instead": badge, **kin}
        yield (
            "/office/accounts/new",
            {"in": own["place"], "unit": own["unit"], **NEW["accounts"], "login": "newer", "person": badge},
        )
    for one in ids["enterprises"]:
        yield f"/office/people/{person}/interests?enterprise={one}", {}
        yield "/office/boards/issue", {"of": "enterprise", "id": one}
        yield "/office/appointments/new", {**post, "kind": "enterprise", "seat": one, "post": "guard"}
    for name in ids["firms"]:
        yield f"/office/people/{person}/interests", {"enterprise": name, **kin}
    for one in ids["accounts"]:
        yield "/account/deputies", {"deputy": one, "since": DAY, "until": "2026-03-09"}


async def sent(visitor: Visitor, token: str, address: str, values: dict[str, str]) -> httpx.Response:
    """Open the address, or send its form with these values, the rest as the form has it."""
    if not values:
        return await visitor.client.get(address)
    if address.endswith("/change"):
        page = await visitor.get(address, check=False)
        values = {**(page.form(address) if page.status == 200 else {}), **values}
    return await visitor.client.post(address, data={"_token": token, **values})


async def carried(visitor: Visitor, token: str, ids: dict[str, list[str]], own: dict[str, str], names: set[str]) -> int:
    """Send each of these forms: it is refused, and says nothing of what is there; how many that were."""
    tried = 0
    for address, values in carrying(ids, own):
        answer = await sent(visitor, token, address, values)
        assert answer.status_code in ((404, 422) if values else (200, 404)), (address, values, answer.status_code)
        assert not [name for name in names - set(values.values()) if name in answer.text], (address, values)
        tried += 1
    return tried


async def test_the_same_forms_with_ones_own_things_are_taken(world: World, site) -> None:
    """Else they would be refused for another reason than that which the matrix is about."""
    own = await west(world)
    for n in range(3):
        await make_person(world, f"西员{n}", place="西镇", badge=f"西{n}", certificate=f"西证{n}")
    await make_grid(world, "西三片", "patch", "西镇", parent="西镇格", code="W3")
    await make_appointment(world, "西员2", "keeper", grid="西三片")
    await make_enterprise(world, "西大厂（示例）", "丙村", size="big", risky="no")
    await make_enterprise(world, "西小厂（示例）", "丙村", size="small", risky="no")
    ids = {
        "jurisdictions": [world.places["西镇"], world.places["丙村"]],
        "units": [own["unit"]],
        "grids": [world.grids["西镇格"], world.grids["丁村格"], own["patch"]],
        "codes": [await world.call.db.value("select code from grid where public_id = $1", own["grid"])],
        "people": [world.people["西员0"]],
        "badges": ["西1", "西2"],
        "enterprises": [world.enterprises["西大厂（示例）"]],
        "firms": ["西小厂（示例）"],
        "accounts": [own["account"]],
    }
    taken: dict[tuple[str, ...], set[int]] = {}
    for n, login in enumerate(("west-office", "west-admin"), 1):
        visitor = site(f"10.7.{n}.2")
        await visitor.sign_in(login, PASSWORD)
        token = (await visitor.get("/account")).form("/sign-out")["_token"]
        for address, values in carrying(ids, own):
            answer = await sent(visitor, token, address, values)
            taken.setdefault((address.split("?")[0], *values), set()).add(answer.status_code)
    assert {form: found for form, found in taken.items() if not found & ({303} if len(form) > 1 else {200})} == {}
