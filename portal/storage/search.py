"""Search over names by any one or more characters: bigrams of Chinese, words of Latin, initials of pinyin.

PostgreSQL's own trigrams fail on two Chinese characters and are not in the embedded server, so the index is a table.
"""

import re
import unicodedata
from collections import defaultdict
from functools import lru_cache

from portal.storage.engine import Database

CHARACTERS = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HAN = re.compile(f"[{CHARACTERS}]+")
PARTS = re.compile(f"[{CHARACTERS}]+|[^{CHARACTERS}]+")
WORD = re.compile(r"[0-9a-z]+")


def plain(text: str) -> str:
    """The text as it is compared: full-width forms folded, lower case, no blanks at the ends."""
    return unicodedata.normalize("NFKC", text).lower().strip()


def sort_key(name: str) -> str:
    """The pinyin by which names are sorted; other characters stand for themselves."""
    return " ".join(sound for part in PARTS.findall(plain(name)) for sound in (_read(part) if HAN.match(part) else (part,)))[:200]


def _read(run: str) -> tuple[str, ...]:
    """How Chinese characters are read, each in its word: 重 of 重庆 is not 重 of 重量."""
    # Here, since its dictionaries take a sixth of the time in which a command starts, and few commands read a name
    from pypinyin.seg.mmseg import seg

    return tuple(sound for word in seg.cut(run) for sound in _read_word(word))


@lru_cache(maxsize=65_536)
def _read_word(word: str) -> tuple[str, ...]:
    """Kept, since the words of a register come again and again."""
    from pypinyin import Style, lazy_pinyin

    return tuple(lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True))


def grams(text: str) -> set[str]:
    """What is indexed of ``text``: single characters and pairs of Chinese, Latin words and their beginnings, initials."""
    found: set[str] = set()
    folded = plain(text)
    for run in HAN.findall(folded):
        found.update(run)
        found.update(run[i : i + 2] for i in range(len(run) - 1))
        initials = "".join(sound[0] for sound in _read(run))
        found.update(initials[i : i + n] for n in (2, 3, 4) for i in range(len(initials) - n + 1))
    for word in WORD.findall(folded):
        found.update(word[: n + 1] for n in range(min(len(word), 24)))
    return {gram[:24] for gram in found}


def wanted(query: str) -> list[str]:
    """The grams that a thing must have to match ``query``: pairs where there are any, else what stands alone."""
    needed: set[str] = set()
    folded = plain(query)
    for run in HAN.findall(folded):
        needed.update([run] if len(run) == 1 else (run[i : i + 2] for i in range(len(run) - 1)))
    for word in WORD.findall(folded):
        needed.add(word[:24])
    return sorted(needed)


async def index(db: Database, kind: str, things: list[tuple[int, str]]) -> None:
    """Make the index of these (id, text) say what they say now. Inside the caller's transaction."""
    await db.rows("delete from search_gram where kind = $1 and subject = any($2)", kind, [thing for thing, _ in things])
    bearers: defaultdict[str, list[int]] = defaultdict(list)
    for thing, text in sorted(things):
        for gram in grams(text):
            bearers[gram].append(thing)
    # In the order of the index: its pages are then written once each
    rows = [(kind, gram, thing) for gram in sorted(bearers) for thing in bearers[gram]]
    await db.copy("search_gram", ("kind", "gram", "subject"), rows)


MATCHES = """
    select subject from search_gram where kind = {kind} and gram = any({grams})
    group by subject having count(*) = cardinality({grams})
"""
