"""What is indexed and what is asked for."""

import pytest

from portal.storage.search import grams, plain, sort_key, wanted


@pytest.mark.parametrize("query", ["石", "石料", "甲石料厂", "料厂", "slc", "jsl", "ABC", "abc1"])
def test_every_way_to_ask_is_indexed(query: str) -> None:
    assert set(wanted(query)) <= grams("甲石料厂 ABC123")


def test_initials_of_pinyin_are_found() -> None:
    assert "zs" in grams("张三")
    assert "szs" in grams("苏州市吴中区")


def test_nothing_is_asked_of_blanks_and_signs() -> None:
    assert wanted("  ·-— ") == []


def test_full_width_is_folded() -> None:
    assert plain(" ＡＢＣ１ ") == "abc1"


def test_names_sort_by_pinyin() -> None:
    assert sorted(["赵", "安", "李"], key=sort_key) == ["安", "李", "赵"]


@pytest.mark.parametrize(("name", "initials", "key"), [("重庆路", "cql", "chong2"), ("重量站", "zlz", "zhong4")])
def test_a_character_is_read_as_its_word_reads_it(name: str, initials: str, key: str) -> None:
    assert initials in grams(name)
    assert sort_key(name).startswith(key)
