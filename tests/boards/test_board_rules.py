"""What a board says, what it was taken from, and what differs between wall and register."""

import copy
from dataclasses import replace

import pytest

from portal.areas.rules import UnitAt
from portal.boards.rules import GridAt, Holder, Source, characters, compose, difference, may_issue, photos, sources_of
from portal.errors import Refused
from portal.scheme.book import Scheme
from portal.scheme.words import Board, Ground, Kind, Line, N, Per, Placement, Post, Section, Shown, Topic, Unit
from tests.sample_region.scheme import GRIDS, SAMPLE

SCHEME = Scheme(SAMPLE, SAMPLE.editions[0], "sample")
UNITS = (
    UnitAt(1, "bureau", "区局", "0512-01000001", "/d/", "district"),
    UnitAt(2, "station", "东所", "0512-01000003", "/d/t/", "town"),
    UnitAt(3, "watch", "纪检", "0512-01000002", "/d/", "district"),
)


def holder(person: int, post: str, kind: str = "grid", seat: int = 10, name: str = "张看护") -> Holder:
    """Somebody at a seat."""
    return Holder(person, post, kind, seat, name, f"0512-0200000{person}", f"示例{person}", "f" * 40)


def source(**values: object) -> Source:
    """What the register knows for the board of an enterprise in a village grid."""
    given = {
        "of": "enterprise",
        "place": "示例区东镇",
        "path": "/d/t/v/",
        "grids": (GridAt(10, "village-grid", "V1", "甲村格", "甲村"), GridAt(20, "town-grid", "T1", "东镇格", "东镇")),
        "enterprise": 5,
        "enterprise_name": "甲面粉店",
        "address": "示例路1号",
        "klass": "small",
        "units": UNITS,
        "holders": (holder(1, "keeper"), holder(2, "head", seat=20, name="李格长")),
    }
    return Source(**(given | values))


def test_the_lead_is_the_nearest_holder_of_the_first_post_that_is_held() -> None:
    assert compose(SCHEME, source())["lead"]["name"] == "张看护"
    assert compose(SCHEME, source(holders=(holder(2, "head", seat=20, name="李格长"),)))["lead"]["name"] == "李格长"
    assert compose(SCHEME, source(holders=()))["lead"] is None


def test_people_of_the_enterprise_come_before_those_of_the_grids() -> None:
    facts = compose(SCHEME, source(holders=(holder(3, "guard", "enterprise", 5, "钱厂护"), holder(1, "keeper"))))
    assert [person["name"] for person in facts["sections"][0]["people"]] == ["钱厂护", "张看护"]


def test_vacancies_are_told_but_optional_posts_are_none() -> None:
    facts = compose(SCHEME, source(holders=(holder(1, "keeper"),)))
    assert facts["sections"][0]["vacant"] == ["格长"]


def test_a_vacancy_is_told_of_the_posts_that_the_enterprises_own_class_has() -> None:
    (edition,) = SAMPLE.editions
    needed = tuple(replace(one, count=N(1, 1)) if isinstance(one, Post) and one.code == "guard" else one for one in edition.rules)
    scheme = Scheme(SAMPLE, replace(edition, rules=needed), "sample")
    for klass, vacant in (("big", ["厂看护"]), ("small", []), (None, [])):
        assert compose(scheme, source(klass=klass))["sections"][0]["vacant"] == vacant


def test_complaints_fall_back_to_discipline_where_the_register_has_no_outside_office() -> None:
    facts = compose(SCHEME, source(units=UNITS[:2]))
    assert facts["complaint"] == {"name": "纪检监察举报电话", "phone": "12388"}
    assert compose(SCHEME, source())["complaint"]["phone"] == "0512-01000002"


@pytest.mark.clause("NAT-2009-155-1")
def test_the_hotlines_of_a_board_are_the_schemes_and_a_change_of_them_is_told() -> None:
    (edition,) = SAMPLE.editions
    facts = compose(SCHEME, source())
    assert [line["number"] for line in facts["hotlines"]] == ["12350", "12345", "119"]
    own = tuple(replace(one, hotlines=("12345", "119")) if isinstance(one, Board) else one for one in edition.rules)
    other = compose(Scheme(SAMPLE, replace(edition, rules=own), "sample"), source())
    assert difference(facts, other) == [{"label": "公共热线", "printed": "12350、12345、119", "live": "12345、119"}]
    # An earlier release kept all that there were, and printed these three: nothing has to be printed anew
    earlier = {**facts, "hotlines": [*facts["hotlines"], {"number": "110", "name": "报警"}, {"number": "120", "name": "急救"}]}
    assert difference(earlier, facts) == []


