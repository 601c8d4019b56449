"""What may stand in a cell: as it will be used, what is wrong with it, what is only to be looked at. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from portal import codes
from portal.clock import AHEAD, FAR, plausible
from portal.errors import Refused
from portal.imports.columns import NO_NUMBER, NONE, Column, plain
from portal.terms import Text, also, say

# A cell as it will be used, everything that is wrong with it, and what is only to be looked at
Checked = tuple[str, Sequence[Text], Sequence[Text]]
SHORT = 200
# What stands for the cell above, of which nobody can tell any more which one that was when rows were sorted
DITTO = frozenset(also("同上", "同前", "同左", "〃", "″"))
# What no name of anything and no address is, wherever it stands; where digits are lacking, anything that begins so
SIGNS = re.compile(r"[\W_]+|[(（\[【]?无[)）\]】]?[。.]?")
OPEN_END = frozenset(also("至今", "今", "在任", "现任", "长期", "无限期", "未离任", "无固定期限"))
# What a formula leaves that went wrong
FAULT = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)", re.IGNORECASE)


def odd_cells(columns: Sequence[Column], rows: Sequence[Mapping[str, str]], today: date) -> list[dict[str, Checked]]:
    """Of each row the cells, by their columns, that are not used as they stand there, or of which something is to be said.

    It knows nothing of the register, and most of the time that a sheet takes is spent here: where there are many rows, a child
    process does it while the server takes others in.
    """
    found: list[dict[str, Checked]] = [{} for _ in rows]
    for column in columns:
        # Most columns say one of a few things, or nothing
        known: dict[str, Checked | None] = {}
        for row, odd in zip(rows, found, strict=True):
            said = row.get(column.code, "")
            if said not in known:
                one = checked(column, said, today)
                known[said] = None if one == (said, [], []) else one
            if (one_ := known[said]) is not None:
                odd[column.code] = one_
    return found


def checked(column: Column, text: str, today: date) -> Checked:
    """A cell as it will be used, everything that is wrong with it, and what is only to be looked at."""
    said, wrong = _checked(column, text, today)
    if wrong and column.lenient:
        if column.of == "phone" and (first := codes.first_phone(said)):
            return first, [], [say("“{said}”只采用了 {first}，其余没有采用", said=said, first=first)]
        return "", [], [say("{why}。这个单元格没有采用", why=wrong[0].rstrip("。"))]
    if column.of != "day" and column.most <= SHORT and BECAME_DAY.fullmatch(said):
        was = "-".join(str(int(part)) for part in re.findall(r"\d+", said.removesuffix(" 00:00:00"))[-2:])
        became = say("“{said}”是日期，多半是 {was} 之类的号码被改成的，请核对", said=said, was=was)
        told = say("{became}；把这一列设成文本再填", became=became)
        return (said, [told], []) if column.exact else (said, wrong, [became])
    day = said.partition(" ")[0]
    ahead = column.of == "day" and not wrong and day and not column.far and date.fromisoformat(day) > today
    return said, wrong, [say("{day} 在今天以后，请核对", day=day)] if ahead else []


# How what the country writes one way only is kept, by what it is
SPELLED: Mapping[str, Callable[[str], str]] = {
    "phone": codes.phone,
    "credit_code": codes.credit_code,
    "division": codes.division,
    "name": codes.person,
    "firm": codes.firm,
}


def _checked(column: Column, text: str, today: date) -> tuple[str, Sequence[Text]]:
    said = text.strip()
    # In a longer text that tells what was seen, it is an answer
    if column.most <= SHORT and _says_nothing(column, said):
        said = ""
    if FAULT.fullmatch(said):
        return said, [say("{said} 是公式出错留下的，不是数据。请改成文字，没有的清空", said=said)]
    if not said:
        return "", [say("必填")] if column.required else []
    if column.most <= SHORT and {said, plain(said)} & DITTO:
        return said, [say("“{said}”看不出是哪一格，请写全", said=said)]
    if len(said) > column.most:
        return said, [say("最多 {n} 个字，现在是 {now} 个", n=column.most, now=len(said))]
    try:
        if column.of == "day":
            day = _read_day(said, today, FAR if column.far else AHEAD).isoformat()
            return f"{day} {_time_in(said) if column.timed else ''}".strip(), []
        if column.of == "time":
            return _read_time(said), []
        if column.of:
            # What other programs write before digits to keep them text
            bare = said.lstrip("'’‘`") if column.of in ("phone", "credit_code", "division") else said
            return SPELLED[column.of](bare), []
    except Refused as error:
        return said, [error.text]
    if reason := next((reason for word, reason in column.never if plain(word) == plain(said)), None):
        return said, [reason]
    if column.choices:
        called = (*((choice, choice) for choice in column.choices), *column.words)
        chosen = next((choice for word, choice in called if _closed_up(word) == _closed_up(said)), None)
        if chosen is None:
            return said, [say("“{said}”不在可填的范围：{names}", said=said, names="、".join(column.choices[:12]))]
        return chosen, []
    return said, []


def _closed_up(said: str) -> str:
    """A choice without its blanks: no two differ by these."""
    return "".join(plain(said).split())


def _says_nothing(column: Column, text: str) -> bool:
    """Whether a cell says that there is nothing to say."""
    said = plain(text)
    nothing = said in NONE or (
        NO_NUMBER.fullmatch(said) is not None
        if column.of in ("phone", "credit_code")
        else column.of == "day" and column.far and said in OPEN_END
    )
    if not nothing:
        # A name may well be ☆, however unlikely
        nothing = not (column.choices or column.required) and SIGNS.fullmatch(said) is not None and not {text, said} & DITTO
    return nothing and said not in map(plain, (*column.choices, *dict(column.never)))


WEEKDAY = re.compile(also(r"[(\[]?(?:星期|礼拜|周)[一二三四五六日天][)\]]?|[(\[][一二三四五六日][)\]]")[0])
NUMERALS = {numeral: n for n, numeral in enumerate(also("〇一二三四五六七八九")[0])} | dict.fromkeys(also("零", "○"), 0)
TEN = also("十")[0]
# As offices call January
JANUARY, FIRST_MONTH = also("元月", "1月")
IN_WORDS = re.compile(f"[{''.join(NUMERALS)}{TEN}]+")
BETWEEN = also(r"\s*[-–—‐‑−~./\\年月、,。·\s]\s*")[0]
DAY = re.compile(
    rf"(?:公元)?(\d{{4}}){BETWEEN}(\d{{1,2}}){BETWEEN}(\d{{1,2}})"
    + also(r"\s*[日号.]?起?(?:[\sT]*(?:(?:上午|下午|早上|中午|晚上)?\s*\d{1,2}[:：点时][\d:：.分秒半]*|上午|下午))?[。,;、/]?")[0]
    + also(r"|(\d{4})(\d{2})(\d{2})日?")[0]
)
TIME = re.compile(also(r"(上午|下午|早上|中午|晚上)?\s*(\d{1,2})[:点时](?:(\d{1,2})|(半))?")[0])
HALF_OF_DAY = re.compile(also(r"(上午|下午)$")[0])
AFTERNOON = frozenset(also("下午", "晚上"))
# A time as spreadsheet programs count it, where its cell has lost its format: a part of a day
PART_OF_DAY = re.compile(r"(?:[345]\d{4}|0)?(\.\d+)")
# What a spreadsheet program makes of 5-1 or 3/8
BECAME_DAY = re.compile(r"\d{4}-\d\d-\d\d(?: 00:00:00)?" + also(r"|\d{4}年\d{1,2}月|\d{1,2}月\d{1,2}日")[0])
# A day as spreadsheet programs count it, where its cell has lost its format: from 1982 to 2064
SERIAL = re.compile(r"[345]\d{4}(?:\.\d+)?")
SERIAL_ZERO = date(1899, 12, 30)


def _read_day(text: str, today: date, ahead: timedelta) -> date:
    words = WEEKDAY.sub("", plain(text)).replace(JANUARY, FIRST_MONTH)
    said = IN_WORDS.sub(lambda found: _in_digits(found[0]), words).strip()
    if SERIAL.fullmatch(said):
        read = SERIAL_ZERO + timedelta(days=int(float(said)))
    elif found := DAY.fullmatch(said):
        try:
            read = date(*(int(part) for part in found.groups() if part))
        except ValueError as error:
            raise Refused(say("没有 {text} 这一天", text=text)) from error
    else:
        raise Refused(say("“{text}”不能确定年月日，请写全，如 2026-11-21", text=text))
    if not plausible(read):
        raise Refused(say("{text} 这个日期不合理", text=text))
    if read > today + ahead:
        raise Refused(say("{text} 太远了（今天是 {today}），多半是年份写错", text=text, today=today))
    return read


def _time_in(text: str) -> str:
    """The time of the day that a cell tells, as 14:30 or, where it tells no more, 上午 or 下午; "" where it tells none.

    Midnight is what spreadsheet programs write where nobody said a time.
    """
    said = plain(text)
    if part := PART_OF_DAY.fullmatch(said):
        minutes = round(float(part[1]) * 24 * 60)
        return f"{minutes // 60:02}:{minutes % 60:02}" if 0 < minutes < 24 * 60 else ""
    if found := TIME.search(said):
        half, hour, minute, thirty = found.groups()
        hours = int(hour) + (12 if half in AFTERNOON and int(hour) < 12 else 0)
        minutes = 30 if thirty else int(minute or 0)
        if hours > 23 or minutes > 59:
            raise Refused(say("没有 {text} 这个时间", text=text))
        return f"{hours:02}:{minutes:02}" if hours or minutes else ""
    return found[1] if (found := HALF_OF_DAY.search(said)) else ""


def _read_time(text: str) -> str:
    said = plain(text)
    if not (time := _time_in(said)) and not TIME.search(said) and not DAY.fullmatch(said):
        raise Refused(say("“{text}”看不出是几点，请写成 14:30 这样；只知道上午、下午的，写上午或下午", text=text))
    return time


def time_of_day(text: str) -> str:
    """A time of the day that somebody typed, as 14:30, 上午 or 下午; :class:`Refused` where it is none."""
    return _read_time(text) if text.strip() else ""


def _in_digits(words: str) -> str:
    """A number in Chinese words as digits: 二〇二六, 十二, 三十一."""
    if TEN not in words:
        return "".join(str(NUMERALS[one]) for one in words)
    tens, _, ones = words.partition(TEN)
    return f"{NUMERALS.get(tens, 1)}{NUMERALS.get(ones, 0)}" if len(tens) <= 1 and len(ones) <= 1 else words
