"""Reports of which the topic decides who sees to them: chosen at the door, with a clock and an end of their own, turned over."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import pytest_asyncio

from portal.areas.actions import end_unit
from portal.boards.actions import issue, revoke
from portal.desk.queries import waiting
from portal.errors import NotVisible, Refused
from portal.feedback import queries
from portal.feedback.actions import CaseOpening, open_case, take_step, turn_over, way
from portal.plugins import assemble
from portal.scheme import national
from portal.scheme.book import Scheme
from portal.scheme.checks import findings
from portal.scheme.comparing import compare
from portal.scheme.refining import Stricter, figures, refined
from portal.scheme.telling import Teller
from portal.scheme.words import Assumption, Edition, Ground, Kind, Region, Route, Rule, Term, Topic, Unit, Who, Within
from portal.storage.columns import public_id
from portal.storage.once import SentBefore
from portal.viewer import PUBLIC, Role
from tests.browse import visiting
from tests.sample_region import Sample
from tests.sample_region.scheme import ANSWER, POSTS, SAMPLE
from tests.web.test_public_pages import receipt_on
from tests.world import PASSWORD, World, make_unit

FLOUR = "甲面粉店（示例）"
CLOCK = Assumption("环境问题几日办结，示例区自己定。")
GREEN = (
    Unit(code="green", name="环保站", at=Ground.DISTRICT, basis=POSTS),
    Topic(code="safety", kind=Kind.REPORT, name="事故隐患", basis=ANSWER),
    Topic(code="smoke", kind=Kind.REPORT, name="冒烟、排污", basis=ANSWER),
    Route(
        kind=Kind.REPORT,
        topics=("smoke",),
        to=(Who(unit="green"),),
        else_outside="12345",
        accept=Term(within=Within(days=1), basis=CLOCK),
        answer=Term(within=Within(days=20), basis=CLOCK),
        basis=national.ENVIRONMENT_BY_12345,
    ),
)


def with_rules(*more: Rule, edition: Edition = SAMPLE.editions[0]) -> Region:
    """The sample region with more rules."""
    return replace(SAMPLE, editions=(replace(edition, rules=(*edition.rules, *more)),))


def scheme_of(region: Region) -> Scheme:
    """Its only edition."""
    return Scheme(region, region.editions[0], "sample")


class Green(Sample):
    """States the region in which smoke goes to an office of its own."""

    def portal_regions(self) -> tuple[Region, ...]:
        """It alone."""
        return (with_rules(*GREEN),)


@pytest_asyncio.fixture
async def there(world: World) -> World:
    """The usual register under that region, with the office."""
    portal = replace(world.call.portal, plugins=assemble({"sample": Green()}))
    made = world.again(replace(world.call, portal=portal))
    await make_unit(made, "环保站", "green", "示例区")
    return made


@pytest_asyncio.fixture
async def board(there: World) -> str:
    """The flour shop's board."""
    return await issue(there.call, "enterprise", there.enterprises[FLOUR])


def told(board: str, topic: str = "", *, form: str = "", text: str = "有情况", grave: bool = False) -> CaseOpening:
    """What a reporter sends."""
    return CaseOpening(kind=Kind.REPORT, board=board, form=form or public_id(), text=text, topic=topic, grave=grave)


async def opened(there: World, new: CaseOpening) -> str:
    """Send it; the case's public id."""
    await open_case(there.call.as_(PUBLIC), new)
    return str(await there.call.db.value("select public_id from feedback_case order by id desc limit 1"))


async def test_smoke_goes_to_its_own_office_by_its_own_clock_and_the_rest_as_ever(there: World, board: str) -> None:
    green, east = there.call.as_(await there.office("环保站")), there.call.as_(await there.office("东所"))
    smoke, plain = await opened(there, told(board, "smoke")), await opened(there, told(board))
    hazard, odd = await opened(there, told(board, "safety")), await opened(there, told(board, "no such topic"))
    assert [one.subject for one in await waiting(green)] == [smoke]
    assert {one.subject for one in await waiting(east)} == {plain, hazard, odd}
    found = await queries.case(green, smoke)
    assert (found.topic, found.due, found.due_because[0].basis) == ("冒烟、排污", there.call.today + timedelta(days=1), CLOCK)
    assert [(await queries.case(east, id_)).topic for id_ in (plain, hazard, odd)] == ["", "事故隐患", ""]
    assert (await queries.case(east, plain)).due == date(2026, 3, 5)
    await take_step(green, smoke, "accept", "", public_id())
    assert (await queries.case(green, smoke)).due == there.call.today + timedelta(days=20)