def test_what_an_office_supervises_itself_names_the_one_in_charge_and_no_other() -> None:
    (edition,) = SAMPLE.editions
    direct = Placement(klass="big", direct="bureau", basis=GRIDS)
    rules = tuple(direct if isinstance(rule, Placement) and rule.klass == "big" else rule for rule in edition.rules)
    scheme = Scheme(SAMPLE, replace(edition, rules=rules), "sample")
    second = UnitAt(4, "bureau", "区二局", "0512-01000004", "/d/", "district")
    alone = {"grids": (), "klass": "big", "units": (*UNITS, second)}
    assert compose(scheme, source(**alone, charged={"fire": second}))["grid"]["name"] == "由区二局直接监管"
    # Where nobody has said which, none of several is named; one that is alone is meant
    for charged in ({}, {"fire": UNITS[1]}):
        assert compose(scheme, source(**alone, charged=charged))["grid"]["name"] == "由区局直接监管（还没有定是哪个部门）"
    own = {**alone, "units": (replace(UNITS[0], name="东区局"), *UNITS[1:])}
    assert compose(scheme, source(**own))["grid"]["name"] == "由东区局直接监管"
    assert compose(scheme, source(**{**alone, "units": ()}))["grid"]["name"] == "由区局直接监管"


def test_of_several_offices_of_a_lines_kind_none_is_named_until_one_is_in_charge() -> None:
    (edition,) = SAMPLE.editions
    lines = Section(code="lines", title="条线", shows=Shown.LINES, lines=("fire",), basis=GRIDS)
    rules = tuple(
        replace(one, sections=(lines,))
        if isinstance(one, Board)
        else replace(one, required=True)
        if isinstance(one, Line)
        else one
        for one in edition.rules
    )
    scheme = Scheme(SAMPLE, replace(edition, rules=rules), "sample")
    second = UnitAt(4, "bureau", "区二局", "0512-01000004", "/d/", "district")
    for units, charged, named, vacant in (
        (UNITS, {}, ["区局"], []),
        ((*UNITS, second), {}, [], ["消防（还没有定部门）"]),
        ((*UNITS, second), {"fire": second}, ["区二局"], []),
    ):
        (section,) = compose(scheme, source(units=units, charged=charged))["sections"]
        assert ([one["name"] for one in section["people"]], section["vacant"]) == (named, vacant)


def test_a_board_lists_what_is_owed_to_its_own_enterprise_or_within_its_own_grid() -> None:
    def listed(**values: object) -> list[str]:
        return [line["says"] for line in compose(SCHEME, source(**values))["sections"][1]["lines"]]

    head = {"holders": (holder(2, "head", seat=20, name="李格长"),)}
    town = {"grids": (GridAt(20, "town-grid", "T1", "东镇格", "东镇"),)}
    assert listed() == ["走遍本格", "每年学两次"]
    assert listed(klass="big") == ["每年学两次"]
    # Of the head's round of village grids it is told where such a grid is around the enterprise, or lies in the board's own
    assert listed(**head) == ["每季到村格", "统筹本镇"]
    assert listed(**head, **town, klass="big") == ["查大企业", "统筹本镇"]
    grid = {"of": "grid", "enterprise": None, "klass": None}
    assert listed(**head, **town, **grid) == ["查大企业", "每季到村格", "统筹本镇"]
    assert listed(**grid) == ["走遍本格", "每年学两次"]


def test_a_duty_toward_all_is_none_outside_grids_and_a_narrowed_one_stays_in_its_places() -> None:
    (edition,) = SAMPLE.editions

    def listed(on: Per, **values: object) -> bool:
        rules = tuple(replace(one, on=(on,)) if getattr(one, "code", "") == "walk" else one for one in edition.rules)
        facts = compose(Scheme(SAMPLE, replace(edition, rules=rules), "sample"), source(**values))
        return "走遍本格" in [line["says"] for line in facts["sections"][1]["lines"]]

    assert listed(Per(klass="*"))
    assert not listed(Per(klass="*"), grids=(), holders=(holder(3, "guard", "enterprise", 5),), klass="big")
    assert listed(Per(klass="small", tier="village-grid"))
    assert not listed(Per(klass="small", tier="patch"))
    assert listed(Per(klass="*", inside=("t",)))
    assert not listed(Per(klass="*", beyond=("t",)))


