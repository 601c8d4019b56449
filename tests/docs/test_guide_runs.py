"""The region of the guide with a register: each class has its board, and its own sheet comes in with a leader who is new."""

import importlib
import io
from collections.abc import Iterator
from dataclasses import replace

import openpyxl
import pytest
import pytest_asyncio

from portal.app import ready
from portal.boards.actions import issue
from portal.boards.queries import page
from portal.call import Call
from portal.demo.register import DemoRegion, faces, folders
from portal.imports.outcome import OWN, Wish
from portal.imports.taking import run
from portal.plugin_kit.checking import importable
from portal.plugins import Plugins, assemble
from portal.viewer import PUBLIC, SYSTEM
from tests.conftest import empty, running
from tests.docs.guide import followed

FIRMS = """
    select e.public_id, e.name, p.klass, e.id in (select enterprise from grid) as own, exists (
        select from appointment a left join grid g on g.id = a.grid where e.id = coalesce(a.enterprise, g.enterprise)
            and a.post in ('firm-warden', 'direct-officer')) as held
    from enterprise e join placement p on p.enterprise = e.id and p.until is null order by e.id
"""
LEADS = {"central": "直接监管责任人", "key": "企业安全员", "plant": "企业安全员", "shop": "网格员"}


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugins]:
    """The plugin of the guide."""
    with importable("portal_harbour", followed(tmp_path_factory.mktemp("reader"))):
        yield assemble({"harbour": importlib.import_module("portal_harbour").plugin}, {"harbour": "portal_harbour"})


@pytest_asyncio.fixture
async def call(database, settings, harbour, workshop, clock):
    """A portal with the region and its example register."""
    made = Call(await running(database, replace(settings, plugins=("harbour",)), harbour, workshop), SYSTEM, clock())
    await ready(made)
    ((scheme, folder),) = folders(made)
    await DemoRegion(made, scheme, folder, (await faces(made))[:4], wanted=16).fill(lambda *_: None)
    yield made
    await empty(database)


async def test_each_class_has_a_board_and_the_list_of_leaders_comes_in(call) -> None:
    leads = {}
    firms = await call.db.rows(FIRMS)
    for firm in firms:
        if firm["held"] or firm["klass"] == "shop":
            facts = (await page(call.as_(PUBLIC), await issue(call, "enterprise", firm["public_id"]))).live
            leads[firm["klass"]] = facts["lead"]["post_name"].removeprefix("社区")
    assert leads == LEADS

    grid = await call.db.value("select public_id from grid where tier = 'village' order by id limit 1")
    assert "直接监管" not in str((await page(call.as_(PUBLIC), await issue(call, "grid", grid))).live)

    key = next(firm["name"] for firm in firms if firm["klass"] == "key")
    await call.db.rows("update appointment set until = since where post = 'bound-leader'")
    book = openpyxl.Workbook()
    book.active.append(["包保企业", "包保领导", "所在部门", "联系电话"])
    book.active.append([key, "新领导（示例）", "示例港区应急管理局（示例）", "0512-09000001"])
    book.save(out := io.BytesIO())
    found = await run(call, kind=OWN, region="harbour", data=out.getvalue(), wish=Wish(), write=True)
    assert (found.errors, found.came) == ((), 2)
