"""Nine thousand broken uploads more than the tests try."""

import pytest

from tests.web.test_web import board, mutated_uploads
from tests.world import World

__all__ = ["board"]


@pytest.mark.parametrize("seed", range(1, 10))
async def test_no_mutated_upload_breaks_us(site, world: World, board: str, seed: int) -> None:
    await mutated_uploads(site, world, board, seed)
