"""How a grid stands with the office where it is filed follows from what it is, what is on file, and what waits."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.areas.rules import Filed, GridOnFile, differences, stands_filed, what_became
from portal.scheme.checks import problems
from portal.scheme.words import Filing
from tests.sample_region.scheme import GRIDS, SAMPLE

NOW = GridOnFile(code="P1", name="园片", tier="patch", ground=("1",), ground_names=("甲村",))
WORDS = st.text(max_size=3)
GRIDS_DRAWN = st.builds(
    GridOnFile,
    code=WORDS,
    name=WORDS,
    tier=WORDS,
    area_note=WORDS,
    ground=st.lists(WORDS, max_size=2).map(tuple),
    ground_names=st.lists(WORDS, max_size=2).map(tuple),
    ended=st.booleans(),
)


@pytest.mark.clause("CZ-3.1b")
@pytest.mark.parametrize(
    ("accepted", "waiting", "stands"),
    [
        (None, None, Filed.DRAFT),
        (None, NOW, Filed.WAITING),
        (None, replace(NOW, name="旧"), Filed.DRAFT),
        (NOW, None, Filed.IN_FORCE),
        (replace(NOW, area_note="东至大路"), None, Filed.CHANGED),
        (replace(NOW, ground=("1", "2")), NOW, Filed.WAITING),
        (replace(NOW, ground=("1", "2")), replace(NOW, name="旧"), Filed.CHANGED),
        (NOW, replace(NOW, name="旧"), Filed.IN_FORCE),
        (replace(NOW, ended=True), None, Filed.CHANGED),
    ],
)
def test_a_grid_stands_as_it_compares(accepted: GridOnFile | None, waiting: GridOnFile | None, stands: Filed) -> None:
    assert stands_filed(NOW, accepted, waiting) is stands


def test_a_dissolved_grid_is_filed_only_where_it_ever_was_on_file() -> None:
    gone = replace(NOW, ended=True, ground=())
    assert stands_filed(gone, None, None) is None
    assert stands_filed(gone, NOW, None) is Filed.CHANGED
    assert stands_filed(replace(gone, name="又改"), gone, None) is Filed.IN_FORCE
    assert (what_became(NOW, gone), what_became(gone, NOW), what_became(None, NOW)) == ("ended", "reopened", "new")


def test_a_village_by_another_name_is_no_other_ground() -> None:
    assert NOW.same(replace(NOW, ground_names=("新甲村",)))
    assert differences(NOW, replace(NOW, ground=("1", "2"), ground_names=("甲村", "乙村"))) == [("ground", "甲村", "甲村、乙村")]


@given(GRIDS_DRAWN, st.none() | GRIDS_DRAWN, st.none() | GRIDS_DRAWN)
def test_states_exclude_each_other_and_what_is_kept_comes_back(now, accepted, waiting) -> None:
    assert GridOnFile.read(json.loads(json.dumps(now.kept()))) == now
    stands = stands_filed(now, accepted, waiting)
    assert (stands is Filed.WAITING) == now.same(waiting)
    assert stands_filed(now, now, None) is Filed.IN_FORCE
    if stands is None:
        assert now.ended
        assert accepted is None
    if stands is Filed.CHANGED:
        assert accepted is not None
        assert what_became(accepted, now) != "changed" or differences(accepted, now)
    if stands is Filed.DRAFT:
        assert what_became(accepted, now) == "new"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Filing(code="x", tiers=("nowhere",), by="station", at="bureau", basis=GRIDS), "不存在的层级“nowhere”"),
        (Filing(code="x", tiers=("patch",), by="nobody", at="bureau", basis=GRIDS), "不存在的部门“nobody”"),
        (Filing(code="x", tiers=("patch",), by="bureau", at="station", basis=GRIDS), "更靠近网格"),
        (Filing(code="x", tiers=("patch",), by="bureau", at="watch", basis=GRIDS), "更靠近网格"),
    ],
)
def test_what_is_wrong_with_the_word_is_said(rule: Filing, said: str) -> None:
    (edition,) = SAMPLE.editions
    wrong = replace(SAMPLE, editions=(replace(edition, rules=(*edition.rules, rule)),))
    (problem,) = problems(wrong, "sample")
    assert said in problem.what
