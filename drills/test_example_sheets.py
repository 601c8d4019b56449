"""The messy sheets of the largest example register, brought in once more; the others are in the tests."""

from tests.plugins.conftest import keys, regions, three
from tests.plugins.test_example_sheets import unchanged

__all__ = ["keys", "regions", "three"]


async def test_the_sheets_of_the_largest_example_come_in_again_unchanged(three, clock) -> None:
    await unchanged(three, clock, "tianjin")
