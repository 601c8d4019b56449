"""The board as a PDF: WeasyPrint as one would first use it, and as the portal does. One process each, one core."""

import asyncio
import io
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader

from benchmarks.register import Register
from portal.app import open_portal
from portal.boards.layout import Printed, lay_out
from portal.boards.printing import environment, markup, pictures_of, printed
from portal.boards.queries import page
from portal.boards.rules import Facts
from portal.call import Call
from portal.clock import now
from portal.codes import grouped
from portal.settings import Settings, find
from portal.viewer import SYSTEM
from portal.workshop.pdf import draw

BOARDS = 40
WARM = 3


@dataclass(frozen=True)
class Drawing:
    """What drawing a board took: milliseconds (median of all boards), peak megabytes of the process, bytes of a PDF."""

    ms: float
    peak_mb: float
    size: int


def measure(register: Register, *, rounds: int) -> dict[str, Drawing]:
    """Both ways, in processes of their own, rounds interleaved."""
    found: dict[str, list[Drawing]] = {}
    for number in range(rounds):
        for way in WAYS:
            out = subprocess.run(
                [sys.executable, "-m", "benchmarks.pdf", way, *register.codes[:BOARDS]],
                env={**os.environ, "PORTAL_CONFIG": str(register.config)},
                capture_output=True,
                text=True,
                check=True,
                preexec_fn=lambda: os.sched_setaffinity(0, {0}),
            ).stdout
            drawing = Drawing(**json.loads(out.splitlines()[-1]))
            print(f"round {number + 1} WeasyPrint {way}: {drawing.ms:.0f} ms a board, peak {drawing.peak_mb:.0f} MB", flush=True)
            found.setdefault(way, []).append(drawing)
    return {
        way: Drawing(median(one.ms for one in all_), max(one.peak_mb for one in all_), all_[0].size)
        for way, all_ in found.items()
    }


class Plain:
    """A template with a grid and flex boxes, a new FontConfiguration for each document."""

    def __init__(self, call: Call) -> None:
        env = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
        self._template = env.get_template("plain_board.html")
        self._tuned = Tuned(call)

    def __call__(self, facts: Facts, said: Printed, pictures: dict[str, str]) -> bytes:
        from weasyprint import HTML
        from weasyprint.text.fonts import FontConfiguration

        drawing = self._tuned.markup(facts, said, pictures)
        start = drawing.index("<svg")
        text = self._template.render(
            facts=facts,
            pictures=pictures,
            code=said.code,
            grouped=grouped(said.code),
            address=said.address,
            issued=said.issued,
            subtitle=facts["place"],
            qr=drawing[start : drawing.index("</svg>") + 6],
        )
        out = io.BytesIO()
        HTML(string=text).write_pdf(out, font_config=FontConfiguration())
        return out.getvalue()


class Tuned:
    """The portal's own way: everything placed absolutely, the FontConfiguration kept."""

    def __init__(self, call: Call) -> None:
        self._env = environment(call.portal.plugins)

    def markup(self, facts: Facts, said: Printed, pictures: dict[str, str]) -> str:
        return markup(self._env, facts, lay_out(facts, said), said, "A3", pictures)

    def __call__(self, facts: Facts, said: Printed, pictures: dict[str, str]) -> bytes:
        return draw(self.markup(facts, said, pictures))


WAYS: dict[str, Any] = {"plain": Plain, "tuned": Tuned}


async def _boards(codes: list[str]) -> tuple[Any, list[tuple[Facts, Printed, dict[str, str]]]]:
    settings = Settings.read(find())
    async with open_portal(settings) as portal:
        call = Call(portal, SYSTEM, now())
        rows = [await page(call, code) for code in codes]
        return call, [
            (
                row.printed,
                printed(call, code=row.code, version=1, issued_on=row.issued_on, trial=row.trial),
                pictures_of(portal.files, row.printed),
            )
            for row in rows
        ]


def main() -> None:
    call, boards = asyncio.run(_boards(sys.argv[2:]))
    way = WAYS[sys.argv[1]](call)
    for board in boards[:WARM]:
        way(*board)
    took, size = [], 0
    for board in boards:
        begun = time.process_time()
        size = len(way(*board))
        took.append((time.process_time() - begun) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": median(took), "peak_mb": peak, "size": size}))


if __name__ == "__main__":
    main()
