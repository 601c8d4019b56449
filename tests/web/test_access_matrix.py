"""The route inventory equals the access matrix; every route is closed to everybody whom the matrix does not name."""

import re
from datetime import timedelta

import pytest

from portal.access.links import let_in
from portal.app import routes_of
from portal.areas import filing, outside
from portal.areas.outside import OutsideForm
from portal.areas.refining import RefinementForm, refine
from portal.areas.tables import Entrustment
from portal.boards.actions import issue
from portal.feedback.actions import CaseOpening, open_case
from portal.imports.importable import KINDS
from portal.obligations.actions import DeedForm, ExcuseForm, add_deed, excuse
from portal.people.interests import InterestForm, declare
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC as NOBODY
from portal.viewer import Role
from portal.workshop.sheets import written_csv
from tests.browse import form_values
from tests.web.access_matrix import EVERYTHING, PUBLIC, WHO
from tests.world import PASSWORD, World, make_person, picture

FLOUR = "甲面粉店（示例）"


def test_every_route_is_in_the_matrix_and_nothing_else(sample_plugins, settings) -> None:
    from portal.app import create_app

    app = create_app(settings, plugins=sample_plugins)
    assert set(routes_of(app)) == EVERYTHING


@pytest.fixture
async def everybody(site, world: World):
    """A visitor for each row of the matrix, all of the eastern town but one office of the western."""
    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    await world.account("administrator", Role.ADMINISTRATOR)
    await world.account("office", Role.OFFICE, unit="东所")
    await world.account("foreign", Role.OFFICE, unit="西所")
    await world.account("inspector", Role.INSPECTOR, person="张看护")
    await world.account("enterprise", Role.ENTERPRISE, enterprise=FLOUR)
    await world.account("half-in", Role.ADMINISTRATOR)
    visitors = {"public": site("10.0.0.1"), "on site": site("10.0.0.2"), "half in": site("10.0.0.3")}
    firm = await world.call.db.row(
        "select e.id, e.public_id, j.path from enterprise e join jurisdiction j on j.id = e.division where e.public_id = $1",
        world.enterprises[FLOUR],
    )
    secret = await let_in(world.call, firm["id"], firm["public_id"], firm["path"])
    await visitors["on site"].send(await visitors["on site"].get(f"/site/{secret}"), {"name": "示例负责人"})
    door = await visitors["half in"].get("/sign-in")
    await visitors["half in"].send(door, {"login": "half-in", "password": PASSWORD}, action="/sign-in")
    await world.account("custodian", Role.CUSTODIAN, unit="纪检", person="吴执法")
    for n, login in enumerate(("administrator", "office", "foreign", "inspector", "enterprise", "custodian"), 2):
        visitors[login] = site(f"10.0.{n}.1")
        await visitors[login].sign_in(login, PASSWORD)
    return visitors


async def owed(world: World) -> dict[str, str]:
    """A deed, an excuse and a refinement of the eastern town."""
    call, firm = world.call, world.enterprises[FLOUR]
    done = DeedForm(region="sample", duty="walk", subject=firm, day=call.today, person=world.people["张看护"])
    late = ExcuseForm(region="sample", key="walk~1", subject=firm, day=call.today - timedelta(days=31), why="停产（示例）")
    own = RefinementForm(figure="post:keeper:least", value=2, document="细则（示例）", clause="一", gist="每格两人")
    return {
        "due.id_": world.people["东员"],
        "due.region": "sample",
        "due.key": "walk~1",
        "deeds.id_": await add_deed(call, done),
        "excuses.id_": await excuse(call, late),
        "refinements.id_": await refine(call, world.places["甲村"], own),
    }


def filled(path: str, ids: dict[str, str]) -> str:
    """A real address for a route."""
    subject = path.split("/")[2] if path.count("/") > 1 else ""
    return re.sub(r"\{(\w+):(str|path|int)\}", lambda m: ids.get(f"{subject}.{m.group(1)}", ids.get(m.group(1), "x" * 20)), path)


