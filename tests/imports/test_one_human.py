"""One human however their name and number are written, and one name in a cell."""

import pytest

from portal import codes
from portal.errors import Refused
from portal.people.actions import PersonForm, add_person
from tests.imports.test_imports import sheet, taken, tried, wrong
from tests.world import World

HEAD = ["姓名", "公示电话", "所在部门"]


@pytest.mark.parametrize(
    "said",
    ["示乙", "示　乙", "示 乙", "示\n乙", "\u200b示乙", "示\u200e乙", "示乙\ufe00", " 示乙 ", "⽰乙"],
    ids=ascii,
)
@pytest.mark.parametrize("number", ["13812345003", "+86 138 1234 5003", "１３８１２３４５００３", "138 1234 5003"])
async def test_the_same_person_comes_once(world: World, said: str, number: str) -> None:
    await taken(world.call, "people", sheet(HEAD, ["示乙", "13812345003", "东所"]))
    found = await tried(world.call, "people", sheet(HEAD, [said, number, "东所"]))
    assert (wrong(found), found.came, found.same) == ([], 0, 1)


@pytest.mark.parametrize("dot", ["·", "•", "・", "‧", "．", " · ", "⋅"])
async def test_every_middle_dot_is_the_same(world: World, dot: str) -> None:
    await taken(world.call, "people", sheet(HEAD, ["阿卜杜热合曼·买买提吐尔逊", "13812345002", "东所"]))
    found = await tried(world.call, "people", sheet(HEAD, [f"阿卜杜热合曼{dot}买买提吐尔逊", "13812345002", "东所"]))
    assert (wrong(found), found.came, found.same) == ([], 0, 1)


@pytest.mark.parametrize("said", ["〇示", "䶮示", "𬀩示", "示々", "John Smith 示", "㐂示", "阿依努尔·示例", "示例人（示例）"])
def test_these_are_names(said: str) -> None:
    assert codes.person(said) == said


@pytest.mark.parametrize(
    "said",
    [
        "示戊、示己",
        "示庚/示辛",
        "示庚／示辛",
        "示壬（所长）",
        "示癸 兼",
        "示甲,示乙",
        "示甲;示乙",
        "示甲 退休",
        "示甲&示乙",
        "示甲 示乙",
        "示甲\n示乙",
        "示甲13812345678",
        "示甲等3人",
        "同上",
    ],
)
async def test_more_than_a_name_in_a_cell_is_a_question(world: World, said: str) -> None:
    found = await tried(world.call, "people", sheet(HEAD, [said, "13812345008", "东所"]))
    assert [(row, title) for row, title, _ in wrong(found)] == [(2, "姓名")]
    with pytest.raises(Refused, match="一人一格"):
        await add_person(world.call, PersonForm(name=said, phone="13812345008", jurisdiction=world.places["东镇"]))


async def test_a_form_writes_a_name_as_it_is_spelled(world: World) -> None:
    await add_person(world.call, PersonForm(name="示　丙", phone="13812345009", jurisdiction=world.places["东镇"]))
    assert await world.call.db.value("select name from person where phone like '%5009'") == "示丙"


async def test_namesakes_with_other_numbers_stay_two(world: World) -> None:
    await taken(world.call, "people", sheet(HEAD, ["示乙", "13812345003", "东所"]))
    found = await tried(world.call, "people", sheet(HEAD, ["示 乙", "13812345099", "东所"]))
    assert (wrong(found), found.came) == ([], 1)


def test_a_double_surname_may_stand_apart() -> None:
    assert codes.person("欧阳 示例") == "欧阳示例"
