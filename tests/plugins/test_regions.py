"""Each region on its own example register: everybody placed, one board printed, scanned and opened; and what its document orders."""

import re
from collections import Counter
from datetime import date

import pypdfium2
import pytest
from pyzbar import pyzbar

from portal.areas.schemes import of_viewer
from portal.boards.actions import issue
from portal.boards.decoding import codes_in
from portal.boards.printing import pdf, pictures_of
from portal.boards.queries import board as board_row
from portal.boards.queries import page as board_page
from portal.call import Call
from portal.commands import doctor_of_still
from portal.enterprises.rules import Address, GroundOn, place
from portal.errors import Refused
from portal.ledger.confirming import confirm, told_of_unconfirmed
from portal.ledger.queries import first_break
from portal.people.rules import Candidate, Seat, gaps, may_hold, posts_at
from portal.scheme.book import Book, Scheme
from portal.scheme.validity import title
from portal.scheme.words import Act, Assumption, Capacity, Clause, Kind, Read
from portal.viewer import PUBLIC, SYSTEM, Viewer
from tests.boards.drawing import drawn, misplaced
from tests.browse import visiting
from tests.plugins.conftest import REGIONS, filled


def scheme_of(book: Book, region: str) -> Scheme:
    """The latest edition of a region."""
    return next(scheme for scheme in book.schemes if scheme.region.code == region)


@pytest.mark.parametrize("region", REGIONS)
async def test_a_board_of_the_region_is_printed_scanned_and_opened(three, clock, region: str) -> None:
    call, example = await filled(three, region, clock)
    # An office is offered its own region only, however many are enabled
    root = await call.db.value("select min(path) from jurisdiction where region = $1", region)
    assert set(await of_viewer(call.as_(Viewer(name="示例", areas=(root,))))) == {region} < set(call.book.regions)
    rows = await call.db.rows(
        "select e.public_id, e.name, pl.grid, pl.outcome from enterprise e left join placement pl on pl.enterprise = e.id "
        "and pl.until is null"
    )
    assert len(rows) == example.wanted
    placed = [row for row in rows if row["grid"] is not None]
    assert {row["outcome"] for row in rows} <= {"placed", "direct"}
    assert all("示例" in row["name"] for row in rows)
    assert {account.role for account in example.accounts} == {"office", "inspector", "enterprise", "custodian"}

    grid = await call.db.value("select public_id from grid order by id desc limit 1")
    for of, id_ in (("enterprise", placed[0]["public_id"]), ("grid", grid)):
        code = await issue(call, of, id_)
        document = await pdf(call, code, "A3")
        address = f"{three.settings.address}/B/{code}".upper()
        pages = pypdfium2.PdfDocument(document)
        # What does not fit goes on on a second sheet: the three lines of Shandong bring many people with them, and a code of wide
        # letters may be the line too much elsewhere
        assert len(pages) in (1, 2)
        width, height = pages[0].get_size()
        assert {round(width / 72 * 25.4), round(height / 72 * 25.4)} == {297, 420}
        said = (await board_page(call, code)).printed
        assert misplaced(*drawn(said, pictures=pictures_of(three.files, said)), "A3") == []
        picture = pages[0].render(scale=150 / 72).to_pil()
        zbar = [found.data.decode() for found in pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])]
        assert [one.upper() for one in zbar] == [address]
        assert [one.upper() for one in codes_in(document)] == [address] * len(pages)
        facts = (await board_page(call.as_(PUBLIC), code)).live
        async with visiting(three, clock) as visitor:
            page = await visitor().get(f"/b/{code}")
        assert page.status == 200
        assert facts["lead"]["name"] in page.text
        assert facts["lead"]["phone"].replace(" ", "") in page.text.replace(" ", "")
        (apart,) = facts["apart"]
        assert all(said in page.text for said in (f"投诉{apart['about']}", apart["name"], apart["phone"]))
        assert (await board_row(call, code)).stale_since is None


@pytest.mark.parametrize("region", REGIONS)
async def test_the_public_page_of_the_scheme_shows_rules_clauses_and_what_we_assumed(three, clock, region: str) -> None:
    async with visiting(three, clock) as visitor:
        page = await visitor().get(f"/schemes/{region}")
    assert page.status == 200
    scheme = scheme_of(three.plugins.book, region)
    for rule in scheme.edition.rules:
        for part in (
            rule,
            *getattr(rule, "sections", ()),
            *filter(None, (getattr(rule, "accept", None), getattr(rule, "answer", None))),
        ):
            said = part.basis.gist if isinstance(part.basis, Clause) else part.basis.why
            assert said in page.text, rule
            assert getattr(part.basis, "read_as", "") in page.text, rule
    assert "暂定" in page.text