async def test_where_nobody_reads_it_ends_at_its_own_number(there: World, board: str) -> None:
    await end_unit(there.call, there.units["环保站"], there.call.today)
    assert (await way(there.call, Kind.REPORT, board, "smoke")).to.value.name == "政务服务便民热线"
    assert (await way(there.call, Kind.REPORT, board)).to.value.name == "东所"
    with pytest.raises(Refused, match="政务服务便民热线"):
        await open_case(there.call.as_(PUBLIC), told(board, "smoke"))


async def test_what_nobody_was_sure_of_is_turned_over_and_no_day_is_won_by_it(there: World, board: str) -> None:
    id_, form = await opened(there, told(board)), public_id()
    east, green = there.call.as_(await there.office("东所")), there.call.as_(await there.office("环保站"))
    later = replace(east, now=east.now + timedelta(days=3))
    for topic, why in (("safety", "也由东所办理"), ("", "请选择"), ("money", "请选择")):
        with pytest.raises(Refused, match=why):
            await turn_over(later, id_, topic, "请环保站办理", form)
    await turn_over(later, id_, "smoke", "请环保站办理", form)
    with pytest.raises(NotVisible):
        await queries.case(later, id_)
    assert await waiting(later) == ()
    assert [one.subject for one in await waiting(green)] == [id_]
    found = await queries.case(green, id_)
    assert (found.topic, found.handler, found.state) == ("冒烟、排污", "环保站", "received")
    assert found.due == there.call.today + timedelta(days=1)
    assert [(step.step, step.text) for step in found.steps] == [("opened", "有情况"), ("turn", "请环保站办理")]
    await take_step(green, id_, "accept", "", public_id())
    await take_step(green, id_, "answer", "已处理", public_id())
    with pytest.raises(Refused, match="不能再转办"):
        await turn_over(green, id_, "safety", "转", public_id())
    with pytest.raises(SentBefore):
        await turn_over(green, id_, "safety", "另一句话", form)


async def test_of_a_board_that_was_revoked_since_it_is_turned_over_as_ever(there: World, board: str) -> None:
    id_ = await opened(there, told(board))
    await revoke(there.call, board, "换牌")
    await turn_over(there.call.as_(await there.office("东所")), id_, "smoke", "请环保站办理", public_id())
    green = there.call.as_(await there.office("环保站"))
    assert (await queries.case(green, id_)).handler == "环保站"
    with pytest.raises(Refused, match="已经作废"):
        await open_case(there.call.as_(PUBLIC), told(board))


async def test_where_a_grid_is_no_more_the_office_learns_what_it_can_do_itself(there: World) -> None:
    board = await issue(there.call, "grid", there.grids["园片"])
    id_ = await opened(there, told(board))
    await there.call.db.rows("update grid set until = $1 where public_id = $2", there.call.today, there.grids["园片"])
    with pytest.raises(Refused) as refused:
        await turn_over(there.call.as_(await there.office("东所")), id_, "smoke", "请环保站办理", public_id())
    assert "请直接与主管部门联系，并把结果写在答复里" in refused.value.text
    assert "请直接拨打" not in refused.value.text


async def test_a_form_that_comes_again_with_another_topic_says_so_to_the_office_once(there: World, board: str) -> None:
    form, east = public_id(), there.call.as_(await there.office("东所"))
    id_ = await opened(there, told(board, form=form))
    for _ in range(2):
        await open_case(there.call.as_(PUBLIC), told(board, "smoke", form=form))
    assert [step.text for step in (await queries.case(east, id_)).steps] == ["有情况", "有情况\n（事项改选为：冒烟、排污）"]
    await turn_over(east, id_, "smoke", "请环保站办理", public_id())
    await open_case(there.call.as_(PUBLIC), told(board, "safety", form=form))
    assert len((await queries.case(there.call.as_(await there.office("环保站")), id_)).steps) == 3


async def before(there: World, id_: str) -> dict[str, tuple[str, date | None]]:
    """On whose desks a case lies, how it is called there and by when."""
    rows = await there.call.db.rows(
        "select u.name, i.title, i.due from inbox_item i join unit u on u.id = i.unit where i.subject = $1 and i.done_at is null",
        id_,
    )
    found = {row["name"]: (row["title"], row["due"]) for row in rows}
    assert len(found) == len(rows)
    return found


