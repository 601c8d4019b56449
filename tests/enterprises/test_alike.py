"""Rows that are one human, or one enterprise, by what is written on them, are told and never joined."""

import pytest

from portal.commands import told_of_the_same
from portal.enterprises.alike import same_enterprises, same_people
from tests.world import CODES, World, make_enterprise, make_person


async def rows(world: World) -> dict[str, list[set[str]]]:
    """What is told, by what it is alike in."""
    found: dict[str, list[set[str]]] = {}
    for one in (*await same_people(world.call), *await same_enterprises(world.call)):
        found.setdefault(one.by, []).append({name for _, name, _ in one.rows})
    return found


async def test_nothing_is_told_of_a_register_without_such_rows(world: World) -> None:
    assert (await rows(world), await told_of_the_same(world.call)) == ({}, [])


@pytest.mark.parametrize(
    ("by", "column", "values"),
    [
        ("工作证编号", "badge", ("示例 009", "示例００９")),
        ("执法证号", "certificate", ("示例证-9", "示例证9")),
        ("姓名和电话", "phone", ("0512-01000066", "+86 512 01000066")),
    ],
)
async def test_people_with_one_mark_however_it_is_written_are_told(
    world: World, by: str, column: str, values: tuple[str, str]
) -> None:
    await make_person(world, "钱新", phone="0512-01000061")
    await make_person(world, "钱新二", phone="0512-01000062")
    # As they were written before there was one spelling
    for n, (id_, value) in enumerate(zip((world.people["钱新"], world.people["钱新二"]), values, strict=True)):
        name = "钱新" if n == 0 else "钱 新"
        await world.call.db.rows(f"update person set {column} = $1, name = $2 where public_id = $3", value, name, id_)
    assert await rows(world) == {by: [{"钱新", "钱 新"}]}
    (told,) = await told_of_the_same(world.call)
    assert told.startswith(f"{by}相同，像是同一个：钱新（示例区，/office/people/{world.people['钱新']}）、钱 新（示例区，")
    assert "0512" not in told, "no number in a list that is printed"
    # Two rows alike in several ways are one group, and nothing was joined
    await world.call.db.rows("update person set badge = '示例9', phone = '0512-01000061' where name in ('钱新', '钱 新')")
    assert [len(groups) for groups in (await rows(world)).values()] == [1]
    await world.call.db.rows("update person set until = $1 where name = '钱 新'", world.call.today)
    assert await rows(world) == {}


async def test_namesakes_with_other_telephones_are_two(world: World) -> None:
    await make_person(world, "钱新", phone="0512-01000061")
    await make_person(world, "钱 新", phone="0512-01000062")
    assert await rows(world) == {}


async def test_enterprises_with_one_credit_code_are_told(world: World) -> None:
    await make_enterprise(world, "又一厂（示例）", "丙村", size="small", risky="no")
    again = "update enterprise set credit_code = $1 where public_id = $2"
    await world.call.db.rows(again, CODES["gravel"].lower(), world.enterprises["又一厂（示例）"])
    assert await rows(world) == {"统一社会信用代码": [{"甲石料厂（示例）", "又一厂（示例）"}]}
    (told,) = await told_of_the_same(world.call)
    assert f"/office/enterprises/{world.enterprises['又一厂（示例）']}" in told
