"""Codes and numbers as the country writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import codes
from portal.errors import Refused

VALID = (
    "914403001922038216",
    "91330100799655058B",
    "91440300192317458F",
    "9144030071526726XG",
    "91110000802100433B",
    "91320506MAUBJH6YG0",
    # Rural collectives and villagers' committees, and bodies of the army
    "N1320506MF0000001K",
    "N2320506MF0000001G",
    "Y1320506MF0000001B",
    "A1110000600037341K",
)


@pytest.mark.parametrize("code", VALID)
def test_credit_codes_that_are_right(code: str) -> None:
    assert codes.credit_code(f" {code.lower()[:6]} {code[6:]} ") == code


@pytest.mark.parametrize(
    "code", ["91350100M000100Y4Z", "91440300192203821", "", "９１４４０３００１９２２０３８２１７", "91440300I922038216"]
)
def test_credit_codes_that_are_wrong(code: str) -> None:
    with pytest.raises(Refused):
        codes.credit_code(code)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("0" * 18, "开头不对"),
        ("B1320506MF0000001Y", "开头不对"),
        ("913A0506MAUBJH6YG0", "开头不对"),
        ("91320506MAUBJH6YG1", "校验位"),
    ],
)
def test_the_reason_for_which_a_credit_code_is_refused_is_true(code: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        codes.credit_code(code)


@pytest.mark.parametrize("unseen", ["\u200b", "\u202d", "\u202c", "\ufeff", "\u2060", "\u00ad", "\ufe0f", "\U000e0100"])
def test_what_nobody_sees_is_no_part_of_a_number(unseen: str) -> None:
    assert codes.phone(f"{unseen}0512-65{unseen}250000{unseen}") == "0512-65250000"
    assert codes.credit_code(f"91320506{unseen}MAUBJH6YG0{unseen}") == "91320506MAUBJH6YG0"
    board = codes.new_board_code()
    assert codes.board_code(f"{board[:4]}{unseen}{board[4:]}") == board
    assert codes.visible(f"{unseen}张{unseen}三 {unseen}") == "张三"


@pytest.mark.parametrize("dash", "-‐‑‒–—―−﹣－ー")
def test_whatever_stands_for_a_dash_is_one(dash: str) -> None:
    assert codes.phone(f"0512{dash}65250000") == "0512-65250000"
    board = codes.new_board_code()
    assert codes.board_code(f"{board[:4]}{dash}{board[4:]}") == board


@pytest.mark.parametrize("dot", ".．·•・")
def test_a_dot_between_digits_is_a_dash(dot: str) -> None:
    assert codes.phone(f"139{dot}0000{dot}1111") == "139-0000-1111"


@pytest.mark.parametrize(
    "text", ["0512-65250000-801", "0512-65250000转801", "0512-65250000 分机801", "0512-65250000 ext 801", "0512-65250000#801"]
)
def test_an_extension_is_told_as_such(text: str) -> None:
    with pytest.raises(Refused, match="分机 801.*只写 0512-65250000"):
        codes.phone(text)


@pytest.mark.parametrize(
    "number",
    [
        "0512-01234567",
        "0578-0123456",
        "13800138000",
        "13900001111",
        "139 0000 1111",
        "12350",
        "119",
        "12369",
        "10086",
        "116114",
        "95119",
        "96315",
        "961890",
        "４００８００１２３４",
        "400-820-1234",
        "800-820-1234",
        "0512-12345",
        "(0512)12388",
        "010 12345",
        "051296315",
        "0512-65250000",
        "051265250000",
        "(0512)65250000",
        "010-65250000",
        "+8613900001111",
        "+86 512 65250000",
        "008613900001111",
        "95012345678",
    ],
)
def test_phones_that_can_be_dialled(number: str) -> None:
    assert codes.phone(number)


@pytest.mark.parametrize(
    "number",
    [
        "65250000",
        "abc",
        "1",
        "123456",
        "1390000",
        "+",
        "0000",
        "123456789012345",
        "0512-65250000 ext 801",
        "400-820-TALK",
        "℡" * 8 + "051265250000",
        "0512-65250000转801",
        "0512-12345678901",
        "0512-119",
    ],
)
def test_phones_that_cannot(number: str) -> None:
    with pytest.raises(Refused):
        codes.phone(number)


@pytest.mark.parametrize("between", [" / ", "/", "、", "，", " ", "或"])
def test_two_numbers_of_a_cell_are_told_apart_also_where_blanks_stand_within(between: str) -> None:
    written = f"13900001111{between}13900002222" if between == " " else f"139 0000 1111{between}139 0000 2222"
    with pytest.raises(Refused, match="是 2 个号码"):
        codes.phone(written)
    assert codes.dialled(codes.first_phone(written)) == "13900001111"


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        ("51265250000", "0512-65250000"),
        ("512-65250000", "0512-65250000"),
        ("(512)65250000", "0512-65250000"),
        ("1065250000", "010-65250000"),
        ("2165250000", "021-65250000"),
        ("5396525000", "0539-6525000"),
        ("8613900001111", "13900001111"),
        ("86-512-65250000", "0512-65250000"),
    ],
)
def test_a_number_that_lost_its_beginning_is_refused_with_what_it_may_have_been(number: str, meant: str) -> None:
    with pytest.raises(Refused, match=meant):
        codes.phone(number)
    assert codes.phone(meant) == meant


def test_board_codes_are_read_as_people_write_them() -> None:
    code = codes.new_board_code()
    assert codes.board_code(codes.grouped(code).lower()) == code
    assert codes.board_code(f" {code[:4]} {code[4:]} ") == code


@given(st.integers(0, 11), st.sampled_from(codes.CROCKFORD))
def test_any_single_wrong_letter_is_found(place: int, letter: str) -> None:
    code = codes.new_board_code()
    wrong = code[:place] + letter + code[place + 1 :]
    assert (codes.board_code(wrong) == code) is (wrong == code)
    if wrong != code:
        assert codes.board_code(wrong) is None


def test_random_codes_are_rarely_taken_for_ours() -> None:
    """One in 32 passes the check letter; the other 55 bits are looked up."""
    import random

    chance = random.Random(7)
    passed = sum(codes.board_code("".join(chance.choices(codes.CROCKFORD, k=12))) is not None for _ in range(10_000))
    assert 200 < passed < 450


@pytest.mark.parametrize("typed", ["bureau", " Bureau ", "ｂｕｒｅａｕ", "\u200bbur\u2060eau", "\ufeffbureau\u202c"])
def test_a_login_is_the_same_however_it_was_pasted(typed: str) -> None:
    assert codes.login(typed) == "bureau"
