"""What an undoing takes back is out of everybody's sight and stays: a complaint about it is as readable as before, what it was
called by is free, and named again the same row comes back.
"""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portal.access import deputies
from portal.access.tables import Deputy
from portal.boards.actions import issue
from portal.call import Call
from portal.complaints import actions, glass, queries, standing
from portal.complaints.actions import ComplaintOpening
from portal.errors import NotVisible
from portal.imports import batches, undoing
from portal.imports.importable import KINDS
from portal.people.actions import dismiss
from portal.storage import undone
from portal.storage.columns import public_id
from portal.storage.unsent import Shelf
from portal.viewer import PUBLIC, Role, Viewer
from tests.complaints.test_complaints import WORDS, listed, only
from tests.complaints.test_two_worlds import NOISE, addresses, ids_of
from tests.firm_region import BIG
from tests.imports.test_imports import FIRMS, firm, sheet, taken, wrong
from tests.world import PASSWORD, World, confirmed, make_custodian, make_enterprise, make_person

pytestmark = pytest.mark.asyncio
HEAD = ["姓名", "工号", "电话", "辖区"]
NEW = ["钱新", "新9", "0512-01000078", "东镇"]
SHEETS = {
    "units": [["部门名称", "类型", "镇街", "电话"], ["东二所（示例）", "镇所", "东镇", "0512-01000077"]],
    "grids": [["网格编号", "名称", "层级", "所属辖区", "上级网格"], ["B9", "东北片", "片", "东镇", "东镇格"]],
    "outside_grids": [["系统", "编号", "名称", "辖区"], ["综治", "Z9", "综治九格", "甲村"]],
    "people": [HEAD, NEW],
    "appointments": [["姓名", "岗位", "任职处"], ["吴执法", "看护员", "丁村格"]],
    "enterprises": [FIRMS, firm()],
    "charges": [["企业名称", "条线", "部门"], ["丙小店（示例）", "消防", "西所"]],
    "deeds": [
        ["巡查日期", "工作内容", "企业名称", "巡查人", "检查情况"],
        ["2026-03-02", "看护员：走遍本格", "甲面粉店（示例）", "张看护", "通道堆物"],
    ],
}
NAMED = {
    "units": ("unit", "东二所（示例）"),
    "grids": ("grid", "东北片"),
    "outside_grids": ("outside_grid", "综治九格"),
    "people": ("person", "钱新"),
    "enterprises": ("enterprise", "新厂（示例）"),
}

PAGES = {"unit": "units", "grid": "grids", "outside_grid": "grids/outside", "person": "people", "enterprise": "enterprises"}


async def told(world: World) -> tuple[list[str], str]:
    """Somebody whom two sheets bring and appoint, and a complaint about them; the batches and the complaint's number."""
    board = await issue(world.call, "grid", world.grids["甲村格"])
    held = "select a.public_id from appointment a join person p on p.id = a.person where p.name = '张看护' and a.until is null"
    await dismiss(world.call, await world.call.db.value(held), world.call.today)
    people, _ = await taken(world.call, "people", sheet(HEAD, NEW))
    posts, found = await taken(world.call, "appointments", sheet(["姓名", "岗位", "任职处"], ["钱新", "看护员", "甲村格"]))
    assert wrong(found) == []
    public = world.call.as_(PUBLIC)
    whom = next(one.mark for one in (await actions.door(public, board)).choices if one.name == "钱新")
    await actions.open_complaint(public, ComplaintOpening(board=board, form=public_id(), text=WORDS, whom=whom, topic="money"))
    return [posts, people], str(await world.call.db.value("select number from complaint"))


async def everybody(call: Call, readers: list[Viewer]) -> list[list[str]]:
    return [await listed(call, one) for one in readers]


def later(call: Call, days: int) -> Call:
    return replace(call, now=call.now + timedelta(days=days))


