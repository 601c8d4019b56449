"""What a town office met that brought its whole register in at one sitting, by sheets made as offices make them."""

from typing import Any

import pytest

from portal import codes
from portal.errors import Refused
from portal.imports import batches, undoing
from portal.imports.checking import checked
from portal.imports.columns import Column, find
from portal.imports.importable import KINDS
from portal.imports.near import LEAVE_OUT
from portal.imports.outcome import Wish
from portal.terms import Text
from portal.workshop.cells import Sheet
from tests.imports.test_imports import FIRMS, firm, sheet, taken, tried, wrong
from tests.imports.test_what_columns_are import brought, office_of
from tests.imports.test_what_was_meant import PEOPLE, firms, home_of, told
from tests.world import World, make_place, make_unit

CHARGES = ["企业名称", "条线", "部门"]
SHOP = "丙小店（示例）"
GRIDS = [
    ["示例区网格一览表"] * 7,
    ["网格编号", "网格名称", "级别", "所属镇（街道）", "网格范围", "网格范围", "网格员"],
    ["网格编号", "网格名称", "级别", "所属镇（街道）", "包含村、社区", "四至", "姓名"],
    ["G1", "东片（示例）", "片", "东镇", "甲村、乙社区", "东至示例路", "示例甲"],
]


# Names of places


@pytest.mark.parametrize(
    ("said", "registered"),
    [
        ("翠坊社区", "翠坊社区居委会"),
        ("翠坊", "翠坊社区居委会"),
        ("东镇翠坊社区", "翠坊社区居委会"),
        ("翠 坊社区", "翠坊社区居委会"),
        ("跨塘村", "跨塘村委会"),
        ("跨塘", "跨塘村委会"),
        ("东镇跨塘村", "跨塘村委会"),
        ("跨塘村村民委员会", "跨塘村委会"),
        ("新家社区", "新家居委会"),
        ("新家", "新家居委会"),
    ],
)
async def test_places_registered_by_their_committees_are_found_without(world: World, said: str, registered: str) -> None:
    await make_place(world, registered, "9901001009", "community", parent="东镇")
    _, found = await taken(world.call, "enterprises", sheet(FIRMS, firm(所在村或社区=said)))
    assert (wrong(found), found.came) == ([], 1)
    there = "select j.name from enterprise e join jurisdiction j on j.id = e.division where e.name = '新厂（示例）'"
    assert await world.call.db.value(there) == registered


async def test_what_a_place_is_called_comes_before_what_its_neighbour_may_be_called(world: World) -> None:
    await make_place(world, "金山村委会", "9901001008", "village", parent="东镇")
    await make_place(world, "金山社区", "9901001009", "community", parent="东镇")
    assert (await tried(world.call, "enterprises", firms("金山社区", "金山村"))).came == 2
    found = await tried(world.call, "enterprises", firms("金山"))
    assert "有 2 个辖区叫“金山”" in wrong(found)[0][2]


@pytest.mark.parametrize(
    ("one", "other"),
    [("安监二中队 （示例）", "安监二中队（示例）"), ("（示例） 安监所", "(示例)安监所"), ("丙店 (二 厂)", "丙店（二厂）")],
)
def test_blanks_at_brackets_tell_no_names_apart(one: str, other: str) -> None:
    assert codes.spelled(one) == codes.spelled(other)
    assert " " not in codes.firm(one).replace("二 厂", "")
    assert codes.firm("ABC (Suzhou) 公司") == "ABC (Suzhou)公司"


# Headers, and what kind of sheet it is


def test_a_heading_merged_over_two_rows_makes_both_of_them_the_header(world: World) -> None:
    scheme = world.call.book.in_force("sample", world.call.today)
    assert scheme is not None
    found = find(Sheet("表", tuple(map(tuple, GRIDS)), frozenset()), KINDS["grids"].columns(scheme))
    assert {one.heading: one.code for one in found.columns if one.code} == {
        "网格编号": "code",
        "网格名称": "name",
        "级别": "tier",
        "所属镇（街道）": "place",
        "网格范围 包含村、社区": "ground",
        "网格范围 四至": "note",
    }
    assert [row.number for row in found.rows] == [4]


async def test_a_column_that_could_say_one_thing_only_need_not_be_there(world: World) -> None:
    _, found = await taken(world.call, "charges", sheet(["企业名称", "部门"], [SHOP, "西所"]))
    assert (wrong(found), found.came, found.lacking) == ([], 1, ("条线（都当作“消防”）",))
    # One that is there and empty was forgotten
    assert wrong(await tried(world.call, "charges", sheet(CHARGES, [SHOP, "", "西所"]))) == [(2, "条线", "必填")]


