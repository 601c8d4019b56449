#!/bin/sh
# Guess: with `--dist loadgroup`, one worker of pytest-xdist runs all tests that bear the same xdist_group, as its page says.
# Found (pytest-xdist 3.8.0): with pytest 9.1.1 it does; with pytest 9.2.0 every test goes wherever there is room, and nothing tells.
# The group is handed to the scheduler at the end of the test's id; xdist writes it into the field `_nodeid`, and from 9.2 on the id
# no longer comes from there. What a group was there for, a fixture too dear to be made twice, or a thing of which there is one, is
# made in every worker. A scheduler of one's own (pytest_xdist_make_scheduler) that goes by file and parameter needs no such mark.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
cat > test_group.py <<'P'
import time

import pytest


@pytest.mark.xdist_group("one worker")
@pytest.mark.parametrize("n", range(20))
def test_where(n, worker_id):
    time.sleep(0.05)
    with open("seen", "a") as file:
        file.write(f"{worker_id}\n")
P
workers() {
    python3 -m venv "env-$1"
    "env-$1/bin/python" -m pip install --quiet --disable-pip-version-check "pytest==$1" pytest-xdist==3.8.0
    rm -f seen
    "env-$1/bin/python" -m pytest -q -n 2 --dist loadgroup -p no:cacheprovider >/dev/null
    found=$(sort -u seen | wc -l)
    echo "pytest $1, pytest-xdist 3.8.0: 20 tests of one group ran in $found of 2 workers"
    [ "$found" = "$2" ] || { echo "otherwise than found" >&2; exit 1; }
}
workers 9.1.1 1
workers 9.2.0 2
