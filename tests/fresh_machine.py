"""A copy of this folder as a fresh machine has it: nothing installed, the pip of Debian 12, and a newer release of every locked package out."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.test_architecture import ROOT

LOCKS = sorted(path.stem for path in (ROOT / "requirements").glob("*.txt") if path.stem != "oldest-pip")
NOT_COPIED = shutil.ignore_patterns(".venv", ".git", "var", "node_modules", "__pycache__", ".*_cache", "vendor")


@dataclass(frozen=True)
class FreshMachine:
    """The copy, and the folder that holds the newer releases."""

    folder: Path
    newer: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Do something there, as on the day on which the newer releases are found."""
        env = os.environ | {"PIP_FIND_LINKS": str(self.newer), "PYTHON": interpreter(), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)

    def version(self, package: str) -> str:
        """Which version of a package is installed."""
        found = self.run(".venv/bin/python", "-c", f"from importlib.metadata import version; print(version({package!r}))")
        assert found.returncode == 0, found.stderr
        return found.stdout.strip()


def interpreter() -> str:
    """The Python below the environment in which the tests run, as a fresh machine would use it."""
    return str(Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}"))


def pinned(lock: str) -> dict[str, str]:
    """The packages of a lock with their versions, less those that only some interpreters need."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==(\S+) \\$", text, re.MULTILINE))


def fresh_machine(folder: Path) -> FreshMachine:
    """Make one in a folder."""
    machine = FreshMachine(folder / "portal", folder / "newer")
    shutil.copytree(ROOT, machine.folder, ignore=NOT_COPIED)
    machine.newer.mkdir()
    for package in {name for lock in LOCKS for name in pinned(lock)}:
        newer_release(machine.newer, package.replace("-", "_"))
    subprocess.run([interpreter(), "-m", "venv", machine.folder / ".venv"], check=True)
    oldest = ("-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements/oldest-pip.txt")
    subprocess.run([".venv/bin/python", *oldest], cwd=machine.folder, capture_output=True, check=True)
    # The environment is taken as the one that `run` made, so that it keeps this pip
    (machine.folder / ".venv" / "done-environment").write_text(f"{machine.folder}\n")
    return machine


def newer_release(folder: Path, package: str) -> None:
    """A release that nobody has seen yet, with every extra that is asked for."""
    extras = "".join(f"Provides-Extra: {extra}\n" for extra in ("argon2", "binary", "email", "pool"))
    info = f"{package}-9999.dist-info"
    with zipfile.ZipFile(folder / f"{package}-9999-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 9999\n{extras}")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
