"""No office sees more by another way: a word is planted in each private field of each kind of thing, and searched for in the bytes
of everything that the portal gives to each kind of viewer: pages, lists, searches, histories, sheets, exports, PDFs, photos.

What may be found where stands in one table, ``PLANTED``, written apart from the portal's own conditions. What cannot be searched for,
figures and orders of lists, is compared with and without the things (``test_things_elsewhere_change_no_answer``). A leak that is put
back is found (``test_each_leak_that_is_put_back_is_found``).
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pypdfium2
import pytest

from portal.access import rules as access_rules
from portal.access.actions import NewAccount, NewGrant, create_account
from portal.access.links import let_in
from portal.app import routes_of
from portal.areas import filing, outside
from portal.areas.outside import OutsideForm
from portal.boards.actions import issue
from portal.boards.jobs import ask_batch
from portal.call import Call
from portal.enterprises import queries as firms
from portal.feedback import queries as feedback
from portal.feedback.actions import CaseOpening, open_case
from portal.imports import batches, exports
from portal.obligations import deeds as deed_queries
from portal.obligations.actions import DeedForm, ExcuseForm, add_deed, excuse, withdraw_deed
from portal.obligations.deeds import sight_of
from portal.people import interests, queries
from portal.people.interests import InterestForm, declare
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, Role, Viewer
from portal.workshop.sheets import written_csv
from tests.browse import Visitor, visiting
from tests.complaints.test_two_worlds import NOISE
from tests.obligations.test_places import ADDED, with_rules
from tests.world import (
    PASSWORD,
    World,
    make_appointment,
    make_enterprise,
    make_grid,
    make_person,
    make_place,
    make_unit,
    picture,
)

FLOUR, HIDDEN = "甲面粉店（示例）", "鹳雀小店（示例）"
DISTRICT, EAST, WEST, ELSEWHERE = "/99/9901/", "/99/9901/9901001/", "/99/9901/9901002/", "/99/9902/"
# The viewers, each with the place that it answers for ("" where it is no office) and the kind of its office
VIEWERS = {
    "east": EAST,
    "west": WEST,
    "fire": DISTRICT,
    "water": DISTRICT,
    "watch": DISTRICT,
    "place": DISTRICT,
    "elsewhere": ELSEWHERE,
    "east-chief": EAST,
    "west-chief": WEST,
    "inspector": "",
    "west-inspector": "",
    "firm": "",
    "west-firm": "",
    "custodian": "",
    "on-site": "",
    "public": "",
}
# "administrator of a place" is both an office there and who manages its accounts
OFFICES = tuple(name for name, area in VIEWERS.items() if area)


def around(path: str, *more: str, but: Iterable[str] = ()) -> frozenset[str]:
    """The offices that answer for a place, and others by name."""
    return frozenset({*more, *(one for one in OFFICES if path.startswith(VIEWERS[one]))} - set(but))


NOT_OF_WATER = ("fire",)
EAST_OFFICES, WEST_OFFICES, BOTH = around(EAST), around(WEST), around(EAST) & around(WEST)
# Each planted word with who may find it, whatever way they go
PLANTED = {
    # Somebody of the east who serves nowhere; somebody of the west who serves in the east now, did for a day, will soon, will late
    "鸱电": EAST_OFFICES,
    "鸱证": EAST_OFFICES,
    "鸱执": EAST_OFFICES,
    **{f"{bird}{what}": WEST_OFFICES | EAST_OFFICES for bird in ("鹮", "鹬") for what in "电证执"},
    **{f"{bird}{what}": WEST_OFFICES for bird in ("鹣", "鹇") for what in "电证执"},
    # Somebody of the district who serves in both towns
    "鸨证": BOTH | EAST_OFFICES | WEST_OFFICES,
    "鸨执": BOTH | EAST_OFFICES | WEST_OFFICES,
    # Interests: of who serves in the east from elsewhere in an enterprise there; of the district's own in one of the west; in the east
    "鹭记西东": BOTH,
    "鹭记区西": BOTH,
    "鹭记东东": EAST_OFFICES,
    "鹭记人人": BOTH,
    # An enterprise of the west without a board: its name, and what no board shows
    "鹳雀": WEST_OFFICES | {"west-inspector"},
    "鹳联": WEST_OFFICES,
    "鹳路": WEST_OFFICES | {"west-inspector"},
    "鹂联": EAST_OFFICES,
    # Deeds of one line, and of none; why one was withdrawn; why one was not done
    "鹡水": EAST_OFFICES - {*NOT_OF_WATER},
    "鹡撤": EAST_OFFICES - {*NOT_OF_WATER},
    "鹡因": EAST_OFFICES - {*NOT_OF_WATER},
    "鹡走": EAST_OFFICES,
    # What the public sent, to the station of the east
    "鸬报": frozenset({"east"}),
    "鸬系": frozenset({"east"}),
    # A sheet that the east brought; why somebody was appointed otherwise than usual; an account; a filing sent back; a foreign grid
    "鹧格": frozenset({"east"}),
    "鹑由": EAST_OFFICES,
    "grebe": frozenset({"west-chief"}),
    "鹎退": EAST_OFFICES,
    "鹞格": EAST_OFFICES,
}
# What somebody must find, lest the walk prove nothing
FOUND = tuple(word for word in PLANTED if word != "鸬系")


@dataclass
class Planted:
    """The world with everything planted, its visitors, and the real ids of its things."""

    world: World
    site: Any
    ids: dict[str, list[str]] = field(default_factory=dict)
    visitors: dict[str, Visitor] = field(default_factory=dict)


async def bird(world: World, name: str, place: str, *, unit: str | None = None) -> None:
    """Somebody whose telephone, badge and certificate are planted words."""
    first = name[0]
    await make_person(
        world,
        name,
        place=place,
        phone="0512-01000000",
        badge=f"{first}证",
        certificate=f"{first}执",
        unit=unit,
        portrait=picture("#123"),
    )
    await world.call.db.rows("update person set phone = $1 where public_id = $2", f"{first}电", world.people[name])


async def plant(world: World) -> None:
    """Everything, by the same actions as everybody."""
    call = world.call
    await make_unit(world, "水务所", "water", "示例区", "0512-01000009")
    await people(world)
    await make_enterprise(world, HIDDEN, "丙村", size="small", risky="no")
    await call.db.rows("update enterprise set contact = '鹳联', address = '鹳路1号' where name = $1", HIDDEN)
    await call.db.rows("update enterprise set contact = '鹂联' where name = $1", FLOUR)
    await told_interests(world)
    for firm in (FLOUR, "园玩具厂（示例）"):
        await issue(call, "enterprise", world.enterprises[firm])
    await deeds(world)
    board = await call.db.value("select b.code from board b join enterprise e on e.id = b.enterprise where e.name = $1", FLOUR)
    await open_case(call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="鸬报", contact="鸬系"))
    await accounts(world)
    east = call.as_(await viewer_of(world, "east"))
    rows = [["坏厂（示例）", "鹧格村", "中", "", "x"]]
    sheet = written_csv(["单位名称", "村（社区）", "规模", "高危", "备注"], rows)
    await batches.check(east, await batches.bring(east, kind="enterprises", region="sample", data=sheet))
    await ask_batch(east, region="sample", grid=None, size="A4")
    await outside.add_outside(east, OutsideForm(system="综治", code="Z1", name="鹞格", jurisdiction=world.places["甲村"]))
    ready = await filing.ready_at(east, world.places["东镇"], "grids")
    assert ready is not None
    filed = await filing.file(east, world.places["东镇"], "grids", form=public_id(), mark=ready.mark)
    await filing.send_back(call.as_(await viewer_of(world, "fire")), filed, "鹎退")


async def people(world: World) -> None:
    """People of one town who serve in the other, or did, or will."""
    call, today = world.call, world.call.today
    await bird(world, "鸱无岗", "东镇")
    for name in ("鹮在任", "鹣一天", "鹬将任", "鹇很久"):
        await bird(world, name, "西镇")
    await bird(world, "鸨两地", "示例区")
    await make_grid(world, "东二片", "patch", "东镇", parent="东镇格", code="P8")
    await make_grid(world, "西二片", "patch", "西镇", parent="西镇格", code="P9")
    for name, since, until in (
        ("鹮在任", today - timedelta(days=9), None),
        ("鹣一天", today - timedelta(days=2), today - timedelta(days=1)),
        ("鹬将任", today + timedelta(days=30), None),
    ):
        await make_appointment(world, name, "pair", grid="乙社区格", since=since, until=until)
    await make_grid(world, "东三片", "patch", "东镇", parent="东镇格", code="P7")
    await make_appointment(world, "鹇很久", "keeper", grid="东三片", since=today + timedelta(days=900))
    for name, patch in (("鸨两地", "东二片"), ("鸨两地", "西二片")):
        await make_appointment(world, name, "keeper", grid=patch, since=today - timedelta(days=9))
    await call.db.rows("update appointment set reason = '鹑由' where person = (select id from person where name = '鹮在任')")


async def told_interests(world: World) -> None:
    """Interests with notes, across towns and within one."""
    for person, towards, note in (
        ("鹮在任", {"enterprise": FLOUR}, "鹭记西东"),
        ("鸨两地", {"enterprise": HIDDEN}, "鹭记区西"),
        ("鸱无岗", {"enterprise": FLOUR}, "鹭记东东"),
        ("鸱无岗", {"other": "鹣一天"}, "鹭记人人"),
    ):
        firm = world.enterprises[towards["enterprise"]] if "enterprise" in towards else None
        other = world.people[towards["other"]] if "other" in towards else None
        form = InterestForm(
            person=world.people[person], enterprise=firm, other=other, kind="kin", note=note, since=world.call.today
        )
        await declare(world.call, form)


async def deeds(world: World) -> None:
    """Deeds of the water bureau's line and of none, one withdrawn, one excused."""
    call, firm, today = world.call, world.enterprises[FLOUR], world.call.today
    await make_person(world, "钱水质", badge="示例808", phone="0512-02000088")
    await make_appointment(world, "钱水质", "tester", grid="甲村格", since=today - timedelta(days=70))
    test = DeedForm(region="sample", duty="test", subject=firm, day=today, person=world.people["钱水质"], note="鹡水")
    await add_deed(call, test)
    gone = await add_deed(call, replace(test, day=today - timedelta(days=1), note="鹡水二"))
    await withdraw_deed(call, gone, "鹡撤")
    await add_deed(call, replace(test, duty="walk", person=world.people["张看护"], note="鹡走"))
    await excuse(call, ExcuseForm(region="sample", key="test~1", subject=firm, day=today - timedelta(days=20), why="鹡因"))


