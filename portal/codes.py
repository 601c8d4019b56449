"""Codes and numbers as the country writes them: credit codes (GB 32100), telephone numbers, boards' public codes."""

import re
import secrets
import unicodedata
from contextlib import suppress
from functools import lru_cache

import phonenumbers
from stdnum.cn import uscc

from portal.errors import Refused
from portal.terms import say

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BOARD_LENGTH = 12
CREDIT_LENGTH = 18
# Public short numbers: 110, 12345, 12350, 10086, 116114, 95119, 96315; a mobile number that was cut off is none of them
# 0512-12345: a city's own hotline, as it is dialled from elsewhere
SHORT = re.compile(r"1[12]\d|10[01]\d{2}|11[68]\d{3}|95\d{3}|(?:\(?0\d{2,3}\)?[- ]?)?(?:12\d{3}|96\d{3,4})")
EXTENSION = re.compile(r"(?P<number>\+?[0-9() -]{7,20}?) *(?:-|转|分机|ext\.?|x|#|\*) *(?P<extension>\d{1,6})", re.IGNORECASE)
# 139 0000 1111 / 139 0000 2222 first: a blank may stand within a number
BETWEEN_NUMBERS = (re.compile(r"\s*(?:[、,;/\\|]|或者?|和)\s*"), re.compile(r"[、,;/\\|\s]+|或者?|和"))
CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USUAL_CREDIT = re.compile("[0-9A-Z]*")
# GB 32100-2015: who registered it, what kind of body it is, and where
CREDIT_BEGINNING = re.compile(r"[1-9ANY][0-9A-Y][0-9]{6}")
# Whatever a keyboard, a word processor or a chat makes of the sign between two groups of digits
DASHES = re.compile("[-‐‑‒–—―−﹘ー]")
# Between the parts of a name, as Uyghur, Tibetan and foreign names have them
HAN = r"\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
MIDDLE_DOTS = re.compile(f"\\s*(?:[·•・‧∙⋅●˙]|(?<=[{HAN}])[.](?=[{HAN}]))\\s*")
BETWEEN_HAN = re.compile(f"(?<=[{HAN}])\\s+(?=[{HAN}])")
# 一中队 （示例）, （江苏） 有限公司
AT_BRACKETS = re.compile(f"(?<=[{HAN}])\\s+(?=[(（])|(?<=[)）])\\s+(?=[{HAN}])")
# Nothing in it is spelled in more than one way: most names are such, and each row of a sheet asks
USUAL_NAME = re.compile(r"[!-,/-~\u4e00-\u9fff\u3001\u3002·-]*")
# Two names, an office in brackets, 兼 behind a blank, a number, 等3人
SEVERAL = re.compile(r"[、,/;&|+:?\"\\丨]|[(\[]|\s(?:兼|代|副|挂职|退休|离职)$|等.{0,2}人$|^同上$|\d{5}")
HAN_ONLY = re.compile(f"[{HAN}]+")
DOUBLE_SURNAMES = re.compile(
    "欧阳|上官|司马|诸葛|尉迟|皇甫|令狐|慕容|东方|司徒|公孙|长孙|夏侯|轩辕|端木|百里|呼延|南宫|独孤|宇文"
)
# Variation selectors choose how the character before them is drawn
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# How invented people are marked
INVENTED = re.compile("[(]示例[)]")
DOTS = re.compile("(?<=[0-9])[.·•・](?=[0-9])")


def visible(text: str) -> str:
    """A line without what nobody sees and much software pastes along: zero-width characters, signs of direction, variation
    selectors, blanks at the ends.
    """
    if text.isprintable() and not SELECTORS.search(text):
        return text.strip()
    return "".join(letter for letter in text if not _is_unseen(letter)).strip()


def folded(text: str) -> str:
    """The same with full-width letters and digits as plain ones: how codes and numbers are compared."""
    return visible(unicodedata.normalize("NFKC", text))


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) == "Cf" or SELECTORS.match(letter) is not None


def spelled(name: str) -> str:
    """A name as it is compared, of people, firms, offices and places: without blanks and breaks between Han characters and at
    their brackets, every middle dot the same, full-width letters and what only looks like a character as what they are.
    """
    said = name.replace("\uff08", "(").replace("\uff09", ")")
    return said if USUAL_NAME.fullmatch(said) else AT_BRACKETS.sub("", _in_one(unicodedata.normalize("NFKC", name)))


