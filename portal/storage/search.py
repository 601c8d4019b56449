"""Search over names by any one or more characters: bigrams of Chinese, words of Latin, initials of pinyin.

PostgreSQL's own trigrams fail on two Chinese characters and are not in the embedded server, so each thing has a row with the
grams of its text as a ``tsvector``, under an inverted index (GIN) for each kind. What a gram begins with is asked for by prefix.
"""

import asyncio
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache

from portal import codes
from portal.storage.engine import Database
from portal.terms import also

HAN = re.compile(f"[{codes.HAN}]+")
PARTS = re.compile(f"[{codes.HAN}]+|[^{codes.HAN}]+")
WORD = re.compile(r"[0-9a-z]+")
LETTERS = re.compile("[a-z]+")
# A telephone number as people write it, and nothing else
NUMBER = re.compile(r"[+(]?[0-9][0-9() -]{4,}")
LONGEST = 24
AT_ONCE = 1_000
# Before anything for which others wait
INDEXED = 0
MOST_INITIALS = 4
# What tells initials from words
INITIALS = "~"
# Surnames that are read otherwise than the character elsewhere; each is found by both readings
SURNAMES = dict(
    one.split()
    for one in also(
        "翟 zhai2",
        "曾 zeng1",
        "单 shan4",
        "仇 qiu2",
        "区 ou1",
        "解 xie4",
        "查 zha1",
        "乐 yue4",
        "阚 kan4",
        "覃 qin2",
        "盖 ge3",
        "朴 piao2",
        "缪 miao4",
        "员 yun4",
        "种 chong2",
        "任 ren2",
        "华 hua4",
        "燕 yan1",
        "秘 bi4",
        "折 she2",
        "召 shao4",
        "繁 po2",
        "祭 zhai4",
        "郇 xun2",
        "於 yu1",
        "卜 bu3",
        "句 gou1",
        "洗 xian3",
        "乜 nie4",
        "佴 nai4",
        "黑 he4",
        "那 na1",
        "撒 sa3",
        "哈 ha3",
        "相 xiang4",
        "要 yao1",
        "过 guo1",
        "葛 ge3",
        "蔚 yu4",
        "粘 nian2",
        "都 du1",
        "尉 wei4",
        "盛 sheng4",
        "宓 mi4",
        "单于 chan2,yu2",
        "尉迟 yu4,chi2",
        "万俟 mo4,qi2",
        "长孙 zhang3,sun1",
    )
)


def plain(text: str) -> str:
    """The text as it is compared: full-width forms folded, lower case, no blanks at the ends."""
    return unicodedata.normalize("NFKC", text).lower().strip()


@lru_cache(maxsize=1_024)
def searched(text: str) -> str:
    """The text as it is searched: spelled as names are compared, in lower case, without the dots between the parts of a name."""
    return codes.spelled(text).replace("·", "").lower()


def sort_key(name: str, *, person: bool = False) -> str:
    """The pinyin by which names are sorted, of a ``person`` with the surname's own reading; other characters stand for
    themselves.
    """
    parts = PARTS.findall(plain(name))
    read = [((_own_reading if person and not n else _read)(part) if HAN.match(part) else (part,)) for n, part in enumerate(parts)]
    return " ".join(sound for sounds in read for sound in sounds)[:200]


def _own_reading(run: str) -> tuple[str, ...]:
    """How somebody's name is read: the surname in its own way."""
    surname = next((run[:n] for n in (2, 1) if run[:n] in SURNAMES), "")
    return (*SURNAMES[surname].split(","), *_read(run[len(surname) :])) if surname else _read(run)


# Kept: a name is read for its place in lists, and again for what it is found by
@lru_cache(maxsize=8_192)
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


def grams(text: str, *, person: bool = False) -> set[str]:
    """What is indexed of ``text``: the pairs of Chinese, and the last character alone; Latin words; initials in runs of four and
    the shorter ones at the end; and the digits of a number as they are dialled within the country.
    """
    found: set[str] = set()
    folded = searched(text)
    for n, run in enumerate(HAN.findall(folded)):
        found.update(run[i : i + 2] for i in range(len(run)))
        for read in (_read, _own_reading) if person and not n else (_read,):
            initials = "".join(sound[0] for sound in read(run))
            found.update(INITIALS + initials[i : i + MOST_INITIALS] for i in range(len(initials) - 1))
    words = WORD.findall(folded)
    if person:
        words += [codes.national(part) for part in folded.split() if NUMBER.fullmatch(part)]
    found.update(word[:LONGEST] for word in words)
    return found


