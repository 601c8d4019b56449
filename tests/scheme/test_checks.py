"""Every kind of mistake in a scheme is found, and named with the way to mend it."""

from dataclasses import replace

import pytest

from portal.scheme.checks import problems
from portal.scheme.words import (
    AllOf,
    Assumption,
    Clause,
    Ground,
    Is,
    Kind,
    Per,
    Placement,
    Post,
    Region,
    Route,
    Rule,
    Tier,
    Who,
    rules_of,
)
from tests.sample_region.scheme import GRIDS, RULES, SAMPLE, SILENT


def region(*rules: Rule, without: type | None = None) -> Region:
    """The sample region with more rules, or without those of a word."""
    kept = tuple(rule for rule in RULES if without is None or not isinstance(rule, without))
    return replace(SAMPLE, editions=(replace(SAMPLE.editions[0], rules=(*kept, *rules)),))


def changed(code: str, **values: object) -> Region:
    """The sample region with one rule changed."""
    rules = tuple(replace(rule, **values) if getattr(rule, "code", None) == code else rule for rule in RULES)
    return replace(SAMPLE, editions=(replace(SAMPLE.editions[0], rules=rules),))


def test_the_sample_region_is_sound() -> None:
    assert problems(SAMPLE, "sample") == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (region(rules_of(Tier, RULES)[0]), "写了2次"),
        (changed("head", basis=Clause("SA-99", "第九十九条", "没有登记")), "SA-99 不在本方案的条款表里"),
        (changed("head", basis=Assumption(" ")), "假设没有写理由"),
        (changed("keeper", per=(Per(tier="nowhere"),)), "不存在的层级“nowhere”"),
        (changed("keeper", answers_to=("nobody",)), "不存在的岗位“nobody”"),
        (changed("keeper", per=()), "谁也不能担任"),
        (changed("keeper", per=(Per(tier="patch", unit="bureau"),)), "要且只要写"),
        (changed("head", answers_to=("keeper",)), "绕成了一圈：head → keeper → head"),
        (changed("town-grid", within="village-grid"), "层级互相包含"),
        (changed("town-grid", of=Ground.ENTERPRISE), "在“镇格”里面，而那一层每个网格就是一家企业"),
        (changed("station", at=Ground.ENTERPRISE), "部门不能设在单家企业"),
        (changed("small", when=Is("size", "small")), "同时属于"),
        (changed("big", when=Is("size", "big")), "同时属于|不属于任何一类"),
        (changed("small", when=AllOf((Is("size", "small"), Is("risky")))), "不属于任何一类"),
        (region(without=Placement), "没有写归入哪一层网格"),
        (region(without=Route), "没有写办理路径"),
        (
            region(Route(kind=Kind.REPORT, to=(Who(unit="bureau"),), else_outside="bureau", basis=SILENT)),
            "最后还是到“区局”，没有出这条线",
        ),
        (region(Post(code="odd", name="怪岗", per=(Per(klass="huge"),), basis=GRIDS)), "不存在的类别“huge”"),
        (replace(SAMPLE, editions=()), "没有任何版本"),
        (replace(SAMPLE, clauses=(*SAMPLE.clauses, GRIDS)), "出现了2次"),
        (replace(SAMPLE, clauses=(*SAMPLE.clauses, Clause("SA-9", "", "x"))), "没有写明出处"),
    ],
)
def test_mistake_is_named(broken: Region, said: str) -> None:
    found = [str(problem) for problem in problems(broken, "sample")]
    assert any(word in line for word in said.split("|") for line in found), found


def test_every_problem_says_how_to_mend_it() -> None:
    for problem in problems(region(without=Route), "sample"):
        assert problem.where
        assert problem.mend
