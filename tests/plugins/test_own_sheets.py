"""A district's own sheet, read by its plugin: Shandong's list of responsible people by line."""

import io
from typing import Any

import openpyxl
import pytest

from portal.errors import Refused
from portal.imports import batches, reports, taking, undoing
from portal.imports.outcome import OWN, Wish
from portal.viewer import SYSTEM
from portal.workshop.cells import column_name
from portal.workshop.sheets import written
from tests.plugins.conftest import filled

HEAD = [
    "序号",
    "企业名称",
    "统一社会 信用代码",
    "行业监管部门",
    "业务主管部门",
    "综合监管部门",
    "责任人单位",
    "责任领导",
    "责任领导电话",
    "责任人",
    "责任人电话",
]


@pytest.fixture
async def register(three, clock):
    """The district's example register; two of its enterprises, and two of its offices."""
    call, _ = await filled(three, "shandong", clock)
    centre = await call.db.row(
        "select u.name, j.path from unit u join jurisdiction j on j.id = u.jurisdiction where u.kind = 'centre' and 2 <= "
        "(select count(*) from enterprise e join jurisdiction d on d.id = e.division where credit_code is not null "
        "and starts_with(d.path, j.path)) order by u.id limit 1"
    )
    firms = await call.db.rows(
        "select e.credit_code, e.name from enterprise e join jurisdiction d on d.id = e.division "
        "where credit_code is not null and starts_with(d.path, $1) order by e.id limit 2",
        centre["path"],
    )
    units = [await call.db.value("select name from unit where region = 'shandong' and kind = 'bureau'"), centre["name"]]
    head = ["姓名", "公示电话", "所在部门"]
    leader = written("人员", head, [["孔领导", "0539-0990001", units[1]]])
    await taking.run(call, kind="people", region="shandong", data=leader, wish=Wish(), write=True)
    return call.as_(SYSTEM), firms, units


def listed(firms, units: list[str], *, head: list[str] = HEAD, **more: Any) -> bytes:
    """The list with two titles above and a remark below; with other cells in its first row of data, by heading."""
    rows = [
        [
            n,
            firm["name"],
            firm["credit_code"],
            units[0],
            "",
            units[1],
            units[0],
            "孔领导",
            "0539-0990001",
            f"孟责任{n}",
            f"0539-099001{n}",
        ]
        for n, firm in enumerate(firms, 1)
    ]
    rows[0] = [more.get(column, dict(zip(HEAD, rows[0], strict=True)).get(column, "")) for column in head]
    book = openpyxl.Workbook()
    for row in (["实名制责任人台账"], [], head, *rows, ["填表人：示例", "", "", "", "", "", "", "审核人：示例"]):
        book.active.append(row)
    book.save(out := io.BytesIO())
    return out.getvalue()


def tried(call, data: bytes, *, write: bool = False):
    return taking.run(call, kind=OWN, region="shandong", data=data, wish=Wish(), write=write)


@pytest.mark.clause("SD-17b", "SD-18")
async def test_the_real_name_list_brings_people_posts_and_offices_by_line(register) -> None:
    call, firms, units = register
    await call.db.rows("delete from charge")
    await call.db.rows("update appointment set until = since where enterprise is not null")
    id_ = await batches.bring(call, kind=OWN, region="shandong", data=listed(firms, units))
    found = await batches.check(call, id_)
    assert (found.errors, found.came, found.same) == ((), 2 + 4 + 4, 1)
    taken = await batches.take_in(call, id_, Wish())
    assert taken.written
    rows = await call.db.rows(
        "select p.name, a.post from appointment a join person p on p.id = a.person join enterprise e on e.id = a.enterprise "
        "where e.credit_code = $1 and (a.until is null or a.until > a.since) order by a.post",
        firms[0]["credit_code"],
    )
    assert [tuple(row) for row in rows] == [("孔领导", "responsible-leader"), ("孟责任1", "responsible-person")]
    lines = await call.db.rows(
        "select c.line, u.name from charge c join unit u on u.id = c.unit join enterprise e on e.id = c.enterprise "
        "where e.credit_code = $1 order by c.line",
        firms[0]["credit_code"],
    )
    assert [tuple(row) for row in lines] == [("industry", units[0]), ("overall", units[1])]
    offices = await call.db.rows(
        "select p.name, u.name as unit from person p join unit u on u.id = p.unit where p.name in ('孔领导', '孟责任1') order by p.id"
    )
    assert [tuple(row) for row in offices] == [("孔领导", units[1]), ("孟责任1", units[0])]
    again = await tried(call, listed(firms, units))
    assert (again.came, again.changed, again.same) == (0, 0, 11)
    await undoing.undo(call, id_)
    assert await call.db.value("select count(*) from person where name = '孟责任1'") == 0


