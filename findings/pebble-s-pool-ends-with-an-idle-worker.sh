#!/bin/sh
# Guess: a process pool that replaces a worker which dies at its task replaces one that dies between two tasks, too.
# Found (pebble 5.2.3, spawn and fork): a worker that is killed at its task is replaced, and the task ends with ProcessExpired, as its
# pages say. One that is killed while it waits for a task takes the pool with it: it turns inactive (seen a second later), and whatever is
# scheduled from then on raises RuntimeError("Unexpected error within the Pool"), until somebody makes a new pool. Whoever keeps children
# for hours, on a machine whose memory may run short, asks `pool.active` before each further task.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check pebble==5.2.3
cat > pool.py <<'P'
import os
import signal
import sys
import time
from multiprocessing import get_context

from pebble import ProcessExpired, ProcessPool


def end_oneself():
    os.kill(os.getpid(), signal.SIGKILL)


def said(pool, work):
    try:
        pool.schedule(work).result(timeout=20)
    except (ProcessExpired, RuntimeError) as error:
        return type(error).__name__
    return "done"


def main():
    for how in ("spawn", "fork"):
        with ProcessPool(max_workers=1, context=get_context(how)) as pool:
            at_work = [said(pool, end_oneself), said(pool, os.getpid)]
            child = pool.schedule(os.getpid).result(timeout=20)
            os.kill(child, signal.SIGKILL)
            time.sleep(2)
            idle = [pool.active, said(pool, os.getpid), said(pool, os.getpid)]
        print(f"{how}: killed at work {at_work}; killed while idle {idle}")
        if (at_work, idle) != (["ProcessExpired", "done"], [False, "RuntimeError", "RuntimeError"]):
            sys.exit("otherwise than found")


if __name__ == "__main__":
    main()
P
env/bin/python pool.py
