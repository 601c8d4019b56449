"""Writing down what was measured: the ratio, the goal, the verdict; the absolute figures below, as they move."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.web import Figures

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass(frozen=True)
class Row:
    """A ratio with its goal: at ``least`` that, or at most; None where it is only told."""

    id: str
    what: str
    ratio: float
    goal: float | None
    least: bool = True

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return "—"
        met = self.ratio >= self.goal if self.least else self.ratio <= self.goal
        return "met" if met else "**missed**"

    def __str__(self) -> str:
        goal = "—" if self.goal is None else f"{'≥' if self.least else '≤'} {self.goal:g}"
        return f"| {self.id} | {self.what} | {self.ratio:.2f} | {goal} | {self.verdict} |"


def table(pages: dict[str, dict[int, Figures]]) -> list[str]:
    """The absolute figures of the board page."""
    counts = sorted(next(iter(pages.values())))
    head = ["case"] + [f"{n}: {what}" for n in counts for what in ("answers/s", "p50 ms", "p99 ms", "CPU µs")]
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    for name, by in pages.items():
        cells = [f"{by[n].per_second:.0f} | {by[n].p50:.2f} | {by[n].p99:.2f} | {by[n].cpu:.0f}" for n in counts]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def report(head: Sequence[str], rows: Sequence[Row], *tables: Sequence[str]) -> str:
    """The report."""
    parts = [
        "# What was measured",
        "Written by `make bench`. Absolute figures move from machine to machine and run to run; what counts is the ratio, measured side "
        "by side. Every server fills the same page template from the same database. S1 is the page behind a board's code made anew for "
        "each visit, S2 the same page kept whole; PDF is a board drawn by WeasyPrint as one would first write it (plain) and as the "
        "portal does (tuned: everything placed absolutely, fonts kept). S10 is a sheet of new enterprises; beside it, the same rows parsed and "
        "copied into tables with the same columns, constraints and indexes. S9 is who owes what in a province of real divisions, 89 "
        "enterprises a village; beside it, SQL written by hand for the same answers, whose equality is checked. Counting is done beside "
        "people, by the portal's clock; S13 is what a person opens, at a million enterprises against ten thousand. The everyday sheet is measured beside the build of before: new rows, and "
        "then the same rows with one in a hundred changed; and what enterprises are found by.",
        *head,
        "\n".join(
            [
                "| id | ratio | measured | goal | verdict |",
                "| --- | --- | ---: | ---: | --- |",
                *(str(row) for row in rows),
            ]
        ),
        "## The figures behind the ratios",
        *("\n".join(lines) for lines in tables),
    ]
    return "\n\n".join(parts) + "\n"
