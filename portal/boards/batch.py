"""Printing many boards: issue what is missing or no longer true, draw each, write files, a manifest, and all bound; resumable."""

import csv
import fcntl
import hashlib
import io
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.boards import queries
from portal.boards.actions import bring_along, issue
from portal.boards.printing import draw_page
from portal.boards.public_url import only_trial
from portal.boards.queries import Target
from portal.call import Call
from portal.errors import NotVisible, Refused
from portal.ledger.actions import record
from portal.terms import SUBJECT, say
from portal.workshop.pdf import bind
from portal.workshop.sheets import inert

MANIFEST = "manifest.csv"
FILE, DIGEST, ADDRESS = say("文件"), say("校验值"), say("网址")
HEADINGS = (
    say("公示牌编号"),
    say("挂在"),
    say("名称"),
    say("网格编号或信用代码"),
    say("版本"),
    FILE,
    DIGEST,
    ADDRESS,
    say("没有生成的原因"),
)
# Of all boards in one file, which whoever prints them prints in one go
BOUND, MOST_BOUND = say("合订"), 200
# What no file of Windows may have in its name, and how long it may be so that it can be unpacked anywhere, in bytes
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
LONGEST_NAME = 120
BOM = "\ufeff"


@dataclass(frozen=True)
class DrawnBoard:
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


async def draw_all(call: Call, targets: Sequence[Target], *, size: str, out: Path) -> AsyncIterator[DrawnBoard]:
    """Draw each target's board into ``out``, one at a time, and keep the manifest beside them.

    A board that was never issued, or that no longer tells the truth, is issued first: what is printed is true today. A
    file that an earlier run left, of the same version and address and whole, is not drawn again. At the end all of them are
    bound together, in the order of the targets.
    """
    with _alone(out):
        async for one in _draw_all(call, targets, size=size, out=out):
            yield one


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Make the folder; of two who would draw into it at once, one does: else versions of both would lie in it."""
    out.mkdir(parents=True, exist_ok=True)
    held = os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Refused(say("另一条命令正往 {out} 里生成公示牌。请等它做完，或换一个文件夹。", out=out)) from error
    finally:
        os.close(held)


async def _draw_all(call: Call, targets: Sequence[Target], *, size: str, out: Path) -> AsyncIterator[DrawnBoard]:
    earlier = _begin(out)
    real = await only_trial(call) is None
    files: list[str] = []
    with (out / MANIFEST).open("w", encoding="utf-8", newline="") as manifest:
        manifest.write(BOM)
        rows = csv.writer(manifest)
        rows.writerow(HEADINGS)
        for target in targets:
            try:
                one = await _draw(call, target, size=size, out=out, real=real, earlier=earlier)
            except (Refused, NotVisible) as error:
                one = DrawnBoard(target, code=target.board or "", refused=error.text)
            rows.writerow(one.row)
            manifest.flush()
            files += [str(out / one.file)] if one.file else []
            yield one
    await _bind(call, out, files, size)


async def _draw(
    call: Call, target: Target, *, size: str, out: Path, real: bool, earlier: Mapping[str, Mapping[str, str]]
) -> DrawnBoard:
    board = await queries.page(call, target.board) if target.board else None
    if board is not None and board.waits:
        await bring_along(call, board.code)
        board = await queries.page(call, board.code)
    if board is None or board.changed or (board.trial and real):
        board = await queries.page(call, await issue(call, target.of, target.id))
    name = f"{_plain(target.name)} {board.code} v{board.version} {size}.pdf"
    path = out / name
    address = f"{call.portal.settings.address}/b/{board.code}"
    data = path.read_bytes() if path.exists() else b""
    kept = earlier.get(name, {})
    if not data or (kept.get(DIGEST), kept.get(ADDRESS)) != (_digest(data), address):
        data = await draw_page(call, board, size)
        half = path.with_suffix(".half")
        try:
            half.write_bytes(data)
            half.rename(path)
        except OSError:
            half.unlink(missing_ok=True)
            raise
    return DrawnBoard(target, board.code, board.version, name, _digest(data), address)


def _plain(name: str) -> str:
    """A name as a file may bear it: the code after it tells those apart that look alike then."""
    said = NOT_IN_NAMES.sub(" ", name).encode()[:LONGEST_NAME].decode(errors="ignore")
    return " ".join(said.split()).strip(". ") or "-"


async def _bind(call: Call, out: Path, files: Sequence[str], size: str) -> None:
    """Bind all boards, in one file or in a few."""
    parts = [files[n : n + MOST_BOUND] for n in range(0, len(files), MOST_BOUND)]
    for n, part in enumerate(parts, 1):
        name = f"{BOUND} {size}" if len(parts) == 1 else f"{BOUND} {size} {n}-{len(parts)}"
        await call.portal.workshop.do(bind, part, str(out / f"{name}.pdf"))


def _begin(out: Path) -> dict[str, dict[str, str]]:
    """Read what an earlier run left in the folder; what it bound is bound anew."""
    for old in out.glob(f"{BOUND} *.pdf"):
        old.unlink()
    return _read_manifest(out / MANIFEST)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read_manifest(path: Path) -> dict[str, dict[str, str]]:
    """The lines of an earlier manifest by file name."""
    if not path.exists():
        return {}
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8").removeprefix(BOM)))
    return {row[FILE]: row for row in rows if row.get(FILE)}


async def note_printed(call: Call, *, region: str, count: int, size: str, area: str) -> None:
    """Write into the ledger that a batch was printed."""

    async def work() -> None:
        await record(call, "printed", "board", region, area=area, data={"count": count, "size": size})

    await call.db.run_tx(work)


def summary(done: int, refused: int) -> str:
    """What came of a batch, in words."""
    if refused:
        return say("已生成 {done} 块（PDF），{refused} 块没有生成（原因见 manifest.csv）", done=done, refused=refused)
    return say("已生成 {done} 块（PDF）", done=done)
