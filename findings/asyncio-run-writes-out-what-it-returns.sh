#!/bin/sh
# Guess: asyncio.run hands back what the coroutine returned and looks at nothing of it.
# Found (CPython 3.11 and 3.12; not 3.10, not 3.13): it builds the result's whole repr, twice, and throws it away. After the loop it
# asks signal.getsignal whether Ctrl+C is still handled by itself; that tries the handler as a number of an enum, whose refusal is
# worded with the handler's repr: a partial of the finished task, and so of its result. It is cut to a line only after it was built.
# An object that holds 100,000 small rows costs about a second a call there (all of it under the interpreter's lock), and a `__repr__`
# that was never meant to run does. Under pytest-asyncio it is every test's and fixture's result.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv env
env/bin/python -m pip install --quiet --disable-pip-version-check attrs==25.4.0
env/bin/python - <<'P'
import asyncio
import sys
import time

import attrs


@attrs.frozen
class Row:
    number: int
    name: str


@attrs.frozen
class Sheet:
    rows: tuple[Row, ...]


class Told:
    asked = 0

    def __repr__(self):
        Told.asked += 1
        return "Told()"


async def given(what):
    return what


def seconds(what):
    begun = time.perf_counter()
    asyncio.run(given(what))
    return time.perf_counter() - begun


seconds(Told())
much = Sheet(tuple(Row(n, "示例") for n in range(100_000)))
print(sys.version.split()[0], "repr of the result:", Told.asked, "times;", "an object with 100,000 rows", round(seconds(much), 2), "s")
assert Told.asked == (2 if sys.version_info[:2] in ((3, 11), (3, 12)) else 0), "this changed"
P