def wanted(query: str) -> str:
    """What the grams of a thing must have to match ``query``, as a ``tsquery``; "" where nothing is asked.

    Of Chinese pairs where there are any, else what stands alone; a word of letters may be the beginning of a word or initials; a
    number is found however its area and country are written.
    """
    said = _said(query)
    words = WORD.findall(said)
    if NUMBER.fullmatch(said):
        return f"{_beginning(codes.national(said))} | ({' & '.join(map(_beginning, words))})"
    runs = HAN.findall(said)
    asked = [f"'{run[i : i + 2]}'" for run in runs for i in range(len(run) - 1)]
    asked += [_beginning(run) for run in runs if len(run) == 1]
    return " & ".join(dict.fromkeys([*asked, *(f"({_word(word)})" for word in words)]))


def _beginning(text: str) -> str:
    """Any gram that begins so. Nothing but Chinese, Latin letters, digits and our mark comes here: nothing has to be quoted."""
    return f"'{text[:LONGEST]}':*"


def _word(word: str) -> str:
    """The beginning of a word, or initials: all runs of four of them."""
    if len(word) == 1 or not LETTERS.fullmatch(word):
        return _beginning(word)
    runs = [word[i : i + MOST_INITIALS] for i in range(max(1, len(word) - MOST_INITIALS + 1))]
    return f"{_beginning(word)} | ({' & '.join(_beginning(INITIALS + run) for run in runs)})"


def _said(query: str) -> str:
    """A query as things are searched; only that it stays apart where somebody put a blank: those are two words."""
    return " ".join(map(searched, query.split()))


def matching(kind: str, query: str, value: Callable[[object], str]) -> str:
    """The statement that gives the ids of what matches ``query``; ``value`` gives the place of a value in it. "" where nothing
    is asked, or what matches nothing.
    """
    if not (asked := wanted(query)):
        return ""
    conditions = [f"grams @@ {value(asked)}::tsquery"]
    if runs := [f"%{run}%" for run in HAN.findall(_said(query)) if len(run) > 2]:
        conditions.append(f"words like all({value(runs)})")
    return f"select subject from search_text where kind = '{kind}' and {' and '.join(conditions)}"


async def index(db: Database, kind: str, things: Sequence[tuple[int, str]]) -> None:
    """Make the index of these (id, text) say what they say now, "" for what is found no more. Inside the caller's transaction, at
    its end: nothing can be refused there, so a transaction that is only a trial does not pay for it.
    """
    if things:
        db.current().at_the_end(_write, (db, kind, things), order=INDEXED)


async def _write(items: list[tuple[Database, str, Sequence[tuple[int, str]]]]) -> None:
    """The index of all things that a transaction touched, as they are now. While the server writes, more are made."""
    db = items[0][0]
    texts = defaultdict[str, dict[int, str]](dict)
    for _, kind, things in items:
        texts[kind].update(things)
    pieces = [
        (kind, some[n : n + AT_ONCE])
        for kind, found in sorted(texts.items())
        for some in [sorted(found.items())]
        for n in range(0, len(some), AT_ONCE)
    ]
    rows = _rows(*pieces[0])
    for n, (kind, piece) in enumerate(pieces, 1):
        ahead = asyncio.create_task(asyncio.to_thread(_rows, *pieces[n])) if n < len(pieces) else None
        try:
            await db.rows("delete from search_text where kind = $1 and subject = any($2)", kind, [thing for thing, _ in piece])
            await db.rows(INSERT, *_columns(rows))
        finally:
            rows = await ahead if ahead is not None else []


def _rows(kind: str, piece: Sequence[tuple[int, str]]) -> list[tuple[str, int, str, list[str]]]:
    return [row_of(kind, thing, text) for thing, text in piece if text]


COLUMNS = ("kind", "subject", "words", "grams")
# Of columns as lists; the grams of each thing as one text, since none has a blank in it
INSERT = f"""
    insert into search_text ({", ".join(COLUMNS)}) select kind, subject, words, array_to_tsvector(string_to_array(grams, ' '))
        from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as t({", ".join(COLUMNS)})
"""


def _columns(rows: Sequence[tuple[str, int, str, list[str]]]) -> tuple[list[object], ...]:
    return tuple(map(list, zip(*((*row[:3], " ".join(row[3])) for row in rows), strict=True))) or ([], [], [], [])


def row_of(kind: str, thing: int, text: str) -> tuple[str, int, str, list[str]]:
    """What is kept of a thing to be found by its text, as :data:`COLUMNS`."""
    return kind, thing, searched(text), list(grams(text, person=kind == "person"))
