"""The version of everything public, shared by processes."""

import subprocess
import sys
from pathlib import Path

from portal.storage.generation import Generation


def test_every_write_moves_it_and_none_counts_while_one_is_under_way(tmp_path: Path) -> None:
    one, two = Generation(tmp_path / "g"), Generation(tmp_path / "g")
    before = one.current("A")
    two.begin(["A"])
    assert one.current("A") is None
    two.end(["A"])
    assert one.current("A") == (before or 0) + 1


def test_two_writers_at_once(tmp_path: Path) -> None:
    one, two = Generation(tmp_path / "g"), Generation(tmp_path / "g")
    one.begin(["A"])
    two.begin(["A"])
    one.end(["A"])
    assert two.current("A") is None
    two.end(["A"])
    assert one.current("A") == 2


def test_a_writer_that_died_is_forgotten_at_the_next_start(tmp_path: Path) -> None:
    one = Generation(tmp_path / "g")
    one.begin(["A"])
    Generation(tmp_path / "g").settle()
    assert one.current("A") is not None


def test_other_processes_see_it_at_once_and_lose_no_count(tmp_path: Path) -> None:
    path = tmp_path / "g"
    seen = Generation(path)
    code = (
        "import sys; from pathlib import Path; from portal.storage.generation import Generation\n"
        "g = Generation(Path(sys.argv[1]))\nfor _ in range(200): g.begin(['A']); g.end(['A'])"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert seen.current("A") == 600


def test_a_write_to_one_board_leaves_the_pages_of_others(tmp_path: Path) -> None:
    one = Generation(tmp_path / "g")
    before = one.current("B")
    one.begin(["A"])
    assert (one.current("A"), one.current("B")) == (None, before)
    one.end(["A"])
    assert one.current("B") == before