async def accounts(world: World) -> None:
    """Everybody who looks."""
    for login, unit in (
        ("east", "东所"),
        ("west", "西所"),
        ("fire", "区局"),
        ("water", "水务所"),
        ("watch", "纪检"),
        ("grebe", "西所"),
    ):
        await world.account(login, Role.OFFICE, unit=unit)
    for login, area, role in (
        ("place", DISTRICT, Role.OFFICE),
        ("elsewhere", ELSEWHERE, Role.OFFICE),
        ("east-chief", EAST, Role.ADMINISTRATOR),
        ("west-chief", WEST, Role.ADMINISTRATOR),
    ):
        grant = NewGrant(role=role, area=area)
        new = NewAccount(login=login, name="示例账号", password=PASSWORD, must_change=False, grants=(grant,))
        await create_account(world.call, new)
    await world.account("inspector", Role.INSPECTOR, person="张看护")
    await world.account("west-inspector", Role.INSPECTOR, person="孙看护")
    await world.account("firm", Role.ENTERPRISE, enterprise=FLOUR)
    await world.account("west-firm", Role.ENTERPRISE, enterprise="丙小店（示例）")
    await make_person(world, "郑纪检", phone="0512-09999999")
    await world.account("custodian", Role.CUSTODIAN, unit="纪检", person="郑纪检")


