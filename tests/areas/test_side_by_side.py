"""Offices of one kind at a zone and at towns, and two in one place: who serves whom, on boards, doors, due lists and filings."""

from dataclasses import replace

import pytest
import pytest_asyncio

from portal.areas import actions, filing, queries
from portal.areas.actions import UnitForm
from portal.areas.rules import UnitAt, fits_ground, fits_place, grounds_told, nearest, serving
from portal.boards.actions import bring_along, issue
from portal.boards.queries import page
from portal.call import Call
from portal.errors import Refused
from portal.feedback.actions import way
from portal.ledger.queries import history
from portal.plugins import assemble
from portal.scheme.book import Scheme
from portal.scheme.canonical import canonical, read
from portal.scheme.checks import findings, problems
from portal.scheme.telling import Teller
from portal.scheme.words import Ground, Kind, Region, Tier, Unit
from portal.viewer import Role
from tests.browse import visiting
from tests.sample_region import Sample
from tests.sample_region.scheme import POSTS, SAMPLE
from tests.world import PASSWORD, World, make_place, make_unit

FLOUR = "甲面粉店（示例）"


def spread(*at: Ground) -> Region:
    """The sample region, whose stations are at these kinds of division."""
    (edition,) = SAMPLE.editions
    station = Unit(code="station", name="镇所", at=at, basis=POSTS)
    rules = tuple(station if isinstance(rule, Unit) and rule.code == "station" else rule for rule in edition.rules)
    return replace(SAMPLE, editions=(replace(edition, rules=rules),))


REGION = spread(Ground.TOWN, Ground.ZONE)


class Spread(Sample):
    """States that region."""

    def portal_regions(self) -> tuple[Region, ...]:
        """It alone."""
        return (REGION,)


@pytest_asyncio.fixture
async def there(world: World) -> World:
    """The usual register, a zone across the towns with a station of its own, and a second station in the eastern town."""
    made = world.again(replace(world.call, portal=replace(world.call.portal, plugins=assemble({"sample": Spread()}))))
    await make_place(made, "新城", "9901Z1", "zone", parent="示例区")
    await make_unit(made, "新城局", "station", "新城", phone="0512-01000021")
    await make_unit(made, "化管办", "station", "东镇", phone="0512-01000022")
    unit = made.units["化管办"]
    await actions.change_unit(made.call, unit, name="化管办", phone="0512-01000022", only_chosen=True)
    return made


async def serve(there: World, grid: str, office: str, call: Call | None = None) -> None:
    """Have a grid served by an office; by none in particular."""
    row = await queries.grid(there.call, there.grids[grid])
    await actions.change_grid(
        call or there.call, row.public_id, name=row.name, area_note=row.area_note, served_by=there.units[office] if office else ""
    )


def at(id_: int, path: str, *, only: bool = False, kind: str = "k") -> UnitAt:
    """An office."""
    return UnitAt(id_, kind, str(id_), "", path, "town", only)


def test_of_several_the_chosen_one_serves_else_the_nearest_that_serves_all() -> None:
    units = [at(1, "/a/"), at(2, "/a/b/"), at(3, "/a/b/", only=True), at(4, "/a/z/"), at(5, "/a/", kind="other")]
    assert nearest("k", "/a/b/c/", serving(units, [])).id == 2
    assert nearest("k", "/a/b/c/", serving(units, [3])).id == 3
    assert nearest("k", "/a/b/c/", serving(units, [4, 3])).id == 4
    assert nearest("k", "/a/b/c/", serving(units, [9])).id == 2
    assert nearest("other", "/a/b/c/", serving(units, [3])).id == 5
    assert nearest("k", "/x/", serving(units, [])) is None
    only = [at(3, "/a/b/", only=True)]
    assert nearest("k", "/a/b/c/", serving(only, [])) is None


def test_an_office_may_be_at_several_kinds_of_division_and_old_texts_are_read() -> None:
    station = next(unit for unit in REGION.editions[0].rules if isinstance(unit, Unit) and unit.code == "station")
    for kind in ("town", "zone"):
        fits_place(station, kind)
    with pytest.raises(Refused, match="设在.*或开发区，所选辖区是"):
        fits_place(station, "district")
    assert problems(REGION, "sample") == []
    for region in (SAMPLE, REGION):
        text = canonical(region.editions[0])
        assert canonical(read(text)) == text
    assert '"at":"town"' in canonical(SAMPLE.editions[0]), "what was stored before stays as it was"
    told = [
        one for _, rules in Teller(Scheme(REGION, REGION.editions[0], "sample")).chapters() for one in rules if one.name == "镇所"
    ]
    assert told[0].said[0].text == grounds_told(station).replace("或", "、")


@pytest.mark.parametrize(
    ("region", "what"),
    [
        (spread(), "没有写设在哪一级"),
        (spread(Ground.TOWN, Ground.ENTERPRISE), "部门不能设在单家企业"),
        (spread(Ground.DISTRICT), "更靠近网格"),
    ],
)
def test_grounds_are_checked(region: Region, what: str) -> None:
    assert any(what in one.what for one in findings(region, "sample")), [one.what for one in findings(region, "sample")]


