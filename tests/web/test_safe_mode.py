"""Safe mode, address by address: what is served from stored facts, and every other door closed in the same plain way."""

import re
from dataclasses import replace

from portal.app import create_app, routes_of
from portal.boards.actions import issue
from portal.call import Portal
from portal.plugins import none
from portal.viewer import Role
from tests.browse import visiting
from tests.web.access_matrix import EVERYTHING
from tests.world import PASSWORD, World

FROM_FACTS = {
    "/",
    "/find",
    "/privacy",
    "/static/{mark:str}/{name:path}",
    "/about/instance",
    "/healthz",
    "/b/{code:str}",
    "/b/{code:str}/photo/{name:str}",
    "/leave",
}
FLOUR = "甲面粉店（示例）"


async def test_every_other_door_is_closed_for_everybody_before_anything_is_asked(
    site, portal: Portal, world: World, clock
) -> None:
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    await world.account("office", Role.OFFICE, unit="区局")
    signed_in = site()
    await signed_in.sign_in("office", PASSWORD)
    safe = replace(portal, plugins=none(), safe=True, listeners=())
    tables = [row["tablename"] for row in await portal.db.rows("select tablename from pg_tables where schemaname = 'public'")]
    before = [await portal.db.value(f'select count(*) from "{table}"') for table in tables]
    closed = 0
    async with visiting(safe, clock, safe=True) as visitors:
        for visitor in (visitors(), visitors()):
            visitor.client.cookies.update(signed_in.client.cookies if closed else {})
            for method, path in sorted(EVERYTHING):
                address = re.sub(r"\{code:str\}", board, path)
                address = re.sub(r"\{\w+:\w+\}", "1", address)
                answer = await visitor.client.request(
                    method, address, data={"kind": "report", "board": board} if method == "POST" else None
                )
                if path in FROM_FACTS:
                    assert answer.status_code in (200, 303, 404, 422), (path, answer.status_code)
                    continue
                closed += 1
                assert (answer.status_code, answer.headers.get("retry-after")) == (503, "600"), (method, path)
                assert answer.headers["cache-control"] == "no-store"
                assert "安全模式" in answer.text
                assert "区局经办" not in answer.text
            assert (await visitor.client.get("/nowhere")).status_code == 404
    assert closed > 200
    assert [await portal.db.value(f'select count(*) from "{table}"') for table in tables] == before


async def test_its_pages_are_sound_and_discreet(portal: Portal, world: World, clock) -> None:
    board = await issue(world.call, "enterprise", world.enterprises[FLOUR])
    async with visiting(replace(portal, plugins=none(), safe=True), clock, safe=True) as visitors:
        visitor = visitors()
        page = await visitor.get(f"/b/{board}")
        assert page.status == 200
        assert "请拨打本页的电话" in page.text
        assert "安全模式" not in page.text
        assert not page.all("form")
        home = await visitor.get("/")
        assert "暂时只能看公示牌" in home.text
        assert "部署人员" not in home.text
        for address in ("/privacy", "/find?code=wrong", "/b/000000000000", "/leave"):
            assert "安全模式" not in (await visitor.get(address)).text
        assert (await visitor.client.get(f"/find?code={board}")).headers["location"] == f"/b/{board}"
        assert (await visitor.get("/healthz")).response.text == "ok, safe mode"
        response = await visitor.client.get("/office")
        assert response.status_code == 503
        # What checks every page refuses errors; this one is a page like others
        response.status_code = 200
        assert "12350" in visitor._page(response, check=True).text


def test_safe_mode_has_the_same_routes(settings, sample_plugins) -> None:
    assert routes_of(create_app(settings, safe=True)) == routes_of(create_app(settings, plugins=sample_plugins))