@pytest.mark.parametrize("region", REGIONS)
def test_no_door_of_a_region_leads_nowhere(regions, region: str) -> None:
    """Contact, report and complaint each end with an office or an outside channel; nobody answers a complaint of their own line."""
    scheme = scheme_of(regions.book, region)
    assert set(scheme.routes) == {Kind.CONTACT, Kind.REPORT, Kind.COMPLAINT}
    assert all(route.else_outside for route in scheme.routes.values())
    assert scheme.units[scheme.routes[Kind.COMPLAINT].else_outside].outside
    assert scheme.topics(Kind.COMPLAINT)


@pytest.mark.parametrize("region", REGIONS)
def test_nobody_checks_an_enterprise_or_holds_a_power_without_being_an_officer(regions, region: str) -> None:
    """国办发〔2024〕54号: neither counted, nor printed on a board as what such a post does."""
    scheme = scheme_of(regions.book, region)
    for duty in scheme.duties:
        for post in (scheme.posts[code] for code in duty.posts if scheme.posts[code].capacity is not Capacity.ENFORCE):
            assert duty.act is not Act.CHECK, duty.code
            parts = [part for said in (duty.says, *duty.points) for part in re.split("[，；。、：]", said)]
            own = [part for part in parts if "检查" in part and not re.search("协助|配合|检查纲要|检查指导责任人", part)]
            assert not own, (duty.code, post.name)
    for power in scheme.powers:
        assert {scheme.posts[post].capacity for post in power.posts} == {Capacity.ENFORCE}


@pytest.mark.clause("NAT-825-6", "NAT-JJ-4")
@pytest.mark.parametrize("region", REGIONS)
def test_arbitrary_checks_have_an_office_of_their_own_and_what_discipline_may_refuse_is_told(regions, region: str) -> None:
    scheme = scheme_of(regions.book, region)
    (topic,) = [one for one in scheme.topics(Kind.COMPLAINT) if one.outside is not None]
    assert scheme.units[topic.outside].outside
    assert topic.outside != scheme.routes[Kind.COMPLAINT].else_outside
    for basis in (topic.basis, scheme.units[topic.outside].basis):
        assert isinstance(basis, Assumption)
        assert "国务院令第825号" in basis.why
        assert "未见全文" in basis.why
    route = scheme.routes[Kind.COMPLAINT].basis.why + scheme.units["discipline"].basis.why
    assert "不归它管的" in route
    assert "可能不受理" in route
    assert "不会退回被投诉的条线" in route


@pytest.mark.parametrize("region", REGIONS)
def test_each_door_says_who_answers_there_and_what_was_not_read_whole_is_marked(regions, region: str) -> None:
    scheme = scheme_of(regions.book, region)
    for kind, word in ((Kind.CONTACT, "留言"), (Kind.REPORT, "举报"), (Kind.COMPLAINT, "投诉")):
        basis = scheme.routes[kind].basis
        why = basis.why if isinstance(basis, Assumption) else basis.read_as
        assert word in why, kind
        assert "公示牌；" not in why, "what boards rest on says nothing of who answers"
        assert "外部渠道" not in why
    for document in scheme.edition.documents:
        assert "未见" not in document.title
    for code in ("shandong-359", "shandong-2025-12") if region == "shandong" else ():
        (text,) = [one for one in scheme.edition.documents if one.code == code]
        assert (text.read, text.seen) == (Read.PART, "转载文本的开头")


@pytest.mark.parametrize("region", REGIONS)
async def test_whether_a_document_still_holds_is_asked_until_somebody_says_who_answered(three, clock, region: str) -> None:
    call = Call(three, SYSTEM, clock())
    still = scheme_of(three.plugins.book, region).edition.in_force.still
    assert "请主管部门确认" in (still.why if isinstance(still, Assumption) else still.read_as)
    name = title(call.book.in_force(region, call.today))
    (asked,) = [one for one in await told_of_unconfirmed(call) if f"“{name}”" in one]
    assert "是否仍然有效，还没有人确认" in asked
    assert f"portal scheme confirm {region}" in asked
    assert (str(asked), True) in {(str(text), fine) for _, fine, text in await doctor_of_still(call)}
    async with visiting(three, clock) as site:
        assert "还没有向主管部门核实" in (await site().get(f"/schemes/{region}")).text
        with pytest.raises(Refused, match="没有记下"):
            await confirm(call, region, " ")
        await confirm(call, region, "政策法规科钱某（示例），电话")
        page = (await site().get(f"/schemes/{region}")).text
    assert "2026年3月2日已向主管部门核实，文件仍然有效" in page
    assert "钱某" not in page
    assert not [one for one in await told_of_unconfirmed(call) if f"“{name}”" in one]
    assert f"“{name}”2026年3月2日核实过：政策法规科钱某（示例），电话" in {
        str(text) for _, _, text in await doctor_of_still(call)
    }
    assert await first_break(call) is None


