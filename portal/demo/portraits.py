"""Drawn portraits for invented people: head, shoulders and a helmet, each a little different. Nobody's real face."""

import io
import random

from PIL import Image, ImageDraw

SIZE = (540, 720)
GROUNDS = ("#dfe9ec", "#e6ece4", "#ece7df", "#e3e4ee", "#e9e2e6")
SKINS = ("#f0c9a4", "#e8b98f", "#dba67c", "#f3d3b3")
HAIRS = ("#1d1a19", "#2b2320", "#3a3230", "#55504d")
COATS = ("#2d4a63", "#3b5a4c", "#5a4a3b", "#454a5c", "#2f5560")
HELMETS = ("#f2c230", "#e9e9e4", "#d6613b", "#4d86b5")


def portrait(seed: int) -> bytes:
    """A portrait as PNG; the same seed gives the same face."""
    chance = random.Random(seed)  # noqa: S311 - example data, not secrets
    scale = 2
    image = Image.new("RGB", (SIZE[0] * scale, SIZE[1] * scale), chance.choice(GROUNDS))
    draw = ImageDraw.Draw(image)

    def ellipse(x: float, y: float, rx: float, ry: float, fill: str) -> None:
        draw.ellipse([(x - rx) * scale, (y - ry) * scale, (x + rx) * scale, (y + ry) * scale], fill=fill)

    skin, hair, coat = chance.choice(SKINS), chance.choice(HAIRS), chance.choice(COATS)
    wide, long_hair = chance.uniform(0.92, 1.08), chance.random() < 0.4
    x, y = SIZE[0] / 2, 330
    if long_hair:
        ellipse(x, y + 30, 150 * wide, 200, hair)
    ellipse(x, 770, 250, 230, coat)
    draw.polygon([(a * scale, b * scale) for a, b in ((x - 60, 540), (x + 60, 540), (x, 640))], fill="#f4f4f1")
    ellipse(x, 520, 58, 80, skin)
    ellipse(x - 122 * wide, y + 10, 22, 34, skin)
    ellipse(x + 122 * wide, y + 10, 22, 34, skin)
    ellipse(x, y, 122 * wide, 158, skin)
    for side in (-1, 1):
        ellipse(x + side * 46, y - 2, 13, 9 if chance.random() < 0.8 else 12, "#2a2421")
        draw.line(
            [((x + side * 26) * scale, (y - 34) * scale), ((x + side * 68) * scale, (y - 38) * scale)], fill=hair, width=7 * scale
        )
    draw.line(
        [(x * scale, (y + 8) * scale), ((x - 8) * scale, (y + 46) * scale), ((x + 8) * scale, (y + 48) * scale)],
        fill="#b98a66",
        width=4 * scale,
    )
    smile = chance.uniform(12, 30)
    draw.arc(
        [(x - 44) * scale, (y + 66 - smile) * scale, (x + 44) * scale, (y + 66 + smile) * scale],
        15,
        165,
        fill="#8d4b3c",
        width=6 * scale,
    )
    if chance.random() < 0.3:
        for side in (-1, 1):
            draw.ellipse(
                [(x + side * 46 - 36) * scale, (y - 32) * scale, (x + side * 46 + 36) * scale, (y + 28) * scale],
                outline="#333",
                width=5 * scale,
            )
        draw.line([((x - 10) * scale, (y - 4) * scale), ((x + 10) * scale, (y - 4) * scale)], fill="#333", width=5 * scale)
    _hat(draw, chance, x, y, wide, hair, scale)
    small = image.resize(SIZE, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


def _hat(draw: ImageDraw.ImageDraw, chance: random.Random, x: float, y: float, wide: float, hair: str, scale: int) -> None:
    box = [(x - 134 * wide) * scale, (y - 190) * scale, (x + 134 * wide) * scale, (y + 60) * scale]
    if chance.random() < 0.6:
        helmet = chance.choice(HELMETS)
        draw.pieslice(box, 180, 360, fill=helmet)
        draw.rounded_rectangle(
            [(x - 160 * wide) * scale, (y - 82) * scale, (x + 160 * wide) * scale, (y - 58) * scale], 12 * scale, fill=helmet
        )
        draw.rounded_rectangle(
            [(x - 14) * scale, (y - 190) * scale, (x + 14) * scale, (y - 78) * scale], 12 * scale, fill="#ffffff"
        )
    else:
        draw.pieslice(box, 182, 358, fill=hair)