async def viewer_of(world: World, login: str) -> Viewer:
    """The viewer behind an account."""
    from portal.access.queries import viewer_of as now

    found = await now(world.call, await world.call.db.value("select id from account where login = $1", login))
    assert found is not None
    return found


@pytest.fixture
async def planted(world: World, clock) -> Any:
    """Everything planted, everybody signed in."""
    world.call = with_rules(world.call, *ADDED)
    await make_place(world, "示例二区", "9902", "district", parent="示例省", region="sample")
    await make_place(world, "南镇", "9902001", "town", parent="示例二区")
    await make_place(world, "戊村", "9902001001", "village", parent="南镇")
    await plant(world)
    async with visiting(world.call.portal, clock) as site:
        found = Planted(world, site, await ids_of(world))
        for n, login in enumerate(VIEWERS, 1):
            found.visitors[login] = site(f"10.8.{n}.1")
            if login == "on-site":
                row = await world.call.db.row("select id, public_id from enterprise where name = $1", FLOUR)
                secret = await let_in(world.call, row["id"], row["public_id"], EAST)
                page = await found.visitors[login].get(f"/site/{secret}")
                await found.visitors[login].send(page, {"name": "现场"}, action=f"/site/{secret}")
            elif login != "public":
                await found.visitors[login].sign_in(login, PASSWORD)
        await world.call.db.rows("update session set confirmed = true")
        yield found