@pytest.fixture
async def ids(world: World, everybody) -> dict[str, str]:
    """Real ids of the eastern town's things, by the place in the path where they stand."""
    db = world.call.db
    board = await db.value("select code from board")
    form = public_id()
    from portal.feedback.drafts import keep_photo

    await keep_photo(world.call.as_(NOBODY), form, picture())
    await make_person(world, "东员", place="东镇", portrait=picture())
    await open_case(world.call.as_(NOBODY), CaseOpening(kind=Kind.REPORT, board=board, form=form, text="x"))
    return {
        "jurisdictions.id_": world.places["甲村"],
        "units.id_": world.units["东所"],
        "grids.id_": world.grids["甲村格"],
        "people.id_": world.people["东员"],
        "enterprises.id_": world.enterprises[FLOUR],
        "appointments.id_": await db.value("select public_id from appointment order by id limit 1"),
        "corrections.kind": "appointment",
        "corrections.id_": await db.value("select public_id from appointment order by id limit 1"),
        "cases.id_": await db.value("select public_id from feedback_case"),
        **await owed(world),
        "filings.id_": await filed(world),
        "letters.id_": await entrusted(world),
        "outside": await outside.add_outside(
            world.call, OutsideForm(system="综治", code="Z1", name="综治一格", jurisdiction=world.places["甲村"])
        ),
        "photo": await db.value("select public_id from feedback_photo"),
        "code": board,
        "region": "sample",
        "grant": "1",
        "import.id_": await brought(everybody["office"]),
        "kind": "people",
        "name": "cases",
        "form": "csv",
    }


async def entrusted(world: World) -> str:
    """A letter by which the eastern town's station was entrusted; the region's own scheme lends nothing."""
    lender, town = await world.unit_id("区局"), await world.unit_id("东所")
    day = world.call.today
    row = Entrustment(
        region="sample",
        edition="sample-2020",
        lender=lender,
        entrusted=town,
        number="一号",
        powers="[]",
        fields="[]",
        published_on=day,
        published_at="网站（示例）",
        since=day,
        until=day + timedelta(days=365),
        written_at=world.call.now,
    )
    await row.save()
    return str(row.public_id)


async def filed(world: World) -> str:
    """A filing of the eastern town that waits at the bureau."""
    town, place = world.call.as_(await world.office("东所")), world.places["东镇"]
    ready = await filing.ready_at(town, place, "grids")
    assert ready is not None
    return await filing.file(town, place, "grids", form=public_id(), mark=ready.mark)


async def brought(office) -> str:
    """A sheet that waits to be taken in."""
    sheet = written_csv(["姓名", "公示电话", "所在辖区"], [["新员", "0512-01234567", "东镇"]])
    values = {"kind": "people", "region": "sample"}
    page = await office.send(
        await office.get("/office/import"), values, action="/office/import", files={"sheet": ("a.csv", sheet)}
    )
    return page.response.headers["location"].rpartition("/")[2]


# Of these everybody gets what lies in their own areas, under the same address
OWN_AREAS = (
    "/office/export/",
    "/office/import/export/",
    "/office/import/template/",
    "/office/due/alls",
    "/office/due/{region",
)
WELCOME = {"public": None, "on site": "/enterprise", "half in": "/second"}


async def _token(visitor, who: str) -> dict[str, str]:
    """What the visitor's forms carry."""
    where = WELCOME.get(who, "/account")
    return {"_token": (await visitor.get(where)).form("/sign-out" if who != "public" else None)["_token"]} if where else {}


@pytest.mark.clause("TJ-3.6b")
async def test_each_route_opens_for_those_in_the_matrix_and_for_nobody_else(everybody, ids: dict[str, str]) -> None:
    tried = 0
    for who, allowed in WHO.items():
        visitor = everybody[who]
        token = await _token(visitor, who)
        for method, path in sorted(EVERYTHING - PUBLIC - {("POST", "/sign-out")}):
            address = filled(path, ids)
            if who == "public" and "second" in path:
                continue
            if method == "GET":
                status = (await visitor.get(address, check=False)).status
            elif (method, path) in allowed:
                continue
            else:
                status = (await visitor.post(address, token, check=False)).status
            tried += 1
            if (method, path) not in allowed:
                expected = {303} if who in ("public", "half in") else {404}
                assert status in expected, (who, method, path, status)
            elif method == "GET":
                assert status in (200, 303, 404, 422), (who, method, path, status)
    assert tried > 250


