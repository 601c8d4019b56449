"""What is indexed and what is asked for."""

from collections.abc import Awaitable, Callable

import pytest

from portal.storage.engine import Database
from portal.storage.search import grams, plain, row_of, sort_key, wanted

Finds = Callable[..., Awaitable[bool]]


@pytest.fixture
def finds(database: Database) -> Finds:
    """Whether a thing of a text matches a query, as the database compares."""

    async def ask(query: str, text: str, *, person: bool = False) -> bool:
        asked = wanted(query)
        there = sorted(grams(text, person=person))
        return bool(asked) and bool(
            await database.value("select array_to_tsvector($1::text[]) @@ $2::text::tsquery", there, asked)
        )

    return ask


@pytest.mark.parametrize(
    "query", ["石", "石料", "甲石料厂", "料厂", "slc", "jsl", "jslc", "ABC", "abc1", "甲 厂", "甲石 ABC", "lc"]
)
async def test_every_way_to_ask_is_indexed(finds: Finds, query: str) -> None:
    assert await finds(query, "甲石料厂 ABC123")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("szswzqsl", "苏州市吴中区石料厂"),
        ("zqslc", "苏州市吴中区石料厂"),
        ("hikvision", "hikvision石料厂"),
        ("阿卜杜热合曼·买买提", "阿卜杜热合曼·买买提"),
        ("阿卜杜热合曼买买提", "阿卜杜热合曼·买买提"),
        ("热合曼•买", "阿卜杜热合曼·买买提"),
        ("司机", "司 机"),
        ("司　机", "司机"),
        ("\u2f83然", "自然"),
        ("自\ufe00然", "自然"),
        ("张\u200b三", "张三"),
        ("王〇", "王〇"),
    ],
)
async def test_what_is_spelled_alike_is_found(finds: Finds, query: str, text: str) -> None:
    assert await finds(query, text)


async def test_initials_that_a_name_does_not_have_find_nothing(finds: Finds) -> None:
    assert not await finds("szwzqsl", "苏州市吴中区石料厂")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("苏", True),
        ("厂", True),
        ("苏州", True),
        ("料厂", True),
        ("州石", False),
        ("s", False),
        ("sz", True),
        ("lc", True),
        ("slc", True),
        ("c", False),
        ("zx", False),
        ("a", True),
        ("abc", True),
        ("bc", False),
        ("123", False),
        ("abc124", False),
    ],
)
async def test_what_begins_a_word_or_a_run_finds_it_and_what_does_not_finds_nothing(
    finds: Finds, query: str, *, found: bool
) -> None:
    assert await finds(query, "苏州市吴中区石料厂 abc123") is found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("0512-65250000", True),
        ("051265250000", True),
        ("65250000", False),
        ("+86 512 65250000", True),
        ("0086-512-65250000", True),
        ("0512-6525", True),
        ("(0512) 65250000", True),
        ("0512-65250001", False),
        ("51265", True),
        ("0512", True),
    ],
)
async def test_a_number_finds_its_person_however_it_is_written(finds: Finds, query: str, *, found: bool) -> None:
    assert await finds(query, "张三 示例001 051265250000", person=True) == found


async def test_initials_of_pinyin_are_found(finds: Finds) -> None:
    assert await finds("zs", "张三")
    assert await finds("szs", "苏州市吴中区")


def test_nothing_is_asked_of_blanks_and_signs() -> None:
    assert wanted("  ·-— ") == ""


def test_full_width_is_folded() -> None:
    assert plain(" ＡＢＣ１ ") == "abc1"


def test_names_sort_by_pinyin() -> None:
    assert sorted(["赵", "安", "李"], key=sort_key) == ["安", "李", "赵"]


@pytest.mark.parametrize(("name", "initials", "key"), [("重庆路", "cql", "chong2"), ("重量站", "zlz", "zhong4")])
def test_a_character_is_read_as_its_word_reads_it(name: str, initials: str, key: str) -> None:
    assert f"~{initials}" in grams(name)
    assert sort_key(name).startswith(key)


@pytest.mark.parametrize(
    ("name", "key", "found_by"),
    [
        ("翟示例", "zhai2 shi4", "zs ds"),
        ("曾示例", "zeng1 shi4", "zsl csl"),
        ("单示例", "shan4 shi4", "ss ds"),
        ("仇示例", "qiu2 shi4", "qs cs"),
        ("区示例", "ou1 shi4", "os qs"),
        ("解放", "xie4 fang4", "xf jf"),
        ("查示例", "zha1 shi4", "zs cs"),
        ("乐示例", "yue4 shi4", "ys ls"),
        ("阚示例", "kan4 shi4", "ks hs"),
        ("覃示例", "qin2 shi4", "qs ts"),
        ("盖示例", "ge3 shi4", "gs"),
        ("朴示例", "piao2 shi4", "ps"),
        ("缪示例", "miao4 shi4", "ms"),
        ("员示例", "yun4 shi4", "ys"),
        ("种示例", "chong2 shi4", "cs zs"),
        ("尉迟示例", "yu4 chi2 shi4", "ycsl"),
        ("长孙示例", "zhang3 sun1 shi4", "zssl"),
        ("单于示例", "chan2 yu2 shi4", "cys"),
        ("重示例", "zhong4 shi4", "zs"),
    ],
)
async def test_people_are_sorted_by_their_surnames_reading_and_found_by_both(
    finds: Finds, name: str, key: str, found_by: str
) -> None:
    assert sort_key(name, person=True).startswith(key)
    for query in found_by.split():
        assert await finds(query, name, person=True), query


def test_only_the_beginning_of_a_persons_name_is_a_surname() -> None:
    assert sort_key("曾解放", person=True).startswith("zeng1 jie3 fang4")
    assert sort_key("解放路")[:4] == "jie3"


@pytest.mark.parametrize(
    ("kind", "text"),
    [("unit", "安监二中队 （示例）"), ("enterprise", "（江苏） 五金厂 91320506"), ("person", "翟·示例 BM1 051201234567")],
)
def test_what_is_indexed_follows_from_its_words_alone(kind: str, text: str) -> None:
    """Migrations make rows anew from the words that an earlier release folded."""
    kind_, subject, words, found = row_of(kind, 1, text)
    again = row_of(kind, 1, str(words).replace("(", " (").replace(")", ") "))
    assert (*again[:3], set(again[3])) == (kind_, subject, words, set(found))