async def test_an_undoing_takes_a_complaint_from_nobody_and_gives_it_to_nobody(world: World) -> None:
    keeper = await make_custodian(world, "keeper", "郑纪检")
    peer = await make_custodian(world, "peer", "何纪检")
    people, _ = await taken(world.call, "people", sheet(HEAD, ["何纪检", "新8", "0512-01000071", "东镇"]))
    await undoing.undo(world.call, people)
    batch, number = await told(world)
    twin = await make_custodian(world, "twin", "钱某", badge="新９")
    readers, id_ = [keeper, peer, twin], await only(world)
    before = await everybody(world.call, readers)
    assert before == [[id_], [id_], []]
    seen = await actions.read(world.call.as_(keeper), id_)
    for one in batch:
        await undoing.undo(world.call, one)
    assert await world.call.db.value("select count(*) from person where name = '钱新'") == 0
    assert await everybody(world.call, readers) == before
    now = await actions.read(world.call.as_(keeper), id_)
    assert (now.about, now.said, now.possible) == (seen.about, seen.said, seen.possible)
    with pytest.raises(NotVisible):
        await actions.read(world.call.as_(twin), id_)
    first, second = [await _administrator(world, login, name) for login, name in (("one", "蒋主任"), ("two", "沈主任"))]
    await glass.confirm(world.call.as_(second), await glass.ask(world.call.as_(first), number, "两人打开"))
    assert (await actions.read(world.call.as_(first), id_)).about.people[0].name == "钱新"
    await glass.confirm(world.call.as_(twin), await glass.ask(world.call.as_(first), number, "两人打开"))
    with pytest.raises(NotVisible):
        await actions.read(world.call.as_(twin), id_)


async def test_after_thirty_days_nothing_private_is_left_but_whom_the_complaint_is_about(world: World) -> None:
    keeper = await make_custodian(world, "keeper", "郑纪检")
    batch, _ = await told(world)
    id_ = await only(world)
    for one in batch:
        await undoing.undo(world.call, one)
    private = "select phone || certificate from public.person where name = '钱新'"
    await batches.sweep(later(world.call, 29))
    assert await world.call.db.value(private) == "0512-01000078"
    await batches.sweep(later(world.call, 30))
    assert await world.call.db.value(private) == ""
    # Whoever bears the number is the same human for this complaint, whatever the register still has of it
    late = await make_custodian(world, "late", "冯某", phone="(0512) 0100 0078")
    after = later(world.call, 31)
    assert await everybody(after, [keeper, late]) == [[id_], []]
    assert (await actions.read(after.as_(keeper), id_)).about.people[0].name == "钱新"


async def test_complaints_of_before_get_their_copy_and_are_read_again_without_their_subject(world: World) -> None:
    keeper = await make_custodian(world, "keeper", "郑纪检")
    batch, _ = await told(world)
    row = await world.call.db.row(f"{queries.COMPLAINT} limit 1")
    one = queries.opened(world.call, row)
    bare = replace(one.about, people=tuple(replace(person, marks=(), rows=()) for person in one.about.people))
    sealed = one.key.seal_text(bare.text(), f"about {row['public_id']}")
    await world.call.db.rows("update complaint set about = $1, copied = false", sealed)
    for each in batch:
        await undoing.undo(world.call, each)
    assert (await actions.copy_subjects(world.call), await actions.copy_subjects(world.call)) == (1, 0)
    await batches.sweep(later(world.call, 40))
    late = await make_custodian(world, "late", "冯某", phone="0512-01000078")
    assert await everybody(later(world.call, 41), [keeper, late]) == [[row["public_id"]], []]
    # As an undoing of before left it
    await world.call.db.rows("delete from public.appointment where undone_on is not null")
    await world.call.db.rows("delete from public.person where undone_on is not null")
    assert await everybody(later(world.call, 41), [keeper, late]) == [[row["public_id"]], []]


async def test_who_covered_whom_when_a_complaint_came_in_still_stands_back_when_it_was_called_off(world: World) -> None:
    await world.account("accused", Role.INSPECTOR, person="张看护")
    await make_person(world, "马纪检", phone="0512-0111333")
    await world.account("deputy", Role.OFFICE, unit="纪检", person="马纪检")
    ids = {row["login"]: row["id"] for row in await world.call.db.rows("select id, login from account")}
    people = [(await world.call.db.value("select id from person where name = $1", name)) for name in ("马纪检", "张看护")]

    async def apart() -> bool:
        return (await standing.circle(world.call, people, world.call.today)).apart(*people, world.call.today)

    assert await apart()
    today = world.call.today
    row = Deputy(absent=ids["accused"], deputy=ids["deputy"], since=today, until=today + timedelta(days=3))
    await row.save()
    assert not await apart()
    await deputies.end_cover(world.call.as_(Viewer(account=ids["accused"])), row.public_id)
    assert await world.call.db.value("select count(*) from deputy") == 0
    assert not await apart()