@lru_cache(maxsize=16_384)  # asked twice for each row of a sheet
def firm(text: str) -> str:
    """The name of a firm, an office or a place as it is kept: on one line, without blanks between Han characters or at brackets
    behind or before them.
    """
    return AT_BRACKETS.sub("", BETWEEN_HAN.sub("", " ".join(visible(text).split())))


def person(text: str, *, field: str = "name") -> str:
    """The name of one person, as it is kept: no blank or break stands between Han characters, every middle dot is the same.

    :class:`Refused` where more than a name stands there, or several do.
    """
    said = _in_one(text, blanks=True)
    bare = INVENTED.sub("", unicodedata.normalize("NFKC", said))
    parts = bare.split()
    several = (
        len(parts) > 1
        and all(len(one) > 1 and HAN_ONLY.fullmatch(one) for one in parts)
        and not DOUBLE_SURNAMES.fullmatch(parts[0])
    )
    if several or SEVERAL.search(bare):
        raise Refused(say("“{said}”像是几个人，或者名字以外还写了别的。一人一格，只写姓名。", said=said), field=field)
    return BETWEEN_HAN.sub("", said)


def _in_one(name: str, *, blanks: bool = False) -> str:
    said = " ".join(visible(name).split())
    if not said.isprintable():
        said = "".join(letter for letter in said if unicodedata.category(letter) != "Cc" and ord(letter) & 0xFFFE != 0xFFFE)
    said = MIDDLE_DOTS.sub("·", said)
    return said if blanks else BETWEEN_HAN.sub("", said)


def login(text: str) -> str:
    """A login as it is stored and asked for, however it was typed or pasted."""
    return folded(text).lower()


def run_together(text: str) -> str:
    """A code as one word: read as by :func:`folded`, without blanks and dashes of any kind."""
    return re.sub(r"\s", "", DASHES.sub("", folded(text)))


# Kept: it is slow, and asked twice for each row of a sheet
@lru_cache(maxsize=16_384)
def credit_code(text: str) -> str:
    """A unified social credit code in capitals; :class:`Refused` with what is wrong with it (GB 32100-2015)."""
    code = text if USUAL_CREDIT.fullmatch(text) else run_together(text).upper()
    if len(code) != CREDIT_LENGTH:
        raise Refused(say("统一社会信用代码应为 18 位，现在是 {n} 位。", n=len(code)), field="credit_code")
    if odd := set(code).difference(CREDIT_LETTERS):
        shown = "、".join(sorted(odd))
        raise Refused(say("统一社会信用代码里不会有“{odd}”（不用 I、O、S、V、Z），请核对。", odd=shown), field="credit_code")
    if not CREDIT_BEGINNING.match(code):
        what = say(
            "统一社会信用代码 {code} 的开头不对：第 1 位是登记管理部门（1 到 9 或 A、N、Y），第 3 到 8 位是行政区划的数字。"
            "请核对。",
            code=code,
        )
        raise Refused(what, field="credit_code")
    if code[-1] != uscc.calc_check_digit(code[:-1]):
        raise Refused(say("统一社会信用代码 {code} 校验位不对，请核对。", code=code), field="credit_code")
    return code


# Numbers of divisions for statistics: province, city, district, town, village
DIVISION_LENGTHS = (2, 4, 6, 9, 12)


def division(text: str) -> str:
    """The code of a division as it is kept: of a number for statistics no more than says which division it is, however many
    zeros stand behind (320506000000 is 320506); codes that a zone gave itself as they are.
    """
    code = re.sub(r"\s", "", DASHES.sub("-", folded(text)))
    code = re.sub(r"(?<=\d)\.0+$", "", code)
    for length, shorter in zip(DIVISION_LENGTHS[:0:-1], DIVISION_LENGTHS[-2::-1], strict=True):
        if is_division_number(code) and len(code) == length and not code[shorter:].strip("0"):
            code = code[:shorter]
    return code


def division_spellings(code: str) -> tuple[str, ...]:
    """The code of a division with all the zeros with which it may be written; whoever kept it before may have kept them."""
    short = division(code)
    longer = [n for n in DIVISION_LENGTHS if n > len(short)] if is_division_number(short) else []
    return (short, *(short.ljust(n, "0") for n in longer))


def is_division_number(code: str) -> bool:
    """Whether a code is a number for statistics: of 2, 4, 6, 9 or 12 digits, none of which begins with 0."""
    return code.isdecimal() and len(code) in DIVISION_LENGTHS and code[0] != "0"


