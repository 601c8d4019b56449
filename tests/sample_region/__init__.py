"""The region of all core tests: tiny and invented, so that an edited policy never breaks a test of the core."""

from collections.abc import Sequence

from portal.hookspecs import Plugin
from portal.scheme.words import Region
from tests.sample_region.scheme import SAMPLE


class Sample(Plugin):
    """States one region and numbers its patches."""

    def portal_regions(self) -> Sequence[Region]:
        """The sample region."""
        return (SAMPLE,)

    def portal_grid_code(self, region: str, tier: str, division: str, number: int) -> str | None:
        """Patches are P1, P2 …; the rest is left to the portal."""
        return f"P{number}" if (region, tier) == ("sample", "patch") else None


plugin = Sample()