async def test_a_list_of_grids_with_names_and_numbers_of_people_is_not_taken_for_one_of_people(world: World) -> None:
    head = ["网格编号", "网格名称", "所属镇街", "包含村居", "四至", "姓名", "手机"]
    data = sheet(head, ["G1", "东片（示例）", "东镇", "甲村", "东至示例路", "示例甲", "0512-01000099"])
    with pytest.raises(Refused, match="这张表像是：网格、人员。请在“表的类别”里选择后再检查。几样都有的"):
        await batches.kind_of(world.call, "sample", data)
    # One that lacks a column is of the kind of which it has most all the same: its page asks
    data = sheet(["机构名称", "归口", "所属地区", "监督电话"], ["东二所（示例）", "镇里", "东镇", "0512-01000077"])
    assert await batches.kind_of(world.call, "sample", data) == "units"


# What was meant


async def test_offices_are_few_and_all_of_them_are_offered(world: World) -> None:
    await make_unit(world, "东镇安监四中队（示例）", "station", "东镇")
    near = (await told(world, "people", sheet(PEOPLE, ["钱新", "0512-01000078", "安监四中队", ""])))["安监四中队"]
    assert near[0] == "东镇安监四中队(示例)"
    assert len(near) == await world.call.db.value("select count(*) from unit")


async def test_each_place_is_offered_once_however_many_names_it_has(world: World) -> None:
    await make_place(world, "金枫社区", "9901001009", "community", parent="东镇")
    near = (await told(world, "enterprises", firms("例区东镇金锋社区")))["例区东镇金锋社区"]
    assert len([name for name in near if name.endswith("金枫社区")]) == 1


async def chosen(world: World, kind: str, data: bytes, **texts: str) -> str:
    """A sheet on which this was chosen for what nothing is called."""
    id_ = await batches.bring(world.call, kind=kind, region="sample", data=data)
    marks = {one.said: one.mark for one in (await batches.check(world.call, id_)).unfound}
    await batches.correct(world.call, id_, {marks[said]: text for said, text in texts.items()})
    return id_


async def test_what_was_left_out_stays_out_until_the_sheet_was_taken_in(world: World) -> None:
    await chosen(world, "enterprises", firms("乙村", "丁社区"), 丁社区=LEAVE_OUT)
    id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=firms("丁社区", "甲村"))
    assert len((await batches.check(world.call, id_)).left_out) == 1
    await batches.take_in(world.call, id_, Wish())
    id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=firms("丁社区", "甲村"))
    found = await batches.check(world.call, id_)
    assert ([one.said for one in found.unfound], found.left_out) == (["丁社区"], ())
    # Of another kind of sheet nothing was said; and a place that there is by now is no longer left out
    await chosen(world, "enterprises", firms("乙村"), 乙村=LEAVE_OUT)
    await make_place(world, "乙村", "9901001009", "village", parent="东镇")
    id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=firms("乙村"))
    assert (await batches.check(world.call, id_)).left_out == ()


async def test_rows_that_the_office_leaves_out_are_told_and_nothing_of_them_comes(site, world: World) -> None:
    office = await office_of(site, world)
    page = await brought(office, firms("乙村", "甲村", "乙村"))
    home = home_of(page, "correct")
    (field,) = [name for name in page.form(f"{home}/correct") if name.startswith("mean-")]
    page = await office.follow(await office.send(page, {field: LEAVE_OUT, "go": "correct"}, action=f"{home}/correct"))
    assert "检查通过，共 1 行" in page.text
    assert "乙村，共 2 行，按您的选择不导入" in page.text
    assert "第 2 行（按您的选择不导入：所在村或社区写着“乙村”）：0厂（示例）" in page.text
    done = await office.follow(await office.send(page, {"go": "all"}, action=f"{home}/take"))
    assert "新增 1 条" in done.text
    assert await world.call.db.value("select count(*) from enterprise where name in ('0厂（示例）', '2厂（示例）')") == 0
    # All of them: nothing is left to bring, and it is no error
    id_ = await chosen(world, "enterprises", firms("乙村"), 乙村=LEAVE_OUT)
    found = await batches.check(world.call, id_)
    assert (found.rows, len(found.left_out), found.errors) == (0, 1, ())


# What is wrong, and where


