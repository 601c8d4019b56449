"""Where everything on a printed board stands, by rule: positions in millimetres of an A3 sheet, sizes that fit the text.

The templates place blocks absolutely (WeasyPrint lays grids and flex boxes out ten times slower); a smaller sheet is the
same layout scaled. Widths are those of the fonts themselves. What does not fit becomes smaller, then wraps, then stands fewer
in a row, then goes on on a further sheet; it is never cut off, and never smaller than can be read from where people stand.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, pairwise
from math import ceil
from typing import Any

from portal.boards.rules import Facts, characters
from portal.terms import CAPACITY, say
from portal.workshop.fonts import advance, undrawable
from portal.workshop.pool import Unreadable

SHEETS = {"A3": (297.0, 420.0), "A4": (210.0, 297.0)}
MARGIN, WIDTH, HEIGHT = 14.0, 269.0, 420.0
SMALLEST = 5.0  # 14 points on A3, and 10 points on A4, which is the same sheet scaled
STEP = 0.2
CLOSE, LEADING = 1.2, 1.42  # the height of a line, in its letters: of names and numbers, of lists
SLACK = 0.99  # of a line's width: drawn letters stand on whole units of the PDF
TITLE_HEIGHT, GAP, BETWEEN = 10.0, 4.0, 8.0
FEWEST_IN_ROW, MOST_IN_ROW = 4, 6
MOST_OF_A_POST = 3
MOST_LISTS, NARROWEST_LIST = 3, 0.3
WORTH_SPLITTING = 0.4
CODE_SIDE = 66.0
PLAIN = say("公示牌")  # what every board says in some way
# A line does not end behind the ones, and does not begin with the others
OPENING, CLOSING = "（“‘《〈「『【〔[({", "）”’》〉」』】〕])}，。、；：？！,.;:?!·—…-～%％℃々ー"


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What is printed beside the facts: the code, the address that it leads to, version and day; whether as a trial."""

    code: str
    address: str
    version: int
    issued: str
    trial: bool
    demo: bool


@dataclass(frozen=True)
class Words:
    """A text in its place, of that size, in as many lines as fit into its height; ``label`` is the fainter part before it."""

    text: str
    x: float
    y: float
    w: float
    h: float
    size: float
    leading: float = CLOSE
    label: str = ""


@dataclass(frozen=True)
class Card:
    """A person's, or an office's, place in a row of people."""

    x: float
    y: float
    w: float
    h: float
    photo: str | None
    post: Words
    name: Words
    phone: Words