async def _administrator(world: World, login: str, name: str) -> Viewer:
    await make_person(world, name, phone=f"0512-0888{len(world.people):04d}")
    await world.account(login, Role.ADMINISTRATOR, person=name)
    return await confirmed(world, login)


# Out of sight


async def test_what_was_taken_back_is_on_no_page_list_search_sheet_or_count(world: World, site) -> None:
    await world.account("bureau", Role.OFFICE, unit="区局")
    visitor = site("10.0.0.1")
    await visitor.sign_in("bureau", PASSWORD)
    ids = {place: some[:1] for place, some in (await ids_of(world)).items()} | {"import.kind": list(NAMED), "kind": list(NAMED)}
    wanted = {where for where in addresses(site.app, ids) if not re.search("pdf|photo|print|/xlsx|import", where)}
    searches = {f"/office/{PAGES[table]}?q={name}": name for table, name in NAMED.values()}
    wanted |= set(searches)

    async def seen() -> dict[str, bytes]:
        answers = {}
        for where in sorted(wanted):
            answer = await visitor.client.get(where)
            assert answer.status_code < 500, where
            # The history of a place says that something came and was taken back, and by whom
            if "history" not in where:
                body = answer.content
                for pattern, word in NOISE:
                    body = pattern.sub(word, body)
                answers[where] = body
        return answers

    before, batch = await seen(), {}
    for kind in ("units", "grids", "outside_grids", "people", "enterprises"):
        batch[kind], found = await taken(world.call, kind, sheet(*SHEETS[kind]))
        assert wrong(found) == []
    there = await seen()
    rows = {
        name: await world.call.db.row(f"select id, public_id from {table} where name = $1", name)
        for table, name in NAMED.values()
    }
    assert {where for where in searches if there[where] == before[where]} == set()
    changed = {where for where in there if there[where] != before[where]}
    assert len(changed - set(searches)) > 10, changed
    for kind in reversed(batch):
        await undoing.undo(world.call, batch[kind])
    after = await seen()
    assert {where for where in after if after[where] != before[where]} == set()
    for table, name in NAMED.values():
        row = rows[name]
        assert (await visitor.client.get(f"/office/{PAGES[table]}/{row['public_id']}")).status_code == 404
        grams = "select count(*) from search_text where kind = $1 and subject = $2"
        assert await world.call.db.value(grams, table, row["id"]) == 0
        assert await world.call.db.value(f"select undone_on from public.{table} where id = $1", row["id"]) == world.call.today


# Again


@pytest.mark.parametrize("kind", [*SHEETS, "enterprise alone"])
async def test_named_again_the_same_row_comes_back_as_it_is_named_now(world: World, kind: str, monkeypatch) -> None:
    from portal.imports.kinds.enterprises import Enterprises

    if kind == "enterprise alone":
        monkeypatch.setattr(Enterprises, "at_once", 1)
        monkeypatch.setattr(Enterprises, "add_many", Enterprises.add_many)
    kind = "enterprises" if kind == "enterprise alone" else kind
    table = {"appointments": "appointment", "charges": "charge", "deeds": "deed"}.get(kind) or NAMED[kind][0]
    batch, found = await taken(world.call, kind, sheet(*SHEETS[kind]))
    assert (found.came, wrong(found)) == (1, [])
    newest = f"select id, public_id from public.{table} order by id desc limit 1"
    row = await world.call.db.row(newest)
    everything = await world.call.db.value(f"select count(*) from public.{table}")
    for _ in range(2):
        await undoing.undo(world.call, batch)
        assert await world.call.db.value(f"select count(*) from {table} where id = $1", row["id"]) == 0
        batch, found = await taken(world.call, kind, sheet(*SHEETS[kind]))
        assert (found.came, wrong(found)) == (1, [])
        assert tuple(await world.call.db.row(newest)) == tuple(row)
        assert await world.call.db.value(f"select public_id from {table} where id = $1", row["id"]) == row["public_id"]
        assert await world.call.db.value(f"select count(*) from public.{table}") == everything


