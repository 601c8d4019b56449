"""Editions told in words, compared, stored and read back: nothing is left out, nothing is made up."""

import json
from dataclasses import fields, replace
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.scheme.book import Scheme
from portal.scheme.canonical import Unread, canonical, digest, read
from portal.scheme.comparing import Change, compare
from portal.scheme.telling import HEADS, Teller, field_names, label, things
from portal.scheme.words import (
    Act,
    Assumption,
    Board,
    Capacity,
    Clause,
    Document,
    Duty,
    Edition,
    Every,
    Fact,
    Filing,
    Force,
    Ground,
    InForce,
    Is,
    Kind,
    N,
    Per,
    Placement,
    Post,
    Power,
    Route,
    Rule,
    Section,
    Shown,
    Term,
    Tier,
    Who,
    Within,
)
from tests.sample_region.scheme import DOCUMENT, GRIDS, PATROL, SAMPLE, SILENT

# Every word, and everything that it may say
MORE: tuple[Rule, ...] = (
    Placement(klass="huge", direct="bureau", basis=SILENT),
    Power(
        code="fine",
        name="罚款",
        posts=("officer",),
        toward=Is("size", "big"),
        limit_yuan=5000,
        above="bureau",
        lent_by="station",
        basis=GRIDS,
    ),
    Power(code="stop", name="停业", posts=("officer",), basis=SILENT),
    Duty(
        code="count",
        who="keeper",
        says="巡查本格的小店",
        act=Act.PATROL,
        on=(Per(klass="small", inside=("9901001",), beyond=("9901002",)),),
        every=Every(weeks=2),
        times_a_year=6,
        points=("消防通道", "用电"),
        to=("bureau",),
        attends=("head",),
        force=Force.IN_PRINCIPLE,
        basis=PATROL,
    ),
    Duty(code="report", who="head", says="报告", act=Act.REPORT, every=Every(months=3), basis=PATROL),
    Duty(code="drill", says="组织演练", act=Act.TRAINING, on=(Per(unit="station"), Per(klass="big", tier="patch")), basis=PATROL),
    Post(
        code="liaison",
        name="联络员",
        per=(Per(tier="patch"),),
        count=N(1),
        usual=2,
        staffed_by=("station", "bureau"),
        staffing=Force.WHERE_POSSIBLE,
        everyone=True,
        every_office=True,
        filled_by=("head",),
        basis=PATROL,
    ),
    Filing(code="filing", tiers=("patch",), by="station", at="bureau", basis=GRIDS),
    Board(
        code="wall",
        of="grid",
        title="各条线",
        leads=("head",),
        issuer="station",
        supervision="bureau",
        basis=GRIDS,
        sections=(
            Section(code="lines", title="条线", shows=Shown.LINES, lines=("fire",), basis=GRIDS),
            Section(code="words", title="须知", shows=Shown.WORDS, says=("遇险先撤人",), basis=SILENT),
        ),
    ),
)
BASE = SAMPLE.editions[0]
WHOLE = replace(
    BASE,
    rules=(*BASE.rules, *MORE),
    in_force=InForce(
        since=date(2020, 1, 1),
        until=date(2029, 12, 31),
        pilot=("9901001",),
        everywhere=date(2021, 1, 1),
        assumed=SILENT,
        basis=GRIDS,
    ),
)


def scheme(edition: Edition) -> Scheme:
    """An edition of the sample region."""
    return Scheme(SAMPLE, edition, "sample")


def texts(told: Any) -> str:
    """All words of a told rule."""
    own = [told.word, told.name, *(f"{one.label}{one.text}" for one in told.said)]
    return "\n".join([*own, *(texts(part) for part in told.parts)])


def test_every_field_of_every_word_has_a_name() -> None:
    for word in (*get_args(Rule), Section, Document, InForce):
        names = [field.name for field in fields(word) if field.name != "code"]
        assert all(label(word.__new__(word), name) for name in names), word


