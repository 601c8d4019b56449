"""Zones in zones, and schemes in schemes: whoever answers for a place chooses neither who keeps complaints inside it nor by which
scheme that is decided.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from portal.access import actions as access
from portal.areas import actions, queries
from portal.call import Call
from portal.errors import Refused
from portal.imports import taking
from portal.imports.outcome import Wish
from portal.people.actions import PersonForm, add_person
from portal.plugins import Plugins, assemble
from portal.scheme.words import Ground
from portal.viewer import Role, Viewer
from tests import firm_region
from tests.imports.test_imports import sheet
from tests.sample_region.later import Stated
from tests.sample_region.scheme import RULES, SAMPLE
from tests.world import World, make_place, make_unit

# The office outside the chain stands in a zone, as in Lishui and Changzhou
WATCH = next(one for one in RULES if getattr(one, "code", "") == "watch")
ZONED = replace(
    SAMPLE, editions=(replace(SAMPLE.editions[0], rules=tuple(replace(r, at=Ground.ZONE) if r is WATCH else r for r in RULES)),)
)


@pytest.fixture(scope="session")
def sample_plugins() -> Plugins:
    """The sample region with its office outside in a zone, beside another region."""
    return assemble({"sample": Stated(ZONED), "leafy": firm_region.plugin})


@pytest.fixture
async def world(call: Call) -> World:
    """A zone with a park in it, each with its office outside."""
    made = World(call)
    await make_place(made, "示例省", "99", "province")
    await make_place(made, "示例区", "9901", "zone", parent="示例省", region="sample")
    await make_place(made, "园", "9901Y", "zone", parent="示例区")
    await make_place(made, "东镇", "9901001", "town", parent="园")
    await make_unit(made, "纪检", "watch", "示例区", "0512-01000002")
    await make_unit(made, "园纪检", "watch", "园", "0512-01000003")
    await make_unit(made, "东所", "station", "东镇", "0512-01000004")
    return made


def of_the_zone(call: Call) -> Call:
    """The zone's own account, an administrator of the zone at that."""
    roles = frozenset({Role.OFFICE, Role.ADMINISTRATOR})
    return call.as_(Viewer(account=1, roles=roles, areas=("/99/9901/",), administers=("/99/9901/",)))


async def by_sheet(call: Call) -> None:
    rows = [["部门名称", "类型", "所在辖区", "电话"], ["又一园纪检", "纪检", "9901Y", "0512-01000009"]]
    found = await taking.run(call, kind="units", region="sample", data=sheet(*rows), wish=Wish(), write=True)
    if found.errors:
        raise Refused(found.errors[0].text)


WRITES: dict[str, Callable[[Call, World], Awaitable[object]]] = {
    "form": lambda call, world: actions.add_unit(
        call, actions.UnitForm(kind="watch", name="又一园纪检", phone="0512-01000009", jurisdiction=world.places["园"])
    ),
    "sheet": lambda call, _: by_sheet(call),
    "telephone": lambda call, world: actions.change_unit(call, world.units["园纪检"], name="园纪检", phone="0512-01000009"),
    "end": lambda call, world: actions.end_unit(call, world.units["园纪检"], call.today),
}


@pytest.mark.clause("PB-3")
@pytest.mark.parametrize("how", WRITES)
async def test_whoever_answers_for_a_zone_sets_up_no_office_outside_in_a_park_of_it(world: World, how: str) -> None:
    with pytest.raises(Refused, match="由上一级辖区"):
        await WRITES[how](of_the_zone(world.call), world)
    place = await queries.jurisdiction(world.call, world.places["园"])
    scheme = actions.scheme_at(world.call, place)
    assert "watch" not in [kind.code for kind in actions.kinds_at(of_the_zone(world.call), scheme, place)]
    above = world.call.as_(Viewer(account=1, roles=frozenset({Role.OFFICE}), areas=("/99/",)))
    await WRITES[how](above, world)


@pytest.mark.clause("PB-3")
async def test_nor_does_their_administrator_write_its_people_or_make_its_accounts_alone(world: World) -> None:
    zone = of_the_zone(world.call)
    form = PersonForm(name="钱新", phone="0512-01000078", jurisdiction=world.places["园"], unit=world.units["园纪检"])
    with pytest.raises(Refused, match="上一级辖区的管理员"):
        await add_person(zone, form)
    grant = access.NewGrant(role=Role.OFFICE, area="/99/9901/9901Y/", unit=await world.unit_id("园纪检"))
    with pytest.raises(access.NeedsAnother):
        await access.create_account(zone, access.NewAccount(login="own", name="示例", grants=(grant,)))


async def test_a_place_that_is_governed_gets_another_scheme_from_above_only(world: World) -> None:
    """Else an office would choose for its next village a scheme by which nobody there keeps complaints."""
    zone, above = of_the_zone(world.call), world.call.as_(Viewer(account=1, roles=frozenset({Role.OFFICE}), areas=("/99/",)))
    for parent in ("示例区", "东镇"):
        form = actions.JurisdictionForm(code="9901Z", name="新村", kind="village", parent=world.places[parent], region="leafy")
        with pytest.raises(Refused, match="“示例区”已选定方案"):
            await actions.add_jurisdiction(zone, form)
    assert await actions.add_jurisdiction(zone, replace(form, region="sample"))
    assert await actions.add_jurisdiction(above, replace(form, code="9901X"))
