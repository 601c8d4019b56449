"""A district's own sheet, read by its plugin: Shandong's list of responsible people by line."""

import pytest

from portal.errors import Refused
from portal.imports import actions
from portal.imports.actions import OWN, Wish
from portal.viewer import SYSTEM
from portal.workshop.sheets import written
from tests.plugins.conftest import filled

HEAD = [
    "序号", "企业名称", "统一社会 信用代码", "行业监管部门", "业务主管部门", "综合监管部门", "责任人单位", "责任领导", "责任领导电话", "责任人", "责任人电话",
]  # fmt: skip


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
    return call.as_(SYSTEM), firms, units


def listed(firms, units: list[str], **more: str) -> bytes:
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
    for column, text in more.items():
        rows[0][HEAD.index(column)] = text
    return written("台账", HEAD, rows)


@pytest.mark.clause("SD-17b", "SD-18", "SD-19")
async def test_the_real_name_list_brings_people_posts_and_offices_by_line(register) -> None:
    call, firms, units = register
    await call.db.rows("delete from charge")
    await call.db.rows("update appointment set until = since where enterprise is not null")
    id_ = await actions.bring(call, kind=OWN, region="shandong", data=listed(firms, units))
    found = await actions.check(call, id_)
    assert (found.errors, found.came) == ((), 3 + 4 + 4)
    taken = await actions.take_in(call, id_, Wish())
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
    again = await actions.run(call, kind=OWN, region="shandong", data=listed(firms, units), wish=Wish(), write=False)
    assert (again.came, again.changed, again.same) == (0, 0, 11)
    await actions.undo(call, id_)
    assert await call.db.value("select count(*) from person where name = '孔领导'") == 0


async def test_a_mistake_in_it_is_named_with_its_row_and_nothing_is_half_written(register) -> None:
    call, firms, units = register
    found = await actions.run(
        call,
        kind=OWN,
        region="shandong",
        data=listed(firms, units, 综合监管部门="没有的所", 责任人电话="12"),
        wish=Wish(),
        write=True,
    )
    assert not found.written
    assert {(error.row, error.title) for error in found.errors} >= {(2, "公示电话"), (2, "负责部门")}
    assert await call.db.value("select count(*) from person where name = '孔领导'") == 0


async def test_another_sheet_is_not_taken_for_it(register) -> None:
    call, firms, _ = register
    with pytest.raises(Refused, match="不认识这张表"):
        await actions.run(
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
    id_ = await actions.bring(call, kind=OWN, region="shandong", data=listed(firms, units, 综合监管部门="没有的部门"))
    assert (await actions.check(call, id_)).left == ()
    found = await actions.take_in(call, id_, Wish(good_only=True))
    assert (found.written, len(found.errors)) == (True, 1)
    there = await call.db.rows("select distinct e.name from charge c join enterprise e on e.id = c.enterprise")
    assert [row["name"] for row in there] == [firms[1]["name"]]
    names = await call.db.rows("select name from person order by id offset $1", before)
    assert "孟责任1" not in {row["name"] for row in names}


async def test_a_new_list_puts_another_person_in_charge_by_choice_only(register) -> None:
    call, firms, units = register
    new = listed(firms, units, 责任人="孟新来（示例）")
    found = await actions.run(call, kind=OWN, region="shandong", data=new, wish=Wish(), write=False)
    assert found.held == len(found.errors) > 0
    assert "或选“换人”" in found.errors[0].text
    found = await actions.run(call, kind=OWN, region="shandong", data=new, wish=Wish(hand_over=True), write=True)
    assert (found.errors, found.written) == ((), True)
    held = await call.db.rows(
        "select p.name, a.until from appointment a join person p on p.id = a.person join enterprise e on e.id = a.enterprise "
        "where e.credit_code = $1 and a.post = 'responsible-person' order by a.since, a.id",
        firms[0]["credit_code"],
    )
    assert [row["until"] for row in held] == [call.today, None]
    assert held[1]["name"] == "孟新来（示例）"
