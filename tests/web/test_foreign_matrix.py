"""Across jurisdictions: everybody of one town tries every route with things of the other. No request succeeds, and none fails badly."""

import re

from portal.access.actions import NewAccount, NewGrant, create_account
from portal.app import routes_of
from portal.boards.actions import issue
from portal.feedback.actions import Opening, open_case
from portal.feedback.drafts import keep_photo
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from tests.world import PASSWORD, World, make_appointment, make_enterprise, make_grid, make_person, make_unit, picture

EAST = ("甲村", "乙社区")
WANTED = 6_000


async def filled(world: World) -> None:
    """More of everything in the eastern town."""
    for n in range(3):
        await make_unit(world, f"东所{n}", "station", "东镇")
        await make_grid(world, f"东片{n}", "patch", "东镇", parent="东镇格")
        await make_person(world, f"东员{n}", place="东镇", badge=f"东{n}", portrait=picture())
        await make_appointment(world, f"东员{n}", "keeper", grid=f"东片{n}")
        await make_enterprise(world, f"东厂{n}（示例）", EAST[n % 2], size="small", risky="no")
        board = await issue(world.call, "enterprise", world.enterprises[f"东厂{n}（示例）"])
        form = public_id()
        await keep_photo(world.call.as_(PUBLIC), form, picture())
        for kind in (Kind.REPORT, Kind.CONTACT):
            await open_case(world.call.as_(PUBLIC), Opening(kind=kind, board=board, form=public_id(), text="x"))
        await world.account(f"east{n}", Role.INSPECTOR, person=f"东员{n}")


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
        "enterprises": await many("select e.public_id from enterprise e join jurisdiction j on j.id = e.division where path like $1"),
        "appointments": await many(
            "select a.public_id from appointment a join grid g on g.id = a.grid join jurisdiction j on j.id = g.jurisdiction where path like $1"
        ),
        "cases": await many("select c.public_id from feedback_case c join jurisdiction j on j.id = c.jurisdiction where path like $1"),
        "accounts": await many(
            "select a.public_id from account a join access_grant g on g.account = a.id left join person p on p.id = a.person "
            "left join jurisdiction j on j.id = p.jurisdiction where coalesce(g.area, j.path) like $1"
        ),
        "boards": await many("select b.code from board b join jurisdiction j on j.id = b.jurisdiction where path like $1"),
        "photo": await many("select p.public_id from feedback_photo p where $1 <> ''") or ["0" * 20],
    }  # fmt: skip


async def test_of_six_thousand_requests_across_the_border_none_succeeds(world: World, site, record_property) -> None:
    await filled(world)
    await make_person(world, "西员", place="西镇")
    await make_appointment(world, "西员", "keeper", grid="丁村格")
    west = "/99/9901/9901002/"
    await world.account("west-office", Role.OFFICE, unit="西所")
    await world.account("west-inspector", Role.INSPECTOR, person="西员")
    await world.account("west-firm", Role.ENTERPRISE, enterprise="丙小店（示例）")
    await world.account("west-helper", Role.OFFICE, unit="西所")
    grant = NewGrant(role=Role.ADMINISTRATOR, area=west)
    await create_account(
        world.call, NewAccount(login="west-admin", name="示例", password=PASSWORD, must_change=False, grants=(grant,))
    )
    ids, tried = await of_the_east(world), 0
    visitors = {}
    for n, login in enumerate(("west-office", "west-inspector", "west-firm", "west-helper", "west-admin"), 1):
        visitors[login] = site(f"10.7.{n}.1")
        await visitors[login].sign_in(login, PASSWORD)
    before = await register(world)
    for login, visitor in visitors.items():
        token = (await visitor.get("/account")).form("/sign-out")["_token"]
        while True:
            tried += await everything(visitor, token, routes_of(site.app), ids)
            if login != "west-admin" or tried >= WANTED:
                break
    assert tried >= WANTED
    assert await register(world) == before
    record_property("requests", tried)


async def register(world: World) -> list[str]:
    """Everything in the register, the cases and the accounts, as one mark a table."""
    tables = ("jurisdiction", "unit", "grid", "person", "appointment", "enterprise", "board", "feedback_case", "feedback_step", "account",
              "access_grant", "access_ask", "interest", "one_time_link", "deputy")  # fmt: skip
    return [
        str(await world.call.db.value(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t"))
        for table in tables
    ]


async def everything(visitor, token: str, routes: list[tuple[str, str]], ids: dict[str, list[str]]) -> int:
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
                address.replace("{photo:str}", ids["photo"][0]).replace("{grant:int}", "1").replace("{interest:str}", "0" * 20)
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