async def test_a_death_is_before_the_districts_office_whatever_it_is_about_and_stays_there(there: World, board: str) -> None:
    id_, today = await opened(there, told(board, "smoke", grave=True)), there.call.today
    green, bureau = there.call.as_(await there.office("环保站")), there.call.as_(await there.office("区局"))
    name = f"举报（有人死亡或重伤）：{FLOUR}"
    assert await before(there, id_) == {one: (name, today + timedelta(days=1)) for one in ("环保站", "区局")}
    found = await queries.case(green, id_)
    assert (found.grave, found.handler, found.above, found.possible) == (True, "环保站", "区局", ("accept",))
    await turn_over(green, id_, "safety", "请东所办理", public_id())
    found = await queries.case(bureau, id_)
    assert (found.grave, found.handler, found.above, found.topic) == (True, "东所", "区局", "事故隐患")
    assert found.route_because[-1].note == "反映人说有人死亡或重伤，同时送区局，由它办结"
    assert await before(there, id_) == {"东所": (f"转来的{name}", found.due), "区局": (name, found.due)}
    # Whoever settles it may turn it over as well, and still settles it
    await turn_over(bureau, id_, "smoke", "请环保站办理", public_id())
    found = await queries.case(bureau, id_)
    assert (found.handler, found.above, found.steps[-1].who) == ("环保站", "区局", "区局")
    assert set(await before(there, id_)) == {"环保站", "区局"}


async def test_a_death_that_the_district_hands_on_or_gets_back_is_before_it_once(there: World, board: str) -> None:
    await end_unit(there.call, there.units["东所"], there.call.today)
    id_, bureau = await opened(there, told(board, grave=True)), there.call.as_(await there.office("区局"))
    assert (await queries.case(bureau, id_)).above == ""
    await turn_over(bureau, id_, "smoke", "请环保站办理", public_id())
    found = await queries.case(bureau, id_)
    assert (found.handler, found.above) == ("环保站", "区局")
    assert set(await before(there, id_)) == {"环保站", "区局"}
    await turn_over(there.call.as_(await there.office("环保站")), id_, "safety", "请区局办理", public_id())
    found = await queries.case(bureau, id_)
    assert (found.handler, found.above, found.possible) == ("区局", "", ("accept", "refuse"))
    assert set(await before(there, id_)) == {"区局"}


async def test_a_death_is_taken_in_where_nobody_takes_in_its_topic(there: World, board: str) -> None:
    await end_unit(there.call, there.units["环保站"], there.call.today)
    id_ = await opened(there, told(board, "smoke", grave=True))
    found = await queries.case(there.call.as_(await there.office("东所")), id_)
    assert (found.topic, found.handler, found.above) == ("冒烟、排污", "东所", "区局")
    # Its way is the same later
    await end_unit(there.call, there.units["东所"], there.call.today)
    found = await queries.case(there.call.as_(await there.office("区局")), id_)
    assert (found.handler, found.above) == ("区局", "")


async def test_the_door_asks_in_plain_words_and_every_page_follows(there: World, board: str, clock) -> None:
    async with visiting(there.call.portal, clock) as site:
        visitor = site()
        tell = await visitor.send(await visitor.get(f"/b/{board}"), {"kind": "report"})
        assert [one.get("value") for one in tell.all("input", name="topic")] == ["safety", "smoke", ""]
        assert [one.get("value") for one in tell.all("input", name="topic") if one.get("checked") is not None] == [""]
        assert "不确定，或几样都有" in tell.text
        assert "办理部门：" not in tell.text
        reach = await visitor.send(tell, {"topic": "smoke", "text": "冒黑烟", "go": "reach"})
        check = await visitor.send(reach, {"go": "check"})
        assert "冒烟、排污" in check.text
        assert "环保站" in check.text
        given = await visitor.send(check, {"go": "send"})
        assert "已转交环保站办理" in given.text
        # The number at which such a report ends, not that of another
        assert "请直接拨打 12345 或 119" in given.text
        seen = await visitor.send(given, {"receipt": receipt_on(given)})
        assert "冒烟、排污" in seen.text
        await there.account("green", Role.OFFICE, unit="环保站")
        clerk = site()
        await clerk.sign_in("green", PASSWORD)
        id_ = await there.call.db.value("select public_id from feedback_case")
        page = await clerk.get(f"/office/cases/{id_}")
        target = f"/office/cases/{id_}/turn"
        wrong = await clerk.post(target, {**page.form(target), "topic": "", "reason": ""}, check=False)
        assert wrong.status == 422
        assert "请选择。" in wrong.text
        assert "请写明转给谁、为什么。" in wrong.text
        for _ in range(2):
            gone = await clerk.post(target, {**page.form(target), "topic": "safety", "reason": "是隐患"}, check=False)
            assert gone.status == 303
        assert (await clerk.get(f"/office/cases/{id_}")).status == 404
        contact = await site().send(await site().get(f"/b/{board}"), {"kind": "contact"})
        assert "反映哪一类情况" in tell.text
        assert "反映哪一类情况" not in contact.text


