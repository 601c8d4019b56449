"""Registers that do not fit their scheme: each thing named precisely, nothing half loaded."""

from dataclasses import replace

import pytest

from portal.enterprises.queries import enterprise, unplaced
from portal.imports import taking
from portal.imports.outcome import Wish
from portal.scheme.words import AllOf, Class, Is
from portal.workshop.sheets import written_csv
from tests.obligations.test_places import with_rules
from tests.sample_region.scheme import SAMPLE
from tests.world import World

HEAD = ["单位名称", "统一社会信用代码", "所在村或社区", "规模", "高危"]


async def test_a_charge_to_an_unknown_office_is_named_at_its_cell_and_none_is_written(world: World) -> None:
    rows = [["甲面粉店（示例）", "消防", "东所"], ["丙小店（示例）", "消防", "没有的局"], ["丙小店（示例）", "防汛", "西所"]]
    data = written_csv(["单位名称", "条线", "负责部门"], rows)
    found = await taking.run(world.call, kind="charges", region="sample", data=data, wish=Wish(), write=True)
    assert not found.written
    assert [(error.row, error.title) for error in found.errors] == [(3, "负责部门"), (4, "条线")]
    assert "没有登记名为“没有的局”的部门" in found.errors[0].text
    assert "不在可填的范围：消防" in found.errors[1].text
    assert await world.call.db.value("select count(*) from charge") == 0


@pytest.mark.parametrize(
    ("changed", "outcome", "said"),
    [
        (
            lambda klass: replace(klass, when=AllOf((klass.when, Is("risky")))) if klass.code == "small" else klass,
            "no_class",
            "不符合任何一类",
        ),
        (
            lambda klass: replace(klass, when=AllOf()) if klass.code == "big" else klass,
            "several_classes",
            "同时符合多个类别：大或高危",
        ),
    ],
)
async def test_an_enterprise_that_fits_no_class_or_two_comes_in_and_says_so(world: World, changed, outcome, said) -> None:
    """A check refuses such classes at the start; should one slip through, the enterprise is kept and named, not guessed."""
    (edition,) = SAMPLE.editions
    kept = tuple(changed(rule) if isinstance(rule, Class) else rule for rule in edition.rules)
    call = with_rules(world.call, instead=kept)
    data = written_csv(HEAD, [["新厂（示例）", "", "甲村", "小", "否"]])
    found = await taking.run(call, kind="enterprises", region="sample", data=data, wish=Wish(), write=True)
    assert (found.came, found.errors) == (1, ())
    id_ = await call.db.value("select public_id from enterprise where name = '新厂（示例）'")
    row = await enterprise(call, id_)
    assert (row.outcome, row.grid) == (outcome, None)
    assert said in row.because[0].note
    assert await unplaced(call) == 1
