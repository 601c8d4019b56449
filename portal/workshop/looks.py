"""How numbers look in a spreadsheet: what people see in a cell is its number in a format, 7 as 007, a day without its year."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from xml.parsers import expat

from portal.terms import say
from portal.workshop.archives import Part, damaged

# Formats that every program knows by number; the lists of the East Asian ones are those of Chinese programs
BUILT_IN = {
    11: "0.00E+00",
    16: "d-mmm",
    17: "mmm-yy",
    48: "##0.0E+0",
    **dict.fromkeys((27, 36, 50, 52, 57), "yyyy-m"),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), "m-d"),
}
# What stands for itself, what nobody sees (a colour, a blank as wide as a letter), and a sign that means something
PIECE = re.compile(r'"([^"]*)"|\\(.)|(\[[^\]]*\]|[_*].)|(.)')
ELAPSED = re.compile(r"\[(?:h+|m+|s+|DBNum.*)\]", re.IGNORECASE)
SCIENCE = re.compile(r"[0#?]*(?:\.([0#?]*))?E[+-]0+", re.IGNORECASE)
WEEKDAY = re.compile(r"d{3,}|a{3,}")
LIVELY = set("#?.,%@ymdhseg")
FIRST, FIRST_1904 = date(1899, 12, 30), date(1904, 1, 1)
# Before it the serial numbers of days are off by one
FROM = 61
LARGE = 1_000_000


@dataclass(frozen=True)
class Seen:
    """What people see in a cell; ``lost`` says that it may be all that is left of the number, ``unlike`` that the number is
    there, only looks otherwise.
    """

    text: str
    lost: bool = False
    unlike: bool = False


Look = Callable[[float], Seen | None]


def looks(styles: Part | None, most: int, *, since_1904: bool) -> Mapping[int, Look]:
    """How the numbers look in cells of each style, by its number, where they look otherwise than they are. A part of more than
    ``most`` bytes says nothing.
    """
    if styles is None or styles.size > most:
        return {}
    formats, found = dict(BUILT_IN), {}
    used = list(_formats(styles, formats))
    for number, id_ in enumerate(used):
        if id_ in formats and (look := _look(formats[id_], FIRST_1904 if since_1904 else FIRST)) is not None:
            found[number] = look
    return found


def _formats(styles: Part, formats: dict[int, str]) -> Iterator[int]:
    """The numbers of the formats of the styles of cells, in order; the formats of the workbook's own are put with the others."""
    used: list[int] = []
    inside = False

    def start(tag: str, values: dict[str, str]) -> None:
        nonlocal inside
        name = tag.rpartition(" ")[2]
        if name == "numFmt" and values.get("numFmtId", "").isdecimal():
            formats[int(values["numFmtId"])] = values.get("formatCode", "")
        elif name == "xf" and inside:
            used.append(int(values["numFmtId"]) if values.get("numFmtId", "").isdecimal() else 0)
        elif name in ("cellXfs", "cellStyles", "dxfs", "cellStyleXfs"):
            inside = name == "cellXfs"

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    try:
        for chunk in styles.chunks():
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged() from error
    yield from used


def _look(code: str, first: date) -> Look | None:
    """How a format shows numbers, where that is to be known."""
    pieces = list(_pieces(code)) if not ELAPSED.search(code) else []
    shown = "".join(sign for _, sign in pieces).lower()
    if science := SCIENCE.fullmatch(shown.strip()):
        return lambda value: _science(value, len(science[1] or ""))
    parts = _parts_of_days(shown.replace("e", "y"))
    if parts is not None:
        return lambda value: _day(value, first, parts) if parts not in ("ymd", "") else None
    if "0" in shown and not set(shown) & LIVELY:
        return lambda value: _digits(value, pieces)
    return None


def _pieces(code: str) -> Iterator[tuple[str, str]]:
    """The pieces of a format for numbers that are no less than 0: texts that stand for themselves, and signs."""
    for match in PIECE.finditer(code):
        if match[4] == ";":
            return
        if match[3] is None:
            yield (match[1] if match[1] is not None else match[2] or ""), match[4] or ""


def _parts_of_days(shown: str) -> str | None:
    """Which of y, m, d a format of days shows; "" for times, None where it is none of days."""
    said = WEEKDAY.sub("", shown)
    if "0" in said or "#" in said or not set(shown) & set("ymdhs"):
        return None
    if "h" in said or "s" in said:
        return "ymd" if "y" in said and "d" in said else "md" if "d" in said else ""
    return "".join(part for part in "ymd" if part in said)


def _science(value: float, decimals: int) -> Seen | None:
    if abs(value) < LARGE:
        return None
    said = f"{value:.{decimals}E}"
    return Seen(said, lost=float(said) == value, unlike=float(said) != value)


def _day(value: float, first: date, parts: str) -> Seen | None:
    """A day of which a part is not seen."""
    if not FROM <= value < (date.max - first).days:
        return None
    day = first + timedelta(days=int(value))
    match parts:
        case "ym":
            return Seen(say("{y}年{m}月", y=day.year, m=day.month))
        case "md":
            return Seen(say("{m}月{d}日", m=day.month, d=day.day))
        case "y":
            return Seen(say("{y}年", y=day.year))
        case "m":
            return Seen(say("{m}月", m=day.month))
    return Seen(say("{d}日", d=day.day))


def _digits(value: float, pieces: Sequence[tuple[str, str]]) -> Seen | None:
    """A whole number in a format of zeros and what stands between them."""
    if value < 0 or not value.is_integer():
        return None
    places = sum(sign == "0" for _, sign in pieces)
    digits = str(int(value)).rjust(places, "0")
    shown, at, more = "", 0, len(digits) - places + 1
    for text, sign in pieces:
        if sign == "0":
            shown += digits[at : at + more]
            at, more = at + more, 1
        else:
            shown += text or sign
    return Seen(shown)
