"""Waiting, passwords, networks."""

import argon2
import pytest

from portal.access import guessing
from portal.access.guessing import weakness
from portal.access.passwords import DEAR
from portal.access.rules import network

NAMES = ("张三", "示例省", "吴中区", "木渎镇", "丽水市", "吴中区应急管理局")


@pytest.mark.parametrize("password", ["short", "a" * 12, "password1234", "1234567890123", "zhangsan-river-9", "x" * 129])
def test_weak_passwords(password: str) -> None:
    assert weakness(password, login="zhangsan")


@pytest.mark.parametrize(
    "password",
    [
        "woaini1314520",
        "woaini123456",
        "5201314woaini",
        "wo ai ni 123456",
        "wodemima123456",
        "nihao123456789",
        "qq1234567890",
        "Aa123456789!",
        "1qaz2wsx3edc",
        "P@ssw0rd2026",
        "shengchan123456",
        "a1b2c3d4e5f6",
        "wuzhong123456",
        "Wuzhong@2026!",
        "wu zhong 123456",
        "wuzh0ng123456",
        "wuzhong84736",
        "wuzhong20261129",
        "wzq20262026!",
        "吴中区123456789",
        "吴中20261129吴中",
        "mudu12345678",
        "lishui2024!!",
        "wzqyjglj12345",
        "san zhang 1990",
        "zs1234567890",
    ],
)
def test_what_people_here_take_for_a_password_is_refused(password: str) -> None:
    said = weakness(password, login="bureau", names=NAMES)
    assert said is not None
    assert "太容易被猜到" in said


GOOD = ("six grey ferries home", "雨后的竹林很安静呀你看看", "kq7m-29xf-trab-u3wd", "xigua-taideng-hetun", "xg7Kpq2LmZ9w")


@pytest.mark.parametrize("password", GOOD)
def test_good_passwords_need_no_odd_signs(password: str) -> None:
    assert weakness(password, login="zhangsan", names=NAMES) is None


def test_no_password_makes_the_estimate_read_more_than_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def estimate(password: str, **_: object) -> dict[str, float]:
        read.append(len(password))
        return {"guesses": 1.0}

    monkeypatch.setattr(guessing, "zxcvbn", estimate)
    assert weakness("p4$5w0rd-" * 14, login="zhangsan")
    assert read
    assert max(read) <= guessing.ESTIMATED


SAME = {
    "10.1.2.0/24": (
        "10.1.2.3",
        "10.1.2.250",
        " 10.1.2.3 ",
        "10.1.2.3:51234",
        "::ffff:10.1.2.3",
        "::FFFF:0a01:0203",
        "0:0:0:0:0:ffff:10.1.2.9",
        "[::ffff:10.1.2.3]:443",
        "64:ff9b::10.1.2.3",
        "2002:0a01:0203::1",
        "2002:a01:2ff:9::7",
    ),
    "2001:db8:1:200::/56": (
        "2001:db8:1:200::1",
        "2001:db8:1:2ff::9",
        "2001:0DB8:0001:0200:0000:0000:0000:0009",
        "[2001:db8:1:201::1]:443",
        "[2001:db8:1:201::1]",
        "2001:db8:1:200::1%eth0",
        "[2001:db8:1:200::1%3]:80",
        "2001:db8:1:200:10.1.2.3:0:0".replace("10.1.2.3", "a01:203"),
    ),
    "fe80::/56": ("fe80::1%eth0", "fe80::2%25eth1", "fe80:0::3"),
    "unknown": (
        "",
        "not an address",
        "10.1.2",
        "010.1.2.3",
        "10.1.2.3, 10.9.9.9",
        "[",
        "[]",
        "%",
        "x" * 100_000,
        "1.2.3.4.5",
        "\0",
    ),
}


@pytest.mark.parametrize(("wanted", "address"), [(wanted, one) for wanted, ways in SAME.items() for one in ways])
def test_a_network_is_one_however_its_addresses_are_written(wanted: str, address: str) -> None:
    assert network(address) == wanted


def test_networks_are_told_apart() -> None:
    apart = ("10.1.2.3", "10.1.3.3", "::ffff:10.1.4.3", "2001:db8:1:200::1", "2001:db8:1:300::1", "2002:a01:502::1")
    assert len({network(one) for one in apart}) == len(apart)


def test_a_stored_hash_is_as_dear_as_rfc_9106_recommends() -> None:
    said, least = argon2.extract_parameters(DEAR.hash("six grey ferries home")), argon2.profiles.RFC_9106_LOW_MEMORY
    assert said.type is argon2.Type.ID
    assert (said.memory_cost, said.time_cost) >= (least.memory_cost, least.time_cost)
