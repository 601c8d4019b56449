"""From a board's row to a PDF: the code, the markup, and the drawing in a limited child process."""

import base64
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

import qrcode
from jinja2 import Environment

from portal import codes
from portal.boards.layout import CODE_SIDE, SHEETS, Layout, Printed, lay_out
from portal.boards.queries import BoardPage, page
from portal.boards.rules import Facts, photos
from portal.call import Call
from portal.containment import OddError
from portal.errors import Refused
from portal.plugins import Plugins
from portal.storage.files import FileStore
from portal.templating import Templates
from portal.terms import day_words, say
from portal.workshop.fonts import FONT_STACK
from portal.workshop.pdf import draw

COMMON = "board.html"
STRETCHES = (0, 4, 6, 8, 12, 20)  # the shortest stretch with a mode of its own; 0: none
LONGEST = 20_000_000


def environment(plugins: Plugins) -> Environment:
    """Templates of boards: the common one, and each plugin's own ``templates/<plugin>/board.html``, which may extend it."""
    return Templates([Path(__file__).parent / "templates"], plugins.template_folders())


def markup(
    env: Environment, facts: Facts, laid: Layout, said: Printed, size: str, pictures: dict[str, str], *, template: str = COMMON
) -> str:
    """The sheets to draw: everything in them, nothing to fetch."""
    sheet = SHEETS[size]
    k = sheet[0] / SHEETS["A3"][0]
    return env.get_template(template).render(
        facts=facts,
        sheet=sheet,
        k=k,
        fonts=FONT_STACK,
        layout=laid,
        pictures=pictures,
        qr=_code_drawing(f"{said.address}/b/{said.code}", top=laid.foot + 5, k=k),
        code_side=CODE_SIDE,
        said=said,
        grouped=codes.grouped(said.code),
    )


def printed(call: Call, *, code: str, version: int, issued_on: date, trial: bool) -> Printed:
    """What is printed beside the facts of a board."""
    settings = call.portal.settings
    return Printed(
        code=code, address=settings.address, version=version, issued=str(day_words(issued_on)), trial=trial, demo=settings.demo
    )


def pictures_of(files: FileStore, facts: Facts) -> dict[str, str]:
    """The photos of the facts as ``data:`` addresses."""
    return {name: "data:image/jpeg;base64," + base64.b64encode(files.read(name)).decode() for name in photos(facts)}


async def pdf(call: Call, code: str, size: str) -> bytes:
    """The PDF of a board's current version, as it was issued."""
    return await draw_page(call, await page(call, code), size)


async def draw_page(call: Call, board: BoardPage, size: str) -> bytes:
    """The PDF of a board whose row is at hand."""
    if size not in SHEETS:
        raise Refused(say("没有 {size} 这种尺寸，可用：{all}。", size=size, all="、".join(SHEETS)))
    if board.revoked:
        raise Refused(say("这块公示牌已经作废，不能再打印。"))
    said = printed(call, code=board.code, version=board.version, issued_on=board.issued_on, trial=board.trial)
    laid = await call.portal.workshop.do(lay_out, board.printed, said)
    pictures = pictures_of(call.portal.files, board.printed)
    return await call.portal.workshop.do(draw, await _markup(call.portal.plugins, board.printed, laid, said, size, pictures))


async def _markup(plugins: Plugins, facts: Facts, laid: Layout, said: Printed, size: str, pictures: dict[str, str]) -> str:
    """By the common template, or by that of the plugin that states the region, which may fail without harm to others."""
    owner = plugins.owner(facts["region"])
    if owner is None:
        raise Refused(
            say(
                "{region}的方案没有启用，不能打印。已经印制的公示牌照常有效。请联系部署人员启用后再试。",
                region=facts["region_name"],
            )
        )
    env, own = _environment_of(plugins), f"{owner}/{COMMON}"
    if own not in env.list_templates():
        return markup(env, facts, laid, said, size, pictures)

    def work() -> str:
        text = markup(env, facts, laid, said, size, pictures, template=own)
        if len(text) > LONGEST:
            raise OddError(f"> {LONGEST}")
        return text

    made = await plugins.ask(facts["region"], say("排公示牌的版"), work)
    return made if made is not None else markup(env, facts, laid, said, size, pictures)


_environments: list[tuple[Plugins, Environment]] = []


def _environment_of(plugins: Plugins) -> Environment:
    """The environment of these plugins, made once for each portal that runs in this process."""
    for theirs, env in _environments:
        if theirs is plugins:
            return env
    _environments.append((plugins, environment(plugins)))
    return _environments[-1][1]


def _code_drawing(address: str, *, top: float, k: float) -> str:
    """The QR code as an SVG path, level H with a quiet zone of four modules."""
    rows = _smallest_code(address)
    place = f"left:{14 * k:.3f}mm;top:{top * k:.3f}mm;width:{CODE_SIDE * k:.3f}mm;height:{CODE_SIDE * k:.3f}mm"
    path = "".join(f"M{x} {y}h{n}v1h-{n}z" for y, row in enumerate(rows) for x, n in _dark(row))
    return f'<svg viewBox="0 0 {len(rows)} {len(rows)}" style="{place}"><path d="{path}"/></svg>'


def _smallest_code(address: str) -> list[list[bool]]:
    """The modules of the code: the fewer, the larger each is on the wall. How the address is best cut into stretches of digits,
    capitals and bytes, the library does not find out by itself.
    """
    made = []
    for stretch in STRETCHES:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_H, border=4)
        code.add_data(address, optimize=stretch)
        made.append(code.get_matrix())
    return min(made, key=len)


def _dark(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where the dark stretches of a row begin, and how long they are. Modules drawn one by one take five times as long."""
    begun = 0
    for dark, stretch in groupby(row):
        length = len(list(stretch))
        if dark:
            yield begun, length
        begun += length
