"""Posts whose number differs by place, and figures that no clause gives: at seats, on pages, on boards and in sheets."""

import re
from collections import Counter
from dataclasses import replace

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from portal.areas.queries import unit
from portal.boards.rules import GridAt, Holder, Source, compose
from portal.errors import Refused
from portal.imports.outcome import Wish
from portal.imports.taking import run
from portal.people import queries
from portal.people.rules import Candidate, Seat, gaps, may_hold, posts_at
from portal.plugins import assemble
from portal.scheme.book import Scheme
from portal.scheme.words import Assumption, Force, N, Per, Post, Region, Section, Shown
from portal.terms import FORCE
from portal.viewer import Role
from portal.workshop.sheets import written_csv
from tests.browse import visiting
from tests.sample_region import Sample
from tests.sample_region.scheme import BOARD, POSTS, SAMPLE
from tests.world import PASSWORD, World, make_appointment, make_person

EAST = ("9901001",)
LOST = Assumption("公布的文本缺字，人数是推定的。")
CHECKERS = (
    Post(code="checker-east", name="检查员", per=(Per(unit="station", inside=EAST),), count=N(1, 2), basis=LOST),
    Post(code="checker-else", name="检查员", per=(Per(unit="station", beyond=EAST),), count=N(2, 3), basis=LOST),
    Post(
        code="elder",
        name="老看护",
        per=(Per(tier="village-grid", inside=EAST), Per(tier="village-grid", where="community")),
        basis=POSTS,
    ),
    Post(code="warden", name="厂长老", per=(Per(klass="*", beyond=EAST),), basis=POSTS),
)


def staffed(*posts: Post) -> Region:
    """The sample region with more posts, which its boards show."""
    (edition,) = SAMPLE.editions
    shown = Section(code="more", title="更多人员", shows=Shown.PEOPLE, posts=tuple(post.code for post in posts), basis=BOARD)
    rules = [replace(rule, sections=(*rule.sections, shown)) if hasattr(rule, "sections") else rule for rule in edition.rules]
    return replace(SAMPLE, editions=(replace(edition, rules=(*rules, *posts)),))


REGION = staffed(*CHECKERS)
SCHEME = Scheme(REGION, REGION.editions[0], "sample")


FILLED = (
    Post(
        code="visitor",
        name="来访员",
        per=(Per(tier="village-grid"), Per(tier="town-grid")),
        count=N(1),
        filled_by=("keeper", "envoy"),
        basis=POSTS,
    ),
    Post(
        code="envoy",
        name="所里派员",
        per=(Per(tier="village-grid"),),
        count=N(0),
        staffed_by=("station",),
        every_office=True,
        basis=POSTS,
    ),
)


class Staffed(Sample):
    """States the region with these posts."""

    def __init__(self, region: Region = REGION) -> None:
        self.region = region

    def portal_regions(self) -> tuple[Region, ...]:
        """It alone."""
        return (self.region,)


def under(world: World, region: Region) -> World:
    """The usual register under another text of its region."""
    return world.again(replace(world.call, portal=replace(world.call.portal, plugins=assemble({"sample": Staffed(region)}))))


@pytest_asyncio.fixture
async def there(world: World) -> World:
    """The usual register under the region with more posts."""
    return under(world, REGION)


def test_a_seat_has_the_posts_of_its_place() -> None:
    def at(kind: str, of: str, path: str, ground: str = "") -> list[str]:
        known = {post.code for post in CHECKERS}
        return [post.code for post in posts_at(SCHEME, Seat(kind, 1, of, "x", ground, path)) if post.code in known]

    assert at("unit", "station", "/99/9901/9901001/") == ["checker-east"]
    assert at("unit", "station", "/99/9901/9901002/") == ["checker-else"]
    assert at("unit", "station", "/99/9901/") == ["checker-else"]
    assert at("grid", "village-grid", "/99/9901/9901001/9901001001/", "village") == ["elder"]
    assert at("grid", "village-grid", "/99/9901/9901001/9901001002/", "community") == ["elder"]
    assert at("grid", "village-grid", "/99/9901/9901002/9901002001/", "village") == []
    assert at("grid", "village-grid", "/99/9901/9901002/9901002001/", "community") == ["elder"]
    assert at("enterprise", "small", "/99/9901/9901001/9901001001/") == []
    assert at("enterprise", "small", "/99/9901/99010011/") == ["warden"]


CODES = st.text("0123456789", min_size=1, max_size=3)
PATHS = st.lists(CODES, min_size=1, max_size=4).map(lambda codes: "/" + "/".join(codes) + "/")
PERS = st.builds(
    Per,
    tier=st.just("t"),
    where=st.sampled_from([None, "village", "community"]),
    inside=st.lists(CODES, max_size=2).map(tuple),
    beyond=st.lists(CODES, max_size=2).map(tuple),
)


