"""Where everything on a printed board stands, by rule: positions in millimetres of an A3 sheet, sizes that fit the text, lines.

The templates place blocks absolutely (WeasyPrint lays grids and flex boxes out ten times slower) and end lines where they end
here; a smaller sheet is the same layout scaled. Widths are those of the fonts themselves. What does not fit becomes smaller,
then wraps, then stands fewer in a row, then goes on on a further sheet; it is never cut off, and never smaller than can be read
from where people stand.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from typing import Any

from portal.boards.rules import Facts, characters
from portal.scheme import national
from portal.terms import CAPACITY, say
from portal.workshop.fonts import advance, refuse_undrawable
from portal.workshop.pool import Unreadable

SHEETS = {"A3": (297.0, 420.0), "A4": (210.0, 297.0)}
MARGIN, WIDTH, HEIGHT = 14.0, 269.0, 420.0
SMALLEST = 5.0  # 14 points on A3, and 10 points on A4, which is the same sheet scaled
STEP = 0.2
CLOSE, LEADING = 1.2, 1.42  # the height of a line, in its letters: of names and numbers, of lists
SLACK = 0.99  # of a line's width: drawn letters stand on whole units of the PDF
TITLE_HEIGHT, GAP, BETWEEN = 10.0, 4.0, 8.0
USUAL_IN_ROW, MOST_IN_ROW = 4, 6
NAME, NUMBER = 6.6, 5.4  # of everybody in a row of people alike
MOST_OF_A_POST = 3  # if need be
CARD_GAP = 3.0
RAGGED = 1.25  # so many times the height is worth that all cards of a section are of one width
SHRINKS = {1: 0.55, 2: 0.4}  # how small a text gets in so many lines before it takes one more
LONELY = 3  # ems: less than that is no last line of its own where the lines before can be shorter
MOST_LISTS, NARROWEST_LIST = 3, 0.3
WORTH_SPLITTING = 0.4
CODE_SIDE = 66.0
FOOT_GAPS, FOOT_RULE = (0.5, 1.2), 2.4
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
    """A text in its place, of that size, in these lines; ``label`` is the fainter part before it in the first of them."""

    text: str
    x: float
    y: float
    w: float
    h: float
    size: float
    leading: float = CLOSE
    label: str = ""
    lines: Sequence[str] = ()


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
class BoardSheet:
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

    sheets: Sequence[BoardSheet]
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


def lines_of(text: str, *, size: float, width: float, bold: bool = False) -> list[str]:
    """The lines of a text in a box of that width, where anything may be broken that does not fit into a line of its own."""
    return _broken(_measured(text, bold=bold), size=size, width=width, bold=bold)


def _measured(text: str, *, bold: bool) -> list[tuple[str, float, float]]:
    """The pieces of a text, each with its width in ems, and that without blanks at its end."""
    return [(piece, breadth(piece, bold=bold), breadth(piece.rstrip(), bold=bold)) for piece in _pieces(text)]


def _broken(pieces: Sequence[tuple[str, float, float]], *, size: float, width: float, bold: bool) -> list[str]:
    line, used, begun = width * SLACK / size, 0.0, ""
    lines: list[str] = []
    for piece in pieces:
        for part, wide, bare in [piece] if piece[2] <= line else _measured_letters(piece[0], bold=bold):
            if begun and used + bare > line:
                lines.append(begun.rstrip())
                begun, used = "", 0.0
            begun += part
            used += wide
    return [*lines, begun.rstrip()]


def _measured_letters(piece: str, *, bold: bool) -> list[tuple[str, float, float]]:
    return [(letter, wide := advance(letter, bold=bold), 0.0 if letter.isspace() else wide) for letter in piece]


def _evenly(text: str, *, size: float, width: float, bold: bool) -> list[str]:
    """The lines of a text, shorter ones where the last would be a letter or two."""
    pieces = _measured(text, bold=bold)
    lines = _broken(pieces, size=size, width=width, bold=bold)
    if len(lines) > 1 and breadth(lines[-1], bold=bold) < LONELY:
        for n in range(1, 2 * LONELY + 1):
            shorter = _broken(pieces, size=size, width=width - n * size / 2, bold=bold)
            if len(shorter) == len(lines) and breadth(shorter[-1], bold=bold) >= LONELY:
                return shorter
    return lines


def _pieces(text: str) -> list[str]:
    """The parts of a text between which a line may end."""
    pieces = [text[:1]]
    for n in range(1, len(text)):
        if _may_break(text[max(0, n - 2) : n], text[n]):
            pieces.append(text[n])
        else:
            pieces[-1] += text[n]
    return pieces


def _may_break(before: str, letter: str) -> bool:
    last = before[-1]
    if letter.isspace() or last in OPENING or letter in CLOSING:
        return False
    if last == " " and before[0] in "0123456789)" and letter in "0123456789(":
        return False  # a telephone number
    return last.isspace() or _is_wide(last) or _is_wide(letter)


def _is_wide(letter: str) -> bool:
    return letter >= "\u2e80"


def fitted(text: str, width: float, *, largest: float, bold: bool = False) -> tuple[float, int]:
    """The size at which a text is set in a box of that width, and its lines: as few as it needs, but two of large letters
    rather than one of letters of half the size, and three rather than two of a third.
    """
    pieces = _measured(text, bold=bold)
    for rows in count(1):
        least = max(SMALLEST, largest * SHRINKS.get(rows, 0))
        for n in range(round((largest - least) / STEP) + 1):
            size = round(max(least, largest - n * STEP), 3)
            if len(_broken(pieces, size=size, width=width, bold=bold)) <= rows:
                return size, rows
    raise AssertionError


def words(text: str, x: float, y: float, w: float, *, largest: float, bold: bool = False, label: str = "") -> Words:
    """A text put into its place at the size that fits; a ``label`` stands before it in the same line."""
    size, _ = fitted(f"{label} {text}" if label else text, w, largest=largest, bold=bold)
    return _set(text, x, y, w, size, bold=bold, label=label)


def _set(
    text: str, x: float, y: float, w: float, size: float, *, leading: float = CLOSE, bold: bool = False, label: str = ""
) -> Words:
    """A text put into its place at that size."""
    before = f"{label} " if label else ""
    first, *rest = _evenly(before + text, size=size, width=w, bold=bold)
    lines = (first[len(before) :], *rest)
    return Words(text, x, y, w, len(lines) * size * leading, size, leading, label, lines)


# The parts


def lay_out(facts: Facts, said: Printed) -> Layout:
    """The layout of a board with these facts: on one sheet where everything fits, with a smaller head where that helps.

    :class:`Unreadable` where a character cannot be drawn here, or a sheet of its own has no room for a single text. It reads
    the fonts, so it is called in a child process.
    """
    refuse_undrawable(characters(facts))

    card, frames = cache(_card), [_frame(facts, said, close=False)]

    @cache
    def rows(section: int, most: int) -> list[list[Card]]:
        return _rows(_shown(facts["sections"][section], facts["lead"], most), card)

    @cache
    def sheets(most: int) -> Layout:
        roomy = _sheets(facts, frames[0], rows, most)
        if len(roomy.sheets) == 1:
            return roomy
        if len(frames) == 1:
            frames.append(_frame(facts, said, close=True))
        close = _sheets(facts, frames[1], rows, most)
        return close if len(close.sheets) < len(roomy.sheets) else roomy

    # Nobody is left out but where that saves a sheet, and then no more than need be
    everybody, fewest = max(len(section.get("people", ())) for section in facts["sections"]), MOST_OF_A_POST
    if everybody > fewest and len(sheets(everybody).sheets) > (least := len(sheets(fewest).sheets)):
        fit = bisect_left(range(fewest, everybody), True, key=lambda most: len(sheets(most + 1).sheets) > least)
        return sheets(fewest + fit)
    return sheets(everybody)


def subtitle(facts: Facts) -> str:
    """The line under the title: place and grid."""
    return f"{facts['place']} · {facts['grid']['name']}"


def subject(facts: Facts) -> str:
    """What the board hangs for: the enterprise, or the grid by its code."""
    return str(facts["enterprise"]["name"] if facts["enterprise"] else facts["grid"]["code"])


@dataclass(frozen=True)
class _Frame:
    """What stands around the middle of the sheets, however many there are; ``top`` is where that begins on the first one."""

    first: BoardSheet
    further: BoardSheet
    lead: Lead
    place: Mapping[str, Words]
    tint: tuple[float, float]
    top: float
    foot: float
    foot_lines: Mapping[str, Words]
    foot_rules: Sequence[float]


def _frame(facts: Facts, said: Printed, *, close: bool) -> _Frame:
    first, apart = _head(facts), 4.0 if close else 6.0
    lead, y = _lead(facts["lead"], first.band + (6 if close else 10), close=close)
    place, tint = _place(facts, y + apart)
    return _Frame(first, _further_head(facts), lead, place, tint, sum(tint) + apart, *_foot(facts, said))


def _sheets(facts: Facts, frame: _Frame, rows: Callable[[int, int], list[list[Card]]], most: int) -> Layout:
    flow = _Flow(top=frame.top, next_top=frame.further.band + 8, bottom=frame.foot - GAP)
    for n, section in enumerate(facts["sections"]):
        if section["shows"] == "people":
            shown = rows(n, most)
            flow.people(section, shown, left_out=len(_shown(section, facts["lead"])) - sum(map(len, shown)))
    lists = [section for section in facts["sections"] if section["shows"] != "people" and section["lines"]]
    for n in range(0, len(lists), MOST_LISTS):
        flow.lists(lists[n : n + MOST_LISTS])
    all_ = len(flow.sheets)
    sheets = []
    for n, blocks in enumerate(flow.sheets, 1):
        which = say("第 {n} 张，共 {all} 张", n=n, all=all_) if all_ > 1 else ""
        head = frame.first if n == 1 else frame.further
        sheets.append(replace(head, number=n, which=which, blocks=tuple(blocks)))
    return Layout(tuple(sheets), frame.lead, frame.place, frame.tint, frame.foot, frame.foot_lines, frame.foot_rules)


def _head(facts: Facts) -> BoardSheet:
    title = words(facts["title"], MARGIN + 12, 11.5, WIDTH - 24, largest=16.5, bold=True)
    under = words(subtitle(facts), MARGIN, max(34, title.y + title.h + 2), WIDTH, largest=8)
    return BoardSheet(1, max(50, under.y + under.h + 6), title, under, "", ())


def _further_head(facts: Facts) -> BoardSheet:
    title = words(facts["title"], MARGIN + 22, 6, WIDTH - 44, largest=9, bold=True)
    under = words(f"{subtitle(facts)} · {subject(facts)}", MARGIN, title.y + title.h + 2, WIDTH, largest=6)
    return BoardSheet(0, max(32, under.y + under.h + 5), title, under, "", ())


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
    called = say("分工") if lead["capacity"] == CAPACITY["lead"] else say("执法资格")
    both = {"badge": (say("工作证编号"), lead["badge"] or "—"), "capacity": (called, lead["capacity"])}
    least = min(fitted(f"{label} {text}", w, largest=6 if close else 6.5)[0] for label, text in both.values())
    for key, (label, text) in both.items():
        put(key, text, least, label=label)
    return Lead((MARGIN, top, photo_w, photo_h), x, w, lines, tuple(rules)), max(y, top + photo_h)


def _place(facts: Facts, top: float) -> tuple[dict[str, Words], tuple[float, float]]:
    size = min(fitted(text, 223, largest=7.2)[0] for text in (facts["grid"]["area"], subject(facts)))
    area = _set(facts["grid"]["area"], 54, top + 3, 223, size)
    called = say("挂牌单位") if facts["enterprise"] else say("网格编号")
    what = _set(subject(facts), 54, area.y + area.h + 3, 223, size)
    found = {
        "area_label": words(say("责任区"), 20, area.y + 0.6, 32, largest=6),
        "area": area,
        "subject_label": words(called, 20, what.y + 0.6, 32, largest=6),
        "subject": what,
    }
    return found, (top, what.y + what.h + 3 - top)


def _foot(facts: Facts, said: Printed) -> tuple[float, dict[str, Words], tuple[float, ...]]:
    """The lines beside the code, which grow upwards: their place, and the rules between them."""
    x, w = 90.0, MARGIN + WIDTH - 90.0
    lines: dict[str, Words] = {}
    ruled: list[str] = []

    def put(key: str, text: str, largest: float, *, bold: bool = False, label: str = "") -> None:
        lines[key] = words(text, x, 0, w, largest=largest, bold=bold, label=label)

    def office(key: str, one: Facts, label: str) -> None:
        put(key, f"{one['name']} {one['phone']}", 5.4, bold=True, label=label)

    put("call", say("扫码：留言 · 举报隐患 · 投诉"), 8.6, bold=True)
    put("promise", say("不用登录，不用下载，可以匿名。打开的网页只会是："), SMALLEST)
    put("address", f"{said.address}/b/{said.code}", 5.6, bold=True)
    ruled.append("address")
    office("supervision", facts["supervision"], say("监督电话"))
    office("complaint", facts["complaint"], say("投诉受理"))
    for n, one in enumerate(facts.get("apart", ())):
        office(f"apart-{n}", one, say("投诉{about}", about=one["about"]))
    put("hotlines", "　".join(map(_hotline, facts["hotlines"][: national.MOST_ON_A_BOARD])), 5.4, bold=True)
    ruled.append("hotlines")
    put("issuer", f"{facts['issuer']['name']} {facts['issuer']['phone']}", SMALLEST, label=say("签发部门"))
    put("version", say("第 {n} 版　{day}签发　第 10 张，共 10 张", n=said.version, day=said.issued), SMALLEST)
    put("free", say("扫码、举报都不收费，网页不会要求您付款、转账或填写银行卡号"), SMALLEST)

    # One line more stands closer to the others rather than taking room from the middle
    beside = CODE_SIDE + 12
    bare = sum(line.h for line in lines.values()) + FOOT_RULE * len(ruled)
    gap = min(max((beside - bare) / len(lines), FOOT_GAPS[0]), FOOT_GAPS[1])
    foot = HEIGHT - max(bare + gap * len(lines), beside) - 8
    if foot < HEIGHT / 2:
        raise Unreadable(say("牌下方的部门名称和电话太长，放不下。请到部门页面改短。"))
    y, rules = foot + 4, []
    for key, line in lines.items():
        lines[key] = replace(line, y=y)
        y += line.h + gap
        if key in ruled:
            rules.append(y + FOOT_RULE / 3)
            y += FOOT_RULE
    return foot, lines, tuple(rules)


def _hotline(line: Facts) -> str:
    known = national.HOTLINES.get(line["number"])
    return f"{known.short if known is not None else line['name']} {line['number']}"


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

    def people(self, section: Mapping[str, Any], cards_: Sequence[Sequence[Card]], *, left_out: int) -> None:
        """The rows of people of a section, who is missing, and how many are left out."""
        title = section["title"]
        if left_out:
            title = say("{title}（另有 {n} 人，扫码可见）", title=title, n=left_out)
        rows = list(cards_)
        vacant = say("暂缺：{posts}", posts="、".join(section["vacant"])) if section["vacant"] else ""
        while rows or vacant:
            head = words(title, MARGIN, self.y, WIDTH, largest=6.2, bold=True)
            used = max(TITLE_HEIGHT, head.h + 2)
            cards: list[Card] = []
            missing = None
            while rows and used + rows[0][0].h <= self.room:
                cards += [_moved(card, y=self.y + used) for card in rows[0]]
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


def _shown(section: Mapping[str, Any], lead: Mapping[str, Any], most: int | None = None) -> list[Mapping[str, Any]]:
    """Everybody of a section but who leads; where no clause orders that they be named, the first of each post and line, so many
    at ``most``: a wall has no room for thirty, the page behind the code has.
    """
    others = list(section.get("people", ()))
    for n, person in enumerate(others):
        # One only: a colleague may have the same name and the office's number
        if all(person[key] == lead[key] for key in ("post", "name", "phone", "badge", "photo")):
            del others[n]
            break
    if most is None or "assumption" not in section["basis"]:
        return others
    counted: Counter[tuple[str, str]] = Counter()
    first = []
    for person in others:
        key = (person["post_name"], person.get("line", ""))
        counted[key] += 1
        if counted[key] <= most:
            first.append(person)
    return first


def _rows(people: Sequence[Mapping[str, Any]], card: Callable[[str, str, str, str | None, float], Card]) -> list[list[Card]]:
    """The cards of people in rows, in as little height as they can be read in. Where that spares much, who has a long name or
    number takes more of the columns than others.
    """
    if not people:
        return []

    def of(n: int, w: float) -> Card:
        return card(people[n]["post_name"], people[n]["name"], people[n]["phone"], people[n]["photo"], w)

    ways = [_packed(of, len(people), columns, lines) for lines in (1, 2) for columns in range(1, MOST_IN_ROW + 1)]
    return min(ways, key=_cost)


def _packed(card: Callable[[int, float], Card], n: int, columns: int, lines: int) -> list[list[Card]]:
    """So many people put into rows of these columns; each takes as many as name and post need to stand in so many lines."""
    rows: list[list[Card]] = []
    one, taken = WIDTH / columns, columns
    for k in range(n):
        span = next((span for span in range(1, columns) if _is_readable(card(k, span * one), lines)), columns)
        if taken + span > columns:
            rows.append([])
            taken = 0
        rows[-1].append(_moved(card(k, span * one), x=MARGIN + taken * one))
        taken += span
    return [[replace(one, h=max(one.h for one in row)) for one in row] for row in rows]


def _cost(rows: Sequence[Sequence[Card]]) -> tuple[float, bool, int]:
    """The height of rows, more where their cards do not stand one below the other; then how far they are from the usual: rather
    more in a row than fewer.
    """
    alike = len({round(card.w, 3) for row in rows for card in row}) == 1
    most = round(WIDTH / (rows[0][0].w + CARD_GAP))
    return round(sum(row[0].h for row in rows) * (1 if alike else RAGGED), 3), most < USUAL_IN_ROW, abs(most - USUAL_IN_ROW)


def _is_readable(card: Card, lines: int) -> bool:
    """Whether a person's card is wide enough: the number in one line, name and post in so many at most."""
    return len(card.phone.lines) == 1 and max(len(card.name.lines), len(card.post.lines)) <= lines