@dataclass(frozen=True)
class Block:
    """A titled part of the middle of a sheet: cards, who is missing, or a list."""

    title: Words
    cards: Sequence[Card] = ()
    vacant: Words | None = None
    lines: Sequence[Words] = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet of a board. What says which one it is is empty where there is only one."""

    number: int
    band: float
    title: Words
    subtitle: Words
    which: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Lead:
    """The part that shows who leads: the place of the photo, and the lines beside it with the rules between them."""

    photo: tuple[float, float, float, float]
    x: float
    w: float
    lines: Mapping[str, Words]
    rules: Sequence[float]


@dataclass(frozen=True)
class Layout:
    """All sheets of a board, and what stands on the first one, or on each, in millimetres of A3."""

    sheets: Sequence[Sheet]
    lead: Lead
    place: Mapping[str, Words]
    tint: tuple[float, float]
    foot: float
    foot_lines: Mapping[str, Words]
    foot_rules: Sequence[float]


# Measuring


def breadth(text: str, *, bold: bool = False) -> float:
    """The width of a line of text in ems."""
    return sum(advance(letter, bold=bold) for letter in text)


def rows_of(text: str, *, size: float, width: float, bold: bool = False) -> int:
    """How many lines a text takes in a box, where anything may be broken that does not fit into a line of its own."""
    line, rows, used = width * SLACK / size, 1, 0.0
    for piece in _pieces(text):
        wide = breadth(piece.rstrip(" "), bold=bold)
        if used + wide > line and used > 0:
            rows, used = rows + 1, 0.0
        if wide > line:
            for letter in piece:
                one = advance(letter, bold=bold)
                if used + one > line and used > 0:
                    rows, used = rows + 1, 0.0
                used += one
        else:
            used += breadth(piece, bold=bold)
    return rows


def _pieces(text: str) -> list[str]:
    """The parts of a text between which a line may end."""
    pieces = [text[:1]]
    for before, letter in pairwise(text):
        if _may_break(before, letter):
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return pieces


def _may_break(before: str, letter: str) -> bool:
    if letter.isspace() or before in OPENING or letter in CLOSING:
        return False
    return before.isspace() or _is_wide(before) or _is_wide(letter)


def _is_wide(letter: str) -> bool:
    return letter >= "\u2e80"


def fitted(text: str, width: float, *, largest: float, bold: bool = False) -> tuple[float, int]:
    """The size at which a text is set in a box of that width, and its lines: as few as it needs, but two of large letters
    rather than one of letters of half the size.
    """
    for rows in count(1):
        least = max(SMALLEST, largest * 0.55) if rows == 1 else SMALLEST
        for n in range(round((largest - least) / STEP) + 1):
            size = round(max(least, largest - n * STEP), 3)
            if rows_of(text, size=size, width=width, bold=bold) <= rows:
                return size, rows
    raise AssertionError


def words(text: str, x: float, y: float, w: float, *, largest: float, bold: bool = False, label: str = "") -> Words:
    """A text put into its place at the size that fits; a ``label`` stands before it in the same line."""
    before = f"{label} " if label else ""
    size, rows = fitted(before + text, w, largest=largest, bold=bold)
    return Words(text, x, y, w, rows * size * CLOSE, size, CLOSE, label)


# The parts


def lay_out(facts: Facts, said: Printed) -> Layout:
    """The layout of a board with these facts: on one sheet where everything fits, with a smaller head where that helps.

    :class:`Unreadable` where a character cannot be drawn here, or a sheet of its own has no room for a single text. It reads
    the fonts, so it is called in a child process.
    """
    if undrawable(PLAIN):
        raise Unreadable(
            say("这台服务器没有装公示牌用的中文字体（Noto Sans CJK SC），印出来只有方框。请部署人员装好字体后再打印。")
        )
    if missing := undrawable(characters(facts)):
        shown = "、".join(f"“{letter}”（U+{ord(letter):04X}）" for letter in missing)
        raise Unreadable(say("这些字没有字体能印出来：{shown}。请核对是否写错，或为服务器安装含有它的字体。", shown=shown))
    roomy, close = _sheets(facts, said, close=False), _sheets(facts, said, close=True)
    return close if len(close.sheets) < len(roomy.sheets) else roomy


def subtitle(facts: Facts) -> str:
    """The line under the title: place and grid."""
    return f"{facts['place']} · {facts['grid']['name']}"


def subject(facts: Facts) -> str:
    """What the board hangs for: the enterprise, or the grid by its code."""
    return str(facts["enterprise"]["name"] if facts["enterprise"] else facts["grid"]["code"])


def _sheets(facts: Facts, said: Printed, *, close: bool) -> Layout:
    first = _head(facts)
    lead, y = _lead(facts["lead"], first.band + 10, close=close)
    place, tint = _place(facts, y + 6)
    foot, foot_lines, foot_rules = _foot(facts, said)
    flow = _Flow(top=tint[0] + tint[1] + 6, next_top=_further_head(facts).band + 8, bottom=foot - GAP)
    for section in facts["sections"]:
        if section["shows"] == "people":
            flow.people(section, facts["lead"])
    lists = [section for section in facts["sections"] if section["shows"] != "people" and section["lines"]]
    for n in range(0, len(lists), MOST_LISTS):
        flow.lists(lists[n : n + MOST_LISTS])
    all_ = len(flow.sheets)
    sheets = []
    for n, blocks in enumerate(flow.sheets, 1):
        which = say("第 {n} 张，共 {all} 张", n=n, all=all_) if all_ > 1 else ""
        head = first if n == 1 else _further_head(facts)
        sheets.append(replace(head, number=n, which=which, blocks=tuple(blocks)))
    return Layout(tuple(sheets), lead, place, tint, foot, foot_lines, foot_rules)


def _head(facts: Facts) -> Sheet:
    title = words(facts["title"], MARGIN + 12, 11.5, WIDTH - 24, largest=16.5, bold=True)
    under = words(subtitle(facts), MARGIN, max(34, title.y + title.h + 2), WIDTH, largest=8)
    return Sheet(1, max(50, under.y + under.h + 6), title, under, "", ())


def _further_head(facts: Facts) -> Sheet:
    title = words(facts["title"], MARGIN + 22, 6, WIDTH - 44, largest=9, bold=True)
    under = words(f"{subtitle(facts)} · {subject(facts)}", MARGIN, title.y + title.h + 2, WIDTH, largest=6)
    return Sheet(0, max(32, under.y + under.h + 5), title, under, "", ())


def _lead(lead: Mapping[str, Any], top: float, *, close: bool) -> tuple[Lead, float]:
    photo_w, photo_h = (57.0, 76.0) if close else (84.0, 112.0)
    x = MARGIN + photo_w + 10
    w, gap = MARGIN + WIDTH - x, 2.0 if close else 4.0
    lines: dict[str, Words] = {}
    rules = []
    y = top

    def put(key: str, text: str, largest: float, *, bold: bool = False, label: str = "") -> None:
        nonlocal y
        lines[key] = words(text, x, y, w, largest=largest, bold=bold, label=label)
        y += lines[key].h + gap / 2

    put("post", lead["post_name"], 6.5 if close else 7.5)
    put("name", lead["name"], 17 if close else 23, bold=True)
    rules.append(y + gap / 2)
    y += gap * 1.5
    put("called", say("联系电话"), 5.4 if close else 6)
    put("phone", lead["phone"], 15 if close else 19, bold=True)
    rules.append(y + gap / 2)
    y += gap * 1.5
    put("badge", lead["badge"] or "—", 6 if close else 6.5, label=say("工作证编号"))
    put(
        "capacity",
        lead["capacity"],
        6 if close else 6.5,
        label=say("分工") if lead["capacity"] == CAPACITY["lead"] else say("执法资格"),
    )
    return Lead((MARGIN, top, photo_w, photo_h), x, w, lines, tuple(rules)), max(y, top + photo_h)


def _place(facts: Facts, top: float) -> tuple[dict[str, Words], tuple[float, float]]:
    area = words(facts["grid"]["area"], 54, top + 3, 223, largest=7.2)
    called = say("挂牌单位") if facts["enterprise"] else say("网格编号")
    what = words(subject(facts), 54, area.y + area.h + 3, 223, largest=7.2)
    found = {
        "area_label": words(say("责任区"), 20, area.y + 0.6, 32, largest=6), "area": area,
        "subject_label": words(called, 20, what.y + 0.6, 32, largest=6), "subject": what,
    }  # fmt: skip
    return found, (top, what.y + what.h + 3 - top)


def _foot(facts: Facts, said: Printed) -> tuple[float, dict[str, Words], tuple[float, ...]]:
    """The lines beside the code, which grow upwards: their place, and the rules between them."""
    x, w, y = 90.0, MARGIN + WIDTH - 90.0, 0.0
    lines: dict[str, Words] = {}
    rules = []

    def put(key: str, text: str, largest: float, *, bold: bool = False, label: str = "") -> None:
        nonlocal y
        lines[key] = words(text, x, y, w, largest=largest, bold=bold, label=label)
        y += lines[key].h + 1.2

    def rule() -> None:
        nonlocal y
        rules.append(y + 0.8)
        y += 2.4

    def office(key: str, label: str, largest: float) -> None:
        put(key, f"{facts[key]['name']} {facts[key]['phone']}", largest, bold=True, label=label)

    put("call", say("扫码：留言 · 举报隐患 · 投诉"), 8.6, bold=True)
    put("promise", say("不用登录，不用下载，可以匿名。打开的网页只会是："), SMALLEST)
    put("address", f"{said.address}/b/{said.code}", 5.6, bold=True)
    rule()
    office("supervision", say("监督电话"), 5.4)
    office("complaint", say("投诉受理"), 5.4)
    put("hotlines", say("举报热线 12350　政务热线 12345　火警 119"), 5.4, bold=True)
    rule()
    put("issuer", f"{facts['issuer']['name']} {facts['issuer']['phone']}", SMALLEST)
    put("version", say("第 {n} 版　{day}　第 10 张，共 10 张", n=said.version, day=said.issued), SMALLEST)
    put("free", say("扫码、举报都不收费，网页不会要求您付款、转账或填写银行卡号"), SMALLEST)
    height = max(y, CODE_SIDE + 12)
    foot = HEIGHT - height - 8
    if foot < HEIGHT / 2:
        raise Unreadable(say("牌下方的部门名称和电话太长，放不下。请到部门页面改短。"))
    moved = {key: replace(line, y=line.y + foot + 4) for key, line in lines.items()}
    return foot, moved, tuple(at + foot + 4 for at in rules)


@dataclass
class _Flow:
    """The middle of the sheets, filled from top to bottom; what has no room goes on on the next one."""

    top: float
    next_top: float
    bottom: float
    sheets: list[list[Block]] = field(default_factory=lambda: [[]])
    y: float = 0

    def __post_init__(self) -> None:
        self.y = self.top

    @property
    def room(self) -> float:
        """How much height is left on this sheet."""
        return self.bottom - self.y

    def turn(self) -> None:
        """Go on on a new sheet."""
        self.sheets.append([])
        self.y = self.next_top

    def put(self, block: Block, height: float) -> None:
        """A block at the present place."""
        self.sheets[-1].append(block)
        self.y += height + GAP

    def people(self, section: Mapping[str, Any], lead: Mapping[str, Any]) -> None:
        """Everybody of a section but who leads; where no clause orders that they be named, the first of each post."""
        others = [person for person in section.get("people", ()) if not _same(person, lead)]
        shown = _few(others) if "assumption" in section["basis"] else others
        title = section["title"]
        if len(shown) < len(others):
            title = say("{title}（另有 {n} 人，扫码可见）", title=title, n=len(others) - len(shown))
        rows = _rows(shown)
        vacant = say("暂缺：{posts}", posts="、".join(section["vacant"])) if section["vacant"] else ""
        while rows or vacant:
            head = words(title, MARGIN, self.y, WIDTH, largest=6.2, bold=True)
            used = max(TITLE_HEIGHT, head.h + 2)
            cards: list[Card] = []
            missing = None
            while rows and used + rows[0][0].h <= self.room:
                cards += [_moved(card, self.y + used) for card in rows[0]]
                used += rows.pop(0)[0].h
            if not rows and vacant:
                line = words(vacant, MARGIN, self.y + used, WIDTH, largest=SMALLEST)
                if used + line.h <= self.room:
                    missing, vacant = line, ""
                    used += line.h
            if cards or missing:
                self.put(Block(head, tuple(cards), missing), used)
                title = _continued(section["title"])
            if rows or vacant:
                self._further(used=bool(cards or missing))

    def lists(self, sections: Sequence[Mapping[str, Any]]) -> None:
        """Lists side by side, of one size; where they do not fit, what is left of each goes on on the next sheet."""
        titles = [section["title"] for section in sections]
        waiting = [[_line(line) for line in section["lines"]] for section in sections]
        widths = _shares([sum(map(breadth, lines)) for lines in waiting], WIDTH - BETWEEN * (len(sections) - 1))
        while any(waiting):
            size = _size_of_lists(waiting, widths, self.room - TITLE_HEIGHT)
            whole = max(_height(lines, size, w) for lines, w in zip(waiting, widths, strict=True))
            if whole + TITLE_HEIGHT > self.room and self.room < WORTH_SPLITTING * whole and self.sheets[-1]:
                self.turn()
                continue
            x, taken, deepest = MARGIN, 0, 0.0
            for n, (lines, w) in enumerate(zip(waiting, widths, strict=True)):
                if lines:
                    block, left = _list(titles[n], lines, x, self.y, w, size, self.room)
                    taken += len(lines) - len(left)
                    if block.lines:
                        self.sheets[-1].append(block)
                        deepest = max(deepest, block.lines[-1].y + block.lines[-1].h - self.y)
                        titles[n] = _continued(sections[n]["title"])
                    waiting[n] = left
                x += w + BETWEEN
            self.y += deepest + GAP
            if any(waiting):
                self._further(used=bool(taken))

    def _further(self, *, used: bool) -> None:
        """A new sheet for what is left; :class:`Unreadable` where an empty one did not take a single line of it."""
        if not used and not self.sheets[-1] and len(self.sheets) > 1:
            raise Unreadable(say("牌上有一段文字太长，整张纸也放不下。请精简文字。"))
        self.turn()


def _continued(title: str) -> str:
    return say("{title}（续）", title=title)


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


def _rows(people: Sequence[Mapping[str, Any]]) -> list[list[Card]]:
    """The cards of people in rows, as many in each as can be read there, evenly filled."""
    if not people:
        return []
    most = next(n for n in range(MOST_IN_ROW, 0, -1) if n == 1 or all(_is_readable(person, n) for person in people))
    rows = ceil(len(people) / most)
    in_row = max(ceil(len(people) / rows), min(FEWEST_IN_ROW, most))
    cards = [_card(person, n % in_row, in_row) for n, person in enumerate(people)]
    split = [cards[n : n + in_row] for n in range(0, len(cards), in_row)]
    return [[replace(card, h=max(one.h for one in row)) for card in row] for row in split]


def _is_readable(person: Mapping[str, Any], in_row: int) -> bool:
    """Whether a person's card is wide enough: the number in one line, name and post in two at most."""
    card = _card(person, 0, in_row)
    return (
        card.phone.h < 1.5 * card.phone.size * CLOSE
        and card.name.h < 2.5 * card.name.size * CLOSE
        and card.post.h < 2.5 * card.post.size * CLOSE
    )


