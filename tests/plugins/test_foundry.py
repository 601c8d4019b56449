"""A region that nobody had in mind, written from the guide alone: every factory is a grid of its own, and the core needs nothing."""

import importlib
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
import pytest_asyncio
from pyzbar import pyzbar

from portal.app import ready
from portal.boards.actions import issue
from portal.boards.decoding import codes_in
from portal.boards.printing import pdf
from portal.boards.queries import page as board_page
from portal.call import Call
from portal.demo.register import DemoRegion, faces, folders
from portal.imports import taking
from portal.imports.outcome import OWN, Wish
from portal.obligations import queries as obligations
from portal.people import actions as appointments
from portal.people.rules import posts_at
from portal.plugin_kit.checking import check, importable
from portal.plugins import Plugins, assemble
from portal.viewer import PUBLIC, SYSTEM
from tests.conftest import empty, remembered, running

pytestmark = pytest.mark.clause("REG-1")
FOLDER = Path(__file__).parent / "foundry"
CODE = re.compile(r"ZZ4-00[12]-00[12]-\d{5}")
FIRMS = """
    select e.public_id, e.name, p.klass, p.outcome, g.public_id as grid, g.code, g.tier, d.code as division from enterprise e
        join jurisdiction d on d.id = e.division left join placement p on p.enterprise = e.id and p.until is null
        left join grid g on g.id = p.grid order by e.id
"""
HOLDERS = """
    select p.name, a.post, u.kind, coalesce(a.enterprise, g.enterprise) as firm, e.name as firm_name from appointment a
        join person p on p.id = a.person left join unit u on u.id = p.unit left join grid g on g.id = a.grid
        join enterprise e on e.id = coalesce(a.enterprise, g.enterprise) where coalesce(a.until, 'infinity') > $1
"""


@pytest.fixture(scope="module")
def plugins() -> Iterator[Plugins]:
    """The plugin as an object, from its folder; nothing is installed."""
    with importable("portal_foundry", FOLDER):
        yield assemble({"foundry": importlib.import_module("portal_foundry").plugin}, {"foundry": "portal_foundry"})


@pytest_asyncio.fixture
async def call(database, settings, plugins, workshop, clock):
    """A portal with the region alone and its example register."""
    made = Call(await running(database, replace(settings, plugins=("foundry",)), plugins, workshop), SYSTEM, clock())
    await ready(made)
    await remembered(made, "foundry", lambda: _filled(made))
    yield made
    await empty(database)


async def _filled(call: Call) -> None:
    ((scheme, folder),) = folders(call)
    await DemoRegion(call, scheme, folder, (await faces(call))[:4], wanted=8).fill(lambda *_: None)


def test_the_check_has_nothing_to_say() -> None:
    assert [str(one) for one in check(str(FOLDER), [])] == []


async def test_every_factory_is_a_grid_with_a_head_and_a_number_by_the_region_s_rule(call) -> None:
    firms = await call.db.rows(FIRMS)
    assert {firm["klass"] for firm in firms} == {"military", "smelter", "workshop"}
    own = [firm for firm in firms if firm["klass"] != "military"]
    assert {(firm["outcome"], firm["tier"]) for firm in own} == {("placed", "firm")}
    assert {(firm["outcome"], firm["code"]) for firm in firms if firm not in own} == {("direct", None)}
    assert len({firm["code"] for firm in own}) == len(own)
    assert all(CODE.fullmatch(firm["code"]) for firm in own)
    assert all(firm["code"].split("-")[1:3] == [firm["division"][6:9], firm["division"][9:12]] for firm in own)
    for firm in own:
        at = await appointments.seated(call, "grid", firm["grid"])
        assert [post.code for post in posts_at(at.scheme, at.seat)] == ["firm-head"]