@pytest.mark.parametrize("region", ["changzhou", "lishui"])
async def test_the_board_of_an_enterprise_lists_no_patrol_of_another_class(three, clock, region: str) -> None:
    call, _ = await filled(three, region, clock)
    scheme = scheme_of(three.plugins.book, region)
    rows = await call.db.rows(
        "select distinct on (p.klass) p.klass, e.public_id from placement p join enterprise e on e.id = p.enterprise "
        "join appointment a on a.grid = p.grid where p.until is null order by p.klass, e.id"
    )
    assert {row["klass"] for row in rows} == {klass.code for klass in scheme.classes if klass.code != "direct"}
    own = set()
    for row in rows:
        facts = (await board_page(call, await issue(call, "enterprise", row["public_id"]))).live
        says = {line["says"] for section in facts["sections"] if section["shows"] == "duties" for line in section["lines"]}
        for duty in scheme.duties:
            if duty.says in says and duty.on:
                assert row["klass"] in {per.klass for per in duty.on} or {"*", None} & {per.klass for per in duty.on}, duty.code
                own |= {row["klass"]} & {per.klass for per in duty.on}
    assert own == ({"key", "above", "below"} if region == "changzhou" else {"plot"})


# Wuzhong


@pytest.mark.clause("WZ-2")
async def test_a_zone_of_wuzhong_has_a_local_department_of_its_own_which_signs_its_boards(three, clock) -> None:
    call, _ = await filled(three, "wuzhong", clock)
    grid = await call.db.value("select g.public_id from grid g where g.name = '开发区第一网格（示例）'")
    issuer = (await board_page(call, await issue(call, "grid", grid))).live["issuer"]
    assert issuer == {"name": "开发区安环局（示例）", "phone": "0512-01100015"}
    assert (
        await call.db.value("select count(*) from unit u join jurisdiction j on j.id = u.jurisdiction where j.kind = 'zone'") == 2
    )


@pytest.mark.clause("WZ-13")
async def test_a_wuzhong_board_shows_what_article_13_wants(three, clock) -> None:
    call, example = await filled(three, "wuzhong", clock)
    enterprise = await call.db.value("select public_id from enterprise order by id limit 1")
    code = await issue(call, "enterprise", enterprise)
    facts = (await board_page(call.as_(PUBLIC), code)).live
    scheme = example.scheme
    assert scheme.boards["enterprise"].basis.id == "WZ-13"
    lead = facts["lead"]
    assert lead["post_name"] == "专职监管员"
    assert all(lead[wanted] for wanted in ("name", "phone", "photo", "badge"))
    assert facts["grid"]["area"]
    assert facts["place"]
    assert facts["supervision"]["phone"]
    titles = {section["title"]: section["lines"] for section in facts["sections"]}
    duties = {duty.says for duty in scheme.duties if duty.who == "inspector" and not duty.serves}
    services = {duty.says for duty in scheme.duties if duty.who == "inspector" and duty.serves}
    assert {line["says"] for line in titles["管理职责"]} == duties
    assert {line["says"] for line in titles["服务内容"]} == services


@pytest.mark.clause("WZ-15")
def test_the_eight_rules_of_conduct_are_the_topics_of_a_complaint(regions) -> None:
    topics = scheme_of(regions.book, "wuzhong").topics(Kind.COMPLAINT)
    assert [topic.basis.id for topic in topics if isinstance(topic.basis, Clause)] == ["WZ-15"] * 8
    assert [topic.code for topic in topics if not isinstance(topic.basis, Clause)] == ["checks"]


