"""What goes out, opened in another program: LibreOffice finds no formula in it, loses no zero and no digit, and no text."""

import csv
import io
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from portal.boards.actions import issue
from portal.feedback.actions import CaseOpening, open_case
from portal.imports import batches, reports
from portal.imports.exports import SELECTS, export, spreadsheet
from portal.imports.importable import KINDS
from portal.imports.templates import template
from portal.pages.office.exports import EVERYTHING, LISTS
from portal.scheme.words import Kind
from portal.storage.columns import public_id
from portal.storage.lists import Wanted
from portal.viewer import PUBLIC, Role
from portal.workshop.cells import cleaned
from portal.workshop.sheets import read, written, written_csv
from tests.imports.test_exports import credit_codes, crowd, lines, payloads, scheme_of
from tests.world import World

OFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(
    OFFICE is None, reason="LibreOffice (soffice) is not installed: nothing else opens the files here"
)

CSV_OUT = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
# As its window opens a file with a byte order mark: comma, quote, UTF-8; then as the same with everything guessed, in Chinese
CSV_IN = ("CSV:44,34,76", "CSV:44,34,76,1,,2052,false,true")


def converted(folder: Path, files: Mapping[str, bytes], to: str, *, reading: str | None = None) -> dict[str, bytes]:
    """The same files, opened and saved by LibreOffice, by their names without endings."""
    into, out = folder / "in", folder / "out"
    for one in (into, out):
        shutil.rmtree(one, ignore_errors=True)
        one.mkdir(parents=True)
    for name, data in files.items():
        (into / name).write_bytes(data)
    command = [str(OFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += [f"--infilter={reading}"] if reading else []
    command += ["--convert-to", to, "--outdir", str(out), *(str(path) for path in sorted(into.iterdir()))]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    made = {path.stem: path.read_bytes() for path in out.iterdir()}
    assert set(made) == {Path(name).stem for name in files}
    return made


def seen(text: str) -> str:
    """A text without what no two programs agree on: which sign ends a line within a cell."""
    return re.sub(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]", "\n", text)


def table(data: bytes) -> list[list[str]]:
    """CSV as rows, without the empty cells that one program writes and the other leaves out."""
    return trimmed(list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))))


def trimmed(rows: list[list[str]]) -> list[list[str]]:
    found = [[seen(cell) for cell in row] for row in rows]
    for row in found:
        while row and not row[-1]:
            row.pop()
    while found and not found[-1]:
        found.pop()
    return found


def different(a: list[list[str]], b: list[list[str]]) -> list[tuple[int, list[str], list[str]]]:
    assert len(a) == len(b)
    return [(n, one, other) for n, (one, other) in enumerate(zip(a, b, strict=True)) if one != other]


def formulas(ods: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(ods)) as archive:
        return len(re.findall(rb"table:formula=", archive.read("content.xml")))


async def exports(world: World, form: str) -> dict[str, bytes]:
    await crowd(world.call)
    board = await issue(world.call, "enterprise", world.enterprises["甲面粉店（示例）"])
    await open_case(world.call.as_(PUBLIC), CaseOpening(kind=Kind.REPORT, board=board, form=public_id(), text="x"))
    await world.account("keeper", Role.INSPECTOR, person="张看护")
    files = {f"{kind}.{form}": await export(world.call, "sample", kind, form) for kind in SELECTS}
    office = await world.office("东所")
    for name, listing in LISTS.items():
        call = world.call.as_(office) if name == "cases" else world.call
        rows = await listing.rows(call, Wanted(size=EVERYTHING))
        assert rows, name
        files[f"{name}.{form}"] = await spreadsheet(call, name, listing.title, listing.headings, rows, form)
    return files


async def test_every_list_as_a_workbook_is_the_same_text_in_libreoffice(world: World, tmp_path: Path) -> None:
    started = time.monotonic()
    files = await exports(world, "xlsx")
    opened, shown = converted(tmp_path, files, "ods"), converted(tmp_path, files, CSV_OUT)
    counted = 0
    for name, data in files.items():
        kind = Path(name).stem
        assert formulas(opened[kind]) == 0
        ours = trimmed([[cell.removesuffix(" 00:00:00") for cell in row] for row in lines(data)])
        assert different(ours, table(shown[kind])) == [], kind
        counted += sum(map(len, ours))
    print(f"\nxlsx: {len(files)} lists, {counted} cells, 0 formulas, 0 different, {time.monotonic() - started:.1f} s")


@pytest.mark.parametrize("reading", CSV_IN)
async def test_every_list_as_csv_is_the_same_text_in_libreoffice(world: World, tmp_path: Path, reading: str) -> None:
    started = time.monotonic()
    files = await exports(world, "csv")
    opened, counted = converted(tmp_path, files, "xlsx", reading=reading), 0
    for name, data in files.items():
        page = openpyxl.load_workbook(io.BytesIO(opened[Path(name).stem])).active
        cells = [cell for row in page.iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type not in "sdn"]
        assert not [
            (cell.coordinate, cell.value, trimmed(lines(data))[cell.row - 1])
            for cell in cells
            if cell.data_type == "n" and cell.value is not None and Path(name).stem not in LISTS  # which hold counts
        ]
        theirs = [[_said(cell.value) for cell in row] for row in page.iter_rows()]
        assert different(trimmed(lines(data)), trimmed(theirs)) == [], name
        counted += len([cell for cell in cells if cell.value is not None])
    print(
        f"\ncsv ({reading}): {len(files)} lists, {counted} cells, 0 formulas, 0 numbers, 0 different, {time.monotonic() - started:.1f} s"
    )


def _said(value: object) -> str:
    return (
        value.date().isoformat()
        if isinstance(value, datetime)
        else re.sub("_x000[bc]_", "\n", str(value))
        if value is not None
        else ""
    )


async def test_templates_and_copies_hold_no_formula_in_libreoffice(world: World, tmp_path: Path) -> None:
    await crowd(world.call)
    files = {f"template-{kind}.xlsx": await template(world.call, scheme_of(world.call), kind) for kind in KINDS}
    head = ["单位名称", "统一社会信用代码", "所在村或社区", "规模", "高危"]
    rows = [[text, code, "没有此村", "小", text] for text, code in zip(payloads(), credit_codes(), strict=False)]
    for form, data in (("xlsx", written("单位", head, rows)), ("csv", written_csv(head, rows))):
        id_ = await batches.bring(world.call, kind="enterprises", region="sample", data=data)
        await batches.check(world.call, id_)
        files[f"copy-{form}.xlsx"] = await reports.annotated_copy(world.call, id_)
    opened, shown = converted(tmp_path, files, "ods"), converted(tmp_path, files, CSV_OUT)
    assert {name: formulas(data) for name, data in opened.items()} == dict.fromkeys(opened, 0)
    for form in ("xlsx", "csv"):
        ours = [[*row, *[""] * (len(head) - len(row))] for row in read(files[f"copy-{form}.xlsx"])[0].rows]
        # The column of what is wrong is ours: our own reader leaves it out
        theirs = [[cleaned(cell) for cell in row[: len(head)]] for row in table(shown[f"copy-{form}"])]
        assert different(ours, theirs) == []
        assert [row[1] for row in ours[1:]] == [row[1] for row in rows]