async def test_a_badge_a_code_and_a_number_are_free_for_others(world: World) -> None:
    for kind in ("people", "enterprises", "grids"):
        batch, _ = await taken(world.call, kind, sheet(*SHEETS[kind]))
        await undoing.undo(world.call, batch)
    west = world.call.as_(await world.office("西所"))
    others = {
        "people": [HEAD, ["钱西", "新9", "0512-01000070", "西镇"]],
        "enterprises": [FIRMS, firm(单位名称="西厂（示例）", 所在村或社区="丙村")],
        "grids": [["网格编号", "名称", "层级", "所属辖区", "上级网格"], ["B9", "西北片", "片", "西镇", "西镇格"]],
    }
    for kind, rows in others.items():
        _, found = await taken(west, kind, sheet(*rows))
        assert (found.came, wrong(found)) == (1, []), kind
        table = NAMED[kind][0]
        assert await world.call.db.value(f"select count(*) from public.{table} where name = $1", NAMED[kind][1]) == 1, kind
    _, found = await taken(world.call, "grids", sheet(*SHEETS["grids"]))
    assert not found.written
    # What is another's by now is theirs; without it the row that was taken back is the same again
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, firm(统一社会信用代码="")))
    assert (found.came, wrong(found)) == (1, [])
    assert await world.call.db.value("select count(*) from public.enterprise where name = '新厂（示例）'") == 1


async def test_the_grid_that_an_enterprise_is_comes_back_with_it(leafy: World) -> None:
    there = await make_enterprise(leafy, "新厂（示例）", "乙村", **BIG)
    row = await leafy.call.db.row(
        "select g.id, g.public_id, g.code, g.enterprise from grid g join enterprise e on e.id = g.enterprise "
        "where e.public_id = $1",
        there,
    )
    await leafy.call.db.rows("delete from placement where enterprise = $1", row["enterprise"])
    await leafy.call.db.rows("delete from enterprise_fact where enterprise = $1", row["enterprise"])
    await undone.undo(leafy.call.db, "grid", [row["id"]], leafy.call.today)
    await undone.undo(leafy.call.db, "enterprise", [row["enterprise"]], leafy.call.today)
    assert await make_enterprise(leafy, "新厂（示例）", "乙村", **BIG) == there
    found = await leafy.call.db.row("select id, public_id, code, enterprise from grid where enterprise = $1", row["enterprise"])
    assert tuple(found) == tuple(row)


# Nothing is deleted

DELETED = {
    "import_heading",
    "import_meaning",  # what an office said of its sheets and takes back
    "session",
    "spending",
    "job",
    "sent_form",
    "board_waiting",
    "migration",  # of nobody, or over
    "feedback_draft_photo",
    "stored_file",
    "import_row",
    "import_batch",  # forms, files and sheets that are forgotten
    "search_text",
    "board_source",
    "place_move",
    "tally",  # made anew from the register at any time
    "deed_doer",  # who came along to what was done
    "placement",
    "enterprise_fact",
    "grid_ground",  # stretches of a timeline: no id that anything could name
}
DELETE = re.compile(r"delete\s+from\s+(?:public\.)?(\{?\w+\}?)|truncate\s+(?:table\s+)?(\w+)|\.delete\(", re.IGNORECASE)


async def test_the_house_deletes_no_row_that_anything_may_name(world: World) -> None:
    found = {
        (match[1] or match[2] or match[0], path.name)
        for path in (Path(__file__).parents[2] / "portal").rglob("*.py")
        if path.name != "backups.py"  # it empties the tables of a new database, before it fills them
        for match in DELETE.finditer(path.read_text())
    }
    assert {table for table, _ in found if not table.startswith("{")} <= DELETED
    # Two name their tables otherwise: what hangs on something undone and has no mark of its own, and forms that are not sent
    assert sorted(where for table, where in found if table.startswith("{")) == ["undoing.py", "unsent.py"]
    assert {*Shelf} == {"unsent_form", "complaint_unsent"}
    marked = await world.call.db.rows(
        "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'undone_on'"
    )
    assert {row["table_name"] for row in marked} == undone.TABLES
    assert not DELETED & undone.TABLES
    assert {name for kind in KINDS.values() for name in kind.tables.hanging} <= undone.TABLES | DELETED


async def test_what_was_taken_back_can_be_named_by_nothing_new(world: World) -> None:
    """Each view shows what the table holds, but for what was taken back; and whoever writes through it writes the table."""
    for table in sorted(undone.TABLES):
        columns = [
            [
                row[0]
                for row in await world.call.db.rows(
                    "select column_name from information_schema.columns where table_schema = $1 and table_name = $2 "
                    "order by ordinal_position",
                    schema,
                    table,
                )
            ]
            for schema in ("public", "register")
        ]
        assert columns[0] == columns[1] != [], table