async def test_what_lies_in_another_town_does_not_exist(everybody, ids: dict[str, str]) -> None:
    """Every address of the eastern town's things, tried by the western office: as if there were no such thing."""
    foreign, own = everybody["foreign"], everybody["office"]
    token = {"_token": (await foreign.get("/account")).form("/account/password")["_token"]}
    unknown = {
        key: ("z" * len(value) if "id_" in key or key in ("photo", "code", "outside") else value) for key, value in ids.items()
    }
    for method, path in sorted(WHO["office"] - PUBLIC):
        if "{" not in path or "jobs" in path or "sessions" in path or path.startswith(OWN_AREAS):
            continue
        address, nothing = filled(path, ids), filled(path, unknown)
        if method == "GET":
            assert (await own.get(address, check=False)).status == 200, path
            answer, blank = await foreign.get(address, check=False), await foreign.get(nothing, check=False)
        else:
            answer, blank = await foreign.post(address, token, check=False), await foreign.post(nothing, token, check=False)
        assert answer.status == 404, (method, path)
        assert answer.response.content == blank.response.content, path


async def test_what_an_office_takes_away_holds_nothing_of_another_town(everybody, ids: dict[str, str]) -> None:
    names = [f"/office/export/{name}/csv" for name in ("jurisdictions", "boards", "cases", "gaps")]
    kinds = [f"/office/import/export/{kind}/sample/csv" for kind in KINDS if kind != "charges"]
    for address in (*names, *kinds):
        own, foreign = [
            {line for line in (await everybody[who].get(address)).response.content.decode("utf-8-sig").splitlines()[1:] if line}
            for who in ("office", "foreign")
        ]
        assert own or "gaps" in address, address
        assert not own & foreign, address


DAYS_OF_NOBODY = ("0001-01-01", "1949-09-30", "2100-01-02", "9999-12-31", "2026-02-30", "昨天")


@pytest.mark.parametrize("turn", [0, 3])
async def test_an_address_with_a_day_that_nobody_means_is_answered(
    everybody, world: World, ids: dict[str, str], turn: int
) -> None:
    firm = world.enterprises[FLOUR]
    for who in ("public", "office", "inspector", "enterprise"):
        for n, (_, path) in enumerate(sorted(one for one in WHO[who] if one[0] == "GET"), turn):
            day = DAYS_OF_NOBODY[n % len(DAYS_OF_NOBODY)]
            asked = "&".join(f"{name}={day}" for name in ("on", "day", "since", "until", "from", "to"))
            answer = await everybody[who].get(f"{filled(path, ids)}?of={firm}&{asked}", check=False)
            assert answer.status in (200, 303, 404, 422), (who, path, day, answer.status)
    today = world.call.today.isoformat()
    for day in DAYS_OF_NOBODY[turn : turn + 3]:
        deed = f"/office/deeds/new?region=sample&duty=walk&of={firm}&day={day}"
        assert (await everybody["office"].get(deed)).status == 200
        for address in ("/office/due", "/office/due/alls", f"/office/due/person/{ids['due.id_']}"):
            looked = await everybody["office"].get(f"{address}?on={day}")
            assert looked.all("input", name="on", value=today) or today in str(looked.links()), (address, day)


# Forms in which something ends, goes on, is agreed to or begins, one of each page that has days
WITH_DAYS = {
    "/account/deputies",
    "/office/appointments/{id_:str}/end",
    "/office/people/{id_:str}/interests/{interest:str}/end",
    "/office/refinements/{id_:str}/end",
    "/office/jurisdictions/{id_:str}/refinements",
    "/office/filings/{id_:str}/accept",
    "/office/enterprises/{id_:str}/reopen",
    "/office/grids/{id_:str}/reopen",
    "/office/corrections/{kind:str}/{id_:str}",
    *(f"/office/{subject}/{{id_:str}}/end" for subject in ("jurisdictions", "units", "grids", "people", "enterprises")),
}
FAR = "2062-03-01"


