"""Boards are printed for real only with an address that a phone in the street can open, and that leads here."""

import asyncio
from dataclasses import replace

import pytest

from portal.boards.public_url import instance, leads_elsewhere, only_trial, unfit
from portal.call import Call
from portal.settings import Settings


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000",
        "http://192.0.2.7",
        "https://203.0.113.9",
        "http://[::1]:8000",
        "http://[fe80::1%25eth0]/",
        "http://localhost:8000",
        "https://LOCALHOST.",
        "http://0x7f.1",
        "http://10.0.0.5.",
        "https://127.1",
    ],
)
def test_a_number_or_this_machine_itself_is_never_printed_for_real(url: str) -> None:
    for inside in (False, True):
        assert "不是域名" in str(unfit(Settings(public_url=url, readers_inside=inside)))


@pytest.mark.parametrize(
    "url", ["http://aq.local", "https://portal.lan:8443", "http://server7", "https://aq.gov.internal", "http://aq.home.arpa."]
)
def test_a_name_of_a_private_network_is_printed_for_real_only_where_its_readers_are_inside(url: str) -> None:
    assert "readers_inside = true" in str(unfit(Settings(public_url=url)))
    assert unfit(Settings(public_url=url, readers_inside=True)) is None


@pytest.mark.parametrize(
    "url", ["https://aq.example.cn", "https://网格.中国", "http://aq.suzhou.gov.cn:8080", "https://a1.b2.c3.cn"]
)
def test_a_name_of_the_internet_may_be_printed(url: str) -> None:
    assert unfit(Settings(public_url=url)) is None


async def test_a_demo_and_a_portal_without_an_address_print_trials(call: Call) -> None:
    assert "public_url" in str(await only_trial(call))
    demo = replace(
        call, portal=replace(call.portal, settings=replace(call.portal.settings, demo=True, public_url="https://aq.example.cn"))
    )
    assert "示例" in str(await only_trial(demo))


@pytest.mark.parametrize("other", [None, "0123456789abcdef", ""])
async def test_what_answers_at_the_address_must_be_this_portal(call: Call, other: str | None) -> None:
    said = instance(call) if other is None else other

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n{said}".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        there = replace(call, portal=replace(call.portal, settings=replace(call.portal.settings, public_url=url)))
        found = await leads_elsewhere(there)
    assert (found is None) is (other is None)
    assert "打不开" in str(await leads_elsewhere(there))
