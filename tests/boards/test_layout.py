"""Printed boards fit by rule: whatever the names and however many the people."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.boards.layout import MARGIN, MIDDLE_BOTTOM, SMALLEST_TEXT, WIDTH, breadth, fitted, lay_out, paragraph
from portal.errors import Refused


def person(name: str = "张三", post: str = "keeper", phone: str = "0512-01234567") -> dict[str, object]:
    """A person of the facts."""
    return {"post": post, "post_name": "看护员", "name": name, "phone": phone, "badge": "1", "photo": None, "capacity": "协助"}


def facts(
    *,
    lead: str = "张三",
    others: int = 0,
    lines: int = 3,
    line: str = "走遍本格",
    firm: str = "某厂",
    area: str = "甲村",
    office: str = "区局",
) -> dict:
    """Facts of a board."""
    people = [person(lead), *(person(f"李{n}", post=f"p{n}") for n in range(others))]
    texts = [{"says": line, "every": "每月一次"} for _ in range(lines)]
    return {
        "title": "示例区公示牌", "place": "示例区东镇", "grid": {"name": "甲村格", "area": area, "code": "1"},
        "enterprise": {"name": firm, "address": ""}, "lead": people[0],
        "sections": [
            {"shows": "people", "title": "人员", "people": people, "vacant": []},
            {"shows": "duties", "title": "职责", "lines": texts},
            {"shows": "services", "title": "服务", "lines": texts[:2]},
        ],
        "supervision": {"name": office, "phone": "0512-01000001"}, "complaint": {"name": "纪检", "phone": "12345"},
        "issuer": {"name": "东所", "phone": "0512-01000003"},
    }  # fmt: skip


@given(st.integers(0, 10), st.integers(1, 6), st.integers(1, 4))
def test_blocks_never_overlap_and_stay_on_the_sheet(others: int, lines: int, long_names: int) -> None:
    layout = lay_out(facts(others=others, lines=lines, lead="阿" * long_names * 2))
    for block in layout.blocks:
        assert block.x >= MARGIN
        assert block.x + block.w <= MARGIN + WIDTH + 0.01
        assert block.y + block.h <= MIDDLE_BOTTOM + 0.01
        for card in block.cards:
            assert card.x + card.w <= MARGIN + WIDTH + 0.01
            assert breadth(str(card.person["name"])) * card.name_size <= card.w
    tops = sorted((block.y, block.y + block.h) for block in layout.blocks if block.cards)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(tops))


def test_the_lead_is_not_shown_twice() -> None:
    (people,) = [block for block in lay_out(facts(others=2)).blocks if block.cards]
    assert [card.person["name"] for card in people.cards] == ["李0", "李1"]


def test_a_long_name_shrinks_and_a_short_one_does_not_grow() -> None:
    assert lay_out(facts(lead="阿卜杜拉·买买提·艾合买提江")).name_size < lay_out(facts(lead="张三")).name_size
    assert fitted("张三", width=1000, largest=23) == 23


def test_duties_that_would_not_fit_are_refused_not_cut() -> None:
    with pytest.raises(Refused, match="放不下"):
        lay_out(facts(lines=60, line="很长的职责" * 20))


@pytest.mark.parametrize(
    "too_long",
    [{"lead": "长" * 60}, {"firm": "厂" * 70}, {"area": "至" * 200}, {"office": "办公室" * 20}],
    ids=lambda one: next(iter(one)),
)
def test_whatever_runs_off_the_sheet_is_refused_not_cut(too_long: dict[str, str]) -> None:
    with pytest.raises(Refused, match="放不下"):
        lay_out(facts(**too_long))


def test_a_long_area_takes_two_lines_and_a_long_office_smaller_letters() -> None:
    layout = lay_out(
        facts(area="东至人民路，西至解放路，" * 6, office="某某区应急管理局安全生产综合监督管理和举报投诉受理办公室")
    )
    assert SMALLEST_TEXT <= layout.area_size < 5
    assert layout.foot_sizes["supervision"] < layout.foot_sizes["complaint"]


@given(st.lists(st.text("职责文字安全生产", min_size=1, max_size=60), min_size=1, max_size=8))
def test_a_paragraph_fits_its_box(lines: list[str]) -> None:
    size = paragraph(lines, width=130, height=118, largest=6.4, what="职责")
    assert SMALLEST_TEXT <= size <= 6.4