async def test_a_topic_that_nobody_takes_in_keeps_the_door_open_and_tells_the_number(there: World, board: str, clock) -> None:
    await end_unit(there.call, there.units["环保站"], there.call.today)
    async with visiting(there.call.portal, clock) as site:
        visitor = site()
        tell = await visitor.send(await visitor.get(f"/b/{board}"), {"kind": "report"})
        closed = await visitor.send(tell, {"topic": "smoke", "text": "冒黑烟", "go": "reach"})
        assert "政务服务便民热线 12345" in closed.text
        assert "冒黑烟" in closed.text
        died = await visitor.send(closed, {"topic": "smoke", "text": "冒黑烟", "grave": "y", "go": "reach"})
        assert died.all("input", name="contact")
        closed = await visitor.send(tell, {"topic": "smoke", "text": "冒黑烟", "go": "reach"})
        reach = await visitor.send(closed, {"topic": "", "text": "冒黑烟", "go": "reach"})
        assert reach.all("input", name="contact")
    for name in ("东所", "区局"):
        await end_unit(there.call, there.units[name], there.call.today)
    await make_unit(there, "新环保站", "green", "示例区")
    async with visiting(there.call.portal, clock) as site:
        visitor = site()
        tell = await visitor.send(await visitor.get(f"/b/{board}"), {"kind": "report"})
        assert tell.all("input", name="topic"), "one topic is taken in, the door is open"


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (Route(kind=Kind.REPORT, topics=("nothing",), to=(), else_outside="12345", basis=ANSWER), "不存在的来件事项“nothing”"),
        (Route(kind=Kind.REPORT, topics=("money",), to=(), else_outside="12345", basis=ANSWER), "不是举报的事项"),
        (Route(kind=Kind.REPORT, topics=("smoke", "safety"), to=(), else_outside="12345", basis=ANSWER), "已经有一条路径"),
        (Route(kind=Kind.COMPLAINT, topics=("money",), to=(), else_outside="watch", basis=ANSWER), "投诉按事项分了路径"),
        (
            Route(kind=Kind.REPORT, topics=("safety",), to=(Who(post="keeper"),), else_outside="12345", basis=ANSWER),
            "没有写由哪个部门兜底",
        ),
        (Route(kind=Kind.REPORT, topics=("safety",), to=(), else_outside="bureau", basis=ANSWER), "没有出这条线"),
        (Route(kind=Kind.REPORT, topics=("safety",), to=(), else_outside="12345", basis=ANSWER), "它不受理举报"),
        (Route(kind=Kind.REPORT, topics=("safety",), to=(), else_outside="12369", basis=ANSWER), "12369 已经停用"),
        (Route(kind=Kind.REPORT, topics=("smoke",), to=(), else_outside="12345", basis=ANSWER), "同一个代码写了2次"),
    ],
)
def test_a_route_of_topics_is_checked(rule: Route, what: str) -> None:
    assert not [one for one in findings(with_rules(*GREEN), "sample") if "Route" in one.where or "Topic" in one.where]
    assert any(what in one.what for one in findings(with_rules(*GREEN, rule), "sample"))


def test_a_route_may_end_at_a_number_that_a_text_of_the_state_names_beside_its_clause() -> None:
    *rest, route = GREEN
    read = replace(route, basis=ANSWER.taken(f"环境问题由环保站受理。{national.ENVIRONMENT_BY_12345.why}"))
    ours = replace(route, basis=ANSWER.taken("环境问题打12345。"))
    assert [any("不受理举报" in one.what for one in findings(with_rules(*rest, way), "sample")) for way in (read, ours)] == [
        False,
        True,
    ]


def test_the_page_of_a_scheme_tells_it_and_a_place_may_shorten_its_own_clock() -> None:
    scheme = scheme_of(with_rules(*GREEN))
    routes = {
        told.name: [part.name for part in told.parts]
        for _, rules in Teller(scheme).chapters()
        for told in rules
        if told.word == "办理路径"
    }
    assert routes["举报（冒烟、排污）"] == ["受理期限", "答复期限", "冒烟、排污"]
    assert routes["举报"] == ["受理期限", "答复期限", "事故隐患"]
    shorter = Stricter(
        figure="route:report-smoke:answer",
        value=Within(days=10),
        place="东镇",
        path="/99/9901/9901001/",
        document="东镇细则",
        at="第二条",
        gist="十日",
        since=date(2026, 1, 1),
    )
    assert shorter.figure in figures(scheme)
    there = refined(scheme, [shorter])
    assert [there.route(Kind.REPORT, topic).answer.within for topic in ("smoke", "safety")] == [
        Within(days=10),
        Within(working_days=5),
    ]
    before = scheme_of(SAMPLE)
    assert {change.name for change in compare(before, scheme).of("new")} == {
        "环保站",
        "事故隐患",
        "冒烟、排污",
        "举报（冒烟、排污）",
    }