async def test_a_leader_of_the_town_is_bound_to_each_smelter_by_the_region_s_own_sheet(call) -> None:
    smelters = [firm["name"] for firm in await call.db.rows(FIRMS) if firm["klass"] == "smelter"]
    bound = [row for row in await call.db.rows(HOLDERS, call.today) if row["post"] == "bound-leader"]
    assert sorted(row["firm_name"] for row in bound) == sorted(smelters)
    assert {row["kind"] for row in bound} == {"government"}

    await call.db.rows("update appointment set until = since where post in ('firm-head', 'bound-leader')")
    found = await taking.run(call, kind=OWN, region="foundry", data=ledger(smelters[:2]), wish=Wish(), write=True)
    assert (found.errors, found.written, found.came) == ((), True, 3 + 4)
    held = await call.db.rows(HOLDERS, call.today)
    listed = {(row["post"], row["name"], row["firm_name"]) for row in held if row["post"] in ("firm-head", "bound-leader")}
    assert listed == {
        *(("firm-head", f"厂长{n}（示例）", name) for n, name in enumerate(smelters[:2])),
        *(("bound-leader", "镇长（示例）", name) for name in smelters[:2]),
    }


def ledger(firms: list[str]) -> bytes:
    """The district's own list: a factory a row, one leader for all."""
    book = openpyxl.Workbook()
    book.active.append(["工厂网格台账（示例）"])
    book.active.append(["序号", "工厂", "企业网格长", "网格长手机", "包联领导", "包联领导手机", "包联领导单位", "所在镇街"])
    for n, firm in enumerate(firms):
        row = [
            n + 1,
            firm,
            f"厂长{n}（示例）",
            f"0512-0900000{n}",
            "镇长（示例）",
            "0512-09000009",
            "示例镇人民政府（示例）",
            "示例镇",
        ]
        book.active.append(row)
    book.save(out := io.BytesIO())
    return out.getvalue()


async def test_the_board_of_a_smelter_names_grid_and_lines_and_says_the_district_s_own_words(call) -> None:
    smelter = next(firm for firm in await call.db.rows(FIRMS) if firm["klass"] == "smelter")
    code = await issue(call, "enterprise", smelter["public_id"])
    document = await pdf(call, code, "A3")
    picture = pypdfium2.PdfDocument(document)[0].render(scale=150 / 72).to_pil()
    zbar = [found.data.decode().upper() for found in pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])]
    assert zbar == [one.upper() for one in codes_in(document)] == [f"{call.portal.settings.address}/B/{code}".upper()]

    facts = (await board_page(call.as_(PUBLIC), code)).live
    assert (facts["lead"]["post_name"], facts["grid"]["code"]) == ("企业网格长", smelter["code"])
    sections = {section["title"]: section for section in facts["sections"]}
    named = [person["post_name"] for person in sections["网格责任人"]["people"]]
    assert named == ["包联领导", "企业网格长", "网格员", "三级网格长", "二级网格长", "一级网格长"]
    lines = [(person["line"], person["post_name"]) for person in sections["条线专人"]["people"]]
    assert lines == [("冶金安全", "冶金安全"), ("冶金安全", "冶金专人"), ("消防安全", "消防安全"), ("消防安全", "消防专人")]
    (words,) = sections["应急热线"]["lines"]
    text = pypdfium2.PdfDocument(document)[0].get_textpage().get_text_range()
    assert words["says"] in "".join(text.split())


async def test_what_is_supervised_directly_has_a_board_of_its_own(call) -> None:
    military = next(firm for firm in await call.db.rows(FIRMS) if firm["klass"] == "military")
    facts = (await board_page(call.as_(PUBLIC), await issue(call, "enterprise", military["public_id"]))).live
    assert facts["lead"]["post_name"] == "直管专人"


async def test_its_duties_are_counted(call) -> None:
    firms = await call.db.rows(FIRMS)
    smelters = sum(firm["klass"] == "smelter" for firm in firms)
    own = sum(firm["klass"] != "military" for firm in firms)
    found = {one.now.duty.code: one.figures.owed for one in await obligations.summary(call, "foundry", call.today)}
    assert found == {"weekly": own, "monthly": own, "half-yearly": smelters, "meeting": 2, "report": 4, "training": 1}
