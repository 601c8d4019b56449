"""From each of the eleven migrations of before to the one beginning."""

from tests.upgrades.conftest import Databases, databases
from tests.upgrades.test_beginning import OLD, from_all

__all__ = ["databases"]


async def test_from_each_of_the_eleven_a_database_comes_to_the_very_schema_of_the_beginning(
    databases: Databases, worker_id: str
) -> None:
    await from_all(databases, worker_id, range(1, len(OLD) + 1))