async def test_a_mistake_stands_at_its_cell_with_the_lists_own_heading_and_nothing_is_half_written(register) -> None:
    call, firms, units = register
    data = listed(firms, units, 综合监管部门="没有的所", 责任人电话="12")
    found = await tried(call, data, write=True)
    assert not found.written
    at = {(column_name(error.column) + str(error.row), error.title) for error in found.errors if error.column is not None}
    assert at >= {("K4", "责任人电话"), ("F4", "综合监管部门")}
    assert {error.column for error in found.errors} & {None} == set()
    assert len(set(found.errors)) == len(found.errors)
    assert await call.db.value("select count(*) from person where name = '孟责任1'") == 0
    id_ = await batches.bring(call, kind=OWN, region="shandong", data=data)
    await batches.check(call, id_)
    page = openpyxl.load_workbook(io.BytesIO(await reports.annotated_copy(call, id_))).active
    assert "没有登记名为“没有的所”的部门" in page["F4"].comment.text


@pytest.mark.parametrize(
    ("cells", "at", "text"),
    [
        ({"企业名称": "", "统一社会 信用代码": ""}, "B4 企业名称", "必填"),
        ({"统一社会 信用代码": 913713000000000123}, "C4 统一社会 信用代码", "后几位已经丢失"),
        ({"责任人": ""}, "J4 责任人", "必填"),
        ({"责任人电话": ""}, "K4 责任人电话", "必填"),
        ({"责任领导": "新领导"}, "H4 责任领导", "还没有登记这名人员，请填写所在部门"),
        ({"责任人单位": "没有的局"}, "G4 责任人单位", "没有登记名为“没有的局”的部门"),
    ],
)
async def test_each_mistake_of_the_list_is_told(register, cells: dict[str, Any], at: str, text: str) -> None:
    call, firms, units = register
    found = await tried(call, listed(firms, units, **cells))
    told = {f"{column_name(error.column or 0)}{error.row} {error.title}" for error in found.errors if text in error.text}
    assert at in told, found.errors


async def test_a_leader_is_registered_with_an_office_of_their_own(register) -> None:
    call, firms, units = register
    head = [*HEAD, "责任领导单位"]
    new = {"责任领导": "新领导", "责任领导电话": "0539-0990009"}
    await call.db.rows("update appointment set until = since where enterprise is not null")
    found = await tried(call, listed(firms[:1], units, head=head, 责任领导单位=units[1], **new), write=True)
    assert (found.errors, found.written) == ((), True)
    unit = "select u.name from person p join unit u on u.id = p.unit where p.name = '新领导'"
    assert await call.db.value(unit) == units[1]


async def test_offices_by_line_come_before_anybody_is_named(register) -> None:
    call, firms, units = register
    await call.db.rows("delete from charge")
    nobody = dict.fromkeys(["责任领导", "责任领导电话", "责任人", "责任人电话"], "")
    found = await tried(call, listed(firms[:1], units, **nobody))
    assert (found.errors, found.came) == ((), 2)


async def test_another_sheet_is_not_taken_for_it(register) -> None:
    call, firms, _ = register
    with pytest.raises(Refused, match="不认识这张表"):
        await taking.run(
            call,
            kind=OWN,
            region="shandong",
            data=written("x", ["企业名称", "电话"], [[firms[0]["name"], "1"]]),
            wish=Wish(),
            write=False,
        )


async def test_of_a_row_that_is_half_right_nothing_is_taken_in(register) -> None:
    call, firms, units = register
    await call.db.rows("delete from charge")
    await call.db.rows("update appointment set until = since where enterprise is not null")
    before = await call.db.value("select count(*) from person")
    id_ = await batches.bring(call, kind=OWN, region="shandong", data=listed(firms, units, 综合监管部门="没有的部门"))
    assert (await batches.check(call, id_)).left == ()
    found = await batches.take_in(call, id_, Wish(good_only=True))
    assert (found.written, len(found.errors)) == (True, 1)
    there = await call.db.rows("select distinct e.name from charge c join enterprise e on e.id = c.enterprise")
    assert [row["name"] for row in there] == [firms[1]["name"]]
    names = await call.db.rows("select name from person order by id offset $1", before)
    assert "孟责任1" not in {row["name"] for row in names}


async def test_a_new_list_puts_another_person_in_charge_by_choice_only(register) -> None:
    call, firms, units = register
    new = listed(firms, units, 责任人="孟新来（示例）")
    found = await taking.run(call, kind=OWN, region="shandong", data=new, wish=Wish(), write=False)
    assert found.held == len(found.errors) > 0
    assert "或选“岗位移交”" in found.errors[0].text
    found = await taking.run(call, kind=OWN, region="shandong", data=new, wish=Wish(hand_over=True), write=True)
    assert (found.errors, found.written) == ((), True)
    held = await call.db.rows(
        "select p.name, a.until from appointment a join person p on p.id = a.person join enterprise e on e.id = a.enterprise "
        "where e.credit_code = $1 and a.post = 'responsible-person' order by a.since, a.id",
        firms[0]["credit_code"],
    )
    assert [row["until"] for row in held] == [call.today, None]
    assert held[1]["name"] == "孟新来（示例）"
