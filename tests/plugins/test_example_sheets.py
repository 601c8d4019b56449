"""The messy sheets of the example register, brought in once more: nothing is new, nothing changes, nothing is refused."""

import pytest

from portal.imports import taking
from portal.imports.importable import KINDS
from portal.imports.outcome import Wish
from tests.plugins.conftest import REGIONS, filled


# The largest is tried in the drills
@pytest.mark.parametrize("region", [region for region in REGIONS if region != "tianjin"])
async def test_the_example_s_sheets_come_in_again_unchanged(three, clock, region: str) -> None:
    await unchanged(three, clock, region)


async def unchanged(three, clock, region: str) -> None:
    """Fill the example register of a region, and try its sheets once more."""
    call, _ = await filled(three, region, clock)
    told = {}
    for file in sorted((call.portal.settings.data / "sheets").iterdir()):
        kind = next((kind for kind in KINDS if kind in file.name), None)
        assert kind is not None, file.name
        found = await taking.run(call, kind=kind, region=region, data=file.read_bytes(), wish=Wish(), write=False)
        told[file.name] = (found.errors[:3], found.came, found.changed)
    assert set(told.values()) == {((), 0, 0)}, told