def _card(post_name: str, called: str, number: str, photo: str | None, w: float) -> Card:
    inside = 15.5 if photo else 1.0
    wide = w - CARD_GAP - inside
    post = _set(post_name, inside, 1, wide, SMALLEST)
    name = _set(called, inside, post.y + post.h + 0.5, wide, NAME, bold=True)
    phone = _set(number, inside, name.y + name.h + 0.5, wide, NUMBER)
    return Card(0, 0, w - CARD_GAP, max(phone.y + phone.h + 2, 20.5), photo, post, name, phone)


def _moved(card: Card, *, x: float = 0, y: float = 0) -> Card:
    post, name, phone = (replace(one, x=one.x + x, y=one.y + y) for one in (card.post, card.name, card.phone))
    return replace(card, x=card.x + x, y=card.y + y, post=post, name=name, phone=phone)


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
    return sum(len(lines_of(line, size=size, width=width - size)) for line in lines) * size * LEADING


def _list(title: str, lines: Sequence[str], x: float, y: float, w: float, size: float, room: float) -> tuple[Block, list[str]]:
    """As many lines of a list as there is room for, under its title, and those that are left."""
    head = words(title, x, y, w, largest=6.2, bold=True)
    used = max(TITLE_HEIGHT, head.h + 2)
    put: list[Words] = []
    for line in lines:
        one = _set(line, x + size, y + used, w - size, size, leading=LEADING)
        if used + one.h > room + 1e-6:
            break
        put.append(one)
        used += one.h
    return Block(head, lines=tuple(put)), list(lines[len(put) :])


def _line(line: Mapping[str, str]) -> str:
    return f"{line['says']}（{line['every']}）" if line["every"] else line["says"]