@pytest.mark.clause("WZ-22")
async def test_the_day_that_the_document_does_not_give_is_shown_as_not_given(three, clock) -> None:
    edition = scheme_of(three.plugins.book, "wuzhong").edition
    assert edition.in_force.since is None
    async with visiting(three, clock) as visitor:
        page = await visitor().get("/schemes/wuzhong")
    assert "公布的文本没有印发日期" in page.text
    assert "一直有效" not in page.text
    assert "是否仍然有效还没有核对，请主管部门确认" in page.text


# Lishui


@pytest.mark.clause("LS-3a")
async def test_lishui_has_one_zone_two_wholes_and_26_grids(three, clock) -> None:
    call, example = await filled(three, "lishui", clock)
    rows = await call.db.rows("select tier, code, parent from grid order by id")
    assert Counter(row["tier"] for row in rows) == {"zone": 1, "park": 1, "rural": 1, "park-grid": 16, "rural-grid": 10}
    assert {tier.code: tier.expect for tier in example.scheme.tiers.values()} == Counter(row["tier"] for row in rows)
    parks = [row["code"] for row in rows if row["tier"] == "park-grid"]
    assert sorted(parks) == [f"YQ{n:02d}" for n in range(1, 17)]
    within = {row["tier"]: row["parent"] for row in rows}
    assert within["zone"] is None
    assert len({row["parent"] for row in rows if row["tier"] == "rural-grid"}) == 1


@pytest.mark.clause("LS-3b")
def test_the_posts_of_each_lishui_grid(regions) -> None:
    scheme = scheme_of(regions.book, "lishui")

    def at(tier: str) -> Counter[str]:
        posts = posts_at(scheme, Seat("grid", 1, tier, "x"))
        return Counter({post.code: post.count.least for post in posts})

    leaf = {"leader": 1, "assistant-safety": 1, "assistant-environment": 1, "inspector": 1, "general": 1}
    assert at("park-grid") == at("rural-grid") == leaf
    assert (at("park"), at("rural")) == ({"leader-park": 1}, {"leader-rural": 1})
    assert at("zone") == {"leader-zone": 1, "manager-assessment": 2, "manager-safety": 2, "manager-environment": 2}
    assert {code: post.staffed_by for code, post in scheme.posts.items() if code.startswith("leader")} == {
        "leader-zone": ("committee",),
        "leader-park": ("committee",),
        "leader-rural": ("committee",),
        "leader": ("committee",),
    }
    leaf_seat = Seat("grid", 1, "park-grid", "x")
    with pytest.raises(Refused, match=r"网格长助理（安监）应由开发区安监局的人员担任"):
        may_hold(scheme, leaf_seat, "assistant-safety", Candidate(unit="contractor"), held=0)
    by_line = {post.line: scheme.lines[post.line].unit for post in scheme.posts.values() if post.code.startswith("assistant")}
    assert by_line == {"safety": "safety-bureau", "environment": "environment-bureau"}
    empty_grid = Seat("grid", 1, "park-grid", "x")
    assert sorted(gap.value.post.code for gap in gaps(scheme, [empty_grid], Counter())) == sorted(leaf)
    assert {because.basis.id for gap in gaps(scheme, [empty_grid], Counter()) for because in gap.because} == {"LS-3b"}


# Shandong


TOWN, AREA, VILLAGE = 11, 12, 13


@pytest.mark.clause("SD-17a")
@pytest.mark.parametrize(
    ("facts", "klass", "grid"),
    [
        ({"scale": "above", "high-risk": "no", "place": "ordinary"}, "above-or-risky", TOWN),
        ({"scale": "below", "high-risk": "yes", "place": "ordinary"}, "above-or-risky", TOWN),
        ({"scale": "below", "high-risk": "yes", "place": "nine-small"}, "above-or-risky", TOWN),
        ({"scale": "above", "high-risk": "no", "place": "nine-small"}, "above-or-risky", TOWN),
        ({"scale": "below", "high-risk": "no", "place": "ordinary"}, "below", AREA),
        ({"scale": "below", "high-risk": "no", "place": "nine-small"}, "nine-small", VILLAGE),
    ],
)
def test_each_object_is_placed_in_exactly_one_of_three_tiers(regions, facts: dict[str, str], klass: str, grid: int) -> None:
    scheme = scheme_of(regions.book, "shandong")
    since = date(2025, 1, 1)
    lying = ((TOWN, "town", "/3/7/"), (AREA, "work-area", "/3/7/9/"), (VILLAGE, "village", "/3/7/9/"))
    grounds = [GroundOn(since, None, grid, tier, tier, path) for grid, tier, path in lying]
    decided = place(scheme, facts, Address(path="/3/7/9/"), grounds)
    assert (decided.value.klass, decided.value.grid) == (klass, grid)
    assert "SD-17a" in {getattr(because.basis, "id", None) for because in decided.because}