@given(st.lists(CODES, min_size=1, max_size=3).map(tuple), PATHS, st.lists(PERS, min_size=1, max_size=4).map(tuple))
def test_inside_and_beyond_part_all_places_and_a_seat_has_each_post_once(codes, path, pers) -> None:
    posts = (
        Post(code="in", name="内", per=(Per(tier="t", inside=codes),), basis=POSTS),
        Post(code="out", name="外", per=(Per(tier="t", beyond=codes),), basis=POSTS),
        Post(code="many", name="多", per=pers, basis=POSTS),
    )
    scheme = Scheme(SAMPLE, replace(SAMPLE.editions[0], rules=posts), "sample")
    found = [post.code for post in posts_at(scheme, Seat("grid", 1, "t", "x", "village", path))]
    assert len(set(found) & {"in", "out"}) == 1
    assert ("in" in found) == bool(set(codes) & set(path.split("/")))
    assert len(found) == len(set(found))
    wanted = [
        per
        for per in pers
        if per.where in (None, "village")
        and (not per.inside or set(per.inside) & set(path.split("/")))
        and not set(per.beyond) & set(path.split("/"))
    ]
    assert ("many" in found) == bool(wanted)


def test_a_gap_says_whether_its_figure_is_inferred() -> None:
    found = gaps(SCHEME, [Seat("unit", 1, "station", "东所", path="/99/9901/9901001/")], Counter())
    assert {gap.value.post.code: gap.value.inferred for gap in found} == {"officer": False, "checker-east": True}


def test_a_board_names_as_vacant_what_its_own_place_has() -> None:
    def vacant(town: str, ground: str) -> list[str]:
        path = f"/99/9901/{town}/{town}001/"
        grid = GridAt(10, "village-grid", "V1", "甲村格", "甲村", (), ground, path)
        source = Source(of="enterprise", place="x", path=path, grids=(grid,), enterprise=5, enterprise_name="店", klass="small")
        facts = compose(SCHEME, source)
        return next(section for section in facts["sections"] if section["code"] == "more")["vacant"]

    assert vacant("9901001", "village") == ["老看护"]
    assert vacant("9901002", "village") == ["厂长老"]
    assert vacant("9901002", "community") == ["老看护", "厂长老"]


def test_a_post_of_another_place_is_refused_where_it_is_asked_for() -> None:
    with pytest.raises(Refused, match="没有这个岗位"):
        may_hold(SCHEME, Seat("unit", 1, "station", "东所", path="/99/9901/9901001/"), "checker-else", Candidate(), held=0)


async def test_the_gaps_of_a_unit_follow_its_place(there: World) -> None:
    for name, lacking in (("东所", {"checker-east": 1}), ("西所", {"checker-else": 2, "officer": 1})):
        found = await queries.gaps_of_unit(there.call, await unit(there.call, there.units[name]))
        assert {gap.value.post.code: gap.value.lacking for gap in found} == lacking
    listed = [gap.value for _, gap in await queries.gaps_in_areas(there.call) if gap.value.seat.kind == "unit"]
    assert {(gap.seat.name, gap.post.code) for gap in listed} == {
        ("东所", "checker-east"),
        ("西所", "checker-else"),
        ("西所", "officer"),
    }


async def take(world: World, rows: list[list[str]], *, write: bool = True):
    """Take a sheet of appointments in."""
    data = written_csv(["姓名", "岗位", "任职处", "到任日期"], rows)
    return await run(world.call, kind="appointments", region="sample", data=data, wish=Wish(), write=write)


async def test_a_sheet_means_the_post_that_the_seat_has_and_is_the_same_the_second_time(there: World) -> None:
    for name in ("一", "二", "三", "四"):
        await make_person(there, name)
    rows = [["一", "检查员", "西所", "2026-02-01"], ["二", "检查员", "东所", "2026-02-01"]]
    first = await take(there, rows)
    assert (first.came, first.errors) == (2, ())
    kept = await there.call.db.rows("select post from appointment order by id desc limit 2")
    assert {row["post"] for row in kept} == {"checker-else", "checker-east"}
    again = await take(there, rows)
    assert (again.came, again.same, again.errors) == (0, 2, ())
    refused = await take(there, [["三", "老看护", "丙村格", "2026-02-01"]])
    assert [(error.title, error.text) for error in refused.errors] == [("岗位", "“丙村格”按方案没有这个岗位。")]
    full = await take(there, [["三", "检查员", "东所", "2026-02-01"], ["四", "检查员", "东所", "2026-02-01"]])
    assert "最多 2 人" in full.errors[0].text


