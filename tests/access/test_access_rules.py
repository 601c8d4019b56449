"""Waiting, passwords, networks."""

import pytest

from portal.access.rules import network, wait, weakness


def test_waits_grow_and_stop_growing() -> None:
    assert [wait(n) for n in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize("password", ["short", "a" * 12, "password1234", "1234567890123", "zhangsan-river-9", "x" * 129])
def test_weak_passwords(password: str) -> None:
    assert weakness(password, login="zhangsan")


@pytest.mark.parametrize("password", ["six grey ferries home", "雨后的竹林很安静呀你看看", "kq7m-29xf-trab-u3wd"])
def test_good_passwords_need_no_odd_signs(password: str) -> None:
    assert weakness(password, login="zhangsan") is None


def test_networks() -> None:
    assert network("10.1.2.3") == network("10.1.2.250") == "10.1.2.0/24"
    assert network("2001:db8:1:2ff::9") == network("2001:db8:1:200::1")
    assert network("not an address") == "unknown"
