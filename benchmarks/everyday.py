"""The everyday sheet: new rows, then the same sheet with one row in a hundred changed; what it is found by, and how quickly.

Run as a program it measures the build that PYTHONPATH names and prints one line of figures, so that an earlier build can be
measured beside this one in one run, each with a register of its own.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.results import Row

# The build before imports compared in sets
EARLIER = "7932715"
ROWS = int(os.environ.get("EVERYDAY_ROWS", "100000"))
HERE = Path(__file__).resolve().parent.parent
# One to twenty characters, as people search
QUERIES = (
    "司",
    "苏州",
    "面粉",
    "有限公司",
    "szmf",
    "9132",
    "91320506",
    "示例路",
    "机械制造",
    "化工有限公司",
    "xx",
    "工业园",
    "吴中",
    "机械制造有限公司（示例）",
    "精密五金制品",
    "不会有的名字",
    "科技",
    "9132050600",
    "wz",
    "五金1",
)
ASKED = 5


def measure(*, rounds: int) -> dict[str, dict[str, float]]:
    """The medians of this build and of the earlier one, in turns. Empty where the earlier one is not in the history at hand."""
    with tempfile.TemporaryDirectory(prefix="portal-everyday-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with _checkout(folder / "earlier") as earlier:
            builds = {"now": HERE} | ({"earlier": earlier} if earlier is not None else {})
            found: dict[str, list[dict[str, float]]] = {build: [] for build in builds}
            for n in range(rounds):
                for build, place in builds.items():
                    found[build].append(one := _run(place, folder / f"{build}{n}"))
                    print(f"round {n + 1}, {build}: {one}", flush=True)
    return {build: {what: median(one[what] for one in each) for what in each[0]} for build, each in found.items()}


@contextmanager
def _checkout(place: Path) -> Any:
    added = subprocess.run(
        ["git", "worktree", "add", "--detach", "--force", place, EARLIER], cwd=HERE, capture_output=True, check=False
    )
    try:
        yield place if added.returncode == 0 else None
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", place], cwd=HERE, capture_output=True, check=False)


def _run(build: Path, folder: Path) -> dict[str, float]:
    paths = [str(build), *(str(plugin) for plugin in sorted((build / "plugins").iterdir()))]
    told = subprocess.run(
        [sys.executable, __file__, folder],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
        cwd=build,
    )
    if told.returncode:
        raise RuntimeError(told.stderr[-2_000:])
    figures: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return figures


# Measured: whatever both builds call the same


async def _figures(made: Any) -> dict[str, float]:
    from benchmarks import register
    from portal import clock
    from portal.app import open_portal
    from portal.call import Call
    from portal.viewer import SYSTEM

    try:
        from portal.imports import batches as sheets
        from portal.imports.outcome import Wish
    except ImportError:  # the earlier build
        from portal.imports import actions as sheets
        from portal.imports.actions import Wish

    async with open_portal(made.settings) as portal:
        call = Call(portal, SYSTEM, clock.now())
        places = [
            row["code"] for row in await call.db.rows("select code from jurisdiction where kind in ('village', 'community')")
        ]
        # Made elsewhere: what is measured is the memory of whoever takes them in
        with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
            new, everyday = elsewhere.submit(_sheets, places).result()
        figures = {}
        # A month lies between two ledgers: what the server does after many new rows is over by then
        settle = ("vacuum analyze", "checkpoint")
        for what, data, expected in (("new", new, (ROWS, 0)), ("everyday", everyday, (0, ROWS // 100))):
            id_ = await sheets.bring(call, kind="enterprises", region=register.REGION, data=data)
            begun = time.perf_counter()
            found = await sheets.check(call, id_)
            figures[f"{what}, check"] = time.perf_counter() - begun
            assert (found.errors, found.came, found.changed) == ((), *expected), (found.errors[:2], found.came, found.changed)
            begun = time.perf_counter()
            await sheets.take_in(call, id_, Wish())
            figures[f"{what}, take in"] = time.perf_counter() - begun
            for statement in settle:
                await call.db.rows(statement)
        figures["memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
        return figures | await _search(call)


def _sheets(places: list[str]) -> tuple[bytes, bytes]:
    """A ledger, and the next month's."""
    from benchmarks import imports

    imports.ROWS = ROWS
    rows = _cells(data := imports.sheet("everyday", places))
    return data, imports.plain_export(_changed(rows))


