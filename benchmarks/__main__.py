"""Measure everything in one run and write ``benchmarks/RESULTS.md``."""

import argparse
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from benchmarks import everyday, imports, obligations, pdf, register, results, web
from benchmarks.results import Row, table
from portal.storage.embedded import EmbeddedServer

PORT = 8791
VERSIONS = ("litestar", "uvicorn", "asyncpg", "jinja2", "weasyprint", "django", "flask", "sqlalchemy", "gunicorn")


Part = tuple[list[Row], list[list[str]]]


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=6)
    options.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), help="some parts, told and not written down")
    given = options.parse_args()
    head = _head(given, _measured())
    rows: list[Row] = []
    tables: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="portal-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part, work in PARTS.items():
            if part in given.only:
                more, figures = work(folder / part, given)
                rows += more
                tables += figures
    told = results.report(head, rows, *tables)
    if set(given.only) == set(PARTS):
        results.RESULTS.write_text(told)
    print(told)


def _boards(folder: Path, given: argparse.Namespace) -> Part:
    print(f"making a register of {register.ENTERPRISES:,} enterprises", flush=True)
    with _server(folder / "data"):
        made = register.build(folder / "data", PORT)
        pages, size = web.measure(made, folder, rounds=given.rounds, seconds=given.seconds)
        drawings = pdf.measure(made, rounds=given.rounds)
    told = f"{register.ENTERPRISES:,} enterprises with boards; a page of {size:,} bytes."
    return [*_board_rows(pages), *_drawing_rows(drawings)], [[told], table(pages), pdf_table(drawings)]


def _imports(folder: Path, given: argparse.Namespace) -> Part:
    with _server(folder):
        sheets = imports.measure(folder, rounds=given.rounds)
    return _sheet_rows(sheets), [sheet_table(sheets)]


def _everyday(_: Path, given: argparse.Namespace) -> Part:
    found = everyday.measure(rounds=given.rounds)
    return everyday.rows(found), [everyday.table(found)]


def _obligations(folder: Path, given: argparse.Namespace) -> Part:
    sizes = obligations.measure(folder, rounds=given.rounds)
    return obligations.rows(sizes), [obligations.table(sizes)]


PARTS: dict[str, Callable[[Path, argparse.Namespace], Part]] = {
    "boards": _boards,
    "imports": _imports,
    "everyday": _everyday,
    "obligations": _obligations,
}


@contextmanager
def _server(folder: Path) -> Iterator[None]:
    server = EmbeddedServer(folder)
    server.start()
    try:
        yield
    finally:
        server.destroy()


def _measured() -> str:
    """The commit that is measured: asked at the start, since the tree may change while this goes on."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    changed = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True, check=False).stdout.strip()
    return f"commit {commit or '?'}{' with changes' if changed else ''}"


def _head(given: argparse.Namespace, measured: str) -> list[str]:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "?"
    )
    return [
        f"Date {datetime.now(UTC):%Y-%m-%d}, {measured}.",
        f"Machine: {os.cpu_count()} cores, {model}, Python {platform.python_version()}; "
        + ", ".join(f"{name} {version(name)}" for name in VERSIONS if find_spec(name))
        + ".",
        f"{given.rounds} rounds, of {given.seconds} s where a server is asked, interleaved, medians; one server process on core 0, wrk on "
        "core 1, PostgreSQL free.",
    ]


def _board_rows(pages: dict[str, dict[int, web.Figures]]) -> list[Row]:
    def rate(name: str) -> float:
        return pages[name][32].per_second

    ours, kept = pages["portal"], rate("portal, kept")
    django = max(rate(name) for name in pages if name.startswith("Django"))
    flask = max(rate(name) for name in pages if name.startswith("Flask"))
    bare, bare_same = rate("bare ASGI, fixed bytes"), rate("bare ASGI, 304")
    return [
        Row(
            "S1",
            "board page, nothing kept / Litestar + Jinja + asyncpg, one query",
            rate("portal") / rate("Litestar + Jinja + asyncpg"),
            0.9,
        ),
        Row("S1", "board page, nothing kept / Django's best worker kind", rate("portal") / django, 3),
        Row("S1", "board page, nothing kept / Flask + SQLAlchemy Core", rate("portal") / flask, 2),
        Row("S1", "p99 / p50 at 128 connections", ours[128].p99 / ours[128].p50, 3, least=False),
        Row("S2", "board page, kept / bare ASGI on the same server", kept / bare, 0.8),
        Row("S2", "not modified (304) / bare ASGI's 304", rate("portal, kept, 304") / bare_same, 0.8),
    ]


def _drawing_rows(drawings: dict[str, pdf.Drawing]) -> list[Row]:
    plain, tuned = drawings["plain"], drawings["tuned"]
    return [
        Row("PDF", "WeasyPrint plain / tuned, time a board", plain.ms / tuned.ms, None),
        Row("PDF", "WeasyPrint plain / tuned, peak memory", plain.peak_mb / tuned.peak_mb, None),
    ]


def _sheet_rows(sheets: imports.Figures) -> list[Row]:
    return [
        Row("S10", "taking in 100,000 rows / calamine + COPY of what came of them", sheets.take / sheets.plain, 3, least=False),
        Row(
            "S10", "checking first and then taking in / the same", (sheets.check + sheets.take) / sheets.plain, None, least=False
        ),
        Row("S10", "exporting 100,000 rows / xlsxwriter alone", sheets.export / sheets.plain_export, 1.3, least=False),
    ]


def sheet_table(sheets: imports.Figures) -> list[str]:
    """The absolute figures of the imports."""
    names = {
        "check": "check",
        "take": "take in",
        "undo": "take back",
        "plain": "calamine + COPY",
        "export": "export",
        "plain_export": "xlsxwriter alone",
    }
    return [
        f"| {imports.ROWS:,} rows | s |",
        "| --- | ---: |",
        *(f"| {said} | {getattr(sheets, name):.1f} |" for name, said in names.items()),
    ]


def pdf_table(drawings: dict[str, pdf.Drawing]) -> list[str]:
    return [
        "| WeasyPrint | ms a board | peak MB | kB a PDF |",
        "| --- | ---: | ---: | ---: |",
        *(f"| {way} | {one.ms:.0f} | {one.peak_mb:.0f} | {one.size / 1000:.0f} |" for way, one in drawings.items()),
    ]


if __name__ == "__main__":
    main()