def test_a_tier_may_be_of_several_kinds_of_division() -> None:
    (edition,) = REGION.editions

    def of(*grounds: Ground) -> Region:
        rules = tuple(
            replace(one, of=grounds) if isinstance(one, Tier) and one.code == "town-grid" else one for one in edition.rules
        )
        return replace(REGION, editions=(replace(edition, rules=rules),))

    both = of(Ground.TOWN, Ground.ZONE)
    assert findings(both, "sample") == findings(REGION, "sample")
    tier = next(one for one in both.editions[0].rules if isinstance(one, Tier))
    for kind in ("town", "zone"):
        fits_ground(tier, kind)
    with pytest.raises(Refused, match="由.*或开发区构成，所选辖区是村"):
        fits_ground(tier, "village")
    assert canonical(read(canonical(both.editions[0]))) == canonical(both.editions[0])
    for grounds in ((), (Ground.TOWN, Ground.DRAWN)):
        assert any("几种构成只能都是辖区" in one.what for one in findings(of(*grounds), "sample"))


async def test_board_door_and_list_follow_the_office_that_the_grid_names(there: World) -> None:
    call = there.call
    code = await issue(call, "enterprise", there.enterprises[FLOUR])

    async def shown() -> tuple[str, str]:
        await bring_along(call)
        return (await page(call, code)).live["issuer"]["name"], (await way(call, Kind.REPORT, code)).to.value.name

    assert await shown() == ("东所", "东所"), "one that serves only whom it is named by serves nobody else"
    await serve(there, "甲村格", "化管办")
    assert await shown() == ("化管办", "化管办")
    await serve(there, "甲村格", "新城局")
    assert await shown() == ("新城局", "新城局"), "a zone's office, though the zone is not around the village"
    await actions.end_unit(call, there.units["新城局"], call.today)
    assert await shown() == ("东所", "东所"), "one that is no more serves nobody"
    await serve(there, "甲村格", "")
    assert await shown() == ("东所", "东所")
    for name, only, serves in (("化管办", False, "东所"), ("东所", True, "化管办"), ("东所", False, "东所")):
        row = await queries.unit(call, there.units[name])
        await actions.change_unit(call, row.public_id, name=row.name, phone=row.phone, only_chosen=only)
        assert await shown() == (serves, serves), (name, only)
    changes = [past.data["served_by"] for past in await history(call, "grid", there.grids["甲村格"]) if "served_by" in past.data]
    assert changes == [["新城局", ""], ["化管办", "新城局"], ["", "化管办"]]


async def test_only_an_office_that_could_serve_it_is_taken(there: World) -> None:
    for office in ("西所", "区局", "纪检"):
        with pytest.raises(Refused, match="不能服务这个网格"):
            await serve(there, "甲村格", office)
    with pytest.raises(Refused, match="受理对这里的投诉"):
        await actions.add_unit(
            there.call,
            UnitForm(kind="watch", name="又一纪检", phone="0512-01000023", jurisdiction=there.places["示例区"], only_chosen=True),
        )


async def test_each_office_files_the_grids_that_it_serves(there: World) -> None:
    await serve(there, "园片", "化管办")
    ready = {one.unit.name: [grid.now.name for grid in one.grids] for one in await filing.ready(there.call)}
    assert ready["化管办"] == ["园片"]
    assert "园片" not in ready.get("东所", [])
    place = there.places["东镇"]
    east, chem = there.call.as_(await there.office("东所")), there.call.as_(await there.office("化管办"))
    mine = await filing.ready_at(chem, place, "grids")
    assert mine is not None
    assert mine.ours
    id_ = await filing.file(chem, place, "grids", form="f" * 20, mark=mine.mark)
    row = await filing.filing(east, id_)
    assert not await filing.may_withdraw(east, row), "the office beside it files its own"
    assert await filing.may_withdraw(chem, await filing.filing(chem, id_))


async def test_a_clerk_chooses_it_on_the_page_of_the_grid(there: World, clock) -> None:
    await there.account("east", Role.OFFICE, unit="东所")
    async with visiting(there.call.portal, clock) as site:
        clerk = site()
        await clerk.sign_in("east", PASSWORD)
        target = f"/office/grids/{there.grids['甲村格']}/change"
        form = await clerk.get(target)
        assert {one.text for one in form.all("option")} >= {"东所（东镇）", "化管办（东镇）", "新城局（新城）"}
        await clerk.post(target, {**form.form(target), "served_by": there.units["化管办"]})
        assert "化管办" in (await clerk.get(f"/office/grids/{there.grids['甲村格']}")).text
        unit = await clerk.get(f"/office/units/{there.units['化管办']}")
        assert "只服务指定它的网格" in unit.text
        assert "甲村格" in unit.text
