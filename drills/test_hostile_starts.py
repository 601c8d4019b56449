"""`portal serve` with each plugin that cannot be used, and with those that no thread can stop."""

from pathlib import Path

import pytest

from tests.plugins.test_hostile_plugins import CASES, OUT, REGION, SAFE, Prepared, board_stays_alive, prepared, served

__all__ = ["prepared"]
SOUND = "from portal.hookspecs import Plugin\nclass P(Plugin):\n    def portal_regions(self): return ()\nplugin = P()\n"
MORE = {
    # So long that it is not waited for, and over by itself
    "holds": ("sum(range(2_000_000_000))\n", "“holds”在启动时没有做完就停住"),
    "floods": ("import sys\nsys.stdout.write('x' * 1_000_000)\nraise SystemExit('enough')\n", "“floods”无法导入：enough"),
    "turns": (
        "from pathlib import Path\nseen = Path(__file__).with_name('seen')\nif seen.exists(): raise OSError('again')\nseen.touch()\n",
        "“turns”无法导入：again",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_board_stays_alive_whatever_a_plugin_does_at_start(name: str, prepared: Prepared, tmp_path: Path) -> None:
    board_stays_alive(name, prepared, tmp_path)


@pytest.mark.parametrize("name", MORE)
def test_what_no_thread_can_stop_leaves_the_boards_alive(name: str, prepared: Prepared, tmp_path: Path) -> None:
    site = tmp_path / "site"
    package, info = site / f"portal_{name}", site / f"portal_{name}-0.1.0.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    source, said = MORE[name]
    (package / "__init__.py").write_text(source + SOUND)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: portal-{name}\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[portal.plugins]\n{name} = portal_{name}:plugin\n")
    with served(prepared, tmp_path, plugins=(REGION, name), path=str(site)) as running:
        page = running.get(f"/b/{prepared.board}")
        assert page.status_code == 200, running.said[-2000:]
        assert prepared.phone in page.text
        assert running.get("/sign-in").status_code == 503
        assert said in running.said
        assert OUT in running.said
        assert SAFE in running.said
