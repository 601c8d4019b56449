"""Pictures as telephones make them: what is taken, what it becomes, and what is said of what is not."""

import io

import pytest
from PIL import Image

from portal.workshop.images import reencode
from portal.workshop.pool import Unreadable


def made(size: tuple[int, int], kind: str = "JPEG", **options: object) -> bytes:
    """A picture of two colours, the right half black."""
    out, picture = io.BytesIO(), Image.new("L", size, 200)
    picture.paste(0, (size[0] // 2, 0, *size))
    picture.convert("RGB").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("size", "becomes"),
    [
        ((8064, 6048), (1600, 1200)),
        ((12000, 9000), (1600, 1200)),
        ((1440, 30000), (640, 13333)),
        ((30000, 1440), (13333, 640)),
        ((1080, 2400), (720, 1600)),
        ((300, 200), (300, 200)),
        ((200, 2000), (200, 2000)),
    ],
)
def test_what_a_telephone_makes_is_taken_and_stays_readable(size: tuple[int, int], becomes: tuple[int, int]) -> None:
    made_small = reencode(made(size), 1600)
    assert (made_small.width, made_small.height) == pytest.approx(becomes, abs=2)
    with Image.open(io.BytesIO(made_small.data)) as found:
        assert found.getpixel((found.width // 4, found.height // 2))[0] > 180
        assert found.getpixel((found.width * 3 // 4, found.height // 2))[0] < 20


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_other_formats_of_telephones_are_taken(kind: str) -> None:
    assert reencode(made((400, 300), kind), 160).width == 160


def test_a_photo_taken_sideways_is_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    made_small = reencode(made((3000, 1000), exif=turned), 1600)
    assert made_small.width < made_small.height


def test_a_portrait_stays_small_however_long_it_is() -> None:
    assert reencode(made((200, 2000)), 400).height == 400


def test_more_pixels_than_may_be_held_are_refused_before_they_are_read() -> None:
    with pytest.raises(Unreadable, match="万像素"):
        reencode(made((101, 100), "PNG"), 1600, most=10_000)
    with pytest.raises(Unreadable, match="万像素"):
        reencode(made((101, 100)), 1600, most_in_jpeg=10_000)
    # Half as wide and high while it is read
    assert reencode(made((400, 400)), 160, most=40_000).width == 160


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_heic_is_called_by_its_name_with_what_to_set(brand: bytes) -> None:
    with pytest.raises(Unreadable, match="HEIC.*兼容性最佳.*截图"):
        reencode(b"\0\0\0\x1cftyp" + brand + bytes(60), 1600)
    with pytest.raises(Unreadable, match="不是能识别的照片"):
        reencode(b"\0\0\0\x1cftypqt  " + bytes(60), 1600)
