"""Two worlds: one without complaints and one with. For everybody but custodians and the reporter every answer is the same, byte by byte.

The walk goes over every route of the app's own list with real ids, and over every link that a page shows, as HTML, as JSON,
as a part for htmx, as spreadsheet and as PDF. A leak that is planted on purpose makes it fail.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from litestar import get

from portal.app import create_app, routes_of
from portal.boards.actions import issue
from portal.complaints import actions, glass, sheets
from portal.complaints.actions import ComplaintOpening
from portal.feedback.actions import CaseOpening as Report
from portal.feedback.actions import open_case
from portal.feedback.drafts import keep_photo
from portal.pages import DOORS
from portal.people.interests import InterestForm, declare
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role
from portal.web.pages import Html, page
from portal.web.requests import AnyRequest, GivenCall
from tests.browse import Visitor, visiting
from tests.world import PASSWORD, World, confirmed, make_custodian, make_person, make_unit, picture

FLOUR = "甲面粉店（示例）"
ASKED: tuple[Mapping[str, str], ...] = ({}, {"accept": "application/json"}, {"hx-request": "true"})
CANARY = "鸱鸺衔瑾"


@pytest.fixture
async def cast(world: World, site) -> dict[str, Visitor]:
    """Everybody who must learn nothing: the one complained about, who is below, beside and above them, a second role and a
    second row of the same human, the enterprise, the public, offices, administrators recused or not, and somebody on site.
    """
    for firm in (FLOUR, "园玩具厂（示例）", "丙小店（示例）"):
        await issue(world.call, "enterprise", world.enterprises[firm])
    await issue(world.call, "grid", world.grids["甲村格"])
    await open_case(
        world.call.as_(PUBLIC), Report(kind=Kind.REPORT, board=await board_of(world), form=public_id(), text="普通举报")
    )
    await world.account("accused", Role.INSPECTOR, person="张看护")
    await world.account("accused-keeper", Role.CUSTODIAN, unit="纪检", person="张看护")
    await make_custodian(world, "twin", "张某", badge="示例003")
    await world.account("peer", Role.INSPECTOR, person="赵看护")
    await world.account("above", Role.OFFICE, unit="区局", person="李格长")
    await world.account("below", Role.OFFICE, unit="东所", person="吴执法")
    await world.account("recused", Role.ADMINISTRATOR, person="李格长")
    await world.account("plain", Role.ADMINISTRATOR)
    await world.account("office", Role.OFFICE, unit="东所")
    await world.account("watch", Role.OFFICE, unit="纪检")
    await world.account("enterprise", Role.ENTERPRISE, enterprise=FLOUR)
    await make_person(world, "冯亲属", phone="0512-0777001")
    await declare(
        world.call, InterestForm(person=world.people["冯亲属"], other=world.people["张看护"], kind="kin", since=world.call.today)
    )
    await world.account("kin", Role.CUSTODIAN, unit="纪检", person="冯亲属")
    await world.also("kin", Role.OFFICE, unit="纪检")
    await make_custodian(world, "keeper", "郑纪检")
    await make_custodian(world, "colleague", "马纪检")
    await make_unit(world, "二纪检", "watch", "示例区", "0512-01000009")
    await make_custodian(world, "other-keeper", "何纪检", unit="二纪检")
    for login, name in (("first", "蒋主任"), ("second", "沈主任")):
        await make_person(world, name, phone=f"0512-0888{len(world.people):04d}")
        await world.account(login, Role.ADMINISTRATOR, person=name)
        await confirmed(world, login)
    visitors = {"public": site("10.0.0.1")}
    logins = (
        "accused",
        "accused-keeper",
        "twin",
        "peer",
        "above",
        "below",
        "recused",
        "plain",
        "office",
        "watch",
        "enterprise",
        "kin",
    )
    for n, login in enumerate(logins, 2):
        await enter(world, site, visitors, login, f"10.0.{n}.1")
    return visitors


async def enter(world: World, site: Any, visitors: dict[str, Visitor], login: str, address: str) -> None:
    """Sign in; a second factor that is set up already is shown by a later clock."""
    visitors[login] = site(address)
    await visitors[login].sign_in(login, PASSWORD)
    await world.call.db.rows("update session set confirmed = true")


async def board_of(world: World) -> str:
    return str(
        await world.call.db.value("select b.code from board b join enterprise e on e.id = b.enterprise where e.name = $1", FLOUR)
    )


async def ids_of(world: World) -> dict[str, list[str]]:
    """Real ids for the places in routes, several of a kind where there are."""
    db = world.call.db

    async def many(sql: str) -> list[str]:
        return [str(row[0]) for row in await db.rows(sql)]

    return {
        "jurisdictions.id_": [world.places["甲村"], world.places["示例区"]],
        "units.id_": list(world.units.values()),
        "grids.id_": [world.grids["甲村格"], world.grids["东镇格"]],
        "people.id_": [world.people[one] for one in ("张看护", "赵看护", "李格长")],
        "enterprises.id_": [world.enterprises[FLOUR]],
        "accounts.id_": await many("select public_id from account where login not like 'unit-%'"),
        "appointments.id_": await many("select public_id from appointment order by id limit 3"),
        "cases.id_": await many("select public_id from feedback_case order by id"),
        "code": await many("select code from board order by id"),
        "region": ["sample"],
        "name": await many("select name from stored_file where kind = 'portrait'"),
        "custody.id_": [*await many("select public_id from complaint"), "0" * 20],
        "request_": ["0" * 20],
        "photo": [*await many("select public_id from complaint_photo"), "0" * 20],
        "sheet": [*await many("select public_id from complaint_sheet"), "0" * 20],
        "grant": ["1"],
        "import.kind": ["people", "enterprises"],
        "form": ["csv"],
        "export.name": ["boards", "cases", "gaps", "accounts"],
    }


def addresses(app: Any, ids: Mapping[str, list[str]]) -> list[str]:
    """Every GET route with every real id in its place."""
    found = []
    for method, path in routes_of(app):
        if method != "GET":
            continue
        subject = path.split("/")[2] if path.startswith("/office/") else path.split("/")[1]
        filled = [path]
        for name in re.findall(r"\{(\w+):\w+\}", path):
            values = ids.get(f"{subject}.{name}") or ids.get(name) or ["x" * 20]
            filled = [re.sub(r"\{" + name + r":\w+\}", value, one) for one in filled for value in values]
        found += filled
    return sorted(
        {
            *found,
            "/office/people?q=张",
            "/office/enterprises?q=面粉",
            "/office/boards?stale=yes",
            "/office/cases?ended=yes",
            "/office/export/cases/xlsx?ended=yes",
            "/office/export/accounts/xlsx",
            "/office/cases?kind=complaint",
            "/office/accounts?role=custodian",
        }
    )


LINK = re.compile(rb'href="(/[^"#]*)"')
SHIFTING = ("date", "set-cookie", "content-length")
NOISE = (
    (re.compile(rb'name="_token" value="[^"]*"'), b"token"),
    (re.compile(rb'name="(form|once)" value="[^"]*"'), b"form"),
    (re.compile(rb'name="seen" value="[^"]*"'), b"seen"),
    # Second factors that are still to be set up follow from the session
    (re.compile(rb'<img src="data:image/png[^>]*>'), b"qr"),
    (re.compile(rb'<span class="code">[A-Z2-7-]{32,}</span>'), b"secret"),
)


async def walk(
    visitor: Visitor, wanted: list[str], *, follow: bool = False, turn: int | None = None
) -> dict[tuple[str, int], bytes]:
    """What a visitor is answered on every address, asked as a page, for JSON and by htmx (with a ``turn`` in one of the three
    ways, another for the next address and for the next visitor), and on every link found on the way where links are followed.
    """
    answers: dict[tuple[str, int], bytes] = {}
    waiting, seen = list(wanted), set(wanted)
    while waiting:
        address = waiting.pop(0)
        # A picture or a PDF is the same bytes however it is asked for, and its variants are other addresses
        ways = ASKED if address in wanted and "photo" not in address and "pdf" not in address else ASKED[:1]
        for n, headers in enumerate(ways):
            if turn is not None and n != (turn + len(seen) - len(waiting)) % len(ways):
                continue
            answer = await visitor.client.get(address, headers=dict(headers))
            assert answer.status_code < 500, address
            body = answer.content
            for pattern, word in NOISE:
                body = pattern.sub(word, body)
            kept = sorted((name, value) for name, value in answer.headers.items() if name not in SHIFTING)
            answers[address, n] = repr((answer.status_code, kept)).encode() + body
            html = follow and n == 0 and answer.headers.get("content-type", "").startswith("text/html")
            for link in LINK.findall(answer.content) if html else ():
                target = link.decode().replace("&amp;", "&")
                if target not in seen and not target.startswith(("/static", "/leave")) and "size=A4" not in target:
                    seen.add(target)
                    waiting.append(target)
    return answers


async def complain(world: World) -> None:
    """Complaints with everything that can be in them, read, answered, handed on, opened by two; about one and about all."""
    call, board = world.call.as_(PUBLIC), await board_of(world)
    marks = {one.name: one.mark for one in (await actions.door(call, board)).choices}
    for n, whom in enumerate((marks["张看护"], marks["张看护"], "")):
        form = public_id()
        await keep_photo(call, form, picture(f"#{n}{n}{n}", kind="JPEG"))
        new = ComplaintOpening(board=board, form=form, text=f"{CANARY}正文", contact=f"{CANARY}联系", whom=whom, topic="money")
        await actions.open_complaint(call, new)
    keeper = world.call.as_(await confirmed_as(world, "keeper"))
    for row in await world.call.db.rows("select public_id, number from complaint order by id limit 2"):
        await actions.read(keeper, row["public_id"])
        await actions.take_step(keeper, row["public_id"], "ask", f"{CANARY}请补充情况", public_id())
        await actions.take_step(keeper, row["public_id"], "accept", "", public_id())
        await actions.take_step(keeper, row["public_id"], "answer", f"{CANARY}答复", public_id())
        words = {"recipient": f"{CANARY}某处", "text": "请核查有关人员廉洁情况。", "reply_by": call.today + timedelta(days=5)}
        await sheets.write(keeper, row["public_id"], **words, sure=False, form=public_id())
        await glass.ask(keeper, row["number"], f"{CANARY}理由")
    first, second, third = await world.call.db.rows("select public_id, number from complaint order by id")
    await actions.take_step(keeper, first["public_id"], "close", "", public_id())
    one, two = [world.call.as_(await confirmed_as(world, login)) for login in ("first", "second")]
    await glass.confirm(two, await glass.ask(one, first["number"], f"{CANARY}理由"))
    await actions.read(two, first["public_id"])
    (other,) = await actions.others(keeper, second["public_id"])
    await actions.move(keeper, second["public_id"], actions.unit_mark(keeper, other), f"{CANARY}转出")
    await actions.stand_back(keeper, third["public_id"])
    units = await world.call.db.rows("select count(*) from complaint group by unit")
    assert sorted(row["count"] for row in units) == [1, 2]


async def confirmed_as(world: World, login: str) -> Any:
    """The viewer of an account that has its second factor already."""
    from portal.access import queries
    from portal.access.actions import open_session

    account = await world.call.db.value("select id from account where login = $1", login)
    before = await world.call.db.value("select max(id) from session")
    token = await open_session(world.call, account=account)
    await world.call.db.rows("update session set confirmed = true where id > $1", before)
    known = await queries.known_browser(world.call, token)
    assert known is not None
    await world.call.db.rows("delete from session where id > $1", before)
    return known.viewer


@pytest.mark.clause("PB-3")
async def test_for_everybody_else_both_worlds_are_the_same_byte_by_byte(world: World, site, cast: dict[str, Visitor]) -> None:
    """With one thing for each place in an address, asked in one way; ``make drill`` takes them all, in all ways, and every link
    found on the way.
    """
    assert await compared(world, site, cast, {place: ids[:1] for place, ids in (await ids_of(world)).items()}) > 1_000


async def compared(
    world: World, site: Any, cast: dict[str, Visitor], ids: Mapping[str, list[str]], *, follow: bool = False
) -> int:
    """Walk through the world as everybody, complain, walk again: every answer must be the same. How many answers that were."""
    wanted = addresses(site.app, ids)
    turns = {who: None if follow else n for n, who in enumerate(cast)}
    before = {who: await walk(visitor, wanted, follow=follow, turn=turns[who]) for who, visitor in cast.items()}
    await complain(world)
    assert await world.call.db.value("select count(*) from complaint") == 3
    after = {who: await walk(visitor, wanted, follow=follow, turn=turns[who]) for who, visitor in cast.items()}
    differing = [
        (who, where)
        for who in before
        for where in before[who].keys() | after[who].keys()
        if before[who].get(where) != after[who].get(where)
    ]
    assert differing == []
    assert CANARY.encode() not in b"".join(part for one in after.values() for part in one.values())
    # What the reader of the complaint's real id is answered is what is answered for an id that never was
    real = await ids_of(world)
    for who, visitor in cast.items():
        for address in addresses(
            site.app, {"custody.id_": real["custody.id_"][:1], "photo": real["photo"][:1], "sheet": real["sheet"][:1]}
        ):
            if address.startswith("/custody/") and real["custody.id_"][0] in address:
                known = (await visitor.client.get(address)).content
                nothing = (await visitor.client.get(address.replace(real["custody.id_"][0], "z" * 20))).content
                assert known.replace(b"z" * 20, b"") == nothing.replace(b"z" * 20, b"") or who == "public", (who, address)
    return sum(len(one) for one in before.values())


@get("/leak")
async def leak(request: AnyRequest, call: GivenCall) -> Html:
    """A page that tells how many complaints there are."""
    return page(request, "public/unknown.html", code=str(await call.db.value("select count(*) from complaint")), hotlines={})


async def test_a_leak_planted_on_purpose_is_found(world: World, portal, clock, cast: dict[str, Visitor]) -> None:
    app = create_app(portal.settings, plugins=portal.plugins, clock=clock, portal=portal, doors=(*DOORS, leak))
    assert ("GET", "/leak") in routes_of(app)
    async with visiting(portal, clock, doors=(*DOORS, leak)) as leaking:
        visitor = leaking("10.9.0.1")
        wanted = addresses(leaking.app, await ids_of(world))
        assert "/leak" in wanted
        before = await walk(visitor, ["/leak", "/"])
        await complain(world)
        after = await walk(visitor, ["/leak", "/"])
    assert [where for where in before if before[where] != after[where]] == [("/leak", 0), ("/leak", 1), ("/leak", 2)]


async def test_a_recused_custodian_gets_the_same_list_whatever_there_is(world: World, cast: dict[str, Visitor]) -> None:
    """Also by POST: trying to step, move, read contact or print answers as for what never was."""
    await complain(world)
    id_ = await world.call.db.value("select public_id from complaint order by id limit 1")
    for who in ("accused-keeper", "twin", "kin", "recused"):
        visitor = cast[who]
        token = (await visitor.get("/account")).form("/sign-out")["_token"]
        for deed in ("step", "contact", "stand-back", "move", "sheet"):
            values = {"_token": token, "step": "accept", "text": "x", "form": "a" * 20, "unit": "x", "why": "x", "recipient": "x"}
            real = await visitor.client.post(f"/custody/{id_}/{deed}", data=values)
            nothing = await visitor.client.post(f"/custody/{'z' * 20}/{deed}", data=values)
            assert (real.status_code, real.content) == (404, nothing.content), (who, deed)


async def test_reporter_and_custodian_do_see_it(world: World, site, cast: dict[str, Visitor]) -> None:
    """The walk would prove nothing if complaints were nowhere."""
    await complain(world)
    from portal.complaints.queries import complaints

    seen = {}
    for login in ("keeper", "colleague", "other-keeper", "kin"):
        call = world.call.as_(await confirmed_as(world, login))
        seen[login] = [len(await complaints(call, closed=closed)) for closed in (False, True)]
    assert seen == {"keeper": [0, 1], "colleague": [1, 1], "other-keeper": [1, 0], "kin": [0, 0]}
