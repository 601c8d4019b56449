"""What the README's commands begin with works on a fresh machine, also on the day on which newer releases are out."""

from pathlib import Path

from tests.fresh_machine import fresh_machine, pinned


def test_everything_is_set_up_from_the_locks_by_the_oldest_pip_beside_newer_releases(tmp_path: Path) -> None:
    machine = fresh_machine(tmp_path)
    assert machine.version("pip") == "23.0.1"
    done = machine.run("./run", "setup")
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert machine.version("pip") == "23.0.1"
    for package, version in pinned("dev").items():
        assert machine.version(package) == version, package
    assert machine.run(".venv/bin/portal", "plugins").returncode == 0