async def ids_of(world: World) -> dict[str, list[str]]:
    """Real ids for the places in addresses: of everything that was planted, and of what is around it."""
    db = world.call.db

    async def many(sql: str) -> list[str]:
        return [str(row[0]) for row in await db.rows(sql)]

    birds = "substr(p.name, 1, 1) = any(array['鸱', '鹮', '鹣', '鹬', '鹇', '鸨'])"
    return {
        "jurisdictions.id_": [world.places["东镇"], world.places["西镇"]],
        "units.id_": [world.units["东所"], world.units["水务所"]],
        "grids.id_": [world.grids[one] for one in ("乙社区格", "甲村格", "东二片", "西二片", "丙村格")],
        "people.id_": await many(f"select p.public_id from person p where {birds} order by p.id"),
        "enterprises.id_": [world.enterprises[one] for one in (FLOUR, HIDDEN)],
        "appointments.id_": await many(f"select a.public_id from appointment a join person p on p.id = a.person where {birds}"),
        "corrections.kind": ["appointment", "interest"],
        "corrections.id_": await many(
            f"select a.public_id from appointment a join person p on p.id = a.person where {birds} "
            "union all select public_id from interest"
        ),
        "interest": await many("select public_id from interest"),
        "deeds.id_": await many("select public_id from deed"),
        "excuses.id_": await many("select public_id from excuse"),
        "cases.id_": await many("select public_id from feedback_case"),
        "code": await many("select code from board order by id limit 1"),
        "accounts.id_": await many("select public_id from account where login = 'grebe'"),
        "import.id_": await many("select public_id from import_batch"),
        "job": await many("select public_id from job"),
        "filings.id_": await many("select public_id from filing"),
        "outside": await many("select public_id from outside_grid"),
        "region": ["sample"],
        "kind": list(exports.SELECTS),
        "form": ["csv", "xlsx"],
        "due.key": ["test~1", "walk~1"],
        "export.name": ["jurisdictions", "boards", "cases", "gaps", "accounts"],
        "name": ["x"],
    }