@pytest.mark.clause("TJ-3.2")
async def test_an_inferred_figure_is_shown_as_such_wherever_it_stands(there: World, clock) -> None:
    await there.account("office", Role.OFFICE, unit="东所")
    async with visiting(there.call.portal, clock) as visitor:
        office = visitor("10.0.0.1")
        await office.sign_in("office", PASSWORD)
        pages = {path: await office.get(path) for path in ("/office/gaps", "/office", f"/office/units/{there.units['东所']}")}
        for path, page in pages.items():
            assert "暂定" in page.text, path
        assert "其中 1 个的要求有暂定的内容" in pages["/office"].text
        assert LOST.why in pages["/office/gaps"].text
        grid = await office.get(f"/office/grids/{there.grids['甲村格']}")
        assert "老看护应有 1 人" in grid.text
        assert "暂定" not in grid.text
        choose = await office.get(f"/office/appointments/new?kind=unit&seat={there.units['东所']}&post=checker-east")
        assert choose.status == 200
        other = await office.get(f"/office/appointments/new?kind=unit&seat={there.units['东所']}&post=checker-else", check=False)
        assert other.status == 404
        sheet = (await office.get("/office/export/gaps/csv")).response.content.decode("utf-8-sig")
        assert '"检查员","东所","0","1","是",' in sheet


@pytest.mark.parametrize(("force", "counted"), [(Force.MUST, True), (Force.IN_PRINCIPLE, True), (Force.WHERE_POSSIBLE, False)])
async def test_a_post_for_those_who_can_is_listed_and_no_vacancy_that_counts(
    world: World, clock, force: Force, counted: bool
) -> None:
    await world.account("office", Role.OFFICE, unit="区局")

    async def desk(there: World) -> int:
        async with visiting(there.call.portal, clock) as visitor:
            office = visitor("10.0.0.1")
            await office.sign_in("office", PASSWORD)
            listed = (await office.get("/office/gaps")).text
            assert ("试岗员" in listed) is (there is not world)
            assert (FORCE[force.value] in listed) is (there is not world and force is not Force.MUST)
            found = re.search(r"(\d+) ?个岗位空缺", (await office.get("/office")).text)
            assert found is not None
            return int(found[1])

    post = Post(code="trial", name="试岗员", per=(Per(unit="bureau"),), force=force, basis=POSTS)
    assert await desk(under(world, staffed(post))) - await desk(world) == counted


# Any of several posts, and somebody of every office


@pytest.mark.clause("TJ-2.2")
def test_a_post_is_filled_by_whoever_holds_another_one_at_the_same_seat() -> None:
    region = staffed(*FILLED)
    scheme = Scheme(region, region.editions[0], "sample")
    village, town = Seat("grid", 1, "village-grid", "甲村格"), Seat("grid", 2, "town-grid", "东镇格")

    def lacking(*held: tuple[int, str]) -> dict[tuple[int, str], str]:
        counted = Counter(("grid", seat, post) for seat, post in held)
        return {(gap.value.seat.id, gap.value.post.code): gap.because[0].note for gap in gaps(scheme, [village, town], counted)}

    nobody = lacking()
    assert nobody[1, "visitor"] == "来访员、看护员、所里派员合计应有 至少 1 人，现有 0 人"
    assert nobody[2, "visitor"] == "来访员应有 至少 1 人，现有 0 人"
    for post in ("visitor", "keeper", "envoy"):
        assert (1, "visitor") not in lacking((1, post))
    assert (2, "visitor") in lacking((1, "visitor"), (2, "keeper"))


def test_a_board_calls_no_post_vacant_that_another_one_fills() -> None:
    region = staffed(*FILLED)
    scheme = Scheme(region, region.editions[0], "sample")
    grid = GridAt(10, "village-grid", "V1", "甲村格", "甲村", (), "village", "/99/9901/9901001/9901001001/")
    source = Source(of="grid", place="x", path=grid.path, grids=(grid,))

    def vacant(*holders: Holder) -> list[str]:
        facts = compose(scheme, replace(source, holders=holders))
        return next(section for section in facts["sections"] if section["code"] == "more")["vacant"]

    assert vacant() == ["来访员"]
    assert vacant(Holder(1, "keeper", "grid", 10, "甲", "0512-01234567", "", None)) == []


@pytest.mark.clause("TJ-2.2b")
async def test_an_office_of_which_somebody_has_to_serve_is_told_until_somebody_does(world: World, clock) -> None:
    there = under(world, staffed(*FILLED))
    await there.account("office", Role.OFFICE, unit="区局")
    await make_person(there, "外人")
    await make_appointment(there, "外人", "envoy", grid="甲村格")
    await make_person(there, "东所的人", unit="东所")

    async def told() -> list[str]:
        return [one.name for one in await queries.offices_without_in_areas(there.call)]

    assert await told() == ["东所", "西所"]
    await make_appointment(there, "东所的人", "envoy", grid="甲村格")
    assert await told() == ["西所"]
    async with visiting(there.call.portal, clock) as visitor:
        office = visitor("10.0.0.1")
        await office.sign_in("office", PASSWORD)
        page = (await office.get("/office/gaps")).text
    section = page.partition("还没有派人任职的部门")[2]
    assert "来访员（或看护员、所里派员） 丁村格" in page
    assert section.startswith(f" 部门 应派人担任的岗位 西所 所里派员 依据 {POSTS.at} {POSTS.gist}")
    assert "东所" not in section