def test_everything_that_an_edition_says_is_told_in_names() -> None:
    teller = Teller(scheme(WHOLE), {"9901001": "东镇", "9901002": "西镇"})
    page = "\n".join(texts(rule) for _, rules in teller.chapters() for rule in rules)
    for wanted in (
        "直接监管的部门区局",
        "罚款",
        "限额不限",
        "限额5000 元",
        "超过限额的办理部门区局",
        "由谁委托（凭公布的委托书）镇所",
        "工作内容巡查",
        "每家“小”单位（限于东镇；不含西镇）",
        "每2周一次",
        "每年至少6 次",
        "消防通道、用电",
        "报给区局",
        "到场人员格长",
        "原则上",
        "由谁备案镇所",
        "向谁备案区局",
        "列出的条线消防",
        "遇险先撤人",
        "每个村格（社区）",
        "0 至 2 人",
        "格长",
        "5个工作日内",
        "规模为“大”或高危",
        "对哪些单位规模为“大”",
        "对哪些单位全部生产经营单位",
        "对谁担任的每个人",
        "镇所：组织演练",
        "每个镇所、片里的每家“大或高危”单位",
        "频次由各地自行规定",
        "原则上的人数2 人",
        "由谁配备镇所、区局",
        "配备的要求程度有条件的",
        "这些部门的人都要担任是",
        "这些部门每个都要有人担任是",
        "由谁担任也算有人格长",
    ):
        assert wanted in page, wanted
    codes = {rule.code for rule in WHOLE.rules if hasattr(rule, "code")} - {"sample"}
    assert not [code for code in codes if f"、{code}" in page or f"：{code}" in page]
    assert [rule.name for _, rules in teller.chapters() for rule in rules if rule.word == "网格归属"] == ["huge"]


def test_an_edition_is_the_same_as_itself_and_as_what_is_read_back() -> None:
    for edition in (BASE, WHOLE):
        for other in (edition, replace(edition, rules=tuple(reversed(edition.rules))), read(canonical(edition))):
            found = compare(scheme(edition), scheme(other))
            assert found.changes == ()
            assert len(found.same) == len(list(things(scheme(edition))))
            assert digest(other) == digest(edition)


ANOTHER = Clause("SA-99", "第九十九条", "另有规定。")