def with_a_far_day(form) -> dict[str, str]:
    """A form filled in, its days one of another decade."""
    found = form_values(form)
    for one in form.iter():
        name, kind = one.get("name"), one.get("type")
        if name and one.tag.endswith("}input") and kind in ("text", "date") and not found[name]:
            found[name] = "示例"
        if name and kind == "number":
            found[name] = "2"
        if name and kind == "date":
            found[name] = FAR
        if name and one.tag.endswith("}select") and not found[name]:
            found[name] = next((value for option in one if (value := option.get("value"))), "")
    return found


async def test_no_form_takes_a_day_of_another_decade(everybody, site, world: World, ids: dict[str, str]) -> None:
    """Every form that a page shows with a day in it, whatever it does: to make something, end it, go on, correct it."""
    await world.account("bureau", Role.OFFICE, unit="区局")
    everybody["bureau"] = site("10.0.9.1")
    await everybody["bureau"].sign_in("bureau", PASSWORD)
    stated = InterestForm(person=world.people["东员"], other=world.people["王格长"], kind="kin", since=world.call.today)
    ids = {**ids, "people.interest": await declare(world.call, stated)}
    addresses = {filled(path, ids): path for method, path in EVERYTHING if method == "POST"}
    acts = "select count(*) from ledger_entry where verb not in ('read', 'exported')"
    tried, before = set(), await world.call.db.value(acts)
    for who in ("office", "bureau", "administrator", "custodian"):
        for address in dict.fromkeys(
            filled(path, ids) for method, path in sorted(WHO.get(who, WHO["office"])) if method == "GET"
        ):
            page = await everybody[who].get(address, check=False)
            for form in page.all("form", method="post"):
                target = form.get("action", "")
                if addresses.get(target, target) in tried or not [one for one in form.iter() if one.get("type") == "date"]:
                    continue
                answer = await everybody[who].post(target, with_a_far_day(form), check=False)
                assert (answer.status, "太远了（今天是" in answer.text) == (422, True), (who, target, answer.text[-900:])
                tried.add(addresses.get(target, target))
    assert WITH_DAYS - tried == set()
    assert await world.call.db.value(acts) == before


async def written(world: World) -> tuple[int, ...]:
    """How much there is of everything that a form may make."""
    tables = (
        "ledger_entry",
        "feedback_case",
        "feedback_step",
        "complaint",
        "complaint_step",
        "job",
        "one_time_link",
        "session",
        "deed",
    )
    return tuple([await world.call.db.value(f"select count(*) from {table}") for table in tables])


@pytest.mark.parametrize("broken", ["no token", "wrong token", "foreign origin", "cross site", "another's token"])
async def test_every_unsafe_route_refuses_what_did_not_come_from_our_page(
    everybody, site, world: World, ids: dict[str, str], broken: str
) -> None:
    tried, before = 0, await written(world)
    again_at = {
        route.path
        for route in site.litestar.routes
        if any(handler.opt.get("shown_again") for handler in getattr(route, "route_handlers", ()))
    }
    assert len(again_at) > 20
    for who in ("public", "office", "inspector"):
        visitor = everybody[who]
        page = await visitor.get("/receipt" if who == "public" else "/account")
        good = page.form()["_token"]
        other = (await everybody["foreign"].get("/account")).form("/account/password")["_token"]
        token = {"no token": {}, "wrong token": {"_token": "x"}, "another's token": {"_token": other}}.get(
            broken, {"_token": good}
        )
        headers = {"foreign origin": {"origin": "https://evil.example"}, "cross site": {"sec-fetch-site": "cross-site"}}.get(
            broken, {}
        )
        for method, path in sorted(WHO[who]):
            if method == "POST" and (path != "/door" or "origin" in broken or "site" in broken):
                answer = await visitor.post(filled(path, ids), token, headers=headers, check=False)
                # Its own page again, with what came, is as good
                again = "origin" not in broken and "site" not in broken and path in again_at
                assert answer.status in ({200, 403, 404, 422} if again else {403}), (who, path, broken)
                tried += 1
    assert tried > 25
    assert await written(world) == before
