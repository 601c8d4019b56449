"""Pictures that strangers send: opened under limits, turned upright, made small, written anew without any metadata."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from portal.terms import say
from portal.workshop.pool import Unreadable

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
# Of what is held while a picture is made small; a JPEG gets smaller while it is read, so that it may have far more
MOST_PIXELS, MOST_IN_JPEG = 60_000_000, 220_000_000
# A picture of a long chat is no wider than a thread when it is as high as others: its shorter side stays so wide
LONG, SHORTER, LONGEST = 3, 640, 16_000
NOT_A_PICTURE = say("这个文件不是能识别的照片（可用 JPG、PNG、WebP、AVIF）")
TOO_MANY_PIXELS = say("照片超过 {n} 万像素，请缩小后再传", n=MOST_PIXELS // 10_000)
HEIC = say("这是 HEIC 格式的照片，打不开。苹果手机：在“设置—相机—格式”里选“兼容性最佳”再拍；已经拍好的，打开照片截一张图，传截图")
# The brands of a file of this family (ISO/IEC 14496-12): HEIC and its sequences
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


@dataclass(frozen=True)
class Picture:
    """A picture that we wrote ourselves: JPEG, upright, no metadata."""

    data: bytes
    thumb: bytes
    width: int
    height: int


def reencode(data: bytes, longest: int, *, most: int = MOST_PIXELS, most_in_jpeg: int = MOST_IN_JPEG) -> Picture:
    """The picture in ``data``, its longer side at most ``longest`` pixels; of one that is more than three times as long as wide
    at most 16,000, and the shorter at most 640. Raises :class:`Unreadable` for all else.
    """
    # We count for ourselves, after a JPEG was made smaller
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            box = _box(opened.size, longest)
            if opened.width * opened.height > most_in_jpeg:
                raise Unreadable(TOO_MANY_PIXELS)
            opened.draft("RGB", box)
            if opened.width * opened.height > most:
                raise Unreadable(TOO_MANY_PIXELS)
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail(_box(upright.size, longest), Image.Resampling.LANCZOS)
            clean = _on_white(upright)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(HEIC if _is_heic(data) else NOT_A_PICTURE) from error
    small = clean.copy()
    small.thumbnail((160, 160), Image.Resampling.LANCZOS)
    return Picture(_jpeg(clean, 82), _jpeg(small, 60), clean.width, clean.height)


def _box(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Into what a picture of this size has to fit."""
    shorter, longer = sorted(size)
    if longer <= LONG * shorter or longest < SHORTER:
        return longest, longest
    return (SHORTER, LONGEST) if size[0] == shorter else (LONGEST, SHORTER)


def _is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS


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