def _called(number: str) -> phonenumbers.PhoneNumber | None:
    """The number of the country's plan that it is, if it is one."""
    try:
        called = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return None
    return called if phonenumbers.is_valid_number(called) else None


@lru_cache(maxsize=16_384)  # as slow
def phone(text: str, *, field: str = "phone") -> str:
    """A telephone number as it was written, checked: a Chinese number, or a public short number such as 12350."""
    number = DASHES.sub("-", DOTS.sub("-", folded(text)))
    if not SHORT.fullmatch(number) and (extended := EXTENSION.fullmatch(number)) and _called(extended["number"]):
        what = say(
            "“{number}”带着分机 {extension}，手机上点了拨不通。号码只写 {main}，不写分机。",
            number=number[:40],
            extension=extended["extension"],
            main=extended["number"],
        )
        raise Refused(what, field=field)
    for between in BETWEEN_NUMBERS:
        several = [one for one in between.split(number) if one]
        if len(several) > 1 and all(SHORT.fullmatch(one) or _called(one) for one in several):
            raise Refused(say("“{number}”是 {n} 个号码，这里只写一个。", number=number[:60], n=len(several)), field=field)
    if not re.fullmatch(r"\+?[0-9() -]{3,30}", number):
        what = say("“{number}”里有不能拨的字符。只写数字，可以有空格、横线、括号；分机和说明不要写在号码里。", number=number[:40])
        raise Refused(what, field=field)
    if SHORT.fullmatch(number):
        return number
    called = _called(number)
    if called is None:
        raise Refused(say("“{number}”不是能拨通的电话号码。固定电话请带区号，如 0512-65250000。", number=number), field=field)
    _check_beginning(number, called, field)
    return number


def first_phone(text: str) -> str:
    """The first number of a cell that holds more than a number: an extension, a second number, a name; "" where there is none."""
    number = DASHES.sub("-", DOTS.sub("-", folded(text)))
    extended = EXTENSION.fullmatch(number)
    parts = [part for between in BETWEEN_NUMBERS for part in between.split(number)]
    for part in (extended["number"] if extended else "", *parts):
        with suppress(Refused):
            return phone(part)
    return ""


def _check_beginning(number: str, called: phonenumbers.PhoneNumber, field: str) -> None:
    """Refuse what a spreadsheet leaves of 0512-65250000 or +86 139…: the plan knows the number, but nobody can dial it."""
    digits, own = re.sub(r"\D", "", number), str(called.national_number)
    if number.startswith("+") or digits.startswith("0"):
        return
    area = phonenumbers.length_of_geographical_area_code(called)
    meant = f"0{own[:area]}-{own[area:]}" if area else own
    if digits != own:
        raise Refused(say("“{number}”开头的 86 不能直接拨，应是 {meant}？", number=number, meant=meant), field=field)
    if phonenumbers.number_type(called) == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise Refused(say("“{number}”可能丢了开头的 0：{meant}？", number=number, meant=meant), field=field)


def dialled(number: str) -> str:
    """The number for a ``tel:`` link: digits only, with a plus where one stands."""
    return re.sub(r"[^\d+]", "", number)


def national(number: str) -> str:
    """A number as it is compared: the same with +86, 0086 or the 0 of the area before it, and without."""
    return re.sub(r"^(?:\+86|0086)", "", dialled(number)).lstrip("0")


def new_board_code() -> str:
    """A board's public code: 11 random characters (55 bits) and one that checks them."""
    body = "".join(secrets.choice(CROCKFORD) for _ in range(BOARD_LENGTH - 1))
    return body + _check(body)


def board_code(text: str) -> str | None:
    """The code that somebody typed or scanned, in its normal form, or None where it cannot be one.

    Look-alikes are read as what they look like (O as 0, I and L as 1), so a wrong letter is found without a look-up.
    """
    code = run_together(text).upper().translate(str.maketrans("OIL", "011"))
    if len(code) != BOARD_LENGTH or any(letter not in CROCKFORD for letter in code) or code[-1] != _check(code[:-1]):
        return None
    return code


def grouped(code: str) -> str:
    """A code as people read it aloud: in groups of four."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def _check(body: str) -> str:
    """The check character: Luhn's scheme over 32 letters finds every single wrong letter and most swapped neighbours."""
    total = 0
    for place, letter in enumerate(reversed(body)):
        value = CROCKFORD.index(letter)
        if place % 2 == 0:
            value = sum(divmod(value * 2, 32))
        total += value
    return CROCKFORD[-total % 32]
