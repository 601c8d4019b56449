"""Every lock can be installed by the oldest pip beside newer releases; `./run setup` as a whole is tried in test_fresh_machine.py beside this."""

import re
from pathlib import Path

from tests.fresh_machine import LOCKS, fresh_machine, pinned
from tests.test_architecture import ROOT


def test_every_lock_can_be_installed_beside_newer_releases(tmp_path: Path) -> None:
    machine = fresh_machine(tmp_path)
    (line,) = re.findall(r'^install_locked\(\) \{ "\$BIN/python" (.+) "\$@"; \}$', (ROOT / "run").read_text(), re.MULTILINE)
    for lock in LOCKS:
        done = machine.run(".venv/bin/python", *line.split(), "--dry-run", "--ignore-installed", "-r", f"requirements/{lock}.txt")
        assert done.returncode == 0, done.stderr[-2000:]
        print(f"{lock}: {len(pinned(lock))} packages, each as pinned, by pip {machine.version('pip')}")