def test_who_is_asked_first_about_a_subject_of_complaint_is_told_where_the_register_has_them() -> None:
    (edition,) = SAMPLE.editions
    court = Unit(code="court", name="司法局", at=Ground.DISTRICT, outside=True, basis=GRIDS)
    topics = [
        Topic(code=code, kind=Kind.COMPLAINT, name=name, outside=outside, basis=GRIDS)
        for code, name, outside in (
            ("checks", "乱检查（没有依据）", "court"),
            ("fines", "乱罚款", "court"),
            ("bribes", "受贿", "watch"),
            ("other", "其他", None),
        )
    ]
    scheme = Scheme(SAMPLE, replace(edition, rules=(*edition.rules, court, *topics)), "sample")
    assert compose(scheme, source())["apart"] == []
    facts = compose(scheme, source(units=(*UNITS, UnitAt(4, "court", "东区司法局", "0512-01000004", "/d/", "district"))))
    assert facts["complaint"]["name"] == "纪检"
    assert facts["apart"] == [{"about": "乱检查、乱罚款", "name": "东区司法局", "phone": "0512-01000004"}]
    told = {"label": "投诉乱检查、乱罚款", "printed": "", "live": "东区司法局 0512-01000004"}
    assert difference({**facts, "apart": []}, facts) == [told]
    # What an earlier release printed names no such office and is true all the same
    assert difference({name: part for name, part in facts.items() if name != "apart"}, facts) == []


def test_sources_are_exactly_what_is_shown() -> None:
    found = sources_of(SCHEME, source(holders=(holder(1, "keeper"), holder(9, "officer", "unit", 2))))
    assert found == {("grid", 10), ("grid", 20), ("enterprise", 5), ("person", 1), ("unit", 1), ("unit", 2), ("unit", 3)}


@pytest.mark.parametrize(
    ("change", "label"),
    [
        (lambda f: f["lead"].update(phone="1"), "责任人联系电话"),
        (lambda f: f["lead"].update(badge="x"), "责任人工作证编号"),
        (lambda f: f["lead"].update(name="新人"), "责任人"),
        (lambda f: f["lead"].update(photo="e" * 40), "责任人照片"),
        (lambda f: f.update(lead=None), "责任人"),
        (lambda f: f["grid"].update(area="乙村"), "责任区"),
        (lambda f: f["enterprise"].update(name="改名"), "单位名称"),
        (lambda f: f["supervision"].update(phone="2"), "监督电话"),
        (lambda f: f["issuer"].update(name="新所"), "签发部门"),
        (lambda f: f["complaint"].update(phone="3"), "投诉受理"),
        (lambda f: f["sections"][1]["lines"][0].update(says="别的"), "职责"),
        (lambda f: f["sections"][0]["people"].pop(), "本格人员：格长"),
    ],
)
def test_any_change_is_told_by_its_label(change, label: str) -> None:
    printed = compose(SCHEME, source())
    live = copy.deepcopy(printed)
    change(live)
    assert label in [one["label"] for one in difference(printed, live)]


def test_the_same_facts_differ_in_nothing() -> None:
    assert difference(compose(SCHEME, source()), compose(SCHEME, source())) == []


def test_a_board_that_would_mislead_is_not_issued() -> None:
    board = SCHEME.boards["enterprise"]
    may_issue(compose(SCHEME, source()), board)
    for broken, said in (
        (source(holders=()), "空缺"),
        (source(holders=(Holder(1, "keeper", "grid", 10, "张", "1", "", None),)), "还没有照片"),
        (source(units=()), "还没有登记电话"),
    ):
        with pytest.raises(Refused, match=said):
            may_issue(compose(SCHEME, broken), board)


def test_characters_are_those_that_are_printed_and_photos_those_that_are_shown() -> None:
    facts = compose(SCHEME, source(enterprise_name="𠮷店"))
    assert "𠮷" in characters(facts)
    assert "条" not in characters(facts)
    assert photos(facts) == {"f" * 40}