def other(value: Any, rule: object, name: str) -> Any:
    """Another value of the same sort."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case date():
            return value.replace(year=value.year + 1)
        case Clause() | Assumption():
            return ANOTHER
        case Term():
            return replace(value, within=Within(days=77))
        case Every():
            return Every(months=7)
        case N():
            return N(value.least + 1, (value.most or 8) + 1)
        case str() if isinstance(value, Ground | Force | Capacity | Kind | Act | Shown):
            members = list(type(value))
            return members[(members.index(value) + 1) % len(members)]
        case str():
            return "grid" if (isinstance(rule, Board) and name == "of" and value == "enterprise") else f"{value}x"
        case tuple():
            return (*value, value[0]) if value else (OTHER_PARTS.get(name, "新的"),)
        case None:
            return OTHER.get(name, "新的")
        case _:
            return Is("size", "none")


OTHER_PARTS: dict[str, Any] = {
    "per": Per(tier="patch"),
    "on": Per(klass="*"),
    "values": ("a", "甲"),
    "sections": MORE[-1].sections[0],
    "to": Who(unit="bureau"),
}
OTHER: dict[str, Any] = {
    "expect": 3,
    "limit_yuan": 9,
    "times_a_year": 2,
    "every": Every(months=5),
    "accept": Term(within=Within(days=9), basis=GRIDS),
    "answer": Term(within=Within(days=9), basis=GRIDS),
    "until": date(2033, 1, 1),
    "since": date(2019, 1, 1),
    "act": Act.MEETING,
    "usual": 4,
    "staffing": Force.MUST,
    "everywhere": date(2031, 1, 1),
    "assumed": Assumption("另一个推定"),
    "issued_on": date(2018, 1, 1),
}
SINGLE = [
    (n, name)
    for n, rule in enumerate(WHOLE.rules)
    for name in field_names(rule)
    if (type(rule), name) not in {(Placement, "klass"), (Route, "kind"), (Route, "topics")}
]


@given(st.sampled_from(SINGLE))
def test_every_change_of_one_field_is_found_and_named(single: tuple[int, str]) -> None:
    n, name = single
    rule = WHOLE.rules[n]
    value = "bureau" if isinstance(rule, Duty) and name == "to" and not rule.to else other(getattr(rule, name), rule, name)
    if isinstance(rule, Duty) and name == "to" and not rule.to:
        value = ("bureau",)
    altered = replace(rule, **{name: value})
    new = replace(WHOLE, rules=(*WHOLE.rules[:n], altered, *WHOLE.rules[n + 1 :]))
    found = compare(scheme(WHOLE), scheme(new))
    (change,) = found.changes
    assert change.kind == "changed"
    assert change.fields, (rule, name)
    assert any(label(rule, name) in field.label or name == "sections" for field in change.fields)
    assert all(field.before != field.after for field in change.fields)
    assert digest(new) != digest(WHOLE)
    assert canonical(read(canonical(new))) == canonical(new)
    back = compare(scheme(new), scheme(WHOLE)).changes[0]
    assert {(one.before, one.after) for one in back.fields} == {(one.after, one.before) for one in change.fields}


@given(
    st.sampled_from([(part, field.name) for part in (DOCUMENT, WHOLE.in_force) for field in fields(part) if field.name != "code"])
)
def test_every_change_of_the_document_and_its_days_is_named(single: tuple[Any, str]) -> None:
    part, name = single
    altered = replace(part, **{name: other(getattr(part, name), part, name)})
    new = replace(WHOLE, documents=(altered,)) if isinstance(part, Document) else replace(WHOLE, in_force=altered)
    changes = compare(scheme(WHOLE), scheme(new)).changes
    assert any(label(part, name) == field.label for change in changes for field in change.fields)


@given(st.sets(st.integers(0, len(WHOLE.rules) - 1)), st.sets(st.integers(0, len(WHOLE.rules) - 1)))
def test_what_is_new_and_what_is_gone(left: set[int], right: set[int]) -> None:
    old, new = (replace(WHOLE, rules=tuple(rule for n, rule in enumerate(WHOLE.rules) if n in kept)) for kept in (left, right))
    found = compare(scheme(old), scheme(new))
    assert len(found.of("new")) == len(right - left)
    assert len(found.of("gone")) == len(left - right)
    assert not found.of("changed")


def test_a_section_a_term_and_a_basis_are_named_where_they_stand() -> None:
    def changed(rule: Any, **to: Any) -> Change:
        rules = tuple(replace(one, **to) if one is rule else one for one in WHOLE.rules)
        (change,) = compare(scheme(WHOLE), scheme(replace(WHOLE, rules=rules))).changes
        return change

    board = WHOLE.rules[-1]
    assert isinstance(board, Board)
    one = changed(board, sections=(board.sections[0], replace(board.sections[1], says=("遇险先报警",))))
    assert str(one) == "公示牌“各条线”：栏目“须知”·内容由“遇险先撤人”改为“遇险先报警”"
    two = changed(board, sections=tuple(reversed(board.sections)))
    assert str(two) == "公示牌“各条线”：栏目由“条线、须知”改为“须知、条线”"
    route = next(rule for rule in WHOLE.rules if isinstance(rule, Route) and rule.kind is Kind.REPORT)
    three = changed(route, answer=replace(route.answer, within=Within(working_days=7)))
    assert str(three) == "办理路径“举报”：答复期限由“5个工作日内”改为“7个工作日内”"
    fact = next(rule for rule in WHOLE.rules if isinstance(rule, Fact))
    four = changed(fact, basis=ANOTHER)
    assert (four.was, four.now) == (GRIDS, ANOTHER)
    tier = next(rule for rule in WHOLE.rules if isinstance(rule, Tier))
    assert str(changed(tier, name="街道格")) == "网格层级“街道格”：名称由“镇格”改为“街道格”"


@pytest.mark.parametrize(
    ("alter", "shown"),
    [
        (lambda said: said["rules"].append({"word": "Gate", "code": "g", "opens": "three signs"}), ("Gate", "three signs")),
        (lambda said: said["rules"][0].update(colour="red"), ("colour", "red")),
        (lambda said: said["rules"][0].update(at="orbit"), ("at", "orbit")),
        (lambda said: said["in_force"].update(moon="full"), ("moon", "full")),
        (lambda said: said.update(seal="big"), ("seal", "big")),
    ],
)
def test_what_a_later_portal_stored_is_shown_as_it_stands(alter: Any, shown: tuple[str, str]) -> None:
    said = json.loads(canonical(replace(BASE, rules=(BASE.rules[0],))))
    alter(said)
    back = read(json.dumps(said))
    (unread,) = (rule for rule in back.rules if isinstance(rule, Unread))
    told = Teller(scheme(back)).told(unread)
    page = texts(told)
    assert all(part in page for part in shown)
    assert back.in_force.since == date(2020, 1, 1)
    assert compare(scheme(replace(BASE, rules=(BASE.rules[0],))), scheme(back)).changes
    assert HEADS