def _card(person: Mapping[str, Any], place: int, in_row: int) -> Card:
    w = WIDTH / in_row
    x = MARGIN + place * w
    inside = x + (15.5 if person["photo"] else 1)
    wide = x + w - 3 - inside
    post = words(person["post_name"], inside, 1, wide, largest=SMALLEST)
    name = words(person["name"], inside, post.y + post.h + 0.5, wide, largest=6.6, bold=True)
    phone = words(person["phone"], inside, name.y + name.h + 0.5, wide, largest=5.4)
    return Card(x, 0, w - 3, max(phone.y + phone.h + 2, 20.5), person["photo"], post, name, phone)


def _moved(card: Card, y: float) -> Card:
    post, name, phone = (replace(one, y=one.y + y) for one in (card.post, card.name, card.phone))
    return replace(card, y=y, post=post, name=name, phone=phone)


def _shares(lengths: Sequence[float], width: float) -> list[float]:
    """The width of each list, by how much stands in it, none too narrow to be read."""
    least = NARROWEST_LIST if len(lengths) < MOST_LISTS else NARROWEST_LIST * 0.8
    total = sum(lengths)
    wanted = [max(least, length / total) for length in lengths]
    over = sum(wanted) - 1
    spare = [one - least for one in wanted]
    return [width * (one - over * free / (sum(spare) or 1)) for one, free in zip(wanted, spare, strict=True)]


