"""A region whose plugin is off: everything stored stays readable, nothing is written there, and nothing is lost when it returns."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.app import ready
from portal.areas import actions as areas
from portal.areas import refining
from portal.boards import queries as boards
from portal.boards.actions import issue, revoke
from portal.call import Call, Portal
from portal.complaints.actions import ComplaintOpening as Complaint
from portal.complaints.actions import look_after, open_complaint
from portal.complaints.actions import take_step as complaint_step
from portal.complaints.queries import complaints, readable_complaint
from portal.complaints.standing import circle
from portal.enterprises import actions as enterprises
from portal.enterprises import charges
from portal.errors import Refused
from portal.feedback.actions import CaseOpening, add, open_case, take_step
from portal.feedback.queries import by_receipt
from portal.imports import undoing
from portal.imports.importable import KINDS
from portal.ledger.actions import handle_due
from portal.obligations import actions as obligations
from portal.obligations.actions import DeedForm, ExcuseForm
from portal.people import actions as people
from portal.people import queries as people_queries
from portal.plugins import none
from portal.scheme.words import Every, Kind
from portal.storage.columns import public_id
from portal.viewer import PUBLIC, SYSTEM, Role
from tests.browse import visiting
from tests.imports.test_imports import sheet, taken
from tests.journeys.conftest import Site
from tests.journeys.test_every_page import NOT_THERE, addresses
from tests.world import PASSWORD, World, make_custodian

FLOUR = "甲面粉店（示例）"
SAID = "这个地区的方案没有启用：已保存的内容都能查看"
WHY = "地区方案“sample”没有启用|没有启用任何地区方案"


@pytest.fixture
async def off(portal: Portal, world: World, clock) -> Call:
    """The same portal, started again with no region enabled."""
    call = Call(replace(portal, plugins=none(), asleep=set(), postponed=set()), SYSTEM, clock())
    await ready(call)
    assert call.portal.asleep == {"sample"}
    return call


def forms(address: str) -> bool:
    """Whether the page is a form for something new, which needs rules."""
    return "/new?" in address or "/hand-over" in address or address.rpartition("/")[2].partition("?")[0] in ("facts", "charges")


async def test_every_page_of_every_door_stays_readable(off: Call, world: World, clock) -> None:
    given = await addresses(Site(None, "", world, []))
    # Nobody knows who lends powers while the scheme is unknown
    not_there = {given[""][1], *NOT_THERE, "/office/letters/new"}
    seen = 0
    async with visiting(off.portal, clock) as site:
        for n, (login, wanted) in enumerate(given.items()):
            # Codes stand where names are unknown
            visitor = site(f"10.1.{n}.1")
            visitor.typed = True
            if login:
                await visitor.sign_in(login, PASSWORD)
            for address in wanted:
                page = await visitor.get(address)
                if login == "office" and forms(address) and page.status == 422:
                    assert "没有启用" in page.text or "方案" in page.text, (address, page.text)
                    continue
                assert (page.status >= 400) == (address in not_there), (login, address, page.status)
                seen += 1
    assert seen > 80


async def test_what_was_done_and_excused_is_not_withdrawn_while_nobody_knows_what_is_owed(off: Call, world: World) -> None:
    firm, day = world.enterprises[FLOUR], world.call.today
    done = DeedForm(region="sample", duty="walk", subject=firm, day=day, person=world.people["张看护"])
    deed = await obligations.add_deed(world.call, done)
    late = ExcuseForm(region="sample", key="walk~1", subject=firm, day=day - timedelta(days=30), why="停产（示例）")
    given = await obligations.excuse(world.call, late)
    for work in (
        obligations.withdraw_deed(off, deed, "记错了"),
        obligations.withdraw_excuse(off, given),
        obligations.add_deed(off, done),
    ):
        with pytest.raises(Refused, match="地区方案“sample”没有启用"):
            await work


async def test_a_form_about_what_is_owed_that_comes_too_late_is_told_why(off: Call, world: World, clock) -> None:
    await world.account("office", Role.OFFICE, unit="区局")
    firm = world.enterprises[FLOUR]
    async with visiting(off.portal, clock) as site:
        office = site()
        await office.sign_in("office", PASSWORD)
        token = {"_token": (await office.get("/account")).form("/account/password")["_token"]}
        for address in ("/office/deeds/new", "/office/due/sample/walk~1/excuse"):
            asked = await office.get(f"{address}?region=sample&duty=walk&of={firm}")
            sent = await office.post(address, token | {"region": "sample", "duty": "walk", "of": firm, "why": "停产"})
            assert (asked.status, sent.status, sent.text) == (200, 200, asked.text)


async def test_what_is_stored_shows_with_its_codes_and_says_why(off: Call, world: World, clock) -> None:
    await world.account("office", Role.OFFICE, unit="区局")
    await issue(world.call, "enterprise", world.enterprises[FLOUR])
    async with visiting(off.portal, clock) as site:
        office = site()
        office.typed = True
        await office.sign_in("office", PASSWORD)
        for address, shown in (
            (f"/office/grids/{world.grids['甲村格']}", ["village-grid", "keeper", "张看护", "0512-02000002", FLOUR]),
            (f"/office/enterprises/{world.enterprises[FLOUR]}", ["甲村格", "size", "small", "risky"]),
            (f"/office/units/{world.units['东所']}", ["station", "吴执法", "officer"]),
            (f"/office/people/{world.people['张看护']}", ["keeper", "甲村格"]),
        ):
            page = await office.get(address)
            for one in (SAID, *shown):
                assert one in page.text, (address, one, page.text)
        assert "sample" in (await office.get("/office")).text
        assert "village-grid" in (await office.get("/office/grids")).text


async def test_exports_hold_the_same_rows_with_codes_for_names(off: Call, world: World, clock) -> None:
    await world.account("office", Role.OFFICE, unit="区局")
    taken: dict[str, dict[str, list[str]]] = {}
    for portal in (world.call.portal, off.portal):
        async with visiting(portal, clock) as site:
            office = site()
            await office.sign_in("office", PASSWORD)
            for kind in KINDS:
                answer = await office.client.get(f"/office/import/export/{kind}/sample/csv")
                assert answer.status_code == 200, kind
                taken.setdefault(kind, {})["off" if portal is off.portal else "on"] = answer.text.splitlines()
            for name in ("cases", "boards", "jurisdictions", "gaps"):
                assert (await office.client.get(f"/office/export/{name}/csv")).status_code == 200
            page = await office.get("/office/import", check=False)
            assert "/office/import/export/grids/sample/csv" in page.links()
    for kind, of in taken.items():
        assert len(of["on"]) == len(of["off"]), kind
    assert "village-grid" in "".join(taken["grids"]["off"])
    assert "big" in "".join(taken["enterprises"]["off"])


async def test_writing_there_is_refused_with_the_reason(off: Call, world: World) -> None:
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    receipt = await open_case(world.call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="有情况"))
    case = await world.call.db.value("select public_id from feedback_case")
    person = await people_queries.person(world.call, world.people["张看护"])
    appointment = await world.call.db.value("select public_id from appointment where person = $1", person.id)
    clerk, station = off.as_(await world.office("区局")), await world.office("东所")
    found = await by_receipt(off, receipt)
    firm = world.enterprises[FLOUR]
    here = world.places["甲村"]

    def person_form(**more) -> people.PersonForm:
        return people.PersonForm(name="新名", phone="0512-02008888", jurisdiction=here, **more)

    form = refining.RefinementForm(
        figure="duty:study:every", value=Every(months=6), document="东镇细则（示例）", clause="第一条", gist="半年"
    )
    stricter = await refining.refine(world.call, world.places["东镇"], form)
    ledger = sheet(["日期", "职责", "对象", "姓名"], [f"{off.today}", "看护员：走遍本格", FLOUR, "张看护"])
    batch, _ = await taken(world.call, "deeds", ledger)
    await charges.assign(world.call, firm, "fire", world.units["东所"], off.today)
    grid = areas.GridForm(tier="village-grid", name="新格", jurisdiction=here, since=off.today)
    deeds = {
        "a unit": lambda: areas.add_unit(
            clerk, areas.UnitForm(kind="station", name="新所", phone="0512-01000009", jurisdiction=here)
        ),
        "a unit changed": lambda: areas.change_unit(clerk, world.units["东所"], name="东所", phone="0512-01009999"),
        "a grid": lambda: areas.add_grid(clerk, grid),
        "a person": lambda: people.add_person(clerk, person_form()),
        "a person changed": lambda: people.change_person(clerk, world.people["张看护"], person_form()),
        "a dismissal": lambda: people.dismiss(clerk, appointment, off.today),
        "an enterprise ended": lambda: enterprises.end_enterprise(clerk, firm, off.today),
        "facts": lambda: enterprises.state_facts(clerk, firm, {"size": "big"}, off.today),
        "a refinement ended": lambda: refining.end_refinement(clerk, stricter, off.today),
        "deeds of a sheet taken back": lambda: undoing.undo(off, batch),
        "a charge ended": lambda: charges.end(clerk, firm, "fire", off.today),
        "a village": lambda: areas.add_jurisdiction(
            off, areas.JurisdictionForm(code="9901001010", name="新村", kind="village", parent=world.places["东镇"])
        ),
        "a village renamed": lambda: areas.rename_jurisdiction(off, here, "新名"),
        "a board": lambda: issue(clerk, "enterprise", firm),
        "a step": lambda: take_step(off.as_(station), case, "accept", "", public_id()),
        "a report": lambda: open_case(
            off.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="又有情况")
        ),
        "more of a report": lambda: add(off, found, "还有", public_id()),
    }
    db = off.db
    before = {
        table["tablename"]: await db.value(f'select count(*) from "{table["tablename"]}"')
        for table in await db.rows("select tablename from pg_tables where schemaname = 'public'")
    }
    live = (await boards.page(off, board)).live
    for name, deed in deeds.items():
        with pytest.raises(Refused, match="没有启用"):
            await deed()
            raise AssertionError(name)
    after = {table: await db.value(f'select count(*) from "{table}"') for table in before}
    assert after == before
    assert (await boards.page(off, board)).live == live
    # What must be possible also without rules
    await revoke(clerk, board, "换牌")


async def test_what_comes_due_meanwhile_is_done_when_the_plugin_is_back(off: Call, world: World) -> None:
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    appointment = await world.call.db.value(
        "select a.public_id from appointment a join person p on p.id = a.person where p.public_id = $1", world.people["张看护"]
    )
    day = off.today + timedelta(days=1)
    await people.dismiss(world.call, appointment, day)
    before = await boards.page(off, board)
    tomorrow = Call(off.portal, SYSTEM, off.now + timedelta(days=1))
    assert await handle_due(tomorrow) == 0
    assert off.portal.postponed
    assert (await boards.page(off, board)).live == before.live
    assert await handle_due(tomorrow) == 0
    back = Call(world.call.portal, SYSTEM, tomorrow.now)
    await ready(back)
    assert await handle_due(back) >= 1
    assert (await boards.page(back, board)).live["lead"] is None or (await boards.page(back, board)).live != before.live


async def test_nobody_comes_to_read_a_complaint_because_the_lines_are_unknown(off: Call, world: World) -> None:
    """The head of the other town's grid stands above its keepers in the region's line, and in no other way."""
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    keeper = await make_custodian(world, "watch", "何纪检", phone="0512-09999900")
    ids = {
        name: await world.call.db.value("select id from person where public_id = $1", world.people[name])
        for name in ("张看护", "王格长", "何纪检")
    }
    for call in (world.call, off):
        drawn = await circle(call, ids.values(), call.today)
        assert not drawn.apart(ids["王格长"], ids["张看护"], call.today)
        assert drawn.apart(ids["何纪检"], ids["张看护"], call.today)
    await open_complaint(world.call.as_(PUBLIC), Complaint(board=board, form=public_id(), text="请他吃顿饭", contact="1"))
    (row,) = await complaints(off.as_(keeper), closed=False)
    before = dict(await off.db.row("select * from complaint"))
    await look_after(off)
    with pytest.raises(Refused, match="没有启用"):
        await complaint_step(off.as_(keeper), row.id, "accept", "", public_id())
    assert dict(await off.db.row("select * from complaint")) == before
    assert (await readable_complaint(off.as_(keeper), row.id)).row["public_id"] == row.id
