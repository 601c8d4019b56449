"""Whether a password is too easy: how many guesses it withstands, by the estimate of a kept library that knows likely words."""

import re
import threading
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from zxcvbn import zxcvbn

from portal.access.rules import unfit
from portal.storage.search import plain, sort_key
from portal.terms import Text, say

FEWEST = 10**10
# The estimate takes longer than linear time; what begins with so much that is easy to guess is taken for easy
ESTIMATED = 40
COMMON = (
    "woaini",
    "woai",
    "nihao",
    "mima",
    "wode",
    "zhongguo",
    "laopo",
    "laogong",
    "baobao",
    "wangluo",
    "anquan",
    "shengchan",
    "yingji",
    "wangge",
    "jianguan",
    "xiaofang",
    "guanliyuan",
    "zhengfu",
    "admin",
    "root",
    "qwer",
    "asdf",
    "520",
    "521",
    "1314",
    "5201314",
    "147258369",
    "888",
    "666",
)
ENDINGS = re.compile("(?:特别行政区|自治[区州县]|开发区|工业园区|园区|街道办事处|街道|社区|居委会|村委会|[省市区县旗镇乡村])$")
LETTERS = re.compile("[a-z]+")
OTHER_LETTERS = str.maketrans("013457@$!", "oieastasi")
_one_at_a_time = threading.Lock()


def weakness(password: str, *, login: str, names: Iterable[str] = ()) -> Text | None:
    """What is wrong with a new password, or None, where somebody who guesses knows the ``names`` that are likely in it."""
    if wrong := unfit(password, login=login):
        return wrong
    if guesses(password, (login, *names)) < FEWEST:
        return say(
            "这个密码太容易被猜到：不要用常见的词，也不要用人名、地名、部门名或它们的拼音加数字。可以把几个不相干的词的拼音连起来，再加数字。"
        )
    return None


def guesses(password: str, names: Iterable[str]) -> float:
    """About how many guesses find the password, for somebody who knows the login, the person and the places of its owner."""
    said = plain(password)
    bare = "".join(letter for letter in said if letter.isalnum())
    likely = [*_met(said, bare, names), *COMMON, *_syllables()]
    # The library keeps what it is told in one place for all
    with _one_at_a_time:
        return min(float(zxcvbn(one[:ESTIMATED], user_inputs=likely)["guesses"]) for one in dict.fromkeys((said, bare)) if one)


def _met(said: str, bare: str, names: Iterable[str]) -> Iterator[str]:
    """Those of the names that stand in a password, as they may be typed: characters, pinyin, initials that stand alone."""
    texts = (bare, bare.translate(OTHER_LETTERS))
    alone = {run for text in (said, bare) for run in LETTERS.findall(text)}
    for name in dict.fromkeys(names):
        typed, initials = _shapes(name)
        yield from (part for part in typed if any(part in text for text in texts))
        yield from (part for part in initials if part in alone)


@lru_cache(maxsize=32_768)
def _shapes(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How a name may be typed, with what it ends on and without: in characters or pinyin, and as initials."""
    typed, initials = [], []
    for one in dict.fromkeys((plain(name), ENDINGS.sub("", plain(name)))):
        sounds = [sound.rstrip("12345") for sound in sort_key(one).split()]
        typed += [one, "".join(sounds)]
        initials.append("".join(sound[0] for sound in sounds if sound))
    return tuple(part for part in dict.fromkeys(typed) if len(part) > 1), tuple(part for part in initials if len(part) > 1)


@cache
def _syllables() -> tuple[str, ...]:
    """Every syllable of Chinese without its tone: words of pinyin are made of a few hundred parts, not of letters."""
    from pypinyin import Style
    from pypinyin.pinyin_dict import pinyin_dict
    from pypinyin.style import convert

    spoken = (one for said in pinyin_dict.values() for one in said.split(","))
    return tuple(sorted({convert(one, Style.NORMAL, strict=False) for one in spoken}))