@pytest.mark.clause("SD-17a")
async def test_the_board_of_each_tier_of_shandong_names_somebody_in_charge(three, clock) -> None:
    call, _ = await filled(three, "shandong", clock)
    leads = {}
    for tier in ("town", "work-area", "village"):
        grid = await call.db.value(
            "select public_id from grid g where tier = $1 "
            "order by exists (select from appointment a where a.grid = g.id) desc, id limit 1",
            tier,
        )
        leads[tier] = (await board_page(call.as_(PUBLIC), await issue(call, "grid", grid))).live["lead"]["post"]
    assert leads["town"] == "centre-director"
    assert leads["work-area"] == "area-head"
    assert leads["village"] in ("manager-community", "manager-village", "village-head")


@pytest.mark.clause("SD-17b")
async def test_an_object_names_the_people_of_the_three_lines_too(three, clock) -> None:
    call, example = await filled(three, "shandong", clock)
    assert {line.code for line in example.scheme.lines.values()} == {"industry", "business", "overall"}
    enterprise = await call.db.value(
        "select e.public_id from enterprise e join charge c on c.enterprise = e.id group by e.public_id having count(*) = 3 limit 1"
    )
    facts = (await board_page(call.as_(PUBLIC), await issue(call, "enterprise", enterprise))).live
    lines = next(section for section in facts["sections"] if section["title"] == "三条线责任部门和人员")
    for name in ("行业监管", "业务主管", "综合监管"):
        of_line = [person for person in lines["people"] if person["line"] == name]
        assert of_line[0]["name"].endswith("（示例）")
        assert {person["post_name"] for person in of_line[1:]} == {"站所（科室）负责人"}
        assert all(person["name"] and person["phone"] for person in of_line)
    assert lines["vacant"] == []


@pytest.mark.clause("SD-6d")
def test_the_head_of_a_village_heads_its_safety_office_by_virtue_of_that(regions) -> None:
    scheme = scheme_of(regions.book, "shandong")
    seat = Seat("grid", 1, "village", "x", ground="village")
    held = Counter({("grid", 1, "village-head"): 1})
    lacking = {gap.value.post.code for gap in gaps(scheme, [seat], held)}
    assert "village-office-head" not in lacking
    with pytest.raises(Refused, match="由村（居）主要负责人兼任"):
        may_hold(scheme, seat, "village-office-head", Candidate(), held=0)


@pytest.mark.clause("SD-6b")
@pytest.mark.parametrize(
    ("where", "posts"),
    [
        ("community", {"manager-community": (2, 3)}),
        ("village", {"manager-village": (1, 1), "helper": (0, None)}),
    ],
)
def test_how_many_managers_a_community_and_a_village_need(regions, where: str, posts: dict) -> None:
    scheme = scheme_of(regions.book, "shandong")
    seat = Seat("grid", 1, "village", "x", ground=where)
    everybody = {
        "village-office-head": (1, 1),
        "village-head": (1, 1),
        "village-second": (0, 1),
        "village-member": (0, None),
    }
    assert {post.code: (post.count.least, post.count.most) for post in posts_at(scheme, seat)} == everybody | posts
    held = Counter({("grid", 1, "manager-community"): 1})
    (gap,) = [gap for gap in gaps(scheme, [seat], held) if gap.value.post.code.startswith("manager")]
    assert gap.value.lacking == 1
    assert [because.basis.id for because in gap.because] == ["SD-6b"]


@pytest.mark.clause("SD-8b")
def test_enforcement_is_for_those_who_hold_certificates(regions) -> None:
    scheme = scheme_of(regions.book, "shandong")
    assert [post.code for post in scheme.posts.values() if post.capacity is Capacity.ENFORCE] == ["enforcer"]
    with pytest.raises(Refused, match="须持执法证件"):
        may_hold(scheme, Seat("unit", 1, "party-government", "x"), "enforcer", Candidate(), held=0)
    # The powers are lent to the towns, not to the centre that they set up; where the people sit is ours
    (enforcer,) = [post for post in scheme.posts.values() if post.code == "enforcer"]
    assert ([per.unit for per in enforcer.per], enforcer.answers_to) == (["party-government"], ("town-deputy",))
    assert "取设在镇街党委政府" in enforcer.basis.read_as