# Ways that lead to nothing of anybody's: forms that only ask, rules, and pictures that are drawn for long
LEFT_OUT = re.compile(
    r"/static|/schemes|/sign-in|/second|/link|/site/|/template/|/new$|/custody|/leave|/receipt|board\.pdf|/print$"
)


def addresses(planted: Planted) -> list[str]:
    """Every way out: each route that is read, with each real thing in its place, and every search for every planted word."""
    found = []
    for method, path in routes_of(planted.site.app):
        if method != "GET" or LEFT_OUT.search(path):
            continue
        subject = path.split("/")[2] if path.count("/") > 1 else ""
        filled = [path]
        for place in re.findall(r"\{(\w+):\w+\}", path):
            key = "people.id_" if "/due/person/" in path and place == "id_" else f"{subject}.{place}"
            values = planted.ids.get(key) or planted.ids.get(place) or ["x" * 20]
            filled = [re.sub(r"\{" + place + r":\w+\}", value, one) for one in filled for value in values]
        found += filled
    for words in ("鹣", "鹮", "鹇", "鹳雀", "鹞", "grebe"):
        lists = ("people", "enterprises", "accounts", "grids", "grids/outside", "units", "boards", "filings")
        found += [f"/office/{one}?q={quote(words)}&ended=yes" for one in lists]
    firm, hidden = planted.world.enterprises[FLOUR], planted.world.enterprises[HIDDEN]
    found += [f"/office/deeds?of={one}&ended=yes" for one in (firm, hidden)]
    found += [f"/office/deeds?person={one}" for one in planted.ids["people.id_"]]
    found += [f"/office/due/sample/test~1?part={part}" for part in ("due", "done", "missed", "excused", "all")]
    found += [f"/office/due/sample/test~1/list.xlsx?part={part}" for part in ("done", "excused")]
    found += [
        "/office/people?ended=yes",
        "/office/cases?ended=yes",
        "/field/enterprises",
        "/enterprise/board.pdf",
        "/asks",
        "/account",
    ]
    post = f"kind=grid&seat={planted.world.grids['乙社区格']}&post=pair"
    found += [
        f"/office/appointments/new?{post}&q={quote('鹣')}",
        *(f"/office/appointments/new?{post}&person={one}" for one in planted.ids["people.id_"]),
    ]
    return sorted({one for one in found if "xxxx" not in one})


