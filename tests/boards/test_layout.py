"""Printed boards fit by rule, and on the drawn PDF: whatever the texts and however many the people."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.boards.layout import HEIGHT, MARGIN, NAME, WIDTH, Layout, fitted, lay_out, lines_of, words
from portal.workshop import fonts
from portal.workshop.pool import Unreadable
from tests.boards.drawing import SAID, drawn, misplaced, sizes, texts

# What offices write: quotation marks, dashes and capitals are as wide as Chinese characters, or wider than digits
HARD = (
    "“双随机、一公开”检查——每月一次",
    "对“九小场所”（含WWW网吧、KTV、SPA会所）逐家巡查",
    "督促整改……直到“闭环”",
    "MMWW·GB/T 33000—2016",
    "联系WANG.Xiaoming@EXAMPLE.GOV.CN",
    "① 用电；② 用气；③ 动火",
    "Ａ类企业每2个月1次",
    "https://example.cn/very/long/address/that/goes/on/and/on",
    "㎡、℃、№、‰、≥、〇、々",
    "𠮷田工业、㛃𬭎机械",
    "发现重大隐患，立即报告，情况紧急时可直接报县（市、区）应急管理局",
    "“““”””",
)
NAMES = ("张三", "阿卜杜热合曼·买买提吐尔逊", "欧阳若兮", "Muhammad Abdurrahman Al-Farsi", "古丽米热·艾合买提江·吐尔逊", "李四")
PHONES = ("0512-01234567", "13900000000", "+86 512 0123 4567", "(0512) 0123-4567")


def person(
    name: str = "张三", post: str = "keeper", phone: str = "0512-01234567", post_name: str = "看护员"
) -> dict[str, object]:
    """A person of the facts."""
    return {
        "post": post,
        "post_name": post_name,
        "line": "",
        "name": name,
        "phone": phone,
        "badge": "1",
        "photo": None,
        "capacity": "协助",
    }


def facts(
    *,
    lead: str = "张三",
    others: int = 0,
    lines: int = 3,
    line: str = "走遍本格",
    firm: str = "某厂",
    area: str = "甲村",
    office: str = "区局",
    named: bool = True,
) -> dict:
    """Facts of a board."""
    people = [person(lead), *(person(f"李{n}", post=f"p{n}") for n in range(others))]
    basis = {"clause": "XX-1"} if named else {"assumption": "…"}
    texts = [{"says": line, "every": "每月一次"} for _ in range(lines)]
    return {
        "title": "示例区公示牌",
        "place": "示例区东镇",
        "grid": {"name": "甲村格", "area": area, "code": "1"},
        "enterprise": {"name": firm, "address": ""},
        "lead": people[0],
        "sections": [
            {"shows": "people", "title": "人员", "people": people, "vacant": [], "basis": basis},
            {"shows": "duties", "title": "职责", "lines": texts, "basis": basis},
            {"shows": "services", "title": "服务", "lines": texts[:2], "basis": basis},
        ],
        "supervision": {"name": office, "phone": "0512-01000001"},
        "complaint": {"name": "纪检", "phone": "12388"},
        "apart": [{"about": "乱检查、乱处罚", "name": "区司法局（行政执法监督）", "phone": "0512-01000009"}],
        "hotlines": [{"number": number, "name": "热线"} for number in ("12350", "12345", "119", "110", "120")],
        "issuer": {"name": "东所", "phone": "0512-01000003"},
    }


def hard(seed: int) -> dict:
    """A board with texts as hard as they come, as many as a district might want."""
    chance = random.Random(seed)

    def some(least: int, most: int, pool: tuple[str, ...] = HARD) -> list[str]:
        return [chance.choice(pool) for _ in range(chance.randint(least, most))]

    def text(most: int) -> str:
        return "".join(some(1, 3))[:most]

    made = facts(lead=chance.choice(NAMES), firm=text(120), area=text(300), office=text(80))
    made["title"], made["place"], made["lead"]["badge"], made["lead"]["capacity"] = text(30), text(40), text(40), text(30)
    made["apart"][0] |= {"about": text(30), "name": text(60)}
    made["lead"] |= {"post_name": text(20), "phone": chance.choice(PHONES)}
    people = [
        person(chance.choice(NAMES) + str(n), f"p{n}", chance.choice(PHONES), text(24)) for n in range(chance.randint(0, 14))
    ]
    made["sections"][0] |= {"title": text(20), "people": [made["lead"], *people], "vacant": some(0, 3)}
    for section in made["sections"][1:]:
        section["lines"] = [{"says": one, "every": chance.choice(("", "每两个月"))} for one in some(1, 14)]
    return made


def on_cards(layout: Layout) -> list[str]:
    """Who stands in the rows of people, in order."""
    return [card.name.text for sheet in layout.sheets for block in sheet.blocks for card in block.cards]


@pytest.mark.parametrize("seed", range(8))
def test_on_the_drawn_sheets_every_letter_stands_in_its_place(seed: int) -> None:
    size = ("A3", "A4")[seed % 2]
    made = hard(seed)
    layout, document = drawn(made, size)
    assert misplaced(layout, document, size) == []
    people = [one["name"] for one in made["sections"][0]["people"]]
    assert [layout.lead.lines["name"].text, *on_cards(layout)] == people


def test_a_text_that_runs_out_of_its_place_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    # As it was: quotation marks, dashes and capitals taken for letters of half the width
    monkeypatch.setattr("portal.boards.layout.advance", lambda letter, **_: 1.0 if letter >= "\u2e80" else 0.56)
    found = [misplaced(*drawn(hard(seed)), "A3") for seed in range(3)]
    assert any(found)


def test_no_letter_is_smaller_than_can_be_read() -> None:
    for size, least in (("A3", 14.0), ("A4", 10.0)):
        _, document = drawn(hard(3), size)
        for page in document:
            assert min(sizes(page)) >= least - 0.01


@given(st.integers(0, 40), st.integers(1, 30), st.integers(1, 12))
def test_blocks_never_overlap_and_stay_on_the_sheet(others: int, lines: int, long_names: int) -> None:
    layout = lay_out(facts(others=others, lines=lines, lead="阿" * long_names * 2, line="走遍本格的“九小场所”" * 3), SAID)
    for n, sheet in enumerate(layout.sheets):
        boxes = [(one.x, one.y, one.x + one.w, one.y + one.h) for one in texts(layout, n)]
        assert all(x >= MARGIN and right <= MARGIN + WIDTH + 0.01 and bottom <= HEIGHT for x, _, right, bottom in boxes)
        assert all(block.title.y < layout.foot for block in sheet.blocks)
        for one, two in itertools.combinations(boxes, 2):
            assert one[2] <= two[0] + 0.01 or two[2] <= one[0] + 0.01 or one[3] <= two[1] + 0.01 or two[3] <= one[1] + 0.01


def test_everybody_stands_on_the_board_but_where_no_clause_names_them_and_it_spares_a_sheet() -> None:
    def shown(named: bool, people: int) -> tuple[list[str], str]:
        made = facts(others=0, named=named)
        made["sections"][0]["people"] += [person(f"李{n}", "helper") for n in range(people)]
        blocks = [block for sheet in lay_out(made, SAID).sheets for block in sheet.blocks if block.cards]
        return [card.name.text for block in blocks for card in block.cards], blocks[0].title.text

    for named, people in ((True, 9), (True, 60), (False, 9)):
        assert shown(named, people) == ([f"李{n}" for n in range(people)], "人员")
    # Where people are left out, as many stand there as the sheets have room for
    names, title = shown(named=False, people=60)
    assert names == [f"李{n}" for n in range(len(names))]
    assert 9 < len(names) < 60
    assert title == f"人员（另有 {60 - len(names)} 人，扫码可见）"


def test_the_lead_is_not_shown_twice_and_a_colleague_of_the_same_name_and_number_is() -> None:
    made = facts(others=2)
    made["sections"][0]["people"].append({**made["lead"], "badge": "2"})
    assert on_cards(lay_out(made, SAID)) == ["李0", "李1", "张三"]


def test_a_long_name_among_six_people_is_printed_on_two_lines_or_fewer_stand_in_a_row() -> None:
    made = facts(others=6)
    made["sections"][0]["people"][3] |= {"name": "阿卜杜热合曼·买买提吐尔逊"}
    (people,) = [block for block in lay_out(made, SAID).sheets[0].blocks if block.cards]
    assert len({card.name.text for card in people.cards}) == 6
    # Of one size, however long each is
    assert {card.name.size for card in people.cards} == {NAME}


def test_one_long_name_does_not_put_everybody_on_a_row_of_their_own() -> None:
    made = facts(others=12)
    made["sections"][0]["people"][3] |= {"name": "示例“一带一路”产业园区管委会安全生产与应急管理综合行政执法支队——第一分局" * 2}
    (people,) = [block for block in lay_out(made, SAID).sheets[0].blocks if block.cards]
    tops = [card.y for card in people.cards]
    assert len(tops) == 12
    assert len(set(tops)) <= 4


def test_texts_as_long_as_fields_allow_and_as_wide_as_letters_are_are_never_refused() -> None:
    made = facts(lead="Ｗ" * 60, firm="Ｗ" * 120, area="Ｗ" * 300, office="Ｗ" * 80)
    made["place"], made["grid"]["name"], made["lead"]["badge"] = "Ｗ" * 180, "Ｗ" * 80, "Ｗ" * 40
    for office in ("supervision", "complaint", "issuer"):
        made[office] = {"name": "Ｗ" * 80, "phone": "9" * 30}
    long = [person(f"{n}{'Ｗ' * 59}", f"p{n}", "9" * 30) for n in range(9)]
    made["sections"][0] |= {"people": [made["lead"], *long], "vacant": ["Ｗ" * 40] * 3}
    assert on_cards(lay_out(made, SAID)) == [one["name"] for one in long]


def test_what_has_no_room_goes_on_on_a_second_sheet_and_each_says_which_it_is() -> None:
    layout = lay_out(facts(others=8, lines=24, line="督促单位整改到位，情况紧急时可以直接报告区应急管理局"), SAID)
    assert [sheet.which for sheet in layout.sheets] == ["第 1 张，共 2 张", "第 2 张，共 2 张"]
    lists = [words.text for sheet in layout.sheets for block in sheet.blocks for words in block.lines]
    assert len(lists) == 24 + 2
    assert next(block.title.text for block in layout.sheets[1].blocks if block.lines) in {"职责", "职责（续）"}


def test_what_fits_stands_on_one_sheet_which_does_not_count_itself() -> None:
    (sheet,) = lay_out(facts(others=4), SAID).sheets
    assert sheet.which == ""


def test_two_neighbouring_lists_share_one_size() -> None:
    layout = lay_out(facts(lines=9, line="督促单位整改到位，情况紧急时直接报告"), SAID)
    assert len({words.size for block in layout.sheets[0].blocks for words in block.lines}) == 1


def test_lines_one_below_the_other_share_one_size() -> None:
    made = facts(firm="示例" * 20)
    made["lead"]["badge"] = "示例" * 13
    layout = lay_out(made, SAID)
    for lines, keys in ((layout.lead.lines, ("badge", "capacity")), (layout.place, ("area", "subject"))):
        assert len({lines[key].size for key in keys}) == 1
        assert len({words(lines[key].text, 0, 0, lines[key].w, largest=7.2).size for key in keys}) == 2


def test_a_short_text_does_not_grow_and_a_long_one_becomes_smaller_before_it_wraps() -> None:
    assert fitted("张三", 1000, largest=23) == (23, 1)
    size, rows = fitted("阿卜杜拉·买买提江", 175, largest=23, bold=True)
    assert rows == 1
    assert 12 < size < 23


def test_a_second_line_is_better_than_letters_of_half_the_size() -> None:
    size, rows = fitted("字" * 19, 102, largest=10)
    assert (size, rows) == (10, 2)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        # The dot of a name, and what closes, begin no line
        ("古丽米热·艾合买提江·吐尔逊", 62.0, ["古丽米热·艾合买提", "江·吐尔逊"]),
        ("示例（一）", 20.0, ["示例", "（一）"]),
        # A number is one word, also with blanks and brackets
        ("应急管理局 +86 (0512) 0123 4567", 60.0, ["应急管理局", "+86 (0512) 0123 4567"]),
        ("办公室 0512-01234567", 50.0, ["办公室", "0512-01234567"]),
        # Only what is wider than a line is broken within
        ("WWWWWWWWWW", 20.0, ["WWW", "WWW", "WWW", "W"]),
    ],
)
def test_lines_end_where_a_reader_would_end_them(text: str, width: float, lines: list[str]) -> None:
    assert lines_of(text, size=6, width=width) == lines


def test_no_letter_stands_alone_on_the_last_line_where_the_others_can_be_shorter() -> None:
    text = "监督员：对违法行为和隐患劝导、制止，及时上报，跟踪到整改"
    for width in (60.0, 90.0, 120.0, 150.0):
        for lines in (words("字" * 31, 0, 0, width, largest=5).lines, words(text, 0, 0, width, largest=5).lines):
            assert len(lines) == 1 or len(lines[-1]) >= 3


@given(st.text("职责WM“”——（）、abc 019", max_size=80), st.floats(5, 20))
def test_a_wider_box_never_takes_more_lines(text: str, size: float) -> None:
    rows = [len(lines_of(text, size=size, width=width)) for width in (20.0, 60.0, 240.0, 4000.0)]
    assert rows == sorted(rows, reverse=True)
    assert rows[-1] == 1


def test_where_no_chinese_font_is_nothing_is_printed_and_the_cause_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def forget() -> None:
        for kept in (fonts._faces, fonts._advances):
            kept.cache_clear()

    monkeypatch.setattr(fonts, "_listed", lambda *_: [])
    forget()
    try:
        with pytest.raises(Unreadable, match="没有装打印用的中文字体"):
            lay_out(facts(), SAID)
    finally:
        forget()


def test_what_no_sheet_could_hold_is_refused_with_what_to_do() -> None:
    with pytest.raises(Unreadable, match="精简文字"):
        lay_out(facts(lines=1, line="长" * 4000), SAID)
    with pytest.raises(Unreadable, match="部门页面改短"):
        lay_out(facts(office="办公室" * 400), SAID)


def test_the_hotlines_on_the_sheet_are_those_of_the_board() -> None:
    """In short, and of a board that an earlier release kept the three that it printed."""
    for numbers, said in (
        (("12350", "12345", "119", "110", "120"), "举报热线 12350　政务热线 12345　火警 119"),
        (("12345", "119"), "政务热线 12345　火警 119"),
        (("96119",), "热线 96119"),
    ):
        own = facts() | {"hotlines": [{"number": number, "name": "热线"} for number in numbers]}
        assert lay_out(own, SAID).foot_lines["hotlines"].text == said


def test_the_other_office_outside_has_a_line_of_its_own_and_a_board_without_one_has_none() -> None:
    own = facts()
    line = lay_out(own, SAID).foot_lines["apart-0"]
    assert (line.label, line.text) == ("投诉乱检查、乱处罚", "区司法局（行政执法监督） 0512-01000009")
    foot = lay_out(own, SAID).foot
    del own["apart"]
    bare = lay_out(own, SAID)
    assert "apart-0" not in bare.foot_lines
    assert foot == bare.foot, "it takes no room from the middle"