async def test_a_row_that_waits_for_another_says_for_which(world: World) -> None:
    head = ["行政区划代码", "名称", "上级", "类别"]
    rows = [["990101001", "北镇", "某县", "镇"], ["990101001001", "子村", "北镇", "村"], ["990101001002", "丑村", "", "村"]]
    found = await tried(world.call, "jurisdictions", sheet(head, *rows))
    waits = "“{}”是第 2 行的，那一行还有问题。改好那一行再检查，这里不用改"
    assert wrong(found) == [
        (2, "上级辖区", "没有登记名为“某县”的辖区"),
        (3, "上级辖区", waits.format("北镇")),
        (4, "上级辖区", waits.format("990101001")),
    ]
    head, rows = ["名称", "层级", "所属辖区", "上级网格"], [["大片", "镇格", "无此镇", ""], ["小片", "片", "东镇", "大片"]]
    assert wrong(await tried(world.call, "grids", sheet(head, *rows)))[-1] == (3, "上级网格", waits.format("大片"))


async def test_two_for_one_post_on_one_sheet_are_no_handing_over(world: World) -> None:
    people = [["钱新", "0512-01000078", "", "东镇"], ["郑新", "0512-01000079", "", "东镇"]]
    await taken(world.call, "people", sheet(PEOPLE, *people))
    rows = [["钱新", "看护员", "丁村格"], ["郑新", "看护员", "丁村格"]]
    found = await tried(world.call, "appointments", sheet(["姓名", "岗位", "任职处"], *rows))
    assert (found.held, [text for *_, text in wrong(found)]) == (
        0,
        ["看护员最多 1 人，而钱新也在表里，没有离任日期。请核对由谁任职"],
    )


async def test_two_shops_of_one_name_are_two_however_their_village_is_written(world: World) -> None:
    spelled = ("甲村", "东镇甲村", "甲村村委会")
    rows = [
        firm(单位名称="便民店（示例）", 统一社会信用代码="", 所在村或社区=place, 详细地址=f"示例路{n}号")
        for place, n in zip(spelled, (1, 2, 2), strict=True)
    ]
    found = await tried(world.call, "enterprises", sheet(FIRMS, *rows))
    told = "与第 3 行重复。是同一家的，请去掉一行；是两家的，请把各自的门牌号写进地址"
    assert (found.came, wrong(found)) == (2, [(4, "单位名称", told)])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("0512-65250000转8", "0512-65250000"),
        ("0512-65250000/0512-65250001", "0512-65250000"),
        ("张示例 0512-65250000", "0512-65250000"),
        ("0512-65250000、65250001", "0512-65250000"),
        ("199200000", ""),
        ("问老板", ""),
    ],
)
def test_of_a_cell_with_more_than_a_private_number_the_number_stays(world: World, said: str, kept: str) -> None:
    private = Column(code="phone", title=Text("联系电话"), hint=Text(""), of="phone", lenient=True)
    value, mistakes, warnings = checked(private, said, world.call.today)
    assert (value, mistakes, len(warnings)) == (kept, [], 1)
    assert said in warnings[0]
    # What people shall dial is asked about
    assert checked(Column(code="phone", title=Text("电话"), hint=Text(""), of="phone"), said, world.call.today)[1]


async def test_what_stands_in_the_way_of_taking_back_is_named(world: World) -> None:
    rows = [firm(单位名称=f"{n}厂（示例）", 统一社会信用代码="") for n in range(3)]
    id_, _ = await taken(world.call, "enterprises", sheet(FIRMS, *rows))
    later, found = await taken(world.call, "charges", sheet(CHARGES, ["1厂（示例）", "消防", "东所"]))
    assert (wrong(found), found.came) == ([], 1)
    with pytest.raises(Refused, match="“1厂（示例）”已被其他登记使用（条线监管责任）"):
        await undoing.undo(world.call, id_)
    await undoing.undo(world.call, later)
    assert await undoing.undo(world.call, id_) == 3


async def test_the_page_checks_again_and_says_what_comes_next(site, world: World) -> None:
    office = await office_of(site, world)
    page = await brought(office, firms("寅卯辰"))
    home = home_of(page, "take")
    (again,) = [one for one in page.all("button") if one.get("formaction")]
    assert again.get("formaction") == f"{home}/check"
    await make_place(world, "寅卯辰", "9901001009", "village", parent="东镇")
    form: dict[str, Any] = page.form(f"{home}/take")
    page = await office.follow(await office.post(f"{home}/check", form))
    assert "检查通过" in page.text
    done = await office.follow(await office.send(page, {"go": "all"}, action=f"{home}/take"))
    assert "接下来登记： 第一块公示牌" in done.text
