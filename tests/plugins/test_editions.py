"""The regions' editions over time: how long each holds, what is said before it ends and after, and that they can be read back."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.areas.schemes import ruling
from portal.commands import doctor_of_editions
from portal.plugins import load
from portal.scheme.book import Scheme
from portal.scheme.canonical import canonical, read
from portal.scheme.comparing import compare
from portal.scheme.validity import validity
from portal.viewer import Role
from tests.browse import visiting
from tests.plugins.conftest import REGIONS, filled
from tests.world import PASSWORD, World


@pytest.mark.clause("SD-26")
async def test_the_end_of_shandongs_measures_in_2029_is_announced_before_it_comes(three, clock) -> None:
    call, _ = await filled(three, "shandong", clock)
    holds = validity(three.plugins.book, "shandong", date(2026, 3, 2))
    assert holds.now is not None
    assert (holds.now.edition.in_force.since, holds.now.edition.in_force.until) == (date(2024, 1, 1), date(2029, 12, 31))
    first, end, world = date(2029, 1, 1), date(2029, 12, 31), World(call)
    assert holds.now.edition.in_force.ends_from == first
    district = await call.db.row("select public_id, name from unit where region = 'shandong' and kind = 'bureau'")
    world.units["bureau"] = district["public_id"]
    await world.account("office", Role.OFFICE, unit="bureau")
    async with visiting(three, clock) as site:
        shown = await site("10.5.0.1").get("/schemes/shandong")
        assert "2029年内到期（文件没有写是哪一天）" in shown.text
        assert "12月31日止" not in shown.text
        assert "施行和截止的月日" in shown.text
        assert "日期暂定的理由" in shown.text
        # The day is not given: it may have ended from the year's first day on, and through the year nothing is refused
        days = (
            (first - timedelta(days=181), ""),
            (first - timedelta(days=180), "起每天都可能已到期，还有 180 天"),
        )
        days = (*days, (first, "今天可能已经到期"), (date(2029, 8, 3), "今天可能已经到期"), (end, "最迟到2029年12月31日"))
        for n, (day, told) in enumerate(days, 1):
            clock.now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
            office = site(f"10.5.{n}.1")
            await office.sign_in("office", PASSWORD)
            for address in ("/office", "/schemes/shandong"):
                page = await office.get(address)
                assert ("内到期，文件没有写是哪一天" in page.text) is bool(told), (day, address)
                assert told in page.text, (day, address)
                assert ("政策文件没有写到期前多久提醒" in page.text) is bool(told)
            (said,) = (text for what, _, text in doctor_of_editions(three.plugins.book, day) if "山东" in what or "实名" in text)
            assert told in said
            # What is decided then is decided by it
            assert ruling(replace(call, now=clock.now), "shandong").edition_id == holds.now.edition_id
        clock.now = datetime(2030, 3, 1, 4, tzinfo=UTC)
        office = site("10.5.9.1")
        await office.sign_in("office", PASSWORD)
        assert "最迟已于2029年12月31日到期，现在没有施行中的版本" in (await office.get("/office")).text
        waiting, seen = ["/office", "/schemes"], set[str]()
        while waiting and len(seen) < 150:
            address = waiting.pop(0)
            if address in seen or "/static/" in address:
                continue
            seen.add(address)
            page = await office.get(address)
            assert page.status < 500, address
            waiting += page.links()
        enterprise = next(address for address in sorted(seen) if re.fullmatch("/office/enterprises/[0-9a-z]{20}", address))
        assert (await office.get(enterprise)).status == 200
        asked = await office.get(f"{enterprise}/facts")
        assert asked.status == 422
        assert "操作没有完成" in asked.text


@pytest.mark.parametrize("region", REGIONS)
def test_each_edition_is_read_back_from_what_is_stored_word_by_word(regions, region: str) -> None:
    for scheme in regions.book.schemes_of(region):
        back = Scheme(scheme.region, read(canonical(scheme.edition)), "")
        assert compare(scheme, back).changes == ()
        assert canonical(back.edition) == canonical(scheme.edition)


async def test_a_stored_edition_is_shown_where_its_plugin_is_gone(three, clock) -> None:
    await filled(three, "lishui", clock)
    left = replace(three, plugins=load(["shandong", "wuzhong"]))
    async with visiting(three, clock) as site, visiting(left, clock) as without:
        before = await site("10.6.0.1").get("/schemes/lishui")
        after = await without("10.6.0.2").get("/schemes/lishui")
        listed = await without("10.6.0.3").get("/schemes")
        one = await without("10.6.0.4").get("/schemes/lishui/editions/lishui-2019")
    assert after.status == one.status == 200
    assert "插件没有启用，照存档显示" in after.text
    assert "插件没有启用，存档的版本照旧可以查看" in listed.text
    # The order of rules is not stored
    said = [
        sorted("".join(part.itertext()) for told in page.all("ul", class_="told") for part in told)
        for page in (before, after, one)
    ]
    assert len(said[0]) > 50
    assert said[0] == said[1] == said[2]
