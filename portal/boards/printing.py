"""From a board's row to a PDF: the code, the markup, and the drawing in a limited child process."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import qrcode
from jinja2 import Environment

from portal import codes
from portal.boards import layout
from portal.boards.queries import BoardPage, page
from portal.boards.rules import Facts, photos
from portal.call import Call
from portal.containment import OddError
from portal.errors import Refused
from portal.plugins import Plugins
from portal.storage.files import FileStore
from portal.templating import Templates
from portal.terms import say
from portal.workshop.fonts import FONT_STACK
from portal.workshop.pdf import draw

CODE_SIDE = 66.0
COMMON = "board.html"
LONGEST = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What is printed beside the facts."""

    code: str
    address: str
    version: int
    issued_on: date
    trial: bool
    demo: bool


def environment(plugins: Plugins) -> Environment:
    """Templates of boards: the common one, and each plugin's own ``templates/<plugin>/board.html``, which may extend it."""
    return Templates([Path(__file__).parent / "templates"], plugins.template_folders())


def markup(env: Environment, facts: Facts, said: Printed, size: str, pictures: dict[str, str], *, template: str = COMMON) -> str:
    """The page to draw: everything in it, nothing to fetch."""
    sheet = layout.SHEETS[size]
    address = f"{said.address}/b/{said.code}"
    return env.get_template(template).render(
        facts=facts,
        sheet=sheet,
        k=sheet[0] / layout.SHEETS["A3"][0],
        fonts=FONT_STACK,
        leading=layout.LEADING,
        layout=layout.lay_out(facts),
        layout_address=layout.fitted(address, width=190, largest=5.6),
        subtitle=layout.subtitle(facts),
        pictures=pictures,
        qr=_code_drawing(address, CODE_SIDE * sheet[0] / layout.SHEETS["A3"][0], sheet[0] / layout.SHEETS["A3"][0]),
        address=address,
        code=said.code,
        grouped=codes.grouped(said.code),
        version=said.version,
        issued=f"{said.issued_on:%Y-%m-%d}",
        trial=said.trial,
        demo=said.demo,
    )


def pictures_of(files: FileStore, facts: Facts) -> dict[str, str]:
    """The photos of the facts as ``data:`` addresses."""
    return {name: "data:image/jpeg;base64," + base64.b64encode(files.read(name)).decode() for name in photos([facts])}


async def pdf(call: Call, code: str, size: str) -> bytes:
    """The PDF of a board's current version, as it was issued."""
    return await draw_page(call, await page(call, code), size)


async def draw_page(call: Call, board: BoardPage, size: str) -> bytes:
    """The PDF of a board whose row is at hand."""
    if size not in layout.SHEETS:
        raise Refused(say("没有 {size} 这种尺寸，可用：{all}。", size=size, all="、".join(layout.SHEETS)))
    if board.revoked:
        raise Refused(say("这块公示牌已经作废，不能再印。"))
    settings = call.portal.settings
    said = Printed(
        code=board.code, address=settings.address, version=board.version, issued_on=board.issued_on, trial=board.trial,
        demo=settings.demo,
    )  # fmt: skip
    pictures = pictures_of(call.portal.files, board.printed)
    return await call.portal.workshop.do(draw, await _markup(call.portal.plugins, board.printed, said, size, pictures))


async def _markup(plugins: Plugins, facts: Facts, said: Printed, size: str, pictures: dict[str, str]) -> str:
    """By the common template, or by that of the plugin that states the region, which may fail without harm to others."""
    owner = plugins.owner(facts["region"])
    if owner is None:
        raise Refused(
            say(
                "{region}的方案没有启用，不能印。已经印好的牌子照常有效。请部署人员启用它的插件后再试。",
                region=facts["region_name"],
            )
        )
    env, own = _kept(plugins), f"{owner}/{COMMON}"
    if own not in env.list_templates():
        return markup(env, facts, said, size, pictures)
    # What does not fit is not the plugin's fault
    layout.lay_out(facts)

    def work() -> str:
        text = markup(env, facts, said, size, pictures, template=own)
        if len(text) > LONGEST:
            raise OddError(f"> {LONGEST}")
        return text

    made = await plugins.ask(facts["region"], say("排公示牌的版"), work)
    return made if made is not None else markup(env, facts, said, size, pictures)


_environments: list[tuple[Plugins, Environment]] = []


def _kept(plugins: Plugins) -> Environment:
    """The environment of these plugins, made once for each portal that runs in this process."""
    for theirs, env in _environments:
        if theirs is plugins:
            return env
    _environments.append((plugins, environment(plugins)))
    return _environments[-1][1]


def _code_drawing(address: str, side: float, k: float) -> str:
    """The QR code as an SVG path, level H with a quiet zone of four modules, ``side`` millimetres in all."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_H, border=4)
    code.add_data(address)
    rows = code.get_matrix()
    place = f"left:{14 * k:.3f}mm;top:{338 * k:.3f}mm;width:{side:.3f}mm;height:{side:.3f}mm"
    path = "".join(f"M{x} {y}h{n}v1h-{n}z" for y, row in enumerate(rows) for x, n in _dark(row))
    return f'<svg viewBox="0 0 {len(rows)} {len(rows)}" style="{place}"><path d="{path}"/></svg>'


def _dark(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where the dark stretches of a row begin, and how long they are. Modules drawn one by one take five times as long."""
    begun = 0
    for dark, stretch in groupby(row):
        length = len(list(stretch))
        if dark:
            yield begun, length
        begun += length
