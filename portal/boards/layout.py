"""Where everything on a printed board stands, by rule: positions in millimetres of an A3 sheet, sizes that fit the text.

The templates place blocks absolutely (WeasyPrint lays grids and flex boxes out ten times slower); a smaller sheet is the
same layout scaled. Text that would not fit at the smallest readable size is refused, never cut off.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from portal.boards.rules import Facts
from portal.errors import Refused
from portal.terms import say

SHEETS = {"A3": (297.0, 420.0), "A4": (210.0, 297.0)}
MARGIN, WIDTH = 14.0, 269.0
MIDDLE_TOP, MIDDLE_BOTTOM = 213.0, 328.0
CARD_HEIGHT, TITLE_HEIGHT, GAP = 21.0, 9.0, 3.0
FEWEST_IN_ROW, MOST_IN_ROW = 4, 6
MOST_OF_A_POST = 3
LEADING = 1.42
SMALLEST_TEXT = 3.6
AREA_HEIGHT, FOOT_WIDTH = 12.5, 188.0
# The lines beside the code: the office, how many letters stand before it, and its size where it is short
FOOT = (("supervision", 5, 5.4), ("complaint", 5, 5.4), ("issuer", 0, 4.6))


@dataclass(frozen=True)
class Card:
    """A person's place in a row of people."""

    x: float
    y: float
    w: float
    person: Mapping[str, Any]
    name_size: float
    phone_size: float


@dataclass(frozen=True)
class Block:
    """A titled part of the middle of the board."""

    title: str
    x: float
    y: float
    w: float
    h: float
    cards: Sequence[Card] = ()
    vacant: Sequence[str] = ()
    lines: Sequence[str] = ()
    size: float = 0


@dataclass(frozen=True)
class Layout:
    """Sizes and blocks that depend on the text, in millimetres on A3."""

    title_size: float
    name_size: float
    phone_size: float
    subtitle_size: float
    area_size: float
    subject_size: float
    foot_sizes: Mapping[str, float]
    blocks: Sequence[Block]


def breadth(text: str) -> float:
    """The width of a line of text in ems: a Chinese character is one, a Latin one a little over half."""
    return sum(1.0 if ord(letter) > 0x2E80 else 0.56 for letter in text)


def fitted(text: str, *, width: float, largest: float, smallest: float = 3.0) -> float:
    """The largest size at which ``text`` stands in one line of ``width``; :class:`Refused` where not even the smallest does."""
    size = min(largest, width / max(breadth(text), 1))
    if size < smallest:
        raise Refused(say("“{text}”太长，牌上一行放不下。请改短。", text=text.strip()))
    return size


def paragraph(lines: Sequence[str], *, width: float, height: float, largest: float, what: str) -> float:
    """The largest size at which all lines, wrapped, stand in the box; :class:`Refused` where not even the smallest does."""
    size = largest
    while size >= SMALLEST_TEXT:
        # A line begins with a dot and its blank, and no line may begin with a closing sign
        rows = sum(ceil(breadth(line) * size / (width - 2 * size)) or 1 for line in lines)
        if rows * size * LEADING <= height:
            return size
        size -= 0.2
    raise Refused(say("{what}太长，牌上放不下。请精简文字。", what=what))


def lay_out(facts: Facts) -> Layout:
    """The layout of a board with these facts."""
    lead = facts["lead"]
    subject = facts["enterprise"]["name"] if facts["enterprise"] else facts["grid"]["code"]
    return Layout(
        title_size=fitted(facts["title"], width=WIDTH - 24, largest=16.5),
        name_size=fitted(lead["name"], width=170, largest=23),
        phone_size=fitted(lead["phone"], width=170, largest=19),
        subtitle_size=fitted(subtitle(facts), width=WIDTH - 20, largest=8),
        area_size=paragraph([facts["grid"]["area"]], width=225, height=AREA_HEIGHT, largest=7.2, what=say("责任区")),
        subject_size=fitted(subject, width=225, largest=7.2, smallest=SMALLEST_TEXT),
        foot_sizes={
            key: fitted("\u3000" * before + f"{facts[key]['name']} {facts[key]['phone']}", width=FOOT_WIDTH, largest=largest)
            for key, before, largest in FOOT
        },
        blocks=_blocks(facts),
    )


def subtitle(facts: Facts) -> str:
    """The line under the title: place and grid."""
    return f"{facts['place']} · {facts['grid']['name']}"


def _blocks(facts: Facts) -> list[Block]:
    y = MIDDLE_TOP
    blocks: list[Block] = []
    for section in facts["sections"]:
        others = [person for person in section.get("people", ()) if not _same(person, facts["lead"])]
        if section["shows"] == "people" and (others or section["vacant"]):
            shown = _few(others)
            left = len(others) - len(shown)
            title = say("{title}（另有{n}人，扫码可见）", title=section["title"], n=left) if left else section["title"]
            rows = ceil(len(shown) / _in_row(shown))
            height = TITLE_HEIGHT + rows * CARD_HEIGHT + (6 if section["vacant"] else 0)
            blocks.append(Block(title, MARGIN, y, WIDTH, height, _cards(shown, y + TITLE_HEIGHT), tuple(section["vacant"])))
            y += height + GAP
    texts = [section for section in facts["sections"] if section["shows"] != "people" and section["lines"]]
    if not texts:
        return blocks
    width = (WIDTH - 8 * (len(texts) - 1)) / len(texts)
    height = MIDDLE_BOTTOM - y
    for n, section in enumerate(texts):
        lines = [_line(line) for line in section["lines"]]
        size = paragraph(
            lines, width=width - 2, height=height - TITLE_HEIGHT, largest=6.4, what=say("{title}的内容", title=section["title"])
        )
        blocks.append(Block(section["title"], MARGIN + n * (width + 8), y, width, height, lines=tuple(lines), size=size))
    return blocks


def _few(people: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first of each post and line: a wall has no room for thirty, the page behind the code has."""
    counted: Counter[tuple[str, str]] = Counter()
    shown = []
    for person in people:
        key = (person["post_name"], person.get("line", ""))
        counted[key] += 1
        if counted[key] <= MOST_OF_A_POST:
            shown.append(person)
    return shown


def _in_row(people: Sequence[Mapping[str, Any]]) -> int:
    return min(max(len(people), FEWEST_IN_ROW), MOST_IN_ROW)


def _cards(people: Sequence[Mapping[str, Any]], top: float) -> tuple[Card, ...]:
    in_row = _in_row(people)
    w = WIDTH / in_row
    return tuple(
        Card(
            MARGIN + (n % in_row) * w,
            top + (n // in_row) * CARD_HEIGHT,
            w - 2,
            person,
            fitted(
                person["name"], width=w - (22 if person["photo"] else 5), largest=6.6, smallest=2.4 if person["photo"] else 2.0
            ),
            fitted(person["phone"], width=w - 18, largest=4.4, smallest=2.4),
        )
        for n, person in enumerate(people)
    )


def _same(person: Mapping[str, Any], lead: Mapping[str, Any]) -> bool:
    return (person["post"], person["name"], person["phone"]) == (lead["post"], lead["name"], lead["phone"])


def _line(line: Mapping[str, str]) -> str:
    return f"{line['says']}（{line['every']}）" if line["every"] else line["says"]