def _cells(data: bytes) -> list[list[Any]]:
    import io

    from python_calamine import CalamineWorkbook

    return [list(row) for row in CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()]


def _changed(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Last month's ledger with this month's changes: contacts and numbers mostly, some addresses, some names."""
    changed = [list(row) for row in rows]
    for n in range(1, len(changed), 100):
        row, which = changed[n], n // 100 % 4
        if which < 2:
            row[4:6] = "示例新人", "0512-07654321"
        elif which == 2:
            row[3] += "乙"
        else:
            row[0] += "新"
    return changed


async def _search(call: Any) -> Mapping[str, float]:
    from portal.enterprises.queries import enterprises
    from portal.storage.lists import Wanted

    size = 0
    for table in ("search_gram", "search_text"):
        if await call.db.value("select to_regclass($1) is not null", f"public.{table}"):
            size += await call.db.value("select pg_total_relation_size($1::regclass)", f"public.{table}")
    times = {}
    for query in QUERIES:
        each = []
        for _ in range(ASKED):
            begun = time.perf_counter()
            await enterprises(call, Wanted(query=query))
            each.append((time.perf_counter() - begun) * 1_000)
        times[query] = median(each)
    slowest = max(times, key=lambda query: times[query])
    print({query: round(one, 1) for query, one in times.items()}, slowest, file=sys.stderr)
    return {
        "index kB a thing": size / 1_024 / ROWS,
        "search ms, median": median(times.values()),
        "search ms, slowest": times[slowest],
    }


def rows(found: Mapping[str, Mapping[str, float]]) -> list[Row]:
    """The ratios; none where there is no earlier build at hand."""
    if "earlier" not in found:
        return []
    now, earlier = found["now"], found["earlier"]
    faster = {
        "new, check": ("new rows, check", 4),
        "new, take in": ("new rows, take in", 4),
        "everyday, check": ("all but 1 % unchanged, check", 10),
        "everyday, take in": ("all but 1 % unchanged, take in", 10),
    }
    told = [
        Row("S10", f"{said}: {EARLIER} / now, {ROWS:,} rows", earlier[what] / now[what], goal)
        for what, (said, goal) in faster.items()
    ]
    return [
        *told,
        Row("S10", "memory of checking and taking in / 600 MB", now["memory MB"] / 600, 1, least=False),
        Row(
            "S10",
            f"search index, bytes: now / {EARLIER}",
            now["index kB a thing"] / earlier["index kB a thing"],
            0.2,
            least=False,
        ),
        *(
            Row(
                "S10",
                f"search by 1 to 20 characters, {which}: now / {EARLIER}",
                now[f"search ms, {which}"] / earlier[f"search ms, {which}"],
                2,
                least=False,
            )
            for which in ("median", "slowest")
        ),
    ]


def table(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The absolute figures."""
    builds = list(found)
    lines = [f"| everyday sheet, {ROWS:,} rows | " + " | ".join(builds) + " |", "| --- |" + " ---: |" * len(builds)]
    return lines + [f"| {what} | " + " | ".join(f"{found[build][what]:.2f}" for build in builds) + " |" for what in found["now"]]


def main(folder: Path) -> None:
    """Measure the build at hand."""
    from benchmarks import register
    from portal.storage.embedded import EmbeddedServer

    folder.mkdir()
    folder.chmod(0o755)
    server = EmbeddedServer(folder)
    server.start()
    try:
        made = register.build(folder, 0, wanted=register.EXAMPLES)
        print(json.dumps(asyncio.run(_figures(made))))
    finally:
        server.destroy()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
