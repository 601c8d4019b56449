"""A process that another one started ends with it, also where that one was killed and could say nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.lifeline import start_child

CHILD = "from portal.lifeline import end_with_parent; end_with_parent(); import os, time; print(os.getpid(), flush=True); time.sleep(600)"
BY_PIPE = f"import sys; from portal.lifeline import start_child; start_child([sys.executable, '-c', {CHILD!r}]).wait()"
BY_SPAWN = """
import multiprocessing, os, time
from portal.lifeline import end_with_parent

def child():
    end_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    made = multiprocessing.get_context("spawn").Process(target=child)
    made.start()
    made.join()
"""


def alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("how", ["pipe", "spawn"])
def test_a_child_ends_when_its_parent_is_killed(how: str, tmp_path) -> None:
    program = tmp_path / "parent.py"
    program.write_text(BY_PIPE if how == "pipe" else BY_SPAWN)
    parent = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 60
    while alive(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(child)


def test_a_program_that_nobody_started_so_goes_on_by_itself() -> None:
    said = "from portal.lifeline import end_with_parent; end_with_parent(); print('on')"
    done = subprocess.run([sys.executable, "-c", said], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert done.stdout == "on\n"


def test_what_a_process_starts_does_not_hear_ctrl_c_which_is_its_parents() -> None:
    hears = "import signal, sys; sys.exit(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    child = start_child([sys.executable, "-c", hears])
    assert child.wait(60) == 1
    child.stdin.close()
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