def _size_of_lists(lists: Sequence[Sequence[str]], widths: Sequence[float], height: float) -> float:
    size = 6.4
    while size > SMALLEST and any(_height(lines, size, w) > height for lines, w in zip(lists, widths, strict=True)):
        size = max(SMALLEST, round(size - STEP, 3))
    return size


def _height(lines: Sequence[str], size: float, width: float) -> float:
    return sum(rows_of(line, size=size, width=width - size) for line in lines) * size * LEADING


def _list(
    title: str, lines: Sequence[str], x: float, y: float, w: float, size: float, room: float
) -> tuple[Block, list[str]]:  # fmt: skip
    """As many lines of a list as there is room for, under its title, and those that are left."""
    head = words(title, x, y, w, largest=6.2, bold=True)
    used = max(TITLE_HEIGHT, head.h + 2)
    put: list[Words] = []
    for line in lines:
        height = rows_of(line, size=size, width=w - size) * size * LEADING
        if used + height > room + 1e-6:
            break
        put.append(Words(line, x + size, y + used, w - size, height, size, LEADING))
        used += height
    return Block(head, lines=tuple(put)), list(lines[len(put) :])


def _same(person: Mapping[str, Any], lead: Mapping[str, Any]) -> bool:
    return (person["post"], person["name"], person["phone"]) == (lead["post"], lead["name"], lead["phone"])


def _line(line: Mapping[str, str]) -> str:
    return f"{line['says']}（{line['every']}）" if line["every"] else line["says"]
