"""The region of tests on grids that are enterprises, with a register to begin with."""

from collections.abc import Sequence

from portal.call import Call
from portal.hookspecs import Plugin
from portal.scheme.words import Region
from tests.firm_region.scheme import LEAFY
from tests.world import CODES, World, make_appointment, make_enterprise, make_grid, make_person, make_place, make_unit, picture

VILLAGES = ("甲村", "乙村", "丙村")
BIG, SMALL = {"size": "big", "risky": "no"}, {"size": "small", "risky": "no"}
RISKY = {"size": "small", "risky": "yes"}


class Leafy(Plugin):
    """States the region, and numbers firms by its own rule."""

    def portal_regions(self) -> Sequence[Region]:
        """Leafy."""
        return (LEAFY,)

    def portal_grid_code(self, region: str, tier: str, division: str, number: int) -> str | None:
        """Firms of a village are Q1, Q2 … behind its last digits; the rest is left to the portal."""
        return f"{division[-3:]}Q{number}" if (region, tier) == ("leafy", "firm") else None


plugin = Leafy()


async def make_leafy(call: Call) -> World:
    """One town with three villages, of which the last has no grid, and three firms in the first: big, small, small and risky."""
    world = World(call)
    await make_place(world, "叶省", "98", "province")
    await make_place(world, "叶区", "9801", "district", parent="叶省", region="leafy")
    await make_place(world, "叶镇", "9801001", "town", parent="叶区")
    for n, village in enumerate(VILLAGES, 1):
        await make_place(world, village, f"9801001{n:03d}", "village", parent="叶镇")
    await make_unit(world, "区局", "bureau", "叶区", "0512-01000001")
    await make_unit(world, "纪检", "watch", "叶区", "0512-01000002")
    await make_unit(world, "镇所", "station", "叶镇", "0512-01000003")
    await make_grid(world, "区格", "district-grid", "叶区")
    await make_grid(world, "镇格", "town-grid", "叶镇", parent="区格")
    for village in VILLAGES[:2]:
        await make_grid(world, f"{village}格", "village-grid", village, parent="镇格")
    for name in ("吴厂长", "郑厂长", "王看护"):
        await make_person(world, name, place="叶镇", phone=f"0512-0400000{len(world.people)}", portrait=picture())
    await make_appointment(world, "王看护", "keeper", grid="甲村格")
    await make_enterprise(world, "甲大厂（示例）", "甲村", credit_code=CODES["gravel"], **BIG)
    await make_enterprise(world, "甲小店（示例）", "甲村", credit_code=CODES["flour"], **SMALL)
    await make_enterprise(world, "甲险店（示例）", "甲村", **RISKY)
    return world
