"""Pictures that strangers send: opened under limits, turned upright, made small, written anew without any metadata."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from portal.terms import say
from portal.workshop.pool import Unreadable

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
NOT_A_PICTURE = say("这个文件不是能识别的照片（可用 JPG、PNG、WebP）")
TOO_MANY_PIXELS = say("照片超过 {n} 万像素，请缩小后再传", n=MOST_PIXELS // 10_000)


@dataclass(frozen=True)
class Picture:
    """A picture that we wrote ourselves: JPEG, upright, no metadata."""

    data: bytes
    thumb: bytes
    width: int
    height: int


def reencode(data: bytes, longest: int) -> Picture:
    """The picture in ``data``, its longer side at most ``longest`` pixels. Raises :class:`Unreadable` for all else."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise Unreadable(TOO_MANY_PIXELS)
                opened.draft("RGB", (longest, longest))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((longest, longest), Image.Resampling.LANCZOS)
                clean = _on_white(upright)
        except Unreadable:
            raise
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise Unreadable(TOO_MANY_PIXELS) from error
        except Exception as error:
            raise Unreadable(NOT_A_PICTURE) from error
    small = clean.copy()
    small.thumbnail((160, 160), Image.Resampling.LANCZOS)
    return Picture(_jpeg(clean, 82), _jpeg(small, 60), clean.width, clean.height)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGB", layered.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    clean = Image.new("RGB", picture.size)
    clean.paste(picture.convert("RGB"))
    return clean


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