def told(content: bytes, kind: str) -> str:
    """Everything that an answer holds, as text: sheets and archives unpacked, PDFs read."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    if content[:5] == b"%PDF-":
        document = pypdfium2.PdfDocument(content)
        try:
            return "".join(page.get_textpage().get_text_range() for page in document)
        finally:
            document.close()
    return content.decode("utf-8", errors="replace") if "image/" not in kind else ""


async def leaks(planted: Planted, wanted: Iterable[str], viewers: Iterable[str]) -> tuple[list[tuple[str, str, str]], set[str]]:
    """Who finds which planted word where though they may not, and all words that anybody found."""
    found, all_found = [], set()
    for address in wanted:
        for login in viewers:
            answer = await planted.visitors[login].client.get(address)
            assert answer.status_code < 500, (login, address)
            text = told(answer.content, answer.headers.get("content-type", ""))
            # What was asked for stands in the box of the search again
            asked = unquote(address)
            words = {word for word in PLANTED if word in text and word not in asked}
            all_found |= words
            found += [(login, word, address) for word in words if login not in PLANTED[word]]
    return found, all_found


async def test_nobody_finds_by_any_way_what_they_may_not_see(planted: Planted, record_property) -> None:
    wanted = addresses(planted)
    found, words = await leaks(planted, wanted, VIEWERS)
    assert found == []
    assert set(FOUND) - words == set()
    record_property("answers", len(wanted) * len(VIEWERS))


# Figures, orders, empty lists: with and without


def lists(planted: Planted) -> list[str]:
    """The ways on which things are counted and listed."""
    pattern = re.compile(
        r"^/office(/(gaps|deeds|filings|boards|cases|people|units|grids|enterprises|jurisdictions|due|export|import)|$)|^/field|^/enterprise$"
    )
    return [one for one in addresses(planted) if pattern.match(one) and "jobs" not in one and "board.pdf" not in one]


async def answers(planted: Planted, wanted: Iterable[str], viewers: Iterable[str]) -> dict[tuple[str, str], str]:
    """What these viewers are told on these ways, without what shifts by itself."""
    found = {}
    for address in wanted:
        for login in viewers:
            answer = await planted.visitors[login].client.get(address)
            body = answer.content
            for pattern, word in NOISE:
                body = pattern.sub(word, body)
            text = told(body, answer.headers.get("content-type", ""))
            found[login, address] = f"{answer.status_code} {re.sub('<dcterms:.*?</dcterms', '', text)}"
    return found


async def more(world: World, town: str, village: str, name: str) -> None:
    """A town gets one more of everything."""
    call = world.call
    await make_unit(world, f"{name}所", "station", town)
    await make_grid(world, f"{name}镇格", "town-grid", town, code=f"{name}1")
    await make_grid(world, f"{name}片", "patch", town, parent=f"{name}镇格", code=f"{name}2")
    await make_person(world, f"{name}员", place=town, badge=f"{name}3", certificate=f"{name}4", portrait=picture("#456"))
    await make_appointment(world, f"{name}员", "keeper", grid=f"{name}片")
    firm = await make_enterprise(world, f"{name}厂（示例）", village, drawn_grid=f"{name}片", size="small", risky="no")
    await make_enterprise(world, f"{name}大厂（示例）", village, size="big", risky="yes")
    board = await issue(call, "enterprise", firm)
    deed = DeedForm(region="sample", duty="walk", subject=firm, day=call.today, person=world.people[f"{name}员"], note="好")
    await add_deed(call, deed)
    await declare(
        call,
        InterestForm(
            person=world.people[f"{name}员"], enterprise=world.enterprises[f"{name}大厂（示例）"], kind="kin", since=call.today
        ),
    )
    await open_case(call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有情况"))


async def test_things_elsewhere_change_no_answer(planted: Planted, record_property) -> None:
    """Neither a figure nor a place in a list tells of another town, nor of another region."""
    who, wanted = ("east", "east-chief", "inspector", "firm"), lists(planted)
    before = await answers(planted, wanted, who)
    await more(planted.world, "西镇", "丁村", "鹭西")
    await make_unit(planted.world, "鹭南局", "bureau", "示例二区")
    await more(planted.world, "南镇", "戊村", "鹭南")
    after = await answers(planted, wanted, who)
    differing = [where for where in before if before[where] != after[where]]
    assert differing == [], differing
    # The walk would prove nothing if nobody were told
    west = await answers(planted, ["/office/people"], ["west"])
    assert "鹭西员" in west["west", "/office/people"]
    record_property("answers", len(before))


async def test_what_another_line_found_changes_no_answer(planted: Planted) -> None:
    wanted = [one for one in addresses(planted) if re.search("deeds|/due|/export/deeds|^/office$", one)]
    before = await answers(planted, wanted, ["fire"])
    await planted.world.call.db.rows(
        "update deed set note = '另一句', points = array['另'], withdrawn_why = case when withdrawn_at is null then '' else '另因' end "
        "where duty = 'test'"
    )
    await planted.world.call.db.rows("update excuse set why = '另一个原因'")
    after = await answers(planted, wanted, ["fire"])
    assert [where for where in before if before[where] != after[where]] == []


# Controls: what leaked once, or would without its condition


async def sees_all(call: Call) -> deed_queries.Sight:
    """The sight of an office of no line."""
    return deed_queries.Sight(frozenset(), (await sight_of(call)).schemes)


def whenever(areas: str, today: str, *, place: str = "j.path") -> str:
    """That somebody served there for a day, whenever."""
    serves = queries.SERVES.format(areas=areas, today=today, ahead=99_999, back=99_999)
    return f"({place} like any({areas}) or {serves})"


def everywhere(call: Call, path: str) -> tuple[str, list[str]]:
    return f"{path} like any({{}})", ["%"]


ANYBODYS_CASE = "(true or c.unit = any({}) or c.above = any({}) or c.person = any({}) or {}::bigint is null or {}::date is null)"
OPEN_BADGES = exports.SELECTS["appointments"].replace(exports.SEEN, "true")
# What is put back, the viewer who then finds which word, and the ways on which to look for it
CONTROLS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, str, str]] = {
    "the export of deeds asks nobody whose they are": (
        lambda m: m.setattr(exports, "sight_of", sees_all),
        "fire",
        "鹡水",
        "/export/deeds/",
    ),
    "the list of deeds asks nobody": (lambda m: m.setattr(deed_queries, "sight_of", sees_all), "fire", "鹡撤", "/office/deeds"),
    "why it was not done is told to all": (
        lambda m: m.setattr(deed_queries, "sight_of", sees_all),
        "fire",
        "鹡因",
        "part=excused",
    ),
    "interests are shown with whom they are of": (
        lambda m: (m.setattr(interests, "_is_told", lambda *_: True), m.setattr(interests, "_whole", lambda *_: True)),
        "east",
        "鹭记区西",
        "/office/people/",
    ),
    "the name of another town's enterprise stands there": (
        lambda m: m.setattr(interests, "_is_told", lambda *_: True),
        "east",
        "鹳雀",
        "/office/people/",
    ),
    "one day's appointment shows a person for ever": (
        lambda m: m.setattr(queries, "seen", whenever),
        "east",
        "鹣执",
        "/office/people/",
    ),
    "so does one of the year after next": (lambda m: m.setattr(queries, "seen", whenever), "east", "鹇执", "/office/people/"),
    "a list tells their badge": (lambda m: m.setattr(queries, "seen", whenever), "east", "鹣证", r"/office/people\?ended"),
    "an export tells it": (
        lambda m: m.setitem(exports.SELECTS, "appointments", OPEN_BADGES),
        "east",
        "鹇电",
        "/export/appointments/",
    ),
    "a report is anybody's": (lambda m: m.setattr(feedback, "MINE", ANYBODYS_CASE), "west", "鸬报", "/office/cases/"),
    "a sheet is anybody's": (lambda m: m.setattr(Viewer, "asked", lambda *_: True), "west", "鹧格", "/office/import/"),
    "an account is anybody's": (
        lambda m: m.setattr(access_rules, "manages", lambda *_: True),
        "east-chief",
        "grebe",
        "/office/accounts/",
    ),
    "a list has no area": (lambda m: m.setattr(firms, "seen_from", everywhere), "elsewhere", "鹳雀", "^/office/enterprises$"),
    "a page asks no area": (lambda m: m.setattr(Viewer, "covers", lambda *_: True), "west", "鹂联", "/office/enterprises/"),
    "a filing is anybody's": (lambda m: m.setattr(Viewer, "covers", lambda *_: True), "west", "鹎退", "/office/filings/"),
}


async def test_each_leak_that_is_put_back_is_found(planted: Planted) -> None:
    wanted = addresses(planted)
    for what, (put_back, login, word, ways) in CONTROLS.items():
        some = [one for one in wanted if re.search(ways, one)]
        with pytest.MonkeyPatch.context() as patch:
            put_back(patch)
            found, _ = await leaks(planted, some, [login])
        assert (login, word) in {one[:2] for one in found}, what
        found, _ = await leaks(planted, some, [login])
        assert found == [], what
