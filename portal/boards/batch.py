"""Printing many boards: issue what is missing or no longer true, draw each, write files and a manifest, resumable."""

import csv
import hashlib
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.boards import queries
from portal.boards.actions import bring_along, issue
from portal.boards.printing import draw_page
from portal.boards.public_url import only_trial
from portal.boards.queries import Target
from portal.call import Call
from portal.errors import Refused
from portal.ledger.actions import record
from portal.terms import SUBJECT, say
from portal.workshop.sheets import inert

MANIFEST = "manifest.csv"
HEADINGS = ("code", "of", "name", "grid_or_credit_code", "version", "file", "sha256", "address", "refused")
BOM = "\ufeff"


@dataclass(frozen=True)
class Drawn:
    """One board of a batch: its file, or why there is none."""

    target: Target
    code: str = ""
    version: int = 0
    file: str = ""
    digest: str = ""
    address: str = ""
    refused: str = ""

    @property
    def row(self) -> tuple[str | int, ...]:
        """Its line in the manifest."""
        said = (self.code, SUBJECT[self.target.of], self.target.name, self.target.code)
        rest = (self.file, self.digest, self.address, self.refused)
        return (*map(inert, said), self.version or "", *map(inert, rest))


async def draw_all(call: Call, targets: Sequence[Target], *, size: str, out: Path) -> AsyncIterator[Drawn]:
    """Draw each target's board into ``out``, one at a time, and keep the manifest beside them.

    A board that was never issued, or that no longer tells the truth, is issued first: what is printed is true today. A
    file that an earlier run left, of the same version and address and whole, is not drawn again.
    """
    earlier = _begin(out)
    real = await only_trial(call) is None
    with (out / MANIFEST).open("w", encoding="utf-8", newline="") as manifest:
        manifest.write(BOM)
        rows = csv.writer(manifest)
        rows.writerow(HEADINGS)
        for target in targets:
            try:
                one = await _draw(call, target, size=size, out=out, real=real, earlier=earlier)
            except Refused as error:
                one = Drawn(target, code=target.board or "", refused=error.text)
            rows.writerow(one.row)
            manifest.flush()
            yield one


async def _draw(
    call: Call, target: Target, *, size: str, out: Path, real: bool, earlier: Mapping[str, Mapping[str, str]]
) -> Drawn:
    board = await queries.page(call, target.board) if target.board else None
    if board is not None and board.waits:
        await bring_along(call, board.code)
        board = await queries.page(call, board.code)
    if board is None or board.changed or (board.trial and real):
        board = await queries.page(call, await issue(call, target.of, target.id))
    name = f"{board.code}-v{board.version}-{size}.pdf"
    path = out / name
    address = f"{call.portal.settings.address}/b/{board.code}"
    data = path.read_bytes() if path.exists() else b""
    kept = earlier.get(name, {})
    if not data or (kept.get("sha256"), kept.get("address")) != (_digest(data), address):
        data = await draw_page(call, board, size)
        half = path.with_suffix(".half")
        half.write_bytes(data)
        half.rename(path)
    return Drawn(target, board.code, board.version, name, _digest(data), address)


def _begin(out: Path) -> dict[str, dict[str, str]]:
    """Make the folder, or read what an earlier run left in it."""
    out.mkdir(parents=True, exist_ok=True)
    return _read_manifest(out / MANIFEST)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read_manifest(path: Path) -> dict[str, dict[str, str]]:
    """The lines of an earlier manifest by file name."""
    if not path.exists():
        return {}
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8").removeprefix(BOM)))
    return {row["file"]: row for row in rows if row.get("file")}


async def note_printed(call: Call, *, region: str, count: int, size: str, area: str) -> None:
    """Write into the ledger that a batch was printed."""

    async def work() -> None:
        await record(call, "printed", "board", region, area=area, data={"count": count, "size": size})

    await call.db.run_tx(work)


def summary(done: int, refused: int) -> str:
    """What came of a batch, in words."""
    if refused:
        return say("印好 {done} 块，{refused} 块没有印（原因见 manifest.csv）", done=done, refused=refused)
    return say("印好 {done} 块", done=done)
